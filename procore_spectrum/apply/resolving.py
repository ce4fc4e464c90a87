"""A way out of doubt: a person has looked in the ERP, and says whether a record is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import attrs

from procore_spectrum.apply.approvals import Person
from procore_spectrum.apply.parts import WRITTEN, belongs, document_locks
from procore_spectrum.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    ProcoreSpectrumError,
    RefusedError,
)
from procore_spectrum.plan.approvals import Role
from procore_spectrum.plan.operations import System
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Batch,
    BatchItem,
    Clock,
    Event,
    Probe,
    StartedOperation,
    StateStore,
    StoreChange,
    Target,
)

__all__ = ["Sighting", "resolve_doubts"]


@attrs.frozen(kw_only=True)
class Sighting:
    """What a person has seen.

    Args:
        there: whether the record is there.
        why: what the person has looked at.
        by: the person, an approver.
        target_id: the record, where its key cannot be derived.
    """

    there: bool
    why: str
    by: Person
    target_id: str | None = None


def resolve_doubts(
    ref: Ref,
    seen: Sighting,
    *,
    store: StateStore,
    targets: Mapping[System, Target],
    clock: Clock,
) -> tuple[Ref, ...]:
    """Settle what was sent without an answer, by what a person has seen.

    What can be read is read, and a person who says otherwise is refused. A record that is there
    is linked, with the values that were sent as its base; one that is not is sent again by the
    next run, if its document is still accepted.

    Args:
        ref: the record in doubt, or the document that it belongs to.
        seen: what the person says; recorded.
        store: the handle of the pair.
        targets: both systems.
        clock: dates the journal.

    Returns:
        The records that were settled.

    Raises:
        NotFoundError: nothing of it is in doubt.
        NotPermittedError: not an approver.
        RefusedError: there is no reason, or the record's id is not known.
        ConflictError: the system was read and says otherwise.
        StoreBusyError: a run is at work on it.
    """
    if Role.APPROVER not in seen.by.roles:
        raise NotPermittedError(
            f"{seen.by.name} may not settle what is in doubt",
            hint="ask somebody with the role approver",
        )
    if not seen.why.strip():
        raise RefusedError("a reason is needed", path=str(ref), hint="say what was looked at")
    document = _document_of(ref, store)
    with ExitStack() as held:
        if document is not None:
            owner = f"{seen.by.name}, resolving"
            held.enter_context(document_locks(store, document, owner=owner))
        doubts = [item for item in store.read_started() if _is_meant(item.ref, ref)]
        if not doubts:
            raise NotFoundError(f"nothing of {ref} is in doubt", hint="see: status")
        last = {item.ref: item for item in doubts}
        known = {
            item.ref: _checked(item, targets[item.target], seen)
            for item in last.values()
            if item.verb == "create"
        }
        store.commit(
            StoreChange(
                links=tuple(_links(last, known) if seen.there else ()),
                settled=tuple(item.op_id for item in doubts),
                events=tuple(_events(last, known, seen, document, clock)),
            )
        )
        return tuple(sorted(last))


def _links(
    last: Mapping[Ref, StartedOperation], known: Mapping[Ref, str]
) -> Iterator[CrosswalkRow]:
    for ref, target_id in known.items():
        item = last[ref]
        yield CrosswalkRow(ref=ref, target_id=target_id, base=item.fields, scope=item.scope)


def _events(
    last: Mapping[Ref, StartedOperation],
    known: Mapping[Ref, str],
    seen: Sighting,
    document: Approval | None,
    clock: Clock,
) -> Iterator[Event]:
    """One line for each record, and the same for its document, so that both stories have it."""
    for ref, item in sorted(last.items()):
        for name in (ref, *([document.ref] if document else [])):
            yield Event(
                at=clock.now(),
                action="resolved",
                ref=name,
                op_id=item.op_id,
                actor=seen.by.name,
                detail={
                    "record": str(ref),
                    "there": seen.there,
                    "target_id": known.get(ref) if seen.there else None,
                    "why": [seen.why],
                },
            )


def _is_meant(name: Ref, ref: Ref) -> bool:
    parts = WRITTEN.get(ref.kind)
    if parts is None:
        return name == ref
    return name.kind in (*parts.records, *parts.marks) and belongs(name, ref, parts)


def _document_of(ref: Ref, store: StateStore) -> Approval | None:
    found = store.read_approvals()
    return next((item for item in found if item.ref == ref or _holds(item.ref, ref)), None)


def _holds(document: Ref, name: Ref) -> bool:
    parts = WRITTEN.get(document.kind)
    known = parts is not None and name.kind in (*parts.records, *parts.marks)
    return parts is not None and known and belongs(name, document, parts)


def _checked(item: StartedOperation, target: Target, seen: Sighting) -> str:
    """The record's id as far as it is known, unless the system can be read and says otherwise."""
    probe = _probed(item, target)
    if probe is not None and probe.found is not None and probe.found is not seen.there:
        has = "has it" if probe.found else "does not have it"
        raise ConflictError(
            f"{item.ref}: {item.target} was read and {has}",
            path=str(item.ref),
            hint="run apply: it looks by itself",
        )
    found = seen.target_id or (probe.target_id if probe else None) or ""
    if seen.there and not found:
        raise RefusedError(
            f"which record {item.ref} is, is not known", hint="give its id in the other system"
        )
    return found


def _probed(item: StartedOperation, target: Target) -> Probe | None:
    batch = Batch(
        kind=item.ref.kind,
        scope=item.scope,
        scope_id=None,
        items=(
            BatchItem(
                op_id=item.op_id,
                verb=item.verb,
                ref=item.ref,
                fields=item.fields,
                full=item.fields,
            ),
        ),
    )
    try:
        probes = target.probe(batch)
    except ProcoreSpectrumError:
        # It cannot be read now: that is why a person was asked.
        return None
    return next(iter(probes), None)
