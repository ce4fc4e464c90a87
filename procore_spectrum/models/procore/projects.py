"""Projects as they are read.

Source: Procore API reference, Projects (list versions 1.0 and 1.1, show, create, update, sync)
and Project Templates; documentation pages ``date-time`` and ``country-codes``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    ImageId,
    OfficeId,
    ProjectBidTypeId,
    ProjectId,
    ProjectOwnerTypeId,
    ProjectRegionId,
    ProjectSectorId,
    ProjectStageId,
    ProjectTemplateId,
    StandardCostCodeListId,
)
from procore_spectrum.models.procore.shared import CustomFields, Login, NamedRef

__all__ = [
    "DELIVERY_METHODS",
    "FLAGS",
    "PRIORITIES",
    "WORK_SCOPES",
    "Logo",
    "Office",
    "PersistentMessage",
    "Project",
    "ProjectTemplate",
]

#: Traffic lights of a project.
FLAGS = ("Red", "Yellow", "Green")

#: Priorities of a project.
PRIORITIES = ("low", "medium", "high")

#: What is built.
WORK_SCOPES = ("new_construction", "renovation_alteration", "maintenance_service")

#: How the work is contracted.
DELIVERY_METHODS = (
    "construction_management_at_risk_cmar",
    "construction_manager_as_agent_owners_rep",
    "design_bid_build_dbb",
    "design_build_db",
    "indefinite_delivery_indefinite_quantity_idiq",
    "integrated_project_delivery",
    "multi_prime",
    "public_private_partnership_p3",
    "other",
)


@attrs.frozen(kw_only=True)
class ProjectTemplate:
    """A template from which projects are made: ``GET /rest/v1.0/project_templates``.

    Source: Procore API reference, Project Templates.
    """

    id: Annotated[ProjectTemplateId, About("id of the template")]
    name: Annotated[str | None, About("its name")] = None


@attrs.frozen(kw_only=True)
class Logo:
    """A picture of an office."""

    id: Annotated[int, About("id of the picture")]
    name: Annotated[str | None, About("its name")] = None
    url: Annotated[str | None, About("its address")] = None


@attrs.frozen(kw_only=True)
class Office:
    """An office of the company. Short answers hold its id and name only."""

    id: Annotated[OfficeId, About("id of the office")]
    name: Annotated[str | None, About("its name")] = None
    address: Annotated[str | None, About("street and house number")] = None
    city: Annotated[str | None, About("city")] = None
    state_code: Annotated[str | None, About("state, ISO 3166-2 subdivision, upper case")] = None
    country_code: Annotated[str | None, About("country, ISO 3166 alpha-2, upper case")] = None
    zip: Annotated[str | None, About("postal code")] = None
    phone: Annotated[str | None, About("telephone")] = None
    fax: Annotated[str | None, About("fax")] = None
    division: Annotated[str | None, About("division of the company")] = None
    logo: Annotated[Logo | None, About("its logo")] = None


@attrs.frozen(kw_only=True)
class PersistentMessage:
    """A message that everybody sees on the project's pages."""

    title: Annotated[str | None, About("headline")] = None
    message: Annotated[str | None, About("text")] = None


@attrs.frozen(kw_only=True)
class Project:
    """A project: ``/rest/v1.0/projects``, ``/rest/v1.1/projects`` and what sync answers.

    One class serves all versions and views; what a view leaves out is None or empty. Money is in
    the project's currency.

    Source: Procore API reference, Projects.
    """

    id: Annotated[ProjectId, About("id of the project")]
    name: Annotated[str | None, About("its name")] = None
    display_name: Annotated[str | None, About("number and name as shown to users")] = None
    project_number: Annotated[str | None, About("its number")] = None
    code: Annotated[str | None, About("its code")] = None
    description: Annotated[str | None, About("its description")] = None
    active: Annotated[bool | None, About("whether it is active")] = None
    is_demo: Annotated[bool | None, About("whether it is for practice only")] = None
    template: Annotated[bool | None, About("whether it is a template")] = None
    is_erp_integrated: Annotated[
        bool | None, About("whether an accounting integration has linked it")
    ] = None
    address: Annotated[str | None, About("street and house number")] = None
    city: Annotated[str | None, About("city")] = None
    state_code: Annotated[str | None, About("state, ISO 3166-2 subdivision, upper case")] = None
    country_code: Annotated[str | None, About("country, ISO 3166 alpha-2, upper case")] = None
    zip: Annotated[str | None, About("postal code")] = None
    county: Annotated[str | None, About("county")] = None
    time_zone: Annotated[
        str | None, About("time zone by Procore's own name, such as US/Pacific")
    ] = None
    tz_name: Annotated[str | None, About("time zone by the name of the tz database")] = None
    latitude: Annotated[Decimal | None, About("degrees north")] = None
    longitude: Annotated[Decimal | None, About("degrees east")] = None
    phone: Annotated[str | None, About("telephone")] = None
    fax: Annotated[str | None, About("fax")] = None
    start_date: Annotated[date | None, About("when the contract was signed")] = None
    completion_date: Annotated[date | None, About("substantial completion")] = None
    actual_start_date: Annotated[date | None, About("when work began")] = None
    projected_finish_date: Annotated[date | None, About("expected end")] = None
    estimated_start_date: Annotated[date | None, About("older name of start_date")] = None
    estimated_completion_date: Annotated[date | None, About("older name of completion_date")] = None
    warranty_start_date: Annotated[date | None, About("begin of the warranty")] = None
    warranty_end_date: Annotated[date | None, About("end of the warranty")] = None
    total_value: Annotated[Decimal | None, About("amount of the construction work")] = None
    estimated_value: Annotated[Decimal | None, About("older name of total_value")] = None
    estimated_budget: Annotated[Decimal | None, About("estimated budget")] = None
    square_feet: Annotated[int | None, About("area in square feet")] = None
    flag: Annotated[str | None, About("traffic light", values=FLAGS)] = None
    priority: Annotated[str | None, About("priority", values=PRIORITIES)] = None
    sector: Annotated[str | None, About("sector, one of 164 codes")] = None
    work_scope: Annotated[str | None, About("what is built", values=WORK_SCOPES)] = None
    delivery_method: Annotated[
        str | None, About("how the work is contracted", values=DELIVERY_METHODS)
    ] = None
    stage: Annotated[str | None, About("name of the stage (list, version 1.0)")] = None
    public_notes: Annotated[str | None, About("notes that everybody may read")] = None
    persistent_message: Annotated[
        PersistentMessage | None, About("message shown on the project's pages")
    ] = None
    store_number: Annotated[str | None, About("number of the store that is built")] = None
    accounting_project_number: Annotated[str | None, About("number in the accounting system")] = (
        None
    )
    designated_market_area: Annotated[str | None, About("market area")] = None
    locale: Annotated[str | None, About("language")] = None
    dictionary_type: Annotated[str | None, About("wording used for the tools")] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[str | None, About("free text of the integration")] = None
    origin_code: Annotated[str | None, About("external code")] = None
    parent_job_id: Annotated[ProjectId | None, About("project above it")] = None
    parent_job: Annotated[NamedRef | None, About("project above it, with its name")] = None
    owners_project_id: Annotated[
        ProjectId | None, About("project of the owner to which it is linked")
    ] = None
    from_project_template_id: Annotated[
        ProjectTemplateId | None, About("template it was made from")
    ] = None
    project_template: Annotated[
        NamedRef | None, About("template it was made from, with its name")
    ] = None
    standard_cost_code_list_id: Annotated[
        StandardCostCodeListId | None, About("list of standard cost codes it uses")
    ] = None
    office: Annotated[Office | None, About("office in charge")] = None
    company: Annotated[NamedRef | None, About("company it belongs to")] = None
    created_by: Annotated[Login | None, About("who made it")] = None
    program: Annotated[NamedRef | None, About("programme it belongs to")] = None
    departments: Annotated[tuple[NamedRef, ...], About("departments in charge")] = ()
    project_bid_type_id: Annotated[ProjectBidTypeId | None, About("kind of bid")] = None
    project_bid_type: Annotated[NamedRef | None, About("kind of bid, with its name")] = None
    project_owner_type_id: Annotated[ProjectOwnerTypeId | None, About("kind of owner")] = None
    project_owner_type: Annotated[NamedRef | None, About("kind of owner, with its name")] = None
    project_region_id: Annotated[ProjectRegionId | None, About("region")] = None
    project_region: Annotated[NamedRef | None, About("region, with its name")] = None
    project_stage_id: Annotated[ProjectStageId | None, About("stage")] = None
    project_stage: Annotated[NamedRef | None, About("stage, with its name")] = None
    project_type: Annotated[NamedRef | None, About("kind of project")] = None
    project_sector_id: Annotated[ProjectSectorId | None, About("sector, by id")] = None
    photo_id: Annotated[ImageId | None, About("picture")] = None
    photo_url: Annotated[str | None, About("address of the picture")] = None
    logo_id: Annotated[ImageId | None, About("logo")] = None
    logo_url: Annotated[str | None, About("address of the logo")] = None
    inbound_email: Annotated[str | None, About("name part of the project's e-mail address")] = None
    inbound_email_address: Annotated[str | None, About("the project's e-mail address")] = None
    custom_fields: Annotated[CustomFields | None, About("custom fields by their key")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
