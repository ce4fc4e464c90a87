"""A Spectrum estimate as a Procore budget line.

Web services tell the current estimate only, the original one is known by SQL. A pair of phase
and cost type is worth a line when it has an estimate or a cost (Procore's page on importing a
budget from Spectrum).
"""

from __future__ import annotations

from decimal import Decimal

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.budget_settings import BudgetSettings
from procore_spectrum.mapping.exact import has_cents_only
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import BudgetLineInput
from procore_spectrum.models.spectrum import OriginalEstimateRow, Phase
from procore_spectrum.models.values import FieldValue

__all__ = [
    "estimate_to_budget_line",
    "estimated_amount",
    "has_estimate_or_cost",
]

_ZERO = Decimal(0)


def estimated_amount(phase: Phase, original: OriginalEstimateRow | None = None) -> Decimal:
    """The estimate of the pair: the original one where it could be read, else the current one."""
    return (original.amount if original else phase.current_estimate_dollars) or _ZERO


def has_estimate_or_cost(phase: Phase, original: OriginalEstimateRow | None = None) -> bool:
    """Whether the pair arrives in a budget: it was estimated, or something was spent."""
    return bool(estimated_amount(phase, original)) or bool(phase.jtd_actual_dollars)


def estimate_to_budget_line(
    phase: Phase,
    *,
    original: OriginalEstimateRow | None = None,
    settings: BudgetSettings | None = None,
) -> Mapped:
    """The budget line that this pair should be.

    Keys: ``original_budget_amount``, and with ``quantities`` also ``uom`` and ``quantity``: the
    estimated quantity in its unit, else the estimated hours.

    Args:
        phase: the pair, with its current estimate.
        original: its original estimate, where it could be read; it counts instead.
        settings: choices; the defaults when None.
    """
    settings = settings or BudgetSettings()
    amount = estimated_amount(phase, original)
    fields: dict[str, FieldValue] = {"original_budget_amount": amount}
    if settings.quantities:
        fields |= _quantity(phase, original, settings)
    found = [*check_limits(BudgetLineInput, fields)]
    if amount.is_finite():
        found += _amount_faults(amount)
    return Mapped(fields=fields, violations=tuple(found))


def _quantity(
    phase: Phase, original: OriginalEstimateRow | None, settings: BudgetSettings
) -> dict[str, FieldValue]:
    quantity = original.quantity if original else phase.estimated_quantity
    hours = original.hours if original else phase.estimated_hours
    if quantity:
        return {"uom": clean(phase.unit_of_measure) or None, "quantity": quantity}
    if hours:
        return {"uom": next(iter(settings.hours_units), None), "quantity": hours}
    return {"uom": None, "quantity": None}


def _amount_faults(amount: Decimal) -> list[Violation]:
    found = []
    if amount < 0:
        found.append(
            Violation(
                code="negative-amount",
                message=f"the estimate is {amount}, below zero",
                path="original_budget_amount",
                hint="correct the estimate in Spectrum",
            )
        )
    if not has_cents_only(amount):
        found.append(
            Violation(
                code="out-of-range",
                message=f"{amount!s:.40} has more than two decimals",
                path="original_budget_amount",
                hint="correct the estimate in Spectrum; it is never rounded",
            )
        )
    return found
