"""A store in process that cannot be written now and then: a full disk, or another writer."""

from __future__ import annotations

from typing import Any

from procore_spectrum.errors import StoreBusyError, StoreError
from procore_spectrum.ports import CompanyKey, StoreChange
from procore_spectrum.testing.faults import DiskFull, FaultPlan, FaultRun, LockedStore
from procore_spectrum.testing.faulty import SimulatedCrash

__all__ = ["FaultyStore"]


class FaultyStore:
    """A store with a plan of what goes wrong when something is stored. Reading is never wrong.

    It fits where a store or the handle of a pair of companies fits; everything but commits goes
    to the store that it wraps.

    Args:
        inner: the store, or a handle of it.
        plan: what goes wrong, or a run of a plan that is shared with transports.
    """

    def __init__(self, inner: Any, plan: FaultPlan | FaultRun) -> None:
        self.inner = inner
        self.run = plan if isinstance(plan, FaultRun) else FaultRun(plan)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def for_company(self, company: CompanyKey) -> FaultyStore:
        """The handle of a pair of companies, with the same plan."""
        return FaultyStore(self.inner.for_company(company), self.run)

    def commit(self, change: StoreChange) -> None:
        """Store it, unless a fault says otherwise.

        Raises:
            StoreError: the disk is full.
            StoreBusyError: another process writes for too long.
            SimulatedCrash: the plan lets the program die before or after it.
        """
        self._pass("before_commit")
        match self.run.aim_commit():
            case DiskFull():
                raise StoreError("the disk is full", hint="free some disk space, then repeat")
            case LockedStore():
                raise StoreBusyError(
                    "another process is writing to the store", hint="nothing was written; repeat"
                )
        self.inner.commit(change)
        self._pass("after_commit")

    def _pass(self, point: str) -> None:
        if self.run.reach(point):
            raise SimulatedCrash(point)
