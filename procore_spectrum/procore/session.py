"""What both clients do with a call, as flows: token, headers, rate limit, retry, judge, parse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import attrs

from procore_spectrum.errors import IncompleteReadError, UnreadableReplyError
from procore_spectrum.procore.calls import Call, PagedCall, dump_json
from procore_spectrum.procore.errors import judge, unreadable
from procore_spectrum.procore.oauth import OAuth
from procore_spectrum.procore.tokens import Token
from procore_spectrum.wire.flows import Flow
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.paging import Pager
from procore_spectrum.wire.rate import RateBudget
from procore_spectrum.wire.retry import RetryPolicy, send_with_retry

__all__ = ["Listing", "Session"]

T = TypeVar("T")

_USER_AGENT = "procore-spectrum"

# What a parser may raise on an answer that lacks the promised shape (cattrs raises groups).
_WRONG_SHAPE = (
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    ExceptionGroup,
    UnreadableReplyError,
)


@attrs.frozen(kw_only=True)
class Session:
    """One company at one host. Holds no connection; its flows run on any driver.

    Args:
        base_url: scheme and host of the API, without a slash at the end.
        company_id: sent with every call, as Procore routes by it.
        oauth: gives tokens.
        budget: the rate limits of the application.
        policy: how requests are repeated.
        now: the current time, aware.
        jitter: gives random numbers from 0 to 1.
        per_page: most records in a page, if fewer than an endpoint allows.
    """

    base_url: str
    company_id: int
    oauth: OAuth = attrs.field(repr=False)
    policy: RetryPolicy
    now: Callable[[], datetime] = attrs.field(repr=False)
    jitter: Callable[[], float] = attrs.field(repr=False)
    budget: RateBudget = attrs.field(factory=RateBudget, repr=False)
    per_page: int | None = None

    def execute(self, call: Call[T]) -> Flow[T]:
        """Carry out a call.

        Raises:
            ProcoreSpectrumError: as :mod:`procore_spectrum.errors` groups them.
        """
        response = yield from self.fetch(self.request(call))
        return parsed(call, response)[0]

    def listing(self, call: PagedCall[T]) -> Listing[T]:
        """A listing, ready to read its first page."""
        return Listing(self, call.first_page(self.per_page))

    def request(self, call: Call[Any]) -> Request:
        """The request of a call, without its token."""
        query = f"?{urlencode(call.query)}" if call.query else ""
        headers = [("Accept", "application/json"), ("User-Agent", _USER_AGENT)]
        # Calls that can do without the company need it with client credentials all the same.
        if call.needs_company or self.oauth.grant == "client_credentials":
            headers.append(("Procore-Company-Id", str(self.company_id)))
        if call.body is not None:
            headers.append(("Content-Type", "application/json"))
        return Request(
            method=call.method,
            url=f"{self.base_url}{call.path}{query}",
            headers=tuple(headers),
            content=b"" if call.body is None else dump_json(call.body),
            label=call.name,
            repeatable=call.repeatable,
        )

    def fetch(self, request: Request) -> Flow[Response]:
        """Send with a token; with a new one if the server does not accept it."""
        token = yield from self.oauth.token()
        response = yield from self._send(request, token)
        if response.status == 401:
            token = yield from self.oauth.token(rejected=token)
            response = yield from self._send(request, token)
        return response

    def _send(self, request: Request, token: Token) -> Flow[Response]:
        return send_with_retry(
            request.with_headers([("Authorization", f"Bearer {token.access_token}")]),
            policy=self.policy,
            now=self.now,
            jitter=self.jitter,
            budget=self.budget,
        )


class Listing(Generic[T]):
    """A listing while it is being read, page by page. Not to be shared between threads.

    ``more`` tells whether there is a page to read. A page whose reading failed can be read again.
    """

    def __init__(self, session: Session, first_page: Call[list[T]]) -> None:
        self._session = session
        self._call = first_page
        self._pager = Pager()
        self._next: Request | None = session.request(first_page)
        self._rows = 0

    @property
    def more(self) -> bool:
        """Whether there is another page."""
        return self._next is not None

    def read(self) -> Flow[list[T]]:
        """Read the next page; nothing when there is none.

        Raises:
            IncompleteReadError: the server names a larger total than its pages held.
            PagingLoopError: a page leads back to one that was read.
            ProcoreSpectrumError: as :meth:`Session.execute`.
        """
        request = self._next
        if request is None:
            return []
        response = yield from self._session.fetch(request)
        records, rows = parsed(self._call, response)
        url = self._pager.next_url(request, response)
        self._rows += rows or 0
        if url is None and rows is not None:
            self._check_total(response)
        self._next = None if url is None else attrs.evolve(request, url=url)
        return records

    def _check_total(self, response: Response) -> None:
        """Whoever takes an absent record for a deleted one must know that the list is whole."""
        total = (response.header("total") or "").strip()
        if total.isdecimal() and len(total) < 12 and int(total) > self._rows:
            raise IncompleteReadError(
                f"{self._rows} of {total} records were listed",
                path=self._call.name,
                hint="the list changed while it was read, or a page is missing: read it again",
            )


def parsed(call: Call[T], response: Response) -> tuple[T, int | None]:
    """The result of a call, and the number of rows where the answer is a list of them.

    Raises:
        UnreadableReplyError: the answer of a repeatable call does not have the promised shape.
        OutcomeUnknownError: the same for any other call, which may have been carried out.
    """
    value = judge(response, call.name, repeatable=call.repeatable)
    try:
        result = call.parse(value, response)
    except UnreadableReplyError as error:
        raise unreadable(
            error.message,
            f"{call.name}{error.path}",
            repeatable=call.repeatable,
            hint=error.hint,
            violations=error.violations,
        ) from error
    except _WRONG_SHAPE as error:
        raise unreadable(
            f"the answer does not have the promised shape ({type(error).__name__})",
            call.name,
            repeatable=call.repeatable,
            hint=str(error)[:200],
        ) from error
    rows = value.get("data") if isinstance(value, dict) else value
    return result, len(rows) if isinstance(rows, list) else None
