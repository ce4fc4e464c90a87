"""Options and connections that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from procore_spectrum.cli.config import load_config
from procore_spectrum.cli.connect import Connection, connect
from procore_spectrum.features import FEATURES

__all__ = ["as_json_option", "connection_of", "selection_options", "why_option"]

_Command = Callable[..., Any]


@contextmanager
def connection_of(context: click.Context) -> Iterator[Connection]:
    """The connection that the configuration describes, closed at the end."""
    connection = connect(load_config(context.obj))
    try:
        yield connection
    finally:
        connection.close()


def as_json_option(function: _Command) -> _Command:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def why_option(function: _Command) -> _Command:
    """``--why``."""
    return click.option("--why", default="", help="The reason; recorded in the journal.")(function)


def selection_options(function: _Command) -> _Command:
    """``--feature`` and ``--job``."""
    names = [feature.name for feature in FEATURES]
    feature = click.option(
        "--feature", "features", multiple=True, type=click.Choice(names), help="Only this one."
    )
    job = click.option("--job", "jobs", multiple=True, metavar="NUMBER", help="Only this job.")
    return feature(job(function))
