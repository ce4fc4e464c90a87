"""Locked budgets on their way to Spectrum, and the import that they close."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from budgeting_company import ANNA, CUSTOMER, JOB, LABOR, MATERIAL, STEEL, BudgetingCompany

from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    RefusedError,
)
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.operations import Create
from procore_spectrum.plan.records import Ref
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response


@pytest.fixture
def company() -> BudgetingCompany:
    """A fresh company that exports budgets."""
    return BudgetingCompany(direction="export")


def ready(company: BudgetingCompany) -> None:
    """A locked budget of three lines, one of them zero."""
    company.line(LABOR, "1000.10")
    company.line(STEEL, "2000.20")
    company.line(MATERIAL, "0.00")
    company.lock()


# ---------------------------------------------------------------- the usual way


def test_nothing_is_written_before_the_acceptance(company: BudgetingCompany) -> None:
    """One document for the project; Spectrum stays as it is."""
    ready(company)
    before = company.books
    for _ in range(2):
        assert company.export().counts["waiting"] == 4
    assert company.books == before
    assert company.state(company.budget) is State.READY_TO_EXPORT
    assert company.approval(company.budget).document.amount == Decimal("3000.30")


def test_an_accepted_budget_is_written_whole_with_its_lines_of_zero(
    company: BudgetingCompany,
) -> None:
    """Original estimates to the cent; another plan is empty."""
    ready(company)
    company.done(company.budget)
    assert company.originals() == {
        LABOR: Decimal("1000.10"),
        STEEL: Decimal("2000.20"),
        MATERIAL: Decimal(0),
    }


def test_descriptions_statuses_and_price_methods_stay(company: BudgetingCompany) -> None:
    """They are sent blank, which Spectrum reads as unchanged."""
    company.phase(*LABOR, "Footings", job=JOB, Price_Method_Code="T")
    ready(company)
    company.done(company.budget)
    found = company.in_spectrum(LABOR)
    assert (found["description"], found["price_method_code"]) == ("Footings", "T")


def test_only_what_the_budget_says_is_on_the_wire(company: BudgetingCompany) -> None:
    """A call names the pair and its amount, to the cent, and nothing else."""
    company.line(LABOR, "1000.15")
    company.lock()
    company.export()
    company.accept(company.budget)
    company.to_spectrum.seen.clear()
    company.export()
    (call,) = [r for r in company.to_spectrum.seen if r.url.endswith("/ws/AddPhase")]
    sent = dict(re.findall(rb"<(?:\w+:)?(\w+)>([^<]+)</", call.content))
    login = (b"Authorization_ID", b"GUID", b"Company_Code")
    assert {name: text for name, text in sent.items() if name not in login} == {
        b"Job_Number": JOB.encode(),
        b"Phase_Code": b"010100",
        b"Cost_Type": b"S",
        b"Original_Est_Cost": b"1000.15",
    }


def test_the_price_method_is_repeated_by_choice(company: BudgetingCompany) -> None:
    """For an installation that demands it with every write."""
    company.budgets_by(price_method="J")
    company.phase(*LABOR, "Footings", job=JOB, Price_Method_Code="T")
    ready(company)
    company.done(company.budget)
    assert company.in_spectrum(LABOR)["price_method_code"] == "F"


def test_amounts_alone_go_by_default(company: BudgetingCompany) -> None:
    """As in the official connector."""
    company.line(LABOR, "10.00", uom="CY", quantity="4")
    company.lock()
    (op,) = [op for op in company.budget_plan().todo if isinstance(op, Create)]
    assert set(op.desired) == {
        "job_number",
        "phase_code",
        "cost_type",
        "original_est_cost",
        "price_method_code",
    }


def test_quantities_units_and_hours_go_along_by_choice(company: BudgetingCompany) -> None:
    """A quantity in hours becomes hours; another plan is empty and asks no line again."""
    company.budgets_by(quantities=True)
    company.line(LABOR, "10.00", uom="CY", quantity="4.5")
    company.line(STEEL, "20.00", uom="Hours", quantity="8")
    company.lock()
    company.done(company.budget)
    labor, steel = company.in_spectrum(LABOR), company.in_spectrum(STEEL)
    assert (labor["original_est_quantity"], labor["unit_of_measure"]) == ("4.5", "CY")
    assert (steel["original_est_hours"], steel.get("unit_of_measure")) == ("8", None)
    company.to_procore.seen.clear()
    assert company.budget_plan().is_empty
    assert not [r for r in company.to_procore.seen if "/budget_line_items/" in r.url]


# ---------------------------------------------------------------- what is in the way


def test_every_fault_is_told_at_once(company: BudgetingCompany) -> None:
    """Unlocked, too large, negative, complete, inactive, not Spectrum's: one report."""
    company.phase("040400", "S", "Later", job=JOB)
    company.run("cost_codes")
    company.line(LABOR, "123456789.00")
    company.line(STEEL, "-1.00")
    company.line(MATERIAL, "1.00")
    company.line(("030300", "S"), "1.00")
    company.phase(*MATERIAL, "Done", job=JOB, Status_Code="C")
    company.phase("030300", "S", "Off", job=JOB, Status_Code="I")
    company.line(("040400", "S"), "5.00")
    company.spectrum.remove_phase(JOB, "040400", "S")
    assert sorted(company.faults()) == [
        "budget-unlocked",
        "negative-amount",
        "out-of-range",
        "pair-not-on-job",
        "phase-not-active",
        "phase-not-active",
    ]
    paths = [violation.path for violation in company.whole(company.budget_plan()).violations]
    assert "lines[010100 S].original_est_cost" in paths
    company.export()
    assert company.originals() == {}
    with pytest.raises(RefusedError):
        company.syncer.send(company.budget)


def test_an_unlocked_budget_is_not_exported(company: BudgetingCompany) -> None:
    """It may change any time; locking it is a person's business."""
    company.line(LABOR, "10.00")
    assert company.faults() == ["budget-unlocked"]


def test_a_project_that_has_no_budget_yet_is_no_fault(company: BudgetingCompany) -> None:
    """Nothing is to be done, and nothing is reported."""
    plan = company.budget_plan()
    assert plan.is_empty
    assert not plan.held


def test_a_locked_budget_without_lines_is_held(company: BudgetingCompany) -> None:
    """Exporting nothing would close the import for nothing."""
    company.lock()
    assert company.faults() == ["no-lines"]


def test_a_line_on_a_code_that_is_not_spectrums_is_held(company: BudgetingCompany) -> None:
    """Codes are born in Spectrum."""
    code = company.procore.add_cost_code(project_id=company.project_id, code="99", name="Own")
    kind = company.row("line_item_types", code="S")["id"]
    own = company.procore.add_wbs_code(
        project_id=company.project_id, cost_code_id=code["id"], line_item_type_id=kind
    )
    company.procore.set_budget_line(company.project_id, own["id"], "5.00")
    company.lock()
    assert company.faults() == ["cost-code-not-in-spectrum"]


def test_an_estimate_of_spectrum_is_not_replaced(company: BudgetingCompany) -> None:
    """What somebody entered there is a collision, unless overwriting was chosen or it agrees."""
    company.estimate(LABOR, "999.00")
    company.estimate(STEEL, "2000.20")
    ready(company)
    assert company.faults() == ["estimate-there"]
    company.budgets_by(overwrite=True)
    company.done(company.budget)
    assert company.originals()[LABOR] == Decimal("1000.10")


def test_a_phase_that_is_completed_after_the_acceptance_stops_the_export(
    company: BudgetingCompany,
) -> None:
    """Nothing is written, and accounting is asked again once it is settled."""
    ready(company)
    company.export()
    company.accept(company.budget)
    company.phase(*STEEL, "Done", job=JOB, Status_Code="C")
    company.export()
    assert company.faults() == ["phase-not-active"]
    assert company.originals() == {}
    (fault,) = company.approval(company.budget).document.violations
    assert fault.code == "phase-not-active"
    company.phase(*STEEL, "Phase 020200", job=JOB)
    company.done(company.budget)
    assert company.originals()[STEEL] == Decimal("2000.20")


def test_an_edit_after_the_acceptance_is_asked_about_again(company: BudgetingCompany) -> None:
    """An acceptance says nothing about a budget that was changed afterwards."""
    ready(company)
    company.export()
    company.accept(company.budget)
    company.unlock()
    company.line(LABOR, "1.00")
    company.lock()
    company.export()
    assert company.state(company.budget) is State.READY_TO_EXPORT
    assert company.originals() == {}


# ---------------------------------------------------------------- afterwards


def test_an_edit_after_the_export_is_held(company: BudgetingCompany) -> None:
    """A budget change is the way; the estimate of Spectrum stays."""
    ready(company)
    company.done(company.budget)
    company.unlock()
    company.line(LABOR, "1.00")
    found = company.whole(company.budget_plan())
    assert found.code == "edited-after-export"
    assert [(c.base, c.source) for c in found.changes] == [(Decimal("1000.10"), Decimal("1.00"))]


def test_a_later_line_of_zero_is_no_edit(company: BudgetingCompany) -> None:
    """Procore adds such lines for new scope."""
    company.line(LABOR, "10.00")
    company.lock()
    company.done(company.budget)
    company.line(STEEL, "0.00")
    plan = company.budget_plan()
    assert plan.is_empty
    assert not plan.held


def test_a_pair_that_left_the_job_is_told(company: BudgetingCompany) -> None:
    """What was exported and is gone is no silence."""
    ready(company)
    company.done(company.budget)
    company.spectrum.remove_phase(JOB, *STEEL)
    assert company.whole(company.budget_plan()).code == "gone"


def test_an_export_closes_the_import(company: BudgetingCompany) -> None:
    """Estimates of Spectrum no longer come into that budget, whatever the settings say."""
    ready(company)
    company.done(company.budget)
    company.unlock()
    company.budgets_by(direction="import", mode="override")
    company.estimate(LABOR, "5.00")
    plan = company.budget_plan()
    assert plan.is_empty
    assert any("import is closed" in note.text for note in plan.notes)


def test_an_import_is_opened_again_with_a_reason(company: BudgetingCompany) -> None:
    """The decision is recorded; without a reason there is none."""
    ready(company)
    company.done(company.budget)
    company.unlock()
    company.budgets_by(direction="import", mode="override")
    company.estimate(LABOR, "5.00")
    with pytest.raises(InvalidValueError):
        company.syncer.reopen_budget(JOB, why=" ")
    company.syncer.reopen_budget(JOB, why="the estimate was redone")
    company.run("budgets")
    assert company.lines()[LABOR] == Decimal(5)
    (event,) = company.syncer.explain(Ref("budget_import", JOB))
    assert (event.action, event.detail["why"]) == ("decided", ["the estimate was redone"])
    assert company.budget_plan().is_empty


def test_by_lock_a_budget_goes_the_way_that_its_lock_says() -> None:
    """Open budgets take estimates, locked ones are exported, and never both."""
    company = BudgetingCompany(direction="by_lock")
    company.estimate(LABOR, "5.00")
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(5)}
    company.lock()
    assert company.budget_plan().is_empty
    other = BudgetingCompany(direction="by_lock")
    other.line(LABOR, "7.00")
    other.lock()
    other.done(other.budget)
    assert other.originals() == {LABOR: Decimal(7)}


def test_an_imported_budget_is_not_sent_back(company: BudgetingCompany) -> None:
    """It would replace original estimates by current ones; overwriting has to be chosen."""
    company.budgets_by(direction="import")
    company.estimate(LABOR, "1500.00", Original_Est_Cost="1000.00")
    company.run("budgets")
    company.lock()
    company.budgets_by(direction="export")
    plan = company.budget_plan()
    assert plan.is_empty
    assert not plan.held
    assert any("not exported" in note.text for note in plan.notes)
    company.budgets_by(overwrite=True)
    company.done(company.budget)
    assert company.originals()[LABOR] == Decimal("1500.00")


def test_by_lock_costs_alone_do_not_make_a_budget_look_imported() -> None:
    """Where Spectrum has no estimate, people make the budget, and it is exported."""
    company = BudgetingCompany(direction="by_lock")
    company.phase(*LABOR, "Footings", job=JOB, JTD_Actual_Dollars="50.00")
    company.line(LABOR, "700.00")
    company.run("budgets")
    company.lock()
    company.done(company.budget)
    assert company.originals() == {LABOR: Decimal(700)}


def test_a_budget_cannot_be_unlinked(company: BudgetingCompany) -> None:
    """Estimates stay in Spectrum; no service takes them away."""
    ready(company)
    company.done(company.budget)
    with pytest.raises(RefusedError):
        company.syncer.unlink(company.budget, why="a mistake")


# ---------------------------------------------------------------- runs that end early


@pytest.mark.parametrize("calls", range(1, 5))
def test_a_run_that_dies_is_finished_by_the_next(company: BudgetingCompany, calls: int) -> None:
    """Wherever it dies, each estimate is written, and the queue learns of the end."""
    ready(company)
    company.export()
    company.accept(company.budget)
    left = calls

    def die(request: Request, inner: Callable[[Request], Response]) -> Response:
        nonlocal left
        if request.url.endswith("/ws/AddPhase"):
            left -= 1
            if left == 0:
                inner(request)
                raise SimulatedCrash("AddPhase")
        return inner(request)

    company.to_spectrum.answer = die
    if calls < 4:
        with pytest.raises(SimulatedCrash):
            company.export()
        company.to_spectrum.answer = None
        # Whoever had the import in mind finds it closed from the first write on.
        assert company.syncer.status().in_doubt
    company.export()
    company.export()
    assert company.originals() == {
        LABOR: Decimal("1000.10"),
        STEEL: Decimal("2000.20"),
        MATERIAL: Decimal(0),
    }
    assert company.state(company.budget) is State.SYNCED
    assert company.budget_plan().is_empty


def test_a_budget_that_spectrum_refuses_in_part_says_so(company: BudgetingCompany) -> None:
    """What was written stays and is in the journal; a retry goes on with the rest."""
    ready(company)
    company.export()
    company.accept(company.budget)
    calls = []

    def complete(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.url.endswith("/ws/AddPhase"):
            calls.append(request)
            if len(calls) == 2:
                company.job(JOB, "City Hall", Customer_Code=CUSTOMER, Status_Code="C")
        return inner(request)

    company.to_spectrum.answer = complete
    assert not company.export().succeeded
    assert company.state(company.budget) is State.FAILED
    (written,) = company.originals()
    events = company.syncer.explain(Ref("original_estimate", _line_key(company, written)))
    assert [event.action for event in events] == ["done"]
    company.to_spectrum.answer = None
    company.job(JOB, "City Hall", Customer_Code=CUSTOMER)
    company.syncer.approvals.retry(company.budget, by=ANNA)
    assert company.export().succeeded
    assert len(company.originals()) == 3
    assert company.budget_plan().is_empty


def _line_key(company: BudgetingCompany, pair: tuple[str, str]) -> str:
    row = company.row("budget_line_items", wbs_code_id=company.code(pair))
    return f"{company.project_id}/{row['id']}"


# ---------------------------------------------------------------- what stops waiting


def test_a_budget_that_is_unlocked_while_it_waits_is_shown_so(company: BudgetingCompany) -> None:
    """Accounting sees the fault, and cannot accept it."""
    ready(company)
    company.export()
    company.unlock()
    company.export()
    (fault,) = company.approval(company.budget).document.violations
    assert fault.code == "budget-unlocked"
    with pytest.raises(RefusedError):
        company.accept(company.budget)


@pytest.mark.parametrize(
    ("choice", "why"), [("import", "takes estimates now"), ("by_lock", "takes estimates now")]
)
def test_a_budget_that_is_to_be_imported_now_is_withdrawn(
    company: BudgetingCompany, choice: str, why: str
) -> None:
    """It goes one way only."""
    ready(company)
    company.export()
    company.unlock()
    company.budgets_by(direction=choice)
    company.export()
    assert company.state(company.budget) is State.NOT_SENT
    assert why in company.approval(company.budget).message


def test_a_budget_that_is_emptied_while_it_waits_is_withdrawn(company: BudgetingCompany) -> None:
    """Nothing is left to export."""
    line = company.line(LABOR, "10.00")
    company.lock()
    company.export()
    company.unlock()
    company.procore.remove("budget_line_item", line)
    company.export()
    assert company.state(company.budget) is State.NOT_SENT


def test_a_budget_that_cannot_be_read_stays_where_it_is(company: BudgetingCompany) -> None:
    """A switched-off tool is no reason to withdraw anything; a note tells of it."""
    ready(company)
    company.export()
    company.procore.disable_tool(company.project_id, "budget")
    plan = company.budget_plan()
    assert any("cannot be read" in note.text for note in plan.notes)
    company.syncer.apply(plan)
    assert company.state(company.budget) is State.READY_TO_EXPORT


def test_a_run_about_another_job_leaves_it_alone(company: BudgetingCompany) -> None:
    """What is not looked at is not withdrawn."""
    company.job("25-0202", "Library")
    company.run("jobs")
    ready(company)
    company.export()
    company.syncer.apply(company.plan("budgets", jobs=["25-0202"]))
    assert company.state(company.budget) is State.READY_TO_EXPORT


def test_nothing_is_asked_of_procore_while_exports_are_off() -> None:
    """The default imports; sending other documents costs no request for budgets."""
    company = BudgetingCompany()
    company.to_procore.seen.clear()
    with pytest.raises(NotFoundError):
        company.syncer.send(Ref("budget", "1"))
    assert not [r for r in company.to_procore.seen if "budget" in r.url]


def test_a_project_without_a_view_is_told(company: BudgetingCompany) -> None:
    """The view that the settings name is missing: the remedy is in the settings."""
    ready(company)
    company.budgets_by(view="ERP")
    with pytest.raises(ConfigurationError):
        company.budget_plan()
