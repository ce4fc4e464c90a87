"""A store that was lost: contracts are found by their keys, change orders by their marks."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from exporting_company import ANNA
from owner_company import CUSTOMER, JOB, OwnerCompany

from procore_spectrum import MemoryStore
from procore_spectrum.plan.approvals import State

LABOR = ("010100", "S")
BOOKS = ("prime_contract_lines", "change_request_lines")


@pytest.mark.parametrize("family", ["older", "newer"])
def test_prime_contracts_and_their_changes_are_known_again(family: Any) -> None:
    """Those of the older family carry a mark; of the newer ones a person has to say."""
    company = OwnerCompany(sql=BOOKS, change_order_family=family)
    company.primes_by(change_orders={"associate": "same_code"})
    company.imported(("10", "Sitework", "1500.50"))
    ref = company.prime_change([(LABOR, "50.25", "More", "")], number="1")
    company.exported(ref)
    company.settings = attrs.evolve(
        company.settings, features=("vendors", "jobs", "cost_codes", "prime_contracts")
    )
    books = company.books
    company.store = MemoryStore()
    rebuilt = company.syncer.rebuild()
    plan = company.plan()
    assert plan.is_empty
    assert rebuilt.links["prime_contract"] == rebuilt.links["prime_contract_line"] == 1
    if family == "older":
        assert rebuilt.exports == (ref,)
        assert plan.held == ()
        company.spectrum.remove_change_request(JOB, CUSTOMER, "1")
        company.syncer.unlink(ref, by=ANNA)
        assert company.state(ref) is State.UNLINKED
    else:
        (held,) = plan.held
        assert (held.code, held.document) == ("collision", ref)
        assert company.books == books
