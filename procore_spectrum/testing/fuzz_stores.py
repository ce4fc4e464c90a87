"""The state store and Spectrum's database, as the fuzzer damages them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.models.about import fields_of
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import (
    Claim,
    CompanyKey,
    Crosswalk,
    Decision,
    EventQuery,
    ReadQuery,
    StartedOperation,
    StoreChange,
)
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.spectrum.sql_queries import TABLES, RowReader, Table
from procore_spectrum.stores import SqliteStore
from procore_spectrum.stores.columns import day_from_fact
from procore_spectrum.testing.fuzz_cases import Case

__all__ = ["some_of_everything", "sql_queries", "sql_rows", "store_files", "stored_values"]

# ---------------------------------------------------------------- the state store


def some_of_everything(at: datetime) -> StoreChange:
    """A row for each table that neither an import nor an approval fills."""
    decision = Decision(
        ref=Ref("company", "LATE"), choice="link", at=at, who="Robin", why="seen", target_id="7"
    )
    started = StartedOperation(
        op_id="op-1",
        ref=Ref("company", "LATE"),
        target="procore",
        verb="create",
        at=at,
        plan_id="plan-1",
        fields={"name": "Acme", "amount": Decimal("1.50"), "on": date(2026, 1, 2)},
    )
    return StoreChange(
        decisions=(decision,),
        started=(started,),
        claims=(Claim(space="ABC", number="SC-1", ref=Ref("commitment", "77")),),
        facts={"connected_on": "2026-01-01"},
    )


def store_files(folder: Path, company: CompanyKey) -> Iterator[Case]:
    """The file itself, as a failing disk damages it."""
    room = folder / "store"

    def read(content: bytes) -> object:
        room.mkdir()
        try:
            path = room / "sync.db"
            path.write_bytes(content)
            return _read_all(path, company)
        finally:
            shutil.rmtree(room)

    yield Case((folder / "copy.db").read_bytes(), read)


def _read_all(path: Path, company: CompanyKey) -> object:
    with SqliteStore(path) as store:
        handle = store.for_company(company)
        kinds = ("company", "project", "cost_code")
        return (
            *(handle.read_links(Crosswalk(kind=kind)) for kind in kinds),
            *(handle.read_started(), handle.read_decisions(), handle.read_approvals()),
            *(handle.read_events(EventQuery()), handle.read_claims("ABC")),
            *(day_from_fact(handle.read_fact("connected_on") or "", "fact"), handle.verify()),
        )


_COLUMNS = (
    *(("links", name) for name in ("scope_kind", "target_id", "base", "fingerprint", "echo")),
    *(("started", name) for name in ("at", "verb", "fields", "target_id", "scope_key")),
    *(("decisions", name) for name in ("at", "why", "target_id")),
    *(("events", name) for name in ("at", "kind", "detail", "previous", "digest")),
    *(("approvals", name) for name in ("state", "body")),
    *(("facts", "value"), ("journal_ends", "digest"), ("claims", "key")),
)


def stored_values(folder: Path, company: CompanyKey) -> Iterator[Case]:
    """Single values in a file that is sound: what a hand or another program wrote there."""
    path, sound = folder / "values.db", (folder / "copy.db").read_bytes()

    def read(table: str, column: str, content: bytes) -> object:
        path.write_bytes(sound)
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")
            database.execute("DROP TRIGGER IF EXISTS events_are_never_changed")
            # Both names are of the list above.
            statement = f"UPDATE {table} SET {column} = ?"  # noqa: S608 - names of our own
            database.execute(statement, [_as_value(content)])
        return _read_all(path, company)

    with closing(sqlite3.connect(folder / "copy.db")) as database:
        for table, column in _COLUMNS:
            found = database.execute(f"SELECT {column} FROM {table}").fetchone()  # noqa: S608 - the same
            yield Case(str(found[0] or "").encode(), partial(read, table, column))


def _as_value(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


# ---------------------------------------------------------------- Spectrum's database

_SAMPLES = {str: "A", Decimal: "12.50", int: 3, date: "2026-01-02"}


def sql_rows() -> Iterator[Case]:
    """A row of each table, as JSON gives its values; a driver gives text, numbers and days too."""
    for table in TABLES.values():
        fields = fields_of(table.model)
        row = [
            "ABC" if field.name == "company_code" else _SAMPLES[_base(field.type)]
            for field in fields
        ]
        yield Case(json.dumps(row).encode(), partial(_read_row, table))


def _base(kind: Any) -> type:
    found: type = getattr(kind, "__supertype__", kind)
    return found


def _read_row(table: Table, content: bytes) -> object:
    try:
        values = json.loads(content, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise ConfigurationError("not JSON") from None
    names = [field.wire for field in fields_of(table.model)]
    given = [*values, *names] if isinstance(values, list) else [values, *names]
    return RowReader(table, names, "ABC").read(1, given[: len(names)])


def sql_queries() -> Iterator[Case]:
    """A query of the configuration, run on an empty database."""
    for table in ("subcontracts", "cost_types"):
        columns = ", ".join(
            f"{_SQL[_base(field.type)]} AS {field.wire}"
            for field in fields_of(TABLES[table].model)
            if field.name != "company_code"
        )
        query = f"-- what is agreed\nSELECT :company_code AS company_code, {columns}"
        query += "\nWHERE :company_code = 'ABC' AND NOT '' = trim('it''s ');"
        yield Case(query.encode(), partial(_run_query, table))


_SQL = {str: "trim('A')", Decimal: "'12.50'", int: "3", date: "'2026-01-02'"}


def _run_query(table: str, content: bytes) -> object:
    text = content.decode("latin-1")
    reader = SqlSpectrumReader("sqlite://", company_code="ABC", queries={table: text}, timeout=1.0)
    try:
        return [reader.read(ReadQuery(kind=kind)) for kind in reader.kinds]
    finally:
        reader.close()
