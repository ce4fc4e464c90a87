"""Text and values: strict both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.spectrum import values

MONEY = st.decimals(
    min_value=Decimal("-99999999.99"), max_value=Decimal("99999999.99"), places=2, allow_nan=False
)


@given(MONEY)
def test_money_survives_the_round_trip(amount):
    """What is written is read back with the same value."""
    text = values.write_number(amount, digits=(8, 2), length=12)
    assert values.read_number(text) == amount
    assert "E" not in text


@given(st.dates())
def test_dates_survive_the_round_trip(day):
    """Every day of the calendar is written with ten characters and read back."""
    text = values.write_date(day)
    assert len(text) == 10
    assert values.read_date(text) == day


@given(st.booleans())
def test_booleans_survive_the_round_trip(flag):
    """Y and N are the two spellings."""
    assert values.read_boolean(values.write_boolean(flag)) is flag


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_decimal_is_written_exactly_or_refused(number):
    """No number is ever rounded on its way out."""
    try:
        text = values.write_number(number, digits=(10, 2))
    except InvalidValueError:
        return
    assert Decimal(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [(".00", "0"), ("-.50", "-0.5"), ("-1234.50", "-1234.5"), ("1234.50", "1234.5"), ("7", "7")],
)
def test_recorded_numbers(text, number):
    """Numbers come without a leading zero."""
    assert values.read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1,234.50", "1e3", " 1", "1-", "+1", "NaN", "1.", "٣"]
)
def test_other_numbers_are_refused(text):
    """Anything but a plain decimal is an error with its path."""
    with pytest.raises(InvalidValueError) as caught:
        values.read_number(text, path="JTD_Hours")
    assert caught.value.path == "JTD_Hours"


def test_whole_numbers():
    """Counts may carry decimals that are zero, and no others."""
    assert values.read_integer("30") == 30
    assert values.read_integer("30.00") == 30
    with pytest.raises(InvalidValueError):
        values.read_integer("30.50")


@pytest.mark.parametrize("text", ["1/5/2026", "13/01/2026", "02/30/2026", "2026-01-05", "01/05/26"])
def test_other_dates_are_refused(text):
    """Only MM/DD/CCYY is a date."""
    with pytest.raises(InvalidValueError):
        values.read_date(text)


def test_other_booleans_are_refused():
    """Neither a small letter nor a word is a boolean."""
    with pytest.raises(InvalidValueError):
        values.read_boolean("y")
    with pytest.raises(InvalidValueError):
        values.write_boolean("Y")


@pytest.mark.parametrize(
    ("number", "limits"),
    [
        (Decimal("1.005"), {"digits": (8, 2)}),
        (Decimal("123456789"), {"digits": (8, 2)}),
        (Decimal("-1"), {"signed": False}),
        (Decimal("100.05"), {"length": 5}),
        (1.5, {}),
        (True, {}),
        (Decimal("NaN"), {}),
    ],
)
def test_numbers_that_do_not_fit_are_refused(number, limits):
    """Limits are checked and never met by rounding."""
    with pytest.raises(InvalidValueError):
        values.write_number(number, **limits)


@pytest.mark.parametrize(
    ("number", "text"),
    [(Decimal("1E+3"), "1000"), (Decimal("100.00"), "100"), (Decimal("-0.00"), "0"), (30, "30")],
)
def test_numbers_are_written_plainly(number, text):
    """No exponent, no superfluous zeros, no negative zero."""
    assert values.write_number(number) == text


def test_a_time_is_not_a_date():
    """A datetime is refused instead of losing its time."""
    with pytest.raises(InvalidValueError):
        values.write_date(datetime(2026, 1, 5, tzinfo=UTC))
    assert values.write_date(date(2026, 1, 5)) == "01/05/2026"
