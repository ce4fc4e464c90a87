"""What every REST call meets before its handler: limits, company, body, paths, pages."""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from procore_wire import API, Wire

from procore_spectrum.errors import NotSentError
from procore_spectrum.testing.fake_procore import FakeProcore, Switches
from procore_spectrum.wire.messages import Request
from procore_spectrum.wire.transport import AsyncTransport, Transport

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


def as_person(wire: Wire, *, admin: bool = True) -> int:
    """Log in as a new person instead of the service account."""
    person = wire.fake.add_user(name="Ann", login="ann@example.com", company_admin=admin)["id"]
    code = wire.fake.issue_code(user_id=person)
    granted = wire.grant("authorization_code", code=code, redirect_uri=OUT_OF_BAND)
    wire.token = granted.json()["access_token"]
    return int(person)


def bare(wire: Wire) -> tuple[tuple[str, str], ...]:
    """The headers without the company."""
    return wire.headers()[:1]


# company header ------------------------------------------------------------------------------


def test_company_header_is_required(wire: Wire) -> None:
    """The documented text comes even if the query names the company."""
    path = f"/rest/v1.0/vendors?company_id={wire.company}"
    answer = wire.send("GET", path, headers=bare(wire))
    assert answer.status == 400
    assert answer.json()["message"].startswith("Missing Procore-Company-Id header!")


def test_service_account_needs_the_header_everywhere(wire: Wire) -> None:
    """The two exempt calls are not exempt with client credentials."""
    for path in ("/rest/v1.0/me", "/rest/v1.0/companies"):
        assert wire.send("GET", path, headers=bare(wire)).status == 400


def test_person_may_leave_the_header_out_of_two_calls(wire: Wire) -> None:
    """/me and /companies are exempt, until /me names a company or project."""
    as_person(wire)
    assert wire.send("GET", "/rest/v1.0/me", headers=bare(wire)).status == 200
    assert wire.send("GET", "/rest/v1.0/companies", headers=bare(wire)).status == 200
    scoped = f"/rest/v1.0/me?company_id={wire.company}"
    assert wire.send("GET", scoped, headers=bare(wire)).status == 400


def test_unknown_company_is_not_connected(wire: Wire) -> None:
    """A foreign company in header, query, path or body gives the same 403."""
    headers = (*bare(wire), ("Procore-Company-Id", "1"))
    answers = [
        wire.send("GET", "/rest/v1.0/me", headers=headers),
        wire.get("/rest/v1.0/vendors", company_id=1),
        wire.get("/rest/v1.0/companies/1/projects"),
        wire.send("POST", "/rest/v1.0/vendors", {"company_id": 1, "vendor": {"name": "A"}}),
    ]
    for answer in answers:
        assert answer.status == 403
        assert answer.json() == {"errors": "App is not connected to this company"}


def test_company_id_parameter_is_required(wire: Wire) -> None:
    """The header does not replace the documented parameter."""
    assert wire.get("/rest/v1.0/vendors").status == 400
    body = {"vendor": {"name": "A"}}
    assert wire.send("POST", "/rest/v1.0/vendors", body).status == 400


def test_me_shows_the_name_only_with_a_scope(wire: Wire) -> None:
    """Directory data is added for a company or a project."""
    project = wire.fake.add_project(name="P")["id"]
    assert wire.get("/rest/v1.0/me").json()["name"] is None
    assert wire.get("/rest/v1.0/me", company_id=wire.company).json()["name"] == "Service Account"
    assert wire.get("/rest/v1.0/me", project_id=project).json()["name"] == "Service Account"
    assert wire.get("/rest/v1.0/me", project_id=1).status == 404


def test_companies_and_zone(wire: Wire) -> None:
    """The only company is listed; its zone can be asked for."""
    assert [row["id"] for row in wire.get("/rest/v1.0/companies").json()] == [wire.company]
    assert wire.get("/rest/v1.0/company_base_url").json()["zone"]


def test_company_id_exceeds_32_bits(wire: Wire) -> None:
    """Clients that squeeze ids into 32 bits must fail here, not in production."""
    assert wire.company > 2**32
    assert wire.fake.add_vendor(name="A")["id"] > 2**32


# bodies and paths ------------------------------------------------------------------------------


def test_unknown_path_is_404_in_json(wire: Wire) -> None:
    """Unknown paths, methods and hosts' roots answer JSON."""
    for method, path in (
        ("GET", "/rest/v1.0/nothing"),
        ("DELETE", "/rest/v1.0/vendors"),
        ("GET", "/rest/v1.0/vendors/x"),
        ("GET", "/"),
    ):
        answer = wire.send(method, path)
        assert answer.status == 404
        assert answer.json()["error"] == "Not Found"


def test_v2_refuses_in_its_own_envelope(wire: Wire) -> None:
    """Version 2 has one error format."""
    error = wire.get("/rest/v2.0/nothing").json()["error"]
    assert error["code"] == "NOT_FOUND"
    assert error["details"][0]["reason_code"]


def test_only_json_bodies(wire: Wire) -> None:
    """A form is refused with 406, broken JSON with 400, a missing body with 400."""
    url = f"{API}/rest/v1.0/vendors"

    def post(kind: str, content: bytes) -> int:
        headers = (*wire.headers(), ("Content-Type", kind))
        request = Request(method="POST", url=url, headers=headers, content=content)
        return wire.fake.handle(request).status

    assert post("application/x-www-form-urlencoded", b"a=1") == 406
    assert post("application/json", b"{") == 400
    assert post("application/json", b'{"a": NaN}') == 400
    assert post("application/json", b"[]") == 400
    assert wire.send("POST", "/rest/v1.0/vendors").status == 400


def test_lone_surrogates_do_not_break_the_answer(wire: Wire) -> None:
    """Text that is not Unicode is answered with a replacement, not with a crash."""
    assert wire.vendor(name="A\ud800").json()["name"] == "A?"


def test_html_502(wire: Wire) -> None:
    """The switch turns every answer into a gateway's page, and back."""
    wire.fake.switches.html_502 = True
    answer = wire.get("/rest/v1.0/me")
    assert (answer.status, answer.media_type) == (502, "text/html")
    assert wire.grant("client_credentials").status == 502
    wire.fake.switches.html_502 = False
    assert wire.get("/rest/v1.0/me").status == 200


# rate limits ----------------------------------------------------------------------------------


def test_hourly_limit_boundary() -> None:
    """The last allowed call passes, the next is refused until the hour is over."""
    wire = Wire(hourly_limit=2)
    left = [wire.get("/rest/v1.0/me").header("X-Rate-Limit-Remaining") for _ in range(2)]
    assert left == ["1", "0"]
    answer = wire.get("/rest/v1.0/me")
    assert answer.status == 429
    assert answer.header("Retry-After") is None
    wire.clock.advance(3599)
    assert wire.get("/rest/v1.0/me").status == 429
    wire.clock.advance(1)
    assert wire.get("/rest/v1.0/me").status == 200


def test_reset_header_tells_when_calls_work_again() -> None:
    """Waiting until X-Rate-Limit-Reset is enough."""
    wire = Wire(hourly_limit=1)
    wire.get("/rest/v1.0/me")
    answer = wire.get("/rest/v1.0/me")
    reset = int(answer.header("X-Rate-Limit-Reset") or 0)
    wire.clock.advance(reset - wire.clock.now().timestamp())
    assert wire.get("/rest/v1.0/me").status == 200


def test_headers_describe_the_nearer_window() -> None:
    """The spike window while it is tighter, the hour once that is nearly used up."""
    wire = Wire(hourly_limit=5, spike_limit=3)
    limits = []
    for _ in range(5):
        limits.append(wire.get("/rest/v1.0/me").header("X-Rate-Limit-Limit"))
        wire.clock.advance(10)
    assert limits == ["3", "3", "5", "5", "5"]


def test_spike_limit_boundary() -> None:
    """The window of ten seconds opens again after ten seconds."""
    wire = Wire(spike_limit=1)
    assert wire.get("/rest/v1.0/me").status == 200
    wire.clock.advance(9)
    assert wire.get("/rest/v1.0/me").status == 429
    wire.clock.advance(1)
    assert wire.get("/rest/v1.0/me").status == 200


def test_retry_after_is_a_switch() -> None:
    """Where 429 carries Retry-After, it names the seconds until the reset."""
    wire = Wire(spike_limit=1, switches=Switches(retry_after_on_429=True))
    wire.get("/rest/v1.0/me")
    wire.clock.advance(4)
    assert wire.get("/rest/v1.0/me").header("Retry-After") == "6"


def test_failed_calls_count(wire: Wire) -> None:
    """A refused call uses up the limit and carries the headers."""
    before = int(wire.get("/rest/v1.0/me").header("X-Rate-Limit-Remaining") or 0)
    wire.token = "unknown"
    answer = wire.get("/rest/v1.0/me")
    assert answer.status == 401
    assert int(answer.header("X-Rate-Limit-Remaining") or 0) == before - 1


def test_logins_do_not_count(wire: Wire) -> None:
    """The login host has no limit here."""
    assert wire.grant("client_credentials").header("X-Rate-Limit-Limit") is None


# paging ---------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 25), size=st.integers(1, 8))
def test_paging_returns_every_record_exactly_once(count: int, size: int) -> None:
    """Following next visits each record once, in the same order as one big page."""
    wire = Wire()
    made = [wire.fake.add_vendor(name=f"V{n}")["id"] for n in range(count)]
    path = "/rest/v1.0/vendors"
    rows = wire.walk(path, company_id=wire.company, per_page=size, view="compact")
    assert [row["id"] for row in rows] == made


def test_link_relations(wire: Wire) -> None:
    """First and prev behind the first page, next and last before the last; filters are kept."""
    for n in range(5):
        wire.fake.add_vendor(name=f"V{n}")

    def links(page: int) -> list[str]:
        query = {"company_id": wire.company, "per_page": 2, "page": page, "filters[search]": "V"}
        answer = wire.get("/rest/v1.0/vendors", **query)
        assert (answer.header("Total"), answer.header("Per-Page")) == ("5", "2")
        link = answer.header("Link") or ""
        assert link.count("filters%5Bsearch%5D=V") == link.count("rel=")
        return re.findall('rel="([a-z]+)"', link)

    assert links(1) == ["next", "last"]
    assert links(2) == ["first", "prev", "next", "last"]
    assert links(3) == ["first", "prev"]


def test_single_page_has_no_links(wire: Wire) -> None:
    """An empty list is one page."""
    answer = wire.get("/rest/v1.0/vendors", company_id=wire.company)
    assert (answer.json(), answer.header("Link"), answer.header("Total")) == ([], None, "0")


def test_page_sizes(wire: Wire) -> None:
    """Default by switch; beyond the limit the page is cut to 2,000, or to 300 for v1.1."""
    wire.fake.switches.default_page_size = 7

    def size(path: str, **query: int) -> str | None:
        return wire.get(path, company_id=wire.company, **query).header("Per-Page")

    assert size("/rest/v1.0/vendors") == "7"
    assert size("/rest/v1.0/vendors", per_page=2000) == "2000"
    assert size("/rest/v1.0/vendors", per_page=2001) == "2000"
    assert size("/rest/v1.1/projects") == "100"
    assert size("/rest/v1.1/projects", per_page=300) == "300"
    assert size("/rest/v1.1/projects", per_page=301) == "300"


@pytest.mark.parametrize("value", ["0", "x", "-1", "9" * 20])
def test_impossible_pages_are_refused(wire: Wire, value: str) -> None:
    """A page is a positive number."""
    for name in ("page", "per_page"):
        query = {"company_id": wire.company, name: value}
        assert wire.get("/rest/v1.0/vendors", **query).status == 400


# faces ----------------------------------------------------------------------------------------


def test_transports_end_in_the_fake(wire: Wire) -> None:
    """Both in-process transports answer, and refuse once they are closed."""
    request = Request(method="GET", url=f"{API}/rest/v1.0/me", headers=wire.headers())
    transport = wire.fake.transport()
    assert isinstance(transport, Transport)
    assert transport.send(request).status == 200
    transport.close()
    transport.close()
    with pytest.raises(NotSentError):
        transport.send(request)

    async def run() -> int:
        twin = wire.fake.async_transport()
        assert isinstance(twin, AsyncTransport)
        status = (await twin.send(request)).status
        await twin.close()
        with pytest.raises(NotSentError):
            await twin.send(request)
        return status

    assert asyncio.run(run()) == 200


def test_calls_are_recorded_without_secrets(wire: Wire) -> None:
    """Method, path, status and counts are kept; codes and secrets are not."""
    wire.fake.add_user(name="Ann", login="ann@example.com")
    wire.get("/oauth/authorize", code="hidden", client_secret="hidden", client_id="x")
    wire.sync("vendors", [{"name": "A"}, {"id": 1}])
    login, bulk = wire.fake.calls[-2:]
    assert "hidden" not in repr(wire.fake.calls)
    assert login.query == (("client_id", "x"),)
    assert (bulk.method, bulk.path, bulk.status) == ("PATCH", "/rest/v1.0/vendors/sync", 200)
    assert (bulk.items_sent, bulk.items_answered, bulk.items_refused) == (2, 1, 1)


def test_repr_holds_no_secret(wire: Wire) -> None:
    """The fake shows its company only."""
    assert repr(wire.fake) == f"<FakeProcore company {wire.company}>"
    assert wire.fake.client_secret not in repr(wire.fake)


def test_state_is_json_and_the_same_in_every_run() -> None:
    """Two runs of the same calls hold byte for byte the same."""

    def run() -> str:
        wire = Wire()
        wire.vendor(name="A")
        project = wire.project(name="P", latitude=1.5, custom_field_7=2.5).json()["id"]
        wire.sync("cost_codes", [{"code": "01", "name": "x"}], project_id=project)
        return json.dumps(wire.fake.state())

    assert run() == run()
    assert '"2.5"' in run()


def test_system_clock_by_default() -> None:
    """Without a clock the fake works in real time."""
    fake = FakeProcore()
    app = {"client_id": fake.client_id, "client_secret": fake.client_secret}
    content = urlencode({"grant_type": "client_credentials", **app}).encode()
    request = Request(method="POST", url=f"{API}/oauth/token", content=content)
    assert fake.handle(request).status == 200


# who may see what -----------------------------------------------------------------------------


def test_service_account_sees_permitted_projects_only() -> None:
    """Without admin rights the list holds what was permitted, and forbidding takes it away."""
    wire = Wire(company_admin=False)
    seen = wire.fake.add_project(name="Seen")["id"]
    unseen = wire.fake.add_project(name="Unseen", permit=False)["id"]
    assert [row["id"] for row in wire.projects()] == [seen]
    path = f"/rest/v1.0/companies/{wire.company}/projects"
    assert [row["id"] for row in wire.get(path).json()] == [seen]
    wire.fake.permit(unseen)
    wire.fake.forbid(seen)
    assert [row["id"] for row in wire.projects(version="v1.1")] == [unseen]


def test_created_project_must_be_permitted_afterwards() -> None:
    """Future projects must be added to the list of a service account."""
    wire = Wire(company_admin=False)
    project = wire.project(name="New").json()["id"]
    assert wire.projects() == []
    assert wire.get("/rest/v1.0/cost_codes", project_id=project).status == 404
    wire.fake.permit(project)
    assert wire.get("/rest/v1.0/cost_codes", project_id=project).status == 200


def test_invisible_project_is_404_or_403() -> None:
    """404 hides it by default; the switch selects the other documented answer."""
    wire = Wire(company_admin=False)
    hidden = wire.fake.add_project(name="Hidden", permit=False)["id"]
    path = f"/rest/v1.0/projects/{hidden}"
    assert wire.get(path, company_id=wire.company).status == 404
    wire.fake.switches.invisible_project_status = 403
    assert wire.get(path, company_id=wire.company).status == 403


def test_admin_rights_can_change(wire: Wire) -> None:
    """A company admin sees everything, until the right is withdrawn."""
    wire.fake.add_project(name="P", permit=False)
    assert len(wire.projects()) == 1
    wire.fake.set_company_admin(admin=False)
    assert wire.projects() == []


def test_people_have_projects_of_their_own(wire: Wire) -> None:
    """Permission is given to one account."""
    project = wire.fake.add_project(name="P")["id"]
    person = as_person(wire, admin=False)
    assert wire.projects() == []
    wire.fake.permit(project, user_id=person)
    assert len(wire.projects()) == 1
    assert [user["login"] for user in wire.fake.users][1] == "ann@example.com"


def test_disabled_tool_is_403(wire: Wire) -> None:
    """A tool that is off in a project is refused there, and nowhere else."""
    on, off = (wire.fake.add_project(name=name)["id"] for name in ("On", "Off"))
    wire.fake.disable_tool(off, "cost_codes")
    answer = wire.get("/rest/v1.0/cost_codes", project_id=off)
    assert answer.status == 403
    assert "Sufficient Access" in answer.json()["message"]
    assert wire.get("/rest/v1.0/cost_codes", project_id=on).status == 200
    wire.fake.enable_tool(off, "cost_codes")
    assert wire.get("/rest/v1.0/cost_codes", project_id=off).status == 200


# reads behind writes ---------------------------------------------------------------------------


def test_reads_trail_writes() -> None:
    """Lists and single reads show the world as it was; writes know the truth."""
    wire = Wire(switches=Switches(read_lag_seconds=5))
    made = wire.vendor(name="Old", origin_id="v:1").json()["id"]
    path = f"/rest/v1.0/vendors/{made}"
    assert wire.vendors() == []
    assert wire.get(path, company_id=wire.company).status == 404
    assert wire.vendor(name="Other", origin_id="v:1").status == 422
    wire.clock.advance(5)
    assert wire.vendors()[0]["name"] == "Old"
    wire.vendor(made, name="New")
    assert wire.vendors()[0]["name"] == "Old"
    wire.clock.advance(5)
    assert wire.vendors()[0]["name"] == "New"


def test_arranged_records_are_seen_at_once() -> None:
    """The lag is for writes over the wire; a change to an arranged record lags, too."""
    wire = Wire(switches=Switches(read_lag_seconds=5))
    made = wire.fake.add_vendor(name="Old")["id"]
    assert wire.vendors()[0]["name"] == "Old"
    wire.vendor(made, name="New")
    assert wire.vendors()[0]["name"] == "Old"
    wire.clock.advance(4)
    assert wire.vendors()[0]["name"] == "Old"
    wire.clock.advance(1)
    assert wire.vendors()[0]["name"] == "New"
