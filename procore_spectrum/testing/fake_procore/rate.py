"""The two rate windows (`doc:rate-limiting`): 60 minutes and 10 seconds."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import attrs

from procore_spectrum.testing.fake_procore.answers import Reply
from procore_spectrum.wire.messages import Headers

__all__ = ["RateLimits"]

TEXT = (
    "You have surpassed the max number of requests for an hour. "
    "Please wait until your limit resets."
)


@attrs.define(kw_only=True)
class Window:
    """A span that starts with its first call and allows so many calls."""

    limit: int
    length: timedelta
    ends: datetime | None = None
    used: int = 0

    def turn(self, now: datetime) -> None:
        """Begin a new span if the last one is over."""
        if self.ends is None or now >= self.ends:
            self.ends, self.used = now + self.length, 0

    @property
    def left(self) -> int:
        """Calls that are still allowed in this span."""
        return max(0, self.limit - self.used)

    @property
    def reset(self) -> int:
        """The end of the span in Unix seconds, never too early."""
        assert self.ends is not None
        return math.ceil(self.ends.timestamp())


class RateLimits:
    """Counts every call of the app, also those that fail."""

    def __init__(self, *, hourly_limit: int, spike_limit: int | None) -> None:
        self._windows = [Window(limit=hourly_limit, length=timedelta(minutes=60))]
        if spike_limit is not None:
            self._windows.append(Window(limit=spike_limit, length=timedelta(seconds=10)))

    def count(self, now: datetime) -> bool:
        """Count a call; False if a window is used up."""
        for window in self._windows:
            window.turn(now)
        allowed = all(window.left for window in self._windows)
        for window in self._windows:
            window.used += 1
        return allowed

    def headers(self) -> Headers:
        """The headers of every answer: they describe the window that is nearer to its end."""
        near = self._nearer()
        return (
            ("X-Rate-Limit-Limit", str(near.limit)),
            ("X-Rate-Limit-Remaining", str(near.left)),
            ("X-Rate-Limit-Reset", str(near.reset)),
        )

    def refusal(self, now: datetime, *, retry_after: bool) -> Reply:
        """The 429."""
        wait = max(1, self._nearer().reset - math.floor(now.timestamp()))
        headers = (("Retry-After", str(wait)),) if retry_after else ()
        return Reply(status=429, body={"errors": TEXT}, headers=headers)

    def _nearer(self) -> Window:
        # Used up together, the one that ends later is the one to wait for.
        return min(self._windows, key=lambda window: (window.left, -window.reset))
