"""What the engine compares: the wish (source), the observation (target) and the memory (base)."""

from __future__ import annotations

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.plan.values import Fields, digest, meaning

__all__ = ["Candidate", "CrosswalkRow", "Desired", "Observed", "Ref", "fingerprint"]


@attrs.frozen(order=True)
class Ref:
    """Names a record by its kind and the source's own key, e.g. ``project 24-0101``.

    The key is complete by itself: a cost code's key contains its job, and no two records of
    one kind share a key within a company.
    """

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


@attrs.frozen(kw_only=True)
class Candidate:
    """A record of the target that may be the same thing, with the reasons to think so."""

    target_id: str
    title: str
    score: int
    evidence: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Desired:
    """A record as the source says that it should be, in the target's vocabulary.

    Args:
        ref: its name.
        title: what a person calls it.
        fields: the values; only fields that this feature owns.
        scope: the record in which it lives (a cost code's project), if any.
        parent: the record above it in a tree, if any.
        partition: what is locked while it is written; usually the job.
        active: False asks for its deactivation.
        target_id: set when a person (or an origin id) says which record of the target it is.
        violations: rules that it breaks; it is then held, with all of them.
        hold: set when it must wait for a person; the reason is shown.
        candidates: records of the target that it might be.
        create_reason: why it would be created, for the plan.
    """

    ref: Ref
    title: str
    fields: Fields
    scope: Ref | None = None
    parent: Ref | None = None
    partition: str = ""
    active: bool = True
    target_id: str | None = None
    violations: tuple[Violation, ...] = ()
    hold: Violation | None = None
    candidates: tuple[Candidate, ...] = ()
    create_reason: str = "not in the target yet"


@attrs.frozen(kw_only=True)
class Observed:
    """A record as the target has it now.

    ``key`` is the source key found in its origin id (or in its natural key), None when it
    carries none.
    """

    kind: str
    target_id: str
    title: str
    fields: Fields
    key: str | None = None
    scope_id: str | None = None
    active: bool = True


@attrs.frozen(kw_only=True)
class CrosswalkRow:
    """A linked pair: both keys and the values on which both sides last agreed (the base).

    ``echo`` holds the values that the target stored in a form of its own (a phone number it
    reformats); there, the target is compared with its echo, so that it does not look changed.
    """

    ref: Ref
    target_id: str
    base: Fields
    scope: Ref | None = None
    active: bool = True
    echo: Fields = attrs.field(factory=dict)

    @property
    def fingerprint(self) -> str:
        """A digest of the base."""
        return fingerprint(self.base)


def fingerprint(fields: Fields) -> str:
    """A digest of values that is equal exactly when they mean the same."""
    return digest(meaning(fields))
