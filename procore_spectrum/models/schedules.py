"""A line of a schedule of values: a table that people keep, of neither system."""

from __future__ import annotations

from decimal import Decimal

import attrs

__all__ = ["ScheduleLine"]


@attrs.frozen(kw_only=True)
class ScheduleLine:
    """One billing item of an owner's contract.

    Args:
        item: the billing item, as in Spectrum.
        description: what is billed.
        amount: in dollars; None when quantity and unit price make it.
        quantity: in units of measure; None unless it is billed by units.
        unit: the unit of measure.
        unit_price: dollars for one unit.
        phase_code: the phase to which the line belongs, without dashes; blank when not told.
        cost_type: its cost type; blank when not told.
    """

    item: str
    description: str = ""
    amount: Decimal | None = None
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    phase_code: str = ""
    cost_type: str = ""
