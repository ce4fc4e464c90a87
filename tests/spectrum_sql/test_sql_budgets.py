"""Budgets with SQL access: the original estimate is taken, not the current one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from exporting_company import JOB
from sql_installation import Installation
from test_sql_exports import CompanyWithSql

from procore_spectrum.ports import Reading, ReadQuery

LABOR = ("010100", "S")
STEEL = ("020200", "S")


@pytest.fixture
def company(sqlite: Installation) -> CompanyWithSql:
    """A fresh company with SQL access to everything."""
    return CompanyWithSql(sqlite)


def budgets_by(company: CompanyWithSql, **choices: Any) -> None:
    """Choose for budgets."""
    chosen = attrs.evolve(company.settings.budgets, **choices)
    company.settings = attrs.evolve(company.settings, budgets=chosen)


def lines(company: CompanyWithSql) -> list[tuple[Decimal, Decimal | None]]:
    """Amounts and quantities of the budget."""
    return [
        (Decimal(row["original_budget_amount"]), row["quantity"] and Decimal(row["quantity"]))
        for row in company.table("budget_line_items")
    ]


def test_the_original_estimate_is_imported(company: CompanyWithSql) -> None:
    """What has been changed since is not part of it, and the plan says so."""
    company.phase(*LABOR, job=JOB, Original_Est_Cost="100.25", Current_Est_Cost="150.00")
    company.phase(*STEEL, job=JOB, Current_Est_Cost="70.00")
    plan = company.plan("budgets")
    assert any("original estimates are taken" in note.text for note in plan.notes)
    company.run("budgets")
    assert lines(company) == [(Decimal("100.25"), None)]
    assert company.plan("budgets").is_empty


def test_a_pair_that_the_query_leaves_out_has_no_estimate(sqlite: Installation) -> None:
    """A query may list what was estimated only; the current estimate does not take its place."""

    class Estimated(CompanyWithSql):
        def read(self, query: ReadQuery) -> Reading[Any]:
            rows = self.spectrum.sql_rows()
            found = rows["original_estimates"]
            rows["original_estimates"] = [row for row in found if row["amount"]]
            self.installation.fill(rows)
            return self.reader.read(query)

    company = Estimated(sqlite)
    company.phase(*LABOR, job=JOB, Original_Est_Cost="100.25", Current_Est_Cost="150.00")
    company.phase(*STEEL, job=JOB, Current_Est_Cost="70.00")
    company.run("budgets")
    assert lines(company) == [(Decimal("100.25"), None)]


def test_original_quantities_go_along_by_choice(company: CompanyWithSql) -> None:
    """They come from the same row."""
    budgets_by(company, quantities=True)
    company.phase(
        *LABOR,
        job=JOB,
        Original_Est_Cost="100.00",
        Original_Est_Quantity="4",
        Current_Est_Quantity="9",
        Unit_of_Measure="CY",
    )
    company.run("budgets")
    assert lines(company) == [(Decimal(100), Decimal(4))]


def test_without_that_query_the_current_estimate_is_taken(sqlite: Installation) -> None:
    """Other queries do not tell it, and the plan says which one it was."""
    company = CompanyWithSql(sqlite, {"subcontracts"})
    company.phase(*LABOR, job=JOB, Original_Est_Cost="100.00", Current_Est_Cost="150.00")
    assert any("current estimates" in note.text for note in company.plan("budgets").notes)
    company.run("budgets")
    assert lines(company) == [(Decimal(150), None)]


def test_an_exported_budget_comes_back_as_it_went(company: CompanyWithSql) -> None:
    """What SQL reads after an export is what Procore has, to the cent."""
    budgets_by(company, direction="export")
    code = company.row("wbs_codes", **company.code_of(LABOR))["id"]
    company.procore.set_budget_line(company.project_id, code, "12345.67")
    company.procore.lock_budget(company.project_id)
    company.syncer.apply(company.plan("budgets"))
    (approval,) = company.syncer.approvals.list_approvals()
    company.accept(approval.ref)
    company.run("budgets")
    rows = {
        (row["phase_code"], row["cost_type"]): row["amount"]
        for row in company.spectrum.sql_rows()["original_estimates"]
        if row["job_number"] == JOB
    }
    assert rows[LABOR] == Decimal("12345.67")
    assert company.plan("budgets").is_empty
