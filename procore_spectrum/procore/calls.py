"""Calls of the Procore API as plain values, and the JSON writer for their bodies.

A call knows its path, its parameters and how to read the answer. It knows nothing of hosts,
tokens, retries or paging: those are the session's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Generic, TypeVar

import attrs

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.wire.messages import Response

__all__ = ["Call", "PagedCall", "Query", "dump_json"]

T = TypeVar("T")

Query = tuple[tuple[str, str], ...]

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_LONGEST_NUMBER = 40


def _check_path(_: Any, __: attrs.Attribute[str], value: str) -> None:
    parts = value.split("/")
    if not value.startswith("/") or any(c in value for c in "?#\\ \r\n") or ".." in parts:
        raise InvalidValueError(
            "a path begins with a slash and holds no query", path=value, hint="quote what is in it"
        )


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """One request to the API and how to read its answer.

    Args:
        name: for logs and errors, e.g. ``"list vendors"``; free of secrets.
        method: ``GET``, ``POST``, ``PATCH``, ``PUT`` or ``DELETE``.
        path: from ``/rest/…`` on, its parts already quoted.
        query: pairs, in order; a name may occur several times (``filters[id][]``).
        body: what :func:`dump_json` can write; None sends no body.
        parse: makes the result of the decoded JSON (None for an empty body) and the response.
            ``LookupError``, ``TypeError``, ``ValueError`` and ``AttributeError`` raised by it
            mean that the answer does not have the promised shape.
        repeatable: sending it twice has the effect of sending it once. By default only reads.
        needs_company: send the ``Procore-Company-Id`` header.
    """

    name: str
    method: str = "GET"
    path: str = attrs.field(validator=_check_path)
    query: Query = ()
    body: Any = attrs.field(default=None, repr=False)
    parse: Callable[[Any, Response], T] = attrs.field(repr=False)
    repeatable: bool = attrs.field()
    needs_company: bool = True

    @repeatable.default
    def _reads_are_repeatable(self) -> bool:
        return self.method in _SAFE_METHODS


@attrs.frozen(kw_only=True)
class PagedCall(Generic[T]):
    """A listing that is read page by page; ``parse`` gives the records of one page.

    Args:
        name: for logs and errors, e.g. ``"list vendors"``.
        path: from ``/rest/…`` on, its parts already quoted.
        query: pairs, in order, without ``page`` and ``per_page``.
        parse: makes the records of one page of the decoded JSON and the response.
        per_page: most records that the endpoint gives in one page (v2: 100, v1.1 projects: 300,
            other v1 lists: 2,000 at the most recommended).
        needs_company: send the ``Procore-Company-Id`` header.
    """

    name: str
    path: str = attrs.field(validator=_check_path)
    query: Query = ()
    parse: Callable[[Any, Response], list[T]] = attrs.field(repr=False)
    per_page: int = 100
    needs_company: bool = True

    def first_page(self, most: int | None = None) -> Call[list[T]]:
        """The call for the first page, with at most ``most`` records."""
        size = self.per_page if most is None else min(self.per_page, most)
        return Call(
            name=self.name,
            path=self.path,
            query=(*self.query, ("page", "1"), ("per_page", str(size))),
            parse=self.parse,
            needs_company=self.needs_company,
        )


def dump_json(value: Any) -> bytes:
    """Write JSON in UTF-8 with exact decimal numbers.

    Writes None, bool, int, str, ``Decimal``, lists, tuples and mappings with text keys. A
    ``Decimal`` becomes a JSON number with exactly its digits; write ``str(amount)`` into the body
    where the endpoint wants a text.

    Raises:
        InvalidValueError: a float, a number that is not finite or not sensible, text with half a
            surrogate pair, or any other type; ``path`` says where.
    """
    try:
        return "".join(_pieces(value, "")).encode()
    except UnicodeEncodeError:
        raise InvalidValueError("text holds half a surrogate pair") from None


def _pieces(value: Any, path: str) -> list[str]:
    if value is None or isinstance(value, (bool, int, str)):
        return [json.dumps(value, ensure_ascii=False)]
    if isinstance(value, Decimal):
        return [_number(value, path)]
    if isinstance(value, Mapping):
        return _object(value, path)
    if isinstance(value, (list, tuple)):
        inner = [_pieces(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return ["[", *_joined(inner), "]"]
    raise InvalidValueError(
        f"a {type(value).__name__} cannot be written as JSON",
        path=path,
        hint="use Decimal for amounts and text for dates",
    )


def _object(value: Mapping[Any, Any], path: str) -> list[str]:
    inner = []
    for key, item in value.items():
        if not isinstance(key, str):
            raise InvalidValueError(f"the key {key!r} is not text", path=path)
        below = f"{path}.{key}" if path else key
        inner.append([json.dumps(key, ensure_ascii=False), ":", *_pieces(item, below)])
    return ["{", *_joined(inner), "}"]


def _joined(groups: list[list[str]]) -> list[str]:
    pieces = [piece for group in groups for piece in (",", *group)]
    return pieces[1:]


def _number(value: Decimal, path: str) -> str:
    if not value.is_finite() or abs(value.adjusted()) > _LONGEST_NUMBER:
        raise InvalidValueError(f"{value} is not an amount", path=path)
    return format(value, "f")
