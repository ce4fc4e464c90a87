"""The budget: lock, lines, modifications, changes, views."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from money_site import Site, errors

from procore_spectrum.errors import InvalidValueError

LINES = "/rest/v1.1/budget_line_items"
SYNC = "/rest/v1.0/budget_line_items/sync"
EXISTS = {"wbs_code_id": ["This Budget Code already exists"]}
LOCKED = {
    "original_budget_amount": ["The original_budget_amount cannot be updated for a locked budget."]
}


class Budget:
    """The budget of a site."""

    def __init__(self) -> None:
        self.site = Site()
        self.root = f"/rest/v1.0/projects/{self.site.id}"

    def create(self, **fields: Any) -> Any:
        """A creation, accepted or not."""
        return self.site.send("POST", LINES, budget_line_item=fields)

    def line(self, amount: Any = 100, code: int = 0) -> Any:
        """A new line, which is accepted."""
        answer = self.create(wbs_code_id=self.site.wbs(code), original_budget_amount=amount)
        assert answer.status == 201, answer.content
        return answer.json()

    def patch(self, number: int, **fields: Any) -> Any:
        """An update, accepted or not."""
        return self.site.send("PATCH", f"{LINES}/{number}", budget_line_item=fields)

    def sync(self, *items: Any) -> Any:
        """Bulk upsert, accepted or not."""
        return self.site.send("POST", SYNC, budget_line_items=list(items))

    def lock(self, method: str = "POST", **query: str) -> Any:
        """Lock, or unlock with DELETE."""
        path = f"{self.root}/budget/lock"
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return self.site.wire.send(method, f"{path}?{text}" if text else path)

    def rows(self, **query: Any) -> dict[str, Any]:
        """The rows of the view by cost code."""
        view = self.site.get("/rest/v1.0/budget_views")[0]
        path = f"/rest/v1.0/budget_views/{view['id']}/detail_rows"
        return {row["cost_code"][:2]: row for row in self.site.get(path, **query)}


@pytest.fixture
def budget() -> Budget:
    """An empty, open budget."""
    return Budget()


# the lock ------------------------------------------------------------------------------------


def test_lock_and_unlock(budget: Budget) -> None:
    """201 and 200, each with the state."""
    assert budget.site.get(f"{budget.root}/budget") == {"locked": False}
    assert (budget.lock().status, budget.lock().json()) == (201, {"locked": True})
    assert budget.site.get(f"{budget.root}/budget") == {"locked": True}
    assert (budget.lock("DELETE").status, budget.lock("DELETE").json()) == (200, {"locked": False})


def test_lock_is_per_project(budget: Budget) -> None:
    """Another project stays open."""
    budget.lock()
    other = budget.site.fake.add_project(name="Other")["id"]
    assert budget.site.wire.get(f"/rest/v1.0/projects/{other}/budget").json()["locked"] is False


def test_locked_budget_keeps_original_amounts(budget: Budget) -> None:
    """Refused with Procore's text; the same amount or another field is not."""
    made = budget.line(100)
    budget.lock()
    assert errors(budget.patch(made["id"], original_budget_amount=101)) == LOCKED
    assert budget.patch(made["id"], original_budget_amount="100.00", uom="ls").status == 200
    wrong = budget.create(wbs_code_id=budget.site.wbs(1), original_budget_amount="0.01")
    assert errors(wrong) == LOCKED
    assert budget.line(0, code=1)["original_budget_amount"] == 0
    budget.lock("DELETE")
    assert budget.patch(made["id"], original_budget_amount=101).status == 200


@pytest.mark.parametrize(("sent", "left"), [(None, 0), ("true", 0), ("false", 1)])
def test_unlocking_destroys_modifications_by_default(
    budget: Budget, sent: str | None, left: int
) -> None:
    """Unless the flag is sent as false."""
    made = budget.line()
    budget.site.fake.add_budget_modification(
        budget.site.id, to_budget_line_item_id=made["id"], transfer_amount="5"
    )
    budget.lock()
    query = {"destroy_all_budget_line_item_transfers": sent} if sent else {}
    assert budget.lock("DELETE", **query).status == 200
    assert len(budget.site.wire.get(f"{budget.root}/budget_modifications").json()) == left


def test_unlock_flag_must_be_true_or_false(budget: Budget) -> None:
    """Anything else is refused, and nothing is destroyed."""
    budget.lock()
    assert budget.lock("DELETE", destroy_all_budget_line_item_transfers="no").status == 400
    assert budget.site.get(f"{budget.root}/budget") == {"locked": True}


# lines ---------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(amount=st.decimals(-(10**15), 10**15, places=2))
def test_amounts_are_exact_json_numbers(amount: Decimal) -> None:
    """What a client reads as a decimal is what was sent."""
    budget = Budget()
    made = budget.line(f"{amount:f}")
    answer = budget.site.wire.get(f"{LINES}/{made['id']}", project_id=budget.site.id)
    found = answer.json()["original_budget_amount"]
    assert isinstance(found, Decimal)
    assert found == amount


def test_one_line_per_budget_code(budget: Budget) -> None:
    """The second line of a code is refused with Procore's text."""
    budget.line()
    other = budget.line(code=1)
    assert errors(budget.create(wbs_code_id=budget.site.wbs())) == EXISTS
    assert errors(budget.patch(other["id"], wbs_code_id=budget.site.wbs())) == EXISTS
    assert budget.patch(other["id"], wbs_code_id=budget.site.wbs(2)).status == 200
    assert budget.line(code=1)["id"]


def test_line_that_a_contract_made_is_in_the_way(budget: Budget) -> None:
    """The automatic line has to be found and updated."""
    budget.site.fake.add_commitment(budget.site.id, lines=[budget.site.line()])
    assert errors(budget.create(wbs_code_id=budget.site.wbs())) == EXISTS


@pytest.mark.parametrize("code", [None, 1])
def test_code_must_exist(budget: Budget, code: int | None) -> None:
    """Missing or unknown."""
    assert list(errors(budget.create(wbs_code_id=code))) == ["wbs_code_id"]


def test_automatic_lines_follow_quantity_and_price(budget: Budget) -> None:
    """Strategy automatic: the amount sent is ignored; manual: it is kept."""
    fields = {"wbs_code_id": budget.site.wbs(), "quantity": "2", "unit_cost": "1.255"}
    answer = budget.create(**fields, calculation_strategy="automatic", original_budget_amount=9)
    made = answer.json()
    assert made["original_budget_amount"] == Decimal("2.51")
    by_hand = budget.patch(made["id"], calculation_strategy="manual", original_budget_amount=9)
    assert by_hand.json()["original_budget_amount"] == 9
    kept = budget.patch(made["id"], calculation_strategy=None).json()
    assert kept["calculation_strategy"] == "manual"


def test_line_of_another_project_is_not_found(budget: Budget) -> None:
    """404 to read and to write."""
    made = budget.line()
    other = budget.site.fake.add_project(name="Other")["id"]
    path = f"{LINES}/{made['id']}"
    assert budget.site.wire.get(path, project_id=other).status == 404
    body = {"project_id": other, "budget_line_item": {"uom": "x"}}
    assert budget.site.wire.send("PATCH", path, body).status == 404


def test_delete_of_lines(budget: Budget) -> None:
    """204 while the budget is open; then the code is free."""
    made = budget.line()
    path = budget.site.v2(f"budget_line_items/{made['id']}")
    budget.lock()
    assert budget.site.wire.send("DELETE", path).status == 422
    budget.lock("DELETE")
    assert budget.site.wire.send("DELETE", path).status == 204
    assert budget.site.wire.send("DELETE", path).status == 404
    assert budget.line()["id"] != made["id"]


# sync ----------------------------------------------------------------------------------------


def test_sync_answers_a_plain_list(budget: Budget) -> None:
    """New lines and known ones, in the order that was sent."""
    made = budget.line(1)
    answer = budget.sync(
        {"wbs_code_id": budget.site.wbs(1), "original_budget_amount": 5},
        {"id": made["id"], "wbs_code_id": budget.site.wbs(), "original_budget_amount": 2},
    )
    assert answer.status == 200
    rows = answer.json()
    assert [row["original_budget_amount"] for row in rows] == [5, 2]
    assert rows[1]["id"] == made["id"]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"wbs_code_id": 1}, "wbs_code_id"),
        ({"original_budget_amount": 1}, "wbs_code_id"),
        ({"id": 1, "wbs_code_id": "first"}, "id"),
        ({"wbs_code_id": "first"}, "wbs_code_id"),
        ({"wbs_code_id": "second"}, "wbs_code_id"),
        ({"wbs_code_id": "third", "nonsense": 1}, "nonsense"),
    ],
)
def test_sync_fails_as_a_whole(budget: Budget, bad: dict[str, Any], field: str) -> None:
    """One bad item: 422 and nothing is stored, not even the good item before it."""
    budget.line()
    codes = {name: budget.site.wbs(n) for n, name in enumerate(["first", "second", "third"])}
    item = {k: codes.get(v, v) if isinstance(v, str) else v for k, v in bad.items()}
    good = {"wbs_code_id": budget.site.wbs(1), "original_budget_amount": 5}
    before = budget.site.rows("budget_line_items")
    assert list(errors(budget.sync(good, item))) == [field]
    assert budget.site.rows("budget_line_items") == before


def test_sync_obeys_the_lock(budget: Budget) -> None:
    """With Procore's text."""
    made = budget.line(1)
    budget.lock()
    item = {"id": made["id"], "wbs_code_id": budget.site.wbs(), "original_budget_amount": 2}
    assert errors(budget.sync(item)) == LOCKED


# modifications and changes -------------------------------------------------------------------


def test_modifications_can_only_be_read(budget: Budget) -> None:
    """Budget Changes are enabled: 405 with ``Allow: GET``."""
    line = budget.line()
    made = budget.site.fake.add_budget_modification(
        budget.site.id, to_budget_line_item_id=line["id"], transfer_amount="5"
    )
    path = f"{budget.root}/budget_modifications"
    assert budget.site.wire.get(f"{path}/{made['id']}").json()["transfer_amount"] == "5.0"
    assert budget.site.wire.get(f"{path}/1").status == 404
    for method, where in (("POST", path), ("DELETE", f"{path}/{made['id']}")):
        answer = budget.site.wire.send(method, where, {"budget_modification": {}})
        assert (answer.status, answer.header("Allow")) == (405, "GET")


def test_modifications_of_older_companies(budget: Budget) -> None:
    """The switch: create and delete; both lines must exist."""
    budget.site.fake.switches.budget_changes_enabled = False
    one, two = budget.line(100), budget.line(50, code=1)
    path = f"{budget.root}/budget_modifications"

    def send(**fields: Any) -> Any:
        return budget.site.wire.send("POST", path, {"budget_modification": fields})

    right = {"from_budget_line_item_id": one["id"], "to_budget_line_item_id": two["id"]}
    made = send(**right, transfer_amount="12.5")
    assert made.status == 201
    assert {k: row["Revised Budget"] for k, row in budget.rows().items()} == {
        "01": "87.5",
        "02": "62.5",
    }
    assert set(errors(send(from_budget_line_item_id=1))) == {
        "from_budget_line_item_id",
        "to_budget_line_item_id",
        "transfer_amount",
    }
    assert budget.site.wire.send("DELETE", f"{path}/{made.json()['id']}").status == 200
    assert budget.site.wire.get(path).json() == []


def test_budget_changes_list_summaries(budget: Budget) -> None:
    """Lines come with the show endpoint only; both have the envelope."""
    made = budget.site.fake.add_budget_change(
        budget.site.id,
        title="Shift",
        status="approved",
        lines=[
            {"wbs_code_id": budget.site.wbs(), "amount": "20.25"},
            {
                "wbs_code_id": budget.site.wbs(1),
                "amount": "-20",
                "type": "budget_change",
                "adjustment_number": 1,
            },
        ],
    )
    path = f"{budget.root}/budget_changes"
    listed = budget.site.wire.get(path).json()["data"]
    assert [(row["id"], row["number"], row["amount"]) for row in listed] == [
        (made["id"], 1, Decimal("0.25"))
    ]
    assert "adjustment_line_items" not in listed[0]
    shown = budget.site.wire.get(f"{path}/{made['id']}").json()["data"]
    lines = [
        (line["type"], line["adjustment_number"], line["id"], line["wbs_code"]["flat_code"])
        for line in shown["adjustment_line_items"]
    ]
    assert lines == [("change_event", 1, 1, "01.L"), ("budget_change", 1, 1, "02.L")]
    assert budget.site.wire.get(f"{path}/1").status == 404


def test_adjustments_begin_with_a_change_event_line(budget: Budget) -> None:
    """What is taken belongs to an adjustment; adjustments are numbered one after the other."""
    first = {"wbs_code_id": budget.site.wbs(), "amount": "1"}
    taken = {**first, "type": "budget_change"}
    for wrong in ([taken], [first, {**taken, "adjustment_number": 2}], [first, taken]):
        with pytest.raises(InvalidValueError, match="adjustment_number"):
            budget.site.fake.add_budget_change(budget.site.id, lines=wrong)
    made = budget.site.fake.add_budget_change(budget.site.id, lines=[first, first])
    assert [line["adjustment_number"] for line in made["adjustment_line_items"]] == [1, 2]


# views ---------------------------------------------------------------------------------------


def test_detail_rows_count_what_is_approved(budget: Budget) -> None:
    """Budget, changes, commitments with change orders, direct costs; amounts as text."""
    site = budget.site
    budget.line(100)
    site.fake.add_budget_change(
        site.id,
        status="approved",
        lines=[
            {"wbs_code_id": site.wbs(), "amount": "12.50"},
            {
                "wbs_code_id": site.wbs(),
                "amount": "-2.50",
                "type": "budget_change",
                "adjustment_number": 1,
            },
        ],
    )
    site.fake.add_budget_change(
        site.id, status="draft", lines=[{"wbs_code_id": site.wbs(), "amount": "99"}]
    )
    contract = site.fake.add_commitment(site.id, status="Approved", lines=[site.line("40")])
    site.fake.add_commitment(site.id, lines=[site.line("99")])
    site.fake.add_commitment_change_order(
        site.id, contract["id"], status="approved", lines=[site.line("5")]
    )
    site.fake.add_commitment_change_order(site.id, contract["id"], lines=[site.line("99")])
    cost = {"vendor_id": site.vendor, "direct_cost_type": "invoice"}
    site.fake.add_direct_cost(
        site.id, invoice_number="1", status="approved", lines=[site.line("3")], **cost
    )
    site.fake.add_direct_cost(site.id, invoice_number="2", lines=[site.line("99")], **cost)
    row = budget.rows()["01"]
    assert row["original_budget_amount"] == "100.0"
    assert row["Approved Budget Changes"] == "10.0"
    assert row["Revised Budget"] == "110.0"
    assert row["Committed Costs"] == "45.0"
    assert row["Direct Costs"] == row["Job to Date Costs"] == "3.0"
    assert row["budget_forecast"]["amount"] == "62.0"


def test_unbudgeted_rows_have_no_id(budget: Budget) -> None:
    """They come only when asked for."""
    site = budget.site
    budget.line(1)
    site.fake.switches.lines_create_budget_lines = False
    site.fake.add_commitment(site.id, status="Approved", lines=[site.line("40", 1)])
    assert list(budget.rows()) == ["01"]
    only = budget.rows(budget_row_type="unbudgeted")
    assert [(row["id"], row["Committed Costs"]) for row in only.values()] == [(None, "40.0")]
    assert only["02"]["budget_forecast"]["amount"] == "0.0"
    assert list(budget.rows(budget_row_type="all")) == ["01", "02"]
    assert list(budget.rows(budget_row_type="all", **{"cost_code_id[]": site.codes[1]})) == ["02"]


def test_row_names_the_root_of_a_tiered_code(budget: Budget) -> None:
    """The topmost code of the tree."""
    site = budget.site
    child = site.fake.add_cost_code(
        project_id=site.id, code="9", name="Sub", parent_id=site.codes[0]
    )
    code = site.fake.add_wbs_code(
        project_id=site.id, cost_code_id=child["id"], line_item_type_id=site.types[0]
    )
    site.fake.set_budget_line(site.id, code["id"], "1")
    assert budget.rows()["01"]["root_cost_code_id"] == site.codes[0]


def test_unknown_view(budget: Budget) -> None:
    """404."""
    path = "/rest/v1.0/budget_views/1/detail_rows"
    assert budget.site.wire.get(path, project_id=budget.site.id).status == 404
    assert len(budget.site.wire.get("/rest/v1.0/budget_views").json()) == 1


def test_budget_tool_that_is_off(budget: Budget) -> None:
    """403."""
    budget.site.fake.disable_tool(budget.site.id, "budget")
    assert budget.site.wire.get(f"{budget.root}/budget").status == 403
