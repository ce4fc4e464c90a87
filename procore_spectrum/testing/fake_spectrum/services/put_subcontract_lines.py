"""UpdateSubcontractPhases: the lines of a subcontract, which alone carry its amounts.

Not documented: a request that gives only one of unit price and quantity; here the stored other
one takes part, and an amount given without both stands as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.documents import Record, Subcontract
from procore_spectrum.testing.fake_spectrum.services.put_subcontracts import job_findings
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["update_subcontract_phases"]

_CENT = Decimal("0.01")
_TOO_LARGE = Decimal(10) ** 9
_PRICED = ("Unit_Price", "Original_Contract_Quantity")
_AMOUNT = "Original_Contract_Amount"


@writes("UpdateSubcontractPhases", table="subcontract_lines", key="Phase_Code")
def update_subcontract_phases(call: Call) -> Sequence[Finding]:
    """Adds or updates by subcontract, phase, cost type and billing item."""
    subcontract = call.company.subcontracts.get(
        (call.text("Vendor_Code"), call.text("Subcontract_Number"))
    )
    if subcontract is None:
        return [Finding("I", "Subcontract_Number does not exist", "Subcontract_Number")]
    keys = {
        element: call.text(element) or str(subcontract.header.get(f"Default_{element}", ""))
        for element in ("Phase_Code", "Cost_Type")
    }
    findings = [missing(element) for element, text in keys.items() if not text]
    findings = findings or _broken_rules(call, subcontract, keys["Phase_Code"], keys["Cost_Type"])
    return findings or _enter(call, subcontract, keys["Phase_Code"], keys["Cost_Type"])


def _broken_rules(call: Call, subcontract: Subcontract, code: str, cost_type: str) -> list[Finding]:
    job = str(subcontract.header["Job_Number"])
    findings = job_findings(call.company, job)
    if findings:
        return findings
    pairs = call.company.phases[job].pairs
    if not any(code == pair[0] for pair in pairs):
        return [Finding("I", "Phase_Code does not exist on the job", "Phase_Code")]
    if (code, cost_type) not in pairs:
        return [Finding("I", "Cost_Type does not exist for the phase", "Cost_Type")]
    if cost_type in call.switches.cost_types_without_gl:
        return [Finding("I", "Invalid GL account for job/phase/cost type", "Cost_Type")]
    return []


def _enter(call: Call, subcontract: Subcontract, code: str, cost_type: str) -> list[Finding]:
    of_job = call.company.phases[str(subcontract.header["Job_Number"])]
    phase = of_job.pairs[code, cost_type]
    item = call.text("Bid_Item_Number") or phase.bid_item_number
    stored = subcontract.lines.get((code, cost_type, item))
    defaults: Record = {
        "Bill_Description": of_job.descriptions[code],
        "Unit_Of_Measure": phase.unit_of_measure,
        "Retention_Flag": "N",
    }
    given = call.given()
    line = {**(defaults if stored is None else stored), **given}
    if line.get("Unit_Of_Measure") in call.switches.fixed_price_units:
        for element in _PRICED:
            line.pop(element, None)
    elif given.keys() & set(_PRICED):
        price, quantity = (line.get(element) for element in _PRICED)
        if isinstance(price, Decimal) and isinstance(quantity, Decimal):
            amount = (price * quantity).quantize(_CENT, ROUND_HALF_UP)
            if abs(amount) >= _TOO_LARGE:
                return [off_mask(_AMOUNT)]
            line[_AMOUNT] = amount
    line.update(Phase_Code=code, Cost_Type=cost_type, Operator=call.operator)
    if item:
        line["Bid_Item_Number"] = item
    subcontract.lines[code, cost_type, item] = line
    return []
