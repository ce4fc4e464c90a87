"""Vendors as Spectrum reports them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import CompanyCode, VendorCode

__all__ = ["Vendor"]


@attrs.frozen(kw_only=True)
class Vendor:
    """An active vendor, as the REST service GetVendors lists it.

    The service returns active vendors only, without state, tax id, hold flag or vendor type.
    The names of the payment city, state and postal code are inferred: the page repeats the
    purchase block there.

    Key: ``vendor_code``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-payable-services/get-vendors
    """

    vendor_code: Annotated[
        VendorCode,
        About("vendor code, upper case, no symbols or commas", wire="Vendor_Code", length=10),
    ]
    company_code: Annotated[CompanyCode | None, About("company", wire="Company_Code", length=3)] = (
        None
    )
    name: Annotated[str | None, About("name", wire="Name", length=30)] = None
    address_1: Annotated[
        str | None, About("first line of the address", wire="Address_1", length=30)
    ] = None
    address_2: Annotated[
        str | None, About("second line of the address", wire="Address_2", length=30)
    ] = None
    city: Annotated[str | None, About("city", wire="City", length=30)] = None
    state: Annotated[str | None, About("state, postal abbreviation", wire="State", length=2)] = None
    zip_code: Annotated[
        str | None, About("postal code, with or without the +4 digits", wire="Zip_Code", length=10)
    ] = None
    first_name: Annotated[
        str | None, About("first name of the primary contact", wire="First_Name", length=20)
    ] = None
    last_name: Annotated[
        str | None, About("last name of the primary contact", wire="Last_Name", length=30)
    ] = None
    phone_number: Annotated[
        str | None, About("telephone of the primary contact", wire="Phone_Number", length=14)
    ] = None
    email: Annotated[
        str | None, About("e-mail address of the primary contact", wire="Email", length=80)
    ] = None
    account_reference: Annotated[
        str | None, About("our account number at the vendor", wire="Account_Reference", length=25)
    ] = None
    payment_terms: Annotated[
        str | None,
        About(
            "payment is due from the invoice date (A) or from the 1st of the next month (B)",
            wire="Payment_Terms",
            length=1,
            values=("A", "B"),
        ),
    ] = None
    payment_term_days: Annotated[
        int | None,
        About(
            "days until payment is due",
            wire="Payment_Term_Days",
            length=12,
            digits=(12, 0),
            signed=False,
        ),
    ] = None
    discount_terms: Annotated[
        str | None,
        About(
            "the discount counts from the invoice date (A) or from the 1st of the next month (B)",
            wire="Discount_Terms",
            length=1,
            values=("A", "B"),
        ),
    ] = None
    discount_term_days: Annotated[
        int | None,
        About(
            "days during which the discount is granted",
            wire="Discount_Term_Days",
            length=12,
            digits=(12, 0),
            signed=False,
        ),
    ] = None
    discount_percent: Annotated[
        Decimal | None, About("discount in percent", wire="Discount_Percent", digits=(3, 2))
    ] = None
    purchase_location_name: Annotated[
        str | None,
        About(
            "name of the place that purchases are sent to", wire="Purchase_Location_Name", length=30
        ),
    ] = None
    purchase_address_1: Annotated[
        str | None,
        About("first line of the purchase address", wire="Purchase_Address_1", length=30),
    ] = None
    purchase_address_2: Annotated[
        str | None,
        About("second line of the purchase address", wire="Purchase_Address_2", length=30),
    ] = None
    purchase_city: Annotated[
        str | None, About("city of the purchase address", wire="Purchase_City", length=30)
    ] = None
    purchase_state: Annotated[
        str | None, About("state of the purchase address", wire="Purchase_State", length=2)
    ] = None
    purchase_zip: Annotated[
        str | None, About("postal code of the purchase address", wire="Purchase_Zip", length=10)
    ] = None
    payment_location_name: Annotated[
        str | None,
        About(
            "name of the place that payments are sent to", wire="Payment_Location_Name", length=30
        ),
    ] = None
    payment_address_1: Annotated[
        str | None, About("first line of the payment address", wire="Payment_Address_1", length=30)
    ] = None
    payment_address_2: Annotated[
        str | None, About("second line of the payment address", wire="Payment_Address_2", length=30)
    ] = None
    payment_city: Annotated[
        str | None, About("city of the payment address", wire="Payment_City", length=30)
    ] = None
    payment_state: Annotated[
        str | None, About("state of the payment address", wire="Payment_State", length=2)
    ] = None
    payment_zip: Annotated[
        str | None, About("postal code of the payment address", wire="Payment_Zip", length=10)
    ] = None
