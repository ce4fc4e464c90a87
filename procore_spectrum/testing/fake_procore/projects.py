"""Projects and templates."""

from __future__ import annotations

from typing import Any

from procore_spectrum.testing.fake_procore import cost_codes, segments
from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply, not_found
from procore_spectrum.testing.fake_procore.calls import Call, invisible
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    check_place,
    coordinate,
    day,
    flag,
    ids,
    key,
    number,
    one_of,
    read,
    record,
    required,
    text,
    whole,
    words,
)
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import Resource, check_origin, synchronize
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["CREATE", "ROUTES", "UPDATE", "create_project", "show_project", "update_project"]

V11_LIMIT = 300
V11_DEFAULT = 100

TEXTS = words(
    """
    name address city zip country_code state_code description phone project_number
    public_notes time_zone origin_id origin_data store_number accounting_project_number
    designated_market_area sector county
    """
)
DAYS = words(
    """
    start_date completion_date warranty_start_date warranty_end_date estimated_start_date
    estimated_completion_date
    """
)
KEYS_ELSEWHERE = words(
    """
    project_stage_id parent_job_id program_id project_bid_type_id project_type_id
    project_owner_type_id project_region_id office_id image_id project_sector_id
    """
)
TIME_ZONES = frozenset(
    words(
        """
    US/Pacific US/Mountain US/Arizona US/Central US/Eastern US/East-Indiana US/Alaska
    US/Hawaii Canada/Atlantic Canada/Newfoundland Canada/Saskatchewan Europe/London
    Europe/Berlin Europe/Paris Australia/Sydney Australia/Melbourne Australia/Brisbane
    Australia/Perth Pacific/Auckland Etc/UTC
    """
    )
)
WORK_SCOPES = ("new_construction", "renovation_alteration", "maintenance_service")
DELIVERY_METHODS = words(
    """
    construction_management_at_risk_cmar construction_manager_as_agent_owners_rep
    design_bid_build_dbb design_build_db indefinite_delivery_indefinite_quantity_idiq
    integrated_project_delivery multi_prime public_private_partnership_p3 other
    """
)

_COMMON: Spec = {
    **dict.fromkeys(TEXTS, text),
    "origin_id": key,
    **dict.fromkeys(DAYS, day),
    **dict.fromkeys(KEYS_ELSEWHERE, whole),
    **dict.fromkeys(("total_value", "estimated_value"), number),
    "active": flag,
    "square_feet": whole,
    "department_ids": ids,
    "project_template_id": whole,
    "flag": one_of("Red", "Yellow", "Green"),
    "work_scope": one_of(*WORK_SCOPES),
    "delivery_method": one_of(*DELIVERY_METHODS),
}
_BUDGETED: Spec = {"estimated_budget": number, "priority": one_of("low", "medium", "high")}
_ONLY_HEADER: Spec = {
    "origin_code": text,
    "locale": text,
    "erp_integrated": flag,
}


def _without(spec: Spec, *names: str) -> Spec:
    return {name: kind for name, kind in spec.items() if name not in names}


CREATE: Spec = {
    **_without(_COMMON, "county"),
    **_BUDGETED,
    **_ONLY_HEADER,
    "code": text,
    "override_start_date": day,
    "override_start_date_check": flag,
    "override_end_date": day,
    "override_end_date_check": flag,
    "enable_copy_of_standard_cost_codes": flag,
    "latitude": coordinate,
    "longitude": coordinate,
    "currency_configuration": record,
}
UPDATE: Spec = {**_COMMON, **_ONLY_HEADER, "standard_cost_code_list_id": whole, "fax": text}
SYNC_ITEM: Spec = {
    **_without(_COMMON, "county", "parent_job_id"),
    **_BUDGETED,
    "id": whole,
    "enable_copy_of_standard_cost_codes": flag,
}

FULL = words(
    """
    logo_id logo_url name is_demo template display_name project_number address city state_code
    country_code zip time_zone tz_name latitude longitude county parent_job_id parent_job
    from_project_template_id description square_feet start_date completion_date total_value
    store_number accounting_project_number designated_market_area warranty_start_date
    warranty_end_date active flag locale phone public_notes actual_start_date
    projected_finish_date created_at updated_at origin_id origin_data origin_code
    standard_cost_code_list_id is_erp_integrated owners_project_id photo_id photo_url
    inbound_email inbound_email_address estimated_start_date estimated_completion_date
    estimated_value code sector work_scope delivery_method created_by persistent_message
    office project_bid_type_id project_bid_type project_owner_type_id project_owner_type
    project_region_id project_region project_stage_id project_stage project_type program
    departments company dictionary_type custom_fields project_sector_id
    """
)
# A live account's list lacks fax, estimated_budget and priority, which the description has.
LIST_LACKS = words(
    """
    logo_id logo_url template tz_name from_project_template_id description square_feet
    warranty_start_date warranty_end_date flag locale public_notes actual_start_date
    standard_cost_code_list_id is_erp_integrated photo_url inbound_email inbound_email_address
    estimated_start_date estimated_completion_date code persistent_message office
    project_bid_type project_owner_type project_region project_stage_id project_type program
    departments dictionary_type
    """
)
SYNC_LACKS = words(
    """
    logo_id is_demo template tz_name county parent_job_id parent_job from_project_template_id
    locale standard_cost_code_list_id is_erp_integrated owners_project_id photo_id photo_url
    inbound_email inbound_email_address code created_by persistent_message project_bid_type
    project_owner_type project_region project_stage_id project_type company dictionary_type
    custom_fields
    """
)
EXTENDED_LACKS = words(
    """
    logo_id is_demo template parent_job from_project_template_id locale is_erp_integrated
    photo_url inbound_email_address code sector work_scope delivery_method created_by
    project_bid_type_id project_stage_id project_sector_id
    """
)
NORMAL = words(
    """
    accounting_project_number active address city company completion_date country_code county
    created_at custom_fields designated_market_area display_name estimated_value is_demo
    latitude longitude name origin_code origin_data origin_id owners_project_id parent_job_id
    phone photo_id project_bid_type_id project_number project_owner_type_id project_region_id
    project_stage start_date state_code store_number time_zone total_value updated_at zip
    """
)


# rules ---------------------------------------------------------------------------------------


def check_project(world: World, values: Row, row: Row | None) -> None:
    """A name, a supported time zone, a real place, a template that exists."""
    problems = required(values, "name", creating=row is None)
    problems |= check_place({**(row or {}), **values})
    zone = values.get("time_zone")
    if zone is not None and zone not in TIME_ZONES:
        problems["time_zone"] = ["is not included in the list"]
    template = values.get("project_template_id")
    if template is not None and world.templates.get(template) is None:
        problems["project_template_id"] = ["does not exist"]
    if problems:
        raise InvalidError(problems)


def create_project(world: World, values: Row) -> Row:
    """Store a new project with its default segments, and the ERP codes if asked for."""
    check_project(world, values, None)
    check_origin(world.projects, values, None)
    kept = dict(values)
    copy = kept.pop("enable_copy_of_standard_cost_codes", None)
    template = kept.pop("project_template_id", None)
    integrated = bool(kept.pop("erp_integrated", None))
    row = world.projects.add(
        world.company_id,
        {
            "name": None,
            "project_number": None,
            "origin_id": None,
            "time_zone": "US/Pacific",
            "from_project_template_id": template,
            **kept,
            "active": kept.get("active") is not False,
            "is_erp_integrated": integrated,
        },
    )
    segments.open_project(world, row["id"])
    erp_list = cost_codes.erp_list(world)
    if copy and erp_list is not None:
        cost_codes.copy_list(world, row["id"], erp_list["id"])
    return row


def update_project(world: World, row: Row, values: Row) -> Row:
    """Change the fields that were sent."""
    check_project(world, values, row)
    check_origin(world.projects, values, row)
    kept = {k: v for k, v in values.items() if (k, v) != ("active", None)}
    kept.pop("enable_copy_of_standard_cost_codes", None)
    kept.pop("project_template_id", None)
    if "erp_integrated" in kept:
        kept["is_erp_integrated"] = bool(kept.pop("erp_integrated"))
    return world.projects.change(row, kept)


# answers -------------------------------------------------------------------------------------


def show_project(world: World, row: Row) -> Row:
    """A project with every key of the description."""
    number, stage = row.get("project_number"), row.get("project_stage_id")
    computed: Row = {
        "display_name": f"{number} - {row['name']}" if number else row["name"],
        "is_demo": False,
        "template": False,
        "tz_name": row["time_zone"],
        "departments": [],
        "company": {"id": world.company_id, "name": world.company_name},
        "project_stage": None if stage is None else {"id": stage, "name": str(stage)},
        "custom_fields": {
            key: {"data_type": "string", "value": value}
            for key, value in row.items()
            if key.startswith("custom_field_")
        },
    }
    return {"id": row["id"], **{name: computed.get(name, row.get(name)) for name in FULL}}


def _listed(world: World, row: Row) -> Row:
    shown = _lacking(show_project(world, row), LIST_LACKS)
    template = world.templates.get(row["from_project_template_id"])
    brief = template and {"id": template["id"], "name": template["name"]}
    return shown | {"stage": None, "project_template": brief}


def _synced(world: World, row: Row) -> Row:
    shown = _lacking(show_project(world, row), SYNC_LACKS)
    return shown | {name: row.get(name) for name in ("estimated_budget", "priority")}


def _lacking(shown: Row, names: list[str]) -> Row:
    return {key: value for key, value in shown.items() if key not in names}


def _normal(world: World, row: Row) -> Row:
    shown = show_project(world, row)
    brief = {name: shown[name] for name in NORMAL}
    return {"id": row["id"], **brief, "project_template": _listed(world, row)["project_template"]}


def _compact(row: Row) -> Row:
    return {"id": row["id"], "name": row["name"]}


# handlers ------------------------------------------------------------------------------------


def _selected(call: Call, *equal: str) -> list[Row]:
    """What both list versions share: visible, active unless asked otherwise, filtered."""
    call.check_company(call.query_id("company_id"))
    visible = [row for row in call.world.projects.listed(call.company_id) if call.may_see(row)]
    status = call.query.get("filters[by_status]")
    if status != "All":
        visible = [row for row in visible if row["active"] is (status != "Inactive")]
    synced = call.query.get("filters[synced]")
    if synced is not None:
        visible = [r for r in visible if (r["origin_id"] is not None) is (synced == "true")]
    rows = chosen(
        call,
        visible,
        equal=("origin_id", *equal),
        ids=("id", "from_project_template_id"),
        ranges=("created_at", "updated_at"),
        contains=(("name", "name"),),
    )
    if call.query.get("sort") in {"name", "display_name"}:
        rows.sort(key=lambda row: (row["name"].lower(), row["id"]))
    return rows


def list_v10(call: Call) -> Reply:
    """Active projects of the caller."""
    compact = call.query.get("serializer_view") == "compact"
    return page_of(
        call,
        _selected(call),
        lambda row: _compact(row) if compact else _listed(call.world, row),
    )


def list_v11(call: Call) -> Reply:
    """The same with more filters and views, at most 300 on a page."""
    view, world = call.query.get("view") or "normal", call.world

    def show(row: Row) -> Row:
        if view == "extended":
            return _lacking(show_project(world, row), EXTENDED_LACKS)
        return _normal(world, row) if view == "normal" else _compact(row)

    rows = _selected(call, "project_number")
    if view == "ids":
        return page_of(call, rows, lambda row: {"id": row["id"]}, limit=200_000, default=200_000)
    return page_of(call, rows, show, limit=V11_LIMIT, default=V11_DEFAULT)


def list_light(call: Call) -> Reply:
    """A lighter list without filters and pages."""
    rows = [row for row in call.world.projects.listed(call.company_id) if call.may_see(row)]
    place = {name: name for name in ("city", "state_code", "zip", "country_code")}
    place = {"street": "address", **place}
    return Reply(
        body=[
            {
                **_compact(row),
                "address": {key: row.get(field) for key, field in place.items()},
                "stage_name": None,
                "status_name": "Active" if row["active"] else "Inactive",
                "type_name": None,
                "open_items": [],
                "created_by": None,
            }
            for row in rows
        ]
    )


def get_project(call: Call) -> Reply:
    """One project that the caller may see."""
    call.check_company(call.query_id("company_id"))
    row = call.world.projects.seen(call.params["id"])
    if row is None:
        raise not_found("Project")
    if not call.may_see(row):
        raise invisible(call.world)
    minimal = call.query.get("view") == "minimal"
    return Reply(body=_compact(row) if minimal else show_project(call.world, row))


def _input(call: Call, spec: Spec) -> Any:
    call.check_company(call.body_id("company_id"))
    ignore = call.world.switches.ignore_unknown_fields
    return read(spec, call.object("project"), ignore_unknown=ignore)


def post_project(call: Call) -> Reply:
    """Create: 201. A service account without admin rights must be permitted afterwards."""
    row = create_project(call.world, _input(call, CREATE))
    return Reply(status=201, body=show_project(call.world, row))


def patch_project(call: Call) -> Reply:
    """Update by id."""
    values = _input(call, UPDATE)
    row = update_project(call.world, call.project(call.params["id"]), values)
    return Reply(body=show_project(call.world, row))


def sync_projects(call: Call) -> Reply:
    """Bulk upsert; projects the caller may not see count as absent."""
    call.check_company(call.body_id("company_id"))
    world = call.world

    def update(row: Row, values: Row) -> Row:
        if not call.may_see(row):
            raise InvalidError({"id": ["Entity with this ID not found"]})
        return update_project(world, row, values)

    resource = Resource(
        table=world.projects,
        group=world.company_id,
        spec=SYNC_ITEM,
        create=lambda values: create_project(world, values),
        update=update,
        show=lambda row: _synced(world, row),
    )
    return synchronize(call, resource)


def list_templates(call: Call) -> Reply:
    """The templates that creation accepts."""
    call.check_company(call.query_id("company_id"))
    return page_of(call, call.world.templates.listed(call.company_id), _compact)


ROUTES = (
    Route("GET", "/rest/v1.0/projects", list_v10),
    Route("POST", "/rest/v1.0/projects", post_project),
    Route("PATCH", "/rest/v1.0/projects/sync", sync_projects),
    Route("GET", "/rest/v1.0/projects/{id}", get_project),
    Route("PATCH", "/rest/v1.0/projects/{id}", patch_project),
    Route("GET", "/rest/v1.1/projects", list_v11),
    Route("GET", "/rest/v1.0/companies/{company_id}/projects", list_light),
    Route("GET", "/rest/v1.0/project_templates", list_templates),
)
