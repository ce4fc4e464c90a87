"""A small contractor whose job has a contract with its owner, in both systems' fakes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
from exporting_company import CUSTOMER, JOB, ExportingCompany

from procore_spectrum import Plan, Report
from procore_spectrum.plan.records import Ref

__all__ = ["CONTRACT", "CUSTOMER", "JOB", "OwnerCompany"]

CONTRACT = Ref("prime_contract", JOB)
ITEMS = (("10", "Sitework", "1000.00"), ("20", "Concrete", "500.50"))
AMOUNT = Decimal("1500.50")


class OwnerCompany(ExportingCompany):
    """An exporting company whose job has an original contract.

    Args:
        price_method: of the job.
        amount: the original contract.
    """

    def __init__(
        self,
        *,
        price_method: str = "F",
        amount: Decimal = AMOUNT,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.contract_of(JOB, amount=amount, price_method=price_method)
        self.spectrum.add_change_status("A", 1)
        self.spectrum.add_change_status("X", 4)
        self.primes_by(
            mapping={"phase_code": "010100", "cost_type": "S"},
            change_orders={"status_code": "A", "status_actions": {"A": 1, "X": 4}},
        )

    def contract_of(
        self, job: str, *, amount: Decimal | None, price_method: str = "F", **elements: object
    ) -> None:
        """Give a job its original contract."""
        values: dict[str, object] = {"Customer_Code": CUSTOMER, **elements}
        if amount is not None:
            values["Original_Contract"] = amount
        self.job(job, "City Hall", Price_Method_Code=price_method, **values)

    def primes_by(self, **choices: Any) -> None:
        """Choose for prime contracts; parts are given by their names."""
        found = self.settings.prime_contracts
        for part in ("mapping", "change_orders"):
            if part in choices:
                choices[part] = attrs.evolve(getattr(found, part), **choices[part])
        chosen = attrs.evolve(found, **choices)
        self.settings = attrs.evolve(self.settings, prime_contracts=chosen)

    # ------------------------------------------------------------ running

    def primes(self) -> Plan:
        """Plan contracts and their change orders only."""
        return self.plan("prime_contracts")

    def take(self) -> Report:
        """Plan and apply contracts and their change orders only."""
        return self.syncer.apply(self.primes())

    def export(self) -> Report:
        """As in the base: what a test exports here are prime change orders too."""
        return self.syncer.apply(self.exports())

    def exports(self) -> Plan:
        """Plan everything that goes out."""
        return self.plan("commitments", "change_orders", "prime_contracts")

    # ------------------------------------------------------------ both systems

    def schedule(self, folder: Path, *rows: tuple[str, ...], head: str = "") -> None:
        """Keep a schedule of values for the job, as CSV."""
        lines = [head or "item,description,amount", *(",".join(row) for row in rows)]
        file = folder / "schedule.csv"
        file.write_text("\n".join(lines), encoding="utf-8")
        self.primes_by(schedules={JOB: str(file)})

    def billing_items(self, *items: tuple[str, str, str], job: str = JOB) -> None:
        """Set up the items of the contract in Spectrum."""
        for item, description, amount in items or ITEMS:
            self.spectrum.add_billing_item(job, item, description, amount=Decimal(amount))

    def contracts(self) -> list[dict[str, Any]]:
        """The prime contracts in Procore."""
        return self.table("prime_contracts")

    def contract_lines(self) -> dict[str, dict[str, Any]]:
        """The lines of prime contracts in Procore, by description."""
        return {row["description"]: row for row in self.table("prime_contract_line_items")}

    def amounts_in_procore(self) -> dict[str, Decimal]:
        """Amounts of the lines, by description."""
        return {name: Decimal(row["amount"]) for name, row in self.contract_lines().items()}

    def imported(self, *items: tuple[str, str, str]) -> None:
        """Import the contract, with items from the books."""
        self.billing_items(*items)
        report = self.take()
        assert report.succeeded, report.render(limit=None)

    def prime_change(
        self,
        lines: Iterable[tuple[tuple[str, str], str, str, str]],
        *,
        status: str = "approved",
        **fields: Any,
    ) -> Ref:
        """A change order with its owner; lines are pair, amount, text and contract line.

        The name of its export.
        """
        found = list(lines)
        (contract,) = self.contracts()
        named = self.contract_lines()
        values = self.lines_of([line[:3] for line in found])
        for value, line in zip(values, found, strict=True):
            if line[3]:
                value["prime_line_item_id"] = named[line[3]]["id"]
        made = self.procore.add_prime_change_order(
            self.project_id, contract["id"], lines=values, status=status, **fields
        )
        key = made["id"] if self._family == "newer" else made["legacy_package_id"]
        return Ref("prime_change_order", str(key))

    def request_amounts(self, number: str) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """Estimates by phase and revenues by billing item of a change request in Spectrum."""
        found = self.change_request(number)
        costs = {
            f"{line['CR_Phase_Code']} {line['CR_Cost_Type']}": Decimal(
                line["Change_Request_Amount"]
            )
            for line in found["lines"]
        }
        revenues = {
            line["Billing_Item"]: Decimal(line["CR_Revenue"]) for line in found["billing_lines"]
        }
        return costs, revenues
