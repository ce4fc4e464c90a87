"""Change orders as change requests: every limit from both sides, every rule, all at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from contract_records import CODES, change_order, line, newer_line

from procore_spectrum.mapping import ChangeOrderMapping, change_order_to_change_request
from procore_spectrum.mapping.change_order_to_change_request import MappedChangeRequest

READY: dict[str, Any] = {"status_code": "C", "status_actions": {"C": 3}}
TOO_LONG, RANGE = "too-long", "out-of-range"
NOWHERE = "cost-code-not-in-spectrum"


def mapped(found: Any = None, names: dict[str, str] | None = None, **choices: Any) -> Any:
    """The change request of a change order."""
    known = {
        "job_number": "24-0101",
        "customer_code": "CITY",
        "vendor_code": "ACME",
        "subcontract_number": "SC-1",
        **(names or {}),
    }
    return change_order_to_change_request(
        found or change_order(),
        codes=CODES,
        settings=ChangeOrderMapping(**{**READY, **choices}),
        **known,
    )


def faults(found: MappedChangeRequest) -> list[tuple[str, str]]:
    """Code and path of everything that is wrong; each has a message, and a remedy."""
    assert all(violation.message and violation.hint for violation in found.violations)
    return [(violation.code, violation.path) for violation in found.violations]


def test_the_usual_change_order() -> None:
    """The header is repeated on each line; nothing is wrong."""
    found = mapped()
    header = {
        "job_number": "24-0101",
        "customer_code": "CITY",
        "cr_description": "Extra works",
        "cr_status": "C",
        "approved_date": None,
    }
    assert dict(found.header) == header
    assert dict(found.lines[1].fields) == {
        **header,
        "subcontractor_code": "ACME",
        "subcontract_number": "SC-1",
        "cr_phase_code": "020200",
        "cr_cost_type": "S",
        "change_request_amount": Decimal("100.00"),
        "sub_amount": Decimal("100.00"),
        "sub_status": "P",
        "sub_description": "Part 2",
    }
    assert (found.amount, found.violations) == (Decimal("200.00"), ())


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"description": "x" * 250}, []),
        ({"description": "x" * 251}, [(TOO_LONG, "cr_description")]),
        ({"description": "", "title": "x" * 251}, [(TOO_LONG, "cr_description")]),
        ({"description": None, "title": None}, []),
        ({"status": "draft"}, [("status", "status")]),
        ({"status": None}, [("status", "status")]),
    ],
)
def test_limits_of_the_header(fields: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """The last value that fits is taken; the first that does not is named."""
    assert faults(mapped(change_order(**fields))) == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"description": "x" * 30}, []),
        ({"description": "x" * 31}, [(TOO_LONG, "lines[0].sub_description")]),
        ({"amount": Decimal("9999999999.99")}, []),
        ({"amount": Decimal("-999999999.99")}, []),
        (
            {"amount": Decimal(10000000000)},
            [(RANGE, "lines[0].change_request_amount"), (RANGE, "lines[0].sub_amount")],
        ),
        (
            {"amount": Decimal("0.001")},
            [(RANGE, "lines[0].change_request_amount"), (RANGE, "lines[0].sub_amount")],
        ),
        ({"amount": None}, [("amount-missing", "lines[0].amount")]),
        ({"code": 20}, []),
        ({"code": 21}, [(TOO_LONG, "lines[0].cr_phase_code")]),
        ({"cost_type": "SUB"}, []),
        ({"cost_type": "SUBS"}, [(TOO_LONG, "lines[0].cr_cost_type")]),
        ({"code": None}, [(NOWHERE, "lines[0].cost_code")]),
        ({"cost_type": ""}, [(NOWHERE, "lines[0].cost_code")]),
    ],
)
def test_limits_of_lines(fields: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    """The last value that fits is taken; the first that does not is named with its line."""
    assert faults(mapped(change_order([line(1, **fields)]))) == wanted


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ({"subcontract_number": ""}, [("commitment-not-synced", "contract")]),
        ({"job_number": ""}, [("job-not-linked", "project")]),
        ({"customer_code": ""}, [("customer-missing", "customer_code")]),
        ({"customer_code": "C" * 10}, []),
        ({"customer_code": "C" * 11}, [(TOO_LONG, "customer_code")]),
    ],
)
def test_what_has_to_be_there_before(names: dict[str, str], wanted: list[Any]) -> None:
    """The commitment in Spectrum, the job, and the job's customer."""
    assert faults(mapped(names=names)) == wanted


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"status_code": ""}, "status-code-missing"),
        ({"status_actions": {"D": 3}}, "status-action-unknown"),
        ({"status_actions": {"C": 4}}, "status-action"),
    ],
)
def test_status_codes(choices: dict[str, Any], code: str) -> None:
    """The installation's code has to be set, known, and of the right action."""
    assert faults(mapped(**choices)) == [(code, "cr_status")]


def test_a_status_code_that_does_not_fit() -> None:
    """Two characters fit, three do not."""
    assert faults(mapped(status_code="CC", status_actions={"CC": 3})) == []
    assert faults(mapped(status_code="CCC", status_actions={"CCC": 3})) == [(TOO_LONG, "cr_status")]


def test_without_settings_nothing_is_guessed() -> None:
    """The defaults have no status code."""
    found = change_order_to_change_request(
        change_order(),
        job_number="J",
        customer_code="C",
        vendor_code="V",
        subcontract_number="S",
        codes=CODES,
    )
    assert faults(found) == [("status-code-missing", "cr_status")]


def test_everything_is_reported_together() -> None:
    """Whatever is wrong comes at once, in the order of a reader."""
    found = change_order([], status="draft", description="x" * 251)
    names = {"job_number": "", "customer_code": "", "subcontract_number": ""}
    assert faults(mapped(found, names, status_code="")) == [
        ("status", "status"),
        ("commitment-not-synced", "contract"),
        ("job-not-linked", "project"),
        ("no-lines", "lines"),
        ("status-code-missing", "cr_status"),
        (TOO_LONG, "cr_description"),
    ]


def test_lines_of_the_newer_family() -> None:
    """A budget code alone tells phase and cost type, if it came from Spectrum."""
    found = mapped(change_order([newer_line(1, 500), newer_line(2, 501), newer_line(3, None)]))
    assert (found.lines[-1].phase_code, found.lines[-1].cost_type) == ("010100", "S")
    assert faults(found) == [(NOWHERE, "lines[1].cost_code"), (NOWHERE, "lines[2].cost_code")]


def test_lines_on_one_pair() -> None:
    """Held by default, or merged; a missing amount counts nothing, incomplete pairs stay."""
    found = change_order([line(3), line(1, code=2), line(2), line(4, amount=None)])
    assert faults(mapped(found)) == [("amount-missing", "lines[3].amount"), ("same-pair", "lines")]
    merged = mapped(found, same_pair="merge")
    assert [part.line_ids for part in merged.lines] == [(2, 3, 4), (1,)]
    assert merged.lines[0].fields["sub_amount"] == Decimal("200.00")
    assert merged.lines[0].fields["change_request_amount"] == Decimal("200.00")
    nowhere = change_order([line(1, code=None), line(2, code=None)])
    assert {code for code, _ in faults(mapped(nowhere))} == {NOWHERE}


def test_faults_name_the_line_of_procore() -> None:
    """Also though lines are put in the order of their phases."""
    found = change_order([line(1, code=20), line(2, description="x" * 31)])
    assert faults(mapped(found)) == [(TOO_LONG, "lines[1].sub_description")]


def test_long_texts_are_shortened_if_chosen() -> None:
    """Description of the request, and of the lines."""
    found = mapped(
        change_order([line(1, description="y" * 29 + " z")], description="x" * 251),
        long_text="shorten",
    )
    assert faults(found) == []
    assert found.header["cr_description"] == "x" * 250
    assert found.lines[0].fields["sub_description"] == "y" * 29


@pytest.mark.parametrize(
    ("reviewed_at", "chosen", "wanted"),
    [
        (datetime(2024, 3, 1, 23, tzinfo=UTC), {"approved_date": True}, date(2024, 3, 1)),
        (datetime(2024, 3, 1, 23, tzinfo=UTC), {}, None),
        (None, {"approved_date": True}, None),
    ],
)
def test_the_date_goes_along_if_chosen(
    reviewed_at: datetime | None, chosen: dict[str, bool], wanted: date | None
) -> None:
    """The day of the review, where there was one."""
    found = mapped(change_order(reviewed_at=reviewed_at), **chosen)
    assert found.header["approved_date"] == wanted


def test_a_line_without_a_description() -> None:
    """It is called by its id."""
    found = mapped(change_order([line(1, description=" ")]))
    assert (found.lines[0].title, found.lines[0].fields["sub_description"]) == ("line 1", None)
