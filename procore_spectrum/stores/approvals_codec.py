"""Approvals as rows: the key and the state in columns, the rest as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from procore_spectrum.errors import InvalidValueError, Violation
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields, Value, canonical, from_canonical
from procore_spectrum.ports import Approval
from procore_spectrum.stores.columns import (
    Row,
    reading,
    text_to_column,
    time_from_text,
    time_to_text,
)

__all__ = ["approval_from_row", "approval_to_row"]


def approval_to_row(approval: Approval) -> Row:
    """``(kind, key, state, body)``.

    Raises:
        InvalidValueError: something in it cannot be stored.
    """
    document = approval.document
    body = {
        "feature": document.feature,
        "title": document.title,
        "fields": _fields(document.fields),
        "lines": [_fields(line) for line in document.lines],
        "amount": canonical(document.amount),
        "needs": [_need(need) for need in document.needs],
        "violations": [[v.code, v.message, v.path, v.hint] for v in document.violations],
        "requested_by": approval.requested_by,
        "requested_at": _time(approval.requested_at),
        "decided_by": approval.decided_by,
        "decided_at": _time(approval.decided_at),
        "why": approval.why,
        "given": _fields(approval.given),
        "message": approval.message,
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return (
        text_to_column(document.ref.kind, "approvals.kind"),
        text_to_column(document.ref.key, "approvals.key"),
        approval.state.value,
        text_to_column(text, "approvals.body"),
    )


def approval_from_row(row: Row) -> Approval:
    """The inverse of :func:`approval_to_row`.

    Raises:
        StoreCorruptError: it cannot be read.
    """
    with reading("approval", row[:2]):
        kind, key, state, body = row
        found = json.loads(body)
        return Approval(
            document=_document(Ref(str(kind), str(key)), found),
            state=State(state),
            requested_by=_text(found["requested_by"]),
            requested_at=_read_time(found["requested_at"]),
            decided_by=_text(found["decided_by"]),
            decided_at=_read_time(found["decided_at"]),
            why=_text(found["why"]),
            given=_read_fields(found["given"]),
            message=_text(found["message"]),
        )


def _document(ref: Ref, found: Mapping[str, Any]) -> Document:
    amount = from_canonical(found["amount"])
    if amount is not None and not isinstance(amount, Decimal):
        raise InvalidValueError("the amount is no number")
    return Document(
        ref=ref,
        feature=_text(found["feature"]),
        title=_text(found["title"]),
        fields=_read_fields(found["fields"]),
        lines=tuple(map(_read_fields, found["lines"])),
        amount=amount,
        needs=tuple(map(_read_need, found["needs"])),
        violations=tuple(
            Violation(code=code, message=message, path=path, hint=hint)
            for code, message, path, hint in found["violations"]
        ),
    )


def _need(need: Need) -> dict[str, Any]:
    return {
        "name": need.name,
        "meaning": need.meaning,
        "length": need.length,
        "proposal": canonical(need.proposal),
        "space": need.space,
        "characters": need.characters,
        "required": need.required,
    }


def _read_need(found: Mapping[str, Any]) -> Need:
    return Need(**{**found, "proposal": from_canonical(found["proposal"])})


def _fields(fields: Fields) -> dict[str, str]:
    return {name: canonical(value) for name, value in fields.items()}


def _read_fields(found: Mapping[str, str]) -> dict[str, Value]:
    return {name: from_canonical(value) for name, value in found.items()}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_to_text(moment, "approvals.at")


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValueError("a text is missing")
    return value
