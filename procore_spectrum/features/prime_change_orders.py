"""Prime contract change orders of Procore become change requests of Spectrum.

A pair of phase and cost type that the job lacks is created first. Then comes one call for each
line, with the header repeated, and at last the mark in Procore.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from procore_spectrum.errors import NotFoundError, NotPermittedError, Violation
from procore_spectrum.features.change_requests import (
    customer_of,
    missing_phases,
    named_codes,
    request_number,
    request_origin,
    request_warnings,
    with_codes_of,
)
from procore_spectrum.features.exporting import (
    Begun,
    LinkedProject,
    doubts_of,
    header_of,
    is_closing,
    joined,
    linked_projects,
    made_there,
    request_of,
    rows_of,
    was_exported,
    why_missing,
)
from procore_spectrum.features.keys import ref
from procore_spectrum.features.vanished import vanished
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    BillingItem,
    LinkedCodes,
    PrimeChangePart,
    join_key,
    prime_change_order_to_change_request,
    split_key,
)
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.values import Fields, Value
from procore_spectrum.ports import Reading

__all__ = [
    "PRIME_CHANGE_ORDER_MARK",
    "PRIME_CHANGE_REQUEST_LINE",
    "exports",
    "missing",
    "readable_changes",
]

PRIME_CHANGE_REQUEST_LINE = KindRules(
    kind="prime_change_request_line",
    fields=(
        FieldRule("job_number", Owner.SOURCE, "project"),
        FieldRule("customer_code", Owner.SOURCE, "the job's customer"),
        FieldRule("change_request_number", Owner.TARGET, "given by accounting"),
        FieldRule("cr_description", Owner.SOURCE, "description, or title"),
        FieldRule("cr_status", Owner.TARGET, "from the settings"),
        FieldRule("approved_date", Owner.SOURCE, "day of approval, as chosen"),
        FieldRule("cr_phase_code", Owner.SOURCE, "cost code"),
        FieldRule("cr_cost_type", Owner.SOURCE, "category"),
        FieldRule("change_request_amount", Owner.SOURCE, "amount without markups, or zero"),
        FieldRule("cr_billing_group_code", Owner.SOURCE, "group, on unit-price contracts"),
        FieldRule("cr_billing_item_code", Owner.SOURCE, "billing item of the associated line"),
        FieldRule("cr_billing_item_description", Owner.SOURCE, "beginning of the description"),
        FieldRule("cr_revenue", Owner.SOURCE, "amount with markups"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

PRIME_CHANGE_ORDER_MARK = KindRules(
    kind="prime_change_order_mark",
    fields=(FieldRule("origin_id", Owner.KEY, "our key"),),
    absent=Absent.IGNORE,
)

_LINE = PRIME_CHANGE_REQUEST_LINE.kind
_SETTLED = frozenset({"change_request_number", "cr_status", "approved_date"})
_SCOPE = "prime_change"
"""Begins the keys of phases that a change order brought along, to tell them apart."""

_WHOLE = "*"
_POTENTIAL: procore.MarkupHolder = "PotentialChangeOrder"
_KEY = (
    "job_number",
    "customer_code",
    "change_request_number",
    "cr_phase_code",
    "cr_cost_type",
    "cr_billing_group_code",
    "cr_billing_item_code",
)
_COST = 5
"""Parts of the key of a change request line up to its phase and cost type."""

_Groups = list[tuple[frozenset[int] | None, Sequence[procore.Markup]]]


def exports(world: World) -> Iterator[ExportDraft]:
    """Every change order that is ready, or was exported."""
    rows = joined(
        rows_of(world, (_LINE, PRIME_CHANGE_ORDER_MARK.kind)),
        rows_of(world, ("phase",), _SCOPE),
    )
    doubts = doubts_of(world, (_LINE,))
    statuses = world.settings.prime_contracts.change_orders.statuses
    for project in linked_projects(world):
        home: _Home | None = None
        reading = readable_changes(world, project)
        if reading is None:
            continue
        for change in reading.items:
            key = str(change.id)
            begun = Begun(rows.get(key, {}), doubts.get(key, {}))
            if begun or change.status in statuses:
                home = home or _Home(world, project)
                yield _Draft(home, change, begun).draft()
        yield from vanished(world, project, "prime_change_order", reading, rows)


def missing(world: World, document: Document) -> str:
    """Why a change order that waits for accounting is not exported any more."""
    statuses = world.settings.prime_contracts.change_orders.statuses
    try:
        return why_missing(world, document, world.prime_change_orders, statuses)
    except (NotPermittedError, NotFoundError):
        return ""


def readable_changes(
    world: World, project: LinkedProject
) -> Reading[procore.PrimeChangeOrder] | None:
    """The change orders of one project; None with a note where they may not be read."""
    try:
        return world.prime_change_orders(project.project_id)
    except (NotPermittedError, NotFoundError) as error:
        text = f"the prime change orders of job {project.job_number} cannot be read: {error}"
        world.notes.append(Note("prime_contracts", text))
        return None


class _Home:
    """What the change orders of one project have in common."""

    def __init__(self, world: World, project: LinkedProject) -> None:
        self.world = world
        self.settings = world.settings.prime_contracts.change_orders
        self.job: spectrum.Job | None = world.job(project.job_number)
        self.customer = customer_of(world, project.job_number)
        row = world.row(ref("prime_contract", project.job_number))
        self.contract_id = row.target_id if row else ""
        self.faults: tuple[Violation, ...] = ()
        lines = self._contract_lines(project.project_id)
        rows = world.rows("prime_contract_line", project.ref)
        items = {row.target_id: split_key(row.ref.key)[1] for row in rows}
        self.billing_items = tuple(
            BillingItem(
                line_id=int(line.id),
                item=items.get(str(line.id), "").replace(_WHOLE, ""),
                wbs_code_id=int(line.wbs_code.id) if line.wbs_code and line.wbs_code.id else None,
            )
            for line in lines
        )
        self.project = with_codes_of(project, lines)
        self._guessed = False

    def _contract_lines(self, project_id: str) -> tuple[procore.ContractLine, ...]:
        try:
            contracts = self.world.prime_contracts(project_id).items
        except (NotPermittedError, NotFoundError) as error:
            self.faults = (_unreadable("prime contract", error),)
            return ()
        found = (c.line_items for c in contracts if str(c.id) == self.contract_id)
        return next(found, ())

    def codes_for(self, change: procore.PrimeChangeOrder) -> LinkedCodes:
        """The project's codes; with those that people made of linked parts, if any is named."""
        named = named_codes(change.line_items)
        if not self._guessed and not named <= set(self.project.codes.pairs):
            self._guessed = True
            pairs = {**self._pairs_by_parts(), **self.project.codes.pairs}
            codes = attrs.evolve(self.project.codes, pairs=pairs)
            self.project = attrs.evolve(self.project, codes=codes)
        return self.project.codes

    def _pairs_by_parts(self) -> dict[int, tuple[str, str]]:
        """Phase and cost type of every budget code whose cost code came from Spectrum."""
        phases = set(self.project.codes.phases.values())
        found = {}
        for code in self._wbs_codes() or ():
            parts = {part.segment.type: part for part in code.segment_items if part.segment}
            cost_code, category = parts.get("cost_code"), parts.get("line_item_type")
            if cost_code is not None and category is not None:
                phase = "".join(cost_code.path_codes or (cost_code.code or "",))
                if phase in phases and category.code:
                    found[int(code.id)] = (phase, category.code)
        return found

    def _wbs_codes(self) -> tuple[procore.WbsCode, ...] | None:
        try:
            return self.world.wbs_codes(self.project.project_id).items
        except (NotPermittedError, NotFoundError):
            return None

    def segment_items(self) -> Mapping[int, frozenset[int]] | None:
        """The parts of every budget code, with those above them; None when not readable."""
        codes = self._wbs_codes()
        if codes is None:
            return None
        return {
            int(code.id): frozenset(
                int(number) for part in code.segment_items for number in (part.id, *part.path_ids)
            )
            for code in codes
        }

    def markups(self, change: procore.PrimeChangeOrder) -> tuple[_Groups, tuple[Violation, ...]]:
        """Groups of lines with the markups that count for them."""
        if self.settings.markups_of == "none":
            return [], ()
        try:
            return [
                (members, self._of(holder, change.contract_id))
                for holder, members in _holders(change).items()
            ], ()
        except (NotPermittedError, NotFoundError) as error:
            return [], (_unreadable("markups", error),)

    def _of(self, holder: int | None, contract: int | None) -> Sequence[procore.Markup]:
        project_id, which = self.project.project_id, self.settings.markups_of
        own: Sequence[procore.Markup] = ()
        if holder is not None and which != "contract":
            own = self.world.markups(project_id, _POTENTIAL, holder).items
        if own or contract is None or which == "change_order":
            return own
        return self.world.markups(project_id, "Contract", int(contract)).items


def _unreadable(what: str, error: NotPermittedError | NotFoundError) -> Violation:
    return Violation(
        code="not-readable",
        message=f"the {what} cannot be read: {error.message}",
        path="markups" if what == "markups" else "contract",
        hint="give the service account admin rights in the tool",
    )


def _holders(change: procore.PrimeChangeOrder) -> dict[int | None, frozenset[int] | None]:
    """The potential change orders that hold the lines; None stands for none, and for all lines."""
    if change.family == "newer":
        return {change.legacy_request_id: None}
    found: dict[int | None, set[int]] = {}
    for line in change.line_items:
        holder = line.holder
        number = holder.id if holder and holder.holder_type == _POTENTIAL else None
        found.setdefault(number, set()).add(int(line.id))
    return {holder: frozenset(members) for holder, members in found.items()}


class _Draft:
    """One change order on its way."""

    def __init__(self, home: _Home, change: procore.PrimeChangeOrder, begun: Begun) -> None:
        self._home = home
        self._world = home.world
        self._project = home.project
        self._change = change
        self._id = str(change.id)
        self._begun = begun
        self._ref = ref("prime_change_order", self._id)
        markups, faults = home.markups(change)
        limited = any(m.markup_conditions for _, group in markups for m in group)
        mapped = prime_change_order_to_change_request(
            change,
            job_number=self._project.job_number,
            customer_code=home.customer,
            contract_id=home.contract_id,
            billing_items=home.billing_items,
            codes=home.codes_for(change),
            markups=markups,
            segment_items=home.segment_items() if limited else None,
            by_units=home.job is not None and home.job.price_method_code == "U",
            settings=home.settings,
        )
        found = (*mapped.violations, *home.faults, *faults)
        self._mapped = attrs.evolve(mapped, violations=(*found, *self._closed(mapped.lines)))

    def _closed(self, parts: Sequence[PrimeChangePart]) -> Iterator[Violation]:
        """Phases that were completed in Spectrum take no change, and are not made anew."""
        job = self._project.job_number
        on_job = {(row.phase_code, row.cost_type) for row in self._world.phases(job).items}
        missing = {(part.phase_code, part.cost_type) for part in parts} - on_job
        if not any(all(pair) for pair in missing):
            return
        for row in self._world.complete_phases(job).items:
            if (row.phase_code, row.cost_type) in missing:
                yield Violation(
                    code="phase-not-active",
                    message=f"phase {row.phase_code} {row.cost_type} is complete in Spectrum",
                    path="lines",
                    hint="make it active there, or use another code",
                )

    def draft(self) -> ExportDraft:
        document = self._document()
        header = header_of(self._world, document, "change_request_number", self._begun)
        records = (*self._phases(), *self._lines(header))
        return ExportDraft(
            document=document,
            records=records,
            marks=(self._mark(str(header["change_request_number"] or "")),),
            rows=self._begun.rows,
            doubts=self._begun.doubts,
            seen=self._seen(records),
            closing=is_closing(self._world, self._ref),
            exported=was_exported(self._world, self._ref),
            scope=self._project.ref,
            partition=self._project.ref.key,
        )

    def _document(self) -> Document:
        change, mapped = self._change, self._mapped
        number = request_number(
            self._world,
            self._ref,
            job=self._project.job_number,
            customer=self._home.customer,
            source=change.number,
            numbering=self._home.settings.numbering,
            begun=self._begun,
        )
        return Document(
            ref=self._ref,
            feature="prime_contracts",
            title=f"{change.number or ''} {change.title or ''}".strip() or self._id,
            fields=mapped.header,
            lines=tuple(line.fields for line in mapped.lines),
            amount=mapped.amount,
            needs=(number,),
            violations=mapped.violations,
            warnings=(*mapped.notes, *request_warnings(self._world, self._begun)),
        )

    def _phases(self) -> Iterator[ExportRecord]:
        """Pairs that the job lacks."""
        if self._mapped.violations:
            return
        yield from missing_phases(
            self._world,
            self._begun,
            scope=_SCOPE,
            key=self._id,
            job=self._project.job_number,
            pairs=[(p.phase_code, p.cost_type) for p in self._mapped.lines if p.phase_code],
        )

    def _lines(self, header: Mapping[str, Value]) -> Iterator[ExportRecord]:
        number = header["change_request_number"]
        for part in self._mapped.lines:
            # Lines are written in the order of their names. A cost alone is refused as long as
            # nothing is billed, and a revenue alone cannot be looked up as the first.
            rank = "1" if part.phase_code and part.item else "2"
            name = (rank, part.phase_code, part.cost_type, part.item)
            yield ExportRecord(
                ref=ref(_LINE, self._id, *name),
                title=part.title,
                fields={**part.fields, "change_request_number": number},
                natural_key=self._natural_key(part, str(number or "")),
                key=_KEY,
                settled=_SETTLED,
            )

    def _natural_key(self, part: PrimeChangePart, number: str) -> str:
        """As Spectrum tells lines apart: a cost by its pair, else a revenue by its item."""
        head = (self._project.job_number, self._home.customer, number)
        if part.phase_code:
            return join_key(*head, part.phase_code, part.cost_type, "", "")
        names = ("cr_billing_group_code", "cr_billing_item_code")
        return join_key(*head, "", "", *(str(part.fields.get(name) or "") for name in names))

    def _seen(self, records: Sequence[ExportRecord]) -> Mapping[str, Fields] | None:
        """Which costs Spectrum has already; revenues and phases count as they were written."""
        ids = self._world.erp_ids("change_request_line")
        if ids is None:
            return None
        there = {join_key(*split_key(found)[:_COST], "", "") for found in ids}
        requests = made_there(self._world, self._begun)

        def is_seen(record: ExportRecord) -> bool:
            linked = record.ref in self._begun.rows
            if request_of(record.fields) in requests:
                return True
            if record.ref.kind != _LINE or not record.fields.get("cr_phase_code"):
                return linked
            return record.natural_key in there and (linked or record.ref not in self._world.doubts)

        return {record.natural_key: {} for record in records if is_seen(record)}

    def _mark(self, number: str) -> ExportMark:
        job, customer = self._project.job_number, self._home.customer
        return ExportMark(
            ref=ref(PRIME_CHANGE_ORDER_MARK.kind, self._id),
            target_id=self._id,
            fields={"origin_id": request_origin(self._world, job, customer, number)},
        )
