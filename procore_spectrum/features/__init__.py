"""What the product does, one module per feature.

Each feature says what is read on both sides, which mapping is applied, in which direction, who
owns which field, what has to wait for a person and what blocks a record.
"""

from __future__ import annotations

from procore_spectrum.features.budgets import BUDGETS
from procore_spectrum.features.change_orders import CHANGE_ORDERS
from procore_spectrum.features.commitments import COMMITMENTS
from procore_spectrum.features.cost_codes import COST_CODES
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.job_costs import JOB_COSTS, WRITER
from procore_spectrum.features.jobs import JOBS, PROJECT
from procore_spectrum.features.prime_contracts import (
    PRIME_CONTRACT,
    PRIME_CONTRACT_LINE,
    PRIME_CONTRACTS,
)
from procore_spectrum.features.settings import (
    CostCodeSettings,
    JobSettings,
    PrimeContractSettings,
    Settings,
    VendorSettings,
)
from procore_spectrum.features.vendors import COMPANY, VENDORS
from procore_spectrum.features.world import World

__all__ = [
    "DECIDABLE",
    "FEATURES",
    "LINKABLE",
    "STAGED",
    "CostCodeSettings",
    "Feature",
    "JobSettings",
    "PrimeContractSettings",
    "Settings",
    "VendorSettings",
    "World",
]

FEATURES: tuple[Feature, ...] = (
    VENDORS,
    JOBS,
    COST_CODES,
    COMMITMENTS,
    CHANGE_ORDERS,
    BUDGETS,
    JOB_COSTS,
    PRIME_CONTRACTS,
)
"""Every feature, in the order of planning and writing."""

STAGED: tuple[str, ...] = (COMPANY.kind, PROJECT.kind)
"""The kinds of record that wait for a person to take them in."""

DECIDABLE: tuple[str, ...] = (*STAGED, PRIME_CONTRACT.kind, PRIME_CONTRACT_LINE.kind)
"""The kinds of record that a person decides about: linked, new, or left out."""

LINKABLE: tuple[str, ...] = (*DECIDABLE, WRITER, "customer")
"""What a person may say to be something of Procore: such a record, an owner, or a way to write."""
