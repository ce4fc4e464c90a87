"""A store that fails by plan: what the caller sees, what is stored, and that runs get over it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_contractor import Contractor

from procore_spectrum import MemoryStore
from procore_spectrum.errors import (
    ConfigurationError,
    ProcoreSpectrumError,
    StoreBusyError,
    StoreError,
)
from procore_spectrum.ports import CompanyKey, StoreChange
from procore_spectrum.testing import FakeProcore, FaultPlan, FaultyStore, SimulatedCrash, serve
from procore_spectrum.testing import faults as f
from procore_spectrum.wire.messages import Request

CHANGE = StoreChange(facts={"mark": "m"})


def under(plan: str) -> tuple[FaultyStore, Any]:
    """A handle with a plan in the little language, and the same without faults."""
    store, key = MemoryStore(), CompanyKey("1", "ABC")
    return FaultyStore(store, FaultPlan.from_text(plan)).for_company(key), store.for_company(key)


@pytest.mark.parametrize(
    ("fault", "error", "stored"),
    [
        ("disk_full", StoreError, False),
        ("locked_store", StoreBusyError, False),
        ("crash before_commit", SimulatedCrash, False),
        ("crash after_commit", SimulatedCrash, True),
    ],
)
def test_a_commit_fails(fault: str, error: type[BaseException], *, stored: bool) -> None:
    """Exactly as said: the error, and all of the change or nothing; the next one works."""
    faulty, plain = under(f"always: {fault}")
    with pytest.raises(error) as caught:
        faulty.commit(CHANGE)
    assert type(caught.value) is error
    assert bool(plain.read_fact("mark")) == stored
    faulty.commit(CHANGE)
    assert faulty.read_fact("mark")


def test_commits_are_counted_by_themselves() -> None:
    """Neither do requests use up a fault of the store, nor commits one of the connection."""
    run = f.FaultRun(
        FaultPlan.from_text("at 2: disk_full\nafter 2 skip 1: locked_store\nat 1: refuse")
    )
    request = Request(method="GET", url="http://h/vendors")
    assert [run.aim_commit() for _ in range(5)] == [
        None,
        f.DiskFull(),
        None,
        f.LockedStore(),
        None,
    ]
    assert [run.aim(request) for _ in range(2)] == [f.Refuse(), None]


@pytest.mark.parametrize("fault", ["disk_full", "locked_store"])
def test_a_server_does_not_take_a_fault_of_the_store(fault: str) -> None:
    """It could do nothing about it."""
    plan = FaultPlan.from_text(f"always: {fault}")
    with serve(FakeProcore()) as server, pytest.raises(ConfigurationError, match="store"):
        server.set_faults(plan)


@settings(max_examples=25)
@given(
    at=st.integers(1, 12),
    fault=st.sampled_from(
        ["disk_full", "locked_store", "crash before_commit", "crash after_commit"]
    ),
)
def test_a_run_whose_store_fails_is_completed_by_the_next(at: int, fault: str) -> None:
    """Whichever commit fails, and however: every record is there once, and a last plan is empty."""
    when = f"skip {at - 1}" if fault.startswith("crash") else f"at {at}"
    store = FaultyStore(MemoryStore(), FaultPlan.from_text(f"{when}: {fault}"))
    company: Any = Contractor(store=store)
    for number in (1, 2):
        company.vendor(f"V{number}", f"Vendor {number}")
        company.job(f"25-010{number}", f"Job {number}")
        company.phase("031000", job=f"25-010{number}")
    with contextlib.suppress(ProcoreSpectrumError, SimulatedCrash):
        company.syncer.apply(company.plan())
    for _ in range(3):
        company.syncer.apply(company.plan())
    assert company.plan().is_empty
    assert sorted(row["origin_code"] for row in company.table("vendors")) == ["V1", "V2"]
    assert len(company.table("projects")) == 2
    assert store.for_company(company.syncer.company).verify() == ()
