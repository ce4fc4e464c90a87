"""A small contractor whose books are compared, with or without SQL access to Spectrum."""

from __future__ import annotations

from typing import Any

from exporting_company import ExportingCompany

from procore_spectrum import Syncer
from procore_spectrum.plan.reconciliation import Measure, Reconciliation, Row, plain_amount
from procore_spectrum.ports import CompanyKey, Reading, ReadQuery
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.sql_queries import TABLES, RowReader
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing import FakeSpectrum

BY_KIND = {table.kind: table for table in TABLES.values()}


class FakeSql:
    """Reads what the fake's database has, past every web service. A Source."""

    def __init__(self, spectrum: FakeSpectrum, clock: Any) -> None:
        self._spectrum = spectrum
        self._clock = clock

    def read(self, query: ReadQuery) -> Reading[Any]:
        """All rows of a kind, of one job if a scope is given."""
        table = BY_KIND[query.kind]
        items = []
        for number, row in enumerate(self._spectrum.sql_rows()[table.name]):
            reader = RowReader(table, list(row), self._spectrum.company_code)
            found = reader.read(number, tuple(row.values()))
            if query.scope is None or getattr(found, "job_number", query.scope) == query.scope:
                items.append(found)
        return Reading(items=tuple(items), as_of=self._clock.now())


class ReconciledCompany(ExportingCompany):
    """With ``sql`` Spectrum's database is read where web services end."""

    def __init__(self, *, sql: bool = False, **options: Any) -> None:
        self.sql = sql
        super().__init__(**options)

    @property
    def syncer(self) -> Syncer:
        """A facade with the present settings."""
        reader = FakeSql(self.spectrum, self.clock) if self.sql else None
        return Syncer(
            procore=ProcoreTarget(self.procore_client, change_order_family=self._family),
            spectrum=self.spectrum_client,
            erp=SpectrumTarget(self.spectrum_client, reader=reader),
            store=self.store,
            settings=self.settings,
            company=CompanyKey(str(self.procore.company_id), self.spectrum.company_code),
            actor="Robin Clerk",
            clock=self.clock,
        )

    def reconciled(self) -> Reconciliation:
        """Both systems' books now."""
        return self.syncer.reconcile()


def rows_of(found: Reconciliation, measure: Measure) -> list[Row]:
    """The rows of a measure."""
    return [row for row in found.rows if row.spot.measure is measure]


def reasons(found: Reconciliation, measure: Measure) -> list[tuple[str, str, str]]:
    """Cause, amount and text of every reason of a measure."""
    return [
        (reason.cause.value, plain_amount(reason.amount), reason.text)
        for row in rows_of(found, measure)
        for reason in row.reasons
    ]
