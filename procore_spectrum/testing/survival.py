"""Kills runs at every request and every commit, and looks whether the next run completes them.

From a shell::

    python -m procore_spectrum.testing.survival --workers 2

Both ways of dying are tried. *In process*, an exception that nothing catches ends the run, and
another syncer opens the same store. *For real*, servers and import are processes of their own,
and the import is ended by SIGKILL. A run dies before a request leaves (or a commit begins), or
after the server has acted (or the commit is durable) and before anything comes of it. At requests
there is a third order: the reply is lost and the run lives on.

The import of a whole company dies in both ways. Every feature by itself, in both directions, dies
for real; what it is about then is told in :mod:`procore_spectrum.testing.scenarios`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

from procore_spectrum.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    ProcoreSpectrumError,
)
from procore_spectrum.features import FEATURES
from procore_spectrum.plan.plan import Plan
from procore_spectrum.ports import Crosswalk, EventQuery, StateStore, StoreChange
from procore_spectrum.stores import SqliteStore
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.testing.full_import import FullImport, Size, duplicates, nameless
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.testing.scenarios import SCENARIOS
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.transport import Transport

__all__ = [
    "Doom",
    "DoomedStore",
    "DoomedTransport",
    "KillPoint",
    "Rehearsal",
    "Verdict",
    "kill_for_real",
    "kill_in_process",
    "main",
    "rehearse",
    "survey",
]

What: TypeAlias = Literal["request", "commit"]
When: TypeAlias = Literal["before", "after", "lost"]
Way: TypeAlias = Literal["in-process", "real"]

_STAGES = {rules.kind: feature.name for feature in FEATURES for rules in feature.kinds}
_READING = "(reading)"
_IMPORT = "import"


@attrs.frozen(kw_only=True)
class KillPoint:
    """Where a run dies: before or after its n-th request or commit, from 1.

    At a request that is ``lost`` it does not die, but never sees the reply.
    ``stage`` is the feature that is being written then.
    """

    what: What
    number: int
    when: When
    stage: str = _READING

    def __str__(self) -> str:
        return f"{self.when} {self.what} {self.number} {self.stage}"


class Doom:
    """Counts what a run does, and ends it at one point.

    Args:
        point: where; None lets the run live and writes all points down.
        die: how.
    """

    def __init__(
        self, point: KillPoint | None = None, die: Callable[[], None] = lambda: None
    ) -> None:
        self.points: list[KillPoint] = []
        self.kinds: set[str] = set()
        self.struck = False
        self.stage = _READING
        self._point = point
        self._die = die
        self._count: Counter[str] = Counter()

    def before(self, what: What) -> None:
        """Something is about to happen."""
        self._count[what] += 1
        self._pass(what, "before")

    def after(self, what: What) -> None:
        """It has happened, and nobody knows yet."""
        self._pass(what, "after")

    def loses(self, what: What) -> bool:
        """Whether the answer to it never arrives."""
        number = self._count[what]
        here = KillPoint(what=what, number=number, when="lost", stage=self.stage)
        self.struck = self.struck or here == self._point
        return here == self._point

    def _pass(self, what: What, when: When) -> None:
        here = KillPoint(what=what, number=self._count[what], when=when, stage=self.stage)
        self.points.append(here)
        if here == self._point:
            self.struck = True
            self._die()


class DoomedTransport:
    """A transport whose requests may be the last."""

    def __init__(self, inner: Transport, doom: Doom) -> None:
        self._inner = inner
        self._doom = doom

    def send(self, request: Request) -> Response:
        """Send once, and perhaps never return."""
        self._doom.before("request")
        response = self._inner.send(request)
        self._doom.after("request")
        if self._doom.loses("request"):
            raise OutcomeUnknownError("the reply was lost", path=request.where)
        return response

    def close(self) -> None:
        """Release the inner transport."""
        self._inner.close()


class DoomedStore(SqliteStore):
    """The usual store, whose commits may be the last."""

    def __init__(self, path: Path, doom: Doom, stage: str = "") -> None:
        super().__init__(path)
        self._doom = doom
        self._stage = stage

    def commit(self, change: StoreChange) -> None:
        """Commit, and perhaps never return."""
        for begun in change.started:
            kind = begun.ref.kind
            self._doom.stage = self._stage or _STAGES.get(kind, kind)
            self._doom.kinds.add(kind)
        self._doom.before("commit")
        super().commit(change)
        self._doom.after("commit")


@attrs.frozen(kw_only=True)
class Rehearsal:
    """A run that nobody disturbed: its points, the kinds that it wrote, and what came of it."""

    size: Size
    points: tuple[KillPoint, ...]
    kinds: frozenset[str]
    procore: dict[str, Counter[str]] = attrs.field(repr=False)
    spectrum: Any = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Verdict:
    """What became of one killed run; it survived when there are no ``faults``."""

    point: KillPoint
    way: Way
    faults: tuple[str, ...]


# ---------------------------------------------------------------- one run


def rehearse(size: Size = "S") -> Rehearsal:
    """Import once without being disturbed.

    Raises:
        ConfigurationError: even that does not complete the import.
    """
    sandbox = Sandbox(size)
    task, doom = FullImport(sandbox=sandbox), Doom()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "store.db")
        _decide(task, file)
        _import(task, file, doom, in_process(sandbox))
        faults = _recover(task, file, in_process(sandbox))
    if faults:
        raise ConfigurationError(f"an undisturbed import fails: {'; '.join(faults)}")
    return Rehearsal(
        size=size,
        points=with_lost(doom.points),
        kinds=frozenset(doom.kinds),
        procore=nameless(sandbox.procore.state()),
        spectrum=sandbox.spectrum.state(),
    )


def with_lost(points: Sequence[KillPoint]) -> tuple[KillPoint, ...]:
    """These points; and wherever a server has acted, its reply may be lost instead."""
    acted = (point for point in points if (point.what, point.when) == ("request", "after"))
    return (*points, *(attrs.evolve(point, when="lost") for point in acted))


Transports: TypeAlias = Callable[[], tuple[Transport, Transport]]


def in_process(sandbox: Sandbox) -> Transports:
    return lambda: (sandbox.procore.transport(), sandbox.spectrum.transport())


# Loading the usual certificates costs more than a run; nothing here is encrypted.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _transport() -> HttpxTransport:
    return HttpxTransport(verify=_NO_CERTIFICATES)


def on_sockets() -> tuple[Transport, Transport]:
    return _transport(), _transport()


def _decide(task: FullImport, file: Path) -> None:
    """What a person said long before the run that is killed."""
    with SqliteStore(file) as store, closing(_transport()) as unused:
        task.decide(task.syncer(store, unused, unused))


def _import(task: FullImport, file: Path, doom: Doom, transports: Transports) -> None:
    procore, spectrum = (DoomedTransport(inner, doom) for inner in transports())
    with DoomedStore(file, doom) as store, closing(procore), closing(spectrum):
        task.run(task.syncer(store, procore, spectrum))


def _recover(task: FullImport, file: Path, transports: Transports) -> list[str]:
    """An ordinary run after the crash, and everything that is wrong afterwards."""
    procore, spectrum = transports()
    with SqliteStore(file) as store, closing(procore), closing(spectrum):
        syncer = task.syncer(store, procore, spectrum)
        try:
            _, report = task.run(syncer)
            last = syncer.plan()
            faults = remembered(store.for_company(syncer.company))
        except ProcoreSpectrumError as error:
            return [f"the second run failed: {error}"]
    if not report.succeeded:
        faults.append(f"the second run did not succeed: {dict(report.counts)}")
    return faults + _left(last)


def remembered(store: StateStore) -> list[str]:
    """What is wrong in the store: damage, something in doubt, or a link that no journal tells."""
    told = {event.ref for event in store.read_events(EventQuery())}
    links = (row for kind in _STAGES for row in store.read_links(Crosswalk(kind=kind)))
    return [
        *(f"store: {fault}" for fault in store.verify()),
        *(f"still in doubt: {doubt.ref}" for doubt in store.read_started()),
        *(f"not in the journal: {row.ref}" for row in links if row.ref not in told),
    ]


def _left(plan: Plan) -> list[str]:
    return [f"still to do: {op.verb} {op.ref}" for op in plan.operations][:10]


def compare(
    wanted_procore: Mapping[str, Counter[str]], wanted_spectrum: Any, procore: Any, spectrum: Any
) -> list[str]:
    """What differs from the states that an undisturbed run leaves."""
    faults = [f"twice: {found}" for found in duplicates(procore)]
    arrived = nameless(procore)
    for table, wanted in wanted_procore.items():
        found = arrived.get(table, Counter())
        faults += [f"missing: {table} {row}" for row in list(wanted - found)[:3]]
        faults += [f"too much: {table} {row}" for row in list(found - wanted)[:3]]
    if spectrum != wanted_spectrum:
        faults.append("Spectrum holds something else")
    return faults


# ---------------------------------------------------------------- two ways of dying


def kill_in_process(rehearsal: Rehearsal, point: KillPoint) -> Verdict:
    """Let a run end with an exception at that point, and run again with a new syncer."""
    sandbox = Sandbox(rehearsal.size)
    task = FullImport(sandbox=sandbox)

    def die() -> None:
        raise SimulatedCrash(str(point))

    doom = Doom(point, die)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "store.db")
        _decide(task, file)
        with suppress(SimulatedCrash):
            to_the_end(doom, point, lambda: _import(task, file, doom, in_process(sandbox)))
        faults = [] if doom.struck else ["the point was not reached"]
        faults += _recover(task, file, in_process(sandbox))
    faults += compare(
        rehearsal.procore,
        rehearsal.spectrum,
        sandbox.procore.state(),
        sandbox.spectrum.state(),
    )
    return Verdict(point=point, way="in-process", faults=tuple(faults))


def kill_for_real(rehearsal: Rehearsal, point: KillPoint) -> Verdict:
    """Let SIGKILL end a process at that point, against servers in another process.

    Processes are forked, so this needs a process without threads, and a system with ``fork``.
    """
    sandbox = Sandbox(rehearsal.size)
    with tempfile.TemporaryDirectory() as folder, served(sandbox) as task:
        file = Path(folder, "store.db")
        _decide(task, file)
        faults = strike(point, lambda doom: _import(task, file, doom, on_sockets))
        faults += _recover(task, file, on_sockets)
        faults += compare(
            rehearsal.procore,
            rehearsal.spectrum,
            shown_at(task.procore_url),
            shown_at(task.spectrum_url),
        )
    return Verdict(point=point, way="real", faults=tuple(faults))


def to_the_end(doom: Doom, point: KillPoint, run: Callable[[], None]) -> None:
    """A run that may die; it may complain only of a reply that was lost."""
    try:
        run()
    except ProcoreSpectrumError:
        if not doom.struck or point.when != "lost":
            raise


def strike(point: KillPoint, run: Callable[[Doom], None]) -> list[str]:
    """Let a process run until SIGKILL ends it at that point, or to its end after a lost reply.

    What is wrong is told: above all that the point was not reached.
    """
    doom = Doom(point, lambda: os.kill(os.getpid(), signal.SIGKILL))

    def victim() -> None:
        to_the_end(doom, point, lambda: run(doom))
        if not doom.struck:
            raise ConfigurationError("the point was not reached")

    _, status = os.waitpid(fork(victim), 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    well = status == 0 if point.when == "lost" else killed
    return [] if well else [f"it did not end as it should: status {status}"]


@contextmanager
def served(sandbox: Sandbox) -> Iterator[FullImport]:
    """Both fakes in a process of their own, which ends with the block."""
    mouth, ear = os.pipe()

    def serve() -> None:
        with sandbox:
            urls = [sandbox.procore_server.url, sandbox.spectrum_server.url]
            os.write(ear, json.dumps(urls).encode() + b"\n")
            signal.pause()

    server = fork(serve)
    os.close(ear)
    try:
        with os.fdopen(mouth, encoding="utf-8") as told:
            procore, spectrum = json.loads(told.readline())
        yield FullImport(sandbox=sandbox, procore_url=procore, spectrum_url=spectrum)
    finally:
        os.kill(server, signal.SIGKILL)  # it holds nothing that has to be kept
        os.waitpid(server, 0)


def fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def shown_at(url: str, what: str = "state") -> Any:
    transport = _transport()
    try:
        return json.loads(
            transport.send(Request(method="GET", url=f"{url}/_sandbox/{what}")).content
        )
    finally:
        transport.close()


# ---------------------------------------------------------------- all of them


def survey(
    ways: Iterable[Way], *, size: Size = "S", part: tuple[int, int] = (1, 1)
) -> list[Verdict]:
    """Kill at every point, or at every so-manieth of them.

    Args:
        ways: of dying.
        size: of the company.
        part: ``(2, 5)`` for the second of five parts of the points.
    """
    rehearsal = rehearse(size)
    verdicts = []
    for way in ways:
        kill = kill_in_process if way == "in-process" else kill_for_real
        # Neighbouring points cost about the same, so parts take them in turns.
        verdicts += [kill(rehearsal, point) for point in rehearsal.points[part[0] - 1 :: part[1]]]
    return verdicts


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table of features and kill points. Returns 0 when every run survived, else 1."""
    wanted = _parser().parse_args(argv)
    number, parts = map(int, wanted.part.split("/"))
    verdicts = _shared_out(wanted) if wanted.workers > 1 else _wanted(wanted, (number, parts))
    lines = [json.dumps(attrs.asdict(verdict)) for verdict in verdicts]
    sys.stdout.write("\n".join(lines if wanted.json else _table(verdicts)) + "\n")
    return 1 if any(verdict.faults for verdict in verdicts) else 0


def _wanted(wanted: argparse.Namespace, part: tuple[int, int]) -> list[Verdict]:
    from procore_spectrum.testing.feature_survival import survey_features

    ways: list[Way] = [wanted.way] if wanted.way else ["in-process", "real"]
    names = wanted.feature or [_IMPORT, *SCENARIOS]
    verdicts = survey(ways, size=wanted.size, part=part) if _IMPORT in names else []
    if "real" in ways:
        verdicts += survey_features([name for name in names if name != _IMPORT], part=part)
    return verdicts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m procore_spectrum.testing.survival",
        description="Kill runs everywhere and see whether the next run completes them.",
    )
    parser.add_argument("--size", choices=["XS", "S", "M", "L"], default="S", help="of the company")
    parser.add_argument("--way", choices=["in-process", "real"], help="only this way of dying")
    parser.add_argument(
        "--feature",
        action="append",
        choices=[_IMPORT, *SCENARIOS],
        help="only this; may be repeated; all features if left out",
    )
    parser.add_argument("--part", default="1/1", help="e.g. 2/5: the second of five parts")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work")
    parser.add_argument("--json", action="store_true", help="print one line per kill point")
    return parser


def _shared_out(wanted: argparse.Namespace) -> list[Verdict]:
    command = [sys.executable, "-m", "procore_spectrum.testing.survival", "--json"]
    command += ["--size", wanted.size, *(["--way", wanted.way] if wanted.way else [])]
    for name in wanted.feature or []:
        command += ["--feature", name]
    workers = [
        subprocess.Popen(  # noqa: S603 - our own module, no shell
            [*command, "--part", f"{number}/{wanted.workers}"], stdout=subprocess.PIPE, text=True
        )
        for number in range(1, wanted.workers + 1)
    ]
    answers = [worker.communicate()[0] for worker in workers]
    if any(worker.returncode not in (0, 1) for worker in workers) or not all(answers):
        raise ConfigurationError("a worker of the survey failed; its message is above")
    return [_verdict(json.loads(line)) for answer in answers for line in answer.splitlines()]


def _verdict(data: dict[str, Any]) -> Verdict:
    return Verdict(point=KillPoint(**data["point"]), way=data["way"], faults=tuple(data["faults"]))


def _table(verdicts: Sequence[Verdict]) -> list[str]:
    """Survived of killed, by way and feature (down), and by order (across)."""
    columns = [("request", when) for when in ("before", "after", "lost")]
    columns += [("commit", when) for when in ("before", "after")]
    stages = dict.fromkeys([_READING, *(feature.name for feature in FEATURES), *SCENARIOS])
    head = "".join(f"{f'{when} {what}':>16}" for what, when in columns)
    lines = [f"{'killed':12}{'while':28}{head}{'all':>12}"]
    for way in ("in-process", "real"):
        for stage in [*stages, "all"]:
            found = [v for v in verdicts if v.way == way and stage in {v.point.stage, "all"}]
            cells = [[v for v in found if (v.point.what, v.point.when) == c] for c in columns]
            if found:
                shown = "".join(f"{_survived(cell):>16}" for cell in cells)
                lines.append(f"{way:12}{stage:28}{shown}{_survived(found):>12}")
    failed = [f"{v.way}: {v.point}: {fault}" for v in verdicts for fault in v.faults]
    return [*lines, f"survived {_survived(verdicts)}", *failed]


def _survived(verdicts: Sequence[Verdict]) -> str:
    alive = sum(1 for verdict in verdicts if not verdict.faults)
    return f"{alive}/{len(verdicts)}" if verdicts else "-"


if __name__ == "__main__":
    raise SystemExit(main())
