"""Both stores keep the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_contract import ACME, StoreContract, event

from procore_spectrum.ports import EventQuery, StateStore, StoreChange
from procore_spectrum.stores import MemoryStore, SqliteStore
from procore_spectrum.stores.codec import event_digest


class OurStore(StoreContract):
    """The contract, and what only our own stores promise."""

    def test_the_digest_covers_line_and_company(self, handle: StateStore) -> None:
        """Every store of ours makes the digests by one formula, so that a copy can be checked."""
        handle.commit(StoreChange(events=(event("a"), event("b"))))
        lines = handle.read_events(EventQuery())
        assert [line.digest for line in lines] == [event_digest(line, ACME) for line in lines]


class TestMemoryStore(OurStore):
    """The store in memory."""

    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        """A fresh store."""
        with MemoryStore() as store:
            yield store


class TestSqliteStore(OurStore):
    """The store in a sqlite file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        """A fresh store in a folder with an awkward name."""
        folder = tmp_path / "a ?%20#é"
        folder.mkdir()
        with SqliteStore(folder / "sync.db") as store:
            yield store


def test_what_a_store_shows_of_itself(tmp_path: Path) -> None:
    """A repr names the kind, the file and the company."""
    with SqliteStore(tmp_path / "sync.db") as store:
        assert repr(store).startswith("SqliteStore(")
        assert "sync.db" in repr(store)
        assert store.path == tmp_path / "sync.db"
    assert str(ACME) in repr(MemoryStore().for_company(ACME))
