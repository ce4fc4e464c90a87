"""Says who we are: HTTP Basic, or a bearer token (enhanced authentication) beside the id.

Enhanced authentication is OAuth 2 client credentials; hosted installations can demand it. Its
secret expires after 7 to 120 days and can be exchanged for a new one, if that is allowed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

import attrs

from procore_spectrum.errors import (
    AuthenticationError,
    ProcoreSpectrumError,
    RateLimitedError,
    UnavailableError,
    UnreadableReplyError,
)
from procore_spectrum.wire.flows import Enter, Flow, Leave, send_once
from procore_spectrum.wire.messages import Headers, Request, Response

__all__ = ["BasicAuth", "EnhancedAuth", "SecretRotation"]

_GATE = "spectrum token"
_MARGIN = timedelta(seconds=60)
_LONGEST = 366 * 86_400.0


class BasicAuth:
    """The header that Spectrum's REST services want and its SOAP services tolerate."""

    def __init__(self, company_code: str, authorization_id: str) -> None:
        pair = f"{company_code}:{authorization_id}".encode()
        self._header = "Basic " + base64.b64encode(pair).decode("ascii")

    def headers(self) -> Flow[Headers]:
        """The headers to send."""
        yield from ()
        return (("Authorization", self._header),)

    def forget(self) -> bool:
        """Nothing to renew after a refusal."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """The header without its scheme; it can be decoded."""
        return (self._header.partition(" ")[2],)


@attrs.frozen(kw_only=True)
class SecretRotation:
    """Answer of :meth:`EnhancedAuth.rotate_secret`: the day the new secret ends, as told."""

    estimated_expiration: str


class EnhancedAuth:
    """Bearer tokens, fetched by one flow at a time and renewed a minute before they expire.

    Args:
        url: the server's root address.
        client_id: the OAuth client.
        client_secret: its secret.
        now: the current time.
        encoding: how the token request is written; Spectrum's page does not say it in text.
        default_lifetime: seconds that a token is used when the answer does not say.
    """

    def __init__(
        self,
        *,
        url: str,
        client_id: str,
        client_secret: str,
        now: Callable[[], datetime],
        encoding: Literal["form", "json"] = "form",
        default_lifetime: int = 300,
    ) -> None:
        self._url = url
        self._client_id = client_id
        self._secret = client_secret
        self._now = now
        self._encoding = encoding
        self._default_lifetime = default_lifetime
        self._token = ""
        self._good_until: datetime | None = None

    def headers(self) -> Flow[Headers]:
        """The headers to send, after fetching a token where needed.

        Raises:
            AuthenticationError: client id or secret are not accepted.
        """
        if not self._fresh():
            yield Enter(_GATE)
            try:
                if not self._fresh():
                    yield from self._fetch()
            except ProcoreSpectrumError:
                yield Leave(_GATE)
                raise
            yield Leave(_GATE)
        return (("Authorization", f"Bearer {self._token}"),)

    def forget(self) -> bool:
        """Drop the token after a refusal; true when trying again is worth while."""
        self._good_until = None
        return True

    def secrets(self) -> tuple[str, ...]:
        """The secret and the token."""
        return (self._secret, self._token)

    def rotate_secret(self, keep: Callable[[str], None]) -> Flow[SecretRotation]:
        """Exchange the secret for a new one.

        Args:
            keep: stores the new secret durably; it is used only after ``keep`` returned.

        Raises:
            AuthenticationError: not accepted, or self-rotation is not allowed.
            OutcomeUnknownError: the answer was lost; the old secret may be void.
        """
        yield Enter(_GATE)
        try:
            answer = yield from self._ask("/secretRotation", repeatable=False)
            secret = _text(answer, "client_secret")
            keep(secret)
        except ProcoreSpectrumError:
            yield Leave(_GATE)
            raise
        self._secret = secret
        self._good_until = None
        yield Leave(_GATE)
        return SecretRotation(estimated_expiration=str(answer.get("estimated_expiration", "")))

    def _fresh(self) -> bool:
        return self._good_until is not None and self._now() < self._good_until

    def _fetch(self) -> Flow[None]:
        asked = self._now()
        answer = yield from self._ask("/connect/token", repeatable=True)
        token = _text(answer, "access_token")
        seconds = answer.get("expires_in", self._default_lifetime)
        try:
            # Not as int, which would write out every zero of 1e999999999.
            usable = max(min(float(seconds), _LONGEST), -_LONGEST)
            lifetime = timedelta(seconds=usable)
        except (TypeError, ValueError, OverflowError):
            raise UnreadableReplyError("expires_in is not a number", path="token") from None
        self._token = token
        self._good_until = asked + max(lifetime - _MARGIN, lifetime / 2)

    def _ask(self, path: str, *, repeatable: bool) -> Flow[dict[str, Any]]:
        fields = {
            "client_id": self._client_id,
            "client_secret": self._secret,
            "scope": "spectrumapi",
            "grant_type": "client_credentials",
        }
        as_json = self._encoding == "json"
        media = "application/json" if as_json else "application/x-www-form-urlencoded"
        request = Request(
            method="POST",
            url=self._url + path,
            headers=(("Content-Type", media), ("Accept", "application/json")),
            content=(json.dumps(fields) if as_json else urlencode(fields)).encode(),
            label=path,
            repeatable=repeatable,
        )
        response = yield from send_once(request)
        return _judged(response, path)


def _judged(response: Response, path: str) -> dict[str, Any]:
    if response.status == 429:
        raise RateLimitedError("the token service asks to wait", path=path)
    if response.status >= 500:
        raise UnavailableError(f"the token service answers HTTP {response.status}", path=path)
    if response.status != 200:
        raise AuthenticationError(
            f"the token service refuses (HTTP {response.status})",
            path=path,
            hint="check client id and secret; the secret may have expired",
        )
    answer = response.json()
    if not isinstance(answer, dict):
        raise UnreadableReplyError("the token service answers no object", path=path)
    return answer


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableReplyError(f"the answer has no {name}", path="token")
    return value
