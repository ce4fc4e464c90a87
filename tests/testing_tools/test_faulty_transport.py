"""Faults in process: what the caller sees, and whether the server acted."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import NotSentError, OutcomeUnknownError
from procore_spectrum.testing import FakeClock, FaultPlan, FaultyTransport, SimulatedCrash
from procore_spectrum.testing.faults import FaultRun
from procore_spectrum.testing.strategies import fault_plans
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.transport import Transport

REQUEST = Request(method="POST", url="http://h/ws/AddJob", content=b"<x/>", timeout=10)


class Canned:
    """Gives one answer for ever and counts how often it acted."""

    def __init__(self, content: bytes = b"[1.50, 2]", *headers: tuple[str, str]) -> None:
        self.answer = Response(status=200, headers=headers, content=content)
        self.acted = 0
        self.closed = False

    def send(self, request: Request) -> Response:
        """Act."""
        self.acted += 1
        return self.answer

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def under(plan: str, inner: Any = None) -> FaultyTransport:
    """A transport with a plan in the little language."""
    return FaultyTransport(inner or Canned(), FaultPlan.from_text(plan))


def test_it_is_a_transport() -> None:
    """It fits where any transport fits, and closes what it wraps."""
    inner = Canned()
    transport: Transport = under("", inner)
    assert isinstance(transport, Transport)
    assert transport.send(REQUEST) is inner.answer
    transport.close()
    assert inner.closed


@pytest.mark.parametrize(
    ("fault", "error", "acted"),
    [
        ("refuse", NotSentError, 0),
        ("reset_before", OutcomeUnknownError, 0),
        ("reset_after", OutcomeUnknownError, 1),
        ("lost_reply", OutcomeUnknownError, 1),
        ("stall 10", OutcomeUnknownError, 1),
        ("cut_body 3", OutcomeUnknownError, 1),
        ("crash before_send", SimulatedCrash, 0),
        ("crash after_reply", SimulatedCrash, 1),
    ],
)
def test_faults_of_the_connection(fault: str, error: type[BaseException], acted: int) -> None:
    """Each raises what a real transport would, and the server acted or not."""
    inner = Canned()
    transport = under(f"always: {fault}", inner)
    with pytest.raises(error):
        transport.send(REQUEST)
    assert inner.acted == acted
    assert transport.send(REQUEST).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "media_type", "acted"),
    [
        ("status 429 retry_after=2", 429, "application/json", 0),
        ("status 500", 500, "application/json", 0),
        ("status 500 acted=true", 500, "application/json", 1),
        ("status 502", 502, "text/html", 0),
        ("status 503 retry_after=7", 503, "text/html", 0),
        ("soap_fault", 500, "text/xml", 0),
        ("soap_fault 200 acted=true", 200, "text/xml", 1),
        ("expired_token", 401, "application/json", 0),
        ("expired_session", 200, "text/xml", 0),
    ],
)
def test_faults_that_answer(fault: str, status: int, media_type: str, acted: int) -> None:
    """Each answers with its status and media type, and the server acted or not."""
    inner = Canned()
    answer = under(f"always: {fault}", inner).send(REQUEST)
    assert (answer.status, answer.media_type, inner.acted) == (status, media_type, acted)


def test_retry_after_is_sent_when_given() -> None:
    """The header is there with its seconds, or not at all."""
    assert under("always: status 503 retry_after=7").send(REQUEST).header("Retry-After") == "7"
    assert under("always: status 503").send(REQUEST).header("Retry-After") is None


def test_an_expired_session_names_the_operation() -> None:
    """The row stands under the answer element of the operation that was called."""
    content = under("always: expired_session").send(REQUEST).content
    assert b"<nis:AddJobResponse" in content
    assert b"<desc>Time out has occurred</desc>" in content


def test_a_patient_caller_gets_the_slow_answer() -> None:
    """A stall within the timeout only takes time."""
    clock = FakeClock()
    transport = FaultyTransport(Canned(), FaultPlan.from_text("always: stall 9.5"), clock)
    assert transport.send(REQUEST).status == 200
    assert clock.sleeps == (9.5,)


def test_an_impatient_caller_waits_as_long_as_its_timeout() -> None:
    """A longer stall costs the timeout, not the stall."""
    clock = FakeClock()
    transport = FaultyTransport(Canned(), FaultPlan.from_text("always: stall 60"), clock)
    with pytest.raises(OutcomeUnknownError, match="in time"):
        transport.send(REQUEST)
    assert clock.sleeps == (10,)


def test_a_framed_cut_looks_complete_to_http() -> None:
    """The body is short and nothing else tells."""
    answer = under("always: cut_body 3 framed=true").send(REQUEST)
    assert (answer.status, answer.content) == (200, b"[1.")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'[{"a": 1.50}, 2]', b'[{"a": 1.50},{"a": 1.50}, 2]'),
        (b'{"data": [7], "n": 1}', b'{"data": [7,7], "n": 1}'),
        (b"<r> <response>\n1</response></r>", b"<r> " + b"<response>\n1</response>" * 2 + b"</r>"),
        (b"[1,,", b"[1,1,,"),
        (b"[,", b"[,"),
        (b"[]", b"[]"),
        (b"", b""),
        (b'{"a": 1}', b'{"a": 1}'),
        (b"<r/>", b"<r/>"),
    ],
)
def test_the_first_row_comes_twice(content: bytes, expected: bytes) -> None:
    """Digits stay as written; answers without rows stay as they are."""
    answer = under("always: duplicate_row", Canned(content)).send(REQUEST).content
    assert answer == expected


def test_a_lagging_read_repeats_the_last_answer() -> None:
    """The world has moved on, the read has not; without an earlier answer it is truthful."""
    inner = Canned(b"old")
    transport = under("method GET times 3: read_lag", inner)
    read = Request(method="GET", url="http://h/vendors")
    assert transport.send(read).content == b"old"
    inner.answer = Response(status=200, content=b"new")
    assert transport.send(read).content == b"old"
    assert transport.send(REQUEST).content == b"new"
    assert transport.send(read).content == b"old"
    assert transport.send(read).content == b"new"


def test_no_answers_are_kept_without_need() -> None:
    """Only a plan with a lagging read keeps old answers in memory."""
    transport = under("always: refuse")
    with pytest.raises(NotSentError):
        transport.send(REQUEST)
    transport.send(REQUEST)
    assert transport._answers._answers == {}


@given(st.integers(-86_400, 86_400))
def test_a_skewed_clock_moves_every_header_with_a_time(seconds: int) -> None:
    """Date and the reset of the rate limit move by the same number of seconds."""
    date = ("Date", "Sun, 01 Mar 2026 12:00:00 GMT")
    inner = Canned(b"", date, ("X-Rate-Limit-Reset", "1772366400"), ("X-Other", "1"))
    answer = under(f"always: clock_skew {seconds}", inner).send(REQUEST)
    told = parsedate_to_datetime(answer.header("date") or "")
    assert told.timestamp() == 1772366400 + seconds
    assert answer.header("x-rate-limit-reset") == str(1772366400 + seconds)
    assert answer.header("x-other") == "1"


def test_a_skewed_clock_tells_a_date_where_none_was() -> None:
    """An answer in process has no date of its own; the clock of the test gives it."""
    clock = FakeClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    transport = FaultyTransport(Canned(), FaultPlan.from_text("always: clock_skew 60"), clock)
    assert transport.send(REQUEST).header("date") == "Sun, 01 Mar 2026 12:01:00 GMT"


def test_a_crash_is_not_survived_by_accident() -> None:
    """No handler of ordinary exceptions can swallow it."""
    assert not issubclass(SimulatedCrash, Exception)
    with pytest.raises(SimulatedCrash) as caught:
        under("always: crash saved").reach("saved")
    assert caught.value.point == "saved"


def test_a_point_without_a_crash_is_passed() -> None:
    """Reaching a point that no rule names does nothing."""
    under("always: crash saved").reach("loaded")


def test_two_transports_may_share_one_run() -> None:
    """One plan counts over both systems."""
    run = FaultRun(FaultPlan.from_text("at 2: refuse"))
    first, second = (FaultyTransport(Canned(), run) for _ in range(2))
    first.send(REQUEST)
    with pytest.raises(NotSentError):
        second.send(REQUEST)


@given(fault_plans(calls=6))
def test_the_caller_is_never_wrong_about_a_refusal(plan: FaultPlan) -> None:
    """Under any plan: not sent means not acted, an answer to a success means acted once."""
    inner = Canned()
    transport = FaultyTransport(inner, plan)
    for _ in range(6):
        before = inner.acted
        try:
            answer = transport.send(REQUEST)
        except NotSentError:
            assert inner.acted == before
        except (OutcomeUnknownError, SimulatedCrash):
            assert inner.acted - before in (0, 1)
        else:
            if answer.content == inner.answer.content and not plan.rules:
                assert inner.acted == before + 1
