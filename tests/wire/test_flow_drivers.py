"""Drivers, messages and the clock."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import NotSentError, OutcomeUnknownError, UnreadableReplyError
from procore_spectrum.wire.clock import SystemClock
from procore_spectrum.wire.flows import AsyncDriver, Driver, Enter, Flow, Leave, Sleep, send_once
from procore_spectrum.wire.messages import Request, Response

PING = Request(method="GET", url="https://h.example.com/p?secret=1", label="ping")


class Echo:
    """Answers with the label, or fails once when told to."""

    def __init__(self, *, fail_first: bool = False) -> None:
        self.fail = fail_first

    def send(self, request: Request) -> Response:
        """Answer or fail."""
        if self.fail:
            self.fail = False
            raise NotSentError("first")
        return Response(status=200, content=request.label.encode())

    def close(self) -> None:
        """Nothing to release."""


class AsyncEcho:
    """The asynchronous twin."""

    def __init__(self, *, fail_first: bool = False) -> None:
        self.echo = Echo(fail_first=fail_first)

    async def send(self, request: Request) -> Response:
        """Answer or fail, after letting others run."""
        await asyncio.sleep(0)
        return self.echo.send(request)

    async def close(self) -> None:
        """Nothing to release."""


def patient() -> Flow[bytes]:
    """Catches a failure, waits, and sends again under a gate."""
    try:
        yield from send_once(PING)
    except NotSentError:
        yield Sleep(0)
    yield Enter("gate")
    response = yield from send_once(PING)
    yield Leave("gate")
    return response.content


def broken() -> Flow[None]:
    """Fails while it holds a gate."""
    yield Enter("gate")
    raise NotSentError("inside")


def test_one_flow_runs_on_the_synchronous_driver() -> None:
    """Failures are raised inside the flow, and its result comes out."""
    driver = Driver(Echo(fail_first=True), SystemClock())
    assert driver.run(patient()) == b"ping"
    assert driver.requests_sent == 2


def test_the_same_flow_runs_on_the_asynchronous_driver() -> None:
    """One body serves both kinds of client."""
    driver = AsyncDriver(AsyncEcho(fail_first=True), SystemClock())
    assert asyncio.run(driver.run(patient())) == b"ping"
    assert driver.requests_sent == 2


def test_a_failing_flow_lets_go_of_its_gates() -> None:
    """The next flow finds the gate open."""
    driver = Driver(Echo(), SystemClock())
    with pytest.raises(NotSentError):
        driver.run(broken())
    assert driver.run(patient()) == b"ping"


def test_a_failing_asynchronous_flow_lets_go_of_its_gates() -> None:
    """The next flow finds the gate open."""

    async def both() -> bytes:
        driver = AsyncDriver(AsyncEcho(), SystemClock())
        with pytest.raises(NotSentError):
            await driver.run(broken())
        return await driver.run(patient())

    assert asyncio.run(both()) == b"ping"


def test_a_gate_is_held_by_one_thread_at_a_time() -> None:
    """Flows of several threads pass one after the other."""
    inside, most = 0, 0
    driver = Driver(Echo(), SystemClock())

    def flow() -> Flow[None]:
        nonlocal inside, most
        yield Enter("gate")
        inside += 1
        most = max(most, inside)
        yield Sleep(0.001)
        inside -= 1
        yield Leave("gate")

    threads = [threading.Thread(target=lambda: driver.run(flow())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_driver_without_answer_is_noticed() -> None:
    """A flow never goes on without an answer."""
    flow = send_once(PING)
    next(flow)
    with pytest.raises(OutcomeUnknownError):
        flow.send(None)


def test_the_clock_tells_aware_time() -> None:
    """Times are in UTC."""
    assert SystemClock().now().tzinfo is UTC
    assert abs((SystemClock().now() - datetime.now(UTC)).total_seconds()) < 5


def test_a_request_shows_no_secret() -> None:
    """Query, headers and body stay out of what is printed."""
    request = Request(
        method="GET", url="https://h/p?secret=1", headers=(("A", "secret"),), content=b"secret"
    )
    assert "secret" not in repr(request)
    assert "secret" not in request.where
    assert repr(PING) == "<Request ping>"


def test_headers_are_found_and_replaced_without_regard_to_case() -> None:
    """A header given again replaces the one of the same name."""
    request = PING.with_headers([("X-A", "1"), ("B", "2")]).with_headers([("x-a", "3")])
    assert request.headers == (("B", "2"), ("x-a", "3"))
    assert request.header("X-A") == "3"
    assert request.header("C") is None


def test_the_media_type_has_no_parameters() -> None:
    """Only the type counts, in lower case."""
    answer = Response(status=200, headers=(("content-TYPE", "Application/JSON; charset=utf-8"),))
    assert answer.media_type == "application/json"
    assert Response(status=200).media_type == ""


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_numbers_keep_their_digits(number: Decimal) -> None:
    """A number with a point comes in as exactly that decimal."""
    assert Response(status=200, content=f"[{number:f}]".encode()).json() == [number]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[NaN]", b"[-Infinity]", b'"\xff"', b"[" * 99999]
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    """Garbage, NaN, wrong encoding and endless nesting are our error, not another's."""
    with pytest.raises(UnreadableReplyError):
        Response(status=200, content=body).json()
