"""Opens the store that a URL or a path names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from procore_spectrum.errors import ConfigurationError

if TYPE_CHECKING:
    from procore_spectrum.stores.memory import MemoryStore
    from procore_spectrum.stores.sqlite import SqliteStore

__all__ = ["open_store"]


def open_store(url: str | Path) -> MemoryStore | SqliteStore:
    """Open a store.

    Args:
        url: a path (``"sync.db"``), ``"sqlite:///sync.db"`` (relative),
            ``"sqlite:////var/lib/sync.db"`` (absolute) or ``"memory://"`` (forgets everything).

    Raises:
        ConfigurationError: no such kind of store. The message never shows more of the URL
            than its scheme, because the rest may hold a password.
        StoreError: the file cannot be used.
    """
    if isinstance(url, Path):
        return _sqlite(url)
    scheme, separator, rest = url.partition("://")
    if not separator:
        return _sqlite(url)
    match scheme.lower():
        case "sqlite":
            return _sqlite(_sqlite_path(rest))
        case "memory":
            from procore_spectrum.stores.memory import MemoryStore

            return MemoryStore()
        case "postgresql" | "postgres":
            raise ConfigurationError(
                "the PostgreSQL store is not part of this version yet",
                path="store.url",
                hint="use sqlite:///procore-spectrum.db",
            )
    raise ConfigurationError(
        f"no store is known for {scheme}://",
        path="store.url",
        hint="use sqlite:///FILE, a plain path or memory://",
    )


def _sqlite_path(rest: str) -> str:
    path = rest.removeprefix("/")
    if path == rest or not path or "?" in path:
        raise ConfigurationError(
            "not the URL of a sqlite file",
            path="store.url",
            hint="write sqlite:///relative.db or sqlite:////absolute/file.db, without options",
        )
    return path


def _sqlite(path: str | Path) -> SqliteStore:
    from procore_spectrum.stores.sqlite import SqliteStore

    return SqliteStore(path)
