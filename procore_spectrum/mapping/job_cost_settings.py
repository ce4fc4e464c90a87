"""Choices for job costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import attrs

from procore_spectrum.mapping.choices import one_of

__all__ = ["JobCostSettings"]

_KINDS = ("invoice", "expense", "payroll")


@attrs.frozen(kw_only=True)
class JobCostSettings:
    """Choices for job costs.

    Args:
        writer: where the figures go: ``"direct_costs"``, or ``"erp"``, the job costs of the ERP
            Integrations tool, which Procore opens to partners only.
        vendor_code: the Spectrum vendor whose company in Procore bears the direct costs, such as
            your own; it has to be linked. Blank names none.
        vendor_required: whether Procore demands a company of every direct cost. Its reference
            does; others found that only invoices need one.
        number: begins the number of a job's direct cost; the job number follows. Numbers that
            were given stay.
        description: of a job's direct cost.
        lock: whether direct costs get our key, which keeps people from editing them. Whether
            Procore then still lets us change them is unknown, so that they do not get it.
        quantity: whether a line carries the ``"quantity"`` to date, or ``"none"``.
        hours: cost types whose lines carry the hours to date instead, such as ``["L"]``.
        hours_unit: the unit of measure of hours.
        detail: ``"totals"`` writes one figure for each pair of phase and cost type;
            ``"transactions"`` writes what was posted, as read by SQL, and the rest as totals.
        detail_from: the first day of which transactions are written; all if None.
        detail_types: what a type of transaction is in Procore: ``invoice``, ``expense`` or
            ``payroll``. Others are expenses.
    """

    writer: Literal["direct_costs", "erp"] = attrs.field(
        default="direct_costs", validator=one_of(("direct_costs", "erp"))
    )
    vendor_code: str = ""
    vendor_required: bool = True
    number: str = "SPECTRUM"
    description: str = "Job-to-date cost from Spectrum"
    lock: bool = False
    quantity: Literal["quantity", "none"] = attrs.field(
        default="quantity", validator=one_of(("quantity", "none"))
    )
    hours: tuple[str, ...] = ()
    hours_unit: str = "HR"
    detail: Literal["totals", "transactions"] = attrs.field(
        default="totals", validator=one_of(("totals", "transactions"))
    )
    detail_from: date | None = None
    detail_types: Mapping[str, str] = attrs.field(
        factory=lambda: MappingProxyType({"AP": "invoice", "PR": "payroll"})
    )

    @detail_types.validator
    def _known(
        self, attribute: attrs.Attribute[Mapping[str, str]], value: Mapping[str, str]
    ) -> None:
        one_of(_KINDS)(self, attribute, tuple(value.values()))
