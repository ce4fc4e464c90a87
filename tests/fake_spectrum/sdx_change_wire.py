"""A fake with everything that change requests need, and one way to send them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sdx_wire import SteppingClock, put

from procore_spectrum.testing.fake_spectrum import FakeSpectrum, Switches

Found = list[tuple[str, str]]

KEY = {"Job_Number": "J1", "Customer_Code": "C1", "Change_Request_Number": "7"}
HEADER = {**KEY, "CR_Description": "More piles", "CR_Status": "CO"}
COST = {
    "CR_Phase_Code": "033000",
    "CR_Cost_Type": "S",
    "Change_Request_Hours": "",
    "Change_Request_Amount": "100.50",
}
LINE = {**HEADER, **COST}
SUB = {"Subcontractor_Code": "ACME", "Subcontract_Number": "SC-1", "Sub_Status": "P"}
BILLING = {"CR_Billing_Item_Code": "0010", "CR_Revenue": "120"}


def ready(**switches: Any) -> FakeSpectrum:
    """Jobs with a contract, phases, a subcontract, and a status CO..C5 per action type."""
    fake = FakeSpectrum(clock=SteppingClock(), switches=Switches(**switches))
    for customer in ("C1", "C2"):
        fake.add_customer(Customer_Code=customer)
    fake.add_job(Job_Number="J1", Customer_Code="C1")
    fake.add_job(Job_Number="UNIT", Customer_Code="C1", Price_Method_Code="U")
    fake.add_job(Job_Number="NONE")
    fake.add_job(Job_Number="DONE", Customer_Code="C1", Status_Code="C")
    for job in ("J1", "UNIT"):
        phase = {"Job_Number": job, "Phase_Code": "033000"}
        for cost_type in ("S", "M"):
            fake.add_phase(**phase, Cost_Type=cost_type)
        fake.add_phase(**phase | {"Phase_Code": "099000"}, Cost_Type="S", Status_Code="C")
        vendor = {"Vendor_Code": "ACME", "Subcontract_Number": f"SC-{'1' if job == 'J1' else 2}"}
        fake.add_subcontract(**vendor, Job_Number=job)
        for item in ("0010", "0020"):
            fake.add_subcontract_line(
                **vendor,
                Phase_Code="033000",
                Cost_Type="S",
                Bid_Item_Number=item,
                Original_Contract_Amount="1000",
            )
    fake.add_vendor(Vendor_Code="ACME")
    fake.add_change_status("CO", 3)
    for action in range(1, 6):
        fake.add_change_status(f"C{action}", action)
    fake.add_billing_item("J1", "0010", "Concrete", amount=Decimal(5000))
    fake.add_billing_item("UNIT", "010020", "Piles", unit_price=Decimal("2.5"))
    fake.add_billing_item("UNIT", "010030")
    return fake


def send(fake: FakeSpectrum, values: dict[str, str]) -> Found:
    """One line."""
    return put(fake, "ARChangeRequest", **values)


def requests(fake: FakeSpectrum) -> list[dict[str, Any]]:
    """All change requests."""
    found: list[dict[str, Any]] = fake.state()["ABC"]["change_requests"]
    return found


def only(fake: FakeSpectrum) -> dict[str, Any]:
    """The only change request."""
    (found,) = requests(fake)
    return found
