"""Budget codes by the codes of their parts.

A budget code is a combination of segment items, which Procore names by ids of each project.
Callers name a cost code by its path (``("01", "0100")``) and a cost type by its code.

Source: Procore API reference, Work Breakdown Structure; documentation page ``tutorial-wbs``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import attrs

from procore_spectrum.errors import InvalidValueError, RefusedError
from procore_spectrum.models.ids import ProjectId, WbsCodeId
from procore_spectrum.models.procore import (
    UNSET,
    Sent,
    WbsCode,
    WbsCodeBulkItem,
    WbsCodeSegment,
    WbsSegmentItem,
    WbsStatus,
)
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import BatchItem, ItemOutcome
from procore_spectrum.procore.batches import (
    outcome_of,
    refused,
    refused_by,
    send_apart,
    send_write,
    whole_number,
)
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.endpoints import wbs
from procore_spectrum.procore.endpoints.syncing import SyncedItem

__all__ = ["Combination", "SegmentItems", "WbsCodes", "combination_of"]

#: A budget code's parts: the path of its cost code and the code of its cost type.
Combination: TypeAlias = tuple[tuple[str, ...], str]

_FIELDS = frozenset({"cost_code", "line_item_type", "description", "status"})


@attrs.frozen
class SegmentItems:
    """The cost codes and cost types of one project, by their codes."""

    cost_codes: Mapping[tuple[str, ...], WbsCodeSegment]
    line_item_types: Mapping[str, WbsCodeSegment]

    @classmethod
    def read(cls, client: ProcoreClient, project_id: ProjectId) -> SegmentItems:
        """Read the project's segments and their items."""
        found: dict[str, dict[tuple[str, ...], WbsCodeSegment]] = {
            "cost_code": {},
            "line_item_type": {},
        }
        for segment in client.send(wbs.list_project_wbs_segments(project_id)):
            parts = found.get(segment.type or "")
            if parts is None:
                continue
            items = client.send_all(wbs.list_project_wbs_segment_items(project_id, segment.id))
            # Active ones last, so that they win over an inactive one of the same code.
            for item in sorted(items, key=lambda item: item.status != "inactive"):
                parts[_path(item)] = WbsCodeSegment(segment_id=segment.id, segment_item_id=item.id)
        types = {path[-1]: part for path, part in found["line_item_type"].items()}
        return cls(found["cost_code"], types)

    def find(self, combination: Combination) -> tuple[WbsCodeSegment, WbsCodeSegment] | None:
        """The parts of a code; None when one of them does not exist."""
        path, cost_type = combination
        cost_code, line_item_type = self.cost_codes.get(path), self.line_item_types.get(cost_type)
        return (cost_code, line_item_type) if cost_code and line_item_type else None

    def get(self, combination: Combination | None) -> tuple[WbsCodeSegment, WbsCodeSegment]:
        """The parts of a code.

        Raises:
            InvalidValueError: one of them does not exist; ``path`` says which.
        """
        path, cost_type = combination or ((), "")
        if path not in self.cost_codes:
            raise InvalidValueError(
                f"the project has no cost code {'-'.join(path)}",
                path="cost_code",
                hint="sync the job's cost codes first",
            )
        if cost_type not in self.line_item_types:
            raise InvalidValueError(
                f"the project has no cost type {cost_type}",
                path="line_item_type",
                hint="sync the cost types first, and use them in the project",
            )
        return self.cost_codes[path], self.line_item_types[cost_type]


def _path(item: WbsSegmentItem) -> tuple[str, ...]:
    return tuple(code.strip() for code in item.path_codes or (item.code or "",))


@attrs.define
class _Wish:
    """What shall become of one budget code."""

    item: BatchItem
    combination: Combination | None = None  # None where only the status is to be set
    description: Sent[str] = UNSET
    status: WbsStatus | None = None
    id: WbsCodeId | None = None
    stored_status: str | None = None

    @property
    def switch(self) -> bool:
        """Whether its status remains to be set."""
        return self.id is not None and self.status not in (None, self.stored_status)


class WbsCodes:
    """Writes budget codes and remembers each project's segment items."""

    def __init__(self, client: ProcoreClient) -> None:
        self._client = client
        self._known: dict[ProjectId, SegmentItems] = {}

    def parts(self, project_id: ProjectId, wanted: Sequence[Combination]) -> SegmentItems:
        """The project's segment items, read afresh if something that is wanted was missing."""
        known = self._known.get(project_id)
        if known is None or not all(map(known.find, wanted)):
            known = self._known[project_id] = SegmentItems.read(self._client, project_id)
        return known

    def find(
        self, project_id: ProjectId, combinations: Sequence[Combination]
    ) -> list[WbsCodeId | None]:
        """The ids of the stored codes; None for a code that does not exist."""
        known = self.parts(project_id, combinations)
        stored = {
            frozenset(part.id for part in code.segment_items): code.id
            for code in self._client.send_all(wbs.list_wbs_codes(project_id))
        }
        found = map(known.find, combinations)
        return [
            stored.get(frozenset(part.segment_item_id for part in parts)) if parts else None
            for parts in found
        ]

    def write(self, project_id: ProjectId, items: Sequence[BatchItem]) -> list[ItemOutcome]:
        """Create or update the codes, then set the status of those that need it."""
        outcomes: dict[str, ItemOutcome] = {}
        wishes: list[_Wish] = []
        for item in items:
            try:
                wishes.append(_wish(item))
            except InvalidValueError as error:
                outcomes[item.op_id] = refused_by(item, error)
        outcomes |= self._upsert(project_id, [wish for wish in wishes if wish.combination])
        for status in ("active", "inactive"):
            switched = [wish for wish in wishes if wish.switch and wish.status == status]
            outcomes |= self._switch(project_id, switched, status)
        return [outcomes[item.op_id] for item in items]

    def _upsert(self, project_id: ProjectId, wishes: list[_Wish]) -> dict[str, ItemOutcome]:
        wanted = [wish.combination for wish in wishes if wish.combination]
        if not wanted:
            return {}
        remembered = self._known.get(project_id)
        known = self.parts(project_id, wanted)
        outcomes = self._send(project_id, wishes, known)
        rejected = [wish for wish in wishes if outcomes[wish.item.op_id].state == "refused"]
        if rejected and known is remembered:
            # The id of a project's segment item may change; look whether that was the reason.
            fresh = self._known[project_id] = SegmentItems.read(self._client, project_id)
            moved = [
                wish
                for wish in rejected
                if wish.combination
                and fresh.find(wish.combination) not in (None, known.find(wish.combination))
            ]
            outcomes |= self._send(project_id, moved, fresh)
        return outcomes

    def _send(
        self, project_id: ProjectId, wishes: list[_Wish], known: SegmentItems
    ) -> dict[str, ItemOutcome]:
        outcomes: dict[str, ItemOutcome] = {}
        sendable: dict[tuple[WbsCodeSegment, ...], _Wish] = {}
        for wish in wishes:
            try:
                parts = known.get(wish.combination)
            except InvalidValueError as error:
                outcomes[wish.item.op_id] = refused_by(wish.item, error)
                continue
            if sendable.setdefault(parts, wish) is not wish:
                outcomes[wish.item.op_id] = refused(
                    wish.item, "duplicate", "another record of this batch is the same budget code"
                )
        codes = [
            WbsCodeBulkItem(segment_items=parts, description=wish.description)
            for parts, wish in sendable.items()
        ]

        def send(batch: Sequence[WbsCodeBulkItem]) -> Sequence[SyncedItem[WbsCode]]:
            return send_write(self._client, wbs.bulk_create_wbs_codes(project_id, batch)).items

        answers = send_apart(codes, send)
        for wish, code, answer in zip(sendable.values(), codes, answers, strict=True):
            if isinstance(answer, RefusedError):
                outcomes[wish.item.op_id] = refused_by(wish.item, answer)
                continue
            outcomes[wish.item.op_id] = outcome_of(wish.item, answer, code)
            if answer.entity is not None:
                wish.id, wish.stored_status = answer.entity.id, answer.entity.status
        return outcomes

    def _switch(
        self, project_id: ProjectId, wishes: list[_Wish], status: WbsStatus
    ) -> dict[str, ItemOutcome]:
        def send(ids: Sequence[WbsCodeId]) -> Sequence[None]:
            send_write(self._client, wbs.update_wbs_code_status(project_id, ids, status))
            return [None] * len(ids)

        answers = send_apart([wish.id for wish in wishes if wish.id is not None], send)
        outcomes: dict[str, ItemOutcome] = {}
        for wish, answer in zip(wishes, answers, strict=True):
            if isinstance(answer, RefusedError):
                outcome = attrs.evolve(refused_by(wish.item, answer), target_id=str(wish.id))
            else:
                outcome = ItemOutcome(op_id=wish.item.op_id, state="done", target_id=str(wish.id))
            outcomes[wish.item.op_id] = outcome
        return outcomes


def _wish(item: BatchItem) -> _Wish:
    """What a batch item asks for.

    Raises:
        InvalidValueError: it asks for something that budget codes cannot do.
    """
    if item.verb == "deactivate":
        return _Wish(item, id=_id(item), status="inactive")
    # A link is only ours to keep; with it, a description that was blank may be filled.
    fills = item.verb == "link" and item.fields.keys() == {"description"}
    if item.verb not in ("create", "update") and not fills:
        raise InvalidValueError(f"budget codes cannot {item.verb}: they carry no origin id")
    unknown = sorted(item.fields.keys() - _FIELDS)
    if unknown:
        raise InvalidValueError("budget codes have no such field", path=unknown[0])
    status = _status(item.fields.get("status"))
    if item.verb == "update" and item.fields.keys() <= {"status"}:
        return _Wish(item, id=_id(item), status=status)
    return _Wish(
        item,
        combination=combination_of(item.full),
        description=_description(item),
        status=status,
    )


def _id(item: BatchItem) -> WbsCodeId:
    return WbsCodeId(whole_number(item.target_id, "target_id"))


def _status(value: object) -> WbsStatus | None:
    match value:
        case None | "active" | "inactive":
            return value
    raise InvalidValueError("neither active nor inactive", path="status")


def _description(item: BatchItem) -> Sent[str]:
    value = item.full.get("description", item.fields.get("description"))
    if isinstance(value, str):
        return value
    if value is not None:
        raise InvalidValueError("text expected", path="description")
    return None if "description" in item.fields and item.verb == "update" else UNSET


def combination_of(fields: Fields) -> Combination:
    """The combination that ``cost_code`` and ``line_item_type`` name.

    Raises:
        InvalidValueError: one of them is missing.
    """
    path, cost_type = fields.get("cost_code"), fields.get("line_item_type")
    if not isinstance(path, tuple) or not path:
        raise InvalidValueError("the path of a cost code is needed", path="cost_code")
    if not isinstance(cost_type, str) or not cost_type.strip():
        raise InvalidValueError("the code of a cost type is needed", path="line_item_type")
    return tuple(code.strip() for code in path), cost_type.strip()
