"""Direct costs with their lines, and the job costs of the partners' endpoint.

Source: Procore API reference, Direct Costs and Direct Cost Line Items; documentation pages
``tutorial-financial-tools`` and ``erp-technical-guide``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ContractLineId,
    CostCodeId,
    DirectCostId,
    LineItemTypeId,
    VendorId,
    WbsCodeId,
)
from procore_spectrum.models.procore.contract_lines import EXTENDED_TYPES, ContractLine
from procore_spectrum.models.procore.contract_parts import Currency
from procore_spectrum.models.procore.shared import NamedRef
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = [
    "DIRECT_COST_STATUSES",
    "DIRECT_COST_TYPES",
    "DirectCost",
    "DirectCostLineSyncItem",
    "DirectCostSyncItem",
    "ErpJobCost",
    "ErpJobCostInput",
]

#: States of a direct cost; only approved ones are costs of the budget.
DIRECT_COST_STATUSES = ("draft", "pending", "revise_and_resubmit", "approved")

#: Kinds of direct cost; subcontractor_invoice is read only, where Procore support enabled it.
DIRECT_COST_TYPES = ("invoice", "expense", "payroll", "subcontractor_invoice")

# Procore documents no limit; up to 15 digits survive every reader of JSON numbers.
_DIGITS = (13, 2)


@attrs.frozen(kw_only=True)
class DirectCost:
    """A cost without a commitment: ``GET /rest/v1.0/projects/{project_id}/direct_costs``.

    ``line_items`` come from a listing of their own, see
    :func:`~procore_spectrum.procore.endpoints.direct_costs.list_direct_cost_lines`.
    ``amount`` is the sum of the lines. Amounts are in the currency of the project. The key
    ``vendor`` is left out: it is a name in listings and an object elsewhere.

    Source: Procore API reference, Direct Costs.
    """

    id: Annotated[DirectCostId, About("id of the direct cost")]
    direct_cost_type: Annotated[str | None, About("what it is", values=DIRECT_COST_TYPES)] = None
    invoice_number: Annotated[str | None, About("number of the invoice")] = None
    description: Annotated[str | None, About("what it is for")] = None
    status: Annotated[str | None, About("state", values=DIRECT_COST_STATUSES)] = None
    direct_cost_date: Annotated[date | None, About("day of the cost")] = None
    received_date: Annotated[date | None, About("day on which it was received")] = None
    payment_date: Annotated[date | None, About("day on which it was paid")] = None
    terms: Annotated[str | None, About("terms of payment")] = None
    amount: Annotated[Decimal | None, About("sum of its lines")] = None
    grand_total: Annotated[Decimal | None, About("sum with markups")] = None
    vendor_id: Annotated[VendorId | None, About("company that is paid")] = None
    vendor_name: Annotated[str | None, About("its name")] = None
    employee: Annotated[NamedRef | None, About("who is paid, for payroll")] = None
    line_items: Annotated[tuple[ContractLine, ...], About("its lines")] = ()
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    origin_id: Annotated[str | None, About("our key of it; set, it cannot be edited")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
    deleted_at: Annotated[datetime | None, About("when it was deleted")] = None


@attrs.frozen(kw_only=True)
class DirectCostSyncItem:
    """One direct cost of ``PATCH …/direct_costs/sync`` (1,000 at most), without its lines.

    Source: Procore API reference, Direct Costs (sync).
    """

    id: Annotated[Sent[DirectCostId], About("id, to change the one with this id")] = UNSET
    direct_cost_type: Annotated[
        Sent[str], About("what it is", values=DIRECT_COST_TYPES[:3], required=True)
    ] = UNSET
    invoice_number: Annotated[Sent[str], About("number of the invoice", required=True)] = UNSET
    description: Annotated[Sent[str], About("what it is for")] = UNSET
    status: Annotated[Sent[str], About("state", values=DIRECT_COST_STATUSES)] = UNSET
    direct_cost_date: Annotated[Sent[date], About("day of the cost")] = UNSET
    received_date: Annotated[Sent[date], About("day on which it was received")] = UNSET
    payment_date: Annotated[Sent[date], About("day on which it was paid")] = UNSET
    terms: Annotated[Sent[str], About("terms of payment")] = UNSET
    vendor_id: Annotated[Sent[VendorId], About("company that is paid")] = UNSET
    employee_id: Annotated[Sent[int], About("who is paid, for payroll")] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET


@attrs.frozen(kw_only=True)
class DirectCostLineSyncItem:
    """One line of ``PATCH …/direct_costs/line_items/sync`` (1,000 of a project at most).

    A new line needs ``direct_cost_id`` and ``wbs_code_id``. Amounts leave as numbers.

    Source: Procore API reference, Direct Cost Line Items (sync).
    """

    id: Annotated[Sent[ContractLineId], About("id of the line, to change the one with this id")] = (
        UNSET
    )
    direct_cost_id: Annotated[Sent[DirectCostId], About("direct cost that holds the line")] = UNSET
    wbs_code_id: Annotated[Sent[WbsCodeId], About("budget code")] = UNSET
    description: Annotated[Sent[str], About("what it is for")] = UNSET
    amount: Annotated[Sent[Decimal], About("sum", digits=_DIGITS)] = UNSET
    extended_type: Annotated[
        Sent[str], About("whether the sum was typed or calculated", values=EXTENDED_TYPES)
    ] = UNSET
    quantity: Annotated[Sent[Decimal], About("quantity, in units of measure", digits=_DIGITS)] = (
        UNSET
    )
    uom: Annotated[Sent[str], About("unit of measure")] = UNSET
    unit_cost: Annotated[Sent[Decimal], About("price of one unit")] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET


@attrs.frozen(kw_only=True)
class ErpJobCost:
    """Job-to-date figures of a cost code and cost type, as the partners' endpoint answers them.

    Source: documentation page ``erp-technical-guide``; the endpoint is not in the API reference.
    """

    id: Annotated[int | None, About("id of the job cost")] = None
    cost_code_id: Annotated[CostCodeId | None, About("cost code")] = None
    line_item_type_id: Annotated[LineItemTypeId | None, About("cost type")] = None
    job_to_date_cost: Annotated[Decimal | None, About("cost, job to date")] = None
    job_to_date_units: Annotated[Decimal | None, About("quantity, job to date")] = None


@attrs.frozen(kw_only=True)
class ErpJobCostInput:
    """One pair of ``PATCH /rest/v1.0/erp_job_costs/sync``, which only partners may call.

    Source: documentation page ``erp-technical-guide``; the endpoint is not in the API reference.
    """

    cost_code_id: Annotated[Sent[CostCodeId], About("cost code", required=True)] = UNSET
    line_item_type_id: Annotated[Sent[LineItemTypeId], About("cost type", required=True)] = UNSET
    job_to_date_cost: Annotated[Sent[Decimal], About("cost, job to date", digits=_DIGITS)] = UNSET
    job_to_date_units: Annotated[Sent[Decimal], About("quantity, job to date", digits=_DIGITS)] = (
        UNSET
    )
