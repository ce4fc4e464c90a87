"""SpectrumTarget against the library's own fake server, which shares no code with it."""

from datetime import date
from decimal import Decimal

import pytest
from lxml import etree
from spectrum_target_stubs import CHANGE, JOB, LINE, PHASE, SUBCONTRACT, VENDOR, batch, faults

from procore_spectrum.errors import (
    NotPermittedError,
    OutcomeUnknownError,
    RecordLockedError,
)
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing import FakeClock, FakeSpectrum
from procore_spectrum.testing.fake_spectrum import Switches

SUB_PHASE = {**PHASE, "cost_type": "SUB", "original_est_cost": Decimal("1000.50")}
REIMBURSED = {"change_request_amount": Decimal("10.10"), "cost_reimbursable_flag": True}
CHAIN = [
    ("vendor", VENDOR),
    ("job", {**JOB, "job_description": "Bridge", "customer_code": "OWNER"}),
    ("phase", SUB_PHASE),
    ("subcontract", SUBCONTRACT),
    ("subcontract_line", {**LINE, "original_contract_amount": Decimal("900.25")}),
    ("change_request_line", {**CHANGE, **REIMBURSED}),
    (
        "job_cost_projection",
        {
            **{name: SUB_PHASE[name] for name in ("job_number", "phase_code", "cost_type")},
            "transaction_date": date(2026, 1, 5),
            "amount": Decimal("1100"),
        },
    ),
]


class Recorder:
    """A transport that keeps the requests."""

    def __init__(self, inner):
        self.inner = inner
        self.requests = []

    def send(self, request):
        """Keep and pass on."""
        self.requests.append(request)
        return self.inner.send(request)

    def close(self):
        """Nothing to release."""


def world(**switches):
    """A fake that has only what no service can set up, a target, and the requests."""
    clock = FakeClock()
    fake = FakeSpectrum(clock=clock, switches=Switches(**switches))
    for code in ("LAB", "SUB"):
        fake.add_cost_type(code)
    fake.add_customer(Customer_Code="OWNER", Name="Owner")
    fake.add_change_status("P", 1)
    recorder = Recorder(fake.transport())
    client = SpectrumClient(
        url="https://spectrum.example.com:8482",
        company_code="ABC",
        authorization_id=fake.authorization_id,
        transport=recorder,
        clock=clock,
    )
    return fake, SpectrumTarget(client), recorder


def create(target, kind, fields):
    """Create one record."""
    (outcome,) = target.write(batch(kind, "create", fields))
    return outcome


def build(target, upto):
    """Everything that comes before a kind, and that kind; gives the last outcome."""
    for kind, fields in CHAIN:
        outcome = create(target, kind, fields)
        assert outcome.state == "done", outcome.violations
        if kind == upto:
            return outcome
    raise AssertionError(upto)


@pytest.mark.parametrize("success", ["empty", "information", "echo"])
def test_the_whole_chain(success):
    """From the vendor to the projection, whatever the body of a success looks like."""
    fake, target, _ = world(put_success=success)
    outcome = build(target, "job_cost_projection")
    assert outcome.target_id == "24-0101/010000/SUB/2026-01-05"
    text = str(fake.state())
    for amount in ("'1000.5'", "'900.25'", "'10.1'", "'1100'"):
        assert amount in text


@pytest.mark.parametrize("kind", ["phase", "subcontract", "subcontract_line"])
def test_an_upsert_may_be_sent_twice(kind):
    """The second time changes nothing."""
    fake, target, _ = world()
    first = build(target, kind)
    before = fake.state()
    again = create(target, kind, dict(CHAIN)[kind])
    assert (again.state, again.target_id) == ("done", first.target_id)
    assert fake.state() == before


@pytest.mark.parametrize(("kind", "column"), [("vendor", "vendor_code"), ("job", "job_number")])
def test_a_creation_is_refused_the_second_time(kind, column):
    """Which may be our own success, so it is looked up before it is sent again."""
    _, target, _ = world()
    build(target, kind)
    again = create(target, kind, dict(CHAIN)[kind])
    assert again.state == "refused"
    assert [path for _, path in faults(again)] == [column]
    (probe,) = target.probe(batch(kind, "create", dict(CHAIN)[kind]))
    assert probe.found


@pytest.mark.parametrize(("kind", "found"), [("vendor", None), ("job", False), ("phase", False)])
def test_probing_what_is_not_there(kind, found):
    """A vendor that is not listed may be inactive; a job or phase is surely absent."""
    _, target, _ = world()
    (probe,) = target.probe(batch(kind, "create", dict(CHAIN)[kind]))
    assert probe.found is found


def test_a_lost_creation_is_found():
    """A creation that was carried out before its fault is in doubt, and then found."""
    fake, target, _ = world()
    fake.switches = Switches(server_fault_every=1, server_fault_after=True)
    with pytest.raises(OutcomeUnknownError):
        create(target, "vendor", VENDOR)
    fake.switches = Switches()
    (probe,) = target.probe(batch("vendor", "create", VENDOR))
    assert (probe.found, probe.target_id) == (True, "ACME")


@pytest.mark.parametrize("kind", ["vendor", "job", "phase", "subcontract"])
def test_updates_and_deactivation(kind):
    """A change reaches the record, nothing else is touched, and it is switched off."""
    fake, target, recorder = world()
    target_id = build(target, kind).target_id
    full = dict(CHAIN)[kind]
    field = {"vendor": "city", "job": "city", "phase": "unit_of_measure"}.get(kind, "comment")
    for verb, fields in (("update", {field: "LF"}), ("deactivate", {})):
        sent = batch(kind, verb, fields, {**full, **fields}, target_id)
        (outcome,) = target.write(sent)
        assert outcome.state == "done", outcome.violations
    elements = texts(recorder.requests[-2])
    key = {"job_number", "phase_code", "cost_type", "price_method_code"}
    expected = {"vendor": 1, "job": 1, "phase": len(key), "subcontract": 2}[kind]
    assert len(elements) == expected + 1 + len({"Authorization_ID", "GUID", "Company_Code"})
    assert "'LF'" in str(fake.state())
    assert texts(recorder.requests[-1]).get("Status_Code", "I") == "I"


def texts(request):
    """The elements of a request that are not blank."""
    body = etree.fromstring(request.content)[0]
    return {etree.QName(item).localname: item.text for item in body[0] if item.text}


def test_a_refusal_of_the_server():
    """Its words, our field."""
    _, target, _ = world()
    outcome = create(target, "phase", PHASE)
    assert outcome.state == "refused"
    assert [(v.message, v.path) for v in outcome.violations] == [
        ("Job_Number does not exist", "job_number")
    ]


def test_a_locked_record():
    """Nothing was changed; it is tried later."""
    fake, target, _ = world()
    build(target, "job")
    fake.lock_record("phases")
    with pytest.raises(RecordLockedError):
        create(target, "phase", SUB_PHASE)


def test_a_service_that_is_not_permitted():
    """It concerns the whole run, not the record."""
    fake, target, _ = world()
    fake.remove_service("AddVendor")
    with pytest.raises(NotPermittedError):
        create(target, "vendor", VENDOR)
