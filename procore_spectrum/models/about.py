"""What is known about a field: its name on the wire, its limits, its meaning.

Models annotate every field with an :class:`About`; converters, pre-flight checks and the
documentation read it back with :func:`fields_of`, so that a limit is written down once.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import attrs

__all__ = ["About", "FieldInfo", "fields_of"]


@attrs.frozen
class About:
    """Facts about one field of one model.

    Args:
        meaning: what the field says, in a few words, with its unit.
        wire: the element or key on the wire; None when it is the attribute's own name.
        length: most characters the other system stores; None when unknown or unlimited.
        digits: digits before and after the decimal point; None when not a number.
        signed: whether a number may be negative.
        values: the codes allowed; empty when open.
        required: whether the other system demands a value when a record is created.
    """

    meaning: str
    wire: str | None = None
    length: int | None = None
    digits: tuple[int, int] | None = None
    signed: bool = True
    values: tuple[str, ...] = ()
    required: bool = False


@attrs.frozen
class FieldInfo:
    """A field of a model together with its facts."""

    name: str
    type: Any
    wire: str
    about: About


@cache
def fields_of(model: type) -> tuple[FieldInfo, ...]:
    """The annotated fields of a model, in their order."""
    hints = get_type_hints(model, include_extras=True)
    found = []
    for attribute in attrs.fields(model):
        hint = hints[attribute.name]
        notes = [note for note in get_args(hint)[1:] if isinstance(note, About)]
        about = notes[0] if notes else About("")
        kind = get_args(hint)[0] if get_origin(hint) is not None and notes else hint
        found.append(FieldInfo(attribute.name, kind, about.wire or attribute.name, about))
    return tuple(found)
