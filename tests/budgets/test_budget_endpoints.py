"""What the endpoints of budgets ask for, how they read an answer, and what is written."""

import json
from decimal import Decimal
from typing import Any

import pytest
from budget_replies import LINES, ROWS, VIEWS, wire_row
from hypothesis import given
from hypothesis import strategies as st
from procore_replies import Replies, item, target_of

from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    OutcomeUnknownError,
    UnreadableReplyError,
)
from procore_spectrum.models.procore import BudgetLineInput
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Batch, BatchItem, Reading, ReadQuery
from procore_spectrum.procore.endpoints import budget

amounts = st.decimals(-(10**9), 10**9, places=2)


def read(replies: Replies, kind: str = "budget_line", **filters: Any) -> Reading[Any]:
    """Read a kind of project 42."""
    return target_of(replies).read(ReadQuery(kind=kind, scope="42", filters=filters))


def write(replies: Replies, *items: BatchItem) -> list[Any]:
    """Write budget lines of project 42."""
    batch = Batch(kind="budget_line", scope_id="42", items=items)
    return list(target_of(replies).write(batch))


# ---------------------------------------------------------------- reading


@given(st.lists(amounts, max_size=5))
def test_amounts_are_read_to_the_cent(values: list[Decimal]) -> None:
    """Rows spell amounts as text; none is touched, neither the original nor a column's."""
    rows = [wire_row(n, amount=str(v), **{"Direct Costs": str(v)}) for n, v in enumerate(values, 1)]
    found = read(Replies((VIEWS, [{"id": 5}]), (ROWS, rows))).items
    assert [row.original_budget_amount for row in found] == values
    assert [row.columns["Direct Costs"] for row in found] == values


def test_rows_are_asked_of_the_oldest_view_with_unbudgeted_ones() -> None:
    """Costs outside of the budget are part of what a budget says."""
    replies = Replies((VIEWS, [{"id": 5}, {"id": 6}]), (ROWS, []))
    reading = read(replies)
    views, rows = replies.requests
    assert "sort=created_at" in views.url
    assert "/budget_views/5/detail_rows" in rows.url
    assert "budget_row_type=all" in rows.url
    assert reading.requests == 2


def test_a_view_is_chosen_by_its_name() -> None:
    """People name views; the name says which columns there are."""
    replies = Replies((VIEWS, [{"id": 5, "name": "A"}, {"id": 6, "name": "ERP "}]), (ROWS, []))
    read(replies, view="ERP")
    assert "/budget_views/6/" in replies.requests[1].url


def test_a_view_that_is_not_there_is_named_with_those_that_are() -> None:
    """The remedy is in the settings."""
    replies = Replies((VIEWS, [{"id": 5, "name": "Standard"}]))
    with pytest.raises(ConfigurationError) as caught:
        read(replies, view="ERP")
    assert caught.value.path == "budgets.view"
    assert "Standard" in (caught.value.hint or "")


def test_a_project_without_views_is_not_found() -> None:
    """It stops no other project."""
    with pytest.raises(NotFoundError):
        read(Replies((VIEWS, [])))


def test_only_numbers_become_columns() -> None:
    """Texts, nulls, flags and nested values of other columns are left out."""
    odd = {"Text": "soon", "Null": None, "Flag": True, "Nested": {"a": 1}, "NaN": "NaN", "Int": 3}
    (row,) = read(Replies((VIEWS, [{"id": 5}]), (ROWS, [wire_row(1, **odd)]))).items
    assert row.columns == {"Int": Decimal(3)}


def test_a_row_that_is_no_object_cannot_be_read() -> None:
    """An answer of another shape is never taken for an empty budget."""
    with pytest.raises(UnreadableReplyError):
        read(Replies((VIEWS, [{"id": 5}]), (ROWS, ["x"])))
    with pytest.raises(UnreadableReplyError):
        read(Replies((VIEWS, [{"id": 5}]), (ROWS, {"rows": []})))


def test_details_are_read_line_by_line_and_only_of_lines() -> None:
    """Units and quantities are told by the line alone; an unbudgeted row has none."""
    line = {"id": 1, "uom": "cy", "quantity": 2.5, "unit_cost": 10.1}
    replies = Replies(
        (VIEWS, [{"id": 5}]),
        (ROWS, [wire_row(1), wire_row(None)]),
        ("GET /budget_line_items/1", line),
    )
    reading = read(replies, details=True)
    first, second = reading.items
    assert (first.uom, first.quantity, first.unit_cost) == ("cy", Decimal("2.5"), Decimal("10.1"))
    assert (second.id, second.quantity) == (None, None)
    assert reading.requests == 3


def test_the_lock_is_one_record() -> None:
    """Locked or not."""
    (found,) = read(Replies(("GET /projects/42/budget", {"locked": True})), "budget").items
    assert found.locked is True


def test_changes_come_with_their_lines() -> None:
    """The listing has none; only changes of the wanted status cost a request."""
    full = {"id": 7, "adjustment_line_items": [{"id": 1, "amount": -2.5, "wbs_code": {"id": 3}}]}
    replies = Replies(
        (
            "GET /budget_changes",
            {"data": [{"id": 7, "status": "approved"}, {"id": 8, "status": "draft"}]},
        ),
        ("GET /budget_changes/7", {"data": full}),
    )
    (change,) = read(replies, "budget_change", status="approved").items
    assert change.adjustment_line_items[0].amount == Decimal("-2.5")


@pytest.mark.parametrize("body", [[], {"data": 3}])
def test_a_change_of_another_shape_cannot_be_read(body: Any) -> None:
    """It is never taken for a change without lines."""
    replies = Replies(
        ("GET /budget_changes", {"data": [{"id": 7}]}), ("GET /budget_changes/7", body)
    )
    with pytest.raises(UnreadableReplyError):
        read(replies, "budget_change")


def test_marks_are_not_read() -> None:
    """Procore has no place for them."""
    with pytest.raises(ConfigurationError):
        read(Replies(), "budget_mark")


# ---------------------------------------------------------------- writing


def test_a_new_line_names_its_budget_code_and_is_entered_by_hand() -> None:
    """The amount is what was sent, not what Procore works out."""
    replies = Replies((LINES, [{"id": 9, "wbs_code": {"id": 30}}]))
    (outcome,) = write(
        replies, item("create", {"original_budget_amount": Decimal("12.30")}, parent_id="30")
    )
    assert (outcome.state, outcome.target_id) == ("done", "9")
    (request,) = replies.requests
    assert json.loads(request.content, parse_float=str) == {
        "project_id": 42,
        "budget_line_items": [
            {
                "wbs_code_id": 30,
                "original_budget_amount": "12.30",
                "calculation_strategy": "manual",
            }
        ],
    }


def test_a_change_names_the_line() -> None:
    """An update and a link go to an existing line."""
    replies = Replies((LINES, [{"id": 9, "wbs_code": {"id": 30}}]))
    write(
        replies,
        item("update", {"original_budget_amount": Decimal(1)}, parent_id="30", target_id="9"),
    )
    (sent,) = json.loads(replies.requests[0].content)["budget_line_items"]
    assert (sent["id"], sent["wbs_code_id"]) == (9, 30)


def test_answers_are_told_apart_by_the_budget_code() -> None:
    """The order of the answer means nothing, and silence is no success."""
    replies = Replies((LINES, [{"id": 2, "wbs_code": {"id": 32}}, {"id": 1, "wbs_code": None}]))
    first, second = write(
        replies,
        item("create", {"original_budget_amount": Decimal(1)}, parent_id="31", op="a"),
        item("create", {"original_budget_amount": Decimal(1)}, parent_id="32", op="b"),
    )
    assert (first.state, second.target_id) == ("unknown", "2")


def test_a_value_that_procore_stores_otherwise_is_told() -> None:
    """What it rounds is no phantom change of the next run."""
    stored = {"id": 9, "wbs_code": {"id": 30}, "original_budget_amount": 12, "uom": None}
    fields = {"original_budget_amount": Decimal("12.3"), "uom": "cy"}
    (outcome,) = write(Replies((LINES, [stored])), item("create", fields, parent_id="30"))
    assert outcome.written == {"original_budget_amount": Decimal(12)}


def test_one_bad_line_leaves_the_others_alone() -> None:
    """A request that is refused as a whole is sent in parts."""
    refusal = {"errors": {"wbs_code_id": ["This Budget Code already exists"]}}
    replies = Replies(
        (LINES, refusal, 422), (LINES, refusal, 422), (LINES, [{"id": 2, "wbs_code": {"id": 32}}])
    )
    first, second = write(
        replies,
        item("create", {"original_budget_amount": Decimal(1)}, parent_id="31", op="a"),
        item("create", {"original_budget_amount": Decimal(1)}, parent_id="32", op="b"),
    )
    assert (first.state, second.state) == ("refused", "done")


@pytest.mark.parametrize(
    "wish",
    [
        item("create", {"original_budget_amount": Decimal(1)}),
        item("update", {"original_budget_amount": Decimal(1)}, parent_id="30"),
        item("deactivate", {}, parent_id="30", target_id="9"),
        item("create", {"colour": "red"}, parent_id="30"),
    ],
)
def test_what_cannot_be_sent_is_refused_here(wish: BatchItem) -> None:
    """Without budget code or id, with an unknown field, or to be switched off."""
    replies = Replies()
    (outcome,) = write(replies, wish)
    assert outcome.state == "refused"
    assert not replies.requests


def test_two_lines_on_one_budget_code_are_refused_here() -> None:
    """Procore has at most one, and would refuse the batch."""
    replies = Replies((LINES, [{"id": 9, "wbs_code": {"id": 30}}]))
    fields = {"original_budget_amount": Decimal(1)}
    first, second = write(
        replies,
        item("create", fields, parent_id="30", op="a"),
        item("create", fields, parent_id="30", op="b"),
    )
    assert (first.state, second.state) == ("done", "refused")


def test_an_answer_that_cannot_be_read_leaves_a_doubt() -> None:
    """The lines may be there."""
    with pytest.raises(OutcomeUnknownError):
        write(Replies((LINES, {})), item("create", {}, parent_id="30"))


def test_lines_are_looked_up_by_their_budget_code() -> None:
    """What became of an unanswered line; without a budget code nothing can tell."""
    replies = Replies((VIEWS, [{"id": 5}]), (ROWS, [wire_row(9, code=30), wire_row(None, code=31)]))
    wishes = [item("create", {}, parent_id=code, op=str(code)) for code in ("30", "31", "32", None)]
    found = target_of(replies).probe(Batch(kind="budget_line", scope_id="42", items=tuple(wishes)))
    assert [(p.found, p.target_id) for p in found] == [
        (True, "9"),
        (False, None),
        (False, None),
        (None, None),
    ]


def test_a_mark_sends_nothing() -> None:
    """Budgets have no origin fields; the crosswalk alone remembers."""
    replies = Replies()
    wish = BatchItem(
        op_id="o", verb="link", ref=Ref("budget_mark", "42"), fields={}, full={}, target_id="42"
    )
    batch = Batch(kind="budget_mark", scope_id="42", items=(wish,))
    (outcome,) = target_of(replies).write(batch)
    assert (outcome.state, outcome.target_id) == ("done", "42")
    assert not replies.requests


@pytest.mark.parametrize("count", [0, 1001])
def test_a_request_takes_one_to_a_thousand_lines(count: int) -> None:
    """The limit of sync endpoints."""
    with pytest.raises(InvalidValueError):
        budget.sync_budget_lines(42, [BudgetLineInput()] * count)


def test_only_changes_may_be_sent_twice() -> None:
    """A second creation would be refused, a second change changes nothing."""
    new, old = BudgetLineInput(wbs_code_id=1), BudgetLineInput(id=9, wbs_code_id=1)
    assert not budget.sync_budget_lines(42, [new, old]).repeatable
    assert budget.sync_budget_lines(42, [old]).repeatable
