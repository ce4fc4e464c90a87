"""Forecasts of budgets on their way to projections of job cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from budgeting_company import ANNA, JOB, LABOR, STEEL, BudgetingCompany

from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

Pair = tuple[str, str]


@pytest.fixture
def company() -> BudgetingCompany:
    """A company whose budget of two lines is in Spectrum, with forecasts switched on."""
    found = BudgetingCompany(direction="export")
    found.line(LABOR, "1000.00")
    found.line(STEEL, "2000.00")
    found.lock()
    found.done(found.budget)
    found.budgets_by(forecast=True)
    return found


def expect(company: BudgetingCompany, pair: Pair, amount: str) -> None:
    """A person expects that this much will be spent."""
    company.procore.set_forecast(company.project_id, company.code(pair), amount)


def projected(company: BudgetingCompany, pair: Pair) -> Decimal:
    """What Spectrum projects for a pair."""
    return Decimal(company.in_spectrum(pair)["projected_dollars"])


def entries(company: BudgetingCompany) -> int:
    """How many projections were entered in Spectrum."""
    return len(company.books["projections"])


def sent(company: BudgetingCompany) -> int:
    """How many calls went to JobCostProjections."""
    return sum(r.url.endswith("/ws/JobCostProjections") for r in company.to_spectrum.seen)


def test_a_forecast_that_spectrum_has_already_is_not_sent(company: BudgetingCompany) -> None:
    """Spectrum would ignore it."""
    plan = company.budget_plan()
    assert plan.is_empty
    assert not plan.held


def test_only_what_changed_is_sent(company: BudgetingCompany) -> None:
    """The cost at completion of one pair, once; another plan is empty."""
    expect(company, STEEL, "2500.25")
    company.done(company.forecast)
    assert projected(company, STEEL) == Decimal("2500.25")
    assert sent(company) == 1
    (entry,) = company.books["projections"]
    assert entry["Transaction_Date"] == company.clock.now().date().isoformat()


def test_nothing_is_written_before_the_acceptance(company: BudgetingCompany) -> None:
    """A forecast waits like everything else."""
    expect(company, STEEL, "2500.00")
    company.export()
    company.export()
    assert sent(company) == 0
    assert company.state(company.forecast) is State.READY_TO_EXPORT
    assert company.approval(company.forecast).document.amount == Decimal(2500)


def test_a_new_value_is_a_new_entry_on_a_new_day(company: BudgetingCompany) -> None:
    """The first entry stays; what was sent last is what counts."""
    expect(company, STEEL, "2500.00")
    company.done(company.forecast)
    company.clock.advance(timedelta(days=1).total_seconds())
    expect(company, STEEL, "2600.00")
    company.export()
    assert company.state(company.forecast) is State.READY_TO_UPDATE
    company.accept(company.forecast)
    company.export()
    assert projected(company, STEEL) == Decimal(2600)
    assert entries(company) == 2
    assert company.budget_plan().is_empty


def test_a_second_value_of_one_day_waits_for_the_next(company: BudgetingCompany) -> None:
    """Spectrum might ignore it, and nobody would notice."""
    expect(company, STEEL, "2500.00")
    company.done(company.forecast)
    expect(company, STEEL, "2600.00")
    plan = company.budget_plan()
    assert plan.is_empty
    assert any("changed again today" in note.text for note in plan.notes)
    company.clock.advance(timedelta(days=1).total_seconds())
    assert not company.budget_plan().is_empty


def test_an_acceptance_holds_until_the_next_day(company: BudgetingCompany) -> None:
    """The day of a document is that of its plan: it is the same document tomorrow."""
    expect(company, STEEL, "2500.00")
    company.export()
    company.accept(company.forecast)
    day = company.clock.now().date()
    company.clock.advance(timedelta(days=1).total_seconds())
    assert company.export().succeeded
    (entry,) = company.books["projections"]
    assert entry["Transaction_Date"] == day.isoformat()
    assert company.budget_plan().is_empty


def test_a_change_after_the_acceptance_is_asked_about_again(company: BudgetingCompany) -> None:
    """Accounting accepted another value."""
    expect(company, STEEL, "2500.00")
    company.export()
    company.accept(company.forecast)
    expect(company, STEEL, "9999.00")
    company.export()
    assert sent(company) == 0
    assert company.state(company.forecast) is State.READY_TO_EXPORT


def test_a_forecast_that_goes_back_is_withdrawn(company: BudgetingCompany) -> None:
    """There is nothing left to decide."""
    expect(company, STEEL, "2500.00")
    company.export()
    expect(company, STEEL, "2000.00")
    company.export()
    assert company.state(company.forecast) is State.NOT_SENT


@pytest.mark.parametrize("call", [1, 2])
def test_a_run_that_dies_is_finished_by_the_next(company: BudgetingCompany, call: int) -> None:
    """Also on the next day: the same entries, each once, and the queue learns of the end."""
    expect(company, LABOR, "1100.00")
    expect(company, STEEL, "2200.00")
    company.export()
    company.accept(company.forecast)
    left = call

    def die(request: Request, inner: Callable[[Request], Response]) -> Response:
        nonlocal left
        answer = inner(request)
        left -= request.url.endswith("/ws/JobCostProjections")
        if left == 0:
            raise SimulatedCrash("JobCostProjections")
        return answer

    company.to_spectrum.answer = die
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    company.clock.advance(timedelta(days=1).total_seconds())
    assert company.export().succeeded
    assert (projected(company, LABOR), projected(company, STEEL)) == (Decimal(1100), Decimal(2200))
    assert entries(company) == 2
    assert company.state(company.forecast) is State.SYNCED
    assert company.budget_plan().is_empty


def test_what_may_have_arrived_is_said_again_before_anything_else(
    company: BudgetingCompany,
) -> None:
    """The forecast changes while the answer to the last one is lost; both arrive, each once."""
    expect(company, LABOR, "1100.00")
    company.export()
    company.accept(company.forecast)

    def lose(request: Request, inner: Callable[[Request], Response]) -> Response:
        inner(request)
        raise SimulatedCrash("JobCostProjections")

    def only_projections(request: Request, inner: Callable[[Request], Response]) -> Response:
        is_write = request.url.endswith("/ws/JobCostProjections")
        return lose(request, inner) if is_write else inner(request)

    company.to_spectrum.answer = only_projections
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    company.clock.advance(timedelta(days=1).total_seconds())
    expect(company, LABOR, "1200.00")
    assert company.export().succeeded
    assert projected(company, LABOR) == Decimal(1100)
    company.done(company.forecast)
    assert projected(company, LABOR) == Decimal(1200)
    assert entries(company) == 2


def test_every_fault_is_told_at_once(company: BudgetingCompany) -> None:
    """Too large, and on a phase that was completed meanwhile."""
    expect(company, LABOR, "99999999999.00")
    expect(company, STEEL, "2500.00")
    company.phase(*STEEL, "Done", job=JOB, Status_Code="C")
    assert sorted(company.faults()) == ["out-of-range", "phase-not-active"]


def test_a_view_without_the_column_is_held(company: BudgetingCompany) -> None:
    """The column has to bear exactly that name."""
    company.budgets_by(forecast_column="Forecast")
    assert company.faults() == ["forecast-column-missing"]


def test_another_column_is_taken_by_its_name(company: BudgetingCompany) -> None:
    """Whatever the view calls it."""
    company.budgets_by(forecast_column="Revised Budget")
    company.budget_change({LABOR: "1.00"})
    company.done(company.forecast)
    assert projected(company, LABOR) == Decimal(1001)


def test_a_budget_that_went_no_way_yet_comes_first() -> None:
    """A forecast of something that Spectrum does not know has no base."""
    company = BudgetingCompany(forecast=True)
    company.line(LABOR, "10.00")
    assert company.faults() == ["budget-not-synced"]


def test_a_forecast_is_sent_again_after_a_rejection(company: BudgetingCompany) -> None:
    """Until then, the plan says that accounting has rejected it."""
    expect(company, STEEL, "2500.00")
    company.export()
    company.syncer.approvals.reject(company.forecast, by=ANNA, why="too early")
    assert company.whole(company.budget_plan()).code == "rejected"
    company.syncer.send(company.forecast)
    company.accept(company.forecast)
    company.export()
    assert projected(company, STEEL) == Decimal(2500)


def test_a_project_without_the_tool_stops_no_other(company: BudgetingCompany) -> None:
    """Its forecast cannot be read; a note says so."""
    company.procore.disable_tool(company.project_id, "budget")
    notes = [note.text for note in company.budget_plan().notes]
    assert len([text for text in notes if "cannot be read" in text]) == 2


def test_what_was_sent_last_and_when_is_remembered(company: BudgetingCompany) -> None:
    """Value and day of each entry are in the store."""
    expect(company, STEEL, "2500.00")
    company.done(company.forecast)
    (row,) = company.syncer.links("job_cost_projection")
    assert row.base["amount"] == Decimal(2500)
    assert row.base["transaction_date"] == company.clock.now().date()
    assert row.ref == Ref(
        "job_cost_projection",
        f"{company.project_id}/020200/S/{company.clock.now().date().isoformat()}",
    )


def test_forecasts_that_are_switched_off_are_withdrawn(company: BudgetingCompany) -> None:
    """What waits does not wait for ever."""
    expect(company, STEEL, "2500.00")
    company.export()
    company.budgets_by(forecast=False)
    company.export()
    assert company.state(company.forecast) is State.NOT_SENT


def test_unbudgeted_costs_are_forecast_too(company: BudgetingCompany) -> None:
    """A row without a budget line has a cost at completion all the same."""
    company.procore.add_direct_cost(
        company.project_id,
        direct_cost_type="expense",
        invoice_number="1",
        vendor_id=company.vendor_id(),
        status="approved",
        lines=[{**company.code_of(("030300", "S")), "amount": "75.00"}],
    )
    company.done(company.forecast)
    assert projected(company, ("030300", "S")) == Decimal(75)
