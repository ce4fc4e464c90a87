"""Companies in Procore's directory, which the API calls vendors.

Source: Procore API reference, Company Vendors and Company Inactive Vendors; documentation pages
``using-sync-actions``, ``tutorial-financial-tools`` and ``country-codes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import attrs

from procore_spectrum.models.about import About
from procore_spectrum.models.ids import (
    BusinessRegisterId,
    ContactId,
    ProcoreUserId,
    ProjectId,
    StandardCostCodeId,
    TradeId,
    VendorGroupId,
    VendorId,
)
from procore_spectrum.models.procore.cost_codes import StandardCostCode
from procore_spectrum.models.procore.shared import (
    Attachment,
    DirectoryPerson,
    NamedRef,
    PrimaryContact,
    Trade,
)
from procore_spectrum.models.procore.unset import UNSET, Sent

__all__ = [
    "Business",
    "BusinessRegister",
    "BusinessRegisterInput",
    "BusinessService",
    "CountRange",
    "Vendor",
    "VendorBidding",
    "VendorBiddingInput",
    "VendorGroup",
    "VendorInput",
    "VendorLinks",
    "VendorSyncItem",
]


@attrs.frozen(kw_only=True)
class VendorBidding:
    """Which business classifications a vendor claims for bidding."""

    affirmative_action: Annotated[bool | None, About("affirmative action employer")] = None
    small_business: Annotated[bool | None, About("small business")] = None
    african_american_business: Annotated[bool | None, About("owned by African Americans")] = None
    hispanic_business: Annotated[bool | None, About("owned by Hispanics")] = None
    womens_business: Annotated[bool | None, About("owned by women")] = None
    historically_underutilized_business: Annotated[
        bool | None, About("historically underutilized business")
    ] = None
    sdvo_business: Annotated[bool | None, About("owned by service-disabled veterans")] = None
    certified_business_enterprise: Annotated[
        bool | None, About("certified business enterprise")
    ] = None
    asian_american_business: Annotated[bool | None, About("owned by Asian Americans")] = None
    native_american_business: Annotated[bool | None, About("owned by Native Americans")] = None
    disadvantaged_business: Annotated[bool | None, About("disadvantaged business")] = None
    minority_business_enterprise: Annotated[bool | None, About("minority business enterprise")] = (
        None
    )
    eight_a_business: Annotated[bool | None, About("in the 8(a) programme")] = None


@attrs.frozen(kw_only=True)
class VendorGroup:
    """A group of vendors."""

    id: Annotated[VendorGroupId, About("id of the group")]
    name: Annotated[str | None, About("its name", length=255)] = None


@attrs.frozen(kw_only=True)
class BusinessRegister:
    """The entry in a public business register (ABN, EIN)."""

    id: Annotated[BusinessRegisterId, About("id of the entry")]
    type: Annotated[str | None, About("which register")] = None
    identifier: Annotated[str | None, About("number in that register")] = None
    verified_at: Annotated[datetime | None, About("when the number was verified")] = None
    verification_status: Annotated[
        str | None,
        About("result of the verification", values=("active", "cancelled", "does_not_exist")),
    ] = None


@attrs.frozen(kw_only=True)
class CountRange:
    """A range of whole numbers; an open end is None."""

    start: Annotated[int | None, About("lower end")] = None
    end: Annotated[int | None, About("upper end")] = None


@attrs.frozen(kw_only=True)
class BusinessService:
    """A service that a business of the Procore network offers."""

    id: Annotated[str, About("id of the service")]
    key: Annotated[str | None, About("machine name")] = None
    path: Annotated[str | None, About("place in the tree of services")] = None
    level: Annotated[str | None, About("depth in the tree of services")] = None


@attrs.frozen(kw_only=True)
class Business:
    """A business of the Procore network (part of the ``directory`` view)."""

    id: Annotated[str, About("id of the business")]
    name: Annotated[str | None, About("its name")] = None
    dba: Annotated[str | None, About("the name it trades under")] = None
    logo_url: Annotated[str | None, About("address of its logo")] = None
    primary_slug: Annotated[str | None, About("name in its web address")] = None
    construction_sectors: Annotated[tuple[str, ...], About("sectors it builds in")] = ()
    business_types: Annotated[tuple[str, ...], About("kinds of business")] = ()
    provided_services: Annotated[tuple[BusinessService, ...], About("services it offers")] = ()
    avg_contract_size: Annotated[
        CountRange | None, About("usual contract size, in whole currency units")
    ] = None
    company_size: Annotated[CountRange | None, About("number of employees")] = None


@attrs.frozen(kw_only=True)
class VendorLinks:
    """Addresses of actions on an inactive vendor."""

    reactivate: Annotated[str | None, About("address that reactivates it")] = None


@attrs.frozen(kw_only=True)
class Vendor:
    """A company of the company directory: ``/rest/v1.0/vendors`` and the inactive vendors.

    One class serves all views (compact, normal, erp, extended, directory, summary); what a view
    leaves out is None or empty.

    Source: Procore API reference, Company Vendors, Company Inactive Vendors.
    """

    id: Annotated[VendorId, About("id of the vendor")]
    name: Annotated[str | None, About("name of the company")] = None
    abbreviated_name: Annotated[str | None, About("short name")] = None
    legal_name: Annotated[
        str | None, About("name of the parent where there is one, otherwise its own")
    ] = None
    trade_name: Annotated[str | None, About("name it trades under")] = None
    address: Annotated[str | None, About("street and house number")] = None
    city: Annotated[str | None, About("city")] = None
    state_code: Annotated[str | None, About("state, ISO 3166-2 subdivision, upper case")] = None
    state_name: Annotated[str | None, About("state in words (directory view)")] = None
    zip: Annotated[str | None, About("postal code")] = None
    country_code: Annotated[str | None, About("country, ISO 3166 alpha-2, upper case")] = None
    country_name: Annotated[str | None, About("country in words (directory view)")] = None
    business_phone: Annotated[str | None, About("telephone")] = None
    mobile_phone: Annotated[str | None, About("mobile telephone")] = None
    fax_number: Annotated[str | None, About("fax")] = None
    email_address: Annotated[str | None, About("e-mail address")] = None
    website: Annotated[str | None, About("web address")] = None
    notes: Annotated[str | None, About("notes, keywords and tags")] = None
    labor_union: Annotated[str | None, About("union whose members it employs")] = None
    license_number: Annotated[str | None, About("trade licence")] = None
    is_active: Annotated[bool | None, About("whether it may be used")] = None
    is_connected: Annotated[
        bool | None, About("whether it is connected to the Procore network")
    ] = None
    authorized_bidder: Annotated[bool | None, About("whether it may bid")] = None
    prequalified: Annotated[bool | None, About("whether it passed prequalification")] = None
    union_member: Annotated[bool | None, About("whether it is a union shop")] = None
    non_union_prevailing_wage: Annotated[
        bool | None, About("whether it pays prevailing wages without a union")
    ] = None
    synced_to_erp: Annotated[
        bool | None, About("whether an accounting integration has linked it")
    ] = None
    origin_id: Annotated[str | None, About("our key of it")] = None
    origin_data: Annotated[
        str | None, About("free text of the integration, not shown to users")
    ] = None
    origin_code: Annotated[str | None, About("shown to users as external id")] = None
    origin_custom_fields: Annotated[
        tuple[str, ...], About("names of the external system's custom fields (erp view)")
    ] = ()
    erp_custom_fields: Annotated[
        tuple[str, ...], About("custom fields of the accounting system (erp view)")
    ] = ()
    company: Annotated[str | None, About("name of the company that owns the directory")] = None
    company_vendor: Annotated[
        bool | None, About("whether it stands for the owning company itself")
    ] = None
    business_id: Annotated[str | None, About("id in the Procore network")] = None
    business: Annotated[Business | None, About("entry in the Procore network (directory view)")] = (
        None
    )
    business_register: Annotated[BusinessRegister | None, About("entry in a business register")] = (
        None
    )
    vendor_group: Annotated[VendorGroup | None, About("group it belongs to")] = None
    parent: Annotated[NamedRef | None, About("the vendor above it; two levels at most")] = None
    primary_contact: Annotated[PrimaryContact | None, About("whom to turn to")] = None
    contract_signer: Annotated[
        DirectoryPerson | None, About("who signs contracts (directory view)")
    ] = None
    invoice_contacts: Annotated[
        tuple[NamedRef, ...], About("whom to ask about invoices (directory view)")
    ] = ()
    bidding: Annotated[VendorBidding | None, About("business classifications")] = None
    bidding_distribution: Annotated[
        tuple[DirectoryPerson, ...], About("who receives bid invitations")
    ] = ()
    trades: Annotated[tuple[Trade, ...], About("trades it works in")] = ()
    standard_cost_codes: Annotated[
        tuple[StandardCostCode, ...], About("cost codes it works in")
    ] = ()
    project_ids: Annotated[tuple[ProjectId, ...], About("projects whose directory lists it")] = ()
    attachments: Annotated[tuple[Attachment, ...], About("files")] = ()
    logo: Annotated[str | None, About("address of its logo")] = None
    contact_count: Annotated[int | None, About("active contacts")] = None
    children_count: Annotated[int | None, About("vendors below it")] = None
    active_users_count: Annotated[int | None, About("active users (summary view)")] = None
    bids_count: Annotated[int | None, About("bids (summary view)")] = None
    open_bids_count: Annotated[int | None, About("open bids (summary view)")] = None
    projects_count: Annotated[int | None, About("projects (summary view)")] = None
    created_at: Annotated[datetime | None, About("when it was made")] = None
    updated_at: Annotated[datetime | None, About("when it was last changed")] = None
    links: Annotated[
        VendorLinks | None, About("addresses of actions (inactive vendors)", wire="_links")
    ] = None


@attrs.frozen(kw_only=True)
class BusinessRegisterInput:
    """An entry in a business register as it is written; made or changed as needed."""

    type: Annotated[Sent[str], About("which register")] = UNSET
    identifier: Annotated[Sent[str], About("number in that register")] = UNSET


@attrs.frozen(kw_only=True)
class VendorBiddingInput:
    """Business classifications as they are written."""

    affirmative_action: Annotated[Sent[bool], About("affirmative action employer")] = UNSET
    small_business: Annotated[Sent[bool], About("small business")] = UNSET
    african_american_business: Annotated[Sent[bool], About("owned by African Americans")] = UNSET
    hispanic_business: Annotated[Sent[bool], About("owned by Hispanics")] = UNSET
    womens_business: Annotated[Sent[bool], About("owned by women")] = UNSET
    historically_underutilized_business: Annotated[
        Sent[bool], About("historically underutilized business")
    ] = UNSET
    sdvo_business: Annotated[Sent[bool], About("owned by service-disabled veterans")] = UNSET
    certified_business_enterprise: Annotated[Sent[bool], About("certified business enterprise")] = (
        UNSET
    )
    asian_american_business: Annotated[Sent[bool], About("owned by Asian Americans")] = UNSET
    native_american_business: Annotated[Sent[bool], About("owned by Native Americans")] = UNSET
    disadvantaged_business: Annotated[Sent[bool], About("disadvantaged business")] = UNSET
    minority_business_enterprise: Annotated[Sent[bool], About("minority business enterprise")] = (
        UNSET
    )
    eight_a_business: Annotated[Sent[bool], About("in the 8(a) programme")] = UNSET


@attrs.frozen(kw_only=True)
class VendorInput:
    """What ``POST`` and ``PATCH /rest/v1.0/vendors`` take; creating one needs ``name``.

    Source: Procore API reference, Company Vendors (create, update).
    """

    name: Annotated[Sent[str], About("name of the company")] = UNSET
    abbreviated_name: Annotated[Sent[str], About("short name")] = UNSET
    trade_name: Annotated[Sent[str], About("name it trades under")] = UNSET
    address: Annotated[Sent[str], About("street and house number")] = UNSET
    city: Annotated[Sent[str], About("city")] = UNSET
    state_code: Annotated[Sent[str], About("state, ISO 3166-2 subdivision, upper case")] = UNSET
    zip: Annotated[Sent[str], About("postal code")] = UNSET
    country_code: Annotated[Sent[str], About("country, ISO 3166 alpha-2, upper case")] = UNSET
    business_phone: Annotated[Sent[str], About("telephone")] = UNSET
    mobile_phone: Annotated[Sent[str], About("mobile telephone")] = UNSET
    fax_number: Annotated[Sent[str], About("fax")] = UNSET
    email_address: Annotated[Sent[str], About("e-mail address")] = UNSET
    website: Annotated[Sent[str], About("web address")] = UNSET
    notes: Annotated[Sent[str], About("notes, keywords and tags")] = UNSET
    labor_union: Annotated[Sent[str], About("union whose members it employs")] = UNSET
    license_number: Annotated[Sent[str], About("trade licence")] = UNSET
    is_active: Annotated[Sent[bool], About("whether it may be used")] = UNSET
    authorized_bidder: Annotated[Sent[bool], About("whether it may bid")] = UNSET
    prequalified: Annotated[Sent[bool], About("whether it passed prequalification")] = UNSET
    union_member: Annotated[Sent[bool], About("whether it is a union shop")] = UNSET
    non_union_prevailing_wage: Annotated[
        Sent[bool], About("whether it pays prevailing wages without a union")
    ] = UNSET
    origin_id: Annotated[Sent[str], About("our key of it; unique within the company")] = UNSET
    origin_data: Annotated[Sent[str], About("free text of the integration, not shown to users")] = (
        UNSET
    )
    origin_code: Annotated[Sent[str], About("shown to users as external id")] = UNSET
    vendor_group_id: Annotated[Sent[VendorGroupId], About("group it belongs to")] = UNSET
    parent_id: Annotated[Sent[VendorId], About("the vendor above it; two levels at most")] = UNSET
    primary_contact_id: Annotated[Sent[ContactId], About("whom to turn to")] = UNSET
    trade_ids: Annotated[Sent[tuple[TradeId, ...]], About("trades it works in")] = UNSET
    bidding_distribution_ids: Annotated[
        Sent[tuple[ProcoreUserId, ...]], About("who receives bid invitations")
    ] = UNSET
    standard_cost_code_ids: Annotated[
        Sent[tuple[StandardCostCodeId, ...]], About("cost codes it works in")
    ] = UNSET
    bidding: Annotated[Sent[VendorBiddingInput], About("business classifications")] = UNSET


@attrs.frozen(kw_only=True)
class VendorSyncItem(VendorInput):
    """One vendor of ``PATCH /rest/v1.0/vendors/sync`` (1,000 at most).

    Source: Procore API reference, Company Vendors (sync); documentation page
    ``using-sync-actions``.
    """

    id: Annotated[Sent[VendorId], About("id of the vendor, to change the one with this id")] = UNSET
    business_register_attributes: Annotated[
        Sent[BusinessRegisterInput], About("entry in a business register")
    ] = UNSET
    origin_custom_fields: Annotated[
        Sent[Mapping[str, str]], About("custom fields of the external system, merged by key")
    ] = UNSET
