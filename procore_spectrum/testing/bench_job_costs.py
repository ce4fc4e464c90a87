"""How many requests job costs take, against the fewest that the limits allow.

From a shell::

    python -m procore_spectrum.testing.bench_job_costs --size M

Every pair of the reference company, on complete jobs too, gets a cost. The company is imported
without job costs; then come a first run of job costs, a run in which one pair of a hundred has
another cost, and a run in which nothing changed. What is counted is told in
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.features import Settings
from procore_spectrum.stores import SqliteStore
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing.bench import MOST, Recorder, Term, calls, terms
from procore_spectrum.testing.full_import import FullImport, Size
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.wire.messages import Request

__all__ = ["JobCostsMeasured", "Run", "main", "measure_job_costs"]

_FEATURES = ("job_costs",)
_SHARE = 100  # one pair of so many changes
_SYNC = 1000  # lines of a project in a sync request
_PAGE = 2000  # records in a page of Procore's v1.0 listings
_PROJECTS_PAGE = 300  # of the v1.1 listing of projects
_CAP = 499  # rows of a Spectrum answer that prove to be all
_LINES = "sync direct cost lines"


@attrs.frozen(kw_only=True)
class Run:
    """One run of job costs.

    Args:
        terms: each kind of request: how many were sent, how many are needed.
        lines: how many lines the run wrote, by project; in the order of the requests.
        wanted: how many lines it had to write, by project.
        seconds: how long it took, with the fakes answering in the same process.
    """

    terms: tuple[Term, ...]
    lines: Mapping[str, tuple[int, ...]]
    wanted: Mapping[str, int]
    seconds: float

    @property
    def sent(self) -> int:
        """Requests of the run."""
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
    def exact(self) -> bool:
        """Whether it wrote just what it had to, in full batches but for the last of a project."""
        full = all(size == _SYNC for sizes in self.lines.values() for size in sizes[:-1])
        return full and {name: sum(sizes) for name, sizes in self.lines.items()} == self.wanted


@attrs.frozen(kw_only=True)
class JobCostsMeasured:
    """Three runs in a row, and whether both systems agree after them.

    ``memory`` is the most that the process ever used, in megabytes, the fakes included.
    """

    size: Size
    pairs: int
    first: Run
    changed: Run
    idle: Run
    agrees: bool
    memory: int

    @property
    def good(self) -> bool:
        """Whether the first run was economical, all of them exact, and the totals agree."""
        runs = (self.first, self.changed, self.idle)
        return self.first.ratio <= MOST and all(run.exact for run in runs) and self.agrees

    def lines(self) -> list[str]:
        """A table for people."""
        return [
            f"size {self.size}: {self.pairs:,} pairs with cost",
            *_table("first run", self.first),
            *_table("1 % of the pairs changed", self.changed),
            *_table("nothing changed", self.idle),
            f"totals by phase and cost type agree: {'yes' if self.agrees else 'NO'}",
            f"most memory, fakes included: {self.memory:,} MB",
        ]


def _table(title: str, run: Run) -> Iterator[str]:
    written, wanted = sum(map(sum, run.lines.values())), sum(run.wanted.values())
    batches = sum(map(len, run.lines.values()))
    yield ""
    yield f"{title:34}{'sent':>8}{'fewest':>8}  because"
    for term in run.terms:
        yield f"{term.label:34}{term.sent:>8}{term.fewest:>8}  {term.formula}"
    yield f"{'all':34}{run.sent:>8}{run.fewest:>8}  ratio {run.ratio:.3f}"
    yield (
        f"wrote {written:,} lines of {wanted:,} that had to be, in {batches} requests"
        f" for {len(run.lines)} projects, {run.seconds:.0f} s"
    )


# ---------------------------------------------------------------- measuring


def measure_job_costs(size: Size = "S", *, seed: int = 0) -> JobCostsMeasured:
    """Import a company, then count three runs of job costs.

    Args:
        size: of the reference company.
        seed: another number gives another company.
    """
    with ExitStack() as stack:
        sandbox = Sandbox(size, seed)
        costs = {
            (phase.job_number, phase.phase_code, phase.cost_type): _cost(number)
            for number, phase in enumerate(sandbox.company.phases)
        }
        _spend(sandbox, costs)
        file = Path(stack.enter_context(tempfile.TemporaryDirectory()), "store.db")
        store = SqliteStore(file)
        stack.callback(store.close)
        log: list[Request] = []
        task = FullImport(sandbox=sandbox)
        syncer = task.syncer(
            store,
            Recorder(sandbox.procore.transport(), log),
            Recorder(sandbox.spectrum.transport(), log),
        )
        syncer.settings = _settings(syncer.settings, sandbox)
        task.decide(syncer)
        task.run(syncer)

        first = _run(syncer, sandbox, log, costs)
        moved = {key: -costs[key] for key in list(costs)[::_SHARE]}
        _spend(sandbox, moved)
        changed = _run(syncer, sandbox, log, moved)
        idle = _run(syncer, sandbox, log, {})
        return JobCostsMeasured(
            size=size,
            pairs=len(costs),
            first=first,
            changed=changed,
            idle=idle,
            agrees=_totals(sandbox) == {**costs, **moved},
            memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        )


def _cost(number: int) -> Decimal:
    """A cost with cents, never zero, different for neighbours."""
    return Decimal(number * 7919 % 9_999_999 + 1).scaleb(-2)


_Costs = Mapping[tuple[str, str, str], Decimal]


def _spend(sandbox: Sandbox, costs: _Costs) -> None:
    for (job, phase, cost_type), amount in costs.items():
        sandbox.spectrum.set_cost(job, phase, cost_type, dollars=amount)


def _settings(settings: Settings, sandbox: Sandbox) -> Settings:
    """Complete jobs are imported as well, and the first vendor bears the direct costs."""
    own = sandbox.company.vendors[0].code
    return attrs.evolve(
        settings,
        jobs=attrs.evolve(settings.jobs, include_complete=True),
        job_costs=attrs.evolve(settings.job_costs, vendor_code=own),
    )


def _run(syncer: Syncer, sandbox: Sandbox, log: list[Request], written: _Costs) -> Run:
    before = sandbox.procore.state()
    log.clear()
    begun = time.perf_counter()
    syncer.apply(syncer.plan(features=_FEATURES))
    seconds = time.perf_counter() - begun
    sizes: dict[str, list[int]] = defaultdict(list)
    for request in log:
        if request.label == _LINES:
            project = request.url.partition("/projects/")[2].partition("/")[0]
            sizes[project].append(len(json.loads(request.content)["updates"]))
    ids = {row["project_number"]: str(row["id"]) for row in before["projects"]}
    wanted = Counter(ids[job] for job, _, _ in written)
    return Run(
        terms=terms(log, _fewest(sandbox, before, wanted)),
        lines={project: tuple(found) for project, found in sizes.items()},
        wanted=wanted,
        seconds=seconds,
    )


def _totals(sandbox: Sandbox) -> dict[tuple[str, str, str], Decimal]:
    """What Procore shows, by job, phase and cost type; each budget code has one line."""
    state = sandbox.procore.state()
    jobs = {row["id"]: row["project_number"] for row in state["projects"]}
    types = {row["id"]: row["code"] for row in state["line_item_types"]}
    codes = {row["id"]: row["origin_id"].split(":")[-1] for row in state["cost_codes"]}
    found: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for line in state["direct_cost_line_items"]:
        key = (
            jobs[line["project_id"]],
            codes[line["cost_code_id"]],
            types[line["line_item_type_id"]],
        )
        found[key] += Decimal(line["amount"])
    return dict(found)


# ---------------------------------------------------------------- the fewest possible


def _fewest(
    sandbox: Sandbox, before: Mapping[str, Any], wanted: Mapping[str, int]
) -> Iterable[Term]:
    """The fewest requests for that run, from the records alone."""
    jobs = len(sandbox.company.jobs)
    complete = sum(job.status == "C" for job in sandbox.company.jobs)
    for service in ("GetJob", "GetJobMain", "GetJobDates"):
        number = calls(jobs - complete, _CAP) + calls(complete, _CAP)
        yield _term(service, number, f"⌈{jobs - complete} / {_CAP}⌉ + ⌈{complete} / {_CAP}⌉")
    pairs = len(sandbox.company.phases)
    yield _term(
        "GetPhase", calls(pairs, _CAP) + 1, f"⌈{pairs:,} pairs / {_CAP}⌉ + 1 for complete ones"
    )
    projects = len(before["projects"])
    found = calls(projects, _PROJECTS_PAGE)
    yield _term("list projects", found, f"⌈{projects} / {_PROJECTS_PAGE}⌉")
    yield _term("list direct costs", projects, "one per project")
    held = Counter(line["project_id"] for line in before["direct_cost_line_items"])
    number = sum(calls(lines, _PAGE) for lines in held.values())
    yield _term("list direct cost lines", number, f"⌈lines / {_PAGE}⌉ per project that has any")
    new = len(wanted) if not before["direct_costs"] else 0
    yield _term("sync direct costs", new, "one per project that has none")
    number = sum(math.ceil(lines / _SYNC) for lines in wanted.values())
    formula = f"⌈records / {_SYNC}⌉ per project; {sum(wanted.values()):,} in {len(wanted)}"
    yield _term(_LINES, number, formula)


def _term(label: str, number: int, formula: str) -> Term:
    return Term(label=label, sent=0, fewest=number, formula=formula)


# ---------------------------------------------------------------- the command


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0 when the figures are good, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m procore_spectrum.testing.bench_job_costs",
        description="Count the requests of job costs: first, after 1 % changed, and idle.",
    )
    parser.add_argument("--size", choices=["S", "M", "L"], default="S", help="of the company")
    parser.add_argument("--seed", type=int, default=0, help="which company of that size")
    wanted = parser.parse_args(argv)
    try:
        found = measure_job_costs(wanted.size, seed=wanted.seed)
    except ConfigurationError as error:
        parser.error(str(error))
    sys.stdout.write("\n".join(found.lines()) + "\n")
    return 0 if found.good else 1


if __name__ == "__main__":
    raise SystemExit(main())
