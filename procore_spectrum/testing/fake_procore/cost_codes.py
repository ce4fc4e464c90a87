"""Cost codes of projects."""

from __future__ import annotations

from typing import Any

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    not_found,
    unprocessable,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, key, read, required, text, whole
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import TAKEN, Resource, check_origin, synchronize
from procore_spectrum.testing.fake_procore.world import Row, Table, World

__all__ = [
    "ERP_MESSAGE",
    "INPUT",
    "ROUTES",
    "TOOL",
    "check_code",
    "copy_list",
    "create_cost_code",
    "erp_list",
    "rename_descendants",
    "show_cost_code",
    "tree_fields",
    "update_cost_code",
]

TOOL = "cost_codes"
ERP_MESSAGE = "Cost codes of ERP integrated projects can only be changed through sync"

INPUT: Spec = {
    "position": whole,
    "code": text,
    "name": text,
    "origin_data": text,
    "origin_id": key,
    "parent_id": whole,
    "standard_cost_code_id": whole,
}
SYNC_ITEM: Spec = {**INPUT, "id": whole}


# rules that project codes share with standard codes ---------------------------------------------


def check_code(table: Table, group: int, values: Row, row: Row | None) -> None:
    """Name and code present; a parent of the same group; no circle; code unique per parent."""
    problems = required(values, "code", "name", creating=row is None)
    parent_id = values.get("parent_id", row and row["parent_id"])
    if parent_id is not None and not _may_be_parent(table, group, parent_id, row):
        problems["parent_id"] = ["does not exist"]
    code = values.get("code", row and row["code"])
    if not problems and _code_taken(table, (group, parent_id, code), row):
        problems["code"] = [TAKEN]
    if problems:
        raise InvalidError(problems)


def _may_be_parent(table: Table, group: int, parent_id: int, row: Row | None) -> bool:
    """Walks up from the parent: it must exist here and not hang below the row itself."""
    if parent_id not in table.groups.get(group, ()) or table.get(parent_id) is None:
        return False
    above: int | None = parent_id
    while above is not None and row is not None:
        if above == row["id"]:
            return False
        above = table.rows[above]["parent_id"]
    return True


def _code_taken(table: Table, place: tuple[Any, ...], row: Row | None) -> bool:
    holder = table.get(table.places.get(place))
    return holder is not None and holder is not row


def tree_fields(table: Table, values: Row, row: Row | None = None) -> Row:
    """The values with the full code that follows from parent and code."""
    merged = {"parent_id": None, **(row or {}), **values}
    parent = table.get(merged["parent_id"])
    full = f"{parent['full_code']}-{merged['code']}" if parent else merged["code"]
    return {**values, "full_code": full, "sortable_code": full}


def rename_descendants(table: Table, row: Row) -> None:
    """Carry a changed code down the tree."""
    for child in table.kids(row["id"]):
        table.change(child, tree_fields(table, {}, child))
        rename_descendants(table, child)


# rules of project codes ------------------------------------------------------------------------


def create_cost_code(world: World, project_id: int, values: Row) -> Row:
    """Store a new code and the segment item that stands for it."""
    table = world.cost_codes
    check_code(table, project_id, values, None)
    check_origin(table, values, None)
    check_standard(world, values)
    item_id = world.next_id()
    blank = dict.fromkeys(("position", "origin_id", "origin_data", "standard_cost_code_id"))
    row = table.add(
        project_id,
        {
            **blank,
            "parent_id": None,
            **tree_fields(table, values),
            "project_id": project_id,
            "segment_item_id": item_id,
            "status": "active",
            "deleted_at": None,
        },
    )
    world.segment_items[item_id] = (table.name, row["id"])
    return row


def update_cost_code(world: World, row: Row, values: Row) -> Row:
    """Change a code; the full codes below follow."""
    table = world.cost_codes
    check_code(table, row["project_id"], values, row)
    check_origin(table, values, row)
    check_standard(world, values)
    before = row["full_code"]
    table.change(row, tree_fields(table, values, row))
    if row["full_code"] != before:
        rename_descendants(table, row)
    return row


def check_standard(world: World, values: Row) -> None:
    """The standard code a project code refers to must exist."""
    standard = values.get("standard_cost_code_id")
    if standard is not None and world.standard_codes.get(standard) is None:
        raise InvalidError({"standard_cost_code_id": ["does not exist"]})


def erp_list(world: World) -> Row | None:
    """The one standard list that the ERP connection keeps."""
    lists = world.standard_lists.members(world.company_id)
    return next((row for row in lists if row["is_erp_list"]), None)


def copy_list(world: World, project_id: int, list_id: int) -> list[Row]:
    """Copy a whole standard list; codes that exist already stay as they are."""
    return [
        row
        for standard in world.standard_codes.members(list_id)
        if (row := copy_one(world, project_id, standard)) is not None
    ]


def copy_one(world: World, project_id: int, standard: Row) -> Row | None:
    """Copy one standard code below its copied parent; None if the code exists already."""
    table = world.cost_codes
    parent_id = None
    above = world.standard_codes.get(standard["parent_id"])
    if above is not None:
        parent_id = _copy_of(world, project_id, above)
        if parent_id is None:
            parent_id = (copy_one(world, project_id, above) or {}).get("id")
    if table.get(table.places.get((project_id, parent_id, standard["code"]))) is not None:
        return None
    values = {
        "code": standard["code"],
        "name": standard["name"],
        "parent_id": parent_id,
        "standard_cost_code_id": standard["id"],
    }
    return create_cost_code(world, project_id, values)


def _copy_of(world: World, project_id: int, standard: Row) -> int | None:
    """The project's code in the place of a standard code, if it is there."""
    parent_id = None
    above = world.standard_codes.get(standard["parent_id"])
    if above is not None:
        parent_id = _copy_of(world, project_id, above)
        if parent_id is None:
            return None
    return world.cost_codes.places.get((project_id, parent_id, standard["code"]))


# answers -------------------------------------------------------------------------------------


def show_cost_code(world: World, row: Row, view: str = "default") -> Row:
    """A code in one of its two views."""
    if view == "erp_compact":
        keys = ["id", "name", "full_code", "origin_data", "origin_id", "standard_cost_code_id"]
        return {key: row[key] for key in keys}
    project = world.projects.rows[row["project_id"]]
    standard = world.standard_codes.get(row["standard_cost_code_id"])
    return {
        "id": row["id"],
        "biller": project["name"],
        "biller_id": project["id"],
        "biller_type": "Project",
        "biller_origin_id": project["origin_id"],
        "budgeted": False,
        "code": row["code"],
        "created_at": row["created_at"],
        "deleted_at": row["deleted_at"],
        "full_code": row["full_code"],
        "name": row["name"],
        "origin_data": row["origin_data"],
        "origin_id": row["origin_id"],
        "parent": {"id": row["parent_id"]},
        "position": row["position"],
        "sortable_code": row["sortable_code"],
        "standard_cost_code_id": row["standard_cost_code_id"],
        "standard_cost_code_list_id": standard and standard["standard_cost_code_list_id"],
        "updated_at": row["updated_at"],
        "line_item_types": [],
    }


# handlers ------------------------------------------------------------------------------------


def _no_sub_job(number: int | None) -> None:
    """The fake has no sub jobs, so any id of one is unknown."""
    if number is not None:
        raise not_found("Sub job")


def list_cost_codes(call: Call) -> Reply:
    """The codes of a project."""
    project = call.project(call.query_id("project_id"), TOOL)
    _no_sub_job(call.query_id("sub_job_id"))
    listed = call.world.cost_codes.listed(project["id"])
    rows = chosen(call, listed, equal=("origin_id",), ids=("id",))
    view = call.query.get("view") or "default"
    return page_of(call, rows, lambda row: show_cost_code(call.world, row, view))


def get_cost_code(call: Call) -> Reply:
    """One code."""
    project = call.project(call.query_id("project_id"), TOOL)
    row = call.world.cost_codes.seen(call.params["id"])
    if row is None or row["project_id"] != project["id"]:
        raise not_found("Cost code")
    return Reply(body=show_cost_code(call.world, row))


def _writable(call: Call) -> Row:
    """The project of a single write, which ERP integrated projects refuse (doc-2022)."""
    project = call.project(call.body_id("project_id"), TOOL)
    _no_sub_job(call.body_id("sub_job_id"))
    if project["is_erp_integrated"]:
        raise unprocessable({"base": [ERP_MESSAGE]})
    return project


def _input(call: Call) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    return read(INPUT, call.object("cost_code"), ignore_unknown=ignore)


def post_cost_code(call: Call) -> Reply:
    """Create: 201."""
    project = _writable(call)
    row = create_cost_code(call.world, project["id"], _input(call))
    return Reply(status=201, body=show_cost_code(call.world, row))


def patch_cost_code(call: Call) -> Reply:
    """Update by id."""
    project = _writable(call)
    row = call.world.cost_codes.get(call.params["id"])
    if row is None or row["project_id"] != project["id"]:
        raise not_found("Cost code")
    return Reply(body=show_cost_code(call.world, update_cost_code(call.world, row, _input(call))))


def sync_cost_codes(call: Call) -> Reply:
    """Bulk upsert, the only way in on ERP integrated projects."""
    project = call.project(call.query_id("project_id"), TOOL)
    _no_sub_job(call.query_id("sub_job_id"))
    world, project_id = call.world, project["id"]
    resource = Resource(
        table=world.cost_codes,
        group=project_id,
        spec=SYNC_ITEM,
        create=lambda values: create_cost_code(world, project_id, values),
        update=lambda row, values: update_cost_code(world, row, values),
        show=lambda row: show_cost_code(world, row),
    )
    return synchronize(call, resource)


def _standard_list(call: Call) -> Row:
    row = call.world.standard_lists.get(call.body_id("standard_cost_code_list_id"))
    if row is None:
        raise not_found("Standard cost code list")
    return row


def copy_from_list(call: Call) -> Reply:
    """Copy a whole standard list into a project: 201 with the new codes."""
    project = call.project(call.body_id("project_id"), TOOL)
    _no_sub_job(call.body_id("sub_job_id"))
    rows = copy_list(call.world, project["id"], _standard_list(call)["id"])
    return Reply(status=201, body=[show_cost_code(call.world, row) for row in rows])


def copy_subset(call: Call) -> Reply:
    """Copy some standard codes: 201, or 207 if some could not be copied."""
    project = call.project(call.body_id("project_id"), TOOL)
    _no_sub_job(call.body_id("sub_job_id"))
    chosen_list = _standard_list(call)["id"]
    successes: list[Row] = []
    failures: list[str] = []
    for number in call.array("standard_cost_code_ids"):
        standard = call.world.standard_codes.get(number if isinstance(number, int) else None)
        if standard is None or standard["standard_cost_code_list_id"] != chosen_list:
            failures.append(f"Standard cost code {number} not found")
        elif (row := copy_one(call.world, project["id"], standard)) is None:
            failures.append(f"Code {standard['full_code']} {TAKEN}")
        else:
            successes.append(show_cost_code(call.world, row))
    body = {"successes": successes, "failures": failures}
    return Reply(status=207 if failures else 201, body=body)


ROUTES = (
    Route("GET", "/rest/v1.0/cost_codes", list_cost_codes),
    Route("POST", "/rest/v1.0/cost_codes", post_cost_code),
    Route("PATCH", "/rest/v1.0/cost_codes/sync", sync_cost_codes),
    Route("POST", "/rest/v1.0/cost_codes/copy_from_standard_list", copy_from_list),
    Route("POST", "/rest/v1.0/cost_codes/copy_subset_from_standard_list", copy_subset),
    Route("GET", "/rest/v1.0/cost_codes/{id}", get_cost_code),
    Route("PATCH", "/rest/v1.0/cost_codes/{id}", patch_cost_code),
)
