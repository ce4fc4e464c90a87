"""The work breakdown structure of companies and projects.

Source: Procore API reference, Work Breakdown Structure; documentation page ``tutorial-wbs``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.models.ids import ProcoreCompanyId, ProjectId, WbsCodeId, WbsSegmentId
from procore_spectrum.models.procore import (
    WbsCode,
    WbsCodeBulkItem,
    WbsPattern,
    WbsSegment,
    WbsSegmentItem,
    WbsStatus,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.endpoints.parameters import (
    V1_PAGE,
    Between,
    many,
    nothing,
    one,
    query,
)
from procore_spectrum.procore.endpoints.syncing import (
    SyncResult,
    check_batch,
    read_sync,
    write_all,
)

__all__ = [
    "bulk_create_wbs_codes",
    "get_company_wbs_pattern",
    "get_project_wbs_pattern",
    "list_company_wbs_segment_items",
    "list_company_wbs_segments",
    "list_project_wbs_segment_items",
    "list_project_wbs_segments",
    "list_wbs_codes",
    "update_wbs_code_status",
]


def _company(company_id: ProcoreCompanyId) -> str:
    return f"/rest/v1.0/companies/{company_id}/work_breakdown_structure"


def _project(project_id: ProjectId) -> str:
    return f"/rest/v1.0/projects/{project_id}/work_breakdown_structure"


def get_company_wbs_pattern(company_id: ProcoreCompanyId) -> Call[WbsPattern]:
    """``GET …/companies/{company_id}/work_breakdown_structure/patterns``."""
    path = f"{_company(company_id)}/patterns"
    return Call(name="get company WBS pattern", path=path, parse=one(WbsPattern))


def get_project_wbs_pattern(project_id: ProjectId) -> Call[WbsPattern]:
    """``GET …/projects/{project_id}/work_breakdown_structure/patterns``."""
    path = f"{_project(project_id)}/patterns"
    return Call(name="get project WBS pattern", path=path, parse=one(WbsPattern))


def list_company_wbs_segments(company_id: ProcoreCompanyId) -> Call[list[WbsSegment]]:
    """``GET …/companies/{company_id}/work_breakdown_structure/segments``; not paged."""
    path = f"{_company(company_id)}/segments"
    return Call(name="list company WBS segments", path=path, parse=many(WbsSegment))


def list_project_wbs_segments(project_id: ProjectId) -> Call[list[WbsSegment]]:
    """``GET …/projects/{project_id}/work_breakdown_structure/segments``; not paged."""
    path = f"{_project(project_id)}/segments"
    return Call(name="list project WBS segments", path=path, parse=many(WbsSegment))


def list_company_wbs_segment_items(
    company_id: ProcoreCompanyId, segment_id: WbsSegmentId
) -> PagedCall[WbsSegmentItem]:
    """``GET …/companies/{company_id}/…/segments/{segment_id}/segment_items``."""
    return PagedCall(
        name="list company WBS segment items",
        path=f"{_company(company_id)}/segments/{segment_id}/segment_items",
        parse=many(WbsSegmentItem),
        per_page=V1_PAGE,
    )


def list_project_wbs_segment_items(
    project_id: ProjectId, segment_id: WbsSegmentId, *, only_active: bool = False
) -> PagedCall[WbsSegmentItem]:
    """``GET …/projects/{project_id}/…/segments/{segment_id}/segment_items``."""
    return PagedCall(
        name="list project WBS segment items",
        path=f"{_project(project_id)}/segments/{segment_id}/segment_items",
        query=query(only_active_items=only_active or None),
        parse=many(WbsSegmentItem),
        per_page=V1_PAGE,
    )


def list_wbs_codes(
    project_id: ProjectId,
    *,
    status: WbsStatus | None = None,
    scope: Literal["budget_code", "production_quantity_code"] | None = None,
    updated_at: Between | None = None,
) -> PagedCall[WbsCode]:
    """``GET …/projects/{project_id}/work_breakdown_structure/wbs_codes``."""
    return PagedCall(
        name="list WBS codes",
        path=f"{_project(project_id)}/wbs_codes",
        query=query(
            filter_status=None if status is None else (status,),
            filter_updated_at=updated_at,
            scope=scope,
        ),
        parse=many(WbsCode),
        per_page=V1_PAGE,
    )


def _by_combination(record: Mapping[str, Any]) -> list[Hashable]:
    """A code's only name: its segment items, spelled differently in requests and answers."""
    items = record.get("segment_items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return []
    return [frozenset(str(item.get("segment_item_id", item.get("id"))) for item in items)]


def bulk_create_wbs_codes(
    project_id: ProjectId, codes: Sequence[WbsCodeBulkItem]
) -> Call[SyncResult[WbsCode]]:
    """``PATCH …/wbs_codes/bulk_create``: upsert codes by their combination.

    A code whose combination exists gets the new description, so the call may be repeated. The
    size limit is not documented; the limit of sync endpoints is applied.

    Raises:
        InvalidValueError: no code, more than 1,000, or two with the same combination.
    """
    sent = write_all(codes, "bulk")
    check_batch(sent, _by_combination)
    return Call(
        name="bulk create WBS codes",
        method="PATCH",
        path=f"{_project(project_id)}/wbs_codes/bulk_create",
        body={"bulk": sent},
        parse=lambda data, _: read_sync(WbsCode, sent, data, _by_combination),
        repeatable=True,
    )


def update_wbs_code_status(
    project_id: ProjectId, ids: Sequence[WbsCodeId], status: WbsStatus
) -> Call[None]:
    """``PATCH …/wbs_codes/update_all``: switch codes on or off; answers 204.

    Raises:
        InvalidValueError: no code is given.
    """
    if not ids:
        raise InvalidValueError("at least one code is needed", path="ids")
    return Call(
        name="update status of WBS codes",
        method="PATCH",
        path=f"{_project(project_id)}/wbs_codes/update_all",
        body={"ids": list(ids), "attributes": {"status": status}},
        parse=nothing,
        repeatable=True,
    )
