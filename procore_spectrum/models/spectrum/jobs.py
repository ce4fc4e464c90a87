"""Jobs as Spectrum reports them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    CompanyCode,
    ContractNumber,
    CostCenter,
    CustomerCode,
    DivisionCode,
    JobNumber,
)

__all__ = ["Job", "JobContact", "JobProfile", "JobUdf", "job_sort_key", "merge_jobs"]


def job_sort_key(number: str) -> str:
    """The key by which Spectrum sorts jobs: it stores their numbers right-justified."""
    return number.rjust(10)


@attrs.frozen(kw_only=True)
class JobProfile:
    """What a job is, wherever it is read or written."""

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
    customer_code: Annotated[
        CustomerCode | None, About("customer", wire="Customer_Code", length=10)
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
    contract_number: Annotated[
        ContractNumber | None, About("contract number", wire="Contract_Number", length=30)
    ] = None
    wo_site: Annotated[str | None, About("work order site", wire="WO_Site", length=10)] = None
    unit_of_measure: Annotated[
        str | None, About("unit of measure", wire="Unit_of_Measure", length=5)
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
    latitude: Annotated[
        Decimal | None, About("latitude in degrees", wire="Latitude", length=11, digits=(3, 6))
    ] = None
    longitude: Annotated[
        Decimal | None, About("longitude in degrees", wire="Longitude", length=11, digits=(3, 6))
    ] = None
    cost_center: Annotated[
        CostCenter | None, About("cost center", wire="Cost_Center", length=10)
    ] = None
    project_manager: Annotated[
        str | None,
        About(
            "project manager; an employee code where the installation checks it",
            wire="Project_Manager",
            length=15,
        ),
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
    certified_flag: Annotated[
        bool | None, About("whether payroll is certified", wire="Certified_Flag")
    ] = None
    work_state_tax_code: Annotated[
        str | None,
        About(
            "state tax code of the work place; the three must differ",
            wire="Work_State_Tax_Code",
            length=10,
        ),
    ] = None
    est_start_date: Annotated[date | None, About("planned first day", wire="Est_Start_Date")] = None
    est_complete_date: Annotated[
        date | None, About("planned last day, not before the first", wire="Est_Complete_Date")
    ] = None
    create_date: Annotated[date | None, About("day of creation", wire="Create_Date")] = None
    start_date: Annotated[date | None, About("actual first day", wire="Start_Date")] = None
    complete_date: Annotated[date | None, About("actual last day", wire="Complete_Date")] = None


@attrs.frozen(kw_only=True)
class Job(JobProfile):
    """A job: what GetJob, GetJobMain and GetJobDates say about it, together.

    ``None`` means that no answer held the element, blank text that it was empty. Dates and
    numbers are also ``None`` when unset; ``services`` tells which services were read. Where
    they disagree, GetJobMain wins (GetJob cuts the contract number at 15 characters).

    Key: ``job_number``, with its own dashes, trimmed. Descriptions are cut at 25 characters.
    Sources: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/get-job,
    …/get-job---main, …/get-job-dates
    """

    job_number: Annotated[
        JobNumber, About("job number, with its own dashes, trimmed", wire="Job_Number", length=10)
    ]
    company_code: Annotated[CompanyCode | None, About("company", wire="Company_Code", length=3)] = (
        None
    )
    customer_name: Annotated[
        str | None, About("name of the customer", wire="Customer_Name", length=30)
    ] = None
    owner_name: Annotated[str | None, About("owner", wire="Owner_Name", length=50)] = None
    comment: Annotated[str | None, About("comment", wire="Comment", length=250)] = None
    price_method_code: Annotated[
        str | None,
        About(
            "fixed price (F), time and material (T), cost plus (C), unit price (U)",
            wire="Price_Method_Code",
            length=1,
            values=("F", "T", "C", "U"),
        ),
    ] = None
    total_units: Annotated[
        Decimal | None, About("total units of the job", wire="Total_Units", length=9, digits=(9, 2))
    ] = None
    legal_desc: Annotated[str | None, About("legal description", wire="Legal_Desc", length=350)] = (
        None
    )
    main_free_fields: Annotated[
        tuple[str, ...],
        About(
            "fields that the vendor keeps free, by number", wire="GetJobMain:Field_1..5", length=30
        ),
    ] = ()
    projected_complete_date: Annotated[
        date | None, About("projected last day", wire="Projected_Complete_Date")
    ] = None
    dates_free_fields: Annotated[
        tuple[str, ...],
        About(
            "fields that the vendor keeps free, by number", wire="GetJobDates:Field_1..5", length=10
        ),
    ] = ()
    services: Annotated[tuple[str, ...], About("services that this was read from")] = ()


_LEAST_TO_MOST_DETAILED = ("GetJobDates", "GetJob", "GetJobMain")


def merge_jobs(parts: Iterable[Job]) -> tuple[Job, ...]:
    """Join the parts that different services reported, by job number, in Spectrum's order.

    Each part names its one service in ``services``. A job that a service did not report keeps
    ``None`` in that service's fields.
    """
    merged: dict[str, Job] = {}
    for part in sorted(parts, key=lambda part: tuple(map(_rank, part.services))):
        known = {name: value for name, value in _values(part).items() if value not in (None, ())}
        before = merged.get(part.job_number, part)
        services = tuple(sorted({*before.services, *part.services}))
        merged[part.job_number] = attrs.evolve(before, **known | {"services": services})
    return tuple(sorted(merged.values(), key=lambda job: job_sort_key(job.job_number)))


def _values(job: Job) -> dict[str, Any]:
    return attrs.asdict(job, recurse=False)


def _rank(service: str) -> int:
    order = _LEAST_TO_MOST_DETAILED
    return order.index(service) if service in order else -1


@attrs.frozen(kw_only=True)
class JobUdf:
    """The user-defined fields of a job, from GetJobUDF.

    They are text as stored, by number; fields must be mapped on the Authorization ID. Only the
    first five are on the vendor's page; other clients read twenty.

    Key: ``job_number``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/get-job-udf
    """

    job_number: Annotated[
        JobNumber, About("job number, with its own dashes, trimmed", wire="Job_Number", length=10)
    ]
    company_code: Annotated[CompanyCode | None, About("company", wire="Company_Code", length=3)] = (
        None
    )
    udf: Annotated[
        tuple[str, ...],
        About(
            "user-defined fields by number, as mapped on the Authorization ID",
            wire="UDF1..20",
            length=20,
        ),
    ] = ()


@attrs.frozen(kw_only=True)
class JobContact:
    """A contact of a job, from GetJobContact.

    Not every installation has the service.

    Key: ``job_number`` and ``contact_id``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/get-job-contacts
    """

    job_number: Annotated[
        JobNumber, About("job number, with its own dashes, trimmed", wire="Job_Number", length=10)
    ]
    company_code: Annotated[CompanyCode | None, About("company", wire="Company_Code", length=3)] = (
        None
    )
    job_description: Annotated[
        str | None, About("description", wire="Job_Description", length=25)
    ] = None
    status_code: Annotated[
        str | None, About("active (A), inactive (I) or complete (C)", wire="Status_Code", length=1)
    ] = None
    project_manager: Annotated[
        str | None,
        About(
            "project manager; an employee code where the installation checks it",
            wire="Project_Manager",
            length=15,
        ),
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
    cost_center: Annotated[
        CostCenter | None, About("cost center", wire="Cost_Center", length=10)
    ] = None
    contact_id: Annotated[
        int | None,
        About("number of the contact", wire="Contact_ID", length=10, digits=(10, 0), signed=False),
    ] = None
    first_name: Annotated[str | None, About("first name", wire="First_Name", length=20)] = None
    last_name: Annotated[str | None, About("last name", wire="Last_Name", length=30)] = None
    title: Annotated[str | None, About("title", wire="Title", length=50)] = None
    addr_1: Annotated[str | None, About("first line of the address", wire="Addr_1", length=30)] = (
        None
    )
    addr_2: Annotated[str | None, About("second line of the address", wire="Addr_2", length=30)] = (
        None
    )
    addr_city: Annotated[str | None, About("city", wire="Addr_City", length=25)] = None
    addr_state: Annotated[str | None, About("state", wire="Addr_State", length=2)] = None
    addr_zip: Annotated[str | None, About("postal code", wire="Addr_Zip", length=10)] = None
    addr_country: Annotated[str | None, About("country", wire="Addr_Country", length=25)] = None
    phone_number: Annotated[str | None, About("telephone", wire="Phone_Number", length=14)] = None
    emails: Annotated[
        tuple[str, ...], About("e-mail addresses by number", wire="Email1..3", length=80)
    ] = ()
    remarks: Annotated[str | None, About("remarks", wire="Remarks", length=250)] = None
    status: Annotated[str | None, About("state of the record", wire="Status", length=1)] = None
    organization_type: Annotated[
        str | None,
        About(
            "kind of organisation: vendor (V), customer (C), employee (E), other (O)",
            wire="OType",
            length=1,
            values=("V", "C", "E", "O"),
        ),
    ] = None
    organization_name: Annotated[
        str | None, About("name of the organisation", wire="OName", length=40)
    ] = None
    organization_city: Annotated[
        str | None, About("city of the organisation", wire="OCity", length=25)
    ] = None
    organization_state: Annotated[
        str | None, About("state of the organisation", wire="OState", length=2)
    ] = None
    organization_status: Annotated[
        str | None, About("state of the organisation's record", wire="OStatus", length=1)
    ] = None
