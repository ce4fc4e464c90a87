"""Companies of Procore's directory that Spectrum lacks become new vendors.

Accounting gives the vendor code, and the type if it has one. Once Spectrum has the vendor, the
company carries its key, and from then on the vendor is imported like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from procore_spectrum.features.exporting import Begun, doubts_of, is_closing
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import company_to_vendor, keyed_origin
from procore_spectrum.models import procore
from procore_spectrum.plan.diff import Absent, FieldRule, KindRules, Owner
from procore_spectrum.plan.documents import Document, Need
from procore_spectrum.plan.exports import ExportDraft, ExportMark, ExportRecord
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields

__all__ = ["VENDOR", "missing_company", "vendor_exports"]

VENDOR = KindRules(
    kind="vendor",
    fields=(
        FieldRule("vendor_code", Owner.TARGET, "given by accounting"),
        FieldRule("type", Owner.TARGET, "given by accounting, if there is one"),
        FieldRule("vendor_name", Owner.TARGET, "name"),
        FieldRule("alpha_sort", Owner.TARGET, "beginning of the name"),
        FieldRule("address_1", Owner.TARGET, "address"),
        FieldRule("city", Owner.TARGET, "city"),
        FieldRule("state", Owner.TARGET, "state"),
        FieldRule("zip_code", Owner.TARGET, "ZIP code"),
        FieldRule("phone", Owner.TARGET, "telephone"),
        FieldRule("fax_phone", Owner.TARGET, "fax"),
        FieldRule("vendor_email", Owner.TARGET, "e-mail"),
        FieldRule("terms_code", Owner.TARGET, "from the settings"),
        FieldRule("terms_days", Owner.TARGET, "from the settings"),
        FieldRule("terms_disc_code", Owner.TARGET, "from the settings"),
    ),
    absent=Absent.IGNORE,
    target="spectrum",
)


def vendor_exports(world: World) -> Iterator[ExportDraft]:
    """Every active company without a vendor, if companies are exported at all."""
    if not world.settings.vendors.export:
        return
    linked = {row.target_id: row for row in world.rows("company")}
    exported = {row.ref.key: row for row in world.rows(VENDOR.kind)}
    doubts = doubts_of(world, (VENDOR.kind,))
    suggested = world.suggested("company")
    codes = {str(vendor.vendor_code) for vendor in world.vendors().items}
    for company in world.companies().items:
        key = str(company.id)
        rows = {row.ref: row for row in (exported.get(key), linked.get(key)) if row is not None}
        begun = key in exported or key in doubts
        new = key not in linked and key not in suggested and not company.origin_id
        if company.is_active is not False and (begun or new):
            yield _draft(world, company, rows, doubts.get(key, {}), codes)


def missing_company(world: World, document: Document) -> str:
    """Why a company that waits cannot become a vendor any more."""
    if not world.settings.vendors.export:
        return "companies are no longer exported"
    key = document.ref.key
    company = next((item for item in world.companies().items if str(item.id) == key), None)
    if company is None:
        return "Procore no longer lists it" if world.companies().complete else ""
    if company.is_active is False:
        return "the company is inactive"
    if key in world.suggested("company"):
        return "it resembles a vendor that Spectrum has"
    linked = any(row.target_id == key for row in world.rows("company"))
    return "it is linked with a vendor" if linked else "another integration keeps it"


def _draft(
    world: World,
    company: procore.Vendor,
    rows: Mapping[Ref, CrosswalkRow],
    doubts: Mapping[Ref, Fields],
    codes: set[str],
) -> ExportDraft:
    key = str(company.id)
    vendor = ref(VENDOR.kind, key)
    made = rows.get(vendor)
    written = made.target_id if made else Begun(doubts=doubts).written("vendor_code")
    mapped = company_to_vendor(company, settings=world.settings.vendors.export_mapping)
    document = Document(
        ref=ref("company_export", key),
        feature="vendors",
        title=company.name or key,
        fields=mapped.fields,
        needs=(
            Need(
                name="vendor_code",
                meaning="vendor code",
                length=10,
                proposal=written,
                space="vendor",
                characters="code",
                fixed=written is not None,
            ),
            Need(name="type", meaning="vendor type", length=6, required=False),
        ),
        violations=mapped.violations,
        warnings=mapped.notes,
    )
    approval = world.approval(document.ref)
    given = document.completed(approval.given if approval else {})
    if written is not None:
        given["vendor_code"] = written
    code = str(given["vendor_code"] or "")
    record = ExportRecord(
        ref=vendor,
        title=f"vendor {code or '(code not given yet)'}",
        fields=given,
        natural_key=code,
        key=("vendor_code",),
        settled=frozenset(given),
    )
    return ExportDraft(
        document=document,
        records=(record,),
        marks=(_mark(world, key, code, rows),) if code else (),
        rows=rows,
        doubts=doubts,
        seen=None if written is not None else {known: {} for known in codes},
        closing=is_closing(world, document.ref),
    )


def _mark(world: World, key: str, code: str, rows: Mapping[Ref, CrosswalkRow]) -> ExportMark:
    company, name = world.company.spectrum_company_code, ref("company", code)
    fields: Fields = {"origin_id": keyed_origin("vendor", company, code), "origin_code": code}
    # Once the vendor is imported, its link holds more; marking again must not look like a change.
    return ExportMark(ref=name, target_id=key, fields=rows[name].base if name in rows else fields)
