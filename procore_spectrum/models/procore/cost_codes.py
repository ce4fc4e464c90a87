"""Cost codes: the company's standard lists, the projects' own codes, and cost types.

Source: Procore API reference, Cost Codes, Standard Cost Code Lists, Standard Cost Codes and
Line Item Types; documentation pages ``using-sync-actions``, ``tutorial-wbs`` and
``erp-technical-guide``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    CostCodeId,
    LineItemTypeId,
    ProcoreCompanyId,
    StandardCostCodeId,
    StandardCostCodeListId,
)
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = [
    "BASE_TYPES",
    "CostCode",
    "CostCodeParent",
    "CostCodeRef",
    "CostCodeSyncItem",
    "LineItemType",
    "LineItemTypeSyncItem",
    "StandardCostCode",
    "StandardCostCodeList",
    "StandardCostCodeSyncItem",
]

#: What kind of cost a line item type stands for.
BASE_TYPES = (
    "equipment",
    "materials",
    "commitment",
    "owner_cost",
    "professional_services",
    "other",
)


@attrs.frozen(kw_only=True)
class LineItemType:
    """A cost type (category): ``GET /rest/v1.0/line_item_types``.

    Source: Procore API reference, Line Item Types.
    """

    id: Annotated[LineItemTypeId, About("id of the type")]
    name: Annotated[str | None, About("its name")] = None
    code: Annotated[
        str | None, About("abbreviation shown in budget codes, written as csv_import_code")
    ] = None
    base_type: Annotated[
        str | None, About("what kind of cost it stands for", values=BASE_TYPES)
    ] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None


@attrs.frozen(kw_only=True)
class LineItemTypeSyncItem:
    """One cost type of ``PATCH /rest/v1.0/line_item_types/sync`` (1,000 at most).

    Source: Procore API reference, Line Item Types (sync).
    """

    id: Annotated[Sent[LineItemTypeId], About("id of the type, to change the one with this id")] = (
        UNSET
    )
    name: Annotated[Sent[str], About("its name")] = UNSET
    csv_import_code: Annotated[
        Sent[str], About("abbreviation shown in budget codes, answered as code")
    ] = UNSET
    base_type: Annotated[Sent[str], About("what kind of cost it stands for", values=BASE_TYPES)] = (
        UNSET
    )
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET


@attrs.frozen(kw_only=True)
class CostCodeParent:
    """The code above a cost code; empty at the top."""

    id: Annotated[CostCodeId | None, About("id of the code above")] = None


@attrs.frozen(kw_only=True)
class CostCodeRef:
    """The cost code of a line: in full, or only with id, code and name."""

    id: Annotated[CostCodeId | None, About("id of the code")] = None
    name: Annotated[str | None, About("its name")] = None
    code: Annotated[str | None, About("code without its parents' part")] = None
    full_code: Annotated[str | None, About("code with its parents' part")] = None
    sortable_code: Annotated[str | None, About("older form of full_code")] = None
    position: Annotated[int | None, About("place among its siblings")] = None
    parent: Annotated[CostCodeParent | None, About("the code above it")] = None
    standard_cost_code_id: Annotated[
        StandardCostCodeId | None, About("standard code from which it was copied")
    ] = None
    standard_cost_code_list_id: Annotated[
        StandardCostCodeListId | None, About("list of that standard code")
    ] = None
    biller: Annotated[str | None, About("name of the project or sub job")] = None
    biller_id: Annotated[int | None, About("id of the project or sub job")] = None
    biller_type: Annotated[
        str | None, About("to what it belongs; sometimes empty", values=("Project", "SubJob", ""))
    ] = None
    biller_origin_id: Annotated[str | None, About("our key of the project or sub job")] = None
    budgeted: Annotated[bool | None, About("whether the budget has a line for it")] = None
    line_item_types: Annotated[tuple[LineItemType, ...], About("cost types used with it")] = ()
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
    deleted_at: Annotated[datetime | None, About("when it was deleted")] = None


@attrs.frozen(kw_only=True)
class CostCode(CostCodeRef):
    """A cost code of a project: ``GET /rest/v1.0/cost_codes``.

    Source: Procore API reference, Cost Codes.
    """

    id: Annotated[CostCodeId, About("id of the code")]


@attrs.frozen(kw_only=True)
class CostCodeSyncItem:
    """One code of ``PATCH /rest/v1.0/cost_codes/sync`` (1,000 at most).

    Projects linked to an accounting system accept cost codes only this way.

    Source: Procore API reference, Cost Codes (sync).
    """

    id: Annotated[Sent[CostCodeId], About("id of the code, to change the one with this id")] = UNSET
    name: Annotated[Sent[str], About("its name")] = UNSET
    code: Annotated[Sent[str], About("code without its parents' part")] = UNSET
    position: Annotated[Sent[int], About("place among its siblings")] = UNSET
    parent_id: Annotated[Sent[CostCodeId], About("the code above it")] = UNSET
    standard_cost_code_id: Annotated[
        Sent[StandardCostCodeId], About("standard code that it follows")
    ] = UNSET
    origin_id: Annotated[
        Sent[str], About("our key of it; unique within the company, across its projects")
    ] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET


@attrs.frozen(kw_only=True)
class StandardCostCodeList:
    """A list of standard cost codes of the company: ``/rest/v1.0/standard_cost_code_lists``.

    Only one list per company belongs to the accounting system; Procore makes it.

    Source: Procore API reference, Standard Cost Code Lists; documentation page
    ``erp-technical-guide``.
    """

    id: Annotated[StandardCostCodeListId, About("id of the list")]
    name: Annotated[str | None, About("its name")] = None
    is_erp_list: Annotated[bool | None, About("whether it belongs to the accounting system")] = None
    available_to_use_on_new_projects: Annotated[
        bool | None, About("whether new projects may copy it")
    ] = None
    company_id: Annotated[ProcoreCompanyId | None, About("company it belongs to")] = None


@attrs.frozen(kw_only=True)
class StandardCostCode:
    """A cost code of a standard list: ``GET /rest/v1.0/standard_cost_codes``.

    Source: Procore API reference, Standard Cost Codes.
    """

    id: Annotated[StandardCostCodeId, About("id of the code")]
    standard_cost_code_list_id: Annotated[
        StandardCostCodeListId | None, About("list it belongs to")
    ] = None
    parent_id: Annotated[StandardCostCodeId | None, About("the code above it")] = None
    code: Annotated[str | None, About("code without its parents' part")] = None
    full_code: Annotated[str | None, About("code with its parents' part")] = None
    name: Annotated[str | None, About("its name")] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None


@attrs.frozen(kw_only=True)
class StandardCostCodeSyncItem:
    """One code of ``PATCH /rest/v1.0/standard_cost_codes/sync`` (1,000 at most).

    Source: Procore API reference, Standard Cost Codes (sync).
    """

    id: Annotated[
        Sent[StandardCostCodeId], About("id of the code, to change the one with this id")
    ] = UNSET
    name: Annotated[Sent[str], About("its name")] = UNSET
    code: Annotated[Sent[str], About("the code")] = UNSET
    parent_id: Annotated[Sent[StandardCostCodeId], About("the code above it")] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET
