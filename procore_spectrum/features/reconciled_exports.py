"""The money of exports on both sides: what Procore says, what was sent, and what Spectrum has.

Between Procore and what was sent lie approvals and edits; between what was sent and Spectrum,
edits there. Where Spectrum cannot be read, it is taken to have what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.features.world import World
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.exports import ExportDraft, diff_export
from procore_spectrum.plan.operations import Held
from procore_spectrum.plan.reconciliation import (
    Cause,
    Measure,
    Posting,
    Reason,
    Spot,
    show_amount,
)
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields, Value

__all__ = ["Carrier", "ErpAmount", "amount_of", "export_postings", "waiting_reason"]

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_TITLE = 50


@attrs.frozen(kw_only=True)
class ErpAmount:
    """One record of the ERP: what it is worth, and on which phase and cost type."""

    amount: Decimal
    phase: str
    cost_type: str
    title: str


@attrs.frozen(kw_only=True)
class Carrier:
    """Which records of an export carry the money of a measure.

    Args:
        measure: of which measure.
        kind: of the records.
        amount, phase, cost_type: their fields.
        erp: what the ERP has now, by the records' natural keys; None when it cannot be read.
        discounted: why Procore does not count a document, in words; blank where it does.
        drift: what it is when the ERP has another amount than was sent.
        edited: the same in words; that it was edited there if blank.
    """

    measure: Measure
    kind: str
    amount: str
    phase: str
    cost_type: str
    erp: Mapping[str, ErpAmount] | None = None
    discounted: Callable[[ExportDraft], str] = attrs.field(default=lambda _: "")
    drift: Cause = Cause.DRIFT
    edited: str = ""


def export_postings(
    world: World, job: str, drafts: Iterable[ExportDraft], carrier: Carrier
) -> Iterator[Posting]:
    """A posting for each record that carries money, on either side."""
    known: set[str] = set()
    for draft in drafts:
        title = _short(draft.document.title)
        wanted = {record.ref: record for record in draft.records if record.ref.kind == carrier.kind}
        gone = {
            ref: row
            for ref, row in draft.rows.items()
            if ref.kind == carrier.kind and ref not in wanted
        }
        ignored = carrier.discounted(draft)
        for ref, record in wanted.items():
            row = draft.rows.get(ref)
            known |= {record.natural_key, row.target_id if row else record.natural_key}
            yield _posting(
                world,
                job,
                draft,
                carrier,
                _Record(ref, title, record.fields, record.natural_key, row, ignored),
            )
        for ref, row in gone.items():
            known.add(row.target_id)
            why = ignored or "the line was removed in Procore after its export"
            yield _posting(
                world, job, draft, carrier, _Record(ref, title, row.base, row.target_id, row, why)
            )
    for key, found in (carrier.erp or {}).items():
        if key not in known and found.amount:
            yield _stranger(job, carrier, found)


@attrs.frozen
class _Record:
    """A line of a document, as Procore has it and as it was sent."""

    ref: Ref
    title: str
    fields: Fields
    natural_key: str
    row: CrosswalkRow | None
    discounted: str


def _posting(
    world: World, job: str, draft: ExportDraft, carrier: Carrier, record: _Record
) -> Posting:
    now = _ZERO if record.discounted else amount_of(record.fields, carrier.amount)
    spot = Spot(
        carrier.measure,
        job,
        _text(record.fields.get(carrier.phase)),
        _text(record.fields.get(carrier.cost_type)),
    )
    if record.row is None:
        there = (carrier.erp or {}).get(record.natural_key)
        has = there.amount if there else _ZERO
        cause, why = waiting_reason(world, draft)
        reasons = [Reason(cause=cause, amount=now - has, text=f"{record.title}: {why}")]
        return Posting(
            spot=spot, title=record.title, procore=now, spectrum=has, reasons=tuple(reasons)
        )
    sent = amount_of(record.row.base, carrier.amount)
    has, text = _has(record, carrier, sent)
    reasons = [
        _edited(record, now, sent),
        Reason(cause=carrier.drift, amount=sent - has, text=f"{record.title}: {text}"),
    ]
    return Posting(spot=spot, title=record.title, procore=now, spectrum=has, reasons=tuple(reasons))


def _edited(record: _Record, now: Decimal, sent: Decimal) -> Reason:
    """What changed in Procore since it was sent."""
    if record.discounted:
        return Reason(
            cause=Cause.DRIFT, amount=now - sent, text=f"{record.title}: {record.discounted}"
        )
    if 0 < abs(now - sent) < _CENT:
        return Reason(
            cause=Cause.ROUNDING,
            amount=now - sent,
            text=f"{record.title}: {show_amount(now)} in Procore was sent as {show_amount(sent)}",
        )
    return Reason(
        cause=Cause.DRIFT,
        amount=now - sent,
        text=f"{record.title}: edited in Procore after its export; {show_amount(sent)} was sent",
    )


def _has(record: _Record, carrier: Carrier, sent: Decimal) -> tuple[Decimal, str]:
    """What the ERP has, and how that differs from what was sent."""
    if carrier.erp is None or record.row is None:
        return sent, ""
    found = carrier.erp.get(record.row.target_id)
    if found is None:
        return _ZERO, f"deleted in Spectrum; {show_amount(sent)} was sent"
    edited = carrier.edited or "edited in Spectrum"
    return found.amount, f"{edited}; {show_amount(sent)} was sent"


def _stranger(job: str, carrier: Carrier, found: ErpAmount) -> Posting:
    text = f"{found.title} was made in Spectrum, and is not imported"
    return Posting(
        spot=Spot(carrier.measure, job, found.phase, found.cost_type),
        title=found.title,
        spectrum=found.amount,
        reasons=(Reason(cause=Cause.ONE_SIDED, amount=-found.amount, text=text),),
    )


# ---------------------------------------------------------------- why it is not there yet

_STATES: Mapping[State, tuple[Cause, str]] = {
    State.NOT_SENT: (Cause.NOT_SYNCED, "has not been sent to accounting"),
    State.READY_TO_EXPORT: (Cause.WAITING, "waits for accounting"),
    State.READY_TO_UPDATE: (Cause.WAITING, "waits for accounting"),
    State.RETRIEVED: (Cause.RETRIEVED, "was taken back by its sender"),
    State.REJECTED: (Cause.REJECTED, "was rejected by accounting"),
    State.ACCEPTED: (Cause.NOT_SYNCED, "is accepted; the next apply writes it"),
    State.EXPORTING: (Cause.NOT_SYNCED, "is being written; the next apply goes on"),
    State.FAILED: (Cause.HELD, "failed to export"),
    State.UNLINKED: (Cause.NOT_SYNCED, "was unlinked"),
}

_TELLING = frozenset({State.FAILED, State.UNLINKED})
"""States whose message says more than the state does."""


def waiting_reason(world: World, draft: ExportDraft) -> tuple[Cause, str]:
    """Why a document, or a part of it, is not in Spectrum."""
    objection = next((op for op in diff_export(draft) if isinstance(op, Held)), None)
    approval = world.approval(draft.document.ref)
    if approval is not None and approval.state in _STATES:
        answered = approval.state in {State.REJECTED, State.RETRIEVED}
        if objection is None or answered:
            cause, text = _STATES[approval.state]
            by = f" ({approval.decided_by})" if answered and approval.decided_by else ""
            why = approval.why or (approval.message if approval.state in _TELLING else "")
            return cause, f"{text}{by}" + (f": {why}" if why else "")
    if objection is not None:
        faults = "; ".join(f.message for f in objection.violations)
        return Cause.HELD, f"held, because {objection.message}" + (f": {faults}" if faults else "")
    if draft.document.feature not in world.settings.features:
        return Cause.OUT_OF_SCOPE, f"the settings do not export {draft.document.feature}"
    return Cause.NOT_SYNCED, "is proposed to accounting by the next apply"


def amount_of(fields: Fields, name: str) -> Decimal:
    """An amount; zero where there is none."""
    value = fields.get(name)
    return Decimal(value) if isinstance(value, Decimal | int) else _ZERO


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1].rstrip()}…"


def _text(value: Value) -> str:
    return str(value or "").strip()
