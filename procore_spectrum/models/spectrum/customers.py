"""Customers as they are written to Spectrum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import CustomerCode

__all__ = ["CustomerCreate"]


@attrs.frozen(kw_only=True)
class CustomerCreate:
    """A customer to be added with AddCustomer. The new customer is active; the Workflow starts.

    Codes of terms, sales tax, markup and finance charges must exist.

    Key: ``customer_code``.
    Source: https://help.trimble.com/en/spectrum/spectrum/api-web-services/list-of-web-services/accounts-receivable-services/add-customer
    """

    customer_code: Annotated[
        CustomerCode,
        About(
            "customer code, upper case, no symbols or commas",
            wire="Customer_Code",
            length=10,
            required=True,
        ),
    ]
    name: Annotated[str, About("name, no commas", wire="Name", length=30, required=True)]
    terms_code: Annotated[str, About("payment terms", wire="Terms_Code", length=1, required=True)]
    sales_tax_code: Annotated[
        str, About("sales tax code", wire="Sales_Tax_Code", length=15, required=True)
    ]
    alpha_sort: Annotated[
        str | None,
        About(
            "short name that lists are sorted by, no commas; made by Spectrum when blank",
            wire="Alpha_Sort",
            length=8,
        ),
    ] = None
    type: Annotated[str | None, About("customer type", wire="Type", length=10)] = None
    address_1: Annotated[
        str | None, About("first line of the address", wire="Address_1", length=30)
    ] = None
    address_2: Annotated[
        str | None, About("second line of the address", wire="Address_2", length=30)
    ] = None
    city: Annotated[str | None, About("city", wire="City", length=25)] = None
    state: Annotated[str | None, About("state, postal abbreviation", wire="State", length=2)] = None
    zip_code: Annotated[
        str | None, About("postal code, with or without the +4 digits", wire="Zip_Code", length=10)
    ] = None
    phone: Annotated[str | None, About("telephone", wire="Phone", length=14)] = None
    fax_phone: Annotated[str | None, About("fax", wire="Fax_Phone", length=14)] = None
    contact_1: Annotated[str | None, About("primary contact", wire="Contact_1", length=20)] = None
    contact_2: Annotated[str | None, About("second contact", wire="Contact_2", length=20)] = None
    contact_3: Annotated[str | None, About("third contact", wire="Contact_3", length=20)] = None
    salesperson: Annotated[str | None, About("salesperson", wire="Salesperson", length=3)] = None
    standard_retention_percent: Annotated[
        Decimal | None,
        About(
            "retention in percent",
            wire="Standard_Retention_Percent",
            length=7,
            digits=(3, 2),
            signed=False,
        ),
    ] = None
    taxable_flag: Annotated[
        bool | None, About("whether sales are taxable", wire="Taxable_Flag")
    ] = None
    resale_number: Annotated[
        str | None, About("resale certificate", wire="Resale_Number", length=15)
    ] = None
    resale_exp_date: Annotated[
        date | None, About("day on which the resale certificate ends", wire="Resale_Exp_Date")
    ] = None
    statement_flag: Annotated[
        bool | None, About("whether statements are sent", wire="Statement_Flag")
    ] = None
    finance_charge_tran_code: Annotated[
        str | None,
        About("transaction code of finance charges", wire="Finance_Charge_Tran_Code", length=10),
    ] = None
    finance_charge: Annotated[
        Decimal | None,
        About(
            "finance charge in percent",
            wire="Finance_Charge",
            length=6,
            digits=(3, 2),
            signed=False,
        ),
    ] = None
    price_level_material: Annotated[
        str | None,
        About(
            "price level of material, 1 to 5",
            wire="Price_Level_Material",
            length=1,
            values=("1", "2", "3", "4", "5"),
        ),
    ] = None
    price_level_labor: Annotated[
        str | None,
        About(
            "price level of labor, 1 to 5",
            wire="Price_Level_Labor",
            length=1,
            values=("1", "2", "3", "4", "5"),
        ),
    ] = None
    credit_limit: Annotated[
        Decimal | None,
        About("credit limit in dollars", wire="Credit_Limit", length=14, digits=(10, 2)),
    ] = None
    date_created: Annotated[date | None, About("day of creation", wire="Date_Created")] = None
    customer_email: Annotated[
        str | None, About("e-mail address", wire="Customer_Email", length=70)
    ] = None
    markup_code: Annotated[str | None, About("markup code", wire="Markup_Code", length=10)] = None
    udf: Annotated[
        tuple[str, ...],
        About(
            "user-defined fields by number, as mapped on the Authorization ID",
            wire="UDF1..20",
            length=20,
        ),
    ] = ()
