"""The facade: plan, apply, verify, link, decide, explain.

>>> syncer = Syncer(procore=procore, spectrum=spectrum, store=SqliteStore("sync.db"))
>>> plan = syncer.plan(features=["vendors", "jobs"])
>>> print(plan.render())
>>> report = syncer.apply(plan)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

import attrs

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.apply.executor import Executor, Progress
from procore_spectrum.apply.report import Report
from procore_spectrum.apply.resolving import Sighting, resolve_doubts
from procore_spectrum.apply.staging import StagedRecord, staged_records, take_back
from procore_spectrum.apply.unlinking import unlink_document
from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    StalePlanError,
)
from procore_spectrum.features import FEATURES, LINKABLE, STAGED, Settings, World
from procore_spectrum.features.budget_state import IMPORT as BUDGET_IMPORT
from procore_spectrum.features.job_cost_detail import lines_of
from procore_spectrum.features.job_costs import DIRECT_COST, WRITER, check_writer_decision
from procore_spectrum.features.planning import (
    check_jobs,
    check_unsent,
    chosen_features,
    decided_in_vain,
    doubts,
    guarded,
    withdrawn,
)
from procore_spectrum.features.prime_contracts import PRIME_CONTRACT, PRIME_CONTRACT_LINE
from procore_spectrum.features.rebuilding import Rebuilt, Tools, rebuild
from procore_spectrum.features.reconciliation import reconcile_world
from procore_spectrum.mapping import join_key, split_key
from procore_spectrum.plan.diff import diff
from procore_spectrum.plan.documents import Document, Withdrawal
from procore_spectrum.plan.exports import ExportDraft, diff_export
from procore_spectrum.plan.operations import Held, Operation, System
from procore_spectrum.plan.ordering import ordered
from procore_spectrum.plan.plan import Note, Plan, check_guards
from procore_spectrum.plan.reconciliation import Reconciliation
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Clock,
    CompanyKey,
    Crosswalk,
    Decision,
    Event,
    EventQuery,
    Notifier,
    Source,
    StartedOperation,
    StateStore,
    StoreChange,
    Target,
)
from procore_spectrum.stores.columns import day_from_fact
from procore_spectrum.wire.clock import SystemClock

if TYPE_CHECKING:
    from procore_spectrum.procore.client import ProcoreClient
    from procore_spectrum.spectrum.client import SpectrumClient

__all__ = ["Status", "Syncer"]

_CONNECTED_ON = "connected_on"
_SEVERAL_PARTS = frozenset({PRIME_CONTRACT_LINE.kind})
_REOPENABLE = (BUDGET_IMPORT,)


@attrs.frozen(kw_only=True)
class Status:
    """What the store knows.

    ``links`` counts linked records by kind; ``in_doubt`` lists writes without a known outcome.
    """

    company: CompanyKey
    connected_on: date | None
    links: dict[str, int]
    in_doubt: tuple[StartedOperation, ...]
    decisions: tuple[Decision, ...]
    last_event: Event | None


class Syncer:
    """Keeps one Procore company and one Spectrum company in step.

    Args:
        procore: a client, or anything that implements :class:`~procore_spectrum.ports.Target`.
        spectrum: a client, or anything that implements :class:`~procore_spectrum.ports.Source`.
        store: remembers what is linked; see :mod:`procore_spectrum.stores`.
        erp: what exports are written to; made of the Spectrum client when None.
        settings: the company's choices.
        company: the pair of companies; taken from the clients when they are given.
        actor: who is recorded in the journal.
        clock: for tests.
        person: who sends exports, with their roles; the actor with both roles if None.
        notifier: tells people what was rejected, failed or waits; see
            :mod:`procore_spectrum.notifiers`.

    Safe to use from one thread at a time; runs in other threads or processes are kept apart by
    the store's locks.
    """

    def __init__(
        self,
        *,
        procore: ProcoreClient | Target,
        spectrum: SpectrumClient | Source,
        store: StateStore,
        erp: Target | None = None,
        settings: Settings | None = None,
        company: CompanyKey | None = None,
        actor: str = "procore-spectrum",
        clock: Clock | None = None,
        notifier: Notifier | None = None,
        person: Person | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.company = company or _company_of(procore, spectrum)
        self.actor = actor
        self.person = person or Person(name=actor)
        self._procore = procore
        self._target = _as_target(procore)
        self._source = _as_source(spectrum, self.settings)
        self._store = store.for_company(self.company)
        self._clock = clock or SystemClock()
        self._erp = erp or _as_erp(spectrum)
        self.approvals = Approvals(self._store, self._clock, self.settings.approvals, notifier)

    # ------------------------------------------------------------ plan and apply

    def plan(
        self, *, features: Iterable[str] | None = None, jobs: Iterable[str] | None = None
    ) -> Plan:
        """What would be done, and why. Reads both systems and writes to neither.

        Args:
            features: names of features; those of the settings if None.
            jobs: numbers of the jobs to which job-related features are limited; all if None.

        Raises:
            ConfigurationError: there is no such feature.
            NotFoundError: there is no such job.
            SetupError, TryAgainError, ReplyError: a system could not be read.
        """
        chosen = chosen_features(self.settings.features if features is None else features)
        as_of = self._clock.now()
        world = self._world(jobs)
        operations: list[Operation] = []
        documents: list[Document] = []
        withdrawals: list[Withdrawal] = []
        linked: Counter[str] = Counter()
        astray: list[Note] = []
        for feature in chosen:
            for draft in feature.drafts(world):
                whole = attrs.evolve(draft, doubts=frozenset(world.doubts))
                operations += world.settle(diff(whole))
                astray += decided_in_vain(world, draft)
                linked[draft.rules.kind] += len(draft.rows)
            exports = list(feature.exports(world))
            for export in exports:
                left = diff_export(export)
                found = self.approvals.answered(export.document, left)
                operations += world.settle(found)
                if any(not isinstance(op, Held) for op in found):
                    documents.append(export.document)
                elif shown := self.approvals.corrected(export.document, left):
                    documents.append(shown)
            withdrawals += withdrawn(world, feature, exports, self.approvals)
        check_jobs(world)
        kinds = [rules.kind for feature in FEATURES for rules in feature.kinds]
        in_order = ordered(operations, kinds)
        return Plan(
            company=str(self.company),
            operations=in_order,
            documents=tuple(documents),
            withdrawals=tuple(withdrawals),
            waiting=self.approvals.unaccepted(documents),
            guards=check_guards(guarded(in_order), linked, self.settings.guards),
            notes=(*world.notes, *world.unsaid(), *astray, *doubts(self._store)),
            as_of=as_of,
            requests=world.requests,
        )

    def apply(
        self, plan: Plan, *, override_guards: str = "", progress: Progress | None = None
    ) -> Report:
        """Carry out the plan, except for what is held.

        A run that is interrupted anywhere is finished by applying the same plan again, or by
        planning and applying anew.

        Args:
            plan: from :meth:`plan`, or read back from a file.
            override_guards: the reason for which the guards are set aside; recorded.
            progress: called with each outcome.

        Raises:
            RunStoppedError: a guard refuses the plan.
            StalePlanError: the plan belongs to other companies.
            StoreBusyError: another run is at work.
        """
        if plan.company != str(self.company):
            raise StalePlanError(
                f"the plan is for {plan.company}, not for {self.company}",
                hint="plan again with this configuration",
            )
        before = _requests(self._procore)
        executor = Executor(self._targets, self._store, self._clock, self.approvals)
        report = executor.apply(
            plan,
            actor=self.actor,
            override_guards=override_guards,
            progress=progress,
            person=self.person,
        )
        return attrs.evolve(report, requests=_requests(self._procore) - before)

    @property
    def _targets(self) -> dict[System, Target]:
        targets: dict[System, Target] = {"procore": self._target}
        if self._erp is not None:
            targets["spectrum"] = self._erp
        return targets

    def verify(
        self, *, features: Iterable[str] | None = None, jobs: Iterable[str] | None = None
    ) -> Plan:
        """Plan once more; after a successful :meth:`apply` the result ``is_empty``."""
        return self.plan(features=features, jobs=jobs)

    def reconcile(self, *, jobs: Iterable[str] | None = None) -> Reconciliation:
        """Both systems' money side by side, with the reasons for every difference.

        Reads both systems and writes to neither. Amounts are in dollars, and sums exact.

        Args:
            jobs: numbers of the jobs that are compared; all linked ones if None.

        Raises:
            NotFoundError: there is no such job.
            SetupError, TryAgainError, ReplyError: a system could not be read.
        """
        world = self._world(jobs)
        found = reconcile_world(world)
        check_jobs(world)
        return found

    def rebuild(self) -> Rebuilt:
        """Link again what a lost store knew, by the keys in Procore; writes to neither system.

        Begin with an empty store. Cut short, it can be repeated. Raises as :meth:`plan` does.
        """
        world = partial(self._world, None)
        run = (self.settings.features, self.plan, self.apply, world)
        return rebuild(Tools(self._store, self._clock, self.actor, *run))

    def _world(self, jobs: Iterable[str] | None, store: StateStore | None = None) -> World:
        settings = self.settings
        if settings.jobs.connected_on is None:
            chosen = attrs.evolve(settings.jobs, connected_on=self._connected_on())
            settings = attrs.evolve(settings, jobs=chosen)
        return World(
            source=self._source,
            target=self._target,
            store=store or self._store,
            company=self.company,
            settings=settings,
            jobs=jobs,
            erp=self._erp,
            as_of=self._clock.now(),
        )

    def _connected_on(self) -> date:
        """The day of the first plan, from which jobs count as new."""
        known = self._store.read_fact(_CONNECTED_ON)
        if known is not None:
            return day_from_fact(known, _CONNECTED_ON)
        today = self._clock.now().date()
        self._store.commit(StoreChange(facts={_CONNECTED_ON: today.isoformat()}))
        return today

    # ------------------------------------------------------------ exports

    def send(self, ref: Ref, *, by: Person | None = None) -> Approval:
        """Send a document to accounting again, after a rejection, a retrieval or an unlinking.

        New documents are sent by :meth:`apply`.

        Raises:
            NotFoundError: Procore has no such document that could be exported.
            RefusedError: something is wrong with it, and every fault is named; or it was edited
                after its export.
            ConflictError: it is waiting or exported already.
        """
        for export in self._exports():
            if export.document.ref == ref:
                check_unsent(export)
                return self.approvals.send(export.document, by=by or self.person)
        raise NotFoundError(
            f"{ref} cannot be exported", hint="look at the plan: it says why it is held"
        )

    def _exports(self) -> Iterable[ExportDraft]:
        world = self._world(None)
        for feature in FEATURES:
            yield from feature.exports(world)

    def unlink(
        self, ref: Ref, *, why: str = "", by: Person | None = None, reset: bool = False
    ) -> Approval:
        """Take an export back after it was deleted in Spectrum.

        Spectrum is asked where it can be read. Where it cannot, ``why`` is the confirmation. A
        ``reset`` does not ask Spectrum at all; its record may then exist there twice one day.

        Raises:
            ConflictError: Spectrum still has it, or it is not exported.
            RefusedError: neither verified nor confirmed.
            ConfigurationError: Spectrum was given as a source only.
        """
        if self._erp is None:
            raise ConfigurationError(
                "Spectrum was given as a source only", path="erp", hint="pass erp=…"
            )
        return unlink_document(
            ref,
            by=by or self.person,
            why=why,
            approvals=self.approvals,
            store=self._store,
            procore=self._target,
            erp=self._erp,
            reset=reset,
        )

    def resolve(
        self,
        ref: Ref,
        *,
        there: bool,
        why: str,
        by: Person | None = None,
        target_id: str | None = None,
    ) -> tuple[Ref, ...]:
        """Say whether what was sent without an answer has arrived, after looking there.

        Args:
            ref: the record in doubt, see :meth:`status`, or its document.
            there: whether it is there: it is linked, else sent again by the next :meth:`apply`.
            why: what was looked at; recorded.
            by: the person, an approver.
            target_id: the record there, where its key cannot be derived.

        Returns:
            The records that were settled.

        Raises:
            NotFoundError: nothing of it is in doubt.
            NotPermittedError, RefusedError: not an approver; no reason or no id.
            ConflictError: the system was read and says otherwise.
            StoreBusyError: a run is at work on it.
        """
        seen = Sighting(there=there, why=why, by=by or self.person, target_id=target_id)
        return resolve_doubts(
            ref, seen, store=self._store, targets=self._targets, clock=self._clock
        )

    # ------------------------------------------------------------ decisions and links

    def link(self, ref: Ref, target_id: str, *, why: str = "") -> Decision:
        """Decide that a record of the source is the record ``target_id`` of the target.

        The next plan shows the link and every value that would be changed by it. A
        ``job_cost_writer`` is linked to the way in which that job's costs are written from now
        on, for a reason.
        """
        if not target_id:
            raise InvalidValueError("a link needs the id of the target's record", path=str(ref))
        return self._decide(ref, "link", why=why, target_id=target_id)

    def create_new(self, ref: Ref, *, why: str = "") -> Decision:
        """Decide that a record is new, whatever in the target resembles it."""
        return self._decide(ref, "create", why=why)

    def take_on(self, job: str, *, why: str = "") -> Decision:
        """Decide to take on the job in progress of that number."""
        return self._decide(Ref("project", job), "take_on", why=why)

    def reopen_budget(self, job: str, *, why: str) -> Decision:
        """Decide that the budget of a job may be imported again, although it was exported.

        The export stays in Spectrum, and the budget is not proposed to accounting again.

        Raises:
            InvalidValueError: no reason was given.
        """
        if not why.strip():
            raise InvalidValueError("opening an import again needs a reason", path=job)
        return self._decide(Ref(BUDGET_IMPORT, job), "take_on", why=why)

    def reopen_contract(self, job: str, *, why: str) -> Decision:
        """Decide to import the prime contract of a job again, although changes hang on it.

        Once an approved change order exists, nothing of a contract is changed from here; the
        decision sets that aside for this contract.

        Raises:
            InvalidValueError: no reason was given.
        """
        if not why.strip():
            raise InvalidValueError("opening an import again needs a reason", path=job)
        return self._decide(Ref(PRIME_CONTRACT.kind, job), "take_on", why=why)

    def ignore(self, ref: Ref, *, why: str = "") -> Decision:
        """Decide to leave a record out."""
        return self._decide(ref, "ignore", why=why)

    def restore(self, ref: Ref, *, why: str = "") -> Decision:
        """Take back the decision to leave a record out; the next plan considers it again.

        Returns:
            The decision that was taken back.

        Raises:
            ConflictError: it is not left out.
        """
        return take_back(_as_named(ref), self._store, at=self._clock.now(), who=self.actor, why=why)

    def staged(self, *, everything: bool = False) -> tuple[StagedRecord, ...]:
        """Vendors and jobs of Spectrum that could be imported, and where each stands.

        Reads both systems, as :meth:`plan` does.

        Args:
            everything: also what is imported or left out.

        Raises:
            SetupError, TryAgainError, ReplyError: a system could not be read.
        """
        found = staged_records(
            self.plan(features=("vendors", "jobs")).operations,
            [row for kind in STAGED for row in self.links(kind)],
            self._store.read_decisions(),
            kinds=STAGED,
        )
        return tuple(item for item in found if everything or item.is_open)

    def _decide(
        self,
        ref: Ref,
        choice: Literal["link", "create", "take_on", "ignore"],
        *,
        why: str,
        target_id: str | None = None,
    ) -> Decision:
        if ref.kind not in (*LINKABLE, *(_REOPENABLE if choice == "take_on" else ())):
            raise InvalidValueError(
                f"nothing can be decided about a {ref.kind.replace('_', ' ')}",
                path=str(ref),
                hint=f"decide about a {' or a '.join(LINKABLE)}",
            )
        if ref.kind == WRITER:
            check_writer_decision(choice, target_id, why)
        ref = _as_named(ref)
        at = self._clock.now()
        decision = Decision(
            ref=ref, choice=choice, at=at, who=self.actor, why=why, target_id=target_id
        )
        detail = {"choice": choice, "why": [why] if why else [], "target_id": target_id}
        event = Event(at=at, action="decided", ref=ref, actor=self.actor, detail=detail)
        self._store.commit(StoreChange(decisions=(decision,), events=(event,)))
        return decision

    def forget_link(self, ref: Ref, *, why: str) -> tuple[Ref, ...]:
        """Forget that an imported record is linked, with everything inside it.

        A record of Procore that still carries our key is found and linked again by the next
        plan; one that is gone is created again.

        Raises:
            NotFoundError: it is not linked.
            InvalidValueError: no reason was given.
        """
        if not why:
            raise InvalidValueError("forgetting a link needs a reason", path=str(ref))
        row = self._store.read_link(ref)
        if row is None:
            raise NotFoundError(f"{ref} is not linked", path=str(ref))
        kinds = {rules.kind for feature in FEATURES for rules in feature.kinds}
        inside = [
            row.ref
            for kind in sorted(kinds)
            for row in self._store.read_links(Crosswalk(kind=kind, scope=ref))
        ]
        if ref.kind == DIRECT_COST.kind:
            inside += lines_of(row, self._store)
        event = Event(
            at=self._clock.now(),
            action="unlinked",
            ref=ref,
            actor=self.actor,
            detail={"why": [why], "inside": len(inside)},
        )
        self._store.commit(StoreChange(unlinks=(ref, *inside), events=(event,)))
        return (ref, *inside)

    # ------------------------------------------------------------ looking back

    def status(self) -> Status:
        """What the store knows about this pair of companies."""
        kinds = [rules.kind for feature in FEATURES for rules in feature.kinds]
        connected = self._store.read_fact(_CONNECTED_ON)
        events = self._store.read_events(EventQuery(action="apply-ended"))
        return Status(
            company=self.company,
            connected_on=self.settings.jobs.connected_on
            or (day_from_fact(connected, _CONNECTED_ON) if connected else None),
            links={kind: len(self.links(kind)) for kind in kinds},
            in_doubt=tuple(self._store.read_started()),
            decisions=tuple(self._store.read_decisions()),
            last_event=events[-1] if events else None,
        )

    def links(self, kind: str) -> tuple[CrosswalkRow, ...]:
        """The linked records of one kind."""
        return tuple(self._store.read_links(Crosswalk(kind=kind)))

    def explain(self, ref: Ref) -> tuple[Event, ...]:
        """The journal of one record, oldest first."""
        return tuple(self._store.read_events(EventQuery(ref=ref)))


def _as_named(ref: Ref) -> Ref:
    """Vendor codes and job numbers are taken as they are, and as plans show them (10/2, 10%2F2)."""
    if ref.kind in _SEVERAL_PARTS:
        return ref
    return attrs.evolve(ref, key=join_key("/".join(split_key(ref.key))))


def _as_target(procore: ProcoreClient | Target) -> Target:
    if isinstance(procore, Target):
        return procore
    from procore_spectrum.procore.target import ProcoreTarget

    return ProcoreTarget(procore)


def _as_source(spectrum: SpectrumClient | Source, settings: Settings) -> Source:
    if isinstance(spectrum, Source):
        return spectrum
    from procore_spectrum.spectrum.source import SpectrumSource

    # GetPhase rather than GetPhaseEnhanced, of which Trimble publishes no page.
    return SpectrumSource(
        spectrum, cost_types=tuple(settings.cost_codes.cost_types.by_code), enhanced=False
    )


def _as_erp(spectrum: SpectrumClient | Source) -> Target | None:
    """What exports are written to; nothing when Spectrum was given as a source only."""
    if isinstance(spectrum, Source):
        return None
    from procore_spectrum.spectrum.target import SpectrumTarget

    return SpectrumTarget(spectrum)


def _company_of(procore: object, spectrum: object) -> CompanyKey:
    procore_id = getattr(procore, "company_id", None)
    code = getattr(spectrum, "company_code", None)
    if not procore_id or not code:
        raise ConfigurationError(
            "which companies belong together is not known",
            path="company",
            hint="pass company=CompanyKey(...) with sources and targets of your own",
        )
    return CompanyKey(str(procore_id), str(code))


def _requests(system: object) -> int:
    sent = getattr(system, "requests_sent", 0)
    return sent if isinstance(sent, int) else 0
