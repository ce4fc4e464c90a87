"""Hard limits of what is written, from both sides, against a table made from the help pages.

Each line of a layout is an element and its format: ``T10`` text of 10 characters, ``C:AIC`` one
of these codes, ``B`` Y or N, ``D`` a day, ``N-10.2`` a number of 10 digits and 2 decimals that
may be negative, ``N3`` one of 3 digits that may not. ``*`` marks what a record must have.
Formats that a page leaves open are those of the elements of the same length.
"""

from datetime import date
from decimal import Decimal

import attrs
import pytest

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.models import spectrum
from procore_spectrum.models.about import fields_of
from procore_spectrum.spectrum.convert import to_elements

LAYOUTS = {
    spectrum.SubcontractUpsert: """
        Vendor_Code T10 *
        Subcontract_Number T10 *
        Job_Number T10
        Default_Phase_Code T20
        Default_Cost_Type T3
        Status_Code C:AIC
        Contract_Type T15
        Insurance_Cert_Flag C:YNA
        Sent_Date D
        Date_Issued D
        Contact_Person T20
        Unit_Price_Flag B
        Comment T120
        Routing_Code1 T10
        Routing_Limit N10.2
        Routing_Code2 T10
        GL_Account T12
        Retention_Percent N2.1
        Next_Payment_Number N5
        Pay_Override C:Y
        Pay_Terms C:AB
        Pay_Days N3
        Disc_Override C:Y
        Disc_Terms C:AB
        Disc_Days N3
        Disc_Perc N3.2
        Pay_When_Paid B
        Cost_Center_Override T10
    """,
    spectrum.SubcontractLineUpsert: """
        Vendor_Code T10 *
        Subcontract_Number T10 *
        Phase_Code T20
        Cost_Type T3
        Bid_Item_Number T10
        Bill_Description T25
        Unit_Of_Measure T3
        Retention_Flag B
        Unit_Price N-6.4
        Original_Contract_Quantity N-8.2
        Original_Contract_Amount N-9.2
    """,
    spectrum.ChangeRequestLine: """
        Job_Number T10 *
        Customer_Code T10 *
        Change_Request_Number T8 *
        CR_Description T250
        CR_Status T2
        Cost_Reimbursable_Flag B
        Origination_Date D
        Approved_Date D
        Fee_Percent N-3.2
        Fee_Amount N-8.2
        CR_Phase_Code T20
        CR_Cost_Type T3
        Change_Request_Quantity N-7.2
        Change_Request_Hours N-6.2
        Change_Request_Amount N-10.2
        Subcontractor_Code T10
        Subcontract_Number T10
        Sub_Amount N-10.2
        Sub_Bid_Group_Item_Code T2
        Sub_Bid_Item_Code T10
        Sub_Status C:PER
        Sub_Change_Order_Number T8
        Sub_Change_Order_Date D
        Sub_Signed_Date D
        Sub_Description T30
        Sub_Type T15
        Sub_Proposal_Date D
        Sub_Sent_Date D
        Sub_Due_Date D
        Sub_Comments T250
        Markup_Cost_Type T3
        Markup_Percent N3.2
        Markup_Amount N-10.2
        Pricing_Addon_Code T10
        Pricing_Addon_MU_Percent N3.2
        Pricing_Addon_MU_Amount N-10.2
        Pricing_Addon_Phase T20
        Pricing_Addon_Cost_Type T3
        CR_Billing_Group_Code T2
        CR_Billing_Item_Code T10
        CR_Billing_Item_Description T30
        CR_Additional_Description T40
        CR_Unit_Price N-5.4
        CR_Quantity N-7.2
        CR_Revenue N-10.2
        Proceed_Submitted_Date D
        Proceed_Received_Date D
        Rough_Estimate N-8.2
        Quotation_Submitted_Date D
        Quotation_Due_Date D
        Requested_Days N-3
        Approved_Days N-3
        Default_Billing_Total B
    """,
    spectrum.EstimateUpdate: """
        Job_Number T10 *
        Phase_Code T20 *
        Cost_Type T3 *
        Price_Method_Code C:FTCUJ
        Original_Est_Cost N-8.2
        Original_Est_Quantity N-7.2
        Unit_of_Measure T3
        Original_Est_Hours N-6.2
        Current_Est_Cost N-8.2
    """,
    spectrum.JobCostProjection: """
        Job_Number T10 *
        Phase_Code T20 *
        Cost_Type T3 *
        Transaction_Date D *
        Amount N-10.2
        Projected_Hours N-10.2
        Projected_Quantity N-10.2
        Note T80
        Operator T3
    """,
    spectrum.CustomerCreate: """
        Customer_Code T10 *
        Name T30 *
        Alpha_Sort T8
        Type T10
        Address_1 T30
        Address_2 T30
        City T25
        State T2
        Zip_Code T10
        Phone T14
        Fax_Phone T14
        Contact_1 T20
        Contact_2 T20
        Contact_3 T20
        Salesperson T3
        Terms_Code T1 *
        Standard_Retention_Percent N3.2
        Taxable_Flag B
        Sales_Tax_Code T15 *
        Resale_Number T15
        Resale_Exp_Date D
        Statement_Flag B
        Finance_Charge_Tran_Code T10
        Finance_Charge N3.2
        Price_Level_Material C:12345
        Price_Level_Labor C:12345
        Credit_Limit N-10.2
        Date_Created D
        Customer_Email T70
        Markup_Code T10
        UDF1..20 U20
    """,
    spectrum.PhaseUpsert: """
        Job_Number T10 *
        Phase_Code T20 *
        Description T25
        Cost_Type T3 *
        Original_Est_Quantity N-7.2
        Unit_of_Measure T3
        Original_Est_Cost N-8.2
        Original_Est_Hours N-6.2
        Bid_Item_Number T10
        Alt_Phase_Code T20
        Work_Comp_Code T6
        Price_Method_Code C:FTCUJ *
        Phase_Cost_Center T10
        Current_Est_Hours N-6.2
        Current_Est_Quantity N-7.2
        Current_Est_Cost N-8.2
        Status_Code C:AIC
    """,
}
ROWS = [
    (model, *[*line.split(), ""][:3])
    for model, layout in LAYOUTS.items()
    for line in layout.strip().splitlines()
]
IDS = [f"{model.__name__}.{element}" for model, element, _, _ in ROWS]


def attribute(model, element):
    """The attribute that holds an element."""
    return next(field.name for field in fields_of(model) if field.wire == element)


def number(shape):
    """Digits before and after the point, and whether a number may be negative."""
    whole, _, places = shape.lstrip("N-").partition(".")
    return int(whole), int(places or 0), "-" in shape


def largest(whole, places):
    """The largest number of that many digits."""
    return Decimal("9" * whole + "." + "9" * places) if places else Decimal("9" * whole)


def sample(shape):
    """Some value that fits."""
    match shape[0]:
        case "D":
            return date(2026, 1, 5)
        case "B":
            return True
        case "C":
            return shape[2]
        case "N":
            return 1
        case "U":
            return ("x",)
    return "1"


def accepted(shape):
    """Values at the limit, with their text on the wire."""
    match shape[0]:
        case "D":
            return [(date(2026, 1, 5), "01/05/2026"), (date(9999, 12, 31), "12/31/9999")]
        case "B":
            return [(True, "Y"), (False, "N")]
        case "C":
            return [(code, code) for code in shape[2:]]
        case "N":
            whole, places, signed = number(shape)
            most = largest(whole, places)
            found = [(most, str(most)), (Decimal("0.00"), "0")]
            return found + ([(-most, f"-{most}")] if signed else [])
        case "U":
            return [(("x" * 20,), "x" * 20)]
    length = int(shape[1:])
    return [("7" * length, "7" * length), (" 7" + " " * length, "7")]


def refused(shape):
    """Values just over the limit, and of the wrong type."""
    match shape[0]:
        case "D":
            return ["01/05/2026"]
        case "B":
            return ["Y", 1]
        case "C":
            return ["Z", "?", shape[2] * 2]
        case "N":
            whole, places, signed = number(shape)
            over = [Decimal(10) ** whole, Decimal(1).scaleb(-places - 1), 0.5, True, Decimal("NaN")]
            over += [-(Decimal(10) ** whole)]
            return over + ([] if signed else [-Decimal(1).scaleb(-places)])
        case "U":
            return [("x" * 21,), ("x",) * 21]
    return ["7" * (int(shape[1:]) + 1), "7\x00", 7]


def record(model, element, value):
    """A record with what it must have, and that value."""
    needed = {attribute(m, e): sample(s) for m, e, s, mark in ROWS if m is model and mark}
    return model(**{**needed, attribute(model, element): value})


@pytest.mark.parametrize("model", LAYOUTS)
def test_every_element_of_the_page_is_there(model):
    """The model has the elements of its service, no more and no less."""
    elements = {element for m, element, _, _ in ROWS if m is model}
    assert {field.wire for field in fields_of(model)} == elements


@pytest.mark.parametrize(("model", "element", "shape", "mark"), ROWS, ids=IDS)
def test_values_at_the_limit_are_written(model, element, shape, mark):
    """What just fits arrives unchanged."""
    name = element.removesuffix("..20")
    for value, text in accepted(shape):
        assert to_elements(record(model, element, value))[name] == text


@pytest.mark.parametrize(("model", "element", "shape", "mark"), ROWS, ids=IDS)
def test_values_over_the_limit_are_refused(model, element, shape, mark):
    """What just does not fit is refused, with its field and nothing else."""
    for value in refused(shape):
        with pytest.raises(InvalidValueError) as caught:
            to_elements(record(model, element, value))
        (violation,) = caught.value.violations
        assert violation.path.partition("[")[0] == attribute(model, element)


@pytest.mark.parametrize(("model", "element", "shape", "mark"), ROWS, ids=IDS)
def test_what_is_required_cannot_be_left_out(model, element, shape, mark):
    """A record without it is refused before sending; anything else may be left out."""
    without = record(model, element, None)
    if mark:
        with pytest.raises(InvalidValueError) as caught:
            to_elements(without)
        assert [v.message for v in caught.value.violations] == ["a value is required"]
    elif shape[0] != "U":
        assert element not in to_elements(without)


@pytest.mark.parametrize(("model", "element", "shape", "mark"), ROWS, ids=IDS)
def test_facts_of_a_field(model, element, shape, mark):
    """The facts that pre-flight reads are those of the page."""
    about = next(field.about for field in fields_of(model) if field.wire == element)
    assert about.required is bool(mark)
    if shape[0] in "TU":
        assert about.length == int(shape[1:])
    if shape[0] == "N":
        assert (*about.digits, about.signed) == number(shape)
    assert about.values == (tuple(shape[2:]) if shape[0] == "C" else ())


@pytest.mark.parametrize("model", LAYOUTS)
def test_every_fault_of_a_record_is_told(model):
    """One attempt is enough to learn everything that is wrong."""
    wrong = {
        attribute(m, e): refused(shape)[0] for m, e, shape, _ in ROWS if m is model and e != "UDF1"
    }
    with pytest.raises(InvalidValueError) as caught:
        to_elements(model(**wrong))
    paths = {violation.path.partition("[")[0] for violation in caught.value.violations}
    assert paths == set(wrong)


@pytest.mark.parametrize(
    "model",
    [spectrum.SubcontractUpsert, spectrum.SubcontractLineUpsert, spectrum.ChangeRequestLine],
)
def test_nothing_is_cleared(model):
    """Blank text would be taken as "unchanged", so it is not sent as if it cleared a value."""
    optional = next(e for m, e, shape, mark in ROWS if m is model and shape[0] == "T" and not mark)
    with pytest.raises(InvalidValueError, match="cannot clear"):
        to_elements(attrs.evolve(record(model, optional, "1"), **{attribute(model, optional): ""}))
