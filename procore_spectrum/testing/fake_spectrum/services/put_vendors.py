"""AddVendor and UpdateVendor.

Vendor codes are letters and digits only. G/L accounts are checked once a test has set some up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.checks import PHONE, STATE, ZIP, off_patterns
from procore_spectrum.testing.fake_spectrum.company import Record, canonical
from procore_spectrum.testing.fake_spectrum.layouts import Value
from procore_spectrum.testing.fake_spectrum.services.registry import writes

__all__ = ["add_vendor", "update_vendor"]

_CODE = re.compile(r"[A-Z0-9]+", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PATTERNS = {
    "Vendor_Code": _CODE,
    "Vendor_Email": _EMAIL,
    "State": STATE,
    "Phone": PHONE,
    "Fax_Phone": PHONE,
    "Contact_Phone": PHONE,
}

_EPAYMENTS_SINCE = "2025 R1"
_EPAYMENTS_NEED = ("Address_1", "City", "State", "Zip_Code", "Our_Account_Number")
_BANK_NEEDS = ("Checking_Account_Code", "Account_Type", "ABA_Number")
_T5018_NEEDS = {
    "1": ("Individual_First_Name", "Individual_Last_Name"),
    "4": ("Partnership_Filer_ID_Number",),
}
_NEVER_TOGETHER = (
    ("Social_Sec_Number", "Fed_Id_Number"),
    ("Social_Insurance_Number", "Recipient_Account_Number"),
)
_CODES = {"Use_Tax_Code": "use_tax", "Routing_Code1": "routing", "Routing_Code2": "routing"}
_LISTS = [str(number) for number in range(1, 11)]
_DISTRIBUTED = [f"GL_Distribution_Acct_List{number}" for number in _LISTS]


@writes("AddVendor", table="vendors", key="Vendor_Code")
def add_vendor(call: Call) -> Sequence[Finding]:
    """A new vendor, active; 1099 type 7 where a 1099 is wanted and no type is given."""
    findings = off_patterns(call, {**_PATTERNS, "Zip_Code": ZIP})
    if findings:
        return findings
    given = _stored_names(call.given())
    if call.text("Vendor_Code") in call.company.vendors:
        return [Finding("I", "Vendor_Code already exists", "Vendor_Code")]
    findings = _broken_rules(call, given)
    if not findings:
        record: Record = {"Status": "A", **given, "Operator": call.operator}
        _default_1099(record)
        call.company.vendors[call.text("Vendor_Code")] = record
    return findings


@writes("UpdateVendor", table="vendors", key="Vendor_Code")
def update_vendor(call: Call) -> Sequence[Finding]:
    """Changes an existing vendor; a blank element leaves the stored value as it is."""
    findings = off_patterns(call, _PATTERNS)
    if call.text("Vendor_Status") == "V" and call.release < _EPAYMENTS_SINCE:
        findings.append(off_mask("Vendor_Status"))
    if findings:
        return findings
    stored = call.company.vendors.get(call.text("Vendor_Code"))
    if stored is None:
        return [Finding("I", "Vendor_Code does not exist", "Vendor_Code")]
    given = _stored_names(call.given())
    merged = {**stored, **given}
    findings = [*_broken_rules(call, merged, given), *_payment_gaps(merged, given)]
    if not findings:
        _default_1099(merged)
        stored.update(merged)
    return findings


def _stored_names(given: Mapping[str, Value]) -> Record:
    return {canonical(element): value for element, value in given.items()}


def _default_1099(record: Record) -> None:
    if record.get("Send_1099_Flag") == "Y":
        record.setdefault("Fed_1099_Indicator", "7")


def _broken_rules(
    call: Call, record: Mapping[str, Value], given: Mapping[str, Value] | None = None
) -> list[Finding]:
    """The rules of both services, on the record as it would be stored."""
    given = record if given is None else given
    findings = [
        Finding("I", f"{second} cannot be used together with {first}", second)
        for first, second in _NEVER_TOGETHER
        if record.get(first) and record.get(second) and {first, second} & given.keys()
    ]
    accounts = call.company.gl_accounts
    for element in ("Default_GL_Account", *_DISTRIBUTED):
        account = call.text(element)
        if accounts and account and account not in accounts:
            findings.append(Finding("I", "GL Account does not match GL Mask", element))
        elif element in _DISTRIBUTED and accounts.get(account):
            findings.append(Finding("I", f"{element} is a direct account", element))
    for element, kind in _CODES.items():
        if element in given and not call.company.knows(kind, call.text(element)):
            findings.append(Finding("I", f"{element} does not exist", element))
    return [*findings, *_broken_distribution(record)]


def _broken_distribution(record: Mapping[str, Value]) -> list[Finding]:
    """Accounts and percentages come in pairs that add up to 100."""
    findings, total = [], Decimal(0)
    for number in _LISTS:
        account, percent = f"GL_Distribution_Acct_List{number}", f"GL_Distrib_Percent_List{number}"
        if (account in record) != (percent in record):
            findings.append(missing(percent if account in record else account))
        total += Decimal(str(record.get(percent, 0)))
    used = any(f"GL_Distrib_Percent_List{number}" in record for number in _LISTS)
    if used and not findings and total != 100:
        text = "Distribution percentages must total 100"
        findings.append(Finding("I", text, "GL_Distrib_Percent_List1"))
    return findings


def _payment_gaps(record: Mapping[str, Value], given: Mapping[str, Value]) -> list[Finding]:
    """What a payment method or a T5018 recipient type needs and the vendor lacks."""
    needed: list[str] = []
    if given.get("Vendor_Status") == "V":
        needed.extend(_EPAYMENTS_NEED)
    elif given.get("Vendor_Status") in {"P", "S", "E"}:
        needed.extend(_BANK_NEEDS)
    needed.extend(_T5018_NEEDS.get(str(given.get("Recipient_Type_Code", "")), ()))
    return [missing(element) for element in needed if not record.get(element)]
