"""Arranging financial records and playing the people who edit them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from money_site import Site

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.testing.fake_procore import FakeProcore


@pytest.fixture
def site() -> Site:
    """A fresh site."""
    return Site()


def test_arranged_commitment_is_what_the_api_shows(site: Site) -> None:
    """Dates may be dates; status is set after the lines."""
    made = site.fake.add_commitment(
        site.id,
        "purchase_order",
        number="P",
        delivery_date=date(2026, 3, 1),
        status="Approved",
        lines=[site.line("1")],
    )
    assert made["delivery_date"] == "2026-03-01"
    assert site.get(f"/rest/v1.0/purchase_order_contracts/{made['id']}") == made


@pytest.mark.parametrize(
    "call",
    [
        lambda fake, _: fake.add_commitment(1),
        lambda fake, site: fake.add_commitment(site, vendor_id=1),
        lambda fake, site: fake.add_commitment(site, lines=[{"wbs_code_id": 1}]),
        lambda fake, site: fake.add_commitment_change_order(site, 1),
        lambda fake, site: fake.set_budget_line(site, 1, "1"),
        lambda fake, site: fake.add_budget_change(site, lines=[{"wbs_code_id": 1}]),
        lambda fake, site: fake.add_direct_cost(site, invoice_number="1"),
        lambda fake, _: fake.edit("nonsense", 1),
        lambda fake, _: fake.edit("vendor", 1, name="x"),
        lambda fake, site: fake.remove("project", site),
        lambda fake, site: fake.add_wbs_code(project_id=site, cost_code_id=1, line_item_type_id=1),
    ],
)
def test_impossible_arrangements_are_refused(site: Site, call: Any) -> None:
    """With the library's own error."""
    with pytest.raises(InvalidValueError):
        call(site.fake, site.id)


def records(site: Site) -> dict[str, tuple[int, dict[str, Any]]]:
    """One record of every kind that people edit, with a change for it."""
    fake = site.fake
    line = [site.line("1")]
    work = fake.add_commitment(site.id, lines=line)
    bought = fake.add_commitment(site.id, "purchase_order", lines=line)
    prime = fake.add_prime_contract(site.id, lines=line)
    order = fake.add_commitment_change_order(site.id, work["id"], lines=line)
    batch = fake.add_change_order_batch(site.id, work["id"], [order["id"]])
    change = fake.add_budget_change(site.id)
    cost = fake.add_direct_cost(
        site.id,
        invoice_number="1",
        vendor_id=site.vendor,
        direct_cost_type="invoice",
        lines=line,
    )
    state = fake.state()
    title, amount = {"title": "New"}, {"amount": "2.00"}
    return {
        "vendor": (site.vendor, {"name": "New"}),
        "project": (site.id, {"name": "New"}),
        "cost_code": (site.codes[0], {"name": "New"}),
        "line_item_type": (site.types[0], {"name": "New"}),
        "wbs_code": (site.wbs(), {"description": "New"}),
        "work_order_contract": (work["id"], title),
        "purchase_order_contract": (bought["id"], title),
        "prime_contract": (prime["id"], title),
        "work_order_contract_line_item": (work["line_items"][0]["id"], amount),
        "purchase_order_contract_line_item": (bought["line_items"][0]["id"], amount),
        "prime_contract_line_item": (prime["line_items"][0]["id"], amount),
        "change_order": (order["id"], title),
        "change_order_batch": (batch["id"], title),
        "change_order_line_item": (state["change_order_line_items"][0]["id"], amount),
        "budget_line_item": (state["budget_line_items"][0]["id"], {"uom": "New"}),
        "budget_change": (change["id"], title),
        "direct_cost": (cost["id"], {"terms": "New"}),
        "direct_cost_line_item": (cost["line_items"][0]["id"], amount),
    }


def test_people_edit_every_kind(site: Site) -> None:
    """The change is stored; an edit that is refused raises."""
    for kind, (number, fields) in records(site).items():
        row = site.fake.edit(kind, number, **fields)
        name, value = next(iter(fields.items()))
        assert row[name] == (value if name != "amount" else "2.0"), kind
        with pytest.raises(InvalidValueError):
            site.fake.edit(kind, number, nonsense=1)


def test_people_delete(site: Site) -> None:
    """Contracts, change orders, direct costs and lines, once nothing hangs on them."""
    made = records(site)
    for kind in (
        "change_order_line_item",
        "change_order",
        "work_order_contract_line_item",
        "work_order_contract",
        "purchase_order_contract",
        "prime_contract_line_item",
        "direct_cost_line_item",
        "direct_cost",
    ):
        number = made[kind][0]
        site.fake.remove(kind, number)
        rows = site.fake.state()[f"{kind}s"]
        assert next(row["deleted_at"] for row in rows if row["id"] == number)


def test_people_obey_locks(site: Site) -> None:
    """An approved commitment keeps vendor and lines for them too."""
    made = site.fake.add_commitment(
        site.id, vendor_id=site.vendor, status="Approved", lines=[site.line()]
    )
    with pytest.raises(InvalidValueError):
        site.fake.edit("work_order_contract", made["id"], vendor_id=None)
    with pytest.raises(InvalidValueError):
        site.fake.edit("work_order_contract_line_item", made["line_items"][0]["id"], amount="1")
    with pytest.raises(InvalidValueError):
        site.fake.remove("work_order_contract", made["id"])


def test_edits_are_seen_late_where_reads_lag() -> None:
    """What people change ages like any other write; what is arranged is there at once."""
    site = Site()
    made = site.fake.add_commitment(site.id, title="Old")
    site.fake.switches.read_lag_seconds = 60
    site.fake.edit("work_order_contract", made["id"], title="New")
    path = f"/rest/v1.0/work_order_contracts/{made['id']}"
    assert site.get(path)["title"] == "Old"
    site.wire.clock.advance(61)
    assert site.get(path)["title"] == "New"


def test_budget_lock_by_people(site: Site) -> None:
    """Lock, and unlock with or without the loss of modifications."""
    line = site.fake.set_budget_line(site.id, site.wbs(), "10")
    site.fake.add_budget_modification(
        site.id, to_budget_line_item_id=line["id"], transfer_amount="1"
    )
    site.fake.lock_budget(site.id)
    with pytest.raises(InvalidValueError):
        site.fake.set_budget_line(site.id, site.wbs(), "11")
    site.fake.unlock_budget(site.id, destroy_modifications=False)
    assert site.rows("budget_modifications")[0]["deleted_at"] is None
    assert site.fake.set_budget_line(site.id, site.wbs(), "11")["original_budget_amount"] == 11
    site.fake.unlock_budget(site.id)
    assert site.rows("budget_modifications")[0]["deleted_at"]


def test_state_and_calls_cover_the_money(site: Site) -> None:
    """All tables are in the state; a bulk call of budget lines is counted."""
    assert {"change_orders", "direct_costs", "markups", "budgets"} <= set(site.fake.state())
    body = [{"wbs_code_id": site.wbs(), "original_budget_amount": 1}]
    site.send("POST", "/rest/v1.0/budget_line_items/sync", budget_line_items=body)
    call = site.fake.calls[-1]
    assert (call.items_sent, call.items_answered) == (1, 1)


def test_same_calls_give_the_same_state() -> None:
    """Ids and amounts follow from the calls alone."""

    def build() -> dict[str, Any]:
        site = Site()
        records(site)
        return FakeProcore.state(site.fake)

    assert build() == build()
