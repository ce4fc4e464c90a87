"""The cost lines of a change request, and the subcontract change that a line may carry.

A cost line is one phase, cost type, subcontractor, subcontract, group and item; sending it again
updates it.
"""

from __future__ import annotations

from decimal import Decimal

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.documents import (
    COST_ELEMENTS,
    SUB_ELEMENTS,
    ChangeRequest,
    CostKey,
    Record,
    Subcontract,
)
from procore_spectrum.testing.fake_spectrum.layouts import Value
from procore_spectrum.testing.fake_spectrum.services.change_billing import MAX_ITEM, item_key

__all__ = ["broken_rules", "enter", "has_cost"]

_PHASE, _TYPE = "CR_Phase_Code", "CR_Cost_Type"
_VENDOR, _SUBCONTRACT = "Subcontractor_Code", "Subcontract_Number"
_COSTS = tuple(element for element in COST_ELEMENTS if element not in SUB_ELEMENTS)
_SUB_ITEM = "Sub_Bid_Item_Code"
_ORDER, _ORDER_DATE = "Sub_Change_Order_Number", "Sub_Change_Order_Date"


def has_cost(call: Call) -> bool:
    """Whether the call carries a cost line."""
    return any(call.text(element) for element in _COSTS) or _has_sub(call)


def _has_sub(call: Call) -> bool:
    """Whether the sub block counts: it is ignored when vendor and subcontract are blank."""
    return bool(call.text(_VENDOR) or call.text(_SUBCONTRACT))


def _key(call: Call) -> CostKey:
    code, cost_type = call.text(_PHASE), call.text(_TYPE)
    if not _has_sub(call):
        return code, cost_type, "", "", "", ""
    group, item = item_key(call, "Sub_Bid_Group_Item_Code", _SUB_ITEM)
    return code, cost_type, call.text(_VENDOR), call.text(_SUBCONTRACT), group, item


def _stored(call: Call, request: ChangeRequest) -> Record:
    return request.cost_lines.get(_key(call), {})


def broken_rules(call: Call, request: ChangeRequest, header: Record) -> list[Finding]:
    """Why the cost line of the call cannot be taken."""
    if not has_cost(call):
        return []
    findings = [missing(element) for element in (_PHASE, _TYPE) if not call.text(element)]
    findings = findings or _broken_phase(call, request)
    if call.text("Markup_Percent") and call.text("Markup_Amount"):
        text = "Markup_Amount cannot be used together with Markup_Percent"
        findings.append(Finding("I", text, "Markup_Amount"))
    if _has_sub(call):
        findings += _broken_sub(call, request, header)
    return findings


def _broken_phase(call: Call, request: ChangeRequest) -> list[Finding]:
    code, cost_type = call.text(_PHASE), call.text(_TYPE)
    pairs = call.company.phases[call.text("Job_Number")].pairs
    if not any(code == pair[0] for pair in pairs):
        return [Finding("I", f"{_PHASE} does not exist on the job", _PHASE)]
    if (code, cost_type) not in pairs:
        return [Finding("I", f"{_TYPE} does not exist for the phase", _TYPE)]
    if pairs[code, cost_type].status_code == "C":
        return [Finding("I", f"{_PHASE} is a complete phase", _PHASE)]
    repeats = any(key[:2] == (code, cost_type) for key in request.cost_lines)
    if repeats and call.switches.duplicate_change_lines == "refuse":
        return [Finding("I", "The phase and cost type are used by another line", _PHASE)]
    return []


def _broken_sub(call: Call, request: ChangeRequest, header: Record) -> list[Finding]:
    gaps = [missing(element) for element in (_VENDOR, _SUBCONTRACT) if not call.text(element)]
    if gaps:
        return gaps
    subcontract = call.company.subcontracts.get((call.text(_VENDOR), call.text(_SUBCONTRACT)))
    if subcontract is None or subcontract.header["Job_Number"] != call.text("Job_Number"):
        text = f"{_SUBCONTRACT} is not a subcontract of the vendor for the job"
        return [Finding("I", text, _SUBCONTRACT)]
    findings = []
    if len(_key(call)[4] + _key(call)[5]) > MAX_ITEM:
        findings.append(off_mask(_SUB_ITEM))
    elif call.switches.change_needs_subcontract_line and not _line(call, subcontract):
        text = f"{_SUBCONTRACT} has no such phase, cost type and billing item"
        findings.append(Finding("I", text, _SUBCONTRACT))
    return findings + _broken_order(call, request, header)


def _line(call: Call, subcontract: Subcontract) -> Record | None:
    """The line of the subcontract that changes; any item when the call names none."""
    code, cost_type, _, _, group, item = _key(call)
    for key in sorted(subcontract.lines):
        if key[:2] == (code, cost_type) and (group + item) in {"", key[2]}:
            return subcontract.lines[key]
    return None


def _broken_order(call: Call, request: ChangeRequest, header: Record) -> list[Finding]:
    """The rules of the subcontract change order: its status, number and dates."""
    stored, findings = _stored(call, request), []
    line = {**stored, **call.given()}
    status, number = line.get("Sub_Status"), str(line.get(_ORDER, ""))
    if status is None:
        findings.append(missing("Sub_Status"))
    if status == "E" and not number:
        findings.append(missing(_ORDER))
    known = (call.text("Job_Number"), number) in call.company.sub_change_orders
    if number and not known and not call.switches.change_orders_created:
        findings.append(Finding("I", f"{_ORDER} does not exist for the job", _ORDER))
    if call.text("Sub_Signed_Date") and status != "E":
        text = "Sub_Signed_Date needs Sub_Status E"
        findings.append(Finding("I", text, "Sub_Signed_Date"))
    ordered = line.get(_ORDER_DATE, _originated(call, header))
    if (call.text(_ORDER_DATE) or not stored) and not call.company.is_open(ordered):
        text = f"{_ORDER_DATE} is outside the processing dates"
        findings.append(Finding("I", text, _ORDER_DATE))
    return findings


def _originated(call: Call, header: Record) -> Value:
    """The day of origination; today on a request that a person entered without one."""
    return header.get("Origination_Date", call.now.date())


def enter(call: Call, request: ChangeRequest) -> None:
    """Add or update the cost line of the call, if it has one."""
    if not has_cost(call):
        return
    key, given = _key(call), call.given()
    elements = COST_ELEMENTS if _has_sub(call) else _COSTS
    line = {element: given[element] for element in elements if element in given}
    defaults: Record = {}
    if _has_sub(call):
        defaults[_ORDER_DATE] = _originated(call, request.header)
        changed = _line(call, call.company.subcontracts[key[2], key[3]]) or {}
        amount = changed.get("Original_Contract_Amount")
        if isinstance(amount, Decimal):
            defaults["Sub_Amount"] = amount
        if _ORDER in line:
            call.company.sub_change_orders.add((call.text("Job_Number"), str(line[_ORDER])))
    stored = request.cost_lines.get(key)
    request.cost_lines[key] = {**(defaults if stored is None else stored), **line}
