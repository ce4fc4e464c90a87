"""A Procore commitment change order as a Spectrum change request with subcontract lines.

Spectrum has no service of its own for subcontract change orders: the cost lines of a change
request carry them. One call is one line, and the header is repeated on each. A line that is
sent twice with the same phase, cost type and subcontract updates the first, or is refused;
reports differ, so it is never done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Literal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.change_requests import (
    COST_ONLY,
    contract_faults,
    local_day,
    request_text,
    status_faults,
)
from procore_spectrum.mapping.choices import within
from procore_spectrum.mapping.commitment_to_subcontract import LinkedCodes
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.numbering import Numbering
from procore_spectrum.mapping.text import clean, fitting
from procore_spectrum.models.procore import CommitmentChangeOrder, ContractLine
from procore_spectrum.models.spectrum import ChangeRequestLine
from procore_spectrum.models.values import FieldValue

__all__ = [
    "ChangeOrderMapping",
    "ChangeRequestPart",
    "MappedChangeRequest",
    "change_order_to_change_request",
]


@attrs.frozen(kw_only=True)
class ChangeOrderMapping:
    """Choices for commitment change orders.

    Args:
        statuses: Procore's states that are exported.
        numbering: how change request numbers are made.
        status_code: Spectrum's code that change requests get. Codes are the installation's own,
            so there is no default.
        status_actions: what each code does, 1 to 5, as set up in Spectrum. A change of cost
            alone needs a code whose action is 3.
        sub_status: ``"P"`` sends subcontract lines as proposed, ``"E"`` as executed. Whether an
            executed change order can be made in one step is not known.
        same_pair: what happens to lines on one phase and cost type: ``"hold"`` the change
            order, or ``"merge"`` them.
        long_text: what happens to a text that is too long: ``"hold"`` or ``"shorten"``.
        approved_date: whether the day of the review becomes the approved date. It has to lie in
            an open period, which cannot be read.
        hours_from_utc: what is added to UTC to tell the day of a review, as Procore tells a
            moment: -8 in California in winter. A day too late may lie in the next period.
    """

    statuses: tuple[str, ...] = ("approved",)
    numbering: Numbering = attrs.field(factory=Numbering)
    status_code: str = ""
    status_actions: Mapping[str, int] = attrs.field(factory=lambda: MappingProxyType({}))
    sub_status: Literal["P", "E"] = "P"
    same_pair: Literal["hold", "merge"] = "hold"
    long_text: Literal["hold", "shorten"] = "hold"
    approved_date: bool = False
    hours_from_utc: int = attrs.field(default=0, validator=within(-12, 14))


@attrs.frozen(kw_only=True)
class ChangeRequestPart:
    """A line of the change request, and the lines of Procore that it stands for."""

    line_ids: tuple[int, ...]
    title: str
    phase_code: str
    cost_type: str
    fields: Mapping[str, FieldValue]


@attrs.frozen(kw_only=True)
class MappedChangeRequest:
    """A change request without its number, and everything that is wrong with it."""

    header: Mapping[str, FieldValue]
    lines: tuple[ChangeRequestPart, ...]
    amount: Decimal
    violations: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()


def change_order_to_change_request(
    change: CommitmentChangeOrder,
    *,
    job_number: str,
    customer_code: str,
    vendor_code: str,
    subcontract_number: str,
    codes: LinkedCodes,
    settings: ChangeOrderMapping | None = None,
) -> MappedChangeRequest:
    """The change request that this change order should be.

    Args:
        change: with its lines.
        job_number: of the linked job; blank when it is not linked.
        customer_code: of the job; blank when it has none.
        vendor_code: of the subcontract.
        subcontract_number: of the exported commitment; blank when it is not exported.
        codes: the project's codes, as they are linked.
        settings: choices; the defaults when None.
    """
    settings = settings or ChangeOrderMapping()
    found = [*_preconditions(change, job_number, customer_code, subcontract_number, settings)]
    notes: list[Violation] = []
    text = request_text(change.description, change.title, settings.long_text, notes)
    reviewed = change.reviewed_at if settings.approved_date else None
    header: dict[str, FieldValue] = {
        "job_number": job_number or None,
        "customer_code": customer_code or None,
        "cr_description": text or None,
        "cr_status": settings.status_code or None,
        "approved_date": reviewed and local_day(reviewed, settings.hours_from_utc),
    }
    parts = []
    for number, line in enumerate(change.line_items):
        part, faults = _part(line, codes, settings, f"lines[{number}]", notes)
        sub = {"subcontractor_code": vendor_code, "subcontract_number": subcontract_number}
        parts.append(attrs.evolve(part, fields={**header, **sub, **part.fields}))
        found += faults
    joined, faults = _same_pairs(parts, settings)
    found += [*faults, *check_limits(ChangeRequestLine, header)]
    places = {int(line.id): number for number, line in enumerate(change.line_items)}
    for part in joined:
        own = {name: value for name, value in part.fields.items() if name not in header}
        found += [
            attrs.evolve(fault, path=f"lines[{places[part.line_ids[0]]}].{fault.path}")
            for fault in check_limits(ChangeRequestLine, own)
        ]
    amount = sum((line.amount or Decimal(0) for line in change.line_items), Decimal(0))
    return MappedChangeRequest(
        header=header,
        lines=joined,
        amount=amount,
        violations=tuple(found),
        notes=tuple(notes),
    )


def _preconditions(
    change: CommitmentChangeOrder,
    job_number: str,
    customer_code: str,
    subcontract_number: str,
    settings: ChangeOrderMapping,
) -> Iterator[Violation]:
    if change.status not in settings.statuses:
        yield Violation(
            code="status",
            message=f"the status is {change.status or 'not known'}",
            path="status",
            hint=f"exported are: {', '.join(settings.statuses)}",
        )
    if not subcontract_number:
        yield Violation(
            code="commitment-not-synced",
            message="its commitment is not in Spectrum",
            path="contract",
            hint="export the commitment first",
        )
    yield from contract_faults(job_number, customer_code)
    if not change.line_items:
        yield Violation(
            code="no-lines", message="there are no lines", path="lines", hint="add at least one"
        )
    yield from status_faults(
        settings.status_code, settings.status_actions, wanted=COST_ONLY, section="change_orders"
    )


def _part(
    line: ContractLine,
    codes: LinkedCodes,
    settings: ChangeOrderMapping,
    path: str,
    notes: list[Violation],
) -> tuple[ChangeRequestPart, list[Violation]]:
    phase, cost_type = codes.pair_of(line)
    title = clean(line.description) or f"line {line.id}"
    text = fitting(
        clean(line.description), 30, f"{path}.sub_description", settings.long_text, notes
    )
    fields: dict[str, FieldValue] = {
        "cr_phase_code": phase or None,
        "cr_cost_type": cost_type or None,
        "change_request_amount": line.amount,
        "sub_amount": line.amount,
        "sub_status": settings.sub_status,
        "sub_description": text or None,
    }
    faults = []
    if not phase or not cost_type:
        faults.append(
            Violation(
                code="cost-code-not-in-spectrum",
                message="the line is not on a phase and cost type of the job",
                path=f"{path}.cost_code",
                hint="use a code from Spectrum, or synchronise the cost codes first",
            )
        )
    if line.amount is None:
        faults.append(
            Violation(
                code="amount-missing",
                message="there is no amount",
                path=f"{path}.amount",
                hint="enter it in Procore",
            )
        )
    part = ChangeRequestPart(
        line_ids=(int(line.id),),
        title=title,
        phase_code=phase,
        cost_type=cost_type,
        fields=fields,
    )
    return part, faults


def _same_pairs(
    parts: list[ChangeRequestPart], settings: ChangeOrderMapping
) -> tuple[tuple[ChangeRequestPart, ...], list[Violation]]:
    ordered = sorted(parts, key=lambda part: (part.phase_code, part.cost_type))
    joined: list[ChangeRequestPart] = []
    faults: list[Violation] = []
    for (phase, cost_type), group in groupby(
        ordered, key=lambda part: (part.phase_code, part.cost_type)
    ):
        found = list(group)
        if len(found) == 1 or not (phase and cost_type):
            joined += found
        elif settings.same_pair == "merge":
            joined.append(_merged(found))
        else:
            joined += found
            faults.append(
                Violation(
                    code="same-pair",
                    message=f"{len(found)} lines are on phase {phase}, cost type {cost_type}",
                    path="lines",
                    hint="merge them, or choose merging in the settings",
                )
            )
    return tuple(joined), faults


def _merged(found: list[ChangeRequestPart]) -> ChangeRequestPart:
    amounts = [part.fields["change_request_amount"] for part in found]
    total = sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))
    fields = {**found[0].fields, "change_request_amount": total, "sub_amount": total}
    ids = tuple(sorted(line_id for part in found for line_id in part.line_ids))
    return attrs.evolve(found[0], line_ids=ids, fields=fields)
