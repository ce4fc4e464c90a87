"""Schedules of values that people keep in a table: CSV in UTF-8, or XLSX.

The first row that names the columns is the head. Needed are ``item`` and ``amount``, or ``item``,
``quantity`` and ``unit price``; known are also ``description``, ``unit``, ``phase`` and
``cost type``, and some common names for each. Other columns are ignored, as are blank rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from procore_spectrum.errors import InvalidValueError, Violation
from procore_spectrum.files.workbooks import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    Formula,
    read_sheet,
)
from procore_spectrum.models.schedules import ScheduleLine

__all__ = ["COLUMNS", "parse_schedule", "read_schedule"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "item": ("item", "billing item", "billing item code", "item code", "item number"),
    "description": ("description", "billing description", "description of work"),
    "amount": ("amount", "original contract", "scheduled value", "original amount"),
    "quantity": ("quantity", "original quantity"),
    "unit": ("unit", "uom", "unit of measure"),
    "unit_price": ("unit price", "billing unit price", "price"),
    "phase_code": ("phase", "phase code", "cost code"),
    "cost_type": ("cost type", "category"),
}
"""The columns of a schedule, with the names by which each is known."""

_NAMES = {name: column for column, names in COLUMNS.items() for name in names}
_NUMBERS = ("amount", "quantity", "unit_price")
_NUMBER = re.compile(r"-?\$?(\d{1,3}(,\d{3})+|\d{1,18})(\.\d{1,10})?", re.ASCII)


def read_schedule(path: str | Path) -> tuple[ScheduleLine, ...]:
    """The lines of a schedule of values, in their order.

    Raises:
        InvalidValueError: the file cannot be read, or lines cannot be used; all of them are
            named.
        ConfigurationError: it is a workbook, and openpyxl is not installed.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidValueError(
            f"the schedule of values cannot be read: {error.strerror or 'no such file'}",
            path=str(file),
            hint="check the name and the rights of the file",
        ) from None
    return parse_schedule(content, name=str(file))


def parse_schedule(content: bytes, *, name: str) -> tuple[ScheduleLine, ...]:
    """The lines of a schedule of values in a file's content; ``name`` ends in .csv or .xlsx.

    Raises:
        InvalidValueError: as :func:`read_schedule`.
        ConfigurationError: as :func:`read_schedule`.
    """
    if len(content) > MOST_BYTES:
        raise InvalidValueError(f"the file has more than {MOST_BYTES:,} bytes", path=name)
    is_workbook = name.lower().endswith(".xlsx") or content.startswith(b"PK")
    rows = read_sheet(content, name=name) if is_workbook else _read_csv(content, name)
    head, columns = _head(rows, name)
    faults: list[Violation] = []
    lines = []
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        cells = {column: row[at] for column, at in columns.items() if at < len(row)}
        if any(not _is_blank(cell) for cell in cells.values()):
            line, wrong = _line(cells, f"row {number}")
            lines.append(line)
            faults += wrong
    if not lines:
        faults.append(Violation(code="schedule-empty", message="there are no lines", path=name))
    if faults:
        raise InvalidValueError(
            "the schedule of values cannot be used",
            path=name,
            violations=faults,
            hint="correct the file; nothing of it was taken",
        )
    return tuple(lines)


def _read_csv(content: bytes, name: str) -> list[tuple[Cell, ...]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValueError(
            "the file is not text in UTF-8", path=name, hint="save it as CSV UTF-8"
        ) from error
    first = next(iter(text.splitlines()), "")
    delimiter = max(",;\t", key=lambda sign: (first.count(sign), sign == ","))
    try:
        rows = list(_rows(text, delimiter, name))
    except csv.Error as error:
        raise InvalidValueError(
            f"the file is not CSV: {error}", path=name, hint="save it as CSV anew"
        ) from error
    return rows


def _rows(text: str, delimiter: str, name: str) -> Iterator[tuple[Cell, ...]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number, row in enumerate(reader, start=1):
        if number > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise InvalidValueError(
                f"the file has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns", path=name
            )
        yield tuple(row)


def _head(rows: Sequence[tuple[Cell, ...]], name: str) -> tuple[int, dict[str, int]]:
    """The row that names the columns, and where each is."""
    for number, row in enumerate(rows):
        found = [_NAMES.get(_plain(cell)) for cell in row]
        named = [column for column in found if column is not None]
        if "item" in named and ("amount" in named or {"quantity", "unit_price"} <= set(named)):
            for column in named:
                if named.count(column) > 1:
                    raise InvalidValueError(
                        f"two columns are named {column.replace('_', ' ')}",
                        path=f"{name}, row {number + 1}",
                        hint="leave one of them",
                    )
            return number, {column: found.index(column) for column in named}
    raise InvalidValueError(
        "no row names the columns item and amount",
        path=name,
        hint="begin with a row such as: item,description,amount",
    )


def _plain(cell: Cell) -> str:
    return re.sub(r"[\W_]+", " ", cell.lower()).strip() if isinstance(cell, str) else ""


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _line(cells: Mapping[str, Cell], where: str) -> tuple[ScheduleLine, list[Violation]]:
    faults: list[Violation] = []
    values: dict[str, Any] = {"item": ""}
    for column, cell in cells.items():
        path = f"{where}: {column.replace('_', ' ')}"
        if isinstance(cell, Formula) or (isinstance(cell, str) and cell.lstrip().startswith("=")):
            faults.append(
                Violation(
                    code="schedule-formula",
                    message="is a formula",
                    path=path,
                    hint="replace formulas by their values",
                )
            )
        elif column in _NUMBERS:
            values[column] = _number(cell, path, faults)
        else:
            values[column] = _text(cell, path, faults)
    return ScheduleLine(**values), faults


def _number(cell: Cell, path: str, faults: list[Violation]) -> Decimal | None:
    if _is_blank(cell):
        return None
    if isinstance(cell, Decimal):
        return cell
    text = cell.strip() if isinstance(cell, str) else ""
    if _NUMBER.fullmatch(text):
        return Decimal(text.replace(",", "").replace("$", ""))
    faults.append(
        Violation(
            code="not-a-number",
            message=f"{str(cell)!r:.40} is no number",
            path=path,
            hint="write it as 1234.50 or 1,234.50",
        )
    )
    return None


def _text(cell: Cell, path: str, faults: list[Violation]) -> str:
    """The text; a number that a workbook holds instead is taken if it can be spelled one way."""
    if isinstance(cell, Decimal) and cell == cell.to_integral_value() and abs(cell) < 10**15:
        return f"{cell:.0f}"
    if cell is None or isinstance(cell, str):
        return (cell or "").strip()
    faults.append(
        Violation(
            code="schedule-text",
            message=f"{cell} is a number or a day, where a text is needed",
            path=path,
            hint="format the column as text and enter it again",
        )
    )
    return ""
