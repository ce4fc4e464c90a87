"""ARChangeRequest: one test per rule, both sides of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sdx_wire import SteppingClock, call, elements_of, findings, post, put

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches

Found = list[tuple[str, str]]

KEY = {"Job_Number": "J1", "Customer_Code": "C1", "Change_Request_Number": "7"}
HEADER = {**KEY, "CR_Description": "More piles", "CR_Status": "CO"}
COST = {
    "CR_Phase_Code": "033000",
    "CR_Cost_Type": "S",
    "Change_Request_Hours": "",
    "Change_Request_Amount": "100.50",
}
LINE = {**HEADER, **COST}
SUB = {"Subcontractor_Code": "ACME", "Subcontract_Number": "SC-1", "Sub_Status": "P"}
BILLING = {"CR_Billing_Item_Code": "0010", "CR_Revenue": "120"}


def ready(**switches: Any) -> FakeSpectrum:
    """Jobs with a contract, phases, a subcontract, and a status CO..C5 per action type."""
    fake = FakeSpectrum(clock=SteppingClock(), switches=Switches(**switches))
    for customer in ("C1", "C2"):
        fake.add_customer(Customer_Code=customer)
    fake.add_job(Job_Number="J1", Customer_Code="C1")
    fake.add_job(Job_Number="UNIT", Customer_Code="C1", Price_Method_Code="U")
    fake.add_job(Job_Number="NONE")
    fake.add_job(Job_Number="DONE", Customer_Code="C1", Status_Code="C")
    for job in ("J1", "UNIT"):
        phase = {"Job_Number": job, "Phase_Code": "033000"}
        for cost_type in ("S", "M"):
            fake.add_phase(**phase, Cost_Type=cost_type)
        fake.add_phase(**phase | {"Phase_Code": "099000"}, Cost_Type="S", Status_Code="C")
        vendor = {"Vendor_Code": "ACME", "Subcontract_Number": f"SC-{'1' if job == 'J1' else 2}"}
        fake.add_subcontract(**vendor, Job_Number=job)
        for item in ("0010", "0020"):
            fake.add_subcontract_line(
                **vendor,
                Phase_Code="033000",
                Cost_Type="S",
                Bid_Item_Number=item,
                Original_Contract_Amount="1000",
            )
    fake.add_vendor(Vendor_Code="ACME")
    fake.add_change_status("CO", 3)
    for action in range(1, 6):
        fake.add_change_status(f"C{action}", action)
    fake.add_billing_item("J1", "0010", "Concrete", amount=Decimal(5000))
    fake.add_billing_item("UNIT", "010020", "Piles", unit_price=Decimal("2.5"))
    fake.add_billing_item("UNIT", "010030")
    return fake


def send(fake: FakeSpectrum, values: dict[str, str]) -> Found:
    """One line."""
    return put(fake, "ARChangeRequest", **values)


def requests(fake: FakeSpectrum) -> list[dict[str, Any]]:
    """All change requests."""
    found: list[dict[str, Any]] = fake.state()["ABC"]["change_requests"]
    return found


def only(fake: FakeSpectrum) -> dict[str, Any]:
    """The only change request."""
    (found,) = requests(fake)
    return found


# ---------------------------------------------------------------- headers


def test_first_line_creates_the_request_with_its_defaults() -> None:
    """Originated today, not reimbursable; cost only is quoted the day it originated."""
    fake = ready()
    assert send(fake, LINE) == []
    assert only(fake) == {
        **HEADER,
        "Cost_Reimbursable_Flag": "N",
        "Origination_Date": "2026-01-05",
        "Quotation_Submitted_Date": "2026-01-05",
        "Operator": "*WS",
        "lines": [{name: value for name, value in COST.items() if value}],
        "billing_lines": [],
    }


@pytest.mark.parametrize(("status", "quoted"), [("C3", "2026-01-02"), ("C1", None)])
def test_cost_only_request_is_quoted_when_it_originated(status: str, quoted: str | None) -> None:
    """With any other action type nothing is quoted by default."""
    fake = ready()
    assert send(fake, {**HEADER, "CR_Status": status, "Origination_Date": "01/02/2026"}) == []
    assert only(fake)["Origination_Date"] == "2026-01-02"
    assert only(fake).get("Quotation_Submitted_Date") == quoted


def test_open_window_refuses_the_request() -> None:
    """The table can be locked; a success can name the number."""
    fake = ready(put_success="information")
    fake.lock_record("change_requests")
    assert send(fake, LINE) == [("I", "Change_Request_Number")]
    fake.unlock_record("change_requests")
    assert send(fake, LINE) == [("G", "Change_Request_Number")]


HEADER_RULES: list[tuple[dict[str, str], Found]] = [
    ({}, []),
    ({"Job_Number": "X"}, [("I", "Job_Number")]),
    ({"Job_Number": "DONE"}, [("I", "Job_Number")]),
    ({"Customer_Code": "X"}, [("I", "Customer_Code")]),
    ({"Customer_Code": "C2"}, [("I", "Customer_Code")]),
    ({"Job_Number": "NONE"}, [("I", "Customer_Code")]),
    ({"Job_Number": "", "Customer_Code": ""}, [("M", "Job_Number"), ("M", "Customer_Code")]),
    ({"Change_Request_Number": "x" * 8}, []),
    ({"Change_Request_Number": "x" * 9}, [("I", "Change_Request_Number")]),
    ({"CR_Status": ""}, [("M", "CR_Status")]),
    ({"CR_Status": "ZZ"}, [("I", "CR_Status")]),
    ({"CR_Status": "C3X"}, [("I", "CR_Status")]),
    ({"CR_Description": "x" * 250}, []),
    ({"CR_Description": "x" * 251}, [("I", "CR_Description")]),
    ({"Requested_Days": "-999"}, []),
    ({"Requested_Days": "1.5"}, [("I", "Requested_Days")]),
    ({"Pricing_Addon_Code": "OH"}, [("I", "Pricing_Addon_Code")]),
]


@pytest.mark.parametrize(("changes", "found"), HEADER_RULES)
def test_rules_of_a_new_request(changes: dict[str, str], found: Found) -> None:
    """What goes in, and what each rule names; a refused one leaves nothing behind."""
    fake = ready()
    assert send(fake, {**LINE, **changes}) == found
    assert len(requests(fake)) == (not found)


def test_contract_comes_with_a_job_that_has_a_customer() -> None:
    """AddJob with a customer sets the contract up."""
    fake = ready()
    job = {"Job_Number": "NEW", "Taxable_Flag": "N", "Price_Method_Code": "F"}
    assert put(fake, "AddJob", **job, Customer_Code="C2") == []
    values = {**HEADER, "Job_Number": "NEW"}
    assert send(fake, values) == [("I", "Customer_Code")]
    assert send(fake, {**values, "Customer_Code": "C2"}) == []


def test_blank_number_is_filled_and_told() -> None:
    """Each call without a number makes a further request, past the numbers in use."""
    fake = ready()
    assert send(fake, {**LINE, "Change_Request_Number": "2"}) == []
    blank = {**LINE, "Change_Request_Number": ""}
    content = call(fake, "ARChangeRequest", **blank).content
    row = b"<error_code>G</error_code><desc>1</desc><column>Change_Request_Number</column>"
    assert row in content
    assert b"<desc>3</desc>" in call(fake, "ARChangeRequest", **blank).content
    assert [entry["Change_Request_Number"] for entry in requests(fake)] == ["1", "2", "3"]


def test_numbers_repeat_on_other_jobs() -> None:
    """Job and customer are part of the key."""
    fake = ready()
    assert send(fake, LINE) == []
    assert send(fake, {**LINE, "Job_Number": "UNIT"}) == []
    assert len(requests(fake)) == 2


@pytest.mark.parametrize("change_header_updates", [False, True])
@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("CR_Description", "Other"),
        ("CR_Description", ""),
        ("CR_Status", "C3"),
        ("Cost_Reimbursable_Flag", "N"),
        ("Origination_Date", "01/05/2026"),
        ("Fee_Percent", "1.00"),
    ],
)
def test_header_is_repeated_identically_within_a_group(
    element: str, value: str, *, change_header_updates: bool
) -> None:
    """Also a blank, and also a default spelled out, differs from the first line."""
    fake = ready(change_header_updates=change_header_updates)
    assert send(fake, {**LINE, "GUID": "g"}) == []
    second = {**LINE, "CR_Cost_Type": "M", "GUID": "g"}
    assert send(fake, {**second, element: value}) == [("I", element)]
    assert len(only(fake)["lines"]) == 1
    assert send(fake, second) == []
    assert len(only(fake)["lines"]) == 2


@pytest.mark.parametrize(
    ("change_header_updates", "found", "stored"),
    [(False, [("I", "CR_Description")], "More piles"), (True, [], "Other")],
)
def test_another_group_changes_the_header_by_a_switch(
    found: Found, stored: str, *, change_header_updates: bool
) -> None:
    """Blanks leave it alone in any case."""
    fake = ready(change_header_updates=change_header_updates)
    assert send(fake, {**LINE, "GUID": "g"}) == []
    before = fake.state()
    assert send(fake, {**KEY, "GUID": "h"}) == []
    assert fake.state() == before
    assert send(fake, {**LINE, "GUID": "i", "CR_Description": "Other"}) == found
    assert only(fake)["CR_Description"] == stored


def test_fee_percent_wins() -> None:
    """The amount is dropped; repeating both is no difference."""
    fake = ready()
    fees = {"Fee_Percent": "5", "Fee_Amount": "99"}
    assert send(fake, {**LINE, **fees}) == []
    assert send(fake, {**LINE, **fees, "GUID": "g"}) == []
    assert only(fake)["Fee_Percent"] == "5"
    assert "Fee_Amount" not in only(fake)


# ---------------------------------------------------------------- action types


@pytest.mark.parametrize(
    ("status", "approved", "found"),
    [
        ("C1", "01/10/2026", []),
        ("C2", "01/31/2026", []),
        ("C3", "01/01/2026", []),
        ("C4", "01/10/2026", [("I", "Approved_Date")]),
        ("C5", "01/10/2026", [("I", "Approved_Date")]),
        ("C3", "12/31/2025", [("I", "Approved_Date")]),
        ("C3", "02/01/2026", [("I", "Approved_Date")]),
    ],
)
def test_approval_date_needs_an_approved_status_and_an_open_period(
    status: str, approved: str, found: Found
) -> None:
    """Both bounds of the period belong to it."""
    fake = ready()
    fake.set_periods(date(2026, 1, 1), date(2026, 1, 31))
    assert send(fake, {**HEADER, "CR_Status": status, "Approved_Date": approved}) == found


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"CR_Status": "C3"}, False),
        ({"CR_Status": "C1"}, True),
        ({"CR_Status": "C2"}, True),
        ({"CR_Status": "C4"}, True),
        ({"CR_Status": "C5"}, True),
        ({"CR_Status": "C1", **BILLING}, False),
        ({"CR_Status": "C1", "Cost_Reimbursable_Flag": "Y"}, False),
    ],
)
def test_cost_only_needs_action_3(changes: dict[str, str], *, refused: bool) -> None:
    """Unless something is billed or the change is reimbursable; the text is the reported one."""
    content = call(ready(), "ARChangeRequest", **{**LINE, **changes}).content
    text = b"Non-cost reimbursable change request cannot have this status."
    assert (text in content) is refused


def test_actions_of_a_cost_only_change_are_a_switch() -> None:
    """4 and 5 may do without billing as well, as another page has it."""
    fake = ready(cost_only_actions=frozenset({3, 4, 5}))
    assert send(fake, {**LINE, "CR_Status": "C4"}) == []
    assert send(fake, {**LINE, "CR_Status": "C1", "Change_Request_Number": "8"}) != []


def test_cost_may_follow_the_billing() -> None:
    """What the request bills already counts."""
    fake = ready()
    assert send(fake, {**HEADER, "CR_Status": "C1", **BILLING}) == []
    assert send(fake, {**LINE, "CR_Status": "C1"}) == []


def test_action_3_does_not_bill() -> None:
    """Cost is recognised only."""
    assert send(ready(), {**LINE, **BILLING}) == [("I", "CR_Billing_Item_Code")]


@pytest.mark.parametrize(
    ("status", "flag", "billing", "found"),
    [
        ("C4", "Y", {}, []),
        ("C3", "Y", {}, [("I", "Default_Billing_Total")]),
        ("C4", "N", {}, [("I", "Default_Billing_Total")]),
        ("C4", "Y", BILLING, [("I", "Default_Billing_Total")]),
    ],
)
def test_billing_total_needs_action_4_and_reimbursement(
    status: str, flag: str, billing: dict[str, str], found: Found
) -> None:
    """And no billing item."""
    values = {"CR_Status": status, "Cost_Reimbursable_Flag": flag, "Default_Billing_Total": "Y"}
    assert send(ready(), {**HEADER, **values, **billing}) == found


# ---------------------------------------------------------------- cost lines

COST_RULES: list[tuple[dict[str, str], Found]] = [
    ({"CR_Phase_Code": ""}, [("M", "CR_Phase_Code")]),
    ({"CR_Cost_Type": ""}, [("M", "CR_Cost_Type")]),
    ({"CR_Phase_Code": "034000"}, [("I", "CR_Phase_Code")]),
    ({"CR_Phase_Code": "03-3000"}, [("I", "CR_Phase_Code")]),
    ({"CR_Phase_Code": "099000"}, [("I", "CR_Phase_Code")]),
    ({"CR_Cost_Type": "L"}, [("I", "CR_Cost_Type")]),
    ({"Change_Request_Amount": ""}, []),
    ({"Change_Request_Amount": "-9999999999.99"}, []),
    ({"Change_Request_Amount": "10000000000"}, [("I", "Change_Request_Amount")]),
    ({"Change_Request_Amount": "1.001"}, [("I", "Change_Request_Amount")]),
    ({"Change_Request_Hours": "-999999.99"}, []),
    ({"Change_Request_Hours": "1000000"}, [("I", "Change_Request_Hours")]),
    ({"Change_Request_Quantity": "-9999999.99"}, []),
    ({"Change_Request_Quantity": "10000000"}, [("I", "Change_Request_Quantity")]),
    ({"Markup_Percent": "5"}, []),
    ({"Markup_Amount": "5"}, []),
    ({"Markup_Percent": "5", "Markup_Amount": "5"}, [("I", "Markup_Amount")]),
]


@pytest.mark.parametrize(("changes", "found"), COST_RULES)
def test_rules_of_a_cost_line(changes: dict[str, str], found: Found) -> None:
    """Phase and cost type exist and are open; formats of the figures."""
    assert send(ready(), {**LINE, **changes}) == found


def test_header_alone_has_no_cost_line() -> None:
    """Nothing of the cost block is given."""
    fake = ready()
    assert send(fake, {**HEADER, "CR_Status": "C1"}) == []
    assert only(fake)["lines"] == []


@pytest.mark.parametrize(
    ("mode", "found", "amount"),
    [("update", [], "7"), ("refuse", [("I", "CR_Phase_Code")], "100.50")],
)
def test_repeated_line_updates_or_is_refused(mode: str, found: Found, amount: str) -> None:
    """It is never added to the first one."""
    fake = ready(duplicate_change_lines=mode)
    assert send(fake, LINE) == []
    assert send(fake, {**LINE, "Change_Request_Amount": "7"}) == found
    (line,) = only(fake)["lines"]
    assert line["Change_Request_Amount"] == amount
    assert send(fake, {**LINE, "CR_Cost_Type": "M"}) == []


@pytest.mark.parametrize(
    "other",
    [
        {"CR_Cost_Type": "M"},
        SUB,
        {**SUB, "Sub_Bid_Item_Code": "0010"},
    ],
)
def test_identity_of_a_cost_line(other: dict[str, str]) -> None:
    """Cost type, subcontract and item make another line."""
    fake = ready()
    assert send(fake, LINE) == []
    assert send(fake, {**LINE, **other}) == []
    assert send(fake, {**LINE, **other}) == []
    assert len(only(fake)["lines"]) == 2


# ---------------------------------------------------------------- subcontract changes

SUB_RULES: list[tuple[dict[str, str], Found]] = [
    ({}, []),
    ({"Sub_Status": "R"}, []),
    ({"Sub_Status": ""}, [("M", "Sub_Status")]),
    ({"Sub_Status": "X"}, [("I", "Sub_Status")]),
    ({"Subcontractor_Code": ""}, [("M", "Subcontractor_Code")]),
    ({"Subcontract_Number": ""}, [("M", "Subcontract_Number")]),
    ({"Subcontract_Number": "SC-9"}, [("I", "Subcontract_Number")]),
    ({"Subcontract_Number": "SC-2"}, [("I", "Subcontract_Number")]),
    ({"Subcontractor_Code": "OTHER"}, [("I", "Subcontract_Number")]),
    ({"CR_Cost_Type": "M"}, [("I", "Subcontract_Number")]),
    ({"Sub_Bid_Item_Code": "0020"}, []),
    ({"Sub_Bid_Item_Code": "0030"}, [("I", "Subcontract_Number")]),
    ({"Sub_Bid_Item_Code": "x" * 10}, [("I", "Subcontract_Number")]),
    ({"Sub_Bid_Item_Code": "x" * 11}, [("I", "Sub_Bid_Item_Code")]),
    ({"Sub_Amount": "-9999999999.99"}, []),
    ({"Sub_Amount": "1.005"}, [("I", "Sub_Amount")]),
    ({"Sub_Description": "x" * 30}, []),
    ({"Sub_Description": "x" * 31}, [("I", "Sub_Description")]),
    ({"Sub_Signed_Date": "01/05/2026"}, [("I", "Sub_Signed_Date")]),
    ({"Sub_Status": "E"}, [("M", "Sub_Change_Order_Number")]),
    ({"Sub_Status": "E", "Sub_Change_Order_Number": "1"}, []),
    ({"Sub_Status": "E", "Sub_Change_Order_Number": "2"}, [("I", "Sub_Change_Order_Number")]),
    ({"Sub_Change_Order_Number": "1"}, []),
    ({"Sub_Change_Order_Number": "2"}, [("I", "Sub_Change_Order_Number")]),
    (
        {
            "Sub_Status": "E",
            "Sub_Change_Order_Number": "1",
            "Sub_Signed_Date": "01/05/2026",
        },
        [],
    ),
    ({"CR_Phase_Code": "", "CR_Cost_Type": ""}, [("M", "CR_Phase_Code"), ("M", "CR_Cost_Type")]),
    ({"Sub_Change_Order_Date": "01/31/2026"}, []),
    ({"Sub_Change_Order_Date": "02/01/2026"}, [("I", "Sub_Change_Order_Date")]),
    ({"Origination_Date": "12/31/2025"}, [("I", "Sub_Change_Order_Date")]),
]


@pytest.mark.parametrize(("changes", "found"), SUB_RULES)
def test_rules_of_a_subcontract_change(changes: dict[str, str], found: Found) -> None:
    """A valid pair on the job, a status, an existing number, open dates."""
    fake = ready()
    fake.set_periods(date(2026, 1, 1), date(2026, 1, 31))
    fake.add_sub_change_order("J1", "1")
    answer = send(fake, {**LINE, **SUB, **changes})
    if not changes.get("CR_Phase_Code", "x"):
        answer = [row for row in answer if row[0] == "M"]
    assert answer == found


def test_sub_block_without_vendor_and_number_is_ignored() -> None:
    """Even a status that would need a number."""
    fake = ready()
    assert send(fake, {**LINE, "Sub_Status": "E", "Sub_Amount": "5"}) == []
    assert "Sub_Amount" not in only(fake)["lines"][0]


def test_executed_change_orders_are_created_by_a_switch() -> None:
    """Afterwards the number exists."""
    fake = ready(change_orders_created=True)
    executed = {**LINE, **SUB, "Sub_Status": "E", "Sub_Change_Order_Number": "1"}
    assert send(fake, executed) == []
    fake.switches = Switches()
    assert send(fake, executed) == []
    assert send(fake, {**executed, "Sub_Change_Order_Number": "2"}) != []


def test_subcontract_without_the_phase_by_a_switch() -> None:
    """The lenient server takes a change of any phase of the job."""
    fake = ready(change_needs_subcontract_line=False)
    assert send(fake, {**LINE, **SUB, "CR_Cost_Type": "M"}) == []
    assert "Sub_Amount" not in only(fake)["lines"][0]


@pytest.mark.parametrize(("sent", "stored"), [("", "1000"), ("100.50", "100.50")])
def test_blank_sub_amount_becomes_that_of_the_subcontract(sent: str, stored: str) -> None:
    """A trap: the amount of the original line, not of the change."""
    fake = ready()
    assert send(fake, {**LINE, **SUB, "Sub_Amount": sent}) == []
    (line,) = only(fake)["lines"]
    assert (line["Sub_Amount"], line["Sub_Change_Order_Date"]) == (stored, "2026-01-05")


def test_blank_sub_elements_of_a_stored_line_stay() -> None:
    """Status and amount need not be given again, and closed dates do not matter any more."""
    fake = ready()
    assert send(fake, {**LINE, **SUB, "Sub_Amount": "5"}) == []
    before = only(fake)
    fake.set_periods(date(2030, 1, 1), date(2030, 1, 31))
    keys = {**HEADER, **SUB, "Sub_Status": "", "CR_Phase_Code": "033000", "CR_Cost_Type": "S"}
    assert send(fake, keys) == []
    assert only(fake) == before


def test_item_of_a_unit_price_job_has_the_group_in_front() -> None:
    """Group and item together have at most ten characters and name the subcontract's item."""
    fake = ready()
    line = {**LINE, **SUB, "Job_Number": "UNIT", "Subcontract_Number": "SC-2"}
    fake.add_subcontract_line(
        Vendor_Code="ACME",
        Subcontract_Number="SC-2",
        Phase_Code="033000",
        Cost_Type="S",
        Bid_Item_Number="010020",
    )
    group = {"Sub_Bid_Group_Item_Code": "01"}
    assert send(fake, {**line, **group, "Sub_Bid_Item_Code": "0020"}) == []
    assert send(fake, {**line, "Sub_Bid_Item_Code": "0030"}) == [("I", "Subcontract_Number")]
    found = send(fake, {**line, **group, "Sub_Bid_Item_Code": "x" * 9})
    assert found == [("I", "Sub_Bid_Item_Code")]


# ---------------------------------------------------------------- billing lines

BILLED = {**HEADER, "CR_Status": "C1"}
BILLING_RULES: list[tuple[dict[str, str], Found]] = [
    (BILLING, []),
    ({"CR_Billing_Item_Code": "0011"}, [("I", "CR_Billing_Item_Code")]),
    ({"CR_Billing_Item_Code": "x" * 11}, [("I", "CR_Billing_Item_Code")]),
    ({**BILLING, "CR_Billing_Group_Code": "01"}, []),
    ({"CR_Billing_Group_Code": "01"}, []),
    ({**BILLING, "CR_Revenue": "1.001"}, [("I", "CR_Revenue")]),
    ({**BILLING, "CR_Additional_Description": "x" * 40}, []),
    ({**BILLING, "CR_Additional_Description": "x" * 41}, [("I", "CR_Additional_Description")]),
]


@pytest.mark.parametrize(("changes", "found"), BILLING_RULES)
def test_rules_of_a_billing_line(changes: dict[str, str], found: Found) -> None:
    """The item exists already; groups do not count on a fixed price."""
    fake = ready()
    assert send(fake, {**BILLED, **changes}) == found
    if not found:
        lines = only(fake)["billing_lines"]
        assert len(lines) == ("CR_Billing_Item_Code" in changes)
        assert all(line["CR_Billing_Item_Description"] == "Concrete" for line in lines)


def test_repeated_billing_item_updates_the_first() -> None:
    """One line per item; blanks leave it."""
    fake = ready()
    for revenue in ("5", "7", ""):
        assert send(fake, {**BILLED, **BILLING, "CR_Revenue": revenue}) == []
    (line,) = only(fake)["billing_lines"]
    assert line["CR_Revenue"] == "7"


UNIT = {
    **BILLED,
    "Job_Number": "UNIT",
    "CR_Billing_Group_Code": "01",
    "CR_Billing_Item_Code": "0030",
}
FIGURES: list[tuple[dict[str, str], Found, dict[str, str]]] = [
    (
        {"CR_Unit_Price": "2", "CR_Quantity": "3", "CR_Revenue": "9"},
        [],
        {"CR_Unit_Price": "2", "CR_Quantity": "3", "CR_Revenue": "6.00"},
    ),
    ({"CR_Unit_Price": "2", "CR_Revenue": "9"}, [], {"CR_Quantity": "4.50"}),
    ({"CR_Quantity": "3", "CR_Revenue": "10"}, [], {"CR_Unit_Price": "3.3333"}),
    ({"CR_Quantity": "0", "CR_Revenue": "10"}, [], {"CR_Revenue": "10"}),
    ({"CR_Quantity": "3"}, [("M", "CR_Revenue")], {}),
    ({"CR_Revenue": "3"}, [("M", "CR_Quantity")], {}),
    ({"CR_Unit_Price": "3"}, [("M", "CR_Quantity")], {}),
    ({}, [("M", "CR_Quantity")], {}),
    ({"CR_Unit_Price": "0", "CR_Revenue": "3"}, [("M", "CR_Quantity")], {}),
    ({"CR_Unit_Price": "0.0001", "CR_Revenue": "999999999"}, [("I", "CR_Quantity")], {}),
    (
        {"CR_Billing_Item_Code": "0020", "CR_Quantity": "4"},
        [],
        {"CR_Unit_Price": "2.5", "CR_Revenue": "10.00"},
    ),
    ({"CR_Billing_Item_Code": ""}, [("M", "CR_Billing_Item_Code")], {}),
    ({"CR_Billing_Item_Code": "x" * 9}, [("I", "CR_Billing_Item_Code")], {}),
    ({"CR_Billing_Group_Code": ""}, [("I", "CR_Billing_Item_Code")], {}),
]


@pytest.mark.parametrize(("changes", "found", "stored"), FIGURES)
def test_figures_of_a_unit_price_item(
    changes: dict[str, str], found: Found, stored: dict[str, str]
) -> None:
    """Two of price, quantity and revenue make the third; the contract has a price."""
    fake = ready()
    assert send(fake, {**UNIT, **changes}) == found
    if not found:
        (line,) = only(fake)["billing_lines"]
        assert stored.items() <= line.items()


def test_stored_figures_take_part() -> None:
    """A new quantity at the stored price; a call without figures changes none."""
    fake = ready()
    assert send(fake, {**UNIT, "CR_Unit_Price": "2", "CR_Quantity": "3"}) == []
    assert send(fake, {**UNIT, "CR_Quantity": "4"}) == []
    assert send(fake, UNIT) == []
    (line,) = only(fake)["billing_lines"]
    assert (line["CR_Unit_Price"], line["CR_Revenue"]) == ("2", "8.00")


def test_990_billing_items_and_no_more() -> None:
    """The last permitted goes in, the next is refused, an existing one may be repeated."""
    fake = ready()
    for number in range(991):
        fake.add_billing_item("J1", f"X{number:03}")
    body = elements_of(fake, "ARChangeRequest", {**BILLED, "CR_Billing_Item_Code": "X000"})

    def bill(number: int) -> Found:
        content = body.replace("X000", f"X{number:03}")
        operation = f"<ARChangeRequest>{content}</ARChangeRequest>"
        return findings(post(fake, "ARChangeRequest", operation))

    assert all(bill(number) == [] for number in range(990))
    assert bill(990) == [("I", "CR_Billing_Item_Code")]
    assert bill(0) == []


# ---------------------------------------------------------------- properties


@settings(max_examples=25, deadline=None)
@given(
    values=st.fixed_dictionaries(
        {"CR_Cost_Type": st.sampled_from("SM")},
        optional={
            "Change_Request_Amount": st.decimals(-1000, 1000, places=2).map(str),
            "Change_Request_Quantity": st.decimals(-1000, 1000, places=2).map(str),
            "Origination_Date": st.dates(date(2026, 1, 1)).map(lambda day: f"{day:%m/%d/%Y}"),
            "Rough_Estimate": st.just("12.5"),
        },
    ),
    has_sub=st.booleans(),
)
def test_same_line_twice_is_one_line_and_blanks_change_nothing(
    values: dict[str, str], *, has_sub: bool
) -> None:
    """Sending it again, or only its keys in a new group, leaves the state as it is."""
    fake = ready(change_needs_subcontract_line=False)
    line = {**LINE, **(SUB if has_sub else {}), **values}
    assert send(fake, line) == []
    before = fake.state()
    assert send(fake, line) == []
    keys = ("CR_Phase_Code", "CR_Cost_Type", "Subcontractor_Code", "Subcontract_Number")
    assert send(fake, {**KEY, "GUID": "g", **{key: line.get(key, "") for key in keys}}) == []
    assert fake.state() == before


# ---------------------------------------------------------------- arranging


def test_person_enters_and_deletes_inside_spectrum() -> None:
    """Arranged requests name their operator; a deleted one is gone with its lines."""
    fake = ready()
    fake.add_change_request(**HEADER, Operator="JDO")
    cost = {name: value for name, value in COST.items() if value}
    fake.add_change_request(**KEY, **cost)
    assert only(fake) == {**HEADER, "Operator": "JDO", "lines": [cost], "billing_lines": []}
    fake.remove_change_request("J1", "C1", "7")
    assert requests(fake) == []


def test_arranged_request_can_be_continued() -> None:
    """A line of ours on a request that a person entered; the last writer is noted."""
    fake = ready()
    fake.add_change_request(**HEADER, Cost_Reimbursable_Flag="Y", Operator="JDO")
    assert send(fake, {**LINE, "Cost_Reimbursable_Flag": "N"}) == [("I", "Cost_Reimbursable_Flag")]
    assert only(fake)["Operator"] == "JDO"
    assert send(fake, {**LINE, **SUB}) == []
    assert (only(fake)["Operator"], len(only(fake)["lines"])) == ("*WS", 1)
    assert only(fake)["lines"][0]["Sub_Change_Order_Date"] == "2026-01-05"
    assert "Origination_Date" not in only(fake)


def test_mistakes_in_arranged_requests_are_named() -> None:
    """Missing keys, jobs and requests do not pass silently."""
    fake = ready()
    with pytest.raises(InvalidValueError):
        fake.add_change_request(Job_Number="J1", Customer_Code="C1")
    with pytest.raises(InvalidValueError):
        fake.add_change_request(**{**KEY, "Job_Number": "X"})
    with pytest.raises(InvalidValueError):
        fake.remove_change_request("J1", "C1", "7")
    with pytest.raises(InvalidValueError):
        fake.add_change_status("X", 6)
    with pytest.raises(InvalidValueError):
        fake.add_billing_item("X", "1")
