"""Job costs in Procore: direct costs with their lines, and the partners' job costs.

================== ================================== ======================================
kind               items read                         written by
================== ================================== ======================================
direct_cost        DirectCost with its lines          …/direct_costs/sync
direct_cost_line   ContractLine, of all direct costs  …/direct_costs/line_items/sync
erp_job_cost       (write only)                       erp_job_costs/sync, for partners only
================== ================================== ======================================

A direct cost without origin id is found by its invoice number; one with an origin id cannot be
edited by people, and perhaps not by us. A new line names its direct cost by the ``parent``.

Procore answers 409 while somebody else writes the direct costs of the project. Nothing was
written then, so those records are ``failed`` and the next run repeats them.

Source: Procore API reference, Direct Costs; documentation pages ``using-sync-actions`` and
``erp-technical-guide``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from procore_spectrum.errors import ConflictError, InvalidValueError, RefusedError, Violation
from procore_spectrum.models import procore
from procore_spectrum.models.ids import ProcoreCompanyId, ProjectId
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import Batch, BatchItem, Capabilities, ItemOutcome, Probe
from procore_spectrum.procore.batches import (
    build,
    outcome_of,
    refused_by,
    send_apart,
    send_write,
    whole_number,
)
from procore_spectrum.procore.calls import PagedCall
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.endpoints import direct_costs
from procore_spectrum.procore.endpoints.syncing import SYNC_LIMIT, SyncedItem

__all__ = ["DIRECT_COST_FILTERS", "DirectCosts"]

#: The kinds that are served here, with the filters of those that can be read.
DIRECT_COST_FILTERS: Mapping[str, frozenset[str]] = {
    "direct_cost": frozenset({"invoice_number", "origin_id"}),
    "direct_cost_line": frozenset({"direct_cost_id"}),
    "erp_job_cost": frozenset(),
}

_Answer: TypeAlias = SyncedItem[Any] | RefusedError | ConflictError

_PAIR = ("cost_code_id", "line_item_type_id")
_MODELS: Mapping[str, Any] = {
    "direct_cost": procore.DirectCostSyncItem,
    "direct_cost_line": procore.DirectCostLineSyncItem,
    "erp_job_cost": procore.ErpJobCostInput,
}


class DirectCosts:
    """Reads and writes the job costs of one company.

    Args:
        client: sends the calls.
    """

    def __init__(self, client: ProcoreClient) -> None:
        self._client = client
        self._company = ProcoreCompanyId(client.company_id)

    def capabilities(self, kind: str, read_lag: float) -> Capabilities:
        """What can be done with that kind."""
        upsert = kind != "direct_cost"
        return Capabilities(
            batch=SYNC_LIMIT,
            write="upsert" if upsert else "create",
            probe=kind != "erp_job_cost",
            read_lag=read_lag,
        )

    # ------------------------------------------------------------ reading

    def read(
        self, kind: str, project_id: ProjectId, filters: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], int]:
        """The records and the number of requests; lines are only asked for if there are any."""
        if kind == "direct_cost_line":
            return self._all(direct_costs.list_direct_cost_lines(project_id, **filters))
        found, first = self._all(direct_costs.list_direct_costs(project_id, **filters))
        if not found:
            return (), first
        # Procore takes one id in the filter, so lines of several are listed together.
        only = found[0].id if len(found) == 1 else None
        lines, second = self._all(
            direct_costs.list_direct_cost_lines(project_id, direct_cost_id=only)
        )
        held: dict[int | None, list[procore.ContractLine]] = {}
        for line in lines:
            held.setdefault(line.holder.id if line.holder else None, []).append(line)
        whole = (attrs.evolve(cost, line_items=tuple(held.get(cost.id, ()))) for cost in found)
        return tuple(whole), first + second

    def _all(self, call: PagedCall[Any]) -> tuple[tuple[Any, ...], int]:
        pages = list(self._client.pages(call))
        return tuple(item for page in pages for item in page), len(pages)

    # ------------------------------------------------------------ writing

    def write(self, batch: Batch, project_id: ProjectId) -> list[ItemOutcome]:
        """Send the batch and say what became of each record.

        Raises:
            OutcomeUnknownError: it may have been carried out.
            ProcoreSpectrumError: as :meth:`ProcoreClient.send`.
        """
        outcomes: dict[str, ItemOutcome] = {}
        records: dict[str, Any] = {}
        for item in batch.items:
            try:
                records[item.op_id] = build(_MODELS[batch.kind], _values(batch.kind, item))
            except InvalidValueError as error:
                outcomes[item.op_id] = refused_by(item, error)
        answers = dict(zip(records, self._send(batch, project_id, records), strict=True))
        for item in batch.items:
            if item.op_id in answers:
                record = records[item.op_id]
                outcomes[item.op_id] = _outcome(batch.kind, item, answers[item.op_id], record)
        return [outcomes[item.op_id] for item in batch.items]

    def _send(
        self, batch: Batch, project_id: ProjectId, records: Mapping[str, Any]
    ) -> list[_Answer]:
        job = next((item.full.get("job_origin_id") for item in batch.items), None)

        def send(part: Sequence[Any]) -> Sequence[_Answer]:
            call: Any
            if batch.kind == "direct_cost":
                call = direct_costs.sync_direct_costs(project_id, part)
            elif batch.kind == "direct_cost_line":
                call = direct_costs.sync_direct_cost_lines(project_id, part)
            else:
                call = direct_costs.sync_erp_job_costs(self._company, str(job or ""), part)
            try:
                answered: Sequence[_Answer] = send_write(self._client, call).items
            except ConflictError as error:
                return [error] * len(part)
            return answered

        return send_apart(list(records.values()), send)

    # ------------------------------------------------------------ probing

    def probe(self, batch: Batch, project_id: ProjectId) -> list[Probe]:
        """Look up direct costs by origin id or invoice number, and lines by origin id."""
        if batch.kind == "erp_job_cost":
            return [Probe(op_id=item.op_id, found=None) for item in batch.items]
        found, _ = self.read(batch.kind, project_id, {})
        return [_probed(item, found) for item in batch.items]


def _probed(item: BatchItem, found: Sequence[Any]) -> Probe:
    """An origin id decides where there is one; else the invoice number, if only one has it."""
    for name in ("origin_id", "invoice_number"):
        wanted = item.full.get(name)
        if not wanted:
            continue
        same = [record for record in found if getattr(record, name, None) == wanted]
        if len(same) == 1:
            return Probe(op_id=item.op_id, found=True, target_id=str(same[0].id))
        return Probe(op_id=item.op_id, found=None if same else False)
    return Probe(op_id=item.op_id, found=None)


# ---------------------------------------------------------------- what is sent


def _values(kind: str, item: BatchItem) -> Fields:
    """The values to send for one record.

    Raises:
        InvalidValueError: the record cannot be identified, or nothing can do what is asked for.
    """
    if item.verb not in {"create", "update", "link"}:
        raise InvalidValueError(f"Procore cannot {item.verb} this kind of record")
    if kind == "erp_job_cost":
        # The pair names the record, so it is part of every request.
        return {**_pair(item), **_without(item.fields, (*_PAIR, "job_origin_id"))}
    if item.verb != "create":
        fields = {**_repeated(kind, item), **item.fields}
        return {**fields, "id": whole_number(item.target_id, "target_id")}
    if kind == "direct_cost":
        return item.fields
    if not item.fields.get("origin_id"):
        raise InvalidValueError("a new record needs an origin id", path="origin_id")
    return {**item.fields, "direct_cost_id": whole_number(item.parent_id, "direct_cost_id")}


def _repeated(kind: str, item: BatchItem) -> Fields:
    """A quantity that is sent alone would have Procore calculate the amount from it."""
    if kind != "direct_cost_line" or "quantity" not in item.fields:
        return {}
    names = ("amount", "extended_type")
    return {name: item.full[name] for name in names if name in item.full}


def _pair(item: BatchItem) -> Fields:
    if item.target_id is not None:
        return dict(zip(_PAIR, item.target_id.split("/"), strict=False))
    return {name: item.fields[name] for name in _PAIR if name in item.fields}


def _without(fields: Fields, names: Sequence[str]) -> Fields:
    return {name: value for name, value in fields.items() if name not in names}


def _outcome(kind: str, item: BatchItem, answer: _Answer, record: Any) -> ItemOutcome:
    if isinstance(answer, ConflictError):
        return _busy(item, answer)
    if isinstance(answer, RefusedError):
        return refused_by(item, answer)
    if kind == "erp_job_cost" and answer.entity is not None:
        # What the answer holds is not documented well enough to be taken for the record's name.
        pair = f"{record.cost_code_id}/{record.line_item_type_id}"
        return ItemOutcome(op_id=item.op_id, state="done", target_id=pair)
    return outcome_of(item, answer, record)


def _busy(item: BatchItem, error: ConflictError) -> ItemOutcome:
    busy = Violation(
        code="procore_busy",
        message=f"somebody else is writing the direct costs of the project: {error.message}",
        hint="nothing was written; the next run repeats it",
    )
    return ItemOutcome(op_id=item.op_id, state="failed", violations=(busy,))
