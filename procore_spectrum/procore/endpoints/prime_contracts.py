"""Prime contracts with their lines, and financial markups.

Source: Procore API reference, Prime Contracts, Prime Contract Line Items, Financial Markups.
"""

from __future__ import annotations

from procore_spectrum.models.ids import PrimeContractId, ProjectId
from procore_spectrum.models.procore import ContractLine, Markup, MarkupHolder, PrimeContract
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, Between, many, query

__all__ = ["list_markups", "list_prime_contract_lines", "list_prime_contracts"]


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
