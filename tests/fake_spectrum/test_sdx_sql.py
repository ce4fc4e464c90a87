"""The read-only SQL face of the in-memory Spectrum."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from sdx_wire import SteppingClock, put

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.testing.fake_spectrum import FakeSpectrum, SqlRow

COLUMNS = {
    "subcontracts": (
        "company_code vendor_code subcontract_number job_number status_code "
        "retention_percent comment"
    ),
    "subcontract_lines": (
        "company_code vendor_code subcontract_number phase_code cost_type bid_item_number "
        "description quantity unit_price amount"
    ),
    "change_requests": (
        "company_code job_number customer_code change_request_number status_code description"
    ),
    "change_request_lines": (
        "company_code job_number customer_code change_request_number phase_code cost_type "
        "vendor_code subcontract_number quantity amount sub_amount sub_status"
    ),
    "change_statuses": "company_code status_code action_type",
    "cost_types": "company_code cost_type description",
    "standard_phases": "company_code phase_category phase_code cost_type description",
    "prime_contract_lines": "company_code job_number item description amount",
    "job_cost_transactions": (
        "company_code job_number phase_code cost_type date amount hours quantity description "
        "transaction_type vendor_code"
    ),
    "original_estimates": "company_code job_number phase_code cost_type quantity hours amount",
}


def filled() -> FakeSpectrum:
    """One or two rows in every table, partly written through the services."""
    fake = FakeSpectrum(clock=SteppingClock())
    fake.add_customer(Customer_Code="C1")
    fake.add_job(Job_Number="J1", Customer_Code="C1")
    fake.add_cost_type("S", "Subcontracts")
    pair = {"Phase_Code": "033000", "Cost_Type": "S"}
    fake.add_phase(
        Job_Number="J1", **pair, Description="Footings", Original_Est_Cost=Decimal("1000.10")
    )
    fake.add_phase_category("STD", [{**pair, "Description": "Concrete"}])
    fake.add_vendor(Vendor_Code="ACME")
    for number in ("SC-2", "SC-1"):
        key = {"Vendor_Code": "ACME", "Subcontract_Number": number}
        header = {**key, "Job_Number": "J1", "GL_Account": "5000", "Retention_Percent": "10.5"}
        assert put(fake, "UpdateSubcontract", **header) == []
    amounts = {"Unit_Price": "2.5", "Original_Contract_Quantity": "4"}
    assert put(fake, "UpdateSubcontractPhases", **key, **pair, **amounts) == []
    fake.add_change_status("CO", 3)
    request = {"Job_Number": "J1", "Customer_Code": "C1", "Change_Request_Number": "7"}
    change = {"CR_Phase_Code": "033000", "CR_Cost_Type": "S", "Change_Request_Amount": "5"}
    sub = {"Subcontractor_Code": "ACME", "Subcontract_Number": "SC-1", "Sub_Status": "P"}
    line = {**request, "CR_Status": "CO", **change, **sub, "Sub_Amount": "5"}
    assert put(fake, "ARChangeRequest", **line) == []
    fake.add_billing_item("J1", "0010", "Concrete", amount=Decimal(5000))
    fake.add_job_cost(
        "J1", "033000", "S", date(2026, 1, 5), Decimal("12.34"), description="Invoice 5"
    )
    return fake


def test_tables_have_the_documented_columns() -> None:
    """Exactly these in every row."""
    found = {name: {frozenset(row) for row in rows} for name, rows in filled().sql_rows().items()}
    assert found == {name: {frozenset(columns.split())} for name, columns in COLUMNS.items()}


EXPECTED: dict[str, SqlRow] = {
    "subcontracts": {
        "company_code": "ABC",
        "vendor_code": "ACME",
        "subcontract_number": "SC-1",
        "job_number": "J1",
        "status_code": "A",
        "comment": "",
        "retention_percent": Decimal("10.5"),
    },
    "subcontract_lines": {
        "vendor_code": "ACME",
        "subcontract_number": "SC-1",
        "phase_code": "033000",
        "cost_type": "S",
        "description": "Footings",
        "bid_item_number": "",
        "quantity": Decimal(4),
        "unit_price": Decimal("2.5"),
        "amount": Decimal(10),
    },
    "change_requests": {
        "job_number": "J1",
        "customer_code": "C1",
        "change_request_number": "7",
        "status_code": "CO",
        "description": "",
    },
    "change_request_lines": {
        "job_number": "J1",
        "customer_code": "C1",
        "change_request_number": "7",
        "phase_code": "033000",
        "cost_type": "S",
        "vendor_code": "ACME",
        "subcontract_number": "SC-1",
        "quantity": Decimal(0),
        "amount": Decimal(5),
        "sub_amount": Decimal(5),
        "sub_status": "P",
    },
    "change_statuses": {"status_code": "CO", "action_type": 3},
    "cost_types": {"cost_type": "S", "description": "Subcontracts"},
    "standard_phases": {
        "phase_code": "033000",
        "cost_type": "S",
        "phase_category": "STD",
        "description": "Concrete",
    },
    "prime_contract_lines": {
        "job_number": "J1",
        "item": "0010",
        "description": "Concrete",
        "amount": Decimal(5000),
    },
    "job_cost_transactions": {
        "job_number": "J1",
        "phase_code": "033000",
        "cost_type": "S",
        "date": date(2026, 1, 5),
        "amount": Decimal("12.34"),
        "hours": Decimal(0),
        "description": "Invoice 5",
    },
    "original_estimates": {
        "job_number": "J1",
        "phase_code": "033000",
        "amount": Decimal("1000.10"),
        "hours": Decimal(0),
    },
}


@pytest.mark.parametrize("table", sorted(EXPECTED))
def test_rows_hold_typed_values(table: str) -> None:
    """Texts, decimals and dates; blank or zero where nothing was entered; in order of the key."""
    first = filled().sql_rows()[table][0]
    assert EXPECTED[table].items() <= first.items()


def test_every_company_has_its_rows() -> None:
    """The company is the first column, and companies come in order."""
    fake = FakeSpectrum(company_code="XYZ")
    fake.add_company("ABC")
    fake.add_cost_type("L", "Labor")
    fake.add_cost_type("L", company_code="ABC")
    rows = fake.sql_rows()["cost_types"]
    assert [(row["company_code"], row["description"]) for row in rows] == [
        ("ABC", "L"),
        ("XYZ", "Labor"),
    ]


def test_rows_are_copies() -> None:
    """Changing what was read changes nothing in the server."""
    fake = filled()
    before = fake.sql_rows()
    for rows in fake.sql_rows().values():
        rows[0]["company_code"] = "?"
    assert fake.sql_rows() == before


def test_state_of_every_table_is_json_in_order_of_the_key() -> None:
    """Subcontracts and requests are part of the state, with their lines."""
    state = filled().state()["ABC"]
    assert json.loads(json.dumps(state)) == state
    assert [entry["Subcontract_Number"] for entry in state["subcontracts"]] == ["SC-1", "SC-2"]
    assert len(state["subcontracts"][0]["lines"]) == 1
    assert len(state["change_requests"][0]["lines"]) == 1


def test_job_cost_needs_a_job() -> None:
    """A transaction of nothing does not pass silently."""
    with pytest.raises(InvalidValueError):
        FakeSpectrum().add_job_cost("X", "1", "L", date(2026, 1, 5), Decimal(1))
