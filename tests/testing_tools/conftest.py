"""A tiny fake, its server and a client, for the tests of the testing tools."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from procore_spectrum.testing.server import RunningServer, serve
from procore_spectrum.wire.messages import Request, Response


class Echo:
    """Answers with the number of the call and what it was asked; counts what it acted upon."""

    def __init__(self) -> None:
        self.calls: list[Request] = []
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        """Count and echo."""
        with self._lock:
            self.calls.append(request)
            number = len(self.calls)
        if request.url.endswith("/broken"):
            raise RuntimeError("out of order")
        if request.url.endswith("/empty"):
            return Response(status=204)
        body = [{"n": number, "body": request.content.decode()}, {"n": number}]
        return Response(
            status=200,
            headers=(("Content-Type", "application/json"), ("X-Rate-Limit-Reset", "1000")),
            content=json.dumps(body).encode(),
        )

    def state(self) -> dict[str, object]:
        """What it holds."""
        return {"seen": len(self.calls)}

    def send(self, request: Request) -> Response:
        """As a transport."""
        return self.handle(request)

    def close(self) -> None:
        """Nothing to release."""


@pytest.fixture
def echo() -> Echo:
    """A fresh echo."""
    return Echo()


@pytest.fixture
def server(echo: Echo) -> Iterator[RunningServer]:
    """The echo on a socket."""
    with serve(echo) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of that socket with short patience and no proxy."""
    with httpx.Client(base_url=server.url, timeout=5, trust_env=False) as plain:
        yield plain
