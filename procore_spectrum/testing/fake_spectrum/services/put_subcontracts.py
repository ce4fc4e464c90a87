"""UpdateSubcontract and UpdateSubcon_UDF: headers of subcontracts.

Not documented: what happens on a complete job; here it takes neither a new subcontract nor a
change of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing
from procore_spectrum.testing.fake_spectrum.company import Company
from procore_spectrum.testing.fake_spectrum.documents import Record, Subcontract
from procore_spectrum.testing.fake_spectrum.layouts import Value
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["job_findings", "update_subcontract", "update_subcontract_udf"]

_WHEN_ADDING = ("Job_Number", "GL_Account")
_PAYING = {"Pay_Terms": "Terms_Code", "Pay_Days": "Terms_Days"}
_DISCOUNT = {
    "Disc_Terms": "Terms_Disc_Code",
    "Disc_Days": "Terms_Disc_Days",
    "Disc_Perc": "Terms_Disc_Percent",
}
_ONLY_WITH = {"Pay_Override": _PAYING, "Disc_Override": _DISCOUNT}


@writes("UpdateSubcontract", table="subcontracts", key="Subcontract_Number")
def update_subcontract(call: Call) -> Sequence[Finding]:
    """Adds or updates by company, vendor and number; blanks leave an existing one as it is."""
    company, key = call.company, _key(call)
    existing = company.subcontracts.get(key)
    stored = {} if existing is None else existing.header
    vendor = company.vendors.get(key[0])
    findings = [Finding("I", "Vendor_Code does not exist", "Vendor_Code")] if not vendor else []
    if existing is None:
        findings += [missing(element) for element in _WHEN_ADDING if not call.text(element)]
    given = call.given()
    if call.text("GL_Account"):
        given["GL_Account"] = call.text("GL_Account")  # an account may begin with zeros
    header = {**stored, **given}
    findings += _broken_rules(call, header, stored, given)
    if findings or vendor is None:
        return findings
    for override, elements in _ONLY_WITH.items():
        if header.get(override) != "Y":
            header = _without(header, elements, stored)
    if existing is None:
        header = {**_defaults(call, vendor), **header}
        company.subcontracts[key] = existing = Subcontract({})
    existing.header = {**header, "Operator": call.operator}
    return []


@writes("UpdateSubcon_UDF", table="subcontracts", key="Subcontract_Number")
def update_subcontract_udf(call: Call) -> Sequence[Finding]:
    """Fills user-defined elements; all of them count as mapped."""
    existing = call.company.subcontracts.get(_key(call))
    if existing is None:
        return [Finding("I", "Subcontract_Number does not exist", "Subcontract_Number")]
    existing.header.update(call.given())
    existing.header["Operator"] = call.operator
    return []


def _key(call: Call) -> tuple[str, str]:
    return call.text("Vendor_Code"), call.text("Subcontract_Number")


def job_findings(company: Company, number: str) -> list[Finding]:
    """Why a job takes no new entries; none when it does."""
    job = company.jobs.get(number)
    if job is None:
        return [Finding("I", "Job_Number does not exist", "Job_Number")]
    if job["Status_Code"] == "C":
        return [Finding("I", "Job_Number is a complete job", "Job_Number")]
    return []


def _broken_rules(
    call: Call, header: Record, stored: Mapping[str, Value], given: Mapping[str, Value]
) -> list[Finding]:
    findings = []
    job = str(header.get("Job_Number", ""))
    if stored.get("Job_Number", job) != job:
        findings.append(Finding("I", "Job_Number cannot be changed", "Job_Number"))
    elif job:
        findings += job_findings(call.company, job)
        if not findings:
            findings += _broken_defaults(call.company, job, header, given)
    findings += _broken_account(call)
    if given.get("Pay_When_Paid") == "Y" and header.get("Pay_Override") != "Y":
        findings.append(Finding("I", "Pay_When_Paid needs Pay_Override Y", "Pay_When_Paid"))
    calendar, issued = call.company.fiscal_calendar, given.get("Date_Issued", call.now.date())
    asked = "Date_Issued" in given or not stored
    if asked and calendar and isinstance(issued, date):
        first, last = calendar
        if not first <= issued <= last:
            text = "Date_Issued is outside the fiscal calendar"
            findings.append(Finding("I", text, "Date_Issued"))
    findings += [
        Finding("I", f"{element} does not exist", element)
        for element in ("Routing_Code1", "Routing_Code2")
        if element in given and not call.company.knows("routing", call.text(element))
    ]
    if "Cost_Center_Override" in given and not call.switches.cost_centers:
        element = "Cost_Center_Override"
        findings.append(Finding("I", f"{element} is not used by the company", element))
    return findings


def _broken_defaults(
    company: Company, job: str, header: Mapping[str, Value], given: Mapping[str, Value]
) -> list[Finding]:
    """The default phase and cost type: both together, or each alone, exist on the job."""
    elements = ("Default_Phase_Code", "Default_Cost_Type")
    if not given.keys() & set(elements):
        return []
    code, cost_type = (header.get(element) for element in elements)
    pairs = company.phases[job].pairs
    if any(code in {None, pair[0]} and cost_type in {None, pair[1]} for pair in pairs):
        return []
    element = next(element for element in elements if element in given)
    return [Finding("I", f"{element} does not exist on the job", element)]


def _broken_account(call: Call) -> list[Finding]:
    account, accounts = call.text("GL_Account"), call.company.gl_accounts
    if account and accounts and account not in accounts:
        return [Finding("I", "GL Account does not match GL Mask", "GL_Account")]
    if accounts.get(account) is False:
        return [Finding("I", "GL_Account is not a direct job cost account", "GL_Account")]
    return []


def _without(header: Record, elements: Mapping[str, str], stored: Mapping[str, Value]) -> Record:
    """The header with the elements as they were before, or not at all."""
    kept = {element: value for element, value in header.items() if element not in elements}
    return kept | {element: stored[element] for element in elements if element in stored}


def _defaults(call: Call, vendor: Mapping[str, Value]) -> Record:
    """What a new subcontract has when the request does not say."""
    job = call.company.jobs[call.text("Job_Number")]
    from_vendor = {**_PAYING, **_DISCOUNT, "Insurance_Cert_Flag": "Insurance_Cert_Flag"}
    return {
        "Status_Code": "A",
        "Date_Issued": call.now.date(),
        "Unit_Price_Flag": "Y" if job["Price_Method_Code"] == "U" else "N",
        "Next_Payment_Number": Decimal(1),
        "Pay_Override": "N",
        "Disc_Override": "N",
        "Pay_When_Paid": "N",
        **{
            element: vendor[source]
            for element, source in from_vendor.items()
            if vendor.get(source) not in (None, "")
        },
    }
