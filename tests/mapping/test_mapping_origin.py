"""Origin ids are injective, readable and ours alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_records import garbage

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.mapping import Origin, origin_id, parse_origin_id

parts = st.lists(garbage, max_size=4)


@given(garbage, garbage, parts)
def test_round_trip(kind: str, company: str, key: list[str]) -> None:
    """Any key comes back as it was, so no two keys share an origin id."""
    text = origin_id(kind, company, *key)
    assert parse_origin_id(text) == Origin(kind, company, tuple(key))


@given(garbage, garbage, parts)
def test_plain_ascii(kind: str, company: str, key: list[str]) -> None:
    """Whatever the key holds, the origin id is printable ASCII without blanks."""
    text = origin_id(kind, company, *key)
    assert text.isascii()
    assert text.isprintable()
    assert " " not in text


@given(garbage)
def test_parse_is_total(text: str) -> None:
    """Any text is an origin id of ours, spelled just so, or none."""
    origin = parse_origin_id(text)
    assert origin is None or str(origin) == text


@given(st.text("spectrum:ABC%2Ff3aé.", max_size=20).map("spectrum:".__add__))
def test_parse_is_total_close_to_ours(text: str) -> None:
    """Texts that begin like ours are judged without an exception as well."""
    origin = parse_origin_id(text)
    assert origin is None or str(origin) == text


def test_spelling() -> None:
    """The system comes first, then the company, the kind and the key."""
    assert origin_id("vendor", "ABC", "V001") == "spectrum:ABC:vendor:V001"


def test_escapes() -> None:
    """Separators inside a key are escaped."""
    assert origin_id("job", "A:C", "24/01 é") == "spectrum:A%3AC:job:24%2F01%20%C3%A9"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "12345",
        "vista:ABC:vendor:V001",
        "spectrum:ABC",
        "spectrum:ABC:job:24/01",
        "spectrum:ABC:job:%2f",
        "spectrum:ABC:job:%FF",
        "spectrum:ABC:job:é",
    ],
)
def test_foreign(text: str | None) -> None:
    """What origin_id would not have written is not ours."""
    assert parse_origin_id(text) is None


def test_company_and_kind_tell_keys_apart() -> None:
    """The same key in another company, or of another kind, has another origin id."""
    ids = {origin_id(kind, company, "1") for kind in ("job", "vendor") for company in "AB"}
    assert len(ids) == 4


def test_wrong_types() -> None:
    """Numbers are refused with our own error."""
    with pytest.raises(InvalidValueError, match="not int"):
        origin_id("vendor", "ABC", 7)
    with pytest.raises(InvalidValueError, match="not int"):
        parse_origin_id(7)
