"""Spectrum as a system that the engine reads and writes.

====================  =================================================  =======================
kind                  target id, joined by slashes                       services
====================  =================================================  =======================
vendor                vendor code                                        AddVendor, UpdateVendor
job                   job number                                         AddJob, UpdateJob
phase                 job, phase, cost type                              AddPhase
original_estimate,    job, phase, cost type, which the job has           AddPhase
current_estimate
subcontract           vendor, subcontract number                         UpdateSubcontract
subcontract_line      vendor, subcontract number, phase, cost type,      UpdateSubcontractPhases
                      billing item
change_request_line   job, customer, request number, phase, cost type,   ARChangeRequest
                      subcontractor, subcontract number, its billing
                      group and item, billing group and item
prime_change_         job, customer, request number, and phase and       ARChangeRequest
request_line          cost type, or else billing group and item
job_cost_projection   job, phase, cost type, day                         JobCostProjections
====================  =================================================  =======================

Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from procore_spectrum.errors import InvalidValueError, RefusedError, Violation
from procore_spectrum.plan.values import Fields, Value
from procore_spectrum.ports import (
    Batch,
    BatchItem,
    Capabilities,
    ItemOutcome,
    Probe,
    Reading,
    ReadQuery,
    Source,
)
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.calls import Result
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.kinds import KINDS, Kind, kind_of
from procore_spectrum.spectrum.records import build, given, path_of, violations_of
from procore_spectrum.spectrum.source import SpectrumSource
from procore_spectrum.spectrum.sql_queries import TABLES

__all__ = ["SpectrumTarget"]

_LISTED = frozenset({"vendor", "job", "phase"})
_READ_BY_SQL = frozenset(table.kind for table in TABLES.values())


class SpectrumTarget:
    """Reads and writes one company of Spectrum. Implements :class:`~procore_spectrum.ports.Target`.

    Spectrum finds records by their natural key, so a key is a record's target id, and it is
    always given: Spectrum never chooses a number by itself. One record is one call.

    Args:
        client: sends the calls; names the company.
        source: lists vendors, jobs and phases; made from the client when not given.
        reader: lists what no service lists (subcontracts, change requests), such as
            :class:`~procore_spectrum.spectrum.sql.SqlSpectrumReader`. Its items have the
            ``target_id`` that is described above.
        change_request_repeat: whether a change request line may be sent twice. Its page says
            that the second one updates the first; a client reports that it is refused.
    """

    def __init__(
        self,
        client: SpectrumClient,
        *,
        source: Source | None = None,
        reader: Source | None = None,
        change_request_repeat: bool = False,
    ) -> None:
        self._client = client
        self._source = source or SpectrumSource(client)
        self._reader = reader
        self._kinds: Mapping[str, Kind] = KINDS
        if change_request_repeat:
            call = partial(services.add_change_request_line, repeatable=True)
            lines = (KINDS["change_request_line"], KINDS["prime_change_request_line"])
            self._kinds = {
                **KINDS,
                **{
                    line.name: attrs.evolve(
                        line,
                        write="upsert",
                        create=(line.create[0], call),
                        update=(line.update[0], call),
                    )
                    for line in lines
                },
            }

    def __repr__(self) -> str:
        return f"<SpectrumTarget company {self._client.company_code}>"

    def capabilities(self, kind: str) -> Capabilities:
        """What it can do with that kind.

        Raises:
            ConfigurationError: there is no such kind.
        """
        write = kind_of(kind, self._kinds).write
        return Capabilities(write=write, probe=kind in _LISTED or self._reader is not None)

    # ------------------------------------------------------------ reading

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Read everything that the query names.

        What no service lists is read by the ``reader``; without one the reading is empty and
        not complete.

        Raises:
            ConfigurationError: there is no such kind or filter.
            IncompleteReadError: Spectrum cut a listing off and it cannot be split further.
            ProcoreSpectrumError: whatever a call raises.
        """
        if query.kind not in _READ_BY_SQL:
            kind_of(query.kind, self._kinds)
        if query.kind in _LISTED:
            return self._source.read(query)
        if self._reader is not None:
            return self._reader.read(query)
        return Reading(items=(), as_of=self._client.clock.now(), complete=False)

    # ------------------------------------------------------------ writing

    def write(self, batch: Batch) -> Sequence[ItemOutcome]:
        """Send one record and say what became of it.

        ``fields`` are attributes of the write models of :mod:`procore_spectrum.models.spectrum`.
        ``create`` sends all that are given, ``update`` the key and what changed, ``deactivate``
        the key and the inactive status, ``link`` nothing unless it changes something. Blank
        means "unchanged" to Spectrum, so that nothing can be cleared. What it demands with every
        write (a phase's price method, the header of a change request) is repeated from ``full``.
        Whatever Spectrum says of a record that it took is a violation of code ``information``.

        Raises:
            ConfigurationError: there is no such kind.
            InvalidValueError: more than one record.
            NotPermittedError, AuthenticationError: Spectrum does not let us.
            RecordLockedError: somebody has the record open; nothing was changed.
            OutcomeUnknownError: it may have been carried out, and must be looked up.
            ProcoreSpectrumError: as :meth:`SpectrumClient.send`.
        """
        kind = kind_of(batch.kind, self._kinds)
        if len(batch.items) > self.capabilities(batch.kind).batch:
            raise InvalidValueError(f"{batch.kind} takes one record at a time")
        return [self._write(kind, item) for item in batch.items]

    def _write(self, kind: Kind, item: BatchItem) -> ItemOutcome:
        adding = item.verb == "create"
        model, call = kind.create if adding else kind.update
        try:
            key = _key(kind, item)
            changes = _changes(kind, item)
            if not changes and not adding:
                return ItemOutcome(
                    op_id=item.op_id,
                    state="done" if item.verb == "link" else "unchanged",
                    target_id=kind.id_of(key),
                )
            fields = {**_repeated(kind, item, changes), **changes, **given(key)}
            reasons = violations_of(model, fields, adding=adding, known=item.full)
            if reasons:
                raise InvalidValueError("the record cannot be sent", violations=reasons)
            result = self._client.send(call(build(model, fields)))
        except (InvalidValueError, RefusedError) as error:
            return _refused(item, error, model)
        return _done(kind, item, model, key, result)

    # ------------------------------------------------------------ probing

    def probe(self, batch: Batch) -> Sequence[Probe]:
        """Look up whether the records of an unanswered batch exist.

        Only active vendors are listed: one that is not among them is looked up by the reader,
        or it stays unknown. What no service lists is unknown without a reader.

        Raises:
            ConfigurationError: there is no such kind.
            ProcoreSpectrumError: as :meth:`read`.
        """
        kind = kind_of(batch.kind, self._kinds)
        read = _ReadOnce()
        return [self._probe(kind, item, batch.scope_id, read) for item in batch.items]

    def _probe(self, kind: Kind, item: BatchItem, scope_id: str | None, read: _ReadOnce) -> Probe:
        try:
            key = _key(kind, item)
        except InvalidValueError:
            return Probe(op_id=item.op_id, found=None)
        target_id = kind.id_of(key)
        unknown = True
        for source, query, tells_absence in self._places(kind, key, scope_id):
            reading = read(source, query)
            if any(_id_of_record(kind, record) == target_id for record in reading.items):
                return Probe(op_id=item.op_id, found=True, target_id=target_id)
            if tells_absence and reading.complete and not _may_hide(kind, key, reading):
                unknown = False
        if unknown:
            return Probe(op_id=item.op_id, found=None, target_id=target_id)
        return Probe(op_id=item.op_id, found=False)

    def _places(
        self, kind: Kind, key: Fields, scope_id: str | None
    ) -> list[tuple[Source, ReadQuery, bool]]:
        """Where to look, and whether absence there means something."""
        places: list[tuple[Source, ReadQuery, bool]] = []
        if kind.name == "vendor":
            places.append((self._source, ReadQuery(kind="vendor"), False))
        elif kind.name == "job":
            query = ReadQuery(kind="job", filters={"complete": True})
            return [(self._source, query, True)]
        elif kind.name == "phase":
            job = str(key["job_number"])
            query = ReadQuery(kind="phase", scope=job, filters={"complete": True})
            return [(self._source, query, True)]
        if self._reader is not None:
            places.append(
                (self._reader, ReadQuery(kind=kind.listed_as or kind.name, scope=scope_id), True)
            )
        return places


class _ReadOnce:
    """Reads for all records of a batch what several of them need."""

    def __init__(self) -> None:
        self._read: list[tuple[Source, ReadQuery, Reading[Any]]] = []

    def __call__(self, source: Source, query: ReadQuery) -> Reading[Any]:
        for known, asked, reading in self._read:
            if known is source and asked == query:
                return reading
        reading = source.read(query)
        self._read.append((source, query, reading))
        return reading


# ---------------------------------------------------------------- what is sent


def _key(kind: Kind, item: BatchItem) -> Fields:
    """The key of a record: of an existing one as it is stored, and never another.

    Raises:
        InvalidValueError: part of it is missing, or it would be changed.
    """
    if item.verb == "create":
        return kind.key_in(item.fields)
    key = kind.key_from(item.target_id) if item.target_id else kind.key_in(item.full)
    changed = [
        part.name
        for part in kind.key
        if part.name in item.fields
        and part.text(item.fields[part.name]) != part.text(key[part.name])
    ]
    if changed:
        raise InvalidValueError(
            "the key of a record cannot be changed",
            violations=[
                Violation(
                    code="not_possible",
                    message=f"Spectrum knows the record as {key[name]!s}",
                    path=name,
                    hint="the key of a record cannot be changed",
                )
                for name in changed
            ],
        )
    return key


def _changes(kind: Kind, item: BatchItem) -> Fields:
    """What the record shall get, without its key.

    Raises:
        InvalidValueError: the verb is not possible, or a value would have to be cleared.
    """
    names = {part.name for part in kind.key}
    match item.verb:
        case "create":
            return {
                name: value
                for name, value in given(item.fields).items()
                if kind.implied.get(name) != value
            }
        case "update" | "link":
            changes = {name: v for name, v in item.fields.items() if name not in names}
            cleared = [name for name in changes if name not in given(changes)]
            if cleared:
                raise InvalidValueError(
                    "Spectrum cannot clear a value",
                    violations=[
                        Violation(
                            code="not_possible",
                            message="Spectrum reads a blank as unchanged",
                            path=name,
                            hint="clear it in Spectrum by hand",
                        )
                        for name in cleared
                    ],
                )
            return changes
        case "deactivate" if kind.off is not None:
            return kind.off
    raise InvalidValueError(f"Spectrum cannot {item.verb} a {kind.name}")


def _repeated(kind: Kind, item: BatchItem, changes: Fields) -> Fields:
    """What Spectrum wants to be told again."""
    names = [*kind.always, *(name for change in changes for name in kind.beside.get(change, ()))]
    return given({name: item.full.get(name) for name in names})


# ---------------------------------------------------------------- what came of it


def _refused(item: BatchItem, error: InvalidValueError | RefusedError, model: Any) -> ItemOutcome:
    """A record that cannot be sent, or that Spectrum refused: every reason, by our fields."""
    code = "invalid_value" if isinstance(error, InvalidValueError) else "refused"
    own = Violation(code=code, message=error.message, path=error.path, hint=error.hint)
    violations = tuple(
        attrs.evolve(found, path=path_of(model, found.path)) for found in error.violations
    )
    return ItemOutcome(op_id=item.op_id, state="refused", violations=violations or (own,))


def _done(
    kind: Kind, item: BatchItem, model: Any, key: Fields, result: Result[None]
) -> ItemOutcome:
    """A write that Spectrum took, with whatever it said about it."""
    parts = {part.name: part for part in kind.key}
    stored: dict[str, Value] = {}
    notes = []
    for note in result.notes:
        path = path_of(model, note.column)
        if path in parts and note.text == parts[path].text(key[path]):
            continue
        notes.append(Violation(code="information", message=note.text, path=path))
        if item.verb == "create" and path in parts and _is_code(note.text):
            # A key that Spectrum changed or chose: from now on, that is the record's name.
            stored[path] = note.text
    return ItemOutcome(
        op_id=item.op_id,
        state="done",
        target_id=kind.id_of({**key, **stored}),
        violations=tuple(notes),
        written=stored,
    )


def _is_code(text: str) -> bool:
    """Whether a note is a code by itself: neither a sentence nor a date."""
    return 0 < len(text) <= 20 and not any(char.isspace() or char == "/" for char in text)


def _may_hide(kind: Kind, key: Fields, reading: Reading[Any]) -> bool:
    """Whether the document of a record that is never listed itself is there."""
    if not kind.listed_by or key[kind.listed_by]:
        return False
    parts = [part for part in kind.key if not part.optional]
    return any(
        all(
            part.text(getattr(record, part.name, None)) == part.text(key[part.name])
            for part in parts
        )
        for record in reading.items
    )


def _id_of_record(kind: Kind, record: object) -> str:
    return kind.id_of({part.name: getattr(record, part.name, None) for part in kind.key})
