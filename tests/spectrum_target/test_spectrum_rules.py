"""What is checked before sending: limits and the rules between fields."""

from datetime import date
from decimal import Decimal

import pytest
from spectrum_target_stubs import CHANGE, JOB, LINE, PHASE, SUBCONTRACT, VENDOR

from procore_spectrum.models import spectrum
from procore_spectrum.spectrum.records import violations_of

SUB = {**CHANGE, "subcontractor_code": "ACME", "subcontract_number": "SC1", "sub_status": "P"}
PROJECTION = {
    "job_number": "1",
    "phase_code": "1",
    "cost_type": "L",
    "transaction_date": date(2026, 1, 31),
}
CUSTOMER = {"customer_code": "O", "name": "Owner", "terms_code": "1", "sales_tax_code": "WA"}
GOOD = [
    (spectrum.VendorCreate, VENDOR),
    (spectrum.JobCreate, JOB),
    (spectrum.JobCreate, {**JOB, "udf": None, "latitude": 47, "longitude": Decimal("-122.3")}),
    (spectrum.PhaseUpsert, PHASE),
    (spectrum.SubcontractUpsert, SUBCONTRACT),
    (spectrum.SubcontractUpsert, {**SUBCONTRACT, "pay_when_paid": False}),
    (spectrum.SubcontractUpsert, {**SUBCONTRACT, "pay_override": "Y", "pay_days": 1}),
    (spectrum.SubcontractLineUpsert, LINE),
    (spectrum.ChangeRequestLine, CHANGE),
    (spectrum.ChangeRequestLine, SUB),
    (
        spectrum.ChangeRequestLine,
        {
            **SUB,
            "sub_status": "E",
            "sub_change_order_number": "1",
            "sub_signed_date": date(2026, 1, 1),
        },
    ),
    (
        spectrum.ChangeRequestLine,
        {**CHANGE, "cr_billing_group_code": "01", "cr_billing_item_code": "12345678"},
    ),
    (spectrum.ChangeRequestLine, {**CHANGE, "cr_billing_item_code": "1234567890"}),
    (spectrum.JobCostProjection, {**PROJECTION, "projected_hours": Decimal(0)}),
    (spectrum.CustomerCreate, CUSTOMER),
]
BAD = [
    (spectrum.VendorCreate, VENDOR, {"gl_distribution_accounts": 5}, ["gl_distribution_accounts"]),
    (spectrum.VendorCreate, VENDOR, {"udf": "one"}, ["udf"]),
    (spectrum.VendorCreate, VENDOR, {"udf": ("x",) * 21}, ["udf[20]"]),
    (spectrum.VendorCreate, VENDOR, {"vendor_name": "Acme, Inc"}, ["vendor_name"]),
    (spectrum.VendorCreate, VENDOR, {"vendor_code": "acme"}, ["vendor_code"]),
    (
        spectrum.VendorCreate,
        VENDOR,
        {"social_sec_number": "123456789", "fed_id_number": "1"},
        ["fed_id_number"],
    ),
    (
        spectrum.VendorCreate,
        VENDOR,
        {"gl_distribution_accounts": ("1",), "gl_distribution_percents": ("99.99",)},
        ["gl_distribution_percents"],
    ),
    (
        spectrum.VendorUpdate,
        {"vendor_code": "ACME"},
        {"gl_distribution_accounts": ("1", "2"), "gl_distribution_percents": (Decimal(100),)},
        ["gl_distribution_percents"],
    ),
    (
        spectrum.VendorUpdate,
        {"vendor_code": "ACME"},
        {
            "gl_distribution_accounts": ("1", "2"),
            "gl_distribution_percents": ("50", Decimal("NaN")),
        },
        ["gl_distribution_percents[1]", "gl_distribution_percents"],
    ),
    (
        spectrum.VendorUpdate,
        {"vendor_code": "ACME"},
        {"gl_distribution_percents": ("?",)},
        ["gl_distribution_percents[0]", "gl_distribution_percents"],
    ),
    (
        spectrum.CustomerCreate,
        CUSTOMER,
        {"name": "a,b", "customer_code": "o"},
        ["name", "customer_code"],
    ),
    (spectrum.SubcontractUpsert, SUBCONTRACT, {"pay_days": 30}, ["pay_days"]),
    (spectrum.SubcontractUpsert, SUBCONTRACT, {"pay_when_paid": True}, ["pay_when_paid"]),
    (
        spectrum.SubcontractUpsert,
        SUBCONTRACT,
        {"disc_perc": Decimal(0), "pay_override": "Y"},
        ["disc_perc"],
    ),
    (spectrum.SubcontractUpsert, SUBCONTRACT, {"gl_account": ""}, ["gl_account"]),
    (spectrum.SubcontractLineUpsert, LINE, {"cost_type": None}, ["cost_type"]),
    (spectrum.JobCostProjection, PROJECTION, {}, ["amount"]),
    (spectrum.ChangeRequestLine, CHANGE, {"cr_cost_type": None}, ["cr_cost_type"]),
    (
        spectrum.ChangeRequestLine,
        SUB,
        {"subcontract_number": None},
        ["subcontract_number"],
    ),
    (
        spectrum.ChangeRequestLine,
        CHANGE,
        {"sub_amount": Decimal(0), "sub_status": "P"},
        ["sub_amount", "sub_status"],
    ),
    (
        spectrum.ChangeRequestLine,
        SUB,
        {"sub_status": None, "cr_phase_code": None, "cr_cost_type": None},
        ["cr_phase_code", "cr_cost_type", "sub_status"],
    ),
    (
        spectrum.ChangeRequestLine,
        SUB,
        {"sub_status": "E"},
        ["sub_change_order_number"],
    ),
    (
        spectrum.ChangeRequestLine,
        SUB,
        {"sub_signed_date": date(2026, 1, 1)},
        ["sub_signed_date"],
    ),
    (
        spectrum.ChangeRequestLine,
        CHANGE,
        {"markup_percent": Decimal(1), "markup_amount": Decimal(1)},
        ["markup_amount"],
    ),
    (
        spectrum.ChangeRequestLine,
        CHANGE,
        {"cr_billing_group_code": "01", "cr_billing_item_code": "123456789"},
        ["cr_billing_item_code"],
    ),
    (
        spectrum.ChangeRequestLine,
        SUB,
        {"sub_bid_group_item_code": "01", "sub_bid_item_code": "123456789"},
        ["sub_bid_item_code"],
    ),
    (
        spectrum.ChangeRequestLine,
        CHANGE,
        {"cr_billing_item_code": "12345678901"},
        ["cr_billing_item_code"],
    ),
]


@pytest.mark.parametrize(("model", "fields"), GOOD)
def test_good_records(model, fields):
    """What Spectrum takes has no violation."""
    assert violations_of(model, fields) == ()


@pytest.mark.parametrize(("model", "good", "wrong", "paths"), BAD)
def test_broken_rules(model, good, wrong, paths):
    """Each broken rule names its field and says what to do."""
    found = violations_of(model, {**good, **wrong})
    assert [violation.path for violation in found] == paths
    assert all(violation.message and violation.code for violation in found)


def test_a_change_is_judged_by_what_it_sends():
    """What is known but not sent breaks no rule; what is sent is judged together with it."""
    known = {**SUBCONTRACT, "pay_override": "Y", "disc_days": 3}
    change = {"vendor_code": "ACME", "subcontract_number": "SC1"}
    for changed, paths in ((("pay_days", 1), []), (("disc_terms", "A"), ["disc_terms"])):
        fields = {**change, changed[0]: changed[1]}
        found = violations_of(spectrum.SubcontractUpsert, fields, adding=False, known=known)
        assert [violation.path for violation in found] == paths


def test_a_change_needs_what_goes_with_it():
    """A missing companion is told also when it is not among the changes."""
    fields = {**CHANGE, "subcontractor_code": "ACME", "subcontract_number": "SC1"}
    found = violations_of(spectrum.ChangeRequestLine, fields, adding=False)
    assert [(v.code, v.path) for v in found] == [("required", "sub_status")]
