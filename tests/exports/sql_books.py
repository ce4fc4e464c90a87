"""Reading a fake Spectrum by SQL, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from small_contractor import Contractor

from procore_spectrum.ports import Reading, ReadQuery
from procore_spectrum.spectrum.sql_queries import TABLES, RowReader

__all__ = ["Books"]


class Books:
    """Reads the fake's SQL rows as models, as a reader by SQL would.

    Args:
        company: whose Spectrum is read.
        tables: names of the tables that there is a query for.
    """

    def __init__(self, company: Contractor, tables: Iterable[str]) -> None:
        self._company = company
        self._tables = {TABLES[name].kind: TABLES[name] for name in tables}

    def read(self, query: ReadQuery) -> Reading[Any]:
        """All rows of a kind; not complete where there is no query."""
        as_of = self._company.clock.now()
        table = self._tables.get(query.kind)
        if table is None:
            return Reading(items=(), as_of=as_of, complete=False)
        rows = self._company.spectrum.sql_rows()[table.name]
        columns = list(rows[0]) if rows else []
        code = self._company.spectrum.company_code
        reader = RowReader(table, columns, code) if rows else None
        items = [reader.read(n, list(row.values())) for n, row in enumerate(rows) if reader]
        return Reading(items=tuple(items), as_of=as_of, requests=1)
