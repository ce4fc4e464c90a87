"""What waits for accounting follows its record in Procore: edited, taken back, deleted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from exporting_company import ANNA, JOB, SAM, ExportingCompany
from small_contractor import held

from procore_spectrum.errors import ConflictError, RefusedError
from procore_spectrum.plan import codec
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref

LABOR = ("010100", "S")


@pytest.fixture
def company() -> ExportingCompany:
    """A fresh company."""
    return ExportingCompany()


def waits(company: ExportingCompany) -> Ref:
    """A commitment that waits for accounting."""
    ref = company.commitment()
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    return ref


def failed(company: ExportingCompany) -> Ref:
    """A commitment whose header is written, and whose only line was refused."""
    ref = company.commitment(lines=[(("010100", "M"), "1.00", "Part")])
    company.spectrum_switch(cost_types_without_gl=frozenset({"M"}))
    company.export()
    company.accept(ref)
    company.export()
    assert company.state(ref) is State.FAILED
    return ref


def make_wrong(company: ExportingCompany, ref: Ref) -> None:
    """A person writes a description that Spectrum cannot take."""
    (line, *_) = company.lines_in_procore(ref)
    company.edit_line(ref, line["id"], description="x" * 26)


def codes(company: ExportingCompany, ref: Ref) -> list[str]:
    """What the queue says is wrong."""
    return [violation.code for violation in company.approval(ref).document.violations]


# ---------------------------------------------------------------- edited


@pytest.mark.parametrize("state", [State.READY_TO_EXPORT, State.ACCEPTED])
def test_what_became_wrong_is_shown_and_cannot_be_accepted(
    company: ExportingCompany, state: State
) -> None:
    """The queue shows the new version with its faults; acceptance names them."""
    ref = waits(company)
    old = company.approval(ref).document.shown
    if state is State.ACCEPTED:
        company.accept(ref)
    make_wrong(company, ref)
    plan = company.exports()
    assert not plan.is_empty
    assert f"shown to accounting anew: commitment {ref.key} SC-1 Concrete: 1 rule broken" in (
        plan.render()
    )
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    assert company.approval(ref).document.shown != old
    assert codes(company, ref) == ["too-long"]
    with pytest.raises(RefusedError) as caught:
        company.accept(ref)
    assert [violation.code for violation in caught.value.violations] == ["too-long"]
    company.export()
    assert company.books["subcontracts"] == []
    assert company.exports().is_empty


def test_what_was_corrected_can_be_accepted_again(company: ExportingCompany) -> None:
    """The faults leave the queue with the correction, also when it is the version shown first."""
    ref = waits(company)
    make_wrong(company, ref)
    company.export()
    (line, *_) = company.lines_in_procore(ref)
    company.edit_line(ref, line["id"], description="Part 1")
    company.export()
    assert codes(company, ref) == []
    company.exported(ref)


def test_a_fault_outside_of_the_record_is_shown_too(company: ExportingCompany) -> None:
    """The record looks the same, but a setting forbids it now: an acceptance is void."""
    ref = company.commitment(lines=[(LABOR, "1.00", "Part"), (("010100", "M"), "5.00", "More")])
    company.export()
    company.accept(ref)
    shown = company.approval(ref).document.shown
    company.commitments_by(one_cost_type=True)
    company.export()
    assert company.approval(ref).document.shown == shown
    assert len(codes(company, ref)) == 1
    assert company.state(ref) is State.READY_TO_EXPORT
    company.commitments_by(one_cost_type=False)
    company.export()
    assert codes(company, ref) == []


def test_a_failed_export_that_was_edited_is_asked_about_again(company: ExportingCompany) -> None:
    """As documented: edit the record, run apply, and accounting is asked by itself."""
    ref = failed(company)
    assert company.exports().is_empty
    (line,) = company.lines_in_procore(ref)
    company.edit_line(ref, line["id"], amount="3.00")
    assert not company.exports().is_empty
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    company.spectrum_switch(cost_types_without_gl=frozenset())
    company.exported(ref)
    assert company.amounts("SC-1") == {("010100", "M", ""): Decimal("3.00")}


def test_an_old_plan_does_not_bring_the_old_version_back(company: ExportingCompany) -> None:
    """Accepted as it is now, an older plan writes nothing and asks again; the next one follows."""
    ref = waits(company)
    before = company.exports()
    (line, *_) = company.lines_in_procore(ref)
    company.edit_line(ref, line["id"], amount="90.00")
    company.export()
    company.accept(ref)
    company.syncer.apply(before)
    assert company.books["subcontracts"] == []
    company.export()
    assert company.books["subcontracts"] == []
    assert company.state(ref) is State.READY_TO_EXPORT
    company.exported(ref)
    assert company.amounts("SC-1")["010100", "S", ""] == Decimal("90.00")


# ---------------------------------------------------------------- no longer exportable


@pytest.mark.parametrize("state", [State.READY_TO_EXPORT, State.ACCEPTED])
def test_a_record_that_left_the_statuses_is_withdrawn(
    company: ExportingCompany, state: State
) -> None:
    """Back to draft in Procore: it leaves the queue, with who and why, and is not accepted."""
    ref = waits(company)
    if state is State.ACCEPTED:
        company.accept(ref)
    company.edit_commitment(ref, status="Draft")
    plan = company.exports()
    assert [(item.ref, item.why) for item in plan.withdrawals] == [(ref, "its status is Draft")]
    assert f"withdrawn from accounting: commitment {ref.key}: its status is Draft" in plan.render()
    assert not plan.is_empty
    company.syncer.apply(codec.loads(codec.dumps(plan)))
    assert company.state(ref) is State.NOT_SENT
    assert company.approval(ref).message == "its status is Draft"
    event = company.syncer.explain(ref)[-1]
    assert (event.action, event.actor) == ("withdraw", "procore-spectrum")
    assert event.detail["why"] == ["its status is Draft"]
    with pytest.raises(ConflictError):
        company.syncer.approvals.accept(ref, by=ANNA)
    company.export()
    assert company.books["subcontracts"] == []
    assert company.exports().is_empty


def test_what_comes_back_is_sent_anew(company: ExportingCompany) -> None:
    """Approved again it waits again; the old acceptance counts for nothing."""
    ref = waits(company)
    company.accept(ref)
    company.edit_commitment(ref, status="Draft")
    company.export()
    company.edit_commitment(ref, status="Approved")
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    assert company.approval(ref).given == {}
    company.exported(ref)


def test_a_deleted_record_is_withdrawn(company: ExportingCompany) -> None:
    """Deleted in Procore: nobody can accept it any more."""
    ref = waits(company)
    company.by_hand(
        f"/work_order_contracts/{ref.key}?project_id={company.project_id}", None, method="DELETE"
    )
    company.export()
    assert company.state(ref) is State.NOT_SENT
    assert company.approval(ref).message == "no linked project has it any more"


def test_a_run_for_another_job_takes_nothing_back(company: ExportingCompany) -> None:
    """A run that does not look at the record's job leaves it in the queue."""
    company.job("25-0202", "Other")
    ref = waits(company)
    company.edit_commitment(ref, status="Draft")
    plan = company.plan("commitments", jobs=["25-0202"])
    assert plan.withdrawals == ()
    plan = company.plan("commitments", jobs=[JOB])
    assert [item.ref for item in plan.withdrawals] == [ref]


def test_a_run_without_the_feature_takes_nothing_back(company: ExportingCompany) -> None:
    """Only a run that exports commitments can tell that one is gone."""
    ref = waits(company)
    company.edit_commitment(ref, status="Draft")
    assert company.plan("vendors", "change_orders").withdrawals == ()
    assert company.state(ref) is State.READY_TO_EXPORT


def test_an_answer_is_not_overwritten_by_a_late_plan(company: ExportingCompany) -> None:
    """What its sender has taken back meanwhile stays as it is."""
    ref = waits(company)
    company.edit_commitment(ref, status="Draft")
    plan = company.exports()
    company.syncer.approvals.retrieve(ref, by=SAM)
    company.syncer.apply(plan)
    assert company.state(ref) is State.RETRIEVED


def test_what_was_begun_is_never_withdrawn(company: ExportingCompany) -> None:
    """Half of it is in Spectrum: it stays where it is until a person settles it."""
    ref = failed(company)
    company.edit_commitment(ref, status="Draft")
    assert company.exports().withdrawals == ()
    assert company.state(ref) is State.FAILED


def test_a_change_order_that_is_void_is_withdrawn(company: ExportingCompany) -> None:
    """Change orders leave the queue in the same way."""
    contract = company.commitment()
    company.exported(contract)
    ref = company.change_order(contract, [(LABOR, "7.00", "More")])
    company.export()
    assert company.state(ref) is State.READY_TO_EXPORT
    company.procore.edit("change_order", int(ref.key), status="void")
    company.export()
    assert (company.state(ref), company.approval(ref).message) == (
        State.NOT_SENT,
        "its status is void",
    )


# ---------------------------------------------------------------- what the plan tells


def states(plan: Plan) -> set[str]:
    """The states of all operations, as scripts read them."""
    return {op["state"] for op in codec.to_json(plan)["operations"]}


def test_the_plan_says_what_waits(company: ExportingCompany) -> None:
    """In JSON, operations wait until accounting has accepted them, and are ready then."""
    ref = company.commitment()
    assert states(company.exports()) == {"waiting"}
    company.export()
    plan = company.exports()
    assert states(plan) == {"waiting"}
    assert codec.loads(codec.dumps(plan)).waiting == {ref}
    company.accept(ref)
    assert states(company.exports()) == {"ready"}
    make_wrong(company, ref)
    assert states(company.exports()) == {"held"}


def test_the_queue_is_told_by_the_journal(company: ExportingCompany) -> None:
    """Every change of what is shown has its line."""
    ref = waits(company)
    make_wrong(company, ref)
    company.export()
    assert [line.action for line in company.syncer.explain(ref)] == ["send", "change"]
    assert held(company.exports(), ref.key).code == "preflight"
