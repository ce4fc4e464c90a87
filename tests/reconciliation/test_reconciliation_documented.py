"""The pages about reconciliation leave nothing out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from reconciled_money import month_end

from procore_spectrum.plan.reconciliation import Cause, Measure

DOCS = Path(__file__).parents[2] / "docs"
CONCEPT = (DOCS / "concepts" / "reconciliation.md").read_text("utf-8")
COMMANDS = (DOCS / "reference" / "command-line.md").read_text("utf-8")


@pytest.mark.parametrize("measure", list(Measure))
def test_every_measure_is_explained(measure: Measure) -> None:
    """With what is compared in both systems."""
    assert re.search(rf"^\| `{measure}` \| [^|]+ \| [^|]+ \|$", CONCEPT, re.MULTILINE)


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_a_meaning_and_a_remedy(cause: Cause) -> None:
    """And no cause is explained that is not there."""
    assert re.search(rf"^\| `{cause}` \| [^|]+ \| [^|]+ \|$", CONCEPT, re.MULTILINE)


def test_every_key_of_the_json_is_described() -> None:
    """What scripts may rely on is on the page."""
    section = COMMANDS.partition("### reconcile")[2].partition("\n### ")[0]
    missing = [key for key in _keys(month_end().to_json()) if f'"{key}"' not in section]
    assert not missing


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in _keys(item)}
    if isinstance(value, list):
        return {key for item in value for key in _keys(item)}
    return set()
