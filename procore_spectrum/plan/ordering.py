"""The order in which operations are carried out: parents before children, kinds in stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from procore_spectrum.plan.operations import Operation
from procore_spectrum.plan.records import Ref

__all__ = ["batches", "ordered"]


def ordered(operations: Iterable[Operation], kinds: Sequence[str]) -> tuple[Operation, ...]:
    """Sort by kind (as given), then by depth below the topmost parent, then by scope and key.

    A kind that is not in ``kinds`` comes last.
    """
    found = list(operations)
    stage = {kind: number for number, kind in enumerate(kinds)}
    parents = {op.ref: op.parent for op in found}

    def depth(ref: Ref) -> int:
        levels, seen = 0, {ref}
        parent = parents.get(ref)
        while parent is not None and parent in parents and parent not in seen:
            seen.add(parent)
            levels += 1
            parent = parents[parent]
        return levels

    def place(op: Operation) -> tuple[int, str, int, str, str]:
        scope = op.scope.key if op.scope else ""
        return stage.get(op.ref.kind, len(stage)), op.ref.kind, depth(op.ref), scope, op.ref.key

    return tuple(sorted(found, key=place))


def batches(operations: Sequence[Operation], size: int) -> Iterator[tuple[Operation, ...]]:
    """Cut a run of operations of one kind into pieces that one request can carry.

    A piece holds one scope, one partition and one way of writing, at most ``size`` operations,
    and never a record together with its own parent.
    """
    piece: list[Operation] = []
    refs: set[Ref] = set()
    for op in operations:
        apart = bool(piece) and _way(piece[0]) != _way(op)
        if apart or len(piece) == size or op.parent in refs:
            yield tuple(piece)
            piece, refs = [], set()
        piece.append(op)
        refs.add(op.ref)
    if piece:
        yield tuple(piece)


def _way(op: Operation) -> tuple[object, ...]:
    return op.target, op.ref.kind, op.scope, op.partition, op.verb == "deactivate", op.writes
