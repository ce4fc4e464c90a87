"""Runs that end in the middle, and answers that get lost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from owner_company import JOB, OwnerCompany

from procore_spectrum.plan.approvals import State
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

ITEMS = ("prime_contract_lines",)
BOOKS = (*ITEMS, "change_request_lines")
LABOR = ("010100", "S")
STEEL = ("020200", "S")
TWO = [(LABOR, "50.25", "More", "Sitework"), (STEEL, "9.75", "Steel", "Sitework")]
SHARED = [(LABOR, "50.25", "More", "Sitework"), (LABOR, "9.75", "Other", "Concrete")]


def dying_after(
    count: int, where: str
) -> Callable[[Request, Callable[[Request], Response]], Response]:
    """Whoever sends the request of that number to such an address never learns the answer."""
    seen = 0

    def answer(request: Request, ask: Callable[[Request], Response]) -> Response:
        nonlocal seen
        response = ask(request)
        if where in request.url and request.method != "GET":
            seen += 1
            if seen == count:
                raise SimulatedCrash(where)
        return response

    return answer


def calls(company: OwnerCompany) -> int:
    """How often Spectrum was written to."""
    return sum(not call.service.startswith("Get") for call in company.spectrum.calls)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_import_that_dies_is_completed(count: int) -> None:
    """The contract is found by its key, and its lines by theirs: nothing is there twice."""
    company = OwnerCompany(sql=ITEMS)
    company.billing_items()
    company.to_procore.answer = dying_after(count, "/prime_contract")
    died = False
    try:
        company.take()
    except SimulatedCrash:
        died = True
    assert died == (count < 3)
    company.to_procore.answer = None
    assert company.take().succeeded
    assert len(company.contracts()) == 1
    assert company.amounts_in_procore() == {
        "Sitework": Decimal(1000),
        "Concrete": Decimal("500.50"),
    }
    assert company.primes().is_empty


@pytest.mark.parametrize("count", [1, 2])
def test_without_sql_a_lost_answer_leaves_its_line_in_doubt(count: int) -> None:
    """It is never sent again by itself, and what comes after it waits."""
    company = OwnerCompany(sql=ITEMS)
    company.imported()
    ref = company.prime_change(TWO, number="1")
    company.export()
    company.accept(ref)
    company.to_spectrum.answer = dying_after(count, "/ws/ARChangeRequest")
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    before = calls(company)
    report = company.export()
    assert report.counts["unknown"] == 1
    assert calls(company) == before + 2 - count
    assert company.state(ref) is State.EXPORTING
    (need,) = company.exports().documents[0].needs
    assert (need.proposal, need.fixed) == ("1", True)


@pytest.mark.parametrize("count", [1, 2])
def test_with_sql_a_lost_answer_is_looked_up(count: int) -> None:
    """Costs are listed, so that each line is sent once and the change order is completed."""
    company = OwnerCompany(sql=BOOKS)
    company.imported()
    ref = company.prime_change(TWO, number="1")
    company.export()
    company.accept(ref)
    company.to_spectrum.answer = dying_after(count, "/ws/ARChangeRequest")
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    assert company.export().succeeded
    assert company.state(ref) is State.SYNCED
    assert calls(company) == 2
    assert company.request_amounts("1") == (
        {"010100 S": Decimal("50.25"), "020200 S": Decimal("9.75")},
        {"10": Decimal(60)},
    )
    assert company.exports().is_empty


def test_a_revenue_without_cost_cannot_be_looked_up() -> None:
    """SQL lists costs; while the change request is there, it may be there too."""
    company = OwnerCompany(sql=BOOKS)
    company.imported()
    company.primes_by(change_orders={"same_pair": "merge"})
    ref = company.prime_change(SHARED, number="1")
    company.export()
    company.accept(ref)
    company.to_spectrum.answer = dying_after(2, "/ws/ARChangeRequest")
    with pytest.raises(SimulatedCrash):
        company.export()
    company.to_spectrum.answer = None
    report = company.export()
    assert report.counts["unknown"] == 1
    assert calls(company) == 2
    company.spectrum.remove_change_request(JOB, "CITY", "1")
    assert company.export().counts.get("unknown", 0) == 0
