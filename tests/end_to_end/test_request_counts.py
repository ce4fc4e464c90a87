"""The first import takes few requests, and the second run writes nothing."""

from __future__ import annotations

import json

import attrs
import pytest

from procore_spectrum.testing import bench
from procore_spectrum.testing.bench import MOST, Term, measure


@pytest.mark.parametrize("seed", [0, 1])
def test_an_import_takes_hardly_more_requests_than_it_must(seed: int) -> None:
    """At most 1.1 times the fewest that batch and page limits allow."""
    found = measure("S", seed=seed)
    assert found.fewest <= found.sent <= MOST * found.fewest


def test_no_request_is_fewer_than_possible() -> None:
    """A formula that asks for more than was needed would flatter the ratio."""
    assert [term for term in measure("S").terms if term.sent < term.fewest] == []


def test_the_second_run_writes_nothing() -> None:
    """It only reads, and nothing is left to do."""
    found = measure("S")
    assert (found.writes, found.left) == ({}, 0)
    assert found.second_reads > 0


def test_sockets_change_no_count() -> None:
    """The fakes in process tell the same as servers on sockets."""
    assert measure("S", sockets=True).terms == measure("S").terms


def test_a_request_without_a_formula_is_not_needed() -> None:
    """A later feature cannot go unseen: its requests count against the ratio."""
    found = attrs.evolve(measure("S"), terms=(Term(label="new", sent=12, fewest=10),))
    assert not found.good
    assert bench.Term(label="other", sent=3, fewest=0).formula == "not needed"


def test_the_command_tells_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """One line of JSON, or a table with ratio and formulas."""
    assert bench.main(["--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ratio"] <= MOST
    assert bench.main([]) == 0
    assert "second run: " in capsys.readouterr().out
