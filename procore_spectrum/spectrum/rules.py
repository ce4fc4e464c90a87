"""Rules between the fields of a record that Spectrum documents, checked before sending.

Spectrum answers level by level: a missing field hides a broken rule until the next attempt, and
a value that another field rules out is dropped without a word. Both are told here, all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from procore_spectrum.errors import Violation
from procore_spectrum.models.spectrum import (
    ChangeRequestLine,
    CustomerCreate,
    JobCostProjection,
    PhaseUpsert,
    SubcontractLineUpsert,
    SubcontractUpsert,
    VendorCreate,
    VendorUpdate,
)
from procore_spectrum.plan.values import Fields

__all__ = ["broken_rules", "is_blank", "missing_when_adding"]

_WHEN_ADDING: Mapping[Any, tuple[str, ...]] = {
    PhaseUpsert: ("description",),
    SubcontractUpsert: ("job_number", "gl_account"),
    SubcontractLineUpsert: ("phase_code", "cost_type"),
    ChangeRequestLine: ("cr_status",),
}
_BILLING_LENGTH = 10
_PROJECTED = ("amount", "projected_hours", "projected_quantity")


def missing_when_adding(model: type, fields: Fields) -> Iterator[Violation]:
    """Fields that an add-or-update service demands only of a new record."""
    for name in _WHEN_ADDING.get(model, ()):
        if is_blank(fields.get(name)):
            yield _required(name, "it is required when adding")


def broken_rules(model: type, fields: Fields) -> Iterator[Violation]:
    """What is wrong between the fields of a record; ``fields`` are all that are known of it."""
    rules = _RULES.get(model)
    if rules is not None:
        yield from rules(fields)


def is_blank(value: object) -> bool:
    """Whether Spectrum would see no value."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())


# ---------------------------------------------------------------- vendors and customers


def _vendor(fields: Fields) -> Iterator[Violation]:
    yield from _no_commas(fields, "vendor_code", "vendor_name", "alpha_sort", "alt_1099_name")
    yield from _upper_case(fields, "vendor_code")
    yield from _exclusive(fields, "social_sec_number", "fed_id_number")
    accounts = fields.get("gl_distribution_accounts") or ()
    percents = fields.get("gl_distribution_percents") or ()
    if isinstance(accounts, tuple) and isinstance(percents, tuple):
        total = sum((Decimal(str(percent)) for percent in percents if _numeric(percent)), Decimal())
        if len(accounts) != len(percents) or (percents and total != 100):
            yield Violation(
                code="not-100",
                message=f"{len(accounts)} accounts share {total:f} % in {len(percents)} parts",
                path="gl_distribution_percents",
                hint="give each account a percentage, together 100",
            )


def _customer(fields: Fields) -> Iterator[Violation]:
    yield from _no_commas(fields, "customer_code", "name", "alpha_sort")
    yield from _upper_case(fields, "customer_code")


# ---------------------------------------------------------------- subcontracts, projections


def _subcontract(fields: Fields) -> Iterator[Violation]:
    for switch, names in (
        ("pay_override", ("pay_terms", "pay_days", "pay_when_paid")),
        ("disc_override", ("disc_terms", "disc_days", "disc_perc")),
    ):
        for name in names:
            # The default of pay_when_paid is N: saying so needs no override.
            given = not is_blank(fields.get(name)) and fields.get(name) is not False
            if given and fields.get(switch) != "Y":
                yield _ignored(name, f"unless {switch} is Y", f"set {switch} to Y, or leave it out")


def _projection(fields: Fields) -> Iterator[Violation]:
    if all(is_blank(fields.get(name)) for name in _PROJECTED):
        yield _required("amount", "one of amount, hours and quantity is required")


# ---------------------------------------------------------------- change requests


def _change_request(fields: Fields) -> Iterator[Violation]:
    yield from _together(fields, "cr_phase_code", "cr_cost_type")
    yield from _together(fields, "subcontractor_code", "subcontract_number")
    if is_blank(fields.get("subcontractor_code")) and is_blank(fields.get("subcontract_number")):
        for name, value in fields.items():
            if name.startswith("sub_") and not is_blank(value):
                yield _ignored(name, "without a subcontract", "name vendor and subcontract")
    else:
        for name in ("cr_phase_code", "cr_cost_type", "sub_status"):
            if is_blank(fields.get(name)):
                yield _required(name, "it is required with a subcontract")
        yield from _executed(fields)
    yield from _exclusive(fields, "markup_percent", "markup_amount")
    for group, item in (
        ("cr_billing_group_code", "cr_billing_item_code"),
        ("sub_bid_group_item_code", "sub_bid_item_code"),
    ):
        together = len(_plain(fields, group)) + len(_plain(fields, item))
        if _plain(fields, group) and together > _BILLING_LENGTH:
            yield Violation(
                code="too-long",
                message=f"group and item have {together} characters; {_BILLING_LENGTH} fit",
                path=item,
                hint="leave the group out on fixed-price jobs, or shorten the item",
            )


def _executed(fields: Fields) -> Iterator[Violation]:
    executed = fields.get("sub_status") == "E"
    if executed and is_blank(fields.get("sub_change_order_number")):
        yield _required("sub_change_order_number", "it is required when executed (E)")
    if not executed and not is_blank(fields.get("sub_signed_date")):
        yield Violation(
            code="not-allowed",
            message="only an executed change order (E) is signed",
            path="sub_signed_date",
            hint="leave it out, or set sub_status to E",
        )


# ---------------------------------------------------------------- pieces


def _plain(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _numeric(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, str) and value.replace(".", "", 1).isdecimal()


def _required(path: str, message: str) -> Violation:
    return Violation(code="required", message=message, path=path, hint="fill it in")


def _ignored(path: str, when: str, hint: str) -> Violation:
    return Violation(code="ignored", message=f"Spectrum ignores it {when}", path=path, hint=hint)


def _together(fields: Fields, *names: str) -> Iterator[Violation]:
    given = [name for name in names if not is_blank(fields.get(name))]
    for name in names:
        if given and name not in given:
            yield _required(name, f"it goes together with {given[0]}")


def _exclusive(fields: Fields, first: str, second: str) -> Iterator[Violation]:
    if not is_blank(fields.get(first)) and not is_blank(fields.get(second)):
        yield Violation(
            code="not-allowed",
            message=f"not together with {first}",
            path=second,
            hint="give one of the two",
        )


def _no_commas(fields: Fields, *names: str) -> Iterator[Violation]:
    for name in names:
        if "," in _plain(fields, name):
            yield Violation(
                code="not-allowed",
                message="Spectrum takes no commas here",
                path=name,
                hint="leave the comma out",
            )


def _upper_case(fields: Fields, name: str) -> Iterator[Violation]:
    code = _plain(fields, name)
    if code != code.upper():
        yield Violation(
            code="not-allowed",
            message="a code is written in capitals",
            path=name,
            hint=f"write {code.upper()}",
        )


_RULES: Mapping[Any, Callable[[Fields], Iterator[Violation]]] = {
    VendorCreate: _vendor,
    VendorUpdate: _vendor,
    CustomerCreate: _customer,
    SubcontractUpsert: _subcontract,
    JobCostProjection: _projection,
    ChangeRequestLine: _change_request,
}
