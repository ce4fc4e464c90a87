"""ARChangeRequest: headers of change requests, and the order of its rules.

One call carries the header and at most one cost line and one billing line. The customer of a job
stands for their contract. What the action type
of a status permits is documented in part only; see the switches. Not documented either: a
complete job, which takes no change request here, and pricing add-ons, of which no contract here
has any.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing
from procore_spectrum.testing.fake_spectrum.documents import ChangeRequest, Record
from procore_spectrum.testing.fake_spectrum.services import change_billing, change_costs
from procore_spectrum.testing.fake_spectrum.services.put_subcontracts import job_findings
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["write_change_request"]

_NUMBER = "Change_Request_Number"
_REPEATED = (
    "CR_Description",
    "CR_Status",
    "Cost_Reimbursable_Flag",
    "Origination_Date",
    "Approved_Date",
    "Fee_Percent",
    "Fee_Amount",
)
_ONCE = (
    "Proceed_Submitted_Date",
    "Proceed_Received_Date",
    "Rough_Estimate",
    "Quotation_Submitted_Date",
    "Quotation_Due_Date",
    "Requested_Days",
    "Approved_Days",
    "Default_Billing_Total",
)
# The layout marks them required, its notes say that they can be blank.
_MAY_BE_BLANK = ("Change_Request_Hours", "Change_Request_Amount", "Subcontractor_Code")

_COST_ONLY = 3
_NOT_RECOGNISED = 4


@writes(
    "ARChangeRequest",
    table="change_requests",
    key="Change_Request_Number",
    when_adding=_MAY_BE_BLANK,
)
def write_change_request(call: Call) -> Sequence[Finding]:
    """Adds or updates by company, job, customer and number; a blank number gets the next one."""
    findings = _broken_contract(call)
    if findings:
        return findings
    job, customer, number = (
        call.text(element) for element in ("Job_Number", "Customer_Code", _NUMBER)
    )
    requests = call.company.change_requests
    existing = requests.get((job, customer, number)) if number else None
    request = existing or ChangeRequest({})
    given = _given_header(call)
    defaults = {} if existing else _defaults(call, given)
    header = {**defaults, **request.header, **given}
    findings = _broken_header(call, request, header, is_new=existing is None)
    findings += change_costs.broken_rules(call, request, header)
    findings += change_billing.broken_rules(call, request)
    if findings:
        return findings
    if not number:
        taken = {key[2] for key in requests if key[:2] == (job, customer)}
        number = next(text for text in map(str, count(1)) if text not in taken)
        findings = [Finding("G", number, _NUMBER)]
    keys: Record = {"Job_Number": job, "Customer_Code": customer, _NUMBER: number}
    request.header = {**header, **keys, "Operator": call.operator}
    request.sent.setdefault(call.text("GUID"), _sent(call))
    change_costs.enter(call, request)
    change_billing.enter(call, request)
    requests[job, customer, number] = request
    return findings


def _broken_contract(call: Call) -> list[Finding]:
    """The job takes entries, the customer exists, and both have a contract."""
    company, job = call.company, call.text("Job_Number")
    findings = job_findings(company, job)
    customer = call.text("Customer_Code")
    if customer not in company.customers:
        findings.append(Finding("I", "Customer_Code does not exist", "Customer_Code"))
    elif not findings and company.jobs[job].get("Customer_Code") != customer:
        text = "There is no contract for the job and the customer"
        findings.append(Finding("I", text, "Customer_Code"))
    return findings


def _given_header(call: Call) -> Record:
    given = call.given()
    if "Fee_Percent" in given:
        given.pop("Fee_Amount", None)
    return {element: given[element] for element in (*_REPEATED, *_ONCE) if element in given}


def _sent(call: Call) -> dict[str, str]:
    return {element: call.text(element) for element in _REPEATED}


def _defaults(call: Call, given: Record) -> Record:
    originated = given.get("Origination_Date", call.now.date())
    defaults: Record = {"Origination_Date": originated, "Cost_Reimbursable_Flag": "N"}
    if call.company.change_statuses.get(str(given.get("CR_Status"))) == _COST_ONLY:
        defaults["Quotation_Submitted_Date"] = originated
    return defaults


def _broken_header(
    call: Call, request: ChangeRequest, header: Record, *, is_new: bool
) -> list[Finding]:
    findings = [] if is_new else _differences(call, request)
    if "CR_Status" not in header:
        return [*findings, missing("CR_Status")]
    action = call.company.change_statuses.get(str(header["CR_Status"]))
    if action is None:
        return [*findings, Finding("I", "CR_Status does not exist", "CR_Status")]
    findings += _broken_approval(call, action)
    findings += _broken_action(call, request, header, action)
    if call.text("Pricing_Addon_Code"):
        text = "Pricing_Addon_Code is not on the contract"
        findings.append(Finding("I", text, "Pricing_Addon_Code"))
    return findings


def _differences(call: Call, request: ChangeRequest) -> list[Finding]:
    """The header elements that are not repeated as on the first line of the group.

    A new group may change the header only by a switch.
    """
    first = request.sent.get(call.text("GUID"))
    if first is not None:
        sent = _sent(call)
        differing = [element for element in _REPEATED if sent[element] != first[element]]
    elif call.switches.change_header_updates:
        differing = []
    else:
        given = _given_header(call)
        differing = [
            element
            for element in _REPEATED
            if element in given and given[element] != request.header.get(element)
        ]
    return [Finding("I", f"{name} differs from the first line", name) for name in differing]


def _broken_approval(call: Call, action: int) -> list[Finding]:
    element = "Approved_Date"
    approved = call.given().get(element)
    if approved is None:
        return []
    if action not in call.switches.approved_actions:
        return [Finding("I", f"{element} needs an approved status", element)]
    if not call.company.is_open(approved):
        return [Finding("I", f"{element} is outside the processing dates", element)]
    return []


def _broken_action(
    call: Call, request: ChangeRequest, header: Record, action: int
) -> list[Finding]:
    """What the action type forbids: cost without billing, billing, a billing total."""
    findings = []
    bills = bool(change_billing.item_of(call))
    is_billed = bills or bool(request.billing_lines)
    is_reimbursable = header.get("Cost_Reimbursable_Flag") == "Y"
    is_cost_only = change_costs.has_cost(call) and not is_billed
    permitted = is_reimbursable or action in call.switches.cost_only_actions
    if is_cost_only and not permitted:
        text = "Non-cost reimbursable change request cannot have this status."
        findings.append(Finding("I", text, "CR_Status"))
    if bills and action == _COST_ONLY:
        text = "CR_Billing_Item_Code cannot be used with this status"
        findings.append(Finding("I", text, "CR_Billing_Item_Code"))
    if call.text("Default_Billing_Total") == "Y" and (
        is_billed or not is_reimbursable or action != _NOT_RECOGNISED
    ):
        text = "Default_Billing_Total cannot be used with this change request"
        findings.append(Finding("I", text, "Default_Billing_Total"))
    return findings
