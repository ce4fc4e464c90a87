"""The clients: the same flows on a synchronous and on an asynchronous driver."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar
from urllib.parse import urlsplit

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.procore.calls import Call, PagedCall
from procore_spectrum.procore.oauth import OUT_OF_BAND, Application, Grant, OAuth, TokenInfo
from procore_spectrum.procore.session import Session
from procore_spectrum.procore.tokens import MemoryTokenStore, TokenStore
from procore_spectrum.wire.clock import Clock, SystemClock
from procore_spectrum.wire.flows import AsyncDriver, Driver
from procore_spectrum.wire.httpx_transport import AsyncHttpxTransport, HttpxTransport
from procore_spectrum.wire.retry import RetryPolicy
from procore_spectrum.wire.transport import AsyncTransport, Transport

__all__ = ["AsyncProcoreClient", "ProcoreClient"]

T = TypeVar("T")
TransportT = TypeVar("TransportT")
DriverT = TypeVar("DriverT", Driver, AsyncDriver)

_LARGEST_ID = 2**63 - 1


class _Client(Generic[TransportT, DriverT]):
    """What both clients share: everything but waiting for an answer."""

    _driver: DriverT

    def __init__(
        self,
        *,
        base_url: str = "https://api.procore.com",
        login_url: str = "https://login.procore.com",
        company_id: int,
        client_id: str,
        client_secret: str,
        token_store: TokenStore | None = None,
        grant: Grant = "client_credentials",
        redirect_uri: str = OUT_OF_BAND,
        transport: TransportT | None = None,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        per_page: int | None = None,
    ) -> None:
        _check_settings(company_id, client_id, client_secret, per_page)
        clock = clock or SystemClock()
        policy = retry or RetryPolicy()
        jitter = random.SystemRandom().random
        app = Application(
            login_url=_address(login_url, "login_url"),
            client_id=client_id,
            client_secret=client_secret,
            redirect_uri=redirect_uri,
        )
        self._oauth = OAuth(
            app,
            grant=grant,
            store=MemoryTokenStore() if token_store is None else token_store,
            policy=policy,
            now=clock.now,
            jitter=jitter,
        )
        self._session = Session(
            base_url=_address(base_url, "base_url"),
            company_id=company_id,
            oauth=self._oauth,
            policy=policy,
            now=clock.now,
            jitter=jitter,
            per_page=per_page,
        )
        self._owns_transport = transport is None
        self._driver = self._new_driver(transport, clock)

    @abstractmethod
    def _new_driver(self, transport: TransportT | None, clock: Clock) -> DriverT: ...

    def __repr__(self) -> str:
        session = self._session
        return f"<{type(self).__name__} {session.base_url} company {session.company_id}>"

    @property
    def company_id(self) -> int:
        """The company that all calls are for."""
        return self._session.company_id

    @property
    def requests_sent(self) -> int:
        """How many requests were sent, with repetitions and those for tokens."""
        return self._driver.requests_sent

    def authorize_url(self, *, state: str) -> str:
        """Where to send a person who shall authorize the application.

        Args:
            state: a fresh random text; compare it with the one that comes back.
        """
        return self._oauth.app.authorize_url(state=state)


class ProcoreClient(_Client[Transport, Driver]):
    """Talks to Procore for one company. Safe to share between threads.

    Args:
        base_url: scheme and host of the API.
        login_url: scheme and host of the login server of the same environment.
        company_id: the company, up to 64 bits.
        client_id: of the registered application.
        client_secret: of the registered application; never shown.
        token_store: keeps tokens between runs; by default only this object does.
        grant: ``"client_credentials"`` for service accounts. ``"authorization_code"`` and
            ``"refresh_token"`` act for a person whose token is in the store.
        redirect_uri: as registered, for ``"authorization_code"``.
        transport: sends the requests; by default one on httpx. A transport that is given is left
            open by :meth:`close`.
        clock: tells the time and waits.
        retry: how requests are repeated.
        per_page: most records in a page, if fewer than the endpoint allows.

    Raises:
        ConfigurationError: a setting is missing or malformed.
    """

    def _new_driver(self, transport: Transport | None, clock: Clock) -> Driver:
        return Driver(transport or HttpxTransport(), clock, self._oauth.secrets)

    def send(self, call: Call[T]) -> T:
        """Carry out a call.

        Raises:
            SetupError: credentials, permissions or settings need fixing.
            TryAgainError: nothing was changed; repeat later.
            OutcomeUnknownError: a call that is not repeatable may have been carried out.
            DataError: Procore refused it; ``violations`` holds its reasons.
            UnreadableReplyError: the answer is not what was promised.
        """
        return self._driver.run(self._session.execute(call))

    def pages(self, call: PagedCall[T]) -> Iterator[list[T]]:
        """The records of a listing, page by page; raises as :meth:`send`.

        Raises:
            IncompleteReadError: the listing is not whole.
            PagingLoopError: a page leads back to one that was read.
        """
        listing = self._session.listing(call)
        while listing.more:
            yield self._driver.run(listing.read())

    def send_all(self, call: PagedCall[T]) -> list[T]:
        """All records of a listing; raises as :meth:`pages`."""
        return [record for page in self.pages(call) for record in page]

    def redeem_code(self, code: str) -> None:
        """Exchange the code of an authorization for a token, and keep it.

        Raises:
            AuthenticationError: the code is not accepted.
        """
        self._driver.run(self._oauth.redeem_code(code))

    def revoke_token(self) -> None:
        """End the token and forget it."""
        self._driver.run(self._oauth.revoke())

    def token_info(self) -> TokenInfo:
        """What the login server says about the token in use; raises as :meth:`send`."""
        return self._driver.run(self._oauth.info())

    def close(self) -> None:
        """Release connections. Calling it twice is harmless."""
        if self._owns_transport:
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


class AsyncProcoreClient(_Client[AsyncTransport, AsyncDriver]):
    """The asynchronous twin of :class:`ProcoreClient`, for use within one event loop."""

    def _new_driver(self, transport: AsyncTransport | None, clock: Clock) -> AsyncDriver:
        return AsyncDriver(transport or AsyncHttpxTransport(), clock, self._oauth.secrets)

    async def send(self, call: Call[T]) -> T:
        """Carry out a call; raises as :meth:`ProcoreClient.send`."""
        return await self._driver.run(self._session.execute(call))

    async def pages(self, call: PagedCall[T]) -> AsyncIterator[list[T]]:
        """The records of a listing, page by page; raises as :meth:`ProcoreClient.pages`."""
        listing = self._session.listing(call)
        while listing.more:
            yield await self._driver.run(listing.read())

    async def send_all(self, call: PagedCall[T]) -> list[T]:
        """All records of a listing; raises as :meth:`ProcoreClient.pages`."""
        return [record async for page in self.pages(call) for record in page]

    async def redeem_code(self, code: str) -> None:
        """Exchange the code of an authorization for a token, and keep it."""
        await self._driver.run(self._oauth.redeem_code(code))

    async def revoke_token(self) -> None:
        """End the token and forget it."""
        await self._driver.run(self._oauth.revoke())

    async def token_info(self) -> TokenInfo:
        """What the login server says about the token in use."""
        return await self._driver.run(self._oauth.info())

    async def close(self) -> None:
        """Release connections. Calling it twice is harmless."""
        if self._owns_transport:
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


def _check_settings(
    company_id: object, client_id: str, client_secret: str, per_page: int | None
) -> None:
    if type(company_id) is not int or not 0 < company_id <= _LARGEST_ID:
        raise ConfigurationError("not the id of a company", path="company_id")
    for name, value in (("client_id", client_id), ("client_secret", client_secret)):
        if not value or value != value.strip():
            raise ConfigurationError(
                "missing, or with blanks around it", path=name, hint="copy it from the app's page"
            )
    if per_page is not None and per_page < 1:
        raise ConfigurationError("a page has at least one record", path="per_page")


def _address(url: str, name: str) -> str:
    """The address without a slash at the end."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError(
            "not the address of a server", path=name, hint="as in https://api.procore.com"
        )
    return url.rstrip("/")
