"""Every command: what it prints, its JSON, its exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from small_contractor import Contractor

from procore_spectrum import SqliteStore
from procore_spectrum.cli import commands, doctor, main, options
from procore_spectrum.cli.config import Config, ProcoreConfig, SpectrumConfig, parse_config
from procore_spectrum.cli.connect import Connection, connect
from procore_spectrum.errors import ConfigurationError, RefusedError, Violation
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.testing import SimulatedCrash
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request, Response

SECRETS = {
    "PROCORE_CLIENT_ID": "procore-client-id",
    "PROCORE_CLIENT_SECRET": "CANARY-SECRET",
    "SPECTRUM_AUTHORIZATION_ID": "CANARY-AUTHORIZATION",
}


class Office:
    """The command line over a contractor in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        self.pair = Contractor()
        self.pair.vendor()
        self.pair.job()
        self.pair.phase("031000")
        monkeypatch.setattr(options, "load_config", lambda _: None)
        monkeypatch.setattr(options, "connect", lambda _: self.connection())

    def connection(self) -> Connection:
        """What the commands work with; each closes the store, as a process does."""
        self.pair.store = SqliteStore(str(self.folder / "sync.db"))
        return Connection(
            config=Config(
                procore=ProcoreConfig(company_id=self.pair.procore.company_id),
                spectrum=SpectrumConfig(url="https://x", company_code="ABC"),
            ),
            procore=self.pair.procore_client,
            spectrum=self.pair.spectrum_client,
            spectrum_transport=self.pair.to_spectrum,
            store=self.pair.store,
            syncer=self.pair.syncer,
        )

    def __call__(self, *arguments: str, status: int = 0) -> Result:
        """Run a command, which must end with that exit status and without a traceback."""
        result = CliRunner().invoke(commands.cli, arguments)
        assert result.exit_code == status, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        return result

    def json(self, *arguments: str, status: int = 0) -> Any:
        """Run a command with ``--json``; its output must be one document on one line."""
        result = self(*arguments, "--json", status=status)
        (line,) = result.stdout.splitlines()
        return json.loads(line)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    """The command line over a contractor with one of everything."""
    return Office(monkeypatch, tmp_path)


# ---------------------------------------------------------------- plan and apply


def test_plan_shows_and_changes_nothing(run: Office) -> None:
    """Exit status 0 when nothing waits for a person."""
    before = run.pair.procore.state()
    assert "+ ACME  Acme Concrete" in run("plan").output
    assert run.pair.procore.state() == before


def test_plan_as_json(run: Office) -> None:
    """The documented keys, and 3 when something is held."""
    run.pair.vendor("BAD", "")
    found = run.json("plan", "--feature", "vendors", status=3)
    assert {"plan_id", "counts", "operations", "held", "requests"} <= set(found)
    assert found["counts"] == {"create": 1, "update": 0, "link": 0, "deactivate": 0, "held": 1}
    (created,) = [op for op in found["operations"] if op["verb"] == "create"]
    assert {"op_id", "feature", "kind", "key", "target", "state", "reason", "fields"} <= set(
        created
    )
    (waiting,) = found["held"]
    assert {"key", "code", "message", "hint"} <= set(waiting)


def test_plan_as_markdown(run: Office) -> None:
    """For a ticket or a mail."""
    assert run("plan", "--markdown").output.startswith("# Plan ")


def test_plan_shows_twenty_or_all(run: Office) -> None:
    """A long plan is shortened unless everything is asked for."""
    for number in range(25):
        run.pair.vendor(f"V{number:02}", f"Firm {chr(65 + number) * 9}")
    assert "more" in run("plan", "--feature", "vendors").output
    assert "more" not in run("plan", "--feature", "vendors", "--all").output


def test_plan_for_one_job(run: Office) -> None:
    """Jobs are chosen by number."""
    run.pair.job("25-0102", "Library")
    found = run.json("plan", "--feature", "jobs", "--job", "25-0102")
    assert [op["key"] for op in found["operations"]] == ["25-0102"]


def test_plan_of_an_unknown_job_fails(run: Office) -> None:
    """Status 1, the error on standard error, with what to do."""
    result = run("plan", "--job", "99", status=1)
    assert result.stderr.startswith("NotFoundError: Spectrum lists no job 99  [jobs]\n  to do: ")


def test_an_error_as_json(run: Office) -> None:
    """On standard output, with type, message, path, hint and violations."""
    error = run.json("plan", "--job", "99", status=1)["error"]
    assert set(error) == {"type", "message", "path", "hint", "violations"}
    assert error["type"] == "NotFoundError"


def test_a_reviewed_plan_is_applied_from_its_file(run: Office, tmp_path: Path) -> None:
    """What was written with ``--out`` is exactly what is done."""
    file = str(tmp_path / "plan.json")
    plan = run.json("plan", "--feature", "vendors", "--out", file)
    report = run.json("apply", file)
    assert report["plan_id"] == plan["plan_id"]
    assert len(run.pair.table("vendors")) == 1
    assert not run.pair.table("projects")


def test_apply_plans_by_itself(run: Office) -> None:
    """Without a file; the second time there is nothing to do."""
    assert "done" in run("apply").output
    assert "nothing to do" in run("apply").output


def test_apply_as_json(run: Office) -> None:
    """The documented keys."""
    found = run.json("apply", "--feature", "vendors")
    assert {"plan_id", "counts", "outcomes", "requests"} <= set(found)
    assert set(found["counts"]) == {
        *("done", "adopted", "unchanged", "refused", "held", "waiting", "failed", "unknown")
    }


def test_apply_with_held_records_ends_with_three(run: Office) -> None:
    """What could be done was done; something waits for a person."""
    run.pair.vendor("BAD", "")
    assert "held 1" in run("apply", status=3).output


def test_apply_with_a_refused_record_ends_with_one(run: Office) -> None:
    """Procore refused a record."""
    run.pair.procore.add_line_item_type(
        code="Z", name="Taken", origin_id="spectrum:ABC:vendor:ACME"
    )
    assert "refused 1" in run("apply", "--feature", "vendors", status=1).output


def test_guards_stop_and_can_be_overridden(run: Office) -> None:
    """Plan ends with 3, apply with 1 and all reasons, unless a reason is given."""
    for city in ("Salem", "Eugene"):
        for number in range(12):
            run.pair.vendor(f"V{number:02}", f"Firm {chr(65 + number) * 9}", City=city)
        if city == "Salem":
            run("apply")
    assert "STOPPED" in run("plan", status=3).output
    assert "  - company: " in run("apply", status=1).stderr
    run("apply", "--override-guards", "the city was renamed")


@pytest.mark.parametrize("arguments", [("--feature", "jobs"), ("--job", "1")])
def test_a_plan_file_leaves_no_choice(run: Office, arguments: tuple[str, ...]) -> None:
    """A file says itself what is done: wrong usage, status 2."""
    run("apply", "plan.json", *arguments, status=2)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\x00", b'{"version": 99}'])
def test_a_plan_file_that_cannot_be_used(
    run: Office, tmp_path: Path, content: bytes | None
) -> None:
    """Missing, empty, foreign: an error of ours and status 1."""
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    assert "Error: " in run("apply", str(file), status=1).stderr


def test_a_place_where_no_plan_can_be_written(run: Office, tmp_path: Path) -> None:
    """Named in the error."""
    place = tmp_path / "absent" / "plan.json"
    assert str(place) in run("plan", "--out", str(place), status=1).stderr


# ---------------------------------------------------------------- looking and deciding


def test_status_before_and_after(run: Office) -> None:
    """Links by kind and the last run."""
    assert "no run yet" in run("status").output
    run("apply")
    found = run.json("status")
    assert set(found) == {
        *("company", "connected_on", "links", "in_doubt", "decisions", "last_run")
    }
    assert found["links"]["company"] == 1
    assert "1 × company linked" in run("status").output


def test_status_with_decisions_and_doubts(run: Office) -> None:
    """What waits is shown, and ends with 3."""
    run("ignore", "company", "OTHER", "--why", "ours")
    crash(run)
    result = run("status", status=3)
    assert "in doubt: create company:ACME" in result.output
    assert "decided: ignore company OTHER, by Robin Clerk: ours" in result.output
    assert run.json("status", status=3)["in_doubt"] == ["company ACME"]


def crash(run: Office) -> None:
    """An apply that dies while it writes."""

    def die(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.method == "PATCH":
            raise SimulatedCrash("before_send")
        return inner(request)

    run.pair.to_procore.answer = die
    syncer = run.connection().syncer
    with pytest.raises(SimulatedCrash):
        syncer.apply(syncer.plan(features=["vendors"]))
    run.pair.store.close()
    run.pair.to_procore.answer = None


def test_explain(run: Office) -> None:
    """The history of a record, with every changed value."""
    run("apply")
    run.pair.vendor(City="Salem")
    run("apply")
    text = run("explain", "company", "ACME").output
    assert "done update  " in text
    assert "by Robin Clerk" in text
    assert "    city: – -> Salem\n" in text
    assert "None" not in text
    events = run.json("explain", "company", "ACME")
    assert set(events[0]) == {"at", "action", "actor", "detail"}


def test_explain_of_the_unknown(run: Office) -> None:
    """It says so."""
    assert "does not mention it" in run("explain", "company", "NOBODY").output
    assert run.json("explain", "company", "NOBODY") == []


def test_explain_tells_a_reason(run: Office) -> None:
    """A reason is shown as one line."""
    run("ignore", "company", "ACME", "--why", "our own firm")
    assert "    our own firm\n" in run("explain", "company", "ACME").output


def test_explain_and_status_tell_what_was_decided(run: Office) -> None:
    """Not only that somebody decided, but what, and to which record it is linked."""
    run("link", "company", "ACME", "4711", "--why", "same tax number")
    assert "UTC  decided link  4711  by Robin Clerk\n" in run("explain", "company", "ACME").output
    line = "decided: link company ACME to 4711, by Robin Clerk: same tax number\n"
    assert line in run("status").output


def test_link_and_create_new(run: Office) -> None:
    """Both decisions of a person about a vendor that resembles a company."""
    made = run.pair.procore.add_vendor(name="Acme Concrete")
    run("plan", status=3)
    assert "is" in run("link", "company", "ACME", str(made["id"]), "--why", "same").output
    run("apply")
    run.pair.vendor("ACME2")
    run.pair.procore.add_vendor(name="Acme Concrete")
    run("create-new", "company", "ACME2")
    run("apply")
    assert len(run.pair.table("vendors")) == 3


def test_take_on(run: Office) -> None:
    """A job in progress, by decision."""
    run.pair.job("24-0001", "Old", Create_Date=None)
    run("take-on", "24-0001", "--why", "half built")
    assert "decided: take_on project 24-0001" in run("status").output


def test_reopen_budget(run: Office) -> None:
    """An exported budget is imported again by decision, and never without a reason."""
    assert run("reopen-budget", "24-0001", status=1).exception
    run("reopen-budget", "24-0001", "--why", "estimated anew")
    assert "decided: take_on budget_import 24-0001" in run("status").output


def test_reopen_contract(run: Office) -> None:
    """Only with a reason, which is recorded."""
    assert run("reopen-contract", "24-0001", status=2).exception
    run("reopen-contract", "24-0001", "--why", "the owner agreed")
    assert "the owner agreed" in run("explain", "prime_contract", "24-0001").output


def test_an_owner_is_linked(run: Office) -> None:
    """All that can be said of a customer is which company it is."""
    run("link", "customer", "CITY", "5", "--why", "the same")
    assert run("create-new", "customer", "CITY", status=2).exception


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "--feature", "payroll"),
        ("explain", "payroll", "1"),
        ("ignore", "cost_code", "24-0101/03"),
        ("link", "company", "ACME"),
        ("apply", "--colour"),
        ("nonsense",),
    ],
)
def test_wrong_usage_ends_with_two(run: Office, arguments: tuple[str, ...]) -> None:
    """Unknown features, kinds, options and commands, and missing arguments."""
    run(*arguments, status=2)


def test_violations_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Every reason on a line of its own."""

    def fail() -> int:
        raise RefusedError("refused", violations=[Violation(code="c", message="m", path="p")])

    command = click.command()(commands.as_command(fail))
    result = CliRunner().invoke(command)
    assert (result.exit_code, result.stderr) == (1, "RefusedError: refused\n  - p: m\n")


# ---------------------------------------------------------------- the doctor


class Timeless:
    """A server that does not tell the time."""

    def send(self, request: Request) -> Response:
        """An answer without a date."""
        return Response(status=404)

    def close(self) -> None:
        """Nothing to release."""


def test_a_server_that_does_not_tell_the_time(run: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no fault of this machine."""
    monkeypatch.setattr(doctor, "HttpxTransport", Timeless)
    assert "ok   procore: clock: the server does not tell the time" in run("doctor").output


def test_an_application_that_sees_another_company_only(
    run: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor says where the application is connected to the company."""
    monkeypatch.setattr(doctor, "HttpxTransport", Timeless)
    others = Response(
        status=200,
        headers=(("Content-Type", "application/json"),),
        content=b'[{"id": 5, "name": "Somebody else"}]',
    )
    run.pair.to_procore.answer = lambda request, inner: (
        others if "/companies" in request.url else inner(request)
    )
    text = run("doctor", status=1).output
    assert "FAIL procore: credentials and company" in text
    assert "App Management" in text


def test_a_user_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In some containers nobody has a name; the journal says so."""

    def nobody() -> str:
        raise OSError("no such user")

    monkeypatch.setattr("getpass.getuser", nobody)
    config = Config(
        procore=ProcoreConfig(company_id=1),
        spectrum=SpectrumConfig(url="https://x", company_code="A"),
        store_url=f"sqlite:///{tmp_path / 'x.db'}",
    )
    connection = connect(config, {**SECRETS, "SPECTRUM_AUTHORIZATION_ID": "CANARY"})
    assert connection.syncer.actor == "unknown user (command line)"
    connection.close()


# ---------------------------------------------------------------- closing


def closings(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """What is closed from now on."""
    closed: list[type] = []
    for kind in (ProcoreClient, HttpxTransport, SqlSpectrumReader, SqliteStore):

        def close(self: Any, real: Callable[[Any], None] = kind.close) -> None:
            closed.append(type(self))
            real(self)

        monkeypatch.setattr(kind, "close", close)
    return closed


def with_queries(folder: Path) -> Config:
    """A configuration that opens everything that can be opened."""
    return parse_config(
        {
            "procore": {"company_id": 1},
            "spectrum": {
                "url": "https://x",
                "company_code": "A",
                "sql": {"queries": {"cost_types": "SELECT 1"}},
            },
            "store": {"url": f"sqlite:///{folder / 'x.db'}"},
        }
    )


EVERYTHING = {**SECRETS, "SPECTRUM_SQL_URL": "sqlite://"}


def test_one_failure_to_close_leaves_nothing_else_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure is told after the rest is closed."""
    closed = closings(monkeypatch)
    connection = connect(with_queries(tmp_path), EVERYTHING)

    def fail(_: ProcoreClient) -> None:
        raise OSError("no")

    monkeypatch.setattr(ProcoreClient, "close", fail)
    with pytest.raises(OSError, match="no"):
        connection.close()
    assert {SqliteStore, SqlSpectrumReader, HttpxTransport} <= set(closed)


def test_a_connection_that_cannot_be_made_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However late it fails."""
    closed = closings(monkeypatch)

    def fail(**_: Any) -> None:
        raise ConfigurationError("no such setting")

    monkeypatch.setattr("procore_spectrum.cli.connect.Syncer", fail)
    with pytest.raises(ConfigurationError, match="no such setting"):
        connect(with_queries(tmp_path), EVERYTHING)
    assert {SqliteStore, SqlSpectrumReader, HttpxTransport, ProcoreClient} <= set(closed)


# ---------------------------------------------------------------- from outside


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_a_missing_secret_is_named(missing: str) -> None:
    """The variable to set, and no value of another."""
    config = Config(
        procore=ProcoreConfig(company_id=1),
        spectrum=SpectrumConfig(url="https://x", company_code="A"),
    )
    environ = {name: value for name, value in SECRETS.items() if name != missing}
    with pytest.raises(ConfigurationError) as caught:
        connect(config, environ)
    assert caught.value.path == missing
    assert "CANARY" not in str(caught.value)


def test_no_configuration_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing that a new user sees."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROCORE_SPECTRUM_CONFIG", raising=False)
    result = CliRunner().invoke(commands.cli, ["plan"])
    assert result.exit_code == 1
    assert "procore-spectrum.toml cannot be read" in result.stderr


def test_the_version() -> None:
    """Of the package."""
    import procore_spectrum

    result = CliRunner().invoke(commands.cli, ["--version"])
    assert procore_spectrum.__version__ in result.output


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without click, the command says what to install."""
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.delitem(sys.modules, "procore_spectrum.cli.commands")
    for name in [name for name in sys.modules if name.startswith("procore_spectrum.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit, match=r"pip install 'procore-spectrum\[cli\]'"):
        main()


def test_another_missing_module_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the extra is explained; a broken installation shows itself."""
    monkeypatch.setitem(sys.modules, "procore_spectrum.cli.commands", None)
    with pytest.raises(ModuleNotFoundError):
        main()


def test_main_runs_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry point of the installed script."""
    monkeypatch.setattr(sys, "argv", ["procore-spectrum", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0


# ---------------------------------------------------------------- what could be imported


def test_staged_records_are_listed(run: Office) -> None:
    """What the next run imports asks nobody; what resembles something ends with 3."""
    assert "company ACME  Acme Concrete  [staged]" in run("staged").output
    run.pair.vendor("BIRCH", "Birch Lumber Inc", City="Boise", State="ID")
    run.pair.procore.add_vendor(
        name="Birch Lumber", city="Boise", state_code="ID", country_code="US"
    )
    text = run("staged", status=3).output
    assert "company BIRCH  Birch Lumber Inc  [staged]\n" in text
    assert "Birch Lumber  (" in text
    assert "    to do: " in text
    (found,) = [r for r in run.json("staged", status=3) if r["id"] == "company:BIRCH"]
    assert (found["state"], found["waits"]) == ("staged", True)
    assert [set(hit) for hit in found["candidates"]] == [{"target_id", "title", "score"}]


def test_what_is_left_out_is_listed_and_restored(run: Office) -> None:
    """With all; restoring it twice is refused."""
    run("ignore", "company", "ACME", "--why", "one-time vendor")
    run("ignore", "project", "25-0101")
    assert run("staged").output == "Nothing could be imported.\n"
    text = run("staged", "--all").output
    assert "company ACME  [archived]\n    left out by Robin Clerk: one-time vendor\n" in text
    (found, _) = run.json("staged", "--all")
    assert (found["state"], found["decided_by"]) == ("archived", "Robin Clerk")
    assert found["decided_at"]
    text = run("restore", "company", "ACME", "--why", "again").output
    assert text == "decided: company ACME is considered again\n"
    assert "is not left out" in run("restore", "company", "ACME", status=1).stderr
    assert "company ACME  Acme Concrete  [staged]" in run("staged").output


def test_imported_records_name_their_link(run: Office) -> None:
    """With all: where each one leads."""
    run("apply")
    number = run.pair.row("vendors", origin_code="ACME")["id"]
    assert f"company ACME  Acme Concrete  [imported to {number}]" in run("staged", "--all").output
