"""ARChangeRequest: one test per rule, both sides of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sdx_change_wire import (
    BILLING,
    COST,
    HEADER,
    KEY,
    LINE,
    SUB,
    Found,
    only,
    ready,
    requests,
    send,
)
from sdx_wire import call, put

from procore_spectrum.errors import InvalidValueError

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
