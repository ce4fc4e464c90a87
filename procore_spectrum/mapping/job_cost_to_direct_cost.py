"""Job-to-date figures of Spectrum as direct costs of Procore, or as its ERP job costs.

A job has one direct cost; each pair of phase and cost type is one of its lines. A line holds
the figure to date, not what was added since, so writing it once more changes nothing and a
correction downwards is an ordinary change.
"""

from __future__ import annotations

from decimal import Decimal

from procore_spectrum.mapping.job_cost_settings import JobCostSettings
from procore_spectrum.mapping.keys import join_key, key_text, keyed_origin
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.phase_mask import PhaseMask
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import (
    DirectCostLineSyncItem,
    DirectCostSyncItem,
    ErpJobCostInput,
)
from procore_spectrum.models.spectrum import Phase
from procore_spectrum.models.values import FieldValue

__all__ = ["job_cost_to_direct_cost", "job_cost_to_erp_job_cost", "job_to_direct_cost"]

_ZERO = Decimal(0)


def job_to_direct_cost(
    job_number: str, *, company_code: str, settings: JobCostSettings | None = None
) -> Mapped:
    """The direct cost that holds a job's figures, without its lines.

    Keys: ``invoice_number``, ``direct_cost_type`` (always ``"expense"``), ``status`` (always
    ``"approved"``; only approved costs count in the budget), ``description``, ``vendor_id`` (key
    of a company, or None) and, if direct costs are to be locked, ``origin_id``.

    Raises:
        InvalidValueError: the job number is not text.
    """
    settings = settings or JobCostSettings()
    job = key_text(job_number)
    fields: dict[str, FieldValue] = {
        "invoice_number": f"{settings.number} {job}".strip(),
        "direct_cost_type": "expense",
        "status": "approved",
        "description": clean(settings.description) or None,
        "vendor_id": join_key(settings.vendor_code) if settings.vendor_code else None,
    }
    if settings.lock:
        fields["origin_id"] = keyed_origin("direct_cost", company_code, job)
    return Mapped(fields=fields, violations=check_limits(DirectCostSyncItem, fields))


def job_cost_to_direct_cost(
    phase: Phase,
    mask: PhaseMask,
    *,
    company_code: str,
    settings: JobCostSettings | None = None,
    elsewhere: Decimal = _ZERO,
) -> Mapped:
    """The line of the job's direct cost that this pair of phase and cost type should have.

    Keys: ``wbs_code_id`` (key of the budget code), ``amount`` (dollars, to the cent), ``quantity``
    and ``uom`` (the quantity to date or, for chosen cost types, the hours), ``description``,
    ``extended_type`` (always ``"manual"``: the amount is not calculated) and ``origin_id``.

    Args:
        phase: the pair with its figures.
        mask: how phase codes are divided.
        company_code: of Spectrum.
        settings: the choices.
        elsewhere: dollars of the same pair that are written in another way, and left out here.

    Raises:
        InvalidValueError: a text of the phase is not text.
    """
    settings = settings or JobCostSettings()
    job, code, cost_type = _names(phase)
    violations = list(mask.check(code))
    cost = phase.jtd_actual_dollars
    quantity, unit = _quantity(phase, settings)
    fields: dict[str, FieldValue] = {
        "wbs_code_id": None if violations else _budget_code(phase, mask),
        "amount": None if cost is None else cost - elsewhere,
        "quantity": quantity,
        "uom": unit,
        "description": clean(phase.description) or None,
        "extended_type": "manual",
        "origin_id": keyed_origin("direct_cost_line", company_code, job, code, cost_type),
    }
    violations += check_limits(DirectCostLineSyncItem, fields)
    return Mapped(fields=fields, violations=tuple(violations))


def job_cost_to_erp_job_cost(
    phase: Phase,
    mask: PhaseMask,
    *,
    company_code: str,
    settings: JobCostSettings | None = None,
) -> Mapped:
    """The figures of this pair for the ERP Integrations tool.

    Keys: ``cost_code_id`` and ``line_item_type_id`` (keys of cost code and category),
    ``job_to_date_cost`` (dollars), ``job_to_date_units`` (as the quantity of
    :func:`job_cost_to_direct_cost`) and ``job_origin_id`` (the origin id of the project).

    Raises:
        InvalidValueError: a text of the phase is not text.
    """
    settings = settings or JobCostSettings()
    job, code, cost_type = _names(phase)
    violations = list(mask.check(code))
    units, _ = _quantity(phase, settings)
    fields: dict[str, FieldValue] = {
        "cost_code_id": None if violations else join_key(job, mask.show(mask.split(code))),
        "line_item_type_id": join_key(cost_type),
        "job_to_date_cost": phase.jtd_actual_dollars,
        "job_to_date_units": units,
        "job_origin_id": keyed_origin("job", company_code, job),
    }
    violations += check_limits(ErpJobCostInput, fields)
    return Mapped(fields=fields, violations=tuple(violations))


def _names(phase: Phase) -> tuple[str, str, str]:
    return key_text(phase.job_number), key_text(phase.phase_code), key_text(phase.cost_type)


def _budget_code(phase: Phase, mask: PhaseMask) -> str:
    job, code, cost_type = _names(phase)
    return join_key(job, mask.show(mask.split(code)), cost_type)


def _quantity(phase: Phase, settings: JobCostSettings) -> tuple[Decimal | None, str | None]:
    """What a line carries as quantity, and its unit; a quantity of zero has no unit."""
    if key_text(phase.cost_type) in settings.hours:
        quantity, unit = phase.jtd_hours, settings.hours_unit
    elif settings.quantity == "none":
        return None, None
    else:
        quantity, unit = phase.jtd_quantity, key_text(phase.unit_of_measure)
    return quantity, unit if quantity and unit else None
