"""Both systems and the memory as one planning run sees them: everything is read at most once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import attrs

from procore_spectrum.errors import InDoubtError, UnavailableError, Violation
from procore_spectrum.features.keys import ref
from procore_spectrum.features.settings import Settings
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.operations import Held, Operation
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Claim,
    CompanyKey,
    Crosswalk,
    Decision,
    EventQuery,
    Reading,
    ReadQuery,
    Source,
    StartedOperation,
    StateStore,
    Target,
)

__all__ = ["World"]

_REMARKS = 20
"""As many records are named for one remark; of the others, the number is told."""
_PLACING = ("create", "link")
"""What needs the record above to be there."""
_NOTHING: Reading[Any] = Reading(items=(), as_of=datetime.min.replace(tzinfo=UTC), complete=False)


class World:
    """What a feature may look at while it drafts.

    Args:
        source: Spectrum.
        target: Procore.
        store: the handle of this pair of companies.
        company: the pair.
        settings: the company's choices.
        jobs: numbers of the jobs that the run is limited to; None for all.
        erp: Spectrum as exports are written to it; None when it was given as a source only.
        as_of: when the run began; None leaves it to the readings.
    """

    def __init__(
        self,
        *,
        source: Source,
        target: Target,
        store: StateStore,
        company: CompanyKey,
        settings: Settings,
        jobs: Iterable[str] | None = None,
        erp: Target | None = None,
        as_of: datetime | None = None,
    ) -> None:
        self.company = company
        self.as_of = as_of
        self.settings = settings
        self.only_jobs = None if jobs is None else frozenset(jobs)
        self.decisions: Mapping[Ref, Decision] = {d.ref: d for d in store.read_decisions()}
        self.doubts: Mapping[Ref, StartedOperation] = {d.ref: d for d in store.read_started()}
        self.linked: dict[str, int] = {}
        self.notes: list[Note] = []
        self._remarks: Counter[tuple[str, str]] = Counter()
        self.proposed: dict[str, set[str]] = {}
        self.requests = 0
        self._source = source
        self._target = target
        self._erp = erp
        self._erp_ids: dict[str, frozenset[str] | None] = {}
        self._store = store
        self._readings: dict[tuple[str, str | None], Reading[Any]] = {}
        self._planned: dict[Ref, Operation] = {}

    # ------------------------------------------------------------ Spectrum

    def vendors(self) -> Reading[spectrum.Vendor]:
        """The active vendors of the types that are wanted."""
        chosen = self.settings.vendors
        filters = {"types": chosen.types, "known_types": chosen.known_types}
        return self._once(
            ("vendor", None),
            lambda: self._source.read(ReadQuery(kind="vendor", filters=filters)),
        )

    def jobs(self) -> Reading[spectrum.Job]:
        """The jobs, without those that the run is not limited to."""
        filters = {"complete": self.settings.jobs.include_complete}
        return self._once(
            ("job", None), lambda: self._source.read(ReadQuery(kind="job", filters=filters))
        )

    def complete_jobs(self) -> Reading[spectrum.Job]:
        """All jobs, complete ones included."""
        query = ReadQuery(kind="job", filters={"complete": True})
        return self._once(("complete_job", None), lambda: self._source.read(query))

    def job(self, number: str) -> spectrum.Job | None:
        """One job; complete ones are read only where the usual listing lacks it."""
        for reading in (self.jobs, self.complete_jobs):
            for job in reading().items:
                if job.job_number == number:
                    return job
        return None

    def phases(self, job: str) -> Reading[spectrum.Phase]:
        """The phase and cost type pairs of one job."""
        self.read_phases([job])
        return self._readings["phase", job]

    def complete_phases(self, job: str) -> Reading[spectrum.Phase]:
        """All pairs of one job, complete ones included."""
        query = ReadQuery(kind="phase", scope=job, filters={"complete": True})
        return self._once(("complete_phase", job), lambda: self._source.read(query))

    def completed_phases(self, job: str) -> Reading[spectrum.Phase]:
        """The complete pairs of one job by themselves; the usual listing leaves them out."""
        self.read_completed_phases([job])
        return self._readings["completed_phase", job]

    def read_phases(self, jobs: Iterable[str]) -> None:
        """Read the pairs of several jobs at once; those that were read already are left out."""
        self._read_phases("phase", jobs, {})

    def read_completed_phases(self, jobs: Iterable[str]) -> None:
        """The same for complete pairs."""
        self._read_phases("completed_phase", jobs, {"complete": "only"})

    def _read_phases(self, name: str, jobs: Iterable[str], filters: Mapping[str, Any]) -> None:
        wanted = [job for job in jobs if (name, job) not in self._readings]
        if not wanted:
            return
        query = ReadQuery(kind="phase", filters={"jobs": tuple(wanted), **filters})
        found = _read(lambda: self._source.read(query))
        self.requests += found.requests
        for remark in found.remarks:
            self.remark("cost_codes", ref("project", remark.path), [attrs.evolve(remark, path="")])
        rows: dict[str, list[spectrum.Phase]] = {job: [] for job in wanted}
        for row in found.items:
            rows[row.job_number].append(row)
        for job, items in rows.items():
            self._readings[name, job] = attrs.evolve(
                found, items=tuple(items), requests=0, remarks=()
            )

    def erp_records(self, kind: str) -> Reading[Any]:
        """Records that are exported to, of the whole company; not complete if nothing reads them.

        Web services list neither subcontracts nor change requests; SQL does.
        """
        if self._erp is None:
            return _NOTHING
        erp = self._erp
        return self._once((f"erp {kind}", None), lambda: erp.read(ReadQuery(kind=kind)))

    def prime_contract_lines(self, job: str) -> Reading[spectrum.PrimeContractLineRow]:
        """The billing items of one job's contract, by SQL; not complete if nothing reads them."""
        found = self.erp_records("prime_contract_line")
        rows = tuple(row for row in found.items if row.job_number == job)
        return attrs.evolve(found, items=rows, requests=0)

    def original_estimates(self) -> Reading[spectrum.OriginalEstimateRow]:
        """The original estimates of the whole company; not complete if nothing reads them.

        No web service tells them; SQL does.
        """
        return self.erp_records("original_estimate")

    def erp_ids(self, kind: str) -> frozenset[str] | None:
        """The target ids of those records; None when they cannot be read wholly."""
        if kind not in self._erp_ids:
            found = self.erp_records(kind)
            ids = frozenset(item.target_id for item in found.items)
            self._erp_ids[kind] = ids if found.complete else None
        return self._erp_ids[kind]

    # ------------------------------------------------------------ Procore

    def companies(self) -> Reading[procore.Vendor]:
        """The company directory, inactive companies included."""
        return self._target_reading("company")

    def projects(self) -> Reading[procore.Project]:
        """The projects that we may see, inactive ones included."""
        return self._target_reading("project")

    def line_item_types(self) -> Reading[procore.LineItemType]:
        """The company's categories."""
        return self._target_reading("line_item_type")

    def standard_lists(self) -> Reading[procore.StandardCostCodeList]:
        """The company's standard cost code lists."""
        return self._target_reading("standard_cost_code_list")

    def standard_codes(self, list_id: str) -> Reading[procore.StandardCostCode]:
        """The codes of one standard list."""
        return self._target_reading("standard_cost_code", list_id)

    def cost_codes(self, project_id: str) -> Reading[procore.CostCode]:
        """The cost codes of one project."""
        return self._target_reading("cost_code", project_id)

    def wbs_codes(self, project_id: str) -> Reading[procore.WbsCode]:
        """The budget codes of one project."""
        return self._target_reading("wbs_code", project_id)

    def commitments(self, project_id: str) -> Reading[procore.Commitment]:
        """The subcontracts and purchase orders of one project, with their lines."""
        return self._target_reading("commitment", project_id)

    def commitment_changes(self, project_id: str) -> Reading[procore.CommitmentChangeOrder]:
        """The commitment change orders of one project, with their lines."""
        return self._target_reading("commitment_change_order", project_id)

    def prime_contracts(self, project_id: str) -> Reading[procore.PrimeContract]:
        """The contracts of one project with its owner, with their lines."""
        return self._target_reading("prime_contract", project_id)

    def prime_change_orders(self, project_id: str) -> Reading[procore.PrimeChangeOrder]:
        """The change orders of one project with its owner, with their lines."""
        return self._target_reading("prime_change_order", project_id)

    def markups(
        self, project_id: str, holder_type: procore.MarkupHolder, holder_id: int
    ) -> Reading[procore.Markup]:
        """The financial markups of one prime contract or potential change order, in their order."""
        filters = {"holder_type": holder_type, "holder_id": holder_id}
        query = ReadQuery(kind="prime_markup", scope=project_id, filters=filters)
        key = (f"prime_markup {holder_type} {holder_id}", project_id)
        return self._once(key, lambda: self._target.read(query))

    def direct_costs(self, project_id: str) -> Reading[procore.DirectCost]:
        """The direct costs of one project, ours and those of people, with their lines."""
        return self._target_reading("direct_cost", project_id)

    def budget(self, project_id: str) -> Reading[procore.Budget]:
        """The lock of one project's budget: a single record."""
        return self._target_reading("budget", project_id)

    def budget_lines(self, project_id: str, *, details: bool = False) -> Reading[procore.BudgetRow]:
        """One project's budget by budget code, unbudgeted rows and columns of the view included.

        Without ``details`` neither units nor quantities, which cost a request for each line.
        """
        filters: dict[str, Any] = {"details": True} if details else {}
        if self.settings.budgets.view:
            filters["view"] = self.settings.budgets.view
        query = ReadQuery(kind="budget_line", scope=project_id, filters=filters)
        return self._once((f"budget_line {details}", project_id), lambda: self._target.read(query))

    def budget_changes(
        self, project_id: str, *, also: Iterable[str] = ()
    ) -> Reading[procore.BudgetChange]:
        """The approved budget changes of one project, and those of these ids, with their lines."""
        filters = {"status": "approved", "id": tuple(sorted(also))}
        query = ReadQuery(kind="budget_change", scope=project_id, filters=filters)
        return self._once(("budget_change", project_id), lambda: self._target.read(query))

    def _target_reading(self, kind: str, scope: str | None = None) -> Reading[Any]:
        query = ReadQuery(kind=kind, scope=scope)
        return self._once((kind, scope), lambda: self._target.read(query))

    def _once(self, key: tuple[str, str | None], read: Callable[[], Reading[Any]]) -> Reading[Any]:
        if key not in self._readings:
            self._readings[key] = _read(read)
            self.requests += self._readings[key].requests
        return self._readings[key]

    # ------------------------------------------------------------ the memory and this run

    def rows(self, kind: str, scope: Ref | None = None) -> tuple[CrosswalkRow, ...]:
        """The links of one kind, and of one scope if given."""
        return tuple(self._store.read_links(Crosswalk(kind=kind, scope=scope)))

    def row(self, name: Ref) -> CrosswalkRow | None:
        """The link of one record."""
        return self._store.read_link(name)

    def ignores(self, name: Ref) -> bool:
        """Whether somebody decided to leave the record out."""
        decision = self.decisions.get(name)
        return decision is not None and decision.choice == "ignore"

    def approval(self, name: Ref) -> Approval | None:
        """Where the export of a document stands."""
        return self._store.read_approval(name)

    @cached_property
    def unlinked(self) -> Mapping[Ref, int]:
        """How often the link of each record was forgotten."""
        return Counter(
            e.ref for e in self._store.read_events(EventQuery(action="unlinked")) if e.ref
        )

    def last_sent(self, rows: Collection[CrosswalkRow]) -> CrosswalkRow:
        """The link whose record was written last; the last name where the journal does not say."""

        def when(row: CrosswalkRow) -> tuple[float, Ref]:
            events = self._store.read_events(EventQuery(ref=row.ref, action="done"))
            return max((event.at.timestamp() for event in events), default=0), row.ref

        return next(iter(rows)) if len(rows) == 1 else max(rows, key=when)

    def claims(self, space: str) -> Sequence[Claim]:
        """The numbers of one space that were ever given."""
        return self._store.read_claims(space)

    def remark(self, feature: str, name: Ref, found: Iterable[Violation]) -> None:
        """Note what was noticed about a record that is taken all the same.

        However many records it is true of, a plan names only the first few.
        """
        for violation in found:
            self._remarks[feature, violation.code] += 1
            if self._remarks[feature, violation.code] <= _REMARKS:
                self.notes.append(Note(feature, f"{name}: {violation}"))

    def unsaid(self) -> Iterator[Note]:
        """How many remarks are left out, one note for each sort of remark."""
        for (feature, code), count in self._remarks.items():
            if count > _REMARKS:
                yield Note(feature, f"{code}: the same of {count - _REMARKS} more records")

    def settle(self, operations: Iterable[Operation]) -> list[Operation]:
        """Take note of what this run plans, and hold back whatever hangs below a held record.

        Parents come before their children.
        """
        settled = []
        for op in operations:
            above = next((name for name in (op.scope, op.parent) if self.is_out(name)), None)
            found = _held_back(op, above) if above and op.verb in _PLACING and op.writes else op
            self._planned[op.ref] = found
            settled.append(found)
        return settled

    def will_have(self, name: Ref) -> bool:
        """Whether the record is in Procore as far as we know, or will be made by this run."""
        planned = self._planned.get(name)
        return self.row(name) is not None or (planned is not None and not isinstance(planned, Held))

    def is_held(self, name: Ref | None) -> bool:
        """Whether the record is not in Procore, and will not be made by this run either."""
        return name is not None and isinstance(self._planned.get(name), Held) and not self.row(name)

    def will_exist(self, name: Ref) -> bool:
        """Whether the record is in Procore, or will be made by this run."""
        planned = self._planned.get(name)
        if planned is not None and not isinstance(planned, Held):
            return True
        return self.row(name) is not None

    def id_of(self, name: Ref) -> str | None:
        """The id of a record in Procore, as far as it is known before this run is carried out."""
        if row := self.row(name):
            return row.target_id
        planned = self._planned.get(name)
        return None if planned is None or isinstance(planned, Held) else planned.target_id

    def is_out(self, name: Ref | None) -> bool:
        """Whether nothing new can hang on the record: it is held, or was removed from Procore."""
        planned = self._planned.get(name) if name is not None else None
        return self.is_held(name) or (isinstance(planned, Held) and planned.code == "gone")

    def suggested(self, kind: str) -> frozenset[str]:
        """Records of Procore that this run put to a person as the match of something."""
        return frozenset(
            candidate.target_id
            for op in self._planned.values()
            if isinstance(op, Held) and op.ref.kind == kind
            for candidate in op.candidates
        )

    def project_of(self, job: str) -> tuple[bool, str | None]:
        """Whether the job has, or will have, a project; and its id as far as it is known."""
        name = ref("project", job)
        planned = self._planned.get(name)
        if self.is_held(name):
            return False, None
        if planned is not None and planned.target_id:
            return self._is_visible(planned.target_id), planned.target_id
        if row := self.row(name):
            return self._is_visible(row.target_id), row.target_id
        return planned is not None, None

    def _is_visible(self, project_id: str) -> bool:
        """Whether a project is listed; the codes of one that is not would be answered 404."""
        return not self.projects().complete or project_id in self._project_ids

    @cached_property
    def _project_ids(self) -> frozenset[str]:
        return frozenset(str(project.id) for project in self.projects().items)

    def wants_job(self, number: str) -> bool:
        """Whether the run is about that job; nothing of an ignored job is."""
        chosen = self.only_jobs is None or number in self.only_jobs
        return chosen and not self.ignores(ref("project", number))


def _held_back(op: Operation, above: Ref) -> Held:
    message = f"{str(above).replace('_', ' ')} is held"
    return Held(
        feature=op.feature,
        ref=op.ref,
        title=op.title,
        target=op.target,
        scope=op.scope,
        parent=op.parent,
        partition=op.partition,
        active=op.active,
        desired=op.desired,
        reason=message,
        code="waits",
        message=message,
        hint="it follows once that is settled",
    )


def _read(read: Callable[[], Reading[Any]]) -> Reading[Any]:
    """A reading; one that was never answered is no doubt, because it changed nothing."""
    try:
        return read()
    except InDoubtError as error:
        raise UnavailableError(error.message, path=error.path, hint=error.hint) from error
