"""Validators for settings that are one of a few words, or a number within limits."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import attrs

from procore_spectrum.errors import ConfigurationError

__all__ = ["one_of", "within"]


def one_of(allowed: Collection[str | None]) -> Callable[[object, Any, object], None]:
    """An attrs validator that accepts these values only, or tuples of them.

    The validator raises :class:`~procore_spectrum.errors.ConfigurationError`.
    """

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        for item in value if isinstance(value, tuple) else (value,):
            if item not in allowed:
                words = sorted(word for word in allowed if word)
                raise ConfigurationError(
                    f"{item!r} is not possible here",
                    path=attribute.name,
                    hint=f"choose from {', '.join(words)}",
                )

    return check


def within(least: int, most: int) -> Callable[[object, Any, int], None]:
    """An attrs validator that accepts whole numbers from ``least`` to ``most``.

    The validator raises :class:`~procore_spectrum.errors.ConfigurationError`.
    """

    def check(_: object, attribute: attrs.Attribute[Any], value: int) -> None:
        if not least <= value <= most:
            raise ConfigurationError(
                f"{value} is not possible here",
                path=attribute.name,
                hint=f"from {least} to {most}",
            )

    return check
