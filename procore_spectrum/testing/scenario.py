"""What a run that is killed is about: records in a company, and the settings that treat them.

The run proposes, accounting accepts, the run writes; whatever a killed one has left, the same
story told again has to complete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import attrs

from procore_spectrum.apply.approvals import Person
from procore_spectrum.features import Settings
from procore_spectrum.plan.plan import Plan
from procore_spectrum.ports import Approval, Reading, ReadQuery
from procore_spectrum.spectrum.kinds import KINDS
from procore_spectrum.spectrum.sql_queries import TABLES, RowReader
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.wire.clock import SystemClock

__all__ = ["BooksReader", "Scenario", "Site", "code_of_new_pair", "settle", "site_of", "tell"]

_ANNA = Person(name="Anna, accounting")
_MOST_ROUNDS = 5


@attrs.frozen(kw_only=True)
class Site:
    """The project with the most budget codes, as both systems have it.

    Args:
        project_id: in Procore; zero while nothing is imported.
        job: its number.
        codes: ids of its budget codes, in order.
        pairs: phases and cost types of the job, in order.
        vendor: the code of a vendor.
    """

    project_id: int = 0
    job: str = ""
    codes: tuple[int, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    vendor: str = ""


def site_of(sandbox: Sandbox) -> Site:
    """Where a scenario takes place."""
    state = sandbox.procore.state()
    count = Counter(row["project_id"] for row in state["wbs_codes"])
    if not count:
        return Site()
    found = min(count, key=lambda project_id: (-count[project_id], project_id))
    (job,) = (row["project_number"] for row in state["projects"] if row["id"] == found)
    codes = sorted(row["id"] for row in state["wbs_codes"] if row["project_id"] == found)
    books = sandbox.spectrum.state()[sandbox.spectrum.company_code]
    pairs = [(r["phase_code"], r["cost_type"]) for r in books["phases"] if r["job"] == job]
    return Site(
        project_id=found,
        job=job,
        codes=tuple(codes),
        pairs=tuple(pairs),
        vendor=books["vendors"][0]["Vendor_Code"],
    )


def code_of_new_pair(sandbox: Sandbox) -> int:
    """The id of a budget code that somebody made in Procore, on a pair that the job lacks."""
    site, state = site_of(sandbox), sandbox.procore.state()
    code = next(row for row in state["wbs_codes"] if row["id"] == site.codes[0])
    taken = {(row["cost_code_id"], row["line_item_type_id"]) for row in state["wbs_codes"]}
    # The categories of the job's cost types came from Spectrum; others it would refuse.
    category = next(
        row["id"]
        for row in state["line_item_types"]
        if row["origin_id"] and (code["cost_code_id"], row["id"]) not in taken
    )
    made = sandbox.procore.add_wbs_code(
        project_id=site.project_id,
        cost_code_id=code["cost_code_id"],
        line_item_type_id=category,
    )
    return int(made["id"])


@attrs.frozen(kw_only=True)
class Scenario:
    """One feature in one direction.

    Args:
        name: as a table shows it.
        features: what the killed run is about.
        arrange: puts the records in place that it treats.
        before: what was treated long before; None for nothing.
        choose: the settings, from the usual ones.
        one_job: whether the run is limited to the site's job.
        sql: whether the runs can read Spectrum's tables. Where they cannot, a person looks there,
            and says of what is in doubt whether it has arrived.
    """

    name: str
    features: tuple[str, ...]
    arrange: Callable[[Sandbox], None] = lambda _: None
    before: Callable[[Sandbox], None] | None = None
    choose: Callable[[Settings, Site], Settings] = lambda usual, _: usual
    one_job: bool = True
    sql: bool = True

    def settings(self, sandbox: Sandbox) -> Callable[[Settings], Settings]:
        """The settings for that company."""
        site = site_of(sandbox)
        return lambda usual: self.choose(usual, site)

    def plan(self, syncer: Syncer, job: str) -> Plan:
        """Plan what the scenario is about."""
        return syncer.plan(features=self.features, jobs=[job] if self.one_job else None)


def tell(scenario: Scenario, syncer: Syncer, job: str) -> Plan:
    """Propose, accept, write: until a plan is empty, or at most a few times. The last plan."""
    plan = scenario.plan(syncer, job)
    for _ in range(_MOST_ROUNDS):
        if plan.is_empty:
            break
        syncer.apply(plan, override_guards="a survey of kills")
        queue = syncer.approvals
        for found in queue.list_approvals():
            if found.state.waits_for_approver:
                queue.accept(found.ref, by=_ANNA, given=_given(found))
        plan = scenario.plan(syncer, job)
    return plan


def _given(found: Approval) -> dict[str, Any]:
    """A number for what no policy proposes one for, always the same for a record."""
    needs = [need for need in found.document.needs if need.required and need.proposal is None]
    return {need.name: f"K{found.ref.key[-5:]}" for need in needs}


def settle(syncer: Syncer, books: BooksReader) -> None:
    """A person looks in Spectrum, and says of everything in doubt there whether it is there."""
    for doubt in syncer.status().in_doubt:
        if doubt.target == "spectrum":
            kind = KINDS[doubt.ref.kind]
            there = books.read(ReadQuery(kind=kind.listed_as or kind.name)).items
            found = kind.id_of(kind.key_in(doubt.fields)) in {item.target_id for item in there}
            syncer.resolve(doubt.ref, there=found, why="looked in Spectrum", by=_ANNA)


# ---------------------------------------------------------------- reading Spectrum

_TABLES = {table.kind: table for table in TABLES.values()}


class BooksReader:
    """Reads what no service lists, as read access to Spectrum's database would.

    Args:
        company_code: of the company that is read.
        state: everything that the fake holds now, as it shows it.
        rows: what SQL would find now, by table.
        sql: whether the tables can be read. A schedule of values can be had without.
    """

    def __init__(
        self,
        company_code: str,
        state: Callable[[], Mapping[str, Any]],
        rows: Callable[[], Mapping[str, Sequence[Mapping[str, Any]]]],
        *,
        sql: bool = True,
    ) -> None:
        self._company = company_code
        self._state = state
        self._rows = rows
        self._sql = sql

    def read(self, query: ReadQuery) -> Reading[Any]:
        """All records of a kind."""
        as_of = SystemClock().now()
        table = _TABLES.get(query.kind)
        if not self._sql and query.kind != "prime_contract_line":
            return Reading(items=(), as_of=as_of, complete=False)
        if query.kind == "vendor":
            # Inactive ones included, which no service lists.
            vendors = self._state()[self._company]["vendors"]
            codes = (row["Vendor_Code"] for row in vendors)
            items = tuple(SimpleNamespace(target_id=code, vendor_code=code) for code in codes)
            return Reading(items=items, as_of=as_of)
        if table is None:
            return Reading(items=(), as_of=as_of, complete=False)
        rows = self._rows()[table.name]
        if not rows:
            return Reading(items=(), as_of=as_of)
        reader = RowReader(table, list(rows[0]), self._company)
        items = tuple(reader.read(n, list(row.values())) for n, row in enumerate(rows, start=1))
        return Reading(items=items, as_of=as_of)
