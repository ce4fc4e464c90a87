"""Financial markups on contracts and potential change orders (4.11)."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    bad_request,
    not_found,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.change_orders import TOOL, behind, contract_of
from procore_spectrum.testing.fake_procore.contracts import status_lock
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    flag,
    one_of,
    plain,
    read,
    record,
    required,
    text,
    whole,
)
from procore_spectrum.testing.fake_procore.lines import locked_problem, show_wbs
from procore_spectrum.testing.fake_procore.money import exact
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["INPUT", "ROUTES", "create_markup", "show_markup"]

SETS = {
    "Contract": ("change_orders_horizontal", "change_orders_vertical"),
    "PotentialChangeOrder": ("horizontal", "vertical"),
}
COMPOUNDS = (None, "above", "selective", "margin")
INPUT: Spec = {
    "applies_to_all": flag,
    "compound": record,
    "markup_conditions": plain,
    "markup_set": one_of(*(name for names in SETS.values() for name in names)),
    "name": text,
    "percentage": exact,
    "position": whole,
    "prime_line_item_id": whole,
    "tax_code_ids": plain,
    "wbs_code_id": whole,
}


# rules ---------------------------------------------------------------------------------------


def check_markup(world: World, holder: Row, values: Row, row: Row | None) -> None:
    """Name, percentage and a set that suits the holder; a budget code of the project."""
    problems = required(values, "name", "percentage", "markup_set", creating=row is None)
    chosen = values.get("markup_set")
    if chosen is not None and chosen not in SETS[holder["holder_type"]]:
        problems["markup_set"] = ["does not suit the holder"]
    if (values.get("compound") or {}).get("type") not in COMPOUNDS:
        problems["compound"] = ["is not included in the list"]
    number = values.get("wbs_code_id")
    code = world.wbs_codes.get(number)
    if number is not None and (code is None or code["project_id"] != holder["project_id"]):
        problems["wbs_code_id"] = ["does not exist"]
    if problems:
        raise InvalidError(problems)


def create_markup(world: World, holder: Row, values: Row) -> Row:
    """Store a new markup, last unless it has a position."""
    check_markup(world, holder, values, None)
    table, group = world.financial["markups"], holder["holder_id"]
    position = 1 + len(list(table.members(group)))
    defaults = {"applies_to_all": False, "compound": {"selections": None, "type": None}}
    kept = {name: value for name, value in values.items() if value is not None}
    blank = {**dict.fromkeys(INPUT), **defaults, "position": position, "deleted_at": None}
    return table.add(group, {**blank, **kept, **holder})


def show_markup(world: World, row: Row) -> Row:
    """A markup."""
    hidden = {"created_at", "updated_at", "deleted_at", "wbs_code_id"}
    shown = {name: value for name, value in row.items() if name not in hidden}
    code = None
    if row["wbs_code_id"] is not None:
        code = {**show_wbs(world, row), "segment_items": []}
    return {**shown, "wbs_code": code}


# handlers ------------------------------------------------------------------------------------


def _holder(call: Call, *, writing: bool = False) -> Row:
    """What the query names: type, id and project of the holder."""
    project_id = int(call.project(call.query_id("project_id"), TOOL)["id"])
    kind, number = call.query.get("holder_type"), call.query_id("holder_id")
    if kind not in SETS:
        raise bad_request("holder_type", "must be Contract or PotentialChangeOrder")
    if number is None:
        raise bad_request("holder_id", "param is missing or the value is empty: holder_id")
    if kind == "PotentialChangeOrder":
        order = behind(call.world, project_id, number, "legacy_request_id")
        locked_problem(status_lock(call.world, order["status"]) if writing else None)
    else:
        try:
            contract_of(call.world, project_id, number)
        except InvalidError:
            raise not_found("Contract") from None
    return {"holder_type": kind, "holder_id": number, "project_id": project_id}


def _markup(call: Call, holder: Row) -> Row:
    row = call.world.financial["markups"].get(call.params["id"])
    if row is None or row["holder_id"] != holder["holder_id"]:
        raise not_found("Markup")
    return row


def _sent(call: Call) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    return read(INPUT, call.object("markup"), ignore_unknown=ignore)


def list_markups(call: Call) -> Reply:
    """The markups of a holder, by position."""
    rows = call.world.financial["markups"].listed(_holder(call)["holder_id"])
    rows = sorted(rows, key=lambda row: (row["position"], row["id"]))
    return page_of(call, rows, lambda row: show_markup(call.world, row))


def get_markup(call: Call) -> Reply:
    """One markup."""
    return Reply(body=show_markup(call.world, _markup(call, _holder(call))))


def post_markup(call: Call) -> Reply:
    """Create: 201."""
    row = create_markup(call.world, _holder(call, writing=True), _sent(call))
    return Reply(status=201, body=show_markup(call.world, row))


def patch_markup(call: Call) -> Reply:
    """Update by id; what is null keeps what it was."""
    holder = _holder(call, writing=True)
    row, values = _markup(call, holder), _sent(call)
    check_markup(call.world, holder, values, row)
    kept = {name: value for name, value in values.items() if value is not None}
    return Reply(body=show_markup(call.world, call.world.financial["markups"].change(row, kept)))


def delete_markup(call: Call) -> Reply:
    """Delete: 204."""
    row = _markup(call, _holder(call, writing=True))
    call.world.financial["markups"].delete(row)
    return Reply(status=204)


_ROOT = "/rest/v1.0/financials/markups"

ROUTES = (
    Route("GET", _ROOT, list_markups),
    Route("POST", _ROOT, post_markup),
    Route("GET", f"{_ROOT}/{{id}}", get_markup),
    Route("PATCH", f"{_ROOT}/{{id}}", patch_markup),
    Route("DELETE", f"{_ROOT}/{{id}}", delete_markup),
)
