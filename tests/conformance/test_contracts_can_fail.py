"""Each contract can fail: adapters that break one promise are caught by the test of it."""

from __future__ import annotations

from contextlib import nullcontext

import attrs
import pytest
from other_people import CardBox, DictStore
from test_other_people import EXAMPLE

from procore_spectrum.errors import OutcomeUnknownError, StoreError
from procore_spectrum.ports import ItemOutcome, Probe
from procore_spectrum.stores import SqliteStore
from procore_spectrum.testing import conformance
from procore_spectrum.testing.conformance.stores import ACME
from procore_spectrum.testing.faults import LostReply
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Response

# ---------------------------------------------------------------- sources and targets


class NaiveTime(CardBox):
    """Times without a zone."""

    def read(self, query):
        """See the class."""
        reading = super().read(query)
        return attrs.evolve(reading, as_of=reading.as_of.replace(tzinfo=None))


class Double(CardBox):
    """Every record twice."""

    def read(self, query):
        """See the class."""
        reading = super().read(query)
        return attrs.evolve(reading, items=reading.items * 2)


class Forgetful(CardBox):
    """Every other reading is empty."""

    odd = False

    def read(self, query):
        """See the class."""
        self.odd = not self.odd
        reading = super().read(query)
        return reading if self.odd else attrs.evolve(reading, items=())


class Mutable(CardBox):
    """Records that a caller can change."""

    def read(self, query):
        """See the class."""
        reading = super().read(query)
        kind = attrs.make_class("Card", ["id", "values"])
        return attrs.evolve(reading, items=tuple(kind(c.id, c.values) for c in reading.items))


class Anything(CardBox):
    """Any kind and filter gives all cards."""

    def read(self, query):
        """See the class."""
        return super().read(EXAMPLE.query)


class WrongNames(CardBox):
    """Outcomes of other operations."""

    def _write(self, item):
        """See the class."""
        return attrs.evolve(super()._write(item), op_id="other")


class Appending(CardBox):
    """Every write makes a record."""

    def _find(self, item):
        """See the class."""
        return


class Replacing(CardBox):
    """An update loses the other fields."""

    def _write(self, item):
        """See the class."""
        if item.target_id:
            self.cards[int(item.target_id)] = {}
        return super()._write(item)


class Rounding(CardBox):
    """Stores something else than it was given."""

    def _write(self, item):
        """See the class."""
        return super()._write(attrs.evolve(item, fields={**item.fields, "city": "?"}))


class Swallowing(CardBox):
    """Claims to have written what it refused."""

    def _write(self, item):
        """See the class."""
        return attrs.evolve(super()._write(item), state="done", violations=())


class AlwaysThere(CardBox):
    """Every probe finds something."""

    def probe(self, batch):
        """See the class."""
        return [Probe(op_id=item.op_id, found=True, target_id="1") for item in batch.items]


class Repeating(CardBox):
    """A lost answer is repeated without looking, and reported as failure."""

    def write(self, batch):
        """See the class."""
        for place in (101, 102):
            self.cards[place] = dict(batch.items[0].full)
        return [ItemOutcome(op_id=item.op_id, state="failed") for item in batch.items]


class Doubting(CardBox):
    """Is in doubt, although nothing was sent."""

    def write(self, batch):
        """See the class."""
        raise OutcomeUnknownError("perhaps")


class Fixtures(dict):
    """Fixtures by name, as pytest gives them."""

    getfixturevalue = dict.__getitem__


LOST = Fixtures(lose_answer=nullcontext, refuse_connection=nullcontext)
FAILED = (AssertionError, ValueError, pytest.fail.Exception)


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (NaiveTime, "test_a_reading_is_whole"),
        (Double, "test_no_record_comes_twice"),
        (Forgetful, "test_an_unchanged_world_reads_alike"),
        (Mutable, "test_items_are_models"),
        (Anything, "test_an_unknown_kind_is_refused"),
        (Anything, "test_an_unknown_filter_is_refused"),
        (Forgetful, "test_a_reading_from_several_threads"),
    ],
)
def test_a_broken_source_is_caught(broken, test):
    """The test of that promise fails, and passes with the whole adapter."""
    contract = conformance.TargetContract()
    for kind in (CardBox, broken):
        source = kind()
        contract.create(source, EXAMPLE)
        arguments = [source] if "kind" in test else [source, EXAMPLE.query]
        if kind is broken:
            with pytest.raises(FAILED):
                getattr(contract, test)(*arguments)
        else:
            getattr(contract, test)(*arguments)


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (Rounding, "test_what_is_written_is_read"),
        (WrongNames, "test_each_record_has_its_outcome"),
        (Replacing, "test_an_update_changes_only_what_it_says"),
        (Appending, "test_an_upsert_may_be_sent_twice"),
        (AlwaysThere, "test_a_probe_tells_the_truth"),
        (Swallowing, "test_a_refused_record_leaves_its_neighbour_alone"),
    ],
)
def test_a_broken_target_is_caught(broken, test):
    """The test of that promise fails, and passes with the whole adapter."""
    contract = conformance.TargetContract()
    getattr(contract, test)(CardBox(), EXAMPLE)
    with pytest.raises(FAILED):
        getattr(contract, test)(broken(), EXAMPLE)


@pytest.mark.parametrize(
    ("broken", "test", "error"),
    [
        (Repeating, "test_a_lost_answer_is_in_doubt_or_settled", AssertionError),
        (Doubting, "test_nothing_sent_is_nothing_written", OutcomeUnknownError),
    ],
)
def test_a_target_that_fails_wrongly_is_caught(broken, test, error):
    """A failure that tells the caller to do the wrong thing is found."""
    with pytest.raises(error):
        getattr(conformance.TargetContract(), test)(LOST, broken(), EXAMPLE)


def test_a_source_that_hides_an_outage_is_caught():
    """An empty reading in place of an error, or one that claims to be complete, is found."""
    fixtures = Fixtures(unreachable=(CardBox(), "secret"), cut_off=CardBox())
    contract = conformance.SourceContract()
    with pytest.raises(pytest.fail.Exception):
        contract.test_an_outage_is_no_empty_reading(fixtures, EXAMPLE.query)
    with pytest.raises(AssertionError):
        contract.test_a_cut_listing_is_not_complete(fixtures, EXAMPLE.query)


# ---------------------------------------------------------------- stores and the queue


class HalfWritten(DictStore):
    """Facts are written before the rest is checked."""

    def commit(self, change):
        """See the class."""
        self.data.facts |= change.facts
        super().commit(change)


class NoChain(DictStore):
    """Journal lines that do not know each other."""

    def read_events(self, query):
        """See the class."""
        return [attrs.evolve(line, previous="") for line in super().read_events(query)]


class OneForAll(DictStore):
    """Companies share their data."""

    def for_company(self, company):
        """See the class."""
        return super().for_company(ACME)


class NoApprovals(DictStore):
    """Decisions of accounting are lost."""

    def commit(self, change):
        """See the class."""
        super().commit(attrs.evolve(change, approvals=()))


class LastOneWins(DictStore):
    """Whoever answers later is right."""

    def commit(self, change):
        """See the class."""
        super().commit(attrs.evolve(change, expected={}))


class OpenLock(DictStore):
    """A lock that anybody gets."""

    def lock(self, request):
        """See the class."""
        return nullcontext()


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (HalfWritten, "test_a_number_belongs_to_one_record_for_ever"),
        (NoChain, "test_the_journal_is_numbered_and_chained"),
        (NoApprovals, "test_approvals_come_back_whole_and_are_replaced"),
    ],
)
def test_a_broken_store_is_caught(broken, test):
    """The test of that promise fails, and passes with the whole store."""
    contract = conformance.StateStoreContract()
    getattr(contract, test)(DictStore().for_company(ACME))
    with pytest.raises(FAILED):
        getattr(contract, test)(broken().for_company(ACME))


@pytest.mark.parametrize(
    ("broken", "arguments", "test"),
    [
        (OneForAll, 1, "test_companies_never_meet"),
        (OpenLock, 2, "test_a_held_lock_names_its_owner"),
    ],
)
def test_a_store_that_mixes_things_up_is_caught(broken, arguments, test):
    """The test of that promise fails, and passes with the whole store."""
    for kind in (DictStore, broken):
        store = kind()
        given = [store, store.for_company(ACME)][:arguments]
        expected = pytest.raises(FAILED) if kind is broken else nullcontext()
        with expected:
            getattr(conformance.StateStoreContract(), test)(*given)


def test_a_queue_that_forgets_is_caught():
    """A store that loses approvals breaks the queue's contract."""
    contract = conformance.ApprovalQueueContract()
    store = NoApprovals()
    handle = store.for_company(ACME)
    queue = contract.queue.__wrapped__(contract, handle)
    with pytest.raises(ValueError, match="unpack"):
        contract.test_what_is_sent_waits(queue)


@pytest.mark.parametrize(
    "test",
    [
        "test_an_approval_that_has_moved_refuses_the_change",
        "test_an_approval_that_was_not_expected_refuses_the_change",
    ],
)
def test_a_store_where_the_last_one_wins_is_caught(test):
    """Answers that overwrite each other are found."""
    contract = conformance.ApprovalQueueContract()
    getattr(contract, test)(DictStore().for_company(ACME))
    with pytest.raises(FAILED):
        getattr(contract, test)(LastOneWins().for_company(ACME))


def test_a_closed_store_that_answers_is_caught(tmp_path):
    """Not closing anything is found."""

    class NeverClosed(SqliteStore):
        def _close(self):
            """Forgotten."""

    store = NeverClosed(tmp_path / "sync.db")
    with pytest.raises(pytest.fail.Exception):
        conformance.StateStoreContract().test_closing(store, store.for_company(ACME))
    with pytest.raises(StoreError):
        store.read_started()
    SqliteStore._close(store)


# ---------------------------------------------------------------- transports


class Judging(HttpxTransport):
    """Raises for a status."""

    def send(self, request):
        """See the class."""
        answer = super().send(request)
        assert answer.status < 400
        return answer


class Twice(HttpxTransport):
    """Sends again, to be sure."""

    def send(self, request):
        """See the class."""
        super().send(request)
        return super().send(request)


class Retrying(HttpxTransport):
    """Repeats what was not answered."""

    def send(self, request):
        """See the class."""
        try:
            return super().send(request)
        except OutcomeUnknownError:
            return super().send(request)


class Talking(HttpxTransport):
    """Shows the whole request in its errors."""

    def send(self, request):
        """See the class."""
        try:
            return super().send(request)
        except OutcomeUnknownError as error:
            raise OutcomeUnknownError(f"{request.url} {error}") from None


class Garbling(HttpxTransport):
    """Loses a byte."""

    def send(self, request):
        """See the class."""
        answer = super().send(request)
        return attrs.evolve(answer, content=answer.content[1:])


@pytest.mark.parametrize(
    ("broken", "test", "more"),
    [
        (Judging, "test_it_never_judges_the_status", ()),
        (Twice, "test_it_sends_once", ()),
        (Garbling, "test_bytes_arrive_unchanged", ()),
        (Retrying, "test_a_lost_answer_leaves_the_outcome_unknown", (LostReply(),)),
        (Talking, "test_a_lost_answer_leaves_the_outcome_unknown", (LostReply(),)),
    ],
)
def test_a_broken_transport_is_caught(broken, test, more):
    """The test of that promise fails, and passes with the whole transport."""
    contract = conformance.TransportContract()
    for kind in (HttpxTransport, broken):
        scenes = contract.scene.__wrapped__(contract)
        transport = kind(timeout=5)
        expected = pytest.raises(FAILED) if kind is broken else nullcontext()
        with expected:
            getattr(contract, test)(transport, next(scenes), *more)
        transport.close()
        assert next(scenes, None) is None


def test_a_blocking_asynchronous_transport_is_caught():
    """A ``send`` that is not awaited is no asynchronous transport."""

    class Blocking:
        def send(self, request):
            return Response(status=200)

        async def close(self):
            """Nothing to release."""

    with pytest.raises(AssertionError):
        conformance.AsyncTransportContract().test_it_is_awaited(Blocking())
