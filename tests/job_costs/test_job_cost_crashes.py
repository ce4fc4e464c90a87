"""A run of job costs that dies at any of its writes is finished by the next one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from costed_contractor import JOB, CostedContractor

from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

WRITES = ("/direct_costs/sync", "/direct_costs/line_items/sync", "/erp_job_costs/sync")


def dying(end: str, when: str) -> Callable[[Request, Callable[[Request], Response]], Response]:
    """The process dies before the request leaves, or after it was carried out."""

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.method == "PATCH" and request.url.endswith(end):
            if when == "after":
                inner(request)
            raise SimulatedCrash(when)
        return inner(request)

    return answer


def erp_totals(pair: CostedContractor) -> list[Decimal]:
    """What the ERP Integrations tool shows."""
    return sorted(Decimal(row["job_to_date_cost"]) for row in pair.table("erp_job_costs"))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("changed", [False, True], ids=["first run", "later run"])
@pytest.mark.parametrize("end", WRITES)
def test_nothing_is_lost_or_doubled(end: str, when: str, *, changed: bool) -> None:
    """Whichever write it was, in the first run and in one that only changes figures."""
    pair = CostedContractor()
    pair.procore.switches.partner_access = True
    pair.costs_by(writer="erp" if "erp" in end else "direct_costs")
    pair.job()
    pair.cost("031000", "L", "1000.10")
    pair.cost("031000", "M", "-3.05")
    pair.run("vendors", "jobs", "cost_codes")
    if changed:
        pair.run("job_costs")
        for cost in pair.table("direct_costs"):
            pair.procore.edit("direct_cost", cost["id"], status="draft")
        pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("0.01"))
    pair.to_procore.answer = dying(end, when)
    with pytest.raises(SimulatedCrash):
        pair.syncer.apply(pair.plan("job_costs"))
    pair.to_procore.answer = None
    pair.run("job_costs")
    wanted = pair.spectrum_totals()
    if "erp" in end:
        assert erp_totals(pair) == sorted(wanted.values())
    else:
        assert pair.procore_totals() == wanted
        assert len(pair.table("direct_costs")) == 1
        assert len(pair.table("direct_cost_line_items")) == 2
    assert pair.plan("job_costs").is_empty
    assert not pair.syncer.status().in_doubt
