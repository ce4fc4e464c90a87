"""What the lines of version 2 share: envelope, text ids, pages of 10 to 100."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from procore_spectrum.testing.fake_procore.answers import Reply
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, record_id, text
from procore_spectrum.testing.fake_procore.lines import show_wbs
from procore_spectrum.testing.fake_procore.money import as_number, exact, money
from procore_spectrum.testing.fake_procore.paging import V2_LIMIT, page_of
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["LINE_INPUT", "id_text", "line_root", "line_values", "show_line_v2", "v2_page"]

V2_DEFAULT = 10

LINE_INPUT: Spec = {
    "amount": money,
    "description": text,
    "quantity": exact,
    "unit_cost": exact,
    "uom": text,
    "wbs_code_id": text,
    "tax_code_id": text,
    "prime_line_item_id": text,
}


def line_root(resource: str) -> str:
    """The path of the lines of a resource; the holder's id is ``{holder_id}``."""
    project = "/rest/v2.0/companies/{company_id}/projects/{project_id}"
    return f"{project}/{resource}/{{holder_id}}/line_items"


def id_text(number: int | None) -> str | None:
    """An id as version 2 writes it."""
    return None if number is None else str(number)


def line_values(sent: Row) -> Row:
    """Sent ids as they are stored; one that is no number is stored as one that nobody has."""
    names = [name for name in sent if name.endswith("_id")]
    return sent | {name: None if sent[name] is None else record_id(sent[name]) for name in names}


def show_line_v2(world: World, row: Row) -> Row:
    """A line; live answers have ``funding_rule_id`` and no ``work_breakdown_structure``."""
    quantity = row["quantity"]
    as_text = world.switches.v2_quantity_as_text
    return {
        "id": str(row["id"]),
        "prime_line_item_id": id_text(row.get("prime_line_item_id")),
        "description": row["description"],
        "uom": row["uom"],
        "quantity": quantity if as_text else as_number(quantity),
        "unit_cost": row["unit_cost"],
        "amount": row["amount"],
        "extended_type": row["extended_type"],
        "wbs_code_id": str(row["wbs_code_id"]),
        "tax_code_id": id_text(row["tax_code_id"]),
        "position": row["position"],
        "wbs_code": show_wbs(world, row, str),
        "funding_rule_id": None,
    }


def v2_page(call: Call, rows: Sequence[Row], show: Callable[[Row], Any]) -> Reply:
    """A page in the envelope."""
    return page_of(call, rows, show, limit=V2_LIMIT, default=V2_DEFAULT, envelope=True)
