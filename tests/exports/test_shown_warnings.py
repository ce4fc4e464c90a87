"""What an approver is told beside the record: shortened texts, and what nobody can read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from exporting_company import ANNA, CUSTOMER, JOB, SAM, ExportingCompany, three_lines

from procore_spectrum.cli.approvals import _as_json, _lines, _money
from procore_spectrum.errors import RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan import codec
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Reading

LABOR = ("010100", "S")


@pytest.fixture
def company() -> ExportingCompany:
    """A company without SQL access."""
    return ExportingCompany()


def warnings(company: ExportingCompany, ref: Ref) -> list[tuple[str, str]]:
    """Codes and paths of what the approver is told."""
    return [(w.code, w.path) for w in company.approval(ref).document.warnings]


def test_what_cannot_be_read_is_said(company: ExportingCompany) -> None:
    """Without SQL a subcontract of that number would be changed: every face says so."""
    ref = company.commitment()
    company.export()
    assert warnings(company, ref) == [("unread", "")]
    approval = company.approval(ref)
    (shown,) = [line for line in _lines(approval) if line.startswith("    note: ")]
    assert "Spectrum cannot be read" in shown
    assert _as_json(approval)["warnings"] == [str(approval.document.warnings[0])]
    plan = company.exports()
    assert codec.loads(codec.dumps(plan)).documents == plan.documents


def test_a_change_request_is_warned_of_too(company: ExportingCompany) -> None:
    """It would be changed in the same way."""
    contract = company.commitment()
    company.exported(contract)
    ref = company.change_order(contract, [(LABOR, "7.00", "More")])
    company.export()
    assert warnings(company, ref) == [("unread", "")]


def test_a_sequence_of_change_requests_leaves_out_what_spectrum_has() -> None:
    """With SQL; there is nothing to warn of then."""
    company = ExportingCompany(sql=("change_request_lines",))
    company.changes_by(numbering=Numbering(policy="template", text="CR-#"))
    company.spectrum.add_change_request(
        Job_Number=JOB,
        Customer_Code=CUSTOMER,
        Change_Request_Number="CR-1",
        CR_Phase_Code=LABOR[0],
        CR_Cost_Type=LABOR[1],
        Change_Request_Amount="1.00",
    )
    contract = company.commitment()
    company.exported(contract)
    ref = company.change_order(contract, [(LABOR, "7.00", "More")])
    company.export()
    assert company.approval(ref).document.needs[0].proposal == "CR-2"
    assert warnings(company, ref) == []


def test_the_journal_keeps_what_was_warned_of(company: ExportingCompany) -> None:
    """Who accepted it knew."""
    ref = company.commitment()
    company.exported(ref)
    told = {e.action: e.detail.get("warnings") for e in company.syncer.explain(ref)}
    assert told["accept"] is not None
    assert "cannot be read" in told["accept"][0]
    assert told["send"] is None


def test_there_is_nothing_to_warn_of_once_it_is_written(company: ExportingCompany) -> None:
    """The header is ours by then; a retry needs no new answer."""
    ref = company.commitment(lines=[(("010100", "M"), "1.00", "Part"), *three_lines()])
    company.spectrum_switch(cost_types_without_gl=frozenset({"M"}))
    company.export()
    company.accept(ref)
    company.export()
    assert company.state(ref) is State.FAILED
    company.spectrum_switch(cost_types_without_gl=frozenset())
    company.syncer.approvals.retry(ref, by=ANNA)
    assert company.export().succeeded
    assert company.state(ref) is State.SYNCED


def test_a_confirmation_is_demanded_by_setting(company: ExportingCompany) -> None:
    """Then the reason is the confirmation, and without it nothing is accepted."""
    company.approvals_by(confirm_unread=True)
    ref = company.commitment()
    company.export()
    for why in ("", " "):
        with pytest.raises(RefusedError, match="cannot be read"):
            company.syncer.approvals.accept(ref, by=ANNA, why=why)
    assert company.state(ref) is State.READY_TO_EXPORT
    company.syncer.approvals.accept(ref, by=ANNA, why="SC-1 is free, looked at 10:00")
    assert company.export().succeeded
    (event,) = [e for e in company.syncer.explain(ref) if e.action == "accept"]
    assert event.detail["why"] == ["SC-1 is free, looked at 10:00"]


def test_nothing_unread_is_accepted_automatically_then(company: ExportingCompany) -> None:
    """A setting confirms nothing that somebody has to look at."""
    company.approvals_by(confirm_unread=True, automatic=("commitments",))
    ref = company.commitment()
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    company.approvals_by(automatic=("commitments",))
    other = company.commitment("SC-2")
    company.export()
    assert company.state(other) is not State.READY_TO_EXPORT


def test_what_can_be_read_by_now_is_shown_anew(
    company: ExportingCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQL was set up while it waited: the warning goes, with a line in the journal."""
    ref = company.commitment()
    company.export()

    def readable(_: object, kind: str) -> Reading[object]:
        return Reading(items=(), as_of=company.clock.now())

    monkeypatch.setattr("procore_spectrum.features.world.World.erp_records", readable)
    company.export()
    assert warnings(company, ref) == []
    assert company.state(ref) is State.READY_TO_EXPORT
    assert [e.action for e in company.syncer.explain(ref)] == ["send", "change"]


# ---------------------------------------------------------------- shortened texts


def test_what_was_shortened_is_said(company: ExportingCompany) -> None:
    """Header and line, with the whole text, before it is accepted."""
    company.commitments_by(long_text="shorten")
    ref = company.commitment(title="T" * 121, lines=[(LABOR, "1.00", "D" * 26)])
    company.export()
    assert warnings(company, ref)[:2] == [
        ("shortened", "lines[0].bill_description"),
        ("shortened", "comment"),
    ]
    assert "D" * 26 in company.approval(ref).document.warnings[0].message


def test_a_shortened_change_order_says_so(company: ExportingCompany) -> None:
    """Of the description and of the lines."""
    company.changes_by(long_text="shorten")
    contract = company.commitment()
    company.exported(contract)
    ref = company.change_order(contract, [(LABOR, "7.00", "D" * 31)], description="x" * 251)
    company.export()
    assert [found for found in warnings(company, ref) if found[0] == "shortened"] == [
        ("shortened", "cr_description"),
        ("shortened", "lines[0].sub_description"),
    ]


# ---------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("amount", "text"),
    [("12500.00", "12500.00"), ("0.10", "0.10"), ("7", "7.00")],
)
def test_amounts_keep_their_cents(company: ExportingCompany, amount: str, text: str) -> None:
    """Whatever spelling the store has."""
    found = company.commitment(lines=[(LABOR, amount, "Part")])
    company.export()
    item = company.approval(found)
    assert item.document.amount == Decimal(amount)
    assert _as_json(item)["amount"] == text


def test_more_than_cents_are_kept() -> None:
    """Nothing is rounded away."""
    assert _money(Decimal("1.005")) == "1.005"
    assert _money(Decimal("-125E+2")) == "-12500.00"


def test_fields_and_lines_are_in_the_json(company: ExportingCompany) -> None:
    """All that was shown, for faces of other people."""
    ref = company.commitment()
    company.export()
    found = _as_json(company.approval(ref))
    assert found["fields"]["vendor_code"] == "ACME"
    assert [line["phase_code"] for line in found["lines"]] == ["010100", "020200", "030300"]
    assert found["requested_by"] != SAM.name
