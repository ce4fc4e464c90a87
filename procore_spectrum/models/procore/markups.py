"""Financial markups: percentages on change orders.

Source: Procore API reference, Financial Markups.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ContractLineId,
    MarkupId,
    ProjectId,
    TaxCodeId,
    WbsCodeId,
    WbsSegmentId,
    WbsSegmentItemId,
)

__all__ = [
    "MARKUP_HOLDERS",
    "MARKUP_SETS",
    "Markup",
    "MarkupCompound",
    "MarkupCondition",
    "MarkupConditionItem",
    "MarkupHolder",
    "MarkupSegmentItem",
    "MarkupWbsCode",
]

MarkupHolder: TypeAlias = Literal["Contract", "PotentialChangeOrder"]

#: What markups belong to.
MARKUP_HOLDERS: tuple[MarkupHolder, ...] = ("Contract", "PotentialChangeOrder")

#: On what they are taken.
MARKUP_SETS = ("change_orders_horizontal", "change_orders_vertical", "horizontal", "vertical")


@attrs.frozen(kw_only=True)
class MarkupCompound:
    """How a markup is taken on other markups."""

    selections: Annotated[tuple[int, ...], About("places of the markups it is taken on")] = ()
    type: Annotated[str | None, About("above, selective or margin; None when it is not")] = None


@attrs.frozen(kw_only=True)
class MarkupConditionItem:
    """A segment item that a condition names."""

    id: Annotated[int | None, About("id of the entry")] = None
    wbs_segment_item_id: Annotated[WbsSegmentItemId | None, About("the segment item")] = None


@attrs.frozen(kw_only=True)
class MarkupCondition:
    """For which budget codes a markup counts."""

    id: Annotated[int | None, About("id of the condition")] = None
    match_type: Annotated[
        str | None, About("whether the items are in or out", values=("includes", "excludes"))
    ] = None
    wbs_segment_id: Annotated[WbsSegmentId | None, About("the segment")] = None
    markup_condition_items: Annotated[tuple[MarkupConditionItem, ...], About("its items")] = ()


@attrs.frozen(kw_only=True)
class MarkupSegmentItem:
    """A part of the budget code that bears a markup."""

    id: Annotated[WbsSegmentItemId, About("id of the segment item")]
    code: Annotated[str | None, About("its code")] = None
    name: Annotated[str | None, About("its name")] = None
    path_ids: Annotated[tuple[WbsSegmentItemId, ...], About("ids from the top down")] = ()
    path_codes: Annotated[tuple[str, ...], About("codes from the top down")] = ()
    segment_type: Annotated[str | None, About("type of the segment")] = None
    segment_id: Annotated[WbsSegmentId | None, About("the segment")] = None


@attrs.frozen(kw_only=True)
class MarkupWbsCode:
    """The budget code that bears a markup."""

    id: Annotated[WbsCodeId, About("id of the budget code")]
    flat_code: Annotated[str | None, About("codes of its parts, joined")] = None
    description: Annotated[str | None, About("its description")] = None
    segment_items: Annotated[tuple[MarkupSegmentItem, ...], About("its parts")] = ()


@attrs.frozen(kw_only=True)
class Markup:
    """A financial markup of a contract or a potential change order.

    Source: Procore API reference, Financial Markups.
    """

    id: Annotated[MarkupId, About("id of the markup")]
    name: Annotated[str | None, About("its name")] = None
    holder_id: Annotated[int | None, About("contract or change order")] = None
    holder_type: Annotated[str | None, About("what that is", values=MARKUP_HOLDERS)] = None
    markup_set: Annotated[
        str | None, About("on lines (horizontal) or on the subtotal (vertical)", values=MARKUP_SETS)
    ] = None
    percentage: Annotated[Decimal | None, About("percentage, 10 for ten percent")] = None
    position: Annotated[int | None, About("place among its siblings")] = None
    applies_to_all: Annotated[bool | None, About("whether it counts for every budget code")] = None
    compound: Annotated[MarkupCompound | None, About("how it is taken on other markups")] = None
    markup_conditions: Annotated[
        tuple[MarkupCondition, ...], About("for which budget codes it counts")
    ] = ()
    wbs_code: Annotated[MarkupWbsCode | None, About("budget code that bears it")] = None
    prime_line_item_id: Annotated[ContractLineId | None, About("line of the prime contract")] = None
    tax_code_ids: Annotated[tuple[TaxCodeId, ...], About("tax codes on it")] = ()
    project_id: Annotated[ProjectId | None, About("its project")] = None
