"""Commitment change orders of Procore become Spectrum change requests with subcontract lines.

A pair of phase and cost type that the job lacks is created first, and a pair that the
subcontract lacks gets a line of zero. Then comes one call for each line, with the header
repeated, and at last the mark in Procore.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from procore_spectrum.features.change_requests import (
    cost_key,
    customer_of,
    is_ours,
    missing_phases,
    named_codes,
    request_number,
    request_origin,
    request_warnings,
    with_codes_of,
)
from procore_spectrum.features.commitments import line_key, number_of
from procore_spectrum.features.exporting import (
    Begun,
    LinkedProject,
    doubts_of,
    header_of,
    is_closing,
    joined,
    linked_projects,
    rows_of,
    seen_in_erp,
    was_exported,
    why_missing,
)
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.keys import ref
from procore_spectrum.features.vanished import vanished
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    ChangeRequestPart,
    change_order_to_change_request,
    join_key,
)
from procore_spectrum.models import procore
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Value

__all__ = ["CHANGE_ORDERS", "CHANGE_ORDER_MARK", "CHANGE_REQUEST_LINE"]

CHANGE_REQUEST_LINE = KindRules(
    kind="change_request_line",
    fields=(
        FieldRule("job_number", Owner.SOURCE, "project"),
        FieldRule("customer_code", Owner.SOURCE, "the job's customer"),
        FieldRule("change_request_number", Owner.TARGET, "given by accounting"),
        FieldRule("cr_description", Owner.SOURCE, "description, or title"),
        FieldRule("cr_status", Owner.TARGET, "from the settings"),
        FieldRule("approved_date", Owner.SOURCE, "day of the review, if chosen"),
        FieldRule("cr_phase_code", Owner.SOURCE, "cost code"),
        FieldRule("cr_cost_type", Owner.SOURCE, "category"),
        FieldRule("change_request_amount", Owner.SOURCE, "amount"),
        FieldRule("subcontractor_code", Owner.SOURCE, "contract company"),
        FieldRule("subcontract_number", Owner.SOURCE, "commitment"),
        FieldRule("sub_amount", Owner.SOURCE, "amount"),
        FieldRule("sub_status", Owner.TARGET, "from the settings"),
        FieldRule("sub_description", Owner.SOURCE, "description of the line"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

CHANGE_ORDER_MARK = KindRules(
    kind="change_order_mark",
    fields=(FieldRule("origin_id", Owner.KEY, "our key"),),
    absent=Absent.IGNORE,
)

_SETTLED = frozenset({"change_request_number", "cr_status", "sub_status", "approved_date"})
_SCOPE = "change"
"""Begins the keys of phases and lines that a change order brought along, to tell them apart."""

_LINE_KEY = (
    "job_number",
    "customer_code",
    "change_request_number",
    "cr_phase_code",
    "cr_cost_type",
    "subcontractor_code",
    "subcontract_number",
)
Pairs = Mapping[tuple[str, str], Set[tuple[str, str]]]


def exports(world: World) -> Iterator[ExportDraft]:
    """Every change order that is ready, or was exported."""
    rows = joined(
        rows_of(world, ("change_request_line", "change_order_mark")),
        rows_of(world, ("phase", "subcontract_line"), _SCOPE),
    )
    doubts = doubts_of(world, ("change_request_line",))
    pairs = _pairs(world)
    for linked in linked_projects(world):
        customer = customer_of(world, linked.job_number)
        reading = world.commitment_changes(linked.project_id)
        changes = reading.items
        project = _with_new_codes(world, linked, changes)
        for change in changes:
            key = str(change.id)
            begun = Begun(rows.get(key, {}), doubts.get(key, {}))
            if begun or change.status in world.settings.change_orders.statuses:
                yield _Draft(world, project, change, customer, begun, pairs).draft()
        yield from vanished(world, linked, "change_order", reading, rows)


def _pairs(world: World) -> Pairs:
    """Phases and cost types of every subcontract, by vendor and number."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in world.rows("subcontract_line"):
        base = {name: str(value) for name, value in row.base.items()}
        key = (base.get("vendor_code", ""), base.get("subcontract_number", ""))
        pair = (base.get("phase_code", ""), base.get("cost_type", ""))
        found.setdefault(key, set()).add(pair)
    return found


def _with_new_codes(
    world: World, project: LinkedProject, changes: Iterable[procore.CommitmentChangeOrder]
) -> LinkedProject:
    """The project with the pairs of budget codes that people made, as contract lines tell them.

    Lines of the newer change orders name a budget code only. One that Spectrum has not yet is
    found on the commitment line on which Procore hangs the new scope.
    """
    named = named_codes(line for change in changes for line in change.line_items)
    if named <= set(project.codes.pairs):
        return project
    commitments = world.commitments(project.project_id).items
    return with_codes_of(project, (line for found in commitments for line in found.line_items))


def missing(world: World, document: Document) -> str:
    """Why a change order that waits cannot be exported any more."""
    statuses = world.settings.change_orders.statuses
    return why_missing(world, document, world.commitment_changes, statuses)


class _Draft:
    """One change order on its way."""

    def __init__(
        self,
        world: World,
        project: LinkedProject,
        change: procore.CommitmentChangeOrder,
        customer: str,
        begun: Begun,
        pairs: Pairs,
    ) -> None:
        self._world = world
        self._project = project
        self._change = change
        self._id = str(change.id)
        self._begun = begun
        self._ref = ref("change_order", self._id)
        self._customer = customer
        self._contract = str(change.contract_id or "")
        done = world.row(ref("commitment_mark", self._contract)) if self._contract else None
        header = world.row(ref("subcontract", self._contract)) if done else None
        self._vendor, self._subcontract = number_of(header)
        self._on_subcontract = pairs.get((self._vendor, self._subcontract), set())
        self._mapped = change_order_to_change_request(
            change,
            job_number=project.job_number,
            customer_code=customer,
            vendor_code=self._vendor,
            subcontract_number=self._subcontract,
            codes=project.codes,
            settings=world.settings.change_orders,
        )

    def draft(self) -> ExportDraft:
        document = self._document()
        header = header_of(self._world, document, "change_request_number", self._begun)
        number = str(header["change_request_number"] or "")
        records = (*self._scope_records(), *self._lines(header, number))
        return ExportDraft(
            document=document,
            records=records,
            marks=(self._mark(number),),
            rows=self._begun.rows,
            doubts=self._begun.doubts,
            seen=seen_in_erp(self._world, records, ("change_request_line",), self._begun),
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
            customer=self._customer,
            source=change.number,
            numbering=self._world.settings.change_orders.numbering,
            begun=self._begun,
        )
        return Document(
            ref=self._ref,
            feature="change_orders",
            title=f"{change.number or ''} {change.title or ''}".strip() or self._id,
            fields=mapped.header,
            lines=tuple(line.fields for line in mapped.lines),
            amount=mapped.amount,
            needs=(number,),
            violations=mapped.violations,
            warnings=(*mapped.notes, *request_warnings(self._world, self._begun)),
        )

    # ------------------------------------------------------------ what has to exist before

    def _scope_records(self) -> Iterator[ExportRecord]:
        """Pairs that the job lacks, and lines of zero that the subcontract lacks."""
        if self._mapped.violations:
            return
        pairs = [(part.phase_code, part.cost_type) for part in self._mapped.lines]
        yield from missing_phases(
            self._world,
            self._begun,
            scope=_SCOPE,
            key=self._id,
            job=self._project.job_number,
            pairs=pairs,
        )
        for part, pair in zip(self._mapped.lines, pairs, strict=True):
            zero = ref("subcontract_line", _SCOPE, self._id, *pair)
            if pair not in self._on_subcontract or is_ours(self._world, self._begun, zero):
                yield self._zero_line(part, zero)

    def _zero_line(self, part: ChangeRequestPart, name: Ref) -> ExportRecord:
        """A line without an amount, so that a line which somebody made meanwhile keeps its own."""
        return ExportRecord(
            ref=name,
            title=f"line of zero for {part.phase_code} {part.cost_type}",
            fields={
                "vendor_code": self._vendor,
                "subcontract_number": self._subcontract,
                "phase_code": part.phase_code,
                "cost_type": part.cost_type,
            },
            natural_key=join_key(
                self._vendor, self._subcontract, part.phase_code, part.cost_type, ""
            ),
            parent=ref("subcontract", self._contract),
        )

    # ------------------------------------------------------------ the change request

    def _lines(self, header: Mapping[str, Value], number: str) -> Iterator[ExportRecord]:
        for part in self._mapped.lines:
            yield ExportRecord(
                ref=ref("change_request_line", self._id, line_key(part.line_ids)),
                title=part.title,
                fields={**part.fields, "change_request_number": header["change_request_number"]},
                natural_key=cost_key(
                    self._project.job_number,
                    self._customer,
                    number,
                    (part.phase_code, part.cost_type),
                    (self._vendor, self._subcontract),
                ),
                key=_LINE_KEY,
                settled=_SETTLED,
            )

    def _mark(self, number: str) -> ExportMark:
        job, customer = self._project.job_number, self._customer
        package = self._change.legacy_package_id or self._change.id
        return ExportMark(
            ref=ref("change_order_mark", self._id),
            target_id=str(package if self._change.family == "older" else self._change.id),
            fields={"origin_id": request_origin(self._world, job, customer, number)},
        )


CHANGE_ORDERS = Feature(
    name="change_orders",
    title="commitment change orders to change requests",
    kinds=(CHANGE_REQUEST_LINE, CHANGE_ORDER_MARK),
    exports=exports,
    missing=missing,
    services=("GetJob", "GetJobMain", "GetJobDates", "GetPhase"),
    writing_services=("AddPhase", "UpdateSubcontractPhases", "ARChangeRequest"),
)
