"""Who is calling, and which companies it can see.

Source: Procore API reference, Me and Companies; documentation page ``tutorial-mpz``.
"""

from __future__ import annotations

from procore_spectrum.models.ids import ProcoreCompanyId
from procore_spectrum.models.procore import Company, Me
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.endpoints.parameters import V1_PAGE, many, one, query

__all__ = ["get_me", "list_companies"]


def get_me(company_id: ProcoreCompanyId | None = None) -> Call[Me]:
    """``GET /rest/v1.0/me``; with a company the answer includes the caller's name."""
    return Call(
        name="get me",
        path="/rest/v1.0/me",
        query=query(company_id=company_id),
        parse=one(Me),
        needs_company=company_id is not None,
    )


def list_companies(*, include_free: bool = False) -> PagedCall[Company]:
    """``GET /rest/v1.0/companies``.

    The company header is sent where it is known, because client credentials need it even here.
    """
    return PagedCall(
        name="list companies",
        path="/rest/v1.0/companies",
        query=query(include_free_companies=include_free or None),
        parse=many(Company),
        per_page=V1_PAGE,
    )
