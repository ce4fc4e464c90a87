"""Everything of the library that reads bytes of others, each with valid bytes to damage.

Most of them are overheard: two clients speak with the fakes, and the conversation is repeated
with one answer changed. The rest is written here, or in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Literal

from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.mapping.origin import parse_origin_id
from procore_spectrum.models.ids import CostType, JobNumber, PhaseCode
from procore_spectrum.models.spectrum import JobCostProjection, Phase
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import Batch, BatchItem, ReadQuery, StateStore
from procore_spectrum.procore.endpoints.identity import get_me, list_companies
from procore_spectrum.procore.errors import judge
from procore_spectrum.procore.oauth import Application, OAuth
from procore_spectrum.procore.tokens import MemoryTokenStore, Token
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.auth import EnhancedAuth
from procore_spectrum.spectrum.calls import SoapCall
from procore_spectrum.spectrum.convert import from_row
from procore_spectrum.spectrum.replies import Judge
from procore_spectrum.spectrum.rows import Rows, read_reply
from procore_spectrum.spectrum.wsdl import read_contract
from procore_spectrum.stores import SqliteStore
from procore_spectrum.testing import fuzz_files, fuzz_servers, fuzz_stores
from procore_spectrum.testing.clock import FakeClock
from procore_spectrum.testing.fuzz_cases import (
    PROCORE,
    SPECTRUM,
    Case,
    Conversation,
    One,
    Reader,
    damaged,
)
from procore_spectrum.wire.flows import Driver
from procore_spectrum.wire.messages import Headers, Request, Response
from procore_spectrum.wire.paging import Pager
from procore_spectrum.wire.rate import RateBudget, asked_wait
from procore_spectrum.wire.retry import RetryPolicy

__all__ = ["readers"]

_JSON: Headers = (("Content-Type", "application/json"),)
_WORD = "sample"
_TURNS = {
    "Spectrum SOAP answers": 3,
    "Spectrum WSDL": 3,
    "configuration": 3,
    "mail servers": 3,
    "sandbox requests": 3,
    "SQL queries": 1,
    "sqlite store files": 1,
    "stored values": 1,
}
"""Turns in a round of those that take about a millisecond and more; all others have five."""


def readers(folder: Path) -> tuple[Reader, ...]:
    """Everything that reads bytes of others; ``folder`` is for files that a reader opens."""
    talk = Conversation()
    with SqliteStore(folder / "seed.db") as store:
        plans = talk.sync(store)
        _ask_accounting(store.for_company(talk.company), talk.clock)
        store.backup(folder / "copy.db")
    found = {
        "Spectrum SOAP answers": _soap(talk),
        "Spectrum rows": _rows(talk),
        "Spectrum REST answers": _rest(talk),
        "Spectrum refusals": _refusals(),
        "Spectrum WSDL": _wsdl(talk),
        "WSDL cache files": fuzz_files.wsdl_caches(folder / "wsdl"),
        "SQL rows": fuzz_stores.sql_rows(),
        "SQL queries": fuzz_stores.sql_queries(),
        "Procore answers": _procore(talk),
        "Procore error bodies": _errors(),
        "origin ids": _origin_ids(),
        "Link and rate headers": _headers(),
        "HTTP answers": fuzz_servers.http_answers(),
        "mail servers": fuzz_servers.mail_servers(),
        "OAuth answers": _oauth(),
        "token files": fuzz_files.token_files(folder / "token.json"),
        "configuration": fuzz_files.configuration(folder / "fuzz.toml"),
        "plan files": fuzz_files.plan_files(plans),
        "fault plans": fuzz_files.fault_plans(),
        "sandbox requests": fuzz_servers.sandboxes(),
        "sqlite store files": fuzz_stores.store_files(folder, talk.company),
        "stored values": fuzz_stores.stored_values(folder, talk.company),
        "schedules of values": fuzz_files.schedules(),
    }
    return tuple(
        Reader(name, tuple(cases), turns=_TURNS.get(name, 5)) for name, cases in found.items()
    )


def _ask_accounting(store: StateStore, clock: FakeClock) -> None:
    """Fill the tables that an import leaves empty."""
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
    store.commit(fuzz_stores.some_of_everything(clock.now()))


# ------------------------------------------------ Spectrum

_PROJECTION = JobCostProjection(
    job_number=JobNumber("26-0101"),
    phase_code=PhaseCode("031000"),
    cost_type=CostType("L"),
    transaction_date=date(2026, 1, 31),
    amount=Decimal("10.50"),
)


def _soap(talk: Conversation) -> Iterator[Case]:
    """Whole readings through the client, from status to model, and a write."""
    calls: tuple[SoapCall[Any], ...] = (
        *(services.list_jobs(), services.list_job_main(), services.list_job_dates()),
        services.list_job_udfs(),
        services.add_job_cost_projection(_PROJECTION),
    )
    works: list[Callable[[], object]] = [partial(talk.spectrum_client.send, c) for c in calls]
    works += [partial(talk.source.read, ReadQuery(kind=kind)) for kind in ("job", "phase")]
    for again in works:
        said = [pair for pair in talk.to_spectrum.during(again) if pair[0].method == "POST"]
        yield from damaged(talk.to_spectrum, said, again)


def _rows(talk: Conversation) -> Iterator[Case]:
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


def _rest(talk: Conversation) -> Iterator[Case]:
    again = partial(talk.spectrum_client.send, services.list_vendors())
    yield from damaged(talk.to_spectrum, talk.to_spectrum.during(again), again)


def _wsdl(talk: Conversation) -> Iterator[Case]:
    for request, answer in talk.to_spectrum.heard:
        name = request.url.rpartition("/")[2].removesuffix(".jws")
        if request.url.endswith(f"{name}.jws"):
            yield Case(answer.content, partial(_use_wsdl, name))


def _use_wsdl(service: str, content: bytes) -> object:
    contract = read_contract(service, content)
    return contract.envelope({}), contract.endpoint(SPECTRUM, trust_address=True)


def _refusals() -> Iterator[Case]:
    """Pages and faults that come instead of an answer, with the header that asks to wait."""
    page = b"120\n<html><body>The Authorization ID is not set up</body></html>"
    for status in (301, 401, 403, 404, 408, 429, 500, 503):
        yield Case(page, partial(_refuse, status))


def _refuse(status: int, content: bytes) -> object:
    wait, _, body = content.partition(b"\n")
    headers = (("Retry-After", wait.decode("latin-1")), ("Content-Type", "text/html"))
    Judge(service="GetJob").http(Response(status=status, headers=headers, content=body))
    return None


# ------------------------------------------------ Procore


def _procore(talk: Conversation) -> Iterator[Case]:
    """Whole readings through the client, page by page, and writes of every shape of answer."""
    project, standard = _keep_books(talk)
    scopes = {"standard_cost_code": standard} | dict.fromkeys(_IN_PROJECTS, project)
    works: list[Callable[[], object]] = [
        partial(talk.target.read, ReadQuery(kind=kind, scope=scopes.get(kind)))
        for kind in (*_IN_COMPANY, *scopes)
    ]
    works += [partial(talk.client.send, get_me()), partial(talk.client.send_all, list_companies())]
    works += [partial(talk.target.write, batch) for batch in _writes(talk, project)]
    for again in works:
        yield from damaged(talk.to_procore, talk.to_procore.during(again), again)


_IN_COMPANY = (
    *("company", "project", "project_template"),
    *("standard_cost_code_list", "line_item_type"),
)
_IN_PROJECTS = (
    *("cost_code", "wbs_code", "commitment", "prime_contract", "prime_contract_line"),
    *("commitment_change_order", "prime_change_order"),
    *("budget", "budget_line", "budget_change", "direct_cost", "direct_cost_line"),
)


def _keep_books(talk: Conversation) -> tuple[str, str]:
    """Contracts, a budget and costs; the ids of their project and of its list of codes."""
    fake = talk.procore
    state = fake.state()
    project, vendor = int(state["projects"][0]["id"]), int(state["vendors"][0]["id"])
    code = int(state["wbs_codes"][0]["id"])
    line = {"wbs_code_id": code, "amount": "1000.10"}
    for kind in _CONTRACTS:
        row = fake.add_commitment(
            project, kind, lines=[line, line], status="Approved", vendor_id=vendor
        )
        fake.add_commitment_change_order(
            project, int(row["id"]), lines=[{**line, "description": "more"}], status="approved"
        )
    prime = fake.add_prime_contract(project, lines=[line], status="Approved")
    fake.add_prime_change_order(project, int(prime["id"]), lines=[line])
    fake.set_budget_line(project, code, "500.25")
    fake.add_budget_change(
        project, lines=[{"wbs_code_id": code, "amount": "10.25"}], title="Steel", status="approved"
    )
    fake.add_direct_cost(
        project,
        lines=[line],
        vendor_id=vendor,
        direct_cost_type="invoice",
        invoice_number="1",
        direct_cost_date="2026-01-02",
    )
    lists = talk.target.read(ReadQuery(kind="standard_cost_code_list")).items
    return str(project), str(lists[0].id)


_CONTRACTS: tuple[Literal["work_order", "purchase_order"], ...] = ("work_order", "purchase_order")


def _writes(talk: Conversation, project: str) -> Iterator[Batch]:
    """Requests whose answers differ in shape: a sync, single records, a mark, a pair of codes."""
    state = talk.procore.state()
    yield _batch("company", None, {"name": "Baker", "origin_id": "spectrum:ABC:vendor:BAKER"})
    yield _batch(
        "cost_code", project, {"code": "77", "name": "Paint", "origin_id": "spectrum:ABC:phase:77"}
    )
    for kind in _CONTRACTS:
        number = str(state[f"{kind}_contracts"][0]["id"])
        fields = {"kind": kind, "origin_id": f"spectrum:ABC:sc:{kind}"}
        yield _batch("commitment_mark", project, fields, number)


def _batch(kind: str, scope: str | None, fields: Fields, target_id: str | None = None) -> Batch:
    item = BatchItem(
        op_id="1",
        verb="create",
        ref=Ref(kind, "1"),
        fields=fields,
        full=fields,
        target_id=target_id,
    )
    return Batch(kind=kind, scope_id=scope, items=(item,))


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
    page = f'<{PROCORE}/x?page=2>; rel="next", <{PROCORE}/x?page=9>; rel=last; title="a, b"'
    yield Case(page.encode(), _follow)
    yield Case(b"<https://other.test/x?page=2>; rel=next", _follow)
    lines = "Retry-After: 17\nX-Rate-Limit-Limit: 3600\nX-Rate-Limit-Remaining: 0\n"
    lines += "X-Rate-Limit-Reset: 1767600300\nDate: Mon, 05 Jan 2026 08:00:00 GMT"
    yield Case(lines.encode(), _slow_down)
    date = "Retry-After: Mon, 05 Jan 2026 08:01:00 GMT\nDate: Mon, 05 Jan 2026 08:00:00 -0000"
    yield Case(date.encode(), _slow_down)


def _follow(content: bytes) -> object:
    answer = Response(status=200, headers=(("Link", content.decode("latin-1")),))
    return Pager().next_url(Request(method="GET", url=f"{PROCORE}/x?page=1"), answer)


def _slow_down(content: bytes) -> object:
    pairs = [line.partition(":") for line in content.decode("latin-1").split("\n")]
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    answer = Response(status=429, headers=headers)
    budget, now = RateBudget(), FakeClock().now()
    budget.observe(answer, now)
    return asked_wait(answer), asked_wait(answer, now), budget.wait_before_next(now)


def _origin_ids() -> Iterator[Case]:
    """What stands in the field that anybody with access to Procore can write."""
    for text in (b"spectrum:ABC:vendor:V001", b"spectrum:ABC:phase:26-0101:03%3A1000:L"):
        yield Case(
            text, lambda content: parse_origin_id(content.decode("utf-8", "surrogateescape"))
        )


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
        Application(login_url=PROCORE, client_id="i", client_secret=_WORD),
        grant="client_credentials",
        store=MemoryTokenStore(known if what == "info" else None),
        policy=RetryPolicy(),
        now=clock.now,
        jitter=lambda: 0.5,
    )
    driver = Driver(One(Response(status=status, headers=_JSON, content=content)), clock)
    return driver.run(oauth.token()) if what == "token" else driver.run(oauth.info())


def _log_in_to_spectrum(content: bytes) -> object:
    clock = FakeClock()
    auth = EnhancedAuth(url=SPECTRUM, client_id="i", client_secret=_WORD, now=clock.now)
    answer = Response(status=200, headers=_JSON, content=content)
    return Driver(One(answer), clock).run(auth.headers())
