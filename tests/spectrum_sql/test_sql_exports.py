"""Exports with SQL access: strangers, deletions and unlinks are looked up, not assumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from exporting_company import ANNA, CUSTOMER, JOB, PAIRS, SAM, ExportingCompany
from small_contractor import held
from sql_installation import Installation

from procore_spectrum import Syncer
from procore_spectrum.errors import ConflictError, RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.operations import Create
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import CompanyKey, Reading, ReadQuery
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.testing.faulty import SimulatedCrash

CHANGE = [(PAIRS[0], "25.00", "More")]


class CompanyWithSql(ExportingCompany):
    """An exporting company whose Spectrum can be read by SQL.

    Args:
        installation: holds Spectrum's database.
        tables: that there is a query for; None for all.
    """

    def __init__(self, installation: Installation, tables: set[str] | None = None) -> None:
        self.installation = installation
        queries = {
            name: query
            for name, query in installation.queries.items()
            if tables is None or name in tables
        }
        self.reader: SqlSpectrumReader = installation.reader(queries)
        super().__init__()

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Read the database as it is now."""
        self.installation.fill(self.spectrum.sql_rows())
        return self.reader.read(query)

    @property
    def syncer(self) -> Syncer:
        """A facade that reads Spectrum by SQL too."""
        return Syncer(
            procore=ProcoreTarget(self.procore_client, change_order_family="newer"),
            spectrum=self.spectrum_client,
            erp=SpectrumTarget(self.spectrum_client, reader=self),
            store=self.store,
            settings=self.settings,
            company=CompanyKey(str(self.procore.company_id), self.spectrum.company_code),
            actor="Robin Clerk",
            clock=self.clock,
        )

    def stranger(self, number: str = "SC-1") -> None:
        """An accountant enters a subcontract by hand."""
        self.spectrum.add_subcontract(
            Vendor_Code="ACME", Subcontract_Number=number, Job_Number=JOB, GL_Account="500100"
        )

    def change_is_deleted(self) -> None:
        """An accountant deletes the only change request."""
        (request,) = self.books["change_requests"]
        self.spectrum.remove_change_request(
            request["Job_Number"], request["Customer_Code"], request["Change_Request_Number"]
        )


@pytest.fixture
def company(sqlite: Installation) -> CompanyWithSql:
    """A fresh company with SQL access to everything."""
    return CompanyWithSql(sqlite)


# ---------------------------------------------------------------- before the export


def test_a_subcontract_of_somebody_else_is_a_collision(installation: Installation) -> None:
    """It is held, named, and neither sent to accounting nor overwritten."""
    company = CompanyWithSql(installation)
    company.stranger()
    ref = company.commitment("SC-1")
    found = held(company.exports(), ref.key)
    assert (found.code, found.target) == ("collision", "spectrum")
    assert found.message == "the ERP has ACME/SC-1 already, and not from here"
    before = company.books
    company.export()
    assert company.books == before
    assert not company.syncer.approvals.list_approvals()


def test_another_number_is_no_collision(company: CompanyWithSql) -> None:
    """Only the same vendor's same number is."""
    company.stranger("SC-2")
    company.spectrum.add_subcontract(
        Vendor_Code="BOLT", Subcontract_Number="SC-1", Job_Number=JOB, GL_Account="500100"
    )
    ref = company.commitment("SC-1")
    company.exported(ref)
    assert company.exports().is_empty


def test_a_collision_that_comes_after_the_acceptance_stops_the_export(
    company: CompanyWithSql,
) -> None:
    """Accounting's answer is about a number that was free."""
    ref = company.commitment("SC-1")
    company.export()
    company.accept(ref)
    company.stranger()
    before = company.books
    company.export()
    assert held(company.exports(), ref.key).code == "collision"
    assert company.books == before


def test_plans_say_whether_the_erp_was_looked_at(company: CompanyWithSql) -> None:
    """With SQL there is nothing to add; without, the reason says so."""
    company.commitment()
    (looked, *_) = (op for op in company.exports().operations if isinstance(op, Create))
    assert looked.reason == "exported after acceptance"
    company.reader = company.installation.reader({})
    (not_looked, *_) = (op for op in company.exports().operations if isinstance(op, Create))
    assert "cannot be read" in not_looked.reason


def test_a_change_request_of_somebody_else_is_a_collision(company: CompanyWithSql) -> None:
    """Line by line, because the connector knows change requests by their lines."""
    ref = company.commitment()
    company.exported(ref)
    company.spectrum.add_change_request(
        Job_Number=JOB,
        Customer_Code=CUSTOMER,
        Change_Request_Number="001",
        CR_Status="C",
        CR_Phase_Code=PAIRS[0][0],
        CR_Cost_Type=PAIRS[0][1],
        Subcontractor_Code="ACME",
        Subcontract_Number="SC-1",
    )
    change = company.change_order(ref, CHANGE, number="001")
    found = held(company.exports(), change.key)
    assert found.code == "collision"
    assert f"{JOB}/{CUSTOMER}/001/" in found.message


def test_what_was_exported_is_no_collision(company: CompanyWithSql) -> None:
    """Neither the commitment, nor its change order, nor the pairs that it brought along."""
    ref = company.commitment()
    company.exported(ref)
    change = company.change_order(ref, [*CHANGE, (PAIRS[3], "5.00", "A pair of its own")])
    company.exported(change)
    plan = company.exports()
    assert (plan.is_empty, list(plan.held)) == (True, [])
    assert len(company.subcontract("SC-1")["lines"]) == 4


def test_what_a_killed_run_wrote_is_no_collision(company: CompanyWithSql) -> None:
    """It is in doubt: the next run looks it up by SQL and adopts it."""
    ref = company.commitment()
    company.export()
    company.accept(ref)

    def die_after_writing(request: Any, inner: Callable[[Any], Any]) -> Any:
        answer = inner(request)
        if b"Subcontract_Number" in request.content:
            raise SimulatedCrash("killed")
        return answer

    company.to_spectrum.answer = die_after_writing
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    assert [row["Subcontract_Number"] for row in company.books["subcontracts"]] == ["SC-1"]
    report = company.export()
    assert report.succeeded, report.render()
    assert company.state(ref) is State.SYNCED
    assert len(company.subcontract("SC-1")["lines"]) == 3
    assert company.exports().is_empty


# ---------------------------------------------------------------- after the export


def test_a_subcontract_that_was_deleted_is_noticed(company: CompanyWithSql) -> None:
    """The next plan holds it, with what to do."""
    ref = company.commitment()
    company.exported(ref)
    company.spectrum.remove_subcontract("ACME", "SC-1")
    found = held(company.exports(), ref.key)
    assert found.code == "gone"
    assert "unlink" in found.hint


def test_a_change_request_that_was_deleted_is_noticed(company: CompanyWithSql) -> None:
    """Its lines are missing; the line of zero that it brought along may stay."""
    ref = company.commitment()
    company.exported(ref)
    change = company.change_order(ref, [(PAIRS[3], "5.00", "A pair of its own")])
    company.exported(change)
    company.change_is_deleted()
    assert held(company.exports(), change.key).code == "gone"


# ---------------------------------------------------------------- unlinking


def exported_change(company: CompanyWithSql) -> tuple[Ref, Ref]:
    """A commitment and its change order, both in Spectrum."""
    ref = company.commitment()
    company.exported(ref)
    change = company.change_order(ref, CHANGE)
    company.exported(change)
    return ref, change


def test_a_subcontract_that_is_still_there_is_not_unlinked(installation: Installation) -> None:
    """Whatever reason is given; the text is Procore's own."""
    company = CompanyWithSql(installation)
    ref = company.commitment()
    company.exported(ref)
    for why in ("", "I believe it was deleted"):
        with pytest.raises(
            ConflictError,
            match=r"is still in Viewpoint Spectrum\. Please delete it before retrying\.",
        ):
            company.syncer.unlink(ref, why=why, by=ANNA)
    assert company.state(ref) is State.SYNCED
    assert company.row("work_order_contracts", id=int(ref.key))["origin_id"]


def test_a_subcontract_that_is_gone_is_unlinked(installation: Installation) -> None:
    """Without a confirmation, and the journal says that it was verified."""
    company = CompanyWithSql(installation)
    ref = company.commitment()
    company.exported(ref)
    company.spectrum.remove_subcontract("ACME", "SC-1")
    assert company.syncer.unlink(ref, by=ANNA).state is State.UNLINKED
    assert not company.row("work_order_contracts", id=int(ref.key))["origin_id"]
    last = company.syncer.explain(ref)[-1]
    assert (last.action, last.detail["verified"]) == ("unlink", True)


@pytest.mark.parametrize("tables", [set(), {"subcontract_lines", "cost_types"}])
def test_what_cannot_be_read_needs_a_confirmation(sqlite: Installation, tables: set[str]) -> None:
    """Without a query for it, a person says so; the journal tells the two apart."""
    company = CompanyWithSql(sqlite, tables)
    ref = company.commitment()
    company.exported(ref)
    company.spectrum.remove_subcontract("ACME", "SC-1")
    with pytest.raises(RefusedError, match="cannot be read"):
        company.syncer.unlink(ref, by=ANNA)
    assert company.state(ref) is State.SYNCED
    company.syncer.unlink(ref, why="deleted in Spectrum", by=ANNA)
    last = company.syncer.explain(ref)[-1]
    assert (last.action, last.detail["verified"]) == ("unlink", False)


def test_a_change_request_that_is_still_there_is_not_unlinked(company: CompanyWithSql) -> None:
    """As with subcontracts."""
    _, change = exported_change(company)
    with pytest.raises(ConflictError, match="still in Viewpoint Spectrum"):
        company.syncer.unlink(change, why="?", by=ANNA)


def test_a_change_request_that_is_gone_is_unlinked(company: CompanyWithSql) -> None:
    """The commitment stays as it is."""
    ref, change = exported_change(company)
    company.change_is_deleted()
    assert company.syncer.unlink(change, by=ANNA).state is State.UNLINKED
    assert company.state(ref) is State.SYNCED


def test_an_unlinked_commitment_that_is_in_spectrum_again_collides(
    company: CompanyWithSql,
) -> None:
    """After unlinking, whatever has its number is a stranger."""
    ref = company.commitment()
    company.exported(ref)
    company.spectrum.remove_subcontract("ACME", "SC-1")
    company.syncer.unlink(ref, by=ANNA)
    company.stranger()
    company.syncer.send(ref, by=SAM)
    company.accept(ref)
    company.export()
    assert held(company.exports(), ref.key).code == "collision"


# ---------------------------------------------------------------- without queries


def test_without_queries_everything_still_works(sqlite: Installation) -> None:
    """Contract and change order arrive; what cannot be known is not claimed."""
    company = CompanyWithSql(sqlite, set())
    exported_change(company)
    company.spectrum.remove_subcontract("ACME", "SC-1")
    plan = company.exports()
    assert (plan.is_empty, list(plan.held)) == (True, [])


def test_a_sequence_leaves_out_what_spectrum_has(company: CompanyWithSql) -> None:
    """Numbers that were given by hand are not proposed; with SQL there is nothing to warn of."""
    company.commitments_by(numbering=Numbering(policy="template", text="SC-###"))
    company.stranger("SC-001")
    company.stranger("SC-003")
    first, second = company.commitment("A"), company.commitment("B")
    company.export()
    found = [company.approval(ref).document for ref in (first, second)]
    assert [document.needs[0].proposal for document in found] == ["SC-002", "SC-004"]
    assert not any(document.unread for document in found)
