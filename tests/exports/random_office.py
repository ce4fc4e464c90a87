"""An office in which people, the connector and bad luck act at random, and what must hold there.

Whatever is exported, the same people are at work: somebody who sends, somebody who accepts what
lies on the desk, somebody who edits in Procore at any moment, also while a run is under way. A
machine says which documents there are, how they are edited, and what an acceptance permits.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, TypeAlias

import attrs
from dying import Fate, Point
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from procore_spectrum import Plan, Report
from procore_spectrum.apply.approvals import Person
from procore_spectrum.errors import ConflictError, ProcoreSpectrumError, RefusedError
from procore_spectrum.plan.approvals import Role, State
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey, Reading, ReadQuery
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

ANNA = Person(name="Anna Accountant", roles=frozenset({Role.APPROVER}))
SAM = Person(name="Sam Sender", roles=frozenset({Role.SENDER}))

Call: TypeAlias = "tuple[str, frozenset[tuple[str, str]]]"
"""A write as Spectrum sees it: the service, and what is not blank."""

Ids: TypeAlias = "dict[str, set[str]]"
"""Ids of Spectrum's records, by kind."""

_ENVELOPE = frozenset({"guid", "company_code"})
_AMOUNTS = ("amount", "percent", "days", "division")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "vendor": ("vendor_code",),
    "job": ("job_number",),
    "phase": ("job_number", "phase_code", "cost_type"),
    "subcontract": ("vendor_code", "subcontract_number"),
    "subcontract_line": ("vendor_code", "subcontract_number", "phase_code", "cost_type", ""),
    "change_request": ("job_number", "customer_code", "change_request_number"),
    "change_request_line": (
        *("job_number", "customer_code", "change_request_number"),
        *("cr_phase_code", "cr_cost_type", "subcontractor_code", "subcontract_number"),
        *("", "", "", ""),
    ),
}
_KIND_OF = {
    "AddVendor": "vendor",
    "AddJob": "job",
    "AddPhase": "phase",
    "UpdateSubcontract": "subcontract",
    "UpdateSubcontractPhases": "subcontract_line",
    "ARChangeRequest": "change_request_line",
}
_NEVER_REPEATED = frozenset({"AddVendor", "AddJob", "ARChangeRequest"})

which = st.integers(0, 3)
numbers = st.sampled_from(["", "", "", "0", "1", "N7"])
deaths = st.sampled_from(["before", "after", "lost", "cut"])
edits = st.sampled_from(["recode", "amount", "remove", "retitle", "add"])
fatal = st.builds(Point, st.just("erp"), st.integers(1, 3), st.sampled_from(["after", "cut"]))
points = (
    st.builds(Point, st.just("erp"), st.integers(1, 6), deaths)
    | st.builds(Point, st.just("write"), st.integers(1, 9), deaths)
    | st.builds(Point, st.just("commit"), st.integers(1, 40), st.sampled_from(["before", "after"]))
)


def call(service: str, fields: Mapping[str, Any]) -> Call:
    """A write with these elements, however their values are spelt."""
    shown = {name.lower(): _text(name.lower(), value) for name, value in fields.items()}
    return service, frozenset((k, v) for k, v in shown.items() if v and k not in _ENVELOPE)


def _text(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, Decimal | int) or name.endswith(_AMOUNTS):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)


def id_of(kind: str, fields: Mapping[str, Any]) -> str:
    """The id of a record of Spectrum: its key, joined."""
    return "/".join(str(fields.get(name) or "") for name in _KEYS[kind])


@attrs.frozen
class Acceptance:
    """What somebody said yes to: the document on the desk, and the fields that were given."""

    document: Document
    given: Mapping[str, Any]


@attrs.frozen
class Beginning:
    """What happens first in an office."""

    story: str
    one: int
    point: Point
    edit: str
    n: int
    number: str
    flag: bool


beginnings = st.builds(
    Beginning,
    st.sampled_from(["doubt", "during", "desk", "before", "doubt"]),
    which,
    fatal,
    edits,
    which,
    numbers,
    st.booleans(),
)


def _danger(
    story: str, edit: str, number: str = "", at: int = 1, *, flag: bool = True
) -> Beginning:
    return Beginning(story, 0, Point("erp", at, "cut"), edit, 0, number, flag)


DANGERS: tuple[Beginning, ...] = (
    *(
        _danger("doubt", edit, number, at)
        for edit in ("recode", "remove", "retitle")
        for number in ("", "N7")
        for at in (1, 2)
    ),
    *(_danger("during", edit, at=at) for edit in ("amount", "recode", "remove") for at in (1, 2)),
    *(
        _danger("desk", edit, flag=flag)
        for edit in ("amount", "retitle", "recode")
        for flag in (True, False)
    ),
    _danger("before", "amount", "N7"),
)
"""Beginnings that are tried every time, whatever chance draws."""


class Office(RuleBasedStateMachine):
    """Senders, approvers, editors, and a connector that dies.

    Machines set ``company`` and ``fate`` when they begin, and say the rest by overriding.
    """

    company: Any
    fate: Fate

    def open(self, company: Any, fate: Fate) -> None:
        """Begin to watch a company in which nothing was exported yet."""
        self.company, self.fate = company, fate
        self.refs: list[Ref] = []
        self.desk: dict[Ref, Document] = {}
        self.yes: dict[Ref, Acceptance] = {}
        self.last_yes: dict[Ref, Acceptance] = {}
        self.owners: dict[tuple[str, str], Ref] = {}
        self.ours: set[tuple[str, str]] = set()
        self.fresh = 0
        self.old_plan: Plan | None = None
        company.to_procore.answer = fate.answer
        company.to_spectrum.answer = self._watched

    # ------------------------------------------------------------ what a machine says

    def permitted(self, yes: Acceptance) -> set[Call]:
        """The writes that an acceptance permits."""
        raise NotImplementedError

    def state(self) -> Ids:
        """The ids of everything that Spectrum holds, of the kinds that are exported."""
        raise NotImplementedError

    def headers(self) -> list[tuple[str, str]]:
        """Space and number of every document that Spectrum holds."""
        raise NotImplementedError

    def marked(self) -> list[Ref]:
        """The documents whose records in Procore say that they are in Spectrum."""
        raise NotImplementedError

    def meddle(self, ref: Ref, how: str, n: int) -> None:
        """Somebody edits the record in Procore."""
        raise NotImplementedError

    def another(self, one: int) -> Ref:
        """A document that nobody has sent yet, or an older one when there are enough."""
        raise NotImplementedError

    def run(self, progress: Callable[[Any], None] | None = None) -> Report:
        """Plan and apply once."""
        found: Report = self.company.syncer.apply(self.plan(), progress=progress)
        return found

    def plan(self) -> Plan:
        """Plan once."""
        raise NotImplementedError

    def settle(self) -> None:
        """Nothing is refused any more, and Spectrum can be read."""
        self.company.readable = True

    # ------------------------------------------------------------ people

    @rule(one=which)
    def the_sender_sends_again(self, one: int) -> None:
        """After a rejection, a retrieval or an unlinking; refused otherwise."""
        if self.refs:
            with suppress(ProcoreSpectrumError):
                self.company.syncer.send(self.ref(one), by=SAM)

    @rule(one=which)
    def the_sender_retrieves(self, one: int) -> None:
        """While it waits."""
        if self.refs:
            with suppress(ProcoreSpectrumError):
                self.company.syncer.approvals.retrieve(self.ref(one), by=SAM)
                self.yes.pop(self.ref(one), None)

    @rule(one=which)
    def the_approver_looks(self, one: int) -> None:
        """What is shown now lies on the desk from here on."""
        if self.refs:
            self.look(self.ref(one))

    @rule(one=which, number=numbers)
    def the_approver_accepts(self, one: int, number: str) -> None:
        """What lies on the desk, however old, with the proposal or a number of one's own."""
        if self.refs:
            self.accept(self.ref(one), number)

    @rule(one=which)
    def the_approver_rejects(self, one: int) -> None:
        """While it waits, or after a failure."""
        if self.refs:
            with suppress(ProcoreSpectrumError):
                self.company.syncer.approvals.reject(self.ref(one), by=ANNA, why="no")
                self.yes.pop(self.ref(one), None)

    @rule(one=which)
    def the_approver_retries(self, one: int) -> None:
        """After a failure."""
        if self.refs:
            with suppress(ProcoreSpectrumError):
                self.company.syncer.approvals.retry(self.ref(one), by=ANNA)

    @rule(readable=st.booleans())
    def spectrum_can_be_read(self, *, readable: bool) -> None:
        """Read access to its tables is given, or taken away."""
        self.company.readable = readable

    # ------------------------------------------------------------ the connector

    @rule()
    def a_run(self) -> None:
        """Nothing goes wrong."""
        self.run()

    @rule(point=points)
    def a_run_is_disturbed(self, point: Point) -> None:
        """It dies somewhere, or an answer is lost."""
        self.fate.strike_at(point)
        with suppress(SimulatedCrash, ProcoreSpectrumError):
            self.run()
        self.fate.strike_at(None)

    @rule()
    def a_plan_is_made_for_later(self) -> None:
        """Somebody keeps a plan."""
        self.old_plan = self.plan()

    @rule()
    def an_old_plan_is_applied(self) -> None:
        """However much has changed since."""
        if self.old_plan is not None:
            self.company.syncer.apply(self.old_plan)

    # ------------------------------------------------------------ what is most dangerous

    def begin(self, how: Beginning) -> None:
        """Every office opens with something dangerous, before chance takes over."""
        one, edit, n = how.one, how.edit, how.n
        match how.story:
            case "doubt":
                self.somebody_edits_what_is_in_doubt(
                    one, how.point, edit, n, how.number, between=how.flag
                )
            case "during":
                self.somebody_edits_during_a_run(one, how.point.number, edit, n, how.number)
            case "desk":
                self.somebody_edits_what_lies_on_the_desk(one, edit, n, known=how.flag)
            case "before":
                self.a_plan_from_before_the_acceptance_is_applied(one, how.number)

    @rule(one=which, how=edits, n=which)
    def somebody_edits(self, one: int, how: str, n: int) -> None:
        """In Procore, whatever the connector is at."""
        if self.refs:
            self.meddle(self.ref(one), how, n)

    @rule(one=which, point=fatal, how=edits, n=which, number=numbers, between=st.booleans())
    def somebody_edits_what_is_in_doubt(
        self, one: int, point: Point, how: str, n: int, number: str, *, between: bool
    ) -> None:
        """An answer is lost; the very line is edited; it is asked and accepted again."""
        ref = self.another(one)
        self._accepted(ref)
        self.a_run_is_disturbed(point)
        self.meddle(ref, how, n)
        if between:
            self.run()
        self._accepted(ref, number)
        self.run()

    @rule(one=which, outcome=st.integers(1, 3), how=edits, n=which, number=numbers)
    def somebody_edits_during_a_run(
        self, one: int, outcome: int, how: str, n: int, number: str
    ) -> None:
        """After some outcome, the record is edited, proposed anew by another run, and accepted."""
        ref = self.another(one)
        self._accepted(ref)
        seen = []

        def progress(found: object) -> None:
            seen.append(found)
            if len(seen) == outcome:
                self.meddle(ref, how, n)
                self._accepted(ref, number)

        self.run(progress)

    @rule(one=which, how=edits, n=which, known=st.booleans())
    def somebody_edits_what_lies_on_the_desk(
        self, one: int, how: str, n: int, *, known: bool
    ) -> None:
        """The approver says yes to what it was before, and the connector may know it or not."""
        ref = self.another(one)
        self.run()
        self.look(ref)
        self.meddle(ref, how, n)
        if known:
            self.run()
        self.accept(ref, "")
        self.run()

    @rule(one=which, number=numbers)
    def a_plan_from_before_the_acceptance_is_applied(self, one: int, number: str) -> None:
        """It has the proposed number, not the one that was given."""
        ref = self.another(one)
        self.run()
        plan = self.plan()
        self.look(ref)
        self.accept(ref, number)
        self.company.syncer.apply(plan)

    def _accepted(self, ref: Ref, number: str = "") -> None:
        self.run()
        self.look(ref)
        self.accept(ref, number)

    # ------------------------------------------------------------ what must always hold

    def _watched(self, request: Request, inner: Callable[[Request], Response]) -> Response:
        """Stands before Spectrum: a write has to be what somebody said yes to, this very minute."""

        def seen(request: Request) -> Response:
            before, taken = self.state(), len(self.company.spectrum.calls)
            response = inner(request)
            for record in self.company.spectrum.calls[taken:]:
                if record.service in _KIND_OF:
                    self._judge(record.service, record.parameters, before)
            return response

        return self.fate.answer(request, seen)

    def _judge(self, service: str, parameters: Mapping[str, str], before: Ids) -> None:
        made = call(service, parameters)
        allowing = [ref for ref, yes in self.yes.items() if made in self.permitted(yes)]
        assert allowing, f"nobody accepted {made}; accepted was {self.yes}"
        queue = [self.queued(ref) for ref in allowing]
        assert any(
            found.state.may_write and found.document.shown == self.yes[found.ref].document.shown
            for found in queue
            if found is not None
        ), f"written without a valid acceptance: {made}"
        kind = _KIND_OF[service]
        name = id_of(kind, {key.lower(): value for key, value in parameters.items()})
        assert service not in _NEVER_REPEATED or name not in before[kind], f"twice: {made}"
        self.ours.add((kind, name))

    @invariant()
    def a_number_has_one_record(self) -> None:
        """Spectrum holds nothing under a number that nobody gave, and nothing under two."""
        if hasattr(self, "company"):
            count = Counter(self.owners[header] for header in self.headers())
            assert all(found == 1 for found in count.values()), count

    @invariant()
    def everything_leads_back(self) -> None:
        """What was written is linked, or known to be in doubt; what is linked is there."""
        if not hasattr(self, "company"):
            return
        there, syncer = self.state(), self.company.syncer
        doubts = syncer.status().in_doubt
        for kind, ids in there.items():
            linked = {row.target_id for row in syncer.links(kind)}
            doubtful = {id_of(kind, doubt.fields) for doubt in doubts if doubt.ref.kind == kind}
            written = {name for name in ids if (kind, name) in self.ours}
            assert written <= linked | doubtful, (kind, written - linked - doubtful)
            assert linked <= ids, (kind, linked - ids)

    @invariant()
    def marks_come_last(self) -> None:
        """A record in Procore says that it is in Spectrum only when all of it is."""
        if hasattr(self, "company"):
            there = self.state()
            for ref in self.marked():
                missing = self.wanted(self.last_yes[ref]) - {
                    (k, i) for k in there for i in there[k]
                }
                assert not missing, (ref, missing)

    @invariant()
    def the_store_is_sound(self) -> None:
        """The journal's chain holds."""
        if hasattr(self, "company"):
            assert self.handle().verify() == ()

    def wanted(self, yes: Acceptance) -> set[tuple[str, str]]:
        """Kinds and ids of the records that an acceptance asks for."""
        return {
            (_KIND_OF[service], id_of(_KIND_OF[service], dict(elements)))
            for service, elements in self.permitted(yes)
        }

    def check(self) -> None:
        """Everything that must always hold, and then the end."""
        self.a_number_has_one_record()
        self.everything_leads_back()
        self.marks_come_last()
        self.the_store_is_sound()
        self.teardown()

    def teardown(self) -> None:
        """People answer everything and undo nothing: then there is nothing left to do."""
        if not hasattr(self, "company"):
            return
        self.fate.strike_at(None)
        self.settle()
        for _ in range(4):
            self.run()
            for ref in self.refs:
                with suppress(ProcoreSpectrumError):
                    self.company.syncer.approvals.retry(ref, by=ANNA)
                self.look(ref)
                if not self.accept(ref, ""):
                    self.fresh += 1
                    self.accept(ref, f"Z{self.fresh}")
        self.run()
        self._is_quiet()

    def _is_quiet(self) -> None:
        written = len(self.writes())
        plan = self.plan()
        assert not [op.ref for op in plan.todo], plan.render()
        self.run()
        assert len(self.writes()) == written
        held = {op.document: op.code for op in plan.held if op.document is not None}
        for ref in self.refs:
            found = self.queued(ref)
            if ref in held or found is None:
                continue
            assert found.state not in {State.ACCEPTED, State.EXPORTING, State.FAILED}, found
            if found.state is State.SYNCED:
                assert ref in self.marked(), ref
        open_doubts = [doubt.ref for doubt in self.company.syncer.status().in_doubt]
        assert not open_doubts or "in-doubt" in held.values() or held, open_doubts

    # ------------------------------------------------------------ helpers

    def look(self, ref: Ref) -> None:
        """Put what is shown on the desk."""
        found = self.queued(ref)
        if found is not None:
            self.desk[ref] = found.document

    def accept(self, ref: Ref, number: str) -> bool:
        """Say yes to what lies on the desk; what is refused changes nothing."""
        document = self.desk.get(ref)
        if document is None:
            return False
        there = {self.owners[h]: h for h in self.headers() if h in self.owners}
        need = next(need for need in document.needs if need.space)
        given = {need.name: number} if number else {}
        try:
            found = self.company.syncer.approvals.accept(
                ref, by=ANNA, given=given, shown=document.shown
            )
        except (RefusedError, ConflictError):
            return False
        header = (need.space, str(found.given[need.name]))
        assert self.owners.setdefault(header, ref) == ref, f"{header} was given twice"
        assert there.get(ref, header) == header, f"{ref} is in Spectrum as {there[ref]}"
        # Marks that failed half-way stay on a record that is rejected later.
        self.yes[ref] = self.last_yes[ref] = Acceptance(document, dict(found.given))
        return True

    def ref(self, one: int) -> Ref:
        """One of the documents."""
        return self.refs[one % len(self.refs)]

    def queued(self, ref: Ref) -> Any:
        """Where an export stands; None when it was never sent."""
        return self.handle().read_approval(ref)

    def handle(self) -> Any:
        """The store of this pair of companies."""
        key = CompanyKey(str(self.company.procore.company_id), self.company.spectrum.company_code)
        return self.company.store.for_company(key)

    def writes(self) -> list[Any]:
        """Everything that Spectrum was asked to write."""
        return [found for found in self.company.spectrum.calls if found.service in _KIND_OF]


class ReadsTables:
    """Reads Spectrum's tables: what a query by SQL would list. None while it may not."""

    def __init__(self, books: Callable[[], Mapping[str, Any]], now: Callable[[], Any]) -> None:
        self._books = books
        self._now = now

    def read(self, query: ReadQuery) -> Reading[Any]:
        """All records of a kind."""
        items = tuple(
            SimpleNamespace(
                target_id=id_of(query.kind, row),
                **{name: row.get(name) for name in _KEYS[query.kind] if name},
            )
            for row in table(self._books(), query.kind)
        )
        return Reading(items=items, as_of=self._now(), complete=True)


def table(books: Mapping[str, Any], kind: str) -> Iterable[dict[str, Any]]:
    """The records of one kind in the state of the fake, by small letters."""
    found: list[dict[str, Any]] = []
    if kind == "subcontract_line":
        found = [{**book, **line} for book in books["subcontracts"] for line in book["lines"]]
    elif kind == "change_request_line":
        found = [{**book, **line} for book in books["change_requests"] for line in book["lines"]]
    elif kind == "phase":
        found = [{**row, "job_number": row["job"]} for row in books["phases"]]
    else:
        found = list(books[f"{kind}s"])
    return [{name.lower(): value for name, value in row.items()} for row in found]


def ids(books: Mapping[str, Any], *kinds: str) -> Ids:
    """The ids of Spectrum's records of these kinds."""
    return {kind: {id_of(kind, row) for row in table(books, kind)} for kind in kinds}


def drawn(examples: int, steps: int) -> settings:
    """How these machines are run: always the same, and more of them on demand.

    PROCORE_SPECTRUM_RANDOM_PEOPLE multiplies the examples. Shrinking takes minutes, so that it
    is left to desks.
    """
    times = int(os.environ.get("PROCORE_SPECTRUM_RANDOM_PEOPLE", "1"))
    phases = [Phase.explicit, Phase.generate]
    return settings(
        max_examples=examples * times,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        phases=phases if os.environ.get("CI") else [*phases, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
