"""Natural keys: trimmed, otherwise untouched, and never blank."""

from __future__ import annotations

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.origin import origin_id
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.keys import join_key, split_key

__all__ = ["join_key", "key_text", "keyed_origin", "missing", "split_key"]


def key_text(text: str | None) -> str:
    """A key without the blanks that Spectrum pads it with. Blanks inside belong to the key.

    Raises:
        InvalidValueError: the argument is neither text nor None.
    """
    return text.strip() if text and clean(text) else ""


def keyed_origin(object_type: str, company_code: str, *keys: str | None) -> str | None:
    """The origin id of a record; None when its key is not complete."""
    parts = [key_text(key) for key in (company_code, *keys)]
    return origin_id(object_type, *parts) if all(parts) else None


def missing(path: str, what: str) -> Violation:
    """The violation for a value that has to be there."""
    return Violation(
        code="required",
        message=f"{what} is blank",
        path=path,
        hint="fill it in in Spectrum",
    )
