"""Projects become jobs with phases: numbers, the template, later codes, and interruptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from outgoing_contractor import ANNA, TEMPLATE, Outgoing, held_export, proposed
from small_contractor import of_kind

from procore_spectrum.errors import OutcomeUnknownError, RefusedError
from procore_spectrum.mapping import JobExportMapping
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.testing import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

JOB = "25-0777"


@pytest.fixture
def pair() -> Outgoing:
    """A contractor with nothing to export yet."""
    return Outgoing()


def phases(pair: Outgoing, job: str = JOB) -> dict[tuple[str, str], str]:
    """The phases of a job, with their descriptions."""
    return {
        (row["phase_code"], row["cost_type"]): row["description"]
        for row in pair.books["phases"]
        if row["job"] == job
    }


def job(pair: Outgoing, number: str = JOB) -> dict[str, object]:
    """A job as Spectrum has it."""
    (found,) = [row for row in pair.books["jobs"] if row["Job_Number"] == number]
    return dict(found)


def violations(error: pytest.ExceptionInfo[RefusedError]) -> list[tuple[str, str]]:
    """What an acceptance was refused for."""
    return [(found.path, found.code) for found in error.value.violations]


# ---------------------------------------------------------------- who is proposed


def test_nothing_is_proposed_unless_chosen(pair: Outgoing) -> None:
    """Exports write to the ERP: they are off until somebody switches them on."""
    pair.project()
    pair.jobs_by(export=False)
    assert pair.plan().is_empty


def test_linked_projects_are_not_proposed(pair: Outgoing) -> None:
    """A project that came from a job is one already."""
    assert pair.row("projects", project_number=TEMPLATE)
    assert not proposed(pair.plan())


@pytest.mark.parametrize("fields", [{"active": False}, {"origin_id": "sage:17"}])
def test_projects_that_are_not_ours_to_export(pair: Outgoing, fields: dict[str, object]) -> None:
    """Inactive ones, and those of another integration."""
    pair.project(**fields)
    assert not proposed(pair.plan())


def test_what_may_be_a_job_already_is_not_proposed(pair: Outgoing) -> None:
    """As long as a job is held for a person, its candidates are no new jobs."""
    pair.project("City Library", "25-0300")
    pair.job("25-0300", "City Library")
    plan = pair.plan()
    assert [op.ref.key for op in plan.held] == ["25-0300"]
    assert not proposed(plan)


def test_without_a_template_every_project_is_held(pair: Outgoing) -> None:
    """And the plan says which job it looked for."""
    ref = pair.project()
    pair.jobs_by(export_mapping=JobExportMapping(template_job="99", taxable="N"))
    held = held_export(pair.plan(), ref)
    assert held.code == "preflight"
    assert [fault.path for fault in held.violations] == ["template_job"]


# ---------------------------------------------------------------- the number


@pytest.mark.parametrize(
    ("number", "proposal"),
    [("25-0777", "25-0777"), (" 7 ", "7"), ("1234567890", "1234567890")],
)
def test_the_project_number_is_proposed(pair: Outgoing, number: str, proposal: str) -> None:
    """When it fits."""
    ref = pair.project(number=number)
    pair.sync()
    (need,) = pair.approval(ref).document.needs
    assert need.proposal == proposal


@pytest.mark.parametrize("number", ["12345678901", ""])
def test_a_number_that_does_not_fit_is_asked_for(pair: Outgoing, number: str) -> None:
    """Nothing is cut: accounting has to give one."""
    ref = pair.project(number=number)
    pair.sync()
    with pytest.raises(RefusedError) as caught:
        pair.accept(ref)
    assert violations(caught) == [("job_number", "required")]


@pytest.mark.parametrize(
    ("number", "fault"), [("12345678901", "too-long"), ("1,2", "characters"), ("é", "characters")]
)
def test_numbers_that_are_refused(pair: Outgoing, number: str, fault: str) -> None:
    """Too long, or with characters that Spectrum has no place for."""
    ref = pair.project()
    pair.sync()
    with pytest.raises(RefusedError) as caught:
        pair.accept(ref, job_number=number)
    assert violations(caught) == [("job_number", fault)]


def test_a_number_belongs_to_one_project(pair: Outgoing) -> None:
    """Two projects with the same number become two jobs, or one."""
    first, second = pair.project(), pair.project("Old Tower", number="25-0778")
    pair.sync()
    pair.accept(first)
    with pytest.raises(RefusedError) as caught:
        pair.accept(second, job_number=JOB)
    assert violations(caught) == [("job_number", "number-taken")]


def test_a_job_of_spectrum_is_never_taken_over(pair: Outgoing) -> None:
    """Complete ones neither."""
    pair.job("24-0001", "Harbour", Status_Code="C")
    ref = pair.project()
    pair.sync()
    pair.accept(ref, job_number="24-0001")
    assert held_export(pair.plan(), ref).code == "collision"
    pair.sync()
    assert not pair.calls("AddJob")


# ---------------------------------------------------------------- the job and its phases


def test_the_job_has_what_the_template_has(pair: Outgoing) -> None:
    """Division, cost centre, customer and price method; all else is the project's."""
    ref = pair.project(city="Boise", start_date=date(2026, 2, 1), completion_date=date(2026, 9, 30))
    pair.exported(ref)
    found = job(pair)
    template = job(pair, TEMPLATE)
    for element in ("Cost_Center", "Customer_Code", "Price_Method_Code"):
        assert found[element] == template[element]
    assert float(str(found["Division"])) == float(str(template["Division"]))
    assert (found["Job_Description"], found["City"]) == ("New Tower", "Boise")
    assert (found["Taxable_Flag"], str(found["Est_Start_Date"])[:10]) == ("N", "2026-02-01")


def test_every_budget_code_is_a_phase(pair: Outgoing) -> None:
    """The job first, then each pair once."""
    ref = pair.project()
    pair.code(ref, "03", "1000", "Footings", "L")
    pair.code(ref, "03", "1000", "Footings", "M")
    pair.code(ref, "04", "2000", "Bricks", "S")
    pair.exported(ref)
    assert phases(pair) == {
        ("031000", "L"): "Footings",
        ("031000", "M"): "Footings",
        ("042000", "S"): "Bricks",
    }
    written = [call.service for call in pair.spectrum.calls if call.service.startswith("Add")]
    assert written == ["AddJob", "AddPhase", "AddPhase", "AddPhase"]


def test_the_project_is_linked_and_imported_without_changes(pair: Outgoing) -> None:
    """Nothing that was exported comes back as a change, and the last plan is empty."""
    ref = pair.project()
    pair.code(ref, "03", "1000")
    pair.sync()
    pair.accept(ref)
    pair.run()
    before = pair.project_row(ref)
    assert before["origin_id"] == f"spectrum:ABC:job:{JOB}"
    pair.run()
    after = pair.project_row(ref)
    assert {k: v for k, v in after.items() if k != "updated_at"} == {
        k: v for k, v in before.items() if k != "updated_at"
    }
    assert len(pair.table("projects")) == 2
    assert pair.plan().is_empty
    pair.run()
    assert pair.calls("AddJob") == 1


def test_a_phase_that_does_not_fit_the_mask_is_told(pair: Outgoing) -> None:
    """The export is held with the code; accounting is not asked."""
    ref = pair.project()
    pair.code(ref, "03", "10")
    pair.code(ref, "ABC", "1000")
    held = held_export(pair.plan(), ref)
    assert held.code == "preflight"
    told = " ".join(fault.message for fault in held.violations)
    assert {fault.path for fault in held.violations} == {"phase_code"}
    assert all(code in told for code in ("'0310'", "'ABC1000'"))


def test_segments_in_the_wrong_places_are_told(pair: Outgoing) -> None:
    """Right altogether, but divided differently: never dropped in silence."""
    ref = pair.project()
    pair.code(ref, "031", "000")
    held = held_export(pair.plan(), ref)
    assert [fault.code for fault in held.violations] == ["phase-mask"]


def test_a_long_description_is_told(pair: Outgoing) -> None:
    """Spectrum takes 25 characters of a phase's description."""
    ref = pair.project()
    pair.code(ref, "03", "1000", "x" * 26)
    held = held_export(pair.plan(), ref)
    assert [(fault.path, fault.code) for fault in held.violations] == [("description", "too-long")]


def test_inactive_budget_codes_stay_at_home(pair: Outgoing) -> None:
    """Only codes in use become phases."""
    ref = pair.project()
    pair.code(ref, "03", "1000")
    off = pair.code(ref, "04", "2000")
    pair.procore.edit("wbs_code", off, status="inactive")
    pair.exported(ref)
    assert set(phases(pair)) == {("031000", "L")}


# ---------------------------------------------------------------- codes that are added later


def extended(pair: Outgoing) -> Ref:
    """An exported project with one code more than its job."""
    ref = pair.project()
    pair.code(ref, "03", "1000")
    pair.exported(ref)
    pair.code(ref, "04", "2000", "Bricks")
    return ref


def test_a_later_code_is_proposed_as_an_update(pair: Outgoing) -> None:
    """Only the new phase is written, and only once accounting has accepted."""
    ref = extended(pair)
    plan = pair.plan()
    assert [op.ref.key for op in of_kind(plan, "phase")] == [f"{ref.key}/042000/L"]
    assert not of_kind(plan, "job")
    pair.sync()
    assert pair.state(ref) is State.READY_TO_UPDATE
    assert set(phases(pair)) == {("031000", "L")}
    pair.accept(ref)
    assert pair.sync().succeeded
    assert pair.state(ref) is State.SYNCED
    assert set(phases(pair)) == {("031000", "L"), ("042000", "L")}
    assert pair.calls("AddJob") == 1
    assert pair.calls("AddPhase") == 2
    pair.sync()
    assert pair.plan().is_empty


def test_the_number_of_an_exported_job_is_fixed(pair: Outgoing) -> None:
    """An update cannot send later phases to another job."""
    ref = extended(pair)
    pair.sync()
    with pytest.raises(RefusedError) as caught:
        pair.accept(ref, job_number="25-0778")
    assert violations(caught) == [("job_number", "fixed")]


def test_a_given_number_is_kept_for_later_codes(pair: Outgoing) -> None:
    """Not the project's own number, but the one that accounting gave."""
    ref = pair.project(number="a number that is too long")
    pair.code(ref, "03", "1000")
    pair.exported(ref, job_number="J-1")
    pair.code(ref, "04", "2000", "Bricks")
    pair.sync()
    pair.accept(ref)
    assert pair.sync().succeeded
    assert set(phases(pair, "J-1")) == {("031000", "L"), ("042000", "L")}


def test_a_rejected_update_leaves_the_job_synced(pair: Outgoing) -> None:
    """The code that was refused is not written."""
    ref = extended(pair)
    pair.sync()
    pair.syncer.approvals.reject(ref, by=ANNA, why="not budgeted")
    assert pair.state(ref) is State.SYNCED
    pair.sync()
    assert set(phases(pair)) == {("031000", "L")}


def test_a_description_of_spectrum_is_never_overwritten(pair: Outgoing) -> None:
    """A further cost type of a phase comes with the description that Spectrum has."""
    ref = pair.project()
    pair.code(ref, "03", "1000", "Footings", "L")
    pair.exported(ref)
    pair.phase("031000", "L", "Foundations", job=JOB)
    pair.code(ref, "03", "1000", "Footings", "M")
    (document,) = pair.plan().documents
    assert {line["description"] for line in document.lines} == {"Foundations"}
    pair.sync()
    pair.accept(ref)
    pair.sync()
    assert set(phases(pair).values()) == {"Foundations"}


def test_a_phase_that_accounting_made_is_left_alone(pair: Outgoing) -> None:
    """A code that the job has already is nothing to export."""
    ref = pair.project()
    pair.exported(ref)
    pair.phase("042000", "L", "Masonry", job=JOB)
    pair.code(ref, "04", "2000", "Bricks")
    assert not proposed(pair.plan())


def test_later_faults_of_the_header_keep_no_phase_back(pair: Outgoing) -> None:
    """The header is written once; afterwards only codes matter."""
    ref = extended(pair)
    pair.jobs_by(export_mapping=JobExportMapping(template_job="99"))
    assert proposed(pair.plan()) == {ref}


def test_a_code_that_does_not_fit_holds_the_update(pair: Outgoing) -> None:
    """The job stays; the plan names the code."""
    ref = pair.project()
    pair.code(ref, "03", "1000")
    pair.exported(ref)
    pair.code(ref, "04", "20")
    assert held_export(pair.plan(), ref).code == "preflight"


def test_a_run_for_one_job_is_about_no_other(pair: Outgoing) -> None:
    """Neither about other exported jobs, nor about projects that are none yet."""
    ref = extended(pair)
    pair.project("Old Tower", number="25-0778")
    assert not proposed(pair.syncer.plan(jobs=[TEMPLATE]))
    assert proposed(pair.syncer.plan(jobs=[JOB])) == {ref}


def test_nothing_is_added_to_an_ignored_job(pair: Outgoing) -> None:
    """Somebody decided to leave it out."""
    extended(pair)
    pair.syncer.ignore(Ref("project", JOB))
    assert not proposed(pair.plan())


# ---------------------------------------------------------------- interruptions


def losing(service: bytes) -> Callable[..., Response]:
    """Loses every answer of a service; the calls themselves arrive."""

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        response = inner(request)
        if service in (request.content or b""):
            raise OutcomeUnknownError("no answer")
        return response

    return answer


@pytest.mark.parametrize("service", [b"AddJob", b"AddPhase"])
def test_a_lost_answer_is_made_good(pair: Outgoing, service: bytes) -> None:
    """Later runs find what arrived, write the rest and link the project."""
    ref = pair.project()
    pair.code(ref, "03", "1000")
    pair.code(ref, "04", "2000", "Bricks")
    pair.sync()
    pair.accept(ref)
    pair.to_spectrum.answer = losing(service)
    assert not pair.sync().succeeded
    pair.to_spectrum.answer = None
    for _ in range(3):
        pair.sync()
    assert pair.state(ref) is State.SYNCED
    assert set(phases(pair)) == {("031000", "L"), ("042000", "L")}
    assert pair.calls("AddJob") == 1
    assert pair.plan().is_empty


def test_an_end_before_the_queue_knows(pair: Outgoing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is written, then the program dies: later runs close the export."""
    ref = pair.project()
    pair.code(ref, "03", "1000")
    pair.sync()
    pair.accept(ref)
    syncer = pair.syncer

    def crash(_: object) -> None:
        raise SimulatedCrash("finish")

    monkeypatch.setattr(syncer.approvals, "finish", crash)
    with pytest.raises(SimulatedCrash):
        syncer.apply(syncer.plan())
    for _ in range(3):
        pair.sync()
    assert pair.state(ref) is State.SYNCED
    assert pair.plan().is_empty
    assert (pair.calls("AddJob"), pair.calls("AddPhase")) == (1, 1)


def test_a_refused_phase_fails_the_export(pair: Outgoing) -> None:
    """With Spectrum's reason; once it is put right there, a retry writes the rest only."""
    ref = pair.project()
    pair.code(ref, "03", "1000")
    pair.procore.add_line_item_type(code="E", name="Equipment")
    pair.code(ref, "04", "2000", "Cranes", "E")
    pair.sync()
    pair.accept(ref)
    assert not pair.sync().succeeded
    approval = pair.approval(ref)
    assert approval.state is State.FAILED
    assert "Cost_Type does not exist" in approval.message
    pair.spectrum.add_cost_type("E")
    pair.syncer.approvals.retry(ref, by=ANNA)
    pair.sync()
    assert pair.state(ref) is State.SYNCED
    assert set(phases(pair)) == {("031000", "L"), ("042000", "E")}
    assert pair.calls("AddJob") == 1


def test_a_job_made_from_a_project_is_not_imported_as_another(pair: Outgoing) -> None:
    """The program dies between the job and the mark: the project stays the only one."""
    ref = pair.project()
    pair.sync()
    pair.accept(ref, job_number="25-0900")

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        response = inner(request)
        if request.url.endswith("/ws/AddJob"):
            raise SimulatedCrash("AddJob")
        return response

    pair.to_spectrum.answer = answer
    with pytest.raises(SimulatedCrash):
        pair.sync()
    pair.to_spectrum.answer = None
    for _ in range(3):
        pair.sync()
    assert len(pair.table("projects")) == 2
    assert pair.project_row(ref)["origin_id"] == "spectrum:ABC:job:25-0900"
    assert pair.plan().is_empty
