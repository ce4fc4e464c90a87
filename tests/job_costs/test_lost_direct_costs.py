"""What becomes of job costs that somebody deleted in Procore, and of links that are forgotten."""

from __future__ import annotations

import pytest
from costed_contractor import JOB, CostedContractor

from procore_spectrum import MemoryStore
from procore_spectrum.plan.records import Ref

LINE = Ref("direct_cost_line", f"{JOB}/03-1000/L")
HEADER = Ref("direct_cost", JOB)


@pytest.fixture
def pair() -> CostedContractor:
    """One job with three lines in Procore."""
    found = CostedContractor()
    found.job()
    found.cost("031000", "L", "1000.10")
    found.cost("031000", "M", "-3.05")
    found.cost("042000", "S", "20.00")
    found.all()
    return found


def delete(pair: CostedContractor, ref: Ref) -> None:
    """A person deletes what a record became."""
    kind = "direct_cost" if ref == HEADER else "direct_cost_line_item"
    (link,) = [row for row in pair.syncer.links(ref.kind) if row.ref == ref]
    pair.procore.remove(kind, int(link.target_id))


@pytest.mark.parametrize("ref", [HEADER, LINE], ids=["direct cost", "line"])
def test_what_was_deleted_is_held_and_comes_back_on_request(
    pair: CostedContractor, ref: Ref
) -> None:
    """Even where Procore keeps the origin ids of what is deleted; and more than once."""
    for _ in range(2):
        delete(pair, ref)
        (found,) = pair.plan("job_costs").held
        assert (found.ref, found.code) == (ref, "gone")
        pair.syncer.forget_link(ref, why="deleted by mistake")
        pair.run("job_costs")
        assert pair.procore_totals() == pair.spectrum_totals()
        assert pair.plan("job_costs").is_empty


def test_forgetting_a_direct_cost_forgets_its_lines(pair: CostedContractor) -> None:
    """They live and die with it."""
    forgotten = pair.syncer.forget_link(HEADER, why="try")
    assert len(forgotten) == 4
    assert not pair.syncer.links("direct_cost_line")


@pytest.mark.parametrize("ref", [HEADER, LINE], ids=["direct cost", "line"])
def test_what_is_still_there_is_found_again(pair: CostedContractor, ref: Ref) -> None:
    """By its number, its lines by their origin ids; nothing is written."""
    before = pair.table("direct_cost_line_items")
    pair.syncer.forget_link(ref, why="try")
    plan = pair.plan("job_costs")
    assert not plan.held
    assert not any(op.writes for op in plan.todo)
    assert pair.syncer.apply(plan).succeeded
    assert pair.table("direct_cost_line_items") == before
    assert pair.plan("job_costs").is_empty


def test_a_line_that_came_back_follows_spectrum(pair: CostedContractor) -> None:
    """Under its new origin id, also after its direct cost was forgotten once more."""
    delete(pair, LINE)
    pair.syncer.forget_link(LINE, why="deleted by mistake")
    pair.run("job_costs")
    pair.syncer.forget_link(HEADER, why="try")
    pair.cost("031000", "L", "7.77")
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_a_lost_store_is_made_up_for(pair: CostedContractor) -> None:
    """Everything is found by its key, and what changed meanwhile is written."""
    pair.store = MemoryStore()
    pair.cost("031000", "L", "1.11", quantity="4")
    (cost,) = pair.table("direct_costs")
    pair.procore.edit("direct_cost", cost["id"], status="draft")
    for row in pair.table("projects"):
        pair.syncer.link(Ref("project", row["project_number"]), str(row["id"]), why="known")
    pair.all()
    assert len(pair.table("direct_costs")) == 1
    assert len(pair.table("direct_cost_line_items")) == 3
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty
