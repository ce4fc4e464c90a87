"""Tables that people open in a spreadsheet, as values; and the same as CSV.

A text from either system must not become a formula when a spreadsheet opens the file: one that
could gets an apostrophe in front. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from procore_spectrum.plan.reconciliation import plain_amount
from procore_spectrum.plan.render import one_line

__all__ = ["Cell", "Sheet", "safe_text", "to_csv"]

Cell: TypeAlias = "str | Decimal | None"

# What makes a spreadsheet read a text as a formula, the wide forms of East Asia included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@attrs.frozen(kw_only=True)
class Sheet:
    """A table with a head. Amounts are Decimal; all other cells are text."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def safe_text(text: str) -> str:
    """The text on one line, such that no spreadsheet takes it for a formula."""
    shown = one_line(text)
    return f"'{shown}" if text.lstrip(" ").startswith(_FORMULA) else shown


def to_csv(sheet: Sheet) -> str:
    """The table as CSV (RFC 4180): amounts without separators, every text quoted where needed."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.head)
    for row in sheet.rows:
        writer.writerow([_shown(cell) for cell in row])
    return out.getvalue()


def _shown(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return plain_amount(cell)
    return safe_text(cell) if cell else ""
