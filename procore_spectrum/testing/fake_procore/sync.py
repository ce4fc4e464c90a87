"""Bulk upsert, the table of `doc:using-sync-actions` (3.7 of the conventions)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from procore_spectrum.testing.fake_procore.answers import InvalidError, Reply, too_large
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.fields import Spec, read
from procore_spectrum.testing.fake_procore.world import Row, Table

__all__ = ["NOT_FOUND", "SYNC_LIMIT", "TAKEN", "Resource", "check_origin", "synchronize"]

SYNC_LIMIT = 1000
NOT_FOUND = "Entity with this ID not found"
TAKEN = "has already been taken"


@attrs.frozen(kw_only=True)
class Resource:
    """What the sync of one object type works on, within one group (company, project, list)."""

    table: Table
    group: int
    spec: Spec
    create: Callable[[Row], Row]
    update: Callable[[Row, Row], Row]
    show: Callable[[Row], Any]

    def find(self, number: int | None) -> Row | None:
        """A living record of the group."""
        row = self.table.get(number)
        return row if row and row["id"] in self.table.groups.get(self.group, ()) else None


def synchronize(call: Call, resource: Resource, *, limit: int = SYNC_LIMIT) -> Reply:
    """Create or update every item of ``updates``. Always 200, unless there are too many items."""
    updates = call.array("updates")
    if len(updates) > limit:
        raise too_large(limit)
    entities: list[Any] = []
    errors: list[Any] = []
    used: set[str] = set()
    for item in updates:
        try:
            entities.append(resource.show(_upsert(call, resource, item, used)))
        except InvalidError as wrong:
            sent = item if isinstance(item, dict) else {}
            errors.append({**sent, "errors": wrong.problems})
    return Reply(body={"entities": entities, "errors": errors})


def _upsert(call: Call, resource: Resource, item: Any, used: set[str]) -> Row:
    values = read(resource.spec, item, ignore_unknown=call.world.switches.ignore_unknown_fields)
    number, origin_id = values.pop("id", None), values.get("origin_id")
    if origin_id is not None:
        # The outcome of two items for one record is undocumented: the later one is refused.
        if origin_id in used:
            raise InvalidError({"origin_id": ["is used more than once in this request"]})
        used.add(origin_id)
    row = _found(resource, number, origin_id)
    check_origin(resource.table, values, row)
    return resource.create(values) if row is None else resource.update(row, values)


def _found(resource: Resource, number: int | None, origin_id: str | None) -> Row | None:
    """The record an item is about: by id alone when one is sent, else by origin id."""
    if number is not None:
        row = resource.find(number)
        if row is None:
            raise InvalidError({"id": [NOT_FOUND]})
        return row
    if origin_id is None:
        return None
    return resource.find(resource.table.world.origins.holder(resource.table.name, origin_id))


def check_origin(table: Table, values: Row, row: Row | None) -> None:
    """Refuse an origin id that another record of the company holds."""
    own = row["id"] if row else None
    if table.world.origins.taken(table.name, values.get("origin_id"), own):
        raise InvalidError({"origin_id": [TAKEN]})
