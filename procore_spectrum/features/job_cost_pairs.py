"""The figures of a job by phase and cost type, as the records of either writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    Mapped,
    job_cost_to_direct_cost,
    job_cost_to_erp_job_cost,
    split_key,
)
from procore_spectrum.models import spectrum
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields, Value

__all__ = ["Figures", "Pair", "without_idle", "zeroed"]

_ZERO = Decimal(0)
_FIGURES = ("amount", "quantity", "job_to_date_cost", "job_to_date_units")


@attrs.frozen(kw_only=True)
class Pair:
    """One pair of phase and cost type as a record of Procore.

    ``lacks`` tells that the budget code is missing for it; ``name`` is what people call it;
    ``parent`` is the direct cost that holds it, if it is a line.
    """

    ref: Ref
    name: str
    title: str
    fields: Fields
    amount: Decimal = _ZERO
    lacks: bool = False
    parent: Ref | None = None
    violations: tuple[Violation, ...] = ()


class Figures:
    """The figures of several jobs, read together.

    Args:
        world: what is read.
        jobs: the jobs.
    """

    def __init__(self, world: World, jobs: Iterable[str]) -> None:
        self._world = world
        self._mask = world.settings.cost_codes.phase_mask
        self._company = world.company.spectrum_company_code
        wanted = list(jobs)
        if wanted:
            world.read_phases(wanted)
            world.read_completed_phases(wanted)

    def codes(self, job: str) -> tuple[CrosswalkRow, ...]:
        """The linked budget codes of a job."""
        return self._world.rows("wbs_code", ref("project", job))

    def pairs(
        self,
        job: str,
        kind: str,
        rows: Mapping[Ref, CrosswalkRow],
        *,
        less: Mapping[Ref, Decimal] = MappingProxyType({}),
    ) -> list[Pair]:
        """The records of one job that should be there, in the words of one kind.

        A pair that was never written and has no figure is left out. One that was written and is
        no longer listed, because its phase was renumbered, becomes zero.

        Args:
            job: its number.
            kind: of the records.
            rows: what was written, by name.
            less: dollars that are written in another way, by name.
        """
        named = {self._ref(kind, phase): phase for phase in self._phases(job)}
        gone = [name for name in rows if name not in named]
        if gone:
            # A phase that changes its status between two listings is in neither of them.
            again = self._world.complete_phases(job).items
            named |= {self._ref(kind, phase): phase for phase in again}
        linked = {row.ref for row in self.codes(job)}
        found = [
            self._pair(name, phase, rows.get(name), linked, less.get(name, _ZERO))
            for name, phase in named.items()
        ]
        lost = [rows[name] for name in gone if name not in named]
        absent = map(zeroed, lost) if named or (lost and self._is_listed(job)) else ()
        return [pair for pair in found if pair is not None] + list(absent)

    def with_code(self, job: str, kind: str) -> set[Ref]:
        """The pairs of a job that have a budget code, in the words of one kind."""
        linked = {row.ref for row in self.codes(job)}
        return {self._ref(kind, row) for row in self._phases(job) if not self._lacks(row, linked)}

    def _is_listed(self, job: str) -> bool:
        """Whether Spectrum has the job: one that is gone altogether says nothing of its cost."""
        return any(row.job_number == job for row in self._world.complete_jobs().items)

    def _phases(self, job: str) -> Iterator[spectrum.Phase]:
        yield from self._world.phases(job).items
        yield from self._world.completed_phases(job).items

    def _ref(self, kind: str, phase: spectrum.Phase) -> Ref:
        return ref(kind, phase.job_number, self._shown(phase), phase.cost_type)

    def _shown(self, phase: spectrum.Phase) -> str:
        """The phase as in the keys of cost codes; the mark keeps misfits apart from others."""
        code = phase.phase_code
        return f"{code}?" if self._mask.check(code) else self._mask.show(self._mask.split(code))

    def _pair(
        self,
        name: Ref,
        phase: spectrum.Phase,
        row: CrosswalkRow | None,
        codes: set[Ref],
        less: Decimal,
    ) -> Pair | None:
        mapped = self._mapped(name.kind, phase, less)
        fields = without_idle(mapped.fields, row)
        if row is None and not any(fields.get(figure) for figure in _FIGURES):
            return None
        amount = fields.get("amount", fields.get("job_to_date_cost"))
        return Pair(
            ref=name,
            name=f"{self._shown(phase)}/{phase.cost_type}",
            title=phase.description or "",
            fields=fields,
            amount=amount if isinstance(amount, Decimal) else _ZERO,
            lacks=self._lacks(phase, codes),
            parent=ref("direct_cost", phase.job_number),
            violations=mapped.violations,
        )

    def _mapped(self, kind: str, phase: spectrum.Phase, less: Decimal) -> Mapped:
        choices: dict[str, Any] = {
            "company_code": self._company,
            "settings": self._world.settings.job_costs,
        }
        if kind == "erp_job_cost":
            return job_cost_to_erp_job_cost(phase, self._mask, **choices)
        return job_cost_to_direct_cost(phase, self._mask, **choices, elsewhere=less)

    def _lacks(self, phase: spectrum.Phase, codes: set[Ref]) -> bool:
        code = ref("wbs_code", phase.job_number, self._shown(phase), phase.cost_type)
        return code not in codes and not self._world.will_exist(code)


def without_idle(fields: Fields, row: CrosswalkRow | None) -> Fields:
    """A quantity of zero is sent only to take one back."""
    before: Mapping[str, Value] = row.base if row else {}
    idle = {
        name
        for name in ("quantity", "job_to_date_units")
        if fields.get(name) == _ZERO and not before.get(name)
    }
    return {name: value for name, value in fields.items() if name not in idle}


def zeroed(row: CrosswalkRow, parent: Ref | None = None) -> Pair:
    """What was written, with zero for every figure."""
    fields = {
        name: _ZERO if name in _FIGURES and value is not None else value
        for name, value in row.base.items()
    }
    return Pair(
        ref=row.ref,
        name=row.ref.key,
        title="no longer in Spectrum",
        fields=fields,
        parent=parent or ref("direct_cost", *split_key(row.ref.key)[:1]),
    )
