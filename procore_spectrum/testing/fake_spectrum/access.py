"""Who may call what: Authorization IDs, GUID groups, access tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

import attrs

from procore_spectrum.testing.fake_spectrum.calls import Finding
from procore_spectrum.testing.fake_spectrum.switches import Switches
from procore_spectrum.wire.messages import Request

__all__ = ["Access", "Authorization", "basic_credentials"]

_NOT_SET_UP = "The Web Service is not authorized. Authorization ID is not setup in the system."


@attrs.frozen(kw_only=True)
class Authorization:
    """One Authorization ID. ``companies`` and ``services`` of None permit all of them."""

    companies: tuple[str, ...] | None
    services: frozenset[str] | None
    operator: str
    default_company: str


@attrs.define(kw_only=True)
class Access:
    """The security tables of the installation."""

    client_id: str | None
    client_secret: str | None = attrs.field(repr=False)
    authorizations: dict[str, Authorization] = attrs.field(factory=dict, repr=False)
    _groups: dict[tuple[str, str], tuple[str, datetime]] = attrs.field(factory=dict, repr=False)
    _tokens: dict[str, datetime] = attrs.field(factory=dict, repr=False)
    _issued: int = 0
    _rotations: int = 0

    @property
    def enhanced(self) -> bool:
        """Whether every call needs an access token besides its Authorization ID."""
        return self.client_id is not None

    def authorize(
        self,
        authorization_id: str,
        companies: Collection[str] | None,
        services: Collection[str] | None,
        operator: str,
        default_company: str,
    ) -> None:
        """Create or replace an Authorization ID."""
        self.authorizations[authorization_id] = Authorization(
            companies=None if companies is None else tuple(companies),
            services=None if services is None else frozenset(services),
            operator=operator,
            default_company=next(iter(companies or ()), default_company),
        )

    def check_service(self, authorization_id: str, service: str) -> Finding | None:
        """Why the Authorization ID may not use the service; None when it may."""
        entry = self.authorizations.get(authorization_id)
        if entry is None:
            return Finding("A", _NOT_SET_UP, "Authorization_ID")
        if entry.services is not None and service not in entry.services:
            text = "The Web Service is not authorized for this Authorization ID."
            return Finding("A", text, "Authorization_ID")
        return None

    def check_company(
        self, authorization_id: str, company: str, known: Collection[str], column: str
    ) -> Finding | None:
        """Why the Authorization ID may not use the company; None when it may."""
        companies = self.authorizations[authorization_id].companies
        if company not in known or (companies is not None and company not in companies):
            text = "The Web Service is not authorized for this Company."
            return Finding("A", text, column)
        return None

    def check_group(
        self, service: str, authorization_id: str, guid: str, now: datetime, hours: int
    ) -> Finding | None:
        """Why the GUID cannot be used any more; None when it can. A blank one always can."""
        if not guid:
            return None
        owner, last_used = self._groups.get((service, guid), (authorization_id, now))
        if owner != authorization_id:
            return Finding("A", "GUID belongs to another Authorization ID", "GUID")
        if now - last_used >= timedelta(hours=hours):
            return Finding("A", "Time out has occurred", "GUID")
        self._groups[service, guid] = (authorization_id, now)
        return None

    # ------------------------------------------------------------ enhanced authentication

    def knows_token(self, request: Request, now: datetime) -> bool:
        """Whether the request carries a bearer token that has not expired."""
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        expires = self._tokens.get(token.strip())
        return scheme.lower() == "bearer" and expires is not None and now < expires

    def issue_token(
        self, request: Request, now: datetime, switches: Switches
    ) -> dict[str, object] | None:
        """The answer of ``POST /connect/token``; None when the client is not known."""
        if not self._is_client(request, switches):
            return None
        self._issued += 1
        token = f"token-{self._issued}"
        self._tokens[token] = now + timedelta(seconds=switches.token_seconds)
        return {
            "access_token": token,
            "expires_in": switches.token_seconds,
            "token_type": "Bearer",
            "scope": "spectrumapi",
        }

    def rotate_secret(
        self, request: Request, now: datetime, switches: Switches
    ) -> dict[str, object] | None:
        """The answer of ``POST /secretRotation``; the old secret is void at once."""
        if not (switches.allow_self_rotation and self._is_client(request, switches)):
            return None
        self._rotations += 1
        self.client_secret = f"rotated-secret-{self._rotations}"
        expiration = now + timedelta(days=switches.secret_days)
        return {
            "client_secret": self.client_secret,
            "estimated_expiration": expiration.isoformat(),
        }

    def _is_client(self, request: Request, switches: Switches) -> bool:
        form = _form(request, switches)
        return self.enhanced and form == {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": "spectrumapi",
            "grant_type": "client_credentials",
        }


def _form(request: Request, switches: Switches) -> Mapping[str, object]:
    media_type = (request.header("content-type") or "").split(";")[0].strip().lower()
    is_json = media_type == "application/json"
    if switches.request_encoding not in {"both", "json" if is_json else "form"}:
        return {}
    try:
        text = request.content.decode("utf-8")
        form = json.loads(text) if is_json else dict(parse_qsl(text, keep_blank_values=True))
    except ValueError:
        return {}
    return form if isinstance(form, dict) else {}


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """User and password of a Basic header, or None."""
    scheme, _, encoded = (request.header("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except ValueError:
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None
