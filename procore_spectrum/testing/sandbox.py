"""Both fakes on sockets of this machine, holding a reference company.

In a test::

    with Sandbox(size="S", seed=0) as sandbox:
        url = sandbox.settings["procore"]["base_url"]

From a shell::

    python -m procore_spectrum.testing.sandbox --json

prints where the servers are and what opens them, then serves until it is interrupted.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.testing.fake_procore import FakeProcore
from procore_spectrum.testing.fake_spectrum import FakeSpectrum
from procore_spectrum.testing.faults import FaultPlan
from procore_spectrum.testing.reference_company import ReferenceCompany, reference_company
from procore_spectrum.testing.server import RunningServer, serve
from procore_spectrum.testing.sql_file import SqlFile

__all__ = ["Sandbox", "main"]


class Sandbox:
    """Both systems, arranged and serving while the context lasts.

    Args:
        size: of the reference company: XS, S, M or L.
        seed: another number gives another company of that size.
        port_procore: where to serve Procore; 0 for a free port.
        port_spectrum: where to serve Spectrum; 0 for a free port.
        faults: what goes wrong from the start, on both servers.
        sql_file: where to keep Spectrum's database as a sqlite file; None for none.

    Attributes:
        company: what was loaded.
        procore, spectrum: the fakes, to arrange and inspect directly.
        procore_server, spectrum_server: their servers, within the context.
    """

    procore_server: RunningServer
    spectrum_server: RunningServer

    def __init__(
        self,
        size: Literal["XS", "S", "M", "L"] = "S",
        seed: int = 0,
        *,
        port_procore: int = 0,
        port_spectrum: int = 0,
        faults: FaultPlan | None = None,
        sql_file: Path | None = None,
    ) -> None:
        self.company: ReferenceCompany = reference_company(size, seed)
        self.spectrum = FakeSpectrum.from_company(self.company, phase_mask="##-####")
        for code, action in (("B", 1), ("C", 3), ("N", 4)):
            self.spectrum.add_change_status(code, action)
        self._schedules = _schedules(self.company)
        for job, items in self._schedules.items():
            for item in items:
                self.spectrum.add_billing_item(
                    job, item["item"], item["description"], amount=Decimal(item["amount"])
                )
        self.procore = FakeProcore()
        for vendor in self.company.existing_procore_companies:
            self.procore.add_vendor(**vendor)
        for project in self.company.existing_procore_projects:
            self.procore.add_project(**project)
        self._sql = SqlFile(self.spectrum, sql_file) if sql_file else None
        self._ports = (port_procore, port_spectrum)
        self._faults = faults
        self._open = ExitStack()

    def __enter__(self) -> Sandbox:
        with ExitStack() as stack:
            procore, spectrum = self._ports
            self.procore_server = stack.enter_context(
                serve(self.procore, port=procore, faults=self._faults)
            )
            self.spectrum_server = stack.enter_context(
                serve(self._sql or self.spectrum, port=spectrum, faults=self._faults)
            )
            self._open = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """Addresses and credentials, as ``--json`` prints them; within the context.

        Beside them stands what a person would enter into the configuration: the day the systems
        were connected, the mask of phase codes, the cost types with their kind, and the schedule
        of values of each job; with a ``sql_file`` also its URL and the queries.
        """
        return {
            "procore": {
                "base_url": self.procore_server.url,
                "login_url": self.procore_server.url,
                "company_id": self.procore.company_id,
                "client_id": self.procore.client_id,
                "client_secret": self.procore.client_secret,
            },
            "spectrum": {
                "url": self.spectrum_server.url,
                "company_code": self.spectrum.company_code,
                "authorization_id": self.spectrum.authorization_id,
                "phase_mask": self.spectrum.phase_mask,
                "cost_types": [
                    {"code": cost_type.code, "name": cost_type.name, "kind": cost_type.base_type}
                    for cost_type in self.company.cost_types
                ],
                "connected_on": self.company.connected_on.isoformat(),
                "schedules": self._schedules,
                **(
                    {"sql": {"url": self._sql.url, "queries": self._sql.queries}}
                    if self._sql
                    else {}
                ),
            },
        }


def _schedules(company: ReferenceCompany) -> dict[str, list[dict[str, str]]]:
    """Three billing items for each job, on its first pairs; together its original contract."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for phase in company.phases:
        pairs.setdefault(phase.job_number, []).append((phase.phase_code, phase.cost_type))
    found = {}
    for job in company.jobs:
        begin = (job.original_contract / 20).quantize(Decimal("0.01"))
        end = (job.original_contract / 10).quantize(Decimal("0.01"))
        parts = (
            ("100", "Mobilization", begin),
            ("200", "Construction", job.original_contract - begin - end),
            ("300", "Completion", end),
        )
        codes = pairs.get(job.number, [])[:3]
        found[job.number] = [
            {
                "item": item,
                "description": description,
                "amount": str(amount),
                "phase": codes[place % len(codes)][0] if codes else "",
                "cost_type": codes[place % len(codes)][1] if codes else "",
            }
            for place, (item, description, amount) in enumerate(parts)
        ]
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Serve both fakes until interrupted. Returns the exit status: 0 done, 1 failed."""
    wanted = _parser().parse_args(argv)
    sandbox = Sandbox(
        wanted.size,
        wanted.seed,
        port_procore=wanted.port_procore,
        port_spectrum=wanted.port_spectrum,
        sql_file=Path(wanted.sql_file) if wanted.sql_file else None,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if wanted.until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()
    try:
        with sandbox:
            _say(json.dumps(sandbox.settings) if wanted.json else _readable(sandbox.settings))
            stop.wait()
    except ProcoreSpectrumError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m procore_spectrum.testing.sandbox",
        description="Serve a fake Procore and a fake Spectrum on this machine.",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--size", choices=["XS", "S", "M", "L"], default="S", help="of the company")
    parser.add_argument("--seed", type=int, default=0, help="which company of that size")
    parser.add_argument("--port-procore", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-spectrum", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--sql-file", help="keep Spectrum's database as this sqlite file")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end with the program that started this"
    )
    return parser


def _watch_stdin(stop: threading.Event) -> None:
    while sys.stdin.readline():
        continue
    stop.set()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _readable(settings: dict[str, dict[str, Any]]) -> str:
    lines = []
    for system, values in settings.items():
        lines.append(system)
        lines += [
            f"  {name:17} {value}"
            for name, value in values.items()
            if name not in ("cost_types", "schedules", "sql")
        ]
    return "\n".join([*lines, "", "Serving. Stop with Ctrl-C."])


if __name__ == "__main__":
    raise SystemExit(main())
