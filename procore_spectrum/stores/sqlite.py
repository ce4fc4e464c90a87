"""The default store: one sqlite file, for any number of threads and processes of a machine."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from procore_spectrum.errors import (
    ConfigurationError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    Violation,
)
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Claim,
    Crosswalk,
    Decision,
    Event,
    EventQuery,
    LockRequest,
    StartedOperation,
    StoreChange,
)
from procore_spectrum.stores import codec, statements
from procore_spectrum.stores.approvals_codec import approval_from_row, check_expected
from procore_spectrum.stores.checks import CompanyRows, check_company
from procore_spectrum.stores.codec import NO_EVENTS, Head, Row
from procore_spectrum.stores.handle import CompanyHandle
from procore_spectrum.stores.locks import file_lock, lock_path
from procore_spectrum.stores.migrations import Migration, load_migrations

__all__ = ["SqliteStore"]

_NO_COMPANY = 0


class SqliteStore(CompanyHandle):
    """A :class:`~procore_spectrum.ports.StateStore` in one sqlite file.

    The file is created readable by its owner only, written ahead (WAL) and flushed to the
    disk with every commit. An older file is brought up to date when it is opened. Beside it,
    the folder ``<file>.locks`` holds the files of locks. Use a local disk.

    Args:
        path: the file. Its folder must exist.
        busy_timeout: seconds for which a commit waits for another process to finish its own.

    Raises:
        ConfigurationError: the path does not name a file.
        StoreCorruptError: not a sqlite file, or a damaged one.
        StoreError: the file cannot be used, belongs to another program, or was written by a
            newer version.
    """

    def __init__(self, path: str | Path, *, busy_timeout: float = 5.0) -> None:
        if str(path) in {"", ".", ":memory:"}:
            raise ConfigurationError(
                "not the path of a file",
                path="store.url",
                hint="name a file, or use MemoryStore for a store without one",
            )
        self._db = _Database(path, busy_timeout)

    def __repr__(self) -> str:
        return f"SqliteStore({str(self._db.path)!r}, company={self._company})"

    @property
    def path(self) -> Path:
        """The file, as an absolute path."""
        return self._db.path

    def read_links(self, query: Crosswalk) -> Sequence[CrosswalkRow]:
        """Crosswalk rows, ordered by ref."""
        scope = (None, None) if query.scope is None else codec.ref_to_row(query.scope)
        key = (codec.text_to_column(query.kind, "kind"), *scope)
        return tuple(map(codec.link_from_row, self._read(statements.LINKS, key)))

    def read_link(self, ref: Ref) -> CrosswalkRow | None:
        """The crosswalk row of one record."""
        rows = self._read(statements.LINK, codec.ref_to_row(ref))
        return codec.link_from_row(rows[0]) if rows else None

    def read_started(self) -> Sequence[StartedOperation]:
        """Operations in doubt, oldest first."""
        return tuple(map(codec.started_from_row, self._read(statements.STARTED)))

    def read_decisions(self) -> Sequence[Decision]:
        """Decisions, ordered by ref."""
        return tuple(map(codec.decision_from_row, self._read(statements.DECISIONS)))

    def read_approvals(self) -> Sequence[Approval]:
        """Approvals, ordered by ref."""
        return tuple(map(approval_from_row, self._read(statements.APPROVALS)))

    def read_approval(self, ref: Ref) -> Approval | None:
        """The approval of one document."""
        rows = self._read(statements.APPROVAL, codec.ref_to_row(ref))
        return approval_from_row(rows[0]) if rows else None

    def read_claims(self, space: str) -> Sequence[Claim]:
        """The numbers of one space that were ever given, in their order."""
        rows = self._read(statements.CLAIMS, (codec.text_to_column(space, "space"),))
        return tuple(map(codec.claim_from_row, rows))

    def read_events(self, query: EventQuery) -> Sequence[Event]:
        """Journal lines, oldest first."""
        rows = self._read(statements.EVENTS, codec.event_query_to_row(query))
        return tuple(map(codec.event_from_row, rows))

    def read_fact(self, name: str) -> str | None:
        """A small named value."""
        rows = self._read(statements.FACT, (codec.text_to_column(name, "fact"),))
        return codec.text_from_column(rows[0][0], f"fact {name}") if rows else None

    def commit(self, change: StoreChange) -> None:
        """Write the change durably, wholly or not at all.

        A ref that is both unlinked and linked ends linked; an operation that is both settled
        and started ends in doubt; a decision that is both made and taken back is made.

        Raises:
            InvalidValueError: something in it cannot be stored; nothing was written.
            ConflictError: a number is claimed by another record, or an approval is not as
                expected; nothing was written.
            StoreBusyError: another process is writing for longer than ``busy_timeout``.
            StoreError: it could not be written; nothing of it was.
        """
        key = codec.company_to_row(self.company)
        with self._db.transaction("IMMEDIATE") as run:
            company = _company_id(run, key)
            if company == _NO_COMPANY:
                run.execute(statements.ADD_COMPANY, key)
                company = _company_id(run, key)
            rows = codec.change_to_rows(change, self.company, _head(run, company))
            check_expected(change.expected, lambda ref: _approval(run, company, ref))
            for statement, written in (
                (statements.DELETE_LINK, rows.unlinks),
                (statements.PUT_LINK, rows.links),
                (statements.DELETE_STARTED, rows.settled),
                (statements.PUT_STARTED, rows.started),
                (statements.DELETE_DECISION, rows.undecided),
                (statements.PUT_DECISION, rows.decisions),
                (statements.PUT_APPROVAL, rows.approvals),
                (statements.PUT_CLAIM, rows.claims),
                (statements.ADD_EVENT, rows.events),
                (statements.PUT_FACT, rows.facts),
                (statements.PUT_JOURNAL_END, [(rows.head.sequence, rows.head.digest)]),
            ):
                run.executemany(statement, [(company, *row) for row in written])
            for claim in rows.claims:
                owner = _fetch(run, statements.CLAIM_OWNER, company, *claim[:2])[0]
                if owner != claim[2:]:
                    raise codec.claimed(claim, owner)

    def lock(self, request: LockRequest) -> AbstractContextManager[None]:
        """Hold a lock for the length of a ``with`` block, against all threads and processes.

        Raises:
            StoreBusyError: another run holds it; the message names its owner.
            StoreError: the lock's file cannot be used.
        """
        name = codec.text_to_column(request.name, "name")
        path = lock_path(self._db.locks, "company", *codec.company_to_row(self.company), name)
        return file_lock(path, request)

    def verify(self) -> Sequence[Violation]:
        """Check the file, the journal's chain and the rows; empty when sound."""
        key = codec.company_to_row(self.company)
        all_events = codec.event_query_to_row(EventQuery())
        with self._db.transaction("DEFERRED") as run:
            faults = [*_file_faults(run), *_orphans(run)]
            company = _company_id(run, key)
            rows = CompanyRows(
                company=self.company,
                links=_fetch(run, statements.ALL_LINKS, company),
                started=_fetch(run, statements.STARTED, company),
                decisions=_fetch(run, statements.DECISIONS, company),
                approvals=_fetch(run, statements.APPROVALS, company),
                claims=_fetch(run, statements.CLAIMS, company, None),
                events=_fetch(run, statements.EVENTS, company, *all_events),
                head=_head(run, company),
            )
        return (*faults, *check_company(rows))

    def backup(self, path: str | Path) -> None:
        """Copy the whole store, of all companies, while it is in use.

        To restore, open the copy, or put it in the place of the store's file while nothing
        has that open (without the old ``-wal`` and ``-shm`` files).

        Args:
            path: the file to write. It appears complete or not at all.

        Raises:
            StoreError: it exists already or cannot be written.
        """
        self._db.backup(Path(path))

    def _read(self, statement: str, values: Row = ()) -> list[Row]:
        key = codec.company_to_row(self.company)
        with self._db.transaction("DEFERRED") as run:
            return _fetch(run, statement, _company_id(run, key), *values)

    def _close(self) -> None:
        self._db.close()


# ---------------------------------------------------------------- the file


class _Database:
    """One connection, used by one thread at a time, and the file behind it."""

    def __init__(self, path: str | Path, busy_timeout: float) -> None:
        self._guard = threading.RLock()
        self._process = os.getpid()
        self._timeout = busy_timeout
        with _ours(path):
            self.path = Path(path).resolve()
            if self.path.is_dir():
                raise IsADirectoryError("it is a folder")
            self.locks = self.path.with_name(f"{self.path.name}.locks")
            _create_private(self.path)
        # Only one process at a time turns a new file into a store.
        opening = LockRequest(name="opening", owner="a starting run", wait_seconds=busy_timeout)
        with file_lock(lock_path(self.locks, "opening"), opening), _ours(self.path):
            self._connection = self._connect()
            try:
                _prepare(self._connection)
            except BaseException:
                self._connection.close()
                raise

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
        )

    @contextmanager
    def transaction(self, mode: str) -> Iterator[sqlite3.Connection]:
        """Everything in the ``with`` block happens, or nothing does."""
        with self._guard:
            if os.getpid() != self._process:
                raise StoreError(
                    "a store cannot be used in a forked process",
                    path=str(self.path),
                    hint="open it again there",
                )
            with _ours(self.path), _transaction(self._connection, mode):
                yield self._connection

    def backup(self, path: Path) -> None:
        part = path.with_name(f"{path.name}.part")
        with _ours(path):
            if path.exists():
                raise FileExistsError("it exists already")
            part.unlink(missing_ok=True)
            _create_private(part)
            try:
                # A connection of its own, so that commits go on meanwhile.
                with closing(self._connect()) as source, closing(sqlite3.connect(part)) as copy:
                    source.backup(copy)
                part.rename(path)
            except BaseException:
                part.unlink()
                raise

    def close(self) -> None:
        with self._guard, _ours(self.path):
            self._connection.close()


def _create_private(path: Path) -> None:
    """Create the file with its final mode, so that it is never readable by others.

    An existing file is not even opened: closing it again would release the locks that sqlite
    holds on it in this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


@contextmanager
def _transaction(connection: sqlite3.Connection, mode: str) -> Iterator[None]:
    try:
        connection.execute(f"BEGIN {mode}")
        yield
        connection.execute("COMMIT")
    except BaseException:
        # sqlite has rolled back by itself after some errors, such as a full disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _prepare(connection: sqlite3.Connection) -> None:
    faults = list(_file_faults(connection))
    if faults:
        raise StoreCorruptError("the file is damaged", violations=faults, hint=_RESTORE)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    _migrate(connection, load_migrations("sqlite"))


def _migrate(connection: sqlite3.Connection, steps: Sequence[Migration]) -> None:
    with _transaction(connection, "IMMEDIATE"):
        version = _version(connection)
        if version > steps[-1].version:
            raise StoreError(
                f"the store was written by a newer version (schema {version})",
                hint="upgrade procore-spectrum, or open a store of this version",
            )
        for step in steps[version:]:
            for statement in _statements(step.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_version (version, name) VALUES (?, ?)",
                (step.version, step.name),
            )


def _version(connection: sqlite3.Connection) -> int:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return 0
    if not {"schema_version", "companies", "links"} <= tables:
        raise StoreError(
            "the file is a database of another program", hint="name a file that does not exist yet"
        )
    ((version,),) = connection.execute("SELECT max(version) FROM schema_version")
    return int(version or 0)


def _statements(sql: str) -> Iterator[str]:
    """Single statements; ``executescript`` would end the transaction."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


# ---------------------------------------------------------------- reading


def _fetch(run: sqlite3.Connection, statement: str, *values: object) -> list[Row]:
    return run.execute(statement, values).fetchall()


def _company_id(run: sqlite3.Connection, key: Row) -> int:
    rows = _fetch(run, statements.COMPANY_ID, *key)
    return int(rows[0][0]) if rows else _NO_COMPANY


def _approval(run: sqlite3.Connection, company: int, ref: Ref) -> Row | None:
    rows = _fetch(run, statements.APPROVAL, company, *codec.ref_to_row(ref))
    return rows[0] if rows else None


def _head(run: sqlite3.Connection, company: int) -> Head:
    rows = _fetch(run, statements.JOURNAL_END, company)
    return Head(*rows[0]) if rows else NO_EVENTS


def _file_faults(run: sqlite3.Connection) -> Iterator[Violation]:
    for (text,) in run.execute("PRAGMA quick_check"):
        if text != "ok":
            yield Violation(code="file_damaged", message=str(text), hint=_RESTORE)


def _orphans(run: sqlite3.Connection) -> Iterator[Violation]:
    for table, *_ in run.execute("PRAGMA foreign_key_check"):
        yield Violation(
            code="row_orphaned",
            message="a row belongs to no company",
            path=str(table),
            hint=_RESTORE,
        )


# ---------------------------------------------------------------- errors

_RESTORE = "restore a backup"

_HINTS = {
    sqlite3.SQLITE_FULL: "free some disk space, then repeat",
    sqlite3.SQLITE_IOERR: "check the disk, then repeat",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable",
    sqlite3.SQLITE_CANTOPEN: "the folder must exist and be writable",
}


@contextmanager
def _ours(path: str | Path) -> Iterator[None]:
    """Turns errors of sqlite and of the file system into the store's own."""
    try:
        yield
    except StoreError as error:
        error.path = error.path or str(path)
        raise
    except sqlite3.Error as error:
        raise _translated(error, str(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(
            f"the store's file cannot be used: {reason}",
            path=str(path),
            hint="name a file in a folder that exists and is writable",
        ) from None


def _translated(error: sqlite3.Error, path: str) -> StoreError:
    # The low byte is the primary code; errors of the Python module itself have none.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusyError(
            "another process is writing to the store",
            path=path,
            hint="nothing was written; repeat, or allow a longer busy_timeout",
        )
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return StoreCorruptError(f"the store is damaged: {error}", path=path, hint=_RESTORE)
    return StoreError(
        f"the store failed: {error}",
        path=path,
        hint=_HINTS.get(code, "see the message; nothing of the change was written"),
    )
