"""Commitments of version 1: work order contracts (subcontracts) and purchase order contracts."""

from __future__ import annotations

from collections.abc import Iterator

from procore_spectrum.testing.fake_procore.answers import Reply, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.change_order_faces import change_orders_in_contract
from procore_spectrum.testing.fake_procore.contracts import (
    COMMON_DAYS,
    Kind,
    change_order_amounts,
    create_contract,
    delete_contract,
    find_contract,
    holder_of,
    sent_contract,
    show_lines,
    update_contract,
    vendor_ref,
)
from procore_spectrum.testing.fake_procore.fields import Spec, day, flag, text, whole, words
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.lines import CURRENCY, Find, Holder, line_routes
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Handler, Route
from procore_spectrum.testing.fake_procore.sync import Resource, synchronize
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = [
    "KINDS",
    "PURCHASE_ORDER",
    "ROUTES",
    "TOOL",
    "WORK_ORDER",
    "show_contract",
]

TOOL = "commitments"

WORK_ORDER = Kind(
    key="work_order_contract",
    type="WorkOrderContract",
    prefix="SC",
    statuses=(
        "Draft",
        "Out For Bid",
        "Out For Signature",
        "Approved",
        "Complete",
        "Terminated",
        "Void",
    ),
    fields={
        **dict.fromkeys(words("exclusions inclusions origin_code"), text),
        **dict.fromkeys(
            words(
                """
                actual_completion_date contract_estimated_completion_date contract_start_date
                signed_contract_received_date
                """
            ),
            day,
        ),
        "private": flag,
    },
)
PURCHASE_ORDER = Kind(
    key="purchase_order_contract",
    type="PurchaseOrderContract",
    prefix="PO",
    statuses=(
        "Draft",
        "Processing",
        "Submitted",
        "Partially Received",
        "Received",
        "Approved",
        "Closed",
    ),
    fields={
        **dict.fromkeys(
            words("bill_to_address payment_terms ship_to_address ship_via origin_code"), text
        ),
        "delivery_date": day,
        "private": flag,
        "assignee_id": whole,
    },
)
KINDS = (WORK_ORDER, PURCHASE_ORDER)

# The items of purchase orders list no id: they are found by origin_id alone.
SYNC_ITEMS: dict[str, Spec] = {
    WORK_ORDER.key: {**WORK_ORDER.header, "id": whole},
    PURCHASE_ORDER.key: PURCHASE_ORDER.header,
}

NOTHING_PAID = dict.fromkeys(
    words(
        """
        percentage_paid total_draw_requests_amount total_payments total_requisitions_amount
        """
    ),
    "0.0",
)
SHOWN = words(
    """
    accounting_method created_at deleted_at description executed id number origin_code
    origin_data origin_id private retainage_percent status title updated_at
    """
)
# The answer that both types share: keys that only it has, and keys that it lacks.
ONLY_FULL = words(
    """
    actual_completion_date architect assigned_to bill_to budget_line_item_id
    contract_estimated_completion_date contract_start_date contract_termination_date contractor
    cost_code created_by delivery_date exclusions inclusions payment_terms received_from
    requisition_number ship_to ship_via
    """
)
NEVER_ALLOWED = words(
    """
    allow_comments allow_markups allow_payment_applications allow_payments allow_redistributions
    display_materials_retainage display_stored_materials display_work_retainage
    """
)
NOT_FULL = {
    *COMMON_DAYS,
    *words(
        """
        assignee bill_to_address created_by_id currency_configuration draft_change_orders_amount
        invoice_contacts origin_code origin_data origin_id project requisitions_are_enabled
        ship_to_address show_line_items_to_non_admins total_requisitions_amount
        """
    ),
}


# answers -------------------------------------------------------------------------------------


def show_contract(world: World, kind: Kind, row: Row) -> Row:
    """A commitment with its lines and change orders."""
    listed = show_listed(world, kind, row)
    listed.pop("billing_schedule_of_values_status", None)
    return {
        **listed,
        "vendor": vendor_ref(world, row["vendor_id"]),
        "attachments": [],
        "created_by_id": None,
        "invoice_contacts": [],
        "line_items": show_lines(world, kind, row),
        "payments_issued": [],
        **change_orders_in_contract(world, row),
    }


def show_listed(world: World, kind: Kind, row: Row) -> Row:
    """A commitment in a list."""
    project = world.projects.rows[row["project_id"]]
    sums = change_order_amounts(world, kind, row)
    vendor = vendor_ref(world, row["vendor_id"])
    own = {name: row[name] for name in kind.fields if name not in {"assignee_id", *SHOWN}}
    shown: Row = {
        **{name: row[name] for name in (*SHOWN, *COMMON_DAYS)},
        **own,
        **NOTHING_PAID,
        "approved_change_orders": sums["approved_change_orders"],
        "draft_change_orders_amount": sums["draft_change_orders_amount"],
        "grand_total": sums["grand_total"],
        "pending_change_orders": sums["pending"],
        "pending_revised_contract": sums["pending_revised"],
        "remaining_balance_outstanding": sums["revised"],
        "revised_contract": sums["revised"],
        "project": {"id": project["id"], "name": project["name"]},
        "requisitions_are_enabled": False,
        "show_line_items_to_non_admins": False,
        "vendor": vendor and {"id": vendor["id"], "company": vendor["company"]},
        "currency_configuration": CURRENCY,
    }
    if kind is PURCHASE_ORDER:
        assignee = row["assignee_id"]
        shown["assignee"] = None if assignee is None else {"id": assignee}
        shown["billing_schedule_of_values_status"] = "draft"
        shown["signed_contract_received_date"] = None
    return shown


# handlers ------------------------------------------------------------------------------------


def contract_routes(kind: Kind) -> Iterator[Route]:
    """List, show, create, update, delete and sync of one type, and of its lines."""
    path = f"/rest/v1.0/{kind.key}s"

    def several(call: Call) -> Reply:
        project = call.project(call.query_id("project_id"), TOOL)
        deleted = call.query.get("filters[include_deleted]")
        rows = chosen(
            call,
            kind.table(call.world).listed(project["id"], deleted=deleted),
            equal=("status", "origin_id"),
            ids=("id",),
            ranges=("created_at", "updated_at"),
        )
        return page_of(call, rows, lambda row: show_listed(call.world, kind, row))

    def one(call: Call) -> Reply:
        project = call.project(call.query_id("project_id"), TOOL)
        row = kind.table(call.world).seen(call.params["id"])
        if row is None or row["project_id"] != project["id"]:
            raise not_found("Contract")
        return Reply(body=show_contract(call.world, kind, row))

    def create(call: Call) -> Reply:
        project = call.project(call.body_id("project_id"), TOOL)
        row = create_contract(call.world, kind, project["id"], sent_contract(call, kind))
        return Reply(status=201, body=show_contract(call.world, kind, row))

    def update(call: Call) -> Reply:
        project = call.project(call.body_id("project_id"), TOOL)
        row = find_contract(call, kind, project["id"], call.params["id"])
        update_contract(call.world, kind, row, sent_contract(call, kind))
        return Reply(body=show_contract(call.world, kind, row))

    def delete(call: Call) -> Reply:
        project = call.project(call.query_id("project_id"), TOOL)
        row = find_contract(call, kind, project["id"], call.params["id"])
        delete_contract(call.world, kind, row)
        return Reply()

    yield Route("GET", path, several)
    yield Route("POST", path, create)
    yield Route("PATCH", f"{path}/sync", _sync(kind))
    yield Route("GET", f"{path}/{{id}}", one)
    yield Route("PATCH", f"{path}/{{id}}", update)
    yield Route("DELETE", f"{path}/{{id}}", delete)
    yield from line_routes(f"{path}/{{holder_id}}/line_items", _finder(kind))


def _sync(kind: Kind) -> Handler:
    def sync(call: Call) -> Reply:
        world = call.world
        project_id = call.project(call.body_id("project_id"), TOOL)["id"]
        resource = Resource(
            table=kind.table(world),
            group=project_id,
            spec=SYNC_ITEMS[kind.key],
            create=lambda values: create_contract(world, kind, project_id, values),
            update=lambda row, values: update_contract(world, kind, row, values),
            show=lambda row: show_listed(world, kind, row),
        )
        return synchronize(call, resource)

    return sync


def _finder(kind: Kind) -> Find:
    def find(call: Call, project_id: int | None) -> Holder:
        project = call.project(project_id, TOOL)
        row = find_contract(call, kind, project["id"], call.params["holder_id"])
        return holder_of(call.world, kind, row)

    return find


# commitments of both types, read only --------------------------------------------------------


def list_commitments(call: Call) -> Reply:
    """Both types, short."""
    project = call.project(call.query_id("project_id"), TOOL)
    rows = [row for kind in KINDS for row in kind.table(call.world).listed(project["id"])]
    return page_of(call, rows, lambda row: _brief(call.world, row))


def _brief(world: World, row: Row) -> Row:
    names = "id title number status description executed created_at private"
    vendor = world.vendors.rows.get(row["vendor_id"] or 0)
    return {
        **{name: row[name] for name in names.split()},
        "delivery_date": row.get("delivery_date"),
        "vendor": vendor and {"id": vendor["id"], "name": vendor["name"]},
    }


def _full(world: World, kind: Kind, row: Row) -> Row:
    """A commitment of either type, in the shape that it shares with prime contracts."""
    shown = show_contract(world, kind, row)
    sums = dict.fromkeys(("line_items_total", "line_items_extended_total"), shown["grand_total"])
    blank = {**dict.fromkeys(ONLY_FULL), **dict.fromkeys(NEVER_ALLOWED, False), **sums}
    kept = {name: value for name, value in shown.items() if name not in NOT_FULL}
    return {**blank, **kept, "position": 1, "type": kind.type}


def get_commitment(call: Call) -> Reply:
    """One commitment of either type; origin fields are not shown here."""
    project = call.project(call.query_id("project_id"), TOOL)
    for kind in KINDS:
        row = kind.table(call.world).seen(call.params["id"])
        if row is not None and row["project_id"] == project["id"]:
            return Reply(body=_full(call.world, kind, row))
    raise not_found("Commitment")


ROUTES = (
    *contract_routes(WORK_ORDER),
    *contract_routes(PURCHASE_ORDER),
    Route("GET", "/rest/v1.0/commitments", list_commitments),
    Route("GET", "/rest/v1.0/commitments/{id}", get_commitment),
)
