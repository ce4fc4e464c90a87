"""The rate budget against a simulated server with two windows."""

from __future__ import annotations

import heapq
import itertools
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procore_spectrum.wire.messages import Headers, Response
from procore_spectrum.wire.rate import RateBudget, asked_wait

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """A moment of the tests."""
    return NOW + timedelta(seconds=seconds)


def told(remaining: int, reset_in: float, *, limit: int | None = 25, at: float = 0) -> Response:
    """An answer that speaks of a window, without a date."""
    headers: Headers = (
        ("X-Rate-Limit-Remaining", str(remaining)),
        ("X-Rate-Limit-Reset", str(int(after(at + reset_in).timestamp()))),
    )
    if limit is not None:
        headers += (("X-Rate-Limit-Limit", str(limit)),)
    return Response(status=200, headers=headers)


def one_request(budget: RateBudget, response: Response | None, at: float = 0) -> None:
    """Send one request and settle it at once."""
    assert budget.wait_before_next(after(at)) == 0
    budget.observe(response, after(at))


@attrs.define
class Server:
    """Two fixed windows; tells of the one with less left, as Procore does."""

    limits: dict[int, int]
    skew: float
    used: dict[tuple[int, int], int] = attrs.field(factory=dict)
    refused: set[int] = attrs.field(factory=set)

    def answer(self, at: float) -> Response:
        """Count a request, and answer it."""
        clock = NOW.timestamp() + at + self.skew
        windows = []
        for length, limit in self.limits.items():
            window = (length, int(clock // length))
            self.used[window] = self.used.get(window, 0) + 1
            windows.append((limit - self.used[window], limit, (window[1] + 1) * length))
        left, limit, reset = min(windows)
        if left < 0:
            self.refused.add(reset)
        headers = (
            ("Date", format_datetime(datetime.fromtimestamp(int(clock), UTC), usegmt=True)),
            ("X-Rate-Limit-Limit", str(limit)),
            ("X-Rate-Limit-Remaining", str(max(left, 0))),
            ("X-Rate-Limit-Reset", str(reset)),
        )
        return Response(status=429 if left < 0 else 200, headers=headers)


@attrs.frozen(kw_only=True)
class Load:
    """How several workers send: the pauses between requests, and how long answers take."""

    workers: int
    pauses: list[float]
    latencies: list[float]

    def run(self, server: Server) -> int:
        """Send all; count the refusals by a window that had been spoken of before sending."""
        budget = RateBudget()
        order = itertools.count()
        latency = itertools.cycle(self.latencies)
        pauses = iter(self.pauses)
        known: set[str | None] = set()
        avoidable = 0
        events: list[tuple[float, int, Response | None]] = []
        for _ in range(self.workers):
            heapq.heappush(events, (0.0, next(order), None))
        while events:
            at, _, answer = heapq.heappop(events)
            if answer is not None:
                budget.observe(answer, after(at))
                known.add(answer.header("x-rate-limit-reset"))
                if (pause := next(pauses, None)) is not None:
                    heapq.heappush(events, (at + pause, next(order), None))
            elif (wait := budget.wait_before_next(after(at))) > 0:
                heapq.heappush(events, (at + wait, next(order), None))
            else:
                half = next(latency)
                answer = server.answer(at + half)
                if answer.status == 429:
                    avoidable += answer.header("x-rate-limit-reset") in known
                heapq.heappush(events, (at + 2 * half, next(order), answer))
        return avoidable


loads = st.builds(
    Load,
    workers=st.integers(1, 5),
    pauses=st.lists(
        st.sampled_from([0.0, 0.0, 0.0, 0.05, 0.7, 4.0, 12.0]), min_size=40, max_size=120
    ),
    latencies=st.lists(st.floats(0.01, 0.4), min_size=1, max_size=7),
)
skews = st.floats(-7200, 7200)


@settings(deadline=None, max_examples=50)
@given(spike=st.integers(6, 30), skew=skews, load=loads)
def test_the_spike_window_never_has_to_refuse(spike: int, skew: float, load: Load) -> None:
    """Several workers send without a single 429, whatever the limit and the server's clock."""
    server = Server({10: spike, 3600: 1_000_000}, skew)
    load.run(server)
    assert server.refused == set()


@settings(deadline=None, max_examples=50)
@given(spike=st.integers(6, 30), an_hour=st.integers(20, 100), skew=skews, load=loads)
def test_no_known_window_has_to_refuse(spike: int, an_hour: int, skew: float, load: Load) -> None:
    """With both windows in play, none that was spoken of is ever exceeded."""
    assert load.run(Server({10: spike, 3600: an_hour}, skew)) == 0


@given(remaining=st.integers(-5, 3), left=st.integers(1, 100_000), asked=st.floats(0, 100_000))
def test_it_never_waits_past_the_reset_or_an_hour(remaining: int, left: int, asked: float) -> None:
    """A wait ends with the window at the latest, and never lasts longer than an hour."""
    budget = RateBudget()
    one_request(budget, told(max(remaining, 0), left))
    wait = budget.wait_before_next(after(asked))
    assert wait <= max(0.0, min(left, 3600) - asked) + 1e-6


def test_nothing_is_held_back_before_the_first_answer() -> None:
    """Without knowledge a request is sent at once."""
    budget = RateBudget()
    assert [budget.wait_before_next(NOW) for _ in range(50)] == [0] * 50


def test_an_empty_window_waits_for_its_reset() -> None:
    """With nothing left the wait is exactly until the reset."""
    budget = RateBudget()
    one_request(budget, told(0, 7))
    assert budget.wait_before_next(after(2)) == 5


def test_each_request_takes_one() -> None:
    """Requests that are under way count before their answers come."""
    budget = RateBudget()
    one_request(budget, told(2, 7))
    waits = [budget.wait_before_next(after(1)) for _ in range(3)]
    assert waits == [0, 0, 6]


def test_others_under_way_are_assumed_to_be_uncounted() -> None:
    """The first answer about a window is lowered by what else is under way."""
    budget = RateBudget()
    for _ in range(3):
        budget.wait_before_next(NOW)
    budget.observe(told(3, 7), NOW)
    assert [budget.wait_before_next(NOW) for _ in range(2)] == [0, 7]


def test_an_answer_out_of_order_gives_nothing_back() -> None:
    """Within a window, a larger remainder in a late answer is not believed."""
    budget = RateBudget()
    one_request(budget, told(1, 7))
    one_request(budget, told(20, 7))
    assert budget.wait_before_next(NOW) == 7


def test_a_request_without_answer_stays_counted() -> None:
    """A request that got no answer may have been counted by the server."""
    budget = RateBudget()
    one_request(budget, told(1, 7))
    one_request(budget, None)
    assert budget.wait_before_next(NOW) == 7


def test_both_windows_are_kept() -> None:
    """News of the spike window does not make the long window forgotten."""
    budget = RateBudget()
    one_request(budget, told(1, 1800, limit=600))
    one_request(budget, told(24, 9))
    assert budget.wait_before_next(NOW) == 1800


def test_the_long_window_is_recognised_near_its_end() -> None:
    """A reset within ten seconds is the long window's if that is known to end then."""
    budget = RateBudget()
    one_request(budget, told(40, 20, limit=600))
    one_request(budget, told(0, 5, limit=600, at=15), at=15)
    assert budget._spike.ends is None
    assert budget.wait_before_next(after(15)) == 5


def test_the_long_window_is_recognised_by_its_limit() -> None:
    """A reset within ten seconds with the long window's limit is not taken for the spike's."""
    budget = RateBudget()
    one_request(budget, told(24, 9))
    one_request(budget, told(400, 1800, limit=600))
    one_request(budget, told(3, 6, limit=600, at=3596), at=3596)
    assert budget._spike.limit == 25


def test_after_the_reset_the_limit_is_assumed_again() -> None:
    """A window that no answer has spoken of yet is taken to have the known limit."""
    budget = RateBudget()
    one_request(budget, told(0, 5, limit=3))
    waits = [budget.wait_before_next(after(6)) for _ in range(4)]
    assert waits == [0, 0, 0, 10]


def test_an_assumed_window_takes_the_end_that_an_answer_names() -> None:
    """The guess gives way to what the server says."""
    budget = RateBudget()
    one_request(budget, told(0, 5, limit=3))
    one_request(budget, told(0, 4, limit=3, at=6), at=6)
    assert budget.wait_before_next(after(6)) == 4


def test_a_late_answer_about_the_window_before_is_ignored() -> None:
    """An answer that took long does not close the window that opened meanwhile."""
    budget = RateBudget()
    one_request(budget, told(2, 5, limit=9))
    budget.wait_before_next(after(4))
    budget.wait_before_next(after(6))
    late = told(0, 5, limit=9)
    date = ("Date", format_datetime(after(4), usegmt=True))
    budget.observe(attrs.evolve(late, headers=(*late.headers, date)), after(6))
    assert budget.wait_before_next(after(6)) == 0


def test_a_limit_of_zero_does_not_block_for_ever() -> None:
    """After the reset one request is let through to ask."""
    budget = RateBudget()
    one_request(budget, told(0, 5, limit=0))
    assert budget.wait_before_next(after(6)) == 0


def test_without_a_limit_the_end_of_the_window_frees() -> None:
    """Nothing is assumed of a new window if no limit was named."""
    budget = RateBudget()
    one_request(budget, told(0, 5, limit=None))
    assert [budget.wait_before_next(after(6)) for _ in range(30)] == [0] * 30


def test_a_window_after_an_unknown_one_is_learned() -> None:
    """A window without limit is forgotten at its end, and the next answer counts in full."""
    budget = RateBudget()
    one_request(budget, told(0, 5, limit=None))
    one_request(budget, told(1, 9, limit=None, at=6), at=6)
    assert [budget.wait_before_next(after(6)) for _ in range(2)] == [0, 9]


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("X-Rate-Limit-Remaining", "0"),),
        (("X-Rate-Limit-Remaining", "none"), ("X-Rate-Limit-Reset", "9999999999")),
        (("X-Rate-Limit-Remaining", "0"), ("X-Rate-Limit-Reset", "1")),
        (("X-Rate-Limit-Remaining", "0"), ("X-Rate-Limit-Reset", "1e99")),
        (("X-Rate-Limit-Remaining", "-1"), ("X-Rate-Limit-Reset", "9999999999")),
    ],
)
def test_headers_that_say_nothing_are_ignored(headers: Headers) -> None:
    """Missing, malformed or past values hold nothing back."""
    budget = RateBudget()
    one_request(budget, Response(status=200, headers=headers))
    assert budget.wait_before_next(NOW) == 0


def test_threads_never_take_more_than_there_is() -> None:
    """Eight threads share what is left without losing count."""
    budget = RateBudget()
    one_request(budget, told(100, 9, limit=200))
    granted: list[float] = []

    def take() -> None:
        granted.extend(budget.wait_before_next(NOW) for _ in range(40))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert granted.count(0) == 100


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (503, (("Retry-After", "12"),), 12),
        (503, (("Retry-After", "Mon, 02 Mar 2026 09:00:20 GMT"),), 20),
        (503, (("Retry-After", "Mon, 02 Mar 2026 09:00:20 -0000"),), 20),
        (503, (("Retry-After", "Mon, 02 Mar 2020 09:00:20 GMT"),), 0),
        (503, (("Retry-After", "soon"),), 0),
        (503, (("Retry-After", "-5"),), 0),
        (503, (("Retry-After", "99999999"),), 86_400),
        (503, (("X-Rate-Limit-Reset", "1772442030"),), 0),
        (429, (("X-Rate-Limit-Reset", "1772442030"),), 30),
        (429, (("X-Rate-Limit-Reset", "1772442030"), ("Retry-After", "5")), 30),
        (429, (("X-Rate-Limit-Reset", "1772442030"), ("Retry-After", "50")), 50),
        (429, (), 0),
    ],
)
def test_the_wait_that_an_answer_asks_for(status: int, headers: Headers, wait: float) -> None:
    """Seconds, dates and the reset are understood, and the later one counts."""
    assert asked_wait(Response(status=status, headers=headers), NOW) == wait


def test_moments_are_compared_with_the_servers_own_clock() -> None:
    """A server an hour ahead does not make us wait an hour."""
    ahead = format_datetime(after(3600), usegmt=True)
    reset = str(int(after(3607).timestamp()))
    answer = Response(status=429, headers=(("Date", ahead), ("X-Rate-Limit-Reset", reset)))
    assert asked_wait(answer, NOW) == 7


@pytest.mark.parametrize(
    "header", [("X-Rate-Limit-Reset", "1772442030"), ("Retry-After", "Mon, 02 Mar 2026 09:00 GMT")]
)
def test_moments_mean_nothing_without_any_clock(header: tuple[str, str]) -> None:
    """Without a date and a current time only seconds can be understood."""
    assert asked_wait(Response(status=429, headers=(header,))) == 0
