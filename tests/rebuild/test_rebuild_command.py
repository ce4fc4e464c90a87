"""``procore-spectrum rebuild`` over sockets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from procore_spectrum.cli.commands import cli
from procore_spectrum.testing import Sandbox

TOML = """
[procore]
base_url = "{base_url}"
login_url = "{login_url}"
company_id = {company_id}
[spectrum]
url = "{url}"
company_code = "{company_code}"
vendor_row_cap = 0
[store]
url = "sqlite:///{store}"
[vendors]
suggest = false
[jobs]
in_progress = "take"
connected_on = {connected_on}
[cost_codes]
phase_mask = "{mask}"
[cost_codes.cost_types]
{types}
"""


def run(sandbox: Sandbox, folder: Path, *arguments: str) -> Result:
    """Run a command with a store in the folder."""
    procore, spectrum = sandbox.settings["procore"], sandbox.settings["spectrum"]
    types = [
        f'{one["code"]} = {{ name = "{one["name"]}", base_type = "{one["kind"]}" }}'
        for one in spectrum["cost_types"]
    ]
    values = {**procore, **spectrum, "store": folder / "sync.db"}
    values |= {"mask": spectrum["phase_mask"], "types": "\n".join(types)}
    file = folder / "procore-spectrum.toml"
    file.write_text(TOML.format(**values), encoding="utf-8")
    secrets = {
        "PROCORE_CLIENT_ID": procore["client_id"],
        "PROCORE_CLIENT_SECRET": procore["client_secret"],
        "SPECTRUM_AUTHORIZATION_ID": spectrum["authorization_id"],
    }
    return CliRunner(env=secrets).invoke(cli, ["--config", str(file), *arguments])


@pytest.mark.parametrize("as_json", [False, True])
def test_a_lost_store_is_rebuilt(tmp_path: Path, *, as_json: bool) -> None:
    """As a text or as JSON; what stays open is held, and said by the status."""
    with Sandbox("S") as sandbox:
        for _ in range(2):
            run(sandbox, tmp_path, "apply", "--override-guards", "a first import")
        linked = json.loads(run(sandbox, tmp_path, "status", "--json").stdout)["links"]
        for file in tmp_path.glob("sync.db*"):
            if file.is_file():
                file.unlink()
        done = run(sandbox, tmp_path, "rebuild", *(["--json"] if as_json else []))
        plan = json.loads(run(sandbox, tmp_path, "plan", "--json").stdout)
        again = json.loads(run(sandbox, tmp_path, "status", "--json").stdout)["links"]
    assert again == linked
    assert {op["verb"] for op in plan["operations"]} <= {"held"}
    assert done.exit_code == (3 if plan["held"] else 0), done.output
    if as_json:
        found = json.loads(done.stdout)
        assert found["links"] == {kind: count for kind, count in linked.items() if count}
        assert len(found["held"]) == len(plan["held"])
        assert found["unknown"]
    else:
        assert "Linked again:" in done.stdout
        assert "Not known any more:" in done.stdout
