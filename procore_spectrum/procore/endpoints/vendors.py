"""The company directory.

Source: Procore API reference, Company Vendors and Company Inactive Vendors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from procore_spectrum.models.ids import ProcoreCompanyId, VendorId
from procore_spectrum.models.procore import Vendor, VendorInput, VendorSyncItem
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.convert import to_json
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, Between, many, one, query
from procore_spectrum.procore.endpoints.syncing import SyncResult, sync_call

__all__ = [
    "VendorView",
    "create_vendor",
    "get_vendor",
    "list_inactive_vendors",
    "list_vendors",
    "reactivate_vendor",
    "sync_vendors",
    "update_vendor",
]

VendorView: TypeAlias = Literal["compact", "normal", "erp", "extended", "directory", "summary"]


def list_vendors(
    company_id: ProcoreCompanyId,
    *,
    view: VendorView = "extended",
    ids: Sequence[VendorId] | None = None,
    origin_id: str | None = None,
    search: str | None = None,
    updated_at: Between | None = None,
) -> PagedCall[Vendor]:
    """``GET /rest/v1.0/vendors``: the active vendors."""
    return PagedCall(
        name="list vendors",
        path="/rest/v1.0/vendors",
        query=query(
            company_id=company_id,
            view=view,
            filter_id=ids,
            filter_origin_id=origin_id,
            filter_search=search,
            filter_updated_at=updated_at,
        ),
        parse=many(Vendor),
        per_page=V1_PAGE,
    )


def list_inactive_vendors(
    company_id: ProcoreCompanyId, *, view: VendorView = "extended"
) -> PagedCall[Vendor]:
    """``GET /rest/v1.0/companies/{company_id}/vendors/inactive``."""
    return PagedCall(
        name="list inactive vendors",
        path=f"/rest/v1.0/companies/{company_id}/vendors/inactive",
        query=query(view=view),
        parse=many(Vendor),
        per_page=V1_PAGE,
    )


def get_vendor(
    company_id: ProcoreCompanyId, vendor_id: VendorId, *, view: VendorView = "extended"
) -> Call[Vendor]:
    """``GET /rest/v1.0/vendors/{id}``."""
    return Call(
        name="get vendor",
        path=f"/rest/v1.0/vendors/{vendor_id}",
        query=query(company_id=company_id, view=view),
        parse=one(Vendor),
    )


def create_vendor(
    company_id: ProcoreCompanyId, vendor: VendorInput, *, run_configurable_validations: bool = False
) -> Call[Vendor]:
    """``POST /rest/v1.0/vendors``; sending it twice makes two vendors."""
    return Call(
        name="create vendor",
        method="POST",
        path="/rest/v1.0/vendors",
        query=query(run_configurable_validations=run_configurable_validations or None),
        body={"company_id": company_id, "vendor": to_json(vendor)},
        parse=one(Vendor),
    )


def update_vendor(
    company_id: ProcoreCompanyId,
    vendor_id: VendorId,
    vendor: VendorInput,
    *,
    run_configurable_validations: bool = False,
) -> Call[Vendor]:
    """``PATCH /rest/v1.0/vendors/{id}``."""
    return Call(
        name="update vendor",
        method="PATCH",
        path=f"/rest/v1.0/vendors/{vendor_id}",
        query=query(run_configurable_validations=run_configurable_validations or None),
        body={"company_id": company_id, "vendor": to_json(vendor)},
        parse=one(Vendor),
        repeatable=True,
    )


def sync_vendors(
    company_id: ProcoreCompanyId,
    updates: Sequence[VendorSyncItem],
    *,
    run_configurable_validations: bool = False,
) -> Call[SyncResult[Vendor]]:
    """``PATCH /rest/v1.0/vendors/sync``: upsert up to 1,000 vendors.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync vendors",
        path="/rest/v1.0/vendors/sync",
        model=Vendor,
        updates=updates,
        body={"company_id": company_id},
        query=query(run_configurable_validations=run_configurable_validations or None),
    )


def reactivate_vendor(company_id: ProcoreCompanyId, vendor_id: VendorId) -> Call[Vendor]:
    """``PATCH /rest/v1.0/companies/{company_id}/vendors/inactive/{id}``."""
    return Call(
        name="reactivate vendor",
        method="PATCH",
        path=f"/rest/v1.0/companies/{company_id}/vendors/inactive/{vendor_id}",
        parse=one(Vendor),
        repeatable=False,
    )
