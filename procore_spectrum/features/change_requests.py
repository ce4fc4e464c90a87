"""What commitment, prime and budget changes need to become change requests of Spectrum.

Change requests of all three share their numbers, which are unique for job and customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.features.exporting import (
    Begun,
    LinkedProject,
    NumberRequest,
    number_need,
    unread_warning,
)
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import Numbering, Pair, join_key, origin_id
from procore_spectrum.models import procore
from procore_spectrum.plan.documents import Need
from procore_spectrum.plan.exports import ExportRecord
from procore_spectrum.plan.records import Ref

__all__ = [
    "cost_key",
    "customer_of",
    "is_ours",
    "missing_phases",
    "named_codes",
    "number_space",
    "request_number",
    "request_origin",
    "request_warnings",
    "with_codes_of",
]

_IN_ERP = "change_request_line"
"""What Spectrum lists of change requests: their costs."""


def customer_of(world: World, job: str) -> str:
    """The customer of a job; blank when it has none, or there is no such job."""
    found = world.job(job)
    return (found.customer_code if found else None) or ""


def number_space(job: str, customer: str) -> str:
    """The change requests among which a number has to be unique."""
    return join_key("change_request", job, customer)


def request_origin(world: World, job: str, customer: str, number: str) -> str:
    """The mark of what became that change request."""
    return origin_id("change_request", world.company.spectrum_company_code, job, customer, number)


def cost_key(
    job: str, customer: str, number: str, pair: Pair, subcontract: tuple[str, str] = ("", "")
) -> str:
    """The natural key of a cost; of a subcontract, with its vendor and number."""
    return join_key(job, customer, number, *pair, *subcontract, "", "", "", "")


def request_number(
    world: World,
    document: Ref,
    *,
    job: str,
    customer: str,
    source: str | None,
    numbering: Numbering,
    begun: Begun,
) -> Need:
    """The number of a change request, to be given by accounting, with its proposal.

    Args:
        world: what the run sees.
        document: what becomes a change request.
        job: number of its job.
        customer: of the job.
        source: Procore's number.
        numbering: the policy.
        begun: what is written already; its number is kept.
    """
    request = NumberRequest(
        name="change_request_number",
        meaning="change request number",
        source=source,
        length=8,
        space=number_space(job, customer),
        numbering=numbering,
        written=begun.written("change_request_number"),
        erp=(_IN_ERP, (job, customer)),
    )
    return number_need(world, document, request)


def request_warnings(world: World, begun: Begun) -> tuple[Violation, ...]:
    """What an approver should know of a change request that nobody can look for."""
    return unread_warning(
        world, _IN_ERP, "a change request of this job, customer and number", begun
    )


# ---------------------------------------------------------------- phases


def is_ours(world: World, begun: Begun, name: Ref) -> bool:
    """Whether it was written for this document, or may have been, which is settled."""
    return name in begun.rows or name in world.doubts


def missing_phases(
    world: World, begun: Begun, *, scope: str, key: str, job: str, pairs: Iterable[Pair]
) -> Iterator[ExportRecord]:
    """Those pairs of a change that the job lacks, and those that were made for it before.

    Args:
        world: what the run sees.
        begun: what is written of the change.
        scope: begins the keys of phases that changes of this kind brought along.
        key: of the change in Procore.
        job: number of its job.
        pairs: phases and cost types of the change, each once.
    """
    on_job = {(row.phase_code, row.cost_type): row for row in world.phases(job).items}
    descriptions: dict[str, str | None] = {
        row.phase_code: row.description for row in on_job.values()
    }
    for phase_code, cost_type in pairs:
        name = ref("phase", scope, key, phase_code, cost_type)
        if (phase_code, cost_type) in on_job and not is_ours(world, begun, name):
            continue
        yield ExportRecord(
            ref=name,
            title=f"phase {phase_code} {cost_type}",
            fields={
                "job_number": job,
                "phase_code": phase_code,
                "cost_type": cost_type,
                "description": descriptions.get(phase_code),
                "price_method_code": "J",
            },
            natural_key=join_key(job, phase_code, cost_type),
            settled=frozenset({"description"}),
        )


# ---------------------------------------------------------------- budget codes that people made


def named_codes(lines: Iterable[procore.ContractLine]) -> frozenset[int]:
    """The budget codes of lines that name no cost code."""
    return frozenset(
        int(line.wbs_code.id)
        for line in lines
        if line.cost_code is None and line.wbs_code is not None and line.wbs_code.id
    )


def with_codes_of(project: LinkedProject, lines: Iterable[procore.ContractLine]) -> LinkedProject:
    """The project with the pairs of budget codes that people made, as contract lines tell them."""
    pairs = {
        int(line.wbs_code.id): project.codes.pair_of(line)
        for line in lines
        if line.cost_code is not None and line.wbs_code is not None and line.wbs_code.id
    }
    codes = attrs.evolve(project.codes, pairs={**pairs, **project.codes.pairs})
    return attrs.evolve(project, codes=codes)
