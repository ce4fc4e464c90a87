"""Commitments: subcontracts (work order contracts) and purchase orders.

Source: Procore API reference, Work Order Contracts, Purchase Order Contracts, Commitments.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import CommitmentId, ProcoreUserId
from procore_spectrum.models.procore.contract_parts import (
    ContractPayment,
    Currency,
    InvoiceContact,
    VendorRef,
)
from procore_spectrum.models.procore.contracts import ACCOUNTING_METHODS, Contract
from procore_spectrum.models.procore.shared import Login, NamedRef
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = [
    "COMMITMENT_KINDS",
    "COMMITMENT_TYPES",
    "PURCHASE_ORDER_STATUSES",
    "SSOV_STATUSES",
    "WORK_ORDER_STATUSES",
    "Commitment",
    "CommitmentContractV2",
    "CommitmentKind",
    "CommitmentListItem",
    "CommitmentSyncItem",
]

CommitmentKind: TypeAlias = Literal["work_order", "purchase_order"]

#: The two kinds of commitment: a subcontract is a work order contract.
COMMITMENT_KINDS: tuple[CommitmentKind, ...] = ("work_order", "purchase_order")

#: How version 2 and the change orders name the two kinds.
COMMITMENT_TYPES = ("WorkOrderContract", "PurchaseOrderContract")

#: States of a subcontract.
WORK_ORDER_STATUSES = (
    "Draft",
    "Out For Bid",
    "Out For Signature",
    "Approved",
    "Complete",
    "Terminated",
    "Void",
)

#: States of a purchase order.
PURCHASE_ORDER_STATUSES = (
    "Draft",
    "Processing",
    "Submitted",
    "Partially Received",
    "Received",
    "Approved",
    "Closed",
)

#: States of the schedule of values that a subcontractor fills in.
SSOV_STATUSES = ("draft", "under_review", "revise_and_submit", "approved")


@attrs.frozen(kw_only=True)
class Commitment(Contract):
    """A subcontract or a purchase order: ``/rest/v1.0/work_order_contracts`` and its twin.

    One class serves both kinds, their listings and their single answers; what an answer leaves
    out is None or empty. Completion dates, inclusions and exclusions belong to work orders;
    addresses, delivery and payment terms to purchase orders.

    Source: Procore API reference, Work Order Contracts, Purchase Order Contracts.
    """

    id: Annotated[CommitmentId, About("id of the contract, unique across both kinds")]
    kind: Annotated[
        str | None, About("which of the two it is; set when it is read", values=COMMITMENT_KINDS)
    ] = None
    status: Annotated[
        str | None,
        About(
            "state; each kind has its own", values=(*WORK_ORDER_STATUSES, *PURCHASE_ORDER_STATUSES)
        ),
    ] = None
    vendor: Annotated[VendorRef | None, About("the vendor")] = None
    project: Annotated[NamedRef | None, About("project it belongs to")] = None
    revised_contract: Annotated[Decimal | None, About("sum with approved change orders")] = None
    pending_change_orders: Annotated[Decimal | None, About("sum of the pending change orders")] = (
        None
    )
    pending_revised_contract: Annotated[
        Decimal | None, About("sum with approved and pending change orders")
    ] = None
    total_draw_requests_amount: Annotated[Decimal | None, About("sum of the draw requests")] = None
    total_requisitions_amount: Annotated[Decimal | None, About("sum of the invoices")] = None
    remaining_balance_outstanding: Annotated[Decimal | None, About("what remains to be paid")] = (
        None
    )
    requisitions_are_enabled: Annotated[bool | None, About("whether it is invoiced in Procore")] = (
        None
    )
    billing_schedule_of_values_status: Annotated[
        str | None,
        About("state of the subcontractor's own schedule of values", values=SSOV_STATUSES),
    ] = None
    enable_ssov: Annotated[
        bool | None, About("whether the subcontractor details the schedule of values")
    ] = None
    allow_change_orders_ssov: Annotated[
        bool | None, About("whether change orders may detail the schedule of values")
    ] = None
    approval_letter_date: Annotated[
        str | None, About("day of the approval letter, as Procore spells it")
    ] = None
    assignee: Annotated[NamedRef | None, About("who looks after it; id only")] = None
    bill_to_address: Annotated[str | None, About("where invoices go")] = None
    ship_to_address: Annotated[str | None, About("where goods go")] = None
    created_by_id: Annotated[ProcoreUserId | None, About("who made it")] = None
    invoice_contacts: Annotated[
        tuple[InvoiceContact, ...], About("who may send invoices; single answers only")
    ] = ()
    payments_issued: Annotated[
        tuple[ContractPayment, ...], About("payments made; single answers only")
    ] = ()


@attrs.frozen(kw_only=True)
class CommitmentContractV2:
    """A subcontract or a purchase order of version 2, with the keys seen in answers.

    It has no origin fields. Its dates are kept as text, because their form is not documented.

    Source: answers of ``/rest/v2.0/…/commitment_contracts``, mid 2026; Procore documents none.
    """

    id: Annotated[CommitmentId, About("id of the contract")]
    type: Annotated[str | None, About("which of the two it is", values=COMMITMENT_TYPES)] = None
    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    description: Annotated[str | None, About("what it is for")] = None
    status: Annotated[str | None, About("state")] = None
    accounting_method: Annotated[
        str | None,
        About("whether lines are sums or quantities at a price", values=ACCOUNTING_METHODS),
    ] = None
    vendor: Annotated[VendorRef | None, About("the vendor; id only")] = None
    executed: Annotated[bool | None, About("whether it is signed")] = None
    private: Annotated[bool | None, About("whether only some people may see it")] = None
    grand_total: Annotated[Decimal | None, About("sum of its lines and markups")] = None
    retainage_percent: Annotated[
        Decimal | None, About("retainage in percent, 10 for ten percent")
    ] = None
    change_order_level_of_detail: Annotated[str | None, About("how change orders are itemised")] = (
        None
    )
    signature_required: Annotated[bool | None, About("whether it has to be signed")] = None
    allow_comments: Annotated[bool | None, About("whether comments are allowed")] = None
    allow_markups: Annotated[bool | None, About("whether markups are used")] = None
    allow_payments: Annotated[bool | None, About("whether payments are recorded in Procore")] = None
    allow_payment_applications: Annotated[
        bool | None, About("whether it is invoiced in Procore")
    ] = None
    allow_change_orders_ssov: Annotated[
        bool | None, About("whether change orders may detail the schedule of values")
    ] = None
    enable_ssov: Annotated[
        bool | None, About("whether the subcontractor details the schedule of values")
    ] = None
    ssr_enabled: Annotated[bool | None, About("whether retainage may slide")] = None
    billing_schedule_of_values_status: Annotated[
        str | None,
        About("state of the subcontractor's own schedule of values", values=SSOV_STATUSES),
    ] = None
    display_materials_retainage: Annotated[
        bool | None, About("whether retainage on materials is shown")
    ] = None
    display_work_retainage: Annotated[bool | None, About("whether retainage on work is shown")] = (
        None
    )
    show_cost_code_on_pdf: Annotated[
        bool | None, About("whether the printed contract shows cost codes")
    ] = None
    show_line_items_to_non_admins: Annotated[
        bool | None, About("whether everybody may see the lines")
    ] = None
    contract_date: Annotated[str | None, About("day of the contract, as Procore spells it")] = None
    approval_letter_date: Annotated[
        str | None, About("day of the approval letter, as Procore spells it")
    ] = None
    letter_of_intent_date: Annotated[
        str | None, About("day of the letter of intent, as Procore spells it")
    ] = None
    issued_on_date: Annotated[
        str | None, About("day on which it was issued, as Procore spells it")
    ] = None
    execution_date: Annotated[
        str | None, About("day on which it was signed, as Procore spells it")
    ] = None
    returned_date: Annotated[
        str | None, About("day on which the signed contract came back, as Procore spells it")
    ] = None
    signed_contract_received_date: Annotated[
        str | None, About("day on which the signed contract arrived, as Procore spells it")
    ] = None
    contract_start_date: Annotated[
        str | None, About("day on which the work begins, as Procore spells it")
    ] = None
    contract_estimated_completion_date: Annotated[
        str | None, About("day on which the work is expected to be finished, as Procore spells it")
    ] = None
    actual_completion_date: Annotated[
        str | None, About("day on which the work was finished, as Procore spells it")
    ] = None
    delivery_date: Annotated[str | None, About("day of delivery, as Procore spells it")] = None
    inclusions: Annotated[str | None, About("what the contract covers")] = None
    exclusions: Annotated[str | None, About("what the contract leaves out")] = None
    assignee: Annotated[NamedRef | None, About("who looks after it; id only")] = None
    bill_to_address: Annotated[str | None, About("where invoices go")] = None
    ship_to_address: Annotated[str | None, About("where goods go")] = None
    ship_via: Annotated[str | None, About("how goods are sent")] = None
    payment_terms: Annotated[str | None, About("payment terms")] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    created_by: Annotated[Login | None, About("who made it")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class CommitmentListItem:
    """A line of ``GET /rest/v1.0/commitments``, which lists both kinds of contract.

    Source: Procore API reference, Commitments.
    """

    id: Annotated[CommitmentId, About("id of the contract")]
    title: Annotated[str | None, About("title")] = None
    number: Annotated[str | None, About("number that people see")] = None
    status: Annotated[
        str | None,
        About(
            "state; each kind has its own", values=(*WORK_ORDER_STATUSES, *PURCHASE_ORDER_STATUSES)
        ),
    ] = None
    description: Annotated[str | None, About("what it is for")] = None
    executed: Annotated[bool | None, About("whether it is signed")] = None
    delivery_date: Annotated[date | None, About("day of delivery")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    private: Annotated[bool | None, About("whether only some people may see it")] = None
    vendor: Annotated[VendorRef | None, About("the vendor")] = None


@attrs.frozen(kw_only=True)
class CommitmentSyncItem:
    """The origin fields of one contract, for ``work_order_contracts/sync`` and its twin.

    A contract that is named by id gets the origin id. The API takes the other values of a
    contract too; this library never writes them.

    Source: Procore API reference, Work Order Contracts (sync), Purchase Order Contracts (sync);
    documentation page ``using-sync-actions``.
    """

    id: Annotated[
        Sent[CommitmentId], About("id of the contract, to change the one with this id")
    ] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_code: Annotated[Sent[str], About("shown to people as external id")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET
