"""Fields that name other records, and records of which the source always has the last word."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.apply.executor import Executor
from procore_spectrum.features import Settings, World
from procore_spectrum.plan.diff import Draft, FieldRule, KindRules, diff
from procore_spectrum.plan.operations import Create, FieldChange, Held, Link, Operation, Update
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import CrosswalkRow, Desired, Observed, Ref
from procore_spectrum.plan.values import Fields, same
from procore_spectrum.ports import (
    Batch,
    Capabilities,
    CompanyKey,
    ItemOutcome,
    Probe,
    Reading,
    ReadQuery,
    StateStore,
    StoreChange,
)
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing import FakeClock

COMPANY = CompanyKey("5981", "ABC")
LINE = KindRules(
    kind="line", fields=(FieldRule("amount"), FieldRule("code", refers="code")), mirror=True
)
AMOUNTS = st.sampled_from([Decimal(n) for n in range(3)])


class Listener:
    """A target that takes everything and keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Fields]] = []

    def capabilities(self, kind: str) -> Capabilities:
        """Batches of a hundred."""
        return Capabilities(batch=100, write="upsert")

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Nothing."""
        return Reading(items=(), as_of=FakeClock().now())

    def write(self, batch: Batch) -> list[ItemOutcome]:
        """Numbers the records by their key."""
        self.sent += [(item.ref.key, dict(item.fields)) for item in batch.items]
        return [
            ItemOutcome(op_id=item.op_id, state="done", target_id=f"id of {item.ref.key}")
            for item in batch.items
        ]

    def probe(self, batch: Batch) -> list[Probe]:
        """Never asked."""
        return []


def apply(*operations: Operation) -> tuple[Listener, StateStore, list[str]]:
    """Carry out these operations, in this order."""
    target, store = Listener(), MemoryStore().for_company(COMPANY)
    executor = Executor({"procore": target}, store, FakeClock())
    report = executor.apply(Plan(company=str(COMPANY), operations=operations), actor="ann")
    return target, store, [outcome.state for outcome in report.outcomes]


def create(kind: str, key: str, fields: Fields, **more: Any) -> Create:
    """A creation."""
    return Create(feature="f", ref=Ref(kind, key), title=key, desired=fields, **more)


def line(**fields: Any) -> Create:
    """A line that names a code."""
    return create("line", "L", {"amount": Decimal(1), **fields}, refers={"code": "code"})


def test_a_record_of_the_same_plan_can_be_named() -> None:
    """The id that a record got a moment ago is sent in place of its key."""
    target, store, states = apply(create("code", "01/L", {"name": "x"}), line(code="01/L"))
    assert states == ["done", "done"]
    assert target.sent[1] == ("L", {"amount": Decimal(1), "code": "id of 01/L"})
    row = store.read_link(Ref("line", "L"))
    assert row is not None
    assert row.base["code"] == "01/L"


def test_a_record_that_names_a_missing_one_waits() -> None:
    """Nothing is sent that the target could not understand."""
    target, _, states = apply(line(code="01/L"))
    assert states == ["waiting"]
    assert not target.sent


def test_a_blank_reference_names_nothing() -> None:
    """A record may do without."""
    target, _, states = apply(line(code=None))
    assert states == ["done"]
    assert target.sent == [("L", {"amount": Decimal(1), "code": None})]


def test_an_update_sends_an_id_only_if_the_reference_changed() -> None:
    """What did not change is not sent."""
    target, store = Listener(), MemoryStore().for_company(COMPANY)
    base: Fields = {"amount": Decimal(1), "code": "a"}
    rows = [CrosswalkRow(ref=Ref("code", key), target_id=f"id of {key}", base={}) for key in "ab"]
    rows.append(CrosswalkRow(ref=Ref("line", "L"), target_id="7", base=base))
    store.commit(StoreChange(links=tuple(rows)))
    change = Update(
        feature="f",
        ref=Ref("line", "L"),
        title="L",
        target_id="7",
        before=base,
        desired={"amount": Decimal(2), "code": "a"},
        changes=(FieldChange(path="amount", base=Decimal(1), source=Decimal(2)),),
        refers={"code": "code"},
    )
    plan = Plan(company=str(COMPANY), operations=(change,))
    Executor({"procore": target}, store, FakeClock()).apply(plan, actor="ann")
    assert target.sent == [("L", {"amount": Decimal(2)})]


@given(base=AMOUNTS, source=AMOUNTS, target=AMOUNTS)
def test_a_mirror_always_ends_with_what_the_source_says(
    base: Decimal, source: Decimal, target: Decimal
) -> None:
    """Nothing is held, whoever changed what; and what agrees is not written."""
    found = _diffed(LINE, base, source, target)
    assert not any(isinstance(op, Held) for op in found)
    written = [op for op in found if isinstance(op, Update)]
    assert bool(written) == (not same(source, target))
    assert all(op.desired["amount"] == source for op in found)


def test_without_mirror_the_same_is_a_conflict() -> None:
    """Other records are held where both sides changed."""
    rules = KindRules(kind="line", fields=LINE.fields)
    (held,) = _diffed(rules, Decimal(0), Decimal(1), Decimal(2))
    assert isinstance(held, Held)
    assert held.code == "conflict"


def _diffed(
    rules: KindRules, base: Decimal | None, source: Decimal, target: Decimal
) -> tuple[Operation, ...]:
    ref = Ref("line", "L")
    row = CrosswalkRow(ref=ref, target_id="7", base={"amount": base})
    rows = () if base is None else (row,)
    return diff(
        Draft(
            feature="f",
            rules=rules,
            desired=(Desired(ref=ref, title="L", fields={"amount": source}),),
            observed=(
                Observed(kind="line", target_id="7", title="L", fields={"amount": target}, key="L"),
            ),
            rows=rows,
        )
    )


@pytest.mark.parametrize(("held", "exists"), [(False, True), (True, False)])
def test_what_this_run_will_make_exists_for_planning(*, held: bool, exists: bool) -> None:
    """A planned record counts, a held one does not."""
    store = MemoryStore().for_company(COMPANY)
    row = CrosswalkRow(ref=Ref("code", "linked"), target_id="1", base={})
    store.commit(StoreChange(links=(row,)))
    world = World(
        source=Listener(),
        target=Listener(),
        store=store,
        company=COMPANY,
        settings=Settings(),
    )
    ref = Ref("code", "a")
    planned = Held(feature="f", ref=ref, title="a") if held else create("code", "a", {})
    world.settle([planned])
    assert world.will_exist(ref) is exists
    assert world.will_exist(Ref("code", "linked"))
    assert not world.will_exist(Ref("code", "nobody"))


@given(source=AMOUNTS, target=AMOUNTS)
def test_a_mirror_with_our_key_is_linked_whatever_it_holds(
    source: Decimal, target: Decimal
) -> None:
    """There is nothing to ask: what the source says is written along with the link."""
    (op,) = _diffed(LINE, None, source, target)
    assert isinstance(op, Link)
    assert op.stamp == (source != target)
    assert op.desired["amount"] == source


def test_without_mirror_a_person_is_asked() -> None:
    """Other records with our key and other values are held."""
    (held,) = _diffed(KindRules(kind="line", fields=LINE.fields), None, Decimal(1), Decimal(2))
    assert isinstance(held, Held)
    assert held.code == "adopt"
