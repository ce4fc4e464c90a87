"""Turns what a store remembers into rows of plain text and numbers, and back.

All stores share this file, so that a row means the same in each of them. Going in, anything
that could not be read back is refused (:class:`InvalidValueError`). Coming out, anything that
cannot be read means that the store was damaged (:class:`StoreCorruptError`).

Values are kept in the canonical spelling of :mod:`procore_spectrum.plan.values`: text comes
back trimmed, blank text as None and numbers as Decimal.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast, get_args

import attrs

from procore_spectrum.errors import ConflictError, InvalidValueError
from procore_spectrum.plan.operations import System
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields, Value, canonical, from_canonical
from procore_spectrum.ports import (
    Claim,
    CompanyKey,
    Decision,
    Event,
    EventQuery,
    StartedOperation,
    StoreChange,
)
from procore_spectrum.stores.approvals_codec import approval_to_row
from procore_spectrum.stores.columns import (
    Row,
    as_text,
    is_unicode,
    maybe_str,
    maybe_text,
    one_of,
    reading,
    text_from_column,
    text_to_column,
    time_from_text,
    time_to_text,
)

__all__ = [
    "NO_EVENTS",
    "ChangeRows",
    "Head",
    "Row",
    "change_to_rows",
    "claim_from_row",
    "claimed",
    "company_to_row",
    "decision_from_row",
    "event_digest",
    "event_from_row",
    "event_query_to_row",
    "event_to_json",
    "fields_from_text",
    "fields_to_text",
    "link_from_row",
    "reading",
    "ref_to_row",
    "started_from_row",
    "text_from_column",
    "text_to_column",
    "time_from_text",
    "time_to_text",
]

_CHOICES = ("link", "create", "take_on", "ignore")


@attrs.frozen
class Head:
    """The end of a journal: the last event's sequence and digest."""

    sequence: int
    digest: str


NO_EVENTS = Head(0, "")


@attrs.frozen(kw_only=True)
class ChangeRows:
    """A :class:`StoreChange` as rows, ready to be written."""

    links: tuple[Row, ...]
    unlinks: tuple[Row, ...]
    started: tuple[Row, ...]
    settled: tuple[Row, ...]
    decisions: tuple[Row, ...]
    undecided: tuple[Row, ...]
    approvals: tuple[Row, ...]
    claims: tuple[Row, ...]
    events: tuple[Row, ...]
    facts: tuple[Row, ...]
    head: Head


def change_to_rows(change: StoreChange, company: CompanyKey, head: Head) -> ChangeRows:
    """Encode a change whose events follow ``head``.

    Raises:
        InvalidValueError: something in it cannot be stored.
    """
    events = tuple(_chained(change.events, company, head))
    return ChangeRows(
        links=tuple(map(_link_to_row, change.links)),
        unlinks=tuple(map(ref_to_row, change.unlinks)),
        started=tuple(map(_started_to_row, change.started)),
        settled=tuple((text_to_column(op_id, "settled"),) for op_id in change.settled),
        decisions=tuple(map(_decision_to_row, change.decisions)),
        undecided=tuple(map(ref_to_row, change.undecided)),
        approvals=tuple(map(approval_to_row, change.approvals)),
        claims=tuple(map(_claim_to_row, change.claims)),
        events=tuple(map(_event_to_row, events)),
        facts=tuple(
            (text_to_column(name, "facts"), text_to_column(value, f"facts.{name}"))
            for name, value in change.facts.items()
        ),
        head=Head(events[-1].sequence, events[-1].digest) if events else head,
    )


# ---------------------------------------------------------------- the journal's chain


def event_to_json(event: Event, company: CompanyKey) -> str:
    """The one spelling of an event that its digest covers; without ``previous`` and ``digest``.

    It names the company, so that a line cannot pass for another company's.
    """
    return _json(
        {
            "company": [company.procore_company_id, company.spectrum_company_code],
            "sequence": event.sequence,
            "at": time_to_text(event.at, "events.at"),
            "action": event.action,
            "ref": None if event.ref is None else [event.ref.kind, event.ref.key],
            "op_id": event.op_id,
            "plan_id": event.plan_id,
            "actor": event.actor,
            "detail": event.detail,
        },
        "events",
    )


def event_digest(event: Event, company: CompanyKey) -> str:
    """SHA-256 over ``event.previous`` and the event, as 64 hexadecimal digits."""
    text = f"{event.previous}\n{event_to_json(event, company)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _chained(events: Iterable[Event], company: CompanyKey, head: Head) -> Iterator[Event]:
    for event in events:
        numbered = attrs.evolve(event, sequence=head.sequence + 1, previous=head.digest)
        digest = event_digest(numbered, company)
        yield attrs.evolve(numbered, digest=digest)
        head = Head(numbered.sequence, digest)


# ---------------------------------------------------------------- rows


def company_to_row(company: CompanyKey) -> Row:
    """``(procore_company_id, spectrum_company_code)``."""
    return (
        text_to_column(company.procore_company_id, "procore_company_id"),
        text_to_column(company.spectrum_company_code, "spectrum_company_code"),
    )


def ref_to_row(ref: Ref) -> Row:
    """``(kind, key)``."""
    return text_to_column(ref.kind, "ref.kind"), text_to_column(ref.key, "ref.key")


def _maybe_ref_to_row(ref: Ref | None) -> Row:
    return (None, None) if ref is None else ref_to_row(ref)


def _link_to_row(link: CrosswalkRow) -> Row:
    return (
        *ref_to_row(link.ref),
        *_maybe_ref_to_row(link.scope),
        text_to_column(link.target_id, "links.target_id"),
        int(link.active),
        fields_to_text(link.base, "links.base"),
        link.fingerprint,
        fields_to_text(link.echo, "links.echo"),
    )


def link_from_row(row: Row) -> CrosswalkRow:
    """The inverse of a crosswalk row.

    Raises:
        StoreCorruptError: it cannot be read, or its fingerprint is not that of its base.
    """
    with reading("crosswalk row", row[:2]):
        kind, key, scope_kind, scope_key, target_id, active, base, fingerprint, echo = row
        link = CrosswalkRow(
            ref=Ref(as_text(kind), as_text(key)),
            scope=_maybe_ref(scope_kind, scope_key),
            target_id=as_text(target_id),
            active={0: False, 1: True}[active],
            base=fields_from_text(base),
            echo=fields_from_text(echo),
        )
        if link.fingerprint != fingerprint:
            raise ValueError("fingerprint")
        return link


def _started_to_row(operation: StartedOperation) -> Row:
    return (
        text_to_column(operation.op_id, "started.op_id"),
        *ref_to_row(operation.ref),
        one_of(operation.target, get_args(System), "started.target"),
        text_to_column(operation.verb, "started.verb"),
        time_to_text(operation.at, "started.at"),
        text_to_column(operation.plan_id, "started.plan_id"),
        fields_to_text(operation.fields, "started.fields"),
        *_maybe_ref_to_row(operation.scope),
        maybe_text(operation.target_id, "started.target_id"),
    )


def started_from_row(row: Row) -> StartedOperation:
    """The inverse of a row of started operations.

    Raises:
        StoreCorruptError: it cannot be read.
    """
    with reading("started operation", row[:1]):
        op_id, kind, key, target, verb, at, plan_id, fields, scope_kind, scope_key, target_id = row
        return StartedOperation(
            op_id=as_text(op_id),
            ref=Ref(as_text(kind), as_text(key)),
            target=cast("System", one_of(target, get_args(System), "started.target")),
            verb=as_text(verb),
            at=time_from_text(at),
            plan_id=as_text(plan_id),
            fields=fields_from_text(fields),
            scope=_maybe_ref(scope_kind, scope_key),
            target_id=maybe_str(target_id),
        )


def _decision_to_row(decision: Decision) -> Row:
    return (
        *ref_to_row(decision.ref),
        one_of(decision.choice, _CHOICES, "decisions.choice"),
        time_to_text(decision.at, "decisions.at"),
        text_to_column(decision.who, "decisions.who"),
        text_to_column(decision.why, "decisions.why"),
        maybe_text(decision.target_id, "decisions.target_id"),
    )


def decision_from_row(row: Row) -> Decision:
    """The inverse of a row of decisions.

    Raises:
        StoreCorruptError: it cannot be read.
    """
    with reading("decision", row[:2]):
        kind, key, choice, at, who, why, target_id = row
        return Decision(
            ref=Ref(as_text(kind), as_text(key)),
            choice=cast("Any", one_of(choice, _CHOICES, "decisions.choice")),
            at=time_from_text(at),
            who=as_text(who),
            why=as_text(why),
            target_id=maybe_str(target_id),
        )


def _claim_to_row(claim: Claim) -> Row:
    return (
        text_to_column(claim.space, "claims.space"),
        text_to_column(claim.number, "claims.number"),
        *ref_to_row(claim.ref),
    )


def claim_from_row(row: Row) -> Claim:
    """The inverse of a row of claims.

    Raises:
        StoreCorruptError: it cannot be read.
    """
    with reading("claim", row[:2]):
        space, number, kind, key = row
        return Claim(as_text(space), as_text(number), Ref(as_text(kind), as_text(key)))


def claimed(claim: Row, owner: Row) -> ConflictError:
    """The refusal of a number that belongs to another record."""
    return ConflictError(
        f"the number {claim[1]} belongs to {owner[0]} {owner[1]} already",
        path=str(claim[0]),
        hint="a number is never used twice; choose another",
    )


def _event_to_row(event: Event) -> Row:
    return (
        event.sequence,
        time_to_text(event.at, "events.at"),
        text_to_column(event.action, "events.action"),
        *_maybe_ref_to_row(event.ref),
        maybe_text(event.op_id, "events.op_id"),
        maybe_text(event.plan_id, "events.plan_id"),
        text_to_column(event.actor, "events.actor"),
        _json(event.detail, "events.detail"),
        event.previous,
        event.digest,
    )


def event_from_row(row: Row) -> Event:
    """The inverse of a journal row. Its digest is not checked here.

    Raises:
        StoreCorruptError: it cannot be read.
    """
    with reading("journal line", row[:1]):
        sequence, at, action, kind, key, op_id, plan_id, actor, detail, previous, digest = row
        return Event(
            sequence=int(sequence),
            at=time_from_text(at),
            action=as_text(action),
            ref=_maybe_ref(kind, key),
            op_id=maybe_str(op_id),
            plan_id=maybe_str(plan_id),
            actor=as_text(actor),
            detail=_mapping(detail),
            previous=as_text(previous),
            digest=as_text(digest),
        )


def event_query_to_row(query: EventQuery) -> Row:
    """``(kind, key, op_id, plan_id, action)``, None where the query does not narrow."""
    return (
        *_maybe_ref_to_row(query.ref),
        maybe_text(query.op_id, "op_id"),
        maybe_text(query.plan_id, "plan_id"),
        maybe_text(query.action, "action"),
    )


# ---------------------------------------------------------------- fields


def fields_to_text(fields: Fields, path: str) -> str:
    """A JSON object of canonical values, its names sorted.

    Raises:
        InvalidValueError: a value would not come back as it went in.
    """
    return _json({name: _value_to_text(fields[name], f"{path}.{name}") for name in fields}, path)


def fields_from_text(text: str) -> dict[str, Value]:
    """The inverse of :func:`fields_to_text`.

    Raises:
        InvalidValueError, ValueError, TypeError: the text is no such object.
    """
    return {name: from_canonical(as_text(value)) for name, value in _mapping(text).items()}


def _value_to_text(value: Any, path: str) -> str:
    try:
        text = canonical(value)
        from_canonical(text)
    except InvalidValueError as error:
        error.path = path
        raise
    return text


def _json(value: Mapping[str, Any], path: str) -> str:
    if not isinstance(value, Mapping):
        raise InvalidValueError("not a mapping of names to values", path=path)
    try:
        ready = _json_ready(value, path)
        text = json.dumps(ready, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (RecursionError, ValueError):
        raise InvalidValueError("nested too deeply, or a number too long", path=path) from None
    if not is_unicode(text):
        raise InvalidValueError("text with broken characters", path=path)
    return text


def _json_ready(value: Any, path: str) -> Any:
    """Plain lists and dicts. Stricter than json, which would quietly change what it is given."""
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: _json_ready(item, f"{path}.{name}") for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if value is None or isinstance(value, str | int) or _is_finite_float(value):
        return value
    raise InvalidValueError(
        f"a value of type {type(value).__name__} does not fit into JSON",
        path=path,
        hint="write money and dates as text",
    )


def _is_finite_float(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _maybe_ref(kind: Any, key: Any) -> Ref | None:
    return None if kind is None and key is None else Ref(as_text(kind), as_text(key))


def _mapping(text: Any) -> dict[str, Any]:
    value = json.loads(as_text(text))
    _json(value, "")  # What could not be written was not written by us.
    return cast("dict[str, Any]", value)
