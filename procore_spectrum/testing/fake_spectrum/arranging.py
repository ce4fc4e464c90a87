"""The calls that fill the in-memory Spectrum before a test, as a person at a screen would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from threading import RLock
from typing import Literal

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.testing.fake_spectrum.company import Company
from procore_spectrum.testing.fake_spectrum.documents import BillingItem, Transaction

__all__ = ["Arranging"]

_ZERO = Decimal(0)


class Arranging:
    """The companies of an installation and how a test fills them; no rule of a service applies.

    Args:
        company_code: the company that exists from the start.
        phase_mask: the phase mask of every company.
    """

    def __init__(self, *, company_code: str, phase_mask: str) -> None:
        self.company_code = company_code
        self.phase_mask = phase_mask
        self._lock = RLock()
        self._companies: dict[str, Company] = {}
        self.add_company(company_code)

    def add_company(self, company_code: str) -> None:
        """Set up an empty company."""
        with self._lock:
            self._companies[company_code] = Company(code=company_code, phase_mask=self.phase_mask)

    def add_vendor(self, **elements: object) -> None:
        """Insert or replace a vendor, by the element names of AddVendor and UpdateVendor.

        ``Company_Code`` chooses another company than the first, here and below. The rules of
        the web services are not applied: a test may arrange what only a screen could enter.

        Raises:
            InvalidValueError: an unknown element, a value of the wrong type, no key.
        """
        with self._lock:
            self._company(elements).add_vendor(elements)

    def add_customer(self, **elements: object) -> None:
        """Insert or replace a customer, by the element names of GetCustomers."""
        with self._lock:
            self._company(elements).add_customer(elements)

    def add_job(self, **elements: object) -> None:
        """Insert or replace a job, by the element names of the job services."""
        with self._lock:
            self._company(elements).add_job(elements)

    def add_contact(self, **elements: object) -> None:
        """Append a contact of a job, by the element names of GetJobContact."""
        with self._lock:
            self._company(elements).add_contact(elements)

    def add_phase(self, **elements: object) -> None:
        """Insert or replace a pair of phase and cost type, named as in AddPhase and GetPhase."""
        with self._lock:
            self._company(elements).add_phase(elements)

    def remove_phase(
        self, job: str, code: str, cost_type: str, *, company_code: str | None = None
    ) -> None:
        """Delete a pair of phase and cost type: a person did it inside Spectrum.

        Raises:
            InvalidValueError: there is no such pair.
        """
        with self._lock:
            self._companies[company_code or self.company_code].remove_phase(job, code, cost_type)

    def add_cost_type(self, code: str, name: str = "", *, company_code: str | None = None) -> None:
        """Set up a cost type."""
        with self._lock:
            company = self._companies[company_code or self.company_code]
            company.cost_types[code] = name or code

    def add_gl_account(
        self, account: str, *, direct: bool | None = None, company_code: str | None = None
    ) -> None:
        """Set up a G/L account. While there is none, every account is taken.

        ``direct`` True is a direct job cost account only, False never one, None either.
        """
        with self._lock:
            self._companies[company_code or self.company_code].gl_accounts[account] = direct

    def add_phase_category(
        self, name: str, phases: Sequence[Mapping[str, str]], *, company_code: str | None = None
    ) -> None:
        """Set up a standard phase category: mappings with the elements of AddPhase."""
        with self._lock:
            company = self._companies[company_code or self.company_code]
            company.phase_categories[name] = tuple(dict(phase) for phase in phases)

    def set_cost(
        self,
        job: str,
        phase: str,
        cost_type: str,
        *,
        dollars: Decimal | None = None,
        hours: Decimal | None = None,
        quantity: Decimal | None = None,
        company_code: str | None = None,
    ) -> None:
        """Set job-to-date figures; those not given stay as they are.

        Raises:
            InvalidValueError: the job has no such phase and cost type.
        """
        with self._lock:
            company = self._companies[company_code or self.company_code]
            company.set_cost((job, phase, cost_type), dollars, hours, quantity)

    def set_fiscal_calendar(
        self, first: date, last: date, *, company_code: str | None = None
    ) -> None:
        """Set up fiscal periods for these days. While there are none, every day is taken."""
        with self._lock:
            self._companies[company_code or self.company_code].fiscal_calendar = (first, last)

    # ------------------------------------------------------------ subcontracts

    def add_subcontract(self, **elements: object) -> None:
        """Insert or replace a subcontract without lines, by the elements of UpdateSubcontract.

        ``Operator`` names who entered it.

        Raises:
            InvalidValueError: an unknown element, no key, or no such job.
        """
        with self._lock:
            self._company(elements).add_subcontract(elements)

    def add_subcontract_line(self, **elements: object) -> None:
        """Insert or replace a line, by the elements of UpdateSubcontractPhases.

        Raises:
            InvalidValueError: an unknown element, no key, or no such subcontract.
        """
        with self._lock:
            self._company(elements).add_subcontract_line(elements)

    def remove_subcontract(
        self, vendor: str, number: str, *, company_code: str | None = None
    ) -> None:
        """Delete a subcontract with its lines: a person did it inside Spectrum.

        Raises:
            InvalidValueError: there is no such subcontract.
        """
        with self._lock:
            company = self._companies[company_code or self.company_code]
            if company.subcontracts.pop((vendor, number), None) is None:
                raise InvalidValueError(
                    f"there is no subcontract {vendor}/{number}", path="Subcontract_Number"
                )

    # ------------------------------------------------------------ change requests

    def add_change_status(self, code: str, action: int, *, company_code: str | None = None) -> None:
        """Set up a change request status with its action type.

        ``action``: 1 revenue and cost with billing, 2 the same without billing, 3 cost only,
        4 nothing, 5 reversed.

        Raises:
            InvalidValueError: another action type.
        """
        if action not in range(1, 6):
            raise InvalidValueError(f"{action!r} is not an action type", path="action")
        with self._lock:
            self._companies[company_code or self.company_code].change_statuses[code] = action

    def add_billing_item(
        self,
        job: str,
        item: str,
        description: str = "",
        *,
        amount: Decimal = _ZERO,
        unit_price: Decimal | None = None,
        company_code: str | None = None,
    ) -> None:
        """Set up an item of a job's contract; on unit-price jobs the group comes in front."""
        with self._lock:
            company = self._companies[company_code or self.company_code]
            company.phases_of(job)
            company.billing_items[job, item] = BillingItem(
                description=description, amount=amount, unit_price=unit_price
            )

    def add_sub_change_order(
        self, job: str, number: str, *, company_code: str | None = None
    ) -> None:
        """Set up the number of a subcontract change order of a job."""
        with self._lock:
            self._companies[company_code or self.company_code].sub_change_orders.add((job, number))

    def add_change_request(self, **elements: object) -> None:
        """Insert a change request, or add a cost line to it, by the elements of ARChangeRequest.

        Raises:
            InvalidValueError: an unknown element, no key, or no such job.
        """
        with self._lock:
            self._company(elements).add_change_request(elements)

    def remove_change_request(
        self, job: str, customer: str, number: str, *, company_code: str | None = None
    ) -> None:
        """Delete a change request with its lines: a person did it inside Spectrum.

        Raises:
            InvalidValueError: there is no such change request.
        """
        with self._lock:
            company = self._companies[company_code or self.company_code]
            if company.change_requests.pop((job, customer, number), None) is None:
                raise InvalidValueError(
                    f"there is no change request {job}/{customer}/{number}",
                    path="Change_Request_Number",
                )

    def set_periods(self, first: date, last: date, *, company_code: str | None = None) -> None:
        """Set the open processing dates. While there are none, every day is open."""
        with self._lock:
            self._companies[company_code or self.company_code].open_periods = (first, last)

    def add_code(
        self,
        kind: Literal["terms", "sales_tax", "use_tax", "routing"],
        code: str,
        *,
        company_code: str | None = None,
    ) -> None:
        """Set up a code. While there is none of its kind, every code is taken."""
        with self._lock:
            company = self._companies[company_code or self.company_code]
            company.codes.setdefault(kind, set()).add(code)

    def add_job_cost(
        self,
        job: str,
        phase: str,
        cost_type: str,
        on: date,
        amount: Decimal,
        *,
        hours: Decimal = _ZERO,
        quantity: Decimal = _ZERO,
        description: str = "",
        transaction_type: str = "",
        vendor: str = "",
        company_code: str | None = None,
    ) -> None:
        """Post a job cost transaction. Job-to-date figures are not changed by it.

        Raises:
            InvalidValueError: there is no such job.
        """
        with self._lock:
            company = self._companies[company_code or self.company_code]
            company.phases_of(job)
            company.transactions.append(
                Transaction(
                    job=job,
                    phase=phase,
                    cost_type=cost_type,
                    on=on,
                    amount=amount,
                    hours=hours,
                    quantity=quantity,
                    description=description,
                    transaction_type=transaction_type,
                    vendor=vendor,
                )
            )

    # ------------------------------------------------------------ helpers

    def _company(self, elements: dict[str, object]) -> Company:
        code = elements.pop("Company_Code", self.company_code)
        company = self._companies.get(str(code))
        if company is None:
            raise InvalidValueError(f"there is no company {code!r}", path="Company_Code")
        return company
