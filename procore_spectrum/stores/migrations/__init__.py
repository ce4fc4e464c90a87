"""Numbered SQL files, one folder for each kind of database. Once released, never edited."""

from __future__ import annotations

from importlib.resources import files

import attrs

__all__ = ["Migration", "load_migrations"]


@attrs.frozen(kw_only=True)
class Migration:
    """One step of the schema; ``0001_state.sql`` has version 1 and name ``state``."""

    version: int
    name: str
    sql: str


def load_migrations(dialect: str) -> tuple[Migration, ...]:
    """All steps for ``"sqlite"``, in order. Together they are the schema."""
    steps = []
    for file in files(__name__).joinpath(dialect).iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        sql = file.read_text(encoding="utf-8")
        steps.append(Migration(version=int(number), name=name, sql=sql))
    return tuple(sorted(steps, key=lambda step: step.version))
