"""Made-up days: all holds on them, they repeat exactly, and a broken connector is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from procore_spectrum.apply.approvals import Approvals
from procore_spectrum.testing import simulate as simulation
from procore_spectrum.testing.simulate import Life, main, simulate


@pytest.mark.parametrize("number", range(3))
def test_everything_holds_for_a_week(number: int) -> None:
    """People, outages, approvals and a schedule; checked at the end of each day."""
    life = simulate(7, number, 7)
    assert life.faults == (), life.story
    assert life.days == 7
    assert life.counts.total() > 10


def test_the_same_seed_gives_the_same_days() -> None:
    """To the last line of the journal, in another process that orders sets otherwise."""
    here = simulate(3, 1, 4)
    code = "from procore_spectrum.testing.simulate import simulate; print(simulate(3, 1, 4).digest)"
    for seed in ("1",):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == here.digest
    assert simulate(4, 1, 4).digest != here.digest


def test_writing_without_an_acceptance_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connector that asks nobody does not get through a week."""
    monkeypatch.setattr(Approvals, "objection", lambda _self, _op: "")
    monkeypatch.setattr(Approvals, "begin", lambda _self, _refs: {})
    lives = [simulate(7, number, 7) for number in range(2)]
    assert any("nobody accepted" in fault for life in lives for fault in life.faults)


def test_a_day_that_does_not_hold_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that repeats it is printed, and repeats it."""
    calls: Counter[str] = Counter()

    def faults(office: object, left: object, *, weekly: bool) -> list[str]:
        calls["days"] += 1
        return ["it is Wednesday"] if calls["days"] % 3 == 0 else []

    monkeypatch.setattr(simulation, "_faults", faults)
    assert main(["--days", "9", "--seed", "5"]) == 1
    text = capsys.readouterr().out
    assert "it is Wednesday" in text
    command = "python -m procore_spectrum.testing.simulate --seed 5 --contractor 0 --days 3"
    assert f"repeat it with: {command}" in text
    assert main(command.split()[3:]) == 1
    assert capsys.readouterr().out == text


def test_days_add_up_over_contractors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each lives for a week, the last one for what is left."""
    asked = []

    def short(seed: int, number: int, days: int) -> Life:
        asked.append((seed, number, days))
        return Life(
            seed=seed, number=number, days=days, faults=(), story=(), digest="", counts=Counter("a")
        )

    monkeypatch.setattr(simulation, "simulate", short)
    assert main(["--days", "16", "--seed", "2"]) == 0
    assert asked == [(2, 0, 7), (2, 1, 7), (2, 2, 2)]
    assert "16 days of 3 contractors" in capsys.readouterr().out
