"""Approved budget changes of Procore, and forecasts, as Spectrum takes them.

A budget change becomes a change request without a subcontract, or new current estimates, by
choice. All its adjustment lines count: the first of an adjustment (``change_event``), which is
credited, and those from which money is taken (``budget_change``). Procore does not document the
sign of the latter, so the amounts have to add up to the total that Procore shows. Lines on one
pair are added up, because Spectrum knows one cost line for each pair.

A forecast is the cost at completion, never a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.budget_line_to_estimate import Pair, pair_faults
from procore_spectrum.mapping.budget_settings import BudgetSettings
from procore_spectrum.mapping.change_requests import (
    COST_ONLY,
    contract_faults,
    request_text,
    status_faults,
)
from procore_spectrum.mapping.exact import exact_sum
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import without_markup
from procore_spectrum.models.procore import BudgetChange, BudgetChangeLine
from procore_spectrum.models.spectrum import (
    ChangeRequestLine,
    EstimateUpdate,
    JobCostProjection,
    Phase,
)
from procore_spectrum.models.values import FieldValue

__all__ = [
    "ChangedPair",
    "MappedBudgetChange",
    "budget_change_to_change_request",
    "budget_change_to_current_estimates",
    "forecast_to_projection",
]

_ZERO = Decimal(0)
Phases = Mapping[Pair, Phase]


@attrs.frozen(kw_only=True)
class ChangedPair:
    """What a budget change does to one pair of phase and cost type.

    ``line_ids`` are the lines of Procore that it stands for; ``amount`` is their sum.
    """

    pair: Pair
    line_ids: tuple[int, ...]
    amount: Decimal
    fields: Mapping[str, FieldValue]


@attrs.frozen(kw_only=True)
class MappedBudgetChange:
    """A budget change in Spectrum's words, and everything that is wrong with it."""

    header: Mapping[str, FieldValue]
    parts: tuple[ChangedPair, ...]
    amount: Decimal
    violations: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()


def budget_change_to_change_request(
    change: BudgetChange,
    *,
    job_number: str,
    customer_code: str,
    pairs: Mapping[int, Pair],
    phases: Phases,
    settings: BudgetSettings | None = None,
) -> MappedBudgetChange:
    """The change request that this budget change should be, without its number.

    Args:
        change: with its lines.
        job_number: of the linked job.
        customer_code: of the job; blank when it has none.
        pairs: phase and cost type by the id of the budget code, as they are linked.
        phases: the pairs of the job, complete ones included.
        settings: choices; the defaults when None.
    """
    settings = settings or BudgetSettings()
    notes: list[Violation] = []
    described = without_markup(change.description)
    text = request_text(described, change.title, settings.long_text, notes)
    header: dict[str, FieldValue] = {
        "job_number": job_number or None,
        "customer_code": customer_code or None,
        "cr_description": text or None,
        "cr_status": settings.status_code or None,
    }
    found = [*_preconditions(change), *contract_faults(job_number, customer_code)]
    found += status_faults(
        settings.status_code, settings.status_actions, wanted=COST_ONLY, section="budgets"
    )
    found += check_limits(ChangeRequestLine, header)
    parts, faults = _parts(change, pairs, phases)
    lines = []
    for part in parts:
        own: dict[str, FieldValue] = {
            "cr_phase_code": part.pair[0] or None,
            "cr_cost_type": part.pair[1] or None,
            "change_request_amount": part.amount,
        }
        faults += _placed(part.pair, check_limits(ChangeRequestLine, own))
        lines.append(attrs.evolve(part, fields={**header, **own}))
    return MappedBudgetChange(
        header=header,
        parts=tuple(lines),
        amount=exact_sum(part.amount for part in parts),
        violations=(*found, *faults),
        notes=tuple(notes),
    )


def budget_change_to_current_estimates(
    change: BudgetChange,
    *,
    job_number: str,
    pairs: Mapping[int, Pair],
    phases: Phases,
    sent: Mapping[Pair, Decimal] | None = None,
    settings: BudgetSettings | None = None,
) -> MappedBudgetChange:
    """The current estimates that this budget change leads to.

    Spectrum takes totals, so each is the estimate of now with the change added. A total that
    was sent before is kept: adding the change to what contains it already would count it twice.

    Args:
        change: with its lines.
        job_number: of the linked job.
        pairs: phase and cost type by the id of the budget code, as they are linked.
        phases: the pairs of the job, with their current estimates.
        sent: totals that Spectrum has, or may have, of this very change.
        settings: choices; the defaults when None.
    """
    settings = settings or BudgetSettings()
    known = sent or {}
    header: dict[str, FieldValue] = {
        "job_number": job_number or None,
        "price_method_code": settings.price_method or None,
    }
    found = [*_preconditions(change)]
    parts, faults = _parts(change, pairs, phases)
    lines = []
    for part in parts:
        phase = phases.get(part.pair)
        now = (phase.current_estimate_dollars if phase else None) or _ZERO
        total = known.get(part.pair, exact_sum((now, part.amount)))
        own: dict[str, FieldValue] = {
            "phase_code": part.pair[0] or None,
            "cost_type": part.pair[1] or None,
            "current_est_cost": total,
        }
        if total < 0:
            faults += _placed(part.pair, [_below_zero(now, part.amount)])
        faults += _placed(part.pair, check_limits(EstimateUpdate, own))
        lines.append(attrs.evolve(part, fields={**header, **own}))
    return MappedBudgetChange(
        header=header,
        parts=tuple(lines),
        amount=exact_sum(part.amount for part in parts),
        violations=(*found, *faults),
    )


def forecast_to_projection(
    amount: Decimal, *, job_number: str, pair: Pair, phase: Phase | None, on: date
) -> Mapped:
    """The projection that a forecast should be.

    Keys are those of :class:`~procore_spectrum.models.spectrum.JobCostProjection`: the key of
    the pair, ``transaction_date`` and ``amount``.

    Args:
        amount: the cost at completion.
        job_number: of the linked job.
        pair: phase and cost type of the budget code; blank when it is none of Spectrum's.
        phase: the pair as the job has it; None when the job lacks it.
        on: the day of the projection.
    """
    fields: dict[str, FieldValue] = {
        "job_number": job_number or None,
        "phase_code": pair[0] or None,
        "cost_type": pair[1] or None,
        "transaction_date": on,
        "amount": amount,
    }
    faults = (*pair_faults(pair, phase), *check_limits(JobCostProjection, fields))
    return Mapped(fields=fields, violations=faults)


# ---------------------------------------------------------------- the whole change


def _preconditions(change: BudgetChange) -> Iterator[Violation]:
    if change.status != "approved":
        yield Violation(
            code="status",
            message=f"the status is {change.status or 'not known'}",
            path="status",
            hint="only approved budget changes are exported",
        )
    if not change.adjustment_line_items:
        yield Violation(
            code="no-lines",
            message="no line changes the budget",
            path="lines",
            hint="add at least one",
        )
    total = exact_sum(line.amount or _ZERO for line in change.adjustment_line_items)
    if change.amount is not None and total != change.amount:
        yield Violation(
            code="total-differs",
            message=f"the lines sum to {total}, the budget change says {change.amount}",
            path="amount",
            hint="look at the amounts in Procore; what is taken from a budget code is below zero",
        )


# ---------------------------------------------------------------- its lines


def _parts(
    change: BudgetChange, pairs: Mapping[int, Pair], phases: Phases
) -> tuple[list[ChangedPair], list[Violation]]:
    """The lines by pair, added up; and what is wrong with them."""
    groups: dict[tuple[Pair, int], list[BudgetChangeLine]] = {}
    faults: list[Violation] = []
    for line in change.adjustment_line_items:
        pair = pairs.get(int(line.wbs_code.id or 0), ("", "")) if line.wbs_code else ("", "")
        # Lines that are on no pair are not the same thing.
        groups.setdefault((pair, 0 if all(pair) else line.id), []).append(line)
        if line.amount is None:
            missing = Violation(
                code="amount-missing",
                message="there is no amount",
                path="amount",
                hint="enter it in Procore",
            )
            faults += _placed(pair, [missing])
    parts = []
    for (pair, _), lines in sorted(groups.items(), key=lambda group: group[0]):
        faults += _placed(pair, pair_faults(pair, phases.get(pair)))
        parts.append(
            ChangedPair(
                pair=pair,
                line_ids=tuple(sorted(line.id for line in lines)),
                amount=exact_sum(line.amount or _ZERO for line in lines),
                fields={},
            )
        )
    return parts, faults


def _placed(pair: Pair, faults: Iterable[Violation]) -> Iterator[Violation]:
    """The faults with the pair before their path."""
    name = "/".join(pair) if all(pair) else "?"
    return (attrs.evolve(fault, path=f"lines[{name}].{fault.path}") for fault in faults)


def _below_zero(now: Decimal, amount: Decimal) -> Violation:
    return Violation(
        code="negative-amount",
        message=f"the estimate of {now} would fall below zero by {amount}",
        path="current_est_cost",
        hint="correct the budget change in Procore",
    )
