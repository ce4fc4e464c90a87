"""Values as the engine compares them: a closed set, compared by meaning and not by spelling."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.models.values import FieldValue

__all__ = [
    "Fields",
    "Value",
    "canonical",
    "digest",
    "from_canonical",
    "meaning",
    "plain",
    "same",
    "show",
]

Value: TypeAlias = FieldValue
Fields: TypeAlias = Mapping[str, Value]

_SEPARATOR = "\x1f"
_MOST_ZEROS = 100
"""No quantity of a building has that many; without a limit, 1e999999999 would fill the memory."""


def canonical(value: Value) -> str:
    """One spelling for each meaning; the inverse of :func:`from_canonical`.

    Text is trimmed, blank text is nothing, and 1.50 is 1.5.

    Raises:
        InvalidValueError: the value is none of the allowed types (a float, for example), not
            a finite number of at most a hundred zeros, or text that is not Unicode.
    """
    if value is None or value in ("", ()):
        return "-"
    if isinstance(value, bool):
        return "b:1" if value else "b:0"
    if isinstance(value, str):
        text = _trimmed(value)
        return f"s:{text}" if text else "-"
    if isinstance(value, Decimal | int):
        return f"n:{_number(Decimal(value))}"
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"d:{value.isoformat()}"
    if isinstance(value, tuple):
        return "t:" + _SEPARATOR.join(map(_item, value))
    raise InvalidValueError(
        f"a value of type {type(value).__name__} cannot be compared",
        hint="money is Decimal, days are date",
    )


def _trimmed(value: str) -> str:
    text = value.strip()
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValueError("a text that is not Unicode cannot be compared") from None
    return text


def _item(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValueError("a list may hold texts only", hint="write numbers as text")
    text = _trimmed(value)
    if _SEPARATOR in text:
        raise InvalidValueError("a text in a list holds the character that separates texts")
    return text


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise InvalidValueError("a number that is not finite cannot be compared")
    if not value:
        return "0"
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    shift = int(exponent) + len(digits) - len(text)
    if abs(shift) > _MOST_ZEROS:
        raise InvalidValueError("a number of absurd size cannot be compared")
    return f"{'-' if sign else ''}{text}e{shift}"


def from_canonical(text: str) -> Value:
    """The value that :func:`canonical` spelled.

    Raises:
        InvalidValueError: the text is not such a spelling.
    """
    try:
        value = _parsed(text)
        if canonical(value) == text:
            return value
    except (ValueError, ArithmeticError, InvalidValueError):
        pass
    raise InvalidValueError(f"not a canonical value: {text[:40]!r}")


def _parsed(text: str) -> Value:
    """The value, if it is one; other spellings of it are let through."""
    tag, _, body = text.partition(":")
    match tag:
        case "b":
            return body == "1"
        case "s":
            return body
        case "n":
            return _whole(Decimal(body))
        case "d":
            return date.fromisoformat(body)
        case "t":
            return tuple(body.split(_SEPARATOR))
    return None


def _whole(number: Decimal) -> Decimal:
    """The same number without a positive exponent, as people write it, to the last digit."""
    sign, digits, exponent = number.as_tuple()
    zeros = exponent if isinstance(exponent, int) else 0
    if not 0 < zeros <= _MOST_ZEROS:
        return number
    return Decimal((sign, (*digits, *(0,) * zeros), 0))


def same(left: Value, right: Value) -> bool:
    """Whether two values mean the same: money by value, text trimmed, blank as nothing."""
    return canonical(left) == canonical(right)


def meaning(fields: Fields) -> list[list[str]]:
    """Names and canonical values, sorted; equal exactly when the fields mean the same.

    Raises:
        InvalidValueError: see :func:`canonical`.
    """
    found = ([name, canonical(fields[name])] for name in sorted(fields))
    return [pair for pair in found if pair[1] != "-"]


def digest(parts: object) -> str:
    """32 hexadecimal digits over JSON-ready parts; different parts cannot be spelled alike."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def plain(value: Value) -> str | int | bool | list[str] | None:
    """The value as JSON has it; numbers with a point and days as text."""
    if isinstance(value, Decimal | date):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def show(value: Value) -> str:
    """The value as a person reads it; blank as an en dash."""
    if canonical(value) == "-":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return str(value).strip()
