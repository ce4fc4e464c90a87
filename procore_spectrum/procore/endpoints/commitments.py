"""Commitments: subcontracts (work order contracts) and purchase orders, with their lines.

Both kinds have the same endpoints under different names.

Source: Procore API reference, Work Order Contracts, Purchase Order Contracts, their Line Items,
and Commitments (versions 1.0 and 2.0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import attrs

from procore_spectrum.models.ids import CommitmentId, ContractLineId, ProcoreCompanyId, ProjectId
from procore_spectrum.models.procore import (
    UNSET,
    Commitment,
    CommitmentContractV2,
    CommitmentKind,
    CommitmentListItem,
    CommitmentSyncItem,
    ContractLine,
    LineItemInput,
    LineItemV2,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.convert import read_many, read_one, to_json
from procore_spectrum.procore.endpoints.parameters import (
    V1_PAGE,
    V2_PAGE,
    Between,
    enveloped,
    many,
    one,
    query,
)
from procore_spectrum.procore.endpoints.syncing import SyncedItem, SyncResult, sync_call
from procore_spectrum.wire.messages import Response

__all__ = [
    "get_commitment",
    "list_commitment_contracts_v2",
    "list_commitment_lines",
    "list_commitment_lines_v2",
    "list_commitments",
    "list_commitments_of_both_kinds",
    "mark_commitment",
    "sync_commitments",
    "update_commitment_line",
]

_NAMES: Mapping[CommitmentKind, str] = {
    "work_order": "work_order_contract",
    "purchase_order": "purchase_order_contract",
}

_TYPES: Mapping[CommitmentKind, str] = {
    "work_order": "WorkOrderContract",
    "purchase_order": "PurchaseOrderContract",
}


def _path(kind: CommitmentKind) -> str:
    return f"/rest/v1.0/{_NAMES[kind]}s"


def _spoken(kind: CommitmentKind) -> str:
    return _NAMES[kind].replace("_", " ")


# ---------------------------------------------------------------- contracts


def list_commitments(
    kind: CommitmentKind,
    project_id: ProjectId,
    *,
    status: str | None = None,
    ids: Sequence[CommitmentId] | None = None,
    origin_id: str | None = None,
    updated_at: Between | None = None,
    deleted: Literal["only", "with"] | None = None,
) -> PagedCall[Commitment]:
    """``GET /rest/v1.0/work_order_contracts`` or ``…/purchase_order_contracts``; no lines.

    Args:
        kind: which of the two.
        project_id: the project.
        status: only contracts in this state.
        ids: only these contracts.
        origin_id: only the contract with this key.
        updated_at: only contracts changed in this span.
        deleted: deleted contracts only, or with the others.
    """
    return PagedCall(
        name=f"list {_spoken(kind)}s",
        path=_path(kind),
        query=query(
            project_id=project_id,
            view="extended",
            filter_id=ids,
            filter_status=status,
            filter_origin_id=origin_id,
            filter_updated_at=updated_at,
            filter_include_deleted=deleted,
        ),
        parse=lambda data, _: [_of(kind, found) for found in read_many(Commitment, _evened(data))],
        per_page=V1_PAGE,
    )


def get_commitment(
    kind: CommitmentKind, project_id: ProjectId, commitment_id: CommitmentId
) -> Call[Commitment]:
    """``GET /rest/v1.0/work_order_contracts/{id}`` or its twin, with lines and payments."""
    return Call(
        name=f"get {_spoken(kind)}",
        path=f"{_path(kind)}/{commitment_id}",
        query=query(project_id=project_id),
        parse=_one_of(kind),
    )


def sync_commitments(
    kind: CommitmentKind, project_id: ProjectId, updates: Sequence[CommitmentSyncItem]
) -> Call[SyncResult[Commitment]]:
    """``PATCH /rest/v1.0/work_order_contracts/sync`` or its twin: up to 1,000 contracts.

    The documented items of purchase orders have no ``id``. Should Procore ignore it there, an
    unknown origin id would make a new purchase order; :func:`mark_commitment` cannot.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    call = sync_call(
        name=f"sync {_spoken(kind)}s",
        path=f"{_path(kind)}/sync",
        model=Commitment,
        updates=updates,
        body={"project_id": project_id},
        amounts="text",
    )

    def parse(data: Any, response: Response) -> SyncResult[Commitment]:
        return SyncResult(items=tuple(_synced(kind, i) for i in call.parse(data, response).items))

    return attrs.evolve(call, parse=parse)


def mark_commitment(
    kind: CommitmentKind, project_id: ProjectId, mark: CommitmentSyncItem
) -> Call[Commitment]:
    """``PATCH /rest/v1.0/work_order_contracts/{id}`` or its twin: set the origin fields only."""
    values = attrs.evolve(mark, id=UNSET)
    return Call(
        name=f"mark {_spoken(kind)}",
        method="PATCH",
        path=f"{_path(kind)}/{mark.id}",
        body={"project_id": project_id, _NAMES[kind]: to_json(values, amounts="text")},
        parse=_one_of(kind),
        repeatable=True,
    )


def _of(kind: CommitmentKind, found: Commitment) -> Commitment:
    return attrs.evolve(found, kind=kind)


def _one_of(kind: CommitmentKind) -> Callable[[Any, Response], Commitment]:
    return lambda data, _: _of(kind, read_one(Commitment, _evened_one(data)))


def _synced(kind: CommitmentKind, item: SyncedItem[Commitment]) -> SyncedItem[Commitment]:
    return item if item.entity is None else attrs.evolve(item, entity=_of(kind, item.entity))


def _evened(data: Any) -> Any:
    return [_evened_one(row) for row in data] if isinstance(data, list) else data


def _evened_one(data: Any) -> Any:
    """The answer with plain lists where Procore documents lists of lists, or a bare object."""
    if not isinstance(data, dict):
        return data
    evened = dict(data)
    for key in ("change_order_requests", "potential_change_orders"):
        rows = evened.get(key)
        if isinstance(rows, list):
            nested = [row if isinstance(row, list) else [row] for row in rows]
            evened[key] = [row for part in nested for row in part]
    if isinstance(evened.get("attachments"), dict):
        evened["attachments"] = [evened["attachments"]]
    return evened


# ---------------------------------------------------------------- lines


def list_commitment_lines(
    kind: CommitmentKind, project_id: ProjectId, commitment_id: CommitmentId
) -> PagedCall[ContractLine]:
    """``GET /rest/v1.0/work_order_contracts/{id}/line_items`` or its twin."""
    return PagedCall(
        name=f"list lines of {_spoken(kind)}",
        path=f"{_path(kind)}/{commitment_id}/line_items",
        query=query(project_id=project_id),
        parse=many(ContractLine),
        per_page=V1_PAGE,
    )


def update_commitment_line(
    kind: CommitmentKind,
    project_id: ProjectId,
    commitment_id: CommitmentId,
    line_id: ContractLineId,
    values: LineItemInput,
) -> Call[ContractLine]:
    """``PATCH /rest/v1.0/work_order_contracts/{id}/line_items/{line_id}`` or its twin.

    The sync of lines takes no id, so that a line gets its first origin id only this way.

    Raises:
        InvalidValueError: a value is not of its field's type.
    """
    return Call(
        name=f"update line of {_spoken(kind)}",
        method="PATCH",
        path=f"{_path(kind)}/{commitment_id}/line_items/{line_id}",
        body={"project_id": project_id, "line_item": to_json(values, amounts="text")},
        parse=one(ContractLine),
        repeatable=True,
    )


# ---------------------------------------------------------------- both kinds at once, read only


def list_commitments_of_both_kinds(project_id: ProjectId) -> PagedCall[CommitmentListItem]:
    """``GET /rest/v1.0/commitments``: few fields, and not which kind a contract is of."""
    return PagedCall(
        name="list commitments",
        path="/rest/v1.0/commitments",
        query=query(project_id=project_id),
        parse=many(CommitmentListItem),
        per_page=V1_PAGE,
    )


def list_commitment_contracts_v2(
    company_id: ProcoreCompanyId,
    project_id: ProjectId,
    *,
    kind: CommitmentKind | None = None,
    status: str | None = None,
) -> PagedCall[CommitmentContractV2]:
    """``GET /rest/v2.0/…/commitment_contracts``; 404 may mean that the tool is switched off."""
    return PagedCall(
        name="list commitment contracts",
        path=f"/rest/v2.0/companies/{company_id}/projects/{project_id}/commitment_contracts",
        query=query(view="extended", filter_type=kind and _TYPES[kind], filter_status=status),
        parse=enveloped(CommitmentContractV2),
        per_page=V2_PAGE,
    )


def list_commitment_lines_v2(
    company_id: ProcoreCompanyId, project_id: ProjectId, commitment_id: CommitmentId
) -> PagedCall[LineItemV2]:
    """``GET /rest/v2.0/…/commitment_contracts/{id}/line_items``."""
    return PagedCall(
        name="list lines of commitment contract",
        path=(
            f"/rest/v2.0/companies/{company_id}/projects/{project_id}"
            f"/commitment_contracts/{commitment_id}/line_items"
        ),
        parse=enveloped(LineItemV2),
        per_page=V2_PAGE,
    )
