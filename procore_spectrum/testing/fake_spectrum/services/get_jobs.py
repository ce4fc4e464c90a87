"""GetJob, GetJobMain, GetJobDates, GetJobUDF and GetJobContact."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from procore_spectrum.testing.fake_spectrum.calls import Call, Row
from procore_spectrum.testing.fake_spectrum.company import Record, right
from procore_spectrum.testing.fake_spectrum.services.registry import reads
from procore_spectrum.testing.fake_spectrum.super_select import select

__all__ = ["get_job_contacts", "get_jobs", "get_jobs_main"]

_DIVISION_WIDTH = 5
_WIDTHS = {"pJob_Number": 10, "pDivision": _DIVISION_WIDTH}

_SORTED_BY = {
    "D": "Division",
    "P": "Project_Manager",
    "S": "Superintendent",
    "E": "Estimator",
    "C": "Customer_Code",
}


def _text(record: Record, element: str) -> str:
    return str(record.get(element, ""))


def _statuses(call: Call) -> str:
    return call.text("pStatus_Code") or "AI"


def _tests(call: Call) -> list[tuple[str, Callable[[str], bool]]]:
    """Every selecting parameter as (element, test)."""
    return [
        (field.name.removeprefix("p"), select(text, width=_WIDTHS.get(field.name, 0)))
        for field in call.layout.inputs
        if field.super_select and (text := call.text(field.name))
    ]


def _selected(call: Call) -> list[Record]:
    tests, cost_center = _tests(call), call.text("pCost_Center")
    chosen = [
        job
        for job in call.company.jobs.values()
        if _text(job, "Status_Code") in _statuses(call)
        and cost_center in {"", _text(job, "Cost_Center")}
        and all(test(_text(job, element)) for element, test in tests)
    ]
    element = _SORTED_BY.get(call.text("pSort_By"))

    def key(job: Record) -> tuple[str, str]:
        first = _text(job, element) if element else ""
        if element == "Division":
            first = first.rjust(_DIVISION_WIDTH)
        return first, right(_text(job, "Job_Number"))

    return sorted(chosen, key=key)


@reads("GetJob")
@reads("GetJobDates")
@reads("GetJobUDF")
def get_jobs(call: Call) -> Iterator[Row]:
    """Jobs by right-justified number, or by the element asked for."""
    for job in _selected(call):
        yield {**job, "Company_Code": call.company.code}


@reads("GetJobMain")
def get_jobs_main(call: Call) -> Iterator[Row]:
    """Like GetJob, with the customer's name."""
    for job in _selected(call):
        customer = call.company.customers.get(_text(job, "Customer_Code"), {})
        yield {
            **job,
            "Company_Code": call.company.code,
            "Customer_Name": customer.get("Name", ""),
        }


_CONTACTS_BY = {"C": "Contact_ID", "L": "Last_Name"}


@reads("GetJobContact")
def get_job_contacts(call: Call) -> Iterator[Row]:
    """Contacts with some elements of their job, by job unless asked otherwise."""
    jobs, tests = call.company.jobs, _tests(call)
    element = _CONTACTS_BY.get(call.text("pSort_By")) or _SORTED_BY.get(call.text("pSort_By"))
    rows = []
    for contact in call.company.contacts:
        job = jobs[_text(contact, "Job_Number")]
        shared = {name: job.get(name, "") for name in ("Job_Description", "Status_Code")}
        shared |= {name: job.get(name, "") for name in _SORTED_BY.values()}
        row = {**shared, **contact, "Company_Code": call.company.code}
        row["Cost_Center"] = job.get("Cost_Center", "")
        if (
            _text(row, "Status_Code") in _statuses(call)
            and call.text("pCost_Center") in {"", row["Cost_Center"]}
            and all(test(_text(row, name)) for name, test in tests)
        ):
            rows.append(row)

    def key(row: Record) -> tuple[str, str]:
        first = _text(row, element or "Company_Code")
        return right(first) if element == "Contact_ID" else first, right(_text(row, "Job_Number"))

    yield from sorted(rows, key=key)
