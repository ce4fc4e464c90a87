"""A database that holds what a fake Spectrum knows, under column names of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import attrs
from sqlalchemy import Engine, NullPool, create_engine, text

from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.spectrum.sql_queries import TABLES
from procore_spectrum.testing import FakeClock

KINDS = {table.kind: table.name for table in TABLES.values()}


@attrs.frozen
class Installation:
    """A database with a table for each query; every column is called ``c_`` and its name."""

    engine: Engine
    url: str
    schema: str

    def fill(self, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        """Replace everything by these rows, which are ``FakeSpectrum.sql_rows()``."""
        with self.engine.begin() as connection:
            for name in TABLES:
                connection.execute(text(f"DELETE FROM {self.schema}{name}"))
                if rows[name]:
                    columns = COLUMNS[name]
                    names = ", ".join(f"c_{column}" for column in columns)
                    places = ", ".join(f":{column}" for column in columns)
                    insert = f"INSERT INTO {self.schema}{name} ({names}) VALUES ({places})"
                    connection.execute(text(insert), [self._stored(row) for row in rows[name]])

    def _stored(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Sqlite has neither decimals nor days: both are text."""
        if self.engine.dialect.name != "sqlite":
            return dict(row)
        return {
            name: str(value) if isinstance(value, Decimal | date) else value
            for name, value in row.items()
        }

    def execute(self, statement: str) -> None:
        """Change the database behind the reader's back."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def query(self, name: str) -> str:
        """The query of this installation for a table."""
        columns = ", ".join(f"c_{column} AS {column}" for column in COLUMNS[name])
        return f"SELECT {columns} FROM {self.schema}{name} WHERE c_company_code = :company_code"

    @property
    def queries(self) -> dict[str, str]:
        """A query for every table."""
        return {name: self.query(name) for name in TABLES}

    def reader(self, queries: Mapping[str, str] | None = None, **choices: Any) -> SqlSpectrumReader:
        """A reader of company ABC."""
        options = {"company_code": "ABC", "clock": FakeClock(), **choices}
        return SqlSpectrumReader(
            self.url, queries=self.queries if queries is None else queries, **options
        )


_TEXT, _NUMBER, _DAY, _WHOLE = "VARCHAR(120)", "NUMERIC(19, 4)", "DATE", "INTEGER"
_TYPES = {
    **dict.fromkeys(
        ("quantity", "unit_price", "amount", "sub_amount", "retention_percent", "hours"), _NUMBER
    ),
    "date": _DAY,
    "action_type": _WHOLE,
}
COLUMNS = {
    "subcontracts": [
        "company_code",
        "vendor_code",
        "subcontract_number",
        "job_number",
        "status_code",
        "retention_percent",
        "comment",
    ],
    "subcontract_lines": [
        "company_code",
        "vendor_code",
        "subcontract_number",
        "phase_code",
        "cost_type",
        "bid_item_number",
        "description",
        "quantity",
        "unit_price",
        "amount",
    ],
    "change_requests": [
        "company_code",
        "job_number",
        "customer_code",
        "change_request_number",
        "status_code",
        "description",
    ],
    "change_request_lines": [
        "company_code",
        "job_number",
        "customer_code",
        "change_request_number",
        "phase_code",
        "cost_type",
        "vendor_code",
        "subcontract_number",
        "quantity",
        "amount",
        "sub_amount",
        "sub_status",
    ],
    "change_statuses": ["company_code", "status_code", "action_type"],
    "cost_types": ["company_code", "cost_type", "description"],
    "standard_phases": ["company_code", "phase_category", "phase_code", "cost_type", "description"],
    "prime_contract_lines": ["company_code", "job_number", "item", "description", "amount"],
    "job_cost_transactions": [
        "company_code",
        "job_number",
        "phase_code",
        "cost_type",
        "date",
        "amount",
        "hours",
        "quantity",
        "description",
    ],
    "original_estimates": [
        "company_code",
        "job_number",
        "phase_code",
        "cost_type",
        "quantity",
        "hours",
        "amount",
    ],
}


@contextmanager
def installed(url: str) -> Iterator[Installation]:
    """The tables, empty; in a schema of their own where the database has schemas."""
    engine = create_engine(url, poolclass=NullPool)
    sqlite = engine.dialect.name == "sqlite"
    schema = "" if sqlite else f"spectrum_{uuid4().hex[:12]}"
    made = Installation(engine, url, f"{schema}." if schema else "")
    if schema:
        made.execute(f"CREATE SCHEMA {schema}")
    try:
        for name, columns in COLUMNS.items():
            types = (
                f"c_{column} {'TEXT' if sqlite and column != 'action_type' else kind}"
                for column in columns
                for kind in (_TYPES.get(column, _TEXT),)
            )
            made.execute(f"CREATE TABLE {made.schema}{name} ({', '.join(types)})")
        yield made
    finally:
        if schema:
            made.execute(f"DROP SCHEMA {schema} CASCADE")
        engine.dispose()
