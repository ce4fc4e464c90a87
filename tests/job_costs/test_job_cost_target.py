"""ProcoreTarget against the fake company: direct costs, their lines, and partners' job costs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from procore_spectrum.errors import ConfigurationError, NotPermittedError
from procore_spectrum.features import FEATURES
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import Batch, BatchItem, ItemOutcome, ReadQuery
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.testing import FakeClock, FakeProcore


@attrs.define
class Books:
    """A fake company with one project, a vendor, two budget codes, and a target for it."""

    fake: FakeProcore
    target: ProcoreTarget
    project: int
    vendor: int
    codes: list[int]
    parts: list[tuple[int, int]]

    def write(self, kind: str, *items: BatchItem) -> list[ItemOutcome]:
        """Write a batch of the project."""
        batch = Batch(kind=kind, scope_id=str(self.project), items=items)
        return list(self.target.write(batch))

    def read(self, kind: str = "direct_cost", **filters: Any) -> tuple[Any, ...]:
        """Read a kind of the project."""
        query = ReadQuery(kind=kind, scope=str(self.project), filters=filters)
        return self.target.read(query).items

    def header(self, **fields: Any) -> str:
        """The id of a direct cost that was written."""
        values: Fields = {
            "invoice_number": "JTD",
            "direct_cost_type": "expense",
            "status": "approved",
            "vendor_id": str(self.vendor),
            **fields,
        }
        (outcome,) = self.write("direct_cost", wish("create", values))
        assert outcome.state == "done", outcome
        return str(outcome.target_id)

    def line(self, origin_id: str, amount: str, code: int = 0) -> Fields:
        """The values of a line."""
        return {
            "origin_id": origin_id,
            "amount": Decimal(amount),
            "extended_type": "manual",
            "wbs_code_id": str(self.codes[code]),
        }


def wish(verb: str, fields: Fields, key: str = "x", **more: Any) -> BatchItem:
    """One record to be written."""
    full = {**fields, **more.pop("full", {})}
    ref = Ref("any", key)
    return BatchItem(op_id=f"{verb} {key}", verb=verb, ref=ref, fields=fields, full=full, **more)


@pytest.fixture
def books() -> Iterator[Books]:
    """A fresh company."""
    fake = FakeProcore()
    project = fake.add_project(name="North Tower", origin_id="spectrum:ABC:job:1")["id"]
    vendor = fake.add_vendor(name="Our own company")["id"]
    kind = fake.add_line_item_type(name="Labor", code="L")["id"]
    parts = [
        (fake.add_cost_code(project_id=project, code=code, name=code)["id"], kind)
        for code in ("01", "02")
    ]
    codes = [
        fake.add_wbs_code(project_id=project, cost_code_id=code, line_item_type_id=kind)["id"]
        for code, kind in parts
    ]
    client = ProcoreClient(
        company_id=fake.company_id,
        client_id=fake.client_id,
        client_secret=fake.client_secret,
        transport=fake.transport(),
        clock=FakeClock(),
    )
    with client:
        target = ProcoreTarget(client, clock=FakeClock())
        yield Books(fake, target, project, vendor, codes, parts)


def test_a_direct_cost_is_read_with_the_lines_that_were_written(books: Books) -> None:
    """Header, then lines; both come back in one reading."""
    header = books.header()
    lines = [
        wish("create", books.line("a", "10.01"), "a", parent_id=header),
        wish("create", books.line("b", "-3.20", 1), "b", parent_id=header),
    ]
    assert {outcome.state for outcome in books.write("direct_cost_line", *lines)} == {"done"}
    (found,) = books.read()
    assert (found.invoice_number, found.status, found.amount) == (
        "JTD",
        "approved",
        Decimal("6.81"),
    )
    assert {line.origin_id: line.amount for line in found.line_items} == {
        "a": Decimal("10.01"),
        "b": Decimal("-3.20"),
    }


def test_lines_of_several_direct_costs_are_told_apart(books: Books) -> None:
    """Lines are listed for the whole project and belong to the cost that holds them."""
    for name in ("one", "two"):
        header = books.header(invoice_number=name)
        line = wish("create", books.line(name, "1.00"), name, parent_id=header)
        books.write("direct_cost_line", line)
    held = {cost.invoice_number: [x.origin_id for x in cost.line_items] for cost in books.read()}
    assert held == {"one": ["one"], "two": ["two"]}


def test_a_project_without_direct_costs_costs_one_request(books: Books) -> None:
    """Lines are not asked for where there can be none."""
    reading = books.target.read(ReadQuery(kind="direct_cost", scope=str(books.project)))
    assert (reading.items, reading.requests) == ((), 1)


def test_lines_can_be_listed_of_one_direct_cost(books: Books) -> None:
    """The filter goes to Procore."""
    for name in ("one", "two"):
        header = books.header(invoice_number=name)
        books.write(
            "direct_cost_line", wish("create", books.line(name, "1"), name, parent_id=header)
        )
    lines = books.read("direct_cost_line", direct_cost_id=int(header))
    assert [line.origin_id for line in lines] == ["two"]


def test_sending_lines_twice_leaves_one(books: Books) -> None:
    """A lost answer cannot make a second line: the origin id finds the first."""
    header = books.header()
    line = wish("create", books.line("a", "1.00"), "a", parent_id=header)
    first, second = books.write("direct_cost_line", line), books.write("direct_cost_line", line)
    assert first[0].target_id == second[0].target_id
    assert len(books.read()[0].line_items) == 1


def test_an_update_sends_only_what_changed(books: Books) -> None:
    """The rest of the line stays, quantity included."""
    header = books.header()
    values = {**books.line("a", "9.99"), "quantity": Decimal("3"), "uom": "cy"}
    (made,) = books.write("direct_cost_line", wish("create", values, parent_id=header))
    change = wish(
        "update", {"amount": Decimal("-0.01")}, target_id=made.target_id, parent_id=header
    )
    assert books.write("direct_cost_line", change)[0].state == "done"
    (line,) = books.read()[0].line_items
    assert (line.amount, line.quantity, line.uom) == (Decimal("-0.01"), Decimal(3), "cy")


def test_one_refused_line_leaves_its_neighbours_alone(books: Books) -> None:
    """Refusals come back per record, with the field."""
    header = books.header()
    bad = wish("create", {**books.line("b", "1"), "wbs_code_id": "7"}, "b", parent_id=header)
    good = wish("create", books.line("a", "1.00"), "a", parent_id=header)
    refused, done = books.write("direct_cost_line", bad, good)
    assert (refused.state, refused.violations[0].path) == ("refused", "wbs_code_id")
    assert done.state == "done"


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("direct_cost_line", wish("create", {"amount": Decimal(1)}, parent_id="7")),
        ("direct_cost_line", wish("create", {"origin_id": "a"})),
        ("direct_cost_line", wish("deactivate", {}, target_id="7")),
        ("direct_cost", wish("update", {"status": "draft"})),
        ("direct_cost", wish("create", {"no_such_field": "x"})),
    ],
)
def test_what_cannot_be_sent_is_refused_unsent(books: Books, kind: str, item: BatchItem) -> None:
    """No origin id, no direct cost, an unknown verb or field: nothing reaches Procore."""
    books.fake.calls.clear()
    (outcome,) = books.write(kind, item)
    assert outcome.state == "refused"
    assert outcome.violations
    assert not books.fake.calls


def test_a_busy_project_is_a_failure_that_the_next_run_repeats(books: Books) -> None:
    """409 says that nothing was written, and that nobody has to correct anything."""
    books.fake.switches.direct_costs_busy = True
    item = wish("create", {"invoice_number": "JTD", "direct_cost_type": "expense"})
    (outcome,) = books.write("direct_cost", item)
    assert (outcome.state, outcome.violations[0].code) == ("failed", "procore_busy")


def test_a_direct_cost_in_doubt_is_found_by_its_number(books: Books) -> None:
    """Without an origin id the invoice number has to do; two of a number cannot be told apart."""
    item = wish("create", {"invoice_number": "JTD"})
    batch = Batch(kind="direct_cost", scope_id=str(books.project), items=(item,))
    assert books.target.probe(batch)[0].found is False
    header = books.header()
    (probe,) = books.target.probe(batch)
    assert (probe.found, probe.target_id) == (True, header)
    books.header()
    assert books.target.probe(batch)[0].found is None


def test_a_line_in_doubt_is_found_by_its_origin_id(books: Books) -> None:
    """A record without any name cannot be looked up."""
    header = books.header()
    books.write("direct_cost_line", wish("create", books.line("a", "1"), parent_id=header))
    items = (wish("create", {"origin_id": "a"}, "a"), wish("create", {}, "b"))
    batch = Batch(kind="direct_cost_line", scope_id=str(books.project), items=items)
    assert [probe.found for probe in books.target.probe(batch)] == [True, None]


# ---------------------------------------------------------------- the partners' endpoint


def figures(books: Books, cost: str, place: int = 0, **more: Any) -> BatchItem:
    """The figures of a pair."""
    code, kind = books.parts[place]
    fields = {
        "cost_code_id": str(code),
        "line_item_type_id": str(kind),
        "job_to_date_cost": Decimal(cost),
        "job_origin_id": "spectrum:ABC:job:1",
    }
    return wish("create", fields, str(place), **more)


def test_the_partners_endpoint_is_closed_to_others(books: Books) -> None:
    """Without partner access nothing is written, and the message says what is missing."""
    with pytest.raises(NotPermittedError):
        books.write("erp_job_cost", figures(books, "1.00"))


def test_figures_of_a_pair_are_written_and_changed(books: Books) -> None:
    """A pair has one row of figures, however often it is sent."""
    books.fake.switches.partner_access = True
    first = books.write("erp_job_cost", figures(books, "1.10"), figures(books, "2.20", 1))
    assert [outcome.state for outcome in first] == ["done", "done"]
    change = wish(
        "update",
        {"job_to_date_cost": Decimal("-5.05")},
        full={"job_origin_id": "spectrum:ABC:job:1"},
        target_id=first[0].target_id,
    )
    assert books.write("erp_job_cost", change)[0].state == "done"
    rows = books.fake.state()["erp_job_costs"]
    assert [row["job_to_date_cost"] for row in rows] == ["-5.05", "2.2"]


def test_a_pair_that_procore_refuses_is_told_apart(books: Books) -> None:
    """Each refusal belongs to its pair."""
    books.fake.switches.partner_access = True
    bad = wish("create", {**figures(books, "1").fields, "cost_code_id": "7"}, "bad")
    refused, done = books.write("erp_job_cost", bad, figures(books, "2.20", 1))
    assert (refused.state, refused.violations[0].path) == ("refused", "cost_code_id")
    assert done.state == "done"


def test_an_unknown_job_is_refused_as_a_whole(books: Books) -> None:
    """The endpoint finds the project by its origin id."""
    books.fake.switches.partner_access = True
    item = wish("create", {**figures(books, "1").fields, "job_origin_id": "nobody"})
    with pytest.raises(Exception, match="404"):
        books.write("erp_job_cost", item)


def test_partners_job_costs_cannot_be_read_or_looked_up(books: Books) -> None:
    """No endpoint lists them."""
    with pytest.raises(ConfigurationError):
        books.read("erp_job_cost")
    item = figures(books, "1.00")
    batch = Batch(kind="erp_job_cost", scope_id=str(books.project), items=(item,))
    assert books.target.probe(batch)[0].found is None


def test_what_the_target_can_do_with_each_kind(books: Books) -> None:
    """Lines and figures may be repeated; a direct cost without origin id is looked up first."""
    can = {k: books.target.capabilities(k) for k in ("direct_cost", "direct_cost_line")}
    assert [(c.write, c.batch, c.probe) for c in can.values()] == [
        ("create", 1000, True),
        ("upsert", 1000, True),
    ]
    erp = books.target.capabilities("erp_job_cost")
    assert (erp.write, erp.batch, erp.probe) == ("upsert", 1000, False)


def test_a_new_quantity_leaves_the_amount_alone(books: Books) -> None:
    """Procore would calculate the amount from a quantity that comes alone."""
    header = books.header()
    values = {**books.line("a", "9.99"), "quantity": Decimal(3)}
    (made,) = books.write("direct_cost_line", wish("create", values, parent_id=header))
    line = books.read()[0].line_items[0]
    books.fake.edit("direct_cost_line_item", int(line.id), unit_cost="7", extended_type="manual")
    change = wish("update", {"quantity": Decimal(5)}, full=values, target_id=made.target_id)
    assert books.write("direct_cost_line", change)[0].state == "done"
    (line,) = books.read()[0].line_items
    assert (line.amount, line.quantity, line.extended_type) == (Decimal("9.99"), 5, "manual")


@pytest.mark.parametrize("name", [feature.name for feature in FEATURES])
def test_what_a_feature_says_that_it_reads_can_be_read_of_the_company(
    books: Books, name: str
) -> None:
    """So that its permissions can be checked before there is any project."""
    (feature,) = [found for found in FEATURES if found.name == name]
    for kind in feature.endpoints:
        assert books.target.read(ReadQuery(kind=kind)).complete


def test_a_batch_that_procore_cannot_read_is_refused_record_by_record(books: Books) -> None:
    """A refusal of the whole request reaches each of its records."""
    books.fake.switches.ignore_unknown_fields = False
    header = books.header()
    item = wish("create", {**books.line("a", "1"), "wbs_code_id": None}, "a", parent_id=header)
    (outcome,) = books.write("direct_cost_line", item)
    assert outcome.state == "refused"
