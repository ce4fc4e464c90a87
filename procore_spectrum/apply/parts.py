"""What the documents of the queue consist of, and the locks that keep runs away from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import attrs

from procore_spectrum.mapping import join_key, split_key
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Approval, LockRequest, StateStore

__all__ = ["UNLINKABLE", "WRITTEN", "Parts", "belongs", "document_locks"]


@attrs.frozen(kw_only=True)
class Parts:
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


UNLINKABLE: Mapping[str, Parts] = {
    "commitment": Parts(
        proof="subcontract",
        records=("subcontract", "subcontract_line"),
        marks=("commitment_line_mark", "commitment_mark"),
    ),
    "change_order": Parts(
        proof="change_request_line",
        records=("change_request_line", "subcontract_line", "phase"),
        marks=("change_order_mark",),
        scope="change",
        scoped=("subcontract_line", "phase"),
    ),
    "budget_change": Parts(
        proof="change_request_line",
        records=("change_request_line",),
        marks=("budget_change_mark",),
        scope="budget_change",
        scoped=("change_request_line", "current_estimate"),
        lasting=("current_estimate",),
    ),
    "prime_change_order": Parts(
        proof="prime_change_request_line",
        records=("prime_change_request_line", "phase"),
        marks=("prime_change_order_mark",),
        scope="prime_change",
        scoped=("phase",),
    ),
}
"""Documents that can be unlinked."""

WRITTEN: Mapping[str, Parts] = {
    **UNLINKABLE,
    "company_export": Parts(proof="vendor", records=("vendor",), marks=()),
    "company_update": Parts(
        proof="vendor", records=("vendor",), marks=(), scope="update", scoped=("vendor",)
    ),
    "project_export": Parts(proof="job", records=("job", "phase"), marks=()),
}
"""Documents whose records are known by their keys."""


def belongs(name: Ref, ref: Ref, parts: Parts) -> bool:
    """Whether a record or mark is one of the document: ids of other kinds may be the same."""
    document, *_ = split_key(ref.key)
    key = split_key(name.key)
    if name.kind in parts.scoped:
        return key[:2] == (parts.scope, document)
    return key[0] == document


@contextmanager
def document_locks(store: StateStore, approval: Approval, *, owner: str) -> Iterator[None]:
    """Keep runs away from what a document writes, in both systems.

    Raises:
        StoreBusyError: a run is at work there.
    """
    fields = {**approval.document.fields, **approval.given}
    job = str(fields.get("job_number") or "")
    with ExitStack() as held:
        for partition in sorted({job, join_key(job)}):
            for system in ("procore", "spectrum"):
                name = f"{system}:{partition}"
                held.enter_context(store.lock(LockRequest(name=name, owner=owner)))
        yield
