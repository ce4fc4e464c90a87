"""Really killing a program in the middle of its work.

A script that is to be killed wraps its transports with :func:`doomed`, and a test runs it::

    run = run_script("sync.py", kill_at=7, when="after_reply")   # SIGKILL: no clean-up at all
    assert run.killed

``count_requests("sync.py")`` tells how many requests a whole run makes, and
:func:`kill_points` lists every place to kill it at.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.transport import Transport

__all__ = [
    "KillAt",
    "RequestCounter",
    "ScriptRun",
    "When",
    "count_requests",
    "doomed",
    "kill_points",
    "run_script",
]

When: TypeAlias = Literal["before_send", "after_reply"]

_KILL_AT = "PROCORE_SPECTRUM_TEST_KILL_AT"
_COUNT_FILE = "PROCORE_SPECTRUM_TEST_COUNT_FILE"


class RequestCounter:
    """Numbers requests over all transports that share it, from 1.

    With a file, each request leaves one byte in it, which survives being killed.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.count = 0
        self._file = file
        self._lock = threading.Lock()

    def next(self) -> int:
        """The number of the request that is about to be sent."""
        with self._lock:
            self.count += 1
            if self._file is not None:
                with self._file.open("ab", buffering=0) as tally:
                    tally.write(b".")
            return self.count


class KillAt:
    """A transport that kills its own process at the n-th request, as a power cut would.

    Args:
        inner: sends the requests.
        n: the number of the fatal request, from 1; 0 never kills.
        when: before the request leaves, or after its answer arrived.
        counter: shared by several transports of one program.
    """

    def __init__(
        self,
        inner: Transport,
        n: int,
        when: When = "before_send",
        counter: RequestCounter | None = None,
    ) -> None:
        self.inner = inner
        self.n = n
        self.when = when
        self.counter = counter or RequestCounter()

    def send(self, request: Request) -> Response:
        """Send once, and perhaps never return."""
        fatal = self.counter.next() == self.n
        if fatal and self.when == "before_send":
            _die()
        response = self.inner.send(request)
        if fatal:
            _die()
        return response

    def close(self) -> None:
        """Release the inner transport."""
        self.inner.close()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_shared: list[RequestCounter] = []


def doomed(inner: Transport) -> Transport:
    """Wrap a transport of a script that :func:`run_script` runs.

    All transports of the process share one count. Outside of :func:`run_script` the transport
    comes back as it is.
    """
    order = os.environ.get(_KILL_AT)
    if order is None:
        return inner
    if not _shared:
        tally = os.environ.get(_COUNT_FILE)
        _shared.append(RequestCounter(Path(tally) if tally else None))
    number, _, when = order.partition(":")
    return KillAt(inner, int(number), _when(when), _shared[0])


def _when(text: str) -> When:
    return "before_send" if text == "before_send" else "after_reply"


@attrs.frozen(kw_only=True)
class ScriptRun:
    """How a script ended. ``requests`` were begun before it did."""

    status: int
    requests: int
    stdout: str
    stderr: str

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.status == -signal.SIGKILL

    @property
    def ok(self) -> bool:
        """Whether it ended by itself and with success."""
        return self.status == 0


def run_script(
    script: Path | str,
    *args: str,
    kill_at: int = 0,
    when: When = "before_send",
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    timeout: float = 60.0,
) -> ScriptRun:
    """Run a Python script in a process of its own, killed at a request of choice.

    Args:
        script: the file; its transports are wrapped with :func:`doomed`.
        args: its arguments.
        kill_at: the number of the fatal request, from 1; 0 lets it run to its end.
        when: before the request leaves, or after its answer arrived.
        env: variables added to this process's environment.
        cwd: its working directory.
        timeout: seconds after which it counts as hanging.

    Raises:
        ConfigurationError: it did not end in time.
    """
    with tempfile.TemporaryDirectory() as room:
        tally = Path(room, "requests")
        tally.touch()
        orders = {_KILL_AT: f"{kill_at}:{when}", _COUNT_FILE: str(tally)}
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
                [sys.executable, str(script), *args],
                env={**os.environ, **(env or {}), **orders},
                cwd=cwd,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ConfigurationError(
                f"the script did not end within {timeout:g} s", path=str(script)
            ) from error
        return ScriptRun(
            status=done.returncode,
            requests=tally.stat().st_size,
            stdout=done.stdout,
            stderr=done.stderr,
        )


def count_requests(
    script: Path | str,
    *args: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    timeout: float = 60.0,
) -> int:
    """How many requests a whole run of the script makes.

    Raises:
        ConfigurationError: the script failed by itself, or did not end in time.
    """
    run = run_script(script, *args, env=env, cwd=cwd, timeout=timeout)
    if not run.ok:
        raise ConfigurationError(
            f"the script ended with status {run.status}: {run.stderr[-400:]}", path=str(script)
        )
    return run.requests


def kill_points(requests: int) -> tuple[tuple[int, When], ...]:
    """Every place to kill a run of that many requests: before and after each one."""
    moments: tuple[When, ...] = ("before_send", "after_reply")
    return tuple((n, when) for n in range(1, requests + 1) for when in moments)
