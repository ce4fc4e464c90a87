"""Projects and templates of the fake."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from procore_wire import Wire


def show(wire: Wire, number: int, **query: Any) -> Any:
    """One project."""
    path = f"/rest/v1.0/projects/{number}"
    return wire.get(path, company_id=wire.company, **query).json()


def codes(wire: Wire, project: int) -> list[str]:
    """The full codes of a project."""
    rows = wire.walk("/rest/v1.0/cost_codes", project_id=project)
    return [row["full_code"] for row in rows]


def test_creation(wire: Wire) -> None:
    """201; active; the display name joins number and name."""
    answer = wire.project(name="Tower", project_number="24-0101", erp_integrated=True)
    body = answer.json()
    assert answer.status == 201
    assert body["active"] is True
    assert body["display_name"] == "24-0101 - Tower"
    assert body["is_erp_integrated"] is True
    assert show(wire, body["id"]) == body


def test_name_is_required(wire: Wire) -> None:
    """422 on creation and on blanking."""
    assert wire.project(project_number="1").status == 422
    made = wire.project(name="P").json()["id"]
    assert wire.project(made, name="").status == 422
    assert wire.project(made, city="Austin").json()["name"] == "P"


def test_time_zone_must_be_known(wire: Wire) -> None:
    """Exactly supported names only."""
    assert wire.project(name="P", time_zone="US/Pacific").json()["time_zone"] == "US/Pacific"
    answer = wire.project(name="P", time_zone="us/pacific")
    assert (answer.status, list(answer.json()["errors"])) == (422, ["time_zone"])


@pytest.mark.parametrize("value", ["01/05/2026", "2026-1-5", "2026-02-30", "soon", 20260105])
def test_wrong_dates_are_silently_null(wire: Wire, value: Any) -> None:
    """No error: the date is simply lost."""
    answer = wire.project(name="P", start_date=value)
    assert (answer.status, answer.json()["start_date"]) == (201, None)


def test_right_dates_are_kept(wire: Wire) -> None:
    """ISO dates come back; arranged ones may be dates."""
    assert wire.project(name="P", start_date="2026-01-05").json()["start_date"] == "2026-01-05"
    made = wire.fake.add_project(name="Q", start_date=date(2026, 1, 5))
    assert made["start_date"] == "2026-01-05"


def test_place_and_words_are_checked(wire: Wire) -> None:
    """Country, state, and fields with a fixed set of words."""
    assert wire.project(name="P", country_code="US", state_code="ON").status == 422
    assert wire.project(name="P", flag="Blue").status == 422
    assert wire.project(name="P", flag="Red").status == 201
    assert wire.project(name="P", flag=None).status == 201


def test_numbers(wire: Wire) -> None:
    """Money is answered as text with every digit, coordinates as numbers."""
    body = wire.project(name="P", total_value=1234567.89, latitude=30.25).json()
    assert body["total_value"] == "1234567.89"
    assert float(body["latitude"]) == 30.25
    assert wire.project(name="P", total_value="10.50").json()["total_value"] == "10.50"
    assert wire.project(name="P", total_value="").json()["total_value"] is None
    assert wire.project(name="P", total_value="ten").status == 422
    assert wire.project(name="P", total_value=True).status == 422
    assert wire.project(name="P", latitude=None).json()["latitude"] is None


def test_template_must_exist(wire: Wire) -> None:
    """The template is remembered and listed."""
    template = wire.fake.add_template(name="Base")
    made = wire.project(name="P", project_template_id=template["id"]).json()
    assert made["from_project_template_id"] == template["id"]
    assert wire.projects()[0]["project_template"] == template
    assert wire.project(name="P", project_template_id=1).status == 422
    listed = wire.get("/rest/v1.0/project_templates", company_id=wire.company).json()
    assert listed == [template]


def test_copy_of_standard_cost_codes(wire: Wire) -> None:
    """The ERP list is copied with its tree if asked for; without one nothing happens."""
    assert (
        codes(wire, wire.project(name="P", enable_copy_of_standard_cost_codes=True).json()["id"])
        == []
    )
    erp = wire.fake.add_standard_cost_code_list(name="ERP", is_erp_list=True)["id"]
    top = wire.fake.add_standard_cost_code(list_id=erp, code="01", name="General")["id"]
    wire.fake.add_standard_cost_code(list_id=erp, code="0100", name="Site", parent_id=top)
    copied = wire.project(name="Q", enable_copy_of_standard_cost_codes=True).json()["id"]
    assert codes(wire, copied) == ["01", "01-0100"]
    assert codes(wire, wire.project(name="R").json()["id"]) == []


def test_creation_brings_the_default_segments(wire: Wire) -> None:
    """Sub job, cost code and line item type, in this order."""
    made = wire.project(name="P").json()["id"]
    assert list(wire.segments(made)) == ["sub_job", "cost_code", "line_item_type"]


def test_update(wire: Wire) -> None:
    """Sent fields change; what only creation knows is refused."""
    made = wire.project(name="P").json()["id"]
    body = wire.project(made, erp_integrated=True, active=None, custom_field_3="x").json()
    assert (body["is_erp_integrated"], body["active"]) == (True, True)
    assert body["custom_fields"]["custom_field_3"]["value"] == "x"
    assert wire.project(made, latitude=1).status == 422
    assert wire.project(1, name="P").status == 404


def test_lists_hide_inactive_projects(wire: Wire) -> None:
    """Active only, unless by_status says otherwise, in both versions."""
    on = wire.project(name="On").json()["id"]
    off = wire.project(name="Off", active=False).json()["id"]

    for version in ("v1.0", "v1.1"):

        def found(version: str = version, **query: Any) -> list[int]:
            return [row["id"] for row in wire.projects(version=version, **query)]

        assert found() == [on]
        assert found(**{"filters[by_status]": "Active"}) == [on]
        assert found(**{"filters[by_status]": "Inactive"}) == [off]
        assert found(**{"filters[by_status]": "All"}) == [on, off]


def test_light_list(wire: Wire) -> None:
    """All projects with their address, without pages."""
    wire.project(name="P", address="1 Main St")
    row = wire.get(f"/rest/v1.0/companies/{wire.company}/projects").json()[0]
    assert row["address"]["street"] == "1 Main St"
    assert row["status_name"] == "Active"


def test_filters(wire: Wire) -> None:
    """Name, number (v1.1 only), origin id, synced and order."""
    a = wire.project(name="Beta", project_number="1", origin_id="o").json()["id"]
    b = wire.project(name="alpha", project_number="2").json()["id"]

    def found(version: str = "v1.0", **query: Any) -> list[int]:
        return [row["id"] for row in wire.projects(version=version, **query)]

    assert found(**{"filters[name]": "ALP"}) == [b]
    assert found(version="v1.1", **{"filters[project_number]": "2"}) == [b]
    assert found(**{"filters[project_number]": "2"}) == [a, b]
    assert found(**{"filters[origin_id]": "o"}) == [a]
    assert found(**{"filters[synced]": "true"}) == [a]
    assert found(**{"filters[synced]": "false"}) == [b]
    assert found(sort="name") == [b, a]


def test_views(wire: Wire) -> None:
    """Each list version and view has its own fields."""
    made = wire.project(name="P", project_stage_id=3).json()["id"]
    assert show(wire, made)["project_stage"]["id"] == 3

    def keys(version: str, **query: str) -> set[str]:
        return set(wire.projects(version=version, **query)[0])

    assert keys("v1.0", serializer_view="compact") == {"id", "name"}
    assert "is_erp_integrated" not in keys("v1.0")
    assert "stage" in keys("v1.0")
    assert not {"fax", "estimated_budget", "priority"} & keys("v1.0")
    assert keys("v1.1", view="ids") == {"id"}
    assert keys("v1.1", view="compact") == {"id", "name"}
    assert "project_template" in keys("v1.1")
    assert "description" in keys("v1.1", view="extended")
    assert "sector" not in keys("v1.1", view="extended")
    assert set(show(wire, made, view="minimal")) == {"id", "name"}


def test_sync_has_its_own_fields(wire: Wire) -> None:
    """The sync cannot integrate a project with the ERP, and answers less."""
    body = wire.sync("projects", [{"name": "P", "priority": "high", "active": False}]).json()
    made = body["entities"][0]
    assert (made["priority"], made["active"]) == ("high", False)
    assert "is_erp_integrated" not in made
    refused = wire.sync("projects", [{"name": "P", "erp_integrated": True}]).json()
    assert list(refused["errors"][0]["errors"]) == ["erp_integrated"]
    again = {"id": made["id"], "enable_copy_of_standard_cost_codes": True, "name": "Q"}
    assert wire.sync("projects", [again]).json()["entities"][0]["name"] == "Q"


def test_sync_does_not_reach_invisible_projects() -> None:
    """A project outside the permitted list counts as absent."""
    wire = Wire(company_admin=False)
    hidden = wire.fake.add_project(name="Hidden", permit=False)["id"]
    errors = wire.sync("projects", [{"id": hidden, "name": "X"}]).json()["errors"]
    assert errors[0]["errors"] == {"id": ["Entity with this ID not found"]}


def test_unknown_project(wire: Wire) -> None:
    """404 for show; 400 where the id is missing."""
    path = "/rest/v1.0/projects/1"
    assert wire.get(path, company_id=wire.company).status == 404
    assert wire.get("/rest/v1.0/cost_codes").status == 400
