"""A small contractor whose vendors, job and codes are linked, ready to export contracts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import attrs
from small_contractor import Contractor
from sql_books import Books

from procore_spectrum import Plan, Report, Syncer
from procore_spectrum.apply.approvals import ApprovalSettings, Person
from procore_spectrum.mapping import GlAccounts, Numbering
from procore_spectrum.plan.approvals import Role, State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Approval, CompanyKey
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing.fake_spectrum import Switches
from procore_spectrum.wire.messages import Request

JOB = "25-0101"
CUSTOMER = "CITY"
PAIRS = (("010100", "S"), ("020200", "S"), ("030300", "S"), ("010100", "M"))
SAM = Person(name="Sam Sender", roles=frozenset({Role.SENDER}))
ANNA = Person(name="Anna Accountant", roles=frozenset({Role.APPROVER}))

Line = tuple[tuple[str, str], str, str]
"""Phase and cost type, amount, description."""


def three_lines() -> list[Line]:
    """Three lines on three phases."""
    return [(pair, f"{100 * n}.50", f"Part {n}") for n, pair in enumerate(PAIRS[:3], start=1)]


class ExportingCompany(Contractor):
    """Two vendors, a job with a customer, phases and cost types: imported and linked.

    Args:
        pairs: phase and cost type pairs of the job.
        change_order_family: where change orders of commitments are read.
        sql: names of the tables that are read by SQL; none by default.
    """

    def __init__(
        self,
        *,
        pairs: Iterable[tuple[str, str]] = PAIRS,
        change_order_family: Any = "newer",
        sql: Iterable[str] = (),
        **options: Any,
    ) -> None:
        self._books = Books(self, sql) if sql else None
        super().__init__(**options)
        self._family = change_order_family
        self.procore.switches.approved_is_locked = False
        self.spectrum.add_customer(Customer_Code=CUSTOMER, Name="City of Springfield")
        self.spectrum.add_change_status("C", 3)
        self.vendor("ACME", "Acme Concrete")
        self.vendor("BOLT", "Bolt Steel")
        self.job(JOB, "City Hall", Customer_Code=CUSTOMER)
        for code, cost_type in pairs:
            self.phase(code, cost_type, f"Phase {code}", job=JOB)
        self.settings = attrs.evolve(
            self.settings, features=("vendors", "jobs", "cost_codes", "commitments")
        )
        self.commitments_by(
            gl_accounts=GlAccounts(default="500100"), numbering=Numbering(policy="as_is")
        )
        self.changes_by(status_code="C", status_actions={"C": 3})
        self.run("vendors", "jobs", "cost_codes")
        self.run("vendors", "jobs", "cost_codes")

    # ------------------------------------------------------------ settings

    def commitments_by(self, **choices: Any) -> None:
        """Choose for commitments."""
        chosen = attrs.evolve(self.settings.commitments, **choices)
        self.settings = attrs.evolve(self.settings, commitments=chosen)

    def changes_by(self, **choices: Any) -> None:
        """Choose for change orders."""
        chosen = attrs.evolve(self.settings.change_orders, **choices)
        self.settings = attrs.evolve(self.settings, change_orders=chosen)

    def approvals_by(self, **choices: Any) -> None:
        """Choose for approvals."""
        self.settings = attrs.evolve(self.settings, approvals=ApprovalSettings(**choices))

    def spectrum_switch(self, **choices: Any) -> None:
        """Flip switches of the fake Spectrum."""
        found: Switches = self.spectrum.switches
        self.spectrum.switches = attrs.evolve(found, **choices)

    # ------------------------------------------------------------ people in Procore

    def by_hand(self, path: str, body: Any, *, method: str = "PATCH") -> None:
        """A person changes something in Procore, past every transport of the connector."""
        answer = self.procore.handle(
            Request(
                method=method,
                url=f"https://api.procore.test/rest/v1.0{path}",
                headers=(
                    ("Content-Type", "application/json"),
                    ("Authorization", f"Bearer {self._person_token()}"),
                    ("Procore-Company-Id", str(self.procore.company_id)),
                ),
                content=b"" if body is None else json.dumps(body).encode(),
            )
        )
        assert answer.status < 300, answer

    def _person_token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.procore.client_id,
            "client_secret": self.procore.client_secret,
        }
        answer = self.procore.handle(
            Request(
                method="POST",
                url="https://api.procore.test/oauth/token",
                headers=(("Content-Type", "application/x-www-form-urlencoded"),),
                content=urlencode(form).encode(),
            )
        )
        return str(answer.json()["access_token"])

    @property
    def project_id(self) -> int:
        """The project of the job."""
        return int(self.row("projects", project_number=JOB)["id"])

    def vendor_id(self, code: str = "ACME") -> int:
        """The company that a vendor became."""
        return int(self.row("vendors", origin_code=code)["id"])

    def code_of(self, pair: tuple[str, str]) -> dict[str, int]:
        """The cost code and the category of a phase and cost type."""
        code = f"{pair[0][:2]}-{pair[0][2:]}"
        found = self.row("cost_codes", full_code=code, project_id=self.project_id)
        kind = self.row("line_item_types", code=pair[1])
        return {"cost_code_id": found["id"], "line_item_type_id": kind["id"]}

    def lines_of(self, lines: Iterable[Line]) -> list[dict[str, Any]]:
        """Lines as Procore takes them."""
        return [
            {**self.code_of(pair), "amount": amount, "description": text}
            for pair, amount, text in lines
        ]

    def commitment(
        self,
        number: str = "SC-1",
        lines: Iterable[Line] | None = None,
        *,
        vendor: str = "ACME",
        **fields: Any,
    ) -> Ref:
        """An approved commitment; the name of its export."""
        values = {
            "kind": "work_order",
            "status": "Approved",
            "title": "Concrete",
            "vendor_id": self.vendor_id(vendor) if vendor else None,
            **fields,
        }
        made = self.procore.add_commitment(
            self.project_id,
            number=number,
            lines=self.lines_of(three_lines() if lines is None else lines),
            **values,
        )
        return Ref("commitment", str(made["id"]))

    def change_order(
        self, commitment: Ref, lines: Iterable[Line], *, status: str = "approved", **fields: Any
    ) -> Ref:
        """A change order of a commitment; the name of its export."""
        made = self.procore.add_commitment_change_order(
            self.project_id,
            int(commitment.key),
            lines=self.lines_of(lines),
            status=status,
            **fields,
        )
        return Ref("change_order", str(made["id"]))

    def lines_in_procore(self, commitment: Ref, kind: str = "work_order") -> list[dict[str, Any]]:
        """The lines of a commitment."""
        table = f"{kind}_contract_line_items"
        return [line for line in self.table(table) if line["holder_id"] == int(commitment.key)]

    def edit_line(
        self, commitment: Ref, line_id: int, *, kind: str = "work_order", **fields: Any
    ) -> None:
        """A person changes a line."""
        path = f"/{kind}_contracts/{commitment.key}/line_items/{line_id}"
        self.by_hand(path, {"project_id": self.project_id, "line_item": fields})

    def edit_commitment(self, commitment: Ref, *, kind: str = "work_order", **fields: Any) -> None:
        """A person changes a commitment."""
        body = {"project_id": self.project_id, f"{kind}_contract": fields}
        self.by_hand(f"/{kind}_contracts/{commitment.key}", body)

    def add_line(self, commitment: Ref, line: Line) -> None:
        """A person adds a line."""
        (values,) = self.lines_of([line])
        path = f"/work_order_contracts/{commitment.key}/line_items"
        body = {"project_id": self.project_id, "line_item": values}
        self.by_hand(path, body, method="POST")

    def remove_line(self, commitment: Ref, line_id: int) -> None:
        """A person removes a line."""
        path = f"/work_order_contracts/{commitment.key}/line_items/{line_id}"
        self.by_hand(f"{path}?project_id={self.project_id}", None, method="DELETE")

    # ------------------------------------------------------------ running and deciding

    @property
    def syncer(self) -> Syncer:
        """A facade with the present settings, and SQL where there is some."""
        target = ProcoreTarget(self.procore_client, change_order_family=self._family)
        return Syncer(
            procore=target,
            spectrum=self.spectrum_client,
            erp=SpectrumTarget(self.spectrum_client, reader=self._books),
            store=self.store,
            settings=self.settings,
            company=CompanyKey(str(self.procore.company_id), self.spectrum.company_code),
            actor="Robin Clerk",
            clock=self.clock,
        )

    def exports(self) -> Plan:
        """Plan the exports only."""
        return self.plan("commitments", "change_orders")

    def export(self) -> Report:
        """Plan and apply the exports only."""
        return self.syncer.apply(self.exports())

    def approval(self, ref: Ref) -> Approval:
        """Where an export stands."""
        return self.syncer.approvals.get_approval(ref)

    def state(self, ref: Ref) -> State:
        """Where an export stands, in a word."""
        return self.approval(ref).state

    def accept(self, ref: Ref, **given: Any) -> None:
        """Accounting accepts an export as it was shown last."""
        shown = self.approval(ref).document.shown
        self.syncer.approvals.accept(ref, by=ANNA, given=given, shown=shown)

    def exported(self, ref: Ref, **given: Any) -> None:
        """Send, accept and export a document."""
        self.export()
        self.accept(ref, **given)
        report = self.export()
        assert report.succeeded, report.render()
        assert self.state(ref) is State.SYNCED

    # ------------------------------------------------------------ looking at Spectrum

    @property
    def books(self) -> dict[str, Any]:
        """Everything that Spectrum holds."""
        found: dict[str, Any] = self.spectrum.state()[self.spectrum.company_code]
        return found

    def subcontract(self, number: str, vendor: str = "ACME") -> dict[str, Any]:
        """One subcontract with its lines."""
        (found,) = [
            row
            for row in self.books["subcontracts"]
            if (row["Vendor_Code"], row["Subcontract_Number"]) == (vendor, number)
        ]
        return found

    def amounts(self, number: str, vendor: str = "ACME") -> dict[tuple[str, str, str], Decimal]:
        """Amounts of a subcontract by phase, cost type and billing item."""
        return {
            (line["Phase_Code"], line["Cost_Type"], line.get("Bid_Item_Number", "")): Decimal(
                line.get("Original_Contract_Amount", "0")
            )
            for line in self.subcontract(number, vendor)["lines"]
        }

    def change_request(self, number: str) -> dict[str, Any]:
        """One change request with its lines."""
        (found,) = [
            row for row in self.books["change_requests"] if row["Change_Request_Number"] == number
        ]
        return found
