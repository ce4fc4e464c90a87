"""An import that is killed anywhere is completed by the next run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from procore_spectrum.features import Settings
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import CompanyKey, Reading, ReadQuery, StoreChange
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing import survival
from procore_spectrum.testing.full_import import duplicates, nameless
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.testing.survival import KillPoint, When, kill_in_process, rehearse, survey

# Takes minutes; nox tries it on one Python.
pytestmark = pytest.mark.survey

# Odd numbers, so that each part holds points before and after requests.
PARTS = 9
REAL_PARTS = 5


@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_a_run_that_dies_anywhere_is_completed(part: int) -> None:
    """Before and after every request and commit, or left without a reply: nothing is missing,
    double or in doubt.
    """
    verdicts = survey(["in-process"], part=(part, PARTS))
    assert verdicts
    assert [verdict for verdict in verdicts if verdict.faults] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are not on this system")
@pytest.mark.parametrize("part", range(1, REAL_PARTS + 1))
def test_a_process_that_is_killed_anywhere_is_completed(part: int) -> None:
    """SIGKILL before and after every request and commit, against servers in another process."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    command = [sys.executable, "-m", "procore_spectrum.testing.survival", "--way", "real"]
    done = subprocess.run(
        [*command, "--feature", "import", "--size", "XS", "--part", f"{part}/{REAL_PARTS}"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    alive, _, killed = done.stdout.rpartition("survived ")[2].strip().partition("/")
    assert alive == killed
    assert int(killed) > 10


def test_a_link_that_no_journal_tells_is_a_fault() -> None:
    """What was linked has to be told, by whom and when."""
    store = MemoryStore().for_company(CompanyKey("1", "ABC"))
    row = CrosswalkRow(ref=Ref("company", "ACME"), target_id="7", base={})
    store.commit(StoreChange(links=(row,)))
    assert survival.remembered(store) == ["not in the journal: company ACME"]


def test_points_are_in_every_feature_and_order() -> None:
    """The import passes each feature, with requests and commits, before and after."""
    points = rehearse().points
    stages = set(Settings().features)
    for what in ("request", "commit"):
        for when in ("before", "after"):
            found = {p.stage for p in points if (p.what, p.when) == (what, when)}
            assert found >= stages


def test_a_writer_that_never_looks_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a list created again because nobody sees the first one, the survey would say so."""
    read = ProcoreTarget.read

    def blind(target: ProcoreTarget, query: ReadQuery) -> Reading[Any]:
        found = read(target, query)
        hidden = query.kind == "standard_cost_code_list"
        return attrs.evolve(found, items=()) if hidden else found

    rehearsal = rehearse()
    monkeypatch.setattr(ProcoreTarget, "read", blind)
    points = [p for p in rehearsal.points if p.stage != "(reading)" and p.when == "after"]
    requests = [p for p in points if p.what == "request"]
    found = [fault for p in requests[:5] for fault in kill_in_process(rehearsal, p).faults]
    assert any("standard_cost_code_lists" in fault for fault in found), found


def test_a_point_that_is_not_reached_is_a_fault() -> None:
    """A survey that kills nobody does not pass."""
    point = KillPoint(what="request", number=10_000, when="before")
    assert kill_in_process(rehearse(), point).faults == ("the point was not reached",)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are not on this system")
@pytest.mark.parametrize("when", ["before", "after", "lost"])
def test_a_process_that_misses_its_point_is_a_fault(when: When) -> None:
    """A process that ends well was not killed, and one that never met the point lost nothing."""
    point = KillPoint(what="request", number=1, when=when)
    assert survival.strike(point, lambda _: None) != []


def test_the_table_counts_survivors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each fault is told, and makes the command fail."""
    point = KillPoint(what="request", number=1, when="before", stage="vendors")
    good = survival.Verdict(point=point, way="real", faults=())
    bad = attrs.evolve(good, faults=("a record is missing",))
    monkeypatch.setattr(survival, "survey", lambda *_, **__: [good, bad])
    assert survival.main(["--feature", "import"]) == 1
    shown = capsys.readouterr().out
    assert "survived 1/2" in shown
    assert "a record is missing" in shown


def test_states_are_compared_without_ids() -> None:
    """Two companies loaded alike are the same, and a record more is a difference."""
    one, two = Sandbox("S").procore, Sandbox("S").procore
    two.add_line_item_type(code="Z", name="Zebras", base_type="other")
    left, right = nameless(one.state()), nameless(two.state())
    assert left["vendors"] == right["vendors"]
    assert left["line_item_types"] != right["line_item_types"]


def test_references_are_compared_by_what_they_name() -> None:
    """A code that hangs below another parent is a difference, though ids are not compared."""

    def state(parent: int) -> dict[str, list[dict[str, object]]]:
        rows = [
            {"id": 1, "code": "a", "parent_id": None},
            {"id": 2, "code": "b", "parent_id": None},
        ]
        return {"codes": [*rows, {"id": 3, "code": "c", "parent_id": parent}]}

    assert nameless(state(1)) != nameless(state(2))


def test_duplicates_are_found() -> None:
    """By origin id also in tables that are not known."""
    state = {"things": [{"origin_id": "x"}, {"origin_id": "x"}, {"origin_id": None}]}
    assert duplicates(state) == ["things: 2 times ('x',)"]
