"""Budget changes: summaries in the list, adjustment lines with the show endpoint (4.12).

An adjustment begins with a line of type ``change_event``; further lines of it have the type
``budget_change``. All of them change the budget, and their ids are unique within a type only.
"""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply, not_found
from procore_spectrum.testing.fake_procore.budget import TOOL
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, one_of, plain, read, text, whole
from procore_spectrum.testing.fake_procore.lines import CURRENCY, show_wbs
from procore_spectrum.testing.fake_procore.money import as_number, exact, money, total_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["INPUT", "ROUTES", "create_change", "show_change", "update_change"]

TABLE = "budget_changes"

INPUT: Spec = {
    "number": whole,
    "status": one_of("draft", "approved", "under_review", "void"),
    "title": text,
    "description": text,
    "adjustment_line_items": plain,
}
LINE: Spec = {
    "type": one_of("change_event", "budget_change"),
    "ref": text,
    "adjustment_number": whole,
    "wbs_code_id": whole,
    "description": text,
    "comment": text,
    "calculation_strategy": one_of("automatic", "manual"),
    "quantity": exact,
    "uom": text,
    "unit_cost": exact,
    "amount": money,
    "change_event_line_item_id": whole,
}


# rules ---------------------------------------------------------------------------------------


def create_change(world: World, project_id: int, values: Row) -> Row:
    """Store a change with its adjustment lines."""
    table = world.financial[TABLE]
    lines = _lines(world, project_id, values.get("adjustment_line_items") or [])
    kept = {name: value for name, value in values.items() if value is not None}
    blank = {"title": None, "description": None, "status": "draft"}
    number = 1 + len(table.groups.get(project_id, ()))
    own = {"adjustment_line_items": lines, "project_id": project_id, "deleted_at": None}
    return table.add(project_id, {**blank, "number": number, **kept, **own})


def _lines(world: World, project_id: int, sent: list[Row]) -> list[Row]:
    """The lines; each of type ``budget_change`` belongs to an adjustment that was begun."""
    lines: list[Row] = []
    for values in sent:
        line = _line(world, project_id, values)
        begun = {other["adjustment_number"] for other in lines if other["type"] == "change_event"}
        if line["type"] == "change_event" and line["adjustment_number"] is None:
            line["adjustment_number"] = 1 + len(begun)
        elif line["type"] == "budget_change" and line["adjustment_number"] not in begun:
            raise InvalidError({"adjustment_number": ["has no change event line"]})
        line["id"] += sum(other["type"] == line["type"] for other in lines)
        lines.append(line)
    return lines


def _line(world: World, project_id: int, sent: Row) -> Row:
    values = read(LINE, sent, ignore_unknown=False)
    code = world.wbs_codes.get(values.get("wbs_code_id"))
    if code is None or code["project_id"] != project_id:
        raise InvalidError({"wbs_code_id": ["does not exist"]})
    kept = {name: value for name, value in values.items() if value is not None}
    defaults = {
        "type": "change_event",
        "amount": "0.0",
        "calculation_strategy": "manual",
    }
    changes = world.financial[TABLE].rows.values()
    before = [line for row in changes for line in row["adjustment_line_items"]]
    made = {**dict.fromkeys(LINE), **defaults, **kept}
    return {**made, "id": 1 + sum(line["type"] == made["type"] for line in before)}


def update_change(world: World, row: Row, values: Row) -> Row:
    """Change title, description, number or status."""
    kept = {k: v for k, v in values.items() if v is not None and k != "adjustment_line_items"}
    return world.financial[TABLE].change(row, kept)


# answers -------------------------------------------------------------------------------------


def delete_change(world: World, row: Row) -> None:
    """Delete a change with its lines."""
    world.financial[TABLE].delete(row)


def show_summary(row: Row) -> Row:
    """A change without its lines."""
    amounts = [line["amount"] for line in row["adjustment_line_items"]]
    return {
        **{name: row[name] for name in ("id", "number", "title", "description", "status")},
        "amount": as_number(total_of(amounts)),
        "change_event_line_item_ids": [],
        "created_by": None,
        "currency_configuration": CURRENCY,
        "erp_status": "not_integrated",
        "prime_contract_id": None,
    }


def show_change(world: World, row: Row) -> Row:
    """A change with its lines; amounts are JSON numbers."""
    hidden = {"change_event_line_item_ids", "prime_contract_id"}
    summary = {name: value for name, value in show_summary(row).items() if name not in hidden}
    return {
        **summary,
        "adjustment_line_items": [_show_line(world, line) for line in row["adjustment_line_items"]],
        "attachments": [],
        "created_at": row["created_at"],
        "custom_fields": {},
        "prime_contract": None,
        "production_quantities": [],
        "updated_at": row["updated_at"],
    }


def _show_line(world: World, line: Row) -> Row:
    amounts = {name: as_number(line[name]) for name in ("amount", "quantity", "unit_cost")}
    kept = {name: value for name, value in line.items() if name != "wbs_code_id"}
    code = show_wbs(world, line)
    return {**kept, **amounts, "change_event_line_item": None, "wbs_code": code}


# handlers ------------------------------------------------------------------------------------


def list_changes(call: Call) -> Reply:
    """All changes of a project, in an envelope and not paged."""
    project = call.project(call.params["project_id"], TOOL)
    rows = call.world.financial[TABLE].listed(project["id"])
    return Reply(body={"data": [show_summary(row) for row in rows]})


def get_change(call: Call) -> Reply:
    """One change."""
    project = call.project(call.params["project_id"], TOOL)
    row = call.world.financial[TABLE].seen(call.params["id"])
    if row is None or row["project_id"] != project["id"]:
        raise not_found("Budget change")
    return Reply(body={"data": show_change(call.world, row)})


_ROOT = "/rest/v1.0/projects/{project_id}/budget_changes"

ROUTES = (
    Route("GET", _ROOT, list_changes),
    Route("GET", f"{_ROOT}/{{id}}", get_change),
)
