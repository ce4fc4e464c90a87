"""The login host: tokens, their renewal and their end (`doc:oauth-endpoints`)."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs

from procore_spectrum.testing.fake_procore.answers import Reply, unauthorized
from procore_spectrum.testing.fake_procore.calls import Query
from procore_spectrum.wire.messages import Request

__all__ = ["OAuth", "Token"]

CODE_LIFETIME = timedelta(minutes=10)
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
Form = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Token:
    """An access token that is in force."""

    access: str = attrs.field(repr=False)
    refresh: str | None = attrs.field(repr=False)
    account_id: int
    created: datetime
    expires: datetime


@attrs.frozen(kw_only=True)
class Code:
    """An authorization code, good for one exchange."""

    account_id: int
    redirect_uri: str
    expires: datetime


class OAuth:
    """Issues and checks tokens for one app."""

    def __init__(
        self, *, client_id: str, client_secret: str, lifetime: int, now: Callable[[], datetime]
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._lifetime = timedelta(seconds=lifetime)
        self._now = now
        self._serial = itertools.count(1)
        self._tokens: dict[str, Token] = {}
        self._refreshable: dict[str, Token] = {}
        self._codes: dict[str, Code] = {}
        self.service_account_id = 0
        self.first_person: Callable[[], int | None] = lambda: None

    def issue_code(self, *, account_id: int, redirect_uri: str = OUT_OF_BAND) -> str:
        """What a person's consent in the browser yields."""
        code = self._secret("code")
        self._codes[code] = Code(
            account_id=account_id, redirect_uri=redirect_uri, expires=self._now() + CODE_LIFETIME
        )
        return code

    def bearer(self, request: Request) -> Token:
        """The token of the Authorization header.

        Raises:
            RefusalError: 401 if it is missing, unknown, revoked or expired.
        """
        scheme, _, secret = (request.header("authorization") or "").partition(" ")
        token = self._tokens.get(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.expires <= self._now():
            raise unauthorized()
        return token

    def answer(self, request: Request, path: str, query: Query) -> Reply | None:
        """The reply to a call below ``/oauth``; None for an unknown path."""
        match request.method, path:
            case "GET", "/oauth/authorize":
                return self._authorize(query)
            case "POST", "/oauth/token":
                return self._grant(_form(request))
            case "POST", "/oauth/revoke":
                return self._revoke(_form(request))
            case "GET", "/oauth/token/info":
                return self._info(self.bearer(request))
        return None

    def _authorize(self, query: Query) -> Reply:
        person, target = self.first_person(), query.get("redirect_uri")
        if query.get("client_id") != self._client_id:
            return _refused(401, "invalid_client", "Client authentication failed")
        if query.get("response_type") != "code" or target is None:
            return _refused(400, "invalid_request", "A required parameter is missing")
        if person is None:
            return _refused(401, "login_required", "Nobody is logged in")
        answer = {"code": self.issue_code(account_id=person, redirect_uri=target)}
        state = query.get("state")
        if state is not None:
            answer["state"] = state
        place = "/oauth/authorize/native" if target == OUT_OF_BAND else target
        joint = "&" if "?" in place else "?"
        return Reply(status=302, headers=(("Location", f"{place}{joint}{urlencode(answer)}"),))

    def _grant(self, form: Form) -> Reply:
        if not self._knows(form):
            return _refused(401, "invalid_client", "Client authentication failed")
        match form.get("grant_type"):
            case "client_credentials":
                return self._issue(self.service_account_id, renewable=False)
            case "authorization_code":
                return self._exchange(form)
            case "refresh_token":
                return self._renew(form)
        return _refused(400, "unsupported_grant_type", "The grant type is not supported")

    def _exchange(self, form: Form) -> Reply:
        code = self._codes.pop(str(form.get("code")), None)
        fits = code is not None and code.redirect_uri == form.get("redirect_uri")
        if code is None or not fits or code.expires <= self._now():
            return _refused(401, "invalid_grant", "The authorization code is invalid")
        return self._issue(code.account_id, renewable=True)

    def _renew(self, form: Form) -> Reply:
        token = self._refreshable.pop(str(form.get("refresh_token")), None)
        if token is None:
            return _refused(401, "invalid_grant", "The refresh token is invalid")
        self._tokens.pop(token.access, None)
        return self._issue(token.account_id, renewable=True)

    def _issue(self, account_id: int, *, renewable: bool) -> Reply:
        now = self._now()
        token = Token(
            access=self._secret("access"),
            refresh=self._secret("refresh") if renewable else None,
            account_id=account_id,
            created=now,
            expires=now + self._lifetime,
        )
        self._tokens[token.access] = token
        body: dict[str, Any] = {
            "access_token": token.access,
            "token_type": "Bearer",
            "expires_in": int(self._lifetime.total_seconds()),
            "created_at": int(now.timestamp()),
        }
        if token.refresh is not None:
            self._refreshable[token.refresh] = token
            body["refresh_token"] = token.refresh
        return Reply(body=body)

    def _revoke(self, form: Form) -> Reply:
        if not self._knows(form):
            return _refused(401, "invalid_client", "Client authentication failed")
        secret = str(form.get("token"))
        token = self._tokens.get(secret) or self._refreshable.get(secret)
        if token is not None:
            self._tokens.pop(token.access, None)
            self._refreshable.pop(token.refresh or "", None)
        return Reply(body={})

    def _info(self, token: Token) -> Reply:
        left = token.expires - self._now()
        return Reply(
            body={
                "resource_owner_id": token.account_id,
                "scopes": [],
                "expires_in_seconds": int(left.total_seconds()),
                "application": {"uid": self._client_id},
                "created_at": int(token.created.timestamp()),
            }
        )

    def _knows(self, form: Form) -> bool:
        sent = (form.get("client_id"), form.get("client_secret"))
        return sent == (self._client_id, self._client_secret)

    def _secret(self, kind: str) -> str:
        """A value that looks like a token and is the same in every run."""
        seed = f"{self._client_id} {kind} {next(self._serial)}"
        return hashlib.sha256(seed.encode()).hexdigest()


def _refused(status: int, error: str, description: str) -> Reply:
    return Reply(status=status, body={"error": error, "error_description": description})


def _form(request: Request) -> Form:
    """The fields of a form, a multipart form or a JSON object: all three are in use."""
    kind = request.header("content-type") or ""
    if kind.startswith("multipart/form-data"):
        return _multipart(kind, request.content)
    if kind.startswith("application/json"):
        try:
            body = json.loads(request.content)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}
    return dict(parse_qsl(request.content.decode("utf-8", "replace")))


def _multipart(kind: str, content: bytes) -> Form:
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    parts = BytesParser(policy=HTTP).parsebytes(head + content).get_payload()
    if not isinstance(parts, list):
        return {}
    return {
        str(part.get_param("name", header="content-disposition")): _text(part)
        for part in parts
        if isinstance(part, Message)
    }


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace").strip() if isinstance(content, bytes) else ""
