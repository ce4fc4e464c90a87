"""Both fakes served together, from a test and from a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from procore_spectrum.features import CostCodeSettings
from procore_spectrum.mapping import PhaseMask
from procore_spectrum.testing import FaultPlan, Sandbox
from procore_spectrum.testing.sandbox import main


def get(url: str) -> httpx.Response:
    """One request without a proxy."""
    return httpx.get(url, trust_env=False, timeout=10)


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The sandbox in a process of its own."""
    command = [sys.executable, "-m", "procore_spectrum.testing.sandbox", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """What it prints first."""
    assert process.stdout is not None
    return process.stdout.readline()


def test_the_company_is_loaded_into_both() -> None:
    """Spectrum holds every job and vendor, Procore what it had before."""
    with Sandbox() as sandbox:
        spectrum = get(f"{sandbox.settings['spectrum']['url']}/_sandbox/state").json()
        procore = get(f"{sandbox.settings['procore']['base_url']}/_sandbox/state").text
        company = sandbox.company
    everything = json.dumps(spectrum)
    assert all(job.number in everything for job in company.jobs)
    assert all(vendor.code in everything for vendor in company.vendors)
    assert all(vendor["name"] in procore for vendor in company.existing_procore_companies)
    assert all(project["name"] in procore for project in company.existing_procore_projects)


def test_what_sql_would_find_is_shown() -> None:
    """Spectrum's rows by table, in the columns of our queries; Procore has none."""
    with Sandbox("XS") as sandbox:
        rows = get(f"{sandbox.settings['spectrum']['url']}/_sandbox/rows").json()
        none = get(f"{sandbox.settings['procore']['base_url']}/_sandbox/rows").json()
        pairs = {(phase.job_number, phase.phase_code) for phase in sandbox.company.phases}
    found = {(row["job_number"], row["phase_code"]) for row in rows["original_estimates"]}
    assert found == pairs
    assert none == {}


def test_the_mask_that_is_printed_is_the_one_to_configure() -> None:
    """With its dashes: it is the usual one, and every phase of the company fits it."""
    with Sandbox() as sandbox:
        printed = sandbox.settings["spectrum"]["phase_mask"]
    mask = PhaseMask.parse(printed)
    assert mask == CostCodeSettings().phase_mask
    phases = [phase.phase_code for phase in sandbox.company.phases]
    assert phases
    assert not [code for code in phases if mask.check(code)]


def test_the_credentials_open_procore() -> None:
    """The token that the settings buy is accepted by the company of the settings."""
    with Sandbox() as sandbox:
        procore = sandbox.settings["procore"]
        grant = {"grant_type": "client_credentials"}
        grant |= {name: procore[name] for name in ("client_id", "client_secret")}
        with httpx.Client(trust_env=False) as client:
            token = client.post(f"{procore['login_url']}/oauth/token", data=grant).json()
            answer = client.get(
                f"{procore['base_url']}/rest/v1.0/vendors",
                params={"company_id": procore["company_id"]},
                headers={
                    "Authorization": f"Bearer {token['access_token']}",
                    "Procore-Company-Id": str(procore["company_id"]),
                },
            )
    assert len(answer.json()) == len(sandbox.company.existing_procore_companies)


def test_the_credentials_open_spectrum() -> None:
    """The Authorization ID of the settings is set up for the company of the settings."""
    with Sandbox() as sandbox:
        spectrum = sandbox.settings["spectrum"]
        answer = httpx.get(
            f"{spectrum['url']}/vendors/{spectrum['company_code']}",
            auth=(spectrum["company_code"], spectrum["authorization_id"]),
            trust_env=False,
        )
    assert answer.status_code == 200
    assert sandbox.company.vendors[0].code in answer.text


def test_faults_from_the_start_are_on_both_servers() -> None:
    """Each server runs the plan by itself."""
    with Sandbox(faults=FaultPlan.from_text("at 1: status 503")) as sandbox:
        servers = (sandbox.procore_server, sandbox.spectrum_server)
        assert [get(f"{server.url}/x").status_code for server in servers] == [503, 503]


def test_the_same_seed_gives_the_same_world() -> None:
    """Two sandboxes of one seed hold the same; another seed holds something else."""
    with Sandbox(seed=1) as one, Sandbox(seed=1) as same, Sandbox(seed=2) as other:
        assert one.spectrum.state() == same.spectrum.state()
        assert one.spectrum.state() != other.spectrum.state()


def test_a_taken_port_leaves_nothing_open(capsys: pytest.CaptureFixture[str]) -> None:
    """When the second server cannot listen, the first is closed and the exit status is 1."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with Sandbox() as sandbox:
        status = main(["--port-spectrum", str(sandbox.spectrum_server.port)])
    for number, handler in before.items():
        signal.signal(number, handler)
    assert status == 1
    assert "choose another port" in capsys.readouterr().err
    assert not [t for t in threading.enumerate() if "serve_forever" in t.name]


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_one_line_of_json_then_it_serves(signal_: signal.Signals) -> None:
    """The line holds at least the promised keys; a signal ends it with success and silence."""
    with started("--json", "--seed", "3") as process:
        settings: dict[str, dict[str, Any]] = json.loads(first_line(process))
        assert set(settings) == {"procore", "spectrum"}
        assert {"base_url", "login_url", "company_id", "client_id", "client_secret"} <= set(
            settings["procore"]
        )
        assert {"url", "company_code", "authorization_id"} <= set(settings["spectrum"])
        assert get(f"{settings['procore']['base_url']}/_sandbox/calls").json() == []
        os.kill(process.pid, signal_)
        assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


def test_it_ends_when_its_standard_input_closes() -> None:
    """A program that starts it need not remember to stop it."""
    with started("--json", "--until-stdin-closes") as process:
        assert "spectrum" in json.loads(first_line(process))
        assert process.poll() is None
        assert process.communicate("a line\n", timeout=20) == ("", "")
    assert process.returncode == 0


def test_main_serves_until_told_to_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The function behind the command prints its line, serves, and returns 0."""
    reading, writing = os.pipe()
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(writing, b"still here\n")
        os.close(writing)
        assert main(["--json", "--until-stdin-closes"]) == 0
    assert json.loads(capsys.readouterr().out)["spectrum"]["company_code"]
    assert set(handlers) == {signal.SIGINT, signal.SIGTERM}
    handlers[signal.SIGINT](signal.SIGINT, None)


def test_the_package_is_a_command_too() -> None:
    """``python -m procore_spectrum.testing`` is the same."""
    done = subprocess.run(
        [sys.executable, "-m", "procore_spectrum.testing", "--until-stdin-closes"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.startswith("procore\n")
    assert "authorization_id" in done.stdout
