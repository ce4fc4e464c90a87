"""What every contract of Procore has, whoever pays.

Source: Procore API reference, Work Order Contracts, Purchase Order Contracts, Prime Contracts.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.procore.contract_lines import ContractLine
from procore_spectrum.models.procore.contract_parts import ChangeOrderSummary, Currency
from procore_spectrum.models.procore.shared import Attachment, CustomFields

__all__ = ["ACCOUNTING_METHODS", "Contract"]

#: Whether lines are sums, or quantities at a price.
ACCOUNTING_METHODS = ("amount", "unit")


@attrs.frozen(kw_only=True)
class Contract:
    """What commitments and prime contracts have in common."""

    number: Annotated[str | None, About("number that people see")] = None
    title: Annotated[str | None, About("title")] = None
    description: Annotated[str | None, About("what it is for")] = None
    accounting_method: Annotated[
        str | None,
        About("whether lines are sums or quantities at a price", values=ACCOUNTING_METHODS),
    ] = None
    executed: Annotated[bool | None, About("whether it is signed")] = None
    private: Annotated[bool | None, About("whether only some people may see it")] = None
    grand_total: Annotated[Decimal | None, About("sum of its lines and markups")] = None
    approved_change_orders: Annotated[
        Decimal | None, About("sum of the approved change orders")
    ] = None
    draft_change_orders_amount: Annotated[
        Decimal | None, About("sum of the change orders in draft")
    ] = None
    total_payments: Annotated[Decimal | None, About("sum of the payments")] = None
    percentage_paid: Annotated[Decimal | None, About("how much is paid, in percent")] = None
    retainage_percent: Annotated[
        Decimal | None, About("retainage in percent, 10 for ten percent")
    ] = None
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
    actual_completion_date: Annotated[date | None, About("day on which the work was finished")] = (
        None
    )
    delivery_date: Annotated[date | None, About("day of delivery")] = None
    inclusions: Annotated[str | None, About("what the contract covers")] = None
    exclusions: Annotated[str | None, About("what the contract leaves out")] = None
    ship_via: Annotated[str | None, About("how goods are sent")] = None
    payment_terms: Annotated[str | None, About("payment terms")] = None
    currency_configuration: Annotated[Currency | None, About("currency of its amounts")] = None
    custom_fields: Annotated[CustomFields | None, About("custom fields by their key")] = None
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
    attachments: Annotated[tuple[Attachment, ...], About("files")] = ()
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_code: Annotated[str | None, About("shown to people as external id")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
    deleted_at: Annotated[datetime | None, About("when it was deleted")] = None
