"""Lines: codes, amounts, locks, automatic budget lines, sync; and sums to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from money_site import Site, errors

AMOUNTS = st.decimals(-(10**9), 10**9, places=2)
FACTORS = st.decimals(-(10**5), 10**5, places=4)


class Lines:
    """The lines of one contract of one type."""

    def __init__(self, kind: str) -> None:
        self.site = Site()
        self.query = kind == "prime"
        if kind == "prime":
            self.contract = self.site.fake.add_prime_contract(self.site.id)
            self.path = f"/rest/v1.0/prime_contracts/{self.contract['id']}/line_items"
            self.header = f"/rest/v1.0/prime_contract/{self.contract['id']}"
            self.kind = "prime_contract"
        else:
            chosen: Any = kind
            self.contract = self.site.fake.add_commitment(self.site.id, chosen)
            self.header = f"/rest/v1.0/{kind}_contracts/{self.contract['id']}"
            self.path = f"{self.header}/line_items"
            self.kind = f"{kind}_contract"

    def write(self, method: str, path: str, **fields: Any) -> Any:
        """A write of one line."""
        send = self.site.query if self.query else self.site.send
        return send(method, path, line_item=fields)

    def create(self, **fields: Any) -> Any:
        """A new line, which is accepted."""
        answer = self.write("POST", self.path, **fields)
        assert answer.status == 201, answer.content
        return answer.json()

    def patch(self, number: int, **fields: Any) -> Any:
        """An update, accepted or not."""
        return self.write("PATCH", f"{self.path}/{number}", **fields)

    def sync(self, *items: Any) -> Any:
        """Bulk upsert."""
        return self.site.query("PATCH", f"{self.path}/sync", updates=list(items)).json()

    def approve(self) -> None:
        """Set the contract to Approved, as a person would."""
        self.site.fake.edit(self.kind, self.contract["id"], status="Approved")


@pytest.fixture(params=["work_order", "purchase_order", "prime"])
def lines(request: pytest.FixtureRequest) -> Lines:
    """Each type in turn."""
    return Lines(request.param)


@pytest.fixture
def locked() -> Lines:
    """An approved work order with one line."""
    made = Lines("work_order")
    made.create(**made.site.line(origin_id="l"))
    made.approve()
    return made


def test_line_shows_code_and_amounts_as_text(lines: Lines) -> None:
    """The keys that a client maps."""
    site = lines.site
    made = lines.create(**site.line("250", description="Works", uom="ls"))
    assert (made["amount"], made["total_amount"], made["extended_type"]) == (
        "250.0",
        "250.0",
        "manual",
    )
    assert made["wbs_code"] == {"id": site.wbs(), "flat_code": "01.L", "description": None}
    assert (made["cost_code"]["id"], made["line_item_type"]["id"]) == (site.codes[0], site.types[0])
    assert made["holder"]["id"] == lines.contract["id"]
    assert site.get(f"{lines.path}/{made['id']}") == made
    assert site.get(lines.path) == [made]


def test_pair_of_codes_makes_the_budget_code(lines: Lines) -> None:
    """Cost code and type do instead of a WBS code."""
    site = lines.site
    made = lines.create(cost_code_id=site.codes[1], line_item_type_id=site.types[1], amount="1")
    assert made["wbs_code"]["flat_code"] == "02.M"
    moved = lines.patch(made["id"], cost_code_id=site.codes[2]).json()
    assert moved["wbs_code"]["flat_code"] == "03.M"


def test_wbs_code_goes_before_the_pair(lines: Lines) -> None:
    """Both sent: the WBS code wins."""
    site = lines.site
    made = lines.create(**site.line(), cost_code_id=site.codes[1], line_item_type_id=site.types[1])
    assert made["wbs_code"]["flat_code"] == "01.L"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "wbs_code_id"),
        ({"wbs_code_id": 1}, "wbs_code_id"),
        ({"cost_code_id": 1, "line_item_type_id": "type"}, "cost_code_id"),
        ({"cost_code_id": "code", "line_item_type_id": 1}, "line_item_type_id"),
        ({"cost_code_id": "code"}, "line_item_type_id"),
        ({"line_item_type_id": "type"}, "cost_code_id"),
        ({"wbs_code_id": "wbs", "amount": "ten"}, "amount"),
        ({"wbs_code_id": "wbs", "amount": True}, "amount"),
        ({"wbs_code_id": "wbs", "quantity": "1e5"}, "quantity"),
        ({"wbs_code_id": "wbs", "extended_type": "other"}, "extended_type"),
    ],
)
def test_impossible_lines_are_refused(lines: Lines, fields: dict[str, Any], field: str) -> None:
    """The field that is wrong is named."""
    site = lines.site
    real = {"type": site.types[0], "code": site.codes[0], "wbs": site.wbs()}
    sent = {k: real.get(v, v) if isinstance(v, str) else v for k, v in fields.items()}
    answer = lines.write("POST", lines.path, **{"amount": "1", **sent})
    assert list(errors(answer)) == [field]
    assert site.get(lines.path) == []


def test_code_of_another_project_is_refused(lines: Lines) -> None:
    """Codes belong to their project."""
    other = lines.site.fake.add_project(name="Other")["id"]
    code = lines.site.fake.add_cost_code(project_id=other, code="9", name="N")["id"]
    wrong = lines.write(
        "POST", lines.path, cost_code_id=code, line_item_type_id=lines.site.types[0]
    )
    assert errors(wrong) == {"cost_code_id": ["does not exist"]}


def test_quantity_times_price(lines: Lines) -> None:
    """Calculated unless the amount is given by hand; halves are rounded away from zero."""
    wbs = lines.site.wbs()
    made = lines.create(wbs_code_id=wbs, quantity="3", unit_cost="0.335")
    assert (made["amount"], made["extended_type"]) == ("1.01", "calculated")
    by_hand = lines.patch(made["id"], amount="7").json()
    assert (by_hand["amount"], by_hand["extended_type"]) == ("7.0", "manual")
    again = lines.patch(made["id"], quantity="10").json()
    assert (again["amount"], again["extended_type"]) == ("3.35", "calculated")
    kept = lines.patch(made["id"], description="x", amount=None).json()
    assert kept["amount"] == "3.35"


def test_line_without_amount_is_zero(lines: Lines) -> None:
    """Neither amount nor quantity."""
    made = lines.create(wbs_code_id=lines.site.wbs(), quantity="2")
    assert made["amount"] == "0.0"
    assert made["unit_cost"] is None


def test_deleted_line_is_gone(lines: Lines) -> None:
    """200, then 404."""
    made = lines.create(**lines.site.line())
    path = f"{lines.path}/{made['id']}"
    assert lines.site.query("DELETE", path).status == 200
    assert lines.site.wire.get(path, project_id=lines.site.id).status == 404
    assert lines.site.query("DELETE", path).status == 404
    assert lines.site.get(lines.header)["grand_total"] == "0.0"


def test_lines_of_an_unknown_contract() -> None:
    """404 for the holder."""
    site = Site()
    path = "/rest/v1.0/work_order_contracts/1/line_items"
    assert site.wire.get(path, project_id=site.id).status == 404


def test_list_filters_by_code(lines: Lines) -> None:
    """Cost code and type narrow the list."""
    lines.create(**lines.site.line())
    two = lines.create(**lines.site.line(code=1))
    code = {"filters[cost_code_id]": lines.site.codes[1]}
    assert [row["id"] for row in lines.site.get(lines.path, **code)] == [two["id"]]


# locks ---------------------------------------------------------------------------------------


def test_lines_of_an_approved_contract_are_locked(locked: Lines) -> None:
    """No new line, no changed line, no deleted line."""
    number = locked.site.get(locked.path)[0]["id"]
    assert "base" in errors(locked.write("POST", locked.path, **locked.site.line()))
    assert "base" in errors(locked.patch(number, amount="101"))
    assert "base" in errors(locked.site.query("DELETE", f"{locked.path}/{number}"))


def test_origin_fields_of_locked_lines_can_be_written(locked: Lines) -> None:
    """The keys of the ERP come after the approval; repeating what is there changes nothing."""
    number = locked.site.get(locked.path)[0]["id"]
    kept = locked.patch(number, origin_id="k", origin_data="d", amount="100.00").json()
    assert (kept["origin_id"], kept["origin_data"], kept["amount"]) == ("k", "d", "100.0")


def test_locked_lines_in_sync(locked: Lines) -> None:
    """The lock is an error of the item."""
    answer = locked.sync({"origin_id": "l", "amount": "5"}, {"origin_id": "l2"})
    assert [list(row["errors"]) for row in answer["errors"]] == [["base"], ["base"]]


def test_reopened_contract_is_open(locked: Lines) -> None:
    """Back in Draft the lines can be changed."""
    locked.site.fake.edit("work_order_contract", locked.contract["id"], status="Draft")
    number = locked.site.get(locked.path)[0]["id"]
    assert locked.patch(number, amount="101").status == 200


def test_prime_contracts_are_not_locked() -> None:
    """The lock is about commitments and change orders."""
    prime = Lines("prime")
    prime.approve()
    assert prime.create(**prime.site.line())["amount"] == "100.0"


# automatic budget lines ----------------------------------------------------------------------


def test_unbudgeted_code_gets_a_budget_line(lines: Lines) -> None:
    """One line of zero, once."""
    lines.create(**lines.site.line())
    lines.create(**lines.site.line())
    made = lines.site.rows("budget_line_items")
    assert [(row["wbs_code_id"], row["original_budget_amount"]) for row in made] == [
        (lines.site.wbs(), "0.0")
    ]


def test_automatic_budget_lines_are_a_switch(lines: Lines) -> None:
    """Older projects have none."""
    lines.site.fake.switches.lines_create_budget_lines = False
    lines.create(**lines.site.line())
    assert lines.site.rows("budget_line_items") == []


# sync ----------------------------------------------------------------------------------------


def test_sync_of_lines_goes_by_origin_id(lines: Lines) -> None:
    """Created, then updated."""
    made = lines.sync(lines.site.line(origin_id="a"))["entities"][0]
    again = lines.sync({"origin_id": "a", "amount": "7"})["entities"][0]
    assert (again["id"], again["amount"]) == (made["id"], "7.0")
    assert again["wbs_code"] == made["wbs_code"]


def test_only_prime_lines_sync_by_id(lines: Lines) -> None:
    """The items of other line syncs list no id."""
    made = lines.create(**lines.site.line())
    answer = lines.sync({"id": made["id"], "amount": "7"})
    if lines.query:
        assert answer["entities"][0]["amount"] == "7.0"
    else:
        assert answer["errors"][0]["errors"] == {"id": ["is not a known field"]}


def test_origin_id_of_a_line_of_another_contract(lines: Lines) -> None:
    """Sync looks within its contract, uniqueness within the company."""
    lines.create(**lines.site.line(origin_id="a"))
    other = lines.site.fake.add_commitment(lines.site.id)
    path = f"/rest/v1.0/work_order_contracts/{other['id']}/line_items/sync"
    answer = lines.site.query("PATCH", path, updates=[lines.site.line(origin_id="a")]).json()
    assert answer["errors"][0]["errors"] == {"origin_id": ["has already been taken"]}


def test_too_many_lines_in_a_sync(lines: Lines) -> None:
    """413 beyond the limit of the switch, 200 at it."""
    lines.site.fake.switches.line_sync_limit = 2
    items = [lines.site.line(origin_id=str(n)) for n in range(3)]
    answer = lines.site.query("PATCH", f"{lines.path}/sync", updates=items)
    assert answer.status == 413
    assert len(lines.sync(*items[:2])["entities"]) == 2


# sums ----------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(amounts=st.lists(AMOUNTS, max_size=6), factors=st.lists(st.tuples(FACTORS, FACTORS)))
def test_total_is_the_sum_of_the_lines(
    amounts: list[Decimal], factors: list[tuple[Decimal, Decimal]]
) -> None:
    """To the cent, whatever is added: given amounts and calculated ones."""
    site = Site()
    sent = [site.line(str(amount)) for amount in amounts]
    sent += [site.line(None, quantity=str(n), unit_cost=str(price)) for n, price in factors[:4]]
    made = site.fake.add_commitment(site.id, lines=sent)
    cent = Decimal("0.01")
    wanted = sum(amounts, Decimal(0))
    for count, price in factors[:4]:
        wanted += (count * price).quantize(cent, rounding=ROUND_HALF_UP)
    shown = site.get(f"/rest/v1.0/work_order_contracts/{made['id']}")
    assert Decimal(shown["grand_total"]) == wanted
    assert wanted == sum((Decimal(row["amount"]) for row in shown["line_items"]), Decimal(0))
    second = site.wire.get(site.v2(f"commitment_contracts/{made['id']}")).json()["data"]
    assert second["grand_total"] == shown["grand_total"]


@settings(max_examples=50, deadline=None)
@given(amount=st.decimals(-(10**18), 10**18, places=2))
def test_amounts_survive_the_way_through_the_fake(amount: Decimal) -> None:
    """Text in, text out, in the shortest form that has a decimal."""
    site = Site()
    made = site.fake.add_commitment(site.id, lines=[site.line(f"{amount:f}")])
    shown = made["line_items"][0]["amount"]
    assert Decimal(shown) == amount
    assert "." in shown
    assert "e" not in shown.lower()
    assert not (shown.endswith("0") and not shown.endswith(".0"))
    assert shown != "-0.0"
