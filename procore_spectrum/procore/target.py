"""Procore as a system that the engine reads and writes.

================== ============ ======================= ======================================
kind               scope        items read              written by
================== ============ ======================= ======================================
company            –            Vendor, active or not   vendors/sync
project            –            Project, active or not  projects/sync
project_template   –            ProjectTemplate         (read only)
standard_cost_     –            StandardCostCodeList    one POST each
code_list
standard_cost_code list id      StandardCostCode        standard_cost_codes/sync
line_item_type     –            LineItemType            line_item_types/sync
cost_code          project id   CostCode                cost_codes/sync
wbs_code           project id   WbsCode                 wbs_codes/bulk_create and update_all
commitment         project id   Commitment with lines   (read only)
commitment_change_ project id   CommitmentChangeOrder   (read only)
order                           with lines
prime_contract     project id   PrimeContract with      POST and PATCH prime_contract
                                lines
prime_contract_    project id   ContractLine            line_items/sync
line
prime_markup       project id   Markup                  (read only)
prime_change_order project id   PrimeChangeOrder with   (read only)
                                lines
budget             project id   Budget                  (read only)
budget_line        project id   BudgetRow               budget_line_items/sync
budget_change      project id   BudgetChange with       (read only)
                                lines
commitment_mark    project id   (write only)            …_contracts/sync, or PATCH each
commitment_line_   project id   (write only)            PATCH …/line_items/{id}
mark
change_order_mark, project id   (write only)            PATCH change_order_packages/{id}
prime_change_
order_mark
direct_cost        project id   DirectCost with lines   direct_costs/sync
direct_cost_line   project id   ContractLine            direct_costs/line_items/sync
erp_job_cost       project id   (write only)            erp_job_costs/sync, partners only
================== ============ ======================= ======================================

A mark is our origin id on a record that people made in Procore; see :mod:`.marks`. Job costs are
explained in :mod:`.direct_costs`, budgets in :mod:`.budget`, prime contracts in :mod:`.prime`.

Source: Procore API reference; documentation page ``using-sync-actions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

import attrs

from procore_spectrum.errors import ConfigurationError, InvalidValueError, RefusedError
from procore_spectrum.models import procore
from procore_spectrum.models.about import fields_of
from procore_spectrum.models.ids import (
    ProcoreCompanyId,
    ProjectId,
    StandardCostCodeListId,
    VendorId,
)
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import (
    Batch,
    BatchItem,
    Capabilities,
    ItemOutcome,
    Probe,
    Reading,
    ReadQuery,
)
from procore_spectrum.procore.batches import (
    build,
    outcome_of,
    refused,
    refused_by,
    send_apart,
    send_write,
    whole_number,
)
from procore_spectrum.procore.budget import (
    BUDGET_FILTERS,
    BUDGET_MARKS,
    BudgetReader,
    BudgetWriter,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.contracts import CONTRACT_FILTERS, ContractReader
from procore_spectrum.procore.convert import to_json
from procore_spectrum.procore.direct_costs import DIRECT_COST_FILTERS, DirectCosts
from procore_spectrum.procore.endpoints import (
    cost_codes,
    line_item_types,
    projects,
    vendors,
    wbs,
)
from procore_spectrum.procore.endpoints.syncing import SYNC_LIMIT, SyncResult, by_ids
from procore_spectrum.procore.marks import MARK_KINDS, ClearedBy, Marks, PurchaseOrderMarks
from procore_spectrum.procore.prime import PRIME_FILTERS, PRIME_WRITTEN, PrimeContracts
from procore_spectrum.procore.wbs import Combination, WbsCodes, combination_of
from procore_spectrum.wire.clock import Clock, SystemClock

__all__ = ["ProcoreTarget"]


@attrs.frozen(kw_only=True)
class _SyncKind:
    """How one kind is written with its sync endpoint.

    Args:
        item: the model of one record.
        call: makes the request for company, scope and records.
        off: the fields that deactivate a record; None when it cannot be.
    """

    item: Any
    call: Callable[[ProcoreCompanyId, int, Sequence[Any]], Call[SyncResult[Any]]]
    off: Mapping[str, bool] | None = None


_SYNC_KINDS: Mapping[str, _SyncKind] = {
    "company": _SyncKind(
        item=procore.VendorSyncItem,
        call=lambda company, _, items: vendors.sync_vendors(company, items),
        off={"is_active": False},
    ),
    "project": _SyncKind(
        item=procore.ProjectSyncItem,
        call=lambda company, _, items: projects.sync_projects(company, items),
        off={"active": False},
    ),
    "standard_cost_code": _SyncKind(
        item=procore.StandardCostCodeSyncItem,
        call=lambda company, scope, items: cost_codes.sync_standard_cost_codes(
            company, StandardCostCodeListId(scope), items
        ),
    ),
    "line_item_type": _SyncKind(
        item=procore.LineItemTypeSyncItem,
        call=lambda company, _, items: line_item_types.sync_line_item_types(company, items),
    ),
    "cost_code": _SyncKind(
        item=procore.CostCodeSyncItem,
        call=lambda _, scope, items: cost_codes.sync_cost_codes(ProjectId(scope), items),
    ),
}

_MARKS = frozenset({*MARK_KINDS, *BUDGET_MARKS})
_SCOPED = frozenset(
    {
        "standard_cost_code",
        "cost_code",
        "wbs_code",
        *BUDGET_FILTERS,
        *CONTRACT_FILTERS,
        *DIRECT_COST_FILTERS,
        *PRIME_FILTERS,
        *_MARKS,
    }
)
_UNREADABLE = frozenset({*_MARKS, "erp_job_cost"})
_FILTERS: Mapping[str, frozenset[str]] = {
    "company": frozenset({"origin_id"}),
    "project": frozenset({"origin_id"}),
    "project_template": frozenset(),
    "standard_cost_code_list": frozenset(),
    "standard_cost_code": frozenset({"origin_id"}),
    "line_item_type": frozenset({"origin_id"}),
    "cost_code": frozenset({"origin_id"}),
    "wbs_code": frozenset({"status"}),
    **CONTRACT_FILTERS,
    **DIRECT_COST_FILTERS,
    **BUDGET_FILTERS,
    **PRIME_FILTERS,
}


class ProcoreTarget:
    """Reads and writes one company of Procore. Implements :class:`~procore_spectrum.ports.Target`.

    Args:
        client: sends the calls; names the company.
        clock: tells the time of a reading.
        projects_version: which project list is read. ``"1.1"`` has more fields and pages of 300;
            ``"1.0"`` alone has ``sector``, ``work_scope`` and ``estimated_budget``.
        project_batch: most projects in one request; Procore calls their sync slow.
        wbs_batch: most budget codes in one request; Procore documents no limit.
        read_lag: seconds for which readings may trail writes; unknown for Procore.
        change_order_family: where change orders are read. ``"newer"`` serves projects with one
            or two tiers and has no origin ids; ``"older"`` serves all.
        purchase_order_marks: how purchase orders are marked. ``"each"`` is one request for each;
            ``"sync"`` takes 1,000, but Procore documents no id for it, and would make new
            purchase orders if it ignored the id.
        marks_cleared_by: what takes a mark away, null or blank text; unknown for Procore.
    """

    def __init__(
        self,
        client: ProcoreClient,
        *,
        clock: Clock | None = None,
        projects_version: Literal["1.0", "1.1"] = "1.1",
        project_batch: int = 100,
        wbs_batch: int = SYNC_LIMIT,
        read_lag: float = 0.0,
        change_order_family: procore.ChangeOrderFamily = "newer",
        purchase_order_marks: PurchaseOrderMarks = "each",
        marks_cleared_by: ClearedBy = "null",
    ) -> None:
        for name, size in (("project_batch", project_batch), ("wbs_batch", wbs_batch)):
            if not 1 <= size <= SYNC_LIMIT:
                raise ConfigurationError(f"from 1 to {SYNC_LIMIT:,} records", path=name)
        self._client = client
        self._company = ProcoreCompanyId(client.company_id)
        self._clock = clock or SystemClock()
        self._projects_version = projects_version
        self._batches = {"project": project_batch, "wbs_code": wbs_batch}
        self._read_lag = read_lag
        self._wbs_codes = WbsCodes(client)
        self._direct_costs = DirectCosts(client)
        self._budget = BudgetWriter(client)
        self._prime = PrimeContracts(client, self._wbs_codes)
        self._family = change_order_family
        self._marks = Marks(
            client,
            family=change_order_family,
            purchase_orders=purchase_order_marks,
            cleared_by=marks_cleared_by,
        )

    def __repr__(self) -> str:
        return f"<ProcoreTarget company {self._company}>"

    def capabilities(self, kind: str) -> Capabilities:
        """What it can do with that kind.

        Raises:
            ConfigurationError: there is no such kind.
        """
        _check_kind(kind)
        if kind in MARK_KINDS:
            batch = self._marks.batch(kind)
            return Capabilities(batch=batch, write="upsert", read_lag=self._read_lag)
        if kind in DIRECT_COST_FILTERS:
            return self._direct_costs.capabilities(kind, self._read_lag)
        if kind in PRIME_WRITTEN:
            return self._prime.capabilities(kind, self._read_lag)
        if kind in BUDGET_MARKS:
            return Capabilities(batch=SYNC_LIMIT, write="upsert")
        if kind == "budget_line":
            return Capabilities(batch=SYNC_LIMIT, probe=True, read_lag=self._read_lag)
        if kind in _SYNC_KINDS or kind == "wbs_code":
            batch = self._batches.get(kind, SYNC_LIMIT)
            return Capabilities(batch=batch, write="upsert", probe=True, read_lag=self._read_lag)
        return Capabilities(probe=True, read_lag=self._read_lag)

    # ------------------------------------------------------------ reading

    def read(self, query: ReadQuery) -> Reading[Any]:
        """Read everything that the query names.

        Filters: ``origin_id`` (text) where there is one; for budget codes ``status``; for
        contracts and change orders ``status``, one or several; for commitments also ``id``, one
        or several; for direct costs ``invoice_number``; for their lines ``direct_cost_id``; for
        budgets see :class:`.budget.BudgetReader`; for markups ``holder_type`` and ``holder_id``.

        Raises:
            ConfigurationError: no such kind or filter, or its scope is missing.
            ProcoreSpectrumError: as :meth:`ProcoreClient.pages`.
        """
        _check_kind(query.kind)
        if query.kind in _UNREADABLE:
            raise ConfigurationError(
                "these are only written", path=query.kind, hint="read the records that bear them"
            )
        unknown = sorted(query.filters.keys() - _FILTERS[query.kind])
        if unknown:
            raise ConfigurationError(f"{query.kind} cannot be filtered", path=unknown[0])
        as_of = self._clock.now()
        if query.kind == "company":
            items, requests = self._read_companies(query.filters.get("origin_id"))
        elif query.kind in BUDGET_FILTERS:
            budgets = BudgetReader(self._client, ProjectId(_scope(query.kind, query.scope)))
            items, requests = budgets.read(query.kind, query.filters), budgets.requests
        elif query.kind in CONTRACT_FILTERS:
            project_id = ProjectId(_scope(query.kind, query.scope))
            reader = ContractReader(self._client, project_id, self._family)
            items, requests = reader.read(query.kind, query.filters), reader.requests
        elif query.kind in DIRECT_COST_FILTERS:
            project_id = ProjectId(_scope(query.kind, query.scope))
            items, requests = self._direct_costs.read(query.kind, project_id, query.filters)
        elif query.kind in PRIME_FILTERS:
            project_id = ProjectId(_scope(query.kind, query.scope))
            items, requests = self._prime.read(query.kind, project_id, query.filters)
        else:
            items, requests = self._read_all(self._listing(query))
        return Reading(items=items, as_of=as_of, requests=requests)

    def _read_all(self, call: PagedCall[Any]) -> tuple[tuple[Any, ...], int]:
        pages = list(self._client.pages(call))
        return tuple(item for page in pages for item in page), len(pages)

    def _read_companies(self, origin_id: str | None) -> tuple[tuple[procore.Vendor, ...], int]:
        """Active and inactive vendors; each says which it is."""
        active, first = self._read_all(vendors.list_vendors(self._company, origin_id=origin_id))
        inactive, second = self._read_all(vendors.list_inactive_vendors(self._company))
        # The list of inactive vendors knows no filter. A vendor that was switched off between
        # the two readings is in both; the later one counts.
        found: dict[VendorId, procore.Vendor] = {}
        found |= {vendor.id: attrs.evolve(vendor, is_active=True) for vendor in active}
        found |= {
            vendor.id: attrs.evolve(vendor, is_active=False)
            for vendor in inactive
            if origin_id is None or vendor.origin_id == origin_id
        }
        return tuple(found.values()), first + second

    def _listing(self, query: ReadQuery) -> PagedCall[Any]:
        company, scope = self._company, _scope(query.kind, query.scope)
        origin_id = query.filters.get("origin_id")
        match query.kind:
            case "project" if self._projects_version == "1.0":
                return projects.list_projects(company, by_status="All", origin_id=origin_id)
            case "project":
                return projects.list_projects_v11(company, by_status="All", origin_id=origin_id)
            case "project_template":
                return projects.list_project_templates(company)
            case "standard_cost_code_list":
                return cost_codes.list_standard_cost_code_lists(company)
            case "standard_cost_code":
                return cost_codes.list_standard_cost_codes(
                    company, StandardCostCodeListId(scope), origin_id=origin_id
                )
            case "line_item_type":
                return line_item_types.list_line_item_types(company, origin_id=origin_id)
            case "cost_code":
                return cost_codes.list_cost_codes(ProjectId(scope), origin_id=origin_id)
            case _:
                return wbs.list_wbs_codes(ProjectId(scope), status=query.filters.get("status"))

    # ------------------------------------------------------------ writing

    def write(self, batch: Batch) -> Sequence[ItemOutcome]:
        """Send the batch and say what became of each record.

        ``fields`` are attributes of the ``…SyncItem`` model of the kind. The verb ``link`` sends
        id and origin id only, ``deactivate`` the record's off switch. A record that is refused
        leaves its neighbours alone; a batch that Procore refuses as a whole is sent in parts.

        Raises:
            ConfigurationError: no such kind, or its scope is missing.
            InvalidValueError: more records than :meth:`capabilities` allows.
            OutcomeUnknownError: it may have been carried out.
            ProcoreSpectrumError: as :meth:`ProcoreClient.send`.
        """
        limit = self.capabilities(batch.kind).batch
        if len(batch.items) > limit:
            raise InvalidValueError(f"{batch.kind} takes {limit:,} records at a time")
        scope = _scope(batch.kind, batch.scope_id)
        if batch.kind == "wbs_code":
            return self._wbs_codes.write(ProjectId(scope), batch.items)
        if batch.kind == "budget_line":
            return self._budget.write(ProjectId(scope), batch.items)
        if batch.kind in BUDGET_MARKS:
            # Procore has no field for it: the crosswalk alone remembers.
            return [
                ItemOutcome(op_id=item.op_id, state="done", target_id=item.target_id)
                for item in batch.items
            ]
        if batch.kind in MARK_KINDS:
            return self._marks.write(batch.kind, ProjectId(scope), batch.items)
        if batch.kind in DIRECT_COST_FILTERS or batch.kind in PRIME_WRITTEN:
            own = self._prime if batch.kind in PRIME_WRITTEN else self._direct_costs
            return own.write(batch, ProjectId(scope))
        if batch.kind in _SYNC_KINDS:
            return self._sync(_SYNC_KINDS[batch.kind], scope, batch.items)
        if batch.kind == "standard_cost_code_list":
            return [self._create_list(item) for item in batch.items]
        return [refused(item, "read_only", "these are only read") for item in batch.items]

    def _sync(self, kind: _SyncKind, scope: int, items: Sequence[BatchItem]) -> list[ItemOutcome]:
        outcomes: dict[str, ItemOutcome] = {}
        records: dict[str, Any] = {}
        taken: set[Any] = set()
        for item in items:
            try:
                record = build(kind.item, _fields(kind, item))
            except InvalidValueError as error:
                outcomes[item.op_id] = refused_by(item, error)
                continue
            names = by_ids(to_json(record))
            if taken.isdisjoint(names):
                records[item.op_id] = record
                taken.update(names)
            else:
                outcomes[item.op_id] = refused(
                    item, "duplicate", "another record of this batch has the same id or origin id"
                )

        def send(part: Sequence[Any]) -> Sequence[Any]:
            return send_write(self._client, kind.call(self._company, scope, part)).items

        answers = send_apart(list(records.values()), send)
        by_op = dict(zip(records, answers, strict=True))
        for item in items:
            answer = by_op.get(item.op_id)
            if isinstance(answer, RefusedError):
                outcomes[item.op_id] = refused_by(item, answer)
            elif answer is not None:
                outcomes[item.op_id] = outcome_of(item, answer, records[item.op_id])
        return [outcomes[item.op_id] for item in items]

    def _create_list(self, item: BatchItem) -> ItemOutcome:
        name = item.full.get("name")
        if item.verb != "create" or not isinstance(name, str) or not name.strip():
            return refused(item, "not_possible", "a list can only be created, with a name", "name")
        call = cost_codes.create_standard_cost_code_list(self._company, name)
        try:
            created = send_write(self._client, call)
        except RefusedError as error:
            return refused_by(item, error)
        return ItemOutcome(op_id=item.op_id, state="done", target_id=str(created.id))

    # ------------------------------------------------------------ probing

    def probe(self, batch: Batch) -> Sequence[Probe]:
        """Look up whether the records of an unanswered batch exist.

        Records are looked up by origin id, lists by name, budget codes by their combination,
        budget lines by their budget code. A record without an origin id cannot be looked up:
        ``found`` is None.
        """
        if batch.kind == "budget_line":
            project_id = ProjectId(_scope(batch.kind, batch.scope_id))
            return self._budget.probe(project_id, batch.items)
        if batch.kind == "wbs_code":
            return self._probe_wbs_codes(batch)
        if batch.kind in DIRECT_COST_FILTERS:
            project_id = ProjectId(_scope(batch.kind, batch.scope_id))
            return self._direct_costs.probe(batch, project_id)
        if batch.kind in PRIME_WRITTEN:
            return self._prime.probe(batch, ProjectId(_scope(batch.kind, batch.scope_id)))
        names = {item.op_id: _name(batch.kind, item) for item in batch.items}
        wanted = [name for name in names.values() if name is not None]
        stored = self._stored(batch, wanted) if wanted else {}
        return [_probed(op_id, name, stored.get(name or "")) for op_id, name in names.items()]

    def _stored(self, batch: Batch, wanted: Sequence[str]) -> dict[str, int]:
        by_name = batch.kind == "standard_cost_code_list"
        filters = {"origin_id": wanted[0]} if len(wanted) == 1 and not by_name else {}
        query = ReadQuery(kind=batch.kind, scope=batch.scope_id, filters=filters)
        found = self.read(query).items
        if by_name:
            return {(found_list.name or "").strip(): found_list.id for found_list in found}
        return {record.origin_id: record.id for record in found if record.origin_id}

    def _probe_wbs_codes(self, batch: Batch) -> list[Probe]:
        project_id = ProjectId(_scope(batch.kind, batch.scope_id))
        wanted: dict[str, Combination] = {}
        for item in batch.items:
            with suppress(InvalidValueError):
                wanted[item.op_id] = combination_of(item.full)
        found = self._wbs_codes.find(project_id, list(wanted.values())) if wanted else []
        by_op = dict(zip(wanted, found, strict=True))
        return [
            _probed(i.op_id, "" if i.op_id in wanted else None, by_op.get(i.op_id))
            for i in batch.items
        ]


def _probed(op_id: str, name: str | None, found_id: int | None) -> Probe:
    if found_id is not None:
        return Probe(op_id=op_id, found=True, target_id=str(found_id))
    return Probe(op_id=op_id, found=None if name is None else False)


def _name(kind: str, item: BatchItem) -> str | None:
    """What a record can be looked up by."""
    if kind not in _SYNC_KINDS and kind != "standard_cost_code_list":
        return None
    key = "name" if kind == "standard_cost_code_list" else "origin_id"
    value = item.full.get(key) or item.fields.get(key)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _check_kind(kind: str) -> None:
    if kind not in _FILTERS and kind not in _UNREADABLE:
        raise ConfigurationError(
            "Procore has no such kind",
            path=kind,
            hint="one of " + _listed({*_FILTERS, *_UNREADABLE}),
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _scope(kind: str, scope: str | None) -> int:
    if kind not in _SCOPED:
        return 0
    try:
        return whole_number(scope, kind)
    except InvalidValueError as error:
        raise ConfigurationError("the id of the enclosing record is needed", path=kind) from error


def _fields(kind: _SyncKind, item: BatchItem) -> Fields:
    """The values to send for one record.

    Raises:
        InvalidValueError: the record cannot be identified, or cannot do what the verb asks for.
    """
    if item.verb == "create":
        if not item.fields.get("origin_id"):
            raise InvalidValueError("a new record needs an origin id", path="origin_id")
        return {**item.fields, **_parent(kind, item)}
    record: Fields = {"id": whole_number(item.target_id, "target_id")}
    match item.verb:
        case "update":
            return {**item.fields, **_parent(kind, item), **record}
        case "link":
            origin_id = item.fields.get("origin_id") or item.full.get("origin_id")
            if not origin_id:
                raise InvalidValueError("a link needs an origin id", path="origin_id")
            return {**item.fields, "origin_id": origin_id, **record}
        case "deactivate" if kind.off is not None:
            return {**kind.off, **record}
    raise InvalidValueError(f"Procore cannot {item.verb} this kind of record")


def _parent(kind: _SyncKind, item: BatchItem) -> Fields:
    has_parent = any(field.name == "parent_id" for field in fields_of(kind.item))
    return {"parent_id": item.parent_id} if has_parent and item.parent_id is not None else {}
