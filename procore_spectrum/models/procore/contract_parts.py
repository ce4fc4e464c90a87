"""Small records that appear inside contracts and change orders.

Source: Procore API reference, Commitments, Change Orders, Prime Contracts.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ChangeEventId,
    ChangeOrderPackageId,
    ChangeReasonId,
    CommitmentId,
    ContactId,
    ContractPaymentId,
    VendorId,
    WbsCodeId,
)
from procore_spectrum.models.procore.cost_codes import CostCodeRef, LineItemType
from procore_spectrum.models.procore.shared import Attachment

__all__ = [
    "ChangeEventLineItem",
    "ChangeOrderSummary",
    "ChangeReason",
    "ContractPayment",
    "ContractRef",
    "Currency",
    "Holder",
    "InvoiceContact",
    "NumberedRef",
    "VendorRef",
    "WbsCodeRef",
]


@attrs.frozen(kw_only=True)
class Currency:
    """The currencies of an amount."""

    currency_iso_code: Annotated[str | None, About("currency, ISO 4217")] = None
    base_currency_iso_code: Annotated[str | None, About("company's currency, ISO 4217")] = None


@attrs.frozen(kw_only=True)
class WbsCodeRef:
    """The budget code of a line; its parts are in :class:`~.wbs.WbsCode`."""

    id: Annotated[WbsCodeId | None, About("id of the budget code")] = None
    flat_code: Annotated[str | None, About("codes of its parts, joined")] = None
    description: Annotated[str | None, About("its description")] = None


@attrs.frozen(kw_only=True)
class Holder:
    """The contract or change order that holds a line."""

    id: Annotated[int | None, About("id of the holder")] = None
    holder_type: Annotated[str | None, About("what it is, for instance PotentialChangeOrder")] = (
        None
    )


@attrs.frozen(kw_only=True)
class VendorRef:
    """The vendor of a contract; listings leave out the origin fields."""

    id: Annotated[VendorId, About("id of the vendor")]
    name: Annotated[str | None, About("its name, in the list of commitments")] = None
    company: Annotated[str | None, About("its name")] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None


@attrs.frozen(kw_only=True)
class NumberedRef:
    """The id and number of another record."""

    id: Annotated[int, About("id of the record")]
    number: Annotated[str | None, About("its number")] = None
    title: Annotated[str | None, About("its title")] = None


@attrs.frozen(kw_only=True)
class ChangeReason:
    """Why a change order was needed."""

    id: Annotated[ChangeReasonId | None, About("id of the reason")] = None
    change_reason: Annotated[str | None, About("its name")] = None


@attrs.frozen(kw_only=True)
class ContractRef:
    """The contract of a change order request."""

    id: Annotated[CommitmentId, About("id of the contract")]
    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    type: Annotated[str | None, About("what it is")] = None
    status: Annotated[str | None, About("state")] = None
    vendor: Annotated[VendorRef | None, About("the vendor")] = None


@attrs.frozen(kw_only=True)
class ChangeEventLineItem:
    """The line of a change event from which a line came."""

    id: Annotated[int, About("id of the line")]
    cost_rom: Annotated[Decimal | None, About("rough estimate of the cost")] = None
    revenue_rom: Annotated[Decimal | None, About("rough estimate of the revenue")] = None
    event_id: Annotated[ChangeEventId | None, About("its change event")] = None
    cost_code: Annotated[CostCodeRef | None, About("cost code")] = None
    line_item_type: Annotated[LineItemType | None, About("cost type")] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None


@attrs.frozen(kw_only=True)
class ContractPayment:
    """A payment, as far as contracts show it (``ContractPaymentSummary`` in the API)."""

    id: Annotated[ContractPaymentId, About("id of the payment")]
    amount: Annotated[Decimal | None, About("sum")] = None
    check_number: Annotated[str | None, About("number of the check")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    paid_on: Annotated[date | None, About("day of the payment", wire="date")] = None
    draw_request_number: Annotated[int | None, About("number of the draw request")] = None
    invoice_number: Annotated[str | None, About("number of the invoice")] = None
    notes: Annotated[str | None, About("notes")] = None
    payment_number: Annotated[int | None, About("number of the payment")] = None
    attachments: Annotated[tuple[Attachment, ...], About("files")] = ()
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None


@attrs.frozen(kw_only=True)
class InvoiceContact:
    """A person who may send invoices for a contract."""

    id: Annotated[ContactId, About("id of the person")]
    name: Annotated[str | None, About("full name")] = None
    vendor_name: Annotated[str | None, About("company the person works for")] = None
    job_title: Annotated[str | None, About("position in that company")] = None
    email: Annotated[str | None, About("e-mail address")] = None
    business_phone: Annotated[str | None, About("office telephone")] = None
    business_phone_extension: Annotated[int | None, About("extension of the office telephone")] = (
        None
    )
    mobile_phone: Annotated[str | None, About("mobile telephone")] = None
    fax_number: Annotated[str | None, About("fax")] = None
    login_information_id: Annotated[int | None, About("id of the login")] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None


@attrs.frozen(kw_only=True)
class ChangeOrderSummary:
    """A package, request or potential change order, as far as contracts show it.

    One class serves the five shapes of the API; what a shape lacks is None.
    """

    id: Annotated[int, About("id of the record")]
    contract_id: Annotated[CommitmentId | None, About("contract it belongs to")] = None
    change_order_package_id: Annotated[
        ChangeOrderPackageId | None, About("package it flowed into")
    ] = None
    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    status: Annotated[str | None, About("state")] = None
    due_date: Annotated[date | None, About("day on which it is due")] = None
    invoiced_date: Annotated[date | None, About("day on which it was invoiced")] = None
    paid_date: Annotated[date | None, About("day on which it was paid")] = None
    reviewed_at: Annotated[datetime | None, About("when it was reviewed")] = None
    signed_change_order_received_date: Annotated[
        date | None, About("day on which the signed change order came back")
    ] = None
    change_order_tiers: Annotated[
        int | None, About("how many tiers change orders have, 1 to 3")
    ] = None
    change_order_request_title: Annotated[str | None, About("title of its request")] = None
    change_order_package_title: Annotated[str | None, About("title of its package")] = None
    potential_change_order_acronym_number: Annotated[str | None, About("number with prefix")] = None
    change_order_request_acronym_number: Annotated[
        str | None, About("number of its request, with prefix")
    ] = None
    change_order_package_acronym_number: Annotated[
        str | None, About("number of its package, with prefix")
    ] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_code: Annotated[str | None, About("shown to people as external id")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
    deleted_at: Annotated[datetime | None, About("when it was deleted")] = None
