"""Lines of commitments, prime contracts and change orders.

Source: Procore API reference, Line Items of work order, purchase order and prime contracts and
of change orders.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ContractLineId,
    CostCodeId,
    LineItemTypeId,
    TaxCodeId,
    WbsCodeId,
)
from procore_spectrum.models.procore.contract_parts import (
    ChangeEventLineItem,
    Currency,
    Holder,
    WbsCodeRef,
)
from procore_spectrum.models.procore.cost_codes import CostCodeRef, LineItemType
from procore_spectrum.models.procore.shared import NamedRef
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = [
    "EXTENDED_TYPES",
    "ContractLine",
    "LineItemInput",
    "LineItemV2",
]

#: How the sum of a line comes about.
EXTENDED_TYPES = ("manual", "calculated")


@attrs.frozen(kw_only=True)
class ContractLine:
    """A line of a commitment, a prime contract or a potential change order.

    ``amount`` is the sum of the line, without markups. Lines of version 2 (see
    :class:`LineItemV2`) name their budget code only, neither cost code nor cost type.

    Source: Procore API reference, Work Order Contract Line Items, Purchase Order Contract Line
    Items, Prime Contract Line Items, Potential Change Order Line Items.
    """

    id: Annotated[ContractLineId, About("id of the line")]
    position: Annotated[int | None, About("place among its siblings")] = None
    description: Annotated[str | None, About("what it is for")] = None
    cost_code: Annotated[CostCodeRef | None, About("cost code; not in version 2")] = None
    line_item_type: Annotated[LineItemType | None, About("cost type; not in version 2")] = None
    wbs_code: Annotated[WbsCodeRef | None, About("budget code")] = None
    quantity: Annotated[Decimal | None, About("quantity, in units of measure")] = None
    uom: Annotated[str | None, About("unit of measure")] = None
    unit_cost: Annotated[Decimal | None, About("price of one unit")] = None
    amount: Annotated[Decimal | None, About("sum")] = None
    extended_amount: Annotated[Decimal | None, About("quantity times unit cost")] = None
    total_amount: Annotated[Decimal | None, About("sum with markups")] = None
    extended_type: Annotated[
        str | None, About("whether the sum was typed or calculated", values=EXTENDED_TYPES)
    ] = None
    tax_code_id: Annotated[TaxCodeId | None, About("tax code")] = None
    holder: Annotated[Holder | None, About("contract or change order that holds the line")] = None
    company: Annotated[NamedRef | None, About("company of the line")] = None
    project: Annotated[NamedRef | None, About("project it belongs to")] = None
    commitment_line_item_id: Annotated[
        ContractLineId | None, About("line of the commitment that a change order line changes")
    ] = None
    prime_line_item_id: Annotated[
        ContractLineId | None, About("line of the prime contract that bears it")
    ] = None
    change_event_line_item: Annotated[
        ChangeEventLineItem | None, About("change event line it came from, if it may be seen")
    ] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class LineItemV2:
    """A line of version 2: of a commitment, a commitment change order or a prime change order.

    Ids come as text and are read as numbers. ``quantity`` is a number in the documentation and
    text in practice; both are read. Only commitment change orders have
    ``commitment_line_item_id``. The key ``work_breakdown_structure`` is not read: what it holds
    is not documented, and answers lack it.

    Source: Procore API reference, version 2.0, Line Items.
    """

    id: Annotated[ContractLineId, About("id of the line")]
    position: Annotated[Decimal | None, About("place among its siblings")] = None
    description: Annotated[str | None, About("what it is for")] = None
    wbs_code_id: Annotated[WbsCodeId | None, About("budget code")] = None
    wbs_code: Annotated[WbsCodeRef | None, About("budget code")] = None
    quantity: Annotated[Decimal | None, About("quantity, in units of measure")] = None
    uom: Annotated[str | None, About("unit of measure")] = None
    unit_cost: Annotated[Decimal | None, About("price of one unit")] = None
    amount: Annotated[Decimal | None, About("sum")] = None
    extended_type: Annotated[
        str | None, About("whether the sum was typed or calculated", values=EXTENDED_TYPES)
    ] = None
    tax_code_id: Annotated[TaxCodeId | None, About("tax code")] = None
    commitment_line_item_id: Annotated[
        ContractLineId | None, About("line of the commitment that it changes")
    ] = None
    prime_line_item_id: Annotated[ContractLineId | None, About("line of the prime contract")] = None


@attrs.frozen(kw_only=True)
class LineItemInput:
    """The values of one line to be written.

    A line takes ``wbs_code_id``, or ``cost_code_id`` with ``line_item_type_id``. Amounts leave
    as text.

    Source: Procore API reference, Line Items (create, update, sync).
    """

    amount: Annotated[Sent[Decimal], About("sum")] = UNSET
    cost_code_id: Annotated[Sent[CostCodeId], About("cost code")] = UNSET
    description: Annotated[Sent[str], About("what it is for")] = UNSET
    extended_type: Annotated[
        Sent[str], About("whether the sum was typed or calculated", values=EXTENDED_TYPES)
    ] = UNSET
    quantity: Annotated[Sent[Decimal], About("quantity, in units of measure")] = UNSET
    line_item_type_id: Annotated[Sent[LineItemTypeId], About("cost type")] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET
    tax_code_id: Annotated[Sent[TaxCodeId], About("tax code")] = UNSET
    unit_cost: Annotated[Sent[Decimal], About("price of one unit")] = UNSET
    uom: Annotated[Sent[str], About("unit of measure")] = UNSET
    wbs_code_id: Annotated[Sent[WbsCodeId], About("budget code")] = UNSET
