"""Sums of money that lose no digit, however absurd the amounts are."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext

__all__ = ["exact_sum", "has_cents_only"]

_DIGITS = 200
"""More than any two numbers of Procore or Spectrum span; 28, the usual number, may round."""


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, to the last digit; zero of nothing."""
    with localcontext(prec=_DIGITS):
        return sum(amounts, Decimal(0))


def has_cents_only(amount: Decimal) -> bool:
    """Whether a finite amount is whole cents; trailing zeros do not count."""
    _, digits, exponent = amount.as_tuple()
    text = "".join(map(str, digits))
    zeros = len(text) - len(text.rstrip("0"))
    return not amount or int(exponent) + zeros >= -2
