"""Changes with the owner that Spectrum has from here, and somebody deleted in Procore."""

from __future__ import annotations

import pytest
from exporting_company import ANNA
from owner_company import CUSTOMER, JOB, OwnerCompany
from small_contractor import held

from procore_spectrum.errors import RefusedError
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref


def deleted_after_export() -> tuple[OwnerCompany, Ref]:
    """A company that exported a change order, which then was deleted."""
    company = OwnerCompany(sql=("prime_contract_lines",))
    company.imported()
    lines = [(("010100", "S"), "50.25", "More", "Sitework")]
    ref = company.prime_change(lines, title="More", number="1")
    company.export()
    company.accept(ref)
    assert company.export().succeeded
    company.procore.remove("change_order", int(ref.key))
    return company, ref


def test_a_deleted_change_order_stays_in_the_plan() -> None:
    """Spectrum keeps its money; nothing is written, and a person has to settle it."""
    company, ref = deleted_after_export()
    books = company.spectrum.state()
    for _ in range(2):
        assert held(company.primes(), ref.key).code == "vanished"
        company.export()
    assert company.spectrum.state() == books
    with pytest.raises(RefusedError, match="no longer has it"):
        company.syncer.send(ref)


def test_a_deleted_change_order_can_be_unlinked() -> None:
    """Deleted in both systems, it has no mark that could be cleared, and is forgotten."""
    company, ref = deleted_after_export()
    company.spectrum.remove_change_request(JOB, CUSTOMER, "1")
    company.syncer.unlink(ref, by=ANNA, why="deleted in both systems")
    assert company.state(ref) is State.UNLINKED
    assert company.primes().is_empty


def test_change_orders_that_may_not_be_read_are_not_called_deleted() -> None:
    """Only a complete reading says that something is not there."""
    company, ref = deleted_after_export()
    company.procore.disable_tool(company.project_id, "change_orders")
    assert [op for op in company.primes().held if op.ref.key == ref.key] == []
