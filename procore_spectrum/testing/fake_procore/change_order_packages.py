"""The older family of change orders: packages and requests."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import Reply, bad_request, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.change_order_faces import (
    show_package,
    show_package_listed,
)
from procore_spectrum.testing.fake_procore.change_orders import (
    PACKAGE_INPUT,
    TOOL,
    batches_in,
    behind,
    contract_of,
    create_batch,
    create_order,
    orders_in,
    tiers,
    update_batch,
    update_order,
)
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    day,
    key,
    one_of,
    read,
    text,
    whole,
    words,
)
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.lines import CURRENCY
from procore_spectrum.testing.fake_procore.money import money, total_of
from procore_spectrum.testing.fake_procore.order_totals import STATUSES, order_total, orders_of
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import check_origin
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["REQUEST_INPUT", "ROUTES", "create_package", "create_request", "needed_contract"]

REQUESTS = "change_order_requests"
DATES = ("created_at", "updated_at", "due_date", "invoiced_date", "paid_date")

ONLY_SHOWN = words(
    """
    attachments batch contract contract_id creator description executed origin_data origin_id
    position private signed_change_order_received_date
    """
)

REQUEST_INPUT: Spec = {
    "change_order_package_id": whole,
    "description": text,
    "due_date": day,
    "grand_total": money,
    "invoiced_date": day,
    "origin_data": text,
    "origin_id": key,
    "paid_date": day,
    "schedule_impact_amount": whole,
    "status": one_of(*STATUSES),
    "title": text,
}


def needed_contract(number: int | None) -> int:
    """The contract a call must name.

    Raises:
        RefusalError: 400.
    """
    if number is None:
        raise bad_request("contract_id", "param is missing or the value is empty: contract_id")
    return number


# packages ------------------------------------------------------------------------------------


def create_package(world: World, project_id: int, contract_id: int, values: Row) -> Row:
    """One tier: a change order of its own. More tiers: a batch, empty at first."""
    create = create_order if tiers(world, project_id) == 1 else create_batch
    return create(world, project_id, contract_id, values)


def list_packages(call: Call) -> Reply:
    """The packages of a project, or of one contract."""
    project = call.project(call.query_id("project_id"), TOOL)
    deleted = call.query.get("filters[include_deleted]")
    orders = orders_in(call.world, project["id"], deleted=deleted)
    batches = batches_in(call.world, project["id"], deleted=deleted)
    rows = [row for row in orders if row["legacy_package_id"] is not None]
    shown = [show_package_listed(call.world, row) for row in (*rows, *batches)]
    wanted = call.query_id("contract_id")
    shown = [row for row in shown if wanted is None or row["contract_id"] == wanted]
    ranges = ("created_at", "updated_at")
    return page_of(call, chosen(call, shown, ids=("id",), ranges=ranges), lambda row: row)


def _package(call: Call, project_id: int) -> Row:
    return behind(call.world, project_id, call.params["id"], "legacy_package_id")


def get_package(call: Call) -> Reply:
    """One package."""
    project = call.project(call.query_id("project_id"), TOOL)
    return Reply(body=show_package(call.world, _package(call, project["id"])))


def _sent(call: Call, spec: Spec) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    return read(spec, call.object("change_order"), ignore_unknown=ignore)


def post_package(call: Call) -> Reply:
    """Create: 201."""
    project = call.project(call.body_id("project_id"), TOOL)
    contract = needed_contract(call.body_id("contract_id"))
    row = create_package(call.world, project["id"], contract, _sent(call, PACKAGE_INPUT))
    return Reply(status=201, body=show_package(call.world, row))


def patch_package(call: Call) -> Reply:
    """Update by id."""
    project = call.project(call.body_id("project_id"), TOOL)
    row = _package(call, project["id"])
    update = update_batch if row["legacy_request_id"] is None else update_order
    update(call.world, row, _sent(call, PACKAGE_INPUT))
    return Reply(body=show_package(call.world, row))


# requests: the middle tier of three --------------------------------------------------------------


def create_request(world: World, project_id: int, contract_id: int, values: Row) -> Row:
    """Store a new request."""
    _, contract = contract_of(world, project_id, contract_id)
    table = world.financial[REQUESTS]
    check_origin(table, values, None)
    number = f"{1 + len(table.groups.get(contract['id'], ())):03}"
    own = {"contract_id": contract["id"], "project_id": project_id, "deleted_at": None}
    status = values.get("status") or "draft"
    blank = dict.fromkeys(REQUEST_INPUT)
    return table.add(contract["id"], {**blank, "number": number, **values, "status": status, **own})


def show_request(world: World, row: Row) -> Row:
    """A request; its amount is the sum of its potential change orders."""
    orders = [o for o in orders_of(world, row["contract_id"]) if _in_request(o, row)]
    total = total_of(order_total(world, order) for order in orders)
    shown = {name: row[name] for name in (*REQUEST_INPUT, "number", "contract_id")}
    times = {name: row[name] for name in ("created_at", "updated_at", "deleted_at")}
    return {
        "id": row["id"],
        **shown,
        **times,
        "grand_total": total if orders else row["grand_total"] or "0.0",
        "attachments": [],
        "batch": None,
        "contract": _brief_contract(world, row),
        "creator": None,
        "executed": False,
        "position": 1,
        "private": False,
        "revision": 0,
        "signed_change_order_received_date": None,
        "currency_configuration": CURRENCY,
    }


def _brief_contract(world: World, row: Row) -> Row:
    kind, contract = contract_of(world, row["project_id"], row["contract_id"])
    vendor = world.vendors.rows.get(contract["vendor_id"] or 0)
    shown = {name: contract[name] for name in ("id", "number", "title", "status")}
    named = vendor and {"id": vendor["id"], "name": vendor["name"]}
    return {**shown, "type": kind.type, "vendor": named}


def show_request_listed(world: World, row: Row) -> Row:
    """A request in the list."""
    shown = {**show_request(world, row), "created_by_id": None}
    return {name: value for name, value in shown.items() if name not in ONLY_SHOWN}


def _in_request(order: Row, row: Row) -> bool:
    return bool(order["change_order_request_id"] == row["id"])


def _of_contract(call: Call, project_id: int | None, contract_id: int | None) -> Row:
    project = call.project(project_id, TOOL)
    return contract_of(call.world, project["id"], needed_contract(contract_id))[1]


def _in_query(call: Call) -> Row:
    return _of_contract(call, call.query_id("project_id"), call.query_id("contract_id"))


def _in_body(call: Call) -> Row:
    return _of_contract(call, call.body_id("project_id"), call.body_id("contract_id"))


def _request(call: Call, contract: Row) -> Row:
    row = call.world.financial[REQUESTS].get(call.params["id"])
    if row is None or row["contract_id"] != contract["id"]:
        raise not_found("Change order request")
    return row


def list_requests(call: Call) -> Reply:
    """The requests of a contract."""
    rows = call.world.financial[REQUESTS].listed(_in_query(call)["id"])
    rows = chosen(call, rows, ids=("id", "change_order_package_id"), ranges=("updated_at",))
    return page_of(call, rows, lambda row: show_request_listed(call.world, row))


def get_request(call: Call) -> Reply:
    """One request."""
    return Reply(body=show_request(call.world, _request(call, _in_query(call))))


def post_request(call: Call) -> Reply:
    """Create: 201."""
    contract = _in_body(call)
    sent = _sent(call, REQUEST_INPUT)
    row = create_request(call.world, contract["project_id"], contract["id"], sent)
    return Reply(status=201, body=show_request(call.world, row))


def patch_request(call: Call) -> Reply:
    """Update by id."""
    row, table = _request(call, _in_body(call)), call.world.financial[REQUESTS]
    values = {k: v for k, v in _sent(call, REQUEST_INPUT).items() if (k, v) != ("status", None)}
    check_origin(table, values, row)
    return Reply(body=show_request(call.world, table.change(row, values)))


_PACKAGES = "/rest/v1.0/change_order_packages"
_REQUESTS = "/rest/v1.0/change_order_requests"

ROUTES = (
    Route("GET", _PACKAGES, list_packages),
    Route("POST", _PACKAGES, post_package),
    Route("GET", f"{_PACKAGES}/{{id}}", get_package),
    Route("PATCH", f"{_PACKAGES}/{{id}}", patch_package),
    Route("GET", _REQUESTS, list_requests),
    Route("POST", _REQUESTS, post_request),
    Route("GET", f"{_REQUESTS}/{{id}}", get_request),
    Route("PATCH", f"{_REQUESTS}/{{id}}", patch_request),
)
