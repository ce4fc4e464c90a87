"""Token stores: private, whole, locked, and of our own errors."""

from __future__ import annotations

import sys
from pathlib import Path

import attrs
import pytest
from login_server import (
    PING,
    START,
    Login,
    client,
    old_token,
)

from procore_spectrum.errors import (
    ConfigurationError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
)
from procore_spectrum.procore.tokens import (
    FileTokenStore,
    LockableTokenStore,
    MemoryTokenStore,
    Token,
)


def test_without_file_locks_one_process_may_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system has no such locks, locking always succeeds."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    store = FileTokenStore(tmp_path / "t")
    assert store.try_lock()
    assert store.try_lock()
    assert repr(store) == f"FileTokenStore({str(tmp_path / 't')!r})"


def test_a_token_shows_no_secret() -> None:
    """Neither token is printed."""
    shown = repr(Token(access_token="hidden1", refresh_token="hidden2", expires_at=START))
    assert "hidden" not in shown


def test_a_file_keeps_the_token(tmp_path: Path) -> None:
    """What was saved is loaded, by another object too, and cleared."""
    store = FileTokenStore(tmp_path / "token.json")
    assert store.load() is None
    store.save(old_token())
    store.save(attrs.evolve(old_token(), refresh_token=None))
    assert FileTokenStore(tmp_path / "token.json").load() == attrs.evolve(
        old_token(), refresh_token=None
    )
    assert [path.name for path in tmp_path.iterdir()] == ["token.json"]
    store.clear()
    store.clear()
    assert store.load() is None


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    """The file is private from its first byte on, and refused when it is not any more."""
    path = tmp_path / "token.json"
    store = FileTokenStore(path)
    store.save(old_token())
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        store.load()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"format": 9, "access_token": "a", "refresh_token": null, "expires_at": "2026-01-01"}',
        b'{"format": 1, "access_token": 5, "refresh_token": null, "expires_at": "2026-01-01"}',
        b'{"format": 1, "access_token": "a", "refresh_token": 5, "expires_at": "2026-01-01"}',
        b'{"format": 1, "access_token": "a", "refresh_token": null, "expires_at": "soon"}',
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    """The error says which file, and not what is in it."""
    path = tmp_path / "token.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(StoreCorruptError, match=r"token\.json"):
        FileTokenStore(path).load()


def test_a_directory_that_is_missing_or_in_the_way(tmp_path: Path) -> None:
    """Failures of the disk are our errors, and leave no half-written file."""
    missing = FileTokenStore(tmp_path / "none" / "token.json")
    with pytest.raises(StoreError, match="written"):
        missing.save(old_token())
    with pytest.raises(StoreError, match="deleted"):
        missing.clear()
    with pytest.raises(StoreError, match="locked"):
        missing.try_lock()
    blocked = FileTokenStore(tmp_path)
    with pytest.raises(StoreError):
        blocked.save(old_token())
    with pytest.raises(StoreError, match="read"):
        blocked.load()
    assert list(tmp_path.parent.glob("*.new")) == []


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_store_is_locked_by_one_at_a_time(tmp_path: Path, kind: str) -> None:
    """The lock is free again when let go, and letting go twice is harmless."""
    store: LockableTokenStore = MemoryTokenStore()
    other = store
    if kind == "file":
        store, other = (FileTokenStore(tmp_path / "t") for _ in range(2))
    assert store.try_lock()
    assert not other.try_lock()
    store.unlock()
    store.unlock()
    assert other.try_lock()
    other.unlock()


def test_a_lock_that_stays_taken_is_an_error(tmp_path: Path) -> None:
    """Waiting for another process has an end."""
    holder, store = (FileTokenStore(tmp_path / "t") for _ in range(2))
    assert holder.try_lock()
    with pytest.raises(StoreBusyError):
        client(Login(), store=store).send(PING)
    holder.unlock()
    assert client(Login(), store=store).send(PING) == "pong"


def test_a_store_without_a_lock_will_do() -> None:
    """Locking is an extra that a store of one's own may leave out."""

    class Plain:
        kept: Token | None = None

        def load(self) -> Token | None:
            return self.kept

        def save(self, token: Token) -> None:
            self.kept = token

        def clear(self) -> None:
            self.kept = None

    assert client(Login(), store=Plain()).send(PING) == "pong"
