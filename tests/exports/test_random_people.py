"""Random people on both sides, random deaths and lost answers: Spectrum stays explainable.

More of it: PROCORE_SPECTRUM_RANDOM_PEOPLE=500 pytest tests/exports/test_random_people.py
"""

from __future__ import annotations

import os
from contextlib import suppress
from decimal import Decimal
from typing import Any

from dying import Fate, MortalStore, Point
from exporting_company import ANNA, PAIRS, SAM, ExportingCompany
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from procore_spectrum import Plan
from procore_spectrum.errors import ConflictError, ProcoreSpectrumError, RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey, EventQuery
from procore_spectrum.testing.faulty import SimulatedCrash

EXAMPLES = int(os.environ.get("PROCORE_SPECTRUM_RANDOM_PEOPLE", "12"))

which = st.integers(0, 3)
pairs = st.sampled_from(PAIRS)
amounts = st.integers(1, 99999).map(lambda cents: f"{Decimal(cents) / 100:.2f}")
points = st.builds(
    Point,
    st.just("write"),
    st.integers(1, 9),
    st.sampled_from(["before", "after", "lost"]),
) | st.builds(Point, st.just("commit"), st.integers(1, 40), st.sampled_from(["before", "after"]))

LineKey = tuple[str, str]
"""Phase and cost type."""


class RandomPeople(RuleBasedStateMachine):
    """Senders, approvers, editors, and a connector that dies."""

    @initialize()
    def open_the_office(self) -> None:
        """Two vendors, one job, four phases, and numbers that collide."""
        self.fate = Fate()
        self.company = ExportingCompany(store=MortalStore(self.fate))
        self.company.commitments_by(numbering=Numbering(policy="last", keep=1))
        self.company.to_procore.answer = self.fate.answer
        self.company.to_spectrum.answer = self.fate.answer
        self.refs: list[Ref] = []
        self.documents: dict[str, Document] = {}
        self.old_plan: Plan | None = None

    # ------------------------------------------------------------ people in Procore

    @rule(vendor=st.sampled_from(["ACME", "BOLT"]), chosen=st.sets(pairs, min_size=1), of=amounts)
    def somebody_signs_a_contract(self, vendor: str, chosen: set[LineKey], of: str) -> None:
        """A new approved commitment."""
        if len(self.refs) < 4:
            lines = [(pair, of, f"Part {n}") for n, pair in enumerate(sorted(chosen))]
            number = f"SC-{len(self.refs)}{len(self.refs) % 2}"
            self.refs.append(self.company.commitment(number, lines, vendor=vendor))

    @precondition(lambda self: self.refs)
    @rule(one=which, line=which, amount=amounts)
    def somebody_edits_a_line(self, one: int, line: int, amount: str) -> None:
        """Another amount."""
        if found := self._line(one, line):
            self.company.edit_line(self._ref(one), found["id"], amount=amount)

    @precondition(lambda self: self.refs)
    @rule(one=which, line=which, pair=pairs)
    def somebody_recodes_a_line(self, one: int, line: int, pair: LineKey) -> None:
        """Another phase and cost type."""
        if found := self._line(one, line):
            self.company.edit_line(self._ref(one), found["id"], **self.company.code_of(pair))

    @precondition(lambda self: self.refs)
    @rule(one=which, pair=pairs, amount=amounts)
    def somebody_adds_a_line(self, one: int, pair: LineKey, amount: str) -> None:
        """A line more, perhaps on a pair that is there already."""
        self.company.add_line(self._ref(one), (pair, amount, "Extra"))

    @precondition(lambda self: self.refs)
    @rule(one=which, line=which)
    def somebody_removes_a_line(self, one: int, line: int) -> None:
        """A line less."""
        if found := self._line(one, line):
            self.company.remove_line(self._ref(one), found["id"])

    @precondition(lambda self: self.refs)
    @rule(one=which, point=points, pair=pairs, remove=st.booleans())
    def somebody_takes_away_what_is_in_doubt(
        self, one: int, point: Point, pair: LineKey, *, remove: bool
    ) -> None:
        """After a death, the very line that Spectrum may have."""
        self.accounting_accepts_and_the_run_is_disturbed(one, point)
        for doubt in self.company.syncer.status().in_doubt:
            commitment, _, line = doubt.ref.key.partition("/")
            if doubt.ref.kind == "subcontract_line" and remove:
                self.company.remove_line(Ref("commitment", commitment), int(line))
            elif doubt.ref.kind == "subcontract_line":
                codes = self.company.code_of(pair)
                self.company.edit_line(Ref("commitment", commitment), int(line), **codes)

    @precondition(lambda self: self.refs)
    @rule(one=which)
    def the_sender_sends_again(self, one: int) -> None:
        """After a rejection, a retrieval or an unlinking; refused otherwise."""
        with suppress(ProcoreSpectrumError):
            self.company.syncer.send(self._ref(one), by=SAM)

    @precondition(lambda self: self.refs)
    @rule(one=which)
    def the_sender_retrieves(self, one: int) -> None:
        """While it waits."""
        with suppress(ProcoreSpectrumError):
            self.company.syncer.approvals.retrieve(self._ref(one), by=SAM)

    # ------------------------------------------------------------ accounting

    @precondition(lambda self: self.refs)
    @rule(one=which, number=st.sampled_from(["", "", "", "0", "1", "N7"]))
    def accounting_accepts(self, one: int, number: str) -> None:
        """As it is shown, with the proposal or a number of its own."""
        self._accept(self._ref(one), number)

    @precondition(lambda self: self.refs)
    @rule(one=which)
    def accounting_rejects(self, one: int) -> None:
        """While it waits, or after a failure."""
        with suppress(ProcoreSpectrumError):
            self.company.syncer.approvals.reject(self._ref(one), by=ANNA, why="no")

    @rule(broken=st.booleans())
    def accounting_closes_an_account(self, *, broken: bool) -> None:
        """Lines of one cost type are refused for a while."""
        refused = frozenset({"M"}) if broken else frozenset[str]()
        self.company.spectrum_switch(cost_types_without_gl=refused)

    @precondition(lambda self: self.refs)
    @rule(one=which)
    def accounting_retries(self, one: int) -> None:
        """After a failure."""
        with suppress(ProcoreSpectrumError):
            self.company.syncer.approvals.retry(self._ref(one), by=ANNA)

    @precondition(lambda self: self.refs)
    @rule(one=which)
    def accounting_deletes_a_subcontract(self, one: int) -> None:
        """It is deleted in Spectrum, and unlinked as the connector wants it."""
        ref = self._ref(one)
        if self._state(ref) is State.SYNCED:
            row = self._row(Ref("subcontract", ref.key))
            self.company.spectrum.remove_subcontract(*row.target_id.split("/"))
            self.company.syncer.unlink(ref, why="deleted in Spectrum", by=ANNA)

    # ------------------------------------------------------------ the connector

    @rule()
    def a_run(self) -> None:
        """Nothing goes wrong."""
        self.company.export()

    @precondition(lambda self: self.refs)
    @rule(one=which, point=points)
    def accounting_accepts_and_the_run_is_disturbed(self, one: int, point: Point) -> None:
        """What is most dangerous, more often than by chance."""
        self.company.export()
        self._accept(self._ref(one), "")
        self.a_run_is_disturbed(point)

    @rule(point=points)
    def a_run_is_disturbed(self, point: Point) -> None:
        """It dies somewhere, or an answer is lost."""
        self.fate.strike_at(point)
        with suppress(SimulatedCrash, ProcoreSpectrumError):
            self.company.export()
        self.fate.strike_at(None)

    @rule()
    def a_plan_is_made_for_later(self) -> None:
        """Somebody keeps a plan."""
        self.old_plan = self.company.exports()

    @precondition(lambda self: self.old_plan is not None)
    @rule()
    def an_old_plan_is_applied(self) -> None:
        """However much has changed since."""
        assert self.old_plan is not None
        self.company.syncer.apply(self.old_plan)

    # ------------------------------------------------------------ what must always hold

    @invariant()
    def everything_in_spectrum_was_accepted(self) -> None:
        """Header and lines are those of a document that the journal says was accepted."""
        for book in self._books():
            owner = self._owner(book)
            accepted = self._accepted(owner, book["Subcontract_Number"])
            assert book["Comment"] in {document.fields["comment"] for document in accepted}
            for line in book["lines"]:
                wanted = [
                    shown
                    for document in accepted
                    for shown in document.lines
                    if (shown["phase_code"], shown["cost_type"])
                    == (line["Phase_Code"], line["Cost_Type"])
                    and shown["original_contract_amount"]
                    == Decimal(line["Original_Contract_Amount"])
                    and shown["bill_description"] == line["Bill_Description"]
                ]
                assert wanted, (owner, line)

    @invariant()
    def no_number_is_used_twice(self) -> None:
        """A number belongs to one record, for ever; a record has one subcontract."""
        owners = [self._owner(book) for book in self._books()]
        assert len(owners) == len(set(owners))

    @invariant()
    def the_store_is_sound(self) -> None:
        """The journal's chain holds."""
        assert self._handle().verify() == ()

    def teardown(self) -> None:
        """After quiet runs, both systems lead to each other, and nothing is lost or twice."""
        if not hasattr(self, "company"):
            return
        self.company.spectrum_switch(cost_types_without_gl=frozenset())
        for _ in range(3):
            self.company.export()
            for ref in self.refs:
                with suppress(ProcoreSpectrumError):
                    self.company.syncer.approvals.retry(ref, by=ANNA)
                self._accept(ref, "")
        self.everything_in_spectrum_was_accepted()
        self.no_number_is_used_twice()
        plan = self.company.exports()
        assert plan.is_empty or self._all_wait_for_a_number(plan), plan.render()
        held = {op.document: op.code for op in plan.held}
        for ref in self.refs:
            self._check_links(ref, held.get(ref, ""))

    def _all_wait_for_a_number(self, plan: Plan) -> bool:
        states = {self._state(op.document) for op in plan.todo if op.document}
        return states <= {State.READY_TO_EXPORT}

    def _check_links(self, ref: Ref, code: str) -> None:
        """What Spectrum has of a commitment is what is linked, or visibly in doubt."""
        links = [
            row.target_id
            for row in self.company.syncer.links("subcontract_line")
            if row.ref.key.split("/")[0] == ref.key
        ]
        there = [
            "/".join([*number, line["Phase_Code"], line["Cost_Type"], ""])
            for book in self._books()
            if self._owner(book) == ref
            for number in [(book["Vendor_Code"], book["Subcontract_Number"])]
            for line in book["lines"]
        ]
        doubts = {doubt.ref.key.split("/")[0] for doubt in self.company.syncer.status().in_doubt}
        if ref.key in doubts:
            assert code in {"in-doubt", "edited-after-export"}, (ref, code)
            assert set(links) <= set(there)
            return
        assert sorted(links) == sorted(there), (ref, code)
        if self._state(ref) is State.SYNCED and not code:
            lines = self.company.lines_in_procore(ref)
            assert len(lines) == len(there)
            assert all(line["origin_id"] for line in lines)
            assert self.company.row("work_order_contracts", id=int(ref.key))["origin_id"]

    # ------------------------------------------------------------ helpers

    def _accept(self, ref: Ref, number: str) -> None:
        """Whatever is refused changes nothing; what is accepted is remembered."""
        if self._state(ref) is None:
            return
        document = self.company.approval(ref).document
        given: dict[str, Any] = {"subcontract_number": number} if number else {}
        with suppress(RefusedError, ConflictError):
            self.company.accept(ref, **given)
            self.documents[document.shown] = document

    def _accepted(self, ref: Ref, number: str) -> list[Document]:
        events = self._handle().read_events(EventQuery(ref=ref, action="accept"))
        return [
            self.documents[event.detail["shown"]]
            for event in events
            if event.detail["given"]["subcontract_number"] == number
        ]

    def _owner(self, book: dict[str, Any]) -> Ref:
        space = f"subcontract/{book['Vendor_Code']}"
        claims = self._handle().read_claims(space)
        (found,) = [claim.ref for claim in claims if claim.number == book["Subcontract_Number"]]
        return found

    def _books(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.company.books["subcontracts"]
        return found

    def _handle(self) -> Any:
        key = CompanyKey(str(self.company.procore.company_id), self.company.spectrum.company_code)
        return self.company.store.for_company(key)

    def _ref(self, one: int) -> Ref:
        return self.refs[one % len(self.refs)]

    def _row(self, ref: Ref) -> Any:
        (found,) = [row for row in self.company.syncer.links(ref.kind) if row.ref == ref]
        return found

    def _line(self, one: int, line: int) -> dict[str, Any] | None:
        lines = self.company.lines_in_procore(self._ref(one))
        return lines[line % len(lines)] if lines else None

    def _state(self, ref: Ref) -> State | None:
        found = self._handle().read_approval(ref)
        return found.state if found else None


RandomPeople.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


TestRandomPeople = RandomPeople.TestCase
