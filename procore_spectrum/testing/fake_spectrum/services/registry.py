"""Which services exist, and the two decorators that add one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import attrs

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, Row
from procore_spectrum.testing.fake_spectrum.layouts import LAYOUTS, Layout

__all__ = ["SERVICES", "ReadService", "WriteService", "reads", "writes"]

Reader = Callable[[Call], Iterable[Row]]
Writer = Callable[[Call], Sequence[Finding]]


@attrs.frozen(kw_only=True)
class ReadService:
    """A Get: its handler yields rows in the order of the answer."""

    layout: Layout
    handler: Reader


@attrs.frozen(kw_only=True)
class WriteService:
    """An Add, Update or Test: its handler carries out the call, or says why not.

    ``table`` and ``key`` name what is written (for locks and information rows);
    ``when_adding`` are elements that the layout marks required but an update may leave blank.
    """

    layout: Layout
    handler: Writer
    table: str = ""
    key: str = ""
    when_adding: frozenset[str] = frozenset()


SERVICES: dict[str, ReadService | WriteService] = {}


def reads(name: str) -> Callable[[Reader], Reader]:
    """Register a Get service."""

    def register(handler: Reader) -> Reader:
        SERVICES[name] = ReadService(layout=LAYOUTS[name], handler=handler)
        return handler

    return register


def writes(
    name: str, *, table: str = "", key: str = "", when_adding: Collection[str] = ()
) -> Callable[[Writer], Writer]:
    """Register a service that writes."""

    def register(handler: Writer) -> Writer:
        SERVICES[name] = WriteService(
            layout=LAYOUTS[name],
            handler=handler,
            table=table,
            key=key,
            when_adding=frozenset(when_adding),
        )
        return handler

    return register
