"""Random costs in Spectrum and random people in Procore: the totals come out to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from costed_contractor import JOB, CostedContractor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procore_spectrum.errors import InvalidValueError

CENTS = st.one_of(st.integers(-300, 300), st.integers(-(10**9), 10**9)).map(
    lambda n: Decimal(n).scaleb(-2)
)
PHASES = ["031000", "031100", "042000"]
COST = st.tuples(
    st.just("cost"),
    st.sampled_from(PHASES),
    st.sampled_from("LM"),
    CENTS,
    st.integers(0, 300).map(lambda n: Decimal(n).scaleb(-2)),
)
STATUS = st.tuples(st.just("status"), st.sampled_from(PHASES), st.sampled_from("LM"))
RENUMBER = st.tuples(st.just("renumber"), st.sampled_from(PHASES), st.sampled_from("LM"))
LINE_EDITS = st.one_of(
    st.fixed_dictionaries({"amount": CENTS.map(str)}),
    st.fixed_dictionaries({"quantity": st.just("3"), "unit_cost": CENTS.map(str)}),
    st.fixed_dictionaries({"extended_type": st.sampled_from(["manual", "calculated"])}),
    st.fixed_dictionaries({"description": st.sampled_from(["", "mine"])}),
    st.fixed_dictionaries({"uom": st.sampled_from(["ea", ""])}),
)
LINE = st.tuples(st.just("line"), st.integers(0, 9), LINE_EDITS)
MOVE = st.tuples(st.just("move"), st.integers(0, 9), st.integers(0, 9))
HEADER = st.tuples(
    st.just("header"),
    st.sampled_from(
        [{"status": "draft"}, {"status": "pending"}, {"invoice_number": "x"}, {"description": "y"}]
    ),
)
STEPS = st.lists(st.one_of(COST, COST, STATUS, RENUMBER, LINE, MOVE, HEADER), max_size=8)


def carry_out(pair: CostedContractor, step: tuple[Any, ...]) -> None:
    """One edit, in Spectrum or in Procore."""
    rows = pair.spectrum.state()["ABC"]["phases"]
    there = {(row["phase_code"], row["cost_type"]) for row in rows}
    lines = pair.table("direct_cost_line_items")
    match step:
        case ("cost", phase, cost_type, dollars, quantity):
            pair.cost(phase, cost_type, str(dollars), quantity=str(quantity))
        case ("status", phase, cost_type) if (phase, cost_type) in there:
            # Only what has a budget code already: a complete phase does not get a new one.
            if (phase, cost_type) in {(p, t) for _, p, t in pair.procore_totals()}:
                pair.phase(phase, cost_type, Status_Code="C")
        case ("renumber", phase, cost_type) if (phase, cost_type) in there:
            pair.spectrum.remove_phase(JOB, phase, cost_type)
        case ("line", place, fields) if lines:
            pair.procore.edit("direct_cost_line_item", lines[place % len(lines)]["id"], **fields)
        case ("move", place, other) if lines:
            code = lines[other % len(lines)]["wbs_code_id"]
            line = lines[place % len(lines)]
            pair.procore.edit("direct_cost_line_item", line["id"], wbs_code_id=code)
        case ("header", fields):
            for row in pair.table("direct_costs"):
                pair.procore.edit("direct_cost", row["id"], **fields)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rounds=st.lists(STEPS, min_size=1, max_size=3))
def test_totals_are_spectrums_after_every_run(rounds: list[list[tuple[Any, ...]]]) -> None:
    """Whatever people did to the lines, each pair shows what Spectrum has, and a plan is empty."""
    pair = CostedContractor()
    pair.job()
    for steps in rounds:
        for step in steps:
            carry_out(pair, step)
        pair.all()
        assert pair.procore_totals() == pair.spectrum_totals()
        plan = pair.plan("job_costs")
        assert plan.is_empty, plan.render(limit=None)
        assert not plan.held


def test_the_fake_refuses_what_nobody_may_edit() -> None:
    """The steps above do change something: an edit of a line that is not there is refused."""
    pair = CostedContractor()
    with pytest.raises(InvalidValueError):
        pair.procore.edit("direct_cost_line_item", 1, amount="1")
