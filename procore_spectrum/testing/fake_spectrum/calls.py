"""What passes between the server's faces and its services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from procore_spectrum.testing.fake_spectrum.layouts import Layout, Value

if TYPE_CHECKING:
    from procore_spectrum.testing.fake_spectrum.company import Company
    from procore_spectrum.testing.fake_spectrum.switches import Switches

__all__ = ["Call", "CallRecord", "Finding", "Row", "missing", "off_mask"]

Row = Mapping[str, Value]

NOT_DATA = frozenset({"Authorization_ID", "GUID", "Company_Code", "pCompany_Code"})


@attrs.frozen
class Finding:
    """One row of an error or information answer.

    ``code`` is A (abort), I (invalid), M (missing), S (success of the test), G (good, with
    information) or W (warning); ``column`` names the element.
    """

    code: str
    text: str
    column: str


def missing(column: str) -> Finding:
    """The answer about a required element that is blank."""
    return Finding("M", f"{column} must be supplied", column)


def off_mask(column: str) -> Finding:
    """The documented answer about a value of the wrong form."""
    return Finding("I", f"{column} is invalid, value does not match specified field mask", column)


@attrs.frozen(kw_only=True)
class Call:
    """One authorised and well-formed call, ready for its service."""

    layout: Layout
    values: Mapping[str, str]
    company: Company
    switches: Switches
    now: datetime
    release: str
    operator: str = "*WS"

    def text(self, element: str) -> str:
        """The value of an element as sent, without surrounding blanks."""
        return self.values.get(element, "")

    def given(self) -> dict[str, Value]:
        """The elements that are not blank, as values, without credentials and company."""
        return {
            field.name: field.parse(self.values[field.name])
            for field in self.layout.inputs
            if field.name not in NOT_DATA and self.values[field.name]
        }


@attrs.frozen(kw_only=True)
class CallRecord:
    """One call as it was seen: no Authorization_ID, no secret. ``rows`` counts the answer."""

    service: str
    parameters: Mapping[str, str]
    rows: int
    at: datetime
