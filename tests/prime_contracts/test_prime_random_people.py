"""Random contracts, edits on both sides and change orders: sums stay, and plans end empty."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from owner_company import JOB, OwnerCompany

from procore_spectrum.mapping import Numbering

SQL = ("prime_contract_lines", "change_request_lines")
PAIRS = (("010100", "S"), ("020200", "S"), ("030300", "S"), ("010100", "M"))

cents = st.integers(-(10**8), 10**8).map(lambda number: Decimal(number).scaleb(-2))
items = st.dictionaries(
    st.text("0123456789AB", min_size=1, max_size=10), cents, min_size=1, max_size=4
)
percents = st.decimals(-10, 40, places=2)
markups = st.lists(st.tuples(percents, st.sampled_from(["horizontal", "vertical"])), max_size=3)
changes = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(0, 3), cents, st.integers(0, 3)), min_size=1,
                       max_size=4), markups),
    max_size=2,
)  # fmt: skip


def set_up(company: OwnerCompany, wanted: dict[str, Decimal]) -> None:
    """The contract in Spectrum, with these items."""
    total = sum(wanted.values(), Decimal(0))
    company.contract_of(JOB, amount=total)
    company.billing_items(*((item, f"Item {item}", str(wanted[item])) for item in wanted))


def in_procore(company: OwnerCompany) -> dict[str, Decimal]:
    """Amounts of the lines by billing item."""
    return {
        name.removeprefix("Item "): amount for name, amount in company.amounts_in_procore().items()
    }


@settings(max_examples=8)
@given(first=items, more=items, edits=st.lists(cents, max_size=4), wishes=changes)
def test_whatever_people_do_sums_are_conserved(
    first: dict[str, Decimal],
    more: dict[str, Decimal],
    edits: list[Decimal],
    wishes: list[tuple[list[tuple[int, Decimal, int]], list[tuple[Decimal, str]]]],
) -> None:
    """Procore has Spectrum's items to the cent; Spectrum gets every cent of the change orders."""
    company = OwnerCompany(sql=SQL)
    company.primes_by(
        change_orders={
            "same_pair": "merge",
            "numbering": Numbering(policy="template", text="PC-###"),
        }
    )
    set_up(company, first)
    assert company.take().succeeded
    assert in_procore(company) == first
    # What both sides change differently is held for a person; that is not the matter here.
    alone = [
        line for name, line in sorted(company.contract_lines().items()) if name[5:] not in more
    ]
    for line, amount in zip(alone, edits, strict=False):
        company.procore.edit("prime_contract_line_item", line["id"], amount=str(amount))
    wanted = {**first, **more}
    set_up(company, wanted)
    assert company.take().succeeded
    assert in_procore(company) == wanted
    assert company.primes().is_empty

    names = sorted(company.contract_lines())
    for number, (lines, found) in enumerate(wishes, start=1):
        export(company, number, lines, found, names)
    plan = company.exports()
    assert plan.is_empty
    assert not plan.held


def export(
    company: OwnerCompany,
    number: int,
    lines: list[tuple[int, Decimal, int]],
    found: list[tuple[Decimal, str]],
    names: list[str],
) -> None:
    """Make a change order with its markups, export it and compare every cent."""
    sent = [
        (PAIRS[pair], str(amount), f"Part {n}", names[item % len(names)])
        for n, (pair, amount, item) in enumerate(lines)
    ]
    ref = company.prime_change(sent, number=str(number), status="draft")
    holder = int(company.row("change_orders", id=int(ref.key))["legacy_request_id"])
    for percentage, kind in found:
        company.procore.add_markup(
            company.project_id,
            holder,
            holder_type="PotentialChangeOrder",
            name="M",
            percentage=str(percentage),
            markup_set=kind,
        )
    company.procore.edit("change_order", int(ref.key), status="approved")
    company.exported(ref)
    document = company.approval(ref).document
    name = str(company.approval(ref).given.get("change_request_number") or f"PC-{number:03}")
    costs, revenues = company.request_amounts(name)
    plain = sum((amount for _, amount, _ in lines), Decimal(0))
    by_pair: dict[str, Decimal] = {}
    for pair, amount, _ in lines:
        key = " ".join(PAIRS[pair])
        by_pair[key] = by_pair.get(key, Decimal(0)) + amount
    assert costs == by_pair
    assert sum(revenues.values()) == document.amount
    if not found:
        assert document.amount == plain
    values: Any = document.lines
    assert len(values) <= len(lines)
