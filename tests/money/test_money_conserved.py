"""Whatever people do in both systems, no cent is lost, doubled or left without a reason."""

from __future__ import annotations

import os
from decimal import Decimal

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from money_company import FEATURES, Money, MoneyCompany

from procore_spectrum.plan.reconciliation import (
    Balance,
    Cause,
    Measure,
    Reconciliation,
    exact_sum,
)

EXAMPLES = int(os.environ.get("MONEY_EXAMPLES", "20"))

places = st.integers(0, 3)
cents = st.integers(1, 10_000_000)
signed = st.integers(-1_000_000, 1_000_000).filter(bool)
moneys = st.builds(
    Money,
    sql=st.booleans(),
    override=st.booleans(),
    exported=st.booleans(),
    estimates=st.dictionaries(places, cents, max_size=4),
    costs=st.dictionaries(places, signed, max_size=4),
    contract=cents,
    contracts=st.lists(st.dictionaries(places, cents, min_size=1, max_size=3), max_size=2),
    changes=st.lists(st.tuples(st.integers(0, 1), places, signed), max_size=2),
    owner_changes=st.lists(cents, max_size=1),
)
edits = st.one_of(
    st.tuples(
        st.sampled_from(
            [
                "estimate",
                "edit_subcontract",
                "own_subcontract",
                "edit_budget",
                "edit_contract",
                "edit_cost",
                "enter_cost",
            ]
        ),
        places,
        cents,
    ),
    st.tuples(st.just("post"), places, signed),
    st.tuples(st.just("sign"), cents),
    st.tuples(st.just("owner_change"), cents),
    st.tuples(st.just("end_contract"), places),
    st.tuples(st.just("answer"), places, st.sampled_from(["accept", "reject", "retrieve"])),
)


@settings(max_examples=EXAMPLES, phases=[p for p in Phase if p is not Phase.explain])
@given(moneys, st.lists(edits, max_size=6))
def test_money_is_conserved(money: Money, done: list[tuple[object, ...]]) -> None:
    """Run everything, let people edit both systems, run again.

    With everything accepted both systems hold the same, to the cent. After any edits the totals
    of the reconciliation are what the systems hold, every difference is explained to the cent,
    and a second plan has nothing to write.
    """
    company = MoneyCompany(money)
    company.accept_all()
    last = company.everything()
    assert last.is_empty, last.render(limit=None)
    found = company.reconciled()
    assert found.balanced, found.to_json()
    check(company, found)
    for name, *values in done:
        getattr(company, str(name))(*values)
        check(company, company.reconciled())
    company.everything()
    company.accept_all()
    again = company.everything()
    assert again.is_empty, again.render(limit=None)
    found = company.reconciled()
    check(company, found)
    left = {cause for row in found.differences for cause in row.causes}
    assert Cause.NOT_SYNCED not in left, found.to_json()


def check(company: MoneyCompany, found: Reconciliation) -> None:
    """The totals are true, and every difference has its reasons."""
    assert found.balance is not Balance.UNEXPLAINED, found.to_json()
    for row in found.rows:
        assert exact_sum(reason.amount for reason in row.reasons) == row.difference
    totals = {total.measure: total for total in found.totals_of("")}
    procore, spectrum = company.in_procore(), company.in_spectrum()
    for measure, amount in procore.items():
        assert (totals[measure].procore if measure in totals else Decimal(0)) == amount, measure
    readable = {b.measure for b in found.bases if b.system == "spectrum" and b.readable}
    if not company.sql:
        # Original estimates cannot be read; in these companies current ones are the same.
        assert Measure.COMMITTED_COST not in readable
    for measure in readable & set(spectrum):
        there = totals[measure].spectrum if measure in totals else Decimal(0)
        assert there == spectrum[measure], measure


def test_all_features_take_part() -> None:
    """A feature that is added has to be proved here, too."""
    from procore_spectrum.features import FEATURES as ALL

    assert set(FEATURES) == {feature.name for feature in ALL}
