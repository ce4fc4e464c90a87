"""Two runs of one company on one store: the second begins at any request of the first."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from exporting_company import ExportingCompany
from small_contractor import WSDLS, Between

from procore_spectrum import ProcoreClient, SpectrumClient, SqliteStore, Syncer
from procore_spectrum.errors import ProcoreSpectrumError, StalePlanError, StoreBusyError
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey
from procore_spectrum.wire.messages import Request, Response

# Takes minutes; nox tries it on one Python.
pytestmark = pytest.mark.survey


class Rival:
    """Another run, with clients, a store handle and locks of its own, on the same file."""

    def __init__(self, company: ExportingCompany, file: Path) -> None:
        self.company = company
        self.file = file
        self.to_procore = Between(company.procore.handle)
        self.to_spectrum = Between(company.spectrum.handle)
        self.error: ProcoreSpectrumError | None = None
        self.ran = False

    def run(self) -> None:
        """Plan and apply everything; how it ends is kept."""
        company, self.ran = self.company, True
        with SqliteStore(self.file) as store:
            syncer = Syncer(
                procore=ProcoreClient(
                    base_url="https://api.procore.test",
                    login_url="https://login.procore.test",
                    company_id=company.procore.company_id,
                    client_id=company.procore.client_id,
                    client_secret=company.procore.client_secret,
                    transport=self.to_procore,
                    clock=company.clock,
                ),
                spectrum=SpectrumClient(
                    url="https://spectrum.test:8482",
                    company_code=company.spectrum.company_code,
                    authorization_id=company.spectrum.authorization_id,
                    transport=self.to_spectrum,
                    clock=company.clock,
                    wsdl_cache=WSDLS,
                ),
                store=store,
                settings=company.settings,
                company=CompanyKey(str(company.procore.company_id), company.spectrum.company_code),
                actor="Another Clerk",
                clock=company.clock,
            )
            try:
                syncer.apply(syncer.plan())
            except ProcoreSpectrumError as error:
                self.error = error

    @property
    def written(self) -> list[str]:
        """What it sent that changes something."""
        return [*writes(self.to_procore), *writes(self.to_spectrum)]


def writes(between: Between) -> list[str]:
    """The requests that change something in either system."""
    reading = ("Get", "WSDL", "WSTest")
    return [
        request.label
        for request in between.seen
        if request.method not in {"GET", "HEAD"}
        and "/oauth/" not in request.url
        and not request.label.startswith(reading)
    ]


def ready(folder: Path) -> tuple[ExportingCompany, Ref]:
    """A new vendor, a renamed job, and a commitment that accounting has accepted."""
    company = ExportingCompany(store=SqliteStore(folder / "sync.db"))
    commitment = company.commitment("SC-1")
    company.export()
    company.accept(commitment)
    company.vendor("NEWCO", "New Company")
    company.job("25-0101", "New City Hall", Customer_Code="CITY")
    for between in (company.to_procore, company.to_spectrum):
        between.seen.clear()
    return company, commitment


def test_a_second_run_may_begin_anywhere(tmp_path: Path) -> None:
    """Whoever has the lock writes; the other gives up with a clear word, or finds it done.

    Both systems end as after a single run, every time.
    """
    alone, _ = ready(folder_of(tmp_path, "alone"))
    alone.run()
    expected = shape(alone)
    alone.store.close()
    ends: list[str] = []
    for number in count(1):
        company, commitment = ready(folder_of(tmp_path, str(number)))
        rival = Rival(company, tmp_path / str(number) / "sync.db")
        first = _run_with(company, rival, number)
        if not rival.ran:  # the run has no request of that number
            company.store.close()
            break
        for error in (first, rival.error):
            assert error is None or isinstance(error, StoreBusyError | StalePlanError), error
            assert error is None or (error.message and error.hint)
        if isinstance(rival.error, StoreBusyError):
            assert "locked by" in rival.error.message
            assert rival.written == []
        ends.append(type(rival.error).__name__)
        company.run()
        assert company.plan().is_empty
        assert shape(company) == expected, number
        assert company.state(commitment) is State.SYNCED
        handle: Any = company.syncer._store
        assert handle.verify() == ()
        company.store.close()
    assert len(ends) > 20
    assert {"NoneType", "StoreBusyError"} <= set(ends)


def folder_of(path: Path, name: str) -> Path:
    """A fresh folder."""
    (path / name).mkdir()
    return path / name


def _run_with(company: ExportingCompany, rival: Rival, number: int) -> ProcoreSpectrumError | None:
    """Run; before the request of that number is answered, the rival has a whole run."""
    asked = 0

    def answer(request: Request, inner: Any) -> Response:
        nonlocal asked
        asked += 1
        if asked == number:
            rival.run()
        return inner(request)

    company.to_procore.answer = company.to_spectrum.answer = answer
    try:
        company.syncer.apply(company.plan())
    except ProcoreSpectrumError as error:
        return error
    finally:
        company.to_procore.answer = company.to_spectrum.answer = None
    return None


def shape(company: ExportingCompany) -> Any:
    """What both systems hold, without ids of Procore."""
    return (
        sorted((row["origin_code"], row["name"]) for row in company.table("vendors")),
        sorted((row["project_number"], row["name"]) for row in company.table("projects")),
        company.amounts("SC-1"),
        len(company.books["subcontracts"]),
    )


def test_a_run_after_another_has_nothing_to_do(tmp_path: Path) -> None:
    """Without any overlap the second writes nothing."""
    company, _ = ready(tmp_path)
    company.run()
    rival = Rival(company, tmp_path / "sync.db")
    rival.run()
    assert rival.error is None
    assert rival.written == []
    company.store.close()
