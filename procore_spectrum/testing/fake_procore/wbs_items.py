"""Segments, segment items and patterns of the work breakdown structure.

A segment item stands for another record: a project's cost code, a standard cost code or a line
item type. Its id is not the id of that record.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from procore_spectrum.testing.fake_procore import cost_codes, line_item_types, standard_codes
from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, one_of, read, stamp, text, whole
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.segments import COMPANY
from procore_spectrum.testing.fake_procore.world import Row, Table, World

__all__ = ["ROUTES", "TOOL", "chain_of", "item_behind", "sent_status", "show_item"]

TOOL = "work_breakdown_structure"
STATUS = one_of("active", "inactive")
ITEM_INPUT: Spec = {"code": text, "name": text, "parent_id": whole, "sub_job_id": whole}
LIST_ITEM_INPUT: Spec = {**ITEM_INPUT, "segment_item_list_id": whole}
ITEM_CHANGE: Spec = {"code": text, "name": text, "status": STATUS, "sub_job_id": whole}
IN_USE = "cannot be deleted because it is in use"


# where a call is at home -------------------------------------------------------------------


def _home(call: Call) -> int:
    """The group of segments that the path names: a project's, or the company's own."""
    if "project_id" not in call.params:
        return COMPANY
    return int(call.project(call.params["project_id"], TOOL)["id"])


def _segment(call: Call, home: int, number: int) -> Row:
    row = call.world.segments.get(number)
    if row is None or row["group"] != home:
        raise not_found("Segment")
    return row


def _behind_segment(world: World, segment: Row) -> Table | None:
    """The table whose records are the items; sub jobs have none here."""
    if segment["type"] == "line_item_type":
        return world.line_item_types
    if segment["type"] == "cost_code":
        return world.standard_codes if segment["group"] == COMPANY else world.cost_codes
    return None


def _records(call: Call, segment: Row) -> Iterator[Row]:
    """The records behind a segment's items, as a reader sees them."""
    world, home = call.world, segment["group"]
    match segment["type"], home:
        case "line_item_type", _:
            return iter(world.line_item_types.listed(world.company_id))
        case "cost_code", 0:
            wanted = call.query_id("segment_item_list_id")
            lists = [row["id"] for row in world.standard_lists.listed(world.company_id)]
            used = [number for number in lists if wanted in {None, number}]
            return chain.from_iterable(world.standard_codes.listed(number) for number in used)
        case "cost_code", _:
            return iter(world.cost_codes.listed(home))
    return iter(())


def item_behind(world: World, segment: Row, item_id: int) -> tuple[Table, Row] | None:
    """Table and record of a segment item, if the item belongs to the segment."""
    name, number = world.segment_items.get(item_id, ("", 0))
    table = _behind_segment(world, segment)
    if table is None or table.name != name:
        return None
    row = table.get(number)
    if row is None or (table is world.cost_codes and row["project_id"] != segment["group"]):
        return None
    return table, row


def _item(call: Call, segment: Row) -> tuple[Table, Row]:
    found = item_behind(call.world, segment, call.params["id"])
    if found is None:
        raise not_found("Segment item")
    return found


# answers -----------------------------------------------------------------------------------


def chain_of(table: Table, row: Row) -> list[Row]:
    """The record and those above it, topmost first."""
    above = table.get(row.get("parent_id"))
    return [*(chain_of(table, above) if above else []), row]


def show_segment(row: Row, *, brief: bool) -> Row:
    """A segment; the brief form lacks three keys."""
    keys = "id type name position required delimiter structure created_at updated_at"
    shown = {key: row[key] for key in [*keys.split(), "wbs_pattern_id"]}
    shown |= {
        "segment_items_count": 0,
        "project_can_modify_origin_project": True,
        "project_can_delete_origin_company": False,
    }
    if not brief:
        shown |= {
            "selectable_tiers": False,
            "is_included_in_project_pattern": True,
            "tiered": row["structure"] == "tiered",
        }
    return shown


def _counted(call: Call, row: Row, *, brief: bool) -> Row:
    count = sum(1 for _ in _records(call, row))
    return {**show_segment(row, brief=brief), "segment_items_count": count}


def show_item(world: World, table: Table, row: Row, segment: Row) -> Row:
    """A segment item with its path from the top."""
    path = chain_of(table, row)
    codes = [part["code"] for part in path]
    return {
        "id": row["segment_item_id"],
        "code": row["code"],
        "name": row["name"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "parent_id": path[-2]["segment_item_id"] if len(path) > 1 else None,
        "path_ids": [part["segment_item_id"] for part in path],
        "path_code": "-".join(codes),
        "is_parent": bool(table.kids(row["id"])),
        "path_codes": codes,
        "path_names": [part["name"] for part in path],
        "in_use": (table.name, row["id"]) in world.used,
        "segment": show_segment(segment, brief=True),
        "status": row["status"],
    }


# handlers: segments and patterns --------------------------------------------------------------


def list_segments(call: Call) -> Reply:
    """All segments in their order; not paged."""
    home = _home(call)
    rows = call.world.segments.listed(home)
    return Reply(body=[_counted(call, row, brief=home == COMPANY) for row in rows])


def get_segment(call: Call) -> Reply:
    """One segment."""
    row = _segment(call, _home(call), call.params["id"])
    return Reply(body=_counted(call, row, brief=False))


def get_pattern(call: Call) -> Reply:
    """The segments in the order in which they make up a budget code."""
    home = _home(call)
    rows = call.world.segments.listed(home)
    pattern: Row = {
        "id": rows[0]["wbs_pattern_id"],
        "description": "Default",
        "created_at": rows[0]["created_at"],
        "updated_at": rows[0]["updated_at"],
        "segments": [_counted(call, row, brief=home == COMPANY) for row in rows],
    }
    if home != COMPANY:
        pattern["is_project_level_ordered"] = False
        for segment in pattern["segments"]:
            del segment["tiered"]
    return Reply(body=pattern)


def list_lists(call: Call) -> Reply:
    """The lists of a company segment: for cost codes the standard lists."""
    world = call.world
    segment = _segment(call, _home(call), call.params["segment_id"])
    lists = world.standard_lists.listed(world.company_id)
    return Reply(
        body=[
            {
                "id": row["id"],
                "name": row["name"],
                "segment_items_count": len(world.standard_codes.listed(row["id"])),
                "erp_integrated": row["is_erp_list"],
                "available_to_use_on_new_projects": True,
            }
            for row in (lists if segment["type"] == "cost_code" else [])
        ]
    )


# handlers: items ------------------------------------------------------------------------------


def list_items(call: Call) -> Reply:
    """The items of a segment."""
    world = call.world
    segment = _segment(call, _home(call), call.params["segment_id"])
    table = _behind_segment(world, segment)
    rows = list(_records(call, segment))
    if call.query.get("only_active_items") == "true":
        rows = [row for row in rows if row["status"] == "active"]
    legacy = call.query_id("legacy_cost_code_id")
    if legacy is not None:
        rows = [row for row in rows if (table, row["id"]) == (world.cost_codes, legacy)]
    return page_of(
        call, rows, lambda row: show_item(world, table or world.cost_codes, row, segment)
    )


def get_item(call: Call) -> Reply:
    """One item of a company segment."""
    segment = _segment(call, _home(call), call.params["segment_id"])
    return Reply(body=show_item(call.world, *_item(call, segment), segment))


def post_item(call: Call) -> Reply:
    """Create the item and the record it stands for: 201."""
    world, home = call.world, _home(call)
    segment = _segment(call, home, call.params["segment_id"])
    spec = LIST_ITEM_INPUT if home == COMPANY else ITEM_INPUT
    sent = read(spec, call.body, ignore_unknown=world.switches.ignore_unknown_fields)
    row = _create_behind(call, segment, {k: v for k, v in sent.items() if v is not None})
    table = _behind_segment(world, segment) or world.cost_codes
    return Reply(status=201, body=show_item(world, table, row, segment))


def _create_behind(call: Call, segment: Row, sent: Row) -> Row:
    world, home = call.world, segment["group"]
    values: Row = {name: sent[name] for name in ("code", "name") if name in sent}
    if segment["type"] == "cost_code":
        if "parent_id" in sent:
            values["parent_id"] = _record_id(world, segment, sent["parent_id"])
        if home == COMPANY:
            return standard_codes.create_standard_code(world, _list_id(world, sent), values)
        refuse_on_erp(world, home)
        return cost_codes.create_cost_code(world, home, values)
    if segment["type"] == "line_item_type" and home == COMPANY:
        named = {"csv_import_code": values.get("code"), "name": values.get("name")}
        return line_item_types.create_type(world, named)
    raise InvalidError({"segment": ["items of this segment are kept elsewhere"]})


def refuse_on_erp(world: World, project_id: int) -> None:
    """Cost codes of ERP integrated projects change through sync only (doc-2022)."""
    if world.projects.rows[project_id]["is_erp_integrated"]:
        raise InvalidError({"base": [cost_codes.ERP_MESSAGE]})


def _record_id(world: World, segment: Row, item_id: int) -> int:
    found = item_behind(world, segment, item_id)
    if found is None:
        raise InvalidError({"parent_id": ["does not exist"]})
    return int(found[1]["id"])


def _list_id(world: World, sent: Row) -> int:
    """The standard list to create in; without one the ERP list."""
    number = sent.get("segment_item_list_id")
    row = cost_codes.erp_list(world) if number is None else world.standard_lists.get(number)
    if row is None:
        raise InvalidError({"segment_item_list_id": ["does not exist"]})
    return int(row["id"])


def patch_item(call: Call) -> Reply:
    """Update an item. In a project its id may change: the answer holds the new one."""
    world, home = call.world, _home(call)
    segment = _segment(call, home, call.params["segment_id"])
    table, row = _item(call, segment)
    sent = read(ITEM_CHANGE, call.body, ignore_unknown=world.switches.ignore_unknown_fields)
    status = sent.pop("status", None)
    sent.pop("sub_job_id", None)
    if sent:
        _update_behind(call, table, row, sent)
    if status is not None:
        set_status(table, row, status)
    if home != COMPANY and world.switches.segment_item_id_changes:
        _renumber(world, table, row)
    return Reply(body=show_item(world, table, row, segment))


def _update_behind(call: Call, table: Table, row: Row, sent: Row) -> None:
    world = call.world
    if table is world.cost_codes:
        refuse_on_erp(world, row["project_id"])
        cost_codes.update_cost_code(world, row, sent)
    elif table is world.standard_codes:
        standard_codes.update_standard_code(world, row, sent)
    elif "project_id" in call.params:
        raise InvalidError({"segment": ["items of this segment are kept by the company"]})
    else:
        renamed = {"csv_import_code" if key == "code" else key: sent[key] for key in sent}
        line_item_types.update_type(world, row, renamed)


def _renumber(world: World, table: Table, row: Row) -> None:
    del world.segment_items[row["segment_item_id"]]
    fresh = world.next_id()
    world.segment_items[fresh] = (table.name, row["id"])
    table.change(row, {"segment_item_id": fresh})


def set_status(table: Table, row: Row, status: str) -> None:
    """Set an item and everything below it active or inactive."""
    table.change(row, {"status": status})
    for child in table.kids(row["id"]):
        set_status(table, child, status)


def update_all(call: Call) -> Reply:
    """Set the status of several items, their children included: 204."""
    segment = _segment(call, _home(call), call.params["segment_id"])
    found = [item_behind(call.world, segment, number) for number in _numbers(call, "ids")]
    if None in found:
        raise not_found("Segment item")
    status = sent_status(call)
    for table, row in filter(None, found):
        set_status(table, row, status)
    return Reply(status=204)


def sent_status(call: Call) -> str:
    """The status in ``attributes``, the only thing that bulk updates can set."""
    status = call.object("attributes").get("status")
    if status not in {"active", "inactive"}:
        raise InvalidError({"status": ["is not included in the list"]})
    return str(status)


def _numbers(call: Call, name: str) -> list[int]:
    return [n for n in call.array(name) if isinstance(n, int)]


def delete_item(call: Call) -> Reply:
    """Hide an item and the record behind it, unless something hangs on it: 204."""
    segment = _segment(call, _home(call), call.params["segment_id"])
    table, row = _item(call, segment)
    problem = _hide(call, table, row)
    if problem is not None:
        raise InvalidError({"base": [problem]})
    return Reply(status=204)


def _hide(call: Call, table: Table, row: Row) -> str | None:
    """Soft deletion; the reason why not, if it is refused."""
    if table is call.world.line_item_types and "project_id" in call.params:
        return "items of this segment are kept by the company"
    if (table.name, row["id"]) in call.world.used or table.kids(row["id"]):
        return IN_USE
    table.change(row, {"deleted_at": stamp(call.world.now())})
    return None


def bulk_destroy(call: Call) -> Reply:
    """Delete several items: 207 with successes and failures."""
    segment = _segment(call, _home(call), call.params["segment_id"])
    successes: list[int] = []
    failures: list[Any] = []
    for number in _numbers(call, "segment_item_ids"):
        found = item_behind(call.world, segment, number)
        problem = "not found" if found is None else _hide(call, *found)
        if problem is None:
            successes.append(number)
        else:
            failures.append({"id": number, "error": problem})
    return Reply(status=207, body={"successes": successes, "failures": failures})


def _routes() -> Iterator[Route]:
    for scope in ("companies/{company_id}", "projects/{project_id}"):
        root = f"/rest/v1.0/{scope}/work_breakdown_structure"
        items = f"{root}/segments/{{segment_id}}/segment_items"
        yield Route("GET", f"{root}/patterns", get_pattern)
        yield Route("GET", f"{root}/segments", list_segments)
        yield Route("GET", f"{root}/segments/{{id}}", get_segment)
        yield Route("GET", items, list_items)
        yield Route("POST", items, post_item)
        yield Route("PATCH", f"{items}/update_all", update_all)
        yield Route("DELETE", f"{items}/bulk_destroy", bulk_destroy)
        yield Route("PATCH", f"{items}/{{id}}", patch_item)
        yield Route("DELETE", f"{items}/{{id}}", delete_item)
    company = "/rest/v1.0/companies/{company_id}/work_breakdown_structure/segments/{segment_id}"
    yield Route("GET", f"{company}/lists", list_lists)
    yield Route("GET", f"{company}/segment_items/{{id}}", get_item)


ROUTES = tuple(_routes())
