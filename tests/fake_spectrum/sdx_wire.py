"""Raw requests for the in-memory Spectrum, and reading its raw answers with plain patterns."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from procore_spectrum.testing.fake_spectrum import FakeSpectrum
from procore_spectrum.wire.messages import Request, Response

HOST = "https://spectrum.example:8482"
TYPES = "http://www.northgate-is.com/proiv/webservices/types"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
AUTH = "SDX-AUTHORIZATION"


class SteppingClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The time it was set to."""
        return self.time

    def move(self, **delta: float) -> None:
        """Move forward."""
        self.time += timedelta(**delta)


def get_wsdl(fake: FakeSpectrum, service: str) -> Response:
    """Ask for a service description."""
    return fake.handle(Request(method="GET", url=f"{HOST}/wsdls/{service}.jws"))


def declared(fake: FakeSpectrum, service: str) -> list[str]:
    """The request elements as the WSDL declares them."""
    text = get_wsdl(fake, service).content.decode()
    return re.findall(r'<element name="(\w+)" nillable="false" type="xsd:string"/>', text)


def post(
    fake: FakeSpectrum, service: str, body: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Send the content of a SOAP body."""
    content = (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Header/><soap:Body>{body}'
        "</soap:Body></soap:Envelope>"
    ).encode()
    url = f"{HOST}/ws/{service}"
    return fake.handle(Request(method="POST", url=url, content=content, headers=headers))


def elements_of(fake: FakeSpectrum, service: str, values: dict[str, Any]) -> str:
    """Every declared element in order; those not given are empty, unknown ones a mistake."""
    names = declared(fake, service)
    defaults = {"Authorization_ID": AUTH}
    defaults["pCompany_Code" if "pCompany_Code" in names else "Company_Code"] = "ABC"
    filled = {**defaults, **{name: str(value) for name, value in values.items()}}
    assert values.keys() <= set(names)
    return "".join(f"<{name}>{html.escape(filled.get(name, ''))}</{name}>" for name in names)


def call(fake: FakeSpectrum, service: str, **values: Any) -> Response:
    """Call a service with everything in the default namespace."""
    content = elements_of(fake, service, values)
    return post(fake, service, f'<{service} xmlns="{TYPES}">{content}</{service}>')


def rows(response: Response) -> list[dict[str, str]]:
    """The rows of a Get, values unstripped."""
    assert response.status == 200
    text = response.content.decode()
    return [
        {
            name: html.unescape(value or "")
            for name, value in re.findall(r"<(\w+)(?:/>|>([^<]*)</\1>)", row)
        }
        for row in re.findall(r"<response>(.*?)</response>", text, re.DOTALL)
    ]


def findings(response: Response) -> list[tuple[str, str]]:
    """Code and column of each row of a write's answer."""
    return [(row["error_code"], row["column"]) for row in rows(response)]


def get(fake: FakeSpectrum, service: str, **values: Any) -> list[dict[str, str]]:
    """The rows of a Get."""
    return rows(call(fake, service, **values))


def put(fake: FakeSpectrum, service: str, **values: Any) -> list[tuple[str, str]]:
    """Code and column of each row of a write's answer."""
    return findings(call(fake, service, **values))
