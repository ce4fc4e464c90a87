"""What a read-only SQL connection would find, in columns of our own names.

Only the tables that no web service reads. Texts that were never entered are blank, numbers zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from procore_spectrum.testing.fake_spectrum.company import Company
from procore_spectrum.testing.fake_spectrum.documents import Record

__all__ = ["Cell", "SqlRow", "sql_rows"]

Cell: TypeAlias = "str | int | Decimal | date"
SqlRow = dict[str, Cell]

_ZERO = Decimal(0)

_SUBCONTRACT = {
    "vendor_code": "Vendor_Code",
    "subcontract_number": "Subcontract_Number",
    "job_number": "Job_Number",
    "status_code": "Status_Code",
    "comment": "Comment",
}
_LINE = {
    "phase_code": "Phase_Code",
    "cost_type": "Cost_Type",
    "bid_item_number": "Bid_Item_Number",
    "description": "Bill_Description",
}
_LINE_NUMBERS = {
    "quantity": "Original_Contract_Quantity",
    "unit_price": "Unit_Price",
    "amount": "Original_Contract_Amount",
}
_REQUEST = {
    "job_number": "Job_Number",
    "customer_code": "Customer_Code",
    "change_request_number": "Change_Request_Number",
    "status_code": "CR_Status",
    "description": "CR_Description",
}
_COST = {
    "phase_code": "CR_Phase_Code",
    "cost_type": "CR_Cost_Type",
    "vendor_code": "Subcontractor_Code",
    "subcontract_number": "Subcontract_Number",
    "sub_status": "Sub_Status",
}
_COST_NUMBERS = {
    "quantity": "Change_Request_Quantity",
    "amount": "Change_Request_Amount",
    "sub_amount": "Sub_Amount",
}


def sql_rows(companies: Iterable[Company]) -> dict[str, list[SqlRow]]:
    """All tables by name; rows by company, then by key."""
    held = list(companies)
    return {
        name: [{"company_code": company.code, **row} for company in held for row in read(company)]
        for name, read in _TABLES.items()
    }


def _texts(record: Record, columns: Mapping[str, str]) -> SqlRow:
    return {column: record.get(element, "") for column, element in columns.items()}


def _numbers(record: Record, columns: Mapping[str, str]) -> SqlRow:
    return {column: record.get(element, _ZERO) for column, element in columns.items()}


def _subcontracts(company: Company) -> Iterator[SqlRow]:
    for _, subcontract in sorted(company.subcontracts.items(), key=lambda item: item[0]):
        header = subcontract.header
        retention = _numbers(header, {"retention_percent": "Retention_Percent"})
        yield {**_texts(header, _SUBCONTRACT), **retention}


def _subcontract_lines(company: Company) -> Iterator[SqlRow]:
    for (vendor, number), subcontract in sorted(
        company.subcontracts.items(), key=lambda item: item[0]
    ):
        for key in sorted(subcontract.lines):
            line = subcontract.lines[key]
            keys: SqlRow = {"vendor_code": vendor, "subcontract_number": number}
            yield {**keys, **_texts(line, _LINE), **_numbers(line, _LINE_NUMBERS)}


def _change_requests(company: Company) -> Iterator[SqlRow]:
    for key in sorted(company.change_requests):
        yield _texts(company.change_requests[key].header, _REQUEST)


def _change_request_lines(company: Company) -> Iterator[SqlRow]:
    for key in sorted(company.change_requests):
        job, customer, number = key
        keys: SqlRow = {
            "job_number": job,
            "customer_code": customer,
            "change_request_number": number,
        }
        lines = company.change_requests[key].cost_lines
        for line_key in sorted(lines):
            line = lines[line_key]
            yield {**keys, **_texts(line, _COST), **_numbers(line, _COST_NUMBERS)}


def _change_statuses(company: Company) -> Iterator[SqlRow]:
    for code, action in sorted(company.change_statuses.items()):
        yield {"status_code": code, "action_type": action}


def _cost_types(company: Company) -> Iterator[SqlRow]:
    for code, name in sorted(company.cost_types.items()):
        yield {"cost_type": code, "description": name}


def _standard_phases(company: Company) -> Iterator[SqlRow]:
    for category, entries in sorted(company.phase_categories.items()):
        for entry in entries:
            yield {
                "phase_category": category,
                "phase_code": entry["Phase_Code"],
                "cost_type": entry["Cost_Type"],
                "description": entry.get("Description", ""),
            }


def _prime_contract_lines(company: Company) -> Iterator[SqlRow]:
    for (job, number), item in sorted(company.billing_items.items(), key=lambda entry: entry[0]):
        yield {
            "job_number": job,
            "item": number,
            "description": item.description,
            "amount": item.amount,
        }


def _job_cost_transactions(company: Company) -> Iterator[SqlRow]:
    for entry in company.transactions:
        yield {
            "job_number": entry.job,
            "phase_code": entry.phase,
            "cost_type": entry.cost_type,
            "date": entry.on,
            "amount": entry.amount,
            "hours": entry.hours,
            "quantity": entry.quantity,
            "description": entry.description,
            "transaction_type": entry.transaction_type,
            "vendor_code": entry.vendor,
        }


def _original_estimates(company: Company) -> Iterator[SqlRow]:
    for job in sorted(company.phases):
        for phase in company.phases[job].ordered():
            yield {
                "job_number": job,
                "phase_code": phase.phase_code,
                "cost_type": phase.cost_type,
                "quantity": phase.original_est_quantity or _ZERO,
                "hours": phase.original_est_hours or _ZERO,
                "amount": phase.original_est_cost or _ZERO,
            }


_TABLES: Mapping[str, Callable[[Company], Iterator[SqlRow]]] = {
    "subcontracts": _subcontracts,
    "subcontract_lines": _subcontract_lines,
    "change_requests": _change_requests,
    "change_request_lines": _change_request_lines,
    "change_statuses": _change_statuses,
    "cost_types": _cost_types,
    "standard_phases": _standard_phases,
    "prime_contract_lines": _prime_contract_lines,
    "job_cost_transactions": _job_cost_transactions,
    "original_estimates": _original_estimates,
}
