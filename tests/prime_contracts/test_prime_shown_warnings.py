"""What an approver is told beside a change order with the owner, and which number is proposed."""

from __future__ import annotations

import pytest
from exporting_company import ANNA
from owner_company import CUSTOMER, JOB, OwnerCompany

from procore_spectrum.cli.approvals import _lines
from procore_spectrum.errors import RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.records import Ref

BILLING = "prime_contract_lines"
LINES = "change_request_lines"
LABOR = ("010100", "S")
ONE = [(LABOR, "50.25", "More concrete", "Sitework")]


def ready(*sql: str) -> OwnerCompany:
    """A company whose prime contract is in Procore, and whose numbers come from a sequence."""
    found = OwnerCompany(sql=(BILLING, *sql))
    found.imported()
    found.primes_by(change_orders={"numbering": Numbering(policy="template", text="PC-#")})
    return found


def shown(company: OwnerCompany, ref: Ref) -> Document:
    """The document as it waits for accounting."""
    company.export()
    return company.approval(ref).document


def stranger(company: OwnerCompany, number: str, customer: str = CUSTOMER) -> None:
    """An accountant enters a change request by hand."""
    company.spectrum.add_change_request(
        Job_Number=JOB,
        Customer_Code=customer,
        Change_Request_Number=number,
        CR_Description="By hand",
        CR_Phase_Code=LABOR[0],
        CR_Cost_Type=LABOR[1],
        Change_Request_Amount="1.00",
    )


def test_a_number_that_spectrum_has_is_not_proposed() -> None:
    """With SQL the sequence goes on behind it, and what was entered by hand stays."""
    company = ready(LINES)
    stranger(company, "PC-1")
    stranger(company, "PC-3")
    first, second = (company.prime_change(ONE, number=number) for number in "12")
    documents = [shown(company, ref) for ref in (first, second)]
    assert [document.needs[0].proposal for document in documents] == ["PC-2", "PC-4"]
    company.accept(first)
    company.export()
    assert company.change_request("PC-1")["CR_Description"] == "By hand"
    assert company.change_request("PC-2")["lines"]


def test_a_request_without_costs_takes_its_number_too() -> None:
    """Revenue alone is enough: one that people made is never added to."""
    company = ready(LINES, "change_requests")
    company.spectrum.add_change_request(
        Job_Number=JOB,
        Customer_Code=CUSTOMER,
        Change_Request_Number="PC-1",
        CR_Status="A",
        CR_Billing_Item_Code="10",
        CR_Revenue="1.00",
    )
    document = shown(company, company.prime_change(ONE, number="1"))
    assert document.needs[0].proposal == "PC-2"


def test_with_sql_there_is_nothing_to_warn_of() -> None:
    """A change request of that number would be seen."""
    company = ready(LINES)
    assert shown(company, company.prime_change(ONE)).warnings == ()


def test_what_cannot_be_read_is_said() -> None:
    """Without the query a change request of that number would be changed: every face says so."""
    company = ready()
    ref = company.prime_change(ONE)
    (warning,) = shown(company, ref).warnings
    assert warning.code == "unread"
    (note,) = [line for line in _lines(company.approval(ref)) if line.startswith("    note: ")]
    assert "Spectrum cannot be read: if it has a change request of this job" in note


def test_a_confirmation_is_demanded_by_setting() -> None:
    """Nobody accepts unread what nobody has looked for."""
    company = ready()
    company.approvals_by(confirm_unread=True)
    ref = company.prime_change(ONE)
    shown(company, ref)
    with pytest.raises(RefusedError, match="cannot be read"):
        company.accept(ref)
    company.syncer.approvals.accept(ref, by=ANNA, why="PC-1 is free, looked at 10:00")
    assert company.export().succeeded
    assert company.change_request("PC-1")["lines"]


def test_a_shortened_description_is_noted() -> None:
    """With the whole text, before it is accepted; it holds nothing."""
    company = ready(LINES)
    company.primes_by(change_orders={"long_text": "shorten"})
    ref = company.prime_change(ONE, description="x" * 251)
    (warning,) = shown(company, ref).warnings
    assert (warning.code, warning.path) == ("shortened", "cr_description")
    assert "x" * 251 in warning.message
    company.accept(ref)
    assert company.export().succeeded
    assert company.change_request("PC-1")["CR_Description"] == "x" * 250
