"""SuperSelect: the small expression language in the parameters of Spectrum's Get services.

===========  =========================
``a,b``      either of them
``#a,b``     everything but
``* ?``      any text, any character
``a/b``      from a to b
``ALL``      everything
===========  =========================

A value that holds one of these characters cannot be written: Spectrum would read an operator.
Such a selection is ``unsafe``. It has no ``text``; whoever needs it reads a wider scope and
filters with :meth:`Selection.matches`, on purpose and in sight.

Source: https://help.trimble.com/en/spectrum/spectrum (SuperSelect)
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from procore_spectrum.errors import InvalidValueError

__all__ = ["Selection", "exact", "is_safe", "none_of", "one_of"]

_OPERATORS = frozenset("*?,/#")


def is_safe(value: str) -> bool:
    """Whether the value can be written in an expression and stands for nothing but itself."""
    return (
        bool(value)
        and value == value.strip()
        and value.isprintable()
        and value.upper() != "ALL"
        and not _OPERATORS & set(value)
    )


@attrs.frozen
class Selection:
    """Some values, or everything but those.

    Args:
        values: the values meant, each as it comes in rows.
        excluded: true for everything but the values.
    """

    values: tuple[str, ...]
    excluded: bool = False

    @property
    def unsafe(self) -> tuple[str, ...]:
        """The values that the language cannot express."""
        return tuple(value for value in self.values if not is_safe(value))

    @property
    def text(self) -> str:
        """The expression.

        Raises:
            InvalidValueError: a value is unsafe, or nothing at all is selected.
        """
        if self.unsafe:
            raise InvalidValueError(
                f"Spectrum cannot select {', '.join(map(repr, self.unsafe))} exactly",
                hint="read a wider scope and filter the rows",
            )
        if not self.values and not self.excluded:
            raise InvalidValueError("an empty list selects nothing", hint="do not ask at all")
        return ("#" if self.excluded and self.values else "") + ",".join(self.values)

    def matches(self, value: str) -> bool:
        """Whether a row with that value is meant."""
        return (value in self.values) != self.excluded


def exact(value: str) -> Selection:
    """Just this value."""
    return Selection((value,))


def one_of(values: Iterable[str]) -> Selection:
    """Any of these values."""
    return Selection(tuple(sorted(set(values))))


def none_of(values: Iterable[str]) -> Selection:
    """Everything but these values; everything when there are none."""
    return Selection(tuple(sorted(set(values))), excluded=True)
