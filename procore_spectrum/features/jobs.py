"""Jobs of Spectrum become projects of Procore.

A job and its master job are a project each; Procore's sub jobs are not used. Only jobs that are
new since the connection are taken by themselves. A job in progress is held with the evidence
until somebody takes it on, and a project with the same number is proposed for linking.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from procore_spectrum.errors import Violation
from procore_spectrum.features.exporting import being_exported
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.job_exports import JOB, PHASE, job_exports, missing_project
from procore_spectrum.features.keys import key_of_origin, ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import check_limits, job_to_project
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.diff import Absent, Draft, FieldRule, KindRules, Owner
from procore_spectrum.plan.records import Candidate, Desired, Observed

__all__ = ["JOBS", "PROJECT"]

PROJECT = KindRules(
    kind="project",
    fields=(
        FieldRule("name", Owner.SOURCE, "job description"),
        FieldRule("project_number", Owner.SOURCE, "job number"),
        FieldRule("address", Owner.SOURCE, "both address lines"),
        FieldRule("city", Owner.SOURCE, "city"),
        FieldRule("state_code", Owner.SOURCE, "state"),
        FieldRule("zip", Owner.SOURCE, "ZIP code"),
        FieldRule("country_code", Owner.TARGET, "country, from the settings"),
        FieldRule("start_date", Owner.SOURCE, "start"),
        FieldRule("completion_date", Owner.SOURCE, "completion"),
        FieldRule("total_value", Owner.SOURCE, "original contract, if chosen"),
        FieldRule("estimated_value", Owner.SOURCE, "original contract, if chosen"),
        FieldRule("project_stage_id", Owner.SHARED, "stage by job status, if chosen"),
        FieldRule("time_zone", Owner.TARGET, "time zone, from the settings"),
        FieldRule("project_template_id", Owner.TARGET, "project template, from the settings"),
        FieldRule("origin_id", Owner.KEY, "our key"),
    ),
    absent=Absent.HOLD,
    active_field=("active", True, False),
    create_inactive=True,
)


def drafts(world: World) -> Iterator[Draft]:
    """All wanted jobs against all projects."""
    jobs, projects = world.jobs(), world.projects()
    code = world.company.spectrum_company_code
    observed = tuple(_observed(project, code) for project in projects.items)
    rows = [row for row in world.rows(PROJECT.kind) if not world.ignores(row.ref)]
    known = {row.ref.key for row in rows} | {seen.key for seen in observed if seen.key}
    free: dict[str, list[Observed]] = {}
    for seen in observed:
        if seen.key is None:
            free.setdefault(_number(seen.fields.get("project_number")), []).append(seen)
    linked = {row.ref.key for row in rows}
    exported: frozenset[str] = frozenset()
    if world.settings.jobs.export:
        taken = {row.target_id for row in rows}
        unmarked = {seen.target_id for seen in observed if seen.key is None and seen.active}
        exported = being_exported(world, JOB.kind, "job_number", unmarked - taken)
    world.read_phases(job.job_number for job in jobs.items if _is_doubtful(world, job, known))
    desired = [
        _desired(world, job, known=known, free=free)
        for job in (*jobs.items, *_completed(world, jobs.items, linked))
        if world.wants_job(job.job_number) and job.job_number not in exported
    ]
    numbers = {wish.ref for wish in desired}
    yield Draft(
        feature="jobs",
        rules=PROJECT,
        desired=tuple(desired),
        observed=observed,
        rows=tuple(row for row in rows if world.only_jobs is None or row.ref in numbers),
        source_complete=jobs.complete,
        target_complete=projects.complete,
    )


def _desired(
    world: World, job: spectrum.Job, *, known: set[str], free: dict[str, list[Observed]]
) -> Desired:
    name = ref(PROJECT.kind, job.job_number)
    decision = world.decisions.get(name)
    choice = decision.choice if decision else ""
    mapped = job_to_project(
        job,
        company_code=world.company.spectrum_company_code,
        settings=world.settings.jobs.mapping,
    )
    world.remark("jobs", name, mapped.notes)
    active = mapped.fields.get("active") is not False
    fields = {path: value for path, value in mapped.fields.items() if path != "active"}
    hold: Violation | None = None
    candidates: tuple[Candidate, ...] = ()
    if _is_doubtful(world, job, known):
        hold = _in_progress(world, job)
    if name.key not in known and choice not in {"link", "create"}:
        candidates = _same_number(free.get(_number(job.job_number), []))
    return Desired(
        ref=name,
        title=str(mapped.fields.get("name") or ""),
        fields=fields,
        active=active,
        target_id=decision.target_id if decision and choice == "link" else None,
        # A number beyond Spectrum's own limit could never be written back.
        violations=mapped.violations + check_limits(spectrum.Job, {"job_number": job.job_number}),
        hold=hold,
        candidates=candidates,
    )


def _completed(
    world: World, listed: tuple[spectrum.Job, ...], linked: set[str]
) -> Iterator[spectrum.Job]:
    """Linked jobs that left the usual listing because they were completed meanwhile."""
    missing = linked - {ref(PROJECT.kind, job.job_number).key for job in listed}
    if missing and not world.settings.jobs.include_complete:
        for job in world.complete_jobs().items:
            if ref(PROJECT.kind, job.job_number).key in missing:
                yield job


def _is_doubtful(world: World, job: spectrum.Job, known: set[str]) -> bool:
    """Whether the job's costs have to be looked at to know if it is in progress."""
    name = ref(PROJECT.kind, job.job_number)
    decision = world.decisions.get(name)
    # Who says what the job is in Procore takes it on: of one record only the last decision counts.
    decided = decision is not None and decision.choice in {"take_on", "link", "create"}
    settings = world.settings.jobs
    taken = settings.in_progress == "take" or job.job_number in settings.take_on
    return world.wants_job(job.job_number) and not (name.key in known or decided or taken)


def _in_progress(world: World, job: spectrum.Job) -> Violation | None:
    evidence = list(_evidence(world, job, world.settings.jobs.connected_on))
    if not evidence:
        return None
    return Violation(
        code="in-progress",
        message=f"the job is in progress: {', '.join(evidence)}",
        hint="take it on explicitly if Procore shall follow it from here",
    )


def _evidence(world: World, job: spectrum.Job, connected_on: date | None) -> Iterator[str]:
    if connected_on and job.create_date and job.create_date < connected_on:
        yield f"created on {job.create_date}, before the connection on {connected_on}"
    phases = world.phases(job.job_number).items
    cost = sum((phase.jtd_actual_dollars or Decimal(0) for phase in phases), Decimal(0))
    busy = [phase for phase in phases if phase.jtd_actual_dollars]
    if busy:
        yield f"job-to-date cost of {cost:,f} on {len(busy)} phase and cost type pairs"


def _same_number(found: list[Observed]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            target_id=seen.target_id,
            title=seen.title,
            score=100,
            evidence=("same project number",),
        )
        for seen in found
    )


def _number(value: object) -> str:
    return str(value or "").strip().casefold()


def _observed(project: procore.Project, company_code: str) -> Observed:
    fields = {rule.path: getattr(project, rule.path, None) for rule in PROJECT.fields}
    if project.project_stage is not None:
        # The listing has no project_stage_id, only the stage itself.
        fields["project_stage_id"] = project.project_stage.id
    return Observed(
        kind=PROJECT.kind,
        target_id=str(project.id),
        title=project.name or "",
        fields=fields,
        key=key_of_origin(project.origin_id, "job", company_code),
        active=project.active is not False,
    )


JOBS = Feature(
    name="jobs",
    title="jobs to projects",
    kinds=(JOB, PHASE, PROJECT),
    drafts=drafts,
    exports=job_exports,
    missing=missing_project,
    services=("GetJob", "GetJobMain", "GetJobDates", "GetPhase"),
    writing_services=("AddJob", "AddPhase"),
    endpoints=("project",),
)
