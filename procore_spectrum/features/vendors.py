"""Vendors of Spectrum become companies of Procore's directory.

A vendor is the same thing as a company that carries its origin id. Failing that, companies
that resemble it are put to a person, with score and evidence, and it is created only when
there is none. Later changes flow by field: see :data:`COMPANY`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from procore_spectrum.features.exporting import being_exported
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.keys import key_of_origin, ref
from procore_spectrum.features.vendor_exports import VENDOR, missing_company, vendor_exports
from procore_spectrum.features.vendor_updates import missing_update, vendor_updates
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    CompanyIndex,
    exact_unique_name,
    party_of_company,
    party_of_vendor,
    suggest,
    vendor_to_company,
)
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.diff import Absent, Draft, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft
from procore_spectrum.plan.records import Candidate, Desired, Observed
from procore_spectrum.plan.values import same

__all__ = ["COMPANY", "VENDORS"]

COMPANY = KindRules(
    kind="company",
    fields=(
        FieldRule("name", Owner.SOURCE, "Spectrum vendor name"),
        FieldRule("address", Owner.SOURCE, "both address lines"),
        FieldRule("city", Owner.SOURCE, "city"),
        FieldRule("state_code", Owner.SOURCE, "state"),
        FieldRule("zip", Owner.SOURCE, "ZIP code"),
        FieldRule("country_code", Owner.TARGET, "country, from the settings"),
        FieldRule("business_phone", Owner.SHARED, "telephone of the primary contact"),
        FieldRule("email_address", Owner.SHARED, "e-mail of the primary contact"),
        FieldRule("origin_id", Owner.KEY, "our key"),
        FieldRule("origin_code", Owner.KEY, "vendor code, shown as External ID"),
    ),
    absent=Absent.HOLD,
    active_field=("is_active", True, False),
)


def drafts(world: World) -> Iterator[Draft]:
    """All vendors against all companies."""
    vendors, companies = world.vendors(), world.companies()
    code = world.company.spectrum_company_code
    observed = tuple(_observed(company, code) for company in companies.items)
    rows = world.rows(COMPANY.kind)
    linked = {row.ref for row in rows}
    known = {seen.key for seen in observed if seen.key} | {name.key for name in linked}
    taken = {row.target_id for row in rows} | {s.target_id for s in observed if s.key}
    free = [company for company in companies.items if str(company.id) not in taken]
    finder = _Finder(world, vendors.items, free)
    by_id = {str(company.id): company for company in companies.items}
    exported: frozenset[str] = frozenset()
    if world.settings.vendors.export:
        unmarked = {str(company.id) for company in free if company.is_active is not False}
        exported = being_exported(world, VENDOR.kind, "vendor_code", unmarked)
    linked_to = {row.ref: by_id.get(row.target_id) for row in rows}
    desired = []
    for vendor in vendors.items:
        if vendor.vendor_code in exported:
            continue
        wish = _desired(world, vendor, linked_to.get(ref(COMPANY.kind, vendor.vendor_code)))
        if wish is None:
            continue
        if wish.ref.key not in known and wish.target_id is None:
            wish = finder.resolve(vendor, wish)
        desired.append(wish)
    yield Draft(
        feature="vendors",
        rules=COMPANY,
        desired=tuple(desired),
        observed=observed,
        rows=tuple(row for row in rows if not world.ignores(row.ref)),
        source_complete=vendors.complete and not world.settings.vendors.types,
        target_complete=companies.complete,
    )


def _desired(
    world: World, vendor: spectrum.Vendor, company: procore.Vendor | None
) -> Desired | None:
    name = ref(COMPANY.kind, vendor.vendor_code)
    decision = world.decisions.get(name)
    if world.ignores(name):
        return None
    mapped = vendor_to_company(
        vendor,
        company_code=world.company.spectrum_company_code,
        settings=world.settings.vendors.mapping,
    )
    world.remark("vendors", name, mapped.notes)
    fields = {path: value for path, value in mapped.fields.items() if path != "is_active"}
    if company is not None:
        # What Procore owns is agreed upon where both are equal, and else no business of Spectrum's.
        for path in world.settings.vendors.procore_owns:
            if not same(fields[path], getattr(company, path)):
                fields[path] = None
    return Desired(
        ref=name,
        title=vendor.name or vendor.vendor_code,
        fields=fields,
        violations=mapped.violations,
        target_id=decision.target_id if decision is not None else None,
    )


def _observed(company: procore.Vendor, company_code: str) -> Observed:
    fields = {rule.path: getattr(company, rule.path) for rule in COMPANY.fields}
    return Observed(
        kind=COMPANY.kind,
        target_id=str(company.id),
        title=company.name or "",
        fields=fields,
        key=key_of_origin(company.origin_id, "vendor", company_code),
        active=company.is_active is not False,
    )


class _Finder:
    """Looks for companies that may be a vendor which carries no link yet."""

    def __init__(
        self, world: World, vendors: Iterable[spectrum.Vendor], free: Iterable[procore.Vendor]
    ) -> None:
        self._decisions = world.decisions
        self._settings = world.settings.vendors
        companies = [party_of_company(company) for company in free]
        self._titles = {party.id: party.name for party in companies}
        self._companies = CompanyIndex(companies)
        self._vendors = CompanyIndex(map(party_of_vendor, vendors))

    def resolve(self, vendor: spectrum.Vendor, wish: Desired) -> Desired:
        """The wish with the company that it is, or with those that it may be."""
        decision = self._decisions.get(wish.ref)
        if decision is not None and decision.choice == "create":
            return wish
        party = party_of_vendor(vendor)
        if self._settings.link_exact_names:
            same = exact_unique_name(party, vendors=self._vendors, companies=self._companies)
            if same is not None:
                return attrs.evolve(wish, target_id=same.id)
        if not self._settings.suggest:
            return wish
        candidates = tuple(
            Candidate(
                target_id=hit.target_id,
                title=self._titles[hit.target_id],
                score=hit.score,
                evidence=hit.evidence,
            )
            for hit in suggest(party, self._companies)
            if hit.score >= self._settings.suggest_from
        )
        return attrs.evolve(wish, candidates=candidates)


def exports(world: World) -> Iterator[ExportDraft]:
    """Companies that Spectrum lacks, then changes of those that it has."""
    yield from vendor_exports(world)
    yield from vendor_updates(world)


def missing(world: World, document: Document) -> str:
    """Why a company or a change that waits cannot be exported any more."""
    if document.ref.kind == "company_update":
        return missing_update(world, document)
    return missing_company(world, document)


VENDORS = Feature(
    name="vendors",
    title="vendors to companies",
    kinds=(VENDOR, COMPANY),
    drafts=drafts,
    exports=exports,
    missing=missing,
    services=("GetVendors",),
    writing_services=("AddVendor", "UpdateVendor"),
    endpoints=("company",),
)
