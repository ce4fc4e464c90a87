"""XML from outside is data: it opens no file and no connection, and it does not grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from procore_spectrum.errors import ProcoreSpectrumError, UnreadableReplyError
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.rows import read_reply
from procore_spectrum.spectrum.wsdl import read_contract
from procore_spectrum.testing import FakeSpectrum
from procore_spectrum.wire.messages import Request, Response

LAUGHS = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10)
)
CANARY = "CANARY-OF-THE-FILE"


def attacks(folder: Path) -> dict[str, str]:
    """Prologues with an entity named ``x``."""
    file = folder / "secret.txt"
    file.write_text(CANARY)
    return {
        "bomb": f'<!DOCTYPE a [{LAUGHS}<!ENTITY x "&l9;">]>',
        "quadratic": '<!DOCTYPE a [<!ENTITY x "' + "y" * 100_000 + '">]>',
        "file": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{file.as_uri()}">]>',
        "network": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
        "parameter": f'<!DOCTYPE a [<!ENTITY % p SYSTEM "{file.as_uri()}"> %p;<!ENTITY x "">]>',
        "dtd": f'<!DOCTYPE a SYSTEM "{file.as_uri()}">',
    }


KINDS = ("bomb", "quadratic", "file", "network", "parameter", "dtd")
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetJobResponse>'
    "<returnArray><returnData><getJob><response><Job_Number>{}</Job_Number></response></getJob>"
    "</returnData></returnArray></GetJobResponse></s:Body></s:Envelope>"
)


def wsdl_of(service: str) -> str:
    """A good description, as the fake serves it."""
    fake = FakeSpectrum()
    answer = fake.handle(
        Request(method="GET", url=f"https://spectrum.test/wsdls/{service}.jws")
    ).content.decode()
    return answer.partition("?>")[2] if answer.startswith("<?xml") else answer


def read_rows(content: bytes) -> object:
    """As an answer of a listing."""
    return read_reply(content, service="GetJob")


def read_rows_cut(content: bytes) -> object:
    """As an answer whose closing tags may be missing; another parser looks at it first."""
    return read_reply(content[:-20], service="GetJob", tolerate_cut_envelope=True)


def read_description(content: bytes) -> object:
    """As a service description."""
    return read_contract("GetJob", content)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("read", [read_rows, read_rows_cut, read_description])
def test_a_document_type_is_refused_at_once(
    kind: str, read: Callable[[bytes], object], tmp_path: Path
) -> None:
    """Whatever its entities would do, within a second and without the file's content."""
    use = "" if kind == "dtd" else "&x;"
    body = wsdl_of("GetJob") if read is read_description else ENVELOPE.format(use)
    body = body.replace("</", f"{use}</", 1) if read is read_description else body
    began = time.monotonic()
    with pytest.raises(UnreadableReplyError) as caught:
        read((attacks(tmp_path)[kind] + body).encode())
    assert time.monotonic() - began < 5
    assert CANARY not in str(caught.value)


REFERENCES = (
    '<import namespace="urn:x" location="{url}"/>',
    '<types><schema xmlns="http://www.w3.org/2001/XMLSchema">'
    '<import namespace="urn:x" schemaLocation="{url}"/></schema></types>',
    '<types><schema xmlns="http://www.w3.org/2001/XMLSchema">'
    '<include schemaLocation="{url}"/></schema></types>',
    '<types><schema xmlns="http://www.w3.org/2001/XMLSchema">'
    '<redefine schemaLocation="{url}"/></schema></types>',
)


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("url", ["http://other.example.com/x.xsd", "/etc/passwd", "x.xsd"])
def test_a_description_leads_nowhere_else(reference: str, url: str) -> None:
    """Imports, includes and redefinitions are refused, and nothing but the description is asked."""
    fake, asked = FakeSpectrum(), []

    class Evil:
        """Serves descriptions with a reference in them."""

        def send(self, request: Request) -> Response:
            """Answer as the fake does, but for the reference."""
            asked.append(request.url)
            answer = fake.handle(request)
            if not request.url.endswith(".jws"):
                return answer
            head, mark, rest = answer.content.decode().partition("<wsdl:types")
            start = head.rindex("<") if not mark else len(head)
            text = head[:start] + reference.format(url=url) + head[start:] + mark + rest
            return Response(status=200, headers=answer.headers, content=text.encode())

        def close(self) -> None:
            """Nothing to release."""

    client = SpectrumClient(
        url="https://spectrum.test:8482",
        company_code=fake.company_code,
        authorization_id=fake.authorization_id,
        transport=Evil(),
    )
    with pytest.raises(ProcoreSpectrumError, match="refers to another document"):
        client.send(services.list_jobs())
    assert set(asked) == {"https://spectrum.test:8482/wsdls/GetJob.jws"}
