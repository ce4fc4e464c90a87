"""Everything of the library that reads bytes of others, each with valid bytes to damage.

Most of them are overheard: two clients speak with the fakes, and the conversation is repeated
with one answer changed. The rest is written here.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Literal

import attrs

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.cli.config import load_config
from procore_spectrum.errors import ConfigurationError
from procore_spectrum.features import CostCodeSettings, JobSettings, Settings
from procore_spectrum.mapping import CostTypeEntry, CostTypeTable
from procore_spectrum.models.spectrum import Phase
from procore_spectrum.plan import codec
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import (
    Batch,
    BatchItem,
    CompanyKey,
    Crosswalk,
    EventQuery,
    ReadQuery,
    StateStore,
)
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.errors import judge
from procore_spectrum.procore.oauth import Application, OAuth
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.procore.tokens import FileTokenStore, MemoryTokenStore, Token
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.auth import EnhancedAuth
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.convert import from_row
from procore_spectrum.spectrum.rows import Rows, read_reply
from procore_spectrum.spectrum.source import SpectrumSource
from procore_spectrum.spectrum.wsdl import MemoryWsdlCache, read_contract
from procore_spectrum.stores import MemoryStore, SqliteStore
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing.clock import FakeClock
from procore_spectrum.testing.fake_procore import FakeProcore
from procore_spectrum.testing.fake_spectrum import FakeSpectrum
from procore_spectrum.testing.faults import FaultPlan
from procore_spectrum.testing.fuzz_files import schedules
from procore_spectrum.wire.flows import Driver
from procore_spectrum.wire.messages import Headers, Request, Response
from procore_spectrum.wire.paging import Pager
from procore_spectrum.wire.rate import RateBudget, asked_wait
from procore_spectrum.wire.retry import RetryPolicy

__all__ = ["Case", "Reader", "readers"]

_JSON: Headers = (("Content-Type", "application/json"),)
_PROCORE, _SPECTRUM = "https://api.procore.test", "https://spectrum.test:8482"
_WORD = "sample"
_GUID = re.compile(rb"<GUID>[^<]*<")


@attrs.frozen
class Case:
    """Valid bytes, and what reads them."""

    content: bytes = attrs.field(repr=False)
    read: Callable[[bytes], object] = attrs.field(repr=False)


@attrs.frozen
class Reader:
    """Something that reads bytes of others, with valid examples."""

    name: str
    cases: tuple[Case, ...] = attrs.field(repr=False)


# ---------------------------------------------------------------- a conversation with the fakes


class _Tap:
    """A transport that writes down what is said, and can repeat it with one answer changed."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle
        self.heard: list[tuple[Request, Response]] = []
        self._recorded: dict[tuple[str, str], Response] | None = None
        self._changed: tuple[Request, Response] | None = None

    def send(self, request: Request) -> Response:
        if self._changed is None:
            answer = self._handle(request)
            self.heard.append((request, answer))
            return answer
        if _key(request) == _key(self._changed[0]):
            return self._changed[1]
        if self._recorded is None:
            self._recorded = {_key(said): answer for said, answer in self.heard}
        return self._recorded.get(_key(request), Response(status=404))

    def close(self) -> None:
        """Nothing to release."""

    def during(self, work: Callable[[], object]) -> list[tuple[Request, Response]]:
        """What is said during the work."""
        before = len(self.heard)
        work()
        return self.heard[before:]

    def repeat(
        self, request: Request, answer: Response, again: Callable[[], object], content: bytes
    ) -> object:
        """Do it again. Everything is answered as before, only that answer is another."""
        self._changed = (request, attrs.evolve(answer, content=content))
        return again()


def _key(request: Request) -> tuple[str, str]:
    return request.method, request.url


class _One:
    """A transport with one answer to everything."""

    def __init__(self, answer: Response) -> None:
        self._answer = answer

    def send(self, request: Request) -> Response:  # noqa: ARG002 - it is the same answer
        return self._answer

    def close(self) -> None:
        """Nothing to release."""


class _Conversation:
    """Both fakes with a little in them, and clients that have spoken with them."""

    def __init__(self) -> None:
        clock = FakeClock()
        self.procore = FakeProcore(clock=clock, hourly_limit=10**9)
        self.spectrum = FakeSpectrum(clock=clock)
        self.to_procore = _Tap(self.procore.handle)
        self.to_spectrum = _Tap(self.spectrum.handle)
        self.clock = clock
        self._arrange()
        self.client = ProcoreClient(
            base_url=_PROCORE,
            login_url=_PROCORE,
            company_id=self.procore.company_id,
            client_id=self.procore.client_id,
            client_secret=self.procore.client_secret,
            transport=self.to_procore,
            clock=clock,
        )
        self.target = ProcoreTarget(self.client, clock=clock)
        self.spectrum_client = SpectrumClient(
            url=_SPECTRUM,
            company_code=self.spectrum.company_code,
            authorization_id=self.spectrum.authorization_id,
            transport=self.to_spectrum,
            clock=clock,
            wsdl_cache=MemoryWsdlCache(),
            max_parallel=1,
        )
        self.source = SpectrumSource(self.spectrum_client)

    def _arrange(self) -> None:
        day = date(2026, 1, 2)
        self.spectrum.add_vendor(Vendor_Code="ACME", Name="Acme Concrete é")
        self.spectrum.add_job(Job_Number="26-0101", Job_Description="Library", Create_Date=day)
        for phase in ("031000", "032000"):
            self.spectrum.add_phase(
                Job_Number="26-0101", Phase_Code=phase, Cost_Type="L", Description="Slab"
            )

    @property
    def company(self) -> CompanyKey:
        """The pair of companies."""
        return CompanyKey(str(self.procore.company_id), self.spectrum.company_code)

    def sync(self, store: StateStore) -> tuple[Plan, Plan]:
        """Import everything; the plan before and another one after."""
        types = (CostTypeEntry(code="L", name="Labor", base_type="labor"),)
        syncer = Syncer(
            procore=self.client,
            spectrum=self.spectrum_client,
            store=store,
            settings=Settings(
                jobs=JobSettings(connected_on=date(2026, 1, 1)),
                cost_codes=CostCodeSettings(cost_types=CostTypeTable(entries=types)),
            ),
            clock=self.clock,
        )
        plan = syncer.plan()
        syncer.apply(plan)
        self.spectrum.add_vendor(Vendor_Code="ACME", Name="Acme Concrete & Son")
        self.spectrum.add_vendor(Vendor_Code="LATE", Name="Acme Concrete é")
        return plan, syncer.plan()

    def sign_contracts(self) -> tuple[str, str]:
        """Contracts with change orders; the ids of their project and of its list of codes."""
        state = self.procore.state()
        project = int(state["projects"][0]["id"])
        fields = {"vendor_id": int(state["vendors"][0]["id"])}
        line = {"wbs_code_id": int(state["wbs_codes"][0]["id"]), "amount": "1000.10"}
        for kind in ("work_order", "purchase_order"):
            row = self.procore.add_commitment(
                project, kind, lines=[line, line], status="Approved", **fields
            )
            self.procore.add_commitment_change_order(
                project, int(row["id"]), lines=[{**line, "description": "more"}], status="approved"
            )
        prime = self.procore.add_prime_contract(project, lines=[line], status="Approved")
        self.procore.add_prime_change_order(project, int(prime["id"]), lines=[line])
        lists = self.target.read(ReadQuery(kind="standard_cost_code_list")).items
        return str(project), str(lists[0].id)


def _damaged(
    tap: _Tap, said: Iterable[tuple[Request, Response]], again: Callable[[], object]
) -> Iterator[Case]:
    """A case for each answer with a body."""
    for request, answer in said:
        if answer.content:
            yield Case(answer.content, partial(tap.repeat, request, answer, again))


# ---------------------------------------------------------------- the readers


def readers(folder: Path) -> tuple[Reader, ...]:
    """Everything that reads bytes of others; ``folder`` is for files that a reader opens."""
    talk = _Conversation()
    with SqliteStore(folder / "seed.db") as store:
        plans = talk.sync(store)
        _ask_accounting(store.for_company(talk.company), talk.clock)
        store.backup(folder / "copy.db")
    found = {
        "Spectrum SOAP answers": _soap(talk),
        "Spectrum rows": _rows(talk),
        "Spectrum REST answers": _rest(talk),
        "Spectrum WSDL": _wsdl(talk),
        "Procore answers": _procore(talk),
        "Procore error bodies": _errors(),
        "Link and rate headers": _headers(),
        "OAuth answers": _oauth(),
        "token files": _token_files(folder / "token.json"),
        "configuration": _configuration(folder / "fuzz.toml"),
        "plan files": _plan_files(plans),
        "fault plans": _fault_plans(),
        "sandbox requests": _Sandbox().cases(),
        "sqlite store files": _stores(folder, talk.company),
        "schedules of values": (Case(*pair) for pair in schedules()),
    }
    return tuple(Reader(name, tuple(cases)) for name, cases in found.items())


def _ask_accounting(store: StateStore, clock: FakeClock) -> None:
    document = Document(
        ref=Ref("commitment", "77"),
        feature="commitments",
        title="SC-1",
        fields={"vendor_code": "ACME", "retention_percent": Decimal("7.5")},
        lines=({"phase_code": "031000", "amount": Decimal("100.50")},),
        amount=Decimal("100.50"),
        needs=(Need(name="subcontract_number", length=10, proposal="SC-1"),),
    )
    Approvals(store, clock).send(document, by=Person(name="Robin Clerk"))


# ------------------------------------------------ Spectrum


def _soap(talk: _Conversation) -> Iterator[Case]:
    """Whole readings through the client, from status to model."""
    for kind in ("job", "phase"):
        again = partial(talk.source.read, ReadQuery(kind=kind))
        said = [pair for pair in talk.to_spectrum.during(again) if pair[0].method == "POST"]
        yield from _damaged(talk.to_spectrum, said, again)


def _rows(talk: _Conversation) -> Iterator[Case]:
    """The strict reader by itself, with both repairs, for reads and writes."""
    for request, answer in talk.to_spectrum.heard:
        service = request.url.rpartition("/")[2]
        if request.method == "POST" and service == "GetPhaseEnhanced":
            yield Case(answer.content, partial(_read_rows, service, "read"))
            yield Case(answer.content, partial(_read_rows, service, "write"))


def _read_rows(service: str, kind: Literal["read", "write"], content: bytes) -> object:
    found = read_reply(
        content,
        service=service,
        kind=kind,
        repair_double_encoding=True,
        tolerate_cut_envelope=True,
    )
    rows = found.rows if isinstance(found, Rows) else ()
    return [from_row(Phase, row, service=service, number=1) for row in rows]


def _rest(talk: _Conversation) -> Iterator[Case]:
    again = partial(talk.spectrum_client.send, services.list_vendors())
    yield from _damaged(talk.to_spectrum, talk.to_spectrum.during(again), again)


def _wsdl(talk: _Conversation) -> Iterator[Case]:
    for request, answer in talk.to_spectrum.heard:
        name = request.url.rpartition("/")[2].removesuffix(".jws")
        if request.url.endswith(f"{name}.jws"):
            yield Case(answer.content, partial(_use_wsdl, name))


def _use_wsdl(service: str, content: bytes) -> object:
    return read_contract(service, content).envelope({})


# ------------------------------------------------ Procore


def _procore(talk: _Conversation) -> Iterator[Case]:
    """Whole readings through the client, page by page, and one write."""
    project, standard = talk.sign_contracts()
    scopes = {"standard_cost_code": standard} | dict.fromkeys(_IN_PROJECTS, project)
    for kind in (*_IN_COMPANY, *scopes):
        query = ReadQuery(kind=kind, scope=scopes.get(kind))
        again = partial(talk.target.read, query)
        yield from _damaged(talk.to_procore, talk.to_procore.during(again), again)
    fields: Fields = {"name": "Baker", "origin_id": "spectrum:ABC:vendor:BAKER"}
    item = BatchItem(
        op_id="1", verb="create", ref=Ref("company", "BAKER"), fields=fields, full=fields
    )
    write = partial(talk.target.write, Batch(kind="company", scope_id=None, items=(item,)))
    yield from _damaged(talk.to_procore, talk.to_procore.during(write), write)


_IN_COMPANY = ("company", "project", "standard_cost_code_list", "line_item_type")
_IN_PROJECTS = (
    *("cost_code", "wbs_code", "commitment", "prime_contract"),
    *("commitment_change_order", "prime_change_order"),
)
_ERROR_BODIES = (
    b'{"code":404,"message":"Not found","fields":{"name":["is blank"]},"reason":"r"}',
    b'{"errors":{"vendor":{"name":["has already been taken"]}}}',
    b'{"errors":["a","b"],"message":"m","error":"e","exception":"x"}',
    b'{"error":{"code":"c","message":"m","details":[{"reason_code":"r","message":"m",'
    b'"source":{"pointer":"/name"}}]}}',
)


def _errors() -> Iterator[Case]:
    for status in (307, 400, 401, 403, 404, 409, 422, 429, 500, 503):
        for body in _ERROR_BODIES:
            yield Case(body, partial(_judge, status))


def _judge(status: int, content: bytes) -> object:
    return judge(Response(status=status, headers=_JSON, content=content), "call", repeatable=True)


def _headers() -> Iterator[Case]:
    page = f'<{_PROCORE}/x?page=2>; rel="next", <{_PROCORE}/x?page=9>; rel=last; title="a, b"'
    yield Case(page.encode(), _follow)
    lines = "Retry-After: 17\nX-Rate-Limit-Limit: 3600\nX-Rate-Limit-Remaining: 0\n"
    lines += "X-Rate-Limit-Reset: 1767600300\nDate: Mon, 05 Jan 2026 08:00:00 GMT"
    yield Case(lines.encode(), _slow_down)
    date = "Retry-After: Mon, 05 Jan 2026 08:01:00 GMT\nDate: Mon, 05 Jan 2026 08:00:00 -0000"
    yield Case(date.encode(), _slow_down)


def _follow(content: bytes) -> object:
    answer = Response(status=200, headers=(("Link", content.decode("latin-1")),))
    return Pager().next_url(Request(method="GET", url=f"{_PROCORE}/x?page=1"), answer)


def _slow_down(content: bytes) -> object:
    pairs = [line.partition(":") for line in content.decode("latin-1").split("\n")]
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    answer = Response(status=429, headers=headers)
    budget, now = RateBudget(), FakeClock().now()
    budget.observe(answer, now)
    return asked_wait(answer), asked_wait(answer, now), budget.wait_before_next(now)


# ------------------------------------------------ tokens

_TOKEN_ANSWER = b'{"access_token":"a","token_type":"Bearer","expires_in":5400,"refresh_token":"r",'
_TOKEN_ANSWER += b'"created_at":1767600000}'
_TOKEN_INFO = b'{"resource_owner_id":7,"scopes":["all"],"expires_in_seconds":12,'
_TOKEN_INFO += b'"application":{"uid":"u"},"created_at":1767600000}'
_TOKEN_REFUSAL = b'{"error":"invalid_grant","error_description":"The refresh token is invalid"}'


def _oauth() -> Iterator[Case]:
    yield Case(_TOKEN_ANSWER, partial(_log_in, 200, "token"))
    yield Case(_TOKEN_INFO, partial(_log_in, 200, "info"))
    for status in (400, 401, 403, 500):
        yield Case(_TOKEN_REFUSAL, partial(_log_in, status, "token"))
    yield Case(_TOKEN_ANSWER, _log_in_to_spectrum)


def _log_in(status: int, what: Literal["token", "info"], content: bytes) -> object:
    clock = FakeClock()
    known = Token(access_token=_WORD, expires_at=clock.now() + timedelta(hours=1))
    oauth = OAuth(
        Application(login_url=_PROCORE, client_id="i", client_secret=_WORD),
        grant="client_credentials",
        store=MemoryTokenStore(known if what == "info" else None),
        policy=RetryPolicy(),
        now=clock.now,
        jitter=lambda: 0.5,
    )
    driver = Driver(_One(Response(status=status, headers=_JSON, content=content)), clock)
    return driver.run(oauth.token()) if what == "token" else driver.run(oauth.info())


def _log_in_to_spectrum(content: bytes) -> object:
    clock = FakeClock()
    auth = EnhancedAuth(url=_SPECTRUM, client_id="i", client_secret=_WORD, now=clock.now)
    answer = Response(status=200, headers=_JSON, content=content)
    return Driver(_One(answer), clock).run(auth.headers())


def _token_files(path: Path) -> Iterator[Case]:
    store = FileTokenStore(path)
    expires_at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    store.save(Token(access_token=_WORD, refresh_token=_WORD, expires_at=expires_at))

    def read(content: bytes) -> object:
        path.write_bytes(content)
        return store.load()

    yield Case(path.read_bytes(), read)


# ------------------------------------------------ files

_TOML = b"""features = ["vendors", "jobs", "cost_codes"]
[procore]
company_id = 598134325658789
token_file = "token.json"
[spectrum]
url = "https://spectrum.test:8482"
company_code = "ABC"
row_cap = 500
basic_auth = true
[store]
url = "sqlite:///sync.db"
[vendors]
types = ["SUB", ""]
known_types = ["SUB", "MAT"]
[vendors.mapping.place]
country_code = "US"
countries_by_state = { ON = "CA", QC = "CA" }
[jobs]
connected_on = 2024-01-01
take_on = ["23-0103"]
[jobs.mapping]
time_zone = "US/Pacific"
stage_ids = { A = 41 }
[cost_codes]
phase_mask = "##-####"
[cost_codes.division_names]
03 = "Concrete"
[cost_codes.cost_types]
labor_as = "other"
L = { name = "Labor", base_type = "labor" }
[approvals]
four_eyes = true
[guards]
max_share = 0.20
"""


def _configuration(path: Path) -> Iterator[Case]:
    def read(content: bytes) -> object:
        path.write_bytes(content)
        return load_config(str(path), {})

    yield Case(_TOML, read)


def _plan_files(plans: Iterable[Plan]) -> Iterator[Case]:
    for plan in plans:
        content = codec.dumps(plan).encode()
        yield Case(content, codec.loads)
        yield Case(content, _load_sealed)


def _load_sealed(content: bytes) -> object:
    """With a seal that fits the damage, so that it is read further than to the seal."""
    try:
        data = json.loads(content)
        rest = json.dumps({name: data[name] for name in data if name != "digest"}, sort_keys=True)
        content = json.dumps({**data, "digest": hashlib.sha256(rest.encode()).hexdigest()}).encode()
    except (ValueError, TypeError, RecursionError):
        pass
    return codec.loads(content)


def _fault_plans() -> Iterator[Case]:
    text = """# when : what
after 3 : reset_after
method POST path "/vendors" skip 1 : lost_reply
label GetPhase times 2 : cut_body 400 framed=true
at 7 : status 429 retry_after=2 ; always times any : stall 0.5
"""
    plan = FaultPlan.from_text(text)
    yield Case(text.encode(), lambda content: FaultPlan.from_text(content.decode("latin-1")))
    yield Case(json.dumps(plan.to_json()).encode(), _read_fault_plan)


def _read_fault_plan(content: bytes) -> object:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise ConfigurationError("not JSON") from None
    return FaultPlan.from_json(data)


def _stores(folder: Path, company: CompanyKey) -> Iterator[Case]:
    room = folder / "store"

    def read(content: bytes) -> object:
        room.mkdir()
        try:
            path = room / "sync.db"
            path.write_bytes(content)
            with SqliteStore(path) as store:
                handle = store.for_company(company)
                kinds = ("company", "project", "cost_code")
                return (
                    *(handle.read_links(Crosswalk(kind=kind)) for kind in kinds),
                    *(handle.read_started(), handle.read_decisions(), handle.read_approvals()),
                    *(handle.read_events(EventQuery()), handle.read_claims("a")),
                    *(handle.read_fact("connected_on"), handle.verify()),
                )
        finally:
            shutil.rmtree(room)

    yield Case((folder / "copy.db").read_bytes(), read)


class _Sandbox:
    """Both fakes as they are asked by strangers: any answer is good, an exception is not.

    The fakes remember what they are asked, so they are replaced now and then.
    """

    def __init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        talk = _Conversation()
        talk.sync(MemoryStore())
        self._left = 2_000
        self._said = [
            *((talk.procore.handle, request) for request, _ in talk.to_procore.heard),
            *((talk.spectrum.handle, request) for request, _ in talk.to_spectrum.heard),
        ]

    def cases(self) -> Iterator[Case]:
        for number, (_, request) in enumerate(self._said):
            yield Case(request.url.partition(".test")[2].encode(), partial(self._visit, number))
            if request.content:
                # Each run has other GUIDs, but inputs shall not differ between runs.
                content = _GUID.sub(b"<GUID>1f2e3d4c<", request.content)
                yield Case(content, partial(self._tell, number))

    def _visit(self, number: int, content: bytes) -> object:
        url = f"https://sandbox.test/{content.decode('latin-1').lstrip('/')}"
        return self._ask(number, url=url)

    def _tell(self, number: int, content: bytes) -> object:
        return self._ask(number, content=content)

    def _ask(self, number: int, **changes: Any) -> object:
        self._left -= 1
        if self._left < 0:
            self._renew()
        handle, request = self._said[number]
        return handle(attrs.evolve(request, **changes))
