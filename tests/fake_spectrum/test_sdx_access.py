"""Authorization IDs, companies, GUID groups, access tokens, and what is recorded of calls."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Literal
from urllib.parse import urlencode

import pytest
from sdx_wire import AUTH, HOST, SteppingClock, call, get, put

from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches
from procore_spectrum.wire.messages import Request, Response

NOT_SET_UP = "The Web Service is not authorized. Authorization ID is not setup in the system."


def test_unknown_authorization_id_is_refused_with_the_known_text() -> None:
    """Code A, the documented sentence, the column of the id; nothing is added."""
    fake = FakeSpectrum()
    text = call(fake, "AddVendor", Authorization_ID="nobody").content.decode()
    assert f"<desc>{NOT_SET_UP}</desc>" in text
    assert put(fake, "AddVendor", Authorization_ID="nobody") == [("A", "Authorization_ID")]


def test_refused_get_has_the_put_form_by_default() -> None:
    """Small letters, no wrapper."""
    content = call(FakeSpectrum(), "GetJob", Authorization_ID="nobody").content
    assert b"<returnData>\r\n<response><error_code>A</error_code>" in content
    assert b"<getJob>" not in content


def test_refused_get_may_be_a_row() -> None:
    """The switch puts the refusal into a row whose other elements are blanks."""
    fake = FakeSpectrum(switches=Switches(refused_get="row"))
    (row,) = get(fake, "GetJob", Authorization_ID="nobody")
    assert row["Error_Code"] == "A"
    assert row["Error_Description"] == NOT_SET_UP
    assert row["Job_Number"] == " "


def test_permission_is_per_service() -> None:
    """One service permitted, another not."""
    fake = FakeSpectrum()
    fake.authorize("READER", services=["GetJob"])
    fake.add_job(Job_Number="1")
    assert len(get(fake, "GetJob", Authorization_ID="READER")) == 1
    (row,) = get(fake, "GetPhase", Authorization_ID="READER")
    assert (row["error_code"], row["column"]) == ("A", "Authorization_ID")


def test_permission_is_per_company() -> None:
    """A company that exists and is not permitted, and one that does not exist."""
    fake = FakeSpectrum()
    fake.add_company("XYZ")
    fake.authorize("LIMITED", companies=["XYZ"])
    fake.add_job(Job_Number="9", Company_Code="XYZ")
    limited = {"Authorization_ID": "LIMITED"}
    assert len(get(fake, "GetJob", **limited, pCompany_Code="XYZ")) == 1
    for company in ("ABC", "NON"):
        (row,) = get(fake, "GetJob", **limited, pCompany_Code=company)
        assert (row["error_code"], row["column"]) == ("A", "pCompany_Code")


def test_blank_company_defaults_only_where_the_layout_says_so() -> None:
    """GetJob and UpdateVendor take the id's company; GetPhase and AddVendor demand one."""
    fake = FakeSpectrum()
    fake.add_company("XYZ")
    fake.authorize("LIMITED", companies=["XYZ"])
    fake.add_job(Job_Number="9", Company_Code="XYZ")
    limited = {"Authorization_ID": "LIMITED"}
    assert get(fake, "GetJob", **limited, pCompany_Code="")[0]["Company_Code"] == "XYZ"
    (row,) = get(fake, "GetPhase", **limited, pCompany_Code="")
    assert (row["error_code"], row["column"]) == ("M", "pCompany_Code")
    assert ("M", "Company_Code") in put(fake, "AddVendor", **limited, Company_Code="")
    found = put(fake, "UpdateVendor", **limited, Company_Code="", Vendor_Code="NONE")
    assert found == [("I", "Vendor_Code")]


def guid_codes(fake: FakeSpectrum, service: str, guid: str, who: str = AUTH) -> list[str]:
    """The error codes of a call with a GUID."""
    rows = get(fake, service, GUID=guid, Authorization_ID=who)
    return [f"{row['error_code']} {row['desc']}" for row in rows if "error_code" in row]


@pytest.mark.parametrize(("hours", "codes"), [(23.99, []), (24, ["A Time out has occurred"])])
def test_guid_times_out_after_24_hours_without_use(hours: float, codes: list[str]) -> None:
    """Just before it is still good; from then on it is not."""
    clock = SteppingClock()
    fake = FakeSpectrum(clock=clock)
    assert guid_codes(fake, "GetJob", "group") == []
    clock.move(hours=hours)
    assert guid_codes(fake, "GetJob", "group") == codes


def test_use_keeps_a_guid_alive_and_a_dead_one_stays_dead() -> None:
    """Each use starts the 24 hours again, until they have passed once."""
    clock = SteppingClock()
    fake = FakeSpectrum(clock=clock)
    for _ in range(4):
        assert guid_codes(fake, "GetJob", "group") == []
        clock.move(hours=20)
    clock.move(hours=20)
    assert guid_codes(fake, "GetJob", "group")
    assert guid_codes(fake, "GetJob", "group")


def test_guid_belongs_to_one_authorization_id_per_service() -> None:
    """Another id may not use it on the same service; the same id may on another service."""
    fake = FakeSpectrum()
    fake.authorize("OTHER")
    assert guid_codes(fake, "GetJob", "group") == []
    assert guid_codes(fake, "GetJob", "group", "OTHER")[0].startswith("A ")
    assert guid_codes(fake, "GetPhase", "group") == []
    assert guid_codes(fake, "GetJobMain", "group", "OTHER") == []
    assert guid_codes(fake, "GetJob", "") == []


def test_calls_are_recorded_without_secrets() -> None:
    """Name, parameters, rows and time; never the Authorization ID."""
    clock = SteppingClock()
    fake = FakeSpectrum(clock=clock, client_id="me", client_secret="hush")
    token(fake)
    fake = FakeSpectrum(clock=clock)
    fake.add_job(Job_Number="1")
    get(fake, "GetJob", pStatus_Code="A")
    (record,) = fake.calls
    assert (record.service, record.rows, record.at) == ("GetJob", 1, clock.now())
    assert record.parameters["pStatus_Code"] == "A"
    assert AUTH not in repr(fake.calls)


# ---------------------------------------------------------------- enhanced authentication

CREDENTIALS = {
    "client_id": "me",
    "client_secret": "hush",
    "scope": "spectrumapi",
    "grant_type": "client_credentials",
}


def token(fake: FakeSpectrum, path: str = "connect/token", **changes: str) -> Response:
    """Ask for a token or a new secret with a form."""
    return fake.handle(
        Request(
            method="POST",
            url=f"{HOST}/{path}",
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            content=urlencode({**CREDENTIALS, **changes}).encode(),
        )
    )


def vendors(fake: FakeSpectrum, bearer: str, query: str = "") -> Response:
    """List vendors with a bearer token."""
    headers = (("Authorization", bearer),)
    url = f"{HOST}/vendors/ABC{query}"
    return fake.handle(Request(method="GET", url=url, headers=headers))


def test_token_is_needed_and_expires() -> None:
    """SOAP and REST both want it; it is good until its last second."""
    clock = SteppingClock()
    fake = FakeSpectrum(clock=clock, client_id="me", client_secret="hush")
    assert call(fake, "GetJob").status == 401
    answer = token(fake).json()
    assert answer["token_type"] == "Bearer"
    assert answer["scope"] == "spectrumapi"
    assert answer["expires_in"] == 3600
    bearer = f"Bearer {answer['access_token']}"
    query = f"?Authorization_ID={AUTH}"
    clock.move(seconds=3599)
    assert vendors(fake, bearer, query).status == 200
    assert vendors(fake, bearer).status == 401
    clock.move(seconds=1)
    assert vendors(fake, bearer, query).status == 401


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
def test_token_request_must_be_right_in_every_field(name: str) -> None:
    """Id, secret, scope and grant type are all checked."""
    fake = FakeSpectrum(client_id="me", client_secret="hush")
    assert token(fake, **{name: "wrong"}).status == 400


@pytest.mark.parametrize(
    ("encoding", "as_json", "status"),
    [
        ("form", False, 200),
        ("form", True, 400),
        ("json", True, 200),
        ("json", False, 400),
        ("both", True, 200),
        ("both", False, 200),
    ],
)
def test_encoding_of_the_token_request_is_a_switch(
    encoding: Literal["form", "json", "both"], *, as_json: bool, status: int
) -> None:
    """Form by default, JSON or both by a switch."""
    fake = FakeSpectrum(client_id="me", client_secret="hush")
    fake.switches = Switches(request_encoding=encoding)
    content = json.dumps(CREDENTIALS) if as_json else urlencode(CREDENTIALS)
    kind = "application/json; charset=utf-8" if as_json else "application/x-www-form-urlencoded"
    request = Request(
        method="POST",
        url=f"{HOST}/connect/token",
        headers=(("Content-Type", kind),),
        content=content.encode(),
    )
    assert fake.handle(request).status == status


@pytest.mark.parametrize("content", [b"\xff", b"{", b"[]"])
def test_garbage_is_no_token_request(content: bytes) -> None:
    """An unreadable body is refused like wrong credentials."""
    fake = FakeSpectrum(client_id="me", client_secret="hush")
    fake.switches = Switches(request_encoding="json")
    headers = (("Content-Type", "application/json"),)
    request = Request(method="POST", url=f"{HOST}/connect/token", headers=headers, content=content)
    assert fake.handle(request).status == 400


def test_rotated_secret_replaces_the_old_one() -> None:
    """The old secret is void at once; the new one works."""
    fake = FakeSpectrum(clock=SteppingClock(), client_id="me", client_secret="hush")
    answer = token(fake, "secretRotation").json()
    assert answer["estimated_expiration"].startswith("2026-05-05")
    assert token(fake).status == 400
    assert token(fake, client_secret=answer["client_secret"]).status == 200


def test_rotation_may_be_forbidden() -> None:
    """Only with self-rotation ticked."""
    fake = FakeSpectrum(client_id="me", client_secret="hush")
    fake.switches = Switches(allow_self_rotation=False)
    assert token(fake, "secretRotation").status == 400


# ---------------------------------------------------------------- REST vendors


def listing(
    fake: FakeSpectrum, query: str = "", user: str = "ABC", password: str = AUTH
) -> Response:
    """List vendors with Basic credentials."""
    basic = b64encode(f"{user}:{password}".encode()).decode()
    return vendors(fake, f"Basic {basic}", query)


def with_vendors() -> FakeSpectrum:
    """Three vendors, one of them inactive."""
    fake = FakeSpectrum()
    fake.add_vendor(
        Vendor_Code="ACME",
        Vendor_Name="Acmé & Co",
        Type="SUB",
        City="Reno",
        State="NV",
        Contact_Name="Ana de Vega",
        Contact_Phone="5095550101",
        Vendor_Email="a@acme.example",
        Our_Account_Number="77",
        Terms_Days="30",
        Terms_Disc_Percent="10.25",
    )
    fake.add_vendor(Vendor_Code="BETA", Vendor_Name="Beta", City="Boise", State="ID")
    fake.add_vendor(Vendor_Code="GONE", Vendor_Name="Gone", Status="I")
    return fake


def test_vendors_lists_the_active_ones_with_every_column() -> None:
    """Code order, names of the listing, primary contact split, numbers as numbers."""
    response = listing(with_vendors())
    assert response.media_type == "application/json"
    first, second = response.json()
    assert [first["Vendor_Code"], second["Vendor_Code"]] == ["ACME", "BETA"]
    assert first["Name"] == "Acmé & Co"
    assert (first["First_Name"], first["Last_Name"]) == ("Ana", "de Vega")
    assert (first["Phone_Number"], first["Email"]) == ("5095550101", "a@acme.example")
    assert first["Account_Reference"] == "77"
    assert (first["Payment_Term_Days"], str(first["Discount_Percent"])) == (30, "10.25")
    assert second["Discount_Term_Days"] == 0
    assert {"Purchase_City", "Payment_Zip"} <= first.keys()
    assert not {"Status", "Alpha_Sort", "Fed_Id_Number"} & first.keys()


def test_vendors_may_come_in_an_object() -> None:
    """The envelope is unknown, so it is a switch."""
    fake = with_vendors()
    fake.switches = Switches(rest_envelope="object")
    assert [row["Vendor_Code"] for row in listing(fake).json()["vendors"]] == ["ACME", "BETA"]


def test_vendors_may_be_capped() -> None:
    """Not by default; by a switch the listing is cut silently."""
    fake = with_vendors()
    fake.switches = Switches(rest_row_cap=1)
    assert len(listing(fake).json()) == 1


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("?pType=SUB", ["ACME"]),
        ("?pCity=Boise", ["BETA"]),
        ("?pState=NV", ["ACME"]),
        ("?pName=Beta", ["BETA"]),
        ("?pState=NV&pCity=Boise", []),
        ("?", ["ACME", "BETA"]),
    ],
)
def test_vendor_filters_need_the_cost_center(query: str, codes: list[str]) -> None:
    """Each filter works with a cost centre, and is refused without."""
    fake = with_vendors()
    response = listing(fake, f"{query}&pCostCenter=ALL")
    assert [row["Vendor_Code"] for row in response.json()] == codes
    bare = listing(fake, query)
    assert bare.status == (200 if query == "?" else 400)


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic ###", f"Basic {b64encode(b'ABC').decode()}", "Basic /w==", "Bearer x"]
    + [f"Basic {b64encode(pair).decode()}" for pair in (b"XYZ:" + AUTH.encode(), b"ABC:wrong")],
)
def test_vendors_need_the_company_and_its_authorization_id(header: str) -> None:
    """Basic with user = company and password = Authorization ID, nothing else."""
    assert vendors(FakeSpectrum(), header).status == 401


def test_vendors_need_permission() -> None:
    """Service and company permissions hold for REST too."""
    fake = FakeSpectrum()
    fake.add_company("XYZ")
    fake.authorize("SOAPONLY", services=["GetJob"])
    fake.authorize("OTHER", companies=["XYZ"])
    assert listing(fake, password="SOAPONLY").status == 401
    assert listing(fake, password="OTHER").json()[0]["error_code"] == "A"
