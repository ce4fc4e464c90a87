"""The work breakdown structure of the fake."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from procore_wire import Wire, wbs

STATUS_ERROR = {"status": ["is not included in the list"]}


@pytest.fixture
def project(wire: Wire) -> int:
    """A project with codes 01, 01-0100, 01-0200 and types L and M in its company."""
    return build(wire)


def build(wire: Wire, **fields: Any) -> int:
    """The project of the fixture."""
    made = wire.fake.add_project(name="P", **fields)["id"]
    top = wire.fake.add_cost_code(project_id=made, code="01", name="General")["id"]
    for code, name in (("0100", "Site"), ("0200", "Clean")):
        wire.fake.add_cost_code(project_id=made, code=code, name=name, parent_id=top)
    if not wire.get("/rest/v1.0/line_item_types", company_id=wire.company).json():
        wire.fake.add_line_item_type(code="L", name="Labor")
        wire.fake.add_line_item_type(code="M", name="Materials")
    return int(made)


def create(wire: Wire, project: int, cost_code: str, cost_type: str, **fields: Any) -> Any:
    """Create one WBS code."""
    body = {"segment_items": wire.pair(project, cost_code, cost_type), **fields}
    return wire.send("POST", f"{wbs(project)}/wbs_codes", body)


def codes(wire: Wire, project: int, **query: Any) -> dict[str, Any]:
    """The WBS codes of a project by flat code."""
    rows = wire.walk(f"{wbs(project)}/wbs_codes", **query)
    return {row["flat_code"]: row for row in rows}


def items_path(wire: Wire, project: int, kind: str = "cost_code") -> str:
    """The items of one of the project's segments."""
    return f"{wbs(project)}/segments/{wire.segments(project)[kind]}/segment_items"


def company_path(wire: Wire, kind: str) -> str:
    """One of the company's segments."""
    root = f"/rest/v1.0/companies/{wire.company}/work_breakdown_structure/segments"
    found = {row["type"]: row["id"] for row in wire.get(root).json()}
    return f"{root}/{found[kind]}"


# segments and patterns ---------------------------------------------------------------------------


def test_segments_of_project_and_company(wire: Wire, project: int) -> None:
    """Same types, different ids; the company's list has fewer keys."""
    mine = wire.get(f"{wbs(project)}/segments").json()
    root = f"/rest/v1.0/companies/{wire.company}/work_breakdown_structure"
    theirs = wire.get(f"{root}/segments").json()
    assert [row["type"] for row in mine] == [row["type"] for row in theirs]
    assert not {row["id"] for row in mine} & {row["id"] for row in theirs}
    assert [row["segment_items_count"] for row in mine] == [0, 3, 2]
    assert set(mine[0]) - set(theirs[0]) == {
        "selectable_tiers",
        "is_included_in_project_pattern",
        "tiered",
    }
    shown = wire.get(f"{wbs(project)}/segments/{mine[1]['id']}").json()
    assert shown == mine[1]
    assert wire.get(f"{wbs(project)}/segments/{theirs[1]['id']}").status == 404


def test_patterns(wire: Wire, project: int) -> None:
    """The pattern holds the segments in order."""
    mine = wire.get(f"{wbs(project)}/patterns").json()
    root = f"/rest/v1.0/companies/{wire.company}/work_breakdown_structure"
    theirs = wire.get(f"{root}/patterns").json()
    assert [row["position"] for row in mine["segments"]] == [1, 2, 3]
    assert mine["is_project_level_ordered"] is False
    assert "is_project_level_ordered" not in theirs


def test_tool_can_be_off(wire: Wire, project: int) -> None:
    """403 for the structure while other tools work."""
    wire.fake.disable_tool(project, "work_breakdown_structure")
    assert wire.get(f"{wbs(project)}/segments").status == 403
    assert wire.get("/rest/v1.0/cost_codes", project_id=project).status == 200


# segment items -----------------------------------------------------------------------------------


def test_items_stand_for_cost_codes(wire: Wire, project: int) -> None:
    """Own ids, paths from the top, parents as items."""
    items = wire.items(project, "cost_code")
    assert list(items) == ["01", "01-0100", "01-0200"]
    low, top = items["01-0100"], items["01"]
    assert (low["code"], low["path_codes"]) == ("0100", ["01", "0100"])
    assert (low["parent_id"], low["path_ids"]) == (top["id"], [top["id"], low["id"]])
    assert (top["is_parent"], low["is_parent"], top["parent_id"]) == (True, False, None)
    cost_codes = wire.get("/rest/v1.0/cost_codes", project_id=project).json()
    assert not {row["id"] for row in cost_codes} & {row["id"] for row in items.values()}


def test_items_of_types_come_from_the_company(wire: Wire, project: int) -> None:
    """Every project shows the company's types; sub jobs have no items."""
    other = build(wire)
    assert wire.items(project, "line_item_type") == {
        code: {**row, "segment": wire.items(project, "line_item_type")[code]["segment"]}
        for code, row in wire.items(other, "line_item_type").items()
    }
    assert wire.items(project, "sub_job") == {}


def test_item_of_a_cost_code(wire: Wire, project: int) -> None:
    """legacy_cost_code_id finds the item of one cost code."""
    row = wire.get("/rest/v1.0/cost_codes", project_id=project).json()[2]
    found = wire.items(project, "cost_code", legacy_cost_code_id=row["id"])
    assert list(found) == ["01-0200"]


def test_new_item_creates_the_cost_code(wire: Wire, project: int) -> None:
    """201; the parent is named by its item."""
    top = wire.items(project, "cost_code")["01"]["id"]
    body = {"code": "0300", "name": "Fence", "parent_id": top}
    answer = wire.send("POST", items_path(wire, project), body)
    assert (answer.status, answer.json()["path_code"]) == (201, "01-0300")
    rows = wire.get("/rest/v1.0/cost_codes", project_id=project).json()
    assert rows[-1]["full_code"] == "01-0300"
    wrong = {**body, "code": "0400", "parent_id": 1}
    assert wire.send("POST", items_path(wire, project), wrong).status == 422


def test_erp_projects_refuse_items_of_cost_codes(wire: Wire) -> None:
    """Creation and renaming go through the sync of cost codes."""
    project = build(wire, erp_integrated=True)
    path = items_path(wire, project)
    assert wire.send("POST", path, {"code": "02", "name": "x"}).status == 422
    item = wire.items(project, "cost_code")["01-0100"]["id"]
    assert wire.send("PATCH", f"{path}/{item}", {"name": "x"}).status == 422
    assert wire.send("PATCH", f"{path}/{item}", {"status": "inactive"}).status == 200


def test_types_are_kept_by_the_company(wire: Wire, project: int) -> None:
    """A project can neither add, rename nor delete them."""
    path = items_path(wire, project, "line_item_type")
    item = wire.items(project, "line_item_type")["L"]["id"]
    assert wire.send("POST", path, {"code": "X", "name": "x"}).status == 422
    assert wire.send("PATCH", f"{path}/{item}", {"name": "x"}).status == 422
    assert wire.send("DELETE", f"{path}/{item}").status == 422


def test_updating_an_item_may_change_its_id(wire: Wire, project: int) -> None:
    """The old id is gone by default; the switch keeps it."""
    path = items_path(wire, project)
    old = wire.items(project, "cost_code")["01-0100"]["id"]
    body = {"name": "New", "code": "0150"}
    new = wire.send("PATCH", f"{path}/{old}", body).json()
    assert (new["name"], new["path_code"]) == ("New", "01-0150")
    assert new["id"] != old
    assert wire.send("PATCH", f"{path}/{old}", {"name": "x"}).status == 404
    wire.fake.switches.segment_item_id_changes = False
    kept = wire.send("PATCH", f"{path}/{new['id']}", {"name": "Kept"}).json()
    assert kept["id"] == new["id"]


def test_status_goes_down_the_tree(wire: Wire, project: int) -> None:
    """Deactivating a parent deactivates its children; the filter hides them."""
    path = f"{items_path(wire, project)}/update_all"
    top = wire.items(project, "cost_code")["01"]["id"]
    body = {"ids": [top], "attributes": {"status": "inactive"}}
    answer = wire.send("PATCH", path, body)
    assert (answer.status, answer.content) == (204, b"")
    statuses = {row["status"] for row in wire.items(project, "cost_code").values()}
    assert statuses == {"inactive"}
    assert wire.items(project, "cost_code", only_active_items="true") == {}
    assert wire.send("PATCH", path, {**body, "ids": [1]}).status == 404
    wrong = {**body, "attributes": {"status": "gone"}}
    assert wire.send("PATCH", path, wrong).json() == {"errors": STATUS_ERROR}


def test_deleting_an_item_is_soft_and_refused_in_use(wire: Wire, project: int) -> None:
    """The cost code goes with it; parents and used codes stay."""
    create(wire, project, "01-0100", "L")
    items, path = wire.items(project, "cost_code"), items_path(wire, project)
    assert wire.send("DELETE", f"{path}/{items['01']['id']}").status == 422
    assert wire.send("DELETE", f"{path}/{items['01-0100']['id']}").status == 422
    assert wire.send("DELETE", f"{path}/{items['01-0200']['id']}").status == 204
    assert wire.send("DELETE", f"{path}/{items['01-0200']['id']}").status == 404
    rows = wire.get("/rest/v1.0/cost_codes", project_id=project).json()
    assert [row["full_code"] for row in rows] == ["01", "01-0100"]
    assert wire.items(project, "cost_code")["01-0100"]["in_use"] is True


def test_bulk_destroy(wire: Wire, project: int) -> None:
    """207 with what went and what stayed."""
    items = wire.items(project, "cost_code")
    low, top = items["01-0100"]["id"], items["01"]["id"]
    path = f"{items_path(wire, project)}/bulk_destroy"
    answer = wire.send("DELETE", path, {"segment_item_ids": [top, low, 1]})
    assert answer.status == 207
    assert answer.json()["successes"] == [low]
    assert [row["id"] for row in answer.json()["failures"]] == [top, 1]


def test_items_of_another_project_are_unknown(wire: Wire, project: int) -> None:
    """An item belongs to its project and its segment."""
    there = wire.items(build(wire), "cost_code")["01"]["id"]
    path = items_path(wire, project)
    assert wire.send("PATCH", f"{path}/{there}", {"name": "x"}).status == 404
    types = items_path(wire, project, "line_item_type")
    mine = wire.items(project, "cost_code")["01"]["id"]
    assert wire.send("PATCH", f"{types}/{mine}", {"name": "x"}).status == 404


def test_company_items_of_cost_codes(wire: Wire) -> None:
    """They stand for standard codes: lists, creation, change, deletion."""
    path = company_path(wire, "cost_code")
    items = f"{path}/segment_items"
    body = {"code": "01", "name": "General"}
    assert wire.send("POST", items, body).status == 422
    erp = wire.fake.add_standard_cost_code_list(name="ERP", is_erp_list=True)["id"]
    made = wire.send("POST", items, body).json()
    assert wire.get(f"{items}/{made['id']}").json() == made
    assert wire.get(f"{items}/1").status == 404
    other = wire.fake.add_standard_cost_code_list(name="Other")["id"]
    assert wire.send("POST", items, {**body, "segment_item_list_id": other}).status == 201
    assert len(wire.get(items).json()) == 2
    assert len(wire.get(items, segment_item_list_id=erp).json()) == 1
    lists = wire.get(f"{path}/lists").json()
    assert [(row["id"], row["erp_integrated"], row["segment_items_count"]) for row in lists] == [
        (erp, True, 1),
        (other, False, 1),
    ]
    changed = wire.send("PATCH", f"{items}/{made['id']}", {"name": "New"}).json()
    assert (changed["name"], changed["id"]) == ("New", made["id"])
    assert wire.send("DELETE", f"{items}/{made['id']}").status == 204


def test_company_items_of_types(wire: Wire) -> None:
    """They stand for line item types."""
    path = company_path(wire, "line_item_type")
    items = f"{path}/segment_items"
    made = wire.send("POST", items, {"code": "L", "name": "Labor"}).json()
    wire.send("PATCH", f"{items}/{made['id']}", {"code": "LAB"})
    row = wire.get("/rest/v1.0/line_item_types", company_id=wire.company).json()[0]
    assert (row["code"], row["name"], row["base_type"]) == ("LAB", "Labor", "other")
    assert wire.get(f"{path}/lists").json() == []
    assert wire.send("DELETE", f"{items}/{made['id']}").status == 204
    sub_jobs = f"{company_path(wire, 'sub_job')}/segment_items"
    assert wire.send("POST", sub_jobs, {"code": "1", "name": "x"}).status == 422


# WBS codes ---------------------------------------------------------------------------------------


def test_flat_code_and_name(wire: Wire, project: int) -> None:
    """Tiers joined with a hyphen, segments with their delimiter."""
    answer = create(wire, project, "01-0100", "L", description="Site labor")
    body = answer.json()
    assert (answer.status, body["flat_code"], body["status"]) == (201, "01-0100.L", "active")
    assert body["flat_name"] == "General.Site.Labor"
    assert [row["path_code"] for row in body["segment_items"]] == ["01-0100", "L"]


def test_existing_combination_gets_the_description(wire: Wire, project: int) -> None:
    """201 again, with the same id."""
    first = create(wire, project, "01-0100", "L", description="a").json()
    second = create(wire, project, "01-0100", "L", description="b")
    assert (second.status, second.json()["id"]) == (201, first["id"])
    assert codes(wire, project)["01-0100.L"]["description"] == "b"


def test_combination_survives_a_new_item_id(wire: Wire, project: int) -> None:
    """The combination is of records, not of item ids."""
    first = create(wire, project, "01-0100", "L").json()["id"]
    item = wire.items(project, "cost_code")["01-0100"]["id"]
    wire.send("PATCH", f"{items_path(wire, project)}/{item}", {"name": "New"})
    assert create(wire, project, "01-0100", "L").json()["id"] == first


def test_every_required_segment_once(wire: Wire, project: int) -> None:
    """Missing, doubled, unknown and malformed segments are refused."""
    cost_code, cost_type = wire.pair(project, "01-0100", "L")
    wrong = [
        None,
        [],
        ["x"],
        [cost_code],
        [cost_type],
        [cost_code, cost_type, cost_type],
        [cost_code, {**cost_type, "segment_item_id": 1}],
        [cost_code, {**cost_type, "segment_id": "x"}],
        [cost_code, {**cost_type, "segment_id": cost_code["segment_id"]}],
    ]
    for sent in wrong:
        answer = wire.send("POST", f"{wbs(project)}/wbs_codes", {"segment_items": sent})
        assert (answer.status, list(answer.json()["errors"])) == (422, ["segment_items"])
    assert codes(wire, project) == {}


def test_parents_are_not_selectable_unless_switched_on(wire: Wire, project: int) -> None:
    """Only leaves make up codes, by default."""
    assert create(wire, project, "01", "L").status == 422
    wire.fake.switches.selectable_tiers = True
    assert create(wire, project, "01", "L").status == 201


def test_inactive_items_are_not_selectable(wire: Wire, project: int) -> None:
    """A deactivated item cannot make up new codes."""
    item = wire.items(project, "cost_code")["01-0100"]["id"]
    wire.send("PATCH", f"{items_path(wire, project)}/{item}", {"status": "inactive"})
    assert create(wire, project, "01-0100", "L").status == 422


def test_bulk_create(wire: Wire, project: int) -> None:
    """201; existing combinations are entities, faults are errors."""
    old = create(wire, project, "01-0100", "L", description="a").json()["id"]
    again = {"segment_items": wire.pair(project, "01-0100", "L"), "description": "b"}
    new = {"segment_items": wire.pair(project, "01-0200", "M")}
    path = f"{wbs(project)}/wbs_codes/bulk_create"
    bad = {"segment_items": [], "description": "c"}
    answer = wire.send("PATCH", path, {"bulk": [again, new, bad, "x"]})
    body = answer.json()
    assert answer.status == 201
    assert [row["flat_code"] for row in body["entities"]] == ["01-0100.L", "01-0200.M"]
    assert (body["entities"][0]["id"], body["entities"][0]["description"]) == (old, "b")
    assert body["errors"][0]["description"] == "c"
    assert list(body["errors"][0]["errors"]) == ["segment_items"]
    assert len(body["errors"]) == 2


def test_bulk_limit(wire: Wire, project: int) -> None:
    """413 beyond the switch: both sides."""
    wire.fake.switches.wbs_bulk_limit = 1
    path, item = f"{wbs(project)}/wbs_codes/bulk_create", {"segment_items": []}
    assert wire.send("PATCH", path, {"bulk": [item]}).status == 201
    assert wire.send("PATCH", path, {"bulk": [item, item]}).status == 413


def test_update(wire: Wire, project: int) -> None:
    """Description and status of one code."""
    made = create(wire, project, "01-0100", "L").json()["id"]
    path = f"{wbs(project)}/wbs_codes/{made}"
    body = wire.send("PATCH", path, {"description": "d", "status": None}).json()
    assert (body["description"], body["status"]) == ("d", "active")
    assert wire.send("PATCH", path, {"status": "inactive"}).json()["status"] == "inactive"
    assert wire.send("PATCH", path, {"status": "gone"}).status == 422
    other = build(wire)
    assert wire.send("PATCH", f"{wbs(other)}/wbs_codes/{made}", {}).status == 404


def test_update_all(wire: Wire, project: int) -> None:
    """204; nothing happens if one id is unknown."""
    made = [create(wire, project, code, "L").json()["id"] for code in ("01-0100", "01-0200")]
    path = f"{wbs(project)}/wbs_codes/update_all"
    off = {"attributes": {"status": "inactive"}}
    assert wire.send("PATCH", path, {"ids": [made[0], 1], **off}).status == 404
    assert len(codes(wire, project, **{"filters[status][]": "active"})) == 2
    assert wire.send("PATCH", path, {"ids": made, **off}).status == 204
    assert codes(wire, project, **{"filters[status][]": "active"}) == {}
    assert len(codes(wire, project)) == 2
    assert wire.send("PATCH", path, {"ids": made, "attributes": {"x": 1}}).status == 422


def test_search(wire: Wire, project: int) -> None:
    """By code or description; by time of change."""
    create(wire, project, "01-0100", "L", description="Fence")
    create(wire, project, "01-0200", "M")
    assert list(codes(wire, project, query="fence")) == ["01-0100.L"]
    assert list(codes(wire, project, query="0200.m")) == ["01-0200.M"]
    assert codes(wire, project, **{"filters[updated_at]": "2020-01-01...2020-02-01"}) == {}


def test_version_2_list(wire: Wire, project: int) -> None:
    """Envelope, ids as text, 10 on a page, 100 at most."""
    made = create(wire, project, "01-0100", "L").json()["id"]
    create(wire, project, "01-0200", "L")
    path = f"/rest/v2.0/companies/{wire.company}/projects/{project}/wbs/codes"
    answer = wire.get(path)
    assert answer.json()["data"][0]["id"] == str(made)
    assert answer.header("Per-Page") == "10"
    assert wire.get(path, per_page=101).header("Per-Page") == "100"
    found = wire.get(path, **{"filters[search]": "0200"}).json()["data"]
    assert [row["code"] for row in found] == ["01-0200.L"]
    assert len(wire.get(path, **{"filters[id]": made}).json()["data"]) == 1
    foreign = path.replace(str(wire.company), "1")
    assert wire.get(foreign).json()["error"]["code"] == "FORBIDDEN"


def test_a_renamed_cost_code_renames_its_wbs_codes(wire: Wire, project: int) -> None:
    """The flat code is derived, never stored."""
    create(wire, project, "01-0100", "L")
    row = wire.get("/rest/v1.0/cost_codes", project_id=project).json()[0]
    wire.sync("cost_codes", [{"id": row["id"], "code": "09"}], project_id=project)
    assert list(codes(wire, project)) == ["09-0100.L"]


PAIRS = st.lists(
    st.tuples(st.sampled_from(["01-0100", "01-0200"]), st.sampled_from(["L", "M"])), max_size=8
)


@settings(max_examples=30, deadline=None)
@given(pairs=PAIRS)
def test_one_code_per_combination(pairs: list[tuple[str, str]]) -> None:
    """Whatever is created, and in whatever order, each combination exists once."""
    wire = Wire()
    project = build(wire)
    for number, (cost_code, cost_type) in enumerate(pairs):
        assert create(wire, project, cost_code, cost_type, description=str(number)).status == 201
    last = {f"{a}.{b}": str(n) for n, (a, b) in enumerate(pairs)}
    found = {flat: row["description"] for flat, row in codes(wire, project).items()}
    assert found == last
