"""The command line as real processes, against sandbox servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

COMMAND = (sys.executable, "-c", "from procore_spectrum.cli import main; main()")
LONGEST = 120.0


@attrs.frozen(kw_only=True)
class Done:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Standard output, which is to be one JSON document."""
        return json.loads(self.stdout)


@attrs.frozen(kw_only=True)
class Shell:
    """Runs commands in a folder that holds a configuration."""

    folder: Path
    environ: dict[str, str]

    def __call__(self, *args: str) -> Done:
        """Run one command to its end."""
        done = subprocess.run(
            [*COMMAND, *args],
            cwd=self.folder,
            env=dict(self.environ),
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )
        return Done(status=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a program in the same folder and environment."""
        return subprocess.Popen(
            [*command],
            cwd=self.folder,
            env=dict(self.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def shell_for(opened: Mapping[str, Any], folder: Path) -> Shell:
    """A shell whose configuration names those servers; secrets stand in its environment."""
    (folder / "procore-spectrum.toml").write_text(_toml(opened), encoding="utf-8")
    secrets = {
        "PROCORE_CLIENT_ID": opened["procore"]["client_id"],
        "PROCORE_CLIENT_SECRET": opened["procore"]["client_secret"],
        "SPECTRUM_AUTHORIZATION_ID": opened["spectrum"]["authorization_id"],
    }
    # A package that is not installed, but on the path of the tests, is found all the same.
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return Shell(folder=folder, environ={**os.environ, "PYTHONPATH": path, **secrets})


def _toml(opened: Mapping[str, Any]) -> str:
    procore, spectrum = opened["procore"], opened["spectrum"]
    types = "\n".join(
        f"{found['code']} = {{ name = {found['name']!r}, base_type = {found['kind']!r} }}"
        for found in spectrum["cost_types"]
    )
    return f"""
[procore]
base_url = "{procore["base_url"]}"
login_url = "{procore["login_url"]}"
company_id = {procore["company_id"]}

[spectrum]
url = "{spectrum["url"]}"
company_code = "{spectrum["company_code"]}"
vendor_row_cap = 0

[store]
url = "sqlite:///store.db"

[jobs]
connected_on = {spectrum["connected_on"]}

[cost_codes]
phase_mask = "{spectrum["phase_mask"]}"

[cost_codes.cost_types]
{types}
"""


@contextmanager
def sandbox_process() -> Iterator[Mapping[str, Any]]:
    """``procore-spectrum sandbox --json``, as another process; gives the line that it prints."""
    with subprocess.Popen([*COMMAND, "sandbox", "--json"], stdout=subprocess.PIPE, text=True) as it:
        try:
            assert it.stdout is not None
            yield json.loads(it.stdout.readline())
        finally:
            it.terminate()
