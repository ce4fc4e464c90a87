"""Changes of a job as they are written to Spectrum."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    CostType,
    PhaseCode,
)
from procore_spectrum.models.spectrum.job_create import JobSetup

__all__ = ["JobUpdate"]


@attrs.frozen(kw_only=True)
class JobUpdate(JobSetup):
    """Changes of a job for UpdateJob.

    ``None`` leaves the stored value unchanged, and nothing can be cleared: Spectrum reads a
    blank element as "unchanged". Blank text is therefore refused before sending.

    An existing A/R contract is never changed. There are no user-defined fields here.

    Key: ``job_number``, which must exist.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/update-job
    """

    blank_is_unchanged: ClassVar[bool] = True

    taxable_flag: Annotated[
        bool | None, About("whether the job is taxable", wire="Taxable_Flag")
    ] = None
    price_method_code: Annotated[
        str | None,
        About(
            "fixed price (F), time and material (T), cost plus (C), unit price (U)",
            wire="Price_Method_Code",
            length=1,
            values=("F", "T", "C", "U"),
        ),
    ] = None
    work_local_tax_code: Annotated[
        str | None, About("local tax code of the work place", wire="Work_Local_Tax_Code", length=10)
    ] = None
    track_prevailing_wage: Annotated[
        str | None,
        About(
            "tracking of prevailing wages",
            wire="Track_Prevailing_Wage",
            length=1,
            values=("Y", "F", "N"),
        ),
    ] = None
    owner_name: Annotated[str | None, About("owner", wire="Owner_Name", length=50)] = None
    comment: Annotated[str | None, About("comment", wire="Comment", length=125)] = None
    reports_calc_override: Annotated[
        bool | None,
        About(
            "whether reports use the entered percentage or projected cost",
            wire="Reports_Calc_Override",
        ),
    ] = None
    entered_percent_complete: Annotated[
        Decimal | None,
        About(
            "entered degree of completion in percent",
            wire="Entered_Percent_Complete",
            length=5,
            digits=(3, 1),
            signed=False,
        ),
    ] = None
    entered_projected_cost: Annotated[
        Decimal | None,
        About(
            "entered projected cost in dollars",
            wire="Entered_Projected_Cost",
            length=14,
            digits=(10, 2),
        ),
    ] = None
    legal_desc: Annotated[str | None, About("legal description", wire="Legal_Desc", length=350)] = (
        None
    )
    job_oh_batch_code: Annotated[
        str | None, About("overhead batch", wire="Job_Oh_Batch_Code", length=10)
    ] = None
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
    po_ship_name: Annotated[
        str | None,
        About(
            "ship-to name; the first of the ship-to fields that must be given",
            wire="PO_Ship_Name",
            length=30,
        ),
    ] = None
    po_ship_address1: Annotated[
        str | None, About("first line of the ship-to address", wire="PO_Ship_Address1", length=30)
    ] = None
    po_ship_address2: Annotated[
        str | None, About("second line of the ship-to address", wire="PO_Ship_Address2", length=30)
    ] = None
    po_ship_city: Annotated[
        str | None, About("city of the ship-to address", wire="PO_Ship_City", length=25)
    ] = None
    po_ship_state: Annotated[
        str | None, About("state of the ship-to address", wire="PO_Ship_State", length=2)
    ] = None
    po_ship_zip_code: Annotated[
        str | None, About("postal code of the ship-to address", wire="PO_Ship_Zip_Code", length=10)
    ] = None
    po_ship_country: Annotated[
        str | None, About("country of the ship-to address", wire="PO_Ship_Country", length=25)
    ] = None
    po_ship_comment: Annotated[
        str | None, About("comment for deliveries", wire="PO_Ship_Comment", length=250)
    ] = None
    earned_calc_type: Annotated[
        str | None,
        About(
            "earned revenue by percent (P), billing (B), cost (C) or master job (M)",
            wire="Earned_Calc_Type",
            length=1,
            values=("P", "B", "C", "M"),
        ),
    ] = None
    under_billed: Annotated[
        Decimal | None,
        About(
            "amount billed too little in dollars; only with B",
            wire="Under_Billed",
            length=12,
            digits=(8, 2),
        ),
    ] = None
    cost_markup_percent: Annotated[
        Decimal | None,
        About(
            "markup on cost in percent; only with C",
            wire="Cost_Markup_Percent",
            length=5,
            digits=(3, 1),
            signed=False,
        ),
    ] = None
    job_pay_when_paid: Annotated[
        bool | None,
        About("whether vendors are paid when the customer has paid", wire="Job_Pay_When_Paid"),
    ] = None
    job_auto_release_percent: Annotated[
        Decimal | None,
        About(
            "percentage of automatic release",
            wire="Job_Auto_Release_Percent",
            length=5,
            digits=(3, 1),
            signed=False,
        ),
    ] = None
    job_review_percent: Annotated[
        Decimal | None,
        About(
            "percentage of review", wire="Job_Review_Percent", length=5, digits=(3, 1), signed=False
        ),
    ] = None
    auto_ot_flag: Annotated[
        bool | None, About("whether overtime is computed", wire="Auto_Ot_Flag")
    ] = None
    certified_project_id: Annotated[
        str | None,
        About("project id on certified payrolls", wire="Certified_Project_ID", length=50),
    ] = None
    burden_flag: Annotated[bool | None, About("whether burden is applied", wire="Burden_Flag")] = (
        None
    )
    pre_tc_burden_percent: Annotated[
        Decimal | None,
        About(
            "burden before time cards in percent",
            wire="Pre_TC_Burden_Percent",
            length=5,
            digits=(3, 1),
            signed=False,
        ),
    ] = None
    burden_phase: Annotated[
        PhaseCode | None,
        About("phase that takes the burden, no dashes", wire="Burden_Phase", length=20),
    ] = None
    burden_cost_type: Annotated[
        CostType | None, About("cost type that takes the burden", wire="Burden_Cost_Type", length=3)
    ] = None
    pr_oh_type_code: Annotated[
        str | None,
        About(
            "payroll overhead: none (N), percentage (P) or amount (A)",
            wire="PR_OH_Type_Code",
            length=1,
            values=("N", "P", "A"),
        ),
    ] = None
    payroll_oh_percent: Annotated[
        Decimal | None,
        About(
            "payroll overhead in percent",
            wire="Payroll_OH_Percent",
            length=5,
            digits=(3, 1),
            signed=False,
        ),
    ] = None
    pr_oh_amount: Annotated[
        Decimal | None,
        About("payroll overhead as an amount", wire="PR_OH_Amount", length=5, digits=(5, 2)),
    ] = None
    oh_phase: Annotated[
        PhaseCode | None,
        About("phase that takes the overhead, no dashes", wire="OH_Phase", length=20),
    ] = None
    oh_cost_type: Annotated[
        CostType | None, About("cost type that takes the overhead", wire="OH_Cost_Type", length=3)
    ] = None
    lock_revenue_entry: Annotated[
        bool | None,
        About("whether revenue is locked; complete jobs only", wire="Lock_Revenue_Entry"),
    ] = None
    certified_week_type: Annotated[
        str | None,
        About(
            "week of certified payrolls",
            wire="Certified_Week_Type",
            length=1,
            values=("F", "W", "C"),
        ),
    ] = None
    override_by_job: Annotated[
        bool | None, About("whether the job has its own overtime rules", wire="Override_By_Job")
    ] = None
    daily_ot_start: Annotated[
        Decimal | None,
        About(
            "hours of a day after which overtime starts, at most 24",
            wire="Daily_OT_Start",
            length=5,
            digits=(2, 2),
        ),
    ] = None
    weekly_ot_start: Annotated[
        Decimal | None,
        About(
            "hours of a week after which overtime starts, at most 168",
            wire="Weekly_OT_Start",
            length=6,
            digits=(3, 2),
        ),
    ] = None
    saturday_ot: Annotated[
        str | None, About("pay on Saturdays", wire="Saturday_OT", length=1, values=("S", "O", "D"))
    ] = None
    sunday_ot: Annotated[
        str | None, About("pay on Sundays", wire="Sunday_OT", length=1, values=("S", "O", "D"))
    ] = None
