"""How the queue notes the end of writing, in the cases that no export run reaches by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.apply.report import Outcome
from procore_spectrum.apply.report import State as Ending
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing import FakeClock

DOCUMENT = Document(
    ref=Ref("commitment", "7"), feature="commitments", title="Roof", amount=Decimal(1)
)


def accepted() -> Approvals:
    """A queue in which one document is accepted."""
    store = MemoryStore().for_company(CompanyKey("1", "ABC"))
    queue = Approvals(store, FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    queue.send(DOCUMENT, by=Person(name="Paul"))
    queue.accept(DOCUMENT.ref, by=Person(name="Anna"))
    return queue


def outcome(state: Ending) -> Outcome:
    """An operation of the document that ended so."""
    return Outcome(op_id="1", ref=Ref("subcontract", "7"), verb="create", state=state)


def test_what_was_all_there_already_is_synced() -> None:
    """Nothing had to be written, so writing never began; it is synced all the same."""
    queue = accepted()
    queue.finish({DOCUMENT.ref: [outcome("unchanged"), outcome("adopted")]})
    assert queue.get_approval(DOCUMENT.ref).state is State.SYNCED


def test_what_still_waits_stays_accepted() -> None:
    """A line that was not attempted keeps the document open."""
    queue = accepted()
    queue.finish({DOCUMENT.ref: [outcome("unchanged"), outcome("waiting")]})
    assert queue.get_approval(DOCUMENT.ref).state is State.ACCEPTED


def test_an_acceptance_can_be_taken_back() -> None:
    """As long as nothing is written, the approver may still say no."""
    queue = accepted()
    queue.reject(DOCUMENT.ref, by=Person(name="Anna"), why="wrong number")
    assert queue.get_approval(DOCUMENT.ref).state is State.REJECTED
