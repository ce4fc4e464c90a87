"""What every state store must do; see :class:`procore_spectrum.ports.StateStore`."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar

import attrs
import pytest

from procore_spectrum.errors import (
    ConflictError,
    InvalidValueError,
    ProcoreSpectrumError,
    StoreBusyError,
    StoreError,
)
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import (
    Approval,
    Claim,
    CompanyKey,
    Crosswalk,
    Decision,
    Event,
    EventQuery,
    LockRequest,
    StartedOperation,
    StateStore,
    StoreChange,
)
from procore_spectrum.testing.conformance.contract import Contract

__all__ = ["StateStoreContract", "StoreCapabilities"]

ACME = CompanyKey("598134325658789", "ACM")
OTHER = CompanyKey("598134325658789", "OTH")
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
JOB = Ref("project", "24-0101")
CODE = Ref("cost_code", "24-0101|01-100")


def link(ref: Ref = JOB, **changes: Any) -> CrosswalkRow:
    """A crosswalk row with one value of each type."""
    base: Fields = {
        "name": "Bridge ✓",
        "amount": Decimal("1200.5"),
        "start": date(2024, 3, 1),
        "open": True,
        "codes": ("L", "M"),
        "note": None,
    }
    row = CrosswalkRow(ref=ref, target_id="77", base=base)
    return attrs.evolve(row, **changes)


def begun(op_id: str = "op-1", **changes: Any) -> StartedOperation:
    """An operation in doubt."""
    operation = StartedOperation(
        op_id=op_id,
        ref=CODE,
        target="procore",
        verb="update",
        at=NOON,
        plan_id="plan-1",
        fields={"name": "Concrete"},
        scope=JOB,
        target_id="901",
    )
    return attrs.evolve(operation, **changes)


def decision(ref: Ref = JOB, **changes: Any) -> Decision:
    """A person's decision to link a record."""
    made = Decision(ref=ref, choice="link", at=NOON, who="ann", why="same job", target_id="77")
    return attrs.evolve(made, **changes)


def event(action: str = "done", **changes: Any) -> Event:
    """A journal line about a job."""
    line = Event(
        at=NOON,
        action=action,
        ref=JOB,
        op_id="op-1",
        plan_id="plan-1",
        actor="ann",
        detail={"amount": "1200.50", "lines": [1, {"ok": True}], "rate": 0.5, "none": None},
    )
    return attrs.evolve(line, **changes)


def approval(ref: Ref = JOB, **changes: Any) -> Approval:
    """An export that waits for accounting."""
    document = Document(
        ref=ref,
        feature="commitments",
        title="SC-1 Concrete",
        fields={"vendor_code": "ACME", "retention_percent": Decimal("7.5"), "comment": None},
        lines=({"phase_code": "010100", "amount": Decimal("100.5")},),
        amount=Decimal("100.5"),
        needs=(Need(name="number", length=10, proposal="SC-1", space="subcontract"),),
    )
    asked = Approval(
        document=document, state=State.READY_TO_EXPORT, requested_by="ann", requested_at=NOON
    )
    return attrs.evolve(asked, **changes)


EVERYTHING = StoreChange(
    links=(link(), link(CODE, scope=JOB, active=False)),
    started=(begun(),),
    decisions=(decision(),),
    approvals=(approval(),),
    claims=(Claim("subcontract", "SC-1", JOB),),
    events=(event("begun"), event("done")),
    facts={"cursor": "42"},
)


NOTHING: tuple[Any, ...] = ([(), (), ()], (), (), (), (), (), [None, None])


def content(handle: StateStore) -> tuple[Any, ...]:
    """Everything that a handle can read."""
    kinds = ("cost_code", "project", "vendor")
    return (
        [tuple(handle.read_links(Crosswalk(kind=kind))) for kind in kinds],
        *(tuple(handle.read_started()), tuple(handle.read_decisions())),
        *(tuple(handle.read_approvals()), tuple(handle.read_claims("subcontract"))),
        tuple(handle.read_events(EventQuery())),
        [handle.read_fact(name) for name in ("cursor", "mark")],
    )


@attrs.frozen(kw_only=True)
class StoreCapabilities:
    """What a store can do beyond the protocol.

    Args:
        strict_values: it refuses, wholly and with the path, what it could not give back, and
            spells values as :func:`procore_spectrum.plan.values.canonical` does.
        guarded: the store itself gives no data without a company, a company's handle does not
            lead to another, and a closed store says that it is closed.
        checks: :meth:`verify` finds operations in doubt that contradict links.
        threads: it may be used from several threads at once.
    """

    strict_values: bool = True
    guarded: bool = True
    checks: bool = True
    threads: bool = True


class StateStoreContract(Contract):
    """Give the fixture ``store``: a fresh store, closed afterwards."""

    declared: ClassVar[StoreCapabilities] = StoreCapabilities()

    @pytest.fixture
    def handle(self, store: StateStore) -> StateStore:
        """One company's handle."""
        return store.for_company(ACME)

    def test_it_is_a_state_store(self, store: StateStore, handle: StateStore) -> None:
        """Store and handle both satisfy the protocol."""
        assert isinstance(store, StateStore)
        assert isinstance(handle, StateStore)

    # ------------------------------------------------------------ reading what was written

    def test_a_new_store_is_empty(self, handle: StateStore) -> None:
        """Nothing is found and nothing is wrong in a new store."""
        assert content(handle) == NOTHING
        assert handle.read_link(JOB) is None
        assert tuple(handle.verify()) == ()

    def test_links_come_back(self, handle: StateStore) -> None:
        """A crosswalk row comes back with equal values, scope and state."""
        handle.commit(EVERYTHING)
        assert handle.read_link(JOB) == link()
        assert tuple(handle.read_links(Crosswalk(kind="cost_code"))) == (
            link(CODE, scope=JOB, active=False),
        )

    def test_values_come_back_in_canonical_spelling(self, handle: StateStore) -> None:
        """Text is trimmed, blank text is None and money is an exact Decimal."""
        self.need("strict_values")
        base = {"name": " Bridge ", "note": "  ", "cost": Decimal("1.500"), "days": 7, "t": ()}
        handle.commit(StoreChange(links=(link(base=base),)))
        found = handle.read_link(JOB)
        assert found is not None
        wanted = {"name": "Bridge", "note": None, "cost": Decimal("1.5"), "days": Decimal(7)}
        assert found.base == {**wanted, "t": None}
        assert isinstance(found.base["days"], Decimal)

    def test_echoes_come_back(self, handle: StateStore) -> None:
        """What the target stored in a form of its own is remembered, and replaced as a whole."""
        echo = {"phone": "(555) 010-9999", "amount": Decimal("7.25"), "note": None}
        handle.commit(StoreChange(links=(link(echo=echo),)))
        assert handle.read_link(JOB) == link(echo=echo)
        assert tuple(handle.read_links(Crosswalk(kind="project"))) == (link(echo=echo),)
        handle.commit(StoreChange(links=(link(),)))
        assert handle.read_link(JOB) == link()

    def test_links_are_ordered_and_narrowed_by_scope(self, handle: StateStore) -> None:
        """Rows of one kind come ordered by key, and of one scope when asked."""
        other_job = Ref("project", "24-0102")
        rows = [
            link(Ref("cost_code", "b"), scope=JOB),
            link(Ref("cost_code", "é"), scope=other_job),
            link(Ref("cost_code", "a"), scope=other_job),
            link(Ref("cost_code", "Z")),
        ]
        handle.commit(StoreChange(links=tuple(rows)))
        keys = [row.ref.key for row in handle.read_links(Crosswalk(kind="cost_code"))]
        assert keys == ["Z", "a", "b", "é"]
        narrowed = handle.read_links(Crosswalk(kind="cost_code", scope=other_job))
        assert [row.ref.key for row in narrowed] == ["a", "é"]

    def test_a_link_is_replaced_and_removed(self, handle: StateStore) -> None:
        """A second row of the same ref replaces the first; unlinking removes it."""
        handle.commit(StoreChange(links=(link(),)))
        handle.commit(StoreChange(links=(link(target_id="78"),)))
        assert tuple(handle.read_links(Crosswalk(kind="project"))) == (link(target_id="78"),)
        handle.commit(StoreChange(unlinks=(JOB, CODE)))
        assert handle.read_link(JOB) is None

    def test_relinking_in_one_change_ends_linked(self, handle: StateStore) -> None:
        """A ref that is both unlinked and linked ends linked."""
        handle.commit(StoreChange(links=(link(),)))
        handle.commit(StoreChange(links=(link(target_id="9"),), unlinks=(JOB,)))
        assert handle.read_link(JOB) == link(target_id="9")

    def test_started_operations_come_oldest_first(self, handle: StateStore) -> None:
        """Operations in doubt are ordered by time, then as they were begun."""
        early = begun("z", at=NOON - timedelta(hours=1), scope=None, target_id=None)
        handle.commit(StoreChange(started=(begun("y"), begun("x"), early)))
        handle.commit(StoreChange(started=(begun("y", verb="create"),)))
        assert tuple(handle.read_started()) == (early, begun("y", verb="create"), begun("x"))

    def test_settled_operations_are_no_longer_in_doubt(self, handle: StateStore) -> None:
        """Settling removes the doubt; settling something unknown is harmless."""
        handle.commit(StoreChange(started=(begun("a"), begun("b"))))
        handle.commit(StoreChange(settled=("a", "never begun")))
        assert [operation.op_id for operation in handle.read_started()] == ["b"]

    def test_settled_and_started_together_stays_in_doubt(self, handle: StateStore) -> None:
        """An operation both settled and begun in one change is in doubt: the safe reading."""
        handle.commit(StoreChange(settled=("a",), started=(begun("a"),)))
        assert tuple(handle.read_started()) == (begun("a"),)

    def test_decisions_are_ordered_replaced_and_taken_back(self, handle: StateStore) -> None:
        """There is one decision for each ref, and they come ordered by ref."""
        handle.commit(StoreChange(decisions=(decision(JOB), decision(CODE))))
        changed = decision(JOB, choice="ignore", target_id=None)
        handle.commit(StoreChange(decisions=(changed,)))
        assert tuple(handle.read_decisions()) == (decision(CODE), changed)
        handle.commit(StoreChange(undecided=(JOB, Ref("project", "none"))))
        assert tuple(handle.read_decisions()) == (decision(CODE),)

    def test_facts_are_set_and_replaced(self, handle: StateStore) -> None:
        """A fact has its last value."""
        handle.commit(StoreChange(facts={"cursor": "1", "mark": ""}))
        handle.commit(StoreChange(facts={"cursor": "2"}))
        assert (handle.read_fact("cursor"), handle.read_fact("mark")) == ("2", "")

    def test_times_come_back_in_utc(self, handle: StateStore) -> None:
        """A time in another zone comes back as the same instant in UTC."""
        self.need("strict_values")
        there = timezone(timedelta(hours=-7))
        moment = datetime(2024, 3, 1, 5, 0, 0, 123456, tzinfo=there)
        handle.commit(StoreChange(events=(event(at=moment),)))
        (line,) = handle.read_events(EventQuery())
        assert line.at == moment
        assert line.at.tzinfo is UTC

    # ------------------------------------------------------------ exports and numbers

    def test_approvals_come_back_whole_and_are_replaced(self, handle: StateStore) -> None:
        """There is one approval for each document, and they come ordered by ref."""
        handle.commit(StoreChange(approvals=(approval(JOB), approval(CODE))))
        decided = approval(JOB, state=State.ACCEPTED, given={"number": "SC-9"}, decided_at=NOON)
        handle.commit(StoreChange(approvals=(decided,)))
        assert tuple(handle.read_approvals()) == (approval(CODE), decided)
        assert handle.read_approval(JOB) == decided
        assert handle.read_approval(Ref("project", "none")) is None

    def test_a_number_belongs_to_one_record_for_ever(self, handle: StateStore) -> None:
        """Claiming again is harmless; claiming another's number refuses the whole change."""
        mine = Claim("subcontract", "SC-1", JOB)
        handle.commit(StoreChange(claims=(mine, Claim("other", "SC-1", CODE))))
        handle.commit(StoreChange(claims=(mine,)))
        with pytest.raises(ConflictError):
            handle.commit(
                StoreChange(claims=(Claim("subcontract", "SC-1", CODE),), facts={"cursor": "9"})
            )
        assert tuple(handle.read_claims("subcontract")) == (mine,)
        assert handle.read_fact("cursor") is None

    # ------------------------------------------------------------ the journal

    def test_the_journal_is_numbered_and_chained(self, handle: StateStore) -> None:
        """Lines count from 1, and each digest covers the line and the digest before it."""
        handle.commit(StoreChange(events=(event("a"), event("b"))))
        handle.commit(StoreChange(events=(event("c", sequence=99, digest="x", previous="y"),)))
        lines = handle.read_events(EventQuery())
        assert [(line.sequence, line.action) for line in lines] == [(1, "a"), (2, "b"), (3, "c")]
        assert [line.previous for line in lines] == ["", lines[0].digest, lines[1].digest]
        assert len({line.digest for line in lines} - {""}) == len(lines)

    def test_an_event_comes_back_whole(self, handle: StateStore) -> None:
        """Everything that was given is read back, also when it is little."""
        bare = Event(at=NOON, action="opened")
        handle.commit(StoreChange(events=(event(), bare)))
        plain = [
            attrs.evolve(line, sequence=0, previous="", digest="")
            for line in handle.read_events(EventQuery())
        ]
        assert plain == [event(), bare]

    @pytest.mark.parametrize(
        ("query", "actions"),
        [
            (EventQuery(), ["a", "b", "c", "a"]),
            (EventQuery(ref=JOB), ["a", "b"]),
            (EventQuery(op_id="2"), ["b", "c"]),
            (EventQuery(plan_id="p"), ["a", "c"]),
            (EventQuery(action="a"), ["a", "a"]),
            (EventQuery(ref=JOB, op_id="2"), ["b"]),
            (EventQuery(action="none"), []),
        ],
    )
    def test_events_are_filtered(
        self, handle: StateStore, query: EventQuery, actions: list[str]
    ) -> None:
        """Every part of a query narrows; lines without that part never fit."""
        handle.commit(
            StoreChange(
                events=(
                    event("a", op_id="1", plan_id="p"),
                    event("b", op_id="2", plan_id=None),
                    event("c", op_id="2", plan_id="p", ref=CODE),
                    event("a", op_id=None, plan_id=None, ref=None),
                )
            )
        )
        assert [line.action for line in handle.read_events(query)] == actions

    def test_a_doubt_alone_is_no_fault(self, handle: StateStore) -> None:
        """A run that was killed leaves operations in doubt, and the store is sound."""
        handle.commit(StoreChange(started=(begun(verb="create"),), links=(link(),)))
        assert tuple(handle.verify()) == ()

    def test_dangling_doubts_are_reported(self, handle: StateStore) -> None:
        """Creations in doubt of a linked record, or of one record twice, are reported."""
        self.need("checks")
        twice = (begun("a", verb="create"), begun("b", verb="create"))
        handle.commit(StoreChange(started=(*twice, begun("c", verb="create", ref=JOB))))
        handle.commit(StoreChange(links=(link(),)))
        found = {(fault.code, fault.path) for fault in handle.verify()}
        assert found == {("started_twice", "started[b]"), ("started_linked", "started[c]")}

    # ------------------------------------------------------------ wholly or not at all

    @pytest.mark.parametrize(
        "bad",
        [
            {"links": (link(base={"cost": 1.5}),)},
            {"links": (link(base={"codes": ("a", 1)}),)},
            {"links": (link(echo={"cost": 1.5}),)},
            {"links": (link(base={"codes": ("a\x1fb",)}),)},
            {"links": (link(base={"name": "\ud800"}),)},
            {"links": (link(base={1: "a"}),)},
            {"links": (link(target_id=7),)},
            {"links": (link(Ref("project", "\ud800")),)},
            {"unlinks": (Ref("project", "a\x00b"),)},
            {"started": (begun(target="elsewhere"),)},
            {"started": (begun(at=NOON.replace(tzinfo=None)),)},
            {"settled": (None,)},
            {"decisions": (decision(choice="perhaps"),)},
            {"decisions": (decision(at=date(2024, 3, 1)),)},
            {"events": (event(), event(detail={"cost": Decimal(1)}))},
            {"events": (event(detail={"cost": float("nan")}),)},
            {"events": (event(detail={"n": 10**5000}),)},
            {"events": (event(detail=["not a mapping"]),)},
            {"events": (event(detail={1: "a"}),)},
            {"events": (event(at=datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))),)},
            {"facts": {"cursor": 1}},
        ],
    )
    def test_a_change_that_cannot_be_stored_changes_nothing(
        self, handle: StateStore, bad: dict[str, Any]
    ) -> None:
        """One bad value anywhere refuses the whole change, and says where it is."""
        self.need("strict_values")
        handle.commit(EVERYTHING)
        before = content(handle)
        good = {"facts": {"cursor": "43"}, "events": (event("more"),), "settled": ("op-1",)}
        with pytest.raises(InvalidValueError) as caught:
            handle.commit(StoreChange(**{**good, **bad}))
        assert caught.value.path
        assert content(handle) == before
        assert tuple(handle.verify()) == ()

    def test_deep_nesting_is_refused(self, handle: StateStore) -> None:
        """A detail nested without end is refused with our own error."""
        self.need("strict_values")
        endless: dict[str, Any] = {}
        endless["again"] = endless
        with pytest.raises(InvalidValueError, match="deeply"):
            handle.commit(StoreChange(events=(event(detail=endless),)))

    def test_later_changes_to_what_was_given_do_not_matter(self, handle: StateStore) -> None:
        """The store keeps a copy: changing the given dict changes nothing in it."""
        base = {"name": "Bridge"}
        handle.commit(StoreChange(links=(link(base=base),)))
        base["name"] = "Tunnel"
        found = handle.read_link(JOB)
        assert found is not None
        assert found.base == {"name": "Bridge"}

    @pytest.mark.parametrize(
        "read",
        [
            lambda handle: handle.read_link(Ref("project", "\ud800")),
            lambda handle: handle.read_links(Crosswalk(kind="\ud800")),
            lambda handle: handle.read_links(Crosswalk(kind="a", scope=Ref("a", "\ud800"))),
            lambda handle: handle.read_events(EventQuery(op_id="\ud800")),
            lambda handle: handle.read_fact("\ud800"),
            lambda handle: handle.lock(LockRequest(name="\ud800", owner="me")),
            lambda handle: handle.for_company(CompanyKey("\ud800", "A")),
        ],
    )
    def test_broken_text_in_a_question_is_our_own_error(
        self, handle: StateStore, read: Any
    ) -> None:
        """No foreign exception escapes from a question that no store can hold."""
        self.need("strict_values")
        with pytest.raises(InvalidValueError):
            read(handle)

    # ------------------------------------------------------------ companies

    def test_companies_never_meet(self, store: StateStore) -> None:
        """What one company writes, settles or unlinks is invisible to another."""
        mine, theirs = store.for_company(ACME), store.for_company(OTHER)
        mine.commit(EVERYTHING)
        before = content(mine)
        assert content(theirs) == NOTHING
        assert theirs.read_link(JOB) is None
        theirs.commit(StoreChange(unlinks=(JOB, CODE), settled=("op-1",), events=(event(),)))
        theirs.commit(StoreChange(links=(link(target_id="1"),), facts={"cursor": "0"}))
        theirs.commit(StoreChange(decisions=(decision(who="bob"),), started=(begun(),)))
        assert content(mine) == before
        assert [line.sequence for line in theirs.read_events(EventQuery())] == [1]
        assert tuple(mine.verify()) == tuple(theirs.verify()) == ()

    def test_company_keys_are_compared_in_parts(self, store: StateStore) -> None:
        """Two pairs that read alike when joined are still two companies."""
        store.for_company(CompanyKey("1/2", "3")).commit(StoreChange(facts={"cursor": "1"}))
        assert store.for_company(CompanyKey("1", "2/3")).read_fact("cursor") is None

    def test_a_handle_does_not_lead_to_another_company(self, handle: StateStore) -> None:
        """Only the store itself hands out other companies; its own company it may."""
        self.need("guarded")
        with pytest.raises(StoreError, match="does not lead"):
            handle.for_company(OTHER)
        handle.for_company(ACME).commit(EVERYTHING)
        assert handle.read_link(JOB) == link()

    @pytest.mark.parametrize(
        "use",
        [
            lambda store: store.read_links(Crosswalk(kind="project")),
            lambda store: store.read_link(JOB),
            lambda store: store.read_started(),
            lambda store: store.read_decisions(),
            lambda store: store.read_events(EventQuery()),
            lambda store: store.read_fact("cursor"),
            lambda store: store.commit(EVERYTHING),
            lambda store: store.lock(LockRequest(name="a", owner="me")),
            lambda store: store.verify(),
        ],
    )
    def test_without_a_company_there_is_no_data(self, store: StateStore, use: Any) -> None:
        """Every data method of the store itself is refused with a hint."""
        self.need("guarded")
        with pytest.raises(StoreError, match="for_company"):
            use(store)

    # ------------------------------------------------------------ locks

    def test_a_held_lock_names_its_owner(self, store: StateStore, handle: StateStore) -> None:
        """A second taker, on any handle, is told who holds the lock."""
        with handle.lock(LockRequest(name="24-0101", owner="run 7 of ann")):
            for taker in (handle, store.for_company(ACME)):
                with (
                    pytest.raises(StoreBusyError, match="run 7 of ann"),
                    taker.lock(LockRequest(name="24-0101", owner="run 8")),
                ):
                    pytest.fail("held twice")

    def test_locks_differ_by_name_and_company(self, store: StateStore) -> None:
        """Other names and other companies have locks of their own."""
        mine, theirs = store.for_company(ACME), store.for_company(OTHER)
        request = LockRequest(name="a", owner="me")
        with mine.lock(request), theirs.lock(request), mine.lock(attrs.evolve(request, name="b")):
            pass

    def test_a_lock_is_free_after_use_and_after_an_error(self, handle: StateStore) -> None:
        """Leaving the block frees the lock, also by an exception."""
        request = LockRequest(name="a", owner="me")
        with pytest.raises(ZeroDivisionError), handle.lock(request):
            raise ZeroDivisionError
        with handle.lock(request), handle.lock(attrs.evolve(request, name="b")):
            pass

    def test_a_lock_can_be_waited_for(self, handle: StateStore) -> None:
        """A waiting thread gets the lock once it is released, and never before."""
        self.need("threads")
        order: list[str] = []
        held = threading.Event()

        def first() -> None:
            with handle.lock(LockRequest(name="a", owner="first")):
                held.set()
                with (
                    pytest.raises(StoreBusyError),
                    handle.lock(LockRequest(name="a", owner="hasty", wait_seconds=0.03)),
                ):
                    pytest.fail("held twice")
                order.append("first")

        thread = threading.Thread(target=first)
        thread.start()
        assert held.wait(10)
        begun_at = time.monotonic()
        with handle.lock(LockRequest(name="a", owner="second", wait_seconds=20)):
            order.append("second")
        assert time.monotonic() - begun_at < 15
        thread.join()
        assert order == ["first", "second"]

    # ------------------------------------------------------------ threads and the end

    def test_many_threads_write_one_sound_journal(self, store: StateStore) -> None:
        """Commits of several threads follow each other: no line lost, no line twice."""
        self.need("threads")
        errors: list[BaseException] = []

        def write(number: int) -> None:
            handle = store.for_company(ACME)
            try:
                for step in range(10):
                    name = f"{number}-{step}"
                    handle.commit(StoreChange(events=(event(name),), facts={name: "done"}))
                    assert handle.read_fact(name) == "done"
            except BaseException as error:
                errors.append(error)
                raise

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        handle = store.for_company(ACME)
        lines = handle.read_events(EventQuery())
        assert errors == []
        assert [line.sequence for line in lines] == list(range(1, 41))
        assert {line.action for line in lines} == {f"{n}-{s}" for n in range(4) for s in range(10)}
        assert tuple(handle.verify()) == ()

    def test_closing(self, store: StateStore, handle: StateStore) -> None:
        """Closing a handle leaves the store open; a closed store says that it is closed."""
        self.need("guarded")
        handle.close()
        handle.commit(EVERYTHING)
        store.close()
        store.close()
        with pytest.raises(StoreError, match="closed"):
            handle.read_started()
        with pytest.raises(ProcoreSpectrumError, match="closed"):
            handle.commit(EVERYTHING)
