"""Taking an export back: look whether the ERP still has it, clear the marks, forget the links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.errors import ConflictError, NotPermittedError, RefusedError
from procore_spectrum.mapping import split_key
from procore_spectrum.plan.approvals import Event, next_state
from procore_spectrum.plan.records import CrosswalkRow, Ref
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


@attrs.frozen(kw_only=True)
class _Parts:
    """What a document consists of, by kinds.

    Args:
        proof: the records that tell whether the ERP still has the document. Others either go
            with these, or stay with the job or subcontract that they belong to.
        records: all records in the ERP.
        marks: the marks in Procore, in the order of clearing.
        scope: what the keys of its records may begin with instead of the document's own.
        scoped: the kinds whose keys do.
        lasting: records that nobody can delete in the ERP; a document with one stays.
    """

    proof: str
    records: tuple[str, ...]
    marks: tuple[str, ...]
    scope: str = ""
    scoped: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()


_PARTS: Mapping[str, _Parts] = {
    "commitment": _Parts(
        proof="subcontract",
        records=("subcontract", "subcontract_line"),
        marks=("commitment_line_mark", "commitment_mark"),
    ),
    "change_order": _Parts(
        proof="change_request_line",
        records=("change_request_line", "subcontract_line", "phase"),
        marks=("change_order_mark",),
        scope="change",
        scoped=("subcontract_line", "phase"),
    ),
    "budget_change": _Parts(
        proof="change_request_line",
        records=("change_request_line",),
        marks=("budget_change_mark",),
        scope="budget_change",
        scoped=("change_request_line", "current_estimate"),
        lasting=("current_estimate",),
    ),
    "prime_change_order": _Parts(
        proof="prime_change_request_line",
        records=("prime_change_request_line", "phase"),
        marks=("prime_change_order_mark",),
        scope="prime_change",
    ),
}


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
        ConflictError: the ERP still has it, or it is not exported.
        RefusedError: it can neither be verified nor was it confirmed, a mark stays, or it is a
            vendor, a job, an estimate or a projection, which the ERP does not delete.
        NotPermittedError: that person may not unlink.
    """
    parts = _PARTS.get(ref.kind)
    approval = approvals.get_approval(ref)
    if parts is None:
        raise RefusedError(
            f"{ref} cannot be unlinked",
            hint="vendors, jobs, estimates and projections stay in Spectrum",
        )
    _check(approval, by)
    if any(_rows(store, kind, ref, parts) for kind in parts.lasting):
        raise RefusedError(
            f"{ref} cannot be unlinked", hint="estimates stay in Spectrum; make another change"
        )
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


def _belongs(name: Ref, ref: Ref, parts: _Parts) -> bool:
    """Whether a record or mark is one of the document: ids of other kinds may be the same."""
    document, *_ = split_key(ref.key)
    key = split_key(name.key)
    if name.kind in parts.scoped:
        return key[:2] == (parts.scope, document)
    return key[0] == document


def _rows(store: StateStore, kind: str, ref: Ref, parts: _Parts) -> Sequence[CrosswalkRow]:
    rows = store.read_links(Crosswalk(kind=kind))
    return [row for row in rows if _belongs(row.ref, ref, parts)]


def _forget_doubts(store: StateStore, ref: Ref, parts: _Parts) -> None:
    """What was sent without an answer is as gone as the rest."""
    ids = tuple(
        doubt.op_id
        for doubt in store.read_started()
        if doubt.ref.kind in (*parts.records, *parts.marks) and _belongs(doubt.ref, ref, parts)
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
            # A line that somebody deleted in Procore has no mark that could stay.
            line = row.ref.kind == "commitment_line_mark"
            if line and any(fault.code == "not_found" for fault in outcome.violations):
                continue
            if outcome.state not in {"done", "unchanged"}:
                raise RefusedError(
                    f"the mark of {row.ref} stays in Procore",
                    violations=outcome.violations,
                    hint="clear the origin id there, then repeat",
                )
