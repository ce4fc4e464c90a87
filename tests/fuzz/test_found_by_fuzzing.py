"""Inputs that once let a foreign exception out, or would have filled the memory."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from procore_spectrum.cli import doctor
from procore_spectrum.cli.config import load_config
from procore_spectrum.errors import (
    ConfigurationError,
    InvalidValueError,
    NotSentError,
    StoreCorruptError,
    UnreadableReplyError,
)
from procore_spectrum.models import procore
from procore_spectrum.models.about import fields_of
from procore_spectrum.models.spectrum import Vendor
from procore_spectrum.ports import CompanyKey, StoreChange
from procore_spectrum.procore.convert import read_one
from procore_spectrum.procore.oauth import TokenInfo
from procore_spectrum.procore.tokens import FileTokenStore
from procore_spectrum.spectrum.rest import read_rest_reply
from procore_spectrum.spectrum.rows import read_reply
from procore_spectrum.spectrum.sql_queries import TABLES, RowReader, check_select
from procore_spectrum.spectrum.values import read_integer
from procore_spectrum.spectrum.wsdl import read_contract
from procore_spectrum.stores import MemoryStore
from procore_spectrum.stores.columns import day_from_fact
from procore_spectrum.testing import FakeProcore, FaultPlan, fuzz, serve
from procore_spectrum.testing.fake_procore.fields import record_id
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request, Response

BEYOND_DECIMAL = b"1e9999999999999999999"


def test_json_with_an_exponent_beyond_decimal() -> None:
    """The exponent is too large even for Decimal."""
    with pytest.raises(UnreadableReplyError):
        Response(status=200, content=BEYOND_DECIMAL).json()


@pytest.mark.parametrize("value", [BEYOND_DECIMAL, b"9" * 5_000, b"[" * 5_000 + b"]" * 5_000])
def test_absurd_toml(tmp_path: Path, value: bytes) -> None:
    """Numbers that cannot be held, and arrays nested without end, are no configuration."""
    path = tmp_path / "procore-spectrum.toml"
    path.write_bytes(b"a = " + value)
    with pytest.raises(ConfigurationError):
        load_config(str(path), {})


@pytest.mark.parametrize("number", [b"1e999999999", b"0e999999999", b"-1e-999999999"])
def test_a_row_with_a_number_of_absurd_size(number: bytes) -> None:
    """It is refused before it is written out."""
    answer = Response(status=200, content=b'[{"vendor_code":"A","name":%b}]' % number)
    with pytest.raises(UnreadableReplyError, match="sensible size"):
        read_rest_reply(answer, service="GetVendors", model=Vendor)


def test_a_whole_number_of_absurd_length() -> None:
    """Python refuses to read it, and says so with an error of its own."""
    with pytest.raises(InvalidValueError):
        read_integer("9" * 5_000)


def test_a_prefix_that_was_never_declared() -> None:
    """The parser lets such names through; they are no SOAP and no WSDL."""
    with pytest.raises(UnreadableReplyError):
        read_reply(b"<SOAP-ENV:Envelope><a/></SOAP-ENV:Envelope>", service="GetJob")
    with pytest.raises(UnreadableReplyError):
        read_contract("GetJob", b"<wsdl:definitions/>")


def test_a_lifetime_of_absurd_size(tmp_path: Path) -> None:
    """A token that lives for 10**400 seconds is a token."""
    (reader,) = [found for found in fuzz.readers(tmp_path) if found.name == "OAuth answers"]
    token = reader.cases[0].read(b'{"access_token":"a","expires_in":' + b"9" * 400 + b"}")
    assert type(token).__name__ == "Token"


@pytest.mark.parametrize("seconds", [b"1767600000000", b"9" * 30, b"-1e300"])
def test_a_token_that_was_made_in_no_year(tmp_path: Path, seconds: bytes) -> None:
    """A moment beyond the calendar is not told."""
    (reader,) = [found for found in fuzz.readers(tmp_path) if found.name == "OAuth answers"]
    info = reader.cases[1].read(b'{"scopes":["all"],"created_at":' + seconds + b"}")
    assert isinstance(info, TokenInfo)
    assert (info.scopes, info.created_at) == (("all",), None)


def test_a_token_file_with_a_time_before_all_times(tmp_path: Path) -> None:
    """A moment that has no equal in UTC is no token."""
    path = tmp_path / "token.json"
    text = '{"format":1,"access_token":"a","refresh_token":null,"expires_at":"%s"}'
    path.write_text(text % "0001-01-01T00:00:00+14:00", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(StoreCorruptError):
        FileTokenStore(path).load()


def test_a_stall_without_end() -> None:
    """Seconds that fit no float are refused, in both spellings."""
    with pytest.raises(ConfigurationError):
        FaultPlan.from_text("always : stall " + "9" * 400)
    rule = {"fault": {"kind": "stall", "seconds": 10**400}}
    with pytest.raises(ConfigurationError):
        FaultPlan.from_json({"rules": [rule]})


def test_a_fault_plan_that_is_nested_too_deeply() -> None:
    """The sandbox answers that it is no plan, and goes on."""
    transport = HttpxTransport(timeout=5)
    with serve(FakeProcore()) as server:
        url = f"{server.url}/_sandbox/faults"
        request = Request(method="POST", url=url, content=b"[" * 100_000)
        assert transport.send(request).status == 400
        assert transport.send(Request(method="GET", url=url)).status == 200
    transport.close()


@pytest.mark.parametrize("number", ["1e999999999", "-1e-999999999", "0e999999999"])
def test_an_amount_of_procore_of_absurd_size(number: str) -> None:
    """As a whole number, or written out, it would fill the memory."""
    data = Response(status=200, content=b'{"id":1,"value":%b}' % number.encode()).json()
    with pytest.raises(UnreadableReplyError) as caught:
        read_one(procore.LineItemV2, {"id": "1", "position": data["value"]})
    assert "sensible size" in str(caught.value.violations[0])
    with pytest.raises(UnreadableReplyError):
        read_one(procore.LineItemV2, {"id": "1", "position": number})
    field = {"data_type": "decimal", "value": data["value"]}
    with pytest.raises(UnreadableReplyError):
        read_one(procore.CustomFieldValue, field)


def test_a_whole_number_of_a_database_of_absurd_size() -> None:
    """A driver may give a Decimal with any exponent."""
    table = TABLES["job_cost_transactions"]
    fields = fields_of(table.model)
    row = ["ABC" if field.name == "company_code" else Decimal("1e999999999") for field in fields]
    for number, field in enumerate(fields):
        if field.type not in (int, Decimal):
            row[number] = "ABC" if field.type is not date else "2026-01-02"
    with pytest.raises(ConfigurationError, match="cannot be used"):
        RowReader(table, [field.wire for field in fields], "ABC").read(1, row)


@pytest.mark.parametrize("seconds", [b"1e999999999", b"1000000000000", b"9" * 400, b"-1e999999999"])
def test_a_token_of_spectrum_with_an_absurd_lifetime(tmp_path: Path, seconds: bytes) -> None:
    """It is neither written out nor added to a day; a float cannot hold it, or it is a year."""
    (reader,) = [found for found in fuzz.readers(tmp_path) if found.name == "OAuth answers"]
    answer = b'{"access_token":"a","expires_in":' + seconds + b"}"
    try:
        assert reader.cases[-1].read(answer)
    except UnreadableReplyError as error:
        assert error.path == "token"  # noqa: PT017 - a value is as good


def test_a_query_of_absurd_length() -> None:
    """It is not looked through at all: open brackets would take minutes."""
    with pytest.raises(ConfigurationError, match="50,000 characters"):
        check_select("SELECT " + "[" * 100_000, path="spectrum.sql.queries.cost_types")
    longest = "SELECT " + "1" * 49_993
    assert check_select(longest, path="spectrum.sql.queries.cost_types") == longest


@pytest.mark.parametrize("challenge", [b"A", b"AAAAA", b"A==="])
def test_a_mail_server_with_a_garbled_challenge(tmp_path: Path, challenge: bytes) -> None:
    """The standard library lets its own error over base64 out."""
    (reader,) = [found for found in fuzz.readers(tmp_path) if found.name == "mail servers"]
    said = b"220 a\r\n250-a\r\n250 AUTH CRAM-MD5\r\n334 " + challenge + b"\r\n"
    with pytest.raises(NotSentError):
        reader.cases[0].read(said)


def test_a_description_whose_address_is_none(tmp_path: Path) -> None:
    """It cannot be on our server, so that ours is asked."""
    (reader,) = [found for found in fuzz.readers(tmp_path) if found.name == "Spectrum WSDL"]
    content = reader.cases[0].content.replace(b"https://spectrum.test", b"https://[spectrum.test")
    assert content != reader.cases[0].content
    assert reader.cases[0].read(content)


def test_a_fact_that_is_no_day() -> None:
    """Whoever edits the store by hand is told where."""
    store = MemoryStore()
    handle = store.for_company(CompanyKey("1", "ABC"))
    handle.commit(StoreChange(facts={"connected_on": "1 May"}))
    with pytest.raises(StoreCorruptError, match="connected_on"):
        day_from_fact(handle.read_fact("connected_on") or "", "connected_on")


@pytest.mark.parametrize("zone", ["+99999999999999999999", "+9900", "nowhere", ""])
def test_a_server_whose_clock_makes_no_sense(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """The doctor says that the server does not tell the time."""
    told = Response(status=200, headers=(("Date", f"Mon, 05 Jan 2026 08:00:00 {zone}"),))
    monkeypatch.setattr(HttpxTransport, "send", lambda *_: told)
    check = doctor._clock("procore", "https://api.procore.test")
    assert "does not tell the time" in str(check)


def test_a_description_that_asks_for_anything(tmp_path: Path) -> None:
    """An element that may be any has no name to fill."""
    (reader,) = [found for found in fuzz.readers(tmp_path) if found.name == "Spectrum WSDL"]
    case = reader.cases[0]
    content = re.sub(rb"<(\w*:?)sequence>", rb"<\1sequence><\1any/>", case.content)
    assert content != case.content
    with pytest.raises(UnreadableReplyError):
        case.read(content)


def test_a_fault_plan_whose_values_are_nested_too_deeply() -> None:
    """It is refused like any other text."""
    with pytest.raises(ConfigurationError):
        FaultPlan.from_text("always : status " + "[" * 100_000)


@pytest.mark.parametrize("sent", ["9" * 5000, 10**30, "1" * 20, "x", "", None, True])
def test_an_id_that_nobody_has(sent: object) -> None:
    """A fake that is asked for it refuses; it does not fall over the digits."""
    assert record_id(sent) == 0
