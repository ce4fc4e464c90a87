"""Bulk upsert: the documented table, for every object type that has it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from procore_wire import Wire

TAKEN = {"origin_id": ["has already been taken"]}
UNKNOWN_ID = {"id": ["Entity with this ID not found"]}
KINDS = ["vendors", "projects", "cost_codes", "line_item_types", "standard_cost_codes"]


class Kind:
    """One object type with what its sync needs."""

    def __init__(self, wire: Wire, name: str) -> None:
        self.wire = wire
        self.name = name
        self.query: dict[str, int] = {}
        self._serial = 0
        if name == "cost_codes":
            self.query = {"project_id": wire.fake.add_project(name="Home")["id"]}
        if name == "standard_cost_codes":
            made = wire.fake.add_standard_cost_code_list(name="List")
            self.query = {"standard_cost_code_list_id": made["id"]}

    def item(self, **fields: Any) -> dict[str, Any]:
        """A complete item that collides with no other."""
        self._serial += 1
        text = f"{self.name}-{self._serial}"
        item: dict[str, Any] = {"name": text}
        if self.name.endswith("cost_codes"):
            item["code"] = text
        if self.name == "line_item_types":
            item["csv_import_code"] = text
        return {**item, **fields}

    def sync(self, *items: Any) -> tuple[list[Any], list[Any]]:
        """Entities and errors of one call, which is always a 200."""
        answer = self.wire.sync(self.name, list(items), **self.query)
        assert answer.status == 200
        body = answer.json()
        assert len(body["entities"]) + len(body["errors"]) == len(items)
        return body["entities"], body["errors"]

    def one(self, **fields: Any) -> Any:
        """The only entity of a call with one item."""
        entities, errors = self.sync(self.item(**fields))
        assert errors == []
        return entities[0]

    def refused(self, **fields: Any) -> Any:
        """The only error of a call with one item."""
        entities, errors = self.sync(self.item(**fields))
        assert entities == []
        return errors[0]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, wire: Wire) -> Kind:
    """Each object type in turn."""
    return Kind(wire, request.param)


def test_nothing_sent_creates_without_origin_id(kind: Kind) -> None:
    """Row 1 of the table."""
    assert kind.one()["origin_id"] is None


def test_blank_origin_id_is_none(kind: Kind) -> None:
    """An empty text is no key; two of them do not collide."""
    assert kind.one(origin_id="")["origin_id"] is None
    assert kind.one(origin_id="")["origin_id"] is None


def test_unknown_id_is_an_error_and_echoes_the_item(kind: Kind) -> None:
    """Row 2: the sent attributes come back beside the message."""
    item = kind.item(id=1, origin_id="x")
    entities, errors = kind.sync(item)
    assert entities == []
    assert errors == [{**item, "errors": UNKNOWN_ID}]


def test_id_of_another_type_is_unknown(kind: Kind) -> None:
    """An id is looked up within its object type."""
    other = kind.wire.fake.add_template(name="T")["id"]
    assert kind.refused(id=other)["errors"] == UNKNOWN_ID


def test_known_id_updates(kind: Kind) -> None:
    """Row 3: the rest of the record stays."""
    made = kind.one(origin_id="x")
    entities, _ = kind.sync({"id": made["id"], "name": "New"})
    assert (entities[0]["id"], entities[0]["name"]) == (made["id"], "New")
    assert entities[0]["origin_id"] == "x"


def test_unknown_origin_id_creates(kind: Kind) -> None:
    """Row 4."""
    assert kind.one(origin_id="x")["origin_id"] == "x"


def test_known_origin_id_updates(kind: Kind) -> None:
    """Row 5."""
    made = kind.one(origin_id="x")
    entities, _ = kind.sync({"origin_id": "x", "name": "New"})
    assert (entities[0]["id"], entities[0]["name"]) == (made["id"], "New")


def test_both_change_the_origin_id(kind: Kind) -> None:
    """Row 6: found by id, the origin id changes; the old one is free again."""
    made = kind.one(origin_id="old")
    entities, _ = kind.sync({"id": made["id"], "origin_id": "new"})
    assert entities[0]["origin_id"] == "new"
    assert kind.one(origin_id="old")["id"] != made["id"]


def test_both_go_by_the_id_alone(kind: Kind) -> None:
    """An unknown id is an error even if the origin id is known."""
    made = kind.one(origin_id="x")
    assert kind.refused(id=1, origin_id="x")["errors"] == UNKNOWN_ID
    other = kind.one()
    assert kind.refused(id=other["id"], origin_id="x")["errors"] == TAKEN
    assert kind.one(id=made["id"], origin_id="x")["id"] == made["id"]


def test_null_takes_the_origin_id_away(kind: Kind) -> None:
    """Clearing frees the origin id for another record."""
    made = kind.one(origin_id="x")
    assert kind.one(id=made["id"], origin_id=None)["origin_id"] is None
    assert kind.one(origin_id="x")["id"] != made["id"]


def test_same_origin_id_twice_in_a_request(kind: Kind) -> None:
    """The first item is done, the second refused."""
    first, second = kind.item(origin_id="x"), kind.item(origin_id="x")
    entities, errors = kind.sync(first, second)
    assert len(entities) == 1
    assert errors[0]["name"] == second["name"]
    assert list(errors[0]["errors"]) == ["origin_id"]


def test_a_bad_item_does_not_stop_the_others(kind: Kind) -> None:
    """Answers are per item; also an item that is no object is one."""
    entities, errors = kind.sync(kind.item(), "text", kind.item(name=""), kind.item())
    assert len(entities) == 2
    assert errors[0] == {"errors": {"base": ["must be an object"]}}
    assert errors[1]["errors"]["name"] == ["can't be blank"]


def test_unknown_fields_are_errors_unless_ignored(kind: Kind) -> None:
    """Misspelled fields are told, by default."""
    assert kind.refused(nmae="x")["errors"] == {"nmae": ["is not a known field"]}
    kind.wire.fake.switches.ignore_unknown_fields = True
    assert kind.one(nmae="x")["id"]


def test_at_most_a_thousand_items(kind: Kind) -> None:
    """1,000 pass, 1,001 are refused as a whole."""
    items = [kind.item() for _ in range(1001)]
    assert kind.wire.sync(kind.name, items, **kind.query).status == 413
    assert len(kind.sync(*items[:1000])[0]) == 1000


def test_updates_are_required(kind: Kind) -> None:
    """Without a list the call is malformed."""
    assert kind.wire.sync(kind.name, None, **kind.query).status == 400
    assert kind.wire.sync(kind.name, {}, **kind.query).status == 400


def test_origin_ids_are_unique_across_types_by_default(wire: Wire) -> None:
    """One origin id per company, whatever the type; the switch allows one per type."""
    wire.fake.add_vendor(name="V", origin_id="x")
    other = Kind(wire, "line_item_types")
    assert other.refused(origin_id="x")["errors"] == TAKEN
    wire.fake.switches.origin_ids_unique_across_types = False
    made = other.one(origin_id="x")
    assert other.one(origin_id="x")["id"] == made["id"]
    assert other.refused(id=other.one()["id"], origin_id="x")["errors"] == TAKEN


def test_origin_id_of_another_project_is_taken(wire: Wire) -> None:
    """Origin ids are unique across projects; the record there is not touched."""
    here, there = Kind(wire, "cost_codes"), Kind(wire, "cost_codes")
    made = here.one(origin_id="x")
    assert there.refused(origin_id="x")["errors"] == TAKEN
    assert there.refused(id=made["id"])["errors"] == UNKNOWN_ID


def test_whole_numbers_as_text(wire: Wire) -> None:
    """A number sent as origin id is kept as text; other types are refused."""
    kind = Kind(wire, "vendors")
    assert kind.one(origin_id=7)["origin_id"] == "7"
    assert kind.refused(origin_id=True)["errors"] == {"origin_id": ["is invalid"]}
    assert kind.refused(origin_id=[])["errors"] == {"origin_id": ["is invalid"]}
    assert kind.refused(id="x")["errors"] == {"id": ["is not a number"]}
    assert kind.refused(id=[])["errors"] == {"id": ["is invalid"]}


def test_a_thousand_items_take_less_than_200_ms(wire: Wire) -> None:
    """Creation and update cost the same per item, however many there are (best of five)."""
    kind = Kind(wire, "cost_codes")
    items = [kind.item(origin_id=str(n)) for n in range(1000)]
    took = []
    for _ in range(5):
        start = time.process_time()
        kind.sync(*items)
        took.append(time.process_time() - start)
    assert min(took) < 0.2


# a model: the table, written down once more as plainly as possible ------------------------------

ORIGINS = st.sampled_from([None, "a", "b", "c"])
PICKS = st.sampled_from([None, 0, 1, 2, -1])
STEPS = st.lists(
    st.tuples(st.sampled_from(["vendors", "line_item_types"]), PICKS, ORIGINS), max_size=25
)


@settings(max_examples=80, deadline=None)
@given(steps=STEPS, across=st.booleans())
def test_sync_follows_the_table(
    steps: list[tuple[str, int | None, str | None]], across: Any
) -> None:
    """Any sequence of calls ends as the table says, and no origin id is ever held twice."""
    wire = Wire()
    wire.fake.switches.origin_ids_unique_across_types = across
    kinds = {name: Kind(wire, name) for name in ("vendors", "line_item_types")}
    model: dict[str, dict[int, str | None]] = {name: {} for name in kinds}
    for name, pick, origin in steps:
        rows = model[name]
        item = kinds[name].item(origin_id=origin) if origin else kinds[name].item()
        known = list(rows)[pick] if pick is not None and -1 < pick < len(rows) else None
        if pick is not None:
            item["id"] = known or 1
        entities, errors = kinds[name].sync(item)
        holders = {
            (kind, number)
            for kind, held in model.items()
            for number, key in held.items()
            if key == origin and origin and (across or kind == name)
        }
        own = [number for kind, number in holders if kind == name]
        found = known if pick is not None else (own[0] if own else None)
        if (pick is not None and known is None) or holders - {(name, found)}:
            assert entities == []
            continue
        assert errors == []
        number = entities[0]["id"]
        assert (number == found) if found else (number not in rows)
        rows[number] = origin or rows.get(number)
        assert entities[0]["origin_id"] == rows[number]
