"""Locked budgets of Procore become original estimates of Spectrum, one document for a project.

The estimates are written with AddPhase, on pairs that the job has. Once a budget was exported,
its import is closed. A budget line carries no key of ours in Procore, so that the export is
remembered in the crosswalk only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.errors import NotFoundError, NotPermittedError, Violation
from procore_spectrum.features.budget_state import BudgetHistory, is_locked, phases_by_pair
from procore_spectrum.features.exporting import (
    Begun,
    LinkedProject,
    is_closing,
    linked_projects,
    was_exported,
)
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import Mapped, Pair, budget_line_to_estimate, exact_sum, join_key
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Value, same

__all__ = ["BUDGET_MARK", "ORIGINAL_ESTIMATE", "budget_exports", "missing_budget"]

ORIGINAL_ESTIMATE = KindRules(
    kind="original_estimate",
    fields=(
        FieldRule("job_number", Owner.SOURCE, "project"),
        FieldRule("phase_code", Owner.SOURCE, "cost code"),
        FieldRule("cost_type", Owner.SOURCE, "category"),
        FieldRule("original_est_cost", Owner.SOURCE, "original budget amount"),
        FieldRule("original_est_quantity", Owner.SOURCE, "quantity, if chosen"),
        FieldRule("unit_of_measure", Owner.SOURCE, "unit, if chosen"),
        FieldRule("original_est_hours", Owner.SOURCE, "quantity in hours, if chosen"),
        FieldRule("price_method_code", Owner.TARGET, "from the settings, if chosen"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

BUDGET_MARK = KindRules(
    kind="budget_mark",
    fields=(FieldRule("amount", Owner.KEY, "what was exported, remembered here only"),),
    absent=Absent.IGNORE,
)

_QUANTITIES = ("original_est_quantity", "unit_of_measure", "original_est_hours")


def budget_exports(world: World) -> Iterator[ExportDraft]:
    """Every budget that is to be exported, or was."""
    chosen = world.settings.budgets.direction
    history = BudgetHistory.of(world)
    imported: list[str] = []
    for project in linked_projects(world):
        begun = history.begun(project.project_id)
        if (chosen == "import" and not begun) or history.is_reopened(project.job_number):
            continue
        try:
            locked = is_locked(world, project.project_id)
            direction = history.direction(project.job_number, project.project_id, locked=locked)
            if direction == "imported":
                imported.append(project.job_number)
            if direction in {"import", "imported"}:
                continue
            draft = _Export(world, project, begun, locked=locked).draft()
        except (NotPermittedError, NotFoundError) as error:
            text = f"the budget of job {project.job_number} cannot be read: {error.message}"
            world.notes.append(Note("budgets", text))
            continue
        if draft is not None:
            yield draft
    if imported:
        text = f"imported, so that they are not exported: the budgets of {', '.join(imported)}"
        world.notes.append(Note("budgets", text))


def missing_budget(world: World, project: LinkedProject) -> str:
    """Why the budget of a project that waits is not exported any more."""
    locked = is_locked(world, project.project_id)
    history = BudgetHistory.of(world)
    way = history.direction(project.job_number, project.project_id, locked=locked)
    if way in {"import", "imported"}:
        return "the budget takes estimates now, or was unlocked"
    return "the budget has no lines and is not locked"


@attrs.frozen
class _Line:
    """One budget line, and what it becomes."""

    ref: Ref
    row: procore.BudgetRow
    pair: Pair
    mapped: Mapped


class _Export:
    """The budget of one project on its way."""

    def __init__(self, world: World, project: LinkedProject, begun: Begun, *, locked: bool) -> None:
        self._world = world
        self._project = project
        self._begun = begun
        self._locked = locked
        self._settings = world.settings.budgets
        self._ref = ref("budget", project.project_id)
        self._mark = ref("budget_mark", project.project_id)
        self._done = was_exported(world, self._ref) or self._mark in begun.rows

    def draft(self) -> ExportDraft | None:
        """The document; None while there is nothing to export."""
        # What was written of units and quantities is known; asking again costs a call a line.
        details = self._settings.quantities and not self._done
        rows = self._world.budget_lines(self._project.project_id, details=details).items
        phases = phases_by_pair(self._world, self._project.job_number)
        lines = list(self._lines(rows, phases))
        if not lines and not self._locked and not self._begun:
            return None
        document = self._document(lines, phases)
        records = tuple(map(self._record, lines))
        return ExportDraft(
            document=document,
            records=records,
            marks=(
                ExportMark(
                    ref=self._mark,
                    target_id=self._project.project_id,
                    fields={"amount": document.amount},
                ),
            ),
            rows=self._begun.rows,
            doubts=self._begun.doubts,
            seen={
                record.natural_key: {}
                for line, record in zip(lines, records, strict=True)
                if line.ref in self._begun.rows and line.pair in phases
            },
            closing=is_closing(self._world, self._ref),
            exported=was_exported(self._world, self._ref),
            scope=self._project.ref,
            partition=self._project.ref.key,
        )

    # ------------------------------------------------------------ lines

    def _lines(
        self, rows: tuple[procore.BudgetRow, ...], phases: Mapping[Pair, spectrum.Phase]
    ) -> Iterator[_Line]:
        for row in rows:
            if row.id is None:
                continue
            name = ref(ORIGINAL_ESTIMATE.kind, self._project.project_id, str(row.id))
            if self._done and name not in self._begun.rows and not row.original_budget_amount:
                # Procore adds lines of zero for new scope; they have nothing to say.
                continue
            pair = self._project.codes.pairs.get(int(row.wbs_code_id or 0), ("", ""))
            mapped = budget_line_to_estimate(
                row,
                job_number=self._project.job_number,
                pair=pair,
                phase=phases.get(pair),
                settings=self._settings,
            )
            yield _Line(name, row, pair, mapped)

    def _fields(self, line: _Line) -> dict[str, Value]:
        fields: dict[str, Value] = dict(line.mapped.fields)
        written = self._begun.rows.get(line.ref)
        if self._done and written is not None:
            fields |= {name: written.base[name] for name in _QUANTITIES if name in written.base}
        return fields

    def _record(self, line: _Line) -> ExportRecord:
        return ExportRecord(
            ref=line.ref,
            title=_title(line),
            fields=self._fields(line),
            natural_key=join_key(self._project.job_number, *line.pair),
            key=("job_number", "phase_code", "cost_type"),
            settled=frozenset({"price_method_code"}),
        )

    # ------------------------------------------------------------ the document

    def _document(self, lines: list[_Line], phases: Mapping[Pair, spectrum.Phase]) -> Document:
        amounts = (line.row.original_budget_amount or Decimal(0) for line in lines)
        return Document(
            ref=self._ref,
            feature="budgets",
            title=f"budget of job {self._project.job_number}",
            fields={"job_number": self._project.job_number},
            lines=tuple(self._fields(line) for line in lines),
            amount=exact_sum(amounts),
            violations=(
                *self._whole_faults(lines),
                *(
                    attrs.evolve(fault, path=f"lines[{_title(line)}].{fault.path}")
                    for line in lines
                    for fault in (*line.mapped.violations, *self._there(line, phases))
                ),
            ),
        )

    def _whole_faults(self, lines: list[_Line]) -> Iterator[Violation]:
        if not self._locked:
            yield Violation(
                code="budget-unlocked",
                message="the budget is not locked",
                path="locked",
                hint="lock it in Procore when it is final",
            )
        if not lines:
            yield Violation(
                code="no-lines",
                message="the budget has no lines",
                path="lines",
                hint="add at least one",
            )

    def _there(self, line: _Line, phases: Mapping[Pair, spectrum.Phase]) -> Iterator[Violation]:
        """An estimate that Spectrum has already, and that is not ours."""
        phase = phases.get(line.pair)
        amount = phase.current_estimate_dollars if phase else None
        ours = line.ref in self._begun.rows or line.ref in self._begun.doubts
        if ours or self._settings.overwrite or not amount:
            return
        if not same(amount, line.row.original_budget_amount):
            yield Violation(
                code="estimate-there",
                message=f"Spectrum has an estimate of {amount} already, and not from here",
                path="original_est_cost",
                hint="import it, or set [budgets] overwrite = true",
            )


def _title(line: _Line) -> str:
    return " ".join(line.pair) if all(line.pair) else line.row.cost_code or f"line {line.row.id}"
