"""How ProcoreTarget sets and clears our origin ids on contracts and change orders."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from procore_replies import Replies, batch, item, query_of, target_of

from procore_spectrum.errors import ConfigurationError, OutcomeUnknownError, UnavailableError
from procore_spectrum.ports import BatchItem, Capabilities, ItemOutcome, ReadQuery

SYNC = "PATCH /work_order_contracts/sync"
WORK = {"kind": "work_order"}
PURCHASE = {"kind": "purchase_order"}


def several(numbers: Mapping[str, str], **more: Any) -> list[BatchItem]:
    """One mark for each record; the keys are both operation and origin id."""
    return [
        item("create", {**more, "origin_id": key}, op=key, target_id=number)
        for key, number in numbers.items()
    ]


def mark(replies: Replies, kind: str, *items: BatchItem, **settings: Any) -> list[ItemOutcome]:
    """Write marks in project 42."""
    return list(target_of(replies, **settings).write(batch(kind, *items, scope="42")))


def synced(*entities: Any, errors: Any = ()) -> dict[str, Any]:
    """The body of a sync answer."""
    return {"entities": list(entities), "errors": list(errors)}


def states(outcomes: list[ItemOutcome]) -> list[tuple[str, str, str | None]]:
    """What became of each mark."""
    return [(o.op_id, o.state, o.target_id) for o in outcomes]


# ---------------------------------------------------------------- capabilities


@pytest.mark.parametrize(
    ("kind", "family", "size"),
    [
        ("commitment_mark", "newer", 1000),
        ("commitment_line_mark", "newer", 1),
        ("change_order_mark", "newer", 1000),
        ("change_order_mark", "older", 1),
    ],
)
def test_marks_may_be_repeated(kind: str, family: Any, size: int) -> None:
    """Setting the same value twice does no harm, so nothing has to be looked up."""
    target = target_of(Replies(), change_order_family=family)
    assert target.capabilities(kind) == Capabilities(batch=size, write="upsert")


# ---------------------------------------------------------------- contracts


@pytest.mark.parametrize("verb", ["create", "link", "update"])
def test_subcontracts_are_marked_with_one_sync(verb: str) -> None:
    """All subcontracts of a project go in one request, named by id."""
    replies = Replies((SYNC, synced({"id": 7, "origin_id": "a"}, {"id": 8, "origin_id": "b"})))
    outcomes = mark(
        replies,
        "commitment_mark",
        item(verb, {**WORK, "origin_id": "a", "origin_code": "SC-1"}, op="1", target_id="7"),
        item(verb, {**WORK, "origin_id": "b", "origin_data": "d"}, op="2", target_id="8"),
    )
    assert states(outcomes) == [("1", "done", "7"), ("2", "done", "8")]
    assert replies.bodies() == [
        {
            "project_id": 42,
            "updates": [
                {"origin_id": "a", "origin_code": "SC-1", "id": 7},
                {"origin_id": "b", "origin_data": "d", "id": 8},
            ],
        }
    ]


def test_purchase_orders_are_marked_each() -> None:
    """Their sync documents no id and might make new ones; a single update cannot."""
    replies = Replies(
        ("PATCH /purchase_order_contracts/7", {"id": 7, "origin_id": "a"}),
        ("PATCH /purchase_order_contracts/8", {"id": 8, "origin_id": "b"}),
    )
    outcomes = mark(
        replies,
        "commitment_mark",
        item("create", {**PURCHASE, "origin_id": "a"}, op="1", target_id="7"),
        item("create", {**PURCHASE, "origin_id": "b"}, op="2", target_id="8"),
    )
    assert states(outcomes) == [("1", "done", "7"), ("2", "done", "8")]
    assert replies.bodies()[0] == {"project_id": 42, "purchase_order_contract": {"origin_id": "a"}}


def test_purchase_orders_can_be_synced() -> None:
    """Whoever knows that Procore heeds the id saves requests."""
    replies = Replies(("PATCH /purchase_order_contracts/sync", synced({"id": 7})))
    wish = item("create", {**PURCHASE, "origin_id": "a"}, target_id="7")
    outcomes = mark(replies, "commitment_mark", wish, purchase_order_marks="sync")
    assert states(outcomes) == [("op1", "done", "7")]
    assert replies.bodies()[0]["updates"] == [{"origin_id": "a", "id": 7}]


def test_the_kind_may_stand_among_all_the_values() -> None:
    """A link sends little, but knows everything."""
    replies = Replies((SYNC, synced({"id": 7, "origin_id": "a"})))
    wish = item("link", {}, full={**WORK, "origin_id": "a"}, target_id="7")
    assert states(mark(replies, "commitment_mark", wish)) == [("op1", "done", "7")]
    assert replies.bodies()[0]["updates"] == [{"origin_id": "a", "id": 7}]


def test_a_kind_that_is_not_told_is_looked_up() -> None:
    """The project's contracts tell which is which; one that is not there is refused."""
    replies = Replies(
        ("GET /work_order_contracts", [{"id": 7}]),
        ("GET /purchase_order_contracts", [{"id": 8}]),
        (SYNC, synced({"id": 7, "origin_id": "a"})),
        ("PATCH /purchase_order_contracts/8", {"id": 8, "origin_id": "b"}),
    )
    wishes = [
        item("create", {"origin_id": k}, op=k, target_id=i)
        for k, i in zip("abc", "789", strict=True)
    ]
    outcomes = mark(replies, "commitment_mark", *wishes)
    assert states(outcomes) == [("a", "done", "7"), ("b", "done", "8"), ("c", "refused", None)]
    assert outcomes[2].violations[0].code == "not_found"
    assert query_of(replies.requests[0])["project_id"] == "42"


def test_a_kind_that_is_told_needs_no_listing() -> None:
    """A contract that the listing hides is marked all the same, if its kind is told."""
    replies = Replies(
        ("GET /work_order_contracts", [{"id": 7}]),
        ("GET /purchase_order_contracts", []),
        (SYNC, synced({"id": 7, "origin_id": "a"}, {"id": 9, "origin_id": "b"})),
    )
    wishes = [*several({"a": "7"}), *several({"b": "9"}, **WORK)]
    outcomes = mark(replies, "commitment_mark", *wishes)
    assert states(outcomes) == [("a", "done", "7"), ("b", "done", "9")]


def test_one_refusal_leaves_the_other_marks_alone() -> None:
    """An origin id that is taken, a record that is gone, and an answer that is missing."""
    taken = {"id": 8, "origin_id": "b", "errors": {"origin_id": ["has already been taken"]}}
    replies = Replies(
        (SYNC, synced({"id": 7, "origin_id": "a"}, errors=[taken])),
        ("PATCH /purchase_order_contracts/9", {"message": "not found"}, 404),
    )
    outcomes = mark(
        replies,
        "commitment_mark",
        item("create", {**WORK, "origin_id": "a"}, op="1", target_id="7"),
        item("create", {**WORK, "origin_id": "b"}, op="2", target_id="8"),
        item("create", {**WORK, "origin_id": "d"}, op="3", target_id="6"),
        item("create", {**PURCHASE, "origin_id": "c"}, op="4", target_id="9"),
    )
    assert [o.state for o in outcomes] == ["done", "refused", "unknown", "refused"]
    assert [str(v) for v in outcomes[1].violations] == ["origin_id: has already been taken"]


def test_a_sync_that_is_refused_as_a_whole_is_sent_in_parts() -> None:
    """One contract that Procore cannot stomach does not fail the others."""
    bad = {"errors": {"base": ["is locked"]}}
    replies = Replies(
        (SYNC, bad, 422), (SYNC, synced({"id": 7, "origin_id": "a"})), (SYNC, bad, 422)
    )
    wishes = [
        item("create", {**WORK, "origin_id": k}, op=k, target_id=i)
        for k, i in zip("ab", "78", strict=True)
    ]
    outcomes = mark(replies, "commitment_mark", *wishes)
    assert [o.state for o in outcomes] == ["done", "refused"]
    assert "is locked" in outcomes[1].violations[0].message


def test_a_mark_that_procore_stored_differently_is_reported() -> None:
    """A cut origin code comes back as what was written."""
    replies = Replies((SYNC, synced({"id": 7, "origin_id": "a", "origin_code": "SC"})))
    fields = {**WORK, "origin_id": "a", "origin_code": "SC-1"}
    outcomes = mark(replies, "commitment_mark", item("create", fields, target_id="7"))
    assert outcomes[0].written == {"origin_code": "SC"}


# ---------------------------------------------------------------- lines


@pytest.mark.parametrize("kind", ["work_order", "purchase_order"])
def test_a_line_is_marked_at_its_own_address(kind: str) -> None:
    """The contract is the parent; only the origin fields are sent."""
    path = f"PATCH /{kind}_contracts/7/line_items/70"
    replies = Replies((path, {"id": 70, "origin_id": "l"}))
    fields = {"kind": kind, "origin_id": "l"}
    wish = item("create", fields, target_id="70", parent_id="7")
    assert states(mark(replies, "commitment_line_mark", wish)) == [("op1", "done", "70")]
    assert replies.bodies() == [{"project_id": 42, "line_item": {"origin_id": "l"}}]


def test_a_line_of_an_unknown_contract_is_refused() -> None:
    """Without its contract a line cannot be addressed."""
    replies = Replies(("GET /work_order_contracts", []), ("GET /purchase_order_contracts", []))
    wish = item("create", {"origin_id": "l"}, target_id="70", parent_id="7")
    assert mark(replies, "commitment_line_mark", wish)[0].violations[0].code == "not_found"


# ---------------------------------------------------------------- change orders


def test_change_orders_of_the_newer_family_are_only_remembered() -> None:
    """They have no origin fields, so nothing is sent and the mark is done."""
    replies = Replies()
    wishes = [
        item("create", {"origin_id": k}, op=k, target_id=i) for k, i in zip("ab", "56", strict=True)
    ]
    outcomes = mark(replies, "change_order_mark", *wishes)
    assert states(outcomes) == [("a", "done", "5"), ("b", "done", "6")]
    assert replies.requests == []


@pytest.mark.parametrize(("parent", "sent"), [(None, {}), ("7", {"contract_id": 7})])
def test_packages_are_marked(parent: str | None, sent: dict[str, int]) -> None:
    """The older family takes origin fields."""
    replies = Replies(("PATCH /change_order_packages/6", {"id": 6, "origin_id": "c"}))
    wish = item("create", {"origin_id": "c"}, target_id="6", parent_id=parent)
    outcomes = mark(replies, "change_order_mark", wish, change_order_family="older")
    assert states(outcomes) == [("op1", "done", "6")]
    assert replies.bodies() == [{"project_id": 42, **sent, "change_order": {"origin_id": "c"}}]


# ---------------------------------------------------------------- clearing


@pytest.mark.parametrize(("way", "blank"), [("null", None), ("blank", "")])
@pytest.mark.parametrize("verb", ["unlink", "deactivate"])
def test_clearing_sends_nothing_in_the_place_of_the_mark(verb: str, way: Any, blank: Any) -> None:
    """Whether null or blank text clears is a setting, as Procore does not say."""
    replies = Replies((SYNC, synced({"id": 7, "origin_id": blank})))
    wish = item(verb, {**WORK, "origin_code": "SC-1"}, target_id="7")
    outcomes = mark(replies, "commitment_mark", wish, marks_cleared_by=way)
    assert states(outcomes) == [("op1", "done", "7")]
    assert replies.bodies()[0]["updates"] == [{"origin_id": blank, "origin_code": blank, "id": 7}]


@pytest.mark.parametrize(
    ("kind", "path", "answer"),
    [
        ("commitment_mark", SYNC, synced({"id": 7, "origin_id": "a"})),
        (
            "commitment_line_mark",
            "PATCH /work_order_contracts/3/line_items/7",
            {"id": 7, "origin_id": "a"},
        ),
        ("change_order_mark", "PATCH /change_order_packages/7", {"id": 7, "origin_id": "a"}),
    ],
)
def test_a_mark_that_stays_is_reported(kind: str, path: str, answer: Any) -> None:
    """If Procore keeps the origin id, a person learns it, with what to do."""
    replies = Replies((path, answer))
    wish = item("unlink", {"origin_id": None}, full=WORK, target_id="7", parent_id="3")
    (outcome,) = mark(replies, kind, wish, change_order_family="older")
    (violation,) = outcome.violations
    assert (outcome.state, violation.code, violation.path) == ("refused", "mark_stays", "origin_id")
    assert "marks_cleared_by" in violation.hint


# ---------------------------------------------------------------- what cannot be sent


@pytest.mark.parametrize(
    ("kind", "wrong", "path"),
    [
        ("commitment_mark", item("create", {**WORK, "origin_id": "a"}), "target_id"),
        ("commitment_mark", item("create", WORK, target_id="7"), "origin_id"),
        ("commitment_mark", item("link", {"origin_id": ""}, target_id="7"), "origin_id"),
        ("commitment_mark", item("update", {"origin_id": None}, target_id="7"), "origin_id"),
        ("commitment_mark", item("create", {"origin_id": 5}, target_id="7"), "origin_id"),
        ("commitment_mark", item("create", {"title": "x"}, target_id="7"), "title"),
        ("commitment_mark", item("explode", {"origin_id": "a"}, target_id="7"), ""),
        ("commitment_line_mark", item("create", {"origin_id": "a"}, target_id="7"), "parent_id"),
        (
            "commitment_line_mark",
            item("create", {"origin_code": "a"}, target_id="7", parent_id="3"),
            "origin_code",
        ),
        ("change_order_mark", item("create", {}, target_id="7"), "origin_id"),
    ],
)
def test_a_mark_that_cannot_be_sent_is_refused(kind: str, wrong: BatchItem, path: str) -> None:
    """Nothing but origin fields ever leaves, and never without a record to put them on."""
    replies = Replies()
    (outcome,) = mark(replies, kind, wrong)
    assert (outcome.state, outcome.violations[0].path) == ("refused", path)
    assert replies.requests == []


def test_two_marks_for_one_record_are_one_too_many() -> None:
    """The second is refused instead of overwriting the first."""
    replies = Replies((SYNC, synced({"id": 7, "origin_id": "a"})))
    wishes = [item("create", {**WORK, "origin_id": k}, op=k, target_id="7") for k in "ab"]
    outcomes = mark(replies, "commitment_mark", *wishes)
    assert [o.state for o in outcomes] == ["done", "refused"]
    assert outcomes[1].violations[0].code == "duplicate"


def test_an_update_of_other_origin_fields_keeps_the_origin_id() -> None:
    """What did not change is not sent."""
    replies = Replies((SYNC, synced({"id": 7})))
    wish = item("update", {"origin_data": "d"}, full={**WORK, "origin_id": "a"}, target_id="7")
    mark(replies, "commitment_mark", wish)
    assert replies.bodies()[0]["updates"] == [{"origin_data": "d", "id": 7}]


def test_an_unreadable_answer_leaves_the_outcome_unknown() -> None:
    """The mark may be set; the engine repeats it."""
    replies = Replies(("PATCH /purchase_order_contracts/7", b"{"))
    with pytest.raises(OutcomeUnknownError):
        mark(
            replies,
            "commitment_mark",
            item("create", {**PURCHASE, "origin_id": "a"}, target_id="7"),
        )


def test_a_busy_server_is_reported_as_such() -> None:
    """What can be repeated stays repeatable."""
    with pytest.raises(UnavailableError):
        mark(
            Replies((SYNC, {"message": "busy"}, 503)),
            "commitment_mark",
            item("create", {**WORK, "origin_id": "a"}, target_id="7"),
        )


def test_marks_need_a_project_and_cannot_be_read_or_probed() -> None:
    """The project is the scope; the marks are read with the records that bear them."""
    target, wish = target_of(Replies()), item("create", {"origin_id": "a"}, target_id="7")
    with pytest.raises(ConfigurationError):
        target.write(batch("commitment_mark", wish))
    with pytest.raises(ConfigurationError, match="only written"):
        target.read(ReadQuery(kind="commitment_mark", scope="42"))
    assert target.probe(batch("commitment_mark", wish, scope="42"))[0].found is None


@settings(max_examples=30, deadline=None)
@given(kinds=st.lists(st.sampled_from(["work_order", "purchase_order"]), max_size=8))
def test_every_mark_has_its_own_outcome(kinds: list[str]) -> None:
    """Whatever the mixture, outcomes come in the order of the batch, one for each."""
    numbered = list(enumerate(kinds, 1))
    entities = [{"id": i, "origin_id": f"o{i}"} for i, kind in numbered if kind == "work_order"]
    singles: list[tuple[Any, ...]] = [
        (f"PATCH /purchase_order_contracts/{i}", {"id": i, "origin_id": f"o{i}"})
        for i, kind in numbered
        if kind == "purchase_order"
    ]
    wishes = [
        item("create", {"kind": kind, "origin_id": f"o{i}"}, op=str(i), target_id=str(i))
        for i, kind in numbered
    ]
    outcomes = mark(Replies((SYNC, synced(*entities)), *singles), "commitment_mark", *wishes)
    assert states(outcomes) == [(str(i), "done", str(i)) for i, _ in numbered]
