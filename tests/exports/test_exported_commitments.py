"""Commitments on their way to Spectrum: sent, decided, written, marked, edited, taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from exporting_company import ANNA, JOB, SAM, ExportingCompany, three_lines
from reconciled_company import ReconciledCompany
from small_contractor import held

from procore_spectrum.errors import NotPermittedError, RefusedError
from procore_spectrum.mapping import GlAccounts, Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref

LABOR = ("010100", "S")
MATERIAL = ("010100", "M")
STEEL = ("020200", "S")


@pytest.fixture
def company() -> ExportingCompany:
    """A fresh company."""
    return ExportingCompany()


def codes(company: ExportingCompany, ref: Ref) -> list[str]:
    """The codes of everything that is wrong with a record."""
    return [v.code for v in held(company.exports(), ref.key).violations]


# ---------------------------------------------------------------- the usual way


def test_nothing_is_written_before_the_acceptance(company: ExportingCompany) -> None:
    """Applying twice sends once, and Spectrum stays as it is."""
    ref = company.commitment()
    before = company.books
    for _ in range(2):
        report = company.export()
        assert report.counts["waiting"] == 8
    assert company.books == before
    assert company.state(ref) is State.READY_TO_EXPORT
    assert [e.action for e in company.syncer.explain(ref)] == ["send"]


def test_an_accepted_commitment_is_written_whole(company: ExportingCompany) -> None:
    """Header, every line, and then the marks; another plan is empty."""
    ref = company.commitment(retainage_percent="7.5", title="  Concrete   works ")
    company.exported(ref)
    header = company.subcontract("SC-1")
    assert {name: header[name] for name in ("Job_Number", "GL_Account", "Comment")} == {
        "Job_Number": JOB,
        "GL_Account": "500100",
        "Comment": "Concrete works",
    }
    assert (header["Retention_Percent"], header["Status_Code"]) == ("7.5", "A")
    assert company.amounts("SC-1") == {
        ("010100", "S", ""): Decimal("100.50"),
        ("020200", "S", ""): Decimal("200.50"),
        ("030300", "S", ""): Decimal("300.50"),
    }
    assert [line["Bill_Description"] for line in header["lines"]] == ["Part 1", "Part 2", "Part 3"]
    row = company.row("work_order_contracts", id=int(ref.key))
    assert row["origin_id"] == "spectrum:ABC:subcontract:ACME:SC-1"
    marks = [line["origin_id"] for line in company.lines_in_procore(ref)]
    assert all(mark.startswith("spectrum:ABC:subcontract_line:ACME:SC-1:") for mark in marks)
    assert company.exports().is_empty


def test_the_journal_tells_the_story(company: ExportingCompany) -> None:
    """Who sent, who accepted, when it began and ended."""
    ref = company.commitment()
    company.exported(ref)
    assert [(e.action, e.actor) for e in company.syncer.explain(ref)] == [
        ("send", "Robin Clerk"),
        ("accept", "Anna Accountant"),
        ("begin", "procore-spectrum"),
        ("succeed", "procore-spectrum"),
    ]


def test_a_purchase_order_is_a_subcontract(company: ExportingCompany) -> None:
    """Purchase orders go the same way, and are marked where they are."""
    ref = company.commitment("PO-1", kind="purchase_order", status="Approved")
    company.exported(ref)
    assert len(company.amounts("PO-1")) == 3
    row = company.row("purchase_order_contracts", id=int(ref.key))
    assert row["origin_id"] == "spectrum:ABC:subcontract:ACME:PO-1"
    assert all(line["origin_id"] for line in company.lines_in_procore(ref, "purchase_order"))
    assert company.exports().is_empty


def test_drafts_are_left_alone(company: ExportingCompany) -> None:
    """Only the statuses of the settings are exported."""
    company.commitment(status="Draft")
    assert company.exports().operations == ()
    company.commitments_by(statuses=("Draft",))
    assert len(company.exports().todo) == 8


def test_many_lines_pass_the_guards() -> None:
    """A contract of thirty lines is no runaway change."""
    pairs = [(f"{n:02}0100", "S") for n in range(1, 31)]
    company = ExportingCompany(pairs=pairs)
    ref = company.commitment(lines=[(pair, "5.00", "Part") for pair in pairs])
    company.exported(ref)
    assert len(company.amounts("SC-1")) == 30


# ---------------------------------------------------------------- rejected, retrieved


def test_a_rejected_commitment_is_corrected_and_sent_again(company: ExportingCompany) -> None:
    """It is held with the reason until somebody sends it; then the correction is exported."""
    ref = company.commitment()
    company.export()
    company.syncer.approvals.reject(ref, by=ANNA, why="part 1 is too dear")
    found = held(company.exports(), ref.key)
    assert (found.code, found.message) == (
        "rejected",
        "accounting has rejected it: part 1 is too dear",
    )
    (line, *_) = company.lines_in_procore(ref)
    company.edit_line(ref, line["id"], amount="90.00")
    company.export()
    assert company.state(ref) is State.REJECTED
    assert company.books["subcontracts"] == []
    company.syncer.send(ref, by=SAM)
    company.accept(ref)
    company.export()
    assert company.amounts("SC-1")["010100", "S", ""] == Decimal("90.00")
    assert company.state(ref) is State.SYNCED


def test_a_retrieved_commitment_stays_back(company: ExportingCompany) -> None:
    """Its sender takes it back; it cannot be accepted until it is sent again."""
    ref = company.commitment()
    company.export()
    company.syncer.approvals.retrieve(ref, by=SAM)
    assert held(company.exports(), ref.key).code == "retrieved"
    company.export()
    assert company.state(ref) is State.RETRIEVED
    company.syncer.send(ref, by=SAM)
    company.exported(ref)


# ---------------------------------------------------------------- what is wrong with it


def test_everything_wrong_is_listed_together(company: ExportingCompany) -> None:
    """Three violations at once, each with its path and a remedy; nothing is sent."""
    ref = company.commitment(
        lines=[(LABOR, "1.00", "x" * 26), (STEEL, "12345678901.00", "fine")],
        retainage_percent="7.25",
    )
    found = held(company.exports(), ref.key)
    assert found.code == "preflight"
    assert [(v.code, v.path) for v in found.violations] == [
        ("retention-precision", "retention_percent"),
        ("too-long", "lines[0].bill_description"),
        ("out-of-range", "lines[1].original_contract_amount"),
    ]
    assert all(v.hint for v in found.violations)
    company.export()
    assert company.syncer.approvals.list_approvals() == []


def test_a_vendor_that_is_not_linked(company: ExportingCompany) -> None:
    """The contract company has to be linked first."""
    stranger = company.procore.add_vendor(name="Stranger")
    ref = company.commitment(vendor="", vendor_id=stranger["id"])
    assert codes(company, ref) == ["vendor-not-linked"]


def test_no_vendor_at_all(company: ExportingCompany) -> None:
    """A commitment without a contract company is told so."""
    assert "vendor-missing" in codes(company, company.commitment(vendor=""))


def test_a_code_that_is_not_from_spectrum(company: ExportingCompany) -> None:
    """A cost code that somebody made in Procore is named with its line."""
    own = company.procore.add_cost_code(project_id=company.project_id, code="99", name="Own")
    kind = company.row("line_item_types", code="S")
    made = company.procore.add_commitment(
        company.project_id,
        number="SC-1",
        vendor_id=company.vendor_id(),
        status="Approved",
        lines=[
            {"cost_code_id": own["id"], "line_item_type_id": kind["id"], "amount": "5.00"},
        ],
    )
    found = held(company.exports(), str(made["id"]))
    assert [(v.code, v.path) for v in found.violations] == [
        ("cost-code-not-in-spectrum", "lines[0].cost_code")
    ]


def test_an_empty_commitment(company: ExportingCompany) -> None:
    """Without lines there is nothing to export."""
    assert codes(company, company.commitment(lines=[])) == ["no-lines"]


def test_one_cost_type_if_chosen(company: ExportingCompany) -> None:
    """Several cost types are exported, unless the settings want one as the connector does."""
    ref = company.commitment(lines=[(LABOR, "1.00", "a"), (MATERIAL, "2.00", "b")])
    assert len(company.exports().todo) == 6
    company.commitments_by(one_cost_type=True)
    assert codes(company, ref) == ["several-cost-types"]
    company.commitments_by(one_cost_type=False)
    company.exported(ref)
    assert company.amounts("SC-1") == {
        ("010100", "S", ""): Decimal(1),
        ("010100", "M", ""): Decimal(2),
    }


# ---------------------------------------------------------------- lines on one pair

TWICE = [(LABOR, "1.00", "a"), (STEEL, "5.00", "b"), (LABOR, "2.50", "c")]


def test_lines_on_one_pair_are_held(company: ExportingCompany) -> None:
    """By default two lines on one phase and cost type wait for a person."""
    assert codes(company, company.commitment(lines=TWICE)) == ["same-pair"]


def test_lines_on_one_pair_are_merged(company: ExportingCompany) -> None:
    """Their amounts are added; each line in Procore is marked with the line that it became."""
    company.commitments_by(same_pair="merge")
    ref = company.commitment(lines=TWICE)
    company.exported(ref)
    assert company.amounts("SC-1") == {
        ("010100", "S", ""): Decimal("3.50"),
        ("020200", "S", ""): Decimal("5.00"),
    }
    assert all(line["origin_id"] for line in company.lines_in_procore(ref))
    assert company.exports().is_empty


def test_lines_on_one_pair_get_billing_items(company: ExportingCompany) -> None:
    """Each keeps its own line in Spectrum."""
    company.commitments_by(same_pair="billing_items")
    ref = company.commitment(lines=TWICE)
    company.exported(ref)
    assert company.amounts("SC-1") == {
        ("010100", "S", "1"): Decimal("1.00"),
        ("010100", "S", "2"): Decimal("2.50"),
        ("020200", "S", ""): Decimal("5.00"),
    }
    assert company.exports().is_empty


# ---------------------------------------------------------------- failures


def test_a_refused_line_fails_the_export_and_is_retried_alone(company: ExportingCompany) -> None:
    """The message is Spectrum's own; a retry goes on at that line and sends nothing twice."""
    ref = company.commitment(lines=[(MATERIAL, "1.00", "a"), *three_lines()])
    company.spectrum_switch(cost_types_without_gl=frozenset({"M"}))
    company.export()
    company.accept(ref)
    report = company.export()
    assert report.counts["refused"] == 1
    assert company.state(ref) is State.FAILED
    assert "Invalid GL account for job/phase/cost type" in company.approval(ref).message
    assert "Invalid GL account" in held(company.exports(), ref.key).message
    company.spectrum_switch(cost_types_without_gl=frozenset())
    company.syncer.approvals.retry(ref, by=ANNA, why="account is set up")
    sent = len(company.spectrum.calls)
    company.export()
    writes = [c.service for c in company.spectrum.calls[sent:] if c.service.startswith("Update")]
    assert writes == ["UpdateSubcontractPhases"]
    assert company.state(ref) is State.SYNCED
    assert len(company.amounts("SC-1")) == 4


def test_a_locked_record_is_tried_again_by_itself(company: ExportingCompany) -> None:
    """A record that a colleague has open is no failure: the next run goes on."""
    ref = company.commitment()
    company.export()
    company.accept(ref)
    company.spectrum.lock_record("subcontract_lines")
    report = company.export()
    assert report.stopped
    assert company.state(ref) is State.EXPORTING
    assert company.amounts("SC-1") == {}
    company.spectrum.unlock_record("subcontract_lines")
    assert company.export().succeeded
    assert company.state(ref) is State.SYNCED


def test_a_failed_export_can_be_rejected_and_corrected(company: ExportingCompany) -> None:
    """The line that failed gets another code, the rest stays as it was written."""
    ref = company.commitment(lines=[(LABOR, "1.00", "a"), (MATERIAL, "2.00", "b")])
    company.spectrum_switch(cost_types_without_gl=frozenset({"M"}))
    company.export()
    company.accept(ref)
    company.export()
    line = company.lines_in_procore(ref)[1]
    company.edit_line(ref, line["id"], **company.code_of(STEEL))
    company.syncer.approvals.reject(ref, by=ANNA, why="wrong cost type")
    company.syncer.send(ref, by=SAM)
    company.accept(ref)
    assert company.export().succeeded
    assert company.amounts("SC-1") == {
        ("010100", "S", ""): Decimal(1),
        ("020200", "S", ""): Decimal(2),
    }


# ---------------------------------------------------------------- numbers


def test_a_number_that_is_too_long_is_asked_for(company: ExportingCompany) -> None:
    """Eleven characters give no proposal; accounting gives one."""
    ref = company.commitment("SC-12345678")
    company.export()
    with pytest.raises(RefusedError) as caught:
        company.accept(ref)
    assert [(v.code, v.path) for v in caught.value.violations] == [
        ("required", "subcontract_number")
    ]
    company.exported(ref, subcontract_number="SC-1234567")
    assert len(company.amounts("SC-1234567")) == 3


def test_one_number_for_two_records_is_refused(company: ExportingCompany) -> None:
    """Numbers are unique per vendor: the second is not proposed, and not taken."""
    company.commitments_by(numbering=Numbering(policy="last", keep=3))
    one, two = company.commitment("A-100"), company.commitment("B-100")
    other = company.commitment("C-100", vendor="BOLT")
    company.export()
    proposals = {ref: company.approval(ref).document.needs[0].proposal for ref in (one, two, other)}
    assert proposals == {one: "100", two: None, other: "100"}
    company.accept(one)
    with pytest.raises(RefusedError) as caught:
        company.accept(two, subcontract_number="100")
    assert [v.code for v in caught.value.violations] == ["number-taken"]
    company.accept(two, subcontract_number="101")
    company.accept(other)
    assert company.export().succeeded
    assert len(company.books["subcontracts"]) == 3


def test_a_number_is_never_used_again(company: ExportingCompany) -> None:
    """Not even after the record was deleted in Spectrum and unlinked here."""
    company.commitments_by(numbering=Numbering(policy="template", text="SC-##"))
    ref = company.commitment()
    company.exported(ref)
    company.spectrum.remove_subcontract("ACME", "SC-01")
    company.syncer.unlink(ref, why="deleted in Spectrum", by=ANNA)
    assert held(company.exports(), ref.key).code == "unlinked"
    other = company.commitment("X")
    company.export()
    with pytest.raises(RefusedError) as caught:
        company.accept(other, subcontract_number="SC-01")
    assert [v.code for v in caught.value.violations] == ["number-taken"]
    company.exported(other)
    assert [row["Subcontract_Number"] for row in company.books["subcontracts"]] == ["SC-02"]


def test_an_unlinked_commitment_can_be_exported_anew(company: ExportingCompany) -> None:
    """Its marks are gone, it may be edited, and it keeps its number."""
    ref = company.commitment()
    company.exported(ref)
    company.spectrum.remove_subcontract("ACME", "SC-1")
    company.syncer.unlink(ref, why="deleted in Spectrum", by=ANNA)
    assert not company.row("work_order_contracts", id=int(ref.key))["origin_id"]
    company.edit_line(ref, company.lines_in_procore(ref)[0]["id"], amount="1.00")
    company.syncer.send(ref, by=SAM)
    company.accept(ref)
    assert company.export().succeeded
    assert company.amounts("SC-1")["010100", "S", ""] == Decimal("1.00")
    assert company.exports().is_empty


# ---------------------------------------------------------------- who decides


def test_four_eyes(company: ExportingCompany) -> None:
    """Whoever's run sent the commitment cannot accept it."""
    company.approvals_by(four_eyes=True)
    ref = company.commitment()
    company.export()
    with pytest.raises(NotPermittedError):
        company.syncer.approvals.accept(ref, by=type(ANNA)(name="Robin Clerk"))
    company.accept(ref)
    assert company.state(ref) is State.ACCEPTED


def test_automatic_exports_need_nobody(company: ExportingCompany) -> None:
    """One run sends, accepts by the setting, writes and marks."""
    company.approvals_by(automatic=("commitments",))
    ref = company.commitment()
    assert company.export().succeeded
    assert company.state(ref) is State.SYNCED
    assert [e.actor for e in company.syncer.explain(ref) if e.action == "accept"] == ["settings"]


@pytest.mark.parametrize(
    "choices",
    [
        {"numbering": Numbering(policy="by_hand")},
        {"gl_accounts": GlAccounts()},
        {"gl_accounts": GlAccounts(default="5001.00")},
    ],
)
def test_automatic_exports_ask_for_what_they_lack(
    company: ExportingCompany, choices: dict[str, Any]
) -> None:
    """Without a usable number or account the commitment waits for a person."""
    company.approvals_by(automatic=("commitments",))
    company.commitments_by(**choices)
    ref = company.commitment()
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    company.exported(ref, subcontract_number="SC-1", gl_account="500100")


def test_two_automatic_commitments_of_one_number(company: ExportingCompany) -> None:
    """The first takes the number; the second falls back to the queue."""
    company.approvals_by(automatic=("commitments",))
    company.commitments_by(numbering=Numbering(policy="last", keep=3))
    one, two = company.commitment("A-100"), company.commitment("B-100")
    company.export()
    assert (company.state(one), company.state(two)) == (State.SYNCED, State.READY_TO_EXPORT)


def test_an_old_plan_of_automatic_commitments(company: ExportingCompany) -> None:
    """A proposal that was given away since the plan was made waits for a person."""
    company.commitments_by(numbering=Numbering(policy="last", keep=3))
    two = company.commitment("B-100")
    plan = company.exports()
    one = company.commitment("A-100")
    company.commitments_by(numbering=Numbering(policy="by_hand"))
    company.export()
    company.accept(one, subcontract_number="100")
    company.approvals_by(automatic=("commitments",))
    company.syncer.apply(plan)
    assert company.state(two) is State.READY_TO_EXPORT


def test_a_line_deleted_in_procore_does_not_stop_unlinking(company: ExportingCompany) -> None:
    """Its mark went with it; the others are cleared."""
    ref = company.commitment()
    company.exported(ref)
    gone, *_ = company.lines_in_procore(ref)
    company.remove_line(ref, gone["id"])
    company.spectrum.remove_subcontract("ACME", "SC-1")
    company.syncer.unlink(ref, why="deleted in Spectrum", by=ANNA)
    assert company.state(ref) is State.UNLINKED
    assert not any(line["origin_id"] for line in company.lines_in_procore(ref))
    assert not company.row("work_order_contracts", id=int(ref.key))["origin_id"]


@pytest.mark.parametrize("sql", [False, True], ids=["web services", "sql"])
def test_capitals_do_not_make_another_number(*, sql: bool) -> None:
    """Spectrum may not tell them apart, and the second contract would change the first."""
    company = ReconciledCompany(sql=sql)
    if sql:
        company.spectrum.add_subcontract(
            Vendor_Code="ACME", Subcontract_Number="SC-1", Job_Number=JOB
        )
    else:
        company.exported(company.commitment("SC-1"))
    second = company.commitment("sc-1")
    company.export()
    if sql:
        assert [op.code for op in company.exports().held] == ["collision"]
    else:
        with pytest.raises(RefusedError) as caught:
            company.accept(second, subcontract_number="sc-1")
        assert [fault.code for fault in caught.value.violations] == ["number-taken"]
