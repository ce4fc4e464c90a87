"""A job's contract with its owner as Procore's prime contract, and its billing items as lines.

Spectrum has no record of its own for the contract that a service would read: it is made of the
job's customer, its original contract amount and its price method.

Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/job-cost-services/get-job---main
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.keys import key_text, keyed_origin, missing
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.phase_mask import PhaseMask
from procore_spectrum.mapping.prime_settings import PrimeContractMapping
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.schedules import ScheduleLine
from procore_spectrum.models.spectrum import ChangeRequestLine, Job
from procore_spectrum.models.values import FieldValue

__all__ = [
    "contract_to_prime_contract",
    "schedule_line_to_prime_contract_line",
]

_UNIT_PRICE = "U"
_MARK = "unit-price contract of Spectrum; units are kept in Procore only"
_CENT = Decimal("0.01")


def contract_to_prime_contract(
    job: Job,
    *,
    company_code: str,
    owner_id: str | None = None,
    settings: PrimeContractMapping | None = None,
) -> Mapped:
    """The prime contract that the contract of this job should be.

    Args:
        job: with customer, original contract and price method.
        company_code: Spectrum's company, part of the key.
        owner_id: Procore's id of the company that the customer is linked to, if it is.
        settings: choices; the defaults when None.
    """
    settings = settings or PrimeContractMapping()
    number, customer = key_text(job.job_number), key_text(job.customer_code)
    by_units = key_text(job.price_method_code) == _UNIT_PRICE
    notes = []
    if owner_id is None:
        notes.append(
            Violation(
                code="owner-not-linked",
                message=f"the customer {customer} is not linked, so the contract has no owner",
                path="vendor_id",
                hint=f"link customer {customer} to a company of Procore",
            )
        )
    if by_units:
        notes.append(Violation(code="unit-price", message=_MARK, path="accounting_method"))
    fields: dict[str, FieldValue] = {
        "title": f"{number} Prime Contract" if number else None,
        "vendor_id": owner_id,
        "status": settings.status,
        "accounting_method": "unit" if by_units else "amount",
        "origin_data": _MARK if by_units else None,
        "origin_id": keyed_origin("prime_contract", company_code, number),
    }
    violations = () if number else (missing("job_number", "the job number"),)
    return Mapped(fields=fields, violations=violations, notes=tuple(notes))


def schedule_line_to_prime_contract_line(
    line: ScheduleLine,
    mask: PhaseMask,
    *,
    job_number: str,
    company_code: str,
    by_units: bool = False,
    settings: PrimeContractMapping | None = None,
) -> Mapped:
    """The line of the prime contract that this billing item should be.

    Args:
        line: the billing item.
        mask: how phase codes are divided.
        job_number: of the job.
        company_code: Spectrum's company, part of the key.
        by_units: whether the contract is billed by units; otherwise units are left out.
        settings: choices; the defaults when None.
    """
    settings = settings or PrimeContractMapping()
    item = key_text(line.item)
    phase = key_text(line.phase_code).replace("-", "") or settings.phase_code.replace("-", "")
    cost_type = key_text(line.cost_type) or settings.cost_type
    made = _product(line)
    amount = made if line.amount is None else line.amount
    fields: dict[str, FieldValue] = {
        "description": clean(line.description) or item or None,
        "amount": amount,
        "quantity": line.quantity if by_units else None,
        "uom": clean(line.unit) or None if by_units else None,
        "unit_cost": line.unit_price if by_units else None,
        "cost_code": (),
        "line_item_type": cost_type or None,
        "origin_id": keyed_origin("prime_contract_line", company_code, job_number, item or "*"),
    }
    faults = [*_item_faults(item), *_amount_faults(amount, made if by_units else None)]
    if not phase or not cost_type:
        faults.append(
            Violation(
                code="line-code-missing",
                message="no phase and cost type is known for the line",
                path="cost_code",
                hint="name them in the schedule, or set phase_code and cost_type for all",
            )
        )
    elif off := mask.check(phase, "cost_code"):
        faults += off
    else:
        fields["cost_code"] = mask.split(phase)
    return Mapped(fields=fields, violations=tuple(faults))


def _product(line: ScheduleLine) -> Decimal | None:
    """Quantity times unit price to the cent, halves away from zero."""
    if line.quantity is None or line.unit_price is None:
        return None
    if not (line.quantity.is_finite() and line.unit_price.is_finite()):
        return None
    with localcontext(prec=100):
        return (line.quantity * line.unit_price).quantize(_CENT, ROUND_HALF_UP)


def _item_faults(item: str) -> Iterator[Violation]:
    for fault in check_limits(ChangeRequestLine, {"cr_billing_item_code": item}):
        yield attrs.evolve(fault, path="item")


def _amount_faults(amount: Decimal | None, made: Decimal | None) -> Iterator[Violation]:
    if amount is None:
        yield Violation(
            code="amount-missing",
            message="there is no amount, nor quantity and unit price",
            path="amount",
            hint="enter it in the schedule",
        )
        return
    faults = check_limits(ChangeRequestLine, {"cr_revenue": amount})
    yield from (attrs.evolve(fault, path="amount") for fault in faults)
    if made is not None and not faults and made != amount:
        yield Violation(
            code="units-differ",
            message=f"quantity times unit price is {made}, not {amount}",
            path="amount",
            hint="correct one of the three; nothing is calculated anew",
        )
