"""Scenarios of budgets, forecasts, job costs and contracts with owners."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from procore_spectrum.features import Settings
from procore_spectrum.mapping import Numbering
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.testing.scenario import Scenario, Site, code_of_new_pair, site_of

__all__ = ["MONEY"]

_NUMBERED = Numbering(policy="template", text="CR-####")
_ZERO = Decimal(0)


# ---------------------------------------------------------------- budgets


def _budgets_by(**choices: Any) -> Callable[[Settings, Site], Settings]:
    return lambda usual, _: attrs.evolve(usual, budgets=attrs.evolve(usual.budgets, **choices))


def _enter_line(sandbox: Sandbox) -> None:
    """A line of another amount, beside those that are missing."""
    site = site_of(sandbox)
    sandbox.procore.set_budget_line(site.project_id, site.codes[0], "1.00")


def _lock_budget(sandbox: Sandbox) -> None:
    site = site_of(sandbox)
    for number, code in enumerate(site.codes[:2], start=1):
        sandbox.procore.set_budget_line(site.project_id, code, f"{number}000.25")
    sandbox.procore.lock_budget(site.project_id)
    # Otherwise Spectrum shows what a change of an estimate does only after a restart.
    switches = sandbox.spectrum.switches
    sandbox.spectrum.switches = attrs.evolve(switches, current_estimate_display_only=False)


def _change_budget(sandbox: Sandbox) -> None:
    site = site_of(sandbox)
    sandbox.procore.add_budget_change(
        site.project_id,
        status="approved",
        title="More of both",
        lines=[
            {"wbs_code_id": code, "amount": f"{number}0.10"}
            for number, code in enumerate(site.codes[:2], start=1)
        ],
    )


def _expect_more(sandbox: Sandbox) -> None:
    site = site_of(sandbox)
    for number, code in enumerate(site.codes[:2], start=1):
        sandbox.procore.set_forecast(site.project_id, code, f"{number}500.25")


_EXPORTED = {"direction": "export", "overwrite": True}


# ---------------------------------------------------------------- job costs


def _costs_by(**choices: Any) -> Callable[[Settings, Site], Settings]:
    def choose(usual: Settings, site: Site) -> Settings:
        chosen = attrs.evolve(usual.job_costs, vendor_code=site.vendor, **choices)
        return attrs.evolve(usual, job_costs=chosen)

    return choose


def _post(sandbox: Sandbox, first: int, dollars: str) -> None:
    """Two pairs have that cost to date."""
    site = site_of(sandbox)
    for phase, cost_type in site.pairs[first : first + 2]:
        sandbox.spectrum.set_cost(
            *(site.job, phase, cost_type),
            dollars=Decimal(dollars),
            hours=_ZERO,
            quantity=_ZERO,
        )


def _post_first(sandbox: Sandbox) -> None:
    sandbox.procore.switches.partner_access = True
    sandbox.procore.switches.direct_costs_locked_by_origin_id = "none"
    _post(sandbox, 0, "100.10")


def _post_more(sandbox: Sandbox) -> None:
    """One figure changes, one is new, one stays."""
    _post(sandbox, 1, "250.25")


def _post_transactions(sandbox: Sandbox) -> None:
    site = site_of(sandbox)
    for day, (phase, cost_type) in enumerate(site.pairs[:2], start=1):
        on = date(2025, 3, day)
        sandbox.spectrum.add_job_cost(site.job, phase, cost_type, on, Decimal("60.05"))


# ---------------------------------------------------------------- contracts with owners


def _primes_chosen(usual: Settings, site: Site) -> Settings:
    phase, cost_type = site.pairs[0]
    primes = usual.prime_contracts
    chosen = attrs.evolve(
        primes,
        mapping=attrs.evolve(primes.mapping, phase_code=phase, cost_type=cost_type),
        change_orders=attrs.evolve(
            primes.change_orders,
            numbering=_NUMBERED,
            status_code="B",
            status_actions={"B": 1},
            approved_date=False,
        ),
    )
    return attrs.evolve(usual, prime_contracts=chosen)


def _move_amount(sandbox: Sandbox) -> None:
    """One item is worth a dollar more, another one less; the contract stays what it was."""
    site, rows = site_of(sandbox), sandbox.spectrum.sql_rows()["prime_contract_lines"]
    items = [row for row in rows if row["job_number"] == site.job][:2]
    for row, more in zip(items, (1, -1), strict=True):
        amount = Decimal(str(row["amount"])) + more
        item, text = str(row["item"]), str(row["description"])
        sandbox.spectrum.add_billing_item(site.job, item, text, amount=amount)


def _change_prime(sandbox: Sandbox) -> None:
    """One change of two lines, of which one is on a pair that the job lacks."""
    site, state = site_of(sandbox), sandbox.procore.state()
    first, second, *_ = state["prime_contract_line_items"]
    codes = (site.codes[0], code_of_new_pair(sandbox))
    sandbox.procore.add_prime_change_order(
        site.project_id,
        first["holder_id"],
        number="001",
        title="Extra works",
        status="approved",
        lines=[
            {
                "wbs_code_id": code,
                "amount": f"{number}0.10",
                "description": f"Part {number}",
                "prime_line_item_id": line["id"],
            }
            for number, (code, line) in enumerate(zip(codes, (first, second), strict=True), 1)
        ],
    )


MONEY = (
    Scenario(
        name="budgets",
        features=("budgets",),
        arrange=_enter_line,
        choose=_budgets_by(mode="override"),
    ),
    Scenario(
        name="exported budgets",
        features=("budgets",),
        arrange=_lock_budget,
        choose=_budgets_by(**_EXPORTED),
    ),
    Scenario(
        name="budget changes",
        features=("budgets",),
        before=_lock_budget,
        arrange=_change_budget,
        choose=_budgets_by(
            **_EXPORTED,
            changes="change_request",
            numbering=_NUMBERED,
            status_code="C",
            status_actions={"C": 3},
        ),
    ),
    Scenario(
        name="changed estimates",
        features=("budgets",),
        before=_lock_budget,
        arrange=_change_budget,
        choose=_budgets_by(**_EXPORTED, changes="current_estimate"),
    ),
    Scenario(
        name="forecasts",
        features=("budgets",),
        before=_lock_budget,
        arrange=_expect_more,
        choose=_budgets_by(**_EXPORTED, forecast=True),
    ),
    Scenario(name="job_costs", features=("job_costs",), arrange=_post_first, choose=_costs_by()),
    Scenario(
        name="changed job_costs",
        features=("job_costs",),
        before=_post_first,
        arrange=_post_more,
        choose=_costs_by(),
    ),
    Scenario(
        name="posted job_costs",
        features=("job_costs",),
        before=_post_first,
        arrange=_post_transactions,
        choose=_costs_by(detail="transactions"),
    ),
    Scenario(
        name="partners' job_costs",
        features=("job_costs",),
        before=_post_first,
        arrange=_post_more,
        choose=_costs_by(writer="erp"),
    ),
    Scenario(name="prime_contracts", features=("prime_contracts",), choose=_primes_chosen),
    Scenario(
        name="changed contracts",
        features=("prime_contracts",),
        before=lambda _: None,
        arrange=_move_amount,
        choose=_primes_chosen,
    ),
    Scenario(
        name="prime change orders",
        features=("prime_contracts",),
        before=lambda _: None,
        arrange=_change_prime,
        choose=_primes_chosen,
    ),
)
