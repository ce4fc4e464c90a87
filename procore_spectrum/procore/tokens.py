"""Tokens, and where they are kept between calls and between runs."""

from __future__ import annotations

import json
import os
import secrets
import stat
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import attrs

from procore_spectrum.errors import ConfigurationError, StoreCorruptError, StoreError

__all__ = ["FileTokenStore", "LockableTokenStore", "MemoryTokenStore", "Token", "TokenStore"]

_PRIVATE = stat.S_IRUSR | stat.S_IWUSR
_FORMAT = 1


@attrs.frozen(kw_only=True)
class Token:
    """An access token, and with some grants the single-use refresh token that follows it.

    ``expires_at`` is the moment (aware, UTC) from which on it must not be used any more; it lies
    a little before the server's own.
    """

    access_token: str = attrs.field(repr=False)
    expires_at: datetime
    refresh_token: str | None = attrs.field(default=None, repr=False)

    def fresh(self, now: datetime) -> bool:
        """Whether it can still be used."""
        return now < self.expires_at


class TokenStore(Protocol):
    """Keeps the token of one application and login server."""

    def load(self) -> Token | None:
        """The token that was saved last, or None."""
        ...

    def save(self, token: Token) -> None:
        """Keep the token, durably before this returns.

        Raises:
            StoreError: it could not be kept.
        """
        ...

    def clear(self) -> None:
        """Forget the token."""
        ...


@runtime_checkable
class LockableTokenStore(Protocol):
    """What a store adds when several processes may share it."""

    def try_lock(self) -> bool:
        """Take the lock that keeps other processes from refreshing; False when it is taken."""
        ...

    def unlock(self) -> None:
        """Let go of the lock."""
        ...


class MemoryTokenStore:
    """Keeps the token in this object only. Clients may share it."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token
        self._lock = threading.Lock()

    def load(self) -> Token | None:
        """The token that was saved last, or None."""
        return self._token

    def save(self, token: Token) -> None:
        """Keep the token."""
        self._token = token

    def clear(self) -> None:
        """Forget the token."""
        self._token = None

    def try_lock(self) -> bool:
        """Take the lock between clients; False when another one holds it."""
        return self._lock.acquire(blocking=False)

    def unlock(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        if self._lock.locked():
            self._lock.release()


class FileTokenStore:
    """Keeps the token in a JSON file that only its owner can read.

    The file is replaced as a whole, so that a crash leaves the old token or the new one. Several
    processes may share it: refreshing is done under a lock file beside it.

    Args:
        path: the file; its directory must exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock_path = self._path.with_name(self._path.name + ".lock")
        self._lock: int | None = None

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._path)!r})"

    def load(self) -> Token | None:
        """The token that was saved last, or None.

        Raises:
            ConfigurationError: others can read the file.
            StoreCorruptError: the file does not hold a token.
            StoreError: it cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                self._refuse_if_shared(os.fstat(file.fileno()))
                content = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed("read", error) from None
        try:
            return _token_of(json.loads(content))
        except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError):
            raise StoreCorruptError(
                "the file does not hold a token",
                path=str(self._path),
                hint="delete it and authorize again",
            ) from None

    def save(self, token: Token) -> None:
        """Keep the token, on disk before this returns.

        Raises:
            StoreError: it cannot be written.
        """
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}.new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(json.dumps(_values_of(token)).encode())
                    file.flush()
                    os.fsync(file.fileno())
                fresh.replace(self._path)
            except BaseException:
                fresh.unlink(missing_ok=True)
                raise
            self._sync_directory()
        except OSError as error:
            raise self._failed("written", error) from None

    def clear(self) -> None:
        """Delete the file.

        Raises:
            StoreError: it cannot be deleted.
        """
        try:
            self._path.unlink(missing_ok=True)
            self._sync_directory()
        except OSError as error:
            raise self._failed("deleted", error) from None

    def try_lock(self) -> bool:
        """Take the lock between processes; False when another one holds it.

        A process that dies loses the lock. Where the system has no such locks, this is always
        True: only one process may use the file there.

        Raises:
            StoreError: the lock file cannot be opened.
        """
        try:
            import fcntl
        except ImportError:
            return True
        try:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, _PRIVATE)
        except OSError as error:
            raise self._failed("locked", error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def unlock(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _refuse_if_shared(self, status: os.stat_result) -> None:
        if os.name == "posix" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(
                "others can read the file with the token",
                path=str(self._path),
                hint=f"chmod 600 {self._path}",
            )

    def _sync_directory(self) -> None:
        # Windows cannot open directories; its rename is durable enough for a token.
        with suppress(PermissionError):
            descriptor = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _failed(self, what: str, error: OSError) -> StoreError:
        return StoreError(
            f"the file with the token cannot be {what}",
            path=str(self._path),
            hint=error.strerror or type(error).__name__,
        )


def _values_of(token: Token) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "expires_at": token.expires_at.isoformat(),
    }


def _token_of(values: Any) -> Token:
    access, refresh = values["access_token"], values["refresh_token"]
    if values["format"] != _FORMAT or not isinstance(access, str):
        raise ValueError
    if not isinstance(refresh, str | None):
        raise TypeError
    expires_at = datetime.fromisoformat(values["expires_at"])
    return Token(access_token=access, refresh_token=refresh, expires_at=expires_at.astimezone(UTC))
