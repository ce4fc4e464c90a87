"""Links that another phase mask made: the mask was changed after codes were written."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping import PhaseMask, split_key
from procore_spectrum.plan.records import CrosswalkRow, Desired

__all__ = ["hold_unless_linked", "is_shown_by", "without_another_mask"]


def is_shown_by(mask: PhaseMask, text: str) -> bool:
    """Whether the mask shows a code, or the beginning of one, like that."""
    left = "".join(sign for sign in text if sign.isalnum())
    shown: list[str] = []
    for segment in mask.segments:
        if left:
            shown.append(left[: len(segment.pattern)])
            left = left[len(segment.pattern) :]
    if left or mask.show(shown) != text:
        return False
    whole = len(shown[-1]) == len(mask.segments[len(shown) - 1].pattern)
    return whole or (mask.allow_short and len(shown) == len(mask.segments))


def without_another_mask(
    mask: PhaseMask, rows: Iterable[CrosswalkRow], place: int
) -> tuple[tuple[CrosswalkRow, ...], Violation | None]:
    """The links that the mask could have made, and what to say if there are others.

    Args:
        mask: the present one.
        rows: links of codes.
        place: which part of a link's key is the code.
    """
    ours: list[CrosswalkRow] = []
    others: list[CrosswalkRow] = []
    for row in rows:
        fits = is_shown_by(mask, split_key(row.ref.key)[place])
        (ours if fits else others).append(row)
    if not others:
        return tuple(ours), None
    codes = sorted({split_key(row.ref.key)[place] for row in others})
    return tuple(ours), Violation(
        code="phase-mask-changed",
        message=f"linked codes, such as {codes[0]}, do not look like {mask.text}: "
        "the phase mask was changed",
        path="phase_mask",
        hint="put the former mask back; codes that are in Procore cannot be divided anew",
    )


def hold_unless_linked(
    wishes: Iterable[Desired], rows: Iterable[CrosswalkRow], changed: Violation | None
) -> tuple[Desired, ...]:
    """Nothing new is made by a mask that contradicts what is linked."""
    linked = {row.ref for row in rows}
    if changed is None:
        return tuple(wishes)
    return tuple(
        wish if wish.ref in linked else attrs.evolve(wish, hold=changed) for wish in wishes
    )
