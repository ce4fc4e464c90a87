"""Company vendors (the company directory)."""

from __future__ import annotations

from typing import Any

from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply, not_found
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import (
    Spec,
    check_place,
    flag,
    ids,
    key,
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
from procore_spectrum.testing.fake_procore.sync import TAKEN, Resource, check_origin, synchronize
from procore_spectrum.testing.fake_procore.world import Row, World

__all__ = ["ROUTES", "SYNC_ITEM", "create_vendor", "show_vendor", "update_vendor"]

TEXTS = words(
    """
    name address city zip business_phone mobile_phone fax_number email_address state_code
    country_code labor_union license_number website abbreviated_name notes origin_id
    origin_data origin_code trade_name
    """
)
FLAGS = words(
    """
    is_active authorized_bidder prequalified union_member non_union_prevailing_wage
    """
)
BIDDING = words(
    """
    affirmative_action small_business african_american_business hispanic_business
    womens_business historically_underutilized_business sdvo_business
    certified_business_enterprise asian_american_business native_american_business
    disadvantaged_business minority_business_enterprise eight_a_business
    """
)

INPUT: Spec = {
    **dict.fromkeys(TEXTS, text),
    "origin_id": key,
    **dict.fromkeys(FLAGS, flag),
    **dict.fromkeys(("vendor_group_id", "parent_id", "primary_contact_id"), whole),
    **dict.fromkeys(("trade_ids", "bidding_distribution_ids", "standard_cost_code_ids"), ids),
    "bidding": record,
}
SYNC_ITEM: Spec = {
    **INPUT,
    "id": whole,
    "business_register_attributes": record,
    "origin_custom_fields": record,
}

ONLY_EXTENDED = words(
    """
    bidding bidding_distribution children_count company_vendor legal_name parent project_ids
    standard_cost_codes trades
    """
)
NOT_IN_DIRECTORY = words(
    """
    contact_count company country_code is_active origin_code origin_data origin_id
    synced_to_erp vendor_group children_count parent project_ids
    """
)


# rules ---------------------------------------------------------------------------------------


def check_vendor(world: World, values: Row, row: Row | None) -> None:
    """A name; country and state that exist; a parent that exists and is another vendor."""
    problems = required(values, "name", creating=row is None)
    problems |= check_place({**(row or {}), **values})
    parent = values.get("parent_id")
    if parent is not None and (world.vendors.get(parent) is None or (row and row["id"] == parent)):
        problems["parent_id"] = ["does not exist"]
    taken = world.vendors.name_taken(world.company_id, values.get("name"), row)
    if taken and world.switches.unique_vendor_names:
        problems["name"] = [TAKEN]
    if problems:
        raise InvalidError(problems)


def create_vendor(world: World, values: Row) -> Row:
    """Store a new vendor; it is active unless the caller says otherwise."""
    check_vendor(world, values, None)
    check_origin(world.vendors, values, None)
    blank = dict.fromkeys(TEXTS) | dict.fromkeys(FLAGS, False) | {"is_active": True}
    return world.vendors.add(world.company_id, {**blank, **_kept(values)})


def update_vendor(world: World, row: Row, values: Row) -> Row:
    """Change the fields that were sent."""
    check_vendor(world, values, row)
    check_origin(world.vendors, values, row)
    return world.vendors.change(row, _kept(values))


def _kept(values: Row) -> Row:
    """A flag set to null keeps what it was."""
    return {k: v for k, v in values.items() if not (k in FLAGS and v is None)}


# answers -------------------------------------------------------------------------------------


def show_vendor(world: World, row: Row, view: str = "extended") -> Row:
    """A vendor in one of its views."""
    if view in {"compact", "summary"}:
        return _small(row, view)
    full = _extended(world, row)
    if view in {"normal", "erp"}:
        full = {key: value for key, value in full.items() if key not in ONLY_EXTENDED}
    if view == "erp":
        full |= {"origin_custom_fields": [], "erp_custom_fields": []}
    if view == "directory":
        full = {key: value for key, value in full.items() if key not in NOT_IN_DIRECTORY}
        full |= {"business": None, "contract_signer": None, "invoice_contacts": []}
        full |= {"country_name": row["country_code"], "state_name": row["state_code"]}
    return full


def _small(row: Row, view: str) -> Row:
    small = {"id": row["id"], "name": row["name"]}
    if view == "summary":
        small |= dict.fromkeys(
            ("active_users_count", "bids_count", "open_bids_count", "projects_count"), 0
        )
        small |= {"business_id": None, "company_vendor": True, "is_connected": False}
        small |= {"synced_to_erp": row["origin_id"] is not None}
    return small


def _extended(world: World, row: Row) -> Row:
    parent = world.vendors.get(row.get("parent_id"))
    contact = row.get("primary_contact_id")
    group = row.get("vendor_group_id")
    custom = {key: value for key, value in row.items() if key.startswith("custom_field_")}
    shown = {
        "id": row["id"],
        **{name: row[name] for name in (*TEXTS, *FLAGS)},
        "attachments": [],
        "business_id": None,
        "business_register": row.get("business_register_attributes"),
        "contact_count": 0 if contact is None else 1,
        "company": row["name"],
        "created_at": row["created_at"],
        "is_connected": False,
        "logo": None,
        "primary_contact": None if contact is None else _contact(row, contact),
        "synced_to_erp": row["origin_id"] is not None,
        "updated_at": row["updated_at"],
        "vendor_group": None if group is None else {"id": group, "name": str(group)},
        "bidding": {name: (row.get("bidding") or {}).get(name, False) for name in BIDDING},
        "bidding_distribution": [],
        "children_count": len(world.vendors.kids(row["id"])),
        "company_vendor": True,
        "legal_name": row["name"],
        "parent": parent and {"id": parent["id"], "name": parent["name"]},
        "project_ids": [],
        "standard_cost_codes": [],
        "trades": [],
    }
    return shown | ({"custom_fields": custom} if custom else {})


def _contact(row: Row, number: int) -> Row:
    blank = "first_name last_name business_phone business_phone_extension fax_number mobile_phone"
    times = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
    return {"id": number, **dict.fromkeys(blank.split()), "email_address": "", **times}


def _view(call: Call) -> str:
    return call.query.get("view") or "extended"


def _shown(call: Call, row: Row, status: int = 200) -> Reply:
    return Reply(status=status, body=show_vendor(call.world, row, _view(call)))


# handlers ------------------------------------------------------------------------------------


def list_vendors(call: Call) -> Reply:
    """Active vendors only."""
    call.check_company(call.query_id("company_id"))
    rows = chosen(
        call,
        (row for row in _listed(call) if row["is_active"]),
        equal=("origin_id",),
        ids=("id", "parent_id"),
        ranges=("created_at", "updated_at"),
        contains=(("search", "name"),),
    )
    return _page(call, rows)


def list_inactive(call: Call) -> Reply:
    """The vendors that were deactivated; without filters."""
    return _page(call, [row for row in _listed(call) if not row["is_active"]])


def _listed(call: Call) -> list[Row]:
    return call.world.vendors.listed(call.company_id)


def _page(call: Call, rows: list[Row]) -> Reply:
    match call.query.get("sort"):
        case "name":
            rows = sorted(rows, key=lambda row: (row["name"].lower(), row["id"]))
        case "-name":
            rows = sorted(rows, key=lambda row: (row["name"].lower(), row["id"]), reverse=True)
    view = _view(call)
    return page_of(call, rows, lambda row: show_vendor(call.world, row, view))


def get_vendor(call: Call) -> Reply:
    """One vendor, active or not."""
    call.check_company(call.query_id("company_id"))
    row = call.world.vendors.seen(call.params["id"])
    if row is None:
        raise not_found("Vendor")
    return _shown(call, row)


def _input(call: Call) -> Any:
    call.check_company(call.body_id("company_id"))
    ignore = call.world.switches.ignore_unknown_fields
    return read(INPUT, call.object("vendor"), ignore_unknown=ignore)


def post_vendor(call: Call) -> Reply:
    """Create: 201."""
    return _shown(call, create_vendor(call.world, _input(call)), 201)


def patch_vendor(call: Call) -> Reply:
    """Update by id."""
    row = call.world.vendors.get(call.params["id"])
    values = _input(call)
    if row is None:
        raise not_found("Vendor")
    return _shown(call, update_vendor(call.world, row, values))


def reactivate(call: Call) -> Reply:
    """Bring an inactive vendor back."""
    row = call.world.vendors.get(call.params["id"])
    if row is None or row["is_active"]:
        raise not_found("Vendor")
    return _shown(call, call.world.vendors.change(row, {"is_active": True}))


def sync_vendors(call: Call) -> Reply:
    """Bulk upsert."""
    call.check_company(call.body_id("company_id"))
    world = call.world
    resource = Resource(
        table=world.vendors,
        group=world.company_id,
        spec=SYNC_ITEM,
        create=lambda values: create_vendor(world, values),
        update=lambda row, values: update_vendor(world, row, values),
        show=lambda row: show_vendor(world, row),
    )
    return synchronize(call, resource)


ROUTES = (
    Route("GET", "/rest/v1.0/vendors", list_vendors),
    Route("POST", "/rest/v1.0/vendors", post_vendor),
    Route("PATCH", "/rest/v1.0/vendors/sync", sync_vendors),
    Route("GET", "/rest/v1.0/vendors/{id}", get_vendor),
    Route("PATCH", "/rest/v1.0/vendors/{id}", patch_vendor),
    Route("GET", "/rest/v1.0/companies/{company_id}/vendors/inactive", list_inactive),
    Route("PATCH", "/rest/v1.0/companies/{company_id}/vendors/inactive/{id}", reactivate),
)
