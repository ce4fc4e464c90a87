"""Prime contracts: what the owner pays for.

Source: Procore API reference, Prime Contracts.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    BudgetLineItemId,
    ContractLineId,
    PrimeContractId,
    VendorId,
    WbsCodeId,
)
from procore_spectrum.models.procore.contract_lines import EXTENDED_TYPES
from procore_spectrum.models.procore.contract_parts import (
    ContractPayment,
)
from procore_spectrum.models.procore.contracts import ACCOUNTING_METHODS, Contract
from procore_spectrum.models.procore.cost_codes import CostCodeRef
from procore_spectrum.models.procore.shared import Login
from procore_spectrum.models.procore.unset import UNSET, Sent
from procore_spectrum.models.procore.vendors import Vendor

__all__ = [
    "PRIME_CONTRACT_STATUSES",
    "PrimeContract",
    "PrimeContractInput",
    "PrimeContractLineSyncItem",
]

#: States of a prime contract.
PRIME_CONTRACT_STATUSES = (
    "Draft",
    "Out For Bid",
    "Out For Signature",
    "Approved",
    "Complete",
    "Terminated",
)


@attrs.frozen(kw_only=True)
class PrimeContract(Contract):
    """The contract with the owner: ``/rest/v1.0/prime_contracts`` and ``/prime_contract/{id}``.

    One class serves the listing and the single answer; what is left out is None or empty.

    Source: Procore API reference, Prime Contracts.
    """

    id: Annotated[PrimeContractId, About("id of the contract")]
    type: Annotated[str | None, About("what it is")] = None
    status: Annotated[str | None, About("state", values=PRIME_CONTRACT_STATUSES)] = None
    position: Annotated[int | None, About("place among its siblings")] = None
    vendor: Annotated[Vendor | None, About("the owner")] = None
    contractor: Annotated[Vendor | None, About("the contractor")] = None
    architect: Annotated[Login | None, About("the architect")] = None
    line_items_total: Annotated[Decimal | None, About("sum of its lines")] = None
    line_items_extended_total: Annotated[
        Decimal | None, About("sum of quantity times unit cost of its lines")
    ] = None
    revised_contract_amount: Annotated[Decimal | None, About("sum with approved change orders")] = (
        None
    )
    pending_change_orders_amount: Annotated[
        Decimal | None, About("sum of the pending change orders")
    ] = None
    pending_revised_contract_amount: Annotated[
        Decimal | None, About("sum with approved and pending change orders")
    ] = None
    owner_invoices_amount: Annotated[Decimal | None, About("sum of the invoices to the owner")] = (
        None
    )
    outstanding_balance: Annotated[Decimal | None, About("what remains to be paid")] = None
    requisition_number: Annotated[str | None, About("number of the requisition")] = None
    budget_line_item_id: Annotated[BudgetLineItemId | None, About("budget line")] = None
    cost_code: Annotated[CostCodeRef | None, About("cost code")] = None
    allow_comments: Annotated[bool | None, About("whether comments are allowed")] = None
    allow_markups: Annotated[bool | None, About("whether markups are used")] = None
    allow_payments: Annotated[bool | None, About("whether payments are recorded in Procore")] = None
    allow_payment_applications: Annotated[
        bool | None, About("whether it is invoiced in Procore")
    ] = None
    allow_redistributions: Annotated[
        bool | None, About("whether amounts may move between lines")
    ] = None
    display_materials_retainage: Annotated[
        bool | None, About("whether retainage on materials is shown")
    ] = None
    display_stored_materials: Annotated[
        bool | None, About("whether stored materials are shown")
    ] = None
    display_work_retainage: Annotated[bool | None, About("whether retainage on work is shown")] = (
        None
    )
    approval_letter_date: Annotated[date | None, About("day of the approval letter")] = None
    original_substantial_completion_date: Annotated[
        date | None, About("day of substantial completion as first agreed")
    ] = None
    substantial_completion_date: Annotated[date | None, About("day of substantial completion")] = (
        None
    )
    contract_termination_date: Annotated[
        date | None, About("day on which the contract was ended")
    ] = None
    bill_to: Annotated[str | None, About("where invoices go")] = None
    ship_to: Annotated[str | None, About("where goods go")] = None
    assigned_to: Annotated[Login | None, About("who looks after it")] = None
    received_from: Annotated[Login | None, About("who asked for it")] = None
    created_by: Annotated[Login | None, About("who made it")] = None
    payments_received: Annotated[
        tuple[ContractPayment, ...], About("payments received; single answers only")
    ] = ()


@attrs.frozen(kw_only=True)
class PrimeContractInput:
    """The values of a prime contract to be written; the API takes more, which are never written.

    Source: Procore API reference, Prime Contracts (create, update).
    """

    title: Annotated[Sent[str], About("title")] = UNSET
    status: Annotated[Sent[str], About("state", values=PRIME_CONTRACT_STATUSES)] = UNSET
    accounting_method: Annotated[
        Sent[str],
        About("whether lines are sums or quantities at a price", values=ACCOUNTING_METHODS),
    ] = UNSET
    vendor_id: Annotated[Sent[VendorId], About("the owner")] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET


@attrs.frozen(kw_only=True)
class PrimeContractLineSyncItem:
    """The values of one line of a prime contract to be written.

    The only line sync that takes an id.

    Source: Procore API reference, Prime Contract Line Items (sync).
    """

    id: Annotated[Sent[ContractLineId], About("id of the line, to change the one with this id")] = (
        UNSET
    )
    description: Annotated[Sent[str], About("what it is for")] = UNSET
    amount: Annotated[Sent[Decimal], About("sum")] = UNSET
    extended_type: Annotated[
        Sent[str], About("whether the sum was typed or calculated", values=EXTENDED_TYPES)
    ] = UNSET
    quantity: Annotated[Sent[Decimal], About("quantity, in units of measure")] = UNSET
    uom: Annotated[Sent[str], About("unit of measure")] = UNSET
    unit_cost: Annotated[Sent[Decimal], About("price of one unit")] = UNSET
    wbs_code_id: Annotated[Sent[WbsCodeId], About("budget code")] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET
