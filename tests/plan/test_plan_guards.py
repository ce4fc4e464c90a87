"""The guards, at both sides of each limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.plan.operations import Create, Deactivate, FieldChange, Held, Link, Update
from procore_spectrum.plan.plan import GuardSettings, check_guards
from procore_spectrum.plan.records import Ref

USUAL = GuardSettings()


def many(kind: type[Any], count: int, record: str = "vendor", **parts: Any) -> list[Any]:
    """So many operations of one type."""
    return [
        kind(feature="f", ref=Ref(record, str(number)), title="", **parts)
        for number in range(count)
    ]


@pytest.mark.parametrize("kind", [Update, Deactivate])
@pytest.mark.parametrize(
    ("changed", "linked", "stopped"),
    [
        (30, 100, False),
        (31, 100, True),
        (9, 9, False),
        (10, 10, True),
        (10, 34, False),
        (10, 33, True),
    ],
)
def test_the_share_of_changed_records(kind: Any, changed: int, linked: int, stopped: Any) -> None:
    """More than 30 % of at least ten records stop a run."""
    found = check_guards(many(kind, changed), {"vendor": linked}, USUAL)
    assert [guard.code for guard in found] == (["guard-share"] if stopped else [])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 20), st.integers(0, 100))
def test_the_share_is_exact(changed: int, linked: int, least: int, percent: int) -> None:
    """The limit is met to the record, also where fewer are linked than change."""
    settings = GuardSettings(max_share=Decimal(percent) / 100, min_records=least)
    found = check_guards(many(Update, changed), {"vendor": linked}, settings)
    over = changed * 100 > percent * max(linked, changed)
    assert bool(found) == (changed > 0 and changed >= least and over)


def test_each_kind_is_counted_for_itself() -> None:
    """Many changes of one kind are not hidden among many records of another."""
    ops = [*many(Update, 20), *many(Update, 20, "project")]
    found = check_guards(ops, {"vendor": 20, "project": 1000}, USUAL)
    assert [(guard.code, guard.path) for guard in found] == [("guard-share", "vendor")]
    assert "20 of 20" in found[0].message
    assert "30%" in found[0].message


def test_only_changes_count() -> None:
    """Creations, held records and links without changes pass; links with changes do not."""
    quiet = [*many(Create, 50), *many(Held, 50), *many(Link, 50)]
    assert check_guards(quiet, {"vendor": 50}, USUAL) == ()
    loud = many(Link, 50, changes=(FieldChange(path="name", source="x"),))
    assert check_guards(loud, {"vendor": 50}, USUAL) != ()


@pytest.mark.parametrize(("count", "codes"), [(300, []), (301, ["guard-projects"])])
def test_the_number_of_new_projects(count: int, codes: list[str]) -> None:
    """More than 300 new projects at once have to be agreed on."""
    assert [g.code for g in check_guards(many(Create, count, "project"), {}, USUAL)] == codes
    assert check_guards(many(Create, count, "cost_code"), {}, USUAL) == ()
    assert check_guards(many(Held, count, "project"), {}, USUAL) == ()
