"""The plan as a person reads it, also when the records are hostile."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_strategies import operations, plans

from procore_spectrum.errors import Violation
from procore_spectrum.plan.operations import Create, FieldChange, Held, Update
from procore_spectrum.plan.plan import Note, Plan
from procore_spectrum.plan.records import Candidate, Ref
from procore_spectrum.plan.render import one_line

FORGED = "Bridge\n  + 24-9999  Palace\r\x1b[2K\u2028\u202e\x85```\n```"
HOSTILE: dict[str, Any] = {
    "feature": FORGED,
    "ref": Ref("project", FORGED),
    "title": FORGED,
    "reason": FORGED,
    "changes": (FieldChange(path=FORGED, base=FORGED, source="b", target="c"),),
}


def job(key: str, **parts: Any) -> Create:
    """A job to be created."""
    return Create(feature="jobs", ref=Ref("project", key), title=f"Job {key}", **parts)


@given(plans, st.sampled_from(["text", "markdown", "json"]), st.none() | st.integers(0, 3))
def test_every_plan_can_be_shown(plan: Plan, style: Any, limit: int | None) -> None:
    """Rendering never fails."""
    assert plan.render(style, limit=limit)


@given(st.lists(operations, max_size=4), st.integers(0, 4), st.sampled_from(["text", "markdown"]))
def test_records_cannot_forge_lines(found: list[Any], limit: int, style: Any) -> None:
    """Whatever the records hold, the number of lines depends on the plan's structure alone."""
    plain = [
        attrs.evolve(op, title="x" if op.title else "", reason="x" if op.reason else "")
        for op in found
    ]
    hostile = [
        attrs.evolve(op, title=FORGED if op.title else "", reason=FORGED if op.reason else "")
        for op in found
    ]
    left, right = (
        Plan(company="c", operations=tuple(ops)).render(style, limit=limit)
        for ops in (plain, hostile)
    )
    assert len(left.splitlines()) == len(right.splitlines()) == right.count("\n") + 1


def test_no_control_character_is_shown_anywhere() -> None:
    """Every text of a plan may be hostile, and none moves the cursor or breaks the line."""
    violation = Violation(code=FORGED, message=FORGED, path=FORGED, hint=FORGED)
    twin = Candidate(target_id=FORGED, title=FORGED, score=1, evidence=(FORGED,))
    plan = Plan(
        company=FORGED,
        operations=(
            Update(**HOSTILE),
            Held(
                code=FORGED,
                message=FORGED,
                hint=FORGED,
                violations=(violation,),
                candidates=(twin,),
                **HOSTILE,
            ),
        ),
        guards=(violation,),
        notes=(Note(FORGED, FORGED),),
    )
    for style in ("text", "markdown"):
        lines = plan.render(style).split("\n")
        assert all(line.isprintable() for line in lines)
        assert not any(line.startswith("  + 24-9999") for line in lines)


@given(st.text("`a \n", max_size=12))
def test_a_title_cannot_leave_the_fence(title: str) -> None:
    """In Markdown, everything from the records stands between one opening and one closing fence."""
    plan = Plan(company="c", operations=(job("1", changes=()), job(title or "2")))
    lines = plan.render("markdown").split("\n")
    fence = re.fullmatch("(`{3,})text", lines[4])
    assert fence is not None
    assert lines[-1] == fence[1]
    assert not any(fence[1] in line for line in lines[5:-1])


def test_a_company_cannot_write_markup() -> None:
    """The heading stands outside of the fence, so its markup is escaped."""
    heading = Plan(company="<b>[x](y)`", operations=()).render("markdown").split("\n")[0]
    assert heading.endswith(r"for \<b\>\[x\](y)\`")


@pytest.mark.parametrize(
    ("limit", "shown", "rest"),
    [
        (0, 0, "  … and 5 more"),
        (4, 4, "  … and 1 more"),
        (5, 5, None),
        (6, 5, None),
        (None, 5, None),
    ],
)
def test_long_groups_are_cut(limit: int | None, shown: int, rest: str | None) -> None:
    """At most so many operations of a kind are shown, and the rest is counted."""
    plan = Plan(company="c", operations=tuple(job(str(n)) for n in range(5)))
    lines = plan.render(limit=limit).split("\n")
    assert sum(line.startswith("  + ") for line in lines) == shown
    assert (lines[-1] if rest else None) == rest
    assert ("more" in lines[-1]) == (rest is not None)


def test_an_empty_plan() -> None:
    """Nothing to do is said in words, and what waits is not forgotten."""
    held = Held(feature="jobs", ref=Ref("project", "1"), title="", message="wait")
    nothing, waiting = (
        Plan(company="c", operations=ops).render().split("\n")[2] for ops in ((), (held,))
    )
    assert nothing == "Nothing to do."
    assert waiting == "Nothing to do but what waits for a person."


def test_a_whole_plan_as_text() -> None:
    """The text names every operation with its values, and what a person has to do."""
    plan = Plan(
        company="5981/ABC",
        operations=(
            job("24-1", desired={"name": "x"}),
            Update(
                feature="jobs",
                ref=Ref("project", "24-2"),
                title="",
                reason="changed in the source",
                changes=(
                    FieldChange(
                        path="total", base=Decimal(1), source=Decimal("1000.50"), target=True
                    ),
                    FieldChange(path="name", base="a", source="b", target="a"),
                    FieldChange(path="city", source="Ulm"),
                ),
            ),
            Held(
                feature="vendors",
                ref=Ref("company_vendor", "A"),
                title="Acme",
                message="may be the same",
                hint="link it",
                violations=(Violation(code="x", message="too long", path="name"),),
                candidates=(
                    Candidate(target_id="4", title="Acme Inc", score=90, evidence=("tax",)),
                ),
                changes=(FieldChange(path="name", source="b", target="a"),),
            ),
        ),
        guards=(Violation(code="g", message="too much", hint="look"),),
        notes=(Note("vendors", "two types are left out"),),
        as_of=datetime(2024, 3, 1, 12, tzinfo=UTC),
    )
    assert plan.render().split("\n") == [
        f"Plan {plan.plan_id[:12]} for 5981/ABC, read at 2024-03-01 12:00 UTC",
        "create 1 · update 1 · link 0 · deactivate 0 · held 1",
        "STOPPED: too much (look)",
        "",
        "jobs: create 1 × project",
        "  + 24-1  Job 24-1",
        "",
        "jobs: update 1 × project",
        "  ~ 24-2",
        "      changed in the source",
        "        total: yes -> 1,000.50 (last agreed: 1)",
        "        name: a -> b",
        "        city: – -> Ulm",
        "",
        "vendors: held 1 × company vendor",
        "  ! A  Acme",
        "      held: may be the same",
        "        - name: too long",
        "        ? 4 Acme Inc  (90 of 100: tax)",
        "        name: a -> b",
        "      to do: link it",
        "",
        "note on vendors: two types are left out",
    ]


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    """The result is printable and as long as the text; harmless text is not changed."""
    found = one_line(text)
    assert found.isprintable()
    assert len(found) == len(text)
    assert found == text or not text.isprintable()
