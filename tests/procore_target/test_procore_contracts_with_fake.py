"""ProcoreTarget against the fake company: contracts are read, marked, and unmarked."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest
from procore_replies import batch, item

from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import ReadQuery
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.testing import FakeClock, FakeProcore


@attrs.define
class Company:
    """A fake company with one project, one vendor and one budget code."""

    fake: FakeProcore
    client: ProcoreClient
    project: int
    vendor: int
    line: dict[str, Any]

    def target(self, **settings: Any) -> ProcoreTarget:
        """A target with these settings."""
        return ProcoreTarget(self.client, clock=FakeClock(), **settings)

    def read(self, kind: str, *, family: Any = "newer", **filters: Any) -> tuple[Any, ...]:
        """Read a kind of the project."""
        query = ReadQuery(kind=kind, scope=str(self.project), filters=filters)
        return self.target(change_order_family=family).read(query).items

    def commitment(self, kind: Any = "work_order", **fields: Any) -> int:
        """An approved contract with two lines."""
        row = self.fake.add_commitment(
            self.project,
            kind,
            lines=[
                {**self.line, "amount": "1000.10", "description": "Footings"},
                {**self.line, "quantity": "2.5", "unit_cost": "10.00", "uom": "cy"},
            ],
            status="Approved",
            vendor_id=self.vendor,
            **fields,
        )
        return int(row["id"])

    def mark(self, kind: str, wish: Any, **settings: Any) -> Any:
        """Write one mark and return its outcome."""
        target = self.target(**settings)
        return target.write(batch(kind, wish, scope=str(self.project)))[0]


@pytest.fixture
def company() -> Iterator[Company]:
    """A fresh company."""
    fake = FakeProcore()
    project = fake.add_project(name="North Tower")["id"]
    vendor = fake.add_vendor(name="Acme")["id"]
    cost_code = fake.add_cost_code(project_id=project, code="01", name="Concrete")["id"]
    cost_type = fake.add_line_item_type(name="Subcontract", code="S")["id"]
    code = fake.add_wbs_code(
        project_id=project, cost_code_id=cost_code, line_item_type_id=cost_type
    )
    client = ProcoreClient(
        company_id=fake.company_id,
        client_id=fake.client_id,
        client_secret=fake.client_secret,
        transport=fake.transport(),
        clock=FakeClock(),
    )
    with client:
        yield Company(fake, client, project, vendor, {"wbs_code_id": code["id"]})


KINDS = ["work_order", "purchase_order"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_approved_commitment_is_read_with_its_lines(company: Company, kind: Any) -> None:
    """Kind, vendor, sums and codes are what was arranged."""
    contract_id = company.commitment(kind)
    (found,) = company.read("commitment", status="Approved")
    assert (found.id, found.kind, found.vendor.id) == (contract_id, kind, company.vendor)
    first, second = found.line_items
    assert (first.amount, first.description) == (Decimal("1000.10"), "Footings")
    assert (second.quantity, second.unit_cost, second.amount) == (Decimal("2.5"), 10, 25)
    assert first.wbs_code.id == company.line["wbs_code_id"]
    assert found.grand_total == Decimal("1025.10")


def test_commitments_in_other_states_are_left_out(company: Company) -> None:
    """A draft is not read when approved ones are asked for."""
    company.fake.add_commitment(company.project, lines=[{**company.line, "amount": "1"}])
    assert company.read("commitment", status=("Approved", "Complete")) == ()
    assert len(company.read("commitment")) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("told", [{}, {"kind": True}])
def test_a_commitment_is_marked_and_unmarked(
    company: Company, kind: Any, told: dict[str, Any]
) -> None:
    """An approved contract takes our keys, can be found by them, and loses them again."""
    known = {"kind": kind} if told else {}
    number = str(company.commitment(kind))
    fields = {**known, "origin_id": "spectrum:ABC:sc:1", "origin_code": "SC-1"}
    wish = item("create", fields, target_id=number)
    for _ in range(2):
        assert company.mark("commitment_mark", wish).state == "done"
    (found,) = company.read("commitment", origin_id="spectrum:ABC:sc:1")
    assert (str(found.id), found.origin_code) == (number, "SC-1")
    wish = item("unlink", {**known, "origin_id": None, "origin_code": None}, target_id=number)
    assert company.mark("commitment_mark", wish).state == "done"
    (found,) = company.read("commitment", id=number)
    assert (found.origin_id, found.origin_code) == (None, None)


def test_an_origin_id_that_is_taken_is_refused(company: Company) -> None:
    """Two contracts cannot share one key; the first keeps it."""
    first, second = str(company.commitment()), str(company.commitment())
    fields = {"kind": "work_order", "origin_id": "o"}
    assert company.mark("commitment_mark", item("create", fields, target_id=first)).state == "done"
    outcome = company.mark("commitment_mark", item("create", fields, target_id=second))
    assert (outcome.state, outcome.violations[0].path) == ("refused", "origin_id")


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_of_an_approved_commitment_is_marked(company: Company, kind: Any) -> None:
    """Lines are locked once their contract is approved, but for the origin fields."""
    contract_id = company.commitment(kind)
    line_id = company.read("commitment")[0].line_items[0].id
    fields = {"kind": kind, "origin_id": "spectrum:ABC:sc:1:1"}
    parts: Any = {"target_id": str(line_id), "parent_id": str(contract_id)}
    assert company.mark("commitment_line_mark", item("create", fields, **parts)).state == "done"
    assert company.read("commitment")[0].line_items[0].origin_id == fields["origin_id"]
    assert company.mark("commitment_line_mark", item("unlink", {}, **parts)).state == "done"
    assert company.read("commitment")[0].line_items[0].origin_id is None


def change_order(company: Company) -> tuple[int, dict[str, Any]]:
    """An approved change order of an approved contract; the contract's id comes first."""
    contract_id = company.commitment()
    row = company.fake.add_commitment_change_order(
        company.project,
        contract_id,
        lines=[{**company.line, "quantity": "2.5", "unit_cost": "39.64", "description": "Rebar"}],
        status="approved",
        title="Rebar",
    )
    return contract_id, row


@pytest.mark.parametrize("quantities", ["text", "number"])
def test_a_change_order_is_read_from_the_newer_family(company: Company, quantities: str) -> None:
    """Whether quantities come as text or number, lines and contract are the same."""
    company.fake.switches.v2_quantity_as_text = quantities == "text"
    contract_id, row = change_order(company)
    (found,) = company.read("commitment_change_order", status="approved")
    assert (found.id, found.family, found.title) == (row["id"], "newer", "Rebar")
    assert (found.commitment.id, found.commitment.kind) == (contract_id, "work_order")
    (line,) = found.line_items
    assert (line.quantity, line.unit_cost) == (Decimal("2.5"), Decimal("39.64"))
    assert (line.amount, line.wbs_code.id) == (Decimal("99.10"), company.line["wbs_code_id"])


def test_both_families_tell_the_same_story(company: Company) -> None:
    """A package stands for the same change order: contract, sum, lines and codes agree."""
    _, row = change_order(company)
    (newer,) = company.read("commitment_change_order")
    (older,) = company.read("commitment_change_order", family="older")
    assert older.id == older.legacy_package_id == row["legacy_package_id"]
    assert older.commitment == newer.commitment
    assert (older.status, older.grand_total) == (newer.status, newer.grand_total)
    assert [(line.amount, line.description, line.wbs_code.id) for line in older.line_items] == [
        (line.amount, line.description, line.wbs_code.id) for line in newer.line_items
    ]


def test_a_package_is_marked_and_unmarked(company: Company) -> None:
    """The older family's origin id is set, read and cleared."""
    contract_id, row = change_order(company)
    number = str(row["legacy_package_id"])
    key: Fields = {"origin_id": "spectrum:ABC:co:1"}
    for verb, fields, expected in (("create", key, key["origin_id"]), ("unlink", {}, None)):
        wish = item(verb, fields, target_id=number, parent_id=str(contract_id))
        outcome = company.mark("change_order_mark", wish, change_order_family="older")
        assert outcome.state == "done"
        (found,) = company.read("commitment_change_order", family="older")
        assert found.origin_id == expected


def test_prime_contracts_and_their_change_orders_are_read(company: Company) -> None:
    """The owner's side comes with lines, and is left out of the commitments' change orders."""
    prime = company.fake.add_prime_contract(
        company.project, lines=[{**company.line, "amount": "5000.00"}], status="Approved"
    )
    company.fake.add_prime_change_order(
        company.project, prime["id"], lines=[{**company.line, "amount": "7.00"}]
    )
    (contract,) = company.read("prime_contract", status="Approved")
    assert [line.amount for line in contract.line_items] == [5000]
    (order,) = company.read("prime_change_order")
    assert (order.contract_id, [line.amount for line in order.line_items]) == (prime["id"], [7])
    assert company.read("commitment_change_order") == ()
    assert company.read("commitment_change_order", family="older") == ()
