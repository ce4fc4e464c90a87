"""A whole import between both fakes, with nothing held: what crash test and benchmark repeat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import attrs

from procore_spectrum.apply.report import Report
from procore_spectrum.features import (
    CostCodeSettings,
    JobSettings,
    Settings,
    VendorSettings,
)
from procore_spectrum.mapping import CostTypeEntry, CostTypeTable, PhaseMask
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.ports import Source, StateStore
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.spectrum.client import SpectrumClient
from procore_spectrum.spectrum.target import SpectrumTarget
from procore_spectrum.syncer import Syncer
from procore_spectrum.testing.sandbox import Sandbox
from procore_spectrum.wire.transport import Transport

__all__ = ["FullImport", "Size", "duplicates", "nameless"]

Size: TypeAlias = Literal["XS", "S", "M", "L"]
_State: TypeAlias = Mapping[str, list[dict[str, Any]]]


@attrs.frozen(kw_only=True)
class FullImport:
    """Everything that is needed to import a reference company whole.

    Jobs in progress are taken on, and what Procore has already is linked by decisions that were
    made beforehand.

    Args:
        sandbox: both fakes, arranged; they need not be served.
        procore_url: where Procore is reached; any address in process.
        spectrum_url: where Spectrum is reached.
        choose: changes what a person would choose.
        reader: reads what no service of Spectrum lists.
    """

    sandbox: Sandbox
    procore_url: str = "http://procore.test"
    spectrum_url: str = "http://spectrum.test"
    choose: Callable[[Settings], Settings] = lambda usual: usual
    reader: Source | None = None

    @property
    def settings(self) -> Settings:
        """What a person would choose for the company."""
        return self.choose(self._usual)

    @property
    def _usual(self) -> Settings:
        company, mask = self.sandbox.company, self.sandbox.spectrum.phase_mask
        entries = tuple(
            CostTypeEntry(code=found.code, name=found.name, base_type=found.base_type)
            for found in company.cost_types
        )
        return Settings(
            vendors=VendorSettings(suggest=False),
            jobs=JobSettings(connected_on=company.connected_on, in_progress="take"),
            cost_codes=CostCodeSettings(
                phase_mask=PhaseMask.parse(mask),
                cost_types=CostTypeTable(entries=entries),
            ),
        )

    def syncer(self, store: StateStore, procore: Transport, spectrum: Transport) -> Syncer:
        """A syncer with clients of its own. It sends one request after the other."""
        fakes = self.sandbox
        client = SpectrumClient(
            url=self.spectrum_url,
            company_code=fakes.spectrum.company_code,
            authorization_id=fakes.spectrum.authorization_id,
            transport=spectrum,
            max_parallel=1,
            vendor_row_cap=None,
        )
        return Syncer(
            procore=ProcoreClient(
                base_url=self.procore_url,
                login_url=self.procore_url,
                company_id=fakes.procore.company_id,
                client_id=fakes.procore.client_id,
                client_secret=fakes.procore.client_secret,
                transport=procore,
            ),
            spectrum=client,
            erp=SpectrumTarget(client, reader=self.reader),
            store=store,
            settings=self.settings,
            actor="full import",
        )

    def decide(self, syncer: Syncer) -> None:
        """Say which records Procore has already; sends nothing."""
        for name, target_id in self._links():
            syncer.link(name, target_id, why="the reference company says so")

    def _links(self) -> Iterator[tuple[Ref, str]]:
        company, state = self.sandbox.company, self.sandbox.procore.state()
        vendors = {row["name"]: row["id"] for row in state["vendors"]}
        existing = company.existing_procore_companies
        for vendor, found in zip(company.vendors, existing, strict=False):
            yield Ref("company", vendor.code), str(vendors[found["name"]])
        numbers = {row["project_number"]: row["id"] for row in state["projects"]}
        for project in company.existing_procore_projects:
            number = project["project_number"]
            yield Ref("project", number), str(numbers[number])

    def run(self, syncer: Syncer) -> tuple[Plan, Report]:
        """Plan and apply once; the guards know nothing of first imports, so they are set aside."""
        plan = syncer.plan()
        return plan, syncer.apply(plan, override_guards="a first import")


# ---------------------------------------------------------------- comparing what arrived


def nameless(state: _State) -> dict[str, Counter[str]]:
    """The state of a fake Procore without ids and times, to compare two runs.

    An id gives way to what it names, so that records still have to point at the same records.
    """
    rows = {
        row["id"]: (table, row) for table, found in state.items() for row in found if "id" in row
    }
    names: dict[int, str] = {number: table for number, (table, _) in rows.items()}
    # Each round lets names reach one reference further; no chain of references is longer.
    for _ in range(4):
        names = {number: f"{table}({_shown(row, names)})" for number, (table, row) in rows.items()}
        short = {name: f"{hash(name):x}" for name in names.values()}
        names = {number: short[name] for number, name in names.items()}
    return {table: Counter(_shown(row, names) for row in found) for table, found in state.items()}


_OWN = frozenset({"id", "segment_item_id", "wbs_pattern_id"})


def _shown(row: Mapping[str, Any], names: Mapping[int, str]) -> str:
    return ", ".join(
        f"{key}={bool(value) if key.endswith('_at') else _named(value, names)}"
        for key, value in sorted(row.items())
        if key not in _OWN
    )


def _named(value: Any, names: Mapping[int, str]) -> str:
    match value:
        case bool():
            return repr(value)
        case int():
            return names.get(value, repr(value))
        case Mapping():
            return f"{{{_shown(value, names)}}}"
        case list() | tuple():
            return f"[{', '.join(_named(item, names) for item in value)}]"
    return repr(value)


_UNIQUE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "vendors": (("origin_id",), ("name",)),
    "projects": (("origin_id",), ("project_number",), ("name",)),
    "line_item_types": (("origin_id",), ("code",), ("name",)),
    "standard_cost_code_lists": (("name",),),
    "standard_cost_codes": (("origin_id",), ("standard_cost_code_list_id", "full_code")),
    "cost_codes": (("origin_id",), ("project_id", "full_code")),
    "wbs_codes": (("project_id", "cost_code_id", "line_item_type_id"),),
}


def duplicates(state: _State) -> list[str]:
    """Records of a fake Procore that are there twice: by origin id, name, number or code.

    In a table that is not known here, no two records may have the same origin id.
    """
    found = []
    for table, rows in state.items():
        for fields in _UNIQUE.get(table, (("origin_id",),)):
            seen: dict[tuple[Any, ...], int] = defaultdict(int)
            for row in rows:
                key = tuple(row.get(field) for field in fields)
                if None not in key:
                    seen[key] += 1
            found += [f"{table}: {n} times {key}" for key, n in seen.items() if n > 1]
    return found
