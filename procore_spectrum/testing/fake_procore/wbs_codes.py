"""WBS codes: what a budget line is booked on, one per combination of segments."""

from __future__ import annotations

from typing import Any

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    not_found,
    too_large,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, one_of, plain, read, record_id, text
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.paging import V2_LIMIT, page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.wbs_items import (
    TOOL,
    chain_of,
    item_behind,
    sent_status,
    show_item,
)
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["CHANGE", "ROUTES", "code_of", "create_wbs_code", "flat_code", "show_wbs_code"]

V2_DEFAULT = 10
STATUS = one_of("active", "inactive")
INPUT: Spec = {"description": text, "segment_items": plain}
CHANGE: Spec = {"description": text, "status": STATUS}


# rules ---------------------------------------------------------------------------------------


def create_wbs_code(world: World, project_id: int, values: Row) -> Row:
    """Store a code; if its combination exists, that code gets the new description instead."""
    parts = _parts(world, project_id, values.get("segment_items"))
    cost_code, line_item_type = parts["cost_code"], parts["line_item_type"]
    description = values.get("description")
    combination = (project_id, cost_code["id"], line_item_type["id"])
    existing = world.wbs_codes.get(world.combinations.get(combination))
    if existing is not None:
        return world.wbs_codes.change(existing, {"description": description})
    return _store(world, project_id, cost_code, line_item_type, description)


def code_of(world: World, project_id: int, cost_code_id: int, line_item_type_id: int) -> Row:
    """The code for cost code and type, which is made if there is none.

    Raises:
        InvalidError: one of them does not exist in the project or cannot be used.
    """
    cost_code = world.cost_codes.get(cost_code_id)
    line_item_type = world.line_item_types.get(line_item_type_id)
    if cost_code is None or cost_code["project_id"] != project_id:
        raise InvalidError({"cost_code_id": ["does not exist"]})
    if line_item_type is None:
        raise InvalidError({"line_item_type_id": ["does not exist"]})
    combination = (project_id, cost_code_id, line_item_type_id)
    existing = world.wbs_codes.get(world.combinations.get(combination))
    if existing is not None:
        return existing
    _check_selectable(world, world.cost_codes, cost_code)
    _check_selectable(world, world.line_item_types, line_item_type)
    return _store(world, project_id, cost_code, line_item_type, None)


def _store(
    world: World, project_id: int, cost_code: Row, line_item_type: Row, description: str | None
) -> Row:
    row = world.wbs_codes.add(
        project_id,
        {
            "project_id": project_id,
            "cost_code_id": cost_code["id"],
            "line_item_type_id": line_item_type["id"],
            "description": description,
            "status": "active",
        },
    )
    world.combinations[project_id, cost_code["id"], line_item_type["id"]] = row["id"]
    world.used |= {("cost_codes", cost_code["id"]), ("line_item_types", line_item_type["id"])}
    return row


def _parts(world: World, project_id: int, sent: Any) -> dict[str, Row]:
    """The records behind the segment items, by segment type: every required one, each once."""
    segments = {row["id"]: row for row in world.patterns[project_id].values()}
    parts: dict[str, Row] = {}
    for pair in sent if isinstance(sent, list) else []:
        numbers = pair if isinstance(pair, dict) else {}
        segment = segments.get(record_id(numbers.get("segment_id")))
        item = record_id(numbers.get("segment_item_id"))
        found = item_behind(world, segment, item) if segment else None
        if segment is None or found is None:
            raise InvalidError({"segment_items": ["Segment item not found"]})
        if segment["type"] in parts:
            raise InvalidError({"segment_items": ["hold a segment more than once"]})
        _check_selectable(world, *found)
        parts[segment["type"]] = found[1]
    needed = [row for row in segments.values() if row["required"]]
    missing = [row["name"] for row in needed if row["type"] not in parts]
    if missing:
        raise InvalidError({"segment_items": [f"lack {name}" for name in missing]})
    return parts


def _check_selectable(world: World, table: Any, row: Row) -> None:
    if row["status"] != "active":
        raise InvalidError({"segment_items": [f"{row['code']} is inactive"]})
    if table.kids(row["id"]) and not world.switches.selectable_tiers:
        raise InvalidError({"segment_items": [f"{row['code']} has children"]})


# answers -------------------------------------------------------------------------------------


def _used(world: World, row: Row) -> list[tuple[Any, Row]]:
    """Tables and records a code is made of, in the order of the pattern."""
    return [
        (world.cost_codes, world.cost_codes.rows[row["cost_code_id"]]),
        (world.line_item_types, world.line_item_types.rows[row["line_item_type_id"]]),
    ]


def flat_code(world: World, row: Row) -> str:
    """The codes joined, like ``01-0100.L``: ``-`` between tiers, each segment's delimiter after
    it.
    """
    (_, cost_code), (_, line_item_type) = _used(world, row)
    joint: str = world.patterns[row["project_id"]]["cost_code"]["delimiter"]
    return f"{cost_code['full_code']}{joint}{line_item_type['code']}"


def flat_name(world: World, row: Row) -> str:
    """The names joined in the same order."""
    names = [part["name"] for table, used in _used(world, row) for part in chain_of(table, used)]
    return ".".join(names)


def show_wbs_code(world: World, row: Row) -> Row:
    """A code with the segment items it is made of."""
    kinds = {f"{kind}s": seg for kind, seg in world.patterns[row["project_id"]].items()}
    return {
        "id": row["id"],
        "flat_code": flat_code(world, row),
        "flat_name": flat_name(world, row),
        "description": row["description"],
        "status": row["status"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "segment_items": [
            show_item(world, table, used, kinds[table.name]) for table, used in _used(world, row)
        ],
        "wbs_pattern_id": kinds["cost_codes"]["wbs_pattern_id"],
    }


def show_v2(world: World, row: Row) -> Row:
    """A code as version 2 answers it: ids are text."""
    (_, cost_code), (_, line_item_type) = _used(world, row)
    return {
        "id": str(row["id"]),
        "code": flat_code(world, row),
        "description": row["description"],
        "status": row["status"],
        "attribute_1_name": cost_code["name"],
        "attribute_2_name": line_item_type["name"],
        "attribute_3_name": None,
    }


# handlers ------------------------------------------------------------------------------------


def _project_id(call: Call) -> int:
    return int(call.project(call.params["project_id"], TOOL)["id"])


def _matching(call: Call, rows: list[Row], part: str | None) -> list[Row]:
    if part is None:
        return rows
    wanted = part.lower()

    def found(row: Row) -> bool:
        return wanted in f"{flat_code(call.world, row)} {row['description'] or ''}".lower()

    return [row for row in rows if found(row)]


def list_codes(call: Call) -> Reply:
    """The codes of a project, inactive ones too unless a status is asked for."""
    rows = call.world.wbs_codes.listed(_project_id(call))
    rows = chosen(call, rows, ranges=("updated_at",))
    statuses = call.query.several("filters[status]")
    if statuses:
        rows = [row for row in rows if row["status"] in statuses]
    rows = _matching(call, rows, call.query.get("query"))
    return page_of(call, rows, lambda row: show_wbs_code(call.world, row))


def post_code(call: Call) -> Reply:
    """Create, or update the description of the same combination: 201 either way."""
    project_id = _project_id(call)
    ignore = call.world.switches.ignore_unknown_fields
    values = read(INPUT, call.body, ignore_unknown=ignore)
    row = create_wbs_code(call.world, project_id, values)
    return Reply(status=201, body=show_wbs_code(call.world, row))


def bulk_create(call: Call) -> Reply:
    """The same for several codes: 201 with entities and errors."""
    project_id, world = _project_id(call), call.world
    items = call.array("bulk")
    if len(items) > world.switches.wbs_bulk_limit:
        raise too_large(world.switches.wbs_bulk_limit)
    entities: list[Any] = []
    errors: list[Any] = []
    for item in items:
        try:
            values = read(INPUT, item, ignore_unknown=world.switches.ignore_unknown_fields)
            row = create_wbs_code(world, project_id, values)
            entities.append(show_wbs_code(world, row))
        except InvalidError as wrong:
            sent = item if isinstance(item, dict) else {}
            errors.append({**sent, "errors": wrong.problems})
    return Reply(status=201, body={"entities": entities, "errors": errors})


def _code(call: Call, project_id: int, number: Any) -> Row:
    row = call.world.wbs_codes.get(record_id(number))
    if row is None or row["project_id"] != project_id:
        raise not_found("WBS code")
    return row


def patch_code(call: Call) -> Reply:
    """Change description and status of one code."""
    row = _code(call, _project_id(call), call.params["id"])
    ignore = call.world.switches.ignore_unknown_fields
    values = read(CHANGE, call.body, ignore_unknown=ignore)
    values = {k: v for k, v in values.items() if (k, v) != ("status", None)}
    return Reply(body=show_wbs_code(call.world, call.world.wbs_codes.change(row, values)))


def update_all(call: Call) -> Reply:
    """Set the status of several codes: 204."""
    project_id = _project_id(call)
    rows = [_code(call, project_id, number) for number in call.array("ids")]
    status = sent_status(call)
    for row in rows:
        call.world.wbs_codes.change(row, {"status": status})
    return Reply(status=204)


def list_v2(call: Call) -> Reply:
    """The codes in version 2: envelope, text ids, 10 on a page, 100 at most."""
    rows = call.world.wbs_codes.listed(_project_id(call))
    rows = chosen(call, rows, ids=("id",))
    rows = _matching(call, rows, call.query.get("filters[search]"))
    return page_of(
        call,
        rows,
        lambda row: show_v2(call.world, row),
        limit=V2_LIMIT,
        default=V2_DEFAULT,
        envelope=True,
    )


_ROOT = "/rest/v1.0/projects/{project_id}/work_breakdown_structure/wbs_codes"

ROUTES = (
    Route("GET", _ROOT, list_codes),
    Route("POST", _ROOT, post_code),
    Route("PATCH", f"{_ROOT}/bulk_create", bulk_create),
    Route("PATCH", f"{_ROOT}/update_all", update_all),
    Route("PATCH", f"{_ROOT}/{{id}}", patch_code),
    Route("GET", "/rest/v2.0/companies/{company_id}/projects/{project_id}/wbs/codes", list_v2),
)
