"""ARChangeRequest: the lines of subcontracts and of billing, one test per rule."""

from __future__ import annotations

from datetime import date

import pytest
from sdx_change_wire import (
    BILLING,
    HEADER,
    LINE,
    SUB,
    Found,
    only,
    ready,
    send,
)
from sdx_wire import elements_of, findings, post

from procore_spectrum.testing.fake_spectrum import Switches

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
