"""A Spectrum phase as a Procore cost code, and the codes above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from types import MappingProxyType

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.keys import key_text, keyed_origin, missing
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.phase_mask import PhaseMask
from procore_spectrum.mapping.result import MappedCode
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import CostCodeSyncItem
from procore_spectrum.models.spectrum import Phase
from procore_spectrum.models.values import FieldValue

__all__ = ["CostCodeMapping", "phase_parents", "phase_to_cost_code"]


@attrs.frozen(kw_only=True)
class CostCodeMapping:
    """Choices for cost codes.

    Args:
        division_names: names of the codes above the phases, which Spectrum does not have, by
            the beginning of the phase code without dashes: ``{"03": "Concrete"}``. Without an
            entry a code is called by its segment: "Division 03".
    """

    division_names: Mapping[str, str] = attrs.field(factory=lambda: MappingProxyType({}))


def phase_to_cost_code(
    phase: Phase,
    mask: PhaseMask,
    *,
    company_code: str,
    siblings: Iterable[Phase] = (),
) -> MappedCode:
    """The cost code that this phase should be; keys are attributes of ``CostCodeSyncItem``.

    ``code`` is the last segment only; ``path`` holds all of them and is empty when the phase
    code does not fit the mask. The id of the parent is known to whoever writes it.

    Args:
        phase: any one of the rows of a phase, which has one for each cost type.
        mask: how phase codes fall into segments.
        company_code: the Spectrum company it was read from.
        siblings: the other rows of the job. Where rows of this phase differ in their
            description, the most frequent one is taken (of equals, the first in alphabetical
            order) and a note says so. Rows of other phases do not matter.

    Raises:
        InvalidValueError: a text of the phase is not text.
    """
    job, code = key_text(phase.job_number), key_text(phase.phase_code)
    description, notes = _description(phase, siblings)
    violations = list(mask.check(code))
    path = () if violations else mask.split(code)
    fields: dict[str, FieldValue] = {
        "code": (path[-1] if path else code) or None,
        "name": description or (mask.show(path) if path else code) or None,
        "origin_id": keyed_origin("cost_code", company_code, job, code),
    }
    if not job:
        violations.append(missing("job_number", "the job number"))
    violations += check_limits(CostCodeSyncItem, fields)
    return MappedCode(fields=fields, violations=tuple(violations), notes=notes, path=path)


def phase_parents(
    phase: Phase,
    mask: PhaseMask,
    *,
    company_code: str,
    settings: CostCodeMapping | None = None,
) -> tuple[MappedCode, ...]:
    """The codes above a phase from the top down; phases of one division share them.

    Empty for a mask of one segment, and for a phase code that does not fit the mask.

    Raises:
        InvalidValueError: a text of the phase is not text.
    """
    settings = settings or CostCodeMapping()
    if mask.check(phase.phase_code):
        return ()
    path = mask.split(phase.phase_code)
    return tuple(
        _parent(phase, mask, path[:depth], company_code, settings) for depth in range(1, len(path))
    )


def _parent(
    phase: Phase,
    mask: PhaseMask,
    path: tuple[str, ...],
    company_code: str,
    settings: CostCodeMapping,
) -> MappedCode:
    beginning = "".join(path)
    usual = f"{mask.segments[len(path) - 1].name} {mask.show(path)}"
    fields: dict[str, FieldValue] = {
        "code": path[-1],
        "name": clean(settings.division_names.get(beginning)) or usual,
        "origin_id": keyed_origin("division", company_code, phase.job_number, beginning),
    }
    violations = check_limits(CostCodeSyncItem, fields)
    if not key_text(phase.job_number):
        violations += (missing("job_number", "the job number"),)
    return MappedCode(fields=fields, violations=violations, path=path)


def _description(phase: Phase, siblings: Iterable[Phase]) -> tuple[str, tuple[Violation, ...]]:
    """The description of a phase, and a note when its rows do not agree on it."""
    rows = {
        (key_text(row.cost_type), clean(row.description))
        for row in chain(siblings, [phase])
        if _phase_key(row) == _phase_key(phase)
    }
    counts = Counter(description for _, description in rows if description)
    if len(counts) < 2:
        return next(iter(counts), ""), ()
    chosen = min(counts, key=lambda text: (-counts[text], text.casefold(), text))
    others = ", ".join(repr(text) for text in sorted(counts) if text != chosen)
    note = Violation(
        code="descriptions-differ",
        message=f"the cost types disagree: {chosen!r} was taken, not {others}",
        path="name",
        hint="give all cost types of the phase one description in Spectrum",
    )
    return chosen, (note,)


def _phase_key(phase: Phase) -> tuple[str, str]:
    return key_text(phase.job_number), key_text(phase.phase_code)
