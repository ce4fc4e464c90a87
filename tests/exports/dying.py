"""Ends a program at one request or one commit of choice, or loses one answer."""

from __future__ import annotations

import os
import traceback
from collections import Counter
from collections.abc import Callable, Collection
from typing import Literal, TypeAlias

import attrs

from procore_spectrum.errors import OutcomeUnknownError
from procore_spectrum.ports import StoreChange
from procore_spectrum.stores import MemoryStore
from procore_spectrum.testing.faulty import SimulatedCrash
from procore_spectrum.wire.messages import Request, Response

What: TypeAlias = Literal["request", "write", "erp", "commit"]
When: TypeAlias = Literal["before", "after", "lost", "cut"]


@attrs.frozen
class Point:
    """The n-th request or commit, from 1: dead before it, dead after it, or its answer lost.

    ``cut`` loses the answer and the line: nothing gets through any more, so that repeating at
    once does not help.
    A ``write`` is a request that is no reading, and ``erp`` one that goes to Spectrum.
    """

    what: What
    number: int
    when: When

    def __str__(self) -> str:
        return f"{self.when} {self.what} {self.number}"


class Fate:
    """Counts requests and commits, and strikes once."""

    def __init__(self) -> None:
        self.count: Counter[What] = Counter()
        self.reads: set[int] = set()
        self.fatal: Point | None = None
        self.struck = False

    def strike_at(self, point: Point | None) -> None:
        """Count from anew, and strike at that point."""
        self.count.clear()
        self.reads.clear()
        self.fatal = point
        self.struck = False

    def answer(self, request: Request, inner: Callable[[Request], Response]) -> Response:
        """Stands between a client and its fake."""
        if self.struck and self.fatal is not None and self.fatal.when == "cut":
            raise OutcomeUnknownError("nothing gets through", path=request.where)
        here: list[tuple[What, int]] = [("request", self._next("request"))]
        if request.method == "GET" or "/ws/Get" in request.url:
            self.reads.add(self.count["request"])
        else:
            here.append(("write", self._next("write")))
            if "/ws/" in request.url:
                here.append(("erp", self._next("erp")))
        for what, number in here:
            self._die_at(what, number, "before")
        response = inner(request)
        for what, number in here:
            self._die_at(what, number, "after")
            if self._is(what, number, "lost") or self._is(what, number, "cut"):
                raise OutcomeUnknownError("the answer was lost", path=request.where)
        return response

    def commit(self, commit: Callable[[StoreChange], None], change: StoreChange) -> None:
        """Stands before a store."""
        number = self._next("commit")
        self._die_at("commit", number, "before")
        commit(change)
        self._die_at("commit", number, "after")

    def _next(self, what: What) -> int:
        self.count[what] += 1
        return self.count[what]

    def _is(self, what: What, number: int, when: When) -> bool:
        found = self.fatal == Point(what, number, when)
        self.struck = self.struck or found
        return found

    def _die_at(self, what: What, number: int, when: When) -> None:
        if self._is(what, number, when):
            raise SimulatedCrash(str(self.fatal))


class Forks(Fate):
    """Splits a run at every point, into one that is struck there and one that goes on.

    So every disturbance is tried, and nothing that went before it is repeated. This process must
    have one thread only.

    Args:
        end: what the struck run does after it was ended or has lost its answer; the text that it
            returns is told, and none means that all went well.
        when: the orders that are tried at a request that writes.
        whats: whether requests or commits are points.
    """

    def __init__(
        self,
        end: Callable[[], str],
        *,
        whats: Collection[What] = ("request", "commit"),
        part: tuple[int, int] = (1, 1),
    ) -> None:
        super().__init__()
        self.end = end
        self.told: dict[Point, str] = {}
        self.began = False
        self.is_child = False
        self._whats = whats
        self._part = part
        self._met = 0

    def _is(self, what: What, number: int, when: When) -> bool:
        if self.is_child or not self.began or what not in self._whats or when == "cut":
            return super()._is(what, number, when)
        # Dying after a read is dying before whatever comes next; a lost read is only repeated.
        if what == "request" and number in self.reads and when != "before":
            return False
        self._met += 1
        if self._met % self._part[1] != self._part[0] - 1:
            return False
        point = Point(what, number, when)
        mouth, ear = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(mouth)
            self.is_child, self.fatal, self.struck, self.ear = True, point, True, ear
            return True
        os.close(ear)
        with os.fdopen(mouth, encoding="utf-8") as told:
            self.told[point] = told.read()
        _, status = os.waitpid(child, 0)
        if status:
            self.told[point] += f"status {status}"
        return False

    def finish(self) -> None:
        """In a struck run: tell how it ended, and end."""
        status = 1
        try:
            self.began = False
            self.strike_at(None)
            with os.fdopen(self.ear, "w", encoding="utf-8") as ear:
                try:
                    ear.write(self.end())
                except Exception:  # noqa: BLE001 - whatever went wrong is what is told
                    ear.write(traceback.format_exc())
            status = 0
        finally:
            os._exit(status)


class MortalStore(MemoryStore):
    """A store whose commits may be the last. What was committed stays."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def commit(self, change: StoreChange) -> None:
        """Commit, and perhaps never return."""
        self._fate.commit(super().commit, change)
