"""An operation's id stands for its content, and a plan's id for its operations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from plan_strategies import operations, plans

from procore_spectrum.plan.operations import (
    Create,
    Deactivate,
    FieldChange,
    Held,
    Link,
    Operation,
    Update,
)
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import meaning

PLAIN = Update(
    feature="jobs",
    ref=Ref("project", "24-1"),
    title="Bridge",
    target_id="7",
    before={"name": "a"},
    desired={"name": "b"},
)


def content(op: Operation) -> Any:
    """What an id stands for."""
    names = op.target, op.ref, op.verb, op.target_id or ""
    return names, meaning(op.before), meaning(op.desired)


@given(operations, operations)
def test_ids_differ_exactly_when_the_content_does(left: Operation, right: Operation) -> None:
    """Kind, key, verb, target, before and desired make the id; nothing else does."""
    assert (left.op_id == right.op_id) == (content(left) == content(right))


@pytest.mark.parametrize(
    "changed",
    [
        {"ref": Ref("vendor", "24-1")},
        {"ref": Ref("project", "24-2")},
        {"target_id": "8"},
        {"target_id": None},
        {"target": "spectrum"},
        {"before": {"name": "c"}},
        {"before": {}},
        {"before": {"name": "b"}, "desired": {"name": "a"}},
        {"desired": {"title": "b"}},
        {"desired": {"name": "b", "city": "x"}},
        {"before": {"name": "a", "desired": "x"}},
    ],
)
def test_a_change_of_content_changes_the_id(changed: Any) -> None:
    """An approval of one thing never fits another."""
    assert attrs.evolve(PLAIN, **changed).op_id != PLAIN.op_id


def test_the_verb_is_part_of_the_id() -> None:
    """The same content under each verb has five ids."""
    common = {"feature": "f", "ref": PLAIN.ref, "title": ""}
    found = {kind(**common).op_id for kind in (Create, Update, Link, Deactivate, Held)}
    assert len(found) == 5


@pytest.mark.parametrize(
    "changed",
    [
        {"feature": "other"},
        {"title": "Tunnel"},
        {"reason": "because"},
        {"scope": Ref("project", "24-9")},
        {"parent": Ref("project", "24-9")},
        {"partition": "24-9"},
        {"changes": (FieldChange(path="name"),)},
        {"desired": {"name": " b ", "city": None}},
    ],
)
def test_other_things_do_not_change_the_id(changed: Any) -> None:
    """Wording, place and spelling may change without asking again."""
    assert attrs.evolve(PLAIN, **changed).op_id == PLAIN.op_id


def test_money_is_compared_by_value() -> None:
    """1.50 and 1.5 are one operation."""
    ids = {attrs.evolve(PLAIN, desired={"sum": Decimal(n)}).op_id for n in ("1.50", "1.5")}
    assert len(ids) == 1


@given(plans, plans)
def test_plan_ids_stand_for_company_and_operations(left: Plan, right: Plan) -> None:
    """Two plans share an id when they are for one company and do the same in the same order."""

    def content_of(plan: Plan) -> Any:
        return plan.company, [op.op_id for op in plan.operations]

    assert (left.plan_id == right.plan_id) == (content_of(left) == content_of(right))


@given(plans)
def test_a_plan_sorts_its_operations(plan: Plan) -> None:
    """What is held and what is to be done make up the whole, and the counts agree."""
    assert len(plan.held) + len(plan.todo) == len(plan.operations)
    assert list(plan.counts) == ["create", "update", "link", "deactivate", "held"]
    assert sum(plan.counts.values()) == len(plan.operations)
    assert plan.counts["held"] == len(plan.held)
    assert plan.is_empty == (not plan.todo)


@given(operations)
def test_what_writes(op: Operation) -> None:
    """Only held records and links that need no stamp send nothing."""
    quiet = isinstance(op, Held) or (isinstance(op, Link) and not op.stamp)
    assert op.writes == (not quiet)


def test_a_ref_reads_well() -> None:
    """Kind and key, as a person says it."""
    assert str(PLAIN.ref) == "project 24-1"
