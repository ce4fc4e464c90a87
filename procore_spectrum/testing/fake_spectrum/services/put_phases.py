"""AddPhase: adds or updates a pair of phase and cost type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.company import JobPhases, Phase, Record
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["add_phase", "fits_mask"]

_KEYS = ("Job_Number", "Phase_Code", "Cost_Type", "Description")
_MEASURES = ("quantity", "hours", "cost")


def fits_mask(code: str, mask: str) -> bool:
    """Whether a code has one letter or digit for each ``#`` of the mask."""
    return len(code) == mask.count("#") and code.isascii() and code.isalnum()


@writes("AddPhase", table="phases", key="Phase_Code", when_adding=("Price_Method_Code",))
def add_phase(call: Call) -> Sequence[Finding]:
    """The pair's key is job, phase and cost type; blanks leave an existing pair as it is."""
    company, number = call.company, call.text("Job_Number")
    job = company.jobs.get(number)
    if not fits_mask(call.text("Phase_Code"), company.mask_of(job or {})):
        return [off_mask("Phase_Code")]
    findings = []
    if job is None:
        findings.append(Finding("I", "Job_Number does not exist", "Job_Number"))
    elif job["Status_Code"] == "C":
        findings.append(Finding("I", "Job_Number is a complete job", "Job_Number"))
    if call.text("Cost_Type") not in company.cost_types:
        findings.append(Finding("I", "Cost_Type does not exist", "Cost_Type"))
    if findings or job is None:
        return findings
    of_job = company.phases[number]
    key = call.text("Phase_Code"), call.text("Cost_Type")
    existing = of_job.pairs.get(key)
    if existing is None:
        findings = [
            missing(element)
            for element in ("Description", "Price_Method_Code")
            if not call.text(element)
        ]
    if not findings:
        phase = existing or Phase(phase_code=key[0], cost_type=key[1])
        _enter(phase, _changes(call, job))
        _describe(of_job, phase, call.text("Description"), is_new=existing is None)
        if existing is None:
            of_job.put(phase)
    return findings


def _changes(call: Call, job: Record) -> Mapping[str, Any]:
    """The attributes to set: what was given, as far as the installation's options permit."""
    changes = {
        element.lower(): value for element, value in call.given().items() if element not in _KEYS
    }
    if changes.get("price_method_code") == "J":
        changes["price_method_code"] = job.get("Price_Method_Code", "F")
    for measure in _MEASURES:
        original, current = f"original_est_{measure}", f"current_est_{measure}"
        if call.switches.current_estimate_display_only:
            changes.pop(current, None)
        if call.switches.original_fills_current and original in changes:
            changes.setdefault(current, changes[original])
    return changes


def _enter(phase: Phase, changes: Mapping[str, Any]) -> None:
    known = {field.name for field in attrs.fields(Phase)}
    for name, value in changes.items():
        assert name in known, f"AddPhase has no place for {name}"
        setattr(phase, name, value)


def _describe(of_job: JobPhases, phase: Phase, description: str, *, is_new: bool) -> None:
    """A further cost type keeps the phase's description; an existing one rewrites it for all."""
    if is_new:
        of_job.descriptions.setdefault(phase.phase_code, description)
    elif description:
        of_job.descriptions[phase.phase_code] = description
