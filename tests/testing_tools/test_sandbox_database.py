"""The sandbox's database: a file that the SQL reader reads, in step with every call."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from procore_spectrum import SpectrumClient
from procore_spectrum.models.spectrum import SubcontractUpsert
from procore_spectrum.ports import ReadQuery
from procore_spectrum.spectrum import services
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.testing import Sandbox


def reader_of(sandbox: Sandbox) -> SqlSpectrumReader:
    """What the settings of the sandbox describe."""
    found = sandbox.settings["spectrum"]
    return SqlSpectrumReader(
        found["sql"]["url"],
        company_code=found["company_code"],
        queries=found["sql"]["queries"],
    )


def test_every_table_can_be_read_at_once(tmp_path: Path) -> None:
    """Empty tables too; and the estimates are those of the company, to the cent."""
    with Sandbox(sql_file=tmp_path / "spectrum.db") as sandbox:
        reader = reader_of(sandbox)
        readings = {kind: reader.read(ReadQuery(kind=kind)) for kind in reader.kinds}
    assert len(readings) == 10
    assert all(reading.complete for reading in readings.values())
    total = sum((row.amount for row in readings["original_estimate"].items), Decimal(0))
    assert total == sum((phase.original_cost for phase in sandbox.company.phases), Decimal(0))


def test_a_write_shows_at_once(tmp_path: Path) -> None:
    """The file is written anew after each call that may have changed something."""
    with Sandbox(sql_file=tmp_path / "spectrum.db") as sandbox:
        found = sandbox.settings["spectrum"]
        client = SpectrumClient(
            url=found["url"],
            company_code=found["company_code"],
            authorization_id=found["authorization_id"],
        )
        sandbox.spectrum.add_gl_account("500100")
        client.send(
            services.upsert_subcontract(
                SubcontractUpsert(
                    vendor_code=sandbox.company.vendors[0].code,
                    subcontract_number="SUB-1",
                    job_number=sandbox.company.jobs[0].number,
                    gl_account="500100",
                    status_code="A",
                )
            )
        )
        client.close()
        (row,) = reader_of(sandbox).read(ReadQuery(kind="subcontract")).items
    assert row.subcontract_number == "SUB-1"


def test_without_the_file_nothing_is_said_of_sql() -> None:
    """The sandbox is as it was."""
    with Sandbox() as sandbox:
        assert "sql" not in sandbox.settings["spectrum"]
