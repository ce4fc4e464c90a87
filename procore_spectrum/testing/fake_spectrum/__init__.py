"""A Spectrum server that lives in memory: SOAP, REST and direct calls to arrange a test.

It follows the published rules of the Data Exchange services. Whatever nobody has documented is
a field of :class:`Switches`, pessimistic by default.
"""

from __future__ import annotations

from procore_spectrum.testing.fake_spectrum.brain import (
    AsyncInProcessTransport,
    FakeSpectrum,
    InProcessTransport,
)
from procore_spectrum.testing.fake_spectrum.calls import CallRecord
from procore_spectrum.testing.fake_spectrum.sql_rows import SqlRow
from procore_spectrum.testing.fake_spectrum.switches import Switches

__all__ = [
    "AsyncInProcessTransport",
    "CallRecord",
    "FakeSpectrum",
    "InProcessTransport",
    "SqlRow",
    "Switches",
]
