"""An export that dies anywhere is finished by the next run: nothing is lost, nothing is twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from dying import Fate, Forks, MortalStore, Point, What
from exporting_company import ExportingCompany

from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.plan.approvals import State
from procore_spectrum.testing.faulty import SimulatedCrash

# Takes minutes; nox tries it on one Python.
pytestmark = pytest.mark.survey

# Ten by ten: PROCORE_SPECTRUM_EXPORT_KILLS=10 pytest -n 2 tests/exports/test_export_survival.py
SIZE = int(os.environ.get("PROCORE_SPECTRUM_EXPORT_KILLS", "3"))
PARTS = 4
PAIRS = tuple((f"{number:02}0100", "S") for number in range(1, SIZE + 1))


def company(fate: Fate | None = None) -> tuple[ExportingCompany, Fate]:
    """Commitments that nobody has sent yet."""
    fate = fate or Fate()
    one_by_one = {"max_parallel": 1}
    found = ExportingCompany(pairs=PAIRS, store=MortalStore(fate), client=one_by_one)
    lines = [(pair, f"{n}00.10", f"Part {n}") for n, pair in enumerate(PAIRS, start=1)]
    for number in range(SIZE):
        found.commitment(f"SC-{number}", lines, vendor=("ACME", "BOLT")[number % 2])
    found.to_procore.answer = found.to_spectrum.answer = fate.answer
    fate.strike_at(None)
    return found, fate


def story(found: ExportingCompany) -> None:
    """Send everything, accept what waits, export."""
    found.export()
    approvals = found.syncer.approvals.list_approvals()
    waiting = [approval.ref for approval in approvals if approval.state.waits_for_approver]
    for ref in waiting:
        found.accept(ref)
    if waiting or any(approval.state is State.ACCEPTED for approval in approvals):
        found.export()


def result(found: ExportingCompany) -> dict[str, Any]:
    """Everything that must be the same, however often a run died on its way."""
    tables = ("work_order_contracts", "work_order_contract_line_items")
    marks = {
        (table, row["id"]): (row["origin_id"], row.get("origin_code"))
        for table in tables
        for row in found.table(table)
    }
    return {"books": found.books, "marks": marks, "states": states(found)}


def states(found: ExportingCompany) -> list[State]:
    """Where the exports stand."""
    return [approval.state for approval in found.syncer.approvals.list_approvals()]


@cache
def rehearsal() -> tuple[dict[str, Any], Counter[What], frozenset[int]]:
    """What an undisturbed export leads to, and how many requests, reads and commits it has."""
    for _ in range(2):  # the first one also reads the descriptions of the services
        found, fate = company()
        story(found)
    return result(found), fate.count, frozenset(fate.reads)


def survey(
    part: int, parts: int = PARTS, *, whats: tuple[What, ...] = ("request", "commit")
) -> dict[Point, str]:
    """Disturb an export at every point, one in so many; what went wrong, by point."""
    wanted, _, _ = rehearsal()
    fate = Forks(lambda: judge(found, wanted), whats=whats, part=(part, parts))
    found, _ = company(fate)
    fate.began = True
    try:
        story(found)
    except (SimulatedCrash, ProcoreSpectrumError):
        if not fate.is_child:
            raise
    if fate.is_child:
        fate.finish()
    return fate.told


def judge(found: ExportingCompany, wanted: dict[str, Any]) -> str:
    """What is wrong after the next runs; nothing, if it is as if nothing had happened."""
    story(found)
    faults = []
    if result(found) != wanted:
        faults.append(f"another result: {result(found)}")
    if found.syncer.status().in_doubt:
        faults.append("still in doubt")
    if not found.exports().is_empty:
        faults.append("the second plan is not empty")
    handle = found.store.for_company(found.syncer.company)
    return "; ".join([*faults, *map(str, handle.verify())])


def test_the_rehearsal_exports_everything() -> None:
    """Undisturbed, all commitments arrive with all their lines, and are marked."""
    wanted, count, reads = rehearsal()
    subcontracts = wanted["books"]["subcontracts"]
    assert [len(row["lines"]) for row in subcontracts] == [SIZE] * SIZE
    assert wanted["states"] == [State.SYNCED] * SIZE
    assert all(origin_id for origin_id, _ in wanted["marks"].values())
    assert count["request"] - len(reads) > SIZE * (2 * SIZE + 1)


def main(part: int) -> None:
    """Print every point of one part, with what went wrong there."""
    told = survey(part)
    sys.stdout.write(json.dumps([[str(point), fault] for point, fault in told.items()]))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a run is split with fork")
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_every_disturbance_is_survived(part: int) -> None:
    """Killed at any request or commit, or left without an answer, the next run completes it.

    It runs in a process of its own, because only one without threads can be split.
    """
    script = f"import {__name__} as survey; survey.main({part})"
    path = os.pathsep.join([str(Path(__file__).parent), *(entry or "." for entry in sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = dict(json.loads(done.stdout))
    # Three orders at each write, one before each read, two at each commit.
    _, count, reads = rehearsal()
    points = 3 * count["request"] - 2 * len(reads) + 2 * count["commit"]
    assert points // PARTS <= len(told) <= points // PARTS + 1
    assert {point: fault for point, fault in told.items() if fault} == {}
