"""Two processes that work for one company at the same time never write twice."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from process_tools import COMMAND, LONGEST, Shell, shell_for

from procore_spectrum.testing.full_import import duplicates
from procore_spectrum.testing.sandbox import Sandbox

HOLDING = str(Path(__file__).with_name("holding_run.py"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both servers, with the fakes within reach."""
    with Sandbox("S") as running:
        yield running


@pytest.fixture
def near(sandbox: Sandbox, tmp_path: Path) -> Shell:
    """A shell that is configured for them."""
    return shell_for(sandbox.settings, tmp_path)


def written(sandbox: Sandbox) -> Counter[str]:
    """How many records were sent to each of Procore's writing addresses, ids aside."""
    found: Counter[str] = Counter()
    for call in sandbox.procore.calls:
        if call.method != "GET" and "oauth" not in call.path:
            found[re.sub(r"\d{9,}", "ID", call.path)] += call.items_sent
    return found


def test_a_second_run_finds_the_company_locked(sandbox: Sandbox, near: Shell) -> None:
    """It fails, names the run that holds the lock, and writes nothing."""
    with near.start(sys.executable, HOLDING) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "holding\n"
        before = sandbox.procore.state(), written(sandbox)
        second = near("apply", "--json")
        assert (sandbox.procore.state(), written(sandbox)) == before
        rest, _ = first.communicate("go on\n", timeout=LONGEST)
    error = second.json["error"]
    assert (second.status, error["type"]) == (1, "StoreBusyError")
    assert "locked by" in error["message"]
    assert "plan" in error["message"]
    assert error["hint"]
    assert json.loads(rest)["counts"]["done"] > 100


def test_what_was_locked_out_finds_everything_done(sandbox: Sandbox, near: Shell) -> None:
    """After the first run has ended, the second has nothing left to write."""
    with near.start(sys.executable, HOLDING) as first:
        assert first.stdout is not None
        first.stdout.readline()
        near("apply")
        first.communicate("go on\n", timeout=LONGEST)
    before = written(sandbox)
    counts = near("apply", "--json").json["counts"]
    assert {state for state, number in counts.items() if number} <= {"held"}
    assert written(sandbox) == before
    assert duplicates(sandbox.procore.state()) == []


def test_a_run_that_dies_while_it_holds_the_lock_frees_it(sandbox: Sandbox, near: Shell) -> None:
    """The next run completes its work: every record is there once."""
    with near.start(sys.executable, HOLDING) as first:
        assert first.stdout is not None
        first.stdout.readline()
        first.kill()
        first.communicate()
    assert near("apply", "--json").json["counts"]["failed"] == 0
    assert near("status", "--json").json["in_doubt"] == []
    counts = near("plan", "--json").json["counts"]
    assert {verb for verb, number in counts.items() if number} <= {"held"}
    assert duplicates(sandbox.procore.state()) == []


def test_runs_that_race_create_each_record_once(
    sandbox: Sandbox, near: Shell, tmp_path: Path
) -> None:
    """Whoever comes second is locked out or finds the work done; a third run finds no rest."""
    racers = [near.start(*COMMAND, "apply", "--json") for _ in range(3)]
    ends = []
    for racer in racers:
        text, _ = racer.communicate(timeout=LONGEST)
        ends.append((racer.returncode, json.loads(text)))
    assert all(status in {0, 1, 3} for status, _ in ends)
    errors = [end["error"]["type"] for _, end in ends if "error" in end]
    assert set(errors) <= {"StoreBusyError", "StalePlanError"}
    near("apply")
    assert duplicates(sandbox.procore.state()) == []
    assert written(sandbox) == written_by_one(tmp_path)
    counts = near("plan", "--json").json["counts"]
    assert {verb for verb, number in counts.items() if number} <= {"held"}


def written_by_one(folder: Path) -> Counter[str]:
    """What a single run sends."""
    alone = folder / "alone"
    alone.mkdir()
    with Sandbox("S") as sandbox:
        shell_for(sandbox.settings, alone)("apply")
        return written(sandbox)
