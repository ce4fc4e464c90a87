"""The tables of one Spectrum company, and how a test fills them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import attrs

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.testing.fake_spectrum.documents import (
    COST_ELEMENTS,
    COST_KEY,
    BillingItem,
    ChangeRequest,
    Record,
    Subcontract,
    Transaction,
)
from procore_spectrum.testing.fake_spectrum.layouts import LAYOUTS, Field, Value

__all__ = ["Company", "JobPhases", "Phase", "Record", "canonical", "right"]

_JOB_WIDTH = 10
_T = TypeVar("_T")

# One stored name for elements that the services spell differently.
_SAME = {
    "Address_3": "City",
    "Work_Local_Tax_Cod": "Work_Local_Tax_Code",
}

_TABLE_SERVICES = {
    "vendors": ("AddVendor", "UpdateVendor", "GetVendors"),
    "jobs": ("AddJob", "UpdateJob", "GetJob", "GetJobMain", "GetJobDates", "GetJobUDF"),
    "customers": ("AddCustomer", "GetCustomers"),
    "contacts": ("GetJobContact",),
    "phases": ("AddPhase", "GetPhase", "GetPhaseEnhanced"),
    "subcontracts": ("UpdateSubcontract", "UpdateSubcon_UDF"),
    "subcontract_lines": ("UpdateSubcontractPhases",),
    "change_requests": ("ARChangeRequest",),
}
_OPERATOR = Field(name="Operator", direction="in", kind="Text", max_length=3, required=False)
_NOT_STORED = {"Authorization_ID", "GUID", "Company_Code"}
_NOT_STORED |= {"Error_Code", "Error_Description", "Error_Column"}


def canonical(element: str) -> str:
    """The name under which an element is stored."""
    return _SAME.get(element, element)


def right(key: str) -> str:
    """The sort key of a job number: right-justified, so shorter ones come first."""
    return key.rjust(_JOB_WIDTH)


@cache
def _columns(table: str) -> Mapping[str, Field]:
    columns: dict[str, Field] = {}
    for service in _TABLE_SERVICES[table]:
        for field in LAYOUTS[service].fields:
            is_parameter = field.name[0] == "p" and field.name[1:2].isupper()
            if field.name not in _NOT_STORED and not is_parameter:
                columns.setdefault(canonical(field.name), field)
    columns.setdefault(_OPERATOR.name, _OPERATOR)
    return columns


def _stored(table: str, elements: Mapping[str, object]) -> Record:
    columns = _columns(table)
    record: Record = {}
    for element, value in elements.items():
        field = columns.get(canonical(element))
        if field is None:
            raise InvalidValueError(
                f"{element!r} is not an element of {table}", path=element, hint="see layouts.json"
            )
        if value not in (None, ""):
            record[canonical(element)] = field.store(value)
    return record


def _key(table: str, record: Record, element: str) -> str:
    value = record.get(element)
    if not isinstance(value, str):
        raise InvalidValueError(f"a record of {table} needs its key", path=element)
    return value


@attrs.define(kw_only=True)
class Phase:
    """One cost type of one phase of one job. Attributes are the elements in small letters.

    Money, hours and quantities are None while nothing was entered.
    """

    phase_code: str
    cost_type: str
    status_code: str = "A"
    unit_of_measure: str = ""
    price_method_code: str = ""
    bid_item_number: str = ""
    alt_phase_code: str = ""
    work_comp_code: str = ""
    phase_cost_center: str = ""
    comment: str = ""
    start_date: date | None = None
    end_date: date | None = None
    complete_date: date | None = None
    original_est_quantity: Decimal | None = None
    original_est_hours: Decimal | None = None
    original_est_cost: Decimal | None = None
    current_est_quantity: Decimal | None = None
    current_est_hours: Decimal | None = None
    current_est_cost: Decimal | None = None
    projected_quantity: Decimal | None = None
    projected_hours: Decimal | None = None
    projected_dollars: Decimal | None = None
    jtd_quantity: Decimal | None = None
    jtd_hours: Decimal | None = None
    jtd_actual_dollars: Decimal | None = None


_PHASE_ATTRIBUTES = frozenset(field.name for field in attrs.fields(Phase))
_READ_AS = {
    "estimated_quantity": "current_est_quantity",
    "estimated_hours": "current_est_hours",
    "current_estimate_dollars": "current_est_cost",
    "cost_center": "phase_cost_center",
}


class JobPhases:
    """The phases of one job. A description belongs to the phase, whatever its cost types."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[str, str], Phase] = {}
        self.descriptions: dict[str, str] = {}
        self._ordered: list[Phase] | None = None

    def remove(self, code: str, cost_type: str) -> None:
        """Delete a pair; KeyError if there is none."""
        del self.pairs[code, cost_type]
        self._ordered = None

    def put(self, phase: Phase) -> None:
        """Add or replace a pair of phase and cost type."""
        self.pairs[phase.phase_code, phase.cost_type] = phase
        self._ordered = None

    def ordered(self) -> list[Phase]:
        """By phase code, then cost type."""
        if self._ordered is None:
            self._ordered = [self.pairs[key] for key in sorted(self.pairs)]
        return self._ordered


@attrs.define(kw_only=True)
class Company:
    """Everything that one company holds, by key."""

    code: str
    phase_mask: str
    vendors: dict[str, Record] = attrs.field(factory=dict)
    customers: dict[str, Record] = attrs.field(factory=dict)
    jobs: dict[str, Record] = attrs.field(factory=dict)
    contacts: list[Record] = attrs.field(factory=list)
    cost_types: dict[str, str] = attrs.field(factory=dict)
    gl_accounts: dict[str, bool | None] = attrs.field(factory=dict)
    phases: dict[str, JobPhases] = attrs.field(factory=dict)
    phase_categories: dict[str, tuple[dict[str, str], ...]] = attrs.field(factory=dict)
    subcontracts: dict[tuple[str, str], Subcontract] = attrs.field(factory=dict)
    change_requests: dict[tuple[str, str, str], ChangeRequest] = attrs.field(factory=dict)
    change_statuses: dict[str, int] = attrs.field(factory=dict)
    sub_change_orders: set[tuple[str, str]] = attrs.field(factory=set)
    billing_items: dict[tuple[str, str], BillingItem] = attrs.field(factory=dict)
    projections: list[Record] = attrs.field(factory=list)
    transactions: list[Transaction] = attrs.field(factory=list)
    codes: dict[str, set[str]] = attrs.field(factory=dict)
    fiscal_calendar: tuple[date, date] | None = None
    open_periods: tuple[date, date] | None = None

    # ------------------------------------------------------------ arranging

    def add_vendor(self, elements: Mapping[str, object]) -> None:
        """Insert or replace a vendor, without the rules of the web service."""
        record = {"Status": "A", "Terms_Code": "A", **_stored("vendors", elements)}
        self.vendors[_key("vendors", record, "Vendor_Code")] = record

    def add_customer(self, elements: Mapping[str, object]) -> None:
        """Insert or replace a customer."""
        record: Record = {"Status": "Active", **_stored("customers", elements)}
        self.customers[_key("customers", record, "Customer_Code")] = record

    def add_job(self, elements: Mapping[str, object]) -> None:
        """Insert or replace a job, without the rules of the web service."""
        record = {"Status_Code": "A", "Price_Method_Code": "F", **_stored("jobs", elements)}
        number = _key("jobs", record, "Job_Number")
        self.jobs[number] = record
        self.phases.setdefault(number, JobPhases())

    def add_contact(self, elements: Mapping[str, object]) -> None:
        """Append a contact of a job; contacts are numbered in order."""
        record = _stored("contacts", elements)
        self.phases_of(_key("contacts", record, "Job_Number"))
        record.setdefault("Contact_ID", Decimal(len(self.contacts) + 1))
        self.contacts.append(record)

    def add_phase(self, elements: Mapping[str, object]) -> None:
        """Insert or replace a pair of phase and cost type; an unknown cost type is set up."""
        columns = _columns("phases")
        values: dict[str, Any] = {}
        for element, value in elements.items():
            name = _READ_AS.get(element.lower(), element.lower())
            known = name in _PHASE_ATTRIBUTES or element in {"Job_Number", "Description"}
            if not known or element not in columns:
                raise InvalidValueError(f"{element!r} is not an element of phases", path=element)
            if value is not None:
                values[name] = columns[element].store(value)
        job, description = values.pop("job_number", None), values.pop("description", "")
        if not (job and values.get("phase_code") and values.get("cost_type")):
            raise InvalidValueError("a phase needs Job_Number, Phase_Code and Cost_Type")
        phase, of_job = Phase(**values), self.phases_of(job)
        self.cost_types.setdefault(phase.cost_type, phase.cost_type)
        of_job.put(phase)
        of_job.descriptions[phase.phase_code] = description

    def remove_phase(self, job: str, code: str, cost_type: str) -> None:
        """Delete a pair of phase and cost type."""
        of_job = self.phases_of(job)
        if (code, cost_type) not in of_job.pairs:
            raise InvalidValueError(
                "the job has no such phase and cost type", path=f"{job}/{code}/{cost_type}"
            )
        of_job.remove(code, cost_type)

    def set_cost(
        self,
        key: tuple[str, str, str],
        dollars: Decimal | None,
        hours: Decimal | None,
        quantity: Decimal | None,
    ) -> None:
        """Set the job-to-date figures of (job, phase, cost type); None leaves one as it is."""
        job, code, cost_type = key
        phase = self.phases_of(job).pairs.get((code, cost_type))
        if phase is None:
            raise InvalidValueError("the job has no such phase and cost type", path="/".join(key))
        if dollars is not None:
            phase.jtd_actual_dollars = dollars
        if hours is not None:
            phase.jtd_hours = hours
        if quantity is not None:
            phase.jtd_quantity = quantity

    def add_subcontract(self, elements: Mapping[str, object]) -> None:
        """Insert or replace a subcontract, without the rules of the web service."""
        header = {"Status_Code": "A", **_stored("subcontracts", elements)}
        self.phases_of(_key("subcontracts", header, "Job_Number"))
        if "GL_Account" in header:  # an account may begin with zeros
            header["GL_Account"] = str(elements["GL_Account"])
        self.subcontracts[_subcontract_key(header)] = Subcontract(header)

    def add_subcontract_line(self, elements: Mapping[str, object]) -> None:
        """Insert or replace a line of a subcontract."""
        line = _stored("subcontract_lines", elements)
        subcontract = self.subcontracts.get(_subcontract_key(line))
        if subcontract is None:
            raise InvalidValueError("there is no such subcontract", path="Subcontract_Number")
        code = _key("subcontract_lines", line, "Phase_Code")
        cost_type = _key("subcontract_lines", line, "Cost_Type")
        subcontract.lines[code, cost_type, str(line.get("Bid_Item_Number", ""))] = line

    def add_change_request(self, elements: Mapping[str, object]) -> None:
        """Insert or replace a change request, or add a cost line to the one that is there."""
        record = _stored("change_requests", elements)
        job, customer, number = (
            _key("change_requests", record, element)
            for element in ("Job_Number", "Customer_Code", "Change_Request_Number")
        )
        self.phases_of(job)
        request = self.change_requests.setdefault((job, customer, number), ChangeRequest({}))
        line = {name: value for name, value in record.items() if name in COST_ELEMENTS}
        request.header |= {name: record[name] for name in record if name not in COST_ELEMENTS}
        if line:
            values = (str(line.get(element, "")) for element in COST_KEY)
            code, cost_type, vendor, subcontract, group, item = values
            request.cost_lines[code, cost_type, vendor, subcontract, group, item] = line

    def phases_of(self, job: str) -> JobPhases:
        """The phases of a job.

        Raises:
            InvalidValueError: there is no such job.
        """
        if job not in self.phases:
            raise InvalidValueError(f"there is no job {job!r}", path="Job_Number")
        return self.phases[job]

    def mask_of(self, job: Mapping[str, Value]) -> str:
        """The phase mask of a job: its own, or the installation's."""
        return str(job.get("Phase_Display_Code", self.phase_mask))

    def is_open(self, day: Value) -> bool:
        """Whether a day is within the open processing dates; without any, every day is."""
        if self.open_periods is None or not isinstance(day, date):
            return True
        first, last = self.open_periods
        return first <= day <= last

    def knows(self, kind: str, code: str) -> bool:
        """Whether a code is set up; while none of its kind is, every code is taken."""
        return not self.codes.get(kind) or code in self.codes[kind]

    # ------------------------------------------------------------ inspecting

    def state(self) -> dict[str, Any]:
        """Everything, ready for JSON, in a fixed order."""
        return {
            "vendors": [_plain(self.vendors[key]) for key in sorted(self.vendors)],
            "customers": [_plain(self.customers[key]) for key in sorted(self.customers)],
            "jobs": [_plain(self.jobs[key]) for key in sorted(self.jobs, key=right)],
            "contacts": [_plain(record) for record in self.contacts],
            "cost_types": dict(sorted(self.cost_types.items())),
            "gl_accounts": sorted(self.gl_accounts),
            "phases": list(self._phase_state()),
            "subcontracts": [
                {**_plain(document.header), "lines": _in_order(document.lines)}
                for document in _sorted(self.subcontracts)
            ],
            "change_requests": [
                {
                    **_plain(document.header),
                    "lines": _in_order(document.cost_lines),
                    "billing_lines": _in_order(document.billing_lines),
                }
                for document in _sorted(self.change_requests)
            ],
            "projections": [_plain(record) for record in self.projections],
        }

    def _phase_state(self) -> Iterator[dict[str, Any]]:
        for job in sorted(self.phases, key=right):
            of_job = self.phases[job]
            for phase in of_job.ordered():
                values = _plain(attrs.asdict(phase))
                yield {"job": job, "description": of_job.descriptions[phase.phase_code], **values}


def _subcontract_key(record: Record) -> tuple[str, str]:
    return (
        _key("subcontracts", record, "Vendor_Code"),
        _key("subcontracts", record, "Subcontract_Number"),
    )


def _sorted(records: Mapping[Any, _T]) -> list[_T]:
    return [records[key] for key in sorted(records)]


def _in_order(records: Mapping[Any, Record]) -> list[dict[str, Any]]:
    return [_plain(record) for record in _sorted(records)]


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if value is None else str(value)
        for name, value in sorted(record.items())
        if value not in (None, "")
    }
