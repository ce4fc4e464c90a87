"""Values: one spelling for each meaning, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_strategies import fields, texts, values

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.plan.records import fingerprint
from procore_spectrum.plan.values import (
    canonical,
    digest,
    from_canonical,
    meaning,
    plain,
    same,
    show,
)


def meant(value: Any) -> Any:
    """What a value means, said without the library: its type and its content."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or (isinstance(value, str | tuple) and not value):
        return None
    if isinstance(value, bool):
        return "yes or no", value
    if isinstance(value, int | Decimal):
        return "number", value  # 1.0 == 1 in Python
    if isinstance(value, tuple):
        return "list", tuple(item.strip() for item in value)
    return type(value), value


@given(values, values)
def test_equal_spelling_is_equal_meaning(left: Any, right: Any) -> None:
    """Two values are spelled alike exactly when they mean the same."""
    assert (canonical(left) == canonical(right)) == (meant(left) == meant(right))
    assert same(left, right) == (meant(left) == meant(right))


@given(values)
def test_values_come_back(value: Any) -> None:
    """Reading a spelling gives a value of the same meaning, which is spelled the same again."""
    back = from_canonical(canonical(value))
    assert meant(back) == meant(value)
    assert canonical(back) == canonical(value)


@given(st.integers(-(10**60), 10**60), st.integers(-100, 40))
def test_numbers_are_exact(digits: int, shift: int) -> None:
    """Any number of digits survives, whatever the decimal context holds; no e is left in it."""
    number = Decimal(f"{digits}e{shift}")
    back = from_canonical(canonical(number))
    assert isinstance(back, Decimal)
    assert back == number
    assert back.as_tuple().exponent in range(-100, 1)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_cents_do_not_change_the_meaning(number: Decimal) -> None:
    """An amount with more zeros behind the point is the same amount."""
    longer = Decimal(f"{number:f}000") if "." in f"{number:f}" else number
    assert same(number, longer)


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e101"),
        Decimal("1e-101"),
        Decimal("-1e999999"),
        datetime(2024, 3, 1, tzinfo=UTC),
        b"bytes",
        ["a"],
        ("a", 1),
        ("a", None),
        ("a\x1fb",),
        "half \ud800 pair",
        ("\udfff",),
        object(),
    ],
)
def test_other_values_are_refused(value: Any) -> None:
    """Floats, moments, absurd numbers and broken text have no spelling."""
    with pytest.raises(InvalidValueError):
        canonical(value)


@pytest.mark.parametrize("exponent", [-100, 100])
def test_the_largest_exponents_fit(exponent: int) -> None:
    """A hundred zeros are just not too many."""
    number = Decimal(f"1e{exponent}")
    assert from_canonical(canonical(number)) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        ("  ", "-"),
        ((), "-"),
        (" a ", "s:a"),
        (True, "b:1"),
        (False, "b:0"),
        (0, "n:0"),
        (Decimal("-0.00"), "n:0"),
        (Decimal("0e500"), "n:0"),
        (1200, "n:12e2"),
        (Decimal("-1.50"), "n:-15e-1"),
        (date(2024, 3, 1), "d:2024-03-01"),
        (("a ", "b"), "t:a\x1fb"),
        (("",), "t:"),
        (("", " "), "t:\x1f"),
    ],
)
def test_spellings(value: Any, text: str) -> None:
    """The spellings are part of the store's format and do not change."""
    assert canonical(value) == text


@given(
    st.text(max_size=12) | st.sampled_from("bsndt-").flatmap(lambda t: texts.map(f"{t}:".__add__))
)
def test_reading_is_strict(text: str) -> None:
    """Whatever is read is exactly the spelling of something; all else is refused."""
    try:
        value = from_canonical(text)
    except InvalidValueError:
        return
    assert canonical(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x:1",
        "b:2",
        "b:",
        "s:",
        "s: a",
        "n:",
        "n:1",
        "n:10e0",
        "n:1e101",
        "n:1e-101",
        "n:NaN",
        "n:Infinity",
        "n:1e99999999999999999999",
        "n:-0",
        "d:20240301",
        "d:2024-13-01",
        "t: a",
        "s:\ud800",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    """There is one spelling for each value, and no other is read."""
    with pytest.raises(InvalidValueError, match="canonical"):
        from_canonical(text)


@given(fields(values), fields(values))
def test_fingerprints_are_equal_for_equal_meaning(left: Any, right: Any) -> None:
    """Two sets of values share a fingerprint exactly when they mean the same; blank is nothing."""

    def told(found: Any) -> Any:
        return {name: meant(value) for name, value in found.items() if meant(value) is not None}

    assert (fingerprint(left) == fingerprint(right)) == (told(left) == told(right))
    assert (meaning(left) == meaning(right)) == (told(left) == told(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"name": "x=-"}, {}),
        ({"a": "1\x1eb=s:2"}, {"a": "1", "b": "2"}),
        ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}),
    ],
)
def test_separators_in_text_forge_no_fingerprint(left: Any, right: Any) -> None:
    """Text that looks like the seams between values is still only text."""
    assert fingerprint(left) != fingerprint(right)


def test_a_digest_survives_broken_text() -> None:
    """A key with half a surrogate pair has a digest like any other."""
    assert len(digest(["\ud800"])) == 32
    assert digest(["\ud800"]) != digest(["?"])


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (Decimal("1.50"), "1.50"),
        (date(2024, 3, 1), "2024-03-01"),
        (("a", "b"), ["a", "b"]),
        (7, 7),
        (True, True),
        ("a", "a"),
        (None, None),
    ],
)
def test_plain_values_for_json(value: Any, wanted: Any) -> None:
    """Numbers with a point and days become text; the rest stays as JSON has it."""
    found = plain(value)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "–"),
        ("  ", "–"),
        (" a ", "a"),
        (True, "yes"),
        (False, "no"),
        (("a", "b"), "a, b"),
        (Decimal("1234567.50"), "1,234,567.50"),
        (Decimal("1e3"), "1,000"),
        (7, "7"),
        (date(2024, 3, 1), "2024-03-01"),
    ],
)
def test_shown_values(value: Any, wanted: str) -> None:
    """A person reads money with thousands separated, and blank as a dash."""
    assert show(value) == wanted
