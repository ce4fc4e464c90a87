"""Random people around the directory and the portfolio: new vendors, new jobs, and their phases.

More of it: PROCORE_SPECTRUM_RANDOM_PEOPLE=20 pytest -k RandomDirectory tests
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

from dying import Fate, MortalStore
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from outgoing_contractor import TEMPLATE, Outgoing
from random_office import (
    Acceptance,
    Beginning,
    Call,
    Ids,
    Office,
    ReadsTables,
    beginnings,
    call,
    drawn,
    ids,
)

from procore_spectrum import Plan, Syncer
from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.plan.records import Ref
from procore_spectrum.spectrum.target import SpectrumTarget


class ReadableDirectory(Outgoing):
    """A contractor whose Spectrum can be read by SQL at times."""

    readable = False

    @property
    def syncer(self) -> Syncer:
        """A facade that reads what no service reads, if it may."""
        reader = ReadsTables(lambda: self.books, self.clock.now) if self.readable else None
        return Syncer(
            procore=self.procore_client,
            spectrum=self.spectrum_client,
            erp=SpectrumTarget(self.spectrum_client, reader=reader),
            store=self.store,
            settings=self.settings,
            actor="Robin Clerk",
            clock=self.clock,
        )


class RandomDirectory(Office):
    """One vendor and one job are known; whatever else there is comes from Procore."""

    company: ReadableDirectory

    @initialize(readable=st.booleans(), beginning=beginnings)
    def open_the_office(self, *, readable: bool, beginning: Beginning) -> None:
        """At once trouble."""
        fate = Fate()
        company = ReadableDirectory(store=MortalStore(fate), client={"max_parallel": 1})
        company.readable = readable
        company.vendors_by(suggest=False)
        self.open(company, fate)
        self.begin(beginning)

    # ------------------------------------------------------------ people in Procore

    @rule()
    def somebody_enters_a_company(self) -> None:
        """A subcontractor that Spectrum does not know."""
        if len(self.refs) < 5:
            self.refs.append(self.company.company(f"Firm {len(self.refs)}"))

    @rule(codes=st.integers(0, 2))
    def somebody_enters_a_project(self, codes: int) -> None:
        """With some budget codes."""
        if len(self.refs) < 5:
            n = len(self.refs)
            ref = self.company.project(f"Tower {n}", f"T-{n}")
            for code in range(codes):
                self.company.code(ref, "03", f"{code + 1}000")
            self.refs.append(ref)

    def another(self, one: int) -> Ref:
        """A project with two codes, or a company."""
        before = len(self.refs)
        if one % 2:
            self.somebody_enters_a_project(2)
        else:
            self.somebody_enters_a_company()
        return self.refs[-1] if len(self.refs) > before else self.ref(one)

    def meddle(self, ref: Ref, how: str, n: int) -> None:
        """Another name, address, number or code, or out of use."""
        company = self.company
        if ref.kind == "company_export":
            fields = {
                "retitle": {"name": f"Firm {ref.key[-3:]} {n}"},
                "remove": {"is_active": n % 2 == 0},
            }.get(how, {"city": f"Boise {n}"})
            body: dict[str, Any] = {"company_id": company.procore.company_id, "vendor": fields}
            company.by_hand(f"/vendors/{ref.key}", body)
        elif how in {"add", "amount"}:
            with suppress(ProcoreSpectrumError):
                company.code(ref, "03", f"{n + 1}000")
        else:
            fields = {
                "retitle": {"name": f"Tower {ref.key[-3:]} {n}"},
                "recode": {"project_number": f"R-{ref.key[-3:]}-{n}"},
                "remove": {"active": n % 2 == 0},
            }[how]
            body = {"company_id": company.procore.company_id, "project": fields}
            company.by_hand(f"/projects/{ref.key}", body)

    # ------------------------------------------------------------ what the office says

    def plan(self) -> Plan:
        """Everything: what is exported is imported from then on."""
        return self.company.plan()

    def accept(self, ref: Ref, number: str) -> bool:
        """Nobody proposes vendor codes."""
        if ref.kind == "company_export" and not number:
            number = f"V{ref.key[-4:]}"
        return super().accept(ref, number)

    def permitted(self, yes: Acceptance) -> set[Call]:
        """A vendor; or a job, and its phases."""
        fields = {**yes.document.fields, **yes.given}
        if yes.document.ref.kind == "company_export":
            city = fields.pop("city", None)
            return {call("AddVendor", {**fields, "address_3": city})}
        lines = ({"job_number": fields["job_number"], **line} for line in yes.document.lines)
        return {call("AddJob", fields), *(call("AddPhase", line) for line in lines)}

    def wanted(self, yes: Acceptance) -> set[tuple[str, str]]:
        """Of a project, the job: codes may be accepted later."""
        return {item for item in super().wanted(yes) if item[0] != "phase"}

    def state(self) -> Ids:
        """Vendors, jobs and phases."""
        return ids(self.company.books, "vendor", "job", "phase")

    def headers(self) -> list[tuple[str, str]]:
        """Vendors and jobs, without those that were always there."""
        there = self.state()
        return [("vendor", code) for code in there["vendor"] - {"ACME"}] + [
            ("job", number) for number in there["job"] - {TEMPLATE}
        ]

    def marked(self) -> list[Ref]:
        """Companies and projects with an origin id."""
        tables = {"company_export": "vendors", "project_export": "projects"}
        rows = {
            (kind, str(row["id"]))
            for kind, name in tables.items()
            for row in self.company.table(name)
            if row.get("origin_id")
        }
        return [ref for ref in self.refs if (ref.kind, ref.key) in rows]

    @invariant()
    def nobody_is_there_twice(self) -> None:
        """What became a vendor or a job does not come back as another company or project."""
        if hasattr(self, "company"):
            for table, known in (("vendors", 1), ("projects", 1)):
                kind = "company_export" if table == "vendors" else "project_export"
                ours = Counter(ref.kind for ref in self.refs)[kind]
                assert len(self.company.table(table)) == known + ours


TestRandomDirectory = RandomDirectory.TestCase
TestRandomDirectory.settings = drawn(examples=30, steps=8)
