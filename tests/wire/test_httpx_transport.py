"""The httpx transports on real loopback sockets that misbehave."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from procore_spectrum.errors import ConfigurationError, NotSentError, OutcomeUnknownError
from procore_spectrum.wire.httpx_transport import AsyncHttpxTransport, HttpxTransport
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.transport import AsyncTransport, Transport

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\nSet-Cookie: a=b\r\n\r\nok"

Handler = Callable[[socket.socket, bytes], None]


@attrs.define
class Listener:
    """A server of one handler; keeps what it received."""

    url: str
    received: list[bytes] = attrs.field(factory=list)


def read_request(connection: socket.socket) -> bytes:
    """One whole request, by its Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if b"content-length" in x), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def listening(handler: Handler) -> Iterator[Listener]:
    """Serve on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(f"http://127.0.0.1:{server.getsockname()[1]}/path?q=1")

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    request = read_request(connection)
                    listener.received.append(request)
                    if request:
                        handler(connection, request)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def saying(answer: bytes) -> Handler:
    """A handler that says these bytes and hangs up."""
    return lambda connection, _: connection.sendall(answer)


def resetting(connection: socket.socket, _: bytes) -> None:
    """Hang up rudely."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stalling(connection: socket.socket, _: bytes) -> None:
    """Say nothing until the other side gives up."""
    connection.recv(1)


Sender = Callable[[Request], Response]


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest) -> Sender:
    """Send one request with a fresh transport of either kind."""

    def synchronously(message: Request) -> Response:
        transport = HttpxTransport(timeout=5)
        try:
            return transport.send(message)
        finally:
            transport.close()

    async def asynchronously(message: Request) -> Response:
        transport = AsyncHttpxTransport(timeout=5)
        try:
            return await transport.send(message)
        finally:
            await transport.close()

    if request.param == "sync":
        return synchronously
    return lambda message: asyncio.run(asynchronously(message))


def post(url: str, *, timeout: float | None = None) -> Request:
    """A small write."""
    return Request(
        method="POST", url=url, headers=(("X-B", "3"),), content=b"body", timeout=timeout
    )


def test_a_request_is_sent_and_answered(send: Sender) -> None:
    """Status, repeated headers and body come back; method, query and body arrive."""
    with listening(saying(GOOD)) as server:
        answer = send(post(server.url))
    assert (answer.status, answer.content) == (200, b"ok")
    assert [value for name, value in answer.headers if name.lower() == "x-a"] == ["1", "2"]
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /path?q=1 HTTP/1.1")
    assert b"x-b: 3" in head.lower()
    assert body == b"body"


def test_a_compressed_body_is_unpacked(send: Sender) -> None:
    """The content is free of encodings."""
    packed = gzip.compress(b"hello" * 100)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with listening(saying(head.encode() + packed)) as server:
        assert send(post(server.url)).content == b"hello" * 100


def test_the_caller_chooses_the_encodings(send: Sender) -> None:
    """An Accept-Encoding of the caller is left alone."""
    with listening(saying(GOOD)) as server:
        request = Request(method="GET", url=server.url, headers=(("accept-encoding", "identity"),))
        send(request)
    assert server.received[0].lower().count(b"accept-encoding") == 1


def test_errors_and_redirects_are_answers(send: Sender) -> None:
    """No status is judged, and no redirect is followed."""
    redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with listening(saying(redirect)) as server:
        assert send(post(server.url)).status == 302
    assert len(server.received) == 1


def test_a_refused_connection_was_not_sent(send: Sender) -> None:
    """Nobody listens on that port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSentError, match="no connection to the server: ") as caught:
        send(post(f"http://127.0.0.1:{port}/"))
    assert "check the address" in caught.value.hint


def test_an_unknown_host_was_not_sent(send: Sender) -> None:
    """The name does not resolve."""
    with pytest.raises(NotSentError):
        send(post("https://nowhere.invalid/"))


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "/path", "https:///path"])
def test_an_address_that_cannot_be_reached_was_not_sent(send: Sender, url: str) -> None:
    """Other protocols and missing hosts never leave the machine."""
    with pytest.raises(NotSentError):
        send(post(url))


@pytest.mark.parametrize(
    "handler",
    [
        resetting,
        saying(b""),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut"),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ncut"),
        saying(b"\x15\x03\x01 garbage\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"),
    ],
    ids=["reset", "hang-up", "cut", "cut-chunk", "garbage", "bad-gzip"],
)
def test_a_broken_answer_leaves_the_outcome_unknown(send: Sender, handler: Handler) -> None:
    """The server has read the request, so it may have been carried out; it is sent once."""
    with listening(handler) as server, pytest.raises(OutcomeUnknownError):
        send(post(server.url))
    assert len(server.received) == 1


def test_a_silent_server_leaves_the_outcome_unknown(send: Sender) -> None:
    """The request's own timeout counts."""
    with listening(stalling) as server, pytest.raises(OutcomeUnknownError) as caught:
        send(post(server.url, timeout=0.05))
    assert "q=1" not in str(caught.value)


def test_a_failing_handshake_was_not_sent(send: Sender) -> None:
    """A server that does not speak TLS has seen nothing."""
    with listening(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        address = server.url.replace("http://", "https://")
        with pytest.raises(NotSentError):
            # The listener waits for a blank line that never comes; the handshake times out.
            send(post(address, timeout=0.2))


def test_no_free_connection_was_not_sent() -> None:
    """A request that waits in vain for a connection never left."""
    release = threading.Event()

    def holding(connection: socket.socket, _: bytes) -> None:
        release.wait(5)
        connection.sendall(GOOD)

    transport = HttpxTransport(max_connections=1, timeout=5)
    with listening(holding) as server:
        first = threading.Thread(target=transport.send, args=(post(server.url),))
        first.start()
        try:
            while not server.received:
                pass
            with pytest.raises(NotSentError):
                transport.send(post(server.url, timeout=0.02))
        finally:
            release.set()
            first.join()
            transport.close()


def test_tasks_queue_without_timing_out() -> None:
    """More tasks than connections wait for their turn, however long it takes."""

    async def many(url: str) -> list[Response]:
        transport = AsyncHttpxTransport(max_connections=2, timeout=5)
        try:
            return await asyncio.gather(*(transport.send(post(url)) for _ in range(12)))
        finally:
            await transport.close()

    with listening(saying(GOOD.replace(b"X-A: 1", b"Connection: close"))) as server:
        answers = asyncio.run(many(server.url))
    assert [answer.status for answer in answers] == [200] * 12


def test_no_cookie_is_kept() -> None:
    """What one answer sets is not sent with the next request."""
    transport = HttpxTransport()
    with listening(saying(GOOD.replace(b"X-A: 1", b"Connection: close"))) as server:
        transport.send(post(server.url))
        transport.send(post(server.url))
        transport.close()
    assert b"cookie" not in server.received[1].lower()


@pytest.mark.parametrize("url", ["http://api.example.com/", "http://10.1.2.3/", "http://[bad"])
def test_plain_http_is_refused(send: Sender, url: str) -> None:
    """Credentials are not sent in the clear to another machine."""
    with pytest.raises(ConfigurationError):
        send(post(url))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.9", "[::1]"])
def test_plain_http_is_fine_on_this_machine(send: Sender, host: str) -> None:
    """Loopback is let through, here to a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSentError):
        send(post(f"http://{host}:{port}/"))


def test_plain_http_may_be_allowed() -> None:
    """A named host is let through; it does not resolve here."""
    transport = HttpxTransport(plain_http_hosts=["nowhere.invalid"])
    with pytest.raises(NotSentError):
        transport.send(post("http://nowhere.invalid/"))
    transport.close()


@pytest.mark.parametrize("value", ["a\nb", "a\r\nX: y", "\x00", "für"])
def test_a_header_cannot_be_split(send: Sender, value: str) -> None:
    """Line breaks and foreign letters in a header never leave, nor show in the error."""
    request = Request(method="GET", url="https://127.0.0.1/", headers=(("X-Key", value),))
    with pytest.raises(ConfigurationError) as caught:
        send(request)
    assert value not in str(caught.value)


def test_a_closed_transport_says_so() -> None:
    """Sending after closing is a mistake, not a failure to be repeated."""
    transport = HttpxTransport()
    transport.close()
    transport.close()
    with pytest.raises(ConfigurationError, match="closed"):
        transport.send(post("https://127.0.0.1/"))


def test_verification_cannot_be_switched_off() -> None:
    """Neither by a flag nor by a context."""
    lax = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    lax.check_hostname = False
    with pytest.raises(ConfigurationError):
        HttpxTransport(verify=False)
    with pytest.raises(ConfigurationError):
        HttpxTransport(verify=lax)


def test_authorities_must_be_readable(tmp_path: Path) -> None:
    """A missing or empty file is named in the error."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(ConfigurationError, match=path.name):
            HttpxTransport(verify=str(path))


def test_old_versions_of_tls_are_refused() -> None:
    """A context of the caller is raised to TLS 1.2."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    HttpxTransport(verify=context).close()
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_both_are_transports() -> None:
    """They have the methods that the protocols ask for."""
    transport = HttpxTransport()
    assert isinstance(transport, Transport)
    transport.close()
    assert isinstance(AsyncHttpxTransport(), AsyncTransport)


def test_httpx_is_imported_late() -> None:
    """Importing the module does not import httpx."""
    code = "import procore_spectrum.wire.httpx_transport, sys; sys.exit('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
