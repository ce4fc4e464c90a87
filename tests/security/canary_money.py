"""The canary run of all that is about money: every feature, both ways, in good and in bad days."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from canary_run import (
    HOOK,
    HOOK_SECRET,
    SECRETS_OF_FAKES,
    Leftovers,
    echo,
    journal,
    leave_plan,
    show_objects,
)
from exporting_company import ANNA, PAIRS
from money_company import FEATURES, Money, MoneyCompany
from small_contractor import Between

from procore_spectrum import SqliteStore, Syncer
from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.files.workbooks import write_workbook
from procore_spectrum.mapping import Numbering
from procore_spectrum.notifiers import WebhookNotifier
from procore_spectrum.plan.reconciliation_html import as_html
from procore_spectrum.plan.reconciliation_text import as_text, sheets
from procore_spectrum.plan.sheets import to_csv
from procore_spectrum.ports import CompanyKey
from procore_spectrum.testing import FaultPlan, FaultyTransport, SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

MONEY = Money(
    sql=True,
    override=True,
    exported=False,
    estimates={0: 100_000, 1: 250_050},
    costs={0: 12_345},
    contract=1_000_000,
    contracts=[{0: 50_000}],
    changes=[(0, 0, 1_000)],
    owner_changes=[2_500],
)
FAULTS = (
    "refuse",
    "reset_before",
    "reset_after",
    "lost_reply",
    "stall 90",
    "status 429 retry_after=1",
    "status 500",
    "status 502",
    "status 503 retry_after=1",
    "soap_fault",
    "cut_body 60",
    "cut_body 60 framed=true",
    "duplicate_row",
    "read_lag",
    "clock_skew 90000",
    "expired_token",
    "expired_session",
    "crash after_reply",
)


def run_money(left: Leftovers, folder: Path) -> None:
    """Budgets either way, their changes, forecasts, costs, contracts with owners, comparisons."""
    for exported in (False, True):
        file = folder / ("budgets-out.db" if exported else "budgets-in.db")
        store = SqliteStore(file)
        money = attrs.evolve(MONEY, exported=True, estimates={}) if exported else MONEY
        company = MoneyCompany(money, store=store, **SECRETS_OF_FAKES)
        for between in (company.to_procore, company.to_spectrum):
            left.watch(between)
        _told(left, company, lambda company=company: _finish(left, company))
        left.features |= {name for name in FEATURES if _was_written(company, name)}
        _compare(left, company, folder)
        leave_plan(left, company.syncer, folder)
        _one_call_echoes(left, company)
        _everything_fails(left, company, company.to_spectrum if exported else company.to_procore)
        company.everything()
        left.add("journal", journal(company.syncer))
        left.add("recorded calls", [*company.procore.calls, *company.spectrum.calls])
        left.add("fakes' state", [company.procore.state(), company.spectrum.state()])
        show_objects(left, company.syncer, company.procore_client, company.spectrum_client, store)
        store.backup(folder / f"backup-of-{file.name}")
        store.close()


def _finish(left: Leftovers, company: MoneyCompany) -> None:
    """Accounting accepts it all; then budget changes and forecasts follow an exported budget."""
    company.accept_all()
    company.everything()
    if company.settings.budgets.direction == "import":
        return
    for place, cents in MONEY.estimates.items():
        company.edit_budget(place, cents)
    company.procore.lock_budget(company.project_id)
    company.everything()
    company.accept_all()
    with _echoing(left, company.to_spectrum, "AddPhase"):
        _attempt(left, lambda: _run(company))
    company.everything()
    company.settings = attrs.evolve(
        company.settings,
        budgets=attrs.evolve(
            company.settings.budgets,
            changes="change_request",
            numbering=Numbering(policy="prefix", text="BC-"),
            status_code="C",
            status_actions={"C": 3},
            forecast=True,
        ),
    )
    code = int(company.row("wbs_codes", **company.code_of(PAIRS[1]))["id"])
    company.procore.add_budget_change(
        company.project_id,
        lines=[{"wbs_code_id": code, "amount": "99.10"}],
        status="approved",
        title="More steel",
    )
    company.procore.set_forecast(company.project_id, code, "3000.25")
    company.everything()
    company.accept_all()
    company.everything()


def _was_written(company: MoneyCompany, feature: str) -> bool:
    """Whether the other system holds something that this feature wrote."""
    tables = {
        "vendors": company.table("vendors"),
        "jobs": company.table("projects"),
        "cost_codes": company.table("wbs_codes"),
        "commitments": company.books["subcontracts"],
        "change_orders": company.books["change_requests"],
        "budgets": company.table("budget_line_items"),
        "job_costs": company.table("direct_costs"),
        "prime_contracts": company.table("prime_contracts"),
    }
    return bool(tables[feature])


def _told(left: Leftovers, company: MoneyCompany, work: Callable[[], None]) -> None:
    """Do it while every notice goes out; its address is meant to hold the path, all else is not."""

    class Post:
        """Takes every notice."""

        def send(self, request: Request) -> Response:
            """Keep what others may read of it."""
            left.add("notices", request.content.decode())
            left.add("reprs", repr(request))
            return Response(status=200)

        def close(self) -> None:
            """Nothing to release."""

    work()
    webhook = WebhookNotifier(HOOK, transport=Post(), secret=HOOK_SECRET)
    notifying = Syncer(
        procore=company.procore_client,
        spectrum=company.spectrum_client,
        store=company.store,
        settings=company.settings,
        company=CompanyKey(str(company.procore.company_id), company.spectrum.company_code),
        clock=company.clock,
        notifier=webhook,
    )
    late = company.contract({2: 70_000})
    notifying.apply(notifying.plan(features=FEATURES))
    notifying.approvals.send_digest()
    notifying.approvals.reject(late, by=ANNA, why="too dear")


def _compare(left: Leftovers, company: MoneyCompany, folder: Path) -> None:
    """Reconcile, in every form that people keep."""
    found = company.reconciled()
    pages = sheets(found)
    left.add("reconciliations", as_text(found, limit=None))
    left.add("reconciliations", as_html(found))
    left.add("reconciliations", json.dumps(found.to_json(), default=str))
    for page in pages:
        left.add("reconciliations", to_csv(page))
    (folder / "books.xlsx").write_bytes(write_workbook(pages))
    left.add("reprs", repr(found))


# ---------------------------------------------------------------- bad days


def _edits(company: MoneyCompany, number: int) -> None:
    """People change a little everywhere, so that every feature has something to write."""
    cents = 1_000 + number
    company.vendor("ACME", f"Acme {number}")
    company.job("25-0101", f"City Hall {number}", Customer_Code="CITY")
    company.sign(1_000_000)
    if company.settings.budgets.direction == "import":
        company.estimate(0, 100_000 + cents)
    company.post(0, 12_345 + cents)
    company.owner_change(cents)


def _attempt(left: Leftovers, work: Callable[[], Any]) -> None:
    """Do something; what it says is kept, and so is the error with which it ends."""
    try:
        done = work()
    except (ProcoreSpectrumError, SimulatedCrash) as error:
        left.keep(error)
    else:
        left.add("reports", repr(done))
        left.add("reports", json.dumps(done.to_json(), default=str))


def _run(company: MoneyCompany) -> Any:
    """Everything, once."""
    return company.syncer.apply(company.plan(*FEATURES))


def _one_call_echoes(left: Leftovers, company: MoneyCompany) -> None:
    """For each sort of call there is: its answer is an error that repeats what was sent."""
    for between in (company.to_procore, company.to_spectrum):
        labels = {request.label for request in between.seen if request.label}
        for number, label in enumerate(sorted(labels - left.echoed)):
            _edits(company, number)
            if between is company.to_spectrum and not label.startswith("Get"):
                _accepted(company, number)

            with _echoing(left, between, label):
                _attempt(left, lambda: _run(company))
                if label not in left.echoed:
                    _attempt(left, company.reconciled)


@contextmanager
def _echoing(left: Leftovers, between: Between, label: str) -> Iterator[None]:
    """Calls of that sort end in an error which repeats all that was sent."""

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.label != label:
            return inner(request)
        left.echoed.add(label)
        said = json.dumps({"errors": echo(request).decode("latin-1")}).encode()
        return Response(status=422, headers=(("Content-Type", "application/json"),), content=said)

    between.answer = answer
    yield
    between.answer = None


def _accepted(company: MoneyCompany, number: int) -> None:
    """Accounting accepts something new of every sort, on another day."""
    company.clock.advance(86_400)
    company.contract({2: 70_000 + number})
    if company.settings.budgets.forecast:
        code = int(company.row("wbs_codes", **company.code_of(PAIRS[1]))["id"])
        company.procore.set_forecast(company.project_id, code, f"{4_000 + number}.25")
    _run(company)
    company.accept_all()


def _everything_fails(left: Leftovers, company: MoneyCompany, between: Between) -> None:
    """Every fault on one of the systems, in the middle of a run."""
    inner = between.inner
    for number, fault in enumerate(FAULTS):
        _edits(company, 100 + number)
        plan = FaultPlan.from_text(f"after 4 times 3 : {fault}")
        faulty = FaultyTransport(_Sending(inner), plan, company.clock)
        between.inner = faulty.send
        _attempt(left, lambda: _run(company))
        between.inner = inner
        left.struck[fault] = left.struck.get(fault, 0) + sum(faulty.run.struck)


@attrs.frozen
class _Sending:
    """A function as a transport."""

    answer: Callable[[Request], Response]

    def send(self, request: Request) -> Response:
        """Answer by it."""
        return self.answer(request)

    def close(self) -> None:
        """Nothing to release."""
