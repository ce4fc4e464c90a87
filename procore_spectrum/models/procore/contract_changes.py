"""Change orders of commitments and prime contracts, of the newer family.

Source: Procore API reference, Commitment Change Orders, Prime Change Orders.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ChangeOrderBatchId,
    ChangeOrderPackageId,
    ChangeOrderRequestId,
    CommitmentId,
    LocationId,
    PrimeChangeOrderId,
    PrimeContractId,
)
from procore_spectrum.models.procore.change_orders import CHANGE_ORDER_STATUSES
from procore_spectrum.models.procore.commitments import SSOV_STATUSES, Commitment
from procore_spectrum.models.procore.contract_lines import ContractLine
from procore_spectrum.models.procore.contract_parts import ChangeReason, Currency, NumberedRef
from procore_spectrum.models.procore.shared import Attachment, CustomFields, Login

__all__ = [
    "CHANGE_ORDER_FAMILIES",
    "ChangeOrder",
    "ChangeOrderFamily",
    "CommitmentChangeOrder",
    "PrimeChangeOrder",
]

ChangeOrderFamily: TypeAlias = Literal["newer", "older"]

#: The two families of endpoints that serve change orders.
CHANGE_ORDER_FAMILIES: tuple[ChangeOrderFamily, ...] = ("newer", "older")


@attrs.frozen(kw_only=True)
class ChangeOrder:
    """What change orders of commitments and of prime contracts have in common."""

    family: Annotated[
        str | None, About("from which family it was read", values=CHANGE_ORDER_FAMILIES)
    ] = None
    batch_id: Annotated[ChangeOrderBatchId | None, About("batch it is in")] = None
    legacy_package_id: Annotated[
        ChangeOrderPackageId | None, About("the same as a package of the older family")
    ] = None
    legacy_request_id: Annotated[
        ChangeOrderRequestId | None, About("the same as a request of the older family")
    ] = None
    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    description: Annotated[str | None, About("what it is for")] = None
    status: Annotated[
        str | None, About("state", values=(*CHANGE_ORDER_STATUSES, "pending_billable"))
    ] = None
    revision: Annotated[int | None, About("number of the revision, from 0")] = None
    executed: Annotated[bool | None, About("whether it is signed")] = None
    paid: Annotated[bool | None, About("whether it is paid")] = None
    private: Annotated[bool | None, About("whether only some people may see it")] = None
    field_change: Annotated[bool | None, About("whether the change arose on site")] = None
    signature_required: Annotated[bool | None, About("whether it has to be signed")] = None
    grand_total: Annotated[Decimal | None, About("sum of its lines and markups")] = None
    schedule_impact_amount: Annotated[int | None, About("days that the work takes longer")] = None
    due_date: Annotated[date | None, About("day on which it is due")] = None
    invoiced_date: Annotated[date | None, About("day on which it was invoiced")] = None
    paid_date: Annotated[date | None, About("day on which it was paid")] = None
    reviewed_at: Annotated[datetime | None, About("when it was reviewed")] = None
    signed_change_order_received_date: Annotated[
        date | None, About("day on which the signed change order came back")
    ] = None
    revised_substantial_completion_date: Annotated[
        date | None, About("day of substantial completion after the change")
    ] = None
    billing_schedule_of_values_status: Annotated[
        str | None,
        About("state of the subcontractor's own schedule of values", values=SSOV_STATUSES),
    ] = None
    enable_ssov: Annotated[
        bool | None, About("whether the subcontractor details the schedule of values")
    ] = None
    review_notes: Annotated[str | None, About("notes of the review")] = None
    reference: Annotated[str | None, About("reference in words")] = None
    location_id: Annotated[LocationId | None, About("place of the change")] = None
    change_order_change_reason: Annotated[ChangeReason | None, About("why it was needed")] = None
    created_by: Annotated[Login | None, About("who made it")] = None
    designated_reviewer: Annotated[Login | None, About("who shall review it")] = None
    received_from: Annotated[Login | None, About("who asked for it")] = None
    reviewed_by: Annotated[Login | None, About("who reviewed it")] = None
    change_events: Annotated[
        tuple[NumberedRef, ...], About("change events it came from; extended view only")
    ] = ()
    line_items: Annotated[tuple[ContractLine, ...], About("the lines; set when it is read")] = ()
    attachments: Annotated[tuple[Attachment, ...], About("files")] = ()
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    custom_fields: Annotated[CustomFields | None, About("custom fields by their key")] = None
    origin_id: Annotated[str | None, About("our key of it; older family only")] = None
    origin_code: Annotated[
        str | None, About("shown to people as external id; older family only")
    ] = None
    origin_data: Annotated[str | None, About("free text of the integration; older family only")] = (
        None
    )
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class CommitmentChangeOrder(ChangeOrder):
    """A change order of a commitment, as the exports read it.

    The newer family gives it as it is (``/rest/v1.0/projects/…/commitment_change_orders``), in
    projects with one or two tiers; it has no origin fields. From the older family it is made of
    a package, whose id it then bears and whose origin fields it has.

    Source: Procore API reference, Commitment Change Orders, Change Order Packages.
    """

    id: Annotated[int, About("id of the change order, of its family")]
    commitment: Annotated[
        Commitment | None, About("the contract it changes, without its lines; set when it is read")
    ] = None
    contract_id: Annotated[CommitmentId | None, About("contract it belongs to")] = None
    type: Annotated[str | None, About("CommitmentChangeOrder, or the type of the package")] = None
    deleted_at: Annotated[datetime | None, About("when it was deleted")] = None


@attrs.frozen(kw_only=True)
class PrimeChangeOrder(ChangeOrder):
    """A change order of a prime contract, as the exports read it.

    The newer family gives it as it is, in projects with one or two tiers; it has no origin fields.
    From the older family it is made of a package, whose id it then bears and whose origin fields it
    has.

    Source: Procore API reference, Prime Change Orders, Change Order Packages.
    """

    id: Annotated[PrimeChangeOrderId, About("id of the change order, of its family")]
    contract_id: Annotated[PrimeContractId | None, About("prime contract it belongs to")] = None
    type: Annotated[str | None, About("PrimeChangeOrder, or the type of the package")] = None
