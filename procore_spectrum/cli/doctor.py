"""Checks everything that a run needs, and says for each failure what to grant and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import attrs

from procore_spectrum.cli.connect import Connection
from procore_spectrum.errors import NotPermittedError, ProcoreSpectrumError
from procore_spectrum.features import FEATURES, Feature
from procore_spectrum.features.budget_state import writing_services
from procore_spectrum.ports import ReadQuery
from procore_spectrum.procore.endpoints.identity import list_companies
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.calls import Call
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request

__all__ = ["SUPPORTED_RELEASES", "Check", "check_all"]

SUPPORTED_RELEASES = ("2023 R2", "2023 R3", "2024 R1", "2024 R2", "2024 R3", "2025 R1")
"""The window of Spectrum releases that the official connector supports, first to last, by
Procore's product page on Spectrum. Each newly validated release drops the oldest."""

_CLIENT_VERSION = "1.0"
_TOLERATED_SECONDS = 60.0


@attrs.frozen(kw_only=True)
class Check:
    """One thing that was looked at; ``hint`` says what to do when it is not ``ok``."""

    area: str
    name: str
    ok: bool
    message: str = ""
    hint: str = ""


def check_all(connection: Connection) -> Iterator[Check]:
    """Look at everything in turn; a failure never keeps the rest from being looked at."""
    yield from _store(connection)
    yield from _procore(connection)
    yield from _spectrum(connection)
    yield from _sql(connection)


def _try(area: str, name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(area=area, name=name, ok=True, message=look())
    except ProcoreSpectrumError as error:
        message = "; ".join([error.message, *map(str, error.violations)])
        return Check(area=area, name=name, ok=False, message=message, hint=error.hint)


# ---------------------------------------------------------------- the store


def _store(connection: Connection) -> Iterator[Check]:
    handle = connection.store.for_company(connection.syncer.company)
    faults = handle.verify()
    yield Check(
        area="store",
        name="journal",
        ok=not faults,
        message="; ".join(map(str, faults)) or "the chain is whole",
        hint="restore a backup" if faults else "",
    )
    doubts = handle.read_started()
    yield Check(
        area="store",
        name="doubts",
        ok=not doubts,
        message=f"{len(doubts)} writes without a known outcome",
        hint="run apply: it looks them up before it repeats anything" if doubts else "",
    )


# ---------------------------------------------------------------- Procore


def _procore(connection: Connection) -> Iterator[Check]:
    company_id = connection.config.procore.company_id
    client = connection.procore

    def company() -> str:
        names = {int(found.id): found.name for found in client.send_all(list_companies())}
        if company_id not in names:
            raise NotPermittedError(
                f"the application cannot see company {company_id}",
                hint="connect the app to the company: Company Admin > App Management",
            )
        return f"company {names[company_id]}"

    yield _clock("procore", connection.config.procore.base_url)
    signed_in = _try("procore", "credentials and company", company)
    yield signed_in
    if not signed_in.ok:
        return
    target = ProcoreTarget(client)
    for kind in sorted({kind for feature in _chosen(connection) for kind in feature.endpoints}):

        def listing(kind: str = kind) -> str:
            return f"{len(target.read(ReadQuery(kind=kind)).items)} records"

        yield _try("procore", f"read {kind.replace('_', ' ')}", listing)


def _clock(area: str, url: str) -> Check:
    """Compare this machine's clock with the server's; expiry dates depend on it."""

    def look() -> str:
        transport = HttpxTransport()
        try:
            before = datetime.now(UTC)
            answer = transport.send(Request(method="GET", url=url, label="clock"))
        finally:
            transport.close()
        text = answer.header("date")
        try:
            seconds = (parsedate_to_datetime(text or "") - before).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return "the server does not tell the time"
        if abs(seconds) > _TOLERATED_SECONDS:
            raise NotPermittedError(
                f"the server's clock differs by {seconds:.0f} s",
                hint="set this machine's clock by a time server",
            )
        return "within a minute of the server's"

    return _try(area, "clock", look)


# ---------------------------------------------------------------- Spectrum


def _spectrum(connection: Connection) -> Iterator[Check]:
    yield _release(connection.config.spectrum.release)
    client = connection.spectrum

    def call(what: Call[Any]) -> Callable[[], str]:
        def look() -> str:
            rows = client.send(what)
            more = ", cut off at the row cap" if rows.capped else ""
            return f"{len(rows.items)} rows{more}"

        return look

    def test() -> str:
        client.send(services.test_connection(_CLIENT_VERSION))
        return "the Authorization ID is known"

    yield _try("spectrum", "WSTestConnection", test)
    needed = sorted(
        {name for feature in _chosen(connection) for name in _needed(feature, connection)}
    )
    for name in sorted(needed):
        if name in _PROBES:
            yield _try("spectrum", name, call(_PROBES[name]()))
        else:
            text = "not tried, because it writes; exports need it"
            yield Check(area="spectrum", name=name, ok=True, message=text)


def _sql(connection: Connection) -> Iterator[Check]:
    """Run every query; without any, say what that means."""
    reader = connection.reader
    if reader is None:
        text = "not configured: collisions and unlinks cannot be verified"
        yield Check(area="sql", name="queries", ok=True, message=text)
        return
    for kind in reader.kinds:

        def look(kind: str = kind) -> str:
            return f"{len(reader.read(ReadQuery(kind=kind)).items)} rows"

        yield _try("sql", f"read {kind.replace('_', ' ')}", look)


def _chosen(connection: Connection) -> list[Feature]:
    """The features that are switched on."""
    names = connection.config.settings.features
    return [feature for feature in FEATURES if feature.name in names]


def _needed(feature: Feature, connection: Connection) -> tuple[str, ...]:
    """Services of a feature; those that it writes with only as far as the settings use them."""
    settings = connection.config.settings
    if feature.name == "budgets":
        return feature.services + writing_services(settings.budgets)
    exported = {"vendors": settings.vendors.export, "jobs": settings.jobs.export}
    if exported.get(feature.name, True):
        return feature.services + feature.writing_services
    return feature.services


def _release(release: str) -> Check:
    name = "release"
    if not release:
        return Check(
            area="spectrum",
            name=name,
            ok=True,
            message="not known: no web service tells it",
            hint=f"set [spectrum] release; supported: {', '.join(SUPPORTED_RELEASES)}",
        )
    return Check(
        area="spectrum",
        name=name,
        ok=release in SUPPORTED_RELEASES,
        message=release,
        hint="" if release in SUPPORTED_RELEASES else f"use {', '.join(SUPPORTED_RELEASES)}",
    )


_PROBES: dict[str, Callable[[], Call[Any]]] = {
    "GetJob": lambda: services.list_jobs(status="A"),
    "GetJobMain": lambda: services.list_job_main(status="A"),
    "GetJobDates": lambda: services.list_job_dates(status="A"),
    "GetPhase": lambda: services.list_phases(status="A"),
    "GetVendors": services.list_vendors,
}
