"""Prime contracts: what the owner pays for.

Source: Procore API reference, Prime Contracts.
"""

from __future__ import annotations

from datetime import date, datetime
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
from procore_spectrum.models.procore.commitments import ACCOUNTING_METHODS
from procore_spectrum.models.procore.contract_lines import EXTENDED_TYPES, ContractLine
from procore_spectrum.models.procore.contract_parts import (
    ChangeOrderSummary,
    ContractPayment,
    CostCodeRef,
    Currency,
)
from procore_spectrum.models.procore.shared import Attachment, CustomFields, Login
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
class PrimeContract:
    """The contract with the owner: ``/rest/v1.0/prime_contracts`` and ``/prime_contract/{id}``.

    One class serves the listing and the single answer; what is left out is None or empty.

    Source: Procore API reference, Prime Contracts.
    """

    id: Annotated[PrimeContractId, About("id of the contract")]
    type: Annotated[str | None, About("what it is")] = None
    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    description: Annotated[str | None, About("what it is for")] = None
    status: Annotated[str | None, About("state", values=PRIME_CONTRACT_STATUSES)] = None
    accounting_method: Annotated[
        str | None,
        About("whether lines are sums or quantities at a price", values=ACCOUNTING_METHODS),
    ] = None
    position: Annotated[int | None, About("place among its siblings")] = None
    vendor: Annotated[Vendor | None, About("the owner")] = None
    contractor: Annotated[Vendor | None, About("the contractor")] = None
    architect: Annotated[Login | None, About("the architect")] = None
    executed: Annotated[bool | None, About("whether it is signed")] = None
    private: Annotated[bool | None, About("whether only some people may see it")] = None
    grand_total: Annotated[Decimal | None, About("sum of its lines and markups")] = None
    line_items_total: Annotated[Decimal | None, About("sum of its lines")] = None
    line_items_extended_total: Annotated[
        Decimal | None, About("sum of quantity times unit cost of its lines")
    ] = None
    approved_change_orders: Annotated[
        Decimal | None, About("sum of the approved change orders")
    ] = None
    revised_contract_amount: Annotated[Decimal | None, About("sum with approved change orders")] = (
        None
    )
    draft_change_orders_amount: Annotated[
        Decimal | None, About("sum of the change orders in draft")
    ] = None
    pending_change_orders_amount: Annotated[
        Decimal | None, About("sum of the pending change orders")
    ] = None
    pending_revised_contract_amount: Annotated[
        Decimal | None, About("sum with approved and pending change orders")
    ] = None
    owner_invoices_amount: Annotated[Decimal | None, About("sum of the invoices to the owner")] = (
        None
    )
    total_payments: Annotated[Decimal | None, About("sum of the payments")] = None
    outstanding_balance: Annotated[Decimal | None, About("what remains to be paid")] = None
    percentage_paid: Annotated[Decimal | None, About("how much is paid, in percent")] = None
    retainage_percent: Annotated[
        Decimal | None, About("retainage in percent, 10 for ten percent")
    ] = None
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
    show_line_items_to_non_admins: Annotated[
        bool | None, About("whether everybody may see the lines")
    ] = None
    has_change_order_packages: Annotated[
        bool | None, About("whether it has change order packages")
    ] = None
    has_potential_change_orders: Annotated[
        bool | None, About("whether it has potential change orders")
    ] = None
    contract_date: Annotated[date | None, About("day of the contract")] = None
    approval_letter_date: Annotated[date | None, About("day of the approval letter")] = None
    letter_of_intent_date: Annotated[date | None, About("day of the letter of intent")] = None
    issued_on_date: Annotated[date | None, About("day on which it was issued")] = None
    execution_date: Annotated[date | None, About("day on which it was signed")] = None
    returned_date: Annotated[date | None, About("day on which the signed contract came back")] = (
        None
    )
    signed_contract_received_date: Annotated[
        date | None, About("day on which the signed contract arrived")
    ] = None
    contract_start_date: Annotated[date | None, About("day on which the work begins")] = None
    contract_estimated_completion_date: Annotated[
        date | None, About("day on which the work is expected to be finished")
    ] = None
    original_substantial_completion_date: Annotated[
        date | None, About("day of substantial completion as first agreed")
    ] = None
    substantial_completion_date: Annotated[date | None, About("day of substantial completion")] = (
        None
    )
    actual_completion_date: Annotated[date | None, About("day on which the work was finished")] = (
        None
    )
    contract_termination_date: Annotated[
        date | None, About("day on which the contract was ended")
    ] = None
    delivery_date: Annotated[date | None, About("day of delivery")] = None
    inclusions: Annotated[str | None, About("what the contract covers")] = None
    exclusions: Annotated[str | None, About("what the contract leaves out")] = None
    bill_to: Annotated[str | None, About("where invoices go")] = None
    ship_to: Annotated[str | None, About("where goods go")] = None
    ship_via: Annotated[str | None, About("how goods are sent")] = None
    payment_terms: Annotated[str | None, About("payment terms")] = None
    assigned_to: Annotated[Login | None, About("who looks after it")] = None
    received_from: Annotated[Login | None, About("who asked for it")] = None
    created_by: Annotated[Login | None, About("who made it")] = None
    line_items: Annotated[tuple[ContractLine, ...], About("the lines; listings have none")] = ()
    change_order_packages: Annotated[
        tuple[ChangeOrderSummary, ...], About("its packages; single answers only")
    ] = ()
    change_order_requests: Annotated[
        tuple[ChangeOrderSummary, ...], About("its requests; single answers only")
    ] = ()
    potential_change_orders: Annotated[
        tuple[ChangeOrderSummary, ...], About("its potential change orders; single answers only")
    ] = ()
    payments_received: Annotated[
        tuple[ContractPayment, ...], About("payments received; single answers only")
    ] = ()
    attachments: Annotated[tuple[Attachment, ...], About("files")] = ()
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    custom_fields: Annotated[CustomFields | None, About("custom fields by their key")] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_code: Annotated[str | None, About("shown to people as external id")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
    deleted_at: Annotated[datetime | None, About("when it was deleted")] = None


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
