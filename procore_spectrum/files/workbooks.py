"""Workbooks (XLSX). Needs the extra ``xlsx``; this is the only file that imports openpyxl.

What comes in is not trusted: its size, the size that it unpacks to, its rows and its columns are
limited, document type declarations are refused before any parser sees them, and values are read
only, never calculated.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeAlias
from zipfile import ZipFile

import attrs

from procore_spectrum.errors import ConfigurationError, InvalidValueError, ProcoreSpectrumError
from procore_spectrum.plan.reconciliation import plain_amount
from procore_spectrum.plan.sheets import Sheet, safe_text

__all__ = [
    "MOST_BYTES",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "Cell",
    "Formula",
    "read_sheet",
    "write_workbook",
]

MOST_BYTES = 5_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 100
_MOST_UNPACKED = 50_000_000
_MOST_PARTS = 1_000
# In UTF-8 and in both byte orders of UTF-16; XML parsers read other encodings only when declared.
_DECLARATIONS = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))

# A spreadsheet keeps so many digits of a number.
_DIGITS = 15
_LONGEST = 32_000
_WIDEST = 60
_AMOUNT = "#,##0.00##########"


@attrs.frozen
class Formula:
    """Stands for a cell with a formula, whose value would depend on who opened the file last."""


Cell: TypeAlias = str | Decimal | date | bool | Formula | None


def read_sheet(content: bytes, *, name: str) -> list[tuple[Cell, ...]]:
    """The rows of the first sheet, without blank cells at their ends.

    Numbers are stored as binary fractions in such files; they come as the shortest decimal
    number that means the same, which is what a person typed.

    Args:
        content: the file.
        name: of the file, for messages.

    Raises:
        ConfigurationError: openpyxl is not installed.
        InvalidValueError: it is no workbook, damaged, too large, or more than it claims to be.
    """
    _check(content, name)
    with _opened(content, name, data_only=True) as sheet:
        values = _rows(sheet, name)
    with _opened(content, name, data_only=False) as sheet:
        formulas = _rows(sheet, name)
    return [
        tuple(
            Formula() if isinstance(formula, Formula) else value
            for value, formula in zip(row, other, strict=True)
        )
        for row, other in zip(_padded(values, formulas), _padded(formulas, values), strict=True)
    ]


def _padded(rows: list[tuple[Cell, ...]], other: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """The rows, each as long as its counterpart: a formula without a value is blank in one."""
    count = max(len(rows), len(other))
    longer = [*rows, *[()] * (count - len(rows))]
    sizes = [*map(len, other), *[0] * (count - len(other))]
    return [(*row, *[None] * (size - len(row))) for row, size in zip(longer, sizes, strict=True)]


def _check(content: bytes, name: str) -> None:
    """Look at the parts of the file before they are parsed."""
    if len(content) > MOST_BYTES:
        raise _unusable(name, f"has more than {MOST_BYTES:,} bytes")
    try:
        with ZipFile(BytesIO(content)) as parts:
            infos = parts.infolist()
            if len(infos) > _MOST_PARTS or sum(i.file_size for i in infos) > _MOST_UNPACKED:
                raise _unusable(name, "unpacks to far more than a schedule of values")
            for info in infos:
                # No more is read than the directory says, and that was checked.
                if any(mark in parts.read(info) for mark in _DECLARATIONS):
                    raise _unusable(name, "holds a document type declaration")
    except ProcoreSpectrumError:
        raise
    except Exception as error:
        # Damage ends as an error of the archive, of its compression or of its encryption.
        raise _unusable(name, "is not a workbook, or damaged") from error


@contextmanager
def _opened(content: bytes, name: str, *, data_only: bool) -> Iterator[Any]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise ConfigurationError(
            "reading workbooks needs openpyxl",
            path=name,
            hint="python -m pip install 'procore-spectrum[xlsx]', or save the sheet as CSV",
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that are not read
            book = load_workbook(
                BytesIO(content), read_only=True, data_only=data_only, keep_links=False
            )
            try:
                sheet = book.worksheets[0]
                sheet.reset_dimensions()
                yield sheet
            finally:
                book.close()
    except ProcoreSpectrumError:
        raise
    except Exception as error:
        # openpyxl has no root of its own: a damaged part ends as whatever it stumbles over.
        raise _unusable(name, "is not a workbook, or damaged") from error


def _rows(sheet: Any, name: str) -> list[tuple[Cell, ...]]:
    found = []
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        if number > MOST_ROWS:
            raise _unusable(name, f"has more than {MOST_ROWS:,} rows")
        cells = [_cell(cell, name) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise _unusable(name, f"has more than {MOST_COLUMNS} columns")
        found.append(tuple(cells))
    return found


def _cell(cell: Any, name: str) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Formula()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if cell.data_type == "e":
        raise _unusable(name, f"has an error in cell {cell.coordinate}: {value!s:.20}")
    return value if isinstance(value, str | date) else str(value)


def _unusable(name: str, what: str) -> InvalidValueError:
    return InvalidValueError(
        f"the file {what}", path=name, hint="save it anew as XLSX, or as CSV in UTF-8"
    )


# ---------------------------------------------------------------- writing


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The tables as the bytes of an XLSX file, one sheet each.

    Amounts are written digit by digit. One of more than 15 digits is text, because a spreadsheet
    would round it. A text that could be taken for a formula gets an apostrophe in front.

    Raises:
        ConfigurationError: openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    book = openpyxl.Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.title)
        page.freeze_panes = "A2"
        _widen(page, sheet, openpyxl.utils.get_column_letter)
        head = [openpyxl.cell.WriteOnlyCell(page, value=name) for name in sheet.head]
        for cell in head:
            cell.font = openpyxl.styles.Font(bold=True)
        page.append(head)
        for row in sheet.rows:
            page.append([_written(openpyxl, page, value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _written(openpyxl: Any, page: Any, value: Decimal | str | None) -> Any:
    text = _text(value)
    if not isinstance(value, Decimal) or not _is_short(plain_amount(value)):
        return text
    # As text with the type of a number, because openpyxl would write a number as the binary
    # fraction next to it.
    cell = openpyxl.cell.WriteOnlyCell(page, value=text)
    cell.data_type = "n"
    cell.number_format = _AMOUNT
    return cell


def _openpyxl() -> Any:
    try:
        import openpyxl
        import openpyxl.cell
        import openpyxl.styles
        import openpyxl.utils
    except ImportError:
        raise ConfigurationError(
            "workbooks need openpyxl",
            path="xlsx",
            hint="python -m pip install 'procore-spectrum[xlsx]', or choose csv",
        ) from None
    return openpyxl


def _text(cell: Decimal | str | None) -> str | None:
    if isinstance(cell, Decimal):
        return plain_amount(cell)
    return safe_text(cell)[:_LONGEST] if cell else None


def _is_short(amount: str) -> bool:
    return sum(char.isdigit() for char in amount) <= _DIGITS


def _widen(page: Any, sheet: Sheet, letter: Callable[[int], str]) -> None:
    """As wide as the first rows need."""
    for number, name in enumerate(sheet.head):
        shown = [len(_text(row[number]) or "") for row in sheet.rows[:200]]
        width = min(max(len(name), *shown, 0) + 3, _WIDEST)
        page.column_dimensions[letter(number + 1)].width = width
