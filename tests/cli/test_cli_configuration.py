"""The configuration file: every setting, every mistake by its path, secrets from elsewhere."""

from __future__ import annotations

import sys
import types
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from procore_spectrum.cli.config import Config, load_config, secret
from procore_spectrum.errors import ConfigurationError

LEAST = """
[procore]
company_id = 598134325658789
[spectrum]
url = "https://spectrum.example.com:8482"
company_code = "ABC"
"""

EVERYTHING = """
[procore]
base_url = "https://sandbox.procore.com"
login_url = "https://login-sandbox.procore.com"
company_id = 7
grant = "refresh_token"
token_file = "tokens.json"

[spectrum]
url = "https://spectrum.example.com:8482"
company_code = "ABC"
release = "2024 R3"
wsdl_cache = "wsdl"
ca_file = "ca.pem"
max_parallel = 1
row_cap = 100
vendor_row_cap = 0
basic_auth = false
repair_double_encoding = true
tolerate_cut_envelope = true

[store]
url = "sqlite:///other.db"

[vendors]
types = ["S", ""]
known_types = ["S", "M"]
link_exact_names = true
suggest = false
suggest_from = 70
[vendors.mapping]
unusable_email = "leave_out"
[vendors.mapping.place]
country_code = "CA"
countries_by_state = { OR = "US" }
address_join = "; "

[jobs]
include_complete = true
in_progress = "take"
take_on = ["24-0101"]
connected_on = 2025-01-01
[jobs.mapping]
start_dates = ["create_date"]
completion_dates = ["complete_date"]
active_by_status = { A = true, I = true, C = false }
stage_ids = { A = 11 }
contract_field = "total_value"
template_id = 5
time_zone = "US/Eastern"
[jobs.mapping.place]
country_code = "CA"

[cost_codes]
phase_mask = "##-##-##"
standard_list = "Ours"
fill_standard_list = false
[cost_codes.cost_types]
L = { name = "Labor", base_type = "labor" }
M = { name = "Material" }
labor_as = "professional_services"
[cost_codes.division_names]
"03" = "Concrete"
[cost_codes.budget_codes]
active_by_status = { A = true, I = false, C = false }

[guards]
max_share = 0.5
min_records = 3
max_new_projects = 10
"""


def read(tmp_path: Path, text: str) -> Config:
    """The configuration in that text."""
    file = tmp_path / "procore-spectrum.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(str(file), {})


def refused(tmp_path: Path, text: str) -> ConfigurationError:
    """The error with which that text is refused."""
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    return caught.value


def test_the_least_configuration(tmp_path: Path) -> None:
    """Two sections with what nobody can guess; the rest has defaults."""
    config = read(tmp_path, LEAST)
    assert config.procore.base_url == "https://api.procore.com"
    assert config.store_url == "sqlite:///procore-spectrum.db"
    assert config.spectrum.vendor_row_cap == 500
    assert config.settings.jobs.in_progress == "hold"


def test_every_connection_setting_is_read(tmp_path: Path) -> None:
    """Both systems and the store."""
    config = read(tmp_path, EVERYTHING)
    assert (config.procore.company_id, config.procore.grant) == (7, "refresh_token")
    assert config.procore.token_file == "tokens.json"
    assert config.spectrum.release == "2024 R3"
    assert (config.spectrum.max_parallel, config.spectrum.row_cap) == (1, 100)
    assert config.spectrum.basic_auth is False
    assert config.store_url == "sqlite:///other.db"


def test_every_vendor_and_job_setting_is_read(tmp_path: Path) -> None:
    """With the mappings below them."""
    settings = read(tmp_path, EVERYTHING).settings
    assert settings.vendors.types == ("S", "")
    assert settings.vendors.mapping.place.countries_by_state == {"OR": "US"}
    assert settings.vendors.mapping.unusable_email == "leave_out"
    assert settings.jobs.connected_on == date(2025, 1, 1)
    assert settings.jobs.take_on == ("24-0101",)
    assert settings.jobs.mapping.stage_ids == {"A": 11}
    assert settings.jobs.mapping.start_dates == ("create_date",)


def test_every_code_and_guard_setting_is_read(tmp_path: Path) -> None:
    """Masks, tables and limits; the share is exact."""
    settings = read(tmp_path, EVERYTHING).settings
    codes = settings.cost_codes
    assert codes.phase_mask.text == "##-##-##"
    assert [(e.code, e.name, e.base_type) for e in codes.cost_types.entries] == [
        ("L", "Labor", "labor"),
        ("M", "Material", "other"),
    ]
    assert codes.cost_types.labor_as == "professional_services"
    assert codes.names.division_names == {"03": "Concrete"}
    assert settings.guards.max_share == Decimal("0.5")
    assert settings.guards.max_new_projects == 10


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (LEAST + "[payroll]\nx = 1\n", "payroll"),
        (LEAST + 'colour = "red"\n', "spectrum"),
        (LEAST + "[vendors]\nsugest = true\n", "sugest"),
        (LEAST + '[vendors]\nsuggest = "yes"\n', "vendors.suggest"),
        (LEAST + "[vendors]\nsuggest_from = true\n", "vendors.suggest_from"),
        (LEAST + "[vendors]\ntypes = [1]\n", "vendors.types"),
        (LEAST + '[jobs]\nconnected_on = "2025-01-01"\n', "jobs.connected_on"),
        (LEAST + "[jobs]\nconnected_on = 2025-01-01T00:00:00\n", "jobs.connected_on"),
        (LEAST + '[jobs]\nin_progress = "maybe"\n', "jobs.in_progress"),
        (LEAST + "[jobs.mapping]\nstage_ids = { A = 'x' }\n", "jobs.mapping.stage_ids"),
        (LEAST + "[cost_codes]\nphase_mask = 6\n", "phase_mask"),
        (LEAST + "[cost_codes]\nphase_mask = '--'\n", "mask"),
        (LEAST + "[cost_codes.division_names]\n'03' = 3\n", "cost_codes"),
        (LEAST + "[cost_codes]\ncost_types = 3\n", "cost_codes"),
        (LEAST + "[cost_codes.cost_types]\nL = { nam = 'Labor' }\n", "cost_codes"),
        (LEAST + "[cost_codes.cost_types]\nLONG = { name = 'Labor' }\n", "LONG"),
        (LEAST + "[cost_codes.cost_types]\nL = { name = '' }\n", "name"),
        (LEAST + "[cost_codes.cost_types]\nL = { name = 'x', base_type = 'y' }\n", "base_type"),
        (LEAST + "[guards]\nmax_share = 'much'\n", "guards.max_share"),
        (LEAST + "[store]\npath = 'x'\n", "store"),
        (LEAST + "[store]\nurl = 5\n", "store"),
        ("store = 3\n" + LEAST, "store"),
        ("vendors = 3\n" + LEAST, "vendors"),
        ("features = 'vendors'\n" + LEAST, "features"),
        ("features = ['payroll']\n" + LEAST, "features"),
        ("[procore]\ncompany_id = 7\n", "spectrum"),
        ("[procore]\ncompany_id = '7'\n[spectrum]\nurl='x'\ncompany_code='A'\n", "company_id"),
        ("[procore]\ncompany_id = ", "TOML"),
    ],
)
def test_every_mistake_is_named(tmp_path: Path, text: str, named: str) -> None:
    """The error names the setting and the file, and no foreign exception escapes."""
    error = refused(tmp_path, text)
    assert named in f"{error.message} {error.path}"
    assert "procore-spectrum.toml" in f"{error.message} {error.path}"
    assert error.hint


def test_the_features_in_use(tmp_path: Path) -> None:
    """Chosen at the top of the file."""
    config = read(tmp_path, 'features = ["vendors", "jobs"]\n' + LEAST)
    assert config.settings.features == ("vendors", "jobs")


def test_a_missing_file(tmp_path: Path) -> None:
    """The hint says how to name one."""
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        load_config(str(tmp_path / "none.toml"), {})
    assert "--config" in caught.value.hint


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are no configuration."""
    file = tmp_path / "c.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError):
        load_config(str(file), {})


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    """When no file is given on the command line."""
    file = tmp_path / "named.toml"
    file.write_text(LEAST, encoding="utf-8")
    assert load_config(None, {"PROCORE_SPECTRUM_CONFIG": str(file)}).spectrum.company_code == "ABC"


# ---------------------------------------------------------------- secrets


class KeyringError(Exception):
    """As the keyring package has it."""


def keyring(monkeypatch: pytest.MonkeyPatch, entries: dict[str, str] | None) -> None:
    """Put a keyring in place; None is one that stays locked."""

    def get_password(service: str, name: str) -> str | None:
        assert service == "procore-spectrum"
        if entries is None:
            raise KeyringError
        return entries.get(name)

    module = types.ModuleType("keyring")
    vars(module).update(
        get_password=get_password, errors=types.SimpleNamespace(KeyringError=KeyringError)
    )
    monkeypatch.setitem(sys.modules, "keyring", module)


def test_a_secret_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyring is asked only when the variable is missing or blank."""
    keyring(monkeypatch, {"PROCORE_CLIENT_SECRET": "from the keyring"})
    name = "PROCORE_CLIENT_SECRET"
    assert secret(name, {name: "from the environment"}) == "from the environment"
    assert secret(name, {name: ""}) == "from the keyring"


def test_a_secret_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent everywhere, with or without a keyring."""
    keyring(monkeypatch, {})
    assert secret("PROCORE_CLIENT_ID", {}) is None
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert secret("PROCORE_CLIENT_ID", {}) is None


def test_a_locked_keyring_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a matter of configuration, not as an exception of another package."""
    keyring(monkeypatch, None)
    with pytest.raises(ConfigurationError, match="PROCORE_CLIENT_ID"):
        secret("PROCORE_CLIENT_ID", {})


def test_a_secret_in_the_file_is_refused(tmp_path: Path) -> None:
    """There is no place for one, and its value is not repeated."""
    error = refused(tmp_path, LEAST + 'authorization_id = "CANARY"\n')
    assert "authorization_id" in error.message
    assert "CANARY" not in f"{error!r} {error}"
