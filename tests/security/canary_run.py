"""A run of every feature with distinctive secrets, in good and in bad days; and what it leaves."""

from __future__ import annotations

import base64
import contextlib
import gc
import io
import json
import logging
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
from click.testing import CliRunner
from exporting_company import ANNA, ExportingCompany, Line
from outgoing_contractor import Outgoing
from small_contractor import WSDLS, Between

from procore_spectrum import ProcoreClient, SpectrumClient, SqliteStore
from procore_spectrum.cli.commands import cli
from procore_spectrum.errors import NotSentError, ProcoreSpectrumError
from procore_spectrum.notifiers import SmtpNotifier, WebhookNotifier
from procore_spectrum.plan.approvals import State
from procore_spectrum.ports import CompanyKey, EventQuery, Notice, ReadQuery
from procore_spectrum.procore.endpoints.identity import list_companies
from procore_spectrum.procore.tokens import FileTokenStore
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing import FakeProcore, FakeSpectrum, serve
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request, Response

CLIENT_SECRET = "CANARY-PROCORE-SECRET"
AUTHORIZATION_ID = "CANARY-AUTH-ID"
SPECTRUM_SECRET = "CANARY-SPECTRUM-SECRET"
SMTP_PASSWORD = "CANARY-SMTP-PASSWORD"
HOOK_PATH = "CANARY-HOOK-PATH"
HOOK_SECRET = "CANARY-HOOK-SECRET"
SQL_PASSWORD = "CANARY-SQL-PASSWORD"
PLANTED = (
    CLIENT_SECRET,
    AUTHORIZATION_ID,
    SPECTRUM_SECRET,
    SMTP_PASSWORD,
    HOOK_PATH,
    HOOK_SECRET,
    SQL_PASSWORD,
)
SECRETS_OF_FAKES: dict[str, Any] = {
    "procore": {"client_secret": CLIENT_SECRET},
    "spectrum": {"authorization_id": AUTHORIZATION_ID},
}
HOOK = f"https://hooks.example.com/services/{HOOK_PATH}"
ASKED = services.list_jobs()


@attrs.define
class Leftovers:
    """Everything that was left behind, by where, and every secret that was in use."""

    secrets: set[str] = attrs.field(factory=lambda: set(PLANTED))
    texts: dict[str, list[str]] = attrs.field(factory=dict)
    errors: list[BaseException] = attrs.field(factory=list)
    tokens: int = 0
    features: set[str] = attrs.field(factory=set)
    echoed: set[str] = attrs.field(factory=set)
    struck: dict[str, int] = attrs.field(factory=dict)
    statuses: dict[str, list[int]] = attrs.field(factory=dict)

    def add(self, where: str, text: object) -> None:
        """Something that somebody may read."""
        self.texts.setdefault(where, []).append(str(text))

    def attempt(self, work: Callable[[], object]) -> None:
        """Do what must fail, and keep the error as everybody may see it."""
        try:
            work()
        except ProcoreSpectrumError as error:
            self.keep(error)
        else:
            raise AssertionError("nothing failed")

    def keep(self, error: BaseException) -> None:
        """An error, as everybody may see it."""
        self.errors.append(error)
        self.add("errors", f"{error} {error!r} {error.args} {vars(error)}")
        self.add("tracebacks", "".join(traceback.format_exception(error)))

    def watch(self, between: Between) -> None:
        """Learn the tokens that pass and those that have passed, as secrets."""
        for request in between.seen:
            self.learn(request, Response(status=200))
        inner = between.inner

        def heard(request: Request) -> Response:
            response = inner(request)
            self.learn(request, response)
            return response

        between.inner = heard

    def learn(self, request: Request, response: Response) -> None:
        """The tokens of an exchange."""
        scheme, _, value = (request.header("authorization") or "").partition(" ")
        if scheme in {"Bearer", "Basic"} and value:
            self.secrets.add(value)
        if response.media_type == "application/json" and "token" in request.url:
            answer = response.json()
            for name in ("access_token", "refresh_token", "client_secret"):
                if isinstance(answer, dict) and answer.get(name):
                    self.secrets.add(str(answer[name]))
                    self.tokens += 1

    def found(self) -> list[str]:
        """Every place where a secret can be read, in the clear or encoded."""
        every = set(self.secrets)
        every |= {base64.b64encode(secret.encode()).decode().rstrip("=") for secret in self.secrets}
        return [
            f"{where}: …{text[max(0, text.index(secret) - 60) : text.index(secret) + 60]}…"
            for where, texts in self.texts.items()
            for text in texts
            for secret in sorted(every)
            if secret in text
        ]


@contextlib.contextmanager
def everything_logged(left: Leftovers) -> Iterator[None]:
    """All log records of all libraries, at DEBUG, are left behind."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        left.add("logs", stream.getvalue())


# ---------------------------------------------------------------- in process


def run_features(left: Leftovers, folder: Path) -> None:
    """Import and export everything, reject, fail, edit and unlink; and tell people."""
    store = SqliteStore(folder / "exports.db")
    company = ExportingCompany(store=store, **SECRETS_OF_FAKES)
    for between in (company.to_procore, company.to_spectrum):
        left.watch(between)
    exported = company.commitment("SC-1")
    company.exported(exported)
    line: Line = (("010100", "S"), "50.25", "More")
    company.changes_by()
    change = company.change_order(exported, [line])
    company.exported(change)
    rejected, failing = company.commitment("SC-2"), company.commitment("SC-3")
    for syncer in _telling(company, left):
        syncer.apply(syncer.plan())
        with contextlib.suppress(ProcoreSpectrumError):
            syncer.approvals.reject(rejected, by=ANNA, why="no budget")
            syncer.approvals.send_digest()
    company.accept(failing)
    company.spectrum_switch(cost_types_without_gl=frozenset({"S"}))
    leave_plan(left, company.syncer, folder)
    company.export()
    if company.state(failing) is not State.FAILED:
        raise AssertionError("the export should have failed")
    _outgoing(left, SqliteStore(folder / "outgoing.db"))
    left.add("journal", journal(company.syncer))
    left.add("recorded calls", [*company.procore.calls, *company.spectrum.calls])
    left.add("fakes' state", [company.procore.state(), company.spectrum.state()])
    show_objects(left, company.syncer, company.procore_client, company.spectrum_client, store)
    _bad_days(left, company)
    store.close()


def _telling(company: ExportingCompany, left: Leftovers) -> Iterator[Syncer]:
    """Facades whose notices cannot be delivered, by each means."""
    transport = HttpxTransport(timeout=0.2)
    webhook = WebhookNotifier(HOOK, transport=transport, secret=HOOK_SECRET)
    unreachable = WebhookNotifier(
        f"http://127.0.0.1:9/{HOOK_PATH}",
        transport=transport,
        secret=HOOK_SECRET,
        allow_private=True,
    )
    mail = SmtpNotifier(
        host="127.0.0.1",
        port=9,
        sender="erp@example.com",
        recipients=("anna@example.com",),
        user="erp",
        password=SMTP_PASSWORD,
        timeout=0.2,
    )
    left.add("reprs", [webhook, unreachable, mail])
    notice = Notice(kind="failed", subject="S", lines=())
    for notifier in (unreachable, mail):
        left.attempt(lambda notifier=notifier: notifier.notify(notice))
        yield Syncer(
            procore=company.procore_client,
            spectrum=company.spectrum_client,
            store=company.store,
            settings=company.settings,
            company=CompanyKey(str(company.procore.company_id), company.spectrum.company_code),
            clock=company.clock,
            notifier=notifier,
        )
    transport.close()


def _outgoing(left: Leftovers, store: SqliteStore) -> None:
    contractor = Outgoing(store=store, **SECRETS_OF_FAKES)
    contractor.exported(contractor.company(), vendor_code="ZENITH")
    project = contractor.project()
    contractor.code(project, "02", "0200")
    contractor.exported(project)
    left.add("journal", journal(contractor.syncer))
    left.add("recorded calls", [*contractor.procore.calls, *contractor.spectrum.calls])
    store.close()


def leave_plan(left: Leftovers, syncer: Syncer, folder: Path) -> None:
    """A plan in every form."""
    plan = syncer.plan()
    for style in ("text", "markdown", "json"):
        left.add("plans", plan.render(style, limit=None))
    (folder / "plan.json").write_text(plan.render("json"), encoding="utf-8")
    left.add("reprs", repr(plan))


def journal(syncer: Syncer) -> list[Any]:
    """All that a store knows of what was done."""
    handle: Any = syncer._store
    return [handle.read_events(EventQuery()), handle.read_started(), handle.read_approvals()]


# ---------------------------------------------------------------- bad days


def echo(request: Request) -> bytes:
    """What a careless server writes into its error page: all that it was sent."""
    return b" ".join(
        [request.url.encode(), *(f"{n}: {v}".encode() for n, v in request.headers), request.content]
    )


def _fault(text: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        f"<faultcode>s:Client</faultcode><faultstring>{text}</faultstring>"
        "</s:Fault></s:Body></s:Envelope>"
    ).encode()


def _rows(text: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetJobResponse>'
        "<returnArray><returnData><getJob><response><Error_Code>I</Error_Code>"
        f"<Error_Description>{text}</Error_Description><Error_Column>{text}</Error_Column>"
        "</response></getJob></returnData></returnArray></GetJobResponse></s:Body></s:Envelope>"
    ).encode()


def _bad_days(left: Leftovers, company: ExportingCompany) -> None:
    """Servers that refuse, fall silent, or repeat what they were sent."""
    html, xml, plain = ("text/html", "text/xml; charset=utf-8", "application/json")
    said = f"the id {AUTHORIZATION_ID} is not known"

    def json_echo(request: Request) -> bytes:
        return json.dumps({"errors": echo(request).decode(), "error": "not known"}).encode()

    statuses = (302, 400, 401, 403, 404, 422, 500, 502, 503)
    for status in statuses:
        for kind, body in ((html, echo), (plain, json_echo)):
            answer = _answering(status, kind, body)
            left.attempt(lambda answer=answer: _ask_procore(company, answer, left))
            left.attempt(lambda answer=answer: _ask_spectrum(company, answer, left))
    for status, content in ((500, _fault(said)), (200, _fault(said)), (200, _rows(said))):
        answer = _answering(status, xml, lambda _, content=content: content)
        left.attempt(lambda answer=answer: _ask_spectrum(company, answer, left))
    for body in (b"{", echo, json_echo):
        answer = _answering(200, plain, body if callable(body) else lambda _, b=body: b)
        left.attempt(lambda answer=answer: _ask_procore(company, answer, left))
        left.attempt(lambda answer=answer: _ask_spectrum(company, answer, left))
    left.attempt(lambda: _ask_procore(company, _silent, left))
    left.attempt(lambda: _ask_spectrum(company, _silent, left))
    left.attempt(lambda: _enhanced(left, wrong=True))
    _enhanced(left, wrong=False)
    left.attempt(_sql)


def _answering(status: int, kind: str, body: Callable[[Request], bytes]) -> Any:
    def answer(request: Request, _: Callable[[Request], Response]) -> Response:
        headers = (("Content-Type", kind), ("Location", "https://other.example.com/"))
        return Response(status=status, headers=headers, content=body(request))

    return answer


def _silent(request: Request, _: Callable[[Request], Response]) -> Response:
    raise NotSentError("no connection", path=request.where)


def _ask_procore(company: ExportingCompany, answer: Any, left: Leftovers) -> None:
    """With a token already known, and as the first call of all."""
    between = Between(company.procore.handle)
    left.watch(between)
    client = ProcoreClient(
        base_url="https://api.procore.test",
        login_url="https://login.procore.test",
        company_id=company.procore.company_id,
        client_id=company.procore.client_id,
        client_secret=CLIENT_SECRET,
        transport=between,
        clock=company.clock,
    )
    client.send_all(list_companies())
    between.answer = answer
    fresh = ProcoreClient(
        base_url="https://api.procore.test",
        login_url="https://login.procore.test",
        company_id=company.procore.company_id,
        client_id=company.procore.client_id,
        client_secret=CLIENT_SECRET,
        transport=between,
        clock=company.clock,
    )
    left.attempt(lambda: fresh.send_all(list_companies()))
    client.send_all(list_companies())


def _ask_spectrum(company: ExportingCompany, answer: Any, left: Leftovers) -> None:
    """A listing, then a listing over REST; both fail."""
    between = Between(company.spectrum.handle, answer)
    left.watch(between)
    client = SpectrumClient(
        url="https://spectrum.test:8482",
        company_code=company.spectrum.company_code,
        authorization_id=AUTHORIZATION_ID,
        transport=between,
        clock=company.clock,
        wsdl_cache=WSDLS,
        authorization_id_in_query=True,
    )
    left.attempt(lambda: client.send(services.list_vendors()))
    client.send(ASKED)


def _enhanced(left: Leftovers, *, wrong: bool) -> None:
    """Enhanced authentication of Spectrum, with a secret that is rotated."""
    fake = FakeSpectrum(
        authorization_id=AUTHORIZATION_ID, client_id="app", client_secret=SPECTRUM_SECRET
    )
    between = Between(fake.handle)
    left.watch(between)
    client = SpectrumClient(
        url="https://spectrum.test:8482",
        company_code=fake.company_code,
        authorization_id=AUTHORIZATION_ID,
        client_id="app",
        client_secret=f"{SPECTRUM_SECRET}-wrong" if wrong else SPECTRUM_SECRET,
        transport=between,
        wsdl_cache=WSDLS,
    )
    client.send(ASKED)
    client.rotate_secret(left.secrets.add)
    client.send(ASKED)
    show_objects(left, client)
    left.add("recorded calls", fake.calls)


def _sql() -> None:
    """A database that nobody answers for."""
    url = f"postgresql+psycopg://reader:{SQL_PASSWORD}@127.0.0.1:9/books?connect_timeout=1"
    reader = SqlSpectrumReader(url, company_code="ABC", queries={"subcontracts": "SELECT 1"})
    try:
        reader.read(ReadQuery(kind="subcontract"))
    finally:
        reader.close()


# ---------------------------------------------------------------- objects


def show_objects(left: Leftovers, *roots: object) -> None:
    """The repr of everything of ours that can be reached from these objects."""
    seen: set[int] = set()
    todo = list(roots)
    while todo:
        one = todo.pop()
        if id(one) in seen or len(seen) > 20_000:
            continue
        seen.add(id(one))
        module = type(one).__module__
        if module.startswith("procore_spectrum.") and ".testing" not in module:
            left.add("reprs", f"{one!r} {one}")
        elif not isinstance(one, dict | list | tuple | set | frozenset):
            continue
        todo += gc.get_referents(one)


# ---------------------------------------------------------------- the command line

TOML = """
[procore]
base_url = "{procore}"
login_url = "{procore}"
company_id = {company}
token_file = "{folder}/token.json"
[spectrum]
url = "{spectrum}"
company_code = "ABC"
release = "2025 R1"
wsdl_cache = "{folder}/wsdl"
[store]
url = "sqlite:///{folder}/sync.db"
[jobs]
in_progress = "take"
[cost_codes.cost_types]
L = {{ name = "Labor" }}
"""
SECRETS = {
    "PROCORE_CLIENT_ID": "canary-client",
    "PROCORE_CLIENT_SECRET": CLIENT_SECRET,
    "SPECTRUM_AUTHORIZATION_ID": AUTHORIZATION_ID,
}


def run_commands(left: Leftovers, folder: Path) -> None:
    """Every command that a person may type, over real sockets, with right and wrong secrets."""
    procore = FakeProcore(client_id="canary-client", client_secret=CLIENT_SECRET)
    spectrum = FakeSpectrum(authorization_id=AUTHORIZATION_ID)
    spectrum.add_vendor(Vendor_Code="ACME", Name="Acme Concrete")
    spectrum.add_job(Job_Number="25-0101", Job_Description="City Hall")
    spectrum.add_phase(
        Job_Number="25-0101", Phase_Code="010100", Cost_Type="L", Description="Concrete"
    )
    with serve(procore) as one, serve(spectrum) as other:
        file = folder / "procore-spectrum.toml"
        file.write_text(
            TOML.format(
                procore=one.url, spectrum=other.url, company=procore.company_id, folder=folder
            )
        )

        def type_in(*arguments: str, **wrong: str) -> None:
            result = CliRunner(env={**SECRETS, **wrong}).invoke(
                cli, ["--config", str(file), *arguments]
            )
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            left.add(f"output of {arguments[0]}", result.stdout + result.stderr)

        for json_too in ([], ["--json"]):
            type_in("doctor", *json_too)
            type_in("plan", *json_too, "--out", str(folder / "reviewed.json"))
            type_in("apply", *json_too)
            type_in("status", *json_too)
            type_in("approvals", "list", *json_too)
            type_in("explain", "company", "ACME", *json_too)
            for name, value in SECRETS.items():
                type_in("doctor", *json_too, **{name: f"{value}-W"[:20]})
                type_in("plan", *json_too, **{name: f"{value}-W"[:20]})
                type_in("apply", *json_too, **{name: ""})
        type_in("link", "company", "ACME", "99", "--why", "test")
        type_in("apply", str(folder / "reviewed.json"))
        token = FileTokenStore(folder / "token.json").load()
        if token is not None:
            left.secrets.add(token.access_token)
            left.tokens += 1
        transport = HttpxTransport()
        for url in (one.url, other.url):
            for page in ("calls", "state", "faults"):
                answer = transport.send(Request(method="GET", url=f"{url}/_sandbox/{page}"))
                left.add(f"sandbox {page}", answer.content.decode())
        transport.close()


def read_files(left: Leftovers, folder: Path) -> None:
    """Whatever lies in the folder now, workbooks unpacked; a token's file has its own purpose.

    That file may hold the access token, and no other secret.
    """
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        text = file.read_bytes().decode("latin-1")
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as parts:
                text = "".join(parts.read(name).decode("latin-1") for name in parts.namelist())
        if file.name.endswith("token.json"):
            if FileTokenStore(file).load() is None:
                raise AssertionError("no token was stored")
            text = "".join(secret for secret in PLANTED if secret in text)
        left.add(f"file {file.name}", text)
