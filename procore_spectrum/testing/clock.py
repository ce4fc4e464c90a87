"""A clock for tests: it waits instantly and writes down how long."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

__all__ = ["FakeClock"]

_START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until somebody sleeps or advances it. Safe to share between threads.

    Args:
        start: the first time told; aware. The default is a Monday morning.

    Raises:
        ValueError: ``start`` has no time zone, or a wait is negative.
    """

    def __init__(self, start: datetime = _START) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = start.astimezone(UTC)
        self._sleeps: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Advance at once by that many seconds and record the wait."""
        with self._lock:
            self._move(seconds)
            self._sleeps.append(seconds)

    async def asleep(self, seconds: float) -> None:
        """As :meth:`sleep`, for a task."""
        self.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody having waited for it."""
        with self._lock:
            self._move(seconds)

    @property
    def sleeps(self) -> tuple[float, ...]:
        """Every wait so far, in seconds, oldest first."""
        with self._lock:
            return tuple(self._sleeps)

    def _move(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += timedelta(seconds=seconds)

    def __repr__(self) -> str:
        return f"<FakeClock {self.now().isoformat()}>"
