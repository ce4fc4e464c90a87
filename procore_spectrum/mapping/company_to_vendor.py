"""A company of Procore's directory as a new Spectrum vendor."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from procore_spectrum.errors import ConfigurationError, Violation
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean, fitting, phone_digits
from procore_spectrum.models.procore import Vendor
from procore_spectrum.models.spectrum import VendorCreate
from procore_spectrum.models.values import FieldValue

__all__ = ["VendorExportMapping", "company_to_vendor"]

_ALPHA_SORT = 6


def _basis(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value not in {"A", "B"}:
        raise ConfigurationError(
            f"{value!r} is neither A nor B",
            path=attribute.name,
            hint="A counts from the invoice date, B from the first of the next month",
        )


@attrs.frozen(kw_only=True)
class VendorExportMapping:
    """Choices for new vendors: what Spectrum demands and Procore does not know.

    Args:
        terms_code: what payment days count from, A or B.
        terms_days: days until payment is due.
        terms_disc_code: what discount days count from, A or B.
        long_text: what happens to a text that is too long: ``"hold"`` or ``"shorten"``.
    """

    terms_code: str = attrs.field(default="A", validator=_basis)
    terms_days: int = 30
    terms_disc_code: str = attrs.field(default="A", validator=_basis)
    long_text: Literal["hold", "shorten"] = "hold"


def company_to_vendor(company: Vendor, *, settings: VendorExportMapping | None = None) -> Mapped:
    """The vendor that this company would be, without the code that accounting gives.

    Commas are not allowed in a vendor's name (Spectrum help, "Add Vendor"); they are reported
    and never dropped. Keys are attributes of ``VendorCreate``.

    Args:
        company: as read from Procore.
        settings: choices; the defaults when None.
    """
    settings = settings or VendorExportMapping()
    how, notes = settings.long_text, list[Violation]()
    name = clean(company.name)
    fields: dict[str, FieldValue] = {
        "vendor_name": fitting(name, 30, "vendor_name", how, notes) or None,
        "alpha_sort": "".join(char for char in name.upper() if char.isalnum())[:_ALPHA_SORT]
        or None,
        "address_1": fitting(clean(company.address), 30, "address_1", how, notes) or None,
        "city": fitting(clean(company.city), 25, "city", how, notes) or None,
        "state": clean(company.state_code) or None,
        "zip_code": clean(company.zip) or None,
        "phone": phone_digits(company.business_phone) or None,
        "fax_phone": phone_digits(company.fax_number) or None,
        "vendor_email": clean(company.email_address) or None,
        "terms_code": settings.terms_code,
        "terms_days": settings.terms_days,
        "terms_disc_code": settings.terms_disc_code,
    }
    return Mapped(
        fields=fields, violations=tuple(_faults(company, name, fields)), notes=tuple(notes)
    )


def _faults(company: Vendor, name: str, fields: dict[str, FieldValue]) -> list[Violation]:
    found = [*check_limits(VendorCreate, fields)]
    if not name:
        found.append(
            Violation(
                code="required",
                message="the company has no name",
                path="vendor_name",
                hint="name it in Procore",
            )
        )
    if "," in name:
        found.append(
            Violation(
                code="comma",
                message=f"{name!r:.60} has a comma, which a vendor's name cannot have",
                path="vendor_name",
                hint="take the commas out of the company's name",
            )
        )
    if company.is_active is False:
        found.append(
            Violation(
                code="inactive",
                message="the company is inactive",
                path="is_active",
                hint="activate it in Procore",
            )
        )
    return found
