"""Subcontracts and their lines as they are written to Spectrum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    CostCenter,
    CostType,
    GlAccount,
    JobNumber,
    PhaseCode,
    SubcontractNumber,
    VendorCode,
)

__all__ = ["SubcontractLineUpsert", "SubcontractUpsert"]


@attrs.frozen(kw_only=True)
class SubcontractUpsert:
    """The header of a subcontract to be added or updated with UpdateSubcontract.

    It carries no amount: amounts live on the lines. ``None`` leaves the stored value unchanged, and
    nothing can be cleared. Job and G/L account are required when adding; the job cannot be changed
    afterwards. The ``pay_`` and ``disc_`` fields count only together with their override.

    Key: ``vendor_code``, ``subcontract_number``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-payable-services/add-subcontract
    """

    blank_is_unchanged: ClassVar[bool] = True

    vendor_code: Annotated[
        VendorCode, About("vendor, which must exist", wire="Vendor_Code", length=10, required=True)
    ]
    subcontract_number: Annotated[
        SubcontractNumber,
        About(
            "subcontract number, unique for the vendor",
            wire="Subcontract_Number",
            length=10,
            required=True,
        ),
    ]
    job_number: Annotated[
        JobNumber | None,
        About("job; required when adding, cannot be changed", wire="Job_Number", length=10),
    ] = None
    default_phase_code: Annotated[
        PhaseCode | None,
        About(
            "phase that lines take when they name none, no dashes",
            wire="Default_Phase_Code",
            length=20,
        ),
    ] = None
    default_cost_type: Annotated[
        CostType | None,
        About("cost type that lines take when they name none", wire="Default_Cost_Type", length=3),
    ] = None
    status_code: Annotated[
        str | None,
        About(
            "active (A), inactive (I) or complete (C)",
            wire="Status_Code",
            length=1,
            values=("A", "I", "C"),
        ),
    ] = None
    contract_type: Annotated[
        str | None, About("type of contract", wire="Contract_Type", length=15)
    ] = None
    insurance_cert_flag: Annotated[
        str | None,
        About(
            "insurance certificate: needed (Y), not needed (N), not applicable (A)",
            wire="Insurance_Cert_Flag",
            length=1,
            values=("Y", "N", "A"),
        ),
    ] = None
    sent_date: Annotated[date | None, About("day on which it was sent", wire="Sent_Date")] = None
    date_issued: Annotated[
        date | None, About("day of issue; the fiscal calendar must have it", wire="Date_Issued")
    ] = None
    contact_person: Annotated[
        str | None, About("contact, free text", wire="Contact_Person", length=20)
    ] = None
    unit_price_flag: Annotated[
        bool | None, About("whether lines are priced by unit", wire="Unit_Price_Flag")
    ] = None
    comment: Annotated[str | None, About("comment", wire="Comment", length=120)] = None
    routing_code1: Annotated[
        str | None, About("routing of invoice approval", wire="Routing_Code1", length=10)
    ] = None
    routing_limit: Annotated[
        Decimal | None,
        About(
            "invoice amount from which the second routing applies",
            wire="Routing_Limit",
            length=13,
            digits=(10, 2),
            signed=False,
        ),
    ] = None
    routing_code2: Annotated[
        str | None, About("routing of invoices over the limit", wire="Routing_Code2", length=10)
    ] = None
    gl_account: Annotated[
        GlAccount | None,
        About(
            "direct job-cost G/L account, no dashes; required when adding",
            wire="GL_Account",
            length=12,
        ),
    ] = None
    retention_percent: Annotated[
        Decimal | None,
        About(
            "retention that invoices propose, in percent; 10.2 is 10.2 %",
            wire="Retention_Percent",
            length=5,
            digits=(2, 1),
            signed=False,
        ),
    ] = None
    next_payment_number: Annotated[
        int | None,
        About(
            "number of the next payment",
            wire="Next_Payment_Number",
            length=5,
            digits=(5, 0),
            signed=False,
        ),
    ] = None
    pay_override: Annotated[
        str | None,
        About(
            "Y makes the pay fields count instead of the vendor's",
            wire="Pay_Override",
            length=1,
            values=("Y",),
        ),
    ] = None
    pay_terms: Annotated[
        str | None,
        About(
            "payment is due from the invoice date (A) or from the 1st of the next month (B)",
            wire="Pay_Terms",
            length=1,
            values=("A", "B"),
        ),
    ] = None
    pay_days: Annotated[
        int | None,
        About("days until payment is due", wire="Pay_Days", length=3, digits=(3, 0), signed=False),
    ] = None
    disc_override: Annotated[
        str | None,
        About(
            "Y makes the discount fields count instead of the vendor's",
            wire="Disc_Override",
            length=1,
            values=("Y",),
        ),
    ] = None
    disc_terms: Annotated[
        str | None,
        About(
            "the discount counts from the invoice date (A) or from the 1st of the next month (B)",
            wire="Disc_Terms",
            length=1,
            values=("A", "B"),
        ),
    ] = None
    disc_days: Annotated[
        int | None,
        About(
            "days during which the discount is granted",
            wire="Disc_Days",
            length=3,
            digits=(3, 0),
            signed=False,
        ),
    ] = None
    disc_perc: Annotated[
        Decimal | None,
        About("discount in percent", wire="Disc_Perc", length=6, digits=(3, 2), signed=False),
    ] = None
    pay_when_paid: Annotated[
        bool | None,
        About(
            "whether it is paid when the customer has paid; needs the pay override",
            wire="Pay_When_Paid",
        ),
    ] = None
    cost_center_override: Annotated[
        CostCenter | None,
        About("cost center in place of the job's", wire="Cost_Center_Override", length=10),
    ] = None


@attrs.frozen(kw_only=True)
class SubcontractLineUpsert:
    """A line of a subcontract to be added or updated with UpdateSubcontractPhases.

    The subcontract must exist, and the phase and cost type on its job. A pair may repeat only with
    different billing items. ``None`` leaves the stored value unchanged, and nothing can be cleared.
    With a fixed-price unit of measure only the amount counts; otherwise it is computed where price
    and quantity are both given.

    Key: ``vendor_code``, ``subcontract_number``, ``phase_code``, ``cost_type``,
    ``bid_item_number``. A blank phase or cost type means the subcontract's default.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-payable-services/add-subcontract-phases
    """

    blank_is_unchanged: ClassVar[bool] = True

    vendor_code: Annotated[
        VendorCode, About("vendor of the subcontract", wire="Vendor_Code", length=10, required=True)
    ]
    subcontract_number: Annotated[
        SubcontractNumber,
        About("subcontract number", wire="Subcontract_Number", length=10, required=True),
    ]
    phase_code: Annotated[
        PhaseCode | None, About("phase, without dashes", wire="Phase_Code", length=20)
    ] = None
    cost_type: Annotated[
        CostType | None, About("cost type, up to three characters", wire="Cost_Type", length=3)
    ] = None
    bid_item_number: Annotated[
        str | None,
        About(
            "billing item; on unit-price jobs its first two characters are the group",
            wire="Bid_Item_Number",
            length=10,
        ),
    ] = None
    bill_description: Annotated[
        str | None, About("description of the billing item", wire="Bill_Description", length=25)
    ] = None
    unit_of_measure: Annotated[
        str | None, About("unit of measure", wire="Unit_Of_Measure", length=3)
    ] = None
    retention_flag: Annotated[
        bool | None, About("whether retention is held back", wire="Retention_Flag")
    ] = None
    unit_price: Annotated[
        Decimal | None,
        About("price of a unit in dollars", wire="Unit_Price", length=12, digits=(6, 4)),
    ] = None
    original_contract_quantity: Annotated[
        Decimal | None,
        About(
            "originally contracted quantity",
            wire="Original_Contract_Quantity",
            length=12,
            digits=(8, 2),
        ),
    ] = None
    original_contract_amount: Annotated[
        Decimal | None,
        About(
            "originally contracted amount in dollars",
            wire="Original_Contract_Amount",
            length=13,
            digits=(9, 2),
        ),
    ] = None
