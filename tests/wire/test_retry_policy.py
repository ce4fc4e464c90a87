"""Repeating requests: never twice when that is unsafe, never for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import (
    NotSentError,
    OutcomeUnknownError,
    ProcoreSpectrumError,
    RateLimitedError,
)
from procore_spectrum.wire.flows import Driver
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.rate import RateBudget
from procore_spectrum.wire.retry import RetryPolicy, send_with_retry

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)

Step = int | Response | type[ProcoreSpectrumError]


class InstantClock:
    """Waits by moving its hands."""

    def __init__(self) -> None:
        self.time = START
        self.waits: list[float] = []

    def now(self) -> datetime:
        """The time on its face."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.waits.append(seconds)
        self.time += timedelta(seconds=seconds)

    async def asleep(self, seconds: float) -> None:
        """Move on at once."""
        self.sleep(seconds)


class Script:
    """A transport that plays a list of outcomes, the last one for ever."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.played: list[Step] = []

    def send(self, request: Request) -> Response:
        """Play the next outcome."""
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        self.played.append(step)
        if isinstance(step, Response):
            return step
        if isinstance(step, int):
            return Response(status=step)
        raise step("played")

    def close(self) -> None:
        """Nothing to release."""


def play(
    *steps: Step,
    repeatable: bool = False,
    policy: RetryPolicy | None = None,
    budget: RateBudget | None = None,
    jitter: Callable[[], float] = lambda: 1.0,
) -> tuple[Response | ProcoreSpectrumError, Script, InstantClock]:
    """Send one request against a script; give what came of it."""
    script, clock = Script(steps), InstantClock()
    flow = send_with_retry(
        Request(method="POST", url="https://api.example.com/x", repeatable=repeatable),
        policy=policy or RetryPolicy(),
        now=clock.now,
        jitter=jitter,
        budget=budget,
    )
    try:
        return Driver(script, clock).run(flow), script, clock
    except ProcoreSpectrumError as error:
        return error, script, clock


steps = st.lists(
    st.sampled_from([200, 201, 404, 408, 422, 429, 500, 503, NotSentError, OutcomeUnknownError]),
    min_size=1,
    max_size=8,
)
policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 6),
    base_delay=st.floats(0, 5),
    max_delay=st.floats(0, 100),
    give_up_after=st.floats(0, 1000),
)


@given(steps=steps, policy=policies)
def test_nothing_unsafe_is_sent_again_after_an_unknown_outcome(
    steps: list[Step], policy: RetryPolicy
) -> None:
    """Whatever a server may have acted upon is the last thing sent, if it is not repeatable."""
    maybe_done = {OutcomeUnknownError, 408, 500, 503, 200, 201}
    _, script, _ = play(*steps, policy=policy)
    assert not maybe_done.intersection(script.played[:-1])


@given(steps=steps, policy=policies, repeatable=st.booleans())
def test_trying_ends(*, steps: list[Step], policy: RetryPolicy, repeatable: bool) -> None:
    """Neither the number of attempts nor the time exceeds the policy."""
    _, script, clock = play(*steps, policy=policy, repeatable=repeatable)
    assert len(script.played) <= policy.attempts
    assert (clock.time - START).total_seconds() <= policy.give_up_after + 1e-3


@given(steps=steps, policy=policies, repeatable=st.booleans())
def test_an_error_that_says_nothing_was_done_is_true(
    *, steps: list[Step], policy: RetryPolicy, repeatable: bool
) -> None:
    """After an unknown outcome, trying never ends with an error that denies it."""
    result, script, _ = play(*steps, policy=policy, repeatable=repeatable)
    if OutcomeUnknownError in script.played:
        assert not isinstance(result, NotSentError | RateLimitedError)
        assert not (isinstance(result, Response) and result.status in {429, 408, 500, 503})


@given(attempt=st.integers(1, 5000), jitter=st.floats(0, 1), policy=policies)
def test_the_backoff_stays_within_its_bounds(
    attempt: int, jitter: float, policy: RetryPolicy
) -> None:
    """It is never negative and never longer than the longest delay."""
    assert 0 <= policy.backoff(attempt, jitter) <= policy.max_delay


@pytest.mark.parametrize("status", [200, 201, 301, 400, 401, 403, 404, 409, 413, 422])
def test_a_final_answer_is_returned_at_once(status: int) -> None:
    """Answers that repeating cannot change are the caller's to judge."""
    result, script, _ = play(status, repeatable=True)
    assert isinstance(result, Response)
    assert script.played == [status]


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_passing_failure_is_repeated_if_repeatable(status: int) -> None:
    """A repeatable request is tried again after a failure of the server."""
    result, script, _ = play(status, 200, repeatable=True)
    assert isinstance(result, Response)
    assert script.played == [status, 200]


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_passing_failure_is_returned_if_not_repeatable(status: int) -> None:
    """Any other request is not."""
    result, script, _ = play(status, 200)
    assert isinstance(result, Response)
    assert script.played == [status]


def test_what_was_not_sent_is_sent_again() -> None:
    """Also a request that is not repeatable, because nobody has seen it."""
    result, script, _ = play(NotSentError, NotSentError, 201)
    assert isinstance(result, Response)
    assert len(script.played) == 3


def test_an_unknown_outcome_is_raised() -> None:
    """A request that is not repeatable is not sent again."""
    result, script, _ = play(OutcomeUnknownError, 200)
    assert isinstance(result, OutcomeUnknownError)
    assert len(script.played) == 1


def test_an_answer_settles_the_doubt() -> None:
    """A repeatable request may be sent again after an unknown outcome, and its answer counts."""
    result, _, _ = play(OutcomeUnknownError, 422, repeatable=True)
    assert isinstance(result, Response)


def test_the_doubt_is_remembered() -> None:
    """When trying ends without an answer, an earlier unknown outcome is what is raised."""
    result, _, _ = play(OutcomeUnknownError, NotSentError, repeatable=True)
    assert isinstance(result, OutcomeUnknownError)


def test_when_never_sent_that_is_raised() -> None:
    """The last failure is raised when all attempts failed."""
    result, script, _ = play(NotSentError)
    assert isinstance(result, NotSentError)
    assert len(script.played) == 4


def test_the_backoff_doubles() -> None:
    """Without jitter the waits are the base, its double, and so on."""
    _, _, clock = play(NotSentError, policy=RetryPolicy(attempts=5))
    assert clock.waits == [0.5, 1, 2, 4]


def test_the_jitter_is_full() -> None:
    """A random number of 0 means no wait at all."""
    _, _, clock = play(NotSentError, jitter=lambda: 0.0)
    assert sum(clock.waits) == 0


def test_a_429_is_waited_for_and_repeated() -> None:
    """Also what is not repeatable is sent again after the wait that was asked for."""
    limited = Response(status=429, headers=(("Retry-After", "30"),))
    result, _, clock = play(limited, 201)
    assert isinstance(result, Response)
    assert clock.waits == [30.5]


def test_a_wait_that_is_too_long_is_not_begun() -> None:
    """The answer is returned when the server asks for more patience than there is."""
    limited = Response(status=429, headers=(("Retry-After", "901"),))
    result, _, clock = play(limited)
    assert result is limited
    assert clock.waits == []


def test_the_budget_is_obeyed_before_sending() -> None:
    """With nothing left, the request waits for the reset."""
    budget = RateBudget()
    reset = str(int(START.timestamp()) + 8)
    headers = (("X-Rate-Limit-Remaining", "0"), ("X-Rate-Limit-Reset", reset))
    budget.observe(Response(status=200, headers=headers), START)
    result, _, clock = play(200, budget=budget)
    assert isinstance(result, Response)
    assert clock.waits == [8]


def test_a_budget_that_opens_too_late_is_an_error() -> None:
    """A request is not sent when the limit opens later than the policy can wait."""
    budget = RateBudget()
    reset = str(int(START.timestamp()) + 3000)
    headers = (("X-Rate-Limit-Remaining", "0"), ("X-Rate-Limit-Reset", reset))
    budget.observe(Response(status=200, headers=headers), START)
    result, script, _ = play(200, budget=budget)
    assert isinstance(result, RateLimitedError)
    assert result.retry_after == 3000
    assert script.played == []


def test_a_failed_attempt_is_settled_with_the_budget() -> None:
    """An attempt without an answer does not count as under way for ever."""
    budget = RateBudget()
    play(NotSentError, budget=budget)
    assert budget._in_flight == 0
