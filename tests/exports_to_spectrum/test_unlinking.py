"""Taking exports back: what is looked up, cleared and forgotten, and what never comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from outgoing_contractor import ANNA, SAM, Outgoing

from procore_spectrum import MemoryStore, Syncer
from procore_spectrum.apply.approvals import Approvals, Person
from procore_spectrum.apply.unlinking import unlink_document
from procore_spectrum.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    Violation,
)
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Batch,
    Capabilities,
    CompanyKey,
    Crosswalk,
    ItemOutcome,
    OutcomeState,
    Probe,
    Reading,
    ReadQuery,
    StartedOperation,
    StateStore,
    StoreChange,
)
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing import FakeClock, SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

NOBODY = Person(name="Nobody", roles=frozenset())
CLOCK = FakeClock()
LINES = {"031000": "100.50", "042000": "200.50"}


class Books:
    """A reader of subcontracts: what a query by SQL would list."""

    def __init__(self, *there: tuple[str, str], complete: bool = True) -> None:
        self.there = there
        self.complete = complete

    def read(self, query: ReadQuery) -> Reading[Any]:
        """All subcontracts."""
        assert query.kind == "subcontract"
        items = tuple(
            SimpleNamespace(vendor_code=vendor, subcontract_number=number)
            for vendor, number in self.there
        )
        return Reading(items=items, as_of=CLOCK.now(), complete=self.complete)


class Exported(Outgoing):
    """A contractor that has exported a commitment with two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.ref = self.commitment(LINES)
        self.exported(self.ref)


@pytest.fixture
def pair() -> Exported:
    """A contractor that has exported a commitment."""
    return Exported()


def reading(pair: Exported, *there: tuple[str, str], complete: bool = True) -> Syncer:
    """A facade whose Spectrum can also be read."""
    books = Books(*there, complete=complete)
    return Syncer(
        procore=pair.procore_client,
        spectrum=pair.spectrum_client,
        store=pair.store,
        erp=SpectrumTarget(pair.spectrum_client, reader=books),
        settings=pair.settings,
        clock=pair.clock,
    )


def marks(pair: Exported) -> list[str]:
    """The origin ids on contracts and their lines."""
    rows = pair.table("work_order_contracts") + pair.table("work_order_contract_line_items")
    return [str(row["origin_id"]) for row in rows if row.get("origin_id")]


def links(pair: Exported) -> list[Ref]:
    """What the store knows of exported commitments."""
    kinds = ("subcontract", "subcontract_line", "commitment_mark", "commitment_line_mark")
    return [row.ref for kind in kinds for row in pair.syncer.links(kind)]


# ---------------------------------------------------------------- looked up


def test_what_spectrum_still_has_is_not_unlinked(pair: Exported) -> None:
    """With the words of the official connector; nothing was touched."""
    before = marks(pair), links(pair)
    syncer = reading(pair, ("ACME", "SC-1"))
    with pytest.raises(ConflictError) as caught:
        syncer.unlink(pair.ref, by=ANNA, why="really")
    assert "is still in Viewpoint Spectrum. Please delete it before retrying." in str(caught.value)
    assert caught.value.path == "ACME/SC-1"
    assert (marks(pair), links(pair)) == before
    assert pair.state(pair.ref) is State.SYNCED


@pytest.mark.parametrize("others", [(), (("ACME", "SC-2"), ("BOLT", "SC-1"))])
def test_what_is_gone_is_unlinked(pair: Exported, others: tuple[tuple[str, str], ...]) -> None:
    """Marks and links go; no reason is needed when it was verified."""
    assert len(marks(pair)) == 3
    found = reading(pair, *others).unlink(pair.ref, by=ANNA)
    assert found.state is State.UNLINKED
    assert not marks(pair)
    assert not links(pair)


def test_a_reading_that_is_not_whole_proves_nothing(pair: Exported) -> None:
    """Absence from half a list is no absence."""
    with pytest.raises(RefusedError, match="cannot be read"):
        reading(pair, complete=False).unlink(pair.ref, by=ANNA)
    assert len(marks(pair)) == 3


def test_presence_in_half_a_list_is_presence(pair: Exported) -> None:
    """Even against a confirmation."""
    syncer = reading(pair, ("ACME", "SC-1"), complete=False)
    with pytest.raises(ConflictError):
        syncer.unlink(pair.ref, by=ANNA, why="deleted")


# ---------------------------------------------------------------- confirmed


def test_without_a_reader_a_reason_is_demanded(pair: Exported) -> None:
    """No web service reads subcontracts."""
    with pytest.raises(RefusedError) as caught:
        pair.syncer.unlink(pair.ref, by=ANNA)
    assert "confirm" in str(caught.value.hint)
    assert len(marks(pair)) == 3


def test_with_a_reason_it_is_confirmed_and_recorded(pair: Exported) -> None:
    """Who, and why."""
    pair.syncer.unlink(pair.ref, by=ANNA, why="deleted this morning")
    (event,) = [e for e in pair.syncer.explain(pair.ref) if e.action == "unlink"]
    assert (event.actor, event.detail["why"]) == (ANNA.name, ["deleted this morning"])
    assert pair.state(pair.ref) is State.UNLINKED
    assert not marks(pair)


def test_a_reset_does_not_ask_spectrum(pair: Exported) -> None:
    """It needs the reason even where Spectrum could be read, and the journal says: not verified."""
    syncer = reading(pair, ("ACME", "SC-1"))
    with pytest.raises(RefusedError):
        syncer.unlink(pair.ref, by=ANNA, reset=True)
    syncer.unlink(pair.ref, by=ANNA, why="start afresh", reset=True)
    (event,) = [e for e in syncer.explain(pair.ref) if e.action == "unlink"]
    assert event.detail["verified"] is False
    assert pair.state(pair.ref) is State.UNLINKED


# ---------------------------------------------------------------- who and when


@pytest.mark.parametrize("person", [SAM, NOBODY])
def test_only_approvers_unlink(pair: Exported, person: Person) -> None:
    """And the marks stay when somebody else tries."""
    with pytest.raises(NotPermittedError):
        pair.syncer.unlink(pair.ref, by=person, why="deleted")
    assert len(marks(pair)) == 3


def test_what_is_not_exported_cannot_be_unlinked(pair: Exported) -> None:
    """Once is enough."""
    pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")
    with pytest.raises(ConflictError):
        pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")


def test_what_was_never_sent_cannot_be_unlinked(pair: Exported) -> None:
    """It is not in the queue."""
    with pytest.raises(NotFoundError):
        pair.syncer.unlink(Ref("commitment", "1"), by=ANNA, why="deleted")


def test_vendors_stay_in_spectrum() -> None:
    """They are made inactive there, so that there is nothing to take back."""
    pair = Outgoing()
    ref = pair.company()
    pair.exported(ref, vendor_code="ZENITH")
    with pytest.raises(RefusedError, match="cannot be unlinked"):
        pair.syncer.unlink(ref, by=ANNA, why="deleted")
    assert pair.state(ref) is State.SYNCED


def test_a_source_cannot_be_asked(pair: Exported) -> None:
    """Spectrum was given as a source only."""
    syncer = Syncer(
        procore=pair.procore_client,
        spectrum=Books(),
        store=pair.store,
        company=CompanyKey("1", "ABC"),
    )
    with pytest.raises(ConfigurationError, match="source only"):
        syncer.unlink(pair.ref, why="deleted")


# ---------------------------------------------------------------- afterwards


def test_it_waits_until_a_person_sends_it_again(pair: Exported) -> None:
    """No run exports it by itself."""
    pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")
    pair.sync()
    assert pair.state(pair.ref) is State.UNLINKED
    assert not marks(pair)


def test_sent_and_exported_again(pair: Exported) -> None:
    """With the number that is still its own, or another."""
    pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")
    assert pair.syncer.send(pair.ref, by=SAM).state is State.READY_TO_EXPORT
    pair.accept(pair.ref, subcontract_number="SC-9")
    report = pair.sync()
    assert report.succeeded, report.render()
    assert pair.state(pair.ref) is State.SYNCED
    assert len(marks(pair)) == 3
    numbers = [row["Subcontract_Number"] for row in pair.books["subcontracts"]]
    assert numbers == ["SC-1", "SC-9"]


def test_its_number_is_never_given_to_another(pair: Exported) -> None:
    """Paper with that number may be on its way."""
    pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")
    other = pair.commitment(LINES, number="SC-2")
    pair.sync()
    with pytest.raises(RefusedError) as caught:
        pair.accept(other, subcontract_number="SC-1")
    assert [found.code for found in caught.value.violations] == ["number-taken"]


def test_an_edited_commitment_can_be_exported_after_it(pair: Exported) -> None:
    """Held while it was exported; free once it is unlinked."""
    project = pair.row("projects", project_number="25-0101")["id"]
    path = f"/work_order_contracts/{pair.ref.key}"
    pair.by_hand(path, {"project_id": project, "work_order_contract": {"title": "Paving"}})
    assert [op.code for op in pair.plan("commitments").held] == ["edited-after-export"]
    pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")
    pair.syncer.send(pair.ref, by=SAM)
    assert not pair.plan("commitments").held


# ---------------------------------------------------------------- interrupted


@pytest.mark.parametrize("after", [0, 1, 2])
def test_cut_short_anywhere_it_can_be_repeated(pair: Exported, after: int) -> None:
    """The program dies before one of the three marks is cleared."""
    changes: list[Request] = []

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.method != "GET" and "oauth" not in request.url:
            changes.append(request)
            if len(changes) > after:
                raise SimulatedCrash("before the mark")
        return inner(request)

    pair.to_procore.answer = answer
    with pytest.raises(SimulatedCrash):
        pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")
    assert pair.state(pair.ref) is State.SYNCED
    assert len(links(pair)) == 6
    pair.to_procore.answer = None
    pair.syncer.unlink(pair.ref, by=ANNA, why="deleted")
    assert pair.state(pair.ref) is State.UNLINKED
    assert not marks(pair)
    assert not links(pair)


# ---------------------------------------------------------------- piece by piece


@attrs.define
class Stub:
    """A system that gives the same answer to everything, and remembers what it was asked."""

    found: bool | None = False
    state: OutcomeState = "done"
    asked: list[str] = attrs.field(factory=list)
    cleared: list[str] = attrs.field(factory=list)

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Nothing."""
        return Reading(items=(), as_of=CLOCK.now())

    def capabilities(self, kind: str) -> Capabilities:
        """One at a time."""
        return Capabilities()

    def write(self, batch: Batch) -> Sequence[ItemOutcome]:
        """Every mark meets the same fate."""
        self.cleared += [str(item.ref) for item in batch.items]
        reasons = (Violation(code="locked", message="is locked"),)
        return [
            ItemOutcome(op_id=item.op_id, state=self.state, violations=reasons)
            for item in batch.items
        ]

    def probe(self, batch: Batch) -> Sequence[Probe]:
        """Every record is there, is not, or nobody knows."""
        self.asked += [str(item.target_id) for item in batch.items]
        return [Probe(op_id=item.op_id, found=self.found) for item in batch.items]


def memory(document: Ref, *rows: Ref, state: State = State.SYNCED) -> StateStore:
    """A store in which a document is exported as these records and marks."""
    store = MemoryStore().for_company(CompanyKey("1", "ABC"))
    project = Ref("project", "25-0101")
    store.commit(
        StoreChange(
            approvals=(
                Approval(
                    document=Document(ref=document, feature="change_orders", title="CO 7"),
                    state=state,
                ),
            ),
            links=(
                CrosswalkRow(ref=project, target_id="77", base={}),
                *(
                    CrosswalkRow(
                        ref=row,
                        target_id=f"id of {row.key}",
                        base={},
                        scope=project if row.kind.endswith("mark") else None,
                    )
                    for row in rows
                ),
            ),
        )
    )
    return store


def unlink(store: StateStore, ref: Ref, procore: Stub, erp: Stub, why: str = "") -> Approval:
    """Unlink by an approver."""
    return unlink_document(
        ref,
        by=ANNA,
        why=why,
        approvals=Approvals(store, CLOCK),
        store=store,
        procore=procore,
        erp=erp,
    )


CHANGE = Ref("change_order", "7")
ITS_OWN = (
    Ref("change_request_line", "7/1"),
    Ref("subcontract_line", "change/7/1"),
    Ref("phase", "change/7/031000/S"),
    Ref("change_order_mark", "7"),
)
ALIKE = (
    Ref("subcontract", "7"),
    Ref("subcontract_line", "7/1"),
    Ref("subcontract_line", "change/8/7"),
    Ref("phase", "7/031000/S"),
    Ref("commitment_mark", "7"),
    Ref("commitment_line_mark", "7/1"),
    Ref("change_request_line", "8/7"),
    Ref("vendor", "7"),
    Ref("job", "7"),
)


def left(store: StateStore) -> set[Ref]:
    """The records and marks that the store still knows."""
    kinds = {row.kind for row in (*ITS_OWN, *ALIKE)}
    return {row.ref for kind in kinds for row in store.read_links(Crosswalk(kind=kind))}


def test_only_what_belongs_to_a_change_order_goes() -> None:
    """Ids of other kinds of record may be the same number."""
    store = memory(CHANGE, *ITS_OWN, *ALIKE)
    procore = Stub()
    assert unlink(store, CHANGE, procore, Stub()).state is State.UNLINKED
    assert left(store) == set(ALIKE)
    assert procore.cleared == ["change_order_mark 7"]


def test_only_what_belongs_to_a_commitment_goes() -> None:
    """The change orders of others, a job and a vendor of the same number stay."""
    commitment = Ref("commitment", "7")
    store = memory(commitment, *ITS_OWN, *ALIKE)
    unlink(store, commitment, Stub(), Stub())
    assert left(store) == {
        *ITS_OWN,
        Ref("subcontract_line", "change/8/7"),
        Ref("phase", "7/031000/S"),
        Ref("change_request_line", "8/7"),
        Ref("vendor", "7"),
        Ref("job", "7"),
    }


def test_a_change_order_is_looked_for_by_its_requests() -> None:
    """Phases stay with their job, and empty lines with their subcontract."""
    erp = Stub()
    unlink(memory(CHANGE, *ITS_OWN), CHANGE, Stub(), erp)
    assert erp.asked == ["id of 7/1"]


def test_what_never_reached_spectrum_has_to_be_confirmed() -> None:
    """A failed export without a single record cannot be looked up."""
    store = memory(CHANGE, state=State.FAILED)
    with pytest.raises(RefusedError):
        unlink(store, CHANGE, Stub(), Stub())
    assert unlink(store, CHANGE, Stub(), Stub(), "none there").state is State.UNLINKED


@pytest.mark.parametrize("state", ["refused", "failed", "unknown"])
def test_a_mark_that_stays_stops_it(state: OutcomeState) -> None:
    """With Procore's reason; nothing is forgotten."""
    store = memory(CHANGE, *ITS_OWN)
    with pytest.raises(RefusedError, match="stays in Procore") as caught:
        unlink(store, CHANGE, Stub(state=state), Stub())
    assert [found.code for found in caught.value.violations] == ["locked"]
    assert left(store) == set(ITS_OWN)


def test_a_confirmation_overrules_ignorance() -> None:
    """Nobody can tell, so that the person's word counts."""
    store = memory(CHANGE, *ITS_OWN)
    unlink(store, CHANGE, Stub(), Stub(found=None), "deleted")
    assert not left(store)


def test_a_confirmation_overrules_no_finding() -> None:
    """What is there is there."""
    store = memory(CHANGE, *ITS_OWN)
    with pytest.raises(ConflictError):
        unlink(store, CHANGE, Stub(), Stub(found=True), "deleted")
    assert left(store) == set(ITS_OWN)


UNLINKED_FROM = {State.SYNCED, State.FAILED, State.EXPORTING}


@pytest.mark.parametrize("state", [s for s in State if s not in UNLINKED_FROM])
def test_no_mark_is_cleared_in_any_other_state(state: State) -> None:
    """The refusal comes before the first request."""
    store = memory(CHANGE, *ITS_OWN, state=state)
    procore, erp = Stub(), Stub()
    with pytest.raises(ConflictError):
        unlink(store, CHANGE, procore, erp, "deleted")
    assert not procore.cleared
    assert not erp.asked


def test_its_doubts_are_forgotten() -> None:
    """What was sent without an answer was deleted with the rest; doubts of others stay."""
    store = memory(CHANGE, *ITS_OWN, state=State.FAILED)
    doubts = [Ref("change_request_line", "7/2"), Ref("phase", "7/031000/S")]
    store.commit(
        StoreChange(
            started=tuple(
                StartedOperation(
                    op_id=f"op {ref}",
                    ref=ref,
                    target="spectrum",
                    verb="create",
                    at=CLOCK.now(),
                    plan_id="p",
                    fields={},
                )
                for ref in doubts
            )
        )
    )
    unlink(store, CHANGE, Stub(), Stub())
    assert [doubt.ref for doubt in store.read_started()] == doubts[1:]
