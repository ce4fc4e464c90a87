"""Headers of contracts: what work orders, purchase orders and prime contracts have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from procore_spectrum.testing.fake_procore.answers import InvalidError, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    day,
    flag,
    ids,
    key,
    one_of,
    read,
    text,
    whole,
    words,
)
from procore_spectrum.testing.fake_procore.lines import Holder, locked_problem, show_line, total
from procore_spectrum.testing.fake_procore.money import exact, total_of
from procore_spectrum.testing.fake_procore.order_totals import (
    APPROVED,
    DRAFT,
    PENDING,
    orders_of,
    total_with,
)
from procore_spectrum.testing.fake_procore.sync import TAKEN, check_origin
from procore_spectrum.testing.fake_procore.world import Row, Table, World

__all__ = [
    "COMMON",
    "COMMON_DAYS",
    "LOCKED",
    "Kind",
    "change_order_amounts",
    "create_contract",
    "delete_contract",
    "find_contract",
    "holder_of",
    "sent_contract",
    "show_lines",
    "status_lock",
    "update_contract",
    "vendor_ref",
]

LOCKED = "is locked because the status is Approved or Complete"
LOCKING = frozenset({"Approved", "Complete", "approved"})

COMMON_TEXTS = words("description number title origin_data")
COMMON_DAYS = words(
    """
    approval_letter_date contract_date execution_date issued_on_date letter_of_intent_date
    returned_date
    """
)
COMMON: Spec = {
    **dict.fromkeys(COMMON_TEXTS, text),
    **dict.fromkeys(COMMON_DAYS, day),
    "origin_id": key,
    "accounting_method": one_of("amount", "unit"),
    "executed": flag,
    "retainage_percent": exact,
    "vendor_id": whole,
}
FILES: Spec = {
    **dict.fromkeys(
        words("drawing_revision_ids file_version_ids form_ids image_ids invoice_contact_user_ids"),
        ids,
    ),
    "currency_exchange_rate": exact,
    "currency_iso_code": text,
}
DEFAULTS: Row = {
    "accounting_method": "amount",
    "executed": False,
    "private": False,
    "status": "Draft",
}


@attrs.frozen(kw_only=True)
class Kind:
    """One type of contract: its names, its fields, its states."""

    key: str
    """The key in bodies; with an ``s`` the name of the table."""
    type: str
    prefix: str
    statuses: tuple[str, ...]
    fields: Spec

    @property
    def header(self) -> Spec:
        """What is stored of a contract; sync accepts this."""
        return {**COMMON, **self.fields, "status": one_of(*self.statuses)}

    @property
    def spec(self) -> Spec:
        """What create and update accept."""
        return {**self.header, **FILES}

    def table(self, world: World) -> Table:
        """The contracts."""
        return world.financial[f"{self.key}s"]

    def lines(self, world: World) -> Table:
        """The lines of all contracts of this type."""
        return world.financial[f"{self.key}_line_items"]


# rules ---------------------------------------------------------------------------------------


def status_lock(world: World, status: str) -> str | None:
    """Why a record in that state is locked, if it is (3.9)."""
    return LOCKED if world.switches.approved_is_locked and status in LOCKING else None


def check_contract(world: World, kind: Kind, project_id: int, values: Row, row: Row | None) -> None:
    """The vendor exists, the number is free, retainage is a percentage, nothing locked changes."""
    problems: dict[str, list[str]] = {}
    vendor = values.get("vendor_id")
    if vendor is not None and world.vendors.get(vendor) is None:
        problems["vendor_id"] = ["does not exist"]
    if row and "vendor_id" in values and vendor != row["vendor_id"]:
        locked = status_lock(world, row["status"])
        if locked:
            problems["vendor_id"] = [locked]
    percent = Decimal(values.get("retainage_percent") or 0)
    if not 0 <= percent <= 100:
        problems["retainage_percent"] = ["must be between 0 and 100"]
    if _number_taken(world, kind, project_id, values.get("number"), row):
        problems["number"] = [TAKEN]
    if problems:
        raise InvalidError(problems)


def _number_taken(
    world: World, kind: Kind, project_id: int, number: str | None, row: Row | None
) -> bool:
    if not number or not world.switches.unique_contract_numbers:
        return False
    others = kind.table(world).members(project_id)
    return any(other["number"] == number and other is not row for other in others)


def create_contract(world: World, kind: Kind, project_id: int, values: Row) -> Row:
    """Store a new contract; one without a number gets the next free one."""
    table = kind.table(world)
    check_contract(world, kind, project_id, values, None)
    check_origin(table, values, None)
    kept = _kept(values)
    if not kept.get("number"):
        kept["number"] = _next_number(world, kind, project_id)
    blank: Row = dict.fromkeys(kind.header)
    own = {"project_id": project_id, "type": kind.type, "deleted_at": None}
    return table.add(project_id, {**blank, **DEFAULTS, **kept, **own})


def _next_number(world: World, kind: Kind, project_id: int) -> str:
    serial = 1 + len(kind.table(world).groups.get(project_id, ()))
    while _number_taken(world, kind, project_id, f"{kind.prefix}-{serial:03}", None):
        serial += 1
    return f"{kind.prefix}-{serial:03}"


def update_contract(world: World, kind: Kind, row: Row, values: Row) -> Row:
    """Change the fields that were sent. A set origin id locks nothing here (3.9)."""
    check_contract(world, kind, row["project_id"], values, row)
    check_origin(kind.table(world), values, row)
    return kind.table(world).change(row, _kept(values))


def delete_contract(world: World, kind: Kind, row: Row) -> None:
    """Hide a contract, unless it is locked or change orders hang on it."""
    locked_problem(status_lock(world, row["status"]))
    if orders_of(world, row["id"]):
        raise InvalidError({"base": ["has change orders"]})
    kind.table(world).delete(row)


def _kept(values: Row) -> Row:
    """States, methods and flags set to null keep what they were; files are not kept."""
    return {
        name: value
        for name, value in values.items()
        if name not in FILES and not (value is None and name in DEFAULTS)
    }


def find_contract(call: Call, kind: Kind, project_id: int, number: int) -> Row:
    """A living contract of the project.

    Raises:
        RefusalError: 404.
    """
    row = kind.table(call.world).get(number)
    if row is None or row["project_id"] != project_id:
        raise not_found("Contract")
    return row


def holder_of(world: World, kind: Kind, row: Row) -> Holder:
    """The contract as something that has lines."""
    locked = None if kind.type == "PrimeContract" else status_lock(world, row["status"])
    return Holder(
        table=kind.lines(world),
        id=row["id"],
        kind=kind.type,
        project_id=row["project_id"],
        locked=locked,
    )


def sent_contract(call: Call, kind: Kind) -> Row:
    """The contract in the body."""
    ignore = call.world.switches.ignore_unknown_fields
    return read(kind.spec, call.object(kind.key), ignore_unknown=ignore)


# answers -------------------------------------------------------------------------------------


def change_order_amounts(world: World, kind: Kind, row: Row) -> dict[str, str]:
    """The sums of a contract, computed from its lines and its change orders."""
    grand = total(holder_of(world, kind, row))
    approved = total_with(world, row["id"], APPROVED)
    pending = total_with(world, row["id"], PENDING)
    return {
        "grand_total": grand,
        "approved_change_orders": approved,
        "draft_change_orders_amount": total_with(world, row["id"], DRAFT),
        "pending": pending,
        "revised": total_of((grand, approved)),
        "pending_revised": total_of((grand, approved, pending)),
    }


def show_lines(world: World, kind: Kind, row: Row) -> list[Row]:
    """The living lines."""
    return [show_line(world, line) for line in holder_of(world, kind, row).lines()]


def vendor_ref(world: World, number: Any) -> Row | None:
    """The vendor of a contract."""
    vendor = world.vendors.rows.get(number)
    if vendor is None:
        return None
    origin = {name: vendor[name] for name in ("origin_data", "origin_id")}
    return {"id": vendor["id"], "company": vendor["name"], **origin}
