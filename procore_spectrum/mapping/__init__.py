"""Pure functions from the words of one system to those of the other, named source_to_target.

They touch no clock, network or file, change nothing, and give the same answer every time. A
record that cannot be sent comes back with every reason why (:class:`Mapped`); only a value of
the wrong type raises. No text is ever cut to fit.
"""

from procore_spectrum.mapping.budget_changes import (
    ChangedPair,
    MappedBudgetChange,
    budget_change_to_change_request,
    budget_change_to_current_estimates,
    forecast_to_projection,
)
from procore_spectrum.mapping.budget_line_to_estimate import (
    Pair,
    budget_line_to_estimate,
    pair_faults,
)
from procore_spectrum.mapping.budget_settings import BudgetSettings
from procore_spectrum.mapping.change_order_to_change_request import (
    ChangeOrderMapping,
    ChangeRequestPart,
    MappedChangeRequest,
    change_order_to_change_request,
)
from procore_spectrum.mapping.commitment_to_subcontract import (
    CommitmentMapping,
    GlAccounts,
    LinkedCodes,
    MappedSubcontract,
    SubcontractLine,
    commitment_to_subcontract,
)
from procore_spectrum.mapping.company_to_vendor import VendorExportMapping, company_to_vendor
from procore_spectrum.mapping.contract_to_prime_contract import (
    contract_to_prime_contract,
    schedule_line_to_prime_contract_line,
)
from procore_spectrum.mapping.cost_type_to_category import (
    CostTypeEntry,
    CostTypeTable,
    cost_type_to_category,
)
from procore_spectrum.mapping.estimate_to_budget_line import (
    estimate_to_budget_line,
    estimated_amount,
    has_estimate_or_cost,
)
from procore_spectrum.mapping.exact import exact_sum
from procore_spectrum.mapping.job_cost_settings import JobCostSettings
from procore_spectrum.mapping.job_cost_to_direct_cost import (
    job_cost_to_direct_cost,
    job_cost_to_erp_job_cost,
    job_to_direct_cost,
)
from procore_spectrum.mapping.job_cost_transactions import (
    PostedCosts,
    job_cost_transactions_to_line,
    posted_costs_to_direct_cost,
)
from procore_spectrum.mapping.job_to_project import JobDate, JobMapping, job_to_project
from procore_spectrum.mapping.keys import join_key, keyed_origin, split_key
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.numbering import (
    Numbering,
    Proposal,
    check_number,
    propose_number,
)
from procore_spectrum.mapping.origin import Origin, origin_id, parse_origin_id
from procore_spectrum.mapping.phase_mask import PhaseMask, Segment, find_collisions
from procore_spectrum.mapping.phase_to_cost_code import (
    CostCodeMapping,
    phase_parents,
    phase_to_cost_code,
)
from procore_spectrum.mapping.phase_to_wbs_code import WbsCodeMapping, phase_to_wbs_code
from procore_spectrum.mapping.places import PlaceMapping
from procore_spectrum.mapping.prime_change_order_to_change_request import (
    BillingItem,
    MappedPrimeChange,
    PrimeChangePart,
    prime_change_order_to_change_request,
)
from procore_spectrum.mapping.prime_settings import PrimeChangeMapping, PrimeContractMapping
from procore_spectrum.mapping.project_to_job import JobExportMapping, project_to_job
from procore_spectrum.mapping.result import Mapped, MappedCode
from procore_spectrum.mapping.text import (
    address_key,
    clean,
    email_domain,
    email_key,
    fits,
    normalised_name,
    phone_digits,
    unprintable,
    zip_key,
)
from procore_spectrum.mapping.vendor_match import (
    CompanyIndex,
    Party,
    Suggestion,
    exact_unique_name,
    party_of_company,
    party_of_vendor,
    suggest,
)
from procore_spectrum.mapping.vendor_to_company import VendorMapping, vendor_to_company

__all__ = [
    "BillingItem",
    "BudgetSettings",
    "ChangeOrderMapping",
    "ChangeRequestPart",
    "ChangedPair",
    "CommitmentMapping",
    "CompanyIndex",
    "CostCodeMapping",
    "CostTypeEntry",
    "CostTypeTable",
    "GlAccounts",
    "JobCostSettings",
    "JobDate",
    "JobExportMapping",
    "JobMapping",
    "LinkedCodes",
    "Mapped",
    "MappedBudgetChange",
    "MappedChangeRequest",
    "MappedCode",
    "MappedPrimeChange",
    "MappedSubcontract",
    "Numbering",
    "Origin",
    "Pair",
    "Party",
    "PhaseMask",
    "PlaceMapping",
    "PostedCosts",
    "PrimeChangeMapping",
    "PrimeChangePart",
    "PrimeContractMapping",
    "Proposal",
    "Segment",
    "SubcontractLine",
    "Suggestion",
    "VendorExportMapping",
    "VendorMapping",
    "WbsCodeMapping",
    "address_key",
    "budget_change_to_change_request",
    "budget_change_to_current_estimates",
    "budget_line_to_estimate",
    "change_order_to_change_request",
    "check_limits",
    "check_number",
    "clean",
    "commitment_to_subcontract",
    "company_to_vendor",
    "contract_to_prime_contract",
    "cost_type_to_category",
    "email_domain",
    "email_key",
    "estimate_to_budget_line",
    "estimated_amount",
    "exact_sum",
    "exact_unique_name",
    "find_collisions",
    "fits",
    "forecast_to_projection",
    "has_estimate_or_cost",
    "job_cost_to_direct_cost",
    "job_cost_to_erp_job_cost",
    "job_cost_transactions_to_line",
    "job_to_direct_cost",
    "job_to_project",
    "join_key",
    "keyed_origin",
    "normalised_name",
    "origin_id",
    "pair_faults",
    "parse_origin_id",
    "party_of_company",
    "party_of_vendor",
    "phase_parents",
    "phase_to_cost_code",
    "phase_to_wbs_code",
    "phone_digits",
    "posted_costs_to_direct_cost",
    "prime_change_order_to_change_request",
    "project_to_job",
    "propose_number",
    "schedule_line_to_prime_contract_line",
    "split_key",
    "suggest",
    "unprintable",
    "vendor_to_company",
    "zip_key",
]
