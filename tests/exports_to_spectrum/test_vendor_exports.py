"""Companies become vendors: who is proposed, which code is taken, and what interruptions leave."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from outgoing_contractor import ANNA, Outgoing, held_export, proposed

from procore_spectrum.errors import ConflictError, OutcomeUnknownError, RefusedError
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.testing import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response


@pytest.fixture
def pair() -> Outgoing:
    """A contractor with nothing to export yet."""
    return Outgoing()


def violations(error: pytest.ExceptionInfo[RefusedError]) -> list[tuple[str, str]]:
    """What an acceptance was refused for."""
    return [(found.path, found.code) for found in error.value.violations]


# ---------------------------------------------------------------- who is proposed


def test_nothing_is_proposed_unless_chosen(pair: Outgoing) -> None:
    """Exports write to the ERP: they are off until somebody switches them on."""
    pair.company()
    pair.vendors_by(export=False)
    assert pair.plan().is_empty


def test_a_new_company_is_proposed(pair: Outgoing) -> None:
    """With a code that only accounting knows, and a type if there is one."""
    ref = pair.company()
    pair.sync()
    approval = pair.approval(ref)
    assert approval.state is State.READY_TO_EXPORT
    assert [(need.name, need.required) for need in approval.document.needs] == [
        ("vendor_code", True),
        ("type", False),
    ]
    assert not pair.calls("AddVendor")


def test_linked_companies_are_not_proposed(pair: Outgoing) -> None:
    """A company that came from a vendor is one already."""
    assert pair.row("vendors", origin_code="ACME")
    assert not proposed(pair.plan())


def test_inactive_companies_are_not_proposed(pair: Outgoing) -> None:
    """Nobody buys from them."""
    pair.company(is_active=False)
    assert pair.plan().is_empty


def test_companies_of_another_integration_are_not_proposed(pair: Outgoing) -> None:
    """A foreign origin id says that somebody else keeps the company."""
    pair.company(origin_id="sage:17")
    assert pair.plan().is_empty


def test_what_may_be_a_vendor_already_is_not_proposed(pair: Outgoing) -> None:
    """As long as a vendor is held for a person, its candidates are no new vendors."""
    ref = pair.company("Birch Lumber", city="Boise", state_code="ID", country_code="US")
    pair.vendor("BIRCH", "Birch Lumber Inc", City="Boise", State="ID")
    plan = pair.plan()
    assert [candidate.target_id for op in plan.held for candidate in op.candidates] == [ref.key]
    assert not proposed(plan)


def test_a_candidate_that_is_another_firm_is_proposed(pair: Outgoing) -> None:
    """Once the vendor is decided to be new, the company is too."""
    ref = pair.company("Birch Lumber", city="Boise", state_code="ID", country_code="US")
    pair.vendor("BIRCH", "Birch Lumber Inc", City="Boise", State="ID")
    pair.syncer.create_new(Ref("company", "BIRCH"))
    assert proposed(pair.plan()) == {ref}


def test_a_company_with_faults_is_held(pair: Outgoing) -> None:
    """Every fault is in the plan, and accounting is not asked."""
    ref = pair.company("Zenith, " + "x" * 30)
    held = held_export(pair.plan(), ref)
    assert held.code == "preflight"
    assert {fault.code for fault in held.violations} == {"comma", "too-long"}
    pair.sync()
    assert not pair.syncer.approvals.list_approvals()


# ---------------------------------------------------------------- the code


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (None, "required"),
        ("  ", "required"),
        ("zenith", "characters"),
        ("ZEN-1", "characters"),
        ("ZÉNITH", "characters"),
        ("ABCDEFGHIJK", "too-long"),
    ],
)
def test_codes_that_are_refused(pair: Outgoing, code: str | None, fault: str) -> None:
    """Capital letters and digits, ten at most; the queue stays as it was."""
    ref = pair.company()
    pair.sync()
    with pytest.raises(RefusedError) as caught:
        pair.accept(ref, vendor_code=code)
    assert violations(caught) == [("vendor_code", fault)]
    assert pair.state(ref) is State.READY_TO_EXPORT


def test_all_that_is_wrong_with_an_acceptance(pair: Outgoing) -> None:
    """Code, type and a field that nobody asked for, in one answer."""
    ref = pair.company()
    pair.sync()
    with pytest.raises(RefusedError) as caught:
        pair.accept(ref, vendor_code="z" * 11, type="TOOLONG", colour="red")
    assert sorted(violations(caught)) == [
        ("colour", "unknown-field"),
        ("type", "too-long"),
        ("vendor_code", "characters"),
        ("vendor_code", "too-long"),
    ]


def test_a_code_belongs_to_one_company(pair: Outgoing) -> None:
    """Even before Spectrum has it."""
    first, second = pair.company(), pair.company("Yonder Glass")
    pair.sync()
    pair.accept(first, vendor_code="ZENITH")
    with pytest.raises(RefusedError) as caught:
        pair.accept(second, vendor_code="ZENITH")
    assert violations(caught) == [("vendor_code", "number-taken")]


def test_a_code_is_never_used_again(pair: Outgoing) -> None:
    """Not even when its vendor is gone from Spectrum's list."""
    pair.exported(pair.company(), vendor_code="ZENITH")
    pair.vendor("ZENITH", "Zenith Roofing", Status="I")
    second = pair.company("Yonder Glass")
    pair.sync()
    with pytest.raises(RefusedError) as caught:
        pair.accept(second, vendor_code="ZENITH")
    assert violations(caught) == [("vendor_code", "number-taken")]


def test_a_vendor_of_spectrum_is_never_taken_over(pair: Outgoing) -> None:
    """A code that Spectrum has already holds the export."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ACME")
    assert held_export(pair.plan(), ref).code == "collision"
    pair.sync()
    assert not pair.calls("AddVendor")
    assert not pair.company_row(ref).get("origin_id")


def test_a_code_that_only_spectrum_knows_of(pair: Outgoing) -> None:
    """Inactive vendors are in no list: Spectrum refuses, and accounting reads why."""
    pair.vendor("OLD", "Old Roofing", Status="I")
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="OLD")
    assert not pair.sync().succeeded
    approval = pair.approval(ref)
    assert approval.state is State.FAILED
    assert "Vendor_Code already exists" in approval.message
    assert not pair.company_row(ref).get("origin_id")


def test_after_a_refusal_another_code_is_given(pair: Outgoing) -> None:
    """Rejected, sent again, accepted with a code that is free."""
    pair.vendor("OLD", "Old Roofing", Status="I")
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="OLD")
    pair.sync()
    pair.syncer.approvals.reject(ref, by=ANNA, why="taken")
    pair.syncer.send(ref)
    pair.exported(ref, vendor_code="ZENITH")
    assert pair.company_row(ref)["origin_code"] == "ZENITH"


# ---------------------------------------------------------------- from the acceptance on


def test_nothing_is_written_before_the_acceptance(pair: Outgoing) -> None:
    """However often a plan is applied."""
    pair.company()
    for _ in range(3):
        pair.sync()
    assert not pair.calls("AddVendor")


def test_the_vendor_is_added_once_and_linked(pair: Outgoing) -> None:
    """With code and type; the company carries its key, and later runs have nothing to do."""
    ref = pair.company(city="Boise", state_code="ID", country_code="US")
    pair.exported(ref, vendor_code="ZENITH", type="SUB")
    (vendor,) = [row for row in pair.books["vendors"] if row["Vendor_Code"] == "ZENITH"]
    assert (vendor["Vendor_Name"], vendor["City"]) == ("Zenith Roofing", "Boise")
    assert "SUB" in vendor.values()
    row = pair.company_row(ref)
    assert (row["origin_id"], row["origin_code"]) == ("spectrum:ABC:vendor:ZENITH", "ZENITH")
    assert [link.target_id for link in pair.syncer.links("vendor")] == ["ZENITH"]
    assert pair.plan().is_empty
    pair.sync()
    assert pair.calls("AddVendor") == 1


def test_the_next_import_adopts_the_company(pair: Outgoing) -> None:
    """It is linked, not created a second time, and from then on follows Spectrum."""
    ref = pair.company()
    pair.exported(ref, vendor_code="ZENITH")
    pair.vendor("ZENITH", "Zenith Roofing", City="Salem")
    pair.run()
    assert pair.company_row(ref)["city"] == "Salem"
    assert len(pair.table("vendors")) == 2
    assert pair.plan().is_empty


def test_a_company_edited_while_it_waits_is_shown_again(pair: Outgoing) -> None:
    """An acceptance of the old one writes nothing."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")
    edit = {"company_id": pair.procore.company_id, "vendor": {"name": "Zenith Roofs"}}
    pair.by_hand(f"/vendors/{ref.key}", edit)
    pair.sync()
    assert pair.state(ref) is State.READY_TO_EXPORT
    assert not pair.calls("AddVendor")


def test_an_inactive_company_is_not_written_after_all(pair: Outgoing) -> None:
    """Accepted, then switched off: nothing happens."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")
    edit = {"company_id": pair.procore.company_id, "vendor": {"is_active": False}}
    pair.by_hand(f"/vendors/{ref.key}", edit)
    pair.sync()
    assert not pair.calls("AddVendor")


# ---------------------------------------------------------------- interruptions


def losing(word: bytes, *, arrives: bool) -> Callable[..., Response]:
    """Answers everything but the first request with that word, which is lost."""
    lost: list[Request] = []

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        if word in (request.content or b"") and not lost:
            lost.append(request)
            if arrives:
                inner(request)
            raise OutcomeUnknownError("no answer")
        return inner(request)

    return answer


def test_a_lost_answer_is_looked_up(pair: Outgoing) -> None:
    """The vendor arrived: it is found in the list, never added twice, and the queue is closed."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")
    pair.to_spectrum.answer = losing(b"AddVendor", arrives=True)
    assert not pair.sync().succeeded
    pair.sync()
    pair.sync()
    assert pair.state(ref) is State.SYNCED
    assert pair.company_row(ref)["origin_code"] == "ZENITH"
    assert pair.calls("AddVendor") == 1
    assert pair.plan().is_empty


def test_a_vendor_in_doubt_is_not_added_again(pair: Outgoing) -> None:
    """It is not listed, but inactive vendors never are: it stays in doubt."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")
    pair.to_spectrum.answer = losing(b"AddVendor", arrives=False)
    pair.sync()
    report = pair.sync()
    assert report.counts["unknown"] == 1
    assert not pair.calls("AddVendor")
    assert pair.state(ref) is State.EXPORTING


@pytest.mark.parametrize("imports", [0, 1, 2])
def test_an_end_before_the_queue_knows(
    pair: Outgoing, monkeypatch: pytest.MonkeyPatch, imports: int
) -> None:
    """Everything is written, then the program dies: later runs close the export."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")
    syncer = pair.syncer

    def crash(_: object) -> None:
        raise SimulatedCrash("finish")

    monkeypatch.setattr(syncer.approvals, "finish", crash)
    with pytest.raises(SimulatedCrash):
        syncer.apply(syncer.plan())
    assert pair.state(ref) is State.EXPORTING
    for _ in range(imports):
        pair.syncer.apply(pair.plan("jobs"))
    for _ in range(3):
        pair.sync()
    assert pair.state(ref) is State.SYNCED
    assert pair.plan().is_empty
    assert pair.calls("AddVendor") == 1


def test_a_code_stays_once_spectrum_has_it(pair: Outgoing) -> None:
    """The mark was refused: after a rejection, no other code can be given."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")
    refuse_marks(pair)
    assert not pair.sync().succeeded
    assert pair.state(ref) is State.FAILED
    pair.to_procore.answer = None
    pair.syncer.approvals.reject(ref, by=ANNA)
    pair.syncer.send(ref)
    with pytest.raises(RefusedError) as caught:
        pair.accept(ref, vendor_code="OTHER")
    assert violations(caught) == [("vendor_code", "fixed")]
    pair.accept(ref)
    pair.run()
    assert pair.company_row(ref)["origin_code"] == "ZENITH"
    assert pair.calls("AddVendor") == 1


def refuse_marks(pair: Outgoing) -> None:
    """Procore refuses every change of the directory."""

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.method != "GET" and "/vendors" in request.url:
            headers = (("Content-Type", "application/json"),)
            return Response(status=422, headers=headers, content=b'{"errors":{"name":["is bad"]}}')
        return inner(request)

    pair.to_procore.answer = answer


def test_an_acceptance_needs_a_proposal(pair: Outgoing) -> None:
    """What was never sent, or is synced, cannot be accepted."""
    ref = pair.company()
    pair.exported(ref, vendor_code="ZENITH")
    with pytest.raises(ConflictError):
        pair.accept(ref, vendor_code="ZENITH")


def test_a_vendor_made_from_a_company_is_not_imported_as_another(
    pair: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program dies between the vendor and the mark: the company stays the only one."""
    ref = pair.company()
    pair.vendors_by(suggest=False)
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        response = inner(request)
        if request.url.endswith("/ws/AddVendor"):
            raise SimulatedCrash("AddVendor")
        return response

    pair.to_spectrum.answer = answer
    with pytest.raises(SimulatedCrash):
        pair.sync()
    pair.to_spectrum.answer = None
    for _ in range(3):
        pair.sync()
    assert [row["name"] for row in pair.table("vendors")].count("Zenith Roofing") == 1
    assert pair.company_row(ref)["origin_code"] == "ZENITH"
    assert pair.plan().is_empty
