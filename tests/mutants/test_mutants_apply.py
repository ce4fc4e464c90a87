"""Every mutant still applies; whether each is noticed is what ``nox -s mutants`` finds out."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from mutant_list import Mutant, read_mutants

import procore_spectrum

PACKAGE = Path(procore_spectrum.__file__).parent
TESTS = Path(__file__).parents[1]
MUTANTS = read_mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_applies(mutant: Mutant) -> None:
    """Its text occurs once, the result is another program that can be read, its tests exist."""
    source = (PACKAGE / mutant.file).read_text(encoding="utf-8")
    changed = mutant.applied(source)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))
    assert mutant.tests
    files = [name.partition("::")[0] for name in mutant.tests]
    assert [name for name in files if not (TESTS.parent / name).exists()] == []


def test_mutants_have_names_of_their_own() -> None:
    """The table of a run can be read, and one mutant can be chosen."""
    counts = Counter(mutant.name for mutant in MUTANTS)
    assert [name for name, count in counts.items() if count > 1] == []


def test_a_mutant_that_no_longer_fits_is_an_error() -> None:
    """It must not count as noticed."""
    mutant = Mutant(name="m", breaks="", file="x.py", old="a", new="b", tests=())
    with pytest.raises(LookupError, match="0 times in x"):
        mutant.applied("c")
    with pytest.raises(LookupError, match="2 times in x"):
        mutant.applied("a a")
