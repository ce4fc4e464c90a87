"""Cost codes of projects, and the company's standard lists.

Source: Procore API reference, Cost Codes, Standard Cost Code Lists, Standard Cost Codes.
"""

from __future__ import annotations

from collections.abc import Sequence

from procore_spectrum.models.ids import (
    ProcoreCompanyId,
    ProjectId,
    StandardCostCodeListId,
    SubJobId,
)
from procore_spectrum.models.procore import (
    CostCode,
    CostCodeSyncItem,
    StandardCostCode,
    StandardCostCodeList,
    StandardCostCodeSyncItem,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, many, one, query
from procore_spectrum.procore.endpoints.syncing import SyncResult, sync_call

__all__ = [
    "create_standard_cost_code_list",
    "list_cost_codes",
    "list_standard_cost_code_lists",
    "list_standard_cost_codes",
    "sync_cost_codes",
    "sync_standard_cost_codes",
]


def list_cost_codes(
    project_id: ProjectId,
    *,
    sub_job_id: SubJobId | None = None,
    origin_id: str | None = None,
) -> PagedCall[CostCode]:
    """``GET /rest/v1.0/cost_codes``."""
    return PagedCall(
        name="list cost codes",
        path="/rest/v1.0/cost_codes",
        query=query(project_id=project_id, sub_job_id=sub_job_id, filter_origin_id=origin_id),
        parse=many(CostCode),
        per_page=V1_PAGE,
    )


def sync_cost_codes(
    project_id: ProjectId,
    updates: Sequence[CostCodeSyncItem],
    *,
    sub_job_id: SubJobId | None = None,
) -> Call[SyncResult[CostCode]]:
    """``PATCH /rest/v1.0/cost_codes/sync``: upsert up to 1,000 codes of a project.

    A parent has to exist before its children are sent.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync cost codes",
        path="/rest/v1.0/cost_codes/sync",
        model=CostCode,
        updates=updates,
        body={},
        query=query(project_id=project_id, sub_job_id=sub_job_id),
    )


def list_standard_cost_code_lists(
    company_id: ProcoreCompanyId,
) -> PagedCall[StandardCostCodeList]:
    """``GET /rest/v1.0/standard_cost_code_lists``; deprecated by Procore, but served."""
    return PagedCall(
        name="list standard cost code lists",
        path="/rest/v1.0/standard_cost_code_lists",
        query=query(company_id=company_id),
        parse=many(StandardCostCodeList),
        per_page=V1_PAGE,
    )


def create_standard_cost_code_list(
    company_id: ProcoreCompanyId, name: str
) -> Call[StandardCostCodeList]:
    """``POST /rest/v1.0/standard_cost_code_lists``; sending it twice may make two lists."""
    return Call(
        name="create standard cost code list",
        method="POST",
        path="/rest/v1.0/standard_cost_code_lists",
        body={"company_id": company_id, "standard_cost_code_list": {"name": name}},
        parse=one(StandardCostCodeList),
    )


def list_standard_cost_codes(
    company_id: ProcoreCompanyId,
    list_id: StandardCostCodeListId,
    *,
    origin_id: str | None = None,
) -> PagedCall[StandardCostCode]:
    """``GET /rest/v1.0/standard_cost_codes``."""
    return PagedCall(
        name="list standard cost codes",
        path="/rest/v1.0/standard_cost_codes",
        query=query(
            company_id=company_id,
            standard_cost_code_list_id=list_id,
            view="extended",
            filter_origin_id=origin_id,
        ),
        parse=many(StandardCostCode),
        per_page=V1_PAGE,
    )


def sync_standard_cost_codes(
    company_id: ProcoreCompanyId,
    list_id: StandardCostCodeListId,
    updates: Sequence[StandardCostCodeSyncItem],
) -> Call[SyncResult[StandardCostCode]]:
    """``PATCH /rest/v1.0/standard_cost_codes/sync``: upsert up to 1,000 codes of a list.

    Procore may answer 413 for less than that; the threshold is not documented.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync standard cost codes",
        path="/rest/v1.0/standard_cost_codes/sync",
        model=StandardCostCode,
        updates=updates,
        body={"company_id": company_id, "standard_cost_code_list_id": list_id},
        query=query(view="extended"),
    )
