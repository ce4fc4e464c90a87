"""TLS on real sockets: whom we believe, and what we refuse to speak."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs
import pytest

from procore_spectrum.errors import NotSentError
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request

# Made for these tests only, valid until 2100: an authority, and its certificate for "localhost".
AUTHORITY = Path(__file__).with_name("certificates") / "authority.pem"
LOCALHOST = Path(__file__).with_name("certificates") / "localhost.pem"
REQUEST_END = b"\r\n\r\n"


@attrs.define
class Secured:
    """A server behind TLS; keeps what it could decipher."""

    port: int
    received: list[bytes] = attrs.field(factory=list)


@contextmanager
def secured(*, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Iterator[Secured]:
    """Serve with the certificate for localhost, up to a version of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(LOCALHOST)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = newest
    if newest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Secured(server.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    answer(context.wrap_socket(connection, server_side=True), found)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer(connection: ssl.SSLSocket, found: Secured) -> None:
    """Read one request and answer it."""
    with connection:
        data = b""
        while REQUEST_END not in data:
            piece = connection.recv(65536)
            if not piece:
                return
            data += piece
        found.received.append(data)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def get(port: int, host: str = "localhost") -> Request:
    """A request with a secret in it."""
    return Request(
        method="GET",
        url=f"https://{host}:{port}/",
        headers=(("Authorization", "Bearer CANARY"),),
    )


def test_an_authority_of_ones_own_is_believed() -> None:
    """``ca_file`` leads to a private Spectrum server."""
    transport = HttpxTransport(verify=str(AUTHORITY))
    with secured() as server:
        response = transport.send(get(server.port))
    transport.close()
    assert (response.status, response.content) == (200, b"ok")
    assert b"CANARY" in server.received[0]


def test_an_unknown_authority_is_refused_before_anything_is_sent() -> None:
    """The certificate is good, but nobody whom we know says so."""
    transport = HttpxTransport()
    with secured() as server, pytest.raises(NotSentError, match=r"(?i)certificate"):
        transport.send(get(server.port))
    transport.close()
    assert server.received == []


def test_the_certificate_of_another_host_is_refused() -> None:
    """The authority is known, but it speaks for localhost and not for 127.0.0.1."""
    transport = HttpxTransport(verify=str(AUTHORITY))
    with secured() as server, pytest.raises(NotSentError, match=r"(?i)certificate"):
        transport.send(get(server.port, host="127.0.0.1"))
    transport.close()
    assert server.received == []


def test_tls_1_2_is_enough() -> None:
    """The oldest version that is accepted."""
    transport = HttpxTransport(verify=str(AUTHORITY))
    with secured(newest=ssl.TLSVersion.TLSv1_2) as server:
        assert transport.send(get(server.port)).status == 200
    transport.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_server_that_speaks_only_tls_1_1_is_refused() -> None:
    """Even when the caller's own context would allow it."""
    lax = ssl.create_default_context(cafile=str(AUTHORITY))
    lax.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    lax.set_ciphers("ALL:@SECLEVEL=0")
    transport = HttpxTransport(verify=lax)
    with secured(newest=ssl.TLSVersion.TLSv1_1) as server, pytest.raises(NotSentError):
        transport.send(get(server.port))
    transport.close()
    assert server.received == []
