"""SpectrumTarget: reading, and looking up what became of an unanswered write."""

from datetime import date

import pytest
from spectrum_target_stubs import (
    CHANGE,
    JOB,
    LINE,
    PHASE,
    SUBCONTRACT,
    VENDOR,
    StubClient,
    StubSource,
    batch,
)

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.models import spectrum
from procore_spectrum.ports import Probe, ReadQuery
from procore_spectrum.spectrum.target import SpectrumTarget

LISTED = spectrum.Vendor(vendor_code="ACME")
CHANGE_ID = "24-0101/OWNER/CR-1/010000/SUB//////"


def probe(kind, fields, *, source=None, reader=None, scope_id=None):
    """Probe one creation."""
    target = SpectrumTarget(StubClient(), source=source or StubSource(), reader=reader)
    (found,) = target.probe(batch(kind, "create", fields, scope_id=scope_id))
    return found


def test_a_listed_vendor_is_found():
    """An active vendor is there."""
    assert probe("vendor", VENDOR, source=StubSource(LISTED)) == Probe(
        op_id="op", found=True, target_id="ACME"
    )


def test_an_unlisted_vendor_is_unknown():
    """It may be inactive: the listing has active vendors only."""
    assert probe("vendor", VENDOR).found is None


@pytest.mark.parametrize(
    ("reader", "found"),
    [
        (StubSource(), False),
        (StubSource(complete=False), None),
        (StubSource(LISTED), True),
        (StubSource(LISTED, complete=False), True),
    ],
)
def test_a_reader_knows_all_vendors(reader, found):
    """A complete reading by another way settles it; a partial one only when it is there."""
    assert probe("vendor", VENDOR, reader=reader).found is found
    assert reader.queries[-1].kind == "vendor"


@pytest.mark.parametrize(
    ("listed", "found"), [((spectrum.Job(job_number="24-0101"),), True), ((), False)]
)
def test_a_job(listed, found):
    """Complete jobs are looked at as well, so absence means something."""
    source = StubSource(*listed)
    assert probe("job", JOB, source=source).found is found
    assert source.queries == [ReadQuery(kind="job", filters={"complete": True})]


@pytest.mark.parametrize(("cost_type", "found"), [("LAB", True), ("MAT", False)])
def test_a_phase(cost_type, found):
    """Pairs of its job only, complete ones as well, and without dashes."""
    source = StubSource(
        spectrum.Phase(job_number="24-0101", phase_code="010000", cost_type=cost_type)
    )
    assert probe("phase", PHASE, source=source).found is found
    assert source.queries == [ReadQuery(kind="phase", scope="24-0101", filters={"complete": True})]


def test_a_partial_listing_settles_nothing():
    """Absence is believed only after a complete listing."""
    assert probe("job", JOB, source=StubSource(complete=False)).found is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("subcontract", SUBCONTRACT), ("subcontract_line", LINE), ("change_request_line", CHANGE)],
)
def test_what_no_service_lists_is_unknown(kind, fields):
    """Without a reader nobody can tell, and it is said so beforehand."""
    assert probe(kind, fields).found is None
    assert not SpectrumTarget(StubClient()).capabilities(kind).probe
    assert SpectrumTarget(StubClient(), reader=StubSource()).capabilities(kind).probe


@pytest.mark.parametrize(("number", "found"), [("CR-1", True), ("CR-2", False)])
def test_a_reader_finds_change_request_lines(number, found):
    """Records of the reader are known by their key, in whatever spelling."""
    line = spectrum.ChangeRequestLine(**{**CHANGE, "change_request_number": f"{number} "})
    reader = StubSource(line)
    result = probe("change_request_line", CHANGE, reader=reader, scope_id="24-0101")
    assert (result.found, result.target_id) == (found, CHANGE_ID if found else None)
    assert reader.queries == [ReadQuery(kind="change_request_line", scope="24-0101")]


def test_what_has_no_key_is_unknown():
    """It was never sent, but nobody can look for it either."""
    assert probe("vendor", {}, source=StubSource(LISTED)).found is None


def test_listed_kinds_are_read_by_the_source():
    """The query is passed on as it is."""
    source, reader = StubSource(LISTED), StubSource()
    query = ReadQuery(kind="vendor", filters={"types": ("S",)})
    reading = SpectrumTarget(StubClient(), source=source, reader=reader).read(query)
    assert reading.items == (LISTED,)
    assert (source.queries, reader.queries) == ([query], [])


@pytest.mark.parametrize("kind", ["subcontract", "change_request_line", "job_cost_projection"])
def test_other_kinds_are_read_by_the_reader(kind):
    """Without one, nothing is read, and the reading says that it is not complete."""
    reader = StubSource("record")
    query = ReadQuery(kind=kind, scope="24-0101")
    assert SpectrumTarget(StubClient(), reader=reader).read(query).items == ("record",)
    assert reader.queries == [query]
    client = StubClient()
    reading = SpectrumTarget(client).read(query)
    assert (reading.items, reading.complete) == ((), False)
    assert reading.as_of == client.clock.now()


def test_unknown_kinds_are_not_read():
    """It is a matter of configuration."""
    with pytest.raises(ConfigurationError):
        SpectrumTarget(StubClient()).read(ReadQuery(kind="company"))


def test_a_projection_is_found_by_its_day():
    """Days are part of the key."""
    fields = {"job_number": "1", "phase_code": "1", "cost_type": "L"}
    fields["transaction_date"] = date(2026, 1, 31)
    found = probe(
        "job_cost_projection", fields, reader=StubSource(spectrum.JobCostProjection(**fields))
    )
    assert found.target_id == "1/1/L/2026-01-31"
