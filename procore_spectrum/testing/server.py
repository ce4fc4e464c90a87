"""A fake on a real socket: HTTP/1.1, kept-alive connections, and faults that really happen.

Beside the fake's own addresses every server answers:

=============================  ======================================================
``GET /_sandbox/state``        what the fake holds
``GET /_sandbox/rows``         what SQL would find in it, by table
``GET /_sandbox/calls``        what the fake was asked
``GET /_sandbox/faults``       the plan, and how often each rule struck
``POST /_sandbox/faults``      replace the plan (JSON, or a JSON string in the language
                               of :mod:`procore_spectrum.testing.faults`)
``DELETE /_sandbox/faults``    no more faults
=============================  ======================================================
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from email.utils import format_datetime
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, cast

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.testing.faults import (
    Crash,
    CutBody,
    DiskFull,
    Fault,
    FaultPlan,
    FaultRun,
    LockedStore,
    LostReply,
    Refuse,
    ResetAfter,
    ResetBefore,
    Stall,
)
from procore_spectrum.testing.faulty import FaultyHandler, Handler
from procore_spectrum.wire.messages import Request, Response

__all__ = ["RunningServer", "serve"]

_CONTROL = "/_sandbox/"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_OWN_HEADERS = ("content-length", "transfer-encoding", "connection", "keep-alive")


def serve(
    handler: Handler,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: FaultPlan | None = None,
) -> RunningServer:
    """Serve a fake until the returned server is closed; it is a context manager.

    Args:
        handler: anything with ``handle(request) -> Response``; ``state()``, ``sql_rows()`` and
            ``calls`` are shown under ``/_sandbox/`` where it has them. It is called from
            several threads.
        host: the address to listen on.
        port: the port, or 0 for a free one.
        faults: what goes wrong from the start.

    Raises:
        ConfigurationError: the port cannot be used, or the plan holds a crash, which cannot
            happen on this side of a socket.
    """
    return RunningServer(handler, host, port, faults or FaultPlan())


class RunningServer:
    """A fake that listens. Made by :func:`serve`.

    Attributes:
        url: where it listens, without a trailing slash.
        failures: exceptions that the fake itself raised; each was answered with status 500.
    """

    def __init__(self, handler: Handler, host: str, port: int, faults: FaultPlan) -> None:
        self.handler = handler
        self.failures: list[Exception] = []
        self.closing = threading.Event()
        self._host = host
        self.set_faults(faults)
        self._listen(port)
        self.port: int = self._http.server_address[1]
        self.url = f"http://{host}:{self.port}"

    def _listen(self, port: int) -> None:
        try:
            self._http = _HttpServer((self._host, port), self)
        except (OSError, OverflowError) as error:
            raise ConfigurationError(
                f"cannot listen on {self._host}:{port}", hint="choose another port, or 0"
            ) from error
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def run(self) -> FaultRun:
        """The plan in use, with its counts."""
        return self._faults[0]

    @property
    def faults(self) -> tuple[FaultRun, FaultyHandler]:
        """The plan in use and what it does to answers; replaced together."""
        return self._faults

    def set_faults(self, plan: FaultPlan) -> None:
        """Replace the plan; counting starts again.

        Raises:
            ConfigurationError: the plan holds a crash, or a fault of the store.
        """
        if any(isinstance(rule.fault, Crash | DiskFull | LockedStore) for rule in plan.rules):
            raise ConfigurationError(
                "a server cannot let its client crash, nor its client's store fail",
                hint="use FaultyTransport, FaultyStore or KillAt in the client's process",
            )
        answers = FaultyHandler(self._handle, lambda: datetime.now(UTC), plan)
        self._faults = (FaultRun(plan), answers)

    def _handle(self, request: Request) -> Response:
        try:
            return self.handler.handle(request)
        except Exception as error:  # noqa: BLE001 - a broken fake must answer, and be seen
            self.failures.append(error)
            return _text(500, f"the fake failed: {type(error).__name__}: {error}")

    @contextmanager
    def refuse_connections(self) -> Iterator[None]:
        """Within the block nobody listens: connecting is really refused."""
        self._http.stop(self._thread)
        try:
            yield
        finally:
            self._listen(self.port)

    def close(self) -> None:
        """Stop listening and end every connection. Calling it twice is harmless."""
        if not self.closing.is_set():
            self.closing.set()
            self._http.stop(self._thread)

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<RunningServer {self.url}>"


class _HttpServer(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], running: RunningServer) -> None:
        self.running = running
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        """Bind without the name lookup of the base class, which may ask the network."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection on a thread that is known while it lasts."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close; without the polite goodbye where the connection is to be reset."""
        with self._lock:
            self._open.pop(request, None)
        with suppress(OSError):
            linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
            if linger != _RESET_ON_CLOSE:
                request.shutdown(socket.SHUT_RDWR)
        request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is everyday life here."""

    def stop(self, accepting: threading.Thread) -> None:
        """Stop accepting, end every connection and wait for its thread."""
        self.shutdown()
        accepting.join()
        self.server_close()
        with self._lock:
            connections = dict(self._open)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join(timeout=5)


class _Connection(BaseHTTPRequestHandler):
    """One connection, served by a thread of its own."""

    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet, at once; otherwise a request costs some 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def serve_one(self) -> None:
        """Answer one request, whatever its method."""
        running = cast("_HttpServer", self.server).running
        body = self._read_body()
        if self.path.startswith(_CONTROL):
            self._reply(_control(running, self.command, self.path, body))
            return
        request = Request(
            method=self.command,
            url=running.url + self.path,
            headers=tuple(self.headers.items()),
            content=body,
            label=f"{self.command} {self.path.partition('?')[0]}",
        )
        run, answers = running.faults
        self._answer(run.aim(request), request, answers, running.closing)

    def __getattr__(self, name: str) -> Any:
        """The base class looks for ``do_`` and the method's name; all are served alike."""
        if name.startswith("do_"):
            return self.serve_one
        raise AttributeError(name)

    def _answer(
        self,
        fault: Fault | None,
        request: Request,
        answers: FaultyHandler,
        closing: threading.Event,
    ) -> None:
        if isinstance(fault, Refuse | ResetBefore):
            self._reset()
            return
        if isinstance(fault, CutBody) and not fault.framed:
            whole = answers.answer(None, request)
            self._reply(whole, cut=fault.at)
            return
        response = answers.answer(fault, request)
        match fault:
            case ResetAfter():
                self._reset()
            case LostReply():
                self.close_connection = True
            case Stall():
                closing.wait(fault.seconds)
                self._reply(response)
            case _:
                self._reply(response)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.close_connection = True

    def _read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue
        return bytes(body)

    def _reply(self, response: Response, cut: int | None = None) -> None:
        self.send_response_only(response.status)
        if response.header("date") is None:
            self.send_header("Date", format_datetime(datetime.now(UTC), usegmt=True))
        for name, value in response.headers:
            if name.lower() not in _OWN_HEADERS:
                self.send_header(name, value)
        bodiless = response.status in (204, 304)
        if not bodiless:
            self.send_header("Content-Length", str(len(response.content)))
        if cut is not None:
            self.close_connection = True
        self.end_headers()
        if not bodiless and self.command != "HEAD":
            self.wfile.write(response.content[:cut])


def _text(status: int, text: str) -> Response:
    headers = (("Content-Type", "text/plain; charset=utf-8"),)
    return Response(status=status, headers=headers, content=text.encode())


def _json(body: Any, status: int = 200) -> Response:
    headers = (("Content-Type", "application/json"),)
    content = json.dumps(_plain(body), indent=1).encode()
    return Response(status=status, headers=headers, content=content)


def _control(running: RunningServer, method: str, path: str, body: bytes) -> Response:
    what = path.removeprefix(_CONTROL).partition("?")[0]
    match method, what:
        case "GET", "state":
            state = getattr(running.handler, "state", dict)
            return _json(state())
        case "GET", "rows":
            rows = getattr(running.handler, "sql_rows", dict)
            return _json(rows())
        case "GET", "calls":
            return _json(getattr(running.handler, "calls", ()))
        case "POST", "faults":
            try:
                running.set_faults(FaultPlan.from_json(json.loads(body)))
            except (ValueError, RecursionError, ConfigurationError) as error:
                return _json({"error": str(error)}, 400)
        case "DELETE", "faults":
            running.set_faults(FaultPlan())
        case "GET", "faults":
            pass
        case _:
            return _json({"error": f"nothing is served at {method} {path}"}, 404)
    run = running.run
    return _json({**run.plan.to_json(), "calls": run.calls, "struck": run.struck})


def _plain(value: Any) -> Any:
    """Values of a fake as JSON: money as text, bytes as text, headers left out."""
    match value:
        case Enum():
            plain: Any = _plain(value.value)
        case None | bool() | int() | float() | str():
            plain = value
        case Request() | Response():
            shown = attrs.asdict(value, recurse=False)
            shown.pop("headers")
            plain = _plain(shown)
        case bytes():
            plain = value.decode("utf-8", "replace")
        case date():
            plain = value.isoformat()
        case Mapping():
            plain = {_key(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            plain = [_plain(item) for item in value]
        case set() | frozenset():
            plain = sorted((_plain(item) for item in value), key=str)
        case _ if attrs.has(type(value)):
            plain = _plain(attrs.asdict(value, recurse=False))
        case _:
            plain = str(value)
    return plain


def _key(key: Any) -> str:
    plain = _plain(key)
    return "/".join(map(str, plain)) if isinstance(plain, list) else str(plain)
