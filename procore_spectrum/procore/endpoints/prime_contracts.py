"""Prime contracts with their lines, and financial markups.

Prime contracts are listed in the plural, and everything else is in the singular.

Source: Procore API reference, Prime Contracts, Prime Contract Line Items, Financial Markups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procore_spectrum.models.ids import PrimeContractId, ProjectId
from procore_spectrum.models.procore import (
    ContractLine,
    Markup,
    MarkupHolder,
    PrimeContract,
    PrimeContractInput,
    PrimeContractLineSyncItem,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.convert import read_one, to_json
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, Between, many, query
from procore_spectrum.procore.endpoints.syncing import SyncResult, sync_call

__all__ = [
    "create_prime_contract",
    "list_markups",
    "list_prime_contract_lines",
    "list_prime_contracts",
    "sync_prime_contract_lines",
    "update_prime_contract",
]


def list_prime_contracts(
    project_id: ProjectId, *, updated_at: Between | None = None
) -> PagedCall[PrimeContract]:
    """``GET /rest/v1.0/prime_contracts``; without lines."""
    return PagedCall(
        name="list prime contracts",
        path="/rest/v1.0/prime_contracts",
        query=query(project_id=project_id, filter_updated_at=updated_at),
        parse=many(PrimeContract),
        per_page=V1_PAGE,
    )


def create_prime_contract(project_id: ProjectId, values: PrimeContractInput) -> Call[PrimeContract]:
    """``POST /rest/v1.0/prime_contract``; a second one makes a second contract.

    Raises:
        InvalidValueError: a value is not of its field's type.
    """
    return Call(
        name="create prime contract",
        method="POST",
        path="/rest/v1.0/prime_contract",
        body={"project_id": project_id, "prime_contract": to_json(values, amounts="text")},
        parse=lambda data, _: _shown(data),
    )


def update_prime_contract(
    project_id: ProjectId, contract_id: PrimeContractId, values: PrimeContractInput
) -> Call[PrimeContract]:
    """``PATCH /rest/v1.0/prime_contract/{id}``.

    Raises:
        InvalidValueError: a value is not of its field's type.
    """
    return Call(
        name="update prime contract",
        method="PATCH",
        path=f"/rest/v1.0/prime_contract/{contract_id}",
        body={"project_id": project_id, "prime_contract": to_json(values, amounts="text")},
        parse=lambda data, _: _shown(data),
        repeatable=True,
    )


def _shown(data: Any) -> PrimeContract:
    """The answer with plain lists of requests where Procore documents lists of lists."""
    if isinstance(data, dict) and isinstance(data.get("change_order_requests"), list):
        rows = data["change_order_requests"]
        nested = [row if isinstance(row, list) else [row] for row in rows]
        data = {**data, "change_order_requests": [row for part in nested for row in part]}
    return read_one(PrimeContract, data)


def sync_prime_contract_lines(
    project_id: ProjectId,
    contract_id: PrimeContractId,
    updates: Sequence[PrimeContractLineSyncItem],
) -> Call[SyncResult[ContractLine]]:
    """``PATCH /rest/v1.0/prime_contracts/{id}/line_items/sync``: up to 1,000 lines, by id too.

    Raises:
        InvalidValueError: see :func:`~procore_spectrum.procore.endpoints.syncing.sync_call`.
    """
    return sync_call(
        name="sync lines of prime contract",
        path=f"/rest/v1.0/prime_contracts/{contract_id}/line_items/sync",
        model=ContractLine,
        updates=updates,
        body={},
        query=query(project_id=project_id),
        amounts="text",
    )


def list_prime_contract_lines(
    project_id: ProjectId, contract_id: PrimeContractId
) -> PagedCall[ContractLine]:
    """``GET /rest/v1.0/prime_contracts/{id}/line_items``."""
    return PagedCall(
        name="list lines of prime contract",
        path=f"/rest/v1.0/prime_contracts/{contract_id}/line_items",
        query=query(project_id=project_id),
        parse=many(ContractLine),
        per_page=V1_PAGE,
    )


def list_markups(
    project_id: ProjectId, holder_type: MarkupHolder, holder_id: int
) -> Call[list[Markup]]:
    """``GET /rest/v1.0/financials/markups`` of one contract or potential change order; not paged.

    Needs admin rights in the holder's tool.
    """
    return Call(
        name="list markups",
        path="/rest/v1.0/financials/markups",
        query=query(project_id=project_id, holder_type=holder_type, holder_id=holder_id),
        parse=many(Markup),
    )
