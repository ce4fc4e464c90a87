"""Taking an export back: look whether the ERP still has it, clear the marks, forget the links."""

from __future__ import annotations

from collections.abc import Sequence

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.apply.parts import UNLINKABLE, Parts, belongs, document_locks
from procore_spectrum.errors import ConflictError, NotPermittedError, RefusedError
from procore_spectrum.mapping import split_key
from procore_spectrum.plan.approvals import Event, next_state
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import same
from procore_spectrum.ports import (
    Approval,
    Batch,
    BatchItem,
    Crosswalk,
    StateStore,
    StoreChange,
    Target,
)

__all__ = ["unlink_document"]


def unlink_document(
    ref: Ref,
    *,
    by: Person,
    why: str,
    approvals: Approvals,
    store: StateStore,
    procore: Target,
    erp: Target,
    reset: bool = False,
) -> Approval:
    """Forget that a document is in the ERP; its record in Procore can then be edited again.

    The ERP is read where that is possible, and refuses as long as it has the record. Where it
    cannot be read, ``why`` is the recorded confirmation that a person deleted it there. A
    ``reset`` does not look, and so always needs the reason. Cut short, either can be repeated.

    Raises:
        ConflictError: the ERP still has it, it is not exported, or changes of it are.
        StoreBusyError: a run is at work on its job.
        RefusedError: it can neither be verified nor was it confirmed, a mark stays, or it is a
            vendor, a job, an estimate or a projection, which the ERP does not delete.
        NotPermittedError: that person may not unlink.
    """
    parts = UNLINKABLE.get(ref.kind)
    approval = approvals.get_approval(ref)
    if parts is None:
        raise RefusedError(
            f"{ref} cannot be unlinked",
            hint="vendors, jobs, estimates and projections stay in Spectrum",
        )
    _check(approval, by)
    with document_locks(store, approval, owner=f"{by.name}, unlinking"):
        return _unlink(
            ref,
            by=by,
            why=why,
            parts=parts,
            approvals=approvals,
            store=store,
            procore=procore,
            erp=erp,
            reset=reset,
        )


def _unlink(
    ref: Ref,
    *,
    by: Person,
    why: str,
    parts: Parts,
    approvals: Approvals,
    store: StateStore,
    procore: Target,
    erp: Target,
    reset: bool,
) -> Approval:
    if any(_rows(store, kind, ref, parts) for kind in parts.lasting):
        raise RefusedError(
            f"{ref} cannot be unlinked", hint="estimates stay in Spectrum; make another change"
        )
    _check_changes(ref, store)
    rows = [row for kind in parts.records for row in _rows(store, kind, ref, parts)]
    marks = [row for kind in parts.marks for row in _rows(store, kind, ref, parts)]
    proof = [row for row in rows if row.ref.kind == parts.proof]
    verified = not reset and _is_gone(proof, ref, erp)
    if not verified and not why:
        raise RefusedError(
            f"whether the ERP still has {ref} cannot be read",
            hint="delete it there, then confirm with a reason",
        )
    _clear(marks, store, procore)
    _forget_doubts(store, ref, parts)
    names = tuple(row.ref for row in (*rows, *marks))
    return approvals.unlink(ref, by=by, why=why, verified=verified, rows=names)


def _check(approval: Approval, by: Person) -> None:
    """Refuse before anything is touched what the queue would refuse in the end."""
    role = next_state(approval.state, Event.UNLINK).role
    if role not in by.roles:
        raise NotPermittedError(
            f"{by.name} may not unlink {approval.ref}",
            hint=f"ask somebody with the role {role.value}",
        )


def _check_changes(ref: Ref, store: StateStore) -> None:
    """Refuse to forget a subcontract that exported change orders name."""
    if ref.kind != "commitment":
        return
    header = store.read_link(Ref("subcontract", ref.key))
    if header is None or same(header.base.get("subcontract_number"), None):
        return
    key = [header.base.get(name) for name in ("vendor_code", "subcontract_number")]
    names = ("subcontractor_code", "subcontract_number")
    lines = store.read_links(Crosswalk(kind="change_request_line"))
    changes = sorted(
        {
            split_key(line.ref.key)[0]
            for line in lines
            if all(same(line.base.get(name), value) for name, value in zip(names, key, strict=True))
        }
    )
    if changes:
        raise ConflictError(
            f"change orders of {ref} are exported: {', '.join(changes)}",
            path=str(ref),
            hint="unlink them first; they name its subcontract",
        )


def _rows(store: StateStore, kind: str, ref: Ref, parts: Parts) -> Sequence[CrosswalkRow]:
    rows = store.read_links(Crosswalk(kind=kind))
    return [row for row in rows if belongs(row.ref, ref, parts)]


def _forget_doubts(store: StateStore, ref: Ref, parts: Parts) -> None:
    """What was sent without an answer is as gone as the rest."""
    ids = tuple(
        doubt.op_id
        for doubt in store.read_started()
        if doubt.ref.kind in (*parts.records, *parts.marks) and belongs(doubt.ref, ref, parts)
    )
    if ids:
        store.commit(StoreChange(settled=ids))


def _is_gone(rows: Sequence[CrosswalkRow], ref: Ref, erp: Target) -> bool:
    """Whether all of these records were looked for in the ERP and are not there."""
    items = tuple(
        BatchItem(
            op_id=f"look for {row.ref}",
            verb="unlink",
            ref=row.ref,
            fields={},
            full=row.base,
            target_id=row.target_id,
        )
        for row in rows
    )
    if not items:
        return False
    probes = erp.probe(Batch(kind=rows[0].ref.kind, scope_id=None, items=items))
    left = [probe.target_id or probe.op_id for probe in probes if probe.found]
    if left:
        raise ConflictError(
            f"{ref} is still in Viewpoint Spectrum. Please delete it before retrying.",
            path=", ".join(left),
        )
    found = {probe.op_id: probe.found for probe in probes}
    return all(found.get(item.op_id) is False for item in items)


def _clear(rows: Sequence[CrosswalkRow], store: StateStore, procore: Target) -> None:
    marks = {row.ref: row for row in rows}
    for row in rows:
        scope = store.read_link(row.scope) if row.scope else None
        (document, *_) = split_key(row.ref.key)
        parent = marks.get(Ref("commitment_mark", document))
        item = BatchItem(
            op_id=f"unlink {row.ref}",
            verb="unlink",
            ref=row.ref,
            fields={"origin_id": None},
            full=row.base,
            target_id=row.target_id,
            parent_id=parent.target_id if parent and row is not parent else None,
        )
        batch = Batch(
            kind=row.ref.kind,
            scope=row.scope,
            scope_id=scope.target_id if scope else None,
            items=(item,),
        )
        for outcome in procore.write(batch):
            # What somebody deleted in Procore has no mark that could stay.
            if any(fault.code == "not_found" for fault in outcome.violations):
                continue
            if outcome.state not in {"done", "unchanged"}:
                raise RefusedError(
                    f"the mark of {row.ref} stays in Procore",
                    violations=outcome.violations,
                    hint="clear the origin id there, then repeat",
                )
