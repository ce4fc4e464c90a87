"""Reads Spectrum as a :class:`~procore_spectrum.ports.Source`: jobs, phases, vendors.

A listing that Spectrum cut off is never handed on. It is read again in pieces
(:mod:`procore_spectrum.spectrum.splitting`), and if the pieces cannot be made small enough,
:class:`~procore_spectrum.errors.IncompleteReadError` says for which scope.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar, cast

import attrs

from procore_spectrum.errors import ConfigurationError, IncompleteReadError, Violation
from procore_spectrum.models.spectrum import Job, Phase, Vendor, job_sort_key, merge_jobs
from procore_spectrum.ports import Reading, ReadQuery
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.calls import Call, Result, SoapCall
from procore_spectrum.spectrum.splitting import Axis, Scope, Splitter
from procore_spectrum.spectrum.superselect import exact, is_safe
from procore_spectrum.wire.clock import Clock

__all__ = ["SpectrumSource"]

T = TypeVar("T")
R = TypeVar("R")

_STATUSES = ("A", "I")


class _Client(Protocol):
    """The part of :class:`~procore_spectrum.spectrum.client.SpectrumClient` that is used."""

    clock: Clock
    max_parallel: int

    def send(self, call: Call[T]) -> Result[T]: ...


class SpectrumSource:
    """Lists Spectrum's records, whole or not at all. Safe to share between threads.

    ==========  =====================================  ======================================
    kind        scope                                  filters
    ==========  =====================================  ======================================
    ``job``     none                                   ``complete``: complete jobs as well
    ``phase``   a job number, or none for all jobs     ``jobs``: several job numbers instead;
                                                       ``complete``: complete phases as well, or
                                                       ``"only"`` these
    ``vendor``  none                                   ``types``: vendor types, ``""`` for those
                                                       without; empty for all;
                                                       ``known_types``: all types that exist
    ==========  =====================================  ======================================

    Args:
        client: makes the calls.
        cost_types: cost types that exist, to split large jobs by; others are found anyway.
        vendor_types: every vendor type that exists, where the query does not say; needed to
            tell vendors without a type, because the listing does not say a vendor's type.
        enhanced: read phases by GetPhaseEnhanced instead of GetPhase.
    """

    def __init__(
        self,
        client: _Client,
        *,
        cost_types: Sequence[str] = (),
        vendor_types: Sequence[str] = (),
        enhanced: bool = True,
    ) -> None:
        self._client = client
        self._cost_types = tuple(cost_types)
        self._vendor_types = tuple(vendor_types)
        self._enhanced = enhanced

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Read everything that the query names.

        Raises:
            ConfigurationError: the kind or a filter is not known.
            IncompleteReadError: Spectrum cut a listing off and it cannot be split further.
            ProcoreSpectrumError: whatever a call raises.
        """
        readers: dict[str, tuple[Callable[[_Run, ReadQuery], Iterable[Any]], set[str]]] = {
            "job": (self._jobs, {"complete"}),
            "phase": (self._phases, {"complete", "jobs"}),
            "vendor": (self._vendors, {"types", "known_types"}),
        }
        if query.kind not in readers:
            raise ConfigurationError(f"Spectrum lists no {query.kind!r}", path="kind")
        reader, filters = readers[query.kind]
        unknown = set(query.filters) - filters
        if unknown:
            raise ConfigurationError(
                f"a {query.kind} cannot be filtered by {', '.join(sorted(unknown))}", path="filters"
            )
        as_of = self._client.clock.now()
        run = _Run(self._client)
        items = tuple(reader(run, query))
        return Reading(items=items, as_of=as_of, requests=run.calls, remarks=tuple(run.remarks))

    # ------------------------------------------------------------ jobs

    def _jobs(self, run: _Run, query: ReadQuery) -> Iterable[Job]:
        """GetJob first; where it had to be split, the other services are read in those pieces."""
        reader = Splitter(
            kind="job",
            fetch=lambda scope: run.send(_job_call("GetJob", scope)),
            key=lambda job: job.job_number,
            axes=_JOB_AXES,
        )
        leaves = run.each(reader.read, _status_scopes(query))
        scopes = [leaf.scope for group in leaves for leaf in group]
        others = run.each(
            lambda pair: _as_read(_whole(run, pair[0], pair[1]), pair[0]),
            [(name, scope) for name in ("GetJobMain", "GetJobDates") for scope in scopes],
        )
        found = [
            job for group in leaves for leaf in group for job in _as_read(leaf.items, "GetJob")
        ]
        return merge_jobs([*found, *(job for group in others for job in group)])

    # ------------------------------------------------------------ phases

    def _phases(self, run: _Run, query: ReadQuery) -> Iterable[Phase]:
        jobs = [query.scope] if query.scope is not None else query.filters.get("jobs")
        wanted = None if jobs is None else set(jobs)
        scopes: list[Scope] = _status_scopes(query)
        if query.filters.get("complete") == "only" and wanted is not None and len(wanted) > 1:
            # Most companies have few of them: one listing of all jobs may do for all.
            result = run.send(self._phase_call(scopes[0]))
            if not result.capped:
                rows = (phase for phase in result.items if phase.job_number in wanted)
                return sorted(rows, key=_phase_key)
        if wanted is not None and all(map(is_safe, wanted)):
            scopes = [
                {**scope, "job_number": exact(job)} for job in sorted(wanted) for scope in scopes
            ]
        # A number that SuperSelect cannot express is looked for in a listing of all jobs.
        reader = Splitter(
            kind="phase",
            fetch=lambda scope: run.send(self._phase_call(scope)),
            key=_phase_key,
            axes=(
                Axis("job_number", lambda phase: phase.job_number),
                Axis("cost_types", lambda phase: phase.cost_type, known=self._cost_types),
                Axis("status", lambda phase: phase.status_code, known=_STATUSES, alone=True),
            ),
        )
        leaves = [leaf.items for group in run.each(reader.read, scopes) for leaf in group]
        found = {
            _phase_key(phase): phase
            for items in leaves
            for phase in items
            if wanted is None or phase.job_number in wanted
        }
        # In two leaves a pair may stand for another reason: it changed between the calls.
        counts = (Counter(map(_phase_key, items)) for items in leaves)
        twice = {key for count in counts for key in count if count[key] > 1} & set(found)
        run.remarks += (_listed_twice(found[key]) for key in sorted(twice))
        return [found[key] for key in sorted(found)]

    def _phase_call(self, scope: Scope) -> SoapCall[Phase]:
        ask = services.list_phases_enhanced if self._enhanced else services.list_phases
        return ask(
            job_number=scope.get("job_number"),
            cost_types=scope.get("cost_types"),
            status=_status(scope),
        )

    # ------------------------------------------------------------ vendors

    def _vendors(self, run: _Run, query: ReadQuery) -> Iterable[Vendor]:
        types = query.filters.get("types")
        if not types:
            return _by_code(_vendors_of(run, None))
        known = query.filters.get("known_types") or self._vendor_types
        if "" in types and not known:
            raise ConfigurationError(
                "vendors without a type can only be told when all types are known",
                path="vendor_types",
                hint="give SpectrumSource every vendor type that exists",
            )
        asked = sorted({*types, *(known if "" in types else ())} - {""})
        listings: list[str | None] = [*asked, *([None] if "" in types else [])]
        read = dict(zip(listings, run.each(lambda t: _vendors_of(run, t), listings), strict=True))
        found = [vendor for name in asked if name in types for vendor in read[name]]
        typed = {vendor.vendor_code for name in asked for vendor in read[name]}
        found += [vendor for vendor in read.get(None, ()) if vendor.vendor_code not in typed]
        return _by_code(found)


class _Run:
    """One reading: counts its calls and makes several at once."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._counting = threading.Lock()
        self.calls = 0
        self.remarks: list[Violation] = []

    def send(self, call: Call[T]) -> Result[T]:
        with self._counting:
            self.calls += 1
        return self._client.send(call)

    def each(self, work: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """The work on each thing, up to so many at once, in the order of the things."""
        if len(things) < 2 or self._client.max_parallel < 2:
            return [work(thing) for thing in things]
        with ThreadPoolExecutor(self._client.max_parallel) as pool:
            return list(pool.map(work, things))


def _status_scopes(query: ReadQuery) -> list[Scope]:
    """Active and inactive records are listed together, complete ones by themselves."""
    complete = query.filters.get("complete")
    if complete == "only":
        return [{"status": exact("C")}]
    return [{}, {"status": exact("C")}] if complete else [{}]


def _status(scope: Scope) -> services.Status:
    if "status" not in scope:
        return None
    return cast("services.Status", scope["status"].values[0])


_JOB_AXES: tuple[Axis[Job], ...] = (
    Axis("status", lambda job: job.status_code, known=_STATUSES, alone=True),
    Axis("division", lambda job: job.division),
    Axis("project_manager", lambda job: job.project_manager),
    Axis("customer_code", lambda job: job.customer_code),
    Axis("superintendent", lambda job: job.superintendent),
    Axis("estimator", lambda job: job.estimator),
)
_JOB_SERVICES = {
    "GetJob": services.list_jobs,
    "GetJobMain": services.list_job_main,
    "GetJobDates": services.list_job_dates,
}


def _job_call(service: str, scope: Scope) -> SoapCall[Job]:
    return _JOB_SERVICES[service](
        status=_status(scope),
        division=scope.get("division"),
        project_manager=scope.get("project_manager"),
        customer_code=scope.get("customer_code"),
        superintendent=scope.get("superintendent"),
        estimator=scope.get("estimator"),
    )


def _whole(run: _Run, service: str, scope: Scope) -> tuple[Job, ...]:
    result = run.send(_job_call(service, scope))
    if result.capped:
        raise IncompleteReadError(
            f"{service} was cut off where GetJob was not", path=service, hint="read again"
        )
    return result.items


def _as_read(jobs: Iterable[Job], service: str) -> list[Job]:
    return [attrs.evolve(job, services=(service,)) for job in jobs]


def _phase_key(phase: Phase) -> tuple[str, str, str]:
    return (job_sort_key(phase.job_number), phase.phase_code, phase.cost_type)


def _listed_twice(phase: Phase) -> Violation:
    return Violation(
        code="phase-listed-twice",
        message=f"Spectrum lists the phase {phase.phase_code} with cost type {phase.cost_type} "
        "more than once; the last row was taken",
        path=phase.job_number,
        hint="codes with and without dashes are the same: keep one of them in Spectrum",
    )


def _vendors_of(run: _Run, vendor_type: str | None) -> tuple[Vendor, ...]:
    result = run.send(services.list_vendors(vendor_type=vendor_type))
    if result.capped:
        raise IncompleteReadError(
            "the listing of vendors may have been cut off",
            path=f"vendor type={vendor_type or 'any'}",
            hint="read by type, or set vendor_row_cap=None if your Spectrum has no cap there",
        )
    return result.items


def _by_code(vendors: Iterable[Vendor]) -> list[Vendor]:
    found = {vendor.vendor_code: vendor for vendor in vendors}
    return [found[code] for code in sorted(found)]
