"""Checking mapped values against what is known about the target's fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.text import fits, unprintable
from procore_spectrum.models.about import About, fields_of
from procore_spectrum.models.values import FieldValue

__all__ = ["check_limits"]


def check_limits(model: type, fields: Mapping[str, FieldValue]) -> tuple[Violation, ...]:
    """Everything that the target would refuse: too long, unprintable, not allowed, too big.

    Args:
        model: the target's model; its fields carry their limits as ``About``.
        fields: values by attribute name. Names that the model lacks are checked only for
            unprintable characters.
    """
    known = _facts(model)
    return tuple(
        violation
        for name, value in fields.items()
        for violation in _faults(name, value, known.get(name, About("")))
    )


@cache
def _facts(model: type) -> Mapping[str, About]:
    return {info.name: info.about for info in fields_of(model)}


def _faults(path: str, value: FieldValue, about: About) -> Iterator[Violation]:
    match value:
        case str():
            found = (fits(value, about.length, path), unprintable(value, path))
            yield from (violation for violation in found if violation)
            if about.values and value not in about.values:
                allowed = ", ".join(about.values)
                yield Violation(code="not-allowed", message=f"is none of {allowed}", path=path)
        case tuple():
            for number, item in enumerate(value):
                yield from _faults(f"{path}[{number}]", item, about)
        case Decimal() if not value.is_finite():
            yield Violation(code="not-a-number", message=f"is {value}, not a number", path=path)
        case Decimal() if about.digits is not None and not _fits_digits(value, about.digits):
            whole, places = about.digits
            yield Violation(
                code="out-of-range",
                message=f"has more than {whole} digits before or {places} after the point",
                path=path,
            )


def _fits_digits(value: Decimal, digits: tuple[int, int]) -> bool:
    whole, places = digits
    if not value:
        return True
    _, figures, exponent = value.as_tuple()
    zeros = len(figures) - len("".join(map(str, figures)).rstrip("0"))
    return value.adjusted() < whole and -(int(exponent) + zeros) <= places
