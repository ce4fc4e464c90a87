"""A store that was lost, with every feature switched on: nothing is written, nothing twice."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from exporting_company import PAIRS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from money_company import FEATURES, Money, MoneyCompany

from procore_spectrum import MemoryStore, Plan
from procore_spectrum.features.rebuilding import Rebuilt
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref

NO_MARK = {"budget", "budget_change", "change_order", "prime_change_order"}
MONEY = Money(
    sql=True,
    override=True,
    exported=True,
    estimates={0: 100_000, 1: 250_050},
    costs={0: 12_345},
    contract=1_000_000,
    contracts=[{0: 50_000, 1: 10_010}],
    changes=[(0, 0, 1_000)],
    owner_changes=[2_500],
)


def settled(money: Money) -> MoneyCompany:
    """A company in which everything was accepted and written."""
    company = MoneyCompany(money)
    company.accept_all()
    company.everything()
    if money.exported and money.estimates:
        _budget_follows(company, min(money.estimates))
    assert company.everything().is_empty
    return company


def _budget_follows(company: MoneyCompany, place: int) -> None:
    """A budget change and a forecast of an exported budget."""
    budgets = attrs.evolve(
        company.settings.budgets,
        changes="change_request",
        numbering=Numbering(policy="prefix", text="BC-"),
        status_code="C",
        status_actions={"C": 3},
        forecast=True,
    )
    company.settings = attrs.evolve(company.settings, budgets=budgets)
    code = int(company.row("wbs_codes", **company.code_of(PAIRS[place]))["id"])
    company.procore.add_budget_change(
        company.project_id,
        lines=[{"wbs_code_id": code, "amount": "99.10"}],
        status="approved",
        title="More steel",
    )
    company.procore.set_forecast(company.project_id, code, "300000.25")
    company.everything()
    company.accept_all()
    company.everything()


def both(company: MoneyCompany) -> Any:
    """All that both systems hold."""
    return company.procore.state(), company.spectrum.state()


def rebuilt(company: MoneyCompany) -> tuple[Rebuilt, Plan]:
    """Begin with nothing; neither system is written to, by anything that it would show."""
    company.store, before = MemoryStore(), both(company)
    found = company.syncer.rebuild()
    assert both(company) == before
    return found, company.plan(*FEATURES)


def synced(company: MoneyCompany) -> set[Ref]:
    """Documents that are in Spectrum, as the store knows."""
    queue = company.syncer.approvals.list_approvals()
    return {one.ref for one in queue if one.state is State.SYNCED}


places = st.integers(0, 3)
cents = st.integers(1, 10_000_000)
moneys = st.builds(
    Money,
    sql=st.booleans(),
    override=st.booleans(),
    exported=st.booleans(),
    estimates=st.dictionaries(places, cents, max_size=3),
    costs=st.dictionaries(places, cents, max_size=3),
    contract=cents,
    contracts=st.lists(st.dictionaries(places, cents, min_size=1, max_size=2), max_size=2),
    changes=st.lists(st.tuples(st.integers(0, 1), places, cents), max_size=2),
    owner_changes=st.lists(cents, max_size=1),
)


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(moneys)
def test_nothing_is_written_twice_after_a_loss(money: Money) -> None:
    """Whatever was in Spectrum is known again or waits for a person; runs change nothing.

    A forecast is neither, while Spectrum still says the same: then there is nothing to send.
    """
    company = settled(money)
    before = synced(company)
    _, plan = rebuilt(company)
    assert plan.is_empty, plan.render(limit=None)
    held = {op.document for op in plan.held if op.document}
    open_ = {ref for ref in before - synced(company) - held if ref.kind != "forecast"}
    assert open_ == set()
    there = both(company)
    company.everything()
    company.accept_all()
    last = company.everything()
    assert last.is_empty, last.render(limit=None)
    assert both(company) == there


@pytest.mark.parametrize("sql", [True, False])
def test_what_carries_no_mark_is_held_and_what_is_linked_is_whole(*, sql: bool) -> None:
    """The documentation's list: budget, budget change, forecast and changes of the newer family."""
    company = settled(attrs.evolve(MONEY, sql=sql))
    before = synced(company)
    found, plan = rebuilt(company)
    assert {ref.kind for ref in found.exports} == {"commitment"}
    held = {op.document for op in plan.held if op.document}
    assert {ref.kind for ref in held} == NO_MARK
    assert {company.state(ref) for ref in held} == {State.UNLINKED}
    assert {ref for ref in before if ref.kind != "forecast"} == held | set(found.exports)
    assert {"direct_cost", "direct_cost_line", "prime_contract", "prime_contract_line"} <= set(
        found.links
    )


def test_what_is_held_for_another_reason_is_not_proposed_when_that_is_settled() -> None:
    """A budget change is checked against the budget; once that is known, it is still held."""
    company = settled(attrs.evolve(MONEY, sql=False))
    _, plan = rebuilt(company)
    (change,) = [op.document for op in plan.held if op.document.kind == "budget_change"]
    there = company.books["change_requests"]
    budget = Ref("budget", str(company.project_id))
    company.syncer.send(budget)
    company.everything()
    company.accept_all()
    company.everything()
    company.accept_all()
    last = company.everything()
    assert company.state(budget) is State.SYNCED
    assert company.state(change) is State.UNLINKED
    (held,) = [op for op in last.held if op.document == change]
    assert held.code == "unlinked"
    assert company.books["change_requests"] == there


def test_a_forecast_is_sent_again_only_when_it_is_another() -> None:
    """Spectrum tells what it projects, so no mark is needed."""
    company = settled(MONEY)
    rebuilt(company)
    before = company.books["projections"]
    company.clock.advance(86_400)
    company.everything()
    company.accept_all()
    company.everything()
    assert company.books["projections"] == before


def test_a_reconciliation_tells_why_it_waits() -> None:
    """Not that somebody unlinked it."""
    company = settled(MONEY)
    rebuilt(company)
    texts = [reason.text for row in company.reconciled().rows for reason in row.reasons]
    assert any("the store was lost" in text for text in texts)
    assert not any("was deleted in Spectrum" in text for text in texts)
