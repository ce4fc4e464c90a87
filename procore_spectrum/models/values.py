"""The kinds of value that a mapped field may hold: a closed set, without float."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeAlias

__all__ = ["FieldValue"]

FieldValue: TypeAlias = str | int | bool | Decimal | date | tuple[str, ...] | None
