"""Companies and projects that wait for accounting and can no longer be exported are withdrawn."""

from __future__ import annotations

import pytest
from outgoing_contractor import TEMPLATE, Outgoing

from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref


@pytest.fixture
def pair() -> Outgoing:
    """A contractor with nothing to export yet."""
    return Outgoing()


def withdrawn(pair: Outgoing, ref: Ref) -> str:
    """Why the next run takes the export back; blank when it stays."""
    plan = pair.plan()
    pair.syncer.apply(plan)
    (found,) = [item.why for item in plan.withdrawals if item.ref == ref] or [""]
    assert pair.state(ref) is (State.NOT_SENT if found else State.READY_TO_EXPORT)
    return found


def test_a_company_that_can_still_be_exported_stays(pair: Outgoing) -> None:
    """Nothing is withdrawn without a reason."""
    ref = pair.company()
    pair.sync()
    assert withdrawn(pair, ref) == ""


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"is_active": False}, "the company is inactive"),
        ({"origin_id": "sage:17"}, "another integration keeps it"),
    ],
)
def test_a_company_that_was_changed(pair: Outgoing, fields: dict[str, object], why: str) -> None:
    """Switched off, or taken by another integration."""
    ref = pair.company()
    pair.sync()
    pair.procore.edit("vendor", int(ref.key), **fields)
    assert withdrawn(pair, ref) == why


def test_a_company_that_resembles_a_new_vendor(pair: Outgoing) -> None:
    """Spectrum got a vendor like it meanwhile: a person decides first."""
    ref = pair.company("Birch Lumber", city="Boise", state_code="ID", country_code="US")
    pair.sync()
    pair.vendor("BIRCH", "Birch Lumber Inc", City="Boise", State="ID")
    assert withdrawn(pair, ref) == "it resembles a vendor that Spectrum has"


def test_a_company_that_was_linked(pair: Outgoing) -> None:
    """The person has linked it: the vendor is imported, not made again."""
    ref = pair.company("Birch Lumber")
    pair.sync()
    pair.vendor("BIRCH", "Birch Lumber")
    pair.syncer.link(Ref("company", "BIRCH"), ref.key)
    plan = pair.plan("vendors")
    pair.syncer.apply(plan)
    assert withdrawn(pair, ref) == "it is linked with a vendor"


def test_companies_that_are_no_longer_exported(pair: Outgoing) -> None:
    """The setting was switched off."""
    ref = pair.company()
    pair.sync()
    pair.vendors_by(export=False)
    assert withdrawn(pair, ref) == "companies are no longer exported"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"active": False}, "the project is inactive"),
        ({"origin_id": "sage:17"}, "another integration keeps it"),
    ],
)
def test_a_project_that_was_changed(pair: Outgoing, fields: dict[str, object], why: str) -> None:
    """Switched off, or taken by another integration."""
    ref = pair.project()
    pair.sync()
    pair.procore.edit("project", int(ref.key), **fields)
    assert withdrawn(pair, ref) == why


def test_a_project_whose_job_was_made_by_hand(pair: Outgoing) -> None:
    """Spectrum has a job of its number by now: a person decides whether it is the same."""
    ref = pair.project(number="25-0777")
    pair.sync()
    pair.job("25-0777", "New Tower")
    assert withdrawn(pair, ref) == "it resembles a job that Spectrum has"


def test_projects_that_are_no_longer_exported(pair: Outgoing) -> None:
    """The setting was switched off."""
    ref = pair.project()
    pair.sync()
    pair.jobs_by(export=False)
    assert withdrawn(pair, ref) == "projects are no longer exported"


def test_a_run_for_one_job_withdraws_no_project(pair: Outgoing) -> None:
    """A run that is limited to some jobs is about no project that has none yet."""
    ref = pair.project()
    pair.sync()
    pair.procore.edit("project", int(ref.key), active=False)
    assert pair.plan(jobs=[TEMPLATE]).withdrawals == ()
