"""A Procore project as a new Spectrum job."""

from __future__ import annotations

from typing import Literal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean, fitting, phone_digits
from procore_spectrum.models.procore import Project
from procore_spectrum.models.spectrum import Job, JobCreate
from procore_spectrum.models.values import FieldValue

__all__ = ["JobExportMapping", "project_to_job"]

_FROM_TEMPLATE = ("division", "cost_center", "customer_code", "price_method_code")


@attrs.frozen(kw_only=True)
class JobExportMapping:
    """Choices for new jobs.

    Args:
        template_job: number of the job from which division, cost centre, customer and price
            method are taken, as in the official connector.
        taxable: whether new jobs are taxable. Spectrum demands it and no service reads it, so
            without a choice nothing is exported.
        long_text: what happens to a text that is too long: ``"hold"`` or ``"shorten"``.
    """

    template_job: str = ""
    taxable: Literal["Y", "N", ""] = ""
    long_text: Literal["hold", "shorten"] = "hold"


def project_to_job(
    project: Project, *, template: Job | None, settings: JobExportMapping | None = None
) -> Mapped:
    """The job that this project would be, without the number that accounting gives.

    Keys are attributes of ``JobCreate``.

    Args:
        project: as read from Procore.
        template: the template job; None when there is none.
        settings: choices; the defaults when None.
    """
    settings = settings or JobExportMapping()
    how, notes = settings.long_text, list[Violation]()
    copied = {name: getattr(template, name, None) or None for name in _FROM_TEMPLATE}
    fields: dict[str, FieldValue] = {
        "job_description": fitting(clean(project.name), 25, "job_description", how, notes) or None,
        "address_1": fitting(clean(project.address), 30, "address_1", how, notes) or None,
        "city": fitting(clean(project.city), 25, "city", how, notes) or None,
        "state": clean(project.state_code) or None,
        "zip_code": clean(project.zip) or None,
        "phone": phone_digits(project.phone) or None,
        "est_start_date": project.start_date,
        "est_complete_date": project.completion_date,
        "taxable_flag": {"Y": True, "N": False}.get(settings.taxable),
        **copied,
    }
    violations = [*check_limits(JobCreate, fields), *_faults(project, template, settings)]
    violations += [
        _missing(name, f"the template job has no {name.replace('_', ' ')}")
        for name in ("division", "customer_code", "price_method_code")
        if template is not None and not copied[name]
    ]
    return Mapped(fields=fields, violations=tuple(violations), notes=tuple(notes))


def _faults(project: Project, template: Job | None, settings: JobExportMapping) -> list[Violation]:
    found = []
    if not clean(project.name):
        found.append(_missing("job_description", "the project has no name"))
    if template is None:
        found.append(
            _missing(
                "template_job",
                f"the template job {settings.template_job or '(none set)'} is not in Spectrum",
            )
        )
    if not settings.taxable:
        found.append(_missing("taxable_flag", "whether new jobs are taxable is not set"))
    start, end = project.start_date, project.completion_date
    if start and end and end < start:
        found.append(
            Violation(
                code="dates-reversed",
                message=f"completion on {end} lies before the start on {start}",
                path="est_complete_date",
                hint="correct the dates of the project in Procore",
            )
        )
    return found


def _missing(path: str, message: str) -> Violation:
    return Violation(
        code="required", message=message, path=path, hint="see the settings of job exports"
    )
