"""JobCostProjections and AddCustomer: one test per rule, both sides of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sdx_wire import SteppingClock, get, put

from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches

Found = list[tuple[str, str]]

KEYS = {"Job_Number": "J1", "Phase_Code": "033000", "Cost_Type": "S"}
ENTRY = {**KEYS, "Transaction_Date": "01/05/2026"}
CUSTOMER = {
    "Customer_Code": "C1",
    "Name": "City of Reno",
    "Terms_Code": "A",
    "Sales_Tax_Code": "NV",
}


def ready(**switches: Any) -> FakeSpectrum:
    """A phase with an estimate of 100 dollars."""
    fake = FakeSpectrum(clock=SteppingClock(), switches=Switches(**switches))
    fake.add_job(Job_Number="J1")
    fake.add_job(Job_Number="DONE", Status_Code="C")
    fake.add_phase(**KEYS, Current_Est_Cost="100")
    return fake


def project(fake: FakeSpectrum, **values: str) -> Found:
    """One entry."""
    return put(fake, "JobCostProjections", **{**ENTRY, **values})


def entries(fake: FakeSpectrum) -> list[dict[str, Any]]:
    """The stored entries, oldest call first."""
    found: list[dict[str, Any]] = fake.state()["ABC"]["projections"]
    return found


def projected(fake: FakeSpectrum) -> str:
    """The dollars that GetPhase shows."""
    return get(fake, "GetPhase")[0]["Projected_Dollars"]


RULES: list[tuple[dict[str, str], Found]] = [
    ({"Amount": "1"}, []),
    ({"Projected_Hours": "1"}, []),
    ({"Projected_Quantity": "1"}, []),
    ({}, [("M", "Amount")]),
    ({"Transaction_Date": ""}, [("M", "Transaction_Date")]),
    ({"Amount": "1", "Transaction_Date": "2026-01-05"}, [("I", "Transaction_Date")]),
    ({"Amount": "1", "Job_Number": "X"}, [("I", "Job_Number")]),
    ({"Amount": "1", "Job_Number": "DONE"}, [("I", "Job_Number")]),
    ({"Amount": "1", "Phase_Code": "034000"}, [("I", "Phase_Code")]),
    ({"Amount": "1", "Phase_Code": "0330"}, [("I", "Phase_Code")]),
    ({"Amount": "1", "Cost_Type": "M"}, [("I", "Phase_Code")]),
    ({"Amount": "-9999999999.99"}, []),
    ({"Amount": "10000000000"}, [("I", "Amount")]),
    ({"Amount": "1.001"}, [("I", "Amount")]),
    ({"Amount": "1", "Note": "x" * 80}, []),
    ({"Amount": "1", "Note": "x" * 81}, [("I", "Note")]),
]


@pytest.mark.parametrize(("values", "found"), RULES)
def test_rules_of_a_projection(values: dict[str, str], found: Found) -> None:
    """One figure at least, a pair that exists, the formats."""
    fake = ready()
    assert project(fake, **values) == found
    assert len(entries(fake)) == (not found)


def test_projection_replaces_the_estimate_and_names_its_operator() -> None:
    """It is a final figure; the operator is the web service's unless given."""
    fake = ready()
    assert projected(fake) == "100.00"
    assert project(fake, Amount="150", Note="Rock") == []
    assert projected(fake) == "150.00"
    assert entries(fake) == [
        {
            **KEYS,
            "Transaction_Date": "2026-01-05",
            "Amount": "150",
            "Note": "Rock",
            "Operator": "*WS",
        }
    ]
    assert project(fake, Amount="160", Operator="JDO") == []
    assert entries(fake)[1]["Operator"] == "JDO"


def test_equal_figure_is_ignored() -> None:
    """No entry for it; only the figure that differs is kept."""
    fake = ready()
    assert project(fake, Amount="150", Projected_Hours="5") == []
    assert project(fake, Amount="150.00", Transaction_Date="01/06/2026") == []
    assert len(entries(fake)) == 1
    assert project(fake, Amount="150", Projected_Hours="6") == []
    assert "Amount" not in entries(fake)[1]
    assert entries(fake)[1]["Projected_Hours"] == "6"


def test_equal_to_an_arranged_projection_is_ignored() -> None:
    """The figure in force may come from elsewhere."""
    fake = ready()
    fake.add_phase(**KEYS, Projected_Dollars="80")
    assert project(fake, Amount="80", Projected_Hours="3") == []
    assert "Amount" not in entries(fake)[0]


@pytest.mark.parametrize(("mode", "expected"), [("added", ["150", "170"]), ("ignored", ["150"])])
def test_second_entry_of_a_day_never_updates_the_first(mode: str, expected: list[str]) -> None:
    """It is a further one, or is ignored by a switch."""
    fake = ready(same_day_projection=mode)
    assert project(fake, Amount="150") == []
    assert project(fake, Amount="170") == []
    assert [entry["Amount"] for entry in entries(fake)] == expected
    assert projected(fake) == f"{expected[-1]}.00"


def test_zero_clears_and_blank_leaves() -> None:
    """After zero the estimate shows again."""
    fake = ready()
    assert project(fake, Amount="150") == []
    assert project(fake, Projected_Hours="5", Transaction_Date="01/06/2026") == []
    assert projected(fake) == "150.00"
    assert project(fake, Amount="0", Transaction_Date="01/07/2026") == []
    assert projected(fake) == "100.00"


def test_back_dated_entry_leaves_the_current_projection() -> None:
    """It corrects the past; equal to the figure of then it is ignored."""
    fake = ready()
    assert project(fake, Amount="150", Transaction_Date="01/05/2026") == []
    assert project(fake, Amount="200", Transaction_Date="01/31/2026") == []
    assert project(fake, Amount="170", Transaction_Date="01/30/2026") == []
    assert projected(fake) == "200.00"
    assert len(entries(fake)) == 3
    assert project(fake, Amount="170", Transaction_Date="01/30/2026") == []
    assert project(fake, Amount="0", Transaction_Date="01/04/2026") == []
    assert len(entries(fake)) == 3


@pytest.mark.parametrize(
    ("table", "service", "values", "key"),
    [
        ("projections", "JobCostProjections", {**ENTRY, "Amount": "1"}, "Phase_Code"),
        ("customers", "AddCustomer", CUSTOMER, "Customer_Code"),
    ],
)
def test_open_window_refuses_the_entry(
    table: str, service: str, values: dict[str, str], key: str
) -> None:
    """The table can be locked; a success can name the key."""
    fake = ready(put_success="information")
    fake.lock_record(table)
    assert put(fake, service, **values) == [("I", key)]
    fake.unlock_record(table)
    assert put(fake, service, **values) == [("G", key)]


@settings(max_examples=25, deadline=None)
@given(amounts=st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=5))
def test_last_projection_counts_and_sending_it_again_adds_nothing(amounts: list[Decimal]) -> None:
    """Whatever was projected before on the same day."""
    fake = ready()
    for amount in amounts:
        assert project(fake, Amount=str(amount)) == []
    count = len(entries(fake))
    assert project(fake, Amount=str(amounts[-1])) == []
    assert len(entries(fake)) == count
    assert Decimal(projected(fake)) == (amounts[-1] or 100)


# ---------------------------------------------------------------- customers

CUSTOMER_RULES: list[tuple[dict[str, str], Found]] = [
    ({}, []),
    ({"Customer_Code": "OLD"}, [("I", "Customer_Code")]),
    ({"Customer_Code": "c1"}, [("I", "Customer_Code")]),
    ({"Customer_Code": "C-1"}, [("I", "Customer_Code")]),
    ({"Customer_Code": "C" * 10}, []),
    ({"Customer_Code": "C" * 11}, [("I", "Customer_Code")]),
    ({"Name": "x" * 30}, []),
    ({"Name": "x" * 31}, [("I", "Name")]),
    ({"Name": "Reno, City of"}, [("I", "Name")]),
    ({"Terms_Code": "Z"}, [("I", "Terms_Code")]),
    ({"Sales_Tax_Code": "CA"}, [("I", "Sales_Tax_Code")]),
    ({"Standard_Retention_Percent": "0"}, []),
    ({"Standard_Retention_Percent": "-1"}, [("I", "Standard_Retention_Percent")]),
    ({"Price_Level_Labor": "6"}, [("I", "Price_Level_Labor")]),
    (dict.fromkeys(CUSTOMER, ""), [("M", name) for name in CUSTOMER]),
]


@pytest.mark.parametrize(("changes", "found"), CUSTOMER_RULES)
def test_rules_of_a_new_customer(changes: dict[str, str], found: Found) -> None:
    """Required elements, no duplicates, codes that are set up."""
    fake = FakeSpectrum(clock=SteppingClock())
    fake.add_customer(Customer_Code="OLD")
    fake.add_code("terms", "A")
    fake.add_code("sales_tax", "NV")
    assert put(fake, "AddCustomer", **{**CUSTOMER, **changes}) == found


def test_new_customer_has_defaults_and_can_be_read() -> None:
    """Active, created today, with statements and a sort name; GetCustomers lists it."""
    fake = FakeSpectrum(clock=SteppingClock())
    contact = {"Contact_1": "Ada Lane", "Phone": "555-1212", "Taxable_Flag": "N"}
    assert put(fake, "AddCustomer", **CUSTOMER, **contact) == []
    (stored,) = fake.state()["ABC"]["customers"]
    assert {
        "Status": "Active",
        "Alpha_Sort": "CITYOFRE",
        "Date_Created": "2026-01-05",
        "Statement_Flag": "Y",
        "Operator": "*WS",
    }.items() <= stored.items()
    (row,) = get(fake, "GetCustomers")
    names = ("Name", "First_Name", "Last_Name", "Phone_Number", "Taxable_Flag")
    assert [row[name] for name in names] == [
        "City of Reno",
        "Ada",
        "Lane",
        "555-1212",
        "Non-Taxable",
    ]


@pytest.mark.parametrize(
    ("sent", "read"), [("Y", "Taxable"), ("N", "Non-Taxable"), ("", "No Default")]
)
def test_taxable_flag_is_spelt_out_on_reading(sent: str, read: str) -> None:
    """GetCustomers has words where AddCustomer has letters."""
    fake = FakeSpectrum()
    assert put(fake, "AddCustomer", **CUSTOMER, Taxable_Flag=sent) == []
    assert get(fake, "GetCustomers")[0]["Taxable_Flag"] == read


@pytest.mark.parametrize(
    ("element", "kind"), [("Use_Tax_Code", "use_tax"), ("Routing_Code1", "routing")]
)
def test_codes_of_a_vendor_are_checked_once_there_are_some(element: str, kind: Any) -> None:
    """While none of a kind is set up, every code is taken."""
    fake = FakeSpectrum()
    fake.add_vendor(Vendor_Code="V")
    assert put(fake, "UpdateVendor", Vendor_Code="V", **{element: "A"}) == []
    fake.add_code(kind, "B")
    assert put(fake, "UpdateVendor", Vendor_Code="V", **{element: "A"}) == [("I", element)]
    assert put(fake, "UpdateVendor", Vendor_Code="V", **{element: "B"}) == []
