"""The element layouts of the services, read once from ``layouts.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from procore_spectrum.errors import InvalidValueError

__all__ = ["LAYOUTS", "Field", "Layout", "Value"]

Value: TypeAlias = "str | Decimal | date"

_NUMBER = re.compile(r"(-?)(\d*)(?:\.(\d*))?", re.ASCII)
_DATE = re.compile(r"\d\d/\d\d/\d{4}", re.ASCII)
_DECIMALS = 2


def _optional_decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@attrs.frozen(kw_only=True)
class Field:
    """One element of a service.

    Args:
        kind: ``Text``, ``Numeric``, ``Date`` or ``UDF``.
        max_length: characters on the wire; None = not known.
        required: True, False or ``"conditional"``.
        choices: the permitted values; empty = any.
        minimum, maximum: inclusive bounds of a number.
        above: exclusive lower bound of a number.
        format: ``"-10.2"`` = sign allowed, ten integer digits, two decimals.
        refused_characters: characters that must not occur.
        exact_length: the only permitted length.
        super_select: the value is a selection expression.
        from_authorization: a blank takes the Authorization ID's default.
    """

    name: str
    direction: str
    kind: str
    max_length: int | None
    required: bool | str
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    above: Decimal | None = None
    format: str = ""
    refused_characters: str = ""
    exact_length: int | None = None
    super_select: bool = False
    from_authorization: bool = False

    def parse(self, text: str) -> Value:
        """The value of a text that :meth:`accepts` has let through."""
        if self.kind == "Numeric":
            return Decimal(text)
        if self.kind == "Date":
            return _day(text)
        return text

    def accepts(self, text: str) -> bool:
        """Whether a text that is not blank has the right length and form."""
        if self.super_select:
            return True
        if self.max_length is not None and len(text) > self.max_length:
            return False
        if self.exact_length is not None and len(text) != self.exact_length:
            return False
        if any(character in text for character in self.refused_characters):
            return False
        if self.choices and text not in self.choices:
            return False
        if self.kind == "Numeric":
            return self._accepts_number(text)
        return self.kind != "Date" or _is_date(text)

    def _accepts_number(self, text: str) -> bool:
        match = _NUMBER.fullmatch(text)
        if match is None or not (match[2] or match[3]):
            return False
        whole, _, decimals = self.format.lstrip("-").partition(".")
        if self.format and match[1] and not self.format.startswith("-"):
            return False
        if whole and len(match[2].lstrip("0")) > int(whole):
            return False
        if len(match[3] or "") > (int(decimals) if decimals else _DECIMALS):
            return False
        number = Decimal(text)
        return (
            (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
            and (self.above is None or number > self.above)
        )

    def store(self, value: object) -> Value:
        """A value given by a test, in the type in which it is kept.

        Raises:
            InvalidValueError: not a value of this element's type.
        """
        if self.kind == "Numeric":
            if isinstance(value, Decimal) and value.is_finite():
                return value
            if isinstance(value, (str, int)) and _NUMBER.fullmatch(str(value)):
                return Decimal(value)
        elif self.kind == "Date":
            if isinstance(value, date):
                return value
            if isinstance(value, str) and _is_date(value):
                return _day(value)
        elif isinstance(value, str):
            return value
        raise InvalidValueError(
            f"{value!r} is not a {self.kind} value",
            path=self.name,
            hint="text as str, numbers as Decimal or text, dates as date or MM/DD/CCYY",
        )


def _day(text: str) -> date:
    month, day, year = map(int, text.split("/"))
    return date(year, month, day)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        _day(text)
    except ValueError:
        return False
    return True


@attrs.frozen(kw_only=True)
class Layout:
    """The elements of one service in their order on the wire.

    ``kind`` is Get, Add, Update, Add/Update or Test; ``protocol`` is SOAP or REST.
    """

    name: str
    kind: str
    protocol: str
    fields: tuple[Field, ...]

    @cached_property
    def inputs(self) -> tuple[Field, ...]:
        """The elements of the request."""
        return tuple(field for field in self.fields if field.direction == "in")

    @cached_property
    def outputs(self) -> tuple[Field, ...]:
        """The elements of one answered row; empty for writes."""
        return tuple(field for field in self.fields if field.direction == "out")

    @property
    def wrapper(self) -> str:
        """The element around the rows: the service's name with a small first letter."""
        return self.name[0].lower() + self.name[1:]


def _field(entry: Mapping[str, Any]) -> Field:
    length = entry["max_length"]
    return Field(
        name=entry["name"],
        direction=entry["direction"],
        kind=entry["type"],
        max_length=length if isinstance(length, int) else None,
        required=entry["required"],
        choices=tuple(entry.get("choices", ())),
        minimum=_optional_decimal(entry.get("minimum")),
        maximum=_optional_decimal(entry.get("maximum")),
        above=_optional_decimal(entry.get("above")),
        format=entry.get("format", ""),
        refused_characters=entry.get("refused_characters", ""),
        exact_length=entry.get("exact_length"),
        super_select=entry.get("super_select", False),
        from_authorization=entry.get("default") == "authorization",
    )


def _read() -> dict[str, Layout]:
    text = Path(__file__).with_name("layouts.json").read_text(encoding="utf-8")
    return {
        name: Layout(
            name=name,
            kind=entry["kind"],
            protocol=entry["protocol"],
            fields=tuple(map(_field, entry["fields"])),
        )
        for name, entry in json.loads(text).items()
    }


LAYOUTS: Mapping[str, Layout] = _read()
