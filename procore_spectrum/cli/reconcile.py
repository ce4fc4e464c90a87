"""``procore-spectrum reconcile``: both systems' money side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from procore_spectrum.cli.options import as_json_option, connection_of
from procore_spectrum.cli.output import Exit, as_command, say, say_json
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.files.workbooks import write_workbook
from procore_spectrum.plan.reconciliation import Balance, Reconciliation
from procore_spectrum.plan.reconciliation_html import as_html
from procore_spectrum.plan.reconciliation_text import as_text, sheets, verdict
from procore_spectrum.plan.sheets import to_csv

__all__ = ["exit_of", "reconcile"]

_FORMATS: Mapping[str, Callable[[Reconciliation], bytes]] = {
    "text": lambda found: f"{as_text(found, limit=None)}\n".encode(),
    # With the mark by which spreadsheets know UTF-8.
    "csv": lambda found: to_csv(sheets(found)[0]).encode("utf-8-sig"),
    "html": lambda found: as_html(found).encode(),
    "xlsx": lambda found: write_workbook(sheets(found)),
}
_EXITS = {
    Balance.BALANCED: Exit.DONE,
    Balance.EXPLAINED: Exit.WAITING,
    Balance.UNEXPLAINED: Exit.FAILED,
}


def exit_of(found: Reconciliation) -> Exit:
    """0 balanced, 3 different for known reasons only, 1 unexplained."""
    return _EXITS[found.balance]


@click.command()
@click.option("--job", "jobs", multiple=True, metavar="NUMBER", help="Only this job.")
@click.option(
    "--format", "form", type=click.Choice(sorted(_FORMATS)), default="text", show_default=True
)
@click.option("--out", type=click.Path(dir_okay=False), help="Write it to this file.")
@as_json_option
@click.pass_context
@as_command
def reconcile(
    context: click.Context,
    jobs: tuple[str, ...],
    form: str,
    out: str | None,
    *,
    as_json: bool,
) -> Exit:
    """Compare the money of both systems, job by job. Changes nothing."""
    if form == "xlsx" and not out:
        raise click.UsageError("a workbook needs a file: add --out FILE")
    with connection_of(context) as connection:
        found = connection.syncer.reconcile(jobs=jobs or None)
    if out:
        _write(Path(out), _FORMATS[form](found))
    if as_json:
        say_json(found.to_json())
    elif out:
        say(f"{verdict(found)} Written to {out}.")
    else:
        shown = as_text(found) if form == "text" else _FORMATS[form](found).decode("utf-8-sig")
        say(shown.rstrip("\n"))
    return exit_of(found)


def _write(path: Path, content: bytes) -> None:
    """The file belongs to its owner only, because it tells what a company earns."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(content)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written", path=str(path)) from error
