"""What people are told about exports, and the sending that never stops the work."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.plan.reconciliation import show_amount
from procore_spectrum.plan.render import one_line
from procore_spectrum.ports import Approval, Notice, Notifier

__all__ = ["deliver", "failed", "rejected", "waiting"]

_LOGGER = logging.getLogger(__name__)


def waiting(approvals: Iterable[Approval]) -> Notice | None:
    """The digest of everything that waits for accounting; nothing when nothing waits."""
    found = [approval for approval in approvals if approval.state.waits_for_approver]
    if not found:
        return None
    return Notice(
        kind="waiting",
        subject="ERP Integrations Daily Summary",
        lines=(f"{len(found)} exports wait for accounting:", *map(_line, found)),
    )


def rejected(approval: Approval) -> Notice:
    """An export was rejected; its sender should know at once."""
    why = f": {approval.why}" if approval.why else ""
    return Notice(
        kind="rejected",
        subject=f"ERP Project Rejection Notification: {approval.document.title}",
        lines=(_line(approval), f"{approval.decided_by} rejected it{why}"),
        people=tuple(filter(None, (approval.requested_by,))),
    )


def failed(approval: Approval) -> Notice:
    """An export failed; its sender and its approver should know at once."""
    return Notice(
        kind="failed",
        subject=f"Export failed: {approval.document.title}",
        lines=(_line(approval), approval.message, "Retry it, or reject it."),
        people=tuple(dict.fromkeys(filter(None, (approval.requested_by, approval.decided_by)))),
    )


def deliver(notifier: Notifier | None, notice: Notice | None) -> bool:
    """Send a notice; one that cannot be delivered is logged. Tells whether it was sent."""
    if notifier is None or notice is None:
        return False
    try:
        notifier.notify(notice)
    except ProcoreSpectrumError as error:
        _LOGGER.warning("a notice was not delivered: %s", error)
        return False
    return True


def _line(approval: Approval) -> str:
    document = approval.document
    amount = "" if document.amount is None else f", {show_amount(document.amount)}"
    sender = approval.requested_by or "nobody"
    # A title from Procore must not look like a line of ours.
    return one_line(f"{document.ref}: {document.title}{amount}, sent by {sender}")
