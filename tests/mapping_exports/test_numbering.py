"""Numbers for Spectrum: what each policy proposes, and what is wrong with a number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping.numbering import (
    Numbering,
    Proposal,
    check_number,
    propose_number,
)

sources = st.none() | st.text(max_size=30)
policies = st.sampled_from(
    [
        Numbering(),
        Numbering(policy="last"),
        Numbering(policy="last", keep=3),
        Numbering(policy="prefix", text="P-"),
        Numbering(policy="template", text="SC-##"),
        Numbering(policy="by_hand"),
    ]
)


def propose(source: str | None, taken: Any = (), limit: int = 10, **policy: Any) -> Proposal:
    """A proposal for a subcontract number."""
    return propose_number(
        source, numbering=Numbering(**policy), limit=limit, taken=taken, path="number"
    )


def codes(found: Proposal) -> list[str]:
    """The codes of what is wrong."""
    return [violation.code for violation in found.violations]


@given(sources, policies, st.integers(1, 12), st.sets(st.text(max_size=4)))
def test_a_proposal_without_faults_can_be_used(
    source: str | None, numbering: Numbering, limit: int, taken: set[str]
) -> None:
    """Short enough, printable ASCII, not taken; or nobody proposes anything."""
    found = propose_number(source, numbering=numbering, limit=limit, taken=taken, path="number")
    if not found.violations and found.number is not None:
        assert 0 < len(found.number) <= limit
        assert found.number.isascii()
        assert found.number.isprintable()
        assert "," not in found.number
        assert found.number not in taken
    assert all(v.path == "number" and v.message and v.hint for v in found.violations)


@pytest.mark.parametrize(
    ("policy", "source", "number"),
    [
        ({}, " SC  1 ", "SC 1"),
        ({"policy": "last"}, "SC-0001-LONGNUMBER", "LONGNUMBER"),
        ({"policy": "last", "keep": 4}, "SC-0001", "0001"),
        ({"policy": "last", "keep": 99}, "SC-0001-LONGNUMBER", "LONGNUMBER"),
        ({"policy": "last", "keep": 3}, "A B", "A B"),
        ({"policy": "last", "keep": 2}, "A B", "B"),
        ({"policy": "prefix", "text": "P"}, "0001", "P0001"),
        ({"policy": "template", "text": "SC-##"}, "whatever", "SC-01"),
        ({"policy": "template", "text": "#A"}, None, "1A"),
        ({"policy": "by_hand"}, "SC-1", None),
    ],
)
def test_policies(policy: dict[str, Any], source: str | None, number: str | None) -> None:
    """What each policy makes of Procore's number."""
    assert propose(source, **policy) == Proposal(number=number)


@pytest.mark.parametrize("policy", [{}, {"policy": "last"}, {"policy": "prefix", "text": "P"}])
@pytest.mark.parametrize("source", [None, "", "  "])
def test_no_number_in_procore(policy: dict[str, Any], source: str | None) -> None:
    """Without a number there is no proposal, and Spectrum is never left to choose."""
    found = propose(source, **policy)
    assert (found.number, codes(found)) == (None, ["number-missing"])


@pytest.mark.parametrize("limit", [10, 8])
def test_length_from_both_sides(limit: int) -> None:
    """Subcontracts take ten characters, change requests eight; one more is told."""
    assert codes(propose("9" * limit, limit=limit)) == []
    found = propose("9" * (limit + 1), limit=limit)
    assert codes(found) == ["number-too-long"]
    assert f"takes {limit}" in found.violations[0].message
    assert codes(propose("9" * limit, limit=limit, policy="prefix", text="P")) == [
        "number-too-long"
    ]


@pytest.mark.parametrize("number", ["SÇ-1", "SC,1", "SC\x7f1"])
def test_characters(number: str) -> None:
    """Only printable ASCII without commas."""
    assert codes(propose(number)) == ["number-characters"]


def test_a_taken_number_is_told() -> None:
    """It stays the proposal, with the reason why it cannot be used."""
    found = propose("SC-1", taken={"SC-1"})
    assert (found.number, codes(found)) == ("SC-1", ["number-taken"])


def test_a_sequence_skips_what_is_taken() -> None:
    """The first free number, until there is none."""
    template = {"policy": "template", "text": "S-#"}
    assert propose("x", taken={"S-1", "S-3"}, **template).number == "S-2"
    found = propose("x", taken={f"S-{n}" for n in range(1, 10)}, **template)
    assert (found.number, codes(found)) == (None, ["numbers-exhausted"])


def test_a_sequence_that_is_too_long() -> None:
    """A template that never fits says so."""
    assert codes(propose("x", policy="template", text="SUBCONTRACT-#")) == ["number-too-long"]


def test_everything_is_told_at_once() -> None:
    """Length, characters and uniqueness together."""
    found = check_number("12345678901,", limit=10, taken={"12345678901,"}, path="number")
    assert [v.code for v in found] == ["number-too-long", "number-characters", "number-taken"]


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ({"policy": "template", "text": "SC"}, "text"),
        ({"policy": "template", "text": "#-#"}, "text"),
        ({"policy": "prefix"}, "text"),
        ({"policy": "last", "keep": -1}, "keep"),
    ],
)
def test_settings_that_make_no_numbers(choices: dict[str, Any], path: str) -> None:
    """A policy that cannot work is refused when it is configured."""
    with pytest.raises(ConfigurationError) as caught:
        Numbering(**choices)
    assert caught.value.path == path
