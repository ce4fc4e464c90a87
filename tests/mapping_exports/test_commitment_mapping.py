"""Commitments as subcontracts: every limit from both sides, every rule, all faults at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from contract_records import CODES, commitment, line

from procore_spectrum.errors import Violation
from procore_spectrum.mapping import CommitmentMapping, GlAccounts, commitment_to_subcontract
from procore_spectrum.mapping.commitment_to_subcontract import MappedSubcontract


def mapped(
    found: Any = None, *, vendor_code: str = "ACME", job_number: str = "24-0101", **choices: Any
) -> MappedSubcontract:
    """The subcontract of a commitment."""
    return commitment_to_subcontract(
        found or commitment(),
        vendor_code=vendor_code,
        job_number=job_number,
        codes=CODES,
        settings=CommitmentMapping(**choices) if choices else None,
    )


def faults(found: MappedSubcontract) -> list[tuple[str, str]]:
    """Code and path of everything that is wrong; each has a message, and a remedy."""
    assert all(violation.message and violation.hint for violation in found.violations)
    return [(violation.code, violation.path) for violation in found.violations]


def test_the_usual_commitment() -> None:
    """Header without number, lines with amounts, nothing wrong."""
    found = mapped()
    assert dict(found.header) == {
        "vendor_code": "ACME",
        "job_number": "24-0101",
        "status_code": "A",
        "gl_account": None,
        "retention_percent": Decimal("10.0"),
        "comment": "Concrete works",
        "date_issued": None,
    }
    assert [dict(part.fields) for part in found.lines] == [
        {
            "phase_code": "010100",
            "cost_type": "S",
            "bid_item_number": None,
            "bill_description": "Part 1",
            "original_contract_amount": Decimal("100.00"),
        },
        {
            "phase_code": "020200",
            "cost_type": "S",
            "bid_item_number": None,
            "bill_description": "Part 2",
            "original_contract_amount": Decimal("100.00"),
        },
    ]
    assert (found.amount, found.violations, found.notes) == (Decimal("200.00"), (), ())


# ---------------------------------------------------------------- limits, from both sides

TOO_LONG, RANGE = "too-long", "out-of-range"


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"title": "x" * 120}, []),
        ({"title": "x" * 121}, [(TOO_LONG, "comment")]),
        ({"retainage_percent": Decimal("99.9")}, []),
        ({"retainage_percent": Decimal("0.1")}, []),
        ({"retainage_percent": None}, []),
        ({"retainage_percent": Decimal(0)}, []),
        ({"retainage_percent": Decimal("7.50")}, []),
        ({"retainage_percent": Decimal("7.25")}, [("retention-precision", "retention_percent")]),
        ({"retainage_percent": Decimal("99.95")}, [("retention-precision", "retention_percent")]),
        ({"retainage_percent": Decimal(100)}, [("retention-precision", "retention_percent")]),
        ({"retainage_percent": Decimal("-0.1")}, [("retention-precision", "retention_percent")]),
        ({"title": "Bell\x07"}, [("unprintable", "comment")]),
    ],
)
def test_limits_of_the_header(fields: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """The last value that fits is taken; the first that does not is named."""
    assert faults(mapped(commitment(**fields))) == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"description": "x" * 25}, []),
        ({"description": "x" * 26}, [(TOO_LONG, "lines[0].bill_description")]),
        ({"amount": Decimal("999999999.99")}, []),
        ({"amount": Decimal("-99999999.99")}, []),
        ({"amount": Decimal("1000000000")}, [(RANGE, "lines[0].original_contract_amount")]),
        ({"amount": Decimal("0.001")}, [(RANGE, "lines[0].original_contract_amount")]),
        ({"amount": None}, [("amount-missing", "lines[0].amount")]),
        ({"unit_cost": Decimal("999999.9999")}, []),
        ({"unit_cost": Decimal(1000000)}, [(RANGE, "lines[0].unit_price")]),
        ({"unit_cost": Decimal("0.00001")}, [(RANGE, "lines[0].unit_price")]),
        ({"quantity": Decimal("99999999.99")}, []),
        ({"quantity": Decimal(100000000)}, [(RANGE, "lines[0].original_contract_quantity")]),
        ({"quantity": Decimal("1.001")}, [(RANGE, "lines[0].original_contract_quantity")]),
        ({"uom": "EAC"}, []),
        ({"uom": "EACH"}, [(TOO_LONG, "lines[0].unit_of_measure")]),
        ({"code": 20}, []),
        ({"code": 21}, [(TOO_LONG, "lines[0].phase_code")]),
        ({"cost_type": "SUB"}, []),
        ({"cost_type": "SUBS"}, [(TOO_LONG, "lines[0].cost_type")]),
        ({"cost_type": ""}, [("cost-type-missing", "lines[0].line_item_type")]),
        ({"code": 99}, [("cost-code-not-in-spectrum", "lines[0].cost_code")]),
        ({"code": None}, [("cost-code-not-in-spectrum", "lines[0].cost_code")]),
    ],
)
def test_limits_of_lines(fields: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """The last value that fits is taken; the first that does not is named with its line."""
    assert faults(mapped(commitment([line(1, **fields)]), units=True)) == wanted


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ({"vendor_code": "V" * 10, "job_number": "J" * 10}, []),
        ({"vendor_code": "V" * 11}, [(TOO_LONG, "vendor_code")]),
        ({"job_number": "J" * 11}, [(TOO_LONG, "job_number")]),
        ({"vendor_code": ""}, [("vendor-not-linked", "vendor")]),
        ({"job_number": ""}, [("job-not-linked", "project")]),
    ],
)
def test_codes_of_vendor_and_job(names: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """Both have to be linked, and fit."""
    assert faults(mapped(**names)) == wanted


def test_everything_is_reported_together() -> None:
    """Whatever is wrong with header and lines comes at once, in the order of a reader."""
    lines = [
        line(1, description="x" * 26, amount=Decimal("1.234")),
        line(2, code=None, cost_type=""),
        line(3, code=2, amount=None),
    ]
    found = commitment(
        lines,
        status="Draft",
        title="t" * 121,
        retainage_percent=Decimal("7.25"),
        vendor=None,
        grand_total=Decimal(9),
    )
    assert faults(mapped(found, vendor_code="", job_number="")) == [
        ("status", "status"),
        ("vendor-missing", "vendor"),
        ("job-not-linked", "project"),
        ("total-differs", "grand_total"),
        ("cost-code-not-in-spectrum", "lines[1].cost_code"),
        ("cost-type-missing", "lines[1].line_item_type"),
        ("amount-missing", "lines[2].amount"),
        ("retention-precision", "retention_percent"),
        ("too-long", "comment"),
        ("too-long", "lines[0].bill_description"),
        ("out-of-range", "lines[0].original_contract_amount"),
    ]


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize("status", ["Approved", "Complete"])
def test_statuses_that_are_exported(status: str) -> None:
    """Approved and complete ones by default."""
    assert faults(mapped(commitment(status=status))) == []


@pytest.mark.parametrize("status", ["Draft", None])
def test_statuses_that_are_not(status: str | None) -> None:
    """The state is named, or that it is not known; the remedy names the states."""
    found = mapped(commitment(status=status))
    assert faults(found) == [("status", "status")]
    assert found.violations[0].hint == "exported are: Approved, Complete"


def test_no_lines() -> None:
    """An empty schedule of values is the only fault, whatever the total says."""
    assert faults(mapped(commitment([], grand_total=Decimal(5)))) == [("no-lines", "lines")]


def test_the_total_has_to_agree() -> None:
    """Markups cannot be exported; a total that is not told is not checked."""
    assert faults(mapped(commitment(grand_total=Decimal("200.01")))) == [
        ("total-differs", "grand_total")
    ]
    assert faults(mapped(commitment(grand_total=None))) == []


def test_one_cost_type() -> None:
    """Several are a fault only where one is wanted."""
    found = commitment([line(1), line(2, cost_type="M")])
    assert faults(mapped(found)) == []
    assert faults(mapped(found, one_cost_type=True)) == [("several-cost-types", "lines")]
    assert faults(mapped(one_cost_type=True)) == []


def test_long_texts_are_shortened_if_chosen() -> None:
    """Never without a note that says what was lost."""
    found = mapped(
        commitment([line(1, description="y" * 24 + " zz")], title="x" * 121),
        long_text="shorten",
    )
    assert faults(found) == []
    assert found.header["comment"] == "x" * 120
    assert found.lines[0].fields["bill_description"] == "y" * 24
    assert [(note.code, note.path) for note in found.notes] == [
        ("shortened", "lines[0].bill_description"),
        ("shortened", "comment"),
    ]
    assert mapped(long_text="shorten").notes == ()


def test_units_go_along_if_chosen() -> None:
    """Unit, price and quantity; a blank unit is none."""
    found = mapped(
        commitment([line(1, uom=" ", unit_cost=Decimal(5), quantity=Decimal(20))]), units=True
    )
    fields = found.lines[0].fields
    assert (fields["unit_of_measure"], fields["unit_price"]) == (None, Decimal(5))
    assert fields["original_contract_quantity"] == Decimal(20)


def test_the_date_goes_along_if_chosen() -> None:
    """The contract date becomes the date of issue."""
    found = commitment(contract_date=date(2024, 3, 1))
    assert mapped(found).header["date_issued"] is None
    assert mapped(found, date_issued=True).header["date_issued"] == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("accounts", "wanted"),
    [
        (GlAccounts(by_vendor={"ACME": "1-1"}, by_cost_type={"S": "2"}, default="3"), "11"),
        (GlAccounts(by_vendor={"BOLT": "1"}, by_cost_type={"S": "2-0"}, default="3"), "20"),
        (GlAccounts(by_cost_type={"M": "2"}, default=" 3 "), "3"),
        (GlAccounts(by_cost_type={"M": "2"}), None),
    ],
)
def test_where_the_account_comes_from(accounts: GlAccounts, wanted: str | None) -> None:
    """Vendor, then cost type, then default; else accounting is asked. Dashes are left out."""
    assert mapped(gl_accounts=accounts).header["gl_account"] == wanted


def test_cost_types_of_different_accounts_decide_nothing() -> None:
    """Lines that lead to two accounts lead to the default."""
    accounts = GlAccounts(by_cost_type={"S": "1", "M": "2"}, default="9")
    assert accounts.account("ACME", ["S", "M"]) == "9"
    assert accounts.account("ACME", ["S", "S"]) == "1"
    assert accounts.account("ACME", []) == "9"


def test_an_account_that_does_not_fit() -> None:
    """Twelve characters fit, thirteen do not."""
    assert faults(mapped(gl_accounts=GlAccounts(default="1" * 12))) == []
    assert faults(mapped(gl_accounts=GlAccounts(default="1" * 13))) == [(TOO_LONG, "gl_account")]


# ---------------------------------------------------------------- lines on one pair

TWICE = commitment([line(1, code=20), line(2), line(3), line(4, description=None)])


def test_lines_on_one_pair_are_held() -> None:
    """Named with phase, cost type and how many; incomplete pairs are not compared."""
    found = mapped(TWICE)
    assert faults(found) == [("same-pair", "lines")]
    assert "3 lines are on phase 010100, cost type S" in found.violations[0].message
    nowhere = commitment([line(1, code=None), line(2, code=None)])
    assert {code for code, _ in faults(mapped(nowhere))} == {"cost-code-not-in-spectrum"}


def test_lines_on_one_pair_are_merged() -> None:
    """Amounts are added; units and prices cannot be kept; missing amounts count nothing."""
    lines = [line(1, code=20), line(3, uom="EA"), line(2, amount=None), line(4)]
    found = mapped(commitment(lines), same_pair="merge", units=True)
    one, two = found.lines
    assert (one.line_ids, one.title) == ((2, 3, 4), "Part 3")
    assert one.fields["original_contract_amount"] == Decimal("200.00")
    assert not {"unit_of_measure", "unit_price", "original_contract_quantity"} & set(one.fields)
    assert two.line_ids == (1,)
    assert faults(found) == [("amount-missing", "lines[2].amount")]


def test_lines_on_one_pair_are_told_apart() -> None:
    """Billing items count from one on each pair; a pair of one line needs none."""
    found = mapped(TWICE, same_pair="billing_items")
    items = {part.line_ids: part.fields["bid_item_number"] for part in found.lines}
    assert items == {(1,): None, (2,): "1", (3,): "2", (4,): "3"}
    assert faults(found) == []


@pytest.mark.parametrize("same_pair", ["merge", "billing_items"])
def test_faults_name_the_line_of_procore(same_pair: str) -> None:
    """Also when lines were joined or put in another order."""
    lines = [line(1, code=20), line(2), line(3), line(4, description="x" * 26, cost_type="A")]
    found = mapped(commitment(lines), same_pair=same_pair)
    assert faults(found) == [(TOO_LONG, "lines[3].bill_description")]


def test_a_line_without_a_description() -> None:
    """It is called by its id."""
    assert mapped(TWICE).lines[3].title == "line 4"
    assert mapped(TWICE).lines[3].fields["bill_description"] is None


def test_violations_are_values() -> None:
    """Two mappings of one commitment say the same."""
    assert mapped(TWICE) == mapped(attrs.evolve(TWICE))
    assert all(isinstance(found, Violation) for found in mapped(TWICE).violations)
