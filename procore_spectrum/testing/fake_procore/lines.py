"""Lines of contracts, change orders and direct costs: one set of rules for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from procore_spectrum.testing.fake_procore import budget_lines
from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.cost_codes import show_cost_code
from procore_spectrum.testing.fake_procore.fields import Spec, key, one_of, read, text, whole
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.line_item_types import show_type
from procore_spectrum.testing.fake_procore.money import exact, money, product, total_of
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import Resource, check_origin, synchronize
from procore_spectrum.testing.fake_procore.wbs_codes import code_of, flat_code
from procore_spectrum.testing.fake_procore.world import Row, Table, World

__all__ = [
    "CURRENCY",
    "INPUT",
    "SYNC_WITH_ID",
    "Find",
    "Holder",
    "create_line",
    "delete_line",
    "line_routes",
    "locked_problem",
    "own_line",
    "sent_code",
    "sent_line",
    "show_line",
    "show_wbs",
    "total",
    "update_line",
]

CURRENCY = {"currency_iso_code": "USD"}

INPUT: Spec = {
    "amount": money,
    "cost_code_id": whole,
    "description": text,
    "extended_type": one_of("manual", "calculated"),
    "quantity": exact,
    "line_item_type_id": whole,
    "origin_data": text,
    "origin_id": key,
    "tax_code_id": whole,
    "unit_cost": exact,
    "uom": text,
    "wbs_code_id": whole,
}
SYNC_WITH_ID: Spec = {**INPUT, "id": whole}
BLANK = dict.fromkeys(
    ("description", "quantity", "unit_cost", "uom", "tax_code_id", "origin_id", "origin_data")
)
ORIGIN = {"origin_id", "origin_data"}
CODE = ("wbs_code_id", "cost_code_id", "line_item_type_id")


@attrs.frozen(kw_only=True)
class Holder:
    """What lines hang on.

    ``locked`` says why its lines cannot be changed, or is None. ``shown_id`` is its id in answers
    where that differs. ``written`` is told of every line that was created or changed.
    """

    table: Table
    id: int
    kind: str
    project_id: int
    locked: str | None = None
    shown_id: int | None = None
    written: Callable[[Row], None] = lambda _row: None

    @property
    def world(self) -> World:
        """The company it is in."""
        return self.table.world

    def lines(self) -> list[Row]:
        """The living lines, oldest first."""
        return list(self.table.members(self.id))


# rules ---------------------------------------------------------------------------------------


def create_line(holder: Holder, values: Row) -> Row:
    """Store a new line, and a budget line for a code that has none ([AUTO-BUDGET])."""
    locked_problem(holder.locked)
    check_origin(holder.table, values, None)
    code = sent_code(holder, values, None)
    if code is None:
        raise InvalidError({"wbs_code_id": ["can't be blank"]})
    row = holder.table.add(
        holder.id,
        {
            **BLANK,
            "amount": None,
            "position": 1 + len(holder.table.groups.get(holder.id, ())),
            **values,
            **_amounts(values, {}),
            **_code_fields(code),
            "holder_id": holder.id,
            "holder": {"id": holder.shown_id or holder.id, "holder_type": holder.kind},
            "project_id": holder.project_id,
            "deleted_at": None,
        },
    )
    budget_lines.ensure(holder.world, code)
    holder.written(row)
    return row


def update_line(holder: Holder, row: Row, values: Row) -> Row:
    """Change the fields that were sent. Origin fields may change even where lines are locked."""
    check_origin(holder.table, values, row)
    code = sent_code(holder, values, row)
    kept = {name: value for name, value in values.items() if name not in CODE}
    changes = {**kept, **_amounts(values, row), **(_code_fields(code) if code else {})}
    if any(row.get(name) != value for name, value in changes.items() if name not in ORIGIN):
        locked_problem(holder.locked)
    changed = holder.table.change(row, changes)
    if code is not None:
        budget_lines.ensure(holder.world, code)
    holder.written(changed)
    return changed


def delete_line(holder: Holder, row: Row) -> None:
    """Hide a line, unless change orders hang on it."""
    locked_problem(holder.locked)
    others = holder.world.financial["change_order_line_items"].rows.values()
    living = (other for other in others if not other["deleted_at"])
    if any(other.get("commitment_line_item_id") == row["id"] for other in living):
        raise InvalidError({"base": ["has change order lines"]})
    holder.table.delete(row)


def locked_problem(reason: str | None) -> None:
    """Refuse a change of something that is locked.

    Raises:
        InvalidError: there is a reason.
    """
    if reason is not None:
        raise InvalidError({"base": [reason]})


def total(holder: Holder) -> str:
    """The sum of the living lines."""
    return total_of(row["amount"] for row in holder.lines())


def sent_code(holder: Holder, values: Row, row: Row | None) -> Row | None:
    """The WBS code that was sent, itself or by its parts; it goes before the parts (4.13)."""
    number = values.get("wbs_code_id")
    if number is not None:
        code = holder.world.wbs_codes.get(number)
        if code is None or code["project_id"] != holder.project_id:
            raise InvalidError({"wbs_code_id": ["does not exist"]})
        return code
    parts = {name: values.get(name) for name in CODE[1:]}
    if not any(parts.values()):
        return None
    merged = {name: part or (row or {}).get(name) or 0 for name, part in parts.items()}
    missing = [name for name, part in merged.items() if not part]
    if missing:
        raise InvalidError({name: ["can't be blank"] for name in missing})
    return code_of(holder.world, holder.project_id, **merged)


def _code_fields(code: Row) -> Row:
    return {**{name: code.get(name) for name in CODE}, "wbs_code_id": code["id"]}


def _amounts(values: Row, row: Row) -> Row:
    """How the amount follows: quantity times unit cost, unless it was given by hand."""
    merged = {**row, **values}
    quantity, price = merged.get("quantity"), merged.get("unit_cost")
    kind = values.get("extended_type")
    if kind is None and "amount" in values:
        kind = "manual" if values["amount"] is not None else None
    if kind is None and {"quantity", "unit_cost"} & values.keys():
        kind = "calculated"
    if kind is None:
        kind = row.get("extended_type") or "manual"
    if kind == "calculated" and quantity is not None and price is not None:
        return {"extended_type": kind, "amount": product(quantity, price)}
    return {"extended_type": kind, "amount": merged.get("amount") or "0.0"}


# answers -------------------------------------------------------------------------------------


def show_wbs(world: World, row: Row, as_text: Callable[[int], Any] = int) -> Row:
    """The budget code of a line; ids as numbers, or as text in version 2."""
    code = world.wbs_codes.rows[row["wbs_code_id"]]
    return {
        "id": as_text(code["id"]),
        "flat_code": flat_code(world, code),
        "description": code["description"],
    }


def show_line(world: World, row: Row) -> Row:
    """A line of version 1: amounts as text."""
    project = world.projects.rows[row["project_id"]]
    line_type = world.line_item_types.rows[row["line_item_type_id"]]
    return {
        "id": row["id"],
        "amount": row["amount"],
        "company": {"id": world.company_id, "name": world.company_name},
        "cost_code": show_cost_code(world, world.cost_codes.rows[row["cost_code_id"]]),
        "created_at": row["created_at"],
        "description": row["description"],
        "extended_type": row["extended_type"],
        "holder": row["holder"],
        "line_item_type": show_type(world, line_type),
        "origin_data": row["origin_data"],
        "origin_id": row["origin_id"],
        "position": row["position"],
        "project": {"id": project["id"], "name": project["name"]},
        "quantity": row["quantity"],
        "tax_code_id": row["tax_code_id"],
        "total_amount": row["amount"],
        "extended_amount": row["amount"],
        "unit_cost": row["unit_cost"],
        "uom": row["uom"],
        "wbs_code": show_wbs(world, row),
        "updated_at": row["updated_at"],
        "currency_configuration": CURRENCY,
    }


# handlers ------------------------------------------------------------------------------------

Find = Callable[[Call, int | None], Holder]


def line_routes(
    path: str,
    find: Find,
    *,
    sync_spec: Spec = INPUT,
    project_in_query: bool = False,
) -> tuple[Route, ...]:
    """List, show, create, update, delete and sync of the lines below ``path``.

    Args:
        path: of the listing; the holder's id is ``{holder_id}`` in it.
        find: the holder, from the call and the project id that the call names.
        sync_spec: what sync accepts; most line syncs list no ``id``.
        project_in_query: where writes name the project: in the query or in the body.
    """

    def reading(call: Call) -> Holder:
        return find(call, call.query_id("project_id"))

    def writing(call: Call) -> Holder:
        named = call.query_id if project_in_query else call.body_id
        return find(call, named("project_id"))

    def shown(call: Call, row: Row, status: int = 200) -> Reply:
        return Reply(status=status, body=show_line(call.world, row))

    def several(call: Call) -> Reply:
        holder = reading(call)
        rows = holder.table.listed(holder.id)
        codes, ranges = ("id", "cost_code_id", "line_item_type_id"), ("created_at", "updated_at")
        rows = chosen(call, rows, ids=codes, ranges=ranges)
        return page_of(call, rows, lambda row: show_line(call.world, row))

    def one(call: Call) -> Reply:
        holder = reading(call)
        row = holder.table.seen(call.params["id"])
        if row is None or row["holder_id"] != holder.id:
            raise not_found("Line item")
        return shown(call, row)

    def create(call: Call) -> Reply:
        return shown(call, create_line(writing(call), sent_line(call)), 201)

    def update(call: Call) -> Reply:
        holder = writing(call)
        row = own_line(holder, call.params["id"])
        return shown(call, update_line(holder, row, sent_line(call)))

    def delete(call: Call) -> Reply:
        holder = reading(call)
        delete_line(holder, own_line(holder, call.params["id"]))
        return Reply()

    def sync(call: Call) -> Reply:
        holder = reading(call)
        resource = Resource(
            table=holder.table,
            group=holder.id,
            spec=sync_spec,
            create=lambda values: create_line(holder, values),
            update=lambda row, values: update_line(holder, row, values),
            show=lambda row: show_line(call.world, row),
        )
        return synchronize(call, resource, limit=call.world.switches.line_sync_limit)

    return (
        Route("GET", path, several),
        Route("POST", path, create),
        Route("PATCH", f"{path}/sync", sync),
        Route("GET", f"{path}/{{id}}", one),
        Route("PATCH", f"{path}/{{id}}", update),
        Route("DELETE", f"{path}/{{id}}", delete),
    )


def own_line(holder: Holder, number: int) -> Row:
    """A living line of the holder.

    Raises:
        RefusalError: 404.
    """
    row = holder.table.get(number)
    if row is None or row["holder_id"] != holder.id:
        raise not_found("Line item")
    return row


def sent_line(call: Call) -> Row:
    """The ``line_item`` of the body."""
    ignore = call.world.switches.ignore_unknown_fields
    return read(INPUT, call.object("line_item"), ignore_unknown=ignore)
