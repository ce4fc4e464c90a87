"""Changes of linked companies become changes of vendors: owned fields only, once accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from outgoing_contractor import ANNA, SAM, Outgoing, held_export, proposed

from procore_spectrum.errors import ConfigurationError, OutcomeUnknownError
from procore_spectrum.features import VendorSettings
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Reading
from procore_spectrum.wire.messages import Request, Response

OWNED = ("name", "address", "city", "state_code", "zip")


@pytest.fixture
def pair() -> Outgoing:
    """A vendor with its company, linked; Procore owns name and address."""
    made = Outgoing(connected=False)
    made.vendors_by(export=False, procore_owns=OWNED)
    made.run()
    made.run()
    assert made.plan().is_empty
    return made


def acme(pair: Outgoing) -> Ref:
    """The name of the update of the linked company."""
    return Ref("company_update", str(pair.row("vendors", origin_code="ACME")["id"]))


def edit(pair: Outgoing, **fields: Any) -> Ref:
    """A person changes the linked company in Procore."""
    ref = acme(pair)
    pair.procore.edit("vendor", int(ref.key), **fields)
    return ref


def in_spectrum(pair: Outgoing, code: str = "ACME") -> dict[str, Any]:
    """The vendor as Spectrum has it."""
    (found,) = [row for row in pair.books["vendors"] if row["Vendor_Code"] == code]
    return dict(found)


# ---------------------------------------------------------------- who owns what


def test_procore_owns_nothing_unless_chosen(pair: Outgoing) -> None:
    """By default, a change in Procore is overwritten from Spectrum, and nothing is proposed."""
    edit(pair, name="Acme Concrete West")
    pair.vendors_by(procore_owns=())
    plan = pair.plan()
    assert not proposed(plan)
    assert [op.verb for op in plan.todo] == ["update"]
    pair.run()
    assert pair.row("vendors", origin_code="ACME")["name"] == "Acme Concrete"


@pytest.mark.parametrize("field", ["business_phone", "email_address", "is_active", "colour"])
def test_what_procore_cannot_own(field: str) -> None:
    """Spectrum hands out the contact's telephone and takes the vendor's: not the same field."""
    with pytest.raises(ConfigurationError, match="not possible here"):
        VendorSettings(procore_owns=(field,))


def test_a_field_that_procore_does_not_own_is_overwritten(pair: Outgoing) -> None:
    """Ownership is by field."""
    pair.vendors_by(procore_owns=("city",))
    edit(pair, name="Acme Concrete West")
    pair.run()
    assert pair.row("vendors", origin_code="ACME")["name"] == "Acme Concrete"
    assert not pair.calls("UpdateVendor")


# ---------------------------------------------------------------- the usual way


def test_a_change_is_proposed_and_sent_after_acceptance(pair: Outgoing) -> None:
    """Accounting sees old and new; only what was changed is sent; another plan is empty."""
    before = in_spectrum(pair)
    ref = edit(pair, name="Acme Concrete West")
    pair.sync()
    document = pair.approval(ref).document
    assert document.fields == {"vendor_code": "ACME", "vendor_name": "Acme Concrete West"}
    assert document.lines == (
        {
            "field": "vendor_name",
            "in_spectrum": "Acme Concrete",
            "in_procore": "Acme Concrete West",
        },
    )
    assert pair.state(ref) is State.READY_TO_EXPORT
    assert in_spectrum(pair) == before
    pair.accept(ref)
    assert pair.sync().succeeded
    assert {k: v for k, v in in_spectrum(pair).items() if before.get(k) != v} == {
        "Vendor_Name": "Acme Concrete West"
    }
    assert pair.state(ref) is State.SYNCED
    pair.run()
    assert pair.plan().is_empty
    assert pair.calls("UpdateVendor") == 1


def test_several_fields_go_together(pair: Outgoing) -> None:
    """One document and one call for all of them."""
    ref = edit(
        pair, name="Acme West", address="7 Dock Road", city="Reno", state_code="NV", zip="89501"
    )
    pair.exported(ref)
    found = in_spectrum(pair)
    assert [found[name] for name in ("Vendor_Name", "Address_1", "City", "State", "Zip_Code")] == [
        "Acme West",
        "7 Dock Road",
        "Reno",
        "NV",
        "89501",
    ]
    assert pair.calls("UpdateVendor") == 1
    assert pair.plan().is_empty


def test_a_second_change_is_an_update(pair: Outgoing) -> None:
    """What was synced before is ready to update; and back again to the first value."""
    ref = edit(pair, name="Acme West")
    pair.exported(ref)
    for name in ("Acme North", "Acme Concrete"):
        edit(pair, name=name)
        pair.sync()
        assert pair.state(ref) is State.READY_TO_UPDATE
        pair.accept(ref)
        pair.sync()
        pair.run()
        assert in_spectrum(pair)["Vendor_Name"] == name
        assert pair.plan().is_empty


def test_an_exported_company_is_updated_too(pair: Outgoing) -> None:
    """What became a vendor from here follows its company like any other."""
    pair.vendors_by(export=True)
    ref = pair.company("Zenith Roofing")
    pair.exported(ref, vendor_code="ZENITH")
    pair.procore.edit("vendor", int(ref.key), city="Reno")
    update = Ref("company_update", ref.key)
    pair.exported(update)
    assert in_spectrum(pair, "ZENITH")["City"] == "Reno"
    assert pair.plan().is_empty


def test_an_edit_before_the_writing_asks_again(pair: Outgoing) -> None:
    """An acceptance binds to what was shown."""
    ref = edit(pair, name="Acme West")
    pair.sync()
    pair.accept(ref)
    edit(pair, name="Acme East")
    pair.sync()
    assert pair.state(ref) is State.READY_TO_EXPORT
    assert not pair.calls("UpdateVendor")


# ---------------------------------------------------------------- what is held


def test_both_systems_changed_the_same_field(pair: Outgoing) -> None:
    """Held with all three values; made equal, the base moves and nothing is sent."""
    ref = edit(pair, name="Acme West")
    pair.sync()
    pair.vendor("ACME", "Acme East")
    found = held_export(pair.plan(), ref)
    assert found.code == "conflict"
    (change,) = found.changes
    assert (change.base, change.target, change.source) == (
        "Acme Concrete",
        "Acme East",
        "Acme West",
    )
    pair.sync()
    assert "conflict" in [v.code for v in pair.approval(ref).document.violations]
    pair.vendor("ACME", "Acme West")
    pair.sync()
    assert pair.state(ref) is State.NOT_SENT
    assert pair.approval(ref).message == "Spectrum has the same values"
    edit(pair, name="Acme North")
    assert proposed(pair.plan()) == {ref}


def test_a_change_in_spectrum_alone_is_noted(pair: Outgoing) -> None:
    """Neither side is overwritten: accounting may know better."""
    pair.vendor("ACME", "Acme East")
    plan = pair.plan()
    assert plan.is_empty
    assert not plan.held
    assert any("vendor_name was changed in Spectrum" in note.text for note in plan.notes)
    pair.run()
    assert pair.row("vendors", origin_code="ACME")["name"] == "Acme Concrete"
    assert in_spectrum(pair)["Name"] == "Acme East"


def test_what_was_cleared_is_noted(pair: Outgoing) -> None:
    """Spectrum reads a blank as "unchanged": it cannot be cleared, and nothing pretends to."""
    edit(pair, city="Reno")
    pair.exported(acme(pair))
    edit(pair, city=None)
    plan = pair.plan()
    assert plan.is_empty
    assert any("city was cleared in Procore" in note.text for note in plan.notes)
    pair.run()
    assert pair.row("vendors", origin_code="ACME")["city"] is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "x" * 31}, "too-long"),
        ({"name": "Acme, West"}, "comma"),
        ({"city": "y" * 26}, "too-long"),
    ],
)
def test_rules_are_checked_before_it_is_proposed(
    pair: Outgoing, fields: dict[str, str], code: str
) -> None:
    """Lengths and characters of UpdateVendor, each with a remedy."""
    ref = edit(pair, **fields)
    found = held_export(pair.plan(), ref)
    assert [(v.code, bool(v.hint)) for v in found.violations] == [(code, True)]


def test_a_second_address_line_stands_in_the_way(pair: Outgoing) -> None:
    """It could not be cleared, and would be doubled."""
    pair.vendor("ACME", "Acme Concrete", Address_1="1 Road", Address_2="Floor 2")
    pair.run()
    pair.vendors_by(procore_owns=())
    pair.run()
    pair.vendors_by(procore_owns=OWNED)
    assert pair.row("vendors", origin_code="ACME")["address"] == "1 Road, Floor 2"
    ref = edit(pair, address="7 Dock Road")
    found = held_export(pair.plan(), ref)
    assert [v.code for v in found.violations] == ["second-line"]


# ---------------------------------------------------------------- refused, taken back, withdrawn


def test_a_refused_update_is_held_until_it_is_sent(pair: Outgoing) -> None:
    """Rejected it stays synced, and a plan shows why nothing happens."""
    ref = edit(pair, name="Acme West")
    pair.exported(ref)
    edit(pair, name="Acme North")
    pair.sync()
    pair.syncer.approvals.reject(ref, by=ANNA, why="not the legal name")
    assert pair.state(ref) is State.SYNCED
    found = held_export(pair.plan(), ref)
    assert (found.code, found.message) == (
        "rejected",
        "accounting has refused the update: not the legal name",
    )
    pair.sync()
    assert pair.state(ref) is State.SYNCED
    pair.syncer.send(ref, by=SAM)
    assert pair.state(ref) is State.READY_TO_UPDATE
    pair.accept(ref)
    pair.sync()
    assert in_spectrum(pair)["Vendor_Name"] == "Acme North"


def test_a_retrieved_update_is_held(pair: Outgoing) -> None:
    """Its sender took it back."""
    ref = edit(pair, name="Acme West")
    pair.exported(ref)
    edit(pair, name="Acme North")
    pair.sync()
    pair.syncer.approvals.retrieve(ref, by=SAM)
    assert held_export(pair.plan(), ref).message == "its sender has retrieved the update"


def test_a_change_that_was_undone_is_withdrawn(pair: Outgoing) -> None:
    """Made again, it is sent again, also in the same words."""
    ref = edit(pair, name="Acme West")
    pair.exported(ref)
    for _ in range(2):
        edit(pair, name="Acme North")
        pair.sync()
        assert pair.state(ref) is State.READY_TO_UPDATE
        edit(pair, name="Acme West")
        pair.sync()
        assert pair.state(ref) is State.SYNCED
        assert pair.plan().is_empty


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("setting", "Procore owns no field of a vendor"),
        ("inactive", "the company is inactive"),
        ("ignored", "the company is not linked with a vendor"),
        ("unlisted", "Spectrum no longer lists the vendor"),
    ],
)
def test_an_update_that_lost_its_ground_is_withdrawn(pair: Outgoing, what: str, why: str) -> None:
    """Each with its reason."""
    ref = edit(pair, name="Acme West")
    pair.sync()
    match what:
        case "setting":
            pair.vendors_by(procore_owns=())
        case "inactive":
            pair.procore.edit("vendor", int(ref.key), is_active=False)
        case "ignored":
            pair.syncer.ignore(Ref("company", "ACME"))
        case _:
            pair.vendor("ACME", "Acme Concrete", Status="I")
    plan = pair.plan()
    assert [(item.ref, item.why) for item in plan.withdrawals] == [(ref, why)]


@pytest.mark.parametrize(("complete", "why"), [(True, ["Procore no longer lists it"]), (False, [])])
def test_a_company_that_may_not_be_seen_any_more(
    pair: Outgoing, monkeypatch: pytest.MonkeyPatch, why: list[str], *, complete: bool
) -> None:
    """Absence counts only in a listing that is complete."""
    edit(pair, name="Acme West")
    pair.sync()
    nobody: Reading[Any] = Reading(items=(), as_of=pair.clock.now(), complete=complete)
    monkeypatch.setattr("procore_spectrum.features.world.World.companies", lambda _: nobody)
    assert [item.why for item in pair.plan().withdrawals] == why


# ---------------------------------------------------------------- lost answers


@pytest.mark.parametrize("arrived", [True, False])
def test_an_update_without_an_answer_is_sent_again(pair: Outgoing, *, arrived: bool) -> None:
    """Repeating is safe: whether it arrived or not, the next run ends with the same vendor."""
    ref = edit(pair, name="Acme West")
    pair.sync()
    pair.accept(ref)

    def lost(request: Request, inner: Callable[[Request], Response]) -> Response:
        if b"UpdateVendor" in (request.content or b""):
            if arrived:
                inner(request)
            raise OutcomeUnknownError("the answer was lost")
        return inner(request)

    pair.to_spectrum.answer = lost
    report = pair.sync()
    assert report.counts["unknown"] == 1
    assert pair.state(ref) is State.EXPORTING
    pair.to_spectrum.answer = None
    pair.run()
    assert pair.state(ref) is State.SYNCED
    assert in_spectrum(pair)["Vendor_Name"] == "Acme West"
    assert pair.syncer.status().in_doubt == ()
    pair.run()
    assert pair.plan().is_empty


def test_a_locked_vendor_is_tried_again(pair: Outgoing) -> None:
    """A colleague has the vendor open: it stays accepted, and the next run goes on."""
    ref = edit(pair, name="Acme West")
    pair.sync()
    pair.accept(ref)
    pair.spectrum.lock_record("vendors")
    assert pair.sync().stopped
    assert pair.state(ref) is State.EXPORTING
    pair.spectrum.unlock_record("vendors")
    pair.run()
    assert pair.state(ref) is State.SYNCED
    assert in_spectrum(pair)["Vendor_Name"] == "Acme West"
