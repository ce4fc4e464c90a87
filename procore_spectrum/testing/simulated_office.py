"""A small contractor whose people, systems and connector live through days of a made-up calendar.

Everything is drawn from one random generator, and the clock is fake: the same seed gives the same
days, requests and journal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import attrs

from procore_spectrum.apply.approvals import Person
from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.features import CostCodeSettings, JobSettings, Settings, VendorSettings
from procore_spectrum.mapping import (
    ChangeOrderMapping,
    CommitmentMapping,
    CostTypeEntry,
    CostTypeTable,
    GlAccounts,
    Numbering,
    PhaseMask,
)
from procore_spectrum.models.about import fields_of
from procore_spectrum.plan.approvals import Role, State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.plan import GuardSettings, Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey, Reading, ReadQuery, StateStore
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.sql_queries import TABLES
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.spectrum.wsdl import MemoryWsdlCache
from procore_spectrum.stores import MemoryStore
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing.clock import FakeClock
from procore_spectrum.testing.fake_procore import FakeProcore
from procore_spectrum.testing.fake_spectrum import FakeSpectrum
from procore_spectrum.testing.faults import FaultPlan, FaultRun
from procore_spectrum.testing.faulty import FaultyTransport, SimulatedCrash
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.retry import RetryPolicy

__all__ = ["Office", "Yes"]

_ANNA = Person(name="Anna, accounting", roles=frozenset({Role.APPROVER}))
_SAM = Person(name="Sam, projects", roles=frozenset({Role.SENDER}))
_MASK = "##-####"
_PAIRS = (("010100", "S"), ("010200", "S"), ("020100", "M"), ("020200", "S"))
_TYPES = (("L", "Labor", "labor"), ("M", "Material", "other"), ("S", "Subcontract", "other"))
_CUSTOMER = "CITY"
_ALL = ("vendors", "jobs", "cost_codes", "commitments", "change_orders")
_WSDLS = MemoryWsdlCache()
"""Descriptions of the services never change; they are fetched once for all offices."""
_AT_ONCE = RetryPolicy(base_delay=0)
"""Without a random wait, so that the same seed gives the same times."""

_FAULTS = (
    "refuse",
    "reset_before",
    "reset_after",
    "lost_reply",
    "status 429 retry_after=2",
    "status 500",
    "status 502",
    "status 503",
    "status 502 acted=true",
    "soap_fault",
    "cut_body 300",
    "expired_token",
    "expired_session",
    "stall 45",
    "crash",
    "crash after_reply",
)
# Writes are what can go wrong badly, so that they are hit more often than by chance.
_WHEN = {
    "Procore": ("", "method POST ", "method PATCH ", "path /sync "),
    "Spectrum": ("", "label Update ", "label Update ", "label ARChange "),
}


class _Switchable:
    """A transport whose faults come and go."""

    def __init__(self, handle: Callable[[Request], Response], clock: FakeClock) -> None:
        self._handle = handle
        self._clock = clock
        self._faulty: FaultyTransport | None = None

    def suffer(self, plan: FaultPlan | None) -> None:
        """From now on this goes wrong; nothing if None."""
        self._faulty = None
        if plan is not None:
            self._faulty = FaultyTransport(self, FaultRun(plan), self._clock)

    def send(self, request: Request) -> Response:
        """Ask the fake, through whatever goes wrong."""
        faulty = self._faulty
        if faulty is None:
            return self._handle(request)
        self._faulty = None  # the faulty transport sends through this one
        try:
            return faulty.send(request)
        finally:
            self._faulty = faulty

    def close(self) -> None:
        """Nothing to release."""


@attrs.frozen
class Yes:
    """What accounting said yes to, and the fields that it gave."""

    document: Document
    given: Mapping[str, Any]


class Office:
    """Two systems, the people at both, and the connector between them.

    Args:
        seed: any text; everything follows from it.

    Attributes:
        readable: whether Spectrum's tables can be read, as by SQL.
        accepted: what accounting said yes to, by document.
        story: what happened.
    """

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - has to be repeatable, not secret
        self.clock = FakeClock()
        self.store: StateStore = MemoryStore()
        self.procore = FakeProcore(clock=self.clock, hourly_limit=1_000_000)
        self.procore.switches.approved_is_locked = False
        self.spectrum = FakeSpectrum(clock=self.clock, phase_mask=_MASK)
        self.to_procore = _Switchable(self.procore.handle, self.clock)
        self.to_spectrum = _Switchable(self.spectrum.handle, self.clock)
        families: tuple[Literal["older", "newer"], ...] = ("older", "newer")
        self.family = self.random.choice(families)
        self.settings = self._settings()
        self.company = CompanyKey(str(self.procore.company_id), self.spectrum.company_code)
        self.readable = True
        self.accepted: dict[Ref, list[Yes]] = {}
        self.story: list[str] = []
        self._count = 0
        self._connect()
        self._found()

    # ------------------------------------------------------------ how it begins

    def _settings(self) -> Settings:
        entries = (CostTypeEntry(code=c, name=n, base_type=b) for c, n, b in _TYPES)
        return Settings(
            features=_ALL,
            vendors=VendorSettings(suggest=False),
            jobs=JobSettings(connected_on=date(2025, 1, 1), in_progress="take"),
            cost_codes=CostCodeSettings(
                phase_mask=PhaseMask.parse(_MASK), cost_types=CostTypeTable(entries=tuple(entries))
            ),
            commitments=CommitmentMapping(
                gl_accounts=GlAccounts(default="500100"),
                numbering=Numbering(policy="template", text="SC-####"),
            ),
            change_orders=ChangeOrderMapping(
                numbering=Numbering(policy="template", text="CR-####"),
                status_code="C",
                status_actions={"C": 3},
            ),
            # Small numbers, of which one is a large share.
            guards=GuardSettings(min_records=1000),
        )

    def _found(self) -> None:
        self.spectrum.add_customer(Customer_Code=_CUSTOMER, Name="City of Springfield")
        self.spectrum.add_change_status("C", 3)
        for code, name, _ in _TYPES:
            self.spectrum.add_cost_type(code, name)
        for _ in range(2):
            self.new_vendor()
        self.new_job()

    def _connect(self) -> None:
        """The program starts: nothing is in its memory."""
        procore = ProcoreClient(
            base_url="https://procore.test",
            login_url="https://login.test",
            company_id=self.procore.company_id,
            client_id=self.procore.client_id,
            client_secret=self.procore.client_secret,
            transport=self.to_procore,
            clock=self.clock,
            retry=_AT_ONCE,
        )
        spectrum = SpectrumClient(
            url="https://spectrum.test",
            company_code=self.spectrum.company_code,
            authorization_id=self.spectrum.authorization_id,
            transport=self.to_spectrum,
            clock=self.clock,
            retry=_AT_ONCE,
            wsdl_cache=_WSDLS,
            max_parallel=1,
        )
        self.syncer = Syncer(
            procore=ProcoreTarget(procore, change_order_family=self.family),
            spectrum=spectrum,
            erp=SpectrumTarget(spectrum, reader=_Books(self)),
            store=self.store,
            settings=self.settings,
            company=self.company,
            actor="schedule",
            clock=self.clock,
        )

    def lose_the_store(self) -> None:
        """The disk is gone; another one is rebuilt."""
        self.store = MemoryStore()
        self._connect()
        self.syncer.rebuild()
        self.tell("the store is lost and rebuilt")

    # ------------------------------------------------------------ a day

    def live(self) -> None:
        """People work and the schedule runs, while things go wrong; then the day is over."""
        for _ in range(self.random.randint(1, 2)):
            for _ in range(self.random.randint(0, 4)):
                self._somebody_works()
            self.clock.advance(self.random.randint(1, 6) * 3600.0)
            if self.random.random() < 0.3:
                self._scheduled()
            else:
                self._disturbed()
        self.clock.advance(8 * 3600.0)

    def _scheduled(self) -> None:
        with suppress(ProcoreSpectrumError):
            self.syncer.apply(self.syncer.plan())

    def _disturbed(self) -> None:
        """One run during an outage, which may also end the program."""
        name, victim = self.random.choice(
            (("Procore", self.to_procore), ("Spectrum", self.to_spectrum))
        )
        fault, when = self.random.choice(_FAULTS), self.random.choice(_WHEN[name])
        skip, times = self.random.choice((0, 0, 1, 2, 3, 6, 20)), self.random.choice((1, 1, 2, 6))
        text = f"{when}skip {skip} times {times} : {fault}"
        self.tell(f"{name}: {text}")
        victim.suffer(FaultPlan.from_text(text))
        try:
            self._scheduled()
        except SimulatedCrash:
            self._connect()
        finally:
            victim.suffer(None)

    def settle(self) -> Plan:
        """Quiet runs, as many as it takes to finish what was begun, at most a few; what is left."""
        plan = self.syncer.plan()
        for _ in range(4):
            if not [op for op in plan.todo if not self.waits(op.document)]:
                break
            self.syncer.apply(plan)
            plan = self.syncer.plan()
        return plan

    def waits(self, document: Ref | None) -> bool:
        """Whether a person is asked about that document."""
        approval = self.handle().read_approval(document) if document else None
        return approval is not None and approval.state.waits_for_approver

    def handle(self) -> StateStore:
        """The store of this pair of companies."""
        return self.store.for_company(self.company)

    def tell(self, what: str) -> None:
        """Note what happens, for whoever looks for a fault."""
        self.story.append(f"{self.clock.now():%m-%d %H:%M} {what}")

    # ------------------------------------------------------------ people

    def _somebody_works(self) -> None:
        work = self.random.choice(
            (
                *(self.new_vendor, self.new_job, self._new_phase),
                *(self._rename_vendor, self._rename_job, self._close_job),
                *(self._edit_company, self._edit_project),
                *(self.new_commitment,) * 5,
                *(self._new_change_order,) * 3,
                *(self._edit_line, self._edit_title),
                *(self.accept,) * 10,
                *(self._reject, self._retrieve, self._send, self._retry),
                *(self._look_for_lost,) * 3,
            )
        )
        # What people may not do, they are told; nothing changes.
        with suppress(ProcoreSpectrumError):
            work()

    def _number(self) -> int:
        self._count += 1
        return self._count

    def new_vendor(self) -> None:
        """Accounting enters a vendor."""
        number = self._number()
        self.spectrum.add_vendor(Vendor_Code=f"V{number:03}", Name=f"Vendor {number}")
        self.tell(f"vendor V{number:03}")

    def new_job(self) -> None:
        """Accounting enters a job with its phases."""
        number = f"26-{self._number():04}"
        self.spectrum.add_job(
            Job_Number=number,
            Job_Description=f"Job {number}",
            Customer_Code=_CUSTOMER,
            Create_Date=date(2026, 1, 2),
        )
        for phase, cost_type in _PAIRS[: self.random.randint(2, 3)]:
            self._phase(number, phase, cost_type)
        self.tell(f"job {number}")

    def _phase(self, job: str, phase: str, cost_type: str) -> None:
        self.spectrum.add_phase(
            Job_Number=job, Phase_Code=phase, Cost_Type=cost_type, Description=f"Phase {phase}"
        )

    def _new_phase(self) -> None:
        self._phase(self._any(self.books["jobs"])["Job_Number"], *self.random.choice(_PAIRS))

    def _rename_vendor(self) -> None:
        vendor = self._any(self.books["vendors"])
        code, name = vendor["Vendor_Code"], f"Renamed {self._number()}"
        self.spectrum.add_vendor(**{**vendor, "Name": name})
        self.tell(f"vendor {code} is called {name}")

    def _rename_job(self) -> None:
        job = self._any(self.books["jobs"])
        name = f"Renamed {self._number()}"
        self.spectrum.add_job(**{**_given(job), "Job_Description": name})
        self.tell(f"job {job['Job_Number']} is called {name}")

    def _close_job(self) -> None:
        jobs = self.books["jobs"]
        if len(jobs) > 3 and self.random.random() < 0.3:
            job = self._any(jobs)
            self.spectrum.add_job(**{**_given(job), "Status_Code": "I"})
            self.tell(f"job {job['Job_Number']} is inactive")

    def _edit_company(self) -> None:
        company = self._any(self.table("vendors"))
        values = self.random.choice(
            ({"name": f"By hand {self._number()}"}, {"city": "Springfield"}, {"zip": "12345"})
        )
        self.procore.edit("vendor", company["id"], **values)
        self.tell(f"company {company['id']}: {values}")

    def _edit_project(self) -> None:
        project = self._any(self.table("projects"))
        self.procore.edit("project", project["id"], city="Springfield")

    def new_commitment(self) -> None:
        """Somebody writes a subcontract in Procore, ready to be exported."""
        projects = [p for p in self.table("projects") if self._codes(p["id"])]
        project, vendor = self._any(projects), self._any(self.table("vendors"))
        made = self.procore.add_commitment(
            project["id"],
            "work_order",
            number=f"C-{self._number()}",
            lines=self._lines(project["id"]),
            status="Approved",
            title=f"Works {self._count}",
            vendor_id=vendor["id"],
        )
        self.tell(f"commitment {made['id']} of {vendor['id']} in {project['id']}")

    def _new_change_order(self) -> None:
        commitment = self._any(self.table("work_order_contracts"))
        project = commitment["project_id"]
        made = self.procore.add_commitment_change_order(
            project,
            commitment["id"],
            lines=self._lines(project)[:1],
            status="approved",
            number=f"{self._number():03}",
            title=f"Change {self._count}",
        )
        self.tell(f"change order {made['id']} of {commitment['id']}")

    def _edit_line(self) -> None:
        line = self._any(self.table("work_order_contract_line_items"))
        amount = self._amount()
        self.procore.edit("work_order_contract_line_item", line["id"], amount=amount)
        self.tell(f"line {line['id']}: {amount}")

    def _edit_title(self) -> None:
        commitment = self._any(self.table("work_order_contracts"))
        self.procore.edit("work_order_contract", commitment["id"], title=f"New {self._number()}")
        self.tell(f"commitment {commitment['id']} has another title")

    # ------------------------------------------------------------ accounting

    def _approvals(self, *states: State) -> list[Ref]:
        return [item.ref for item in self.syncer.approvals.list_approvals(states=states)]

    def accept(self) -> None:
        """Accounting accepts some of what waits, as it is shown."""
        for ref in self._approvals(State.READY_TO_EXPORT, State.READY_TO_UPDATE)[:3]:
            shown = self.syncer.approvals.get_approval(ref).document
            with suppress(ProcoreSpectrumError):
                found = self.syncer.approvals.accept(ref, by=_ANNA, shown=shown.shown)
                self.accepted.setdefault(ref, []).append(Yes(shown, dict(found.given)))
                self.tell(f"accepted: {ref} {dict(found.given)}")

    def _reject(self) -> None:
        ref = self._any(self._approvals(State.READY_TO_EXPORT, State.FAILED))
        self.syncer.approvals.reject(ref, by=_ANNA, why="no")
        self.tell(f"rejected: {ref}")

    def _retrieve(self) -> None:
        ref = self._any(self._approvals(State.READY_TO_EXPORT))
        self.syncer.approvals.retrieve(ref, by=_SAM)
        self.tell(f"retrieved: {ref}")

    def _send(self) -> None:
        ref = self._any(self._approvals(State.REJECTED, State.RETRIEVED))
        self.syncer.send(ref, by=_SAM)
        self.tell(f"sent again: {ref}")

    def _retry(self) -> None:
        ref = self._any(self._approvals(State.FAILED))
        self.syncer.approvals.retry(ref, by=_ANNA)
        self.tell(f"tried again: {ref}")

    def _look_for_lost(self) -> None:
        """After a loss, somebody looks in Spectrum, and sends again what it does not have."""
        owners = set(self.owners().values())
        for ref in self._approvals(State.UNLINKED):
            if ref not in owners:
                with suppress(ProcoreSpectrumError):
                    self.syncer.send(ref, by=_SAM)
                    self.tell(f"sent after the loss: {ref}")

    # ------------------------------------------------------------ looking

    @property
    def books(self) -> dict[str, Any]:
        """Everything that Spectrum holds."""
        found: dict[str, Any] = self.spectrum.state()[self.spectrum.company_code]
        return found

    def table(self, name: str) -> list[dict[str, Any]]:
        """The living records of one table of Procore."""
        return [row for row in self.procore.state().get(name, ()) if not row.get("deleted_at")]

    def owners(self) -> dict[tuple[str, str, str], Ref]:
        """Whose acceptance gave each number: space and number."""
        found: dict[tuple[str, str, str], Ref] = {}
        for ref, answers in self.accepted.items():
            for yes in answers:
                for name in ("subcontract_number", "change_request_number"):
                    if number := yes.given.get(name):
                        space = _space(ref, yes.document)
                        found[(*space, str(number))] = ref
        return found

    def _codes(self, project: int) -> list[dict[str, Any]]:
        return [row for row in self.table("wbs_codes") if row["project_id"] == project]

    def _lines(self, project: int) -> list[dict[str, Any]]:
        codes = self._codes(project)
        chosen = self.random.sample(codes, min(len(codes), self.random.randint(1, 3)))
        return [
            {
                "cost_code_id": code["cost_code_id"],
                "line_item_type_id": code["line_item_type_id"],
                "amount": self._amount(),
                "description": f"Part {self._number()}",
            }
            for code in chosen
        ]

    def _amount(self) -> str:
        return str(Decimal(self.random.randint(1, 9_999_999)) / 100)

    def _any(self, rows: Sequence[Any]) -> Any:
        """One of them; nothing can be done when there is none."""
        if not rows:
            raise ProcoreSpectrumError("there is none")
        return self.random.choice(rows)


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "")}


def _space(ref: Ref, document: Document) -> tuple[str, str]:
    """Among which numbers a number has to be unique: a vendor's, or those of a job's customer."""
    if ref.kind == "commitment":
        return "subcontract", str(document.fields["vendor_code"])
    return "change_request", str(document.fields["job_number"])


# ---------------------------------------------------------------- reading Spectrum by other means


class _Books:
    """Reads what no web service lists, as SQL would."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Everything of a kind."""
        now, table = self._office.clock.now(), _TABLES.get(query.kind)
        if table is None or not self._office.readable:
            return Reading(items=(), as_of=now, complete=False)
        fields, code = fields_of(table.model), self._office.spectrum.company_code
        rows = self._office.spectrum.sql_rows()[table.name]
        items = tuple(
            table.model(**{field.name: row.get(field.wire, "") for field in fields})
            for row in rows
            if row.get("company_code", code) == code
        )
        return Reading(items=items, as_of=now, complete=True)


_TABLES = {table.kind: table for table in TABLES.values()}
