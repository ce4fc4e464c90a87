"""A feature that is killed anywhere is completed by the next run: a sample of the survey."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.features import FEATURES
from procore_spectrum.testing.feature_survival import rehearsed
from procore_spectrum.testing.scenario import Scenario
from procore_spectrum.testing.scenarios import SCENARIOS
from procore_spectrum.testing.survival import rehearse

# Takes minutes; nox tries it on one Python.
pytestmark = pytest.mark.survey

# One of so many points. ``nox -s crash`` tries them all.
PARTS = 31
UNASKED = """
import sys, tempfile
from pathlib import Path
from procore_spectrum.testing import feature_survival as survey
from procore_spectrum.testing.scenarios import SCENARIOS

survey.settle = lambda *_: None
with tempfile.TemporaryDirectory() as folder:
    stage = survey.rehearsed(SCENARIOS["new vendors, no SQL"], Path(folder, "store.db"))
    points = [p for p in stage.points if (p.what, p.when) == ("request", "before")]
    sys.stdout.write(str([fault for p in points for fault in survey.kill(stage, p).faults]))
"""

real = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are not on this system")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in a process of its own, because only one without threads can be forked."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@real
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_feature_that_is_killed_is_completed(name: str) -> None:
    """By SIGKILL, or left without a reply, against servers in another process."""
    command = ["-m", "procore_spectrum.testing.survival", "--json", "--way", "real"]
    done = run(*command, "--feature", name, "--part", f"17/{PARTS}")
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert verdicts
    assert [verdict for verdict in verdicts if verdict["faults"]] == []


@real
def test_what_nobody_settles_stays_in_doubt() -> None:
    """Without SQL a person has to look; were nobody asked, the survey would say so."""
    done = run("-c", UNASKED)
    assert done.returncode == 0, done.stderr
    assert "still in doubt: vendor" in done.stdout


def test_every_feature_has_a_scenario() -> None:
    """A new feature without one is noticed here; each bears its own name."""
    covered = {feature for scenario in SCENARIOS.values() for feature in scenario.features}
    assert covered == {feature.name for feature in FEATURES}
    assert all(scenario.name == name for name, scenario in SCENARIOS.items())


def test_every_kind_of_record_is_written_in_a_run_that_is_killed(tmp_path: Path) -> None:
    """Whatever a feature writes, some scenario or the import writes it."""
    written = set(rehearse("XS").kinds)
    for number, scenario in enumerate(SCENARIOS.values()):
        stage = rehearsed(scenario, tmp_path / f"{number}.db")
        assert len(stage.points) < 250
        written |= stage.kinds
    assert written == {rules.kind for feature in FEATURES for rules in feature.kinds}


def test_a_scenario_that_writes_nothing_is_refused(tmp_path: Path) -> None:
    """It would survive everything, and prove nothing."""
    nothing = Scenario(name="nothing", features=("vendors",))
    with pytest.raises(ConfigurationError, match="it writes nothing"):
        rehearsed(nothing, tmp_path / "store.db")
