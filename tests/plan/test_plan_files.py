"""Plans as files: what was written is read back, and nothing else is."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plan_strategies import plans

from procore_spectrum.errors import StalePlanError, Violation
from procore_spectrum.plan.codec import FORMAT, dumps, loads, to_json
from procore_spectrum.plan.operations import (
    Create,
    Deactivate,
    FieldChange,
    Held,
    Link,
    Update,
)
from procore_spectrum.plan.plan import Note, Plan
from procore_spectrum.plan.records import Candidate, Ref

JOB = Ref("project", "24-0101")
COMMON: dict[str, Any] = {"feature": "jobs", "title": "Bridge"}
SAMPLE = Plan(
    company="5981/ABC",
    operations=(
        Create(
            ref=Ref("cost_code", "24-0101|01"), scope=JOB, parent=JOB, desired={"n": "x"}, **COMMON
        ),
        Update(
            ref=JOB,
            target_id="7",
            before={"total": Decimal("1.5")},
            desired={"total": Decimal(2)},
            changes=(
                FieldChange(path="total", base=Decimal("1.5"), source=Decimal(2), target=None),
            ),
            **COMMON,
        ),
        Link(ref=Ref("vendor", "A"), target_id="8", stamp=True, **COMMON),
        Deactivate(ref=Ref("vendor", "B"), target_id="9", active=False, **COMMON),
        Held(
            ref=Ref("vendor", "C"),
            code="candidates",
            message="may be the same",
            hint="link it",
            violations=(Violation(code="long", message="too long", path="name", hint="cut"),),
            candidates=(Candidate(target_id="4", title="C Inc", score=90, evidence=("tax",)),),
            **COMMON,
        ),
    ),
    guards=(Violation(code="guard-share", message="too much"),),
    notes=(Note("vendors", "two types are left out"),),
    as_of=datetime(2024, 3, 1, 12, tzinfo=UTC),
    requests=12,
)
TEXT = dumps(SAMPLE)


def signed(data: dict[str, Any]) -> str:
    """A file whose digest fits, whatever else it says."""
    rest = {key: value for key, value in data.items() if key != "digest"}
    digest = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
    return json.dumps({**rest, "digest": digest})


@given(plans)
@example(SAMPLE)
def test_plans_come_back(plan: Plan) -> None:
    """Reading gives the plan that was written, with the same ids, from text and from bytes."""
    text = dumps(plan)
    assert loads(text) == plan
    assert loads(text.encode()) == plan
    assert loads(text).plan_id == plan.plan_id
    assert plan.render("json") == text


@given(st.integers(0, len(TEXT.encode()) - 1), st.integers(0, 255), st.sampled_from("rid"))
def test_no_single_byte_can_be_changed(place: int, byte: int, how: str) -> None:
    """A replaced, inserted or dropped byte is noticed, unless it says the same."""
    data = TEXT.encode()
    new = b"" if how == "d" else bytes([byte])
    changed = data[:place] + new + data[place + (how != "i") :]
    try:
        plan = loads(changed)
    except StalePlanError:
        return
    assert plan == SAMPLE


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(anything.map(json.dumps) | st.text() | st.binary())
@example("[" * 100_000)
@example(b"\xff\xfe\x00")
def test_other_files_are_refused(text: Any) -> None:
    """Any other JSON, text or bytes is one error of ours."""
    with pytest.raises(StalePlanError):
        loads(text)


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where there is something in a JSON object."""
    found = [path] if path else []
    inner = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in inner:
        found += paths(value, (*path, key))
    return found


PATHS = paths(json.loads(TEXT))


@given(st.sampled_from(PATHS), anything)
@example(("requests",), float("inf"))
@example(("as_of",), "2024-03-01")
@example(("as_of",), 5)
@example(("operations", 0, "target"), "moon")
@example(("operations", 0, "verb"), "destroy")
@example(("operations", 0, "verb"), [])
@example(("operations", 0, "exact", "desired", "n"), "n:NaN")
@example(("operations", 0, "scope"), ["project"])
@example(("operations", 0, "title"), None)
def test_a_well_signed_file_may_still_be_nonsense(path: tuple[Any, ...], value: Any) -> None:
    """A file with a fitting digest and anything in it is read or refused, never a crash."""
    data = json.loads(TEXT)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        plan = loads(signed(data))
    except StalePlanError:
        return
    assert plan.plan_id == data["plan_id"]


@given(st.sampled_from(PATHS))
def test_a_missing_part_is_noticed(path: tuple[Any, ...]) -> None:
    """A file from which a part is missing does not pass for the plan it was."""
    data = json.loads(TEXT)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    with pytest.raises(StalePlanError):
        loads(json.dumps(data))


def test_another_version_is_named() -> None:
    """A file of another version says so."""
    with pytest.raises(StalePlanError, match="format 99"):
        loads(signed({**to_json(SAMPLE), "format": 99}))


def test_an_altered_file_is_named() -> None:
    """A changed file says that it was altered."""
    with pytest.raises(StalePlanError, match="altered"):
        loads(TEXT.replace("Bridge", "Tunnel"))


def test_a_contradiction_is_named() -> None:
    """Operations that do not make up the plan's id are refused, though the digest fits."""
    with pytest.raises(StalePlanError, match="contradicts"):
        loads(signed({**to_json(SAMPLE), "plan_id": "0" * 32}))


def test_the_documented_json() -> None:
    """Scripts find the documented keys, with values in plain form."""
    data = to_json(SAMPLE)
    assert data["format"] == FORMAT
    assert {"plan_id", "counts", "operations", "held", "requests"} <= set(data)
    assert data["counts"] == {"create": 1, "update": 1, "link": 1, "deactivate": 1, "held": 1}
    assert data["held"] == [
        {
            "key": "vendor C",
            "code": "candidates",
            "message": "may be the same",
            "hint": "link it",
        }
    ]
    for op, plain in zip(SAMPLE.operations, data["operations"], strict=True):
        documented = ("op_id", "feature", "kind", "verb", "key", "target", "state", "reason")
        assert {*documented, "fields"} <= set(plain)
        assert plain["op_id"] == op.op_id
        assert plain["state"] == ("held" if isinstance(op, Held) else "ready")
    assert data["operations"][1]["fields"] == [
        {"path": "total", "base": "1.5", "source": "2", "target": None}
    ]
