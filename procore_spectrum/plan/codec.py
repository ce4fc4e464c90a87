"""Plans as JSON, for files and for scripts. Plan files are data: nothing in them is executed.

Values stand in ``exact`` in their canonical spelling (see :mod:`.values`), so that a plan read
back is the plan that was written; ``fields`` repeats them in plain form for scripts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from procore_spectrum.errors import (
    InvalidValueError,
    ProcoreSpectrumError,
    StalePlanError,
    Violation,
)
from procore_spectrum.plan.document_codec import document_from_json, document_to_json
from procore_spectrum.plan.documents import Withdrawal
from procore_spectrum.plan.operations import (
    Create,
    Deactivate,
    FieldChange,
    Held,
    Link,
    Operation,
    Update,
)
from procore_spectrum.plan.plan import Note, Plan
from procore_spectrum.plan.records import Candidate, Ref
from procore_spectrum.plan.values import Fields, Value, canonical, from_canonical, plain

__all__ = ["FORMAT", "dumps", "loads", "to_json"]

FORMAT = 1
"""The version of the JSON; a reader refuses one that it does not know."""

_VERBS: dict[str, type[Operation]] = {
    kind.verb: kind for kind in (Create, Update, Link, Deactivate, Held)
}


def dumps(plan: Plan) -> str:
    """The plan as JSON text."""
    return json.dumps(to_json(plan), ensure_ascii=False, indent=1)


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as a JSON-ready object; its keys are documented and versioned.

    ``digest`` covers all the rest, so that a file altered by hand is refused.
    """
    data = _to_json(plan)
    return {**data, "digest": _digest(data)}


def _digest(data: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in data.items() if key != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _to_json(plan: Plan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "plan_id": plan.plan_id,
        "company": plan.company,
        "as_of": plan.as_of.isoformat() if plan.as_of else None,
        "counts": dict(plan.counts),
        "documents": [
            {"ref": _ref(document.ref), **document_to_json(document)} for document in plan.documents
        ],
        "withdrawals": [{"ref": _ref(item.ref), "why": item.why} for item in plan.withdrawals],
        "waiting": [_ref(ref) for ref in sorted(plan.waiting)],
        "guards": [_violation(guard) for guard in plan.guards],
        "notes": [{"feature": note.feature, "text": note.text} for note in plan.notes],
        "operations": [_operation(op, plan) for op in plan.operations],
        "held": [
            {"key": str(op.ref), "code": op.code, "message": op.message, "hint": op.hint}
            for op in plan.held
        ],
        "requests": plan.requests,
    }


def loads(text: str | bytes) -> Plan:
    """Read a plan back, and check that nothing in it was altered.

    Raises:
        StalePlanError: not a plan, of another version, or altered since it was written.
    """
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise StalePlanError(
                f"the plan file has format {data['format']!r}, not {FORMAT}", hint="plan again"
            )
        if data["digest"] != _digest(data):
            raise StalePlanError(
                "the plan file was altered after it was written", hint="plan again"
            )
        plan = _plan(data)
        if data["plan_id"] != plan.plan_id:
            raise StalePlanError("the plan file contradicts itself", hint="plan again")
    except ProcoreSpectrumError as error:
        if isinstance(error, StalePlanError):
            raise
        raise _unreadable() from error
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise _unreadable() from error
    return plan


def _unreadable() -> StalePlanError:
    return StalePlanError("this is not a plan file", hint="write one with: plan --out FILE")


def _plan(data: Mapping[str, Any]) -> Plan:
    return Plan(
        company=_text(data["company"]),
        operations=tuple(_read_operation(item) for item in data["operations"]),
        documents=tuple(
            document_from_json(Ref(*map(_text, item["ref"])), item) for item in data["documents"]
        ),
        withdrawals=tuple(
            Withdrawal(Ref(*map(_text, item["ref"])), _text(item["why"]))
            for item in data.get("withdrawals", ())
        ),
        waiting=frozenset(Ref(*map(_text, item)) for item in data.get("waiting", ())),
        guards=tuple(_read_violation(item) for item in data["guards"]),
        notes=tuple(Note(_text(item["feature"]), _text(item["text"])) for item in data["notes"]),
        as_of=_moment(data["as_of"]),
        requests=int(data["requests"]),
    )


# ---------------------------------------------------------------- operations


def _state(op: Operation, plan: Plan) -> str:
    if isinstance(op, Held):
        return "held"
    return "waiting" if op.document in plan.waiting else "ready"


def _operation(op: Operation, plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = {
        "op_id": op.op_id,
        "feature": op.feature,
        "kind": op.ref.kind,
        "verb": op.verb,
        "key": op.ref.key,
        "title": op.title,
        "target": op.target,
        "target_id": op.target_id,
        "state": _state(op, plan),
        "reason": op.reason,
        "scope": _ref(op.scope),
        "parent": _ref(op.parent),
        "partition": op.partition,
        "active": op.active,
        "document": _ref(op.document),
        "shown": op.shown,
        "after": [_ref(ref) for ref in op.after],
        "refers": dict(op.refers),
        "fields": [
            {
                "path": change.path,
                "base": plain(change.base),
                "source": plain(change.source),
                "target": plain(change.target),
            }
            for change in op.changes
        ],
        "exact": {
            "desired": _exact(op.desired),
            "before": _exact(op.before),
            "changes": [
                [c.path, canonical(c.base), canonical(c.source), canonical(c.target)]
                for c in op.changes
            ],
        },
    }
    if isinstance(op, Link):
        found["stamp"] = op.stamp
    if isinstance(op, Held):
        found |= {
            "code": op.code,
            "message": op.message,
            "hint": op.hint,
            "violations": [_violation(violation) for violation in op.violations],
            "candidates": [
                {
                    "target_id": candidate.target_id,
                    "title": candidate.title,
                    "score": candidate.score,
                    "evidence": list(candidate.evidence),
                }
                for candidate in op.candidates
            ],
        }
    return found


def _read_operation(item: Mapping[str, Any]) -> Operation:
    exact = item["exact"]
    common: dict[str, Any] = {
        "feature": _text(item["feature"]),
        "ref": Ref(_text(item["kind"]), _text(item["key"])),
        "title": _text(item["title"]),
        "reason": _text(item["reason"]),
        "target": _system(item["target"]),
        "target_id": None if item["target_id"] is None else _text(item["target_id"]),
        "scope": _read_ref(item["scope"]),
        "parent": _read_ref(item["parent"]),
        "partition": _text(item["partition"]),
        "active": item["active"] is True,
        "document": _read_ref(item["document"]),
        "shown": _text(item["shown"]),
        "after": tuple(ref for part in item["after"] if (ref := _read_ref(part))),
        "refers": {_text(path): _text(kind) for path, kind in item.get("refers", {}).items()},
        "desired": _read_exact(exact["desired"]),
        "before": _read_exact(exact["before"]),
        "changes": tuple(
            FieldChange(
                path=_text(path),
                base=from_canonical(base),
                source=from_canonical(source),
                target=from_canonical(target),
            )
            for path, base, source, target in exact["changes"]
        ),
    }
    verb = item["verb"]
    if verb == "link":
        common["stamp"] = item["stamp"] is True
    elif verb == "held":
        common |= {name: _text(item[name]) for name in ("code", "message", "hint")}
        common["violations"] = tuple(_read_violation(part) for part in item["violations"])
        common["candidates"] = tuple(
            Candidate(
                target_id=_text(part["target_id"]),
                title=_text(part["title"]),
                score=int(part["score"]),
                evidence=tuple(map(_text, part["evidence"])),
            )
            for part in item["candidates"]
        )
    return _VERBS[verb](**common)


# ---------------------------------------------------------------- small pieces


def _exact(fields: Fields) -> dict[str, str]:
    return {path: canonical(value) for path, value in fields.items()}


def _read_exact(fields: Mapping[str, str]) -> dict[str, Value]:
    return {_text(path): from_canonical(value) for path, value in fields.items()}


def _ref(ref: Ref | None) -> list[str] | None:
    return [ref.kind, ref.key] if ref else None


def _read_ref(item: Any) -> Ref | None:
    if item is None:
        return None
    kind, key = item
    return Ref(_text(kind), _text(key))


def _violation(violation: Violation) -> dict[str, str]:
    return {
        "code": violation.code,
        "path": violation.path,
        "message": violation.message,
        "hint": violation.hint,
    }


def _read_violation(item: Mapping[str, Any]) -> Violation:
    return Violation(**{name: _text(item[name]) for name in ("code", "path", "message", "hint")})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValueError("a text is missing from the plan file")
    return value


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise InvalidValueError("a time in the plan file names no zone")
    return moment


def _system(value: Any) -> str:
    if value not in ("procore", "spectrum"):
        raise InvalidValueError("the plan file names a system that does not exist")
    return str(value)
