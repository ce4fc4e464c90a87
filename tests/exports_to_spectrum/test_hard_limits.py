"""Every hard limit from both sides: at it a value arrives, one beyond it is never sent."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from exporting_company import ExportingCompany
from hard_limits import LIMITS, UNFILLED, Filed, Limit, books, file_contracts, file_directory
from outgoing_contractor import Outgoing

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping import PhaseMask
from procore_spectrum.models.spectrum import ChangeRequestLine
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Batch, BatchItem, ItemOutcome
from procore_spectrum.spectrum.records import violations_of
from procore_spectrum.spectrum.target import SpectrumTarget


@pytest.fixture(scope="module")
def directory() -> Filed:
    """Companies and projects, exported once for all tests."""
    return file_directory()


@pytest.fixture(scope="module")
def contracts() -> Filed:
    """Commitments and change orders, exported once for all tests."""
    return file_contracts()


@pytest.fixture(params=LIMITS, ids=str)
def limit(request: pytest.FixtureRequest) -> Limit:
    """One limit."""
    found: Limit = request.param
    return found


@pytest.fixture
def filed(limit: Limit, request: pytest.FixtureRequest) -> Filed:
    """Where the documents of the limit were filed."""
    place = "directory" if limit.place in {"vendor", "job", "phase"} else "contracts"
    found: Filed = request.getfixturevalue(place)
    return found


def test_at_the_limit_it_is_exported(limit: Limit, filed: Filed) -> None:
    """Planned, accepted, applied, and taken by Spectrum as it is."""
    assert filed.states[limit] is State.SYNCED
    assert filed.request(limit)


def test_beyond_it_is_refused_before_anything_is_sent(limit: Limit, filed: Filed) -> None:
    """With the field, the value, the limit, and what to do."""
    found = [fault for fault in filed.told[limit] if fault.path.endswith(limit.path)]
    assert found, filed.told[limit]
    said = " ".join(f"{fault.message} {fault.hint}" for fault in found)
    assert limit.told in said
    assert str(limit.beyond)[:24] in said
    assert all(fault.hint for fault in found)


def test_beyond_spectrum_would_refuse_it_too(limit: Limit, filed: Filed) -> None:
    """The very request that was taken, with the value beyond the limit, changes nothing."""
    request, body, changed = filed.request(limit)
    before = books(filed.company)
    assert changed != body
    answer = filed.company.spectrum.handle(attrs.evolve(request, content=changed))
    assert f"<column>{limit.element}</column>".encode() in answer.content
    assert books(filed.company) == before


@pytest.mark.parametrize(("kind", "fields", "field", "at", "beyond"), UNFILLED)
def test_fields_that_no_export_fills(
    kind: str, fields: dict[str, Any], field: str, at: Any, beyond: Any
) -> None:
    """Beyond the limit nothing is sent and the field is named; at the limit it is taken."""
    company = ExportingCompany()
    company.exported(company.commitment("BASE"))
    before = len(company.spectrum.calls)
    outcome = write(company, kind, {**fields, field: beyond})
    assert outcome.state == "refused"
    (fault,) = [fault for fault in outcome.violations if fault.path == field]
    assert fault.message
    assert fault.hint
    assert len(company.spectrum.calls) == before
    assert write(company, kind, {**fields, field: at}).state == "done"
    request = company.to_spectrum.seen[-1]
    spelt = rf"(<(?:\w+:)?({field})>){re.escape(str(at))}(</)".encode()
    body = re.sub(spelt, rf"\g<1>{beyond}\g<3>".encode(), request.content or b"", flags=re.I)
    assert body != request.content
    answer = company.spectrum.handle(attrs.evolve(request, content=body))
    assert f"<column>{field}</column>".encode() in answer.content.lower().replace(
        b"address_3", b"city"
    )


def write(company: ExportingCompany, kind: str, fields: dict[str, Any]) -> ItemOutcome:
    """What becomes of one write."""
    item = BatchItem(op_id="1", verb="create", ref=Ref(kind, "1"), fields=fields, full=fields)
    batch = Batch(kind=kind, scope_id=None, items=(item,))
    (outcome,) = SpectrumTarget(company.spectrum_client).write(batch)
    return outcome


@pytest.mark.parametrize(
    ("field", "length"),
    [("sub_bid_item_code", 10), ("cr_billing_item_code", 10), ("cr_billing_item_description", 30)],
)
def test_billing_items_of_change_requests(field: str, length: int) -> None:
    """Ten characters in all, although the element has room for eleven; the text has thirty."""
    said = f"at most {length} characters"
    for size, told in ((length, False), (length + 1, True)):
        found = violations_of(ChangeRequestLine, {field: "0" * size})
        assert (said in {fault.message for fault in found if fault.path == field}) == told


def test_phase_codes_go_without_dashes() -> None:
    """Whoever writes them with dashes; Spectrum refuses those."""
    company = ExportingCompany()
    phase = {
        "job_number": "25-0101",
        "phase_code": "01-0100",
        "cost_type": "S",
        "price_method_code": "J",
        "description": "Concrete",
    }
    assert write(company, "phase", phase).state == "done"
    request = company.to_spectrum.seen[-1]
    assert b">010100<" in (request.content or b"")
    body = (request.content or b"").replace(b">010100<", b">01-0100<")
    answer = company.spectrum.handle(attrs.evolve(request, content=body))
    assert b"<column>Phase_Code</column>" in answer.content


def test_phase_codes_of_twenty_characters() -> None:
    """As many as a mask can have."""
    with pytest.raises(ConfigurationError, match="more than 20 places"):
        PhaseMask.parse(f"{'#' * 10}-{'#' * 11}")
    company = Outgoing(mask=f"{'#' * 10}-{'#' * 10}")
    ref = company.project()
    company.code(ref, "0123456789", "0123456789")
    company.sync()
    company.accept(ref)
    company.sync()
    assert company.state(ref) is State.SYNCED
    assert "01234567890123456789" in {row["phase_code"] for row in company.books["phases"]}
    request = next(r for r in company.to_spectrum.seen if r.url.endswith("/ws/AddPhase"))
    body = (request.content or b"").replace(b">01234567890123456789<", b">012345678901234567890<")
    answer = company.spectrum.handle(attrs.evolve(request, content=body))
    assert b"<column>Phase_Code</column>" in answer.content
