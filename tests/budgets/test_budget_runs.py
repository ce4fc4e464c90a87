"""Budgets by file and database, by the configuration, and in runs that end early."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from budgeting_company import JOB, LABOR, STEEL, BudgetingCompany

from procore_spectrum import SqliteStore
from procore_spectrum.cli.config import load_config
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.features.budget_state import writing_services
from procore_spectrum.mapping import BudgetSettings, Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.codec import dumps, loads
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

LEAST = """
[procore]
company_id = 7
[spectrum]
url = "https://spectrum.example.com"
company_code = "ABC"
"""
EVERYTHING = """
[budgets]
direction = "by_lock"
mode = "override"
view = "ERP"
quantities = true
hours_units = ["h"]
overwrite = true
price_method = "J"
changes = "change_request"
numbering = { policy = "prefix", text = "BC-" }
status_code = "C"
status_actions = { C = 3 }
long_text = "shorten"
forecast = true
forecast_column = "EAC"
"""


# ---------------------------------------------------------------- stored and read back


def test_a_whole_year_goes_through_files_and_a_database(tmp_path: Path) -> None:
    """Import, change, export and forecast: every plan is applied as it is read from its file."""
    company = BudgetingCompany(direction="export")
    company.store = SqliteStore(tmp_path / "sync.db")
    try:
        company.run("vendors", "jobs", "cost_codes")
        company.run("vendors", "jobs", "cost_codes")
        company.line(LABOR, "1000.10")
        company.lock()
        company.budgets_by(
            changes="change_request",
            status_code="C",
            status_actions={"C": 3},
            numbering=Numbering(policy="prefix", text="BC-"),
            forecast=True,
        )
        for _ in range(2):
            company.syncer.apply(loads(dumps(company.budget_plan())))
            company.budget_change({LABOR: "5.05"})
            company.procore.set_forecast(company.project_id, company.code(LABOR), "1234.56")
            for _ in range(2):
                for item in company.syncer.approvals.list_approvals():
                    if item.state.waits_for_approver:
                        company.accept(item.ref)
                report = company.syncer.apply(loads(dumps(company.budget_plan())))
                assert not report.counts["failed"], report.render()
        assert company.originals() == {LABOR: Decimal("1000.10")}
        assert len(company.books["change_requests"]) == 2
        assert company.in_spectrum(LABOR)["projected_dollars"] == "1234.56"
        assert company.budget_plan().is_empty
        assert {item.state for item in company.syncer.approvals.list_approvals()} == {State.SYNCED}
    finally:
        company.store.close()


# ---------------------------------------------------------------- an import that ends early


@pytest.mark.parametrize("arrived", [True, False])
def test_lines_without_an_answer_are_looked_up(*, arrived: bool) -> None:
    """Whether they arrived is read from the budget; none is made twice."""
    company = BudgetingCompany()
    company.estimate(LABOR, "10.00")
    company.estimate(STEEL, "20.00")

    def die(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.url.endswith("/budget_line_items/sync"):
            if arrived:
                inner(request)
            raise SimulatedCrash("sync")
        return inner(request)

    company.to_procore.answer = die
    with pytest.raises(SimulatedCrash):
        company.syncer.apply(company.budget_plan())
    assert len(company.syncer.status().in_doubt) == 2
    company.to_procore.answer = None
    report = company.run("budgets")
    assert report.counts["adopted" if arrived else "done"] == 2
    assert company.lines() == {LABOR: Decimal(10), STEEL: Decimal(20)}
    assert company.budget_plan().is_empty
    assert not company.syncer.status().in_doubt


def test_a_line_that_procore_refuses_leaves_the_others_alone() -> None:
    """Somebody made a line on that code since the plan: the next plan sees it."""
    company = BudgetingCompany()
    company.estimate(LABOR, "10.00")
    company.estimate(STEEL, "20.00")
    plan = company.budget_plan()
    company.line(LABOR, "7.00")
    report = company.syncer.apply(plan)
    assert (report.counts["done"], report.counts["refused"]) == (1, 1)
    company.run("budgets")
    assert company.lines() == {LABOR: Decimal(7), STEEL: Decimal(20)}
    assert company.budget_plan().is_empty


def test_a_budget_that_is_locked_since_the_plan_is_refused_line_by_line() -> None:
    """Procore refuses; the journal says so, and the next plan holds the budget."""
    company = BudgetingCompany()
    company.estimate(LABOR, "10.00")
    plan = company.budget_plan()
    company.lock()
    report = company.syncer.apply(plan)
    assert report.counts["refused"] == 1
    assert any("locked budget" in str(outcome.violations) for outcome in report.outcomes)
    assert company.whole(company.budget_plan()).code == "budget-locked"
    assert company.lines() == {}


def test_a_run_about_one_job_reads_one_budget() -> None:
    """Other projects are not asked."""
    company = BudgetingCompany()
    company.job("25-0202", "Library")
    company.run("jobs")
    company.to_procore.seen.clear()
    company.plan("budgets", jobs=[JOB])
    asked = {
        r.url.split("/projects/")[1]
        for r in company.to_procore.seen
        if "/budget" in r.url and "/projects/" in r.url
    }
    assert asked == {f"{company.project_id}/budget"}


# ---------------------------------------------------------------- the configuration


def test_every_choice_is_read_from_the_file(tmp_path: Path) -> None:
    """Under [budgets], by the names of the settings."""
    file = tmp_path / "procore-spectrum.toml"
    file.write_text('features = ["budgets"]\n' + LEAST + EVERYTHING, encoding="utf-8")
    settings = load_config(str(file), {}).settings
    assert settings.features == ("budgets",)
    assert settings.budgets == BudgetSettings(
        direction="by_lock",
        mode="override",
        view="ERP",
        quantities=True,
        hours_units=("h",),
        overwrite=True,
        price_method="J",
        changes="change_request",
        numbering=Numbering(policy="prefix", text="BC-"),
        status_code="C",
        status_actions={"C": 3},
        long_text="shorten",
        forecast=True,
        forecast_column="EAC",
    )


@pytest.mark.parametrize("line", ['direction = "both"', "forecast = 1", 'colour = "red"'])
def test_a_choice_that_is_none_is_refused(tmp_path: Path, line: str) -> None:
    """With the section that it stands in."""
    file = tmp_path / "procore-spectrum.toml"
    file.write_text(f"{LEAST}\n[budgets]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_config(str(file), {})
    assert "budgets" in str(caught.value)


@pytest.mark.parametrize(
    ("choices", "services"),
    [
        ({}, ()),
        ({"direction": "export"}, ("AddPhase",)),
        ({"direction": "by_lock", "forecast": True}, ("AddPhase", "JobCostProjections")),
        ({"changes": "change_request"}, ("ARChangeRequest",)),
        ({"changes": "current_estimate"}, ("AddPhase",)),
    ],
)
def test_the_doctor_asks_for_the_services_that_are_used(
    choices: dict[str, object], services: tuple[str, ...]
) -> None:
    """An import alone needs no right to write."""
    assert writing_services(BudgetSettings(**choices)) == services
