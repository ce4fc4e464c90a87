"""How many requests the first import takes, against the fewest that the limits allow.

From a shell::

    python -m procore_spectrum.testing.bench --size M

What is counted and how the fewest are computed is told in ``docs/benchmarks.md``. Times are only
given as ratios against a peer of the same run: a bare loop that sends the same requests again,
without reading answers, planning or remembering.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.stores import SqliteStore
from procore_spectrum.testing.full_import import FullImport, Size
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.transport import Transport

__all__ = [
    "MOST",
    "Measured",
    "Recorder",
    "Term",
    "calls",
    "fewest",
    "is_write",
    "main",
    "measure",
    "terms",
]

MOST = 1.1
"""The largest ratio of requests to the fewest possible that this project accepts."""

_SYNC = 1000  # records in a sync request; budget codes have no documented limit, so the same
_PAGE = 2000  # records in a page of Procore's v1.0 listings
_PROJECTS_PAGE = 300  # of the v1.1 listing of projects
_CAP = 499  # rows of a Spectrum answer that prove to be all: with 500 there may be more
_READING_POSTS = ("oauth", "Get")  # a token; a SOAP service that reads


@attrs.frozen(kw_only=True)
class Term:
    """One kind of request: how many were sent, how many there have to be, and why."""

    label: str
    sent: int
    fewest: int
    formula: str = "not needed"


@attrs.frozen(kw_only=True)
class Measured:
    """What two runs in a row did. ``writes`` maps requests of the second run that could change
    something to their number. ``peer_seconds`` is the time of the bare loop.
    """

    size: Size
    records: int
    left: int
    terms: tuple[Term, ...]
    second_reads: int
    writes: Mapping[str, int]
    first_seconds: float
    second_seconds: float
    peer_seconds: float

    @property
    def sent(self) -> int:
        """Requests of the first import."""
        return sum(term.sent for term in self.terms)

    @property
    def fewest(self) -> int:
        """The fewest with which it can be done."""
        return sum(term.fewest for term in self.terms)

    @property
    def ratio(self) -> float:
        """Requests per request that is needed."""
        return self.sent / self.fewest

    @property
    def good(self) -> bool:
        """Whether the import was complete and economical, and the second run wrote nothing."""
        return self.ratio <= MOST and not self.writes and not self.left

    def lines(self) -> list[str]:
        """A table for people."""
        lines = [f"{'request':34}{'sent':>8}{'fewest':>8}  because"]
        for term in self.terms:
            lines.append(f"{term.label:34}{term.sent:>8}{term.fewest:>8}  {term.formula}")
        written = ", ".join(f"{n} {label}" for label, n in self.writes.items()) or "nothing"
        return [
            *lines,
            f"{'all':34}{self.sent:>8}{self.fewest:>8}  ratio {self.ratio:.3f}, at most {MOST}",
            f"size {self.size}: {self.records:,} operations done, {self.left} left",
            f"second run: {self.second_reads} reads, wrote {written}",
            f"time, bare loop of the same requests = 1: first import"
            f" {self.first_seconds / self.peer_seconds:.1f}, second run"
            f" {self.second_seconds / self.peer_seconds:.1f}",
        ]


class Recorder:
    """A transport that writes down what was sent."""

    def __init__(self, inner: Transport, log: list[Request]) -> None:
        self._inner = inner
        self._log = log

    def send(self, request: Request) -> Response:
        """Send once."""
        self._log.append(request)
        return self._inner.send(request)

    def close(self) -> None:
        """Release the inner transport."""
        self._inner.close()


# ---------------------------------------------------------------- measuring


def measure(size: Size = "S", *, seed: int = 0, sockets: bool = False) -> Measured:
    """Import a company twice and count.

    Args:
        size: of the reference company.
        seed: another number gives another company.
        sockets: go through real sockets of this machine instead of calling the fakes.
    """
    with ExitStack() as stack:
        sandbox = Sandbox(size, seed)
        task = FullImport(sandbox=sandbox)
        if sockets:
            stack.enter_context(sandbox)
            task = attrs.evolve(
                task,
                procore_url=sandbox.procore_server.url,
                spectrum_url=sandbox.spectrum_server.url,
            )
        file = Path(stack.enter_context(tempfile.TemporaryDirectory()), "store.db")
        store = stack.enter_context(SqliteStore(file))
        log: list[Request] = []
        inner = _transports(sandbox, sockets=sockets)
        recorders = [Recorder(transport, log) for transport in inner]
        for transport in inner:
            stack.callback(transport.close)
        syncer = task.syncer(store, recorders[0], recorders[1])
        task.decide(syncer)
        before = sandbox.procore.state()

        first_seconds, (_, report) = _timed(lambda: task.run(syncer))
        first = log[:]
        log.clear()
        second_seconds, (again, _) = _timed(lambda: task.run(syncer))
        bounds = fewest(sandbox, before, sandbox.procore.state())
        return Measured(
            size=size,
            records=report.counts["done"] + report.counts["adopted"],
            left=len(again.operations) + (0 if report.succeeded else 1),
            terms=terms(first, bounds),
            second_reads=sum(1 for request in log if not is_write(request)),
            writes=Counter(request.label for request in log if is_write(request)),
            first_seconds=first_seconds,
            second_seconds=second_seconds,
            peer_seconds=_timed(lambda: _resend(first, task, inner))[0],
        )


def _transports(sandbox: Sandbox, *, sockets: bool) -> tuple[Transport, Transport]:
    if sockets:
        return HttpxTransport(), HttpxTransport()
    return sandbox.procore.transport(), sandbox.spectrum.transport()


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def _resend(
    requests: Iterable[Request], task: FullImport, transports: tuple[Transport, Transport]
) -> None:
    procore, spectrum = transports
    for request in requests:
        (procore if request.url.startswith(task.procore_url) else spectrum).send(request)


def is_write(request: Request) -> bool:
    """Whether a request could change something."""
    return request.method != "GET" and not request.label.startswith(_READING_POSTS)


def terms(requests: Iterable[Request], bounds: Iterable[Term]) -> tuple[Term, ...]:
    """What was sent beside what is needed; a request that no formula knows is not needed."""
    sent = Counter(request.label for request in requests)
    known = {term.label: attrs.evolve(term, sent=sent.pop(term.label, 0)) for term in bounds}
    return (*known.values(), *(Term(label=label, sent=n, fewest=0) for label, n in sent.items()))


# ---------------------------------------------------------------- the fewest possible


def calls(records: int, limit: int) -> int:
    """Requests for so many records; a listing takes one even if it is empty."""
    return max(1, math.ceil(records / limit))


def fewest(sandbox: Sandbox, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Term]:
    """The fewest requests that lead from one state of Procore to the other.

    They follow from the records alone: from what the reference company holds, from what arrived
    in Procore, and from the limits of both systems; nothing is taken from what the client did.
    """
    return [*_spectrum(sandbox), *_reading(before), *_writing(before, after)]


def _spectrum(sandbox: Sandbox) -> Iterable[Term]:
    listed = {job.number for job in sandbox.company.jobs if job.status != "C"}
    rows = sum(1 for phase in sandbox.company.phases if phase.job_number in listed)
    yield _term("GetVendors", 1, "one listing")
    for service in ("GetJob", "GetJobMain", "GetJobDates"):
        yield _term(f"WSDL of {service}", 1, "one per service")
        yield _term(service, calls(len(listed), _CAP), f"⌈{len(listed)} jobs / {_CAP}⌉")
    yield _term("WSDL of GetPhase", 1, "one per service")
    yield _term("GetPhase", calls(rows, _CAP), f"⌈{rows:,} pairs / {_CAP}⌉")


def _reading(before: Mapping[str, Any]) -> Iterable[Term]:
    yield _term("oauth client_credentials", 1, "one token")
    active = [row for row in before["vendors"] if row["is_active"]]
    inactive = len(before["vendors"]) - len(active)
    yield _term("list vendors", calls(len(active), _PAGE), f"⌈{len(active)} / {_PAGE}⌉")
    yield _term("list inactive vendors", calls(inactive, _PAGE), f"⌈{inactive} / {_PAGE}⌉")
    projects = len(before["projects"])
    found = calls(projects, _PROJECTS_PAGE)
    yield _term("list projects", found, f"⌈{projects} / {_PROJECTS_PAGE}⌉")
    types = len(before["line_item_types"])
    yield _term("list line item types", calls(types, _PAGE), f"⌈{types} / {_PAGE}⌉")
    yield _term("list standard cost code lists", 1, "one listing")
    for label in ("list cost codes", "list WBS codes"):
        yield _term(label, projects, "one per project that was there")


def _writing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Term]:
    for label, table in (
        ("sync vendors", "vendors"),
        ("sync projects", "projects"),
        ("sync line item types", "line_item_types"),
    ):
        written = len(_new(before, after, table))
        yield _term(label, math.ceil(written / _SYNC), f"⌈{written:,} / {_SYNC}⌉")
    lists = len(_new(before, after, "standard_cost_code_lists"))
    yield _term("create standard cost code list", lists, "one each")
    for label, table, scope in (
        ("sync standard cost codes", "standard_cost_codes", "standard_cost_code_list_id"),
        ("sync cost codes", "cost_codes", "project_id"),
    ):
        groups = _levels(_new(before, after, table), scope)
        yield _per_group(label, groups.values(), _SYNC, "list or project, and level")
    codes: Counter[int] = Counter(
        row["project_id"] for row in _new(before, after, "wbs_codes") if row["project_id"]
    )
    yield _term("list project WBS segments", len(codes), "one per project")
    items = Counter(row["project_id"] for row in after["cost_codes"])
    types = calls(len(after["line_item_types"]), _PAGE)
    yield _term(
        "list project WBS segment items",
        sum(calls(items[project], _PAGE) + types for project in codes),
        f"⌈cost codes / {_PAGE}⌉ + ⌈cost types / {_PAGE}⌉ per project",
    )
    yield _per_group("bulk create WBS codes", codes.values(), _SYNC, "project")


def _term(label: str, number: int, formula: str) -> Term:
    return Term(label=label, sent=0, fewest=number, formula=formula)


def _per_group(label: str, sizes: Iterable[int], limit: int, of: str) -> Term:
    sizes = list(sizes)
    formula = f"⌈records / {limit}⌉ per {of}; {sum(sizes):,} records in {len(sizes)}"
    return _term(label, sum(math.ceil(size / limit) for size in sizes), formula)


def _new(before: Mapping[str, Any], after: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    """Records that were written: those that are new, or differ in more than their times."""
    known = {row["id"]: _content(row) for row in before[table]}
    return [row for row in after[table] if known.get(row["id"]) != _content(row)]


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "updated_at"}


def _levels(rows: Iterable[Mapping[str, Any]], scope: str) -> Counter[tuple[int, int]]:
    """Records by scope and by depth: a child is sent with the id of its parent."""
    found: Counter[tuple[int, int]] = Counter()
    parents = {row["id"]: row["parent_id"] for row in rows}
    depths: dict[int, int] = defaultdict(int)
    for row in rows:
        at = row["id"]
        while (at := parents.get(at)) is not None:
            depths[row["id"]] += 1
        found[row[scope], depths[row["id"]]] += 1
    return found


# ---------------------------------------------------------------- the command


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0 when the figures are good, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m procore_spectrum.testing.bench",
        description="Count the requests of a first import, and of the run after it.",
    )
    parser.add_argument("--size", choices=["S", "M", "L"], default="S", help="of the company")
    parser.add_argument("--seed", type=int, default=0, help="which company of that size")
    parser.add_argument("--sockets", action="store_true", help="go through real sockets")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    wanted = parser.parse_args(argv)
    try:
        found = measure(wanted.size, seed=wanted.seed, sockets=wanted.sockets)
    except ConfigurationError as error:
        parser.error(str(error))
    shown = json.dumps({**attrs.asdict(found), "ratio": found.ratio, "good": found.good})
    sys.stdout.write((shown if wanted.json else "\n".join(found.lines())) + "\n")
    return 0 if found.good else 1


if __name__ == "__main__":
    raise SystemExit(main())
