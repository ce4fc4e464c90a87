"""SpectrumTarget: what is sent for each verb, and what becomes of it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectrum_target_stubs import (
    CHANGE,
    JOB,
    LINE,
    PHASE,
    SUBCONTRACT,
    VENDOR,
    StubClient,
    batch,
    faults,
    item,
    note,
    write,
)

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidValueError,
    NotPermittedError,
    OutcomeUnknownError,
    RecordLockedError,
    RefusedError,
    Violation,
)
from procore_spectrum.models import spectrum
from procore_spectrum.models.about import fields_of
from procore_spectrum.ports import Batch, Target
from procore_spectrum.spectrum.target import SpectrumTarget

PROJECTION = {
    "job_number": "24-0101",
    "phase_code": "01-0000",
    "cost_type": "SUB",
    "transaction_date": date(2026, 1, 31),
    "amount": Decimal("0.00"),
}
CREATIONS = [
    ("vendor", VENDOR, "AddVendor", "ACME"),
    ("job", JOB, "AddJob", "24-0101"),
    ("phase", PHASE, "AddPhase", "24-0101/010000/LAB"),
    ("subcontract", SUBCONTRACT, "UpdateSubcontract", "ACME/SC%2F1"),
    ("subcontract_line", LINE, "UpdateSubcontractPhases", "ACME/SC%2F1/010000/SUB/"),
    ("change_request_line", CHANGE, "ARChangeRequest", "24-0101/OWNER/CR-1/010000/SUB//////"),
    ("job_cost_projection", PROJECTION, "JobCostProjections", "24-0101/010000/SUB/2026-01-31"),
]
KINDS = [row[0] for row in CREATIONS]
UPDATES = {
    "vendor": (spectrum.VendorUpdate, "UpdateVendor", "ACME", {"Vendor_Code": "ACME"}),
    "job": (spectrum.JobUpdate, "UpdateJob", "24-0101", {"Job_Number": "24-0101"}),
    "phase": (
        spectrum.PhaseUpsert,
        "AddPhase",
        "24-0101/010000/LAB",
        {
            "Job_Number": "24-0101",
            "Phase_Code": "010000",
            "Cost_Type": "LAB",
            "Price_Method_Code": "F",
        },
    ),
    "subcontract": (
        spectrum.SubcontractUpsert,
        "UpdateSubcontract",
        "ACME/SC%2F1",
        {"Vendor_Code": "ACME", "Subcontract_Number": "SC/1"},
    ),
    "subcontract_line": (
        spectrum.SubcontractLineUpsert,
        "UpdateSubcontractPhases",
        "ACME/SC%2F1/010000/SUB/",
        {
            "Vendor_Code": "ACME",
            "Subcontract_Number": "SC/1",
            "Phase_Code": "010000",
            "Cost_Type": "SUB",
        },
    ),
}
FULL = {"vendor": VENDOR, "job": JOB, "phase": PHASE, "subcontract": SUBCONTRACT}
FULL["subcontract_line"] = LINE
COUPLED = {"pay", "disc", "gl", "social", "fed", "bid"}


@pytest.mark.parametrize(("kind", "fields", "service", "target_id"), CREATIONS)
def test_a_creation(kind, fields, service, target_id):
    """One call of the right service; the target id is the natural key."""
    outcome, client = write(kind, "create", {**fields, "job_type": None} | fields)
    assert (outcome.state, outcome.target_id, outcome.violations) == ("done", target_id, ())
    assert [call.service for call in client.calls] == [service]
    assert len(client.sent) == len(fields)


def _value_for(info):
    """A strategy of values that fit a field, as the engine holds them."""
    kinds = str(info.type)
    if info.about.values:
        return st.sampled_from(info.about.values)
    if "bool" in kinds:
        return st.booleans()
    if "datetime.date" in kinds:
        return st.dates()
    if info.about.digits:
        whole, places = info.about.digits
        places = min(places, 2)
        # The point and the decimals take their share of the characters.
        room = (info.about.length or whole + places + 1) - (places + 1 if places else 0)
        return st.decimals(0, 10 ** min(whole, room) - 1, places=places)
    length = min(info.about.length or 5, 5)
    return st.text(alphabet="ABC123", min_size=1, max_size=length)


def _changeable(kind):
    model, _, _, sent = UPDATES[kind]
    return [
        info
        for info in fields_of(model)
        if info.wire not in sent
        and ".." not in info.wire
        and info.name.split("_")[0] not in COUPLED
    ]


@st.composite
def _updates(draw):
    kind = draw(st.sampled_from(sorted(UPDATES)))
    infos = draw(st.lists(st.sampled_from(_changeable(kind)), min_size=1, max_size=6, unique=True))
    return kind, {info.name: draw(_value_for(info)) for info in infos}


@given(_updates())
def test_an_update_sends_the_key_and_what_changed(case):
    """Exactly these elements have a text; everything else stays blank, which is "unchanged"."""
    kind, changes = case
    model, service, target_id, key = UPDATES[kind]
    outcome, client = write(kind, "update", changes, {**FULL[kind], **changes}, target_id)
    assert (outcome.state, outcome.target_id) == ("done", target_id), outcome.violations
    wires = {info.wire for info in fields_of(model) if info.name in changes}
    assert set(client.sent) == wires | set(key)
    assert {name: client.sent[name] for name in key} == key
    assert client.calls[0].service == service


def test_an_update_of_a_change_request_repeats_its_header():
    """The header has to be alike on every line; what is blank there is not made up."""
    full = {**CHANGE, "cr_description": "More rebar", "change_request_hours": Decimal(1)}
    changes = {"change_request_amount": Decimal("5.50")}
    outcome, client = write(
        "change_request_line", "update", changes, full, "24-0101/OWNER/CR-1/010000/SUB//////"
    )
    assert outcome.state == "done"
    assert client.sent == {
        "Job_Number": "24-0101",
        "Customer_Code": "OWNER",
        "Change_Request_Number": "CR-1",
        "CR_Phase_Code": "010000",
        "CR_Cost_Type": "SUB",
        "CR_Status": "P",
        "CR_Description": "More rebar",
        "Change_Request_Amount": "5.5",
    }


def test_terms_of_a_subcontract_go_with_their_override():
    """Spectrum applies them only together."""
    full = {**SUBCONTRACT, "pay_override": "Y", "pay_days": 45, "comment": "kept"}
    _, client = write("subcontract", "update", {"pay_days": Decimal(45)}, full, "ACME/SC%2F1")
    assert client.sent == {
        "Vendor_Code": "ACME",
        "Subcontract_Number": "SC/1",
        "Pay_Days": "45",
        "Pay_Override": "Y",
    }


def test_shares_of_accounts_go_with_their_accounts():
    """Percentages as a plan stores them: as text."""
    full = {**VENDOR, "gl_distribution_accounts": ("1-0", "2-0")}
    full["gl_distribution_percents"] = ("60", "40.00")
    changes = {"gl_distribution_percents": ("60", "40.00")}
    outcome, client = write("vendor", "update", changes, full, "ACME")
    assert outcome.violations == ()
    assert client.sent == {
        "Vendor_Code": "ACME",
        "GL_Distribution_Acct_List1": "10",
        "GL_Distribution_Acct_List2": "20",
        "GL_Distrib_Percent_List1": "60",
        "GL_Distrib_Percent_List2": "40",
    }


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        ("vendor", "Status"),
        ("job", "Status_Code"),
        ("phase", "Status_Code"),
        ("subcontract", "Status_Code"),
    ],
)
def test_deactivation(kind, element):
    """The key and the inactive status, whatever else the record has."""
    _, _, target_id, key = UPDATES[kind]
    outcome, client = write(kind, "deactivate", {}, FULL[kind], target_id)
    assert outcome.state == "done"
    assert client.sent == {**key, element: "I"}


@pytest.mark.parametrize("kind", ["subcontract_line", "change_request_line", "job_cost_projection"])
def test_what_has_no_status_is_not_deactivated(kind):
    """It is refused, and nothing is sent."""
    target_id = next(row[3] for row in CREATIONS if row[0] == kind)
    outcome, client = write(kind, "deactivate", {}, {}, target_id)
    assert outcome.state == "refused"
    assert client.calls == []


def test_a_link_sends_nothing():
    """The natural key is the link."""
    outcome, client = write("vendor", "link", {"vendor_code": "ACME"}, VENDOR, "ACME")
    assert (outcome.state, outcome.target_id, client.calls) == ("done", "ACME", [])


def test_a_link_that_changes_values_sends_these():
    """A link with other values than Spectrum has is an update."""
    outcome, client = write("vendor", "link", {"city": "Reno"}, VENDOR, "ACME")
    assert outcome.state == "done"
    assert client.sent == {"Vendor_Code": "ACME", "City": "Reno"}


def test_an_update_without_changes_sends_nothing():
    """A key alone changes nothing."""
    outcome, client = write("vendor", "update", {"vendor_code": " ACME "}, VENDOR, "ACME")
    assert (outcome.state, client.calls) == ("unchanged", [])


def test_a_new_vendor_may_be_called_active():
    """AddVendor has no status: new vendors are active. Another status cannot be written."""
    outcome, client = write("vendor", "create", {**VENDOR, "status": "A", "web_site": ""})
    assert outcome.state == "done"
    assert "Status" not in client.sent
    outcome, client = write("vendor", "create", {**VENDOR, "status": "I"})
    assert (faults(outcome), client.calls) == ([("unknown_field", "status")], [])


# ---------------------------------------------------------------- refused before sending


@pytest.mark.parametrize(("kind", "fields", "service", "target_id"), CREATIONS)
def test_a_number_is_never_left_to_spectrum(kind, fields, service, target_id):
    """A creation without its key is not sent: Spectrum might number it by itself."""
    outcome, client = write(kind, "create", {})
    assert outcome.state == "refused"
    assert {code for code, _ in faults(outcome)} == {"required"}
    assert client.calls == []


def test_every_fault_is_told_before_sending():
    """Unknown, missing and unfit values come together with broken rules."""
    fields = {"vendor_code": "acme", "vendor_name": "A" * 31, "terms_days": -1, "colour": "red"}
    outcome, client = write("vendor", "create", fields)
    assert client.calls == []
    assert {path for _, path in faults(outcome)} == {
        "vendor_code",
        "vendor_name",
        "alpha_sort",
        "terms_code",
        "terms_days",
        "terms_disc_code",
        "colour",
    }


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("phase", ["description"]),
        ("subcontract", ["job_number", "gl_account"]),
        ("change_request_line", ["cr_status"]),
    ],
)
def test_a_new_record_needs_more(kind, missing):
    """What only a new record needs is asked of new ones only."""
    fields = next(row[1] for row in CREATIONS if row[0] == kind)
    fewer = {name: value for name, value in fields.items() if name not in missing}
    outcome, client = write(kind, "create", fewer)
    assert faults(outcome) == [("required", name) for name in missing]
    assert client.calls == []


@pytest.mark.parametrize("blank", [None, "", "  ", ()])
def test_nothing_can_be_cleared(blank):
    """Spectrum reads a blank as "unchanged", so clearing is refused instead of pretended."""
    outcome, client = write("vendor", "update", {"city": blank, "state": "NV"}, VENDOR, "ACME")
    assert faults(outcome) == [("not_possible", "city")]
    assert client.calls == []


def test_a_key_cannot_be_changed():
    """The record would become another one."""
    outcome, client = write("vendor", "update", {"vendor_code": "ACME2"}, VENDOR, "ACME")
    assert faults(outcome) == [("not_possible", "vendor_code")]
    assert client.calls == []


@pytest.mark.parametrize("target_id", ["24-0101", "24-0101/010000/SUB/31.01.2026", "1//SUB/2026"])
def test_a_target_id_of_another_kind(target_id):
    """A key that cannot be one of this kind is refused."""
    outcome, client = write("job_cost_projection", "update", PROJECTION, PROJECTION, target_id)
    assert outcome.state == "refused"
    assert client.calls == []


def test_the_key_of_an_update_may_come_from_its_values():
    """Without a target id, the record's values name it."""
    outcome, client = write("vendor", "update", {"city": "Reno"}, VENDOR)
    assert outcome.target_id == "ACME"
    assert client.sent["Vendor_Code"] == "ACME"


def test_an_unknown_verb():
    """Nothing is guessed."""
    outcome, client = write("vendor", "delete", {}, VENDOR, "ACME")
    assert (outcome.state, client.calls) == ("refused", [])


@pytest.mark.parametrize("value", [1.5, ("x",), object()])
def test_a_value_of_a_wrong_type(value):
    """It is refused with its field."""
    outcome, _ = write("job", "update", {"original_contract": value}, JOB, "24-0101")
    assert faults(outcome) == [("invalid_value", "original_contract")]


def test_an_unrelated_fault_does_not_stop_an_update():
    """An old name with a comma is not sent, so it is no obstacle."""
    full = {**VENDOR, "vendor_name": "Acme, Inc"}
    assert write("vendor", "update", {"city": "Reno"}, full, "ACME")[0].state == "done"


# ---------------------------------------------------------------- Spectrum's answers


def test_a_refusal_names_our_fields():
    """All of Spectrum's reasons, in its words, with elements turned into attributes."""
    reasons = [
        Violation(code="missing", message="is missing", path="Address_3"),
        Violation(code="invalid", message="no such account", path="GL_Distribution_Acct_List2"),
        Violation(code="invalid", message="strange", path="Elsewhere"),
    ]
    client = StubClient(RefusedError("refused", violations=reasons))
    outcome, _ = write("vendor", "create", VENDOR, client=client)
    assert outcome.state == "refused"
    assert [(v.code, v.message, v.path) for v in outcome.violations] == [
        ("missing", "is missing", "city"),
        ("invalid", "no such account", "gl_distribution_accounts[1]"),
        ("invalid", "strange", "Elsewhere"),
    ]


@pytest.mark.parametrize("column", ["Work_Local_Tax_Code", "WORK_LOCAL_TAX_COD"])
def test_a_refusal_may_spell_an_element_otherwise(column):
    """Pages and wire do not agree on every name."""
    reason = Violation(code="invalid", message="no", path=column)
    client = StubClient(RefusedError("refused", violations=[reason]))
    assert faults(write("job", "create", JOB, client=client)[0]) == [
        ("invalid", "work_local_tax_code")
    ]


@pytest.mark.parametrize(
    "error",
    [
        NotPermittedError("not yours"),
        AuthenticationError("who?"),
        RecordLockedError("locked"),
        OutcomeUnknownError("no answer"),
    ],
)
def test_errors_of_the_whole_call(error):
    """What says nothing about the record is raised as it is."""
    with pytest.raises(type(error)):
        write("vendor", "create", VENDOR, client=StubClient(error))


def test_a_refused_envelope():
    """A value that the client cannot put into XML is the record's fault."""
    client = StubClient(InvalidValueError("no XML", path="AddVendor"))
    assert faults(write("vendor", "create", VENDOR, client=client)[0]) == [
        ("invalid_value", "AddVendor")
    ]


def test_a_refusal_without_reasons():
    """The error itself is the reason then."""
    client = StubClient(RefusedError("no", path="AddVendor"))
    assert faults(write("vendor", "create", VENDOR, client=client)[0]) == [("refused", "AddVendor")]


def test_what_spectrum_says_is_kept():
    """Information about a record that was taken reaches the journal."""
    client = StubClient([note("Customer_Code", "Contract was set up"), note("", "x y", "W")])
    outcome, _ = write("job", "create", JOB, client=client)
    assert (outcome.state, outcome.target_id, outcome.written) == ("done", "24-0101", {})
    assert [str(violation) for violation in outcome.violations] == [
        "customer_code: Contract was set up",
        "x y",
    ]


def test_a_key_that_is_confirmed_is_no_news():
    """An answer that repeats the key says nothing."""
    outcome, _ = write("phase", "create", PHASE, client=StubClient([note("Phase_Code", "010000")]))
    assert outcome.violations == ()


def test_a_key_that_spectrum_chose_is_taken_over():
    """A number that differs from the one sent is the record's name from now on."""
    client = StubClient([note("Change_Request_Number", "00000007")])
    outcome, _ = write("change_request_line", "create", CHANGE, client=client)
    assert outcome.target_id == "24-0101/OWNER/00000007/010000/SUB//////"
    assert outcome.written == {"change_request_number": "00000007"}
    assert faults(outcome) == [("information", "change_request_number")]


@pytest.mark.parametrize("text", ["number 7 was given", "01/31/2026", "", "x" * 21])
def test_a_sentence_is_no_key(text):
    """Only a code by itself can be a key."""
    client = StubClient([note("Job_Number", text)])
    outcome, _ = write("job", "create", JOB, client=client)
    assert (outcome.target_id, outcome.written) == ("24-0101", {})


def test_an_update_never_changes_the_name():
    """Whatever an update says, the record is the one that was aimed at."""
    client = StubClient([note("Job_Number", "OTHER")])
    outcome, _ = write("job", "update", {"city": "Reno"}, JOB, "24-0101", client=client)
    assert (outcome.target_id, outcome.written) == ("24-0101", {})


# ---------------------------------------------------------------- capabilities


@pytest.mark.parametrize("kind", KINDS)
def test_capabilities(kind):
    """One record a call; only what Spectrum finds by key without refusing may be repeated."""
    found = SpectrumTarget(StubClient()).capabilities(kind)
    once = kind in {"vendor", "job", "change_request_line"}
    assert (found.batch, found.write, found.read_lag) == (1, "create" if once else "upsert", 0)
    assert found.probe is (kind in {"vendor", "job", "phase"})


def test_change_requests_are_repeated_by_choice():
    """The switch turns creations into upserts, in what is declared and in what is sent."""
    for repeat, promise in ((True, "upsert"), (False, "create")):
        client = StubClient()
        target = SpectrumTarget(client, change_request_repeat=repeat)
        assert target.capabilities("change_request_line").write == promise
        target.write(batch("change_request_line", "create", CHANGE))
        target.write(
            batch(
                "change_request_line",
                "update",
                {"fee_percent": 1},
                CHANGE,
                "24-0101/OWNER/CR-1/010000/SUB//////",
            )
        )
        assert [call.repeatable for call in client.calls] == [repeat, repeat]


def test_one_record_a_call():
    """More than one is refused as a whole; none is nothing."""
    client = StubClient()
    target = SpectrumTarget(client)
    two = Batch(kind="job", scope_id=None, items=(item("job", "create", JOB),) * 2)
    with pytest.raises(InvalidValueError):
        target.write(two)
    assert target.write(Batch(kind="job", scope_id=None, items=())) == []
    assert client.calls == []


def test_an_unknown_kind():
    """It is a matter of configuration, wherever it is met."""
    target = SpectrumTarget(StubClient())
    for ask in (lambda: target.capabilities("company"), lambda: target.write(batch("x", "", {}))):
        with pytest.raises(ConfigurationError):
            ask()


def test_it_is_a_target():
    """It has the methods of the protocol, and its repr holds no secret."""
    target = SpectrumTarget(StubClient())
    assert isinstance(target, Target)
    assert repr(target) == "<SpectrumTarget company ABC>"
