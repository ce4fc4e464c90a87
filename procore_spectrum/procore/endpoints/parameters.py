"""Query parameters and parsers that the endpoints share.

Source: documentation pages ``pagination``, ``filtering-on-list-actions`` and ``date-time``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import attrs

from procore_spectrum.errors import UnreadableReplyError
from procore_spectrum.procore.calls import Query
from procore_spectrum.procore.convert import instant, read_many, read_one
from procore_spectrum.wire.messages import Response

__all__ = [
    "V1_PAGE",
    "V2_PAGE",
    "V11_PROJECTS_PAGE",
    "Between",
    "enveloped",
    "many",
    "nothing",
    "one",
    "query",
]

T = TypeVar("T")

#: Most records that Procore recommends to ask for in one page of a version 1 listing.
V1_PAGE = 2000

#: Most records in one page of a version 2 listing.
V2_PAGE = 100

#: Most projects in one page of version 1.1.
V11_PROJECTS_PAGE = 300


@attrs.frozen
class Between:
    """A span of time, both ends included."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{instant(self.start)}...{instant(self.end)}"


Parameter: TypeAlias = str | int | bool | Between | Sequence[str] | Sequence[int] | None


def query(**parameters: Parameter) -> Query:
    """Query pairs in Procore's spelling; parameters that are None are left out.

    ``filter_NAME`` becomes ``filters[NAME]``, a sequence several ``…[]`` pairs.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        key = f"filters[{name[7:]}]" if name.startswith("filter_") else name
        if value is None:
            continue
        if isinstance(value, bool):
            pairs.append((key, "true" if value else "false"))
        elif isinstance(value, str | int | Between):
            pairs.append((key, str(value)))
        else:
            pairs += [(f"{key}[]", str(part)) for part in value]
    return tuple(pairs)


def one(model: type[T]) -> Callable[[Any, Response], T]:
    """A parser for an answer that is one record."""
    return lambda data, _: read_one(model, data)


def many(model: type[T]) -> Callable[[Any, Response], list[T]]:
    """A parser for an answer that is a list of records."""
    return lambda data, _: read_many(model, data)


def enveloped(model: type[T]) -> Callable[[Any, Response], list[T]]:
    """A parser for a version 2 answer that is a list of records: ``{"data": […]}``."""

    def parse(data: Any, _: Response) -> list[T]:
        if not isinstance(data, dict):
            raise UnreadableReplyError(
                f"an object with data was expected, not {type(data).__name__}"
            )
        return read_many(model, data.get("data"), path="data")

    return parse


def nothing(data: Any, response: Response) -> None:
    """A parser for an answer without content.

    Raises:
        UnreadableReplyError: there is content after all.
    """
    if data is not None:
        raise UnreadableReplyError(f"an empty answer was expected (status {response.status})")
