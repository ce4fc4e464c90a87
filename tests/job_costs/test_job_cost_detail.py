"""Transactions that SQL reads become direct costs; with the totals they add up to Spectrum's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from costed_contractor import JOB, CostedContractor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_contractor import held

from procore_spectrum import Syncer
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping import JobCostSettings
from procore_spectrum.models.spectrum import JobCostTransactionRow
from procore_spectrum.ports import CompanyKey, Reading, ReadQuery
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.target import SpectrumTarget

MARCH = date(2025, 3, 14)


class DetailedContractor(CostedContractor):
    """A contractor whose transactions can be read by SQL, as long as ``readable``."""

    def __init__(self) -> None:
        super().__init__()
        self.readable = True
        self.vendor("ACME", "Acme Concrete")
        self.job()
        self.costs_by(detail="transactions")

    def read(self, query: ReadQuery) -> Reading[Any]:
        """As a reader of the installation's database would."""
        rows = self.spectrum.sql_rows()["job_cost_transactions"]
        known = self.readable and query.kind == "job_cost_transaction"
        items = (_row(row) for row in rows) if known else ()
        return Reading(items=tuple(items), as_of=self.clock.now(), complete=known)

    @property
    def syncer(self) -> Syncer:
        """A facade that reads by SQL too."""
        return Syncer(
            procore=ProcoreTarget(self.procore_client),
            spectrum=self.spectrum_client,
            erp=SpectrumTarget(self.spectrum_client, reader=self),
            store=self.store,
            settings=self.settings,
            company=CompanyKey(str(self.procore.company_id), self.spectrum.company_code),
            actor="Robin Clerk",
            clock=self.clock,
        )

    def post(self, amount: str, phase: str = "031000", kind: str = "L", **more: Any) -> None:
        """Post a transaction of the job."""
        on = more.pop("on", MARCH)
        self.spectrum.add_job_cost(JOB, phase, kind, on, Decimal(amount), **more)

    def costs(self) -> dict[str, dict[str, Any]]:
        """The direct costs of Procore by number."""
        return {row["invoice_number"]: row for row in self.table("direct_costs")}

    def amounts(self) -> dict[str, list[Decimal]]:
        """The amounts of the lines that are not zero, by the number of their direct cost."""
        numbers = {row["id"]: row["invoice_number"] for row in self.table("direct_costs")}
        found: dict[str, list[Decimal]] = {}
        for line in self.table("direct_cost_line_items"):
            if Decimal(line["amount"]):
                found.setdefault(numbers[line["holder_id"]], []).append(Decimal(line["amount"]))
        return found


def _row(row: Any) -> JobCostTransactionRow:
    values = {("transaction_date" if name == "date" else name): v for name, v in row.items()}
    return JobCostTransactionRow(**values)


@pytest.fixture
def pair() -> DetailedContractor:
    """A job with an invoice, two wages, and some cost that no transaction tells."""
    found = DetailedContractor()
    found.cost("031000", "L", "130.00")
    found.cost("031000", "M", "50.25")
    found.post("100.00", transaction_type="PR", description="week 11", hours=Decimal(4))
    found.post("20.00", transaction_type="PR", description="week 11", hours=Decimal(1))
    found.post("50.25", kind="M", transaction_type="AP", vendor="ACME", description="rebar")
    return found


def test_transactions_and_the_rest_add_up(pair: DetailedContractor) -> None:
    """Wages and invoice by themselves; ten dollars stay in the total."""
    pair.all()
    assert pair.amounts() == {
        f"SPECTRUM {JOB} 2025-03-14 PR": [Decimal(120)],
        f"SPECTRUM {JOB} 2025-03-14 AP ACME": [Decimal("50.25")],
        f"SPECTRUM {JOB}": [Decimal(10)],
    }
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_a_direct_cost_tells_day_type_and_vendor(pair: DetailedContractor) -> None:
    """As the table of types says."""
    pair.all()
    invoice = pair.costs()[f"SPECTRUM {JOB} 2025-03-14 AP ACME"]
    wages = pair.costs()[f"SPECTRUM {JOB} 2025-03-14 PR"]
    acme = pair.row("vendors", origin_code="ACME")
    assert (invoice["direct_cost_type"], invoice["vendor_id"]) == ("invoice", acme["id"])
    assert (wages["direct_cost_type"], wages["direct_cost_date"]) == ("payroll", "2025-03-14")


def test_an_invoice_of_an_unknown_vendor_is_an_expense(pair: DetailedContractor) -> None:
    """Procore takes no invoice without a company; the number tells whose it was."""
    pair.cost("042000", "M", "7.00")
    pair.post("7.00", "042000", "M", transaction_type="AP", vendor="NOBODY")
    pair.all()
    found = pair.costs()[f"SPECTRUM {JOB} 2025-03-14 AP NOBODY"]
    assert found["direct_cost_type"] == "expense"


def test_lines_can_carry_the_hours_of_their_transactions(pair: DetailedContractor) -> None:
    """Summed, for the cost types of the settings; others carry the quantity, or nothing."""
    pair.costs_by(hours=("L",), quantity="none")
    pair.all()
    lines = {Decimal(row["amount"]): row for row in pair.table("direct_cost_line_items")}
    assert (lines[Decimal(120)]["quantity"], lines[Decimal(120)]["uom"]) == ("5.0", "HR")
    assert lines[Decimal("50.25")]["quantity"] is None


def test_a_new_transaction_writes_its_line_and_nothing_else(pair: DetailedContractor) -> None:
    """The total moves by as much, so what stays in it does not."""
    pair.all()
    pair.procore.calls.clear()
    pair.post("5.00", on=date(2025, 3, 21), transaction_type="PR")
    pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("135.00"))
    pair.run("job_costs")
    assert pair.sent("/direct_costs/sync") == [1]
    assert pair.sent("/line_items/sync") == [1]
    assert pair.procore_totals() == pair.spectrum_totals()


def test_a_transaction_that_spectrum_no_longer_has_goes_into_the_rest(
    pair: DetailedContractor,
) -> None:
    """History was purged: its line becomes zero, and the total stays right."""
    pair.all()
    pair.spectrum._companies["ABC"].transactions.pop()
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.amounts()[f"SPECTRUM {JOB}"] == [Decimal(10), Decimal("50.25")]


def test_older_transactions_can_stay_in_the_total(pair: DetailedContractor) -> None:
    """From the day of the settings on."""
    pair.costs_by(detail_from=date(2025, 4, 1))
    pair.all()
    assert list(pair.amounts()) == [f"SPECTRUM {JOB}"]
    assert pair.procore_totals() == pair.spectrum_totals()


def test_the_day_of_the_settings_is_the_first_in_detail(pair: DetailedContractor) -> None:
    """What was posted on it is told by itself."""
    pair.costs_by(detail_from=MARCH)
    pair.all()
    assert len(pair.amounts()) > 1
    assert pair.procore_totals() == pair.spectrum_totals()


def test_without_sql_what_was_written_stays(pair: DetailedContractor) -> None:
    """Nothing is counted twice when the database cannot be read for a while."""
    pair.all()
    before = pair.amounts()
    pair.readable = False
    pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("131.00"))
    plan = pair.plan("job_costs")
    assert any("job_cost_transactions" in note.text for note in plan.notes)
    assert pair.syncer.apply(plan).succeeded
    assert pair.procore_totals() == pair.spectrum_totals()
    changed = {name for name, found in pair.amounts().items() if before[name] != found}
    assert changed == {f"SPECTRUM {JOB}"}


def test_going_back_to_totals_takes_the_detail_back(pair: DetailedContractor) -> None:
    """Every line of transactions becomes zero."""
    pair.all()
    pair.costs_by(detail="totals")
    pair.run("job_costs")
    assert list(pair.amounts()) == [f"SPECTRUM {JOB}"]
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_transactions_of_a_pair_without_a_total_are_left_out(pair: DetailedContractor) -> None:
    """A phase that the job lacks, or that does not fit the mask, has no place in Procore."""
    pair.post("3.00", "099000")
    pair.post("4.00", "9")
    pair.all()
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_a_sum_with_fractions_of_cents_is_held_and_stays_in_the_total(
    pair: DetailedContractor,
) -> None:
    """Nothing is rounded."""
    pair.cost("042000", "M", "7.00")
    pair.post("1.005", "042000", "M", transaction_type="XX")
    pair.all()
    assert pair.procore_totals() == pair.spectrum_totals()
    found = held(pair.plan("job_costs"), f"{JOB}/2025-03-14/XX//04-2000/M")
    assert found.violations[0].code == "out-of-range"


def test_without_a_company_there_is_one_message(pair: DetailedContractor) -> None:
    """Not one for each day and vendor."""
    pair.costs_by(vendor_code="")
    pair.run("vendors", "jobs", "cost_codes")
    assert len(pair.plan("job_costs").held) == 1


def test_a_type_of_the_table_has_to_be_one_of_procores() -> None:
    """Otherwise nothing of that type could ever be written."""
    with pytest.raises(ConfigurationError, match="cheque"):
        JobCostSettings(detail_types={"AP": "cheque"})


POSTED = st.tuples(
    st.integers(-500, 500).map(lambda n: Decimal(n).scaleb(-2)),
    st.sampled_from(["031000", "042000"]),
    st.sampled_from("LM"),
    st.sampled_from(["PR", "AP", ""]),
    st.sampled_from(["", "ACME"]),
    st.sampled_from([MARCH, date(2025, 3, 15)]),
)
JTD = st.tuples(
    st.sampled_from(["031000", "042000"]),
    st.sampled_from("LM"),
    st.integers(-500, 500).map(lambda n: Decimal(n).scaleb(-2)),
)
ROUNDS = st.lists(
    st.tuples(st.lists(POSTED, max_size=4), st.lists(JTD, max_size=3), st.booleans()),
    min_size=1,
    max_size=3,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROUNDS)
def test_detail_never_changes_a_total(rounds: list[Any]) -> None:
    """Whatever was posted, and whether or not it is what the totals count."""
    pair = DetailedContractor()
    for phase in ("031000", "042000"):
        for kind in "LM":
            pair.cost(phase, kind, "1.00")
    for posted, figures, detailed in rounds:
        for amount, phase, kind, name, vendor, on in posted:
            pair.post(str(amount), phase, kind, transaction_type=name, vendor=vendor, on=on)
        for phase, kind, dollars in figures:
            pair.spectrum.set_cost(JOB, phase, kind, dollars=dollars)
        pair.costs_by(detail="transactions" if detailed else "totals")
        pair.all()
        assert pair.procore_totals() == pair.spectrum_totals()
        assert pair.plan("job_costs").is_empty
