"""The closed union of things that a plan can contain.

An operation's id is a digest of its content, so that planning an unchanged world twice gives
the same ids, and an approval binds to exactly what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.plan.records import Candidate, Ref
from procore_spectrum.plan.values import Fields, Value, digest, meaning

__all__ = [
    "Create",
    "Deactivate",
    "FieldChange",
    "Held",
    "Link",
    "Operation",
    "System",
    "Update",
]

System: TypeAlias = Literal["procore", "spectrum"]


@attrs.frozen(kw_only=True)
class FieldChange:
    """One field with all three values: last agreed, source now, target now."""

    path: str
    base: Value = None
    source: Value = None
    target: Value = None


@attrs.frozen(kw_only=True)
class _Operation:
    """What all operations share.

    ``desired`` is the base after success, ``before`` the base until then, ``active`` whether
    the record is switched on afterwards; the rest as in :class:`~.records.Desired`.

    An operation that belongs to an export names its ``document`` and the digest of what was
    ``shown`` of it: it is carried out only if exactly that was accepted. ``after`` names records
    that have to exist before it is carried out. ``refers`` names the kind of record whose key a
    field holds; that record has to exist, too, and its id is sent in place of the key.
    """

    feature: str
    ref: Ref
    title: str
    reason: str = ""
    target: System = "procore"
    changes: tuple[FieldChange, ...] = ()
    desired: Fields = attrs.field(factory=dict)
    before: Fields = attrs.field(factory=dict)
    target_id: str | None = None
    scope: Ref | None = None
    parent: Ref | None = None
    partition: str = ""
    active: bool = True
    document: Ref | None = None
    shown: str = ""
    after: tuple[Ref, ...] = ()
    refers: Mapping[str, str] = attrs.field(factory=dict)

    verb: ClassVar[str] = ""

    @cached_property
    def op_id(self) -> str:
        """A digest of kind, key, verb, the record aimed at, before and desired."""
        names = [self.target, self.ref.kind, self.ref.key, self.verb, self.target_id or ""]
        return digest([names, meaning(self.before), meaning(self.desired)])

    @property
    def writes(self) -> bool:
        """Whether carrying it out sends something to the target."""
        return True

    @property
    def references(self) -> Mapping[str, Ref]:
        """The records that the desired values name, by path."""
        found = ((path, kind, self.desired.get(path)) for path, kind in self.refers.items())
        return {path: Ref(kind, key) for path, kind, key in found if isinstance(key, str) and key}


@attrs.frozen(kw_only=True)
class Create(_Operation):
    """Make a new record with the ``desired`` values."""

    verb: ClassVar[str] = "create"


@attrs.frozen(kw_only=True)
class Update(_Operation):
    """Write the ``changes`` to the record ``target_id``; ``desired`` is the new base."""

    verb: ClassVar[str] = "update"


@attrs.frozen(kw_only=True)
class Link(_Operation):
    """Remember that ``target_id`` is this record; ``desired`` is the base.

    ``stamp`` tells that the target has to be told our key (its origin id) first; without it
    only our own store changes.
    """

    verb: ClassVar[str] = "link"
    stamp: bool = False

    @property
    def writes(self) -> bool:
        """Whether carrying it out sends something to the target."""
        return self.stamp


@attrs.frozen(kw_only=True)
class Deactivate(_Operation):
    """Switch the record ``target_id`` off. Nothing is ever deleted."""

    verb: ClassVar[str] = "deactivate"


@attrs.frozen(kw_only=True)
class Held(_Operation):
    """Not done: a person has to decide or to correct something first."""

    verb: ClassVar[str] = "held"
    code: str = ""
    message: str = ""
    hint: str = ""
    violations: tuple[Violation, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether carrying it out sends something to the target."""
        return False


Operation: TypeAlias = Create | Update | Link | Deactivate | Held
