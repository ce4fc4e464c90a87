"""Change orders as the two families of endpoints show them."""

from __future__ import annotations

from typing import Any

from procore_spectrum.testing.fake_procore.contracts import vendor_ref
from procore_spectrum.testing.fake_procore.fields import words
from procore_spectrum.testing.fake_procore.lines import CURRENCY, show_line
from procore_spectrum.testing.fake_procore.money import total_of
from procore_spectrum.testing.fake_procore.order_totals import order_total, orders_of
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = [
    "change_orders_in_contract",
    "package_of",
    "record_total",
    "show_batch",
    "show_order",
    "show_package",
    "show_package_listed",
    "show_potential",
    "show_potential_listed",
]

TYPES = {"commitment": "CommitmentContractChangeOrder", "prime": "PrimeContractChangeOrder"}
NEW_TYPES = {"commitment": "CommitmentChangeOrder", "prime": "PrimeChangeOrder"}
CURRENCIES = {**CURRENCY, "base_currency_iso_code": "USD"}

PACKAGE_LISTED = words(
    """
    contract_id created_at deleted_at due_date executed invoiced_date number origin_code
    origin_data origin_id paid_date revision signed_change_order_received_date title updated_at
    """
)
PACKAGE_SHOWN = words(
    """
    description private revised_substantial_completion_date schedule_impact_amount
    """
)
POTENTIAL_LISTED = words(
    """
    contract_id created_at deleted_at due_date executed invoiced_date number paid_date revision
    schedule_impact_amount change_order_request_id title updated_at
    """
)
POTENTIAL_SHOWN = words(
    """
    contract_id created_at deleted_at description due_date invoiced_date number paid_date private
    revision schedule_impact_amount title updated_at change_order_change_reason_id
    change_order_request_id commitment_change_event_id field_change location_id paid
    prime_change_event_id reason reference
    """
)
NEW_SHOWN = words(
    """
    id batch_id contract_id location_id description title invoiced_date due_date
    revised_substantial_completion_date signed_change_order_received_date updated_at created_at
    executed paid signature_required private field_change schedule_impact_amount number revision
    status reference
    """
)
NOT_IN_BATCHES = words(
    """
    batch_id legacy_package_id legacy_request_id location_id paid field_change reference
    received_from change_order_change_reason
    """
)


# what a record consists of -----------------------------------------------------------------------


def _orders(world: World, row: Row) -> list[Row]:
    """The change orders in a record: itself, or the members of a batch."""
    if row["legacy_request_id"] is not None:
        return [row]
    return [
        found for found in orders_of(world, row["contract_id"]) if found["batch_id"] == row["id"]
    ]


def _lines(world: World, row: Row) -> list[Row]:
    table = world.financial["change_order_line_items"]
    return [line for order in _orders(world, row) for line in table.members(order["id"])]


def record_total(world: World, row: Row) -> str:
    """The amount of a change order or of a batch."""
    orders = _orders(world, row)
    if not orders:
        return str(row["lump_sum"] or "0.0")
    return total_of(order_total(world, order) for order in orders)


def package_of(world: World, row: Row) -> int | None:
    """The id of the package of the older family that a change order is in."""
    if row["legacy_package_id"] is not None or row["batch_id"] is None:
        return row["legacy_package_id"] and int(row["legacy_package_id"])
    return int(world.financial["change_order_batches"].rows[row["batch_id"]]["legacy_package_id"])


def _old_status(row: Row) -> Any:
    """The older family has no ``pending_billable``."""
    return "pending" if row["status"] == "pending_billable" else row["status"]


def _origins(row: Row, *, shown: bool) -> Row:
    names = ("origin_data", "origin_id")
    return {name: row[name] if shown else None for name in names}


# the older family --------------------------------------------------------------------------------


def show_package_listed(world: World, row: Row) -> Row:
    """A package in the list."""
    return {
        "id": row["legacy_package_id"],
        **{name: row[name] for name in PACKAGE_LISTED},
        "created_by_id": None,
        "currency_configuration": CURRENCIES,
        "custom_fields": {},
        "designated_reviewer": None,
        "grand_total": record_total(world, row),
        "reviewed_at": row["reviewed_at"],
        "status": _old_status(row),
    }


def show_package(world: World, row: Row) -> Row:
    """A package with its lines."""
    listed = show_package_listed(world, row)
    del listed["created_by_id"]
    return {
        **listed,
        **{name: row[name] for name in PACKAGE_SHOWN},
        "attachments": [],
        "creator": None,
        "line_items": [_package_line(world, line) for line in _lines(world, row)],
        "position": 1,
        "review_notes": None,
        "reviewer": None,
        "type": TYPES[row["family"]],
    }


def _package_line(world: World, line: Row) -> Row:
    hidden = "amount company created_at extended_type origin_data origin_id project tax_code_id"
    shown = show_line(world, line)
    kept = {k: v for k, v in shown.items() if k not in {*hidden.split(), "updated_at"}}
    return {**kept, "markup_line_items": []}


def show_potential_listed(world: World, row: Row) -> Row:
    """A potential change order in the list."""
    return {
        "id": row["legacy_request_id"],
        **{name: row[name] for name in POTENTIAL_LISTED},
        "change_order_package_acronym_number": None,
        "change_order_package_title": None,
        "change_order_request_acronym_number": None,
        "change_order_request_title": None,
        "change_order_tiers": world.projects.rows[row["project_id"]].get("change_order_tiers") or 1,
        "change_reason": row["reason"],
        "created_by_id": None,
        "currency_configuration": CURRENCY,
        "custom_fields": {},
        "grand_total": record_total(world, row),
        "potential_change_order_acronym_number": f"PCO-{row['number']}",
        "reviewed_at": row["reviewed_at"],
        "status": _old_status(row),
    }


def show_potential(world: World, row: Row) -> Row:
    """A potential change order with its lines.

    One that was made for a package has no origin fields of its own.
    """
    sums = record_total(world, row)
    lines = [{**_package_line(world, line), **_line_keys(line)} for line in _lines(world, row)]
    nobody = words(
        """
        creator designated_reviewer received_from request_for_quote_id reviewer
        """
    )
    return {
        "id": row["legacy_request_id"],
        **{name: row[name] for name in POTENTIAL_SHOWN},
        **dict.fromkeys(nobody),
        **_origins(row, shown=row["legacy_package_id"] is None),
        "accounting_method": _contract(world, row)["accounting_method"],
        "attachments": [],
        "currency_configuration": CURRENCY,
        "custom_fields": {},
        "grand_total": sums,
        "line_items": lines,
        "line_items_extended_total": sums,
        "line_items_total": sums,
        "position": 1,
        "reviewed_at": row["reviewed_at"],
        "status": _old_status(row),
        "vendor": vendor_ref(world, _contract(world, row)["vendor_id"]),
        "void": row["status"] == "void",
    }


def _line_keys(line: Row) -> Row:
    return {"cost_code_id": line["cost_code_id"], "tax_code_id": line["tax_code_id"]}


def _contract(world: World, row: Row) -> Row:
    names = ("work_order_contracts", "purchase_order_contracts", "prime_contracts")
    tables = (world.financial[name].rows for name in names)
    return next(rows[row["contract_id"]] for rows in tables if row["contract_id"] in rows)


# the newer family --------------------------------------------------------------------------------


def show_order(world: World, row: Row, *, attachments: bool = True, events: bool = False) -> Row:
    """A change order of the newer family: no origin fields, ids of the older one."""
    reason = row["change_order_change_reason_id"]
    shown: Row = {
        **{name: row[name] for name in NEW_SHOWN},
        "legacy_package_id": package_of(world, row),
        "legacy_request_id": row["legacy_request_id"],
        "grand_total": record_total(world, row),
        "type": NEW_TYPES[row["family"]],
        "reviewed_at": row["reviewed_at"],
        "created_by": {"id": next(iter(world.accounts)), "name": None},
        "designated_reviewer": _person(row["designated_reviewer_id"]),
        "received_from": _person(row["received_from_id"]),
        "reviewed_by": None,
        "change_order_change_reason": None if reason is None else {"id": reason},
        "custom_fields": {},
        "currency_configuration": CURRENCY,
        "billing_schedule_of_values_status": "draft",
        "enable_ssov": False,
        "paid_date": row["paid_date"],
    }
    if attachments:
        shown["attachments"] = []
    if events:
        shown["change_events"] = []
    return shown


def _person(number: int | None) -> Row | None:
    return None if number is None else {"id": number, "name": None}


def show_batch(world: World, row: Row) -> Row:
    """A batch; the origin fields of its package are beside it, to be read only."""
    shown = show_order(world, row)
    kept = {name: value for name, value in shown.items() if name not in NOT_IN_BATCHES}
    external = {**_origins(row, shown=True), "origin_code": row["origin_code"]}
    return {
        **kept,
        "type": f"{NEW_TYPES[row['family']]}Batch",
        "external_data": external,
        "review_notes": None,
    }


# in contracts ------------------------------------------------------------------------------------


def change_orders_in_contract(world: World, contract: Row) -> Row:
    """The lists in a contract's answer, filled by the tiers of the project ([TIERS])."""
    tiers = world.projects.rows[contract["project_id"]].get("change_order_tiers") or 1
    orders = orders_of(world, contract["id"])
    batches = list(world.financial["change_order_batches"].members(contract["id"]))
    requests = list(world.financial["change_order_requests"].members(contract["id"]))
    packages = [row for row in (*orders, *batches) if row["legacy_package_id"] is not None]
    potential = [row for row in orders if tiers > 1]
    names = words("created_at deleted_at due_date invoiced_date number paid_date title updated_at")

    def brief(row: Row, number: int) -> Row:
        kept = {name: row[name] for name in names}
        shown = {"id": number, **kept, "status": _old_status(row)}
        return {**shown, "currency_configuration": CURRENCY}

    nested_requests = [[brief(row, row["id"]) for row in requests if tiers == 3]]
    nested_potential = [brief(row, row["legacy_request_id"]) for row in potential]
    purchase = contract["type"] == "PurchaseOrderContract"
    return {
        "change_order_packages": [
            {**brief(row, row["legacy_package_id"]), "contract_id": contract["id"]}
            | {"reviewed_at": row["reviewed_at"], **_origins(row, shown=True)}
            for row in packages
        ],
        "change_order_requests": nested_requests[0] if purchase else nested_requests,
        "potential_change_orders": [nested_potential] if purchase else nested_potential,
    }
