"""Raw requests to the fake, built by hand: nothing of the library's own client is used."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from procore_spectrum.testing.clock import FakeClock
from procore_spectrum.testing.fake_procore import FakeProcore
from procore_spectrum.wire.messages import Headers, Request, Response

API = "https://api.procore.com"
LOGIN = "https://login.procore.com"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
NEXT = re.compile(r'<([^>]*)>; rel="next"')


class Wire:
    """One fake, its clock and a logged-in caller."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.fake = FakeProcore(clock=self.clock, **settings)
        self.company = self.fake.company_id
        self.token = self.log_in()

    def form(self, path: str, headers: Headers = FORM, **fields: str) -> Response:
        """Post a form to the login host."""
        content = urlencode(fields).encode()
        return self.fake.handle(
            Request(method="POST", url=LOGIN + path, headers=headers, content=content)
        )

    def grant(self, kind: str, **fields: str) -> Response:
        """Ask for a token with the right credentials."""
        app = {"client_id": self.fake.client_id, "client_secret": self.fake.client_secret}
        return self.form("/oauth/token", grant_type=kind, **{**app, **fields})

    def log_in(self) -> str:
        """A token of the service account."""
        return str(self.grant("client_credentials").json()["access_token"])

    def headers(self) -> Headers:
        """What every call must carry."""
        return (
            ("Authorization", f"Bearer {self.token}"),
            ("Procore-Company-Id", str(self.company)),
        )

    def send(
        self, method: str, path: str, body: Any = None, *, headers: Headers | None = None
    ) -> Response:
        """Send a call; a body goes out as JSON."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = () if body is None else (("Content-Type", "application/json"),)
        sent = (self.headers() if headers is None else headers) + kind
        url = path if path.startswith("http") else API + path
        return self.fake.handle(Request(method=method, url=url, headers=sent, content=content))

    def get(self, path: str, **query: Any) -> Response:
        """GET; keys of ``query`` are sent as they are."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def walk(self, path: str, **query: Any) -> list[Any]:
        """All records of a listing, by following ``next``."""
        answer = self.get(path, **query)
        rows = list(answer.json())
        while found := NEXT.search(answer.header("Link") or ""):
            answer = self.send("GET", found[1])
            rows += answer.json()
        return rows

    # the resources --------------------------------------------------------------------------

    def vendor(self, number: int | None = None, **fields: Any) -> Response:
        """Create a vendor, or update the one with that id."""
        body = {"company_id": self.company, "vendor": fields}
        if number is None:
            return self.send("POST", "/rest/v1.0/vendors", body)
        return self.send("PATCH", f"/rest/v1.0/vendors/{number}", body)

    def vendors(self, **query: Any) -> list[Any]:
        """The list of active vendors."""
        return list(self.get("/rest/v1.0/vendors", company_id=self.company, **query).json())

    def project(self, number: int | None = None, **fields: Any) -> Response:
        """Create a project, or update the one with that id."""
        body = {"company_id": self.company, "project": fields}
        if number is None:
            return self.send("POST", "/rest/v1.0/projects", body)
        return self.send("PATCH", f"/rest/v1.0/projects/{number}", body)

    def projects(self, version: str = "v1.0", **query: Any) -> list[Any]:
        """A list of projects."""
        path = f"/rest/{version}/projects"
        return list(self.get(path, company_id=self.company, **query).json())

    def sync(self, what: str, updates: Any, **query: Any) -> Response:
        """A sync call of a company's object type, or of a project's with ``project_id``."""
        body = {"company_id": self.company, "updates": updates}
        if what == "cost_codes":
            body = {"updates": updates}
        if "standard_cost_code_list_id" in query:
            body["standard_cost_code_list_id"] = query.pop("standard_cost_code_list_id")
        path = f"/rest/v1.0/{what}/sync"
        return self.send("PATCH", f"{path}?{urlencode(query)}" if query else path, body)

    def segments(self, project_id: int) -> dict[str, int]:
        """The ids of a project's segments by type."""
        rows = self.get(f"{wbs(project_id)}/segments").json()
        return {row["type"]: row["id"] for row in rows}

    def items(self, project_id: int, kind: str, **query: Any) -> dict[str, Any]:
        """The items of a project's segment by path code."""
        segment = self.segments(project_id)[kind]
        rows = self.walk(f"{wbs(project_id)}/segments/{segment}/segment_items", **query)
        return {row["path_code"]: row for row in rows}

    def pair(self, project_id: int, cost_code: str, cost_type: str) -> list[dict[str, int]]:
        """The segment items of a budget code, as a request names them."""
        named = {"cost_code": cost_code, "line_item_type": cost_type}
        segments = self.segments(project_id)
        return [
            {
                "segment_id": segments[kind],
                "segment_item_id": self.items(project_id, kind)[code]["id"],
            }
            for kind, code in named.items()
        ]


def wbs(project_id: int) -> str:
    """The root of a project's work breakdown structure."""
    return f"/rest/v1.0/projects/{project_id}/work_breakdown_structure"
