"""The source: listings are whole or an error, with few calls."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectrum_canned import JSON, CannedServer, client_of, get_reply

from procore_spectrum.errors import (
    ConfigurationError,
    IncompleteReadError,
    UnreadableReplyError,
)
from procore_spectrum.models.spectrum import Job, Phase
from procore_spectrum.ports import ReadQuery, Source
from procore_spectrum.spectrum.calls import Result
from procore_spectrum.spectrum.source import SpectrumSource
from procore_spectrum.wire.messages import Response


def selects(expression, value):
    """SuperSelect for the values that these tests use."""
    if not expression:
        return True
    if expression.startswith("#"):
        return value not in expression[1:].split(",")
    return value in expression.split(",")


class FakeClient:
    """Answers calls from populations, cut off at a cap, in Spectrum's order."""

    max_parallel = 1

    def __init__(self, *, phases=(), jobs=(), cap=500):
        self.phases = sorted(
            phases, key=lambda p: (p.job_number.rjust(10), p.phase_code, p.cost_type)
        )
        self.jobs = sorted(jobs, key=lambda job: job.job_number.rjust(10))
        self.cap = cap
        self.calls = []
        self.clock = self

    def now(self):
        """A fixed time."""
        return datetime(2026, 1, 5, tzinfo=UTC)

    def send(self, call):
        """Answer one call."""
        asked = call.parameters
        self.calls.append((call.service, dict(asked)))
        statuses = (asked["pStatus_Code"],) if asked["pStatus_Code"] else ("A", "I")
        if call.model is Phase:
            found = [
                phase
                for phase in self.phases
                if phase.status_code in statuses
                and selects(asked["pJob_Number"], phase.job_number)
                and selects(asked["pCost_Type"], phase.cost_type)
            ]
        else:
            found = [
                job
                for job in self.jobs
                if job.status_code in statuses
                and selects(asked["pDivision"], job.division)
                and selects(asked["pProject_Manager"], job.project_manager)
                and selects(asked["pCustomer_Code"], job.customer_code)
            ]
        return Result(items=tuple(found[: self.cap]), capped=len(found) > self.cap)


def phase(job, code, cost_type, status="A"):
    """A pair."""
    return Phase(job_number=job, phase_code=code, cost_type=cost_type, status_code=status)


def key(pair):
    """A pair's identity."""
    return (pair.job_number, pair.phase_code, pair.cost_type)


PAIRS = st.lists(
    st.builds(
        phase,
        st.sampled_from(["1", "22", "A*1"]),
        st.sampled_from([f"{n:06}" for n in range(12)]),
        st.sampled_from(["LAB", "MAT", "SUB", "A,B"]),
        st.sampled_from("AIC"),
    ),
    unique_by=key,
    max_size=60,
)


@settings(max_examples=200)
@given(
    phases=PAIRS,
    cap=st.integers(2, 40),
    scope=st.sampled_from([None, "1", "22", "A*1"]),
    complete=st.booleans(),
    known=st.sampled_from([(), ("LAB", "EQP")]),
)
def test_split_listings_are_whole(phases, cap, scope, complete, known):
    """The pieces together are exactly the population, without duplicates, or an error is raised."""
    client = FakeClient(phases=phases, cap=cap)
    source = SpectrumSource(client, cost_types=known)
    query = ReadQuery(kind="phase", scope=scope, filters={"complete": complete})
    try:
        reading = source.read(query)
    except IncompleteReadError:
        assert len(phases) > cap
        return
    statuses = "AIC" if complete else "AI"
    wanted = {
        key(pair)
        for pair in phases
        if pair.status_code in statuses and scope in (None, pair.job_number)
    }
    found = [key(pair) for pair in reading.items]
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert reading.complete
    assert reading.requests == len(client.calls)


@pytest.mark.parametrize("size", [500, 501, 700, 900])
def test_a_large_job_takes_three_calls(size):
    """One call is wasted on a job with more pairs than the cap, and two read it."""
    types = ("LAB", "MAT", "SUB", "EQP", "OTH", "TAX")
    pairs = [phase("1", f"{n // 6:06}", types[n % 6]) for n in range(size)]
    reading = SpectrumSource(FakeClient(phases=pairs)).read(ReadQuery(kind="phase", scope="1"))
    assert len(reading.items) == size
    assert reading.requests == (1 if size == 500 else 3)


def test_a_type_that_nobody_saw_is_found():
    """A cost type that comes only after the cap is in the complement."""
    pairs = [phase("1", f"{n:06}", "LAB") for n in range(10)] + [phase("1", "999999", "ZZZ")]
    reading = SpectrumSource(FakeClient(phases=pairs, cap=10)).read(
        ReadQuery(kind="phase", scope="1")
    )
    assert len(reading.items) == 11


def test_statuses_split_last():
    """One cost type with too many pairs is split by status."""
    pairs = [phase("1", f"{n:06}", "LAB", "AI"[n % 2]) for n in range(16)]
    reading = SpectrumSource(FakeClient(phases=pairs, cap=10)).read(
        ReadQuery(kind="phase", scope="1")
    )
    assert len(reading.items) == 16


def test_what_cannot_be_split_is_an_error():
    """Too many pairs of one type and status cannot be read."""
    pairs = [phase("1", f"{n:06}", "LAB") for n in range(11)]
    with pytest.raises(IncompleteReadError) as caught:
        SpectrumSource(FakeClient(phases=pairs, cap=10)).read(ReadQuery(kind="phase", scope="1"))
    assert "job_number=1" in caught.value.path


def test_several_jobs():
    """Named jobs are read one by one, in Spectrum's order, with GetPhase on request."""
    pairs = [phase(job, "1", "LAB") for job in ("1", "22", "3")]
    client = FakeClient(phases=pairs)
    reading = SpectrumSource(client, enhanced=False).read(
        ReadQuery(kind="phase", filters={"jobs": ["22", "1"]})
    )
    assert [pair.job_number for pair in reading.items] == ["1", "22"]
    assert {service for service, _ in client.calls} == {"GetPhase"}
    assert reading.requests == 2


class Misreading(FakeClient):
    """Ignores the cost type, as a server without SuperSelect might."""

    def send(self, call):
        """Answer without that parameter."""
        call.parameters["pCost_Type"] = ""
        return super().send(call)


def test_a_misread_expression_is_noticed():
    """Rows that were not asked for are never believed."""
    pairs = [phase("1", f"{n:06}", ("LAB", "MAT")[n % 2]) for n in range(12)]
    with pytest.raises(UnreadableReplyError):
        SpectrumSource(Misreading(phases=pairs, cap=10)).read(ReadQuery(kind="phase", scope="1"))


class Forgetful(FakeClient):
    """Loses a record between two calls."""

    def send(self, call):
        """Answer, then lose the first record."""
        result = super().send(call)
        self.phases = self.phases[1:]
        return result


def test_records_that_vanish_are_noticed():
    """A pair that was listed and is in no piece makes the reading incomplete."""
    pairs = [phase("1", f"{n:06}", ("LAB", "MAT")[n % 2]) for n in range(14)]
    with pytest.raises(IncompleteReadError):
        SpectrumSource(Forgetful(phases=pairs, cap=10)).read(ReadQuery(kind="phase", scope="1"))


# ---------------------------------------------------------------- jobs


def job(number, status="A", division="", manager="", customer=""):
    """A job."""
    return Job(
        job_number=number,
        status_code=status,
        division=division,
        project_manager=manager,
        customer_code=customer,
    )


JOBS = st.lists(
    st.builds(
        job,
        st.integers(1, 99).map(str),
        st.sampled_from("AIC"),
        st.sampled_from(["1", "2", ""]),
        st.sampled_from(["ANN", "BOB", "C/D", ""]),
        st.sampled_from(["X", "Y", ""]),
    ),
    unique_by=lambda item: item.job_number,
    max_size=40,
)


@settings(max_examples=150)
@given(jobs=JOBS, cap=st.integers(2, 30), complete=st.booleans())
def test_jobs_are_whole(jobs, cap, complete):
    """The joined jobs are exactly the population, each from three services."""
    client = FakeClient(jobs=jobs, cap=cap)
    try:
        reading = SpectrumSource(client).read(ReadQuery(kind="job", filters={"complete": complete}))
    except IncompleteReadError:
        assert len(jobs) > cap
        return
    statuses = "AIC" if complete else "AI"
    assert {item.job_number for item in reading.items} == {
        item.job_number for item in jobs if item.status_code in statuses
    }
    assert all(len(item.services) == 3 for item in reading.items)
    assert reading.requests == len(client.calls)


def test_jobs_take_three_calls():
    """Below the cap each of the three services is asked once."""
    client = FakeClient(jobs=[job("1"), job("2", "I"), job("3", "C")])
    reading = SpectrumSource(client).read(ReadQuery(kind="job"))
    assert [item.job_number for item in reading.items] == ["1", "2"]
    assert reading.requests == 3
    assert reading.as_of == datetime(2026, 1, 5, tzinfo=UTC)


class Growing(FakeClient):
    """Has more jobs for every further service."""

    def send(self, call):
        """Answer, then add a job."""
        result = super().send(call)
        self.jobs = [*self.jobs, job(str(100 + len(self.calls)))]
        return result


def test_a_service_that_is_cut_off_alone():
    """A piece that fits in one service and not in another is an error."""
    with pytest.raises(IncompleteReadError):
        SpectrumSource(Growing(jobs=[job("1"), job("2")], cap=2)).read(ReadQuery(kind="job"))


def test_calls_run_in_parallel_over_the_wire():
    """The real client serves the source; parts of a job come from real answers."""
    row = {"Job_Number": "24-0101", "Status_Code": "A"}
    names = ("GetJob", "GetJobMain", "GetJobDates")
    server = CannedServer(**{name: [get_reply(name, [row])] for name in names})
    server.handlers["GetJobDates"] = [
        get_reply("GetJobDates", [{"Job_Number": "24-0101", "Start_Date": "01/05/2026"}])
    ]
    source = SpectrumSource(client_of(server))
    (found,) = source.read(ReadQuery(kind="job")).items
    assert isinstance(source, Source)
    assert found.start_date is not None
    assert found.services == ("GetJob", "GetJobDates", "GetJobMain")


# ---------------------------------------------------------------- vendors


TYPES = {"SUB": ["S1", "S2"], "MAT": ["M1"], None: ["M1", "N1", "S1", "S2"]}


def vendor_client(**options):
    """A client of a server with four vendors, one of them without a type."""
    server = CannedServer(vendors=[])

    def answer(request):
        server.requests.append(request)
        kind = next((name for name in ("SUB", "MAT") if f"pType={name}" in request.url), None)
        rows = ",".join(f'{{"Vendor_Code": "{code}"}}' for code in TYPES[kind])
        return Response(status=200, headers=JSON, content=f"[{rows}]".encode())

    server._answer = answer
    return client_of(server, **options)


@pytest.mark.parametrize(
    ("filters", "codes", "requests"),
    [
        ({}, ["M1", "N1", "S1", "S2"], 1),
        ({"types": ()}, ["M1", "N1", "S1", "S2"], 1),
        ({"types": ["SUB"]}, ["S1", "S2"], 1),
        ({"types": ["SUB", ""], "known_types": ["SUB", "MAT"]}, ["N1", "S1", "S2"], 3),
        ({"types": [""]}, ["N1"], 3),
    ],
)
def test_vendors_by_type(filters, codes, requests):
    """Vendors without a type are those that no known type lists."""
    source = SpectrumSource(vendor_client(), vendor_types=["MAT", "SUB"])
    reading = source.read(ReadQuery(kind="vendor", filters=filters))
    assert [vendor.vendor_code for vendor in reading.items] == codes
    assert reading.requests == requests


def test_untyped_vendors_need_all_types():
    """Without knowing the types, vendors of other types would pass for untyped ones."""
    with pytest.raises(ConfigurationError):
        SpectrumSource(vendor_client()).read(ReadQuery(kind="vendor", filters={"types": [""]}))


def test_a_long_vendor_listing_is_not_believed():
    """The cap of the vendor listing is unknown, so a long one is an error by default."""
    with pytest.raises(IncompleteReadError):
        SpectrumSource(vendor_client(vendor_row_cap=4)).read(ReadQuery(kind="vendor"))


@pytest.mark.parametrize(
    "query", [ReadQuery(kind="invoice"), ReadQuery(kind="job", filters={"city": "x"})]
)
def test_unknown_questions_are_refused(query):
    """Neither an unknown kind nor an unknown filter is ignored."""
    with pytest.raises(ConfigurationError):
        SpectrumSource(FakeClient()).read(query)
