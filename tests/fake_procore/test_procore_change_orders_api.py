"""Change orders: two families of endpoints, one record behind them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from money_site import Site, errors

PACKAGES = "/rest/v1.0/change_order_packages"
POTENTIAL = "/rest/v1.0/potential_change_orders"
REQUESTS = "/rest/v1.0/change_order_requests"
STATUSES = ["draft", "pending", "approved", "rejected", "void", "proceeding"]


class Orders:
    """The change orders of one contract, a work order or a prime contract."""

    def __init__(self, family: str = "commitment", tiers: Any = 1) -> None:
        self.site = site = Site()
        self.family = family
        if family == "prime":
            self.contract = site.fake.add_prime_contract(site.id, lines=[site.line()])["id"]
            self.header = f"/rest/v1.0/prime_contract/{self.contract}"
        else:
            made = site.fake.add_commitment(
                site.id, vendor_id=site.vendor, status="Approved", lines=[site.line()]
            )
            self.contract = made["id"]
            self.header = f"/rest/v1.0/work_order_contracts/{self.contract}"
        site.fake.set_change_order_tiers(site.id, tiers)
        self.path = f"/rest/v1.0/projects/{site.id}/{family}_change_orders"

    def add(self, *amounts: str, **fields: Any) -> Any:
        """A change order with lines, put in place."""
        lines = [self.site.line(amount) for amount in amounts]
        add = self.site.fake.add_commitment_change_order
        if self.family == "prime":
            add = self.site.fake.add_prime_change_order
        return add(self.site.id, self.contract, lines=lines, **fields)

    def new(self, **fields: Any) -> Any:
        """A creation in the newer family, accepted or not."""
        order = {"contract_id": self.contract, **fields}
        return self.site.wire.send("POST", self.path, {"change_order": order})

    def patch(self, order_id: int, **fields: Any) -> Any:
        """An update in the newer family."""
        return self.site.wire.send("PATCH", f"{self.path}/{order_id}", {"change_order": fields})

    def shown(self, order_id: int) -> Any:
        """One change order in the newer family."""
        return self.site.wire.get(f"{self.path}/{order_id}").json()

    def old(self, method: str, path: str, **fields: Any) -> Any:
        """A write in the older family."""
        return self.site.send(method, path, contract_id=self.contract, change_order=fields)

    def package(self, package_id: int) -> Any:
        """One package of the older family."""
        return self.site.get(f"{PACKAGES}/{package_id}")

    def potential(self, potential_id: int) -> Any:
        """One potential change order."""
        return self.site.get(f"{POTENTIAL}/{potential_id}", contract_id=self.contract)

    def lines(self, order_id: int) -> str:
        """The path of the lines in version 2."""
        return self.site.v2(f"{self.family}_change_orders/{order_id}/line_items")


@pytest.fixture(params=["commitment", "prime"])
def orders(request: pytest.FixtureRequest) -> Orders:
    """Each family of contracts in turn, in a project of one tier."""
    return Orders(request.param)


@settings(max_examples=15, deadline=None)
@given(
    family=st.sampled_from(["commitment", "prime"]),
    amounts=st.lists(st.decimals(-(10**7), 10**7, places=2).map(str), max_size=4),
    status=st.sampled_from(STATUSES),
)
def test_both_families_agree(family: str, amounts: list[str], status: str) -> None:
    """Number, title, status, amount and lines are the same wherever one looks."""
    orders = Orders(family)
    made = orders.add(*amounts, title="Extra", status=status)
    package = orders.package(made["legacy_package_id"])
    potential = orders.potential(made["legacy_request_id"])
    shown = orders.shown(made["id"])
    for key in ("number", "title", "status", "grand_total", "contract_id"):
        assert shown[key] == package[key] == potential[key]
    old = [(line["id"], line["total_amount"]) for line in package["line_items"]]
    assert old == [(line["id"], line["total_amount"]) for line in potential["line_items"]]
    data = orders.site.wire.get(orders.lines(made["id"])).json()["data"]
    assert old == [(int(line["id"]), line["amount"]) for line in data]
    assert shown["grand_total"] == package["grand_total"]


@pytest.mark.parametrize(
    ("status", "key"),
    [
        ("approved", "approved_change_orders"),
        ("draft", "draft_change_orders_amount"),
        ("pending", "pending"),
        ("void", None),
    ],
)
def test_contract_counts_its_change_orders(orders: Orders, status: str, key: str | None) -> None:
    """By status; the original amount stays."""
    orders.add("25.50", status=status)
    shown = orders.site.get(orders.header)
    prime = orders.family == "prime"
    pending = "pending_change_orders_amount" if prime else "pending_change_orders"
    keys = {"approved_change_orders", "draft_change_orders_amount", pending}
    counted = pending if key == "pending" else key
    assert {name: shown[name] for name in keys} == {
        name: "25.5" if name == counted else "0.0" for name in keys
    }
    revised = shown["revised_contract_amount" if prime else "revised_contract"]
    assert revised == ("125.5" if status == "approved" else "100.0")
    assert shown["grand_total"] == "100.0"


def test_package_of_the_older_family_is_seen_in_the_newer(orders: Orders) -> None:
    """One record: its origin fields are visible in the older family only."""
    answer = orders.old("POST", PACKAGES, title="Old", origin_id="p", origin_code="EXT")
    assert answer.status == 201
    package = answer.json()
    found = orders.site.wire.get(
        orders.path, **{"filters[legacy_package_id]": package["id"]}
    ).json()
    assert [row["title"] for row in found] == ["Old"]
    assert "origin_id" not in found[0]
    wanted = "Commitment" if orders.family == "commitment" else "Prime"
    assert package["type"] == f"{wanted}ContractChangeOrder"
    assert found[0]["type"] == f"{wanted}ChangeOrder"
    assert (package["origin_id"], package["origin_code"]) == ("p", "EXT")
    changed = orders.old("PATCH", f"{PACKAGES}/{package['id']}", status="approved").json()
    assert changed["status"] == orders.shown(found[0]["id"])["status"] == "approved"


def test_newer_record_is_a_package(orders: Orders) -> None:
    """The other way round."""
    answer = orders.new(title="New", number="7", due_date="2026-03-01", signature_required=True)
    assert answer.status == 201
    made = answer.json()
    listed = orders.site.get(PACKAGES, contract_id=orders.contract)
    assert [(row["id"], row["number"], row["due_date"]) for row in listed] == [
        (made["legacy_package_id"], "7", "2026-03-01")
    ]
    assert orders.site.get(PACKAGES, contract_id=1) == []


def test_pending_billable_is_newer_only(orders: Orders) -> None:
    """The older family refuses it, and shows such a record as pending."""
    made = orders.new(status="pending_billable").json()
    assert made["status"] == "pending_billable"
    assert orders.package(made["legacy_package_id"])["status"] == "pending"
    wrong = orders.old("POST", PACKAGES, status="pending_billable")
    assert errors(wrong) == {"status": ["is not included in the list"]}
    assert errors(orders.new(status="open")) == {"status": ["is not included in the list"]}


def test_contract_must_exist_and_suit(orders: Orders) -> None:
    """Commitment change orders hang on commitments, prime ones on prime contracts."""
    assert errors(orders.new(contract_id=None)) == {"contract_id": ["can't be blank"]}
    assert errors(orders.new(contract_id=1)) == {"contract_id": ["does not exist"]}
    site = orders.site
    other = site.fake.add_prime_contract(site.id)["id"]
    if orders.family == "prime":
        other = site.fake.add_commitment(site.id)["id"]
    assert errors(orders.new(contract_id=other)) == {"contract_id": ["is of another type"]}
    made = orders.new().json()
    assert errors(orders.patch(made["id"], contract_id=other)) == {
        "contract_id": ["cannot be changed"]
    }


def test_number_follows(orders: Orders) -> None:
    """Without a number the next one of the contract."""
    assert [orders.new().json()["number"] for _ in range(2)] == ["001", "002"]


def test_newer_list_filters(orders: Orders) -> None:
    """Contract, vendor, status, flags."""
    made = orders.add(status="approved", executed=True)
    orders.add()

    def found(name: str, value: Any) -> int:
        rows = orders.site.wire.get(orders.path, **{f"filters[{name}]": value}).json()
        return len([row for row in rows if row["id"] == made["id"]]) + 10 * len(rows)

    assert found("contract_id", orders.contract) == 21
    assert found("contract_id", 1) == 0
    assert found("status", "approved") == 11
    assert found("executed", "true") == 11
    assert found("executed", "false") == 10
    assert found("vendor_id", 1) == 0
    view = orders.site.wire.get(orders.path, view="extended").json()
    assert view[0]["change_events"] == []


def test_newer_delete(orders: Orders) -> None:
    """204 for a draft, 422 for an approved one; then 404 in both families."""
    draft, approved = orders.add(), orders.add(status="approved")
    assert errors(orders.site.wire.send("DELETE", f"{orders.path}/{approved['id']}"))
    assert orders.site.wire.send("DELETE", f"{orders.path}/{draft['id']}").status == 204
    assert orders.site.wire.get(f"{orders.path}/{draft['id']}").status == 404
    path = f"{PACKAGES}/{draft['legacy_package_id']}"
    assert orders.site.wire.get(path, project_id=orders.site.id).status == 404


def test_contract_with_change_orders_stays() -> None:
    """It cannot be deleted, even where approval locks nothing."""
    orders = Orders()
    orders.site.fake.switches.approved_is_locked = False
    made = orders.add()
    assert errors(orders.site.query("DELETE", orders.header)) == {"base": ["has change orders"]}
    orders.site.fake.remove("change_order", made["id"])
    assert orders.site.query("DELETE", orders.header).status == 200


def test_lump_sum_counts_until_there_are_lines(orders: Orders) -> None:
    """An amount without lines; it is locked by the approval."""
    package = orders.old("POST", PACKAGES, grand_total="80").json()
    assert package["grand_total"] == "80.0"
    path = f"{PACKAGES}/{package['id']}"
    orders.old("PATCH", path, status="approved")
    assert "grand_total" in errors(orders.old("PATCH", path, grand_total="81"))
    orders.old("PATCH", path, status="draft")
    assert orders.old("PATCH", path, grand_total="81").json()["grand_total"] == "81.0"


# lines ---------------------------------------------------------------------------------------


def test_line_of_known_scope_hangs_on_the_commitment_line() -> None:
    """Same budget code: the line that is there."""
    orders = Orders()
    made = orders.add("5")
    line = orders.site.wire.get(orders.lines(made["id"])).json()["data"][0]
    own = orders.site.get(f"{orders.header}/line_items")
    assert [row["id"] for row in own] == [int(line["commitment_line_item_id"])]


def test_new_scope_gets_a_line_of_zero() -> None:
    """Even on an approved commitment; its amount stays."""
    orders = Orders()
    site = orders.site
    order = orders.new().json()["id"]
    body = {"wbs_code_id": str(site.wbs(2)), "quantity": "2", "unit_cost": "3.50"}
    answer = site.wire.send("POST", orders.lines(order), body)
    assert answer.status == 200
    line = answer.json()["data"]
    assert (line["amount"], line["extended_type"]) == ("7.0", "calculated")
    own = site.get(f"{orders.header}/line_items")
    assert [(row["wbs_code"]["flat_code"], row["amount"]) for row in own] == [
        ("01.L", "100.0"),
        ("03.L", "0.0"),
    ]
    assert own[1]["id"] == int(line["commitment_line_item_id"])
    moved = site.wire.send(
        "PATCH", f"{orders.lines(order)}/{line['id']}", {"wbs_code_id": str(site.wbs())}
    ).json()["data"]
    assert moved["commitment_line_item_id"] == str(own[0]["id"])


def test_named_commitment_line_must_suit() -> None:
    """It exists, is of this commitment and of the same budget code."""
    orders = Orders()
    site = orders.site
    order = orders.new().json()["id"]
    own = site.get(f"{orders.header}/line_items")[0]["id"]
    other = site.fake.add_commitment(site.id, lines=[site.line()])["line_items"][0]["id"]

    def send(hook: Any, code: int = 0) -> Any:
        body = {"wbs_code_id": str(site.wbs(code)), "commitment_line_item_id": str(hook)}
        return site.wire.send("POST", orders.lines(order), body)

    assert send(own).json()["data"]["commitment_line_item_id"] == str(own)
    for hook, code in ((other, 0), (own, 1), ("x", 0), (1, 0)):
        assert send(hook, code).status == 422


def test_commitment_line_in_use_stays() -> None:
    """422 for a line that change orders hang on."""
    orders = Orders()
    order = orders.add("5")
    orders.site.fake.edit("work_order_contract", orders.contract, status="Draft")
    own = orders.site.get(f"{orders.header}/line_items")[0]["id"]
    path = f"{orders.header}/line_items/{own}"
    assert "base" in errors(orders.site.query("DELETE", path))
    line = orders.site.wire.get(orders.lines(order["id"])).json()["data"][0]["id"]
    assert orders.site.wire.send("DELETE", f"{orders.lines(order['id'])}/{line}").status == 204
    assert orders.site.query("DELETE", path).status == 200


def test_lines_of_version_2(orders: Orders) -> None:
    """Create answers 200; read, change, delete; text ids."""
    wire, order = orders.site.wire, orders.new().json()["id"]
    path = orders.lines(order)
    body = {"wbs_code_id": str(orders.site.wbs()), "amount": "9"}
    made = wire.send("POST", path, body).json()["data"]
    assert made["wbs_code_id"] == str(orders.site.wbs())
    assert ("commitment_line_item_id" in made) == (orders.family == "commitment")
    one = f"{path}/{made['id']}"
    assert wire.get(one).json()["data"] == made
    prime_line = {"prime_line_item_id": "5", "amount": "10"}
    changed = wire.send("PATCH", one, prime_line).json()["data"]
    assert (changed["amount"], changed["prime_line_item_id"]) == ("10.0", "5")
    assert wire.send("DELETE", one).status == 204
    assert wire.get(one).status == 404
    assert wire.get(path).json() == {"data": []}
    assert wire.send("POST", path, {"amount": "1"}).status == 422
    assert wire.get(orders.lines(1)).status == 404


def test_new_prime_line_names_no_prime_line(orders: Orders) -> None:
    """The creation of a prime change order line lists no ``prime_line_item_id``."""
    body = {"wbs_code_id": str(orders.site.wbs()), "prime_line_item_id": "5"}
    answer = orders.site.wire.send("POST", orders.lines(orders.new().json()["id"]), body)
    assert answer.status == (200 if orders.family == "commitment" else 422)


def test_lines_of_approved_change_orders_are_locked(orders: Orders) -> None:
    """In both families; reading goes on."""
    made = orders.add("5", status="approved")
    body = {"wbs_code_id": str(orders.site.wbs()), "amount": "1"}
    answer = orders.site.wire.send("POST", orders.lines(made["id"]), body)
    assert answer.status == 422
    assert answer.json()["error"]["details"][0]["reason_code"] == "invalid"
    old = f"{POTENTIAL}/{made['legacy_request_id']}/line_items"
    assert "base" in errors(orders.site.send("POST", old, line_item=orders.site.line()))
    assert len(orders.site.get(old)) == 1


def test_lines_through_the_potential_change_order(orders: Orders) -> None:
    """The record made for a package holds its lines; sync goes by origin id."""
    made = orders.new().json()
    path = f"{POTENTIAL}/{made['legacy_request_id']}/line_items"
    line = orders.site.line("5", origin_id="l")
    answer = orders.site.query("PATCH", f"{path}/sync", updates=[line]).json()
    assert answer["entities"][0]["holder"] == {
        "id": made["legacy_request_id"],
        "holder_type": "PotentialChangeOrder",
    }
    orders.site.query("PATCH", f"{path}/sync", updates=[{"origin_id": "l", "amount": "6"}])
    assert orders.shown(made["id"])["grand_total"] == "6.0"


# tiers ---------------------------------------------------------------------------------------


def test_one_tier_makes_potential_change_orders_itself() -> None:
    """They are listed, but neither created nor changed on their own."""
    orders = Orders()
    made = orders.add()
    listed = orders.site.get(POTENTIAL, **{"filters[contract_id]": orders.contract})
    assert [row["id"] for row in listed] == [made["legacy_request_id"]]
    assert "base" in errors(orders.old("POST", POTENTIAL, title="x"))
    path = f"{POTENTIAL}/{made['legacy_request_id']}"
    assert "base" in errors(orders.old("PATCH", path, title="x"))


def test_two_tiers_collect_potential_change_orders_in_packages() -> None:
    """The package is a batch in the newer family; the amounts are the same."""
    orders = Orders(tiers=2)
    site = orders.site
    one = orders.old("POST", POTENTIAL, title="One", origin_id="o").json()
    two = orders.add("30")
    assert two["legacy_package_id"] is None
    site.send("POST", f"{POTENTIAL}/{one['id']}/line_items", line_item=site.line("12"))
    package = orders.old("POST", PACKAGES, title="Both", origin_id="b", grand_total="1").json()
    assert package["grand_total"] == "1.0"
    for number in (one["id"], two["legacy_request_id"]):
        link = {"change_order_package_id": package["id"]}
        assert orders.old("PATCH", f"{POTENTIAL}/{number}", change_order_request=link).status == 200
    shown = orders.package(package["id"])
    assert shown["grand_total"] == "42.0"
    batches = f"/rest/v1.0/projects/{site.id}/commitment_change_order_batches"
    batch = site.wire.get(batches).json()[0]
    assert batch["grand_total"] == "42.0"
    assert batch["external_data"]["origin_id"] == "b"
    assert site.wire.get(f"{batches}/{batch['id']}").json() == batch
    assert site.wire.get(f"{batches}/1").status == 404
    assert orders.shown(two["id"])["legacy_package_id"] == package["id"]
    orders.old("PATCH", f"{PACKAGES}/{package['id']}", status="approved")
    assert orders.potential(one["id"])["status"] == "approved"
    contract = site.get(orders.header)
    assert contract["approved_change_orders"] == "42.0"
    assert [row["id"] for row in contract["change_order_packages"]] == [package["id"]]
    assert len(contract["potential_change_orders"]) == 2


def test_two_tiers_sync_potential_change_orders() -> None:
    """By origin id within a contract; wrong links are refused."""
    orders = Orders(tiers=2)
    path = f"{POTENTIAL}/sync?project_id={orders.site.id}&contract_id={orders.contract}"
    items: list[Any] = [
        {"origin_id": "a", "title": "A"},
        {"origin_id": "b", "change_order_request": {"change_order_package_id": 1}},
        {"origin_id": "c", "change_order_request_id": 1},
        {"id": 5},
    ]
    body = orders.site.wire.send("PATCH", path, {"updates": items}).json()
    assert [row["title"] for row in body["entities"]] == ["A"]
    assert [list(row["errors"]) for row in body["errors"]] == [
        ["change_order_package_id"],
        ["change_order_request_id"],
        ["id"],
    ]
    again = orders.site.wire.send("PATCH", path, {"updates": [{"origin_id": "a", "title": "B"}]})
    assert again.json()["entities"][0]["id"] == body["entities"][0]["id"]


def test_batch_by_arrangement_and_filters() -> None:
    """A batch of another contract is refused; the filter finds the members."""
    orders = Orders(tiers=2)
    site = orders.site
    made = orders.add("3")
    batch = site.fake.add_change_order_batch(site.id, orders.contract, [made["id"]], title="B")
    found = site.wire.get(orders.path, **{"filters[batch_id]": batch["id"]}).json()
    assert [row["id"] for row in found] == [made["id"]]
    assert errors(orders.new(batch_id=1)) == {"batch_id": ["does not exist"]}
    assert orders.new(batch_id=batch["id"]).json()["batch_id"] == batch["id"]


def test_three_tiers_have_requests_and_no_newer_family() -> None:
    """Requests stand between potential change orders and packages ([TIER-1-2])."""
    orders = Orders(tiers=3)
    site = orders.site
    assert site.wire.get(orders.path).status == 403
    request = orders.old("POST", REQUESTS, title="R", origin_id="r", grand_total="9").json()
    assert request["grand_total"] == "9.0"
    order = orders.add("4")
    path = f"{POTENTIAL}/{order['legacy_request_id']}"
    orders.old("PATCH", path, change_order_request_id=request["id"])
    one = f"{REQUESTS}/{request['id']}"
    shown = site.get(one, contract_id=orders.contract)
    assert (shown["grand_total"], shown["status"]) == ("4.0", "draft")
    changed = orders.old("PATCH", one, status="approved", title="S").json()
    assert (changed["status"], changed["title"]) == ("approved", "S")
    listed = site.get(REQUESTS, contract_id=orders.contract)
    assert [row["id"] for row in listed] == [request["id"]]
    assert "contract" not in listed[0]
    assert request["contract"]["vendor"] == {"id": site.vendor, "name": "Acme"}
    assert len(site.get(orders.header)["change_order_requests"][0]) == 1
    assert site.wire.get(REQUESTS, project_id=site.id).status == 400
    path = f"{REQUESTS}/1"
    query = {"project_id": site.id, "contract_id": orders.contract}
    assert site.wire.get(path, **query).status == 404


def test_deleted_packages_on_request() -> None:
    """``include_deleted`` in the older lists."""
    orders = Orders()
    made = orders.add()
    orders.site.fake.remove("change_order", made["id"])
    assert orders.site.get(PACKAGES) == []
    assert len(orders.site.get(PACKAGES, **{"filters[include_deleted]": "only"})) == 1
    assert len(orders.site.get(POTENTIAL, **{"filters[include_deleted]": "with"})) == 1


def test_change_order_tool_that_is_off(orders: Orders) -> None:
    """403 in both families."""
    orders.site.fake.disable_tool(orders.site.id, "change_orders")
    assert orders.site.wire.get(orders.path).status == 403
    assert orders.site.wire.get(PACKAGES, project_id=orders.site.id).status == 403
