"""Nothing is lost or rounded between the records and the totals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reconciled_money import month_end, posting, postings

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.plan.reconciliation import (
    Balance,
    Cause,
    Measure,
    Posting,
    Reason,
    Reconciliation,
    Spot,
    exact_sum,
    plain_amount,
    reconcile,
    show_amount,
)


def made(found: Sequence[Posting]) -> Reconciliation:
    """A reconciliation of these."""
    return reconcile(found, company="1/ABC")


@given(postings)
def test_totals_are_exact(found: list[Posting]) -> None:
    """Every total is the sum of its postings as fractions, and the jobs add up to all jobs."""
    result = made(found)
    for total in result.totals:
        wanted = [
            one
            for one in found
            if one.spot.measure is total.measure and total.job in {"", one.spot.job}
        ]
        assert Fraction(total.procore) == sum(Fraction(one.procore) for one in wanted)
        assert Fraction(total.spectrum) == sum(Fraction(one.spectrum) for one in wanted)
        assert total.difference == total.procore - total.spectrum
    spots = {(one.spot.job, one.spot.measure) for one in found}
    assert {(t.job, t.measure) for t in result.totals if t.job} == spots


@given(postings)
def test_reasons_account_for_every_cent(found: list[Posting]) -> None:
    """The reasons of a row, the unexplained one included, sum up to its difference."""
    for row in made(found).rows:
        assert exact_sum(reason.amount for reason in row.reasons) == row.difference
        assert all(reason.amount for reason in row.reasons)


@given(postings)
def test_balanced_means_that_every_posting_agrees(found: list[Posting]) -> None:
    """Differences that cancel each other out do not balance; explanations do not either."""
    clean = all(
        one.procore == one.spectrum and not any(reason.amount for reason in one.reasons)
        for one in found
    )
    assert made(found).balanced is clean


@given(postings)
def test_what_no_reason_accounts_for_is_unexplained(found: list[Posting]) -> None:
    """The balance is ``unexplained`` exactly when some posting has something left over."""
    left = any(
        one.procore - one.spectrum != exact_sum(reason.amount for reason in one.reasons)
        for one in found
    )
    assert (made(found).balance is Balance.UNEXPLAINED) is left


@given(postings, st.randoms())
def test_the_order_of_reading_does_not_matter(found: list[Posting], random: object) -> None:
    """Rows and totals are the same for any order of postings."""
    shuffled = list(found)
    random.shuffle(shuffled)
    first, second = made(found), made(shuffled)
    assert first.totals == second.totals
    assert [(r.spot, r.procore, r.spectrum) for r in first.rows] == [
        (r.spot, r.procore, r.spectrum) for r in second.rows
    ]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18))
def test_amounts_are_shown_exactly(amount: Decimal) -> None:
    """At least two decimals, never rounded, and no exponent."""
    if abs(amount) and amount.adjusted() < -90:
        return
    for text in (plain_amount(amount), show_amount(amount).replace(",", "")):
        assert Decimal(text) == amount
        assert len(text.partition(".")[2]) >= 2
        assert "E" not in text


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0", "0.00"), ("-0", "0.00"), ("-1234567.5", "-1,234,567.50"), ("1e3", "1,000.00")],
)
def test_amounts_are_grouped(amount: str, shown: str) -> None:
    """Thousands are set apart by commas, and zero has no sign."""
    assert show_amount(Decimal(amount)) == shown


@pytest.mark.parametrize("amount", [1.5, 1, "1", Decimal("NaN"), Decimal("1e500")])
def test_money_is_decimal(amount: object) -> None:
    """Floats, texts and absurd numbers are refused."""
    with pytest.raises(InvalidValueError):
        Reason(cause=Cause.HELD, amount=amount, text="")


def test_a_sum_refuses_what_is_no_number() -> None:
    """NaN would swallow every other amount."""
    with pytest.raises(InvalidValueError):
        exact_sum([Decimal(1), Decimal("NaN")])


def test_the_word_for_the_whole() -> None:
    """Balanced, explained, or unexplained."""
    waits = Reason(cause=Cause.WAITING, amount=Decimal(5), text="waits")
    agreed = posting(Measure.BUDGET, "1", "5", "5")
    known = posting(Measure.BUDGET, "1", "5", "0", waits)
    unknown = posting(Measure.BUDGET, "1", "5", "0")
    assert made([]).balance is Balance.BALANCED
    assert made([agreed]).balance is Balance.BALANCED
    assert made([agreed, known]).balance is Balance.EXPLAINED
    assert made([known, unknown]).balance is Balance.UNEXPLAINED


def test_json_for_scripts() -> None:
    """The documented keys; amounts as text; blanks as null."""
    found = month_end().to_json()
    assert found["balanced"] is False
    assert found["balance"] == "unexplained"
    assert found["requests"] == 7
    assert found["totals"][-1] == {
        "job": None,
        "measure": "committed_cost",
        "procore": "12500.00",
        "spectrum": "0.00",
        "difference": "12500.00",
    }
    budget, committed = found["differences"]
    assert budget["difference"] == "100.25"
    assert budget["reasons"][0]["code"] == "unexplained"
    assert committed["explanation"] == "SC-1 waits for accounting"
    assert set(committed) >= {
        "job",
        "phase",
        "cost_type",
        "measure",
        "procore",
        "spectrum",
        "difference",
        "explanation",
    }
    assert [basis["as_of"] for basis in found["as_of"]] == ["2026-01-31T18:30:00+00:00", None]


def test_a_job_without_phases_has_null() -> None:
    """The contract value belongs to the whole job."""
    one = Posting(spot=Spot(Measure.CONTRACT_VALUE, "1"), title="contract", procore=Decimal(1))
    (difference,) = made([one]).to_json()["differences"]
    assert difference["phase"] is None
    assert difference["cost_type"] is None
