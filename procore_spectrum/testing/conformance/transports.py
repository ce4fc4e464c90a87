"""What every transport must do; see :mod:`procore_spectrum.wire.transport`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import attrs
import pytest

from procore_spectrum.errors import NotSentError, OutcomeUnknownError, ProcoreSpectrumError
from procore_spectrum.testing.conformance.contract import Contract
from procore_spectrum.testing.faults import (
    CutBody,
    Fault,
    FaultPlan,
    FaultRule,
    LostReply,
    ResetAfter,
    Stall,
)
from procore_spectrum.testing.server import serve
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.transport import AsyncTransport, Transport

__all__ = ["AsyncTransportContract", "Scene", "TransportCapabilities", "TransportContract"]

_SECRET = "CANARY-7f3a"  # noqa: S105 - it opens nothing


@attrs.frozen(kw_only=True)
class TransportCapabilities:
    """What a transport can do.

    Args:
        network: it sends to any address; without it ``scene`` is given by the adapter.
        failures: connections can break between it and the other side.
        timeouts: it obeys ``Request.timeout``.
        concurrent: several requests can be under way at once.
    """

    network: bool = True
    failures: bool = True
    timeouts: bool = True
    concurrent: bool = True


@attrs.frozen(kw_only=True)
class Scene:
    """The other side of a transport.

    Args:
        good: a request that is answered with success and a body.
        bad: a request that is answered with an error status.
        count: how many requests the other side has acted upon.
        breaks: lets the next request fail in that way; None where nothing can break.
    """

    good: Request
    bad: Request
    count: Callable[[], int]
    breaks: Callable[[Fault], None] | None = None


class _Echo:
    """Answers with what it was asked; ``/status/N`` with that status."""

    def __init__(self) -> None:
        self.seen: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.seen.append(request)
        number = request.url.rpartition("/status/")[2]
        headers = (
            ("Content-Type", "application/octet-stream"),
            ("X-Asked", request.header("x-ask") or ""),
            ("Location", "/elsewhere"),
        )
        status = int(number) if number.isdecimal() else 200
        return Response(status=status, headers=headers, content=request.content or b"echo")


class TransportContract(Contract):
    """Give the fixture ``transport``, fresh; without a network ``scene`` as well."""

    declared: ClassVar[TransportCapabilities] = TransportCapabilities()

    @pytest.fixture
    def scene(self) -> Iterator[Scene]:
        """A server on this machine."""
        echo = _Echo()
        with serve(echo) as server:
            yield Scene(
                good=Request(
                    method="POST",
                    url=f"{server.url}/echo?token={_SECRET}",
                    headers=(("X-Ask", "a"), ("Authorization", f"Bearer {_SECRET}")),
                    content=b"\x00\xff body\r\n",
                    label="good",
                ),
                bad=Request(method="GET", url=f"{server.url}/status/404", label="bad"),
                count=lambda: len(echo.seen),
                breaks=lambda fault: server.set_faults(FaultPlan((FaultRule(fault=fault),))),
            )

    def broken(self, scene: Scene, fault: Fault) -> None:
        """Let the next request fail."""
        self.need("failures")
        assert scene.breaks is not None
        scene.breaks(fault)

    def together(self, transport: Transport, requests: Sequence[Request]) -> list[Response]:
        """The answers to requests that are sent at once."""
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(transport.send, requests))

    def test_it_is_a_transport(self, transport: Transport) -> None:
        """It has the methods of the protocol."""
        assert isinstance(transport, Transport)

    def test_it_gives_the_answer(self, transport: Transport, scene: Scene) -> None:
        """A request that is answered gives a whole Response."""
        answer = transport.send(scene.good)
        assert isinstance(answer, Response)
        assert 200 <= answer.status < 300
        assert isinstance(answer.content, bytes)
        assert answer.content

    def test_it_never_judges_the_status(self, transport: Transport, scene: Scene) -> None:
        """An error status is an answer like any other, not an exception."""
        assert transport.send(scene.bad).status >= 400

    def test_it_sends_once(self, transport: Transport, scene: Scene) -> None:
        """One call is one request, whatever the answer."""
        before = scene.count()
        transport.send(scene.good)
        transport.send(scene.bad)
        assert scene.count() - before == 2

    def test_it_serves_again_after_an_error_status(
        self, transport: Transport, scene: Scene
    ) -> None:
        """An error status leaves the transport as good as before."""
        transport.send(scene.bad)
        assert transport.send(scene.good).status < 300

    def test_closing_twice_is_harmless(self, transport: Transport) -> None:
        """A second close does nothing."""
        transport.close()
        transport.close()

    def test_bytes_arrive_unchanged(self, transport: Transport, scene: Scene) -> None:
        """Body and headers reach the other side, and come back, byte by byte."""
        self.need("network")
        answer = transport.send(scene.good)
        assert answer.content == scene.good.content
        assert answer.header("x-asked") == "a"

    @pytest.mark.parametrize("status", [204, 301, 401, 429, 500, 503])
    def test_every_status_is_handed_on(
        self, transport: Transport, scene: Scene, status: int
    ) -> None:
        """No redirect is followed, no login tried and nothing repeated."""
        self.need("network")
        url = scene.bad.url.replace("/status/404", f"/status/{status}")
        assert transport.send(attrs.evolve(scene.bad, url=url)).status == status
        assert scene.count() == 1

    def test_nobody_listens(self, transport: Transport) -> None:
        """A refused connection means that nothing was sent."""
        self.need("network")
        with serve(_Echo()) as server:
            url = f"{server.url}/?{_SECRET}"
        with pytest.raises(NotSentError) as caught:
            transport.send(Request(method="GET", url=url))
        assert _SECRET not in str(caught.value)

    @pytest.mark.parametrize(
        "fault", [ResetAfter(), LostReply(), CutBody(at=1)], ids=lambda fault: fault.kind
    )
    def test_a_lost_answer_leaves_the_outcome_unknown(
        self, transport: Transport, scene: Scene, fault: Fault
    ) -> None:
        """The server may have acted: the error says so, shows no secret, and nothing is resent."""
        self.broken(scene, fault)
        with pytest.raises(OutcomeUnknownError) as caught:
            transport.send(scene.good)
        assert scene.count() == 1
        assert _SECRET not in f"{caught.value} {caught.value!r}"

    def test_it_serves_again_after_a_failure(self, transport: Transport, scene: Scene) -> None:
        """A broken connection does not break the transport."""
        self.broken(scene, ResetAfter())
        with pytest.raises(ProcoreSpectrumError):
            transport.send(scene.good)
        assert transport.send(scene.good).status < 300

    def test_an_answer_that_comes_too_late(self, transport: Transport, scene: Scene) -> None:
        """After the timeout the outcome is unknown, because the request was sent."""
        self.need("timeouts")
        self.broken(scene, Stall(seconds=20))
        with pytest.raises(OutcomeUnknownError):
            transport.send(attrs.evolve(scene.good, timeout=0.05))

    def test_requests_at_once_get_their_own_answers(
        self, transport: Transport, scene: Scene
    ) -> None:
        """Answers are never mixed up between callers."""
        self.need("network")
        self.need("concurrent")
        bodies = [f"{number}".encode() * 50 for number in range(8)]
        asked = [attrs.evolve(scene.good, content=body) for body in bodies]
        assert [answer.content for answer in self.together(transport, asked)] == bodies


class _Blocking:
    """An asynchronous transport for the tests above, on one event loop."""

    def __init__(self, inner: AsyncTransport, runner: asyncio.Runner) -> None:
        self.inner = inner
        self.runner = runner

    def send(self, request: Request) -> Response:
        return self.runner.run(self.inner.send(request))

    def close(self) -> None:
        self.runner.run(self.inner.close())


class AsyncTransportContract(TransportContract):
    """The same promises. Give the fixture ``async_transport``."""

    @pytest.fixture
    def transport(self, async_transport: AsyncTransport) -> Iterator[Transport]:
        """The asynchronous transport, awaited."""
        with asyncio.Runner() as runner:
            blocking = _Blocking(async_transport, runner)
            yield blocking
            blocking.close()

    def together(self, transport: Transport, requests: Sequence[Request]) -> list[Response]:
        """The answers to requests that are awaited at once."""
        assert isinstance(transport, _Blocking)
        send = transport.inner.send

        async def gather() -> list[Response]:
            return list(await asyncio.gather(*map(send, requests)))

        return transport.runner.run(gather())

    def test_it_is_awaited(self, async_transport: AsyncTransport) -> None:
        """It has the methods of the asynchronous protocol."""
        assert isinstance(async_transport, AsyncTransport)
        assert asyncio.iscoroutinefunction(async_transport.send)
