"""Direct costs and their lines, in versions 1.0 and 1.1 (4.13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    conflict,
    not_found,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    day,
    key,
    one_of,
    plain,
    read,
    required,
    text,
    whole,
    words,
)
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.lines import (
    INPUT as LINE,
)
from procore_spectrum.testing.fake_procore.lines import (
    Holder,
    create_line,
    line_routes,
    locked_problem,
    own_line,
    sent_code,
    show_line,
    total,
    update_line,
)
from procore_spectrum.testing.fake_procore.money import exact, money
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Handler, Route
from procore_spectrum.testing.fake_procore.sync import TAKEN, Resource, check_origin, synchronize
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = [
    "CREATE",
    "ROUTES",
    "TOOL",
    "cost_holder",
    "costs_by_code",
    "create_cost",
    "show_cost_v11",
    "update_cost",
]

TOOL = "direct_costs"
TABLE = "direct_costs"
LINES = "direct_cost_line_items"
SYNCED = "The invoice is not editable because it has been synced with ERP"
BUSY = "Another request is writing direct costs of this project"
MOST_LINES = 100
ORIGIN = {"origin_id", "origin_data"}
TYPES = ("invoice", "expense", "payroll")
SUBCONTRACTOR = "subcontractor_invoice"

_SHARED: Spec = {
    **dict.fromkeys(words("description invoice_number origin_data terms"), text),
    **dict.fromkeys(words("direct_cost_date payment_date received_date"), day),
    **dict.fromkeys(words("employee_id vendor_id"), whole),
    "origin_id": key,
    "status": one_of("draft", "pending", "revise_and_resubmit", "approved"),
}
CREATE: Spec = {**_SHARED, "direct_cost_type": one_of(*TYPES)}
CREATE_V11: Spec = {
    **_SHARED,
    "direct_cost_type": one_of(*TYPES, SUBCONTRACTOR),
    "line_items": plain,
}
UPDATE_V11: Spec = {
    **{name: kind for name, kind in _SHARED.items() if name != "invoice_number"},
    "line_items": plain,
}
SYNC_ITEM: Spec = {
    **CREATE,
    "id": whole,
    "currency_iso_code": text,
    "currency_exchange_rate": exact,
}
NESTED: Spec = {
    **{name: LINE[name] for name in words("description origin_data origin_id quantity unit_cost")},
    "uom": text,
    "wbs_code_id": whole,
    "manual_amount": money,
    "direct_cost_id": whole,
    "ref": text,
}
NESTED_CHANGE: Spec = {**NESTED, "id": whole}
LINE_SYNC: Spec = {**LINE, "id": whole, "direct_cost_id": whole}


# rules ---------------------------------------------------------------------------------------


def check_cost(world: World, values: Row, row: Row | None) -> None:
    """Required fields, a vendor that exists, a type that is switched on."""
    problems = required(values, "invoice_number", "direct_cost_type", creating=row is None)
    kind = values.get("direct_cost_type") or (row and row["direct_cost_type"])
    if kind == "invoice" or world.switches.direct_cost_vendor_always_required:
        problems |= required(values, "vendor_id", creating=row is None)
    vendor = values.get("vendor_id")
    if vendor is not None and world.vendors.get(vendor) is None:
        problems["vendor_id"] = ["does not exist"]
    if kind == SUBCONTRACTOR and not world.switches.subcontractor_invoices_enabled:
        problems["direct_cost_type"] = ["is not included in the list"]
    if problems:
        raise InvalidError(problems)


def create_cost(world: World, project_id: int, values: Row) -> Row:
    """Store a new direct cost."""
    check_cost(world, values, None)
    check_origin(world.financial[TABLE], values, None)
    blank = dict.fromkeys(CREATE)
    own = {"project_id": project_id, "deleted_at": None}
    kept = {**_kept(values), **own}
    return world.financial[TABLE].add(project_id, {**blank, "status": "draft", **kept})


def update_cost(world: World, row: Row, values: Row, *, syncing: bool = False) -> Row:
    """Change the fields that were sent; a synced one only in its origin fields."""
    check_cost(world, values, row)
    check_origin(world.financial[TABLE], values, row)
    kept = _kept(values)
    if any(row.get(name) != value for name, value in kept.items() if name not in ORIGIN):
        locked_problem(_synced(world, row, syncing=syncing))
    return world.financial[TABLE].change(row, kept)


def _kept(values: Row) -> Row:
    unkept = {"line_items", "currency_iso_code", "currency_exchange_rate"}
    return {k: v for k, v in values.items() if k not in unkept and (k, v) != ("status", None)}


def _synced(world: World, row: Row, *, syncing: bool) -> str | None:
    """Why a direct cost is immutable: it has an origin id (3.9)."""
    extent = world.switches.direct_costs_locked_by_origin_id
    locked = extent == "all" or (extent == "single" and not syncing)
    return SYNCED if locked and row["origin_id"] else None


def cost_holder(world: World, row: Row, *, syncing: bool = False) -> Holder:
    """The direct cost as something that has lines."""
    return Holder(
        table=world.financial[LINES],
        id=row["id"],
        kind="DirectCost::Item",
        project_id=row["project_id"],
        locked=_synced(world, row, syncing=syncing),
    )


def delete_cost(world: World, row: Row) -> None:
    """Hide a direct cost with its lines."""
    locked_problem(_synced(world, row, syncing=False))
    for line in cost_holder(world, row).lines():
        world.financial[LINES].delete(line)
    world.financial[TABLE].delete(row)


def costs_by_code(world: World, project_id: int) -> Iterator[tuple[int, str]]:
    """Budget code and amount of every line of an approved direct cost."""
    for row in world.financial[TABLE].members(project_id):
        if row["status"] == "approved":
            for line in world.financial[LINES].members(row["id"]):
                yield line["wbs_code_id"], line["amount"]


# nested lines of version 1.1 -----------------------------------------------------------------


def _nested(world: World, project_id: int, sent: Any, spec: Spec) -> list[Row]:
    """The nested lines, checked before anything is stored: all of them or none."""
    items = sent if isinstance(sent, list) else []
    if len(items) > MOST_LINES:
        raise InvalidError({"line_items": [f"must not be more than {MOST_LINES}"]})
    ignore = world.switches.ignore_unknown_fields
    rows = [_amount(read(spec, item, ignore_unknown=ignore)) for item in items]
    origins = [row["origin_id"] for row in rows if row.get("origin_id")]
    if len(set(origins)) < len(origins):
        raise InvalidError({"origin_id": [TAKEN]})
    for row in rows:
        _check_nested(world, project_id, row)
    return rows


def _amount(values: Row) -> Row:
    values.pop("direct_cost_id", None)
    if "manual_amount" in values:
        values["amount"] = values.pop("manual_amount")
    return values


def _check_nested(world: World, project_id: int, values: Row) -> None:
    table = world.financial[LINES]
    present = table.get(values.get("id"))
    check_origin(table, values, present)
    holder = Holder(table=table, id=0, kind="", project_id=project_id)
    if sent_code(holder, values, present) is None and present is None:
        raise InvalidError({"wbs_code_id": ["can't be blank"]})


def _write_nested(holder: Holder, items: list[Row]) -> None:
    for item in items:
        number = item.pop("id", None)
        if number is None:
            create_line(holder, item)
        else:
            update_line(holder, own_line(holder, number), item)


# answers -------------------------------------------------------------------------------------


def show_listed(world: World, row: Row) -> Row:
    """A direct cost in a list, where the vendor is a name only."""
    vendor = world.vendors.rows.get(row["vendor_id"] or 0)
    employee = row["employee_id"]
    names = words(
        """
        id created_at deleted_at description direct_cost_type invoice_number direct_cost_date
        origin_data origin_id payment_date received_date status terms updated_at vendor_id
        """
    )
    grand = total(cost_holder(world, row))
    return {
        **{name: row[name] for name in names},
        "amount": grand,
        "grand_total": grand,
        "employee": None if employee is None else {"id": employee, "name": str(employee)},
        "vendor": vendor and vendor["name"],
        "vendor_name": vendor and vendor["name"],
        "currency_configuration": _currency(),
    }


def _currency() -> Row:
    codes = {"currency_iso_code": "USD", "base_currency_iso_code": "USD"}
    return {**codes, "currency_exchange_rate": "1.0"}


def show_cost(world: World, row: Row) -> Row:
    """A direct cost of version 1.0."""
    shown = show_listed(world, row)
    del shown["amount"]
    name = shown["vendor"]
    return {
        **shown,
        "vendor": name and {"id": row["vendor_id"], "name": name},
        "attachments": [],
        "attachments_count": 0,
        "line_items_count": len(cost_holder(world, row).lines()),
    }


def show_cost_v11(world: World, row: Row) -> Row:
    """A direct cost of version 1.1, with its lines."""
    project = world.projects.rows[row["project_id"]]
    hidden = {"holder", "project"}
    lines = [
        {k: v for k, v in show_line(world, line).items() if k not in hidden}
        | {"ref": line.get("ref"), "currency_configuration": _currency()}
        for line in cost_holder(world, row).lines()
    ]
    return {
        **show_cost(world, row),
        "company": {"id": world.company_id, "name": world.company_name},
        "project": {"id": project["id"], "name": project["name"]},
        "line_items": lines,
    }


# handlers ------------------------------------------------------------------------------------


def _project_id(call: Call) -> int:
    return int(call.project(call.params["project_id"], TOOL)["id"])


def _writing(call: Call) -> int:
    """The project of a write.

    Raises:
        RefusalError: 409, another write is under way ([409]).
    """
    project_id = _project_id(call)
    if call.world.switches.direct_costs_busy:
        raise conflict(BUSY)
    return project_id


def _own(call: Call, project_id: int, name: str = "id", *, reading: bool = False) -> Row:
    table = call.world.financial[TABLE]
    row = (table.seen if reading else table.get)(call.params[name])
    if row is None or row["project_id"] != project_id:
        raise not_found("Direct cost")
    return row


def _sent(call: Call, name: str, spec: Spec) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    return read(spec, call.object(name), ignore_unknown=ignore)


def list_costs(call: Call) -> Reply:
    """The direct costs of a project."""
    rows = chosen(
        call,
        call.world.financial[TABLE].listed(_project_id(call)),
        equal=("origin_id", "invoice_number"),
        ids=("id",),
        ranges=("created_at", "updated_at"),
    )
    return page_of(call, rows, lambda row: show_listed(call.world, row))


def get_cost(call: Call) -> Reply:
    """One direct cost, version 1.0."""
    return Reply(body=show_cost(call.world, _own(call, _project_id(call), reading=True)))


def post_cost(call: Call) -> Reply:
    """Create with version 1.0: 201."""
    project_id = _writing(call)
    row = create_cost(call.world, project_id, _sent(call, "item", CREATE))
    return Reply(status=201, body=show_cost(call.world, row))


def patch_cost(call: Call) -> Reply:
    """Update with version 1.0; the type stays."""
    row = _own(call, _writing(call))
    update_cost(call.world, row, _sent(call, "item", _SHARED))
    return Reply(body=show_cost(call.world, row))


def remove_cost(call: Call) -> Reply:
    """Delete with lines."""
    row = _own(call, _writing(call))
    delete_cost(call.world, row)
    return Reply(body={"id": row["id"]})


def get_cost_v11(call: Call) -> Reply:
    """One direct cost, version 1.1."""
    return Reply(body=show_cost_v11(call.world, _own(call, _project_id(call), reading=True)))


def post_cost_v11(call: Call) -> Reply:
    """Create with up to 100 lines: 201."""
    project_id, world = _writing(call), call.world
    values = _sent(call, "direct_cost", CREATE_V11)
    items = _nested(world, project_id, values.get("line_items"), NESTED)
    row = create_cost(world, project_id, values)
    # The lock by origin id begins after the request that set it.
    _write_nested(attrs.evolve(cost_holder(world, row), locked=None), items)
    return Reply(status=201, body=show_cost_v11(world, row))


def patch_cost_v11(call: Call) -> Reply:
    """Update with version 1.1; nested lines with an id are changed, others are new."""
    project_id, world = _writing(call), call.world
    row = _own(call, project_id)
    values = _sent(call, "direct_cost", UPDATE_V11)
    items = _nested(world, project_id, values.get("line_items"), NESTED_CHANGE)
    holder = cost_holder(world, row)
    locked_problem(holder.locked if items else None)
    for item in items:
        if item.get("id") is not None:
            own_line(holder, item["id"])
    update_cost(world, row, values)
    _write_nested(holder, items)
    return Reply(body=show_cost_v11(world, row))


def sync_costs(call: Call) -> Reply:
    """Bulk upsert of direct costs."""
    project_id, world = _writing(call), call.world
    resource = Resource(
        table=world.financial[TABLE],
        group=project_id,
        spec=SYNC_ITEM,
        create=lambda values: create_cost(world, project_id, values),
        update=lambda row, values: update_cost(world, row, values, syncing=True),
        show=lambda row: show_cost(world, row),
    )
    return synchronize(call, resource)


class _ProjectLines(Resource):
    """The lines of all direct costs of a project."""

    def find(self, number: int | None) -> Row | None:
        """A living line of the project."""
        row = self.table.get(number)
        return row if row and row["project_id"] == self.group else None


def sync_lines(call: Call) -> Reply:
    """Bulk upsert of lines; a new one names its direct cost."""
    project_id, world = _writing(call), call.world

    def holder(number: int | None) -> Holder:
        row = world.financial[TABLE].get(number)
        if row is None or row["project_id"] != project_id:
            raise InvalidError({"direct_cost_id": ["does not exist"]})
        return cost_holder(world, row, syncing=True)

    def create(values: Row) -> Row:
        return create_line(holder(values.pop("direct_cost_id", None)), values)

    def update(row: Row, values: Row) -> Row:
        values.pop("direct_cost_id", None)
        return update_line(holder(row["holder_id"]), row, values)

    resource = _ProjectLines(
        table=world.financial[LINES],
        group=project_id,
        spec=LINE_SYNC,
        create=create,
        update=update,
        show=lambda row: show_line(world, row),
    )
    return synchronize(call, resource)


def list_all_lines(call: Call) -> Reply:
    """The lines of all direct costs of a project."""
    world = call.world
    costs = world.financial[TABLE].listed(_project_id(call))
    rows = [line for cost in costs for line in world.financial[LINES].listed(cost["id"])]
    wanted = call.query_id("filters[direct_cost_id]")
    rows = [row for row in rows if wanted in {None, row["holder_id"]}]
    rows = chosen(call, rows, ids=("id",), ranges=("created_at", "updated_at"))
    return page_of(call, rows, lambda row: show_line(world, row))


def _holder(call: Call, _project: int | None) -> Holder:
    return cost_holder(call.world, _own(call, _project_id(call), "holder_id"))


def _line_routes() -> Iterator[Route]:
    """The usual routes of lines, without a sync of one direct cost, and with the 409."""
    for route in line_routes(f"{_V10}/{{holder_id}}/line_items", _holder):
        if route.method == "GET":
            yield route
        elif not route.path.endswith("/sync"):
            yield attrs.evolve(route, handler=_guarded(route.handler))


def _guarded(handler: Handler) -> Handler:
    def guarded(call: Call) -> Reply:
        _writing(call)
        return handler(call)

    return guarded


_V10 = "/rest/v1.0/projects/{project_id}/direct_costs"
_V11 = "/rest/v1.1/projects/{project_id}/direct_costs"

ROUTES = (
    Route("GET", _V10, list_costs),
    Route("POST", _V10, post_cost),
    Route("PATCH", f"{_V10}/sync", sync_costs),
    Route("GET", f"{_V10}/line_items", list_all_lines),
    Route("PATCH", f"{_V10}/line_items/sync", sync_lines),
    Route("GET", f"{_V10}/{{id}}", get_cost),
    Route("PATCH", f"{_V10}/{{id}}", patch_cost),
    Route("DELETE", f"{_V10}/{{id}}", remove_cost),
    *_line_routes(),
    Route("GET", _V11, list_costs),
    Route("POST", _V11, post_cost_v11),
    Route("GET", f"{_V11}/{{id}}", get_cost_v11),
    Route("PATCH", f"{_V11}/{{id}}", patch_cost_v11),
    Route("DELETE", f"{_V11}/{{id}}", remove_cost),
)
