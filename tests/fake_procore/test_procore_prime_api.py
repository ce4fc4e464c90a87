"""Prime contracts and financial markups."""

from __future__ import annotations

from typing import Any

import pytest
from money_site import Site, errors

ROOT = "/rest/v1.0/prime_contract"
MARKUPS = "/rest/v1.0/financials/markups"


def create(site: Site, **fields: Any) -> Any:
    """A new prime contract."""
    answer = site.send("POST", ROOT, prime_contract={"title": "Main", **fields})
    assert answer.status == 201, answer.content
    return answer.json()


def test_list_is_plural_and_the_rest_singular() -> None:
    """The first contract is what the singular path without an id answers."""
    site = Site()
    assert site.wire.get(ROOT, project_id=site.id).status == 404
    one, two = create(site, number="1"), create(site, origin_id="p")
    assert site.get(ROOT) == site.get(f"{ROOT}/{one['id']}") == one
    rows = site.get(f"{ROOT}s")
    assert [row["id"] for row in rows] == [one["id"], two["id"]]
    assert "origin_code" in rows[0]
    assert "origin_code" not in one
    found = site.get(f"{ROOT}s", **{"filters[id]": two["id"]})
    assert [row["origin_id"] for row in found] == ["p"]


def test_update_and_delete() -> None:
    """By id, in the singular."""
    site = Site()
    made = create(site)
    path = f"{ROOT}/{made['id']}"
    changed = site.send("PATCH", path, prime_contract={"status": "Complete"})
    assert changed.json()["status"] == "Complete"
    assert "base" in errors(site.query("DELETE", path))
    site.send("PATCH", path, prime_contract={"status": "Draft"})
    assert site.query("DELETE", path).status == 200
    assert site.wire.get(path, project_id=site.id).status == 404


@pytest.mark.parametrize(("status", "code"), [("Terminated", 201), ("Void", 422)])
def test_states_of_prime_contracts(status: str, code: int) -> None:
    """They know no Void."""
    site = Site()
    answer = site.send("POST", ROOT, prime_contract={"status": status})
    assert answer.status == code


def test_fields_that_prime_contracts_lack() -> None:
    """Neither origin_code nor private can be written."""
    site = Site()
    answer = site.send("POST", ROOT, prime_contract={"origin_code": "x", "private": True})
    assert set(errors(answer)) == {"origin_code", "private"}


def test_lines_in_version_2() -> None:
    """Text ids, envelope, no line of itself."""
    site = Site()
    made = site.fake.add_prime_contract(site.id, lines=[site.line("5")])
    path = site.v2(f"prime_contracts/{made['id']}/line_items")
    line = site.wire.get(path).json()["data"][0]
    assert (line["amount"], line["line_item_group_id"]) == ("5.0", None)
    assert "prime_line_item_id" not in line
    assert site.wire.get(f"{path}/{line['id']}").json()["data"] == line
    assert site.wire.get(f"{path}/1").status == 404


def test_prime_tool_that_is_off() -> None:
    """403."""
    site = Site()
    site.fake.disable_tool(site.id, "prime_contracts")
    assert site.wire.get(f"{ROOT}s", project_id=site.id).status == 403


# markups -------------------------------------------------------------------------------------


class Markups:
    """The markups of one holder."""

    def __init__(self, site: Site, kind: str, holder: int) -> None:
        self.site = site
        self.where = f"project_id={site.id}&holder_type={kind}&holder_id={holder}"

    def send(self, method: str, number: Any = None, **markup: Any) -> Any:
        """A call about one markup, or about all."""
        path = MARKUPS if number is None else f"{MARKUPS}/{number}"
        body = {"markup": markup} if markup else None
        return self.site.wire.send(method, f"{path}?{self.where}", body)


@pytest.fixture
def markups() -> Markups:
    """Those of a prime contract."""
    site = Site()
    return Markups(site, "Contract", site.fake.add_prime_contract(site.id)["id"])


def test_markup_lives(markups: Markups) -> None:
    """Created, listed by position, changed, deleted."""
    first = {"name": "Fee", "percentage": "5.25", "markup_set": "change_orders_horizontal"}
    answer = markups.send("POST", **first)
    assert answer.status == 201
    fee = answer.json()
    assert (fee["percentage"], fee["position"], fee["wbs_code"]) == ("5.25", 1, None)
    code = markups.site.wbs()
    top = markups.send("POST", **{**first, "name": "Tax", "position": 0, "wbs_code_id": code})
    assert top.json()["wbs_code"]["flat_code"] == "01.L"
    assert [row["name"] for row in markups.send("GET").json()] == ["Tax", "Fee"]
    assert markups.send("GET", fee["id"]).json() == fee
    changed = markups.send("PATCH", fee["id"], percentage="6", name=None)
    assert "name" in errors(changed)
    assert markups.send("PATCH", fee["id"], percentage="6").json()["percentage"] == "6.0"
    assert markups.send("DELETE", fee["id"]).status == 204
    assert markups.send("GET", fee["id"]).status == 404


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": None}, "name"),
        ({"percentage": None}, "percentage"),
        ({"markup_set": "vertical"}, "markup_set"),
        ({"compound": {"type": "below"}}, "compound"),
        ({"wbs_code_id": 1}, "wbs_code_id"),
    ],
)
def test_wrong_markups_are_refused(markups: Markups, fields: dict[str, Any], field: str) -> None:
    """The field that is wrong is named."""
    right = {"name": "Fee", "percentage": "5", "markup_set": "change_orders_vertical"}
    assert list(errors(markups.send("POST", **{**right, **fields}))) == [field]


def test_markups_of_potential_change_orders() -> None:
    """Their own sets; writing only while the lines can be edited."""
    site = Site()
    prime = site.fake.add_prime_contract(site.id)["id"]
    order = site.fake.add_prime_change_order(site.id, prime)
    markups = Markups(site, "PotentialChangeOrder", order["legacy_request_id"])
    right = {"name": "Fee", "percentage": "5", "markup_set": "horizontal"}
    made = markups.send("POST", **right).json()
    site.fake.edit("change_order", order["id"], status="approved")
    assert "base" in errors(markups.send("POST", **right))
    assert "base" in errors(markups.send("DELETE", made["id"]))
    assert [row["id"] for row in markups.send("GET").json()] == [made["id"]]


def test_holder_must_be_named_and_exist(markups: Markups) -> None:
    """400 without type or id, 404 for an unknown holder."""
    site = markups.site
    for query, status in (
        ({}, 400),
        ({"holder_type": "Other", "holder_id": 1}, 400),
        ({"holder_type": "Contract"}, 400),
        ({"holder_type": "Contract", "holder_id": 1}, 404),
        ({"holder_type": "PotentialChangeOrder", "holder_id": 1}, 404),
    ):
        assert site.wire.get(MARKUPS, project_id=site.id, **query).status == status


def test_markups_are_no_part_of_amounts() -> None:
    """Cost values stay without them (4.11)."""
    site = Site()
    made = site.fake.add_prime_contract(site.id, lines=[site.line("100")])
    markup = site.fake.add_markup(
        site.id, made["id"], name="Fee", percentage="50", markup_set="change_orders_vertical"
    )
    assert markup["holder_id"] == made["id"]
    assert site.get(f"{ROOT}/{made['id']}")["grand_total"] == "100.0"
