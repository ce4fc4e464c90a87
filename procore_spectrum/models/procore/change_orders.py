"""Change orders of the older family: packages, requests and potential change orders.

With one tier a package comes with a potential change order of its own, which holds the lines;
with three, potential change orders flow into requests and these into packages.

Source: Procore API reference, Change Order Packages, Change Order Requests, Potential Change
Orders; documentation page ``tutorial-change-orders``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    BudgetLineItemId,
    ChangeEventId,
    ChangeOrderPackageId,
    ChangeOrderRequestId,
    ChangeReasonId,
    CommitmentId,
    ContractLineId,
    CostCodeId,
    LocationId,
    MarkupId,
    PotentialChangeOrderId,
    ProcoreUserId,
    TaxCodeId,
    WbsCodeId,
)
from procore_spectrum.models.procore.contract_parts import (
    ContractRef,
    Currency,
    Holder,
    NumberedRef,
    WbsCodeRef,
)
from procore_spectrum.models.procore.contracts import ACCOUNTING_METHODS
from procore_spectrum.models.procore.cost_codes import CostCodeRef, LineItemType
from procore_spectrum.models.procore.shared import Attachment, CustomFields, Login
from procore_spectrum.models.procore.unset import UNSET, Sent
from procore_spectrum.models.procore.vendors import Vendor

__all__ = [
    "CHANGE_ORDER_STATUSES",
    "PACKAGE_TYPES",
    "ChangeOrderMarkup",
    "ChangeOrderMarkupLine",
    "ChangeOrderPackage",
    "ChangeOrderPackageInput",
    "ChangeOrderPackageLine",
    "ChangeOrderRequest",
    "OlderChangeOrder",
    "PotentialChangeOrder",
    "PotentialChangeOrderLine",
]

#: States of a change order; the newer family also knows ``pending_billable``.
CHANGE_ORDER_STATUSES = (
    "draft",
    "not_pricing",
    "pricing",
    "pending",
    "revised",
    "proceeding",
    "not_proceeding",
    "no_charge",
    "approved",
    "rejected",
    "void",
)

#: What kind of contract a package changes.
PACKAGE_TYPES = ("PrimeContractChangeOrder", "CommitmentContractChangeOrder", "ChangeOrderPackage")


@attrs.frozen(kw_only=True)
class ChangeOrderMarkup:
    """A markup on a line of a change order, without its sub job, whose shape is not documented."""

    id: Annotated[MarkupId, About("id of the markup")]
    position: Annotated[int | None, About("place among its siblings")] = None
    markup_set: Annotated[str | None, About("on lines or on the subtotal")] = None
    name: Annotated[str | None, About("its name")] = None
    percentage: Annotated[Decimal | None, About("percentage, 10 for ten percent")] = None
    compounds_markups_above: Annotated[
        bool | None, About("whether it is taken on the markups before it too")
    ] = None
    wbs_code_id: Annotated[WbsCodeId | None, About("budget code")] = None
    destination_cost_code: Annotated[CostCodeRef | None, About("cost code that takes it")] = None
    destination_line_item_type: Annotated[LineItemType | None, About("cost type that takes it")] = (
        None
    )
    destination_budget_line_item_id: Annotated[
        BudgetLineItemId | None,
        About(wire="desitination_budget_line_item_id", meaning="budget line that takes it"),
    ] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class ChangeOrderMarkupLine:
    """The amount of one markup on one line of a change order."""

    id: Annotated[int, About("id of the amount")]
    amount: Annotated[Decimal | None, About("sum of the markup")] = None
    markup: Annotated[ChangeOrderMarkup | None, About("the markup")] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class ChangeOrderPackageLine:
    """A line of a change order package.

    ``holder`` is the potential change order that the line belongs to. The sum of the line is
    ``extended_amount``, with markups ``total_amount``.

    Source: Procore API reference, Change Order Packages.
    """

    id: Annotated[ContractLineId, About("id of the line")]
    position: Annotated[int | None, About("place among its siblings")] = None
    description: Annotated[str | None, About("what it is for")] = None
    cost_code: Annotated[CostCodeRef | None, About("cost code; not in version 2")] = None
    line_item_type: Annotated[LineItemType | None, About("cost type; not in version 2")] = None
    wbs_code: Annotated[WbsCodeRef | None, About("budget code")] = None
    quantity: Annotated[Decimal | None, About("quantity, in units of measure")] = None
    uom: Annotated[str | None, About("unit of measure")] = None
    unit_cost: Annotated[Decimal | None, About("price of one unit")] = None
    extended_amount: Annotated[Decimal | None, About("quantity times unit cost")] = None
    total_amount: Annotated[Decimal | None, About("sum with markups")] = None
    holder: Annotated[Holder | None, About("contract or change order that holds the line")] = None
    markup_line_items: Annotated[tuple[ChangeOrderMarkupLine, ...], About("markups on it")] = ()
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None


@attrs.frozen(kw_only=True)
class OlderChangeOrder:
    """What packages, requests and potential change orders have in common."""

    contract_id: Annotated[CommitmentId | None, About("contract it belongs to")] = None
    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    description: Annotated[str | None, About("what it is for")] = None
    status: Annotated[str | None, About("state", values=CHANGE_ORDER_STATUSES)] = None
    revision: Annotated[int | None, About("number of the revision, from 0")] = None
    position: Annotated[int | None, About("place among its siblings")] = None
    executed: Annotated[bool | None, About("whether it is signed")] = None
    private: Annotated[bool | None, About("whether only some people may see it")] = None
    grand_total: Annotated[Decimal | None, About("sum of its lines and markups")] = None
    schedule_impact_amount: Annotated[int | None, About("days that the work takes longer")] = None
    invoiced_date: Annotated[date | None, About("day on which it was invoiced")] = None
    paid_date: Annotated[date | None, About("day on which it was paid")] = None
    creator: Annotated[Login | None, About("who made it")] = None
    created_by_id: Annotated[ProcoreUserId | None, About("who made it")] = None
    attachments: Annotated[tuple[Attachment, ...], About("files")] = ()
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
    deleted_at: Annotated[datetime | None, About("when it was deleted")] = None


@attrs.frozen(kw_only=True)
class ChangeOrderPackage(OlderChangeOrder):
    """A change order of the older family: ``/rest/v1.0/change_order_packages``.

    Serves commitments and prime contracts alike. Listings leave out lines, description and type.

    Source: Procore API reference, Change Order Packages.
    """

    id: Annotated[ChangeOrderPackageId, About("id of the package")]
    type: Annotated[str | None, About("what kind of contract it changes", values=PACKAGE_TYPES)] = (
        None
    )
    due_date: Annotated[date | None, About("day on which it is due")] = None
    reviewed_at: Annotated[datetime | None, About("when it was reviewed")] = None
    signed_change_order_received_date: Annotated[
        date | None, About("day on which the signed change order came back")
    ] = None
    revised_substantial_completion_date: Annotated[
        date | None, About("day of substantial completion after the change")
    ] = None
    review_notes: Annotated[str | None, About("notes of the review")] = None
    designated_reviewer: Annotated[Login | None, About("who shall review it")] = None
    reviewer: Annotated[Login | None, About("who reviewed it")] = None
    line_items: Annotated[
        tuple[ChangeOrderPackageLine, ...], About("the lines; listings have none")
    ] = ()
    custom_fields: Annotated[CustomFields | None, About("custom fields by their key")] = None
    origin_code: Annotated[str | None, About("shown to people as external id")] = None


@attrs.frozen(kw_only=True)
class ChangeOrderPackageInput:
    """The values of a change order package to be written.

    Source: Procore API reference, Change Order Packages (create, update).
    """

    status: Annotated[Sent[str], About("state", values=CHANGE_ORDER_STATUSES)] = UNSET
    title: Annotated[Sent[str], About("title")] = UNSET
    description: Annotated[Sent[str], About("what it is for")] = UNSET
    grand_total: Annotated[Sent[Decimal], About("sum of its lines and markups")] = UNSET
    schedule_impact_amount: Annotated[Sent[int], About("days that the work takes longer")] = UNSET
    due_date: Annotated[Sent[date], About("day on which it is due")] = UNSET
    invoiced_date: Annotated[Sent[date], About("day on which it was invoiced")] = UNSET
    paid_date: Annotated[Sent[date], About("day on which it was paid")] = UNSET
    executed: Annotated[Sent[bool], About("whether it is signed")] = UNSET
    signed_change_order_received_date: Annotated[
        Sent[date], About("day on which the signed change order came back")
    ] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_code: Annotated[Sent[str], About("shown to people as external id")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET


@attrs.frozen(kw_only=True)
class ChangeOrderRequest(OlderChangeOrder):
    """A request, the middle tier of the older family: ``/rest/v1.0/change_order_requests``.

    Source: Procore API reference, Change Order Requests.
    """

    id: Annotated[ChangeOrderRequestId, About("id of the request")]
    contract: Annotated[ContractRef | None, About("contract it belongs to")] = None
    change_order_package_id: Annotated[
        ChangeOrderPackageId | None, About("package it flowed into")
    ] = None
    batch: Annotated[NumberedRef | None, About("batch it is in")] = None
    due_date: Annotated[str | None, About("when it is due: a day or a moment")] = None
    signed_change_order_received_date: Annotated[
        date | None, About("day on which the signed change order came back")
    ] = None


@attrs.frozen(kw_only=True)
class PotentialChangeOrderLine:
    """A line within the answer for a single potential change order."""

    id: Annotated[ContractLineId, About("id of the line")]
    position: Annotated[int | None, About("place among its siblings")] = None
    description: Annotated[str | None, About("what it is for")] = None
    cost_code: Annotated[CostCodeRef | None, About("cost code; not in version 2")] = None
    cost_code_id: Annotated[CostCodeId | None, About("cost code")] = None
    line_item_type: Annotated[LineItemType | None, About("cost type; not in version 2")] = None
    quantity: Annotated[Decimal | None, About("quantity, in units of measure")] = None
    uom: Annotated[str | None, About("unit of measure")] = None
    unit_cost: Annotated[Decimal | None, About("price of one unit")] = None
    extended_amount: Annotated[Decimal | None, About("quantity times unit cost")] = None
    total_amount: Annotated[Decimal | None, About("sum with markups")] = None
    tax_code_id: Annotated[TaxCodeId | None, About("tax code")] = None
    markup_line_items: Annotated[tuple[ChangeOrderMarkupLine, ...], About("markups on it")] = ()
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None


@attrs.frozen(kw_only=True)
class PotentialChangeOrder(OlderChangeOrder):
    """A potential change order, the lowest tier of the older family; it holds the lines.

    Listings leave out the lines; :class:`~.contract_lines.ContractLine` is their full form.

    Source: Procore API reference, Potential Change Orders.
    """

    id: Annotated[PotentialChangeOrderId, About("id of the change order")]
    change_order_request_id: Annotated[
        ChangeOrderRequestId | None, About("request it flowed into")
    ] = None
    accounting_method: Annotated[
        str | None,
        About("whether lines are sums or quantities at a price", values=ACCOUNTING_METHODS),
    ] = None
    vendor: Annotated[Vendor | None, About("the vendor")] = None
    void: Annotated[bool | None, About("whether it is void")] = None
    paid: Annotated[bool | None, About("whether it is paid")] = None
    field_change: Annotated[bool | None, About("whether the change arose on site")] = None
    line_items_total: Annotated[Decimal | None, About("sum of its lines")] = None
    line_items_extended_total: Annotated[
        Decimal | None, About("sum of quantity times unit cost of its lines")
    ] = None
    due_date: Annotated[
        str | None, About("when it is due: a day in listings, a moment in single answers")
    ] = None
    reviewed_at: Annotated[datetime | None, About("when it was reviewed")] = None
    change_order_change_reason_id: Annotated[ChangeReasonId | None, About("why it was needed")] = (
        None
    )
    change_reason: Annotated[str | None, About("why it was needed")] = None
    reason: Annotated[str | None, About("why it was needed, in words")] = None
    reference: Annotated[str | None, About("reference in words")] = None
    location_id: Annotated[LocationId | None, About("place of the change")] = None
    request_for_quote_id: Annotated[int | None, About("request for quote it came from")] = None
    commitment_change_event_id: Annotated[
        ChangeEventId | None, About("change event on the cost side")
    ] = None
    prime_change_event_id: Annotated[
        ChangeEventId | None, About("change event on the revenue side")
    ] = None
    received_from: Annotated[Login | None, About("who asked for it")] = None
    designated_reviewer: Annotated[Login | None, About("who shall review it")] = None
    reviewer: Annotated[Login | None, About("who reviewed it")] = None
    change_order_tiers: Annotated[
        int | None, About("how many tiers change orders have, 1 to 3")
    ] = None
    change_order_request_title: Annotated[str | None, About("title of its request")] = None
    change_order_package_title: Annotated[str | None, About("title of its package")] = None
    potential_change_order_acronym_number: Annotated[str | None, About("number with prefix")] = None
    change_order_request_acronym_number: Annotated[
        str | None, About("number of its request, with prefix")
    ] = None
    change_order_package_acronym_number: Annotated[
        str | None, About("number of its package, with prefix")
    ] = None
    line_items: Annotated[
        tuple[PotentialChangeOrderLine, ...], About("the lines; listings have none")
    ] = ()
    custom_fields: Annotated[CustomFields | None, About("custom fields by their key")] = None
