"""OAuth 2.0 with Procore's login server.

Facts used (documentation/oauth-endpoints and documentation/oauth-auth-grant-flow): form data at
``/oauth/token``; an access token lives for ``expires_in`` seconds; a refresh token is single use,
and a refresh voids it even if the answer is lost on the way.

Only one flow of a driver refreshes at a time, under a gate, and only one process, under the
store's lock. A new pair is kept durably before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, NoReturn, TypeAlias
from urllib.parse import urlencode

import attrs

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    StoreBusyError,
    StoreError,
    UnavailableError,
    UnreadableReplyError,
)
from procore_spectrum.procore.calls import dump_json
from procore_spectrum.procore.errors import judge, raise_for, violations_in
from procore_spectrum.procore.tokens import LockableTokenStore, Token, TokenStore
from procore_spectrum.wire.flows import Enter, Flow, Leave, Sleep
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.retry import RetryPolicy, send_with_retry

__all__ = ["OUT_OF_BAND", "Application", "Grant", "OAuth", "TokenInfo"]

Grant: TypeAlias = Literal["client_credentials", "authorization_code", "refresh_token"]

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"

_GATE = "procore.oauth"
_LOCK_POLL = 0.1
_LOCK_PATIENCE = timedelta(seconds=120)
_MARGIN = 60.0
# The shortest life that Procore ever documented; used when an answer does not name one.
_SHORTEST_LIFE = 900.0
_AUTHORIZE_AGAIN = "authorize again: refresh tokens are single use, and this one is used up"


@attrs.frozen(kw_only=True)
class Application:
    """A registered application: who it is, and where it logs in.

    ``encoding`` is how the token request is written: ``"form"`` as documented, or ``"json"``.
    """

    login_url: str
    client_id: str
    client_secret: str = attrs.field(repr=False)
    redirect_uri: str = OUT_OF_BAND
    encoding: Literal["form", "json"] = "form"

    def authorize_url(self, *, state: str) -> str:
        """Where to send a person who shall authorize this application.

        Args:
            state: a fresh random text; compare it with the one that comes back.
        """
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": state,
        }
        return f"{self.login_url}/oauth/authorize?{urlencode(query)}"

    def request(self, path: str, fields: Mapping[str, str], *, repeatable: bool) -> Request:
        """A request to the login server, with the application's credentials."""
        values = {
            **fields,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        if self.encoding == "json":
            content, media_type = dump_json(values), "application/json"
        else:
            content, media_type = urlencode(values).encode(), "application/x-www-form-urlencoded"
        return Request(
            method="POST",
            url=self.login_url + path,
            headers=(("Content-Type", media_type), ("Accept", "application/json")),
            content=content,
            label=f"oauth {fields.get('grant_type', 'revoke')}",
            repeatable=repeatable,
        )


@attrs.frozen(kw_only=True)
class TokenInfo:
    """What the login server says about the access token in use."""

    resource_owner_id: int | None
    scopes: tuple[str, ...]
    expires_in_seconds: int | None
    application_uid: str | None
    created_at: datetime | None


class OAuth:
    """Gives out access tokens, and renews them when needed.

    Args:
        app: who asks.
        grant: ``"client_credentials"`` fetches tokens by itself; the others need a token in the
            store, from :meth:`redeem_code` or saved there by the caller.
        store: keeps the token between runs.
        policy: how requests to the login server are repeated.
        now: the current time, aware.
        jitter: gives random numbers from 0 to 1.
    """

    def __init__(
        self,
        app: Application,
        *,
        grant: Grant,
        store: TokenStore,
        policy: RetryPolicy,
        now: Callable[[], datetime],
        jitter: Callable[[], float],
    ) -> None:
        self.app = app
        self.grant = grant
        self._store = store
        self._policy = policy
        self._now = now
        self._jitter = jitter
        self._known: Token | None = None
        self._unsaved: Token | None = None

    def secrets(self) -> tuple[str, ...]:
        """What no error may show, even if a server repeats it."""
        tokens = [token for token in (self._known, self._unsaved) if token is not None]
        parts = [part for token in tokens for part in (token.access_token, token.refresh_token)]
        return (self.app.client_secret, *filter(None, parts))

    def token(self, *, rejected: Token | None = None) -> Flow[Token]:
        """A usable token, renewed if need be.

        Args:
            rejected: a token that the server did not accept, although it looked fresh.

        Raises:
            AuthenticationError: the credentials or the refresh token are not accepted, or nobody
                has authorized the application yet.
            UnavailableError: the login server does not answer.
            StoreError: the token cannot be kept.
        """
        known = self._known
        if known is not None and self._usable(known, rejected):
            return known
        # If this fails, the driver opens the gate.
        yield Enter(_GATE)
        yield from self._lock_store()
        try:
            token = yield from self._renewed(rejected)
        finally:
            self._unlock_store()
        yield Leave(_GATE)
        return token

    def redeem_code(self, code: str) -> Flow[Token]:
        """Exchange the single-use code of an authorization, valid for ten minutes.

        Raises:
            AuthenticationError: the code is not accepted, or the exchange was not answered.
        """
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.app.redirect_uri,
        }
        try:
            token = yield from self._ask(fields, repeatable=False)
        except (OutcomeUnknownError, UnreadableReplyError):
            raise AuthenticationError(
                "the exchange of the code was not answered",
                hint="authorize again: the code may be used up",
            ) from None
        return self._kept(token)

    def revoke(self) -> Flow[None]:
        """End the stored token and forget it."""
        token = self._store.load()
        if token is not None:
            secret = token.refresh_token or token.access_token
            request = self.app.request("/oauth/revoke", {"token": secret}, repeatable=True)
            response = yield from self._send(request)
            if not 200 <= response.status < 300:
                self._refused(response, request.label)
        self._known = self._unsaved = None
        self._store.clear()

    def info(self) -> Flow[TokenInfo]:
        """What the login server says about the token in use."""
        token = yield from self.token()
        request = Request(
            method="GET",
            url=f"{self.app.login_url}/oauth/token/info",
            headers=(("Authorization", f"Bearer {token.access_token}"),),
            label="oauth token info",
            repeatable=True,
        )
        response = yield from self._send(request)
        return _token_info(judge(response, request.label, repeatable=True))

    # ------------------------------------------------------------------ renewing

    def _usable(self, token: Token, rejected: Token | None) -> bool:
        turned_down = rejected is not None and token.access_token == rejected.access_token
        return token.fresh(self._now()) and not turned_down

    def _renewed(self, rejected: Token | None) -> Flow[Token]:
        if self._unsaved is not None:
            self._kept(self._unsaved)
        # Somebody else may have renewed it meanwhile: another thread, or another process.
        stored = self._store.load()
        if stored is not None and self._usable(stored, rejected):
            self._known = stored
            return stored
        if self.grant == "client_credentials":
            token = yield from self._ask({"grant_type": self.grant}, repeatable=True)
        elif stored is not None and stored.refresh_token is not None:
            token = yield from self._refreshed(stored.refresh_token)
        else:
            raise AuthenticationError(
                "nobody has authorized the application yet",
                hint="open authorize_url, and redeem the code",
            )
        return self._kept(token)

    def _refreshed(self, refresh_token: str) -> Flow[Token]:
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        try:
            token = yield from self._ask(fields, repeatable=False)
        except (OutcomeUnknownError, UnreadableReplyError):
            # The new pair, if there is one, is lost. Asking once more tells whether the old
            # token still lives; if not, nothing is lost by it.
            try:
                token = yield from self._ask(fields, repeatable=False)
            except (OutcomeUnknownError, UnreadableReplyError):
                raise AuthenticationError(
                    "the refresh of the token was not answered",
                    hint="try again; if the refresh token is refused then, authorize again",
                ) from None
        return token if token.refresh_token else attrs.evolve(token, refresh_token=refresh_token)

    def _kept(self, token: Token) -> Token:
        try:
            self._store.save(token)
        except StoreError:
            self._unsaved = token
            raise
        self._known, self._unsaved = token, None
        return token

    def _lock_store(self) -> Flow[None]:
        give_up_at = self._now() + _LOCK_PATIENCE
        while isinstance(self._store, LockableTokenStore) and not self._store.try_lock():
            if self._now() >= give_up_at:
                raise StoreBusyError("another process holds the lock of the token")
            yield Sleep(_LOCK_POLL)

    def _unlock_store(self) -> None:
        if isinstance(self._store, LockableTokenStore):
            self._store.unlock()

    # ------------------------------------------------------------------ asking

    def _ask(self, fields: Mapping[str, str], *, repeatable: bool) -> Flow[Token]:
        request = self.app.request("/oauth/token", fields, repeatable=repeatable)
        asked_at = self._now()
        response = yield from self._send(request)
        if not 200 <= response.status < 300:
            self._refused(response, request.label)
        return _read_token(judge(response, request.label, repeatable=True), asked_at)

    def _send(self, request: Request) -> Flow[Response]:
        try:
            return (
                yield from send_with_retry(
                    request, policy=self._policy, now=self._now, jitter=self._jitter
                )
            )
        except OutcomeUnknownError as error:
            if not request.repeatable:
                raise
            # Whatever the token was wanted for was not sent, so nothing is in doubt.
            raise UnavailableError(
                "the login server did not answer", path=error.path, hint=error.hint
            ) from None

    def _refused(self, response: Response, label: str) -> NoReturn:
        """Judge an error answer: mostly ``{error, error_description}`` with 400 or 401."""
        if response.status in (408, 429) or response.status >= 500:
            raise_for(response, label, repeatable=True)
        try:
            body = response.json()
        except UnreadableReplyError:
            body = None
        reason = body.get("error") if isinstance(body, dict) else None
        violations = violations_in(body)
        if response.status in (400, 401, 403) and body is not None:
            raise AuthenticationError(
                f"the login server answered {response.status}",
                path=label,
                hint=_refusal_hint(reason, str(violations).lower()),
                violations=violations,
            )
        raise ConfigurationError(
            f"the login server answered {response.status}",
            path=label,
            hint="check login_url",
            violations=violations,
        )


def _refusal_hint(reason: Any, text: str) -> str:
    if "refresh token is invalid" in text:
        return _AUTHORIZE_AGAIN
    if reason == "invalid_grant":
        return "authorize again: the code or refresh token is used up, expired or revoked"
    if reason in ("invalid_client", "unauthorized_client"):
        return "check client_id and client_secret; sandbox and production have their own"
    return "check the credentials of the application"


def _read_token(values: Any, asked_at: datetime) -> Token:
    access = values.get("access_token") if isinstance(values, dict) else None
    if not isinstance(access, str) or not access:
        raise UnreadableReplyError("the login server's answer holds no token")
    refresh = values.get("refresh_token")
    life = _number(values.get("expires_in"))
    return Token(
        access_token=access,
        refresh_token=refresh if isinstance(refresh, str) and refresh else None,
        expires_at=_expiry(_SHORTEST_LIFE if life is None else life, values, asked_at),
    )


def _expiry(life: float, values: dict[str, Any], asked_at: datetime) -> datetime:
    """The end of a token's life by our clock, less a margin.

    A server may hand out a token that it made earlier; ``created_at`` tells. It is believed only
    if the token would still live, since the server's clock may differ from ours.
    """
    created_at = _number(values.get("created_at"))
    age = 0.0 if created_at is None else asked_at.timestamp() - created_at
    if not 0 < age < life / 2:
        age = 0.0
    usable = max(0.0, min(life, 1e9) - age - min(_MARGIN, life / 10))
    return asked_at + timedelta(seconds=usable)


def _number(value: Any) -> float | None:
    # As Decimal, because a whole number of 400 digits fits no float.
    return float(Decimal(value)) if isinstance(value, (int, Decimal)) else None


def _moment(value: Any) -> datetime | None:
    """Unix seconds as a time; None for what is none, such as a year beyond 9999."""
    seconds = _number(value)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _token_info(values: Any) -> TokenInfo:
    if not isinstance(values, dict):
        raise UnreadableReplyError("the login server's answer describes no token")
    scopes = values.get("scopes")
    application = values.get("application")
    owner, seconds = values.get("resource_owner_id"), values.get("expires_in_seconds")
    uid = application.get("uid") if isinstance(application, dict) else None
    return TokenInfo(
        resource_owner_id=owner if isinstance(owner, int) else None,
        scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else (),
        expires_in_seconds=seconds if isinstance(seconds, int) else None,
        application_uid=uid if isinstance(uid, str) else None,
        created_at=_moment(values.get("created_at")),
    )
