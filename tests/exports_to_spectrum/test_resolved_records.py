"""Vendors and imports in doubt: what a person says, against what can be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from outgoing_contractor import ANNA, Outgoing

from procore_spectrum.errors import (
    ConflictError,
    OutcomeUnknownError,
    RefusedError,
    UnavailableError,
)
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.wire.messages import Request, Response


@pytest.fixture
def pair() -> Outgoing:
    """A contractor with nothing to export yet."""
    return Outgoing()


def lose(pair: Outgoing, service: str, *, arrived: bool) -> None:
    """Answers of that service are lost during one run."""

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.url.endswith(f"/ws/{service}"):
            if arrived:
                inner(request)
            raise OutcomeUnknownError("the answer was lost")
        return inner(request)

    pair.to_spectrum.answer = answer
    pair.sync()
    pair.to_spectrum.answer = None


def vendor_in_doubt(pair: Outgoing, *, arrived: bool) -> Ref:
    """A company whose vendor was sent without an answer."""
    ref = pair.company()
    pair.sync()
    pair.accept(ref, vendor_code="ZENITH")
    lose(pair, "AddVendor", arrived=arrived)
    assert pair.state(ref) is State.EXPORTING
    return ref


def test_a_vendor_that_is_never_listed(pair: Outgoing) -> None:
    """It arrived and somebody made it inactive: the listing cannot tell, a person can."""
    ref = vendor_in_doubt(pair, arrived=True)
    pair.vendor("ZENITH", "Zenith Roofing", Status="I")
    assert pair.sync().counts["unknown"] == 1
    (settled,) = pair.syncer.resolve(ref, there=True, why="it is inactive", by=ANNA)
    assert settled == Ref("vendor", ref.key)
    pair.sync()
    assert pair.state(ref) is State.SYNCED
    assert pair.company_row(ref)["origin_code"] == "ZENITH"
    assert pair.calls("AddVendor") == 1


def test_a_vendor_that_never_arrived(pair: Outgoing) -> None:
    """The listing of active vendors is no proof that there is none; a person's look is."""
    ref = vendor_in_doubt(pair, arrived=False)
    assert pair.sync().counts["unknown"] == 1
    pair.syncer.resolve(ref, there=False, why="no such vendor, inactive ones included", by=ANNA)
    pair.sync()
    assert pair.state(ref) is State.SYNCED
    assert pair.calls("AddVendor") == 1


def test_what_can_be_read_is_not_contradicted(pair: Outgoing) -> None:
    """Spectrum lists it: whoever says that it is not there is refused."""
    ref = vendor_in_doubt(pair, arrived=True)
    with pytest.raises(ConflictError, match="was read and has it"):
        pair.syncer.resolve(ref, there=False, why="I saw nothing", by=ANNA)
    assert len(pair.syncer.status().in_doubt) == 1
    pair.sync()
    assert pair.state(ref) is State.SYNCED


def test_what_is_not_there_cannot_be_said_to_be(pair: Outgoing) -> None:
    """Jobs are listed wholly: the reading counts."""
    ref = pair.project()
    pair.sync()
    pair.accept(ref)
    lose(pair, "AddJob", arrived=False)
    with pytest.raises(ConflictError, match="does not have it"):
        pair.syncer.resolve(ref, there=True, why="I saw it", by=ANNA)


def company_in_doubt(pair: Outgoing) -> Ref:
    """A vendor whose company was sent without an answer."""
    pair.vendors_by(export=False)
    pair.vendor("BOLT", "Bolt Steel")

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        if "vendors/sync" in request.url:
            raise OutcomeUnknownError("the answer was lost")
        return inner(request)

    pair.to_procore.answer = answer
    pair.sync()
    (found,) = pair.syncer.status().in_doubt
    return found.ref


def test_an_import_in_doubt_needs_its_id(pair: Outgoing) -> None:
    """Which record of Procore it became only Procore knows, and it cannot be read."""
    name = company_in_doubt(pair)
    assert name == Ref("company", "BOLT")
    made = pair.procore.add_vendor(name="Bolt Steel")

    def down(request: Request, inner: Callable[[Request], Response]) -> Response:
        raise OutcomeUnknownError("nothing can be read")

    pair.to_procore.answer = down
    with pytest.raises(RefusedError, match="is not known"):
        pair.syncer.resolve(name, there=True, why="seen in the directory", by=ANNA)
    pair.syncer.resolve(
        name, there=True, why="seen in the directory", by=ANNA, target_id=str(made["id"])
    )
    pair.to_procore.answer = None
    (row,) = [row for row in pair.syncer.links("company") if row.ref == name]
    assert row.target_id == str(made["id"])
    assert pair.syncer.status().in_doubt == ()


def test_a_target_that_cannot_look_contradicts_nobody(
    pair: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a reading the id is asked for, and whoever says that it is not there is believed."""
    name = company_in_doubt(pair)

    def unreadable(*_: object) -> None:
        raise UnavailableError("nothing can be read")

    monkeypatch.setattr(ProcoreTarget, "probe", unreadable)
    with pytest.raises(RefusedError, match="is not known"):
        pair.syncer.resolve(name, there=True, why="seen in the directory", by=ANNA)
    assert pair.syncer.resolve(name, there=False, why="not there", by=ANNA) == (name,)
    assert pair.syncer.status().in_doubt == ()


def test_a_change_in_doubt_is_settled_without_a_link(pair: Outgoing) -> None:
    """An update is compared again by the next plan, whatever the person saw."""
    pair.vendors_by(export=False, procore_owns=("name",))
    company = pair.row("vendors", origin_code="ACME")["id"]
    pair.procore.edit("vendor", company, name="Acme West")
    ref = Ref("company_update", str(company))
    pair.sync()
    pair.accept(ref)
    lose(pair, "UpdateVendor", arrived=False)
    (name,) = pair.syncer.resolve(ref, there=False, why="still the old name", by=ANNA)
    assert name.kind == "vendor"
    assert pair.syncer.links("vendor") == ()
    pair.sync()
    assert pair.state(ref) is State.SYNCED
