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


def check_limits(
    model: type, fields: Mapping[str, FieldValue], *, required: bool = False
) -> tuple[Violation, ...]:
    """Everything that the target would refuse: too long, unprintable, not allowed, too big.

    Args:
        model: the target's model; its fields carry their limits as ``About``.
        fields: values by attribute name. Names that the model lacks are checked only for
            unprintable characters.
        required: also tell the fields that the target demands and that are blank or missing,
            for a new record.
    """
    known = _facts(model)
    found = [
        violation
        for name, value in fields.items()
        for violation in _faults(name, value, known.get(name, About("")))
    ]
    if required:
        found += [
            Violation(code="required", message="is blank", path=name, hint="fill it in")
            for name, about in known.items()
            if about.required and _is_blank(fields.get(name))
        ]
    return tuple(found)


def _is_blank(value: FieldValue) -> bool:
    return value is None or value == () or (isinstance(value, str) and not value.strip())


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
                yield Violation(
                    code="not-allowed",
                    message=f"{value!r:.40} is none of {allowed}",
                    path=path,
                    hint="choose one of these",
                )
        case tuple():
            for number, item in enumerate(value):
                yield from _faults(f"{path}[{number}]", item, about)
        case Decimal() if not value.is_finite():
            yield Violation(code="not-a-number", message=f"is {value}, not a number", path=path)
        case bool():
            return
        case Decimal() | int():
            yield from _number_faults(path, Decimal(value), about)


def _number_faults(path: str, value: Decimal, about: About) -> Iterator[Violation]:
    problem = ""
    if about.digits is not None and not _fits_digits(value, about.digits):
        whole, places = about.digits
        problem = f"has more than {whole} digits before or {places} after the point"
    elif about.digits and about.length and value and len(_plain(value)) > about.length:
        problem = f"has more than {about.length} characters"
    elif value < 0 and not about.signed:
        problem = "is negative, where only zero or more is possible"
    if problem:
        yield Violation(
            code="out-of-range",
            message=f"{value!s:.40} {problem}",
            path=path,
            hint="correct it in the system it comes from; it is never rounded",
        )


def _plain(value: Decimal) -> str:
    """The number without zeros behind the last decimal."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fits_digits(value: Decimal, digits: tuple[int, int]) -> bool:
    whole, places = digits
    if not value:
        return True
    _, figures, exponent = value.as_tuple()
    zeros = len(figures) - len("".join(map(str, figures)).rstrip("0"))
    return value.adjusted() < whole and -(int(exponent) + zeros) <= places
