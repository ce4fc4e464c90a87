"""Forecasts of Procore's budget become projections of job cost, one document for a project.

A projection is the cost at completion of a pair, on a day. Only what changed is sent; what was
sent last, and on which day, is remembered. Spectrum never changes a projection: a new value is
a new entry, and one of the same day might be ignored, so that there is one a day for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

import attrs

from procore_spectrum.errors import NotFoundError, NotPermittedError, Violation
from procore_spectrum.features.budget_state import BudgetHistory, phases_by_pair
from procore_spectrum.features.exporting import (
    Begun,
    LinkedProject,
    doubts_of,
    is_closing,
    linked_projects,
    rows_of,
)
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import Mapped, Pair, exact_sum, forecast_to_projection, join_key
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import same

__all__ = ["FORECAST_MARK", "PROJECTION", "forecast_exports", "missing_forecast"]

PROJECTION = KindRules(
    kind="job_cost_projection",
    fields=(
        FieldRule("job_number", Owner.SOURCE, "project"),
        FieldRule("phase_code", Owner.SOURCE, "cost code"),
        FieldRule("cost_type", Owner.SOURCE, "category"),
        FieldRule("transaction_date", Owner.TARGET, "day of the plan"),
        FieldRule("amount", Owner.SOURCE, "forecast column of the budget view"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

FORECAST_MARK = KindRules(
    kind="forecast_mark",
    fields=(FieldRule("job_number", Owner.KEY, "of the project, remembered here only"),),
    absent=Absent.IGNORE,
)


def forecast_exports(world: World) -> Iterator[ExportDraft]:
    """The forecasts that changed since they were sent, project by project."""
    if not world.settings.budgets.forecast:
        return
    rows = rows_of(world, (PROJECTION.kind, FORECAST_MARK.kind))
    doubts = doubts_of(world, (PROJECTION.kind,))
    history = BudgetHistory.of(world)
    for project in linked_projects(world):
        key = project.project_id
        begun = Begun(rows.get(key, {}), doubts.get(key, {}))
        synced = history.is_synced(project.job_number, key)
        try:
            draft = _Export(world, project, begun, synced=synced).draft()
        except (NotPermittedError, NotFoundError) as error:
            text = f"the forecast of job {project.job_number} cannot be read: {error.message}"
            world.notes.append(Note("budgets", text))
            continue
        if draft is not None:
            yield draft


def missing_forecast(world: World, project: LinkedProject) -> str:
    """Why a forecast that waits is not exported any more."""
    if not world.settings.budgets.forecast:
        return "forecasts are not exported any more"
    reading = world.budget_lines(project.project_id)
    return "Spectrum has these forecasts already" if reading.complete else ""


_PENDING = (State.READY_TO_EXPORT, State.READY_TO_UPDATE, State.ACCEPTED, State.EXPORTING)


@attrs.frozen
class _Forecast:
    """One forecast that has to be sent, and what it becomes."""

    ref: Ref
    title: str
    pair: Pair
    mapped: Mapped


@attrs.frozen
class _Sent:
    """A projection that Spectrum has, or may have."""

    on: date
    amount: Decimal
    certain: bool


class _Export:
    """The forecast of one project on its way."""

    def __init__(self, world: World, project: LinkedProject, begun: Begun, *, synced: bool) -> None:
        self._world = world
        self._project = project
        self._begun = begun
        self._synced = synced
        self._column = world.settings.budgets.forecast_column
        self._ref = ref("forecast", project.project_id)
        self._mark = ref(FORECAST_MARK.kind, project.project_id)
        self._late = 0

    def draft(self) -> ExportDraft | None:
        """The document; None while nothing has changed.

        The day of a document that is being decided or written stays what it was, so that
        tomorrow it is still the same document.
        """
        reading = self._world.budget_lines(self._project.project_id)
        phases = phases_by_pair(self._world, self._project.job_number)
        approval = self._world.approval(self._ref)
        if approval is not None and approval.state in _PENDING:
            day = approval.document.fields.get("transaction_date")
            if isinstance(day, date):
                found = self._draft(reading.items, phases, day, resuming=True)
                if found is not None and found.document.shown == approval.document.shown:
                    return found
        today = (self._world.as_of or reading.as_of).date()
        found = self._draft(reading.items, phases, today, resuming=False)
        if self._late:
            text = f"{self._late} forecasts of job {self._project.job_number} changed again today"
            self._world.notes.append(Note("budgets", f"{text}; they are sent from tomorrow"))
        return found

    def _draft(
        self,
        rows: tuple[procore.BudgetRow, ...],
        phases: Mapping[Pair, spectrum.Phase],
        on: date,
        *,
        resuming: bool,
    ) -> ExportDraft | None:
        self._late = 0
        found = list(self._forecasts(rows, phases, on, resuming=resuming))
        lacking = bool(rows) and not any(self._column in row.columns for row in rows)
        if not found and not lacking:
            return None
        document = Document(
            ref=self._ref,
            feature="budgets",
            title=f"forecast of job {self._project.job_number}",
            fields={"job_number": self._project.job_number, "transaction_date": on},
            lines=tuple(item.mapped.fields for item in found),
            amount=_total(found),
            violations=(
                *self._faults(lacking=lacking),
                *(
                    attrs.evolve(fault, path=f"lines[{item.title}].{fault.path}")
                    for item in found
                    for fault in item.mapped.violations
                ),
            ),
        )
        return ExportDraft(
            document=document,
            records=tuple(map(self._record, found)),
            marks=(
                ExportMark(
                    ref=self._mark,
                    target_id=self._project.project_id,
                    fields={"job_number": self._project.job_number},
                ),
            ),
            rows=self._begun.rows,
            doubts=self._begun.doubts,
            seen={},
            closing=is_closing(self._world, self._ref),
            scope=self._project.ref,
            partition=self._project.ref.key,
            extendable=True,
        )

    # ------------------------------------------------------------ what changed

    def _forecasts(
        self,
        rows: tuple[procore.BudgetRow, ...],
        phases: Mapping[Pair, spectrum.Phase],
        on: date,
        *,
        resuming: bool,
    ) -> Iterator[_Forecast]:
        last = self._last()
        for row in rows:
            pair = self._project.codes.pairs.get(int(row.wbs_code_id or 0), ("", ""))
            sent, phase = last.get(pair), phases.get(pair)
            value = row.columns.get(self._column)
            there = sent.amount if sent else _projected(phase)
            if value is None or (sent is None and same(value, there)):
                continue
            if sent is not None and not sent.certain:
                # It may have arrived: the same is sent again, and nothing else until then.
                yield self._forecast(row, pair, phase, sent.amount, sent.on)
            elif sent is not None and same(value, there):
                if resuming and sent.on == on:
                    yield self._forecast(row, pair, phase, value, on)
            elif sent is not None and sent.on >= on:
                self._late += 1
            else:
                yield self._forecast(row, pair, phase, value, on)

    def _forecast(
        self,
        row: procore.BudgetRow,
        pair: Pair,
        phase: spectrum.Phase | None,
        value: Decimal,
        on: date,
    ) -> _Forecast:
        mapped = forecast_to_projection(
            value, job_number=self._project.job_number, pair=pair, phase=phase, on=on
        )
        own = pair if all(pair) else ("", str(row.wbs_code_id))
        return _Forecast(
            ref=ref(PROJECTION.kind, self._project.project_id, *own, on.isoformat()),
            title=" ".join(pair) if all(pair) else row.cost_code or str(row.wbs_code_id),
            pair=pair,
            mapped=mapped,
        )

    def _last(self) -> dict[Pair, _Sent]:
        """What was sent last of each pair; what is in doubt comes last."""
        known = [(row.base, True) for row in self._begun.rows.values()]
        known += [
            (fields, False)
            for name, fields in self._begun.doubts.items()
            if name not in self._begun.rows
        ]
        found: dict[Pair, _Sent] = {}
        for fields, certain in known:
            on, amount = fields.get("transaction_date"), fields.get("amount")
            if isinstance(on, date) and isinstance(amount, Decimal):
                pair = (str(fields["phase_code"]), str(fields["cost_type"]))
                if pair not in found or found[pair].on <= on:
                    found[pair] = _Sent(on, amount, certain)
        return found

    # ------------------------------------------------------------ the document

    def _faults(self, *, lacking: bool) -> Iterator[Violation]:
        if lacking:
            yield Violation(
                code="forecast-column-missing",
                message=f"the budget view has no column {self._column!r}",
                path="forecast_column",
                hint="add a column of exactly that name, or name another view or column",
            )
        if not self._synced:
            yield Violation(
                code="budget-not-synced",
                message="the budget was neither exported nor imported",
                path="budget",
                hint="synchronise the budget first",
            )

    def _record(self, item: _Forecast) -> ExportRecord:
        on = item.mapped.fields["transaction_date"]
        return ExportRecord(
            ref=item.ref,
            title=f"projection of {item.title}",
            fields=item.mapped.fields,
            natural_key=join_key(self._project.job_number, *item.pair, str(on)),
            key=("job_number", "phase_code", "cost_type", "transaction_date"),
        )


def _projected(phase: spectrum.Phase | None) -> Decimal:
    """What Spectrum projects by itself; saying so again would be ignored."""
    return (phase.projected_dollars if phase else None) or Decimal(0)


def _total(found: list[_Forecast]) -> Decimal:
    amounts = (item.mapped.fields["amount"] for item in found)
    return exact_sum(amount for amount in amounts if isinstance(amount, Decimal))
