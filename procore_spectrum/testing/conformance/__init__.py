"""The promises of :mod:`procore_spectrum.ports` as tests, for adapters of your own.

Inherit a contract in a test file of yours, give its fixtures, and declare what your adapter
can do::

    from procore_spectrum.testing import conformance

    class TestMyStore(conformance.StateStoreContract):
        declared = conformance.StoreCapabilities(strict_values=False)

        @pytest.fixture
        def store(self):
            with MyStore() as store:
                yield store

Tests of what is not declared are skipped, with the reason, and :func:`matrix` shows at the end
of the run what was declared and what was not. Needs pytest (the extra ``testing``), which is
imported nowhere else in the package.
"""

from __future__ import annotations

import pytest

# Before the import, so that a failed assertion shows its values.
pytest.register_assert_rewrite(
    *(f"{__name__}.{name}" for name in ("approvals", "stores", "systems", "transports"))
)

from procore_spectrum.testing.conformance.approvals import ApprovalQueueContract
from procore_spectrum.testing.conformance.contract import Contract, matrix
from procore_spectrum.testing.conformance.stores import (
    StateStoreContract,
    StoreCapabilities,
)
from procore_spectrum.testing.conformance.systems import (
    SourceCapabilities,
    SourceContract,
    TargetCapabilities,
    TargetContract,
    TargetExample,
)
from procore_spectrum.testing.conformance.transports import (
    AsyncTransportContract,
    Scene,
    TransportCapabilities,
    TransportContract,
)

__all__ = [
    "ApprovalQueueContract",
    "AsyncTransportContract",
    "Contract",
    "Scene",
    "SourceCapabilities",
    "SourceContract",
    "StateStoreContract",
    "StoreCapabilities",
    "TargetCapabilities",
    "TargetContract",
    "TargetExample",
    "TransportCapabilities",
    "TransportContract",
    "matrix",
]
