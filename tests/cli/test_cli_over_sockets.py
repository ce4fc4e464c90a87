"""The command line against both fakes on sockets: the doctor, and that no secret is ever shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from procore_spectrum.cli.commands import cli
from procore_spectrum.testing import FakeProcore, FakeSpectrum, FaultPlan, FaultRule, serve
from procore_spectrum.testing.faults import ClockSkew

SECRETS = {
    "PROCORE_CLIENT_ID": "canary-client",
    "PROCORE_CLIENT_SECRET": "CANARY-SECRET-1",
    "SPECTRUM_AUTHORIZATION_ID": "CANARY-AUTH-2",
}
TOML = """
[procore]
base_url = "{procore}"
login_url = "{procore}"
company_id = {company}
{procore_more}
[spectrum]
url = "{spectrum}"
company_code = "ABC"
{spectrum_more}
[store]
url = "sqlite:///{store}"
[cost_codes.cost_types]
L = {{ name = "Labor" }}
"""


class Site:
    """Both fakes on sockets, and a configuration that leads to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.procore = FakeProcore(
            client_id=SECRETS["PROCORE_CLIENT_ID"], client_secret=SECRETS["PROCORE_CLIENT_SECRET"]
        )
        self.spectrum = FakeSpectrum(authorization_id=SECRETS["SPECTRUM_AUTHORIZATION_ID"])
        self.spectrum.add_vendor(Vendor_Code="ACME", Name="Acme Concrete")
        self.outputs: list[str] = []
        self.secrets = dict(SECRETS)
        self.config: dict[str, Any] = {
            "company": self.procore.company_id,
            "store": folder / "sync.db",
            "procore_more": "",
            "spectrum_more": 'release = "2025 R1"',
        }

    def __call__(self, *arguments: str, status: int = 0) -> Result:
        """Run a command."""
        file = self.folder / "procore-spectrum.toml"
        file.write_text(TOML.format(**self.config), encoding="utf-8")
        runner = CliRunner(env=self.secrets)
        result = runner.invoke(cli, ["--config", str(file), *arguments])
        self.outputs += [result.stdout, result.stderr]
        assert result.exit_code == status, result.output
        return result

    def checks(self, status: int = 0) -> dict[str, dict[str, Any]]:
        """What the doctor found, by area and name."""
        found = json.loads(self("doctor", "--json", status=status).stdout)["checks"]
        return {f"{check['area']}: {check['name']}": check for check in found}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Both systems in good health."""
    found = Site(tmp_path)
    with serve(found.procore) as procore, serve(found.spectrum) as spectrum:
        found.config |= {"procore": procore.url, "spectrum": spectrum.url}
        yield found


def test_a_healthy_installation(site: Site) -> None:
    """Everything that a run needs is looked at, and is well."""
    checks = site.checks()
    assert all(check["ok"] for check in checks.values())
    assert {
        "store: journal",
        "store: doubts",
        "procore: clock",
        "procore: credentials and company",
        "procore: read company",
        "spectrum: release",
        "spectrum: WSTestConnection",
        "spectrum: GetVendors",
        "spectrum: GetPhase",
    } <= set(checks)
    assert "ok   spectrum: GetJob" in site("doctor").output


@pytest.mark.parametrize("service", ["GetVendors", "GetJob", "GetJobMain", "GetPhase"])
def test_a_missing_permission(site: Site, service: str) -> None:
    """The service is named, and where it is granted; the rest is looked at all the same."""
    every = {
        *("WSTestConnection", "GetVendors", "GetJob", "GetJobMain", "GetJobDates", "GetPhase"),
        "GetPhaseEnhanced",
    }
    site.spectrum.authorize(site.spectrum.authorization_id, services=every - {service})
    checks = site.checks(status=1)
    failed = {name: check for name, check in checks.items() if not check["ok"]}
    assert set(failed) == {f"spectrum: {service}"}
    assert failed[f"spectrum: {service}"]["hint"]
    assert f"FAIL spectrum: {service}" in site("doctor", status=1).output


def test_a_clock_that_is_wrong(site: Site, tmp_path: Path) -> None:
    """A difference beyond a minute is told, with what to do."""
    skewed = FaultPlan((FaultRule(fault=ClockSkew(seconds=7200), times=None),))
    with serve(site.procore, faults=skewed) as procore:
        site.config["procore"] = procore.url
        check = site.checks(status=1)["procore: clock"]
    assert not check["ok"]
    assert "differs by" in check["message"]
    assert check["hint"]


@pytest.mark.parametrize(
    ("release", "status", "ok"),
    [('release = "2021 R1"', 1, False), ("", 0, True), ('release = "2023 R2"', 0, True)],
)
def test_the_release(site: Site, release: str, status: int, *, ok: bool) -> None:
    """A release outside of the supported window is told; one that nobody named is asked for."""
    site.config["spectrum_more"] = release
    check = site.checks(status=status)["spectrum: release"]
    assert check["ok"] is ok
    assert ("2025 R1" in check["hint"]) == (release != 'release = "2023 R2"')


def test_a_company_that_the_application_does_not_see(site: Site) -> None:
    """The hint says where the application is connected."""
    site.config["company"] = 4711
    checks = site.checks(status=1)
    assert not checks["procore: credentials and company"]["ok"]
    assert checks["procore: credentials and company"]["hint"]
    assert checks["spectrum: GetJob"]["ok"]


def test_a_server_that_is_not_there(site: Site) -> None:
    """Not reached is told for each system, without a traceback."""
    site.config |= {"procore": "http://127.0.0.1:9", "spectrum": "http://127.0.0.1:9"}
    site.config["procore_more"] = ""
    checks = site.checks(status=1)
    assert not checks["procore: clock"]["ok"]
    assert not checks["spectrum: WSTestConnection"]["ok"]


def test_every_setting_of_the_connection_is_used(site: Site) -> None:
    """A token file and a directory for service descriptions fill up."""
    site.config["procore_more"] = f'token_file = "{site.folder / "tokens.json"}"'
    site.config["spectrum_more"] = f'wsdl_cache = "{site.folder / "wsdl"}"\nmax_parallel = 1'
    site("plan")
    assert (site.folder / "tokens.json").exists()
    assert list((site.folder / "wsdl").iterdir())


def test_no_secret_is_ever_shown(site: Site) -> None:
    """In no output of any command, in good and in bad days, and not in the store."""
    for arguments in (["plan"], ["plan", "--json"], ["apply"], ["status"], ["doctor"]):
        site(*arguments)
    site("explain", "company", "ACME")
    site.secrets["SPECTRUM_AUTHORIZATION_ID"] = "CANARY-WRONG-3"
    site("plan", status=1)
    site("plan", "--json", status=1)
    site("doctor", status=1)
    site.secrets["PROCORE_CLIENT_SECRET"] = "CANARY-WRONG-4"
    site("apply", status=1)
    site("doctor", "--json", status=1)
    files = [path for path in site.folder.rglob("sync.db*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    assert kept
    assert "CANARY" not in "".join(site.outputs)
    assert b"CANARY" not in kept
