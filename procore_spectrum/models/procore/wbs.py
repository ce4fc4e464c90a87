"""The work breakdown structure: segments, their items, and the budget codes made of them.

Source: Procore API reference, Work Breakdown Structure (segments, segment items, codes,
patterns); documentation page ``tutorial-wbs``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import WbsCodeId, WbsPatternId, WbsSegmentId, WbsSegmentItemId
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = [
    "WBS_STATUSES",
    "WbsCode",
    "WbsCodeBulkItem",
    "WbsCodeSegment",
    "WbsPattern",
    "WbsSegment",
    "WbsSegmentItem",
    "WbsStatus",
]

WbsStatus: TypeAlias = Literal["active", "inactive"]

#: Whether a segment item or a code may be used.
WBS_STATUSES = ("active", "inactive")


@attrs.frozen(kw_only=True)
class WbsSegment:
    """One part of which budget codes are made, for instance the cost code or the cost type.

    Source: Procore API reference, Work Breakdown Structure (segments).
    """

    id: Annotated[WbsSegmentId, About("id of the segment")]
    type: Annotated[str | None, About("sub_job, cost_code, line_item_type or a custom type")] = None
    name: Annotated[str | None, About("its name")] = None
    position: Annotated[int | None, About("place within a code")] = None
    segment_items_count: Annotated[int | None, About("number of its items")] = None
    required: Annotated[bool | None, About("whether every code needs it")] = None
    delimiter: Annotated[str | None, About("sign between this part and the next")] = None
    structure: Annotated[
        str | None, About("whether its items form a tree", values=("flat", "tiered"))
    ] = None
    tiered: Annotated[bool | None, About("whether its items form a tree")] = None
    selectable_tiers: Annotated[
        bool | None, About("whether items that have items below may be chosen")
    ] = None
    is_included_in_project_pattern: Annotated[
        bool | None, About("whether the project's codes use it")
    ] = None
    project_can_modify_origin_project: Annotated[
        bool | None, About("whether a project may add its own items")
    ] = None
    project_can_delete_origin_company: Annotated[
        bool | None, About("whether a project may remove the company's items")
    ] = None
    wbs_pattern_id: Annotated[WbsPatternId | None, About("pattern it belongs to")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class WbsSegmentItem:
    """One value of a segment, for instance one cost code.

    The id of a project's item may change when it is updated.

    Source: Procore API reference, Work Breakdown Structure (segment items).
    """

    id: Annotated[WbsSegmentItemId, About("id of the item")]
    code: Annotated[str | None, About("code without the items above it")] = None
    name: Annotated[str | None, About("its name")] = None
    parent_id: Annotated[WbsSegmentItemId | None, About("the item above it")] = None
    path_ids: Annotated[
        tuple[WbsSegmentItemId, ...], About("ids from the top down to this item")
    ] = ()
    path_code: Annotated[str | None, About("code with the items above it")] = None
    path_codes: Annotated[tuple[str, ...], About("codes from the top down to this item")] = ()
    path_names: Annotated[tuple[str, ...], About("names from the top down to this item")] = ()
    is_parent: Annotated[bool | None, About("whether it has items below")] = None
    in_use: Annotated[bool | None, About("whether something refers to it")] = None
    status: Annotated[str | None, About("whether it may be used", values=WBS_STATUSES)] = None
    segment: Annotated[WbsSegment | None, About("segment it belongs to")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class WbsCode:
    """A budget code: a combination of segment items of a project.

    Source: Procore API reference, Work Breakdown Structure (codes).
    """

    id: Annotated[WbsCodeId, About("id of the code")]
    flat_code: Annotated[str | None, About("codes of its items, joined")] = None
    flat_name: Annotated[str | None, About("names of its items, joined")] = None
    description: Annotated[str | None, About("its description")] = None
    status: Annotated[str | None, About("whether it may be used", values=WBS_STATUSES)] = None
    segment_items: Annotated[tuple[WbsSegmentItem, ...], About("the combination")] = ()
    wbs_pattern_id: Annotated[WbsPatternId | None, About("pattern it follows")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class WbsCodeSegment:
    """One part of a code to be made."""

    segment_id: Annotated[WbsSegmentId, About("id of the segment", required=True)]
    segment_item_id: Annotated[WbsSegmentItemId, About("id of the item", required=True)]


@attrs.frozen(kw_only=True)
class WbsCodeBulkItem:
    """One code of ``wbs_codes/bulk_create``.

    Where the combination exists, that code gets the description instead.

    Source: Procore API reference, Work Breakdown Structure (codes, bulk create).
    """

    segment_items: Annotated[tuple[WbsCodeSegment, ...], About("the combination", required=True)]
    description: Annotated[Sent[str], About("its description")] = UNSET


@attrs.frozen(kw_only=True)
class WbsPattern:
    """The order of segments that codes follow, of a company or a project.

    Source: Procore API reference, Work Breakdown Structure (patterns).
    """

    id: Annotated[WbsPatternId, About("id of the pattern")]
    description: Annotated[str | None, About("its description")] = None
    segments: Annotated[tuple[WbsSegment, ...], About("the segments in their order")] = ()
    is_project_level_ordered: Annotated[
        bool | None, About("whether the project orders the segments differently")
    ] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
