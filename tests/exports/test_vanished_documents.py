"""What Spectrum has from here, and somebody deleted in Procore: it is told, and never forgotten."""

from __future__ import annotations

import attrs
import pytest
from exporting_company import ANNA, PAIRS
from reconciled_company import ReconciledCompany, reasons, rows_of

from procore_spectrum.errors import RefusedError
from procore_spectrum.features.exporting import linked_projects
from procore_spectrum.features.exporting import rows_of as rows_of_documents
from procore_spectrum.features.vanished import vanished
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.operations import Held
from procore_spectrum.plan.reconciliation import Balance, Measure
from procore_spectrum.plan.records import Ref

SQL = pytest.mark.parametrize("sql", [False, True], ids=["web services", "sql"])
COMMITTED, CHANGES = Measure.COMMITTED_COST, Measure.APPROVED_CHANGES


def one_line(company: ReconciledCompany) -> Ref:
    """A commitment with one line."""
    return company.commitment(lines=[(PAIRS[0], "100.50", "Part")])


def delete(company: ReconciledCompany, document: Ref) -> None:
    """A person deletes it in Procore."""
    kinds = {"commitment": "work_order_contract", "change_order": "change_order"}
    company.procore.remove(kinds[document.kind], int(document.key))


def held(company: ReconciledCompany) -> list[tuple[Ref, str]]:
    """What the plan of the exports holds, and why."""
    return [(op.ref, op.code) for op in company.exports().operations if isinstance(op, Held)]


@SQL
def test_a_deleted_commitment_does_not_balance(*, sql: bool) -> None:
    """Spectrum still has its money, and it came from here: nobody made it there."""
    company = ReconciledCompany(sql=sql)
    ref = one_line(company)
    company.exported(ref)
    delete(company, ref)
    found = company.reconciled()
    assert found.balance is Balance.EXPLAINED
    text = "SC-1 Concrete: Procore no longer has it; what was sent stays in Spectrum"
    assert reasons(found, COMMITTED) == [("drift", "-100.50", text)]


@SQL
def test_a_deleted_change_order_does_not_balance(*, sql: bool) -> None:
    """The contract itself still agrees."""
    company = ReconciledCompany(sql=sql)
    contract = one_line(company)
    company.exported(contract)
    ref = company.change_order(contract, [(PAIRS[0], "55.05", "More")], title="More")
    company.exported(ref)
    delete(company, ref)
    found = company.reconciled()
    assert all(row.agrees for row in rows_of(found, COMMITTED))
    text = "001 More: Procore no longer has it; what was sent stays in Spectrum"
    assert reasons(found, CHANGES) == [("drift", "-55.05", text)]


def test_a_deleted_commitment_stays_in_the_plan() -> None:
    """Nothing can be written, and a person has to settle it, run after run."""
    company = ReconciledCompany()
    ref = one_line(company)
    company.exported(ref)
    delete(company, ref)
    for _ in range(2):
        assert held(company) == [(ref, "vanished")]
        company.export()
    with pytest.raises(RefusedError, match="no longer has it"):
        company.syncer.send(ref)


def test_what_vanished_half_written_is_told_to_accounting_once() -> None:
    """A retry writes none of the rest; the same fault is not added run after run."""
    company = ReconciledCompany()
    ref = company.commitment()
    company.export()
    company.accept(ref)
    company.spectrum_switch(cost_types_without_gl=frozenset({"S"}))
    company.export()
    assert company.state(ref) is State.FAILED
    delete(company, ref)
    company.spectrum_switch(cost_types_without_gl=frozenset())
    company.syncer.approvals.retry(ref, by=ANNA)
    before = company.spectrum.state()
    for _ in range(2):
        company.export()
        assert company.state(ref) is State.READY_TO_EXPORT
        assert [fault.code for fault in company.approval(ref).document.violations] == ["vanished"]
    assert company.spectrum.state() == before
    with pytest.raises(RefusedError):
        company.accept(ref)


def test_a_listing_that_is_not_whole_proves_no_deletion() -> None:
    """Only a complete reading says that something is not there."""
    company = ReconciledCompany()
    ref = one_line(company)
    company.exported(ref)
    delete(company, ref)
    world = company.syncer._world(None)
    (project,) = linked_projects(world)
    rows = rows_of_documents(world, ("subcontract",))
    whole = world.commitments(project.project_id)
    for reading, keys in ((whole, [ref.key]), (attrs.evolve(whole, complete=False), [])):
        found = vanished(world, project, "commitment", reading, rows)
        assert [draft.document.ref.key for draft in found] == keys


@SQL
@pytest.mark.parametrize("kind", ["commitment", "change_order"])
def test_a_deleted_document_can_be_unlinked(kind: str, *, sql: bool) -> None:
    """Deleted in both systems, it has no mark that could be cleared, and is forgotten."""
    company = ReconciledCompany(sql=sql)
    ref = contract = one_line(company)
    company.exported(contract)
    if kind == "change_order":
        ref = company.change_order(contract, [(PAIRS[0], "55.05", "More")])
        company.exported(ref)
        company.spectrum.remove_change_request("25-0101", "CITY", "001")
    else:
        company.spectrum.remove_subcontract("ACME", "SC-1")
    delete(company, ref)
    company.syncer.unlink(ref, by=ANNA, why="deleted in both systems")
    assert company.state(ref) is State.UNLINKED
    assert held(company) == []
    assert company.reconciled().balanced
