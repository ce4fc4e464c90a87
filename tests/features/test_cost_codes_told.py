"""What plans say about codes: remarks, another phase mask, and what is gone or blank in Procore."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import attrs
import pytest
from small_contractor import Contractor, held, only

from procore_spectrum.features.masked import is_shown_by
from procore_spectrum.mapping import (
    PhaseMask,
)
from procore_spectrum.plan.operations import Link
from procore_spectrum.wire.messages import Request, Response


@pytest.fixture
def pair() -> Contractor:
    """A contractor with one new job and one phase that has two cost types."""
    found = Contractor()
    found.job()
    found.phase("031000", "L")
    found.phase("031000", "M")
    return found


# ---------------------------------------------------------------- what the plan says


def notes(pair: Contractor) -> list[str]:
    """What the next plan remarks."""
    return [note.text for note in pair.plan().notes]


def listing(pair: Contractor, pattern: str, new: str) -> None:
    """Spectrum's listing of phases as another installation may give it."""

    def rewrite(request: Request, inner: Callable[[Request], Response]) -> Response:
        answer = inner(request)
        text = re.sub(pattern, new, answer.content.decode(), flags=re.DOTALL)
        return attrs.evolve(answer, content=text.encode())

    pair.to_spectrum.answer = rewrite


def test_descriptions_that_differ_are_noted(pair: Contractor) -> None:
    """The plan says which description was taken, and which was not."""
    listing(pair, r"(<Cost_Type>M<.*?<Description>Concrete)<", r"\1, material<")
    (note,) = notes(pair)
    assert note.startswith("cost_code 25-0101/03-1000: ")
    assert "'Concrete' was taken, not 'Concrete, material'" in note


def test_a_remark_names_only_the_first_records(pair: Contractor) -> None:
    """Of the others the number is told, however many there are."""
    for number in range(29):
        for cost_type in "LM":
            pair.phase(f"04{number:04}", cost_type, "Masonry")
    listing(pair, r"(<Cost_Type>M<.{1,80}?<Description>Masonry)<", r"\1, material<")
    found = notes(pair)
    assert len(found) == 21
    assert found[-1] == "descriptions-differ: the same of 9 more records"


def test_a_phase_with_two_spellings_is_noted(pair: Contractor) -> None:
    """One row is taken; the plan does not hide that there are two."""
    pair.phase("042000", "S", "Masonry")
    pair.phase("042001", "S", "Masonry")
    listing(pair, "042001", "04-2000")
    (note,) = notes(pair)
    assert note.startswith("project 25-0101: Spectrum lists the phase 042000 with cost type S ")
    assert "codes with and without dashes are the same" in note


def test_a_phase_listed_once_is_not_noted(pair: Contractor) -> None:
    """However it is spelled, and in however many pieces the listing is read."""
    pair.phase("042000", "S", "Masonry")
    listing(pair, "042000", "04-2000")
    assert notes(pair) == []


# ---------------------------------------------------------------- another mask


@pytest.mark.parametrize("mask", ["######", "##-##-##", "###-###", "##.####"])
def test_another_mask_is_named_as_the_cause(pair: Contractor, mask: str) -> None:
    """Codes that were divided otherwise are held, and nothing new is made beside them."""
    pair.run()
    before = pair.table("cost_codes"), pair.table("wbs_codes"), pair.table("standard_cost_codes")
    pair.codes_by(phase_mask=PhaseMask.parse(mask))
    plan = pair.plan()
    assert {op.code for op in plan.held} <= {"phase-mask-changed", "waits"}
    assert not [op for op in plan.operations if op not in plan.held], plan.render()
    found = next(op for op in plan.held if op.ref.kind == "cost_code")
    assert "such as 03" in found.message
    assert "put the former mask back" in found.hint
    pair.run()
    assert before == (
        pair.table("cost_codes"),
        pair.table("wbs_codes"),
        pair.table("standard_cost_codes"),
    )


def test_the_former_mask_settles_it(pair: Contractor) -> None:
    """Nothing was lost meanwhile."""
    pair.run()
    former = pair.settings.cost_codes.phase_mask
    pair.codes_by(phase_mask=PhaseMask.parse("######"))
    pair.run()
    pair.codes_by(phase_mask=former)
    assert not pair.plan().operations


@pytest.mark.parametrize(
    ("mask", "text"), [("##-####", "03"), ("##-####", "03-1000"), ("######", "031000")]
)
def test_what_a_mask_shows(mask: str, text: str) -> None:
    """A whole code, or all of its first segments, with the delimiters of the mask."""
    assert is_shown_by(PhaseMask.parse(mask), text)


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        ("##-####", "031000"),
        ("##-####", "03-100"),
        ("##-####", "03-10000"),
        ("##-####", "0"),
        ("######", "03"),
        ("##.####", "03-1000"),
        ("##-##-##", "03-1000"),
    ],
)
def test_what_a_mask_does_not_show(mask: str, text: str) -> None:
    """Codes of another length, or with other delimiters."""
    assert not is_shown_by(PhaseMask.parse(mask), text)


def test_a_short_last_segment_may_be_allowed() -> None:
    """Only the last one."""
    mask = PhaseMask.parse("##-####", allow_short=True)
    assert is_shown_by(mask, "03-10")
    assert not is_shown_by(mask, "0")


# ---------------------------------------------------------------- removed or blank in Procore


def without(pair: Contractor, full_code: str) -> None:
    """Procore as it is after a person has deleted a cost code."""

    def forget(request: Request, inner: Callable[[Request], Response]) -> Response:
        answer = inner(request)
        if request.method != "GET" or "/cost_codes" not in request.url:
            return answer
        left = [row for row in json.loads(answer.content) if row["full_code"] != full_code]
        headers = tuple(pair for pair in answer.headers if pair[0].lower() != "total")
        return attrs.evolve(answer, headers=headers, content=json.dumps(left).encode())

    pair.to_procore.answer = forget


def test_a_division_that_was_deleted_in_procore(pair: Contractor) -> None:
    """It is held, and what is new below it waits instead of being sent to nowhere."""
    pair.run()
    without(pair, "03")
    pair.phase("032000", "L", "Rebar")
    plan = pair.plan()
    assert held(plan, "25-0101/03", "cost_code").code == "gone"
    waiting = held(plan, "25-0101/03-2000", "cost_code")
    assert (waiting.code, waiting.message) == ("waits", "cost code 25-0101/03 is held")
    assert held(plan, "25-0101/03-2000/L", "wbs_code").code == "waits"
    pair.run()


def test_a_code_that_was_deleted_in_procore(pair: Contractor) -> None:
    """A new pair of it waits; a pair that is there already is left alone."""
    pair.run()
    without(pair, "03-1000")
    pair.phase("031000", "S")
    plan = pair.plan()
    assert held(plan, "25-0101/03-1000", "cost_code").code == "gone"
    assert held(plan, "25-0101/03-1000/S", "wbs_code").code == "waits"
    assert len(plan.operations) == 2


def test_a_blank_description_is_filled(pair: Contractor) -> None:
    """A budget code that Procore has without one is linked, and then says what Spectrum does."""
    pair.run()
    code = pair.row("cost_codes", full_code="03-1000")
    sub = pair.row("line_item_types", code="S")
    made = pair.procore.add_wbs_code(
        project_id=code["project_id"], cost_code_id=code["id"], line_item_type_id=sub["id"]
    )
    assert not made["description"]
    pair.phase("031000", "S")
    assert isinstance(only(pair.plan().operations), Link)
    pair.run()
    assert {row["description"] for row in pair.table("wbs_codes")} == {"Concrete"}
    assert not pair.plan().operations
