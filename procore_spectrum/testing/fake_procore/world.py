"""The fake's memory: tables of records, the origin id register, accounts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from procore_spectrum.testing.fake_procore.fields import stamp
from procore_spectrum.testing.fake_procore.switches import Switches

__all__ = ["FINANCIAL", "Account", "Row", "Table", "World"]

Row = dict[str, Any]

FINANCIAL = (
    "work_order_contracts",
    "work_order_contract_line_items",
    "purchase_order_contracts",
    "purchase_order_contract_line_items",
    "prime_contracts",
    "prime_contract_line_items",
    "change_orders",
    "change_order_line_items",
    "change_order_batches",
    "change_order_requests",
    "markups",
    "budgets",
    "budget_line_items",
    "budget_modifications",
    "budget_changes",
    "budget_views",
    "direct_costs",
    "direct_cost_line_items",
    "erp_job_costs",
)
"""The tables of contracts, change orders, budget and costs."""

FIRST_ID = 598_134_325_700_001
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@attrs.define(kw_only=True)
class Account:
    """Someone who calls: the service account or a person."""

    id: int
    name: str
    login: str
    company_admin: bool
    service: bool
    projects: set[int] = attrs.field(factory=set)


class Table:
    """Records of one object type, with their groups, children and past versions.

    A *group* is what a listing covers: the company, a project or a standard list. A *place* is
    where a code stands: group, parent and code, held by one living record.
    """

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.rows: dict[int, Row] = {}
        self.groups: dict[int, dict[int, None]] = {}
        self.group_of: dict[int, int] = {}
        self.children: dict[int, dict[int, None]] = {}
        self.places: dict[tuple[int, int | None, str], int] = {}
        self.names: dict[tuple[int, str], dict[int, None]] = {}
        self._past: dict[int, list[tuple[datetime, Row | None]]] = {}

    def add(self, group: int, row: Row) -> Row:
        """Store a new record; gives it id and times."""
        now = stamp(self.world.now())
        stored = {"id": self.world.next_id(), **row, "created_at": now, "updated_at": now}
        self._remember(stored["id"], None)
        self.rows[stored["id"]] = stored
        self.groups.setdefault(group, {})[stored["id"]] = None
        self.group_of[stored["id"]] = group
        self._index(stored)
        self._remember(stored["id"], stored)
        return stored

    def change(self, row: Row, changes: Row) -> Row:
        """Change a stored record; the time of change moves only if something differs."""
        if all(row.get(name) == value for name, value in changes.items()):
            return row
        if row["id"] not in self._past:
            self._remember(row["id"], row, since=LONG_AGO)
        self._forget(row)
        row.update(changes, updated_at=stamp(self.world.now()))
        self._index(row)
        self._remember(row["id"], row)
        return row

    def _index(self, row: Row) -> None:
        if row.get("parent_id"):
            self.children.setdefault(row["parent_id"], {})[row["id"]] = None
        if row.get("code") and not row.get("deleted_at"):
            self.places[self._place(row)] = row["id"]
        if row.get("name") and not row.get("deleted_at"):
            self.names.setdefault((self.group_of[row["id"]], row["name"]), {})[row["id"]] = None
        self.world.origins.claim(self.name, row)

    def _forget(self, row: Row) -> None:
        self.children.get(row.get("parent_id") or 0, {}).pop(row["id"], None)
        if row.get("code"):
            self.places.pop(self._place(row), None)
        named = (self.group_of[row["id"]], row.get("name") or "")
        self.names.get(named, {}).pop(row["id"], None)
        self.world.origins.release(self.name, row)

    def _place(self, row: Row) -> tuple[int, int | None, str]:
        return self.group_of[row["id"]], row.get("parent_id"), row["code"]

    def _remember(self, number: int, row: Row | None, since: datetime | None = None) -> None:
        if not self.world.switches.read_lag_seconds or self.world.arranging:
            return
        moment = since or (self.world.now() if row is not None else LONG_AGO)
        self._past.setdefault(number, []).append((moment, row and dict(row)))

    def get(self, number: int | None) -> Row | None:
        """The record as it is now, unless deleted."""
        row = self.rows.get(number or 0)
        return None if row is None or row.get("deleted_at") else row

    def seen(self, number: int | None, *, deleted: bool = False) -> Row | None:
        """The record as a reader sees it, which may be an older version.

        ``deleted`` asks for deleted records too.
        """
        row = self.rows.get(number or 0)
        lag = self.world.switches.read_lag_seconds
        if row is not None and lag and row["id"] in self._past:
            limit = self.world.now() - timedelta(seconds=lag)
            versions = [old for moment, old in self._past[row["id"]] if moment <= limit]
            row = versions[-1] if versions else None
        return None if row is None or (row.get("deleted_at") and not deleted) else row

    def members(self, group: int) -> Iterator[Row]:
        """The records of a group as they are now, oldest first."""
        return (row for number in self.groups.get(group, ()) if (row := self.get(number)))

    def listed(self, group: int, *, deleted: str | None = None) -> list[Row]:
        """The records of a group as a reader sees them, oldest first.

        ``deleted`` is ``only`` or ``with``; any other value hides deleted records.
        """
        numbers = self.groups.get(group, ())
        shown = deleted in {"only", "with"}
        rows = [row for number in numbers if (row := self.seen(number, deleted=shown))]
        return [row for row in rows if row.get("deleted_at")] if deleted == "only" else rows

    def delete(self, row: Row) -> None:
        """Hide a record; it keeps its origin id."""
        self.change(row, {"deleted_at": stamp(self.world.now())})

    def name_taken(self, group: int, name: str | None, row: Row | None) -> bool:
        """Whether another living record of the group has that name."""
        holders = self.names.get((group, name or ""), {})
        return any(row is None or number != row["id"] for number in holders)

    def kids(self, number: int) -> list[Row]:
        """The children of a record as they are now."""
        return [row for child in self.children.get(number, ()) if (row := self.get(child))]


class Origins:
    """Which record holds an origin id. Deleted records keep theirs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._holders: dict[str, dict[str, int]] = {}

    def claim(self, kind: str, row: Row) -> None:
        """Enter a record's origin id."""
        if row.get("origin_id"):
            self._holders.setdefault(row["origin_id"], {})[kind] = row["id"]

    def release(self, kind: str, row: Row) -> None:
        """Strike a record's origin id out."""
        self._holders.get(row.get("origin_id") or "", {}).pop(kind, None)

    def holder(self, kind: str, origin_id: str) -> int | None:
        """The id of the record of that type with that origin id."""
        return self._holders.get(origin_id, {}).get(kind)

    def taken(self, kind: str, origin_id: str | None, own_id: int | None) -> bool:
        """Whether another record has it, by the rule that the switch selects."""
        holders = self._holders.get(origin_id or "", {})
        if self._world.switches.origin_ids_unique_across_types:
            return any((name, number) != (kind, own_id) for name, number in holders.items())
        return kind in holders and holders[kind] != own_id


class World:
    """Everything one fake company holds."""

    def __init__(
        self, *, company_id: int, company_name: str, now: Callable[[], datetime], switches: Switches
    ) -> None:
        self.company_id = company_id
        self.company_name = company_name
        self.now = now
        self.switches = switches
        self.arranging = False
        self._ids = itertools.count(FIRST_ID)
        self.origins = Origins(self)
        self.accounts: dict[int, Account] = {}
        self.disabled_tools: set[tuple[int, str]] = set()
        self.vendors = Table("vendors", self)
        self.projects = Table("projects", self)
        self.templates = Table("project_templates", self)
        self.cost_codes = Table("cost_codes", self)
        self.standard_lists = Table("standard_cost_code_lists", self)
        self.standard_codes = Table("standard_cost_codes", self)
        self.line_item_types = Table("line_item_types", self)
        self.segments = Table("segments", self)
        self.wbs_codes = Table("wbs_codes", self)
        self.financial = {name: Table(name, self) for name in FINANCIAL}
        # group -> segment type -> segment
        self.patterns: dict[int, dict[str, Row]] = {}
        # segment item id -> table and id of the record it stands for
        self.segment_items: dict[int, tuple[str, int]] = {}
        # project, cost code, line item type -> WBS code
        self.combinations: dict[tuple[int, int, int], int] = {}
        # WBS code -> its latest budget line
        self.budgeted: dict[int, int] = {}
        # WBS code -> what people expect to be spent on it yet
        self.forecasts: dict[int, str] = {}
        # id in the older family of change orders -> table and id of the record behind it
        self.legacy: dict[int, tuple[str, int]] = {}
        # records that WBS codes are made of: table and id
        self.used: set[tuple[str, int]] = set()

    def next_id(self) -> int:
        """A fresh id, unique over all tables."""
        return next(self._ids)

    def tables(self) -> tuple[Table, ...]:
        """All tables, for inspection."""
        own = tuple(value for value in vars(self).values() if isinstance(value, Table))
        return own + tuple(self.financial.values())
