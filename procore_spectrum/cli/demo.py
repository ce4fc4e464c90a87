"""``procore-spectrum demo``: a synchronisation from beginning to end, over real sockets.

Both sandbox servers run in a process of their own; this one is an ordinary user of the
library, with a configuration, a store in a temporary folder and a person's decisions.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from procore_spectrum.apply.report import Report
from procore_spectrum.cli.config import parse_config
from procore_spectrum.cli.connect import Connection, connect
from procore_spectrum.cli.demo_exports import run_exports
from procore_spectrum.cli.output import Exit, say, say_json
from procore_spectrum.errors import UnavailableError
from procore_spectrum.features import FEATURES
from procore_spectrum.plan.operations import Held
from procore_spectrum.plan.plan import Plan
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request

__all__ = ["run_demo"]


def run_demo(*, size: str = "S", seed: int = 0, as_json: bool = False) -> Exit:
    """Plan, apply, decide, apply again, export, and prove that a last plan is empty."""
    story = _Story(silent=as_json)
    with _sandbox(size, seed) as opened, tempfile.TemporaryDirectory() as folder:
        connection = connect(_configured(opened, Path(folder)), _secrets(opened))
        try:
            plan, report = _first_run(story, connection, opened)
            decided, second = _decide_and_run(story, connection, plan)
            exports = run_exports(connection, opened, story.tell)
            last = connection.syncer.plan(features=[feature.name for feature in FEATURES])
        finally:
            connection.close()
    story.tell("8. One more plan, to prove that nothing is left to do:", last.render(limit=3))
    balanced = report.succeeded and second.succeeded and last.is_empty
    if as_json:
        say_json(
            {
                "first": report.to_json()["counts"],
                "decisions": decided,
                "second": second.to_json()["counts"],
                "exports": exports,
                "empty": last.is_empty,
                "held": len(last.held),
            }
        )
    story.tell(
        "The last plan is empty: both systems agree."
        if balanced
        else "Something is left to do. That should not happen here."
    )
    return Exit.DONE if balanced else Exit.FAILED


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
def _sandbox(size: str, seed: int) -> Iterator[Mapping[str, Any]]:
    command = [sys.executable, "-m", "procore_spectrum.testing.sandbox", "--json"]
    command += ["--until-stdin-closes", "--size", size, "--seed", str(seed)]
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
    return parse_config(
        {
            "procore": {
                name: opened["procore"][name] for name in ("base_url", "login_url", "company_id")
            },
            "spectrum": {
                "url": spectrum["url"],
                "company_code": spectrum["company_code"],
                "vendor_row_cap": 0,
            },
            "store": {"url": f"sqlite:///{folder / 'demo.db'}"},
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
    }


def _counts(opened: Mapping[str, Any]) -> dict[str, int]:
    """How many records of each kind the Procore sandbox holds."""
    transport = HttpxTransport()
    try:
        url = f"{opened['procore']['base_url']}/_sandbox/state"
        state = transport.send(Request(method="GET", url=url, label="sandbox state")).json()
    finally:
        transport.close()
    return {name: len(found) for name, found in state.items() if isinstance(found, list | dict)}
