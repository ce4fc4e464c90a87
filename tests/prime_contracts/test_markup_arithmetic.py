"""Markups: exact to the cent, and nothing is lost on the way to the lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.mapping.markups import MarkedLine, mark_up, spread
from procore_spectrum.models.procore import (
    Markup,
    MarkupCompound,
    MarkupCondition,
    MarkupConditionItem,
)

cents = st.integers(-(10**11), 10**11).map(lambda number: Decimal(number).scaleb(-2))
percents = st.decimals(-50, 150, places=4)


def lines_of(*amounts: str, items: Sequence[int] | None = None) -> list[MarkedLine]:
    """Lines 1, 2, 3 … of these amounts; each on the segment item at its place."""
    return [
        MarkedLine(
            id=number,
            amount=Decimal(amount),
            segment_items=None if items is None else frozenset({items[number - 1]}),
        )
        for number, amount in enumerate(amounts, start=1)
    ]


def markup(number: int, percentage: str, kind: str = "horizontal", **fields: Any) -> Markup:
    """A markup at the place of its number."""
    values = {"position": number, "name": f"M{number}", **fields}
    return Markup(id=number, percentage=Decimal(percentage), markup_set=kind, **values)


def compound(kind: str, *selections: int) -> MarkupCompound:
    """How a markup is taken on others."""
    return MarkupCompound(type=kind, selections=selections)


def added(found: Any) -> list[str]:
    """What is added to each line."""
    return [str(amount) for amount in found.on_lines.values()]


# ---------------------------------------------------------------- properties


def half_up(exact: Fraction) -> int:
    """Whole cents, halves away from zero: another way to round than that of the library."""
    sign = -1 if exact < 0 else 1
    return sign * int((abs(exact) * 2 + 1) // 2)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[MarkedLine], list[Markup]]:
    """Lines, and markups that can be calculated."""
    amounts = draw(st.lists(cents, min_size=1, max_size=6))
    lines = [MarkedLine(id=n, amount=amount) for n, amount in enumerate(amounts, start=1)]
    markups = []
    for number in range(1, draw(st.integers(0, 5)) + 1):
        kind = draw(st.sampled_from(["", "above", "selective", "margin"]))
        percentage = draw(percents.filter(lambda p, k=kind: k != "margin" or p < 99))
        chosen = draw(st.lists(st.integers(1, 5), max_size=3)) if kind == "selective" else ()
        markups.append(
            Markup(
                id=number,
                position=number,
                percentage=percentage,
                markup_set=draw(st.sampled_from(["horizontal", "change_orders_vertical"])),
                compound=MarkupCompound(type=kind or None, selections=tuple(chosen)),
            )
        )
    return lines, markups


def expected(lines: list[MarkedLine], markups: list[Markup], *, on_horizontal: bool) -> int:
    """The sum of all markups in cents, calculated with fractions, markup by markup."""
    bases = {line.id: int(line.amount * 100) for line in lines}
    total, done = 0, {}

    def taken(base: Fraction, found: Markup) -> int:
        share = Fraction(found.percentage or 0) / 100
        if found.compound and found.compound.type == "margin":
            share = share / (1 - share)
        return half_up(base * share)

    def below(found: Markup) -> list[dict[int, int]]:
        kind = found.compound.type if found.compound else None
        if kind == "selective" and found.compound:
            return [done[place] for place in set(found.compound.selections) if place in done]
        return list(done.values()) if kind == "above" else []

    for found in (m for m in markups if m.markup_set == "horizontal"):
        part = {
            name: taken(Fraction(base + sum(b[name] for b in below(found))), found)
            for name, base in bases.items()
        }
        done[found.id] = part
        total += sum(part.values())
    if on_horizontal:
        for part in done.values():
            for name, amount in part.items():
                bases[name] += amount
    done = {}
    for found in (m for m in markups if m.markup_set != "horizontal"):
        whole = sum(bases.values()) + sum(b[0] for b in below(found))
        done[found.id] = {0: taken(Fraction(whole), found)}
        total += done[found.id][0]
    return total


@given(table=tables(), on_horizontal=st.booleans())
def test_nothing_is_lost_or_made_on_the_way_to_the_lines(
    table: tuple[list[MarkedLine], list[Markup]], *, on_horizontal: bool
) -> None:
    """The parts of the lines add up to what fractions say, to the cent; order does not matter."""
    lines, markups = table
    found = mark_up(lines, markups, vertical_on_horizontal=on_horizontal)
    assert not found.violations
    assert found.total == Decimal(expected(lines, markups, on_horizontal=on_horizontal)) / 100
    assert all(part == part.quantize(Decimal("0.01")) for part in found.on_lines.values())
    again = mark_up(lines, reversed(markups), vertical_on_horizontal=on_horizontal)
    assert again == found


@given(cents, st.dictionaries(st.integers(1, 9), cents, min_size=1))
def test_parts_are_the_whole(amount: Decimal, bases: dict[int, Decimal]) -> None:
    """Whatever the bases: none, of both signs, or adding up to nothing."""
    parts = spread(amount, bases)
    assert sum(parts.values()) == amount
    assert set(parts) == set(bases)
    assert all(part == part.quantize(Decimal("0.01")) for part in parts.values())


@given(cents, st.dictionaries(st.integers(1, 9), cents.map(abs), min_size=1))
def test_each_part_is_its_share_to_the_cent(amount: Decimal, bases: dict[int, Decimal]) -> None:
    """No part is a whole cent away from its exact share."""
    total = sum(bases.values())
    if total:
        for name, part in spread(amount, bases).items():
            share = Fraction(amount) * Fraction(bases[name]) / Fraction(total)
            assert abs(Fraction(part) - share) < Fraction(1, 100)


def test_nothing_is_spread_over_nothing() -> None:
    """No lines, or an amount of zero on lines of zero."""
    assert spread(Decimal(5), {}) == {}
    assert spread(Decimal(0), {1: Decimal(0)}) == {1: 0}


# ---------------------------------------------------------------- by hand


def test_a_horizontal_markup_is_rounded_on_each_line() -> None:
    """Halves go away from zero, on both sides of it."""
    found = mark_up(lines_of("0.10", "-0.10", "10.00"), [markup(1, "5")])
    assert added(found) == ["0.01", "-0.01", "0.50"]


def test_a_vertical_markup_is_rounded_once() -> None:
    """5 % of 0.30 are 0.015, so 0.02: the cents go to the largest remainders, then by place."""
    found = mark_up(lines_of("0.10", "0.10", "0.10"), [markup(1, "5", "vertical")])
    assert added(found) == ["0.01", "0.01", "0.00"]


def test_vertical_on_horizontal_is_a_choice() -> None:
    """Ten percent on a hundred, then ten percent on 110 or on 100."""
    both = [markup(2, "10", "vertical"), markup(1, "10")]
    assert added(mark_up(lines_of("100"), both)) == ["21.00"]
    assert added(mark_up(lines_of("100"), both, vertical_on_horizontal=False)) == ["20.00"]


@pytest.mark.parametrize(
    ("how", "percentage", "total"),
    [
        (None, "10", "30.00"),
        (compound("above"), "10", "32.00"),
        (compound("selective", 1), "10", "31.00"),
        (compound("selective", 7), "10", "30.00"),
        (compound("margin"), "20", "45.00"),
    ],
)
def test_markups_on_markups(how: MarkupCompound | None, percentage: str, total: str) -> None:
    """On all above, on chosen ones, or as a share of the sum that it leads to."""
    first, second = markup(1, "10"), markup(2, "10")
    found = mark_up(lines_of("100"), [first, second, markup(3, percentage, compound=how)])
    assert str(found.total) == total


def test_the_place_of_a_markup_decides_and_not_its_id() -> None:
    """The younger markup stands above; the older one is taken on it too."""
    above = markup(2, "10", position=1)
    below = markup(1, "10", position=2, compound=compound("above"))
    assert str(mark_up(lines_of("100"), [below, above]).total) == "21.00"


def test_a_markup_may_be_borne_by_a_line_of_the_contract() -> None:
    """It is added to no line of the change order."""
    found = mark_up(
        lines_of("100", "50"),
        [markup(1, "10", prime_line_item_id=9), markup(2, "10", "vertical", prime_line_item_id=9)],
    )
    assert (added(found), found.on_items, found.total) == (
        ["0", "0"],
        {9: Decimal("31.50")},
        Decimal("31.50"),
    )


def condition(match: str, *items: int) -> MarkupCondition:
    """A condition on segment items."""
    named = tuple(MarkupConditionItem(wbs_segment_item_id=item) for item in items)
    return MarkupCondition(match_type=match, markup_condition_items=named)


@pytest.mark.parametrize(
    ("conditions", "everywhere", "wanted"),
    [
        ((condition("includes", 1),), False, ["10.00", "0"]),
        ((condition("excludes", 1),), False, ["0", "10.00"]),
        ((condition("includes", 1), condition("excludes", 1)), False, ["0", "0"]),
        ((condition("includes", 1),), True, ["10.00", "10.00"]),
        ((), False, ["10.00", "10.00"]),
    ],
)
def test_markups_count_for_some_codes(
    *, conditions: tuple[MarkupCondition, ...], everywhere: bool, wanted: list[str]
) -> None:
    """All conditions have to be fulfilled, unless it counts for all."""
    values = {"markup_conditions": conditions, "applies_to_all": everywhere}
    lines = lines_of("100", "100", items=[1, 2])
    assert added(mark_up(lines, [markup(1, "10", **values)])) == wanted
    whole = mark_up(lines, [markup(1, "10", "vertical", **values)])
    assert [Decimal(part) for part in added(whole)] == [Decimal(part) for part in wanted]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (markup(1, "10", "diagonal"), "markup-unknown"),
        (markup(1, "10", compound=compound("daily")), "markup-unknown"),
        (markup(1, "100", compound=compound("margin")), "markup-margin"),
        (markup(1, "NaN"), "markup-percentage"),
        (markup(1, "1e99"), "markup-percentage"),
        (markup(1, "5", markup_conditions=(condition("includes", 1),)), "markup-condition"),
    ],
)
def test_what_cannot_be_calculated_adds_nothing(wrong: Markup, code: str) -> None:
    """And is told."""
    found = mark_up(lines_of("100"), [markup(2, "10"), wrong])
    assert [violation.code for violation in found.violations] == [code]
    assert found.total == 0


def test_a_markup_without_percentage_or_name_is_nothing() -> None:
    """As one of zero."""
    bare = Markup(id=5, markup_set="vertical")
    assert mark_up(lines_of("100"), [bare]).total == 0
    unknown = mark_up(lines_of("100"), [Markup(id=5)])
    assert "markup 5" in unknown.violations[0].message
