"""AddCustomer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, off_mask
from procore_spectrum.testing.fake_spectrum.documents import Record
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["add_customer"]

_CODE = re.compile(r"[A-Z0-9]+", re.ASCII)
_ALPHA_WIDTH = 8
_KINDS = {"Terms_Code": "terms", "Sales_Tax_Code": "sales_tax"}
# GetCustomers spells the flag out.
_TAXABLE = {"Y": "Taxable", "N": "Non-Taxable"}


@writes("AddCustomer", table="customers", key="Customer_Code")
def add_customer(call: Call) -> Sequence[Finding]:
    """A new customer, active, created today and with statements unless told otherwise."""
    code = call.text("Customer_Code")
    if not _CODE.fullmatch(code):
        return [off_mask("Customer_Code")]
    if code in call.company.customers:
        return [Finding("I", "Customer_Code already exists", "Customer_Code")]
    findings = [
        Finding("I", f"{element} does not exist", element)
        for element, kind in _KINDS.items()
        if not call.company.knows(kind, call.text(element))
    ]
    if findings:
        return findings
    first, _, last = call.text("Contact_1").partition(" ")
    record: Record = {
        "Status": "Active",
        "Alpha_Sort": call.text("Name").upper().replace(" ", "")[:_ALPHA_WIDTH],
        "Date_Created": call.now.date(),
        "Statement_Flag": "Y",
        "First_Name": first,
        "Last_Name": last,
        "Phone_Number": call.text("Phone"),
        "Email1": call.text("Customer_Email"),
        **call.given(),
        "Taxable_Flag": _TAXABLE.get(call.text("Taxable_Flag"), "No Default"),
        "Operator": call.operator,
    }
    call.company.customers[code] = record
    return []
