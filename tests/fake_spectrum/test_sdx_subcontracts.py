"""UpdateSubcontract, UpdateSubcontractPhases, UpdateSubcon_UDF: one test per rule, both sides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sdx_wire import SteppingClock, call, put

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches

KEY = {"Vendor_Code": "ACME", "Subcontract_Number": "SC-1"}
HEADER = {**KEY, "Job_Number": "24-0101", "GL_Account": "05000"}
LINE = {**KEY, "Phase_Code": "033000", "Cost_Type": "S"}
PRICE = ("Unit_Price", "Original_Contract_Quantity", "Original_Contract_Amount")


def ready() -> FakeSpectrum:
    """Two vendors, a job of each status, one with phases; no subcontract."""
    fake = FakeSpectrum(clock=SteppingClock())
    fake.add_vendor(
        Vendor_Code="ACME",
        Terms_Code="B",
        Terms_Days="30",
        Terms_Disc_Code="A",
        Terms_Disc_Days="10",
        Terms_Disc_Percent="2.5",
        Insurance_Cert_Flag="Y",
    )
    fake.add_vendor(Vendor_Code="OTHER")
    for number, status, method in (
        ("24-0101", "A", "F"),
        ("UNIT", "I", "U"),
        ("DONE", "C", "F"),
    ):
        fake.add_job(Job_Number=number, Status_Code=status, Price_Method_Code=method)
    phase = {"Job_Number": "24-0101", "Description": "Footings", "Unit_of_Measure": "CY"}
    fake.add_phase(**phase, Phase_Code="033000", Cost_Type="S")
    fake.add_phase(**phase, Phase_Code="033000", Cost_Type="M", Bid_Item_Number="0010")
    fake.add_phase(**phase | {"Unit_of_Measure": "LS"}, Phase_Code="034000", Cost_Type="S")
    return fake


def signed() -> FakeSpectrum:
    """The same with a subcontract entered through the service."""
    fake = ready()
    assert put(fake, "UpdateSubcontract", **HEADER) == []
    return fake


def stored(fake: FakeSpectrum) -> list[dict[str, Any]]:
    """All subcontracts with their lines."""
    found: list[dict[str, Any]] = fake.state()["ABC"]["subcontracts"]
    return found


def header(fake: FakeSpectrum) -> dict[str, Any]:
    """The only header."""
    (only,) = stored(fake)
    return {element: value for element, value in only.items() if element != "lines"}


def lines(fake: FakeSpectrum) -> list[dict[str, Any]]:
    """The lines of the only subcontract."""
    (only,) = stored(fake)
    found: list[dict[str, Any]] = only["lines"]
    return found


# ---------------------------------------------------------------- headers


def test_new_subcontract_takes_defaults_from_vendor_job_and_day() -> None:
    """What nobody gave comes from elsewhere; the account keeps its zero."""
    assert header(signed()) == {
        **HEADER,
        "Status_Code": "A",
        "Insurance_Cert_Flag": "Y",
        "Date_Issued": "2026-01-05",
        "Unit_Price_Flag": "N",
        "Next_Payment_Number": "1",
        "Pay_Override": "N",
        "Pay_Terms": "B",
        "Pay_Days": "30",
        "Disc_Override": "N",
        "Disc_Terms": "A",
        "Disc_Days": "10",
        "Disc_Perc": "2.5",
        "Pay_When_Paid": "N",
        "Operator": "*WS",
    }


def test_unit_price_flag_follows_the_job() -> None:
    """Y on a unit-price job, unless the request says otherwise."""
    fake = ready()
    assert put(fake, "UpdateSubcontract", **HEADER | {"Job_Number": "UNIT"}) == []
    assert header(fake)["Unit_Price_Flag"] == "Y"
    assert put(fake, "UpdateSubcontract", **KEY, Unit_Price_Flag="N") == []
    assert header(fake)["Unit_Price_Flag"] == "N"


HEADER_RULES: list[tuple[dict[str, str], list[tuple[str, str]]]] = [
    ({}, []),
    ({"Job_Number": "UNIT"}, []),
    ({"Job_Number": "DONE"}, [("I", "Job_Number")]),
    ({"Job_Number": "NONE"}, [("I", "Job_Number")]),
    ({"Job_Number": ""}, [("M", "Job_Number")]),
    ({"GL_Account": ""}, [("M", "GL_Account")]),
    ({"Job_Number": "", "GL_Account": ""}, [("M", "Job_Number"), ("M", "GL_Account")]),
    ({"Vendor_Code": "NONE"}, [("I", "Vendor_Code")]),
    ({"Vendor_Code": ""}, [("M", "Vendor_Code")]),
    ({"Subcontract_Number": ""}, [("M", "Subcontract_Number")]),
    ({"Subcontract_Number": "x" * 10}, []),
    ({"Subcontract_Number": "x" * 11}, [("I", "Subcontract_Number")]),
    ({"Comment": "x" * 120}, []),
    ({"Comment": "x" * 121}, [("I", "Comment")]),
    ({"Retention_Percent": "0"}, []),
    ({"Retention_Percent": "-0.1"}, [("I", "Retention_Percent")]),
    ({"Retention_Percent": "99.9"}, []),
    ({"Retention_Percent": "100"}, [("I", "Retention_Percent")]),
    ({"Retention_Percent": "5.25"}, [("I", "Retention_Percent")]),
    ({"Status_Code": "I"}, []),
    ({"Status_Code": "X"}, [("I", "Status_Code")]),
    ({"Sent_Date": "01/31/2026"}, []),
    ({"Sent_Date": "2026-01-31"}, [("I", "Sent_Date")]),
    ({"Insurance_Cert_Flag": "A"}, []),
    ({"Insurance_Cert_Flag": "X"}, [("I", "Insurance_Cert_Flag")]),
    ({"Next_Payment_Number": "-1"}, [("I", "Next_Payment_Number")]),
    ({"Pay_Override": "N"}, [("I", "Pay_Override")]),
    ({"Pay_When_Paid": "Y"}, [("I", "Pay_When_Paid")]),
    ({"Pay_When_Paid": "Y", "Pay_Override": "Y"}, []),
    ({"Default_Phase_Code": "033000"}, []),
    ({"Default_Phase_Code": "03-3000"}, [("I", "Default_Phase_Code")]),
    ({"Default_Phase_Code": "099000"}, [("I", "Default_Phase_Code")]),
    ({"Default_Cost_Type": "M"}, []),
    ({"Default_Cost_Type": "Z"}, [("I", "Default_Cost_Type")]),
    ({"Default_Phase_Code": "033000", "Default_Cost_Type": "M"}, []),
    ({"Default_Phase_Code": "034000", "Default_Cost_Type": "M"}, [("I", "Default_Phase_Code")]),
    ({"Cost_Center_Override": "1"}, [("I", "Cost_Center_Override")]),
]


@pytest.mark.parametrize(("changes", "found"), HEADER_RULES)
def test_rules_of_a_new_subcontract(changes: dict[str, str], found: list[tuple[str, str]]) -> None:
    """What goes in, and what each rule names; a refused one leaves nothing behind."""
    fake = ready()
    assert put(fake, "UpdateSubcontract", **{**HEADER, **changes}) == found
    assert len(stored(fake)) == (not found)


def test_cost_center_needs_the_option_of_the_company() -> None:
    """Taken once the company uses cost centres."""
    fake = ready()
    fake.switches = Switches(cost_centers=True)
    assert put(fake, "UpdateSubcontract", **HEADER, Cost_Center_Override="1") == []


@pytest.mark.parametrize(
    ("account", "text"),
    [
        ("05000", b""),
        ("5000", b"<desc>GL Account does not match GL Mask</desc>"),
        ("06000", b""),
        ("07000", b"<desc>GL_Account is not a direct job cost account</desc>"),
    ],
)
def test_account_is_in_the_chart_and_direct(account: str, text: bytes) -> None:
    """Unknown and overhead accounts are refused."""
    fake = ready()
    fake.add_gl_account("05000")
    fake.add_gl_account("06000", direct=True)
    fake.add_gl_account("07000", direct=False)
    content = call(fake, "UpdateSubcontract", **HEADER | {"GL_Account": account}).content
    assert text in content
    assert (b"<error_code>I</error_code>" in content) is bool(text)
    assert bool(stored(fake)) is not bool(text)


@pytest.mark.parametrize(("direct", "found"), [(False, []), (None, []), (True, ["bad"])])
def test_distribution_of_a_vendor_takes_no_direct_account(
    *, direct: bool | None, found: list[str]
) -> None:
    """The other side of direct accounts: UpdateVendor refuses to distribute to one."""
    fake = ready()
    fake.add_gl_account("5000", direct=direct)
    element = "GL_Distribution_Acct_List1"
    split = {element: "5000", "GL_Distrib_Percent_List1": "100"}
    answer = put(fake, "UpdateVendor", Vendor_Code="ACME", **split)
    assert answer == [("I", element) for _ in found]


def test_job_cannot_be_changed_but_repeated() -> None:
    """A subcontract stays on its job."""
    fake = signed()
    assert put(fake, "UpdateSubcontract", **KEY, Job_Number="24-0101") == []
    assert put(fake, "UpdateSubcontract", **KEY, Job_Number="UNIT") == [("I", "Job_Number")]
    assert header(fake)["Job_Number"] == "24-0101"


def test_update_needs_neither_job_nor_account() -> None:
    """On an existing subcontract blanks change nothing; what is given changes alone."""
    fake = signed()
    before = header(fake)
    assert put(fake, "UpdateSubcontract", **KEY) == []
    assert header(fake) == before
    assert put(fake, "UpdateSubcontract", **KEY, Retention_Percent="10.5", Status_Code="C") == []
    assert header(fake) == before | {"Retention_Percent": "10.5", "Status_Code": "C"}


def test_complete_job_takes_no_change() -> None:
    """The pessimistic reading: neither the header nor its lines."""
    fake = signed()
    fake.add_job(Job_Number="24-0101", Status_Code="C")
    assert put(fake, "UpdateSubcontract", **KEY, Comment="x") == [("I", "Job_Number")]
    assert put(fake, "UpdateSubcontractPhases", **LINE) == [("I", "Job_Number")]


def test_numbers_are_unique_per_vendor_only() -> None:
    """The same number of another vendor is another subcontract."""
    fake = signed()
    assert put(fake, "UpdateSubcontract", **HEADER) == []
    assert put(fake, "UpdateSubcontract", **HEADER | {"Vendor_Code": "OTHER"}) == []
    assert [entry["Vendor_Code"] for entry in stored(fake)] == ["ACME", "OTHER"]


@pytest.mark.parametrize(("override", "days", "percent"), [("", "30", "2.5"), ("Y", "7", "1")])
def test_terms_need_their_override(override: str, days: str, percent: str) -> None:
    """Without the override the vendor's terms stay."""
    fake = ready()
    terms = {"Pay_Days": "7", "Disc_Perc": "1"}
    overrides = {"Pay_Override": override, "Disc_Override": override}
    assert put(fake, "UpdateSubcontract", **HEADER, **terms, **overrides) == []
    assert (header(fake)["Pay_Days"], header(fake)["Disc_Perc"]) == (days, percent)
    assert put(fake, "UpdateSubcontract", **KEY, Pay_Days="9") == []
    assert header(fake)["Pay_Days"] == ("9" if override else "30")


@pytest.mark.parametrize(
    ("first", "given_date", "found"),
    [
        (date(2026, 1, 5), "", []),
        (date(2026, 1, 6), "", [("I", "Date_Issued")]),
        (date(2026, 1, 6), "01/06/2026", []),
        (date(2026, 1, 6), "12/31/2026", []),
        (date(2026, 1, 6), "01/01/2027", [("I", "Date_Issued")]),
    ],
)
def test_issue_date_is_in_the_fiscal_calendar(
    first: date, given_date: str, found: list[tuple[str, str]]
) -> None:
    """Also when it is the default."""
    fake = ready()
    fake.set_fiscal_calendar(first, date(2026, 12, 31))
    assert put(fake, "UpdateSubcontract", **HEADER, Date_Issued=given_date) == found


def test_calendar_does_not_matter_to_an_update_without_date() -> None:
    """An old subcontract can be changed after its year was closed."""
    fake = signed()
    fake.set_fiscal_calendar(date(2030, 1, 1), date(2030, 12, 31))
    assert put(fake, "UpdateSubcontract", **KEY, Comment="x") == []


def test_user_defined_elements_need_the_subcontract() -> None:
    """UpdateSubcon_UDF fills them and leaves the others."""
    fake = ready()
    found = put(fake, "UpdateSubcon_UDF", **KEY, UDF1="a")
    assert found == [("I", "Subcontract_Number")]
    put(fake, "UpdateSubcontract", **HEADER)
    before = header(fake)
    assert put(fake, "UpdateSubcon_UDF", **KEY, UDF1="a", UDF20="b") == []
    assert put(fake, "UpdateSubcon_UDF", **KEY, UDF20="c") == []
    assert header(fake) == before | {"UDF1": "a", "UDF20": "c"}


@pytest.mark.parametrize("element", ["Routing_Code1", "Routing_Code2"])
def test_routing_codes_are_checked_once_there_are_some(element: str) -> None:
    """Every code is taken before; a blank one needs no routing code at all."""
    fake = signed()
    assert put(fake, "UpdateSubcontract", **KEY, **{element: "R1"}) == []
    fake.add_code("routing", "R2")
    assert put(fake, "UpdateSubcontract", **KEY, **{element: "R1"}) == [("I", element)]
    assert put(fake, "UpdateSubcontract", **KEY, **{element: "R2"}) == []
    assert put(fake, "UpdateSubcontract", **KEY, Comment="x") == []


def test_success_may_name_the_subcontract() -> None:
    """The switch for the unknown body of success reaches these services, too."""
    fake = ready()
    fake.switches = Switches(put_success="information")
    assert put(fake, "UpdateSubcontract", **HEADER) == [("G", "Subcontract_Number")]
    assert put(fake, "UpdateSubcontractPhases", **LINE) == [("G", "Phase_Code")]


def test_open_window_locks_headers_and_lines_apart() -> None:
    """While a person edits subcontracts, their lines can be written."""
    fake = signed()
    fake.lock_record("subcontracts")
    assert put(fake, "UpdateSubcontract", **HEADER) == [("I", "Subcontract_Number")]
    assert put(fake, "UpdateSubcon_UDF", **KEY) == [("I", "Subcontract_Number")]
    assert put(fake, "UpdateSubcontractPhases", **LINE) == []
    fake.lock_record("subcontract_lines")
    assert put(fake, "UpdateSubcontractPhases", **LINE) == [("I", "Phase_Code")]


# ---------------------------------------------------------------- lines

LINE_RULES: list[tuple[dict[str, str], list[tuple[str, str]]]] = [
    ({}, []),
    ({"Subcontract_Number": "SC-2"}, [("I", "Subcontract_Number")]),
    ({"Vendor_Code": "OTHER"}, [("I", "Subcontract_Number")]),
    ({"Phase_Code": "", "Cost_Type": ""}, [("M", "Phase_Code"), ("M", "Cost_Type")]),
    ({"Phase_Code": "099000"}, [("I", "Phase_Code")]),
    ({"Phase_Code": "03-3000"}, [("I", "Phase_Code")]),
    ({"Cost_Type": "L"}, [("I", "Cost_Type")]),
    ({"Cost_Type": "LABR"}, [("I", "Cost_Type")]),
    ({"Unit_Price": "-999999.9999"}, []),
    ({"Unit_Price": "1000000"}, [("I", "Unit_Price")]),
    ({"Unit_Price": "1.00001"}, [("I", "Unit_Price")]),
    ({"Original_Contract_Quantity": "-99999999.99"}, []),
    ({"Original_Contract_Quantity": "100000000"}, [("I", "Original_Contract_Quantity")]),
    ({"Original_Contract_Quantity": "1.001"}, [("I", "Original_Contract_Quantity")]),
    ({"Original_Contract_Amount": "-999999999.99"}, []),
    ({"Original_Contract_Amount": "1000000000"}, [("I", "Original_Contract_Amount")]),
    ({"Original_Contract_Amount": "1.001"}, [("I", "Original_Contract_Amount")]),
    ({"Bill_Description": "x" * 25}, []),
    ({"Bill_Description": "x" * 26}, [("I", "Bill_Description")]),
    ({"Unit_Of_Measure": "EACH"}, [("I", "Unit_Of_Measure")]),
    ({"Retention_Flag": "Y"}, []),
    ({"Retention_Flag": "X"}, [("I", "Retention_Flag")]),
    ({"Bid_Item_Number": "x" * 10}, []),
    ({"Bid_Item_Number": "x" * 11}, [("I", "Bid_Item_Number")]),
]


@pytest.mark.parametrize(("changes", "found"), LINE_RULES)
def test_rules_of_a_new_line(changes: dict[str, str], found: list[tuple[str, str]]) -> None:
    """What goes in, and what each rule names."""
    fake = signed()
    assert put(fake, "UpdateSubcontractPhases", **{**LINE, **changes}) == found
    assert len(lines(fake)) == (not found)


def test_account_of_a_line_is_checked_by_a_switch() -> None:
    """The reported text, for the cost types without an account."""
    fake = signed()
    fake.switches = Switches(cost_types_without_gl=frozenset({"M"}))
    text = b"<desc>Invalid GL account for job/phase/cost type</desc>"
    assert text in call(fake, "UpdateSubcontractPhases", **LINE | {"Cost_Type": "M"}).content
    assert put(fake, "UpdateSubcontractPhases", **LINE) == []


def test_new_line_takes_defaults_from_the_phase() -> None:
    """Description, unit of measure and billing item; retention is off."""
    fake = signed()
    assert put(fake, "UpdateSubcontractPhases", **LINE | {"Cost_Type": "M"}) == []
    (line,) = lines(fake)
    assert line == {
        **LINE,
        "Cost_Type": "M",
        "Bid_Item_Number": "0010",
        "Bill_Description": "Footings",
        "Unit_Of_Measure": "CY",
        "Retention_Flag": "N",
        "Operator": "*WS",
    }


def test_keys_of_a_line_default_from_the_header() -> None:
    """A header with a default phase and cost type lets a line leave both blank."""
    fake = signed()
    defaults = {"Default_Phase_Code": "033000", "Default_Cost_Type": "S"}
    assert put(fake, "UpdateSubcontract", **KEY, **defaults) == []
    assert put(fake, "UpdateSubcontractPhases", **KEY, Original_Contract_Amount="5") == []
    (line,) = lines(fake)
    assert (line["Phase_Code"], line["Cost_Type"]) == ("033000", "S")


def test_same_phase_and_type_repeats_with_other_items_only() -> None:
    """The billing item is part of the key."""
    fake = signed()
    for item, amount in (("0010", "1"), ("0020", "2"), ("0010", "3")):
        values = {"Bid_Item_Number": item, "Original_Contract_Amount": amount}
        assert put(fake, "UpdateSubcontractPhases", **LINE, **values) == []
    amounts = {line["Bid_Item_Number"]: line["Original_Contract_Amount"] for line in lines(fake)}
    assert amounts == {"0010": "3", "0020": "2"}


PRICES = [
    ([{"Original_Contract_Amount": "7"}], [None, None, "7"]),
    ([{"Unit_Price": "2.5", "Original_Contract_Quantity": "3"}], ["2.5", "3", "7.50"]),
    (
        [{"Unit_Price": "2", "Original_Contract_Quantity": "3", "Original_Contract_Amount": "9"}],
        ["2", "3", "6.00"],
    ),
    ([{"Unit_Price": "0.005", "Original_Contract_Quantity": "1"}], ["0.005", "1", "0.01"]),
    ([{"Unit_Price": "2"}], ["2", None, None]),
    ([{"Unit_Price": "2"}, {"Original_Contract_Quantity": "-3"}], ["2", "-3", "-6.00"]),
    (
        [
            {"Unit_Price": "2", "Original_Contract_Quantity": "3"},
            {"Original_Contract_Amount": "5"},
        ],
        ["2", "3", "5"],
    ),
]


@pytest.mark.parametrize(("calls", "expected"), PRICES)
def test_price_times_quantity_is_the_amount(
    calls: list[dict[str, str]], expected: list[str | None]
) -> None:
    """Both given win over the amount; a stored one takes part."""
    fake = signed()
    for values in calls:
        assert put(fake, "UpdateSubcontractPhases", **LINE, **values) == []
    (line,) = lines(fake)
    assert [line.get(element) for element in PRICE] == expected


def test_amount_that_no_longer_fits_is_refused() -> None:
    """The product obeys the format of the amount, after rounding."""
    fake = signed()
    values = {"Unit_Price": "100.0000", "Original_Contract_Quantity": "9999999.99"}
    assert put(fake, "UpdateSubcontractPhases", **LINE, **values) == []
    before = lines(fake)
    values["Original_Contract_Quantity"] = "10000000"
    found = put(fake, "UpdateSubcontractPhases", **LINE, **values)
    assert found == [("I", "Original_Contract_Amount")]
    assert lines(fake) == before


@pytest.mark.parametrize("given_unit", ["LS", ""])
def test_fixed_price_unit_ignores_price_and_quantity(given_unit: str) -> None:
    """Whether the unit is given or the phase's, only the amount counts."""
    fake = signed()
    values = {"Unit_Price": "2", "Original_Contract_Quantity": "3"}
    keys = LINE | {"Phase_Code": "034000", "Unit_Of_Measure": given_unit}
    found = put(fake, "UpdateSubcontractPhases", **keys, **values, Original_Contract_Amount="9")
    assert found == []
    assert [lines(fake)[0].get(element) for element in PRICE] == [None, None, "9"]


# ---------------------------------------------------------------- properties

_MONEY = st.decimals(-1000, 1000, places=2).map(str)
_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "Bill_Description": st.sampled_from(["Pads", "Walls"]),
        "Retention_Flag": st.sampled_from("YN"),
        "Unit_Price": _MONEY,
        "Original_Contract_Quantity": _MONEY,
        "Original_Contract_Amount": _MONEY,
    },
)


@settings(max_examples=25, deadline=None)
@given(values=_VALUES)
def test_same_line_twice_is_one_line_and_blanks_change_nothing(values: dict[str, str]) -> None:
    """Sending it again, or sending only its key, leaves the state as it is."""
    fake = signed()
    assert put(fake, "UpdateSubcontractPhases", **LINE, **values) == []
    before = fake.state()
    assert put(fake, "UpdateSubcontractPhases", **LINE, **values) == []
    assert put(fake, "UpdateSubcontractPhases", **LINE) == []
    assert fake.state() == before
    price, quantity = values.get("Unit_Price"), values.get("Original_Contract_Quantity")
    if price and quantity:
        amount = Decimal(lines(fake)[0]["Original_Contract_Amount"])
        assert abs(amount - Decimal(price) * Decimal(quantity)) <= Decimal("0.005")


@settings(max_examples=25, deadline=None)
@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            "Comment": st.sampled_from(["one", "two & three"]),
            "Retention_Percent": st.sampled_from(["0", "10.5"]),
            "Status_Code": st.sampled_from("AIC"),
            "Pay_Override": st.just("Y"),
            "Pay_Days": st.sampled_from(["0", "45"]),
        },
    )
)
def test_same_header_twice_is_one_subcontract(values: dict[str, str]) -> None:
    """The upsert of a header is idempotent, too."""
    fake = ready()
    assert put(fake, "UpdateSubcontract", **HEADER, **values) == []
    before = fake.state()
    assert put(fake, "UpdateSubcontract", **HEADER, **values) == []
    assert put(fake, "UpdateSubcontract", **KEY) == []
    assert fake.state() == before


# ---------------------------------------------------------------- arranging


def test_person_enters_and_deletes_inside_spectrum() -> None:
    """Arranged records name their operator; a deleted subcontract loses its lines."""
    fake = ready()
    fake.add_subcontract(**HEADER, Operator="JDO")
    fake.add_subcontract_line(**LINE, Original_Contract_Amount=Decimal(5), Operator="JDO")
    assert header(fake) == {**HEADER, "Status_Code": "A", "Operator": "JDO"}
    assert put(fake, "UpdateSubcontractPhases", **LINE, Original_Contract_Amount="6") == []
    (line,) = lines(fake)
    assert (line["Original_Contract_Amount"], line["Operator"]) == ("6", "*WS")
    fake.remove_subcontract("ACME", "SC-1")
    assert stored(fake) == []
    assert put(fake, "UpdateSubcontractPhases", **LINE) == [("I", "Subcontract_Number")]


def test_mistakes_in_arranged_subcontracts_are_named() -> None:
    """Missing keys, jobs and headers do not pass silently."""
    fake = ready()
    with pytest.raises(InvalidValueError):
        fake.add_subcontract(**KEY)
    with pytest.raises(InvalidValueError):
        fake.add_subcontract(**KEY, Job_Number="NONE")
    with pytest.raises(InvalidValueError):
        fake.add_subcontract_line(**LINE)
    with pytest.raises(InvalidValueError):
        fake.remove_subcontract("ACME", "SC-1")
