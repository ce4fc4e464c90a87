"""AddVendor, UpdateVendor, AddJob, UpdateJob, AddPhase: one test per rule, both sides of it."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from sdx_wire import SteppingClock, call, get, put

from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches

VENDOR = {
    "Vendor_Code": "ACME",
    "Vendor_Name": "Acme & Co",
    "Alpha_Sort": "ACME",
    "Terms_Code": "A",
    "Terms_Days": "30",
    "Terms_Disc_Code": "B",
}
JOB = {"Job_Number": "24-0101", "Taxable_Flag": "N", "Price_Method_Code": "F"}
PHASE = {
    "Job_Number": "24-0101",
    "Phase_Code": "033000",
    "Cost_Type": "M",
    "Description": "Footings",
    "Price_Method_Code": "J",
}


def ready() -> FakeSpectrum:
    """A vendor OLD, customers, a job 1 per status, cost types, a phase category."""
    fake = FakeSpectrum(clock=SteppingClock())
    fake.add_vendor(Vendor_Code="OLD", Vendor_Name="Old", Address_3="Reno", Terms_Disc_Code="A")
    for customer in ("C1", "C2"):
        fake.add_customer(Customer_Code=customer, Name=customer)
    fake.add_job(Job_Number="24-0101", Price_Method_Code="T", Customer_Code="C1")
    fake.add_job(Job_Number="IDLE", Status_Code="I")
    fake.add_job(Job_Number="DONE", Status_Code="C")
    fake.add_job(Job_Number="LONG", Phase_Display_Code="##-####-##", Tax_Class_Code="T")
    for code in "LMS":
        fake.add_cost_type(code)
    entry = {"Phase_Code": "010000", "Cost_Type": "L", "Description": "Permits"}
    fake.add_phase_category("STD", [entry])
    return fake


def vendor(fake: FakeSpectrum, code: str) -> dict[str, Any]:
    """The stored vendor."""
    return next(v for v in fake.state()["ABC"]["vendors"] if v["Vendor_Code"] == code)


def job(fake: FakeSpectrum, number: str) -> dict[str, Any]:
    """The stored job."""
    return next(j for j in fake.state()["ABC"]["jobs"] if j["Job_Number"] == number)


def phases(fake: FakeSpectrum, number: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The stored pairs of a job."""
    found = fake.state()["ABC"]["phases"]
    return {(p["phase_code"], p["cost_type"]): p for p in found if p["job"] == number}


# ---------------------------------------------------------------- levels and success

REQUIRED = {
    "AddVendor": ["Company_Code", *VENDOR],
    "UpdateVendor": ["Vendor_Code"],
    "AddJob": ["Company_Code", *JOB],
    "UpdateJob": ["Job_Number"],
    "AddPhase": ["Job_Number", "Phase_Code", "Cost_Type"],
}


@pytest.mark.parametrize("service", sorted(REQUIRED))
def test_all_missing_elements_are_reported_together(service: str) -> None:
    """Level 1 names every required element that is blank, and hides the other levels."""
    found = (
        put(ready(), service, Company_Code="", State="toolong")
        if "Vendor" in service
        else (put(ready(), service, Company_Code=""))
    )
    assert found == [("M", element) for element in REQUIRED[service]]


def test_malformed_elements_hide_broken_rules() -> None:
    """Level 2 reports all wrong forms at once; that the vendor exists is level 3."""
    bad = {**VENDOR, "Vendor_Code": "OLD", "State": "N", "Terms_Days": "x", "Hold_Flag": "Q"}
    found = put(ready(), "AddVendor", **bad)
    assert found == [("I", "Terms_Days"), ("I", "Hold_Flag")]
    assert put(ready(), "AddVendor", **{**VENDOR, "Vendor_Code": "OLD", "State": "N"}) == [
        ("I", "State")
    ]
    assert put(ready(), "AddVendor", **{**VENDOR, "Vendor_Code": "OLD"}) == [("I", "Vendor_Code")]


def test_wrong_form_has_the_documented_text() -> None:
    """The sentence that the vendor's pages show."""
    content = call(ready(), "AddVendor", **{**VENDOR, "Hold_Flag": "Q"}).content
    text = b"<desc>Hold_Flag is invalid, value does not match specified field mask</desc>"
    assert text in content


@pytest.mark.parametrize(
    ("success", "body"),
    [
        ("empty", b"<returnData></returnData>"),
        ("information", b"<error_code>G</error_code><desc>ACME</desc><column>Vendor_Code</column>"),
        ("echo", b"<addVendor><response><Company_Code>ABC</Company_Code><Vendor_Code>ACME<"),
    ],
)
def test_body_of_success_is_a_switch(
    success: Literal["empty", "information", "echo"], body: bytes
) -> None:
    """Nobody has seen it, so three forms are on offer."""
    fake = ready()
    fake.switches = Switches(put_success=success)
    assert body in call(fake, "AddVendor", **VENDOR).content


@pytest.mark.parametrize("name", ["vendors", "AddVendor"])
def test_locked_record_refuses_the_write(name: str) -> None:
    """A table or a service may be locked; afterwards the write goes in."""
    fake = ready()
    fake.switches = Switches(lock_code="A", lock_text="Table is in use")
    fake.lock_record(name)
    response = call(fake, "AddVendor", **VENDOR)
    assert b"<error_code>A</error_code><desc>Table is in use</desc>" in response.content
    assert put(fake, "AddJob", **{**JOB, "Job_Number": "N"}) == []
    fake.unlock_record(name)
    assert put(fake, "AddVendor", **VENDOR) == []


# ---------------------------------------------------------------- forms (level 2)

FORMS = [
    ("Vendor_Name", "x" * 30, "x" * 31),
    ("Vendor_Name", "A.B", "A,B"),
    ("Vendor_Code", "A" * 10, "A" * 11),
    ("Vendor_Code", "A1", "a1"),
    ("Vendor_Code", "A1", "A-1"),
    ("Vendor_Code", "A1", "A,1"),
    ("Terms_Days", "0", "-1"),
    ("Terms_Days", "999", "1000"),
    ("Terms_Days", ".5", "."),
    ("Terms_Disc_Percent", "10.25", "10.255"),
    ("Insurance_Exp_Date", "02/29/2024", "02/29/2025"),
    ("Insurance_Exp_Date", "01/05/2026", "1/05/2026"),
    ("Insurance_Exp_Date", "01/05/2026", "2026-01-05"),
    ("Vendor_Email", "a@b.example", "a@b"),
    ("State", "NV", "nv"),
    ("Zip_Code", "99201-1234", "M5V 2T6"),
    ("Phone", "(206) 555-1212", "call me"),
    ("Fed_1099_Indicator", "A", "0"),
    ("Send_1099_Flag", "N", "X"),
]


@pytest.mark.parametrize(("element", "good", "bad"), FORMS)
def test_forms_of_vendor_elements(element: str, good: str, bad: str) -> None:
    """The last permitted value goes in, the first forbidden one is named."""
    assert put(ready(), "AddVendor", **{**VENDOR, element: good}) == []
    assert put(ready(), "AddVendor", **{**VENDOR, element: bad}) == [("I", element)]


@pytest.mark.parametrize(
    ("element", "good", "bad"),
    [("State", "NV", "N"), ("Zip_Code", "89501", "8950"), ("Phone", "775-555-0101", "none")],
)
def test_forms_of_the_address_of_a_new_job(element: str, good: str, bad: str) -> None:
    """Two letters of state, ZIP or ZIP+4, a number that can be dialled."""
    job = {**JOB, "Job_Number": "24-0199"}
    assert put(ready(), "AddJob", **job, **{element: bad}) == [("I", element)]
    assert put(ready(), "AddJob", **job, **{element: good}) == []


JOB_FORMS = [
    ("Phone", "(206) 555-1212", "call me"),
    ("Latitude", "-123.123456", "1234.5"),
    ("Latitude", "1.123456", "1.1234567"),
    ("Entered_Percent_Complete", "100.5", "100.55"),
    ("Entered_Percent_Complete", "0", "-1.0"),
    ("Entered_Projected_Cost", "-1234567890.1", "12345678901"),
    ("Job_Review_Percent", ".01", "0"),
    ("Daily_OT_Start", "24", "24.01"),
    ("Job_Description", "x" * 25, "x" * 26),
    ("Wage_Rate_Level", "9", "0"),
]


@pytest.mark.parametrize(("element", "good", "bad"), JOB_FORMS)
def test_forms_of_job_elements(element: str, good: str, bad: str) -> None:
    """Formats, bounds and lengths of numbers."""
    key = {"Job_Number": "24-0101"}
    assert put(ready(), "UpdateJob", **key, **{element: good}) == []
    assert put(ready(), "UpdateJob", **key, **{element: bad}) == [("I", element)]


@pytest.mark.parametrize(
    ("mask", "good", "bad"),
    [
        ("######", "03A000", "03300"),
        ("######", "033000", "0330001"),
        ("##-##", "0330", "03-30"),
        ("####", "0330", "03.0"),
        ("####", "0330", "033é"),
    ],
)
def test_phase_code_fits_the_mask(mask: str, good: str, bad: str) -> None:
    """One letter or digit per position, no dashes."""
    fake = ready()
    fake.add_job(Job_Number="M", Phase_Display_Code=mask)
    keys = {**PHASE, "Job_Number": "M"}
    assert put(fake, "AddPhase", **{**keys, "Phase_Code": good}) == []
    assert put(fake, "AddPhase", **{**keys, "Phase_Code": bad}) == [("I", "Phase_Code")]


def test_mask_of_the_installation_is_the_default() -> None:
    """A job without a mask of its own takes the constructor's."""
    fake = FakeSpectrum(phase_mask="####")
    fake.add_job(Job_Number="24-0101")
    fake.add_cost_type("M", "Material")
    assert put(fake, "AddPhase", **{**PHASE, "Phase_Code": "0330"}) == []
    assert put(fake, "AddPhase", **PHASE) == [("I", "Phase_Code")]


# ---------------------------------------------------------------- vendors (level 3)


def test_new_vendor_is_stored_active_with_operator_and_1099_type() -> None:
    """Defaults of a new vendor; the city comes in as Address_3."""
    fake = ready()
    fake.authorize("SDX-AUTHORIZATION", operator="INT")
    assert put(fake, "AddVendor", **VENDOR, Address_3="Boise", Send_1099_Flag="Y") == []
    stored = vendor(fake, "ACME")
    assert (stored["Status"], stored["Operator"], stored["City"]) == ("A", "INT", "Boise")
    assert stored["Fed_1099_Indicator"] == "7"


def test_tax_numbers_exclude_each_other() -> None:
    """Either a social security number or a federal id."""
    assert put(ready(), "AddVendor", **VENDOR, Social_Sec_Number="123456789") == []
    both = {"Social_Sec_Number": "123456789", "Fed_Id_Number": "91"}
    assert put(ready(), "AddVendor", **VENDOR, **both) == [("I", "Fed_Id_Number")]


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ({"GL_Distrib_Percent_List2": "40"}, []),
        ({}, [("M", "GL_Distrib_Percent_List2")]),
        ({"GL_Distrib_Percent_List2": "39.9"}, [("I", "GL_Distrib_Percent_List1")]),
    ],
)
def test_distribution_comes_in_pairs_that_total_100(
    second: dict[str, str], found: list[tuple[str, str]]
) -> None:
    """Each account has a percentage, and all of them make 100."""
    split = {
        "GL_Distribution_Acct_List1": "5000",
        "GL_Distrib_Percent_List1": "60",
        "GL_Distribution_Acct_List2": "6000",
        **second,
    }
    assert put(ready(), "AddVendor", **VENDOR, **split) == found


def test_percentage_needs_its_account() -> None:
    """A percentage alone misses the account."""
    found = put(ready(), "AddVendor", **VENDOR, GL_Distrib_Percent_List3="100")
    assert found == [("M", "GL_Distribution_Acct_List3")]


def test_accounts_are_checked_once_there_are_some() -> None:
    """With a chart of accounts an unknown one is refused with the known text."""
    fake = ready()
    fake.add_gl_account("5000")
    assert put(fake, "AddVendor", **VENDOR, Default_GL_Account="5000") == []
    response = call(fake, "UpdateVendor", Vendor_Code="OLD", Default_GL_Account="5001")
    assert b"<desc>GL Account does not match GL Mask</desc>" in response.content


def test_update_needs_an_existing_vendor() -> None:
    """UpdateVendor never adds."""
    assert put(ready(), "UpdateVendor", Vendor_Code="OLD", City="Boise") == []
    assert put(ready(), "UpdateVendor", Vendor_Code="NEW") == [("I", "Vendor_Code")]


def test_blank_leaves_the_vendor_unchanged() -> None:
    """Only what is given changes; a refused update changes nothing."""
    fake = ready()
    before = vendor(fake, "OLD")
    assert put(fake, "UpdateVendor", Vendor_Code="OLD", Vendor_Name="") == []
    assert vendor(fake, "OLD") == before
    put(fake, "UpdateVendor", Vendor_Code="OLD", City="Boise", Vendor_Status="S")
    assert vendor(fake, "OLD") == before
    put(fake, "UpdateVendor", Vendor_Code="OLD", Status="I", Send_1099_Flag="Y")
    assert vendor(fake, "OLD") == before | {
        "Status": "I",
        "Send_1099_Flag": "Y",
        "Fed_1099_Indicator": "7",
    }


def test_electronic_payment_needs_a_bank_account() -> None:
    """P, S and E need account, type and routing number; C does not."""
    needs = {"Checking_Account_Code": "1", "Account_Type": "C", "ABA_Number": "123456789"}
    key = {"Vendor_Code": "OLD"}
    assert put(ready(), "UpdateVendor", **key, Vendor_Status="C") == []
    assert put(ready(), "UpdateVendor", **key, Vendor_Status="E", **needs) == []
    found = put(ready(), "UpdateVendor", **key, Vendor_Status="E")
    assert found == [("M", element) for element in needs]


@pytest.mark.parametrize(
    ("release", "found"), [("2024 R2", [("I", "Vendor_Status")]), ("2025 R1", [])]
)
def test_epayments_need_the_release_and_an_address(
    release: str, found: list[tuple[str, str]]
) -> None:
    """V came with 2025 R1, and then wants a whole address and an account reference."""
    fake = FakeSpectrum(release=release)
    address = {"Address_1": "1 Mill St", "City": "Reno", "State": "NV", "Zip_Code": "89501"}
    fake.add_vendor(Vendor_Code="OLD", Our_Account_Number="7", **address)
    assert put(fake, "UpdateVendor", Vendor_Code="OLD", Vendor_Status="V") == found
    if not found:
        missing = put(ready(), "UpdateVendor", Vendor_Code="OLD", Vendor_Status="V")
        assert ("M", "Our_Account_Number") in missing
        assert ("M", "City") not in missing


def test_t5018_recipients_need_their_names() -> None:
    """An individual needs a first and a last name, a partnership its filer number."""
    key = {"Vendor_Code": "OLD"}
    found = put(ready(), "UpdateVendor", **key, Recipient_Type_Code="1")
    assert found == [("M", "Individual_First_Name"), ("M", "Individual_Last_Name")]
    found = put(ready(), "UpdateVendor", **key, Recipient_Type_Code="4")
    assert found == [("M", "Partnership_Filer_ID_Number")]
    assert put(ready(), "UpdateVendor", **key, Recipient_Type_Code="3") == []


@pytest.mark.parametrize(("number", "ok"), [("123456789", True), ("12345678", False)])
def test_exact_lengths(number: str, *, ok: bool) -> None:
    """A Canadian insurance number has exactly nine digits."""
    found = put(ready(), "UpdateVendor", Vendor_Code="OLD", Social_Insurance_Number=number)
    assert found == ([] if ok else [("I", "Social_Insurance_Number")])


# ---------------------------------------------------------------- jobs (level 3)


def add_job(fake: FakeSpectrum, **values: str) -> list[tuple[str, str]]:
    """AddJob with a new number."""
    return put(fake, "AddJob", **{**JOB, "Job_Number": "NEW", **values})


def test_new_job_is_active_and_created_today() -> None:
    """Defaults, and the odd spelling of the local tax code."""
    fake = ready()
    assert add_job(fake, Work_Local_Tax_Cod="L1") == []
    stored = job(fake, "NEW")
    assert (stored["Status_Code"], stored["Create_Date"]) == ("A", "2026-01-05")
    assert stored["Work_Local_Tax_Code"] == "L1"


def test_job_number_must_be_new() -> None:
    """No duplicates."""
    assert put(ready(), "AddJob", **JOB) == [("I", "Job_Number")]


def test_division_is_required_by_an_option() -> None:
    """Only while the Job Cost option is on."""
    fake = ready()
    fake.switches = Switches(require_division=True)
    assert add_job(fake) == [("M", "Division")]
    assert add_job(fake, Division="3") == []


JOB_RULES = [
    ({"Customer_Code": "C1"}, {"Customer_Code": "C9"}, "Customer_Code"),
    ({"Master_Job": "24-0101"}, {"Master_Job": "NONE"}, "Master_Job"),
    ({"Master_Job": "IDLE"}, {"Master_Job": "DONE"}, "Master_Job"),
    ({"Master_Job": "LONG"}, {"Master_Job": "LONG", "Phase_Display_Code": "##"}, "Master_Job"),
    ({}, {"Master_Job": "NEW"}, "Master_Job"),
    (
        {"Standard_Phase_Category": "STD"},
        {"Standard_Phase_Category": "X"},
        "Standard_Phase_Category",
    ),
    (
        {"Est_Start_Date": "01/05/2026", "Est_Complete_Date": "01/05/2026"},
        {"Est_Start_Date": "01/05/2026", "Est_Complete_Date": "01/04/2026"},
        "Est_Complete_Date",
    ),
    (
        {"Start_Date": "01/05/2026", "Complete_Date": "01/06/2026"},
        {"Start_Date": "01/05/2026", "Complete_Date": "12/31/2025"},
        "Complete_Date",
    ),
    (
        {"Work_State_Tax_Code": "A", "Work_County_Tax_Code": "B"},
        {"Work_State_Tax_Code": "A", "Work_County_Tax_Code": "A"},
        "Work_State_Tax_Code",
    ),
    (
        {"Track_Davis_Bacon": "Y", "Track_Prevailing_Wage": "N"},
        {"Track_Davis_Bacon": "Y", "Track_Prevailing_Wage": "Y"},
        "Track_Prevailing_Wage",
    ),
]


@pytest.mark.parametrize(("good", "bad", "column"), JOB_RULES)
def test_rules_of_a_new_job(good: dict[str, str], bad: dict[str, str], column: str) -> None:
    """What each rule lets through, and what it names."""
    assert add_job(ready(), **good) == []
    fake = ready()
    assert add_job(fake, **bad) == [("I", column)]
    assert "NEW" not in [j["Job_Number"] for j in fake.state()["ABC"]["jobs"]]


def test_sub_job_inherits_from_its_master() -> None:
    """Customer, tax class and mask come from the master unless given."""
    fake = ready()
    assert add_job(fake, Master_Job="LONG") == []
    stored = job(fake, "NEW")
    assert (stored["Tax_Class_Code"], stored["Phase_Display_Code"]) == ("T", "##-####-##")


def test_phase_category_is_copied_and_existing_pairs_stay() -> None:
    """AddJob and UpdateJob copy it; what the job has already is kept."""
    fake = ready()
    assert add_job(fake, Standard_Phase_Category="STD", Price_Method_Code="U") == []
    copied = phases(fake, "NEW")["010000", "L"]
    assert (copied["description"], copied["price_method_code"]) == ("Permits", "U")
    fake.add_phase(Job_Number="24-0101", Phase_Code="010000", Cost_Type="L", Description="Mine")
    key = {"Job_Number": "24-0101"}
    assert put(fake, "UpdateJob", **key, Standard_Phase_Category="STD") == []
    assert phases(fake, "24-0101")["010000", "L"]["description"] == "Mine"


def test_update_needs_an_existing_job_and_blank_changes_nothing() -> None:
    """UpdateJob never adds and never clears."""
    fake = ready()
    assert put(fake, "UpdateJob", Job_Number="NEW") == [("I", "Job_Number")]
    before = job(fake, "24-0101")
    assert put(fake, "UpdateJob", Job_Number="24-0101") == []
    assert job(fake, "24-0101") == before
    assert put(fake, "UpdateJob", Job_Number="24-0101", Comment="Hi") == []
    assert job(fake, "24-0101") == before | {"Comment": "Hi"}


def test_existing_contract_keeps_its_customer_and_says_so() -> None:
    """The other elements are updated; a job without a customer takes one."""
    fake = ready()
    found = put(fake, "UpdateJob", Job_Number="24-0101", Customer_Code="C2", Comment="Hi")
    assert found == [("G", "Customer_Code")]
    assert (job(fake, "24-0101")["Customer_Code"], job(fake, "24-0101")["Comment"]) == ("C1", "Hi")
    assert put(fake, "UpdateJob", Job_Number="24-0101", Customer_Code="C1") == []
    assert put(fake, "UpdateJob", Job_Number="IDLE", Customer_Code="C2") == []
    assert job(fake, "IDLE")["Customer_Code"] == "C2"


@pytest.mark.parametrize(("given", "stored"), [("", "2026-01-05"), ("01/02/2026", "2026-01-02")])
def test_completing_a_job_dates_it(given: str, stored: str) -> None:
    """A blank completion date becomes the processing date."""
    fake = ready()
    assert put(fake, "UpdateJob", Job_Number="IDLE", Status_Code="C", Complete_Date=given) == []
    assert job(fake, "IDLE")["Complete_Date"] == stored


UPDATE_RULES = [
    ({"Reports_Calc_Override": "Y"}, ("M", "Entered_Percent_Complete")),
    ({"PO_Ship_City": "Reno"}, ("M", "PO_Ship_Name")),
    ({"Under_Billed": "5", "Earned_Calc_Type": "C"}, ("I", "Under_Billed")),
    ({"Cost_Markup_Percent": "5"}, ("I", "Cost_Markup_Percent")),
    ({"Lock_Revenue_Entry": "Y"}, ("I", "Lock_Revenue_Entry")),
    ({"Reports_Calc_Override": "Y", "Entered_Projected_Cost": "5"}, None),
    ({"PO_Ship_City": "Reno", "PO_Ship_Name": "Yard"}, None),
    ({"Under_Billed": "5", "Earned_Calc_Type": "B"}, None),
    ({"Cost_Markup_Percent": "5", "Earned_Calc_Type": "C"}, None),
    ({"Lock_Revenue_Entry": "Y", "Status_Code": "C"}, None),
]


@pytest.mark.parametrize(("values", "found"), UPDATE_RULES)
def test_rules_of_a_job_update(values: dict[str, str], found: tuple[str, str] | None) -> None:
    """Elements that need others."""
    expected = [found] if found else []
    assert put(ready(), "UpdateJob", Job_Number="24-0101", **values) == expected


# ---------------------------------------------------------------- phases (level 3)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"Job_Number": "IDLE"}, []),
        ({"Job_Number": "DONE"}, [("I", "Job_Number")]),
        ({"Job_Number": "NONE", "Cost_Type": "Z"}, [("I", "Job_Number"), ("I", "Cost_Type")]),
        ({"Cost_Type": "Z"}, [("I", "Cost_Type")]),
        ({"Description": ""}, [("M", "Description")]),
        ({"Price_Method_Code": ""}, [("M", "Price_Method_Code")]),
        ({"Price_Method_Code": "X"}, [("I", "Price_Method_Code")]),
        ({"Description": "x" * 25}, []),
        ({"Description": "x" * 26}, [("I", "Description")]),
        ({"Alt_Phase_Code": "03-3000"}, [("I", "Alt_Phase_Code")]),
    ],
)
def test_rules_of_a_new_phase(changes: dict[str, str], found: list[tuple[str, str]]) -> None:
    """Job, cost type, description and price method."""
    assert put(ready(), "AddPhase", **{**PHASE, **changes}) == found


def test_phase_is_updated_by_its_key_and_blanks_change_nothing() -> None:
    """The second call needs no description; J became the job's method; nothing is doubled."""
    fake = ready()
    assert put(fake, "AddPhase", **PHASE, Original_Est_Cost="1000.10") == []
    before = phases(fake, "24-0101")
    assert before["033000", "M"]["price_method_code"] == "T"
    blank = {**PHASE, "Description": "", "Price_Method_Code": ""}
    assert put(fake, "AddPhase", **blank) == []
    assert phases(fake, "24-0101") == before
    assert put(fake, "AddPhase", **blank, Status_Code="I") == []
    changed = before["033000", "M"] | {"status_code": "I"}
    assert phases(fake, "24-0101") == {("033000", "M"): changed}


def test_description_belongs_to_the_phase() -> None:
    """The first one wins for further cost types; on an existing pair it rewrites all."""
    fake = ready()
    put(fake, "AddPhase", **PHASE)
    put(fake, "AddPhase", **{**PHASE, "Cost_Type": "L", "Description": "Other"})

    def descriptions() -> list[str]:
        return [row["Description"] for row in get(fake, "GetPhase")]

    assert descriptions() == ["Footings", "Footings"]
    put(fake, "AddPhase", **{**PHASE, "Description": "Pads"})
    assert descriptions() == ["Pads", "Pads"]


@pytest.mark.parametrize(
    ("display_only", "fills", "sent", "current"),
    [
        (True, True, "7", "5.00"),
        (True, True, "", "5.00"),
        (True, False, "7", ".00"),
        (False, True, "7", "7.00"),
        (False, True, "", "5.00"),
        (False, False, "", ".00"),
    ],
)
def test_options_about_the_current_estimate(
    *, display_only: bool, fills: bool, sent: str, current: str
) -> None:
    """Whether current fields are taken, and whether the original fills them."""
    fake = ready()
    fake.switches = Switches(
        current_estimate_display_only=display_only, original_fills_current=fills
    )
    assert put(fake, "AddPhase", **PHASE, Original_Est_Cost="5", Current_Est_Cost=sent) == []
    assert get(fake, "GetPhase")[0]["Current_Estimate_Dollars"] == current
