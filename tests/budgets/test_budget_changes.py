"""Approved budget changes on their way to change requests or current estimates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest
from budgeting_company import ANNA, CUSTOMER, JOB, LABOR, STEEL, BudgetingCompany

from procore_spectrum.errors import RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response


def exported(*, sql: Iterable[str] = (), **choices: object) -> BudgetingCompany:
    """A company whose budget of two lines is in Spectrum."""
    company = BudgetingCompany(sql=sql, direction="export")
    company.line(LABOR, "1000.00")
    company.line(STEEL, "2000.00")
    company.lock()
    company.done(company.budget)
    company.budgets_by(**choices)
    company.spectrum_switch(current_estimate_display_only=False)
    return company


def by_request(*, sql: Iterable[str] = (), **choices: object) -> BudgetingCompany:
    """The same, with budget changes as change requests."""
    return exported(
        sql=sql,
        **{
            "changes": "change_request",
            "status_code": "C",
            "status_actions": {"C": 3},
            "numbering": Numbering(policy="prefix", text="BC-"),
            **choices,
        },
    )


@pytest.fixture
def requests() -> BudgetingCompany:
    """Budget changes become change requests."""
    return by_request()


@pytest.fixture
def estimates() -> BudgetingCompany:
    """Budget changes become current estimates."""
    return exported(changes="current_estimate")


def current(company: BudgetingCompany, pair: tuple[str, str]) -> Decimal:
    """The current estimate of a pair."""
    return Decimal(company.in_spectrum(pair)["current_est_cost"])


# ---------------------------------------------------------------- change requests


def test_a_budget_change_becomes_a_change_request(requests: BudgetingCompany) -> None:
    """A line for each pair, with its sign, without a subcontract; another plan is empty."""
    ref = requests.budget_change({LABOR: "-100.10", STEEL: "100.10"}, description="Shift")
    requests.done(ref)
    found = requests.change_request("BC-1")
    assert (found["CR_Status"], found["CR_Description"]) == ("C", "Shift")
    assert {
        (line["CR_Phase_Code"], line["CR_Cost_Type"]): Decimal(line["Change_Request_Amount"])
        for line in found["lines"]
    } == {LABOR: Decimal("-100.10"), STEEL: Decimal("100.10")}
    assert not any(line.get("Subcontract_Number") for line in found["lines"])


def test_nothing_is_written_before_the_acceptance(requests: BudgetingCompany) -> None:
    """The change waits, and Spectrum stays as it is."""
    ref = requests.budget_change({LABOR: "1.00"})
    before = requests.books
    requests.export()
    requests.export()
    assert requests.books == before
    assert requests.state(ref) is State.READY_TO_EXPORT


def test_lines_on_one_pair_are_added_up(requests: BudgetingCompany) -> None:
    """Spectrum refuses a second line on a pair, or lets it replace the first."""
    made = requests.procore.add_budget_change(
        requests.project_id,
        status="approved",
        lines=[
            {"wbs_code_id": requests.code(LABOR), "amount": "10.25"},
            {"wbs_code_id": requests.code(LABOR), "amount": "5.50"},
        ],
    )
    requests.done(Ref("budget_change", str(made["id"])))
    (line,) = requests.change_request("BC-1")["lines"]
    assert Decimal(line["Change_Request_Amount"]) == Decimal("15.75")


def test_both_sides_of_a_transfer_go(requests: BudgetingCompany) -> None:
    """The first line of an adjustment is credited, and the others are what is taken."""
    taken = {"wbs_code_id": requests.code(STEEL), "type": "budget_change", "adjustment_number": 1}
    made = requests.procore.add_budget_change(
        requests.project_id,
        status="approved",
        description="<p>Less <b>steel</b>,<br>more labour &amp; time</p>",
        lines=[
            {"wbs_code_id": requests.code(LABOR), "amount": "40.00"},
            {**taken, "amount": "-30.25"},
            {**taken, "amount": "-9.75"},
        ],
    )
    requests.done(Ref("budget_change", str(made["id"])))
    found = requests.change_request("BC-1")
    amounts = {line["CR_Phase_Code"]: line["Change_Request_Amount"] for line in found["lines"]}
    assert {phase: Decimal(amount) for phase, amount in amounts.items()} == {
        LABOR[0]: Decimal(40),
        STEEL[0]: Decimal(-40),
    }
    assert found["CR_Description"] == "Less steel, more labour & time"


def test_only_approved_changes_go(requests: BudgetingCompany) -> None:
    """Drafts and the like are not looked at."""
    requests.budget_change({LABOR: "1.00"}, status="draft")
    plan = requests.budget_plan()
    assert plan.is_empty
    assert not plan.held


def test_every_fault_is_told_at_once() -> None:
    """Unlocked, too large, without customer, on a complete phase, without status code."""
    company = by_request(status_code="")
    company.unlock()
    company.job(JOB, "City Hall", Customer_Code="")
    company.phase(*STEEL, "Done", job=JOB, Status_Code="C")
    company.budget_change({LABOR: "12345678901.00", STEEL: "1.00"}, title="x" * 251)
    assert sorted(company.faults()) == [
        "budget-unlocked",
        "customer-missing",
        "out-of-range",
        "phase-not-active",
        "status-code-missing",
        "too-long",
    ]


@pytest.mark.parametrize(
    ("actions", "code"), [({}, "status-action-unknown"), ({"C": 1}, "status-action")]
)
def test_the_status_code_must_mean_cost_only(actions: dict[str, int], code: str) -> None:
    """Spectrum refuses others for a change without billing."""
    company = by_request(status_actions=actions)
    company.budget_change({LABOR: "1.00"})
    assert company.faults() == [code]


def test_a_budget_that_went_no_way_yet_comes_first() -> None:
    """A change of something that Spectrum does not know has no base."""
    company = BudgetingCompany(
        direction="import", changes="change_request", status_code="C", status_actions={"C": 3}
    )
    company.line(LABOR, "5.00")
    company.lock()
    company.budget_change({LABOR: "1.00"})
    assert company.faults() == ["budget-not-synced"]


def test_an_imported_budget_has_changes_too() -> None:
    """Either way counts."""
    company = BudgetingCompany(
        direction="import",
        changes="change_request",
        status_code="C",
        status_actions={"C": 3},
        numbering=Numbering(policy="prefix", text="BC-"),
    )
    company.estimate(LABOR, "5.00")
    company.run("budgets")
    company.lock()
    company.done(company.budget_change({LABOR: "1.00"}))
    assert company.change_request("BC-1")


def test_a_long_text_is_shortened_by_choice() -> None:
    """And accounting sees the shortened text."""
    company = by_request(long_text="shorten")
    company.done(company.budget_change({LABOR: "1.00"}, title="x" * 251))
    assert company.change_request("BC-1")["CR_Description"] == "x" * 250


def test_a_change_without_lines_is_held(requests: BudgetingCompany) -> None:
    """There is nothing to write."""
    requests.budget_change({})
    assert requests.faults() == ["no-lines"]


def test_a_change_that_is_voided_while_it_waits_is_withdrawn(requests: BudgetingCompany) -> None:
    """Accounting is not asked about what is no more."""
    ref = requests.budget_change({LABOR: "1.00"})
    requests.export()
    requests.procore.edit("budget_change", int(ref.key), status="void")
    requests.export()
    assert requests.state(ref) is State.NOT_SENT


def test_a_change_that_is_voided_after_its_export_is_told(requests: BudgetingCompany) -> None:
    """It stays in Spectrum, and the plan says how to take it back."""
    ref = requests.budget_change({LABOR: "1.00"})
    requests.done(ref)
    requests.procore.edit("budget_change", int(ref.key), status="void")
    plan = requests.budget_plan()
    assert plan.is_empty
    assert any("void after its export" in note.text for note in plan.notes)


def test_a_change_request_is_unlinked_with_a_reason(requests: BudgetingCompany) -> None:
    """Web services cannot tell whether it was deleted, so a person says so."""
    ref = requests.budget_change({LABOR: "1.00"})
    requests.done(ref)
    requests.syncer.unlink(ref, why="deleted there", by=ANNA)
    assert requests.state(ref) is State.UNLINKED
    assert requests.whole(requests.budget_plan()).code == "unlinked"


# ---------------------------------------------------------------- what accounting is told


def test_a_number_that_spectrum_has_is_not_proposed() -> None:
    """With SQL the sequence goes on behind it, and what was entered by hand stays."""
    sequence = Numbering(policy="template", text="BC-#")
    company = by_request(sql=["change_request_lines"], numbering=sequence)
    for number in ("BC-1", "BC-3"):
        company.spectrum.add_change_request(
            Job_Number=JOB,
            Customer_Code=CUSTOMER,
            Change_Request_Number=number,
            CR_Description="By hand",
            CR_Phase_Code=LABOR[0],
            CR_Cost_Type=LABOR[1],
            Change_Request_Amount="1.00",
        )
    first, second = company.budget_change({LABOR: "1.00"}), company.budget_change({STEEL: "2.00"})
    company.export()
    documents = [company.approval(ref).document for ref in (first, second)]
    assert [document.needs[0].proposal for document in documents] == ["BC-2", "BC-4"]
    assert not any(document.warnings for document in documents)
    company.accept(first)
    company.export()
    assert company.change_request("BC-1")["CR_Description"] == "By hand"
    assert company.change_request("BC-2")["lines"]


def test_what_cannot_be_read_is_said(requests: BudgetingCompany) -> None:
    """Without SQL a change request of that number would be changed; a reason may be demanded."""
    requests.approvals_by(confirm_unread=True)
    ref = requests.budget_change({LABOR: "1.00"})
    requests.export()
    (warning,) = requests.approval(ref).document.warnings
    assert warning.code == "unread"
    assert "a change request of this job, customer and number" in warning.message
    with pytest.raises(RefusedError, match="cannot be read"):
        requests.accept(ref)
    requests.syncer.approvals.accept(ref, by=ANNA, why="BC-1 is free, looked at 10:00")
    assert requests.export().succeeded
    assert requests.change_request("BC-1")["lines"]


def test_a_current_estimate_needs_no_warning(estimates: BudgetingCompany) -> None:
    """It has no number, and it is read before it is written."""
    ref = estimates.budget_change({LABOR: "1.00"})
    estimates.export()
    assert estimates.approval(ref).document.warnings == ()


def test_a_shortened_description_is_noted(requests: BudgetingCompany) -> None:
    """With the whole text, before it is accepted."""
    requests.budgets_by(long_text="shorten")
    ref = requests.budget_change({LABOR: "1.00"}, description="x" * 251)
    requests.export()
    noted = [w for w in requests.approval(ref).document.warnings if w.code == "shortened"]
    assert [(w.path, "x" * 251 in w.message) for w in noted] == [("cr_description", True)]


# ---------------------------------------------------------------- current estimates


def test_a_budget_change_is_added_to_the_current_estimate(estimates: BudgetingCompany) -> None:
    """Totals are written; the original estimate stays."""
    estimates.done(estimates.budget_change({LABOR: "-100.10", STEEL: "100.10"}))
    assert current(estimates, LABOR) == Decimal("899.90")
    assert current(estimates, STEEL) == Decimal("2100.10")
    assert estimates.originals() == {LABOR: Decimal(1000), STEEL: Decimal(2000)}


def test_changes_of_one_pair_go_one_after_the_other(estimates: BudgetingCompany) -> None:
    """The second waits, and then counts on top of the first."""
    first = estimates.budget_change({LABOR: "10.00"})
    second = estimates.budget_change({LABOR: "5.00"})
    assert estimates.faults() == ["earlier-change"]
    estimates.export()
    estimates.accept(first)
    estimates.export()
    assert current(estimates, LABOR) == Decimal(1010)
    estimates.done(second)
    assert current(estimates, LABOR) == Decimal(1015)


def test_changes_of_different_pairs_do_not_wait(estimates: BudgetingCompany) -> None:
    """Nothing of the one is lost by the other."""
    estimates.budget_change({LABOR: "10.00"})
    estimates.budget_change({STEEL: "5.00"})
    assert not estimates.budget_plan().held


def test_an_estimate_that_moves_is_asked_about_again(estimates: BudgetingCompany) -> None:
    """The total that was accepted would undo what happened in Spectrum meanwhile."""
    ref = estimates.budget_change({LABOR: "10.00"})
    estimates.export()
    estimates.accept(ref)
    estimates.phase(
        *LABOR, "Phase", job=JOB, Original_Est_Cost="1000.00", Current_Est_Cost="1500.00"
    )
    estimates.export()
    assert estimates.state(ref) is State.READY_TO_EXPORT
    assert current(estimates, LABOR) == Decimal(1500)
    estimates.accept(ref)
    estimates.export()
    assert current(estimates, LABOR) == Decimal(1510)


@pytest.mark.parametrize("call", [1, 2])
def test_no_change_counts_twice_when_a_run_dies(estimates: BudgetingCompany, call: int) -> None:
    """A total whose answer was lost is repeated as it was, never worked out anew."""
    ref = estimates.budget_change({LABOR: "10.00", STEEL: "20.00"})
    estimates.export()
    estimates.accept(ref)
    left = call

    def die(request: Request, inner: Callable[[Request], Response]) -> Response:
        nonlocal left
        answer = inner(request)
        left -= request.url.endswith("/ws/AddPhase")
        if left == 0:
            raise SimulatedCrash("AddPhase")
        return answer

    estimates.to_spectrum.answer = die
    with pytest.raises(SimulatedCrash):
        estimates.export()
    estimates.to_spectrum.answer = None
    estimates.export()
    assert (current(estimates, LABOR), current(estimates, STEEL)) == (Decimal(1010), Decimal(2020))
    assert estimates.state(ref) is State.SYNCED
    assert estimates.budget_plan().is_empty


def test_spectrum_that_ignores_current_estimates_is_told(estimates: BudgetingCompany) -> None:
    """Its option drops them without a word; the plan notices."""
    estimates.spectrum_switch(current_estimate_display_only=True)
    estimates.done(estimates.budget_change({LABOR: "10.00"}))
    assert current(estimates, LABOR) == Decimal(1000)
    assert any("set to show them only" in note.text for note in estimates.budget_plan().notes)


def test_an_estimate_that_moves_on_is_no_reason_to_wonder(estimates: BudgetingCompany) -> None:
    """Change requests of Spectrum change it as well."""
    estimates.done(estimates.budget_change({LABOR: "10.00"}))
    estimates.phase(
        *LABOR, "Phase", job=JOB, Original_Est_Cost="1000.00", Current_Est_Cost="1500.00"
    )
    assert not any("show them only" in note.text for note in estimates.budget_plan().notes)


def test_a_change_below_zero_is_held(estimates: BudgetingCompany) -> None:
    """No estimate is below zero."""
    estimates.budget_change({LABOR: "-1000.01"})
    assert estimates.faults() == ["negative-amount"]


def test_a_line_on_a_code_that_is_not_spectrums_is_held(estimates: BudgetingCompany) -> None:
    """It keeps its own line in the report."""
    code = estimates.procore.add_cost_code(project_id=estimates.project_id, code="99", name="Own")
    kind = estimates.row("line_item_types", code="S")["id"]
    own = estimates.procore.add_wbs_code(
        project_id=estimates.project_id, cost_code_id=code["id"], line_item_type_id=kind
    )
    lines = [{"wbs_code_id": own["id"], "amount": "1.00"}] * 2
    estimates.procore.add_budget_change(estimates.project_id, status="approved", lines=lines)
    assert estimates.faults() == ["cost-code-not-in-spectrum"] * 2


def test_the_way_of_a_change_stays_what_it_was() -> None:
    """A setting that changes later does not turn what was exported into an edit."""
    company = by_request()
    company.done(company.budget_change({LABOR: "1.00"}))
    company.budgets_by(changes="current_estimate")
    plan = company.budget_plan()
    assert plan.is_empty
    assert not plan.held


def test_a_current_estimate_cannot_be_unlinked(estimates: BudgetingCompany) -> None:
    """It stays in Spectrum; nothing there could be deleted."""
    ref = estimates.budget_change({LABOR: "1.00"})
    estimates.done(ref)
    with pytest.raises(RefusedError):
        estimates.syncer.unlink(ref, why="a mistake", by=ANNA)


def test_changes_that_are_switched_off_are_withdrawn(requests: BudgetingCompany) -> None:
    """What waits does not wait for ever."""
    ref = requests.budget_change({LABOR: "1.00"})
    requests.export()
    requests.budgets_by(changes="off")
    requests.export()
    assert requests.state(ref) is State.NOT_SENT


def test_changes_that_cannot_be_read_stop_no_other_job(requests: BudgetingCompany) -> None:
    """A note tells of them, and what waits stays where it is."""
    ref = requests.budget_change({LABOR: "1.00"})
    requests.export()
    requests.procore.disable_tool(requests.project_id, "budget")
    plan = requests.budget_plan()
    assert any("budget changes of job" in note.text for note in plan.notes)
    requests.syncer.apply(plan)
    assert requests.state(ref) is State.READY_TO_EXPORT


def test_ids_of_change_orders_and_budget_changes_may_be_the_same(
    requests: BudgetingCompany,
) -> None:
    """Neither is taken for the other: numbers are apart, and so are the records."""
    requests.changes_by(numbering=Numbering(policy="as_is"))
    contract = requests.commitment()
    requests.syncer.apply(requests.plan("commitments"))
    requests.accept(contract)
    requests.run("commitments")
    order = requests.change_order(contract, [(LABOR, "5.00", "More")], number="1")
    ref = requests.budget_change({LABOR: "1.00"}, number=1)
    both = requests.plan("change_orders", "budgets")
    requests.syncer.apply(both)
    requests.accept(order, change_request_number="1")
    requests.accept(ref, change_request_number="BC-1")
    report = requests.syncer.apply(requests.plan("change_orders", "budgets"))
    assert report.succeeded
    assert requests.plan("change_orders", "budgets").is_empty
    assert {row["Change_Request_Number"] for row in requests.books["change_requests"]} == {
        "1",
        "BC-1",
    }


def test_a_change_that_was_deleted_after_its_export_is_held(requests: BudgetingCompany) -> None:
    """Spectrum keeps it; nothing is written, and a person has to settle it."""
    ref = requests.budget_change({LABOR: "100.00"})
    requests.done(ref)
    requests.procore.remove("budget_change", int(ref.key))
    books = requests.spectrum.state()
    for _ in range(2):
        assert requests.whole(requests.budget_plan()).code == "vanished"
        requests.export()
    assert requests.spectrum.state() == books
    with pytest.raises(RefusedError, match="no longer has it"):
        requests.syncer.send(ref)


def test_a_deleted_change_hides_no_other(requests: BudgetingCompany) -> None:
    """The next one is exported as ever."""
    requests.done(gone := requests.budget_change({LABOR: "100.00"}))
    requests.procore.remove("budget_change", int(gone.key))
    ref = requests.budget_change({STEEL: "5.00"})
    requests.export()
    requests.accept(ref)
    assert requests.export().succeeded
    assert requests.state(ref) is State.SYNCED


def test_a_deleted_change_of_estimates_is_remarked(estimates: BudgetingCompany) -> None:
    """Estimates cannot be unlinked, so nothing is held; another change takes it back."""
    ref = estimates.budget_change({LABOR: "100.00"}, title="More labor")
    estimates.done(ref)
    estimates.procore.remove("budget_change", int(ref.key))
    plan = estimates.budget_plan()
    assert plan.is_empty
    (note,) = (note.text for note in plan.notes if "deleted" in note.text)
    assert note.endswith(
        "More labor was deleted after its export; make another one that takes it back"
    )
