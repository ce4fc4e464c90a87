"""Prime contracts of version 1: listed in the plural, everything else in the singular (4.10)."""

from __future__ import annotations

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
from procore_spectrum.testing.fake_procore.fields import day, text, whole, words
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.lines import (
    CURRENCY,
    SYNC_WITH_ID,
    Holder,
    line_routes,
)
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.version2 import line_root, show_line_v2, v2_page
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["PRIME", "ROUTES", "TOOL", "show_prime"]

TOOL = "prime_contracts"

PRIME = Kind(
    key="prime_contract",
    type="PrimeContract",
    prefix="PC",
    statuses=(
        "Draft",
        "Out For Bid",
        "Out For Signature",
        "Approved",
        "Complete",
        "Terminated",
    ),
    fields={
        **dict.fromkeys(words("exclusions inclusions"), text),
        **dict.fromkeys(
            words(
                """
                actual_completion_date contract_estimated_completion_date contract_start_date
                signed_contract_received_date
                """
            ),
            day,
        ),
        **dict.fromkeys(words("architect_id contractor_id"), whole),
    },
)

SHOWN = words(
    """
    accounting_method actual_completion_date contract_estimated_completion_date
    contract_start_date created_at deleted_at description executed exclusions id inclusions
    number origin_data origin_id private retainage_percent signed_contract_received_date status
    title updated_at
    """
)
# Keys of a live list beyond the description, and keys that only the full answer has.
EMPTY = words(
    """
    bill_to budget_line_item_id contract_termination_date delivery_date payment_terms
    requisition_number ship_to ship_via original_substantial_completion_date
    substantial_completion_date assigned_to cost_code received_from
    """
)
OFF = words(
    """
    allow_comments allow_markups allow_payment_applications allow_payments allow_redistributions
    display_materials_retainage display_stored_materials display_work_retainage
    """
)


# answers -------------------------------------------------------------------------------------


def show_listed(world: World, row: Row) -> Row:
    """A prime contract in the list."""
    sums = change_order_amounts(world, PRIME, row)
    return {
        **{name: row[name] for name in (*SHOWN, *COMMON_DAYS)},
        "approved_change_orders": sums["approved_change_orders"],
        "architect": None,
        "attachments": [],
        "contract_termination_date": None,
        "contractor": vendor_ref(world, row["contractor_id"]),
        "created_by": None,
        "currency_configuration": CURRENCY,
        "custom_fields": {},
        "draft_change_orders_amount": sums["draft_change_orders_amount"],
        "grand_total": sums["grand_total"],
        "has_change_order_packages": False,
        "has_potential_change_orders": False,
        "original_substantial_completion_date": None,
        "origin_code": None,
        "outstanding_balance": sums["revised"],
        "owner_invoices_amount": "0.0",
        "pending_change_orders_amount": sums["pending"],
        "pending_revised_contract_amount": sums["pending_revised"],
        "percentage_paid": "0.0",
        "revised_contract_amount": sums["revised"],
        "show_line_items_to_non_admins": None,
        "substantial_completion_date": None,
        "total_payments": "0.0",
        "vendor": vendor_ref(world, row["vendor_id"]),
    }


def show_prime(world: World, row: Row) -> Row:
    """A prime contract with lines and change orders; its origin code is in the list only."""
    listed = show_listed(world, row)
    del listed["origin_code"]
    return {
        **listed,
        **dict.fromkeys(EMPTY),
        **dict.fromkeys(OFF, False),
        "line_items": show_lines(world, PRIME, row),
        "line_items_total": listed["grand_total"],
        "line_items_extended_total": listed["grand_total"],
        "payments_received": [],
        "position": 1,
        "type": PRIME.type,
        **change_orders_in_contract(world, row),
    }


# handlers ------------------------------------------------------------------------------------


def list_primes(call: Call) -> Reply:
    """All prime contracts of a project."""
    project = call.project(call.query_id("project_id"), TOOL)
    rows = PRIME.table(call.world).listed(project["id"])
    rows = chosen(call, rows, ids=("id",), ranges=("updated_at",))
    return page_of(call, rows, lambda row: show_listed(call.world, row))


def first_prime(call: Call) -> Reply:
    """The first prime contract of a project."""
    project = call.project(call.query_id("project_id"), TOOL)
    rows = PRIME.table(call.world).listed(project["id"])
    if not rows:
        raise not_found("Prime contract")
    return Reply(body=show_prime(call.world, rows[0]))


def get_prime(call: Call) -> Reply:
    """One prime contract."""
    project = call.project(call.query_id("project_id"), TOOL)
    row = PRIME.table(call.world).seen(call.params["id"])
    if row is None or row["project_id"] != project["id"]:
        raise not_found("Prime contract")
    return Reply(body=show_prime(call.world, row))


def post_prime(call: Call) -> Reply:
    """Create: 201."""
    project = call.project(call.body_id("project_id"), TOOL)
    row = create_contract(call.world, PRIME, project["id"], sent_contract(call, PRIME))
    return Reply(status=201, body=show_prime(call.world, row))


def patch_prime(call: Call) -> Reply:
    """Update by id."""
    project = call.project(call.body_id("project_id"), TOOL)
    row = find_contract(call, PRIME, project["id"], call.params["id"])
    update_contract(call.world, PRIME, row, sent_contract(call, PRIME))
    return Reply(body=show_prime(call.world, row))


def delete_prime(call: Call) -> Reply:
    """Delete."""
    project = call.project(call.query_id("project_id"), TOOL)
    row = find_contract(call, PRIME, project["id"], call.params["id"])
    delete_contract(call.world, PRIME, row)
    return Reply()


def _holder(call: Call, project_id: int | None) -> Holder:
    project = call.project(project_id, TOOL)
    row = find_contract(call, PRIME, project["id"], call.params["holder_id"])
    return holder_of(call.world, PRIME, row)


def list_lines_v2(call: Call) -> Reply:
    """The lines in version 2."""
    holder = _holder(call, call.params["project_id"])
    rows = holder.table.listed(holder.id)
    return v2_page(call, rows, lambda row: _line_v2(call.world, row))


def get_line_v2(call: Call) -> Reply:
    """One line in version 2."""
    holder = _holder(call, call.params["project_id"])
    row = holder.table.seen(call.params["id"])
    if row is None or row["holder_id"] != holder.id:
        raise not_found("Line item")
    return Reply(body={"data": _line_v2(call.world, row)})


def _line_v2(world: World, row: Row) -> Row:
    shown = show_line_v2(world, row)
    del shown["prime_line_item_id"]
    return {**shown, "line_item_group_id": None}


_ROOT = "/rest/v1.0/prime_contract"
_V2 = line_root("prime_contracts")

ROUTES = (
    Route("GET", f"{_ROOT}s", list_primes),
    Route("GET", _ROOT, first_prime),
    Route("POST", _ROOT, post_prime),
    Route("GET", f"{_ROOT}/{{id}}", get_prime),
    Route("PATCH", f"{_ROOT}/{{id}}", patch_prime),
    Route("DELETE", f"{_ROOT}/{{id}}", delete_prime),
    *line_routes(
        f"{_ROOT}s/{{holder_id}}/line_items", _holder, sync_spec=SYNC_WITH_ID, project_in_query=True
    ),
    Route("GET", _V2, list_lines_v2),
    Route("GET", f"{_V2}/{{id}}", get_line_v2),
)
