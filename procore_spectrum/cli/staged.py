"""What could be imported from Spectrum, on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from procore_spectrum.apply.staging import StagedRecord
from procore_spectrum.cli.options import as_json_option, connection_of, why_option
from procore_spectrum.cli.output import Exit, as_command, say, say_json
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.render import one_line

__all__ = ["restore", "staged"]

_KINDS = ("company", "project")


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what is imported or left out.")
@as_json_option
@click.pass_context
@as_command
def staged(context: click.Context, *, everything: bool, as_json: bool) -> Exit:
    """Show vendors and jobs of Spectrum that could be imported, and what they wait for."""
    with connection_of(context) as connection:
        found = connection.syncer.staged(everything=everything)
    if as_json:
        say_json([_as_json(item) for item in found])
    for item in () if as_json else found:
        for line in _lines(item):
            say(one_line(line))
    if not found and not as_json:
        say("Nothing could be imported.")
    return Exit.WAITING if any(item.is_open and item.waits for item in found) else Exit.DONE


def _as_json(item: StagedRecord) -> dict[str, Any]:
    return {
        "id": f"{item.ref.kind}:{item.ref.key}",
        "kind": item.ref.kind,
        "key": item.ref.key,
        "title": item.title,
        "state": item.state.value,
        "waits": item.waits,
        "why": item.why,
        "hint": item.hint,
        "target_id": item.target_id,
        "candidates": [
            {"target_id": hit.target_id, "title": hit.title, "score": hit.score}
            for hit in item.candidates
        ],
        "decided_by": item.decided_by,
        "decided_at": item.decided_at.isoformat() if item.decided_at else None,
    }


def _lines(item: StagedRecord) -> Iterator[str]:
    title = f"  {item.title}" if item.title else ""
    linked = f" to {item.target_id}" if item.target_id else ""
    state = item.state.value.replace("_", " ")
    yield f"{item.ref.kind} {item.ref.key}{title}  [{state}{linked}]"
    if item.decided_by:
        yield f"    left out by {item.decided_by}" + (f": {item.why}" if item.why else "")
    elif item.why:
        yield f"    {item.why}"
    for hit in item.candidates:
        yield f"    ? {hit.target_id} {hit.title}  ({hit.score} of 100)"
    if item.hint:
        yield f"    to do: {item.hint}"


@click.command()
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("key")
@why_option
@click.pass_context
@as_command
def restore(context: click.Context, kind: str, key: str, why: str) -> Exit:
    """Consider a record again that was left out."""
    with connection_of(context) as connection:
        connection.syncer.restore(Ref(kind, key), why=why)
    say(f"decided: {kind} {key} is considered again")
    return Exit.DONE
