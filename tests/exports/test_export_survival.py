"""An export that dies anywhere is finished by the next run: nothing is lost, nothing is twice."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import pytest
from dying import Fate, MortalStore, Point
from exporting_company import ExportingCompany

from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.plan.approvals import State
from procore_spectrum.testing.faulty import SimulatedCrash

# Ten by ten takes about half an hour: PROCORE_SPECTRUM_EXPORT_KILLS=10 pytest -k survival
SIZE = int(os.environ.get("PROCORE_SPECTRUM_EXPORT_KILLS", "3"))
PARTS = 12
PAIRS = tuple((f"{number:02}0100", "S") for number in range(1, SIZE + 1))


def company() -> tuple[ExportingCompany, Fate]:
    """Commitments that nobody has sent yet."""
    fate = Fate()
    found = ExportingCompany(pairs=PAIRS, store=MortalStore(fate))
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
def rehearsal() -> tuple[dict[str, Any], tuple[Point, ...]]:
    """What an undisturbed export leads to, and every point at which it can be disturbed."""
    for _ in range(2):  # the first one also reads the descriptions of the services
        found, fate = company()
        story(found)
    # Dying after a read is dying before whatever comes next, and a lost read is only repeated.
    points = [
        Point("request", number, when)
        for number in range(1, fate.count["request"] + 1)
        for when in (("before",) if number in fate.reads else ("before", "after", "lost"))
    ]
    points += [
        Point("commit", number, when)
        for number in range(1, fate.count["commit"] + 1)
        for when in ("before", "after")
    ]
    return result(found), tuple(points)


def test_the_rehearsal_exports_everything() -> None:
    """Undisturbed, all commitments arrive with all their lines, and are marked."""
    wanted, points = rehearsal()
    subcontracts = wanted["books"]["subcontracts"]
    assert [len(row["lines"]) for row in subcontracts] == [SIZE] * SIZE
    assert wanted["states"] == [State.SYNCED] * SIZE
    assert all(origin_id for origin_id, _ in wanted["marks"].values())
    assert len(points) > 40 * SIZE


@pytest.mark.parametrize("part", range(PARTS))
def test_every_disturbance_is_survived(part: int) -> None:
    """Killed at any request or commit, or left without an answer, the next run completes it."""
    wanted, points = rehearsal()
    for point in points[part::PARTS]:
        found, fate = company()
        fate.strike_at(point)
        try:
            story(found)
        except SimulatedCrash:
            assert point.when != "lost"
        except ProcoreSpectrumError:
            assert point.when == "lost"
        assert fate.struck, point
        fate.strike_at(None)
        story(found)
        assert result(found) == wanted, point
        assert found.syncer.status().in_doubt == (), point
        assert found.exports().is_empty, point
