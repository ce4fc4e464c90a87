"""Fixtures for the tests of the fake Procore."""

from __future__ import annotations

import pytest
from procore_wire import Wire


@pytest.fixture
def wire() -> Wire:
    """A fresh company with a logged-in service account that is company admin."""
    return Wire()
