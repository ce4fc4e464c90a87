"""Vendors, jobs, phases and cost types: total, deterministic, injective on keys, never cut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_records import (
    a_job,
    a_phase,
    a_vendor,
    any_job,
    any_phase,
    any_vendor,
    garbage,
    phase_codes,
)

from procore_spectrum.errors import ConfigurationError, InvalidValueError
from procore_spectrum.mapping import (
    CostCodeMapping,
    CostTypeEntry,
    CostTypeTable,
    JobMapping,
    Mapped,
    PhaseMask,
    PlaceMapping,
    VendorMapping,
    WbsCodeMapping,
    cost_type_to_category,
    job_to_project,
    phase_parents,
    phase_to_cost_code,
    phase_to_wbs_code,
    vendor_to_company,
)
from procore_spectrum.models.procore import (
    CostCodeSyncItem,
    LineItemTypeSyncItem,
    ProjectSyncItem,
    VendorSyncItem,
)
from procore_spectrum.models.spectrum import Job, Phase, Vendor
from procore_spectrum.models.values import FieldValue

MASK = PhaseMask.parse("##-####")
DEEP = PhaseMask.parse("##-##-##")
TABLE = CostTypeTable(
    entries=(
        CostTypeEntry(code="LAB", name="Labor", base_type="labor"),
        CostTypeEntry(code="M", name="Materials", base_type="materials"),
        CostTypeEntry(code="S", name="Subcontracts", base_type="commitment"),
    )
)


def to_company(vendor: Vendor, settings: VendorMapping | None = None) -> Mapped:
    """The mapping under test, for company ABC."""
    return vendor_to_company(vendor, company_code="ABC", settings=settings)


def to_project(job: Job, settings: JobMapping | None = None) -> Mapped:
    """The mapping under test, for company ABC."""
    return job_to_project(job, company_code="ABC", settings=settings)


def to_category(cost_type: str, table: CostTypeTable = TABLE) -> Mapped:
    """The mapping under test, for company ABC."""
    return cost_type_to_category(cost_type, table, company_code="ABC")


def codes(mapped: Mapped) -> list[tuple[str, str]]:
    """What a mapping complains about, and where."""
    return [(violation.code, violation.path) for violation in mapped.violations]


def assert_sound(mapped: Mapped, model: type, *keys: str) -> None:
    """Keys are known, values are of the closed set, and no text is blank or padded."""
    assert set(mapped.fields) - set(keys) <= {field.name for field in attrs.fields(model)}
    for value in mapped.fields.values():
        assert isinstance(value, (*get_args(FieldValue)[:5], tuple, type(None)))
        assert not isinstance(value, str) or value == value.strip() != ""
    assert mapped.ok == (not mapped.violations)


# ---------------------------------------------------------------- properties


@given(any_vendor, garbage)
def test_vendors_are_total(vendor: Vendor, company: str) -> None:
    """Whatever a vendor holds, it maps, and maps the same again."""
    mapped = vendor_to_company(vendor, company_code=company)
    assert_sound(mapped, VendorSyncItem)
    assert mapped == vendor_to_company(vendor, company_code=company)
    lenient = VendorMapping(unusable_email="leave_out")
    left_out = vendor_to_company(vendor, company_code=company, settings=lenient)
    assert set(left_out.violations) <= set(mapped.violations)


@given(any_job, st.sampled_from([None, "total_value", "estimated_value"]))
def test_jobs_are_total(job: Job, contract_field: Any) -> None:
    """Whatever a job holds, it maps, and maps the same again."""
    settings = JobMapping(contract_field=contract_field, stage_ids={"A": 7}, template_id=1)
    mapped = to_project(job, settings)
    assert_sound(mapped, ProjectSyncItem)
    assert repr(mapped) == repr(to_project(job, settings))


@given(any_phase, st.lists(any_phase, max_size=3), st.sampled_from([MASK, DEEP]))
def test_phases_are_total(phase: Phase, others: list[Phase], mask: PhaseMask) -> None:
    """Whatever a phase holds, code, parents and budget code map, and map the same again."""
    code = phase_to_cost_code(phase, mask, company_code="ABC", siblings=others)
    assert_sound(code, CostCodeSyncItem)
    assert code == phase_to_cost_code(phase, mask, company_code="ABC", siblings=others)
    parents = phase_parents(phase, mask, company_code="ABC")
    for parent in parents:
        assert_sound(parent, CostCodeSyncItem)
    assert len(parents) == max(0, len(code.path) - 1)
    wbs = phase_to_wbs_code(phase, mask)
    assert_sound(wbs, CostCodeSyncItem, "cost_code", "line_item_type", "description", "status")
    assert wbs.fields["cost_code"] == code.path


@given(garbage | st.sampled_from(["LAB", " M ", "S", "s"]))
def test_cost_types_are_total(cost_type: str) -> None:
    """Any text is a category or is reported."""
    mapped = to_category(cost_type)
    assert_sound(mapped, LineItemTypeSyncItem)
    assert mapped.ok == (cost_type.strip() in {"LAB", "M", "S"})
    assert mapped == to_category(cost_type)


@pytest.mark.parametrize(
    ("mapping", "make", "key"),
    [
        (to_company, a_vendor, "vendor_code"),
        (to_project, a_job, "job_number"),
        (
            lambda phase: phase_to_cost_code(phase, MASK, company_code="ABC"),
            a_phase,
            "phase_code",
        ),
        (
            lambda phase: phase_to_cost_code(phase, MASK, company_code="ABC"),
            a_phase,
            "job_number",
        ),
    ],
)
@given(keys=st.tuples(garbage, garbage))
def test_keys_stay_apart(
    mapping: Callable[[Any], Mapped],
    make: Callable[..., Any],
    key: str,
    keys: tuple[str, str],
) -> None:
    """Two keys that differ never share an origin id, unless one has none."""
    left, right = (mapping(make(**{key: value})).fields["origin_id"] for value in keys)
    if keys[0].strip() != keys[1].strip():
        assert left is None or left != right
    else:
        assert left == right


@given(phase_codes, phase_codes)
def test_cost_codes_stay_apart(left: str, right: str) -> None:
    """Within a job, phases and the codes above them share neither path nor origin id."""
    found = [
        item
        for code in {left, right}
        for phase in [a_phase(phase_code=code)]
        for item in [
            phase_to_cost_code(phase, DEEP, company_code="ABC"),
            *phase_parents(phase, DEEP, company_code="ABC"),
        ]
    ]
    by_path = {item.path: item.fields["origin_id"] for item in found}
    assert len(set(by_path.values())) == len(by_path)
    assert all(by_path[item.path] == item.fields["origin_id"] for item in found)


@given(st.text(min_size=1, max_size=300))
def test_nothing_is_cut(text: str) -> None:
    """Names and descriptions keep every character but white space."""
    words = text.split()
    vendor, job = a_vendor(name=text), a_job(job_description=text)
    for mapped in (to_company(vendor), to_project(job)):
        if words:
            assert str(mapped.fields["name"]).split() == words


@given(st.permutations([a_phase(cost_type=kind, description="xy"[kind > "B"]) for kind in "ABCD"]))
def test_descriptions_do_not_depend_on_order(rows: list[Phase]) -> None:
    """Whichever row comes first, the phase has the same name."""
    mapped = phase_to_cost_code(rows[0], MASK, company_code="ABC", siblings=rows)
    assert mapped.fields["name"] == "x"
    assert len(mapped.notes) == 1


@given(any_vendor)
def test_one_key_set(vendor: Vendor) -> None:
    """Every vendor gives the same keys, so that records can be compared field by field."""
    assert to_company(vendor).fields.keys() == to_company(a_vendor()).fields.keys()


# ---------------------------------------------------------------- vendors


def test_vendor() -> None:
    """An ordinary vendor, field by field."""
    mapped = to_company(a_vendor())
    assert mapped.ok
    assert mapped.fields == {
        "name": "Acme Concrete, Inc.",
        "address": "12 North Main Street, Suite 4",
        "city": "Portland",
        "state_code": "OR",
        "zip": "97201-1234",
        "country_code": "US",
        "business_phone": "5035550142",
        "email_address": "Office@Acme.example",
        "is_active": True,
        "origin_id": "spectrum:ABC:vendor:ACME01",
        "origin_code": "ACME01",
    }


def test_vendor_without_anything() -> None:
    """Blank texts become None, and what must be there is reported together."""
    mapped = to_company(Vendor(vendor_code=" "))
    assert codes(mapped) == [("required", "name"), ("required", "origin_code")]
    present = {name for name, value in mapped.fields.items() if value is not None}
    assert present == {"country_code", "is_active"}


def test_one_address_line() -> None:
    """A blank second line leaves no trace; the join is a setting."""
    assert to_company(a_vendor(address_2=" ")).fields["address"] == "12 North Main Street"
    settings = VendorMapping(place=PlaceMapping(address_join="\n"))
    joined = to_company(a_vendor(), settings).fields["address"]
    assert joined == "12 North Main Street\nSuite 4"


def test_state_of_another_country() -> None:
    """A state that the country does not have is reported before Procore refuses it."""
    assert codes(to_company(a_vendor(state="on"))) == [("unknown-state", "state_code")]
    settings = VendorMapping(place=PlaceMapping(countries_by_state={"ON": "ca"}))
    mapped = to_company(a_vendor(state="on"), settings)
    assert mapped.ok
    assert (mapped.fields["state_code"], mapped.fields["country_code"]) == ("ON", "CA")


def test_state_of_an_unlisted_country() -> None:
    """States of other countries are not judged."""
    settings = VendorMapping(place=PlaceMapping(country_code="AU"))
    assert to_company(a_vendor(state="XX"), settings).ok


def test_unusable_email() -> None:
    """By default it holds the vendor; it can be left out with a note instead."""
    vendor = a_vendor(email="see website")
    assert codes(to_company(vendor)) == [("invalid-email", "email_address")]
    mapped = to_company(vendor, VendorMapping(unusable_email="leave_out"))
    assert mapped.ok
    assert mapped.fields["email_address"] is None
    assert [note.code for note in mapped.notes] == ["invalid-email"]


def test_unprintable_name() -> None:
    """A control character is reported with its field."""
    assert codes(to_company(a_vendor(name="Ac\x00me"))) == [("unprintable", "name")]


def test_fields_are_read_only() -> None:
    """A result cannot be changed by accident."""
    with pytest.raises(TypeError):
        to_company(a_vendor()).fields["name"] = "x"


@pytest.mark.parametrize("record", [a_vendor(name=5), a_vendor(vendor_code=5), a_vendor(city=5)])
def test_vendor_of_wrong_types(record: Vendor) -> None:
    """A number where text belongs is refused with our own error."""
    with pytest.raises(InvalidValueError):
        to_company(record)


# ---------------------------------------------------------------- jobs


def test_job() -> None:
    """An ordinary job, field by field, with the default settings."""
    mapped = to_project(a_job())
    assert mapped.ok
    assert mapped.notes == ()
    assert mapped.fields == {
        "name": "Harbor Warehouse",
        "project_number": "24-101",
        "address": "1 Quay Road",
        "city": "Portland",
        "state_code": "OR",
        "zip": "97201",
        "country_code": "US",
        "start_date": date(2026, 2, 2),
        "completion_date": date(2026, 11, 15),
        "active": True,
        "origin_id": "spectrum:ABC:job:24-101",
    }


def test_job_with_every_setting() -> None:
    """Settings add fields of their own."""
    settings = JobMapping(
        start_dates=("est_start_date",),
        completion_dates=("complete_date",),
        active_by_status={"A": False},
        stage_ids={"A": 12},
        contract_field="total_value",
        template_id=99,
        time_zone="US/Pacific",
    )
    fields = to_project(a_job(), settings).fields
    assert fields["start_date"] == date(2026, 1, 5)
    assert fields["completion_date"] is None
    assert fields["active"] is False
    assert fields["project_stage_id"] == 12
    assert fields["total_value"] == Decimal("1250000.50")
    assert fields["project_template_id"] == 99
    assert fields["time_zone"] == "US/Pacific"


def test_job_without_description() -> None:
    """Such a project is called by its number."""
    assert to_project(a_job(job_description="  ")).fields["name"] == "24-101"


def test_job_without_number() -> None:
    """Without a number there is no key."""
    mapped = to_project(a_job(job_number="", job_description=None))
    assert codes(mapped) == [("required", "project_number")]
    assert mapped.fields["origin_id"] is mapped.fields["name"] is None


@pytest.mark.parametrize(("status", "active"), [("A", True), ("I", False), ("C", False)])
def test_job_status(status: str, active: object) -> None:
    """By default only active jobs are active projects."""
    assert to_project(a_job(status_code=status)).fields["active"] is active


@pytest.mark.parametrize("status", ["X", "", None])
def test_unknown_job_status(status: str | None) -> None:
    """A status outside the table is never guessed."""
    mapped = to_project(a_job(status_code=status))
    assert codes(mapped) == [("unknown-status", "active")]
    assert mapped.fields["active"] is None


def test_stage_only_by_table() -> None:
    """A status without a stage leaves the stage alone."""
    fields = to_project(a_job(status_code="I"), JobMapping(stage_ids={"A": 12})).fields
    assert "project_stage_id" not in fields


def test_reversed_dates_are_noted() -> None:
    """A completion before the start is shown, and stops nothing."""
    mapped = to_project(a_job(projected_complete_date=date(2025, 1, 1)))
    assert mapped.ok
    assert [note.code for note in mapped.notes] == ["dates-reversed"]


def test_unknown_date_setting() -> None:
    """A misspelled date is a configuration error that lists the right ones."""
    with pytest.raises(ConfigurationError, match="est_start_date"):
        JobMapping(start_dates=("begin",))


def test_unknown_words_in_settings() -> None:
    """A misspelled word never falls back to a default in silence."""
    with pytest.raises(ConfigurationError, match="total_value"):
        JobMapping(contract_field="value")
    with pytest.raises(ConfigurationError, match="leave_out"):
        VendorMapping(unusable_email="drop")


def test_amount_that_is_no_number() -> None:
    """NaN is not sent."""
    mapped = to_project(
        a_job(original_contract=Decimal("NaN")), JobMapping(contract_field="estimated_value")
    )
    assert codes(mapped) == [("not-a-number", "estimated_value")]


# ---------------------------------------------------------------- phases


def test_cost_code() -> None:
    """The code is the last segment; the path holds all."""
    mapped = phase_to_cost_code(a_phase(), MASK, company_code="ABC")
    assert mapped.ok
    assert mapped.path == ("03", "1000")
    assert mapped.fields == {
        "code": "1000",
        "name": "Concrete forming",
        "origin_id": "spectrum:ABC:cost_code:24-101:031000",
    }


def test_cost_code_without_description() -> None:
    """It is called by its code, as the mask shows it."""
    mapped = phase_to_cost_code(a_phase(description=""), MASK, company_code="ABC")
    assert mapped.fields["name"] == "03-1000"


def test_phase_outside_the_mask() -> None:
    """It keeps its whole code, has no path, and says why."""
    phase = a_phase(phase_code="03-100", job_number="")
    mapped = phase_to_cost_code(phase, MASK, company_code="ABC")
    assert codes(mapped) == [("phase-dashes", "phase_code"), ("required", "job_number")]
    assert (mapped.path, mapped.fields["code"]) == ((), "03-100")
    assert phase_parents(phase, MASK, company_code="ABC") == ()


def test_most_frequent_description() -> None:
    """Where cost types disagree, the majority wins, and a note says so."""
    rows = [a_phase(cost_type="M", description="Forms"), a_phase(cost_type="S", description=" ")]
    rows += [a_phase(cost_type="E", description="Forms"), a_phase(phase_code="031001")]
    mapped = phase_to_cost_code(a_phase(), MASK, company_code="ABC", siblings=rows)
    assert mapped.ok
    assert mapped.fields["name"] == "Forms"
    assert "not 'Concrete forming'" in mapped.notes[0].message


def test_agreeing_descriptions() -> None:
    """White space and other phases are no disagreement."""
    rows = [a_phase(cost_type="M", description="Concrete  forming"), a_phase(job_number="9")]
    mapped = phase_to_cost_code(a_phase(), MASK, company_code="ABC", siblings=rows)
    assert mapped.notes == ()


def test_parents() -> None:
    """Codes above a phase come from the top down, with names from the settings."""
    settings = CostCodeMapping(division_names={"03": " Concrete "})
    parents = phase_parents(a_phase(), DEEP, company_code="ABC", settings=settings)
    assert [parent.path for parent in parents] == [("03",), ("03", "10")]
    assert [dict(parent.fields) for parent in parents] == [
        {"code": "03", "name": "Concrete", "origin_id": "spectrum:ABC:division:24-101:03"},
        {"code": "10", "name": "Level 2 03-10", "origin_id": "spectrum:ABC:division:24-101:0310"},
    ]


def test_parents_without_job() -> None:
    """A parent needs the job for its key too."""
    (parent,) = phase_parents(a_phase(job_number=" "), MASK, company_code="ABC")
    assert codes(parent) == [("required", "job_number")]
    assert parent.fields["name"] == "Division 03"


def test_flat_mask() -> None:
    """With one segment there is nothing above a phase."""
    flat = PhaseMask.parse("######")
    assert phase_parents(a_phase(), flat, company_code="ABC") == ()
    assert phase_to_cost_code(a_phase(), flat, company_code="ABC").path == ("031000",)


def test_wbs_code() -> None:
    """A row is a budget code of cost code and category."""
    mapped = phase_to_wbs_code(a_phase(), MASK)
    assert mapped.ok
    assert mapped.fields == {
        "cost_code": ("03", "1000"),
        "line_item_type": "LAB",
        "description": "Concrete forming",
        "status": "active",
    }


def test_wbs_code_status() -> None:
    """The status follows the table, and is never guessed."""
    closed = phase_to_wbs_code(a_phase(status_code="C"), MASK)
    assert closed.fields["status"] == "inactive"
    kept = WbsCodeMapping(active_by_status={"C": True})
    assert phase_to_wbs_code(a_phase(status_code="C"), MASK, settings=kept).ok
    unknown = phase_to_wbs_code(a_phase(status_code=None), MASK)
    assert codes(unknown) == [("unknown-status", "status")]


def test_wbs_code_with_every_fault() -> None:
    """All faults come together."""
    mapped = phase_to_wbs_code(a_phase(phase_code="1", cost_type="", description="\x00"), MASK)
    assert codes(mapped) == [
        ("phase-length", "phase_code"),
        ("required", "line_item_type"),
        ("unprintable", "description"),
    ]


# ---------------------------------------------------------------- cost types


def test_category() -> None:
    """A cost type of the table."""
    mapped = to_category(" M ")
    assert mapped.ok
    assert mapped.notes == ()
    assert mapped.fields == {
        "name": "Materials",
        "csv_import_code": "M",
        "base_type": "materials",
        "origin_id": "spectrum:ABC:cost_type:M",
    }


def test_labor_is_replaced() -> None:
    """Sync takes no labor: the replacement is noted and can be chosen."""
    mapped = to_category("LAB")
    assert mapped.ok
    assert mapped.fields["base_type"] == "other"
    assert [note.code for note in mapped.notes] == ["labor-replaced"]
    table = attrs.evolve(TABLE, labor_as="professional_services")
    assert to_category("LAB", table).fields["base_type"] == "professional_services"


def test_unknown_cost_type() -> None:
    """What is not in the table is reported with what to do; case matters."""
    mapped = to_category("lab")
    assert codes(mapped) == [("unknown-cost-type", "csv_import_code")]
    assert "configuration" in mapped.violations[0].hint
    assert mapped.fields["base_type"] is None


@pytest.mark.parametrize("code", ["", "LABO", "L-1", "É"])
def test_bad_cost_type_in_table(code: str) -> None:
    """A cost type has one to three letters or digits."""
    with pytest.raises(ConfigurationError):
        CostTypeEntry(code=code, name="x")


def test_bad_tables() -> None:
    """Base types, names and codes of a table are checked when it is made."""
    with pytest.raises(ConfigurationError, match="owner_cost"):
        CostTypeEntry(code="L", name="x", base_type="labour")
    with pytest.raises(ConfigurationError, match="name"):
        CostTypeEntry(code="L", name=" ")
    with pytest.raises(ConfigurationError, match="labor"):
        CostTypeTable(entries=(), labor_as="labor")
    with pytest.raises(ConfigurationError, match="more than once: M"):
        CostTypeTable(entries=[CostTypeEntry(code="M", name=name) for name in "ab"])
