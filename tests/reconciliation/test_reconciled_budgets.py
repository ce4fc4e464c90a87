"""Budgets: imported and exported, by web services and by SQL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from exporting_company import ANNA, JOB
from reconciled_company import ReconciledCompany, reasons, rows_of

from procore_spectrum.plan.reconciliation import Measure, Reconciliation
from procore_spectrum.plan.records import Ref
from procore_spectrum.procore.calls import dump_json
from procore_spectrum.wire.messages import Request, Response

BUDGET = Measure.BUDGET
LABOR, STEEL = ("010100", "S"), ("020200", "S")


class Budgeted(ReconciledCompany):
    """The choices for budgets are the keywords."""

    def __init__(self, *, sql: bool = False, **choices: Any) -> None:
        super().__init__(sql=sql)
        self.by(**choices)

    def by(self, **choices: Any) -> None:
        """Choose for budgets."""
        chosen = attrs.evolve(self.settings.budgets, **choices)
        features = ("jobs", "cost_codes", "budgets")
        self.settings = attrs.evolve(self.settings, budgets=chosen, features=features)

    def estimate(self, pair: tuple[str, str], original: str, current: str = "") -> None:
        """An accountant enters an estimate."""
        amounts = {"Original_Est_Cost": original, "Current_Est_Cost": current or original}
        self.phase(pair[0], pair[1], f"Phase {pair[0]}", job=JOB, **amounts)

    def line(self, pair: tuple[str, str], amount: str) -> None:
        """A person enters or changes a budget line."""
        code = int(self.row("wbs_codes", **self.code_of(pair))["id"])
        self.procore.set_budget_line(self.project_id, code, amount)

    def accepted(self, ref: Ref) -> None:
        """Send, accept and write."""
        self.syncer.apply(self.plan("budgets"))
        self.syncer.approvals.accept(ref, by=ANNA)
        assert self.syncer.apply(self.plan("budgets")).succeeded

    @property
    def budget(self) -> Ref:
        """The export of the budget."""
        return Ref("budget", str(self.project_id))


def amounts(found: Reconciliation) -> list[tuple[str, Decimal, Decimal]]:
    """Phase, Procore and Spectrum."""
    return [(r.spot.phase, r.procore, r.spectrum) for r in rows_of(found, BUDGET)]


@pytest.mark.parametrize("sql", [False, True], ids=["current", "original"])
def test_an_imported_budget_balances(*, sql: bool) -> None:
    """With the estimate that was read: by SQL the original one, else the current one."""
    company = Budgeted(sql=sql)
    company.estimate(LABOR, "1000.10", "1200.20")
    company.run("budgets")
    found = company.reconciled()
    amount = Decimal("1000.10" if sql else "1200.20")
    assert found.balanced
    assert amounts(found) == [("010100", amount, amount)]


def test_lines_of_one_name_are_added_up() -> None:
    """Codes of several sub jobs may share cost code and category; none of them is linked."""
    company = Budgeted()
    company.estimate(LABOR, "1")
    company.run("budgets")

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        found = inner(request)
        if "/detail_rows" not in request.url:
            return found
        (row,) = found.json()
        strange = {**row, "cost_code": "99", "category": "X", "original_budget_amount": "5.50"}
        rows = [row, *({**strange, "id": n, "wbs_code_id": n} for n in (1, 2))]
        return attrs.evolve(found, content=dump_json(rows))

    company.to_procore.answer = answer
    assert amounts(company.reconciled()) == [
        ("010100", Decimal(1), Decimal(1)),
        ("99", Decimal(11), Decimal(0)),
    ]


def test_an_estimate_that_was_not_imported_yet() -> None:
    """The next apply writes it; or the settings leave budgets out."""
    company = Budgeted()
    company.estimate(LABOR, "10")
    assert reasons(company.reconciled(), BUDGET) == [
        ("not_synced", "-10.00", "budget of 010100 S: the next apply writes it")
    ]
    company.settings = attrs.evolve(company.settings, features=("jobs", "cost_codes"))
    assert reasons(company.reconciled(), BUDGET) == [
        ("out_of_scope", "-10.00", "budget of 010100 S: the settings leave out budgets")
    ]


def test_edits_on_both_sides_are_told_apart() -> None:
    """Each side's part of the difference has its own reason."""
    company = Budgeted()
    company.estimate(LABOR, "100")
    company.run("budgets")
    company.line(LABOR, "130")
    company.estimate(LABOR, "95")
    assert reasons(company.reconciled(), BUDGET) == [
        (
            "drift",
            "30.00",
            "budget of 010100 S: edited or kept in Procore; 100.00 was last agreed on",
        ),
        (
            "drift",
            "5.00",
            "budget of 010100 S: changed in Spectrum since 100.00 was agreed on,"
            " and kept in Procore",
        ),
    ]


def test_a_change_that_the_next_apply_takes_over() -> None:
    """With ``override`` a changed estimate is only not synchronised yet."""
    company = Budgeted(mode="override")
    company.estimate(LABOR, "100")
    company.run("budgets")
    company.estimate(LABOR, "95")
    assert reasons(company.reconciled(), BUDGET) == [
        ("not_synced", "5.00", "budget of 010100 S: the next apply writes it")
    ]


def test_a_line_that_was_there_before_is_kept() -> None:
    """Before it is linked, and afterwards."""
    company = Budgeted()
    company.line(LABOR, "40")
    company.estimate(LABOR, "100")
    ((before, amount, _),) = reasons(company.reconciled(), BUDGET)
    assert (before, amount) in {("out_of_scope", "-60.00"), ("held", "-60.00")}
    company.syncer.apply(company.plan("budgets"))
    ((_, amount, _),) = reasons(company.reconciled(), BUDGET)
    assert amount == "-60.00"


def test_a_line_that_somebody_made_in_procore() -> None:
    """It has no estimate, and an import exports nothing."""
    company = Budgeted()
    company.line(STEEL, "77.70")
    assert reasons(company.reconciled(), BUDGET) == [
        ("one_sided", "77.70", "budget of 020200 S: made in Procore, and not exported")
    ]


def test_a_locked_budget_is_held() -> None:
    """The reason is that of the plan."""
    company = Budgeted()
    company.estimate(LABOR, "100")
    company.procore.lock_budget(company.project_id)
    ((cause, amount, text),) = reasons(company.reconciled(), BUDGET)
    assert (cause, amount) == ("held", "-100.00")
    assert "locked" in text


@pytest.mark.parametrize("sql", [False, True], ids=["current", "original"])
def test_an_exported_budget_balances(*, sql: bool) -> None:
    """From waiting to balanced."""
    company = Budgeted(sql=sql, direction="export")
    company.line(LABOR, "500.05")
    company.procore.lock_budget(company.project_id)
    company.syncer.apply(company.plan("budgets"))
    ((cause, amount, _),) = reasons(company.reconciled(), BUDGET)
    assert (cause, amount) == ("waiting", "500.05")
    company.accepted(company.budget)
    found = company.reconciled()
    assert found.balanced
    assert amounts(found) == [("010100", Decimal("500.05"), Decimal("500.05"))]


def test_a_current_estimate_hides_the_original_one_without_sql() -> None:
    """Somebody changed the estimate in Spectrum: which one cannot be read."""
    company = Budgeted(direction="export")
    company.line(LABOR, "500")
    company.procore.lock_budget(company.project_id)
    company.accepted(company.budget)
    company.estimate(LABOR, "500", "650")
    ((cause, amount, text),) = reasons(company.reconciled(), BUDGET)
    assert (cause, amount) == ("not_readable", "-150.00")
    assert "cannot be read; 500.00 was sent" in text
    company.sql = True
    assert company.reconciled().balanced


@pytest.mark.parametrize("display_only", [False, True])
def test_budget_changes_are_taken_off_current_estimates(*, display_only: bool) -> None:
    """Exported changes raise the current estimate, or are ignored; original amounts agree."""
    company = Budgeted(direction="export", changes="current_estimate")
    company.spectrum_switch(current_estimate_display_only=display_only)
    company.line(LABOR, "500")
    company.procore.lock_budget(company.project_id)
    company.accepted(company.budget)
    code = int(company.row("wbs_codes", **company.code_of(LABOR))["id"])
    for number, amount in enumerate(("25.50", "-5.25"), start=1):
        made = company.procore.add_budget_change(
            company.project_id,
            lines=[{"wbs_code_id": code, "amount": amount}],
            status="approved",
            title=f"Change {number}",
        )
        company.accepted(Ref("budget_change", str(made["id"])))
    found = company.reconciled()
    assert found.balanced, found.to_json()
    assert amounts(found) == [("010100", Decimal(500), Decimal(500))]


def test_an_older_budget_change_may_be_approved_last() -> None:
    """The total that was written last holds both, whichever of the two was made first."""
    company = Budgeted(direction="export", changes="current_estimate")
    company.spectrum_switch(current_estimate_display_only=False)
    company.line(LABOR, "500")
    company.procore.lock_budget(company.project_id)
    company.accepted(company.budget)
    code = int(company.row("wbs_codes", **company.code_of(LABOR))["id"])
    older, newer = (
        company.procore.add_budget_change(
            company.project_id,
            lines=[{"wbs_code_id": code, "amount": amount}],
            status=status,
            title=status,
        )["id"]
        for status, amount in (("draft", "25.50"), ("approved", "-5.25"))
    )
    company.accepted(Ref("budget_change", str(newer)))
    company.procore.edit("budget_change", older, status="approved")
    company.clock.sleep(60)
    company.accepted(Ref("budget_change", str(older)))
    found = company.reconciled()
    assert found.balanced, found.to_json()


def test_a_budget_that_may_not_be_read_is_named() -> None:
    """It is not compared, and nobody is led to believe that it was."""
    company = Budgeted()
    company.estimate(LABOR, "10")

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        return Response(status=403) if "budget_views" in request.url else inner(request)

    company.to_procore.answer = answer
    found = company.reconciled()
    assert rows_of(found, BUDGET) == []
    assert any("cannot be read, and is not compared" in note for note in found.notes)
