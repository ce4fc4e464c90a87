"""JobCostProjections: figures at completion, entry after entry.

An entry is never changed. A later one counts from its date on; one dated before the latest entry
of its phase and cost type is a correction of the past, and the current projection stays. Complete
jobs take no entries here; that is not documented.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.company import Phase
from procore_spectrum.testing.fake_spectrum.documents import Record
from procore_spectrum.testing.fake_spectrum.services.put_phases import fits_mask
from procore_spectrum.testing.fake_spectrum.services.put_subcontracts import job_findings
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["add_projection"]

_KEYS = ("Job_Number", "Phase_Code", "Cost_Type")
_MEASURES = {
    "Amount": "projected_dollars",
    "Projected_Hours": "projected_hours",
    "Projected_Quantity": "projected_quantity",
}


@writes("JobCostProjections", table="projections", key="Phase_Code")
def add_projection(call: Call) -> Sequence[Finding]:
    """A new entry with the figures that differ from those in force on its date."""
    job, code, cost_type = (call.text(element) for element in _KEYS)
    if not any(call.text(element) for element in _MEASURES):
        return [missing("Amount")]
    if not fits_mask(code, call.company.mask_of(call.company.jobs.get(job, {}))):
        return [off_mask("Phase_Code")]
    findings = job_findings(call.company, job)
    if findings:
        return findings
    phase = call.company.phases[job].pairs.get((code, cost_type))
    if phase is None:
        return [Finding("I", "Phase_Code and Cost_Type do not exist on the job", "Phase_Code")]
    _enter(call, phase)
    return []


def _enter(call: Call, phase: Phase) -> None:
    given = call.given()
    on = given["Transaction_Date"]
    assert isinstance(on, date), "level 2 lets only dates through"
    keys = [given[element] for element in _KEYS]
    earlier = [
        entry for entry in call.company.projections if [entry[element] for element in _KEYS] == keys
    ]
    dates = [entry["Transaction_Date"] for entry in earlier]
    if on in dates and call.switches.same_day_projection == "ignored":
        return
    changes = {
        element: figure
        for element in _MEASURES
        if isinstance(figure := given.get(element), Decimal)
        and figure != _in_force(element, earlier, on, phase)
    }
    if not changes:
        return
    entry: Record = {"Operator": call.operator, **given}
    kept = {element: entry[element] for element in entry if element not in _MEASURES}
    call.company.projections.append({**kept, **changes})
    if all(isinstance(day, date) and day <= on for day in dates):
        for element, figure in changes.items():
            setattr(phase, _MEASURES[element], figure or None)


def _in_force(element: str, entries: list[Record], on: date, phase: Phase) -> Decimal:
    """The figure on a day; zero while nobody projected anything."""
    of_element = [entry for entry in entries if element in entry]
    figure = None if of_element else getattr(phase, _MEASURES[element])
    for entry in sorted(of_element, key=lambda entry: str(entry["Transaction_Date"])):
        if str(entry["Transaction_Date"]) <= on.isoformat():
            figure = entry[element]
    return figure if isinstance(figure, Decimal) else Decimal(0)
