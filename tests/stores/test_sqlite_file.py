"""The sqlite file: its mode, its schema, what may be opened, damage, tampering and backups."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from store_contract import ACME, EVERYTHING, OTHER, content, event

from procore_spectrum.errors import (
    ConfigurationError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
)
from procore_spectrum.ports import StoreChange
from procore_spectrum.stores import SqliteStore, codec
from procore_spectrum.stores.migrations import load_migrations


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store goes."""
    return tmp_path / "sync.db"


@contextlib.contextmanager
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, opened behind the store's back."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def schema(connection: sqlite3.Connection) -> list[str]:
    """Every table, index and trigger as SQL."""
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    return [sql for (sql,) in rows]


# ---------------------------------------------------------------- the file


def test_only_the_owner_may_read_it(path: Path) -> None:
    """The file, its companions and the folder of locks are private under any umask."""
    before = os.umask(0)
    try:
        with SqliteStore(path) as store:
            store.for_company(ACME).commit(EVERYTHING)
            store.backup(path.with_name("copy.db"))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    files = dict.fromkeys(["sync.db", "sync.db-wal", "sync.db-shm", "copy.db"], 0o600)
    assert modes == {**files, "sync.db.locks": 0o700}


def test_it_is_written_ahead_and_flushed(path: Path) -> None:
    """WAL, full synchronisation and foreign keys are on."""
    with SqliteStore(path) as store, store._db.transaction("DEFERRED") as run:
        found = [
            run.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_content_survives_closing(path: Path) -> None:
    """A closed and reopened store has the same content."""
    with SqliteStore(str(path)) as store:
        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        before = content(handle)
    with SqliteStore(path) as store:
        assert content(store.for_company(ACME)) == before


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    """A file of no bytes is a new store."""
    path.touch()
    with SqliteStore(path) as store:
        store.for_company(ACME).commit(EVERYTHING)


@pytest.mark.parametrize("name", ["", ".", ":memory:"])
def test_a_path_that_names_no_file_is_refused(name: str) -> None:
    """Names that mean no file are a mistake in the configuration."""
    with pytest.raises(ConfigurationError, match="MemoryStore"):
        SqliteStore(name)


@pytest.mark.parametrize("name", ["missing/sync.db", "folder", "nul\x00.db"])
def test_a_file_that_cannot_be_used_is_our_own_error(tmp_path: Path, name: str) -> None:
    """A missing folder, a folder and an impossible name are store errors with a hint."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError) as caught:
        SqliteStore(tmp_path / name)
    assert caught.value.hint
    assert caught.value.path


# ---------------------------------------------------------------- migrations


def test_the_schema_is_the_sum_of_the_migrations(path: Path) -> None:
    """A new store has exactly the schema that the files make, run by hand in order."""
    with contextlib.closing(sqlite3.connect(":memory:")) as other:
        for step in load_migrations("sqlite"):
            other.executescript(step.sql)
        wanted = schema(other)
    with SqliteStore(path), by_hand(path) as connection:
        assert schema(connection) == wanted


def test_migrations_are_numbered_without_gaps() -> None:
    """Versions count from 1, and each has a name."""
    steps = load_migrations("sqlite")
    assert [step.version for step in steps] == list(range(1, len(steps) + 1))
    assert all(step.name.isidentifier() for step in steps)


def older(path: Path) -> None:
    """Make a file of version 1 with a company and a link in it."""
    with by_hand(path) as connection:
        connection.executescript(load_migrations("sqlite")[0].sql)
        connection.execute("INSERT INTO schema_version VALUES (1, 'state')")
        connection.execute("INSERT INTO companies VALUES (5, ?, ?)", (*_key(),))
        connection.execute("INSERT INTO facts VALUES (5, 'cursor', '42')")


def _key() -> tuple[str, str]:
    return ACME.procore_company_id, ACME.spectrum_company_code


def test_an_older_file_is_brought_up_to_date(path: Path) -> None:
    """An older file keeps its content and gains the newer tables."""
    older(path)
    with SqliteStore(path) as store, by_hand(path) as connection:
        handle = store.for_company(ACME)
        assert handle.read_fact("cursor") == "42"
        handle.commit(EVERYTHING)
        assert handle.verify() == ()
        versions = connection.execute("SELECT version, name FROM schema_version").fetchall()
    assert versions == [(step.version, step.name) for step in load_migrations("sqlite")]


def test_a_failing_migration_changes_nothing(path: Path) -> None:
    """If a step fails half-way, the file stays at its older version."""
    older(path)
    with by_hand(path) as connection:
        connection.execute("CREATE TABLE journal_ends (in_the_way)")
        before = schema(connection)
        with pytest.raises(StoreError, match="journal_ends"):
            SqliteStore(path)
        assert schema(connection) == before
        assert connection.execute("SELECT max(version) FROM schema_version").fetchone() == (1,)


def test_a_newer_file_is_refused(path: Path) -> None:
    """A file of a later version is left alone, with the hint to upgrade."""
    with SqliteStore(path), by_hand(path) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999, 'later')")
    with pytest.raises(StoreError, match=r"999.*upgrade"):
        SqliteStore(path)


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    """A sqlite file with foreign tables is left as it is."""
    with by_hand(path) as connection:
        connection.execute("CREATE TABLE songs (title)")
        with pytest.raises(StoreError, match="another program"):
            SqliteStore(path)
        assert schema(connection) == ["CREATE TABLE songs (title)"]


# ---------------------------------------------------------------- damage


def test_a_file_that_is_not_sqlite_is_corrupt(path: Path) -> None:
    """Any other file is refused and not touched."""
    path.write_bytes(b"not a database, " * 100)
    with pytest.raises(StoreCorruptError, match="backup"):
        SqliteStore(path)
    assert path.read_bytes() == b"not a database, " * 100


def test_a_damaged_file_is_corrupt(path: Path) -> None:
    """A file with a destroyed page fails the check on opening."""
    with SqliteStore(path) as store:
        store.for_company(ACME).commit(StoreChange(events=(event(),) * 200))
    damaged = bytearray(path.read_bytes())
    damaged[-4096:] = b"\xee" * 4096
    path.write_bytes(damaged)
    with pytest.raises(StoreCorruptError):
        SqliteStore(path)


def test_a_truncated_file_is_corrupt(path: Path) -> None:
    """A file cut off in the middle fails the check on opening."""
    with SqliteStore(path) as store:
        store.for_company(ACME).commit(StoreChange(events=(event(),) * 200))
    path.write_bytes(path.read_bytes()[:-8192])
    with pytest.raises(StoreCorruptError):
        SqliteStore(path)


def test_rows_that_break_the_schema_are_found(path: Path) -> None:
    """A value that the schema forbids is reported, and the file is not opened again."""
    with SqliteStore(path) as store, by_hand(path) as connection:
        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE started SET target = 'elsewhere'")
        codes = [fault.code for fault in handle.verify()]
        assert codes == ["file_damaged", "row_unreadable"]
    with pytest.raises(StoreCorruptError, match="started"):
        SqliteStore(path)


# ---------------------------------------------------------------- failures while writing


def test_a_full_disk_changes_nothing(path: Path) -> None:
    """When the file cannot grow, the change is refused whole and later changes work."""
    with SqliteStore(path) as store:
        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        before = content(handle)
        store._db._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(StoreError, match="disk space"):
            handle.commit(StoreChange(facts={"mark": "m"}, events=(event(),) * 500))
        assert content(handle) == before
        store._db._connection.execute("PRAGMA max_page_count = 1000000")
        handle.commit(StoreChange(facts={"mark": "m"}))
        assert handle.verify() == ()


def test_a_statement_that_fails_last_undoes_the_others(path: Path) -> None:
    """A refusal by the database itself leaves nothing of the change behind."""
    with SqliteStore(path) as store, by_hand(path) as connection:
        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        before = content(handle)
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON facts BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        with pytest.raises(StoreError, match="no"):
            handle.commit(EVERYTHING)
        assert content(handle) == before


def test_another_writer_is_waited_for_and_named_busy(path: Path) -> None:
    """While another process writes, a commit ends as busy and changes nothing."""
    with SqliteStore(path, busy_timeout=0.02) as store, by_hand(path) as connection:
        handle = store.for_company(ACME)
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="another process"):
            handle.commit(EVERYTHING)
        connection.execute("ROLLBACK")
        assert handle.read_started() == ()
        handle.commit(EVERYTHING)


def test_an_interrupted_commit_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interruption after most rows were written undoes them, and the store works on."""
    encode = codec.change_to_rows

    def interrupted(*args: Any) -> codec.ChangeRows:
        return attrs.evolve(encode(*args), facts=_ctrl_c())

    with SqliteStore(path) as store:
        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        before = content(handle)
        with monkeypatch.context() as patch:
            patch.setattr(codec, "change_to_rows", interrupted)
            with pytest.raises(KeyboardInterrupt):
                handle.commit(StoreChange(settled=("op-1",), events=(event(),)))
        assert content(handle) == before
        handle.commit(EVERYTHING)


def test_a_commit_shuts_out_other_writers_from_its_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of the journal is read only when nobody else can move it any more."""
    encode = codec.change_to_rows
    seen: list[str] = []

    with SqliteStore(path) as store, by_hand(path) as connection:
        connection.execute("PRAGMA busy_timeout = 0")

        def encode_beside_a_writer(*args: Any) -> codec.ChangeRows:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                connection.execute("BEGIN IMMEDIATE")
            seen.append("locked")
            return encode(*args)

        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        monkeypatch.setattr(codec, "change_to_rows", encode_beside_a_writer)
        handle.commit(EVERYTHING)
    assert seen == ["locked"]


def _ctrl_c() -> Iterator[codec.Row]:
    yield "mark", "m"
    raise KeyboardInterrupt


def test_journal_lines_cannot_be_changed_by_slip(path: Path) -> None:
    """The database refuses to change or delete a line."""
    with SqliteStore(path) as store, by_hand(path) as connection:
        store.for_company(ACME).commit(EVERYTHING)
        for statement in ("UPDATE events SET actor = 'eve'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                connection.execute(statement)


# ---------------------------------------------------------------- tampering


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE events SET actor = 'eve' WHERE sequence = 2",
            {("journal_changed", "journal[2]")},
        ),
        (
            """UPDATE events SET detail = '{"amount":"1"}' WHERE sequence = 1""",
            {("journal_changed", "journal[1]")},
        ),
        (
            "UPDATE events SET company = (SELECT id FROM companies WHERE "
            "spectrum_company_code = 'OTH') WHERE sequence = 4",
            {("journal_end", "journal[4]")},
        ),
        ("DELETE FROM events WHERE sequence = 2", {("journal_gap", "journal[3]")}),
        ("DELETE FROM events WHERE sequence = 4", {("journal_end", "journal[4]")}),
        ("DELETE FROM events", {("journal_end", "journal[4]")}),
        (
            "UPDATE events SET previous = 'x' WHERE sequence = 3",
            {("journal_changed", "journal[3]"), ("journal_unchained", "journal[3]")},
        ),
        (
            "UPDATE events SET digest = 'x' WHERE sequence = 3",
            {("journal_changed", "journal[3]"), ("journal_unchained", "journal[4]")},
        ),
        (
            "UPDATE events SET at = 'yesterday' WHERE sequence = 4",
            {("row_unreadable", "journal[4]"), ("journal_end", "journal[4]")},
        ),
        (
            "UPDATE events SET detail = '{\"a\":NaN}' WHERE sequence = 4",
            {("row_unreadable", "journal[4]"), ("journal_end", "journal[4]")},
        ),
        (
            "UPDATE links SET base = '{}' WHERE kind = 'project'",
            {("row_unreadable", "links[project 24-0101]")},
        ),
        ("UPDATE started SET fields = '['", {("row_unreadable", "started[op-1]")}),
        ("UPDATE decisions SET at = x'00'", {("row_unreadable", "decisions[project 24-0101]")}),
        (
            "INSERT INTO facts VALUES (99, 'a', 'b')",
            {("row_orphaned", "facts")},
        ),
    ],
)
def test_tampering_is_found(path: Path, statement: str, found: set[tuple[str, str]]) -> None:
    """Whatever is changed by hand is reported, with the place; nothing else is."""
    with SqliteStore(path) as store, by_hand(path) as connection:
        handle = store.for_company(ACME)
        store.for_company(OTHER).commit(StoreChange(facts={"cursor": "1"}))
        handle.commit(EVERYTHING)
        handle.commit(StoreChange(events=(event("third"), event("fourth"))))
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute("DROP TRIGGER events_are_never_deleted")
        assert handle.verify() == ()
        connection.execute(statement)
        assert {(fault.code, fault.path) for fault in handle.verify()} == found


def test_an_unreadable_row_is_never_read_as_something_else(path: Path) -> None:
    """Reading a damaged row is an error that names the row."""
    with SqliteStore(path) as store, by_hand(path) as connection:
        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        connection.execute("UPDATE started SET at = '2024-03-01T12:00:00'")
        connection.execute("UPDATE facts SET value = x'ff'")
        with pytest.raises(StoreCorruptError, match="op-1"):
            handle.read_started()
        with pytest.raises(StoreCorruptError, match="cursor"):
            handle.read_fact("cursor")


# ---------------------------------------------------------------- backups


def test_a_backup_has_the_same_content(path: Path) -> None:
    """The copy holds all companies, opens as a store, is sound and goes its own way."""
    copy = path.with_name("copy.db")
    with SqliteStore(path) as store:
        handle = store.for_company(ACME)
        handle.commit(EVERYTHING)
        store.for_company(OTHER).commit(EVERYTHING)
        store.backup(copy)
        before = content(handle)
        handle.commit(StoreChange(unlinks=(EVERYTHING.links[0].ref,)))
    with SqliteStore(copy) as restored:
        for company in (ACME, OTHER):
            assert restored.for_company(company).verify() == ()
        assert content(restored.for_company(ACME)) == before
        restored.for_company(ACME).commit(EVERYTHING)


def test_a_backup_overwrites_nothing(path: Path) -> None:
    """An existing file is kept, and a leftover of an aborted backup is no obstacle."""
    with SqliteStore(path) as store:
        with pytest.raises(StoreError, match="exists"):
            store.backup(path)
        path.with_name("copy.db.part").write_text("left over")
        store.backup(str(path.with_name("copy.db")))
        with pytest.raises(StoreError):
            store.backup(path.with_name("missing") / "copy.db")
    assert not path.with_name("copy.db.part").exists()


def test_a_failed_backup_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When copying fails there is neither a copy nor a part of one."""

    def fail(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    with SqliteStore(path) as store:
        monkeypatch.setattr(Path, "rename", fail)
        with pytest.raises(StoreError, match="No space"):
            store.backup(path.with_name("copy.db"))
    assert list(path.parent.glob("copy*")) == []
