"""The first two levels of validation; the third belongs to each service."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from procore_spectrum.testing.fake_spectrum.calls import Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.layouts import Layout

__all__ = ["malformed", "not_supplied"]


def not_supplied(
    layout: Layout, values: Mapping[str, str], when_adding: Collection[str] = ()
) -> list[Finding]:
    """Level 1: the required elements that are blank."""
    return [
        missing(field.name)
        for field in layout.inputs
        if field.required is True and field.name not in when_adding and not values[field.name]
    ]


def malformed(layout: Layout, values: Mapping[str, str]) -> list[Finding]:
    """Level 2: the elements whose length, number, date or permitted values are wrong."""
    return [
        off_mask(field.name)
        for field in layout.inputs
        if values[field.name] and not field.accepts(values[field.name])
    ]
