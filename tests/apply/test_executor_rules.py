"""The executor, one rule at a time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from apply_target import COMPANY, KINDS, Crash, FakeTarget, Record

from procore_spectrum.apply.executor import Executor
from procore_spectrum.apply.report import Report
from procore_spectrum.errors import (
    ConfigurationError,
    RunStoppedError,
    StoreBusyError,
    UnavailableError,
    Violation,
)
from procore_spectrum.plan.operations import (
    Create,
    Deactivate,
    FieldChange,
    Held,
    Link,
    Operation,
    Update,
)
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Batch,
    EventQuery,
    ItemOutcome,
    LockRequest,
    Probe,
    StateStore,
    StoreChange,
)
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing.clock import FakeClock

EARLY = datetime(2020, 1, 1, tzinfo=UTC)
NAME = {"name": "x"}


class Desk:
    """A store, a target and an executor between them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store: StateStore = MemoryStore().for_company(COMPANY)
        self.target = FakeTarget(self.clock, self.store)
        self.executor = Executor({"procore": self.target}, self.store, self.clock)

    def apply(self, *ops: Operation, **more: Any) -> Report:
        """Carry out a plan of these operations."""
        return self.executor.apply(plan_of(*ops), actor="ann", **more)

    def states(self, *ops: Operation) -> list[str]:
        """How each operation ended."""
        return [outcome.state for outcome in self.apply(*ops).outcomes]

    def linked(self, kind: str = "upsert", key: str = "a", **parts: Any) -> CrosswalkRow:
        """A record that is in the target and linked."""
        self.target.records[kind]["77"] = Record("77", key, dict(NAME))
        row = CrosswalkRow(ref=Ref(kind, key), target_id="77", **{"base": NAME, **parts})
        self.store.commit(StoreChange(links=(row,)))
        return row

    def row(self, ref: Ref) -> CrosswalkRow | None:
        """The link of a record."""
        return self.store.read_link(ref)

    def actions(self, ref: Ref) -> list[str]:
        """The journal of a record."""
        return [event.action for event in self.store.read_events(EventQuery(ref=ref))]


@pytest.fixture
def desk() -> Desk:
    """A fresh one."""
    return Desk()


def plan_of(*ops: Operation) -> Plan:
    """A plan of these operations, made long ago."""
    return Plan(company="c", operations=ops, as_of=EARLY)


def create(kind: str = "upsert", key: str = "a", **parts: Any) -> Create:
    """A new record."""
    return Create(feature="f", ref=Ref(kind, key), title="", **{"desired": NAME, **parts})


def update(key: str = "a", new: str = "y", old: str = "x", **parts: Any) -> Update:
    """A changed record."""
    changes = (FieldChange(path="name", base=old, source=new, target=old),)
    known: dict[str, Any] = {
        "ref": Ref("upsert", key),
        "target_id": "77",
        "before": {"name": old},
        "desired": {"name": new},
        "changes": changes,
    }
    return Update(feature="f", title="", **{**known, **parts})


# ---------------------------------------------------------------- done once


def test_a_plan_applied_again_does_nothing(desk: Desk) -> None:
    """After success every operation is unchanged, and nothing is sent."""
    desk.linked(key="drift")
    drifted = update("drift", new="x", old="x")
    row = desk.linked("probed", "off")
    off = Deactivate(
        feature="f", ref=row.ref, title="", target_id="77", before=NAME, desired=NAME, active=False
    )
    ops = (drifted, create(key="b"), create("probed"), create("blind"), off)
    assert desk.states(*ops) == ["done"] * 5
    sent = len(desk.target.writes)
    assert desk.states(*ops) == ["unchanged"] * 5
    assert len(desk.target.writes) == sent


def test_a_drift_that_comes_back_is_corrected_again(desk: Desk) -> None:
    """The same correction, planned anew, is written again, though the link looks the same."""
    desk.linked()
    op = update(new="x", old="x")
    assert desk.states(op) == ["done"]
    desk.clock.advance(60)
    later = attrs.evolve(plan_of(op), as_of=desk.clock.now())
    assert desk.executor.apply(later, actor="ann").counts["done"] == 1
    assert len(desk.target.writes) == 2


def test_a_plan_built_by_hand_is_done_once(desk: Desk) -> None:
    """A plan without a time counts as done as soon as the journal says so."""
    desk.linked()
    plan = attrs.evolve(plan_of(update(new="x", old="x")), as_of=None)
    counts = [desk.executor.apply(plan, actor="ann").counts for _ in range(2)]
    assert [count["done"] for count in counts] == [1, 0]


@pytest.mark.parametrize(
    "op",
    [
        update(old="z"),
        update(target_id="78"),
        create(desired={"name": "other"}),
        Link(feature="f", ref=Ref("upsert", "a"), title="", target_id="9", desired=NAME),
        update("unlinked"),
    ],
)
def test_a_stale_operation_waits(desk: Desk, op: Operation) -> None:
    """Whatever the store contradicts since the plan was made is not written."""
    row = desk.linked()
    assert desk.states(op) == ["waiting"]
    assert desk.target.writes == []
    assert desk.row(row.ref) == row


@pytest.mark.parametrize("by_another_plan", [False, True])
def test_what_was_done_and_taken_back_is_not_done_again(
    desk: Desk, *, by_another_plan: bool
) -> None:
    """A saved plan does not overwrite what a person put back after it was carried out."""
    row = desk.linked()
    op = update()
    more = [create(key="b")] if by_another_plan else []
    assert set(desk.states(op, *more)) == {"done"}
    desk.clock.advance(60)
    assert desk.states(update(new="x", old="y")) == ["done"]
    desk.clock.advance(60)
    sent = len(desk.target.writes)
    (outcome,) = desk.apply(op).outcomes
    assert outcome.state == "waiting"
    assert outcome.message.endswith("and then changed; plan again")
    assert len(desk.target.writes) == sent
    found = desk.row(row.ref)
    assert found is not None
    assert found.base == NAME


@pytest.mark.parametrize("op", [create(), Link(feature="f", ref=Ref("upsert", "a"), title="")])
def test_what_was_made_and_unlinked_is_not_made_again(desk: Desk, op: Operation) -> None:
    """Somebody has forgotten the link since; only a new plan knows what that means."""
    op = attrs.evolve(op, target_id="77", desired=NAME) if isinstance(op, Link) else op
    assert desk.states(op)[0] in {"done", "adopted"}
    desk.store.commit(StoreChange(unlinks=(op.ref,)))
    sent = len(desk.target.writes)
    assert desk.states(op) == ["waiting"]
    assert len(desk.target.writes) == sent


def test_the_same_change_planned_anew_is_carried_out(desk: Desk) -> None:
    """There and back and there again is no repetition."""
    desk.linked()
    there, back = update(), update(new="x", old="y")
    for op in (there, back, there):
        desk.clock.advance(60)
        plan = attrs.evolve(plan_of(op), as_of=desk.clock.now())
        assert desk.executor.apply(plan, actor="ann").counts["done"] == 1


def test_a_stale_operation_forgets_no_doubt(desk: Desk) -> None:
    """An unanswered creation stays in doubt, whatever else is applied meanwhile."""
    desk.target.faults.append("unknown, acted")
    assert desk.states(create("blind")) == ["unknown"]
    assert desk.states(update(ref=Ref("blind", "a"))) == ["waiting"]
    assert [mark.ref for mark in desk.store.read_started()] == [Ref("blind", "a")]
    assert desk.states(create("blind")) == ["unknown"]
    assert len(desk.target.writes) == 1


def test_a_doubt_ends_when_the_record_is_linked(desk: Desk) -> None:
    """What turns out to be done already is in doubt no longer."""
    desk.target.faults.append("unknown")
    assert desk.states(create()) == ["unknown"]
    desk.linked()
    assert desk.states(create()) == ["unchanged"]
    assert desk.store.read_started() == ()


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("fault", "state", "stops"),
    [
        ("not sent", "failed", True),
        ("unknown", "unknown", True),
        ("unreadable", "unknown", True),
        ("not permitted", "failed", False),
        ("not authenticated", "failed", True),
        ("refused", "refused", False),
    ],
)
def test_a_batch_that_fails_as_a_whole(desk: Desk, fault: str, state: str, stops: Any) -> None:
    """What cannot be any better for the next batch ends the run; the rest waits."""
    desk.target.faults.append(fault)
    first, second = create(partition="1"), create(key="b", partition="2")
    report = desk.apply(first, second)
    assert [o.state for o in report.outcomes] == [state, "waiting" if stops else "done"]
    assert bool(report.stopped) == stops
    assert desk.actions(first.ref) == [state]
    assert [m.ref for m in desk.store.read_started()] == ([first.ref] if state == "unknown" else [])
    assert not report.succeeded


@pytest.mark.parametrize(
    ("fault", "state"),
    [("item refused", "refused"), ("item failed", "failed"), ("item missing", "unknown")],
)
def test_one_item_does_not_spoil_the_batch(desk: Desk, fault: str, state: str) -> None:
    """The others are done, and each has its own line in the journal."""
    desk.target.faults.append(fault)
    ops = [create("probed", "a"), create("probed", "b")]
    assert desk.states(*ops) == [state, "done"]
    assert [desk.actions(op.ref) for op in ops] == [[state], ["done"]]
    assert len(desk.store.read_started()) == (state == "unknown")


def test_a_refusal_has_a_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the target gives none, that is said; where it gives one, it is passed on."""
    desk.target.faults.append("item refused")
    (outcome,) = desk.apply(create()).outcomes
    assert [violation.code for violation in outcome.violations] == ["bad"]

    def silent(batch: Batch) -> list[ItemOutcome]:
        return [ItemOutcome(op_id=item.op_id, state="refused") for item in batch.items]

    monkeypatch.setattr(desk.target, "write", silent)
    (outcome,) = desk.apply(create()).outcomes
    assert [violation.code for violation in outcome.violations] == ["refused"]


def test_a_creation_without_an_id_is_in_doubt(desk: Desk) -> None:
    """Done, but which record is it? The next run looks it up."""
    desk.target.faults.append("no id")
    assert desk.states(create("probed")) == ["unknown"]
    assert desk.states(create("probed")) == ["adopted"]
    assert len(desk.target.writes) == 1


def test_unchanged_in_the_target_is_linked_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that finds nothing to change has carried it out."""

    def write(batch: Batch) -> list[ItemOutcome]:
        return [ItemOutcome(op_id=i.op_id, state="unchanged", target_id="5") for i in batch.items]

    monkeypatch.setattr(desk.target, "write", write)
    assert desk.states(create()) == ["unchanged"]
    row = desk.row(Ref("upsert", "a"))
    assert row is not None
    assert row.target_id == "5"
    assert desk.store.read_started() == ()


def test_what_the_target_stores_differently_is_remembered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An echo is kept until that value is sent again, or the base moves."""
    desk.linked(base={"name": "x", "phone": "1", "fax": "2"}, echo={"phone": "(1)", "fax": "(2)"})
    written = {"name": "X", "other": "never sent"}

    def write(batch: Batch) -> list[ItemOutcome]:
        (item,) = batch.items
        return [ItemOutcome(op_id=item.op_id, state="done", written=written)]

    monkeypatch.setattr(desk.target, "write", write)
    before = {"name": "x", "phone": "1", "fax": "2"}
    op = update(before=before, desired={"name": "y", "phone": "1", "fax": "3"})
    assert desk.states(op) == ["done"]
    row = desk.row(op.ref)
    assert row is not None
    assert row.echo == {"name": "X", "phone": "(1)"}


# ---------------------------------------------------------------- doubts


def test_a_crash_after_sending_is_found_out(desk: Desk) -> None:
    """A run that died after the target acted is finished by looking the record up."""
    desk.target.faults.append("crash, acted")
    with pytest.raises(Crash):
        desk.apply(create("probed"))
    assert desk.states(create("probed")) == ["adopted"]
    assert desk.clock.sleeps == (KINDS["probed"].read_lag,)
    assert len(desk.target.writes) == 1
    assert desk.store.read_started() == ()


def test_what_never_arrived_is_sent_again(desk: Desk) -> None:
    """A look-up that finds nothing allows the second send, with one mark and not two."""
    desk.target.faults.extend(["unknown", "unknown"])
    assert desk.states(create("probed")) == ["unknown"]
    assert desk.states(create("probed", desired={"name": "new"})) == ["unknown"]
    assert len(desk.store.read_started()) == 1
    assert desk.store.verify() == ()
    assert desk.states(create("probed")) == ["done"]


def test_an_adopted_record_has_the_base_that_was_sent(desk: Desk) -> None:
    """The source moved on since: the base is what arrived, so that the rest is planned anew."""
    desk.target.faults.append("unknown, acted")
    assert desk.states(create("probed")) == ["unknown"]
    newer = create("probed", desired={"name": "newer"})
    assert desk.states(newer) == ["adopted"]
    row = desk.row(newer.ref)
    assert row is not None
    assert row.base == NAME
    assert [e.op_id for e in desk.store.read_events(EventQuery(action="adopted"))] == [newer.op_id]


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [Probe(op_id=create("probed").op_id, found=None)],
        [Probe(op_id=create("probed").op_id, found=True)],
        [Probe(op_id="somebody else's", found=False)],
    ],
)
def test_a_look_up_without_an_answer_leaves_the_doubt(desk: Desk, answers: list[Probe]) -> None:
    """What the target cannot tell for sure is not sent again."""
    desk.target.faults.append("unknown")
    assert desk.states(create("probed")) == ["unknown"]
    desk.target.probe_answers = answers
    assert desk.states(create("probed"), create("probed", "b")) == ["unknown", "done"]
    assert len(desk.store.read_started()) == 1


def test_a_look_up_that_fails_leaves_the_doubt(desk: Desk) -> None:
    """The failure is told, and nothing is sent again."""
    desk.target.faults.append("unknown")
    assert desk.states(create("probed")) == ["unknown"]
    desk.target.probe_error = UnavailableError("closed for the night")
    (outcome,) = desk.apply(create("probed")).outcomes
    assert outcome.state == "unknown"
    assert "closed for the night" in outcome.message
    assert len(desk.target.writes) == 1


# ---------------------------------------------------------------- order and dependencies


def test_children_wait_for_their_parents_and_scopes(desk: Desk) -> None:
    """Nothing is written below a record that is not there; the ids of those that are, are sent."""
    job, code = Ref("upsert", "job"), Ref("probed", "code")
    top = create("probed", "code", scope=job)
    below = create("probed", "below", scope=job, parent=code)
    assert desk.states(top, below) == ["waiting", "waiting"]
    desk.linked(key="job")
    assert desk.states(below) == ["waiting"]
    assert desk.states(top, below) == ["done", "done"]
    first, second = desk.target.writes
    assert first.scope_id == second.scope_id == "77"
    assert first.items[0].parent_id is None
    row = desk.row(code)
    assert row is not None
    assert second.items[0].parent_id == row.target_id


def test_a_link_sends_only_what_differs(desk: Desk) -> None:
    """A stamped link sends our key and the changes; one without a stamp sends nothing."""
    ref = Ref("upsert", "a")
    desk.target.records["upsert"]["5"] = Record("5", "", dict(NAME))
    stamped = Link(
        feature="f",
        ref=ref,
        title="",
        target_id="5",
        stamp=True,
        before=NAME,
        desired={**NAME, "origin_id": "a"},
    )
    assert desk.states(stamped) == ["done"]
    assert desk.target.writes[0].items[0].fields == {"origin_id": "a"}
    quiet = Link(feature="f", ref=Ref("upsert", "b"), title="", target_id="6", desired=NAME)
    assert desk.states(quiet) == ["adopted"]
    assert len(desk.target.writes) == 1
    assert desk.actions(quiet.ref) == ["adopted"]


def test_held_records_are_reported_and_left_alone(desk: Desk) -> None:
    """A held record has an outcome with its reason, and nothing else happens."""
    held = Held(feature="f", ref=Ref("upsert", "a"), title="", reason="ask ann")
    (outcome,) = desk.apply(held).outcomes
    assert (outcome.state, outcome.message) == ("held", "ask ann")
    assert desk.target.writes == []


# ---------------------------------------------------------------- before anything is done


def test_a_guard_stops_the_plan_unless_overridden(desk: Desk) -> None:
    """Nothing is written without a reason, and the reason is in the journal."""
    guard = Violation(code="guard-share", message="too much")
    plan = attrs.evolve(plan_of(create()), guards=(guard,))
    with pytest.raises(RunStoppedError) as caught:
        desk.executor.apply(plan, actor="ann")
    assert caught.value.violations == (guard,)
    assert desk.store.read_events(EventQuery()) == ()
    report = desk.executor.apply(plan, actor="ann", override_guards="agreed with bob")
    assert report.succeeded
    (begun,) = desk.store.read_events(EventQuery(action="apply-started"))
    assert begun.detail["override_guards"] == "agreed with bob"


def test_a_system_that_cannot_be_written_is_named(desk: Desk) -> None:
    """A plan for another system is refused before anything is done."""
    with pytest.raises(ConfigurationError, match="spectrum"):
        desk.apply(create(), create(key="b", target="spectrum"))
    assert desk.target.writes == []


def test_progress_and_journal_tell_the_same(desk: Desk) -> None:
    """Each outcome is told as soon as it is recorded; the run has a beginning and an end."""
    told: list[Any] = []
    report = desk.apply(create(), create("blind"), progress=told.append)
    assert tuple(told) == report.outcomes
    actions = [event.action for event in desk.store.read_events(EventQuery())]
    assert actions == ["apply-started", "done", "done", "apply-ended"]
    assert {event.actor for event in desk.store.read_events(EventQuery())} == {"ann"}


# ---------------------------------------------------------------- two runs at once


def test_a_second_run_is_told_that_the_first_is_at_work(desk: Desk) -> None:
    """While one run writes a partition, no other does; afterwards the work is found done."""
    inside, leave = threading.Event(), threading.Event()

    def pause(batch: Batch) -> None:
        inside.set()
        assert leave.wait(10)

    desk.target.before_write = pause
    reports: list[Report] = []
    first = threading.Thread(target=lambda: reports.append(desk.apply(create("blind"))))
    first.start()
    assert inside.wait(10)
    other = Executor({"procore": desk.target}, desk.store, desk.clock)
    with pytest.raises(StoreBusyError, match="ann"):
        other.apply(plan_of(create("blind")), actor="bob")
    leave.set()
    first.join(10)
    desk.target.before_write = None
    assert [report.counts["done"] for report in reports] == [1]
    again = other.apply(plan_of(create("blind")), actor="bob")
    assert again.counts["unchanged"] == 1
    assert len(desk.target.writes) == 1


def test_a_doubt_that_arises_during_a_run_is_seen(desk: Desk) -> None:
    """A run that began earlier still learns what another one left in doubt meanwhile."""
    other = Executor({"procore": desk.target}, desk.store, desk.clock)
    blind = create("blind", partition="later")

    def meanwhile(outcome: Any) -> None:
        if outcome.ref.kind == "upsert":
            desk.target.faults.append("unknown, acted")
            other.apply(plan_of(blind), actor="bob")

    report = desk.apply(create(partition="first"), blind, progress=meanwhile)
    assert [outcome.state for outcome in report.outcomes] == ["done", "unknown"]
    assert len(desk.target.records["blind"]) == 1


def test_other_partitions_are_free(desk: Desk) -> None:
    """A lock holds up only the run that needs it."""
    with desk.store.lock(LockRequest(name="procore:other", owner="bob")):
        assert desk.states(create(partition="mine")) == ["done"]
        with pytest.raises(StoreBusyError):
            desk.apply(create(key="b", partition="other"))


def test_a_lock_found_later_ends_the_run_with_a_report(desk: Desk) -> None:
    """What was done is reported; what another run holds up, and all after it, waits."""
    with desk.store.lock(LockRequest(name="procore:other", owner="bob")):
        report = desk.apply(
            create(key="a", partition="mine"),
            create(key="b", partition="other"),
            create(key="c", partition="third"),
        )
    assert [outcome.state for outcome in report.outcomes] == ["done", "waiting", "waiting"]
    assert "bob" in report.stopped
    ended = desk.store.read_events(EventQuery(action="apply-ended"))
    assert "bob" in ended[-1].detail["stopped"]
