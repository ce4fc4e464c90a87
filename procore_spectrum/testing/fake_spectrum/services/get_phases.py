"""GetPhase and GetPhaseEnhanced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from procore_spectrum.testing.fake_spectrum.calls import Call, Row
from procore_spectrum.testing.fake_spectrum.company import JobPhases, Phase, right
from procore_spectrum.testing.fake_spectrum.services.registry import reads
from procore_spectrum.testing.fake_spectrum.super_select import select

__all__ = ["get_phases"]

_JOB_WIDTH = 10
_ZERO = Decimal(0)


@reads("GetPhase")
@reads("GetPhaseEnhanced")
def get_phases(call: Call) -> Iterable[Row]:
    """Pairs by job, phase and cost type, or by cost type, job and phase."""
    phases = call.company.phases
    is_chosen = select(call.text("pJob_Number"), width=_JOB_WIDTH)
    jobs = sorted(filter(is_chosen, phases), key=right)
    accept = _acceptor(call)
    pairs: Iterable[tuple[str, JobPhases, Phase]] = (
        (job, phases[job], phase)
        for job in jobs
        for phase in phases[job].ordered()
        if accept(phase)
    )
    if call.text("pSort_By") == "C":
        pairs = sorted(pairs, key=lambda pair: pair[2].cost_type)
    for job, of_job, phase in pairs:
        yield _row(call.company.code, job, of_job, phase)


def _acceptor(call: Call) -> Callable[[Phase], bool]:
    is_chosen = select(call.text("pCost_Type"))
    statuses = call.text("pStatus_Code") or "AI"
    cost_center = call.text("pCost_Center")
    return lambda phase: (
        phase.status_code in statuses
        and cost_center in {"", phase.phase_cost_center}
        and is_chosen(phase.cost_type)
    )


def _row(company: str, job: str, of_job: JobPhases, phase: Phase) -> Row:
    row: Row = {
        "Company_Code": company,
        "Job_Number": job,
        "Phase_Code": phase.phase_code,
        "Cost_Type": phase.cost_type,
        "Description": of_job.descriptions[phase.phase_code],
        "Status_Code": phase.status_code,
        "Unit_of_Measure": phase.unit_of_measure,
        "JTD_Quantity": phase.jtd_quantity or _ZERO,
        "JTD_Hours": phase.jtd_hours or _ZERO,
        "JTD_Actual_Dollars": phase.jtd_actual_dollars or _ZERO,
        "Projected_Quantity": _first(phase.projected_quantity, phase.current_est_quantity),
        "Projected_Hours": _first(phase.projected_hours, phase.current_est_hours),
        "Projected_Dollars": _first(phase.projected_dollars, phase.current_est_cost),
        "Estimated_Quantity": phase.current_est_quantity or _ZERO,
        "Estimated_Hours": phase.current_est_hours or _ZERO,
        "Current_Estimate_Dollars": phase.current_est_cost or _ZERO,
        "Cost_Center": phase.phase_cost_center,
        "Price_Method_Code": phase.price_method_code,
        "Complete_Date": phase.complete_date or "",
        "Start_Date": phase.start_date or "",
        "End_Date": phase.end_date or "",
        "Comment": phase.comment,
    }
    return row


def _first(projected: Decimal | None, estimated: Decimal | None) -> Decimal:
    """The projection, or the current estimate as long as nobody projected anything."""
    return (estimated if projected is None else projected) or _ZERO
