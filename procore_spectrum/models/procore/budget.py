"""A project's budget: its lock, its lines as budget views show them, and its changes.

Source: Procore API reference, Budget (budget views, budget line items, budget changes);
documentation pages ``tutorial-budget-line-items`` and ``tutorial-budget-changes-api``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    BudgetLineItemId,
    BudgetViewId,
    CostCodeId,
    LineItemTypeId,
    ProjectId,
    WbsCodeId,
)
from procore_spectrum.models.procore.contract_parts import WbsCodeRef
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = [
    "BUDGET_CHANGE_LINE_TYPES",
    "BUDGET_CHANGE_STATUSES",
    "CALCULATION_STRATEGIES",
    "Budget",
    "BudgetChange",
    "BudgetChangeLine",
    "BudgetForecast",
    "BudgetLineInput",
    "BudgetLineItem",
    "BudgetRow",
    "BudgetView",
]

#: States of a budget change.
BUDGET_CHANGE_STATUSES = ("draft", "under_review", "approved", "void")

#: Whether a line is a further one of its adjustment, or the first.
BUDGET_CHANGE_LINE_TYPES = ("budget_change", "change_event")

#: Whether an amount is entered, or made of quantity and unit cost.
CALCULATION_STRATEGIES = ("manual", "automatic")


@attrs.frozen(kw_only=True)
class Budget:
    """The lock of a budget. The original amounts of a locked one cannot be changed."""

    locked: Annotated[bool | None, About("whether its original amounts are frozen")] = None


@attrs.frozen(kw_only=True)
class BudgetView:
    """A way of looking at budgets, with its own columns."""

    id: Annotated[BudgetViewId, About("id of the view")]
    name: Annotated[str | None, About("its name")] = None
    description: Annotated[str | None, About("its description")] = None
    role: Annotated[str | None, About("what it is for")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class BudgetForecast:
    """What is still to be spent on a budget code."""

    id: Annotated[int | None, About("id of the forecast")] = None
    amount: Annotated[Decimal | None, About("what counts")] = None
    manual_amount: Annotated[Decimal | None, About("as people entered it")] = None
    automatic_amount: Annotated[Decimal | None, About("as Procore works it out")] = None
    automatically_calculated: Annotated[bool | None, About("whether that one counts")] = None
    notes: Annotated[str | None, About("notes")] = None


@attrs.frozen(kw_only=True)
class BudgetRow:
    """One budget code of a project as a budget view shows it.

    Rows without a budget line (``id`` is None) are unbudgeted: something was spent or committed
    there. ``columns`` holds the source and formula columns of the view that are numbers, by the
    names that people gave them. Unit and quantity are no part of a view; they are there only
    when the lines themselves were read.

    Source: Procore API reference, Budget Views (detail rows).
    """

    id: Annotated[BudgetLineItemId | None, About("id of the budget line")] = None
    wbs_code_id: Annotated[WbsCodeId | None, About("id of the budget code")] = None
    project_id: Annotated[ProjectId | None, About("its project")] = None
    cost_code_id: Annotated[CostCodeId | None, About("id of the cost code")] = None
    cost_code_origin_id: Annotated[str | None, About("our key of the cost code")] = None
    cost_code: Annotated[str | None, About("the cost code, as people see it")] = None
    category_id: Annotated[LineItemTypeId | None, About("id of the category")] = None
    category: Annotated[str | None, About("the category, as people see it")] = None
    biller_type: Annotated[
        str | None, About("project or sub job", values=("Project", "SubJob"))
    ] = None
    biller_id: Annotated[int | None, About("id of that project or sub job")] = None
    original_budget_amount: Annotated[Decimal | None, About("original amount in dollars")] = None
    budget_modifications: Annotated[
        Decimal | None, About("amount of the budget modifications in dollars")
    ] = None
    budget_forecast: Annotated[
        BudgetForecast | None, About("what is still to be spent, in dollars")
    ] = None
    unbudgeted_reason: Annotated[str | None, About("why there is no budget line")] = None
    columns: Annotated[
        Mapping[str, Decimal], About("further columns of the view, by their names")
    ] = attrs.field(factory=lambda: MappingProxyType({}))
    uom: Annotated[str | None, About("unit of measure, where the line itself was read")] = None
    quantity: Annotated[Decimal | None, About("quantity, where the line itself was read")] = None
    unit_cost: Annotated[
        Decimal | None, About("cost of one unit, where the line itself was read")
    ] = None


@attrs.frozen(kw_only=True)
class BudgetLineItem:
    """A budget line. A budget code has at most one.

    Source: Procore API reference, Budget Line Items.
    """

    id: Annotated[BudgetLineItemId, About("id of the line")]
    original_budget_amount: Annotated[Decimal | None, About("original amount in dollars")] = None
    uom: Annotated[str | None, About("unit of measure")] = None
    quantity: Annotated[Decimal | None, About("quantity")] = None
    unit_cost: Annotated[Decimal | None, About("cost of one unit in dollars")] = None
    calculation_strategy: Annotated[
        str | None, About("how the amount is made", values=CALCULATION_STRATEGIES)
    ] = None
    wbs_code: Annotated[WbsCodeRef | None, About("its budget code")] = None


@attrs.frozen(kw_only=True)
class BudgetLineInput:
    """A budget line to be made (without ``id``) or changed.

    Source: Procore API reference, Sync Budget Line Items.
    """

    id: Annotated[Sent[BudgetLineItemId], About("id of an existing line")] = UNSET
    wbs_code_id: Annotated[Sent[WbsCodeId], About("its budget code; always needed")] = UNSET
    original_budget_amount: Annotated[Sent[Decimal], About("original amount in dollars")] = UNSET
    uom: Annotated[Sent[str], About("unit of measure")] = UNSET
    quantity: Annotated[Sent[Decimal], About("quantity")] = UNSET
    unit_cost: Annotated[Sent[Decimal], About("cost of one unit in dollars")] = UNSET
    calculation_strategy: Annotated[
        Sent[str], About("how the amount is made", values=CALCULATION_STRATEGIES)
    ] = UNSET


@attrs.frozen(kw_only=True)
class BudgetChangeLine:
    """One adjustment of a budget change.

    An adjustment begins with a line of type ``change_event``, the budget code that is credited.
    Its further lines have the type ``budget_change``: budget codes from which money is taken.
    Both change the budget.
    """

    id: Annotated[int, About("id of the line; unique among lines of its type")]
    type: Annotated[str | None, About("what it is about", values=BUDGET_CHANGE_LINE_TYPES)] = None
    adjustment_number: Annotated[int | None, About("the adjustment that it belongs to")] = None
    wbs_code: Annotated[WbsCodeRef | None, About("its budget code")] = None
    amount: Annotated[Decimal | None, About("amount in dollars")] = None
    quantity: Annotated[Decimal | None, About("quantity")] = None
    uom: Annotated[str | None, About("unit of measure")] = None
    unit_cost: Annotated[Decimal | None, About("cost of one unit in dollars")] = None
    description: Annotated[str | None, About("description")] = None
    comment: Annotated[str | None, About("comment, on the first line of an adjustment")] = None


@attrs.frozen(kw_only=True)
class BudgetChange:
    """A change of a locked budget; listings leave out its lines.

    Source: Procore API reference, Budget Changes.
    """

    id: Annotated[int, About("id of the budget change")]
    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    description: Annotated[str | None, About("description")] = None
    status: Annotated[str | None, About("state", values=BUDGET_CHANGE_STATUSES)] = None
    amount: Annotated[Decimal | None, About("sum of its lines in dollars")] = None
    erp_status: Annotated[str | None, About("what Procore knows of its export")] = None
    adjustment_line_items: Annotated[
        tuple[BudgetChangeLine, ...], About("its lines; listings have none")
    ] = ()
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
