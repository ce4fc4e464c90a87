"""Change requests as they are written to Spectrum, line by line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ChangeRequestNumber,
    CostType,
    CustomerCode,
    JobNumber,
    PhaseCode,
    SubcontractNumber,
    VendorCode,
)

__all__ = ["ChangeRequestLine"]


@attrs.frozen(kw_only=True)
class ChangeRequestLine:
    """A line of a change request, with its header, for ARChangeRequest.

    One call writes one line; the header (description, status, reimbursable flag, dates of origin
    and approval, fee) is repeated alike on each. A line holds a cost (phase and cost type), with or
    without its subcontract, a billing item, or both. Each part is ignored while it is blank. What
    is given for a subcontract is the only way to write a subcontract change order.

    Spectrum would number a request without a number; here the number is always given, so that the
    request can be found again. Contract, phases, billing items and status codes must exist. Two of
    unit price, quantity and revenue make the third on unit-price jobs. ``None`` leaves the stored
    value unchanged, and nothing can be cleared.

    Key: ``job_number``, ``customer_code``, ``change_request_number``; of a cost, its phase,
    cost type, subcontractor, subcontract and billing item; of a billing, its group and item.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-receivable-services/add-ar-change-request
    """

    blank_is_unchanged: ClassVar[bool] = True

    job_number: Annotated[
        JobNumber,
        About(
            "job number, with its own dashes, trimmed", wire="Job_Number", length=10, required=True
        ),
    ]
    customer_code: Annotated[
        CustomerCode, About("customer", wire="Customer_Code", length=10, required=True)
    ]
    change_request_number: Annotated[
        ChangeRequestNumber,
        About(
            "number of the change request; never left to Spectrum",
            wire="Change_Request_Number",
            length=8,
            required=True,
        ),
    ]
    cr_description: Annotated[
        str | None, About("description of the request", wire="CR_Description", length=250)
    ] = None
    cr_status: Annotated[
        str | None, About("status code; required when adding", wire="CR_Status", length=2)
    ] = None
    cost_reimbursable_flag: Annotated[
        bool | None, About("whether its cost is reimbursed", wire="Cost_Reimbursable_Flag")
    ] = None
    origination_date: Annotated[date | None, About("day of origin", wire="Origination_Date")] = None
    approved_date: Annotated[
        date | None, About("day of approval; only when approved", wire="Approved_Date")
    ] = None
    fee_percent: Annotated[
        Decimal | None,
        About("fee in percent; wins over the amount", wire="Fee_Percent", length=7, digits=(3, 2)),
    ] = None
    fee_amount: Annotated[
        Decimal | None, About("fee in dollars", wire="Fee_Amount", length=12, digits=(8, 2))
    ] = None
    cr_phase_code: Annotated[
        PhaseCode | None,
        About("phase of the cost, without dashes", wire="CR_Phase_Code", length=20),
    ] = None
    cr_cost_type: Annotated[
        CostType | None, About("cost type of the cost", wire="CR_Cost_Type", length=3)
    ] = None
    change_request_quantity: Annotated[
        Decimal | None,
        About(
            "change of the estimated quantity",
            wire="Change_Request_Quantity",
            length=11,
            digits=(7, 2),
        ),
    ] = None
    change_request_hours: Annotated[
        Decimal | None,
        About(
            "change of the estimated hours", wire="Change_Request_Hours", length=10, digits=(6, 2)
        ),
    ] = None
    change_request_amount: Annotated[
        Decimal | None,
        About(
            "change of the estimate in dollars",
            wire="Change_Request_Amount",
            length=14,
            digits=(10, 2),
        ),
    ] = None
    subcontractor_code: Annotated[
        VendorCode | None, About("vendor of the subcontract", wire="Subcontractor_Code", length=10)
    ] = None
    subcontract_number: Annotated[
        SubcontractNumber | None,
        About("subcontract that changes", wire="Subcontract_Number", length=10),
    ] = None
    sub_amount: Annotated[
        Decimal | None,
        About("change of the subcontract in dollars", wire="Sub_Amount", length=14, digits=(10, 2)),
    ] = None
    sub_bid_group_item_code: Annotated[
        str | None,
        About(
            "billing group of the subcontract line, on unit-price jobs",
            wire="Sub_Bid_Group_Item_Code",
            length=2,
        ),
    ] = None
    sub_bid_item_code: Annotated[
        str | None,
        About(
            "billing item of the subcontract line; the element is longer than an item",
            wire="Sub_Bid_Item_Code",
            length=10,
        ),
    ] = None
    sub_status: Annotated[
        str | None,
        About(
            "subcontract change order: proposed (P), executed (E), rejected (R)",
            wire="Sub_Status",
            length=1,
            values=("P", "E", "R"),
        ),
    ] = None
    sub_change_order_number: Annotated[
        str | None,
        About(
            "number of the subcontract change order; required when executed",
            wire="Sub_Change_Order_Number",
            length=8,
        ),
    ] = None
    sub_change_order_date: Annotated[
        date | None, About("day of the subcontract change order", wire="Sub_Change_Order_Date")
    ] = None
    sub_signed_date: Annotated[
        date | None, About("day of signature; only when executed", wire="Sub_Signed_Date")
    ] = None
    sub_description: Annotated[
        str | None,
        About("description of the subcontract change order", wire="Sub_Description", length=30),
    ] = None
    sub_type: Annotated[
        str | None, About("type of the subcontract change order", wire="Sub_Type", length=15)
    ] = None
    sub_proposal_date: Annotated[
        date | None, About("day of the proposal", wire="Sub_Proposal_Date")
    ] = None
    sub_sent_date: Annotated[
        date | None, About("day on which it was sent", wire="Sub_Sent_Date")
    ] = None
    sub_due_date: Annotated[date | None, About("day on which it is due", wire="Sub_Due_Date")] = (
        None
    )
    sub_comments: Annotated[
        str | None,
        About("comments on the subcontract change order", wire="Sub_Comments", length=250),
    ] = None
    markup_cost_type: Annotated[
        CostType | None, About("cost type that is marked up", wire="Markup_Cost_Type", length=3)
    ] = None
    markup_percent: Annotated[
        Decimal | None,
        About(
            "markup in percent; not together with the amount",
            wire="Markup_Percent",
            length=6,
            digits=(3, 2),
            signed=False,
        ),
    ] = None
    markup_amount: Annotated[
        Decimal | None, About("markup in dollars", wire="Markup_Amount", length=14, digits=(10, 2))
    ] = None
    pricing_addon_code: Annotated[
        str | None, About("pricing add-on", wire="Pricing_Addon_Code", length=10)
    ] = None
    pricing_addon_mu_percent: Annotated[
        Decimal | None,
        About(
            "markup of the add-on in percent",
            wire="Pricing_Addon_MU_Percent",
            length=6,
            digits=(3, 2),
            signed=False,
        ),
    ] = None
    pricing_addon_mu_amount: Annotated[
        Decimal | None,
        About(
            "markup of the add-on in dollars",
            wire="Pricing_Addon_MU_Amount",
            length=14,
            digits=(10, 2),
        ),
    ] = None
    pricing_addon_phase: Annotated[
        PhaseCode | None,
        About("phase of the add-on, without dashes", wire="Pricing_Addon_Phase", length=20),
    ] = None
    pricing_addon_cost_type: Annotated[
        CostType | None, About("cost type of the add-on", wire="Pricing_Addon_Cost_Type", length=3)
    ] = None
    cr_billing_group_code: Annotated[
        str | None,
        About("billing group, on unit-price contracts", wire="CR_Billing_Group_Code", length=2),
    ] = None
    cr_billing_item_code: Annotated[
        str | None,
        About(
            "billing item; the element is longer than an item",
            wire="CR_Billing_Item_Code",
            length=10,
        ),
    ] = None
    cr_billing_item_description: Annotated[
        str | None,
        About("description of the billing item", wire="CR_Billing_Item_Description", length=30),
    ] = None
    cr_additional_description: Annotated[
        str | None,
        About(
            "further description of the billing item", wire="CR_Additional_Description", length=40
        ),
    ] = None
    cr_unit_price: Annotated[
        Decimal | None,
        About("price of a unit in dollars", wire="CR_Unit_Price", length=11, digits=(5, 4)),
    ] = None
    cr_quantity: Annotated[
        Decimal | None, About("billed quantity", wire="CR_Quantity", length=11, digits=(7, 2))
    ] = None
    cr_revenue: Annotated[
        Decimal | None, About("revenue in dollars", wire="CR_Revenue", length=14, digits=(10, 2))
    ] = None
    proceed_submitted_date: Annotated[
        date | None,
        About("day on which leave to proceed was asked for", wire="Proceed_Submitted_Date"),
    ] = None
    proceed_received_date: Annotated[
        date | None, About("day on which leave to proceed came", wire="Proceed_Received_Date")
    ] = None
    rough_estimate: Annotated[
        Decimal | None,
        About("rough estimate in dollars", wire="Rough_Estimate", length=12, digits=(8, 2)),
    ] = None
    quotation_submitted_date: Annotated[
        date | None,
        About("day on which the quotation was handed in", wire="Quotation_Submitted_Date"),
    ] = None
    quotation_due_date: Annotated[
        date | None, About("day on which the quotation is due", wire="Quotation_Due_Date")
    ] = None
    requested_days: Annotated[
        int | None, About("days of delay asked for", wire="Requested_Days", length=4, digits=(3, 0))
    ] = None
    approved_days: Annotated[
        int | None, About("days of delay granted", wire="Approved_Days", length=4, digits=(3, 0))
    ] = None
    default_billing_total: Annotated[
        bool | None,
        About("whether a single billing line takes the total", wire="Default_Billing_Total"),
    ] = None
