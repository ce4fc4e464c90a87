"""The socket server: real connections, real resets, and its control addresses."""

from __future__ import annotations

import gc
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs
import httpx
import pytest

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.testing import FaultPlan, RunningServer, serve
from procore_spectrum.wire.messages import Request, Response


def raw(server: RunningServer, request: bytes) -> tuple[bytes, bool]:
    """Send bytes; what came back before the end, and whether the end was a reset."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(request)
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            return received, True
    return received, False


GET = b"GET /vendors HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "SYNC"])
def test_every_method_reaches_the_fake(
    client: httpx.Client, server: RunningServer, echo: Any, method: str
) -> None:
    """Method, path with query, headers and body arrive as they were sent."""
    answer = client.request(method, "/a%20b?x=1&y=", headers={"X-Mine": "a b"}, content=b"hi")
    (seen,) = echo.calls
    assert answer.status_code == 200
    assert (seen.method, seen.url, seen.content) == (
        method,
        f"{server.url}/a%20b?x=1&y=",
        b"hi",
    )
    assert seen.header("x-mine") == "a b"
    assert seen.label == f"{method} /a%20b"


def test_headers_of_the_fake_arrive(client: httpx.Client) -> None:
    """The fake's headers, a date and the true length are sent."""
    answer = client.get("/")
    assert answer.headers["x-rate-limit-reset"] == "1000"
    assert answer.headers["date"].endswith("GMT")
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_an_answer_without_content(client: httpx.Client) -> None:
    """204 has no body, and the connection goes on."""
    assert client.get("/empty").content == b""
    assert client.get("/").status_code == 200


def test_head_gives_the_length_only(server: RunningServer) -> None:
    """The answer to HEAD ends after its headers."""
    received, _ = raw(server, b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert b"content-length" in received.lower()
    assert received.endswith(b"\r\n\r\n")


def test_a_body_in_chunks_is_put_together(client: httpx.Client, echo: Any) -> None:
    """A client that streams need not know the length."""

    def chunks() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    client.post("/", content=chunks())
    client.post("/", content=b"three")
    assert [call.content for call in echo.calls] == [b"one two", b"three"]


def test_trailers_after_chunks_are_skipped(server: RunningServer, echo: Any) -> None:
    """Headers after the last chunk do not run into the next request."""
    raw(
        server,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"2;x=y\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n",
    )
    assert [call.content for call in echo.calls] == [b"hi"]


def test_a_connection_is_kept_and_fast(client: httpx.Client, server: RunningServer) -> None:
    """Two hundred requests use one connection, without the 40 ms of a delayed packet each."""
    connections = set()
    started = time.perf_counter()
    for _ in range(200):
        client.post("/", content=b"x" * 3000)
        connections.update(thread.ident for thread in server._http._open.values())
    assert time.perf_counter() - started < 200 * 0.02
    assert len(connections) == 1


def test_many_clients_at_once(server: RunningServer, echo: Any) -> None:
    """Parallel clients each get their own answer, and none is lost."""

    def work(number: int) -> bool:
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            bodies = [client.post("/", content=f"{number}/{n}").json()[0]["body"] for n in range(5)]
        return bodies == [f"{number}/{n}" for n in range(5)]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert len(echo.calls) == 40


def test_a_broken_fake_answers_and_is_seen(client: httpx.Client, server: RunningServer) -> None:
    """An exception in the fake is status 500 and stands in ``failures``."""
    answer = client.get("/broken")
    assert (answer.status_code, answer.text) == (500, "the fake failed: RuntimeError: out of order")
    assert [str(error) for error in server.failures] == ["out of order"]


@pytest.mark.parametrize(
    ("fault", "acted"), [("refuse", 0), ("reset_before", 0), ("reset_after", 1)]
)
def test_resets_are_real(server: RunningServer, echo: Any, fault: str, acted: int) -> None:
    """The client's kernel sees a reset and not a byte; the server acted or not."""
    server.set_faults(FaultPlan.from_text(f"always: {fault}"))
    assert raw(server, GET) == (b"", True)
    assert len(echo.calls) == acted


def test_a_lost_reply_is_a_polite_end(server: RunningServer, echo: Any) -> None:
    """The server acts and closes without a byte, and without a reset."""
    server.set_faults(FaultPlan.from_text("always: lost_reply"))
    assert raw(server, GET) == (b"", False)
    assert len(echo.calls) == 1


def test_a_cut_body_promises_more_than_it_gives(server: RunningServer) -> None:
    """The announced length is the whole one; seven bytes come, then the end."""
    server.set_faults(FaultPlan.from_text("always: cut_body 7"))
    received, _ = raw(server, GET)
    head, _, body = received.partition(b"\r\n\r\n")
    assert len(body) == 7
    length = next(
        line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    assert int(length.split(b":")[1]) > 7


def test_a_real_client_notices_the_cut(client: httpx.Client, server: RunningServer) -> None:
    """httpx reports a broken protocol, and the next request is fine."""
    server.set_faults(FaultPlan.from_text("always: cut_body 7"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/")
    assert client.get("/").status_code == 200


def test_a_framed_cut_goes_unnoticed_by_http(client: httpx.Client, server: RunningServer) -> None:
    """Only a parser can tell."""
    server.set_faults(FaultPlan.from_text("always: cut_body 7 framed=true"))
    assert len(client.get("/").content) == 7


def test_faults_that_answer_arrive(client: httpx.Client, server: RunningServer, echo: Any) -> None:
    """A gateway's HTML page comes with its status and header, and nothing was done."""
    server.set_faults(FaultPlan.from_text("always: status 503 retry_after=2"))
    answer = client.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["content-type"] == "text/html"
    assert echo.calls == []


def test_a_stall_outlasts_the_client(server: RunningServer, echo: Any) -> None:
    """A client gives up; the server acted."""
    server.set_faults(FaultPlan.from_text("always: stall 30"))
    with (
        httpx.Client(base_url=server.url, timeout=0.05, trust_env=False) as hasty,
        pytest.raises(httpx.ReadTimeout),
    ):
        hasty.get("/")
    assert len(echo.calls) == 1


def test_a_short_stall_only_takes_time(client: httpx.Client, server: RunningServer) -> None:
    """A patient client gets the answer."""
    server.set_faults(FaultPlan.from_text("always: stall 0.01"))
    assert client.get("/").status_code == 200


def test_closing_does_not_wait_for_a_stall(echo: Any) -> None:
    """The end of the server ends a stalled connection at once."""
    with serve(echo, faults=FaultPlan.from_text("always: stall 30")) as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(GET)
        while not echo.calls:
            time.sleep(0.001)
        started = time.perf_counter()
    assert time.perf_counter() - started < 2
    connection.close()


def test_clients_that_reset_leave_no_trace(
    server: RunningServer, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    """Clients that vanish in the middle print nothing and harm nobody."""
    for request in (b"", b"GET / HT", GET, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"):
        for _ in range(5):
            connection = socket.create_connection(("127.0.0.1", server.port))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.sendall(request)
            connection.close()
    assert client.get("/").status_code == 200
    gc.collect()
    assert capfd.readouterr() == ("", "")


def test_nonsense_is_answered_with_400(server: RunningServer) -> None:
    """What is not HTTP is refused without a traceback."""
    received, _ = raw(server, b"nonsense\r\n\r\n")
    assert b"400" in received


def test_refused_connections_are_really_refused(
    server: RunningServer, client: httpx.Client
) -> None:
    """Within the block nobody listens; afterwards the same address answers again."""
    assert client.get("/").status_code == 200
    with server.refuse_connections(), pytest.raises(httpx.ConnectError):
        client.get("/")
    assert client.get("/").status_code == 200


def test_closing_twice_is_harmless(echo: Any) -> None:
    """The second close does nothing."""
    server = serve(echo)
    assert server.url in repr(server)
    server.close()
    server.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_a_port_in_use_is_a_clear_error(server: RunningServer, echo: Any) -> None:
    """The error names the address and what to do."""
    with pytest.raises(ConfigurationError, match=f":{server.port}"):
        serve(echo, port=server.port)


def test_a_chosen_port_is_used(echo: Any) -> None:
    """The port of a closed server can be taken again at once."""
    with serve(echo) as first:
        httpx.get(first.url, trust_env=False)
    with serve(echo, port=first.port) as second:
        assert second.url == first.url


def test_state_and_calls_are_shown(client: httpx.Client) -> None:
    """The control addresses show the fake, without counting as calls and without headers."""
    client.post("/vendors?page=1", content=b"{}", headers={"Authorization": "Bearer secret"})
    assert client.get("/_sandbox/state").json() == {"seen": 1}
    calls = client.get("/_sandbox/calls")
    assert [(call["method"], call["content"]) for call in calls.json()] == [("POST", "{}")]
    assert "secret" not in calls.text


def test_faults_are_set_over_the_socket(client: httpx.Client) -> None:
    """A posted plan strikes, shows its counts, and is gone after DELETE."""
    plan = FaultPlan.from_text("path /vendors times any: status 429")
    assert client.post("/_sandbox/faults", json=plan.to_json()).status_code == 200
    assert client.get("/vendors").status_code == 429
    shown = client.get("/_sandbox/faults").json()
    assert (shown["calls"], shown["struck"]) == (1, [1])
    assert FaultPlan.from_json(shown) == plan
    assert client.delete("/_sandbox/faults").json()["rules"] == []
    assert client.get("/vendors").status_code == 200


def test_faults_may_be_posted_as_text(client: httpx.Client) -> None:
    """A JSON string is the little language."""
    client.post("/_sandbox/faults", json="at 1: status 500")
    assert [client.get("/").status_code for _ in range(2)] == [500, 200]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"always: nothing"', b'"always: crash here"'])
def test_a_bad_plan_is_refused(client: httpx.Client, body: bytes) -> None:
    """The old plan stays, and the answer says what is wrong."""
    client.post("/_sandbox/faults", json="at 1: status 500")
    answer = client.post("/_sandbox/faults", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/").status_code == 500


def test_unknown_control_addresses_are_not_found(client: httpx.Client, echo: Any) -> None:
    """A typo does not reach the fake."""
    assert client.get("/_sandbox/nothing").status_code == 404
    assert echo.calls == []


class Colour(Enum):
    """For the test below."""

    RED = "red"


@attrs.frozen
class Row:
    """For the test below."""

    amount: Decimal
    due: date


class Rich:
    """A fake whose state holds every kind of value."""

    def handle(self, request: Request) -> Response:
        """Nothing."""
        return Response(status=200)

    def state(self) -> dict[Any, Any]:
        """Every kind of value."""
        return {
            "rows": (Row(Decimal("1.50"), date(2026, 3, 1)),),
            ("job", 1): {3, 2},
            Colour.RED: Colour.RED,
            "at": datetime(2026, 3, 1, tzinfo=UTC),
            "raw": b"\xff",
            "odd": range(2),
            "answer": Response(status=201, headers=(("Set-Cookie", "secret"),)),
            "flag": None,
        }


def test_every_value_of_a_fake_can_be_shown() -> None:
    """Money, dates, enums, sets, bytes and records become JSON, money to the cent."""
    with serve(Rich()) as server:
        shown = json.loads(httpx.get(f"{server.url}/_sandbox/state", trust_env=False).text)
        assert httpx.get(f"{server.url}/_sandbox/calls", trust_env=False).json() == []
    assert shown == {
        "rows": [{"amount": "1.50", "due": "2026-03-01"}],
        "job/1": [2, 3],
        "red": "red",
        "at": "2026-03-01T00:00:00+00:00",
        "raw": "\ufffd",
        "odd": "range(0, 2)",
        "answer": {"status": 201, "content": ""},
        "flag": None,
    }
