"""Faults applied: to a transport, and to the answers of a fake.

What a fault does to an *answer* is written once (:class:`FaultyHandler`) and serves the
transport in process as well as the socket server. What it does to a *connection* differs:
:class:`FaultyTransport` raises the error that a real transport would raise, the server really
resets its socket.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Protocol

import attrs

from procore_spectrum.errors import NotSentError, OutcomeUnknownError
from procore_spectrum.testing.clock import FakeClock
from procore_spectrum.testing.faults import (
    ClockSkew,
    Crash,
    CutBody,
    DuplicateRow,
    ExpiredSession,
    ExpiredToken,
    Fault,
    FaultPlan,
    FaultRun,
    LostReply,
    ReadLag,
    Refuse,
    ResetAfter,
    ResetBefore,
    SoapFault,
    Stall,
    Status,
)
from procore_spectrum.wire.clock import Clock
from procore_spectrum.wire.messages import Headers, Request, Response
from procore_spectrum.wire.transport import Transport

__all__ = ["FaultyHandler", "FaultyTransport", "Handler", "SimulatedCrash"]

_RETRY_AFTER = "retry-after"


class Handler(Protocol):
    """The brain of a fake: answers one request at a time."""

    def handle(self, request: Request) -> Response:
        """Act on a request and answer it."""
        ...


class SimulatedCrash(BaseException):
    """The program "dies" here.

    Not an ``Exception``, so that no handler of errors can survive it by accident.
    """

    def __init__(self, point: str) -> None:
        super().__init__(f"crashed at {point}")
        self.point = point


class FaultyHandler:
    """Answers as ``handle`` does, unless a fault changes or replaces the answer.

    Args:
        handle: the truthful answer; called only where the server acts.
        now: the time for the ``Date`` header that a skewed clock shows.
        plan: tells whether old answers have to be kept, for reads that lag.
    """

    def __init__(
        self,
        handle: Callable[[Request], Response],
        now: Callable[[], datetime],
        plan: FaultPlan,
    ) -> None:
        self._handle = handle
        self._now = now
        self._keeps = any(isinstance(rule.fault, ReadLag) for rule in plan.rules)
        self._answers: dict[tuple[str, str, bytes], Response] = {}
        self._lock = threading.Lock()

    def answer(self, fault: Fault | None, request: Request) -> Response:
        """The answer under that fault. Faults of the connection leave it as it is."""
        match fault:
            case Status() | SoapFault():
                if fault.acted:
                    self._handle(request)
                return _failure(fault)
            case ExpiredToken():
                return _json(
                    401,
                    {"code": 401, "message": "The access token is invalid"},
                    ("WWW-Authenticate", 'Bearer error="invalid_token"'),
                )
            case ExpiredSession():
                return _expired_session(request)
            case ReadLag():
                return self._outdated(request)
        return self._remembered(request, self._acted(fault, request))

    def _acted(self, fault: Fault | None, request: Request) -> Response:
        response = self._handle(request)
        match fault:
            case DuplicateRow():
                return attrs.evolve(response, content=_duplicate_row(response.content))
            case ClockSkew():
                return _skewed(response, fault.seconds, self._now())
            case CutBody():
                return attrs.evolve(response, content=response.content[: fault.at])
        return response

    def _outdated(self, request: Request) -> Response:
        with self._lock:
            known = self._answers.get(_identity(request))
        return known or self._remembered(request, self._handle(request))

    def _remembered(self, request: Request, response: Response) -> Response:
        if self._keeps:
            with self._lock:
                self._answers[_identity(request)] = response
        return response


class FaultyTransport:
    """A transport with a plan of what goes wrong.

    Faults of the connection become the errors of the transport contract. A stall lets the clock
    run; when it is longer than the request's timeout, the answer is lost.

    Args:
        inner: sends what gets through.
        plan: what goes wrong, or a run of a plan that is shared with other transports.
        clock: what a stall waits on; the default waits instantly.
    """

    def __init__(
        self, inner: Transport, plan: FaultPlan | FaultRun, clock: Clock | None = None
    ) -> None:
        self.inner = inner
        self.run = plan if isinstance(plan, FaultRun) else FaultRun(plan)
        self.clock = clock or FakeClock()
        self._answers = FaultyHandler(inner.send, self.clock.now, self.run.plan)

    def send(self, request: Request) -> Response:
        """Send once, unless a fault says otherwise.

        Raises:
            NotSentError: the connection was refused.
            OutcomeUnknownError: the connection broke, or the answer came too late.
            SimulatedCrash: the plan lets the program die here.
        """
        fault = self.run.aim(request)
        match fault:
            case Refuse():
                raise NotSentError("the connection was refused", path=request.where)
            case ResetBefore():
                raise _unanswered("the connection was reset", request)
            case Crash(point="before_send"):
                raise SimulatedCrash("before_send")
        response = self._answers.answer(fault, request)
        match fault:
            case ResetAfter() | LostReply():
                raise _unanswered("the connection was closed without an answer", request)
            case CutBody(framed=False):
                raise _unanswered("the answer was cut off", request)
            case Crash():
                raise SimulatedCrash("after_reply")
            case Stall():
                self._wait(fault.seconds, request)
        return response

    def _wait(self, seconds: float, request: Request) -> None:
        if request.timeout is not None and seconds >= request.timeout:
            self.clock.sleep(request.timeout)
            raise _unanswered("no answer in time", request)
        self.clock.sleep(seconds)

    def reach(self, point: str) -> None:
        """Tell that a named point of the program is reached.

        Raises:
            SimulatedCrash: the plan lets the program die here.
        """
        if self.run.reach(point):
            raise SimulatedCrash(point)

    def close(self) -> None:
        """Release the inner transport."""
        self.inner.close()


def _unanswered(message: str, request: Request) -> OutcomeUnknownError:
    return OutcomeUnknownError(message, path=request.where, hint="look it up before repeating it")


def _identity(request: Request) -> tuple[str, str, bytes]:
    return request.method, request.url, request.content


def _json(status: int, body: Any, *headers: tuple[str, str]) -> Response:
    return Response(
        status=status,
        headers=(("Content-Type", "application/json; charset=utf-8"), *headers),
        content=json.dumps(body).encode(),
    )


def _failure(fault: Status | SoapFault) -> Response:
    if isinstance(fault, SoapFault):
        return Response(
            status=fault.code,
            headers=(("Content-Type", "text/xml; charset=utf-8"),),
            content=(
                b"<SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'>"
                b"<SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode>"
                b"<faultstring>Error executing Web Service</faultstring>"
                b"</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
            ),
        )
    extra: Headers = ()
    if fault.retry_after is not None:
        extra = ((_RETRY_AFTER, str(fault.retry_after)),)
    if fault.code in (502, 503):
        return Response(
            status=fault.code,
            headers=(("Content-Type", "text/html"), *extra),
            content=b"<html><head><title>Gateway</title></head>\r\n<body>No upstream</body></html>",
        )
    return _json(fault.code, {"code": fault.code, "message": f"status {fault.code}"}, *extra)


def _expired_session(request: Request) -> Response:
    operation = request.url.split("?")[0].rstrip("/").rpartition("/")[2]
    safe = re.sub(r"\W", "", operation) or "Operation"
    body = (
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'>"
        f"<SOAP-ENV:Body><nis:{safe}Response "
        "xmlns:nis='http://www.northgate-is.com/proiv/webservices/types'>"
        "<returnArray><returnData>\r\n<response><error_code>A</error_code>"
        "<desc>Time out has occurred</desc><column>GUID</column></response>\r\n"
        f"</returnData></returnArray></nis:{safe}Response></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    headers = (("Content-Type", "text/xml; charset=utf-8"),)
    return Response(status=200, headers=headers, content=body.encode())


_XML_ROW = re.compile(r"<response>.*?</response>", re.DOTALL)
_JSON_LIST = re.compile(r'(?:\A\s*|"data"\s*:\s*)\[\s*')


def _duplicate_row(content: bytes) -> bytes:
    """Textually, so that every digit of every number stays as the fake wrote it."""
    text = content.decode("utf-8", "surrogateescape")
    if found := _JSON_LIST.search(text):
        try:
            _, end = json.JSONDecoder().raw_decode(text, found.end())
        except ValueError:
            return content
        start = found.end()
    elif found := _XML_ROW.search(text):
        start, end = found.span()
    else:
        return content
    comma = "" if text[start] == "<" else ","
    twice = text[:end] + comma + text[start:]
    return twice.encode("utf-8", "surrogateescape")


def _skewed(response: Response, seconds: int, now: datetime) -> Response:
    told = response.header("date")
    date = parsedate_to_datetime(told) if told else now
    ahead = format_datetime(date + timedelta(seconds=seconds), usegmt=True)
    headers: list[tuple[str, str]] = [("Date", ahead)]
    for name, value in response.headers:
        if name.lower() == "x-rate-limit-reset":
            headers.append((name, str(int(value) + seconds)))
        elif name.lower() != "date":
            headers.append((name, value))
    return attrs.evolve(response, headers=tuple(headers))
