"""The report of a run: its counts, its text and its JSON."""

from __future__ import annotations

import json
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.apply.report import Outcome, Report, State
from procore_spectrum.errors import Violation
from procore_spectrum.plan.operations import Create
from procore_spectrum.plan.records import Ref

STATES: list[Any] = list(get_args(State))
OP = Create(feature="jobs", ref=Ref("project", "24-1"), title="Bridge")
outcomes = st.builds(
    Outcome,
    op_id=st.text(),
    ref=st.builds(Ref, st.text(), st.text()),
    verb=st.just("create"),
    state=st.sampled_from(STATES),
    title=st.text(),
    message=st.text(),
    violations=st.lists(st.builds(Violation, code=st.text(), message=st.text()), max_size=2).map(
        tuple
    ),
)
reports = st.builds(
    Report,
    plan_id=st.text(),
    outcomes=st.lists(outcomes, max_size=6).map(tuple),
    stopped=st.text(),
    requests=st.integers(0, 9),
)


@given(reports)
def test_counts_and_success(report: Report) -> None:
    """Every state is counted in the documented order; success means that nothing is left."""
    counts = report.counts
    assert list(counts) == [
        "done",
        "adopted",
        "unchanged",
        "refused",
        "held",
        "waiting",
        "failed",
        "unknown",
    ]
    assert sum(counts.values()) == len(report.outcomes)
    good = {"done", "adopted", "unchanged", "held"}
    assert report.succeeded == (not report.stopped and {o.state for o in report.outcomes} <= good)


@given(reports, st.none() | st.integers(0, 3))
def test_every_report_can_be_shown(report: Report, limit: int | None) -> None:
    """Text has no control character but its own line ends, and JSON is JSON."""
    assert all(line.isprintable() for line in report.render(limit=limit).split("\n"))
    assert json.loads(report.render("json")) == json.loads(json.dumps(report.to_json()))


def test_the_documented_json() -> None:
    """Scripts find the documented keys."""
    violation = Violation(code="long", message="too long", path="name")
    outcome = Outcome.of(OP, "refused", message="no", violations=(violation,))
    report = Report(plan_id="p", outcomes=(outcome,), requests=3)
    data = report.to_json()
    assert {"plan_id", "counts", "outcomes", "requests"} <= set(data)
    assert data["counts"] == dict(report.counts)
    assert data["requests"] == 3
    assert data["outcomes"] == [
        {
            "op_id": OP.op_id,
            "kind": "project",
            "key": "24-1",
            "verb": "create",
            "state": "refused",
            "target_id": None,
            "message": "no",
            "violations": ["name: too long"],
        }
    ]


def test_a_report_as_text() -> None:
    """Successes are counted; everything else is listed with its reasons, up to the limit."""
    violation = Violation(code="long", message="too long", path="name")
    found = (
        Outcome.of(OP, "done"),
        Outcome.of(OP, "refused", violations=(violation,)),
        Outcome.of(OP, "waiting", message="24-0 is not there yet"),
        Outcome.of(OP, "waiting", message="later; much later"),
    )
    report = Report(plan_id="0123456789abcdef", outcomes=found, stopped="no connection")
    assert report.render(limit=1).split("\n") == [
        "Applied plan 0123456789ab: done 1 · refused 1 · waiting 2",
        "STOPPED: no connection",
        "  done 1 × project",
        "  refused 1 × project",
        "    24-1  Bridge: name: too long",
        "  waiting 2 × project",
        "    24-1  Bridge: 24-0 is not there yet",
        "    … and 1 more",
    ]
    assert "much later" in report.render(limit=None)


def test_an_empty_report() -> None:
    """Nothing to do is said in words."""
    report = Report(plan_id="p", outcomes=())
    assert report.render() == "Applied plan p: nothing to do"
    assert report.succeeded
