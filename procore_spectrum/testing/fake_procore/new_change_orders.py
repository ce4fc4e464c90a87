"""The newer family of change orders: for commitments and prime contracts, with lines in version 2.

It serves projects of one or two tiers ([TIER-1-2]) and knows no origin fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    forbidden,
    not_found,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.change_order_faces import (
    package_of,
    show_batch,
    show_order,
)
from procore_spectrum.testing.fake_procore.change_orders import (
    BATCHES,
    COMMITMENT,
    ORDERS,
    PRIME_FAMILY,
    TOOL,
    batches_in,
    contract_of,
    create_order,
    delete_order,
    order_holder,
    orders_in,
    tiers,
    update_order,
)
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    day,
    flag,
    one_of,
    plain,
    read,
    required,
    text,
    whole,
    words,
)
from procore_spectrum.testing.fake_procore.filtering import chosen
from procore_spectrum.testing.fake_procore.lines import (
    Holder,
    create_line,
    delete_line,
    own_line,
    update_line,
)
from procore_spectrum.testing.fake_procore.order_totals import STATUSES
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.version2 import (
    LINE_INPUT,
    id_text,
    line_root,
    line_values,
    show_line_v2,
    v2_page,
)
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["INPUT", "ROUTES"]

FILES = words(
    """
    change_event_attachment_ids attachment_ids drawing_revision_ids file_version_ids form_ids
    image_ids upload_ids enable_ssov
    """
)
INPUT: Spec = {
    **dict.fromkeys(words("title description reference number reason"), text),
    **dict.fromkeys(
        words(
            """
            contract_id batch_id change_order_change_reason_id location_id
            designated_reviewer_id received_from_id revision schedule_impact_amount
            """
        ),
        whole,
    ),
    **dict.fromkeys(words("field_change signature_required executed private paid"), flag),
    **dict.fromkeys(
        words("due_date paid_date invoiced_date signed_change_order_received_date"), day
    ),
    **dict.fromkeys(FILES, plain),
    "status": one_of(*STATUSES, "pending_billable"),
}


def order_routes(family: str) -> Iterator[Route]:
    """List, show, create, update and delete of one family."""
    path = f"/rest/v1.0/projects/{{project_id}}/{family}_change_orders"

    def several(call: Call) -> Reply:
        rows = [_filterable(call.world, row) for row in orders_in(call.world, _home(call), family)]
        rows = chosen(
            call,
            rows,
            equal=("status",),
            ids=("id", "batch_id", "legacy_package_id", "contract_id", "vendor_id"),
            flags=("signature_required", "executed"),
            ranges=("updated_at",),
        )
        events = call.query.get("view") == "extended"
        return page_of(
            call,
            rows,
            lambda row: show_order(call.world, row["row"], attachments=False, events=events),
        )

    def one(call: Call) -> Reply:
        return _shown(call, _order(call, family, reading=True))

    def create(call: Call) -> Reply:
        project_id, world = _home(call), call.world
        values = _sent(call)
        problems = required(values, "contract_id", creating=True)
        if problems:
            raise InvalidError(problems)
        _check_family(world, project_id, values["contract_id"], family)
        return _shown(call, create_order(world, project_id, values["contract_id"], values), 201)

    def update(call: Call) -> Reply:
        return _shown(call, update_order(call.world, _order(call, family), _sent(call)))

    def delete(call: Call) -> Reply:
        delete_order(call.world, _order(call, family))
        return Reply(status=204)

    yield Route("GET", path, several)
    yield Route("POST", path, create)
    yield Route("GET", f"{path}/{{id}}", one)
    yield Route("PATCH", f"{path}/{{id}}", update)
    yield Route("DELETE", f"{path}/{{id}}", delete)
    yield from _batch_routes(family)
    yield from _line_routes(family)


def _home(call: Call) -> int:
    """The project, which must not have three tiers."""
    project_id = int(call.project(call.params["project_id"], TOOL)["id"])
    if tiers(call.world, project_id) == 3:
        raise forbidden()
    return project_id


def _filterable(world: World, row: Row) -> Row:
    _, contract = contract_of(world, row["project_id"], row["contract_id"])
    joined = {"legacy_package_id": package_of(world, row), "vendor_id": contract["vendor_id"]}
    return {**row, **joined, "row": row}


def _check_family(world: World, project_id: int, contract_id: int, family: str) -> None:
    kind, _ = contract_of(world, project_id, contract_id)
    if (kind.type == "PrimeContract") != (family == PRIME_FAMILY):
        raise InvalidError({"contract_id": ["is of another type"]})


def _order(call: Call, family: str, name: str = "id", *, reading: bool = False) -> Row:
    project_id, table = _home(call), call.world.financial[ORDERS]
    row = (table.seen if reading else table.get)(call.params[name])
    if row is None or (row["project_id"], row["family"]) != (project_id, family):
        raise not_found("Change order")
    return row


def _sent(call: Call) -> Row:
    ignore = call.world.switches.ignore_unknown_fields
    values = read(INPUT, call.object("change_order"), ignore_unknown=ignore)
    return {name: value for name, value in values.items() if name not in FILES}


def _shown(call: Call, row: Row, status: int = 200) -> Reply:
    events = call.query.get("view") == "extended"
    return Reply(status=status, body=show_order(call.world, row, events=events))


# batches -------------------------------------------------------------------------------------


def _batch_routes(family: str) -> Iterator[Route]:
    path = f"/rest/v1.0/projects/{{project_id}}/{family}_change_order_batches"

    def several(call: Call) -> Reply:
        rows = [row for row in batches_in(call.world, _home(call)) if row["family"] == family]
        rows = chosen(call, rows, ids=("id", "contract_id"), ranges=("updated_at",))
        return page_of(call, rows, lambda row: show_batch(call.world, row))

    def one(call: Call) -> Reply:
        project_id = _home(call)
        row = call.world.financial[BATCHES].seen(call.params["id"])
        if row is None or (row["project_id"], row["family"]) != (project_id, family):
            raise not_found("Change order batch")
        return Reply(body=show_batch(call.world, row))

    yield Route("GET", path, several)
    yield Route("GET", f"{path}/{{id}}", one)


# lines ---------------------------------------------------------------------------------------


def _line_routes(family: str) -> Iterator[Route]:
    path = line_root(f"{family}_change_orders")
    own: Spec = {"commitment_line_item_id": text} if family == COMMITMENT else {}
    spec = {**LINE_INPUT, **own}
    # A new line of a prime change order lists no line of the prime contract; a change does.
    creating = {
        name: kind
        for name, kind in spec.items()
        if family == COMMITMENT or name != "prime_line_item_id"
    }

    def holder(call: Call) -> Holder:
        return order_holder(call.world, _order(call, family, "holder_id"))

    def sent(call: Call, fields: Spec) -> Row:
        ignore = call.world.switches.ignore_unknown_fields
        return line_values(read(fields, call.body, ignore_unknown=ignore))

    def shown(call: Call, row: Row) -> Reply:
        return Reply(body={"data": _show_line(call.world, family, row)})

    def several(call: Call) -> Reply:
        found = holder(call)
        rows = found.table.listed(found.id)
        return v2_page(call, rows, lambda row: _show_line(call.world, family, row))

    def one(call: Call) -> Reply:
        found = holder(call)
        row = found.table.seen(call.params["id"])
        if row is None or row["holder_id"] != found.id:
            raise not_found("Line item")
        return shown(call, row)

    def create(call: Call) -> Reply:
        found, values = holder(call), sent(call, creating)
        _check_hook(call, found, values, values.get("wbs_code_id"))
        return shown(call, create_line(found, values))

    def update(call: Call) -> Reply:
        found, values = holder(call), sent(call, spec)
        row = own_line(found, call.params["id"])
        _check_hook(call, found, values, values.get("wbs_code_id") or row["wbs_code_id"])
        return shown(call, update_line(found, row, values))

    def delete(call: Call) -> Reply:
        found = holder(call)
        delete_line(found, own_line(found, call.params["id"]))
        return Reply(status=204)

    yield Route("GET", path, several)
    yield Route("POST", path, create)
    yield Route("GET", f"{path}/{{id}}", one)
    yield Route("PATCH", f"{path}/{{id}}", update)
    yield Route("DELETE", f"{path}/{{id}}", delete)


def _check_hook(call: Call, holder: Holder, values: Row, code: int | None) -> None:
    """The commitment line that was named is one of this commitment and of the same code."""
    number = values.get("commitment_line_item_id")
    if number is None:
        return
    order = call.world.financial[ORDERS].rows[holder.id]
    kind, contract = contract_of(call.world, order["project_id"], order["contract_id"])
    line = kind.lines(call.world).get(number)
    if line is None or line["holder_id"] != contract["id"]:
        raise InvalidError({"commitment_line_item_id": ["does not exist"]})
    if line["wbs_code_id"] != code:
        raise InvalidError({"commitment_line_item_id": ["has another budget code"]})


def _show_line(world: World, family: str, row: Row) -> Row:
    shown = show_line_v2(world, row)
    if family == COMMITMENT:
        shown["commitment_line_item_id"] = id_text(row.get("commitment_line_item_id"))
    return shown


ROUTES = (*order_routes(COMMITMENT), *order_routes(PRIME_FAMILY))
