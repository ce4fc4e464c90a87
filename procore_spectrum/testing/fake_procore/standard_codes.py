"""Standard cost code lists of the company and their codes."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.cost_codes import (
    check_code,
    erp_list,
    rename_descendants,
    tree_fields,
)
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    flag,
    key,
    read,
    required,
    stamp,
    text,
    whole,
)
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import TAKEN, Resource, check_origin, synchronize
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["INPUT", "ROUTES", "create_standard_code", "create_standard_list"]

LIST_INPUT: Spec = {"name": text, "is_erp_list": flag}
INPUT: Spec = {
    "parent_id": whole,
    "code": text,
    "name": text,
    "origin_data": text,
    "origin_id": key,
}
SYNC_ITEM: Spec = {**INPUT, "id": whole}


# rules ---------------------------------------------------------------------------------------


def check_list(world: World, values: Row, row: Row | None) -> None:
    """A name; one ERP list per company (`doc:erp-technical-guide`)."""
    problems = required(values, "name", creating=row is None)
    holder = erp_list(world)
    if values.get("is_erp_list") and holder is not None and holder is not row:
        problems["is_erp_list"] = [TAKEN]
    if problems:
        raise InvalidError(problems)


def create_standard_list(world: World, values: Row) -> Row:
    """Store a new list."""
    check_list(world, values, None)
    kept = {"name": values["name"], "is_erp_list": bool(values.get("is_erp_list"))}
    return world.standard_lists.add(world.company_id, kept)


def create_standard_code(world: World, list_id: int, values: Row) -> Row:
    """Store a new code and the company's segment item that stands for it."""
    table = world.standard_codes
    check_code(table, list_id, values, None)
    check_origin(table, values, None)
    item_id = world.next_id()
    blank = {"parent_id": None, "origin_id": None, "origin_data": None, "deleted_at": None}
    own = {
        "standard_cost_code_list_id": list_id,
        "segment_item_id": item_id,
        "status": "active",
    }
    row = table.add(list_id, {**blank, **tree_fields(table, values), **own})
    world.segment_items[item_id] = (table.name, row["id"])
    return row


def update_standard_code(world: World, row: Row, values: Row) -> Row:
    """Change a code; the full codes below follow."""
    table = world.standard_codes
    check_code(table, row["standard_cost_code_list_id"], values, row)
    check_origin(table, values, row)
    before = row["full_code"]
    table.change(row, tree_fields(table, values, row))
    if row["full_code"] != before:
        rename_descendants(table, row)
    return row


# answers -------------------------------------------------------------------------------------


def show_list(world: World, row: Row) -> Row:
    """A list as show, creation and update answer it."""
    kept = {key: row[key] for key in ("id", "is_erp_list", "name")}
    return {**kept, "company_id": world.company_id}


def show_standard_code(row: Row) -> Row:
    """A standard code."""
    keys = "id standard_cost_code_list_id parent_id code full_code name origin_data origin_id"
    return {key: row[key] for key in keys.split()}


# handlers ------------------------------------------------------------------------------------


def get_lists(call: Call) -> Reply:
    """The lists of the company."""
    call.check_company(call.query_id("company_id"))
    return page_of(
        call,
        call.world.standard_lists.listed(call.company_id),
        lambda row: {
            "available_to_use_on_new_projects": True,
            "id": row["id"],
            "is_erp_list": row["is_erp_list"],
            "name": row["name"],
        },
    )


def _list_input(call: Call, spec: Spec) -> Row:
    call.check_company(call.body_id("company_id"))
    ignore = call.world.switches.ignore_unknown_fields
    return read(spec, call.object("standard_cost_code_list"), ignore_unknown=ignore)


def post_list(call: Call) -> Reply:
    """Create: 201. A new list cannot be declared the ERP list at once."""
    row = create_standard_list(call.world, _list_input(call, {"name": text}))
    return Reply(status=201, body=show_list(call.world, row))


def get_list(call: Call) -> Reply:
    """One list."""
    call.check_company(call.query_id("company_id"))
    return Reply(body=show_list(call.world, _list(call, call.params["id"])))


def patch_list(call: Call) -> Reply:
    """Rename a list, or make it the ERP list."""
    values = _list_input(call, LIST_INPUT)
    row = _list(call, call.params["id"])
    check_list(call.world, values, row)
    return Reply(body=show_list(call.world, call.world.standard_lists.change(row, values)))


def _list(call: Call, number: int | None) -> Row:
    row = call.world.standard_lists.get(number)
    if row is None:
        raise not_found("Standard cost code list")
    return row


def _code(call: Call, list_id: int | None) -> Row:
    row = call.world.standard_codes.get(call.params["id"])
    if row is None or list_id not in {None, row["standard_cost_code_list_id"]}:
        raise not_found("Standard cost code")
    return row


def list_codes(call: Call) -> Reply:
    """The codes of one list."""
    call.check_company(call.query_id("company_id"))
    found = _list(call, call.query_id("standard_cost_code_list_id"))
    listed = call.world.standard_codes.listed(found["id"])
    return page_of(call, chosen(call, listed, equal=("origin_id",)), show_standard_code)


def get_code(call: Call) -> Reply:
    """One code of one list."""
    call.check_company(call.query_id("company_id"))
    found = _list(call, call.query_id("standard_cost_code_list_id"))
    return Reply(body=show_standard_code(_code(call, found["id"])))


def _writable(call: Call) -> Row:
    call.check_company(call.body_id("company_id"))
    return _list(call, call.body_id("standard_cost_code_list_id"))


def _input(call: Call) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    return read(INPUT, call.object("standard_cost_code"), ignore_unknown=ignore)


def post_code(call: Call) -> Reply:
    """Create: 201."""
    found = _writable(call)
    row = create_standard_code(call.world, found["id"], _input(call))
    return Reply(status=201, body=show_standard_code(row))


def patch_code(call: Call) -> Reply:
    """Update by id."""
    row = _code(call, _writable(call)["id"])
    return Reply(body=show_standard_code(update_standard_code(call.world, row, _input(call))))


def delete_code(call: Call) -> Reply:
    """Hide a code for good; its project copies stay."""
    call.check_company(call.query_id("company_id"))
    row = _code(call, None)
    if call.world.standard_codes.kids(row["id"]):
        raise InvalidError({"base": ["has children"]})
    call.world.standard_codes.change(row, {"deleted_at": stamp(call.world.now())})
    return Reply(body=show_standard_code(row))


def sync_codes(call: Call) -> Reply:
    """Bulk upsert into one list; 413 beyond a size that the documentation does not state."""
    found, world = _writable(call), call.world
    resource = Resource(
        table=world.standard_codes,
        group=found["id"],
        spec=SYNC_ITEM,
        create=lambda values: create_standard_code(world, found["id"], values),
        update=lambda row, values: update_standard_code(world, row, values),
        show=show_standard_code,
    )
    return synchronize(call, resource, limit=world.switches.standard_sync_limit)


ROUTES = (
    Route("GET", "/rest/v1.0/standard_cost_code_lists", get_lists),
    Route("POST", "/rest/v1.0/standard_cost_code_lists", post_list),
    Route("GET", "/rest/v1.0/standard_cost_code_lists/{id}", get_list),
    Route("PATCH", "/rest/v1.0/standard_cost_code_lists/{id}", patch_list),
    Route("GET", "/rest/v1.0/standard_cost_codes", list_codes),
    Route("POST", "/rest/v1.0/standard_cost_codes", post_code),
    Route("PATCH", "/rest/v1.0/standard_cost_codes/sync", sync_codes),
    Route("GET", "/rest/v1.0/standard_cost_codes/{id}", get_code),
    Route("PATCH", "/rest/v1.0/standard_cost_codes/{id}", patch_code),
    Route("DELETE", "/rest/v1.0/standard_cost_codes/{id}", delete_code),
)
