"""The pure mappings of prime contracts and their change orders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping import (
    BillingItem,
    LinkedCodes,
    MappedPrimeChange,
    PhaseMask,
    PrimeChangeMapping,
    PrimeContractMapping,
    contract_to_prime_contract,
    prime_change_order_to_change_request,
    schedule_line_to_prime_contract_line,
)
from procore_spectrum.models.procore import ContractLine, Markup, PrimeChangeOrder
from procore_spectrum.models.procore.contract_parts import WbsCodeRef
from procore_spectrum.models.schedules import ScheduleLine
from procore_spectrum.models.spectrum import Job

MASK = PhaseMask.parse("##-####")
CODES = LinkedCodes(pairs={1: ("010100", "S"), 2: ("020200", "S"), 3: ("010100", "M")})
ITEMS = (
    BillingItem(line_id=71, item="10", wbs_code_id=1),
    BillingItem(line_id=72, item="20", wbs_code_id=2),
    BillingItem(line_id=73, wbs_code_id=2),
    BillingItem(line_id=74, item="40", wbs_code_id=3),
)
SETTINGS = PrimeChangeMapping(status_code="A", status_actions={"A": 1}, same_pair="merge")
REVIEWED = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


def line(number: int, code: int | None = 1, item: int | None = 71, **fields: Any) -> ContractLine:
    """A line of ten dollars."""
    values = {"amount": Decimal("10.00"), "description": f"Part {number}", **fields}
    wbs = None if code is None else WbsCodeRef(id=code)
    return ContractLine(id=number, wbs_code=wbs, prime_line_item_id=item, **values)


def change(*lines: ContractLine, **fields: Any) -> PrimeChangeOrder:
    """An approved change order."""
    values: dict[str, Any] = {
        "number": "1",
        "title": "Extra",
        "description": "Extra  works",
        "status": "approved",
        "contract_id": 7,
        "reviewed_at": REVIEWED,
        **fields,
    }
    return PrimeChangeOrder(id=5, line_items=lines, **values)


def mapped(
    order: PrimeChangeOrder, settings: PrimeChangeMapping = SETTINGS, **values: Any
) -> MappedPrimeChange:
    """The change request of a linked job."""
    known: dict[str, Any] = {
        "job_number": "25-0101",
        "customer_code": "CITY",
        "contract_id": "7",
        "billing_items": ITEMS,
        "codes": CODES,
        **values,
    }
    return prime_change_order_to_change_request(order, settings=settings, **known)


def codes(found: Any) -> list[tuple[str, str]]:
    """Everything that is wrong."""
    return [(violation.path, violation.code) for violation in found.violations]


def calls(found: MappedPrimeChange) -> list[tuple[Any, ...]]:
    """Phase, cost type, cost, item and revenue of each call."""
    names = (
        "cr_phase_code",
        "cr_cost_type",
        "change_request_amount",
        "cr_billing_item_code",
        "cr_revenue",
    )
    return [tuple(part.fields.get(name) for name in names) for part in found.lines]


# ---------------------------------------------------------------- properties

amounts = st.none() | st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(-999, 999)
fair = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
words = st.none() | st.text(max_size=40)
ids = st.none() | st.sampled_from([1, 2, 3, 71, 72, 73, 74, 99])
odd_lines = st.builds(line, st.integers(1, 99), ids, ids, amount=amounts, description=words)
odd_markups = st.lists(
    st.builds(
        Markup,
        id=st.integers(1, 9),
        percentage=amounts,
        position=st.none() | st.integers(-5, 5),
        markup_set=st.sampled_from(["horizontal", "vertical", "", "change_orders_vertical"]),
        prime_line_item_id=ids,
    ),
    max_size=3,
)
odd_changes = st.builds(
    lambda lines, **fields: change(*lines, **fields),
    st.lists(odd_lines, max_size=5, unique_by=lambda found: found.id),
    status=words,
    title=words,
    description=words,
    contract_id=ids,
    grand_total=amounts,
    reviewed_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)
odd_settings = st.builds(
    PrimeChangeMapping,
    status_code=st.sampled_from(["", "A", "B"]),
    status_actions=st.just({"A": 1}),
    method=st.sampled_from(["contract_and_estimate", "contract_only"]),
    associate=st.sampled_from(["named", "same_code"]),
    same_pair=st.sampled_from(["hold", "merge"]),
    long_text=st.sampled_from(["hold", "shorten"]),
    total=st.sampled_from(["either", "with_markups", "without_markups"]),
)


@given(
    order=odd_changes,
    settings=odd_settings,
    markups=odd_markups,
    by_units=st.booleans(),
    job=words,
)
def test_the_mapping_is_total_and_always_says_the_same(
    order: PrimeChangeOrder,
    settings: PrimeChangeMapping,
    markups: list[Markup],
    *,
    by_units: bool,
    job: str | None,
) -> None:
    """Whatever a change order holds, it is mapped or every fault is named; twice alike."""
    values: dict[str, Any] = {
        "job_number": job or "",
        "markups": [(None, markups)],
        "by_units": by_units,
    }
    found = mapped(order, settings, **values)
    assert found == mapped(order, settings, **values)
    assert all(v.code and v.message for v in found.violations)


@st.composite
def fair_changes(draw: st.DrawFn) -> PrimeChangeOrder:
    """Change orders that can be exported."""
    found = [
        line(number, draw(st.integers(1, 3)), draw(st.sampled_from([71, 72, 74])), amount=amount)
        for number, amount in enumerate(draw(st.lists(fair, min_size=1, max_size=8)), start=1)
    ]
    return change(*found)


fair_markups = st.lists(
    st.builds(
        Markup,
        id=st.integers(1, 99),
        percentage=st.decimals(-20, 60, places=3),
        markup_set=st.sampled_from(["horizontal", "vertical"]),
        prime_line_item_id=st.sampled_from([None, None, 71, 74]),
    ),
    max_size=4,
    unique_by=lambda found: found.id,
)


@given(order=fair_changes(), markups=fair_markups, bare=st.booleans())
def test_sums_are_conserved_and_nothing_is_sent_twice(
    order: PrimeChangeOrder, markups: list[Markup], *, bare: bool
) -> None:
    """Costs are the bare lines, revenues the lines with markups; each pair and item once."""
    method = "contract_only" if bare else "contract_and_estimate"
    settings = PrimeChangeMapping(
        status_code="A", status_actions={"A": 2}, same_pair="merge", method=method
    )
    found = mapped(order, settings, markups=[(None, markups)])
    assert not found.violations
    plain = sum((one.amount or Decimal(0) for one in order.line_items), Decimal(0))
    costs = [part for part in found.lines if part.phase_code]
    billings = [part for part in found.lines if part.item]
    cost = sum(Decimal(str(part.fields["change_request_amount"])) for part in costs)
    revenue = sum(Decimal(str(part.fields["cr_revenue"])) for part in billings)
    assert cost == found.estimate == (0 if bare else plain)
    assert revenue == found.amount
    if not markups:
        assert revenue == plain
    assert len({(p.phase_code, p.cost_type) for p in costs}) == len(costs)
    assert len({p.item for p in billings}) == len(billings)
    assert {n for p in found.lines for n in p.line_ids} == {int(n.id) for n in order.line_items}
    assert all(p.phase_code or p.item for p in found.lines)


odd_schedule_lines = st.builds(
    ScheduleLine,
    item=st.text(max_size=14),
    description=st.text(max_size=20),
    amount=amounts,
    quantity=amounts,
    unit=st.text(max_size=5),
    unit_price=amounts,
    phase_code=st.sampled_from(["", "010100", "01-0100", "9", "é"]),
    cost_type=st.sampled_from(["", "S", "SSSS"]),
)


@given(found=odd_schedule_lines, by_units=st.booleans())
def test_a_schedule_line_is_mapped_or_its_faults_are_named(
    found: ScheduleLine, *, by_units: bool
) -> None:
    """The same keys come back for every line, and the same answer every time."""
    values: dict[str, Any] = {"job_number": "J", "company_code": "ABC", "by_units": by_units}
    first = schedule_line_to_prime_contract_line(found, MASK, **values)
    assert first == schedule_line_to_prime_contract_line(found, MASK, **values)
    assert set(first.fields) == {
        "description",
        "amount",
        "quantity",
        "uom",
        "unit_cost",
        "cost_code",
        "line_item_type",
        "origin_id",
    }
    if first.ok:
        assert first.fields["cost_code"] == ("01", "0100")


def test_units_make_an_amount_and_stay_in_spectrum_otherwise() -> None:
    """Halves of a cent go away from zero; quantity, unit and price are for contracts by units."""
    found = ScheduleLine(
        item="10",
        quantity=Decimal("0.5"),
        unit="CY",
        unit_price=Decimal("-0.01"),
        phase_code="010100",
        cost_type="S",
    )
    fields = {
        by_units: schedule_line_to_prime_contract_line(
            found, MASK, job_number="J", company_code="ABC", by_units=by_units
        ).fields
        for by_units in (True, False)
    }
    names = ("amount", "quantity", "uom", "unit_cost")
    assert [fields[True][name] for name in names] == [
        Decimal("-0.01"),
        Decimal("0.5"),
        "CY",
        Decimal("-0.01"),
    ]
    assert [fields[False][name] for name in names] == [Decimal("-0.01"), None, None, None]


# ---------------------------------------------------------------- contracts


def test_a_contract_of_a_job_that_has_no_number_cannot_be_named() -> None:
    """It would have no key."""
    found = contract_to_prime_contract(Job(job_number=" "), company_code="ABC", owner_id="5")
    assert codes(found) == [("job_number", "required")]
    assert (found.fields["title"], found.fields["origin_id"]) == (None, None)
    assert not found.notes


def test_the_state_of_a_new_contract_is_one_of_procores() -> None:
    """A slip in the settings is told at once."""
    assert PrimeContractMapping(status="Approved").status == "Approved"
    with pytest.raises(ConfigurationError):
        PrimeContractMapping(status="approved")
    with pytest.raises(ConfigurationError):
        PrimeContractMapping(total="ignore")


def test_a_line_without_item_stands_for_the_whole() -> None:
    """Its key says so, and it is described by something."""
    found = schedule_line_to_prime_contract_line(
        ScheduleLine(item="", amount=Decimal(5), phase_code="010100", cost_type="S"),
        MASK,
        job_number="J",
        company_code="ABC",
    )
    assert found.ok
    assert found.fields["origin_id"] == "spectrum:ABC:prime_contract_line:J:%2A"


# ---------------------------------------------------------------- change orders


def test_a_call_for_each_line_with_what_is_new_in_it() -> None:
    """The second line shares the pair, the third the item, the fourth both."""
    found = mapped(change(line(1), line(2, 1, 72), line(3, 2, 71), line(4, 1, 71)))
    assert calls(found) == [
        ("010100", "S", Decimal(30), "10", Decimal(30)),
        (None, None, None, "20", Decimal(10)),
        ("020200", "S", Decimal(10), None, None),
    ]
    assert [part.line_ids for part in found.lines] == [(1, 2, 3, 4), (2,), (3,)]
    assert found.header["cr_description"] == "Extra works"
    assert found.header["approved_date"] == date(2026, 3, 4)


@pytest.mark.parametrize("text", ["hold", "shorten"])
def test_long_descriptions_are_held_or_shortened(text: str) -> None:
    """Thirty characters of it go to the billing item in any case."""
    order = change(line(1), description="word " * 60)
    found = mapped(
        order, PrimeChangeMapping(status_code="A", status_actions={"A": 1}, long_text=text)
    )
    assert codes(found) == ([("cr_description", "too-long")] if text == "hold" else [])
    assert len(str(found.lines[0].fields["cr_billing_item_description"])) <= 30


@pytest.mark.parametrize(
    ("order", "fault"),
    [
        (change(line(1, item=None)), ("lines[0].prime_line_item", "associated-line-missing")),
        (change(line(1, item=99)), ("lines[0].prime_line_item", "associated-line-unknown")),
        (change(line(1, item=73)), ("lines[0].prime_line_item", "billing-item-missing")),
        (change(line(1, 9)), ("lines[0].cost_code", "cost-code-not-in-spectrum")),
        (change(line(1, amount=None)), ("lines[0].amount", "amount-missing")),
        (change(), ("lines", "no-lines")),
        (change(line(1), status="draft"), ("status", "status")),
        (change(line(1), contract_id=8), ("contract", "prime-contract-not-linked")),
        (change(line(1), contract_id=None), ("contract", "prime-contract-not-linked")),
        (change(line(1), reviewed_at=None), ("reviewed_at", "date-missing")),
        (change(line(1), grand_total=Decimal(11)), ("grand_total", "markup-total")),
    ],
)
def test_each_fault_by_itself(order: PrimeChangeOrder, fault: tuple[str, str]) -> None:
    """Nothing else is said of it."""
    assert codes(mapped(order)) == [fault]


def test_a_line_may_be_found_by_its_budget_code() -> None:
    """If one contract line has it; a line that is named goes first."""
    settings = PrimeChangeMapping(
        status_code="A", status_actions={"A": 1}, associate="same_code", same_pair="merge"
    )
    found = mapped(change(line(1, item=None), line(2, 1, 72)), settings)
    assert [part.item for part in found.lines] == ["10", "20"]
    two = mapped(change(line(1, 2, None)), settings)
    assert codes(two) == [("lines[0].prime_line_item", "associated-line-missing")]
    none = mapped(change(line(1, None, None)), settings)
    assert ("lines[0].prime_line_item", "associated-line-missing") in codes(none)


def test_a_markup_on_a_line_without_item_is_told() -> None:
    """It could not be billed."""
    borne = Markup(id=1, percentage=Decimal(10), markup_set="vertical", prime_line_item_id=73)
    found = mapped(change(line(1)), markups=[(None, [borne])])
    assert codes(found) == [("markups", "associated-line-unknown")]


def test_a_markup_that_is_billed_alone_is_checked_too() -> None:
    """Its amount has to fit, as all do."""
    huge = Markup(id=1, percentage=Decimal(9999), markup_set="vertical", prime_line_item_id=74)
    found = mapped(change(line(1, amount=Decimal("9000000000.00"))), markups=[(None, [huge])])
    assert codes(found) == [("markups.cr_revenue", "out-of-range")]


def test_groups_of_lines_have_markups_of_their_own() -> None:
    """As in a package of several potential change orders."""
    one = Markup(id=1, percentage=Decimal(10), markup_set="vertical")
    found = mapped(
        change(line(1), line(2, 2, 72)), markups=[(frozenset({1}), [one]), (frozenset({2}), [])]
    )
    assert [part.fields["cr_revenue"] for part in found.lines] == [Decimal(11), Decimal(10)]


@pytest.mark.parametrize(
    ("total", "agreeing"),
    [
        ("10.00", {"either", "without_markups"}),
        ("11.00", {"either", "with_markups"}),
        ("10.50", set()),
    ],
)
def test_the_total_may_be_that_with_markups_or_without(total: str, agreeing: set[str]) -> None:
    """By choice; ten dollars with a markup of ten percent."""
    order = change(line(1), grand_total=Decimal(total))
    tenth = Markup(id=1, percentage=Decimal(10), markup_set="vertical")
    for choice in ("either", "with_markups", "without_markups"):
        found = mapped(order, attrs.evolve(SETTINGS, total=choice), markups=[(None, [tenth])])
        assert (codes(found) == []) == (choice in agreeing)


def test_there_is_a_most_of_billing_items() -> None:
    """990; what Spectrum would refuse in the middle is told before."""
    items = [BillingItem(line_id=1000 + n, item=str(n)) for n in range(991)]
    lines = [line(n + 1, 1, 1000 + n) for n in range(991)]
    found = mapped(change(*lines), billing_items=items)
    assert codes(found) == [("lines", "too-many-billings")]
    fewer = mapped(change(*lines[:990]), billing_items=items)
    assert not fewer.violations


def test_a_unit_price_contract_divides_the_item() -> None:
    """Two characters of group, and the rest."""
    (part,) = mapped(
        change(line(1)), billing_items=[BillingItem(line_id=71, item="0110")], by_units=True
    ).lines
    assert part.fields["cr_billing_group_code"] == "01"
    assert part.fields["cr_billing_item_code"] == "10"


@pytest.mark.parametrize(
    ("choices", "wanted"),
    [
        ({"open_from": date(2026, 3, 5)}, ["closed-period"]),
        ({"open_until": date(2026, 3, 3)}, ["closed-period"]),
        ({"open_from": date(2026, 3, 4), "open_until": date(2026, 3, 4)}, []),
        ({"open_until": date(2026, 3, 3), "approved_date": False}, []),
        ({"dated_by": "paid_date"}, ["date-missing"]),
        ({"status_code": "B"}, ["status-action-unknown"]),
        ({"status_code": ""}, ["status-code-missing"]),
        ({"status_actions": {"A": 3}}, ["status-action"]),
        ({"same_pair": "hold"}, []),
    ],
)
def test_what_settings_demand(choices: dict[str, Any], wanted: list[str]) -> None:
    """Days, periods and codes."""
    values: dict[str, Any] = {"status_code": "A", "status_actions": {"A": 2}, **choices}
    found = mapped(change(line(1)), PrimeChangeMapping(**values))
    assert [violation.code for violation in found.violations] == wanted


@pytest.mark.parametrize(("hours", "day"), [(-8, 4), (0, 4), (1, 5)])
def test_the_day_of_a_review_is_a_local_day(hours: int, day: int) -> None:
    """Half past eleven at night in UTC is the next day further east."""
    settings = PrimeChangeMapping(hours_from_utc=hours)
    assert mapped(change(line(1)), settings).header["approved_date"] == date(2026, 3, day)


def test_the_last_moment_of_all_is_a_day_too() -> None:
    """The calendar ends there."""
    last = datetime.max.replace(tzinfo=UTC)
    found = mapped(change(line(1), reviewed_at=last), PrimeChangeMapping(hours_from_utc=9))
    assert found.header["approved_date"] == date.max


def test_another_day_may_be_the_day_of_approval() -> None:
    """Any of Procore's own."""
    settings = PrimeChangeMapping(
        status_code="A", status_actions={"A": 1}, dated_by="signed_change_order_received_date"
    )
    order = change(line(1), signed_change_order_received_date=date(2026, 1, 2))
    assert mapped(order, settings).header["approved_date"] == date(2026, 1, 2)


def test_lines_on_one_pair_are_told_where_they_are_not_merged() -> None:
    """Once for each pair."""
    settings = PrimeChangeMapping(status_code="A", status_actions={"A": 1})
    found = mapped(change(line(1), line(2), line(3, 2, 72)), settings)
    assert codes(found) == [("lines", "same-pair")]


@pytest.mark.parametrize(
    "choices",
    [
        {"method": "estimate_only"},
        {"methods": {"J": "both"}},
        {"dated_by": "created_at"},
        {"open_from": date(2026, 2, 1), "open_until": date(2026, 1, 1)},
        {"markups_of": "mine"},
        {"hours_from_utc": 15},
    ],
)
def test_settings_that_make_no_sense_are_refused(choices: dict[str, Any]) -> None:
    """When they are read, not when they are used."""
    with pytest.raises(ConfigurationError):
        PrimeChangeMapping(**choices)


def test_nothing_is_said_without_settings() -> None:
    """The defaults demand a status code."""
    found = prime_change_order_to_change_request(
        change(line(1)),
        job_number="J",
        customer_code="",
        contract_id="7",
        billing_items=ITEMS,
        codes=CODES,
    )
    assert codes(found) == [
        ("customer_code", "customer-missing"),
        ("cr_status", "status-code-missing"),
    ]
    job = contract_to_prime_contract(Job(job_number="J"), company_code="ABC")
    assert job.fields["status"] == "Draft"
