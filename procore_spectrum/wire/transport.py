"""The transport protocols: something that sends one request, once.

A transport never retries and never judges the status. It raises
:class:`~procore_spectrum.errors.NotSentError` when the request surely did not reach the server,
and :class:`~procore_spectrum.errors.OutcomeUnknownError` when it may have been acted upon.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from procore_spectrum.wire.messages import Request, Response

__all__ = ["AsyncTransport", "Transport"]


@runtime_checkable
class Transport(Protocol):
    """Sends a request and returns the answer, whatever its status."""

    def send(self, request: Request) -> Response:
        """Send once.

        Raises:
            NotSentError: the request did not reach the server.
            OutcomeUnknownError: the request was sent and no whole answer came back.
        """
        ...

    def close(self) -> None:
        """Release connections. Calling it twice is harmless."""
        ...


@runtime_checkable
class AsyncTransport(Protocol):
    """The asynchronous twin of :class:`Transport`."""

    async def send(self, request: Request) -> Response:
        """Send once; raises as :meth:`Transport.send` does."""
        ...

    async def close(self) -> None:
        """Release connections. Calling it twice is harmless."""
        ...
