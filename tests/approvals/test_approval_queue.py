"""The queue: who may decide what, what is recorded, and what may be written afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from approval_documents import ACCOUNT, FAULT, NUMBER, OTHER, REF, document

from procore_spectrum.apply.approvals import Approvals, ApprovalSettings, Person
from procore_spectrum.apply.report import Outcome
from procore_spectrum.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    ProcoreSpectrumError,
    RefusedError,
    Violation,
)
from procore_spectrum.plan.approvals import TRANSITIONS, Event, Role, State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.operations import Create, Held, Link, Operation
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Claim,
    CompanyKey,
    Crosswalk,
    EventQuery,
    StateStore,
    StoreChange,
)
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing import FakeClock

SAM = Person(name="Sam", roles=frozenset({Role.SENDER}))
ANNA = Person(name="Anna", roles=frozenset({Role.APPROVER}))
BOTH = Person(name="Robin")
ACCEPTED = {"gl_account": "500100"}
READY = document(needs=(NUMBER,))


class Queue:
    """A queue on a fresh store."""

    def __init__(self, **settings: Any) -> None:
        self.store: StateStore = MemoryStore().for_company(CompanyKey("1", "ABC"))
        self.clock = FakeClock()
        self.approvals = Approvals(self.store, self.clock, ApprovalSettings(**settings))

    def put(self, state: State, found: Document = READY, **changes: Any) -> None:
        """Put an export into a state, whatever led there."""
        approval = Approval(document=found, state=state, requested_by="Sam", **changes)
        self.store.commit(StoreChange(approvals=(approval,)))

    def state(self, ref: Ref = REF) -> State:
        """Where an export stands."""
        return self.approvals.get_approval(ref).state

    def journal(self, ref: Ref = REF) -> list[tuple[str, str]]:
        """What was done, by whom."""
        return [(e.action, e.actor) for e in self.store.read_events(EventQuery(ref=ref))]


@pytest.fixture
def queue() -> Queue:
    """A queue with the usual settings."""
    return Queue()


def happen(queue: Queue, event: Event, by: Person) -> None:
    """Let a person cause an event."""
    approvals = queue.approvals
    match event:
        case Event.SEND:
            approvals.send(READY, by=by)
        case Event.RETRIEVE:
            approvals.retrieve(REF, by=by, why="a mistake")
        case Event.REJECT:
            approvals.reject(REF, by=by, why="wrong account")
        case Event.ACCEPT:
            approvals.accept(REF, by=by, why="as agreed")
        case Event.RETRY:
            approvals.retry(REF, by=by, why="period opened")
        case Event.UNLINK:
            approvals.unlink(REF, by=by, why="deleted there", verified=False)


BY_PEOPLE = [Event.SEND, Event.RETRIEVE, Event.REJECT, Event.ACCEPT, Event.RETRY, Event.UNLINK]


@pytest.mark.parametrize("event", BY_PEOPLE)
@pytest.mark.parametrize("state", State)
def test_people_cause_what_is_possible(queue: Queue, state: State, event: Event) -> None:
    """In every state, every event of people is carried out and recorded, or changes nothing."""
    queue.put(state)
    way = TRANSITIONS.get((state, event))
    if way is None:
        before = queue.approvals.get_approval(REF)
        with pytest.raises(ConflictError):
            happen(queue, event, BOTH)
        assert queue.approvals.get_approval(REF) == before
        assert queue.journal() == []
        assert queue.store.read_claims(NUMBER.space) == ()
    else:
        happen(queue, event, BOTH)
        assert queue.state() is way.to
        assert queue.journal() == [(event.value, "Robin")]


@pytest.mark.parametrize(
    ("state", "event"),
    [pair for pair, way in TRANSITIONS.items() if way.role is not Role.CONNECTOR],
)
def test_the_other_role_may_not(queue: Queue, state: State, event: Event) -> None:
    """Whoever lacks the role is refused, told whom to ask, and nothing changes."""
    queue.put(state)
    wrong = ANNA if TRANSITIONS[state, event].role is Role.SENDER else SAM
    with pytest.raises(NotPermittedError, match=wrong.name) as caught:
        happen(queue, event, wrong)
    assert TRANSITIONS[state, event].role.value in caught.value.hint
    assert queue.state() is state
    assert queue.journal() == []


# ---------------------------------------------------------------- looking


def test_what_was_never_sent_is_not_there(queue: Queue) -> None:
    """An unknown export says how it gets into the queue."""
    with pytest.raises(NotFoundError, match="not in the queue"):
        queue.approvals.get_approval(REF)


def test_the_queue_is_listed_by_state(queue: Queue) -> None:
    """All exports, or those in some states."""
    queue.approvals.send(READY, by=SAM)
    queue.approvals.send(document(OTHER, needs=()), by=SAM)
    queue.approvals.reject(OTHER, by=ANNA)
    listed = queue.approvals.list_approvals
    assert [a.ref for a in listed()] == [REF, OTHER]
    assert [a.ref for a in listed(states=[State.REJECTED])] == [OTHER]
    assert list(listed(states=[State.SYNCED])) == []


# ---------------------------------------------------------------- what is recorded


def test_sending_is_recorded(queue: Queue) -> None:
    """Who sent it and when; a new sending forgets the answer before."""
    queue.put(State.REJECTED, decided_by="Anna", why="no", given={"gl_account": "1"}, message="x")
    found = queue.approvals.send(READY, by=SAM)
    assert (found.requested_by, found.requested_at) == ("Sam", queue.clock.now())
    assert (found.why, dict(found.given), found.message) == ("", {}, "")


def test_a_document_with_faults_is_not_sent(queue: Queue) -> None:
    """Every fault is named, and nothing is in the queue."""
    with pytest.raises(RefusedError) as caught:
        queue.approvals.send(document(violations=(FAULT, FAULT)), by=SAM)
    assert caught.value.violations == (FAULT, FAULT)
    assert queue.approvals.list_approvals() == []


def test_an_answer_is_recorded(queue: Queue) -> None:
    """Who answered, when and why, what was given, and the digest of what was shown."""
    queue.approvals.send(document(), by=SAM)
    queue.clock.advance(60)
    given = {"gl_account": "500100"}
    found = queue.approvals.accept(REF, by=ANNA, given=given, why="as agreed")
    assert (found.decided_by, found.decided_at, found.why) == (
        "Anna",
        queue.clock.now(),
        "as agreed",
    )
    assert found.given == {"gl_account": "500100", "subcontract_number": "SC-1"}
    event = queue.store.read_events(EventQuery(ref=REF, action="accept"))[0]
    assert event.detail == {
        "from": "ready_to_export",
        "to": "accepted",
        "why": ["as agreed"],
        "shown": document().shown,
        "given": {"gl_account": "500100", "subcontract_number": "SC-1"},
    }


def test_an_acceptance_claims_its_number(queue: Queue) -> None:
    """The number belongs to the record from then on; another record cannot have it."""
    queue.approvals.send(READY, by=SAM)
    queue.approvals.send(document(OTHER, needs=(NUMBER,)), by=SAM)
    queue.approvals.accept(REF, by=ANNA, given={"subcontract_number": " SC-7 "})
    assert queue.store.read_claims(NUMBER.space) == (Claim(NUMBER.space, "SC-7", REF),)
    with pytest.raises(RefusedError) as caught:
        queue.approvals.accept(OTHER, by=ANNA, given={"subcontract_number": "SC-7"})
    assert [v.code for v in caught.value.violations] == ["number-taken"]
    assert queue.state(OTHER) is State.READY_TO_EXPORT


def test_a_rejection_does_not_free_a_number(queue: Queue) -> None:
    """Spectrum may have it all the same, if the export had begun; it is never given again."""
    queue.approvals.send(READY, by=SAM)
    queue.approvals.send(document(OTHER, needs=(NUMBER,)), by=SAM)
    queue.approvals.accept(REF, by=ANNA, given={"subcontract_number": "SC-7"})
    queue.approvals.reject(REF, by=ANNA, why="the wrong vendor")
    with pytest.raises(RefusedError) as caught:
        queue.approvals.accept(OTHER, by=ANNA, given={"subcontract_number": "SC-7"})
    assert [v.code for v in caught.value.violations] == ["number-taken"]


def test_an_optional_field_may_stay_blank(queue: Queue) -> None:
    """Nothing is claimed or remembered for it."""
    optional = attrs.evolve(NUMBER, required=False, proposal=None)
    queue.approvals.send(document(needs=(optional,)), by=SAM)
    assert queue.approvals.accept(REF, by=ANNA).given == {}
    assert queue.store.read_claims(NUMBER.space) == ()


# ---------------------------------------------------------------- what an acceptance binds to


def test_only_what_was_seen_can_be_accepted(queue: Queue) -> None:
    """The digest of an older document is refused; the present one is taken."""
    queue.approvals.send(READY, by=SAM)
    with pytest.raises(RefusedError, match="changed after it was shown"):
        queue.approvals.accept(REF, by=ANNA, shown="0" * 32)
    queue.approvals.accept(REF, by=ANNA, shown=READY.shown)


def test_a_document_with_faults_cannot_be_accepted(queue: Queue) -> None:
    """Even if it came into the queue, its faults are named together with those of the fields."""
    queue.put(State.READY_TO_EXPORT, document(violations=(FAULT,)))
    with pytest.raises(RefusedError) as caught:
        queue.approvals.accept(REF, by=ANNA)
    assert [v.code for v in caught.value.violations] == ["no-lines", "required"]


def test_four_eyes() -> None:
    """Where it is demanded, the sender cannot accept; somebody else can."""
    queue = Queue(four_eyes=True)
    queue.approvals.send(READY, by=BOTH)
    with pytest.raises(NotPermittedError, match="Robin sent"):
        queue.approvals.accept(REF, by=BOTH)
    queue.approvals.accept(REF, by=ANNA)
    assert queue.state() is State.ACCEPTED


# ---------------------------------------------------------------- unlinking


def test_unlinking_forgets_the_links(queue: Queue) -> None:
    """The links that are named go, in the same transaction; the number stays claimed."""
    row = CrosswalkRow(ref=Ref("subcontract", "77"), target_id="ACME/SC-1", base={})
    claim = Claim(NUMBER.space, "SC-1", REF)
    queue.store.commit(StoreChange(links=(row,), claims=(claim,)))
    queue.put(State.SYNCED)
    queue.approvals.unlink(REF, by=ANNA, why="", verified=True, rows=[row.ref])
    assert queue.state() is State.UNLINKED
    assert queue.store.read_links(Crosswalk(kind="subcontract")) == ()
    assert queue.store.read_claims(NUMBER.space) == (claim,)


def test_unlinking_blindly_needs_a_reason(queue: Queue) -> None:
    """Where the ERP cannot be read, a person confirms with a reason."""
    queue.put(State.SYNCED)
    with pytest.raises(RefusedError, match="cannot be read"):
        queue.approvals.unlink(REF, by=ANNA, why="", verified=False)
    assert queue.state() is State.SYNCED


# ---------------------------------------------------------------- what a run does


def test_new_documents_are_sent(queue: Queue) -> None:
    """What is new waits; what has faults is left out; what waits unchanged is left alone."""
    queue.approvals.prepare([READY, document(OTHER, violations=(FAULT,))], by=BOTH)
    queue.approvals.prepare([READY], by=BOTH)
    assert queue.journal() == [("send", "Robin")]
    assert [a.ref for a in queue.approvals.list_approvals()] == [REF]


CHANGED = document(title="Other", needs=(NUMBER,), amount=Decimal(5), fields={"comment": "new"})


@pytest.mark.parametrize(
    ("state", "to"),
    [
        (State.READY_TO_EXPORT, State.READY_TO_EXPORT),
        (State.READY_TO_UPDATE, State.READY_TO_UPDATE),
        (State.ACCEPTED, State.READY_TO_EXPORT),
        (State.EXPORTING, State.READY_TO_EXPORT),
        (State.FAILED, State.READY_TO_EXPORT),
        (State.SYNCED, State.READY_TO_UPDATE),
        (State.REJECTED, State.REJECTED),
        (State.RETRIEVED, State.RETRIEVED),
        (State.UNLINKED, State.UNLINKED),
    ],
)
def test_a_changed_document_is_asked_again(queue: Queue, state: State, to: State) -> None:
    """What was shown or accepted before is shown anew; what a person took back stays there."""
    queue.put(state)
    queue.approvals.prepare([CHANGED], by=BOTH)
    assert queue.state() is to
    kept = state in {State.REJECTED, State.RETRIEVED, State.UNLINKED}
    assert queue.approvals.get_approval(REF).document.shown == (READY if kept else CHANGED).shown


def test_what_is_exported_and_has_faults_now_is_not_sent_again(queue: Queue) -> None:
    """An update with faults stays out of the queue."""
    queue.put(State.SYNCED)
    queue.approvals.prepare([attrs.evolve(CHANGED, violations=(FAULT,))], by=BOTH)
    assert queue.state() is State.SYNCED


def test_a_change_keeps_its_sender(queue: Queue) -> None:
    """The connector notices the change; who asked for the export stays known."""
    queue.approvals.send(READY, by=SAM)
    queue.approvals.prepare([CHANGED], by=BOTH)
    assert queue.approvals.get_approval(REF).requested_by == "Sam"
    assert queue.journal() == [("send", "Sam"), ("change", "procore-spectrum")]


def test_automatic_exports_are_accepted_by_the_settings() -> None:
    """The setting is the recorded decision, also after a change."""
    queue = Queue(automatic=("commitments",))
    queue.approvals.prepare([READY], by=BOTH)
    assert queue.state() is State.ACCEPTED
    queue.approvals.prepare([CHANGED], by=BOTH)
    assert queue.journal() == [
        ("send", "Robin"),
        ("accept", "settings"),
        ("change", "procore-spectrum"),
        ("accept", "settings"),
    ]
    assert queue.approvals.get_approval(REF).why == "commitments is set to automatic"


@pytest.mark.parametrize(
    "found",
    [
        document(needs=(attrs.evolve(NUMBER, proposal=None),)),
        document(needs=(attrs.evolve(NUMBER, proposal="A" * 11),)),
        document(needs=(NUMBER, attrs.evolve(ACCOUNT, proposal="500-100"))),
        document(needs=(attrs.evolve(NUMBER, proposal="SC-9"),)),
        document(needs=(NUMBER,), feature="change_orders"),
    ],
)
def test_what_needs_a_person_waits_for_one(found: Document) -> None:
    """No proposal, one that cannot be used, one that is taken, or another feature: it waits."""
    queue = Queue(automatic=("commitments",))
    queue.store.commit(StoreChange(claims=(Claim(NUMBER.space, "SC-9", OTHER),)))
    queue.approvals.prepare([found], by=BOTH)
    assert queue.state() is State.READY_TO_EXPORT


def test_automatic_stops_at_faults() -> None:
    """A document that was changed into one with faults is not accepted."""
    queue = Queue(automatic=("commitments",))
    queue.put(State.ACCEPTED)
    queue.approvals.prepare([attrs.evolve(CHANGED, violations=(FAULT,))], by=BOTH)
    assert queue.state() is State.READY_TO_EXPORT


# ---------------------------------------------------------------- may it be written?


def operation(**changes: Any) -> Operation:
    """The creation of a header in Spectrum."""
    op = Create(
        feature="commitments",
        ref=Ref("subcontract", "77"),
        title="subcontract SC-1",
        target="spectrum",
        desired={"subcontract_number": "SC-1", "gl_account": None},
        document=REF,
        shown=READY.shown,
    )
    return attrs.evolve(op, **changes)


MARK = Link(
    feature="commitments",
    ref=Ref("commitment_mark", "77"),
    title="mark",
    document=REF,
    shown=READY.shown,
)


@pytest.mark.parametrize("state", State)
def test_states_in_which_the_erp_may_be_written(queue: Queue, state: State) -> None:
    """Only what is accepted or being exported; everything else is given a reason."""
    queue.put(state)
    assert (queue.approvals.objection(operation()) == "") == (
        state in {State.ACCEPTED, State.EXPORTING}
    )


@pytest.mark.parametrize("state", State)
def test_states_in_which_procore_may_be_marked(queue: Queue, state: State) -> None:
    """Marks may also be set again once everything is exported."""
    queue.put(state)
    assert (queue.approvals.objection(MARK) == "") == (
        state in {State.ACCEPTED, State.EXPORTING, State.SYNCED}
    )


def test_without_a_document_only_procore_is_written(queue: Queue) -> None:
    """An operation on the ERP that nobody could accept is never carried out."""
    assert "no document" in queue.approvals.objection(operation(document=None))
    assert queue.approvals.objection(attrs.evolve(MARK, document=None)) == ""


def test_what_was_never_sent_is_not_written(queue: Queue) -> None:
    """An operation needs its document in the queue."""
    assert "not sent" in queue.approvals.objection(operation())


def test_another_document_than_the_accepted_one_is_not_written(queue: Queue) -> None:
    """An old plan is refused after the record was changed, and the other way round."""
    queue.put(State.ACCEPTED)
    assert "plan again" in queue.approvals.objection(operation(shown=CHANGED.shown))


@pytest.mark.parametrize(
    "given", [{"subcontract_number": "SC-7"}, {"subcontract_number": "SC-1", "gl_account": "5"}]
)
def test_other_fields_than_the_accepted_ones_are_not_written(
    queue: Queue, given: dict[str, str]
) -> None:
    """A plan from before the acceptance has the proposals; accounting gave something else."""
    queue.put(State.ACCEPTED, given=given)
    assert "accounting gave other values" in queue.approvals.objection(operation())
    assert queue.approvals.objection(operation(desired=given)) == ""


# ---------------------------------------------------------------- beginning and ending


def outcome(
    state: Any, message: str = "", *violations: Violation, title: str = "line 1"
) -> Outcome:
    """The outcome of one operation."""
    return Outcome(
        op_id="1",
        ref=Ref("subcontract_line", "77/1"),
        verb="create",
        state=state,
        title=title,
        message=message,
        violations=violations,
    )


def test_beginning_is_noted_once(queue: Queue) -> None:
    """The first write of an accepted document is noted, later ones are not."""
    queue.put(State.ACCEPTED)
    queue.approvals.begin([REF])
    queue.approvals.begin([REF])
    assert queue.state() is State.EXPORTING
    assert queue.journal() == [("begin", "procore-spectrum")]


@pytest.mark.parametrize(
    ("states", "to"),
    [
        (["done", "adopted", "unchanged"], State.SYNCED),
        (["done", "refused", "waiting"], State.FAILED),
        (["done", "failed", "waiting"], State.EXPORTING),
        (["done", "unknown", "waiting"], State.EXPORTING),
        (["done", "waiting"], State.EXPORTING),
        (["refused", "failed"], State.FAILED),
    ],
)
def test_how_an_export_ends(queue: Queue, states: list[str], to: State) -> None:
    """All done is synced, a refusal is a failure, anything else goes on with the next run."""
    queue.put(State.EXPORTING)
    queue.approvals.finish({REF: [outcome(state) for state in states]})
    assert queue.state() is to


def test_a_failure_tells_everything(queue: Queue) -> None:
    """The message names each record that was refused or failed, and why; success clears it."""
    queue.put(State.EXPORTING)
    bad = Violation(code="I", message="Invalid GL account", path="cost_type")
    found = [outcome("refused", "refused", bad), outcome("failed", "locked", title="")]
    queue.approvals.finish({REF: found})
    message = queue.approvals.get_approval(REF).message
    assert message.startswith("line 1: refused; ")
    assert "Invalid GL account" in message
    assert message.endswith("subcontract_line 77/1: locked")
    queue.approvals.retry(REF, by=ANNA)
    queue.approvals.begin([REF])
    queue.approvals.finish({REF: [outcome("done")]})
    assert queue.approvals.get_approval(REF).message == ""


def test_what_is_there_already_needs_no_writing(queue: Queue) -> None:
    """An accepted document of which an earlier run did everything is begun and ended."""
    queue.put(State.ACCEPTED)
    queue.approvals.finish({REF: [outcome("unchanged"), outcome("adopted")]})
    assert queue.state() is State.SYNCED
    assert [action for action, _ in queue.journal()] == ["begin", "succeed"]


def test_what_is_not_being_exported_is_not_ended(queue: Queue) -> None:
    """Outcomes of a document that waits change nothing."""
    queue.put(State.READY_TO_EXPORT)
    queue.approvals.finish({REF: [outcome("waiting")]})
    assert queue.journal() == []


# ---------------------------------------------------------------- what a plan shows


@pytest.mark.parametrize("state", State)
def test_plans_show_what_a_person_has_to_do(queue: Queue, state: State) -> None:
    """What was taken back or failed is held with its reason; the rest is planned."""
    queue.put(state, message="refused by Spectrum", why="not this year")
    found = queue.approvals.answered(READY, [operation()])
    if state in {State.RETRIEVED, State.REJECTED, State.FAILED, State.UNLINKED}:
        (held,) = found
        assert isinstance(held, Held)
        assert (held.code, held.ref, held.document) == (state.value, REF, REF)
        assert held.message.endswith(": refused by Spectrum")
        assert held.hint
    else:
        assert found == (operation(),)


def test_plans_show_an_answer_without_a_reason(queue: Queue) -> None:
    """Without a reason the state alone is told."""
    queue.put(State.REJECTED)
    (held,) = queue.approvals.answered(READY, [operation()])
    assert isinstance(held, Held)
    assert held.message == "accounting has rejected it"


def test_plans_keep_what_is_held_already(queue: Queue) -> None:
    """A record that is held, or has nothing to do, is not held once more."""
    queue.put(State.REJECTED)
    held = Held(feature="commitments", ref=REF, title="", code="preflight")
    assert queue.approvals.answered(READY, [held]) == (held,)
    assert queue.approvals.answered(READY, []) == ()


def test_plans_of_unsent_documents_are_left_alone(queue: Queue) -> None:
    """A document that was never sent is planned as it is."""
    assert queue.approvals.answered(READY, [operation()]) == (operation(),)


def test_a_refused_change_writes_nothing(queue: Queue) -> None:
    """When the store refuses the claim, the acceptance is not recorded either."""
    queue.approvals.send(READY, by=SAM)

    class Late(Approvals):
        """Does not know the claim that somebody made a moment ago."""

        def _taken(self, _document: Document) -> dict[str, frozenset[str]]:
            return {}

    queue.store.commit(StoreChange(claims=(Claim(NUMBER.space, "SC-1", OTHER),)))
    with pytest.raises(ConflictError) as caught:
        Late(queue.store, queue.clock).accept(REF, by=ANNA)
    assert isinstance(caught.value, ProcoreSpectrumError)
    assert queue.state() is State.READY_TO_EXPORT
    assert queue.journal() == [("send", "Sam")]
