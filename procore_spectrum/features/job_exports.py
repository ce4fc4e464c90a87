"""Projects of Procore that Spectrum lacks become new jobs, with their codes as phases.

Division, cost centre, customer and price method come from a template job, and accounting gives
the job number. Once Spectrum has the job, the project carries its key, and from then on the job
is imported like any other. Codes that are added later are proposed as an update; a description
that Spectrum has already is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from procore_spectrum.errors import InvalidValueError, Violation
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import check_limits, join_key, keyed_origin, project_to_job, split_key
from procore_spectrum.models import procore
from procore_spectrum.models.spectrum import Job, PhaseUpsert
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields, Value

__all__ = ["JOB", "PHASE", "job_exports"]

JOB = KindRules(
    kind="job",
    fields=(
        FieldRule("job_number", Owner.TARGET, "given by accounting"),
        FieldRule("job_description", Owner.TARGET, "name"),
        FieldRule("address_1", Owner.TARGET, "address"),
        FieldRule("city", Owner.TARGET, "city"),
        FieldRule("state", Owner.TARGET, "state"),
        FieldRule("zip_code", Owner.TARGET, "ZIP code"),
        FieldRule("phone", Owner.TARGET, "telephone"),
        FieldRule("est_start_date", Owner.TARGET, "start"),
        FieldRule("est_complete_date", Owner.TARGET, "completion"),
        FieldRule("division", Owner.TARGET, "of the template job"),
        FieldRule("cost_center", Owner.TARGET, "of the template job"),
        FieldRule("customer_code", Owner.TARGET, "of the template job"),
        FieldRule("price_method_code", Owner.TARGET, "of the template job"),
        FieldRule("taxable_flag", Owner.TARGET, "from the settings"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

PHASE = KindRules(
    kind="phase",
    fields=(
        FieldRule("phase_code", Owner.TARGET, "cost code"),
        FieldRule("cost_type", Owner.TARGET, "category"),
        FieldRule("description", Owner.TARGET, "name, unless Spectrum has one"),
        FieldRule("price_method_code", Owner.TARGET, "as the job"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)


def job_exports(world: World) -> Iterator[ExportDraft]:
    """Every active project without a job, and every job that was made from a project."""
    if not world.settings.jobs.export:
        return
    linked = {row.target_id: row for row in world.rows("project")}
    begun = {row.ref.key: row for row in world.rows(JOB.kind)}
    suggested = world.suggested("project")
    numbers = {str(job.job_number) for job in world.complete_jobs().items}
    template = _template(world)
    for project in world.projects().items:
        key = str(project.id)
        new = key not in linked and key not in suggested and not project.origin_id
        if project.active is not False and (key in begun or new):
            yield _Export(world, project, template).draft(begun.get(key), linked.get(key), numbers)


def _template(world: World) -> Job | None:
    wanted = world.settings.jobs.export_mapping.template_job
    jobs = (job for job in world.complete_jobs().items if job.job_number == wanted)
    return next(jobs, None)


class _Export:
    """One project on its way."""

    def __init__(self, world: World, project: procore.Project, template: Job | None) -> None:
        self._world = world
        self._project = project
        self._key = str(project.id)
        self._mask = world.settings.cost_codes.phase_mask
        self._mapped = project_to_job(
            project, template=template, settings=world.settings.jobs.export_mapping
        )

    def draft(
        self, begun: CrosswalkRow | None, linked: CrosswalkRow | None, numbers: set[str]
    ) -> ExportDraft:
        job = split_key(begun.target_id)[0] if begun else ""
        pairs, faults = self._pairs(job)
        document = Document(
            ref=ref("project_export", self._key),
            feature="jobs",
            title=self._project.name or self._key,
            fields=self._mapped.fields,
            lines=tuple(pairs),
            needs=(self._number(),),
            violations=self._mapped.violations + tuple(faults),
        )
        approval = self._world.approval(document.ref)
        given = document.completed(approval.given if approval else {})
        number = str(given["job_number"] or "")
        header = ExportRecord(
            ref=ref(JOB.kind, self._key),
            title=f"job {number or '(number not given yet)'}",
            fields=given,
            natural_key=number,
            settled=frozenset(given),
        )
        rows: dict[Ref, CrosswalkRow] = {row.ref: row for row in (begun, linked) if row}
        rows |= {
            row.ref: row
            for row in self._world.rows(PHASE.kind)
            if split_key(row.ref.key)[0] == self._key
        }
        return ExportDraft(
            document=document,
            records=(header, *self._phases(pairs, number)),
            marks=(self._mark(number),) if number else (),
            rows=rows,
            seen=None if begun else {known: {} for known in numbers},
            partition=number,
            extendable=True,
        )

    def _number(self) -> Need:
        proposal = (self._project.project_number or "").strip()
        return Need(
            name="job_number",
            meaning="job number",
            length=10,
            proposal=proposal if 0 < len(proposal) <= 10 else None,
            space="job",
            characters="number",
        )

    def _pairs(self, job: str) -> tuple[list[dict[str, Value]], list[Violation]]:
        """The project's budget codes as phases that the job lacks."""
        rows = self._world.phases(job).items if job else ()
        there: dict[str, str | None] = {row.phase_code: row.description for row in rows}
        known = {(str(row.phase_code), str(row.cost_type)) for row in rows}
        ours = {
            split_key(row.target_id)[1:]
            for row in self._world.rows(PHASE.kind)
            if split_key(row.ref.key)[0] == self._key
        }
        found: list[dict[str, Value]] = []
        faults: list[Violation] = []
        for code in self._world.wbs_codes(self._key).items:
            parts = {p.segment.type: p for p in code.segment_items if p.segment}
            item, category = parts.get("cost_code"), parts.get("line_item_type")
            if item is None or category is None or code.status == "inactive":
                continue
            try:
                phase = self._mask.join(item.path_codes)
            except InvalidValueError as error:
                faults += [*error.violations]
                continue
            pair = (phase, category.code or "")
            if pair in known and pair not in ours:
                continue
            fields: dict[str, Value] = {
                "phase_code": phase,
                "cost_type": pair[1] or None,
                "description": there.get(phase) or item.name,
                "price_method_code": "J",
            }
            faults += check_limits(PhaseUpsert, fields)
            found.append(fields)
        return found, faults

    def _phases(self, pairs: list[dict[str, Value]], number: str) -> Iterator[ExportRecord]:
        for fields in pairs:
            pair = (str(fields["phase_code"]), str(fields["cost_type"] or ""))
            everything: Fields = {"job_number": number or None, **fields}
            yield ExportRecord(
                ref=ref(PHASE.kind, self._key, *pair),
                title=" ".join(pair),
                fields=everything,
                natural_key=join_key(number, *pair),
                parent=ref(JOB.kind, self._key),
                settled=frozenset(everything),
            )

    def _mark(self, number: str) -> ExportMark:
        company = self._world.company.spectrum_company_code
        return ExportMark(
            ref=ref("project", number),
            target_id=self._key,
            fields={"origin_id": keyed_origin("job", company, number)},
        )
