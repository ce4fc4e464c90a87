"""Direct costs in both versions, their lines, their sync, their locks."""

from __future__ import annotations

from typing import Any

import pytest
from money_site import Site, errors

SYNCED = {"base": ["The invoice is not editable because it has been synced with ERP"]}


class Costs:
    """The direct costs of a site."""

    def __init__(self) -> None:
        self.site = Site()
        self.v10 = f"/rest/v1.0/projects/{self.site.id}/direct_costs"
        self.v11 = f"/rest/v1.1/projects/{self.site.id}/direct_costs"

    def right(self, **fields: Any) -> dict[str, Any]:
        """A complete request, with changes."""
        basic = {"invoice_number": "I-1", "direct_cost_type": "invoice"}
        return {**basic, "vendor_id": self.site.vendor, **fields}

    def post(self, **fields: Any) -> Any:
        """A creation with version 1.0."""
        return self.send("POST", self.v10, item=self.right(**fields))

    def post_v11(self, **fields: Any) -> Any:
        """A creation with version 1.1."""
        return self.send("POST", self.v11, direct_cost=self.right(**fields))

    def nested(self, amount: str | None = "5", **fields: Any) -> dict[str, Any]:
        """A nested line of version 1.1."""
        return {"wbs_code_id": self.site.wbs(), "manual_amount": amount, **fields}

    def send(self, method: str, path: str, **body: Any) -> Any:
        """A write."""
        return self.site.wire.send(method, path, body or None)

    def sync(self, *items: Any, lines: bool = False) -> Any:
        """Bulk upsert of direct costs, or of lines."""
        path = f"{self.v10}/line_items/sync" if lines else f"{self.v10}/sync"
        return self.send("PATCH", path, updates=list(items)).json()

    def get(self, path: str, **query: Any) -> Any:
        """The body of a reading."""
        return self.site.wire.get(path, **query).json()


@pytest.fixture
def costs() -> Costs:
    """None yet."""
    return Costs()


def test_created_with_version_1_0(costs: Costs) -> None:
    """201; the list has the amount twice and a vendor's name only, the record counts its lines."""
    answer = costs.post(direct_cost_date="2026-01-31", status="pending", employee_id=3)
    assert answer.status == 201
    made = answer.json()
    assert (made["grand_total"], made["line_items_count"]) == ("0.0", 0)
    assert made["vendor"] == {"id": costs.site.vendor, "name": "Acme"}
    assert costs.get(f"{costs.v10}/{made['id']}") == made
    row = costs.get(costs.v10)[0]
    assert (row["amount"], row["employee"]) == ("0.0", {"id": 3, "name": "3"})
    assert (row["vendor"], row["vendor_id"]) == ("Acme", costs.site.vendor)
    assert "line_items_count" not in row


@pytest.mark.parametrize("field", ["invoice_number", "direct_cost_type", "vendor_id"])
def test_required_fields(costs: Costs, field: str) -> None:
    """Each of the three; an update may leave them out, but not empty them."""
    assert list(errors(costs.post(**{field: None}))) == [field]
    made = costs.post().json()
    assert costs.send("PATCH", f"{costs.v10}/{made['id']}", item={"terms": "x"}).status == 200


def test_vendor_of_an_expense_is_a_switch(costs: Costs) -> None:
    """Reports say that only invoices need one."""
    fields = {"vendor_id": None, "direct_cost_type": "expense"}
    assert "vendor_id" in errors(costs.post(**fields))
    costs.site.fake.switches.direct_cost_vendor_always_required = False
    made = costs.post(**fields).json()
    assert (made["vendor"], made["vendor_name"]) == (None, None)
    assert "vendor_id" in errors(costs.post(vendor_id=None))


def test_vendor_must_exist(costs: Costs) -> None:
    """An id nobody has is refused."""
    assert errors(costs.post(vendor_id=1)) == {"vendor_id": ["does not exist"]}


def test_subcontractor_invoices_are_switched_on_by_support(costs: Costs) -> None:
    """And known to version 1.1 only."""
    kind = {"direct_cost_type": "subcontractor_invoice"}
    assert "direct_cost_type" in errors(costs.post_v11(**kind))
    costs.site.fake.switches.subcontractor_invoices_enabled = True
    assert costs.post_v11(**kind).status == 201
    assert "direct_cost_type" in errors(costs.post(**kind))


def test_type_cannot_be_updated(costs: Costs) -> None:
    """The update lists no type; version 1.1 no invoice number either."""
    made = costs.post().json()["id"]
    body = {"direct_cost_type": "expense"}
    assert errors(costs.send("PATCH", f"{costs.v10}/{made}", item=body))
    changed = costs.send("PATCH", f"{costs.v10}/{made}", item={"invoice_number": "2"})
    assert changed.json()["invoice_number"] == "2"
    wrong = costs.send("PATCH", f"{costs.v11}/{made}", direct_cost={"invoice_number": "3"})
    assert errors(wrong) == {"invoice_number": ["is not a known field"]}


def test_filters(costs: Costs) -> None:
    """By origin id and invoice number."""
    costs.post(origin_id="a")
    costs.post(invoice_number="I-2")
    assert len(costs.get(costs.v10, **{"filters[origin_id]": "a"})) == 1
    assert len(costs.get(costs.v11, **{"filters[invoice_number]": "I-2"})) == 1
    assert len(costs.get(costs.v11)) == 2


# version 1.1 ---------------------------------------------------------------------------------


def test_nested_lines(costs: Costs) -> None:
    """Created with their direct cost; by hand or calculated."""
    lines = [costs.nested("5.10", ref="r"), costs.nested(None, quantity="3", unit_cost="0.5")]
    answer = costs.post_v11(line_items=lines, origin_id="d")
    assert answer.status == 201
    made = answer.json()
    assert [line["amount"] for line in made["line_items"]] == ["5.1", "1.5"]
    assert (made["grand_total"], made["line_items"][0]["ref"]) == ("6.6", "r")
    assert "holder" not in made["line_items"][0]
    assert costs.get(f"{costs.v11}/{made['id']}") == made


@pytest.mark.parametrize(("count", "status"), [(100, 201), (101, 422)])
def test_at_most_100_nested_lines(costs: Costs, count: int, status: int) -> None:
    """Both sides of the limit."""
    assert costs.post_v11(line_items=[costs.nested("1")] * count).status == status


@pytest.mark.parametrize(
    "bad",
    [{"wbs_code_id": 1}, {"wbs_code_id": None}, {"nonsense": 1}, {"origin_id": "x"}],
)
def test_bad_nested_line_creates_nothing(costs: Costs, bad: dict[str, Any]) -> None:
    """All of the request or none of it."""
    lines = [costs.nested(origin_id="x"), {**costs.nested(), **bad}]
    assert costs.post_v11(line_items=lines).status == 422
    assert costs.get(costs.v11) == []
    assert costs.site.rows("direct_cost_line_items") == []


def test_update_of_nested_lines(costs: Costs) -> None:
    """With an id changed, without one added; a line of another direct cost is not found."""
    made = costs.post_v11(line_items=[costs.nested("5")]).json()
    path = f"{costs.v11}/{made['id']}"
    number = made["line_items"][0]["id"]
    body = {"terms": "x", "line_items": [{"id": number, "manual_amount": "6"}, costs.nested("1")]}
    changed = costs.send("PATCH", path, direct_cost=body).json()
    assert (changed["grand_total"], changed["terms"]) == ("7.0", "x")
    other = costs.post().json()["id"]
    body = {"terms": "y", "line_items": [{"id": number}]}
    assert costs.send("PATCH", f"{costs.v11}/{other}", direct_cost=body).status == 404
    assert costs.get(f"{costs.v11}/{other}")["terms"] is None


def test_delete_takes_the_lines_along(costs: Costs) -> None:
    """The answer is the id."""
    made = costs.post_v11(line_items=[costs.nested("5")]).json()["id"]
    answer = costs.send("DELETE", f"{costs.v11}/{made}")
    assert (answer.status, answer.json()) == (200, {"id": made})
    assert costs.get(f"{costs.v10}/line_items") == []
    assert costs.send("DELETE", f"{costs.v10}/{made}").status == 404


# lines ---------------------------------------------------------------------------------------


def test_lines_one_by_one(costs: Costs) -> None:
    """Below their direct cost; the project's list knows them all."""
    made = costs.post().json()["id"]
    path = f"{costs.v10}/{made}/line_items"
    line = costs.send("POST", path, line_item=costs.site.line("8")).json()
    assert line["amount"] == "8.0"
    one = f"{path}/{line['id']}"
    assert costs.send("PATCH", one, line_item={"amount": 9}).json()["amount"] == "9.0"
    assert [row["id"] for row in costs.get(path)] == [line["id"]]
    every = f"{costs.v10}/line_items"
    assert len(costs.get(every, **{"filters[direct_cost_id]": made})) == 1
    assert costs.get(every, **{"filters[direct_cost_id]": 1}) == []
    assert costs.send("DELETE", one).status == 200
    assert costs.get(f"{costs.v10}/{made}")["grand_total"] == "0.0"


def test_sync_of_direct_costs_and_lines(costs: Costs) -> None:
    """Created and updated by id or origin id; a new line names its direct cost."""
    made = costs.sync(costs.right(currency_iso_code="USD"))["entities"][0]
    assert costs.sync({"id": made["id"], "terms": "x"})["entities"][0]["terms"] == "x"
    line = costs.site.line("4", origin_id="l")
    wrong = costs.sync(line, lines=True)["errors"][0]["errors"]
    assert wrong == {"direct_cost_id": ["does not exist"]}
    new = costs.sync({**line, "direct_cost_id": made["id"]}, lines=True)["entities"][0]
    again = costs.sync({"origin_id": "l", "amount": "5"}, lines=True)["entities"][0]
    assert (again["id"], again["amount"]) == (new["id"], "5.0")
    assert costs.sync({"id": 1}, lines=True)["errors"][0]["errors"] == {
        "id": ["Entity with this ID not found"]
    }


def test_there_is_no_sync_below_one_direct_cost(costs: Costs) -> None:
    """Unlike contracts."""
    made = costs.post().json()["id"]
    assert costs.send("PATCH", f"{costs.v10}/{made}/line_items/sync", updates=[]).status == 404


# locks ---------------------------------------------------------------------------------------


def test_origin_id_makes_immutable(costs: Costs) -> None:
    """Header, lines and deletion; the origin fields themselves can change."""
    made = costs.post_v11(line_items=[costs.nested("5", origin_id="l")], origin_id="d").json()
    path, number = f"{costs.v10}/{made['id']}", made["line_items"][0]["id"]
    assert errors(costs.send("PATCH", path, item={"terms": "x"})) == SYNCED
    assert errors(costs.send("DELETE", path)) == SYNCED
    line = f"{path}/line_items/{number}"
    assert errors(costs.send("PATCH", line, line_item={"amount": "6"})) == SYNCED
    assert errors(costs.send("DELETE", line)) == SYNCED
    new = costs.send("POST", f"{path}/line_items", line_item=costs.site.line())
    assert errors(new) == SYNCED
    body = {"origin_data": "y", "line_items": [{"id": number, "manual_amount": "6"}]}
    v11 = f"{costs.v11}/{made['id']}"
    assert errors(costs.send("PATCH", v11, direct_cost=body)) == SYNCED
    assert costs.sync({"origin_id": "d", "terms": "x"})["errors"][0]["errors"] == SYNCED
    item = {"origin_id": "l", "amount": "6"}
    assert costs.sync(item, lines=True)["errors"][0]["errors"] == SYNCED
    assert costs.send("PATCH", path, item={"origin_id": None}).status == 200
    assert costs.send("PATCH", path, item={"terms": "x"}).status == 200


@pytest.mark.parametrize(("extent", "single", "sync"), [("single", 422, 0), ("none", 200, 0)])
def test_extent_of_the_lock_is_a_switch(costs: Costs, extent: str, single: int, sync: int) -> None:
    """Only the user interface is documented to lock, so sync may be free, or everything."""
    costs.site.fake.switches.direct_costs_locked_by_origin_id = extent
    made = costs.post(origin_id="d").json()["id"]
    assert costs.send("PATCH", f"{costs.v10}/{made}", item={"terms": "x"}).status == single
    assert len(costs.sync({"origin_id": "d", "terms": "y"})["errors"]) == sync


def test_concurrent_writes(costs: Costs) -> None:
    """409 for every write while another one is under way; reading goes on."""
    made = costs.post_v11(line_items=[costs.nested("5")]).json()
    number = made["line_items"][0]["id"]
    costs.site.fake.switches.direct_costs_busy = True
    one = f"{costs.v10}/{made['id']}"
    for method, path in (
        ("POST", costs.v10),
        ("POST", costs.v11),
        ("PATCH", one),
        ("PATCH", f"{costs.v11}/{made['id']}"),
        ("DELETE", one),
        ("PATCH", f"{costs.v10}/sync"),
        ("PATCH", f"{costs.v10}/line_items/sync"),
        ("POST", f"{one}/line_items"),
        ("PATCH", f"{one}/line_items/{number}"),
        ("DELETE", f"{one}/line_items/{number}"),
    ):
        assert costs.send(method, path, updates=[]).status == 409
    assert costs.get(f"{one}/line_items/{number}")["amount"] == "5.0"


def test_direct_cost_of_another_project_is_not_found(costs: Costs) -> None:
    """404; and 403 where the tool is off."""
    made = costs.post().json()["id"]
    other = costs.site.fake.add_project(name="Other")["id"]
    path = f"/rest/v1.0/projects/{other}/direct_costs/{made}"
    assert costs.site.wire.get(path).status == 404
    costs.site.fake.disable_tool(other, "direct_costs")
    assert costs.site.wire.get(path).status == 403
