"""Job-to-date cost on both sides: what Spectrum posted, and the direct costs of Procore.

Only approved direct costs count. Those that people entered are told apart from those that came
from Spectrum. Figures that were written to the ERP Integrations tool cannot be read back: Procore
is taken to have what was last written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.errors import NotFoundError, NotPermittedError
from procore_spectrum.features.exporting import LinkedProject
from procore_spectrum.features.keys import ref
from procore_spectrum.features.reconciled_exports import amount_of
from procore_spectrum.features.reconciled_imports import Imported, import_posting
from procore_spectrum.features.world import World
from procore_spectrum.mapping import Pair, split_key
from procore_spectrum.models import procore
from procore_spectrum.plan.operations import Operation
from procore_spectrum.plan.reconciliation import Cause, Measure, Posting, Reason, Spot
from procore_spectrum.plan.records import CrosswalkRow, Ref

__all__ = ["Costs"]

_ZERO = Decimal(0)
_LINE, _ERP = "direct_cost_line", "erp_job_cost"
_AMOUNTS = {_LINE: "amount", _ERP: "job_to_date_cost"}


@attrs.frozen
class _Kept:
    """What Procore has of one pair that came from here."""

    amount: Decimal
    row: CrosswalkRow


class Costs:
    """The job costs of a run.

    Args:
        world: both systems.
        planned: what the present plan would do, by name.

    Attributes:
        notes: projects that could not be read.
        compared: those that could.
        readable: whether all figures in Procore were read, and none had to be remembered.
    """

    def __init__(self, world: World, planned: Mapping[Ref, Operation]) -> None:
        self._world = world
        self._planned = planned
        self._mask = world.settings.cost_codes.phase_mask
        self.notes: list[str] = []
        self.compared: list[LinkedProject] = []
        self.readable = True

    def postings(self, project: LinkedProject) -> Iterator[Posting]:
        """The costs of one job, by phase and cost type."""
        try:
            costs = self._world.direct_costs(project.project_id).items
        except (NotPermittedError, NotFoundError) as error:
            self.notes.append(
                f"the direct costs of job {project.job_number} cannot be read, and are not"
                f" compared: {error.message}"
            )
            return
        self.compared.append(project)
        rows = {
            kind: {row.target_id: row for row in self._world.rows(kind, project.ref)}
            for kind in (_LINE, _ERP)
        }
        erp = {
            row.ref: _Kept(amount_of(row.base, _AMOUNTS[_ERP]), row) for row in rows[_ERP].values()
        }
        self.readable = self.readable and not erp
        kept = dict(erp)
        for cost in costs:
            counts = cost.status == "approved"
            for line in cost.line_items:
                row = rows[_LINE].get(str(line.id))
                amount = (line.amount or _ZERO) if counts else _ZERO
                if row is not None:
                    kept[row.ref] = _Kept(amount, row)
                elif amount:
                    yield self._entered(project, cost, line, amount)
        for name, row in ((row.ref, row) for row in rows[_LINE].values()):
            kept.setdefault(name, _Kept(_ZERO, row))
        yield from self._figures(project, kept)

    def _figures(self, project: LinkedProject, kept: Mapping[Ref, _Kept]) -> Iterator[Posting]:
        """Each pair with all that Procore has of it: a total, and what was written in detail."""
        job = project.job_number
        by_pair: dict[Pair, list[_Kept]] = {}
        for name, one in kept.items():
            *_, shown, cost_type = split_key(name.key)
            by_pair.setdefault((shown, cost_type), []).append(one)
        for phase in self._world.complete_phases(job).items:
            pair = (phase.phase_code, phase.cost_type)
            key = (self._shown(phase.phase_code), phase.cost_type)
            mine = by_pair.pop(key, [])
            cost = phase.jtd_actual_dollars or _ZERO
            if cost or any(one.amount for one in mine):
                names = [ref(kind, job, *key) for kind in (_LINE, _ERP)]
                yield self._posting(job, pair, cost, names, mine)
        for (shown, cost_type), mine in by_pair.items():
            # The phase is no longer in Spectrum.
            if any(one.amount for one in mine):
                yield self._posting(job, (shown.replace("-", ""), cost_type), _ZERO, [], mine)

    def _posting(
        self, job: str, pair: Pair, cost: Decimal, names: list[Ref], mine: list[_Kept]
    ) -> Posting:
        names = [*names, *(one.row.ref for one in mine)]
        present = [self._planned[name] for name in names if name in self._planned]
        op = next((op for op in present if op.writes), next(iter(present), None))
        bases = [amount_of(one.row.base, _AMOUNTS[one.row.ref.kind]) for one in mine]
        return import_posting(
            self._world,
            self._planned,
            Imported(
                spot=Spot(Measure.JOB_TO_DATE_COST, job, *pair),
                feature="job_costs",
                title=f"cost of {' '.join(pair)}",
                procore=sum((one.amount for one in mine), _ZERO),
                spectrum=cost,
                base=sum(bases, _ZERO) if bases else None,
                ref=op.ref if op else names[0],
                whole=(ref("direct_cost", job), ref(_LINE, job), ref(_ERP, job)),
            ),
        )

    def _shown(self, phase: str) -> str:
        """The phase as it stands in the names of records; the mark keeps misfits apart."""
        return f"{phase}?" if self._mask.check(phase) else self._mask.show(self._mask.split(phase))

    def _entered(
        self,
        project: LinkedProject,
        cost: procore.DirectCost,
        line: procore.ContractLine,
        amount: Decimal,
    ) -> Posting:
        """A cost that somebody entered in Procore."""
        code = line.wbs_code.id if line.wbs_code else None
        pair = project.codes.pairs.get(int(code or 0)) or project.codes.pair_of(line)
        name = f"direct cost {cost.invoice_number or cost.id}"
        return Posting(
            spot=Spot(Measure.JOB_TO_DATE_COST, project.job_number, *pair),
            title=name,
            procore=amount,
            reasons=(
                Reason(
                    cause=Cause.ONE_SIDED,
                    amount=amount,
                    text=f"{name} was entered in Procore, and is not exported",
                ),
            ),
        )
