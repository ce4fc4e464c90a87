"""SuperSelect expressions, against an evaluator of the language as it is documented."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.spectrum.superselect import Selection, exact, is_safe, none_of, one_of

VALUES = st.text(alphabet="AaLl10- *?,/#b", max_size=4)
MANY = st.lists(VALUES, max_size=6)


def evaluate(expression: str, value: str) -> bool:
    """Whether Spectrum's language selects the value, written from its description."""
    if expression in ("", "*") or expression.upper() == "ALL":
        return True
    if expression.startswith("#"):
        return not evaluate(expression[1:], value)
    if "," in expression:
        return any(evaluate(part, value) for part in expression.split(","))
    if "/" in expression:
        low, _, high = expression.partition("/")
        return low <= value <= high
    pattern = re.escape(expression).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(pattern, value) is not None


@given(values=st.lists(VALUES, min_size=1, max_size=6), population=MANY)
def test_one_of_selects_exactly_its_values(values, population):
    """A list that can be written selects its values from any population, and nothing else."""
    selection = one_of(values)
    if selection.unsafe:
        return
    chosen = {value for value in population if evaluate(selection.text, value)}
    assert chosen == set(population) & set(values)


@given(values=MANY, population=MANY)
def test_none_of_selects_exactly_the_others(values, population):
    """An exclusion that can be written selects everything but its values."""
    selection = none_of(values)
    if selection.unsafe:
        return
    chosen = {value for value in population if evaluate(selection.text, value)}
    assert chosen == set(population) - set(values)


@given(values=st.lists(VALUES, min_size=1), excluded=st.booleans(), value=VALUES)
def test_matches_agrees_with_the_language(values, excluded, value):
    """The local filter and the expression mean the same."""
    selection = Selection(tuple(values), excluded)
    if not selection.unsafe:
        assert selection.matches(value) == evaluate(selection.text, value)


@given(value=st.text(alphabet="ABC123-", min_size=1, max_size=10))
def test_ordinary_codes_are_safe(value):
    """Job numbers and codes as people choose them can be written."""
    assert is_safe(value) == (value.upper() != "ALL")


@pytest.mark.parametrize(
    "value", ["", " A", "A ", "all", "ALL", "A*", "A?", "A,B", "A/B", "#A", "A\n"]
)
def test_unsafe_values_have_no_expression(value):
    """A value that would be read as an operator is never written."""
    assert exact(value).unsafe == (value,)
    with pytest.raises(InvalidValueError):
        _ = exact(value).text


def test_empty_selections():
    """Nothing cannot be selected; everything is a blank parameter."""
    assert none_of([]).text == ""
    with pytest.raises(InvalidValueError):
        _ = one_of([]).text
