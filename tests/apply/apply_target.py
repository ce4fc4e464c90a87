"""A target in memory that misbehaves on order, and a store that can fail at any commit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from procore_spectrum.errors import (
    AuthenticationError,
    NotPermittedError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    UnreadableReplyError,
    Violation,
)
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import (
    Batch,
    BatchItem,
    Capabilities,
    CompanyKey,
    ItemOutcome,
    Probe,
    Reading,
    ReadQuery,
    StateStore,
    StoreChange,
)
from procore_spectrum.stores import MemoryStore

COMPANY = CompanyKey("5981", "ABC")
KINDS = {
    "upsert": Capabilities(batch=3, write="upsert"),
    "probed": Capabilities(batch=2, write="create", probe=True, read_lag=5.0),
    "blind": Capabilities(batch=2, write="create"),
}
ERRORS: dict[str, Any] = {
    "not sent": NotSentError,
    "unknown": OutcomeUnknownError,
    "unknown, acted": OutcomeUnknownError,
    "unreadable": UnreadableReplyError,
    "unreadable, acted": UnreadableReplyError,
    "not permitted": NotPermittedError,
    "not authenticated": AuthenticationError,
    "refused": RefusedError,
}
ITEM_FAULTS = ("item refused", "item failed", "item missing", "item missing, acted", "no id")
CRASHES = ("crash", "crash, acted")
FAULTS = ("done", *ERRORS, *ITEM_FAULTS, *CRASHES)


class Crash(BaseException):
    """The process dies: nothing after this line happens."""


@attrs.define
class Record:
    """A record of the target."""

    target_id: str
    key: str
    fields: dict[str, Any]
    active: bool = True


class FakeTarget:
    """Holds records by kind; each write takes the next fault from ``faults``.

    ``sent`` counts how often the creation of a record was begun to be sent. ``lagging`` makes
    listings and probes show what was there before, until the clock has moved on.
    """

    def __init__(self, clock: Any, store: StateStore) -> None:
        self.records: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.faults: deque[str] = deque()
        self.fault_kind: str | None = None
        self.writes: list[Batch] = []
        self.probes: list[Batch] = []
        self.before_write: Callable[[Batch], None] | None = None
        self.probe_error: Exception | None = None
        self.probe_answers: Sequence[Probe] | None = None
        self.acted: list[tuple[Any, Ref]] = []
        self._clock = clock
        self._store = store
        self._next = 0

    def capabilities(self, kind: str) -> Capabilities:
        """As declared above."""
        return KINDS[kind]

    def read(self, query: ReadQuery) -> Reading[Any]:
        """All records of a kind."""
        items = tuple(self.records[query.kind].values())
        return Reading(items=items, as_of=self._clock.now())

    def write(self, batch: Batch) -> Sequence[ItemOutcome]:
        """Do what the next fault says."""
        marks = {mark.op_id for mark in self._store.read_started()}
        assert {item.op_id for item in batch.items} <= marks, "written without a mark"
        self.writes.append(batch)
        if self.before_write is not None:
            self.before_write(batch)
        strikes = bool(self.faults) and self.fault_kind in {None, batch.kind}
        fault = self.faults.popleft() if strikes else "done"
        if fault == "crash":
            raise Crash
        if fault in ERRORS and not fault.endswith("acted"):
            raise ERRORS[fault](fault)
        first, rest = batch.items[:1], batch.items[1:]
        if fault in {"item refused", "item failed", "item missing"}:
            return [*self._spoiled(fault, first), *map(self._act, rest)]
        answers = [self._act(item) for item in batch.items]
        if fault == "crash, acted":
            raise Crash
        if fault in ERRORS:
            raise ERRORS[fault](fault)
        if fault == "item missing, acted":
            return answers[1:]
        if fault == "no id":
            return [attrs.evolve(answer, target_id=None) for answer in answers]
        return answers

    def _spoiled(self, fault: str, items: Sequence[BatchItem]) -> list[ItemOutcome]:
        if fault == "item missing":
            return []
        state: Any = fault.split()[1]
        reason = Violation(code="bad", message="not like this")
        return [ItemOutcome(op_id=i.op_id, state=state, violations=(reason,)) for i in items]

    def _act(self, item: BatchItem) -> ItemOutcome:
        records = self.records[item.ref.kind]
        found = records.get(item.target_id or "")
        if item.verb == "create":
            self.acted.append((self._clock.now(), item.ref))
            if KINDS[item.ref.kind].write == "upsert":
                found = next((r for r in records.values() if r.key == item.ref.key), None)
            if found is None:
                self._next += 1
                found = Record(str(self._next), item.ref.key, {})
                records[found.target_id] = found
        if found is None:
            gone = Violation(code="gone", message="not there")
            return ItemOutcome(op_id=item.op_id, state="refused", violations=(gone,))
        if item.verb == "deactivate":
            found.active = False
        else:
            found.active = item.fields.get("on", found.active)
            found.fields |= {path: v for path, v in item.fields.items() if path != "on"}
        if item.verb == "link":
            found.key = item.ref.key
        return ItemOutcome(op_id=item.op_id, state="done", target_id=found.target_id)

    def probe(self, batch: Batch) -> Sequence[Probe]:
        """Look records up by key; those of the last five seconds are not seen yet."""
        self.probes.append(batch)
        if self.probe_error is not None:
            raise self.probe_error
        if self.probe_answers is not None:
            return self.probe_answers
        return [self._probed(item) for item in batch.items]

    def _probed(self, item: BatchItem) -> Probe:
        lag = KINDS[item.ref.kind].read_lag
        fresh = {ref for at, ref in self.acted if (self._clock.now() - at).total_seconds() < lag}
        for record in self.records[item.ref.kind].values():
            if record.key == item.ref.key and item.ref not in fresh:
                return Probe(op_id=item.op_id, found=True, target_id=record.target_id)
        return Probe(op_id=item.op_id, found=False)


class FailingStore:
    """The handle of a :class:`MemoryStore` that dies at a commit of choice, before or after it."""

    def __init__(self) -> None:
        self._inner = MemoryStore().for_company(COMPANY)
        self.commits = 0
        self.die_at: int | None = None
        self.die_after = False

    def commit(self, change: StoreChange) -> None:
        """Count, and perhaps never return."""
        self.commits += 1
        fatal = self.commits == self.die_at
        if fatal and not self.die_after:
            raise Crash
        self._inner.commit(change)
        if fatal:
            raise Crash

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
