"""What the approval queue must do on any store; see :class:`procore_spectrum.apply.approvals`."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from procore_spectrum.apply.approvals import Approvals, ApprovalSettings, Person
from procore_spectrum.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
)
from procore_spectrum.plan.approvals import Role, State
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import (
    Approval,
    Claim,
    CompanyKey,
    Event,
    EventQuery,
    StateStore,
    StoreChange,
)
from procore_spectrum.testing.clock import FakeClock
from procore_spectrum.testing.conformance.contract import Contract

__all__ = ["ApprovalQueueContract"]

_COMPANY = CompanyKey("598134325658789", "ACM")
_FIRST, _SECOND = Ref("commitment", "77"), Ref("commitment", "78")
_SENDER = Person(name="sam", roles=frozenset({Role.SENDER}))
_APPROVER = Person(name="ann", roles=frozenset({Role.APPROVER}))
_BOTH = Person(name="bo")


def _document(ref: Ref = _FIRST, amount: str = "100.50") -> Document:
    return Document(
        ref=ref,
        feature="commitments",
        title="SC-1 Concrete",
        fields={"vendor_code": "ACME"},
        lines=({"phase_code": "010100", "amount": Decimal(amount)},),
        amount=Decimal(amount),
        needs=(Need(name="number", length=10, space="subcontract/ACME"),),
    )


class ApprovalQueueContract(Contract):
    """Give the fixture ``store``: a fresh store. The queue keeps everything in it."""

    @pytest.fixture
    def handle(self, store: StateStore) -> StateStore:
        """One company's handle."""
        return store.for_company(_COMPANY)

    @pytest.fixture
    def queue(self, handle: StateStore) -> Approvals:
        """The queue of that company."""
        return Approvals(handle, FakeClock())

    def test_a_new_queue_is_empty(self, queue: Approvals) -> None:
        """Nothing waits, and nothing is found."""
        assert list(queue.list_approvals()) == []
        with pytest.raises(NotFoundError):
            queue.get_approval(_FIRST)

    def test_what_is_sent_waits(self, queue: Approvals) -> None:
        """A document waits with who asked and everything that was shown."""
        queue.send(_document(), by=_SENDER)
        (found,) = queue.list_approvals(states={State.READY_TO_EXPORT})
        assert (found.requested_by, found.document.shown) == ("sam", _document().shown)

    def test_an_acceptance_is_kept(self, store: StateStore, queue: Approvals) -> None:
        """Another handle, as after a restart, knows who accepted and what was given."""
        queue.send(_document(), by=_SENDER)
        queue.accept(_FIRST, by=_APPROVER, given={"number": "SC-1"}, why="checked")
        found = Approvals(store.for_company(_COMPANY), FakeClock()).get_approval(_FIRST)
        assert (found.state, found.decided_by, found.why) == (State.ACCEPTED, "ann", "checked")
        assert found.given == {"number": "SC-1"}

    def test_a_number_is_never_given_twice(self, handle: StateStore, queue: Approvals) -> None:
        """What an acceptance gave belongs to its document; another one is refused."""
        for ref in (_FIRST, _SECOND):
            queue.send(_document(ref), by=_SENDER)
        queue.accept(_FIRST, by=_APPROVER, given={"number": "SC-1"})
        with pytest.raises(RefusedError):
            queue.accept(_SECOND, by=_APPROVER, given={"number": "SC-1"})
        assert queue.get_approval(_SECOND).state is State.READY_TO_EXPORT
        claims = list(handle.read_claims("subcontract/ACME"))
        assert claims == [Claim("subcontract/ACME", "SC-1", _FIRST)]

    def test_only_that_role_may_decide(self, queue: Approvals) -> None:
        """A sender cannot accept; the state stays as it was."""
        queue.send(_document(), by=_SENDER)
        with pytest.raises(NotPermittedError):
            queue.accept(_FIRST, by=_SENDER, given={"number": "SC-1"})
        assert queue.get_approval(_FIRST).state is State.READY_TO_EXPORT

    def test_four_eyes(self, handle: StateStore) -> None:
        """With that setting the sender may not accept, whatever the roles."""
        queue = Approvals(handle, FakeClock(), ApprovalSettings(four_eyes=True))
        queue.send(_document(), by=_BOTH)
        with pytest.raises(NotPermittedError):
            queue.accept(_FIRST, by=_BOTH, given={"number": "SC-1"})

    def test_an_approval_that_has_moved_refuses_the_change(self, handle: StateStore) -> None:
        """What was decided about an older state is not written, wholly; the present one may be."""
        waiting = Approval(document=_document(), state=State.READY_TO_EXPORT)
        taken = attrs.evolve(waiting, state=State.RETRIEVED)
        accepted = attrs.evolve(waiting, state=State.ACCEPTED)
        handle.commit(StoreChange(approvals=(waiting,), expected={_FIRST: None}))
        handle.commit(StoreChange(approvals=(taken,), expected={_FIRST: waiting}))
        late = StoreChange(
            approvals=(accepted,),
            expected={_FIRST: waiting},
            claims=(Claim("subcontract/ACME", "SC-1", _FIRST),),
            events=(Event(at=FakeClock().now(), action="accept", ref=_FIRST),),
            facts={"cursor": "1"},
        )
        with pytest.raises(ConflictError):
            handle.commit(late)
        found = handle.read_approval(_FIRST)
        assert found is not None
        assert found.state is State.RETRIEVED
        assert list(handle.read_claims("subcontract/ACME")) == []
        assert list(handle.read_events(EventQuery())) == []
        assert handle.read_fact("cursor") is None
        handle.commit(StoreChange(approvals=(waiting,), expected={_FIRST: found}))

    def test_an_approval_that_was_not_expected_refuses_the_change(self, handle: StateStore) -> None:
        """Two who send the same new document: one does. What is there cannot be new."""
        waiting = Approval(document=_document(), state=State.READY_TO_EXPORT, requested_by="sam")
        handle.commit(StoreChange(approvals=(waiting,), expected={_FIRST: None}))
        late = attrs.evolve(waiting, requested_by="bo")
        with pytest.raises(ConflictError):
            handle.commit(StoreChange(approvals=(late,), expected={_FIRST: None}))
        with pytest.raises(ConflictError):
            handle.commit(StoreChange(approvals=(late,), expected={_SECOND: waiting}))
        found = handle.read_approval(_FIRST)
        assert found is not None
        assert found.requested_by == "sam"

    def test_what_is_impossible_changes_nothing(self, queue: Approvals) -> None:
        """An answered export cannot be answered again."""
        queue.send(_document(), by=_SENDER)
        queue.reject(_FIRST, by=_APPROVER, why="wrong vendor")
        with pytest.raises(ConflictError):
            queue.accept(_FIRST, by=_APPROVER, given={"number": "SC-1"})
        assert queue.get_approval(_FIRST).why == "wrong vendor"

    def test_a_changed_document_is_asked_again(self, queue: Approvals) -> None:
        """An acceptance binds to what was shown."""
        queue.send(_document(), by=_SENDER)
        queue.accept(_FIRST, by=_APPROVER, given={"number": "SC-1"})
        queue.prepare([_document(amount="999.00")], by=_SENDER)
        found = queue.get_approval(_FIRST)
        assert found.state is State.READY_TO_EXPORT
        assert found.document.amount == Decimal("999.00")

    def test_every_step_is_in_the_journal(self, handle: StateStore, queue: Approvals) -> None:
        """Who did what is a chain of lines, in their order."""
        queue.send(_document(), by=_SENDER)
        queue.retrieve(_FIRST, by=_SENDER)
        queue.send(_document(), by=_SENDER)
        queue.accept(_FIRST, by=_APPROVER, given={"number": "SC-1"})
        lines = list(handle.read_events(EventQuery(ref=_FIRST)))
        steps = [(line.action, line.actor) for line in lines]
        assert steps == [
            *(("send", "sam"), ("retrieve", "sam"), ("send", "sam"), ("accept", "ann"))
        ]
        assert list(handle.verify()) == []
