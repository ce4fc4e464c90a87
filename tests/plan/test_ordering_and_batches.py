"""The order of a plan, and its cutting into requests."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.plan.operations import Create, Deactivate, Link, Operation
from procore_spectrum.plan.ordering import batches, ordered
from procore_spectrum.plan.records import Ref

KINDS = ["project", "cost_code"]


def create(kind: str, key: str, parent: str | None = None, scope: str | None = None) -> Create:
    """A creation at its place in a tree."""
    return Create(
        feature="f",
        ref=Ref(kind, key),
        title="",
        parent=None if parent is None else Ref(kind, parent),
        scope=None if scope is None else Ref("project", scope),
    )


@st.composite
def forests(draw: st.DrawFn) -> list[Operation]:
    """Operations of several kinds whose parents are among them, in any order."""
    found: list[Operation] = []
    for kind in draw(st.lists(st.sampled_from([*KINDS, "zebra", "ant"]), unique=True)):
        for number in range(draw(st.integers(0, 6))):
            parent = draw(st.none() | st.integers(0, 8))
            found.append(
                create(
                    kind,
                    str(number),
                    None if parent is None or parent == number else str(parent),
                    draw(st.sampled_from([None, "p", "q"])),
                )
            )
    return draw(st.permutations(found))


def is_tree(found: list[Operation]) -> bool:
    """Whether no record is above itself."""
    above = {op.ref: op.parent for op in found}
    for ref, first in above.items():
        seen, parent = {ref}, first
        while parent is not None:
            if parent in seen:
                return False
            seen.add(parent)
            parent = above.get(parent)
    return True


@given(forests())
def test_parents_come_first_and_kinds_in_their_order(found: list[Operation]) -> None:
    """Everything is still there, kinds come as given and unknown ones last, parents first."""
    result = ordered(found, KINDS)
    assert sorted(op.op_id for op in result) == sorted(op.op_id for op in found)
    stages = [KINDS.index(op.ref.kind) if op.ref.kind in KINDS else 9 for op in result]
    assert stages == sorted(stages)
    if is_tree(found):
        place = {op.ref: index for index, op in enumerate(result)}
        assert all(place[op.parent] < place[op.ref] for op in result if op.parent in place)


@given(forests(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_input(found: list[Operation], random: Any) -> None:
    """Another order of the same operations gives the same plan."""
    mixed = random.sample(found, len(found))
    assert [op.ref for op in ordered(mixed, KINDS)] == [op.ref for op in ordered(found, KINDS)]


def test_operations_on_one_record_keep_their_order() -> None:
    """Sorting is stable."""
    twins = [create("project", "1"), Link(feature="f", ref=Ref("project", "1"), title="")]
    assert ordered(twins, KINDS) == tuple(twins)
    assert ordered(twins[::-1], KINDS) == tuple(twins[::-1])


def test_records_above_each_other_do_not_hang() -> None:
    """A circle of parents has some order, and ends."""
    circle = [create("project", "1", "2"), create("project", "2", "1")]
    assert len(ordered(circle, KINDS)) == 2


ways = st.builds(
    lambda kind, key, parent, partition, scope: kind(
        feature="f",
        ref=Ref("cost_code", key),
        title="",
        parent=parent,
        partition=partition,
        scope=scope,
    ),
    st.sampled_from([Create, Deactivate, Link]),
    st.sampled_from("abcdefgh"),
    st.none() | st.builds(Ref, st.just("cost_code"), st.sampled_from("abcdefgh")),
    st.sampled_from(["", "24-1"]),
    st.sampled_from([None, Ref("project", "24-1"), Ref("project", "24-2")]),
)


@given(st.lists(ways, max_size=12), st.integers(1, 5))
def test_batches_fit_into_requests(found: list[Operation], size: int) -> None:
    """Nothing is lost or moved; each piece is one request that can be carried out as a whole."""
    pieces = list(batches(found, size))
    assert [op for piece in pieces for op in piece] == found
    for piece in pieces:
        assert 1 <= len(piece) <= size
        assert (
            len({(op.scope, op.partition, op.verb == "deactivate", op.writes) for op in piece}) == 1
        )
        for number, op in enumerate(piece):
            assert op.parent not in {before.ref for before in piece[:number]}


@given(st.lists(ways, max_size=12), st.integers(1, 5))
def test_batches_are_as_large_as_they_may_be(found: list[Operation], size: int) -> None:
    """A piece ends only where the next operation does not fit into it."""
    pieces = list(batches(found, size))
    for piece, after in pairwise(pieces):
        first, follower = piece[0], after[0]
        assert (
            len(piece) == size
            or follower.parent in {op.ref for op in piece}
            or (first.scope, first.partition) != (follower.scope, follower.partition)
            or (first.verb == "deactivate") != (follower.verb == "deactivate")
            or first.writes != follower.writes
        )
