"""Approvals as rows: the key and the state in columns, the rest as one JSON object."""

from __future__ import annotations

import json
from datetime import datetime

from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.document_codec import (
    document_from_json,
    document_to_json,
    fields_from_json,
    fields_to_json,
)
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Approval
from procore_spectrum.stores.columns import (
    Row,
    as_text,
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
    body = {
        "document": document_to_json(approval.document),
        "requested_by": approval.requested_by,
        "requested_at": _time(approval.requested_at),
        "decided_by": approval.decided_by,
        "decided_at": _time(approval.decided_at),
        "why": approval.why,
        "given": fields_to_json(approval.given),
        "message": approval.message,
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return (
        text_to_column(approval.ref.kind, "approvals.kind"),
        text_to_column(approval.ref.key, "approvals.key"),
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
        found = json.loads(as_text(body))
        return Approval(
            document=document_from_json(Ref(as_text(kind), as_text(key)), found["document"]),
            state=State(state),
            requested_by=as_text(found["requested_by"]),
            requested_at=_read_time(found["requested_at"]),
            decided_by=as_text(found["decided_by"]),
            decided_at=_read_time(found["decided_at"]),
            why=as_text(found["why"]),
            given=fields_from_json(found["given"]),
            message=as_text(found["message"]),
        )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_to_text(moment, "approvals.at")


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)
