"""Prime contracts as ProcoreTarget writes them, against the fake company."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from procore_spectrum.errors import ConfigurationError, NotFoundError
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import Batch, BatchItem, ItemOutcome, ReadQuery
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.testing import FakeClock, FakeProcore

CODE = {"cost_code": ("01",), "line_item_type": "S"}


@attrs.define
class Site:
    """A project with one budget code."""

    fake: FakeProcore
    target: ProcoreTarget
    project: int

    def write(
        self,
        kind: str,
        *wishes: Fields,
        verb: str = "create",
        target_id: Any = None,
        parent_id: Any = None,
    ) -> list[ItemOutcome]:
        """Write records of one kind."""
        items = tuple(
            BatchItem(
                op_id=f"op{number}",
                verb=verb,
                ref=Ref(kind, f"key{number}"),
                fields=fields,
                full=fields,
                target_id=None if target_id is None else str(target_id),
                parent_id=None if parent_id is None else str(parent_id),
            )
            for number, fields in enumerate(wishes)
        )
        batch = Batch(kind=kind, scope_id=str(self.project), items=items)
        outcomes = list(self.target.write(batch))
        assert [outcome.op_id for outcome in outcomes] == [item.op_id for item in items]
        return outcomes

    def contract(self, **fields: Any) -> str:
        """A contract that was made from here; its id."""
        (made,) = self.write("prime_contract", {"title": "T", "origin_id": "c", **fields})
        assert made.state == "done", made
        return str(made.target_id)

    def read(self, kind: str, **filters: Any) -> tuple[Any, ...]:
        """Read a kind."""
        query = ReadQuery(kind=kind, scope=str(self.project), filters=filters)
        return self.target.read(query).items

    def probe(self, kind: str, **full: Any) -> Any:
        """Look up one record."""
        item = BatchItem(op_id="o", verb="create", ref=Ref(kind, "k"), fields=full, full=full)
        batch = Batch(kind=kind, scope_id=str(self.project), items=(item,))
        return self.target.probe(batch)[0]


@pytest.fixture
def site() -> Iterator[Site]:
    """A fresh one."""
    fake = FakeProcore()
    project = fake.add_project(name="North Tower")["id"]
    cost_code = fake.add_cost_code(project_id=project, code="01", name="Concrete")["id"]
    cost_type = fake.add_line_item_type(name="Subcontract", code="S")["id"]
    fake.add_wbs_code(project_id=project, cost_code_id=cost_code, line_item_type_id=cost_type)
    with ProcoreClient(
        company_id=fake.company_id,
        client_id=fake.client_id,
        client_secret=fake.client_secret,
        transport=fake.transport(),
        clock=FakeClock(),
    ) as client:
        yield Site(fake, ProcoreTarget(client, clock=FakeClock()), project)


def line(number: int, **fields: Any) -> dict[str, Any]:
    """A line of a hundred dollars."""
    return {"origin_id": f"l{number}", "amount": Decimal("100.10"), **CODE, **fields}


def codes(outcome: ItemOutcome) -> list[tuple[str, str]]:
    """Why a record was refused."""
    assert outcome.state == "refused"
    return [(violation.path, violation.code) for violation in outcome.violations]


def test_a_contract_is_created_with_its_key(site: Site) -> None:
    """And found by that key, if the answer was lost."""
    number = site.contract(status="Draft", accounting_method="unit")
    (found,) = site.read("prime_contract")
    assert (str(found.id), found.title, found.origin_id) == (number, "T", "c")
    assert found.accounting_method == "unit"
    assert site.probe("prime_contract", origin_id="c").target_id == number
    assert site.probe("prime_contract", origin_id="other").found is False
    assert site.probe("prime_contract").found is None


@pytest.mark.parametrize("verb", ["update", "link"])
def test_a_contract_is_changed_where_it_is(site: Site, verb: str) -> None:
    """Only what was sent; a link sets our key."""
    made = site.fake.add_prime_contract(site.project, title="By hand", number="PC-9")
    (outcome,) = site.write(
        "prime_contract", {"title": "New", "origin_id": "c"}, verb=verb, target_id=made["id"]
    )
    assert (outcome.state, outcome.target_id) == ("done", str(made["id"]))
    (found,) = site.read("prime_contract")
    assert (found.title, found.number, found.origin_id) == ("New", "PC-9", "c")


def test_what_procore_refuses_is_told(site: Site) -> None:
    """A key that another record has, an owner that does not exist, a contract that is gone."""
    site.contract()
    (outcome,) = site.write("prime_contract", {"title": "T", "origin_id": "c"})
    assert codes(outcome) == [("origin_id", "refused")]
    (outcome,) = site.write("prime_contract", {"origin_id": "d", "vendor_id": "99"})
    assert codes(outcome) == [("vendor_id", "refused")]
    (outcome,) = site.write("prime_contract", {"title": "X"}, verb="update", target_id=123456)
    assert outcome.state == "refused"


@pytest.mark.parametrize("kind", ["prime_contract", "prime_contract_line"])
@pytest.mark.parametrize(
    ("verb", "fields", "path"),
    [
        ("create", {"title": "T"}, "origin_id"),
        ("link", {"title": "T"}, "origin_id"),
        ("deactivate", {}, ""),
        ("update", {"color": "red"}, "color"),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_is_sent(
    site: Site, kind: str, verb: str, fields: Fields, path: str
) -> None:
    """Without a key nothing is made, and nothing is switched off."""
    before = len(site.fake.calls)
    number = None if verb == "create" else 5
    (outcome,) = site.write(kind, fields, verb=verb, target_id=number, parent_id=7)
    assert codes(outcome) == [(path, "invalid_value")]
    assert len(site.fake.calls) == before


def test_lines_are_created_together_and_changed_by_id(site: Site) -> None:
    """One request for all; sums are as they were typed, whatever quantity and price make."""
    number = site.contract()
    units = {"quantity": Decimal(3), "unit_cost": Decimal("33.37"), "uom": "ea"}
    before = len(site.fake.calls)
    made = site.write(
        "prime_contract_line", line(1, description="A"), line(2, **units), parent_id=number
    )
    writes = [call for call in site.fake.calls[before:] if call.method != "GET"]
    assert len(writes) == 1
    assert [outcome.state for outcome in made] == ["done", "done"]
    found = {found.origin_id: found for found in site.read("prime_contract_line")}
    assert [found[key].amount for key in ("l1", "l2")] == [Decimal("100.10")] * 2
    assert (found["l2"].quantity, found["l2"].unit_cost) == (3, Decimal("33.37"))
    (changed,) = site.write(
        "prime_contract_line",
        {"amount": Decimal("7.00")},
        verb="update",
        target_id=made[1].target_id,
        parent_id=number,
    )
    assert changed.state == "done"
    (contract,) = site.read("prime_contract")
    assert sum(found.amount or 0 for found in contract.line_items) == Decimal("107.10")
    assert site.probe("prime_contract_line", origin_id="l2").target_id == made[1].target_id
    assert site.probe("prime_contract_line", origin_id="l3").found is False


def test_one_bad_line_leaves_its_neighbours_alone(site: Site) -> None:
    """A budget code that the project lacks, a missing contract."""
    number = site.contract()
    wrong = line(2, cost_code=("99",))
    good, bad = site.write("prime_contract_line", line(1), wrong, parent_id=number)
    assert good.state == "done"
    assert codes(bad) == [("cost_code", "invalid_value")]
    (outcome,) = site.write("prime_contract_line", line(3))
    assert codes(outcome) == [("parent_id", "invalid_value")]
    with pytest.raises(NotFoundError):
        site.write("prime_contract_line", line(4), parent_id=404404)


def test_a_line_that_was_sent_twice_is_there_once(site: Site) -> None:
    """Lines are found by their origin id, so a batch may be repeated."""
    number = site.contract()
    first = site.write("prime_contract_line", line(1), parent_id=number)
    second = site.write("prime_contract_line", line(1), parent_id=number)
    assert first == second
    assert len(site.read("prime_contract_line")) == 1
    can = site.target.capabilities("prime_contract_line")
    assert (can.write, can.batch, can.probe) == ("upsert", 1000, True)
    can = site.target.capabilities("prime_contract")
    assert (can.write, can.batch, can.probe) == ("create", 1, True)


def test_markups_are_read_of_one_holder_in_their_order(site: Site) -> None:
    """And of nothing else."""
    number = int(site.contract())
    for position, name in ((2, "Profit"), (1, "Fee")):
        site.fake.add_markup(
            site.project,
            number,
            name=name,
            percentage="10",
            markup_set="change_orders_vertical",
            position=position,
        )
    found = site.read("prime_markup", holder_type="Contract", holder_id=number)
    assert [markup.name for markup in found] == ["Fee", "Profit"]
    for filters in ({}, {"holder_type": "Project", "holder_id": 1}, {"holder_type": "Contract"}):
        with pytest.raises(ConfigurationError):
            site.read("prime_markup", **filters)
