"""Changes of a linked company that Procore owns are proposed as changes of its vendor.

Which fields Procore owns is a setting, and there are none by default. Only what was changed in
Procore since both sides agreed is proposed. UpdateVendor leaves a value unchanged where it gets
a blank (Spectrum help, "Update Vendor"), so that nothing can be cleared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.features.keys import ref
from procore_spectrum.features.settings import OWNABLE
from procore_spectrum.features.vendor_exports import VENDOR
from procore_spectrum.features.world import World
from procore_spectrum.mapping import check_limits, company_to_vendor, split_key, vendor_to_company
from procore_spectrum.models import procore, spectrum
from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.exports import ExportDraft, ExportUpdate
from procore_spectrum.plan.operations import FieldChange
from procore_spectrum.plan.plan import Note
from procore_spectrum.plan.records import CrosswalkRow
from procore_spectrum.plan.values import Fields, Value, same

__all__ = ["missing_update", "vendor_updates"]

_SCOPE = "update"
"""Begins the keys of vendors as they were changed last, to tell them from those made here."""


def vendor_updates(world: World) -> Iterator[ExportDraft]:
    """Every linked company with a change that its vendor has not."""
    owned = [path for path in OWNABLE if path in world.settings.vendors.procore_owns]
    if not owned:
        return
    vendors = {str(vendor.vendor_code): vendor for vendor in world.vendors().items}
    companies = {str(company.id): company for company in world.companies().items}
    for row in world.rows("company"):
        (code,) = split_key(row.ref.key)
        vendor, company = vendors.get(code), companies.get(row.target_id)
        if vendor is None or company is None or not _flows(world, row, company):
            continue
        draft = _Change(world, row, vendor, company).draft(owned)
        if draft is not None:
            yield draft


def missing_update(world: World, document: Document) -> str:
    """Why a change that waits is none any more."""
    if not world.settings.vendors.procore_owns:
        return "Procore owns no field of a vendor"
    key = document.ref.key
    row = next((row for row in world.rows("company") if row.target_id == key), None)
    if row is None or world.ignores(row.ref):
        return "the company is not linked with a vendor"
    company = next((item for item in world.companies().items if str(item.id) == key), None)
    if company is None:
        return "Procore no longer lists it" if world.companies().complete else ""
    if not _flows(world, row, company):
        return "the company is inactive"
    listed = any(ref("company", v.vendor_code) == row.ref for v in world.vendors().items)
    if not listed:
        return "Spectrum no longer lists the vendor" if world.vendors().complete else ""
    return "Spectrum has the same values"


def _flows(world: World, row: CrosswalkRow, company: procore.Vendor) -> bool:
    return row.active and company.is_active is not False and not world.ignores(row.ref)


class _Change:
    """One linked pair, in Spectrum's words: as agreed last, and as both sides are now."""

    def __init__(
        self, world: World, row: CrosswalkRow, vendor: spectrum.Vendor, company: procore.Vendor
    ) -> None:
        self._world = world
        self._code = str(vendor.vendor_code)
        self._vendor = vendor
        self._company = company
        self._ref = ref("company_update", str(company.id))
        there = vendor_to_company(
            vendor,
            company_code=world.company.spectrum_company_code,
            settings=world.settings.vendors.mapping,
        ).fields
        self._base = self._in_spectrum(row.base)
        self._now = self._in_spectrum({path: getattr(company, path) for path in OWNABLE})
        self._there = self._in_spectrum(there)

    def _in_spectrum(self, found: Fields) -> Fields:
        """Values of a company as they would be on its vendor."""
        texts: dict[str, Any] = {path: str(found.get(path) or "") or None for path in OWNABLE}
        chosen = self._world.settings.vendors.export_mapping
        return company_to_vendor(attrs.evolve(self._company, **texts), settings=chosen).fields

    def draft(self, owned: list[str]) -> ExportDraft | None:
        """What is proposed; None when nothing is."""
        found = [self._field(OWNABLE[path]) for path in owned]
        conflicts = tuple(c for c in found if _is_conflict(c))
        self._note([c for c in found if _is_drift(c)], [c for c in found if _is_cleared(c)])
        changes = [c for c in found if _is_change(c)]
        document = self._document(changes)
        accepted = self._accepted(changes)
        if accepted is not None:
            document = accepted
            changes = [self._field(path) for path in document.fields if path != "vendor_code"]
        if not (changes or conflicts):
            return None
        name = ref(VENDOR.kind, _SCOPE, str(self._company.id))
        row = self._world.row(name)
        return ExportDraft(
            document=document,
            records=(),
            update=ExportUpdate(
                ref=name,
                title=f"vendor {self._code} {self._vendor.name or ''}".strip(),
                target_id=ref(VENDOR.kind, self._code).key,
                changes=tuple(changes),
                conflicts=conflicts,
                before=dict(row.base) if row else {},
            ),
        )

    def _field(self, path: str) -> FieldChange:
        return FieldChange(
            path=path,
            base=self._base[path],
            source=self._now[path],
            target=self._there[path],
        )

    def _accepted(self, changes: list[FieldChange]) -> Document | None:
        """What accounting has accepted, as long as Procore still says all of it and no more.

        A run may end after the writing and before the queue is told; Spectrum has the values
        then, and writing them again tells it.
        """
        approval = self._world.approval(self._ref)
        if approval is None or not approval.state.may_write:
            return None
        fields = {k: v for k, v in approval.document.fields.items() if k != "vendor_code"}
        kept = all(same(self._now.get(path), value) for path, value in fields.items())
        return approval.document if kept and {c.path for c in changes} <= set(fields) else None

    def _document(self, changes: list[FieldChange]) -> Document:
        fields: dict[str, Value] = {"vendor_code": self._code}
        fields |= {change.path: change.source for change in changes}
        return Document(
            ref=self._ref,
            feature="vendors",
            title=self._company.name or self._code,
            fields=fields,
            lines=tuple(
                {"field": change.path, "in_spectrum": change.target, "in_procore": change.source}
                for change in changes
            ),
            violations=tuple(self._faults(fields)),
        )

    def _faults(self, fields: Mapping[str, Value]) -> Iterator[Violation]:
        yield from check_limits(spectrum.VendorUpdate, fields)
        if "," in str(fields.get("vendor_name") or ""):
            yield Violation(
                code="comma",
                message="a vendor's name cannot have commas",
                path="vendor_name",
                hint="take the commas out of the company's name",
            )
        if "address_1" in fields and (self._vendor.address_2 or "").strip():
            yield Violation(
                code="second-line",
                message="the vendor has a second address line, which cannot be cleared",
                path="address_1",
                hint="clear it in Spectrum, or change the address there",
            )

    def _note(self, drifted: list[FieldChange], cleared: list[FieldChange]) -> None:
        for changes, text in (
            (drifted, "was changed in Spectrum, although Procore owns it; neither side is written"),
            (cleared, "was cleared in Procore; Spectrum offers no way to clear it"),
        ):
            self._world.notes += (
                Note("vendors", f"{self._ref}: {change.path} {text}") for change in changes
            )


def _is_open(change: FieldChange) -> bool:
    return not same(change.source, change.target) and not same(change.source, None)


def _is_change(change: FieldChange) -> bool:
    return _is_open(change) and same(change.target, change.base)


def _is_conflict(change: FieldChange) -> bool:
    if not _is_open(change) or same(change.target, change.base):
        return False
    return not same(change.source, change.base)


def _is_drift(change: FieldChange) -> bool:
    return _is_open(change) and same(change.source, change.base)


def _is_cleared(change: FieldChange) -> bool:
    gone = same(change.source, None) and not same(change.base, None)
    return gone and not same(change.target, None)
