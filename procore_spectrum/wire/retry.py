"""Repeating requests: when it is safe, when it is useful, and how long to wait.

==========================  =================================================
what happened               what is done
==========================  =================================================
not sent                    any request is repeated
outcome unknown             repeatable requests are repeated, others raise
429                         any request is repeated, after the asked-for wait
408, 500, 502, 503, 504     repeatable requests are repeated
anything else               the caller judges the answer
==========================  =================================================
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from procore_spectrum.errors import NotSentError, OutcomeUnknownError, RateLimitedError
from procore_spectrum.wire.flows import Flow, Sleep, send_once
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.rate import RateBudget, asked_wait

__all__ = ["RetryPolicy", "send_with_retry"]

_Outcome: TypeAlias = Response | NotSentError | OutcomeUnknownError

_PASSING = frozenset({408, 500, 502, 503, 504})


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often and how long to try.

    Args:
        attempts: most times that one request is sent.
        base_delay: seconds; the first back-off is up to this, and each further up to the double.
        max_delay: seconds; most that one back-off can be. A wait that the server asks for may be
            longer.
        give_up_after: seconds from the first attempt. A wait that would end later is not begun.
    """

    attempts: int = attrs.field(default=4, validator=attrs.validators.ge(1))
    base_delay: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    max_delay: float = attrs.field(default=60.0, validator=attrs.validators.ge(0))
    give_up_after: float = attrs.field(default=900.0, validator=attrs.validators.ge(0))

    def backoff(self, attempt: int, jitter: float) -> float:
        """Seconds to wait after that attempt (from 1), given a random number from 0 to 1."""
        most = min(self.max_delay, self.base_delay * 2.0 ** min(attempt - 1, 60))
        return most * jitter


def send_with_retry(
    request: Request,
    *,
    policy: RetryPolicy,
    now: Callable[[], datetime],
    jitter: Callable[[], float],
    budget: RateBudget | None = None,
) -> Flow[Response]:
    """Send a request, repeating it where that is safe.

    Returns the last answer, whatever its status: also a 429 or 503 when trying ends.

    Args:
        request: what to send; its ``repeatable`` decides what is safe.
        policy: how often and how long.
        now: the current time, aware.
        jitter: gives a random number from 0 to 1, so that many clients do not return at once.
        budget: the server's rate limit, obeyed before each attempt.

    Raises:
        NotSentError: it never reached the server.
        OutcomeUnknownError: some attempt may have been acted upon, and none was answered after.
        RateLimitedError: the rate limit opens later than the policy can wait; not sent.
    """
    give_up_at = now() + timedelta(seconds=policy.give_up_after)
    doubt: OutcomeUnknownError | None = None
    attempt = 0
    while True:
        attempt += 1
        if budget is not None:
            yield from _turn(budget, give_up_at, now, doubt)
        outcome = yield from _attempt(request, budget, now)
        doubt = outcome if isinstance(outcome, OutcomeUnknownError) else doubt
        passing = _may_pass(outcome, request)
        wait = asked_wait(outcome, now()) if isinstance(outcome, Response) else 0.0
        wait += policy.backoff(attempt, jitter())
        too_late = now() + timedelta(seconds=wait) > give_up_at
        if not passing or attempt >= policy.attempts or too_late:
            return _concluded(outcome, doubt, passing=passing)
        yield Sleep(wait)


def _turn(
    budget: RateBudget,
    give_up_at: datetime,
    now: Callable[[], datetime],
    doubt: OutcomeUnknownError | None,
) -> Flow[None]:
    while (wait := budget.wait_before_next(now())) > 0:
        if now() + timedelta(seconds=wait) > give_up_at:
            raise doubt or RateLimitedError(
                "the rate limit is used up",
                hint=f"it opens again in {wait:.0f} seconds",
                retry_after=wait,
            )
        yield Sleep(wait)


def _attempt(
    request: Request, budget: RateBudget | None, now: Callable[[], datetime]
) -> Flow[_Outcome]:
    outcome: _Outcome | None = None
    try:
        outcome = yield from send_once(request)
    except (NotSentError, OutcomeUnknownError) as error:
        outcome = error
    finally:
        if budget is not None:
            budget.observe(outcome if isinstance(outcome, Response) else None, now())
    return outcome


def _concluded(outcome: _Outcome, doubt: OutcomeUnknownError | None, *, passing: bool) -> Response:
    """The last answer; an earlier doubt counts for more than not having been answered since."""
    if doubt is not None and (passing or outcome is doubt):
        raise doubt
    if isinstance(outcome, Response):
        return outcome
    raise outcome


def _may_pass(outcome: _Outcome, request: Request) -> bool:
    """Whether repeating is safe and may help."""
    if isinstance(outcome, NotSentError):
        return True
    if isinstance(outcome, OutcomeUnknownError):
        return request.repeatable
    return outcome.status == 429 or (outcome.status in _PASSING and request.repeatable)
