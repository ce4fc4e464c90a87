"""An export that is killed anywhere is completed by the next run: a sample of the survey."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from procore_spectrum.features import FEATURES
from procore_spectrum.testing.scenarios import SCENARIOS

# One of so many points. ``nox -s crash`` tries them all.
PARTS = 31

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="SIGKILL and fork are not on this system"
)


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_export_that_is_killed_is_completed(name: str) -> None:
    """By SIGKILL, or left without a reply, against servers in another process."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    command = [sys.executable, "-m", "procore_spectrum.testing.survival", "--json"]
    done = subprocess.run(
        [*command, "--feature", name, "--way", "real", "--part", f"17/{PARTS}"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verdicts) > 2
    assert [verdict for verdict in verdicts if verdict["faults"]] == []


def test_every_scenario_is_about_features_that_exist() -> None:
    """And bears its own name."""
    known = {feature.name for feature in FEATURES}
    for name, scenario in SCENARIOS.items():
        assert scenario.name == name
        assert set(scenario.features) <= known
