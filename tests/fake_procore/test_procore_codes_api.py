"""Cost codes, standard lists and line item types of the fake."""

from __future__ import annotations

from typing import Any

import pytest
from procore_wire import Wire

COPY = "/rest/v1.0/cost_codes/copy_from_standard_list"
SUBSET = "/rest/v1.0/cost_codes/copy_subset_from_standard_list"
LISTS = "/rest/v1.0/standard_cost_code_lists"
STANDARD = "/rest/v1.0/standard_cost_codes"
TYPES = "/rest/v1.0/line_item_types"
TAKEN = ["has already been taken"]


@pytest.fixture
def project(wire: Wire) -> int:
    """A project that is not integrated with the ERP."""
    return int(wire.fake.add_project(name="P")["id"])


def write(wire: Wire, project: int, number: int | None = None, **fields: Any) -> Any:
    """Create or update one code through the single endpoints."""
    body = {"project_id": project, "cost_code": fields}
    if number is None:
        return wire.send("POST", "/rest/v1.0/cost_codes", body)
    return wire.send("PATCH", f"/rest/v1.0/cost_codes/{number}", body)


def sync(wire: Wire, project: int, *items: dict[str, Any]) -> Any:
    """The body of a sync answer."""
    return wire.sync("cost_codes", list(items), project_id=project).json()


def listed(wire: Wire, project: int, **query: Any) -> list[Any]:
    """The codes of a project."""
    return list(wire.get("/rest/v1.0/cost_codes", project_id=project, **query).json())


# project codes ---------------------------------------------------------------------------------


def test_single_writes(wire: Wire, project: int) -> None:
    """Create is 201, update and show work, on projects without ERP."""
    answer = write(wire, project, code="01", name="General")
    made = answer.json()
    assert (answer.status, made["full_code"], made["parent"]) == (201, "01", {"id": None})
    changed = write(wire, project, made["id"], name="New").json()
    assert (changed["name"], changed["code"]) == ("New", "01")
    shown = wire.get(f"/rest/v1.0/cost_codes/{made['id']}", project_id=project).json()
    assert shown == changed


def test_single_writes_are_refused_on_erp_projects(wire: Wire) -> None:
    """There, only sync writes."""
    project = wire.fake.add_project(name="P", erp_integrated=True)["id"]
    made = wire.fake.add_cost_code(project_id=project, code="01", name="x")["id"]
    assert write(wire, project, code="02", name="x").status == 422
    assert write(wire, project, made, name="y").status == 422
    assert len(sync(wire, project, {"code": "02", "name": "x"})["entities"]) == 1


@pytest.mark.parametrize("missing", ["code", "name"])
def test_code_and_name_are_required(wire: Wire, project: int, missing: str) -> None:
    """Neither may be blank."""
    fields = {"code": "01", "name": "x"}
    del fields[missing]
    assert list(write(wire, project, **fields).json()["errors"]) == [missing]
    assert write(wire, project, **fields, **{missing: " "}).status == 422


def test_full_code_follows_the_parents(wire: Wire, project: int) -> None:
    """Joined with a hyphen; a change at the top goes all the way down."""
    top = wire.fake.add_cost_code(project_id=project, code="01", name="a")["id"]
    mid = wire.fake.add_cost_code(project_id=project, code="02", name="b", parent_id=top)["id"]
    sync(wire, project, {"code": "03", "name": "c", "parent_id": mid})
    assert [row["full_code"] for row in listed(wire, project)] == ["01", "01-02", "01-02-03"]
    sync(wire, project, {"id": top, "code": "X"})
    rows = listed(wire, project)
    assert [row["full_code"] for row in rows] == ["X", "X-02", "X-02-03"]
    assert [row["sortable_code"] for row in rows] == ["X", "X-02", "X-02-03"]
    sync(wire, project, {"id": mid, "parent_id": None})
    assert [row["full_code"] for row in listed(wire, project)] == ["X", "02", "02-03"]


def test_parent_must_be_in_the_same_project(wire: Wire, project: int) -> None:
    """A code of another project, or of none, cannot be a parent."""
    other = wire.fake.add_project(name="Q")["id"]
    there = wire.fake.add_cost_code(project_id=other, code="01", name="a")["id"]
    for parent in (there, 1):
        item = {"code": "02", "name": "b", "parent_id": parent}
        errors = sync(wire, project, item)["errors"]
        assert errors == [{**item, "errors": {"parent_id": ["does not exist"]}}]


def test_no_circles(wire: Wire, project: int) -> None:
    """A code can hang neither below itself nor below its own child."""
    top = wire.fake.add_cost_code(project_id=project, code="01", name="a")["id"]
    low = wire.fake.add_cost_code(project_id=project, code="02", name="b", parent_id=top)["id"]
    for parent in (top, low):
        errors = sync(wire, project, {"id": top, "parent_id": parent})["errors"]
        assert list(errors[0]["errors"]) == ["parent_id"]


def test_code_is_unique_per_parent(wire: Wire, project: int) -> None:
    """The same code may stand below another parent and in another project."""
    top = wire.fake.add_cost_code(project_id=project, code="01", name="a")["id"]
    assert sync(wire, project, {"code": "01", "name": "b"})["errors"][0]["errors"] == {
        "code": TAKEN
    }
    assert sync(wire, project, {"code": "01", "name": "b", "parent_id": top})["errors"] == []
    other = wire.fake.add_project(name="Q")["id"]
    assert sync(wire, other, {"code": "01", "name": "b"})["errors"] == []
    assert sync(wire, project, {"id": top, "code": "01"})["errors"] == []


def test_freed_code_can_be_used_again(wire: Wire, project: int) -> None:
    """Renaming gives the old code back."""
    made = wire.fake.add_cost_code(project_id=project, code="01", name="a")["id"]
    sync(wire, project, {"id": made, "code": "02"})
    assert sync(wire, project, {"code": "01", "name": "b"})["errors"] == []


def test_standard_code_reference_must_exist(wire: Wire, project: int) -> None:
    """A project code may refer to a standard code, whose list it then shows."""
    book = wire.fake.add_standard_cost_code_list(name="L")["id"]
    standard = wire.fake.add_standard_cost_code(list_id=book, code="9", name="x")["id"]
    item = {"code": "01", "name": "a", "standard_cost_code_id": standard}
    assert sync(wire, project, item)["entities"][0]["standard_cost_code_list_id"] == book
    errors = sync(wire, project, {**item, "code": "02", "standard_cost_code_id": 1})["errors"]
    assert list(errors[0]["errors"]) == ["standard_cost_code_id"]


def test_views_and_filters(wire: Wire, project: int) -> None:
    """Two views; filters by id and origin id."""
    a = wire.fake.add_cost_code(project_id=project, code="01", name="a", origin_id="o")["id"]
    b = wire.fake.add_cost_code(project_id=project, code="02", name="b")["id"]
    compact = {"id", "name", "full_code", "origin_data", "origin_id", "standard_cost_code_id"}
    assert set(listed(wire, project, view="erp_compact")[0]) == compact
    assert "parent" in listed(wire, project, view="default")[0]
    assert [row["id"] for row in listed(wire, project, **{"filters[origin_id]": "o"})] == [a]
    assert [row["id"] for row in listed(wire, project, **{"filters[id]": b})] == [b]


def test_codes_stay_in_their_project(wire: Wire, project: int) -> None:
    """Show and update by id look into the named project only."""
    other = wire.fake.add_project(name="Q")["id"]
    there = wire.fake.add_cost_code(project_id=other, code="01", name="a")["id"]
    assert wire.get(f"/rest/v1.0/cost_codes/{there}", project_id=project).status == 404
    assert wire.get("/rest/v1.0/cost_codes/1", project_id=project).status == 404
    assert write(wire, project, there, name="x").status == 404


def test_sub_jobs_are_unknown(wire: Wire, project: int) -> None:
    """The fake has none, so every id of one is absent."""
    path = "/rest/v1.0/cost_codes"
    assert wire.get(path, project_id=project, sub_job_id=1).status == 404


# standard lists --------------------------------------------------------------------------------


@pytest.fixture
def book(wire: Wire) -> int:
    """A standard list: 01, 01-0100, 02."""
    made = wire.fake.add_standard_cost_code_list(name="Standard")["id"]
    top = wire.fake.add_standard_cost_code(list_id=made, code="01", name="General")["id"]
    wire.fake.add_standard_cost_code(list_id=made, code="0100", name="Site", parent_id=top)
    wire.fake.add_standard_cost_code(list_id=made, code="02", name="Concrete")
    return int(made)


def standards(wire: Wire, book: int, **query: Any) -> dict[str, Any]:
    """The codes of a standard list by full code."""
    scope = {"company_id": wire.company, "standard_cost_code_list_id": book}
    return {row["full_code"]: row for row in wire.get(STANDARD, **scope, **query).json()}


def test_copy_of_a_whole_list(wire: Wire, project: int, book: int) -> None:
    """201 with the new codes and their tree; codes that exist stay."""
    wire.fake.add_cost_code(project_id=project, code="01", name="Mine")
    body = {"project_id": project, "standard_cost_code_list_id": book}
    answer = wire.send("POST", COPY, body)
    assert answer.status == 201
    assert [row["full_code"] for row in answer.json()] == ["01-0100", "02"]
    assert wire.send("POST", COPY, body).json() == []
    assert wire.send("POST", COPY, {**body, "standard_cost_code_list_id": 1}).status == 404


def test_copy_of_a_subset(wire: Wire, project: int, book: int) -> None:
    """201 if all went well, 207 otherwise; missing parents come along."""
    numbers = {full: row["id"] for full, row in standards(wire, book).items()}
    body = {"project_id": project, "standard_cost_code_list_id": book}
    first = wire.send("POST", SUBSET, {**body, "standard_cost_code_ids": [numbers["01-0100"]]})
    assert first.status == 201
    assert [row["full_code"] for row in listed(wire, project)] == ["01", "01-0100"]
    many = [numbers["01"], numbers["02"], 1, "x"]
    second = wire.send("POST", SUBSET, {**body, "standard_cost_code_ids": many})
    assert second.status == 207
    assert [row["full_code"] for row in second.json()["successes"]] == ["02"]
    assert len(second.json()["failures"]) == 3


def test_copied_parents_are_not_mistaken(wire: Wire, project: int, book: int) -> None:
    """A code of the same name elsewhere in the project is not the parent's copy."""
    middle = standards(wire, book)["01-0100"]["id"]
    low = wire.fake.add_standard_cost_code(list_id=book, code="9", name="x", parent_id=middle)
    wire.fake.add_cost_code(project_id=project, code="0100", name="Elsewhere")
    body = {"project_id": project, "standard_cost_code_list_id": book}
    wire.send("POST", SUBSET, {**body, "standard_cost_code_ids": [low["id"]]})
    found = {row["full_code"] for row in listed(wire, project)}
    assert found == {"0100", "01", "01-0100", "01-0100-9"}


def test_standard_lists(wire: Wire) -> None:
    """Create, show, rename; one list only may be the ERP list."""
    body = {"company_id": wire.company, "standard_cost_code_list": {"name": "A"}}
    made = wire.send("POST", LISTS, body)
    first = made.json()["id"]
    assert (made.status, made.json()["is_erp_list"]) == (201, False)
    second = wire.send("POST", LISTS, body).json()["id"]
    change = {**body, "standard_cost_code_list": {"is_erp_list": True}}
    assert wire.send("PATCH", f"{LISTS}/{first}", change).json()["is_erp_list"] is True
    assert wire.send("PATCH", f"{LISTS}/{first}", change).status == 200
    assert wire.send("PATCH", f"{LISTS}/{second}", change).status == 422
    shown = wire.get(f"{LISTS}/{first}", company_id=wire.company).json()
    assert shown == {"id": first, "is_erp_list": True, "name": "A", "company_id": wire.company}
    rows = wire.get(LISTS, company_id=wire.company).json()
    assert [row["is_erp_list"] for row in rows] == [True, False]
    assert wire.get(f"{LISTS}/1", company_id=wire.company).status == 404
    nameless = {**body, "standard_cost_code_list": {"name": ""}}
    assert wire.send("POST", LISTS, nameless).status == 422


def test_standard_codes(wire: Wire, book: int) -> None:
    """Create, show, update, filter; the full code follows the parent."""
    assert list(standards(wire, book)) == ["01", "01-0100", "02"]
    body = {"company_id": wire.company, "standard_cost_code_list_id": book}
    fields = {"code": "03", "name": "x", "origin_id": "o"}
    made = wire.send("POST", STANDARD, {**body, "standard_cost_code": fields})
    assert made.status == 201
    number = made.json()["id"]
    assert list(standards(wire, book, **{"filters[origin_id]": "o"})) == ["03"]
    path = f"{STANDARD}/{number}"
    change = {**body, "standard_cost_code": {"name": "y"}}
    assert wire.send("PATCH", path, change).json()["name"] == "y"
    scope = {"company_id": wire.company, "standard_cost_code_list_id": book}
    assert wire.get(path, **scope).json()["name"] == "y"
    other = wire.fake.add_standard_cost_code_list(name="Other")["id"]
    assert wire.get(path, **{**scope, "standard_cost_code_list_id": other}).status == 404


def test_renaming_a_standard_code_goes_down(wire: Wire, book: int) -> None:
    """Full codes below follow, in the standard list only."""
    top = standards(wire, book)["01"]["id"]
    query = {"standard_cost_code_list_id": book}
    wire.sync("standard_cost_codes", [{"id": top, "code": "X"}], **query)
    assert list(standards(wire, book)) == ["X", "X-0100", "02"]


def test_deleting_a_standard_code_is_soft(wire: Wire, book: int) -> None:
    """Gone from lists, still in the state; a parent cannot go; the code is free again."""
    found = standards(wire, book)
    path = f"{STANDARD}/{found['02']['id']}?company_id={wire.company}"
    assert wire.send("DELETE", path).status == 200
    assert wire.send("DELETE", path).status == 404
    assert list(standards(wire, book)) == ["01", "01-0100"]
    held = wire.fake.state()["standard_cost_codes"]
    assert [row["code"] for row in held if row["deleted_at"]] == ["02"]
    parent = f"{STANDARD}/{found['01']['id']}?company_id={wire.company}"
    assert wire.send("DELETE", parent).status == 422
    again = {"code": "02", "name": "x"}
    answer = wire.sync("standard_cost_codes", [again], standard_cost_code_list_id=book)
    assert answer.json()["errors"] == []


def test_origin_id_of_a_deleted_record_stays_taken(wire: Wire, book: int) -> None:
    """Soft deletion keeps the key."""
    query = {"standard_cost_code_list_id": book}
    item = {"code": "05", "name": "x", "origin_id": "o"}
    made = wire.sync("standard_cost_codes", [item], **query).json()["entities"][0]["id"]
    wire.send("DELETE", f"{STANDARD}/{made}?company_id={wire.company}")
    errors = wire.sync("standard_cost_codes", [item], **query).json()["errors"]
    assert errors[0]["errors"] == {"origin_id": TAKEN}


def test_standard_sync_limit_is_a_switch(wire: Wire, book: int) -> None:
    """413 beyond a size that is not documented: both sides of it."""
    wire.fake.switches.standard_sync_limit = 2
    items = [{"code": str(n), "name": "x"} for n in range(10, 13)]
    query = {"standard_cost_code_list_id": book}
    answer = wire.sync("standard_cost_codes", items, **query)
    assert (answer.status, type(answer.json()["errors"])) == (413, list)
    assert wire.sync("standard_cost_codes", items[:2], **query).status == 200


# line item types -------------------------------------------------------------------------------


def write_type(wire: Wire, number: int | None = None, **fields: Any) -> Any:
    """Create or update one type."""
    body = {"company_id": wire.company, "line_item_type": fields}
    if number is None:
        return wire.send("POST", TYPES, body)
    return wire.send("PATCH", f"{TYPES}/{number}", body)


def test_code_is_called_differently_in_answers(wire: Wire) -> None:
    """csv_import_code goes in, code comes out."""
    answer = write_type(wire, name="Labor", csv_import_code="L", base_type="other")
    assert answer.status == 201
    assert answer.json()["code"] == "L"
    assert "csv_import_code" not in answer.json()
    assert write_type(wire, name="X", code="X").status == 422


def test_labor_may_be_written_singly_only(wire: Wire) -> None:
    """Sync and answers do not list labor; what answers show is a switch."""
    made = write_type(wire, name="Labor", csv_import_code="L", base_type="labor").json()
    assert made["base_type"] == "other"
    item = {"name": "X", "csv_import_code": "X", "base_type": "labor"}
    errors = wire.sync("line_item_types", [item]).json()["errors"]
    assert list(errors[0]["errors"]) == ["base_type"]
    wire.fake.switches.answer_for_labor = "labor"
    shown = wire.get(f"{TYPES}/{made['id']}", company_id=wire.company).json()
    assert shown["base_type"] == "labor"


def test_base_type_is_one_of_a_set(wire: Wire) -> None:
    """Unknown words are refused; null keeps what is there."""
    assert write_type(wire, name="A", csv_import_code="A", base_type="wages").status == 422
    made = write_type(wire, name="A", csv_import_code="A", base_type="equipment").json()
    kept = write_type(wire, made["id"], base_type=None).json()
    assert kept["base_type"] == "equipment"


def test_names_and_codes_are_unique(wire: Wire) -> None:
    """In the whole company; a type may keep its own."""
    first = wire.fake.add_line_item_type(code="L", name="Labor")["id"]
    assert write_type(wire, name="Labor", csv_import_code="X").json()["errors"] == {"name": TAKEN}
    taken = write_type(wire, name="X", csv_import_code="L").json()["errors"]
    assert taken == {"csv_import_code": TAKEN}
    assert write_type(wire, first, name="Labor", csv_import_code="L").status == 200
    assert write_type(wire, name="", csv_import_code="").status == 422


def test_list_needs_company_or_project(wire: Wire, project: int) -> None:
    """One of the two is enough."""
    made = wire.fake.add_line_item_type(code="L", name="Labor", origin_id="o")["id"]
    assert wire.get(TYPES).status == 400
    for scope in ({"company_id": wire.company}, {"project_id": project}):
        assert [row["id"] for row in wire.get(TYPES, **scope).json()] == [made]
    assert wire.get(TYPES, company_id=wire.company, **{"filters[origin_id]": "x"}).json() == []


def test_unknown_type(wire: Wire) -> None:
    """404 for show and update."""
    assert wire.get(f"{TYPES}/1", company_id=wire.company).status == 404
    assert write_type(wire, 1, name="x").status == 404
