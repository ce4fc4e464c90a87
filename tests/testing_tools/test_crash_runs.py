"""Killing a program at a request of choice, for real."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.testing import crash
from procore_spectrum.wire.messages import Request, Response

SCRIPT = """
    import sys
    from pathlib import Path
    from procore_spectrum.testing import doomed
    from procore_spectrum.wire.messages import Request, Response

    class Log:
        def send(self, request):
            with Path("log").open("a") as log:
                log.write(request.label)
            return Response(status=200)

        def close(self):
            pass

    one, two = doomed(Log()), doomed(Log())
    for label in "abcd":
        (one if label in "ac" else two).send(Request(method="GET", url="http://h/", label=label))
    one.close()
    print("finished", *sys.argv[1:])
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A program of four requests over two transports, which logs those that were sent."""
    file = tmp_path / "program.py"
    file.write_text(textwrap.dedent(SCRIPT))
    return file


@pytest.fixture
def room(tmp_path: Path) -> dict[str, Any]:
    """Where it runs, and how it finds this package when that is not installed."""
    return {"cwd": tmp_path, "env": {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}}


class Quiet:
    """A transport that counts."""

    def __init__(self) -> None:
        self.sent = 0
        self.closed = False

    def send(self, request: Request) -> Response:
        """Count."""
        self.sent += 1
        return Response(status=200)

    def close(self) -> None:
        """Remember it."""
        self.closed = True


class KilledError(Exception):
    """Instead of dying."""


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Deaths are recorded and raised instead of carried out."""
    recorded: list[tuple[int, int]] = []

    def kill(pid: int, number: int) -> None:
        recorded.append((pid, number))
        raise KilledError

    monkeypatch.setattr(os, "kill", kill)
    return recorded


def test_a_whole_run_is_counted(script: Path, room: dict[str, Any]) -> None:
    """Requests of all transports count together."""
    assert crash.count_requests(script, **room) == 4


@pytest.mark.parametrize(
    ("kill_at", "when", "sent"), [(3, "before_send", "ab"), (3, "after_reply", "abc")]
)
def test_it_is_killed_at_that_request(
    script: Path, room: dict[str, Any], kill_at: int, when: crash.When, sent: str
) -> None:
    """SIGKILL ends it before the third request leaves, or after its answer arrived."""
    run = crash.run_script(script, kill_at=kill_at, when=when, **room)
    assert (run.killed, run.ok, run.requests, run.stdout) == (True, False, 3, "")
    assert (script.parent / "log").read_text() == sent


def test_arguments_and_output_pass(script: Path, room: dict[str, Any]) -> None:
    """A run that is not killed tells what it printed."""
    run = crash.run_script(script, "x", "y", **room)
    assert (run.ok, run.killed, run.stdout) == (True, False, "finished x y\n")


def test_a_script_that_fails_cannot_be_counted(tmp_path: Path) -> None:
    """Its own error is shown."""
    file = tmp_path / "fails.py"
    file.write_text("raise SystemExit('out of paper')")
    with pytest.raises(ConfigurationError, match="out of paper"):
        crash.count_requests(file)


def test_a_script_that_hangs_is_ended(tmp_path: Path) -> None:
    """The error names the script."""
    file = tmp_path / "hangs.py"
    file.write_text("import threading; threading.Event().wait()")
    with pytest.raises(ConfigurationError, match="did not end") as caught:
        crash.run_script(file, timeout=0.3)
    assert caught.value.path == str(file)


def test_kill_points_are_before_and_after_each_request() -> None:
    """Two points to a request, in order."""
    assert crash.kill_points(2) == (
        (1, "before_send"),
        (1, "after_reply"),
        (2, "before_send"),
        (2, "after_reply"),
    )


@pytest.mark.parametrize(("when", "sent"), [("before_send", 1), ("after_reply", 2)])
def test_kill_at_dies_by_sigkill(
    deaths: list[tuple[int, int]], when: crash.When, sent: int
) -> None:
    """It is this very process that dies, by the signal that nothing can catch."""
    inner = Quiet()
    transport = crash.KillAt(inner, 2, when)
    request = Request(method="GET", url="http://h/")
    transport.send(request)
    with pytest.raises(KilledError):
        transport.send(request)
    assert deaths == [(os.getpid(), signal.SIGKILL)]
    assert inner.sent == sent
    transport.close()
    assert inner.closed


def test_outside_of_a_run_nothing_is_wrapped() -> None:
    """A script works as usual when nobody wants to kill it."""
    inner = Quiet()
    assert crash.doomed(inner) is inner


def test_transports_of_one_process_share_the_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The order comes from the environment, and every request leaves one byte."""
    tally = tmp_path / "tally"
    monkeypatch.setenv("PROCORE_SPECTRUM_TEST_KILL_AT", "9:before_send")
    monkeypatch.setenv("PROCORE_SPECTRUM_TEST_COUNT_FILE", str(tally))
    monkeypatch.setattr(crash, "_shared", [])
    transports = [crash.doomed(Quiet()) for _ in range(2)]
    for transport in transports:
        transport.send(Request(method="GET", url="http://h/"))
    assert tally.read_bytes() == b".."
