"""The facade: plans that read only, guards, decisions, and what it tells afterwards."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest
from small_contractor import Contractor, held

from procore_spectrum import MemoryStore, Plan, Syncer
from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    OutcomeUnknownError,
    RunStoppedError,
    StalePlanError,
)
from procore_spectrum.plan import codec
from procore_spectrum.plan.plan import GuardSettings
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey, EventQuery
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.source import SpectrumSource
from procore_spectrum.testing import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response


@pytest.fixture
def pair() -> Contractor:
    """A contractor with a vendor and a job of two phases."""
    found = Contractor()
    found.vendor()
    found.job()
    found.phase("031000")
    found.phase("042000", "S", "Masonry")
    return found


def many(pair: Contractor, count: int, city: str) -> None:
    """Vendors without any resemblance, all in one city."""
    pair.vendors_by(suggest=False)
    for number in range(count):
        pair.vendor(f"V{number}", f"Vendor {number}", City=city)


# ---------------------------------------------------------------- planning


def test_a_plan_reads_only(pair: Contractor) -> None:
    """No writing method reaches Procore, no writing service Spectrum, and nothing changes."""
    before = pair.procore.state(), pair.spectrum.state()
    pair.plan()
    assert {call.method for call in pair.procore.calls if "/oauth/" not in call.path} == {"GET"}
    assert all(call.service.startswith("Get") for call in pair.spectrum.calls)
    assert (pair.procore.state(), pair.spectrum.state()) == before


def test_two_plans_of_an_unchanged_world_are_the_same(pair: Contractor) -> None:
    """The id of a plan is a digest of what it would do."""
    assert pair.plan().plan_id == pair.plan().plan_id


def test_the_second_plan_is_empty(pair: Contractor) -> None:
    """What was applied is not planned again; ``verify`` is the same question."""
    pair.run()
    assert pair.syncer.verify().is_empty
    assert not pair.plan().operations


def test_features_are_planned_in_their_order(pair: Contractor) -> None:
    """The order of the names does not matter."""
    plan = pair.plan("jobs", "vendors")
    assert [op.feature for op in plan.operations] == ["vendors", "jobs"]


def test_an_unknown_feature_is_named(pair: Contractor) -> None:
    """With the features that exist."""
    with pytest.raises(ConfigurationError, match="'payroll'") as caught:
        pair.plan("payroll")
    assert caught.value.path == "features"
    assert "vendors" in caught.value.hint


def test_an_unknown_job_is_named(pair: Contractor) -> None:
    """Also beside one that exists."""
    with pytest.raises(NotFoundError, match="25-9999") as caught:
        pair.plan(jobs=["25-0101", "25-9999"])
    assert (caught.value.path, bool(caught.value.hint)) == ("jobs", True)


def test_the_number_of_requests_is_told(pair: Contractor) -> None:
    """A plan and a report count the calls that they took."""
    plan = pair.plan()
    assert plan.requests > 5
    report = pair.syncer.apply(plan)
    writes = [call for call in pair.procore.calls if call.method != "GET"]
    assert 0 < len(writes) - 1 <= report.requests


# ---------------------------------------------------------------- applying


def test_a_reviewed_plan_from_a_file_is_applied(pair: Contractor) -> None:
    """What was written down and read back does the same."""
    plan = codec.loads(codec.dumps(pair.plan()).encode())
    assert pair.syncer.apply(plan).succeeded
    assert not pair.plan().operations


def test_applying_twice_does_nothing_twice(pair: Contractor) -> None:
    """The second time everything was carried out by an earlier run."""
    plan = pair.plan()
    pair.syncer.apply(plan)
    before = pair.procore.state()
    counts = pair.syncer.apply(plan).counts
    assert counts["unchanged"] == len(plan.todo)
    assert pair.procore.state() == before


def test_a_plan_for_another_company_is_refused(pair: Contractor) -> None:
    """Nothing is written with a plan that was made elsewhere."""
    plan = attrs.evolve(pair.plan(), company="1/XYZ")
    with pytest.raises(StalePlanError, match="1/XYZ"):
        pair.syncer.apply(plan)
    assert not pair.table("vendors")


def test_progress_is_told_for_every_operation(pair: Contractor) -> None:
    """In the order of the report."""
    seen: list[str] = []
    plan = pair.plan()
    report = pair.syncer.apply(plan, progress=lambda outcome: seen.append(outcome.op_id))
    assert seen == [outcome.op_id for outcome in report.outcomes]


def test_features_one_after_the_other_end_like_all_at_once(pair: Contractor) -> None:
    """A company may start with vendors and go on with jobs."""
    for name in ("vendors", "jobs", "cost_codes"):
        pair.run(name)
    assert not pair.plan().operations


# ---------------------------------------------------------------- guards


def test_guards_stop_a_run_that_changes_too_much() -> None:
    """More than the share of the linked records, and at least the smallest number."""
    pair = Contractor()
    many(pair, 12, "Salem")
    pair.run()
    many(pair, 12, "Eugene")
    plan = pair.plan()
    with pytest.raises(RunStoppedError) as caught:
        pair.syncer.apply(plan)
    assert [v.code for v in caught.value.violations] == ["guard-share"]
    assert {row["city"] for row in pair.table("vendors")} == {"Salem"}


def test_guards_can_be_overridden_with_a_reason() -> None:
    """The reason and the person are in the journal."""
    pair = Contractor()
    many(pair, 12, "Salem")
    pair.run()
    many(pair, 12, "Eugene")
    report = pair.syncer.apply(pair.plan(), override_guards="the city was renamed")
    assert report.succeeded
    handle = pair.store.for_company(pair.syncer.company)
    event = handle.read_events(EventQuery(action="apply-started"))[-1]
    assert event.detail["override_guards"] == "the city was renamed"
    assert event.actor == "Robin Clerk"


@pytest.mark.parametrize(
    "guards",
    [GuardSettings(max_share=Decimal(1)), GuardSettings(min_records=13)],
)
def test_guards_are_settings(guards: GuardSettings) -> None:
    """A larger share, or a larger smallest number, lets the same run pass."""
    pair = Contractor()
    many(pair, 12, "Salem")
    pair.run()
    many(pair, 12, "Eugene")
    pair.settings = attrs.evolve(pair.settings, guards=guards)
    pair.run()


def test_many_new_projects_are_stopped(pair: Contractor) -> None:
    """Procore asks to agree on that first."""
    pair.settings = attrs.evolve(pair.settings, guards=GuardSettings(max_new_projects=0))
    assert [guard.code for guard in pair.plan("jobs").guards] == ["guard-projects"]


# ---------------------------------------------------------------- looking back


def test_status_before_anything(pair: Contractor) -> None:
    """A new store knows the pair of companies and nothing else."""
    found = pair.syncer.status()
    assert str(found.company) == f"{pair.procore.company_id}/ABC"
    assert found.connected_on == pair.settings.jobs.connected_on
    assert (found.last_event, found.in_doubt) == (None, ())
    assert set(found.links.values()) == {0}


def test_status_after_a_run(pair: Contractor) -> None:
    """Links are counted by kind, and the last run is known."""
    pair.run()
    found = pair.syncer.status()
    assert (found.links["company"], found.links["project"], found.links["wbs_code"]) == (1, 1, 2)
    assert found.last_event is not None
    assert found.last_event.action == "apply-ended"


def test_explain_tells_the_history_of_a_record(pair: Contractor) -> None:
    """Decision, creation and update, oldest first, with who did it."""
    name = Ref("company", "ACME")
    pair.syncer.create_new(name, why="new supplier")
    pair.run("vendors")
    pair.vendor(City="Salem")
    pair.run("vendors")
    events = pair.syncer.explain(name)
    assert [event.action for event in events if event.action != "started"] == [
        "decided",
        "done",
        "done",
    ]
    assert events[0].detail["why"] == ["new supplier"]
    assert {event.actor for event in events} == {"Robin Clerk"}


def test_explain_of_an_unknown_record_is_empty(pair: Contractor) -> None:
    """There is nothing to tell."""
    assert pair.syncer.explain(Ref("company", "NOBODY")) == ()


def test_decisions_are_kept_and_the_last_one_counts(pair: Contractor) -> None:
    """A person may change their mind; both are in the journal."""
    name = Ref("company", "ACME")
    pair.syncer.ignore(name, why="not yet")
    assert not pair.plan("vendors").operations
    pair.syncer.create_new(name, why="now")
    assert len(pair.plan("vendors").todo) == 1
    assert [d.choice for d in pair.syncer.status().decisions] == ["create"]
    assert [event.detail["choice"] for event in pair.syncer.explain(name)] == ["ignore", "create"]


def test_a_decision_about_nothing_is_noted(pair: Contractor) -> None:
    """A mistyped code must not be lost without a word; leaving it out ends the note."""
    pair.syncer.link(Ref("company", "ACNE"), "4711")
    pair.syncer.take_on("99-9999")
    assert [note.text for note in pair.plan("vendors", "jobs").notes] == [
        "link was decided for company ACNE, which Spectrum does not list",
        "take_on was decided for project 99-9999, which Spectrum does not list",
    ]
    pair.syncer.ignore(Ref("company", "ACNE"))
    assert pair.plan("vendors").notes == ()


@pytest.mark.parametrize("kind", ["vendor", "cost_code", "compnay"])
def test_a_decision_of_no_effect_is_refused(pair: Contractor, kind: str) -> None:
    """Only vendors and jobs are ever put to a person."""
    with pytest.raises(InvalidValueError, match="nothing can be decided"):
        pair.syncer.create_new(Ref(kind, "ACME"))


@pytest.mark.parametrize("written", ["10/2%", "10%2F2%25"])
def test_a_decision_takes_a_key_as_it_is_and_as_plans_show_it(
    pair: Contractor, written: str
) -> None:
    """Signs that plans escape do not send a decision astray."""
    assert pair.syncer.take_on(written).ref == Ref("project", "10%2F2%25")


def test_a_link_needs_an_id(pair: Contractor) -> None:
    """A decision without its target is refused at once."""
    with pytest.raises(InvalidValueError):
        pair.syncer.link(Ref("company", "ACME"), "")


def test_links_lists_what_belongs_together(pair: Contractor) -> None:
    """Both keys of every linked record."""
    pair.run("vendors")
    (row,) = pair.syncer.links("company")
    assert (row.ref.key, row.target_id) == ("ACME", str(pair.table("vendors")[0]["id"]))


def test_writes_in_doubt_are_noted(pair: Contractor) -> None:
    """A plan tells that an earlier run left writes without a known outcome."""
    plan = pair.plan("vendors")

    def crash(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.method == "PATCH":
            raise SimulatedCrash("before_send")
        return inner(request)

    pair.to_procore.answer = crash
    with pytest.raises(SimulatedCrash):
        pair.syncer.apply(plan)
    pair.to_procore.answer = None
    (note,) = pair.plan("vendors").notes
    assert note.text.startswith("1 writes of an earlier run have no known outcome yet")
    assert [item.ref.key for item in pair.syncer.status().in_doubt] == ["ACME"]
    pair.run("vendors")
    assert not pair.plan("vendors").notes
    assert len(pair.table("vendors")) == 1


# ---------------------------------------------------------------- composition


def test_sources_and_targets_of_ones_own(pair: Contractor) -> None:
    """Anything that implements the ports is taken, with the pair of companies named."""
    syncer = Syncer(
        procore=ProcoreTarget(pair.procore_client),
        spectrum=SpectrumSource(pair.spectrum_client),
        store=MemoryStore(),
        settings=pair.settings,
        company=CompanyKey("7", "XY"),
    )
    plan = syncer.plan(features=["vendors"])
    assert plan.company == "7/XY"
    assert syncer.apply(plan).succeeded


def test_sources_of_ones_own_need_the_companies_named(pair: Contractor) -> None:
    """Which companies belong together is never guessed."""
    with pytest.raises(ConfigurationError) as caught:
        Syncer(
            procore=ProcoreTarget(pair.procore_client),
            spectrum=SpectrumSource(pair.spectrum_client),
            store=MemoryStore(),
        )
    assert caught.value.path == "company"


def test_two_pairs_share_one_store(pair: Contractor) -> None:
    """What one pair of companies has linked is nothing to another."""
    pair.run()
    other = Contractor(store=pair.store, spectrum={"company_code": "XYZ"})
    other.vendor()
    assert [op.verb for op in other.plan("vendors").operations] == ["create"]


def test_held_records_do_not_make_a_plan_full(pair: Contractor) -> None:
    """A plan with nothing but held records is empty: there is nothing to apply."""
    pair.run()
    pair.vendor("BAD", "")
    plan: Plan = pair.plan()
    assert plan.is_empty
    assert held(plan, "BAD").violations


def test_a_change_in_doubt_that_was_undone_is_settled(pair: Contractor) -> None:
    """A name was changed and changed back; the answer to the writing between was lost."""
    pair.run("vendors")
    pair.vendor("ACME", "Acme West")

    def lost(request: Request, inner: Callable[[Request], Response]) -> Response:
        if "vendors/sync" in request.url:
            raise OutcomeUnknownError("the answer was lost")
        return inner(request)

    pair.to_procore.answer = lost
    pair.syncer.apply(pair.plan("vendors"))
    pair.to_procore.answer = None
    assert len(pair.syncer.status().in_doubt) == 1
    pair.vendor("ACME", "Acme Concrete")
    pair.run("vendors")
    assert pair.syncer.status().in_doubt == ()
    assert pair.plan("vendors").is_empty
