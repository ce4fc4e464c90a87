"""The protocols that other people may implement.

Every method takes one frozen parameter object, so that a later field breaks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.operations import System
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.wire.clock import Clock
from procore_spectrum.wire.transport import AsyncTransport, Transport

__all__ = [
    "Approval",
    "AsyncTransport",
    "Batch",
    "BatchItem",
    "Capabilities",
    "Claim",
    "Clock",
    "CompanyKey",
    "Crosswalk",
    "Decision",
    "Event",
    "EventQuery",
    "ItemOutcome",
    "LockRequest",
    "Notice",
    "Notifier",
    "Probe",
    "ReadQuery",
    "Reading",
    "Source",
    "StartedOperation",
    "StateStore",
    "StoreChange",
    "Target",
    "Transport",
]

T_co = TypeVar("T_co", covariant=True)

OutcomeState: TypeAlias = Literal["done", "unchanged", "refused", "failed", "unknown"]


# ---------------------------------------------------------------- reading and writing systems


@attrs.frozen(kw_only=True)
class ReadQuery:
    """What to read: a kind, within a scope, narrowed by ``filters`` the adapter knows.

    ``scope`` is the adapter's own id of the enclosing record: a Procore project id, or a
    Spectrum job number.
    """

    kind: str
    scope: str | None = None
    filters: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Reading(Generic[T_co]):
    """What was read. Absence means something only when ``complete`` is true.

    ``requests`` counts the calls that it took. ``remarks`` tell what was odd about records that
    were taken all the same.
    """

    items: tuple[T_co, ...]
    as_of: datetime
    complete: bool = True
    requests: int = 0
    remarks: tuple[Violation, ...] = ()


@runtime_checkable
class Source(Protocol):
    """A system that is read. Items are the models of :mod:`procore_spectrum.models`."""

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Read everything that the query names."""
        ...


@attrs.frozen(kw_only=True)
class Capabilities:
    """What a target can do with one kind of record.

    Args:
        batch: most records in one request.
        write: ``"upsert"`` – the same batch may safely be sent twice, because records are found
            by key; ``"create"`` – an unanswered batch must be probed before anything else.
        probe: whether :meth:`Target.probe` can tell what became of an unanswered write.
        read_lag: seconds for which reads may trail writes.
    """

    batch: int = 1
    write: Literal["upsert", "create"] = "create"
    probe: bool = False
    read_lag: float = 0.0


@attrs.frozen(kw_only=True)
class BatchItem:
    """One record to be written.

    ``fields`` are the values to send: everything for a creation, the changed ones for an
    update. ``full`` always holds all the desired values.
    """

    op_id: str
    verb: str
    ref: Ref
    fields: Fields
    full: Fields
    target_id: str | None = None
    parent_id: str | None = None


@attrs.frozen(kw_only=True)
class Batch:
    """Records of one kind and scope that are written with one request."""

    kind: str
    scope_id: str | None
    items: tuple[BatchItem, ...]
    scope: Ref | None = None


@attrs.frozen(kw_only=True)
class ItemOutcome:
    """What became of one record of a batch.

    ``written`` holds values that the target stored differently from what was sent.
    """

    op_id: str
    state: OutcomeState
    target_id: str | None = None
    violations: tuple[Violation, ...] = ()
    written: Fields = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Probe:
    """Answer to "did it arrive?": ``found`` is None when the target cannot tell.

    ``target_id`` is the record, or, where the target cannot tell, the one it would be.
    """

    op_id: str
    found: bool | None
    target_id: str | None = None


@runtime_checkable
class Target(Protocol):
    """A system that is read and written."""

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Read everything that the query names."""
        ...

    def capabilities(self, kind: str) -> Capabilities:
        """What it can do with that kind."""
        ...

    def write(self, batch: Batch) -> Sequence[ItemOutcome]:
        """Send the batch once and say what became of each item.

        Raises:
            TryAgainError: nothing was carried out.
            InDoubtError: it may have been carried out.
            SetupError, DataError, ReplyError: refused as a whole.
        """
        ...

    def probe(self, batch: Batch) -> Sequence[Probe]:
        """Look up whether the records of an unanswered batch exist."""
        ...


# ---------------------------------------------------------------- telling people


@attrs.frozen(kw_only=True)
class Notice:
    """Something that people should know.

    Args:
        kind: ``waiting`` (a digest of what waits for accounting), ``rejected`` or ``failed``.
        subject: one line.
        lines: the text.
        people: names, as in the journal, of those whom it concerns.
    """

    kind: Literal["waiting", "rejected", "failed"]
    subject: str
    lines: tuple[str, ...]
    people: tuple[str, ...] = ()


@runtime_checkable
class Notifier(Protocol):
    """Tells people something, by whatever means."""

    def notify(self, notice: Notice) -> None:
        """Deliver it once.

        Raises:
            ProcoreSpectrumError: it could not be delivered; the caller logs it and goes on.
        """
        ...


# ---------------------------------------------------------------- remembering


@attrs.frozen(order=True)
class CompanyKey:
    """The pair of companies that a store handle belongs to."""

    procore_company_id: str
    spectrum_company_code: str

    def __str__(self) -> str:
        return f"{self.procore_company_id}/{self.spectrum_company_code}"


@attrs.frozen(kw_only=True)
class Event:
    """One line of the journal. ``sequence``, ``previous`` and ``digest`` are set by the store.

    ``detail`` holds JSON-ready values and never a secret. Each event's digest covers the
    digest of the event before it, so that a changed or missing line is noticed.
    """

    at: datetime
    action: str
    ref: Ref | None = None
    op_id: str | None = None
    plan_id: str | None = None
    actor: str = ""
    detail: Mapping[str, Any] = attrs.field(factory=dict)
    sequence: int = 0
    previous: str = ""
    digest: str = ""


@attrs.frozen(kw_only=True)
class EventQuery:
    """Which events: all, or those of one record, operation, plan or action."""

    ref: Ref | None = None
    op_id: str | None = None
    plan_id: str | None = None
    action: str | None = None


@attrs.frozen(kw_only=True)
class StartedOperation:
    """A write that was begun and whose outcome is not recorded yet."""

    op_id: str
    ref: Ref
    target: System
    verb: str
    at: datetime
    plan_id: str
    fields: Fields
    scope: Ref | None = None
    target_id: str | None = None


@attrs.frozen(kw_only=True)
class Decision:
    """What a person decided about a record.

    ``choice``: ``link`` (to ``target_id``), ``create`` (as new, whatever resembles it),
    ``take_on`` (a job in progress, or an import that is closed otherwise), ``ignore``.
    """

    ref: Ref
    choice: Literal["link", "create", "take_on", "ignore"]
    at: datetime
    who: str
    why: str = ""
    target_id: str | None = None


@attrs.frozen(kw_only=True)
class Approval:
    """Where an export stands, and who decided what about it, when and why.

    Args:
        document: as it was shown last.
        state: see :mod:`procore_spectrum.plan.approvals`.
        requested_by, requested_at: who sent it, and when.
        decided_by, decided_at: who answered last, and when.
        why: the reason given with the last answer.
        given: fields that the approver gave.
        message: why the export failed, or what the connector did of its own accord.
    """

    document: Document
    state: State
    requested_by: str = ""
    requested_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    why: str = ""
    given: Fields = attrs.field(factory=dict)
    message: str = ""

    @property
    def ref(self) -> Ref:
        """The document's name."""
        return self.document.ref


@attrs.frozen(order=True)
class Claim:
    """A number that belongs to a record for ever, within its space."""

    space: str
    number: str
    ref: Ref


@attrs.frozen(kw_only=True)
class StoreChange:
    """Everything that one transaction writes. Applied wholly or not at all.

    Args:
        links: crosswalk rows to insert or replace (by their ref).
        unlinks: refs whose crosswalk row goes.
        started: operations about to be sent.
        settled: ids of operations whose outcome is known now; they stop being in doubt.
        decisions: decisions to insert or replace (by their ref).
        undecided: refs whose decision goes.
        approvals: approvals to insert or replace (by their document's ref).
        expected: approvals as they were read, by their document's ref, or None for a document
            that had none; one that is different by now refuses the whole change.
        claims: numbers to claim; one that another record has refuses the whole change.
        events: journal lines to append.
        facts: small named values to set.
    """

    links: tuple[CrosswalkRow, ...] = ()
    unlinks: tuple[Ref, ...] = ()
    started: tuple[StartedOperation, ...] = ()
    settled: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    undecided: tuple[Ref, ...] = ()
    approvals: tuple[Approval, ...] = ()
    expected: Mapping[Ref, Approval | None] = attrs.field(factory=dict)
    claims: tuple[Claim, ...] = ()
    events: tuple[Event, ...] = ()
    facts: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Crosswalk:
    """Which crosswalk rows: of one kind, and of one scope if given."""

    kind: str
    scope: Ref | None = None


@attrs.frozen(kw_only=True)
class LockRequest:
    """A lock that only one run may hold, in any process.

    ``owner`` is shown to whoever finds it held.
    """

    name: str
    owner: str
    wait_seconds: float = 0.0


@runtime_checkable
class StateStore(Protocol):
    """Remembers links, doubts, decisions and the journal of one or more companies.

    A store serves many companies; :meth:`for_company` gives a handle that reaches one only.
    """

    def for_company(self, company: CompanyKey) -> StateStore:
        """The handle of one company. Its data is out of reach of every other handle."""
        ...

    def read_links(self, query: Crosswalk) -> Sequence[CrosswalkRow]:
        """Crosswalk rows, ordered by ref."""
        ...

    def read_link(self, ref: Ref) -> CrosswalkRow | None:
        """The crosswalk row of one record."""
        ...

    def read_started(self) -> Sequence[StartedOperation]:
        """Operations in doubt, oldest first."""
        ...

    def read_decisions(self) -> Sequence[Decision]:
        """Decisions, ordered by ref."""
        ...

    def read_approvals(self) -> Sequence[Approval]:
        """Approvals, ordered by ref."""
        ...

    def read_approval(self, ref: Ref) -> Approval | None:
        """The approval of one document."""
        ...

    def read_claims(self, space: str) -> Sequence[Claim]:
        """The numbers of one space that were ever given, in their order."""
        ...

    def read_events(self, query: EventQuery) -> Sequence[Event]:
        """Journal lines, oldest first."""
        ...

    def read_fact(self, name: str) -> str | None:
        """A small named value."""
        ...

    def commit(self, change: StoreChange) -> None:
        """Write the change durably, wholly or not at all.

        Raises:
            ConflictError: a number is claimed by another record, or an approval is not as
                expected; nothing was written.
            StoreError: it could not be written; nothing of it was.
        """
        ...

    def lock(self, request: LockRequest) -> AbstractContextManager[None]:
        """Hold a lock for the length of a ``with`` block.

        A lock left by a process that died is free again.

        Raises:
            StoreBusyError: another run holds it.
        """
        ...

    def verify(self) -> Sequence[Violation]:
        """Check the journal's chain and the store's own consistency; empty when sound."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
