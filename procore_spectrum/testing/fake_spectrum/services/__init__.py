"""The SOAP services, one small module per subject. Importing this package fills the registry.

To add a service, write a module with a function under :func:`~.registry.reads` or
:func:`~.registry.writes` and import it here; its layout is in ``layouts.json`` already.
"""

from __future__ import annotations

from procore_spectrum.testing.fake_spectrum.services import (
    connection,
    customers,
    get_jobs,
    get_phases,
    put_change_requests,
    put_customers,
    put_jobs,
    put_phases,
    put_projections,
    put_subcontract_lines,
    put_subcontracts,
    put_vendors,
)
from procore_spectrum.testing.fake_spectrum.services.registry import (
    SERVICES,
    ReadService,
    WriteService,
)

__all__ = [
    "SERVICES",
    "ReadService",
    "WriteService",
    "connection",
    "customers",
    "get_jobs",
    "get_phases",
    "put_change_requests",
    "put_customers",
    "put_jobs",
    "put_phases",
    "put_projections",
    "put_subcontract_lines",
    "put_subcontracts",
    "put_vendors",
]
