"""Values as the engine compares them: a closed set, compared by meaning and not by spelling."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.models.values import FieldValue

__all__ = ["Fields", "Value", "canonical", "from_canonical", "plain", "same", "show"]

Value: TypeAlias = FieldValue
Fields: TypeAlias = Mapping[str, Value]


def canonical(value: Value) -> str:
    """One spelling for each meaning; the inverse of :func:`from_canonical`.

    Text is trimmed, blank text is nothing, and 1.50 is 1.5.

    Raises:
        InvalidValueError: the value is none of the allowed types (a float, for example).
    """
    if value is None or value in ("", ()):
        return "-"
    if isinstance(value, bool):
        return "b:1" if value else "b:0"
    if isinstance(value, str):
        text = value.strip()
        return f"s:{text}" if text else "-"
    if isinstance(value, Decimal | int):
        return f"n:{_number(Decimal(value))}"
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"d:{value.isoformat()}"
    if isinstance(value, tuple):
        return "t:" + "\x1f".join(item.strip() for item in value)
    raise InvalidValueError(
        f"a value of type {type(value).__name__} cannot be compared",
        hint="money is Decimal, days are date",
    )


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise InvalidValueError("a number that is not finite cannot be compared")
    if not value:
        return "0"
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    shift = int(exponent) + len(digits) - len(text)
    return f"{'-' if sign else ''}{text}e{shift}"


def from_canonical(text: str) -> Value:
    """The value that :func:`canonical` spelled.

    Raises:
        InvalidValueError: the text is not such a spelling.
    """
    if text == "-":
        return None
    tag, _, body = text.partition(":")
    try:
        match tag:
            case "b" if body in {"0", "1"}:
                return body == "1"
            case "s" if body:
                return body
            case "n":
                return _parsed(body)
            case "d":
                return date.fromisoformat(body)
            case "t":
                return tuple(body.split("\x1f"))
    except (ValueError, ArithmeticError):
        pass
    raise InvalidValueError(f"not a canonical value: {text[:40]!r}")


def _parsed(body: str) -> Decimal:
    number = Decimal(body)
    if not number.is_finite() or _number(number) != body:
        raise ValueError(body)
    return number if number.as_tuple().exponent <= 0 else number.quantize(Decimal(1))  # type: ignore[operator]


def same(left: Value, right: Value) -> bool:
    """Whether two values mean the same: money by value, text trimmed, blank as nothing."""
    return canonical(left) == canonical(right)


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
