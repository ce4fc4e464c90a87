"""The reference company is deterministic, coherent, of the promised size, and fits Spectrum."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procore_spectrum.testing.fake_spectrum import FakeSpectrum
from procore_spectrum.testing.fake_spectrum.layouts import LAYOUTS
from procore_spectrum.testing.reference_company import ReferenceCompany, reference_company

SEEDS = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def medium() -> ReferenceCompany:
    """The company of size M, built once."""
    return reference_company("M", seed=3)


@given(SEEDS)
@settings(max_examples=15)
def test_same_seed_same_company(seed: int) -> None:
    """Equal for the same seed, different for the next."""
    assert reference_company("S", seed) == reference_company("S", seed)
    assert reference_company("S", seed).vendors != reference_company("S", seed + 1).vendors


@given(SEEDS)
@settings(max_examples=25)
def test_smallest_company_has_two_jobs_that_may_be_treated(seed: int) -> None:
    """Two jobs in work with four pairs or more each, and four vendors, one of them in Procore."""
    company = reference_company("XS", seed)
    assert [job.status for job in company.jobs] == ["A", "A"]
    assert min(Counter(phase.job_number for phase in company.phases).values()) >= 4
    assert (len(company.vendors), len(company.existing_procore_companies)) == (4, 1)


@given(SEEDS)
@settings(max_examples=25)
def test_small_company_is_exactly_six_jobs_and_forty_vendors(seed: int) -> None:
    """Whatever the seed."""
    company = reference_company("S", seed)
    assert (len(company.jobs), len(company.vendors)) == (6, 40)
    assert 50 <= len(company.phases) <= 250


def check_coherence(company: ReferenceCompany) -> None:
    """Keys are unique, references exist, dates and money make sense."""
    assert max(Counter(vendor.code for vendor in company.vendors).values()) == 1
    jobs = {job.number: job for job in company.jobs}
    assert len(jobs) == len(company.jobs)
    customers = {customer.code for customer in company.customers}
    for job in company.jobs:
        assert job.customer_code in customers
        assert not job.master_job or jobs[job.master_job].status != "C"
        assert job.est_start_date < job.est_complete_date
        assert not job.in_progress or job.create_date < company.connected_on
        assert (job.complete_date is not None) == (job.status == "C")
    cost_types = {cost_type.code for cost_type in company.cost_types}
    assert cost_types == set("LMSEO")
    keys = [(phase.job_number, phase.phase_code, phase.cost_type) for phase in company.phases]
    assert len(keys) == len(set(keys))
    descriptions: dict[str, set[str]] = defaultdict(set)
    spent: Counter[str] = Counter()
    for phase in company.phases:
        assert phase.job_number in jobs
        assert phase.cost_type in cost_types
        assert len(phase.phase_code) == 6
        assert phase.phase_code.isdigit()
        assert 0 < phase.original_cost <= phase.current_cost
        assert phase.original_cost.as_tuple().exponent == -2
        assert phase.jtd_cost.as_tuple().exponent == -2
        assert len(phase.description) <= 25
        descriptions[phase.phase_code].add(phase.description)
        spent[phase.job_number] += phase.jtd_cost > 0
    assert all(len(texts) == 1 for texts in descriptions.values())
    for job in company.jobs:
        assert (spent[job.number] > 0) == (job.create_date < company.connected_on)


@given(SEEDS)
@settings(max_examples=15)
def test_small_company_is_coherent(seed: int) -> None:
    """For any seed."""
    check_coherence(reference_company("S", seed))


def test_medium_company_is_coherent_and_of_the_promised_size(medium: ReferenceCompany) -> None:
    """100 jobs, 2,000 vendors, about 45,000 pairs, a tenth of the jobs above the row cap."""
    check_coherence(medium)
    assert (len(medium.jobs), len(medium.vendors)) == (100, 2_000)
    assert 43_000 <= len(medium.phases) <= 47_000
    pairs = Counter(phase.job_number for phase in medium.phases)
    assert 8 <= sum(count > 500 for count in pairs.values()) <= 12


def test_large_company_is_of_the_promised_size() -> None:
    """500 jobs, 10,000 vendors, about 250,000 pairs."""
    large = reference_company("L")
    assert (len(large.jobs), len(large.vendors)) == (500, 10_000)
    assert 240_000 <= len(large.phases) <= 260_000
    pairs = Counter(phase.job_number for phase in large.phases)
    assert 40 <= sum(count > 500 for count in pairs.values()) <= 60


def test_medium_company_is_built_quickly() -> None:
    """Some 0.3 s; the bound leaves room for a tracer on a busy machine."""
    started = time.perf_counter()
    reference_company("M")
    assert time.perf_counter() - started < 15


def test_every_text_fits_spectrum(medium: ReferenceCompany) -> None:
    """Each value passes the form checks of the service that would write it."""
    fake = FakeSpectrum()
    reference_company("S").load_into(fake)
    fits = {
        "vendors": {field.name: field for field in LAYOUTS["UpdateVendor"].inputs},
        "jobs": {field.name: field for field in LAYOUTS["UpdateJob"].inputs},
    }
    for table, fields in fits.items():
        for record in fake.state()["ABC"][table]:
            for element, text in record.items():
                if element in fields and fields[element].kind == "Text":
                    assert fields[element].accepts(text), (element, text)
    assert max(len(vendor.name) for vendor in medium.vendors) <= 30


def test_vendors_are_as_varied_as_real_ones(medium: ReferenceCompany) -> None:
    """Ampersands, legal forms, accents, near-duplicates, missing types; no commas."""
    names = [vendor.name for vendor in medium.vendors]
    assert not any("," in name for name in names)
    for piece in ("&", "Inc", "LLC"):
        assert any(piece in name for name in names)
    assert any(not name.isascii() for name in names)
    assert any(name != after and name[:8] == after[:8] for name, after in pairwise(names))
    assert {"", "SUB", "SUPP"} <= {vendor.vendor_type for vendor in medium.vendors}
    assert {bool(vendor.email) for vendor in medium.vendors} == {True, False}


def test_jobs_are_of_every_kind(medium: ReferenceCompany) -> None:
    """Statuses, lengths, masters, old and in progress; most were created after connecting."""
    for company in (medium, reference_company("S")):
        assert {job.status for job in company.jobs} == {"A", "I", "C"}
        assert len({len(job.number) for job in company.jobs}) >= 3
        assert any(job.master_job for job in company.jobs)
        assert any(job.in_progress for job in company.jobs)
        recent = sum(job.create_date > company.connected_on for job in company.jobs)
        assert recent > len(company.jobs) / 2
        assert company.jobs[0].number == "24-0101"


def test_procore_has_some_of_it_already() -> None:
    """The first vendors under other names, and a project with the first job's number."""
    company = reference_company("S")
    assert company.existing_procore_companies
    for existing, vendor in zip(company.existing_procore_companies, company.vendors, strict=False):
        assert existing["name"] != vendor.name
        assert existing["zip"] == vendor.zip_code
    (project,) = company.existing_procore_projects
    assert project["project_number"] == company.jobs[0].number


def test_loading_enters_everything() -> None:
    """A fake made from the company holds each record with its figures."""
    company = reference_company("S", seed=5)
    fake = FakeSpectrum.from_company(company, company_code="XYZ")
    state = fake.state()["XYZ"]
    for table in ("vendors", "customers", "jobs", "phases", "cost_types"):
        assert len(state[table]) == len(getattr(company, table))
    total = sum(Decimal(phase["current_est_cost"]) for phase in state["phases"])
    assert total == sum(phase.current_cost for phase in company.phases)
    spent = sum(Decimal(phase["jtd_actual_dollars"]) for phase in state["phases"])
    assert spent == sum(phase.jtd_cost for phase in company.phases)
