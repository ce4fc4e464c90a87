"""Fault plans as data: text, JSON, and which call they strike."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.testing import faults as f
from procore_spectrum.testing.strategies import fault_plans, fault_rules
from procore_spectrum.wire.messages import Request

plans = st.lists(fault_rules(), max_size=4).map(lambda rules: f.FaultPlan(tuple(rules)))


def call(url: str = "http://h/vendors?page=2", method: str = "GET", label: str = "") -> Request:
    """A request to aim at."""
    return Request(method=method, url=url, label=label)


def struck(plan: str, calls: int, request: Request | None = None) -> list[int]:
    """The numbers of the calls that a plan strikes."""
    run = f.FaultRun(f.FaultPlan.from_text(plan))
    return [n for n in range(1, calls + 1) if run.aim(request or call()) is not None]


@given(plans)
def test_text_holds_the_whole_plan(plan: f.FaultPlan) -> None:
    """Writing a plan as text and reading it gives the same plan."""
    assert f.FaultPlan.from_text(plan.to_text()) == plan


@given(plans)
def test_json_holds_the_whole_plan(plan: f.FaultPlan) -> None:
    """Writing a plan as JSON and reading it gives the same plan."""
    assert f.FaultPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@given(fault_plans(calls=10))
def test_generated_plans_end(plan: f.FaultPlan) -> None:
    """After the calls a plan was made for, nothing goes wrong any more."""
    run = f.FaultRun(plan)
    for _ in range(10):
        run.aim(call())
    assert [run.aim(call()) for _ in range(10)] == [None] * 10


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_our_error(text: str) -> None:
    """No other exception comes out of reading a plan."""
    with suppress(ConfigurationError):
        assert isinstance(f.FaultPlan.from_text(text), f.FaultPlan)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ("always: refuse", [1]),
        ("always times any: refuse", [1, 2, 3, 4, 5, 6]),
        ("at 3: refuse", [3]),
        ("after 3: refuse", [4]),
        ("after 3 times 2: refuse", [4, 5]),
        ("skip 1: refuse", [2]),
        ("at 2: refuse; at 5: refuse", [2, 5]),
        ("", []),
        ("# nothing\n\n", []),
    ],
)
def test_rules_strike_by_number(plan: str, expected: list[int]) -> None:
    """`at`, `after`, `skip` and `times` choose exactly these calls of six."""
    assert struck(plan, 6) == expected


@pytest.mark.parametrize(
    ("plan", "request_", "hit"),
    [
        ("method post: refuse", call(method="POST"), True),
        ("method POST: refuse", call(), False),
        ("path /vendors: refuse", call(), True),
        ('path "page=2": refuse', call(), True),
        ("path /jobs: refuse", call("http://jobs.example/vendors"), False),
        ("label GetPhase: refuse", call(label="spectrum.GetPhase"), True),
        ("label GetPhase: refuse", call(label="AddPhase"), False),
        ("label GetPhase method GET: refuse", call(label="GetPhase", method="POST"), False),
        ("path /x: refuse", call("http://h/x"), True),
    ],
)
def test_rules_strike_by_content(plan: str, request_: Request, *, hit: bool) -> None:
    """Label, path with query, and method must all fit; the host does not count."""
    assert bool(struck(plan, 1, request_)) is hit


def test_skip_counts_only_calls_that_fit() -> None:
    """The second write is struck, however many reads lie between."""
    run = f.FaultRun(f.FaultPlan.from_text("method POST skip 1: lost_reply"))
    calls = [call(method=method) for method in ("GET", "POST", "GET", "POST", "POST")]
    assert [run.aim(one) for one in calls] == [None, None, None, f.LostReply(), None]
    assert (run.calls, run.struck) == (5, (1,))


def test_the_first_fitting_rule_wins() -> None:
    """One call meets one fault; the next rule waits for another call."""
    run = f.FaultRun(f.FaultPlan.from_text("always: refuse\nalways: stall 2"))
    assert [run.aim(call()) for _ in range(3)] == [f.Refuse(), f.Stall(seconds=2), None]


def test_values_are_read_by_position_and_by_name() -> None:
    """The first value may stand bare; the others carry their name."""
    plan = f.FaultPlan.from_text(
        "always: status 429 retry_after=2 acted=true\nalways: cut_body at=7 framed=true\n"
        "always: crash after_reply # why"
    )
    assert [rule.fault for rule in plan.rules] == [
        f.Status(code=429, retry_after=2, acted=True),
        f.CutBody(at=7, framed=True),
        f.Crash(point="after_reply"),
    ]


def test_named_points_are_reached_not_aimed() -> None:
    """A crash at a point of the program does not use up on requests."""
    run = f.FaultRun(f.FaultPlan.from_text("after 2 skip 1: crash started; always: crash other"))
    assert run.aim(call()) is None
    assert run.reach("started") is False
    run.aim(call())
    assert [run.reach("started") for _ in range(3)] == [False, True, False]
    assert run.reach("nowhere") is False


@pytest.mark.parametrize(
    "text",
    [
        "refuse",
        "always:",
        "always: nothing_like_it",
        "always: refuse 3",
        "always: refuse now=1",
        "always: status 200",
        "always: status 500 acted=1",
        "always: status 500 retry_after",
        "always: status true",
        "always: stall -1",
        "always: crash 3",
        "sometimes: refuse",
        "at 0: refuse",
        "at 1 at 2: refuse",
        "after: refuse",
        "times none: refuse",
        'label "": refuse',
        'label "open: refuse',
        "always: a: b",
        "always: status code:500",
    ],
)
def test_unreadable_text_is_refused(text: str) -> None:
    """A rule that cannot be read is never half understood."""
    with pytest.raises(ConfigurationError) as caught:
        f.FaultPlan.from_text(text)
    assert caught.value.path in ("rule 1", "text")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"rules": 3},
        {"rules": [3]},
        {"rules": [{}]},
        {"rules": [{"fault": {}}]},
        {"rules": [{"fault": {"kind": ["refuse"]}}]},
        {"rules": [{"fault": {"kind": "nothing"}}]},
        {"rules": [{"fault": {"kind": "refuse"}, "match": {"unknown": 1}}]},
        {"rules": [{"fault": {"kind": "refuse"}, "extra": 1}]},
    ],
)
def test_unreadable_json_is_refused(data: Any) -> None:
    """Anything that is not a plan is our error with a path."""
    with pytest.raises(ConfigurationError) as caught:
        f.FaultPlan.from_json(data)
    assert caught.value.path.startswith("rules")


def test_json_may_be_a_text() -> None:
    """A JSON string is read in the little language."""
    assert f.FaultPlan.from_json("always: refuse") == f.FaultPlan.from_text("always: refuse")
