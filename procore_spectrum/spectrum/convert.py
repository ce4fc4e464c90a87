"""Rows to models, and models to the elements of a request.

Everything is driven by the facts that the models carry
(:func:`procore_spectrum.models.about.fields_of`), so that no field is named here twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin

import attrs

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError, Violation
from procore_spectrum.models.about import FieldInfo, fields_of
from procore_spectrum.models.ids import GlAccount, PhaseCode
from procore_spectrum.spectrum import values

__all__ = ["SPELLINGS", "attribute_of", "from_row", "kinds_of", "to_elements"]

T = TypeVar("T")

SPELLINGS = (
    ("Current_Estimate_Dollars", "Current_Estimated_Dollars"),
    ("Work_Local_Tax_Code", "Work_Local_Tax_Cod"),
)
"""Names of one and the same element: pages and wire do not always agree."""

_NUMBERED = re.compile(r"(.+?)1\.\.([0-9]+)")
_PHONES = frozenset({"Phone", "Fax_Phone", "Contact_Phone", "Job_Site_Phone"})
_TAX_IDS = frozenset(
    {"Social_Sec_Number", "Fed_Id_Number", "Social_Insurance_Number", "ABA_Number"}
)


@attrs.frozen
class _Plan:
    """How one field travels: its elements, its plain type, characters to leave out."""

    field: FieldInfo
    elements: tuple[str, ...]
    kind: Any
    many: bool
    strip: str
    service: str


def _plans(model: type) -> tuple[_Plan, ...]:
    return _cached_plans(model)


@cache
def _cached_plans(model: Any) -> tuple[_Plan, ...]:
    return tuple(_plan(field) for field in fields_of(model) if field.about.wire)


def _plan(field: FieldInfo) -> _Plan:
    service, _, name = field.wire.rpartition(":")
    numbered = _NUMBERED.fullmatch(name)
    elements: tuple[str, ...] = (name,)
    kind = field.type
    if numbered:
        base, last = numbered.groups()
        elements = tuple(f"{base}{number}" for number in range(1, int(last) + 1))
        kind = get_args(kind)[0]
    elif get_origin(kind) in (Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    strip = "-" if kind in (PhaseCode, GlAccount) or name in _TAX_IDS else ""
    if name in _PHONES:
        strip = "()-. "
    if isinstance(kind, NewType):
        kind = kind.__supertype__
    return _Plan(field, elements, kind, bool(numbered), strip, service)


def kinds_of(model: type) -> dict[str, tuple[Any, bool]]:
    """The plain type of each field that can be written, and whether a value is required."""
    return {
        plan.field.name: (plan.kind, plan.field.about.required and not plan.many)
        for plan in _plans(model)
    }


def attribute_of(model: type, element: str) -> str | None:
    """The attribute that an element holds, with its place in a list; None for an unknown one."""
    wanted = {name.casefold() for name in _spellings(element)}
    for plan in _plans(model):
        for place, name in enumerate(plan.elements):
            if name.casefold() in wanted:
                return f"{plan.field.name}[{place}]" if plan.many else plan.field.name
    return None


# ---------------------------------------------------------------- reading


def from_row(model: type[T], row: Mapping[str, str], *, service: str, number: int) -> T:
    """A row as a model. Unknown elements are ignored, missing ones become None.

    Args:
        model: a class of :mod:`procore_spectrum.models.spectrum`.
        row: element names and their text.
        service: the service that answered.
        number: the row's number in the answer, from 1.

    Raises:
        UnreadableReplyError: a value is malformed, or part of the key is missing.
    """
    where = f"{service} row {number}" + (f" job {row['Job_Number']}" if "Job_Number" in row else "")
    found: dict[str, Any] = {}
    for plan in _plans(model):
        if plan.service in ("", service):
            texts = [_lookup(row, element) for element in plan.elements]
            try:
                found[plan.field.name] = _read(plan, texts, f"{where} {plan.elements[0]}")
            except InvalidValueError as error:
                raise UnreadableReplyError(error.message, path=error.path) from None
    missing = [key for key in _keys(model) if not found.get(key)]
    if missing:
        raise UnreadableReplyError(
            f"the row has no {', '.join(missing)}",
            path=where,
            hint="a used-up GUID can answer with blank rows",
        )
    return model(**found)


def _keys(model: Any) -> list[str]:
    return [item.name for item in attrs.fields(model) if item.default is attrs.NOTHING]


def _lookup(row: Mapping[str, str], element: str) -> str | None:
    if element in row:
        return row[element]
    return next((row[name] for name in _spellings(element) if name in row), None)


def _spellings(element: str) -> tuple[str, ...]:
    return next((names for names in SPELLINGS if element in names), (element,))


def _read(plan: _Plan, texts: list[str | None], path: str) -> Any:
    if plan.many:
        known = [text or "" for text in texts]
        while known and not known[-1]:
            known.pop()
        return tuple(known)
    text = texts[0]
    if text is None or (plan.kind is not str and not text):
        return None
    if plan.kind is Decimal:
        return values.read_number(text, path=path)
    if plan.kind is int:
        return values.read_integer(text, path=path)
    if plan.kind is date:
        return values.read_date(text, path=path)
    if plan.kind is bool:
        return values.read_boolean(text, path=path)
    return text.replace("-", "") if plan.field.type is PhaseCode else text


# ---------------------------------------------------------------- writing


def to_elements(record: object) -> dict[str, str]:
    """The elements of a write, for every value that is given.

    Raises:
        InvalidValueError: with every value that does not fit, by field.
    """
    elements: dict[str, str] = {}
    violations: list[Violation] = []
    for plan in _plans(type(record)):
        given = getattr(record, plan.field.name)
        for path, element, value in _spread(plan, given):
            try:
                elements[element] = _written(plan, element, value, record)
            except InvalidValueError as error:
                violations.append(
                    Violation(
                        code="invalid_value",
                        message=error.message,
                        path=path,
                        hint=error.hint or "correct it where it comes from; it is never changed",
                    )
                )
    if violations:
        raise InvalidValueError(
            f"{type(record).__name__} cannot be written", violations=tuple(violations)
        )
    return elements


def _spread(plan: _Plan, given: Any) -> Iterator[tuple[str, str, Any]]:
    name = plan.field.name
    if plan.many and given is not None and not isinstance(given, tuple):
        yield name, "", given
    elif plan.many and given:
        yield from (
            (f"{name}[{place}]", element, value)
            for place, (element, value) in enumerate(zip(plan.elements, given, strict=False))
        )
        if len(given) > len(plan.elements):
            yield f"{name}[{len(plan.elements)}]", "", given[len(plan.elements)]
    elif not plan.many and (given is not None or plan.field.about.required):
        yield name, plan.elements[0], given


def _written(plan: _Plan, element: str, value: Any, record: object) -> str:
    if not element:
        raise InvalidValueError(f"a list of at most {len(plan.elements)} values can be sent")
    about = plan.field.about
    if value is None and about.required:
        raise InvalidValueError("a value is required", hint="fill it in")
    if plan.kind is Decimal or plan.kind is int:
        return values.write_number(
            value, digits=about.digits, signed=about.signed, length=about.length
        )
    if plan.kind is date:
        return values.write_date(value)
    if plan.kind is bool:
        return values.write_boolean(value)
    return _text(plan, value, record)


def _text(plan: _Plan, value: Any, record: object) -> str:
    about = plan.field.about
    if not isinstance(value, str):
        raise InvalidValueError("text is needed")
    text = value.translate({ord(character): None for character in plan.strip}).strip()
    if not text and about.required:
        raise InvalidValueError("a value is required")
    if not text and not plan.many and getattr(record, "blank_is_unchanged", False):
        raise InvalidValueError(
            "Spectrum cannot clear a value", hint="leave it None, or clear it in Spectrum"
        )
    if about.length is not None and len(text) > about.length:
        raise InvalidValueError(f"at most {about.length} characters", hint="shorten it")
    if text and about.values and text not in about.values:
        raise InvalidValueError(f"{text!r} is none of {', '.join(about.values)}")
    if not all(character.isprintable() or character == "\n" for character in text):
        raise InvalidValueError("a character that XML or Spectrum cannot hold")
    return text
