"""Budgets on both sides: as they were imported, or as they were exported.

Web services tell Spectrum's current estimates only. What budget changes added to them from here is
taken off again, so that original amounts are compared with original amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.errors import NotFoundError, NotPermittedError
from procore_spectrum.features.budgets import BUDGETS
from procore_spectrum.features.exporting import LinkedProject
from procore_spectrum.features.keys import ref
from procore_spectrum.features.reconciled_exports import (
    Carrier,
    ErpAmount,
    amount_of,
    export_postings,
)
from procore_spectrum.features.reconciled_imports import Imported, import_posting
from procore_spectrum.features.world import World
from procore_spectrum.mapping import Pair, join_key
from procore_spectrum.plan.exports import ExportDraft
from procore_spectrum.plan.operations import Operation
from procore_spectrum.plan.reconciliation import Cause, Measure, Posting, Spot
from procore_spectrum.plan.records import CrosswalkRow, Ref

__all__ = ["Budgets"]

_ZERO = Decimal(0)
_AMOUNT = "original_budget_amount"
_Bases = Callable[[Pair], Decimal | None]


@attrs.frozen
class _Line:
    """A budget line of Procore."""

    pair: Pair
    title: str
    amount: Decimal


class Budgets:
    """The budgets of a run.

    Args:
        world: both systems.
        planned: what the present plan would do, by name.

    Attributes:
        notes: budgets that could not be read.
        compared: the projects whose budgets could be read.
        originals: whether original estimates can be read.
    """

    def __init__(self, world: World, planned: Mapping[Ref, Operation]) -> None:
        self._world = world
        self._planned = planned
        self.notes: list[str] = []
        self.compared: list[LinkedProject] = []
        reading = world.original_estimates()
        self.originals = reading.complete
        self._original: dict[str, dict[Pair, Decimal]] = {}
        for row in reading.items:
            of_job = self._original.setdefault(row.job_number, {})
            of_job[row.phase_code.replace("-", ""), row.cost_type] = row.amount
        self._exports: dict[Ref | None, list[ExportDraft]] = {}
        for draft in BUDGETS.exports(world):
            if draft.document.ref.kind == "budget":
                self._exports.setdefault(draft.scope, []).append(draft)
        self._changed = _last_totals(world)

    @property
    def how(self) -> str:
        """What is read of Spectrum."""
        return "original estimates, by SQL" if self.originals else "current estimates"

    def postings(self, project: LinkedProject) -> Iterator[Posting]:
        """The budget of one job, by phase and cost type."""
        drafts = self._exports.get(project.ref, [])
        try:
            lines = list(self._lines(project))
        except (NotPermittedError, NotFoundError) as error:
            self.notes.append(
                f"the budget of job {project.job_number} cannot be read, and is not compared:"
                f" {error.message}"
            )
            return
        self.compared.append(project)
        if drafts:
            yield from self._exported(project, drafts)
        else:
            yield from self._imported(project, lines)

    # ------------------------------------------------------------ Spectrum

    def _estimates(self, project: LinkedProject, base_of: _Bases) -> dict[Pair, Decimal]:
        """Original estimates; current ones without the changes from here if those are unread."""
        job = project.job_number
        if self.originals:
            return {pair: amount for pair, amount in self._original.get(job, {}).items() if amount}
        found: dict[Pair, Decimal] = {}
        for phase in self._world.complete_phases(job).items:
            pair = (phase.phase_code, phase.cost_type)
            amount = phase.current_estimate_dollars or _ZERO
            total = self._changed.get(join_key(job, *pair))
            base = base_of(pair)
            # An installation that only shows current estimates has ignored what was written.
            if total is not None and base is not None and amount != base:
                amount += base - total
            if amount:
                found[pair] = amount
        return found

    # ------------------------------------------------------------ budgets that were exported

    def _exported(self, project: LinkedProject, drafts: Iterable[ExportDraft]) -> Iterator[Posting]:
        sent = {
            (str(row.base.get("phase_code")), str(row.base.get("cost_type"))): amount_of(
                row.base, "original_est_cost"
            )
            for draft in drafts
            for row in draft.rows.values()
            if row.ref.kind == "original_estimate"
        }
        estimates = self._estimates(project, sent.get)
        carrier = Carrier(
            measure=Measure.BUDGET,
            kind="original_estimate",
            amount="original_est_cost",
            phase="phase_code",
            cost_type="cost_type",
            erp={
                join_key(project.job_number, *pair): ErpAmount(
                    amount=amount, phase=pair[0], cost_type=pair[1], title=" ".join(pair)
                )
                for pair, amount in estimates.items()
            },
            drift=Cause.DRIFT if self.originals else Cause.NOT_READABLE,
            edited=""
            if self.originals
            else "Spectrum's current estimate is another one, and the original one cannot be read",
        )
        yield from export_postings(self._world, project.job_number, drafts, carrier)

    # ------------------------------------------------------------ budgets that are imported

    def _lines(self, project: LinkedProject) -> Iterator[_Line]:
        for row in self._world.budget_lines(project.project_id).items:
            if row.id is None:
                continue
            own = project.codes.pairs.get(int(row.wbs_code_id or 0))
            pair = own or (row.cost_code or "", row.category or "")
            yield _Line(pair, " ".join(pair), row.original_budget_amount or _ZERO)

    def _imported(self, project: LinkedProject, lines: Iterable[_Line]) -> Iterator[Posting]:
        job, mask = project.job_number, self._world.settings.cost_codes.phase_mask
        rows = {row.ref: row for row in self._world.rows("budget_line", project.ref)}

        def name_of(pair: Pair) -> Ref:
            shown = pair[0] if mask.check(pair[0]) else mask.show(mask.split(pair[0]))
            return ref("budget_line", job, shown, pair[1])

        def base_of(pair: Pair) -> Decimal | None:
            row = rows.get(name_of(pair))
            return None if row is None else amount_of(row.base, _AMOUNT)

        estimates = self._estimates(project, base_of)
        present: dict[Pair, Decimal] = {}
        for line in lines:
            present[line.pair] = present.get(line.pair, _ZERO) + line.amount
        for pair in sorted({*present, *estimates}):
            if not present.get(pair) and not estimates.get(pair):
                continue
            yield import_posting(
                self._world,
                self._planned,
                Imported(
                    spot=Spot(Measure.BUDGET, job, *pair),
                    feature="budgets",
                    title=f"budget of {' '.join(pair)}",
                    procore=present.get(pair, _ZERO),
                    spectrum=estimates.get(pair, _ZERO),
                    base=base_of(pair),
                    ref=name_of(pair),
                    whole=(ref("budget_line", job),),
                ),
            )


def _last_totals(world: World) -> dict[str, Decimal]:
    """The last current estimate that was written of each pair, by job, phase and cost type.

    An older budget change may be approved, and so written, after a newer one.
    """
    found: dict[str, list[CrosswalkRow]] = {}
    for row in world.rows("current_estimate"):
        key = join_key(*(str(row.base.get(n)) for n in ("job_number", "phase_code", "cost_type")))
        found.setdefault(key, []).append(row)
    return {
        key: amount_of(world.last_sent(rows).base, "current_est_cost")
        for key, rows in found.items()
    }
