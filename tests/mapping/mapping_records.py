"""Records and strategies that the tests of the mappings share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from procore_spectrum.models.spectrum import Job, Phase, Vendor

#: Any text at all, control characters and half characters included.
garbage = st.text(st.characters(exclude_categories=()), max_size=40)
maybe = st.none() | garbage
days = st.none() | st.dates()
money = st.none() | st.decimals(allow_nan=True, allow_infinity=True)

ADDRESS = ("address_1", "address_2", "city", "state", "zip_code")
addresses: dict[str, Any] = dict.fromkeys(ADDRESS, maybe)
any_vendor = st.builds(
    Vendor, vendor_code=garbage, name=maybe, phone_number=maybe, email=maybe, **addresses
)
any_job = st.builds(
    Job,
    job_number=garbage,
    job_description=maybe,
    status_code=st.sampled_from(["A", "I", "C", " A ", "X"]) | maybe,
    original_contract=money,
    start_date=days,
    est_start_date=days,
    projected_complete_date=days,
    est_complete_date=days,
    complete_date=days,
    **addresses,
)
phase_codes = st.from_regex(r"[0-9]{6}", fullmatch=True)
any_phase = st.builds(
    Phase,
    job_number=garbage,
    phase_code=phase_codes | garbage,
    cost_type=garbage,
    description=maybe,
    status_code=st.sampled_from(["A", "I", "C"]) | maybe,
)


def a_vendor(**changes: Any) -> Vendor:
    """An ordinary vendor."""
    values: dict[str, Any] = {
        "vendor_code": "ACME01",
        "name": "Acme Concrete, Inc.",
        "address_1": "12 North Main Street",
        "address_2": "Suite 4",
        "city": "Portland",
        "state": "OR",
        "zip_code": "97201-1234",
        "phone_number": "5035550142",
        "email": "Office@Acme.example",
    }
    return Vendor(**values | changes)


def a_job(**changes: Any) -> Job:
    """An ordinary job."""
    values: dict[str, Any] = {
        "job_number": "24-101",
        "job_description": "Harbor Warehouse",
        "address_1": "1 Quay Road",
        "address_2": "",
        "city": "Portland",
        "state": "OR",
        "zip_code": "97201",
        "status_code": "A",
        "est_start_date": date(2026, 1, 5),
        "start_date": date(2026, 2, 2),
        "est_complete_date": date(2026, 9, 30),
        "projected_complete_date": date(2026, 11, 15),
        "original_contract": Decimal("1250000.50"),
    }
    return Job(**values | changes)


def a_phase(**changes: Any) -> Phase:
    """An ordinary phase row."""
    values: dict[str, Any] = {
        "job_number": "24-101",
        "phase_code": "031000",
        "cost_type": "LAB",
        "description": "Concrete forming",
        "status_code": "A",
    }
    return Phase(**values | changes)
