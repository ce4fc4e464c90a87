"""The contract with the owner on both sides: its original amount, and its change orders.

The original amount belongs to the whole job. Revenue is read by no web service, so the change
orders of the owner are compared with what was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from procore_spectrum.errors import NotFoundError, NotPermittedError
from procore_spectrum.features.exporting import LinkedProject
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.models import procore
from procore_spectrum.plan.operations import Held, Operation
from procore_spectrum.plan.reconciliation import (
    Cause,
    Measure,
    Posting,
    Reason,
    Spot,
    exact_sum,
    show_amount,
)
from procore_spectrum.plan.records import Ref

__all__ = ["Contracts"]

_ZERO = Decimal(0)
_FEATURE = "prime_contracts"
_CONTRACT, _LINE = "prime_contract", "prime_contract_line"


class Contracts:
    """The prime contracts of a run.

    Args:
        world: both systems.
        planned: what the present plan would do, by name.

    Attributes:
        notes: projects that could not be read.
        compared: those that could.
    """

    def __init__(self, world: World, planned: Mapping[Ref, Operation]) -> None:
        self._world = world
        self.notes: list[str] = []
        self.compared: list[LinkedProject] = []
        self._of_job: dict[str, list[Operation]] = {}
        for op in planned.values():
            if op.ref.kind in (_CONTRACT, _LINE) and op.scope is not None:
                self._of_job.setdefault(op.scope.key, []).append(op)

    def postings(self, project: LinkedProject) -> Iterator[Posting]:
        """The contract of one job."""
        try:
            contracts = self._world.prime_contracts(project.project_id).items
        except (NotPermittedError, NotFoundError) as error:
            self.notes.append(
                f"the prime contract of job {project.job_number} cannot be read, and is not"
                f" compared: {error.message}"
            )
            return
        self.compared.append(project)
        job = self._world.job(project.job_number)
        signed = (job.original_contract if job else None) or _ZERO
        lines = self._lines(project, contracts)
        total = exact_sum(line.amount or _ZERO for line in lines)
        if total or signed:
            yield Posting(
                spot=Spot(Measure.CONTRACT_VALUE, project.job_number),
                title=f"contract of job {project.job_number}",
                procore=total,
                spectrum=signed,
                reasons=tuple(self._reasons(project, lines, total - signed)),
            )

    def _lines(
        self, project: LinkedProject, contracts: Sequence[procore.PrimeContract]
    ) -> list[procore.ContractLine]:
        """Of the linked contract; of all as long as none is linked."""
        row = self._world.row(ref(_CONTRACT, project.job_number))
        return [
            line
            for contract in contracts
            if row is None or str(contract.id) == row.target_id
            for line in contract.line_items
        ]

    def _reasons(
        self, project: LinkedProject, lines: Sequence[procore.ContractLine], difference: Decimal
    ) -> Iterator[Reason]:
        left = difference
        if not left:
            return
        for reason in (*self._strangers(project, lines), *self._pending(project)):
            left -= reason.amount
            yield reason
        if left:
            yield from self._rest(project, lines, left)

    def _strangers(
        self, project: LinkedProject, lines: Sequence[procore.ContractLine]
    ) -> Iterator[Reason]:
        """Lines that people added to the linked contract."""
        if self._world.row(ref(_CONTRACT, project.job_number)) is None:
            return
        linked = {row.target_id for row in self._world.rows(_LINE, project.ref)}
        linked |= {op.target_id or "" for op in self._ops(project)}
        for line in lines:
            if str(line.id) not in linked:
                yield Reason(
                    cause=Cause.ONE_SIDED,
                    amount=line.amount or _ZERO,
                    text=f"the line {line.description or line.id} was added in Procore",
                )

    def _pending(self, project: LinkedProject) -> Iterator[Reason]:
        """What the next apply makes or changes."""
        for op in self._ops(project):
            if op.ref.kind != _LINE or isinstance(op, Held) or not op.writes:
                continue
            for change in op.changes:
                if change.path != "amount":
                    continue
                source, target, base = map(_amount, (change.source, change.target, change.base))
                if change.base is not None and target != base:
                    yield Reason(
                        cause=Cause.DRIFT,
                        amount=target - base,
                        text=f"{op.title} was edited in Procore; {show_amount(base)} was written",
                    )
                    target = base
                yield self._not_written(op.title, target - source)

    def _not_written(self, title: str, amount: Decimal) -> Reason:
        if _FEATURE not in self._world.settings.features:
            text = f"{title}: the settings leave out {_FEATURE}"
            return Reason(cause=Cause.OUT_OF_SCOPE, amount=amount, text=text)
        return Reason(
            cause=Cause.NOT_SYNCED, amount=amount, text=f"{title}: the next apply writes it"
        )

    def _rest(
        self, project: LinkedProject, lines: Sequence[procore.ContractLine], left: Decimal
    ) -> Iterator[Reason]:
        """What is held, or can never agree."""
        held = [op for op in self._ops(project) if isinstance(op, Held)]
        job = self._world.job(project.job_number)
        rows = {row.target_id: row for row in self._world.rows(_LINE, project.ref)}
        gone = set(rows) - {str(line.id) for line in lines}
        written = exact_sum(_amount(row.base.get("amount")) for row in rows.values())
        if held:
            messages = "; ".join(dict.fromkeys(op.message for op in held))
            yield Reason(cause=Cause.HELD, amount=left, text=f"held, because {messages}")
        elif job is not None and not job.customer_code:
            text = "the job has no customer, and so no contract that could be imported"
            yield Reason(cause=Cause.OUT_OF_SCOPE, amount=left, text=text)
        elif gone:
            text = f"{len(gone)} lines were deleted in Procore"
            yield Reason(cause=Cause.DRIFT, amount=left, text=text)
        elif rows and job is not None and written != job.original_contract:
            text = "the billing items of the job do not add up to its original contract"
            yield Reason(cause=Cause.OUT_OF_SCOPE, amount=left, text=text)
        elif _FEATURE not in self._world.settings.features:
            text = f"the settings leave out {_FEATURE}"
            yield Reason(cause=Cause.OUT_OF_SCOPE, amount=left, text=text)

    def _ops(self, project: LinkedProject) -> Sequence[Operation]:
        return self._of_job.get(project.ref.key, ())


def _amount(value: object) -> Decimal:
    return Decimal(value) if isinstance(value, Decimal | int) else _ZERO
