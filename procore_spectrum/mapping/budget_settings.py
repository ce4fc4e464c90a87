"""Choices for budgets, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import attrs

from procore_spectrum.mapping.choices import one_of
from procore_spectrum.mapping.numbering import Numbering

__all__ = ["BudgetSettings"]


@attrs.frozen(kw_only=True)
class BudgetSettings:
    """Choices for budgets.

    Args:
        direction: ``"import"`` takes Spectrum's estimates into budgets that are not locked;
            ``"export"`` proposes locked budgets to accounting as original estimates;
            ``"by_lock"`` does the one or the other, job by job, as the budget's lock tells.
        mode: what an import does to a budget line that is there already: ``"keep"`` leaves it
            and adds what is missing, ``"override"`` gives it Spectrum's values, after the plan
            has shown the old ones.
        view: name of the budget view that is read; the oldest one if blank.
        quantities: whether units, quantities and hours go along; otherwise only amounts do. Costs
            one more request for each budget line that is exported.
        hours_units: units, in small letters, whose quantities are hours.
        overwrite: whether an export replaces estimates that Spectrum has already and that did not
            come from here; otherwise such a budget is held, and one that was imported is left.
        price_method: the price method that is repeated with an estimate, one of ``F``, ``T``,
            ``C``, ``U`` and ``J`` (as the job). Blank leaves what Spectrum has.
        changes: what an approved budget change becomes: ``"change_request"``, a new
            ``"current_estimate"`` of each pair, or nothing (``"off"``).
        numbering: how the numbers of those change requests are made.
        status_code: Spectrum's code that those change requests get.
        status_actions: what each code does, 1 to 5; a budget change needs action 3, cost only.
        long_text: what happens to a text that is too long: ``"hold"`` or ``"shorten"``.
        forecast: whether forecasts are proposed to accounting as projections of job cost.
        forecast_column: name of the column of the view that holds them.
    """

    direction: Literal["import", "export", "by_lock"] = attrs.field(
        default="import", validator=one_of(("import", "export", "by_lock"))
    )
    mode: Literal["keep", "override"] = attrs.field(
        default="keep", validator=one_of(("keep", "override"))
    )
    view: str = ""
    quantities: bool = False
    hours_units: tuple[str, ...] = ("hours", "hour", "hrs", "hr")
    overwrite: bool = False
    price_method: Literal["", "F", "T", "C", "U", "J"] = attrs.field(
        default="", validator=one_of(("", "F", "T", "C", "U", "J"))
    )
    changes: Literal["off", "current_estimate", "change_request"] = attrs.field(
        default="off", validator=one_of(("off", "current_estimate", "change_request"))
    )
    numbering: Numbering = attrs.field(factory=Numbering)
    status_code: str = ""
    status_actions: Mapping[str, int] = attrs.field(factory=lambda: MappingProxyType({}))
    long_text: Literal["hold", "shorten"] = attrs.field(
        default="hold", validator=one_of(("hold", "shorten"))
    )
    forecast: bool = False
    forecast_column: str = "Estimated Cost at Completion"
