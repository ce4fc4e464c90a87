"""Vendors as they are written to Spectrum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import GlAccount, VendorCode

__all__ = ["VendorCreate", "VendorProfile", "VendorUpdate"]


@attrs.frozen(kw_only=True)
class VendorProfile:
    """What is written of a vendor, new or not."""

    vendor_code: Annotated[
        VendorCode,
        About(
            "vendor code, upper case, no symbols or commas",
            wire="Vendor_Code",
            length=10,
            required=True,
        ),
    ]
    type: Annotated[str | None, About("vendor type", wire="Type", length=6)] = None
    address_1: Annotated[
        str | None, About("first line of the address", wire="Address_1", length=30)
    ] = None
    address_2: Annotated[
        str | None, About("second line of the address", wire="Address_2", length=30)
    ] = None
    state: Annotated[str | None, About("state, postal abbreviation", wire="State", length=2)] = None
    zip_code: Annotated[
        str | None, About("postal code, with or without the +4 digits", wire="Zip_Code", length=10)
    ] = None
    phone: Annotated[str | None, About("telephone", wire="Phone", length=14)] = None
    fax_phone: Annotated[str | None, About("fax", wire="Fax_Phone", length=14)] = None
    our_account_number: Annotated[
        str | None, About("our account number at the vendor", wire="Our_Account_Number", length=25)
    ] = None
    terms_disc_days: Annotated[
        int | None,
        About(
            "days during which the discount is granted",
            wire="Terms_Disc_Days",
            length=3,
            digits=(3, 0),
            signed=False,
        ),
    ] = None
    terms_disc_percent: Annotated[
        Decimal | None,
        About(
            "discount in percent; 10.25 is 10.25 %",
            wire="Terms_Disc_Percent",
            length=6,
            digits=(3, 2),
            signed=False,
        ),
    ] = None
    insurance_cert_flag: Annotated[
        bool | None, About("whether an insurance certificate is needed", wire="Insurance_Cert_Flag")
    ] = None
    insurance_exp_date: Annotated[
        date | None, About("day on which the insurance ends", wire="Insurance_Exp_Date")
    ] = None
    hold_flag: Annotated[bool | None, About("whether payments are on hold", wire="Hold_Flag")] = (
        None
    )
    default_gl_account: Annotated[
        GlAccount | None,
        About(
            "G/L account of its invoices; active, no dashes", wire="Default_GL_Account", length=12
        ),
    ] = None
    gl_distribution_accounts: Annotated[
        tuple[GlAccount, ...],
        About(
            "G/L accounts that an invoice is spread over; active, not direct, no dashes",
            wire="GL_Distribution_Acct_List1..10",
            length=12,
        ),
    ] = ()
    gl_distribution_percents: Annotated[
        tuple[Decimal, ...],
        About(
            "share of each of these accounts in percent; together 100",
            wire="GL_Distrib_Percent_List1..10",
            length=5,
            digits=(3, 2),
            signed=False,
        ),
    ] = ()
    use_tax_code: Annotated[str | None, About("use-tax code", wire="Use_Tax_Code", length=15)] = (
        None
    )
    send_1099_flag: Annotated[
        bool | None, About("whether form 1099 is reported (United States)", wire="Send_1099_Flag")
    ] = None
    alt_1099_name: Annotated[
        str | None, About("other name for form 1099, no commas", wire="Alt_1099_Name", length=30)
    ] = None
    fed_1099_indicator: Annotated[
        str | None,
        About(
            "box of form 1099; 7 when blank and the form is reported",
            wire="Fed_1099_Indicator",
            length=1,
            values=("1", "2", "3", "4", "5", "6", "7", "8", "9", "A"),
        ),
    ] = None
    social_sec_number: Annotated[
        str | None,
        About(
            "social security number, digits only; not together with the federal id",
            wire="Social_Sec_Number",
            length=9,
        ),
    ] = None
    fed_id_number: Annotated[
        str | None,
        About(
            "federal tax id; not together with the social security number",
            wire="Fed_Id_Number",
            length=12,
        ),
    ] = None
    disadv_business_flag: Annotated[
        bool | None,
        About("whether it is a disadvantaged business (DBE)", wire="Disadv_Business_Flag"),
    ] = None
    disadv_business_type: Annotated[
        str | None, About("kind of disadvantaged business", wire="Disadv_Business_Type", length=10)
    ] = None
    routing_code1: Annotated[
        str | None, About("routing of invoice approval", wire="Routing_Code1", length=10)
    ] = None
    routing_code2: Annotated[
        str | None, About("routing of invoices over the limit", wire="Routing_Code2", length=10)
    ] = None
    routing_limit: Annotated[
        Decimal | None,
        About(
            "invoice amount from which the second routing applies",
            wire="Routing_Limit",
            length=13,
            digits=(10, 2),
            signed=False,
        ),
    ] = None
    vendor_email: Annotated[str | None, About("e-mail address", wire="Vendor_Email", length=80)] = (
        None
    )


@attrs.frozen(kw_only=True)
class VendorCreate(VendorProfile):
    """A vendor to be added with AddVendor.

    The new vendor is active and shared by all cost centers; Spectrum's Workflow starts. Codes of
    accounts, use tax and routing must exist. The distribution percentages go with the accounts of
    the same position and total 100.

    Key: ``vendor_code``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-payable-services/add-vendor
    """

    vendor_name: Annotated[
        str, About("name, no commas", wire="Vendor_Name", length=30, required=True)
    ]
    alpha_sort: Annotated[
        str,
        About(
            "short name that lists are sorted by, no commas",
            wire="Alpha_Sort",
            length=6,
            required=True,
        ),
    ]
    terms_code: Annotated[
        str,
        About(
            "payment is due from the invoice date (A) or from the 1st of the next month (B)",
            wire="Terms_Code",
            length=1,
            values=("A", "B"),
            required=True,
        ),
    ]
    terms_days: Annotated[
        int,
        About(
            "days until payment is due",
            wire="Terms_Days",
            length=3,
            digits=(3, 0),
            signed=False,
            required=True,
        ),
    ]
    terms_disc_code: Annotated[
        str,
        About(
            "the discount counts from the invoice date (A) or from the 1st of the next month (B)",
            wire="Terms_Disc_Code",
            length=1,
            values=("A", "B"),
            required=True,
        ),
    ]
    city: Annotated[str | None, About("city of the address", wire="Address_3", length=25)] = None
    contact_name: Annotated[
        str | None, About("primary contact", wire="Contact_Name", length=20)
    ] = None
    contact_phone: Annotated[
        str | None, About("telephone of the primary contact", wire="Contact_Phone", length=14)
    ] = None
    udf: Annotated[
        tuple[str, ...],
        About(
            "user-defined fields by number, as mapped on the Authorization ID",
            wire="UDF1..20",
            length=20,
        ),
    ] = ()


@attrs.frozen(kw_only=True)
class VendorUpdate(VendorProfile):
    """Changes of a vendor for UpdateVendor.

    ``None`` leaves the stored value unchanged, and nothing can be cleared: Spectrum reads a
    blank element as "unchanged". Blank text is therefore refused before sending.

    Payment by ``V`` needs the first address line, city, state, postal code and account number on
    the vendor. Workflow is not started.

    Key: ``vendor_code``, which must exist.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-payable-services/update-vendor
    """

    blank_is_unchanged: ClassVar[bool] = True

    vendor_name: Annotated[str | None, About("name, no commas", wire="Vendor_Name", length=30)] = (
        None
    )
    alpha_sort: Annotated[
        str | None,
        About("short name that lists are sorted by, no commas", wire="Alpha_Sort", length=6),
    ] = None
    city: Annotated[str | None, About("city", wire="City", length=25)] = None
    addr_country: Annotated[str | None, About("country", wire="Addr_Country", length=25)] = None
    web_site: Annotated[str | None, About("web address", wire="Web_Site", length=80)] = None
    small_business: Annotated[
        bool | None, About("whether it is a small business (SBE)", wire="Small_Business")
    ] = None
    minority_business: Annotated[
        bool | None,
        About("whether it is a minority-owned business (MBE)", wire="Minority_Business"),
    ] = None
    woman_business: Annotated[
        bool | None, About("whether it is a woman-owned business (WBE)", wire="Woman_Business")
    ] = None
    veteran_business: Annotated[
        bool | None, About("whether it is a veteran-owned business (VBE)", wire="Veteran_Business")
    ] = None
    status: Annotated[
        str | None, About("state of the record", wire="Status", length=1, values=("A", "I", "N"))
    ] = None
    terms_code: Annotated[
        str | None,
        About(
            "payment is due from the invoice date (A) or from the 1st of the next month (B)",
            wire="Terms_Code",
            length=1,
            values=("A", "B"),
        ),
    ] = None
    terms_days: Annotated[
        int | None,
        About(
            "days until payment is due", wire="Terms_Days", length=3, digits=(3, 0), signed=False
        ),
    ] = None
    terms_disc_code: Annotated[
        str | None,
        About(
            "the discount counts from the invoice date (A) or from the 1st of the next month (B)",
            wire="Terms_Disc_Code",
            length=1,
            values=("A", "B"),
        ),
    ] = None
    po_method: Annotated[
        str | None,
        About(
            "purchase orders are received in one step (1) or two (2)",
            wire="PO_Method",
            length=1,
            values=("1", "2"),
        ),
    ] = None
    payment_method: Annotated[
        str | None,
        About(
            "how it is paid: check (P), pre-note (S), electronic (E), Comdata (C), ePayments (V)",
            wire="Vendor_Status",
            length=1,
            values=("P", "S", "E", "C", "V"),
        ),
    ] = None
    checking_account_code: Annotated[
        str | None,
        About("its bank account; needed for P, S and E", wire="Checking_Account_Code", length=17),
    ] = None
    account_type: Annotated[
        str | None,
        About(
            "checking (C) or savings (S) account; needed for P, S and E",
            wire="Account_Type",
            length=1,
            values=("C", "S"),
        ),
    ] = None
    aba_number: Annotated[
        str | None,
        About("routing number of its bank; needed for P, S and E", wire="ABA_Number", length=9),
    ] = None
    bank_account_code: Annotated[
        str | None,
        About("our credit-card account in Cash Management", wire="Bank_Account_Code", length=15),
    ] = None
    recipient_type_code: Annotated[
        str | None,
        About(
            "T5018 recipient (Canada): individual (1), corporation (3), partnership (4)",
            wire="Recipient_Type_Code",
            length=1,
            values=("1", "3", "4"),
        ),
    ] = None
    social_insurance_number: Annotated[
        str | None,
        About(
            "social insurance number (Canada), exactly 9 digits",
            wire="Social_Insurance_Number",
            length=9,
        ),
    ] = None
    recipient_account_number: Annotated[
        str | None,
        About(
            "recipient account (Canada), exactly 15 characters",
            wire="Recipient_Account_Number",
            length=15,
        ),
    ] = None
    partnership_filer_id_number: Annotated[
        str | None,
        About(
            "filer id of a partnership (Canada); needed for type 4",
            wire="Partnership_Filer_ID_Number",
            length=9,
        ),
    ] = None
    alternate_t5018_name: Annotated[
        str | None,
        About(
            "other name for form T5018 (Canada); not for individuals",
            wire="Alternate_T5018_Name",
            length=30,
        ),
    ] = None
    individual_first_name: Annotated[
        str | None,
        About(
            "first name (Canada); needed for individuals", wire="Individual_First_Name", length=12
        ),
    ] = None
    individual_middle_initial: Annotated[
        str | None, About("middle initial (Canada)", wire="Individual_Middle_Initial", length=1)
    ] = None
    individual_last_name: Annotated[
        str | None,
        About("last name (Canada); needed for individuals", wire="Individual_Last_Name", length=20),
    ] = None
    override_currency_code: Annotated[
        str | None,
        About("currency, where Multi-Currency is active", wire="Override_Currency_Code", length=3),
    ] = None
