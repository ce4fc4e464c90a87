"""Contracts of Spectrum on their way to Procore."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from owner_company import AMOUNT, CONTRACT, CUSTOMER, ITEMS, JOB, OwnerCompany
from small_contractor import held

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.plan.operations import Held
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.wire.messages import Request, Response

SQL = ("prime_contract_lines",)
PAIR = ("010100", "S")


@pytest.fixture
def company() -> OwnerCompany:
    """A company whose contract can be read by SQL."""
    return OwnerCompany(sql=SQL)


def line_ref(item: str) -> Ref:
    """The name of a contract line."""
    return Ref("prime_contract_line", f"{JOB}/{item}")


def held_codes(plan: Plan) -> dict[str, str]:
    """What is held, and why."""
    return {str(op.ref): op.code for op in plan.operations if isinstance(op, Held)}


def imports(plan: Plan) -> list[Ref]:
    """What would be written to Procore."""
    return [op.ref for op in plan.todo if op.ref.kind.startswith("prime_contract")]


def faults(plan: Plan, key: str) -> list[tuple[str, str]]:
    """Everything that is wrong with a record."""
    return [(v.path, v.code) for v in held(plan, key).violations]


def test_a_contract_with_its_items_becomes_a_prime_contract(company: OwnerCompany) -> None:
    """Title, state, key and the lines of the schedule; nothing is left to do after."""
    company.imported()
    (found,) = company.contracts()
    assert (found["title"], found["status"]) == (f"{JOB} Prime Contract", "Draft")
    assert (found["accounting_method"], found["vendor_id"]) == ("amount", None)
    code = company.spectrum.company_code
    assert found["origin_id"] == f"spectrum:{code}:prime_contract:{JOB}"
    assert company.amounts_in_procore() == {
        "Sitework": Decimal("1000.00"),
        "Concrete": Decimal("500.50"),
    }
    assert company.primes().is_empty
    assert not held_codes(company.primes())


def test_a_contract_of_which_only_the_amount_is_known_is_one_line() -> None:
    """Without SQL and without a schedule."""
    company = OwnerCompany()
    assert company.take().succeeded
    assert company.amounts_in_procore() == {"Original contract": AMOUNT}
    assert company.primes().is_empty


def test_a_schedule_of_the_user_goes_first(company: OwnerCompany, tmp_path: Path) -> None:
    """Even where SQL tells other items; codes may be named line by line."""
    company.billing_items()
    head = "item,description,amount,phase,cost type"
    company.schedule(
        tmp_path,
        ("1", "All of it", "1500.00", "02-0200", "S"),
        ("2", "Rest", "0.50", "", ""),
        head=head,
    )
    assert company.take().succeeded
    assert company.amounts_in_procore() == {"All of it": Decimal(1500), "Rest": Decimal("0.50")}
    lines = company.contract_lines()
    assert lines["All of it"]["cost_code_id"] == company.code_of(("020200", "S"))["cost_code_id"]
    assert lines["Rest"]["cost_code_id"] == company.code_of(PAIR)["cost_code_id"]
    assert company.primes().is_empty


def test_everything_can_arrive_in_one_run() -> None:
    """A new job, its codes, its contract and the lines: the second plan is empty."""
    company = OwnerCompany(sql=SQL)
    company.job("25-0202", "Library", Customer_Code=CUSTOMER, Original_Contract=Decimal(70))
    company.phase("010100", "S", "Concrete", job="25-0202")
    company.billing_items(("1", "Books", "70.00"), job="25-0202")
    company.billing_items()
    features = ("vendors", "jobs", "cost_codes", "prime_contracts")
    company.run(*features)
    assert {row["title"] for row in company.contracts()} == {
        f"{JOB} Prime Contract",
        "25-0202 Prime Contract",
    }
    assert company.amounts_in_procore()["Books"] == 70
    assert company.plan(*features).is_empty


def test_jobs_without_customer_have_no_contract(company: OwnerCompany) -> None:
    """Nothing is made of them."""
    company.job("25-0303", "Yard", Original_Contract=Decimal(5))
    company.run("jobs")
    company.imported()
    assert len(company.contracts()) == 1


# ---------------------------------------------------------------- the owner


def test_the_owner_is_the_company_that_the_customer_is_linked_to(company: OwnerCompany) -> None:
    """Else it is left blank, and the plan says so; it follows a later link."""
    company.billing_items()
    plan = company.primes()
    assert any("the contract has no owner" in note.text for note in plan.notes)
    company.syncer.apply(plan)
    owner = company.procore.add_vendor(name="City of Springfield")["id"]
    company.syncer.link(Ref("customer", CUSTOMER), str(owner), why="the same")
    assert company.take().succeeded
    (found,) = company.contracts()
    assert found["vendor_id"] == owner
    plan = company.primes()
    assert plan.is_empty
    assert not any("owner" in note.text for note in plan.notes)


# ---------------------------------------------------------------- importing again


def test_a_second_import_adds_and_changes_lines(company: OwnerCompany) -> None:
    """Three ways: what people changed in Procore where Spectrum owns it is put back."""
    company.imported()
    before = {name: row["id"] for name, row in company.contract_lines().items()}
    company.contract_of(JOB, amount=Decimal("1600.50"))
    company.billing_items(("20", "Concrete", "600.00"), ("30", "Extras", "0.50"))
    company.procore.edit("prime_contract_line_item", before["Sitework"], amount="1.00")
    assert company.take().succeeded
    assert company.amounts_in_procore() == {
        "Sitework": Decimal(1000),
        "Concrete": Decimal(600),
        "Extras": Decimal("0.50"),
    }
    assert {name: company.contract_lines()[name]["id"] for name in before} == before
    assert company.primes().is_empty


def test_what_is_procores_own_stays(company: OwnerCompany) -> None:
    """Title, state and budget codes are written once."""
    company.imported()
    (found,) = company.contracts()
    company.procore.edit("prime_contract", found["id"], title="City Hall", status="Approved")
    number = company.contract_lines()["Sitework"]["id"]
    company.procore.edit("prime_contract_line_item", number, **company.code_of(("020200", "S")))
    assert company.primes().is_empty


def test_an_item_that_is_gone_is_put_to_a_person(tmp_path: Path) -> None:
    """Nothing is deleted in Procore."""
    company = OwnerCompany()
    company.schedule(tmp_path, *ITEMS)
    assert company.take().succeeded
    company.schedule(tmp_path, ("10", "Sitework", "1500.50"))
    assert held_codes(company.primes())[str(line_ref("20"))] == "absent"


def test_a_change_is_held_once_an_approved_change_order_exists(company: OwnerCompany) -> None:
    """Nothing of the contract is touched, until somebody decides so with a reason."""
    company.imported()
    company.prime_change([(PAIR, "5.00", "Extra", "Sitework")])
    assert not imports(company.primes())
    company.contract_of(JOB, amount=Decimal("1501.50"))
    company.billing_items(("20", "Concrete", "501.50"))
    company.billing_items(("30", "Free", "0.00"))
    plan = company.primes()
    assert not imports(plan)
    codes = {str(line_ref("20")), str(line_ref("30"))}
    latched = {name for name, code in held_codes(plan).items() if code == "approved-change-order"}
    assert latched == codes
    with pytest.raises(InvalidValueError):
        company.syncer.reopen_contract(JOB, why=" ")
    company.syncer.reopen_contract(JOB, why="the owner agreed")
    events = company.syncer.explain(CONTRACT)
    assert events[-1].detail["why"] == ["the owner agreed"]
    company.take()
    assert company.amounts_in_procore()["Concrete"] == Decimal("501.50")


def test_change_orders_that_cannot_be_read_are_known_by_their_sum(company: OwnerCompany) -> None:
    """The contract itself tells what was approved."""
    company.imported()
    company.prime_change([(PAIR, "5.00", "Extra", "Sitework")])
    company.procore.disable_tool(company.project_id, "change_orders")
    company.contract_of(JOB, amount=Decimal("1501.50"))
    company.billing_items(("20", "Concrete", "501.50"))
    assert held_codes(company.primes())[str(line_ref("20"))] == "approved-change-order"


def test_drafts_of_change_orders_block_nothing(company: OwnerCompany) -> None:
    """Only approved ones do."""
    company.imported()
    company.prime_change([(PAIR, "5.00", "Extra", "Sitework")], status="pending")
    company.contract_of(JOB, amount=Decimal("1501.50"))
    company.billing_items(("20", "Concrete", "501.50"))
    assert company.take().succeeded
    assert company.amounts_in_procore()["Concrete"] == Decimal("501.50")


# ---------------------------------------------------------------- contracts that exist


def test_a_contract_in_procore_is_proposed_and_never_duplicated(company: OwnerCompany) -> None:
    """Linked by decision, it keeps its title and number; equal lines are taken for ours."""
    lines = company.lines_of([(PAIR, "1000.00", "Sitework"), (PAIR, "500.50", "Concrete")])
    made = company.procore.add_prime_contract(
        company.project_id, title="Main contract", number="PC-9", lines=lines
    )
    company.billing_items()
    plan = company.primes()
    assert plan.is_empty
    found = held(plan, JOB)
    assert (found.code, found.candidates[0].target_id) == ("candidates", str(made["id"]))
    company.syncer.link(CONTRACT, str(made["id"]), why="it is this one")
    assert company.take().succeeded
    (contract,) = company.contracts()
    assert (contract["title"], contract["number"]) == ("Main contract", "PC-9")
    assert contract["origin_id"]
    assert len(company.contract_lines()) == 2
    assert all(row["origin_id"] for row in company.contract_lines().values())
    assert company.primes().is_empty


def test_lines_that_differ_are_put_to_a_person(company: OwnerCompany) -> None:
    """Linked one by one, or made anew by decision."""
    lines = company.lines_of([(PAIR, "999.00", "Site work")])
    made = company.procore.add_prime_contract(company.project_id, title="Main", lines=lines)
    company.billing_items()
    company.syncer.link(CONTRACT, str(made["id"]))
    company.take()
    plan = company.primes()
    assert held_codes(plan) == {
        str(line_ref("10")): "candidates",
        str(line_ref("20")): "candidates",
    }
    company.syncer.link(line_ref("10"), held(plan, f"{JOB}/10").candidates[0].target_id)
    company.syncer.create_new(line_ref("20"))
    assert company.take().succeeded
    assert company.amounts_in_procore() == {
        "Sitework": Decimal(1000),
        "Concrete": Decimal("500.50"),
    }
    assert company.primes().is_empty


def test_two_contracts_with_one_key_are_refused(company: OwnerCompany) -> None:
    """The contract was imported twice, into two projects or into one."""
    company.imported()
    (first,) = company.contracts()

    def copied(request: Request, ask: Callable[[Request], Response]) -> Response:
        if "/12345/line_items" in request.url:
            request = attrs.evolve(request, url=request.url.replace("12345", str(first["id"])))
        answer = ask(request)
        if not request.url.split("?")[0].endswith("/prime_contracts"):
            return answer
        rows = answer.json()
        copy = {**rows[0], "id": 12345, "title": "Copy"}
        return attrs.evolve(answer, content=json.dumps([*rows, copy]).encode())

    company.to_procore.answer = copied
    found = held(company.primes(), JOB)
    assert (found.code, found.ref) == ("imported-twice", CONTRACT)
    assert f"12345, {first['id']}" in found.message


def test_a_contract_may_be_left_out(company: OwnerCompany) -> None:
    """By decision."""
    company.billing_items()
    company.syncer.ignore(CONTRACT, why="kept by hand")
    plan = company.primes()
    assert plan.is_empty
    assert not held_codes(plan)


def test_a_line_may_be_left_out(company: OwnerCompany) -> None:
    """The others still have to add up with it."""
    company.billing_items()
    company.syncer.ignore(line_ref("20"), why="billed elsewhere")
    assert company.take().succeeded
    assert set(company.contract_lines()) == {"Sitework"}
    plan = company.primes()
    assert plan.is_empty
    assert not held_codes(plan)


# ---------------------------------------------------------------- bad input


def test_all_faults_of_a_schedule_are_told_together(tmp_path: Path) -> None:
    """An oversized amount, a long item, a wrong phase, a line without amount; nothing is written.

    The header is taken all the same.
    """
    company = OwnerCompany()
    company.schedule(
        tmp_path,
        ("10", "Huge", "12345678901.00", "", ""),
        ("12345678901", "Long", "0.001", "", ""),
        ("30", "Where", "1.00", "99", "S"),
        ("40", "None", "", "", ""),
        ("50", "Unknown", "1.00", "999999", "S"),
        ("60", "Once", "1.00", "", ""),
        ("60", "Twice", "1.00", "", ""),
        head="item,description,amount,phase,cost type",
    )
    company.take()
    plan = company.primes()
    assert faults(plan, f"{JOB}/10") == [("amount", "out-of-range")]
    assert faults(plan, f"{JOB}/12345678901") == [("item", "too-long"), ("amount", "out-of-range")]
    assert faults(plan, f"{JOB}/30") == [("cost_code", "phase-length")]
    assert faults(plan, f"{JOB}/40") == [("amount", "amount-missing")]
    assert faults(plan, f"{JOB}/50") == [("cost_code", "line-code-unknown")]
    assert held_codes(plan)[str(line_ref("60"))] == "duplicate-key"
    assert not company.contract_lines()
    assert len(company.contracts()) == 1


def test_a_file_that_cannot_be_read_holds_the_lines_of_its_job_only(tmp_path: Path) -> None:
    """With every fault of the file."""
    company = OwnerCompany()
    company.schedule(tmp_path, ("10", "x", "five"))
    plan = company.primes()
    assert faults(plan, f"{JOB}/*") == [
        (str(tmp_path / "schedule.csv"), "schedule-unreadable"),
        ("row 2: amount", "not-a-number"),
    ]
    company.primes_by(schedules={JOB: str(tmp_path / "missing.csv")})
    (found,) = held(company.primes(), f"{JOB}/*").violations
    assert (found.code, "cannot be read" in found.message) == ("schedule-unreadable", True)


@pytest.mark.parametrize("mapping", [{"phase_code": ""}, {"cost_type": ""}])
def test_lines_need_a_budget_code(company: OwnerCompany, mapping: dict[str, str]) -> None:
    """Procore wants one on each line, and Spectrum's items have none."""
    company.billing_items()
    company.primes_by(mapping=mapping)
    assert faults(company.primes(), f"{JOB}/10") == [("cost_code", "line-code-missing")]


def test_lines_that_do_not_add_up_are_held(company: OwnerCompany) -> None:
    """Or noted, by setting."""
    company.billing_items(("10", "Sitework", "1000.00"))
    company.take()
    assert held_codes(company.primes()) == {str(line_ref("10")): "schedule-total"}
    company.primes_by(mapping={"total": "note"})
    plan = company.primes()
    assert any("add up to 1000.00" in note.text for note in plan.notes)
    assert company.syncer.apply(plan).succeeded
    assert company.primes().is_empty


def test_a_single_line_is_not_doubled_when_a_schedule_turns_up(tmp_path: Path) -> None:
    """Somebody takes it away first."""
    company = OwnerCompany()
    company.take()
    company.schedule(tmp_path, *ITEMS)
    plan = company.primes()
    assert plan.is_empty
    assert held_codes(plan)[str(line_ref("10"))] == "single-line-first"
    number = company.contract_lines()["Original contract"]["id"]
    company.procore.remove("prime_contract_line_item", number)
    company.syncer.forget_link(line_ref("*"), why="there is a schedule now")
    assert company.take().succeeded
    assert set(company.contract_lines()) == {"Sitework", "Concrete"}


def test_lines_are_not_replaced_by_one_when_the_schedule_is_gone(
    company: OwnerCompany, tmp_path: Path
) -> None:
    """What was known stays."""
    company.primes_by(mapping={"single_item": "10"})
    company.schedule(tmp_path, *ITEMS)
    assert company.take().succeeded
    company.primes_by(schedules={})
    plan = company.primes()
    assert plan.is_empty
    assert not held_codes(plan)


def test_a_project_that_may_not_be_read_stops_no_other(company: OwnerCompany) -> None:
    """It is held, with what Procore said."""
    company.billing_items()
    company.procore.disable_tool(company.project_id, "prime_contracts")
    assert held_codes(company.primes())[str(CONTRACT)] == "not-readable"


# ---------------------------------------------------------------- unit prices


def test_a_unit_price_contract_is_taken_with_its_units(tmp_path: Path) -> None:
    """And marked, because its units stay in Procore."""
    company = OwnerCompany(price_method="U", amount=Decimal("100.01"))
    company.schedule(
        tmp_path,
        ("0110", "Piles", "100.01", "3", "33.3367", "ea"),
        head="item,description,amount,quantity,unit price,unit",
    )
    plan = company.primes()
    assert any("unit-price contract" in note.text for note in plan.notes)
    assert company.syncer.apply(plan).succeeded
    (contract,) = company.contracts()
    assert contract["accounting_method"] == "unit"
    assert "unit-price contract" in contract["origin_data"]
    (line,) = company.contract_lines().values()
    assert (line["quantity"], line["unit_cost"], line["uom"]) == ("3.0", "33.3367", "ea")
    assert Decimal(line["amount"]) == Decimal("100.01")
    assert company.primes().is_empty


def test_units_that_make_another_amount_are_refused(tmp_path: Path) -> None:
    """Nothing is calculated anew."""
    company = OwnerCompany(price_method="U", amount=Decimal(100))
    company.schedule(
        tmp_path, ("0110", "Piles", "100.00", "3", "33.00"),
        head="item,description,amount,quantity,unit price",
    )  # fmt: skip
    assert faults(company.primes(), f"{JOB}/0110") == [("amount", "units-differ")]


def test_units_of_a_fixed_price_contract_are_left_out(tmp_path: Path) -> None:
    """They make the amount where there is none."""
    company = OwnerCompany(amount=Decimal(99))
    company.schedule(
        tmp_path, ("1", "Piles", "3", "33.00"), head="item,description,quantity,unit price"
    )
    assert company.take().succeeded
    (line,) = company.contract_lines().values()
    assert (line["quantity"], Decimal(line["amount"])) == (None, Decimal(99))


def test_limited_runs_look_at_their_jobs_only(company: OwnerCompany) -> None:
    """As every feature of jobs does."""
    company.billing_items()
    company.job("25-0404", "Bridge", Customer_Code=CUSTOMER)
    company.run("jobs")
    plan = company.plan("prime_contracts", jobs=["25-0404"])
    assert {op.ref.key for op in plan.operations} == {"25-0404"}
