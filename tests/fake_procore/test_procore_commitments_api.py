"""Work orders and purchase orders: headers, states, locks, both read-only faces."""

from __future__ import annotations

from typing import Any

import pytest
from money_site import Site, errors

KINDS = ["work_order", "purchase_order"]
LAST_STATUS = {"work_order": "Void", "purchase_order": "Closed"}
OTHER_STATUS = {"work_order": "Closed", "purchase_order": "Void"}


class Contracts:
    """One type of commitment on a site."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.key = f"{kind}_contract"
        self.path = f"/rest/v1.0/{self.key}s"
        self.site = Site()

    def create(self, **fields: Any) -> Any:
        """A new contract, which is accepted."""
        answer = self.site.send("POST", self.path, **{self.key: {"title": "Works", **fields}})
        assert answer.status == 201, answer.content
        return answer.json()

    def refused(self, **fields: Any) -> Any:
        """The problems of a creation."""
        return errors(self.site.send("POST", self.path, **{self.key: {"title": "T", **fields}}))

    def patch(self, contract_id: int, **fields: Any) -> Any:
        """An update, accepted or not."""
        return self.site.send("PATCH", f"{self.path}/{contract_id}", **{self.key: fields})

    def show(self, number: int) -> Any:
        """One contract."""
        return self.site.get(f"{self.path}/{number}")

    def sync(self, *items: Any) -> Any:
        """Bulk upsert."""
        return self.site.send("PATCH", f"{self.path}/sync", updates=list(items)).json()

    def approved(self, **fields: Any) -> Any:
        """An approved contract with a vendor and a line of 100."""
        site = self.site
        kind: Any = self.kind
        return site.fake.add_commitment(
            site.id, kind, vendor_id=site.vendor, status="Approved", lines=[site.line()], **fields
        )


@pytest.fixture(params=KINDS)
def contracts(request: pytest.FixtureRequest) -> Contracts:
    """Each type in turn."""
    return Contracts(request.param)


def test_created_contract_is_a_draft_without_amount(contracts: Contracts) -> None:
    """What is not sent gets Procore's defaults; amounts are text."""
    made = contracts.create(vendor_id=contracts.site.vendor, retainage_percent="10")
    assert (made["status"], made["grand_total"], made["retainage_percent"]) == (
        "Draft",
        "0.0",
        "10.0",
    )
    assert made["vendor"] == {
        "id": contracts.site.vendor,
        "company": "Acme",
        "origin_data": None,
        "origin_id": None,
    }
    assert contracts.show(made["id"]) == made


def test_contract_needs_no_vendor(contracts: Contracts) -> None:
    """A contract without vendor answers null."""
    assert contracts.create()["vendor"] is None


def test_vendor_must_exist(contracts: Contracts) -> None:
    """An id nobody has is refused."""
    assert contracts.refused(vendor_id=1) == {"vendor_id": ["does not exist"]}


def test_every_type_has_its_own_states(contracts: Contracts) -> None:
    """The last state of a type is accepted, one of the other type is not."""
    assert contracts.create(status=LAST_STATUS[contracts.kind])["status"]
    wrong = contracts.refused(status=OTHER_STATUS[contracts.kind])
    assert wrong == {"status": ["is not included in the list"]}


@pytest.mark.parametrize("percent", ["0", "100", "12.5"])
def test_retainage_is_a_percentage(contracts: Contracts, percent: str) -> None:
    """Both ends are accepted."""
    assert contracts.create(retainage_percent=percent)["retainage_percent"]


@pytest.mark.parametrize("percent", ["-0.01", "100.01"])
def test_retainage_outside_is_refused(contracts: Contracts, percent: str) -> None:
    """Just outside both ends."""
    assert "retainage_percent" in contracts.refused(retainage_percent=percent)


def test_wrong_date_is_null_and_right_date_is_kept(contracts: Contracts) -> None:
    """The documented silence about dates."""
    made = contracts.create(contract_date="01/02/2026", execution_date="2026-02-01")
    assert (made["contract_date"], made["execution_date"]) == (None, "2026-02-01")


def test_number_is_given_and_unique(contracts: Contracts) -> None:
    """Without a number the next free one is given; a used one is refused (switch)."""
    prefix = {"work_order": "SC", "purchase_order": "PO"}[contracts.kind]
    first = contracts.create(number=f"{prefix}-002")
    assert contracts.refused(number=first["number"]) == {"number": ["has already been taken"]}
    assert contracts.create()["number"] == f"{prefix}-003"
    contracts.site.fake.switches.unique_contract_numbers = False
    assert contracts.create(number=first["number"])["number"] == first["number"]


def test_own_number_can_be_sent_again(contracts: Contracts) -> None:
    """A contract does not collide with itself."""
    made = contracts.create(number="X")
    assert contracts.patch(made["id"], number="X", title="New").status == 200
    assert contracts.show(made["id"])["title"] == "New"


def test_null_keeps_state_method_and_flags(contracts: Contracts) -> None:
    """Fields that cannot be null keep their value."""
    made = contracts.create(status="Approved", executed=True, accounting_method="unit")
    contracts.patch(made["id"], status=None, executed=None, accounting_method=None)
    shown = contracts.show(made["id"])
    assert (shown["status"], shown["executed"]) == ("Approved", True)
    assert shown["accounting_method"] == "unit"


@pytest.mark.parametrize("field", ["accounting_method", "executed", "vendor_id", "nonsense"])
def test_impossible_values_are_refused(contracts: Contracts, field: str) -> None:
    """A wrong value or an unknown field is named."""
    assert field in contracts.refused(**{field: "impossible"})


def test_approved_contract_keeps_its_vendor(contracts: Contracts) -> None:
    """Vendor and deletion are locked in status Approved (3.9); the title is not."""
    made = contracts.approved()
    assert "vendor_id" in errors(contracts.patch(made["id"], vendor_id=None))
    same = contracts.patch(made["id"], vendor_id=contracts.site.vendor, title="Other")
    assert same.status == 200
    deletion = contracts.site.query("DELETE", f"{contracts.path}/{made['id']}")
    assert "base" in errors(deletion)


def test_draft_contract_can_change_vendor_and_be_deleted(contracts: Contracts) -> None:
    """The other side of the lock; a deleted contract is hidden."""
    made = contracts.create(vendor_id=contracts.site.vendor)
    assert contracts.patch(made["id"], vendor_id=None).json()["vendor"] is None
    path = f"{contracts.path}/{made['id']}"
    assert contracts.site.query("DELETE", path).status == 200
    assert contracts.site.wire.get(path, project_id=contracts.site.id).status == 404
    assert contracts.site.query("DELETE", path).status == 404


def test_lock_is_a_setting(contracts: Contracts) -> None:
    """With the switch off an approved contract can be deleted."""
    made = contracts.approved()
    contracts.site.fake.switches.approved_is_locked = False
    assert contracts.patch(made["id"], vendor_id=None).status == 200
    assert contracts.site.query("DELETE", f"{contracts.path}/{made['id']}").status == 200


def test_origin_id_locks_nothing_here(contracts: Contracts) -> None:
    """A synced contract is changed by the API as any other, even when approved."""
    made = contracts.approved()
    first = contracts.patch(made["id"], origin_id="job:1", origin_code="EXT", origin_data="x")
    assert first.json()["origin_id"] == "job:1"
    assert contracts.patch(made["id"], description="new").json()["description"] == "new"


def test_list_filters(contracts: Contracts) -> None:
    """By id, state and origin id; deleted ones only on request."""
    site = contracts.site
    one, two = contracts.create(origin_id="a"), contracts.create(status="Approved")
    contracts.site.query("DELETE", f"{contracts.path}/{one['id']}")

    def found(**query: Any) -> list[int]:
        return [row["id"] for row in site.get(contracts.path, **query)]

    assert found() == [two["id"]]
    assert found(**{"filters[include_deleted]": "with"}) == [one["id"], two["id"]]
    assert found(**{"filters[include_deleted]": "only"}) == [one["id"]]
    assert found(**{"filters[status]": "Draft"}) == []
    assert found(**{"filters[id]": two["id"]}) == [two["id"]]
    assert found(**{"filters[origin_id]": "a"}) == []


def test_list_shows_less(contracts: Contracts) -> None:
    """Lines and change orders are in the full answer only."""
    contracts.approved()
    row = contracts.site.get(contracts.path)[0]
    assert row["vendor"] == {"id": contracts.site.vendor, "company": "Acme"}
    assert "line_items" not in row
    assert "change_order_packages" not in row
    assert row["grand_total"] == "100.0"


def test_contract_of_another_project_is_not_found(contracts: Contracts) -> None:
    """A contract is found in its own project only."""
    made = contracts.create()
    other = contracts.site.fake.add_project(name="Other")["id"]
    path = f"{contracts.path}/{made['id']}"
    assert contracts.site.wire.get(path, project_id=other).status == 404
    body = {"project_id": other, contracts.key: {"title": "x"}}
    assert contracts.site.wire.send("PATCH", path, body).status == 404


def test_tool_that_is_off(contracts: Contracts) -> None:
    """403 in version 1, 404 in version 2."""
    site = contracts.site
    site.fake.disable_tool(site.id, "commitments")
    assert site.wire.get(contracts.path, project_id=site.id).status == 403
    answer = site.wire.get(site.v2("commitment_contracts"))
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


# sync ----------------------------------------------------------------------------------------


def test_sync_creates_and_updates_by_origin_id(contracts: Contracts) -> None:
    """The two rows of the table that both types share."""
    made = contracts.sync({"origin_id": "a", "title": "One", "number": "N"})["entities"][0]
    again = contracts.sync({"origin_id": "a", "title": "Two"})["entities"][0]
    assert (again["id"], again["title"], again["number"]) == (made["id"], "Two", "N")


def test_sync_without_keys_creates(contracts: Contracts) -> None:
    """Nothing sent: created without origin id."""
    assert contracts.sync({"title": "x"})["entities"][0]["origin_id"] is None


def test_sync_by_id_for_work_orders_only() -> None:
    """Items of purchase orders list no id."""
    orders, purchases = Contracts("work_order"), Contracts("purchase_order")
    made = orders.create()
    assert orders.sync({"id": made["id"], "origin_id": "b"})["entities"][0]["origin_id"] == "b"
    assert orders.sync({"id": 1})["errors"][0]["errors"] == {
        "id": ["Entity with this ID not found"]
    }
    bought = purchases.create()
    wrong = purchases.sync({"id": bought["id"], "origin_id": "b"})["errors"][0]
    assert wrong["errors"] == {"id": ["is not a known field"]}


def test_sync_refuses_a_foreign_origin_id(contracts: Contracts) -> None:
    """One origin id serves one record of the company, here a vendor's."""
    contracts.site.fake.add_vendor(name="V", origin_id="v")
    wrong = contracts.sync({"origin_id": "v", "title": "x"})
    assert wrong["errors"][0]["errors"] == {"origin_id": ["has already been taken"]}


def test_sync_keeps_the_lock(contracts: Contracts) -> None:
    """Sync is no way around the lock of an approved contract."""
    contracts.approved(origin_id="a")
    wrong = contracts.sync({"origin_id": "a", "vendor_id": None})["errors"][0]
    assert "vendor_id" in wrong["errors"]


# read-only faces -----------------------------------------------------------------------------


def test_commitments_list_both_types() -> None:
    """The short list knows neither origin fields nor amounts."""
    site = Contracts("work_order").site
    work = site.fake.add_commitment(site.id, "work_order", title="W", vendor_id=site.vendor)
    bought = site.fake.add_commitment(site.id, "purchase_order", title="P")
    rows = site.get("/rest/v1.0/commitments")
    assert [row["id"] for row in rows] == [work["id"], bought["id"]]
    assert rows[0]["vendor"] == {"id": site.vendor, "name": "Acme"}
    assert not {"origin_id", "grand_total"} & set(rows[0])
    shown = site.get(f"/rest/v1.0/commitments/{bought['id']}")
    assert shown["type"] == "PurchaseOrderContract"
    assert "origin_id" not in shown
    assert set(shown) == set(site.get(f"/rest/v1.0/commitments/{work['id']}"))
    assert site.wire.get("/rest/v1.0/commitments/1", project_id=site.id).status == 404


def test_version_2_leaves_keys_of_the_other_type_out() -> None:
    """Absent, not null; ids are text; vendor and assignee are absent when there is none."""
    site = Site()
    work = site.fake.add_commitment(site.id, "work_order", vendor_id=site.vendor)
    bought = site.fake.add_commitment(site.id, "purchase_order", assignee_id=7)
    plain = site.fake.add_commitment(site.id, "purchase_order")
    one, two, three = site.wire.get(site.v2("commitment_contracts")).json()["data"]
    assert (one["id"], two["id"], three["id"]) == tuple(
        str(row["id"]) for row in (work, bought, plain)
    )
    assert one["vendor"] == {"id": str(site.vendor)}
    assert "inclusions" in one
    assert not {"ship_via", "delivery_date", "assignee"} & set(one)
    assert two["assignee"] == {"id": "7"}
    assert "ship_via" in two
    assert not {"inclusions", "vendor", "billing_schedule_of_values_status"} & set(two)
    assert "assignee" not in three
    assert not {"origin_id", "project_id", "company_id"} & set(one)


@pytest.mark.parametrize(
    ("asked", "given"), [(None, "10"), ("25", "25"), ("100", "100"), ("101", "100")]
)
def test_version_2_pages(asked: str | None, given: str) -> None:
    """10 by default, 100 at most."""
    site = Site()
    query = {"per_page": asked} if asked else {}
    answer = site.wire.get(site.v2("commitment_contracts"), **query)
    assert answer.header("Per-Page") == given


def test_version_2_shows_one_contract_and_its_lines() -> None:
    """The show endpoints have the envelope too."""
    site = Site()
    made = site.fake.add_commitment(site.id, lines=[site.line("12.5", quantity="2")])
    path = site.v2(f"commitment_contracts/{made['id']}")
    assert site.wire.get(path).json()["data"]["grand_total"] == "12.5"
    lines = site.wire.get(f"{path}/line_items").json()["data"]
    assert lines[0]["amount"] == "12.5"
    assert lines[0]["quantity"] == "2.0"
    one = site.wire.get(f"{path}/line_items/{lines[0]['id']}").json()["data"]
    assert one == lines[0]
    assert site.wire.get(f"{path}/line_items/1").status == 404
    assert site.wire.get(site.v2("commitment_contracts/1")).status == 404


def test_version_2_quantity_can_be_a_number() -> None:
    """The description says number, live answers are text (switch)."""
    site = Site()
    made = site.fake.add_commitment(site.id, lines=[site.line("1", quantity="2.50")])
    site.fake.switches.v2_quantity_as_text = False
    answer = site.wire.get(site.v2(f"commitment_contracts/{made['id']}/line_items"))
    assert b'"quantity": 2.5,' in answer.content
