"""Transports on httpx: the only file of the library that imports it, and only when one is made.

They use httpx's connection pool directly, below its client: no cookies, no redirects, no netrc,
no proxies or certificates from the environment, and no log line with the full address.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from procore_spectrum.errors import ConfigurationError, NotSentError, OutcomeUnknownError
from procore_spectrum.wire.messages import Request, Response

if TYPE_CHECKING:
    import httpx

__all__ = ["AsyncHttpxTransport", "HttpxTransport"]


class HttpxTransport:
    """Sends requests over pooled connections. Safe to share between threads.

    Args:
        verify: True for the certificate authorities that come with httpx, the path of a file
            with other authorities (PEM), or a context of your own. Certificates are always
            verified, with TLS 1.2 or later.
        timeout: seconds to wait for a connection, and for each piece read or written.
        max_connections: most connections at once; further requests wait for ``timeout``.
        plain_http_hosts: hosts that may be reached without TLS, besides loopback ones.
        trust_env: let httpx read proxy settings and authorities from the environment.

    Raises:
        ConfigurationError: verification is switched off, or the file cannot be read.
    """

    def __init__(
        self,
        *,
        verify: bool | str | ssl.SSLContext = True,
        timeout: float = 30.0,
        max_connections: int = 16,
        plain_http_hosts: Collection[str] = (),
        trust_env: bool = False,
    ) -> None:
        self._rules = _Rules(timeout=timeout, plain_http_hosts=frozenset(plain_http_hosts))
        options = _pool_options(verify=verify, max_connections=max_connections, trust_env=trust_env)
        self._pool = _httpx().HTTPTransport(**options)
        self._closed = False

    def send(self, request: Request) -> Response:
        """Send once.

        Raises:
            NotSentError: refused, unresolved, TLS failed, or no connection was free in time.
            OutcomeUnknownError: cut off, timed out or garbled after sending began.
            ConfigurationError: the address or a header may not be sent, or this is closed.
        """
        outgoing = self._rules.prepare(request, closed=self._closed)
        with _translated(request):
            answer = self._pool.handle_request(outgoing)
            try:
                answer.read()
            finally:
                answer.close()
        return _response(answer)

    def close(self) -> None:
        """Release the connections. Calling it twice is harmless."""
        self._closed = True
        self._pool.close()


class AsyncHttpxTransport:
    """The asynchronous twin of :class:`HttpxTransport`, for use within one event loop.

    Requests queue at a semaphore of our own, because httpx's pool becomes slow when many tasks
    wait for it.
    """

    def __init__(
        self,
        *,
        verify: bool | str | ssl.SSLContext = True,
        timeout: float = 30.0,
        max_connections: int = 16,
        plain_http_hosts: Collection[str] = (),
        trust_env: bool = False,
    ) -> None:
        self._rules = _Rules(timeout=timeout, plain_http_hosts=frozenset(plain_http_hosts))
        options = _pool_options(verify=verify, max_connections=max_connections, trust_env=trust_env)
        self._pool = _httpx().AsyncHTTPTransport(**options)
        self._turn = asyncio.Semaphore(max_connections)
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Send once; raises as :meth:`HttpxTransport.send` does."""
        outgoing = self._rules.prepare(request, closed=self._closed)
        async with self._turn:
            with _translated(request):
                answer = await self._pool.handle_async_request(outgoing)
                try:
                    await answer.aread()
                finally:
                    await answer.aclose()
        return _response(answer)

    async def close(self) -> None:
        """Release the connections. Calling it twice is harmless."""
        self._closed = True
        await self._pool.aclose()


@attrs.frozen(kw_only=True)
class _Rules:
    timeout: float
    plain_http_hosts: frozenset[str]

    def prepare(self, request: Request, *, closed: bool) -> httpx.Request:
        if closed:
            raise ConfigurationError("the transport is closed", path=request.label)
        self._check_address(request)
        if request.header("accept-encoding") is None:
            request = request.with_headers([("Accept-Encoding", "gzip")])
        timeout = self.timeout if request.timeout is None else request.timeout
        with _translated(request):
            outgoing: httpx.Request = _httpx().Request(
                request.method,
                request.url,
                headers=[_header(name, value) for name, value in request.headers],
                content=request.content or None,
                extensions={
                    "timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)
                },
            )
        return outgoing

    def _check_address(self, request: Request) -> None:
        try:
            parts = urlsplit(request.url)
            host = parts.hostname or ""
        except ValueError:
            raise ConfigurationError("not an address", path=request.label) from None
        if parts.scheme == "http" and not _is_loopback(host) and host not in self.plain_http_hosts:
            raise ConfigurationError(
                "refusing to send credentials without TLS",
                path=request.where,
                hint="use https, or name the host in plain_http_hosts",
            )


def _httpx() -> Any:
    import httpx

    return httpx


def _pool_options(
    *, verify: bool | str | ssl.SSLContext, max_connections: int, trust_env: bool
) -> dict[str, Any]:
    limits = _httpx().Limits(
        max_connections=max_connections, max_keepalive_connections=max_connections
    )
    return {"verify": _tls(verify=verify), "limits": limits, "trust_env": trust_env}


def _tls(*, verify: bool | str | ssl.SSLContext) -> ssl.SSLContext:
    context: ssl.SSLContext
    try:
        if isinstance(verify, str):
            context = ssl.create_default_context(cafile=verify)
        elif isinstance(verify, ssl.SSLContext):
            context = verify
        else:
            context = _httpx().create_ssl_context(verify=verify, trust_env=False)
    except OSError as error:
        raise ConfigurationError(
            "the file of certificate authorities cannot be used",
            path=str(verify),
            hint=error.strerror or "it must hold certificates in PEM format",
        ) from None
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ConfigurationError(
            "certificates must be verified",
            path="verify",
            hint="give the file of your own certificate authority instead",
        )
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    return context


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    if not (name + value).isprintable() or not (name + value).isascii():
        raise ConfigurationError(
            f"the header {name!a} has characters that may not be sent",
            hint="look for a line break in a key or secret",
        )
    return name.encode(), value.encode()


@contextmanager
def _translated(request: Request) -> Iterator[None]:
    """Turn httpx's errors into ours, by whether the server may have seen the request."""
    httpx = _httpx()
    never_sent = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
    )
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise NotSentError("not an address that can be reached", path=request.where) from None
    except never_sent as error:
        raise NotSentError(
            f"no connection to the server: {_reason(error)}",
            path=request.where,
            hint="check the address and the network, then repeat",
        ) from None
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        raise OutcomeUnknownError(
            f"the connection broke before a whole answer came: {_reason(error)}",
            path=request.where,
            hint="repeat; a write is looked up before it is sent again",
        ) from None


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _response(answer: httpx.Response) -> Response:
    return Response(
        status=answer.status_code,
        headers=tuple(answer.headers.multi_items()),
        content=answer.content,
    )
