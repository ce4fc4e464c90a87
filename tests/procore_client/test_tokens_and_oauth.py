"""Tokens: kept safely, renewed once, and never lost in silence."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from login_server import (
    PING,
    START,
    AsyncLogin,
    InstantClock,
    Login,
    answer,
    client,
    losing,
    old_token,
)

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    StoreError,
    UnavailableError,
    UnreadableReplyError,
)
from procore_spectrum.procore.client import AsyncProcoreClient
from procore_spectrum.procore.oauth import Application
from procore_spectrum.procore.tokens import (
    MemoryTokenStore,
    Token,
)
from procore_spectrum.wire.messages import Request, Response

# ------------------------------------------------------------------------------- OAuth


def test_a_token_is_fetched_once() -> None:
    """Calls share a token while it lives."""
    login = Login()
    connection = client(login)
    assert [connection.send(PING) for _ in range(3)] == ["pong"] * 3
    assert login.token_requests == 1
    assert connection.requests_sent == 4


def test_the_token_request_is_a_form() -> None:
    """Grant and credentials are sent as documented, and only in the body."""
    login = Login()
    client(login).send(PING)
    request = login.requests[0]
    assert (request.method, request.url) == ("POST", "https://login.procore.com/oauth/token")
    assert request.header("content-type") == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["id"],
        "client_secret": ["s3cret"],
    }


def test_the_token_request_may_be_json() -> None:
    """The other encoding is a switch."""
    app = Application(login_url="https://l", client_id="i", client_secret="s", encoding="json")
    request = app.request("/oauth/token", {"grant_type": "x"}, repeatable=False)
    assert request.header("content-type") == "application/json"
    assert json.loads(request.content) == {
        "grant_type": "x",
        "client_id": "i",
        "client_secret": "s",
    }


@pytest.mark.parametrize(
    ("expires_in", "age", "lives"),
    [
        (5400, None, 5340),
        (5400, 600, 4740),
        (5400, -9999, 5340),
        (5400, 99999, 5340),
        (100, None, 90),
        (None, None, 840),
        (0, None, 0),
        (-5, None, 0),
    ],
)
def test_a_token_is_renewed_before_it_expires(
    expires_in: object, age: float | None, lives: float
) -> None:
    """Its life is what the server says, less a margin and the age that it plausibly has."""
    login = Login(expires_in=expires_in)
    login.created_at = None if age is None else int(START.timestamp() - age)
    store = MemoryTokenStore()
    client(login, store=store).send(PING)
    token = store.load()
    assert token is not None
    assert token.expires_at == START + timedelta(seconds=lives)


def test_an_expired_token_is_renewed() -> None:
    """With client credentials a new token is fetched when the old one has ended."""
    login, clock = Login(), InstantClock()
    connection = client(login, clock=clock)
    connection.send(PING)
    clock.sleep(5340)
    connection.send(PING)
    assert login.token_requests == 2


def test_a_token_that_was_revoked_is_renewed_once() -> None:
    """A 401 leads to one new token and one repetition."""
    login = Login()
    connection = client(login)
    connection.send(PING)
    login.valid.clear()
    assert connection.send(PING) == "pong"
    assert login.token_requests == 2


def test_a_token_that_is_never_accepted_is_an_error() -> None:
    """A second 401 is final."""
    login = Login()
    login.spoil = lambda _, response: (login.valid.clear(), response)[1]
    with pytest.raises(AuthenticationError, match="same environment"):
        client(login).send(PING)
    assert login.token_requests == 2


def test_a_refresh_uses_the_new_refresh_token_next_time() -> None:
    """Each refresh token is used once, and the new pair is kept."""
    login, clock, store = Login(), InstantClock(), MemoryTokenStore(old_token())
    connection = client(login, grant="refresh_token", store=store, clock=clock)
    for _ in range(3):
        connection.send(PING)
        clock.sleep(6000)
    assert login.token_requests == 3
    assert store.load() == Token(
        access_token="a3",
        refresh_token="r3",
        expires_at=START + timedelta(seconds=12_000 + 5340),
    )


def test_an_old_refresh_token_stays_if_none_comes_back() -> None:
    """A server that does not rotate leaves the old one valid."""
    login, store = Login(), MemoryTokenStore(old_token())
    login.spoil = lambda _, __: answer(200, {"access_token": "a1", "expires_in": 60})
    client(login, grant="refresh_token", store=store).send(PING)
    token = store.load()
    assert token is not None
    assert token.refresh_token == "r0"


def test_two_threads_refresh_once() -> None:
    """Threads that find the token expired at the same time redeem one refresh token."""
    login, store = Login(), MemoryTokenStore(old_token())
    both = threading.Barrier(2)
    login.pause = lambda: threading.Event().wait(0.02) and None
    connection = client(login, grant="refresh_token", store=store)
    results: list[object] = []

    def call() -> None:
        both.wait()
        results.append(connection.send(PING))

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["pong", "pong"]
    assert login.token_requests == 1


def test_many_tasks_refresh_once() -> None:
    """The same holds for tasks of the asynchronous twin."""
    login = Login()

    async def calls() -> list[object]:
        connection = AsyncProcoreClient(
            company_id=1,
            client_id="id",
            client_secret="s3cret",
            grant="refresh_token",
            token_store=MemoryTokenStore(old_token()),
            transport=AsyncLogin(login),
            clock=InstantClock(),
        )
        async with connection:
            return await asyncio.gather(*(connection.send(PING) for _ in range(8)))

    assert asyncio.run(calls()) == ["pong"] * 8
    assert login.token_requests == 1


def test_two_clients_of_one_store_refresh_once() -> None:
    """What another client or process has renewed is used."""
    login, store = Login(), MemoryTokenStore(old_token())
    for _ in range(2):
        client(login, grant="refresh_token", store=store).send(PING)
    assert login.token_requests == 1


def test_the_pair_is_kept_before_it_is_used() -> None:
    """When the new pair cannot be kept, nothing is sent with it, and keeping is tried again."""

    class Full(MemoryTokenStore):
        full = True

        def save(self, token: Token) -> None:
            if self.full:
                raise StoreError("full")
            super().save(token)

    login, store = Login(), Full(old_token())
    connection = client(login, grant="refresh_token", store=store)
    for _ in range(2):
        with pytest.raises(StoreError):
            connection.send(PING)
    assert len(login.requests) == 1
    store.full = False
    assert connection.send(PING) == "pong"
    assert login.token_requests == 1


def test_a_lost_refresh_kills_the_old_token() -> None:
    """When the answer is lost and the old token is dead, a person must authorize again."""
    login = Login(spoil=losing(1))
    connection = client(login, grant="refresh_token", store=MemoryTokenStore(old_token()))
    with pytest.raises(AuthenticationError, match="authorize again"):
        connection.send(PING)
    assert login.token_requests == 2
    assert all("oauth" in request.url for request in login.requests)


def test_a_refresh_that_never_arrived_is_made_up_for() -> None:
    """When the request was lost on the way out, the old token still works."""
    login = Login()

    def lose_first(number: int, response: Response) -> Response:
        if number == 1:
            login.refresh = "r0"
            raise OutcomeUnknownError("cut")
        return response

    login.spoil = lose_first
    connection = client(login, grant="refresh_token", store=MemoryTokenStore(old_token()))
    assert connection.send(PING) == "pong"


def test_a_refresh_that_is_never_answered_is_an_error() -> None:
    """The write that needed the token is not in doubt, so the error does not say so."""
    login = Login(spoil=losing(1, 2))
    connection = client(login, grant="refresh_token", store=MemoryTokenStore(old_token()))
    with pytest.raises(AuthenticationError, match="not answered"):
        connection.send(PING)


def test_a_garbled_refresh_is_like_a_lost_one() -> None:
    """An answer without a token means that the pair is lost."""
    login = Login(spoil=lambda _, __: answer(200, {}))
    login.spoil = lambda number, response: answer(200, []) if number == 1 else response
    connection = client(login, grant="refresh_token", store=MemoryTokenStore(old_token()))
    with pytest.raises(AuthenticationError, match="authorize again"):
        connection.send(PING)


def test_an_unanswered_token_request_puts_nothing_in_doubt() -> None:
    """With client credentials it is repeated, and then the call may be repeated later."""
    login = Login(spoil=losing(*range(9)))
    write = attrs.evolve(PING, method="POST", repeatable=False)
    with pytest.raises(UnavailableError):
        client(login).send(write)
    assert login.token_requests == 4


def test_without_a_token_a_person_must_authorize() -> None:
    """Grants for a person need a token in the store."""
    for store in (MemoryTokenStore(), MemoryTokenStore(Token(access_token="x", expires_at=START))):
        with pytest.raises(AuthenticationError, match="authorize_url"):
            client(Login(), grant="authorization_code", store=store).send(PING)


def test_a_wrong_secret_is_an_authentication_error() -> None:
    """The error says what to check, and does not hold the secret."""
    with pytest.raises(AuthenticationError, match="client_secret") as caught:
        client(Login(), key="wr0ng").send(PING)
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(503, {}), UnavailableError),
        (answer(429, {}), RateLimitedError),
        (answer(404, {}), ConfigurationError),
        (Response(status=403, content=b"<html>"), ConfigurationError),
        (answer(403, {"error": "access_denied"}), AuthenticationError),
        (answer(302, {}), ConfigurationError),
        (answer(200, {"access_token": ""}), UnreadableReplyError),
        (Response(status=200, content=b"<html>"), UnreadableReplyError),
    ],
)
def test_other_answers_of_the_login_server(response: Response, error: type[Exception]) -> None:
    """Each failure of the login server says who has to act."""
    with pytest.raises(error):
        client(Login(spoil=lambda _, __: response)).send(PING)


def test_a_login_server_out_of_reach_was_not_sent() -> None:
    """What never left is said to have never left."""

    def unreachable() -> None:
        raise NotSentError("refused")

    with pytest.raises(NotSentError):
        client(Login(pause=unreachable)).send(PING)


def test_the_authorize_url_holds_no_secret() -> None:
    """It names the application, where to return to, and the state."""
    url = client(Login()).authorize_url(state="x&y")
    assert url.startswith("https://login.procore.com/oauth/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["id"],
        "redirect_uri": ["urn:ietf:wg:oauth:2.0:oob"],
        "state": ["x&y"],
    }


def test_a_code_is_redeemed() -> None:
    """The token of an authorization is kept and used."""
    login = Login()
    connection = client(login, grant="authorization_code")
    connection.redeem_code("c0de")
    assert connection.send(PING) == "pong"
    assert login.token_requests == 1


def test_a_wrong_or_lost_code_needs_a_new_authorization() -> None:
    """Codes are single use, so both end the same way."""
    with pytest.raises(AuthenticationError, match="authorize again"):
        client(Login(), grant="authorization_code").redeem_code("wrong")
    with pytest.raises(AuthenticationError, match="authorize again"):
        client(Login(spoil=losing(1)), grant="authorization_code").redeem_code("c0de")


def test_revoking_ends_and_forgets() -> None:
    """The refresh token is sent to be ended, and the store is empty afterwards."""
    login, store = Login(), MemoryTokenStore(old_token())
    connection = client(login, grant="refresh_token", store=store)
    connection.send(PING)
    connection.revoke_token()
    assert parse_qs(login.requests[-1].content.decode())["token"] == ["r1"]
    assert store.load() is None
    connection.revoke_token()
    assert len(login.requests) == 3


def test_a_refused_revocation_is_an_error() -> None:
    """The token stays where it is."""

    class Strict(Login):
        def send(self, request: Request) -> Response:
            return answer(403, {"error": "unauthorized_client"})

    store = MemoryTokenStore(old_token())
    with pytest.raises(AuthenticationError):
        client(Strict(), store=store).revoke_token()
    assert store.load() is not None


def test_token_info() -> None:
    """What the server tells of the token is read."""
    info = client(Login()).token_info()
    assert (info.resource_owner_id, info.scopes, info.application_uid) == (7, ("a",), "u")
    assert info.created_at == START


def test_token_info_of_another_shape_is_unreadable() -> None:
    """Nothing is made up."""

    class Odd(Login):
        def send(self, request: Request) -> Response:
            if request.url.endswith("info"):
                return answer(200, [])
            return super().send(request)

    with pytest.raises(UnreadableReplyError):
        client(Odd()).token_info()
