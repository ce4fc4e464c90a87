"""The clients: what they send, how they judge answers, when they repeat."""

import asyncio
import base64
import threading

import pytest
from spectrum_canned import (
    CAP,
    HTML,
    PAGE,
    URL,
    XML,
    CannedServer,
    client_of,
    fault,
    get_reply,
    ok,
    put_reply,
    wsdl,
)

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractChangedError,
    InvalidValueError,
    NotPermittedError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    RecordLockedError,
    RefusedError,
    SessionExpiredError,
    UnavailableError,
    UnreadableReplyError,
)
from procore_spectrum.models import spectrum
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.client import AsyncSpectrumClient, SpectrumClient
from procore_spectrum.spectrum.guid import GuidPolicy
from procore_spectrum.spectrum.superselect import none_of, one_of
from procore_spectrum.spectrum.wsdl import DirectoryWsdlCache
from procore_spectrum.testing import FakeClock
from procore_spectrum.wire.messages import Response

PHASE = {"Job_Number": "24-0101", "Phase_Code": "010000", "Cost_Type": "LAB", "JTD_Hours": ".00"}
JOB = {"Job_Number": "24-0101", "Job_Description": "Bridge", "Status_Code": "A"}
SERVER_FAULT = Response(
    status=500, headers=XML, content=fault("Server", "Error executing Web Service")
)
NO_SERVICE = fault("Client", "Error identifying Web Service: Could not find WebService named: X")
EXPIRED = put_reply("GetPhase", ("A", "Time out has occurred", "GUID"))
LIST = services.list_phases(job_number="24-0101")
ADD_JOB = services.create_job(
    spectrum.JobCreate(job_number="24-0102", taxable_flag=True, price_method_code="F")
)
ADD_PHASE = services.upsert_phase(
    spectrum.PhaseUpsert(
        job_number="24-0101", phase_code="010000", cost_type="LAB", price_method_code="F"
    )
)


def test_a_listing():
    """Rows come as models, and the request carries credentials, company and GUID."""
    server = CannedServer(GetPhase=[get_reply("GetPhase", [PHASE])])
    client = client_of(server)
    found = client.send(services.list_phases(cost_types=none_of(["MAT", "SUB"]), status="C"))
    assert [phase.phase_code for phase in found.items] == ["010000"]
    assert not found.capped
    ((_, sent),) = server.calls
    assert sent["Authorization_ID"] == "SECRET-ID"
    assert sent["pCompany_Code"] == "ABC"
    assert sent["pCost_Type"] == "#MAT,SUB"
    assert sent["pStatus_Code"] == "C"
    assert len(sent["GUID"]) == 36
    assert client.requests_sent == 2


def test_headers():
    """The action is quoted and Basic names company and id, unless switched off."""
    server = CannedServer(GetPhase=[get_reply("GetPhase", [])])
    client_of(server).send(LIST)
    client_of(server, basic_auth=False).send(LIST)
    first, second = server.requests[1], server.requests[3]
    assert first.header("SOAPAction") == f'"{URL}/ws/GetPhase"'
    assert first.header("Content-Type") == "text/xml; charset=utf-8"
    basic = base64.b64encode(b"ABC:SECRET-ID").decode()
    assert first.header("Authorization") == f"Basic {basic}"
    assert second.header("Authorization") is None


def test_each_call_has_its_own_guid():
    """A GUID is fresh for every call by default."""
    server = CannedServer(GetPhase=[get_reply("GetPhase", [])])
    client = client_of(server)
    client.send(LIST)
    client.send(LIST)
    assert server.calls[0][1]["GUID"] != server.calls[1][1]["GUID"]


def test_one_guid_for_a_service():
    """On request a service keeps its GUID, for less than 24 hours."""
    clock = FakeClock()
    server = CannedServer(
        GetPhase=[get_reply("GetPhase", [])], GetPhaseEnhanced=[get_reply("GetPhaseEnhanced", [])]
    )
    client = client_of(server, guids=GuidPolicy.PER_SERVICE, clock=clock)
    client.send(LIST)
    client.send(LIST)
    client.send(services.list_phases_enhanced())
    clock.sleep(23 * 3600)
    client.send(LIST)
    first, second, other, late = (sent["GUID"] for _, sent in server.calls)
    assert first == second
    assert len({first, other, late}) == 3


@pytest.mark.parametrize("policy", GuidPolicy)
def test_an_expired_guid_is_replaced_once(policy):
    """After "Time out has occurred" the call is repeated with a fresh GUID, once."""
    server = CannedServer(GetPhase=[EXPIRED, get_reply("GetPhase", [PHASE])])
    assert len(client_of(server, guids=policy).send(LIST).items) == 1
    assert server.calls[0][1]["GUID"] != server.calls[1][1]["GUID"]
    with pytest.raises(SessionExpiredError):
        client_of(CannedServer(GetPhase=[EXPIRED]), guids=policy).send(LIST)


def test_a_fault_can_tell_that_the_guid_expired():
    """The text counts, wherever it comes."""
    expired = fault("Client", "Time out has occurred")
    server = CannedServer(GetPhase=[expired, get_reply("GetPhase", [])])
    client_of(server).send(LIST)
    assert len(server.calls) == 2


@pytest.mark.parametrize("cap", [2, None])
def test_as_many_rows_as_the_cap(cap):
    """A listing as long as the cap counts as cut off, with or without the last row."""
    rows = [PHASE, {**PHASE, "Cost_Type": "MAT"}]
    server = CannedServer(GetPhase=[get_reply("GetPhase", rows)])
    assert client_of(server, row_cap=cap).send(LIST).capped == (cap == 2)


def test_the_warning_row_caps():
    """A W row is believed at any length."""
    server = CannedServer(GetPhase=[get_reply("GetPhase", [PHASE], capped=True)])
    found = client_of(server, row_cap=None).send(LIST)
    assert found.capped
    assert found.notes[0].text == CAP["Error_Description"]


ROW_ERRORS = [
    (("A", "The Web Service is not authorized. Authorization ID is not setup in the system.",
      "Authorization_ID"), AuthenticationError),
    (("A", "The Web Service is not authorized.", ""), NotPermittedError),
    (("I", "Status is invalid, value does not match specified field mask", "Status"), RefusedError),
    (("M", "must be supplied", "Type"), RefusedError),
    (("Q", "", ""), RefusedError),
    (("", "something is wrong", ""), RefusedError),
    (("I", "Record is locked by another user", ""), RecordLockedError),
]  # fmt: skip


@pytest.mark.parametrize(("row", "error"), ROW_ERRORS)
def test_error_rows(row, error):
    """Each kind of error row says what to do next."""
    server = CannedServer(AddPhase=[put_reply("AddPhase", row)])
    with pytest.raises(error) as caught:
        client_of(server).send(ADD_PHASE)
    assert [(v.path, v.message) for v in caught.value.violations] == [
        (row[2], row[1] or "error code Q")
    ]
    assert "SECRET" not in str(caught.value)


def test_all_violations_are_reported():
    """Several error rows make one error with all of them."""
    errors = [("I", "bad", "Status"), ("M", "missing", "Type"), ("G", "note", "")]
    server = CannedServer(AddPhase=[put_reply("AddPhase", *errors)])
    with pytest.raises(RefusedError) as caught:
        client_of(server).send(ADD_PHASE)
    assert [v.code for v in caught.value.violations] == ["invalid", "missing"]


def test_good_rows_are_notes():
    """A generated number comes back as a note."""
    server = CannedServer(AddPhase=[put_reply("AddPhase", ("G", "000123", "Batch"))])
    found = client_of(server).send(ADD_PHASE)
    assert found.items == ()
    assert found.notes[0].text == "000123"


def test_locked_records_are_tried_again():
    """A lock is waited for with a back-off, and its texts can be configured."""
    clock = FakeClock()
    server = CannedServer(
        AddJob=[put_reply("AddJob", ("I", "Tabelle gesperrt", "")), put_reply("AddJob")]
    )
    client_of(server, clock=clock, locked_text=["gesperrt"]).send(ADD_JOB)
    assert len(server.calls) == 2
    assert len(clock.sleeps) == 1
    with pytest.raises(RecordLockedError):
        client_of(CannedServer(AddJob=[fault("Client", "table is locked")])).send(ADD_JOB)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (NO_SERVICE, NotPermittedError),
        (fault("Server", "Missing element pJob_Number"), ContractChangedError),
        (fault("Client", "no"), RefusedError),
        (fault("Server", "Error executing Web Service"), UnavailableError),
        (Response(status=401), AuthenticationError),
        (Response(status=403), NotPermittedError),
        (Response(status=404, headers=HTML, content=PAGE), NotPermittedError),
        (Response(status=429), RateLimitedError),
        (Response(status=302), ConfigurationError),
        (Response(status=503, headers=HTML), UnavailableError),
        (Response(status=500, headers=HTML), UnavailableError),
        (Response(status=400, headers=HTML), UnreadableReplyError),
        (Response(status=500, headers=XML, content=put_reply("GetPhase")), UnreadableReplyError),
        (Response(status=200, headers=HTML, content=PAGE), UnreadableReplyError),
        (b"<a", UnreadableReplyError),
        (NotSentError("no way"), NotSentError),
        (OutcomeUnknownError("lost"), OutcomeUnknownError),
    ],
)
def test_answers_to_a_read(answer, error):
    """Status and content type are judged first, then faults."""
    with pytest.raises(error):
        client_of(CannedServer(GetPhase=[answer])).send(LIST)


@pytest.mark.parametrize(
    ("said", "hinted", "not_hinted"),
    [
        (b"Authorization ID is not setup in the system.", "set it up under Data", "if other"),
        (b"not authorized for this Company", "if other services accept them, move the", "set it"),
        (b"", "check company code and Authorization ID", "set it up"),
    ],
)
def test_an_unauthorised_call_says_what_is_certain(said, hinted, not_hinted):
    """Only one text names an unknown id; anything else may as well be a missing permission."""
    said = b'[{"error_code":"A","desc":"' + said + b'"}]'
    answer = Response(status=401, headers=(("Content-Type", "application/json"),), content=said)
    with pytest.raises(AuthenticationError) as caught:
        client_of(CannedServer(GetPhase=[answer])).send(LIST)
    assert hinted in caught.value.hint
    assert not_hinted not in caught.value.hint
    assert caught.value.path == "GetPhase"


@pytest.mark.parametrize(
    "answer",
    [
        SERVER_FAULT,
        Response(status=502, headers=HTML),
        Response(status=200, headers=HTML, content=PAGE),
        Response(status=500, headers=XML, content=put_reply("AddJob")),
        b"<a",
        OutcomeUnknownError("lost"),
    ],
)
def test_a_creation_without_an_answer_is_in_doubt(answer):
    """A write that must not be doubled is sent once, and its outcome is unknown."""
    server = CannedServer(AddJob=[answer])
    with pytest.raises(OutcomeUnknownError):
        client_of(server).send(ADD_JOB)
    assert len(server.calls) == 1


@pytest.mark.parametrize("answer", [SERVER_FAULT, b"<a", OutcomeUnknownError("lost")])
@pytest.mark.parametrize("call", [LIST, ADD_PHASE])
def test_what_is_repeatable_is_repeated(call, answer):
    """Reads and upserts by key are tried three times."""
    server = CannedServer(
        **{call.service: [answer, answer, get_reply(call.service, [])]},
    )
    client_of(server).send(call)
    assert len(server.calls) == 3


def test_the_asked_wait_is_kept():
    """After HTTP 429 the call waits at least as long as Spectrum asks."""
    clock = FakeClock()
    busy = Response(status=429, headers=(("Retry-After", "7"),))
    server = CannedServer(GetPhase=[busy, get_reply("GetPhase", [])])
    client_of(server, clock=clock).send(LIST)
    assert clock.sleeps[0] >= 7


def test_trying_ends():
    """After three attempts the error is raised."""
    server = CannedServer(GetPhase=[SERVER_FAULT])
    with pytest.raises(UnavailableError):
        client_of(server).send(LIST)
    assert len(server.calls) == 3


@pytest.mark.parametrize("answer", [NO_SERVICE, put_reply("GetPhase", ("I", "bad", ""))])
def test_refusals_are_not_repeated(answer):
    """What would be refused again is sent once."""
    server = CannedServer(GetPhase=[answer])
    with pytest.raises((NotPermittedError, RefusedError)):
        client_of(server).send(LIST)
    assert len(server.calls) == 1


# ---------------------------------------------------------------- descriptions


def test_descriptions_survive_a_restart(tmp_path):
    """A second process asks for no description again."""
    for _ in range(2):
        server = CannedServer(GetPhase=[get_reply("GetPhase", [])])
        client = client_of(server, wsdl_cache=DirectoryWsdlCache(tmp_path))
        client.send(LIST)
    assert client.requests_sent == 1


def test_an_unknown_service():
    """A page instead of a description says that the service is not authorised."""
    server = CannedServer()
    server.wsdls.clear()
    with pytest.raises(NotPermittedError) as caught:
        client_of(server).send(LIST)
    assert "Authorization ID" in caught.value.hint


def test_a_description_must_be_answered():
    """Any other status than 200 is no description."""
    server = CannedServer()
    server._answer = lambda _: Response(status=204, headers=XML)
    with pytest.raises(UnreadableReplyError):
        client_of(server).send(LIST)


def test_a_changed_description_is_noticed_on_refresh():
    """A difference is an error until it is accepted."""
    server = CannedServer(GetPhase=[get_reply("GetPhase", [])])
    client = client_of(server)
    before = client.refresh_contract("GetPhase")
    server.wsdls["GetPhase"] = wsdl("GetPhase", ["GUID", "pNew"])
    with pytest.raises(ContractChangedError, match="new pNew; gone Authorization_ID"):
        client.refresh_contract("GetPhase")
    server.wsdls["GetPhase"] = wsdl("GetPhase") + b"<!-- new -->"
    with pytest.raises(ContractChangedError, match="other details"):
        client.refresh_contract("GetPhase")
    assert client.refresh_contract("GetPhase", accept=True).digest != before.digest


# ---------------------------------------------------------------- services

JOB_FILTERS = {
    "status": "pStatus_Code",
    "division": "pDivision",
    "project_manager": "pProject_Manager",
    "superintendent": "pSuperintendent",
    "estimator": "pEstimator",
    "customer_code": "pCustomer_Code",
    "cost_center": "pCost_Center",
    "sort_by": "pSort_By",
}
PHASE_FILTERS = {
    "cost_types": "pCost_Type",
    "job_number": "pJob_Number",
    "status": "pStatus_Code",
    "cost_center": "pCost_Center",
    "sort_by": "pSort_By",
}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (services.list_jobs(division="01", sort_by="D"), {"pDivision": "01", "pSort_By": "D"}),
        (services.list_job_main(project_manager="PM"), {"pProject_Manager": "PM"}),
        (services.list_job_dates(customer_code=one_of(["B", "A"])), {"pCustomer_Code": "A,B"}),
        (services.list_job_udfs(estimator="E", cost_center="1"), {"pCost_Center": "1"}),
        (services.list_job_contacts(job_number="1", title="Boss"), {"pTitle": "Boss"}),
        (services.list_phases_enhanced(sort_by="C"), {"pSort_By": "C"}),
    ],
)
def test_reads_send_their_parameters(call, expected):
    """Every parameter is declared by its service and arrives."""
    server = CannedServer(**{call.service: [get_reply(call.service, [JOB])]})
    if "Phase" in call.service:
        server.handlers[call.service] = [get_reply(call.service, [PHASE])]
    found = client_of(server).send(call)
    assert found.items[0].job_number == "24-0101"
    assert {name: server.calls[0][1][name] for name in expected} == expected


@pytest.mark.parametrize("call", [services.list_jobs, services.list_job_udfs, services.list_phases])
def test_a_misspelt_filter_is_refused(call):
    """It would ask for more than was meant."""
    with pytest.raises(TypeError, match=r"Get\w+ has no parameter job_no, zone"):
        call(status="A", zone="1", job_no="24-0101")


@pytest.mark.parametrize(
    ("call", "filters"), [(services.list_jobs, JOB_FILTERS), (services.list_phases, PHASE_FILTERS)]
)
def test_every_filter_has_an_element_of_its_own(call, filters):
    """What is left out is sent empty."""
    sent = {name: call(**{name: "A"}).parameters for name in filters}
    assert {name: [k for k, v in found.items() if v == "A"] for name, found in sent.items()} == {
        name: [element] for name, element in filters.items()
    }
    assert {v for found in sent.values() for v in found.values()} == {"", "A"}


def test_writes_send_their_elements():
    """Creations and updates send what their models hold."""
    vendor = {"vendor_code": "V", "vendor_name": "Vee", "alpha_sort": "V"}
    terms = {"terms_code": "A", "terms_days": 0, "terms_disc_code": "A"}
    calls = [
        services.create_vendor(spectrum.VendorCreate(**vendor, **terms)),
        services.update_vendor(spectrum.VendorUpdate(vendor_code="V", vendor_name="Vee")),
        services.update_job(spectrum.JobUpdate(job_number="1", job_description="Bridge")),
        services.test_connection("1.12"),
    ]
    server = CannedServer(**{call.service: [put_reply(call.service)] for call in calls})
    client = client_of(server)
    for call in calls:
        client.send(call)
    sent = [dict(arguments) for _, arguments in server.calls]
    assert sent[0]["Terms_Days"] == "0"
    assert sent[1]["Vendor_Name"] == "Vee"
    assert sent[2]["Job_Description"] == "Bridge"
    assert sent[3] == {"Authorization_ID": "SECRET-ID", "Version": "1.12"}
    assert [call.repeatable for call in calls] == [False, True, True, True]


def test_the_test_connection_answers_success():
    """Code S is success."""
    server = CannedServer(WSTestConnection=[put_reply("WSTestConnection", ("S", "ok", ""))])
    assert client_of(server).send(services.test_connection("2")).notes[0].code == "S"


def test_unsafe_parameters_are_refused():
    """Neither an operator in a value nor a version without text is sent."""
    with pytest.raises(InvalidValueError):
        services.list_phases(job_number="24*")
    with pytest.raises(InvalidValueError):
        services.test_connection("")


# ---------------------------------------------------------------- clients


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "spectrum.example.com"},
        {"url": "https://spectrum.example.com/ws"},
        {"url": "https://u:p@spectrum.example.com"},
        {"url": "https://[bad"},
        {"company_code": "ABCD"},
        {"company_code": ""},
        {"authorization_id": ""},
        {"client_id": "x"},
        {"max_parallel": 0},
    ],
)
def test_settings_are_checked(wrong):
    """A malformed setting is named before anything is sent."""
    good = {"url": URL, "company_code": "ABC", "authorization_id": "SECRET-ID"}
    with pytest.raises(ConfigurationError) as caught:
        SpectrumClient(**{**good, **wrong})
    assert caught.value.path
    assert "SECRET" not in str(caught.value)


def test_secrets_stay_out_of_reprs():
    """Neither client nor its parts show the id."""
    client = client_of(CannedServer())
    assert "ABC" in repr(client)
    assert "SECRET" not in repr(client) + repr(client._protocol.settings)


def test_at_most_three_calls_at_once():
    """The server sees no more parallel calls than configured."""
    gate = threading.Barrier(3, timeout=10)
    most, now, lock = [0], [0], threading.Lock()
    server = CannedServer(GetPhase=[get_reply("GetPhase", [])])
    client = client_of(server)
    client.send(LIST)
    answer = server._answer

    def slow(request):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        gate.wait()
        with lock:
            now[0] -= 1
        return answer(request)

    server.send = slow
    threads = [threading.Thread(target=client.send, args=(LIST,)) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 3
    assert client.requests_sent == 11


def test_a_given_transport_is_not_closed():
    """Who brings a transport closes it."""
    server = CannedServer(GetPhase=[get_reply("GetPhase", [])])
    with client_of(server) as client:
        assert client.requests_sent == 0
        client.send(LIST)
    assert server.closed == 0


def test_an_own_transport_is_closed(monkeypatch):
    """Without a transport the client opens one and closes it."""
    server = CannedServer(GetPhase=[get_reply("GetPhase", [])])
    monkeypatch.setattr("procore_spectrum.spectrum.client.HttpxTransport", lambda: server)
    with client_of(None) as client:
        client.send(LIST)
    client.close()
    assert server.closed == 2


class AsyncServer:
    """The canned server for the asynchronous client."""

    def __init__(self, server):
        self.server = server

    async def send(self, request):
        """Answer as scripted."""
        return self.server.send(request)

    async def close(self):
        """Count."""
        self.server.close()


def test_the_asynchronous_client(monkeypatch):
    """The same calls give the same results."""
    server = CannedServer(GetPhase=[SERVER_FAULT, get_reply("GetPhase", [PHASE])])
    monkeypatch.setattr(
        "procore_spectrum.spectrum.client.AsyncHttpxTransport", lambda: AsyncServer(server)
    )

    async def main():
        async with AsyncSpectrumClient(
            url=URL, company_code="ABC", authorization_id="SECRET-ID", clock=FakeClock()
        ) as client:
            assert client.requests_sent == 0
            listed = await asyncio.gather(*(client.send(LIST) for _ in range(5)))
            await client.refresh_contract("GetPhase")
            with pytest.raises(ConfigurationError):
                await client.rotate_secret(print)
            return listed, client.requests_sent

    listed, sent = asyncio.run(main())
    assert [len(found.items) for found in listed] == [1] * 5
    assert sent == 1 + 6 + 1
    assert server.closed == 1


def test_ok_is_xml():
    """Canned answers have the content type that is judged."""
    assert ok(b"").media_type == "text/xml"
