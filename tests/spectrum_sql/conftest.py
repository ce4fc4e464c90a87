"""Installations on sqlite, and on PostgreSQL where there is one to test with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sql_installation import Installation, installed

POSTGRES = "PROCORE_SPECTRUM_TEST_POSTGRES"


def postgresql_url() -> str:
    """Where the tests find PostgreSQL."""
    url = os.environ.get(POSTGRES, "")
    if not url:
        # The one skip: a PostgreSQL server is nobody's duty.
        pytest.skip(f"to test on PostgreSQL set {POSTGRES}=postgresql+psycopg://host/database")
    return url


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Installation]:
    """An empty sqlite database, for what does not depend on the database."""
    with installed(f"sqlite:///{tmp_path / 'spectrum.db'}") as made:
        yield made


@pytest.fixture
def postgresql() -> Iterator[Installation]:
    """An empty schema on PostgreSQL."""
    with installed(postgresql_url()) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest) -> Installation:
    """Each of the two."""
    made: Installation = request.getfixturevalue(request.param)
    return made
