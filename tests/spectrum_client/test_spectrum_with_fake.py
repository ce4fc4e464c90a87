"""The client against the library's own fake server, which shares no code with it."""

from decimal import Decimal

import pytest

from procore_spectrum.errors import (
    AuthenticationError,
    NotPermittedError,
    OutcomeUnknownError,
    RecordLockedError,
    RefusedError,
    UnavailableError,
)
from procore_spectrum.models import spectrum
from procore_spectrum.ports import ReadQuery
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.source import SpectrumSource
from procore_spectrum.testing import FakeClock, FakeSpectrum
from procore_spectrum.testing.fake_spectrum import Switches

TYPES = ("EQP", "LAB", "MAT", "OTH", "SUB", "TAX")
PHASE = spectrum.PhaseUpsert(
    job_number="24-0101",
    phase_code="01-0000",
    cost_type="LAB",
    description="Général",
    price_method_code="F",
    original_est_cost=Decimal("10.50"),
)
VENDOR = spectrum.VendorCreate(
    vendor_code="ACME",
    vendor_name="Acme",
    alpha_sort="ACME",
    terms_code="A",
    terms_days=30,
    terms_disc_code="A",
)


def world(*, pairs=0, **switches):
    """A fake with one job, and a client of it."""
    clock = FakeClock()
    fake = FakeSpectrum(clock=clock, switches=Switches(**switches))
    for code in TYPES:
        fake.add_cost_type(code)
    fake.add_job(Job_Number="24-0101", Job_Description="Bridge")
    for number in range(pairs):
        fake.add_phase(
            Job_Number="24-0101",
            Phase_Code=f"{number // len(TYPES):06}",
            Cost_Type=TYPES[number % len(TYPES)],
            Description="Phase",
        )
    return fake, client_for(fake, clock)


def client_for(fake, clock, **options):
    """A client of that fake."""
    options.setdefault("authorization_id", fake.authorization_id)
    return SpectrumClient(
        url="https://spectrum.example.com:8482",
        company_code="ABC",
        transport=fake.transport(),
        clock=clock,
        **options,
    )


@pytest.mark.parametrize("success", ["empty", "information", "echo"])
def test_what_is_written_is_read(success):
    """A phase and a vendor come back, whatever the body of a success looks like."""
    _, client = world(put_success=success)
    client.send(services.upsert_phase(PHASE))
    client.send(services.create_vendor(VENDOR))
    (phase,) = client.send(services.list_phases_enhanced(job_number="24-0101")).items
    (vendor,) = client.send(services.list_vendors()).items
    assert phase.phase_code == "010000"
    assert phase.description == "Général"
    assert phase.current_estimate_dollars == Decimal("10.50")
    assert vendor.vendor_code == "ACME"


def test_a_large_job_is_read_whole():
    """900 pairs come whole although the server shows 500, with three calls."""
    _, client = world(pairs=900)
    reading = SpectrumSource(client).read(ReadQuery(kind="phase", scope="24-0101"))
    assert len(reading.items) == 900
    assert reading.requests == 3


def test_double_encoded_text_is_repaired():
    """The repair switch undoes what the server did."""
    fake, client = world(encoding="double")
    client.send(services.upsert_phase(PHASE))
    repairing = client_for(fake, FakeClock(), repair_double_encoding=True)
    call = services.list_phases(job_number="24-0101")
    assert client.send(call).items[0].description != "Général"
    assert repairing.send(call).items[0].description == "Général"


def test_cut_envelopes_are_tolerated_on_request():
    """A large body without its closing tags is read only with the switch."""
    fake, _ = world(pairs=60, cut_off_above=5000)
    client = client_for(fake, FakeClock(), tolerate_cut_envelope=True)
    assert len(client.send(services.list_phases(job_number="24-0101")).items) == 60


def test_passing_faults_are_survived():
    """Every second call fails, and reads succeed all the same."""
    _, client = world(pairs=6, server_fault_every=2)
    for _ in range(4):
        assert len(client.send(services.list_phases(job_number="24-0101")).items) == 6


def test_a_faulted_creation_is_in_doubt():
    """A creation that was carried out before its fault is not repeated."""
    _, client = world(server_fault_every=1, server_fault_after=True)
    with pytest.raises(OutcomeUnknownError):
        client.send(services.create_vendor(VENDOR))
    with pytest.raises(UnavailableError):
        client.send(services.list_jobs())


@pytest.mark.parametrize("shape", ["put", "row"])
def test_an_unknown_id(shape):
    """A wrong Authorization ID is told apart from a missing permission, in both shapes."""
    fake, _ = world(refused_get=shape)
    with pytest.raises(AuthenticationError):
        client_for(fake, FakeClock(), authorization_id="WRONG").send(services.list_jobs())


def test_a_missing_service():
    """A service that the release lacks is a matter of permission."""
    _, client = world()
    with pytest.raises(NotPermittedError):
        client.send(services.list_job_contacts())


def test_a_locked_record():
    """A lock is tried again and then reported as such."""
    fake, client = world()
    fake.lock_record("phases")
    with pytest.raises(RecordLockedError):
        client.send(services.upsert_phase(PHASE))
    assert len(client.clock.sleeps) == 2


def test_a_duplicate_is_refused():
    """The server's words come with the field."""
    _, client = world()
    client.send(services.create_vendor(VENDOR))
    with pytest.raises(RefusedError) as caught:
        client.send(services.create_vendor(VENDOR))
    assert caught.value.violations[0].path == "Vendor_Code"


def test_enhanced_authentication():
    """Tokens are fetched and renewed, and the secret is rotated."""
    clock = FakeClock()
    fake = FakeSpectrum(clock=clock, client_id="ID", client_secret="S1")
    client = client_for(fake, clock, client_id="ID", client_secret="S1")
    kept = []
    client.send(services.list_jobs())
    client.rotate_secret(kept.append)
    clock.sleep(4000)
    client.send(services.list_jobs())
    assert kept
    assert kept != ["S1"]
