"""What the endpoints of contracts and change orders ask for, and how they read an answer."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from procore_values import amounts

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError
from procore_spectrum.models import procore
from procore_spectrum.procore.calls import Call, PagedCall, dump_json
from procore_spectrum.procore.convert import read_one, to_json
from procore_spectrum.procore.endpoints import change_orders, commitments, prime_contracts
from procore_spectrum.procore.endpoints.parameters import Between
from procore_spectrum.wire.messages import Response

COMPANY, PROJECT = 598134325658789, 42
OK = Response(status=200)
SPAN = Between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
V2 = f"/rest/v2.0/companies/{COMPANY}/projects/{PROJECT}"
quick = settings(max_examples=50, deadline=None)

LISTINGS = [
    (commitments.list_commitments("work_order", PROJECT), "/rest/v1.0/work_order_contracts"),
    (
        commitments.list_commitments("purchase_order", PROJECT),
        "/rest/v1.0/purchase_order_contracts",
    ),
    (
        commitments.list_commitment_lines("work_order", PROJECT, 7),
        "/rest/v1.0/work_order_contracts/7/line_items",
    ),
    (
        commitments.list_commitment_lines("purchase_order", PROJECT, 7),
        "/rest/v1.0/purchase_order_contracts/7/line_items",
    ),
    (commitments.list_commitments_of_both_kinds(PROJECT), "/rest/v1.0/commitments"),
    (change_orders.list_change_order_packages(PROJECT), "/rest/v1.0/change_order_packages"),
    (change_orders.list_change_order_requests(PROJECT, 7), "/rest/v1.0/change_order_requests"),
    (change_orders.list_potential_change_orders(PROJECT), "/rest/v1.0/potential_change_orders"),
    (
        change_orders.list_potential_change_order_lines(PROJECT, 9),
        "/rest/v1.0/potential_change_orders/9/line_items",
    ),
    (
        change_orders.list_commitment_change_orders(PROJECT),
        "/rest/v1.0/projects/42/commitment_change_orders",
    ),
    (
        change_orders.list_prime_change_orders(PROJECT),
        "/rest/v1.0/projects/42/prime_change_orders",
    ),
    (prime_contracts.list_prime_contracts(PROJECT), "/rest/v1.0/prime_contracts"),
    (
        prime_contracts.list_prime_contract_lines(PROJECT, 3),
        "/rest/v1.0/prime_contracts/3/line_items",
    ),
]
ENVELOPED = [
    (commitments.list_commitment_contracts_v2(COMPANY, PROJECT), f"{V2}/commitment_contracts"),
    (
        commitments.list_commitment_lines_v2(COMPANY, PROJECT, 7),
        f"{V2}/commitment_contracts/7/line_items",
    ),
    (
        change_orders.list_commitment_change_order_lines(COMPANY, PROJECT, 5),
        f"{V2}/commitment_change_orders/5/line_items",
    ),
    (
        change_orders.list_prime_change_order_lines(COMPANY, PROJECT, 5),
        f"{V2}/prime_change_orders/5/line_items",
    ),
]


@pytest.mark.parametrize(("call", "path"), LISTINGS)
def test_version_1_listings_are_bare_lists(call: PagedCall[Any], path: str) -> None:
    """Each listing asks the documented address for the largest recommended page."""
    assert (call.path, call.per_page) == (path, 2000)
    assert call.parse([{"id": 5}], OK)[0].id == 5


@pytest.mark.parametrize(("call", "path"), ENVELOPED)
def test_version_2_listings_come_in_an_envelope(call: PagedCall[Any], path: str) -> None:
    """Version 2 wraps the list in data, spells ids as text and gives at most 100 on a page."""
    assert (call.path, call.per_page) == (path, 100)
    assert call.parse({"data": [{"id": "5"}]}, OK)[0].id == 5


@pytest.mark.parametrize("body", [[{"id": "5"}], None, {}, {"data": None}, {"data": {"id": "5"}}])
def test_an_envelope_without_a_list_is_unreadable(body: Any) -> None:
    """A missing list is never taken for an empty one."""
    with pytest.raises(UnreadableReplyError):
        ENVELOPED[0][0].parse(body, OK)


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (
            commitments.get_commitment("work_order", PROJECT, 7),
            "/rest/v1.0/work_order_contracts/7",
        ),
        (
            commitments.get_commitment("purchase_order", PROJECT, 7),
            "/rest/v1.0/purchase_order_contracts/7",
        ),
        (change_orders.get_change_order_package(PROJECT, 7), "/rest/v1.0/change_order_packages/7"),
        (
            change_orders.get_potential_change_order(PROJECT, 4, 7),
            "/rest/v1.0/potential_change_orders/7",
        ),
        (
            change_orders.get_commitment_change_order(PROJECT, 7),
            "/rest/v1.0/projects/42/commitment_change_orders/7",
        ),
    ],
)
def test_single_records_have_the_documented_path(call: Call[Any], path: str) -> None:
    """Each call for one record is a GET of the documented address."""
    assert (call.method, call.path, call.body) == ("GET", path, None)
    assert call.parse({"id": 7}, OK).id == 7


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            commitments.list_commitments(
                "work_order",
                PROJECT,
                status="Approved",
                ids=(7, 8),
                origin_id="o",
                updated_at=SPAN,
                deleted="with",
            ),
            [
                ("project_id", "42"),
                ("view", "extended"),
                ("filters[id][]", "7"),
                ("filters[id][]", "8"),
                ("filters[status]", "Approved"),
                ("filters[origin_id]", "o"),
                ("filters[updated_at]", "2026-01-01T00:00:00Z...2026-02-01T00:00:00Z"),
                ("filters[include_deleted]", "with"),
            ],
        ),
        (
            commitments.list_commitment_contracts_v2(
                COMPANY, PROJECT, kind="purchase_order", status="Approved"
            ),
            [
                ("view", "extended"),
                ("filters[type]", "PurchaseOrderContract"),
                ("filters[status]", "Approved"),
            ],
        ),
        (
            change_orders.list_change_order_packages(PROJECT, contract_id=7),
            [("project_id", "42"), ("contract_id", "7")],
        ),
        (
            change_orders.list_potential_change_orders(PROJECT, contract_id=7, origin_id="o"),
            [("project_id", "42"), ("filters[contract_id]", "7"), ("filters[origin_id]", "o")],
        ),
        (
            change_orders.list_commitment_change_orders(
                PROJECT, status="approved", contract_id=7, legacy_package_id=8
            ),
            [
                ("view", "extended"),
                ("filters[status]", "approved"),
                ("filters[contract_id]", "7"),
                ("filters[legacy_package_id]", "8"),
            ],
        ),
        (
            change_orders.list_prime_change_orders(PROJECT, status="approved", contract_id=7),
            [
                ("view", "extended"),
                ("filters[status]", "approved"),
                ("filters[contract_id]", "7"),
            ],
        ),
    ],
)
def test_filters_have_the_documented_names(
    call: PagedCall[Any], expected: list[tuple[str, str]]
) -> None:
    """What narrows a listing is sent as Procore spells it; what is not given is left out."""
    assert list(call.query) == expected


@pytest.mark.parametrize("kind", procore.COMMITMENT_KINDS)
def test_a_commitment_says_of_which_kind_it_is(kind: procore.CommitmentKind) -> None:
    """The answer does not tell; the endpoint that gave it does."""
    assert commitments.list_commitments(kind, PROJECT).parse([{"id": 7}], OK)[0].kind == kind
    assert commitments.get_commitment(kind, PROJECT, 7).parse({"id": 7}, OK).kind == kind


def test_lists_within_lists_and_bare_files_are_evened_out() -> None:
    """Procore documents lists of lists of change orders, and one file in a list's place."""
    answer = {
        "id": 7,
        "change_order_requests": [[{"id": 1}], [{"id": 2}, {"id": 3}]],
        "potential_change_orders": [{"id": 4}],
        "attachments": {"id": 9, "filename": "a.pdf"},
    }
    found = commitments.get_commitment("purchase_order", PROJECT, 7).parse(answer, OK)
    assert [request.id for request in found.change_order_requests] == [1, 2, 3]
    assert [order.id for order in found.potential_change_orders] == [4]
    assert found.attachments == (procore.Attachment(id=9, filename="a.pdf"),)


@pytest.mark.parametrize("body", [None, "text", {"id": 7}])
def test_a_listing_of_commitments_must_be_a_list(body: Any) -> None:
    """Anything else is reported."""
    with pytest.raises(UnreadableReplyError):
        commitments.list_commitments("work_order", PROJECT).parse(body, OK)


@pytest.mark.parametrize("body", [None, "text", []])
def test_a_commitment_must_be_an_object(body: Any) -> None:
    """Anything else is reported."""
    with pytest.raises(UnreadableReplyError):
        commitments.get_commitment("work_order", PROJECT, 7).parse(body, OK)


def test_sync_names_contracts_by_id() -> None:
    """A contract is found by id and gets the origin fields; no other value is sent."""
    mark = procore.CommitmentSyncItem(id=7, origin_id="o", origin_code="SC-1")
    call = commitments.sync_commitments("work_order", PROJECT, [mark])
    assert (call.method, call.path) == ("PATCH", "/rest/v1.0/work_order_contracts/sync")
    assert call.body == {
        "project_id": PROJECT,
        "updates": [{"id": 7, "origin_id": "o", "origin_code": "SC-1"}],
    }
    assert call.repeatable
    done = call.parse({"entities": [{"id": 7, "origin_id": "o"}], "errors": []}, OK)
    assert done.entities == (procore.Commitment(id=7, origin_id="o", kind="work_order"),)


def test_sync_tells_refusals() -> None:
    """A contract that is refused has no entity, only reasons."""
    mark = procore.CommitmentSyncItem(id=7, origin_id="o")
    error = {"id": 7, "origin_id": "o", "errors": {"origin_id": ["has already been taken"]}}
    call = commitments.sync_commitments("purchase_order", PROJECT, [mark])
    result = call.parse({"entities": [], "errors": [error]}, OK)
    assert [item.state for item in result.items] == ["refused"]


def test_a_single_mark_sends_no_id_in_the_body() -> None:
    """The contract is named by the address, so nothing can be created by mistake."""
    mark = procore.CommitmentSyncItem(id=7, origin_id="o", origin_data=None)
    call = commitments.mark_commitment("purchase_order", PROJECT, mark)
    assert (call.method, call.path) == ("PATCH", "/rest/v1.0/purchase_order_contracts/7")
    assert call.body == {
        "project_id": PROJECT,
        "purchase_order_contract": {"origin_id": "o", "origin_data": None},
    }
    assert call.repeatable


def test_a_line_is_updated_where_it_is() -> None:
    """The sync of lines knows no id, so a line is changed at its own address."""
    values = procore.LineItemInput(origin_id="o", amount=Decimal("10.50"))
    call = commitments.update_commitment_line("work_order", PROJECT, 7, 70, values)
    assert (call.method, call.path) == ("PATCH", "/rest/v1.0/work_order_contracts/7/line_items/70")
    assert call.body == {
        "project_id": PROJECT,
        "line_item": {"amount": "10.50", "origin_id": "o"},
    }
    assert call.repeatable
    assert call.parse({"id": 70}, OK).id == 70


@pytest.mark.parametrize(("contract_id", "sent"), [(None, {}), (7, {"contract_id": 7})])
def test_a_package_is_updated_with_its_project(contract_id: Any, sent: dict[str, int]) -> None:
    """The contract may be named, the project has to be."""
    values = procore.ChangeOrderPackageInput(
        origin_id="o", due_date=date(2026, 3, 1), grand_total=Decimal("10.50")
    )
    call = change_orders.update_change_order_package(PROJECT, 8, values, contract_id=contract_id)
    assert (call.method, call.path) == ("PATCH", "/rest/v1.0/change_order_packages/8")
    assert call.body == {
        "project_id": PROJECT,
        **sent,
        "change_order": {"due_date": "2026-03-01", "origin_id": "o", "grand_total": "10.50"},
    }
    assert call.repeatable


def test_markups_belong_to_a_holder() -> None:
    """Markups are listed for one contract or potential change order."""
    call = prime_contracts.list_markups(PROJECT, "Contract", 7)
    assert call.path == "/rest/v1.0/financials/markups"
    assert dict(call.query) == {"project_id": "42", "holder_type": "Contract", "holder_id": "7"}
    (markup,) = call.parse([{"id": 1, "percentage": "7.250", "compound": {"type": None}}], OK)
    assert markup.percentage == Decimal("7.250")
    assert markup.compound == procore.MarkupCompound()


# ---------------------------------------------------------------- values


@quick
@given(amount=amounts, spelling=st.sampled_from([str, "{:f}".format, "{:.5f}".format]))
def test_money_is_exact_whatever_the_spelling(amount: Decimal, spelling: Any) -> None:
    """Sums of lines come as text; no digit is lost."""
    line = read_one(procore.ContractLine, {"id": 1, "amount": spelling(amount)})
    assert line.amount == amount


@quick
@given(digits=st.from_regex(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", fullmatch=True))
def test_any_decimal_text_is_read_and_written_back(digits: str) -> None:
    """Forty digits on either side of the point come out as they went in."""
    line = read_one(procore.LineItemV2, {"id": "1", "unit_cost": digits})
    assert line.unit_cost is not None
    sent = to_json(procore.LineItemInput(unit_cost=line.unit_cost), amounts="text")
    assert Decimal(sent["unit_cost"]) == Decimal(digits)


@quick
@given(quantity=amounts)
def test_quantities_of_version_2_may_be_text_or_number(quantity: Decimal) -> None:
    """The documentation says number, live answers hold text; both mean the same."""
    body = dump_json({"number": {"id": "1", "quantity": quantity}, "text": str(quantity)})
    both = Response(status=200, content=body).json()
    as_number = read_one(procore.LineItemV2, both["number"])
    as_text = read_one(procore.LineItemV2, {"id": "1", "quantity": both["text"]})
    assert as_number == as_text
    assert as_number.quantity == quantity


@pytest.mark.parametrize("model", [procore.LineItemInput, procore.ChangeOrderPackageInput])
def test_a_float_never_leaves_as_money(model: Any) -> None:
    """A float in money is a mistake."""
    name = "amount" if model is procore.LineItemInput else "grand_total"
    with pytest.raises(InvalidValueError) as caught:
        to_json(model(**{name: 1.5}), amounts="text")
    assert caught.value.path == name


LINE = b"""
{
  "id": 981, "position": 1, "description": "Footings", "quantity": "12.5", "uom": "cy",
  "unit_cost": "180.0", "amount": "2250.0", "extended_amount": "2250.0", "total_amount": "2250.0",
  "extended_type": "calculated", "tax_code_id": null, "origin_id": null, "origin_data": null,
  "company": {"id": 1, "name": "Acme"}, "project": {"id": 42, "name": "North"},
  "holder": {"id": 7, "holder_type": "WorkOrderContract"},
  "cost_code": {"id": 5, "full_code": "01-0100", "name": "Footings", "biller_type": "Project",
                "parent": {"id": 4}, "line_item_types": [{"id": 2, "name": "Labor"}]},
  "line_item_type": {"id": 2, "name": "Labor", "code": "L", "base_type": "other"},
  "wbs_code": {"id": 31, "flat_code": "01-0100.L", "description": "Footings.Labor"},
  "change_event_line_item": {"id": 6, "cost_rom": "10.0", "event_id": 3,
                             "cost_code": {"id": null, "full_code": "None", "name": "None"}},
  "currency_configuration": {"currency_iso_code": null},
  "created_at": "2026-03-01T08:30:00Z", "updated_at": "2026-03-01T08:30:00Z"
}
"""


def test_a_recorded_line_is_read() -> None:
    """A line in the recorded shape gives its codes, sums and refs."""
    line = read_one(procore.ContractLine, Response(status=200, content=LINE).json())
    assert (line.quantity, line.unit_cost, line.amount) == (Decimal("12.5"), 180, 2250)
    assert line.cost_code is not None
    assert line.cost_code.parent == procore.CostCodeParent(id=4)
    assert line.wbs_code is not None
    assert (line.wbs_code.id, line.wbs_code.flat_code) == (31, "01-0100.L")
    assert line.change_event_line_item is not None
    assert line.change_event_line_item.cost_code == procore.CostCodeRef(
        full_code="None", name="None"
    )
    assert line.origin_id is None


def test_misspelled_and_odd_keys_are_read() -> None:
    """A misspelled key is real, and the day of a payment is called date."""
    markup = read_one(procore.ChangeOrderMarkup, {"id": 1, "desitination_budget_line_item_id": 12})
    assert markup.destination_budget_line_item_id == 12
    payment = read_one(procore.ContractPayment, {"id": 1, "date": "2026-03-01"})
    assert payment.paid_on == date(2026, 3, 1)
