"""What a run does when it is killed, feature by feature, as data.

A scenario arranges records in a company that was imported whole, and says with which settings a
run treats them. The run proposes them, accounting accepts, the run writes; whatever a killed one
has left, the same story told again has to complete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import attrs

from procore_spectrum.apply.approvals import Person
from procore_spectrum.features import Settings
from procore_spectrum.mapping import GlAccounts, JobExportMapping, Numbering, join_key
from procore_spectrum.plan.plan import Plan
from procore_spectrum.ports import Approval, Reading, ReadQuery
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.wire.clock import SystemClock

__all__ = ["SCENARIOS", "BooksReader", "Scenario", "tell"]

_ANNA = Person(name="Anna, accounting")
_AS_IS = Numbering(policy="as_is")
_MOST_ROUNDS = 5


@attrs.frozen(kw_only=True)
class Scenario:
    """One feature in one direction.

    Args:
        name: as a table shows it.
        features: what the killed run is about.
        arrange: puts the records in place that it treats.
        before: what was treated long before; None for nothing.
        choose: the settings, from the usual ones and the busiest job.
        one_job: whether the run is limited to the busiest job.
    """

    name: str
    features: tuple[str, ...]
    arrange: Callable[[Sandbox], None]
    before: Callable[[Sandbox], None] | None = None
    choose: Callable[[Settings, str], Settings] = lambda usual, _: usual
    one_job: bool = True

    def settings(self, sandbox: Sandbox) -> Callable[[Settings], Settings]:
        """The settings for that company."""
        job = busiest(sandbox)[1]
        return lambda usual: self.choose(usual, job)

    def plan(self, syncer: Syncer, job: str) -> Plan:
        """Plan what the scenario is about."""
        return syncer.plan(features=self.features, jobs=[job] if self.one_job else None)


def tell(scenario: Scenario, syncer: Syncer, job: str) -> None:
    """Propose, accept, write: until a plan is empty."""
    for _ in range(_MOST_ROUNDS):
        plan = scenario.plan(syncer, job)
        if plan.is_empty:
            return
        syncer.apply(plan, override_guards="a survey of kills")
        queue = syncer.approvals
        for found in queue.list_approvals():
            if found.state.waits_for_approver:
                queue.accept(found.ref, by=_ANNA, given=_given(found))


def _given(found: Approval) -> dict[str, Any]:
    """A number for what no policy proposes one for, always the same for a record."""
    needs = [need for need in found.document.needs if need.required and need.proposal is None]
    return {need.name: f"K{found.ref.key[-5:]}" for need in needs}


# ---------------------------------------------------------------- reading Spectrum


_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vendor": ("Vendor_Code",),
        "subcontract": ("Vendor_Code", "Subcontract_Number"),
        "subcontract_line": (
            *("Vendor_Code", "Subcontract_Number"),
            *("Phase_Code", "Cost_Type", "Bid_Item_Number"),
        ),
        "change_request_line": (
            *("Job_Number", "Customer_Code", "Change_Request_Number"),
            *("CR_Phase_Code", "CR_Cost_Type", "Subcontractor_Code", "Subcontract_Number"),
            *("Sub_Bid_Group_Item_Code", "Sub_Bid_Item_Code"),
            *("CR_Billing_Group_Code", "CR_Billing_Item_Code"),
        ),
    }
)
_TABLES = {"subcontract_line": "subcontracts", "change_request_line": "change_requests"}


class BooksReader:
    """Reads what no service lists, as read access to Spectrum's database would.

    Args:
        books: everything that the company holds now, as the fake shows it.
    """

    def __init__(self, books: Callable[[], Mapping[str, Any]]) -> None:
        self._books = books

    def read(self, query: ReadQuery) -> Reading[Any]:
        """All records of a kind."""
        keys = _KEYS.get(query.kind)
        as_of = SystemClock().now()
        if keys is None:
            return Reading(items=(), as_of=as_of, complete=False)
        rows = self._books()[_TABLES.get(query.kind, f"{query.kind}s")]
        if query.kind in _TABLES:
            rows = [{**row, **line} for row in rows for line in row["lines"]]
        items = tuple(
            SimpleNamespace(
                target_id=join_key(*(row.get(key, "") for key in keys)),
                **{key.lower(): row.get(key) for key in keys},
            )
            for row in rows
        )
        return Reading(items=items, as_of=as_of, complete=True)


# ---------------------------------------------------------------- what there is to do


def busiest(sandbox: Sandbox) -> tuple[int, str]:
    """The project with the most budget codes, and its job; zero before the import."""
    state = sandbox.procore.state()
    count = Counter(row["project_id"] for row in state["wbs_codes"])
    if not count:
        return 0, ""
    project_id = min(count, key=lambda found: (-count[found], found))
    rows = (row for row in state["projects"] if row["id"] == project_id)
    return project_id, next(row["project_number"] for row in rows)


def _lines(sandbox: Sandbox, first: int, count: int) -> list[dict[str, Any]]:
    project_id, _ = busiest(sandbox)
    rows = (row for row in sandbox.procore.state()["wbs_codes"] if row["project_id"] == project_id)
    codes = sorted(row["id"] for row in rows)[first : first + count]
    return [
        {"wbs_code_id": code, "amount": f"{n}00.25", "description": f"Part {n}"}
        for n, code in enumerate(codes, start=1)
    ]


def _sign_contracts(sandbox: Sandbox, count: int = 2) -> None:
    state = sandbox.procore.state()
    vendor_id = min(row["id"] for row in state["vendors"] if row["origin_code"])
    for number in range(1, count + 1):
        sandbox.procore.add_commitment(
            busiest(sandbox)[0],
            number=f"SC-{number}",
            lines=_lines(sandbox, 0, 2),
            kind="work_order" if number % 2 else "purchase_order",
            status="Approved",
            title=f"Contract {number}",
            vendor_id=vendor_id,
        )


def _sign_one(sandbox: Sandbox) -> None:
    _sign_contracts(sandbox, 1)


def _change_contract(sandbox: Sandbox) -> None:
    """Two changes: of a line that is there, and of one that the subcontract lacks."""
    (contract,) = sandbox.procore.state()["work_order_contracts"]
    for number, first in enumerate((0, 2), start=1):
        sandbox.procore.add_commitment_change_order(
            busiest(sandbox)[0],
            contract["id"],
            number=f"CO-{number}",
            title=f"Change {number}",
            status="approved",
            lines=_lines(sandbox, first, 2),
        )


def _enter_companies(sandbox: Sandbox) -> None:
    for name in ("Zenith Roofing", "Yonder Glass"):
        sandbox.procore.add_vendor(name=name)


def _enter_project(sandbox: Sandbox) -> None:
    procore = sandbox.procore
    project_id = procore.add_project(name="New Tower", project_number="N-1")["id"]
    above = procore.add_cost_code(project_id=project_id, code="03", name="Concrete")["id"]
    category = next(row for row in procore.state()["line_item_types"] if row["code"] == "L")
    for code in ("1000", "2000"):
        leaf = procore.add_cost_code(
            project_id=project_id, code=code, name=f"Part {code}", parent_id=above
        )
        procore.add_wbs_code(
            project_id=project_id, cost_code_id=leaf["id"], line_item_type_id=category["id"]
        )


def _contracts_chosen(usual: Settings, _: str) -> Settings:
    return attrs.evolve(
        usual,
        commitments=attrs.evolve(
            usual.commitments, numbering=_AS_IS, gl_accounts=GlAccounts(default="500100")
        ),
        change_orders=attrs.evolve(
            usual.change_orders, numbering=_AS_IS, status_code="C", status_actions={"C": 3}
        ),
    )


def _vendors_chosen(usual: Settings, _: str) -> Settings:
    return attrs.evolve(usual, vendors=attrs.evolve(usual.vendors, export=True))


def _jobs_chosen(usual: Settings, job: str) -> Settings:
    mapping = JobExportMapping(template_job=job, taxable="N")
    return attrs.evolve(usual, jobs=attrs.evolve(usual.jobs, export=True, export_mapping=mapping))


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            Scenario(
                name="new vendors",
                features=("vendors",),
                arrange=_enter_companies,
                choose=_vendors_chosen,
                one_job=False,
            ),
            Scenario(
                name="new jobs",
                features=("jobs",),
                arrange=_enter_project,
                choose=_jobs_chosen,
                one_job=False,
            ),
            Scenario(
                name="commitments",
                features=("commitments",),
                arrange=_sign_contracts,
                choose=_contracts_chosen,
            ),
            Scenario(
                name="change_orders",
                features=("commitments", "change_orders"),
                arrange=_change_contract,
                before=_sign_one,
                choose=_contracts_chosen,
            ),
        )
    }
)
"""Every scenario, by its name. Another feature is another entry."""
