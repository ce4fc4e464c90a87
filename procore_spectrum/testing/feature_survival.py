"""Really kills a run of one feature at every request and commit, in every order.

Servers, the run that is killed, and the one that follows are processes of their own. A request
has three orders: killed before it leaves, killed after the server has acted, and the reply lost
while the run lives on. A commit of the store has two.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from procore_spectrum.errors import ConfigurationError, ProcoreSpectrumError
from procore_spectrum.plan.approvals import State
from procore_spectrum.stores import SqliteStore
from procore_spectrum.testing import survival
from procore_spectrum.testing.full_import import FullImport, nameless
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.testing.scenario import BooksReader, Scenario, settle, site_of, tell
from procore_spectrum.testing.scenarios import SCENARIOS
from procore_spectrum.testing.survival import Doom, DoomedStore, DoomedTransport, KillPoint, Verdict

__all__ = ["Stage", "kill", "survey_features"]


@attrs.frozen(kw_only=True)
class Stage:
    """A company in which a scenario is about to begin, and how it ends undisturbed.

    Args:
        scenario: what is about to happen.
        sandbox: both fakes, arranged.
        file: the store as it is before.
        points: where a run can be disturbed.
        kinds: what is written.
        procore, spectrum: the states of both systems afterwards.
    """

    scenario: Scenario
    sandbox: Sandbox = attrs.field(repr=False)
    file: Path
    points: tuple[KillPoint, ...] = ()
    kinds: frozenset[str] = frozenset()
    procore: dict[str, Counter[str]] = attrs.field(factory=dict, repr=False)
    spectrum: Any = attrs.field(default=None, repr=False)

    @property
    def job(self) -> str:
        """The job that the run is about."""
        return site_of(self.sandbox).job

    def task(self) -> FullImport:
        """Makes syncers that work in process."""
        return attrs.evolve(
            FullImport(sandbox=self.sandbox),
            choose=self.scenario.settings(self.sandbox),
            reader=self.books(sql=self.scenario.sql),
        )

    def books(self, url: str = "", *, sql: bool = True) -> BooksReader:
        """Reads Spectrum there; in process if blank."""
        here = self.sandbox.spectrum
        state, rows = here.state, here.sql_rows
        if url:
            state = partial(survival.shown_at, url)
            rows = partial(survival.shown_at, url, "rows")
        return BooksReader(here.company_code, state, rows, sql=sql)


def _arranged(scenario: Scenario, file: Path) -> Stage:
    """Import a company of size XS, do what comes before, and put the records in place."""
    stage = Stage(scenario=scenario, sandbox=Sandbox("XS"), file=file)
    transports = survival.in_process(stage.sandbox)
    procore, spectrum = transports()
    usual = FullImport(sandbox=stage.sandbox)
    with SqliteStore(file) as store:
        syncer = usual.syncer(store, procore, spectrum)
        usual.decide(syncer)
        while not syncer.plan().is_empty:
            usual.run(syncer)
        if scenario.before is not None:
            scenario.before(stage.sandbox)
            tell(scenario, stage.task().syncer(store, procore, spectrum), stage.job)
    scenario.arrange(stage.sandbox)
    return stage


def rehearsed(scenario: Scenario, file: Path) -> Stage:
    """A company in which a scenario is about to begin, after it was tried out in another.

    Raises:
        ConfigurationError: even undisturbed it does not come to its end.
    """
    doom = Doom()
    with tempfile.TemporaryDirectory() as folder:
        trial = _arranged(scenario, Path(folder, "store.db"))
        transports = survival.in_process(trial.sandbox)
        _run(trial, trial.task(), trial.file, doom, transports)
        faults = _recover(trial, trial.task(), trial.file, transports, trial.books())
    if not doom.kinds:
        faults.append("it writes nothing")
    if faults:
        raise ConfigurationError(f"{scenario.name} fails undisturbed: {'; '.join(faults)}")
    points = [attrs.evolve(point, stage=scenario.name) for point in doom.points]
    return attrs.evolve(
        _arranged(scenario, file),
        points=survival.with_lost(points),
        kinds=frozenset(doom.kinds),
        procore=nameless(trial.sandbox.procore.state()),
        spectrum=trial.sandbox.spectrum.state(),
    )


def _run(
    stage: Stage, task: FullImport, file: Path, doom: Doom, transports: survival.Transports
) -> None:
    doom.stage = stage.scenario.name
    procore, spectrum = (DoomedTransport(inner, doom) for inner in transports())
    name = stage.scenario.name
    with DoomedStore(file, doom, name) as store, closing(procore), closing(spectrum):
        tell(stage.scenario, task.syncer(store, procore, spectrum), stage.job)


def _recover(
    stage: Stage,
    task: FullImport,
    file: Path,
    transports: survival.Transports,
    books: BooksReader,
) -> list[str]:
    """The same story again, and everything that is wrong afterwards."""
    procore, spectrum = transports()
    with SqliteStore(file) as store, closing(procore), closing(spectrum):
        syncer = task.syncer(store, procore, spectrum)
        try:
            last = tell(stage.scenario, syncer, stage.job)
            if not stage.scenario.sql:
                settle(syncer, books)
                last = tell(stage.scenario, syncer, stage.job)
            faults = survival.remembered(store.for_company(syncer.company))
        except ProcoreSpectrumError as error:
            return [f"the second run failed: {error}"]
        queue = syncer.approvals.list_approvals()
        faults += [f"{item.ref} is {item.state}" for item in queue if item.state != State.SYNCED]
    return faults + [f"still to do: {op.verb} {op.ref}" for op in last.operations][:10]


def kill(stage: Stage, point: KillPoint) -> Verdict:
    """Disturb a run at that point, run again, and compare with the undisturbed one.

    Processes are forked, so this needs a process without threads, and a system with ``fork``.
    """
    with tempfile.TemporaryDirectory() as folder, survival.served(stage.sandbox) as there:
        file = Path(shutil.copy(stage.file, Path(folder, "store.db")))
        url = there.spectrum_url
        task = attrs.evolve(
            there,
            choose=stage.scenario.settings(stage.sandbox),
            reader=stage.books(url, sql=stage.scenario.sql),
        )
        faults = survival.strike(
            point, lambda doom: _run(stage, task, file, doom, survival.on_sockets)
        )
        faults += _recover(stage, task, file, survival.on_sockets, stage.books(url))
        faults += survival.compare(
            stage.procore,
            stage.spectrum,
            survival.shown_at(there.procore_url),
            survival.shown_at(url),
        )
    return Verdict(point=point, way="real", faults=tuple(faults))


def survey_features(names: Iterable[str], *, part: tuple[int, int] = (1, 1)) -> list[Verdict]:
    """Kill runs of these scenarios at every point, or at every so-manieth of them."""
    verdicts: list[Verdict] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            stage = rehearsed(SCENARIOS[name], Path(folder, "store.db"))
            verdicts += [kill(stage, point) for point in stage.points[part[0] - 1 :: part[1]]]
    return verdicts
