"""Financial markups on the lines of a change order, exact to the cent.

A horizontal markup is taken on each line, a vertical one on the subtotal of the lines that it
counts for. A markup may be taken on others too: on all above it (``above``), on chosen ones
(``selective``), or as a margin of the sum that it leads to (``margin``). Each amount is rounded to
the cent, halves away from zero; what a vertical markup adds is then spread over its lines in
proportion, so that the parts are exactly the whole.

In which order Procore calculates is not documented: horizontal ones come first here, each in its
position, and a vertical one is taken on the lines with their horizontal markups or without, by
choice.

Source: Procore API reference, Financial Markups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.models.procore import Markup, MarkupCondition

__all__ = ["MarkedLine", "MarkedUp", "mark_up", "spread"]

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_MOST = Decimal(10_000)
_ZERO = Decimal(0)
_COMPOUNDS = (None, "", "above", "selective", "margin")


@attrs.frozen(kw_only=True)
class MarkedLine:
    """A line as markups see it.

    Args:
        id: of the line.
        amount: without markups.
        segment_items: ids of the parts of its budget code, with the parts above them; None when
            they are not known.
    """

    id: int
    amount: Decimal
    segment_items: frozenset[int] | None = None


@attrs.frozen(kw_only=True)
class MarkedUp:
    """What markups make of lines.

    Args:
        on_lines: what is added to each line, by its id; zero where nothing is.
        on_items: what is added to lines of the prime contract that bear a markup themselves, by
            their id.
        violations: markups that cannot be calculated; then nothing is added.
    """

    on_lines: Mapping[int, Decimal]
    on_items: Mapping[int, Decimal] = attrs.field(factory=dict)
    violations: tuple[Violation, ...] = ()

    @property
    def total(self) -> Decimal:
        """All that is added."""
        return sum((*self.on_lines.values(), *self.on_items.values()), _ZERO)


def mark_up(
    lines: Sequence[MarkedLine],
    markups: Iterable[Markup],
    *,
    vertical_on_horizontal: bool = True,
) -> MarkedUp:
    """What these markups add to these lines.

    Args:
        lines: the lines of one change order.
        markups: of its holder; any order.
        vertical_on_horizontal: whether a vertical markup is taken on the lines with their
            horizontal markups.
    """
    ordered = sorted(markups, key=lambda markup: (markup.position or 0, markup.id))
    faults = [fault for markup in ordered for fault in _faults(markup, lines)]
    none = {line.id: _ZERO for line in lines}
    if faults:
        return MarkedUp(on_lines=none, violations=tuple(faults))
    with localcontext(prec=200):
        table = _Table(lines)
        for markup in (m for m in ordered if not _is_vertical(m)):
            table.horizontal(markup)
        table.close(with_markups=vertical_on_horizontal)
        for markup in filter(_is_vertical, ordered):
            table.vertical(markup)
        return MarkedUp(on_lines=table.added, on_items=table.borne)


class _Table:
    """Lines with what was added to them so far."""

    def __init__(self, lines: Sequence[MarkedLine]) -> None:
        self._lines = lines
        self._bases = {line.id: line.amount for line in lines}
        self._of: dict[int, dict[int, Decimal]] = {}
        self._places: dict[int, list[int]] = {}
        self.added = {line.id: _ZERO for line in lines}
        self.borne: dict[int, Decimal] = {}

    def horizontal(self, markup: Markup) -> None:
        """Take a markup on each line."""
        below = self._below(markup)
        found = {
            line.id: _taken(
                self._bases[line.id] + sum((part.get(line.id, _ZERO) for part in below), _ZERO),
                markup,
            )
            for line in self._lines
            if _counts(markup, line)
        }
        self._enter(markup, found)

    def close(self, *, with_markups: bool) -> None:
        """End the horizontal markups: what vertical ones are taken on."""
        if with_markups:
            for parts in self._of.values():
                for line_id, part in parts.items():
                    self._bases[line_id] += part
        self._of, self._places = {}, {}

    def vertical(self, markup: Markup) -> None:
        """Take a markup on the subtotal, and spread it."""
        chosen = [line for line in self._lines if _counts(markup, line)]
        bases = {line.id: self._bases[line.id] for line in chosen}
        below = sum((sum(part.values(), _ZERO) for part in self._below(markup)), _ZERO)
        amount = _taken(sum(bases.values(), _ZERO) + below, markup)
        self._enter(markup, spread(amount, bases))

    def _below(self, markup: Markup) -> list[Mapping[int, Decimal]]:
        """The markups of the same direction that this one is taken on too."""
        compound = markup.compound
        kind = compound.type if compound else None
        if kind == "selective" and compound is not None:
            chosen = {at for place in compound.selections for at in self._places.get(place, ())}
            return [self._of[number] for number in sorted(chosen)]
        return list(self._of.values()) if kind == "above" else []

    def _enter(self, markup: Markup, found: Mapping[int, Decimal]) -> None:
        self._of[markup.id] = dict(found)
        self._places.setdefault(markup.position or 0, []).append(markup.id)
        if markup.prime_line_item_id is not None:
            bearer = int(markup.prime_line_item_id)
            self.borne[bearer] = self.borne.get(bearer, _ZERO) + sum(found.values(), _ZERO)
            return
        for line_id, part in found.items():
            self.added[line_id] += part


def spread(amount: Decimal, bases: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """An amount of whole cents in parts that are in proportion to the bases, as far as cents go.

    The cents that are left over go to the largest remainders, so that the sum is exact. Bases
    that add up to nothing are taken by their size.
    """
    total = sum(bases.values(), _ZERO)
    weights = bases if total else {name: abs(base) for name, base in bases.items()}
    total = total or sum(weights.values(), _ZERO)
    if not bases or (not total and not amount):
        return dict.fromkeys(bases, _ZERO)
    if not total:
        weights, total = dict.fromkeys(bases, Decimal(1)), Decimal(len(bases))
    with localcontext(prec=200):
        exact = {name: amount * weight / total for name, weight in weights.items()}
        parts = {name: part.quantize(_CENT, ROUND_DOWN) for name, part in exact.items()}
        left = amount - sum(parts.values(), _ZERO)
        cent = _CENT if left > 0 else -_CENT
        most = sorted(parts, key=lambda name: ((parts[name] - exact[name]) * (cent / _CENT), name))
        for number in range(int(left / cent)):
            parts[most[number % len(most)]] += cent
    return parts


def _taken(base: Decimal, markup: Markup) -> Decimal:
    percent = markup.percentage or _ZERO
    if markup.compound is not None and markup.compound.type == "margin":
        return (base * percent / (_HUNDRED - percent)).quantize(_CENT, ROUND_HALF_UP)
    return (base * percent / _HUNDRED).quantize(_CENT, ROUND_HALF_UP)


def _is_vertical(markup: Markup) -> bool:
    return (markup.markup_set or "").endswith("vertical")


# ---------------------------------------------------------------- which lines


def _counts(markup: Markup, line: MarkedLine) -> bool:
    if markup.applies_to_all or not markup.markup_conditions:
        return True
    return all(_fulfils(condition, line) for condition in markup.markup_conditions)


def _fulfils(condition: MarkupCondition, line: MarkedLine) -> bool:
    named = {item.wbs_segment_item_id for item in condition.markup_condition_items}
    is_named = bool(named & (line.segment_items or frozenset()))
    return is_named if condition.match_type == "includes" else not is_named


def _faults(markup: Markup, lines: Sequence[MarkedLine]) -> Iterable[Violation]:
    name = markup.name or f"markup {markup.id}"
    kind = markup.compound.type if markup.compound else None
    if kind not in _COMPOUNDS or not (markup.markup_set or "").endswith(("vertical", "horizontal")):
        yield Violation(
            code="markup-unknown",
            message=f"how {name} is calculated is not known: {markup.markup_set}, {kind}",
            path="markups",
            hint="take it off, and add its amount as a line",
        )
    percent = markup.percentage or _ZERO
    if not percent.is_finite() or abs(percent) > _MOST:
        yield Violation(
            code="markup-percentage",
            message=f"{name} is {percent!s:.20} percent",
            path="markups",
            hint="correct it in Procore",
        )
    elif kind == "margin" and percent >= _HUNDRED:
        yield Violation(
            code="markup-margin",
            message=f"{name} is a margin of {markup.percentage} percent",
            path="markups",
            hint="a margin is less than 100 percent",
        )
    is_limited = bool(markup.markup_conditions) and not markup.applies_to_all
    if is_limited and any(line.segment_items is None for line in lines):
        yield Violation(
            code="markup-condition",
            message=f"for which lines {name} counts cannot be told",
            path="markups",
            hint="the budget codes of the lines cannot be read; check the permissions",
        )
