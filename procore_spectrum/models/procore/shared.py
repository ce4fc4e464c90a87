"""Small records that appear inside others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeAlias

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import ContactId, ProcoreCompanyId, ProcoreUserId, TradeId

__all__ = [
    "CUSTOM_FIELD_KEYS",
    "Attachment",
    "Company",
    "CustomFieldChoice",
    "CustomFieldValue",
    "CustomFields",
    "CustomFieldsInput",
    "DirectoryPerson",
    "Login",
    "Me",
    "NamedRef",
    "PrimaryContact",
    "Trade",
]


@attrs.frozen(kw_only=True)
class NamedRef:
    """The id and name of another record."""

    id: Annotated[int, About("id of the record")]
    name: Annotated[str | None, About("its name")] = None


@attrs.frozen(kw_only=True)
class Attachment:
    """A file that belongs to a record (schema ``Attachment``)."""

    id: Annotated[int, About("id of the file")]
    url: Annotated[str | None, About("address from which it is downloaded")] = None
    name: Annotated[str | None, About("its title")] = None
    filename: Annotated[str | None, About("name of the file")] = None


@attrs.frozen(kw_only=True)
class Login:
    """Who made a record."""

    id: Annotated[ProcoreUserId, About("id of the user")]
    name: Annotated[str | None, About("full name")] = None
    login: Annotated[str | None, About("e-mail address used to sign in")] = None


@attrs.frozen(kw_only=True)
class DirectoryPerson:
    """A person of the directory (``UserRef`` and ``ContractSigner`` in the API)."""

    id: Annotated[ProcoreUserId, About("id of the user")]
    name: Annotated[str | None, About("full name")] = None
    login: Annotated[str | None, About("e-mail address used to sign in")] = None
    company_name: Annotated[str | None, About("company the person works for")] = None
    contact_id: Annotated[ContactId | None, About("id of the person's directory contact")] = None
    is_active: Annotated[bool | None, About("whether the person is active")] = None


@attrs.frozen(kw_only=True)
class PrimaryContact:
    """The person to turn to at a vendor (part of ``VendorExtended``)."""

    id: Annotated[ContactId, About("id of the contact")]
    first_name: Annotated[str | None, About("given name")] = None
    last_name: Annotated[str | None, About("family name")] = None
    business_phone: Annotated[str | None, About("office telephone")] = None
    business_phone_extension: Annotated[int | None, About("extension of the office telephone")] = (
        None
    )
    fax_number: Annotated[str | None, About("fax")] = None
    mobile_phone: Annotated[str | None, About("mobile telephone")] = None
    email_address: Annotated[str | None, About("e-mail address")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class Trade:
    """A trade that vendors work in (``Trade`` in the API)."""

    id: Annotated[TradeId, About("id of the trade")]
    name: Annotated[str | None, About("its name")] = None
    active: Annotated[bool | None, About("whether it may be chosen")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None


@attrs.frozen(kw_only=True)
class Company:
    """A company that the caller can see: ``GET /rest/v1.0/companies``.

    Source: Procore API reference, Companies; documentation page ``tutorial-mpz``.
    """

    id: Annotated[ProcoreCompanyId, About("id of the company, as in the company header")]
    name: Annotated[str | None, About("its name")] = None
    is_active: Annotated[bool | None, About("whether it is active")] = None
    logo_url: Annotated[str | None, About("address of its logo")] = None
    pcn_business_experience: Annotated[
        bool | None, About("whether the Procore network business experience is on")
    ] = None
    my_company: Annotated[bool | None, About("whether the caller is an active employee of it")] = (
        None
    )


@attrs.frozen(kw_only=True)
class Me:
    """The caller: ``GET /rest/v1.0/me``.

    The name is only known when the question names a company or a project.

    Source: Procore API reference, Me.
    """

    id: Annotated[ProcoreUserId, About("id of the user, unique across companies")]
    login: Annotated[str | None, About("e-mail address used to sign in")] = None
    name: Annotated[str | None, About("full name")] = None


@attrs.frozen(kw_only=True)
class CustomFieldChoice:
    """One chosen entry of a list-of-values field."""

    id: Annotated[int, About("id of the entry")]
    label: Annotated[str | None, About("its text")] = None


@attrs.frozen(kw_only=True)
class CustomFieldValue:
    """The value of one custom field.

    ``value`` is text, a number, true or false, one choice (``lov_entry``) or several
    (``lov_entries``), by ``data_type``.
    """

    data_type: Annotated[str | None, About("type of the field")] = None
    value: Annotated[
        str | Decimal | bool | CustomFieldChoice | tuple[CustomFieldChoice, ...] | None,
        About("the value"),
    ] = None


#: Custom fields as they are read, by their key ``custom_field_<id>``.
CustomFields: TypeAlias = Mapping[str, CustomFieldValue]

#: How the key of a custom field is spelled, with the id of its definition.
CUSTOM_FIELD_KEYS = "custom_field_<id>"

#: Custom fields as they are written, by the id of their definition.
CustomFieldsInput: TypeAlias = Mapping[int, str | Decimal | bool | int | tuple[int, ...] | None]
