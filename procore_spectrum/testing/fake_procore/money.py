"""Exact amounts: text in memory, text or JSON numbers on the wire, never a float."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from procore_spectrum.testing.fake_procore.answers import JsonNumber

__all__ = ["as_number", "exact", "money", "negative", "plain_text", "product", "total_of"]

CENT = Decimal("0.01")
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
SHAPE = re.compile(r"-?\d{1,20}(\.\d{1,15})?\Z", re.ASCII)


def plain_text(value: Decimal) -> str:
    """The shortest text without exponent that has a decimal: ``250.0``, ``0.1``, ``1234.56``."""
    whole, _, decimals = f"{value if value else abs(value):f}".partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def exact(value: Any) -> str | None:
    """A converter for quantities, prices and percentages: every digit is kept."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("is invalid")
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if not SHAPE.match(text):
        raise ValueError("is not a number")
    return plain_text(Decimal(text))


def money(value: Any) -> str | None:
    """A converter for amounts, which are kept to the cent, halves rounded away from zero."""
    kept = exact(value)
    return None if kept is None else _cents(Decimal(kept))


def product(quantity: str, price: str) -> str:
    """Quantity times price, to the cent."""
    return _cents(EXACT.multiply(Decimal(quantity), Decimal(price)))


def total_of(amounts: Iterable[str | None]) -> str:
    """The sum of stored amounts."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, Decimal(amount or 0))
    return plain_text(total)


def negative(amount: str) -> str:
    """The amount with the other sign."""
    return plain_text(EXACT.minus(Decimal(amount)))


def as_number(text: str | None) -> JsonNumber | None:
    """A stored amount as a JSON number with the same digits."""
    return None if text is None else JsonNumber(text)


def _cents(value: Decimal) -> str:
    return plain_text(value.quantize(CENT, context=EXACT))
