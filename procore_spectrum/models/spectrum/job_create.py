"""A new job as it is written to Spectrum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ContractNumber,
    CostCenter,
    CustomerCode,
    DivisionCode,
    JobNumber,
)

__all__ = ["JobCreate"]


@attrs.frozen(kw_only=True)
class JobCreate:
    """A job to be added with AddJob.

    Naming a customer sets up the A/R contract, and with price method C or T also its
    billing. A sub job takes phases, customer and tax class from its master job. The division is
    required where the installation says so.

    Key: ``job_number``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/add-job
    """

    job_number: Annotated[
        JobNumber,
        About(
            "job number, with its own dashes, trimmed", wire="Job_Number", length=10, required=True
        ),
    ]
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
    job_description: Annotated[
        str | None, About("description", wire="Job_Description", length=25)
    ] = None
    division: Annotated[DivisionCode | None, About("division", wire="Division", length=5)] = None
    address_1: Annotated[
        str | None, About("first line of the address", wire="Address_1", length=30)
    ] = None
    address_2: Annotated[
        str | None, About("second line of the address", wire="Address_2", length=30)
    ] = None
    city: Annotated[str | None, About("city", wire="City", length=25)] = None
    state: Annotated[str | None, About("state, postal abbreviation", wire="State", length=2)] = None
    zip_code: Annotated[
        str | None, About("postal code, with or without the +4 digits", wire="Zip_Code", length=10)
    ] = None
    phone: Annotated[str | None, About("telephone", wire="Phone", length=14)] = None
    fax_phone: Annotated[str | None, About("fax", wire="Fax_Phone", length=14)] = None
    job_site_phone: Annotated[
        str | None, About("telephone on site", wire="Job_Site_Phone", length=14)
    ] = None
    superintendent: Annotated[
        str | None,
        About(
            "superintendent; an employee code where the installation checks it",
            wire="Superintendent",
            length=15,
        ),
    ] = None
    estimator: Annotated[
        str | None,
        About(
            "estimator; an employee code where the installation checks it",
            wire="Estimator",
            length=15,
        ),
    ] = None
    project_manager: Annotated[
        str | None,
        About(
            "project manager; an employee code where the installation checks it",
            wire="Project_Manager",
            length=15,
        ),
    ] = None
    customer_code: Annotated[
        CustomerCode | None, About("customer", wire="Customer_Code", length=10)
    ] = None
    contract_number: Annotated[
        ContractNumber | None, About("contract number", wire="Contract_Number", length=30)
    ] = None
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
    unit_of_measure: Annotated[
        str | None, About("unit of measure", wire="Unit_of_Measure", length=5)
    ] = None
    certified_flag: Annotated[
        bool | None, About("whether payroll is certified", wire="Certified_Flag")
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
    est_start_date: Annotated[date | None, About("planned first day", wire="Est_Start_Date")] = None
    est_complete_date: Annotated[
        date | None, About("planned last day, not before the first", wire="Est_Complete_Date")
    ] = None
    start_date: Annotated[date | None, About("actual first day", wire="Start_Date")] = None
    complete_date: Annotated[date | None, About("actual last day", wire="Complete_Date")] = None
    work_state_tax_code: Annotated[
        str | None,
        About(
            "state tax code of the work place; the three must differ",
            wire="Work_State_Tax_Code",
            length=10,
        ),
    ] = None
    work_county_tax_code: Annotated[
        str | None,
        About("county tax code of the work place", wire="Work_County_Tax_Code", length=10),
    ] = None
    work_local_tax_code: Annotated[
        str | None, About("local tax code of the work place", wire="Work_Local_Tax_Cod", length=10)
    ] = None
    original_contract: Annotated[
        Decimal | None,
        About(
            "original contract amount in dollars, without change orders",
            wire="Original_Contract",
            length=14,
            digits=(10, 2),
        ),
    ] = None
    wo_site: Annotated[str | None, About("work order site", wire="WO_Site", length=10)] = None
    latitude: Annotated[
        Decimal | None, About("latitude in degrees", wire="Latitude", length=11, digits=(3, 6))
    ] = None
    longitude: Annotated[
        Decimal | None, About("longitude in degrees", wire="Longitude", length=11, digits=(3, 6))
    ] = None
    track_davis_bacon: Annotated[
        bool | None,
        About(
            "whether Davis-Bacon wages are tracked; not together with prevailing wages",
            wire="Track_Davis_Bacon",
        ),
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
    create_date: Annotated[date | None, About("day of creation", wire="Create_Date")] = None
    udf: Annotated[
        tuple[str, ...],
        About(
            "user-defined fields by number, as mapped on the Authorization ID",
            wire="UDF1..20",
            length=20,
        ),
    ] = ()
    cost_center: Annotated[
        CostCenter | None, About("cost center", wire="Cost_Center", length=10)
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
    status_code: Annotated[
        str | None,
        About(
            "active (A), inactive (I) or complete (C)",
            wire="Status_Code",
            length=1,
            values=("A", "I", "C"),
        ),
    ] = None
