"""A store that forgets everything at the end of the process; for tests and scripts."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import attrs

from procore_spectrum.errors import StoreError, Violation
from procore_spectrum.plan.records import CrosswalkRow, Ref
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
    StoreChange,
)
from procore_spectrum.stores import codec
from procore_spectrum.stores.approvals_codec import approval_from_row, check_expected
from procore_spectrum.stores.checks import CompanyRows, check_company
from procore_spectrum.stores.codec import NO_EVENTS, Head, Row
from procore_spectrum.stores.handle import CompanyHandle
from procore_spectrum.stores.locks import busy

__all__ = ["MemoryStore"]


@attrs.define
class _Tables:
    """One company's rows, each under its key."""

    links: dict[Row, Row] = attrs.field(factory=dict)
    started: dict[Row, Row] = attrs.field(factory=dict)
    decisions: dict[Row, Row] = attrs.field(factory=dict)
    approvals: dict[Row, Row] = attrs.field(factory=dict)
    claims: dict[Row, Row] = attrs.field(factory=dict)
    events: list[Row] = attrs.field(factory=list)
    facts: dict[str, str] = attrs.field(factory=dict)
    head: Head = NO_EVENTS


@attrs.define
class _Shared:
    """What all handles of one store share; touched only under ``guard``."""

    guard: threading.Condition = attrs.field(factory=threading.Condition)
    companies: defaultdict[CompanyKey, _Tables] = attrs.field(factory=lambda: defaultdict(_Tables))
    locks: dict[tuple[CompanyKey, str], str] = attrs.field(factory=dict)
    closed: bool = False


class MemoryStore(CompanyHandle):
    """A :class:`~procore_spectrum.ports.StateStore` in memory, safe to use from many threads.

    It keeps the same rows as the other stores, so values come back in the same spelling.
    Its locks exclude threads of this process only.
    """

    def __init__(self) -> None:
        self._shared = _Shared()

    def __repr__(self) -> str:
        return f"MemoryStore(company={self._company})"

    def read_links(self, query: Crosswalk) -> Sequence[CrosswalkRow]:
        """Crosswalk rows, ordered by ref."""
        kind = codec.text_to_column(query.kind, "kind")
        scope = None if query.scope is None else codec.ref_to_row(query.scope)
        with self._tables() as tables:
            rows = [row for key, row in sorted(tables.links.items()) if key[0] == kind]
        return tuple(codec.link_from_row(row) for row in rows if scope in {None, row[2:4]})

    def read_link(self, ref: Ref) -> CrosswalkRow | None:
        """The crosswalk row of one record."""
        key = codec.ref_to_row(ref)
        with self._tables() as tables:
            row = tables.links.get(key)
        return None if row is None else codec.link_from_row(row)

    def read_started(self) -> Sequence[StartedOperation]:
        """Operations in doubt, oldest first."""
        with self._tables() as tables:
            found = [codec.started_from_row(row) for row in tables.started.values()]
        return tuple(sorted(found, key=lambda operation: operation.at))

    def read_decisions(self) -> Sequence[Decision]:
        """Decisions, ordered by ref."""
        with self._tables() as tables:
            rows = [row for _, row in sorted(tables.decisions.items())]
        return tuple(map(codec.decision_from_row, rows))

    def read_approvals(self) -> Sequence[Approval]:
        """Approvals, ordered by ref."""
        with self._tables() as tables:
            rows = [row for _, row in sorted(tables.approvals.items())]
        return tuple(map(approval_from_row, rows))

    def read_approval(self, ref: Ref) -> Approval | None:
        """The approval of one document."""
        key = codec.ref_to_row(ref)
        with self._tables() as tables:
            row = tables.approvals.get(key)
        return None if row is None else approval_from_row(row)

    def read_claims(self, space: str) -> Sequence[Claim]:
        """The numbers of one space that were ever given, in their order."""
        space = codec.text_to_column(space, "space")
        with self._tables() as tables:
            rows = [row for key, row in sorted(tables.claims.items()) if key[0] == space]
        return tuple(map(codec.claim_from_row, rows))

    def read_events(self, query: EventQuery) -> Sequence[Event]:
        """Journal lines, oldest first."""
        codec.event_query_to_row(query)
        with self._tables() as tables:
            rows = tuple(tables.events)
        return tuple(event for event in map(codec.event_from_row, rows) if _fits(event, query))

    def read_fact(self, name: str) -> str | None:
        """A small named value."""
        name = codec.text_to_column(name, "fact")
        with self._tables() as tables:
            return tables.facts.get(name)

    def commit(self, change: StoreChange) -> None:
        """Write the change wholly or not at all.

        A ref that is both unlinked and linked ends linked; an operation that is both settled
        and started ends in doubt; a decision that is both made and taken back is made.

        Raises:
            InvalidValueError: something in it cannot be stored; nothing was written.
            ConflictError: a number is claimed by another record, or an approval is not as
                expected; nothing was written.
            StoreError: the store is closed.
        """
        with self._tables() as tables:
            rows = codec.change_to_rows(change, self.company, tables.head)
            check_expected(change.expected, lambda ref: tables.approvals.get(codec.ref_to_row(ref)))
            claims = dict(tables.claims) if rows.claims else tables.claims
            for claim in rows.claims:
                owner = claims.setdefault(claim[:2], claim)
                if owner[2:] != claim[2:]:
                    raise codec.claimed(claim, owner[2:])
            for key in rows.unlinks:
                tables.links.pop(key, None)
            tables.links.update({row[:2]: row for row in rows.links})
            for key in rows.settled:
                tables.started.pop(key, None)
            tables.started.update({row[:1]: row for row in rows.started})
            for key in rows.undecided:
                tables.decisions.pop(key, None)
            tables.decisions.update({row[:2]: row for row in rows.decisions})
            tables.approvals.update({row[:2]: row for row in rows.approvals})
            tables.claims = claims
            tables.events.extend(rows.events)
            tables.facts.update(dict(rows.facts))
            tables.head = rows.head

    def lock(self, request: LockRequest) -> AbstractContextManager[None]:
        """Hold a lock for the length of a ``with`` block; it excludes threads only.

        Raises:
            StoreBusyError: somebody else holds it.
        """
        return self._held((self.company, codec.text_to_column(request.name, "name")), request)

    @contextmanager
    def _held(self, name: tuple[CompanyKey, str], request: LockRequest) -> Iterator[None]:
        shared = self._shared
        with shared.guard:
            free = shared.guard.wait_for(lambda: name not in shared.locks, request.wait_seconds)
            if not free:
                raise busy(request, shared.locks[name])
            shared.locks[name] = request.owner
        try:
            yield
        finally:
            with shared.guard:
                del shared.locks[name]
                shared.guard.notify_all()

    def verify(self) -> Sequence[Violation]:
        """Check the journal's chain and the rows; empty when sound."""
        with self._tables() as tables:
            rows = CompanyRows(
                company=self.company,
                links=tuple(tables.links.values()),
                started=tuple(tables.started.values()),
                decisions=tuple(tables.decisions.values()),
                approvals=tuple(tables.approvals.values()),
                claims=tuple(tables.claims.values()),
                events=tuple(tables.events),
                head=tables.head,
            )
        return tuple(check_company(rows))

    @contextmanager
    def _tables(self) -> Iterator[_Tables]:
        company = self.company
        with self._shared.guard:
            if self._shared.closed:
                raise StoreError("the store is closed", hint="open it again")
            yield self._shared.companies[company]

    def _close(self) -> None:
        with self._shared.guard:
            self._shared.closed = True


def _fits(event: Event, query: EventQuery) -> bool:
    return (
        query.ref in {None, event.ref}
        and query.op_id in {None, event.op_id}
        and query.plan_id in {None, event.plan_id}
        and query.action in {None, event.action}
    )
