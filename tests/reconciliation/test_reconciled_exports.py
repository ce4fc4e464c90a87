"""Committed cost and approved changes: every state of an export explains its difference."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from exporting_company import ANNA, JOB, PAIRS, SAM
from reconciled_company import ReconciledCompany, reasons, rows_of

from procore_spectrum.plan.reconciliation import Balance, Measure
from procore_spectrum.plan.records import Ref
from procore_spectrum.wire.messages import Request, Response

COMMITTED, CHANGES = Measure.COMMITTED_COST, Measure.APPROVED_CHANGES
SQL = pytest.mark.parametrize("sql", [False, True], ids=["web services", "sql"])


def one_line(company: ReconciledCompany, amount: str = "100.50") -> Ref:
    """A commitment with one line."""
    return company.commitment(lines=[(PAIRS[0], amount, "Part")])


@SQL
def test_exported_commitments_balance(*, sql: bool) -> None:
    """To the cent, by phase and cost type; read by SQL, or compared with what was sent."""
    company = ReconciledCompany(sql=sql)
    company.exported(company.commitment())
    found = company.reconciled()
    assert found.balanced
    assert [(r.spot.phase, r.spot.cost_type, r.spectrum) for r in rows_of(found, COMMITTED)] == [
        ("010100", "S", Decimal("100.50")),
        ("020200", "S", Decimal("200.50")),
        ("030300", "S", Decimal("300.50")),
    ]
    (basis,) = [b for b in found.bases if (b.measure, b.system) == (COMMITTED, "spectrum")]
    assert basis.readable is sql
    assert (basis.as_of is not None) is sql


@SQL
def test_exported_change_orders_balance(*, sql: bool) -> None:
    """They are a measure of their own, beside the original contract."""
    company = ReconciledCompany(sql=sql)
    contract = company.commitment()
    company.exported(contract)
    company.exported(company.change_order(contract, [(PAIRS[1], "55.05", "More")]))
    found = company.reconciled()
    assert found.balanced
    (row,) = rows_of(found, CHANGES)
    assert (row.spot.phase, row.procore, row.spectrum) == (
        "020200",
        Decimal("55.05"),
        Decimal("55.05"),
    )


def test_what_nobody_sent_is_said_to_be_proposed_next() -> None:
    """Before any apply the next one is what is missing."""
    company = ReconciledCompany()
    one_line(company)
    text = "SC-1 Concrete: is proposed to accounting by the next apply"
    assert reasons(company.reconciled(), COMMITTED) == [("not_synced", "100.50", text)]


def test_a_feature_that_is_off_is_out_of_scope() -> None:
    """A company that does not export commitments is told so."""
    company = ReconciledCompany()
    company.settings = company.settings.__class__(
        **{name: getattr(company.settings, name) for name in ("jobs", "cost_codes", "commitments")}
    )
    one_line(company)
    text = "SC-1 Concrete: the settings do not export commitments"
    assert reasons(company.reconciled(), COMMITTED) == [("out_of_scope", "100.50", text)]


def test_what_waits_for_accounting() -> None:
    """It is explained, and does not balance."""
    company = ReconciledCompany()
    one_line(company)
    company.export()
    found = company.reconciled()
    text = "SC-1 Concrete: waits for accounting"
    assert reasons(found, COMMITTED) == [("waiting", "100.50", text)]
    assert found.balance is Balance.EXPLAINED


def test_what_was_rejected_or_taken_back() -> None:
    """With the name and the reason of whoever did it."""
    company = ReconciledCompany()
    refs = [company.commitment(number, [(PAIRS[0], "5", "Part")]) for number in ("A", "B")]
    company.export()
    company.syncer.approvals.reject(refs[0], by=ANNA, why="too dear")
    company.syncer.approvals.retrieve(refs[1], by=SAM)
    assert reasons(company.reconciled(), COMMITTED) == [
        ("rejected", "5.00", "A Concrete: was rejected by accounting (Anna Accountant): too dear"),
        ("retrieved", "5.00", "B Concrete: was taken back by its sender (Sam Sender)"),
    ]


def test_what_is_accepted_is_written_by_the_next_apply() -> None:
    """Until then Spectrum lacks it."""
    company = ReconciledCompany()
    ref = one_line(company)
    company.export()
    company.accept(ref)
    ((cause, _, text),) = reasons(company.reconciled(), COMMITTED)
    assert (cause, text) == (
        "not_synced",
        "SC-1 Concrete: is accepted; the next apply writes it",
    )


def test_what_breaks_a_rule_is_held_with_every_fault() -> None:
    """The faults are those of the plan."""
    company = ReconciledCompany()
    company.commitment(lines=[(PAIRS[0], "7", "Much more than 25 characters here")])
    ((cause, amount, text),) = reasons(company.reconciled(), COMMITTED)
    assert (cause, amount) == ("held", "7.00")
    assert text.startswith("SC-1 Concrete: held, because 1 rule broken: ")


def test_what_spectrum_refused() -> None:
    """The failure is told in Spectrum's words; what was written before counts as there."""
    company = ReconciledCompany()
    ref = company.commitment()
    company.export()
    company.accept(ref)
    company.spectrum_switch(cost_types_without_gl=frozenset({"S"}))
    company.export()
    found = reasons(company.reconciled(), COMMITTED)
    assert {cause for cause, _, _ in found} == {"held"}
    assert all("failed to export" in text for _, _, text in found)


def test_an_edit_in_procore_after_the_export() -> None:
    """What was sent is the measure of it."""
    company = ReconciledCompany()
    ref = one_line(company)
    company.exported(ref)
    (line,) = company.lines_in_procore(ref)
    company.edit_line(ref, line["id"], amount="90.00")
    text = "SC-1 Concrete: edited in Procore after its export; 100.50 was sent"
    assert reasons(company.reconciled(), COMMITTED) == [("drift", "-10.50", text)]


def test_an_edit_in_spectrum_shows_with_sql_only() -> None:
    """Without SQL it is not readable, and the basis says so."""
    for sql in (True, False):
        company = ReconciledCompany(sql=sql)
        ref = one_line(company)
        company.exported(ref)
        spectrum_line(company, "ACME", "SC-1", PAIRS[0], "99.99")
        found = company.reconciled()
        text = "SC-1 Concrete: edited in Spectrum; 100.50 was sent"
        assert reasons(found, COMMITTED) == ([("drift", "0.51", text)] if sql else [])


def spectrum_line(
    company: ReconciledCompany, vendor: str, number: str, pair: tuple[str, str], amount: str
) -> None:
    """Somebody inserts or replaces a line of a subcontract in Spectrum."""
    company.spectrum.add_subcontract_line(
        Vendor_Code=vendor,
        Subcontract_Number=number,
        Phase_Code=pair[0],
        Cost_Type=pair[1],
        Original_Contract_Amount=Decimal(amount),
    )


def test_a_deletion_in_spectrum_shows_with_sql() -> None:
    """The whole amount is missing there."""
    company = ReconciledCompany(sql=True)
    company.exported(one_line(company))
    company.spectrum.remove_subcontract("ACME", "SC-1")
    text = "SC-1 Concrete: deleted in Spectrum; 100.50 was sent"
    assert reasons(company.reconciled(), COMMITTED) == [("drift", "100.50", text)]


def test_a_subcontract_that_somebody_made_in_spectrum() -> None:
    """It is one-sided: subcontracts are not imported."""
    company = ReconciledCompany(sql=True)
    company.exported(one_line(company))
    company.spectrum.add_subcontract(Vendor_Code="BOLT", Subcontract_Number="OWN-1", Job_Number=JOB)
    spectrum_line(company, "BOLT", "OWN-1", PAIRS[1], "33.33")
    text = "subcontract OWN-1 of BOLT was made in Spectrum, and is not imported"
    assert reasons(company.reconciled(), COMMITTED) == [("one_sided", "-33.33", text)]


def test_a_contract_that_procore_no_longer_counts() -> None:
    """A terminated contract is no cost in Procore, whatever Spectrum has."""
    company = ReconciledCompany()
    ref = one_line(company)
    company.exported(ref)
    company.edit_commitment(ref, status="Terminated")
    ((cause, amount, text),) = reasons(company.reconciled(), COMMITTED)
    assert (cause, amount) == ("drift", "-100.50")
    assert "Terminated" in text


def test_jobs_that_are_not_linked_are_left_out_and_named() -> None:
    """Nobody is led to believe that everything was compared."""
    company = ReconciledCompany()
    company.job("25-0999", "Unlinked")
    found = company.reconciled()
    assert found.notes == ("1 job has no active project and is not compared: 25-0999",)


def test_one_job_alone() -> None:
    """The choice of jobs limits what is compared."""
    company = ReconciledCompany()
    one_line(company)
    assert company.syncer.reconcile(jobs=[JOB]).jobs == (JOB,)
    company.job("25-0999", "Other")
    assert company.syncer.reconcile(jobs=["25-0999"]).jobs == ()


@pytest.mark.parametrize(
    ("part", "name"), [("work_order_contracts", "commitments"), ("change_orders", "change orders")]
)
def test_what_may_not_be_read_is_named(part: str, name: str) -> None:
    """The other measures are compared all the same."""
    company = ReconciledCompany()
    company.exported(one_line(company))

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        return Response(status=403) if part in request.url else inner(request)

    company.to_procore.answer = answer
    found = company.reconciled()
    assert found.balanced
    assert any(note.startswith(f"the {name}") for note in found.notes)
