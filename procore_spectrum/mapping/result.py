"""What a mapping hands back: values, what is wrong with them, and what was decided on the way."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.models.values import FieldValue

__all__ = ["Mapped", "MappedCode"]


def _read_only(fields: Mapping[str, FieldValue]) -> Mapping[str, FieldValue]:
    return MappingProxyType(dict(fields))


@attrs.frozen(kw_only=True)
class Mapped:
    """A record in the words of the other system.

    Args:
        fields: the values by attribute name of the target's model. A field that the source
            leaves blank is present as None, so the same keys come back for every record
            mapped with the same settings.
        violations: why the record cannot be sent as it is; all of them together.
        notes: choices made on the way that a person may want to see. They stop nothing.
    """

    fields: Mapping[str, FieldValue] = attrs.field(converter=_read_only)
    violations: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the record may be sent."""
        return not self.violations


@attrs.frozen(kw_only=True)
class MappedCode(Mapped):
    """A cost code with its place in the tree: ``path`` holds the codes from the top down."""

    path: tuple[str, ...] = ()
