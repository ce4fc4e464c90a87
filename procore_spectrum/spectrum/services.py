"""One function for each service: it says what to ask, the client asks.

Parameters that understand SuperSelect take a
:class:`~procore_spectrum.spectrum.superselect.Selection`, or text that is meant exactly.
A value that SuperSelect cannot express raises
:class:`~procore_spectrum.errors.InvalidValueError`; nothing is ever widened silently.

Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, TypedDict, TypeVar, Unpack

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.models.spectrum import (
    ChangeRequestLine,
    CustomerCreate,
    EstimateUpdate,
    Job,
    JobContact,
    JobCostProjection,
    JobCreate,
    JobUdf,
    JobUpdate,
    Phase,
    PhaseUpsert,
    SubcontractLineUpsert,
    SubcontractUpsert,
    Vendor,
    VendorCreate,
    VendorUpdate,
)
from procore_spectrum.spectrum.calls import RestCall, SoapCall
from procore_spectrum.spectrum.convert import to_elements
from procore_spectrum.spectrum.superselect import Selection, exact

__all__ = [
    "JobFilter",
    "JobSort",
    "PhaseFilter",
    "Status",
    "add_change_request_line",
    "add_job_cost_projection",
    "create_customer",
    "create_job",
    "create_vendor",
    "list_job_contacts",
    "list_job_dates",
    "list_job_main",
    "list_job_udfs",
    "list_jobs",
    "list_phases",
    "list_phases_enhanced",
    "list_vendors",
    "test_connection",
    "update_estimate",
    "update_job",
    "update_vendor",
    "upsert_phase",
    "upsert_subcontract",
    "upsert_subcontract_line",
]

T = TypeVar("T")

Select: TypeAlias = Selection | str | None
Status: TypeAlias = Literal["A", "I", "C"] | None
"""One status. None is Active and Inactive together; Complete is asked for by itself."""


def _text(value: Select) -> str:
    if value is None:
        return ""
    return (value if isinstance(value, Selection) else exact(value)).text


def _known(service: str, wanted: Mapping[str, object], known: type) -> None:
    """Refuse misspelt names, as an ordinary signature would: they would widen the question."""
    if strange := sorted(set(wanted) - known.__annotations__.keys()):
        raise TypeError(f"{service} has no parameter {', '.join(strange)}")


# ---------------------------------------------------------------- jobs


JobSort: TypeAlias = Literal["", "D", "P", "S", "E", "C"]


class JobFilter(TypedDict, total=False):
    """Which jobs a service is asked for; what is left out does not narrow it."""

    status: Status
    division: Select
    project_manager: Select
    superintendent: Select
    estimator: Select
    customer_code: Select
    cost_center: str | None


def _job_call(
    service: str, model: type[T], wanted: JobFilter, sort_by: str | None = None
) -> SoapCall[T]:
    _known(service, wanted, JobFilter)
    selections = {
        "pDivision": wanted.get("division"),
        "pProject_Manager": wanted.get("project_manager"),
        "pSuperintendent": wanted.get("superintendent"),
        "pEstimator": wanted.get("estimator"),
        "pCustomer_Code": wanted.get("customer_code"),
    }
    return _listing(
        service, model, selections, wanted.get("status"), wanted.get("cost_center"), sort_by
    )


def _listing(
    service: str,
    model: type[T],
    selections: dict[str, Select],
    status: Status,
    cost_center: str | None,
    sort_by: str | None,
) -> SoapCall[T]:
    parameters = {name: _text(value) for name, value in selections.items()}
    parameters |= {"pStatus_Code": status or "", "pCost_Center": cost_center or ""}
    if sort_by is not None:
        parameters["pSort_By"] = sort_by
    return SoapCall(service=service, parameters=parameters, model=model)


def list_jobs(*, sort_by: JobSort = "", **wanted: Unpack[JobFilter]) -> SoapCall[Job]:
    """Jobs with their people, by GetJob. It cannot ask for a single job."""
    return _job_call("GetJob", Job, wanted, sort_by)


def list_job_main(*, sort_by: JobSort = "", **wanted: Unpack[JobFilter]) -> SoapCall[Job]:
    """Jobs with contract, owner and phones, by GetJobMain."""
    return _job_call("GetJobMain", Job, wanted, sort_by)


def list_job_dates(*, sort_by: JobSort = "", **wanted: Unpack[JobFilter]) -> SoapCall[Job]:
    """Jobs with their dates, by GetJobDates."""
    return _job_call("GetJobDates", Job, wanted, sort_by)


def list_job_udfs(**wanted: Unpack[JobFilter]) -> SoapCall[JobUdf]:
    """User-defined fields of jobs, by GetJobUDF."""
    return _job_call("GetJobUDF", JobUdf, wanted)


def list_job_contacts(
    *,
    job_number: Select = None,
    status: Status = None,
    project_manager: Select = None,
    superintendent: Select = None,
    estimator: Select = None,
    first_name: Select = None,
    last_name: Select = None,
    phone_number: Select = None,
    title: Select = None,
    cost_center: str | None = None,
    sort_by: Literal["", "C", "P", "S", "E", "L"] = "",
    service: Literal["GetJobContact", "GetJobContacts"] = "GetJobContact",
) -> SoapCall[JobContact]:
    """Contacts of jobs. The service has two names, and some installations have neither."""
    selections = {
        "pJob_Number": job_number,
        "pProject_Manager": project_manager,
        "pSuperintendent": superintendent,
        "pEstimator": estimator,
        "pFirst_Name": first_name,
        "pLast_Name": last_name,
        "pPhone_Number": phone_number,
        "pTitle": title,
    }
    return _listing(service, JobContact, selections, status, cost_center, sort_by)


def create_job(job: JobCreate) -> SoapCall[None]:
    """Add a job, by AddJob.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("AddJob", job, repeatable=False)


def update_job(job: JobUpdate) -> SoapCall[None]:
    """Change a job, by UpdateJob.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("UpdateJob", job, repeatable=True)


def _write(service: str, record: object, *, repeatable: bool) -> SoapCall[None]:
    return SoapCall(
        service=service,
        parameters=to_elements(record),
        model=type(None),
        kind="write",
        repeatable=repeatable,
    )


# ---------------------------------------------------------------- phases


class PhaseFilter(TypedDict, total=False):
    """Which phases a service is asked for; what is left out does not narrow it."""

    cost_types: Select
    job_number: Select
    status: Status
    cost_center: str | None
    sort_by: Literal["", "C"]


def _phase_call(service: str, wanted: PhaseFilter) -> SoapCall[Phase]:
    _known(service, wanted, PhaseFilter)
    selections = {
        "pCost_Type": wanted.get("cost_types"),
        "pJob_Number": wanted.get("job_number"),
    }
    return _listing(
        service,
        Phase,
        selections,
        wanted.get("status"),
        wanted.get("cost_center"),
        wanted.get("sort_by", ""),
    )


def list_phases(**wanted: Unpack[PhaseFilter]) -> SoapCall[Phase]:
    """Phases and cost types with their totals, by GetPhase."""
    return _phase_call("GetPhase", wanted)


def list_phases_enhanced(**wanted: Unpack[PhaseFilter]) -> SoapCall[Phase]:
    """The same with price method, dates and comment, by GetPhaseEnhanced."""
    return _phase_call("GetPhaseEnhanced", wanted)


def upsert_phase(phase: PhaseUpsert) -> SoapCall[None]:
    """Add or update a phase and cost type, by AddPhase.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("AddPhase", phase, repeatable=True)


def update_estimate(estimate: EstimateUpdate) -> SoapCall[None]:
    """Write the estimates of a phase and cost type that the job has, by AddPhase.

    Totals, not differences: it may be repeated.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("AddPhase", estimate, repeatable=True)


def add_job_cost_projection(projection: JobCostProjection) -> SoapCall[None]:
    """Enter a projection, by JobCostProjections.

    The figures are totals at completion, and an equal entry is ignored: it may be repeated.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("JobCostProjections", projection, repeatable=True)


# ---------------------------------------------------------------- vendors


def list_vendors(
    *,
    vendor_type: str | None = None,
    city: str | None = None,
    state: str | None = None,
    name: str | None = None,
    cost_center: str = "ALL",
) -> RestCall[Vendor]:
    """Active vendors, by the REST service GetVendors.

    The cost center is sent as soon as another filter is, because Spectrum demands it then.
    """
    filters = {"pType": vendor_type, "pCity": city, "pState": state, "pName": name}
    query = {name: value for name, value in filters.items() if value}
    if query or cost_center != "ALL":
        query["pCostCenter"] = cost_center
    return RestCall(service="GetVendors", path="/vendors/{company}", query=query, model=Vendor)


def create_vendor(vendor: VendorCreate) -> SoapCall[None]:
    """Add a vendor, by AddVendor.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("AddVendor", vendor, repeatable=False)


def update_vendor(vendor: VendorUpdate) -> SoapCall[None]:
    """Change a vendor, by UpdateVendor.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("UpdateVendor", vendor, repeatable=True)


# ---------------------------------------------------------------- contracts and customers


def upsert_subcontract(subcontract: SubcontractUpsert) -> SoapCall[None]:
    """Add or update the header of a subcontract, by UpdateSubcontract.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("UpdateSubcontract", subcontract, repeatable=True)


def upsert_subcontract_line(line: SubcontractLineUpsert) -> SoapCall[None]:
    """Add or update a line of a subcontract, by UpdateSubcontractPhases.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("UpdateSubcontractPhases", line, repeatable=True)


def add_change_request_line(line: ChangeRequestLine, *, repeatable: bool = False) -> SoapCall[None]:
    """Add a line to a change request, and the request with its first line, by ARChangeRequest.

    Args:
        line: the line with the header of its request.
        repeatable: whether the same line may be sent twice. Its page says that the second one
            updates the first; a client reports that it is refused.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("ARChangeRequest", line, repeatable=repeatable)


def create_customer(customer: CustomerCreate) -> SoapCall[None]:
    """Add a customer, by AddCustomer.

    Raises:
        InvalidValueError: with every value that does not fit.
    """
    return _write("AddCustomer", customer, repeatable=False)


# ---------------------------------------------------------------- test


def test_connection(version: str) -> SoapCall[None]:
    """Check credentials and version, by WSTestConnection; it changes nothing.

    Args:
        version: the version that this program was written for, such as ``1.12``.
    """
    if not 0 < len(version) <= 36:
        raise InvalidValueError("a version has 1 to 36 characters", path="version")
    return SoapCall(
        service="WSTestConnection",
        parameters={"Version": version},
        model=type(None),
        kind="write",
    )
