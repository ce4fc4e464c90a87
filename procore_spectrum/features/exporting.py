"""What all exports need: which job a project is, which phase a cost code, which number is free."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from typing import Any

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    LinkedCodes,
    Numbering,
    parse_origin_id,
    propose_number,
    split_key,
)
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.exports import ExportRecord
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields, Value, same
from procore_spectrum.ports import Reading

__all__ = [
    "Begun",
    "LinkedProject",
    "NumberRequest",
    "being_exported",
    "doubts_of",
    "header_of",
    "is_closing",
    "joined",
    "linked_projects",
    "made_there",
    "number_need",
    "request_of",
    "rows_of",
    "seen_in_erp",
    "unread_warning",
    "was_exported",
    "why_missing",
]


@attrs.frozen(kw_only=True)
class LinkedProject:
    """A project with its job, and those of its codes that came from Spectrum."""

    ref: Ref
    project_id: str
    job_number: str
    codes: LinkedCodes


def linked_projects(world: World) -> Iterator[LinkedProject]:
    """Every linked project that the run is about."""
    for row in world.rows("project"):
        (job,) = split_key(row.ref.key)
        if row.active and world.wants_job(job):
            yield LinkedProject(
                ref=row.ref,
                project_id=row.target_id,
                job_number=job,
                codes=_codes(world, row.ref),
            )


def _codes(world: World, project: Ref) -> LinkedCodes:
    pairs = {}
    for row in world.rows("wbs_code", project):
        path, cost_type = row.base.get("cost_code"), row.base.get("line_item_type")
        if isinstance(path, tuple):
            pairs[int(row.target_id)] = ("".join(path), str(cost_type or ""))
    return LinkedCodes(phases=dict(_phases(world.rows("cost_code", project))), pairs=pairs)


def _phases(rows: tuple[CrosswalkRow, ...]) -> Iterator[tuple[int, str]]:
    for row in rows:
        origin_id = row.base.get("origin_id")
        origin = parse_origin_id(origin_id if isinstance(origin_id, str) else None)
        if origin is not None and origin.object_type == "cost_code":
            yield int(row.target_id), origin.parts[-1]


def _document_of(name: Ref, scope: str) -> str | None:
    """The document that a key begins with, behind the scope if there is one."""
    first, *rest = split_key(name.key)
    if not scope:
        return first
    return rest[0] if first == scope else None


def rows_of(
    world: World, kinds: tuple[str, ...], scope: str = ""
) -> dict[str, dict[Ref, CrosswalkRow]]:
    """The links of several kinds, by the document that their key begins with.

    Args:
        world: what the run sees.
        kinds: whose links.
        scope: only keys that begin with it, before the document; blank when the document is first.
    """
    found: dict[str, dict[Ref, CrosswalkRow]] = {}
    for kind in kinds:
        for row in world.rows(kind):
            document = _document_of(row.ref, scope)
            if document is not None:
                found.setdefault(document, {})[row.ref] = row
    return found


def joined(
    *several: Mapping[str, Mapping[Ref, CrosswalkRow]],
) -> dict[str, dict[Ref, CrosswalkRow]]:
    """Links by document, from more than one place."""
    found: dict[str, dict[Ref, CrosswalkRow]] = {}
    for rows in several:
        for document, own in rows.items():
            found.setdefault(document, {}).update(own)
    return found


def doubts_of(
    world: World, kinds: tuple[str, ...], scope: str = ""
) -> dict[str, dict[Ref, Fields]]:
    """What was sent to the ERP without an answer, by document, as with :func:`rows_of`."""
    found: dict[str, dict[Ref, Fields]] = {}
    for name, doubt in world.doubts.items():
        if doubt.target == "spectrum" and name.kind in kinds:
            document = _document_of(name, scope)
            if document is not None:
                found.setdefault(document, {})[name] = doubt.fields
    return found


def seen_in_erp(
    world: World, records: Iterable[ExportRecord], kinds: tuple[str, ...], begun: Begun
) -> Mapping[str, Fields] | None:
    """Which of these records the ERP has, by natural key; None when it cannot be read wholly.

    Only records of these ``kinds`` are looked for. Of others, those that were written from here
    count as there. What is in doubt does not count as a stranger: applying looks it up. Whether
    Spectrum tells small letters from capitals in numbers is not known, so they are the same here.
    """
    ids = {kind: world.erp_ids(kind) for kind in kinds}
    if None in ids.values():
        return None
    capitals = {kind: {one.upper() for one in found or ()} for kind, found in ids.items()}
    requests = made_there(world, begun) if _LINES in kinds else frozenset()

    def is_seen(record: ExportRecord) -> bool:
        linked, there = record.ref in begun.rows, capitals.get(record.ref.kind)
        if request_of(record.fields) in requests:
            return True
        if there is None:
            return linked
        seen = record.natural_key.upper() in there
        return seen and (linked or record.ref not in world.doubts)

    return {record.natural_key: {} for record in records if is_seen(record)}


_LINES = "change_request_line"
_REQUEST = ("job_number", "customer_code", "change_request_number")


def request_of(fields: Fields) -> tuple[str, ...]:
    """Job, customer and number of a change request, in capitals."""
    return tuple(str(fields.get(name) or "").upper() for name in _REQUEST)


def made_there(world: World, begun: Begun) -> frozenset[tuple[str, ...]]:
    """The change requests that Spectrum has, as far as they can be read, if none is from here yet.

    Spectrum adds a line to whatever change request has the number, so one that people made
    there is a collision, whichever lines it has.

    Args:
        world: what the run sees.
        begun: what is written of the document already.
    """
    if any(name.kind.endswith(_LINES) for name in (*begun.rows, *begun.doubts)):
        return frozenset()
    found = [
        (row.job_number, row.customer_code, row.change_request_number)
        for kind in ("change_request", _LINES)
        for row in world.erp_records(kind).items
    ]
    return frozenset(tuple(part.upper() for part in key) for key in found)


def unread_warning(world: World, kind: str, what: str, begun: Begun) -> tuple[Violation, ...]:
    """What an approver should know where Spectrum cannot be read before something is written.

    Args:
        world: what the run sees.
        kind: the records that are written.
        what: such a record, in a few words.
        begun: what is written already; there is nothing left to warn of then.
    """
    if begun or world.erp_ids(kind) is not None:
        return ()
    return (
        Violation(
            code="unread",
            message=f"Spectrum cannot be read: if it has {what} already, that one is changed",
            hint="look in Spectrum before accepting, or set up SQL",
        ),
    )


def being_exported(
    world: World, kind: str, number: str, unmarked: Container[str]
) -> frozenset[str]:
    """Numbers of records that Spectrum has, or may have, from records that do not say so yet.

    A run may end between the two. Until the next one has set the mark, such a record is not
    imported: it would become a second record in Procore.

    Args:
        world: what is known.
        kind: of the exported records; the id in Procore is their key.
        number: the field that holds Spectrum's key.
        unmarked: ids of Procore's records that carry no key of ours.
    """
    found = {row.ref.key: row.target_id for row in world.rows(kind)}
    for name, doubt in world.doubts.items():
        if name.kind == kind and doubt.verb == "create":
            found[name.key] = str(doubt.fields[number])
    return frozenset(value for key, value in found.items() if key in unmarked)


def header_of(world: World, document: Document, number: str, begun: Begun) -> dict[str, Value]:
    """The header with what accounting gave.

    Args:
        world: what the run sees.
        document: as it is shown.
        number: the field whose value is kept, once the ERP has it or may have it.
        begun: what is written already.
    """
    approval = world.approval(document.ref)
    given = dict(approval.given) if approval else {}
    written = begun.written(number)
    if written is not None:
        given[number] = written
    return document.completed(given)


def is_closing(world: World, document: Ref) -> bool:
    """Whether the queue still believes that the document is being exported."""
    approval = world.approval(document)
    return approval is not None and approval.state.may_write


def was_exported(world: World, document: Ref) -> bool:
    """Whether the document was exported wholly, as the queue knows."""
    approval = world.approval(document)
    return approval is not None and approval.state in {State.SYNCED, State.READY_TO_UPDATE}


def why_missing(
    world: World,
    document: Document,
    read: Callable[[str], Reading[Any]],
    statuses: Collection[str],
) -> str:
    """Why a contract or change that waits for accounting cannot be exported any more.

    Blank when the run is not about its job, or when something was not read wholly.
    """
    job = str(document.fields.get("job_number") or "")
    if world.only_jobs is not None and job not in world.only_jobs:
        return ""
    for project in linked_projects(world):
        reading = read(project.project_id)
        for item in reading.items:
            if str(item.id) == document.ref.key:
                there = item.status in statuses
                return "" if there else f"its status is {item.status or 'not set'}"
        if not reading.complete:
            return ""
    return "no linked project has it any more"


@attrs.frozen
class Begun:
    """What earlier runs did for a document: links, and writes without a known outcome."""

    rows: Mapping[Ref, CrosswalkRow] = attrs.field(factory=dict)
    doubts: Mapping[Ref, Fields] = attrs.field(factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.doubts)

    def written(self, name: str) -> Value:
        """A value that the ERP has, or may have; None when it surely has none."""
        sent = [*(row.base for row in self.rows.values()), *self.doubts.values()]
        return next((fields[name] for fields in sent if not same(fields.get(name), None)), None)


@attrs.frozen(kw_only=True)
class NumberRequest:
    """A number that a document needs.

    Args:
        name: the field.
        meaning: what it numbers.
        source: Procore's number.
        length: how many characters Spectrum takes.
        space: the numbers among which it has to be unique.
        numbering: the policy.
        written: the number that the ERP has or may have already.
        erp: the kind of the ERP's records that have such numbers, and what their keys begin with
            before the number; what the ERP has, as far as it can be read, is not proposed.
    """

    name: str
    meaning: str
    source: str | None
    length: int
    space: str
    numbering: Numbering
    written: Value = None
    erp: tuple[str, tuple[str, ...]] = ("", ())


def _in_erp(world: World, kind: str, beginning: tuple[str, ...]) -> set[str]:
    """The numbers that the ERP has, as far as it can be read."""
    count = len(beginning)
    if kind == _LINES:
        wanted = tuple(part.upper() for part in beginning)
        return {key[count] for key in made_there(world, Begun()) if key[:count] == wanted}
    keys = map(split_key, world.erp_ids(kind) or ()) if kind else ()
    return {key[count] for key in keys if tuple(key[:count]) == beginning and len(key) > count}


def number_need(world: World, document: Ref, request: NumberRequest) -> Need:
    """The number with its proposal: the one that was given, else what the policy makes.

    A proposal that cannot be used is left out, so that the approver is asked.
    """
    claims = world.claims(request.space)
    mine = [claim.number for claim in claims if claim.ref == document]
    taken = {claim.number for claim in claims if claim.ref != document}
    proposal = str(request.written) if request.written else mine[-1] if mine else None
    if proposal is None:
        taken |= world.proposed.setdefault(request.space, set())
        # One that the ERP has is proposed only if there is no other; it is held as a collision.
        for more in (_in_erp(world, *request.erp), set[str]()):
            made = propose_number(
                request.source,
                numbering=request.numbering,
                limit=request.length,
                taken=taken | more,
                path=request.name,
            )
            proposal = made.number if not made.violations else None
            if proposal is not None:
                break
    if proposal is not None:
        world.proposed.setdefault(request.space, set()).add(proposal)
    return Need(
        name=request.name,
        meaning=request.meaning,
        length=request.length,
        proposal=proposal,
        space=request.space,
        characters="number",
        fixed=request.written is not None,
    )
