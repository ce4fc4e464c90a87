"""A Spectrum vendor as a company of Procore's directory."""

from __future__ import annotations

from typing import Literal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.choices import one_of
from procore_spectrum.mapping.keys import key_text, keyed_origin, missing
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.places import PlaceMapping, place_fields
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean, email_key
from procore_spectrum.models.procore import VendorSyncItem
from procore_spectrum.models.spectrum import Vendor
from procore_spectrum.models.values import FieldValue

__all__ = ["VendorMapping", "vendor_to_company"]


@attrs.frozen(kw_only=True)
class VendorMapping:
    """Choices for vendors.

    Args:
        place: how addresses are translated.
        unusable_email: what to do with an e-mail field that is not exactly one address:
            ``"hold"`` the vendor, or ``"leave_out"`` the address and note it.

    Raises:
        ConfigurationError: ``unusable_email`` is another word.
    """

    place: PlaceMapping = attrs.field(factory=PlaceMapping)
    unusable_email: Literal["hold", "leave_out"] = attrs.field(
        default="hold", validator=one_of(("hold", "leave_out"))
    )


def vendor_to_company(
    vendor: Vendor, *, company_code: str, settings: VendorMapping | None = None
) -> Mapped:
    """The company that this vendor should be; keys are attributes of ``VendorSyncItem``.

    Spectrum lists active vendors only, so a vendor that is seen is active. Its e-mail and
    telephone are those of its primary contact, the only ones that Spectrum hands out.

    Args:
        vendor: as read from Spectrum.
        company_code: the Spectrum company it was read from.
        settings: choices; the defaults when None.

    Raises:
        InvalidValueError: a text of the vendor is not text.
    """
    settings = settings or VendorMapping()
    name, code = clean(vendor.name), key_text(vendor.vendor_code)
    place, violations = place_fields(vendor, settings.place)
    fields: dict[str, FieldValue] = {
        "name": name or None,
        **place,
        "business_phone": clean(vendor.phone_number) or None,
        "email_address": clean(vendor.email) or None,
        "is_active": True,
        "origin_id": keyed_origin("vendor", company_code, code),
        "origin_code": code or None,
    }
    found = [*violations]
    notes: list[Violation] = []
    if not name:
        found.append(missing("name", "the vendor's name"))
    if not code:
        found.append(missing("origin_code", "the vendor code"))
    if fields["email_address"] and not email_key(vendor.email):
        if settings.unusable_email == "leave_out":
            fields["email_address"] = None
            notes.append(_not_an_address(clean(vendor.email)))
        else:
            found.append(_not_an_address(clean(vendor.email)))
    found += check_limits(VendorSyncItem, fields)
    return Mapped(fields=fields, violations=tuple(found), notes=tuple(notes))


def _not_an_address(text: str) -> Violation:
    return Violation(
        code="invalid-email",
        message=f"{text!r} is not one e-mail address",
        path="email_address",
        hint="correct the e-mail of the primary contact in Spectrum",
    )
