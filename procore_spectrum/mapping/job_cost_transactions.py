"""What was posted to a job, as direct costs by day, type and vendor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import attrs

from procore_spectrum.mapping.job_cost_settings import JobCostSettings
from procore_spectrum.mapping.keys import join_key, key_text
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.origin import origin_id
from procore_spectrum.mapping.phase_mask import PhaseMask
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import DirectCostLineSyncItem, DirectCostSyncItem
from procore_spectrum.models.spectrum import JobCostTransactionRow
from procore_spectrum.models.values import FieldValue

__all__ = ["PostedCosts", "job_cost_transactions_to_line", "posted_costs_to_direct_cost"]


@attrs.frozen(order=True)
class PostedCosts:
    """What transactions have in common that become one direct cost."""

    job_number: str
    on: date
    transaction_type: str = ""
    vendor_code: str = ""

    @classmethod
    def of(cls, row: JobCostTransactionRow) -> PostedCosts:
        """The direct cost that a transaction belongs to."""
        kind, vendor = key_text(row.transaction_type), key_text(row.vendor_code)
        return cls(key_text(row.job_number), row.transaction_date, kind, vendor)

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Its key."""
        return self.job_number, self.on.isoformat(), self.transaction_type, self.vendor_code


def posted_costs_to_direct_cost(
    costs: PostedCosts, *, linked: bool, settings: JobCostSettings | None = None
) -> Mapped:
    """The direct cost, without its lines.

    Keys as those of :func:`~.job_cost_to_direct_cost.job_to_direct_cost`, and
    ``direct_cost_date``. An invoice of a vendor without a company becomes an expense of the
    company in the settings, because Procore takes no invoice without a company.

    Args:
        costs: what the transactions have in common.
        linked: whether the vendor has a company in Procore.
        settings: the choices.
    """
    settings = settings or JobCostSettings()
    kind = settings.detail_types.get(costs.transaction_type, "expense")
    vendor = costs.vendor_code if linked else settings.vendor_code
    words = [settings.number, *costs.parts]
    fields: dict[str, FieldValue] = {
        "invoice_number": " ".join(filter(None, words)),
        "direct_cost_type": "expense" if kind == "invoice" and not linked else kind,
        "status": "approved",
        "description": " ".join(filter(None, ["Posted in Spectrum", *costs.parts[2:]])),
        "vendor_id": join_key(vendor) if vendor else None,
        "direct_cost_date": costs.on,
    }
    return Mapped(fields=fields, violations=check_limits(DirectCostSyncItem, fields))


def job_cost_transactions_to_line(
    rows: Sequence[JobCostTransactionRow],
    mask: PhaseMask,
    *,
    company_code: str,
    settings: JobCostSettings | None = None,
) -> Mapped:
    """The line for all transactions of one direct cost on one phase and cost type.

    Keys as those of :func:`~.job_cost_to_direct_cost.job_cost_to_direct_cost`; figures are sums.

    Args:
        rows: at least one; their phase fits the mask.
        mask: how phase codes are divided.
        company_code: of Spectrum.
        settings: the choices.
    """
    settings = settings or JobCostSettings()
    costs = PostedCosts.of(rows[0])
    code, cost_type = key_text(rows[0].phase_code).replace("-", ""), key_text(rows[0].cost_type)
    quantity: Decimal | None = sum((row.quantity for row in rows), Decimal(0))
    unit = None
    if cost_type in settings.hours:
        quantity, unit = sum((row.hours for row in rows), Decimal(0)), settings.hours_unit
    elif settings.quantity == "none":
        quantity = None
    texts = list(dict.fromkeys(filter(None, (clean(row.description) for row in rows))))
    fields: dict[str, FieldValue] = {
        "wbs_code_id": join_key(costs.job_number, mask.show(mask.split(code)), cost_type),
        "amount": sum((row.amount for row in rows), Decimal(0)),
        "quantity": quantity,
        "uom": unit if quantity else None,
        "description": texts[0] if len(texts) == 1 else f"{len(rows)} transactions",
        "extended_type": "manual",
        "origin_id": origin_id("direct_cost_line", company_code, *costs.parts, code, cost_type),
    }
    return Mapped(fields=fields, violations=check_limits(DirectCostLineSyncItem, fields))
