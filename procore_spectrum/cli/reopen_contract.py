"""``procore-spectrum reopen-contract``: import a contract again although changes hang on it."""

from __future__ import annotations

import click

from procore_spectrum.cli.options import connection_of
from procore_spectrum.cli.output import Exit, as_command, say

__all__ = ["reopen_contract"]


@click.command("reopen-contract")
@click.argument("job")
@click.option("--why", required=True, help="The reason; recorded in the journal.")
@click.pass_context
@as_command
def reopen_contract(context: click.Context, job: str, why: str) -> Exit:
    """Decide to import a job's prime contract again, although change orders hang on it."""
    with connection_of(context) as connection:
        connection.syncer.reopen_contract(job, why=why)
    say(f"decided: the prime contract of job {job} is imported again")
    return Exit.DONE
