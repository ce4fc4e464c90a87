"""Opening a store by URL, and what the room exports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from procore_spectrum import stores
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.stores import MemoryStore, SqliteStore, open_store


@pytest.mark.parametrize(
    "url", ["sync.db", Path("sync.db"), "sqlite:///sync.db", "SQLITE:///sync.db"]
)
def test_relative_files(url: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain name, a path and a URL with three slashes mean a file in this folder."""
    monkeypatch.chdir(tmp_path)
    with open_store(url) as store:
        assert isinstance(store, SqliteStore)
        assert store.path == tmp_path / "sync.db"


def test_absolute_file(tmp_path: Path) -> None:
    """Four slashes make an absolute path."""
    store = open_store(f"sqlite:///{tmp_path}/sync.db")
    assert isinstance(store, SqliteStore)
    assert store.path == tmp_path / "sync.db"
    store.close()


def test_memory() -> None:
    """memory:// is the store that forgets."""
    assert isinstance(open_store("memory://"), MemoryStore)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:hush@db/sync",
        "postgres://ann:hush@db/sync",
        "mysql://ann:hush@db/sync",
        "sqlite://",
        "sqlite:///",
        "sqlite://sync.db",
        "sqlite:///:memory:",
        "sqlite:///sync.db?mode=hush",
        "",
    ],
)
def test_other_urls_are_refused_without_showing_them(url: str) -> None:
    """What cannot be opened is a mistake in the configuration, and no password is shown."""
    with pytest.raises(ConfigurationError) as caught:
        open_store(url)
    assert caught.value.hint
    assert "hush" not in str(caught.value)


def test_exports() -> None:
    """The room shows its public names, and only those exist."""
    assert {"MemoryStore", "SqliteStore", "open_store"} <= set(dir(stores))
    assert not hasattr(stores, "PickleStore")


def test_sqlite_is_not_loaded_before_it_is_used() -> None:
    """Importing the room, and the memory store, loads no sqlite3."""
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]; from procore_spectrum.stores import MemoryStore; "
        "MemoryStore(); sys.exit('sqlite3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script, *sys.path], check=False).returncode == 0
