"""Locks that the operating system frees when their process dies, however it dies.

A lock is a file beside the store, held with ``flock`` (``msvcrt.locking`` on Windows). The
file stays behind when the lock is released, because deleting it would race with the next
owner; it holds the owner's name as long as it is held. Such locks work between processes of
one machine; do not rely on them on a network file system.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from procore_spectrum.errors import StoreBusyError, StoreError
from procore_spectrum.ports import LockRequest

__all__ = ["busy", "file_lock", "lock_path"]

_PAUSE = 0.02
_OWNER_BYTES = 500

if sys.platform == "win32":  # pragma: no cover - the tests run where flock exists
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        # Windows locks bytes, and locked bytes cannot be read: lock one far behind the owner.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_held: set[int] = set()


def _let_go_in_child() -> None:
    # A forked child shares its parent's locks and would keep them alive after the parent.
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_let_go_in_child)


def lock_path(directory: Path, *names: str) -> Path:
    """The file of the lock that these names make up together."""
    digest = sha256("\x00".join(names).encode()).hexdigest()
    return directory / f"{digest[:32]}.lock"


@contextmanager
def file_lock(path: Path, request: LockRequest) -> Iterator[None]:
    """Hold the lock for the length of a ``with`` block.

    Not even the same thread can take it twice.

    Raises:
        StoreBusyError: it is held; the message names the owner.
        StoreError: the file cannot be opened.
    """
    descriptor = _take(path, request)
    try:
        yield
    finally:
        if descriptor in _held:
            _write_owner(descriptor, "")
            _held.remove(descriptor)
            os.close(descriptor)


def busy(request: LockRequest, owner: str) -> StoreBusyError:
    """The error that says who holds the lock."""
    return StoreBusyError(
        f"{request.name!r} is locked by {owner or 'another run'}",
        path=request.name,
        hint="wait until that run has ended; a lock left by a dead process is free by itself",
    )


def _take(path: Path, request: LockRequest) -> int:
    deadline = time.monotonic() + request.wait_seconds
    descriptor = _open(path)
    try:
        while True:
            try:
                _try_lock(descriptor)
            except (BlockingIOError, PermissionError):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise busy(request, _read_owner(descriptor)) from None
                time.sleep(min(_PAUSE, left))
            else:
                _held.add(descriptor)
                _write_owner(descriptor, request.owner)
                return descriptor
    except OSError as error:
        os.close(descriptor)
        raise _unusable(path, error) from None
    except BaseException:
        os.close(descriptor)
        raise


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"a lock file cannot be used: {error.strerror}",
        path=str(path),
        hint="the store's folder must be writable and on a local disk",
    )


def _write_owner(descriptor: int, owner: str) -> None:
    # Only for the message that others see, so a full disk must not stand in the way.
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, owner.encode(errors="replace")[:_OWNER_BYTES])
    except OSError:
        pass


def _read_owner(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, _OWNER_BYTES).decode(errors="replace")
