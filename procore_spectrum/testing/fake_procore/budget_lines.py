"""Budget lines: at most one per budget code of a project."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import InvalidError
from procore_spectrum.testing.fake_procore.fields import Spec, one_of, text, whole
from procore_spectrum.testing.fake_procore.money import exact, money, product
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = [
    "EXISTS",
    "INPUT",
    "LOCKED",
    "check_budget_line",
    "create_budget_line",
    "delete_budget_line",
    "ensure",
    "find_budget_line",
    "is_locked",
    "set_locked",
    "update_budget_line",
]

EXISTS = "This Budget Code already exists"
LOCKED = "The original_budget_amount cannot be updated for a locked budget."

INPUT: Spec = {
    "wbs_code_id": whole,
    "original_budget_amount": money,
    "uom": text,
    "quantity": exact,
    "unit_cost": exact,
    "calculation_strategy": one_of("automatic", "manual"),
}


def is_locked(world: World, project_id: int) -> bool:
    """Whether the original amounts of a project are frozen."""
    return any(row["locked"] for row in world.financial["budgets"].members(project_id))


def set_locked(world: World, project_id: int, *, locked: bool) -> None:
    """Lock or unlock."""
    table = world.financial["budgets"]
    row = next(table.members(project_id), None)
    if row is None:
        table.add(project_id, {"project_id": project_id, "locked": locked})
    else:
        table.change(row, {"locked": locked})


def find_budget_line(world: World, wbs_code_id: int) -> Row | None:
    """The living line of a budget code."""
    row = world.financial["budget_line_items"].get(world.budgeted.get(wbs_code_id))
    return row if row and row["wbs_code_id"] == wbs_code_id else None


def ensure(world: World, code: Row) -> None:
    """A line of a contract for an unbudgeted code creates a budget line of zero (4.7)."""
    wanted = world.switches.lines_create_budget_lines
    if wanted and find_budget_line(world, code["id"]) is None:
        values = {"wbs_code_id": code["id"], "original_budget_amount": "0.0"}
        _store(world, code["project_id"], values)


def create_budget_line(world: World, project_id: int, values: Row) -> Row:
    """Store a new line; in a locked budget only one of zero."""
    check_budget_line(world, project_id, values, None)
    return _store(world, project_id, {**values, "original_budget_amount": _amount(values, {})})


def update_budget_line(world: World, row: Row, values: Row) -> Row:
    """Change the fields that were sent; the amount only while the budget is open."""
    check_budget_line(world, row["project_id"], values, row)
    number: int = values.get("wbs_code_id") or row["wbs_code_id"]
    changes = {
        **values,
        "wbs_code_id": number,
        "original_budget_amount": _amount(values, row),
        "calculation_strategy": values.get("calculation_strategy") or row["calculation_strategy"],
    }
    world.budgeted[number] = row["id"]
    return world.financial["budget_line_items"].change(row, changes)


def delete_budget_line(world: World, row: Row) -> None:
    """Delete a line of an open budget.

    Raises:
        InvalidError: the budget is locked.
    """
    if is_locked(world, row["project_id"]):
        raise InvalidError({"base": ["cannot be deleted from a locked budget"]})
    world.financial["budget_line_items"].delete(row)


def check_budget_line(world: World, project_id: int, values: Row, row: Row | None) -> None:
    """The budget code exists and has no other line; a locked amount stays what it is.

    Raises:
        InvalidError: one of these does not hold.
    """
    number: int | None = values.get("wbs_code_id") or (row or {}).get("wbs_code_id")
    if number is None:
        raise InvalidError({"wbs_code_id": ["can't be blank"]})
    _check_code(world, project_id, number, row)
    before = row["original_budget_amount"] if row else "0.0"
    if _amount(values, row or {}) != before and is_locked(world, project_id):
        raise InvalidError({"original_budget_amount": [LOCKED]})


def _check_code(world: World, project_id: int, number: int, row: Row | None) -> None:
    code = world.wbs_codes.get(number)
    if code is None or code["project_id"] != project_id:
        raise InvalidError({"wbs_code_id": ["does not exist"]})
    holder = find_budget_line(world, number)
    if holder is not None and holder is not row:
        raise InvalidError({"wbs_code_id": [EXISTS]})


def _amount(values: Row, row: Row) -> str:
    """By hand, or from quantity and unit cost where the strategy is automatic."""
    merged = {**row, **values}
    quantity, price = merged.get("quantity"), merged.get("unit_cost")
    automatic = merged.get("calculation_strategy") == "automatic"
    if automatic and quantity is not None and price is not None:
        return product(quantity, price)
    return str(merged.get("original_budget_amount") or "0.0")


def _store(world: World, project_id: int, values: Row) -> Row:
    blank = {"uom": None, "quantity": None, "unit_cost": None, "calculation_strategy": "manual"}
    kept = {name: value for name, value in values.items() if value is not None}
    own = {"project_id": project_id, "deleted_at": None}
    row = world.financial["budget_line_items"].add(project_id, {**blank, **kept, **own})
    world.budgeted[row["wbs_code_id"]] = row["id"]
    return row
