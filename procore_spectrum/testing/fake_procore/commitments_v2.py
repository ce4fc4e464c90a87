"""Commitments of version 2, read only: keys of the other contract type are absent, not null."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import Reply, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.commitments import KINDS, PURCHASE_ORDER, TOOL
from procore_spectrum.testing.fake_procore.contracts import (
    COMMON_DAYS,
    Kind,
    change_order_amounts,
    holder_of,
)
from procore_spectrum.testing.fake_procore.fields import words
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.lines import CURRENCY
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.version2 import line_root, show_line_v2, v2_page
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["ROUTES"]

OFF = dict.fromkeys(
    words(
        """
        allow_change_orders_ssov allow_comments allow_markups allow_payment_applications
        allow_payments display_materials_retainage display_work_retainage enable_ssov
        show_cost_code_on_pdf show_line_items_to_non_admins signature_required ssr_enabled
        """
    ),
    False,
)
SHOWN = words(
    """
    accounting_method created_at description executed number private retainage_percent status
    title updated_at
    """
)
ONLY_WORK_ORDER = words(
    """
    actual_completion_date contract_estimated_completion_date contract_start_date exclusions
    inclusions signed_contract_received_date
    """
)
ONLY_PURCHASE_ORDER = words("bill_to_address delivery_date payment_terms ship_to_address ship_via")


# answers -------------------------------------------------------------------------------------


def show_contract_v2(world: World, kind: Kind, row: Row) -> Row:
    """A commitment as live answers have it; no origin fields, no project."""
    own = ONLY_PURCHASE_ORDER if kind is PURCHASE_ORDER else ONLY_WORK_ORDER
    shown: Row = {
        "id": str(row["id"]),
        "type": kind.type,
        **OFF,
        **{name: row[name] for name in (*SHOWN, *COMMON_DAYS, *own)},
        "change_order_level_of_detail": "line_items",
        "created_by": {"id": str(next(iter(world.accounts)))},
        "currency_configuration": CURRENCY,
        "grand_total": change_order_amounts(world, kind, row)["grand_total"],
    }
    never_null = {"retainage_percent": "0.0", "bill_to_address": "", "ship_to_address": ""}
    for name, blank in never_null.items():
        if name in shown:
            shown[name] = shown[name] or blank
    if row["vendor_id"] is not None:
        shown["vendor"] = {"id": str(row["vendor_id"])}
    if kind is not PURCHASE_ORDER:
        shown["billing_schedule_of_values_status"] = "draft"
    elif row["assignee_id"] is not None:
        shown["assignee"] = {"id": str(row["assignee_id"])}
    return shown


# handlers ------------------------------------------------------------------------------------


def _project_id(call: Call) -> int:
    """The project; a tool that is off looks like a missing resource here (4.8)."""
    project = call.project(call.params["project_id"])
    if (project["id"], TOOL) in call.world.disabled_tools:
        raise not_found("Commitment contracts")
    return int(project["id"])


def list_contracts(call: Call) -> Reply:
    """Both types, by id."""
    project_id, world = _project_id(call), call.world
    deleted = call.query.get("filters[include_deleted]")
    tables = [kind.table(world) for kind in KINDS]
    rows = [row for table in tables for row in table.listed(project_id, deleted=deleted)]
    rows = chosen(
        call,
        sorted(rows, key=lambda row: row["id"]),
        equal=("type", "status", "accounting_method"),
        ids=("id", "vendor_id"),
        ranges=("created_at", "updated_at"),
    )
    return v2_page(call, rows, lambda row: show_contract_v2(world, _kind(row), row))


def _kind(row: Row) -> Kind:
    return next(kind for kind in KINDS if kind.type == row["type"])


def _contract(call: Call, name: str) -> tuple[Kind, Row]:
    project_id = _project_id(call)
    for kind in KINDS:
        row = kind.table(call.world).seen(call.params[name])
        if row is not None and row["project_id"] == project_id:
            return kind, row
    raise not_found("Commitment contract")


def get_contract(call: Call) -> Reply:
    """One commitment."""
    kind, row = _contract(call, "id")
    return Reply(body={"data": show_contract_v2(call.world, kind, row)})


def list_lines(call: Call) -> Reply:
    """The lines of a commitment."""
    kind, row = _contract(call, "holder_id")
    rows = kind.lines(call.world).listed(row["id"])
    return v2_page(call, rows, lambda line: show_line_v2(call.world, line))


def get_line(call: Call) -> Reply:
    """One line."""
    kind, row = _contract(call, "holder_id")
    line = kind.lines(call.world).seen(call.params["id"])
    if line is None or line["holder_id"] != holder_of(call.world, kind, row).id:
        raise not_found("Line item")
    return Reply(body={"data": show_line_v2(call.world, line)})


_ROOT = "/rest/v2.0/companies/{company_id}/projects/{project_id}/commitment_contracts"
_LINES = line_root("commitment_contracts")

ROUTES = (
    Route("GET", _ROOT, list_contracts),
    Route("GET", f"{_ROOT}/{{id}}", get_contract),
    Route("GET", _LINES, list_lines),
    Route("GET", f"{_LINES}/{{id}}", get_line),
)
