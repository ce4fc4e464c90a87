"""Documents as JSON, for plan files and for stores."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from procore_spectrum.errors import InvalidValueError, Violation
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields, Value, canonical, from_canonical

__all__ = ["document_from_json", "document_to_json", "fields_from_json", "fields_to_json"]


def document_to_json(document: Document) -> dict[str, Any]:
    """The document without its ref; values in canonical spelling."""
    return {
        "feature": document.feature,
        "title": document.title,
        "fields": fields_to_json(document.fields),
        "lines": [fields_to_json(line) for line in document.lines],
        "amount": canonical(document.amount),
        "needs": [_need(need) for need in document.needs],
        "violations": [[v.code, v.message, v.path, v.hint] for v in document.violations],
        "warnings": [[v.code, v.message, v.path, v.hint] for v in document.warnings],
    }


def document_from_json(ref: Ref, found: Mapping[str, Any]) -> Document:
    """The inverse of :func:`document_to_json`.

    Raises:
        InvalidValueError, LookupError, TypeError, ValueError: it is no such object.
    """
    amount = from_canonical(found["amount"])
    if amount is not None and not isinstance(amount, Decimal):
        raise InvalidValueError("the amount is no number")
    return Document(
        ref=ref,
        feature=_text(found["feature"]),
        title=_text(found["title"]),
        fields=fields_from_json(found["fields"]),
        lines=tuple(map(fields_from_json, found["lines"])),
        amount=amount,
        needs=tuple(map(_read_need, found["needs"])),
        violations=tuple(_read_violation(*parts) for parts in found["violations"]),
        warnings=tuple(_read_violation(*parts) for parts in found.get("warnings", ())),
    )


def fields_to_json(fields: Fields) -> dict[str, str]:
    """Values by name, in canonical spelling."""
    return {name: canonical(value) for name, value in fields.items()}


def fields_from_json(found: Mapping[str, str]) -> dict[str, Value]:
    """The inverse of :func:`fields_to_json`.

    Raises:
        InvalidValueError, AttributeError: it is no such object.
    """
    return {name: from_canonical(value) for name, value in found.items()}


def _need(need: Need) -> dict[str, Any]:
    return {
        "name": need.name,
        "meaning": need.meaning,
        "length": need.length,
        "proposal": canonical(need.proposal),
        "space": need.space,
        "characters": need.characters,
        "required": need.required,
        "fixed": need.fixed,
    }


def _read_need(found: Mapping[str, Any]) -> Need:
    length = found["length"]
    return Need(
        name=_text(found["name"]),
        meaning=_text(found["meaning"]),
        length=None if length is None else int(length),
        proposal=from_canonical(found["proposal"]),
        space=_text(found["space"]),
        characters=_text(found["characters"]),
        required=found["required"] is True,
        fixed=found["fixed"] is True,
    )


def _read_violation(code: str, message: str, path: str, hint: str) -> Violation:
    return Violation(code=_text(code), message=_text(message), path=_text(path), hint=_text(hint))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValueError("a text is missing")
    return value
