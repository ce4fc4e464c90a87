"""The client and its asynchronous twin, against a scripted server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from procore_spectrum.errors import (
    ConfigurationError,
    IncompleteReadError,
    OutcomeUnknownError,
    PagingLoopError,
    RefusedError,
    UnavailableError,
    UnreadableReplyError,
)
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.client import AsyncProcoreClient, ProcoreClient
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.retry import RetryPolicy

JSON = (("Content-Type", "application/json"),)
START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


class InstantClock:
    """Waits by moving its hands."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        """The time on its face."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.time += timedelta(seconds=seconds)

    async def asleep(self, seconds: float) -> None:
        """Move on at once."""
        self.sleep(seconds)


@attrs.define
class Api:
    """Answers token requests, and the others with a function."""

    answers: Callable[[Request], Response]
    seen: list[Request] = attrs.field(factory=list)
    closed: int = 0

    def send(self, request: Request) -> Response:
        """Answer one request."""
        if request.url.endswith("/oauth/token"):
            return answer({"access_token": "t0ken", "expires_in": 5400})
        self.seen.append(request)
        return self.answers(request)

    def close(self) -> None:
        """Count how often it is closed."""
        self.closed += 1


class AsyncApi:
    """The asynchronous face of an API."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def send(self, request: Request) -> Response:
        """Answer one request."""
        return self.api.send(request)

    async def close(self) -> None:
        """Count how often it is closed."""
        self.api.close()


def answer(body: object, status: int = 200, *headers: tuple[str, str]) -> Response:
    """An answer in JSON."""
    return Response(status=status, headers=(*JSON, *headers), content=json.dumps(body).encode())


def client(answers: Callable[[Request], Response], **options: Any) -> tuple[ProcoreClient, Api]:
    """A client of an API that answers so."""
    api = Api(answers)
    settings = {"company_id": 598134325658789, "client_id": "id", "client_secret": "s3cret"}
    return ProcoreClient(**{**settings, **options}, transport=api, clock=InstantClock()), api


def get(name: str = "x", **changes: Any) -> Call[Any]:
    """A small call, a read unless the changes say otherwise."""
    parts: dict[str, Any] = {"path": "/rest/v1.0/x", "parse": lambda value, _: value, **changes}
    return Call(name=name, **parts)


def listing(**changes: Any) -> PagedCall[Any]:
    """A small listing."""
    call: PagedCall[Any] = PagedCall(name="list", path="/l", parse=lambda value, _: value)
    return attrs.evolve(call, **changes)


def test_a_call_becomes_a_request() -> None:
    """Address, query, headers and body are as the API wants them."""
    connection, api = client(lambda _: answer({"id": 1}), base_url="https://sandbox.procore.com/")
    call = get(method="POST", query=(("filters[id][]", "1"), ("q", "a&b")), body={"a": 1})
    assert connection.send(call) == {"id": 1}
    request = api.seen[0]
    assert request.method == "POST"
    assert request.url == (
        "https://sandbox.procore.com/rest/v1.0/x?filters%5Bid%5D%5B%5D=1&q=a%26b"
    )
    assert request.header("authorization") == "Bearer t0ken"
    assert request.header("procore-company-id") == "598134325658789"
    assert request.header("content-type") == "application/json"
    assert request.content == b'{"a":1}'


def test_the_company_header_can_be_left_out_for_a_person_only() -> None:
    """With client credentials it is needed everywhere."""
    connection, api = client(lambda _: answer({}))
    connection.send(get(needs_company=False))
    assert api.seen[0].header("procore-company-id") is not None
    person, api = client(lambda _: answer({}), grant="authorization_code")
    person.redeem_code("code")
    person.send(get(needs_company=False))
    assert api.seen[0].header("procore-company-id") is None


def test_a_passing_failure_is_repeated() -> None:
    """The retry policy is obeyed; each attempt is counted."""
    replies = [answer({}, 503), answer("fine")]
    connection, _ = client(lambda _: replies.pop(0))
    assert connection.send(get()) == "fine"
    assert connection.requests_sent == 3


def test_trying_ends_with_our_error() -> None:
    """After the last attempt the answer is judged."""
    connection, api = client(lambda _: answer({}, 503), retry=RetryPolicy(attempts=2))
    with pytest.raises(UnavailableError):
        connection.send(get())
    assert len(api.seen) == 2


def test_a_write_in_doubt_is_sent_once() -> None:
    """A failure of the server leaves its outcome unknown."""
    connection, api = client(lambda _: answer({}, 502))
    with pytest.raises(OutcomeUnknownError):
        connection.send(get(method="POST"))
    assert len(api.seen) == 1


def test_a_refusal_holds_its_reasons() -> None:
    """Fields and messages come out of the error."""
    connection, _ = client(lambda _: answer({"errors": {"name": ["is blank"]}}, 422))
    with pytest.raises(RefusedError) as caught:
        connection.send(get(method="POST"))
    assert [(v.path, v.message) for v in caught.value.violations] == [("name", "is blank")]


def failing(error: BaseException) -> Callable[[Any, Response], Any]:
    """A parser that fails so."""

    def parse(_: Any, __: Response) -> Any:
        raise error

    return parse


@pytest.mark.parametrize(
    "error",
    [
        KeyError("id"),
        TypeError(),
        ValueError("x"),
        AttributeError(),
        ZeroDivisionError(),
        ExceptionGroup("several", [ValueError("x")]),
        UnreadableReplyError("x"),
    ],
)
def test_a_wrong_shape_is_our_error(error: BaseException) -> None:
    """No foreign exception leaves; for a write the outcome is unknown."""
    connection, _ = client(lambda _: answer({}))
    with pytest.raises(UnreadableReplyError):
        connection.send(get(parse=failing(error)))
    with pytest.raises(OutcomeUnknownError):
        connection.send(get(parse=failing(error), method="POST"))


def test_the_rate_budget_is_shared_by_all_calls() -> None:
    """After an answer that leaves nothing, the next call waits for the reset."""
    clock = InstantClock()
    times: list[datetime] = []

    def limited(_: Request) -> Response:
        times.append(clock.now())
        reset = str(int(clock.now().timestamp()) + 8)
        return answer({}, 200, ("X-Rate-Limit-Remaining", "0"), ("X-Rate-Limit-Reset", reset))

    connection = ProcoreClient(
        company_id=1, client_id="i", client_secret="s", transport=Api(limited), clock=clock
    )
    connection.send(get())
    connection.send(get())
    assert times[1] - times[0] == timedelta(seconds=8)


def paged(pages: dict[str, Response]) -> Callable[[Request], Response]:
    """Answer by the page number in the address."""
    return lambda request: pages[request.url.split("page=")[1].split("&")[0]]


THREE = {
    "1": answer([1, 2], 200, ("Link", '</l?page=2>; rel="next"'), ("Total", "5")),
    "2": answer([3, 4], 200, ("Link", '</l?page=3>; rel="next", </l?page=1>; rel="first"')),
    "3": answer([5], 200, ("Total", "5")),
}


def test_all_pages_are_read() -> None:
    """The records of all pages come in order; the token goes with each."""
    connection, api = client(paged(THREE))
    assert connection.send_all(listing()) == [1, 2, 3, 4, 5]
    assert all(request.header("authorization") for request in api.seen)
    assert len(api.seen) == 3


def test_pages_are_read_as_they_are_wanted() -> None:
    """Nothing is read ahead."""
    connection, api = client(paged(THREE))
    assert next(connection.pages(listing())) == [1, 2]
    assert len(api.seen) == 1


def test_the_page_size_can_be_lowered() -> None:
    """The client's setting reaches the address."""
    connection, api = client(lambda _: answer([]), per_page=7)
    connection.send_all(listing(per_page=100))
    assert api.seen[0].url.endswith("?page=1&per_page=7")


def nothing(_: Any, __: Response) -> list[Any]:
    """A parser that drops all rows, as a filter may."""
    return []


def test_a_listing_that_is_short_of_its_total_is_refused() -> None:
    """Absence is believed only after a complete listing, in either envelope."""
    for body in ([1], {"data": [1]}):
        connection, _ = client(lambda _, body=body: answer(body, 200, ("Total", "2")))
        with pytest.raises(IncompleteReadError, match="1 of 2"):
            connection.send_all(listing(parse=nothing))


@pytest.mark.parametrize("total", ["1", "0", "many", "", "²"])
def test_other_totals_do_no_harm(total: str) -> None:
    """A total that is met or unreadable is passed over."""
    connection, _ = client(lambda _: answer([1], 200, ("Total", total)))
    assert connection.send_all(listing()) == [1]


def test_a_listing_of_another_shape_has_no_total() -> None:
    """Rows are only counted where the answer is a list."""
    connection, _ = client(lambda _: answer({"rows": [1]}, 200, ("Total", "9")))
    assert connection.send_all(listing(parse=lambda value, _: value["rows"])) == [1]


def test_a_circle_of_pages_is_an_error() -> None:
    """Reading ends."""
    connection, _ = client(lambda _: answer([1], 200, ("Link", "</l?page=2>; rel=next")))
    with pytest.raises(PagingLoopError):
        connection.send_all(listing())


def test_a_token_is_never_sent_elsewhere() -> None:
    """A next page on another host is refused before anything is sent."""
    link = ("Link", '<https://evil.example.com/>; rel="next"')
    connection, api = client(lambda _: answer([1], 200, link))
    with pytest.raises(UnreadableReplyError):
        connection.send_all(listing())
    assert len(api.seen) == 1


def test_a_finished_listing_reads_nothing_more() -> None:
    """Reading past the end gives nothing and sends nothing."""
    connection, api = client(lambda _: answer([1]))
    reader = connection._session.listing(listing())
    assert connection._driver.run(reader.read()) == [1]
    assert connection._driver.run(reader.read()) == []
    assert len(api.seen) == 1


def test_the_twin_does_the_same() -> None:
    """Calls, pages, codes, token info and revocation work in the asynchronous client."""

    def answers(request: Request) -> Response:
        if "/oauth/" in request.url:
            return answer({"scopes": None})
        return paged(THREE)(request) if "page=" in request.url else answer("pong")

    async def use() -> tuple[Any, ...]:
        api = Api(answers)
        async with AsyncProcoreClient(
            company_id=1,
            client_id="i",
            client_secret="s",
            grant="authorization_code",
            transport=AsyncApi(api),
            clock=InstantClock(),
        ) as twin:
            await twin.redeem_code("code")
            pong = await twin.send(get())
            records = await twin.send_all(listing())
            info = await twin.token_info()
            await twin.revoke_token()
            return pong, records, info.scopes, twin.requests_sent

    assert asyncio.run(use()) == ("pong", [1, 2, 3, 4, 5], (), 7)


def test_a_transport_of_the_caller_stays_open() -> None:
    """Whoever made it closes it."""
    connection, api = client(lambda _: answer({}))
    with connection:
        pass
    assert api.closed == 0


def test_a_transport_of_its_own_is_closed() -> None:
    """Without one given, each client makes its own and closes it."""

    async def use_twin() -> None:
        async with AsyncProcoreClient(company_id=1, client_id="i", client_secret="s") as twin:
            transports.append(twin._driver.transport)

    with ProcoreClient(company_id=1, client_id="i", client_secret="s") as connection:
        transports: list[Any] = [connection._driver.transport]
    asyncio.run(use_twin())
    for transport in transports:
        with pytest.raises(ConfigurationError, match="closed"):
            transport._rules.prepare(Request(method="GET", url="x"), closed=transport._closed)


def test_no_secret_is_shown() -> None:
    """Neither the client nor its parts print credentials."""
    connection, _ = client(lambda _: answer({}))
    connection.send(get())
    shown = repr(connection) + repr(connection._session) + repr(connection._oauth.app)
    assert "s3cret" not in shown
    assert "t0ken" not in shown
    assert "598134325658789" in shown
    assert connection.company_id == 598134325658789


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company_id", 0),
        ("company_id", -1),
        ("company_id", 2**63),
        ("company_id", True),
        ("company_id", "1"),
        ("client_id", ""),
        ("client_secret", "s3cret\n"),
        ("per_page", 0),
        ("base_url", "api.procore.com"),
        ("base_url", "https://"),
        ("base_url", "https://u:p@api.procore.com"),
        ("base_url", "https://api.procore.com?x=1"),
        ("base_url", "https://[x"),
        ("login_url", "ftp://login.procore.com"),
        ("login_url", "https://login.procore.com:port"),
    ],
)
def test_settings_are_checked(name: str, value: object) -> None:
    """The error names the setting, not a secret."""
    with pytest.raises(ConfigurationError) as caught:
        client(lambda _: answer({}), **{name: value})
    assert caught.value.path == name
    assert "s3cret" not in str(caught.value)
