"""A validator for settings that are one of a few words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import attrs

from procore_spectrum.errors import ConfigurationError

__all__ = ["one_of"]


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
