"""One change order, seen through two families of endpoints."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["change_orders_in_contract"]


def change_orders_in_contract(_world: World, _contract: Row) -> Row:
    """The lists in a contract's answer, by the tiers of the project ([TIERS])."""
    return {"change_order_packages": [], "change_order_requests": [], "potential_change_orders": []}
