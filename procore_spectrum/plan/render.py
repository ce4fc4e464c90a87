"""A plan as text or Markdown, for the person who has to answer for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from procore_spectrum.plan.operations import FieldChange, Held, Operation
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.values import Value, same, show

__all__ = ["text"]

_MARK = {"create": "+", "update": "~", "link": "=", "deactivate": "-", "held": "!"}


def text(plan: Plan, *, limit: int | None = 20, markdown: bool = False) -> str:
    """The whole plan; at most ``limit`` operations of each kind and verb in full."""
    lines = list(_lines(plan, limit))
    if not markdown:
        return "\n".join(lines)
    title, summary, *rest = lines
    return "\n".join([f"# {title}", "", summary, "", "```text", *rest, "```"])


def _lines(plan: Plan, limit: int | None) -> Iterator[str]:
    moment = f", read at {plan.as_of:%Y-%m-%d %H:%M} UTC" if plan.as_of else ""
    yield f"Plan {plan.plan_id[:12]} for {plan.company}{moment}"
    yield " · ".join(f"{verb} {count}" for verb, count in plan.counts.items())
    for guard in plan.guards:
        yield f"STOPPED: {guard}"
    if plan.is_empty:
        yield "Nothing to do." if not plan.held else "Nothing to do but what waits for a person."
    for (feature, kind, verb), group in groupby(sorted(plan.operations, key=_group), key=_group):
        found = list(group)
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


def _group(op: Operation) -> tuple[str, str, str]:
    return op.feature, op.ref.kind, op.verb


def _operation(op: Operation) -> Iterator[str]:
    title = f"  {_one_line(op.title)}" if op.title else ""
    yield f"  {_MARK[op.verb]} {op.ref.key}{title}"
    if isinstance(op, Held):
        yield f"      held: {op.message}"
        for violation in op.violations:
            yield f"        - {_one_line(str(violation))}"
        for candidate in op.candidates:
            proof = ", ".join(candidate.evidence)
            yield (
                f"        ? {candidate.target_id} {_one_line(candidate.title)}"
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
    line = f"{change.path}: {_quoted(change.target)} -> {_quoted(change.source)}"
    if not same(change.base, change.target) and not same(change.base, None):
        line += f" (last agreed: {_quoted(change.base)})"
    return line


def _quoted(value: Value) -> str:
    return _one_line(show(value))


def _one_line(value: str) -> str:
    """Control characters cannot forge lines of the plan."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value)
