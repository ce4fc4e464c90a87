"""Addresses: Spectrum's two lines, city, state and ZIP as Procore's address fields."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.spectrum import Job, Vendor
from procore_spectrum.models.values import FieldValue

__all__ = ["PlaceMapping", "joined_lines", "place_fields"]

_US_STATES = """AL AK AS AZ AR CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO
MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UM UT VA VI VT WA WI WV WY"""
_CANADIAN_PROVINCES = "AB BC MB NB NL NS NT NU ON PE QC SK YT"

_STATES: Mapping[str, frozenset[str]] = {
    "US": frozenset(_US_STATES.split()),
    "CA": frozenset(_CANADIAN_PROVINCES.split()),
}


@attrs.frozen(kw_only=True)
class PlaceMapping:
    """How addresses are translated.

    Args:
        country_code: ISO 3166 code of the country, which Spectrum does not store.
        countries_by_state: exceptions to it, by state: ``{"ON": "CA"}``.
        address_join: what stands between the two address lines in Procore's one.
    """

    country_code: str = "US"
    countries_by_state: Mapping[str, str] = attrs.field(factory=lambda: MappingProxyType({}))
    address_join: str = ", "


def place_fields(
    record: Job | Vendor, settings: PlaceMapping
) -> tuple[dict[str, FieldValue], tuple[Violation, ...]]:
    """Procore's address fields, and what is wrong with them.

    Procore refuses a state that does not belong to the country; for the United States and
    Canada that is found here.
    """
    state = clean(record.state).upper()
    country = clean(settings.countries_by_state.get(state, settings.country_code)).upper()
    fields: dict[str, FieldValue] = {
        "address": joined_lines(record, settings.address_join) or None,
        "city": clean(record.city) or None,
        "state_code": state or None,
        "zip": clean(record.zip_code) or None,
        "country_code": country or None,
    }
    if not state or state in _STATES.get(country, {state}):
        return fields, ()
    fault = Violation(
        code="unknown-state",
        message=f"{state!r} is not a state of {country}",
        path="state_code",
        hint="correct the state in Spectrum, or name its country in countries_by_state",
    )
    return fields, (fault,)


def joined_lines(record: Job | Vendor, join: str) -> str:
    """Both address lines as one; a blank line leaves no trace."""
    lines = (clean(record.address_1), clean(record.address_2))
    return join.join(filter(None, lines))
