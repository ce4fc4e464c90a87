"""People who edit and delete records in Procore itself, under the same rules as the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from procore_spectrum.testing.fake_procore import (
    budget_changes,
    budget_lines,
    change_orders,
    commitments,
    contracts,
    cost_codes,
    direct_costs,
    line_item_types,
    lines,
    new_change_orders,
    prime_contracts,
    projects,
    vendors,
    wbs_codes,
)
from procore_spectrum.testing.fake_procore.answers import InvalidError
from procore_spectrum.testing.fake_procore.contracts import Kind
from procore_spectrum.testing.fake_procore.fields import Spec
from procore_spectrum.testing.fake_procore.lines import Holder
from procore_spectrum.testing.fake_procore.world import Row, Table, World

__all__ = ["EDITORS", "ORDER_FIELDS", "Editor", "find"]

ORDER_FIELDS: Spec = {**change_orders.PACKAGE_INPUT, **new_change_orders.INPUT}


@attrs.frozen(kw_only=True)
class Editor:
    """How records of one kind are edited and deleted."""

    table: str
    spec: Spec
    update: Callable[[World, Row, Row], Row]
    delete: Callable[[World, Row], None] | None = None


def find(world: World, kind: str, number: int) -> tuple[Editor, Row]:
    """The editor and the living record.

    Raises:
        InvalidError: no such kind, or no such record.
    """
    editor = EDITORS.get(kind)
    if editor is None:
        raise InvalidError({"kind": [f"must be one of {', '.join(sorted(EDITORS))}"]})
    table: Table = getattr(world, editor.table, None) or world.financial[editor.table]
    row = table.get(number)
    if row is None:
        raise InvalidError({"id": ["does not exist"]})
    return editor, row


def _contract(kind: Kind) -> Editor:
    return Editor(
        table=f"{kind.key}s",
        spec=kind.spec,
        update=lambda world, row, values: contracts.update_contract(world, kind, row, values),
        delete=lambda world, row: contracts.delete_contract(world, kind, row),
    )


def _contract_line(kind: Kind) -> Editor:
    def holder(world: World, row: Row) -> Holder:
        return contracts.holder_of(world, kind, kind.table(world).rows[row["holder_id"]])

    return _line(f"{kind.key}_line_items", holder)


def _order_line(world: World, row: Row) -> Holder:
    order = world.financial[change_orders.ORDERS].rows[row["holder_id"]]
    return change_orders.order_holder(world, order)


def _cost_line(world: World, row: Row) -> Holder:
    return direct_costs.cost_holder(world, world.financial["direct_costs"].rows[row["holder_id"]])


def _line(table: str, holder: Callable[[World, Row], Holder]) -> Editor:
    return Editor(
        table=table,
        spec=lines.INPUT,
        update=lambda world, row, values: lines.update_line(holder(world, row), row, values),
        delete=lambda world, row: lines.delete_line(holder(world, row), row),
    )


def _describe(world: World, row: Row, values: Row) -> Row:
    return world.wbs_codes.change(row, values)


KINDS = (*commitments.KINDS, prime_contracts.PRIME)

EDITORS: Mapping[str, Editor] = {
    "vendor": Editor(table="vendors", spec=vendors.SYNC_ITEM, update=vendors.update_vendor),
    "project": Editor(table="projects", spec=projects.UPDATE, update=projects.update_project),
    "cost_code": Editor(
        table="cost_codes", spec=cost_codes.INPUT, update=cost_codes.update_cost_code
    ),
    "line_item_type": Editor(
        table="line_item_types", spec=line_item_types.INPUT, update=line_item_types.update_type
    ),
    "wbs_code": Editor(table="wbs_codes", spec=wbs_codes.CHANGE, update=_describe),
    **{kind.key: _contract(kind) for kind in KINDS},
    **{f"{kind.key}_line_item": _contract_line(kind) for kind in KINDS},
    "change_order": Editor(
        table=change_orders.ORDERS,
        spec=ORDER_FIELDS,
        update=change_orders.update_order,
        delete=change_orders.delete_order,
    ),
    "change_order_line_item": _line("change_order_line_items", _order_line),
    "change_order_batch": Editor(
        table=change_orders.BATCHES,
        spec=change_orders.PACKAGE_INPUT,
        update=change_orders.update_batch,
    ),
    "budget_line_item": Editor(
        table="budget_line_items",
        spec=budget_lines.INPUT,
        update=budget_lines.update_budget_line,
        delete=budget_lines.delete_budget_line,
    ),
    "budget_change": Editor(
        table="budget_changes",
        spec=budget_changes.INPUT,
        update=budget_changes.update_change,
        delete=budget_changes.delete_change,
    ),
    "direct_cost": Editor(
        table="direct_costs",
        spec=direct_costs.CREATE,
        update=direct_costs.update_cost,
        delete=direct_costs.delete_cost,
    ),
    "direct_cost_line_item": _line("direct_cost_line_items", _cost_line),
}
"""Kinds are the singular names of the tables in ``state()``."""
