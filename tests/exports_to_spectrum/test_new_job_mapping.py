"""A project as a new job: limits on both sides, the template job, every fault at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.mapping import JobExportMapping, project_to_job
from procore_spectrum.models.about import fields_of
from procore_spectrum.models.procore import Project
from procore_spectrum.models.spectrum import Job, JobCreate

LIMITS = [
    ("name", "job_description", 25),
    ("address", "address_1", 30),
    ("city", "city", 25),
    ("state_code", "state", 2),
    ("zip", "zip_code", 10),
]
SHORTENED = LIMITS[:3]
CHOSEN = JobExportMapping(template_job="T1", taxable="Y")
SHORTEN = attrs.evolve(CHOSEN, long_text="shorten")
TEMPLATE = Job(
    job_number="T1", division="1", cost_center="CC", customer_code="CITY", price_method_code="F"
)

anything = st.none() | st.text(st.characters(exclude_categories=()), max_size=40)
projects = st.builds(
    Project,
    id=st.just(1),
    name=anything,
    address=anything,
    city=anything,
    state_code=anything,
    zip=anything,
    phone=anything,
    start_date=st.none() | st.dates(),
    completion_date=st.none() | st.dates(),
)
templates = st.none() | st.builds(
    Job,
    job_number=st.just("T1"),
    division=anything,
    cost_center=anything,
    customer_code=anything,
    price_method_code=anything,
)
choices = st.builds(
    JobExportMapping,
    template_job=st.text(max_size=10),
    taxable=st.sampled_from(["Y", "N", ""]),
    long_text=st.sampled_from(["hold", "shorten"]),
)


def project(**fields: Any) -> Project:
    """A project that can be exported, but for the given fields."""
    return Project(id=1, **{"name": "Tower", **fields})


def faults(
    project: Project, template: Job | None = TEMPLATE, settings: JobExportMapping = CHOSEN
) -> list[tuple[str, str]]:
    """What is wrong: field and code."""
    found = project_to_job(project, template=template, settings=settings).violations
    return [(violation.path, violation.code) for violation in found]


@given(projects, templates, choices)
def test_every_project_has_an_answer(
    project: Project, template: Job | None, settings: JobExportMapping
) -> None:
    """Whatever stands in Procore: fields of the model, twice the same, and no exception."""
    found = project_to_job(project, template=template, settings=settings)
    assert found == project_to_job(project, template=template, settings=settings)
    assert set(found.fields) <= {info.name for info in fields_of(JobCreate)}


@given(projects, templates, choices)
def test_what_has_no_fault_can_be_sent(
    project: Project, template: Job | None, settings: JobExportMapping
) -> None:
    """Without a violation, limits are kept and what Spectrum demands is there."""
    found = project_to_job(project, template=template, settings=settings)
    if found.violations:
        return
    about = {info.name: info.about for info in fields_of(JobCreate)}
    for path, value in found.fields.items():
        assert not isinstance(value, str) or len(value) <= (about[path].length or len(value)), path
    for path in ("job_description", "division", "customer_code", "price_method_code"):
        assert found.fields[path], path
    assert found.fields["taxable_flag"] in {True, False}


@pytest.mark.parametrize(("source", "path", "limit"), LIMITS)
def test_the_longest_text_passes(source: str, path: str, limit: int) -> None:
    """Exactly as long as Spectrum takes it."""
    text = "x" * limit
    found = project_to_job(project(**{source: text}), template=TEMPLATE, settings=CHOSEN)
    assert found.fields[path] == text
    assert not found.violations


@pytest.mark.parametrize(("source", "path", "limit"), LIMITS)
def test_one_character_more_is_a_fault(source: str, path: str, limit: int) -> None:
    """And is told by the field that is too long."""
    assert faults(project(**{source: "x" * (limit + 1)})) == [(path, "too-long")]


@pytest.mark.parametrize(("source", "path", "limit"), SHORTENED)
def test_shortening_by_choice(source: str, path: str, limit: int) -> None:
    """Cut to the limit, without a blank at the end."""
    text = "x" * (limit - 1) + " yz"
    found = project_to_job(project(**{source: text}), template=TEMPLATE, settings=SHORTEN)
    assert found.fields[path] == "x" * (limit - 1)
    assert not found.violations


@pytest.mark.parametrize(("source", "path", "limit"), LIMITS[3:])
def test_codes_are_never_shortened(source: str, path: str, limit: int) -> None:
    """A state or a ZIP code is wrong when it is cut."""
    assert faults(project(**{source: "x" * (limit + 1)}), settings=SHORTEN) == [(path, "too-long")]


def test_the_template_gives_what_procore_does_not_know() -> None:
    """Division, cost centre, customer and price method."""
    found = project_to_job(project(), template=TEMPLATE, settings=CHOSEN).fields
    names = ("division", "cost_center", "customer_code", "price_method_code")
    assert [found[name] for name in names] == ["1", "CC", "CITY", "F"]


def test_a_missing_template_is_named() -> None:
    """The number that was looked for."""
    (fault,) = project_to_job(project(), template=None, settings=CHOSEN).violations
    assert (fault.path, fault.code) == ("template_job", "required")
    assert "T1" in fault.message


def test_a_template_that_was_not_chosen() -> None:
    """Nothing is invented when there are no settings at all."""
    found = project_to_job(project(), template=None).violations
    assert [(fault.path, fault.code) for fault in found] == [
        ("template_job", "required"),
        ("taxable_flag", "required"),
    ]
    assert "(none set)" in found[0].message


@pytest.mark.parametrize("name", ["division", "customer_code", "price_method_code"])
@pytest.mark.parametrize("value", [None, ""])
def test_an_incomplete_template(name: str, value: str | None) -> None:
    """Every field that it lacks is a fault of its own."""
    template: Any = attrs.evolve(TEMPLATE, **{name: value})
    assert faults(project(), template) == [(name, "required")]


def test_a_template_without_a_cost_centre_will_do() -> None:
    """Spectrum does not demand one."""
    assert faults(project(), attrs.evolve(TEMPLATE, cost_center=None)) == []


@pytest.mark.parametrize(("chosen", "sent"), [("Y", True), ("N", False)])
def test_taxable_as_chosen(chosen: Any, sent: object) -> None:
    """Spectrum demands it."""
    settings = attrs.evolve(CHOSEN, taxable=chosen)
    found = project_to_job(project(), template=TEMPLATE, settings=settings)
    assert found.fields["taxable_flag"] is sent


def test_taxable_has_to_be_chosen() -> None:
    """No service reads it from the template, so it is never guessed."""
    assert faults(project(), settings=attrs.evolve(CHOSEN, taxable="")) == [
        ("taxable_flag", "required")
    ]


def test_reversed_dates() -> None:
    """Completion before the start; the same day is possible."""
    start, end = date(2026, 3, 2), date(2026, 3, 1)
    assert faults(project(start_date=start, completion_date=end)) == [
        ("est_complete_date", "dates-reversed")
    ]
    assert faults(project(start_date=start, completion_date=start)) == []


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_name_is_needed(name: str | None) -> None:
    """Blank names are none."""
    assert faults(project(name=name)) == [("job_description", "required")]


def test_all_faults_together() -> None:
    """Whoever corrects the project is told once."""
    broken = project(
        name="x" * 26,
        address="x" * 31,
        state_code="IDA",
        start_date=date(2026, 3, 2),
        completion_date=date(2026, 3, 1),
    )
    incomplete = attrs.evolve(TEMPLATE, division=None, customer_code=None)
    assert sorted(faults(broken, incomplete, attrs.evolve(CHOSEN, taxable=""))) == [
        ("address_1", "too-long"),
        ("customer_code", "required"),
        ("division", "required"),
        ("est_complete_date", "dates-reversed"),
        ("job_description", "too-long"),
        ("state", "too-long"),
        ("taxable_flag", "required"),
    ]
