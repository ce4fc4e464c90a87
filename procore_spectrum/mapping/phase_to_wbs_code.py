"""A Spectrum phase with its cost type as a Procore budget code (WBS code)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.keys import key_text, missing
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.phase_mask import PhaseMask
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import WbsCode
from procore_spectrum.models.spectrum import Phase
from procore_spectrum.models.values import FieldValue

__all__ = ["WbsCodeMapping", "phase_to_wbs_code"]


@attrs.frozen(kw_only=True)
class WbsCodeMapping:
    """Choices for budget codes.

    Args:
        active_by_status: which of Spectrum's phase statuses (A active, I inactive, C complete)
            are active budget codes; by default only A.
    """

    active_by_status: Mapping[str, bool] = attrs.field(
        factory=lambda: MappingProxyType({"A": True, "I": False, "C": False})
    )


def phase_to_wbs_code(
    phase: Phase, mask: PhaseMask, *, settings: WbsCodeMapping | None = None
) -> Mapped:
    """The budget code that this row should be.

    Keys: ``cost_code`` (codes from the top down, to be looked up as a segment item),
    ``line_item_type`` (its code, likewise), ``description`` and ``status`` (``"active"`` or
    ``"inactive"``, None when the phase's status is not in the table).

    Budget codes have no origin id: they are recognised by their two parts.

    Raises:
        InvalidValueError: a text of the phase is not text.
    """
    settings = settings or WbsCodeMapping()
    code, cost_type = key_text(phase.phase_code), key_text(phase.cost_type)
    status = key_text(phase.status_code)
    violations = list(mask.check(code))
    fields: dict[str, FieldValue] = {
        "cost_code": () if violations else mask.split(code),
        "line_item_type": cost_type or None,
        "description": clean(phase.description) or None,
        "status": None,
    }
    if not cost_type:
        violations.append(missing("line_item_type", "the cost type"))
    if status in settings.active_by_status:
        fields["status"] = "active" if settings.active_by_status[status] else "inactive"
    else:
        violations.append(_unknown_status(status))
    violations += check_limits(WbsCode, fields)
    return Mapped(fields=fields, violations=tuple(violations))


def _unknown_status(status: str) -> Violation:
    return Violation(
        code="unknown-status",
        message=f"the phase status {status!r} is not in the table",
        path="status",
        hint="say in active_by_status whether such a phase is an active budget code",
    )
