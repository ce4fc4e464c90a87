"""A contractor that makes vendors of companies, jobs of projects, and contracts of commitments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from small_contractor import Contractor

from procore_spectrum import Plan, Report
from procore_spectrum.apply.approvals import ApprovalSettings, Person
from procore_spectrum.mapping import GlAccounts, JobExportMapping, Numbering
from procore_spectrum.plan.approvals import Role, State
from procore_spectrum.plan.operations import Held
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Approval

TEMPLATE = "25-0101"
ANNA = Person(name="Anna Accountant", roles=frozenset({Role.APPROVER}))
SAM = Person(name="Sam Sender", roles=frozenset({Role.SENDER}))


class Outgoing(Contractor):
    """One vendor and one template job, imported; exports are switched on."""

    def __init__(self, *, connected: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.spectrum.add_customer(Customer_Code="CITY", Name="City of Springfield")
        for code in ("L", "M", "S"):
            self.spectrum.add_cost_type(code)
        self.vendor()
        self.job(
            TEMPLATE,
            "Template",
            Division="01",
            Cost_Center="CC1",
            Customer_Code="CITY",
            Price_Method_Code="F",
        )
        self.settings = attrs.evolve(self.settings, features=("vendors", "jobs", "cost_codes"))
        self.vendors_by(export=True)
        self.jobs_by(
            export=True, export_mapping=JobExportMapping(template_job=TEMPLATE, taxable="N")
        )
        if connected:
            self.run()
            self.run()

    def approvals_by(self, **choices: Any) -> None:
        """Choose for approvals."""
        self.settings = attrs.evolve(self.settings, approvals=ApprovalSettings(**choices))

    # ------------------------------------------------------------ arranging Procore

    def company(self, name: str = "Zenith Roofing", **fields: Any) -> Ref:
        """A company of the directory; the name of its export."""
        made = self.procore.add_vendor(name=name, **fields)
        return Ref("company_export", str(made["id"]))

    def project(self, name: str = "New Tower", number: str = "25-0777", **fields: Any) -> Ref:
        """A project; the name of its export."""
        made = self.procore.add_project(name=name, project_number=number, **fields)
        return Ref("project_export", str(made["id"]))

    def code(
        self, project: Ref, group: str, code: str, name: str = "Footings", category: str = "L"
    ) -> int:
        """A described budget code, with its cost codes as far as they are missing; its id."""
        project_id = int(project.key)
        above = [
            row
            for row in self.table("cost_codes")
            if row["project_id"] == project_id and row["full_code"] == group
        ]
        if above:
            parent = above[0]["id"]
        else:
            made = self.procore.add_cost_code(project_id=project_id, code=group, name="Group")
            parent = made["id"]
        full = f"{group}-{code}"
        known = [
            row
            for row in self.table("cost_codes")
            if row["project_id"] == project_id and row["full_code"] == full
        ]
        if known:
            leaf = known[0]["id"]
        else:
            leaf = self.procore.add_cost_code(
                project_id=project_id, code=code, name=name, parent_id=parent
            )["id"]
        kind = self.row("line_item_types", code=category)
        found = self.procore.add_wbs_code(
            project_id=project_id, cost_code_id=leaf, line_item_type_id=kind["id"]
        )
        self.procore.edit("wbs_code", found["id"], description=name)
        return int(found["id"])

    def commitment(self, amounts: Mapping[str, str], number: str = "SC-1") -> Ref:
        """An approved commitment of the template job, with one line for each phase."""
        self.settings = attrs.evolve(
            self.settings,
            features=(*self.settings.features, "commitments"),
            commitments=attrs.evolve(
                self.settings.commitments,
                gl_accounts=GlAccounts(default="500100"),
                numbering=Numbering(policy="as_is"),
            ),
        )
        for phase in amounts:
            self.phase(phase, "S", f"Phase {phase}", job=TEMPLATE)
        self.run("vendors", "jobs", "cost_codes")
        self.run("vendors", "jobs", "cost_codes")
        project = self.row("projects", project_number=TEMPLATE)
        category = self.row("line_item_types", code="S")
        lines = []
        for phase, amount in amounts.items():
            full = f"{phase[:2]}-{phase[2:]}"
            code = self.row("cost_codes", full_code=full, project_id=project["id"])
            lines.append(
                {
                    "cost_code_id": code["id"],
                    "line_item_type_id": category["id"],
                    "amount": amount,
                    "description": f"Part {phase}",
                }
            )
        made = self.procore.add_commitment(
            project["id"],
            number=number,
            lines=lines,
            kind="work_order",
            status="Approved",
            title="Concrete",
            vendor_id=self.row("vendors", origin_code="ACME")["id"],
        )
        return Ref("commitment", str(made["id"]))

    # ------------------------------------------------------------ deciding and running

    def sync(self) -> Report:
        """Plan and apply, whatever comes of it."""
        return self.syncer.apply(self.plan())

    def approval(self, ref: Ref) -> Approval:
        """Where an export stands."""
        return self.syncer.approvals.get_approval(ref)

    def state(self, ref: Ref) -> State:
        """Where an export stands, in a word."""
        return self.approval(ref).state

    def accept(self, ref: Ref, **given: Any) -> None:
        """Accounting accepts."""
        self.syncer.approvals.accept(ref, by=ANNA, given=given)

    def exported(self, ref: Ref, **given: Any) -> None:
        """Propose, accept, write; then import what was written."""
        self.sync()
        self.accept(ref, **given)
        report = self.sync()
        assert report.succeeded, report.render(limit=None)
        assert self.state(ref) is State.SYNCED
        self.sync()

    # ------------------------------------------------------------ looking

    @property
    def books(self) -> dict[str, Any]:
        """Everything that Spectrum holds."""
        found: dict[str, Any] = self.spectrum.state()[self.spectrum.company_code]
        return found

    def calls(self, service: str) -> int:
        """How often Spectrum was asked to do that."""
        return sum(call.service == service for call in self.spectrum.calls)

    def company_row(self, ref: Ref) -> dict[str, Any]:
        """The company of an export, as Procore has it."""
        return self.row("vendors", id=int(ref.key))

    def project_row(self, ref: Ref) -> dict[str, Any]:
        """The project of an export, as Procore has it."""
        return self.row("projects", id=int(ref.key))


def proposed(plan: Plan) -> set[Ref]:
    """The documents that a plan proposes."""
    return {document.ref for document in plan.documents}


def held_export(plan: Plan, ref: Ref) -> Held:
    """The reason why an export is held."""
    (found,) = [op for op in plan.held if op.ref == ref]
    return found
