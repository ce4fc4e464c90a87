"""WSDL, request reading, answers and faults, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

import pytest
from lxml import etree
from sdx_wire import AUTH, HOST, SOAP, TYPES, call, declared, elements_of, get, get_wsdl, post, put
from zeep import Client, Settings
from zeep.transports import Transport

from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches
from procore_spectrum.testing.fake_spectrum.layouts import LAYOUTS
from procore_spectrum.testing.fake_spectrum.replies import number
from procore_spectrum.testing.fake_spectrum.services import SERVICES
from procore_spectrum.wire.messages import Request
from procore_spectrum.wire.transport import AsyncTransport
from procore_spectrum.wire.transport import Transport as OurTransport

FAULT_TEXT = (
    "Error identifying Web Service: class com.northgateis.proiv.ws.servlet."
    "WebServiceIdentificationException: Could not find WebService named: "
)


class InMemoryTransport(Transport):
    """Gives zeep the fake's bytes instead of a network."""

    def __init__(self, fake: FakeSpectrum) -> None:
        super().__init__()
        self._fake = fake

    def load(self, url: str) -> bytes:
        """The answer's bytes."""
        return self._fake.handle(Request(method="GET", url=url)).content


def zeep_client(fake: FakeSpectrum, service: str) -> Client:
    """A zeep client for one service."""
    settings = Settings(strict=True)
    url = f"{HOST}/wsdls/{service}.jws"
    return Client(url, transport=InMemoryTransport(fake), settings=settings)


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_zeep_loads_the_wsdl_and_its_message_is_understood(service: str) -> None:
    """A SOAP library reads each WSDL, and what it makes of it is a valid request."""
    fake = FakeSpectrum()
    fake.restore_service("GetJobContact")
    client = zeep_client(fake, service)
    arguments = dict.fromkeys(declared(fake, service), "") | {"Authorization_ID": AUTH}
    message = client.create_message(client.service, service, **arguments)
    request = Request(method="POST", url=f"{HOST}/ws/{service}", content=etree.tostring(message))
    assert fake.handle(request).status == 200


def test_wsdl_declares_the_elements_of_the_layout_in_order() -> None:
    """The request sequence is the layout's, and the layout of all 35 services is there."""
    assert len(LAYOUTS) == 35
    for service in SERVICES.keys() - {"GetJobContact"}:
        assert declared(FakeSpectrum(), service) == [f.name for f in LAYOUTS[service].inputs]


def test_wsdl_names_the_host_it_was_asked_from() -> None:
    """Address and soapAction are the full endpoint URL."""
    text = get_wsdl(FakeSpectrum(), "GetJob").content.decode()
    assert f'<soap:address location="{HOST}/ws/GetJob"/>' in text
    assert f'soapAction="{HOST}/ws/GetJob"' in text


@pytest.mark.parametrize(
    "path",
    [
        "/wsdls/GetVendors.jws",
        "/wsdls/Nonsense.jws",
        "/wsdls/GetJobContact.jws",
        "/wsdls/GetJob",
        "/",
        "/other",
        "/connect/other",
        "/connect/token",
        "/secretRotation",
    ],
)
def test_unknown_addresses_answer_an_html_page_of_jetty(path: str) -> None:
    """What does not exist answers 404 with HTML."""
    for method in ("GET", "POST"):
        response = FakeSpectrum().handle(Request(method=method, url=HOST + path))
        if response.status != 405:
            assert response.status == 404
            assert response.media_type == "text/html"
            assert b"Jetty" in response.content


@pytest.mark.parametrize(("method", "path"), [("GET", "/ws/GetJob"), ("POST", "/wsdls/GetJob.jws")])
def test_wrong_method_answers_405(method: str, path: str) -> None:
    """A known address with the wrong method is refused."""
    assert FakeSpectrum().handle(Request(method=method, url=HOST + path)).status == 405


@pytest.mark.parametrize("service", ["GetVendors", "GetJobContact", "Nonsense", "UpdateJob_UDF"])
def test_unknown_service_answers_the_recorded_fault(service: str) -> None:
    """The Client fault carries the recorded text and no detail."""
    response = post(FakeSpectrum(), service, f"<{service}/>")
    text = response.content.decode()
    assert "<faultcode>SOAP-ENV:Client</faultcode>" in text
    assert f"<faultstring>{FAULT_TEXT}{service}</faultstring>" in text
    assert "detail" not in text


@pytest.mark.parametrize("status", [500, 200])
def test_status_of_a_fault_is_a_switch(status: int) -> None:
    """Nobody documented the HTTP status of a fault."""
    fake = FakeSpectrum(switches=Switches(fault_status=status))
    assert post(fake, "Nonsense", "<Nonsense/>").status == status


def test_removed_service_comes_back_when_restored() -> None:
    """A service can be taken away and given back."""
    fake = FakeSpectrum()
    fake.remove_service("GetJob")
    assert get_wsdl(fake, "GetJob").status == 404
    fake.restore_service("GetJob")
    assert get_wsdl(fake, "GetJob").status == 200


QUALIFIED = '<GetJob xmlns="{ns}">{body}</GetJob>'
UNQUALIFIED = '<n:GetJob xmlns:n="{ns}">{body}</n:GetJob>'


@pytest.mark.parametrize("form", [QUALIFIED, UNQUALIFIED])
def test_children_may_be_qualified_or_not(form: str) -> None:
    """Requests are matched by local names."""
    fake = FakeSpectrum()
    body = form.format(ns=TYPES, body=elements_of(fake, "GetJob", {}))
    assert b"<getJob>" in post(fake, "GetJob", body).content


MALFORMED: list[tuple[str, Callable[[str], str]]] = [
    ("Server", lambda body: body.replace("<pSort_By></pSort_By>", "")),
    ("Server", lambda body: body + "<pSort_By/>"),
    ("Server", lambda body: body + "<pUnheard_Of/>"),
]


@pytest.mark.parametrize(("side", "spoil"), MALFORMED)
def test_missing_repeated_and_unknown_elements_are_faults(
    side: str, spoil: Callable[[str], str]
) -> None:
    """Every declared element must be there, once, and nothing else."""
    fake = FakeSpectrum()
    body = spoil(elements_of(fake, "GetJob", {}))
    text = post(fake, "GetJob", QUALIFIED.format(ns=TYPES, body=body)).content.decode()
    assert f"<faultcode>SOAP-ENV:{side}</faultcode>" in text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<GetJob/>",
        f'<e:Envelope xmlns:e="{SOAP}"/>'.encode(),
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body/></e:Envelope>'.encode(),
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><a/><b/></e:Body></e:Envelope>'.encode(),
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><GetPhase/></e:Body></e:Envelope>'.encode(),
        f'<!DOCTYPE x><e:Envelope xmlns:e="{SOAP}"><e:Body/></e:Envelope>'.encode(),
    ],
)
def test_what_is_not_a_soap_request_is_a_client_fault(content: bytes) -> None:
    """Garbage, other envelopes and document types are refused by a fault."""
    request = Request(method="POST", url=f"{HOST}/ws/GetJob", content=content)
    response = FakeSpectrum().handle(request)
    assert b"<faultcode>SOAP-ENV:Client</faultcode>" in response.content


def test_get_answer_has_the_recorded_shape() -> None:
    """No declaration, CRLF, blank lines before the payload, no namespace on the wrapper."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="24-0101", Job_Description="Né & <Co>")
    content = call(fake, "GetJobDates").content
    assert content.startswith(b"<SOAP-ENV:Envelope SOAP-ENV:encodingStyle='http")
    assert b"<returnData>\r\n\r\n<getJobDates>\r\n    <response>\r\n" in content
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert "<Job_Description>Né &amp; &lt;Co&gt;</Job_Description>".encode() in content
    assert b"<Create_Date></Create_Date>" in content
    assert b"<Field_1/>" in content
    assert b"<Error_Code> </Error_Code>\r\n" in content
    assert f"<nis:GetJobDatesResponse xmlns:nis='{TYPES}'><returnArray>".encode() in content


def test_no_rows_is_an_empty_wrapper() -> None:
    """The wrapper is there even when nothing was found."""
    assert b"<getPhase>\r\n</getPhase>" in call(FakeSpectrum(), "GetPhase").content


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", ".00"),
        ("-0.001", ".00"),
        ("0.5", ".50"),
        ("-0.5", "-.50"),
        ("1234.5", "1234.50"),
        ("-10", "-10.00"),
        ("100", "100.00"),
    ],
)
def test_numbers_have_no_leading_zero(value: str, text: str) -> None:
    """Two decimals, a leading minus, nothing in front of the point when the number is small."""
    assert number(Decimal(value)) == text


def test_dates_are_month_day_year() -> None:
    """Dates come back zero-padded."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="1", Create_Date="01/05/2026")
    assert get(fake, "GetJobDates")[0]["Create_Date"] == "01/05/2026"


def test_characters_that_xml_cannot_hold_are_dropped() -> None:
    """An answer is always well-formed."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="1", Job_Description="a\x00b")
    assert get(fake, "GetJob")[0]["Job_Description"] == "ab"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "é".encode()), ("double", "Ã©".encode()), ("latin-1", b"\xe9")],
)
def test_encoding_of_accents_is_a_switch(
    encoding: Literal["utf-8", "double", "latin-1"], expected: bytes
) -> None:
    """Plain, doubly encoded as once recorded, or undeclared ISO 8859-1."""
    fake = FakeSpectrum(switches=Switches(encoding=encoding))
    fake.add_job(Job_Number="1", Job_Description="é")
    assert b"<Job_Description>" + expected + b"<" in call(fake, "GetJob").content


def test_cut_off_body_keeps_all_rows() -> None:
    """Only the closing tags of the envelope are lost, and only above the limit."""
    fake = FakeSpectrum()
    fake.add_job(Job_Number="1")
    whole = call(fake, "GetJob").content
    fake.switches = Switches(cut_off_above=len(whole))
    assert call(fake, "GetJob").content == whole
    fake.switches = Switches(cut_off_above=len(whole) - 1)
    cut = call(fake, "GetJob").content
    assert whole.startswith(cut)
    assert cut.endswith(b"</getJob>\r\n")


@pytest.mark.parametrize("after", [False, True])
def test_occasional_server_fault(*, after: bool) -> None:
    """Every n-th call fails; a switch tells whether it was carried out all the same."""
    switches = Switches(server_fault_every=2, server_fault_after=after)
    fake = FakeSpectrum(switches=switches)
    assert call(fake, "GetJob").status == 200
    response = call(fake, "GetJob")
    assert b"<faultstring>Error executing Web Service</faultstring>" in response.content
    assert len(fake.calls) == (2 if after else 1)
    assert call(fake, "GetJob").status == 200


@pytest.mark.parametrize("version", ["1.12", "2", "1.12.7", "999.999"])
def test_connection_test_answers_success(version: str) -> None:
    """WSTestConnection is the only service with code S."""
    assert put(FakeSpectrum(), "WSTestConnection", Version=version) == [("S", "Version")]


@pytest.mark.parametrize(("version", "code"), [("", "M"), ("one", "I"), ("1000", "I")])
def test_connection_test_checks_the_version(version: str, code: str) -> None:
    """A version is required and consists of short numbers."""
    assert put(FakeSpectrum(), "WSTestConnection", Version=version) == [(code, "Version")]


def test_transports_reach_the_server() -> None:
    """Both in-process transports satisfy the protocols and give the same answer."""
    fake = FakeSpectrum()
    request = Request(method="GET", url=f"{HOST}/wsdls/GetJob.jws")

    async def fetch() -> bytes:
        transport = fake.async_transport()
        assert isinstance(transport, AsyncTransport)
        response = await transport.send(request)
        await transport.close()
        return response.content

    transport = fake.transport()
    assert isinstance(transport, OurTransport)
    assert transport.send(request).content == asyncio.run(fetch())
    transport.close()
