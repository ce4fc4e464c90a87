"""Job-to-date cost: ours and people's, by either writer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
from exporting_company import JOB
from reconciled_company import ReconciledCompany, reasons, rows_of

from procore_spectrum.plan.reconciliation import Measure
from procore_spectrum.wire.messages import Request, Response

COST = Measure.JOB_TO_DATE_COST
PAIR, OTHER = ("010100", "S"), ("020200", "S")


class Costed(ReconciledCompany):
    """Whose own company bears the direct costs."""

    def __init__(self, *, sql: bool = False, **choices: Any) -> None:
        super().__init__(sql=sql)
        self.procore.switches.direct_costs_locked_by_origin_id = "none"
        self.vendor("OURS", "Our own company")
        self.run("vendors")
        costs = attrs.evolve(self.settings.job_costs, vendor_code="OURS", **choices)
        features = ("jobs", "cost_codes", "job_costs")
        self.settings = attrs.evolve(self.settings, job_costs=costs, features=features)

    def post(self, pair: tuple[str, str], dollars: str) -> None:
        """Spectrum's cost to date."""
        self.spectrum.set_cost(
            JOB, *pair, dollars=Decimal(dollars), hours=Decimal(0), quantity=Decimal(0)
        )


def test_written_costs_balance() -> None:
    """To the cent, by phase and cost type; corrections downwards included."""
    company = Costed()
    company.post(PAIR, "100.05")
    company.post(OTHER, "-7.30")
    company.run("job_costs")
    found = company.reconciled()
    assert found.balanced, found.to_json()
    assert [(r.spot.phase, r.procore, r.spectrum) for r in rows_of(found, COST)] == [
        ("010100", Decimal("100.05"), Decimal("100.05")),
        ("020200", Decimal("-7.30"), Decimal("-7.30")),
    ]


def test_what_was_posted_since_the_last_run() -> None:
    """The next apply writes it; or the settings leave it out."""
    company = Costed()
    company.post(PAIR, "100")
    company.run("job_costs")
    company.post(PAIR, "120")
    assert reasons(company.reconciled(), COST) == [
        ("not_synced", "-20.00", "cost of 010100 S: the next apply writes it")
    ]
    company.settings = attrs.evolve(company.settings, features=())
    assert reasons(company.reconciled(), COST) == [
        ("out_of_scope", "-20.00", "cost of 010100 S: the settings leave out job_costs")
    ]


def test_the_first_cost_is_not_written_yet() -> None:
    """Before any run all of it is missing."""
    company = Costed()
    company.post(PAIR, "3")
    assert reasons(company.reconciled(), COST) == [
        ("not_synced", "-3.00", "cost of 010100 S: the next apply writes it")
    ]


def test_costs_that_are_held() -> None:
    """The reason of the plan is the reason of the difference."""
    company = Costed()
    company.settings = attrs.evolve(
        company.settings, job_costs=attrs.evolve(company.settings.job_costs, vendor_code="")
    )
    company.post(PAIR, "3")
    ((cause, amount, text),) = reasons(company.reconciled(), COST)
    assert (cause, amount) == ("held", "-3.00")
    assert "company" in text


def test_the_cost_of_a_phase_that_is_gone() -> None:
    """Procore has it until the next apply; Spectrum has nothing to set against it."""
    company = Costed()
    company.post(PAIR, "100")
    company.post(OTHER, "1")
    company.run("job_costs")
    company.spectrum.remove_phase(JOB, *PAIR)
    found = company.reconciled()
    assert [(r.spot.phase, r.procore, r.spectrum) for r in rows_of(found, COST)] == [
        ("010100", Decimal(100), Decimal(0)),
        ("020200", Decimal(1), Decimal(1)),
    ]


def test_a_cost_that_somebody_entered_in_procore() -> None:
    """It is one-sided, and named; a draft is no cost."""
    company = Costed()
    code = int(company.row("wbs_codes", **company.code_of(PAIR))["id"])
    for number, status in (("INV-7", "approved"), ("INV-8", "draft")):
        company.procore.add_direct_cost(
            company.project_id,
            invoice_number=number,
            direct_cost_type="invoice",
            status=status,
            vendor_id=company.vendor_id("OURS"),
            lines=[{"wbs_code_id": code, "amount": "12.34", "description": "Nails"}],
        )
    assert reasons(company.reconciled(), COST) == [
        ("one_sided", "12.34", "direct cost INV-7 was entered in Procore, and is not exported")
    ]


def test_an_edit_in_procore() -> None:
    """Both parts of a difference are told apart."""
    company = Costed()
    company.post(PAIR, "100")
    company.run("job_costs")
    (line,) = company.table("direct_cost_line_items")
    path = f"/projects/{company.project_id}/direct_costs/{line['holder_id']}/line_items"
    company.by_hand(f"{path}/{line['id']}", {"line_item": {"amount": "90.00"}})
    company.post(PAIR, "101")
    assert reasons(company.reconciled(), COST) == [
        (
            "drift",
            "-10.00",
            "cost of 010100 S: edited or kept in Procore; 100.00 was last agreed on",
        ),
        ("not_synced", "-1.00", "cost of 010100 S: the next apply writes it"),
    ]


def test_figures_of_partners_cannot_be_read_back() -> None:
    """They are compared as they were written, and the basis says so."""
    company = Costed(writer="erp")
    company.procore.switches.partner_access = True
    company.post(PAIR, "100")
    company.run("job_costs")
    found = company.reconciled()
    assert found.balanced, found.to_json()
    (row,) = rows_of(found, COST)
    assert row.procore == Decimal(100)
    (basis,) = [b for b in found.bases if (b.measure, b.system) == (COST, "procore")]
    assert (basis.readable, basis.how) == (False, "job costs as they were written")


def test_direct_costs_that_may_not_be_read_are_named() -> None:
    """They are not compared."""
    company = Costed()
    company.post(PAIR, "100")

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        return Response(status=403) if "direct_costs" in request.url else inner(request)

    company.to_procore.answer = answer
    found = company.reconciled()
    assert rows_of(found, COST) == []
    assert any("direct costs of job 25-0101 cannot be read" in note for note in found.notes)


def test_costs_in_detail_balance_with_their_totals() -> None:
    """Transactions and the rest of the total are one pair, and one row."""
    company = Costed(sql=True, detail="transactions")
    company.spectrum.add_job_cost(
        JOB, *PAIR, on=date(2025, 2, 3), amount=Decimal("60.10"), description="Nails"
    )
    company.post(PAIR, "100.00")
    company.run("job_costs")
    assert len(company.table("direct_costs")) > 1
    found = company.reconciled()
    assert found.balanced, found.to_json()
    ((procore, spectrum),) = [(r.procore, r.spectrum) for r in rows_of(found, COST)]
    assert procore == spectrum == Decimal("100.00")
