"""The command line as its users meet it: real processes, real sockets, JSON and exit statuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from process_tools import Shell

from procore_spectrum.features import Settings
from procore_spectrum.testing.full_import import duplicates
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request

DONE, FAILED, USAGE, WAITING = range(4)
PLAN_KEYS = {"plan_id", "counts", "operations", "held", "requests"}
PLAN_COUNTS = {"create", "update", "link", "deactivate", "held"}
OPERATION_KEYS = {
    "op_id",
    "feature",
    "kind",
    "verb",
    "key",
    "target",
    "state",
    "reason",
    "fields",
}
REPORT_KEYS = {"plan_id", "counts", "outcomes", "requests"}
REPORT_COUNTS = {
    "done",
    "adopted",
    "unchanged",
    "refused",
    "held",
    "waiting",
    "failed",
    "unknown",
}


def ask(url: str, path: str) -> Any:
    """What a sandbox server says about itself."""
    transport = HttpxTransport()
    try:
        return transport.send(Request(method="GET", url=f"{url}/_sandbox/{path}")).json()
    finally:
        transport.close()


def decide(shell: Shell, held: list[dict[str, Any]], opened: Mapping[str, Any]) -> None:
    """Answer everything that is held: take jobs on, and create what only resembles something."""
    for item in held:
        kind, _, key = item["key"].partition(" ")
        if item["code"] == "in-progress":
            command = ["take-on", key]
        elif kind == "project":
            found = ask(opened["procore"]["base_url"], "state")["projects"]
            (target,) = [row["id"] for row in found if row["project_number"] == key]
            command = ["link", kind, key, str(target)]
        else:
            command = ["create-new", kind, key]
        assert shell(*command, "--why", "test").status == DONE


def test_plan_apply_plan_give_creates_then_done_then_nothing(shell: Shell) -> None:
    """A plan proposes, applying it does just that, and a second plan proposes nothing."""
    first, applied, second = (
        shell("plan", "--json"),
        shell("apply", "--json"),
        shell("plan", "--json"),
    )
    creates = first.json["counts"]["create"]
    assert creates > 100
    assert applied.json["counts"]["done"] == creates
    left = {name: n for name, n in second.json["counts"].items() if n}
    assert set(left) <= {"held"}
    assert [op for op in second.json["operations"] if op["verb"] != "held"] == []


def test_every_feature_takes_part(shell: Shell) -> None:
    """The plan of the reference company has operations of each feature that is on by itself."""
    operations = shell("plan", "--json").json["operations"]
    assert {op["feature"] for op in operations} == set(Settings().features)


def test_what_is_held_asks_for_a_person(shell: Shell, opened: Mapping[str, Any]) -> None:
    """Held records give status 3 until they are decided; then all statuses are 0."""
    first = shell("plan", "--json")
    assert first.json["held"]
    assert first.status == shell("apply", "--json").status == WAITING
    decide(shell, first.json["held"], opened)
    applied, last = shell("apply", "--json"), shell("plan", "--json")
    assert (applied.status, last.status) == (DONE, DONE)
    assert last.json["operations"] == []
    assert duplicates(ask(opened["procore"]["base_url"], "state")) == []


def test_plan_json_has_the_documented_keys(shell: Shell) -> None:
    """Scripts rely on these names; more may be there."""
    plan = shell("plan", "--json").json
    assert set(plan) >= PLAN_KEYS
    assert set(plan["counts"]) >= PLAN_COUNTS
    assert all(set(op) >= OPERATION_KEYS for op in plan["operations"])
    changes = [change for op in plan["operations"] for change in op["fields"]]
    assert all(set(change) >= {"path", "base", "source", "target"} for change in changes)
    assert all(set(item) >= {"key", "code", "message", "hint"} for item in plan["held"])
    assert {op["target"] for op in plan["operations"]} <= {"procore", "spectrum"}


def test_apply_json_has_the_documented_keys(shell: Shell) -> None:
    """Scripts rely on these names; more may be there."""
    report = shell("apply", "--json", "--feature", "vendors").json
    assert set(report) >= REPORT_KEYS
    assert set(report["counts"]) >= REPORT_COUNTS
    assert len(report["outcomes"]) == sum(report["counts"].values())


def test_planning_writes_nothing(shell: Shell, opened: Mapping[str, Any]) -> None:
    """After a plan, both systems hold what they held before."""
    urls = opened["procore"]["base_url"], opened["spectrum"]["url"]
    before = [ask(url, "state") for url in urls]
    shell("plan")
    assert [ask(url, "state") for url in urls] == before


def test_a_reviewed_plan_is_applied_exactly(shell: Shell, opened: Mapping[str, Any]) -> None:
    """``apply FILE`` does the operations in the file, no other, and only once."""
    shell("plan", "--feature", "vendors", "--out", "reviewed.json")
    reviewed = json.loads((shell.folder / "reviewed.json").read_text())
    applied = shell("apply", "reviewed.json", "--json").json
    assert applied["plan_id"] == reviewed["plan_id"]
    assert [(o["op_id"]) for o in applied["outcomes"] if o["state"] == "done"] == [
        op["op_id"] for op in reviewed["operations"] if op["verb"] != "held"
    ]
    state = ask(opened["procore"]["base_url"], "state")
    assert (len(state["projects"]), state["cost_codes"]) == (1, [])
    again = shell("apply", "reviewed.json", "--json").json["counts"]
    assert (again["done"], again["unchanged"]) == (0, applied["counts"]["done"])


def test_a_plan_that_was_altered_is_refused(shell: Shell, opened: Mapping[str, Any]) -> None:
    """Nobody approved what somebody wrote into the file afterwards."""
    shell("plan", "--feature", "vendors", "--out", "reviewed.json")
    file = shell.folder / "reviewed.json"
    file.write_text(file.read_text().replace("Abbott", "Costello"))
    done = shell("apply", "reviewed.json", "--json")
    assert (done.status, done.json["error"]["type"]) == (FAILED, "StalePlanError")
    assert len(ask(opened["procore"]["base_url"], "state")["vendors"]) == 4


def test_status_tells_what_is_linked(shell: Shell) -> None:
    """After an import, status counts links by kind and knows of no doubt."""
    applied = shell("apply", "--json").json["counts"]["done"]
    status = shell("status", "--json")
    assert status.status == DONE
    assert sum(status.json["links"].values()) == applied
    assert status.json["in_doubt"] == []


def test_the_doctor_finds_both_systems_well(shell: Shell) -> None:
    """Every check passes on the sandbox."""
    done = shell("doctor", "--json")
    assert [check for check in done.json["checks"] if not check["ok"]] == []
    assert done.status == DONE


def test_the_demo_runs(shell: Shell) -> None:
    """It needs no configuration, and ends with balanced books and an empty plan."""
    done = shell("demo", "--json")
    assert (done.status, done.json["empty"], done.stderr) == (DONE, True, "")
    money = done.json["reconciliation"]
    assert money["balanced"] is True
    compared = {total["measure"] for total in money["totals"] if total["job"] is None}
    assert len(compared) == 6
    assert set(done.json["exports"].values()) == {"synced"}


def test_a_wrong_secret_is_a_failure(shell: Shell) -> None:
    """The error is JSON on standard output and does not show the secret."""
    shell.environ["PROCORE_CLIENT_SECRET"] = "not-the-secret"
    done = shell("plan", "--json")
    assert (done.status, set(done.json["error"]) >= {"type", "message", "hint"}) == (FAILED, True)
    assert "not-the-secret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--feature", "weather"),
        ("plan", "--no-such-option"),
        ("apply", "plan.json", "--job", "1"),
        ("no-such-command",),
    ],
)
def test_a_misused_command_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    """Status 2, and nothing on standard output."""
    done = shell(*words)
    assert (done.status, done.stdout) == (USAGE, "")
