"""Change orders of both families, and their lines.

The older family (packages, requests, potential change orders) serves every project and has
origin fields. The newer one serves projects with one or two tiers, has no origin fields, and
its lines exist in version 2 only.

Source: Procore API reference, Change Order Packages, Change Order Requests, Potential Change
Orders, Commitment Change Orders, Prime Change Orders; documentation page
``tutorial-change-orders``.
"""

from __future__ import annotations

from procore_spectrum.models.ids import (
    ChangeOrderPackageId,
    CommitmentId,
    PotentialChangeOrderId,
    PrimeChangeOrderId,
    PrimeContractId,
    ProcoreCompanyId,
    ProjectId,
)
from procore_spectrum.models.procore import (
    ChangeOrderPackage,
    ChangeOrderPackageInput,
    ChangeOrderRequest,
    CommitmentChangeOrder,
    ContractLine,
    LineItemV2,
    PotentialChangeOrder,
    PrimeChangeOrder,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.convert import to_json
from procore_spectrum.procore.endpoints.parameters import (
    V1_PAGE,
    V2_PAGE,
    Between,
    enveloped,
    many,
    one,
    query,
)

__all__ = [
    "get_change_order_package",
    "get_commitment_change_order",
    "get_potential_change_order",
    "list_change_order_packages",
    "list_change_order_requests",
    "list_commitment_change_order_lines",
    "list_commitment_change_orders",
    "list_potential_change_order_lines",
    "list_potential_change_orders",
    "list_prime_change_order_lines",
    "list_prime_change_orders",
    "update_change_order_package",
]


# ---------------------------------------------------------------- the older family


def list_change_order_packages(
    project_id: ProjectId,
    *,
    contract_id: CommitmentId | PrimeContractId | None = None,
    updated_at: Between | None = None,
) -> PagedCall[ChangeOrderPackage]:
    """``GET /rest/v1.0/change_order_packages``, of one contract if given; without lines."""
    return PagedCall(
        name="list change order packages",
        path="/rest/v1.0/change_order_packages",
        query=query(project_id=project_id, contract_id=contract_id, filter_updated_at=updated_at),
        parse=many(ChangeOrderPackage),
        per_page=V1_PAGE,
    )


def get_change_order_package(
    project_id: ProjectId,
    package_id: ChangeOrderPackageId,
    *,
    contract_id: CommitmentId | PrimeContractId | None = None,
) -> Call[ChangeOrderPackage]:
    """``GET /rest/v1.0/change_order_packages/{id}``, with lines."""
    return Call(
        name="get change order package",
        path=f"/rest/v1.0/change_order_packages/{package_id}",
        query=query(project_id=project_id, contract_id=contract_id),
        parse=one(ChangeOrderPackage),
    )


def update_change_order_package(
    project_id: ProjectId,
    package_id: ChangeOrderPackageId,
    values: ChangeOrderPackageInput,
    *,
    contract_id: CommitmentId | PrimeContractId | None = None,
) -> Call[ChangeOrderPackage]:
    """``PATCH /rest/v1.0/change_order_packages/{id}``: set the values that are given.

    Raises:
        InvalidValueError: a value is not of its field's type.
    """
    contract = {} if contract_id is None else {"contract_id": contract_id}
    return Call(
        name="update change order package",
        method="PATCH",
        path=f"/rest/v1.0/change_order_packages/{package_id}",
        body={
            "project_id": project_id,
            **contract,
            "change_order": to_json(values, amounts="text"),
        },
        parse=one(ChangeOrderPackage),
        repeatable=True,
    )


def list_change_order_requests(
    project_id: ProjectId, contract_id: CommitmentId | PrimeContractId
) -> PagedCall[ChangeOrderRequest]:
    """``GET /rest/v1.0/change_order_requests`` of one contract."""
    return PagedCall(
        name="list change order requests",
        path="/rest/v1.0/change_order_requests",
        query=query(project_id=project_id, contract_id=contract_id),
        parse=many(ChangeOrderRequest),
        per_page=V1_PAGE,
    )


def list_potential_change_orders(
    project_id: ProjectId,
    *,
    contract_id: CommitmentId | PrimeContractId | None = None,
    origin_id: str | None = None,
) -> PagedCall[PotentialChangeOrder]:
    """``GET /rest/v1.0/potential_change_orders``, of one contract if given; without lines."""
    return PagedCall(
        name="list potential change orders",
        path="/rest/v1.0/potential_change_orders",
        query=query(
            project_id=project_id, filter_contract_id=contract_id, filter_origin_id=origin_id
        ),
        parse=many(PotentialChangeOrder),
        per_page=V1_PAGE,
    )


def get_potential_change_order(
    project_id: ProjectId,
    contract_id: CommitmentId | PrimeContractId,
    change_order_id: PotentialChangeOrderId,
) -> Call[PotentialChangeOrder]:
    """``GET /rest/v1.0/potential_change_orders/{id}``."""
    return Call(
        name="get potential change order",
        path=f"/rest/v1.0/potential_change_orders/{change_order_id}",
        query=query(project_id=project_id, contract_id=contract_id),
        parse=one(PotentialChangeOrder),
    )


def list_potential_change_order_lines(
    project_id: ProjectId, change_order_id: PotentialChangeOrderId
) -> PagedCall[ContractLine]:
    """``GET /rest/v1.0/potential_change_orders/{id}/line_items``."""
    return PagedCall(
        name="list lines of potential change order",
        path=f"/rest/v1.0/potential_change_orders/{change_order_id}/line_items",
        query=query(project_id=project_id),
        parse=many(ContractLine),
        per_page=V1_PAGE,
    )


# ---------------------------------------------------------------- the newer family


def list_commitment_change_orders(
    project_id: ProjectId,
    *,
    status: str | None = None,
    contract_id: CommitmentId | None = None,
    legacy_package_id: ChangeOrderPackageId | None = None,
    updated_at: Between | None = None,
) -> PagedCall[CommitmentChangeOrder]:
    """``GET /rest/v1.0/projects/{project_id}/commitment_change_orders``; without lines.

    The description calls it one object and names no pages; it is a list, and is read as paged.
    """
    return PagedCall(
        name="list commitment change orders",
        path=f"/rest/v1.0/projects/{project_id}/commitment_change_orders",
        query=query(
            view="extended",
            filter_status=status,
            filter_contract_id=contract_id,
            filter_legacy_package_id=legacy_package_id,
            filter_updated_at=updated_at,
        ),
        parse=many(CommitmentChangeOrder),
        per_page=V1_PAGE,
    )


def get_commitment_change_order(
    project_id: ProjectId, change_order_id: int
) -> Call[CommitmentChangeOrder]:
    """``GET /rest/v1.0/projects/{project_id}/commitment_change_orders/{id}``; without lines."""
    return Call(
        name="get commitment change order",
        path=f"/rest/v1.0/projects/{project_id}/commitment_change_orders/{change_order_id}",
        query=query(view="extended"),
        parse=one(CommitmentChangeOrder),
    )


def list_commitment_change_order_lines(
    company_id: ProcoreCompanyId, project_id: ProjectId, change_order_id: int
) -> PagedCall[LineItemV2]:
    """``GET /rest/v2.0/…/commitment_change_orders/{id}/line_items``."""
    return PagedCall(
        name="list lines of commitment change order",
        path=(
            f"/rest/v2.0/companies/{company_id}/projects/{project_id}"
            f"/commitment_change_orders/{change_order_id}/line_items"
        ),
        parse=enveloped(LineItemV2),
        per_page=V2_PAGE,
    )


def list_prime_change_orders(
    project_id: ProjectId,
    *,
    status: str | None = None,
    contract_id: PrimeContractId | None = None,
    updated_at: Between | None = None,
) -> PagedCall[PrimeChangeOrder]:
    """``GET /rest/v1.0/projects/{project_id}/prime_change_orders``; without lines."""
    return PagedCall(
        name="list prime change orders",
        path=f"/rest/v1.0/projects/{project_id}/prime_change_orders",
        query=query(
            view="extended",
            filter_status=status,
            filter_contract_id=contract_id,
            filter_updated_at=updated_at,
        ),
        parse=many(PrimeChangeOrder),
        per_page=V1_PAGE,
    )


def list_prime_change_order_lines(
    company_id: ProcoreCompanyId, project_id: ProjectId, change_order_id: PrimeChangeOrderId
) -> PagedCall[LineItemV2]:
    """``GET /rest/v2.0/…/prime_change_orders/{id}/line_items``."""
    return PagedCall(
        name="list lines of prime change order",
        path=(
            f"/rest/v2.0/companies/{company_id}/projects/{project_id}"
            f"/prime_change_orders/{change_order_id}/line_items"
        ),
        parse=enveloped(LineItemV2),
        per_page=V2_PAGE,
    )
