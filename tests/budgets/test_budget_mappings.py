"""The mappings of budgets: total, deterministic, and exact to the last digit."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping import (
    BudgetSettings,
    Pair,
    budget_change_to_change_request,
    budget_change_to_current_estimates,
    budget_line_to_estimate,
    estimate_to_budget_line,
    forecast_to_projection,
    has_estimate_or_cost,
)
from procore_spectrum.models.procore import (
    BudgetChange,
    BudgetChangeLine,
    BudgetRow,
    WbsCodeRef,
)
from procore_spectrum.models.spectrum import OriginalEstimateRow, Phase

JOB = "25-0101"
PAIR = ("010100", "S")
OTHER = ("020200", "M")
PAIRS = {30: PAIR, 31: OTHER}

numbers = st.none() | st.decimals(-(10**12), 10**12, places=3) | st.just(Decimal("1E+30"))
units = st.none() | st.text(max_size=8)
pairs = st.sampled_from([PAIR, OTHER, ("", ""), ("030300", "")])
choices = st.builds(
    BudgetSettings,
    quantities=st.booleans(),
    hours_units=st.lists(st.sampled_from(["hours", "hr"])).map(tuple),
    price_method=st.sampled_from(["", "J"]),
    status_code=st.sampled_from(["", "C"]),
    status_actions=st.sampled_from([{}, {"C": 3}, {"C": 1}]),
    long_text=st.sampled_from(["hold", "shorten"]),
)
statuses = st.none() | st.sampled_from(["A", "I", "C"])
phases = st.builds(
    Phase,
    job_number=st.just(JOB),
    phase_code=st.just(PAIR[0]),
    cost_type=st.just(PAIR[1]),
    status_code=statuses,
    unit_of_measure=units,
    current_estimate_dollars=numbers,
    jtd_actual_dollars=numbers,
    estimated_quantity=numbers,
    estimated_hours=numbers,
)
exact = st.decimals(-(10**12), 10**12, places=3)
originals = st.none() | st.builds(
    OriginalEstimateRow,
    company_code=st.just("ABC"),
    job_number=st.just(JOB),
    phase_code=st.just(PAIR[0]),
    cost_type=st.just(PAIR[1]),
    quantity=exact,
    hours=exact,
    amount=exact,
)
rows = st.builds(
    BudgetRow,
    id=st.just(1),
    original_budget_amount=numbers,
    uom=units,
    quantity=numbers,
)
lines = st.builds(
    BudgetChangeLine,
    id=st.integers(1, 5),
    type=st.sampled_from([None, "budget_change", "change_event"]),
    wbs_code=st.none() | st.builds(WbsCodeRef, id=st.sampled_from([None, 30, 31, 99])),
    amount=numbers,
)
changes = st.builds(
    BudgetChange,
    id=st.just(7),
    status=st.none() | st.sampled_from(["approved", "void"]),
    title=units,
    description=units,
    adjustment_line_items=st.lists(
        lines, max_size=5, unique_by=lambda line: (line.type, line.id)
    ).map(tuple),
)


def phase(pair: Pair = PAIR, **fields: Any) -> Phase:
    """A pair of the job."""
    values: dict[str, Any] = {"status_code": "A", **fields}
    return Phase(job_number=JOB, phase_code=pair[0], cost_type=pair[1], **values)


def change(*adjustments: BudgetChangeLine, **fields: Any) -> BudgetChange:
    """An approved change."""
    values: dict[str, Any] = {"status": "approved", "title": "Steel", **fields}
    return BudgetChange(id=7, adjustment_line_items=adjustments, **values)


def line(number: int, code: int, amount: str, **fields: Any) -> BudgetChangeLine:
    """An adjustment of a budget code."""
    return BudgetChangeLine(
        id=number, wbs_code=WbsCodeRef(id=code), amount=Decimal(amount), **fields
    )


def codes(mapped: Any) -> set[str]:
    """The codes of what is wrong."""
    return {violation.code for violation in mapped.violations}


# ---------------------------------------------------------------- estimates to lines


@given(phases, originals, choices)
def test_an_estimate_is_mapped_or_refused_and_never_changed(
    row: Phase, original: OriginalEstimateRow | None, settings: BudgetSettings
) -> None:
    """Total and deterministic; the amount is the estimate to the last digit, or zero."""
    mapped = estimate_to_budget_line(row, original=original, settings=settings)
    assert mapped == estimate_to_budget_line(row, original=original, settings=settings)
    amount = original.amount if original else row.current_estimate_dollars
    assert mapped.fields["original_budget_amount"] == (amount or 0)
    bad = amount is not None and (amount < 0 or (Fraction(amount) * 100).denominator != 1)
    assert bool(codes(mapped) & {"negative-amount", "out-of-range"}) == bad


@given(phases, originals)
def test_a_pair_arrives_with_an_estimate_or_a_cost(
    row: Phase, original: OriginalEstimateRow | None
) -> None:
    """And with nothing else."""
    amount = original.amount if original else row.current_estimate_dollars
    assert has_estimate_or_cost(row, original) == bool(amount or row.jtd_actual_dollars)


def test_an_original_estimate_counts_instead_of_the_current_one() -> None:
    """Where SQL tells it, with its own quantity."""
    row = phase(current_estimate_dollars=Decimal(5), unit_of_measure="CY")
    original = OriginalEstimateRow(
        company_code="ABC",
        job_number=JOB,
        phase_code=PAIR[0],
        cost_type=PAIR[1],
        quantity=Decimal(2),
        hours=Decimal(0),
        amount=Decimal(3),
    )
    mapped = estimate_to_budget_line(
        row, original=original, settings=BudgetSettings(quantities=True)
    )
    assert dict(mapped.fields) == {
        "original_budget_amount": Decimal(3),
        "uom": "CY",
        "quantity": Decimal(2),
    }


@pytest.mark.parametrize("absurd", ["NaN", "Infinity"])
def test_an_estimate_that_is_no_number_is_refused(absurd: str) -> None:
    """It is neither zero nor any amount."""
    mapped = estimate_to_budget_line(phase(current_estimate_dollars=Decimal(absurd)))
    assert codes(mapped) == {"not-a-number"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"estimated_quantity": Decimal(2), "unit_of_measure": " CY "}, ("CY", Decimal(2))),
        ({"estimated_quantity": Decimal(2), "estimated_hours": Decimal(9)}, (None, Decimal(2))),
        ({"estimated_hours": Decimal(9), "unit_of_measure": "CY"}, ("hours", Decimal(9))),
        ({}, (None, None)),
    ],
)
def test_a_quantity_comes_first_then_hours(fields: Any, expected: Any) -> None:
    """A budget line has room for one of the two."""
    mapped = estimate_to_budget_line(phase(**fields), settings=BudgetSettings(quantities=True))
    assert (mapped.fields["uom"], mapped.fields["quantity"]) == expected


def test_hours_without_a_unit_of_their_own_have_none() -> None:
    """Where the settings name no unit for hours."""
    settings = BudgetSettings(quantities=True, hours_units=())
    mapped = estimate_to_budget_line(phase(estimated_hours=Decimal(9)), settings=settings)
    assert (mapped.fields["uom"], mapped.fields["quantity"]) == (None, Decimal(9))


# ---------------------------------------------------------------- lines to estimates


@given(rows, pairs, st.none() | phases, choices)
def test_a_line_is_mapped_or_refused_and_never_changed(
    row: BudgetRow, pair: Pair, found: Phase | None, settings: BudgetSettings
) -> None:
    """Total and deterministic; what may be sent is the line's amount to the cent."""
    made = {"job_number": JOB, "pair": pair, "phase": found, "settings": settings}
    mapped = budget_line_to_estimate(row, **made)
    assert mapped == budget_line_to_estimate(row, **made)
    assert mapped.fields["original_est_cost"] == row.original_budget_amount
    assert "description" not in mapped.fields
    if mapped.ok:
        amount = row.original_budget_amount
        assert amount is not None
        assert 0 <= amount < 10**8
        assert amount == amount.quantize(Decimal("0.01"))
        assert all(pair)
        assert found is not None
        assert found.status_code not in {"I", "C"}


def test_everything_that_is_wrong_with_a_line_is_told() -> None:
    """A pair that the job lacks, a negative amount and a unit that is too long."""
    row = BudgetRow(id=1, original_budget_amount=Decimal("-123456789"), uom="cubic")
    settings = BudgetSettings(quantities=True)
    mapped = budget_line_to_estimate(row, job_number=JOB, pair=PAIR, phase=None, settings=settings)
    assert codes(mapped) == {"pair-not-on-job", "negative-amount", "out-of-range", "too-long"}


def test_a_line_without_an_amount_or_a_pair_is_refused() -> None:
    """Nothing is made up, by the defaults either."""
    mapped = budget_line_to_estimate(
        BudgetRow(id=1), job_number="", pair=("", ""), phase=None, settings=None
    )
    assert codes(mapped) == {"cost-code-not-in-spectrum", "amount-missing"}


@given(st.sampled_from(["hours", "Hours", " HR ", "hrs"]), exact)
def test_a_quantity_in_hours_becomes_hours(unit: str, quantity: Decimal) -> None:
    """However the unit is written; the quantity stays blank."""
    row = BudgetRow(id=1, original_budget_amount=Decimal(1), uom=unit, quantity=quantity)
    mapped = budget_line_to_estimate(
        row,
        job_number=JOB,
        pair=PAIR,
        phase=phase(),
        settings=BudgetSettings(quantities=True),
    )
    assert mapped.fields["original_est_hours"] == quantity
    assert mapped.fields["original_est_quantity"] is None


# ---------------------------------------------------------------- there and back


@given(st.decimals(0, Decimal("99999999.99"), places=2))
def test_an_amount_goes_there_and_back_to_the_cent(amount: Decimal) -> None:
    """A line made of an estimate is an estimate of the same amount."""
    line_fields = estimate_to_budget_line(phase(current_estimate_dollars=amount)).fields
    value = line_fields["original_budget_amount"]
    assert isinstance(value, Decimal)
    row = BudgetRow(id=1, original_budget_amount=value)
    back = budget_line_to_estimate(row, job_number=JOB, pair=PAIR, phase=phase())
    assert back.ok
    assert back.fields["original_est_cost"] == amount


# ---------------------------------------------------------------- budget changes


@given(changes, choices)
def test_a_change_is_mapped_both_ways_without_losing_a_cent(
    found: BudgetChange, settings: BudgetSettings
) -> None:
    """Total and deterministic; the parts sum to the lines, and each line is in one part."""
    known = {PAIR: phase(), OTHER: phase(OTHER)}
    common: dict[str, Any] = {"job_number": JOB, "pairs": PAIRS, "phases": known}
    lines_of = found.adjustment_line_items
    for mapped, again in (
        [
            budget_change_to_change_request(
                found, customer_code="CITY", settings=settings, **common
            )
            for _ in range(2)
        ],
        [budget_change_to_current_estimates(found, settings=settings, **common) for _ in range(2)],
    ):
        assert mapped == again
        total = sum(Fraction(item.amount or 0) for item in lines_of)
        assert Fraction(mapped.amount) == total
        assert sum(Fraction(part.amount) for part in mapped.parts) == total
        seen = Counter(number for part in mapped.parts for number in part.line_ids)
        assert seen == Counter(item.id for item in lines_of)
        real = [part.pair for part in mapped.parts if all(part.pair)]
        assert len(set(real)) == len(real)


@given(
    st.dictionaries(st.sampled_from([30, 31]), st.decimals(-1000, 1000, places=2), min_size=1),
    st.decimals(1000, 10**6, places=2),
)
def test_totals_are_the_estimate_of_now_with_the_change(
    amounts: dict[int, Decimal], now: Decimal
) -> None:
    """To the cent, for each pair."""
    known = {pair: phase(pair, current_estimate_dollars=now) for pair in (PAIR, OTHER)}
    lines_of = [line(code, code, str(amount)) for code, amount in amounts.items()]
    mapped = budget_change_to_current_estimates(
        change(*lines_of), job_number=JOB, pairs=PAIRS, phases=known
    )
    assert not mapped.violations
    assert {part.pair: part.fields["current_est_cost"] for part in mapped.parts} == {
        PAIRS[code]: now + amount for code, amount in amounts.items()
    }


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=4), st.data())
def test_lines_that_miss_the_total_are_held(amounts: list[Decimal], data: st.DataObject) -> None:
    """Whether money taken from a code is below zero is not documented; the total decides."""
    total = data.draw(st.sampled_from([sum(amounts), sum(map(abs, amounts)), None]))
    lines_of = [line(number, 30, str(amount)) for number, amount in enumerate(amounts)]
    mapped = budget_change_to_current_estimates(
        change(*lines_of, amount=total), job_number=JOB, pairs=PAIRS, phases={PAIR: phase()}
    )
    assert ("total-differs" in codes(mapped)) == (total not in (None, sum(amounts)))


def test_a_total_that_was_sent_is_kept() -> None:
    """Spectrum may have it; adding the change to that would count it twice."""
    known = {PAIR: phase(current_estimate_dollars=Decimal(110))}
    mapped = budget_change_to_current_estimates(
        change(line(1, 30, "10")),
        job_number=JOB,
        pairs=PAIRS,
        phases=known,
        sent={PAIR: Decimal(110)},
    )
    (part,) = mapped.parts
    assert (part.fields["current_est_cost"], part.amount) == (Decimal(110), Decimal(10))


def test_everything_that_is_wrong_with_a_change_is_told() -> None:
    """Status, customer, status code, pairs and amounts in one list, with the defaults."""
    odd = attrs.evolve(line(1, 30, "1"), amount=None)
    mapped = budget_change_to_change_request(
        change(odd, line(2, 99, "1"), line(3, 31, "1"), status="void"),
        job_number=JOB,
        customer_code="",
        pairs=PAIRS,
        phases={PAIR: phase(status_code="C")},
    )
    assert codes(mapped) == {
        "status",
        "customer-missing",
        "status-code-missing",
        "amount-missing",
        "phase-not-active",
        "cost-code-not-in-spectrum",
        "pair-not-on-job",
    }
    estimates = budget_change_to_current_estimates(
        change(line(1, 30, "-1"), status=None), job_number=JOB, pairs=PAIRS, phases={PAIR: phase()}
    )
    assert codes(estimates) == {"status", "negative-amount"}


# ---------------------------------------------------------------- forecasts


@given(exact, pairs, st.none() | phases)
def test_a_forecast_is_mapped_or_refused_and_never_changed(
    amount: Decimal, pair: Pair, found: Phase | None
) -> None:
    """The day and the amount are what was given."""
    on = date(2026, 1, 31)
    mapped = forecast_to_projection(amount, job_number=JOB, pair=pair, phase=found, on=on)
    assert mapped == forecast_to_projection(amount, job_number=JOB, pair=pair, phase=found, on=on)
    assert (mapped.fields["amount"], mapped.fields["transaction_date"]) == (amount, on)
    fits = abs(amount) < 10**10 and amount == amount.quantize(Decimal("0.01"))
    if mapped.ok:
        assert fits


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"direction": "both"},
        {"mode": "replace"},
        {"price_method": "X"},
        {"changes": "on"},
        {"long_text": "cut"},
    ],
)
def test_a_setting_of_no_known_word_is_refused(wrong: dict[str, Any]) -> None:
    """A typing mistake does not become a default."""
    with pytest.raises(ConfigurationError):
        BudgetSettings(**wrong)
