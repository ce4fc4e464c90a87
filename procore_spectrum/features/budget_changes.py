"""Approved budget changes of Procore on their way to Spectrum, one document for each.

By choice they become a change request without a subcontract, or new current estimates. Their
budget has to be locked, and to have been exported or imported. A current estimate is a total:
changes of one pair are therefore written one after the other, each on top of what Spectrum
shows then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from procore_spectrum.errors import NotFoundError, NotPermittedError, Violation
from procore_spectrum.features.budget_state import BudgetHistory, is_locked, phases_by_pair
from procore_spectrum.features.change_requests import (
    cost_key,
    customer_of,
    request_number,
    request_warnings,
)
from procore_spectrum.features.exporting import (
    Begun,
    LinkedProject,
    doubts_of,
    header_of,
    is_closing,
    joined,
    linked_projects,
    rows_of,
    seen_in_erp,
    was_exported,
)
from procore_spectrum.features.keys import ref
from procore_spectrum.features.vanished import vanished
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    ChangedPair,
    MappedBudgetChange,
    Pair,
    budget_change_to_change_request,
    budget_change_to_current_estimates,
    exact_sum,
    join_key,
)
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.values import Fields, Value, same

__all__ = ["BUDGET_CHANGE_MARK", "CURRENT_ESTIMATE", "budget_change_exports", "missing_change"]

CURRENT_ESTIMATE = KindRules(
    kind="current_estimate",
    fields=(
        FieldRule("job_number", Owner.SOURCE, "project"),
        FieldRule("phase_code", Owner.SOURCE, "cost code"),
        FieldRule("cost_type", Owner.SOURCE, "category"),
        FieldRule("current_est_cost", Owner.SOURCE, "current estimate, with the change added"),
        FieldRule("price_method_code", Owner.TARGET, "from the settings, if chosen"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

BUDGET_CHANGE_MARK = KindRules(
    kind="budget_change_mark",
    fields=(FieldRule("amount", Owner.KEY, "what was exported, remembered here only"),),
    absent=Absent.IGNORE,
)

_SCOPE = "budget_change"
"""Begins the keys of all records of budget changes: ids of change orders may be the same."""

_RECORDS = ("current_estimate", "change_request_line")
_REQUEST_KEY = (
    "job_number",
    "customer_code",
    "change_request_number",
    "cr_phase_code",
    "cr_cost_type",
)
_ESTIMATE_KEY = ("job_number", "phase_code", "cost_type")


def budget_change_exports(world: World) -> Iterator[ExportDraft]:
    """Every approved budget change, and those whose export has begun."""
    if world.settings.budgets.changes == "off":
        return
    begun = _begun(world)
    history = BudgetHistory.of(world)
    for project in linked_projects(world):
        try:
            yield from _of_project(world, project, history, begun)
        except (NotPermittedError, NotFoundError) as error:
            text = f"budget changes of job {project.job_number} cannot be read: {error.message}"
            world.notes.append(Note("budgets", text))


def missing_change(world: World, project: LinkedProject) -> str:
    """Why a budget change that waits is not exported any more."""
    if world.settings.budgets.changes == "off":
        return "budget changes are not exported any more"
    reading = world.budget_changes(project.project_id, also=_begun(world))
    return "it is not approved any more" if reading.complete else ""


def _of_project(
    world: World, project: LinkedProject, history: BudgetHistory, begun: Mapping[str, Begun]
) -> Iterator[ExportDraft]:
    reading = world.budget_changes(project.project_id, also=begun)
    rows = {key: own.rows for key, own in begun.items() if own.rows}
    for draft in vanished(world, project, "budget_change", reading, rows):
        if any(name.kind == CURRENT_ESTIMATE.kind for name in draft.rows):
            _remark_undone(world, f"{draft.document.title} was deleted")
        else:
            yield draft
    changes = reading.items
    if not changes:
        return
    faults = []
    if not is_locked(world, project.project_id):
        faults.append(
            Violation(
                code="budget-unlocked",
                message="the budget is not locked",
                path="locked",
                hint="lock it in Procore; changes are made to locked budgets",
            )
        )
    if not history.is_synced(project.job_number, project.project_id):
        faults.append(
            Violation(
                code="budget-not-synced",
                message="the budget was neither exported nor imported",
                path="budget",
                hint="synchronise the budget first",
            )
        )
    phases = phases_by_pair(world, project.job_number)
    waiting: dict[Pair, str] = {}
    before: dict[Pair, Decimal] = {}
    for change in sorted(changes, key=lambda found: found.id):
        own = begun.get(str(change.id), Begun())
        found = _Export(world, project, change, own, phases)
        if change.status != "approved" and found.done:
            _remark_undone(world, f"budget change {found.name} is {change.status}")
            continue
        yield found.draft((*faults, *found.waits_for(waiting)))
        if found.done:
            before |= {
                part.pair: exact_sum((found.sent[part.pair], -part.amount))
                for part in found.mapped.parts
                if part.pair in found.sent and part.amount
            }
        else:
            waiting |= {part.pair: found.name for part in found.mapped.parts}
    _remark_ignored(world, project, phases, before)


def _remark_undone(world: World, what: str) -> None:
    """Say so when a change that Spectrum has counts in Procore no more: nothing takes it back."""
    world.notes.append(
        Note("budgets", f"{what} after its export; make another one that takes it back")
    )


def _remark_ignored(
    world: World,
    project: LinkedProject,
    phases: Mapping[Pair, spectrum.Phase],
    before: Mapping[Pair, Decimal],
) -> None:
    """Say so when Spectrum shows what it showed before: it may show current estimates only."""
    other = [
        " ".join(pair)
        for pair, amount in sorted(before.items())
        if pair in phases and same(phases[pair].current_estimate_dollars, amount)
    ]
    if other:
        text = (
            f"Spectrum still shows the current estimates from before the last budget change of job"
            f" {project.job_number}: {', '.join(other)}; it may be set to show them only"
        )
        world.notes.append(Note("budgets", text))


def _begun(world: World) -> dict[str, Begun]:
    """What was written of each budget change, by its id."""
    rows = joined(
        rows_of(world, _RECORDS, _SCOPE),
        rows_of(world, (BUDGET_CHANGE_MARK.kind,)),
    )
    doubts = doubts_of(world, _RECORDS, _SCOPE)
    return {key: Begun(rows.get(key, {}), doubts.get(key, {})) for key in {*rows, *doubts}}


class _Export:
    """One budget change on its way."""

    def __init__(
        self,
        world: World,
        project: LinkedProject,
        change: procore.BudgetChange,
        begun: Begun,
        phases: Mapping[Pair, spectrum.Phase],
    ) -> None:
        self._world = world
        self._project = project
        self._change = change
        self._id = str(change.id)
        self._begun = begun
        self._ref = ref("budget_change", self._id)
        self._mark = ref(BUDGET_CHANGE_MARK.kind, self._id)
        self._as_request = self._is_request()
        self._customer = customer_of(world, project.job_number)
        self.name = f"{change.number or ''} {change.title or ''}".strip() or self._id
        self.done = self._mark in begun.rows
        self.mapped = self._map(phases)

    def _is_request(self) -> bool:
        """As the settings say, unless its export has begun in another way."""
        kinds = {name.kind for name in (*self._begun.rows, *self._begun.doubts)} & set(_RECORDS)
        if kinds:
            return "change_request_line" in kinds
        return self._world.settings.budgets.changes == "change_request"

    def _map(self, phases: Mapping[Pair, spectrum.Phase]) -> MappedBudgetChange:
        settings, job = self._world.settings.budgets, self._project.job_number
        pairs = self._project.codes.pairs
        if self._as_request:
            return budget_change_to_change_request(
                self._change,
                job_number=job,
                customer_code=self._customer,
                pairs=pairs,
                phases=phases,
                settings=settings,
            )
        return budget_change_to_current_estimates(
            self._change,
            job_number=job,
            pairs=pairs,
            phases=phases,
            sent=self.sent,
            settings=settings,
        )

    @property
    def sent(self) -> dict[Pair, Decimal]:
        """Totals that Spectrum has, or may have, of this change."""
        known = [*(row.base for row in self._begun.rows.values()), *self._begun.doubts.values()]
        return {
            (str(fields["phase_code"]), str(fields["cost_type"])): total
            for fields in known
            if isinstance(total := fields.get("current_est_cost"), Decimal)
        }

    def waits_for(self, waiting: Mapping[Pair, str]) -> Iterator[Violation]:
        """Earlier changes of the same pairs that Spectrum has not yet: their totals would go."""
        if self._as_request or self.done:
            return
        for part in self.mapped.parts:
            if part.pair in waiting and all(part.pair):
                yield Violation(
                    code="earlier-change",
                    message=f"budget change {waiting[part.pair]} of the same pair comes first",
                    path=f"lines[{'/'.join(part.pair)}]",
                    hint="it follows once that one is in Spectrum",
                )

    # ------------------------------------------------------------ the draft

    def draft(self, faults: Iterable[Violation]) -> ExportDraft:
        """The document with its records."""
        document = self._document(tuple(faults))
        header = header_of(self._world, document, "change_request_number", self._begun)
        records = tuple(self._record(part, header) for part in self.mapped.parts)
        return ExportDraft(
            document=document,
            records=records,
            marks=(
                ExportMark(
                    ref=self._mark, target_id=self._id, fields={"amount": self.mapped.amount}
                ),
            ),
            rows=self._begun.rows,
            doubts=self._begun.doubts,
            seen=self._seen(records),
            closing=is_closing(self._world, self._ref),
            exported=was_exported(self._world, self._ref),
            scope=self._project.ref,
            partition=self._project.ref.key,
        )

    def _seen(self, records: tuple[ExportRecord, ...]) -> Mapping[str, Fields] | None:
        if self._as_request:
            return seen_in_erp(self._world, records, ("change_request_line",), self._begun)
        return {r.natural_key: {} for r in records if r.ref in self._begun.rows}

    def _document(self, faults: tuple[Violation, ...]) -> Document:
        mapped = self.mapped
        return Document(
            ref=self._ref,
            feature="budgets",
            title=f"budget change {self.name}",
            fields=mapped.header,
            # People decide about the change; the total that is written follows from it.
            lines=tuple({**part.fields, "change": part.amount} for part in mapped.parts),
            amount=mapped.amount,
            needs=(self._number(),) if self._as_request else (),
            violations=(*faults, *mapped.violations),
            warnings=(*mapped.notes, *self._warnings()),
        )

    def _number(self) -> Need:
        return request_number(
            self._world,
            self._ref,
            job=self._project.job_number,
            customer=self._customer,
            source=self._change.number,
            numbering=self._world.settings.budgets.numbering,
            begun=self._begun,
        )

    def _warnings(self) -> tuple[Violation, ...]:
        """Writing a current estimate repeats safely: there is nothing to look for then."""
        return request_warnings(self._world, self._begun) if self._as_request else ()

    def _record(self, part: ChangedPair, header: Mapping[str, Value]) -> ExportRecord:
        kind = "change_request_line" if self._as_request else CURRENT_ESTIMATE.kind
        # Lines without a pair are held; their ids keep them apart.
        own = part.pair if all(part.pair) else ("", *map(str, part.line_ids))
        name = ref(kind, _SCOPE, self._id, *own)
        if not self._as_request:
            return ExportRecord(
                ref=name,
                title=f"current estimate of {' '.join(part.pair)}",
                fields=part.fields,
                natural_key=join_key(self._project.job_number, *part.pair),
                key=_ESTIMATE_KEY,
                settled=frozenset({"price_method_code"}),
            )
        number = header["change_request_number"]
        return ExportRecord(
            ref=name,
            title=" ".join(part.pair),
            fields={**part.fields, "change_request_number": number},
            natural_key=cost_key(
                self._project.job_number, self._customer, str(number or ""), part.pair
            ),
            key=_REQUEST_KEY,
            settled=frozenset({"change_request_number", "cr_status"}),
        )
