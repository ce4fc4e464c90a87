"""The first two levels of validation; the third belongs to each service."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from procore_spectrum.testing.fake_spectrum.calls import Call, Finding, missing, off_mask
from procore_spectrum.testing.fake_spectrum.layouts import Layout

__all__ = ["PHONE", "STATE", "ZIP", "malformed", "not_supplied", "off_patterns"]

PHONE = re.compile(r"[0-9() -]+", re.ASCII)
STATE = re.compile(r"[A-Z]{2}", re.ASCII)
ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?", re.ASCII)


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


def off_patterns(call: Call, patterns: Mapping[str, re.Pattern[str]]) -> list[Finding]:
    """Level 2 too: the elements that do not have the form their service asks for."""
    return [
        off_mask(element)
        for element, pattern in patterns.items()
        if call.text(element) and not pattern.fullmatch(call.text(element))
    ]
