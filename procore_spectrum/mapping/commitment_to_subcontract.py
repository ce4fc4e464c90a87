"""A Procore commitment (subcontract or purchase order) as a Spectrum subcontract.

A subcontract has a header without an amount, and lines that are recognised by phase, cost type
and billing item. Two lines on one pair are therefore legal only with different billing items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Literal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.numbering import Numbering
from procore_spectrum.mapping.text import clean, fitting
from procore_spectrum.models.procore import Commitment, ContractLine
from procore_spectrum.models.spectrum import SubcontractLineUpsert, SubcontractUpsert
from procore_spectrum.models.values import FieldValue

__all__ = [
    "CommitmentMapping",
    "GlAccounts",
    "LinkedCodes",
    "MappedSubcontract",
    "SubcontractLine",
    "commitment_to_subcontract",
]

_ONE_DECIMAL = Decimal("0.1")


@attrs.frozen(kw_only=True)
class GlAccounts:
    """Where the G/L account of a subcontract comes from: the first of these that has one.

    Args:
        by_vendor: account by vendor code.
        by_cost_type: account by cost type; taken when all lines lead to the same.
        default: for everything else; blank asks the approver.
    """

    by_vendor: Mapping[str, str] = attrs.field(factory=lambda: MappingProxyType({}))
    by_cost_type: Mapping[str, str] = attrs.field(factory=lambda: MappingProxyType({}))
    default: str = ""

    def account(self, vendor_code: str, cost_types: Sequence[str]) -> str:
        """The account, without dashes; blank when nothing tells it."""
        found = {self.by_cost_type.get(cost_type, "") for cost_type in cost_types}
        by_type = next(iter(found)) if len(found) == 1 else ""
        account = self.by_vendor.get(vendor_code) or by_type or self.default
        return account.replace("-", "").strip()


@attrs.frozen(kw_only=True)
class CommitmentMapping:
    """Choices for commitments.

    Args:
        statuses: Procore's states that are exported.
        numbering: how subcontract numbers are made.
        gl_accounts: where G/L accounts come from.
        one_cost_type: whether all lines must have one cost type, as in the official connector.
        same_pair: what happens to lines on one phase and cost type: ``"hold"`` the commitment,
            ``"merge"`` them into one, or give them ``"billing_items"``.
        long_text: what happens to a text that is too long: ``"hold"``, or ``"shorten"`` it and
            say so.
        units: whether quantity, unit and price go along; otherwise only amounts do.
        date_issued: whether the contract date becomes the date of issue. It has to lie in
            Spectrum's fiscal calendar, which cannot be read.
    """

    statuses: tuple[str, ...] = ("Approved", "Complete")
    numbering: Numbering = attrs.field(factory=Numbering)
    gl_accounts: GlAccounts = attrs.field(factory=GlAccounts)
    one_cost_type: bool = False
    same_pair: Literal["hold", "merge", "billing_items"] = "hold"
    long_text: Literal["hold", "shorten"] = "hold"
    units: bool = False
    date_issued: bool = False


@attrs.frozen(kw_only=True)
class SubcontractLine:
    """A line, and the lines of Procore that it stands for."""

    line_ids: tuple[int, ...]
    title: str
    fields: Mapping[str, FieldValue]


@attrs.frozen(kw_only=True)
class MappedSubcontract:
    """A subcontract, and everything that is wrong with it.

    ``header`` lacks the number, which is proposed apart, and the account if nothing tells it.
    """

    header: Mapping[str, FieldValue]
    lines: tuple[SubcontractLine, ...]
    amount: Decimal
    violations: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()


@attrs.frozen(kw_only=True)
class LinkedCodes:
    """The codes of a project that came from Spectrum.

    Args:
        phases: phase codes by the id of the cost code.
        pairs: phase and cost type by the id of the budget code. Lines of the newer change
            orders name nothing else.
    """

    phases: Mapping[int, str] = attrs.field(factory=lambda: MappingProxyType({}))
    pairs: Mapping[int, tuple[str, str]] = attrs.field(factory=lambda: MappingProxyType({}))

    def pair_of(self, line: ContractLine) -> tuple[str, str]:
        """Phase and cost type of a line; blank where it is not on a code from Spectrum."""
        if line.cost_code is None and line.wbs_code is not None:
            return self.pairs.get(int(line.wbs_code.id or 0), ("", ""))
        code = line.cost_code.id if line.cost_code else None
        phase = self.phases.get(int(code), "") if code is not None else ""
        cost_type = (line.line_item_type.code or "").strip() if line.line_item_type else ""
        return phase, cost_type


def commitment_to_subcontract(
    commitment: Commitment,
    *,
    vendor_code: str,
    job_number: str,
    codes: LinkedCodes,
    settings: CommitmentMapping | None = None,
) -> MappedSubcontract:
    """The subcontract that this commitment should be.

    Args:
        commitment: with its lines.
        vendor_code: of the linked vendor; blank when it is not linked.
        job_number: of the linked job; blank when it is not linked.
        codes: the project's codes, as they are linked.
        settings: choices; the defaults when None.
    """
    settings = settings or CommitmentMapping()
    found = [*_preconditions(commitment, vendor_code, job_number, settings)]
    notes: list[Violation] = []
    lines: list[SubcontractLine] = []
    for number, line in enumerate(commitment.line_items):
        fields, faults = _line(line, codes, settings, f"lines[{number}]", notes)
        lines.append(SubcontractLine(line_ids=(int(line.id),), title=_title(line), fields=fields))
        found += faults
    cost_types = [str(line.fields["cost_type"] or "") for line in lines]
    if settings.one_cost_type and len(set(cost_types)) > 1:
        found.append(_several_cost_types(cost_types))
    joined, faults = _same_pairs(lines, settings)
    comment = fitting(clean(commitment.title), 120, "comment", settings.long_text, notes)
    header: dict[str, FieldValue] = {
        "vendor_code": vendor_code or None,
        "job_number": job_number or None,
        "status_code": "A",
        "gl_account": settings.gl_accounts.account(vendor_code, cost_types) or None,
        "retention_percent": commitment.retainage_percent or None,
        "comment": comment or None,
        "date_issued": commitment.contract_date if settings.date_issued else None,
    }
    found += [*faults, *_retention(commitment.retainage_percent)]
    found += check_limits(SubcontractUpsert, {**header, "retention_percent": None})
    places = {int(line.id): number for number, line in enumerate(commitment.line_items)}
    for part in joined:
        found += [
            attrs.evolve(fault, path=f"lines[{places[part.line_ids[0]]}].{fault.path}")
            for fault in check_limits(SubcontractLineUpsert, part.fields)
        ]
    amount = sum((line.amount or Decimal(0) for line in commitment.line_items), Decimal(0))
    return MappedSubcontract(
        header=header,
        lines=joined,
        amount=amount,
        violations=tuple(found),
        notes=tuple(notes),
    )


# ---------------------------------------------------------------- the whole commitment


def _preconditions(
    commitment: Commitment, vendor_code: str, job_number: str, settings: CommitmentMapping
) -> Iterator[Violation]:
    if commitment.status not in settings.statuses:
        yield Violation(
            code="status",
            message=f"the status is {commitment.status or 'not known'}",
            path="status",
            hint=f"exported are: {', '.join(settings.statuses)}",
        )
    if commitment.vendor is None:
        yield Violation(
            code="vendor-missing",
            message="there is no contract company",
            path="vendor",
            hint="choose one in Procore",
        )
    elif not vendor_code:
        yield Violation(
            code="vendor-not-linked",
            message="the contract company is not linked to a vendor",
            path="vendor",
            hint="link or export the company first",
        )
    if not job_number:
        yield Violation(
            code="job-not-linked",
            message="the project is not linked to a job",
            path="project",
            hint="link or export the project first",
        )
    if not commitment.line_items:
        yield Violation(
            code="no-lines",
            message="the schedule of values is empty",
            path="lines",
            hint="add at least one line",
        )
    if commitment.grand_total is not None:
        total = sum((line.amount or Decimal(0) for line in commitment.line_items), Decimal(0))
        if commitment.line_items and total != commitment.grand_total:
            yield Violation(
                code="total-differs",
                message=f"the lines sum to {total}, the contract says {commitment.grand_total}",
                path="grand_total",
                hint="markups cannot be exported; make the lines add up to the contract",
            )


def _retention(percent: Decimal | None) -> Iterator[Violation]:
    if percent is None:
        return
    if not Decimal(0) <= percent < Decimal(100) or percent % _ONE_DECIMAL:
        yield Violation(
            code="retention-precision",
            message=f"retention of {percent} % cannot be represented",
            path="retention_percent",
            hint="Spectrum takes two digits and one decimal, from 0 to 99.9",
        )


def _several_cost_types(cost_types: Sequence[str]) -> Violation:
    return Violation(
        code="several-cost-types",
        message=f"the lines have the cost types {', '.join(sorted(set(cost_types)))}",
        path="lines",
        hint="give all lines one cost type, or allow several in the settings",
    )


# ---------------------------------------------------------------- lines


def _title(line: ContractLine) -> str:
    return clean(line.description) or f"line {line.id}"


def _line(
    line: ContractLine,
    codes: LinkedCodes,
    settings: CommitmentMapping,
    path: str,
    notes: list[Violation],
) -> tuple[dict[str, FieldValue], list[Violation]]:
    phase, cost_type = codes.pair_of(line)
    text = fitting(
        clean(line.description), 25, f"{path}.bill_description", settings.long_text, notes
    )
    fields: dict[str, FieldValue] = {
        "phase_code": phase or None,
        "cost_type": cost_type or None,
        "bid_item_number": None,
        "bill_description": text or None,
        "original_contract_amount": line.amount,
    }
    if settings.units:
        fields |= {
            "unit_of_measure": clean(line.uom) or None,
            "unit_price": line.unit_cost,
            "original_contract_quantity": line.quantity,
        }
    faults = []
    if not phase:
        faults.append(
            Violation(
                code="cost-code-not-in-spectrum",
                message="the cost code is not linked to a phase of the job",
                path=f"{path}.cost_code",
                hint="use a code from Spectrum, or synchronise the cost codes first",
            )
        )
    if not cost_type:
        faults.append(
            Violation(
                code="cost-type-missing",
                message="there is no cost type",
                path=f"{path}.line_item_type",
                hint="choose one in Procore",
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
    return fields, faults


def _pair(line: SubcontractLine) -> tuple[str, str]:
    return str(line.fields["phase_code"] or ""), str(line.fields["cost_type"] or "")


def _same_pairs(
    lines: Sequence[SubcontractLine], settings: CommitmentMapping
) -> tuple[tuple[SubcontractLine, ...], list[Violation]]:
    """Lines on one phase and cost type: merged, told apart by billing items, or reported."""
    groups = [list(group) for _, group in groupby(sorted(lines, key=_pair), key=_pair)]
    twice = [group for group in groups if len(group) > 1 and all(_pair(group[0]))]
    if not twice:
        return tuple(lines), []
    if settings.same_pair == "merge":
        merged = [[_merged(group)] if group in twice else group for group in groups]
        return tuple(line for group in merged for line in group), []
    if settings.same_pair == "billing_items":
        numbered = [
            attrs.evolve(line, fields={**line.fields, "bid_item_number": str(place)})
            if group in twice
            else line
            for group in groups
            for place, line in enumerate(group, start=1)
        ]
        return tuple(numbered), []
    return tuple(lines), [_held_pair(*_pair(group[0]), len(group)) for group in twice]


def _merged(group: Sequence[SubcontractLine]) -> SubcontractLine:
    """One line for several; units and prices that differ cannot be kept."""
    amounts = [line.fields["original_contract_amount"] for line in group]
    total = sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))
    fields = {
        **group[0].fields,
        "original_contract_amount": total,
    }
    for name in ("unit_of_measure", "unit_price", "original_contract_quantity"):
        fields.pop(name, None)
    ids = tuple(sorted(line_id for line in group for line_id in line.line_ids))
    return SubcontractLine(line_ids=ids, title=group[0].title, fields=fields)


def _held_pair(phase: str, cost_type: str, count: int) -> Violation:
    return Violation(
        code="same-pair",
        message=f"{count} lines are on phase {phase}, cost type {cost_type}",
        path="lines",
        hint="merge them, or choose merging or billing items in the settings",
    )
