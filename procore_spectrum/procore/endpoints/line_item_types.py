"""Line item types, which users know as cost types or categories.

Source: Procore API reference, Line Item Types.
"""

from __future__ import annotations

from collections.abc import Sequence

from procore_spectrum.models.ids import ProcoreCompanyId, ProjectId
from procore_spectrum.models.procore import LineItemType, LineItemTypeSyncItem
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, many, query
from procore_spectrum.procore.endpoints.syncing import SyncResult, sync_call

__all__ = ["list_line_item_types", "sync_line_item_types"]


def list_line_item_types(
    company_id: ProcoreCompanyId,
    *,
    project_id: ProjectId | None = None,
    origin_id: str | None = None,
) -> PagedCall[LineItemType]:
    """``GET /rest/v1.0/line_item_types``, of the company or of one project."""
    return PagedCall(
        name="list line item types",
        path="/rest/v1.0/line_item_types",
        query=query(company_id=company_id, project_id=project_id, filter_origin_id=origin_id),
        parse=many(LineItemType),
        per_page=V1_PAGE,
    )


def sync_line_item_types(
    company_id: ProcoreCompanyId, updates: Sequence[LineItemTypeSyncItem]
) -> Call[SyncResult[LineItemType]]:
    """``PATCH /rest/v1.0/line_item_types/sync``: upsert up to 1,000 types.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync line item types",
        path="/rest/v1.0/line_item_types/sync",
        model=LineItemType,
        updates=updates,
        body={"company_id": company_id},
    )
