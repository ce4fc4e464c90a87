"""What change orders add to their contract."""

from __future__ import annotations

from collections.abc import Collection

from procore_spectrum.testing.fake_procore.money import total_of
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["APPROVED", "DRAFT", "PENDING", "STATUSES", "order_total", "orders_of", "total_with"]

STATUSES = (
    "draft",
    "not_pricing",
    "pricing",
    "pending",
    "revised",
    "proceeding",
    "not_proceeding",
    "no_charge",
    "approved",
    "rejected",
    "void",
)
"""Status of the older family; the newer one adds ``pending_billable``."""

APPROVED = frozenset({"approved"})
DRAFT = frozenset({"draft"})
PENDING = frozenset(
    {"not_pricing", "pricing", "pending", "revised", "proceeding", "pending_billable"}
)


def orders_of(world: World, contract_id: int) -> list[Row]:
    """The living change orders of a contract."""
    return list(world.financial["change_orders"].members(contract_id))


def order_total(world: World, order: Row) -> str:
    """The sum of a change order's lines; the amount it was given while it has none."""
    lines = list(world.financial["change_order_line_items"].members(order["id"]))
    if not lines:
        return str(order.get("lump_sum") or "0.0")
    return total_of(line["amount"] for line in lines)


def total_with(world: World, contract_id: int, statuses: Collection[str]) -> str:
    """The sum of a contract's change orders in those states."""
    orders = orders_of(world, contract_id)
    return total_of(order_total(world, order) for order in orders if order["status"] in statuses)
