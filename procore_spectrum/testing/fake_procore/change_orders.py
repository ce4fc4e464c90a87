"""Change orders: one record each, whichever family of endpoints it came through (4.9).

In projects of one tier a record is a package of the older family, with a potential change order
that was made for it and holds the lines. In projects of two or three tiers a record is a
potential change order; packages are batches that collect them. Both have ids of their own in the
older family: ``legacy_package_id`` and ``legacy_request_id``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from procore_spectrum.testing.fake_procore.answers import InvalidError, not_found
from procore_spectrum.testing.fake_procore.commitments import KINDS
from procore_spectrum.testing.fake_procore.contracts import Kind, holder_of, status_lock
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    day,
    flag,
    key,
    one_of,
    stamp,
    text,
    whole,
)
from procore_spectrum.testing.fake_procore.lines import Holder, create_line, locked_problem
from procore_spectrum.testing.fake_procore.money import money
from procore_spectrum.testing.fake_procore.order_totals import STATUSES
from procore_spectrum.testing.fake_procore.prime_contracts import PRIME
from procore_spectrum.testing.fake_procore.sync import check_origin
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = [
    "BATCHES",
    "COMMITMENT",
    "ORDERS",
    "PACKAGE_INPUT",
    "POTENTIAL_INPUT",
    "PRIME_FAMILY",
    "TOOL",
    "batches_in",
    "behind",
    "contract_of",
    "create_batch",
    "create_order",
    "delete_order",
    "members",
    "order_holder",
    "orders_in",
    "tiers",
    "update_batch",
    "update_order",
]

TOOL = "change_orders"
ORDERS = "change_orders"
BATCHES = "change_order_batches"
COMMITMENT = "commitment"
PRIME_FAMILY = "prime"

_DAYS: Spec = dict.fromkeys(("due_date", "invoiced_date", "paid_date"), day)
_SHARED: Spec = {
    **_DAYS,
    "status": one_of(*STATUSES),
    "title": text,
    "description": text,
    "schedule_impact_amount": whole,
    "origin_data": text,
    "origin_id": key,
}
PACKAGE_INPUT: Spec = {
    **_SHARED,
    "grand_total": money,
    "origin_code": text,
    "executed": flag,
    "signed_change_order_received_date": day,
}
POTENTIAL_INPUT: Spec = {
    **_SHARED,
    "number": text,
    "commitment_change_event_id": whole,
    "prime_change_event_id": whole,
    "currency_exchange_rate": money,
}
BLANK: Row = {
    **dict.fromkeys((*_SHARED, *PACKAGE_INPUT, *POTENTIAL_INPUT)),
    **dict.fromkeys(
        (
            "batch_id",
            "change_order_change_reason_id",
            "change_order_request_id",
            "designated_reviewer_id",
            "legacy_package_id",
            "legacy_request_id",
            "location_id",
            "lump_sum",
            "reason",
            "received_from_id",
            "reference",
            "reviewed_at",
            "revised_substantial_completion_date",
        )
    ),
}
# What a null in a request does not overwrite.
DEFAULTS: Row = {
    "executed": False,
    "field_change": False,
    "paid": False,
    "private": False,
    "revision": 0,
    "signature_required": False,
    "status": "draft",
}


# where a change order is at home ---------------------------------------------------------------


def tiers(world: World, project_id: int) -> int:
    """The change order tiers of a project: 1, 2 or 3."""
    return int(world.projects.rows[project_id].get("change_order_tiers") or 1)


def contract_of(world: World, project_id: int, number: int | None) -> tuple[Kind, Row]:
    """The living contract that change orders hang on.

    Raises:
        InvalidError: there is none of that id in the project.
    """
    for kind in (*KINDS, PRIME):
        row = kind.table(world).get(number)
        if row is not None and row["project_id"] == project_id:
            return kind, row
    raise InvalidError({"contract_id": ["does not exist"]})


def orders_in(
    world: World, project_id: int, family: str | None = None, *, deleted: str | None = None
) -> list[Row]:
    """The change orders of a project as a reader sees them, by id."""
    kinds = {COMMITMENT: KINDS, PRIME_FAMILY: (PRIME,)}.get(family or "", (*KINDS, PRIME))
    contracts = [
        number for kind in kinds for number in kind.table(world).groups.get(project_id, ())
    ]
    table = world.financial[ORDERS]
    found = (row for number in contracts for row in table.listed(number, deleted=deleted))
    return sorted(found, key=lambda row: row["id"])


def behind(world: World, project_id: int, legacy_id: int, face: str) -> Row:
    """The living record behind an id of the older family.

    Raises:
        RefusalError: 404.
    """
    name, number = world.legacy.get(legacy_id, (ORDERS, 0))
    row = world.financial[name].get(number)
    if row is None or row["project_id"] != project_id or row[face] != legacy_id:
        raise not_found("Change order")
    return row


def members(world: World, batch: Row) -> list[Row]:
    """The living change orders in a batch."""
    orders = world.financial[ORDERS].members(batch["contract_id"])
    return [row for row in orders if row["batch_id"] == batch["id"]]


# change orders -------------------------------------------------------------------------------


def create_order(world: World, project_id: int, contract_id: int | None, values: Row) -> Row:
    """Store a new change order with its ids in the older family."""
    kind, contract = contract_of(world, project_id, contract_id)
    check_origin(world.financial[ORDERS], values, None)
    check_order(world, values, None)
    single = tiers(world, project_id) == 1
    legacy = {"legacy_request_id": world.next_id()}
    if single:
        legacy["legacy_package_id"] = world.next_id()
    row = world.financial[ORDERS].add(
        contract["id"],
        {
            **BLANK,
            **DEFAULTS,
            "number": _next_number(world, contract["id"]),
            **_reviewed(world, values, None),
            **legacy,
            "family": PRIME_FAMILY if kind is PRIME else COMMITMENT,
            "contract_id": contract["id"],
            "project_id": project_id,
            "deleted_at": None,
        },
    )
    world.legacy.update(dict.fromkeys(legacy.values(), (ORDERS, row["id"])))
    return row


def update_order(world: World, row: Row, values: Row) -> Row:
    """Change the fields that were sent."""
    check_origin(world.financial[ORDERS], values, row)
    check_order(world, values, row)
    return world.financial[ORDERS].change(row, _reviewed(world, values, row))


def check_order(world: World, values: Row, row: Row | None) -> None:
    """The batch exists on the same contract; contract and locked amount stay."""
    problems: dict[str, list[str]] = {}
    contract = values.get("contract_id")
    if row and contract is not None and contract != row["contract_id"]:
        problems["contract_id"] = ["cannot be changed"]
    batch = values.get("batch_id")
    if batch is not None:
        found = world.financial[BATCHES].get(batch)
        if found is None or found["contract_id"] != (row["contract_id"] if row else contract):
            problems["batch_id"] = ["does not exist"]
    lump = values.get("grand_total")
    if row and lump is not None and lump != row["lump_sum"]:
        locked = status_lock(world, row["status"])
        if locked:
            problems["grand_total"] = [locked]
    if problems:
        raise InvalidError(problems)


def delete_order(world: World, row: Row) -> None:
    """Hide a change order, unless it is locked."""
    locked_problem(status_lock(world, row["status"]))
    world.financial[ORDERS].delete(row)


def _kept(values: Row) -> Row:
    kept = {k: v for k, v in values.items() if not (v is None and k in (*DEFAULTS, "number"))}
    if "grand_total" in kept:
        kept["lump_sum"] = kept.pop("grand_total")
    return kept


def _reviewed(world: World, values: Row, row: Row | None) -> Row:
    """The values to be stored; an approval is a review at that moment."""
    approved = values.get("status") == "approved" and (row or {}).get("status") != "approved"
    return {**_kept(values), **({"reviewed_at": stamp(world.now())} if approved else {})}


def _next_number(world: World, contract_id: int) -> str:
    count = sum(
        len(world.financial[name].groups.get(contract_id, ())) for name in (ORDERS, BATCHES)
    )
    return f"{1 + count:03}"


# lines ---------------------------------------------------------------------------------------


def order_holder(world: World, row: Row) -> Holder:
    """The change order as something that has lines; its potential change order is shown."""

    def anchor(line: Row) -> None:
        if row["family"] == COMMITMENT:
            _hang_on_commitment(world, row, line)

    return Holder(
        table=world.financial["change_order_line_items"],
        id=row["id"],
        kind="PotentialChangeOrder",
        project_id=row["project_id"],
        locked=status_lock(world, row["status"]),
        shown_id=row["legacy_request_id"],
        written=anchor,
    )


def _hang_on_commitment(world: World, order: Row, line: Row) -> None:
    """A line hangs on a line of its commitment; new scope gets a line of zero there."""
    kind, contract = contract_of(world, order["project_id"], order["contract_id"])
    present = kind.lines(world).get(line.get("commitment_line_item_id"))
    code = line["wbs_code_id"]
    if present is not None and present["wbs_code_id"] == code:
        return
    unlocked = holder_of(world, kind, {**contract, "status": "Draft"})
    same = (found for found in unlocked.lines() if found["wbs_code_id"] == code)
    found = next(same, None)
    if found is None:
        values = {"wbs_code_id": code, "amount": "0.0", "description": line["description"]}
        found = create_line(unlocked, values)
    table = world.financial["change_order_line_items"]
    table.change(line, {"commitment_line_item_id": found["id"]})


# batches: the packages of projects with two or three tiers ---------------------------------------


def create_batch(
    world: World, project_id: int, contract_id: int | None, values: Row, orders: Iterable[Row] = ()
) -> Row:
    """Store a new batch and put change orders of the same contract into it."""
    kind, contract = contract_of(world, project_id, contract_id)
    table = world.financial[BATCHES]
    check_origin(table, values, None)
    package = world.next_id()
    row = table.add(
        contract["id"],
        {
            **BLANK,
            **DEFAULTS,
            "number": _next_number(world, contract["id"]),
            **_reviewed(world, values, None),
            "legacy_package_id": package,
            "family": PRIME_FAMILY if kind is PRIME else COMMITMENT,
            "contract_id": contract["id"],
            "project_id": project_id,
            "deleted_at": None,
        },
    )
    world.legacy[package] = (BATCHES, row["id"])
    for order in orders:
        update_order(world, order, {"batch_id": row["id"]})
    return row


def update_batch(world: World, row: Row, values: Row) -> Row:
    """Change the fields that were sent; a status is handed down to the change orders."""
    check_origin(world.financial[BATCHES], values, row)
    changed = world.financial[BATCHES].change(row, _reviewed(world, values, row))
    status = values.get("status")
    for order in members(world, row) if status else ():
        update_order(world, order, {"status": status})
    return changed


def batches_in(world: World, project_id: int, *, deleted: str | None = None) -> Iterator[Row]:
    """The batches of a project as a reader sees them."""
    table = world.financial[BATCHES]
    for kind in (*KINDS, PRIME):
        for number in kind.table(world).groups.get(project_id, ()):
            yield from table.listed(number, deleted=deleted)
