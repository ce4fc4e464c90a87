"""Phases become cost codes, cost types become categories, their pairs become budget codes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_contractor import Contractor, held, of_kind, only

from procore_spectrum.mapping import (
    CostCodeMapping,
    CostTypeEntry,
    CostTypeTable,
    WbsCodeMapping,
)
from procore_spectrum.plan.operations import Deactivate, Link, Update
from procore_spectrum.plan.records import Ref


@pytest.fixture
def pair() -> Contractor:
    """A contractor with one new job and one phase that has two cost types."""
    found = Contractor()
    found.job()
    found.phase("031000", "L")
    found.phase("031000", "M")
    return found


def codes(pair: Contractor) -> list[str]:
    """The full cost codes of all projects."""
    return sorted(row["full_code"] for row in pair.table("cost_codes"))


def statuses(pair: Contractor) -> list[str]:
    """The status of every budget code, in order of creation."""
    return [row["status"] for row in pair.table("wbs_codes")]


# ---------------------------------------------------------------- masks


@pytest.mark.parametrize(
    ("mask", "phase", "expected"),
    [
        ("######", "031000", ["031000"]),
        ("##-####", "031000", ["03", "03-1000"]),
        ("##-##-##", "031000", ["03", "03-10", "03-10-00"]),
        ("AA-X##", "EL7B1"[:2] + "712", ["EL", "EL-712"]),
    ],
)
def test_a_mask_makes_parents_and_children(mask: str, phase: str, expected: list[str]) -> None:
    """Each segment is a level of Procore's tree."""
    pair = Contractor(mask=mask)
    pair.job()
    pair.phase(phase)
    pair.run()
    assert codes(pair) == expected
    assert pair.plan().is_empty


def test_a_code_hangs_below_its_division(pair: Contractor) -> None:
    """Only the last segment is the code of the child."""
    pair.run()
    parent = pair.row("cost_codes", full_code="03")
    child = pair.row("cost_codes", full_code="03-1000")
    assert (child["code"], child["parent_id"]) == ("1000", parent["id"])
    assert child["name"] == "Concrete"


def test_divisions_have_the_names_of_the_settings(pair: Contractor) -> None:
    """Spectrum has no names for them, so people give them."""
    pair.codes_by(names=CostCodeMapping(division_names={"03": "Structure"}))
    pair.run()
    assert pair.row("cost_codes", full_code="03")["name"] == "Structure"


def test_a_division_may_be_renamed_in_procore(pair: Contractor) -> None:
    """Its name is our proposal only."""
    pair.run()
    pair.edit_code("03", name="Structural works")
    assert not pair.plan().operations


@pytest.mark.parametrize("phase", ["03100", "0310000", "03A000"])
def test_a_phase_that_does_not_fit_is_held_and_never_cut(pair: Contractor, phase: str) -> None:
    """Codes that do not match the mask are shown in full, and nothing is written for them."""
    pair.phase(phase)
    plan = pair.plan()
    code = next(op for op in plan.held if op.ref.kind == "cost_code")
    assert code.ref.key == f"25-0101/{phase}?"
    assert (code.code, bool(code.violations[0].hint)) == ("preflight", True)
    pair.run()
    assert codes(pair) == ["03", "03-1000"]


def test_a_short_phase_is_not_taken_for_a_division(pair: Contractor) -> None:
    """A phase that is spelled like a division does not hold the division back."""
    pair.phase("03")
    pair.run()
    assert codes(pair) == ["03", "03-1000"]
    assert {op.ref.key for op in pair.plan().held} == {"25-0101/03?", "25-0101/03?/L"}


def test_a_phase_spelled_with_dashes_is_read_without(pair: Contractor) -> None:
    """Spectrum stores phases without dashes, but may show them with."""
    pair.phase("04-2000", "S", "Masonry")
    pair.run()
    assert codes(pair) == ["03", "03-1000", "04", "04-2000"]
    assert not pair.plan().operations


def test_phases_that_differ_in_case_only_are_held() -> None:
    """Procore would take one for the other."""
    pair = Contractor(mask="AA")
    pair.job()
    pair.phase("ab")
    pair.phase("AB")
    pair.phase("CD")
    pair.run()
    assert codes(pair) == ["CD"]
    found = [op for op in pair.plan().held if op.ref.kind == "cost_code"]
    assert [v.code for op in found for v in op.violations] == ["colliding-codes"] * 2


def test_an_unconfigured_cost_type_is_held(pair: Contractor) -> None:
    """A cost type that nobody described waits, with its budget codes and nothing else."""
    pair.phase("031000", "Q")
    pair.run()
    plan = pair.plan()
    assert held(plan, "Q").violations[0].code == "unknown-cost-type"
    assert held(plan, "25-0101/03-1000/Q").violations[0].path == "line_item_type"
    assert len(pair.table("wbs_codes")) == 2


def test_configuring_the_cost_type_releases_it(pair: Contractor) -> None:
    """Nothing else has to be done."""
    pair.phase("031000", "Q")
    pair.run()
    known = pair.settings.cost_codes.cost_types.entries
    pair.codes_by(cost_types=CostTypeTable(entries=(*known, CostTypeEntry(code="Q", name="Q"))))
    pair.run()
    assert len(pair.table("wbs_codes")) == 3
    assert not pair.plan().operations


# ---------------------------------------------------------------- later changes


def test_a_renamed_phase_flows(pair: Contractor) -> None:
    """To the cost code and to its budget codes."""
    pair.run()
    pair.phase("031000", "L", "Cast concrete")
    pair.run()
    assert pair.row("cost_codes", full_code="03-1000")["name"] == "Cast concrete"
    assert {row["description"] for row in pair.table("wbs_codes")} == {"Cast concrete"}
    assert not pair.plan().operations


def test_a_code_renamed_in_procore_is_put_back(pair: Contractor) -> None:
    """Spectrum owns the description."""
    pair.run()
    pair.edit_code("03-1000", name="Something else")
    pair.run()
    assert pair.row("cost_codes", full_code="03-1000")["name"] == "Concrete"


def test_a_new_cost_type_on_an_existing_phase(pair: Contractor) -> None:
    """One budget code more, and nothing else."""
    pair.run()
    pair.phase("031000", "S")
    created = only(pair.plan().operations)
    assert (created.verb, created.ref.key) == ("create", "25-0101/03-1000/S")
    pair.run()
    assert not pair.plan().operations


def test_a_new_phase_on_a_linked_job(pair: Contractor) -> None:
    """A code below an existing division, with its budget code and its standard code."""
    pair.run()
    pair.phase("032000", "L", "Rebar")
    assert [op.ref.kind for op in pair.plan().operations] == [
        "standard_cost_code",
        "cost_code",
        "wbs_code",
    ]
    pair.run()
    assert not pair.plan().operations


@pytest.mark.parametrize("status", ["I", "C"])
def test_a_pair_that_is_switched_off_in_spectrum(pair: Contractor, status: str) -> None:
    """Inactive and complete pairs switch their budget code off, and come to rest."""
    pair.run()
    pair.phase("031000", "M", Status_Code=status)
    operation = only(pair.plan().operations)
    assert isinstance(operation, Deactivate)
    pair.run()
    assert statuses(pair) == ["active", "inactive"]
    assert not pair.plan().operations


def test_a_whole_phase_that_is_complete(pair: Contractor) -> None:
    """All its budget codes are switched off; the cost code stays."""
    pair.run()
    for cost_type in ("L", "M"):
        pair.phase("031000", cost_type, Status_Code="C")
    pair.run()
    assert statuses(pair) == ["inactive", "inactive"]
    assert not pair.plan().operations


def test_a_pair_that_comes_back(pair: Contractor) -> None:
    """What Spectrum switched off, Spectrum switches on again."""
    pair.run()
    pair.phase("031000", "M", Status_Code="C")
    pair.run()
    pair.phase("031000", "M")
    assert isinstance(only(pair.plan().operations), Update)
    pair.run()
    assert statuses(pair) == ["active", "active"]
    assert not pair.plan().operations


def test_a_pair_that_was_never_active_makes_no_budget_code(pair: Contractor) -> None:
    """Procore cannot create a budget code that is switched off."""
    pair.phase("042000", "S", "Masonry", Status_Code="I")
    pair.run()
    assert len(pair.table("wbs_codes")) == 2
    assert not pair.plan().operations


def test_which_statuses_are_active_is_a_choice(pair: Contractor) -> None:
    """A company may keep budget codes of inactive pairs open."""
    pair.codes_by(budget_codes=WbsCodeMapping(active_by_status={"A": True, "I": True, "C": False}))
    pair.phase("042000", "S", "Masonry", Status_Code="I")
    pair.run()
    assert statuses(pair) == ["active"] * 3


def test_a_pair_that_was_deleted_in_spectrum_is_held(pair: Contractor) -> None:
    """Nothing is switched off because a record vanished."""
    pair.run()
    of_job = pair.spectrum._companies["ABC"].phases_of("25-0101")
    of_job.pairs.pop(("031000", "M"))
    of_job.put(of_job.pairs["031000", "L"])
    assert held(pair.plan(), "25-0101/03-1000/M").code == "absent"


def test_cost_never_reaches_procore_here(pair: Contractor) -> None:
    """Job cost is no part of a cost code; it plans nothing."""
    pair.run()
    pair.spectrum.set_cost("25-0101", "031000", "L", dollars=Decimal("99.95"))
    assert not pair.plan().operations


# ---------------------------------------------------------------- the company's lists


def test_the_standard_list_is_created_when_there_is_none(pair: Contractor) -> None:
    """By the name in the settings, and filled."""
    pair.codes_by(standard_list="Our codes")
    pair.run()
    assert [row["name"] for row in pair.table("standard_cost_code_lists")] == ["Our codes"]
    assert [row["code"] for row in pair.table("standard_cost_codes")] == ["03", "1000"]


def test_the_erp_list_is_preferred(pair: Contractor) -> None:
    """Procore's own list for ERP codes is used, also beside one of our name."""
    pair.procore.add_standard_cost_code_list(name="Spectrum Standard Cost Codes")
    erp = pair.procore.add_standard_cost_code_list(name="ERP", is_erp_list=True)
    pair.run()
    assert {row["standard_cost_code_list_id"] for row in pair.table("standard_cost_codes")} == {
        erp["id"]
    }
    assert len(pair.table("standard_cost_code_lists")) == 2
    assert not pair.plan().operations


def test_the_standard_list_can_be_left_alone(pair: Contractor) -> None:
    """Some companies keep it by hand."""
    pair.codes_by(fill_standard_list=False)
    pair.run()
    assert not pair.table("standard_cost_code_lists")


def test_existing_standard_codes_are_linked(pair: Contractor) -> None:
    """By their place in the tree; a name that differs stays Procore's."""
    shelf = pair.procore.add_standard_cost_code_list(name="ERP", is_erp_list=True)
    pair.procore.add_standard_cost_code(list_id=shelf["id"], code="03", name="Concrete works")
    pair.run()
    names = {row["code"]: row["name"] for row in pair.table("standard_cost_codes")}
    assert names == {"03": "Concrete works", "1000": "Concrete"}
    assert not pair.plan().operations


def test_the_most_frequent_description_names_the_standard_code(pair: Contractor) -> None:
    """Jobs may disagree; the company's list takes the majority."""
    for number, name in (("25-0102", "Slabs"), ("25-0103", "Slabs")):
        pair.job(number, f"Job {number}")
        pair.phase("031000", name=name, job=number)
    pair.phase("031000", "L", "Concrete")
    pair.run()
    assert pair.row("standard_cost_codes", code="1000")["name"] in {"Slabs", "Concrete"}
    assert not pair.plan().operations


def test_existing_categories_are_linked_by_code(pair: Contractor) -> None:
    """A category that people made with the code of the cost type is used, not duplicated."""
    made = pair.procore.add_line_item_type(code="L", name="Labour", base_type="labor")
    plan = pair.plan()
    (link,) = [op for op in of_kind(plan, "line_item_type") if op.ref.key == "L"]
    assert isinstance(link, Link)
    assert link.target_id == str(made["id"])
    pair.run()
    row = pair.row("line_item_types", code="L")
    assert (row["id"], row["name"]) == (made["id"], "Labour")
    assert not pair.plan().operations


# ---------------------------------------------------------------- existing projects


def test_an_existing_project_with_codes_is_filled_up(pair: Contractor) -> None:
    """Codes that are there are linked by their place, the missing ones are made."""
    project = pair.procore.add_project(name="City Hall", project_number="25-0101")
    made = pair.procore.add_cost_code(project_id=project["id"], code="03", name="Concrete works")
    pair.procore.add_cost_code(project_id=project["id"], code="77", name="Ours alone")
    pair.syncer.link(Ref("project", "25-0101"), str(project["id"]))
    pair.run()
    plan = pair.plan()
    assert plan.is_empty, plan.render()
    assert codes(pair) == ["03", "03-1000", "77"]
    assert pair.row("cost_codes", full_code="03")["id"] == made["id"]


def test_an_existing_code_with_another_name_waits(pair: Contractor) -> None:
    """Its values are compared and shown; nothing is overwritten without a person."""
    project = pair.procore.add_project(name="City Hall", project_number="25-0101")
    parent = pair.procore.add_cost_code(project_id=project["id"], code="03", name="Division 03")
    pair.procore.add_cost_code(
        project_id=project["id"], code="1000", name="Formwork", parent_id=parent["id"]
    )
    pair.syncer.link(Ref("project", "25-0101"), str(project["id"]))
    plan = pair.plan()
    found = held(plan, "25-0101/03-1000", "cost_code")
    assert (found.code, found.changes[0].target) == ("adopt", "Formwork")
    assert held(plan, "25-0101/03-1000/L").message == "cost code 25-0101/03-1000 is held"
    pair.run()


def test_what_hangs_below_a_held_code_waits(pair: Contractor) -> None:
    """Nothing is sent that cannot succeed: children wait for their parent, pairs for both."""
    project = pair.procore.add_project(name="City Hall", project_number="25-0101")
    key = "spectrum:ABC:division:25-0101:03"
    for code, origin in (("03", None), ("99", key)):
        pair.procore.add_cost_code(
            project_id=project["id"], code=code, name="Division 03", origin_id=origin
        )
    pair.syncer.link(Ref("project", "25-0101"), str(project["id"]))
    assert held(pair.plan("jobs", "cost_codes"), "25-0101/03", "cost_code").code == "key-twice"
    pair.run()
    waiting = [op for op in pair.plan().held if op.code == "waits"]
    assert [op.ref.key for op in waiting] == [
        "25-0101/03-1000",
        "25-0101/03-1000/L",
        "25-0101/03-1000/M",
    ]


def test_codes_alone_need_projects_first(pair: Contractor) -> None:
    """Without its project no code is planned; afterwards the feature runs alone."""
    assert [op.ref.kind for op in pair.plan("cost_codes").operations] == ["line_item_type"] * 3 + [
        "standard_cost_code_list"
    ]
    pair.run("jobs")
    pair.run("cost_codes")
    assert codes(pair) == ["03", "03-1000"]


def test_two_jobs_with_the_same_phases(pair: Contractor) -> None:
    """Each project has codes of its own."""
    pair.job("25-0102", "Library")
    pair.phase("031000", "L", job="25-0102")
    pair.run()
    assert codes(pair) == ["03", "03", "03-1000", "03-1000"]
    assert not pair.plan().operations


# ---------------------------------------------------------------- any phases

PHASES = st.lists(
    st.tuples(
        st.text("0123456789", min_size=5, max_size=7),
        st.sampled_from("LMSQ"),
        st.text("aBé &<\"'/%", max_size=12),
        st.sampled_from("AIC"),
    ),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(phases=PHASES)
def test_any_phases_settle_in_one_run(phases: list[tuple[str, str, str, str]]) -> None:
    """Whatever phases a job has, one run does all that can be done, and no code is cut."""
    pair = Contractor()
    pair.job()
    for code, cost_type, name, status in phases:
        pair.phase(code, cost_type, name, Status_Code=status)
    pair.run()
    plan = pair.plan()
    assert plan.is_empty, plan.render(limit=None)
    fitting = {code for code, *_ in phases if len(code) == 6}
    made = {row["full_code"].replace("-", "") for row in pair.table("cost_codes")}
    assert made <= fitting | {code[:2] for code in fitting}
