"""A small contractor with one job whose budget goes the one way or the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs
from exporting_company import ANNA, CUSTOMER, JOB, ExportingCompany

from procore_spectrum import Plan, Report
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.operations import Held
from procore_spectrum.plan.records import Ref

__all__ = ["ANNA", "CUSTOMER", "JOB", "LABOR", "MATERIAL", "STEEL", "BudgetingCompany"]

LABOR = ("010100", "S")
MATERIAL = ("010100", "M")
STEEL = ("020200", "S")
Pair = tuple[str, str]


class BudgetingCompany(ExportingCompany):
    """Everything is linked; the choices for budgets are the keywords, beside those of SQL."""

    def __init__(
        self, pairs: Iterable[Pair] | None = None, *, sql: Iterable[str] = (), **choices: Any
    ) -> None:
        super().__init__(sql=sql, **({} if pairs is None else {"pairs": tuple(pairs)}))
        self.budgets_by(**choices)

    def budgets_by(self, **choices: Any) -> None:
        """Choose for budgets."""
        chosen = attrs.evolve(self.settings.budgets, **choices)
        self.settings = attrs.evolve(self.settings, budgets=chosen)

    # ------------------------------------------------------------ Spectrum

    def estimate(self, pair: Pair, amount: str, **elements: Any) -> None:
        """An accountant enters an estimate, original and current alike."""
        values = {"Original_Est_Cost": amount, "Current_Est_Cost": amount, **elements}
        self.phase(pair[0], pair[1], f"Phase {pair[0]}", job=JOB, **values)

    def in_spectrum(self, pair: Pair) -> dict[str, Any]:
        """One pair as Spectrum has it."""
        (found,) = [
            row
            for row in self.books["phases"]
            if (row["job"], row["phase_code"], row["cost_type"]) == (JOB, *pair)
        ]
        return found

    def originals(self) -> dict[Pair, Decimal]:
        """Original estimates of the job, without those that were never entered."""
        return {
            (row["phase_code"], row["cost_type"]): Decimal(row["original_est_cost"])
            for row in self.books["phases"]
            if row["job"] == JOB and "original_est_cost" in row
        }

    # ------------------------------------------------------------ Procore

    def code(self, pair: Pair) -> int:
        """The budget code of a pair."""
        return int(self.row("wbs_codes", **self.code_of(pair))["id"])

    def line(self, pair: Pair, amount: str, **fields: Any) -> int:
        """A person enters a budget line."""
        found = self.procore.set_budget_line(self.project_id, self.code(pair), amount, **fields)
        return int(found["id"])

    def lines(self) -> dict[Pair, Decimal]:
        """The budget of the project by pair."""
        pairs = {self.code(pair): pair for pair in self.pairs}
        return {
            pairs[row["wbs_code_id"]]: Decimal(row["original_budget_amount"])
            for row in self.table("budget_line_items")
        }

    @property
    def pairs(self) -> list[Pair]:
        """The pairs of the job that the project has codes for."""
        return [
            (row["phase_code"], row["cost_type"])
            for row in self.books["phases"]
            if row["job"] == JOB
        ]

    def lock(self) -> None:
        """A person locks the budget."""
        self.procore.lock_budget(self.project_id)

    def unlock(self) -> None:
        """A person unlocks the budget, and keeps its modifications."""
        self.procore.unlock_budget(self.project_id, destroy_modifications=False)

    @property
    def budget(self) -> Ref:
        """The export of the budget."""
        return Ref("budget", str(self.project_id))

    @property
    def forecast(self) -> Ref:
        """The export of the forecast."""
        return Ref("forecast", str(self.project_id))

    def budget_change(self, lines: Mapping[Pair, str], **fields: Any) -> Ref:
        """An approved budget change; the name of its export."""
        made = self.procore.add_budget_change(
            self.project_id,
            lines=[
                {"wbs_code_id": self.code(pair), "amount": amount} for pair, amount in lines.items()
            ],
            **{"status": "approved", "title": "More steel", **fields},
        )
        return Ref("budget_change", str(made["id"]))

    # ------------------------------------------------------------ running

    def budget_plan(self) -> Plan:
        """Plan budgets only."""
        return self.plan("budgets")

    def exports(self) -> Plan:
        """Plan budgets only; what the helpers of exports apply."""
        return self.budget_plan()

    def whole(self, plan: Plan) -> Held:
        """The one held record of a plan."""
        (found,) = plan.held
        return found

    def faults(self) -> list[str]:
        """The codes of everything that is wrong with the one held document."""
        return [violation.code for violation in self.whole(self.budget_plan()).violations]

    def done(self, ref: Ref, **given: Any) -> Report:
        """Send, accept and write a document; another plan is empty."""
        self.export()
        self.accept(ref, **given)
        report = self.export()
        assert report.succeeded, report.render()
        assert self.state(ref) is State.SYNCED
        assert self.budget_plan().is_empty, self.budget_plan().render()
        return report
