"""The server's rate limits, as told by its answers, and obeyed before a 429 happens.

Two windows are kept, a long one (60 minutes) and a spike one (10 seconds). An answer speaks of
one of them, without naming it: ``X-Rate-Limit-Limit``, ``-Remaining`` and ``-Reset`` (Unix
seconds) describe the one that is nearer to its end. Source: documentation/rate-limiting of
Procore's developer portal.
"""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import attrs

from procore_spectrum.wire.messages import Response

__all__ = ["RateBudget", "asked_wait"]

LONG = timedelta(minutes=60)
SPIKE = timedelta(seconds=10)
LONGEST_WAIT = 86_400.0

# Two readings of one reset may differ by this many seconds, where a server rounds them.
_GRAIN = 1.5
_SECONDS = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?", re.ASCII)


@attrs.frozen(kw_only=True)
class _Reading:
    """What one answer says of a window.

    ``reset`` is the end by the server's clock and identifies the window; ``ends`` is the end by
    ours, late by at most the time that the answer took.
    """

    limit: int | None
    remaining: int
    reset: float
    ends: datetime


@attrs.define(kw_only=True)
class _Window:
    """One window. ``guessed`` marks a new one that no answer has spoken of yet."""

    length: timedelta
    limit: int | None = None
    remaining: int = 0
    reset: float = 0.0
    ends: datetime | None = None
    guessed: bool = False

    def opens_in(self, now: datetime, in_flight: int) -> float:
        """Seconds until a request may be sent."""
        if self.ends is not None and self.ends <= now:
            self._roll(now, in_flight)
        if self.ends is None or self.remaining > 0:
            return 0.0
        return (self.ends - now).total_seconds()

    def _roll(self, now: datetime, in_flight: int) -> None:
        # The limit most likely still holds. The end is guessed late rather than early, because
        # the server's window opened before ours did.
        self.guessed = True
        if self.limit is None:
            self.ends = None
        else:
            self.ends = now + self.length
            self.remaining = self.limit - in_flight if in_flight else max(1, self.limit)

    def learn(self, reading: _Reading, in_flight: int) -> None:
        """Take what an answer says. Within a window, what remains never grows."""
        if self.knows(reading):
            if self.guessed:
                return  # a late answer about the window before
            self.remaining = min(self.remaining, reading.remaining)
            self.ends = reading.ends if self.ends is None else min(self.ends, reading.ends)
        elif self.guessed and self.ends is not None:
            self.remaining = min(self.remaining, reading.remaining)
            self.ends = reading.ends
        else:
            # The others under way may or may not be counted in the answer.
            self.remaining = reading.remaining - in_flight
            self.ends = reading.ends
        self.reset = max(self.reset, reading.reset)
        self.limit, self.guessed = reading.limit, False

    def knows(self, reading: _Reading) -> bool:
        """Whether an answer speaks of a window that was spoken of before."""
        return reading.reset <= self.reset + _GRAIN


class RateBudget:
    """How many more requests the server takes just now. Safe to share between threads.

    Ask :meth:`wait_before_next` before each request until it says 0: that takes one request from
    the budget. Then tell :meth:`observe` how it ended.

    Every value is the server's and may change with each answer. Before the first answer nothing
    is known and nothing is held back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._long = _Window(length=LONG)
        self._spike = _Window(length=SPIKE)
        self._in_flight = 0

    def wait_before_next(self, now: datetime) -> float:
        """Seconds to wait before asking again; 0 means: send one request now."""
        with self._lock:
            windows = (self._long, self._spike)
            wait = max(window.opens_in(now, self._in_flight) for window in windows)
            if wait == 0:
                self._in_flight += 1
                for window in windows:
                    window.remaining -= 1
            return wait

    def observe(self, response: Response | None, now: datetime) -> None:
        """Settle one request: with its answer, or None when there was none."""
        with self._lock:
            self._in_flight = max(0, self._in_flight - 1)
            reading = _read(response, now) if response is not None else None
            if reading is not None:
                self._window_of(reading, now).learn(reading, self._in_flight)

    def _window_of(self, reading: _Reading, now: datetime) -> _Window:
        """Which window an answer speaks of.

        An end more than ten seconds away can only be the long window's. A nearer end is the long
        window's if that is when it is known to end, or if the limit is known to be its own.
        """
        far = reading.ends - now > SPIKE + timedelta(seconds=_GRAIN)
        ends_then = not self._long.guessed and abs(self._long.reset - reading.reset) <= _GRAIN
        its_limit = reading.limit == self._long.limit != self._spike.limit
        return self._long if far or ends_then or its_limit else self._spike


def _read(response: Response, now: datetime) -> _Reading | None:
    remaining = _number(response, "x-rate-limit-remaining")
    reset = _number(response, "x-rate-limit-reset")
    if remaining is None or reset is None:
        return None
    left = reset - (_moment(response, "date") or now).timestamp()
    if left <= 0:
        return None
    limit = _number(response, "x-rate-limit-limit")
    return _Reading(
        limit=None if limit is None else int(limit),
        remaining=int(remaining),
        reset=reset,
        ends=now + min(timedelta(seconds=left), LONG),
    )


def asked_wait(response: Response, now: datetime | None = None) -> float:
    """Seconds that the server asks to wait; 0 when it asks for nothing readable.

    ``Retry-After`` may be seconds or a date; a 429 may also name the moment with
    ``X-Rate-Limit-Reset`` (Unix seconds). The later one counts. Moments are compared with the
    answer's own ``Date``, so that a clock that is wrong on either side does no harm; ``now``
    stands in for it. No more than a day is ever asked for.
    """
    server_now = _moment(response, "date") or now
    waits = [0.0]
    seconds = _number(response, "retry-after")
    moment = _moment(response, "retry-after")
    if seconds is not None:
        waits.append(seconds)
    elif moment is not None and server_now is not None:
        waits.append((moment - server_now).total_seconds())
    reset = _number(response, "x-rate-limit-reset")
    if reset is not None and response.status == 429 and server_now is not None:
        waits.append(reset - server_now.timestamp())
    return min(max(waits), LONGEST_WAIT)


def _number(response: Response, name: str) -> float | None:
    text = (response.header(name) or "").strip()
    return float(text) if _SECONDS.fullmatch(text) else None


def _moment(response: Response, name: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(response.header(name) or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
