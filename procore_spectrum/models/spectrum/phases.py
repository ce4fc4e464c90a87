"""Phases of a job and their estimates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import CompanyCode, CostCenter, CostType, JobNumber, PhaseCode
from procore_spectrum.models.keys import join_key

__all__ = ["Phase", "PhaseUpsert"]


@attrs.frozen(kw_only=True)
class Phase:
    """One phase and cost type of a job with its totals, from GetPhase or GetPhaseEnhanced.

    The figures leave out committed cost, unapproved invoices, contract labor hours and time not
    posted yet. Price method, dates and comment come with GetPhaseEnhanced only; that service has
    no help page, so their lengths are unknown. Decimals follow the formats of the change
    request services, whose elements have the same lengths.

    Key: ``job_number``, ``phase_code``, ``cost_type``. Descriptions are cut at 25 characters.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/get-phase
    """

    job_number: Annotated[
        JobNumber, About("job number, with its own dashes, trimmed", wire="Job_Number", length=10)
    ]
    phase_code: Annotated[PhaseCode, About("phase, without dashes", wire="Phase_Code", length=20)]
    cost_type: Annotated[
        CostType, About("cost type, up to three characters", wire="Cost_Type", length=3)
    ]
    company_code: Annotated[CompanyCode | None, About("company", wire="Company_Code", length=3)] = (
        None
    )
    description: Annotated[
        str | None,
        About("description of the phase, shared by its cost types", wire="Description", length=25),
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
    unit_of_measure: Annotated[
        str | None, About("unit of measure", wire="Unit_of_Measure", length=3)
    ] = None
    jtd_quantity: Annotated[
        Decimal | None,
        About("quantity, job to date", wire="JTD_Quantity", length=11, digits=(7, 2)),
    ] = None
    jtd_hours: Annotated[
        Decimal | None, About("hours, job to date", wire="JTD_Hours", length=10, digits=(6, 2))
    ] = None
    jtd_actual_dollars: Annotated[
        Decimal | None,
        About(
            "cost in dollars, job to date, without commitments",
            wire="JTD_Actual_Dollars",
            length=12,
            digits=(8, 2),
        ),
    ] = None
    projected_quantity: Annotated[
        Decimal | None,
        About("projected quantity", wire="Projected_Quantity", length=11, digits=(7, 2)),
    ] = None
    projected_hours: Annotated[
        Decimal | None, About("projected hours", wire="Projected_Hours", length=10, digits=(6, 2))
    ] = None
    projected_dollars: Annotated[
        Decimal | None,
        About("projected cost in dollars", wire="Projected_Dollars", length=12, digits=(8, 2)),
    ] = None
    estimated_quantity: Annotated[
        Decimal | None,
        About("currently estimated quantity", wire="Estimated_Quantity", length=11, digits=(7, 2)),
    ] = None
    estimated_hours: Annotated[
        Decimal | None,
        About("currently estimated hours", wire="Estimated_Hours", length=10, digits=(6, 2)),
    ] = None
    current_estimate_dollars: Annotated[
        Decimal | None,
        About(
            "current estimate in dollars", wire="Current_Estimate_Dollars", length=12, digits=(8, 2)
        ),
    ] = None
    cost_center: Annotated[
        CostCenter | None, About("cost center", wire="Cost_Center", length=10)
    ] = None
    price_method_code: Annotated[
        str | None,
        About(
            "fixed price (F), time and material (T), cost plus (C), unit price (U)",
            wire="Price_Method_Code",
        ),
    ] = None
    complete_date: Annotated[date | None, About("actual last day", wire="Complete_Date")] = None
    start_date: Annotated[date | None, About("actual first day", wire="Start_Date")] = None
    end_date: Annotated[date | None, About("last day", wire="End_Date")] = None
    comment: Annotated[str | None, About("comment", wire="Comment")] = None

    @property
    def target_id(self) -> str:
        """The key, joined: the name under which the record is written and linked."""
        return join_key(self.job_number, self.phase_code.replace("-", ""), self.cost_type)


@attrs.frozen(kw_only=True)
class PhaseUpsert:
    """A phase and cost type to be added or updated with AddPhase.

    The only documented way to write an original budget; a blank current estimate takes it over.
    ``None`` leaves the stored value unchanged. The first description of a phase wins while cost
    types are added; a different one on an existing pair rewrites all of the phase's cost types.
    The job must not be complete, the cost type must exist; a description is required when adding.

    Key: ``job_number``, ``phase_code``, ``cost_type``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/add-job-phase
    """

    job_number: Annotated[
        JobNumber,
        About(
            "job number, with its own dashes, trimmed", wire="Job_Number", length=10, required=True
        ),
    ]
    phase_code: Annotated[
        PhaseCode, About("phase, without dashes", wire="Phase_Code", length=20, required=True)
    ]
    cost_type: Annotated[
        CostType,
        About("cost type, up to three characters", wire="Cost_Type", length=3, required=True),
    ]
    price_method_code: Annotated[
        str,
        About(
            "fixed price (F), time and material (T), cost plus (C), unit price (U)",
            wire="Price_Method_Code",
            length=1,
            values=("F", "T", "C", "U", "J"),
            required=True,
        ),
    ]
    description: Annotated[
        str | None,
        About("description of the phase, shared by its cost types", wire="Description", length=25),
    ] = None
    original_est_quantity: Annotated[
        Decimal | None,
        About(
            "originally estimated quantity", wire="Original_Est_Quantity", length=11, digits=(7, 2)
        ),
    ] = None
    unit_of_measure: Annotated[
        str | None, About("unit of measure", wire="Unit_of_Measure", length=3)
    ] = None
    original_est_cost: Annotated[
        Decimal | None,
        About("original estimate in dollars", wire="Original_Est_Cost", length=12, digits=(8, 2)),
    ] = None
    original_est_hours: Annotated[
        Decimal | None,
        About("originally estimated hours", wire="Original_Est_Hours", length=10, digits=(6, 2)),
    ] = None
    bid_item_number: Annotated[
        str | None,
        About(
            "billing item; on unit-price jobs its first two characters are the group",
            wire="Bid_Item_Number",
            length=10,
        ),
    ] = None
    alt_phase_code: Annotated[
        PhaseCode | None, About("other phase code, no dashes", wire="Alt_Phase_Code", length=20)
    ] = None
    work_comp_code: Annotated[
        str | None, About("workers' compensation code", wire="Work_Comp_Code", length=6)
    ] = None
    phase_cost_center: Annotated[
        CostCenter | None, About("cost center", wire="Phase_Cost_Center", length=10)
    ] = None
    current_est_hours: Annotated[
        Decimal | None,
        About(
            "currently estimated hours, where the installation allows writing them",
            wire="Current_Est_Hours",
            length=10,
            digits=(6, 2),
        ),
    ] = None
    current_est_quantity: Annotated[
        Decimal | None,
        About(
            "currently estimated quantity, where the installation allows writing it",
            wire="Current_Est_Quantity",
            length=11,
            digits=(7, 2),
        ),
    ] = None
    current_est_cost: Annotated[
        Decimal | None,
        About(
            "current estimate in dollars, where the installation allows writing it",
            wire="Current_Est_Cost",
            length=12,
            digits=(8, 2),
        ),
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
