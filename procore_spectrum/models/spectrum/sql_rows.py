"""Rows that a read-only SQL connection finds, of records that no web service reads.

The columns of Spectrum's database differ per installation, so a query of the installation gives
each result column the name that stands here as ``wire``. The column of an attribute with a
default may be left out. Amounts are dollars; texts are trimmed, and blank where nothing was
entered.

``target_id`` is the name under which :class:`~procore_spectrum.spectrum.target.SpectrumTarget`
knows the same record.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, TypeAlias

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ChangeRequestNumber,
    CompanyCode,
    CostType,
    CustomerCode,
    JobNumber,
    PhaseCode,
    SubcontractNumber,
    VendorCode,
)
from procore_spectrum.models.keys import join_key

__all__ = [
    "ChangeRequestLineRow",
    "ChangeRequestRow",
    "ChangeStatusRow",
    "CostTypeRow",
    "JobCostTransactionRow",
    "OriginalEstimateRow",
    "PrimeContractLineRow",
    "StandardPhaseRow",
    "SubcontractLineRow",
    "SubcontractRow",
]

_Company: TypeAlias = Annotated[
    CompanyCode, About("company", wire="company_code", length=3, required=True)
]
_Job: TypeAlias = Annotated[
    JobNumber, About("job number, with its own dashes", wire="job_number", length=10, required=True)
]
_Customer: TypeAlias = Annotated[CustomerCode, About("customer", wire="customer_code", length=10)]
_Vendor: TypeAlias = Annotated[
    VendorCode, About("vendor", wire="vendor_code", length=10, required=True)
]
_Subcontract: TypeAlias = Annotated[
    SubcontractNumber,
    About("subcontract number", wire="subcontract_number", length=10, required=True),
]
_ChangeRequest: TypeAlias = Annotated[
    ChangeRequestNumber,
    About("change request number", wire="change_request_number", length=8, required=True),
]
_Phase: TypeAlias = Annotated[
    PhaseCode, About("phase, with or without dashes", wire="phase_code", length=20)
]
_CostType: TypeAlias = Annotated[
    CostType, About("cost type", wire="cost_type", length=3, required=True)
]
_Description: TypeAlias = Annotated[str, About("description", wire="description")]
_Quantity: TypeAlias = Annotated[
    Decimal, About("quantity, in the unit of measure", wire="quantity")
]
_Amount: TypeAlias = Annotated[Decimal, About("amount in dollars", wire="amount")]
_Hours: TypeAlias = Annotated[Decimal, About("hours", wire="hours")]


def _plain(phase: str) -> str:
    """A phase without dashes, as the web services spell it."""
    return phase.replace("-", "")


@attrs.frozen(kw_only=True)
class SubcontractRow:
    """The header of a subcontract.

    Key: ``vendor_code``, ``subcontract_number``.
    """

    company_code: _Company
    vendor_code: _Vendor
    subcontract_number: _Subcontract
    job_number: Annotated[
        JobNumber, About("job number, with its own dashes", wire="job_number", length=10)
    ]
    status_code: Annotated[
        str,
        About(
            "active (A), inactive (I) or complete (C)",
            wire="status_code",
            length=1,
            values=("A", "I", "C"),
        ),
    ]
    retention_percent: Annotated[
        Decimal,
        About(
            "retention that invoices propose, in percent", wire="retention_percent", digits=(2, 1)
        ),
    ]
    comment: Annotated[str, About("comment", wire="comment", length=120)]

    @property
    def target_id(self) -> str:
        """The key, joined."""
        return join_key(self.vendor_code, self.subcontract_number)


@attrs.frozen(kw_only=True)
class SubcontractLineRow:
    """A line of a subcontract; quantity, price and amount are the original ones.

    Key: ``vendor_code``, ``subcontract_number``, ``phase_code``, ``cost_type``,
    ``bid_item_number``.
    """

    company_code: _Company
    vendor_code: _Vendor
    subcontract_number: _Subcontract
    phase_code: _Phase
    cost_type: _CostType
    bid_item_number: Annotated[
        str, About("billing item, blank where there is none", wire="bid_item_number", length=10)
    ]
    description: _Description
    quantity: _Quantity
    unit_price: Annotated[
        Decimal, About("price of a unit in dollars", wire="unit_price", digits=(6, 4))
    ]
    amount: _Amount

    @property
    def target_id(self) -> str:
        """The key, joined."""
        return join_key(
            self.vendor_code,
            self.subcontract_number,
            _plain(self.phase_code),
            self.cost_type,
            self.bid_item_number,
        )


@attrs.frozen(kw_only=True)
class ChangeRequestRow:
    """The header of a change request.

    Key: ``job_number``, ``customer_code``, ``change_request_number``.
    """

    company_code: _Company
    job_number: _Job
    customer_code: _Customer
    change_request_number: _ChangeRequest
    status_code: Annotated[
        str, About("status code, see the change statuses", wire="status_code", length=2)
    ]
    description: _Description


@attrs.frozen(kw_only=True)
class ChangeRequestLineRow:
    """A cost line of a change request, with the part of a subcontract in it.

    Attributes of the key are called as in
    :class:`~procore_spectrum.models.spectrum.ChangeRequestLine`. The billing columns may be left
    out; without them, lines that differ only by their billing look like one.

    Key: all attributes but company, amounts and status.
    """

    company_code: _Company
    job_number: _Job
    customer_code: _Customer
    change_request_number: _ChangeRequest
    cr_phase_code: Annotated[PhaseCode, About("phase of the cost", wire="phase_code", length=20)]
    cr_cost_type: Annotated[CostType, About("cost type of the cost", wire="cost_type", length=3)]
    subcontractor_code: Annotated[
        VendorCode, About("vendor of the subcontract", wire="vendor_code", length=10)
    ]
    subcontract_number: Annotated[
        SubcontractNumber,
        About("subcontract, blank where there is none", wire="subcontract_number", length=10),
    ]
    quantity: _Quantity
    amount: _Amount
    sub_amount: Annotated[
        Decimal, About("amount of the subcontract change in dollars", wire="sub_amount")
    ]
    sub_status: Annotated[
        str,
        About(
            "subcontract change: proposed (P), executed (E), rejected (R)",
            wire="sub_status",
            length=1,
            values=("P", "E", "R"),
        ),
    ]
    sub_bid_group_item_code: Annotated[
        str,
        About("billing group of the subcontract line", wire="sub_bid_group_item_code", length=2),
    ] = ""
    sub_bid_item_code: Annotated[
        str, About("billing item of the subcontract line", wire="sub_bid_item_code", length=10)
    ] = ""
    cr_billing_group_code: Annotated[
        str, About("billing group", wire="cr_billing_group_code", length=2)
    ] = ""
    cr_billing_item_code: Annotated[
        str, About("billing item", wire="cr_billing_item_code", length=10)
    ] = ""

    @property
    def target_id(self) -> str:
        """The key, joined."""
        return join_key(
            self.job_number,
            self.customer_code,
            self.change_request_number,
            _plain(self.cr_phase_code),
            self.cr_cost_type,
            self.subcontractor_code,
            self.subcontract_number,
            self.sub_bid_group_item_code,
            self.sub_bid_item_code,
            self.cr_billing_group_code,
            self.cr_billing_item_code,
        )


@attrs.frozen(kw_only=True)
class ChangeStatusRow:
    """A status code of change requests.

    Key: ``status_code``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services
    """

    company_code: _Company
    status_code: Annotated[str, About("status code", wire="status_code", length=2, required=True)]
    action_type: Annotated[
        int,
        About(
            "what is recognised: revenue and cost, with billing (1) or without (2), cost only (3), "
            "nothing (4), or both are reversed (5)",
            wire="action_type",
        ),
    ]


@attrs.frozen(kw_only=True)
class CostTypeRow:
    """A cost type of the company.

    Key: ``cost_type``.
    """

    company_code: _Company
    cost_type: _CostType
    description: _Description


@attrs.frozen(kw_only=True)
class StandardPhaseRow:
    """A phase and cost type of a standard list.

    Key: ``phase_category``, ``phase_code``, ``cost_type``.
    """

    company_code: _Company
    phase_category: Annotated[str, About("name of the list", wire="phase_category")]
    phase_code: Annotated[
        PhaseCode,
        About("phase, with or without dashes", wire="phase_code", length=20, required=True),
    ]
    cost_type: Annotated[CostType, About("cost type", wire="cost_type", length=3)]
    description: _Description


@attrs.frozen(kw_only=True)
class PrimeContractLineRow:
    """A billing item of a job's prime contract.

    Key: ``job_number``, ``item``.
    """

    company_code: _Company
    job_number: _Job
    item: Annotated[str, About("billing item", wire="item", length=10, required=True)]
    description: _Description
    amount: _Amount


@attrs.frozen(kw_only=True)
class JobCostTransactionRow:
    """A posted cost of a job. It has no key.

    Type and vendor may be left out; without them it cannot be told what kind of cost it was, or
    who was paid.
    """

    company_code: _Company
    job_number: _Job
    phase_code: _Phase
    cost_type: _CostType
    transaction_date: Annotated[date, About("day of the transaction", wire="date")]
    amount: _Amount
    hours: _Hours
    quantity: _Quantity
    description: _Description
    transaction_type: Annotated[
        str, About("type, as the installation calls it", wire="transaction_type")
    ] = ""
    vendor_code: Annotated[
        str, About("vendor that is paid, if any", wire="vendor_code", length=10)
    ] = ""


@attrs.frozen(kw_only=True)
class OriginalEstimateRow:
    """The original estimate of a phase and cost type of a job.

    Key: ``job_number``, ``phase_code``, ``cost_type``.
    """

    company_code: _Company
    job_number: _Job
    phase_code: _Phase
    cost_type: _CostType
    quantity: _Quantity
    hours: _Hours
    amount: _Amount
