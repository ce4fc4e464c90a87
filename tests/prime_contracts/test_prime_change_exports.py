"""Prime contract change orders on their way to Spectrum, as change requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from exporting_company import ANNA
from owner_company import CUSTOMER, JOB, OwnerCompany
from small_contractor import held

from procore_spectrum.errors import RefusedError
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import ReadQuery
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.wire.messages import Request, Response

SQL = ("prime_contract_lines",)
LABOR = ("010100", "S")
STEEL = ("020200", "S")
MATERIAL = ("010100", "M")
NEW_PAIR = ("020200", "M")
ONE = [(LABOR, "50.25", "More concrete", "Sitework")]
TWO = [*ONE, (STEEL, "-10.00", "Less steel", "Concrete")]


@pytest.fixture
def company() -> OwnerCompany:
    """A company whose prime contract is in Procore."""
    found = OwnerCompany(sql=SQL)
    found.imported()
    return found


def codes(company: OwnerCompany, ref: Ref) -> list[tuple[str, str]]:
    """Everything that is wrong with a change order."""
    return [(v.path, v.code) for v in held(company.primes(), ref.key).violations]


def writes(company: OwnerCompany) -> list[str]:
    """The writing services that were called, in order."""
    return [c.service for c in company.spectrum.calls if not c.service.startswith("Get")]


def test_a_change_order_becomes_a_change_request(company: OwnerCompany) -> None:
    """After an acceptance, one call for each line with cost and revenue; then it is marked."""
    ref = company.prime_change(TWO, title="Extra works", number="1")
    company.export()
    assert company.books["change_requests"] == []
    approval = company.approval(ref)
    assert (approval.state, approval.document.amount) == (State.READY_TO_EXPORT, Decimal("40.25"))
    company.accept(ref)
    assert company.export().succeeded
    assert writes(company) == ["ARChangeRequest", "ARChangeRequest"]
    found = company.change_request("1")
    assert (found["Job_Number"], found["Customer_Code"], found["CR_Status"]) == (JOB, CUSTOMER, "A")
    assert found["CR_Description"] == "Extra works"
    assert found["Approved_Date"] == company.clock.now().date().strftime("%Y-%m-%d")
    costs, revenues = company.request_amounts("1")
    assert costs == {"010100 S": Decimal("50.25"), "020200 S": Decimal(-10)}
    assert revenues == {"10": Decimal("50.25"), "20": Decimal(-10)}
    assert company.state(ref) is State.SYNCED
    assert company.exports().is_empty


def test_lines_that_share_an_item_are_billed_together(company: OwnerCompany) -> None:
    """A second billing of one item would take the place of the first."""
    lines = [*ONE, (STEEL, "9.75", "Steel", "Sitework"), (MATERIAL, "1.00", "Sand", "Concrete")]
    ref = company.prime_change(lines, number="1")
    company.exported(ref)
    costs, revenues = company.request_amounts("1")
    assert sum(costs.values()) == sum(revenues.values()) == Decimal("61.00")
    assert revenues == {"10": Decimal(60), "20": Decimal(1)}
    assert len(writes(company)) == 3
    assert company.exports().is_empty


def test_lines_on_one_pair_are_held_or_merged(company: OwnerCompany) -> None:
    """An identical line is never sent twice."""
    lines = [*ONE, (LABOR, "1.00", "And more", "Concrete"), (LABOR, "2.00", "More", "Sitework")]
    ref = company.prime_change(lines, number="1")
    assert codes(company, ref) == [("lines", "same-pair")]
    company.primes_by(change_orders={"same_pair": "merge"})
    company.exported(ref)
    costs, revenues = company.request_amounts("1")
    assert costs == {"010100 S": Decimal("53.25")}
    assert revenues == {"10": Decimal("52.25"), "20": Decimal(1)}
    assert len(writes(company)) == 2
    assert company.exports().is_empty


def test_a_pair_that_the_job_lacks_is_made_first(company: OwnerCompany) -> None:
    """Spectrum never makes one of itself."""
    ref = company.prime_change([(NEW_PAIR, "7.00", "New", "Sitework")], number="1")
    company.exported(ref)
    assert writes(company) == ["AddPhase", "ARChangeRequest"]
    assert company.exports().is_empty


def test_a_cost_alone_goes_after_what_is_billed(company: OwnerCompany) -> None:
    """Spectrum refuses costs as long as nothing is billed."""
    lines = [(STEEL, "9.75", "Steel", "Sitework"), (LABOR, "1.00", "More", "Sitework")]
    ref = company.prime_change(lines, number="1")
    company.exported(ref)
    assert company.request_amounts("1")[1] == {"10": Decimal("10.75")}


# ---------------------------------------------------------------- markups


def markup(company: OwnerCompany, holder: int, kind: str, **fields: Any) -> None:
    """Put a markup on a contract, or on a potential change order."""
    company.procore.add_markup(company.project_id, holder, holder_type=kind, name="Fee", **fields)


def potential(company: OwnerCompany, ref: Ref) -> int:
    """The potential change order that holds the lines of a change order."""
    row = company.row("change_orders", id=int(ref.key))
    return int(row["legacy_request_id"])


def test_markups_are_revenue_only(company: OwnerCompany) -> None:
    """Horizontal on each line, vertical on the subtotal and spread; the estimate is bare."""
    lines = [(LABOR, "100.00", "A", "Sitework"), (STEEL, "50.05", "B", "Concrete")]
    ref = company.prime_change(lines, number="1")
    holder = potential(company, ref)
    company.procore.edit("change_order", int(ref.key), status="draft")
    kind = "PotentialChangeOrder"
    markup(company, holder, kind, percentage="10", markup_set="horizontal")
    markup(company, holder, kind, percentage="5", markup_set="vertical")
    company.procore.edit("change_order", int(ref.key), status="approved")
    company.exported(ref)
    costs, revenues = company.request_amounts("1")
    assert costs == {"010100 S": Decimal(100), "020200 S": Decimal("50.05")}
    # 10.00 and 5.01 (from 5.005), then 5 % of 165.06: 8.25, spread as 5.50 and 2.75.
    assert revenues == {"10": Decimal("115.50"), "20": Decimal("57.81")}
    assert company.exports().is_empty


@pytest.mark.parametrize(
    ("which", "revenue"),
    [("nearest", "60.30"), ("change_order", "60.30"), ("contract", "51.26"), ("none", "50.25")],
)
def test_whose_markups_count_is_chosen(company: OwnerCompany, which: str, revenue: str) -> None:
    """Those of the change order take the place of those of the contract, unless told otherwise."""
    (contract,) = company.contracts()
    markup(company, contract["id"], "Contract", percentage="2", markup_set="change_orders_vertical")
    ref = company.prime_change(ONE, number="1")
    own = {"percentage": "20", "markup_set": "vertical"}
    markup(company, potential(company, ref), "PotentialChangeOrder", **own)
    company.primes_by(change_orders={"markups_of": which})
    company.exported(ref)
    assert company.request_amounts("1")[1] == {"10": Decimal(revenue)}


def test_markups_of_the_contract_count_where_there_are_no_others(company: OwnerCompany) -> None:
    """A markup may be billed on a line of its own."""
    (contract,) = company.contracts()
    bearer = company.contract_lines()["Concrete"]["id"]
    values = {"percentage": "10", "markup_set": "change_orders_horizontal"}
    markup(company, contract["id"], "Contract", prime_line_item_id=bearer, **values)
    ref = company.prime_change(ONE, number="1")
    company.exported(ref)
    costs, revenues = company.request_amounts("1")
    assert costs == {"010100 S": Decimal("50.25")}
    assert revenues == {"10": Decimal("50.25"), "20": Decimal("5.03")}
    assert len(writes(company)) == 2


def test_markups_may_be_limited_to_budget_codes(company: OwnerCompany) -> None:
    """By the parts of the code."""
    (contract,) = company.contracts()
    query = ReadQuery(kind="wbs_code", scope=str(company.project_id))
    material = next(
        part
        for code in ProcoreTarget(company.procore_client).read(query).items
        for part in code.segment_items
        if part.segment.type == "line_item_type" and part.code == "M"
    )
    condition = {
        "match_type": "includes",
        "wbs_segment_id": material.segment.id,
        "markup_condition_items": [{"wbs_segment_item_id": material.id}],
    }
    values = {"percentage": "10", "markup_set": "change_orders_horizontal"}
    markup(company, contract["id"], "Contract", markup_conditions=[condition], **values)
    lines = [*ONE, (MATERIAL, "100.00", "Sand", "Concrete")]
    ref = company.prime_change(lines, number="1")
    company.exported(ref)
    assert company.request_amounts("1")[1] == {"10": Decimal("50.25"), "20": Decimal(110)}


def test_markups_that_cannot_be_read_hold_the_change_order(company: OwnerCompany) -> None:
    """Nothing is sent without them by accident."""
    ref = company.prime_change(ONE, number="1")

    def refused(request: Request, ask: Callable[[Request], Response]) -> Response:
        if "/financials/markups" not in request.url:
            return ask(request)
        headers = (("Content-Type", "application/json"),)
        return Response(status=403, headers=headers, content=b'{"message": "not an admin"}')

    company.to_procore.answer = refused
    assert codes(company, ref) == [("markups", "not-readable")]


def test_a_total_that_is_neither_is_held(company: OwnerCompany) -> None:
    """With markups or without; Procore's own figure is the proof of the sum."""
    (contract,) = company.contracts()
    values = {"percentage": "10", "markup_set": "change_orders_horizontal"}
    markup(company, contract["id"], "Contract", **values)
    ref = company.prime_change(ONE, number="1")
    company.primes_by(change_orders={"total": "with_markups"})
    assert codes(company, ref) == [("grand_total", "markup-total")]
    company.primes_by(change_orders={"total": "without_markups"})
    company.exported(ref)


# ---------------------------------------------------------------- choices


def test_contract_only_sends_an_estimate_of_zero(company: OwnerCompany) -> None:
    """Per job; changing it afterwards is an edit of what was exported."""
    company.primes_by(change_orders={"methods": {JOB: "contract_only"}})
    ref = company.prime_change(ONE, number="1")
    company.exported(ref)
    costs, revenues = company.request_amounts("1")
    assert (costs, revenues) == ({"010100 S": Decimal(0)}, {"10": Decimal("50.25")})
    company.primes_by(change_orders={"methods": {}})
    assert held(company.primes(), ref.key).code == "edited-after-export"


def test_both_families_of_change_orders_are_exported() -> None:
    """The older one names no contract line, and has a field for the mark."""
    company = OwnerCompany(sql=SQL, change_order_family="older")
    company.primes_by(change_orders={"associate": "same_code"})
    company.imported(("10", "Sitework", "1500.50"))
    ref = company.prime_change([(LABOR, "50.25", "More", "")], title="Extra", number="1")
    company.exported(ref)
    assert company.request_amounts("1")[1] == {"10": Decimal("50.25")}
    row = company.row("change_orders", legacy_package_id=int(ref.key))
    assert row["origin_id"].endswith(f":change_request:{JOB}:{CUSTOMER}:1")
    assert company.exports().is_empty


def test_three_tiers_are_read_from_the_older_family() -> None:
    """A package collects potential change orders, each with markups of its own."""
    company = OwnerCompany(sql=SQL, change_order_family="older")
    company.primes_by(change_orders={"associate": "same_code", "same_pair": "merge"})
    company.imported(("10", "Sitework", "1500.50"))
    company.procore.set_change_order_tiers(company.project_id, 3)
    (contract,) = company.contracts()
    made = [
        company.procore.add_prime_change_order(
            company.project_id,
            contract["id"],
            lines=company.lines_of([(LABOR, "100.00", f"Part {n}")]),
        )
        for n in (1, 2)
    ]
    markup(
        company,
        made[0]["legacy_request_id"],
        "PotentialChangeOrder",
        percentage="10",
        markup_set="vertical",
    )
    batch = company.procore.add_change_order_batch(
        company.project_id, contract["id"], [row["id"] for row in made], title="Both"
    )
    company.procore.edit("change_order_batch", batch["id"], status="approved")
    row = company.row("change_order_batches", id=batch["id"])
    ref = Ref("prime_change_order", str(row["legacy_package_id"]))
    company.exported(ref)
    number = str(company.approval(ref).document.needs[0].proposal)
    costs, revenues = company.request_amounts(number)
    assert costs == {"010100 S": Decimal(200)}
    assert revenues == {"10": Decimal(210)}


def test_a_unit_price_contract_gets_groups_and_no_units() -> None:
    """Group and item together are ten characters; Spectrum takes its own price."""
    company = OwnerCompany(sql=SQL, price_method="U", amount=Decimal(100))
    company.spectrum.add_billing_item(
        JOB, "0110", "Piles", amount=Decimal(100), unit_price=Decimal(10)
    )
    assert company.take().succeeded
    ref = company.prime_change([(LABOR, "50.00", "More piles", "Piles")], number="1")
    company.exported(ref)
    (line,) = company.change_request("1")["billing_lines"]
    assert (line["Billing_Item"], Decimal(line["CR_Revenue"])) == ("0110", 50)
    assert Decimal(line["CR_Quantity"]) == 5


def test_numbers_are_shared_with_commitments(company: OwnerCompany) -> None:
    """A number that a commitment's change request has is not proposed, nor taken."""
    contract = company.commitment()
    company.exported(contract)
    first = company.change_order(contract, [(LABOR, "5.00", "More")], number="1")
    company.exported(first)
    ref = company.prime_change(ONE, number="1")
    company.export()
    (need,) = company.approval(ref).document.needs
    assert (need.proposal, need.length) == (None, 8)
    with pytest.raises(RefusedError):
        company.accept(ref, change_request_number="1")
    with pytest.raises(RefusedError):
        company.accept(ref, change_request_number="123456789")
    company.accept(ref, change_request_number="P1")
    assert company.export().succeeded
    assert company.change_request("P1")["Customer_Code"] == CUSTOMER
    company.primes_by(change_orders={"numbering": Numbering(policy="template", text="PC-###")})
    other = company.prime_change(ONE, number="2")
    company.exported(other)
    assert company.change_request("PC-001")


# ---------------------------------------------------------------- pre-flight


def test_all_faults_are_told_together(company: OwnerCompany) -> None:
    """No status code, no associated line, an oversized amount, a closed period."""
    company.primes_by(
        change_orders={"status_code": "", "open_from": date(2030, 1, 1), "markups_of": "none"}
    )
    lines = [(LABOR, "12345678901.00", "Huge", ""), (STEEL, "1.00", "Fine", "Concrete")]
    ref = company.prime_change(lines, number="1")
    assert codes(company, ref) == [
        ("reviewed_at", "closed-period"),
        ("cr_status", "status-code-missing"),
        ("lines[0].amount", "out-of-range"),
        ("lines[0].prime_line_item", "associated-line-missing"),
    ]
    company.export()
    assert writes(company) == []


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"dated_by": "paid_date"}, ("paid_date", "date-missing")),
        ({"open_until": date(2020, 1, 1)}, ("reviewed_at", "closed-period")),
        ({"status_code": "X"}, ("cr_status", "status-action")),
        ({"status_code": "Y"}, ("cr_status", "status-action-unknown")),
    ],
)
def test_settings_and_days_have_to_fit(
    company: OwnerCompany, choices: dict[str, Any], code: tuple[str, str]
) -> None:
    """Reported before anything is sent."""
    company.primes_by(change_orders=choices)
    ref = company.prime_change(ONE, number="1")
    assert codes(company, ref) == [code]


def test_the_day_may_be_kept_back(company: OwnerCompany) -> None:
    """Where the period is closed; it still has to be there."""
    company.spectrum.set_periods(date(2020, 1, 1), date(2020, 1, 31))
    company.primes_by(change_orders={"approved_date": False, "open_until": date(2020, 1, 31)})
    ref = company.prime_change(ONE, number="1")
    company.exported(ref)
    assert "Approved_Date" not in company.change_request("1")


def test_only_approved_change_orders_go_out(company: OwnerCompany) -> None:
    """Others are not taken at all."""
    company.prime_change(ONE, status="pending", number="1")
    assert not company.primes().operations


def test_the_contract_has_to_be_linked() -> None:
    """A contract made by hand has no billing items."""
    company = OwnerCompany(sql=SQL)
    lines = company.lines_of([(LABOR, "1.00", "Sitework")])
    company.procore.add_prime_contract(company.project_id, title="By hand", lines=lines)
    ref = company.prime_change(ONE, number="1")
    found = codes(company, ref)
    assert ("contract", "prime-contract-not-linked") in found
    assert ("lines[0].prime_line_item", "associated-line-unknown") in found


def test_a_contract_of_one_line_needs_its_item() -> None:
    """It is a setting; without it nothing can be billed."""
    company = OwnerCompany()
    company.take()
    lines = [(LABOR, "1.00", "More", "Original contract")]
    ref = company.prime_change(lines, number="1")
    assert codes(company, ref) == [("lines[0].prime_line_item", "billing-item-missing")]
    other = OwnerCompany()
    other.billing_items(("10", "All", "1500.50"))
    other.primes_by(mapping={"single_item": "10"})
    other.take()
    ref = other.prime_change(lines, number="1")
    other.exported(ref)
    assert other.request_amounts("1")[1] == {"10": Decimal(1)}


def test_lines_that_people_added_to_the_contract_bear_nothing(company: OwnerCompany) -> None:
    """A billing item is known of imported lines only."""
    (contract,) = company.contracts()
    (values,) = company.lines_of([(LABOR, "1.00", "By hand")])
    company.by_hand(
        f"/prime_contracts/{contract['id']}/line_items?project_id={company.project_id}",
        {"project_id": company.project_id, "line_item": values},
        method="POST",
    )
    ref = company.prime_change([(LABOR, "1.00", "More", "By hand")], number="1")
    assert codes(company, ref) == [("lines[0].prime_line_item", "billing-item-missing")]


def test_a_phase_that_was_completed_meanwhile_is_told(company: OwnerCompany) -> None:
    """Spectrum would refuse it in the middle."""
    ref = company.prime_change(TWO, number="1")
    company.export()
    company.phase(STEEL[0], STEEL[1], "Steel", job=JOB, Status_Code="C")
    assert codes(company, ref) == [("lines", "phase-not-active")]
    company.export()
    with pytest.raises(RefusedError):
        company.accept(ref)
    assert writes(company) == []


# ---------------------------------------------------------------- afterwards


def test_an_edit_after_the_export_is_held(company: OwnerCompany) -> None:
    """It needs a change order of its own."""
    ref = company.prime_change(ONE, number="1")
    company.exported(ref)
    (line,) = company.table("change_order_line_items")
    company.procore.edit("change_order_line_item", line["id"], amount="60.00")
    found = held(company.primes(), ref.key)
    assert found.code == "edited-after-export"
    assert "change_request_amount" in found.changes[0].path


def test_a_refused_line_is_told_and_what_was_written_stays(company: OwnerCompany) -> None:
    """The period was closed meanwhile: nothing of it is there, and it can be tried again."""
    company.spectrum.set_periods(date(2020, 1, 1), date(2020, 1, 31))
    ref = company.prime_change(TWO, number="1")
    company.export()
    company.accept(ref)
    company.export()
    assert company.state(ref) is State.FAILED
    assert company.books["change_requests"] == []
    company.spectrum.set_periods(date(2020, 1, 1), date(2040, 1, 31))
    company.syncer.approvals.retry(ref, by=ANNA)
    assert company.export().succeeded
    assert company.state(ref) is State.SYNCED


def test_unlinking_needs_a_reason_without_sql_and_frees_the_change_order(
    company: OwnerCompany,
) -> None:
    """The change request was deleted in Spectrum."""
    ref = company.prime_change(ONE, number="1")
    company.exported(ref)
    with pytest.raises(RefusedError):
        company.syncer.unlink(ref, by=ANNA)
    company.spectrum.remove_change_request(JOB, CUSTOMER, "1")
    company.syncer.unlink(ref, why="deleted by Ann", by=ANNA)
    assert company.state(ref) is State.UNLINKED
    company.syncer.send(ref)
    company.accept(ref, change_request_number="1A")
    assert company.export().succeeded
    assert company.change_request("1A")


def test_with_sql_unlinking_is_verified() -> None:
    """As long as Spectrum has it, it stays linked; costs and revenues alike."""
    company = OwnerCompany(sql=(*SQL, "change_request_lines", "change_requests"))
    company.imported()
    lines = [*ONE, (LABOR, "2.00", "More", "Concrete")]
    company.primes_by(change_orders={"same_pair": "merge"})
    ref = company.prime_change(lines, number="1")
    company.exported(ref)
    assert company.exports().is_empty
    assert not held_keys(company)
    with pytest.raises(Exception, match="still in Viewpoint Spectrum"):
        company.syncer.unlink(ref, by=ANNA)
    company.spectrum.remove_change_request(JOB, CUSTOMER, "1")
    assert held(company.primes(), ref.key).code == "gone"
    company.syncer.unlink(ref, by=ANNA)
    assert company.state(ref) is State.UNLINKED


def held_keys(company: OwnerCompany) -> list[str]:
    """What is held."""
    return [op.ref.key for op in company.primes().operations if op.verb == "held"]


def test_with_sql_a_strangers_number_is_a_collision() -> None:
    """Spectrum would update it without a word."""
    company = OwnerCompany(sql=(*SQL, "change_request_lines", "change_requests"))
    company.imported()
    company.spectrum.add_change_request(
        Job_Number=JOB,
        Customer_Code=CUSTOMER,
        Change_Request_Number="1",
        CR_Status="A",
        CR_Phase_Code=LABOR[0],
        CR_Cost_Type=LABOR[1],
        Change_Request_Amount=Decimal(1),
    )
    ref = company.prime_change(ONE, number="1")
    assert held(company.primes(), ref.key).code == "collision"


def test_a_project_without_the_tool_stops_nothing(company: OwnerCompany) -> None:
    """It is noted."""
    company.procore.disable_tool(company.project_id, "change_orders")
    plan = company.primes()
    assert any("cannot be read" in note.text for note in plan.notes)


def test_what_cannot_be_read_of_a_contract_or_its_codes_holds_the_change(
    company: OwnerCompany,
) -> None:
    """The reason is told, beside what follows from it."""
    ref = company.prime_change([(NEW_PAIR, "7.00", "New", "Sitework")], number="1")
    company.procore.disable_tool(company.project_id, "prime_contracts")
    assert ("contract", "not-readable") in codes(company, ref)
    company.procore.enable_tool(company.project_id, "prime_contracts")
    company.procore.disable_tool(company.project_id, "work_breakdown_structure")
    assert codes(company, ref) == [("lines[0].cost_code", "cost-code-not-in-spectrum")]


def test_what_waits_is_withdrawn_when_it_is_approved_no_more(company: OwnerCompany) -> None:
    """Accounting is not asked about something that Procore took back."""
    ref = company.prime_change(ONE, number="1")
    company.export()
    company.procore.edit("change_order", int(ref.key), status="rejected")
    plan = company.exports()
    assert [(gone.ref, gone.why) for gone in plan.withdrawals] == [(ref, "its status is rejected")]
    company.procore.disable_tool(company.project_id, "change_orders")
    assert not company.primes().withdrawals


def test_a_mark_of_the_older_family_is_cleared_by_unlinking() -> None:
    """So that the change order may be deleted in Procore, or sent again."""
    company = OwnerCompany(sql=SQL, change_order_family="older")
    company.primes_by(change_orders={"associate": "same_code"})
    company.imported(("10", "Sitework", "1500.50"))
    ref = company.prime_change([(LABOR, "50.25", "More", "")], number="1")
    company.exported(ref)
    assert company.row("change_orders", legacy_package_id=int(ref.key))["origin_id"]
    company.spectrum.remove_change_request(JOB, CUSTOMER, "1")
    company.syncer.unlink(ref, why="deleted by Ann", by=ANNA)
    assert not company.row("change_orders", legacy_package_id=int(ref.key))["origin_id"]
