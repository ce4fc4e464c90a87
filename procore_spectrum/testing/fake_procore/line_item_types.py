"""Line item types: what Spectrum calls cost types."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    bad_request,
    not_found,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.cost_codes import TOOL
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    key,
    one_of,
    read,
    required,
    text,
    whole,
    words,
)
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import TAKEN, Resource, check_origin, synchronize
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["INPUT", "ROUTES", "create_type", "show_type", "update_type"]

BASE_TYPES = words(
    """
    equipment materials commitment owner_cost professional_services other
    """
)

_SHARED: Spec = {
    "name": text,
    "csv_import_code": text,
    "origin_data": text,
    "origin_id": key,
}
# ``labor`` may be written one by one; sync does not list it.
INPUT: Spec = {**_SHARED, "base_type": one_of("labor", *BASE_TYPES)}
SYNC_ITEM: Spec = {**_SHARED, "base_type": one_of(*BASE_TYPES), "id": whole}


# rules ---------------------------------------------------------------------------------------


def check_type(world: World, values: Row, row: Row | None) -> None:
    """Name and code present and unique in the company."""
    problems = required(values, "name", "csv_import_code", creating=row is None)
    table, group = world.line_item_types, world.company_id
    if table.name_taken(group, values.get("name"), row):
        problems["name"] = [TAKEN]
    holder = table.get(table.places.get((group, None, values.get("csv_import_code") or "")))
    if holder is not None and holder is not row:
        problems["csv_import_code"] = [TAKEN]
    if problems:
        raise InvalidError(problems)


def create_type(world: World, values: Row) -> Row:
    """Store a new type and the segment item that stands for it in every project."""
    check_type(world, values, None)
    check_origin(world.line_item_types, values, None)
    item_id = world.next_id()
    blank = {"base_type": "other", "origin_id": None, "origin_data": None}
    own = {"segment_item_id": item_id, "status": "active", "deleted_at": None}
    row = world.line_item_types.add(world.company_id, {**blank, **_stored(values), **own})
    world.segment_items[item_id] = (world.line_item_types.name, row["id"])
    return row


def update_type(world: World, row: Row, values: Row) -> Row:
    """Change the fields that were sent."""
    check_type(world, values, row)
    check_origin(world.line_item_types, values, row)
    return world.line_item_types.change(row, _stored(values))


def _stored(values: Row) -> Row:
    """``csv_import_code`` in requests is ``code`` in answers."""
    kept = {key: value for key, value in values.items() if (key, value) != ("base_type", None)}
    if "csv_import_code" in kept:
        kept["code"] = kept.pop("csv_import_code")
    return kept


# answers -------------------------------------------------------------------------------------


def show_type(world: World, row: Row) -> Row:
    """A type; its base type is never ``labor``, which answers do not list (switch)."""
    base = row["base_type"]
    return {
        "id": row["id"],
        "name": row["name"],
        "code": row["code"],
        "base_type": world.switches.answer_for_labor if base == "labor" else base,
        "origin_data": row["origin_data"],
        "origin_id": row["origin_id"],
    }


# handlers ------------------------------------------------------------------------------------


def list_types(call: Call) -> Reply:
    """All types; company or project must be named, one of them is enough."""
    company, project = call.query_id("company_id"), call.query_id("project_id")
    if company is None and project is None:
        raise bad_request("company_id", "company_id or project_id is required")
    if company is not None:
        call.check_company(company)
    if project is not None:
        call.project(project, TOOL)
    listed = call.world.line_item_types.listed(call.company_id)
    rows = chosen(call, listed, equal=("origin_id",))
    return page_of(call, rows, lambda row: show_type(call.world, row))


def get_type(call: Call) -> Reply:
    """One type."""
    call.check_company(call.query_id("company_id"))
    row = call.world.line_item_types.seen(call.params["id"])
    if row is None:
        raise not_found("Line item type")
    return Reply(body=show_type(call.world, row))


def _input(call: Call) -> Row:
    call.check_company(call.body_id("company_id"))
    ignore = call.world.switches.ignore_unknown_fields
    return read(INPUT, call.object("line_item_type"), ignore_unknown=ignore)


def post_type(call: Call) -> Reply:
    """Create: 201."""
    row = create_type(call.world, _input(call))
    return Reply(status=201, body=show_type(call.world, row))


def patch_type(call: Call) -> Reply:
    """Update by id."""
    values = _input(call)
    row = call.world.line_item_types.get(call.params["id"])
    if row is None:
        raise not_found("Line item type")
    return Reply(body=show_type(call.world, update_type(call.world, row, values)))


def sync_types(call: Call) -> Reply:
    """Bulk upsert."""
    call.check_company(call.body_id("company_id"))
    world = call.world
    resource = Resource(
        table=world.line_item_types,
        group=world.company_id,
        spec=SYNC_ITEM,
        create=lambda values: create_type(world, values),
        update=lambda row, values: update_type(world, row, values),
        show=lambda row: show_type(world, row),
    )
    return synchronize(call, resource)


ROUTES = (
    Route("GET", "/rest/v1.0/line_item_types", list_types),
    Route("POST", "/rest/v1.0/line_item_types", post_type),
    Route("PATCH", "/rest/v1.0/line_item_types/sync", sync_types),
    Route("GET", "/rest/v1.0/line_item_types/{id}", get_type),
    Route("PATCH", "/rest/v1.0/line_item_types/{id}", patch_type),
)
