"""Commitments of Procore, subcontracts and purchase orders alike, become Spectrum subcontracts.

Nothing is written before accounting has accepted the commitment as it was shown. Then comes the
header, then every line, and at last the marks in Procore. Spectrum offers no web service that
reads subcontracts: without SQL access, what is known of them is what was written from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from procore_spectrum.features.exporting import (
    Begun,
    LinkedProject,
    NumberRequest,
    doubts_of,
    header_of,
    is_closing,
    linked_projects,
    number_need,
    rows_of,
    seen_in_erp,
    unread_warning,
    was_exported,
    why_missing,
)
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.keys import ref
from procore_spectrum.features.vanished import vanished
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    MappedSubcontract,
    commitment_to_subcontract,
    join_key,
    origin_id,
    split_key,
)
from procore_spectrum.models import procore
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.records import CrosswalkRow
from procore_spectrum.plan.values import Value, same

__all__ = [
    "COMMITMENTS",
    "COMMITMENT_LINE_MARK",
    "COMMITMENT_MARK",
    "SUBCONTRACT",
    "SUBCONTRACT_LINE",
    "line_key",
]

SUBCONTRACT = KindRules(
    kind="subcontract",
    fields=(
        FieldRule("vendor_code", Owner.SOURCE, "contract company"),
        FieldRule("subcontract_number", Owner.TARGET, "given by accounting"),
        FieldRule("job_number", Owner.SOURCE, "project"),
        FieldRule("gl_account", Owner.TARGET, "from the settings, or given by accounting"),
        FieldRule("retention_percent", Owner.SOURCE, "default retainage"),
        FieldRule("comment", Owner.SOURCE, "title"),
        FieldRule("date_issued", Owner.SOURCE, "contract date, if chosen"),
        FieldRule("status_code", Owner.TARGET, "active"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

SUBCONTRACT_LINE = KindRules(
    kind="subcontract_line",
    fields=(
        FieldRule("phase_code", Owner.SOURCE, "cost code"),
        FieldRule("cost_type", Owner.SOURCE, "category"),
        FieldRule("bid_item_number", Owner.TARGET, "where lines share a pair"),
        FieldRule("bill_description", Owner.SOURCE, "description"),
        FieldRule("original_contract_amount", Owner.SOURCE, "amount"),
        FieldRule("unit_of_measure", Owner.SOURCE, "unit, if chosen"),
        FieldRule("unit_price", Owner.SOURCE, "unit cost, if chosen"),
        FieldRule("original_contract_quantity", Owner.SOURCE, "quantity, if chosen"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)

COMMITMENT_MARK = KindRules(
    kind="commitment_mark",
    fields=(FieldRule("origin_id", Owner.KEY, "our key"),),
    absent=Absent.IGNORE,
)

COMMITMENT_LINE_MARK = KindRules(
    kind="commitment_line_mark",
    fields=(FieldRule("origin_id", Owner.KEY, "our key"),),
    absent=Absent.IGNORE,
)

_RECORDS = ("subcontract", "subcontract_line")
_KINDS = (*_RECORDS, "commitment_mark", "commitment_line_mark")
_KEY = ("vendor_code", "subcontract_number")
_LINE_KEY = (*_KEY, "phase_code", "cost_type", "bid_item_number")
_HEADER_SETTLED = frozenset({"subcontract_number", "gl_account", "status_code", "date_issued"})


def exports(world: World) -> Iterator[ExportDraft]:
    """Every commitment that is ready, or was exported."""
    rows, doubts = rows_of(world, _KINDS), doubts_of(world, _RECORDS)
    vendors = {row.target_id: split_key(row.ref.key)[0] for row in world.rows("company")}
    for project in linked_projects(world):
        reading = world.commitments(project.project_id)
        for commitment in reading.items:
            key = str(commitment.id)
            begun = Begun(rows.get(key, {}), doubts.get(key, {}))
            if begun or commitment.status in world.settings.commitments.statuses:
                yield _Draft(world, project, commitment, vendors, begun).draft()
        yield from vanished(world, project, "commitment", reading, rows)


def missing(world: World, document: Document) -> str:
    """Why a commitment that waits cannot be exported any more."""
    return why_missing(world, document, world.commitments, world.settings.commitments.statuses)


class _Draft:
    """One commitment on its way."""

    def __init__(
        self,
        world: World,
        project: LinkedProject,
        commitment: procore.Commitment,
        vendors: Mapping[str, str],
        begun: Begun,
    ) -> None:
        self._world = world
        self._project = project
        self._id = str(commitment.id)
        self._begun = begun
        self._ref = ref("commitment", self._id)
        if was_exported(world, self._ref):
            commitment = self._without_later_zeros(commitment)
        self._commitment = commitment
        self._company = world.company.spectrum_company_code
        vendor = commitment.vendor
        self._vendor = vendors.get(str(vendor.id), "") if vendor else ""
        self._written = begun.written("subcontract_number")
        self._mapped = commitment_to_subcontract(
            commitment,
            vendor_code=self._vendor,
            job_number=project.job_number,
            codes=project.codes,
            settings=world.settings.commitments,
        )

    def _without_later_zeros(self, commitment: procore.Commitment) -> procore.Commitment:
        """Without the lines of zero on which Procore hangs the new scope of change orders.

        The change order brings them to Spectrum.
        """
        kept = tuple(
            line
            for line in commitment.line_items
            if line.amount
            or ref("commitment_line_mark", self._id, str(line.id)) in self._begun.rows
        )
        return attrs.evolve(commitment, line_items=kept)

    def draft(self) -> ExportDraft:
        document = self._document()
        header = header_of(self._world, document, "subcontract_number", self._begun)
        number = str(header["subcontract_number"] or "")
        records = (self._header(header, number), *self._lines(header))
        return ExportDraft(
            document=document,
            records=records,
            marks=tuple(self._marks(number)),
            rows=self._begun.rows,
            doubts=self._begun.doubts,
            seen=seen_in_erp(
                self._world, records, ("subcontract", "subcontract_line"), self._begun
            ),
            closing=is_closing(self._world, self._ref),
            exported=was_exported(self._world, self._ref),
            scope=self._project.ref,
            partition=self._project.ref.key,
        )

    def _document(self) -> Document:
        commitment, mapped = self._commitment, self._mapped
        fields = {name: value for name, value in mapped.header.items() if name != "gl_account"}
        return Document(
            ref=self._ref,
            feature="commitments",
            title=f"{commitment.number or ''} {commitment.title or ''}".strip() or self._id,
            fields=fields,
            lines=tuple(line.fields for line in mapped.lines),
            amount=mapped.amount,
            needs=self._needs(mapped),
            violations=mapped.violations,
            warnings=(
                *mapped.notes,
                *unread_warning(
                    self._world,
                    "subcontract",
                    "a subcontract of this vendor and number",
                    self._begun,
                ),
            ),
        )

    def _needs(self, mapped: MappedSubcontract) -> tuple[Need, ...]:
        number = NumberRequest(
            name="subcontract_number",
            meaning="subcontract number",
            source=self._commitment.number,
            length=10,
            space=join_key("subcontract", self._vendor),
            numbering=self._world.settings.commitments.numbering,
            written=self._written,
            erp=("subcontract", (self._vendor,)),
        )
        account = Need(
            name="gl_account",
            meaning="G/L account",
            length=12,
            proposal=mapped.header["gl_account"],
            characters="code",
        )
        return number_need(self._world, self._ref, number), account

    def _header(self, header: Mapping[str, Value], number: str) -> ExportRecord:
        return ExportRecord(
            ref=ref("subcontract", self._id),
            title=f"subcontract {number or '(number not given yet)'}",
            fields=header,
            natural_key=join_key(self._vendor, number),
            key=_KEY,
            settled=_HEADER_SETTLED,
        )

    def _lines(self, header: Mapping[str, Value]) -> Iterator[ExportRecord]:
        for line in self._mapped.lines:
            fields = {
                "vendor_code": header["vendor_code"],
                "subcontract_number": header["subcontract_number"],
                **line.fields,
            }
            yield ExportRecord(
                ref=ref("subcontract_line", self._id, line_key(line.line_ids)),
                title=line.title,
                fields=fields,
                natural_key=join_key(
                    self._vendor, *(str(fields[part] or "") for part in _LINE_KEY[1:])
                ),
                key=_LINE_KEY,
                parent=ref("subcontract", self._id),
                settled=frozenset({"subcontract_number"}),
            )

    def _marks(self, number: str) -> Iterator[ExportMark]:
        key = (self._company, self._vendor, number)
        mark = ref("commitment_mark", self._id)
        yield ExportMark(
            ref=mark,
            target_id=self._id,
            fields={
                "origin_id": origin_id("subcontract", *key),
                "origin_code": number,
                "kind": self._commitment.kind,
            },
        )
        for line in self._mapped.lines:
            for line_id in line.line_ids:
                pair = [line.fields[part] for part in ("phase_code", "cost_type")]
                parts = [str(part or "") for part in (*pair, line_id)]
                yield ExportMark(
                    ref=ref("commitment_line_mark", self._id, str(line_id)),
                    target_id=str(line_id),
                    fields={
                        "origin_id": origin_id("subcontract_line", *key, *parts),
                        "kind": self._commitment.kind,
                    },
                    parent=mark,
                )


def line_key(line_ids: tuple[int, ...]) -> str:
    """The key of a line that stands for one line of Procore, or for several merged ones."""
    return "+".join(map(str, line_ids))


def number_of(row: CrosswalkRow | None) -> tuple[str, str]:
    """Vendor code and subcontract number of an exported commitment; blank when it is none."""
    if row is None:
        return "", ""
    vendor, number = row.base.get("vendor_code"), row.base.get("subcontract_number")
    return ("", "") if same(number, None) else (str(vendor), str(number))


COMMITMENTS = Feature(
    name="commitments",
    title="commitments to subcontracts",
    kinds=(SUBCONTRACT, SUBCONTRACT_LINE, COMMITMENT_MARK, COMMITMENT_LINE_MARK),
    exports=exports,
    missing=missing,
    writing_services=("UpdateSubcontract", "UpdateSubcontractPhases"),
)
