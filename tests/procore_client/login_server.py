"""A login of Procore, and clients that log in there."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import attrs

from procore_spectrum.errors import (
    OutcomeUnknownError,
)
from procore_spectrum.procore.calls import Call
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.oauth import Grant
from procore_spectrum.procore.tokens import (
    Token,
    TokenStore,
)
from procore_spectrum.wire.messages import Request, Response

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
JSON = (("Content-Type", "application/json"),)
PING: Call[object] = Call(name="ping", path="/rest/v1.0/ping", parse=lambda value, _: value)


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
        """Move on, and let others run."""
        self.sleep(seconds)
        await asyncio.sleep(0)


def answer(status: int, body: object) -> Response:
    """An answer in JSON."""
    return Response(status=status, headers=JSON, content=json.dumps(body).encode())


@attrs.define
class Login:
    """A login server and an API that takes its tokens; refresh tokens are single use.

    ``spoil`` may replace or lose the answer of a token request that was carried out.
    """

    refresh: str = "r0"
    expires_in: object = 5400
    created_at: object = None
    secret: str = "s3cret"
    counter: int = 0
    valid: set[str] = attrs.field(factory=set)
    requests: list[Request] = attrs.field(factory=list)
    spoil: Callable[[int, Response], Response] = lambda _, response: response
    pause: Callable[[], None] = lambda: None
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def send(self, request: Request) -> Response:
        """Answer a request to either server."""
        self.requests.append(request)
        path = urlsplit(request.url).path
        if path == "/oauth/token":
            self.pause()
            with self.lock:
                response = self.token(dict(parse_qsl(request.content.decode())))
            return self.spoil(self.token_requests, response)
        if path == "/oauth/revoke":
            self.valid.clear()
            return answer(200, {})
        if (request.header("authorization") or "").removeprefix("Bearer ") not in self.valid:
            return answer(401, {"errors": "The access token is invalid"})
        if path == "/oauth/token/info":
            info = {"resource_owner_id": 7, "scopes": ["a"], "application": {"uid": "u"}}
            return answer(200, {**info, "expires_in_seconds": 60, "created_at": 1772442000})
        return answer(200, "pong")

    def token(self, fields: dict[str, str]) -> Response:
        """What the token endpoint does."""
        if fields["client_secret"] != self.secret:
            return answer(401, {"error": "invalid_client", "error_description": "no"})
        grant = fields["grant_type"]
        if grant == "refresh_token" and fields["refresh_token"] != self.refresh:
            description = "The refresh token is invalid"
            return answer(401, {"error": "invalid_grant", "error_description": description})
        if grant == "authorization_code" and fields["code"] != "c0de":
            return answer(400, {"error": "invalid_grant"})
        self.counter += 1
        body: dict[str, object] = {
            "access_token": f"a{self.counter}",
            "token_type": "bearer",
            "expires_in": self.expires_in,
            "created_at": self.created_at,
        }
        self.valid = {f"a{self.counter}"}
        if grant != "client_credentials":
            self.refresh = body["refresh_token"] = f"r{self.counter}"
        return answer(200, body)

    def close(self) -> None:
        """Nothing to release."""

    @property
    def token_requests(self) -> int:
        """How many tokens were asked for."""
        return sum(request.url.endswith("/oauth/token") for request in self.requests)


class AsyncLogin:
    """The asynchronous face of a login server."""

    def __init__(self, login: Login) -> None:
        self.login = login

    async def send(self, request: Request) -> Response:
        """Answer after letting others run."""
        await asyncio.sleep(0)
        return self.login.send(request)

    async def close(self) -> None:
        """Nothing to release."""


def client(
    login: Login,
    *,
    grant: Grant = "client_credentials",
    store: TokenStore | None = None,
    clock: InstantClock | None = None,
    key: str = "s3cret",
) -> ProcoreClient:
    """A client of that login server."""
    return ProcoreClient(
        company_id=1,
        client_id="id",
        client_secret=key,
        grant=grant,
        token_store=store,
        transport=login,
        clock=clock or InstantClock(),
    )


def old_token() -> Token:
    """A token that has expired, with the refresh token that the login server takes first."""
    return Token(access_token="a0", refresh_token="r0", expires_at=START - timedelta(hours=1))


def losing(*which: int) -> Callable[[int, Response], Response]:
    """Lose the answers of these token requests, after they were carried out."""

    def spoil(number: int, response: Response) -> Response:
        if number in which:
            raise OutcomeUnknownError("cut")
        return response

    return spoil
