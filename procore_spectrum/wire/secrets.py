"""Keeps secrets out of errors even when a server repeats what it was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

import attrs

from procore_spectrum.errors import ProcoreSpectrumError

__all__ = ["Secrets", "cover"]

Secrets: TypeAlias = Callable[[], Collection[str]]
"""Gives the secrets that are in use now; they change when tokens are renewed."""

_SHORTEST = 4
"""Shorter ones would blot out ordinary words, and protect nothing."""


def cover(error: BaseException | None, secrets: Collection[str]) -> None:
    """Blot secrets out of an error of ours, of its violations, and of the errors behind it."""
    known = sorted((s for s in secrets if len(s) >= _SHORTEST), key=len, reverse=True)

    def covered(text: str) -> str:
        for secret in known:
            text = text.replace(secret, "***")
        return text

    done: set[int] = set()
    while isinstance(error, ProcoreSpectrumError) and id(error) not in done:
        done.add(id(error))
        error.message = covered(error.message)
        error.path = covered(error.path)
        error.hint = covered(error.hint)
        error.args = (error.message,)
        error.violations = tuple(
            attrs.evolve(
                found,
                code=covered(found.code),
                message=covered(found.message),
                path=covered(found.path),
                hint=covered(found.hint),
            )
            for found in error.violations
        )
        error = error.__cause__ or error.__context__
