"""Projects and their templates.

Source: Procore API reference, Projects and Project Templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from procore_spectrum.models.ids import ProcoreCompanyId, ProjectId
from procore_spectrum.models.procore import (
    Project,
    ProjectCreate,
    ProjectSyncItem,
    ProjectTemplate,
    ProjectUpdate,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.convert import to_json
from procore_spectrum.procore.endpoints.parameters import (
    V1_PAGE,
    V11_PROJECTS_PAGE,
    Between,
    many,
    one,
    query,
)
from procore_spectrum.procore.endpoints.syncing import SyncResult, sync_call

__all__ = [
    "ProjectStatus",
    "create_project",
    "get_project",
    "list_project_templates",
    "list_projects",
    "list_projects_v11",
    "sync_projects",
    "update_project",
]

ProjectStatus: TypeAlias = Literal["All", "Active", "Inactive"]


def list_projects(
    company_id: ProcoreCompanyId,
    *,
    by_status: ProjectStatus | None = None,
    origin_id: str | None = None,
    name: str | None = None,
    synced: bool | None = None,
    updated_at: Between | None = None,
) -> PagedCall[Project]:
    """``GET /rest/v1.0/projects``.

    Only active projects unless ``by_status`` says otherwise; only the caller's own unless it
    administers the company.
    """
    return PagedCall(
        name="list projects",
        path="/rest/v1.0/projects",
        query=query(
            company_id=company_id,
            filter_by_status=by_status,
            filter_origin_id=origin_id,
            filter_name=name,
            filter_synced=synced,
            filter_updated_at=updated_at,
        ),
        parse=many(Project),
        per_page=V1_PAGE,
    )


def list_projects_v11(
    company_id: ProcoreCompanyId,
    *,
    view: Literal["compact", "normal", "extended"] = "extended",
    by_status: ProjectStatus | None = None,
    origin_id: str | None = None,
    project_number: str | None = None,
    synced: bool | None = None,
    template: bool | None = None,
    updated_at: Between | None = None,
) -> PagedCall[Project]:
    """``GET /rest/v1.1/projects``: more fields and filters, at most 300 projects in a page.

    The extended view lacks ``is_erp_integrated``, ``code``, ``sector`` and a few others.
    """
    return PagedCall(
        name="list projects",
        path="/rest/v1.1/projects",
        query=query(
            company_id=company_id,
            view=view,
            filter_by_status=by_status,
            filter_origin_id=origin_id,
            filter_project_number=project_number,
            filter_synced=synced,
            filter_template=template,
            filter_updated_at=updated_at,
        ),
        parse=many(Project),
        per_page=V11_PROJECTS_PAGE,
    )


def get_project(company_id: ProcoreCompanyId, project_id: ProjectId) -> Call[Project]:
    """``GET /rest/v1.0/projects/{id}``."""
    return Call(
        name="get project",
        path=f"/rest/v1.0/projects/{project_id}",
        query=query(company_id=company_id),
        parse=one(Project),
    )


def create_project(
    company_id: ProcoreCompanyId,
    project: ProjectCreate,
    *,
    run_configurable_validations: bool = False,
) -> Call[Project]:
    """``POST /rest/v1.0/projects``; sending it twice makes two projects.

    Procore asks to create more than 300 projects between 17:00 and 07:00 Pacific time only.
    """
    return Call(
        name="create project",
        method="POST",
        path="/rest/v1.0/projects",
        query=query(run_configurable_validations=run_configurable_validations or None),
        body={"company_id": company_id, "project": to_json(project)},
        parse=one(Project),
    )


def update_project(
    company_id: ProcoreCompanyId,
    project_id: ProjectId,
    project: ProjectUpdate,
    *,
    run_configurable_validations: bool = False,
) -> Call[Project]:
    """``PATCH /rest/v1.0/projects/{id}``."""
    return Call(
        name="update project",
        method="PATCH",
        path=f"/rest/v1.0/projects/{project_id}",
        query=query(run_configurable_validations=run_configurable_validations or None),
        body={"company_id": company_id, "project": to_json(project)},
        parse=one(Project),
        repeatable=True,
    )


def sync_projects(
    company_id: ProcoreCompanyId,
    updates: Sequence[ProjectSyncItem],
    *,
    run_configurable_validations: bool = False,
) -> Call[SyncResult[Project]]:
    """``PATCH /rest/v1.0/projects/sync``: upsert up to 1,000 projects; creating is slow.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync projects",
        path="/rest/v1.0/projects/sync",
        model=Project,
        updates=updates,
        body={"company_id": company_id},
        query=query(run_configurable_validations=run_configurable_validations or None),
    )


def list_project_templates(company_id: ProcoreCompanyId) -> PagedCall[ProjectTemplate]:
    """``GET /rest/v1.0/project_templates``."""
    return PagedCall(
        name="list project templates",
        path="/rest/v1.0/project_templates",
        query=query(company_id=company_id),
        parse=many(ProjectTemplate),
        per_page=V1_PAGE,
    )
