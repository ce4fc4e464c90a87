"""The models: their facts, and how the parts of a job are joined."""

import attrs
import pytest

from procore_spectrum.models import spectrum
from procore_spectrum.models.about import fields_of

MODELS = [getattr(spectrum, name) for name in spectrum.__all__ if name[0].isupper()]


@pytest.mark.parametrize("model", MODELS)
def test_every_field_says_what_it_means(model):
    """Each field has a meaning, and a name on the wire except for the client's own notes."""
    for field in fields_of(model):
        assert field.about.meaning
        assert field.about.wire or field.name == "services"


@pytest.mark.parametrize("model", MODELS)
def test_names_on_the_wire_are_unique(model):
    """No two fields of a model share an element."""
    names = [field.wire for field in fields_of(model)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("model", MODELS)
def test_models_are_frozen(model):
    """A record cannot be changed after it was read."""
    assert attrs.has(model)
    with pytest.raises(attrs.exceptions.FrozenError):
        model.__setattr__(object.__new__(model), "job_number", "x")


@pytest.mark.parametrize("model", MODELS)
def test_required_fields_have_no_default(model):
    """What Spectrum demands must be given."""
    defaults = {field.name: field.default for field in attrs.fields(model)}
    for field in fields_of(model):
        if field.about.required:
            assert defaults[field.name] is attrs.NOTHING


@pytest.mark.parametrize("name", ["Job_Number", "Phase_Code", "Cost_Type"])
def test_limits_agree_between_reading_and_writing_a_phase(name):
    """A key that was read can be written."""
    read, write = (
        {field.wire: field.about.length for field in fields_of(model)}
        for model in (spectrum.Phase, spectrum.PhaseUpsert)
    )
    assert read[name] == write[name]


def test_jobs_sort_right_justified():
    """Shorter numbers come first, as Spectrum lists them."""
    numbers = ["11-111A10", "11-111A1", "99-999"]
    assert sorted(numbers, key=spectrum.job_sort_key) == ["99-999", "11-111A1", "11-111A10"]


def test_parts_of_a_job_are_joined():
    """Each service adds its fields; GetJobMain has the last word."""
    parts = [
        spectrum.Job(
            job_number="1", contract_number="LONG-CONTRACT-NUMBER", services=("GetJobMain",)
        ),
        spectrum.Job(
            job_number="1", contract_number="LONG-CONTRACT-N", estimator="", services=("GetJob",)
        ),
        spectrum.Job(job_number="1", dates_free_fields=("x",), services=("GetJobDates",)),
    ]
    (job,) = spectrum.merge_jobs(parts)
    assert job.contract_number == "LONG-CONTRACT-NUMBER"
    assert job.estimator == ""
    assert job.dates_free_fields == ("x",)
    assert job.services == ("GetJob", "GetJobDates", "GetJobMain")


def test_a_job_of_one_service_keeps_none_elsewhere():
    """What was not asked stays unknown, and jobs come in Spectrum's order."""
    jobs = spectrum.merge_jobs(
        [
            spectrum.Job(job_number="100", city="", services=("GetJob",)),
            spectrum.Job(job_number="99", services=("Other",)),
        ]
    )
    assert [job.job_number for job in jobs] == ["99", "100"]
    assert jobs[1].phone is None
    assert jobs[1].services == ("GetJob",)
