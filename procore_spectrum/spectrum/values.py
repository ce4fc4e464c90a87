"""Values as Spectrum writes them, read and written strictly.

==========  ==========================  ==========================================
kind        on the wire                 here
==========  ==========================  ==========================================
number      ``.00`` ``-.50`` ``1234.5`` ``Decimal``; no thousands, no exponent
date        ``01/05/2026``              ``date`` (month, day, four-digit year)
boolean     ``Y`` / ``N``               ``bool``
==========  ==========================  ==========================================

Every function raises :class:`~procore_spectrum.errors.InvalidValueError` with the given ``path``.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from procore_spectrum.errors import InvalidValueError

__all__ = [
    "read_boolean",
    "read_date",
    "read_integer",
    "read_number",
    "write_boolean",
    "write_date",
    "write_number",
]

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_INTEGER = re.compile(r"-?[0-9]{1,40}(?:\.0+)?")
_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")


def _bad(text: object, what: str, path: str) -> InvalidValueError:
    return InvalidValueError(f"{str(text)[:40]!r} is not {what}", path=path)


def read_number(text: str, *, path: str = "") -> Decimal:
    """A plain decimal number."""
    if not _NUMBER.fullmatch(text):
        raise _bad(text, "a number", path)
    return Decimal(text)


def read_integer(text: str, *, path: str = "") -> int:
    """A whole number, with or without decimals that are zero."""
    if not _INTEGER.fullmatch(text):
        raise _bad(text, "a whole number", path)
    return int(text.partition(".")[0])


def read_date(text: str, *, path: str = "") -> date:
    """A day as MM/DD/CCYY."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise _bad(text, "a date as MM/DD/CCYY", path)
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise _bad(text, "a day of the calendar", path) from None


def read_boolean(text: str, *, path: str = "") -> bool:
    """Y or N."""
    if text not in {"Y", "N"}:
        raise _bad(text, "Y or N", path)
    return text == "Y"


def write_number(
    value: Decimal | int,
    *,
    digits: tuple[int, int] | None = None,
    signed: bool = True,
    length: int | None = None,
    path: str = "",
) -> str:
    """A number as plain text without exponent or superfluous zeros.

    Args:
        value: what to write; never rounded.
        digits: most digits before and after the point.
        signed: whether it may be negative.
        length: most characters in all.
        path: the field, for errors.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise InvalidValueError("a number is a Decimal or an int, never a float", path=path)
    if isinstance(value, Decimal) and not value.is_finite():
        raise _bad(value, "a finite number", path)
    if not value:
        return "0"
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, fraction = text.lstrip("-").partition(".")
    if digits and (len(whole.lstrip("0")) > digits[0] or len(fraction) > digits[1]):
        raise _bad(text, f"a number of {digits[0]} digits and {digits[1]} decimals", path)
    if length is not None and len(text) > length:
        raise _bad(text, f"a number of {length} characters", path)
    if not signed and text.startswith("-"):
        raise _bad(text, "zero or more", path)
    return text


def write_date(value: date, *, path: str = "") -> str:
    """A day as MM/DD/CCYY."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _bad(value, "a day without a time", path)
    return f"{value.month:02}/{value.day:02}/{value.year:04}"


def write_boolean(value: object, *, path: str = "") -> str:
    """Y or N."""
    if not isinstance(value, bool):
        raise _bad(value, "true or false", path)
    return "Y" if value else "N"
