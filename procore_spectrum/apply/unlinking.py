"""Taking an export back: look whether the ERP still has it, clear the marks, forget the links."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.errors import ConflictError, RefusedError
from procore_spectrum.mapping import split_key
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Batch,
    BatchItem,
    Crosswalk,
    ReadQuery,
    StateStore,
    Target,
)

__all__ = ["unlink_document"]

_RECORDS = ("subcontract", "subcontract_line", "change_request_line", "phase")
_MARKS = ("commitment_line_mark", "commitment_mark", "change_order_mark")


def unlink_document(
    ref: Ref,
    *,
    by: Person,
    why: str,
    approvals: Approvals,
    store: StateStore,
    procore: Target,
    erp: Target,
) -> Approval:
    """Forget that a document is in the ERP; its record in Procore can then be edited again.

    The ERP is read where that is possible, and refuses as long as it has the record. Where it
    cannot be read, ``why`` is the recorded confirmation that a person deleted it there. Cut
    short, it can simply be repeated.

    Raises:
        ConflictError: the ERP still has it, or it is not exported.
        RefusedError: it can neither be verified nor was it confirmed, or a mark stays.
        NotPermittedError: that person may not unlink.
    """
    approvals.get_approval(ref)
    rows = [row for kind in (*_RECORDS, *_MARKS) for row in _rows(store, kind, ref)]
    verified = _is_gone([row for row in rows if row.ref.kind in _RECORDS], ref, erp)
    if not verified and not why:
        raise RefusedError(
            f"whether the ERP still has {ref} cannot be read",
            hint="delete it there, then confirm with a reason",
        )
    _clear([row for row in rows if row.ref.kind in _MARKS], store, procore)
    names = tuple(row.ref for row in rows)
    return approvals.unlink(ref, by=by, why=why, verified=verified, rows=names)


def _rows(store: StateStore, kind: str, ref: Ref) -> Sequence[CrosswalkRow]:
    (document,) = split_key(ref.key)
    return [
        row
        for row in store.read_links(Crosswalk(kind=kind))
        if split_key(row.ref.key)[0] == document
        or split_key(row.ref.key)[:2] == ("change", document)
    ]


def _is_gone(rows: Sequence[CrosswalkRow], ref: Ref, erp: Target) -> bool:
    verified = bool(rows)
    for kind, group in groupby(rows, key=lambda row: row.ref.kind):
        if kind == "phase":
            continue  # a phase stays with its job
        reading = erp.read(ReadQuery(kind=kind))
        if not reading.complete:
            verified = False
            continue
        there = {getattr(item, "target_id", None) for item in reading.items}
        left = [row.target_id for row in group if row.target_id in there]
        if left:
            raise ConflictError(
                f"{ref} is still in Viewpoint Spectrum. Please delete it before retrying.",
                path=", ".join(left),
            )
    return verified


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
            if outcome.state == "refused":
                raise RefusedError(
                    f"the mark of {row.ref} stays in Procore",
                    violations=outcome.violations,
                    hint="clear the origin id there, then repeat",
                )
