"""Both fakes with a client for each, and a facade over them: a small contractor to arrange."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

import attrs

from procore_spectrum import MemoryStore, Plan, ProcoreClient, Report, SpectrumClient, Syncer
from procore_spectrum.features import CostCodeSettings, JobSettings, Settings, VendorSettings
from procore_spectrum.mapping import CostTypeEntry, CostTypeTable, PhaseMask
from procore_spectrum.plan.operations import Held, Operation
from procore_spectrum.ports import StateStore
from procore_spectrum.spectrum.wsdl import MemoryWsdlCache
from procore_spectrum.testing import FakeClock, FakeProcore, FakeSpectrum
from procore_spectrum.wire.messages import Request, Response

CONNECTED_ON = date(2025, 1, 1)
COST_TYPES = CostTypeTable(
    entries=(
        CostTypeEntry(code="L", name="Labor", base_type="labor"),
        CostTypeEntry(code="M", name="Material", base_type="other"),
        CostTypeEntry(code="S", name="Subcontract", base_type="other"),
    )
)
# Descriptions of the services are parsed once for all tests.
WSDLS = MemoryWsdlCache()

Answer = Callable[[Request, Callable[[Request], Response]], Response]


class Between:
    """A transport that lets a test answer some requests itself.

    ``answer`` gets the request and what would answer it otherwise; ``seen`` holds every request.
    """

    def __init__(self, inner: Callable[[Request], Response], answer: Answer | None = None) -> None:
        self.inner = inner
        self.answer = answer
        self.seen: list[Request] = []

    def send(self, request: Request) -> Response:
        """Answer by the test or by the fake."""
        self.seen.append(request)
        if self.answer is None:
            return self.inner(request)
        return self.answer(request, self.inner)

    def close(self) -> None:
        """Nothing to release."""


class Contractor:
    """A pair of companies. Everything keyword-only goes to the fakes or the settings.

    ``settings`` are the defaults for :meth:`syncer`; what the fakes saw is in ``procore.calls``
    and ``spectrum.calls``.
    """

    def __init__(
        self,
        *,
        mask: str = "##-####",
        store: StateStore | None = None,
        procore: Mapping[str, Any] | None = None,
        spectrum: Mapping[str, Any] | None = None,
        client: Mapping[str, Any] | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.procore = FakeProcore(clock=self.clock, hourly_limit=1_000_000, **(procore or {}))
        plain = mask.replace("A", "#").replace("X", "#")
        self.spectrum = FakeSpectrum(clock=self.clock, phase_mask=plain, **(spectrum or {}))
        self.to_procore = Between(self.procore.handle)
        self.to_spectrum = Between(self.spectrum.handle)
        self.store = store or MemoryStore()
        self.procore_client = ProcoreClient(
            base_url="https://api.procore.test",
            login_url="https://login.procore.test",
            company_id=self.procore.company_id,
            client_id=self.procore.client_id,
            client_secret=self.procore.client_secret,
            transport=self.to_procore,
            clock=self.clock,
        )
        self.spectrum_client = SpectrumClient(
            **{
                "url": "https://spectrum.test:8482",
                "company_code": self.spectrum.company_code,
                "authorization_id": self.spectrum.authorization_id,
                "transport": self.to_spectrum,
                "clock": self.clock,
                "wsdl_cache": WSDLS,
                **(client or {}),
            }
        )
        self.settings = Settings(
            jobs=JobSettings(connected_on=CONNECTED_ON),
            cost_codes=CostCodeSettings(phase_mask=PhaseMask.parse(mask), cost_types=COST_TYPES),
        )

    # ------------------------------------------------------------ settings

    def vendors_by(self, **choices: Any) -> None:
        """Choose for vendors."""
        chosen: VendorSettings = attrs.evolve(self.settings.vendors, **choices)
        self.settings = attrs.evolve(self.settings, vendors=chosen)

    def jobs_by(self, **choices: Any) -> None:
        """Choose for jobs."""
        chosen: JobSettings = attrs.evolve(self.settings.jobs, **choices)
        self.settings = attrs.evolve(self.settings, jobs=chosen)

    def codes_by(self, **choices: Any) -> None:
        """Choose for cost codes."""
        chosen: CostCodeSettings = attrs.evolve(self.settings.cost_codes, **choices)
        self.settings = attrs.evolve(self.settings, cost_codes=chosen)

    # ------------------------------------------------------------ arranging Spectrum

    def vendor(self, code: str = "ACME", name: str = "Acme Concrete", **elements: object) -> None:
        """Insert or replace a vendor."""
        self.spectrum.add_vendor(Vendor_Code=code, Name=name, **elements)

    def job(self, number: str = "25-0101", name: str = "City Hall", **elements: object) -> None:
        """Insert or replace a job that is new since the connection."""
        values: dict[str, object] = {"Create_Date": date(2025, 2, 3), **elements}
        self.spectrum.add_job(Job_Number=number, Job_Description=name, **values)

    def phase(
        self,
        code: str,
        cost_type: str = "L",
        name: str = "Concrete",
        *,
        job: str = "25-0101",
        **elements: object,
    ) -> None:
        """Insert or replace a pair of phase and cost type."""
        self.spectrum.add_phase(
            Job_Number=job, Phase_Code=code, Cost_Type=cost_type, Description=name, **elements
        )

    # ------------------------------------------------------------ running

    @property
    def syncer(self) -> Syncer:
        """A facade with the present settings."""
        return Syncer(
            procore=self.procore_client,
            spectrum=self.spectrum_client,
            store=self.store,
            settings=self.settings,
            actor="Robin Clerk",
            clock=self.clock,
        )

    def plan(self, *features: str, jobs: Iterable[str] | None = None) -> Plan:
        """Plan these features, or all."""
        return self.syncer.plan(features=features or None, jobs=jobs)

    def run(self, *features: str, jobs: Iterable[str] | None = None) -> Report:
        """Plan and apply; whatever is not held must succeed."""
        report = self.syncer.apply(self.plan(*features, jobs=jobs))
        assert report.succeeded, report.render(limit=None)
        return report

    # ------------------------------------------------------------ looking at Procore

    def table(self, name: str) -> list[dict[str, Any]]:
        """The records of one table of Procore that were not deleted."""
        return [row for row in self.procore.state()[name] if not row.get("deleted_at")]

    def row(self, table: str, **fields: Any) -> dict[str, Any]:
        """The one record of a table of Procore that has these values."""
        (found,) = [r for r in self.table(table) if all(r.get(k) == fields[k] for k in fields)]
        return found

    def by_hand(self, path: str, body: Mapping[str, Any]) -> None:
        """A person changes something in Procore; ``path`` is what follows ``/rest/v1.0``."""
        form = {"grant_type": "client_credentials", "client_id": self.procore.client_id}
        form["client_secret"] = self.procore.client_secret
        kind = "application/x-www-form-urlencoded"
        token = self._person("POST", "/oauth/token", urlencode(form), kind)["access_token"]
        path = path.replace("COMPANY", str(self.procore.company_id))
        self._person("PATCH", f"/rest/v1.0{path}", json.dumps(body), "application/json", token)

    def _person(self, method: str, path: str, body: str, kind: str, token: str = "") -> Any:
        headers = (
            ("Content-Type", kind),
            ("Authorization", f"Bearer {token}"),
            ("Procore-Company-Id", str(self.procore.company_id)),
        )
        url = f"https://api.procore.test{path}"
        answer = self.procore.handle(
            Request(method=method, url=url, headers=headers, content=body.encode())
        )
        assert answer.status < 300, answer
        return answer.json()

    def edit_company(self, code: str, **fields: Any) -> None:
        """A person changes the company that a vendor became."""
        found = self.row("vendors", origin_code=code)
        body = {"company_id": self.procore.company_id, "vendor": fields}
        self.by_hand(f"/vendors/{found['id']}", body)

    def edit_project(self, number: str, **fields: Any) -> None:
        """A person changes a project."""
        found = self.row("projects", project_number=number)
        body = {"company_id": self.procore.company_id, "project": fields}
        self.by_hand(f"/projects/{found['id']}", body)

    def edit_code(self, full_code: str, **fields: Any) -> None:
        """A person changes a cost code of the only project that has it."""
        found = self.row("cost_codes", full_code=full_code)
        body = {"project_id": found["project_id"], "cost_code": fields}
        self.by_hand(f"/cost_codes/{found['id']}", body)


def only(operations: Iterable[Operation]) -> Operation:
    """The one operation that there is."""
    (found,) = operations
    return found


def held(plan: Plan, key: str, kind: str | None = None) -> Held:
    """The held record of that key."""
    (found,) = [op for op in plan.held if op.ref.key == key and kind in {None, op.ref.kind}]
    return found


def of_kind(plan: Plan, kind: str) -> list[Operation]:
    """The operations on one kind of record."""
    return [op for op in plan.operations if op.ref.kind == kind]
