"""A store that was lost is rebuilt from both systems, and neither is written to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from exporting_company import ExportingCompany, Line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procore_spectrum import MemoryStore, SqliteStore, Syncer
from procore_spectrum.apply.approvals import Person
from procore_spectrum.features.rebuilding import Rebuilt
from procore_spectrum.mapping import GlAccounts, Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Crosswalk, EventQuery
from procore_spectrum.testing.full_import import FullImport
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.testing.simulated_office import Office
from procore_spectrum.wire.messages import Request

READING = ("GET", "HEAD")


def writes_of(requests: list[Request]) -> list[str]:
    """The requests that change something in either system."""
    return [
        request.label
        for request in requests
        if request.method not in READING
        and "/oauth/token" not in request.url
        and not request.label.startswith(("Get", "WSTestConnection"))
    ]


class Loss(ExportingCompany):
    """An exporting company that loses its store."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.settings = attrs.evolve(
            self.settings,
            features=("vendors", "jobs", "cost_codes", "commitments", "change_orders"),
        )

    def handle(self) -> Any:
        """The store of this pair of companies."""
        return self.store.for_company(self.syncer.company)

    def remembered(self) -> dict[Ref, Any]:
        """Every link that the store knows."""
        read = self.handle().read_links
        return {row.ref: row for kind in KINDS for row in read(Crosswalk(kind=kind))}

    def lose_and_rebuild(self) -> tuple[Rebuilt, Plan]:
        """Begin with nothing; what is sent meanwhile is no write."""
        self.store = MemoryStore()
        before = len(self.to_procore.seen), len(self.to_spectrum.seen)
        rebuilt = self.syncer.rebuild()
        sent = self.to_procore.seen[before[0] :] + self.to_spectrum.seen[before[1] :]
        assert sent
        assert writes_of(sent) == []
        return rebuilt, self.plan()


KINDS = (
    "company",
    "project",
    "line_item_type",
    "standard_cost_code_list",
    "standard_cost_code",
    "cost_code",
    "wbs_code",
    "subcontract",
    "subcontract_line",
    "commitment_mark",
    "commitment_line_mark",
    "change_request_line",
    "change_order_mark",
    "phase",
)


@pytest.fixture
def company() -> Loss:
    """Everything is imported."""
    return Loss()


def by_values(rows: dict[Ref, Any]) -> dict[Ref, Any]:
    """Links without what the target stored in a form of its own."""
    return {name: (row.target_id, row.scope, row.active) for name, row in rows.items()}


def test_everything_is_linked_as_before(company: Loss) -> None:
    """Imports and exports: the same links, with the same bases; and the plan is empty."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    before = company.remembered()
    rebuilt, plan = company.lose_and_rebuild()
    assert plan.is_empty
    assert plan.held == ()
    assert by_values(company.remembered()) == by_values(before)
    exports = {name for name in before if name.kind in {"subcontract", "subcontract_line"}}
    assert exports
    for name in exports:
        assert company.remembered()[name].fingerprint == before[name].fingerprint
    assert rebuilt.exports == (exported,)
    assert company.state(exported) is State.SYNCED


def test_numbers_stay_taken(company: Loss) -> None:
    """The number of an export belongs to it again."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    company.lose_and_rebuild()
    (claim,) = company.handle().read_claims("subcontract/ACME")
    assert (claim.number, claim.ref) == ("SC-1", exported)


def test_an_edit_after_the_loss_is_noticed(company: Loss) -> None:
    """A known export is held when somebody edits it, as ever."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    company.lose_and_rebuild()
    line = company.lines_in_procore(exported)[0]
    company.edit_line(exported, line["id"], amount="999.00")
    (held,) = company.plan().held
    assert held.code == "edited-after-export"


def test_a_line_that_was_added_meanwhile_is_held(company: Loss) -> None:
    """It carries no mark, so it is not taken for exported."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    company.add_line(exported, (("010100", "M"), "5.00", "Late"))
    _, plan = company.lose_and_rebuild()
    (held,) = plan.held
    assert (held.code, held.document) == ("edited-after-export", exported)


def test_a_line_whose_code_was_edited_is_held(company: Loss) -> None:
    """The mark tells under which code it was exported."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    line = company.lines_in_procore(exported)[0]
    company.edit_line(exported, line["id"], **company.code_of(("010100", "M")))
    _, plan = company.lose_and_rebuild()
    (held,) = plan.held
    assert held.code == "edited-after-export"
    assert {change.base for change in held.changes} == {"S"}


def test_an_edit_from_before_the_loss_is_noticed_where_spectrum_can_be_read() -> None:
    """Its tables tell what was exported; otherwise what Procore says now counts as that."""
    for readable in (True, False):
        office = Office("an edit")
        office.settle()
        office.new_commitment()
        office.syncer.apply(office.settle())
        office.accept()
        office.settle()
        line = office.table("work_order_contract_line_items")[0]
        office.procore.edit("work_order_contract_line_item", line["id"], amount="0.01")
        office.readable = readable
        office.lose_the_store()
        codes = [op.code for op in office.syncer.plan().held]
        assert codes == (["edited-after-export"] if readable else [])


def test_what_carries_no_mark_waits_for_a_person(company: Loss) -> None:
    """It may be in Spectrum already; until somebody sends it, it is not proposed."""
    waiting = company.commitment("SC-9")
    company.export()
    rebuilt, plan = company.lose_and_rebuild()
    (held,) = plan.held
    assert (held.code, held.document) == ("unlinked", waiting)
    assert "the store was lost" in held.message
    assert rebuilt.held == plan.held
    assert plan.is_empty
    company.syncer.send(waiting)
    company.accept(waiting)
    assert company.export().succeeded
    assert company.state(waiting) is State.SYNCED


@pytest.mark.parametrize("family", ["older", "newer"])
def test_change_orders(family: str) -> None:
    """Those of the older family carry a mark; of the newer ones a person has to say."""
    company = Loss(change_order_family=family)
    commitment = company.commitment("SC-1")
    company.exported(commitment)
    line: Line = (("010100", "S"), "75.00", "Deeper")
    company.change_order(commitment, [line])
    company.export()
    (waiting,) = company.syncer.approvals.list_approvals(states=[State.READY_TO_EXPORT])
    change = waiting.ref  # named by the family from which it is read
    company.exported(change)
    books = company.books
    rebuilt, plan = company.lose_and_rebuild()
    assert plan.is_empty
    if family == "older":
        assert set(rebuilt.exports) == {commitment, change}
        assert plan.held == ()
        (claim,) = company.handle().read_claims("change_request/25-0101/CITY")
        assert claim.ref == change
    else:
        assert rebuilt.exports == (commitment,)
        (held,) = plan.held
        assert (held.code, held.document) == ("unlinked", change)
    company.run()
    assert company.books == books


def test_two_documents_with_one_number_wait_for_a_person(company: Loss) -> None:
    """Which of them Spectrum has cannot be told."""
    one = company.commitment("SC-1")
    company.exported(one)
    other = company.commitment("SC-2")
    origin = company.row("work_order_contracts", id=int(one.key))["origin_id"]
    _copy_mark(company, other, origin)
    rebuilt, plan = company.lose_and_rebuild()
    assert rebuilt.exports == ()
    assert {op.document for op in plan.held} == {one, other}
    assert all("several documents" in op.message for op in plan.held)


def _copy_mark(company: Loss, other: Ref, origin: str) -> None:
    """A careless copy of a record, with its mark; Procore itself would refuse it."""
    answer = company.to_procore.inner

    def copied(request: Request) -> Any:
        response = answer(request)
        if request.method != "GET" or "/work_order_contracts" not in request.url:
            return response
        body = json.loads(response.content)
        for record in body if isinstance(body, list) else [body]:
            if str(record["id"]) == other.key:
                record["origin_id"] = origin
        return attrs.evolve(response, content=json.dumps(body).encode())

    company.to_procore.inner = copied


def test_a_mark_of_another_vendor_waits_for_a_person(company: Loss) -> None:
    """The company of the commitment was changed after its export."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    company.edit_commitment(exported, vendor_id=company.vendor_id("BOLT"))
    rebuilt, plan = company.lose_and_rebuild()
    assert rebuilt.exports == ()
    (held,) = plan.held
    assert held.code == "unlinked"
    assert "was expected" in held.message


def test_a_record_that_was_edited_meanwhile_waits_for_a_person(company: Loss) -> None:
    """Without a base nobody knows who is right; it is not overwritten."""
    company.edit_company("ACME", name="Acme Elsewhere")
    _, plan = company.lose_and_rebuild()
    (held,) = plan.held
    assert (held.code, held.ref) == ("adopt", Ref("company", "ACME"))
    assert company.row("vendors", origin_code="ACME")["name"] == "Acme Elsewhere"


def test_what_is_left_to_do_is_left(company: Loss) -> None:
    """A vendor that is new, and one that was renamed, are planned as ever; nothing is written."""
    company.vendor("NEWCO", "New Company")
    company.vendor("BOLT", "Bolt Steel and Sons")
    rebuilt, plan = company.lose_and_rebuild()
    assert rebuilt.links["company"] == 1
    assert [(op.verb, op.ref.key) for op in plan.todo] == [("create", "NEWCO")]
    assert [(op.code, op.ref.key) for op in plan.held] == [("adopt", "BOLT")]


def test_rebuilding_twice_changes_nothing(company: Loss) -> None:
    """A rebuilt store is left as it is."""
    company.exported(company.commitment("SC-1"))
    company.lose_and_rebuild()
    before = company.remembered()
    again = company.syncer.rebuild()
    assert company.remembered() == before
    assert (again.links, again.exports) == ({}, ())


def test_a_store_that_is_not_lost_is_left_alone(company: Loss) -> None:
    """Nothing of it is changed, whatever state its exports are in."""
    company.exported(company.commitment("SC-1"))
    waiting = company.commitment("SC-2")
    company.export()
    before = company.remembered()
    company.syncer.rebuild()
    assert company.remembered() == before
    assert company.state(waiting) is State.READY_TO_EXPORT


def test_the_journal_says_what_was_rebuilt(company: Loss) -> None:
    """Each record, and that who decided is not known."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    company.lose_and_rebuild()
    (event,) = company.handle().read_events(EventQuery(ref=exported))
    assert event.action == "relinked"
    assert company.syncer.explain(Ref("company", "ACME"))
    assert company.handle().verify() == ()


def test_the_report_says_everything(company: Loss) -> None:
    """For a reader, and as JSON."""
    exported = company.commitment("SC-1")
    company.exported(exported)
    company.commitment("SC-9")
    rebuilt, _ = company.lose_and_rebuild()
    text, found = rebuilt.render(), rebuilt.to_json()
    assert f"exported: {exported}" in text
    assert "unlinked" in text
    assert "numbers that were given to exports which carry no mark" in text
    assert found["links"]["company"] == 2
    assert found["exports"] == [str(exported)]
    assert [one["code"] for one in found["held"]] == ["unlinked"]
    assert len(found["unknown"]) == len(rebuilt.unknown)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    amounts=st.lists(
        st.lists(st.sampled_from(["0.00", "1.10", "250000.99"]), min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    accepted=st.integers(0, 3),
)
def test_random_exports_are_known_again(amounts: list[list[str]], accepted: int) -> None:
    """Whatever was exported is known; whatever was not is held; nothing is written."""
    company = Loss()
    pairs = (("010100", "S"), ("020200", "S"), ("030300", "S"))
    refs = [
        company.commitment(
            f"SC-{n}", [(pair, amount, "Work") for pair, amount in zip(pairs, lines, strict=False)]
        )
        for n, lines in enumerate(amounts)
    ]
    done = [one for one in refs[:accepted] if _export(company, one)]
    books = company.books
    rebuilt, plan = company.lose_and_rebuild()
    assert set(rebuilt.exports) == set(done)
    assert plan.is_empty
    assert {op.document for op in plan.held} == set(refs) - set(done)
    company.run()
    assert company.books == books


def _export(company: Loss, one: Ref) -> bool:
    company.export()
    company.accept(one)
    company.export()
    return company.state(one) is State.SYNCED


# ---------------------------------------------------------------- the reference company


class Watch:
    """A transport that keeps what is sent."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.seen: list[Request] = []

    def send(self, request: Request) -> Any:
        """Keep it, and send it."""
        self.seen.append(request)
        return self.inner.send(request)

    def close(self) -> None:
        """Release the inner transport."""
        self.inner.close()


def exporting(syncer: Syncer) -> Syncer:
    """With exports of commitments switched on."""
    chosen = attrs.evolve(
        syncer.settings.commitments,
        gl_accounts=GlAccounts(default="500100"),
        numbering=Numbering(policy="template", text="SC-####"),
    )
    features = (*syncer.settings.features, "commitments")
    syncer.settings = attrs.evolve(syncer.settings, features=features, commitments=chosen)
    return syncer


def write_contracts(sandbox: Sandbox, count: int) -> list[Ref]:
    """People write commitments on the first pair of phase and cost type of some projects."""
    state = sandbox.procore.state()
    vendor = next(row for row in state["vendors"] if row["origin_id"])
    codes = {code["project_id"]: code for code in state["wbs_codes"]}
    made = [
        sandbox.procore.add_commitment(
            project,
            number=f"C-{project}",
            status="Approved",
            title="Works",
            vendor_id=vendor["id"],
            lines=[
                {
                    "cost_code_id": code["cost_code_id"],
                    "line_item_type_id": code["line_item_type_id"],
                    "amount": "1250.10",
                    "description": "Part",
                }
            ],
        )
        for project, code in sorted(codes.items())[:count]
    ]
    return [Ref("commitment", str(row["id"])) for row in made]


def test_the_reference_company_survives_the_loss_of_its_store(tmp_path: Path) -> None:
    """Size S, imported whole, with exports: the file is deleted; the plan is empty, no write."""
    sandbox = Sandbox("S")
    sandbox.procore.switches.approved_is_locked = False
    task = FullImport(sandbox=sandbox)
    file = tmp_path / "sync.db"
    with SqliteStore(file) as store:
        syncer = task.syncer(store, sandbox.procore.transport(), sandbox.spectrum.transport())
        task.decide(syncer)
        _, report = task.run(syncer)
        assert report.succeeded
        contracts = write_contracts(sandbox, 3)
        exporting(syncer).apply(syncer.plan())
        for ref in contracts:
            syncer.approvals.accept(ref, by=Person(name="Anna"))
        assert syncer.apply(syncer.plan()).succeeded
        assert syncer.plan().is_empty
        links = syncer.status().links
    for part in tmp_path.glob("sync.db*"):
        if part.is_file():
            part.unlink()
    procore, spectrum = Watch(sandbox.procore.transport()), Watch(sandbox.spectrum.transport())
    with SqliteStore(file) as store:
        syncer = exporting(task.syncer(store, procore, spectrum))
        rebuilt = syncer.rebuild()
        plan = syncer.plan()
        assert plan.is_empty
        assert plan.held == ()
        assert syncer.status().links == links
        assert sorted(rebuilt.exports) == sorted(contracts)
        states = {item.ref: item.state for item in syncer.approvals.list_approvals()}
        assert states == dict.fromkeys(contracts, State.SYNCED)
    assert writes_of(procore.seen + spectrum.seen) == []
