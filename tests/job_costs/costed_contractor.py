"""A small contractor with job costs, and both systems' totals by phase and cost type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
from small_contractor import Contractor

from procore_spectrum.mapping import JobCostSettings

OWN = "OURSELVES"
JOB = "25-0101"
Totals = dict[tuple[str, str, str], Decimal]


class CostedContractor(Contractor):
    """A contractor whose own company bears the direct costs."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.vendor(OWN, "Our own company")
        self.costs_by(vendor_code=OWN)
        self.jobs_by(in_progress="take")

    def costs_by(self, **choices: Any) -> None:
        """Choose for job costs."""
        chosen: JobCostSettings = attrs.evolve(self.settings.job_costs, **choices)
        self.settings = attrs.evolve(self.settings, job_costs=chosen)

    def cost(
        self,
        phase: str,
        cost_type: str,
        dollars: str,
        *,
        job: str = JOB,
        hours: str = "0",
        quantity: str = "0",
        **elements: Any,
    ) -> None:
        """A pair with figures to date."""
        self.phase(phase, cost_type, job=job, **elements)
        self.spectrum.set_cost(
            job,
            phase,
            cost_type,
            dollars=Decimal(dollars),
            hours=Decimal(hours),
            quantity=Decimal(quantity),
        )

    def all(self) -> None:
        """Everything that job costs need, and job costs."""
        self.run("vendors", "jobs", "cost_codes", "job_costs")

    # ------------------------------------------------------------ totals

    def spectrum_totals(self) -> Totals:
        """Cost to date that is not zero, by job, phase and cost type."""
        rows = self.spectrum.state()["ABC"]["phases"]
        found = {
            (row["job"], row["phase_code"], row["cost_type"]): Decimal(
                row.get("jtd_actual_dollars") or 0
            )
            for row in rows
        }
        return {key: total for key, total in found.items() if total}

    def procore_totals(self) -> Totals:
        """Approved direct costs that are not zero, by job, phase and cost type."""
        jobs = {row["id"]: row["project_number"] for row in self.table("projects")}
        types = {row["id"]: row["code"] for row in self.table("line_item_types")}
        codes = {row["id"]: row for row in self.table("cost_codes")}
        approved = {r["id"] for r in self.table("direct_costs") if r["status"] == "approved"}
        found: Totals = {}
        for line in self.table("direct_cost_line_items"):
            if line["holder_id"] in approved:
                code = codes[line["cost_code_id"]]
                above = codes[code["parent_id"]]["code"] if code["parent_id"] else ""
                cost_type = types[line["line_item_type_id"]]
                key = (jobs[line["project_id"]], f"{above}{code['code']}", cost_type)
                found[key] = found.get(key, Decimal(0)) + Decimal(line["amount"])
        return {key: total for key, total in found.items() if total}

    def line(self, phase: str, cost_type: str) -> dict[str, Any]:
        """The line of a pair of the first job."""
        origin = f"spectrum:ABC:direct_cost_line:{JOB}:{phase}:{cost_type}"
        return self.row("direct_cost_line_items", origin_id=origin)

    def sent(self, end: str) -> list[int]:
        """How many records each request to that address held, since the calls were cleared."""
        return [call.items_sent for call in self.procore.calls if call.path.endswith(end)]
