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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast, get_args

import attrs

from procore_spectrum.errors import InvalidValueError, StoreCorruptError
from procore_spectrum.plan.operations import System
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields, Value, canonical, from_canonical
from procore_spectrum.ports import (
    CompanyKey,
    Decision,
    Event,
    EventQuery,
    StartedOperation,
    StoreChange,
)

__all__ = [
    "NO_EVENTS",
    "ChangeRows",
    "Head",
    "Row",
    "change_to_rows",
    "company_to_row",
    "decision_from_row",
    "event_digest",
    "event_from_row",
    "event_query_to_row",
    "event_to_json",
    "fields_from_text",
    "fields_to_text",
    "link_from_row",
    "ref_to_row",
    "started_from_row",
    "text_from_column",
    "text_to_column",
    "time_from_text",
    "time_to_text",
]

Row: TypeAlias = tuple[Any, ...]
"""Columns of one table in the order of its migration, without the company."""

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
    with _reading("crosswalk row", row[:2]):
        kind, key, scope_kind, scope_key, target_id, active, base, fingerprint, echo = row
        link = CrosswalkRow(
            ref=Ref(_str(kind), _str(key)),
            scope=_maybe_ref(scope_kind, scope_key),
            target_id=_str(target_id),
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
        _one_of(operation.target, get_args(System), "started.target"),
        text_to_column(operation.verb, "started.verb"),
        time_to_text(operation.at, "started.at"),
        text_to_column(operation.plan_id, "started.plan_id"),
        fields_to_text(operation.fields, "started.fields"),
        *_maybe_ref_to_row(operation.scope),
        _maybe_text(operation.target_id, "started.target_id"),
    )


def started_from_row(row: Row) -> StartedOperation:
    """The inverse of a row of started operations.

    Raises:
        StoreCorruptError: it cannot be read.
    """
    with _reading("started operation", row[:1]):
        op_id, kind, key, target, verb, at, plan_id, fields, scope_kind, scope_key, target_id = row
        return StartedOperation(
            op_id=_str(op_id),
            ref=Ref(_str(kind), _str(key)),
            target=cast("System", _one_of(target, get_args(System), "started.target")),
            verb=_str(verb),
            at=time_from_text(at),
            plan_id=_str(plan_id),
            fields=fields_from_text(fields),
            scope=_maybe_ref(scope_kind, scope_key),
            target_id=_maybe_str(target_id),
        )


def _decision_to_row(decision: Decision) -> Row:
    return (
        *ref_to_row(decision.ref),
        _one_of(decision.choice, _CHOICES, "decisions.choice"),
        time_to_text(decision.at, "decisions.at"),
        text_to_column(decision.who, "decisions.who"),
        text_to_column(decision.why, "decisions.why"),
        _maybe_text(decision.target_id, "decisions.target_id"),
    )


def decision_from_row(row: Row) -> Decision:
    """The inverse of a row of decisions.

    Raises:
        StoreCorruptError: it cannot be read.
    """
    with _reading("decision", row[:2]):
        kind, key, choice, at, who, why, target_id = row
        return Decision(
            ref=Ref(_str(kind), _str(key)),
            choice=cast("Any", _one_of(choice, _CHOICES, "decisions.choice")),
            at=time_from_text(at),
            who=_str(who),
            why=_str(why),
            target_id=_maybe_str(target_id),
        )


def _event_to_row(event: Event) -> Row:
    return (
        event.sequence,
        time_to_text(event.at, "events.at"),
        text_to_column(event.action, "events.action"),
        *_maybe_ref_to_row(event.ref),
        _maybe_text(event.op_id, "events.op_id"),
        _maybe_text(event.plan_id, "events.plan_id"),
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
    with _reading("journal line", row[:1]):
        sequence, at, action, kind, key, op_id, plan_id, actor, detail, previous, digest = row
        return Event(
            sequence=int(sequence),
            at=time_from_text(at),
            action=_str(action),
            ref=_maybe_ref(kind, key),
            op_id=_maybe_str(op_id),
            plan_id=_maybe_str(plan_id),
            actor=_str(actor),
            detail=_mapping(detail),
            previous=_str(previous),
            digest=_str(digest),
        )


def event_query_to_row(query: EventQuery) -> Row:
    """``(kind, key, op_id, plan_id, action)``, None where the query does not narrow."""
    return (
        *_maybe_ref_to_row(query.ref),
        _maybe_text(query.op_id, "op_id"),
        _maybe_text(query.plan_id, "plan_id"),
        _maybe_text(query.action, "action"),
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
    return {name: from_canonical(_str(value)) for name, value in _mapping(text).items()}


def _value_to_text(value: Any, path: str) -> str:
    try:
        text = canonical(value)
        from_canonical(text)
    except InvalidValueError as error:
        error.path = path
        raise
    return text


# ---------------------------------------------------------------- single columns


def text_to_column(text: object, path: str) -> str:
    """The text, if every store can hold it.

    Raises:
        InvalidValueError: not text, or text with NUL or half a surrogate pair in it.
    """
    if isinstance(text, str) and "\x00" not in text and _is_unicode(text):
        return text
    raise InvalidValueError(
        "not a text that can be stored",
        path=path,
        hint="give text without NUL and without broken characters",
    )


def time_to_text(moment: object, path: str) -> str:
    """ISO 8601 in UTC with microseconds, so that text order is time order.

    Raises:
        InvalidValueError: the time names no zone.
    """
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidValueError("not a time with a zone", path=path, hint="give an aware datetime")
    try:
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        raise InvalidValueError("a time outside the calendar", path=path) from None


def time_from_text(text: str) -> datetime:
    """The inverse of :func:`time_to_text`.

    Raises:
        ValueError, TypeError: the text is no such time.
    """
    moment = datetime.fromisoformat(_str(text))
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment.astimezone(UTC)


def text_from_column(value: object, path: str) -> str:
    """The inverse of :func:`text_to_column`.

    Raises:
        StoreCorruptError: it is not text.
    """
    with _reading("text", (path,)):
        return _str(value)


def _maybe_text(text: str | None, path: str) -> str | None:
    return None if text is None else text_to_column(text, path)


def _one_of(text: str, allowed: Sequence[str], path: str) -> str:
    if text not in allowed:
        raise InvalidValueError(f"not one of {', '.join(allowed)}", path=path)
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json(value: Mapping[str, Any], path: str) -> str:
    if not isinstance(value, Mapping):
        raise InvalidValueError("not a mapping of names to values", path=path)
    try:
        ready = _json_ready(value, path)
        text = json.dumps(ready, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (RecursionError, ValueError):
        raise InvalidValueError("nested too deeply, or a number too long", path=path) from None
    if not _is_unicode(text):
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


# ---------------------------------------------------------------- reading back


@contextmanager
def _reading(what: str, name: Row) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError, InvalidValueError):
        raise StoreCorruptError(
            f"a {what} cannot be read",
            path=" ".join(map(str, name)),
            hint="restore a backup, or look at the row with a database tool",
        ) from None


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _maybe_str(value: Any) -> str | None:
    return None if value is None else _str(value)


def _maybe_ref(kind: Any, key: Any) -> Ref | None:
    return None if kind is None and key is None else Ref(_str(kind), _str(key))


def _mapping(text: Any) -> dict[str, Any]:
    value = json.loads(_str(text))
    _json(value, "")  # What could not be written was not written by us.
    return cast("dict[str, Any]", value)
