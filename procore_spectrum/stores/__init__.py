"""State stores: in memory and sqlite. Each is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procore_spectrum.stores.memory import MemoryStore
    from procore_spectrum.stores.sqlite import SqliteStore
    from procore_spectrum.stores.urls import open_store

__all__ = ["MemoryStore", "SqliteStore", "open_store"]

_HOMES = {"MemoryStore": "memory", "SqliteStore": "sqlite", "open_store": "urls"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
