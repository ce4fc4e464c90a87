"""Every error of the library comes out of the public interface, and is documented.

A new error class is found by itself, and fails here until something provokes it and the page of
errors says its cause and its remedy.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner
from small_contractor import Contractor

import procore_spectrum
from procore_spectrum import MemoryStore, ProcoreClient, SqliteStore, errors
from procore_spectrum.cli import commands, options
from procore_spectrum.errors import ProcoreSpectrumError, Violation
from procore_spectrum.models.spectrum import PhaseUpsert, VendorCreate
from procore_spectrum.plan.plan import GuardSettings
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Claim, CompanyKey, LockRequest, StoreChange
from procore_spectrum.procore.endpoints import identity
from procore_spectrum.spectrum import services
from procore_spectrum.testing import FakeClock
from procore_spectrum.testing.fake_spectrum import Switches
from procore_spectrum.wire.messages import Request, Response

PACKAGE = Path(procore_spectrum.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
COMPANY = CompanyKey("1", "ABC")
HTML = (("Content-Type", "text/html"),)

Provocation = Callable[[Path], object]
PROVOCATIONS: dict[str, Provocation] = {}


def provokes(name: str) -> Callable[[Provocation], Provocation]:
    """What the decorated function does ends with that error."""

    def register(how: Provocation) -> Provocation:
        assert name not in PROVOCATIONS
        PROVOCATIONS[name] = how
        return how

    return register


# ---------------------------------------------------------------- which errors there are


def family(root: type[Exception]) -> Iterator[type[Exception]]:
    """A class of the library and everything derived from it."""
    if root.__module__.startswith("procore_spectrum."):
        yield root
        for child in root.__subclasses__():
            yield from family(child)


def made() -> set[str]:
    """Names of everything that the library calls, as errors are when they are raised."""
    files = (file for file in PACKAGE.rglob("*.py") if "testing" not in file.parts)
    return {
        getattr(node.func, "id", getattr(node.func, "attr", ""))
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }


def concrete() -> list[type[Exception]]:
    """The errors that callers meet: without a more exact one below, or raised all the same."""
    for module in pkgutil.walk_packages(procore_spectrum.__path__, "procore_spectrum."):
        if ".testing" not in module.name:
            importlib.import_module(module.name)
    raised = made()
    return sorted(
        {
            found
            for found in family(ProcoreSpectrumError)
            if not found.__subclasses__() or found.__name__ in raised
        },
        key=lambda found: found.__name__,
    )


CONCRETE = concrete()


def test_the_errors_are_found() -> None:
    """Groups are not among them, unless the library raises one."""
    names = {found.__name__ for found in CONCRETE}
    assert {"ConfigurationError", "StoreError", "StoreBusyError", "PagingLoopError"} <= names
    assert not names & {"ProcoreSpectrumError", "SetupError", "DataError", "ReplyError"}
    assert names <= set(errors.__all__)


# ---------------------------------------------------------------- the three demands


@pytest.mark.parametrize("error", CONCRETE)
def test_it_can_be_provoked(error: type[ProcoreSpectrumError], tmp_path: Path) -> None:
    """Exactly this class, with a message, and with a word on where or what to do."""
    assert error.__name__ in PROVOCATIONS, "add a provocation for this class to this file"
    with pytest.raises(error) as caught:
        PROVOCATIONS[error.__name__](tmp_path)
    assert type(caught.value) is error
    assert caught.value.message.strip()
    assert caught.value.path or caught.value.hint or caught.value.violations


@pytest.mark.parametrize("error", CONCRETE)
def test_it_has_cause_and_remedy_on_the_page(error: type[ProcoreSpectrumError]) -> None:
    """In the table of its group."""
    page = PAGE.read_text("utf-8")
    group = next(base for base in error.__mro__ if ProcoreSpectrumError in base.__bases__)
    (chapter,) = re.findall(rf"\n## {group.__name__}\n(.*?)(?=\n## |\Z)", page, re.DOTALL)
    rows = re.findall(rf"^\| `{error.__name__}` \| ([^|]+) \| ([^|]+) \|$", chapter, re.MULTILINE)
    assert len(rows) == 1
    assert all(cell.strip() for cell in rows[0])


@pytest.mark.parametrize("error", CONCRETE)
def test_a_command_tells_it(
    error: type[ProcoreSpectrumError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class, the message, every violation and what to do; exit status 1, no traceback."""

    def fail(_: object) -> object:
        return PROVOCATIONS[error.__name__](tmp_path)

    monkeypatch.setattr(options, "load_config", fail)
    result = CliRunner().invoke(commands.cli, ["plan"])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{error.__name__}: ")
    assert "Traceback" not in result.output


def test_every_provocation_is_of_an_error_that_exists() -> None:
    """None is left behind by a class that was renamed."""
    assert set(PROVOCATIONS) == {found.__name__ for found in CONCRETE}


# ---------------------------------------------------------------- helpers


def contractor(**more: Any) -> Contractor:
    """A pair of companies with one new job."""
    pair = Contractor(**more)
    pair.job()
    return pair


def from_procore(pair: Contractor, answer: Response) -> None:
    """Procore answers everything but the login like that."""

    def instead(request: Request, inner: Callable[[Request], Response]) -> Response:
        return inner(request) if "/oauth/" in request.url else answer

    pair.to_procore.answer = instead


def from_spectrum(pair: Contractor, rewrite: Callable[[Request, Response], Response]) -> None:
    """Spectrum's answers are rewritten."""
    pair.to_spectrum.answer = lambda request, inner: rewrite(request, inner(request))


def phase() -> Any:
    """A write to Spectrum that may be repeated."""
    return services.upsert_phase(
        PhaseUpsert(
            job_number="25-0101",
            phase_code="031000",
            cost_type="L",
            description="Concrete",
            price_method_code="J",
        )
    )


# ---------------------------------------------------------------- setup


@provokes("ConfigurationError")
def _no_such_feature(_: Path) -> object:
    return contractor().plan("weather")


@provokes("AuthenticationError")
def _wrong_authorization(_: Path) -> object:
    return contractor(client={"authorization_id": "WRONG"}).plan("jobs")


@provokes("NotPermittedError")
def _service_not_listed(_: Path) -> object:
    pair = contractor()
    pair.spectrum.authorize(pair.spectrum.authorization_id, services={"GetJobMain"})
    return pair.plan("jobs")


@provokes("ContractChangedError")
def _other_description(_: Path) -> object:
    pair = contractor()
    pair.plan("jobs")
    from_spectrum(
        pair,
        lambda _, answer: attrs.evolve(
            answer, content=answer.content.replace(b"pJob_Number", b"pJob_No")
        ),
    )
    return pair.spectrum_client.refresh_contract("GetPhase")


# ---------------------------------------------------------------- try again


@provokes("NotSentError")
def _nobody_listens(_: Path) -> object:
    with ProcoreClient(
        base_url="http://127.0.0.1:1",
        login_url="http://127.0.0.1:1",
        company_id=1,
        client_id="id",
        client_secret="secret",
        clock=FakeClock(),
    ) as client:
        return client.send(identity.get_me())


@provokes("RateLimitedError")
def _too_many_requests(_: Path) -> object:
    pair = contractor()
    from_procore(pair, Response(status=429))
    return pair.plan("jobs")


@provokes("UnavailableError")
def _maintenance(_: Path) -> object:
    pair = contractor()
    from_procore(pair, Response(status=503, headers=HTML))
    return pair.plan("jobs")


@provokes("RecordLockedError")
def _somebody_has_it_open(_: Path) -> object:
    pair = contractor()
    pair.spectrum.add_cost_type("L")
    pair.spectrum.lock_record("AddPhase")
    return pair.spectrum_client.send(phase())


@provokes("SessionExpiredError")
def _every_group_has_timed_out(_: Path) -> object:
    pair = contractor()
    pair.plan("jobs")
    pair.spectrum.switches = attrs.evolve(pair.spectrum.switches, guid_hours=-1)
    return pair.plan("jobs")


# ---------------------------------------------------------------- in doubt


@provokes("OutcomeUnknownError")
def _no_answer_to_a_write(_: Path) -> object:
    pair = contractor()
    from_spectrum(
        pair,
        lambda request, answer: (
            Response(status=502, headers=HTML) if request.method == "POST" else answer
        ),
    )
    vendor = VendorCreate(
        vendor_code="ACME",
        vendor_name="Acme",
        alpha_sort="ACME",
        terms_code="A",
        terms_days=30,
        terms_disc_code="A",
    )
    return pair.spectrum_client.send(services.create_vendor(vendor))


# ---------------------------------------------------------------- data


@provokes("RefusedError")
def _no_such_cost_type(_: Path) -> object:
    return contractor().spectrum_client.send(phase())


@provokes("NotFoundError")
def _no_such_job(_: Path) -> object:
    return contractor().plan("jobs", jobs=["99-9999"])


@provokes("ConflictError")
def _number_given_twice(_: Path) -> object:
    store = MemoryStore().for_company(COMPANY)
    for key in ("1", "2"):
        claim = Claim(space="vendor", number="ACME", ref=Ref("company_export", key))
        store.commit(StoreChange(claims=(claim,)))
    return store


@provokes("InvalidValueError")
def _link_to_nothing(_: Path) -> object:
    return contractor().syncer.link(Ref("company", "ACME"), "")


# ---------------------------------------------------------------- replies


@provokes("UnreadableReplyError")
def _page_of_a_proxy(_: Path) -> object:
    pair = contractor()
    from_procore(pair, Response(status=200, headers=HTML, content=b"<html>Sign in</html>"))
    return pair.plan("jobs")


@provokes("IncompleteReadError")
def _listing_that_cannot_be_split(_: Path) -> object:
    pair = contractor(spectrum={"switches": Switches(row_cap=1)}, client={"row_cap": 1})
    pair.job("25-0102", "Library")
    return pair.plan("jobs")


@provokes("PagingLoopError")
def _page_that_is_the_next_of_itself(_: Path) -> object:
    pair = contractor()

    def again(request: Request, inner: Callable[[Request], Response]) -> Response:
        answer = inner(request)
        if request.method != "GET":
            return answer
        headers = tuple(pair for pair in answer.headers if pair[0].lower() not in {"link", "total"})
        return attrs.evolve(answer, headers=(*headers, ("Link", f'<{request.url}>; rel="next"')))

    pair.to_procore.answer = again
    return pair.plan("jobs")


# ---------------------------------------------------------------- stopped


@provokes("RunStoppedError")
def _more_than_the_guards_allow(_: Path) -> object:
    pair = contractor()
    pair.settings = attrs.evolve(pair.settings, guards=GuardSettings(max_new_projects=0))
    return pair.syncer.apply(pair.plan("jobs"))


@provokes("StalePlanError")
def _plan_of_another_company(_: Path) -> object:
    pair = contractor()
    return pair.syncer.apply(attrs.evolve(pair.plan("jobs"), company="2/XYZ"))


# ---------------------------------------------------------------- store


@provokes("StoreError")
def _folder_that_does_not_exist(folder: Path) -> object:
    return SqliteStore(folder / "nowhere" / "sync.db")


@provokes("StoreBusyError")
def _another_run(folder: Path) -> object:
    with SqliteStore(folder / "sync.db") as store:
        handle = store.for_company(COMPANY)
        request = LockRequest(name="procore:25-0101", owner="a test")
        with handle.lock(request), handle.lock(request):
            return None


@provokes("StoreCorruptError")
def _no_store_at_all(folder: Path) -> object:
    (folder / "sync.db").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    return SqliteStore(folder / "sync.db")


def test_a_violation_is_no_error() -> None:
    """It is one of the things that an error holds."""
    assert not issubclass(Violation, Exception)
