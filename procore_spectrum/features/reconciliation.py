"""Both systems' money side by side, by job, phase and cost type, with the reasons for differences.

Each measure is compared as it is synchronised: committed cost with what commitments became,
approved changes with what change orders became. Jobs that are not linked are left out, and said
to be. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from procore_spectrum.errors import NotFoundError, NotPermittedError
from procore_spectrum.features import FEATURES
from procore_spectrum.features.change_orders import CHANGE_ORDERS
from procore_spectrum.features.commitments import COMMITMENTS
from procore_spectrum.features.exporting import LinkedProject, linked_projects
from procore_spectrum.features.prime_contracts import PRIME_CONTRACTS
from procore_spectrum.features.reconciled_budgets import Budgets
from procore_spectrum.features.reconciled_contracts import Contracts
from procore_spectrum.features.reconciled_costs import Costs
from procore_spectrum.features.reconciled_exports import Carrier, ErpAmount, export_postings
from procore_spectrum.features.world import World
from procore_spectrum.mapping import join_key
from procore_spectrum.plan.diff import diff
from procore_spectrum.plan.exports import ExportDraft
from procore_spectrum.plan.operations import Operation, System
from procore_spectrum.plan.reconciliation import (
    Basis,
    Measure,
    Posting,
    Reconciliation,
    reconcile,
)
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Reading

__all__ = ["reconcile_world"]

_SENT = "what was sent from here"
_WITHOUT_MONEY = ("vendors",)


def reconcile_world(world: World) -> Reconciliation:
    """Compare every linked job that the run is about.

    Raises:
        SetupError, TryAgainError, ReplyError: a system could not be read.
    """
    ledger = _Ledger(world, _planned(world))
    postings = [
        *ledger.budgets(),
        *ledger.readable("commitments", ledger.committed),
        *ledger.readable("change orders of commitments", ledger.changes),
        *ledger.costs(),
        *ledger.contracts(),
        *ledger.readable("change orders of prime contracts", ledger.owner_changes),
    ]
    return reconcile(
        postings,
        company=str(world.company),
        bases=ledger.bases,
        notes=[*_left_out(world, ledger.projects), *ledger.notes],
        requests=world.requests,
    )


def _planned(world: World) -> dict[Ref, Operation]:
    """What the imports of the present plan would do: the reasons for most differences."""
    found = {}
    for feature in FEATURES:
        if feature.name not in _WITHOUT_MONEY:
            for draft in feature.drafts(world):
                found.update({op.ref: op for op in world.settle(diff(draft))})
    return found


def _left_out(world: World, projects: Iterable[LinkedProject]) -> Iterator[str]:
    linked = {project.job_number for project in projects}
    wanted = [job.job_number for job in world.jobs().items if world.wants_job(job.job_number)]
    missing = sorted(set(wanted) - linked)
    if missing:
        shown = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        many = "1 job has" if len(missing) == 1 else f"{len(missing)} jobs have"
        yield (
            f"{many} no active project and {'is' if len(missing) == 1 else 'are'} not compared:"
            f" {shown}"
        )


class _Ledger:
    """Collects the postings of each measure, and where they came from."""

    def __init__(self, world: World, planned: Mapping[Ref, Operation]) -> None:
        self.world = world
        self.planned = planned
        self.projects = tuple(linked_projects(world))
        self.bases: list[Basis] = []
        self.notes: list[str] = []
        self.unreadable: set[Ref] = set()

    def readable(self, what: str, measure: Callable[[], Iterator[Posting]]) -> list[Posting]:
        """All postings of a measure, or a note that it may not be read; others still may."""
        before = len(self.bases)
        try:
            return list(measure())
        except (NotPermittedError, NotFoundError) as error:
            del self.bases[before:]
            self.notes.append(f"the {what} cannot be read, and are not compared: {error.message}")
            return []

    # ------------------------------------------------------------ budgets

    def budgets(self) -> Iterator[Posting]:
        """Original budgets and original estimates."""
        books = Budgets(self.world, self.planned)
        for project in self.projects:
            yield from books.postings(project)
        lines = [self.world.budget_lines(p.project_id) for p in books.compared]
        self._basis(Measure.BUDGET, "procore", "original budget amounts", lines)
        if books.originals:
            readings: list[Reading[Any]] = [self.world.original_estimates()]
        else:
            readings = [self.world.complete_phases(p.job_number) for p in books.compared]
        self._basis(Measure.BUDGET, "spectrum", books.how, readings)
        self.notes += books.notes

    # ------------------------------------------------------------ commitments

    def committed(self) -> Iterator[Posting]:
        """Commitments and subcontracts, without their changes."""
        erp = self._subcontract_lines()
        statuses = self.world.settings.commitments.statuses
        readings = [self.world.commitments(project.project_id) for project in self.projects]
        found = {str(item.id): item.status for reading in readings for item in reading.items}
        self._basis(Measure.COMMITTED_COST, "procore", "approved commitments", readings)
        carrier = Carrier(
            measure=Measure.COMMITTED_COST,
            kind="subcontract_line",
            amount="original_contract_amount",
            phase="phase_code",
            cost_type="cost_type",
            discounted=lambda draft: _discounted(draft, found, statuses),
        )
        for job, drafts in self._by_job(COMMITMENTS.exports(self.world)):
            chosen = attrs.evolve(carrier, erp=None if erp is None else erp.get(job, {}))
            yield from export_postings(self.world, job, drafts, chosen)

    def _subcontract_lines(self) -> dict[str, dict[str, ErpAmount]] | None:
        """By job, then by key; None when they cannot be read."""
        headers = self.world.erp_records("subcontract")
        lines = self.world.erp_records("subcontract_line")
        readable = headers.complete and lines.complete
        how = "subcontracts, by SQL" if readable else _SENT
        self._basis(Measure.COMMITTED_COST, "spectrum", how, [headers, lines], readable=readable)
        if not readable:
            return None
        jobs = {header.target_id: header.job_number for header in headers.items}
        found: dict[str, dict[str, ErpAmount]] = {}
        for line in lines.items:
            number = join_key(line.vendor_code, line.subcontract_number)
            found.setdefault(jobs.get(number, ""), {})[line.target_id] = ErpAmount(
                amount=line.amount,
                phase=line.phase_code.replace("-", ""),
                cost_type=line.cost_type,
                title=f"subcontract {line.subcontract_number} of {line.vendor_code}",
            )
        return found

    # ------------------------------------------------------------ change orders

    def changes(self) -> Iterator[Posting]:
        """Change orders of commitments, and the subcontract lines of change requests."""
        erp = self._change_lines()
        statuses = self.world.settings.change_orders.statuses
        readings = [self.world.commitment_changes(p.project_id) for p in self.projects]
        found = {str(item.id): item.status for reading in readings for item in reading.items}
        how = "approved change orders of commitments"
        self._basis(Measure.APPROVED_CHANGES, "procore", how, readings)
        carrier = Carrier(
            measure=Measure.APPROVED_CHANGES,
            kind="change_request_line",
            amount="sub_amount",
            phase="cr_phase_code",
            cost_type="cr_cost_type",
            discounted=lambda draft: _discounted(draft, found, statuses),
        )
        for job, drafts in self._by_job(CHANGE_ORDERS.exports(self.world)):
            chosen = attrs.evolve(carrier, erp=None if erp is None else erp.get(job, {}))
            yield from export_postings(self.world, job, drafts, chosen)

    def _change_lines(self) -> dict[str, dict[str, ErpAmount]] | None:
        """Change request lines with a subcontract, by job, then by key."""
        lines = self.world.erp_records("change_request_line")
        how = "subcontract lines of change requests, by SQL" if lines.complete else _SENT
        self._basis(Measure.APPROVED_CHANGES, "spectrum", how, [lines], readable=lines.complete)
        if not lines.complete:
            return None
        found: dict[str, dict[str, ErpAmount]] = {}
        for line in lines.items:
            if line.subcontract_number and line.sub_status != "R":
                found.setdefault(line.job_number, {})[line.target_id] = ErpAmount(
                    amount=line.sub_amount,
                    phase=line.cr_phase_code.replace("-", ""),
                    cost_type=line.cr_cost_type,
                    title=f"change request {line.change_request_number}",
                )
        return found

    # ------------------------------------------------------------ costs and contracts

    def costs(self) -> Iterator[Posting]:
        """Job-to-date cost."""
        books = Costs(self.world, self.planned)
        for project in self.projects:
            yield from books.postings(project)
        read = [self.world.direct_costs(p.project_id) for p in books.compared]
        how = "approved direct costs" if books.readable else "job costs as they were written"
        measure = Measure.JOB_TO_DATE_COST
        self._basis(measure, "procore", how, read, readable=books.readable)
        posted = [self.world.complete_phases(p.job_number) for p in books.compared]
        self._basis(measure, "spectrum", "job-to-date cost", posted)
        self.notes += books.notes

    def contracts(self) -> Iterator[Posting]:
        """Original amounts of the contracts with owners."""
        books = Contracts(self.world, self.planned)
        for project in self.projects:
            yield from books.postings(project)
        self.unreadable = {p.ref for p in self.projects} - {p.ref for p in books.compared}
        read = [self.world.prime_contracts(p.project_id) for p in books.compared]
        self._basis(Measure.CONTRACT_VALUE, "procore", "lines of prime contracts", read)
        how = "original contracts of jobs"
        self._basis(Measure.CONTRACT_VALUE, "spectrum", how, [self.world.jobs()])
        self.notes += books.notes

    def owner_changes(self) -> Iterator[Posting]:
        """Revenue of change orders of prime contracts, with markups."""
        statuses = self.world.settings.prime_contracts.change_orders.statuses
        drafts = list(PRIME_CONTRACTS.exports(self.world))
        readings = [
            self.world.prime_change_orders(project.project_id)
            for project in self.projects
            if project.ref not in self.unreadable
        ]
        found = {str(item.id): item.status for reading in readings for item in reading.items}
        measure, how = Measure.OWNER_CHANGES, "approved change orders of prime contracts"
        self._basis(measure, "procore", how, readings)
        self._basis(measure, "spectrum", _SENT, [], readable=False)
        carrier = Carrier(
            measure=measure,
            kind="prime_change_request_line",
            amount="cr_revenue",
            phase="cr_phase_code",
            cost_type="cr_cost_type",
            discounted=lambda draft: _discounted(draft, found, statuses),
        )
        for job, own in self._by_job(drafts):
            yield from export_postings(self.world, job, own, carrier)

    # ------------------------------------------------------------ help

    def _by_job(self, drafts: Iterable[ExportDraft]) -> Iterator[tuple[str, list[ExportDraft]]]:
        """The drafts of every job, also of those that have none."""
        found: dict[Ref | None, list[ExportDraft]] = {}
        for draft in drafts:
            found.setdefault(draft.scope, []).append(draft)
        for project in self.projects:
            yield project.job_number, found.get(project.ref, [])

    def _basis(
        self,
        measure: Measure,
        system: System,
        how: str,
        readings: Iterable[Reading[Any]],
        *,
        readable: bool = True,
    ) -> None:
        moments: list[datetime] = [reading.as_of for reading in readings] if readable else []
        self.bases.append(
            Basis(
                measure=measure,
                system=system,
                how=how,
                as_of=min(moments, default=None),
                readable=readable,
            )
        )


def _discounted(
    draft: ExportDraft, states: Mapping[str, str | None], statuses: tuple[str, ...]
) -> str:
    """Why Procore no longer counts a document; blank where it does."""
    if draft.vanished:
        return "Procore no longer has it; what was sent stays in Spectrum"
    status = states.get(draft.document.ref.key)
    if status in statuses:
        return ""
    return f"its status in Procore is {status or 'not known'} now, so that it does not count there"
