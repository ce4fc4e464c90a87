"""Estimates as they are written to Spectrum, on pairs of phase and cost type that exist."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import CostType, JobNumber, PhaseCode

__all__ = ["EstimateUpdate"]


@attrs.frozen(kw_only=True)
class EstimateUpdate:
    """Estimates of a phase and cost type that the job has, for AddPhase.

    It holds no description and no status, so that neither can be overwritten: AddPhase leaves
    what is blank as it is, and refuses a pair that the job does not have. A blank current
    estimate takes over the original one, and a current one is ignored where the installation
    shows it only ("Current Estimate display only?").

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
        str | None,
        About(
            "fixed price (F), time and material (T), cost plus (C), unit price (U), as the job (J)",
            wire="Price_Method_Code",
            length=1,
            values=("F", "T", "C", "U", "J"),
        ),
    ] = None
    original_est_cost: Annotated[
        Decimal | None,
        About("original estimate in dollars", wire="Original_Est_Cost", length=12, digits=(8, 2)),
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
    original_est_hours: Annotated[
        Decimal | None,
        About("originally estimated hours", wire="Original_Est_Hours", length=10, digits=(6, 2)),
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
