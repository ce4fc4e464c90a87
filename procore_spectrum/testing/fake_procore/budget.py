"""The budget of a project: its lock, its lines, its modifications."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    bad_request,
    not_found,
)
from procore_spectrum.testing.fake_procore.budget_lines import (
    EXISTS,
    INPUT,
    check_budget_line,
    create_budget_line,
    is_locked,
    set_locked,
    update_budget_line,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, key, read, required, text, whole
from procore_spectrum.testing.fake_procore.lines import CURRENCY, locked_problem, show_wbs
from procore_spectrum.testing.fake_procore.money import as_number, money
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import NOT_FOUND, check_origin
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = [
    "MODIFICATION",
    "ROUTES",
    "TOOL",
    "create_modification",
    "show_budget_line",
    "show_modification",
    "unlock",
]

TOOL = "budget"
LINES = "budget_line_items"
MODIFICATIONS = "budget_modifications"
FROZEN = "cannot be deleted from a locked budget"

SYNC_ITEM: Spec = {**INPUT, "id": whole}
MODIFICATION: Spec = {
    "from_budget_line_item_id": whole,
    "to_budget_line_item_id": whole,
    "transfer_amount": money,
    "notes": text,
    "origin_data": text,
    "origin_id": key,
}


# the lock --------------------------------------------------------------------------------------


def unlock(world: World, project_id: int, *, destroy: bool = True) -> None:
    """Open the budget; unless told otherwise this destroys all budget modifications (4.12)."""
    table = world.financial[MODIFICATIONS]
    for row in list(table.members(project_id)) if destroy else ():
        table.delete(row)
    set_locked(world, project_id, locked=False)


def _path_project(call: Call) -> int:
    return int(call.project(call.params["project_id"], TOOL)["id"])


def _locked(call: Call, project_id: int, status: int = 200) -> Reply:
    return Reply(status=status, body={"locked": is_locked(call.world, project_id)})


def get_budget(call: Call) -> Reply:
    """Whether the budget is locked."""
    return _locked(call, _path_project(call))


def post_lock(call: Call) -> Reply:
    """Lock: 201, also if it is locked already."""
    project_id = _path_project(call)
    set_locked(call.world, project_id, locked=True)
    return _locked(call, project_id, 201)


def delete_lock(call: Call) -> Reply:
    """Unlock; the dangerous flag is true unless it is sent as false."""
    project_id = _path_project(call)
    flag = call.query.get("destroy_all_budget_line_item_transfers") or "true"
    if flag not in {"true", "false"}:
        raise bad_request("destroy_all_budget_line_item_transfers", "must be true or false")
    unlock(call.world, project_id, destroy=flag == "true")
    return _locked(call, project_id)


# lines -----------------------------------------------------------------------------------------


def show_budget_line(world: World, row: Row) -> Row:
    """A line of version 1.1: amounts are JSON numbers."""
    amounts = ("original_budget_amount", "quantity", "unit_cost")
    return {
        "id": row["id"],
        **{name: as_number(row[name]) for name in amounts},
        "uom": row["uom"],
        "calculation_strategy": row["calculation_strategy"],
        "wbs_code": show_wbs(world, row),
        "currency_configuration": CURRENCY,
    }


def _body_project(call: Call) -> int:
    return int(call.project(call.body_id("project_id"), TOOL)["id"])


def _own_line(call: Call, project_id: int) -> Row:
    row = call.world.financial[LINES].get(call.params["id"])
    if row is None or row["project_id"] != project_id:
        raise not_found("Budget line item")
    return row


def _sent(call: Call) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    return read(INPUT, call.object("budget_line_item"), ignore_unknown=ignore)


def post_line(call: Call) -> Reply:
    """Create: 201."""
    row = create_budget_line(call.world, _body_project(call), _sent(call))
    return Reply(status=201, body=show_budget_line(call.world, row))


def get_line(call: Call) -> Reply:
    """One line."""
    project = call.project(call.query_id("project_id"), TOOL)
    row = call.world.financial[LINES].seen(call.params["id"])
    if row is None or row["project_id"] != project["id"]:
        raise not_found("Budget line item")
    return Reply(body=show_budget_line(call.world, row))


def patch_line(call: Call) -> Reply:
    """Update by id."""
    row = update_budget_line(call.world, _own_line(call, _body_project(call)), _sent(call))
    return Reply(body=show_budget_line(call.world, row))


def delete_line(call: Call) -> Reply:
    """Delete a line of an open budget: 204."""
    project_id = _path_project(call)
    row = _own_line(call, project_id)
    locked_problem(FROZEN if is_locked(call.world, project_id) else None)
    call.world.financial[LINES].delete(row)
    return Reply(status=204)


def sync_lines(call: Call) -> Reply:
    """Create or update several lines: a plain list, or nothing at all and 422 (3.7)."""
    world, project_id = call.world, _body_project(call)
    ignore = world.switches.ignore_unknown_fields
    items = [
        read(SYNC_ITEM, item, ignore_unknown=ignore) for item in call.array("budget_line_items")
    ]
    pairs = [(_checked(world, project_id, item), item) for item in items]
    codes = [item["wbs_code_id"] for item in items]
    if len(set(codes)) < len(codes):
        raise InvalidError({"wbs_code_id": [EXISTS]})
    rows = [_write(world, project_id, row, item) for row, item in pairs]
    return Reply(body=[show_budget_line(world, row) for row in rows])


def _checked(world: World, project_id: int, item: Row) -> Row | None:
    """The line an item is about, or None for a new one, after the checks."""
    number, row = item.get("id"), None
    if number is not None:
        row = world.financial[LINES].get(number)
        if row is None or row["project_id"] != project_id:
            raise InvalidError({"id": [NOT_FOUND]})
    problems = required(item, "wbs_code_id", creating=True)
    if problems:
        raise InvalidError(problems)
    check_budget_line(world, project_id, item, row)
    return row


def _write(world: World, project_id: int, row: Row | None, item: Row) -> Row:
    values = {name: value for name, value in item.items() if name != "id"}
    if row is None:
        return create_budget_line(world, project_id, values)
    return update_budget_line(world, row, values)


# modifications -----------------------------------------------------------------------------------


def create_modification(world: World, project_id: int, values: Row) -> Row:
    """Store a transfer to a line, from another line or from nowhere."""
    table = world.financial[MODIFICATIONS]
    problems = required(values, "to_budget_line_item_id", "transfer_amount", creating=True)
    problems |= _unknown_lines(world, project_id, values)
    if problems:
        raise InvalidError(problems)
    check_origin(table, values, None)
    own = {"project_id": project_id, "deleted_at": None}
    return table.add(project_id, {**dict.fromkeys(MODIFICATION), **values, **own})


def _unknown_lines(world: World, project_id: int, values: Row) -> dict[str, list[str]]:
    problems = {}
    for name in ("from_budget_line_item_id", "to_budget_line_item_id"):
        number = values.get(name)
        line = world.financial[LINES].get(number)
        if number is not None and (line is None or line["project_id"] != project_id):
            problems[name] = ["does not exist"]
    return problems


def show_modification(row: Row) -> Row:
    """A modification; its amount is text."""
    times = {name: row[name] for name in ("created_at", "updated_at")}
    return {"id": row["id"], **{name: row[name] for name in MODIFICATION}, **times}


def list_modifications(call: Call) -> Reply:
    """All modifications of a project; they can be read even when they cannot be written."""
    rows = call.world.financial[MODIFICATIONS].listed(_path_project(call))
    return page_of(call, rows, show_modification)


def _own_modification(call: Call, project_id: int) -> Row:
    row = call.world.financial[MODIFICATIONS].get(call.params["id"])
    if row is None or row["project_id"] != project_id:
        raise not_found("Budget modification")
    return row


def get_modification(call: Call) -> Reply:
    """One modification."""
    return Reply(body=show_modification(_own_modification(call, _path_project(call))))


def _replaced(call: Call) -> Reply | None:
    """Once Budget Changes are enabled, writes are not allowed ([MODS])."""
    if not call.world.switches.budget_changes_enabled:
        return None
    body = {"message": "Budget modifications were replaced by budget changes", "error": "405"}
    return Reply(status=405, body=body, headers=(("Allow", "GET"),))


def post_modification(call: Call) -> Reply:
    """Create: 201."""
    project_id = _path_project(call)
    refused = _replaced(call)
    if refused is not None:
        return refused
    ignore = call.world.switches.ignore_unknown_fields
    values = read(MODIFICATION, call.object("budget_modification"), ignore_unknown=ignore)
    row = create_modification(call.world, project_id, values)
    return Reply(status=201, body=show_modification(row))


def delete_modification(call: Call) -> Reply:
    """Delete."""
    project_id = _path_project(call)
    refused = _replaced(call)
    if refused is None:
        call.world.financial[MODIFICATIONS].delete(_own_modification(call, project_id))
    return refused or Reply()


_PROJECT = "/rest/v1.0/projects/{project_id}"
_MODIFICATIONS = f"{_PROJECT}/{MODIFICATIONS}"
_V2 = "/rest/v2.0/companies/{company_id}/projects/{project_id}"

ROUTES = (
    Route("GET", f"{_PROJECT}/budget", get_budget),
    Route("POST", f"{_PROJECT}/budget/lock", post_lock),
    Route("DELETE", f"{_PROJECT}/budget/lock", delete_lock),
    Route("POST", "/rest/v1.1/budget_line_items", post_line),
    Route("GET", "/rest/v1.1/budget_line_items/{id}", get_line),
    Route("PATCH", "/rest/v1.1/budget_line_items/{id}", patch_line),
    Route("POST", "/rest/v1.0/budget_line_items/sync", sync_lines),
    Route("DELETE", f"{_V2}/budget_line_items/{{id}}", delete_line),
    Route("GET", _MODIFICATIONS, list_modifications),
    Route("POST", _MODIFICATIONS, post_modification),
    Route("GET", f"{_MODIFICATIONS}/{{id}}", get_modification),
    Route("DELETE", f"{_MODIFICATIONS}/{{id}}", delete_modification),
)
