"""What every command shares: printing, JSON, and turning errors into an exit status."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

import click

from procore_spectrum.errors import ProcoreSpectrumError

__all__ = ["Exit", "as_command", "say", "say_json"]

F = TypeVar("F", bound=Callable[..., Any])


class Exit(IntEnum):
    """The exit statuses that scripts may rely on."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3


def say(text: str) -> None:
    """Print a text for people."""
    click.echo(text)


def say_json(value: Any) -> None:
    """Print one JSON document on one line."""
    click.echo(json.dumps(value, ensure_ascii=False))


def as_command(function: F) -> Callable[..., None]:
    """Let a command return its exit status, and report our errors without a traceback.

    With ``--json``, an error is a JSON object on standard output.
    """

    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> None:
        try:
            status = function(*args, **options)
        except ProcoreSpectrumError as error:
            if options.get("as_json"):
                say_json({"error": _as_json(error)})
            else:
                click.echo(f"{type(error).__name__}: {_readable(error)}", err=True)
            status = Exit.FAILED
        click.get_current_context().exit(int(status))

    return run


def _as_json(error: ProcoreSpectrumError) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "message": error.message,
        "path": error.path,
        "hint": error.hint,
        "violations": [str(violation) for violation in error.violations],
    }


def _readable(error: ProcoreSpectrumError) -> str:
    lines = [error.message + (f"  [{error.path}]" if error.path else "")]
    lines += [f"  - {violation}" for violation in error.violations]
    if error.hint:
        lines.append(f"  to do: {error.hint}")
    return "\n".join(lines)
