"""Connects Procore (construction management) with Viewpoint / Trimble Spectrum (construction ERP).

The public names are imported when they are first used, so that ``import procore_spectrum``
stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procore_spectrum.apply.report import Report
    from procore_spectrum.features.settings import Settings
    from procore_spectrum.plan.plan import Plan
    from procore_spectrum.plan.records import Ref
    from procore_spectrum.procore.client import AsyncProcoreClient, ProcoreClient
    from procore_spectrum.spectrum.client import AsyncSpectrumClient, SpectrumClient
    from procore_spectrum.stores import MemoryStore, SqliteStore
    from procore_spectrum.syncer import Syncer

__all__ = [
    "AsyncProcoreClient",
    "AsyncSpectrumClient",
    "MemoryStore",
    "Plan",
    "ProcoreClient",
    "Ref",
    "Report",
    "Settings",
    "SpectrumClient",
    "SqliteStore",
    "Syncer",
]

__version__ = "0.1.0"

_HOME = {
    "AsyncProcoreClient": "procore_spectrum.procore.client",
    "AsyncSpectrumClient": "procore_spectrum.spectrum.client",
    "MemoryStore": "procore_spectrum.stores",
    "Plan": "procore_spectrum.plan.plan",
    "ProcoreClient": "procore_spectrum.procore.client",
    "Ref": "procore_spectrum.plan.records",
    "Report": "procore_spectrum.apply.report",
    "Settings": "procore_spectrum.features.settings",
    "SpectrumClient": "procore_spectrum.spectrum.client",
    "SqliteStore": "procore_spectrum.stores",
    "Syncer": "procore_spectrum.syncer",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
