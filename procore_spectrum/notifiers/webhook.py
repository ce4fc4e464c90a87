"""Notices as HTTPS requests to an address of your own, for chat or ticket systems."""

from __future__ import annotations

import ipaddress
import json
from urllib.parse import urlsplit

from procore_spectrum.errors import ConfigurationError, ProcoreSpectrumError, UnavailableError
from procore_spectrum.ports import Notice
from procore_spectrum.wire.messages import Request
from procore_spectrum.wire.transport import Transport

__all__ = ["WebhookNotifier"]


class WebhookNotifier:
    """Posts each notice as JSON: ``{"kind", "subject", "lines", "people"}``.

    Args:
        url: HTTPS, to a named host. Addresses of private networks are refused, so that a
            configuration cannot be used to reach into them. Never shown beyond its host, since
            many services put a secret into the path.
        transport: sends the request; redirects are not followed.
        secret: sent as ``Authorization: Bearer``; never shown.
        allow_private: accept plain HTTP and private addresses, for a receiver of your own.
    """

    def __init__(
        self, url: str, *, transport: Transport, secret: str = "", allow_private: bool = False
    ) -> None:
        self._url = url if allow_private else _public(url)
        self._transport = transport
        self._secret = secret

    def __repr__(self) -> str:
        return f"<WebhookNotifier {urlsplit(self._url).hostname}>"

    def notify(self, notice: Notice) -> None:
        """Post it once.

        Raises:
            UnavailableError: the receiver did not take it.
            TryAgainError, InDoubtError: it could not be reached.
        """
        headers = [("Content-Type", "application/json")]
        if self._secret:
            headers.append(("Authorization", f"Bearer {self._secret}"))
        body = {
            "kind": notice.kind,
            "subject": notice.subject,
            "lines": list(notice.lines),
            "people": list(notice.people),
        }
        request = Request(
            method="POST",
            url=self._url,
            headers=tuple(headers),
            content=json.dumps(body).encode(),
            label="notice",
        )
        try:
            response = self._transport.send(request)
        except ProcoreSpectrumError as error:
            error.path = urlsplit(self._url).hostname or ""
            raise
        if not 200 <= response.status < 300:
            raise UnavailableError(
                f"the receiver of notices answered {response.status}",
                path=urlsplit(self._url).hostname or "",
            )


def _public(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host:
        raise ConfigurationError("notices go to an HTTPS address only", path="notify.url")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        private = host == "localhost" or "." not in host or host.endswith((".local", ".internal"))
    else:
        private = not address.is_global
    if private:
        raise ConfigurationError(
            f"{host} is a private address",
            path="notify.url",
            hint="allow it explicitly if the receiver is yours",
        )
    return url
