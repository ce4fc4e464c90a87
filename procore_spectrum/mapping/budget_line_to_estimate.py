"""A Procore budget line as the original estimate of a Spectrum phase and cost type."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.budget_settings import BudgetSettings
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import BudgetRow
from procore_spectrum.models.spectrum import EstimateUpdate, Phase
from procore_spectrum.models.values import FieldValue

__all__ = ["Pair", "budget_line_to_estimate", "pair_faults"]

Pair = tuple[str, str]
"""Phase code and cost type; blank where it is not known."""

_STATUSES = {"I": "inactive", "C": "complete"}


def budget_line_to_estimate(
    row: BudgetRow,
    *,
    job_number: str,
    pair: Pair,
    phase: Phase | None,
    settings: BudgetSettings | None = None,
) -> Mapped:
    """The estimate that this line should be, with everything for which it cannot be written.

    Keys are those of :class:`~procore_spectrum.models.spectrum.EstimateUpdate`: always the key
    of the pair and ``original_est_cost``, with ``quantities`` also quantity and unit, or hours
    where the unit is one of ``hours_units``. There is no description, so that none is changed.

    Args:
        row: the budget line; with its unit and quantity if they shall go along.
        job_number: of the linked job.
        pair: phase and cost type of its budget code; blank when it is none of Spectrum's.
        phase: the pair as the job has it; None when the job lacks it.
        settings: choices; the defaults when None.
    """
    settings = settings or BudgetSettings()
    amount = row.original_budget_amount
    fields: dict[str, FieldValue] = {
        "job_number": job_number or None,
        "phase_code": pair[0] or None,
        "cost_type": pair[1] or None,
        "price_method_code": settings.price_method or None,
        "original_est_cost": amount,
    }
    if settings.quantities:
        fields |= _quantity(row, settings)
    found = [*pair_faults(pair, phase), *_amount_faults(amount)]
    found += check_limits(EstimateUpdate, fields)
    return Mapped(fields=fields, violations=tuple(found))


def _quantity(row: BudgetRow, settings: BudgetSettings) -> dict[str, FieldValue]:
    unit = clean(row.uom)
    if unit.lower() in settings.hours_units:
        return {
            "original_est_quantity": None,
            "unit_of_measure": None,
            "original_est_hours": row.quantity,
        }
    return {
        "original_est_quantity": row.quantity,
        "unit_of_measure": unit or None,
        "original_est_hours": None,
    }


def pair_faults(pair: Pair, phase: Phase | None) -> Iterator[Violation]:
    """Why nothing can be written on a pair of phase and cost type."""
    if not all(pair):
        yield Violation(
            code="cost-code-not-in-spectrum",
            message="the budget code is not linked to a phase and cost type of the job",
            path="budget_code",
            hint="use a code from Spectrum, or synchronise the cost codes first",
        )
    elif phase is None:
        yield Violation(
            code="pair-not-on-job",
            message=f"the job has no phase {pair[0]} with cost type {pair[1]}",
            path="phase_code",
            hint="add the pair in Spectrum, then synchronise the cost codes",
        )
    elif phase.status_code in _STATUSES:
        yield Violation(
            code="phase-not-active",
            message=f"phase {pair[0]}, cost type {pair[1]} is {_STATUSES[phase.status_code]}",
            path="phase_code",
            hint="make it active in Spectrum",
        )


def _amount_faults(amount: Decimal | None) -> Iterator[Violation]:
    if amount is None:
        yield Violation(
            code="amount-missing",
            message="there is no amount",
            path="original_est_cost",
            hint="enter it in Procore",
        )
    elif amount.is_finite() and amount < 0:
        yield Violation(
            code="negative-amount",
            message=f"the amount is {amount}, below zero",
            path="original_est_cost",
            hint="correct it in Procore",
        )
