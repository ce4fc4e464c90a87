"""A company as a new vendor: limits on both sides, every fault at once, nothing lost in silence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping import VendorExportMapping, company_to_vendor
from procore_spectrum.models.about import fields_of
from procore_spectrum.models.procore import Vendor
from procore_spectrum.models.spectrum import VendorCreate

LIMITS = [
    ("name", "vendor_name", 30),
    ("address", "address_1", 30),
    ("city", "city", 25),
    ("state_code", "state", 2),
    ("zip", "zip_code", 10),
    ("email_address", "vendor_email", 80),
]
SHORTENED = [("name", "vendor_name", 30), ("address", "address_1", 30), ("city", "city", 25)]
SHORTEN = VendorExportMapping(long_text="shorten")

anything = st.none() | st.text(st.characters(exclude_categories=()), max_size=45)
companies = st.builds(
    Vendor,
    id=st.just(1),
    name=anything,
    address=anything,
    city=anything,
    state_code=anything,
    zip=anything,
    business_phone=anything,
    fax_number=anything,
    email_address=anything,
    is_active=st.none() | st.booleans(),
)
choices = st.builds(
    VendorExportMapping,
    terms_code=st.sampled_from(["A", "B"]),
    terms_days=st.integers(0, 999),
    long_text=st.sampled_from(["hold", "shorten"]),
)


def company(**fields: Any) -> Vendor:
    """A company that can be exported, but for the given fields."""
    return Vendor(id=1, **{"name": "Acme", **fields})


def faults(company: Vendor, settings: VendorExportMapping | None = None) -> list[tuple[str, str]]:
    """What is wrong: field and code."""
    found = company_to_vendor(company, settings=settings).violations
    return [(violation.path, violation.code) for violation in found]


@given(companies, choices)
def test_every_company_has_an_answer(company: Vendor, settings: VendorExportMapping) -> None:
    """Whatever stands in Procore: fields of the model, twice the same, and no exception."""
    found = company_to_vendor(company, settings=settings)
    assert found == company_to_vendor(company, settings=settings)
    assert set(found.fields) <= {info.name for info in fields_of(VendorCreate)}


@given(companies, choices)
def test_what_has_no_fault_fits(company: Vendor, settings: VendorExportMapping) -> None:
    """Without a violation, every text keeps its limit and the name has no comma."""
    found = company_to_vendor(company, settings=settings)
    if found.violations:
        return
    limits = {info.name: info.about.length for info in fields_of(VendorCreate)}
    for path, value in found.fields.items():
        assert not isinstance(value, str) or len(value) <= (limits[path] or len(value)), path
    assert "," not in str(found.fields["vendor_name"])


@given(companies)
def test_nothing_is_cut_unless_chosen(company: Vendor) -> None:
    """Held by default: the texts arrive whole, white space aside."""
    found = company_to_vendor(company)
    for source, path, _ in SHORTENED:
        whole = " ".join((getattr(company, source) or "").split())
        assert (found.fields[path] or "") == whole


@pytest.mark.parametrize(("source", "path", "limit"), LIMITS)
def test_the_longest_text_passes(source: str, path: str, limit: int) -> None:
    """Exactly as long as Spectrum takes it."""
    text = "x" * limit
    found = company_to_vendor(company(**{source: text}))
    assert found.fields[path] == text
    assert not found.violations


@pytest.mark.parametrize(("source", "path", "limit"), LIMITS)
def test_one_character_more_is_a_fault(source: str, path: str, limit: int) -> None:
    """And is told by the field that is too long."""
    assert faults(company(**{source: "x" * (limit + 1)})) == [(path, "too-long")]


@pytest.mark.parametrize(("source", "path", "limit"), SHORTENED)
def test_shortening_by_choice(source: str, path: str, limit: int) -> None:
    """Cut to the limit, without a blank at the end."""
    text = "x" * (limit - 1) + " yz"
    found = company_to_vendor(company(**{source: text}), settings=SHORTEN)
    assert found.fields[path] == "x" * (limit - 1)
    assert not found.violations


@pytest.mark.parametrize(
    ("source", "path", "limit"), [item for item in LIMITS if item not in SHORTENED]
)
def test_codes_are_never_shortened(source: str, path: str, limit: int) -> None:
    """A state, a ZIP code or an address of mail is wrong when it is cut."""
    found = faults(company(**{source: "x" * (limit + 1)}), SHORTEN)
    assert found == [(path, "too-long")]


def test_all_faults_together() -> None:
    """Whoever corrects the company is told once."""
    broken = company(
        name="Comma, " + "x" * 30,
        address="x" * 31,
        city="x" * 26,
        state_code="IDA",
        zip="12345678901",
        is_active=False,
    )
    assert sorted(faults(broken)) == [
        ("address_1", "too-long"),
        ("city", "too-long"),
        ("is_active", "inactive"),
        ("state", "too-long"),
        ("vendor_name", "comma"),
        ("vendor_name", "too-long"),
        ("zip_code", "too-long"),
    ]


@pytest.mark.parametrize("name", [None, "", " \t "])
def test_a_name_is_needed(name: str | None) -> None:
    """Blank names are none."""
    assert faults(company(name=name)) == [("vendor_name", "required")]


def test_a_comma_beyond_the_cut_is_told_too() -> None:
    """Shortening does not hide what is wrong with the name."""
    assert faults(company(name="x" * 30 + ", Inc"), SHORTEN) == [("vendor_name", "comma")]


def test_what_spectrum_demands_is_chosen() -> None:
    """Terms come from the settings, the sorting name from the beginning of the name."""
    settings = VendorExportMapping(terms_code="B", terms_days=45, terms_disc_code="B")
    found = company_to_vendor(company(name="a-1 Steel & Co"), settings=settings).fields
    assert found["alpha_sort"] == "A1STEE"
    assert (found["terms_code"], found["terms_days"], found["terms_disc_code"]) == ("B", 45, "B")


def test_telephones_are_digits() -> None:
    """Without country code and extension."""
    found = company_to_vendor(company(business_phone="+1 (208) 555-0100 x7", fax_number="n/a"))
    assert (found.fields["phone"], found.fields["fax_phone"]) == ("2085550100", None)


@pytest.mark.parametrize("name", ["terms_code", "terms_disc_code"])
@pytest.mark.parametrize("value", ["", "C", "a"])
def test_terms_are_a_or_b(name: str, value: str) -> None:
    """Anything else is a wrong setting."""
    choice: dict[str, Any] = {name: value}
    with pytest.raises(ConfigurationError) as caught:
        VendorExportMapping(**choice)
    assert caught.value.path == name
