"""Where the budget of one project stands: locked or not, imported or exported.

A budget goes one way. Once it was exported, its import is closed, until a person opens it again
with a reason; a budget that was imported is not sent back by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from procore_spectrum.features.exporting import Begun, doubts_of, rows_of
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import BudgetSettings, Pair
from procore_spectrum.models import spectrum
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields

__all__ = ["IMPORT", "BudgetHistory", "is_locked", "phases_by_pair", "writing_services"]

IMPORT = "budget_import"
"""Names the import of a job's budget, for the decision to open it again."""

_RECORDS = ("original_estimate",)


@attrs.frozen
class BudgetHistory:
    """What earlier runs did with the budgets of all projects."""

    _world: World
    _rows: Mapping[str, Mapping[Ref, CrosswalkRow]]
    _doubts: Mapping[str, Mapping[Ref, Fields]]

    @classmethod
    def of(cls, world: World) -> BudgetHistory:
        """Read it from the store."""
        rows = rows_of(world, (*_RECORDS, "budget_mark"))
        return cls(world, rows, doubts_of(world, _RECORDS))

    def begun(self, project_id: str | None) -> Begun:
        """What was written of the export of that project's budget."""
        key = project_id or ""
        return Begun(self._rows.get(key, {}), self._doubts.get(key, {}))

    def is_reopened(self, job: str) -> bool:
        """Whether a person opened the import again, after the export had closed it."""
        decision = self._world.decisions.get(ref(IMPORT, job))
        return decision is not None and decision.choice == "take_on"

    def was_imported(self, job: str) -> bool:
        """Whether lines of the budget came from Spectrum."""
        return bool(self._world.rows("budget_line", ref("project", job)))

    def is_synced(self, job: str, project_id: str) -> bool:
        """Whether the budget went the one way or the other, wholly."""
        mark = ref("budget_mark", project_id)
        return mark in self.begun(project_id).rows or self.was_imported(job)

    def direction(self, job: str, project_id: str | None, *, locked: bool) -> str:
        """``import``, ``export``, ``closed`` where the import was closed by an export, or
        ``imported`` where the export is closed by an import.
        """
        settings = self._world.settings.budgets
        chosen = settings.direction
        if self.is_reopened(job):
            return "import"
        if self.begun(project_id):
            return "closed"
        if chosen == "by_lock":
            return "export" if locked and not self.was_imported(job) else "import"
        if chosen == "export" and not settings.overwrite and self.was_imported(job):
            return "imported"
        return chosen


def writing_services(settings: BudgetSettings) -> tuple[str, ...]:
    """The services that these choices write with."""
    estimates = settings.direction != "import" or settings.changes == "current_estimate"
    used = {
        "AddPhase": estimates,
        "ARChangeRequest": settings.changes == "change_request",
        "JobCostProjections": settings.forecast,
    }
    return tuple(name for name, needed in used.items() if needed)


def is_locked(world: World, project_id: str | None) -> bool:
    """Whether the original amounts are frozen; a project that is not there yet is open."""
    if project_id is None:
        return False
    return any(budget.locked for budget in world.budget(project_id).items)


def phases_by_pair(world: World, job: str) -> dict[Pair, spectrum.Phase]:
    """All pairs of a job, complete ones included."""
    return {(row.phase_code, row.cost_type): row for row in world.complete_phases(job).items}
