"""What every source and target must do; see :mod:`procore_spectrum.ports`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import attrs
import pytest

from procore_spectrum.errors import (
    IncompleteReadError,
    InDoubtError,
    ProcoreSpectrumError,
    TryAgainError,
)
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields, Value, same
from procore_spectrum.ports import (
    Batch,
    BatchItem,
    Capabilities,
    ItemOutcome,
    Reading,
    ReadQuery,
    Source,
    Target,
)
from procore_spectrum.testing.conformance.contract import Contract

__all__ = [
    "SourceCapabilities",
    "SourceContract",
    "TargetCapabilities",
    "TargetContract",
    "TargetExample",
]

_OUTCOMES = {"done", "unchanged", "refused", "failed", "unknown"}


# ---------------------------------------------------------------- sources


@attrs.frozen(kw_only=True)
class SourceCapabilities:
    """What a source can do.

    Args:
        filters: it narrows by filters, and refuses one that it does not know.
        outages: the system behind it can be away; give ``unreachable``.
        caps: the system behind it can cut a listing off; give ``cut_off``.
        threads: it may be read from several threads at once.
    """

    filters: bool = True
    outages: bool = True
    caps: bool = True
    threads: bool = True


class SourceContract(Contract):
    """Give the fixtures ``source`` and ``query``, a query that finds at least one record.

    With ``outages`` also ``unreachable``, a pair of a source whose system does not answer and a
    secret of its configuration; with ``caps`` also ``cut_off``, a source that can only see a
    part of what ``query`` asks for.
    """

    declared: ClassVar[Any] = SourceCapabilities()

    def test_it_is_a_source(self, source: Source) -> None:
        """It has the methods of the protocol."""
        assert isinstance(source, Source)

    def test_a_reading_is_whole(self, source: Source, query: ReadQuery) -> None:
        """A reading has a tuple of items, an aware time, and says whether it is complete."""
        reading = source.read(query)
        assert isinstance(reading, Reading)
        assert isinstance(reading.items, tuple)
        assert reading.items
        assert reading.as_of.utcoffset() is not None
        assert isinstance(reading.complete, bool)
        assert reading.requests >= 0

    def test_items_are_models(self, source: Source, query: ReadQuery) -> None:
        """Items are frozen attrs classes, so that a caller cannot change what was read."""
        for item in source.read(query).items:
            fields = attrs.fields(type(item))
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(item, fields[0].name, None)

    def test_no_record_comes_twice(self, source: Source, query: ReadQuery) -> None:
        """Each record is in a reading once."""
        items = source.read(query).items
        assert all(item not in items[:place] for place, item in enumerate(items))

    def test_an_unchanged_world_reads_alike(self, source: Source, query: ReadQuery) -> None:
        """Two readings of one state hold the same records."""
        first, second = source.read(query).items, source.read(query).items
        assert len(first) == len(second)
        assert all(item in second for item in first)

    def test_an_unknown_kind_is_refused(self, source: Source) -> None:
        """A kind that there is not is an error of ours, never an empty reading."""
        with pytest.raises(ProcoreSpectrumError):
            source.read(ReadQuery(kind="no-such-kind"))

    def test_an_unknown_filter_is_refused(self, source: Source, query: ReadQuery) -> None:
        """A filter is obeyed or refused; ignored, it would give too much as the answer."""
        self.need("filters")
        with pytest.raises(ProcoreSpectrumError):
            source.read(attrs.evolve(query, filters={"no_such_filter": "x"}))

    def test_a_reading_from_several_threads(self, source: Source, query: ReadQuery) -> None:
        """Readings at once give what one reading gives."""
        self.need("threads")
        wanted = source.read(query).items
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(source.read, [query] * 4))
        assert all(len(reading.items) == len(wanted) for reading in found)

    def test_an_outage_is_no_empty_reading(
        self, request: pytest.FixtureRequest, query: ReadQuery
    ) -> None:
        """When the system is away, reading raises; it is never in doubt, and shows no secret."""
        self.need("outages")
        source, secret = request.getfixturevalue("unreachable")
        with pytest.raises(ProcoreSpectrumError) as caught:
            source.read(query)
        assert not isinstance(caught.value, InDoubtError)
        assert secret not in f"{caught.value} {caught.value!r} {source!r}"

    def test_a_cut_listing_is_not_complete(
        self, request: pytest.FixtureRequest, query: ReadQuery
    ) -> None:
        """What was cut off is not complete, or not handed on at all."""
        self.need("caps")
        try:
            reading = request.getfixturevalue("cut_off").read(query)
        except IncompleteReadError:
            return
        assert reading.complete is False


# ---------------------------------------------------------------- targets


@attrs.frozen(kw_only=True)
class TargetCapabilities:
    """What a target can do, beside what :meth:`Target.capabilities` says of a kind.

    Args:
        filters, outages, caps, threads: as for a source.
        refusals: it refuses single records; ``TargetExample.refused`` is one.
        failures: answers can be lost; give ``lose_answer`` and ``refuse_connection``.
    """

    filters: bool = True
    outages: bool = True
    caps: bool = True
    threads: bool = True
    refusals: bool = True
    failures: bool = True


@attrs.frozen(kw_only=True)
class TargetExample:
    """A record that the target takes.

    Args:
        kind: its kind.
        fields: everything for its creation.
        changed: values for an update.
        id_of: the id of a record that was read, as text.
        value_of: a field's value in a record that was read.
        refused: fields that the target refuses; None when it takes everything.
        scope_id: the id of the enclosing record, where there is one.
    """

    kind: str
    fields: Fields
    changed: Fields
    id_of: Callable[[Any], str] = lambda item: str(item.id)
    value_of: Callable[[Any, str], Value] = getattr
    refused: Mapping[str, Any] | None = None
    scope_id: str | None = None

    def batch(self, *items: BatchItem) -> Batch:
        """These records in one batch."""
        return Batch(kind=self.kind, scope_id=self.scope_id, items=items)

    def new(self, op_id: str = "op-1", fields: Fields | None = None) -> BatchItem:
        """The creation of the record."""
        values = self.fields if fields is None else fields
        ref = Ref(self.kind, op_id)
        return BatchItem(op_id=op_id, verb="create", ref=ref, fields=values, full=values)

    def update(self, target_id: str) -> BatchItem:
        """Its update."""
        return BatchItem(
            op_id="op-2",
            verb="update",
            ref=Ref(self.kind, "op-1"),
            fields=self.changed,
            full={**self.fields, **self.changed},
            target_id=target_id,
        )

    @property
    def query(self) -> ReadQuery:
        """All records of the kind."""
        return ReadQuery(kind=self.kind, scope=self.scope_id)


class TargetContract(SourceContract):
    """Give the fixtures ``target``, empty of the example's kind, and ``example``.

    With ``failures`` also ``lose_answer`` and ``refuse_connection``: each a function without
    arguments that gives a ``with`` block, in which the target's requests go wrong so.
    """

    declared: ClassVar[Any] = TargetCapabilities()

    @pytest.fixture
    def source(self, target: Target, example: TargetExample) -> Target:
        """The target with the example in it, to be read."""
        self.create(target, example)
        return target

    @pytest.fixture
    def query(self, example: TargetExample) -> ReadQuery:
        """The query that finds the example."""
        return example.query

    def create(self, target: Target, example: TargetExample) -> str:
        """Write the example; its id."""
        (outcome,) = target.write(example.batch(example.new()))
        assert outcome.state in {"done", "unchanged"}
        assert outcome.target_id
        return outcome.target_id

    def ids(self, target: Target, example: TargetExample) -> list[str]:
        """The ids of all records of the example's kind."""
        return [example.id_of(item) for item in target.read(example.query).items]

    def test_it_is_a_target(self, target: Target) -> None:
        """It has the methods of the protocol."""
        assert isinstance(target, Target)

    def test_it_says_what_it_can(self, target: Target, example: TargetExample) -> None:
        """Batches hold at least one record, and reads do not trail by a negative time."""
        found = target.capabilities(example.kind)
        assert isinstance(found, Capabilities)
        assert found.batch >= 1
        assert found.write in {"upsert", "create"}
        assert found.read_lag >= 0

    def test_what_is_written_is_read(self, target: Target, example: TargetExample) -> None:
        """A created record is found by the id of its outcome, with its values."""
        target_id = self.create(target, example)
        (item,) = [
            item for item in target.read(example.query).items if example.id_of(item) == target_id
        ]
        assert all(
            same(example.value_of(item, name), value) for name, value in example.fields.items()
        )

    def test_each_record_has_its_outcome(self, target: Target, example: TargetExample) -> None:
        """One outcome for each record, by its op_id, in a known state."""
        outcomes = target.write(example.batch(example.new("this-one")))
        assert [outcome.op_id for outcome in outcomes] == ["this-one"]
        assert all(isinstance(outcome, ItemOutcome) for outcome in outcomes)
        assert {outcome.state for outcome in outcomes} <= _OUTCOMES

    def test_an_update_changes_only_what_it_says(
        self, target: Target, example: TargetExample
    ) -> None:
        """An update writes its fields, keeps the others, and makes no new record."""
        target_id = self.create(target, example)
        (outcome,) = target.write(example.batch(example.update(target_id)))
        assert outcome.state == "done"
        assert self.ids(target, example) == [target_id]
        (item,) = target.read(example.query).items
        wanted = {**example.fields, **example.changed}
        assert all(same(example.value_of(item, name), value) for name, value in wanted.items())

    def test_an_upsert_may_be_sent_twice(self, target: Target, example: TargetExample) -> None:
        """What says ``upsert`` makes one record of a batch that comes twice."""
        if target.capabilities(example.kind).write != "upsert":
            pytest.skip("its writes are creations")
        assert self.create(target, example) == self.create(target, example)
        assert len(self.ids(target, example)) == 1

    def test_a_probe_tells_the_truth(self, target: Target, example: TargetExample) -> None:
        """Before the write a probe does not find the record, afterwards it does, with its id."""
        if not target.capabilities(example.kind).probe:
            pytest.skip("it cannot be probed")
        batch = example.batch(example.new())
        (before,) = target.probe(batch)
        target_id = self.create(target, example)
        (after,) = target.probe(batch)
        assert (before.op_id, before.found) == ("op-1", False)
        assert (after.found, after.target_id) == (True, target_id)

    def test_a_refused_record_leaves_its_neighbour_alone(
        self, target: Target, example: TargetExample
    ) -> None:
        """A record is refused with the reasons; the other of the batch is written."""
        self.need("refusals")
        assert example.refused is not None
        items = [example.new("bad", example.refused), example.new("good")]
        size = target.capabilities(example.kind).batch
        batches = [items] if size > 1 else [[item] for item in items]
        found: dict[str, ItemOutcome] = {}
        for part in batches:
            outcomes: Sequence[ItemOutcome] = target.write(example.batch(*part))
            found |= {outcome.op_id: outcome for outcome in outcomes}
        assert found["bad"].state == "refused"
        assert found["bad"].violations
        assert found["good"].state == "done"
        assert len(self.ids(target, example)) == 1

    def test_a_lost_answer_is_in_doubt_or_settled(
        self, request: pytest.FixtureRequest, target: Target, example: TargetExample
    ) -> None:
        """After a lost answer nobody claims failure, and there is one record at most."""
        self.need("failures")
        lose: Callable[[], AbstractContextManager[Any]] = request.getfixturevalue("lose_answer")
        with lose():
            try:
                states = {o.state for o in target.write(example.batch(example.new()))}
            except InDoubtError:
                states = {"unknown"}
        assert states <= {"unknown", "done", "unchanged"}
        assert len(self.ids(target, example)) <= 1

    def test_nothing_sent_is_nothing_written(
        self, request: pytest.FixtureRequest, target: Target, example: TargetExample
    ) -> None:
        """Without a connection the error says "try again", and nothing was written."""
        self.need("failures")
        refuse: Callable[[], AbstractContextManager[Any]] = request.getfixturevalue(
            "refuse_connection"
        )
        with refuse(), pytest.raises(TryAgainError):
            target.write(example.batch(example.new()))
        assert self.ids(target, example) == []
