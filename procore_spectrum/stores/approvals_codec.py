"""Approvals as rows: the key and the state in columns, the rest as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from procore_spectrum.errors import ConflictError
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

__all__ = ["approval_from_row", "approval_to_row", "check_expected"]


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


def check_expected(
    expected: Mapping[Ref, Approval | None], read: Callable[[Ref], Row | None]
) -> None:
    """Refuse a change that was made for approvals which are different by now.

    Args:
        expected: approvals as they were read before, by their document.
        read: gives the present row of a document, within the transaction.

    Raises:
        ConflictError: somebody was faster.
        InvalidValueError: what is expected could not be stored.
        StoreCorruptError: a row cannot be read.
    """
    for ref, before in expected.items():
        row = read(ref)
        # Read and spelled anew: a row of an older version may lack what has been added since.
        present = None if row is None else approval_to_row(approval_from_row(row))
        if present != (None if before is None else approval_to_row(before)):
            raise ConflictError(
                f"somebody else has moved {ref} meanwhile",
                path=str(ref),
                hint="look at it again, then decide",
            )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_to_text(moment, "approvals.at")


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)
