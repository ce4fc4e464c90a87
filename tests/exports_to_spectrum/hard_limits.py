"""Every hard limit of what is exported, with a value at it and one beyond it.

A limit belongs to a place: a vendor, a job, a phase, a subcontract or a change request. Its value
comes from Procore, or from accounting when it accepts (``given``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import attrs
from exporting_company import PAIRS, ExportingCompany
from outgoing_contractor import Outgoing
from small_contractor import Contractor

from procore_spectrum.errors import RefusedError, Violation
from procore_spectrum.mapping import Numbering
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import Ref
from procore_spectrum.wire.messages import Request

__all__ = ["LIMITS", "UNFILLED", "Filed", "Limit", "file_contracts", "file_directory"]

Place: TypeAlias = Literal["vendor", "job", "phase", "subcontract", "line", "change", "change line"]


@attrs.frozen(eq=False)
class Limit:
    """One limit.

    Args:
        place: what it belongs to.
        field: Procore's field, or the one that accounting gives.
        at: a value exactly at the limit.
        beyond: the nearest value that Spectrum does not take.
        path: the field that is named when it is refused.
        told: what the refusal has to say about the limit.
        element: Spectrum's element.
        given: whether accounting gives it.
        sent: how the value at the limit is spelt on the wire, if not as it is.
        also: other fields that belong to the value.
    """

    place: Place
    field: str
    at: Any
    beyond: Any
    path: str
    told: str
    element: str
    given: bool = False
    sent: str = ""
    also: Mapping[str, Any] = attrs.field(factory=dict)

    def __str__(self) -> str:
        return f"{self.place}-{self.element}-{str(self.beyond)[:12]}"


def _text(place: Place, field: str, length: int, path: str, element: str) -> Limit:
    told = f"at most {length} "
    return Limit(place, field, _letters(length), _letters(length + 1), path, told, element)


def _letters(length: int) -> str:
    return ("Abcdefghij" * 26)[: length - 1] + "Z"


def _given(place: Place, field: str, at: str, beyond: str, told: str, element: str) -> Limit:
    return Limit(place, field, at, beyond, field, told, element, given=True)


def _amount(
    place: Place, field: str, whole: int, places: int, path: str, element: str
) -> list[Any]:
    """Both ends of a number, and one decimal too many where Procore has that many itself."""
    most, over = f"{'9' * whole}.{'9' * places}", f"1{'0' * whole}.0"
    least, finer = f"0.{'0' * (places - 1)}1", f"0.{'0' * places}1"
    told = f"more than {whole} digits before or {places} after"
    ends = [(most, over), (f"-{most}", f"-{over}")]
    if field != "amount":
        ends.append((least, finer))
    return [Limit(place, field, at, beyond, path, told, element) for at, beyond in ends]


_EACH = {"unit_cost": "0.01", "uom": "EA"}

LIMITS: tuple[Limit, ...] = (
    # ---- a vendor
    _given("vendor", "vendor_code", "ABCDEFGH12", "ABCDEFGHI12", "takes 10", "Vendor_Code"),
    _given("vendor", "vendor_code", "AZ09", "Az09", "capital letters and digits", "Vendor_Code"),
    _given("vendor", "vendor_code", "AZ08", "AZ-08", "capital letters and digits", "Vendor_Code"),
    _given("vendor", "vendor_code", "AZ07", "AZ,07", "capital letters and digits", "Vendor_Code"),
    _given("vendor", "type", "SUBCON", "SUBCONT", "takes 6", "Type"),
    _text("vendor", "name", 30, "vendor_name", "Vendor_Name"),
    Limit("vendor", "name", "No Comma LLC", "No Comma, LLC", "vendor_name", "comma", "Vendor_Name"),
    _text("vendor", "address", 30, "address_1", "Address_1"),
    _text("vendor", "city", 25, "city", "Address_3"),
    Limit(
        "vendor",
        "zip",
        "97201-1234",
        "97201-12345",
        "zip_code",
        "at most 10 ",
        "Zip_Code",
    ),
    Limit(
        "vendor",
        "business_phone",
        "12065551212123",
        "120655512121234",
        "phone",
        "at most 14 ",
        "Phone",
    ),
    Limit(
        "vendor",
        "email_address",
        "a" * 68 + "@example.com",
        "a" * 69 + "@example.com",
        "vendor_email",
        "at most 80 ",
        "Vendor_Email",
    ),
    # ---- a job
    _given("job", "job_number", "25-0000001", "25-00000001", "takes 10", "Job_Number"),
    _text("job", "name", 25, "job_description", "Job_Description"),
    _text("job", "address", 30, "address_1", "Address_1"),
    _text("job", "city", 25, "city", "City"),
    Limit("job", "zip", "97201-4321", "97201-43210", "zip_code", "at most 10 ", "Zip_Code"),
    # ---- a phase
    _text("phase", "description", 25, "description", "Description"),
    Limit("phase", "cost_type", "ABC", "ABCD", "cost_type", "at most 3 ", "Cost_Type"),
    # ---- a subcontract and its lines
    _given(
        "subcontract",
        "subcontract_number",
        "SC-0000001",
        "SC-00000001",
        "takes 10",
        "Subcontract_Number",
    ),
    _given("subcontract", "gl_account", "500100200300", "5001002003004", "takes 12", "GL_Account"),
    _text("subcontract", "title", 120, "comment", "Comment"),
    Limit(
        "subcontract",
        "retainage_percent",
        "99.9",
        "100.0",
        "retention_percent",
        "99.9",
        "Retention_Percent",
    ),
    Limit(
        "subcontract",
        "retainage_percent",
        "7.2",
        "7.25",
        "retention_percent",
        "one decimal",
        "Retention_Percent",
    ),
    _text("line", "description", 25, "bill_description", "Bill_Description"),
    Limit(
        "line",
        "uom",
        "SQF",
        "SQFT",
        "unit_of_measure",
        "at most 3 ",
        "Unit_Of_Measure",
        also={"quantity": "2", "unit_cost": "0.5"},
    ),
    *_amount("line", "amount", 9, 2, "original_contract_amount", "Original_Contract_Amount"),
    *(
        attrs.evolve(limit, also=_EACH)
        for limit in _amount(
            "line", "quantity", 8, 2, "original_contract_quantity", "Original_Contract_Quantity"
        )
    ),
    *(
        attrs.evolve(limit, also={"quantity": "1", "uom": "EA"})
        for limit in _amount("line", "unit_cost", 6, 4, "unit_price", "Unit_Price")
    ),
    # ---- a change request and its lines
    _given(
        "change",
        "change_request_number",
        "CR-00001",
        "CR-000001",
        "takes 8",
        "Change_Request_Number",
    ),
    _text("change", "description", 250, "cr_description", "CR_Description"),
    _text("change line", "description", 30, "sub_description", "Sub_Description"),
    *_amount("change line", "amount", 10, 2, "change_request_amount", "Change_Request_Amount"),
)


_PHASE = {
    "job_number": "25-0101",
    "phase_code": "010100",
    "cost_type": "S",
    "description": "Concrete",
    "price_method_code": "J",
}
_LINE = {
    "vendor_code": "ACME",
    "subcontract_number": "BASE",
    "phase_code": "010100",
    "cost_type": "S",
}
_CHANGE = {
    "job_number": "25-0101",
    "customer_code": "CITY",
    "change_request_number": "X-1",
    "cr_status": "C",
    "cr_phase_code": "010100",
    "cr_cost_type": "S",
    "change_request_amount": Decimal(1),
    "change_request_hours": Decimal(0),
    "subcontractor_code": "ACME",
    "subcontract_number": "BASE",
    "sub_amount": Decimal(1),
    "sub_status": "P",
}
_VENDOR = {
    "vendor_code": "NEW1",
    "vendor_name": "New",
    "alpha_sort": "NEW",
    "terms_code": "A",
    "terms_days": 30,
    "terms_disc_code": "A",
}
_JOB = {
    "job_number": "NEW-1",
    "job_description": "New",
    "price_method_code": "F",
    "taxable_flag": False,
    "division": "01",
}

UNFILLED: tuple[tuple[str, dict[str, Any], str, Any, Any], ...] = (
    ("phase", _PHASE, "unit_of_measure", "SQF", "SQFT"),
    ("subcontract_line", _LINE, "bid_item_number", "0123456789", "01234567890"),
    *(
        ("change_request_line", _CHANGE, name, at, beyond)
        for name, at, beyond in (
            ("change_request_quantity", Decimal("9999999.99"), Decimal(10000000)),
            ("change_request_quantity", Decimal("-9999999.99"), Decimal(-10000000)),
            ("change_request_quantity", Decimal("0.01"), Decimal("0.001")),
            ("change_request_hours", Decimal("999999.99"), Decimal(1000000)),
            ("change_request_hours", Decimal("-999999.99"), Decimal(-1000000)),
            ("change_request_amount", Decimal("0.01"), Decimal("0.001")),
            ("sub_amount", Decimal("9999999999.99"), Decimal(10000000000)),
        )
    ),
    ("vendor", _VENDOR, "alpha_sort", "ZENITH", "ZENITHS"),
    ("vendor", _VENDOR, "state", "ID", "IDA"),
    ("vendor", _VENDOR, "address_2", "x" * 30, "x" * 31),
    ("job", _JOB, "state", "ID", "IDA"),
    ("job", _JOB, "address_2", "x" * 30, "x" * 31),
)
"""Limits of fields that no export fills, or that Procore cannot break: what is written, the
field, a value at its limit, and one beyond it."""


@attrs.define
class Filed:
    """What became of all limits of some places, after one plan, its acceptances and one run.

    Args:
        company: with both fakes.
        told: what was said about the value beyond a limit.
        states: how the document with the value at the limit ended.
    """

    company: Any
    told: dict[Limit, tuple[Violation, ...]] = attrs.field(factory=dict)
    states: dict[Limit, State] = attrs.field(factory=dict)

    def request(self, limit: Limit) -> tuple[Request, bytes, bytes]:
        """The write that carried the value at the limit, its body, and that body beyond it."""
        sent = limit.sent or str(limit.at)
        pattern = re.compile(
            rf"(<(?:\w+:)?{limit.element}>){re.escape(sent)}(</)".encode(), re.IGNORECASE
        )
        for request in self.company.to_spectrum.seen:
            body = request.content or b""
            if "/ws/Get" not in request.url and pattern.search(body):
                put = rf"\g<1>{limit.beyond}\g<2>".encode()
                return request, body, pattern.sub(put, body)
        raise AssertionError(f"{limit} was never sent")


Make = Callable[[Limit, Any], Ref]


def _file(
    company: Any, limits: list[Limit], make: Make, number: Callable[[Ref], dict[str, Any]]
) -> Filed:
    """File both values of every limit, accept what may be accepted, and export it."""
    filed = Filed(company)
    at = {limit: make(limit, limit.at) for limit in limits}
    beyond = {limit: make(limit, limit.beyond) for limit in limits if not limit.given}
    plan = company.plan()
    company.syncer.apply(plan)
    held = {op.document or op.ref: op.violations for op in plan.held}
    for limit, ref in at.items():
        if limit.given:
            filed.told[limit] = _refused(company, ref, {**number(ref), limit.field: limit.beyond})
        given = {limit.field: limit.at} if limit.given else {}
        company.accept(ref, **{**number(ref), **given})
    for limit, ref in beyond.items():
        filed.told[limit] = held.get(ref, ())
    company.syncer.apply(company.plan())
    filed.states = {limit: company.approval(ref).state for limit, ref in at.items()}
    return filed


def _refused(company: Any, ref: Ref, given: dict[str, Any]) -> tuple[Violation, ...]:
    try:
        company.accept(ref, **given)
    except RefusedError as error:
        return tuple(error.violations)
    return ()


# ---------------------------------------------------------------- vendors, jobs, phases


def file_directory() -> Filed:
    """Companies and projects."""
    company = Outgoing()
    company.jobs_by(export_mapping=attrs.evolve(company.settings.jobs.export_mapping))
    for code in ("ABC", "ABCD"):
        company.procore.add_line_item_type(code=code, name=f"Type {code}", base_type="other")
    company.spectrum.add_cost_type("ABC")
    count = iter(range(1, 1000))

    def make(limit: Limit, value: Any) -> Ref:
        n = next(count)
        own = {} if limit.given or limit.place == "phase" else {limit.field: value, **limit.also}
        if limit.place == "vendor":
            return company.company(**{"name": f"Firm {n}", **own})
        ref = company.project(**{"name": f"Tower {n}", "number": f"P-{n}", **own})
        if limit.place == "phase":
            text = value if limit.field == "description" else "Footings"
            company.code(ref, "03", "1000", text, value if limit.field == "cost_type" else "L")
        return ref

    def number(ref: Ref) -> dict[str, Any]:
        return {"vendor_code": f"V{ref.key[-6:]}"} if ref.kind == "company_export" else {}

    limits = [limit for limit in LIMITS if limit.place in {"vendor", "job", "phase"}]
    return _file(company, limits, make, number)


# ---------------------------------------------------------------- contracts


def file_contracts() -> Filed:
    """Commitments with one line, and change orders of one that is in Spectrum."""
    company = ExportingCompany()
    names = ("commitments", "change_orders")
    company.settings = attrs.evolve(company.settings, features=names)
    company.commitments_by(units=True, numbering=Numbering(policy="as_is"))
    contract = company.commitment("BASE")
    company.exported(contract)
    count = iter(range(1, 1000))

    def make(limit: Limit, value: Any) -> Ref:
        n = next(count)
        own = {} if limit.given else {limit.field: value, **limit.also}
        header = own if limit.place in {"subcontract", "change"} else {}
        line = {**company.code_of(PAIRS[0]), **(own if not header else {})}
        if not {"amount", "unit_cost"} & set(line):
            line["amount"] = "10.00"
        if limit.place.startswith("change"):
            made = company.procore.add_commitment_change_order(
                company.project_id,
                int(contract.key),
                lines=[line],
                **{"status": "approved", "number": f"CO-{n}", **header},
            )
            return Ref("change_order", str(made["id"]))
        values = {"status": "Approved", "kind": "work_order", "title": f"Works {n}", **header}
        made = company.procore.add_commitment(
            company.project_id,
            number=f"C-{n}",
            vendor_id=company.vendor_id(),
            lines=[line],
            **values,
        )
        return Ref("commitment", str(made["id"]))

    places = {"subcontract", "line", "change", "change line"}
    limits = [limit for limit in LIMITS if limit.place in places]
    return _file(company, limits, make, lambda _: {})


def books(company: Contractor) -> Any:
    """Everything that Spectrum holds."""
    return company.spectrum.state()
