"""``procore-spectrum reconcile``: formats, files, JSON and the exit status."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import attrs
import openpyxl
import pytest
from click.testing import CliRunner, Result
from exporting_company import PAIRS
from reconciled_company import ReconciledCompany
from reconciled_money import month_end

from procore_spectrum import SqliteStore
from procore_spectrum.cli import commands, options
from procore_spectrum.cli.config import Config, ProcoreConfig, SpectrumConfig
from procore_spectrum.cli.connect import Connection
from procore_spectrum.cli.output import Exit
from procore_spectrum.cli.reconcile import exit_of
from procore_spectrum.plan.reconciliation import reconcile
from procore_spectrum.plan.records import Ref


class Desk:
    """The command line over a company in memory, with a store on disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        self.company = ReconciledCompany(store=SqliteStore(str(folder / "sync.db")))
        self.company.store.close()
        monkeypatch.setattr(options, "load_config", lambda _: None)
        monkeypatch.setattr(options, "connect", lambda _: self.connection())

    def connection(self) -> Connection:
        """What the command works with; it closes the store."""
        company = self.company
        company.store = SqliteStore(str(self.folder / "sync.db"))
        return Connection(
            config=Config(
                procore=ProcoreConfig(company_id=company.procore.company_id),
                spectrum=SpectrumConfig(url="https://x", company_code="ABC"),
            ),
            procore=company.procore_client,
            spectrum=company.spectrum_client,
            spectrum_transport=company.to_spectrum,
            store=company.store,
            syncer=company.syncer,
        )

    def __call__(self, *arguments: str, status: int = 0) -> Result:
        """Run ``reconcile``, which must end with that exit status."""
        result = CliRunner().invoke(commands.cli, ["reconcile", *arguments])
        assert result.exit_code == status, result.output
        return result


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """A company whose one commitment nobody has sent yet."""
    desk = Desk(monkeypatch, tmp_path)
    desk.company.commitment(lines=[(PAIRS[0], "100.50", "Part")])
    return desk


def test_an_explained_difference_ends_with_3(run: Desk) -> None:
    """The text says what waits."""
    shown = run(status=3).stdout
    assert "Not balanced: 1 difference, every one of them explained." in shown
    assert "is proposed to accounting by the next apply" in shown


def test_json_is_one_document(run: Desk) -> None:
    """With the keys that scripts rely on."""
    found = json.loads(run("--json", "--job", "25-0101", status=3).stdout)
    assert found["balanced"] is False
    assert [d["difference"] for d in found["differences"]] == ["100.50"]


def test_a_balanced_company_ends_with_0(run: Desk) -> None:
    """Nothing to compare is balanced, too: the contract is no cost while it is a draft."""
    (row,) = run.company.table("work_order_contracts")
    run.company.edit_commitment(Ref("commitment", str(row["id"])), status="Draft")
    assert "Balanced: no difference is left." in run().stdout


def test_csv_goes_to_the_screen(run: Desk) -> None:
    """Ready for a pipe: no mark, no verdict."""
    rows = list(csv.DictReader(io.StringIO(run("--format", "csv", status=3).stdout)))
    assert [(row["job"], row["difference"]) for row in rows] == [("25-0101", "100.50")]


@pytest.mark.parametrize("form", ["text", "csv", "html", "xlsx"])
def test_files_belong_to_their_owner(run: Desk, form: str) -> None:
    """Every format is written, and nobody else may read it."""
    path = run.folder / f"out.{form}"
    shown = run("--format", form, "--out", str(path), status=3).stdout
    assert shown.strip().endswith(f"Written to {path}.")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    if form == "xlsx":
        assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames[0] == "Rows"
    elif form == "csv":
        assert content.startswith(b"\xef\xbb\xbfjob,measure,")
    else:
        assert b"100.50" in content


def test_a_workbook_needs_a_file(run: Desk) -> None:
    """A screen is no place for it."""
    assert "--out" in run("--format", "xlsx", status=2).output


def test_a_file_that_cannot_be_written_is_named(run: Desk) -> None:
    """Our error, no traceback."""
    output = run("--out", str(run.folder / "no" / "file"), status=1).output
    assert "cannot be written" in output


def test_a_job_that_is_not_there_is_named(run: Desk) -> None:
    """A slip of the pen is not a balance."""
    assert "no job 99" in run("--job", "99", status=1).output


def test_what_nobody_can_explain_ends_with_1() -> None:
    """The three exit statuses."""
    found = month_end()
    assert exit_of(found) is Exit.FAILED
    known = attrs.evolve(found, rows=tuple(row for row in found.rows if row.spectrum == 0))
    assert exit_of(known) is Exit.WAITING
    assert exit_of(reconcile([], company="1/ABC")) is Exit.DONE
