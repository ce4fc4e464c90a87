"""ProcoreTarget against the fake company: a job from nothing, then nothing left to do."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from procore_replies import batch, item

from procore_spectrum.ports import ReadQuery
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.testing import FakeClock, FakeProcore


@pytest.fixture
def target() -> Iterator[ProcoreTarget]:
    """A target on a fresh company."""
    fake, clock = FakeProcore(), FakeClock()
    client = ProcoreClient(
        company_id=fake.company_id,
        client_id=fake.client_id,
        client_secret=fake.client_secret,
        transport=fake.transport(),
        clock=clock,
    )
    with client:
        yield ProcoreTarget(client, clock=clock)


def put(
    target: ProcoreTarget, kind: str, fields: Any, scope: str | None = None, **more: Any
) -> str:
    """Write one new record and return its id."""
    outcome = target.write(batch(kind, item("create", fields, **more), scope=scope))[0]
    assert outcome.state == "done", outcome
    assert outcome.target_id is not None
    return outcome.target_id


JOB = {
    "name": "North Tower",
    "origin_id": "job 24-0101",
    "project_number": "24-0101",
    "start_date": date(2026, 3, 1),
    "total_value": Decimal("1250000.10"),
}


def test_what_is_written_can_be_read(target: ProcoreTarget) -> None:
    """Days and amounts come back as they were sent."""
    project_id = put(target, "project", JOB)
    (project,) = target.read(ReadQuery(kind="project")).items
    assert str(project.id) == project_id
    assert {name: getattr(project, name) for name in JOB} == JOB


def test_a_second_write_creates_nothing(target: ProcoreTarget) -> None:
    """Sync finds by origin id what a first attempt stored."""
    assert put(target, "project", JOB) == put(target, "project", JOB)
    assert len(target.read(ReadQuery(kind="project")).items) == 1


def test_a_deactivated_company_is_still_read(target: ProcoreTarget) -> None:
    """Switching a vendor off moves it to the other listing, not out of sight."""
    vendor_id = put(target, "company", {"name": "Acme", "origin_id": "v1"})
    target.write(batch("company", item("deactivate", {}, target_id=vendor_id)))
    (vendor,) = target.read(ReadQuery(kind="company")).items
    assert (str(vendor.id), vendor.is_active) == (vendor_id, False)


def test_a_refused_vendor_leaves_its_neighbour_alone(target: ProcoreTarget) -> None:
    """The fake refuses a blank name, and stores the other vendor."""
    outcomes = target.write(
        batch(
            "company",
            item("create", {"name": "", "origin_id": "v2"}, op="bad"),
            item("create", {"name": "Acme", "origin_id": "v1"}, op="good"),
        )
    )
    assert [outcome.state for outcome in outcomes] == ["refused", "done"]
    assert outcomes[0].violations[0].path == "name"


def test_a_budget_code_is_made_of_codes(target: ProcoreTarget) -> None:
    """Tree, cost type and inactive budget code, each found by its codes."""
    project_id = put(target, "project", JOB)
    put(target, "line_item_type", {"name": "Labor", "csv_import_code": "L", "origin_id": "t1"})
    division = put(target, "cost_code", {"name": "A", "code": "01", "origin_id": "c1"}, project_id)
    phase = {"name": "B", "code": "0100", "origin_id": "c2"}
    put(target, "cost_code", phase, project_id, parent_id=division)
    labor = {"cost_code": ("01", "0100"), "line_item_type": "L", "status": "inactive"}
    code_id = put(target, "wbs_code", labor, project_id)
    (code,) = target.read(ReadQuery(kind="wbs_code", scope=project_id)).items
    assert (str(code.id), code.status) == (code_id, "inactive")
    probes = target.probe(batch("wbs_code", item("create", labor), scope=project_id))
    assert (probes[0].found, probes[0].target_id) == (True, code_id)
