"""What was exported, as the marks in Procore tell it to a store that knows nothing.

A mark is set only after Spectrum has taken everything, and it names the key in Spectrum. So a
marked document was exported, under that number. Whatever carries no mark may have been exported
or not; of change orders of the newer family, budgets and forecasts no mark ever tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from procore_spectrum.features.change_requests import number_space
from procore_spectrum.features.exporting import LinkedProject, linked_projects
from procore_spectrum.features.keys import ref
from procore_spectrum.features.prime_change_orders import readable_changes
from procore_spectrum.features.world import World
from procore_spectrum.mapping import join_key, parse_origin_id, split_key
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft, diff_export
from procore_spectrum.plan.operations import Operation
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import (
    Approval,
    Claim,
    Crosswalk,
    Event,
    StateStore,
    StoreChange,
)

__all__ = [
    "Marked",
    "Remembering",
    "ambiguous_numbers",
    "doubtful",
    "marked_changes",
    "marked_commitments",
    "marked_prime_changes",
    "relinked",
]

WHY = "linked again by its mark in Procore; who decided is not known"
_LOST = "the store was lost, and no mark in Procore tells whether Spectrum has it"


@attrs.frozen(kw_only=True)
class Marked:
    """A document that carries our mark.

    Args:
        document: its name.
        given: what accounting gave, as the mark tells it.
        space: the numbers among which that number is unique.
        number: the number.
        marks: origin ids of ours on the document and on its lines, by the names of the marks.
        scope: the project.
    """

    document: Ref
    given: Fields
    space: str
    number: str
    marks: Mapping[Ref, str]
    scope: Ref

    @property
    def claim(self) -> Claim:
        """Its number, which nothing else may have."""
        return Claim(self.space, self.number, self.document)

    def rows(self) -> Iterator[CrosswalkRow]:
        """The links of the marks alone."""
        for name, origin in self.marks.items():
            target_id = split_key(name.key)[-1]
            yield CrosswalkRow(
                ref=name, target_id=target_id, base={"origin_id": origin}, scope=self.scope
            )

    def approval(self, document: Document, at: datetime) -> Approval:
        """What the queue knows of it from now on."""
        return Approval(
            document=document,
            state=State.SYNCED,
            requested_at=at,
            decided_at=at,
            given=self.given,
            message=WHY,
        )


def marked_commitments(world: World) -> Iterator[Marked]:
    """Every commitment with our mark, whatever its status."""
    for project in linked_projects(world):
        for commitment in world.commitments(project.project_id).items:
            parts = _parts(world, commitment.origin_id, "subcontract", 2)
            if parts is None:
                continue
            key = str(commitment.id)
            marks = {ref("commitment_mark", key): str(commitment.origin_id)}
            marks |= {
                ref("commitment_line_mark", key, str(line.id)): line.origin_id
                for line in commitment.line_items
                if line.origin_id and _parts(world, line.origin_id, "subcontract_line", 5)
            }
            vendor, number = parts
            yield Marked(
                document=ref("commitment", key),
                given={"subcontract_number": number},
                space=join_key("subcontract", vendor),
                number=number,
                marks=marks,
                scope=project.ref,
            )


def marked_changes(world: World) -> Iterator[Marked]:
    """Every change order with our mark; those of the newer family cannot carry one."""
    for project in linked_projects(world):
        for change in world.commitment_changes(project.project_id).items:
            parts = _parts(world, change.origin_id, "change_request", 3)
            if parts is not None:
                yield _marked_change(project, change, parts)


def marked_prime_changes(world: World) -> Iterator[Marked]:
    """The same of change orders of prime contracts."""
    for project in linked_projects(world):
        reading = readable_changes(world, project)
        for change in () if reading is None else reading.items:
            parts = _parts(world, change.origin_id, "change_request", 3)
            if parts is not None:
                yield _marked_change(project, change, parts, kind="prime_change_order")


def _marked_change(
    project: LinkedProject, change: Any, parts: Sequence[str], *, kind: str = "change_order"
) -> Marked:
    key, (job, customer, number) = str(change.id), parts
    return Marked(
        document=ref(kind, key),
        given={"change_request_number": number},
        space=number_space(job, customer),
        number=number,
        marks={ref(f"{kind}_mark", key): str(change.origin_id)},
        scope=project.ref,
    )


def _parts(world: World, text: str | None, kind: str, count: int) -> tuple[str, ...] | None:
    """The key in an origin id of ours of that kind; None for any other."""
    origin = parse_origin_id(text)
    ours = (kind, world.company.spectrum_company_code)
    if origin is None or (origin.object_type, origin.company_code) != ours:
        return None
    return origin.parts if len(origin.parts) == count else None


# ---------------------------------------------------------------- a store that remembers more


class Remembering:
    """A store to plan with: it also knows what the marks say. Nothing is written through it."""

    def __init__(self, store: StateStore, marked: Sequence[Marked], at: datetime) -> None:
        self._store = store
        self._rows = {row.ref: row for one in marked for row in one.rows()}
        self._approvals = {
            one.document: one.approval(_nameless(one.document), at) for one in marked
        }

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def read_links(self, query: Crosswalk) -> Sequence[CrosswalkRow]:
        """What is stored, and the marks."""
        found = {row.ref: row for row in self._store.read_links(query)}
        for row in self._rows.values():
            if row.ref.kind == query.kind and query.scope in {None, row.scope}:
                found.setdefault(row.ref, row)
        return [found[name] for name in sorted(found)]

    def read_link(self, name: Ref) -> CrosswalkRow | None:
        """What is stored, else the mark."""
        return self._store.read_link(name) or self._rows.get(name)

    def read_approval(self, name: Ref) -> Approval | None:
        """What is stored, else what the mark says."""
        return self._store.read_approval(name) or self._approvals.get(name)


def _nameless(name: Ref) -> Document:
    return Document(ref=name, feature="", title="")


# ---------------------------------------------------------------- what is stored again


def relinked(
    marked: Marked, draft: ExportDraft, world: World, *, at: datetime, actor: str
) -> StoreChange | str:
    """Everything to store about a marked document; or why a person has to look first.

    Args:
        marked: what the marks say.
        draft: the document as it would be exported now, under the number of the mark.
        world: reads what was exported, if Spectrum's tables can be read.
        at: now.
        actor: who is recorded in the journal.
    """
    expected = {mark.ref: mark.fields.get("origin_id") for mark in draft.marks}
    header = next(iter(marked.marks))
    if expected.get(header) != marked.marks[header]:
        return f"its mark is {marked.marks[header]}, where {expected.get(header)} was expected"
    if draft.document.violations:
        return f"it is marked as exported, and yet: {draft.document.violations[0]}"
    missing = {name for name in expected if name not in marked.marks}
    event = Event(
        at=at,
        action="relinked",
        ref=marked.document,
        actor=actor,
        detail={"why": [WHY], "number": marked.number, "shown": draft.document.shown},
    )
    return StoreChange(
        links=tuple(_as_read(world, row) for row in _rows(marked, draft, missing)),
        approvals=(marked.approval(draft.document, at),),
        expected={marked.document: None},
        claims=(marked.claim,),
        events=(event,),
    )


def _rows(marked: Marked, draft: ExportDraft, missing: set[Ref]) -> Iterator[CrosswalkRow]:
    """The links that an export leaves behind, without those of lines that carry no mark."""
    keys = {record.ref: record.natural_key for record in draft.records}
    for op in _operations(draft):
        marks = _line_marks(op.ref)
        if missing & {op.ref, *marks}:
            continue
        target_id, base = keys.get(op.ref) or op.target_id or "", op.desired
        if marks:
            target_id, base = _as_exported(marked.marks[marks[0]], target_id, base)
        yield CrosswalkRow(ref=op.ref, target_id=target_id, base=base, scope=op.scope)


_TOLD: Mapping[str, Mapping[str, str]] = {
    "subcontract": {"comment": "comment"},
    "subcontract_line": {"original_contract_amount": "amount"},
    "change_request_line": {"change_request_amount": "amount", "sub_amount": "sub_amount"},
}
"""What Spectrum's tables tell of exported records: our fields, and theirs."""


def _as_read(world: World, row: CrosswalkRow) -> CrosswalkRow:
    """The link as Spectrum has the record, so that an edit made since in Procore is noticed."""
    if row.ref.kind not in _TOLD:
        return row
    records = {item.target_id: item for item in world.erp_records(row.ref.kind).items}
    record = records.get(row.target_id)
    if record is None:
        return row
    told = {ours: getattr(record, theirs) for ours, theirs in _TOLD[row.ref.kind].items()}
    return attrs.evolve(row, base={name: told.get(name, value) for name, value in row.base.items()})


def _operations(draft: ExportDraft) -> tuple[Operation, ...]:
    """What a first export would do."""
    return diff_export(
        attrs.evolve(draft, rows={}, doubts={}, seen=None, closing=False, exported=False)
    )


def _line_marks(name: Ref) -> tuple[Ref, ...]:
    """The marks of the lines of Procore that a line of a subcontract stands for."""
    document, *rest = split_key(name.key)
    if name.kind != "subcontract_line" or len(rest) != 1:  # change orders bring lines of their own
        return ()
    return tuple(ref("commitment_line_mark", document, line) for line in rest[-1].split("+"))


def _as_exported(mark: str, target_id: str, base: Fields) -> tuple[str, Fields]:
    """The key under which a line was exported, should its codes have been edited since."""
    origin = parse_origin_id(mark)
    if origin is None:
        return target_id, base
    vendor, number, phase, cost_type, _ = origin.parts
    item = split_key(target_id)[-1]
    found = {**base, "phase_code": phase, "cost_type": cost_type or None}
    return join_key(vendor, number, phase, cost_type, item), found


def ambiguous_numbers(marked: Sequence[Marked]) -> dict[Ref, str]:
    """Documents whose number another one bears as well, with the reason."""
    counts = Counter((one.space, one.number) for one in marked)
    return {
        one.document: f"the number {one.number} is on the marks of several documents"
        for one in marked
        if counts[one.space, one.number] > 1
    }


def doubtful(
    document: Document, why: str, *, at: datetime, actor: str, claims: tuple[Claim, ...] = ()
) -> StoreChange:
    """A document that nobody exports until a person has looked whether Spectrum has it."""
    message = why or _LOST
    event = Event(
        at=at, action="relink-held", ref=document.ref, actor=actor, detail={"why": [message]}
    )
    approval = Approval(
        document=document, state=State.UNLINKED, requested_at=at, decided_at=at, message=message
    )
    return StoreChange(
        approvals=(approval,), expected={document.ref: None}, claims=claims, events=(event,)
    )
