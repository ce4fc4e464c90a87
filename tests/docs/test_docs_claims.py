"""What the pages on security and reliability claim to be tested is tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import DOCS

TESTS = Path(__file__).parents[1]
PAGES = ("reliability.md", "security.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_exists(page: str) -> None:
    """Files and folders below tests/, as the tables name them."""
    text = (DOCS / page).read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+/(?:[a-z_0-9]+\.py)?)(?:::[a-z_]+)?`", text))
    assert len(named) > 10
    assert [name for name in sorted(named - {"tests/"}) if not (TESTS / name).exists()] == []
