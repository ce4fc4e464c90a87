"""Jobs become projects: new ones by themselves, those in progress by decision, none twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_contractor import Contractor, held, of_kind, only

from procore_spectrum.features.keys import ref
from procore_spectrum.mapping import JobMapping
from procore_spectrum.plan.operations import Create, Deactivate, Link, Update
from procore_spectrum.plan.records import Ref

AI = {"A": True, "I": True}
OLD = date(2024, 6, 30)
CITY_HALL = Ref("project", "25-0101")


@pytest.fixture
def pair() -> Contractor:
    """An empty contractor, connected on the first day of 2025."""
    return Contractor()


def in_progress(pair: Contractor) -> None:
    """A job from before the connection, with cost."""
    pair.job(Create_Date=OLD)
    pair.phase("031000", JTD_Actual_Dollars=Decimal("1234.50"))
    pair.phase("031000", "M", JTD_Actual_Dollars=Decimal("0.25"))
    pair.phase("042000", "S", "Masonry")


# ---------------------------------------------------------------- which jobs


def test_a_new_job_becomes_a_project(pair: Contractor) -> None:
    """Created since the connection and without cost: taken by itself."""
    pair.job(City="Salem", State="OR", Start_Date=date(2025, 3, 1))
    pair.run("jobs")
    row = pair.row("projects", project_number="25-0101")
    assert (row["name"], row["city"], row["state_code"], row["start_date"], row["active"]) == (
        "City Hall",
        "Salem",
        "OR",
        "2025-03-01",
        True,
    )
    assert pair.plan("jobs").is_empty


def test_a_job_in_progress_is_held_with_the_evidence(pair: Contractor) -> None:
    """Date and cost are shown, so that a person can decide."""
    in_progress(pair)
    found = held(pair.plan("jobs"), "25-0101")
    assert found.code == "in-progress"
    assert "created on 2024-06-30, before the connection on 2025-01-01" in found.message
    assert "job-to-date cost of 1,234.75 on 2 phase and cost type pairs" in found.message


def test_cost_alone_is_evidence_enough(pair: Contractor) -> None:
    """A job without a date of creation is in progress once it has cost."""
    pair.job(Create_Date=None)
    pair.phase("031000", JTD_Actual_Dollars=Decimal(-1))
    found = held(pair.plan("jobs"), "25-0101")
    assert "job-to-date cost of -1.00 on 1 phase and cost type pairs" in found.message
    assert "created on" not in found.message


def test_nothing_of_a_held_job_is_written(pair: Contractor) -> None:
    """A job that waits for a person leaves no codes either."""
    in_progress(pair)
    pair.run()
    assert not pair.table("projects")
    assert not pair.table("cost_codes")


def test_the_day_of_the_first_plan_counts_when_none_is_set(pair: Contractor) -> None:
    """Without a setting, jobs are new from the first plan on, and that day is remembered."""
    pair.jobs_by(connected_on=None)
    pair.job(Create_Date=date(2026, 1, 4))
    assert held(pair.plan("jobs"), "25-0101").code == "in-progress"
    pair.clock.advance(86400 * 30)
    pair.job("26-0001", "Annex", Create_Date=date(2026, 1, 6))
    assert [op.ref.key for op in pair.plan("jobs").todo] == ["26-0001"]
    assert pair.syncer.status().connected_on == date(2026, 1, 5)


@pytest.mark.parametrize("choice", [{"take_on": ("25-0101",)}, {"in_progress": "take"}])
def test_a_setting_takes_on_jobs_in_progress(pair: Contractor, choice: dict[str, object]) -> None:
    """One by one, or all of them."""
    in_progress(pair)
    pair.jobs_by(**choice)
    assert isinstance(only(pair.plan("jobs").operations), Create)


def test_a_decision_takes_on_a_job_in_progress(pair: Contractor) -> None:
    """The person who decides is recorded, and the whole job follows."""
    in_progress(pair)
    pair.syncer.take_on("25-0101", why="half built")
    pair.run()
    assert len(pair.table("wbs_codes")) == 3
    assert pair.plan().is_empty


@pytest.mark.parametrize("decision", ["link", "create"])
def test_saying_what_a_job_in_progress_is_takes_it_on(pair: Contractor, decision: str) -> None:
    """A later decision replaces taking on, so it must not bring the first question back."""
    in_progress(pair)
    existing = pair.procore.add_project(name="City Hall (field)", project_number="25-0101")
    pair.syncer.take_on("25-0101")
    assert held(pair.plan("jobs"), "25-0101").code == "candidates"
    if decision == "link":
        pair.syncer.link(CITY_HALL, str(existing["id"]))
    else:
        pair.syncer.create_new(CITY_HALL)
    assert only(pair.plan("jobs").operations).verb == decision
    pair.run()
    assert pair.plan().is_empty


def test_an_ignored_job_is_left_out_with_its_codes(pair: Contractor) -> None:
    """Ignoring a linked job stops everything about it, without calling it vanished."""
    pair.job()
    pair.run()
    pair.syncer.ignore(CITY_HALL)
    pair.job(name="Renamed")
    pair.phase("031000")
    assert not [op for op in pair.plan().operations if "25-0101" in op.ref.key]


def test_once_linked_a_job_is_never_in_progress_again(pair: Contractor) -> None:
    """Cost on a job that we made ourselves is no reason to ask."""
    pair.job()
    pair.phase("031000")
    pair.run()
    pair.spectrum.set_cost("25-0101", "031000", "L", dollars=Decimal(5000))
    assert pair.plan().operations == ()


# ---------------------------------------------------------------- existing projects


def test_a_project_with_the_same_number_is_proposed(pair: Contractor) -> None:
    """Never duplicated: a person links it."""
    pair.job()
    project = pair.procore.add_project(name="City Hall (field)", project_number=" 25-0101 ")
    found = held(pair.plan("jobs"), "25-0101")
    (candidate,) = found.candidates
    assert (candidate.target_id, candidate.evidence) == (
        str(project["id"]),
        ("same project number",),
    )
    pair.run()
    assert len(pair.table("projects")) == 1


def test_a_decided_link_flows(pair: Contractor) -> None:
    """After the decision the project gets our key and the job's values, and later changes."""
    pair.job(City="Salem")
    project = pair.procore.add_project(name="City Hall (field)", project_number="25-0101")
    pair.syncer.link(CITY_HALL, str(project["id"]))
    link = only(pair.plan("jobs").operations)
    assert isinstance(link, Link)
    pair.run("jobs")
    pair.job(City="Eugene")
    assert isinstance(only(pair.plan("jobs").operations), Update)
    pair.run("jobs")
    row = only_row(pair)
    assert (row["id"], row["name"], row["city"]) == (project["id"], "City Hall", "Eugene")
    assert row["origin_id"] == "spectrum:ABC:job:25-0101"


def only_row(pair: Contractor) -> dict[str, object]:
    """The one project."""
    (row,) = pair.table("projects")
    return row


def test_a_project_of_another_integration_is_never_taken(pair: Contractor) -> None:
    """A foreign origin id holds the link."""
    pair.job()
    project = pair.procore.add_project(name="X", project_number="25-0101", origin_id="sage:9")
    pair.syncer.link(CITY_HALL, str(project["id"]))
    assert held(pair.plan("jobs"), "25-0101").code == "foreign-key"


def test_a_decision_to_create_makes_a_second_project(pair: Contractor) -> None:
    """A person may know that the number is a coincidence."""
    pair.job()
    pair.procore.add_project(name="City Hall Annex", project_number="25-0101")
    pair.syncer.create_new(CITY_HALL)
    pair.run("jobs")
    assert len(pair.table("projects")) == 2


def test_a_project_that_vanished_is_held(pair: Contractor) -> None:
    """A linked project that cannot be seen any more is not created a second time."""
    pair.job()
    pair.run("jobs")
    (row,) = pair.table("projects")
    pair.procore.set_company_admin(admin=False)
    pair.procore.forbid(row["id"])
    assert held(pair.plan("jobs"), "25-0101").code == "gone"


# ---------------------------------------------------------------- status


@pytest.mark.parametrize(("status", "active"), [("A", True), ("I", False)])
def test_status_of_a_new_job(pair: Contractor, status: str, *, active: bool) -> None:
    """Active jobs are active projects, inactive ones are made and switched off."""
    pair.job(Status_Code=status)
    pair.run("jobs")
    assert only_row(pair)["active"] is active
    assert pair.plan("jobs").is_empty


def test_complete_jobs_come_only_on_request(pair: Contractor) -> None:
    """Spectrum lists them when asked, and then they are inactive projects."""
    pair.job(Status_Code="C")
    assert not pair.plan("jobs").operations
    pair.jobs_by(include_complete=True)
    pair.run("jobs")
    assert only_row(pair)["active"] is False


@pytest.mark.parametrize("include", [True, False])
def test_a_job_that_becomes_complete_switches_its_project_off(
    pair: Contractor,
    *,
    include: bool,
) -> None:
    """Also when complete jobs are not wanted otherwise; and then it rests."""
    pair.jobs_by(include_complete=include)
    pair.job()
    pair.run("jobs")
    pair.job(Status_Code="C")
    if not include:
        pair.job("19-0001", "Long done", Status_Code="C", Create_Date=OLD)
    assert isinstance(only(pair.plan("jobs").operations), Deactivate)
    pair.run("jobs")
    assert only_row(pair)["active"] is False
    assert not pair.plan("jobs").operations


def test_a_reopened_job_switches_its_project_on(pair: Contractor) -> None:
    """What Spectrum switched off, Spectrum may switch on again."""
    pair.job(Status_Code="I")
    pair.run("jobs")
    pair.job()
    pair.run("jobs")
    assert only_row(pair)["active"] is True
    assert not pair.plan("jobs").operations


def test_a_job_that_disappears_is_held(pair: Contractor) -> None:
    """A job that is listed in no status any more asks a person."""
    pair.job()
    pair.run("jobs")
    pair.spectrum._companies["ABC"].jobs.pop("25-0101")
    assert held(pair.plan("jobs"), "25-0101").code == "absent"


# ---------------------------------------------------------------- choices


def test_template_stage_and_time_zone(pair: Contractor) -> None:
    """The company's choices arrive with the new project, and are left alone afterwards."""
    template = pair.procore.add_template(name="Standard")
    pair.jobs_by(
        mapping=JobMapping(template_id=template["id"], stage_ids={"A": 11}, time_zone="US/Eastern")
    )
    pair.job()
    pair.run("jobs")
    row = only_row(pair)
    assert row["from_project_template_id"] == template["id"]
    assert row["time_zone"] == "US/Eastern"
    assert not pair.plan("jobs").operations
    pair.edit_project("25-0101", time_zone="US/Pacific")
    assert not pair.plan("jobs").operations


def test_the_stage_follows_the_status_and_is_shared(pair: Contractor) -> None:
    """A new status brings its stage; a stage that somebody chose in Procore waits."""
    pair.jobs_by(mapping=JobMapping(stage_ids={"A": 11, "I": 12}, active_by_status=dict(AI)))
    pair.job()
    pair.run("jobs")
    pair.job(Status_Code="I")
    pair.run("jobs")
    assert only_row(pair)["project_stage_id"] == 12
    pair.edit_project("25-0101", project_stage_id=13)
    found = held(pair.plan("jobs"), "25-0101")
    assert (found.code, found.changes[0].target) == ("drift", 13)


def test_the_contract_amount_goes_where_the_company_wants_it(pair: Contractor) -> None:
    """To the cent, and without a phantom update afterwards."""
    pair.jobs_by(mapping=JobMapping(contract_field="total_value"))
    pair.job(Original_Contract=Decimal("1234567.89"))
    pair.run("jobs")
    assert only_row(pair)["total_value"] in {Decimal("1234567.89"), "1234567.89"}
    assert not pair.plan("jobs").operations


def test_master_job_and_job_are_a_project_each(pair: Contractor) -> None:
    """Procore's sub jobs are not used."""
    pair.job("25-0100", "Campus")
    pair.job("25-0101", "City Hall", Master_Job="25-0100")
    pair.run("jobs")
    assert sorted(row["project_number"] for row in pair.table("projects")) == [
        "25-0100",
        "25-0101",
    ]


def test_a_run_can_be_limited_to_jobs(pair: Contractor) -> None:
    """Other jobs are neither planned nor called absent."""
    for number in ("25-0101", "25-0102"):
        pair.job(number, f"Job {number}")
        pair.phase("031000", job=number)
    pair.run()
    pair.job("25-0101", "Renamed 1")
    pair.job("25-0102", "Renamed 2")
    assert [op.ref.key for op in pair.plan("jobs", jobs=["25-0102"]).operations] == ["25-0102"]


def test_a_limited_run_takes_the_codes_of_its_jobs_only(pair: Contractor) -> None:
    """The codes of the other jobs stay for another day."""
    for number in ("25-0101", "25-0102"):
        pair.job(number, f"Job {number}")
        pair.phase("031000", job=number)
    plan = pair.plan(jobs=["25-0101"])
    assert [op.ref.key for op in of_kind(plan, "wbs_code")] == ["25-0101/03-1000/L"]


def test_violations_are_reported_together(pair: Contractor) -> None:
    """A state that does not exist and a status that is not in the table, in one go."""
    pair.jobs_by(mapping=JobMapping(active_by_status={"I": False}))
    pair.job(State="ZZ")
    found = held(pair.plan("jobs"), "25-0101")
    assert [v.code for v in found.violations] == ["unknown-state", "unknown-status"]


# ---------------------------------------------------------------- any jobs

NUMBERS = st.text("0123456789ABz-. /%_", min_size=1, max_size=10).filter(
    lambda text: text == text.strip()
)


@settings(max_examples=25, deadline=None)
@given(numbers=st.sets(NUMBERS, min_size=1, max_size=4))
def test_any_job_numbers_are_kept_apart(numbers: set[str]) -> None:
    """Whatever characters a number has, each job is one project or held, and only once."""
    pair = Contractor()
    for number in numbers:
        pair.job(number, "Same name")
        pair.phase("031000", job=number)
    pair.run()
    made = [row["project_number"] for row in pair.table("projects")]
    plan = pair.plan()
    assert plan.is_empty, plan.render(limit=None)
    assert len(made) == len(set(made))
    done = {ref("project", number).key for number in made}
    waiting = {op.ref.key for op in plan.held if op.ref.kind == "project"}
    assert done | waiting == {ref("project", number).key for number in numbers}


def test_reversed_dates_are_noted(pair: Contractor) -> None:
    """They are taken as they are, but somebody should know."""
    pair.job(Start_Date=date(2025, 6, 1), Est_Complete_Date=date(2025, 5, 1))
    (note,) = pair.plan("jobs").notes
    assert "project 25-0101: " in note.text
    assert "lies before the start on 2025-06-01" in note.text
