"""The clock that waits instantly."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.testing import FakeClock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.lists(st.integers(0, 10**6)))
def test_time_passes_by_exactly_what_was_slept(waits: list[int]) -> None:
    """The sum of all waits is the time that passed, and each wait is on record."""
    clock = FakeClock(START)
    for wait in waits:
        clock.sleep(wait)
    assert clock.now() - START == timedelta(seconds=sum(waits))
    assert clock.sleeps == tuple(waits)


def test_advancing_is_not_a_wait() -> None:
    """Time that merely passes is not recorded as somebody's sleep."""
    clock = FakeClock(START)
    clock.advance(60)
    assert clock.now() == START + timedelta(minutes=1)
    assert clock.sleeps == ()


def test_a_task_waits_instantly_too() -> None:
    """The asynchronous wait moves the same clock."""
    clock = FakeClock(START)
    asyncio.run(clock.asleep(3600))
    assert clock.sleeps == (3600,)


def test_the_time_is_told_in_utc() -> None:
    """A start in another zone is the same moment, told in UTC."""
    clock = FakeClock(START.astimezone(timezone(timedelta(hours=-6))))
    assert clock.now().isoformat() == "2026-03-01T12:00:00+00:00"
    assert "2026-03-01T12:00" in repr(clock)


def test_a_start_without_a_zone_is_refused() -> None:
    """A naive time would silently mean something else on every machine."""
    with pytest.raises(ValueError, match="aware"):
        FakeClock(START.replace(tzinfo=None))


def test_time_does_not_run_backwards() -> None:
    """A negative wait is a fault of the caller."""
    with pytest.raises(ValueError, match="backwards"):
        FakeClock(START).sleep(-1)


def test_many_threads_lose_no_second() -> None:
    """Waits from several threads all count."""
    clock = FakeClock(START)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(clock.sleep, [1] * 2000))
    assert clock.now() == START + timedelta(seconds=2000)
