"""The billing lines of a change request: changes of the prime contract's items."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.documents import ChangeRequest, Record
from procore_spectrum.testing.fake_spectrum.layouts import Field

__all__ = ["MAX_ITEM", "broken_rules", "enter", "item_key", "item_of"]

MAX_ITEM = 10
"""Characters in use of a billing item, with its group; the element is one longer."""

_MOST_LINES = 990
_ITEM, _GROUP = "CR_Billing_Item_Code", "CR_Billing_Group_Code"
_PRICE, _QUANTITY, _REVENUE = "CR_Unit_Price", "CR_Quantity", "CR_Revenue"
_MORE = ("CR_Billing_Item_Description", "CR_Additional_Description")


def item_key(call: Call, group: str, item: str) -> tuple[str, str]:
    """Group and item; a group counts on unit-price jobs only."""
    return call.text(group) if _is_unit_price(call) else "", call.text(item)


def item_of(call: Call) -> str:
    """The billing item of the call, group in front; blank = the billing block is ignored."""
    return "".join(item_key(call, _GROUP, _ITEM))


def _is_unit_price(call: Call) -> bool:
    return call.company.jobs[call.text("Job_Number")]["Price_Method_Code"] == "U"


def broken_rules(call: Call, request: ChangeRequest) -> list[Finding]:
    """Why the billing line of the call cannot be taken."""
    item = item_of(call)
    if not item:
        return []
    if not call.text(_ITEM):
        return [missing(_ITEM)]
    if len(item) > MAX_ITEM:
        return [off_mask(_ITEM)]
    if (call.text("Job_Number"), item) not in call.company.billing_items:
        return [Finding("I", f"{_ITEM} does not exist on the contract", _ITEM)]
    lines = request.billing_lines
    if item not in lines and len(lines) >= _MOST_LINES:
        return [Finding("I", "The change request has too many billing items", _ITEM)]
    figures = _figures(call, request)
    needs_two = _is_unit_price(call) and (item not in lines or bool(figures))
    return _broken_figures(call, figures, needs_two=needs_two)


def _broken_figures(call: Call, figures: Record, *, needs_two: bool) -> list[Finding]:
    if needs_two:
        gaps = [missing(element) for element in (_QUANTITY, _REVENUE) if element not in figures]
        if gaps:
            return gaps[:1]
    fields: dict[str, Field] = {field.name: field for field in call.layout.inputs}
    return [
        off_mask(element)
        for element, value in figures.items()
        if not fields[element].accepts(f"{value:f}")
    ]


def _figures(call: Call, request: ChangeRequest) -> Record:
    """Price, quantity and revenue; on unit-price jobs the third follows from two of them."""
    given = call.given()
    known = {
        element: value
        for element in (_PRICE, _QUANTITY, _REVENUE)
        if isinstance(value := given.get(element), Decimal)
    }
    if not _is_unit_price(call):
        return {**known}
    stored = request.billing_lines.get(item_of(call), {})
    for element in (_PRICE, _QUANTITY):
        value = stored.get(element)
        if len(known) == 1 and isinstance(value, Decimal):
            known.setdefault(element, value)
    price = call.company.billing_items[call.text("Job_Number"), item_of(call)].unit_price
    if len(known) == 1 and price is not None:
        known.setdefault(_PRICE, price)
    if _PRICE in known and _QUANTITY in known:
        known[_REVENUE] = _rounded(known[_PRICE] * known[_QUANTITY], 2)
    elif known.get(_PRICE) and _REVENUE in known:
        known[_QUANTITY] = _rounded(known[_REVENUE] / known[_PRICE], 2)
    elif known.get(_QUANTITY) and _REVENUE in known:
        known[_PRICE] = _rounded(known[_REVENUE] / known[_QUANTITY], 4)
    return {**known}


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def enter(call: Call, request: ChangeRequest) -> None:
    """Add or update the billing line of the call, if it has one."""
    item = item_of(call)
    if not item:
        return
    given = call.given()
    line: Record = {element: given[element] for element in _MORE if element in given}
    line.update(_figures(call, request), Billing_Item=item)
    default = call.company.billing_items[call.text("Job_Number"), item].description
    stored = request.billing_lines.get(item, {"CR_Billing_Item_Description": default})
    request.billing_lines[item] = {**stored, **line}
