"""Reads a listing whole although Spectrum cuts listings off, by reading it in pieces.

A listing that was cut off is read again as two pieces that exclude each other and together
cover it: some of the values that were seen, and everything but those. Values that nobody has
seen are in the second piece, so nothing can be lost. Pieces that are still too large are split
again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar

import attrs

from procore_spectrum.errors import IncompleteReadError, UnreadableReplyError
from procore_spectrum.spectrum.calls import Result
from procore_spectrum.spectrum.superselect import Selection, is_safe, none_of, one_of

__all__ = ["Axis", "Leaf", "Scope", "Splitter"]

T = TypeVar("T")

Scope: TypeAlias = Mapping[str, Selection]
_EVERYTHING = none_of(())


@attrs.frozen
class Axis(Generic[T]):
    """A parameter by which a listing can be split.

    Args:
        name: the parameter's name in the scope.
        value: an item's value; None where the answer does not tell.
        known: values that may exist although they were not seen.
        alone: the parameter takes one value at a time, and ``known`` are all that there are.
    """

    name: str
    value: Callable[[T], str | None]
    known: tuple[str, ...] = ()
    alone: bool = False

    def halves(self, current: Selection, items: Sequence[T]) -> tuple[Selection, ...]:
        """Selections that exclude each other and cover the current one; empty if impossible."""
        if self.alone:
            whole = current == _EVERYTHING
            return tuple(one_of([value]) for value in self.known) if whole else ()
        seen = Counter(value for item in items if (value := self.value(item)))
        if not current.excluded:
            left = _half(Counter({value: seen[value] for value in current.values}))
            right = set(current.values) - left
            return (one_of(left), one_of(right)) if left and right else ()
        candidates = {
            value: seen[value]
            for value in {*seen, *self.known}
            if is_safe(value) and value not in current.values
        }
        left = _half(Counter(candidates)) or set(candidates)
        return (one_of(left), none_of({*current.values, *left})) if left else ()


def _half(weights: Counter[str]) -> set[str]:
    """About half of the weight, heaviest first; never everything, so possibly nothing."""
    sides: tuple[set[str], set[str]] = (set(), set())
    weight = [0, 0]
    for value, count in sorted(weights.items(), key=lambda pair: (-pair[1], pair[0])):
        lighter = 0 if weight[0] <= weight[1] else 1
        sides[lighter].add(value)
        weight[lighter] += count or 1
    return sides[1]


@attrs.frozen(kw_only=True)
class Leaf(Generic[T]):
    """A piece that was not cut off."""

    scope: Scope
    items: tuple[T, ...]


@attrs.frozen(kw_only=True)
class Splitter(Generic[T]):
    """Reads whole listings.

    Args:
        kind: what is read, for errors.
        fetch: reads one piece.
        key: an item's identity.
        axes: by what to split, most preferred first.
    """

    kind: str
    fetch: Callable[[Scope], Result[T]]
    key: Callable[[T], Hashable]
    axes: tuple[Axis[T], ...]

    def read(self, scope: Scope) -> tuple[Leaf[T], ...]:
        """Everything in the scope, as pieces that exclude each other.

        Raises:
            IncompleteReadError: a piece is too large and cannot be split, or an item that was
                seen has gone.
            UnreadableReplyError: Spectrum answered what was not asked for.
        """
        result = self.fetch(scope)
        self._check(scope, result)
        if not result.capped:
            return (Leaf(scope=scope, items=result.items),)
        for axis in self.axes:
            halves = axis.halves(scope.get(axis.name, _EVERYTHING), result.items)
            if halves:
                return self._read_pieces(result, [{**scope, axis.name: half} for half in halves])
        raise IncompleteReadError(
            f"Spectrum cut the listing of {self.kind} off, and it cannot be split any further",
            path=_words(self.kind, scope),
            hint="raise Spectrum's row cap, or read a narrower scope",
        )

    def _read_pieces(self, result: Result[T], pieces: Sequence[Scope]) -> tuple[Leaf[T], ...]:
        leaves = tuple(leaf for piece in pieces for leaf in self.read(piece))
        found = {self.key(item) for leaf in leaves for item in leaf.items}
        lost = [item for item in result.items if self.key(item) not in found]
        if lost:
            raise IncompleteReadError(
                f"{len(lost)} records were listed and then not found in pieces of the listing",
                path=_words(self.kind, pieces[0]),
                hint="they may have changed meanwhile; read again",
            )
        return leaves

    def _check(self, scope: Scope, result: Result[T]) -> None:
        for axis in self.axes:
            wanted = scope.get(axis.name, _EVERYTHING)
            for item in result.items:
                value = axis.value(item)
                if value is not None and not _folded(wanted).matches(value.casefold()):
                    raise UnreadableReplyError(
                        f"Spectrum listed {axis.name} {value!r}, which was not asked for",
                        path=_words(self.kind, scope),
                    )


def _folded(selection: Selection) -> Selection:
    return attrs.evolve(selection, values=tuple(value.casefold() for value in selection.values))


def _words(kind: str, scope: Scope) -> str:
    parts = (f"{name}={selection.text}" for name, selection in scope.items() if selection.text)
    return " ".join([kind, *parts])
