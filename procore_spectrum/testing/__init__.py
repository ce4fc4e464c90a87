"""Fakes, faults and sandbox servers: the library's own test tools, for your tests as well.

Nothing here is imported by the rest of the library, and nothing is loaded before it is used.
Neither pytest nor hypothesis is needed, except for ``testing.conformance`` and
``testing.strategies``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procore_spectrum.testing.clock import FakeClock
    from procore_spectrum.testing.crash import KillAt, count_requests, doomed, run_script
    from procore_spectrum.testing.fake_procore import FakeProcore
    from procore_spectrum.testing.fake_spectrum import FakeSpectrum
    from procore_spectrum.testing.faults import FaultPlan, FaultRule
    from procore_spectrum.testing.faulty import FaultyTransport, SimulatedCrash
    from procore_spectrum.testing.faulty_store import FaultyStore
    from procore_spectrum.testing.reference_company import ReferenceCompany, reference_company
    from procore_spectrum.testing.sandbox import Sandbox
    from procore_spectrum.testing.server import RunningServer, serve

__all__ = [
    "FakeClock",
    "FakeProcore",
    "FakeSpectrum",
    "FaultPlan",
    "FaultRule",
    "FaultyStore",
    "FaultyTransport",
    "KillAt",
    "ReferenceCompany",
    "RunningServer",
    "Sandbox",
    "SimulatedCrash",
    "count_requests",
    "doomed",
    "reference_company",
    "run_script",
    "serve",
]

_HOME = {
    "FakeClock": "clock",
    "FakeProcore": "fake_procore",
    "FakeSpectrum": "fake_spectrum",
    "FaultPlan": "faults",
    "FaultRule": "faults",
    "FaultyStore": "faulty_store",
    "FaultyTransport": "faulty",
    "KillAt": "crash",
    "ReferenceCompany": "reference_company",
    "RunningServer": "server",
    "Sandbox": "sandbox",
    "SimulatedCrash": "faulty",
    "count_requests": "crash",
    "doomed": "crash",
    "reference_company": "reference_company",
    "run_script": "crash",
    "serve": "server",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Importing the module ``reference_company`` must not hide the function of that name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "reference_company" and isinstance(value, ModuleType):
            value = value.reference_company
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
