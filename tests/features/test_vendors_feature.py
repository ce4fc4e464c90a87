"""Vendors become companies: found, proposed, created, kept equal by field ownership."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_contractor import Contractor, held, only

from procore_spectrum.plan.operations import Create, Link, Update
from procore_spectrum.plan.records import Ref

ACME = Ref("company", "ACME")


@pytest.fixture
def pair() -> Contractor:
    """An empty contractor."""
    return Contractor()


def company(pair: Contractor, name: str = "Acme Concrete", **fields: object) -> str:
    """Put a company into Procore; its id."""
    return str(pair.procore.add_vendor(name=name, **fields)["id"])


# ---------------------------------------------------------------- finding


def test_our_origin_id_links_without_writing(pair: Contractor) -> None:
    """A company that carries our key already is only remembered."""
    pair.vendor()
    company(pair, origin_id="spectrum:ABC:vendor:ACME", origin_code="ACME", country_code="US")
    link = only(pair.plan("vendors").operations)
    assert isinstance(link, Link)
    assert not link.writes


def test_a_company_with_our_key_and_other_values_is_put_to_a_person(pair: Contractor) -> None:
    """Nothing is overwritten silently when no link is on record."""
    pair.vendor(City="Salem")
    company(pair, origin_id="spectrum:ABC:vendor:ACME", origin_code="ACME", city="Portland")
    found = held(pair.plan("vendors"), "ACME")
    assert found.code == "adopt"
    (change,) = found.changes
    assert (change.path, change.source, change.target) == ("city", "Salem", "Portland")


def test_the_key_of_another_spectrum_company_is_not_ours(pair: Contractor) -> None:
    """Two Spectrum companies that feed one Procore company do not mix up their vendors."""
    pair.vendor()
    company(pair, "Quite Other", origin_id="spectrum:XYZ:vendor:ACME")
    assert isinstance(only(pair.plan("vendors").operations), Create)


def test_a_similar_company_is_suggested_with_score_and_evidence(pair: Contractor) -> None:
    """What resembles a vendor is proposed, never duplicated."""
    pair.vendor(Phone_Number="503-555-0100")
    target = company(pair, "ACME CONCRETE, INC.", business_phone="(503) 555-0100")
    found = held(pair.plan("vendors"), "ACME")
    (candidate,) = found.candidates
    assert found.code == "candidates"
    assert (candidate.target_id, candidate.title) == (target, "ACME CONCRETE, INC.")
    assert candidate.evidence == ("same name", "same phone")
    assert candidate.score == 88


def test_suggestions_can_be_switched_off(pair: Contractor) -> None:
    """A company that trusts its directory to be empty creates at once."""
    pair.vendor()
    company(pair)
    pair.vendors_by(suggest=False)
    assert isinstance(only(pair.plan("vendors").operations), Create)


def test_weak_resemblance_is_below_the_line(pair: Contractor) -> None:
    """The score from which a person is asked is a setting."""
    pair.vendor()
    company(pair)
    pair.vendors_by(suggest_from=76)
    assert isinstance(only(pair.plan("vendors").operations), Create)


def test_an_equal_name_alone_never_links_by_itself(pair: Contractor) -> None:
    """Linking by name has to be switched on."""
    pair.vendor()
    company(pair)
    assert held(pair.plan("vendors"), "ACME").code == "candidates"


def test_an_equal_name_links_when_the_setting_says_so(pair: Contractor) -> None:
    """With the setting, one vendor and one company of a name are linked and stamped."""
    pair.vendor(City="Salem")
    target = company(pair)
    pair.vendors_by(link_exact_names=True)
    pair.run("vendors")
    (row,) = pair.table("vendors")
    assert (str(row["id"]), row["origin_id"], row["city"]) == (
        target,
        "spectrum:ABC:vendor:ACME",
        "Salem",
    )


def test_a_name_that_two_companies_have_links_nothing(pair: Contractor) -> None:
    """The name must be unique in Procore."""
    pair.vendor()
    company(pair)
    company(pair)
    pair.vendors_by(link_exact_names=True)
    assert len(held(pair.plan("vendors"), "ACME").candidates) == 2


def test_a_name_that_two_vendors_have_links_nothing(pair: Contractor) -> None:
    """The name must be unique in Spectrum."""
    pair.vendor("ACME")
    pair.vendor("ACME2")
    company(pair)
    pair.vendors_by(link_exact_names=True)
    assert {op.ref.key for op in pair.plan("vendors").held} == {"ACME", "ACME2"}


def test_duplicate_names_without_a_company_are_two_companies(pair: Contractor) -> None:
    """Two vendors of one name are two records, each with its own key."""
    pair.vendor("ACME")
    pair.vendor("ACME2")
    pair.run("vendors")
    assert sorted(row["origin_code"] for row in pair.table("vendors")) == ["ACME", "ACME2"]
    assert pair.plan("vendors").is_empty


def test_a_linked_company_is_suggested_to_nobody_else(pair: Contractor) -> None:
    """What belongs to one vendor is not offered to another."""
    pair.vendor("ACME")
    pair.run("vendors")
    pair.vendor("ACME2")
    assert isinstance(only(pair.plan("vendors").operations), Create)


# ---------------------------------------------------------------- decisions


def test_a_decided_link_shows_every_change_and_is_carried_out(pair: Contractor) -> None:
    """A person's link stamps our key and brings the source's values over."""
    pair.vendor(City="Salem")
    target = company(pair, "Acme", city="Portland")
    pair.syncer.link(ACME, target, why="same tax id")
    link = only(pair.plan("vendors").operations)
    assert {(c.path, c.source, c.target) for c in link.changes} == {
        ("name", "Acme Concrete", "Acme"),
        ("city", "Salem", "Portland"),
    }
    pair.run("vendors")
    (row,) = pair.table("vendors")
    assert (row["name"], row["city"], row["origin_code"]) == ("Acme Concrete", "Salem", "ACME")
    assert pair.plan("vendors").is_empty


def test_a_link_to_nothing_is_held(pair: Contractor) -> None:
    """A decision that names a record that is not there does no harm."""
    pair.vendor()
    pair.syncer.link(ACME, "4711")
    assert held(pair.plan("vendors"), "ACME").code == "target-missing"


def test_two_vendors_cannot_be_linked_to_one_company(pair: Contractor) -> None:
    """Both decisions are held; the order in which they were made decides nothing."""
    target = company(pair, "Somebody")
    for code in ("ACME", "ACME2"):
        pair.vendor(code)
        pair.syncer.link(Ref("company", code), target)
    assert [op.code for op in pair.plan("vendors").held] == ["already-linked"] * 2


def test_a_decision_to_create_sets_suggestions_aside(pair: Contractor) -> None:
    """A person may say that the resemblance is a coincidence."""
    pair.vendor()
    company(pair)
    pair.syncer.create_new(ACME, why="another Acme")
    pair.run("vendors")
    assert len(pair.table("vendors")) == 2


def test_an_ignored_vendor_is_left_out(pair: Contractor) -> None:
    """Ignoring keeps a vendor out of every plan."""
    pair.vendor()
    pair.syncer.ignore(ACME, why="one of our own companies")
    assert not pair.plan("vendors").operations


def test_a_company_of_another_integration_is_held(pair: Contractor) -> None:
    """A foreign origin id is never overwritten, not even by decision."""
    pair.vendor()
    target = company(pair, origin_id="sage-300:vendor:77")
    pair.syncer.link(ACME, target)
    found = held(pair.plan("vendors"), "ACME")
    assert found.code == "foreign-key"
    assert "sage-300:vendor:77" in found.message


# ---------------------------------------------------------------- creating


def test_many_vendors_are_created_in_few_requests(pair: Contractor) -> None:
    """Creations are sent in batches of up to a thousand."""
    for number in range(120):
        pair.vendor(f"V{number:04}", f"Vendor Number {number:04} {number * 7919 % 10007}")
    pair.vendors_by(suggest=False)
    pair.run("vendors")
    writes = [call for call in pair.procore.calls if call.path.endswith("/vendors/sync")]
    assert [call.items_sent for call in writes] == [120]
    assert pair.plan("vendors").is_empty


def test_all_violations_are_reported_together(pair: Contractor) -> None:
    """A vendor with several faults is held once, with all of them and their paths."""
    pair.vendor("BAD", "", State="ZZ", Email="not an address")
    found = held(pair.plan("vendors"), "BAD")
    assert found.code == "preflight"
    assert [v.path for v in found.violations] == ["state_code", "name", "email_address"]
    assert all(violation.hint for violation in found.violations)


def test_a_faulty_vendor_does_not_stop_the_others(pair: Contractor) -> None:
    """What is held is left out; the rest is done."""
    pair.vendor("BAD", "")
    pair.vendor()
    counts = pair.run("vendors").counts
    assert (counts["done"], counts["held"]) == (1, 1)


# ---------------------------------------------------------------- vendor types


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((), ["NONE", "SUB", "SUP"]),
        (("S",), ["SUB"]),
        (("",), ["NONE"]),
        (("", "M"), ["NONE", "SUP"]),
    ],
)
def test_vendor_types_choose(pair: Contractor, types: tuple[str, ...], expected: list[str]) -> None:
    """Only vendors of the wanted types are taken; a blank stands for those without a type."""
    pair.vendor("SUB", "Subcontractor", Type="S")
    pair.vendor("SUP", "Supplier", Type="M")
    pair.vendor("NONE", "Untyped")
    pair.vendors_by(types=types, known_types=("S", "M"))
    assert sorted(op.ref.key for op in pair.plan("vendors").operations) == expected


def test_a_vendor_that_leaves_the_wanted_types_is_not_taken_for_vanished(pair: Contractor) -> None:
    """A listing narrowed by type proves nobody's absence."""
    pair.vendor(Type="S")
    pair.run("vendors")
    pair.vendors_by(types=("M",), known_types=("S", "M"))
    assert not pair.plan("vendors").operations


# ---------------------------------------------------------------- later changes


def test_a_change_in_spectrum_flows(pair: Contractor) -> None:
    """A field changed in the source alone is updated, and nothing else is touched."""
    pair.vendor(City="Salem", Phone_Number="503-555-0100")
    pair.run("vendors")
    pair.vendor(City="Eugene", Phone_Number="503-555-0100")
    update = only(pair.plan("vendors").operations)
    assert isinstance(update, Update)
    assert [(c.path, c.target, c.source) for c in update.changes] == [("city", "Salem", "Eugene")]
    pair.run("vendors")
    assert pair.row("vendors", origin_code="ACME")["city"] == "Eugene"


@pytest.mark.parametrize("path", ["name", "city", "address", "zip"])
def test_a_field_of_the_source_is_put_back(pair: Contractor, path: str) -> None:
    """What somebody changed in Procore is overwritten where Spectrum owns the field."""
    pair.vendor(City="Salem", Address_1="1 Main St", Zip_Code="97301")
    pair.run("vendors")
    before = pair.row("vendors", origin_code="ACME")[path]
    pair.edit_company("ACME", **{path: "97999"})
    pair.run("vendors")
    assert pair.row("vendors", origin_code="ACME")[path] == before
    assert pair.plan("vendors").is_empty


@pytest.mark.parametrize(
    ("path", "value"), [("business_phone", "503-555-0199"), ("email_address", "new@example.com")]
)
def test_a_shared_field_changed_in_procore_waits(pair: Contractor, path: str, value: str) -> None:
    """Neither side wins by itself where both may write."""
    pair.vendor(Phone_Number="503-555-0100", Email="old@example.com")
    pair.run("vendors")
    pair.edit_company("ACME", **{path: value})
    found = held(pair.plan("vendors"), "ACME")
    assert found.code == "drift"
    assert [(change.path, change.target) for change in found.changes] == [(path, value)]


def test_a_field_of_procore_is_left_alone(pair: Contractor) -> None:
    """The country is proposed once and then belongs to Procore."""
    pair.vendor()
    pair.run("vendors")
    pair.edit_company("ACME", country_code="CA")
    assert not pair.plan("vendors").operations


def test_fields_that_we_do_not_write_are_left_alone(pair: Contractor) -> None:
    """What Spectrum knows nothing about is Procore's own."""
    pair.vendor()
    pair.run("vendors")
    pair.edit_company("ACME", website="https://acme.example.com", notes="good people")
    assert not pair.plan("vendors").operations


def test_a_conflict_shows_all_three_values(pair: Contractor) -> None:
    """Changed on both sides: held with what was agreed, what is here and what is there."""
    pair.vendor(City="Salem")
    pair.run("vendors")
    pair.vendor(City="Eugene")
    pair.edit_company("ACME", city="Bend")
    found = held(pair.plan("vendors"), "ACME")
    (change,) = found.changes
    assert found.code == "conflict"
    assert (change.base, change.source, change.target) == ("Salem", "Eugene", "Bend")


def test_the_same_change_on_both_sides_only_moves_the_base(pair: Contractor) -> None:
    """When people typed the same into both systems, nothing is written."""
    pair.vendor(City="Salem")
    pair.run("vendors")
    pair.vendor(City="Bend")
    pair.edit_company("ACME", city="Bend")
    link = only(pair.plan("vendors").operations)
    assert isinstance(link, Link)
    assert not link.writes
    pair.run("vendors")
    assert not pair.plan("vendors").operations


def test_a_blank_in_spectrum_clears_nothing(pair: Contractor) -> None:
    """A blank is no opinion."""
    pair.vendor(City="Salem")
    pair.run("vendors")
    pair.vendor()
    assert not pair.plan("vendors").operations


@pytest.mark.parametrize("status", ["I", "H"])
def test_a_vendor_that_is_no_longer_listed_is_held(pair: Contractor, status: str) -> None:
    """Spectrum lists active vendors only; its companion is not switched off by itself."""
    pair.vendor()
    pair.run("vendors")
    pair.vendor(Status=status)
    found = held(pair.plan("vendors"), "ACME")
    assert found.code == "absent"
    assert pair.row("vendors", origin_code="ACME")["is_active"] is True


def test_a_company_switched_off_in_procore_is_held(pair: Contractor) -> None:
    """We do not switch on what somebody switched off."""
    pair.vendor()
    pair.run("vendors")
    pair.edit_company("ACME", is_active=False)
    assert held(pair.plan("vendors"), "ACME").code == "deactivated"


def test_ignoring_a_linked_vendor_does_not_report_it_as_vanished(pair: Contractor) -> None:
    """An ignored vendor is quiet, even when it was linked before."""
    pair.vendor()
    pair.run("vendors")
    pair.syncer.ignore(ACME)
    assert not pair.plan("vendors").operations


# ---------------------------------------------------------------- any text

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None)
@given(name=TEXTS.filter(str.strip), city=TEXTS)
def test_any_text_arrives_and_stays(name: str, city: str) -> None:
    """Whatever people call a vendor, one run brings it over and the next finds nothing to do."""
    pair = Contractor()
    pair.vendor("ODD", name, City=city)
    pair.run("vendors")
    assert pair.row("vendors", origin_code="ODD")["name"].split() == name.split()
    assert not pair.plan("vendors").operations
