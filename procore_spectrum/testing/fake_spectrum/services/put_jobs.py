"""AddJob and UpdateJob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing
from procore_spectrum.testing.fake_spectrum.checks import PHONE, STATE, ZIP, off_patterns
from procore_spectrum.testing.fake_spectrum.company import (
    Company,
    JobPhases,
    Phase,
    Record,
    canonical,
)
from procore_spectrum.testing.fake_spectrum.layouts import Value
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["add_job", "update_job"]

_INHERITED = ("Customer_Code", "Tax_Class_Code", "Phase_Display_Code")
_WORK_TAXES = ("Work_State_Tax_Code", "Work_County_Tax_Code", "Work_Local_Tax_Code")
_PATTERNS = {"State": STATE, "Zip_Code": ZIP, "Phone": PHONE}
_SPANS = (("Est_Start_Date", "Est_Complete_Date"), ("Start_Date", "Complete_Date"))
_PO_SHIP = (
    "PO_Ship_Address1",
    "PO_Ship_Address2",
    "PO_Ship_City",
    "PO_Ship_State",
    "PO_Ship_Zip_Code",
    "PO_Ship_Country",
    "PO_Ship_Comment",
)


@writes("AddJob", table="jobs", key="Job_Number")
def add_job(call: Call) -> Sequence[Finding]:
    """A new job, active and created today unless told otherwise; a sub job inherits."""
    findings = off_patterns(call, _PATTERNS)
    if findings:
        return findings
    company, number = call.company, call.text("Job_Number")
    given = {canonical(element): value for element, value in call.given().items()}
    if number in company.jobs:
        findings.append(Finding("I", "Job_Number already exists", "Job_Number"))
    if call.switches.require_division and not call.text("Division"):
        findings.append(missing("Division"))
    findings += _broken_rules(company, given, given)
    if findings:
        return findings
    master = company.jobs.get(str(given.get("Master_Job", "")), {})
    inherited = {element: master[element] for element in _INHERITED if element in master}
    company.jobs[number] = {
        "Status_Code": "A",
        "Create_Date": call.now.date(),
        **inherited,
        **given,
        "Operator": call.operator,
    }
    company.phases[number] = JobPhases()
    _copy_category(company, company.jobs[number])
    return []


@writes("UpdateJob", table="jobs", key="Job_Number")
def update_job(call: Call) -> Sequence[Finding]:
    """Changes an existing job; blanks change nothing, and an AR contract keeps its customer.

    The message about the contract is an information row (its real code is unknown).
    """
    company = call.company
    findings = off_patterns(call, {"Phone": PHONE})
    if findings:
        return findings
    stored = company.jobs.get(call.text("Job_Number"))
    if stored is None:
        return [Finding("I", "Job_Number does not exist", "Job_Number")]
    given = {canonical(element): value for element, value in call.given().items()}
    merged = {**stored, **given}
    findings = _broken_rules(company, merged, given) + _broken_update_rules(merged, given)
    if findings:
        return findings
    if given.get("Status_Code") == "C":
        merged.setdefault("Complete_Date", call.now.date())
    messages = []
    customer = stored.get("Customer_Code")
    if customer and merged["Customer_Code"] != customer:
        merged["Customer_Code"] = customer
        text = "The existing AR contract was not changed"
        messages.append(Finding("G", text, "Customer_Code"))
    stored.update(merged)
    if "Standard_Phase_Category" in given:
        _copy_category(company, stored)
    return messages


def _broken_rules(
    company: Company, record: Mapping[str, Value], given: Mapping[str, Value]
) -> list[Finding]:
    """The rules of both services, on the record as it would be stored."""
    findings = [*_broken_references(company, record, given)]
    for start, end in _SPANS:
        if {start, end} & given.keys() and _is_before(record.get(end), record.get(start)):
            findings.append(Finding("I", f"{end} is before {start}", end))
    codes = [record[element] for element in _WORK_TAXES if element in record]
    if len(set(codes)) < len(codes) and given.keys() & set(_WORK_TAXES):
        text = "The work tax codes must differ"
        findings.append(Finding("I", text, _WORK_TAXES[0]))
    both = record.get("Track_Davis_Bacon"), record.get("Track_Prevailing_Wage")
    if both == ("Y", "Y"):
        text = "Davis-Bacon and prevailing wage cannot both be tracked"
        findings.append(Finding("I", text, "Track_Prevailing_Wage"))
    return findings


def _broken_references(
    company: Company, record: Mapping[str, Value], given: Mapping[str, Value]
) -> list[Finding]:
    findings = []
    if "Customer_Code" in given and given["Customer_Code"] not in company.customers:
        findings.append(Finding("I", "Customer_Code does not exist", "Customer_Code"))
    category = given.get("Standard_Phase_Category")
    if category is not None and category not in company.phase_categories:
        element = "Standard_Phase_Category"
        findings.append(Finding("I", f"{element} does not exist", element))
    if "Master_Job" in given:
        master = company.jobs.get(str(given["Master_Job"]))
        if master is None or given["Master_Job"] == record["Job_Number"]:
            findings.append(Finding("I", "Master_Job is not a valid job", "Master_Job"))
        elif master["Status_Code"] == "C":
            findings.append(Finding("I", "Master_Job is a complete job", "Master_Job"))
        elif _phase_length(company, {**master, **record}) != _phase_length(company, master):
            text = "Master_Job has another phase length"
            findings.append(Finding("I", text, "Master_Job"))
    return findings


def _phase_length(company: Company, job: Mapping[str, Value]) -> int:
    return company.mask_of(job).count("#")


def _is_before(end: Value | None, start: Value | None) -> bool:
    return isinstance(start, date) and isinstance(end, date) and end < start


def _broken_update_rules(record: Mapping[str, Value], given: Mapping[str, Value]) -> list[Finding]:
    """The rules about elements that only UpdateJob has."""
    findings = []
    if given.get("Reports_Calc_Override") == "Y" and not (
        {"Entered_Percent_Complete", "Entered_Projected_Cost"} & record.keys()
    ):
        findings.append(missing("Entered_Percent_Complete"))
    if given.keys() & set(_PO_SHIP) and "PO_Ship_Name" not in record:
        findings.append(missing("PO_Ship_Name"))
    for element, calculation in (("Under_Billed", "B"), ("Cost_Markup_Percent", "C")):
        if element in given and record.get("Earned_Calc_Type") != calculation:
            text = f"{element} needs Earned_Calc_Type {calculation}"
            findings.append(Finding("I", text, element))
    if "Lock_Revenue_Entry" in given and record["Status_Code"] != "C":
        text = "Lock_Revenue_Entry is for complete jobs only"
        findings.append(Finding("I", text, "Lock_Revenue_Entry"))
    return findings


def _copy_category(company: Company, job: Record) -> None:
    """Put the phases of the job's category onto the job; those that it has already stay."""
    of_job = company.phases[str(job["Job_Number"])]
    category = company.phase_categories.get(str(job.get("Standard_Phase_Category", "")), ())
    for entry in category:
        code, cost_type = entry["Phase_Code"], entry["Cost_Type"]
        if (code, cost_type) not in of_job.pairs:
            method = str(job["Price_Method_Code"])
            of_job.put(Phase(phase_code=code, cost_type=cost_type, price_method_code=method))
            of_job.descriptions.setdefault(code, entry.get("Description", ""))
