"""The difference between "not sent", "null" and a value.

Procore leaves a field alone when its key is absent from a request and empties it when the key
is null, so input models need both: a field that is :data:`UNSET` is not written at all.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias, TypeVar

__all__ = ["UNSET", "Sent", "Unset"]

T = TypeVar("T")


class Unset(Enum):
    """The type of :data:`UNSET`; it is false in a condition."""

    UNSET = "unset"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

Sent: TypeAlias = T | Unset | None
