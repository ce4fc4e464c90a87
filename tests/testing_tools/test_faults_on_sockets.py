"""Every fault of a server, posted to a running one, as it shows on the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any, get_args

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procore_spectrum.errors import OutcomeUnknownError
from procore_spectrum.testing import FaultPlan, FaultyTransport, RunningServer, faults, serve
from procore_spectrum.wire.messages import Request, Response

GET = b"GET /vendors HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
JSON, XML, HTML = b"application/json", b"text/xml", b"text/html"

# Status, media type, whether the connection is reset, and how often the fake acted.
ON_SOCKETS = {
    "refuse": (None, b"", True, 0),
    "reset_before": (None, b"", True, 0),
    "reset_after": (None, b"", True, 1),
    "lost_reply": (None, b"", False, 1),
    "stall 0.01": (200, JSON, False, 1),
    "status 429 retry_after=2": (429, JSON, False, 0),
    "status 500": (500, JSON, False, 0),
    "status 500 acted=true": (500, JSON, False, 1),
    "status 502": (502, HTML, False, 0),
    "status 503 retry_after=2": (503, HTML, False, 0),
    "soap_fault": (500, XML, False, 0),
    "soap_fault 200 acted=true": (200, XML, False, 1),
    "cut_body 7": (200, JSON, False, 1),
    "cut_body 7 framed=true": (200, JSON, False, 1),
    "duplicate_row": (200, JSON, False, 1),
    "read_lag": (200, JSON, False, 1),
    "clock_skew 300": (200, JSON, False, 1),
    "expired_token": (401, JSON, False, 0),
    "expired_session": (200, XML, False, 0),
}


@attrs.define
class Listing:
    """A fake, and a transport, that counts its answers; a row for each."""

    body: bytes = b""
    acted: int = 0

    def handle(self, request: Request) -> Response:
        """One row more than the last time, unless the body is fixed."""
        self.acted += 1
        rows = b"[" + b", ".join(b'{"id": %d}' % n for n in range(1, self.acted + 1)) + b"]"
        headers = (("Content-Type", "application/json"),)
        return Response(status=200, headers=headers, content=self.body or rows)

    send = handle

    def close(self) -> None:
        """Nothing to release."""


@pytest.fixture
def listing() -> Listing:
    """What the server serves."""
    return Listing()


@pytest.fixture
def server(listing: Listing) -> Iterator[RunningServer]:
    """It, on a socket."""
    with serve(listing) as running:
        yield running


def raw(server: RunningServer) -> tuple[bytes, bytes, bool]:
    """Ask once: the head of the answer, its body, and whether the end was a reset."""
    received, reset = b"", False
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(GET)
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            reset = True
    head, _, body = received.partition(b"\r\n\r\n")
    return head.lower(), body, reset


def post(server: RunningServer, plan: str) -> None:
    """Set a plan as anybody can, over the control address."""
    answer = httpx.post(f"{server.url}/_sandbox/faults", json=plan, trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize("fault", ON_SOCKETS)
def test_a_posted_fault_shows_on_the_wire(
    server: RunningServer, listing: Listing, fault: str
) -> None:
    """Status, media type and end of the connection; the fake acted or not; then all is well."""
    status, media, reset, acted = ON_SOCKETS[fault]
    post(server, f"always: {fault}")
    head, _, was_reset = raw(server)
    assert was_reset is reset
    assert (int(head.split()[1]) if head else None) == status
    assert media in head
    assert (b"retry-after: 2" in head) == ("retry_after" in fault)
    assert listing.acted == acted
    assert raw(server)[0].split()[1] == b"200"


def test_every_fault_of_a_server_is_shown() -> None:
    """A new one fails here until it is among them; the others are for one process only."""
    shown = {FaultPlan.from_text(f"always: {text}").rules[0].fault.kind for text in ON_SOCKETS}
    here = {faults.Crash.kind, faults.DiskFull.kind, faults.LockedStore.kind}
    assert shown | here == {kind.kind for kind in get_args(faults.Fault)}
    assert not shown & here


def test_a_row_comes_twice(server: RunningServer) -> None:
    """The first of the listing."""
    post(server, "always: duplicate_row")
    assert raw(server)[1] == b'[{"id": 1},{"id": 1}]'


def test_a_read_lags(server: RunningServer) -> None:
    """The second answer is the first one, though the world has moved on."""
    post(server, "at 2: read_lag")
    assert [raw(server)[1].count(b"id") for _ in range(3)] == [1, 1, 2]


def test_a_clock_is_ahead(server: RunningServer) -> None:
    """By as much as was said; other answers tell the true time."""
    post(server, "always: clock_skew 86400")
    ahead, true = (date_of(raw(server)[0]) for _ in range(2))
    assert 86_340 < (ahead - true).total_seconds() <= 86_400


def date_of(head: bytes) -> Any:
    """When the server says that it is."""
    (line,) = [one for one in head.split(b"\r\n") if one.startswith(b"date:")]
    return parsedate_to_datetime(line.partition(b":")[2].decode().strip())


@settings(max_examples=30)
@given(at=st.integers(0, 200), framed=st.booleans())
def test_a_body_may_be_cut_at_any_byte(at: int, *, framed: bool) -> None:
    """The same bytes on a socket as in process; a shorter body comes whole."""
    body = b'[{"id": 1, "name": "Acme"}]' * 4
    plan = FaultPlan.from_text(f"always: cut_body {at}{' framed=true' if framed else ''}")
    with serve(Listing(body), faults=plan) as server:
        assert raw(server)[1] == body[:at]
    transport = FaultyTransport(Listing(body), plan)
    request = Request(method="GET", url="http://h/vendors")
    if framed:
        assert transport.send(request).content == body[:at]
    else:
        with pytest.raises(OutcomeUnknownError, match="cut off"):
            transport.send(request)
