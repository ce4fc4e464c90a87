"""GetCustomers."""

from __future__ import annotations

from collections.abc import Iterator

from procore_spectrum.testing.fake_spectrum.calls import Call, Row
from procore_spectrum.testing.fake_spectrum.services.registry import reads

__all__ = ["get_customers"]

_STATUSES = {
    "": {"Active"},
    "I": {"Active", "Inactive"},
    "ALL": {"Active", "Inactive", "Not Used"},
}


@reads("GetCustomers")
def get_customers(call: Call) -> Iterator[Row]:
    """Customers by code; a blank status means the active ones."""
    statuses = _STATUSES[call.text("pStatus")]
    for code in sorted(call.company.customers):
        customer = call.company.customers[code]
        if customer["Status"] in statuses:
            yield {**customer, "Company_Code": call.company.code}
