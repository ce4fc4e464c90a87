"""Arranging contracts, change orders, budget and costs, and playing the people who edit them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any, Literal

import attrs

from procore_spectrum.testing.fake_procore import (
    budget,
    budget_changes,
    budget_lines,
    change_orders,
    commitments,
    contracts,
    direct_costs,
    editing,
    lines,
    markups,
    prime_contracts,
    wbs_codes,
)
from procore_spectrum.testing.fake_procore.answers import InvalidError
from procore_spectrum.testing.fake_procore.change_order_faces import show_batch, show_order
from procore_spectrum.testing.fake_procore.contracts import Kind
from procore_spectrum.testing.fake_procore.fields import Spec, read, whole
from procore_spectrum.testing.fake_procore.lines import Holder, create_line
from procore_spectrum.testing.fake_procore.money import money
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["FinancialArranging", "arranged"]

Lines = Iterable[Mapping[str, Any]]


def arranged(spec: Spec, **values: Any) -> Row:
    """Arranged attributes, checked as if they had come over the wire; dates may be dates."""
    sent = {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}
    return read(spec, sent, ignore_unknown=False)


class FinancialArranging(ABC):
    """The part of the fake that puts financial records in place.

    Every method checks its records by Procore's rules and returns them as the API would show
    them. Lines are mappings of request fields: ``wbs_code_id`` or ``cost_code_id`` with
    ``line_item_type_id``, and ``amount`` or ``quantity`` with ``unit_cost``. Lines of change orders
    may name the line of the contract: ``commitment_line_item_id`` or ``prime_line_item_id``.
    """

    @abstractmethod
    def _arranging(self) -> AbstractContextManager[World]:
        """Everything within is done at once."""

    @contextmanager
    def _editing(self) -> Iterator[World]:
        """Like arranging, but lagging reads see the change late, as any other write."""
        with self._arranging() as world:
            world.arranging = False
            yield world

    def add_wbs_code(self, *, project_id: int, cost_code_id: int, line_item_type_id: int) -> Row:
        """Put a budget code in place, or find the one that exists."""
        with self._arranging() as world:
            _project(world, project_id)
            row = wbs_codes.code_of(world, project_id, cost_code_id, line_item_type_id)
            return wbs_codes.show_wbs_code(world, row)

    def add_commitment(
        self,
        project_id: int,
        kind: Literal["work_order", "purchase_order"] = "work_order",
        *,
        lines: Lines = (),
        status: str = "Draft",
        **fields: Any,
    ) -> Row:
        """Put a commitment in place: its lines first, its status last."""
        with self._arranging() as world:
            _project(world, project_id)
            chosen = COMMITMENT_KINDS[kind]
            row = _contract(world, chosen, project_id, lines, status, fields)
            return commitments.show_contract(world, chosen, row)

    def add_prime_contract(
        self, project_id: int, *, lines: Lines = (), status: str = "Draft", **fields: Any
    ) -> Row:
        """Put a prime contract in place."""
        with self._arranging() as world:
            _project(world, project_id)
            kind = prime_contracts.PRIME
            row = _contract(world, kind, project_id, lines, status, fields)
            return prime_contracts.show_prime(world, row)

    def set_change_order_tiers(self, project_id: int, tiers: Literal[1, 2, 3]) -> None:
        """How many tiers of change orders a project has; one at first."""
        with self._editing() as world:
            _project(world, project_id)
            row = world.projects.rows[project_id]
            world.projects.change(row, {"change_order_tiers": tiers})

    def add_commitment_change_order(
        self,
        project_id: int,
        contract_id: int,
        *,
        lines: Lines = (),
        status: str = "draft",
        **fields: Any,
    ) -> Row:
        """Put a change order of a commitment in place, as the newer family shows it.

        ``legacy_package_id`` and ``legacy_request_id`` of the answer lead to the older family.
        """
        return self._add_order(project_id, contract_id, lines, status, fields)

    def add_prime_change_order(
        self,
        project_id: int,
        contract_id: int,
        *,
        lines: Lines = (),
        status: str = "draft",
        **fields: Any,
    ) -> Row:
        """Put a change order of a prime contract in place, as the newer family shows it."""
        return self._add_order(project_id, contract_id, lines, status, fields)

    def _add_order(
        self, project_id: int, contract_id: int, sent: Lines, status: str, fields: Row
    ) -> Row:
        with self._arranging() as world:
            _project(world, project_id)
            values = arranged(editing.ORDER_FIELDS, **fields)
            row = change_orders.create_order(world, project_id, contract_id, values)
            _add_lines(change_orders.order_holder(world, row), sent)
            change_orders.update_order(world, row, arranged(editing.ORDER_FIELDS, status=status))
            return show_order(world, row)

    def add_change_order_batch(
        self, project_id: int, contract_id: int, change_order_ids: Iterable[int], **fields: Any
    ) -> Row:
        """Collect change orders in a batch, which the older family shows as a package."""
        with self._arranging() as world:
            _project(world, project_id)
            orders = [world.financial[change_orders.ORDERS].rows[n] for n in change_order_ids]
            values = arranged(change_orders.PACKAGE_INPUT, **fields)
            row = change_orders.create_batch(world, project_id, contract_id, values, orders)
            return show_batch(world, row)

    def add_markup(
        self,
        project_id: int,
        holder_id: int,
        *,
        holder_type: Literal["Contract", "PotentialChangeOrder"] = "Contract",
        **fields: Any,
    ) -> Row:
        """Put a financial markup on a contract or a potential change order."""
        with self._arranging() as world:
            _project(world, project_id)
            holder = {
                "holder_type": holder_type,
                "holder_id": holder_id,
                "project_id": project_id,
            }
            row = markups.create_markup(world, holder, arranged(markups.INPUT, **fields))
            return markups.show_markup(world, row)

    def set_budget_line(
        self, project_id: int, wbs_code_id: int, original_budget_amount: Any, **fields: Any
    ) -> Row:
        """Give a budget code its original amount; the line is made if there is none."""
        with self._editing() as world:
            _project(world, project_id)
            sent = {"wbs_code_id": wbs_code_id, "original_budget_amount": original_budget_amount}
            values = arranged(budget_lines.INPUT, **sent, **fields)
            row = budget_lines.find_budget_line(world, wbs_code_id)
            if row is None:
                row = budget_lines.create_budget_line(world, project_id, values)
            else:
                budget_lines.update_budget_line(world, row, values)
            return budget.show_budget_line(world, row)

    def lock_budget(self, project_id: int) -> None:
        """Freeze the original amounts, which an export of the budget requires."""
        with self._editing() as world:
            _project(world, project_id)
            budget_lines.set_locked(world, project_id, locked=True)

    def unlock_budget(self, project_id: int, *, destroy_modifications: bool = True) -> None:
        """Open the budget again; by default this destroys the budget modifications."""
        with self._editing() as world:
            _project(world, project_id)
            budget.unlock(world, project_id, destroy=destroy_modifications)

    def set_forecast(self, project_id: int, wbs_code_id: int, amount: Any) -> None:
        """What people expect to be spent yet on a budget code, in place of what is left."""
        with self._editing() as world:
            _project(world, project_id)
            (value,) = arranged({"amount": money}, amount=amount).values()
            world.forecasts[wbs_code_id] = value

    def add_budget_modification(self, project_id: int, **fields: Any) -> Row:
        """Put a transfer between budget lines in place, even where Budget Changes are enabled."""
        with self._arranging() as world:
            _project(world, project_id)
            values = arranged(budget.MODIFICATION, **fields)
            return budget.show_modification(budget.create_modification(world, project_id, values))

    def add_budget_change(self, project_id: int, *, lines: Lines = (), **fields: Any) -> Row:
        """Put a budget change in place; ``lines`` are its adjustment lines."""
        with self._arranging() as world:
            _project(world, project_id)
            sent = [dict(line) for line in lines]
            values = arranged(budget_changes.INPUT, adjustment_line_items=sent, **fields)
            row = budget_changes.create_change(world, project_id, values)
            return budget_changes.show_change(world, row)

    def add_direct_cost(self, project_id: int, *, lines: Lines = (), **fields: Any) -> Row:
        """Put a direct cost in place; a set origin id locks it after its lines are in."""
        with self._arranging() as world:
            _project(world, project_id)
            row = direct_costs.create_cost(
                world, project_id, arranged(direct_costs.CREATE, **fields)
            )
            holder = direct_costs.cost_holder(world, row)
            _add_lines(attrs.evolve(holder, locked=None), lines)
            return direct_costs.show_cost_v11(world, row)

    def edit(self, kind: str, record_id: int, **fields: Any) -> Row:
        """Change a record as a person would, under the same rules; returns it as stored.

        ``kind`` is the singular name of a table in ``state()``, for example
        ``work_order_contract``, ``change_order_line_item`` or ``budget_line_item``.

        Raises:
            InvalidValueError: Procore would refuse it.
        """
        with self._editing() as world:
            editor, row = editing.find(world, kind, record_id)
            return dict(editor.update(world, row, arranged(editor.spec, **fields)))

    def remove(self, kind: str, record_id: int) -> None:
        """Delete a contract, change order, direct cost or line as a person would.

        Raises:
            InvalidValueError: Procore would refuse it, or records of that kind stay.
        """
        with self._editing() as world:
            editor, row = editing.find(world, kind, record_id)
            if editor.delete is None:
                raise InvalidError({"kind": ["cannot be deleted"]})
            editor.delete(world, row)


COMMITMENT_KINDS = {
    "work_order": commitments.WORK_ORDER,
    "purchase_order": commitments.PURCHASE_ORDER,
}
LINE_FIELDS: Spec = {
    **lines.INPUT,
    "commitment_line_item_id": whole,
    "prime_line_item_id": whole,
}


def _project(world: World, project_id: int) -> None:
    if world.projects.get(project_id) is None:
        raise InvalidError({"project_id": ["does not exist"]})


def _contract(
    world: World, kind: Kind, project_id: int, sent: Lines, status: str, fields: Mapping[str, Any]
) -> Row:
    values = arranged(kind.spec, **fields)
    row = contracts.create_contract(world, kind, project_id, values)
    _add_lines(contracts.holder_of(world, kind, row), sent)
    return contracts.update_contract(world, kind, row, arranged(kind.spec, status=status))


def _add_lines(holder: Holder, sent: Lines) -> None:
    for line in sent:
        create_line(holder, arranged(LINE_FIELDS, **line))
