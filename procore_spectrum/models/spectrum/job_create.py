"""A new job as it is written to Spectrum."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    JobNumber,
)
from procore_spectrum.models.spectrum.jobs import JobProfile

__all__ = ["JobCreate", "JobSetup"]


@attrs.frozen(kw_only=True)
class JobSetup(JobProfile):
    """What a job needs before cost can be posted to it, when it is added or changed."""

    job_number: Annotated[
        JobNumber,
        About(
            "job number, with its own dashes, trimmed", wire="Job_Number", length=10, required=True
        ),
    ]
    job_type: Annotated[str | None, About("type of contract", wire="Job_Type", length=10)] = None
    tax_class_code: Annotated[
        str | None,
        About(
            "use-tax class or sales-tax code, by the Job Cost installation",
            wire="Tax_Class_Code",
            length=15,
        ),
    ] = None
    total_units: Annotated[
        Decimal | None,
        About("total units of the job", wire="Total_Units", length=9, digits=(9, 2), signed=False),
    ] = None
    work_comp_code: Annotated[
        str | None, About("workers' compensation code", wire="Work_Comp_Code", length=6)
    ] = None
    wage_rate_level: Annotated[
        int | None,
        About(
            "wage rate level, 1 to 9", wire="Wage_Rate_Level", length=1, digits=(1, 0), signed=False
        ),
    ] = None
    work_county_tax_code: Annotated[
        str | None,
        About("county tax code of the work place", wire="Work_County_Tax_Code", length=10),
    ] = None
    track_davis_bacon: Annotated[
        bool | None,
        About(
            "whether Davis-Bacon wages are tracked; not together with prevailing wages",
            wire="Track_Davis_Bacon",
        ),
    ] = None
    master_job: Annotated[
        JobNumber | None, About("master job of a sub job", wire="Master_Job", length=10)
    ] = None
    bill_from_master: Annotated[
        bool | None, About("whether billing goes through the master job", wire="Bill_From_Master")
    ] = None
    standard_phase_category: Annotated[
        str | None,
        About(
            "phase category whose phases are copied to the job",
            wire="Standard_Phase_Category",
            length=10,
        ),
    ] = None
    phase_display_code: Annotated[
        str | None, About("phase mask", wire="Phase_Display_Code", length=20)
    ] = None
    major_group_start: Annotated[
        int | None,
        About(
            "first position of the major group in a phase code",
            wire="Major_Group_Start",
            length=2,
            digits=(2, 0),
            signed=False,
        ),
    ] = None
    major_group_end: Annotated[
        int | None,
        About(
            "last position of the major group",
            wire="Major_Group_End",
            length=2,
            digits=(2, 0),
            signed=False,
        ),
    ] = None
    minor_group_start: Annotated[
        int | None,
        About(
            "first position of the minor group",
            wire="Minor_Group_Start",
            length=2,
            digits=(2, 0),
            signed=False,
        ),
    ] = None
    minor_group_end: Annotated[
        int | None,
        About(
            "last position of the minor group",
            wire="Minor_Group_End",
            length=2,
            digits=(2, 0),
            signed=False,
        ),
    ] = None


@attrs.frozen(kw_only=True)
class JobCreate(JobSetup):
    """A job to be added with AddJob.

    Naming a customer sets up the A/R contract, and with price method C or T also its
    billing. A sub job takes phases, customer and tax class from its master job. The division is
    required where the installation says so.

    Key: ``job_number``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/add-job
    """

    taxable_flag: Annotated[
        bool, About("whether the job is taxable", wire="Taxable_Flag", required=True)
    ]
    price_method_code: Annotated[
        str,
        About(
            "fixed price (F), time and material (T), cost plus (C), unit price (U)",
            wire="Price_Method_Code",
            length=1,
            values=("F", "T", "C", "U"),
            required=True,
        ),
    ]
    work_local_tax_code: Annotated[
        str | None, About("local tax code of the work place", wire="Work_Local_Tax_Cod", length=10)
    ] = None
    track_prevailing_wage: Annotated[
        str | None,
        About(
            "tracking of prevailing wages",
            wire="Track_Prevailing_Wage",
            length=1,
            values=("Y", "N", "F"),
        ),
    ] = None
    udf: Annotated[
        tuple[str, ...],
        About(
            "user-defined fields by number, as mapped on the Authorization ID",
            wire="UDF1..20",
            length=20,
        ),
    ] = ()
