"""Sandbox servers, and shells that are configured for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from process_tools import Shell, sandbox_process, shell_for


@pytest.fixture
def opened() -> Iterator[Mapping[str, Any]]:
    """Both sandbox servers, in a process of their own."""
    with sandbox_process() as found:
        yield found


@pytest.fixture
def shell(opened: Mapping[str, Any], tmp_path: Path) -> Shell:
    """A shell that is configured for the servers."""
    return shell_for(opened, tmp_path)
