"""Projections of job cost as they are written to Spectrum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import CostType, JobNumber, PhaseCode

__all__ = ["JobCostProjection"]


@attrs.frozen(kw_only=True)
class JobCostProjection:
    """What a phase and cost type will have cost at completion, for JobCostProjections.

    The figures are totals at completion, not changes: ``0`` clears, ``None`` leaves. One of them is
    required. An entry that equals the current projection is ignored, and a back-dated one leaves it
    as it is.

    Key: ``job_number``, ``phase_code``, ``cost_type``, ``transaction_date``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/job-cost-projections
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
    transaction_date: Annotated[
        date, About("day of the projection", wire="Transaction_Date", required=True)
    ]
    amount: Annotated[
        Decimal | None,
        About("projected cost at completion in dollars", wire="Amount", length=14, digits=(10, 2)),
    ] = None
    projected_hours: Annotated[
        Decimal | None,
        About("projected hours at completion", wire="Projected_Hours", length=14, digits=(10, 2)),
    ] = None
    projected_quantity: Annotated[
        Decimal | None,
        About(
            "projected quantity at completion", wire="Projected_Quantity", length=14, digits=(10, 2)
        ),
    ] = None
    note: Annotated[str | None, About("note", wire="Note", length=80)] = None
    operator: Annotated[
        str | None,
        About("operator; by default that of the web services", wire="Operator", length=3),
    ] = None
