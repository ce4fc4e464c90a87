"""``procore-spectrum demo``: a synchronisation from beginning to end, over real sockets.

Both sandbox servers run in a process of their own; this one is an ordinary user of the
library, with a configuration, a store in a temporary folder and a person's decisions.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from procore_spectrum.apply.report import Report
from procore_spectrum.cli.config import parse_config
from procore_spectrum.cli.connect import Connection, connect
from procore_spectrum.cli.demo_exports import put_right, run_exports
from procore_spectrum.cli.demo_people import ProjectTeam
from procore_spectrum.cli.output import Exit, say, say_json
from procore_spectrum.errors import UnavailableError
from procore_spectrum.features import FEATURES
from procore_spectrum.plan.operations import Held
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.reconciliation import Reconciliation, show_amount
from procore_spectrum.plan.reconciliation_text import as_text, verdict
from procore_spectrum.plan.sheets import Sheet, to_csv
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request

__all__ = ["run_demo"]


def run_demo(*, size: str = "S", seed: int = 0, as_json: bool = False) -> Exit:
    """Run every feature, settle what is held, reconcile, and prove that a last plan is empty."""
    story = _Story(silent=as_json)
    with tempfile.TemporaryDirectory() as folder, _sandbox(size, seed, Path(folder)) as opened:
        connection = connect(_configured(opened, Path(folder)), _secrets(opened))
        try:
            plan, report = _first_run(story, connection, opened)
            decided, second = _decide_and_run(story, connection, plan)
            team = ProjectTeam(
                connection.procore, connection.syncer, connection.config.procore.company_id
            )
            contracts = run_exports(connection, opened, team, story.tell)
            before = connection.syncer.reconcile()
            story.tell(
                "9. Both systems' money, compared. What is left is explained:", *_left(before)
            )
            exports = put_right(connection, team, contracts, story.tell)
            money = connection.syncer.reconcile()
            last = connection.syncer.plan()
        finally:
            connection.close()
    story.tell("11. Compared once more:", as_text(money))
    story.tell("12. One more plan, to prove that nothing is left to do:", last.render(limit=3))
    done = report.succeeded and second.succeeded and last.is_empty and money.balanced
    if as_json:
        say_json(
            {
                "first": report.to_json()["counts"],
                "decisions": decided,
                "second": second.to_json()["counts"],
                "exports": exports,
                "reconciliation": money.to_json(),
                "empty": last.is_empty,
                "held": len(last.held),
            }
        )
    story.tell(
        "The last plan is empty and the books balance to the cent: both systems agree."
        if done
        else "Something is left to do. That should not happen here."
    )
    return Exit.DONE if done else Exit.FAILED


def _left(found: Reconciliation) -> Iterator[str]:
    """The verdict, and every difference with its reasons."""
    yield f"   {verdict(found)}"
    for row in found.differences:
        yield f"   {row.spot.measure.label}, {row.spot.phase} {row.spot.cost_type}:"
        for reason in row.reasons:
            yield f"     {show_amount(reason.amount):>12}  {reason.text}"


class _Story:
    """Prints what happens, or keeps silent for ``--json``."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent

    def tell(self, *parts: str) -> None:
        if not self._silent:
            say("\n".join(parts) + "\n")


def _first_run(
    story: _Story, connection: Connection, opened: Mapping[str, Any]
) -> tuple[Plan, Report]:
    story.tell(
        "1. Two sandbox servers are up, in a process of their own:",
        f"   Procore  (REST) {opened['procore']['base_url']}",
        f"   Spectrum (SOAP) {opened['spectrum']['url']}",
        "   Spectrum's database can be read by SQL, too."
        if "sql" in opened["spectrum"]
        else "   Spectrum's database cannot be read: the extra sql is not installed.",
    )
    before = _counts(opened)
    plan = connection.syncer.plan()
    story.tell("2. A plan. It reads both systems and changes neither:", plan.render(limit=3))
    report = connection.syncer.apply(plan)
    after = _counts(opened)
    changed = [
        f"   {name.replace('_', ' ')}: {before.get(name, 0)} -> {after[name]}"
        for name in after
        if after[name] != before.get(name, 0)
    ]
    story.tell("3. Applied. What changed in Procore:", report.render(limit=0), *changed)
    return plan, report


def _decide_and_run(story: _Story, connection: Connection, plan: Plan) -> tuple[list[str], Report]:
    """Answer what was held, as an accountant would."""
    decisions = [line for held in plan.held if (line := _answer(connection, held))]
    second = connection.syncer.plan()
    report = connection.syncer.apply(second)
    story.tell(
        "4. A person answers what was held, and the run is repeated:",
        *(f"   {line}" for line in decisions),
        report.render(limit=0),
    )
    return decisions, report


def _answer(connection: Connection, held: Held) -> str:
    syncer = connection.syncer
    if held.candidates:
        best = held.candidates[0]
        syncer.link(held.ref, best.target_id, why=", ".join(best.evidence))
        return f"{held.ref} is {best.title} ({', '.join(best.evidence)})"
    if held.code == "in-progress":
        syncer.take_on(held.ref.key, why="shall be followed in Procore from here")
        return f"{held.ref} is taken on although it is in progress"
    return ""


# ---------------------------------------------------------------- the sandbox


@contextmanager
def _sandbox(size: str, seed: int, folder: Path) -> Iterator[Mapping[str, Any]]:
    command = [sys.executable, "-m", "procore_spectrum.testing.sandbox", "--json"]
    command += ["--until-stdin-closes", "--size", size, "--seed", str(seed)]
    if find_spec("sqlalchemy") is not None:
        command += ["--sql-file", str(folder / "spectrum.db")]
    with subprocess.Popen(  # noqa: S603 - our own module, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise UnavailableError("the sandbox servers did not start")
            yield json.loads(line)
        finally:
            process.terminate()


def _configured(opened: Mapping[str, Any], folder: Path) -> Any:
    spectrum = opened["spectrum"]
    vendors = _state(spectrum["url"])[spectrum["company_code"]]["vendors"]
    return parse_config(
        {
            "procore": {
                name: opened["procore"][name] for name in ("base_url", "login_url", "company_id")
            },
            "spectrum": {
                "url": spectrum["url"],
                "company_code": spectrum["company_code"],
                "vendor_row_cap": 0,
                **({"sql": {"queries": spectrum["sql"]["queries"]}} if "sql" in spectrum else {}),
            },
            "store": {"url": f"sqlite:///{folder / 'demo.db'}"},
            "features": [feature.name for feature in FEATURES],
            "jobs": {"connected_on": date.fromisoformat(spectrum["connected_on"])},
            "commitments": {
                "numbering": {"policy": "template", "text": "SUB-####"},
                "gl_accounts": {"default": "500100"},
            },
            "change_orders": {
                "numbering": {"policy": "template", "text": "CR-####"},
                "status_code": "C",
                "status_actions": {"C": 3},
            },
            # Procore wants a company for direct costs; any of the vendors will do here.
            "job_costs": {"vendor_code": vendors[0]["Vendor_Code"]},
            "prime_contracts": {
                "schedules": {
                    job: _schedule(folder / f"schedule-{number}.csv", items)
                    for number, (job, items) in enumerate(spectrum["schedules"].items())
                },
                "change_orders": {
                    "numbering": {"policy": "template", "text": "CR-####"},
                    "status_code": "B",
                    "status_actions": {"B": 1},
                    "approved_date": False,
                },
            },
            "cost_codes": {
                "phase_mask": spectrum["phase_mask"],
                "cost_types": {
                    found["code"]: {"name": found["name"], "base_type": found["kind"]}
                    for found in spectrum["cost_types"]
                },
            },
        },
        where="demo",
    )


def _secrets(opened: Mapping[str, Any]) -> dict[str, str]:
    return {
        "PROCORE_CLIENT_ID": opened["procore"]["client_id"],
        "PROCORE_CLIENT_SECRET": opened["procore"]["client_secret"],
        "SPECTRUM_AUTHORIZATION_ID": opened["spectrum"]["authorization_id"],
        "SPECTRUM_SQL_URL": opened["spectrum"].get("sql", {}).get("url", ""),
    }


def _schedule(path: Path, items: Sequence[Mapping[str, str]]) -> str:
    """A schedule of values as a person keeps it in a spreadsheet."""
    head = ("item", "description", "amount", "phase", "cost type")
    rows = [tuple(item.values()) for item in items]
    path.write_text(to_csv(Sheet(title="Schedule", head=head, rows=rows)), encoding="utf-8")
    return str(path)


def _counts(opened: Mapping[str, Any]) -> dict[str, int]:
    """How many records of each kind the Procore sandbox holds."""
    state = _state(opened["procore"]["base_url"])
    return {name: len(found) for name, found in state.items() if isinstance(found, list | dict)}


def _state(url: str) -> Any:
    """Everything that one of the sandboxes holds."""
    transport = HttpxTransport()
    try:
        request = Request(method="GET", url=f"{url}/_sandbox/state", label="sandbox state")
        return transport.send(request).json()
    finally:
        transport.close()
