"""What change requests of all three kinds have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from contract_records import CODES, change_order, line
from hypothesis import example, given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.mapping import (
    BudgetSettings,
    ChangeOrderMapping,
    PrimeChangeMapping,
    budget_change_to_change_request,
    change_order_to_change_request,
    clean,
    prime_change_order_to_change_request,
)
from procore_spectrum.mapping.change_requests import (
    COST_ONLY,
    REVENUE_AND_COST,
    Recognition,
    contract_faults,
    local_day,
    request_text,
    status_faults,
)
from procore_spectrum.mapping.choices import within
from procore_spectrum.models.procore import BudgetChange, PrimeChangeOrder

LATE = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
KINDS = ("commitment", "prime", "budget")

# Budget changes are described in markup, which is taken out of their descriptions first.
plain = st.characters(exclude_characters="<>&")
words = st.none() | st.text(plain, max_size=20) | st.text("a ", min_size=200, max_size=600)
codes = st.sampled_from(["", "A", "C", "X"])
actions = st.dictionaries(st.sampled_from(["A", "C"]), st.integers(1, 5))


def mapped(kind: str, found: Mapping[str, Any] | None = None, **choices: Any) -> Any:
    """A change of that kind as a change request; ``found`` are Procore's fields."""
    fields: dict[str, Any] = {"status": "approved", "title": "Extra", **(found or {})}
    names = {"job_number": "24-0101", "customer_code": "CITY"}
    if kind == "commitment":
        return change_order_to_change_request(
            change_order([line(1)], **{"description": None, **fields}),
            vendor_code="ACME",
            subcontract_number="SC-1",
            codes=CODES,
            settings=ChangeOrderMapping(**choices),
            **names,
        )
    if kind == "prime":
        return prime_change_order_to_change_request(
            PrimeChangeOrder(id=5, contract_id=7, **fields),
            contract_id="7",
            billing_items=(),
            codes=CODES,
            settings=PrimeChangeMapping(**choices),
            **names,
        )
    return budget_change_to_change_request(
        BudgetChange(id=7, **fields),
        pairs={},
        phases={},
        settings=BudgetSettings(**choices),
        **names,
    )


# ---------------------------------------------------------------- texts


@given(words, words, st.sampled_from(["hold", "shorten"]))
def test_a_text_is_whole_or_noted(description: str | None, title: str | None, how: str) -> None:
    """It is cut only where that was chosen, and then the note has the whole text."""
    notes: list[Any] = []
    text = request_text(description, title, how, notes)
    whole = clean(description) or clean(title)
    if how == "shorten" and len(whole) > 250:
        (note,) = notes
        assert text == whole[:250].rstrip()
        assert (note.code, note.path, repr(whole) in note.message) == (
            "shortened",
            "cr_description",
            True,
        )
    else:
        assert (text, notes) == (whole, [])


@pytest.mark.parametrize("kind", KINDS)
@given(words, words, st.sampled_from(["hold", "shorten"]))
def test_every_kind_has_the_same_text(
    kind: str, description: str | None, title: str | None, how: str
) -> None:
    """With the same notes, and held where it is too long and may not be cut."""
    found = mapped(kind, {"description": description, "title": title}, long_text=how)
    notes: list[Any] = []
    text = request_text(description, title, how, notes)
    assert found.header["cr_description"] == (text or None)
    assert [note for note in found.notes if note.path == "cr_description"] == notes
    told = [(fault.path, fault.code) for fault in found.violations]
    assert (("cr_description", "too-long") in told) is (len(text) > 250)


# ---------------------------------------------------------------- codes and contracts


@given(codes, actions, st.sampled_from([COST_ONLY, REVENUE_AND_COST]))
def test_a_status_code_will_do_only_with_its_action(
    code: str, known: dict[str, int], wanted: Recognition
) -> None:
    """One that is not set, not known or does something else is one fault."""
    faults = list(status_faults(code, known, wanted=wanted, section="here"))
    good = bool(code) and known.get(code) in wanted.actions
    assert len(faults) == (0 if good else 1)
    assert all(fault.path == "cr_status" and fault.hint for fault in faults)


@pytest.mark.parametrize(
    ("code", "known", "wanted", "message", "hint"),
    [
        (
            "",
            {},
            COST_ONLY,
            "no status code is set for change requests",
            "set [budgets] status_code; codes are your installation's own",
        ),
        (
            "C",
            {},
            COST_ONLY,
            "what the status code 'C' does is not set",
            "set [budgets.status_actions], as in Spectrum's status code maintenance",
        ),
        (
            "C",
            {"C": 1},
            COST_ONLY,
            "the status code 'C' has action 1; a change of cost alone needs action 3",
            "choose a code that recognises cost only",
        ),
        (
            "C",
            {"C": 3},
            REVENUE_AND_COST,
            "the status code 'C' has action 3; a change of revenue and cost needs action 1 or 2",
            "choose a code that recognises both",
        ),
    ],
)
def test_what_is_said_of_a_status_code(
    code: str, known: dict[str, int], wanted: Recognition, message: str, hint: str
) -> None:
    """The section and the actions are named, so that it can be put right."""
    (fault,) = status_faults(code, known, wanted=wanted, section="budgets")
    assert (fault.message, fault.hint) == (message, hint)


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        ("commitment", "change_orders"),
        ("prime", "prime_contracts.change_orders"),
        ("budget", "budgets"),
    ],
)
def test_every_kind_names_its_own_section(kind: str, section: str) -> None:
    """The hint leads to the setting that counts."""
    (fault,) = [f for f in mapped(kind).violations if f.code == "status-code-missing"]
    assert f"[{section}] status_code" in fault.hint


@pytest.mark.parametrize(
    ("job", "customer", "wanted"),
    [
        ("24-0101", "CITY", []),
        ("24-0101", "", ["customer-missing"]),
        ("", "CITY", ["job-not-linked"]),
        ("", "", ["job-not-linked"]),
    ],
)
def test_a_change_request_needs_a_job_with_a_customer(
    job: str, customer: str, wanted: list[str]
) -> None:
    """The job comes first: without it nobody knows the customer."""
    assert [fault.code for fault in contract_faults(job, customer)] == wanted


# ---------------------------------------------------------------- days


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-12, 14))
@example(datetime.max.replace(tzinfo=UTC), 14)
@example(datetime.min.replace(tzinfo=UTC), -12)
def test_a_local_day_is_that_of_the_local_clock(moment: datetime, hours: int) -> None:
    """At the ends of the calendar, where there is none, it is that of UTC."""
    try:
        wanted = (moment + timedelta(hours=hours)).date()
    except OverflowError:
        wanted = moment.date()
    assert local_day(moment, hours) == wanted


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-12, 14))
def test_a_review_has_the_same_day_for_both_kinds(moment: datetime, hours: int) -> None:
    """A change order of a commitment and one of a prime contract are approved alike."""
    days = {
        mapped(kind, {"reviewed_at": moment}, approved_date=True, hours_from_utc=hours).header[
            "approved_date"
        ]
        for kind in ("commitment", "prime")
    }
    assert days == {local_day(moment, hours)}


@pytest.mark.parametrize(("hours", "day"), [(-8, 4), (0, 4), (1, 5)])
def test_the_day_of_a_commitment_change_is_local_by_choice(hours: int, day: int) -> None:
    """Half past eleven at night in UTC is the next day further east."""
    found = mapped("commitment", {"reviewed_at": LATE}, approved_date=True, hours_from_utc=hours)
    assert found.header["approved_date"] == date(2026, 3, day)


def test_by_default_the_day_is_that_of_utc() -> None:
    """Who sets nothing gets what Procore tells."""
    found = mapped("commitment", {"reviewed_at": LATE}, approved_date=True)
    assert found.header["approved_date"] == LATE.date()


@pytest.mark.parametrize("settings", [ChangeOrderMapping, PrimeChangeMapping])
@pytest.mark.parametrize(("hours", "good"), [(-13, False), (-12, True), (14, True), (15, False)])
def test_no_clock_is_further_from_utc(settings: Any, hours: int, *, good: bool) -> None:
    """A wrong number is refused when it is read, with its limits."""
    if good:
        assert settings(hours_from_utc=hours).hours_from_utc == hours
        return
    with pytest.raises(ConfigurationError) as caught:
        settings(hours_from_utc=hours)
    assert (caught.value.path, caught.value.hint) == ("hours_from_utc", "from -12 to 14")


@given(st.integers(), st.integers(), st.integers())
def test_numbers_within_limits_are_accepted(least: int, most: int, value: int) -> None:
    """Both limits belong to them."""
    made = attrs.make_class("Made", {"value": attrs.field(validator=within(least, most))})
    try:
        accepted = made(value).value == value
    except ConfigurationError:
        accepted = False
    assert accepted is (least <= value <= most)
