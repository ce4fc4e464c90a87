"""A contractor made of random money, with both systems' true totals beside it.

The totals are summed from what the fakes hold, by code of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import attrs
from exporting_company import ANNA, CUSTOMER, JOB, PAIRS, SAM
from reconciled_company import ReconciledCompany

from procore_spectrum import Plan
from procore_spectrum.errors import ConflictError, RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.reconciliation import Measure
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Approval

Pair = tuple[str, str]
FEATURES = (
    "vendors",
    "jobs",
    "cost_codes",
    "commitments",
    "change_orders",
    "budgets",
    "job_costs",
    "prime_contracts",
)
_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class Money:
    """What there is to begin with; amounts in cents.

    ``exported`` tells that the estimates are a budget of Procore that goes to Spectrum.
    ``contracts`` and ``changes`` are amounts by place among the pairs; a change names the place
    of its contract.
    """

    sql: bool
    override: bool
    exported: bool
    estimates: Mapping[int, int]
    costs: Mapping[int, int]
    contract: int
    contracts: Sequence[Mapping[int, int]]
    changes: Sequence[tuple[int, int, int]]
    owner_changes: Sequence[int]


class MoneyCompany(ReconciledCompany):
    """Everything is switched on; the whole budget, cost and contract are random."""

    def __init__(self, money: Money, **options: Any) -> None:
        super().__init__(sql=money.sql, **options)
        self.procore.switches.direct_costs_locked_by_origin_id = "none"
        self.vendor("OURS", "Our own company")
        self.spectrum.add_change_status("A", 1)
        self._locked = False
        self._settle(money)
        for place, cents in () if money.exported else money.estimates.items():
            self.estimate(place, cents)
        for place, cents in money.costs.items():
            self.post(place, cents)
        self.sign(money.contract)
        self.everything()
        if money.exported and money.estimates:
            for place, cents in money.estimates.items():
                self.edit_budget(place, cents)
            self.procore.lock_budget(self.project_id)
            self._locked = True
        self.made = [self.contract(lines) for lines in money.contracts]
        self.everything()
        self.accept_all()
        self.everything()
        for contract, place, cents in money.changes:
            if self.made:
                ref = self.made[contract % len(self.made)]
                self.change_order(ref, [(PAIRS[place], dollars(cents), "Change")])
        for cents in money.owner_changes:
            self.owner_change(cents)
        self.everything()

    def _settle(self, money: Money) -> None:
        settings = self.settings
        primes = settings.prime_contracts
        counted = Numbering(policy="template", text="CR-####")
        self.settings = attrs.evolve(
            settings,
            features=FEATURES,
            commitments=attrs.evolve(settings.commitments, same_pair="merge"),
            change_orders=attrs.evolve(settings.change_orders, numbering=counted),
            budgets=attrs.evolve(
                settings.budgets,
                direction="export" if money.exported else "import",
                mode="override" if money.override else "keep",
            ),
            job_costs=attrs.evolve(settings.job_costs, vendor_code="OURS"),
            jobs=attrs.evolve(settings.jobs, in_progress="take"),
            guards=attrs.evolve(settings.guards, max_share=Decimal(1)),
            prime_contracts=attrs.evolve(
                primes,
                mapping=attrs.evolve(
                    primes.mapping, phase_code=PAIRS[0][0], cost_type="S", single_item="100"
                ),
                change_orders=attrs.evolve(
                    primes.change_orders,
                    numbering=counted,
                    status_code="A",
                    status_actions={"A": 1},
                    approved_date=False,
                ),
            ),
        )

    # ------------------------------------------------------------ the connector, and its people

    def everything(self) -> Plan:
        """One run of all features; the plan that follows has nothing to write."""
        report = self.syncer.apply(self.plan(*FEATURES))
        assert not report.counts["failed"], report.render(limit=None)
        assert not report.counts["unknown"], report.render(limit=None)
        return self.plan(*FEATURES)

    def pending(self) -> list[Approval]:
        """What waits for accounting."""
        return [
            one for one in self.syncer.approvals.list_approvals() if one.state.waits_for_approver
        ]

    def accept_all(self) -> None:
        """Accounting accepts whatever waits."""
        for one in self.pending():
            self.syncer.approvals.accept(one.ref, by=ANNA, shown=one.document.shown)

    def answer(self, place: int, how: str) -> None:
        """Somebody answers one of the documents that wait."""
        waiting = self.pending()
        if not waiting:
            return
        ref = waiting[place % len(waiting)].ref
        with suppress(ConflictError, RefusedError):
            if how == "accept":
                self.syncer.approvals.accept(ref, by=ANNA)
            elif how == "reject":
                self.syncer.approvals.reject(ref, by=ANNA, why="too dear")
            else:
                self.syncer.approvals.retrieve(ref, by=SAM)

    # ------------------------------------------------------------ people in Spectrum

    def estimate(self, place: int, cents: int) -> None:
        """An estimate, original and current alike."""
        phase, cost_type = PAIRS[place]
        amounts = {"Original_Est_Cost": dollars(cents), "Current_Est_Cost": dollars(cents)}
        self.phase(phase, cost_type, f"Phase {phase}", job=JOB, **amounts)
        self._repost(place)

    def post(self, place: int, cents: int) -> None:
        """The cost to date."""
        self._posted = {**getattr(self, "_posted", {}), place: cents}
        self._repost(place)

    def _repost(self, place: int) -> None:
        """Inserting a phase replaces it with all its figures."""
        cents = getattr(self, "_posted", {}).get(place)
        if cents is not None:
            figures = {"hours": _ZERO, "quantity": _ZERO}
            self.spectrum.set_cost(JOB, *PAIRS[place], dollars=Decimal(dollars(cents)), **figures)

    def sign(self, cents: int) -> None:
        """The contract with the owner."""
        amount = Decimal(dollars(cents))
        self.job(JOB, "City Hall", Customer_Code=CUSTOMER, Original_Contract=amount)
        self.spectrum.add_billing_item(JOB, "100", "Original contract", amount=amount)

    def edit_subcontract(self, place: int, cents: int) -> None:
        """A line of a subcontract is replaced."""
        lines = [(book, line) for book in self.books["subcontracts"] for line in book["lines"]]
        if lines:
            book, line = lines[place % len(lines)]
            self.spectrum.add_subcontract_line(
                Vendor_Code=book["Vendor_Code"],
                Subcontract_Number=book["Subcontract_Number"],
                Phase_Code=line["Phase_Code"],
                Cost_Type=line["Cost_Type"],
                Original_Contract_Amount=Decimal(dollars(cents)),
            )

    def own_subcontract(self, place: int, cents: int) -> None:
        """Somebody makes a subcontract of their own."""
        number = f"OWN-{len(self.books['subcontracts'])}"
        keys = {"Vendor_Code": "BOLT", "Subcontract_Number": number}
        self.spectrum.add_subcontract(Job_Number=JOB, **keys)
        self.spectrum.add_subcontract_line(
            Phase_Code=PAIRS[place][0],
            Cost_Type=PAIRS[place][1],
            Original_Contract_Amount=Decimal(dollars(cents)),
            **keys,
        )

    # ------------------------------------------------------------ people in Procore

    def contract(self, lines: Mapping[int, int]) -> Ref:
        """An approved subcontract with a line for each place."""
        number = (
            f"SC-{1 + len(getattr(self, 'made', []))}-{len(self.table('work_order_contracts'))}"
        )
        found = [(PAIRS[place], dollars(cents), "Work") for place, cents in lines.items()]
        return self.commitment(number, found)

    def owner_change(self, cents: int) -> None:
        """An approved change order of the owner, if there is a contract to change."""
        lines = self.table("prime_contract_line_items")
        if lines:
            (values,) = self.lines_of([(PAIRS[0], dollars(cents), "Change")])
            self.procore.add_prime_change_order(
                self.project_id,
                lines[0]["holder_id"],
                lines=[{**values, "prime_line_item_id": lines[0]["id"]}],
                number=f"{1 + len(self.table('change_orders')):03}",
                title="Change",
                status="approved",
            )

    def edit_budget(self, place: int, cents: int) -> None:
        """A budget line is made or changed; Procore refuses that once the budget is locked."""
        if self._locked:
            return
        self.procore.set_budget_line(self.project_id, self._code(place), dollars(cents))

    def edit_contract(self, place: int, cents: int) -> None:
        """A line of a subcontract is changed."""
        lines = self.table("work_order_contract_line_items")
        if lines:
            line = lines[place % len(lines)]
            ref = Ref("commitment", str(line["holder_id"]))
            self.edit_line(ref, line["id"], amount=dollars(cents))

    def edit_cost(self, place: int, cents: int) -> None:
        """A line of a direct cost is changed."""
        lines = self.table("direct_cost_line_items")
        if lines:
            line = lines[place % len(lines)]
            path = f"/projects/{self.project_id}/direct_costs/{line['holder_id']}/line_items"
            self.by_hand(f"{path}/{line['id']}", {"line_item": {"amount": dollars(cents)}})

    def enter_cost(self, place: int, cents: int) -> None:
        """Somebody enters an invoice of their own."""
        self.procore.add_direct_cost(
            self.project_id,
            invoice_number=f"INV-{len(self.table('direct_costs'))}",
            direct_cost_type="invoice",
            status="approved",
            vendor_id=self.vendor_id("BOLT"),
            lines=[
                {"wbs_code_id": self._code(place), "amount": dollars(cents), "description": "Own"}
            ],
        )

    def end_contract(self, place: int) -> None:
        """A subcontract is terminated."""
        if self.made:
            self.edit_commitment(self.made[place % len(self.made)], status="Terminated")

    def _code(self, place: int) -> int:
        return int(self.row("wbs_codes", **self.code_of(PAIRS[place]))["id"])

    # ------------------------------------------------------------ the truth

    def in_procore(self) -> dict[Measure, Decimal]:
        """Sums of what Procore holds."""
        counted = {row["id"] for row in self._with_status("work_order_contracts", "Approved")}
        costs = {row["id"] for row in self._with_status("direct_costs", "approved")}
        return {
            Measure.BUDGET: total(self.table("budget_line_items"), "original_budget_amount"),
            Measure.COMMITTED_COST: total(
                line
                for line in self.table("work_order_contract_line_items")
                if line["holder_id"] in counted
            ),
            Measure.JOB_TO_DATE_COST: total(
                line for line in self.table("direct_cost_line_items") if line["holder_id"] in costs
            ),
            Measure.CONTRACT_VALUE: total(self.table("prime_contract_line_items")),
        }

    def in_spectrum(self) -> dict[Measure, Decimal]:
        """Sums of what Spectrum holds."""
        phases = [row for row in self.books["phases"] if row["job"] == JOB]
        (job,) = [row for row in self.books["jobs"] if row["Job_Number"] == JOB]
        return {
            Measure.BUDGET: total(phases, "original_est_cost"),
            Measure.COMMITTED_COST: total(
                (line for book in self.books["subcontracts"] for line in book["lines"]),
                "Original_Contract_Amount",
            ),
            Measure.APPROVED_CHANGES: total(
                (line for book in self.books["change_requests"] for line in book["lines"]),
                "Sub_Amount",
            ),
            Measure.JOB_TO_DATE_COST: total(phases, "jtd_actual_dollars"),
            Measure.CONTRACT_VALUE: Decimal(job["Original_Contract"]),
        }

    def _with_status(self, table: str, status: str) -> list[dict[str, Any]]:
        return [row for row in self.table(table) if row["status"] == status]


def dollars(cents: int) -> str:
    """As people type it."""
    return str(Decimal(cents).scaleb(-2))


def total(rows: Any, name: str = "amount") -> Decimal:
    """The sum of a column; blanks are nothing."""
    return sum((Decimal(row.get(name) or 0) for row in rows), _ZERO)
