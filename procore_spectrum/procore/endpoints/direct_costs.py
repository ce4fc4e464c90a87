"""Direct costs, their lines, and the job costs of the partners' endpoint.

Procore answers 409 while another request writes the direct costs of the same project.

Source: Procore API reference, Direct Costs and Direct Cost Line Items; documentation page
``erp-technical-guide``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from procore_spectrum.models.ids import DirectCostId, ProcoreCompanyId, ProjectId
from procore_spectrum.models.procore import (
    ContractLine,
    DirectCost,
    DirectCostLineSyncItem,
    DirectCostSyncItem,
    ErpJobCost,
    ErpJobCostInput,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, many, query
from procore_spectrum.procore.endpoints.syncing import (
    SyncResult,
    check_batch,
    read_sync,
    sync_call,
    write_all,
)

__all__ = [
    "list_direct_cost_lines",
    "list_direct_costs",
    "sync_direct_cost_lines",
    "sync_direct_costs",
    "sync_erp_job_costs",
]


def _path(project_id: ProjectId) -> str:
    return f"/rest/v1.0/projects/{project_id}/direct_costs"


def list_direct_costs(
    project_id: ProjectId, *, invoice_number: str | None = None, origin_id: str | None = None
) -> PagedCall[DirectCost]:
    """``GET …/projects/{project_id}/direct_costs``; without lines."""
    return PagedCall(
        name="list direct costs",
        path=_path(project_id),
        query=query(filter_invoice_number=invoice_number, filter_origin_id=origin_id),
        parse=many(DirectCost),
        per_page=V1_PAGE,
    )


def list_direct_cost_lines(
    project_id: ProjectId, *, direct_cost_id: DirectCostId | None = None
) -> PagedCall[ContractLine]:
    """``GET …/direct_costs/line_items``: of all direct costs of a project, or of one."""
    return PagedCall(
        name="list direct cost lines",
        path=f"{_path(project_id)}/line_items",
        query=query(filter_direct_cost_id=direct_cost_id),
        parse=many(ContractLine),
        per_page=V1_PAGE,
    )


def sync_direct_costs(
    project_id: ProjectId, updates: Sequence[DirectCostSyncItem]
) -> Call[SyncResult[DirectCost]]:
    """``PATCH …/direct_costs/sync``: upsert up to 1,000 direct costs, without lines.

    One that has neither id nor origin id is created, once more if it is sent twice.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync direct costs",
        path=f"{_path(project_id)}/sync",
        model=DirectCost,
        updates=updates,
        body={},
    )


def sync_direct_cost_lines(
    project_id: ProjectId, updates: Sequence[DirectCostLineSyncItem]
) -> Call[SyncResult[ContractLine]]:
    """``PATCH …/direct_costs/line_items/sync``: upsert up to 1,000 lines of a project.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync direct cost lines",
        path=f"{_path(project_id)}/line_items/sync",
        model=ContractLine,
        updates=updates,
        body={},
    )


def _by_pair(record: Mapping[str, Any]) -> list[Hashable]:
    """What a job cost is found by: its cost code with its cost type."""
    pair = (record.get("cost_code_id"), record.get("line_item_type_id"))
    return [] if None in pair else [tuple(map(str, pair))]


def sync_erp_job_costs(
    company_id: ProcoreCompanyId, job_origin_id: str, updates: Sequence[ErpJobCostInput]
) -> Call[SyncResult[ErpJobCost]]:
    """``PATCH /rest/v1.0/erp_job_costs/sync``: the figures of up to 1,000 pairs of one job.

    Only partners may call it. A pair that has figures gets the new ones, so the call may be
    repeated.

    Raises:
        InvalidValueError: no pair, more than 1,000, two alike, or a value that cannot be written.
    """
    sent = write_all(updates, "updates")
    check_batch(sent, _by_pair)
    return Call(
        name="sync ERP job costs",
        method="PATCH",
        path="/rest/v1.0/erp_job_costs/sync",
        body={"company_id": company_id, "job_origin_id": job_origin_id, "updates": sent},
        parse=lambda data, _: read_sync(ErpJobCost, sent, data, _by_pair),
        repeatable=True,
    )
