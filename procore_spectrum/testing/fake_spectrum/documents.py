"""Documents that consist of a header and lines, as a company keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import attrs

from procore_spectrum.testing.fake_spectrum.layouts import Value

__all__ = [
    "COST_ELEMENTS",
    "COST_KEY",
    "SUB_ELEMENTS",
    "BillingItem",
    "ChangeRequest",
    "CostKey",
    "Record",
    "Subcontract",
    "Transaction",
]

Record = dict[str, Value]

CostKey = tuple[str, str, str, str, str, str]
"""Phase, cost type, subcontractor, subcontract, group and item of a change request's cost line."""

COST_KEY = (
    "CR_Phase_Code",
    "CR_Cost_Type",
    "Subcontractor_Code",
    "Subcontract_Number",
    "Sub_Bid_Group_Item_Code",
    "Sub_Bid_Item_Code",
)
SUB_ELEMENTS = (
    *COST_KEY[2:],
    "Sub_Amount",
    "Sub_Status",
    "Sub_Change_Order_Number",
    "Sub_Change_Order_Date",
    "Sub_Signed_Date",
    "Sub_Description",
    "Sub_Type",
    "Sub_Proposal_Date",
    "Sub_Sent_Date",
    "Sub_Due_Date",
    "Sub_Comments",
)
COST_ELEMENTS = (
    *COST_KEY[:2],
    "Change_Request_Quantity",
    "Change_Request_Hours",
    "Change_Request_Amount",
    "Markup_Cost_Type",
    "Markup_Percent",
    "Markup_Amount",
    *SUB_ELEMENTS,
)
"""What belongs to a cost line of ARChangeRequest; the sub block last."""


@attrs.define
class Subcontract:
    """A header and its lines by (phase, cost type, billing item)."""

    header: Record
    lines: dict[tuple[str, str, str], Record] = attrs.field(factory=dict)


@attrs.define
class ChangeRequest:
    """A header, its cost lines, and its billing lines by billing item.

    ``sent`` holds the header elements of the first line of each GUID group.
    """

    header: Record
    cost_lines: dict[CostKey, Record] = attrs.field(factory=dict)
    billing_lines: dict[str, Record] = attrs.field(factory=dict)
    sent: dict[str, Mapping[str, str]] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class BillingItem:
    """One line of the prime contract's schedule of values."""

    description: str
    amount: Decimal
    unit_price: Decimal | None = None


@attrs.frozen(kw_only=True)
class Transaction:
    """One posted job cost transaction."""

    job: str
    phase: str
    cost_type: str
    on: date
    amount: Decimal
    hours: Decimal
    quantity: Decimal
    description: str
    transaction_type: str = ""
    vendor: str = ""
