"""What could be imported from the ERP, and where each record stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from procore_spectrum.errors import ConflictError
from procore_spectrum.plan.imports import ImportState, import_state
from procore_spectrum.plan.operations import Held, Operation
from procore_spectrum.plan.records import Candidate, CrosswalkRow, Ref
from procore_spectrum.ports import Decision, Event, StateStore, StoreChange

__all__ = ["StagedRecord", "staged_records", "take_back"]

_INVALID = frozenset({"preflight", "duplicate-key"})


@attrs.frozen(kw_only=True)
class StagedRecord:
    """One vendor or job of the ERP.

    Args:
        ref: names it.
        title: what a person calls it; blank when only its decision is known.
        state: see :mod:`procore_spectrum.plan.imports`.
        waits: whether nothing happens to it until a person decides.
        why: why it waits, or the reason for which it was left out.
        hint: what to do.
        target_id: the record of Procore that it is linked to.
        candidates: records of Procore that it may be.
        decided_by, decided_at: who left it out, and when.
    """

    ref: Ref
    title: str
    state: ImportState
    waits: bool = False
    why: str = ""
    hint: str = ""
    target_id: str | None = None
    candidates: tuple[Candidate, ...] = ()
    decided_by: str = ""
    decided_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it could still be imported."""
        return self.state in {ImportState.STAGED, ImportState.INVALID}


def staged_records(
    operations: Iterable[Operation],
    rows: Iterable[CrosswalkRow],
    decisions: Iterable[Decision],
    *,
    kinds: Collection[str],
) -> tuple[StagedRecord, ...]:
    """Every record of these kinds that is staged, invalid, imported or left out; by name.

    Args:
        operations: of a plan of these kinds.
        rows: their links.
        decisions: all decisions.
        kinds: what can be decided about.
    """
    linked = {row.ref: row for row in rows}
    archived = {found.ref: found for found in decisions if found.choice == "ignore"}
    planned = {op.ref: op for op in operations if op.ref.kind in kinds}
    names = {*linked, *archived, *planned}
    return tuple(_records(sorted(names), linked, archived, planned))


def _records(
    names: Iterable[Ref],
    linked: Mapping[Ref, CrosswalkRow],
    archived: Mapping[Ref, Decision],
    planned: Mapping[Ref, Operation],
) -> Iterator[StagedRecord]:
    for ref in names:
        row, decision, op = linked.get(ref), archived.get(ref), planned.get(ref)
        held = op if isinstance(op, Held) else None
        state = import_state(
            linked=row is not None,
            archived=decision is not None,
            invalid=held is not None and held.code in _INVALID,
        )
        title = op.title if op else str((row.base.get("name") if row else None) or "")
        found = StagedRecord(
            ref=ref, title=title, state=state, target_id=row.target_id if row else None
        )
        if decision is not None:
            found = attrs.evolve(
                found,
                why=decision.why,
                decided_by=decision.who,
                decided_at=decision.at,
            )
        elif held is not None:
            found = attrs.evolve(
                found,
                waits=True,
                why="; ".join([held.message, *map(str, held.violations)]),
                hint=held.hint,
                candidates=held.candidates,
            )
        elif op is not None and row is None:
            found = attrs.evolve(found, why="the next apply imports it")
        yield found


def take_back(ref: Ref, store: StateStore, *, at: datetime, who: str, why: str) -> Decision:
    """Take back the decision to leave a record out.

    Raises:
        ConflictError: it is not left out.
    """
    decisions = {found.ref: found for found in store.read_decisions() if found.choice == "ignore"}
    if ref not in decisions:
        raise ConflictError(f"{ref} is not left out", hint="see: staged --all")
    detail = {"choice": "restore", "why": [why] if why else [], "target_id": None}
    event = Event(at=at, action="decided", ref=ref, actor=who, detail=detail)
    store.commit(StoreChange(undecided=(ref,), events=(event,)))
    return decisions[ref]
