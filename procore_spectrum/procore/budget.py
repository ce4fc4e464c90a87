"""Budgets of projects, read and written.

============ ==================================== ==================================
kind         items read                           written by
============ ==================================== ==================================
budget       Budget, one for a project            (read only)
budget_line  BudgetRow, with the view's columns   budget_line_items/sync
budget_      BudgetChange, with its lines         (read only)
change
============ ==================================== ==================================

Procore lists no budget lines: they are read as the rows of a budget view, unbudgeted rows
included. Budgets have no origin fields, so a line is known by its budget code, and the marks
``budget_mark``, ``budget_change_mark`` and ``forecast_mark`` of an export are kept in our own
crosswalk only: writing them sends nothing.

A locked budget is never unlocked from here.

Source: Procore API reference, Budget; documentation page ``tutorial-budget-line-items``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs

from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    RefusedError,
)
from procore_spectrum.models import procore
from procore_spectrum.models.ids import BudgetViewId, ProjectId
from procore_spectrum.plan.values import Value, same
from procore_spectrum.ports import BatchItem, ItemOutcome, Probe
from procore_spectrum.procore.batches import (
    build,
    refused,
    refused_by,
    send_apart,
    send_write,
    whole_number,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.endpoints import budget

__all__ = ["BUDGET_FILTERS", "BUDGET_MARKS", "BudgetReader", "BudgetWriter"]

T = TypeVar("T")

#: What budgets can be filtered by.
BUDGET_FILTERS: Mapping[str, frozenset[str]] = {
    "budget": frozenset(),
    "budget_line": frozenset({"view", "details"}),
    "budget_change": frozenset({"status", "id"}),
}

#: Marks of exports that Procore has no field for.
BUDGET_MARKS = frozenset({"budget_mark", "budget_change_mark", "forecast_mark"})


class BudgetReader:
    """One reading of a project's budget; counts its requests.

    Args:
        client: sends the calls.
        project_id: the project.
    """

    def __init__(self, client: ProcoreClient, project_id: ProjectId) -> None:
        self._client = client
        self._project = project_id
        self.requests = 0

    def read(self, kind: str, filters: Mapping[str, Any]) -> tuple[Any, ...]:
        """Everything of that kind that passes the filters.

        Filters: for lines ``view`` (the name of a budget view; the oldest one without it) and
        ``details`` (true also reads each line by itself, for unit and quantity); for changes
        ``status``, and ``id`` for several that are wanted whatever their status.

        Raises:
            ConfigurationError: the project has no view of that name.
            NotFoundError: the project has no budget view at all.
            ProcoreSpectrumError: as :meth:`ProcoreClient.pages`.
        """
        if kind == "budget":
            return (self._send(budget.get_budget(self._project)),)
        if kind == "budget_change":
            return tuple(self._changes(filters.get("status"), filters.get("id", ())))
        rows = self._all(budget.list_budget_rows(self._project, self._view(filters.get("view"))))
        return tuple(map(self._detailed, rows) if filters.get("details") else rows)

    def _send(self, call: Call[T]) -> T:
        self.requests += 1
        return self._client.send(call)

    def _all(self, call: PagedCall[T]) -> list[T]:
        pages = list(self._client.pages(call))
        self.requests += len(pages)
        return [record for page in pages for record in page]

    def _view(self, name: str | None) -> BudgetViewId:
        views = self._all(budget.list_budget_views(self._project))
        if not views:
            raise NotFoundError(
                f"the project {self._project} has no budget view",
                path="budget",
                hint="assign one to the project in Procore",
            )
        named = [view for view in views if not name or (view.name or "").strip() == name.strip()]
        if not named:
            known = ", ".join(sorted(view.name or "" for view in views))
            raise ConfigurationError(
                f"the project {self._project} has no budget view {name!r}",
                path="budgets.view",
                hint=f"it has: {known}",
            )
        return named[0].id

    def _detailed(self, row: procore.BudgetRow) -> procore.BudgetRow:
        if row.id is None:
            return row
        line = self._send(budget.get_budget_line(self._project, row.id))
        return attrs.evolve(row, uom=line.uom, quantity=line.quantity, unit_cost=line.unit_cost)

    def _changes(self, status: str | None, ids: Sequence[str]) -> list[procore.BudgetChange]:
        listed = self._send(budget.list_budget_changes(self._project))
        return [
            self._send(budget.get_budget_change(self._project, change.id))
            for change in listed
            if status is None or change.status == status or str(change.id) in ids
        ]


class BudgetWriter:
    """Writes budget lines. Amounts are entered (``manual``), never worked out by Procore."""

    def __init__(self, client: ProcoreClient) -> None:
        self._client = client

    def write(self, project_id: ProjectId, items: Sequence[BatchItem]) -> list[ItemOutcome]:
        """Make or change the lines and say what became of each.

        A new line needs its budget code as the parent. A batch that Procore refuses is sent in
        parts, down to the line at fault.

        Raises:
            OutcomeUnknownError: it may have been carried out.
            ProcoreSpectrumError: as :meth:`ProcoreClient.send`.
        """
        outcomes: dict[str, ItemOutcome] = {}
        records: dict[int, tuple[BatchItem, procore.BudgetLineInput]] = {}
        for item in items:
            try:
                code = whole_number(item.parent_id, "wbs_code_id")
                record = _record(item, code)
            except InvalidValueError as error:
                outcomes[item.op_id] = refused_by(item, error)
                continue
            if records.setdefault(code, (item, record))[0] is not item:
                outcomes[item.op_id] = refused(
                    item, "duplicate", "another line of this batch is on the same budget code"
                )

        def send(part: Sequence[procore.BudgetLineInput]) -> Sequence[Any]:
            stored = send_write(self._client, budget.sync_budget_lines(project_id, part))
            by_code: dict[object, Any] = {_code_of(line): line for line in stored}
            return [by_code.get(record.wbs_code_id) for record in part]

        answers = send_apart([record for _, record in records.values()], send)
        for (item, record), answer in zip(records.values(), answers, strict=True):
            outcomes[item.op_id] = _outcome(item, record, answer)
        return [outcomes[item.op_id] for item in items]

    def probe(self, project_id: ProjectId, items: Sequence[BatchItem]) -> list[Probe]:
        """Which of these lines exist, by their budget codes."""
        rows = BudgetReader(self._client, project_id).read("budget_line", {})
        lines = {str(row.wbs_code_id): row.id for row in rows if row.id is not None}
        found = []
        for item in items:
            line = lines.get(item.parent_id or "")
            known = None if item.parent_id is None else line is not None
            found.append(
                Probe(op_id=item.op_id, found=known, target_id=str(line) if line else None)
            )
        return found


def _record(item: BatchItem, code: int) -> procore.BudgetLineInput:
    """The line to send.

    Raises:
        InvalidValueError: it cannot be identified, or cannot do what the verb asks for.
    """
    if item.verb not in ("create", "update", "link"):
        raise InvalidValueError(f"a budget line cannot {item.verb}")
    named = {} if item.verb == "create" else {"id": whole_number(item.target_id, "target_id")}
    values = {**item.fields, **named, "wbs_code_id": code, "calculation_strategy": "manual"}
    record: procore.BudgetLineInput = build(procore.BudgetLineInput, values)
    return record


def _code_of(line: procore.BudgetLineItem) -> int | None:
    return line.wbs_code.id if line.wbs_code else None


def _outcome(item: BatchItem, record: procore.BudgetLineInput, answer: Any) -> ItemOutcome:
    if isinstance(answer, RefusedError):
        return refused_by(item, answer)
    if answer is None:
        return ItemOutcome(op_id=item.op_id, state="unknown")
    written: dict[str, Value] = {}
    for name in item.fields:
        sent, stored = getattr(record, name), getattr(answer, name)
        if stored is not None and not same(sent, stored):
            written[name] = stored
    return ItemOutcome(op_id=item.op_id, state="done", target_id=str(answer.id), written=written)
