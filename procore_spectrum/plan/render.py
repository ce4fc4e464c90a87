"""A plan as text or Markdown, for the person who has to answer for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from procore_spectrum.plan.operations import FieldChange, Held, Operation
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import same, show

__all__ = ["one_line", "text"]

_MARK = {"create": "+", "update": "~", "link": "=", "deactivate": "-", "held": "!"}


def text(plan: Plan, *, limit: int | None = 20, markdown: bool = False) -> str:
    """The whole plan; at most ``limit`` operations of each kind and verb in full."""
    lines = [one_line(line) for line in _lines(plan, limit)]
    if not markdown:
        return "\n".join(lines)
    title, summary, *rest = lines
    fence = _fence(rest)
    return "\n".join([f"# {_escaped(title)}", "", summary, "", f"{fence}text", *rest, fence])


def _fence(lines: Iterable[str]) -> str:
    """A fence that no title can close: longer than any run of backticks between."""
    runs = (len(run) for line in lines for run in re.findall("`+", line))
    return "`" * max(3, 1 + max(runs, default=0))


def _escaped(line: str) -> str:
    return re.sub(r"([\\`*_\[\]<>&!#|~])", r"\\\1", line)


def _lines(plan: Plan, limit: int | None) -> Iterator[str]:
    moment = f", read at {plan.as_of:%Y-%m-%d %H:%M} UTC" if plan.as_of else ""
    yield f"Plan {plan.plan_id[:12]} for {plan.company}{moment}"
    yield " · ".join(f"{verb} {count}" for verb, count in plan.counts.items())
    for guard in plan.guards:
        yield f"STOPPED: {guard}"
    if plan.is_empty:
        yield "Nothing to do." if not plan.held else "Nothing to do but what waits for a person."
    yield from _queue(plan)
    for (feature, kind, verb), found in _groups(plan).items():
        yield ""
        yield f"{feature}: {verb} {len(found)} × {kind.replace('_', ' ')}"
        shown = found if limit is None else found[:limit]
        for op in shown:
            yield from _operation(op)
        if len(found) > len(shown):
            yield f"  … and {len(found) - len(shown)} more"
    for note in plan.notes:
        yield ""
        yield f"note on {note.feature}: {note.text}"


def _queue(plan: Plan) -> Iterator[str]:
    """What changes in the queue of accounting although nothing can be exported."""
    for item in plan.withdrawals:
        yield f"withdrawn from accounting: {_name(item.ref)}: {item.why}"
    for document in plan.corrected:
        count = len(document.violations)
        rules = f": {count} rule{'s' if count > 1 else ''} broken" if count else ""
        yield f"shown to accounting anew: {_name(document.ref)} {document.title}{rules}"


def _name(ref: Ref) -> str:
    return f"{ref.kind.replace('_', ' ')} {ref.key}"


def _groups(plan: Plan) -> Mapping[tuple[str, str, str], list[Operation]]:
    """Operations by feature, kind and verb, in the order of the work."""
    features: dict[str, dict[tuple[str, str, str], list[Operation]]] = {}
    for op in plan.operations:
        groups = features.setdefault(op.feature, {})
        groups.setdefault((op.feature, op.ref.kind, op.verb), []).append(op)
    return {key: found for groups in features.values() for key, found in groups.items()}


def _operation(op: Operation) -> Iterator[str]:
    title = f"  {op.title}" if op.title else ""
    yield f"  {_MARK[op.verb]} {op.ref.key}{title}"
    if isinstance(op, Held):
        yield f"      held: {op.message}"
        for violation in op.violations:
            yield f"        - {violation}"
        for candidate in op.candidates:
            proof = ", ".join(candidate.evidence)
            yield (
                f"        ? {candidate.target_id} {candidate.title}"
                f"  ({candidate.score} of 100: {proof})"
            )
        yield from (f"        {_change(change)}" for change in op.changes)
        if op.hint:
            yield f"      to do: {op.hint}"
        return
    if op.verb != "create":
        if op.reason:
            yield f"      {op.reason}"
        yield from (f"        {_change(change)}" for change in op.changes)


def _change(change: FieldChange) -> str:
    line = f"{change.path}: {show(change.target)} -> {show(change.source)}"
    if not same(change.base, change.target) and not same(change.base, None):
        line += f" (last agreed: {show(change.base)})"
    return line


def one_line(value: str) -> str:
    """The text without control characters, so that a title cannot forge lines."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value)
