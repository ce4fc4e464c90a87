"""A Procore prime contract change order as a Spectrum change request with billing lines.

One call is one line of the change order: its cost on a phase and cost type, and its revenue on
the billing item of the contract line that it is associated with; the header is repeated on each.
Spectrum keeps one cost for each pair and one revenue for each billing item, and a second one would
take the place of the first. So what several lines have in common is added up and sent with the
first of them.

The estimate gets the bare amount; markups are revenue only.

Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-receivable-services/add-ar-change-request
and Procore's page on the fields of prime contracts and their change orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.change_requests import (
    REVENUE_AND_COST,
    contract_faults,
    local_day,
    request_text,
    status_faults,
)
from procore_spectrum.mapping.commitment_to_subcontract import LinkedCodes
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.markups import MarkedLine, MarkedUp, mark_up
from procore_spectrum.mapping.prime_settings import PrimeChangeMapping
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import ContractLine, Markup, PrimeChangeOrder
from procore_spectrum.models.spectrum import ChangeRequestLine
from procore_spectrum.models.values import FieldValue

__all__ = [
    "BillingItem",
    "MappedPrimeChange",
    "PrimeChangePart",
    "prime_change_order_to_change_request",
]

_MOST_BILLINGS = 990
_GROUP = 2
_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class BillingItem:
    """A line of the prime contract that change orders may be associated with.

    Args:
        line_id: Procore's id of the contract line.
        item: its billing item in Spectrum; on unit-price contracts with the group before it.
            Blank when it is not known.
        wbs_code_id: Procore's id of its budget code, if it has one.
    """

    line_id: int
    item: str = ""
    wbs_code_id: int | None = None


@attrs.frozen(kw_only=True)
class PrimeChangePart:
    """One call: a cost, a revenue or both, and the lines of Procore that it stands for."""

    line_ids: tuple[int, ...]
    title: str
    phase_code: str = ""
    cost_type: str = ""
    item: str = ""
    fields: Mapping[str, FieldValue]


@attrs.frozen(kw_only=True)
class MappedPrimeChange:
    """A change request without its number, and everything that is wrong with it.

    ``amount`` is the revenue, with markups; ``estimate`` is what the estimate gets.
    """

    header: Mapping[str, FieldValue]
    lines: tuple[PrimeChangePart, ...]
    amount: Decimal
    estimate: Decimal
    violations: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()


@attrs.frozen(kw_only=True)
class _Line:
    """A line of the change order, with what became of it."""

    id: int
    path: str
    title: str
    phase_code: str
    cost_type: str
    item: str
    amount: Decimal
    markup: Decimal = _ZERO

    @property
    def pair(self) -> tuple[str, str]:
        return self.phase_code, self.cost_type


def prime_change_order_to_change_request(
    change: PrimeChangeOrder,
    *,
    job_number: str,
    customer_code: str,
    contract_id: str,
    billing_items: Sequence[BillingItem],
    codes: LinkedCodes,
    markups: Sequence[tuple[frozenset[int] | None, Sequence[Markup]]] = (),
    segment_items: Mapping[int, frozenset[int]] | None = None,
    by_units: bool = False,
    settings: PrimeChangeMapping | None = None,
) -> MappedPrimeChange:
    """The change request that this change order should be.

    Args:
        change: with its lines.
        job_number: of the linked job; blank when it is not linked.
        customer_code: of the job; blank when it has none.
        contract_id: Procore's id of the linked prime contract; blank when none is linked.
        billing_items: the lines of that contract.
        codes: the project's codes, as they are linked.
        markups: groups of lines by their ids (None stands for all), each with its markups.
        segment_items: ids of the parts of budget codes, with the parts above them, by the id of
            the budget code; None when they cannot be read.
        by_units: whether the contract is billed by units.
        settings: choices; the defaults when None.
    """
    settings = settings or PrimeChangeMapping()
    found = [*_preconditions(change, job_number, customer_code, contract_id, settings)]
    notes: list[Violation] = []
    text = request_text(change.description, change.title, settings.long_text, notes)
    approved = _approved_on(change, settings)
    header: dict[str, FieldValue] = {
        "job_number": job_number or None,
        "customer_code": customer_code or None,
        "cr_description": text or None,
        "cr_status": settings.status_code or None,
        "approved_date": approved if settings.approved_date else None,
    }
    lines, faults = _lines(change, codes, billing_items, settings)
    found += faults
    marked, faults = _marked(change, lines, markups, segment_items, settings)
    found += faults
    borne, faults = _borne(marked, billing_items)
    found += faults
    lines = [attrs.evolve(line, markup=marked.on_lines.get(line.id, _ZERO)) for line in lines]
    bare = settings.is_contract_only(job_number)
    found += _same_pairs(lines, settings)
    found += check_limits(ChangeRequestLine, header)
    parts = _parts(lines, borne, text, bare=bare, by_units=by_units)
    places = {line.id: line.path for line in lines}
    for part in parts:
        where = places.get(part.line_ids[0], "markups") if part.line_ids else "markups"
        found += [
            attrs.evolve(fault, path=f"{where}.{fault.path}")
            for fault in check_limits(ChangeRequestLine, part.fields)
        ]
    if sum(1 for part in parts if part.item) > _MOST_BILLINGS:
        found.append(
            Violation(
                code="too-many-billings",
                message=f"Spectrum takes {_MOST_BILLINGS} billing items in one change request",
                path="lines",
                hint="divide the change order",
            )
        )
    plain = sum((line.amount for line in lines), _ZERO)
    revenue = plain + marked.total
    if not any(fault.path.endswith(".amount") for fault in found):
        found += _total_faults(change, plain, revenue, settings)
    return MappedPrimeChange(
        header=header,
        lines=tuple(attrs.evolve(part, fields={**header, **part.fields}) for part in parts),
        amount=revenue,
        estimate=_ZERO if bare else plain,
        violations=tuple(found),
        notes=tuple(notes),
    )


# ---------------------------------------------------------------- what has to be there


def _preconditions(
    change: PrimeChangeOrder,
    job_number: str,
    customer_code: str,
    contract_id: str,
    settings: PrimeChangeMapping,
) -> Iterator[Violation]:
    if change.status not in settings.statuses:
        yield Violation(
            code="status",
            message=f"the status is {change.status or 'not known'}",
            path="status",
            hint=f"exported are: {', '.join(settings.statuses)}",
        )
    yield from contract_faults(job_number, customer_code)
    if not contract_id or str(change.contract_id or "") != contract_id:
        yield Violation(
            code="prime-contract-not-linked",
            message="its prime contract is not that of the job",
            path="contract",
            hint="import or link the prime contract first",
        )
    if not change.line_items:
        yield Violation(
            code="no-lines", message="there are no lines", path="lines", hint="add at least one"
        )
    yield from _date_faults(change, settings)
    yield from status_faults(
        settings.status_code,
        settings.status_actions,
        wanted=REVENUE_AND_COST,
        section="prime_contracts.change_orders",
    )


def _approved_on(change: PrimeChangeOrder, settings: PrimeChangeMapping) -> date | None:
    if settings.dated_by == "reviewed_at":
        return change.reviewed_at and local_day(change.reviewed_at, settings.hours_from_utc)
    found = getattr(change, settings.dated_by)
    return found if isinstance(found, date) else None


def _date_faults(change: PrimeChangeOrder, settings: PrimeChangeMapping) -> Iterator[Violation]:
    approved = _approved_on(change, settings)
    if approved is None:
        yield Violation(
            code="date-missing",
            message="there is no day of approval",
            path=settings.dated_by,
            hint="enter it in Procore, or choose another day with dated_by",
        )
    elif settings.approved_date and (
        (settings.open_from is not None and approved < settings.open_from)
        or (settings.open_until is not None and approved > settings.open_until)
    ):
        yield Violation(
            code="closed-period",
            message=f"{approved} is outside the open period, {settings.open_from or '…'} to"
            f" {settings.open_until or '…'}",
            path=settings.dated_by,
            hint="open the period in Spectrum and set open_from and open_until, or do not send"
            " the day (approved_date)",
        )


# ---------------------------------------------------------------- lines


def _lines(
    change: PrimeChangeOrder,
    codes: LinkedCodes,
    billing_items: Sequence[BillingItem],
    settings: PrimeChangeMapping,
) -> tuple[list[_Line], list[Violation]]:
    lines, faults = [], []
    for number, line in enumerate(change.line_items):
        path = f"lines[{number}]"
        phase, cost_type = codes.pair_of(line)
        if not phase or not cost_type:
            faults.append(
                Violation(
                    code="cost-code-not-in-spectrum",
                    message="the line is not on a phase and cost type of the job",
                    path=f"{path}.cost_code",
                    hint="use a code from Spectrum, or synchronise the cost codes first",
                )
            )
        amount, wrong = _amount_of(line)
        faults += [attrs.evolve(fault, path=f"{path}.amount") for fault in wrong]
        item, fault = _item_of(line, billing_items, settings)
        if fault is not None:
            faults.append(attrs.evolve(fault, path=f"{path}.prime_line_item"))
        lines.append(
            _Line(
                id=int(line.id),
                path=path,
                title=clean(line.description) or f"line {line.id}",
                phase_code=phase,
                cost_type=cost_type,
                item=item,
                amount=amount,
            )
        )
    return lines, faults


def _amount_of(line: ContractLine) -> tuple[Decimal, Sequence[Violation]]:
    """The amount, or zero where it cannot be sent, and why."""
    if line.amount is None:
        missing = Violation(
            code="amount-missing", message="there is no amount", hint="enter it in Procore"
        )
        return _ZERO, [missing]
    faults = check_limits(ChangeRequestLine, {"cr_revenue": line.amount})
    return (_ZERO if faults else line.amount), faults


def _item_of(
    line: ContractLine, billing_items: Sequence[BillingItem], settings: PrimeChangeMapping
) -> tuple[str, Violation | None]:
    """The billing item of the associated contract line, or why there is none."""
    named = line.prime_line_item_id
    if named is not None:
        matching = [found for found in billing_items if found.line_id == int(named)]
    elif settings.associate == "same_code" and line.wbs_code is not None and line.wbs_code.id:
        code = int(line.wbs_code.id)
        matching = [found for found in billing_items if found.wbs_code_id == code]
    else:
        matching = []
    if named is not None and not matching:
        return "", Violation(
            code="associated-line-unknown",
            message=f"the associated line {named} is not one of the linked prime contract",
            hint="associate a line that was imported from Spectrum",
        )
    if len(matching) != 1:
        return "", Violation(
            code="associated-line-missing",
            message="the line names no line of the prime contract"
            + (", and its budget code tells none" if settings.associate == "same_code" else ""),
            hint="associate it with a line of the prime contract in Procore",
        )
    if not matching[0].item:
        return "", Violation(
            code="billing-item-missing",
            message="the associated line has no billing item",
            hint="import the contract with its schedule of values, or set single_item",
        )
    return matching[0].item, None


def _same_pairs(lines: Sequence[_Line], settings: PrimeChangeMapping) -> Iterator[Violation]:
    if settings.same_pair == "merge":
        return
    counts: dict[tuple[str, str], int] = {}
    for line in lines:
        counts[line.pair] = counts.get(line.pair, 0) + 1
    for (phase, cost_type), count in sorted(counts.items()):
        if count > 1 and phase and cost_type:
            yield Violation(
                code="same-pair",
                message=f"{count} lines are on phase {phase}, cost type {cost_type}",
                path="lines",
                hint="merge them, or choose merging in the settings",
            )


# ---------------------------------------------------------------- markups


def _marked(
    change: PrimeChangeOrder,
    lines: Sequence[_Line],
    markups: Sequence[tuple[frozenset[int] | None, Sequence[Markup]]],
    segment_items: Mapping[int, frozenset[int]] | None,
    settings: PrimeChangeMapping,
) -> tuple[MarkedUp, list[Violation]]:
    """What markups add, group by group."""
    none = MarkedUp(on_lines={line.id: _ZERO for line in lines})
    wbs = {
        int(line.id): int(line.wbs_code.id)
        for line in change.line_items
        if line.wbs_code is not None and line.wbs_code.id
    }
    marked = [
        MarkedLine(
            id=line.id,
            amount=line.amount,
            segment_items=None
            if segment_items is None or line.id not in wbs
            else segment_items.get(wbs[line.id]),
        )
        for line in lines
    ]
    on_lines, on_items, faults = dict(none.on_lines), dict[int, Decimal](), list[Violation]()
    for members, group in markups:
        chosen = [line for line in marked if members is None or line.id in members]
        found = mark_up(chosen, group, vertical_on_horizontal=settings.vertical_on_horizontal)
        faults += found.violations
        for line_id, amount in found.on_lines.items():
            on_lines[line_id] += amount
        for bearer, amount in found.on_items.items():
            on_items[bearer] = on_items.get(bearer, _ZERO) + amount
    return MarkedUp(on_lines=on_lines, on_items=on_items), faults


def _borne(
    marked: MarkedUp, billing_items: Sequence[BillingItem]
) -> tuple[dict[str, Decimal], list[Violation]]:
    """Markups that a contract line of their own bears, by its billing item."""
    items = {found.line_id: found.item for found in billing_items}
    borne: dict[str, Decimal] = {}
    faults = []
    for bearer, amount in marked.on_items.items():
        item = items.get(bearer, "")
        if item:
            borne[item] = borne.get(item, _ZERO) + amount
        else:
            faults.append(
                Violation(
                    code="associated-line-unknown",
                    message=f"a markup is billed on line {bearer}, which has no billing item",
                    path="markups",
                    hint="choose a line that was imported from Spectrum",
                )
            )
    return borne, faults


def _total_faults(
    change: PrimeChangeOrder, plain: Decimal, revenue: Decimal, settings: PrimeChangeMapping
) -> Iterator[Violation]:
    """Procore's own total has to be what is sent, with markups or without."""
    allowed = {
        "either": (plain, revenue),
        "with_markups": (revenue,),
        "without_markups": (plain,),
    }[settings.total]
    total = change.grand_total
    if total is not None and not (total.is_finite() and total in allowed):
        yield Violation(
            code="markup-total",
            message=f"Procore's total is {change.grand_total}; the lines are {plain}, with"
            f" markups {revenue}",
            path="grand_total",
            hint="look at the markups, or at the settings markups_of and vertical_on_horizontal",
        )


# ---------------------------------------------------------------- calls


def _parts(
    lines: Sequence[_Line],
    borne: Mapping[str, Decimal],
    text: str,
    *,
    bare: bool,
    by_units: bool,
) -> tuple[PrimeChangePart, ...]:
    """Each pair once and each billing item once, with the first line that is on it."""
    costs: dict[tuple[str, str], Decimal] = {}
    revenues: dict[str, Decimal] = {}
    holders: dict[tuple[str, ...], list[int]] = {}
    for line in lines:
        costs[line.pair] = costs.get(line.pair, _ZERO) + (_ZERO if bare else line.amount)
        revenues[line.item] = revenues.get(line.item, _ZERO) + line.amount + line.markup
        holders.setdefault(("cost", *line.pair), []).append(line.id)
        holders.setdefault(("item", line.item), []).append(line.id)
    for item, amount in borne.items():
        revenues[item] = revenues.get(item, _ZERO) + amount
    parts = []
    for line in lines:
        cost = costs.pop(line.pair, None)
        revenue = revenues.pop(line.item, None)
        if cost is None and revenue is None:
            continue
        ids = {line.id}
        fields: dict[str, FieldValue] = {}
        if cost is not None:
            ids |= set(holders["cost", *line.pair])
            fields |= _cost(line, cost)
        if revenue is not None:
            ids |= set(holders["item", line.item])
            fields |= _billing(line.item, revenue, text, by_units=by_units)
        parts.append(
            PrimeChangePart(
                line_ids=tuple(sorted(ids)),
                title=line.title,
                phase_code=line.phase_code if cost is not None else "",
                cost_type=line.cost_type if cost is not None else "",
                item=line.item if revenue is not None else "",
                fields=fields,
            )
        )
    for item, revenue in sorted(revenues.items()):
        parts.append(
            PrimeChangePart(
                line_ids=(),
                title=f"markups on {item}",
                item=item,
                fields=_billing(item, revenue, text, by_units=by_units),
            )
        )
    return tuple(parts)


def _cost(line: _Line, amount: Decimal) -> dict[str, FieldValue]:
    return {
        "cr_phase_code": line.phase_code or None,
        "cr_cost_type": line.cost_type or None,
        "change_request_amount": amount,
    }


def _billing(item: str, revenue: Decimal, text: str, *, by_units: bool) -> dict[str, FieldValue]:
    """The revenue of one billing item; the description of the header as far as it goes."""
    group, code = (item[:_GROUP], item[_GROUP:]) if by_units else ("", item)
    return {
        "cr_billing_group_code": group or None,
        "cr_billing_item_code": code or None,
        "cr_billing_item_description": text[:30].rstrip() or None,
        "cr_revenue": revenue,
    }
