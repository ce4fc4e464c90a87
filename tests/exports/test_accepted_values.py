"""An acceptance binds to the values that were shown, whatever a plan says."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs
import pytest
from exporting_company import PAIRS, ExportingCompany
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.plan import codec
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.operations import Operation
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Value

names = st.sampled_from(["vendor_code", "amount", "quantity", "phase"])
numbers = st.decimals(-1000, 1000, places=2)
values: st.SearchStrategy[Value] = st.one_of(st.none(), st.text("ab", max_size=2), numbers)
fields = st.dictionaries(names, values, max_size=4)


def document(header: Mapping[str, Value], lines: list[dict[str, Value]]) -> Document:
    """A document that asks for a number."""
    return Document(
        ref=Ref("commitment", "1"),
        feature="commitments",
        title="one",
        fields=header,
        lines=tuple(lines),
        needs=(Need(name="number"),),
    )


@given(fields, st.lists(fields, max_size=3), numbers)
def test_what_was_shown_is_covered(
    header: dict[str, Value], lines: list[dict[str, Value]], number: Decimal
) -> None:
    """The header, or the header with any line, and whatever accounting gave."""
    shown = document(header, lines)
    assert shown.covers({**header, "number": number})
    assert all(shown.covers({**header, **line}) for line in lines)


@given(fields, st.lists(fields, max_size=3), fields, names, numbers.filter(bool))
def test_a_number_that_was_not_shown_is_not_covered(
    header: dict[str, Value],
    lines: list[dict[str, Value]],
    written: dict[str, Value],
    name: str,
    number: Decimal,
) -> None:
    """Under no name, with no other values around it."""
    shown = [part.get(name) for part in (header, *lines)]
    if number not in shown:
        assert not document(header, lines).covers({**written, name: number})


def test_values_of_two_lines_are_not_one_line() -> None:
    """The amount of one phase on another is another contract."""
    lines: list[dict[str, Value]] = [
        {"phase": "1", "amount": Decimal(5)},
        {"phase": "2", "amount": Decimal(7)},
    ]
    assert not document({}, lines).covers({"phase": "1", "amount": Decimal(7)})


def test_a_text_under_another_name_is_covered() -> None:
    """Phases that are made on the way have names of their own; only numbers have to be shown."""
    shown = document({"phase": "1"}, [])
    assert shown.covers({"phase": "1", "description": "Footings"})
    assert not shown.covers({"phase": "1", "estimate": Decimal(1)})


def altered(plan: Plan, kind: str, name: str, value: Value) -> Plan:
    """The plan as somebody wrote it anew, with another value and digests that fit."""

    def change(op: Operation) -> Operation:
        if op.ref.kind != kind:
            return op
        changes = tuple(
            attrs.evolve(one, source=value) if one.path == name else one for one in op.changes
        )
        return attrs.evolve(op, desired={**op.desired, name: value}, changes=changes)

    made = attrs.evolve(plan, operations=tuple(map(change, plan.operations)))
    return codec.loads(codec.dumps(made))


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("subcontract_line", "original_contract_amount", Decimal(5_000_000)),
        ("subcontract_line", "phase_code", "020200"),
        ("subcontract_line", "original_contract_quantity", Decimal(3)),
        ("subcontract", "vendor_code", "BOLT"),
        ("subcontract", "retention_percent", Decimal(10)),
        ("subcontract", "gl_account", "999999"),
    ],
)
def test_a_rewritten_plan_writes_nothing_else(kind: str, name: str, value: Value) -> None:
    """Who may apply a plan file may not write under an acceptance what it did not cover."""
    company = ExportingCompany()
    ref = company.commitment(lines=[(PAIRS[0], "5.00", "Part")])
    company.export()
    company.accept(ref)
    report = company.syncer.apply(altered(company.exports(), kind, name, value))
    (outcome,) = [found for found in report.outcomes if found.ref.kind == kind]
    assert outcome.state == "waiting"
    assert "plan again" in outcome.message
    assert company.export().succeeded
    assert company.state(ref) is State.SYNCED
    assert company.amounts("SC-1") == {(*PAIRS[0], ""): Decimal(5)}
