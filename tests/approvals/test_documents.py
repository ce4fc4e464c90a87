"""Documents: what the digest covers, and the fields that only accounting gives."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from approval_documents import ACCOUNT, NUMBER, document, documents, fields, names, values
from hypothesis import assume, given
from hypothesis import strategies as st

from procore_spectrum.plan.documents import Document, Need, check_given
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Value, same

NOTHING_TAKEN: dict[str, frozenset[str]] = {}


def faults(need: Need, value: Value, *, taken: frozenset[str] = frozenset()) -> list[str]:
    """The codes of what is wrong with a value."""
    asked = document(needs=(need,))
    return [v.code for v in check_given(asked, {need.name: value}, {need.space: taken})]


# ---------------------------------------------------------------- what the digest covers


@given(documents, names, values, values)
def test_the_digest_covers_every_field(
    found: Document, name: str, before: Value, after: Value
) -> None:
    """A field of the header changes the digest exactly when it means something else."""
    one = attrs.evolve(found, fields={**found.fields, name: before})
    two = attrs.evolve(found, fields={**found.fields, name: after})
    assert (one.shown == two.shown) == same(before, after)


@given(documents, st.data())
def test_the_digest_covers_every_line(found: Document, data: st.DataObject) -> None:
    """A line more, a line less or a line with another value changes the digest."""
    line = data.draw(fields)
    more = attrs.evolve(found, lines=(*found.lines, line))
    other = attrs.evolve(found, lines=(*found.lines, {**line, "amount": Decimal("0.07")}))
    assume(not same(line.get("amount"), Decimal("0.07")))
    assert len({found.shown, more.shown, other.shown}) == 3


def test_the_order_of_lines_is_shown() -> None:
    """Two lines in another order are another document."""
    found = document()
    assert attrs.evolve(found, lines=found.lines[::-1]).shown != found.shown


@pytest.mark.parametrize("ref", [Ref("commitment", "770"), Ref("change_order", "77")])
def test_the_digest_covers_the_record(ref: Ref) -> None:
    """The same content of another record is another document."""
    assert document(ref).shown != document().shown


def test_the_digest_covers_what_accounting_is_asked() -> None:
    """Being asked for another field is something else; another proposal is not."""
    other = attrs.evolve(NUMBER, proposal="SC-2")
    assert document(needs=(other, ACCOUNT)).shown == document().shown
    assert document(needs=(NUMBER,)).shown != document().shown


def test_spelling_does_not_matter() -> None:
    """Trailing zeros, blanks around text and empty fields show nothing new."""
    spelled = document(
        fields={"retention_percent": Decimal("7.50"), "vendor_code": " ACME ", "note": ""}
    )
    assert spelled.shown == document().shown


# ---------------------------------------------------------------- completing


def test_given_fields_win_over_proposals() -> None:
    """What is left out, or blank, is taken from the proposal."""
    found = document()
    assert found.completed({})["subcontract_number"] == "SC-1"
    assert found.completed({"subcontract_number": " "})["subcontract_number"] == "SC-1"
    assert found.completed({"subcontract_number": "X"})["subcontract_number"] == "X"
    assert found.completed({})["gl_account"] is None
    assert found.completed({})["vendor_code"] == "ACME"


def test_other_fields_cannot_be_given() -> None:
    """A field that accounting is not asked for is named, with those that it is asked for."""
    (fault,) = check_given(document(), {"gl_account": "5", "comment": "x"}, NOTHING_TAKEN)
    assert (fault.code, fault.path) == ("unknown-field", "comment")
    assert fault.hint == "asked for: gl_account, subcontract_number"
    (fault,) = check_given(document(needs=()), {"comment": "x"}, NOTHING_TAKEN)
    assert fault.hint == "asked for: nothing"


# ---------------------------------------------------------------- single fields


def test_a_required_field_cannot_be_left_out() -> None:
    """A missing field is named by its meaning, or by its name; an optional one is not missed."""
    (fault,) = check_given(document(), {}, NOTHING_TAKEN)
    assert (fault.code, fault.path) == ("required", "gl_account")
    assert fault.message == "G/L account is missing"
    (fault,) = check_given(document(needs=(Need(name="type"),)), {}, NOTHING_TAKEN)
    assert fault.message == "type is missing"
    assert faults(Need(name="type", required=False), "") == []


@pytest.mark.parametrize(("length", "codes"), [(10, []), (11, ["too-long"])])
def test_length_from_both_sides(length: int, codes: list[str]) -> None:
    """The longest number is taken, one character more is not; blanks around do not count."""
    assert faults(NUMBER, " " + "9" * length + " ") == codes


def test_without_a_length_everything_fits() -> None:
    """A field without a limit takes long text."""
    assert faults(Need(name="note"), "x" * 5000) == []


@pytest.mark.parametrize(
    ("characters", "text", "allowed"),
    [
        ("", "Any täxt, really", True),
        ("", "tab\tinside", False),
        ("code", "500100A", True),
        ("code", "500-100", False),
        ("code", "abc", False),
        ("code", "É1", False),
        ("number", "SC-1/a", True),
        ("number", "SC,1", False),
        ("number", "SC\x07", False),
        ("number", "SÇ-1", False),
    ],
)
def test_characters(characters: str, text: str, allowed: object) -> None:
    """Each field takes the characters that Spectrum takes there."""
    need = Need(name="code", characters=characters)
    assert faults(need, text) == ([] if allowed else ["characters"])


def test_a_number_is_given_once() -> None:
    """A number that another record has is refused, in its own space only."""
    taken = frozenset({"SC-9"})
    assert faults(NUMBER, " SC-9", taken=taken) == ["number-taken"]
    assert faults(NUMBER, "SC-8", taken=taken) == []
    assert faults(attrs.evolve(NUMBER, space=""), "SC-9", taken=taken) == []


def test_a_fixed_field_keeps_its_value() -> None:
    """What the ERP may have already cannot be given otherwise."""
    fixed = attrs.evolve(NUMBER, fixed=True)
    assert faults(fixed, "SC-2") == ["fixed"]
    assert faults(fixed, "SC-1") == []
    assert faults(fixed, None) == []


def test_everything_is_reported_together() -> None:
    """All faults of all fields come at once, each with its path and a remedy."""
    given_fields: dict[str, Any] = {
        "subcontract_number": "toolong,number",
        "gl_account": "500-100-9999-1",
        "comment": "x",
    }
    found = check_given(document(), given_fields, {NUMBER.space: frozenset({"toolong,number"})})
    assert [(v.code, v.path) for v in found] == [
        ("unknown-field", "comment"),
        ("too-long", "subcontract_number"),
        ("characters", "subcontract_number"),
        ("number-taken", "subcontract_number"),
        ("too-long", "gl_account"),
        ("characters", "gl_account"),
    ]
    assert all(v.hint for v in found)
