"""Vendors and jobs on their way into Procore: staged, invalid, imported, archived, restored."""

from __future__ import annotations

import pytest
from small_contractor import Contractor

from procore_spectrum.apply.staging import StagedRecord
from procore_spectrum.errors import ConflictError
from procore_spectrum.plan.imports import IMPORT_TRANSITIONS, ImportEvent, ImportState
from procore_spectrum.plan.records import Ref

BIRCH = Ref("company", "BIRCH")


@pytest.fixture
def pair() -> Contractor:
    """A vendor that waits for a person, because a company resembles it."""
    made = Contractor()
    made.vendor("BIRCH", "Birch Lumber Inc", City="Boise", State="ID")
    made.procore.add_vendor(name="Birch Lumber", city="Boise", state_code="ID", country_code="US")
    return made


def record(pair: Contractor, ref: Ref = BIRCH) -> StagedRecord:
    """One record of the listing of everything."""
    (found,) = [item for item in pair.syncer.staged(everything=True) if item.ref == ref]
    return found


def state(pair: Contractor, ref: Ref = BIRCH) -> ImportState:
    """Where a record stands."""
    return record(pair, ref).state


def bring(pair: Contractor, wanted: ImportState) -> None:
    """Bring the vendor into a state, as people would."""
    if wanted is ImportState.INVALID:
        pair.vendor("BIRCH", "", City="Boise", State="ID")
    if wanted in {ImportState.IMPORTED, ImportState.LEFT_OUT}:
        pair.syncer.create_new(BIRCH)
        pair.run("vendors")
    if wanted in {ImportState.ARCHIVED, ImportState.LEFT_OUT}:
        pair.syncer.ignore(BIRCH, why="not yet")
    assert state(pair) is wanted


def happen(pair: Contractor, event: ImportEvent) -> None:
    """Let an event happen, by the person or the run that causes it."""
    match event:
        case ImportEvent.IMPORT:
            pair.syncer.create_new(BIRCH)
            pair.run("vendors")
        case ImportEvent.BREAK:
            pair.vendor("BIRCH", "", City="Boise", State="ID")
        case ImportEvent.CORRECT:
            pair.vendor("BIRCH", "Birch Lumber Inc", City="Boise", State="ID")
        case ImportEvent.ARCHIVE:
            pair.syncer.ignore(BIRCH, why="one-time vendor")
        case ImportEvent.RESTORE:
            pair.syncer.restore(BIRCH, why="we buy there again")
        case ImportEvent.UNLINK:
            pair.syncer.forget_link(BIRCH, why="wrong company")
            key = "spectrum:ABC:vendor:BIRCH"
            found = pair.row("vendors", origin_id=key)
            pair.procore.edit("vendor", found["id"], origin_id=None, origin_code=None)


@pytest.mark.parametrize(("before", "event"), IMPORT_TRANSITIONS)
def test_every_import_transition_happens(
    pair: Contractor, before: ImportState, event: ImportEvent
) -> None:
    """In every state, everything that is possible leads where the table says."""
    bring(pair, before)
    happen(pair, event)
    assert state(pair) is IMPORT_TRANSITIONS[before, event]


@pytest.mark.parametrize("before", [ImportState.STAGED, ImportState.INVALID, ImportState.IMPORTED])
def test_only_what_was_left_out_is_restored(pair: Contractor, before: ImportState) -> None:
    """There is nothing to take back; the journal stays as it is."""
    bring(pair, before)
    lines = pair.syncer.explain(BIRCH)
    with pytest.raises(ConflictError, match="is not left out"):
        pair.syncer.restore(BIRCH)
    assert pair.syncer.explain(BIRCH) == lines


def test_a_staged_record_tells_what_it_waits_for(pair: Contractor) -> None:
    """The reason, what to do, and whom it resembles."""
    found = record(pair)
    assert (found.title, found.state, found.waits) == (
        "Birch Lumber Inc",
        ImportState.STAGED,
        True,
    )
    assert found.why == "the target has records that may be the same"
    assert found.hint
    assert [hit.title for hit in found.candidates] == ["Birch Lumber"]


def test_what_the_next_run_imports_waits_for_nobody(pair: Contractor) -> None:
    """It is staged until then, without a question."""
    pair.vendor("ACME", "Acme Concrete")
    found = record(pair, Ref("company", "ACME"))
    assert (found.state, found.waits) == (ImportState.STAGED, False)
    assert found.why == "the next apply imports it"


def test_an_archived_record_tells_who_and_why(pair: Contractor) -> None:
    """With name, time and reason; restoring it gives that decision back, once."""
    made = pair.syncer.ignore(BIRCH, why="one-time vendor")
    found = record(pair)
    assert (found.decided_by, found.decided_at, found.why) == (
        "Robin Clerk",
        made.at,
        "one-time vendor",
    )
    assert pair.syncer.restore(BIRCH, why="we buy there again") == made
    with pytest.raises(ConflictError):
        pair.syncer.restore(BIRCH)
    told = [(e.detail["choice"], e.detail["why"]) for e in pair.syncer.explain(BIRCH)]
    assert told == [("ignore", ["one-time vendor"]), ("restore", ["we buy there again"])]


def test_other_decisions_are_no_archive(pair: Contractor) -> None:
    """Only what was left out can be restored."""
    pair.syncer.create_new(BIRCH)
    with pytest.raises(ConflictError):
        pair.syncer.restore(BIRCH)
    assert [d.choice for d in pair.syncer.status().decisions] == ["create"]


def test_the_listing_shows_what_is_open(pair: Contractor) -> None:
    """What is imported or left out only with everything."""
    pair.vendor("ACME", "Acme Concrete")
    pair.run("vendors")
    pair.vendor("BOLT", "Bolt Steel")
    pair.syncer.ignore(Ref("company", "BOLT"))
    pair.job("24-0101")
    assert [str(item.ref) for item in pair.syncer.staged()] == ["company BIRCH", "project 24-0101"]
    found = {str(item.ref): item for item in pair.syncer.staged(everything=True)}
    assert found["company ACME"].state is ImportState.IMPORTED
    assert found["company ACME"].title == "Acme Concrete"
    assert found["company ACME"].target_id
    assert found["company BOLT"].state is ImportState.ARCHIVED


def test_a_job_left_out_is_restored_under_either_spelling(pair: Contractor) -> None:
    """Signs that plans escape do not send it astray."""
    pair.job("10/2")
    pair.syncer.ignore(Ref("project", "10/2"))
    pair.syncer.restore(Ref("project", "10%2F2"))
    assert state(pair, Ref("project", "10%2F2")) is ImportState.STAGED
