"""Wrong credentials, missing permissions, switched-off tools: named, and nothing half-written."""

from __future__ import annotations

from typing import Any

import pytest
from small_contractor import Contractor

from procore_spectrum import ProcoreClient, Syncer
from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    NotPermittedError,
    ProcoreSpectrumError,
    SetupError,
)


def arranged(**options: Any) -> Contractor:
    """A contractor with one of everything."""
    pair = Contractor(**options)
    pair.vendor()
    pair.job()
    pair.phase("031000")
    return pair


def refused(pair: Contractor, kind: type[ProcoreSpectrumError], *features: str) -> str:
    """The text of the error with which planning ends; it must say where and what to do."""
    before = pair.procore.state()
    with pytest.raises(kind) as caught:
        pair.plan(*features)
    assert type(caught.value) is kind
    assert caught.value.path
    assert caught.value.hint
    assert pair.procore.state() == before
    return str(caught.value)


@pytest.mark.parametrize(
    ("feature", "kind"), [("vendors", AuthenticationError), ("jobs", NotPermittedError)]
)
def test_unknown_company_code(feature: str, kind: type[SetupError]) -> None:
    """Spectrum does not know the company; the REST listing cannot tell it from the id."""
    pair = arranged(client={"company_code": "ZZZ"})
    assert "company" in refused(pair, kind, feature).lower()


@pytest.mark.parametrize("feature", ["vendors", "jobs"])
def test_wrong_authorization_id(feature: str) -> None:
    """Spectrum does not know who we are; the id itself is not repeated."""
    pair = arranged(client={"authorization_id": "CANARY-1234"})
    text = refused(pair, AuthenticationError, feature)
    assert "CANARY-1234" not in text


@pytest.mark.parametrize(
    ("service", "feature"),
    [
        ("GetVendors", "vendors"),
        ("GetJob", "jobs"),
        ("GetJobDates", "jobs"),
        ("GetPhase", "jobs"),
    ],
)
def test_service_not_permitted(service: str, feature: str) -> None:
    """The service that must be granted is named."""
    pair = arranged()
    every = {"GetVendors", "GetJob", "GetJobMain", "GetJobDates", "GetPhase"}
    pair.spectrum.authorize(pair.spectrum.authorization_id, services=every - {service})
    kind = AuthenticationError if service == "GetVendors" else NotPermittedError
    assert service in refused(pair, kind, feature)


def test_a_service_that_the_release_lacks() -> None:
    """A service that the server does not know is a matter of setup, with its name."""
    pair = arranged(client={"wsdl_cache": None})
    pair.spectrum.remove_service("GetJobDates")
    with pytest.raises(ProcoreSpectrumError, match="GetJobDates") as caught:
        pair.plan("jobs")
    assert isinstance(caught.value, SetupError)


def test_wrong_client_secret_of_procore() -> None:
    """Procore does not accept the application; the secret is not repeated."""
    pair = arranged()
    client = ProcoreClient(
        base_url="https://api.procore.test",
        login_url="https://login.procore.test",
        company_id=pair.procore.company_id,
        client_id=pair.procore.client_id,
        client_secret="CANARY-SECRET",
        transport=pair.to_procore,
        clock=pair.clock,
    )
    syncer = Syncer(procore=client, spectrum=pair.spectrum_client, store=pair.store)
    with pytest.raises(AuthenticationError) as caught:
        syncer.plan(features=["vendors"])
    assert caught.value.path
    assert caught.value.hint
    assert "CANARY" not in f"{caught.value!r} {caught.value}"


def test_wrong_client_secret_of_spectrum() -> None:
    """Enhanced authentication fails at the token already."""
    pair = arranged(
        spectrum={"client_id": "spectrum-client", "client_secret": "right"},
        client={"client_id": "spectrum-client", "client_secret": "CANARY-SECRET"},
    )
    assert "CANARY" not in refused(pair, AuthenticationError, "jobs")


def test_a_company_that_the_application_is_not_connected_to() -> None:
    """Procore's answer about another company is a missing permission."""
    pair = arranged()
    client = ProcoreClient(
        base_url="https://api.procore.test",
        login_url="https://login.procore.test",
        company_id=4711,
        client_id=pair.procore.client_id,
        client_secret=pair.procore.client_secret,
        transport=pair.to_procore,
        clock=pair.clock,
    )
    syncer = Syncer(procore=client, spectrum=pair.spectrum_client, store=pair.store)
    with pytest.raises(NotPermittedError) as caught:
        syncer.plan(features=["vendors"])
    assert caught.value.hint


def test_a_project_outside_of_the_permitted_list() -> None:
    """A service account that may not see the projects it makes is told so, and repeats nothing."""
    pair = arranged(procore={"company_admin": False})
    report = pair.syncer.apply(pair.plan())
    assert not report.succeeded
    assert len(pair.table("projects")) == 1
    (row,) = pair.table("projects")
    pair.syncer.apply(pair.plan())
    assert len(pair.table("projects")) == 1
    pair.procore.permit(row["id"])
    pair.run()
    assert len(pair.table("wbs_codes")) == 1
    assert not pair.plan().operations


@pytest.mark.parametrize("tool", ["cost_codes", "work_breakdown_structure"])
def test_a_tool_that_is_switched_off(tool: str) -> None:
    """The job's codes are held with the remedy; switched on, the next run does the rest."""
    pair = arranged()
    pair.run("vendors", "jobs")
    (row,) = pair.table("projects")
    pair.procore.disable_tool(row["id"], tool)
    (held,) = pair.plan().held
    assert (held.ref.kind, held.code) == ("cost_code", "not-readable")
    assert held.hint
    pair.procore.enable_tool(row["id"], tool)
    pair.run()
    assert not pair.plan().operations


def test_a_malformed_mask_is_a_setting() -> None:
    """Found before anything is read."""
    with pytest.raises(ConfigurationError):
        Contractor(mask="--")
