"""Job-to-date cost, hours and quantity of Spectrum, shown in Procore for each budget code.

Each job has one direct cost, and each pair of phase and cost type one of its lines, which holds
the figure to date. Only lines whose figure changed are written, up to a thousand of a project at
a time. Nothing goes to Spectrum, so nobody has to approve anything.

Partners of Procore may have the figures written to the ERP Integrations tool instead. Both ways
at once would count every cost twice, so a project that has figures from one of them gets none
from the other before a person decides it, and the old figures are zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import attrs

from procore_spectrum.errors import (
    InvalidValueError,
    NotFoundError,
    NotPermittedError,
    ProcoreSpectrumError,
    Violation,
)
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.job_cost_detail import (
    Detail,
    DetailLine,
    elsewhere,
    header_of,
    is_detail,
)
from procore_spectrum.features.job_cost_pairs import Figures, Pair, without_idle, zeroed
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import job_to_direct_cost, split_key
from procore_spectrum.models import procore
from procore_spectrum.plan.diff import Absent, Draft, FieldRule, KindRules, Owner
from procore_spectrum.plan.records import CrosswalkRow, Desired, Observed, Ref
from procore_spectrum.plan.values import Fields, Value

__all__ = [
    "DIRECT_COST",
    "DIRECT_COST_LINE",
    "ERP_JOB_COST",
    "JOB_COSTS",
    "WRITER",
    "check_writer_decision",
]

DIRECT_COST = KindRules(
    kind="direct_cost",
    fields=(
        FieldRule("invoice_number", Owner.SOURCE, "from the settings, and the job number"),
        FieldRule("direct_cost_type", Owner.TARGET, "`expense`; with detail by transaction type"),
        FieldRule("status", Owner.SOURCE, "`approved`"),
        FieldRule("description", Owner.TARGET, "from the settings"),
        FieldRule(
            "vendor_id", Owner.SOURCE, "company, from the settings or paid", refers="company"
        ),
        FieldRule("direct_cost_date", Owner.SOURCE, "day of the transactions, with detail"),
        FieldRule("origin_id", Owner.KEY, "our key, by setting"),
    ),
    absent=Absent.IGNORE,
    mirror=True,
)

DIRECT_COST_LINE = KindRules(
    kind="direct_cost_line",
    fields=(
        FieldRule("wbs_code_id", Owner.SOURCE, "phase and cost type", refers="wbs_code"),
        FieldRule("amount", Owner.SOURCE, "cost, job to date; with detail, of the transactions"),
        FieldRule("quantity", Owner.SOURCE, "quantity or hours, job to date"),
        FieldRule("uom", Owner.SOURCE, "unit of measure"),
        FieldRule("description", Owner.SOURCE, "phase description"),
        FieldRule("extended_type", Owner.SOURCE, "`manual`"),
        FieldRule("origin_id", Owner.KEY, "our key"),
    ),
    absent=Absent.IGNORE,
    mirror=True,
    guarded=False,
)

ERP_JOB_COST = KindRules(
    kind="erp_job_cost",
    fields=(
        FieldRule("cost_code_id", Owner.SOURCE, "phase", refers="cost_code"),
        FieldRule("line_item_type_id", Owner.SOURCE, "cost type", refers="line_item_type"),
        FieldRule("job_to_date_cost", Owner.SOURCE, "cost, job to date"),
        FieldRule("job_to_date_units", Owner.SOURCE, "quantity or hours, job to date"),
        FieldRule("job_origin_id", Owner.KEY, "our key of the project"),
    ),
    absent=Absent.IGNORE,
    mirror=True,
    guarded=False,
)

WRITER = "job_cost_writer"
"""The kind of the decision that a job's figures are written in another way from now on."""


def check_writer_decision(choice: str, writer: str | None, why: str) -> None:
    """Refuse a decision of that kind that means nothing.

    Raises:
        InvalidValueError: it names no writer, or no reason.
    """
    if choice != "link" or writer not in _KINDS:
        raise InvalidValueError(
            "a decision about the writer of job costs names one",
            path=WRITER,
            hint=f"link it to one of {', '.join(sorted(_KINDS))}",
        )
    if not why.strip():
        raise InvalidValueError("changing the writer of job costs needs a reason", path=WRITER)


_AMOUNTS = {"direct_costs": "amount", "erp": "job_to_date_cost"}
_KINDS = {"direct_costs": DIRECT_COST_LINE.kind, "erp": ERP_JOB_COST.kind}
_ZERO = Decimal(0)


def drafts(world: World) -> Iterator[Draft]:
    """The figures of every job that has, or gets, a project."""
    jobs = list(_jobs(world))
    figures, detail = Figures(world, jobs), Detail(world)
    companies = {row.target_id: row.ref.key for row in world.rows("company")} if jobs else {}
    for job in jobs:
        try:
            yield from _Job(world, job, figures, detail, companies).drafts()
        except (NotPermittedError, NotFoundError) as error:
            yield _unreadable(job, error)


def _jobs(world: World) -> Iterator[str]:
    """Jobs with a project; also those that were linked, and are complete since."""
    listed = [job.job_number for job in world.jobs().items]
    linked = [split_key(row.ref.key)[0] for row in world.rows("project") if row.active]
    for number in dict.fromkeys([*listed, *linked]):
        if world.wants_job(number) and world.project_of(number)[0]:
            yield number


def _unreadable(job: str, error: ProcoreSpectrumError) -> Draft:
    """One project that may not be read, for want of a tool or a permission, stops no other."""
    hold = Violation(code="not-readable", message=error.message, path=error.path, hint=error.hint)
    wish = Desired(ref=ref(DIRECT_COST.kind, job), title=_title(job), fields={}, hold=hold)
    return Draft(feature="job_costs", rules=DIRECT_COST, desired=(wish,))


def _title(job: str) -> str:
    return f"cost of job {job}"


class _Job:
    """The figures of one job and of its project."""

    def __init__(
        self,
        world: World,
        job: str,
        figures: Figures,
        detail: Detail,
        companies: Mapping[str, str],
    ) -> None:
        self._world = world
        self._settings = world.settings.job_costs
        self._job = job
        self._figures = figures
        self._detail = detail
        self._companies = companies
        self._scope = ref("project", job)
        self._project_id = world.project_of(job)[1]
        self._rows = {name: world.rows(kind, self._scope) for name, kind in _KINDS.items()}
        self._header = ref(DIRECT_COST.kind, job)

    def drafts(self) -> Iterator[Draft]:
        """The chosen writer's records; or those of the other one, while they are taken back."""
        chosen = self._settings.writer
        other = "erp" if chosen == "direct_costs" else "direct_costs"
        if not self._in_use(other):
            yield from self._written_by(chosen)
        elif self._decided(chosen):
            yield from self._written_by(other, taking_back=True)
        else:
            yield self._two_writers(other)

    # ------------------------------------------------------------ one writer at a time

    def _in_use(self, writer: str) -> bool:
        """Whether Procore has, or may have, figures that were written in that way."""
        kind, amount = _KINDS[writer], _AMOUNTS[writer]
        sent = [
            doubt.fields
            for name, doubt in self._world.doubts.items()
            if name.kind == kind and doubt.scope == self._scope
        ]
        return any(fields.get(amount) for fields in (*(r.base for r in self._rows[writer]), *sent))

    def _decided(self, writer: str) -> bool:
        decision = self._world.decisions.get(ref(WRITER, self._job))
        return decision is not None and decision.target_id == writer

    def _two_writers(self, other: str) -> Draft:
        hold = Violation(
            code="other-writer",
            message=f"Procore has figures of this job that were written as {other}",
            hint=f"to change over, decide it: link {WRITER} {self._job} {self._settings.writer}",
        )
        wish = Desired(ref=self._header, title=_title(self._job), fields={}, hold=hold)
        return Draft(feature="job_costs", rules=DIRECT_COST, desired=(wish,))

    def _written_by(self, writer: str, *, taking_back: bool = False) -> Iterator[Draft]:
        details: list[DetailLine] = []
        if taking_back:
            text = f"the figures of job {self._job} that were written as {writer} become zero first"
            self._world.remark(
                "job_costs", self._scope, [Violation(code="other-writer", message=text)]
            )
            pairs = [zeroed(row, header_of(row)) for row in self._rows[writer]]
        elif writer == "erp":
            rows = {row.ref: row for row in self._rows[writer]}
            pairs = self._figures.pairs(self._job, ERP_JOB_COST.kind, rows)
        else:
            pairs, details = self._direct_pairs()
        if writer == "erp":
            yield self._erp(pairs)
        else:
            yield from self._direct(pairs, details)

    # ------------------------------------------------------------ direct costs

    def _direct_pairs(self) -> tuple[list[Pair], list[DetailLine]]:
        """The lines of totals and of transactions, and the latter by themselves."""
        rows = {row.ref: row for row in self._rows["direct_costs"] if not is_detail(row)}
        detailed = {row.ref: row for row in self._rows["direct_costs"] if is_detail(row)}
        coded = self._figures.with_code(self._job, DIRECT_COST_LINE.kind)
        found = self._detail.lines(self._job, coded)
        less = elsewhere(found, detailed.values(), readable=self._detail.readable)
        pairs = self._figures.pairs(self._job, DIRECT_COST_LINE.kind, rows, less=less)
        pairs += [_line(line, detailed.get(line.ref)) for line in found]
        if self._detail.readable:
            wanted = {line.ref for line in found}
            gone = [row for name, row in detailed.items() if name not in wanted]
            pairs += [zeroed(row, header_of(row)) for row in gone]
        return pairs, found

    def _direct(self, pairs: list[Pair], details: list[DetailLine]) -> Iterator[Draft]:
        rows = {row.ref: row for row in self._world.rows(DIRECT_COST.kind, self._scope)}
        if not rows and not pairs:
            return
        reading = self._world.direct_costs(self._project_id) if self._project_id else None
        costs = {str(cost.id): cost for cost in (reading.items if reading else ())}
        wishes = self._wanted_headers(pairs, details, rows)
        complete = reading is None or reading.complete
        observed = [self._observed_header(cost, wishes) for cost in costs.values()]
        yield Draft(
            feature="job_costs",
            rules=DIRECT_COST,
            desired=tuple(wishes),
            observed=tuple(observed),
            rows=tuple(rows.values()),
            target_complete=complete,
        )
        # A direct cost that is held, or gone, says so for all of its lines.
        new = {wish.ref for wish in wishes if wish.ref not in rows}
        usable = {name for name in new if not self._world.is_held(name)}
        usable |= {name for name, row in rows.items() if row.target_id in costs}
        linked = {row.target_id for row in rows.values()}
        own = [costs[seen.target_id] for seen in observed if seen.key or seen.target_id in linked]
        kept = [pair for pair in pairs if pair.lacks or pair.parent in usable]
        if kept:
            yield self._lines(kept, own, complete=complete)

    def _wanted_headers(
        self, pairs: list[Pair], details: list[DetailLine], rows: Mapping[Ref, CrosswalkRow]
    ) -> list[Desired]:
        """The direct cost of the totals, and those of transactions."""
        company = self._world.company.spectrum_company_code
        mapped = job_to_direct_cost(self._job, company_code=company, settings=self._settings)
        total = Desired(
            ref=self._header,
            title=_title(self._job),
            fields=mapped.fields,
            scope=self._scope,
            partition=self._scope.key,
            violations=mapped.violations,
            hold=self._no_vendor(mapped.fields.get("vendor_id"), pairs),
        )
        if total.hold is not None:
            return [total]
        posted = [
            attrs.evolve(
                total,
                ref=name,
                title=str(header.fields["invoice_number"]),
                fields=header.fields,
                violations=header.violations,
            )
            for name, header in self._detail.headers(details)
        ]
        needed = self._header in rows or any(pair.parent == self._header for pair in pairs)
        return [total, *posted] if needed else posted

    def _no_vendor(self, vendor: Value, pairs: list[Pair]) -> Violation | None:
        """Why the direct cost cannot be made, as far as its company goes."""
        total = sum((pair.amount for pair in pairs), _ZERO)
        waiting = f"{len(pairs):,} figures of {total:,} in all wait"
        if isinstance(vendor, str) and not self._world.will_exist(Ref("company", vendor)):
            return Violation(
                code="vendor-not-linked",
                message=f"the vendor {vendor} has no company in Procore; {waiting}",
                path="vendor_id",
                hint="synchronise that vendor, or choose another as job_costs.vendor_code",
            )
        if vendor is None and self._settings.vendor_required:
            return Violation(
                code="vendor-missing",
                message=f"Procore's reference demands a company of every direct cost; {waiting}",
                path="vendor_id",
                hint="set job_costs.vendor_code, or job_costs.vendor_required = false",
            )
        return None

    def _observed_header(self, cost: procore.DirectCost, wishes: Iterable[Desired]) -> Observed:
        fields: Fields = {
            "invoice_number": cost.invoice_number,
            "direct_cost_type": cost.direct_cost_type,
            "status": cost.status,
            "description": cost.description,
            "vendor_id": self._company_of(cost),
            "direct_cost_date": cost.direct_cost_date,
            "origin_id": cost.origin_id,
        }
        named = (
            wish.ref.key
            for wish in wishes
            for name in ("invoice_number", "origin_id")
            if fields[name] is not None and fields[name] == wish.fields.get(name)
        )
        return Observed(
            kind=DIRECT_COST.kind,
            target_id=str(cost.id),
            title=cost.invoice_number or "",
            fields=fields,
            key=next(named, None),
            scope_id=self._project_id,
        )

    def _company_of(self, cost: procore.DirectCost) -> str | None:
        """The key of the company; one that is not linked goes by its id."""
        number = cost.vendor_id
        return None if number is None else self._companies.get(str(number), f"id {number}")

    def _lines(
        self, pairs: list[Pair], own: Iterable[procore.DirectCost], *, complete: bool
    ) -> Draft:
        rows = {row.ref: row for row in self._rows["direct_costs"]}
        lines = [line for cost in own for line in cost.line_items]
        wanted = self._desired(pairs)
        keys = _keys_of(lines, wanted)
        seen = {key: line.origin_id for line in lines if (key := keys.get(line.id))}
        codes = {row.target_id: row.ref.key for row in self._figures.codes(self._job)}
        self._note_strangers(lines, {row.target_id for row in rows.values()}, keys)
        return Draft(
            feature="job_costs",
            rules=DIRECT_COST_LINE,
            desired=tuple(self._as_new(wish, seen.get(wish.ref.key), rows) for wish in wanted),
            observed=tuple(self._observed_line(line, keys.get(line.id), codes) for line in lines),
            rows=tuple(rows.values()),
            target_complete=complete,
        )

    def _as_new(
        self, wish: Desired, found: str | None, rows: Mapping[Ref, CrosswalkRow]
    ) -> Desired:
        """The line under the origin id that it has in Procore, or that is free.

        Procore may keep the origin id of what somebody deleted, so a line whose link was forgotten
        gets another one.
        """
        origin = wish.fields.get("origin_id")
        row = rows.get(wish.ref)
        if found is None and row is not None:
            found = str(row.base.get("origin_id") or "") or None
        if found is None:
            unlinked = self._world.unlinked
            again = unlinked.get(wish.ref, 0) + (unlinked.get(wish.parent, 0) if wish.parent else 0)
            found = f"{origin}:{again + 1}" if origin and again else None
        return attrs.evolve(wish, fields={**wish.fields, "origin_id": found}) if found else wish

    def _observed_line(
        self,
        line: procore.ContractLine,
        key: str | None,
        codes: Mapping[str, str],
    ) -> Observed:
        code = str(line.wbs_code.id) if line.wbs_code else ""
        return Observed(
            kind=DIRECT_COST_LINE.kind,
            target_id=str(line.id),
            title=line.description or "",
            fields={
                "wbs_code_id": codes.get(code, f"id {code}"),
                "amount": line.amount,
                "quantity": line.quantity,
                "uom": line.uom,
                "description": line.description,
                "extended_type": line.extended_type,
                "origin_id": line.origin_id,
            },
            key=key,
            scope_id=self._project_id,
        )

    def _note_strangers(
        self, lines: Iterable[procore.ContractLine], linked: set[str], keys: Mapping[int, str]
    ) -> None:
        """Lines that people added to our direct cost count twice, most likely."""
        found = [n for n in lines if str(n.id) not in linked and n.id not in keys]
        if found:
            total = sum((line.amount or _ZERO for line in found), _ZERO)
            text = f"{len(found)} lines of {total:,} in it did not come from Spectrum"
            self._world.remark(
                "job_costs", self._header, [Violation(code="strangers", message=text)]
            )

    # ------------------------------------------------------------ the partners' endpoint

    def _erp(self, pairs: list[Pair]) -> Draft:
        """Nothing lists these figures, so what was written last counts as what is there."""
        rows = self._rows["erp"]
        return Draft(
            feature="job_costs",
            rules=ERP_JOB_COST,
            desired=self._desired(pairs),
            observed=tuple(map(_as_written, rows)),
            rows=rows,
        )

    # ------------------------------------------------------------ both

    def _desired(self, pairs: list[Pair]) -> tuple[Desired, ...]:
        lacking = [pair for pair in pairs if pair.lacks]
        wishes = [
            Desired(
                ref=pair.ref,
                title=pair.title,
                fields=pair.fields,
                scope=self._scope,
                parent=pair.parent if pair.ref.kind == DIRECT_COST_LINE.kind else None,
                partition=self._scope.key,
                violations=pair.violations,
            )
            for pair in pairs
            if not pair.lacks
        ]
        if lacking:
            kind = lacking[0].ref.kind
            name = ref(kind, self._job)
            hold = _without_code(lacking)
            wishes.append(Desired(ref=name, title=_title(self._job), fields={}, hold=hold))
        return tuple(wishes)


def _keys_of(lines: Iterable[procore.ContractLine], wishes: Iterable[Desired]) -> Mapping[int, str]:
    """Which line is whose, by its origin id; it may end with how often it was made anew."""
    known = {wish.fields.get("origin_id"): wish.ref.key for wish in wishes}
    found = {}
    for line in lines:
        origin = line.origin_id or ""
        key = known.get(origin) or known.get(origin.rpartition(":")[0])
        if origin and key:
            found[int(line.id)] = key
    return found


def _line(line: DetailLine, row: CrosswalkRow | None) -> Pair:
    return Pair(
        ref=line.ref,
        name=line.ref.key,
        title=str(line.mapped.fields["description"] or ""),
        fields=without_idle(line.mapped.fields, row),
        amount=line.amount,
        parent=line.header,
        violations=line.mapped.violations,
    )


def _as_written(row: CrosswalkRow) -> Observed:
    return Observed(
        kind=row.ref.kind, target_id=row.target_id, title="", fields=row.base, key=row.ref.key
    )


def _without_code(pairs: list[Pair], most: int = 10) -> Violation:
    """One message for all pairs of a job that Procore has no budget code for."""
    total = sum((pair.amount for pair in pairs), _ZERO)
    named = ", ".join(pair.name for pair in pairs[:most])
    more = f" and {len(pairs) - most:,} more" if len(pairs) > most else ""
    return Violation(
        code="no-budget-code",
        message=f"{total:,} of {len(pairs):,} pairs have no budget code: {named}{more}",
        hint="synchronise the cost codes; budget_codes.active_by_status says which are made",
    )


JOB_COSTS = Feature(
    name="job_costs",
    title="job-to-date cost, hours and quantity to direct costs",
    kinds=(DIRECT_COST, DIRECT_COST_LINE, ERP_JOB_COST),
    drafts=drafts,
    services=("GetJob", "GetJobMain", "GetJobDates", "GetPhase"),
    endpoints=("project",),
)
