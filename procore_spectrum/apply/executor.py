"""Carries out a plan, so that a run killed anywhere is finished by the next one.

Per batch: lock its partition, leave out what an earlier run has done, resolve what an earlier
run left in doubt, note durably that it begins, send it once, and record the outcome, the link,
its base and the journal line in one transaction.

There are three kinds of failure and nothing else: *not sent* (the next run repeats it),
*outcome unknown* (the next run looks before it repeats) and *refused* (a person corrects it).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import attrs

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.apply.report import Outcome, Report, State
from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    DataError,
    InDoubtError,
    ProcoreSpectrumError,
    ReplyError,
    RunStoppedError,
    StoreBusyError,
    TryAgainError,
    Violation,
)
from procore_spectrum.plan.operations import (
    Create,
    Deactivate,
    Held,
    Link,
    Operation,
    System,
    Update,
)
from procore_spectrum.plan.ordering import batches
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import CrosswalkRow, Ref, fingerprint
from procore_spectrum.plan.values import Fields, Value, plain, same
from procore_spectrum.ports import (
    Batch,
    BatchItem,
    Capabilities,
    Clock,
    Crosswalk,
    Event,
    EventQuery,
    ItemOutcome,
    LockRequest,
    Probe,
    StartedOperation,
    StateStore,
    StoreChange,
    Target,
)

__all__ = ["Executor", "Progress"]

Progress = Callable[[Outcome], None]
_Rows = Mapping[Ref, CrosswalkRow]

# The next batch would fare no better, or would be as much in doubt.
_STOPPING = (TryAgainError, AuthenticationError, InDoubtError, ReplyError)


@attrs.define
class _Run:
    """What one application of one plan knows while it goes on."""

    plan: Plan
    actor: str
    before: frozenset[str] = frozenset()  # operations that were carried out since the plan
    doubts: dict[Ref, tuple[StartedOperation, ...]] = attrs.field(factory=dict)
    scopes: dict[Ref, str] = attrs.field(factory=dict)
    stopped: str = ""

    def creations(self, op: Operation) -> tuple[StartedOperation, ...]:
        """Creations of the same record in doubt, oldest first."""
        return tuple(doubt for doubt in self.doubts.get(op.ref, ()) if doubt.verb == "create")

    def doubt_ids(self, ops: Iterable[Operation]) -> tuple[str, ...]:
        return tuple(doubt.op_id for op in ops for doubt in self.doubts.get(op.ref, ()))


class Executor:
    """Applies plans to targets, with a journal.

    Args:
        targets: the systems that may be written, by name.
        store: the handle of one company.
        clock: tells the time and waits for reads that lag.
        approvals: the queue that lets documents into the ERP. Without it nothing is written
            there.
    """

    def __init__(
        self,
        targets: Mapping[System, Target],
        store: StateStore,
        clock: Clock,
        approvals: Approvals | None = None,
    ) -> None:
        self._targets = targets
        self._store = store
        self._clock = clock
        self._approvals = approvals or Approvals(store, clock)

    def apply(
        self,
        plan: Plan,
        *,
        actor: str,
        override_guards: str = "",
        progress: Progress | None = None,
        person: Person | None = None,
    ) -> Report:
        """Carry out everything in the plan that is not held.

        Args:
            plan: what to do.
            actor: who is recorded in the journal.
            override_guards: the reason for which the guards are set aside.
            progress: called with every outcome as soon as it is recorded.
            person: who sends what is new to accounting; the actor, if not given.

        Raises:
            RunStoppedError: a guard refuses the plan; nothing was written.
            ConfigurationError: the plan is for a system that cannot be written here.
            StoreBusyError: another run is at work, and nothing was done yet; later on, the run
                ends early and its report says why.
            StoreError: the store failed; what was sent is in its list of doubts.
        """
        if plan.guards and not override_guards:
            raise RunStoppedError(
                "the guards stop this plan",
                violations=plan.guards,
                hint="look at the plan; if it is meant, give a reason to override the guards",
            )
        for name in {op.target for op in plan.todo} - set(self._targets):
            raise ConfigurationError(f"{name} cannot be written here", path="targets")
        run = _Run(plan, actor, self._carried_out(plan))
        self._note(run, "apply-started", counts=dict(plan.counts), override_guards=override_guards)
        self._approvals.prepare(plan.documents, by=person or Person(name=actor))
        self._approvals.withdraw(plan.withdrawals)
        outcomes: list[Outcome] = []
        for piece in self._pieces(plan):
            try:
                found = self._piece(run, piece)
            except StoreBusyError as error:
                if not any(outcome.state != "held" for outcome in outcomes):
                    raise
                run.stopped = str(error)
                found = self._piece(run, piece)
            for outcome in found:
                outcomes.append(outcome)
                if progress is not None:
                    progress(outcome)
        self._approvals.finish(_by_document(plan, outcomes))
        report = Report(plan_id=plan.plan_id, outcomes=tuple(outcomes), stopped=run.stopped)
        self._note(run, "apply-ended", counts=dict(report.counts), stopped=run.stopped)
        return report

    def _pieces(self, plan: Plan) -> Iterable[tuple[Operation, ...]]:
        held = tuple(op for op in plan.operations if isinstance(op, Held))
        if held:
            yield held
        for (target, kind), group in groupby(plan.todo, key=lambda op: (op.target, op.ref.kind)):
            yield from batches(tuple(group), self._targets[target].capabilities(kind).batch)

    def _note(self, run: _Run, action: str, **detail: Any) -> None:
        event = Event(
            at=self._clock.now(),
            action=action,
            plan_id=run.plan.plan_id,
            actor=run.actor,
            detail=detail,
        )
        self._store.commit(StoreChange(events=(event,)))

    # ------------------------------------------------------------ one batch

    def _piece(self, run: _Run, piece: Sequence[Operation]) -> list[Outcome]:
        first = piece[0]
        if isinstance(first, Held):
            return [Outcome.of(op, "held", message=op.reason) for op in piece]
        if run.stopped:
            return [Outcome.of(op, "waiting", message="the run ended early") for op in piece]
        lock = LockRequest(
            name=f"{first.target}:{first.partition}",
            owner=f"{run.actor}, plan {run.plan.plan_id[:12]}",
        )
        with self._store.lock(lock):
            # Under the lock: another run may have finished, or failed, since this one began.
            rows = self._links_of(piece)
            run.doubts = _by_ref(self._store.read_started())
            done = run.before
            if any(map(_leaves_no_trace, piece)):
                done |= self._done_since(run.plan)
            outcomes = [
                found
                for op in piece
                if (found := _settled(op, rows.get(op.ref), done) or _undone(op, run.before))
            ]
            states = {outcome.op_id: outcome.state for outcome in outcomes}
            self._forget_doubts(run, [op for op in piece if states.get(op.op_id) == "unchanged"])
            ready = [op for op in piece if op.op_id not in states]
            refused = {op.op_id: why for op in ready if (why := self._approvals.objection(op))}
            outcomes += [
                Outcome.of(op, "waiting", message=refused[op.op_id])
                for op in ready
                if op.op_id in refused
            ]
            ready = [op for op in ready if op.op_id not in refused]
            if ready and first.writes:
                outcomes += self._write(run, ready, rows)
            elif ready:
                outcomes += self._adopt(run, ready, rows)
            return outcomes

    def _links_of(self, piece: Sequence[Operation]) -> _Rows:
        """Links of a batch: one by one where it is a single record, else all of its scope."""
        if len(piece) == 1:
            found = self._store.read_link(piece[0].ref)
            return {} if found is None else {found.ref: found}
        query = Crosswalk(kind=piece[0].ref.kind, scope=piece[0].scope)
        return {row.ref: row for row in self._store.read_links(query)}

    def _carried_out(self, plan: Plan) -> frozenset[str]:
        """Operations, of whatever plan, that were carried out after this plan was made."""
        as_of = plan.as_of

        def since(action: str) -> list[Event]:
            events = self._store.read_events(EventQuery(action=action))
            return [event for event in events if as_of is None or event.at > as_of]

        if not since("apply-started"):
            return frozenset()
        events = (*since("done"), *since("adopted"))
        return frozenset(event.op_id for event in events if event.op_id)

    def _done_since(self, plan: Plan) -> frozenset[str]:
        """Operations of this plan that were carried out after it was made."""
        events = self._store.read_events(EventQuery(plan_id=plan.plan_id, action="done"))
        as_of = plan.as_of
        found = (event for event in events if as_of is None or event.at >= as_of)
        return frozenset(event.op_id for event in found if event.op_id)

    def _forget_doubts(self, run: _Run, ops: Sequence[Operation]) -> None:
        if ids := run.doubt_ids(ops):
            self._store.commit(StoreChange(settled=ids))

    def _adopt(self, run: _Run, ops: Sequence[Operation], rows: _Rows) -> list[Outcome]:
        """Links that need no request: only our own store changes."""
        outcomes = [Outcome.of(op, "adopted", target_id=op.target_id) for op in ops]
        self._record(run, ops, outcomes, rows, {})
        return outcomes

    def _write(self, run: _Run, ops: Sequence[Operation], rows: _Rows) -> list[Outcome]:
        scope = ops[0].scope
        scope_id = self._scope_id(run, scope) if scope else None
        if scope and not scope_id:
            return [Outcome.of(op, "waiting", message=f"{scope} is not there yet") for op in ops]
        outcomes, ready = [], []
        rows = {**rows, **self._rows_elsewhere(ops, rows)}
        for op in ops:
            missing = [ref for ref in _needed(op) if ref not in rows]
            if missing:
                message = f"{missing[0]} is not there yet"
                outcomes.append(Outcome.of(op, "waiting", message=message))
            else:
                ready.append(op)
        can = self._targets[ops[0].target].capabilities(ops[0].ref.kind)
        if can.write == "create":
            found, ready = self._look_up(run, ready, rows, scope_id, can)
            outcomes += found
        if ready:
            outcomes += self._send(run, ready, rows, scope_id)
        return outcomes

    def _rows_elsewhere(self, ops: Sequence[Operation], rows: _Rows) -> _Rows:
        """Links of other kinds or scopes that have to exist before these operations."""
        needed = {ref for op in ops for ref in _needed(op) if ref not in rows}
        found = {ref: self._store.read_link(ref) for ref in needed}
        return {ref: row for ref, row in found.items() if row is not None}

    def _scope_id(self, run: _Run, scope: Ref) -> str | None:
        if scope not in run.scopes and (row := self._store.read_link(scope)):
            run.scopes[scope] = row.target_id
        return run.scopes.get(scope)

    def _look_up(
        self,
        run: _Run,
        ops: Sequence[Operation],
        rows: _Rows,
        scope_id: str | None,
        can: Capabilities,
    ) -> tuple[list[Outcome], list[Operation]]:
        """Resolve creations that an earlier run sent without learning their outcome."""
        doubtful = [op for op in ops if isinstance(op, Create) and run.creations(op)]
        if not doubtful:
            return [], list(ops)
        if can.read_lag:
            self._clock.sleep(can.read_lag)
        message = (
            "an earlier run sent it without an answer, and it cannot be looked up; look there,"
            " then say with resolve whether it has arrived"
        )
        probes: dict[str, Probe] = {}
        if can.probe:
            try:
                batch = _batch(doubtful, rows, scope_id)
                probes = {p.op_id: p for p in self._targets[doubtful[0].target].probe(batch)}
            except ProcoreSpectrumError as error:
                message = f"looking up what an earlier run sent failed: {error}"
        outcomes: list[Outcome] = []
        adopted: list[Operation] = []
        for op in doubtful:
            probe = probes.get(op.op_id)
            if probe is not None and probe.found and probe.target_id:
                # What was sent then is the base, also if the source has changed since.
                sent = run.creations(op)[-1].fields
                adopted.append(attrs.evolve(op, desired=sent))
                outcomes.append(Outcome.of(op, "adopted", target_id=probe.target_id))
            elif probe is None or probe.found is not False:
                outcomes.append(Outcome.of(op, "unknown", message=message))
        if adopted:
            found = {outcome.ref: outcome for outcome in outcomes}
            self._record(run, adopted, [found[op.ref] for op in adopted], rows, {})
        settled = {outcome.op_id for outcome in outcomes}
        return outcomes, [op for op in ops if op.op_id not in settled]

    # ------------------------------------------------------------ sending and recording

    def _send(
        self, run: _Run, ready: Sequence[Operation], rows: _Rows, scope_id: str | None
    ) -> list[Outcome]:
        # An answer may have been taken back since it was looked at.
        late = self._approvals.begin({op.document for op in ready if op.document is not None})
        why = {op.op_id: late[op.document] for op in ready if op.document and op.document in late}
        waiting = [
            Outcome.of(op, "waiting", message=why[op.op_id]) for op in ready if op.op_id in why
        ]
        ops = [op for op in ready if op.op_id not in why]
        if not ops:
            return waiting
        self._begin(run, ops)
        try:
            batch = _batch(ops, rows, scope_id)
            answers = {a.op_id: a for a in self._targets[ops[0].target].write(batch)}
        except ProcoreSpectrumError as error:
            if isinstance(error, _STOPPING):
                run.stopped = str(error)
            answers, state, reasons = {}, _state_after(error), error.violations
            outcomes = [
                Outcome.of(op, state, message=error.message, violations=reasons) for op in ops
            ]
        else:
            outcomes = [_outcome(op, answers.get(op.op_id)) for op in ops]
        self._record(run, ops, outcomes, rows, answers)
        return [*waiting, *outcomes]

    def _begin(self, run: _Run, ops: Sequence[Operation]) -> None:
        """The mark that must not be lost: from here on, an operation may have been carried out.

        It takes the place of older doubts about the same records: they were looked up, or
        sending once more makes up for them.
        """
        at = self._clock.now()
        self._store.commit(
            StoreChange(
                settled=run.doubt_ids(ops),
                started=tuple(
                    StartedOperation(
                        op_id=op.op_id,
                        ref=op.ref,
                        target=op.target,
                        verb=op.verb,
                        at=at,
                        plan_id=run.plan.plan_id,
                        fields=op.desired,
                        scope=op.scope,
                        target_id=op.target_id,
                    )
                    for op in ops
                ),
            )
        )

    def _record(
        self,
        run: _Run,
        ops: Sequence[Operation],
        outcomes: Sequence[Outcome],
        rows: _Rows,
        answers: Mapping[str, ItemOutcome],
    ) -> None:
        """Outcome, link, base and journal line, in one transaction."""
        at = self._clock.now()
        links, events, settled = [], [], []
        for op, outcome in zip(ops, outcomes, strict=True):
            events.append(_event(run, op, outcome, at=at))
            if outcome.state == "unknown":
                continue
            settled += [op.op_id, *run.doubt_ids([op])]
            if outcome.state in {"done", "adopted", "unchanged"}:
                answer = answers.get(op.op_id)
                written = answer.written if answer else {}
                links.append(_row(op, outcome.target_id or "", rows.get(op.ref), written))
        self._store.commit(
            StoreChange(links=tuple(links), events=tuple(events), settled=tuple(settled))
        )


# ---------------------------------------------------------------- pure pieces


def _by_ref(started: Iterable[StartedOperation]) -> dict[Ref, tuple[StartedOperation, ...]]:
    found: dict[Ref, tuple[StartedOperation, ...]] = {}
    for item in started:
        found[item.ref] = (*found.get(item.ref, ()), item)
    return found


def _state_after(error: ProcoreSpectrumError) -> State:
    if isinstance(error, InDoubtError | ReplyError):
        return "unknown"
    return "refused" if isinstance(error, DataError) else "failed"


def _leaves_no_trace(op: Operation) -> bool:
    """Whether the link looks the same before and after: something may be put back as it was."""
    return isinstance(op, Update | Deactivate) and fingerprint(op.before) == fingerprint(op.desired)


def _undone(op: Operation, before: Container[str]) -> Outcome | None:
    """What was carried out and is not there any more was changed or taken back by somebody."""
    if op.op_id not in before:
        return None
    return Outcome.of(
        op, "waiting", message="it was done since the plan was made, and then changed; plan again"
    )


def _settled(op: Operation, row: CrosswalkRow | None, done: Container[str]) -> Outcome | None:
    """What an earlier run has done already, or what the store contradicts since the plan."""
    if row is None:
        # A record of the ERP that is changed for the first time has no link of its own yet.
        if isinstance(op, Create | Link) or not op.before:
            return None
        return Outcome.of(op, "waiting", message="its link is gone; plan again")
    same_target = op.target_id in {None, row.target_id}
    if same_target and row.active == op.active and row.fingerprint == fingerprint(op.desired):
        if _leaves_no_trace(op) and op.op_id not in done:
            return None
        return Outcome.of(op, "unchanged", target_id=row.target_id)
    if isinstance(op, Create) or not same_target or row.fingerprint != fingerprint(op.before):
        return Outcome.of(
            op, "waiting", message="it was synced since the plan was made; plan again"
        )
    return None


def _needed(op: Operation) -> tuple[Ref, ...]:
    named = tuple(op.references.values())
    return (*op.after, *named, op.parent) if op.parent is not None else (*op.after, *named)


def _by_document(plan: Plan, outcomes: Iterable[Outcome]) -> dict[Ref, list[Outcome]]:
    """The outcomes of each document of which something was attempted."""
    documents = {op.op_id: op.document for op in plan.todo}
    found: dict[Ref, list[Outcome]] = {}
    for outcome in outcomes:
        document = documents.get(outcome.op_id)
        if document is not None:
            found.setdefault(document, []).append(outcome)
    return found


def _batch(ops: Sequence[Operation], rows: _Rows, scope_id: str | None) -> Batch:
    return Batch(
        kind=ops[0].ref.kind,
        scope=ops[0].scope,
        scope_id=scope_id,
        items=tuple(_item(op, rows) for op in ops),
    )


def _item(op: Operation, rows: _Rows) -> BatchItem:
    fields: Fields = {change.path: change.source for change in op.changes}
    if isinstance(op, Create):
        fields = op.desired
    elif isinstance(op, Link):
        fields = {
            path: value
            for path, value in op.desired.items()
            if not same(value, op.before.get(path))
        }
    # The source's keys mean nothing to the target: it is told the ids of those records.
    ids = {path: rows[ref].target_id for path, ref in op.references.items() if path in fields}
    return BatchItem(
        op_id=op.op_id,
        verb=op.verb,
        ref=op.ref,
        fields={**fields, **ids},
        full=op.desired,
        target_id=op.target_id,
        parent_id=rows[op.parent].target_id if op.parent else None,
    )


def _outcome(op: Operation, answer: ItemOutcome | None) -> Outcome:
    if answer is None:
        message = "the answer does not mention it"
        return Outcome.of(op, "unknown", message=message)
    if answer.state in {"done", "unchanged"} and not (answer.target_id or op.target_id):
        return Outcome.of(op, "unknown", message="the answer does not say which record it is")
    if answer.state == "refused" and not answer.violations:
        reasons: tuple[Violation, ...] = (
            Violation(code="refused", message="refused without a reason"),
        )
    else:
        reasons = answer.violations
    return Outcome.of(
        op, answer.state, target_id=answer.target_id or op.target_id, violations=reasons
    )


def _row(op: Operation, target_id: str, old: CrosswalkRow | None, written: Fields) -> CrosswalkRow:
    sent = set(op.desired) if isinstance(op, Create) else {change.path for change in op.changes}
    kept: dict[str, Value] = {}
    if old is not None:
        kept = {
            path: value
            for path, value in old.echo.items()
            if path not in sent and same(old.base.get(path), op.desired.get(path))
        }
    echo: dict[str, Value] = {
        path: value
        for path, value in written.items()
        if path in sent and not same(value, op.desired.get(path))
    }
    return CrosswalkRow(
        ref=op.ref,
        target_id=target_id,
        base=op.desired,
        scope=op.scope,
        active=op.active,
        echo={**kept, **echo},
    )


def _event(run: _Run, op: Operation, outcome: Outcome, *, at: Any) -> Event:
    detail: dict[str, Any] = {
        "feature": op.feature,
        "verb": op.verb,
        "title": op.title,
        "target": op.target,
        "target_id": outcome.target_id,
        "changes": [[c.path, plain(c.base), plain(c.target), plain(c.source)] for c in op.changes],
    }
    if outcome.message or outcome.violations:
        detail["why"] = [outcome.message, *map(str, outcome.violations)]
    return Event(
        at=at,
        action=outcome.state,
        ref=op.ref,
        op_id=outcome.op_id,
        plan_id=run.plan.plan_id,
        actor=run.actor,
        detail=detail,
    )
