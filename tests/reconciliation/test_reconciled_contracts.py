"""The contract with the owner: original amount, and change orders."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
from exporting_company import ANNA, CUSTOMER, JOB
from reconciled_company import ReconciledCompany, reasons, rows_of

from procore_spectrum.plan.reconciliation import Measure
from procore_spectrum.plan.records import Ref
from procore_spectrum.wire.messages import Request, Response

VALUE, CHANGES = Measure.CONTRACT_VALUE, Measure.OWNER_CHANGES
PAIR = ("010100", "S")


class Owned(ReconciledCompany):
    """Whose job has an original contract of 1,500.50 with one billing item."""

    def __init__(self, **mapping: Any) -> None:
        super().__init__()
        self.sign("1500.50")
        self.spectrum.add_billing_item(JOB, "100", "Original contract", amount=Decimal("1500.50"))
        self.spectrum.add_change_status("A", 1)
        found = self.settings.prime_contracts
        chosen = {"phase_code": PAIR[0], "cost_type": PAIR[1], "single_item": "100", **mapping}
        primes = attrs.evolve(
            found,
            mapping=attrs.evolve(found.mapping, **chosen),
            change_orders=attrs.evolve(
                found.change_orders,
                status_code="A",
                status_actions={"A": 1},
                approved_date=False,
            ),
        )
        features = ("jobs", "cost_codes", "prime_contracts")
        self.settings = attrs.evolve(self.settings, prime_contracts=primes, features=features)

    def sign(self, amount: str) -> None:
        """Spectrum's contract is another one from now on."""
        self.job(JOB, "City Hall", Customer_Code=CUSTOMER, Original_Contract=Decimal(amount))

    @property
    def contract(self) -> dict[str, Any]:
        """The contract in Procore."""
        (found,) = self.table("prime_contracts")
        return found

    def edit_line(self, amount: str) -> None:
        """A person changes the one line of the contract."""
        (line,) = self.table("prime_contract_line_items")
        path = f"/prime_contracts/{self.contract['id']}/line_items/{line['id']}"
        self.by_hand(f"{path}?project_id={self.project_id}", {"line_item": {"amount": amount}})

    def change(self, amount: str) -> Ref:
        """An approved change order of the owner."""
        (line,) = self.table("prime_contract_line_items")
        (values,) = self.lines_of([(PAIR, amount, "Windows")])
        made = self.procore.add_prime_change_order(
            self.project_id,
            self.contract["id"],
            lines=[{**values, "prime_line_item_id": line["id"]}],
            number="001",
            title="Windows",
            status="approved",
        )
        return Ref("prime_change_order", str(made["id"]))


def test_an_imported_contract_balances() -> None:
    """The lines of the prime contract are the original contract of the job."""
    company = Owned()
    company.run("prime_contracts")
    found = company.reconciled()
    assert found.balanced, found.to_json()
    ((procore, spectrum),) = [(r.procore, r.spectrum) for r in rows_of(found, VALUE)]
    assert procore == spectrum == Decimal("1500.50")


def test_another_contract_of_the_project_does_not_count() -> None:
    """Spectrum has one contract for the job; it is the linked one."""
    company = Owned()
    company.run("prime_contracts")
    lines = company.lines_of([(PAIR, "77.00", "Something else")])
    company.procore.add_prime_contract(company.project_id, title="Another", lines=lines)
    found = company.reconciled()
    assert [(r.procore, r.spectrum) for r in rows_of(found, VALUE)] == [(Decimal("1500.50"),) * 2]


def test_the_contract_of_a_complete_job_is_read() -> None:
    """The usual listing leaves complete jobs out; their contracts have not become zero."""
    company = Owned()
    company.run("jobs", "cost_codes", "prime_contracts")
    amount = Decimal("1500.50")
    company.job(JOB, "City Hall", Customer_Code=CUSTOMER, Original_Contract=amount, Status_Code="C")
    found = company.reconciled()
    assert found.balanced
    assert [(row.procore, row.spectrum) for row in rows_of(found, VALUE)] == [(amount, amount)]


def test_a_contract_that_was_not_imported_yet() -> None:
    """It is what the next apply writes, or what the settings leave out."""
    company = Owned()
    assert reasons(company.reconciled(), VALUE) == [
        ("not_synced", "-1500.50", "Original contract: the next apply writes it")
    ]
    company.settings = attrs.evolve(company.settings, features=())
    assert reasons(company.reconciled(), VALUE) == [
        ("out_of_scope", "-1500.50", "Original contract: the settings leave out prime_contracts")
    ]


def test_a_contract_that_is_held() -> None:
    """The reason is that of the plan: no budget code for its line."""
    company = Owned(phase_code="", cost_type="")
    ((cause, amount, text),) = reasons(company.reconciled(), VALUE)
    assert (cause, amount) == ("held", "-1500.50")
    assert text.startswith("held, because ")


def test_edits_of_both_sides_are_told_apart() -> None:
    """What was edited in Procore, and what Spectrum changed since."""
    company = Owned()
    company.run("prime_contracts")
    company.edit_line("1400.50")
    company.sign("1501.00")
    found = reasons(company.reconciled(), VALUE)
    assert sum(Decimal(amount) for _, amount, _ in found) == Decimal("-100.50")
    assert {cause for cause, _, _ in found} <= {"drift", "not_synced", "held"}


def test_an_edit_in_procore_is_drift() -> None:
    """The next apply takes it back; until then it is named with what was written."""
    company = Owned()
    company.run("prime_contracts")
    company.edit_line("1400.50")
    text = "Original contract was edited in Procore; 1,500.50 was written"
    assert reasons(company.reconciled(), VALUE) == [("drift", "-100.00", text)]


def test_a_line_that_was_deleted_in_procore() -> None:
    """Its amount is missing, and a reason is known."""
    company = Owned()
    company.run("prime_contracts")
    (line,) = company.table("prime_contract_line_items")
    path = f"/prime_contracts/{company.contract['id']}/line_items/{line['id']}"
    company.by_hand(f"{path}?project_id={company.project_id}", None, method="DELETE")
    ((cause, amount, _),) = reasons(company.reconciled(), VALUE)
    assert (cause, amount) in {("held", "-1500.50"), ("drift", "-1500.50")}


def test_a_schedule_that_does_not_add_up(tmp_path: Path) -> None:
    """By choice it is only noted; the difference stays, and is explained."""
    company = Owned(total="note")
    file = tmp_path / "schedule.csv"
    file.write_text("item,description,amount\n100,All of it,1500.00\n", encoding="utf-8")
    primes = attrs.evolve(company.settings.prime_contracts, schedules={JOB: str(file)})
    company.settings = attrs.evolve(company.settings, prime_contracts=primes)
    company.run("prime_contracts")
    text = "the billing items of the job do not add up to its original contract"
    assert reasons(company.reconciled(), VALUE) == [("out_of_scope", "-0.50", text)]


def test_a_job_without_customer_has_no_contract() -> None:
    """It cannot be imported, and the reason is given."""
    company = Owned()
    company.job(JOB, "City Hall", Customer_Code="", Original_Contract=Decimal("10"))
    assert reasons(company.reconciled(), VALUE) == [
        (
            "out_of_scope",
            "-10.00",
            "the job has no customer, and so no contract that could be imported",
        )
    ]


def test_a_line_that_somebody_added() -> None:
    """It is one-sided."""
    company = Owned()
    company.run("prime_contracts")
    (values,) = company.lines_of([(("020200", "S"), "5.00", "Extra")])
    path = f"/prime_contracts/{company.contract['id']}/line_items"
    company.by_hand(f"{path}?project_id={company.project_id}", {"line_item": values}, method="POST")
    assert reasons(company.reconciled(), VALUE) == [
        ("one_sided", "5.00", "the line Extra was added in Procore")
    ]


def test_contracts_that_may_not_be_read_are_named() -> None:
    """They are not compared."""
    company = Owned()

    def answer(request: Request, inner: Callable[[Request], Response]) -> Response:
        return Response(status=403) if "prime_contract" in request.url else inner(request)

    company.to_procore.answer = answer
    found = company.reconciled()
    assert rows_of(found, VALUE) == []
    assert any("prime contract of job 25-0101 cannot be read" in note for note in found.notes)


def test_a_change_order_of_the_owner_from_waiting_to_balanced() -> None:
    """Its revenue is compared with what was sent, because it cannot be read."""
    company = Owned()
    company.run("prime_contracts")
    ref = company.change("200.25")
    company.syncer.apply(company.plan("prime_contracts"))
    ((cause, amount, _),) = reasons(company.reconciled(), CHANGES)
    assert (cause, amount) == ("waiting", "200.25")
    company.syncer.approvals.accept(ref, by=ANNA)
    company.syncer.apply(company.plan("prime_contracts"))
    found = company.reconciled()
    assert found.balanced, found.to_json()
    ((procore, spectrum),) = [(r.procore, r.spectrum) for r in rows_of(found, CHANGES)]
    assert procore == spectrum == Decimal("200.25")
    (basis,) = [b for b in found.bases if (b.measure, b.system) == (CHANGES, "spectrum")]
    assert not basis.readable


def exported_change(company: Owned) -> Ref:
    """A change order of the owner that Spectrum has."""
    company.run("prime_contracts")
    ref = company.change("200.25")
    company.syncer.apply(company.plan("prime_contracts"))
    company.syncer.approvals.accept(ref, by=ANNA)
    company.syncer.apply(company.plan("prime_contracts"))
    return ref


def test_a_change_order_of_the_owner_that_was_deleted_in_procore() -> None:
    """Spectrum still bills it: it is held, and does not balance."""
    company = Owned()
    ref = exported_change(company)
    company.procore.remove("change_order", int(ref.key))
    assert [(op.ref, op.code) for op in company.plan("prime_contracts").held] == [(ref, "vanished")]
    ((cause, amount, text),) = reasons(company.reconciled(), CHANGES)
    assert (cause, amount) == ("drift", "-200.25")
    assert text.endswith("Procore no longer has it; what was sent stays in Spectrum")


def test_a_complete_job_keeps_its_customer() -> None:
    """What was exported before is no edit when the job leaves the usual listing."""
    company = Owned()
    exported_change(company)
    company.job(
        JOB,
        "City Hall",
        Customer_Code=CUSTOMER,
        Original_Contract=Decimal("1500.50"),
        Status_Code="C",
    )
    assert company.plan("prime_contracts").held == ()


def test_the_owner_gets_no_line_on_a_change_request_that_people_made() -> None:
    """Whichever lines it has, one of that number is a collision."""
    company = Owned()
    company.sql = True
    company.run("prime_contracts")
    company.spectrum.add_change_request(
        Job_Number=JOB,
        Customer_Code=CUSTOMER,
        Change_Request_Number="CR-7",
        CR_Description="Theirs",
        CR_Status="A",
        CR_Phase_Code="020200",
        CR_Cost_Type="S",
        Change_Request_Amount=Decimal(9),
    )
    before = company.change_request("CR-7")
    ref = company.change("200.25")
    company.syncer.apply(company.plan("prime_contracts"))
    company.syncer.approvals.accept(ref, by=ANNA, given={"change_request_number": "cr-7"})
    company.syncer.apply(company.plan("prime_contracts"))
    assert [op.code for op in company.plan("prime_contracts").held] == ["collision"]
    assert company.change_request("CR-7") == before
