"""Schedules of values in files: what is read, and what is refused."""

from __future__ import annotations

import contextlib
import csv
import sys
import zipfile
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConfigurationError, InvalidValueError, ProcoreSpectrumError
from procore_spectrum.files import workbooks
from procore_spectrum.files.schedules import COLUMNS, parse_schedule, read_schedule
from procore_spectrum.models.schedules import ScheduleLine

HEAD = ("Item", "Description", "Amount", "Quantity", "Unit", "Unit Price", "Phase", "Cost Type")

words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
amounts = st.decimals(-(10**9), 10**9, places=2)
lines = st.builds(
    ScheduleLine,
    item=words,
    description=words,
    amount=amounts,
    quantity=st.none() | amounts,
    unit=words,
    unit_price=st.none() | amounts,
    phase_code=words,
    cost_type=words,
)


def table(found: list[ScheduleLine]) -> list[list[Any]]:
    """A head and a row for each line."""
    return [list(HEAD), *([getattr(line, name) for name in COLUMNS] for line in found)]


def as_csv(rows: list[list[Any]], delimiter: str = ",") -> bytes:
    """The rows as CSV."""
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def as_workbook(rows: list[list[Any]]) -> bytes:
    """The rows in the first of two sheets."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("Notes").append(["not a schedule"])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def codes(error: InvalidValueError) -> list[tuple[str, str]]:
    """Where something is wrong, and what."""
    return [(violation.path, violation.code) for violation in error.violations]


@given(st.lists(lines, min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_what_was_written_as_csv_is_read(found: list[ScheduleLine], delimiter: str) -> None:
    """Every value comes back, whichever of three signs separates them."""
    assert parse_schedule(as_csv(table(found), delimiter), name="s.csv") == tuple(found)


@given(st.lists(lines, min_size=1, max_size=3))
def test_what_was_written_as_a_workbook_is_read(found: list[ScheduleLine]) -> None:
    """Cents survive the binary numbers of the format."""
    rows = [
        [float(cell) if isinstance(cell, Decimal) else cell for cell in row] for row in table(found)
    ]
    assert parse_schedule(as_workbook(rows), name="s.xlsx") == tuple(found)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("$12,345,678.90", "12345678.90"),
        ("-$5", "-5"),
        ("", None),
    ],
)
def test_amounts_as_people_write_them(text: str, amount: str | None) -> None:
    """Groups of three and a dollar sign are understood."""
    (line,) = parse_schedule(as_csv([["item", "amount"], ["10", text]]), name="s.csv")
    assert line.amount == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("text", ["12,34", "1.234,50", "(5)", "five", "1e5", "٣"])
def test_what_is_no_amount_is_named(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidValueError) as caught:
        parse_schedule(as_csv([["item", "amount"], ["10", text]]), name="s.csv")
    assert codes(caught.value) == [("row 2: amount", "not-a-number")]


def test_the_head_may_stand_below_a_title_and_blank_rows_are_skipped() -> None:
    """As in tables that people print."""
    rows: list[list[Any]] = [
        ["City Hall, schedule of values"],
        [],
        ["Billing Item", "Scheduled Value", "Remarks"],
        ["", " ", "section A"],
        ["10", "5.00", "ask Ann"],
    ]
    assert parse_schedule(as_csv(rows), name="s.csv") == (
        ScheduleLine(item="10", amount=Decimal(5)),
    )


def test_a_row_may_be_shorter_than_the_head() -> None:
    """What it lacks is blank."""
    (line,) = parse_schedule(b"item,amount,description\n10,5.00\n", name="s.csv")
    assert line.description == ""


def test_all_faults_are_told_together() -> None:
    """A file is taken wholly or not at all."""
    rows = [["item", "amount", "quantity"], ["10", "x", "y"], ["20", "=SUM(B2)", "1"]]
    with pytest.raises(InvalidValueError) as caught:
        parse_schedule(as_csv(rows), name="s.csv")
    assert codes(caught.value) == [
        ("row 2: amount", "not-a-number"),
        ("row 2: quantity", "not-a-number"),
        ("row 3: amount", "schedule-formula"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no row names the columns"),
        (b"item,price\n1,2\n", "no row names the columns"),
        (b"item,amount\n", "cannot be used"),
        (b"item,amount,amount\n1,2,3\n", "two columns are named amount"),
        (b"item,amount\n1,\xff\n", "not text in UTF-8"),
        (b'item,amount\n1,"2\n', "not CSV"),
        (b"item,amount\n" * 10_001, "more than 10,000 rows"),
        (b"," * 100 + b"\n", "100 columns"),
        (b"x" * (workbooks.MOST_BYTES + 1), "more than 5,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_schedule_is_refused(content: bytes, words: str) -> None:
    """In our words, and without a trace of the parser."""
    with pytest.raises(InvalidValueError, match=words):
        parse_schedule(content, name="s.csv")


def test_formulas_in_a_workbook_are_refused() -> None:
    """Their value depends on who saved the file; constants are what they are."""
    rows = [["item", "amount", "note"], ["10", "=1+1", "=2+2"], ["20", 5, "=A1"]]
    with pytest.raises(InvalidValueError) as caught:
        parse_schedule(as_workbook(rows), name="s.xlsx")
    assert codes(caught.value) == [("row 2: amount", "schedule-formula")]


def test_whole_numbers_may_stand_for_items() -> None:
    """People type 10, not '10; but 1.5 may have been 1.50."""
    (line,) = parse_schedule(as_workbook([["item", "amount"], [10, 5]]), name="s.xlsx")
    assert line.item == "10"
    with pytest.raises(InvalidValueError) as caught:
        parse_schedule(as_workbook([["item", "amount"], [1.5, 5], [True, 6]]), name="s.xlsx")
    assert codes(caught.value) == [
        ("row 2: item", "schedule-text"),
        ("row 3: item", "schedule-text"),
    ]


def test_parts_of_a_cent_are_kept() -> None:
    """Nothing is rounded on the way in, so that pre-flight can tell."""
    (line,) = parse_schedule(as_workbook([["item", "amount"], ["1", 0.105]]), name="s.xlsx")
    assert line.amount == Decimal("0.105")


def repacked(content: bytes, **changes: bytes) -> bytes:
    """The archive with some parts in place of others, found by the end of their names."""
    found = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(found, "w", 8) as new:
        for info in old.infolist():
            name = info.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(info.filename, changes.get(name, old.read(info)))
    return found.getvalue()


GOOD = as_workbook([["item", "amount"], ["10", 5]])
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    "<worksheet><sheetData/></worksheet>"
)


@pytest.mark.parametrize(
    "content",
    [
        b"PK",
        b"PK\x03\x04 and nothing more",
        GOOD[:-40],
        GOOD[:300] + b"\0" * 50 + GOOD[350:],
        repacked(GOOD, sheet1=b"<worksheet><sheetData>"),
        repacked(GOOD, workbook=b"<workbook/>"),
        repacked(GOOD, sheet1=LAUGHS.encode()),
        repacked(GOOD, sheet1=LAUGHS.encode("utf-16")),
        repacked(GOOD, styles=b" " * (60 * 2**20)),
        as_workbook([["item", "amount"], ["10", "#REF!"]]),
    ],
)
def test_damaged_and_hostile_workbooks_are_refused(content: bytes) -> None:
    """Cut off, changed, with entities, unpacking to too much, with errors in cells."""
    with pytest.raises(InvalidValueError):
        parse_schedule(content, name="s.xlsx")


def test_an_archive_of_very_many_parts_is_refused() -> None:
    """Before any of them is unpacked."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as new:
        for number in range(1_001):
            new.writestr(str(number), b"")
    with pytest.raises(InvalidValueError, match="unpacks to"):
        parse_schedule(content.getvalue(), name="s.xlsx")


@pytest.mark.parametrize(
    ("rows", "words"), [([["x"]] * 10_001, "rows"), ([["x"] * 101], "columns")]
)
def test_a_sheet_of_absurd_size_is_refused(rows: list[list[Any]], words: str) -> None:
    """Rows and columns are limited."""
    with pytest.raises(InvalidValueError, match=words):
        parse_schedule(as_workbook(rows), name="s.xlsx")


@given(st.binary(max_size=200), st.integers(0, len(GOOD) - 1))
def test_no_bytes_let_another_error_out(noise: bytes, at: int) -> None:
    """Whatever is in a file, it is read or refused in our words."""
    for content in (noise, GOOD[:at] + noise + GOOD[at + len(noise) :]):
        for name in ("s.csv", "s.xlsx"):
            with contextlib.suppress(ProcoreSpectrumError):
                parse_schedule(content, name=name)


def test_a_file_is_read_from_the_disk(tmp_path: Path) -> None:
    """CSV and XLSX alike, by name."""
    for name, content in (("a.csv", b"item,amount\n10,5\n"), ("b.xlsx", GOOD)):
        (tmp_path / name).write_bytes(content)
        assert read_schedule(tmp_path / name) == (ScheduleLine(item="10", amount=Decimal(5)),)
    with pytest.raises(InvalidValueError, match="cannot be read"):
        read_schedule(tmp_path / "missing.csv")


def test_without_openpyxl_csv_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the error of a workbook says what to install."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert parse_schedule(b"item,amount\n10,5\n", name="s.csv")
    with pytest.raises(ConfigurationError, match=r"procore-spectrum\[xlsx\]"):
        parse_schedule(GOOD, name="s.xlsx")
