"""Two people, or a person and a run, who answer at the same moment: one is heard, one is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from approval_documents import NUMBER, REF, document

from procore_spectrum.apply.approvals import Approvals, ApprovalSettings, Person
from procore_spectrum.apply.executor import Executor
from procore_spectrum.apply.report import Outcome
from procore_spectrum.errors import ConflictError
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.operations import Create
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Approval, Capabilities, CompanyKey, EventQuery, StateStore
from procore_spectrum.stores import MemoryStore, SqliteStore
from procore_spectrum.testing import FakeClock

ACME = CompanyKey("1", "ABC")
READY = document(needs=(NUMBER,))
Answer = Callable[[Approvals, Person], Approval]
ANSWERS: dict[str, Answer] = {
    "accept": lambda queue, who: queue.accept(REF, by=who, given={"subcontract_number": who.name}),
    "reject": lambda queue, who: queue.reject(REF, by=who, why=who.name),
    "retrieve": lambda queue, who: queue.retrieve(REF, by=who, why=who.name),
}


class Meeting:
    """A handle that, once it has read an approval, waits until somebody else has read it too."""

    def __init__(self, handle: StateStore, both: threading.Barrier) -> None:
        self._handle = handle
        self._both = both

    def read_approval(self, ref: Ref) -> Approval | None:
        """Read, then wait for the other."""
        found = self._handle.read_approval(ref)
        self._both.wait(10)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)


@pytest.fixture(params=["memory", "sqlite"])
def handles(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[StateStore]]:
    """Two handles of one company: in memory, or two connections to one file."""
    stores: list[Any]
    if request.param == "memory":
        stores = [MemoryStore()] * 2
    else:
        stores = [SqliteStore(tmp_path / "sync.db") for _ in range(2)]
    yield [store.for_company(ACME) for store in stores]
    for store in stores:
        store.close()


@pytest.mark.parametrize("first", ["accept"])
@pytest.mark.parametrize("second", ["accept", "reject", "retrieve"])
def test_one_answer_counts(handles: list[StateStore], first: str, second: str) -> None:
    """Both have read that it waits; one answer is kept with its journal line, one is refused."""
    Approvals(handles[0], FakeClock()).send(READY, by=Person(name="Sam"))
    both = threading.Barrier(2)

    def answer(handle: StateStore, how: str, name: str) -> Approval | ConflictError:
        queue = Approvals(Meeting(handle, both), FakeClock())
        try:
            return ANSWERS[how](queue, Person(name=name))
        except ConflictError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(answer, handles, (first, second), ("Anna", "Bob")))
    (kept,) = [item for item in found if isinstance(item, Approval)]
    (refused,) = [item for item in found if isinstance(item, ConflictError)]
    assert refused.hint
    assert handles[0].read_approval(REF) == kept
    lines = [line.actor for line in handles[1].read_events(EventQuery(ref=REF))]
    assert lines == ["Sam", kept.decided_by]
    claims = [claim.number for claim in handles[1].read_claims(NUMBER.space)]
    assert claims == ([kept.decided_by] if kept.state is State.ACCEPTED else [])


def test_many_at_once(handles: list[StateStore]) -> None:
    """Of many who answer without waiting for each other, exactly one is heard."""
    Approvals(handles[0], FakeClock()).send(READY, by=Person(name="Sam"))

    def answer(number: int) -> str:
        queue = Approvals(handles[number % 2], FakeClock())
        how = list(ANSWERS)[number % 3]
        try:
            ANSWERS[how](queue, Person(name=f"P{number}"))
        except ConflictError:
            return ""
        return f"P{number}"

    with ThreadPoolExecutor(8) as pool:
        heard = list(filter(None, pool.map(answer, range(24))))
    found = handles[0].read_approval(REF)
    assert found is not None
    # Who rejects what was accepted a moment before is heard as well: that is a transition.
    lines = [line.actor for line in handles[1].read_events(EventQuery(ref=REF))][1:]
    assert sorted(lines) == sorted(heard)
    assert lines[-1] == found.decided_by
    assert handles[0].verify() == ()


class Faster:
    """A handle on which somebody else answers right after the first approval was read."""

    def __init__(self, handle: StateStore, answer: Callable[[], object]) -> None:
        self._handle = handle
        self._answer: Callable[[], object] | None = answer

    def read_approval(self, ref: Ref) -> Approval | None:
        """Read, then let the other answer."""
        found = self._handle.read_approval(ref)
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)


ANNA = Person(name="Anna")


@pytest.fixture
def handle() -> StateStore:
    """One company."""
    return MemoryStore().for_company(ACME)


def test_a_run_does_not_overwrite_an_answer(handle: StateStore) -> None:
    """A run that wants to ask again leaves the answer that came meanwhile; the next one asks."""
    queue = Approvals(handle, FakeClock())
    queue.send(READY, by=ANNA)
    edited = attrs.evolve(READY, fields={**READY.fields, "comment": "more"})
    late = Approvals(Faster(handle, lambda: queue.reject(REF, by=ANNA)), FakeClock())
    late.prepare([edited], by=ANNA)
    assert queue.get_approval(REF).state is State.REJECTED
    assert queue.get_approval(REF).document.shown == READY.shown


def test_a_run_does_not_send_twice(handle: StateStore) -> None:
    """Of two runs that both send a new document, one does, also where all is automatic."""
    settings = ApprovalSettings(automatic=("commitments",))
    queue = Approvals(handle, FakeClock(), settings)
    late = Approvals(Faster(handle, lambda: queue.prepare([READY], by=ANNA)), FakeClock(), settings)
    late.prepare([READY], by=ANNA)
    assert [e.action for e in handle.read_events(EventQuery(ref=REF))] == ["send", "accept"]


def test_a_run_does_not_overwrite_at_its_end(handle: StateStore) -> None:
    """What was asked again while a run wrote stays so."""
    queue = Approvals(handle, FakeClock())
    queue.send(READY, by=ANNA)
    queue.accept(REF, by=ANNA)
    queue.begin([REF])
    edited = attrs.evolve(READY, fields={**READY.fields, "comment": "more"})
    late = Approvals(Faster(handle, lambda: queue.prepare([edited], by=ANNA)), FakeClock())
    late.finish({REF: [Outcome.of(_create(), "done", target_id="1")]})
    assert queue.get_approval(REF).state is State.READY_TO_EXPORT


# ---------------------------------------------------------------- just before the writing


def _create() -> Create:
    return Create(
        feature="commitments",
        ref=Ref("subcontract", "77"),
        title="SC-1",
        target="spectrum",
        desired={"vendor_code": "ACME"},
        document=REF,
        shown=READY.shown,
    )


class Erp:
    """An ERP that takes everything."""

    def __init__(self) -> None:
        self.written: list[Any] = []

    def capabilities(self, kind: str) -> Capabilities:
        """Records are found by key."""
        return Capabilities(write="upsert")

    def write(self, batch: Any) -> list[Any]:
        """Never expected."""
        self.written.append(batch)
        return []


def test_an_acceptance_taken_back_at_the_last_moment_is_not_written(handle: StateStore) -> None:
    """Rejected between the look at the queue and the sending: nothing is sent, nothing in doubt."""
    queue = Approvals(handle, FakeClock())
    queue.send(READY, by=ANNA)
    queue.accept(REF, by=ANNA)
    reads = 0

    class Late(Faster):
        def read_approval(self, ref: Ref) -> Approval | None:
            nonlocal reads
            reads += 1
            if reads == 2:
                queue.reject(REF, by=ANNA, why="wrong vendor")
            return handle.read_approval(ref)

    erp = Erp()
    slow = Approvals(Late(handle, lambda: None), FakeClock())
    targets: Any = {"spectrum": erp}
    plan = Plan(company="1/ABC", operations=(_create(),), documents=())
    report = Executor(targets, handle, FakeClock(), slow).apply(plan, actor="Robin")
    assert reads >= 2
    assert erp.written == []
    assert [(o.state, o.message) for o in report.outcomes] == [
        ("waiting", "cannot begin what is rejected")
    ]
    assert handle.read_started() == ()
    assert queue.get_approval(REF).state is State.REJECTED
