"""Spectrum's estimates on their way into budgets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from budgeting_company import JOB, LABOR, MATERIAL, STEEL, BudgetingCompany
from small_contractor import Contractor, held, of_kind

from procore_spectrum.errors import RunStoppedError
from procore_spectrum.plan.operations import Create, Link, Update


@pytest.fixture
def company() -> BudgetingCompany:
    """A fresh company."""
    return BudgetingCompany()


# ---------------------------------------------------------------- which lines there are


def test_pairs_with_an_estimate_or_a_cost_become_lines(company: BudgetingCompany) -> None:
    """A pair with neither gets none; one with cost alone gets a line of zero."""
    company.estimate(LABOR, "1000.10")
    company.phase(*STEEL, "Phase 020200", job=JOB, JTD_Actual_Dollars="5.00")
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal("1000.10"), STEEL: Decimal(0)}
    assert company.budget_plan().is_empty


def test_lines_are_sent_in_full_batches(company: BudgetingCompany) -> None:
    """All lines of a budget are one request."""
    for pair in (LABOR, MATERIAL, STEEL):
        company.estimate(pair, "10.00")
    company.to_procore.seen.clear()
    company.run("budgets")
    sent = [r for r in company.to_procore.seen if r.url.endswith("/budget_line_items/sync")]
    assert len(sent) == 1


def test_jobs_codes_and_budget_come_in_one_run() -> None:
    """A line waits for its budget code within the run that makes it."""
    contractor = Contractor()
    contractor.job(JOB, "City Hall")
    contractor.phase("010100", "L", Original_Est_Cost="7.00", Current_Est_Cost="7.00")
    contractor.run("jobs", "cost_codes", "budgets")
    (line,) = contractor.table("budget_line_items")
    assert Decimal(line["original_budget_amount"]) == 7
    assert contractor.plan("jobs", "cost_codes", "budgets").is_empty


def test_a_pair_without_a_budget_code_is_held(company: BudgetingCompany) -> None:
    """It follows when the codes are synchronised."""
    company.phase("040400", "S", "New", job=JOB, Current_Est_Cost="9.00")
    plan = company.budget_plan()
    assert held(plan, f"{JOB}/04-0400/S").code == "no-budget-code"
    company.run("cost_codes")
    company.run("budgets")
    assert company.lines()["040400", "S"] == 9


def test_an_estimate_below_zero_is_held_and_the_others_go(company: BudgetingCompany) -> None:
    """Nothing is rounded or turned; the report says what to correct."""
    company.estimate(LABOR, "-5.00")
    company.estimate(STEEL, "5.00")
    plan = company.budget_plan()
    (violation,) = held(plan, f"{JOB}/01-0100/S").violations
    assert violation.code == "negative-amount"
    company.run("budgets")
    assert company.lines() == {STEEL: Decimal(5)}


def test_the_plan_says_which_estimate_is_taken(company: BudgetingCompany) -> None:
    """Web services tell the current one only."""
    company.estimate(LABOR, "5.00")
    (note,) = company.budget_plan().notes
    assert "current estimates" in note.text


def test_a_pair_that_is_complete_keeps_its_line(company: BudgetingCompany) -> None:
    """A line that was imported does not look as if its pair were gone."""
    company.estimate(LABOR, "5.00")
    company.run("budgets")
    company.estimate(LABOR, "5.00", Status_Code="C")
    assert company.budget_plan().is_empty
    assert not company.budget_plan().held


# ---------------------------------------------------------------- lines that are there already


def test_keeping_leaves_existing_lines_and_adds_missing_ones(company: BudgetingCompany) -> None:
    """The default: what people entered stays, now and later."""
    company.line(LABOR, "1.00")
    company.estimate(LABOR, "1000.00")
    company.estimate(STEEL, "2000.00")
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(1), STEEL: Decimal(2000)}
    company.estimate(STEEL, "3000.00")
    assert company.budget_plan().is_empty


@pytest.mark.parametrize("cost", ["0.00", "5.00"])
def test_a_line_of_zero_counts_as_missing(company: BudgetingCompany, cost: str) -> None:
    """Procore makes such lines for contracts, and costs without an estimate do."""
    company.phase(*LABOR, "Phase", job=JOB, JTD_Actual_Dollars=cost)
    company.line(STEEL, "0.00")
    company.run("budgets")
    company.estimate(LABOR, "1000.00")
    company.estimate(STEEL, "2000.00")
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(1000), STEEL: Decimal(2000)}
    company.estimate(STEEL, "3000.00")
    assert company.budget_plan().is_empty


def test_overriding_shows_the_old_budget_in_the_plan(company: BudgetingCompany) -> None:
    """Every old value stands beside the new one before anything is written."""
    company.budgets_by(mode="override")
    company.line(LABOR, "1.00")
    company.estimate(LABOR, "1000.00")
    (op,) = of_kind(company.budget_plan(), "budget_line")
    assert isinstance(op, Link)
    ((path, old, new),) = [(c.path, c.target, c.source) for c in op.changes]
    assert (path, old, new) == ("original_budget_amount", Decimal(1), Decimal(1000))
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(1000)}
    assert company.budget_plan().is_empty


def test_overriding_follows_later_estimates_and_undoes_edits(company: BudgetingCompany) -> None:
    """Spectrum owns the amount; base, source and target are in the plan."""
    company.budgets_by(mode="override")
    company.estimate(LABOR, "1000.00")
    company.run("budgets")
    company.estimate(LABOR, "1500.00")
    (op,) = of_kind(company.budget_plan(), "budget_line")
    assert isinstance(op, Update)
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(1500)}
    company.line(LABOR, "7.00")
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(1500)}
    company.estimate(LABOR, "0.00")
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(0)}


def test_a_line_that_both_sides_changed_is_overridden_in_sight(company: BudgetingCompany) -> None:
    """All three values are in the plan before the one of Procore goes."""
    company.budgets_by(mode="override")
    company.estimate(LABOR, "1000.00")
    company.run("budgets")
    company.estimate(LABOR, "1500.00")
    company.line(LABOR, "7.00")
    (op,) = of_kind(company.budget_plan(), "budget_line")
    assert isinstance(op, Update)
    assert [(c.base, c.source, c.target) for c in op.changes] == [
        (Decimal(1000), Decimal(1500), Decimal(7))
    ]
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(1500)}


def test_overriding_takes_no_line_away(company: BudgetingCompany) -> None:
    """A line without an estimate stays, and the plan says so."""
    company.budgets_by(mode="override")
    company.line(STEEL, "50.00")
    company.estimate(LABOR, "1000.00")
    assert any("they stay" in note.text for note in company.budget_plan().notes)
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(1000), STEEL: Decimal(50)}


def test_overriding_a_whole_budget_needs_a_reason() -> None:
    """The guards stop a run that would change that much at once."""
    pairs = [(f"01{n:02}00", "S") for n in range(12)]
    company = BudgetingCompany(pairs, mode="override")
    for pair in pairs:
        company.line(pair, "1.00")
        company.estimate(pair, "2.00")
    plan = company.budget_plan()
    with pytest.raises(RunStoppedError):
        company.syncer.apply(plan)
    assert set(company.lines().values()) == {Decimal(1)}
    assert company.syncer.apply(plan, override_guards="agreed with the site").succeeded
    assert set(company.lines().values()) == {Decimal(2)}


# ---------------------------------------------------------------- the lock


def test_a_locked_budget_is_held_with_the_reason(company: BudgetingCompany) -> None:
    """One held record for the budget, nothing is written, and nothing is unlocked."""
    company.estimate(LABOR, "1000.00")
    company.estimate(STEEL, "2000.00")
    company.lock()
    plan = company.budget_plan()
    found = company.whole(plan)
    assert (found.code, found.ref.key) == ("budget-locked", JOB)
    assert "2 lines" in found.message
    company.run("budgets")
    assert company.lines() == {}
    assert not [r for r in company.to_procore.seen if r.method == "DELETE"]
    company.unlock()
    company.run("budgets")
    assert len(company.lines()) == 2


def test_a_locked_budget_that_agrees_needs_nothing(company: BudgetingCompany) -> None:
    """Locking after an import is the usual thing, and no reason to complain."""
    company.budgets_by(mode="override")
    company.estimate(LABOR, "1000.00")
    company.run("budgets")
    company.lock()
    plan = company.budget_plan()
    assert plan.is_empty
    assert not plan.held


def test_everything_that_is_wrong_is_in_one_report(company: BudgetingCompany) -> None:
    """A locked budget, a pair without a code and a negative estimate, all at once."""
    company.estimate(LABOR, "1000.00")
    company.estimate(STEEL, "-1.00")
    company.phase("040400", "S", "New", job=JOB, Current_Est_Cost="9.00")
    company.lock()
    plan = company.budget_plan()
    assert {op.code for op in plan.held} == {"budget-locked", "no-budget-code", "preflight"}
    assert plan.is_empty


def test_a_budget_that_cannot_be_read_stops_no_other(company: BudgetingCompany) -> None:
    """Without the tool or the permission, that budget alone is held."""
    company.job("25-0202", "Library")
    company.phase("010100", "S", "Concrete", job="25-0202", Current_Est_Cost="4.00")
    company.estimate(LABOR, "1000.00")
    company.run("jobs", "cost_codes")
    company.procore.disable_tool(company.project_id, "budget")
    plan = company.budget_plan()
    assert held(plan, JOB).code == "not-readable"
    assert [op.ref.key for op in plan.todo] == ["25-0202/01-0100/S"]


# ---------------------------------------------------------------- quantities


def test_an_estimate_of_zero_does_not_touch_a_line_of_zero(company: BudgetingCompany) -> None:
    """An existing line follows an estimate above zero only, whatever its quantity."""
    company.budgets_by(quantities=True)
    company.line(LABOR, "0.00")
    company.phase(*LABOR, "Phase", job=JOB, JTD_Actual_Dollars="5.00", Current_Est_Quantity="4")
    company.run("budgets")
    (row,) = company.table("budget_line_items")
    assert (Decimal(row["original_budget_amount"]), row["quantity"]) == (Decimal(0), None)


def test_quantities_units_and_hours_go_along_by_choice(company: BudgetingCompany) -> None:
    """A pair's quantity in its unit, else its hours; the amount stays what it was."""
    company.budgets_by(quantities=True)
    company.estimate(LABOR, "100.00", Current_Est_Quantity="4.5", Unit_of_Measure="CY")
    company.estimate(STEEL, "200.00", Current_Est_Hours="8")
    company.run("budgets")
    found = {
        row["wbs_code_id"]: (row["uom"], Decimal(row["quantity"]))
        for row in company.table("budget_line_items")
    }
    assert found == {
        company.code(LABOR): ("CY", Decimal("4.5")),
        company.code(STEEL): ("hours", Decimal(8)),
    }
    assert company.lines() == {LABOR: Decimal(100), STEEL: Decimal(200)}
    assert company.budget_plan().is_empty


def test_amounts_alone_go_by_default(company: BudgetingCompany) -> None:
    """As in the official connector."""
    company.estimate(LABOR, "100.00", Current_Est_Quantity="4.5", Unit_of_Measure="CY")
    (op,) = of_kind(company.budget_plan(), "budget_line")
    assert isinstance(op, Create)
    assert set(op.desired) == {"original_budget_amount"}


def test_a_later_quantity_is_brought_along_when_overriding(company: BudgetingCompany) -> None:
    """Although no budget view tells quantities, a change in Spectrum is noticed."""
    company.budgets_by(quantities=True, mode="override")
    company.estimate(LABOR, "100.00", Current_Est_Quantity="4.5", Unit_of_Measure="CY")
    company.run("budgets")
    company.estimate(LABOR, "100.00", Current_Est_Quantity="5.5", Unit_of_Measure="CY")
    company.run("budgets")
    (row,) = company.table("budget_line_items")
    assert Decimal(row["quantity"]) == Decimal("5.5")
    assert company.budget_plan().is_empty
