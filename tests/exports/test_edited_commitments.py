"""Commitments that are edited in Procore after they were accepted or exported."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from exporting_company import ANNA, ExportingCompany, three_lines
from small_contractor import held

from procore_spectrum.errors import RefusedError
from procore_spectrum.mapping import GlAccounts
from procore_spectrum.plan.approvals import State
from procore_spectrum.testing.faulty import SimulatedCrash

LABOR = ("010100", "S")
MATERIAL = ("010100", "M")
STEEL = ("020200", "S")


@pytest.fixture
def company() -> ExportingCompany:
    """A fresh company."""
    return ExportingCompany()


def test_an_edit_while_waiting_asks_again(company: ExportingCompany) -> None:
    """What was seen before cannot be accepted any more; what is shown now can."""
    ref = company.commitment()
    company.export()
    seen = company.approval(ref).document.shown
    company.edit_line(ref, company.lines_in_procore(ref)[0]["id"], amount="99.00")
    company.export()
    with pytest.raises(RefusedError, match="changed after it was shown"):
        company.syncer.approvals.accept(ref, by=ANNA, shown=seen)
    company.accept(ref)
    company.export()
    assert company.amounts("SC-1")["010100", "S", ""] == Decimal("99.00")


def test_an_edit_after_the_acceptance_asks_again(company: ExportingCompany) -> None:
    """The acceptance was for something else; nothing is written until the next one."""
    ref = company.commitment()
    company.export()
    company.accept(ref)
    company.edit_line(ref, company.lines_in_procore(ref)[0]["id"], amount="99.00")
    report = company.export()
    assert report.counts["done"] == 0
    assert company.state(ref) is State.READY_TO_EXPORT
    assert company.books["subcontracts"] == []


def test_an_old_plan_does_not_write_what_was_changed(company: ExportingCompany) -> None:
    """A plan from before the edit is refused, although its document was accepted then."""
    ref = company.commitment()
    company.export()
    company.accept(ref)
    plan = company.exports()
    company.edit_commitment(ref, title="Steel")
    company.export()
    report = company.syncer.apply(plan)
    assert report.counts["done"] == 0
    assert company.books["subcontracts"] == []


def test_an_old_plan_does_not_write_other_fields_than_given(company: ExportingCompany) -> None:
    """Accounting gave another number than the plan proposed: a new plan has it."""
    company.commitments_by(gl_accounts=GlAccounts())
    ref = company.commitment()
    plan = company.exports()
    company.syncer.apply(plan)
    company.accept(ref, subcontract_number="XX-7", gl_account="500200")
    report = company.syncer.apply(plan)
    assert report.counts["done"] == report.counts["refused"] == 0
    assert company.books["subcontracts"] == []
    company.export()
    assert company.subcontract("XX-7")["GL_Account"] == "500200"
    assert company.exports().is_empty


@pytest.mark.parametrize("how", ["edit", "add", "remove", "title"])
def test_an_edit_after_the_export_is_held_with_both_values(
    company: ExportingCompany, how: str
) -> None:
    """Spectrum keeps what was accepted; undoing the edit makes the plan empty again."""
    ref = company.commitment()
    company.exported(ref)
    before = company.books
    line = company.lines_in_procore(ref)[2]
    match how:
        case "edit":
            company.edit_line(ref, line["id"], amount="1.00")
            wanted = ("original_contract_amount", Decimal("300.50"), Decimal("1.00"))
        case "add":
            company.add_line(ref, (MATERIAL, "5.00", "Part 4"))
            wanted = ("added", None, "Part 4")
        case "remove":
            company.remove_line(ref, line["id"])
            wanted = ("removed", "ACME/SC-1/030300/S/", None)
        case _:
            company.edit_commitment(ref, title="Steel")
            wanted = ("comment", "Concrete", "Steel")
    found = held(company.exports(), ref.key)
    assert found.code == "edited-after-export"
    assert wanted in [(c.path.rpartition(": ")[2], c.base, c.source) for c in found.changes]
    company.export()
    assert company.books == before
    assert company.state(ref) is State.SYNCED
    if how == "edit":
        company.edit_line(ref, line["id"], amount="300.50")
        assert company.exports().is_empty


def test_a_commitment_that_is_no_longer_approved_is_no_edit(company: ExportingCompany) -> None:
    """The status alone does not change what Spectrum has."""
    ref = company.commitment()
    company.exported(ref)
    company.edit_commitment(ref, status="Terminated")
    assert company.exports().operations == ()


def test_an_edit_in_the_middle_of_an_export(company: ExportingCompany) -> None:
    """A line that Spectrum has is held; one that it has not yet is asked about again."""
    ref = company.commitment(lines=[(MATERIAL, "1.00", "a"), *three_lines()])
    company.export()
    company.accept(ref)
    company.spectrum.lock_record("subcontract_lines")
    company.export()
    company.spectrum.unlock_record("subcontract_lines")
    line = company.lines_in_procore(ref)[0]
    company.edit_line(ref, line["id"], amount="7.00")
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    with pytest.raises(RefusedError) as caught:
        company.accept(ref, subcontract_number="ANOTHER")
    assert [v.code for v in caught.value.violations] == ["fixed"]
    company.accept(ref)
    assert company.export().succeeded
    assert company.amounts("SC-1")["010100", "M", ""] == Decimal("7.00")
    assert len(company.books["subcontracts"]) == 1


def lose_answer(company: ExportingCompany, service: str) -> None:
    """Let the program die after the first call of a service was carried out."""

    def answer(request: Any, inner: Any) -> Any:
        response = inner(request)
        if request.url.endswith(f"/ws/{service}"):
            raise SimulatedCrash(service)
        return response

    company.to_spectrum.answer = answer
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None


@pytest.mark.parametrize("how", ["remove", "recode"])
def test_a_line_in_doubt_cannot_be_taken_away(company: ExportingCompany, how: str) -> None:
    """Spectrum may have it: the rest waits until the change is undone, or nothing is lost."""
    ref = company.commitment()
    company.export()
    company.accept(ref)
    lose_answer(company, "UpdateSubcontractPhases")
    line = company.lines_in_procore(ref)[0]
    if how == "remove":
        company.remove_line(ref, line["id"])
    else:
        company.edit_line(ref, line["id"], **company.code_of(MATERIAL))
    found = held(company.exports(), ref.key)
    assert found.code == "in-doubt"
    company.export()
    assert len(company.amounts("SC-1")) == 1
    if how == "recode":
        company.edit_line(ref, line["id"], **company.code_of(LABOR))
        assert company.export().succeeded
        assert len(company.amounts("SC-1")) == 3


def test_a_header_in_doubt_keeps_its_number(company: ExportingCompany) -> None:
    """After a lost answer and an edit, accounting cannot give the header another number."""
    ref = company.commitment()
    company.export()
    company.accept(ref, subcontract_number="A-1")
    lose_answer(company, "UpdateSubcontract")
    company.edit_commitment(ref, title="Steel")
    company.export()
    with pytest.raises(RefusedError) as caught:
        company.accept(ref, subcontract_number="B-1")
    assert [v.code for v in caught.value.violations] == ["fixed"]
    company.accept(ref)
    assert company.export().succeeded
    assert [row["Subcontract_Number"] for row in company.books["subcontracts"]] == ["A-1"]
    assert company.subcontract("A-1")["Comment"] == "Steel"
