"""The clients of Spectrum's web services: synchronous and asynchronous, with one body."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar
from urllib.parse import urlsplit

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.spectrum.auth import BasicAuth, EnhancedAuth, SecretRotation
from procore_spectrum.spectrum.calls import Call, Result
from procore_spectrum.spectrum.guid import GuidPolicy, Guids
from procore_spectrum.spectrum.protocol import Protocol, Settings
from procore_spectrum.spectrum.replies import LOCKED_TEXT
from procore_spectrum.spectrum.wsdl import Contract, MemoryWsdlCache, WsdlCache
from procore_spectrum.wire.clock import Clock, SystemClock
from procore_spectrum.wire.flows import AsyncDriver, Driver, Flow
from procore_spectrum.wire.httpx_transport import AsyncHttpxTransport, HttpxTransport
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.retry import RetryPolicy
from procore_spectrum.wire.transport import AsyncTransport, Transport

__all__ = ["AsyncSpectrumClient", "SpectrumClient"]

T = TypeVar("T")
TransportT = TypeVar("TransportT")


class _Client(Generic[TransportT]):
    """What both clients share: everything but waiting for an answer."""

    def __init__(
        self,
        *,
        url: str,
        company_code: str,
        authorization_id: str,
        client_id: str | None = None,
        client_secret: str | None = None,
        transport: TransportT | None = None,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        wsdl_cache: WsdlCache | None = None,
        guids: GuidPolicy = GuidPolicy.PER_CALL,
        max_parallel: int = 3,
        basic_auth: bool = True,
        row_cap: int | None = 500,
        vendor_row_cap: int | None = 500,
        repair_double_encoding: bool = False,
        tolerate_cut_envelope: bool = False,
        locked_text: Sequence[str] = LOCKED_TEXT,
        trust_wsdl_address: bool = True,
        authorization_id_in_query: bool = False,
        oauth_encoding: Literal["form", "json"] = "form",
    ) -> None:
        _check(company_code, authorization_id, client_id, client_secret, max_parallel)
        self.url = _address(url)
        self.company_code = company_code
        self.clock = clock or SystemClock()
        self.max_parallel = max_parallel
        self._given_transport = transport
        settings = Settings(
            url=self.url,
            company_code=company_code,
            authorization_id=authorization_id,
            retry=retry or RetryPolicy(attempts=3),
            locked_text=locked_text,
            row_cap=row_cap,
            vendor_row_cap=vendor_row_cap,
            basic_auth=basic_auth,
            repair_double_encoding=repair_double_encoding,
            tolerate_cut_envelope=tolerate_cut_envelope,
            trust_wsdl_address=trust_wsdl_address,
            authorization_id_in_query=authorization_id_in_query,
        )
        auth: BasicAuth | EnhancedAuth = BasicAuth(company_code, authorization_id)
        if client_id and client_secret:
            auth = EnhancedAuth(
                url=self.url,
                client_id=client_id,
                client_secret=client_secret,
                now=self.clock.now,
                encoding=oauth_encoding,
            )
        self._protocol = Protocol(
            settings,
            auth=auth,
            guids=Guids(policy=guids, now=self.clock.now),
            cache=wsdl_cache or MemoryWsdlCache(),
            jitter=random.SystemRandom().random,
        )

    def _rotation(self, keep: Callable[[str], None]) -> Flow[SecretRotation]:
        if not isinstance(self._protocol.auth, EnhancedAuth):
            raise ConfigurationError("only enhanced authentication has a secret to rotate")
        return self._protocol.auth.rotate_secret(keep)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.company_code} at {self.url}>"


def _check(
    company_code: str,
    authorization_id: str,
    client_id: str | None,
    client_secret: str | None,
    max_parallel: int,
) -> None:
    if not (1 <= len(company_code) <= 3 and company_code.isalnum()):
        raise ConfigurationError(
            "a company code has up to 3 letters or digits", path="company_code"
        )
    if not 1 <= len(authorization_id) <= 20:
        raise ConfigurationError(
            "an Authorization ID has up to 20 characters", path="authorization_id"
        )
    if bool(client_id) != bool(client_secret):
        raise ConfigurationError("client_id and client_secret go together", path="client_secret")
    if max_parallel < 1:
        raise ConfigurationError("at least one call must be possible", path="max_parallel")


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong or parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise ConfigurationError(
            "the address of Spectrum is scheme, host and port",
            path="url",
            hint="such as https://spectrum.example.com:8482",
        )
    return url.rstrip("/")


class SpectrumClient(_Client[Transport]):
    """The synchronous client. Safe to share between threads.

    >>> client = SpectrumClient(url="https://spectrum.example.com:8482", company_code="ABC",
    ...                         authorization_id=secret)  # doctest: +SKIP
    >>> client.send(services.list_jobs(status="A")).items  # doctest: +SKIP

    Args:
        url: scheme, host and port, such as ``https://spectrum.example.com:8482``.
        company_code: the company, 3 characters.
        authorization_id: the shared secret from Data Exchange Installation.
        client_id: switches enhanced authentication on, together with ``client_secret``.
        client_secret: the secret of that client.
        transport: sends requests; one over httpx when not given, closed with the client.
        clock: tells the time and waits.
        retry: how often and how long to try.
        wsdl_cache: keeps service descriptions; in memory when not given.
        guids: when a new GUID is made.
        max_parallel: most requests under way at once.
        basic_auth: send HTTP Basic with SOAP calls too; REST calls always have it.
        row_cap: rows from which a SOAP listing counts as cut off; None to believe any length.
        vendor_row_cap: the same for the REST listing of vendors, whose cap is not known.
        repair_double_encoding: undo text that arrives encoded as UTF-8 twice.
        tolerate_cut_envelope: accept answers that lack only their outer closing tags.
        locked_text: regular expressions for texts that tell of a locked record.
        trust_wsdl_address: use the endpoint of a description if it is on the configured server.
        authorization_id_in_query: also send the id in REST queries, where it may be logged.
        oauth_encoding: how the token request of enhanced authentication is written.

    Raises:
        ConfigurationError: a setting is missing or malformed.
    """

    _driver: Driver | None = None
    _starting = threading.Lock()

    def send(self, call: Call[T]) -> Result[T]:
        """Make one call and read its answer.

        Raises:
            SetupError: credentials, permissions or the description need attention.
            TryAgainError: nothing was changed; repeat later.
            OutcomeUnknownError: a write may or may not have been carried out.
            RefusedError: Spectrum refused the record; ``violations`` say why.
            UnreadableReplyError: the answer cannot be used.
        """
        return self._run(self._protocol.call(call))

    def refresh_contract(self, service: str, *, accept: bool = False) -> Contract:
        """Fetch the description of a service again.

        Raises:
            ContractChangedError: it differs from the one in use, and ``accept`` is false.
        """
        return self._run(self._protocol.refresh(service, accept=accept))

    def rotate_secret(self, keep: Callable[[str], None]) -> SecretRotation:
        """Exchange the secret of enhanced authentication; ``keep`` stores the new one durably."""
        return self._run(self._rotation(keep))

    @property
    def requests_sent(self) -> int:
        """How many requests were sent so far, repetitions and descriptions included."""
        return self._driver.requests_sent if self._driver else 0

    def close(self) -> None:
        """Release connections that this client opened. Calling it twice is harmless."""
        if self._driver and self._given_transport is None:
            self._driver.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        with self._starting:
            if self._driver is None:
                transport = self._given_transport or HttpxTransport()
                limited = _Limited(transport, self.max_parallel)
                self._driver = Driver(limited, self.clock, self._protocol.secrets)
        return self._driver.run(flow)


class _Limited:
    """A transport that has only so many requests under way."""

    def __init__(self, transport: Transport, most: int) -> None:
        self._transport = transport
        self._turn = threading.Semaphore(most)

    def send(self, request: Request) -> Response:
        with self._turn:
            return self._transport.send(request)

    def close(self) -> None:
        self._transport.close()


class AsyncSpectrumClient(_Client[AsyncTransport]):
    """The asynchronous client, for use within one event loop.

    >>> client = SpectrumClient(url="https://spectrum.example.com:8482", company_code="ABC",
    ...                         authorization_id=secret)  # doctest: +SKIP
    >>> (await client.send(services.list_jobs(status="A"))).items  # doctest: +SKIP

    It takes the arguments of :class:`SpectrumClient`.
    """

    _driver: AsyncDriver | None = None

    async def send(self, call: Call[T]) -> Result[T]:
        """Make one call and read its answer.

        Raises:
            SetupError: credentials, permissions or the description need attention.
            TryAgainError: nothing was changed; repeat later.
            OutcomeUnknownError: a write may or may not have been carried out.
            RefusedError: Spectrum refused the record; ``violations`` say why.
            UnreadableReplyError: the answer cannot be used.
        """
        return await self._run(self._protocol.call(call))

    async def refresh_contract(self, service: str, *, accept: bool = False) -> Contract:
        """Fetch the description of a service again.

        Raises:
            ContractChangedError: it differs from the one in use, and ``accept`` is false.
        """
        return await self._run(self._protocol.refresh(service, accept=accept))

    async def rotate_secret(self, keep: Callable[[str], None]) -> SecretRotation:
        """Exchange the secret of enhanced authentication; ``keep`` stores the new one durably."""
        return await self._run(self._rotation(keep))

    @property
    def requests_sent(self) -> int:
        """How many requests were sent so far, repetitions and descriptions included."""
        return self._driver.requests_sent if self._driver else 0

    async def close(self) -> None:
        """Release connections that this client opened. Calling it twice is harmless."""
        if self._driver and self._given_transport is None:
            await self._driver.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _run(self, flow: Flow[T]) -> T:
        if self._driver is None:
            transport = self._given_transport or AsyncHttpxTransport()
            limited = _AsyncLimited(transport, self.max_parallel)
            self._driver = AsyncDriver(limited, self.clock, self._protocol.secrets)
        return await self._driver.run(flow)


class _AsyncLimited:
    """An asynchronous transport that has only so many requests under way."""

    def __init__(self, transport: AsyncTransport, most: int) -> None:
        self._transport = transport
        self._turn = asyncio.Semaphore(most)

    async def send(self, request: Request) -> Response:
        async with self._turn:
            return await self._transport.send(request)

    async def close(self) -> None:
        await self._transport.close()
