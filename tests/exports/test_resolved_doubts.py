"""What no run can look up: a person looks in Spectrum, says so, and the export goes on."""

from __future__ import annotations

from typing import Any

import pytest
from exporting_company import ANNA, SAM, ExportingCompany

from procore_spectrum.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    StoreBusyError,
)
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import LockRequest
from procore_spectrum.testing.faulty import SimulatedCrash

MORE = [(("010100", "S"), "7.00", "More"), (("020200", "S"), "9.00", "Steel")]


@pytest.fixture
def company() -> ExportingCompany:
    """A company with change orders."""
    return ExportingCompany()


def lose(company: ExportingCompany, service: str, *, arrived: bool) -> None:
    """The process dies after, or before, the first call of a service was carried out."""

    def answer(request: Any, inner: Any) -> Any:
        if request.url.endswith(f"/ws/{service}"):
            if arrived:
                inner(request)
            raise SimulatedCrash(service)
        return inner(request)

    company.to_spectrum.answer = answer
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None


def in_doubt(company: ExportingCompany, *, arrived: bool) -> Ref:
    """A change order of which the first line was sent without an answer."""
    contract = company.commitment()
    company.exported(contract)
    ref = company.change_order(contract, MORE, number="CO-1")
    company.export()
    company.accept(ref)
    lose(company, "ARChangeRequest", arrived=arrived)
    assert company.export().counts["unknown"] == 1
    return ref


def record(company: ExportingCompany) -> Ref:
    """The one record in doubt."""
    (found,) = company.syncer.status().in_doubt
    return found.ref


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("by_document", [True, False])
def test_a_person_settles_a_change_request_line(
    company: ExportingCompany,
    *,
    arrived: bool,
    by_document: bool,
) -> None:
    """There: linked. Not there: sent again. Either way each line is in Spectrum once."""
    ref = in_doubt(company, arrived=arrived)
    name = ref if by_document else record(company)
    settled = company.syncer.resolve(name, there=arrived, why="looked at job changes", by=ANNA)
    assert [item.kind for item in settled] == ["change_request_line"]
    assert company.syncer.status().in_doubt == ()
    report = company.export()
    assert report.succeeded, report.render()
    assert company.state(ref) is State.SYNCED
    lines = company.change_request("CO-1")["lines"]
    assert len(lines) == 2
    assert company.exports().is_empty


def test_the_journal_tells_who_looked(company: ExportingCompany) -> None:
    """In the story of the record, and in that of its document."""
    ref = in_doubt(company, arrived=True)
    (name,) = company.syncer.resolve(ref, there=True, why="seen in Spectrum", by=ANNA)
    for story in (ref, name):
        (event,) = [e for e in company.syncer.explain(story) if e.action == "resolved"]
        assert event.actor == ANNA.name
        assert event.detail["why"] == ["seen in Spectrum"]
        assert event.detail["there"] is True
        assert event.detail["target_id"]


def test_the_plan_says_that_there_is_a_way_out(company: ExportingCompany) -> None:
    """The note, and the report of a run that cannot look it up."""
    in_doubt(company, arrived=True)
    assert any("settles with resolve" in note.text for note in company.exports().notes)
    (unknown,) = [o for o in company.export().outcomes if o.state == "unknown"]
    assert "say with resolve" in unknown.message


def test_only_approvers_settle(company: ExportingCompany) -> None:
    """A sender may not; nothing changes."""
    ref = in_doubt(company, arrived=True)
    with pytest.raises(NotPermittedError):
        company.syncer.resolve(ref, there=True, why="seen", by=SAM)
    assert len(company.syncer.status().in_doubt) == 1


@pytest.mark.parametrize("why", ["", "  "])
def test_a_reason_is_demanded(company: ExportingCompany, why: str) -> None:
    """It is the only evidence."""
    ref = in_doubt(company, arrived=True)
    with pytest.raises(RefusedError, match="a reason is needed"):
        company.syncer.resolve(ref, there=True, why=why, by=ANNA)


@pytest.mark.parametrize("name", [Ref("change_order", "1"), Ref("project", "1")])
def test_nothing_is_in_doubt(company: ExportingCompany, name: Ref) -> None:
    """A slip of the pen is told."""
    in_doubt(company, arrived=True)
    with pytest.raises(NotFoundError, match="nothing of"):
        company.syncer.resolve(name, there=True, why="seen", by=ANNA)


def test_a_run_at_work_is_not_disturbed(company: ExportingCompany) -> None:
    """What is being sent at this moment is not in doubt yet."""
    ref = in_doubt(company, arrived=True)
    job = company.approval(ref).document.fields["job_number"]
    handle = company.syncer._store
    lock = handle.lock(LockRequest(name=f"spectrum:{job}", owner="the nightly run"))
    with lock, pytest.raises(StoreBusyError, match="the nightly run"):
        company.syncer.resolve(ref, there=True, why="seen", by=ANNA)
    company.syncer.resolve(ref, there=True, why="seen", by=ANNA)


# ---------------------------------------------------------------- unlinking


def test_an_export_that_never_ended_can_be_unlinked(company: ExportingCompany) -> None:
    """Begun, then deleted in Procore: a person deletes it in Spectrum and says so."""
    ref = company.commitment()
    company.export()
    company.accept(ref)
    lose(company, "UpdateSubcontractPhases", arrived=True)
    assert company.state(ref) is State.EXPORTING
    path = f"/work_order_contracts/{ref.key}?project_id={company.project_id}"
    company.by_hand(path, None, method="DELETE")
    assert company.exports().withdrawals == ()
    company.spectrum.remove_subcontract("ACME", "SC-1")
    company.syncer.unlink(ref, why="deleted on both sides", by=ANNA)
    assert company.state(ref) is State.UNLINKED
    assert company.syncer.status().in_doubt == ()
    assert company.exports().is_empty


def test_a_commitment_with_exported_changes_is_not_unlinked(company: ExportingCompany) -> None:
    """The change requests name its subcontract: they go first."""
    contract = company.commitment()
    company.exported(contract)
    ref = company.change_order(contract, MORE, number="CO-1")
    company.exported(ref)
    for reset in (False, True):
        with pytest.raises(ConflictError, match=ref.key):
            company.syncer.unlink(contract, why="deleted", by=ANNA, reset=reset)
    assert company.state(contract) is State.SYNCED
    company.syncer.unlink(ref, why="deleted", by=ANNA)
    company.syncer.unlink(contract, why="deleted", by=ANNA)
    assert company.state(contract) is State.UNLINKED


def test_the_changes_of_another_commitment_do_not_matter(company: ExportingCompany) -> None:
    """Only those that name its subcontract."""
    contract, other = company.commitment(), company.commitment("SC-2", vendor="BOLT")
    company.export()
    company.accept(contract)
    company.accept(other)
    company.export()
    ref = company.change_order(other, MORE, number="CO-1")
    company.exported(ref)
    company.syncer.unlink(contract, why="deleted", by=ANNA)
    assert company.state(contract) is State.UNLINKED


def test_unlinking_waits_for_no_run(company: ExportingCompany) -> None:
    """While a run is at work on the job, it is refused; nothing is touched."""
    ref = company.commitment()
    company.exported(ref)
    job = company.approval(ref).document.fields["job_number"]
    handle = company.syncer._store
    lock = handle.lock(LockRequest(name=f"procore:{job}", owner="the nightly run"))
    with lock, pytest.raises(StoreBusyError):
        company.syncer.unlink(ref, why="deleted", by=ANNA)
    assert company.state(ref) is State.SYNCED
    assert company.exports().is_empty
