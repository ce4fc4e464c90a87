"""Which answer of a sync endpoint belongs to which record."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError
from procore_spectrum.models.procore import CostCode, CostCodeSyncItem, VendorSyncItem
from procore_spectrum.procore.endpoints.cost_codes import sync_cost_codes
from procore_spectrum.procore.endpoints.syncing import SyncResult, read_sync
from procore_spectrum.procore.endpoints.vendors import sync_vendors
from procore_spectrum.wire.messages import Response

OK = Response(status=200)
calm = settings(max_examples=50, deadline=None)


def stored(index: int, sent: dict[str, Any]) -> dict[str, Any]:
    """The entity that Procore answers for a record."""
    return {"id": 1000 + index, "origin_id": f"stored {index}", "full_code": "01-01", **sent}


def refusal(sent: dict[str, Any], message: str) -> dict[str, Any]:
    """The error that Procore answers for a record: what was sent, and the reasons."""
    return {**sent, "errors": {"code": [message]}}


names = st.sampled_from(["id", "origin_id", "both"])


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[bool]]:
    """Records to send, named in every possible way, and whether each is stored."""
    kinds = draw(st.lists(names, min_size=1, max_size=12))
    sent = []
    for index, kind in enumerate(kinds):
        record: dict[str, Any] = {"name": draw(st.sampled_from(["Concrete", "Steel"]))}
        if kind != "origin_id":
            record["id"] = index + 1
        if kind != "id":
            record["origin_id"] = f"origin {index}"
        sent.append(record)
    return sent, [draw(st.booleans()) for _ in sent]


@calm
@given(conversation=conversations(), data=st.data())
def test_every_record_gets_exactly_its_own_answer(
    conversation: tuple[list[dict[str, Any]], list[bool]], data: st.DataObject
) -> None:
    """However entities and errors are interleaved and ordered, each finds its record."""
    sent, fate = conversation
    entities = [stored(i, record) for i, record in enumerate(sent) if fate[i]]
    errors = [refusal(record, f"no {i}") for i, record in enumerate(sent) if not fate[i]]
    body = {
        "entities": data.draw(st.permutations(entities)),
        "errors": data.draw(st.permutations(errors)),
    }
    result = read_sync(CostCode, sent, body)
    assert [item.state for item in result.items] == ["done" if f else "refused" for f in fate]
    for index, item in enumerate(result.items):
        if item.entity is not None:
            assert item.entity.id == stored(index, sent[index])["id"]
        else:
            assert [v.message for v in item.violations] == [f"no {index}"]


@calm
@given(count=st.integers(1, 8), answered=st.sets(st.integers(0, 7)))
def test_a_record_that_is_not_mentioned_is_never_called_done(
    count: int, answered: set[int]
) -> None:
    """Silence about a record is told from success and from refusal."""
    sent = [{"origin_id": f"o{i}"} for i in range(count)]
    body = {"entities": [stored(i, sent[i]) for i in sorted(answered) if i < count]}
    result = read_sync(CostCode, sent, body)
    done = {i for i, item in enumerate(result.items) if item.state == "done"}
    silent = {i for i, item in enumerate(result.items) if item.state == "unanswered"}
    assert done == {i for i in answered if i < count}
    assert done | silent == set(range(count))


def read(sent: list[dict[str, Any]], **body: Any) -> SyncResult[CostCode]:
    """The result of an answer."""
    return read_sync(CostCode, sent, body)


def test_records_without_any_id_are_found_by_what_is_repeated() -> None:
    """A record sent without id and origin id is matched by its values."""
    sent = [{"name": "Steel", "code": "05"}, {"name": "Wood", "code": "06"}]
    result = read(
        sent,
        entities=[{"id": 9, "name": "Wood", "code": "06"}],
        errors=[{"name": "Steel", "code": "05", "errors": {"code": ["is taken"]}}],
    )
    assert [item.state for item in result.items] == ["refused", "done"]


def test_an_error_that_repeats_nothing_belongs_to_the_only_record_left() -> None:
    """The description of the cost code sync promises only ``errors``."""
    result = read(
        [{"origin_id": "a"}, {"origin_id": "b"}],
        entities=[{"id": 1, "origin_id": "a"}],
        errors=[{"errors": {"code": ["is too long"], "base": ["no"]}}],
    )
    assert result.items[1].state == "refused"
    assert [(v.path, v.message) for v in result.items[1].violations] == [
        ("code", "is too long"),
        ("", "no"),
    ]
    assert result.refused == (result.items[1],)


def test_errors_that_repeat_nothing_are_shared_and_say_so() -> None:
    """Several anonymous errors for as many records refuse all of them, with all reasons."""
    errors = [{"errors": ["first"]}, {"errors": "second"}]
    result = read([{"origin_id": "a"}, {"origin_id": "b"}], entities=[], errors=errors)
    for item in result.items:
        assert item.state == "refused"
        assert [v.message for v in item.violations] == ["first", "second"]
        assert "without saying which" in item.violations[0].hint


def test_too_few_anonymous_errors_decide_nothing() -> None:
    """One anonymous error for two records leaves both unanswered."""
    result = read([{"origin_id": "a"}, {"origin_id": "b"}], errors=[{"errors": ["no"]}])
    assert [item.state for item in result.items] == ["unanswered", "unanswered"]


def test_an_entity_that_fits_nothing_keeps_an_anonymous_error_open() -> None:
    """A stored record that cannot be placed may be the one that an error seems to concern."""
    result = read(
        [{"origin_id": "a"}], entities=[{"id": 1, "origin_id": "z"}], errors=[{"errors": ["no"]}]
    )
    assert result.items[0].state == "unanswered"
    assert result.entities == ()


def test_an_error_without_reason_is_still_a_refusal() -> None:
    """An empty list of reasons does not turn a refusal into a success."""
    result = read([{"origin_id": "a"}], errors=[{"origin_id": "a", "errors": {"code": []}}])
    assert [v.message for v in result.items[0].violations] == ["Procore gave no reason"]


def test_two_ways_to_name_one_record_keep_their_answers() -> None:
    """A record sent by id and again by origin id gets two answers, one each."""
    both = {"id": 5, "origin_id": "x"}
    result = read(
        [{"id": 5}, {"origin_id": "x"}],
        entities=[both],
        errors=[{"origin_id": "x", "errors": ["sent twice"]}],
    )
    assert [item.state for item in result.items] == ["done", "refused"]


@pytest.mark.parametrize(
    "body", [None, [], {"entities": {}}, {"errors": "x"}, {"errors": ["x"]}, {"entities": [{}]}]
)
def test_another_shape_of_answer_is_unreadable(body: Any) -> None:
    """Anything but lists of entities and errors is reported."""
    with pytest.raises(UnreadableReplyError):
        read_sync(CostCode, [{"origin_id": "a"}], body)


def test_the_path_of_an_unreadable_entity_names_it() -> None:
    """A fault in an entity is reported with its place in the answer."""
    with pytest.raises(UnreadableReplyError) as caught:
        read([{"id": 1}], entities=[{"id": 1, "parent": {"id": "x"}}])
    assert caught.value.path == "entities[0].parent.id"


# ---------------------------------------------------------------- before sending


def test_a_sync_with_names_may_be_repeated() -> None:
    """A batch in which Procore can find every record is safe to send twice."""
    items = [CostCodeSyncItem(origin_id="a", code="01"), CostCodeSyncItem(id=4, name="x")]
    assert sync_cost_codes(1, items).repeatable


def test_a_sync_with_a_nameless_record_may_not_be_repeated() -> None:
    """A record without any id would be created a second time."""
    items = [CostCodeSyncItem(origin_id="a"), CostCodeSyncItem(name="x")]
    assert not sync_cost_codes(1, items).repeatable


@pytest.mark.parametrize("count", [0, 1001])
def test_batches_out_of_bounds_are_refused_before_sending(count: int) -> None:
    """Procore takes 1,000 records; none at all is a mistake."""
    with pytest.raises(InvalidValueError, match=f"not {count:,}"):
        sync_vendors(1, [VendorSyncItem(origin_id=str(i)) for i in range(count)])


def test_a_thousand_records_fit() -> None:
    """The limit itself is allowed."""
    call = sync_vendors(1, [VendorSyncItem(origin_id=str(i)) for i in range(1000)])
    assert len(call.body["updates"]) == 1000


@pytest.mark.parametrize("field", ["id", "origin_id"])
def test_two_records_of_one_name_are_refused_before_sending(field: str) -> None:
    """Two records with the same id or origin id could not be told apart in the answer."""
    twice = [CostCodeSyncItem(**{field: 7 if field == "id" else "7"})] * 2
    with pytest.raises(InvalidValueError) as caught:
        sync_cost_codes(1, twice)
    assert caught.value.path == "updates[1]"


def test_a_value_that_cannot_be_written_names_its_record() -> None:
    """The path of an invalid value starts with the record's place."""
    with pytest.raises(InvalidValueError) as caught:
        sync_cost_codes(1, [CostCodeSyncItem(origin_id="a"), CostCodeSyncItem(position="1")])
    assert caught.value.path == "updates[1].position"


def test_the_call_reads_its_own_answer() -> None:
    """The parser of a sync call gives a result for the records of that call."""
    call = sync_vendors(1, [VendorSyncItem(origin_id="a", name="Acme")])
    result = call.parse({"entities": [{"id": 3, "origin_id": "a"}], "errors": []}, OK)
    assert [vendor.id for vendor in result.entities] == [3]
