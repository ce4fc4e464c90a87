"""Job costs of a whole company: only what has to be sent is sent, and it adds up."""

from __future__ import annotations

import pytest

from procore_spectrum.testing import bench_job_costs
from procore_spectrum.testing.bench_job_costs import JobCostsMeasured, measure_job_costs


@pytest.fixture(scope="module")
def found() -> JobCostsMeasured:
    """Three runs on size S."""
    return measure_job_costs("S")


def test_both_systems_agree_to_the_cent(found: JobCostsMeasured) -> None:
    """For each phase and cost type of each job, after three runs."""
    assert found.agrees
    assert found.pairs > 100


@pytest.mark.parametrize("name", ["first", "changed", "idle"])
def test_a_run_writes_just_what_changed(found: JobCostsMeasured, name: str) -> None:
    """Each changed line once, in as few requests as there can be."""
    run = getattr(found, name)
    assert run.exact
    sent = {term.label: (term.sent, term.fewest) for term in run.terms}
    # How many rows a job has is not known beforehand, so GetPhase asks for each job.
    assert sent.pop("GetPhase")[0] == 7
    assert all(number == fewest for number, fewest in sent.values())


def test_the_runs_differ_as_they_should(found: JobCostsMeasured) -> None:
    """Everything, then one pair of a hundred, then nothing."""
    wanted = [sum(run.wanted.values()) for run in (found.first, found.changed, found.idle)]
    assert wanted == [found.pairs, 2, 0]


def test_the_command_tells_all_of_it(
    found: JobCostsMeasured, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table for each run; the exit status says whether the figures are good."""
    monkeypatch.setattr(bench_job_costs, "measure_job_costs", lambda *_args, **_more: found)
    assert bench_job_costs.main([]) == (0 if found.good else 1)
    text = capsys.readouterr().out
    assert "wrote 2 lines of 2 that had to be, in 2 requests" in text
    assert "agree: yes" in text
