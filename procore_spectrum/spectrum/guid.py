"""The GUID that names a session or a group of records of one service.

A (service, Authorization ID, GUID) is one group; it expires about 24 hours after its last use.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum

__all__ = ["GuidPolicy", "Guids"]

_MOST_AGE = timedelta(hours=23)


class GuidPolicy(Enum):
    """When a new GUID is made."""

    PER_CALL = "per call"
    PER_SERVICE = "per service"


class Guids:
    """Hands out GUIDs. Safe to share between threads.

    Args:
        policy: a fresh one for each call, or one for each service, replaced within 24 hours.
        now: the current time.
        make: gives a new GUID.
    """

    def __init__(
        self,
        *,
        policy: GuidPolicy = GuidPolicy.PER_CALL,
        now: Callable[[], datetime],
        make: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._policy = policy
        self._now = now
        self._make = make
        self._groups: dict[str, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def for_call(self, service: str) -> str:
        """The GUID to send with a call of that service."""
        if self._policy is GuidPolicy.PER_CALL:
            return self._make()
        with self._lock:
            known = self._groups.get(service)
            if known is None or self._now() - known[1] >= _MOST_AGE:
                known = self._groups[service] = (self._make(), self._now())
            return known[0]

    def expired(self, service: str, guid: str) -> None:
        """Spectrum does not take this GUID any more; the next call gets another."""
        with self._lock:
            if self._groups.get(service, ("",))[0] == guid:
                del self._groups[service]
