"""Spectrum's records as typed values, field by field as its services document them.

Read models hold what a service answered: ``None`` where the answer had no such element, blank
text where it was empty. Row models (``…Row``) hold what a SQL query of the installation gave. Write
models hold what to send; the company and the credentials are the client's business. Every field
carries its name on the wire and its limits (:func:`procore_spectrum.models.about.fields_of`);
``UDF1..20`` stands for that many elements.
"""

from procore_spectrum.models.spectrum.change_requests import ChangeRequestLine
from procore_spectrum.models.spectrum.customers import CustomerCreate
from procore_spectrum.models.spectrum.estimates import EstimateUpdate
from procore_spectrum.models.spectrum.job_create import JobCreate
from procore_spectrum.models.spectrum.job_update import JobUpdate
from procore_spectrum.models.spectrum.jobs import (
    Job,
    JobContact,
    JobUdf,
    job_sort_key,
    merge_jobs,
)
from procore_spectrum.models.spectrum.phases import Phase, PhaseUpsert
from procore_spectrum.models.spectrum.projections import JobCostProjection
from procore_spectrum.models.spectrum.sql_rows import (
    ChangeRequestLineRow,
    ChangeRequestRow,
    ChangeStatusRow,
    CostTypeRow,
    JobCostTransactionRow,
    OriginalEstimateRow,
    PrimeContractLineRow,
    StandardPhaseRow,
    SubcontractLineRow,
    SubcontractRow,
)
from procore_spectrum.models.spectrum.subcontracts import SubcontractLineUpsert, SubcontractUpsert
from procore_spectrum.models.spectrum.vendor_writes import VendorCreate, VendorUpdate
from procore_spectrum.models.spectrum.vendors import Vendor

__all__ = [
    "ChangeRequestLine",
    "ChangeRequestLineRow",
    "ChangeRequestRow",
    "ChangeStatusRow",
    "CostTypeRow",
    "CustomerCreate",
    "EstimateUpdate",
    "Job",
    "JobContact",
    "JobCostProjection",
    "JobCostTransactionRow",
    "JobCreate",
    "JobUdf",
    "JobUpdate",
    "OriginalEstimateRow",
    "Phase",
    "PhaseUpsert",
    "PrimeContractLineRow",
    "StandardPhaseRow",
    "SubcontractLineRow",
    "SubcontractLineUpsert",
    "SubcontractRow",
    "SubcontractUpsert",
    "Vendor",
    "VendorCreate",
    "VendorUpdate",
    "job_sort_key",
    "merge_jobs",
]
