"""Budgets: Spectrum's estimates become budget lines, or locked budgets become estimates.

An import goes into budgets that are not locked, and never unlocks one. Procore lists no budget
lines, so they are read as the rows of a budget view, and a line is known by its budget code.
The way back, budget changes and forecasts wait for accounting, like all exports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.errors import (
    NotFoundError,
    NotPermittedError,
    ProcoreSpectrumError,
    Violation,
)
from procore_spectrum.features.budget_changes import (
    BUDGET_CHANGE_MARK,
    CURRENT_ESTIMATE,
    budget_change_exports,
    missing_change,
)
from procore_spectrum.features.budget_exports import (
    BUDGET_MARK,
    ORIGINAL_ESTIMATE,
    budget_exports,
    missing_budget,
)
from procore_spectrum.features.budget_state import BudgetHistory, is_locked
from procore_spectrum.features.exporting import linked_projects
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.forecasts import (
    FORECAST_MARK,
    PROJECTION,
    forecast_exports,
    missing_forecast,
)
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    Pair,
    estimate_to_budget_line,
    estimated_amount,
    has_estimate_or_cost,
)
from procore_spectrum.models import procore, spectrum
from procore_spectrum.models.ids import CompanyCode
from procore_spectrum.plan.diff import Absent, Draft, FieldRule, KindRules, Owner, diff
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.records import CrosswalkRow, Desired, Observed, Ref
from procore_spectrum.plan.values import Value
from procore_spectrum.ports import Reading

__all__ = ["BUDGETS", "BUDGET_LINE"]

BUDGET_LINE = KindRules(
    kind="budget_line",
    fields=(
        FieldRule("original_budget_amount", Owner.TARGET, "estimated cost"),
        FieldRule("uom", Owner.TARGET, "unit, if chosen"),
        FieldRule("quantity", Owner.TARGET, "estimated quantity or hours, if chosen"),
    ),
    absent=Absent.IGNORE,
)
_OVERRIDDEN = attrs.evolve(
    BUDGET_LINE,
    fields=tuple(attrs.evolve(f, owner=Owner.SOURCE) for f in BUDGET_LINE.fields),
    mirror=True,
)
_UNSEEN = ("uom", "quantity")
"""What no budget view tells."""

_ZERO = Decimal(0)
Originals = Mapping[tuple[str, Pair], spectrum.OriginalEstimateRow]


def drafts(world: World) -> Iterator[Draft]:
    """The lines of every budget that takes Spectrum's estimates."""
    history = BudgetHistory.of(world)
    closed: list[str] = []
    jobs = []
    for job in world.jobs().items:
        ready, project_id = world.project_of(job.job_number)
        if not ready or not world.wants_job(job.job_number):
            continue
        if history.direction(job.job_number, project_id, locked=True) == "closed":
            closed.append(job.job_number)
        elif world.settings.budgets.direction != "export" or history.is_reopened(job.job_number):
            jobs.append((job.job_number, project_id))
    if closed and world.settings.budgets.direction != "export":
        text = f"exported, so that their import is closed: the budgets of {', '.join(closed)}"
        world.notes.append(Note("budgets", text))
    if not jobs:
        return
    world.read_phases(number for number, _ in jobs)
    originals = _originals(world)
    for number, project_id in jobs:
        try:
            locked = is_locked(world, project_id)
            if history.direction(number, project_id, locked=locked) == "import":
                yield from _Import(world, number, project_id, originals).drafts(locked=locked)
        except (NotPermittedError, NotFoundError) as error:
            yield _unreadable(number, error)


def _originals(world: World) -> Originals | None:
    """Original estimates of all jobs, where SQL tells them; the plan says which were taken."""
    reading = world.original_estimates()
    if not reading.complete:
        text = "current estimates are taken: web services do not tell original ones, SQL does"
        world.notes.append(Note("budgets", text))
        return None
    world.notes.append(Note("budgets", "original estimates are taken, read by SQL"))
    return {
        (row.job_number, (row.phase_code.replace("-", ""), row.cost_type)): row
        for row in reading.items
    }


def _unreadable(job: str, error: ProcoreSpectrumError) -> Draft:
    """One budget that may not be read, for want of a tool or a permission, stops no other."""
    hold = Violation(code="not-readable", message=error.message, path=error.path, hint=error.hint)
    return _held_whole(job, hold)


def _held_whole(job: str, hold: Violation) -> Draft:
    wish = Desired(ref=ref(BUDGET_LINE.kind, job), title="the whole budget", fields={}, hold=hold)
    return Draft(feature="budgets", rules=BUDGET_LINE, desired=(wish,))


class _Import:
    """The budget of one job on its way to Procore."""

    def __init__(
        self, world: World, job: str, project_id: str | None, originals: Originals | None
    ) -> None:
        self._world = world
        self._job = job
        self._project_id = project_id
        self._originals = originals
        self._settings = world.settings.budgets
        self._mask = world.settings.cost_codes.phase_mask
        self._scope = ref("project", job)
        self._rows = {row.ref: row for row in world.rows(BUDGET_LINE.kind, self._scope)}

    def drafts(self, *, locked: bool) -> Iterator[Draft]:
        """All lines; of a locked budget those that need no writing, and why the rest waits."""
        if self._awaits_export():
            return
        found = list(self._drafts())
        writing = (
            {op.ref for draft in found for op in diff(draft) if op.writes} if locked else set()
        )
        if writing:
            count = f"{len(writing)} line{'s' if len(writing) > 1 else ''}"
            yield _held_whole(
                self._job,
                Violation(
                    code="budget-locked",
                    message=f"{count} would be made or changed, but the budget is locked",
                    hint="unlock it in Procore, and keep its modifications; nobody does it for you",
                ),
            )
        for draft in found:
            kept = tuple(wish for wish in draft.desired if wish.ref not in writing)
            yield attrs.evolve(draft, desired=kept)

    def _awaits_export(self) -> bool:
        """Whether the lock decides, and Spectrum has no estimate: people make the budget then.

        Lines for costs alone would make it look imported.
        """
        return (
            self._settings.direction == "by_lock"
            and not self._rows
            and not any(
                estimated_amount(row, self._original(row))
                for row in self._world.phases(self._job).items
            )
        )

    def _drafts(self) -> Iterator[Draft]:
        """The lines by who owns them: what is kept stays, and a line of zero counts as missing."""
        phases = self._phases()
        lines = self._lines()
        found = self._world.budget_lines(self._project_id) if self._project_id else None
        observed = tuple(
            line
            for row in (found.items if found else ())
            if (line := self._observed(row, lines)) is not None
        )
        seen = {line.key: line for line in observed if line.key}
        codes = {Ref("wbs_code", key) for key in lines.values()}
        overridden: list[Desired] = []
        kept: list[Desired] = []
        for wish in self._wishes(phases.items, codes):
            line = seen.get(wish.ref.key)
            if self._overrides(wish, line):
                overridden.append(attrs.evolve(wish, target_id=line.target_id if line else None))
            else:
                kept.append(wish)
        self._remark_others(seen, {wish.ref.key for wish in (*overridden, *kept)})
        for rules, desired in ((BUDGET_LINE, kept), (_OVERRIDDEN, overridden)):
            names = {wish.ref for wish in desired}
            yield Draft(
                feature="budgets",
                rules=rules,
                desired=tuple(desired),
                observed=observed,
                rows=tuple(row for name, row in self._rows.items() if name in names),
                source_complete=phases.complete,
                target_complete=found is None or found.complete,
            )

    def _overrides(self, wish: Desired, line: Observed | None) -> bool:
        if self._settings.mode == "override":
            return True
        amount = wish.fields["original_budget_amount"]
        return line is not None and bool(amount) and not line.fields["original_budget_amount"]

    # ------------------------------------------------------------ Spectrum

    def _phases(self) -> Reading[spectrum.Phase]:
        """The pairs of the job; complete ones too, if a line is on a pair that left the listing."""
        reading = self._world.phases(self._job)
        listed = {self._key(row).key for row in reading.items}
        gone = {name.key for name in self._rows} - listed
        return self._world.complete_phases(self._job) if gone else reading

    def _key(self, row: spectrum.Phase) -> Ref:
        fits = not self._mask.check(row.phase_code)
        shown = self._mask.show(self._mask.split(row.phase_code)) if fits else row.phase_code
        return ref(BUDGET_LINE.kind, self._job, shown, row.cost_type)

    def _original(self, row: spectrum.Phase) -> spectrum.OriginalEstimateRow | None:
        if self._originals is None:
            return None
        pair = (row.phase_code, row.cost_type)
        nothing = spectrum.OriginalEstimateRow(
            company_code=CompanyCode(self._world.company.spectrum_company_code),
            job_number=row.job_number,
            phase_code=row.phase_code,
            cost_type=row.cost_type,
            quantity=_ZERO,
            hours=_ZERO,
            amount=_ZERO,
        )
        return self._originals.get((self._job, pair), nothing)

    def _wishes(self, phases: Iterable[spectrum.Phase], codes: set[Ref]) -> Iterator[Desired]:
        for row in phases:
            name, original = self._key(row), self._original(row)
            if name not in self._rows and not has_estimate_or_cost(row, original):
                continue
            mapped = estimate_to_budget_line(row, original=original, settings=self._settings)
            code = Ref("wbs_code", name.key)
            known = code in codes or self._world.will_exist(code) or self._world.is_held(code)
            yield Desired(
                ref=name,
                title=row.description or "",
                fields=mapped.fields,
                scope=self._scope,
                parent=code,
                partition=self._scope.key,
                violations=mapped.violations,
                hold=None if known else _no_code(),
                create_reason="the pair has an estimate or a cost, and no line yet",
            )

    # ------------------------------------------------------------ Procore

    def _lines(self) -> dict[str, str]:
        """The keys of budget lines by the id of their budget code."""
        linked = self._world.rows("wbs_code", self._scope)
        found = {row.target_id: row.ref.key for row in linked}
        known = set(found.values())
        for row in self._world.phases(self._job).items:
            key = self._key(row).key
            code_id = None if key in known else self._world.id_of(Ref("wbs_code", key))
            if code_id is not None:
                found[code_id] = key
        return found

    def _observed(self, row: procore.BudgetRow, lines: Mapping[str, str]) -> Observed | None:
        if row.id is None:
            return None
        key = lines.get(str(row.wbs_code_id))
        linked = self._rows.get(Ref(BUDGET_LINE.kind, key)) if key else None
        return Observed(
            kind=BUDGET_LINE.kind,
            target_id=str(row.id),
            title=f"{row.cost_code or ''} {row.category or ''}".strip(),
            fields={"original_budget_amount": row.original_budget_amount, **_unseen(linked)},
            key=key,
            scope_id=self._project_id,
        )

    def _remark_others(self, seen: Mapping[str, Observed], wanted: set[str]) -> None:
        """Lines that Spectrum has no estimate for stay; an import never takes a line away."""
        others = [line for key, line in seen.items() if key not in wanted]
        if others and self._settings.mode == "override":
            text = f"{len(others)} budget lines of job {self._job} have no estimate; they stay"
            self._world.notes.append(Note("budgets", text))


def _unseen(row: CrosswalkRow | None) -> dict[str, Value]:
    """Unit and quantity as they were written: taken as unchanged, since no view shows them."""
    if row is None:
        return {}
    return {name: row.echo.get(name, row.base.get(name)) for name in _UNSEEN}


def _no_code() -> Violation:
    return Violation(
        code="no-budget-code",
        message="the project has no budget code for this phase and cost type",
        hint="synchronise the cost codes first",
    )


def exports(world: World) -> Iterator[ExportDraft]:
    """Budgets, budget changes and forecasts on their way to Spectrum."""
    yield from budget_exports(world)
    yield from budget_change_exports(world)
    yield from forecast_exports(world)


def missing(world: World, document: Document) -> str:
    """Why a budget, a budget change or a forecast that waits cannot be exported any more."""
    job = str(document.fields.get("job_number") or "")
    project = next((p for p in linked_projects(world) if p.job_number == job), None)
    if project is None:
        return "" if world.only_jobs is not None else "its project is not linked any more"
    try:
        match document.ref.kind:
            case "budget":
                return missing_budget(world, project)
            case "budget_change":
                return missing_change(world, project)
            case _:
                return missing_forecast(world, project)
    except (NotPermittedError, NotFoundError):
        return ""


BUDGETS = Feature(
    name="budgets",
    title="estimates to budgets, or budgets to estimates",
    kinds=(
        BUDGET_LINE,
        ORIGINAL_ESTIMATE,
        BUDGET_MARK,
        CURRENT_ESTIMATE,
        BUDGET_CHANGE_MARK,
        PROJECTION,
        FORECAST_MARK,
    ),
    drafts=drafts,
    exports=exports,
    missing=missing,
    services=("GetJob", "GetJobMain", "GetJobDates", "GetPhase"),
    writing_services=("AddPhase", "ARChangeRequest", "JobCostProjections"),
    endpoints=("project",),
)
