"""Reads by SQL what Spectrum's web services do not list. Needs the extra ``sql``.

Most installations grant read-only access to Spectrum's database (Info-Link, on SQL Server). Its
column names differ, so the queries are part of the configuration; their result columns are ours:
:mod:`procore_spectrum.models.spectrum.sql_rows`. This is the only file that imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    NotPermittedError,
    ProcoreSpectrumError,
    UnavailableError,
)
from procore_spectrum.ports import Reading, ReadQuery
from procore_spectrum.spectrum.kinds import KINDS
from procore_spectrum.spectrum.sql_queries import TABLES, RowReader, Table, check_queries
from procore_spectrum.wire.clock import Clock, SystemClock

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, TextClause
    from sqlalchemy.exc import SQLAlchemyError

__all__ = ["SqlSpectrumReader"]

_PARAMETERS = frozenset({"company_code", "job_number"})
_ROWS_AT_ONCE = 1000
_STEPS_BETWEEN_LOOKS = 10_000
_HOST = "check SPECTRUM_SQL_URL, the network and the login"

_KNOWN = {*KINDS, *(table.kind for table in TABLES.values())}
"""Of these a reading without a query is not complete; of any other it is a mistake."""


class SqlSpectrumReader:
    """Reads one company of Spectrum's database. Implements :class:`~procore_spectrum.ports.Source`.

    Every reading is one query in a transaction of its own, that cannot write where the database
    can enforce it (PostgreSQL, sqlite). On others only the rights of the login prevent it.

    The kinds are ``subcontract``, ``subcontract_line``, ``change_request``,
    ``change_request_line``, ``change_status``, ``cost_type``, ``standard_phase``,
    ``prime_contract_line``, ``job_cost_transaction`` and ``original_estimate``. A kind without a
    query reads as nothing, and not complete. A scope is a job number; it does not narrow kinds
    that have none.

    Safe to share between threads.

    Args:
        database: a SQLAlchemy URL such as ``postgresql+psycopg://user:secret@host/name``, or an
            engine. An engine of the caller's is not disposed.
        company_code: the company. A row of another one is an error.
        queries: the query of each table (``subcontracts``, …), each a single SELECT. It may name
            the parameters ``:company_code`` and ``:job_number``; the latter is NULL where all
            jobs are wanted.
        timeout: most seconds for a query, where the database can enforce it (PostgreSQL, sqlite,
            SQL Server by pyodbc).
        clock: for tests.

    Raises:
        ConfigurationError: SQLAlchemy or a driver is not installed, the URL is none, or a query
            does more than read, or names another parameter.
    """

    def __init__(
        self,
        database: str | Engine,
        *,
        company_code: str,
        queries: Mapping[str, str],
        timeout: float = 60.0,
        clock: Clock | None = None,
    ) -> None:
        self.company_code = company_code
        self._own = isinstance(database, str)
        self._engine = _engine_of(database) if isinstance(database, str) else database
        self._queries = {
            kind: (table, _statement(text, table.path))
            for kind, (table, text) in check_queries(queries).items()
        }
        self._timeout = timeout
        self._clock = clock or SystemClock()

    def __repr__(self) -> str:
        tables = ", ".join(self.tables) or "nothing"
        return f"<SqlSpectrumReader company {self.company_code}, reads {tables}>"

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that there is a query for."""
        return tuple(sorted(table.name for table, _ in self._queries.values()))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of record that can be read."""
        return tuple(sorted(self._queries))

    def close(self) -> None:
        """Release the connections of an engine that was made here."""
        if self._own:
            self._engine.dispose()

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Read every record of a kind, of one job if a scope is given.

        Raises:
            ConfigurationError: the database refuses the query, or its rows are not as
                documented; there is no such kind; or a filter is given, and there is none.
            AuthenticationError: the database does not accept the login.
            NotPermittedError: the login may not read a table.
            UnavailableError: it cannot be reached, or takes too long.
        """
        if query.filters:
            raise ConfigurationError("SQL readings take no filters", path="filters")
        as_of = self._clock.now()
        if query.kind not in self._queries:
            if query.kind not in _KNOWN:
                raise ConfigurationError("no table of Spectrum holds such records", path=query.kind)
            return Reading(items=(), as_of=as_of, complete=False)
        table, statement = self._queries[query.kind]
        with self._connection(table.path) as connection:
            items = tuple(self._rows(connection, table, statement, query.scope))
        return Reading(items=items, as_of=as_of, requests=1)

    def _rows(
        self, connection: Connection, table: Table, statement: TextClause, job: str | None
    ) -> Iterator[Any]:
        values = {"company_code": self.company_code, "job_number": job}
        named = statement.compile().params
        with connection.execute(statement, {name: values[name] for name in named}) as result:
            reader = RowReader(table, list(result.keys()), self.company_code)
            for number, row in zip(count(1), result, strict=False):
                found = reader.read(number, row)
                if job is None or getattr(found, "job_number", job) == job:
                    yield found

    @contextmanager
    def _connection(self, path: str) -> Iterator[Connection]:
        """A connection with a transaction that is never committed."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            connection = self._engine.connect()
        except (SQLAlchemyError, TypeError, ValueError, OSError) as error:
            raise _unreachable(error) from None
        try:
            with connection, self._limits(connection):
                yield connection.execution_options(yield_per=_ROWS_AT_ONCE)
        except SQLAlchemyError as error:
            raise self._refused(error, path) from None

    @contextmanager
    def _limits(self, connection: Connection) -> Iterator[None]:
        """Keep the transaction from writing and from taking for ever, where the database can."""
        from sqlalchemy import text

        driver = connection.connection.dbapi_connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION READ ONLY"))
            limit = text("SELECT set_config('statement_timeout', :limit, true)")
            connection.execute(limit, {"limit": f"{self._timeout * 1000:.0f}"})
        elif connection.dialect.driver == "pyodbc" and driver is not None:
            driver.timeout = max(1, round(self._timeout))
        if connection.dialect.name != "sqlite" or driver is None:
            yield
            return
        end = self._clock.now() + timedelta(seconds=self._timeout)
        connection.execute(text("PRAGMA query_only = ON"))
        driver.set_progress_handler(lambda: self._clock.now() > end, _STEPS_BETWEEN_LOOKS)
        try:
            yield
        finally:
            # The connection may go back into the pool of the caller's engine.
            driver.set_progress_handler(None, 0)
            connection.execute(text("PRAGMA query_only = OFF"))

    def _refused(self, error: SQLAlchemyError, path: str) -> ProcoreSpectrumError:
        """Our error for what the database said about a query."""
        state, text = _state_of(error), self._said(error)
        lost = getattr(error, "connection_invalidated", False)
        if lost or state[:2] in _TEMPORARY or any(word in text for word in _TEMPORARY_WORDS):
            return UnavailableError(
                f"the Spectrum database did not answer: {text}",
                path=path,
                hint="repeat later, or make the query or its timeout smaller or larger",
            )
        if state == "42501":
            return NotPermittedError(text, path=path, hint="grant the login SELECT on the table")
        return ConfigurationError(
            f"the Spectrum database refuses the query: {text}", path=path, hint="correct the query"
        )

    def _said(self, error: SQLAlchemyError) -> str:
        """The first line of what the driver said, without anything secret of the URL."""
        lines = str(getattr(error, "orig", None) or error).strip().splitlines()
        text = lines[0] if lines else type(error).__name__
        url = self._engine.url
        for hidden in (str(url.password or ""), *map(str, url.query.values())):
            text = text.replace(hidden, "***") if hidden else text
        return text


# Classes of SQLSTATE: connection lost, rolled back, no resources, stopped, lock not available.
_TEMPORARY = frozenset({"08", "40", "53", "57", "55"})
_TEMPORARY_WORDS = ("interrupted", "database is locked", "timeout expired")


def _state_of(error: Exception) -> str:
    """The SQLSTATE of an error, as psycopg and pyodbc tell it; blank if there is none."""
    original = getattr(error, "orig", None)
    state = getattr(original, "sqlstate", None) or next(iter(getattr(original, "args", ())), "")
    return state if isinstance(state, str) and len(state) == 5 else ""


def _unreachable(error: Exception) -> ProcoreSpectrumError:
    """Nothing of the driver's text, because it may repeat parts of the URL."""
    if _state_of(error).startswith("28"):
        return AuthenticationError("the Spectrum database does not accept the login", hint=_HOST)
    return UnavailableError("the Spectrum database cannot be reached", hint=_HOST)


def _engine_of(url: str) -> Engine:
    try:
        from sqlalchemy import NullPool, create_engine
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise ConfigurationError(
            "reading Spectrum by SQL needs SQLAlchemy",
            path="spectrum.sql",
            hint="python -m pip install 'procore-spectrum[sql]'",
        ) from None
    try:
        return create_engine(url, poolclass=NullPool)
    except ImportError as error:
        raise ConfigurationError(
            f"the database's driver {error.name or ''} is not installed",
            path="spectrum.sql",
            hint="for example: python -m pip install 'psycopg[binary]', or pyodbc for SQL Server",
        ) from None
    except (SQLAlchemyError, TypeError, ValueError):
        raise ConfigurationError(
            "SPECTRUM_SQL_URL is not the URL of a database",
            path="spectrum.sql",
            hint="such as mssql+pyodbc://user:password@host/database?driver=…",
        ) from None


def _statement(text: str, path: str) -> TextClause:
    """The query with typed parameters, so that NULL works in every database."""
    from sqlalchemy import String, bindparam
    from sqlalchemy import text as as_text

    statement = as_text(text)
    names = set(statement.compile().params)
    if unknown := names - _PARAMETERS:
        raise ConfigurationError(
            f"there is no parameter :{min(unknown)}",
            path=path,
            hint="use :company_code and :job_number, and \\: for a colon",
        )
    return statement.bindparams(*(bindparam(name, type_=String) for name in names))
