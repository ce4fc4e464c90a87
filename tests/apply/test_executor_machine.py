"""After any runs that fail and die, one that does not: nothing twice, nothing lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

from apply_target import FAULTS, KINDS, Crash, FailingStore, FakeTarget
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from procore_spectrum.apply.executor import Executor
from procore_spectrum.apply.report import Report
from procore_spectrum.plan.diff import Absent, Draft, FieldRule, KindRules, diff
from procore_spectrum.plan.ordering import ordered
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Desired, Observed, Ref
from procore_spectrum.ports import Crosswalk, EventQuery
from procore_spectrum.testing.clock import FakeClock

KEYS = ["a", "b", "c", "d"]
REFS = [Ref(kind, key) for kind in KINDS for key in KEYS]
acted = st.sampled_from([fault for fault in FAULTS if fault.endswith("acted")])
wants = st.fixed_dictionaries({"name": st.sampled_from("xyz")})


class World:
    """A source, a target and a memory, and everything that was seen to happen."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FailingStore()
        self.target = FakeTarget(self.clock, self.store)
        self.source: dict[Ref, dict[str, Any]] = {}
        self.off: set[Ref] = set()

    def plan(self) -> Plan:
        """What would be done now."""
        as_of = self.clock.now()
        self.clock.advance(1)
        operations: list[Any] = []
        for kind in KINDS:
            operations += diff(self.draft(kind))
        return Plan(company="c", operations=ordered(operations, list(KINDS)), as_of=as_of)

    def draft(self, kind: str) -> Draft:
        """One kind, as it stands on all three sides."""
        fields = (FieldRule("name"),)
        rules = KindRules(
            kind=kind, fields=fields, active_field=("on", True, False), absent=Absent.HOLD
        )
        return Draft(
            feature="f",
            rules=rules,
            desired=tuple(
                Desired(ref=ref, title=ref.key, fields=wish, active=ref not in self.off)
                for ref, wish in self.source.items()
                if ref.kind == kind
            ),
            observed=tuple(
                Observed(
                    kind=kind,
                    target_id=record.target_id,
                    title=record.key,
                    fields=dict(record.fields),
                    key=record.key,
                    active=record.active,
                )
                for record in self.target.records[kind].values()
                if not self.is_fresh(Ref(kind, record.key))
            ),
            rows=tuple(self.store.read_links(Crosswalk(kind=kind))),
            target_complete=True,
            doubts=frozenset(mark.ref for mark in self.store.read_started()),
        )

    def is_fresh(self, ref: Ref) -> bool:
        """Whether listings do not show the record yet, as it is neither linked nor old."""
        lag = KINDS[ref.kind].read_lag
        now = self.clock.now()
        fresh = any(r == ref and (now - at).total_seconds() < lag for at, r in self.target.acted)
        return fresh and self.store.read_link(ref) is None

    def apply(self, plan: Plan) -> Report | None:
        """Carry it out in a process that may die; None if it did."""
        executor = Executor({"procore": self.target}, self.store, self.clock)
        try:
            return executor.apply(plan, actor="ann")
        except Crash:
            return None


class Runs(RuleBasedStateMachine):
    """Runs, faults, changes of the source and time, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.last: Plan | None = None

    @initialize(refs=st.sets(st.sampled_from(REFS), min_size=4))
    def begin(self, refs: set[Ref]) -> None:
        """The source has some records from the beginning."""
        self.world.source = {ref: {"name": "x"} for ref in sorted(refs)}

    def in_step(self, ref: Ref) -> bool:
        """Whether source, memory and target agree, so that a change of one side is no conflict."""
        row = self.world.store.read_link(ref)
        if any(mark.ref == ref for mark in self.world.store.read_started()) or row is None:
            return False
        record = self.world.target.records[ref.kind][row.target_id]
        return row.base["name"] == record.fields["name"] == self.world.source[ref]["name"]

    @rule(kind=st.sampled_from(list(KINDS)), key=st.sampled_from(KEYS), wish=wants)
    def want(self, kind: str, key: str, wish: Any) -> None:
        """The source gains or changes a record.

        What is in doubt, or was changed by hand, is not changed here: the plan would wait for a
        person, as the target's value is neither what was agreed nor what is wanted.
        """
        ref = Ref(kind, key)
        if ref not in self.world.source or self.in_step(ref):
            self.world.source[ref] = wish

    @rule(kind=st.sampled_from(list(KINDS)), key=st.sampled_from(KEYS))
    def switch(self, kind: str, key: str) -> None:
        """The source switches a linked record off, or on again."""
        ref = Ref(kind, key)
        if self.in_step(ref):
            self.world.off ^= {ref}

    @rule(kind=st.sampled_from(list(KINDS)), key=st.sampled_from(KEYS))
    def meddle(self, kind: str, key: str) -> None:
        """Somebody changes a linked record of the target by hand."""
        row = self.world.store.read_link(Ref(kind, key))
        if row is not None and self.in_step(row.ref):
            self.world.target.records[kind][row.target_id].fields["name"] = "by hand"

    @rule(seconds=st.integers(1, 10))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.world.clock.advance(seconds)

    @rule(
        kind=st.sampled_from([*KINDS, None]),
        faults=st.lists(st.sampled_from(FAULTS) | acted, max_size=4),
        die_at=st.none() | st.none() | st.integers(1, 12),
        die_after=st.booleans(),
        again=st.booleans(),
    )
    def run(
        self, kind: str | None, faults: list[str], die_at: Any, die_after: Any, again: Any
    ) -> None:
        """A run, of a new plan or of the last one, in which things go wrong."""
        world = self.world
        if self.last is None or not again:
            self.last = world.plan()
        world.target.faults.extend(faults)
        world.target.fault_kind = kind
        world.store.die_at = None if die_at is None else world.store.commits + die_at
        world.store.die_after = die_after
        report = world.apply(self.last)
        world.target.faults.clear()
        world.store.die_at = None
        note(f"{report and report.render()}")

    @rule()
    def run_without_faults(self) -> None:
        """In the end all is well, and a second plan is empty."""
        world, blind = self.world, self.blind_doubts()
        for _ in range(2):
            report = world.apply(world.plan())
            assert report is not None
        assert world.apply(world.plan()) is not None
        world.clock.advance(10)
        plan = world.plan()
        stuck = {op.ref for op in plan.todo}
        assert stuck <= blind
        report = world.apply(plan)
        assert report is not None
        assert {outcome.ref for outcome in report.outcomes if outcome.state == "unknown"} == stuck
        for ref, wish in world.source.items():
            self.check(ref, wish, stuck)
        assert {mark.ref for mark in world.store.read_started()} == stuck
        assert world.store.verify() == ()

    def blind_doubts(self) -> set[Ref]:
        """Creations in doubt that nobody can look up."""
        return {
            mark.ref
            for mark in self.world.store.read_started()
            if mark.ref.kind == "blind" and mark.verb == "create"
        }

    def check(self, ref: Ref, wish: Any, stuck: set[Ref]) -> None:
        """One record is in the target once, as wanted, and linked."""
        world = self.world
        found = [r for r in world.target.records[ref.kind].values() if r.key == ref.key]
        row = world.store.read_link(ref)
        if ref in stuck:
            assert len(found) <= 1
            assert row is None
            return
        if ref in world.off and row is None:
            return
        (record,) = found
        assert row is not None
        assert row.target_id == record.target_id
        assert record.active == row.active == (ref not in world.off)
        if record.active:
            assert record.fields == wish == {k: v for k, v in row.base.items() if k != "on"}

    @invariant()
    def nothing_is_created_twice(self) -> None:
        """No key is in the target twice, and nothing blind was ever created twice."""
        for kind, records in self.world.target.records.items():
            keys = Counter(record.key for record in records.values())
            assert all(count == 1 for count in keys.values()), (kind, keys)
        acted = Counter(ref for _, ref in self.world.target.acted if ref.kind != "upsert")
        assert all(count == 1 for count in acted.values())

    @invariant()
    def every_link_has_its_line(self) -> None:
        """Whatever is linked has a journal line that says so."""
        said = {
            (event.ref, event.detail["target_id"])
            for event in self.world.store.read_events(EventQuery())
            if event.action in {"done", "adopted"}
        }
        for kind in KINDS:
            for row in self.world.store.read_links(Crosswalk(kind=kind)):
                assert (row.ref, row.target_id) in said

    @invariant()
    def links_lead_somewhere(self) -> None:
        """Every link leads to a record of the target that exists."""
        for kind, records in self.world.target.records.items():
            for row in self.world.store.read_links(Crosswalk(kind=kind)):
                assert records[row.target_id].key == row.ref.key


Runs.TestCase.settings = settings(max_examples=100, stateful_step_count=12, deadline=None)
TestRuns = Runs.TestCase
