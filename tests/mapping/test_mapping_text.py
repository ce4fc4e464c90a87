"""Text is tidied without loss, and keys make equal what people take for equal."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_records import garbage

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.mapping import (
    address_key,
    check_limits,
    clean,
    email_domain,
    email_key,
    fits,
    normalised_name,
    phone_digits,
    unprintable,
    zip_key,
)
from procore_spectrum.mapping.text import without_markup
from procore_spectrum.models.about import About

KEYS = [address_key, clean, email_key, normalised_name, phone_digits, zip_key]

#: Texts that are likelier than garbage to meet the rules.
WORDS = """The and & Co. L.L.C. Inc J B. O'Brien Müller # Suite St Street N 97201 -1234 1 x12
ext. a@b.co ß İ + PO"""
wordy = st.lists(st.sampled_from(WORDS.split())).map(" ".join)


@pytest.mark.parametrize("key", KEYS)
@given(text=garbage | wordy)
def test_keys_are_idempotent(key: Callable[[str], str], text: str) -> None:
    """Every key is total, and its own result comes back unchanged."""
    once = key(text)
    assert key(once) == once


@pytest.mark.parametrize("key", [*KEYS, email_domain])
def test_keys_of_nothing(key: Callable[[str | None], str]) -> None:
    """None and blank text give a blank key."""
    assert key(None) == key("  \t") == ""


@pytest.mark.parametrize("key", [*KEYS, email_domain])
def test_keys_refuse_other_types(key: Callable[[object], str]) -> None:
    """A number is refused with our own error."""
    with pytest.raises(InvalidValueError):
        key(5.0)


@given(garbage)
def test_clean_loses_only_white_space(text: str) -> None:
    """Nothing but white space goes."""
    assert "".join(clean(text).split()) == "".join(text.split())


@given(st.text().filter(lambda text: "<" not in text and "&" not in text))
def test_text_without_markup_stays(text: str) -> None:
    """Nothing goes from a text that has no tag and no entity."""
    assert without_markup(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, ""),
        ("<p>One</p><P class='x'>t<b>w</b>o</p>", "One two"),
        ("5 &lt; 6 &amp; 7 > 3", "5 < 6 & 7 > 3"),
        ("5 < 6", "5 < 6"),
        ("a<br/>b<ul><li>c</li></ul>", "a b c"),
        ("&lt;b&gt; is bold", "<b> is bold"),
        ("<unfinished", "<unfinished"),
    ],
)
def test_markup_goes_and_words_stay(text: str | None, words: str) -> None:
    """Tags end words only where a line or a cell ends; entities become what they mean."""
    assert clean(without_markup(text)) == words


@given(garbage, st.integers(0, 50))
def test_fits(text: str, limit: int) -> None:
    """Exactly the texts that are longer than the limit are reported, with their path."""
    fault = fits(text, limit, "name")
    assert (fault is not None) == (len(text) > limit)
    assert fault is None or (fault.code, fault.path) == ("too-long", "name")


def test_fits_without_limit() -> None:
    """An unknown limit is no limit."""
    assert fits("x" * 10_000, None, "name") is None


def test_unprintable() -> None:
    """Control characters are reported by their number."""
    fault = unprintable("a\x00b\x07", "name")
    assert fault is not None
    assert "U+0000, U+0007" in fault.message
    assert unprintable("Ærø Ångström 東京", "name") is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Smith & Sons, Inc.", "SMITH AND SONS"),
        ("The Acme Company", "acme"),
        ("Müller GmbH", "MULLER"),
        ("J. B. Hunt", "JB Hunt"),
        ("O'Brien Bros. L.L.C.", "OBrien Bros LLC"),
        ("Brown & Co", "Brown"),
        ("A+B Paving", "A & B Paving"),
        ("Straße Bau", "STRASSE BAU"),
    ],
)
def test_names_that_are_one(left: str, right: str) -> None:
    """Spelling habits do not tell companies apart."""
    assert normalised_name(left) == normalised_name(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [("Smith Paving", "Smith Plumbing"), ("The Co", "Acme Co"), ("Acme 1", "Acme 2")],
)
def test_names_that_differ(left: str, right: str) -> None:
    """What is left of a name still tells companies apart."""
    assert normalised_name(left) != normalised_name(right)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("(503) 555-0142", "5035550142"),
        ("+1 503 555 0142", "5035550142"),
        ("1-503-555-0142 ext. 12", "5035550142"),
        ("503.555.0142 x7", "5035550142"),
        ("+44 20 7946 0018", "442079460018"),
    ],
)
def test_phone_digits(text: str, digits: str) -> None:
    """Only the number itself remains."""
    assert phone_digits(text) == digits


@pytest.mark.parametrize(
    ("text", "key", "domain"),
    [
        (" Joe@Acme.Example ", "joe@acme.example", "acme.example"),
        ("n/a", "", ""),
        ("a@b.co; c@d.co", "", ""),
        ("a@@b.co", "", ""),
        ("@b.co", "", ""),
        ("a@localhost", "", ""),
    ],
)
def test_email(text: str, key: str, domain: str) -> None:
    """One well-formed address is a key; anything else is none."""
    assert (email_key(text), email_domain(text)) == (key, domain)


@pytest.mark.parametrize(
    "text",
    ["12 North Main Street, Suite #4", "12 N. Main St. Ste 4", "12 n main st # 4"],
)
def test_address_key(text: str) -> None:
    """Usual words count the same, long or short."""
    assert address_key(text) == "12 n main st ste 4"


@pytest.mark.parametrize(
    ("text", "key"),
    [("97201-1234", "97201"), ("97201", "97201"), ("k1a 0b1", "K1A0B1"), ("1234", "1234")],
)
def test_zip_key(text: str, key: str) -> None:
    """The +4 of a US ZIP is dropped; other codes keep all their signs."""
    assert zip_key(text) == key


@attrs.frozen
class _Target:
    """A target with limits."""

    name: Annotated[str, About("name", length=5)]
    status: Annotated[str, About("status", values=("open", "closed"))]
    amount: Annotated[Decimal, About("amount", digits=(3, 2))]
    free: Annotated[Decimal, About("any number")]
    path: Annotated[tuple[str, ...], About("codes", length=2)]
    days: Annotated[int, About("days", digits=(3, 0), signed=False, required=True)]
    units: Annotated[Decimal, About("units", digits=(9, 2), length=9)]
    flag: Annotated[bool, About("flag", digits=(0, 0))]


@pytest.mark.parametrize(
    ("name", "value", "code", "path"),
    [
        ("name", "123456", "too-long", "name"),
        ("name", "a\x00", "unprintable", "name"),
        ("status", "ajar", "not-allowed", "status"),
        ("amount", Decimal(1000), "out-of-range", "amount"),
        ("amount", Decimal("1.005"), "out-of-range", "amount"),
        ("amount", Decimal("Infinity"), "not-a-number", "amount"),
        ("free", Decimal("NaN"), "not-a-number", "free"),
        ("path", ("03", "100"), "too-long", "path[1]"),
        ("unknown", "\x01", "unprintable", "unknown"),
        ("days", 1000, "out-of-range", "days"),
        ("days", -1, "out-of-range", "days"),
        ("days", Decimal("0.5"), "out-of-range", "days"),
        ("units", Decimal("1234567.89"), "out-of-range", "units"),
        ("units", Decimal("1E+999999999"), "out-of-range", "units"),
    ],
)
def test_limits_broken(name: str, value: str | Decimal, code: str, path: str) -> None:
    """Each limit of the target is reported with the field that breaks it."""
    assert [(v.code, v.path) for v in check_limits(_Target, {name: value})] == [(code, path)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "12345"),
        ("name", None),
        ("status", "open"),
        ("amount", Decimal("-999.99")),
        ("amount", Decimal("1.5000")),
        ("amount", Decimal("0E+9")),
        ("amount", Decimal("9.9E+2")),
        ("free", Decimal("1E+99")),
        ("path", ("03",)),
        ("unknown", "x" * 9999),
        ("days", 999),
        ("days", 0),
        ("days", Decimal("12.0")),
        ("units", Decimal("123456.78")),
        ("units", Decimal("1234567.80")),
        ("units", Decimal("-123456.7")),
        ("units", Decimal("0E+99")),
        ("flag", True),
    ],
)
def test_limits_kept(name: str, value: str | Decimal | None) -> None:
    """Values at the limit pass."""
    assert check_limits(_Target, {name: value}) == ()


@pytest.mark.parametrize("fields", [{}, {"days": None}])
def test_required_values(fields: dict[str, None]) -> None:
    """What the target demands is missed only when asked for, as for a new record."""
    assert check_limits(_Target, fields) == ()
    assert [(v.code, v.path) for v in check_limits(_Target, fields, required=True)] == [
        ("required", "days")
    ]
    assert check_limits(_Target, {"days": 0}, required=True) == ()


def test_a_violation_of_a_limit_says_all() -> None:
    """Value, limit and remedy are in the text."""
    (fault,) = check_limits(_Target, {"amount": Decimal("-1000.001")})
    assert str(fault) == (
        "amount: -1000.001 has more than 3 digits before or 2 after the point "
        "(correct it in the system it comes from; it is never rounded)"
    )


def test_every_fault_is_reported() -> None:
    """Several faults of several fields come together, in the order of the fields."""
    faults = check_limits(_Target, {"name": "abcdef\x00", "status": "?"})
    assert [v.code for v in faults] == ["too-long", "unprintable", "not-allowed"]
