"""Random budgets, both ways, end to end: to the cent, and a second plan is empty."""

from __future__ import annotations

from decimal import Decimal

import pytest
from budgeting_company import BudgetingCompany
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State

Pair = tuple[str, str]
PAIRS: tuple[Pair, ...] = tuple((f"0{n}0100", kind) for n in range(1, 5) for kind in "SM")

amounts = st.decimals(0, Decimal("99999999.99"), places=2)
budgets = st.dictionaries(st.sampled_from(PAIRS), amounts)
thorough = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(budgets, budgets, budgets, st.sampled_from(["keep", "override"]))
def test_random_estimates_are_imported(
    before: dict[Pair, Decimal],
    estimates: dict[Pair, Decimal],
    later: dict[Pair, Decimal],
    mode: str,
) -> None:
    """Whatever Procore had and whatever Spectrum gets: each line is the one or the other."""
    company = BudgetingCompany(PAIRS, mode=mode)
    for pair, amount in before.items():
        company.line(pair, str(amount))
    wanted, estimated = dict(before), dict.fromkeys(PAIRS, Decimal(0))
    taken: set[Pair] = set()
    for round_of in (estimates, later):
        for pair, amount in round_of.items():
            company.estimate(pair, str(amount))
        estimated |= round_of
        plan = company.budget_plan()
        report = company.syncer.apply(plan, override_guards="as agreed" if plan.guards else "")
        assert report.succeeded, report.render()
        # A pair arrives with an estimate; once it has arrived, zero counts too.
        taken |= {pair for pair, amount in estimated.items() if amount}
        for pair in taken:
            if mode == "override" or not wanted.get(pair):
                wanted[pair] = estimated[pair]
        assert company.lines() == wanted
        again = company.budget_plan()
        assert again.is_empty, again.render()
        assert not again.held


@thorough
@given(budgets.filter(bool), budgets)
def test_random_budgets_are_exported(
    lines: dict[Pair, Decimal], zeros: dict[Pair, Decimal]
) -> None:
    """Every cent arrives, nothing else moves, and later lines of zero are no edit."""
    company = BudgetingCompany(PAIRS, direction="export")
    for pair, amount in lines.items():
        company.line(pair, str(amount))
    company.lock()
    company.done(company.budget)
    assert company.originals() == lines
    total = company.approval(company.budget).document.amount
    assert total == sum(lines.values())
    for pair in zeros.keys() - lines.keys():
        company.line(pair, "0.00")
    again = company.budget_plan()
    assert again.is_empty
    assert not again.held


moves = st.dictionaries(
    st.sampled_from(PAIRS[:3]), st.decimals(-1000, 1000, places=2), min_size=1, max_size=3
)


@pytest.mark.parametrize("way", ["change_request", "current_estimate"])
@thorough
@given(changes=st.lists(moves, min_size=1, max_size=3))
def test_random_budget_changes_are_conserved(way: str, changes: list[dict[Pair, Decimal]]) -> None:
    """However many changes there are: Spectrum gets their sum, pair by pair."""
    company = BudgetingCompany(PAIRS, direction="export")
    for pair in PAIRS[:3]:
        company.line(pair, "5000.00")
    company.lock()
    company.done(company.budget)
    company.spectrum_switch(current_estimate_display_only=False)
    company.budgets_by(
        changes=way,
        status_code="C",
        status_actions={"C": 3},
        numbering=Numbering(policy="template", text="BC-####"),
    )
    refs = [
        company.budget_change({pair: str(amount) for pair, amount in change.items()})
        for change in changes
    ]
    for _ in range(len(refs) + 1):
        company.export()
        for ref in refs:
            found = company.syncer.approvals.list_approvals(states=[State.READY_TO_EXPORT])
            if ref in {item.ref for item in found}:
                company.accept(ref)
        company.export()
    again = company.budget_plan()
    assert again.is_empty, again.render()
    assert not again.held, again.render()
    sums = {pair: Decimal(0) for pair in PAIRS[:3]}
    for change in changes:
        for pair, amount in change.items():
            sums[pair] += amount
    assert _written(company, way) == sums


def _written(company: BudgetingCompany, way: str) -> dict[Pair, Decimal]:
    """What Spectrum has of the changes, by pair."""
    found = {pair: Decimal(0) for pair in PAIRS[:3]}
    if way == "current_estimate":
        return {
            pair: Decimal(company.in_spectrum(pair)["current_est_cost"]) - 5000 for pair in found
        }
    for request in company.books["change_requests"]:
        for line in request["lines"]:
            pair = (line["CR_Phase_Code"], line["CR_Cost_Type"])
            found[pair] += Decimal(line.get("Change_Request_Amount", "0"))
    return found
