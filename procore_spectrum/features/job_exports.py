"""Projects of Procore that Spectrum lacks become new jobs, with their codes as phases.

Division, cost centre, customer and price method come from a template job, and accounting gives
the job number. Once Spectrum has the job, the project carries its key, and from then on the job
is imported like any other. Codes that are added later are proposed as an update; a description
that Spectrum has already is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from procore_spectrum.errors import InvalidValueError, Violation
from procore_spectrum.features.exporting import Begun, doubts_of, is_closing
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

__all__ = ["JOB", "PHASE", "job_exports", "missing_project"]

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
    """Every active project without a job, and every job that was made from a project.

    A run that is limited to some jobs is about no project that has none yet.
    """
    if not world.settings.jobs.export:
        return
    linked = {row.target_id: row for row in world.rows("project")}
    begun = {row.ref.key: row for row in world.rows(JOB.kind)}
    doubts = doubts_of(world, (JOB.kind, PHASE.kind))
    suggested = world.suggested("project")
    numbers = {str(job.job_number) for job in world.complete_jobs().items}
    template = _template(world)
    for project in world.projects().items:
        key = str(project.id)
        made = begun.get(key)
        if not (world.wants_job(made.target_id) if made else world.only_jobs is None):
            continue
        new = key not in linked and key not in suggested and not project.origin_id
        if project.active is not False and (key in begun or key in doubts or new):
            rows = {row.ref: row for row in (made, linked.get(key)) if row is not None}
            yield _Export(world, project, template, rows, doubts.get(key, {})).draft(numbers)


def missing_project(world: World, document: Document) -> str:
    """Why a project that waits cannot become a job any more."""
    if not world.settings.jobs.export:
        return "projects are no longer exported"
    if world.only_jobs is not None:
        return ""
    key = document.ref.key
    project = next((item for item in world.projects().items if str(item.id) == key), None)
    if project is None:
        return "Procore no longer lists it" if world.projects().complete else ""
    if project.active is False:
        return "the project is inactive"
    if key in world.suggested("project"):
        return "it resembles a job that Spectrum has"
    linked = any(row.target_id == key for row in world.rows("project"))
    return "it is linked with a job" if linked else "another integration keeps it"


def _template(world: World) -> Job | None:
    wanted = world.settings.jobs.export_mapping.template_job
    jobs = (job for job in world.complete_jobs().items if job.job_number == wanted)
    return next(jobs, None)


class _Export:
    """One project on its way."""

    def __init__(
        self,
        world: World,
        project: procore.Project,
        template: Job | None,
        rows: Mapping[Ref, CrosswalkRow],
        doubts: Mapping[Ref, Fields],
    ) -> None:
        self._world = world
        self._project = project
        self._key = str(project.id)
        self._job = ref(JOB.kind, self._key)
        self._phase_rows = {
            row.ref: row for row in world.rows(PHASE.kind) if split_key(row.ref.key)[0] == self._key
        }
        self._rows = {**rows, **self._phase_rows}
        self._doubts = doubts
        made = rows.get(self._job)
        self._written = made.target_id if made else Begun(doubts=doubts).written("job_number")
        self._mask = world.settings.cost_codes.phase_mask
        self._mapped = project_to_job(
            project, template=template, settings=world.settings.jobs.export_mapping
        )

    def draft(self, numbers: set[str]) -> ExportDraft:
        pairs, faults = self._pairs()
        # The header is written once: what is wrong with it later keeps no phase back.
        header_faults = () if self._job in self._rows else self._mapped.violations
        document = Document(
            ref=ref("project_export", self._key),
            feature="jobs",
            title=self._project.name or self._key,
            fields=self._mapped.fields,
            lines=tuple(pairs),
            needs=(self._number(),),
            violations=(*header_faults, *faults),
            warnings=self._mapped.notes,
        )
        approval = self._world.approval(document.ref)
        given = document.completed(approval.given if approval else {})
        if self._written is not None:
            given["job_number"] = self._written
        number = str(given["job_number"] or "")
        header = ExportRecord(
            ref=self._job,
            title=f"job {number or '(number not given yet)'}",
            fields=given,
            natural_key=number,
            key=("job_number",),
            settled=frozenset(given),
        )
        return ExportDraft(
            document=document,
            records=(header, *self._phases(pairs, number)),
            marks=(self._mark(number),) if number else (),
            rows=self._rows,
            doubts=self._doubts,
            seen=None if self._written is not None else {known: {} for known in numbers},
            partition=number,
            extendable=True,
            closing=is_closing(self._world, document.ref),
        )

    def _number(self) -> Need:
        proposal = str(self._written or (self._project.project_number or "").strip())
        return Need(
            name="job_number",
            meaning="job number",
            length=10,
            proposal=proposal if 0 < len(proposal) <= 10 else None,
            space="job",
            characters="number",
            fixed=self._written is not None,
        )

    def _pairs(self) -> tuple[list[dict[str, Value]], list[Violation]]:
        """The project's budget codes as phases, without those that the job has of others."""
        made = self._job in self._rows
        rows = self._world.phases(str(self._written)).items if made else ()
        there: dict[str, str | None] = {row.phase_code: row.description for row in rows}
        ours = {split_key(name.key)[1:] for name in (*self._phase_rows, *self._doubts)}
        done = {(str(row.phase_code), str(row.cost_type)) for row in rows} - ours
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
                faults += error.violations or [_misfit(error)]
                continue
            pair = (phase, category.code or "")
            if pair in done:
                continue
            done.add(pair)  # two budget codes may differ in a segment that Spectrum lacks
            fields: dict[str, Value] = {
                "phase_code": phase,
                "cost_type": pair[1] or None,
                "description": there.get(phase) or item.name,
                "price_method_code": "J",
            }
            faults += check_limits(PhaseUpsert, {**fields, "job_number": "any"}, required=True)
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
                parent=self._job,
                settled=frozenset(everything),
            )

    def _mark(self, number: str) -> ExportMark:
        company, name = self._world.company.spectrum_company_code, ref("project", number)
        fields: Fields = {"origin_id": keyed_origin("job", company, number)}
        # Once the job is imported, its link holds more; marking again must not look like a change.
        if name in self._rows:
            fields = self._rows[name].base
        return ExportMark(ref=name, target_id=self._key, fields=fields)


def _misfit(error: InvalidValueError) -> Violation:
    return Violation(
        code="phase-mask", message=error.message, path="phase_code", hint=error.hint or ""
    )
