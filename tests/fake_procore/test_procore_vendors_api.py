"""The company directory of the fake."""

from __future__ import annotations

from typing import Any

import pytest
from procore_wire import Wire

from procore_spectrum.errors import InvalidValueError


def inactive(wire: Wire) -> list[Any]:
    """The list of deactivated vendors."""
    return list(wire.get(f"/rest/v1.0/companies/{wire.company}/vendors/inactive").json())


def test_creation_answers_201_with_the_extended_view(wire: Wire) -> None:
    """What was sent comes back, with id and times."""
    answer = wire.vendor(name="Acme", city="Austin", state_code="TX", country_code="US")
    body = answer.json()
    assert answer.status == 201
    assert (body["name"], body["city"], body["is_active"]) == ("Acme", "Austin", True)
    assert body["created_at"] == body["updated_at"] == "2026-01-05T08:00:00Z"


@pytest.mark.parametrize("name", [None, "", "  "])
def test_name_is_required(wire: Wire, name: str | None) -> None:
    """A blank name is refused on creation and on update."""
    assert wire.vendor(name=name).json() == {"errors": {"name": ["can't be blank"]}}
    made = wire.vendor(name="Acme").json()["id"]
    assert wire.vendor(made, name=name).status == 422


def test_update_may_leave_the_name_out(wire: Wire) -> None:
    """Only sent fields change."""
    made = wire.vendor(name="Acme", city="Austin").json()["id"]
    body = wire.vendor(made, notes="n").json()
    assert (body["name"], body["city"], body["notes"]) == ("Acme", "Austin", "n")


def test_time_of_change_moves_with_real_changes_only(wire: Wire) -> None:
    """Writing the same again leaves updated_at alone."""
    made = wire.vendor(name="Acme").json()
    wire.clock.advance(60)
    assert wire.vendor(made["id"], name="Acme").json()["updated_at"] == made["updated_at"]
    changed = wire.vendor(made["id"], name="Other").json()
    assert changed["updated_at"] == "2026-01-05T08:01:00Z"
    assert changed["created_at"] == made["created_at"]


def test_missing_vendor_object(wire: Wire) -> None:
    """400 names the missing parameter."""
    body = {"company_id": wire.company, "vendor": {}}
    answer = wire.send("POST", "/rest/v1.0/vendors", body).json()
    assert (answer["code"], list(answer["fields"])) == (400, ["vendor"])


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ({"country_code": "us"}, ["country_code"]),
        ({"country_code": "XX"}, ["country_code"]),
        ({"country_code": "US", "state_code": "tx"}, ["state_code"]),
        ({"country_code": "US", "state_code": "ON"}, ["state_code"]),
        ({"country_code": "CA", "state_code": "TX"}, ["state_code"]),
        ({"state_code": "tx"}, ["state_code"]),
    ],
)
def test_places_that_do_not_exist(wire: Wire, place: dict[str, str], wrong: list[str]) -> None:
    """ISO codes in upper case, and a state of its country."""
    answer = wire.vendor(name="A", **place)
    assert (answer.status, list(answer.json()["errors"])) == (422, wrong)


@pytest.mark.parametrize(
    "place",
    [
        {"country_code": "US", "state_code": "TX"},
        {"country_code": "CA", "state_code": "ON"},
        {"country_code": "DE", "state_code": "BY"},
        {"state_code": "TX"},
        {},
    ],
)
def test_places_that_exist(wire: Wire, place: dict[str, str]) -> None:
    """Countries without a list of states accept codes of the right shape."""
    assert wire.vendor(name="A", **place).status == 201


def test_state_is_checked_against_the_stored_country(wire: Wire) -> None:
    """An update of the state alone must still fit."""
    made = wire.vendor(name="A", country_code="US").json()["id"]
    assert wire.vendor(made, state_code="ON").status == 422
    assert wire.vendor(made, state_code="TX").status == 200


def test_inactive_vendors_move_to_their_own_list(wire: Wire) -> None:
    """Deactivated, they leave the list, can still be shown, and can be brought back."""
    made = wire.vendor(name="A").json()["id"]
    wire.vendor(made, is_active=False)
    assert wire.vendors() == []
    assert [row["id"] for row in inactive(wire)] == [made]
    shown = wire.get(f"/rest/v1.0/vendors/{made}", company_id=wire.company).json()
    assert shown["is_active"] is False
    path = f"/rest/v1.0/companies/{wire.company}/vendors/inactive/{made}"
    assert wire.send("PATCH", path).json()["is_active"] is True
    assert [row["id"] for row in wire.vendors()] == [made]
    assert inactive(wire) == []


def test_only_inactive_vendors_can_be_reactivated(wire: Wire) -> None:
    """An active or unknown vendor is not found there."""
    made = wire.vendor(name="A").json()["id"]
    for number in (made, 1):
        path = f"/rest/v1.0/companies/{wire.company}/vendors/inactive/{number}"
        assert wire.send("PATCH", path).status == 404


def test_null_flag_changes_nothing(wire: Wire) -> None:
    """A flag cannot be null."""
    assert wire.vendor(name="A", is_active=None).json()["is_active"] is True
    assert wire.vendor(name="A", is_active="yes").status == 422


def test_unknown_vendor(wire: Wire) -> None:
    """404 for show and update."""
    assert wire.get("/rest/v1.0/vendors/1", company_id=wire.company).status == 404
    assert wire.vendor(1, name="A").json()["message"] == "Vendor not found"


def test_duplicate_names_are_allowed_unless_switched_off(wire: Wire) -> None:
    """Procore's directory may hold one name twice."""
    first = wire.vendor(name="A").json()["id"]
    assert wire.vendor(name="A").status == 201
    wire.fake.switches.unique_vendor_names = True
    assert wire.vendor(name="A").status == 422
    assert wire.vendor(first, notes="n").status == 200


def test_origin_id_makes_it_synced(wire: Wire) -> None:
    """synced_to_erp follows the origin id, and the origin id is unique."""
    body = wire.vendor(name="A", origin_id="v:1").json()
    assert body["synced_to_erp"] is True
    assert wire.vendor(name="B").json()["synced_to_erp"] is False
    taken = {"errors": {"origin_id": ["has already been taken"]}}
    assert wire.vendor(name="C", origin_id="v:1").json() == taken


def test_parent(wire: Wire) -> None:
    """A parent must exist and be another vendor; it counts its children."""
    parent = wire.vendor(name="Parent").json()["id"]
    child = wire.vendor(name="Child", parent_id=parent).json()
    assert child["parent"] == {"id": parent, "name": "Parent"}
    shown = wire.get(f"/rest/v1.0/vendors/{parent}", company_id=wire.company).json()
    assert shown["children_count"] == 1
    assert wire.vendor(name="X", parent_id=1).status == 422
    assert wire.vendor(parent, parent_id=parent).status == 422
    assert [row["id"] for row in wire.vendors(**{"filters[parent_id][]": parent})] == [child["id"]]
    moved = wire.vendor(child["id"], parent_id=None).json()
    assert moved["parent"] is None


def test_primary_contact_group_bidding_and_custom_fields(wire: Wire) -> None:
    """Links are passed through, custom fields come back."""
    body = wire.vendor(
        name="A",
        primary_contact_id=5,
        vendor_group_id=6,
        bidding={"small_business": True},
        custom_field_9=[1, {"a": 1.5}],
    ).json()
    assert body["primary_contact"]["id"] == 5
    assert body["vendor_group"]["id"] == 6
    assert body["bidding"]["small_business"] is True
    assert body["custom_fields"] == {"custom_field_9": [1, {"a": "1.5"}]}
    assert wire.vendor(name="B", bidding=[]).status == 422
    assert wire.vendor(name="B", bidding=None).status == 201


def test_lists_of_ids(wire: Wire) -> None:
    """Ids in lists are whole numbers."""
    assert wire.vendor(name="A", trade_ids=[1, None, "2"]).status == 201
    assert wire.vendor(name="A", trade_ids=["x"]).status == 422
    assert wire.vendor(name="A", trade_ids=3).status == 422


def test_filters(wire: Wire) -> None:
    """Filters combine with AND; unknown ones are ignored."""
    a = wire.vendor(name="Alpha", origin_id="1").json()["id"]
    b = wire.vendor(name="Beta").json()["id"]

    def found(**query: Any) -> list[int]:
        return [row["id"] for row in wire.vendors(**query)]

    assert found(**{"filters[origin_id]": "1"}) == [a]
    assert found(**{"filters[origin_id]": "2"}) == []
    assert found(**{"filters[search]": "bet"}) == [b]
    assert found(**{"filters[id][]": b}) == [b]
    assert found(**{"filters[id]": f"{a},{b}"}) == [a, b]
    assert found(**{"filters[search]": "bet", "filters[origin_id]": "1"}) == []
    assert found(**{"filters[unknown]": "x"}) == [a, b]
    assert wire.get("/rest/v1.0/vendors?filters[id]=x&company_id=1").status == 403


def test_several_ids_in_brackets(wire: Wire) -> None:
    """The form with repeated brackets works like the one with commas."""
    made = [wire.vendor(name=name).json()["id"] for name in "ABC"]
    many = "&".join(f"filters[id][]={number}" for number in made[:2])
    rows = wire.get(f"/rest/v1.0/vendors?company_id={wire.company}&{many}").json()
    assert [row["id"] for row in rows] == made[:2]


def test_range_filter(wire: Wire) -> None:
    """Three dots, both ends included, dates or times, quoted or not."""
    wire.vendor(name="A")

    def found(text: str) -> int:
        return len(wire.vendors(**{"filters[updated_at]": text}))

    assert found("2026-01-05T08:00:00Z...2026-01-05T08:00:00Z") == 1
    assert found('"2026-01-01...2026-02-01"') == 1
    assert found("2026-01-05T08:00:01Z...2026-02-01T00:00:00Z") == 0
    path = "/rest/v1.0/vendors"
    wrong = {"company_id": wire.company, "filters[updated_at]": "2026-01-01"}
    assert wire.get(path, **wrong).status == 400


def test_sorting(wire: Wire) -> None:
    """By name, up and down; otherwise in the order of creation."""
    for name in ("b", "A", "c"):
        wire.vendor(name=name)
    assert [row["name"] for row in wire.vendors()] == ["b", "A", "c"]
    assert [row["name"] for row in wire.vendors(sort="name")] == ["A", "b", "c"]
    assert [row["name"] for row in wire.vendors(sort="-name")] == ["c", "b", "A"]


def test_views_limit_the_fields(wire: Wire) -> None:
    """Each view has what the description lists, and not what it leaves out."""
    made = wire.vendor(name="A").json()["id"]

    def keys(view: str) -> set[str]:
        path = f"/rest/v1.0/vendors/{made}"
        return set(wire.get(path, company_id=wire.company, view=view).json())

    assert keys("compact") == {"id", "name"}
    assert "open_bids_count" in keys("summary")
    assert "origin_id" not in keys("summary")
    assert "parent" in keys("extended")
    assert "parent" not in keys("normal")
    assert keys("erp") == keys("normal") | {"origin_custom_fields", "erp_custom_fields"}
    assert "origin_id" not in keys("directory")
    assert "state_name" in keys("directory")


def test_arranging_what_procore_would_refuse(wire: Wire) -> None:
    """A test cannot arrange an impossible record."""
    with pytest.raises(InvalidValueError) as caught:
        wire.fake.add_vendor(name="")
    assert [fault.path for fault in caught.value.violations] == ["name"]
    with pytest.raises(InvalidValueError):
        wire.fake.add_vendor(name="A", nonsense=1)
