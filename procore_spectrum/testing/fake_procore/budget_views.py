"""Budget views: the way to read budget lines and costs, with one key per column (4.12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from procore_spectrum.testing.fake_procore.answers import Reply, not_found
from procore_spectrum.testing.fake_procore.budget import TOOL
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.commitments import KINDS
from procore_spectrum.testing.fake_procore.direct_costs import costs_by_code
from procore_spectrum.testing.fake_procore.lines import CURRENCY
from procore_spectrum.testing.fake_procore.money import negative, total_of
from procore_spectrum.testing.fake_procore.order_totals import APPROVED
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["COLUMNS", "ROUTES", "open_views"]

COLUMNS = (
    "Approved Budget Changes",
    "Revised Budget",
    "Committed Costs",
    "Direct Costs",
    "Job to Date Costs",
    "Estimated Cost at Completion",
)
"""The dynamic keys of the fake's view."""

COMMITTED = frozenset({"Approved", "Complete"})

Amounts = Iterable[tuple[int, str]]


def open_views(world: World) -> None:
    """The view that every company has."""
    values = {
        "name": "Procore Standard Budget",
        "description": None,
        "role": "standard",
        "deleted_at": None,
    }
    world.financial["budget_views"].add(world.company_id, values)


# sums by budget code -------------------------------------------------------------------------


def _committed(world: World, project_id: int) -> Amounts:
    """Lines of approved commitments, and of approved change orders of any commitment."""
    orders, order_lines = (
        world.financial[name] for name in ("change_orders", "change_order_line_items")
    )
    for kind in KINDS:
        for contract in kind.table(world).members(project_id):
            if contract["status"] in COMMITTED:
                yield from _amounts(kind.lines(world).members(contract["id"]))
            for order in orders.members(contract["id"]):
                if order["status"] in APPROVED:
                    yield from _amounts(order_lines.members(order["id"]))


def _amounts(rows: Iterable[Row]) -> Amounts:
    return ((row["wbs_code_id"], row["amount"]) for row in rows)


def _budget_changes(world: World, project_id: int) -> Amounts:
    for change in world.financial["budget_changes"].members(project_id):
        if change["status"] == "approved":
            yield from _amounts(change["adjustment_line_items"])


def _modifications(world: World, project_id: int) -> Amounts:
    lines = world.financial["budget_line_items"].rows
    for row in world.financial["budget_modifications"].members(project_id):
        source = row["from_budget_line_item_id"]
        if source is not None:
            yield lines[source]["wbs_code_id"], negative(row["transfer_amount"])
        yield lines[row["to_budget_line_item_id"]]["wbs_code_id"], row["transfer_amount"]


def _summed(amounts: Amounts) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for code, amount in amounts:
        found.setdefault(code, []).append(amount)
    return {code: total_of(parts) for code, parts in found.items()}


# rows ----------------------------------------------------------------------------------------


def detail_rows(world: World, project_id: int, kind: str) -> Iterator[Row]:
    """One row per budget code: those with a budget line, then those with costs only."""
    sums = {
        "modifications": _summed(_modifications(world, project_id)),
        "changes": _summed(_budget_changes(world, project_id)),
        "committed": _summed(_committed(world, project_id)),
        "direct": _summed(costs_by_code(world, project_id)),
    }
    lines = world.financial["budget_line_items"].listed(project_id)
    budgeted = {line["wbs_code_id"]: line for line in lines}
    if kind in {"budgeted", "all"}:
        for code, line in budgeted.items():
            yield _row(world, code, line, sums)
    if kind in {"unbudgeted", "all"}:
        spent = {**sums["committed"], **sums["direct"]}
        for code in sorted(spent.keys() - budgeted.keys()):
            yield _row(world, code, None, sums)


def _row(world: World, number: int, line: Row | None, sums: dict[str, dict[int, str]]) -> Row:
    code = world.wbs_codes.rows[number]
    project = world.projects.rows[code["project_id"]]
    cost_code = world.cost_codes.rows[code["cost_code_id"]]
    root = cost_code
    while root["parent_id"]:
        root = world.cost_codes.rows[root["parent_id"]]
    category = world.line_item_types.rows[code["line_item_type_id"]]
    found = {name: amounts.get(number, "0.0") for name, amounts in sums.items()}
    original = line["original_budget_amount"] if line else "0.0"
    revised = total_of((original, found["modifications"], found["changes"]))
    left = total_of((revised, negative(found["committed"]), negative(found["direct"])))
    forecast = _forecast("0.0" if left.startswith("-") else left, world.forecasts.get(number))
    completed = total_of((found["committed"], found["direct"], forecast["amount"]))
    dynamic = (
        found["changes"],
        revised,
        found["committed"],
        found["direct"],
        found["direct"],
        completed,
    )
    return {
        "id": line and line["id"],
        "deletable": False,
        "company_id": world.company_id,
        "company": world.company_name,
        "project_id": project["id"],
        "project": project["name"],
        "wbs_code_id": number,
        "biller_id": project["id"],
        "biller": project["name"],
        "biller_type": "Project",
        "root_cost_code_id": root["id"],
        "root_cost_code": f"{root['full_code']} - {root['name']}",
        "cost_code_id": cost_code["id"],
        "cost_code_origin_id": cost_code["origin_id"],
        "cost_code": f"{cost_code['full_code']} - {cost_code['name']}",
        "category_id": category["id"],
        "category": f"{category['code']} - {category['name']}",
        "original_budget_amount": original,
        "budget_modifications": found["modifications"],
        "budget_forecast": forecast,
        "currency_configuration": CURRENCY,
        "unbudgeted_reason": None if line else "unbudgeted",
        **dict(zip(COLUMNS, dynamic, strict=True)),
    }


def _forecast(automatic: str, manual: str | None) -> Row:
    """What is still to be spent: what is left of the budget, or what people expect."""
    return {
        "id": None,
        "manual_amount": manual,
        "automatic_amount": automatic,
        "amount": automatic if manual is None else manual,
        "automatically_calculated": manual is None,
        "calculation_strategy": "automatic" if manual is None else "manual",
        "notes": None,
    }


# handlers ------------------------------------------------------------------------------------


def list_views(call: Call) -> Reply:
    """The views; of a project if one is named."""
    number = call.query_id("project_id")
    if number is not None:
        call.project(number, TOOL)
    rows = call.world.financial["budget_views"].listed(call.company_id)
    return page_of(call, rows, _show_view)


def _show_view(row: Row) -> Row:
    names = "id name description created_at updated_at role"
    root = f"/rest/v1.0/budget_views/{row['id']}"
    links = {"detail_rows": f"{root}/detail_rows", "summary_rows": f"{root}/summary_rows"}
    return {**{name: row[name] for name in names.split()}, "created_by": None, "links": links}


def list_detail_rows(call: Call) -> Reply:
    """The rows of a view; only budgeted ones unless others are asked for."""
    project = call.project(call.query_id("project_id"), TOOL)
    if call.world.financial["budget_views"].seen(call.params["id"]) is None:
        raise not_found("Budget view")
    kind = call.query.get("budget_row_type") or "budgeted"
    rows = list(detail_rows(call.world, project["id"], kind))
    for name in ("cost_code_id", "category_id"):
        wanted = call.query_ids(name)
        rows = [row for row in rows if not wanted or row[name] in wanted]
    return page_of(call, rows, lambda row: row)


ROUTES = (
    Route("GET", "/rest/v1.0/budget_views", list_views),
    Route("GET", "/rest/v1.0/budget_views/{id}/detail_rows", list_detail_rows),
)
