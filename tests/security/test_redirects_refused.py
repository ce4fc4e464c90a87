"""A redirect is an error: nothing is sent to where it points, least of all credentials."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import pytest

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.endpoints.identity import list_companies
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.client import SpectrumClient

STATUSES = (301, 302, 303, 307, 308)


@attrs.define
class Recorder:
    """A server that keeps what it receives and answers by a function of the request's line."""

    port: int
    received: list[bytes] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def recording(answer: Callable[[bytes], bytes]) -> Iterator[Recorder]:
    """Serve on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Recorder(server.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    data = connection.recv(65536)
                    if data:
                        found.received.append(data)
                        connection.sendall(answer(data.split(b"\r\n")[0]))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def reply(status: int, body: bytes = b"", *headers: str) -> bytes:
    """An HTTP answer that ends the connection."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


TOKEN = reply(
    200,
    b'{"access_token": "CANARY-TOKEN", "token_type": "Bearer", "expires_in": 5400}',
    "Content-Type: application/json",
)


def procore(url: str) -> ProcoreClient:
    """A client whose login and API are on one server."""
    return ProcoreClient(
        base_url=url, login_url=url, company_id=7, client_id="app", client_secret="CANARY-SECRET"
    )


@pytest.mark.parametrize("status", STATUSES)
def test_procore_cannot_send_us_elsewhere(status: int) -> None:
    """The call fails, and the other host hears nothing."""
    with recording(lambda _: reply(200)) as other:

        def answer(line: bytes) -> bytes:
            if b"/oauth/" in line:
                return TOKEN
            return reply(status, b"", f"Location: {other.url}/steal")

        with (
            recording(answer) as first,
            procore(first.url) as client,
            pytest.raises(ConfigurationError, match="redirects are not followed"),
        ):
            client.send_all(list_companies())
    assert len(first.received) == 2
    assert other.received == []


@pytest.mark.parametrize("status", STATUSES)
def test_the_login_server_cannot_send_us_elsewhere(status: int) -> None:
    """The client secret goes to the configured address only."""
    with recording(lambda _: TOKEN) as other:
        moved = reply(status, b"", f"Location: {other.url}/oauth/token")
        with (
            recording(lambda _: moved) as first,
            procore(first.url) as client,
            pytest.raises(ConfigurationError, match="login_url"),
        ):
            client.send_all(list_companies())
    assert other.received == []


@pytest.mark.parametrize("status", STATUSES)
def test_spectrum_cannot_send_us_elsewhere(status: int) -> None:
    """Neither for a description nor for a listing over REST."""
    with recording(lambda _: reply(200)) as other:
        moved = reply(status, b"", f"Location: {other.url}/steal")
        with recording(lambda _: moved) as first:
            client = SpectrumClient(
                url=first.url, company_code="ABC", authorization_id="CANARY-AUTH"
            )
            for call in (services.list_jobs(), services.list_vendors()):
                with pytest.raises(ConfigurationError, match="redirects"):
                    client.send(call)
            client.close()
    assert first.received
    assert other.received == []
