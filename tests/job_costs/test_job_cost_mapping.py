"""The mapping of job costs, alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping import (
    JobCostSettings,
    PhaseMask,
    PostedCosts,
    job_cost_to_direct_cost,
    job_cost_to_erp_job_cost,
    job_cost_transactions_to_line,
    job_to_direct_cost,
    posted_costs_to_direct_cost,
)
from procore_spectrum.models.spectrum import JobCostTransactionRow, Phase

MASK = PhaseMask.parse("##-####")
CENTS = st.integers(-(10**14), 10**14).map(lambda n: Decimal(n).scaleb(-2))
TEXTS = st.text(max_size=6)
FIGURES = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2)


def phase(**values: Any) -> Phase:
    """A pair with figures."""
    known = {"job_number": "24-0101", "phase_code": "031000", "cost_type": "L"}
    figures = {
        "jtd_actual_dollars": Decimal("12.34"),
        "jtd_hours": Decimal("5.5"),
        "jtd_quantity": Decimal(7),
        "unit_of_measure": "CY",
        "description": " Footings ",
    }
    return Phase(**{**known, **figures, **values})


def line(row: Phase, **choices: Any) -> Any:
    """The line of a pair."""
    return job_cost_to_direct_cost(
        row, MASK, company_code="ABC", settings=JobCostSettings(**choices)
    )


def test_a_pair_becomes_a_line() -> None:
    """Every value of it."""
    assert dict(line(phase()).fields) == {
        "wbs_code_id": "24-0101/03-1000/L",
        "amount": Decimal("12.34"),
        "quantity": Decimal(7),
        "uom": "CY",
        "description": "Footings",
        "extended_type": "manual",
        "origin_id": "spectrum:ABC:direct_cost_line:24-0101:031000:L",
    }


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ({}, (Decimal(7), "CY")),
        ({"hours": ("L",)}, (Decimal("5.5"), "HR")),
        ({"hours": ("M",)}, (Decimal(7), "CY")),
        ({"quantity": "none"}, (None, None)),
        ({"quantity": "none", "hours": ("L",)}, (Decimal("5.5"), "HR")),
    ],
)
def test_a_line_has_one_quantity(choices: Any, found: Any) -> None:
    """Quantity or hours, in the words of the settings."""
    fields = line(phase(), **choices).fields
    assert (fields["quantity"], fields["uom"]) == found


def test_what_is_written_elsewhere_is_taken_out() -> None:
    """The rest may be negative."""
    row = phase(jtd_actual_dollars=Decimal("1.00"))
    found = job_cost_to_direct_cost(row, MASK, company_code="ABC", elsewhere=Decimal("1.01"))
    assert found.fields["amount"] == Decimal("-0.01")


@given(CENTS)
def test_an_amount_keeps_every_cent(amount: Decimal) -> None:
    """Up to the limit as it is; beyond it, it is said to be too large and never rounded."""
    found = line(phase(jtd_actual_dollars=amount))
    assert found.fields["amount"] == amount
    assert found.ok == (abs(amount) < 10**13)


@pytest.mark.parametrize("amount", ["0.001", "10000000000000", "-10000000000000.00"])
def test_what_does_not_fit_is_said(amount: str) -> None:
    """With the field."""
    (fault,) = line(phase(jtd_actual_dollars=Decimal(amount))).violations
    assert (fault.code, fault.path) == ("out-of-range", "amount")


@given(st.tuples(TEXTS, TEXTS, TEXTS), FIGURES, FIGURES, FIGURES, TEXTS)
def test_every_pair_maps_to_the_same_keys(
    names: tuple[str, str, str], cost: Any, hours: Any, quantity: Any, text: str
) -> None:
    """Whatever Spectrum holds: a value, or a violation, never an error."""
    job, code, cost_type = names
    row = phase(
        job_number=job,
        phase_code=code,
        cost_type=cost_type,
        jtd_actual_dollars=cost,
        jtd_hours=hours,
        jtd_quantity=quantity,
        description=text,
    )
    assert line(row).fields.keys() == line(phase()).fields.keys()
    erp = job_cost_to_erp_job_cost(row, MASK, company_code="ABC")
    usual = job_cost_to_erp_job_cost(phase(), MASK, company_code="ABC")
    assert erp.fields.keys() == usual.fields.keys()
    assert bool(MASK.check(code)) <= (not erp.ok)


def test_a_pair_becomes_figures_of_the_erp_tool() -> None:
    """By cost code and category, in the project of the job."""
    found = job_cost_to_erp_job_cost(phase(), MASK, company_code="ABC")
    assert dict(found.fields) == {
        "cost_code_id": "24-0101/03-1000",
        "line_item_type_id": "L",
        "job_to_date_cost": Decimal("12.34"),
        "job_to_date_units": Decimal(7),
        "job_origin_id": "spectrum:ABC:job:24-0101",
    }


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ({"vendor_code": "A/B"}, {"vendor_id": "A%2FB"}),
        ({"lock": True}, {"origin_id": "spectrum:ABC:direct_cost:24-0101"}),
        ({"number": ""}, {"invoice_number": "24-0101", "vendor_id": None}),
        ({"description": " "}, {"description": None}),
    ],
)
def test_a_job_becomes_a_direct_cost(choices: Any, found: dict[str, Any]) -> None:
    """As the settings say; without our key unless it shall be locked."""
    settings = JobCostSettings(**choices)
    fields = job_to_direct_cost("24-0101", company_code="ABC", settings=settings).fields
    assert {name: fields[name] for name in found} == found
    assert ("origin_id" in fields) == settings.lock
    assert "origin_id" not in job_to_direct_cost("1", company_code="ABC").fields


# ---------------------------------------------------------------- transactions


def row(amount: str = "1.00", **values: Any) -> JobCostTransactionRow:
    """A transaction."""
    known = {
        "company_code": "ABC",
        "job_number": "24-0101",
        "phase_code": "03-1000",
        "cost_type": "L",
        "transaction_date": date(2025, 3, 14),
        "hours": Decimal(2),
        "quantity": Decimal(0),
        "description": "week 11",
    }
    return JobCostTransactionRow(amount=Decimal(amount), **{**known, **values})


def test_transactions_become_one_line() -> None:
    """Sums; the description only if all have the same."""
    rows = [row("1.10"), row("2.20", description="other")]
    settings = JobCostSettings(hours=("L",))
    found = job_cost_transactions_to_line(rows, MASK, company_code="ABC", settings=settings)
    assert dict(found.fields) == {
        "wbs_code_id": "24-0101/03-1000/L",
        "amount": Decimal("3.30"),
        "quantity": Decimal(4),
        "uom": "HR",
        "description": "2 transactions",
        "extended_type": "manual",
        "origin_id": "spectrum:ABC:direct_cost_line:24-0101:2025-03-14:::031000:L",
    }
    (single,) = {
        job_cost_transactions_to_line(several, MASK, company_code="ABC").fields["description"]
        for several in ([row()], [row(), row()])
    }
    assert single == "week 11"


@pytest.mark.parametrize(
    ("kind", "vendor", "linked", "found"),
    [
        ("AP", "ACME", True, ("invoice", "ACME")),
        ("AP", "ACME", False, ("expense", "OWN")),
        ("PR", "", False, ("payroll", "OWN")),
        ("??", "", False, ("expense", "OWN")),
    ],
)
def test_what_was_posted_becomes_a_direct_cost(
    kind: str, vendor: str, *, linked: bool, found: tuple[str, str]
) -> None:
    """By the table of types; who is not linked is not paid there."""
    costs = PostedCosts("24-0101", date(2025, 3, 14), kind, vendor)
    settings = JobCostSettings(vendor_code="OWN")
    fields = posted_costs_to_direct_cost(costs, linked=linked, settings=settings).fields
    assert (fields["direct_cost_type"], fields["vendor_id"]) == found
    assert posted_costs_to_direct_cost(costs, linked=False).fields["vendor_id"] is None


def test_a_table_of_types_is_a_table() -> None:
    """Types are Procore's."""
    with pytest.raises(ConfigurationError):
        JobCostSettings(detail_types={"AP": "subcontractor_invoice"})
