"""The services that write contracts, change requests, projections and customers, on the wire."""

from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectrum_canned import CREDENTIALS, CannedServer, client_of, fault, put_reply, wsdl

from procore_spectrum.errors import InvalidValueError, OutcomeUnknownError, UnavailableError
from procore_spectrum.models import spectrum
from procore_spectrum.models.about import fields_of
from procore_spectrum.spectrum import services

SUBCONTRACT = spectrum.SubcontractUpsert(
    vendor_code="ACME",
    subcontract_number="24-001",
    job_number="24-0101",
    default_phase_code="01-0000",
    gl_account="5000-100",
    date_issued=date(2026, 1, 5),
    retention_percent=Decimal("10.20"),
    unit_price_flag=False,
)
LINE = spectrum.SubcontractLineUpsert(
    vendor_code="ACME",
    subcontract_number="24-001",
    phase_code="01-0000",
    cost_type="SUB",
    original_contract_amount=Decimal("-1234567.80"),
)
CHANGE = spectrum.ChangeRequestLine(
    job_number="24-0101",
    customer_code="OWNER",
    change_request_number="CR-1",
    cr_phase_code="01-0000",
    cr_cost_type="SUB",
    change_request_amount=Decimal("0.00"),
    requested_days=-3,
)
PROJECTION = spectrum.JobCostProjection(
    job_number="24-0101",
    phase_code="010000",
    cost_type="SUB",
    transaction_date=date(2026, 12, 31),
    amount=Decimal("100"),
)
CUSTOMER = spectrum.CustomerCreate(
    customer_code="OWNER",
    name="Owner & Söhne",
    terms_code="1",
    sales_tax_code="WA",
    phone="(206) 555-1212",
    udf=("", "x"),
)
CALLS = {
    "UpdateSubcontract": services.upsert_subcontract(SUBCONTRACT),
    "UpdateSubcontractPhases": services.upsert_subcontract_line(LINE),
    "ARChangeRequest": services.add_change_request_line(CHANGE),
    "JobCostProjections": services.add_job_cost_projection(PROJECTION),
    "AddCustomer": services.create_customer(CUSTOMER),
}
SENT = {
    "UpdateSubcontract": {
        "Vendor_Code": "ACME",
        "Subcontract_Number": "24-001",
        "Job_Number": "24-0101",
        "Default_Phase_Code": "010000",
        "GL_Account": "5000100",
        "Date_Issued": "01/05/2026",
        "Retention_Percent": "10.2",
        "Unit_Price_Flag": "N",
    },
    "UpdateSubcontractPhases": {
        "Vendor_Code": "ACME",
        "Subcontract_Number": "24-001",
        "Phase_Code": "010000",
        "Cost_Type": "SUB",
        "Original_Contract_Amount": "-1234567.8",
    },
    "ARChangeRequest": {
        "Job_Number": "24-0101",
        "Customer_Code": "OWNER",
        "Change_Request_Number": "CR-1",
        "CR_Phase_Code": "010000",
        "CR_Cost_Type": "SUB",
        "Change_Request_Amount": "0",
        "Requested_Days": "-3",
    },
    "JobCostProjections": {
        "Job_Number": "24-0101",
        "Phase_Code": "010000",
        "Cost_Type": "SUB",
        "Transaction_Date": "12/31/2026",
        "Amount": "100",
    },
    "AddCustomer": {
        "Customer_Code": "OWNER",
        "Name": "Owner & Söhne",
        "Terms_Code": "1",
        "Sales_Tax_Code": "WA",
        "Phone": "2065551212",
        "UDF2": "x",
    },
}
MODELS = {
    "UpdateSubcontract": spectrum.SubcontractUpsert,
    "UpdateSubcontractPhases": spectrum.SubcontractLineUpsert,
    "ARChangeRequest": spectrum.ChangeRequestLine,
    "JobCostProjections": spectrum.JobCostProjection,
    "AddCustomer": spectrum.CustomerCreate,
}
ONCE = {"ARChangeRequest", "AddCustomer"}


def server_for(service, *answers):
    """A server with that service, and the elements that it declares."""
    names = [field.wire for field in fields_of(MODELS[service])]
    names = [name for name in names if ".." not in name]
    elements = (*CREDENTIALS, "Company_Code", *names)
    elements += ("UDF1", "UDF2") if service == "AddCustomer" else ()
    server = CannedServer(**{service: list(answers)})
    server.wsdls[service] = wsdl(service, elements)
    return server, elements


@pytest.mark.parametrize("service", CALLS)
def test_the_envelope_of_a_write(service):
    """Every declared element is sent once, in order: what is given, and blanks."""
    server, elements = server_for(service, put_reply(service))
    client_of(server).send(CALLS[service])
    ((name, sent),) = server.calls
    assert name == service
    assert tuple(sent) == elements
    given = {name: text for name, text in sent.items() if text}
    assert given.pop("GUID")
    assert given == SENT[service] | {"Authorization_ID": "SECRET-ID", "Company_Code": "ABC"}


@pytest.mark.parametrize("service", CALLS)
def test_bytes_of_a_write(service):
    """The bytes are UTF-8 with markup escaped, and the action names the service."""
    server, _ = server_for(service, put_reply(service))
    client_of(server).send(CALLS[service])
    request = server.requests[-1]
    assert request.header("SOAPAction") == f'"https://spectrum.example.com:8482/ws/{service}"'
    if service == "AddCustomer":
        assert ">Owner &amp; Söhne<".encode() in request.content


@pytest.mark.parametrize("service", CALLS)
def test_what_happens_without_an_answer(service):
    """Upserts are repeated; what must not be sent twice is in doubt after one call."""
    server, _ = server_for(service, fault("Server", "Error executing Web Service"))
    expected = OutcomeUnknownError if service in ONCE else UnavailableError
    with pytest.raises(expected):
        client_of(server).send(CALLS[service])
    assert len(server.calls) == (1 if service in ONCE else 3)


def test_a_change_request_line_may_be_repeated_by_choice():
    """Where a line is known to replace its like, it is repeated."""
    server, _ = server_for(
        "ARChangeRequest", fault("Server", "Error"), put_reply("ARChangeRequest")
    )
    client_of(server).send(services.add_change_request_line(CHANGE, repeatable=True))
    assert len(server.calls) == 2


def test_a_change_request_is_never_left_without_number():
    """Spectrum would number it, and nobody would know how."""
    with pytest.raises(InvalidValueError) as caught:
        services.add_change_request_line(attrs.evolve(CHANGE, change_request_number=" "))
    assert [v.path for v in caught.value.violations] == ["change_request_number"]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**11), max_value=10**11))
def test_money_is_written_exactly_or_not_at_all(amount):
    """An amount arrives as the very number, or is refused; it is never rounded."""
    fits = abs(amount) < 10**9 and amount == round(amount, 2)
    try:
        call = services.upsert_subcontract_line(attrs.evolve(LINE, original_contract_amount=amount))
    except InvalidValueError:
        assert not fits
    else:
        assert fits
        text = call.parameters["Original_Contract_Amount"]
        assert Decimal(text) == amount
        assert len(text) <= 13
