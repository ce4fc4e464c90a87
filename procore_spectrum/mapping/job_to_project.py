"""A Spectrum job as a Procore project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.choices import one_of
from procore_spectrum.mapping.keys import key_text, keyed_origin, missing
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.places import PlaceMapping, place_fields
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import ProjectSyncItem
from procore_spectrum.models.spectrum import Job
from procore_spectrum.models.values import FieldValue

__all__ = ["JobDate", "JobMapping", "job_to_project"]

JobDate: TypeAlias = Literal[
    "create_date",
    "est_start_date",
    "start_date",
    "est_complete_date",
    "projected_complete_date",
    "complete_date",
]

_DATES = get_args(JobDate)


@attrs.frozen(kw_only=True)
class JobMapping:
    """Choices for jobs.

    Args:
        place: how addresses are translated.
        start_dates: where the start date comes from; the first of these dates that is set.
            The actual start, else the estimated one.
        completion_dates: the same for completion: projected, else estimated, else actual.
        active_by_status: which of Spectrum's job statuses (A active, I inactive, C complete)
            are active projects; by default only A.
        stage_ids: the id of the project stage by job status. Stages differ from one Procore
            company to the next, so by default the stage is not touched.
        contract_field: which field takes the job's original contract amount; by default none.
        template_id: the project template from which projects are made; by default none.
        time_zone: the time zone of all projects, by a name that Procore knows, such as
            ``US/Pacific``; by default it is not touched.

    Raises:
        ConfigurationError: a date or the contract field is not one of those possible.
    """

    place: PlaceMapping = attrs.field(factory=PlaceMapping)
    start_dates: tuple[JobDate, ...] = attrs.field(
        default=("start_date", "est_start_date"), validator=one_of(_DATES)
    )
    completion_dates: tuple[JobDate, ...] = attrs.field(
        default=("projected_complete_date", "est_complete_date", "complete_date"),
        validator=one_of(_DATES),
    )
    active_by_status: Mapping[str, bool] = attrs.field(
        factory=lambda: MappingProxyType({"A": True, "I": False, "C": False})
    )
    stage_ids: Mapping[str, int] = attrs.field(factory=lambda: MappingProxyType({}))
    contract_field: Literal["total_value", "estimated_value"] | None = attrs.field(
        default=None, validator=one_of(("total_value", "estimated_value", None))
    )
    template_id: int | None = None
    time_zone: str | None = None


def job_to_project(job: Job, *, company_code: str, settings: JobMapping | None = None) -> Mapped:
    """The project that this job should be; keys are attributes of ``ProjectSyncItem``.

    A field that the settings leave alone has no key.

    Args:
        job: as read from Spectrum.
        company_code: the Spectrum company it was read from.
        settings: choices; the defaults when None.

    Raises:
        InvalidValueError: a text of the job is not text.
    """
    settings = settings or JobMapping()
    number, status = key_text(job.job_number), key_text(job.status_code)
    place, violations = place_fields(job, settings.place)
    fields: dict[str, FieldValue] = {
        "name": clean(job.job_description) or number or None,
        "project_number": number or None,
        **place,
        "start_date": _first_date(job, settings.start_dates),
        "completion_date": _first_date(job, settings.completion_dates),
        "active": settings.active_by_status.get(status),
        "origin_id": keyed_origin("job", company_code, number),
        **dict(_optional(job, status, settings)),
    }
    found = [*violations]
    if not number:
        found.append(missing("project_number", "the job number"))
    if fields["active"] is None:
        found.append(_unknown_status(status))
    found += check_limits(ProjectSyncItem, fields)
    return Mapped(fields=fields, violations=tuple(found), notes=tuple(_notes(fields)))


def _optional(job: Job, status: str, settings: JobMapping) -> Iterator[tuple[str, FieldValue]]:
    if status in settings.stage_ids:
        yield "project_stage_id", settings.stage_ids[status]
    if settings.contract_field:
        yield settings.contract_field, job.original_contract
    if settings.template_id is not None:
        yield "project_template_id", settings.template_id
    if settings.time_zone:
        yield "time_zone", settings.time_zone


def _first_date(job: Job, names: tuple[JobDate, ...]) -> date | None:
    dates: Iterator[date | None] = (getattr(job, name) for name in names)
    return next((found for found in dates if found), None)


def _unknown_status(status: str) -> Violation:
    return Violation(
        code="unknown-status",
        message=f"the job status {status!r} is not in the table",
        path="active",
        hint="say in active_by_status whether such a job is an active project",
    )


def _notes(fields: Mapping[str, FieldValue]) -> Iterator[Violation]:
    start, end = fields["start_date"], fields["completion_date"]
    if isinstance(start, date) and isinstance(end, date) and end < start:
        yield Violation(
            code="dates-reversed",
            message=f"completion on {end} lies before the start on {start}",
            path="completion_date",
            hint="correct the dates of the job in Spectrum",
        )
