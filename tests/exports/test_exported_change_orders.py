"""Change orders of commitments on their way to Spectrum, as change requests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from exporting_company import ANNA, CUSTOMER, JOB, PAIRS, SAM, ExportingCompany
from reconciled_company import ReconciledCompany
from small_contractor import held

from procore_spectrum.errors import RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.testing.faulty import SimulatedCrash

LABOR = ("010100", "S")
STEEL = ("020200", "S")
MATERIAL = ("010100", "M")
NEW_PAIR = ("020200", "M")
MORE = [(LABOR, "50.25", "More concrete")]


@pytest.fixture
def company() -> ExportingCompany:
    """A fresh company."""
    return ExportingCompany()


@pytest.fixture
def contract(company: ExportingCompany) -> Ref:
    """A commitment that is in Spectrum."""
    ref = company.commitment()
    company.exported(ref)
    return ref


def codes(company: ExportingCompany, ref: Ref) -> list[str]:
    """The codes of everything that is wrong with a record."""
    return [v.code for v in held(company.exports(), ref.key).violations]


def services(company: ExportingCompany) -> list[str]:
    """The writing services that were called, in order."""
    return [c.service for c in company.spectrum.calls if not c.service.startswith("Get")]


def test_a_change_order_becomes_a_change_request(company: ExportingCompany, contract: Ref) -> None:
    """After an acceptance, one call for each line with the header repeated; then it is marked."""
    lines = [*MORE, (STEEL, "-10.00", "Less steel")]
    ref = company.change_order(contract, lines, title="Extra works", number="CO-1")
    before = company.subcontract("SC-1")["lines"]
    company.export()
    assert company.books["change_requests"] == []
    company.accept(ref)
    assert company.export().succeeded
    found = company.change_request("CO-1")
    assert (found["Job_Number"], found["Customer_Code"], found["CR_Status"]) == (JOB, CUSTOMER, "C")
    assert found["CR_Description"] == "Extra works"
    assert [
        (line["CR_Phase_Code"], line["CR_Cost_Type"], Decimal(line["Sub_Amount"]))
        for line in found["lines"]
    ] == [("010100", "S", Decimal("50.25")), ("020200", "S", Decimal(-10))]
    assert {line["Subcontract_Number"] for line in found["lines"]} == {"SC-1"}
    assert {line["Sub_Status"] for line in found["lines"]} == {"P"}
    assert company.subcontract("SC-1")["lines"] == before
    assert company.state(ref) is State.SYNCED
    assert company.exports().is_empty


def test_the_commitment_goes_first(company: ExportingCompany) -> None:
    """Until the commitment is in Spectrum, its change orders are held."""
    contract = company.commitment()
    ref = company.change_order(contract, MORE, number="CO-1")
    assert "commitment-not-synced" in codes(company, ref)
    company.exported(contract)
    company.exported(ref)


def test_a_new_pair_is_made_first(company: ExportingCompany, contract: Ref) -> None:
    """The phase, a line without an amount, then the change request."""
    ref = company.change_order(contract, [(NEW_PAIR, "70.00", "New scope")], number="CO-1")
    before = len(services(company))
    company.exported(ref)
    assert services(company)[before:] == [
        "AddPhase",
        "UpdateSubcontractPhases",
        "ARChangeRequest",
    ]
    assert company.amounts("SC-1")["020200", "M", ""] == 0
    pairs = {(p["phase_code"], p["cost_type"]) for p in company.books["phases"]}
    assert NEW_PAIR in pairs
    assert company.exports().is_empty


def test_an_existing_line_keeps_its_amount(company: ExportingCompany, contract: Ref) -> None:
    """A line that accounting made meanwhile is not overwritten by the line of zero."""
    company.spectrum.add_subcontract_line(
        Vendor_Code="ACME",
        Subcontract_Number="SC-1",
        Phase_Code=MATERIAL[0],
        Cost_Type=MATERIAL[1],
        Original_Contract_Amount=Decimal("999.00"),
    )
    ref = company.change_order(contract, [(MATERIAL, "70.00", "New scope")], number="CO-1")
    company.exported(ref)
    assert company.amounts("SC-1")[(*MATERIAL, "")] == Decimal("999.00")


def test_a_second_change_order_on_the_new_pair(company: ExportingCompany, contract: Ref) -> None:
    """What one change order made is there for the next."""
    one = company.change_order(contract, [(NEW_PAIR, "70.00", "New scope")], number="CO-1")
    company.exported(one)
    two = company.change_order(contract, [(NEW_PAIR, "5.00", "And more")], number="CO-2")
    before = len(services(company))
    company.exported(two)
    assert services(company)[before:] == ["ARChangeRequest"]
    assert company.exports().is_empty


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"status_code": ""}, "status-code-missing"),
        ({"status_actions": {}}, "status-action-unknown"),
        ({"status_actions": {"C": 1}}, "status-action"),
    ],
)
def test_status_codes_have_to_be_set_up(
    company: ExportingCompany, contract: Ref, choices: dict[str, Any], code: str
) -> None:
    """The installation's own code, known, and one that recognises cost only."""
    company.changes_by(**choices)
    ref = company.change_order(contract, MORE, number="CO-1")
    found = held(company.exports(), ref.key)
    assert [(v.code, v.path) for v in found.violations] == [(code, "cr_status")]
    assert found.violations[0].hint


def test_lines_on_one_pair(company: ExportingCompany, contract: Ref) -> None:
    """Held by default; merged if chosen."""
    lines = [(LABOR, "1.00", "a"), (STEEL, "2.00", "b"), (LABOR, "4.00", "c")]
    ref = company.change_order(contract, lines, number="CO-1")
    assert codes(company, ref) == ["same-pair"]
    company.changes_by(same_pair="merge")
    company.exported(ref)
    assert [Decimal(x["Sub_Amount"]) for x in company.change_request("CO-1")["lines"]] == [
        Decimal(5),
        Decimal(2),
    ]
    assert company.exports().is_empty


@pytest.mark.parametrize("family", ["newer", "older"])
def test_both_families(family: str) -> None:
    """Change orders are exported from either family of endpoints."""
    company = ExportingCompany(change_order_family=family)
    contract = company.commitment()
    company.exported(contract)
    made = company.procore.add_commitment_change_order(
        company.project_id,
        int(contract.key),
        lines=company.lines_of(MORE),
        status="approved",
        number="CO-1",
        title="Extra",
    )
    company.export()
    waiting = company.syncer.approvals.list_approvals(states=[State.READY_TO_EXPORT])
    (ref,) = [approval.ref for approval in waiting]
    assert ref.key in {str(made["id"]), str(made["legacy_package_id"])}
    company.accept(ref, change_request_number="CR-1")
    report = company.export()
    assert report.succeeded, report.render()
    assert len(company.change_request("CR-1")["lines"]) == 1
    assert company.state(ref) is State.SYNCED
    assert company.exports().is_empty


def test_numbers_are_unique_for_job_and_customer(company: ExportingCompany) -> None:
    """Procore numbers change orders for each commitment; Spectrum wants them apart."""
    contracts = []
    for number, vendor in (("SC-1", "ACME"), ("SC-2", "BOLT")):
        contracts.append(company.commitment(number, vendor=vendor))
        company.exported(contracts[-1])
    one, two = (company.change_order(c, MORE, number="001") for c in contracts)
    company.export()
    proposals = [company.approval(ref).document.needs[0].proposal for ref in (one, two)]
    assert proposals == ["001", None]
    company.accept(one)
    with pytest.raises(RefusedError) as caught:
        company.accept(two, change_request_number="001")
    assert [v.code for v in caught.value.violations] == ["number-taken"]
    company.accept(two, change_request_number="002")
    assert company.export().succeeded
    assert len(company.books["change_requests"]) == 2


def test_a_job_without_a_customer(company: ExportingCompany, contract: Ref) -> None:
    """Change requests need the contract of job and customer."""
    company.job(JOB, "City Hall")
    ref = company.change_order(contract, MORE, number="CO-1")
    assert codes(company, ref) == ["customer-missing"]


def test_an_unapproved_change_order_is_left_alone(company: ExportingCompany, contract: Ref) -> None:
    """Only the statuses of the settings are exported."""
    company.change_order(contract, MORE, status="draft", number="CO-1")
    assert company.exports().operations == ()


def test_a_refused_change_order_fails(company: ExportingCompany, contract: Ref) -> None:
    """Spectrum's own words are kept; after the cause is gone it is retried."""
    company.spectrum.add_change_status("C", 1)
    ref = company.change_order(contract, MORE, number="CO-1")
    company.export()
    company.accept(ref)
    company.export()
    assert company.state(ref) is State.FAILED
    assert "cannot have this status" in company.approval(ref).message
    company.spectrum.add_change_status("C", 3)
    company.syncer.approvals.retry(ref, by=ANNA)
    assert company.export().succeeded


def test_a_lost_answer_waits_for_a_person(company: ExportingCompany, contract: Ref) -> None:
    """Whether Spectrum has the line cannot be read, and repeating it is not safe."""
    ref = company.change_order(contract, MORE, number="CO-1")
    company.export()
    company.accept(ref)

    def answer(request: Any, inner: Any) -> Any:
        response = inner(request)
        if request.url.endswith("/ws/ARChangeRequest"):
            raise SimulatedCrash("ARChangeRequest")
        return response

    company.to_spectrum.answer = answer
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    before = len(services(company))
    report = company.export()
    assert report.counts["unknown"] == 1
    assert services(company)[before:] == []
    assert company.state(ref) is State.EXPORTING
    (need,) = company.exports().documents[0].needs
    assert (need.proposal, need.fixed) == ("CO-1", True)


def test_a_phase_whose_answer_was_lost_is_settled(company: ExportingCompany, contract: Ref) -> None:
    """The job has it by now; it is repeated, which is safe, and no doubt is left."""
    ref = company.change_order(contract, [(NEW_PAIR, "70.00", "New scope")], number="CO-1")
    company.export()
    company.accept(ref)

    def answer(request: Any, inner: Any) -> Any:
        response = inner(request)
        if request.url.endswith("/ws/AddPhase"):
            raise SimulatedCrash("AddPhase")
        return response

    company.to_spectrum.answer = answer
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    company.export()
    assert company.state(ref) is State.SYNCED
    assert company.syncer.status().in_doubt == ()
    assert [(p["phase_code"], p["cost_type"]) for p in company.books["phases"]].count(NEW_PAIR) == 1
    assert company.exports().is_empty


def test_an_edit_after_the_export_is_held(company: ExportingCompany, contract: Ref) -> None:
    """Both values are shown, and Spectrum keeps what was accepted."""
    ref = company.change_order(contract, MORE, number="CO-1")
    company.exported(ref)
    before = company.books
    company.changes_by(sub_status="E")
    assert company.exports().is_empty
    company.changes_by(same_pair="merge", long_text="shorten")
    assert company.exports().is_empty
    row = company.row("change_orders", id=int(ref.key))
    path = f"/change_order_packages/{row['legacy_package_id']}"
    company.by_hand(
        path,
        {
            "project_id": company.project_id,
            "contract_id": int(contract.key),
            "change_order": {"title": "Other"},
        },
    )
    found = held(company.exports(), ref.key)
    assert found.code == "edited-after-export"
    assert [(c.path.rpartition(": ")[2], c.source) for c in found.changes] == [
        ("cr_description", "Other")
    ]
    company.export()
    assert company.books == before


def test_automatic_change_orders(company: ExportingCompany, contract: Ref) -> None:
    """One run does it all, if a number can be proposed."""
    company.approvals_by(automatic=("change_orders",))
    company.changes_by(numbering=Numbering(policy="template", text="CR-###"))
    ref = company.change_order(contract, MORE)
    assert company.export().succeeded
    assert company.state(ref) is State.SYNCED
    assert company.change_request("CR-001")


def test_an_unlinked_change_order_keeps_its_number(
    company: ExportingCompany, contract: Ref
) -> None:
    """Deleted in Spectrum, unlinked, sent and exported anew."""
    ref = company.change_order(contract, MORE, number="CO-1")
    company.exported(ref)
    company.spectrum.remove_change_request(JOB, CUSTOMER, "CO-1")
    company.syncer.unlink(ref, why="deleted in Spectrum", by=ANNA)
    company.syncer.send(ref, by=SAM)
    company.accept(ref)
    assert company.export().succeeded
    assert company.change_request("CO-1")


def test_a_change_request_that_people_made_gets_no_lines_from_here() -> None:
    """Whichever lines it has, and however its number is spelled: Spectrum would add ours to it."""
    company = ReconciledCompany(sql=True)
    contract = company.commitment()
    company.exported(contract)
    theirs = {"Job_Number": JOB, "Customer_Code": CUSTOMER, "Change_Request_Number": "cr-1"}
    company.spectrum.add_change_request(
        CR_Description="More",
        CR_Status="C",
        CR_Phase_Code=PAIRS[3][0],
        CR_Cost_Type=PAIRS[3][1],
        Change_Request_Amount=Decimal(9),
        **theirs,
    )
    before = company.change_request("cr-1")
    ref = company.change_order(contract, [(PAIRS[1], "55.05", "More")], number="CR-1", title="More")
    company.export()
    assert [(op.ref, op.code) for op in company.exports().held] == [(ref, "collision")]
    assert company.change_request("cr-1") == before
