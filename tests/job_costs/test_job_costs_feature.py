"""Job costs end to end: what is written, when, in which batches, and what is held."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from costed_contractor import JOB, OWN, CostedContractor
from small_contractor import held, of_kind, only

from procore_spectrum.errors import InvalidValueError, NotSentError
from procore_spectrum.plan.records import Ref
from procore_spectrum.wire.messages import Request, Response

LINES = "/direct_costs/line_items/sync"


@pytest.fixture
def pair() -> CostedContractor:
    """One job with three pairs that have cost, and one that has none."""
    found = CostedContractor()
    found.job()
    found.cost("031000", "L", "1000.10", hours="25.50")
    found.cost("031000", "M", "-3.05", quantity="7", Unit_of_Measure="CY")
    found.cost("042000", "S", "20.00")
    found.phase("042000", "M")
    return found


def test_one_run_brings_everything_and_a_second_plan_is_empty(pair: CostedContractor) -> None:
    """Projects, codes and figures come in one go, to the cent."""
    pair.all()
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_a_pair_without_figures_is_not_written(pair: CostedContractor) -> None:
    """Three of the four pairs have cost."""
    pair.all()
    assert pair.sent(LINES) == [3]
    assert len(pair.table("direct_costs")) == 1


def test_the_direct_cost_says_what_it_is(pair: CostedContractor) -> None:
    """An approved expense of our own company, with the job in its number."""
    pair.all()
    (cost,) = pair.table("direct_costs")
    own = pair.row("vendors", origin_code=OWN)
    assert (cost["invoice_number"], cost["status"]) == (f"SPECTRUM {JOB}", "approved")
    assert (cost["direct_cost_type"], cost["vendor_id"]) == ("expense", own["id"])
    assert cost["origin_id"] is None


def test_only_what_changed_is_written(pair: CostedContractor) -> None:
    """One figure moves, downwards: one line goes out, and nothing else is touched."""
    pair.all()
    pair.procore.calls.clear()
    pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("-0.01"))
    plan = pair.plan("job_costs")
    assert [op.ref.key for op in plan.todo] == [f"{JOB}/03-1000/L"]
    assert pair.syncer.apply(plan).succeeded
    assert pair.sent("/sync") == [1]
    assert pair.line("031000", "L")["amount"] == "-0.01"


def test_a_figure_that_becomes_zero_is_written(pair: CostedContractor) -> None:
    """Zero is a value."""
    pair.all()
    pair.spectrum.set_cost(JOB, "042000", "S", dollars=Decimal(0))
    pair.run("job_costs")
    assert pair.line("042000", "S")["amount"] == "0.0"
    assert pair.plan("job_costs").is_empty


def test_many_lines_go_out_in_full_batches() -> None:
    """1,350 pairs take two requests."""
    pair = CostedContractor()
    pair.job()
    for number in range(450):
        for cost_type in "LMS":
            pair.cost(f"03{number:04}", cost_type, f"{number}.{number % 99 + 1:02}")
    pair.all()
    assert pair.sent(LINES) == [1000, 350]
    assert pair.procore_totals() == pair.spectrum_totals()


# ---------------------------------------------------------------- quantities


def test_a_line_carries_the_quantity_to_date(pair: CostedContractor) -> None:
    """With its unit; where there is none, nothing is sent."""
    pair.all()
    found = pair.line("031000", "M")
    assert (found["quantity"], found["uom"], found["amount"]) == ("7.0", "CY", "-3.05")
    assert pair.line("042000", "S")["quantity"] is None


def test_chosen_cost_types_carry_hours(pair: CostedContractor) -> None:
    """The hours to date, in the unit of the settings."""
    pair.costs_by(hours=("L",))
    pair.all()
    found = pair.line("031000", "L")
    assert (found["quantity"], found["uom"], found["amount"]) == ("25.5", "HR", "1000.1")


def test_quantities_can_be_left_out(pair: CostedContractor) -> None:
    """Money only."""
    pair.costs_by(quantity="none")
    pair.all()
    assert pair.line("031000", "M")["quantity"] is None


def test_a_quantity_that_becomes_zero_is_taken_back(pair: CostedContractor) -> None:
    """A quantity of zero is sent to a line that has one."""
    pair.all()
    pair.spectrum.set_cost(JOB, "031000", "M", quantity=Decimal(0))
    pair.run("job_costs")
    assert pair.line("031000", "M")["quantity"] == "0.0"
    assert pair.plan("job_costs").is_empty


def test_hours_alone_are_worth_a_line(pair: CostedContractor) -> None:
    """A pair without cost but with hours is written."""
    pair.cost("042000", "L", "0", hours="3")
    pair.costs_by(hours=("L",))
    pair.all()
    assert pair.line("042000", "L")["quantity"] == "3.0"


# ---------------------------------------------------------------- phases that come and go


def test_completed_phases_count(pair: CostedContractor) -> None:
    """Spectrum's usual listing leaves them out; their cost stays."""
    pair.all()
    before = pair.procore_totals()
    pair.phase("031000", "L", Status_Code="C")
    pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("1000.11"))
    pair.run("job_costs")
    assert pair.procore_totals() == {**before, (JOB, "031000", "L"): Decimal("1000.11")}


def test_a_completed_phase_without_a_budget_code_is_held(pair: CostedContractor) -> None:
    """Budget codes of complete phases are not made by default, so its cost has no place."""
    pair.cost("055000", "L", "44.44", Status_Code="C")
    pair.all()
    (found,) = pair.plan("job_costs").held
    assert (found.code, found.ref.key) == ("no-budget-code", JOB)
    assert "44.44" in found.message
    assert "05-5000/L" in found.message


def test_completed_phases_of_several_jobs_take_one_request(pair: CostedContractor) -> None:
    """As long as they are few."""
    for number in ("25-0102", "25-0103"):
        pair.job(number, f"Hall {number}")
        pair.cost("031000", "L", "5.00", job=number)
    pair.cost("055000", "L", "1.00", job="25-0102", Status_Code="C")
    pair.run("vendors", "jobs", "cost_codes")
    before = len(pair.spectrum.calls)
    pair.plan("job_costs")
    calls = pair.spectrum.calls[before:]
    asked = [call for call in calls if call.service.startswith("GetPhase")]
    assert len(asked) == 3 + 1


def test_a_renumbered_phase_leaves_nothing_behind(pair: CostedContractor) -> None:
    """The old pair is not listed any more: its line becomes zero, the new one has the cost."""
    pair.all()
    pair.spectrum.remove_phase(JOB, "042000", "S")
    pair.cost("042500", "S", "20.00")
    pair.run("cost_codes", "job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_a_job_that_is_complete_goes_on(pair: CostedContractor) -> None:
    """Late invoices arrive although the job has left Spectrum's usual listing."""
    pair.all()
    pair.job(Status_Code="C")
    pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("1234.56"))
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()


# ---------------------------------------------------------------- what is held


def test_many_pairs_without_budget_code_are_one_message() -> None:
    """Ten are named, the others counted."""
    pair = CostedContractor()
    pair.job()
    for number in range(30):
        pair.cost(f"03{number:04}", "L", "1.10")
    pair.run("vendors", "jobs")
    found = held(pair.plan("job_costs"), JOB, "direct_cost_line")
    assert found.message.count("/L") == 10
    assert "33.00 of 30 pairs" in found.message
    assert "and 20 more" in found.message


def test_without_a_company_nothing_is_written(pair: CostedContractor) -> None:
    """Procore's reference demands one; a single message counts what waits."""
    pair.costs_by(vendor_code="")
    plan = pair.plan("vendors", "jobs", "cost_codes", "job_costs")
    found = held(plan, JOB, "direct_cost")
    assert found.code == "vendor-missing"
    assert "3 figures of 1,017.05" in found.message
    assert not of_kind(plan, "direct_cost_line")


def test_where_procore_takes_expenses_without_a_company_none_is_sent(
    pair: CostedContractor,
) -> None:
    """The setting says what the installation does."""
    pair.procore.switches.direct_cost_vendor_always_required = False
    pair.costs_by(vendor_code="", vendor_required=False)
    pair.all()
    (cost,) = pair.table("direct_costs")
    assert cost["vendor_id"] is None
    assert pair.plan("job_costs").is_empty


def test_a_company_that_is_not_linked_holds_the_figures(pair: CostedContractor) -> None:
    """The vendor of the settings has to be in Procore."""
    pair.costs_by(vendor_code="NOBODY")
    pair.run("vendors", "jobs", "cost_codes")
    assert held(pair.plan("job_costs"), JOB, "direct_cost").code == "vendor-not-linked"


def test_an_oversized_amount_is_reported_and_the_others_go(pair: CostedContractor) -> None:
    """It is held with what is wrong; no digit is rounded away."""

    def garble(request: Request, inner: Callable[[Request], Response]) -> Response:
        response = inner(request)
        return attrs.evolve(response, content=response.content.replace(b">20.00<", b">20.005<"))

    pair.to_spectrum.answer = garble
    report = pair.syncer.apply(pair.plan("vendors", "jobs", "cost_codes", "job_costs"))
    assert report.counts["held"] == 1
    found = held(pair.plan("job_costs"), f"{JOB}/04-2000/S")
    assert [(v.code, v.path) for v in found.violations] == [("out-of-range", "amount")]
    assert len(pair.table("direct_cost_line_items")) == 2


def test_a_project_that_may_not_be_read_stops_no_other(pair: CostedContractor) -> None:
    """One tool is off; the other project gets its figures."""
    pair.job("25-0102", "School")
    pair.cost("031000", "L", "5.00", job="25-0102")
    pair.run("vendors", "jobs", "cost_codes")
    closed = pair.row("projects", project_number=JOB)["id"]
    pair.procore.disable_tool(closed, "direct_costs")
    plan = pair.plan("job_costs")
    assert held(plan, JOB).code == "not-readable"
    assert pair.syncer.apply(plan).succeeded
    assert pair.procore_totals() == {("25-0102", "031000", "L"): Decimal("5.0")}


def test_a_deleted_direct_cost_is_one_message(pair: CostedContractor) -> None:
    """Not one for each of its lines."""
    pair.all()
    (cost,) = pair.table("direct_costs")
    pair.procore.remove("direct_cost", cost["id"])
    (found,) = pair.plan("job_costs").held
    assert (found.ref, found.code) == (Ref("direct_cost", JOB), "gone")


def test_lines_of_people_are_counted_in_a_note(pair: CostedContractor) -> None:
    """They are left alone."""
    pair.all()
    (cost,) = pair.table("direct_costs")
    code = pair.line("031000", "L")["wbs_code_id"]
    path = f"/rest/v1.0/projects/{cost['project_id']}/direct_costs/{cost['id']}/line_items"
    _post(pair, path, {"line_item": {"wbs_code_id": code, "amount": "9.99"}})
    plan = pair.plan("job_costs")
    assert plan.is_empty
    assert any("1 lines of 9.99" in note.text for note in plan.notes)


def _post(pair: CostedContractor, path: str, body: dict[str, Any]) -> None:
    from procore_spectrum.procore.calls import Call

    call: Call[Any] = Call(name="x", method="POST", path=path, body=body, parse=lambda d, _: d)
    pair.procore_client.send(call)


# ---------------------------------------------------------------- people edit Procore


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("direct_cost_line_item", {"amount": "1.00"}),
        ("direct_cost_line_item", {"description": "mine"}),
        (
            "direct_cost_line_item",
            {"quantity": "3", "unit_cost": "7", "extended_type": "calculated"},
        ),
        ("direct_cost", {"status": "draft"}),
        ("direct_cost", {"invoice_number": "mine"}),
    ],
)
def test_edits_of_people_are_undone(
    pair: CostedContractor, kind: str, fields: dict[str, str]
) -> None:
    """Even where Spectrum changed at the same time."""
    pair.all()
    row = pair.line("031000", "L") if kind.endswith("item") else pair.table("direct_costs")[0]
    pair.procore.edit(kind, row["id"], **fields)
    pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("1000.50"))
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_a_line_on_another_budget_code_comes_back(pair: CostedContractor) -> None:
    """Cost that was booked elsewhere in Procore is put where Spectrum has it."""
    pair.all()
    other = pair.line("031000", "M")["wbs_code_id"]
    pair.procore.edit("direct_cost_line_item", pair.line("031000", "L")["id"], wbs_code_id=other)
    assert pair.procore_totals() != pair.spectrum_totals()
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()


def test_half_of_all_figures_may_change_without_a_guard(pair: CostedContractor) -> None:
    """A month's end changes most of them; the guard for odd runs does not look at figures."""
    for number in range(20):
        pair.cost(f"05{number:04}", "L", "1.00")
    pair.all()
    for number in range(20):
        pair.spectrum.set_cost(JOB, f"05{number:04}", "L", dollars=Decimal("2.00"))
    assert not pair.plan("job_costs").guards


# ---------------------------------------------------------------- lost answers


def losing(part: str) -> Callable[[Request, Callable[[Request], Response]], Response]:
    """An answer that does not arrive, the first time."""
    lost: list[str] = []

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        response = inner(request)
        if request.method == "PATCH" and request.url.endswith(part) and not lost:
            lost.append(request.url)
            return Response(status=502)
        return response

    return answer


@pytest.mark.parametrize("part", ["/direct_costs/sync", LINES])
def test_a_lost_answer_doubles_nothing(pair: CostedContractor, part: str) -> None:
    """The next run finds what was made."""
    pair.run("vendors", "jobs", "cost_codes")
    pair.to_procore.answer = losing(part)
    pair.syncer.apply(pair.plan("job_costs"))
    pair.to_procore.answer = None
    pair.run("job_costs")
    assert len(pair.table("direct_costs")) == 1
    assert pair.procore_totals() == pair.spectrum_totals()
    assert pair.plan("job_costs").is_empty


def test_a_request_that_never_left_is_repeated(pair: CostedContractor) -> None:
    """Nothing was written, so the next run writes it."""

    def fail(request: Request, inner: Callable[[Request], Response]) -> Response:
        if request.url.endswith(LINES):
            raise NotSentError("no network")
        return inner(request)

    pair.run("vendors", "jobs", "cost_codes")
    pair.to_procore.answer = fail
    pair.syncer.apply(pair.plan("job_costs"))
    pair.to_procore.answer = None
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()


def test_a_busy_project_gets_its_figures_with_the_next_run(pair: CostedContractor) -> None:
    """409: somebody else writes the project's direct costs."""
    pair.run("vendors", "jobs", "cost_codes")
    pair.procore.switches.direct_costs_busy = True
    report = pair.syncer.apply(pair.plan("job_costs"))
    assert report.counts["failed"] == 1
    pair.procore.switches.direct_costs_busy = False
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()


def test_where_sync_may_change_locked_costs_people_can_be_kept_out(
    pair: CostedContractor,
) -> None:
    """With our key on the direct cost, Procore refuses edits of people."""
    pair.procore.switches.direct_costs_locked_by_origin_id = "single"
    pair.costs_by(lock=True)
    pair.all()
    with pytest.raises(InvalidValueError):
        pair.procore.edit("direct_cost_line_item", pair.line("031000", "L")["id"], amount="1")
    pair.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("7.00"))
    pair.run("job_costs")
    assert pair.procore_totals() == pair.spectrum_totals()


# ---------------------------------------------------------------- two writers


def erp_totals(pair: CostedContractor) -> list[Decimal]:
    """The figures of the ERP Integrations tool."""
    rows = pair.table("erp_job_costs")
    return sorted(Decimal(row["job_to_date_cost"]) for row in rows)


@pytest.fixture
def partner(pair: CostedContractor) -> CostedContractor:
    """The same, with access to the partners' endpoint."""
    pair.procore.switches.partner_access = True
    pair.costs_by(writer="erp", hours=("L",))
    return pair


def test_partners_write_to_the_erp_tool(partner: CostedContractor) -> None:
    """In one run, from nothing; no direct cost appears."""
    partner.all()
    assert erp_totals(partner) == [Decimal("-3.05"), Decimal(20), Decimal("1000.1")]
    assert not partner.table("direct_costs")
    units = partner.row("erp_job_costs", job_to_date_cost="1000.1")["job_to_date_units"]
    assert units == "25.5"
    assert partner.plan("job_costs").is_empty


def test_only_changed_pairs_go_to_the_erp_tool(partner: CostedContractor) -> None:
    """Incremental, as direct costs are."""
    partner.all()
    partner.procore.calls.clear()
    partner.spectrum.set_cost(JOB, "031000", "L", dollars=Decimal("5.00"))
    partner.run("job_costs")
    assert partner.sent("/erp_job_costs/sync") == [1]
    assert erp_totals(partner) == [Decimal("-3.05"), Decimal(5), Decimal(20)]


def test_without_partner_access_it_fails_and_says_so(pair: CostedContractor) -> None:
    """403 is a matter of setup, not of data."""
    pair.costs_by(writer="erp")
    pair.run("vendors", "jobs", "cost_codes")
    report = pair.syncer.apply(pair.plan("job_costs"))
    assert report.counts["failed"] == 3
    assert "403" in report.render()


def test_a_second_writer_is_refused(partner: CostedContractor) -> None:
    """Both at once would count every cost twice."""
    partner.all()
    partner.costs_by(writer="direct_costs")
    plan = partner.plan("job_costs")
    assert plan.is_empty
    assert only(plan.held).code == "other-writer"


def test_a_write_in_doubt_counts_as_a_writer(pair: CostedContractor) -> None:
    """Lines whose answer was lost may be there."""
    pair.run("vendors", "jobs", "cost_codes")
    pair.to_procore.answer = losing(LINES)
    pair.syncer.apply(pair.plan("job_costs"))
    pair.to_procore.answer = None
    pair.costs_by(writer="erp")
    assert only(pair.plan("job_costs").held).code == "other-writer"


@pytest.mark.parametrize("first", ["direct_costs", "erp"])
def test_changing_over_takes_the_old_figures_back_first(
    partner: CostedContractor, first: str
) -> None:
    """One run makes the old figures zero, the next writes the new ones; never both."""
    second = {"direct_costs": "erp", "erp": "direct_costs"}[first]
    partner.costs_by(writer=first)
    partner.all()
    partner.costs_by(writer=second)
    partner.syncer.link(Ref("job_cost_writer", JOB), second, why="partner access changed")
    partner.run("job_costs")
    assert not any(erp_totals(partner))
    assert not partner.procore_totals()
    partner.run("job_costs")
    erp, direct = sum(erp_totals(partner)), sum(partner.procore_totals().values())
    assert (erp, direct) == (
        (0, Decimal("1017.05")) if second == "direct_costs" else (Decimal("1017.05"), 0)
    )
    assert partner.plan("job_costs").is_empty


def test_a_decision_counts_in_one_direction_only(partner: CostedContractor) -> None:
    """Going back needs another one."""
    partner.costs_by(writer="direct_costs")
    partner.all()
    partner.costs_by(writer="erp")
    partner.syncer.link(Ref("job_cost_writer", JOB), "erp", why="access")
    partner.run("job_costs")
    partner.run("job_costs")
    partner.costs_by(writer="direct_costs")
    assert only(partner.plan("job_costs").held).code == "other-writer"


@pytest.mark.parametrize(("writer", "why"), [("erp", ""), ("fax", "because")])
def test_a_decision_about_the_writer_needs_a_writer_and_a_reason(
    pair: CostedContractor, writer: str, why: str
) -> None:
    """It is recorded with who, when and why."""
    with pytest.raises(InvalidValueError):
        pair.syncer.link(Ref("job_cost_writer", JOB), writer, why=why)
    with pytest.raises(InvalidValueError):
        pair.syncer.ignore(Ref("job_cost_writer", JOB), why="because")


def test_the_last_pair_of_a_job_may_go_as_well() -> None:
    """The job is there and has no phases any more: its cost is zero."""
    pair = CostedContractor()
    pair.job()
    pair.cost("031000", "L", "5.00")
    pair.all()
    pair.spectrum.remove_phase(JOB, "031000", "L")
    pair.run("job_costs")
    assert not pair.procore_totals()
    assert pair.plan("job_costs").is_empty


def test_a_job_without_cost_asks_procore_for_nothing() -> None:
    """No direct cost is made, and none is looked for."""
    pair = CostedContractor()
    pair.job()
    pair.phase("031000", "L")
    pair.all()
    assert not pair.table("direct_costs")
    assert not [call for call in pair.procore.calls if "direct_costs" in call.path]
