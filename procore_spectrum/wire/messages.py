"""Requests and responses as plain values.

Nothing here does I/O. A :class:`Request` keeps its headers, body and query out of its repr,
because they may hold credentials.
"""

from __future__ import annotations

import json as _json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import attrs

from procore_spectrum.errors import UnreadableReplyError

__all__ = ["Headers", "Request", "Response"]

Headers = tuple[tuple[str, str], ...]


def _refuse(constant: str) -> Any:
    """NaN and Infinity are not JSON, and would come in as floats."""
    raise ValueError(constant)


def _find(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


@attrs.frozen(kw_only=True)
class Request:
    """One HTTP request, complete and ready to be sent.

    ``label`` is a short name for logs and errors, free of secrets. ``repeatable`` tells that
    sending it twice has the same effect as sending it once (a read, or an upsert by key).
    """

    method: str
    url: str
    headers: Headers = attrs.field(default=(), repr=False)
    content: bytes = attrs.field(default=b"", repr=False)
    label: str = ""
    repeatable: bool = False
    timeout: float | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name (case does not matter), or None."""
        return _find(self.headers, name)

    def with_headers(self, extra: Iterable[tuple[str, str]]) -> Request:
        """A copy in which the given headers replace those of the same name."""
        added = tuple(extra)
        names = {name.lower() for name, _ in added}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in names)
        return attrs.evolve(self, headers=kept + added)

    @property
    def where(self) -> str:
        """Method, host and path, without query: safe to show."""
        parts = urlsplit(self.url)
        return f"{self.method} {parts.hostname or ''}{parts.path}"

    def __repr__(self) -> str:
        return f"<Request {self.label or self.where}>"


@attrs.frozen(kw_only=True)
class Response:
    """One HTTP answer. ``content`` is the whole body, decoded from any transfer encoding."""

    status: int
    headers: Headers = attrs.field(default=(), repr=False)
    content: bytes = attrs.field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name (case does not matter), or None."""
        return _find(self.headers, name)

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case; empty when not given."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON, with every number that has a point as ``Decimal``.

        Raises:
            UnreadableReplyError: the body is not JSON in UTF-8.
        """
        try:
            return _json.loads(self.content, parse_float=Decimal, parse_constant=_refuse)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise UnreadableReplyError(
                "the answer is not JSON", hint="check the address; a proxy may have answered"
            ) from error
