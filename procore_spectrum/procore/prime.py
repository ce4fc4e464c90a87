"""Prime contracts and their lines as they are written to Procore, and markups as they are read.

=================== ============ ======================== ===================================
kind                scope        items read               written by
=================== ============ ======================== ===================================
prime_contract      project id   PrimeContract with lines POST and PATCH ``prime_contract``
prime_contract_line project id   (with the contract)      ``line_items/sync``
prime_markup        project id   Markup of one holder     (read only)
=================== ============ ======================== ===================================

A line belongs to the contract that is its parent. Its budget code is named by ``cost_code`` (the
path of codes) and ``line_item_type`` (a code), and looked up when it is written. Its sum is always
sent as typed, so that Procore never calculates it anew.

Source: Procore API reference, Prime Contracts, Prime Contract Line Items, Financial Markups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from procore_spectrum.errors import ConfigurationError, DataError, InvalidValueError, RefusedError
from procore_spectrum.models import procore
from procore_spectrum.models.ids import PrimeContractId, ProjectId
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import Batch, BatchItem, Capabilities, ItemOutcome, Probe
from procore_spectrum.procore.batches import (
    build,
    outcome_of,
    refused_by,
    send_apart,
    send_write,
    whole_number,
)
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.endpoints import prime_contracts
from procore_spectrum.procore.endpoints.syncing import SYNC_LIMIT, SyncedItem
from procore_spectrum.procore.wbs import Combination, WbsCodes, combination_of

__all__ = ["PRIME_FILTERS", "PRIME_WRITTEN", "PrimeContracts"]

#: What is read here and nowhere else, with its filters.
PRIME_FILTERS: Mapping[str, frozenset[str]] = {
    "prime_contract_line": frozenset(),
    "prime_markup": frozenset({"holder_type", "holder_id"}),
}

#: What is written here.
PRIME_WRITTEN = frozenset({"prime_contract", "prime_contract_line"})

_CODE = frozenset({"cost_code", "line_item_type"})


class PrimeContracts:
    """Writes the prime contracts of one company.

    Args:
        client: sends the calls.
        wbs_codes: finds budget codes by the codes of their parts.
    """

    def __init__(self, client: ProcoreClient, wbs_codes: WbsCodes) -> None:
        self._client = client
        self._wbs_codes = wbs_codes

    def capabilities(self, kind: str, read_lag: float) -> Capabilities:
        """What can be done with that kind: contracts are created, lines found by origin id."""
        if kind == "prime_contract_line":
            return Capabilities(batch=SYNC_LIMIT, write="upsert", probe=True, read_lag=read_lag)
        return Capabilities(probe=True, read_lag=read_lag)

    # ------------------------------------------------------------ reading

    def read(
        self, kind: str, project_id: ProjectId, filters: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], int]:
        """The lines of all prime contracts, or the markups of one holder, by their position.

        Raises:
            ConfigurationError: the holder is missing or of no known type.
        """
        if kind == "prime_contract_line":
            return self._lines(project_id)
        holder_type, holder_id = filters.get("holder_type"), filters.get("holder_id")
        if holder_type not in procore.MARKUP_HOLDERS or not isinstance(holder_id, int):
            raise ConfigurationError(
                "markups belong to a holder",
                path="holder_type",
                hint="give holder_type (Contract or PotentialChangeOrder) and holder_id",
            )
        call = prime_contracts.list_markups(project_id, holder_type, holder_id)
        found = self._client.send(call)
        return tuple(sorted(found, key=lambda markup: (markup.position or 0, markup.id))), 1

    def _lines(self, project_id: ProjectId) -> tuple[tuple[procore.ContractLine, ...], int]:
        contracts = list(self._client.pages(prime_contracts.list_prime_contracts(project_id)))
        found: list[procore.ContractLine] = []
        requests = len(contracts)
        for contract in (contract for page in contracts for contract in page):
            listing = prime_contracts.list_prime_contract_lines(project_id, contract.id)
            pages = list(self._client.pages(listing))
            requests += len(pages)
            found += (line for page in pages for line in page)
        return tuple(found), requests

    # ------------------------------------------------------------ writing

    def write(self, batch: Batch, project_id: ProjectId) -> list[ItemOutcome]:
        """Send the batch and say what became of each record.

        Raises:
            OutcomeUnknownError: it may have been carried out.
            ProcoreSpectrumError: as :meth:`ProcoreClient.send`.
        """
        if batch.kind == "prime_contract":
            return [self._contract(project_id, item) for item in batch.items]
        by_contract: dict[str | None, list[BatchItem]] = {}
        for item in batch.items:
            by_contract.setdefault(item.parent_id, []).append(item)
        outcomes: dict[str, ItemOutcome] = {}
        for contract_id, items in by_contract.items():
            outcomes |= self._write_lines(project_id, contract_id, items)
        return [outcomes[item.op_id] for item in batch.items]

    def _contract(self, project_id: ProjectId, item: BatchItem) -> ItemOutcome:
        try:
            if item.verb == "create":
                record = build(procore.PrimeContractInput, _keyed(item))
                call = prime_contracts.create_prime_contract(project_id, record)
            else:
                record = build(procore.PrimeContractInput, _changed(item))
                number = PrimeContractId(whole_number(item.target_id, "target_id"))
                call = prime_contracts.update_prime_contract(project_id, number, record)
            entity = send_write(self._client, call)
        except DataError as error:
            return refused_by(item, error)
        return outcome_of(item, SyncedItem(entity=entity, state="done"), record)

    def _write_lines(
        self, project_id: ProjectId, contract_id: str | None, items: Sequence[BatchItem]
    ) -> dict[str, ItemOutcome]:
        outcomes: dict[str, ItemOutcome] = {}
        records: dict[str, Any] = {}
        codes = self._codes(project_id, items)
        for item in items:
            try:
                PrimeContractId(whole_number(contract_id, "parent_id"))
                records[item.op_id] = build(procore.PrimeContractLineSyncItem, _line(item, codes))
            except InvalidValueError as error:
                outcomes[item.op_id] = refused_by(item, error)

        def send(part: Sequence[Any]) -> Sequence[SyncedItem[procore.ContractLine]]:
            number = PrimeContractId(whole_number(contract_id, "parent_id"))
            call = prime_contracts.sync_prime_contract_lines(project_id, number, part)
            return send_write(self._client, call).items

        answers = dict(zip(records, send_apart(list(records.values()), send), strict=True))
        for item in items:
            answer = answers.get(item.op_id)
            if isinstance(answer, RefusedError):
                outcomes[item.op_id] = refused_by(item, answer)
            elif answer is not None:
                outcomes[item.op_id] = outcome_of(item, answer, records[item.op_id])
        return outcomes

    def _codes(self, project_id: ProjectId, items: Sequence[BatchItem]) -> dict[Combination, int]:
        """The budget codes that the lines name, as far as the project has them."""
        named = {item.op_id: item.fields for item in items if _CODE & item.fields.keys()}
        wanted = [combination_of(fields) for fields in named.values() if fields.keys() >= _CODE]
        if not wanted:
            return {}
        found = self._wbs_codes.find(project_id, wanted)
        return {
            pair: int(number)
            for pair, number in zip(wanted, found, strict=True)
            if number is not None
        }

    # ------------------------------------------------------------ probing

    def probe(self, batch: Batch, project_id: ProjectId) -> list[Probe]:
        """Look up contracts and lines by their origin id."""
        if batch.kind == "prime_contract":
            pages = self._client.pages(prime_contracts.list_prime_contracts(project_id))
            found: list[Any] = [record for page in pages for record in page]
        else:
            found = list(self._lines(project_id)[0])
        ids = {record.origin_id: record.id for record in found if record.origin_id}
        return [_probed(item, ids) for item in batch.items]


def _probed(item: BatchItem, ids: Mapping[Any, int]) -> Probe:
    wanted = item.full.get("origin_id")
    if not wanted:
        return Probe(op_id=item.op_id, found=None)
    number = ids.get(wanted)
    if number is None:
        return Probe(op_id=item.op_id, found=False)
    return Probe(op_id=item.op_id, found=True, target_id=str(number))


# ---------------------------------------------------------------- what is sent


def _keyed(item: BatchItem) -> Fields:
    """The values of a new record, which has to be found again.

    Raises:
        InvalidValueError: it has no origin id.
    """
    if not item.fields.get("origin_id"):
        raise InvalidValueError("a new record needs an origin id", path="origin_id")
    return item.fields


def _changed(item: BatchItem) -> Fields:
    """The values that change; a link carries our key.

    Raises:
        InvalidValueError: Procore cannot do what is asked for.
    """
    if item.verb not in {"update", "link"}:
        raise InvalidValueError(f"Procore cannot {item.verb} this kind of record")
    if item.verb == "link":
        return _keyed_link(item)
    return item.fields


def _keyed_link(item: BatchItem) -> Fields:
    origin_id = item.fields.get("origin_id") or item.full.get("origin_id")
    if not origin_id:
        raise InvalidValueError("a link needs an origin id", path="origin_id")
    return {**item.fields, "origin_id": origin_id}


def _line(item: BatchItem, codes: Mapping[Combination, int]) -> Fields:
    """The values of one line, with its budget code by id.

    Raises:
        InvalidValueError: the line cannot be identified, or the project lacks its budget code.
    """
    if item.verb == "create":
        fields: Fields = _keyed(item)
    else:
        fields = {**_changed(item), "id": whole_number(item.target_id, "target_id")}
    values = {name: value for name, value in fields.items() if name not in _CODE}
    if item.verb == "create":
        pair = combination_of(fields)
        if pair not in codes:
            raise InvalidValueError(
                f"the project has no budget code {'-'.join(pair[0])} {pair[1]}",
                path="cost_code",
                hint="sync the job's cost codes first",
            )
        values["wbs_code_id"] = codes[pair]
    if "amount" in values:
        values["extended_type"] = "manual"
    return values
