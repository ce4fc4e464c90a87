"""Uses the public names the way that other people's code does. Only type-checked, never run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import assert_type

from procore_spectrum import (
    AsyncProcoreClient,
    AsyncSpectrumClient,
    MemoryStore,
    Plan,
    ProcoreClient,
    Ref,
    Report,
    Settings,
    SpectrumClient,
    SqliteStore,
    Syncer,
)
from procore_spectrum.apply.report import Outcome
from procore_spectrum.apply.staging import StagedRecord
from procore_spectrum.errors import ProcoreSpectrumError, Violation
from procore_spectrum.features import CostCodeSettings, JobSettings, VendorSettings
from procore_spectrum.mapping import (
    CostTypeEntry,
    CostTypeTable,
    JobMapping,
    PhaseMask,
    VendorMapping,
)
from procore_spectrum.plan.operations import Create, Held, Operation, Update
from procore_spectrum.plan.plan import GuardSettings
from procore_spectrum.plan.records import CrosswalkRow
from procore_spectrum.ports import Decision, Event, StateStore
from procore_spectrum.syncer import Status


def settings() -> Settings:
    """Every group of settings."""
    return Settings(
        vendors=VendorSettings(types=("S", ""), mapping=VendorMapping(unusable_email="leave_out")),
        jobs=JobSettings(connected_on=date(2025, 1, 1), mapping=JobMapping(stage_ids={"A": 1})),
        cost_codes=CostCodeSettings(
            phase_mask=PhaseMask.parse("##-####"),
            cost_types=CostTypeTable(entries=(CostTypeEntry(code="L", name="Labor"),)),
        ),
        guards=GuardSettings(max_share=Decimal("0.2")),
    )


def compose(store: StateStore) -> Syncer:
    """Clients and facade."""
    with ProcoreClient(company_id=1, client_id="a", client_secret="b") as procore:
        spectrum = SpectrumClient(url="https://x", company_code="A", authorization_id="b")
        return Syncer(procore=procore, spectrum=spectrum, store=store, settings=settings())


def stores() -> tuple[StateStore, StateStore]:
    """Both stores are stores."""
    return MemoryStore(), SqliteStore("sync.db")


def use(syncer: Syncer) -> Report:
    """Plan, look, apply."""
    plan = syncer.plan(features=["vendors"], jobs=("24-0101",))
    assert_type(plan, Plan)
    assert_type(plan.operations, tuple[Operation, ...])
    assert_type(plan.held, tuple[Held, ...])
    assert_type(plan.guards, tuple[Violation, ...])
    assert_type(plan.render("markdown", limit=None), str)
    for operation in plan.todo:
        if isinstance(operation, Create | Update):
            assert_type([change.path for change in operation.changes], list[str])
    return syncer.apply(plan, override_guards="meant", progress=show)


def show(outcome: Outcome) -> None:
    """One outcome."""
    assert_type(outcome.ref, Ref)
    assert_type(outcome.violations, tuple[Violation, ...])


def decide(syncer: Syncer) -> None:
    """Decisions and what is known."""
    assert_type(syncer.link(Ref("company", "ACME"), "1", why="same"), Decision)
    assert_type(syncer.create_new(Ref("company", "ACME")), Decision)
    assert_type(syncer.take_on("24-0101"), Decision)
    assert_type(syncer.ignore(Ref("company", "ACME")), Decision)
    assert_type(syncer.restore(Ref("company", "ACME")), Decision)
    assert_type(syncer.staged(), tuple[StagedRecord, ...])
    assert_type(syncer.status(), Status)
    assert_type(syncer.links("company"), tuple[CrosswalkRow, ...])
    assert_type(syncer.explain(Ref("company", "ACME")), tuple[Event, ...])
    assert_type(syncer.verify().is_empty, bool)


async def asynchronous() -> None:
    """The asynchronous clients."""
    async with AsyncProcoreClient(company_id=1, client_id="a", client_secret="b") as procore:
        assert_type(procore.requests_sent, int)
    async with AsyncSpectrumClient(
        url="https://x", company_code="A", authorization_id="b"
    ) as spectrum:
        assert_type(spectrum.company_code, str)


def failures(error: ProcoreSpectrumError) -> tuple[str, str, str, tuple[Violation, ...]]:
    """What every error tells."""
    return error.message, error.path, error.hint, error.violations
