"""Who is calling, and for which company."""

from __future__ import annotations

from procore_spectrum.testing.fake_procore.answers import Reply
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.paging import page_of
from procore_spectrum.testing.fake_procore.router import Route

__all__ = ["ROUTES"]


def me(call: Call) -> Reply:
    """The caller; with a company or project the directory's name is added."""
    company, project = call.query_id("company_id"), call.query_id("project_id")
    if company is not None:
        call.check_company(company)
    if project is not None:
        call.project(project)
    named = company is not None or project is not None
    name = call.account.name if named else None
    return Reply(body={"id": call.account.id, "login": call.account.login, "name": name})


def companies(call: Call) -> Reply:
    """The companies the caller can see: the only one there is."""
    row = {
        "id": call.world.company_id,
        "name": call.world.company_name,
        "is_active": True,
        "logo_url": None,
        "pcn_business_experience": None,
        "my_company": True,
    }
    return page_of(call, [row], lambda shown: shown)


def base_url(_call: Call) -> Reply:
    """Zone and web address of the company."""
    return Reply(body={"zone": "us01", "web_base_url": "https://us02.procore.com"})


ROUTES = (
    Route("GET", "/rest/v1.0/me", me, open=True),
    Route("GET", "/rest/v1.0/companies", companies, open=True),
    Route("GET", "/rest/v1.0/company_base_url", base_url),
)
