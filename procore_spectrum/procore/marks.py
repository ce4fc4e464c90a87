"""Marks: our origin ids on the contracts and change orders that people made in Procore.

A mark is set after Spectrum has taken everything, never before: Procore then shows the record
as synced. Records are named by Procore's id (``target_id``), and only origin fields are sent.

=================== ======================= =============== ==================================
kind                fields                  parent          written by
=================== ======================= =============== ==================================
commitment_mark     origin_id, origin_code, –               work_order_contracts/sync;
                    origin_data                             purchase orders one by one
commitment_line_    origin_id, origin_data  contract        PATCH …/line_items/{id}
mark
change_order_mark,  origin_id, origin_code, contract, if    PATCH change_order_packages/{id}
prime_change_order_ origin_data             known
mark
=================== ======================= =============== ==================================

The field ``kind`` (``work_order`` or ``purchase_order``) may say of which kind a contract is; it
is not sent. Without it the project's contracts are listed to find out.

Change orders of the newer family have no origin fields. Marking one sends nothing and is
``done``: the pair is then remembered in our crosswalk only.

Source: Procore API reference; documentation pages ``using-sync-actions`` and
``tutorial-financial-tools``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs

from procore_spectrum.errors import DataError, InvalidValueError, RefusedError, Violation
from procore_spectrum.models import procore
from procore_spectrum.models.ids import (
    ChangeOrderPackageId,
    CommitmentId,
    ContractLineId,
    ProjectId,
)
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import BatchItem, ItemOutcome
from procore_spectrum.procore.batches import (
    build,
    outcome_of,
    refused,
    refused_by,
    send_apart,
    send_write,
    whole_number,
)
from procore_spectrum.procore.calls import Call
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.contracts import ContractReader
from procore_spectrum.procore.endpoints import change_orders, commitments
from procore_spectrum.procore.endpoints.syncing import SYNC_LIMIT, SyncedItem

__all__ = ["MARK_KINDS", "ClearedBy", "Marks", "PurchaseOrderMarks"]

PurchaseOrderMarks: TypeAlias = Literal["each", "sync"]
ClearedBy: TypeAlias = Literal["null", "blank"]

_WITH_CODE = frozenset({"origin_id", "origin_code", "origin_data"})

#: The kinds of mark, each with the fields that it may hold.
MARK_KINDS: Mapping[str, frozenset[str]] = {
    "commitment_mark": _WITH_CODE,
    "commitment_line_mark": frozenset({"origin_id", "origin_data"}),
    "change_order_mark": _WITH_CODE,
    "prime_change_order_mark": _WITH_CODE,
}

_OF_CHANGE_ORDERS = frozenset({"change_order_mark", "prime_change_order_mark"})

_CLEARING = frozenset({"unlink", "deactivate"})
_SETTING = frozenset({"create", "link", "update"})


@attrs.frozen
class _Mark:
    """What shall become of the origin fields of one record."""

    item: BatchItem
    id: int
    values: Fields
    contract_id: CommitmentId | None = None

    @property
    def clears(self) -> bool:
        return self.item.verb in _CLEARING

    def outcome(self, entity: Any, record: Any) -> ItemOutcome:
        """What the record looks like now; a mark that stays although it was cleared is refused."""
        kept = [name for name in self.values if getattr(entity, name, None) not in (None, "")]
        if self.clears and kept:
            violation = Violation(
                code="mark_stays",
                message="Procore kept what should be cleared",
                path=kept[0],
                hint="try the other way of clearing (marks_cleared_by), or clear it in Procore",
            )
            return ItemOutcome(op_id=self.item.op_id, state="refused", violations=(violation,))
        return outcome_of(self.item, SyncedItem(entity=entity, state="done"), record)


class Marks:
    """Sets and clears marks in one company.

    Args:
        client: sends the calls.
        family: the family that change orders are read from.
        purchase_orders: mark purchase orders each, or with their sync.
        cleared_by: what takes a mark away.
    """

    def __init__(
        self,
        client: ProcoreClient,
        *,
        family: procore.ChangeOrderFamily,
        purchase_orders: PurchaseOrderMarks,
        cleared_by: ClearedBy,
    ) -> None:
        self._client = client
        self._family = family
        self._synced = {"work_order"} | ({"purchase_order"} if purchase_orders == "sync" else set())
        self._blank = None if cleared_by == "null" else ""

    def batch(self, kind: str) -> int:
        """Most marks of that kind at a time."""
        if kind in _OF_CHANGE_ORDERS and self._family == "newer":
            return SYNC_LIMIT
        return SYNC_LIMIT if kind == "commitment_mark" else 1

    def write(
        self, kind: str, project_id: ProjectId, items: Sequence[BatchItem]
    ) -> list[ItemOutcome]:
        """Set or clear the marks and say what became of each.

        Raises:
            OutcomeUnknownError: it may have been carried out; it may be repeated.
            ProcoreSpectrumError: as :meth:`ProcoreClient.send`.
        """
        outcomes: dict[str, ItemOutcome] = {}
        marks: dict[int, _Mark] = {}
        for item in items:
            try:
                mark = self._mark(kind, item)
            except InvalidValueError as error:
                outcomes[item.op_id] = refused_by(item, error)
                continue
            if marks.setdefault(mark.id, mark) is not mark:
                outcomes[item.op_id] = refused(
                    item, "duplicate", "another mark of this batch is for the same record"
                )
        outcomes |= self._write(kind, project_id, list(marks.values()))
        return [outcomes[item.op_id] for item in items]

    def _write(
        self, kind: str, project_id: ProjectId, marks: list[_Mark]
    ) -> dict[str, ItemOutcome]:
        if kind in _OF_CHANGE_ORDERS:
            return {mark.item.op_id: self._change_order(project_id, mark) for mark in marks}
        outcomes: dict[str, ItemOutcome] = {}
        by_kind: dict[procore.CommitmentKind, list[_Mark]] = {}
        known = self._kinds(project_id, marks)
        for mark in marks:
            found = known.get(mark.contract_id)
            if found is None:
                outcomes[mark.item.op_id] = refused(
                    mark.item, "not_found", "the project has no such commitment", "target_id"
                )
            else:
                by_kind.setdefault(found, []).append(mark)
        for found, group in by_kind.items():
            if kind == "commitment_line_mark":
                outcomes |= {m.item.op_id: self._line(project_id, found, m) for m in group}
            elif found in self._synced:
                outcomes |= self._sync(project_id, found, group)
            else:
                outcomes |= {m.item.op_id: self._contract(project_id, found, m) for m in group}
        return outcomes

    # ------------------------------------------------------------ what to write

    def _mark(self, kind: str, item: BatchItem) -> _Mark:
        values = {name: value for name, value in item.fields.items() if name != "kind"}
        unknown = sorted(values.keys() - MARK_KINDS[kind])
        if unknown:
            raise InvalidValueError("a mark has no such field", path=unknown[0])
        record_id = whole_number(item.target_id, "target_id")
        contract_id = None
        if kind == "commitment_mark":
            contract_id = CommitmentId(record_id)
        elif kind == "commitment_line_mark" or item.parent_id is not None:
            contract_id = CommitmentId(whole_number(item.parent_id, "parent_id"))
        if item.verb in _CLEARING:
            values = dict.fromkeys({"origin_id": None, **values}, self._blank)
        elif item.verb not in _SETTING:
            raise InvalidValueError(f"marks cannot {item.verb}")
        elif item.verb != "update" or "origin_id" in values:
            values["origin_id"] = item.fields.get("origin_id") or item.full.get("origin_id")
            if not values["origin_id"]:
                raise InvalidValueError("a mark needs an origin id", path="origin_id")
        mark = _Mark(item, record_id, values, contract_id)
        build(procore.CommitmentSyncItem, values)
        return mark

    def _kinds(
        self, project_id: ProjectId, marks: Sequence[_Mark]
    ) -> dict[CommitmentId | None, procore.CommitmentKind]:
        """Of which kind each contract is, as told or looked up."""
        known: dict[CommitmentId | None, procore.CommitmentKind] = {}
        for mark in marks:
            told: Any = mark.item.full.get("kind", mark.item.fields.get("kind"))
            if told in procore.COMMITMENT_KINDS:
                known[mark.contract_id] = told
        if all(mark.contract_id in known for mark in marks):
            return known
        listed: Any = ContractReader(self._client, project_id, self._family).headers()
        return {found.id: found.kind for found in listed} | known

    # ------------------------------------------------------------ writing

    def _sync(
        self, project_id: ProjectId, kind: procore.CommitmentKind, marks: list[_Mark]
    ) -> dict[str, ItemOutcome]:
        records = [build(procore.CommitmentSyncItem, {**m.values, "id": m.id}) for m in marks]

        def send(part: Sequence[Any]) -> Sequence[SyncedItem[procore.Commitment]]:
            call = commitments.sync_commitments(kind, project_id, part)
            return send_write(self._client, call).items

        outcomes: dict[str, ItemOutcome] = {}
        uncleared = []
        answers = send_apart(records, send)
        for mark, record, answer in zip(marks, records, answers, strict=True):
            if isinstance(answer, RefusedError):
                outcome = refused_by(mark.item, answer)
            elif answer.entity is not None:
                outcome = mark.outcome(answer.entity, record)
            else:
                outcome = outcome_of(mark.item, answer, record)
                if mark.clears and outcome.state == "refused":
                    uncleared.append(mark)
            outcomes[mark.item.op_id] = outcome
        return outcomes | self._not_found(project_id, uncleared)

    def _not_found(self, project_id: ProjectId, marks: list[_Mark]) -> dict[str, ItemOutcome]:
        """Those refused because Procore no longer has the contract; a sync names no code."""
        if not marks:
            return {}
        headers: Any = ContractReader(self._client, project_id, self._family).headers()
        listed = {found.id for found in headers}
        return {
            mark.item.op_id: refused(
                mark.item, "not_found", "the project has no such commitment", "target_id"
            )
            for mark in marks
            if mark.contract_id not in listed
        }

    def _contract(
        self, project_id: ProjectId, kind: procore.CommitmentKind, mark: _Mark
    ) -> ItemOutcome:
        record = build(procore.CommitmentSyncItem, {**mark.values, "id": mark.id})
        return self._send(mark, record, commitments.mark_commitment(kind, project_id, record))

    def _line(
        self, project_id: ProjectId, kind: procore.CommitmentKind, mark: _Mark
    ) -> ItemOutcome:
        record = build(procore.LineItemInput, mark.values)
        contract_id = CommitmentId(mark.contract_id or 0)
        call = commitments.update_commitment_line(
            kind, project_id, contract_id, ContractLineId(mark.id), record
        )
        return self._send(mark, record, call)

    def _change_order(self, project_id: ProjectId, mark: _Mark) -> ItemOutcome:
        if self._family == "newer":
            return ItemOutcome(op_id=mark.item.op_id, state="done", target_id=str(mark.id))
        record = build(procore.ChangeOrderPackageInput, mark.values)
        call = change_orders.update_change_order_package(
            project_id, ChangeOrderPackageId(mark.id), record, contract_id=mark.contract_id
        )
        return self._send(mark, record, call)

    def _send(self, mark: _Mark, record: Any, call: Call[Any]) -> ItemOutcome:
        try:
            entity = send_write(self._client, call)
        except DataError as error:
            return refused_by(mark.item, error)
        return mark.outcome(entity, record)
