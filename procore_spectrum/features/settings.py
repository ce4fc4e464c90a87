"""What a company can choose. Every default is what the official connector does, or safer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

import attrs

from procore_spectrum.apply.approvals import ApprovalSettings
from procore_spectrum.mapping import (
    BudgetSettings,
    ChangeOrderMapping,
    CommitmentMapping,
    CostCodeMapping,
    CostTypeTable,
    JobCostSettings,
    JobExportMapping,
    JobMapping,
    PhaseMask,
    PrimeChangeMapping,
    PrimeContractMapping,
    VendorExportMapping,
    VendorMapping,
    WbsCodeMapping,
)
from procore_spectrum.mapping.choices import one_of
from procore_spectrum.plan.plan import GuardSettings

__all__ = ["OWNABLE", "CostCodeSettings", "JobSettings", "Settings", "VendorSettings"]


OWNABLE: Mapping[str, str] = MappingProxyType(
    {
        "name": "vendor_name",
        "address": "address_1",
        "city": "city",
        "state_code": "state",
        "zip": "zip_code",
    }
)
"""Fields of a company that Procore can own, and the vendor's fields that follow them.

Telephone and e-mail are not among them: Spectrum hands out those of the primary contact, and
takes those of the vendor.
"""


@attrs.frozen(kw_only=True)
class VendorSettings:
    """Vendors to companies.

    Args:
        types: vendor types to take; ``""`` stands for vendors without a type. Empty takes all.
        known_types: every vendor type in use. Spectrum does not say which type a vendor has,
            so vendors without a type are found as those that no known type lists.
        link_exact_names: link by itself when exactly one vendor and exactly one company have
            the same name. Otherwise a person decides.
        suggest: whether companies that resemble a vendor are looked for before it is created.
        suggest_from: the score, of 100, from which a resemblance is put to a person.
        mapping: how fields are translated.
        export: whether companies without a vendor are proposed to accounting as new vendors.
        export_mapping: how new vendors are made.
        procore_owns: fields of a linked company whose changes are proposed to accounting as
            changes of the vendor, and are not overwritten: ``name``, ``address``, ``city``,
            ``state_code``, ``zip``.

    Raises:
        ConfigurationError: Procore cannot own such a field.
    """

    types: tuple[str, ...] = ()
    known_types: tuple[str, ...] = ()
    link_exact_names: bool = False
    suggest: bool = True
    suggest_from: int = 50
    mapping: VendorMapping = attrs.field(factory=VendorMapping)
    export: bool = False
    export_mapping: VendorExportMapping = attrs.field(factory=VendorExportMapping)
    procore_owns: tuple[str, ...] = attrs.field(default=(), validator=one_of(tuple(OWNABLE)))


@attrs.frozen(kw_only=True)
class JobSettings:
    """Jobs to projects.

    Args:
        include_complete: also take jobs with status C.
        in_progress: what to do with a job that has cost already or was created before the
            connection: ``"hold"`` it for a person, or ``"take"`` it on.
        take_on: numbers of jobs in progress that shall be taken on.
        connected_on: the day from which jobs count as new; the day of the first plan if None.
        mapping: how fields are translated.
        export: whether projects without a job are proposed to accounting as new jobs.
        export_mapping: how new jobs are made.
    """

    include_complete: bool = False
    in_progress: Literal["hold", "take"] = "hold"
    take_on: tuple[str, ...] = ()
    connected_on: date | None = None
    mapping: JobMapping = attrs.field(factory=JobMapping)
    export: bool = False
    export_mapping: JobExportMapping = attrs.field(factory=JobExportMapping)


@attrs.frozen(kw_only=True)
class CostCodeSettings:
    """Phases to cost codes, cost types to categories, pairs to budget codes.

    Args:
        phase_mask: how phase codes are divided, e.g. ``##-####``.
        cost_types: the cost types in use; Spectrum offers no service to read them.
        standard_list: name of the company's standard cost code list, used when Procore has
            not made an ERP list of its own.
        fill_standard_list: whether the standard list is kept.
        names: names of the codes above the phases.
        budget_codes: how budget codes are made.
    """

    phase_mask: PhaseMask = attrs.field(factory=lambda: PhaseMask.parse("##-####"))
    cost_types: CostTypeTable = attrs.field(factory=lambda: CostTypeTable(entries=()))
    standard_list: str = "Spectrum Standard Cost Codes"
    fill_standard_list: bool = True
    names: CostCodeMapping = attrs.field(factory=CostCodeMapping)
    budget_codes: WbsCodeMapping = attrs.field(factory=WbsCodeMapping)


@attrs.frozen(kw_only=True)
class PrimeContractSettings:
    """Contracts with owners, and their change orders.

    Args:
        schedules: files with schedules of values, CSV or XLSX, by job number. Where there is
            none, SQL is read; where that is not configured, a contract is a single line.
        mapping: how prime contracts are made.
        change_orders: how their change orders become change requests.
    """

    schedules: Mapping[str, str] = attrs.field(factory=lambda: MappingProxyType({}))
    mapping: PrimeContractMapping = attrs.field(factory=PrimeContractMapping)
    change_orders: PrimeChangeMapping = attrs.field(factory=PrimeChangeMapping)


@attrs.frozen(kw_only=True)
class Settings:
    """All choices of one pair of companies.

    ``features`` names what a run does when it is not told otherwise. Exports write to the ERP,
    so they are switched on by name.
    """

    features: tuple[str, ...] = ("vendors", "jobs", "cost_codes")
    vendors: VendorSettings = attrs.field(factory=VendorSettings)
    jobs: JobSettings = attrs.field(factory=JobSettings)
    cost_codes: CostCodeSettings = attrs.field(factory=CostCodeSettings)
    commitments: CommitmentMapping = attrs.field(factory=CommitmentMapping)
    change_orders: ChangeOrderMapping = attrs.field(factory=ChangeOrderMapping)
    budgets: BudgetSettings = attrs.field(factory=BudgetSettings)
    job_costs: JobCostSettings = attrs.field(factory=JobCostSettings)
    prime_contracts: PrimeContractSettings = attrs.field(factory=PrimeContractSettings)
    approvals: ApprovalSettings = attrs.field(factory=ApprovalSettings)
    guards: GuardSettings = attrs.field(factory=GuardSettings)
