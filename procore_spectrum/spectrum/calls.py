"""Calls as values: what is asked, and how the answer is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Literal, TypeAlias, TypeVar

import attrs

from procore_spectrum.spectrum.rows import RowError

__all__ = ["Call", "RestCall", "Result", "SoapCall"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Result(Generic[T]):
    """What a call gave.

    Args:
        items: the records read; empty after a write.
        capped: there are, or may be, more records than these. Absence means nothing then.
        notes: rows with information or warnings, for instance a generated number.
    """

    items: tuple[T, ...]
    capped: bool = False
    notes: tuple[RowError, ...] = ()


@attrs.frozen(kw_only=True)
class SoapCall(Generic[T]):
    """A call of a SOAP service. Company and credentials are added by the client.

    Args:
        service: its name.
        parameters: elements and their text.
        model: the class of the rows.
        kind: a read or a write.
        repeatable: whether sending it twice has the effect of sending it once.
    """

    service: str
    parameters: Mapping[str, str]
    model: type[T]
    kind: Literal["read", "write"] = "read"
    repeatable: bool = True


@attrs.frozen(kw_only=True)
class RestCall(Generic[T]):
    """A read of a REST service.

    Args:
        service: its name in the documentation.
        path: below the root address; ``{company}`` stands for the company code.
        query: parameters of the query string.
        model: the class of the rows.
    """

    service: str
    path: str
    query: Mapping[str, str]
    model: type[T]


Call: TypeAlias = SoapCall[T] | RestCall[T]
