"""Rows become models, and write models become elements."""

from datetime import date
from decimal import Decimal

import pytest

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError
from procore_spectrum.models import spectrum
from procore_spectrum.spectrum.convert import from_row, to_elements

PHASE = {
    "Job_Number": "24-0101",
    "Phase_Code": "01-0000",
    "Cost_Type": "LAB",
    "JTD_Hours": ".00",
    "JTD_Actual_Dollars": "-1234.50",
    "Start_Date": "01/05/2026",
    "Complete_Date": "",
    "Comment": "",
    "Something_New": "x",
}


def phase(**changes):
    """The phase of that row."""
    return from_row(spectrum.Phase, {**PHASE, **changes}, service="GetPhaseEnhanced", number=1)


def test_a_row_becomes_a_model():
    """Numbers, dates and codes have their types; phases have no dashes."""
    found = phase()
    assert found.phase_code == "010000"
    assert found.jtd_actual_dollars == Decimal("-1234.50")
    assert found.start_date == date(2026, 1, 5)
    assert found.complete_date is None


def test_missing_and_blank_differ():
    """A missing element is None, a blank one is blank text."""
    found = phase()
    assert found.description is None
    assert found.comment == ""


def test_both_spellings_are_read():
    """The page's spelling of the current estimate is understood as well as the wire's."""
    assert phase(Current_Estimated_Dollars="5.00").current_estimate_dollars == 5
    assert phase(Current_Estimate_Dollars="6.00").current_estimate_dollars == 6


def test_a_bad_value_names_row_job_and_element():
    """An unreadable cell says where it is."""
    with pytest.raises(UnreadableReplyError) as caught:
        phase(JTD_Hours="lots")
    assert caught.value.path == "GetPhaseEnhanced row 1 job 24-0101 JTD_Hours"


@pytest.mark.parametrize("row", [{}, {**PHASE, "Cost_Type": ""}])
def test_a_row_without_its_key_is_refused(row):
    """A record without its key cannot be told from others."""
    with pytest.raises(UnreadableReplyError):
        from_row(spectrum.Phase, row, service="GetPhase", number=7)


def test_numbered_elements_become_a_tuple():
    """UDF1 to UDF20 keep their places; blanks at the end are left out."""
    row = {"Job_Number": "1", "UDF1": "a", "UDF2": "", "UDF3": "c", "UDF4": ""}
    assert from_row(spectrum.JobUdf, row, service="GetJobUDF", number=1).udf == ("a", "", "c")


def test_fields_of_one_service_stay_with_it():
    """Field_1 of GetJobMain and of GetJobDates are different fields."""
    row = {"Job_Number": "1", "Field_1": "x"}
    main = from_row(spectrum.Job, row, service="GetJobMain", number=1)
    dates = from_row(spectrum.Job, row, service="GetJobDates", number=1)
    assert (main.main_free_fields, main.dates_free_fields) == (("x",), ())
    assert (dates.main_free_fields, dates.dates_free_fields) == ((), ("x",))


def test_flags_and_counts():
    """Y is true, and days are whole numbers."""
    job = from_row(
        spectrum.Job, {"Job_Number": "1", "Certified_Flag": "Y"}, service="GetJob", number=1
    )
    vendor = from_row(
        spectrum.Vendor,
        {"Vendor_Code": "V1", "Payment_Term_Days": "30"},
        service="GetVendors",
        number=1,
    )
    assert job.certified_flag is True
    assert vendor.payment_term_days == 30


# ---------------------------------------------------------------- writing


def vendor_create(**changes):
    """A vendor with everything that is required."""
    required = {
        "vendor_code": "ACME",
        "vendor_name": "Acme Steel",
        "alpha_sort": "ACME",
        "terms_code": "A",
        "terms_days": 30,
        "terms_disc_code": "A",
    }
    return spectrum.VendorCreate(**{**required, **changes})


def test_a_model_becomes_elements():
    """Only what is given is written, each value in Spectrum's form."""
    elements = to_elements(
        vendor_create(
            city="Seattle",
            phone="(206) 555-1212",
            fed_id_number="91-1234567",
            default_gl_account="100-200",
            insurance_exp_date=date(2026, 12, 31),
            hold_flag=False,
            routing_limit=Decimal("1500.00"),
            gl_distribution_accounts=("1-1", "2-2"),
            gl_distribution_percents=(Decimal("33.33"), Decimal("66.67")),
            udf=("a", "", "c"),
        )
    )
    assert elements == {
        "Vendor_Code": "ACME",
        "Vendor_Name": "Acme Steel",
        "Alpha_Sort": "ACME",
        "Terms_Code": "A",
        "Terms_Days": "30",
        "Terms_Disc_Code": "A",
        "Address_3": "Seattle",
        "Phone": "2065551212",
        "Fed_Id_Number": "911234567",
        "Default_GL_Account": "100200",
        "Insurance_Exp_Date": "12/31/2026",
        "Hold_Flag": "N",
        "Routing_Limit": "1500",
        "GL_Distribution_Acct_List1": "11",
        "GL_Distribution_Acct_List2": "22",
        "GL_Distrib_Percent_List1": "33.33",
        "GL_Distrib_Percent_List2": "66.67",
        "UDF1": "a",
        "UDF2": "",
        "UDF3": "c",
    }


def test_all_faults_are_reported_together():
    """Lengths, codes, types, digits and missing values are found in one go."""
    with pytest.raises(InvalidValueError) as caught:
        to_elements(
            vendor_create(
                vendor_code="  ",
                vendor_name="x" * 31,
                terms_code="Z",
                terms_days=-1,
                city=5,
                zip_code="a\x00b",
                hold_flag="Y",
                insurance_exp_date="soon",
                routing_limit=Decimal("1.005"),
                udf=("u",) * 21,
            )
        )
    assert {violation.path for violation in caught.value.violations} == {
        "vendor_code",
        "vendor_name",
        "terms_code",
        "terms_days",
        "city",
        "zip_code",
        "hold_flag",
        "insurance_exp_date",
        "routing_limit",
        "udf[20]",
    }


def test_a_required_value_cannot_be_none():
    """None in a required field is reported, not left out."""
    with pytest.raises(InvalidValueError) as caught:
        to_elements(vendor_create(alpha_sort=None))
    assert [violation.path for violation in caught.value.violations] == ["alpha_sort"]


def test_an_update_cannot_clear():
    """Blank text in an update is refused, because Spectrum would ignore it silently."""
    update = spectrum.JobUpdate(job_number="24-0101", owner_name="")
    with pytest.raises(InvalidValueError) as caught:
        to_elements(update)
    assert caught.value.violations[0].path == "owner_name"


def test_a_creation_may_leave_text_blank():
    """Blank text in a new record says the same as leaving it out."""
    assert to_elements(vendor_create(state=""))["State"] == ""


def test_phases_are_written_without_dashes():
    """The mask's dashes are Spectrum's business."""
    upsert = spectrum.PhaseUpsert(
        job_number="24-0101", phase_code="01-0000", cost_type="LAB", price_method_code="F"
    )
    elements = to_elements(upsert)
    assert elements["Phase_Code"] == "010000"
    assert elements["Job_Number"] == "24-0101"
