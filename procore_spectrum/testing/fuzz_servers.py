"""Servers and callers at the other end of a line, as the fuzzer damages what they say."""

from __future__ import annotations

import io
import re
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any
from unittest.mock import patch

import attrs
import httpcore

from procore_spectrum.notifiers.smtp import SmtpNotifier
from procore_spectrum.ports import Notice
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing.fuzz_cases import Case, Conversation
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request

__all__ = ["http_answers", "mail_servers", "sandboxes"]

_GUID = re.compile(rb"<GUID>[^<]*<")

# ---------------------------------------------------------------- HTTP

_ANSWERS = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"a": 1}',
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nLink: <https://a.test/?page=2>; rel=next"
    b"\r\n\r\n4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\nTrailer: 1\r\n\r\n",
    b"HTTP/1.0 429 Slow down\r\nRetry-After: 12\r\nDate: Mon, 05 Jan 2026 08:00:00 GMT\r\n\r\n-",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 21\r\n\r\n"
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x01\x01\x00\xfe\xff\x61\x43\xbe\xb7\xe8\x01",
)


class _Wires(httpcore.NetworkBackend):
    """A network on which every server says the same and then hangs up."""

    said = b""

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return httpcore.MockStream([self.said])

    def sleep(self, seconds: float) -> None:
        """Nobody waits."""


def http_answers() -> Iterator[Case]:
    """What comes over a socket, before anything is known to be HTTP."""
    transport, wires = HttpxTransport(), _Wires()
    # The pool below httpx's transport is the only place where a network can be put in.
    transport._pool._pool._network_backend = wires

    def read(content: bytes) -> object:
        wires.said = content
        try:
            answer = transport.send(Request(method="GET", url="http://127.0.0.1/a"))
            return answer.media_type, answer.header("date"), answer.content
        finally:
            transport._pool._pool.close()

    for content in _ANSWERS:
        yield Case(content, read)


# ---------------------------------------------------------------- mail

_MAIL = b"""220 mail.test ESMTP
250-mail.test
250-SIZE 1000000
250 AUTH CRAM-MD5 PLAIN LOGIN
334 PDEuMkBtYWlsLnRlc3Q+
235 2.7.0 good
250 sender good
250 recipient good
354 go on
250 taken
221 bye
""".replace(b"\n", b"\r\n")


class _Line:
    """A socket to a server that says all it has to say, whatever it is told."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._said)

    def sendall(self, _: bytes) -> None:
        """It is not listened to."""

    def close(self) -> None:
        """Nothing to release."""


def mail_servers() -> Iterator[Case]:
    """A mail server that takes a notice after a login."""
    notifier = SmtpNotifier(
        host="localhost",
        port=25,
        sender="office@a.test",
        recipients=("robin@a.test",),
        user="office",
        password="sample",  # noqa: S106 - no secret
        encrypt=False,
    )
    notice = Notice(kind="waiting", subject="A question", lines=("Hello",))

    def read(content: bytes) -> None:
        line = patch.object(socket, "create_connection", lambda *_, **__: _Line(content))
        # Loading the machine's authorities takes far longer than all the rest.
        with line, patch.object(ssl, "create_default_context"):
            notifier.notify(notice)

    yield Case(_MAIL, read)


# ---------------------------------------------------------------- the sandbox


class _Sandbox:
    """Both fakes as they are asked by strangers: any answer is good, an exception is not.

    The fakes remember what they are asked, so they are replaced now and then.
    """

    def __init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        talk = Conversation()
        talk.sync(MemoryStore())
        self._left = 2_000
        self._said = [
            *((talk.procore.handle, request) for request, _ in talk.to_procore.heard),
            *((talk.spectrum.handle, request) for request, _ in talk.to_spectrum.heard),
        ]

    def cases(self) -> Iterator[Case]:
        for number, (_, request) in enumerate(self._said):
            yield Case(request.url.partition(".test")[2].encode(), partial(self._visit, number))
            if request.content:
                # Each run has other GUIDs, but inputs shall not differ between runs.
                content = _GUID.sub(b"<GUID>1f2e3d4c<", request.content)
                yield Case(content, partial(self._tell, number))

    def _visit(self, number: int, content: bytes) -> object:
        url = f"https://sandbox.test/{content.decode('latin-1').lstrip('/')}"
        return self._ask(number, url=url)

    def _tell(self, number: int, content: bytes) -> object:
        return self._ask(number, content=content)

    def _ask(self, number: int, **changes: Any) -> object:
        self._left -= 1
        if self._left < 0:
            self._renew()
        handle, request = self._said[number]
        return handle(attrs.evolve(request, **changes))


def sandboxes() -> Iterator[Case]:
    """Addresses and bodies that strangers send to the fakes."""
    return _Sandbox().cases()
