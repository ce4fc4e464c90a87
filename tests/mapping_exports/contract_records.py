"""Contracts and change orders of Procore, for the tests of their mappings."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from procore_spectrum.mapping import LinkedCodes
from procore_spectrum.models.procore import Commitment, CommitmentChangeOrder, ContractLine
from procore_spectrum.models.procore.contract_parts import VendorRef, WbsCodeRef
from procore_spectrum.models.procore.cost_codes import CostCodeRef, LineItemType

CODES = LinkedCodes(
    phases={1: "010100", 2: "020200", 20: "9" * 20, 21: "9" * 21},
    pairs={500: ("010100", "S")},
)
"""Cost codes 20 and 21 lead to phases of twenty and twenty-one digits."""


def line(number: int, *, code: int | None = 1, cost_type: str = "S", **fields: Any) -> ContractLine:
    """A line of a hundred dollars on phase 010100."""
    values: dict[str, Any] = {
        "description": f"Part {number}",
        "amount": Decimal("100.00"),
        "cost_code": None if code is None else CostCodeRef(id=code),
        "line_item_type": LineItemType(id=7, code=cost_type) if cost_type else None,
        **fields,
    }
    return ContractLine(id=number, **values)


def newer_line(number: int, wbs_code: int | None, **fields: Any) -> ContractLine:
    """A line that names a budget code only, as the newer change orders do."""
    return line(number, code=None, cost_type="", wbs_code=WbsCodeRef(id=wbs_code), **fields)


def commitment(lines: Iterable[ContractLine] | None = None, **fields: Any) -> Commitment:
    """An approved subcontract of two lines."""
    values: dict[str, Any] = {
        "number": "SC-1",
        "title": "Concrete  works",
        "status": "Approved",
        "vendor": VendorRef(id=9),
        "retainage_percent": Decimal("10.0"),
        **fields,
    }
    found = (line(1), line(2, code=2)) if lines is None else tuple(lines)
    return Commitment(id=77, kind="work_order", line_items=found, **values)


def change_order(
    lines: Iterable[ContractLine] | None = None, **fields: Any
) -> CommitmentChangeOrder:
    """An approved change order of two lines."""
    values: dict[str, Any] = {
        "number": "CO-1",
        "title": "Extra",
        "description": "Extra  works",
        "status": "approved",
        **fields,
    }
    found = (line(1), line(2, code=2)) if lines is None else tuple(lines)
    return CommitmentChangeOrder(id=88, line_items=found, **values)
