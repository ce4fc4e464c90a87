"""What accountants open: nothing is lost, and nothing in it comes alive."""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given, settings
from reconciled_money import month_end, posting, reconciliations, texts

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.files.workbooks import write_workbook
from procore_spectrum.plan.reconciliation import (
    Basis,
    Measure,
    Reconciliation,
    plain_amount,
    reconcile,
)
from procore_spectrum.plan.reconciliation_html import as_html
from procore_spectrum.plan.reconciliation_text import as_text, sheets, verdict
from procore_spectrum.plan.sheets import Sheet, safe_text, to_csv

ALIVE = ("=", "+", "-", "@", "\t", "\r")


# ---------------------------------------------------------------- text


def test_the_text_for_people() -> None:
    """Verdict first, then totals aligned, then every difference with its reasons."""
    shown = as_text(month_end()).splitlines()
    assert shown[:2] == [
        "Reconciliation of 1/ABC",
        "Not balanced: 2 differences, and not all of them can be explained.",
    ]
    assert "  Budget                      1,500.50      1,400.25        100.25" in shown
    assert "      - waiting 12,500.00: SC-1 waits for accounting" in shown
    assert "      - unexplained 100.25: 010100 S: no reason is known" in shown
    assert "  Budget, Procore: budget lines, read at 2026-01-31 18:30:00 UTC" in shown
    assert "  Committed cost, Spectrum: subcontracts, because it cannot be read there" in shown
    assert shown[-1] == "note: change requests cannot be read"


def test_the_text_of_nothing() -> None:
    """Without rows there is a verdict and an empty table."""
    assert as_text(reconcile([], company="1/ABC")).splitlines()[1] == (
        "Balanced: no difference is left."
    )


@pytest.mark.parametrize(
    ("measures", "added"),
    [
        ([Measure.BUDGET], ""),
        ([Measure.BUDGET, Measure.COMMITTED_COST], ", with committed cost as sent from here"),
    ],
)
def test_a_balance_admits_what_was_not_read(measures: list[Measure], added: str) -> None:
    """Amounts that were only remembered are named beside the verdict, if there are any."""
    unread = Basis(
        measure=Measure.COMMITTED_COST, system="spectrum", how="what was sent", readable=False
    )
    found = reconcile(
        [posting(measure, "1", "1", "1") for measure in measures], company="1/ABC", bases=[unread]
    )
    assert verdict(found) == f"Balanced: no difference is left{added}."


def test_long_lists_are_cut_in_the_text_only_when_wanted() -> None:
    """The count of what is not shown is told."""
    found = reconcile(
        [posting(measure, "1", "1", "0") for measure in (Measure.BUDGET, Measure.COMMITTED_COST)],
        company="1/ABC",
    )
    assert "    … and 1 more differences" in as_text(found, limit=1).splitlines()
    assert "more differences" not in as_text(found, limit=None)


def test_one_difference_is_singular() -> None:
    """The sentence is English."""
    found = reconcile([posting(Measure.BUDGET, "1", "1", "0")], company="1/ABC")
    assert "1 difference," in verdict(found)


@given(reconciliations)
def test_no_text_forges_a_line(found: Reconciliation) -> None:
    """Titles with line breaks stay on their line."""
    assert all(line.isprintable() for line in as_text(found).split("\n"))


# ---------------------------------------------------------------- CSV


@given(reconciliations)
def test_csv_gives_every_row_back(found: Reconciliation) -> None:
    """Amounts come back exactly, and each row has all its columns."""
    for sheet in sheets(found):
        head, *rows = csv.reader(io.StringIO(to_csv(sheet), newline=""))
        assert tuple(head) == sheet.head
        assert len(rows) == len(sheet.rows)
        for row, wanted in zip(rows, sheet.rows, strict=True):
            assert len(row) == len(wanted)
            for cell, value in zip(row, wanted, strict=True):
                if isinstance(value, Decimal):
                    assert Decimal(cell) == value


@given(reconciliations)
def test_csv_holds_no_formula(found: Reconciliation) -> None:
    """Whatever begins like a formula is a number."""
    for sheet in sheets(found):
        for row in csv.reader(io.StringIO(to_csv(sheet), newline="")):
            for cell in row:
                if cell.lstrip(" ").startswith(ALIVE):
                    assert re.fullmatch(r"-\d+\.\d+", cell)


@given(texts)
def test_safe_text_keeps_what_is_harmless(text: str) -> None:
    """Only an apostrophe is added; and nothing alive is left."""
    shown = safe_text(text)
    assert not shown.lstrip(" ").startswith(ALIVE)
    assert shown.removeprefix("'") == "".join(c if c.isprintable() else "�" for c in text) or (
        text.startswith("'")
    )


# ---------------------------------------------------------------- HTML


class _Reader(HTMLParser):
    """Checks that tags are balanced and collects what the page has."""

    VOID = frozenset({"meta", "rect", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(page: str) -> _Reader:
    """The page, parsed."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@given(reconciliations)
def test_html_is_self_contained_and_inert(found: Reconciliation) -> None:
    """Known tags only, no link to anything, one chart for each job; whatever the texts are."""
    page = read(as_html(found))
    assert set(page.tags) <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "thead"),
        *("tbody", "tr", "th", "td", "ul", "li", "footer", "svg", "rect", "text"),
    }
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "href", "style", "onload", "onclick"}
    assert not any(name.startswith("on") for name in names)
    assert page.tags.count("svg") == len(found.jobs)


@given(reconciliations)
def test_html_tells_every_reason(found: Reconciliation) -> None:
    """As many items as there are reasons, readings and notes."""
    page = read(as_html(found))
    count = sum(len(row.reasons) for row in found.rows) + len(found.bases) + len(found.notes)
    assert page.tags.count("li") == count


def test_the_chart_has_a_bar_for_each_amount() -> None:
    """Two bars a measure, the longest one as long as the chart, and the amount beside it."""
    page = as_html(month_end())
    chart = page[page.rindex("<svg") : page.rindex("</svg>")]
    lengths = [int(found) for found in re.findall(r'<rect x="170" y="\d+" width="(\d+)"', chart)]
    assert lengths == [11, 16, 13, 420, 0]
    assert ">12,500.00</text>" in chart


def test_a_chart_of_zeros_and_of_credits() -> None:
    """Zero has no bar; below zero it is hollow."""
    found = reconcile([posting(Measure.BUDGET, "1", "0", "0")], company="1/ABC")
    assert 'width="0" height="13"' in as_html(found)
    credit = reconcile([posting(Measure.BUDGET, "1", "-5", "-5")], company="1/ABC")
    assert 'width="420" height="13" fill="none"' in as_html(credit)


# ---------------------------------------------------------------- XLSX


@settings(max_examples=20)
@given(reconciliations)
def test_a_workbook_holds_every_row_and_no_formula(found: Reconciliation) -> None:
    """Amounts are numbers written as exact decimals, or text where they have too many digits."""
    data = write_workbook(sheets(found))
    book = openpyxl.load_workbook(io.BytesIO(data))
    for number, sheet in enumerate(sheets(found), start=1):
        page = book[sheet.title]
        assert page.max_row == 1 + len(sheet.rows)
        assert not [cell for row in page for cell in row if cell.data_type == "f"]
        exact = _raw_numbers(data, number)
        wanted = [
            value
            for row in sheet.rows
            for value in row
            if isinstance(value, Decimal)
            and sum(char.isdigit() for char in plain_amount(value)) <= 15
        ]
        assert sorted(wanted) == sorted(exact)


def _raw_numbers(data: bytes, number: int) -> list[Decimal]:
    """The numbers of a sheet as the file spells them, and those in its texts."""
    names = {"s": "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = ElementTree.fromstring(  # noqa: S314 - our own file
            archive.read(f"xl/worksheets/sheet{number}.xml")
        )
    found = []
    for cell in root.iter(f"{names['s']}c"):
        value = cell.find(f"{names['s']}v")
        if cell.get("t") in {None, "n"} and value is not None:
            found.append(Decimal(value.text or ""))
    return found


def test_a_long_amount_is_text() -> None:
    """A workbook would round it."""
    long = Decimal("123456789012345678.05")
    sheet = Sheet(title="One", head=("amount",), rows=[(long,), (Decimal("1.10"),), (None,)])
    page = openpyxl.load_workbook(io.BytesIO(write_workbook([sheet])))["One"]
    assert page["A2"].value == "123456789012345678.05"
    assert page["A3"].data_type == "n"
    assert page["A4"].value is None


def test_without_openpyxl_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named, and another format."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ConfigurationError, match="openpyxl") as caught:
        write_workbook([])
    assert "xlsx" in caught.value.hint
