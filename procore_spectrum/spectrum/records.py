"""Between the engine's fields and Spectrum's write models."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from procore_spectrum.errors import InvalidValueError, Violation
from procore_spectrum.plan.values import Fields, Value
from procore_spectrum.spectrum import values
from procore_spectrum.spectrum.convert import attribute_of, kinds_of, to_elements
from procore_spectrum.spectrum.rules import broken_rules, is_blank, missing_when_adding

__all__ = ["build", "given", "path_of", "violations_of"]


def build(model: Any, fields: Fields) -> Any:
    """Make a write model of the engine's values.

    Whole numbers may come as ``Decimal``, and numbers in lists as text, as plans are stored
    that way.

    Raises:
        InvalidValueError: with every field that the model lacks, every value that is missing
            and every value that does not fit.
    """
    kinds = kinds_of(model)
    violations = [
        Violation(
            code="unknown_field",
            message=f"{model.__name__} has no such field",
            path=name,
            hint="it cannot be written by this service",
        )
        for name in fields
        if name not in kinds
    ]
    known = {name: _fitted(kinds[name], fields[name]) for name in fields if name in kinds}
    required = {name for name, (_, needed) in kinds.items() if needed}
    record = model(**{**dict.fromkeys(required), **known})
    try:
        to_elements(record)
    except InvalidValueError as error:
        violations += error.violations
    if violations:
        raise InvalidValueError(f"{model.__name__} cannot be written", violations=violations)
    return record


def given(fields: Fields) -> Fields:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if not is_blank(value)}


def violations_of(
    model: Any, fields: Fields, *, adding: bool = True, known: Fields | None = None
) -> tuple[Violation, ...]:
    """Everything for which Spectrum would refuse, cut or ignore these values. Pure.

    Args:
        model: a write model of :mod:`procore_spectrum.models.spectrum`.
        fields: values to be sent, by attribute name. Blank ones count as not given.
        adding: whether the record is new, which needs more fields.
        known: all values of the record, where ``fields`` are only some of them.
    """
    sent = given(fields)
    found: list[Violation] = []
    try:
        build(model, sent)
    except InvalidValueError as error:
        found += error.violations
    if adding:
        found += missing_when_adding(model, sent)
    found += [
        broken
        for broken in broken_rules(model, given({**(known or {}), **sent}))
        if adding or broken.path in sent or broken.code == "required"
    ]
    return tuple(found)


def path_of(model: Any, column: str) -> str:
    """The attribute that an element of Spectrum stands for; the element if there is none."""
    return attribute_of(model, column) or column


def _fitted(kind: tuple[Any, bool], value: Value) -> Any:
    base, _ = kind
    if isinstance(value, tuple):
        return tuple(_fitted(kind, part) for part in value)
    if base is int and isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if base is Decimal and isinstance(value, str):
        try:
            return values.read_number(value)
        except InvalidValueError:
            return value
    return value
