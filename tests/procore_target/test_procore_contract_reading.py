"""How ProcoreTarget reads contracts and change orders with their lines."""

from decimal import Decimal
from typing import Any

import pytest
from procore_replies import COMPANY, Replies, batch, item, query_of, target_of

from procore_spectrum.errors import ConfigurationError, NotPermittedError
from procore_spectrum.models import procore
from procore_spectrum.ports import Reading, ReadQuery

WORK_ORDERS = "GET /work_order_contracts"
PURCHASE_ORDERS = "GET /purchase_order_contracts"
V2 = f"GET /rest/v2.0/companies/{COMPANY}/projects/42"


def read(replies: Replies, kind: str, family: Any = "newer", **filters: Any) -> Reading[Any]:
    """Read a kind of project 42."""
    target = target_of(replies, change_order_family=family)
    return target.read(ReadQuery(kind=kind, scope="42", filters=filters))


# ---------------------------------------------------------------- commitments


def test_commitments_are_both_kinds_with_their_lines() -> None:
    """Subcontracts and purchase orders come as one type, each with its own lines."""
    replies = Replies(
        (WORK_ORDERS, [{"id": 7, "number": "SC-1", "vendor": {"id": 3, "company": "Acme"}}]),
        (PURCHASE_ORDERS, [{"id": 8, "number": "PO-1"}]),
        (f"{WORK_ORDERS}/7/line_items", [{"id": 70, "amount": "10.50"}, {"id": 71}]),
        (f"{PURCHASE_ORDERS}/8/line_items", []),
    )
    reading = read(replies, "commitment")
    work_order, purchase_order = reading.items
    assert (work_order.kind, purchase_order.kind) == ("work_order", "purchase_order")
    assert [line.id for line in work_order.line_items] == [70, 71]
    assert work_order.line_items[0].amount == Decimal("10.50")
    assert purchase_order.line_items == ()
    assert work_order.vendor == procore.VendorRef(id=3, company="Acme")
    assert reading.requests == 4
    assert {query_of(request)["project_id"] for request in replies.requests} == {"42"}


def test_a_state_that_both_kinds_know_is_asked_of_both() -> None:
    """A single state is filtered by Procore, and checked in the answer all the same."""
    replies = Replies(
        (WORK_ORDERS, [{"id": 7, "status": "Approved"}, {"id": 9, "status": "Draft"}]),
        (PURCHASE_ORDERS, []),
        (f"{WORK_ORDERS}/7/line_items", []),
    )
    reading = read(replies, "commitment", status="Approved")
    assert [found.id for found in reading.items] == [7]
    assert [query_of(r).get("filters[status]") for r in replies.requests[:2]] == ["Approved"] * 2


def test_a_state_of_one_kind_is_not_asked_of_the_other() -> None:
    """Procore might refuse a purchase order's state that only subcontracts have."""
    replies = Replies(
        (WORK_ORDERS, [{"id": 7, "status": "Complete"}]), (f"{WORK_ORDERS}/7/line_items", [])
    )
    assert len(read(replies, "commitment", status="Complete").items) == 1


def test_several_states_are_sorted_out_here() -> None:
    """Procore filters by one state only."""
    rows = [{"id": i, "status": s} for i, s in enumerate(["Approved", "Draft", "Complete"], 1)]
    replies = Replies(
        (WORK_ORDERS, rows),
        (PURCHASE_ORDERS, []),
        (f"{WORK_ORDERS}/1/line_items", []),
        (f"{WORK_ORDERS}/3/line_items", []),
    )
    reading = read(replies, "commitment", status=("Approved", "Complete"))
    assert [found.id for found in reading.items] == [1, 3]
    assert "filters[status]" not in query_of(replies.requests[0])


def test_commitments_are_found_by_id_and_origin_id() -> None:
    """One contract can be read again without reading the project's others."""
    replies = Replies((WORK_ORDERS, []), (PURCHASE_ORDERS, []))
    read(replies, "commitment", id="7", origin_id="o")
    asked = query_of(replies.requests[0])
    assert (asked["filters[id][]"], asked["filters[origin_id]"]) == ("7", "o")


@pytest.mark.parametrize(
    ("kind", "filters", "path"),
    [
        ("commitment", {"status": "approved"}, "status"),
        ("commitment", {"status": ()}, "status"),
        ("commitment", {"status": 5}, "status"),
        ("commitment", {"status": (5,)}, "status"),
        ("commitment", {"number": "SC-1"}, "number"),
        ("commitment_change_order", {"status": "Approved"}, "status"),
        ("prime_contract", {"status": "Void"}, "status"),
        ("commitment_mark", {}, "commitment_mark"),
    ],
)
def test_a_question_without_an_answer_is_a_mistake(
    kind: str, filters: dict[str, Any], path: str
) -> None:
    """A misspelled state would find nothing for ever, so it is reported instead."""
    with pytest.raises(ConfigurationError) as caught:
        read(Replies(), kind, **filters)
    assert caught.value.path == path


def test_a_tool_that_is_switched_off_is_reported() -> None:
    """An empty list must not be mistaken for a project without contracts."""
    with pytest.raises(NotPermittedError):
        read(Replies((WORK_ORDERS, {"message": "no"}, 403)), "commitment")


# ---------------------------------------------------------------- change orders, newer family

ORDER = {"id": 5, "contract_id": 7, "number": "001", "status": "approved", "grand_total": "99.10"}
LINE = {
    "id": "51",
    "position": 2,
    "amount": "99.10",
    "quantity": "3.5",
    "unit_cost": "28.31",
    "wbs_code_id": "31",
    "wbs_code": {"id": "31", "flat_code": "01-0100.L"},
    "commitment_line_item_id": "70",
}


def test_change_orders_come_with_lines_and_commitment() -> None:
    """The newer family's lines of version 2 are read in the shape of the contract's lines."""
    replies = Replies(
        (WORK_ORDERS, [{"id": 7, "number": "SC-1"}]),
        (PURCHASE_ORDERS, []),
        ("GET /projects/42/commitment_change_orders", [ORDER]),
        (f"{V2}/commitment_change_orders/5/line_items", {"data": [LINE]}),
    )
    reading = read(replies, "commitment_change_order", status="approved")
    (found,) = reading.items
    assert (found.family, found.contract_id, found.grand_total) == ("newer", 7, Decimal("99.10"))
    assert found.commitment == procore.Commitment(id=7, number="SC-1", kind="work_order")
    assert found.line_items == (
        procore.ContractLine(
            id=51,
            position=2,
            amount=Decimal("99.10"),
            quantity=Decimal("3.5"),
            unit_cost=Decimal("28.31"),
            wbs_code=procore.WbsCodeRef(id=31, flat_code="01-0100.L"),
            commitment_line_item_id=70,
        ),
    )
    assert reading.requests == 4
    assert query_of(replies.requests[0])["filters[status]"] == "approved"


def test_a_budget_code_that_is_only_named_by_id_is_kept() -> None:
    """Version 2 may leave out the budget code but for its id."""
    line = {"id": "51", "wbs_code_id": "31"}
    replies = Replies(
        (WORK_ORDERS, []),
        (PURCHASE_ORDERS, []),
        ("GET /projects/42/commitment_change_orders", [ORDER]),
        (f"{V2}/commitment_change_orders/5/line_items", {"data": [line, {"id": "52"}]}),
    )
    (found,) = read(replies, "commitment_change_order").items
    assert [line.wbs_code for line in found.line_items] == [procore.WbsCodeRef(id=31), None]
    assert found.commitment is None


# ---------------------------------------------------------------- change orders, older family


def package(**changes: Any) -> dict[str, Any]:
    """A package as the single answer has it, with two lines of one potential change order."""
    lines = [
        {"id": 91, "holder": {"id": 9, "holder_type": "PotentialChangeOrder"}},
        {"id": 92, "holder": {"id": 9, "holder_type": "PotentialChangeOrder"}},
    ]
    own = {"id": 6, "contract_id": 7, "status": "approved", "origin_id": "o", "line_items": lines}
    return {**own, "creator": {"id": 1, "name": "Ann"}, **changes}


def older(*replies: tuple[Any, ...], **filters: Any) -> Reading[Any]:
    """Read the change orders of the older family; contract 7 is a subcontract."""
    first = [(WORK_ORDERS, [{"id": 7}]), (PURCHASE_ORDERS, [])]
    return read(Replies(*first, *replies), "commitment_change_order", "older", **filters)


def test_packages_are_change_orders_too() -> None:
    """A package comes with the full lines of its potential change orders."""
    reading = older(
        ("GET /change_order_packages", [{"id": 6, "contract_id": 7, "status": "approved"}]),
        ("GET /change_order_packages/6", package()),
        (
            "GET /potential_change_orders/9/line_items",
            [{"id": 91, "amount": "10.00", "origin_id": "l"}, {"id": 92, "amount": "5.00"}],
        ),
    )
    (found,) = reading.items
    assert (found.id, found.family, found.legacy_package_id) == (6, "older", 6)
    assert (found.origin_id, found.created_by) == ("o", procore.Login(id=1, name="Ann"))
    assert found.commitment == procore.Commitment(id=7, kind="work_order")
    assert [line.amount for line in found.line_items] == [Decimal(10), Decimal(5)]
    assert reading.requests == 5


def test_a_line_without_a_full_form_keeps_what_the_package_says() -> None:
    """Its sum is then unknown; the extended amount is not taken for it."""
    holder = {"id": 7, "holder_type": "Contract"}
    line = {"id": 91, "extended_amount": "10.00", "wbs_code": {"id": 31}, "holder": holder}
    (found,) = older(
        ("GET /change_order_packages", [{"id": 6, "contract_id": 7}]),
        ("GET /change_order_packages/6", package(line_items=[line])),
    ).items
    assert found.line_items == (
        procore.ContractLine(
            id=91,
            extended_amount=Decimal(10),
            wbs_code=procore.WbsCodeRef(id=31),
            holder=procore.Holder(id=7, holder_type="Contract"),
        ),
    )


def test_packages_of_prime_contracts_are_left_out() -> None:
    """Packages serve both sides; only the single answer tells whose change order it is."""
    other = package(id=8, contract_id=99, type="CommitmentContractChangeOrder", line_items=[])
    reading = older(
        ("GET /change_order_packages", [{"id": 6}, {"id": 8}]),
        ("GET /change_order_packages/6", package(contract_id=50, type="PrimeContractChangeOrder")),
        ("GET /change_order_packages/8", other),
    )
    assert [(found.id, found.commitment) for found in reading.items] == [(8, None)]


def test_packages_in_another_state_are_not_opened() -> None:
    """The listing knows the state; no request is spent on the others, nor on the contracts."""
    reading = older(
        ("GET /change_order_packages", [{"id": 6, "status": "draft"}]), status="approved"
    )
    assert (reading.items, reading.requests) == ((), 1)


# ---------------------------------------------------------------- the owner's side


def test_prime_contracts_come_with_their_lines() -> None:
    """The listing knows no filter by state; it is applied here."""
    replies = Replies(
        ("GET /prime_contracts", [{"id": 3, "status": "Approved"}, {"id": 4, "status": "Draft"}]),
        ("GET /prime_contracts/3/line_items", [{"id": 30, "amount": "1.00"}]),
    )
    (found,) = read(replies, "prime_contract", status="Approved").items
    assert (found.id, found.line_items[0].amount) == (3, 1)


def test_prime_change_orders_come_with_their_lines() -> None:
    """One request for the list, and one for the lines of each."""
    replies = Replies(
        ("GET /projects/42/prime_change_orders", [{"id": 4, "contract_id": 3}]),
        (f"{V2}/prime_change_orders/4/line_items", {"data": [LINE]}),
    )
    (found,) = read(replies, "prime_change_order").items
    assert (found.contract_id, found.line_items[0].id) == (3, 51)
    assert found.family == "newer"


def test_the_older_family_gives_prime_change_orders_as_packages() -> None:
    """Packages of prime contracts only, in the shape of the newer family, with their lines."""
    prime = package(contract_id=50, type="PrimeContractChangeOrder")
    replies = Replies(
        ("GET /change_order_packages", [{"id": 6}, {"id": 8}]),
        ("GET /change_order_packages/6", prime),
        ("GET /potential_change_orders/9/line_items", [{"id": 91, "amount": "10.00"}]),
        ("GET /change_order_packages/8", package(id=8, type="CommitmentContractChangeOrder")),
    )
    (found,) = read(replies, "prime_change_order", "older").items
    assert (found.id, found.contract_id, found.legacy_package_id) == (6, 50, 6)
    assert (found.family, found.origin_id) == ("older", "o")
    assert found.line_items[0].amount == 10


@pytest.mark.parametrize(
    "kind", ["commitment", "commitment_change_order", "prime_change_order", "prime_markup"]
)
def test_what_people_make_in_procore_is_only_read(kind: str) -> None:
    """Contracts and change orders flow one way; nothing is sent."""
    replies = Replies()
    target = target_of(replies)
    outcomes = target.write(batch(kind, item("create", {"origin_id": "o"}), scope="42"))
    assert [v.code for v in outcomes[0].violations] == ["read_only"]
    assert (
        target.probe(batch(kind, item("create", {"origin_id": "o"}), scope="42"))[0].found is None
    )
    assert replies.requests == []
