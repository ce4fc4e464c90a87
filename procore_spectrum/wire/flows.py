"""Flows: protocol logic as generators, driven by a synchronous or an asynchronous loop.

A flow yields *effects* and is resumed with their result, so that one body of code serves both
kinds of client:

* a :class:`~procore_spectrum.wire.messages.Request` – resumed with the ``Response``, or the
  transport's error is raised inside the flow at that point;
* :class:`Sleep` – resumed with None after the wait;
* :class:`Enter` / :class:`Leave` – hold a named gate (a mutual exclusion between flows of one
  driver), for instance while a single-use refresh token is being redeemed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from typing import TypeAlias, TypeVar

import attrs

from procore_spectrum.errors import OutcomeUnknownError, ProcoreSpectrumError
from procore_spectrum.wire.clock import Clock
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.secrets import Secrets, cover
from procore_spectrum.wire.transport import AsyncTransport, Transport

__all__ = ["AsyncDriver", "Driver", "Effect", "Enter", "Flow", "Leave", "Sleep", "send_once"]

T = TypeVar("T")


@attrs.frozen
class Sleep:
    """Wait for that many seconds."""

    seconds: float


@attrs.frozen
class Enter:
    """Wait for the gate of that name and hold it."""

    gate: str


@attrs.frozen
class Leave:
    """Let go of the gate of that name."""

    gate: str


Effect: TypeAlias = Request | Sleep | Enter | Leave
Flow: TypeAlias = Generator[Effect, Response | None, T]


def send_once(request: Request) -> Flow[Response]:
    """The flow that sends one request and gives its answer."""
    response = yield request
    if response is None:
        raise OutcomeUnknownError("the driver gave no answer", path=request.label)
    return response


class Driver:
    """Runs flows on a synchronous transport. Safe to share between threads.

    ``requests_sent`` counts the requests that were handed to the transport. What ``secrets``
    gives is blotted out of every error, because servers may repeat what they were sent.
    """

    def __init__(self, transport: Transport, clock: Clock, secrets: Secrets = tuple) -> None:
        self.transport = transport
        self.clock = clock
        self._secrets = secrets
        self.requests_sent = 0
        self._counting = threading.Lock()
        self._gates: dict[str, threading.Lock] = {}

    def run(self, flow: Flow[T]) -> T:
        """Drive a flow to its end and return its result."""
        held: list[threading.Lock] = []
        try:
            return self._run(flow, held)
        except ProcoreSpectrumError as error:
            cover(error, self._secrets())
            raise
        finally:
            flow.close()
            for lock in reversed(held):
                lock.release()

    def _run(self, flow: Flow[T], held: list[threading.Lock]) -> T:
        answer: Response | None = None
        failure: ProcoreSpectrumError | None = None
        while True:
            try:
                effect = flow.throw(failure) if failure else flow.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            answer, failure = None, None
            if isinstance(effect, Request):
                with self._counting:
                    self.requests_sent += 1
                try:
                    answer = self.transport.send(effect)
                except ProcoreSpectrumError as error:
                    failure = error
            elif isinstance(effect, Sleep):
                self.clock.sleep(effect.seconds)
            else:
                lock = self._gates.setdefault(effect.gate, threading.Lock())
                if isinstance(effect, Enter):
                    lock.acquire()
                    held.append(lock)
                else:
                    held.remove(lock)
                    lock.release()


class AsyncDriver:
    """Runs flows on an asynchronous transport, within one event loop.

    ``requests_sent`` and ``secrets`` are those of :class:`Driver`.
    """

    def __init__(self, transport: AsyncTransport, clock: Clock, secrets: Secrets = tuple) -> None:
        self.transport = transport
        self.clock = clock
        self._secrets = secrets
        self.requests_sent = 0
        self._gates: dict[str, asyncio.Lock] = {}

    async def run(self, flow: Flow[T]) -> T:
        """Drive a flow to its end and return its result."""
        held: list[asyncio.Lock] = []
        try:
            return await self._run(flow, held)
        except ProcoreSpectrumError as error:
            cover(error, self._secrets())
            raise
        finally:
            flow.close()
            for lock in reversed(held):
                lock.release()

    async def _run(self, flow: Flow[T], held: list[asyncio.Lock]) -> T:
        answer: Response | None = None
        failure: ProcoreSpectrumError | None = None
        while True:
            try:
                effect = flow.throw(failure) if failure else flow.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            answer, failure = None, None
            if isinstance(effect, Request):
                self.requests_sent += 1
                try:
                    answer = await self.transport.send(effect)
                except ProcoreSpectrumError as error:
                    failure = error
            elif isinstance(effect, Sleep):
                await self.clock.asleep(effect.seconds)
            else:
                lock = self._gates.setdefault(effect.gate, asyncio.Lock())
                if isinstance(effect, Enter):
                    await lock.acquire()
                    held.append(lock)
                else:
                    held.remove(lock)
                    lock.release()
