"""Random changes: both stores and a plain model of dicts always agree."""

from __future__ import annotations

import tempfile
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from store_contract import ACME, OTHER

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import canonical, from_canonical
from procore_spectrum.ports import (
    Crosswalk,
    Decision,
    Event,
    EventQuery,
    StartedOperation,
    StateStore,
    StoreChange,
)
from procore_spectrum.stores import MemoryStore, SqliteStore

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1f"), max_size=6)
refs = st.builds(
    Ref, st.sampled_from(["job", "vendor"]), st.sampled_from(["", "a", "B", "é", "😀"])
)
times = st.datetimes(timezones=st.just(UTC))
ops = st.sampled_from(["op-1", "op-2", "op-3"])
values = (
    st.none()
    | texts
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(-(10**9), 10**9, allow_nan=False, places=4)
    | st.dates(date(1900, 1, 1))
    | st.lists(texts, max_size=3).map(tuple)
)
fields = st.dictionaries(texts, values, max_size=3)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
links = st.builds(
    CrosswalkRow,
    ref=refs,
    target_id=texts,
    base=fields,
    scope=st.none() | refs,
    active=st.booleans(),
    echo=fields,
)
started = st.builds(
    StartedOperation,
    op_id=ops,
    ref=refs,
    target=st.sampled_from(["procore", "spectrum"]),
    verb=st.just("update"),
    at=times,
    plan_id=texts,
    fields=fields,
    scope=st.none() | refs,
    target_id=st.none() | texts,
)
decisions = st.builds(
    Decision,
    ref=refs,
    choice=st.sampled_from(["link", "create", "take_on", "ignore"]),
    at=times,
    who=texts,
    why=texts,
    target_id=st.none() | texts,
)
events = st.builds(
    Event,
    at=times,
    action=st.sampled_from(["done", "failed"]),
    ref=st.none() | refs,
    op_id=st.none() | ops,
    plan_id=st.none() | texts,
    actor=texts,
    detail=st.dictionaries(texts, json_values, max_size=2),
)


def few(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """None to three of them."""
    return st.lists(items, max_size=3).map(tuple)


changes = st.builds(
    StoreChange,
    links=few(links),
    unlinks=few(refs),
    started=few(started),
    settled=few(ops),
    decisions=few(decisions),
    undecided=few(refs),
    events=few(events),
    facts=st.dictionaries(st.sampled_from(["a", "b"]), texts),
)


def meant(given_fields: Any) -> dict[str, Any]:
    """Fields in canonical spelling."""
    return {name: from_canonical(canonical(value)) for name, value in given_fields.items()}


class Model:
    """A store as plainly as it can be written."""

    def __init__(self) -> None:
        self.links: dict[Ref, CrosswalkRow] = {}
        self.started: dict[str, StartedOperation] = {}
        self.decisions: dict[Ref, Decision] = {}
        self.events: list[Event] = []
        self.facts: dict[str, str] = {}

    def commit(self, change: StoreChange) -> None:
        """Apply a change."""
        for ref in change.unlinks:
            self.links.pop(ref, None)
        for row in change.links:
            self.links[row.ref] = attrs.evolve(row, base=meant(row.base), echo=meant(row.echo))
        for op_id in change.settled:
            self.started.pop(op_id, None)
        for begun in change.started:
            self.started[begun.op_id] = attrs.evolve(begun, fields=meant(begun.fields))
        for ref in change.undecided:
            self.decisions.pop(ref, None)
        self.decisions.update({made.ref: made for made in change.decisions})
        self.events += change.events
        self.facts.update(change.facts)

    def content(self) -> tuple[Any, ...]:
        """Everything, in the order in which a store reads it."""
        by_kind = [
            [self.links[ref] for ref in sorted(self.links) if ref.kind == kind]
            for kind in ("job", "vendor")
        ]
        in_doubt = sorted(self.started.values(), key=lambda begun: begun.at)
        decided = [self.decisions[ref] for ref in sorted(self.decisions)]
        failed = [line for line in self.events if line.action == "failed"]
        facts = [self.facts.get(name) for name in ("a", "b")]
        return by_kind, in_doubt, decided, self.events, failed, facts


def content(handle: StateStore) -> tuple[Any, ...]:
    """Everything that a handle reads, the journal without its chain."""
    journal, failed = (
        [
            attrs.evolve(line, sequence=0, previous="", digest="")
            for line in handle.read_events(query)
        ]
        for query in (EventQuery(), EventQuery(action="failed"))
    )
    by_kind = [list(handle.read_links(Crosswalk(kind=kind))) for kind in ("job", "vendor")]
    facts = [handle.read_fact(name) for name in ("a", "b")]
    in_doubt, decided = list(handle.read_started()), list(handle.read_decisions())
    return by_kind, in_doubt, decided, journal, failed, facts


class Stores(RuleBasedStateMachine):
    """Both stores and the model, side by side, for two companies."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "sync.db"
        self.memory, self.sqlite = MemoryStore(), SqliteStore(self.path)
        self.models = {ACME: Model(), OTHER: Model()}

    @rule(company=st.sampled_from([ACME, OTHER]), change=changes)
    def commit(self, company: Any, change: StoreChange) -> None:
        """The same change everywhere."""
        self.models[company].commit(change)
        self.memory.for_company(company).commit(change)
        self.sqlite.for_company(company).commit(change)

    @rule(company=st.sampled_from([ACME, OTHER]), change=changes)
    def fail(self, company: Any, change: StoreChange) -> None:
        """A change whose last part cannot be stored."""
        bad = attrs.evolve(change, facts={**change.facts, "z": "\x00"})
        for store in (self.memory, self.sqlite):
            with pytest.raises(InvalidValueError):
                store.for_company(company).commit(bad)

    @rule()
    def reopen(self) -> None:
        """The file is closed and opened again."""
        self.sqlite.close()
        self.sqlite = SqliteStore(self.path)

    @invariant()
    def all_agree(self) -> None:
        """All three have the same content, both stores the same chain, and both are sound."""
        for company, model in self.models.items():
            memory, sqlite = self.memory.for_company(company), self.sqlite.for_company(company)
            assert content(memory) == model.content()
            assert content(sqlite) == model.content()
            assert memory.read_events(EventQuery()) == sqlite.read_events(EventQuery())
            assert memory.verify() == sqlite.verify() == ()

    def teardown(self) -> None:
        """Remove the file."""
        self.sqlite.close()
        self.folder.cleanup()


Stores.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestStoresAgree = Stores.TestCase


def test_money_is_exact_in_both(tmp_path: Path) -> None:
    """An amount with many digits comes back to the last one."""
    amount = Decimal("12345678901234567890.123456789")
    row = CrosswalkRow(ref=Ref("job", "a"), target_id="1", base={"amount": amount})
    with SqliteStore(tmp_path / "sync.db") as sqlite:
        for store in (MemoryStore(), sqlite):
            handle = store.for_company(ACME)
            handle.commit(StoreChange(links=(row,)))
            assert handle.read_link(row.ref) == row
