"""What ProcoreTarget writes through the sync endpoints."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from procore_replies import COMPANY, Replies, batch, item, query_of, target_of

from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    OutcomeUnknownError,
    UnavailableError,
)
from procore_spectrum.plan.values import Fields

ACME = {"id": 11, "name": "Acme", "origin_id": "v1"}


def synced(*entities: Any, errors: Any = ()) -> dict[str, Any]:
    """The body of a sync answer."""
    return {"entities": list(entities), "errors": list(errors)}


def test_a_creation_sends_its_fields_and_origin_id() -> None:
    """A new vendor is sent with our key, and Procore's id comes back."""
    replies = Replies(("PATCH /vendors/sync", synced(ACME)))
    outcomes = target_of(replies).write(
        batch("company", item("create", {"name": "Acme", "origin_id": "v1"}))
    )
    assert replies.bodies() == [
        {"company_id": COMPANY, "updates": [{"name": "Acme", "origin_id": "v1"}]}
    ]
    assert [(o.state, o.target_id, dict(o.written)) for o in outcomes] == [("done", "11", {})]


def test_an_update_sends_the_id_and_what_changed() -> None:
    """Fields that did not change are left out; the record is named by id."""
    replies = Replies(("PATCH /vendors/sync", synced(ACME)))
    change = item("update", {"city": None}, full={"city": None, "name": "Acme"}, target_id="11")
    target_of(replies).write(batch("company", change))
    assert replies.bodies()[0]["updates"] == [{"city": None, "id": 11}]


def test_a_link_sends_id_and_origin_id_only() -> None:
    """A sync with both is found by id and gets the origin id; nothing else is touched."""
    replies = Replies(("PATCH /vendors/sync", synced(ACME)))
    link = item("link", {}, full={"name": "Other", "origin_id": "v1"}, target_id="11")
    target_of(replies).write(batch("company", link))
    assert replies.bodies()[0]["updates"] == [{"origin_id": "v1", "id": 11}]


@pytest.mark.parametrize(
    ("kind", "path", "switch"),
    [
        ("company", "/vendors/sync", {"is_active": False}),
        ("project", "/projects/sync", {"active": False}),
    ],
)
def test_deactivation_sends_the_off_switch(kind: str, path: str, switch: Fields) -> None:
    """Nothing is deleted: companies and projects are switched off."""
    replies = Replies((f"PATCH {path}", synced({"id": 11})))
    target_of(replies).write(batch(kind, item("deactivate", {}, target_id="11")))
    assert replies.bodies()[0]["updates"] == [{**switch, "id": 11}]


@pytest.mark.parametrize("kind", ["cost_code", "standard_cost_code", "line_item_type"])
def test_kinds_without_a_switch_cannot_be_deactivated(kind: str) -> None:
    """Cost codes and cost types have no off switch; the item is refused, unsent."""
    replies = Replies()
    outcomes = target_of(replies).write(
        batch(kind, item("deactivate", {}, target_id="11"), scope="4")
    )
    assert outcomes[0].state == "refused"
    assert replies.requests == []


def test_a_parent_is_sent_where_the_kind_has_one() -> None:
    """The parent's id, found by the engine, goes out as parent_id."""
    replies = Replies(
        ("PATCH /cost_codes/sync", synced({"id": 5, "origin_id": "c"})),
        ("PATCH /line_item_types/sync", synced({"id": 6, "origin_id": "t"})),
    )
    target = target_of(replies)
    code = item("create", {"code": "0100", "origin_id": "c"}, parent_id="77")
    target.write(batch("cost_code", code, scope="42"))
    kind = item("create", {"csv_import_code": "L", "origin_id": "t"}, parent_id="77")
    target.write(batch("line_item_type", kind))
    assert replies.bodies()[0]["updates"][0]["parent_id"] == 77
    assert "parent_id" not in replies.bodies()[1]["updates"][0]
    assert query_of(replies.requests[0])["project_id"] == "42"


def test_standard_codes_are_written_to_their_list() -> None:
    """The scope of a standard cost code is its list."""
    replies = Replies(("PATCH /standard_cost_codes/sync", synced({"id": 5, "origin_id": "c"})))
    code = item("create", {"code": "01", "origin_id": "c"})
    assert target_of(replies).write(batch("standard_cost_code", code, scope="9"))[0].target_id
    assert replies.bodies()[0]["standard_cost_code_list_id"] == 9


def test_dates_amounts_and_ids_are_sent_in_the_documented_form() -> None:
    """Days as text, amounts as exact numbers, ids and counts as whole numbers."""
    replies = Replies(("PATCH /projects/sync", synced({"id": 3, "origin_id": "j"})))
    fields: Fields = {
        "origin_id": "j",
        "start_date": date(2026, 3, 1),
        "total_value": Decimal("1250000.10"),
        "estimated_value": 5,
        "square_feet": Decimal("1200"),
        "office_id": "12",
        "department_ids": ("1", "2"),
    }
    target_of(replies).write(batch("project", item("create", fields)))
    assert b'"start_date":"2026-03-01","total_value":1250000.10' in replies.requests[0].content
    sent = replies.bodies()[0]["updates"][0]
    assert (sent["square_feet"], sent["office_id"], sent["department_ids"]) == (1200, 12, [1, 2])
    assert sent["estimated_value"] == 5


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (item("create", {"name": "X"}), "origin_id"),
        (item("create", {"origin_id": "x", "colour": "red"}), "colour"),
        (item("create", {"origin_id": "x", "is_active": "yes"}), "is_active"),
        (item("update", {"name": "X"}), "target_id"),
        (item("update", {"name": "X"}, target_id="abc"), "target_id"),
        (item("link", {}, target_id="11"), "origin_id"),
        (item("explode", {}, target_id="11"), ""),
    ],
)
def test_an_item_that_cannot_be_sent_leaves_its_neighbours_alone(wrong: Any, path: str) -> None:
    """A faulty record is refused with the field at fault; the others are still sent."""
    replies = Replies(("PATCH /vendors/sync", synced(ACME)))
    good = item("create", {"name": "Acme", "origin_id": "v1"}, op="good")
    outcomes = target_of(replies).write(batch("company", wrong, good))
    assert [outcome.state for outcome in outcomes] == ["refused", "done"]
    assert outcomes[0].violations[0].path == path


def test_a_record_that_is_in_the_batch_twice_is_sent_once() -> None:
    """The second record of one origin id is refused instead of spoiling the batch."""
    replies = Replies(("PATCH /vendors/sync", synced(ACME)))
    twins = [item("create", {"name": "Acme", "origin_id": "v1"}, op=op) for op in ("a", "b")]
    outcomes = target_of(replies).write(batch("company", *twins))
    assert [outcome.state for outcome in outcomes] == ["done", "refused"]
    assert outcomes[1].violations[0].code == "duplicate"
    assert len(replies.bodies()[0]["updates"]) == 1


def test_refusal_and_success_of_one_answer_are_told_apart() -> None:
    """Procore answers 200 whatever happens; each record gets its own outcome."""
    refusal = {"origin_id": "v2", "name": "B", "errors": {"name": ["is too long"]}}
    replies = Replies(("PATCH /vendors/sync", synced(ACME, errors=[refusal])))
    outcomes = target_of(replies).write(
        batch(
            "company",
            item("create", {"name": "B", "origin_id": "v2"}, op="b"),
            item("create", {"name": "Acme", "origin_id": "v1"}, op="a"),
            item("create", {"name": "C", "origin_id": "v3"}, op="c"),
        )
    )
    assert [(o.op_id, o.state) for o in outcomes] == [
        ("b", "refused"),
        ("a", "done"),
        ("c", "unknown"),
    ]
    assert [str(v) for v in outcomes[0].violations] == ["name: is too long"]


def test_what_procore_stored_differently_is_reported() -> None:
    """A changed value is handed back; equal amounts and values left out are not."""
    entity = {
        "id": 3,
        "origin_id": "j",
        "name": "NORTH",
        "total_value": "5.0",
        "start_date": "2026-03-02",
    }
    replies = Replies(("PATCH /projects/sync", synced(entity)))
    fields: Fields = {
        "origin_id": "j",
        "name": "North",
        "total_value": Decimal(5),
        "start_date": date(2026, 3, 1),
        "city": "X",
    }
    outcomes = target_of(replies).write(batch("project", item("create", fields)))
    assert outcomes[0].written == {"name": "NORTH", "start_date": date(2026, 3, 2)}


def test_the_code_of_a_cost_type_is_compared_under_its_other_name() -> None:
    """What is sent as csv_import_code is answered as code."""
    entity = {"id": 3, "origin_id": "t", "code": "LAB"}
    replies = Replies(("PATCH /line_item_types/sync", synced(entity)))
    kind = item("create", {"origin_id": "t", "csv_import_code": "L"})
    outcomes = target_of(replies).write(batch("line_item_type", kind))
    assert outcomes[0].written == {"csv_import_code": "LAB"}


def test_a_batch_that_is_refused_as_a_whole_is_sent_in_parts() -> None:
    """One record that Procore cannot stomach does not fail the others."""
    bad = {"errors": {"name": ["is invalid"]}}
    replies = Replies(
        ("PATCH /vendors/sync", bad, 422),
        ("PATCH /vendors/sync", synced({"id": 1, "origin_id": "a"})),
        ("PATCH /vendors/sync", bad, 422),
        ("PATCH /vendors/sync", synced({"id": 2, "origin_id": "b"})),
        ("PATCH /vendors/sync", bad, 422),
    )
    items = [item("create", {"origin_id": key}, op=key) for key in ("a", "b", "c")]
    outcomes = target_of(replies).write(batch("company", *items))
    assert [outcome.state for outcome in outcomes] == ["done", "done", "refused"]
    assert "is invalid" in outcomes[2].violations[0].message


def test_the_search_for_a_culprit_ends() -> None:
    """Where everything is refused, the number of requests stays bounded."""
    replies = Replies(*[("PATCH /vendors/sync", {"errors": ["no"]}, 422)] * 60)
    items = [item("create", {"origin_id": str(i)}, op=str(i)) for i in range(500)]
    outcomes = target_of(replies).write(batch("company", *items))
    assert {outcome.state for outcome in outcomes} == {"refused"}
    assert len(replies.requests) <= 60


def test_an_unreadable_answer_to_a_write_leaves_its_outcome_unknown() -> None:
    """A 200 that cannot be read does not mean that nothing was written."""
    replies = Replies(("PATCH /vendors/sync", b'{"entities": [{"id": '))
    target = target_of(replies)
    with pytest.raises(OutcomeUnknownError):
        target.write(batch("company", item("create", {"origin_id": "a"})))


def test_an_overloaded_server_is_reported_as_such() -> None:
    """What can be repeated stays repeatable."""
    target = target_of(Replies(("PATCH /vendors/sync", {"message": "busy"}, 503)))
    with pytest.raises(UnavailableError):
        target.write(batch("company", item("create", {"origin_id": "a"})))


def test_a_batch_beyond_the_limit_is_a_mistake() -> None:
    """The engine has to respect the size that the capabilities name."""
    items = [item("create", {"origin_id": str(i)}, op=str(i)) for i in range(3)]
    with pytest.raises(InvalidValueError, match="2 records"):
        target_of(Replies(), project_batch=2).write(batch("project", *items))


def test_an_empty_batch_sends_nothing() -> None:
    """No record, no request."""
    replies = Replies()
    assert target_of(replies).write(batch("company")) == []
    assert replies.requests == []


def test_unknown_kinds_and_missing_scopes_are_mistakes() -> None:
    """Neither is sent anywhere."""
    target = target_of(Replies())
    with pytest.raises(ConfigurationError, match="no such kind"):
        target.write(batch("invoice"))
    with pytest.raises(ConfigurationError, match="enclosing"):
        target.write(batch("cost_code", item("create", {"origin_id": "a"})))


def test_templates_are_read_only() -> None:
    """Templates are made in Procore."""
    outcomes = target_of(Replies()).write(batch("project_template", item("create", {"name": "A"})))
    assert outcomes[0].violations[0].code == "read_only"


# ---------------------------------------------------------------- standard cost code lists


def test_a_standard_list_is_created_by_name() -> None:
    """Lists have no sync endpoint and no origin id."""
    replies = Replies(("POST /standard_cost_code_lists", {"id": 8, "name": "Spectrum"}, 201))
    outcomes = target_of(replies).write(
        batch("standard_cost_code_list", item("create", {"name": "Spectrum"}))
    )
    assert (outcomes[0].state, outcomes[0].target_id) == ("done", "8")


def test_a_refused_list_is_reported_with_its_reason() -> None:
    """A refusal is an outcome, not an exception."""
    replies = Replies(("POST /standard_cost_code_lists", {"errors": {"name": ["is taken"]}}, 422))
    outcomes = target_of(replies).write(
        batch("standard_cost_code_list", item("create", {"name": "Spectrum"}))
    )
    assert outcomes[0].state == "refused"


@pytest.mark.parametrize(
    "wrong", [item("update", {"name": "A"}, target_id="8"), item("create", {"name": " "})]
)
def test_lists_can_only_be_created_with_a_name(wrong: Any) -> None:
    """Anything else is refused without a request."""
    outcomes = target_of(Replies()).write(batch("standard_cost_code_list", wrong))
    assert outcomes[0].state == "refused"


# ---------------------------------------------------------------- probing


def test_records_are_looked_up_by_origin_id() -> None:
    """After a lost answer the origin id tells what arrived."""
    replies = Replies(("GET /cost_codes", [{"id": 5, "origin_id": "a"}, {"id": 6}]))
    probes = target_of(replies).probe(
        batch(
            "cost_code",
            item("create", {"origin_id": "a"}, op="a"),
            item("create", {"origin_id": "b"}, op="b"),
            item("update", {"name": "x"}, op="c", target_id="7"),
            scope="42",
        )
    )
    assert [(p.op_id, p.found, p.target_id) for p in probes] == [
        ("a", True, "5"),
        ("b", False, None),
        ("c", None, None),
    ]


def test_a_single_record_is_looked_up_with_a_filter() -> None:
    """One record does not need the whole listing."""
    replies = Replies(("GET /line_item_types", [{"id": 5, "origin_id": "a"}]))
    probes = target_of(replies).probe(batch("line_item_type", item("create", {"origin_id": "a"})))
    assert probes[0].found
    assert query_of(replies.requests[0])["filters[origin_id]"] == "a"


def test_lists_are_looked_up_by_name() -> None:
    """A list carries nothing but its name."""
    replies = Replies(("GET /standard_cost_code_lists", [{"id": 8, "name": " Spectrum "}]))
    probes = target_of(replies).probe(
        batch("standard_cost_code_list", item("create", {"name": "Spectrum"}))
    )
    assert (probes[0].found, probes[0].target_id) == (True, "8")


def test_what_has_no_key_cannot_be_looked_up() -> None:
    """Without a key nothing is asked, and the answer is that nobody knows."""
    target = target_of(Replies())
    assert target.probe(batch("project_template", item("create", {"name": "A"})))[0].found is None
    assert target.probe(batch("company", item("update", {"name": "A"})))[0].found is None


# ---------------------------------------------------------------- property


@settings(max_examples=40, deadline=None)
@given(data=st.data(), count=st.integers(1, 6))
def test_every_item_gets_one_outcome_in_its_place(data: st.DataObject, count: int) -> None:
    """Whatever Procore stores or refuses, outcomes stand in the order of the items."""
    fate = [data.draw(st.booleans()) for _ in range(count)]
    entities = [{"id": 100 + i, "origin_id": f"o{i}"} for i in range(count) if fate[i]]
    errors = [{"origin_id": f"o{i}", "errors": ["no"]} for i in range(count) if not fate[i]]
    answer = synced(
        *data.draw(st.permutations(entities)), errors=data.draw(st.permutations(errors))
    )
    items = [item("create", {"origin_id": f"o{i}"}, op=f"op{i}") for i in range(count)]
    outcomes = target_of(Replies(("PATCH /vendors/sync", answer))).write(batch("company", *items))
    assert [o.op_id for o in outcomes] == [i.op_id for i in items]
    assert [o.state == "done" for o in outcomes] == fate
    assert [o.target_id for o in outcomes] == [
        str(100 + i) if fate[i] else None for i in range(count)
    ]
