"""The REST face: the vendors listing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from procore_spectrum.testing.fake_spectrum.company import Company, Record
from procore_spectrum.testing.fake_spectrum.layouts import LAYOUTS, Value
from procore_spectrum.testing.fake_spectrum.switches import Switches

__all__ = ["FILTERS", "cost_center_missing", "vendor_rows", "vendors_json"]

LAYOUT = LAYOUTS["GetVendors"]
FILTERS = {"pType": "Type", "pCity": "City", "pState": "State", "pName": "Vendor_Name"}

# Where the listing gives a stored element another name.
_STORED_AS = {
    "Name": "Vendor_Name",
    "Account_Reference": "Our_Account_Number",
    "Payment_Terms": "Terms_Code",
    "Payment_Term_Days": "Terms_Days",
    "Discount_Terms": "Terms_Disc_Code",
    "Discount_Term_Days": "Terms_Disc_Days",
    "Discount_Percent": "Terms_Disc_Percent",
    "Phone_Number": "Contact_Phone",
    "Email": "Vendor_Email",
}


def cost_center_missing(query: Mapping[str, str]) -> bool:
    """Whether a filter is used without the cost centre that then is required."""
    return any(query.get(name) for name in FILTERS) and not query.get("pCostCenter")


def vendor_rows(company: Company, query: Mapping[str, str]) -> Iterator[Record]:
    """Active vendors by code, as far as they pass the filters.

    Every vendor added by the web service is shared by all cost centres, so the cost centre
    narrows only vendors that a test gave one of their own.
    """
    for code in sorted(company.vendors):
        vendor = company.vendors[code]
        if vendor["Status"] == "A" and all(
            query.get(name, "") in {"", vendor.get(element, "")}
            for name, element in FILTERS.items()
        ):
            yield _row(company.code, vendor)


def _row(company: str, vendor: Record) -> Record:
    first, _, last = str(vendor.get("Contact_Name", "")).partition(" ")
    extra: Record = {"Company_Code": company, "First_Name": first, "Last_Name": last}
    row: Record = {}
    for field in LAYOUT.outputs:
        blank: Value = Decimal(0) if field.name.endswith(("Days", "Percent")) else ""
        # What a service has written comes before what a test arranged under the listing's name.
        written = vendor.get(_STORED_AS.get(field.name, ""))
        row[field.name] = written or vendor.get(field.name) or extra.get(field.name) or blank
    return row


def vendors_json(rows: list[Record], switches: Switches) -> bytes:
    """The listing as JSON: numbers as numbers, everything else as text."""
    kept = rows[: switches.rest_row_cap]
    array = f"[{','.join(map(_object, kept))}]"
    text = array if switches.rest_envelope == "array" else f'{{"vendors":{array}}}'
    return text.encode("utf-8")


def _object(row: Record) -> str:
    return f"{{{','.join(f'{json.dumps(name)}:{_json(value)}' for name, value in row.items())}}}"


def _json(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    assert not isinstance(value, date), "no column of the listing is a date"
    return json.dumps(value, ensure_ascii=False)
