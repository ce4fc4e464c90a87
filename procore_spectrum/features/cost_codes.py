"""Phases of Spectrum become cost codes of Procore, cost types become categories.

Each pair of phase and cost type becomes a budget code (WBS code) of the job's project. Codes
are born in Spectrum and go one way. The company's standard list holds every phase seen on any
job, because Spectrum offers no service that reads its own standard phases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import attrs

from procore_spectrum.errors import (
    NotFoundError,
    NotPermittedError,
    ProcoreSpectrumError,
    Violation,
)
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.keys import ref
from procore_spectrum.features.masked import hold_unless_linked, without_another_mask
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    MappedCode,
    cost_type_to_category,
    find_collisions,
    origin_id,
    phase_parents,
    phase_to_cost_code,
    phase_to_wbs_code,
)
from procore_spectrum.models import procore, spectrum
from procore_spectrum.models.ids import CostCodeId, StandardCostCodeId
from procore_spectrum.plan.diff import Absent, Draft, FieldRule, KindRules, Owner
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.records import CrosswalkRow, Desired, Observed, Ref
from procore_spectrum.ports import Reading

__all__ = ["CATEGORY", "COST_CODE", "COST_CODES", "STANDARD_CODE", "STANDARD_LIST", "WBS_CODE"]

CATEGORY = KindRules(
    kind="line_item_type",
    fields=(
        FieldRule("name", Owner.TARGET, "name, from the settings"),
        FieldRule("csv_import_code", Owner.SOURCE, "cost type"),
        FieldRule("base_type", Owner.TARGET, "kind of cost, from the settings"),
        FieldRule("origin_id", Owner.KEY, "our key"),
    ),
    absent=Absent.IGNORE,
)

STANDARD_LIST = KindRules(
    kind="standard_cost_code_list",
    fields=(FieldRule("name", Owner.TARGET, "name, from the settings"),),
    absent=Absent.IGNORE,
)

_CODE_FIELDS = (
    FieldRule("code", Owner.SOURCE, "segment of the phase code"),
    FieldRule("name", Owner.SOURCE, "phase description"),
    FieldRule("origin_id", Owner.KEY, "our key"),
)

STANDARD_CODE = KindRules(
    kind="standard_cost_code",
    fields=(
        FieldRule("code", Owner.SOURCE, "segment of the phase code"),
        FieldRule("name", Owner.TARGET, "the most frequent phase description"),
        FieldRule("origin_id", Owner.KEY, "our key"),
    ),
    absent=Absent.IGNORE,
)

# Spectrum lists pairs, so a phase that vanished is reported by its budget codes.
COST_CODE = KindRules(kind="cost_code", fields=_CODE_FIELDS, absent=Absent.IGNORE)

WBS_CODE = KindRules(
    kind="wbs_code",
    fields=(
        FieldRule("cost_code", Owner.SOURCE, "phase code by segments"),
        FieldRule("line_item_type", Owner.SOURCE, "cost type"),
        FieldRule("description", Owner.SOURCE, "phase description"),
    ),
    absent=Absent.HOLD,
    active_field=("status", "active", "inactive"),
)


def drafts(world: World) -> Iterator[Draft]:
    """Categories, then the standard list, then the codes of every project."""
    ready = [job.job_number for job in world.jobs().items if _is_ready(world, job.job_number)]
    world.read_phases(ready)
    phases = {number: _with_completed(world, number) for number in ready}
    seen = sorted({row.cost_type for found in phases.values() for row in found.items})
    yield _categories(world, seen)
    if world.settings.cost_codes.fill_standard_list:
        yield from _standard(world, [row for found in phases.values() for row in found.items])
    trees = [_Tree(world, number, found) for number, found in phases.items()]
    refused: dict[str, ProcoreSpectrumError] = {}
    for tree in trees:
        try:
            yield tree.codes()
        except (NotPermittedError, NotFoundError) as error:
            refused[tree.job] = error
    for tree in trees:
        if tree.job not in refused:
            try:
                yield tree.pairs()
            except (NotPermittedError, NotFoundError) as error:
                refused[tree.job] = error
    for job, reason in refused.items():
        yield _unreadable(job, reason)


def _unreadable(job: str, error: ProcoreSpectrumError) -> Draft:
    """One project that may not be read, for want of a tool or a permission, stops no other."""
    wish = Desired(
        ref=ref(COST_CODE.kind, job),
        title="all codes of the job",
        fields={},
        hold=Violation(
            code="not-readable", message=error.message, path=error.path, hint=error.hint
        ),
    )
    return Draft(feature="cost_codes", rules=COST_CODE, desired=(wish,))


def _is_ready(world: World, number: str) -> bool:
    if not world.wants_job(number):
        return False
    ready, project_id = world.project_of(number)
    if project_id and not ready:
        text = f"the codes of job {number} are left out: its project {project_id} is not listed"
        world.notes.append(Note("cost_codes", text))
    return ready


def _with_completed(world: World, number: str) -> Reading[spectrum.Phase]:
    """The pairs of a job; complete ones too, if a linked pair has left the usual listing."""
    reading = world.phases(number)
    mask = world.settings.cost_codes.phase_mask
    listed = {
        ref(WBS_CODE.kind, number, mask.show(mask.split(row.phase_code)), row.cost_type)
        for row in reading.items
        if not mask.check(row.phase_code)
    }
    linked = {row.ref for row in world.rows(WBS_CODE.kind, ref("project", number)) if row.active}
    return world.complete_phases(number) if linked - listed else reading


# ---------------------------------------------------------------- the company's own lists


def _categories(world: World, cost_types: Iterable[str]) -> Draft:
    reading = world.line_item_types()
    table = world.settings.cost_codes.cost_types
    wanted = sorted({*cost_types, *table.by_code})
    company = world.company.spectrum_company_code
    desired = []
    for code in wanted:
        mapped = cost_type_to_category(code, table, company_code=company)
        desired.append(
            Desired(
                ref=ref(CATEGORY.kind, code),
                title=str(mapped.fields["name"] or code),
                fields=mapped.fields,
                violations=mapped.violations,
            )
        )
    keys = {wish.fields["origin_id"]: wish.ref.key for wish in desired}
    observed = tuple(
        Observed(
            kind=CATEGORY.kind,
            target_id=str(found.id),
            title=found.name or "",
            fields={
                "name": found.name,
                "csv_import_code": found.code,
                "base_type": found.base_type,
                "origin_id": found.origin_id,
            },
            key=keys.get(found.origin_id) or ref(CATEGORY.kind, found.code or "").key or None,
        )
        for found in reading.items
    )
    return Draft(
        feature="cost_codes",
        rules=CATEGORY,
        desired=tuple(desired),
        observed=observed,
        rows=world.rows(CATEGORY.kind),
        target_complete=reading.complete,
    )


def _standard(world: World, rows: list[spectrum.Phase]) -> Iterator[Draft]:
    reading = world.standard_lists()
    name = world.settings.cost_codes.standard_list
    wish = Desired(ref=ref(STANDARD_LIST.kind, name), title=name, fields={"name": name})
    chosen = _standard_list(reading, name)
    yield Draft(
        feature="cost_codes",
        rules=STANDARD_LIST,
        desired=(wish,),
        observed=tuple(
            Observed(
                kind=STANDARD_LIST.kind,
                target_id=str(found.id),
                title=found.name or "",
                fields={"name": found.name},
                key=wish.ref.key if found is chosen else None,
            )
            for found in reading.items
        ),
        rows=world.rows(STANDARD_LIST.kind),
        target_complete=reading.complete,
    )
    row = world.row(wish.ref)
    list_id = row.target_id if row else str(chosen.id) if chosen else None
    yield _standard_codes(world, rows, wish.ref, list_id)


def _standard_list(
    reading: Reading[procore.StandardCostCodeList], name: str
) -> procore.StandardCostCodeList | None:
    """The ERP list, of which there is at most one; else the one of our name."""
    erp = [found for found in reading.items if found.is_erp_list]
    named = [found for found in reading.items if (found.name or "").strip() == name]
    return next(iter(erp or named), None)


def _standard_codes(
    world: World, rows: list[spectrum.Phase], scope: Ref, list_id: str | None
) -> Draft:
    """Every phase of any job once, with its most frequent description."""
    mask = world.settings.cost_codes.phase_mask
    company = world.company.spectrum_company_code
    names: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    parents: dict[tuple[str, ...], str] = {}
    spelled = Counter((row.phase_code, row.description) for row in rows)
    samples = {(row.phase_code, row.description): row for row in rows}
    for spelling, count in spelled.items():
        mapped = phase_to_cost_code(samples[spelling], mask, company_code=company)
        if mapped.path and not mapped.violations:
            names[mapped.path][str(mapped.fields["name"])] += count
            if mapped.path[:-1] not in parents:
                for up in _parents(world, samples[spelling]):
                    parents[up.path] = str(up.fields["name"])
    chosen = {path: min(found, key=lambda n: (-found[n], n)) for path, found in names.items()}
    desired = tuple(
        Desired(
            ref=ref(STANDARD_CODE.kind, mask.show(path)),
            title=name,
            fields={
                "code": path[-1],
                "name": name,
                "origin_id": origin_id("standard_code", company, "".join(path)),
            },
            scope=scope,
            parent=ref(STANDARD_CODE.kind, mask.show(path[:-1])) if path[:-1] else None,
        )
        for path, name in sorted({**parents, **chosen}.items())
    )
    linked, changed = without_another_mask(mask, world.rows(STANDARD_CODE.kind, scope), 0)
    reading = world.standard_codes(list_id) if list_id else None
    items = reading.items if reading else ()
    above = {item.id: item for item in items}
    keys = {wish.fields["origin_id"]: wish.ref.key for wish in desired}
    return Draft(
        feature="cost_codes",
        rules=STANDARD_CODE,
        desired=hold_unless_linked(desired, linked, changed),
        observed=tuple(
            Observed(
                kind=STANDARD_CODE.kind,
                target_id=str(item.id),
                title=item.name or "",
                fields={"code": item.code, "name": item.name, "origin_id": item.origin_id},
                key=keys.get(item.origin_id) or mask.show(_standard_path(item, above)),
                scope_id=list_id,
            )
            for item in items
        ),
        rows=linked,
        target_complete=reading is None or reading.complete,
    )


def _standard_path(
    item: procore.StandardCostCode,
    above: Mapping[StandardCostCodeId, procore.StandardCostCode],
) -> tuple[str, ...]:
    path, at = [item.code or ""], item
    while at.parent_id is not None and at.parent_id in above and len(path) <= len(above):
        at = above[at.parent_id]
        path.insert(0, at.code or "")
    return tuple(path)


def _parents(world: World, row: spectrum.Phase) -> tuple[MappedCode, ...]:
    return phase_parents(
        row,
        world.settings.cost_codes.phase_mask,
        company_code=world.company.spectrum_company_code,
        settings=world.settings.cost_codes.names,
    )


# ---------------------------------------------------------------- the codes of one project


class _Tree:
    """The codes of one job and of its project."""

    def __init__(self, world: World, job: str, phases: Reading[spectrum.Phase]) -> None:
        self._world = world
        self.job = job
        self._phases = phases
        self._mask = world.settings.cost_codes.phase_mask
        self._company = world.company.spectrum_company_code
        self._scope = ref("project", job)
        self._project_id = world.project_of(job)[1]
        self._collisions = _collisions(phases.items)

    def codes(self) -> Draft:
        """Parent codes and the codes of the phases."""
        reading = self._world.cost_codes(self._project_id) if self._project_id else None
        items = {item.id: item for item in reading.items} if reading else {}
        places = {item.id: self._key(COST_CODE.kind, _path(item, items)) for item in items.values()}
        rows, changed = self._linked(COST_CODE.kind)
        desired = tuple(self._wanted_codes({*places.values(), *(row.ref for row in rows)}))
        keys = {wish.fields["origin_id"]: wish.ref.key for wish in desired}
        return Draft(
            feature="cost_codes",
            rules=COST_CODE,
            desired=hold_unless_linked(desired, rows, changed),
            observed=tuple(
                Observed(
                    kind=COST_CODE.kind,
                    target_id=str(item.id),
                    title=item.name or "",
                    fields={"code": item.code, "name": item.name, "origin_id": item.origin_id},
                    key=keys.get(item.origin_id) or places[item.id].key,
                    scope_id=self._project_id,
                )
                for item in items.values()
            ),
            rows=rows,
            source_complete=self._phases.complete,
            target_complete=reading is None or reading.complete,
        )

    def _wanted_codes(self, existing: set[Ref]) -> Iterator[Desired]:
        by_phase: dict[str, list[spectrum.Phase]] = defaultdict(list)
        for row in self._phases.items:
            by_phase[row.phase_code].append(row)
        parents: set[tuple[str, ...]] = set()
        for code, rows in sorted(by_phase.items()):
            mapped = phase_to_cost_code(
                rows[0], self._mask, company_code=self._company, siblings=rows
            )
            for above in _parents(self._world, rows[0]):
                if above.path not in parents:
                    parents.add(above.path)
                    yield self._parent(above, existing)
            path = mapped.path or _off_mask(code)
            self._world.remark("cost_codes", self._key(COST_CODE.kind, path), mapped.notes)
            yield self._code(mapped, path, more=self._collisions.get(code, ()))

    def _parent(self, mapped: MappedCode, existing: set[Ref]) -> Desired:
        wish = self._code(mapped, mapped.path)
        if wish.ref not in existing:
            return wish
        # The name of a parent is only our proposal; people may call it otherwise.
        named = {path: value for path, value in wish.fields.items() if path != "name"}
        return attrs.evolve(wish, fields=named)

    def _code(
        self, mapped: MappedCode, path: tuple[str, ...], *, more: tuple[Violation, ...] = ()
    ) -> Desired:
        return Desired(
            ref=self._key(COST_CODE.kind, path),
            title=str(mapped.fields["name"] or ""),
            fields=mapped.fields,
            scope=self._scope,
            parent=self._key(COST_CODE.kind, path[:-1]) if path[:-1] else None,
            partition=self._scope.key,
            violations=mapped.violations + more,
        )

    def _linked(self, kind: str) -> tuple[tuple[CrosswalkRow, ...], Violation | None]:
        """The links of the job's codes, and what is wrong if another phase mask made some."""
        return without_another_mask(self._mask, self._world.rows(kind, self._scope), 1)

    def pairs(self) -> Draft:
        """The budget codes."""
        rows, changed = self._linked(WBS_CODE.kind)
        linked = {row.ref for row in rows}
        known = self._world.settings.cost_codes.cost_types.by_code
        reading = self._world.wbs_codes(self._project_id) if self._project_id else None
        return Draft(
            feature="cost_codes",
            rules=WBS_CODE,
            desired=hold_unless_linked(
                (self._pair(row, known, linked) for row in self._phases.items), rows, changed
            ),
            observed=tuple(
                found
                for item in (reading.items if reading else ())
                if (found := self._observed_pair(item)) is not None
            ),
            rows=rows,
            source_complete=self._phases.complete,
            target_complete=reading is None or reading.complete,
        )

    def _pair(self, row: spectrum.Phase, known: Mapping[str, object], linked: set[Ref]) -> Desired:
        mapped = phase_to_wbs_code(
            row, self._mask, settings=self._world.settings.cost_codes.budget_codes
        )
        path = mapped.fields["cost_code"]
        codes = path if isinstance(path, tuple) and path else _off_mask(row.phase_code)
        more = self._collisions.get(row.phase_code, ())
        if row.cost_type not in known:
            more = (*more, _unconfigured(row.cost_type))
        fields = {name: value for name, value in mapped.fields.items() if name != "status"}
        name = self._key(WBS_CODE.kind, codes, row.cost_type)
        return Desired(
            ref=name,
            title=row.description or "",
            fields=fields,
            scope=self._scope,
            partition=self._scope.key,
            active=mapped.fields["status"] != "inactive",
            violations=mapped.violations + more,
            hold=None if name in linked else self._waits(codes, row.cost_type),
        )

    def _waits(self, path: tuple[str, ...], cost_type: str) -> Violation | None:
        """A pair can only be made of a code and a category that are there."""
        needed = (self._key(COST_CODE.kind, path), ref(CATEGORY.kind, cost_type))
        missing = next((name for name in needed if self._world.is_out(name)), None)
        if missing is None:
            return None
        return Violation(
            code="waits",
            message=f"{str(missing).replace('_', ' ')} is held",
            hint="it follows once that is settled",
        )

    def _observed_pair(self, item: procore.WbsCode) -> Observed | None:
        parts = {part.segment.type: part for part in item.segment_items if part.segment}
        code, category = parts.get("cost_code"), parts.get("line_item_type")
        if code is None or category is None:
            return None
        path = tuple(code.path_codes) or (code.code or "",)
        return Observed(
            kind=WBS_CODE.kind,
            target_id=str(item.id),
            title=item.flat_code or "",
            fields={
                "cost_code": path,
                "line_item_type": category.code,
                "description": item.description,
            },
            key=self._key(WBS_CODE.kind, path, category.code or "").key,
            scope_id=self._project_id,
            active=item.status != "inactive",
        )

    def _key(self, kind: str, path: tuple[str, ...], *more: str) -> Ref:
        return ref(kind, self.job, self._mask.show(path), *more)


def _path(item: procore.CostCode, items: Mapping[CostCodeId, procore.CostCode]) -> tuple[str, ...]:
    path, at = [item.code or ""], item
    while at.parent is not None and at.parent.id is not None and at.parent.id in items:
        at = items[at.parent.id]
        path.insert(0, at.code or "")
        if len(path) > len(items):
            break
    return tuple(path)


def _off_mask(code: str) -> tuple[str, ...]:
    """The place of a code that has none; the mark keeps it apart from every code that fits."""
    return (f"{code}?",)


def _collisions(rows: Iterable[spectrum.Phase]) -> Mapping[str, tuple[Violation, ...]]:
    """Phase codes that Procore may take for each other."""
    return {
        code: (
            Violation(
                code="colliding-codes",
                message=f"the phase codes {' and '.join(group)} differ only in case or blanks",
                path="code",
                hint="give them different codes in Spectrum",
            ),
        )
        for group in find_collisions(row.phase_code for row in rows)
        for code in group
    }


def _unconfigured(cost_type: str) -> Violation:
    return Violation(
        code="unknown-cost-type",
        message=f"the cost type {cost_type!r} is not in the table of cost types",
        path="line_item_type",
        hint="add it to the cost types in the configuration, with its name and base type",
    )


COST_CODES = Feature(
    name="cost_codes",
    title="phases to cost codes, cost types to categories",
    kinds=(CATEGORY, STANDARD_LIST, STANDARD_CODE, COST_CODE, WBS_CODE),
    drafts=drafts,
    services=("GetJob", "GetJobMain", "GetJobDates", "GetPhase"),
    endpoints=("project", "line_item_type", "standard_cost_code_list"),
)
