"""Budgets: the lock, budget views and their rows, budget lines, budget changes.

Nothing here unlocks a budget: Procore's call for that destroys the budget modifications unless
it is told otherwise.

Source: Procore API reference, Budget; documentation pages ``tutorial-budget-line-items`` and
``tutorial-budget-changes-api``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError
from procore_spectrum.models.about import fields_of
from procore_spectrum.models.ids import BudgetLineItemId, BudgetViewId, ProjectId
from procore_spectrum.models.procore import (
    Budget,
    BudgetChange,
    BudgetLineInput,
    BudgetLineItem,
    BudgetRow,
    BudgetView,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.convert import read_many, read_one
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, enveloped, many, one, query
from procore_spectrum.procore.endpoints.syncing import SYNC_LIMIT, write_all
from procore_spectrum.wire.messages import Response

__all__ = [
    "get_budget",
    "get_budget_change",
    "get_budget_line",
    "list_budget_changes",
    "list_budget_rows",
    "list_budget_views",
    "sync_budget_lines",
]

#: Keys of a row that are no columns of the view.
_FIXED = frozenset(
    {field.wire for field in fields_of(BudgetRow)}
    | {"company_id", "root_cost_code_id", "deletable", "currency_configuration"}
) - {"columns"}


def get_budget(project_id: ProjectId) -> Call[Budget]:
    """``GET /rest/v1.0/projects/{project_id}/budget``: whether it is locked."""
    path = f"/rest/v1.0/projects/{project_id}/budget"
    return Call(name="get budget", path=path, parse=one(Budget))


def list_budget_views(project_id: ProjectId) -> PagedCall[BudgetView]:
    """``GET /rest/v1.0/budget_views``, oldest first."""
    return PagedCall(
        name="list budget views",
        path="/rest/v1.0/budget_views",
        query=query(project_id=project_id, sort="created_at"),
        parse=many(BudgetView),
        per_page=V1_PAGE,
    )


def list_budget_rows(
    project_id: ProjectId,
    view_id: BudgetViewId,
    *,
    rows: Literal["budgeted", "unbudgeted", "all"] = "all",
) -> PagedCall[BudgetRow]:
    """``GET /rest/v1.0/budget_views/{id}/detail_rows``: one row for each budget code.

    Every visible column of the view adds a key to the rows; those that are numbers are kept.
    """
    return PagedCall(
        name="list budget rows",
        path=f"/rest/v1.0/budget_views/{view_id}/detail_rows",
        query=query(project_id=project_id, budget_row_type=rows),
        parse=_rows,
        per_page=V1_PAGE,
    )


def _rows(data: Any, _: Response) -> list[BudgetRow]:
    if isinstance(data, list):
        data = [_with_columns(row) if isinstance(row, dict) else row for row in data]
    return read_many(BudgetRow, data)


def _with_columns(row: Mapping[str, Any]) -> dict[str, Any]:
    fixed = {name: value for name, value in row.items() if name in _FIXED}
    columns = {name: value for name, value in row.items() if name not in _FIXED}
    return {**fixed, "columns": {name: v for name, v in columns.items() if _is_number(v)}}


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return False
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def get_budget_line(project_id: ProjectId, line_id: BudgetLineItemId) -> Call[BudgetLineItem]:
    """``GET /rest/v1.1/budget_line_items/{id}``: the only place that tells unit and quantity."""
    return Call(
        name="get budget line",
        path=f"/rest/v1.1/budget_line_items/{line_id}",
        query=query(project_id=project_id),
        parse=one(BudgetLineItem),
    )


def sync_budget_lines(
    project_id: ProjectId, lines: Sequence[BudgetLineInput]
) -> Call[list[BudgetLineItem]]:
    """``POST /rest/v1.0/budget_line_items/sync``: make or change lines, all of them or none.

    Unlike other sync endpoints it refuses a request as a whole (422) and answers with a plain
    list. A line without an id must not be sent twice: Procore refuses a second line on a budget
    code. Lines with ids may be.

    Raises:
        InvalidValueError: no line, more than 1,000, or a value that cannot be written.
    """
    sent = write_all(lines, "budget_line_items")
    if not 1 <= len(sent) <= SYNC_LIMIT:
        raise InvalidValueError(
            f"a request takes 1 to {SYNC_LIMIT:,} lines, not {len(sent):,}",
            path="budget_line_items",
            hint="send several batches",
        )
    return Call(
        name="sync budget lines",
        method="POST",
        path="/rest/v1.0/budget_line_items/sync",
        body={"project_id": project_id, "budget_line_items": sent},
        parse=many(BudgetLineItem),
        repeatable=all("id" in line for line in sent),
    )


def list_budget_changes(project_id: ProjectId) -> Call[list[BudgetChange]]:
    """``GET /rest/v1.0/projects/{project_id}/budget_changes``; without lines, not paged."""
    return Call(
        name="list budget changes",
        path=f"/rest/v1.0/projects/{project_id}/budget_changes",
        query=query(exclude_custom_fields=True),
        parse=enveloped(BudgetChange),
    )


def get_budget_change(project_id: ProjectId, change_id: int) -> Call[BudgetChange]:
    """``GET /rest/v1.0/projects/{project_id}/budget_changes/{id}``, with its lines."""
    path = f"/rest/v1.0/projects/{project_id}/budget_changes/{change_id}"
    return Call(name="get budget change", path=path, parse=_change)


def _change(data: Any, _: Response) -> BudgetChange:
    if not isinstance(data, dict):
        raise UnreadableReplyError("an object with data was expected")
    return read_one(BudgetChange, data.get("data"), path="data")
