"""Budget codes: from codes to ids, and back."""

from typing import Any

import pytest
from procore_replies import Replies, batch, item, target_of

from procore_spectrum.errors import OutcomeUnknownError
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import ItemOutcome

WBS = "/projects/42/work_breakdown_structure"
SEGMENTS = [
    {"id": 1, "type": "cost_code", "name": "Cost Code"},
    {"id": 2, "type": "line_item_type", "name": "Cost Type"},
    {"id": 3, "type": "sub_job", "name": "Sub Job"},
]
COST_CODES = [
    {"id": 10, "code": "01", "path_codes": ["01"], "status": "active"},
    {"id": 11, "code": "0100", "path_codes": ["01", "0100"], "status": "active"},
    {"id": 12, "code": "0200", "path_codes": ["01", " 0200 "], "status": "active"},
    {"id": 13, "code": "0100", "path_codes": ["01", "0100"], "status": "inactive"},
]
COST_TYPES = [{"id": 20, "code": "L"}, {"id": 21, "code": "M", "path_codes": ["M"]}]


def structure(codes: Any = COST_CODES, types: Any = COST_TYPES) -> list[tuple[Any, ...]]:
    """The replies that describe the project's segments and their items."""
    return [
        (f"GET {WBS}/segments", SEGMENTS),
        (f"GET {WBS}/segments/1/segment_items", codes),
        (f"GET {WBS}/segments/2/segment_items", types),
    ]


def stored(id_: int, *items: int, status: str = "active", **more: Any) -> dict[str, Any]:
    """A budget code as Procore answers it."""
    return {"id": id_, "status": status, "segment_items": [{"id": i} for i in items], **more}


def created(*entities: Any, errors: Any = ()) -> tuple[Any, ...]:
    """The reply to a bulk creation."""
    body = {"entities": list(entities), "errors": list(errors)}
    return (f"PATCH {WBS}/wbs_codes/bulk_create", body, 201)


SWITCHED = (f"PATCH {WBS}/wbs_codes/update_all", b"", 204)


def labor(**more: Any) -> Fields:
    """The fields of the code 01-0100.L."""
    return {"cost_code": ("01", "0100"), "line_item_type": "L", **more}


def write(replies: Replies, *items: Any) -> list[ItemOutcome]:
    """The outcomes of a batch of budget codes."""
    return list(target_of(replies).write(batch("wbs_code", *items, scope="42")))


def test_codes_are_resolved_to_segment_items() -> None:
    """Paths and cost types become ids; the active one of two equal codes wins."""
    replies = Replies(*structure(), created(stored(70, 11, 20)))
    outcomes = write(replies, item("create", labor(description="Labor", status="active")))
    assert replies.bodies() == [
        {
            "bulk": [
                {
                    "segment_items": [
                        {"segment_id": 1, "segment_item_id": 11},
                        {"segment_id": 2, "segment_item_id": 20},
                    ],
                    "description": "Labor",
                }
            ]
        }
    ]
    assert (outcomes[0].state, outcomes[0].target_id) == ("done", "70")


def test_segment_items_are_read_once_for_a_project() -> None:
    """A second batch uses what the first one read."""
    replies = Replies(*structure(), created(stored(70, 11, 20)), created(stored(71, 12, 21)))
    target = target_of(replies)
    target.write(batch("wbs_code", item("create", labor()), scope="42"))
    other: Fields = {"cost_code": ("01", "0200"), "line_item_type": "M"}
    target.write(batch("wbs_code", item("create", other), scope="42"))
    assert sum(request.method == "GET" for request in replies.requests) == 3


def test_a_missing_part_is_sought_once_more() -> None:
    """A cost code that was just created is found by reading the items again."""
    replies = Replies(*structure(codes=COST_CODES[:1]), *structure(), created(stored(70, 10, 20)))
    target = target_of(replies)
    first: Fields = {"cost_code": ("01",), "line_item_type": "L"}
    target.write(batch("wbs_code", item("create", first), scope="42"))
    replies.replies.append(created(stored(71, 11, 20)))
    outcomes = target.write(batch("wbs_code", item("create", labor()), scope="42"))
    assert outcomes[0].target_id == "71"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"cost_code": ("99",), "line_item_type": "L"}, "cost_code"),
        ({"cost_code": ("01",), "line_item_type": "Z"}, "line_item_type"),
        ({"cost_code": (), "line_item_type": "L"}, "cost_code"),
        ({"cost_code": "01", "line_item_type": "L"}, "cost_code"),
        ({"cost_code": ("01",)}, "line_item_type"),
        ({"cost_code": ("01",), "line_item_type": "L", "status": "on"}, "status"),
        ({"cost_code": ("01",), "line_item_type": "L", "description": 5}, "description"),
        ({"cost_code": ("01",), "line_item_type": "L", "budget": 5}, "budget"),
    ],
)
def test_a_code_that_cannot_be_made_leaves_its_neighbours_alone(fields: Fields, path: str) -> None:
    """What is missing or malformed refuses its own item only, with the field at fault."""
    replies = Replies(*structure(), created(stored(70, 11, 20)))
    outcomes = write(replies, item("create", fields, op="bad"), item("create", labor(), op="good"))
    assert [(o.op_id, o.state) for o in outcomes] == [("bad", "refused"), ("good", "done")]
    assert outcomes[0].violations[0].path == path


def test_ids_that_changed_are_read_again() -> None:
    """A refusal may come from an id that changed; the code is sent again with the new one."""
    moved = [{**code, "id": code["id"] + 100} for code in COST_CODES]
    gone = {"segment_items": [{"segment_item_id": 11}, {"segment_item_id": 20}], "errors": ["?"]}
    replies = Replies(
        *structure(),
        created(stored(70, 12, 21)),
        created(errors=[gone]),
        *structure(codes=moved),
        created(stored(71, 111, 20)),
        SWITCHED,
    )
    target = target_of(replies)
    other: Fields = {"cost_code": ("01", "0200"), "line_item_type": "M"}
    target.write(batch("wbs_code", item("create", other), scope="42"))
    outcomes = target.write(batch("wbs_code", item("create", labor(status="inactive")), scope="42"))
    assert (outcomes[0].state, outcomes[0].target_id) == ("done", "71")
    assert replies.bodies()[-1]["ids"] == [71]


def test_a_refusal_for_another_reason_is_not_repeated() -> None:
    """Where the ids are still the same, reading them again changes nothing."""
    error = {"segment_items": [{"segment_item_id": 11}, {"segment_item_id": 20}], "errors": ["no"]}
    replies = Replies(*structure(), created(stored(70, 11, 20)), created(errors=[error]))
    target = target_of(replies)
    target.write(batch("wbs_code", item("create", labor()), scope="42"))
    replies.replies += structure()
    outcomes = target.write(batch("wbs_code", item("create", labor()), scope="42"))
    assert outcomes[0].state == "refused"


def test_the_same_combination_is_sent_once() -> None:
    """The second record of one combination is refused."""
    replies = Replies(*structure(), created(stored(70, 11, 20)))
    outcomes = write(replies, item("create", labor(), op="a"), item("create", labor(), op="b"))
    assert [outcome.state for outcome in outcomes] == ["done", "refused"]


def test_codes_that_shall_be_inactive_are_switched_off_afterwards() -> None:
    """Codes are created active; those that shall not be are switched off together."""
    replies = Replies(*structure(), created(stored(70, 11, 20), stored(71, 12, 20)), SWITCHED)
    off: Fields = {"cost_code": ("01", "0200"), "line_item_type": "L", "status": "inactive"}
    outcomes = write(
        replies, item("create", labor(status="active"), op="a"), item("create", off, op="b")
    )
    assert replies.bodies()[1] == {"ids": [71], "attributes": {"status": "inactive"}}
    assert [(o.state, o.target_id) for o in outcomes] == [("done", "70"), ("done", "71")]


def test_an_existing_inactive_code_is_switched_on() -> None:
    """Where the combination existed inactive, it is activated."""
    replies = Replies(*structure(), created(stored(70, 11, 20, status="inactive")), SWITCHED)
    write(replies, item("create", labor(status="active")))
    assert replies.bodies()[1] == {"ids": [70], "attributes": {"status": "active"}}


def test_a_refused_code_is_not_switched() -> None:
    """A code that was not made has no status to set."""
    error = {"segment_items": [{"segment_item_id": 11}, {"segment_item_id": 20}], "errors": ["no"]}
    replies = Replies(*structure(), created(errors=[error]))
    outcomes = write(replies, item("create", labor(status="inactive")))
    assert [str(violation) for violation in outcomes[0].violations] == ["no"]


def test_a_changed_status_alone_needs_no_structure() -> None:
    """Only the id is needed to switch a code."""
    replies = Replies(SWITCHED)
    change = item("update", {"status": "active"}, full=labor(status="active"), target_id="70")
    assert write(replies, change)[0].state == "done"
    assert replies.bodies() == [{"ids": [70], "attributes": {"status": "active"}}]


def test_a_changed_description_goes_out_with_its_combination() -> None:
    """Sending the existing combination again changes its description."""
    replies = Replies(*structure(), created(stored(70, 11, 20, description="New")))
    change = item("update", {"description": "New"}, full=labor(description="New"), target_id="70")
    assert write(replies, change)[0].written == {}
    assert replies.bodies()[0]["bulk"][0]["description"] == "New"


def test_a_link_may_fill_a_description() -> None:
    """That is all that linking a budget code can write."""
    replies = Replies(*structure(), created(stored(70, 11, 20, description="New")))
    link = item("link", {"description": "New"}, full=labor(description="New"), target_id="70")
    (outcome,) = write(replies, link)
    assert (outcome.state, outcome.target_id) == ("done", "70")
    assert replies.bodies()[0]["bulk"][0]["description"] == "New"


@pytest.mark.parametrize(("verb", "sent"), [("create", {}), ("update", {"description": None})])
def test_a_blank_description_is_only_sent_as_a_change(verb: str, sent: Any) -> None:
    """A new code leaves its description out; an existing one is emptied with null."""
    replies = Replies(*structure(), created(stored(70, 11, 20)))
    fields = {"description": None} if verb == "update" else labor(description=None)
    write(replies, item(verb, fields, full=labor(description=None), target_id="70"))
    body = replies.bodies()[0]["bulk"][0]
    assert {key: body[key] for key in body if key == "description"} == sent


def test_deactivation_switches_the_code_off() -> None:
    """Budget codes are never deleted."""
    replies = Replies(SWITCHED)
    assert write(replies, item("deactivate", {}, target_id="70"))[0].state == "done"
    assert replies.bodies() == [{"ids": [70], "attributes": {"status": "inactive"}}]


@pytest.mark.parametrize(
    "wrong",
    [
        item("deactivate", {}),
        item("link", labor(), target_id="70"),
        item("update", {"status": "active"}, target_id="x"),
    ],
)
def test_what_budget_codes_cannot_do_is_refused(wrong: Any) -> None:
    """Codes have no origin id to link, and need an id to be switched."""
    replies = Replies()
    assert write(replies, wrong)[0].state == "refused"
    assert replies.requests == []


def test_a_refused_switch_hits_only_its_own_code() -> None:
    """Where one of several codes cannot be switched, the others are."""
    refusal = (f"PATCH {WBS}/wbs_codes/update_all", {"errors": ["in use"]}, 422)
    replies = Replies(refusal, refusal, SWITCHED)
    outcomes = write(
        replies,
        item("deactivate", {}, op="a", target_id="70"),
        item("deactivate", {}, op="b", target_id="71"),
    )
    assert [outcome.state for outcome in outcomes] == ["refused", "done"]


def test_a_bulk_that_is_too_large_is_sent_in_parts() -> None:
    """The size limit is not documented; a refusal for size is answered with halves."""
    too_large = (f"PATCH {WBS}/wbs_codes/bulk_create", {"message": "too many"}, 413)
    replies = Replies(*structure(), too_large, created(stored(70, 11, 20)), too_large)
    other: Fields = {"cost_code": ("01", "0200"), "line_item_type": "M"}
    outcomes = write(replies, item("create", labor(), op="a"), item("create", other, op="b"))
    assert [outcome.state for outcome in outcomes] == ["done", "refused"]


def test_an_unreadable_answer_leaves_the_outcome_unknown() -> None:
    """A code may have been made even though the answer is garbage."""
    replies = Replies(*structure(), (f"PATCH {WBS}/wbs_codes/bulk_create", {"entities": 5}, 201))
    with pytest.raises(OutcomeUnknownError):
        write(replies, item("create", labor()))


def test_codes_are_looked_up_by_their_combination() -> None:
    """After a lost answer the combination tells whether the code exists."""
    replies = Replies(*structure(), *structure(), (f"GET {WBS}/wbs_codes", [stored(70, 20, 11)]))
    probes = target_of(replies).probe(
        batch(
            "wbs_code",
            item("create", labor(), op="a"),
            item("create", {"cost_code": ("01",), "line_item_type": "L"}, op="b"),
            item("create", {"cost_code": ("99",), "line_item_type": "L"}, op="c"),
            item("deactivate", {}, op="d", target_id="70"),
            scope="42",
        )
    )
    assert [(p.op_id, p.found, p.target_id) for p in probes] == [
        ("a", True, "70"),
        ("b", False, None),
        ("c", False, None),
        ("d", None, None),
    ]


def test_nothing_to_look_up_asks_nothing() -> None:
    """A switch cannot be looked up by combination."""
    replies = Replies()
    probes = target_of(replies).probe(
        batch("wbs_code", item("deactivate", {}, target_id="70"), scope="42")
    )
    assert probes[0].found is None
    assert replies.requests == []
