"""A mask splits every code that fits it, one way only, and names what is wrong with the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_records import garbage, phase_codes

from procore_spectrum.errors import ConfigurationError, InvalidValueError
from procore_spectrum.mapping import PhaseMask, find_collisions

MASK = PhaseMask.parse("##-####")
SHORT = PhaseMask.parse("##-####", allow_short=True)
MIXED = PhaseMask.parse("AX.##-X")
LETTER = st.characters(min_codepoint=65, max_codepoint=90)


@given(garbage)
def test_total(code: str) -> None:
    """Any text fits, or is refused with a reason; the two never mix."""
    for mask in (MASK, SHORT, MIXED):
        violations = mask.check(code)
        if violations:
            with pytest.raises(InvalidValueError) as caught:
                mask.split(code)
            assert caught.value.violations == violations
        else:
            assert mask.join(mask.split(code)) == code.strip()


@given(phase_codes)
def test_split_and_join(code: str) -> None:
    """Joining the segments gives the code back, so no two codes have the same segments."""
    segments = MASK.split(code)
    assert [len(segment) for segment in segments] == [2, 4]
    assert MASK.join(segments) == code


@given(st.from_regex(r"[0-9]{2,6}", fullmatch=True))
def test_short_codes(code: str) -> None:
    """Where short codes are allowed, the last segment alone is shorter, and never empty."""
    assert (SHORT.check(code) == ()) == (len(code) > 2)
    if len(code) > 2:
        assert SHORT.join(SHORT.split(code)) == code


@given(garbage)
def test_parsing_is_total(text: str) -> None:
    """Any text is a mask or a configuration error."""
    try:
        mask = PhaseMask.parse(text)
    except ConfigurationError:
        return
    assert 1 <= mask.length <= 20
    assert len(mask.delimiters) == len(mask.segments) - 1


def test_names() -> None:
    """Segments are called by usual names unless others are given."""
    assert [s.name for s in MASK.segments] == ["Division", "Cost code"]
    assert [s.name for s in PhaseMask.parse("####").segments] == ["Cost code"]
    usual = [s.name for s in PhaseMask.parse("##-##-##").segments]
    assert usual == ["Division", "Level 2", "Cost code"]
    named = PhaseMask.parse("##-####", names=["Trade", "Phase"])
    assert [s.name for s in named.segments] == ["Trade", "Phase"]


def test_text_and_show() -> None:
    """A mask remembers how it was written, and shows codes that way."""
    assert (MASK.text, MASK.length) == ("##-####", 6)
    assert MASK.show(("03", "1000")) == "03-1000"
    assert MASK.show(("03",)) == "03"
    assert MASK.show(()) == ""
    assert MIXED.show(MIXED.split("A112Z")) == "A1.12-Z"


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("03-1000", ["phase-dashes"]),
        ("03100", ["phase-length"]),
        ("0310000", ["phase-length"]),
        ("", ["phase-length"]),
        (None, ["phase-length"]),
        ("03100A", ["phase-characters"]),
        ("O3100", ["phase-characters", "phase-length"]),
        ("٠٣1000", ["phase-characters", "phase-characters"]),
        (" 031000 ", []),
    ],
)
def test_check(code: str | None, kinds: list[str]) -> None:
    """Each way of not fitting has its own code; all are reported."""
    assert [violation.code for violation in MASK.check(code)] == kinds


def test_check_says_where_and_how() -> None:
    """A violation carries the path it was asked for, and shows the mask."""
    (fault,) = MASK.check("1", "lines[2].phase_code")
    assert fault.path == "lines[2].phase_code"
    assert "##-####" in fault.hint
    assert "not 6" in fault.message
    assert "character 5 of" in MASK.check("0310X0")[0].message
    assert "not 3 to 6" in SHORT.check("1")[0].message


@pytest.mark.parametrize(
    "segments", [("03", "100"), ("031", "000"), ("03",), ("03 ", "1000"), ("03", "1000", ""), ()]
)
def test_join_refuses(segments: tuple[str, ...]) -> None:
    """Only the very segments of a code can be joined."""
    with pytest.raises(InvalidValueError):
        MASK.join(segments)


@pytest.mark.parametrize("text", ["", "##--##", "-##", "##-", "##-09", "B#", "#" * 21])
def test_bad_masks(text: str) -> None:
    """A mask with empty segments, other signs or too many places is refused."""
    with pytest.raises(ConfigurationError):
        PhaseMask.parse(text)


def test_wrong_number_of_names() -> None:
    """Every segment is named, or none."""
    with pytest.raises(ConfigurationError, match="2 segments, not 1"):
        PhaseMask.parse("##-####", names=["Phase"])


def test_wrong_types() -> None:
    """A number is no phase code."""
    with pytest.raises(InvalidValueError):
        MASK.check(31000)


@given(st.lists(garbage))
def test_collisions_are_total_and_order_free(codes: list[str]) -> None:
    """Groups do not depend on order or repetition, and hold two spellings or more."""
    groups = find_collisions(codes)
    assert groups == find_collisions(list(reversed(codes)) * 2)
    assert all(len(set(group)) == len(group) > 1 for group in groups)


@given(st.lists(st.text(LETTER, min_size=1, max_size=3), min_size=1))
def test_every_collision_is_found(codes: list[str]) -> None:
    """Each code that is given once more in lower case makes a group."""
    spelled = [spelling for code in codes for spelling in (code, code.lower())]
    expected = {tuple(sorted((code, code.lower()))) for code in codes}
    assert set(find_collisions(spelled)) == expected


def test_no_collision() -> None:
    """The same code given twice is one code."""
    assert find_collisions(["03A", "03A", "03B"]) == ()
