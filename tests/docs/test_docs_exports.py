"""The pages about exports: their commands run, and they tell every state, rule and reason."""

from __future__ import annotations

import inspect
import json
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pages import DOCS, REFERENCE, block, commands, fits, from_code

from procore_spectrum.apply import approvals as queue
from procore_spectrum.cli.commands import cli
from procore_spectrum.cli.config import load_config
from procore_spectrum.cli.connect import connect
from procore_spectrum.plan import approvals, exports
from procore_spectrum.testing import Sandbox

HOW_TO = DOCS / "how-to"
FIRST = HOW_TO / "export-your-first-subcontract.md"
FAILING = HOW_TO / "when-an-export-fails.md"
QUEUE = (DOCS / "concepts" / "approvals.md").read_text("utf-8")
HELD = (HOW_TO / "answer-held-records.md").read_text("utf-8")
TUTORIAL = DOCS / "tutorial.md"
TABLES = from_code()
_EXPORTING = ("commitments", "change_requests", "vendor_exports", "job_exports")
SHOWN_ID = "598134325700252"
PAIRS = (("1-102/01-1401/E", "Footings", "1500.50"), ("1-102/01-1401/L", "Walls", "2000.00"))


# ---------------------------------------------------------------- the commands of the how-tos


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Both fakes, a configuration as on the pages, and vendors, jobs and codes in step."""
    monkeypatch.chdir(tmp_path)
    for name, value in re.findall(r"^export (\w+)=(\S+)$", TUTORIAL.read_text("utf-8"), re.M):
        monkeypatch.setenv(name, value)
    with Sandbox(size="S", seed=0) as found:
        config = block(FIRST, "toml") + block(TUTORIAL, "toml")
        config = config.replace("http://127.0.0.1:8471", found.procore_server.url)
        config = config.replace("http://127.0.0.1:8472", found.spectrum_server.url)
        config = config.replace('"ABC"', '"ABC"\nwsdl_cache = "wsdl"')  # quicker
        Path("procore-spectrum.toml").write_text(config, encoding="utf-8")
        found.spectrum.add_gl_account("500100")
        invoke("apply", "--feature", "vendors", "--feature", "jobs", "--feature", "cost_codes")
        yield found


def invoke(*arguments: str) -> Result:
    """The result of a command."""
    return CliRunner().invoke(cli, arguments)


def approved_commitment(sandbox: Sandbox) -> str:
    """The commitment of the pages; its id."""
    connection = connect(load_config(None))
    try:
        ids = {
            row.ref: int(row.target_id)
            for kind in ("company", "project", "cost_code", "line_item_type")
            for row in connection.syncer.links(kind)
        }
    finally:
        connection.close()
    by_key = {(name.kind, name.key): found for name, found in ids.items()}
    lines = []
    for key, description, amount in PAIRS:
        code, _, cost_type = key.rpartition("/")
        lines.append(
            {
                "cost_code_id": by_key["cost_code", code],
                "line_item_type_id": by_key["line_item_type", cost_type],
                "description": description,
                "amount": amount,
            }
        )
    row = sandbox.procore.add_commitment(
        by_key["project", "1-102"],
        vendor_id=by_key["company", "ABBOT00016"],
        number="WOC-0101",
        title="Concrete works",
        status="Approved",
        lines=lines,
    )
    return str(row["id"])


def run_page(page: Path, commitment: str) -> list[str]:
    """Run a page's commands in order; each prints what the page shows."""
    ran = []
    for line, output in commands(page):
        command, shown = (part.replace(SHOWN_ID, commitment) for part in (line, output))
        program, *arguments = shlex.split(command)
        assert program == "procore-spectrum"
        result = invoke(*arguments)
        assert fits(result.output, shown), f"{command}\n{result.output}"
        ran.append(" ".join(arguments[:2] if arguments[0] == "approvals" else arguments[:1]))
    return ran


def test_the_first_export_goes_as_the_page_says(sandbox: Sandbox) -> None:
    """Each command prints what is shown, and Spectrum has the subcontract with its lines."""
    ran = run_page(FIRST, approved_commitment(sandbox))
    assert {"plan", "apply", "approvals list", "approvals accept", "explain"} <= set(ran)
    company = sandbox.spectrum.state()["ABC"]
    assert "SC-0007" in str(company["subcontracts"])


def test_a_failed_export_goes_as_the_page_says(sandbox: Sandbox) -> None:
    """Refused, tried again, rejected, exported, taken back: each prints what is shown."""
    commitment = approved_commitment(sandbox)
    invoke("apply", "--feature", "commitments")
    ran = run_page(FAILING, commitment)
    assert {"retry", "approvals reject", "send", "unlink"} <= set(ran)


def test_the_json_of_approvals_is_described(sandbox: Sandbox) -> None:
    """The page has exactly the keys that the command prints."""
    approved_commitment(sandbox)
    invoke("apply", "--feature", "commitments")
    (item,) = json.loads(invoke("approvals", "list", "--json").output)
    page = (REFERENCE / "command-line.md").read_text("utf-8")
    section = page.partition("## The JSON of approvals")[2].partition("\n## ")[0]
    assert set(_codes(section)) == set(item)


# ---------------------------------------------------------------- states, reasons, rules


def test_every_state_and_event_is_explained() -> None:
    """Both tables are on the page, and no state, event or transition is left out."""
    assert set(TABLES.STATES) == set(approvals.State)
    assert set(TABLES.EVENTS) == set(approvals.Event)
    for table in ("states", "transitions"):
        assert f"<!-- from code: {table} exports -->" in QUEUE
    shown = TABLES.transitions_table("exports")
    for (state, event), then in approvals.TRANSITIONS.items():
        assert f"| `{state.value}` | `{event.value}` | `{then.to.value}` |" in shown


def test_what_accounting_may_be_refused_is_listed() -> None:
    """The page has exactly the codes that checking an acceptance can give."""
    section = QUEUE.partition("## What accounting gives")[2].partition("\n## ")[0]
    table = section.partition("| code |")[2]
    assert set(_codes(table)) == _given_in("plan.documents")


def test_every_field_that_accounting_gives_is_listed() -> None:
    """The page has each field that a feature asks for, with its length."""
    modules = (import_module(f"procore_spectrum.features.{name}") for name in _EXPORTING)
    source = "".join(map(inspect.getsource, modules))
    asked = re.findall(r'(?:Need|NumberRequest)\(\s*name="(\w+)"[^)]*?length=(\d+)', source)
    assert len(asked) == source.count("Need(") + source.count("NumberRequest(")
    section = QUEUE.partition("## What accounting gives")[2]
    for name, length in asked:
        assert re.search(rf"\| `{name}`(, not required)? \| {length} \|", section), name


def test_every_reason_to_hold_an_export_is_answered() -> None:
    """The page tells what to do about each, and names none that there is not."""
    held = set(re.findall(r'_held\(\s*draft,\s*"([a-z-]+)"', inspect.getsource(exports)))
    answered = inspect.getsource(queue).partition("_ANSWERED: ")[2]
    held |= {name.lower() for name in re.findall(r"State\.(\w+): \(", answered)}
    assert len(held) > 8
    section = HELD.partition("## Every code of an export")[2].partition("\n## ")[0]
    assert set(_codes(section)) == held


@pytest.mark.parametrize("page", ["commitments", "change-orders"])
def test_every_reason_is_on_the_page_of_a_contract(page: str) -> None:
    """What a contract may be held for is on its own page too."""
    section = HELD.partition("## Every code of an export")[2].partition("\n## ")[0]
    own = (DOCS / "features" / f"{page}.md").read_text("utf-8")
    table = own.partition("## What is held")[2].partition("\n## ")[0]
    only_of_vendors = {"conflict"}
    assert set(_codes(table)) == set(_codes(section)) - only_of_vendors


@pytest.mark.parametrize(
    ("page", "heading", "modules"),
    [
        ("commitments", "## Rules", ["mapping.commitment_to_subcontract"]),
        (
            "change-orders",
            "## Rules",
            ["mapping.change_order_to_change_request", "mapping.change_requests"],
        ),
        ("vendors", "## New vendors from Procore", ["mapping.company_to_vendor"]),
        (
            "jobs",
            "## New jobs from Procore",
            ["mapping.project_to_job", "features.job_exports", "mapping.phase_mask"],
        ),
    ],
)
def test_every_rule_of_an_export_is_on_its_page(
    page: str, heading: str, modules: list[str]
) -> None:
    """The page lists exactly the codes that the code can give: its own, and those of limits."""
    own = (DOCS / "features" / f"{page}.md").read_text("utf-8")
    table = own.partition(f"\n{heading}\n")[2].partition("\n## ")[0].partition("| code |")[2]
    assert set(_codes(table)) == _given_in(*modules) | _shared()


def _shared() -> set[str]:
    """Codes of the limits that every export is checked against, which demand nothing."""
    return _given_in("mapping.limits", "mapping.text") - {"required"}


def _given_in(*modules: str) -> set[str]:
    found = [import_module(f"procore_spectrum.{module}") for module in modules]
    source = "".join(map(inspect.getsource, found))
    codes = re.findall(r'\bcode="([a-z-]+)"|"(phase-[a-z]+)", ', source)
    return {code or of_phase for code, of_phase in codes}


def _codes(section: str) -> list[str]:
    """What stands as code in the first column of a section's tables."""
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]
