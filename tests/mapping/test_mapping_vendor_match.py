"""Suggestions are found quickly, explained, and do not depend on order."""

from __future__ import annotations

import time

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_records import a_vendor, any_vendor, garbage

from procore_spectrum.mapping import (
    CompanyIndex,
    Party,
    exact_unique_name,
    party_of_company,
    party_of_vendor,
    suggest,
)
from procore_spectrum.models import procore
from procore_spectrum.models.spectrum import Vendor

ACME = Party(
    id="1",
    name="Acme Concrete Inc",
    code="ACME01",
    tax_id="12-3456789",
    email="office@acme.example",
    phone="503 555 0142",
    address="12 North Main Street",
    zip="97201",
)
words = st.lists(st.sampled_from(["Acme", "Bay", "Concrete", "Inc", "The", "&"]), max_size=4)
names = words.map(" ".join) | garbage
some_parties = st.lists(
    st.builds(
        Party,
        id=st.text("0123456789", min_size=1, max_size=3),
        name=names,
        code=st.sampled_from(["", "A1", "a1", "B2"]) | garbage,
        tax_id=st.sampled_from(["", "12-3", "123"]),
        email=st.sampled_from(["", "a@b.co", "c@b.co", "x@gmail.com", "y@gmail.com"]) | garbage,
        phone=st.sampled_from(["", "5035550142", "000-000-0000"]) | garbage,
        address=st.sampled_from(["", "1 Main St"]) | garbage,
        zip=st.sampled_from(["", "97201"]) | garbage,
    ),
    max_size=8,
    unique_by=lambda party: party.id,
)


def evidence(left: Party, right: Party) -> tuple[str, ...]:
    """Why ``right`` is suggested for ``left``; nothing when it is not."""
    found = suggest(left, CompanyIndex([right]))
    return found[0].evidence if found else ()


@given(some_parties, st.randoms())
def test_order_free(parties: list[Party], random: object) -> None:
    """The same parties in another order give the same suggestions."""
    shuffled = list(parties)
    random.shuffle(shuffled)
    for party in parties:
        assert suggest(party, CompanyIndex(parties)) == suggest(party, CompanyIndex(shuffled))


@given(some_parties)
def test_sound(parties: list[Party]) -> None:
    """Scores lie between 1 and 99, fall, and always come with evidence."""
    index = CompanyIndex(parties)
    for party in parties:
        found = suggest(party, index, limit=3)
        scores = [item.score for item in found]
        assert len(found) <= 3
        assert scores == sorted(scores, reverse=True)
        assert all(0 < item.score < 100 and item.evidence for item in found)


@given(some_parties)
def test_symmetric(parties: list[Party]) -> None:
    """What speaks for one direction speaks for the other."""
    for left in parties:
        for right in parties:
            assert evidence(left, right) == evidence(right, left)


@given(some_parties, some_parties)
def test_exact_unique_name_is_exact_and_unique(
    vendors: list[Party], companies: list[Party]
) -> None:
    """A company is handed out exactly when the name occurs once on both sides."""
    indexes = {"vendors": CompanyIndex(vendors), "companies": CompanyIndex(companies)}
    for vendor in vendors:
        name = " ".join(vendor.name.split()).casefold()
        there = [c for c in companies if " ".join(c.name.split()).casefold() == name]
        here = [v for v in vendors if " ".join(v.name.split()).casefold() == name]
        unique = bool(name) and len(here) == len(there) == 1
        assert exact_unique_name(vendor, **indexes) == (there[0] if unique else None)


@given(any_vendor)
def test_adapter_is_total(vendor: Vendor) -> None:
    """Any vendor is a party that can be searched for."""
    party = party_of_vendor(vendor)
    assert suggest(party, CompanyIndex([party]), limit=1)[:0] == ()


def test_everything_the_same() -> None:
    """Evidence is listed from the strongest down, and is never quite certainty."""
    (found,) = suggest(ACME, CompanyIndex([ACME]))
    assert found.target_id == "1"
    assert found.score == 99
    assert found.evidence == (
        "same tax id",
        "same code",
        "same name",
        "same e-mail",
        "same phone",
        "same address",
    )


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Party(id="2", name="Other", tax_id="123456789"), ("same tax id",)),
        (Party(id="2", name="Other", code="acme01"), ("same code",)),
        (Party(id="2", name="The ACME Concrete, Co."), ("same name",)),
        (Party(id="2", name="Acme Concrete of Oregon"), ("similar name",)),
        (Party(id="2", name="Acme Plumbing of Oregon"), ()),
        (Party(id="2", name="Other", email="OFFICE@acme.example"), ("same e-mail",)),
        (Party(id="2", name="Other", email="ann@acme.example"), ("same e-mail domain",)),
        (Party(id="2", name="Other", phone="+1 (503) 555-0142"), ("same phone",)),
        (Party(id="2", name="", address="12 N Main St", zip="97201-9999"), ("same address",)),
        (Party(id="2", name="Other", address="12 N Main St"), ()),
        (Party(id="2", name="Other"), ()),
    ],
)
def test_each_evidence(other: Party, expected: tuple[str, ...]) -> None:
    """Each kind of evidence is found on its own."""
    assert evidence(ACME, other) == expected


@pytest.mark.parametrize(
    ("field", "score"),
    [("tax_id", 90), ("code", 75), ("name", 75), ("email", 60), ("phone", 50)],
)
def test_score_of_one_witness(field: str, score: int) -> None:
    """On its own each piece of evidence scores its weight."""
    other = attrs.evolve(Party(id="2", name="Other"), **{field: getattr(ACME, field)})
    assert [item.score for item in suggest(ACME, CompanyIndex([other]))] == [score]


def test_scores_of_weak_witnesses() -> None:
    """Address, mail domain and a similar name say less."""
    others = [
        Party(id="address", name="Other", address=ACME.address, zip=ACME.zip),
        Party(id="domain", name="Other", email="ann@acme.example"),
        Party(id="name", name="Acme Concrete Oregon"),
    ]
    found = suggest(ACME, CompanyIndex(others))
    assert [(item.target_id, item.score) for item in found] == [
        ("name", 48),
        ("address", 40),
        ("domain", 25),
    ]


@pytest.mark.parametrize(("phone", "found"), [("555014", ()), ("5550142", ("same phone",))])
def test_short_telephones(phone: str, found: tuple[str, ...]) -> None:
    """Fewer than seven digits are an extension, not a telephone."""
    left, right = Party(id="1", name="A", phone=phone), Party(id="2", name="B", phone=phone)
    assert evidence(left, right) == found


@pytest.mark.parametrize(("others", "found"), [(50, 5), (51, 0)])
def test_where_crowds_begin(others: int, found: int) -> None:
    """A value that fifty share is followed, one that more share is not."""
    crowd = [Party(id=str(number), name="", phone=ACME.phone) for number in range(others)]
    assert len(suggest(ACME, CompanyIndex(crowd))) == found


def test_worthless_values() -> None:
    """Public mail providers, dummy telephones and blank names are no evidence."""
    left = Party(id="1", name="?", email="a@gmail.com", phone="000-000-0000")
    right = Party(id="2", name="!", email="b@gmail.com", phone="000-000-0000")
    assert evidence(left, right) == ()


def test_crowded_values() -> None:
    """A value that very many share identifies nobody."""
    crowd = [
        Party(id=str(number), name=f"Firm {number}", phone="5035550100") for number in range(60)
    ]
    found = suggest(Party(id="x", name="Firm 7", phone="5035550100"), CompanyIndex(crowd))
    assert [item.evidence for item in found] == [("same name",)]


def test_more_evidence_scores_higher() -> None:
    """Two witnesses are better than one; equals are sorted by their id."""
    candidates = [
        Party(id="9", name="Acme Concrete"),
        Party(id="5", name="Acme Concrete", phone=ACME.phone),
        Party(id="3", name="Acme Concrete"),
    ]
    found = suggest(ACME, CompanyIndex(candidates))
    assert [(item.target_id, item.score) for item in found] == [("5", 88), ("3", 75), ("9", 75)]


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (0, 0), (-1, 0)])
def test_limit(limit: int, count: int) -> None:
    """No more than asked for."""
    index = CompanyIndex([Party(id=str(number), name="Acme Concrete") for number in range(4)])
    assert len(index) == 4
    assert len(suggest(ACME, index, limit=limit)) == count


def test_exact_name() -> None:
    """White space and case do not matter; anything else does."""
    vendors = CompanyIndex([ACME])
    same = Party(id="7", name=" ACME  concrete INC ")
    near = Party(id="8", name="Acme Concrete, Inc.")
    assert exact_unique_name(ACME, vendors=vendors, companies=CompanyIndex([same, near])) == same
    assert exact_unique_name(ACME, vendors=vendors, companies=CompanyIndex([near])) is None
    assert exact_unique_name(ACME, vendors=vendors, companies=CompanyIndex([same, same])) is None


def test_party_of_vendor() -> None:
    """A Spectrum vendor as a party."""
    assert party_of_vendor(a_vendor()) == Party(
        id="ACME01",
        name="Acme Concrete, Inc.",
        code="ACME01",
        email="Office@Acme.example",
        phone="5035550142",
        address="12 North Main Street, Suite 4",
        city="Portland",
        state="OR",
        zip="97201-1234",
    )


def test_party_of_company() -> None:
    """A Procore company as a party; the short name stands in for the origin code."""
    register = procore.BusinessRegister(id=3, identifier="12-3456789")
    company = procore.Vendor(
        id=42,
        name="Acme Concrete",
        abbreviated_name="ACME01",
        business_register=register,
        email_address="office@acme.example",
        business_phone="(503) 555-0142",
        address="12 N Main St",
        city="Portland",
        state_code="OR",
        zip="97201",
    )
    party = party_of_company(company)
    assert (party.id, party.code, party.tax_id) == ("42", "ACME01", "12-3456789")
    assert "3456789" not in repr(party)
    bare = party_of_company(procore.Vendor(id=43, origin_code="V9"))
    assert (bare.code, bare.name, bare.tax_id) == ("V9", "", "")


def test_ten_thousand_against_ten_thousand() -> None:
    """The search is near constant per vendor: the work done stays linear."""
    trades = ["Concrete", "Electric", "Plumbing", "Paving", "Steel"]
    parties = [
        Party(
            id=str(number),
            name=f"Firm{number // 3} {trades[number % 5]} Services Inc",
            phone=f"503{number:07}",
            email=f"office@firm{number}.example",
            address=f"{number} Main Street",
            zip="97201",
        )
        for number in range(10_000)
    ]
    started = time.process_time()
    index = CompanyIndex(parties)
    first = [suggest(party, index)[0].target_id for party in parties]
    assert first == [party.id for party in parties]
    assert time.process_time() - started < 30


@pytest.mark.parametrize(
    ("name", "found"),
    [("bay cove dune east fir", ("similar name",)), ("cove dune east fir gum", ())],
)
def test_where_similarity_begins(name: str, found: tuple[str, ...]) -> None:
    """Three words of five in common are similar, two are not."""
    left = Party(id="1", name="ant bay cove dune elm")
    assert evidence(left, Party(id="2", name=name)) == found
