"""The fake Spectrum's database as a sqlite file, for whoever wants to try reading by SQL.

The tables and columns have the names of our own queries, so that each query is a plain SELECT.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from procore_spectrum.models.about import fields_of
from procore_spectrum.spectrum.sql_queries import TABLES
from procore_spectrum.testing.fake_spectrum import FakeSpectrum
from procore_spectrum.testing.fake_spectrum.sql_rows import Cell, SqlRow
from procore_spectrum.wire.messages import Request, Response

__all__ = ["SqlFile"]


class SqlFile:
    """Answers like the fake, and writes the file anew after every call that may have changed it.

    Args:
        spectrum: the fake.
        path: of the file; what is there is replaced.
    """

    def __init__(self, spectrum: FakeSpectrum, path: Path) -> None:
        self._spectrum = spectrum
        self._path = path
        self._lock = threading.Lock()
        path.unlink(missing_ok=True)
        self.refresh()

    @property
    def url(self) -> str:
        """What ``SPECTRUM_SQL_URL`` has to be."""
        return f"sqlite:///{self._path.resolve()}"

    @property
    def queries(self) -> dict[str, str]:
        """The section ``[spectrum.sql.queries]`` of the configuration."""
        return {
            name: f"SELECT * FROM {name} WHERE company_code = :company_code"  # noqa: S608 - our names
            for name in TABLES
        }

    @property
    def calls(self) -> object:
        """As the fake has them."""
        return self._spectrum.calls

    def state(self) -> object:
        """As the fake has it."""
        return self._spectrum.state()

    def handle(self, request: Request) -> Response:
        """Answer, and keep the file in step."""
        response = self._spectrum.handle(request)
        service = urlsplit(request.url).path.rstrip("/").rpartition("/")[2]
        if request.method == "POST" and not service.startswith("Get"):
            self.refresh()
        return response

    def refresh(self) -> None:
        """Write the file anew, in one transaction."""
        with self._lock, closing(sqlite3.connect(self._path)) as database, database:
            database.execute("PRAGMA synchronous = OFF")  # it is a copy
            for name, rows in self._spectrum.sql_rows().items():
                _write(database, name, rows)


def _write(database: sqlite3.Connection, name: str, rows: list[SqlRow]) -> None:
    columns = [field.wire for field in fields_of(TABLES[name].model)]
    database.execute(f"DROP TABLE IF EXISTS {name}")
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    places = ", ".join("?" for _ in columns)
    insert = f"INSERT INTO {name} VALUES ({places})"  # noqa: S608 - our names
    database.executemany(
        insert, ([_stored(row.get(column, "")) for column in columns] for row in rows)
    )


def _stored(cell: Cell) -> str | int:
    """Sqlite knows neither decimals nor days: both are text."""
    return str(cell) if isinstance(cell, Decimal | date) else cell
