"""Single columns: text and times as every store can hold them, and how to read them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from procore_spectrum.errors import InvalidValueError, StoreCorruptError

__all__ = [
    "Row",
    "as_text",
    "day_from_fact",
    "is_unicode",
    "maybe_str",
    "maybe_text",
    "one_of",
    "reading",
    "text_from_column",
    "text_to_column",
    "time_from_text",
    "time_to_text",
]

Row: TypeAlias = tuple[Any, ...]
"""Columns of one table in the order of its migration, without the company."""


def text_to_column(text: object, path: str) -> str:
    """The text, if every store can hold it.

    Raises:
        InvalidValueError: not text, or text with NUL or half a surrogate pair in it.
    """
    if isinstance(text, str) and "\x00" not in text and is_unicode(text):
        return text
    raise InvalidValueError(
        "not a text that can be stored",
        path=path,
        hint="give text without NUL and without broken characters",
    )


def time_to_text(moment: object, path: str) -> str:
    """ISO 8601 in UTC with microseconds, so that text order is time order.

    Raises:
        InvalidValueError: the time names no zone.
    """
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidValueError("not a time with a zone", path=path, hint="give an aware datetime")
    try:
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        raise InvalidValueError("a time outside the calendar", path=path) from None


def time_from_text(text: str) -> datetime:
    """The inverse of :func:`time_to_text`.

    Raises:
        ValueError, TypeError: the text is no such time.
    """
    moment = datetime.fromisoformat(as_text(text))
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment.astimezone(UTC)


def day_from_fact(text: str, name: str) -> date:
    """The day that was stored under that name as ``YYYY-MM-DD``.

    Raises:
        StoreCorruptError: it is no day.
    """
    with reading("fact", (name,)):
        return date.fromisoformat(text)


def text_from_column(value: object, path: str) -> str:
    """The inverse of :func:`text_to_column`.

    Raises:
        StoreCorruptError: it is not text.
    """
    with reading("text", (path,)):
        return as_text(value)


def maybe_text(text: str | None, path: str) -> str | None:
    """The text of a column that may be empty."""
    return None if text is None else text_to_column(text, path)


def one_of(text: str, allowed: Sequence[str], path: str) -> str:
    """The text, if it is one of those allowed."""
    if text not in allowed:
        raise InvalidValueError(f"not one of {', '.join(allowed)}", path=path)
    return text


def is_unicode(text: str) -> bool:
    """Whether the text holds no half characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def reading(what: str, name: Row) -> Iterator[None]:
    """Turns what cannot be read into a damaged store."""
    try:
        yield
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        InvalidValueError,
    ):
        raise StoreCorruptError(
            f"a {what} cannot be read",
            path=" ".join(map(str, name)),
            hint="restore a backup, or look at the row with a database tool",
        ) from None


def as_text(value: Any) -> str:
    """The value, if it is text."""
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def maybe_str(value: Any) -> str | None:
    """The value, if it is text or nothing."""
    return None if value is None else as_text(value)
