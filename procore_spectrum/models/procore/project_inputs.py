"""Projects as they are written.

Dates go out as ``YYYY-MM-DD``; Procore stores a wrongly formatted one as null without a word,
so only :class:`~datetime.date` is accepted. Amounts go out as JSON numbers.

Source: Procore API reference, Projects (create, update, sync).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    DepartmentId,
    ImageId,
    OfficeId,
    ProgramId,
    ProjectBidTypeId,
    ProjectId,
    ProjectOwnerTypeId,
    ProjectRegionId,
    ProjectSectorId,
    ProjectStageId,
    ProjectTemplateId,
    ProjectTypeId,
    StandardCostCodeListId,
)
from procore_spectrum.models.procore.projects import (
    DELIVERY_METHODS,
    FLAGS,
    PRIORITIES,
    WORK_SCOPES,
)
from procore_spectrum.models.procore.shared import CUSTOM_FIELD_KEYS, CustomFieldsInput
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = ["CurrencyInput", "ProjectCreate", "ProjectInput", "ProjectSyncItem", "ProjectUpdate"]


@attrs.frozen(kw_only=True)
class CurrencyInput:
    """The currency of a new project."""

    currency_iso_code: Annotated[str, About("currency, ISO 4217", length=3, required=True)]
    exchange_rate_override: Annotated[
        Sent[Decimal], About("rate used instead of the daily one")
    ] = UNSET


@attrs.frozen(kw_only=True)
class ProjectInput:
    """What creating, updating and syncing a project have in common."""

    name: Annotated[Sent[str], About("its name")] = UNSET
    project_number: Annotated[Sent[str], About("its number")] = UNSET
    description: Annotated[Sent[str], About("its description")] = UNSET
    active: Annotated[Sent[bool], About("whether it is active")] = UNSET
    address: Annotated[Sent[str], About("street and house number")] = UNSET
    city: Annotated[Sent[str], About("city")] = UNSET
    state_code: Annotated[Sent[str], About("state, ISO 3166-2 subdivision, upper case")] = UNSET
    country_code: Annotated[Sent[str], About("country, ISO 3166 alpha-2, upper case")] = UNSET
    zip: Annotated[Sent[str], About("postal code")] = UNSET
    time_zone: Annotated[
        Sent[str], About("time zone by Procore's own name, such as US/Pacific")
    ] = UNSET
    phone: Annotated[Sent[str], About("telephone")] = UNSET
    start_date: Annotated[Sent[date], About("when the contract was signed")] = UNSET
    completion_date: Annotated[Sent[date], About("substantial completion")] = UNSET
    estimated_start_date: Annotated[Sent[date], About("older name of start_date")] = UNSET
    estimated_completion_date: Annotated[Sent[date], About("older name of completion_date")] = UNSET
    warranty_start_date: Annotated[Sent[date], About("begin of the warranty")] = UNSET
    warranty_end_date: Annotated[Sent[date], About("end of the warranty")] = UNSET
    total_value: Annotated[Sent[Decimal], About("amount of the construction work")] = UNSET
    estimated_value: Annotated[Sent[Decimal], About("older name of total_value")] = UNSET
    square_feet: Annotated[Sent[int], About("area in square feet")] = UNSET
    flag: Annotated[Sent[str], About("traffic light", values=FLAGS)] = UNSET
    sector: Annotated[Sent[str], About("sector, one of 164 codes")] = UNSET
    work_scope: Annotated[Sent[str], About("what is built", values=WORK_SCOPES)] = UNSET
    delivery_method: Annotated[
        Sent[str], About("how the work is contracted", values=DELIVERY_METHODS)
    ] = UNSET
    public_notes: Annotated[Sent[str], About("notes that everybody may read")] = UNSET
    store_number: Annotated[Sent[str], About("number of the store that is built")] = UNSET
    accounting_project_number: Annotated[Sent[str], About("number in the accounting system")] = (
        UNSET
    )
    designated_market_area: Annotated[Sent[str], About("market area")] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration")] = UNSET
    office_id: Annotated[Sent[OfficeId], About("office in charge")] = UNSET
    program_id: Annotated[Sent[ProgramId], About("programme it belongs to")] = UNSET
    department_ids: Annotated[
        Sent[tuple[DepartmentId, ...]], About("all departments in charge; others are removed")
    ] = UNSET
    project_bid_type_id: Annotated[Sent[ProjectBidTypeId], About("kind of bid")] = UNSET
    project_owner_type_id: Annotated[Sent[ProjectOwnerTypeId], About("kind of owner")] = UNSET
    project_region_id: Annotated[Sent[ProjectRegionId], About("region")] = UNSET
    project_sector_id: Annotated[Sent[ProjectSectorId], About("sector, by id")] = UNSET
    project_stage_id: Annotated[Sent[ProjectStageId], About("stage")] = UNSET
    project_template_id: Annotated[Sent[ProjectTemplateId], About("template to make it from")] = (
        UNSET
    )
    project_type_id: Annotated[Sent[ProjectTypeId], About("kind of project")] = UNSET
    image_id: Annotated[Sent[ImageId], About("picture")] = UNSET


@attrs.frozen(kw_only=True)
class ProjectSyncItem(ProjectInput):
    """One project of ``PATCH /rest/v1.0/projects/sync`` (1,000 at most, slow when creating).

    Source: Procore API reference, Projects (sync); documentation page ``using-sync-actions``.
    """

    id: Annotated[Sent[ProjectId], About("id of the project, to change the one with this id")] = (
        UNSET
    )
    enable_copy_of_standard_cost_codes: Annotated[
        Sent[bool], About("copy the default standard cost codes into a new project")
    ] = UNSET
    estimated_budget: Annotated[Sent[Decimal], About("estimated budget")] = UNSET
    priority: Annotated[Sent[str], About("priority", values=PRIORITIES)] = UNSET


@attrs.frozen(kw_only=True)
class ProjectCreate(ProjectInput):
    """What ``POST /rest/v1.0/projects`` takes; it needs ``name``.

    Source: Procore API reference, Projects (create).
    """

    code: Annotated[Sent[str], About("its code")] = UNSET
    locale: Annotated[Sent[str], About("language")] = UNSET
    parent_job_id: Annotated[Sent[ProjectId], About("project above it")] = UNSET
    origin_code: Annotated[Sent[str], About("external code")] = UNSET
    override_start_date: Annotated[Sent[date], About("start date for the copied schedule")] = UNSET
    override_start_date_check: Annotated[
        Sent[bool], About("whether override_start_date is used")
    ] = UNSET
    override_end_date: Annotated[Sent[date], About("end date for the copied schedule")] = UNSET
    override_end_date_check: Annotated[Sent[bool], About("whether override_end_date is used")] = (
        UNSET
    )
    erp_integrated: Annotated[Sent[bool], About("whether the accounting integration uses it")] = (
        UNSET
    )
    latitude: Annotated[Sent[Decimal], About("degrees north")] = UNSET
    longitude: Annotated[Sent[Decimal], About("degrees east")] = UNSET
    enable_copy_of_standard_cost_codes: Annotated[
        Sent[bool], About("copy the default standard cost codes into it")
    ] = UNSET
    estimated_budget: Annotated[Sent[Decimal], About("estimated budget")] = UNSET
    priority: Annotated[Sent[str], About("priority", values=PRIORITIES)] = UNSET
    currency_configuration: Annotated[Sent[CurrencyInput], About("its currency")] = UNSET


@attrs.frozen(kw_only=True)
class ProjectUpdate(ProjectInput):
    """What ``PATCH /rest/v1.0/projects/{id}`` takes.

    Source: Procore API reference, Projects (update).
    """

    county: Annotated[Sent[str], About("county")] = UNSET
    locale: Annotated[Sent[str], About("language")] = UNSET
    parent_job_id: Annotated[Sent[ProjectId], About("project above it")] = UNSET
    origin_code: Annotated[Sent[str], About("external code")] = UNSET
    erp_integrated: Annotated[Sent[bool], About("whether the accounting integration uses it")] = (
        UNSET
    )
    standard_cost_code_list_id: Annotated[
        Sent[StandardCostCodeListId], About("list of standard cost codes it uses")
    ] = UNSET
    fax: Annotated[Sent[str], About("fax")] = UNSET
    custom_fields: Annotated[
        Sent[CustomFieldsInput],
        About("values of custom fields by their id", wire=CUSTOM_FIELD_KEYS),
    ] = UNSET
