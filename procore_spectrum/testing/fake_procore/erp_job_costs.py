"""Job costs of the ERP Integrations tool, which only partners may write (5.2)."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    Reply,
    forbidden,
    not_found,
    too_large,
)
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, read, whole
from procore_spectrum.testing.fake_procore.money import as_number, exact, money
from procore_spectrum.testing.fake_procore.router import Route
from procore_spectrum.testing.fake_procore.sync import SYNC_LIMIT
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["ROUTES"]

TABLE = "erp_job_costs"
MONEY = (
    "approved_commitment_changes",
    "approved_estimate_changes",
    "commitment_invoiced",
    "committed_costs",
    "estimate",
    "job_to_date_cost",
    "job_to_date_dollars_paid",
    "month_to_date_cost",
    "month_to_date_dollars_paid",
    "open_balance",
    "original_commitment",
    "original_estimate",
    "paid_amount",
    "revised_commitment",
)
NUMBERS = (
    "approved_estimate_unit_changes",
    "estimate_units",
    "job_to_date_units",
    "month_to_date_units",
    "original_estimate_units",
    "percentage_complete",
)
PAIR = ("cost_code_id", "line_item_type_id")
ITEM: Spec = {
    **dict.fromkeys(PAIR, whole),
    **dict.fromkeys(MONEY, money),
    **dict.fromkeys(NUMBERS, exact),
}


def _project(call: Call) -> Row:
    """The project whose origin id the call names.

    Raises:
        RefusalError: 403 unless the company is a partner's, 404 if no project has that id.
    """
    if not call.world.switches.partner_access:
        raise forbidden()
    call.check_company(call.body_id("company_id"))
    origin_id = str(call.field("job_origin_id") or "")
    number = call.world.origins.holder("projects", origin_id)
    row = call.world.projects.get(number)
    if row is None or not call.may_see(row):
        raise not_found("Job")
    return row


def _upsert(world: World, project_id: int, values: Row) -> Row:
    """The figures of a pair, created or changed; those that were not sent stay."""
    pair = {name: values.get(name) for name in PAIR}
    missing = {name: ["can't be blank"] for name, number in pair.items() if number is None}
    if missing:
        raise InvalidError(missing)
    code = world.cost_codes.get(pair["cost_code_id"])
    if code is None or code["project_id"] != project_id:
        raise InvalidError({"cost_code_id": ["does not exist"]})
    if world.line_item_types.get(pair["line_item_type_id"]) is None:
        raise InvalidError({"line_item_type_id": ["does not exist"]})
    table = world.financial[TABLE]
    for row in table.members(project_id):
        if all(row[name] == number for name, number in pair.items()):
            return table.change(row, values)
    own = {"project_id": project_id, "deleted_at": None}
    return table.add(project_id, {**dict.fromkeys(ITEM), **values, **own})


def _shown(row: Row) -> Row:
    figures = {name: as_number(row[name]) for name in (*MONEY, *NUMBERS)}
    return {"id": row["id"], **{name: row[name] for name in PAIR}, **figures}


def sync_job_costs(call: Call) -> Reply:
    """Bulk upsert by cost code and cost type. Always 200, unless there are too many items."""
    project = _project(call)
    updates = call.array("updates")
    if len(updates) > SYNC_LIMIT:
        raise too_large(SYNC_LIMIT)
    entities, errors = [], []
    for item in updates:
        try:
            ignore = call.world.switches.ignore_unknown_fields
            values = read(ITEM, item, ignore_unknown=ignore)
            entities.append(_shown(_upsert(call.world, project["id"], values)))
        except InvalidError as wrong:
            sent = item if isinstance(item, dict) else {}
            errors.append({**sent, "errors": wrong.problems})
    return Reply(body={"entities": entities, "errors": errors})


ROUTES = (Route("PATCH", "/rest/v1.0/erp_job_costs/sync", sync_job_costs),)
