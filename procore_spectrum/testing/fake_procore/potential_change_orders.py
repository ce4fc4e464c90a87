"""The older family of change orders: potential change orders and their lines."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.change_order_faces import (
    show_potential,
    show_potential_listed,
)
from procore_spectrum.testing.fake_procore.change_order_packages import needed_contract
from procore_spectrum.testing.fake_procore.change_orders import (
    BATCHES,
    ORDERS,
    POTENTIAL_INPUT,
    TOOL,
    behind,
    contract_of,
    create_order,
    order_holder,
    orders_in,
    tiers,
    update_order,
)
from procore_spectrum.testing.fake_procore.fields import Spec, read, record, whole
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.lines import Holder, line_routes
from procore_spectrum.testing.fake_procore.money import money
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import Resource, synchronize
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["ROUTES", "create_potential", "update_potential"]

ONE_TIER = "belongs to a package, because the project has one tier of change orders"

CREATE: Spec = {**POTENTIAL_INPUT, "grand_total": money}
# Sync lists no id: potential change orders are found by origin_id alone.
UPDATE: Spec = {
    **POTENTIAL_INPUT,
    "change_order_request_id": whole,
    "change_order_request": record,
}


# rules ---------------------------------------------------------------------------------------


def create_potential(world: World, project_id: int, contract_id: int, values: Row) -> Row:
    """Store a new one; where there is one tier they come with their packages only."""
    contract_of(world, project_id, contract_id)
    if tiers(world, project_id) == 1:
        raise InvalidError({"base": [ONE_TIER]})
    kept = _linked(world, contract_id, values)
    return create_order(world, project_id, contract_id, kept)


def update_potential(world: World, row: Row, values: Row) -> Row:
    """Change the fields that were sent, and the package it flows into."""
    if row["legacy_package_id"] is not None:
        raise InvalidError({"base": [ONE_TIER]})
    kept = _linked(world, row["contract_id"], values)
    return update_order(world, row, kept)


def _linked(world: World, contract_id: int, values: Row) -> Row:
    """Request and package as they are stored; both must be on the same contract."""
    kept = dict(values)
    request = kept.get("change_order_request_id")
    found = world.financial["change_order_requests"].get(request)
    if request is not None and (found is None or found["contract_id"] != contract_id):
        raise InvalidError({"change_order_request_id": ["does not exist"]})
    package = (kept.pop("change_order_request", None) or {}).get("change_order_package_id")
    if package is not None:
        name, number = world.legacy.get(package, (ORDERS, 0))
        batch = world.financial[BATCHES].get(number if name == BATCHES else None)
        if batch is None or batch["contract_id"] != contract_id:
            raise InvalidError({"change_order_package_id": ["does not exist"]})
        kept |= {"batch_id": batch["id"], "contract_id": contract_id}
    return kept


# handlers ------------------------------------------------------------------------------------


def list_potential(call: Call) -> Reply:
    """The potential change orders of a project, those made for packages among them."""
    project = call.project(call.query_id("project_id"), TOOL)
    deleted = call.query.get("filters[include_deleted]")
    rows = [
        {**row, "id": row["legacy_request_id"], "row": row}
        for row in orders_in(call.world, project["id"], deleted=deleted)
    ]
    ranges = ("created_at", "updated_at")
    rows = chosen(call, rows, equal=("origin_id",), ids=("id", "contract_id"), ranges=ranges)
    return page_of(call, rows, lambda row: show_potential_listed(call.world, row["row"]))


def _potential(call: Call, project_id: int, name: str = "id") -> Row:
    return behind(call.world, project_id, call.params[name], "legacy_request_id")


def get_potential(call: Call) -> Reply:
    """One of them."""
    project = call.project(call.query_id("project_id"), TOOL)
    needed_contract(call.query_id("contract_id"))
    return Reply(body=show_potential(call.world, _potential(call, project["id"])))


def _sent(call: Call, spec: Spec) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    return read(spec, call.object("change_order"), ignore_unknown=ignore)


def post_potential(call: Call) -> Reply:
    """Create: 201."""
    project = call.project(call.body_id("project_id"), TOOL)
    contract = needed_contract(call.body_id("contract_id"))
    row = create_potential(call.world, project["id"], contract, _sent(call, CREATE))
    return Reply(status=201, body=show_potential(call.world, row))


def patch_potential(call: Call) -> Reply:
    """Update by id."""
    project = call.project(call.body_id("project_id"), TOOL)
    needed_contract(call.body_id("contract_id"))
    row = _potential(call, project["id"])
    update_potential(call.world, row, _sent(call, UPDATE))
    return Reply(body=show_potential(call.world, row))


def sync_potential(call: Call) -> Reply:
    """Bulk upsert within one contract."""
    world, project = call.world, call.project(call.query_id("project_id"), TOOL)
    number = needed_contract(call.query_id("contract_id"))
    _, contract = contract_of(world, project["id"], number)
    resource = Resource(
        table=world.financial[ORDERS],
        group=contract["id"],
        spec=UPDATE,
        create=lambda values: create_potential(world, project["id"], contract["id"], values),
        update=lambda row, values: update_potential(world, row, values),
        show=lambda row: show_potential(world, row),
    )
    return synchronize(call, resource)


def _holder(call: Call, project_id: int | None) -> Holder:
    project = call.project(project_id, TOOL)
    return order_holder(call.world, _potential(call, project["id"], "holder_id"))


_ROOT = "/rest/v1.0/potential_change_orders"

ROUTES = (
    Route("GET", _ROOT, list_potential),
    Route("POST", _ROOT, post_potential),
    Route("PATCH", f"{_ROOT}/sync", sync_potential),
    Route("GET", f"{_ROOT}/{{id}}", get_potential),
    Route("PATCH", f"{_ROOT}/{{id}}", patch_potential),
    *line_routes(f"{_ROOT}/{{holder_id}}/line_items", _holder),
)
