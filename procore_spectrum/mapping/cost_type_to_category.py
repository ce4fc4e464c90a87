"""A Spectrum cost type as a Procore line item type, which people call category.

Spectrum has no service that lists its cost types, so the table of them is configuration.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import attrs

from procore_spectrum.errors import ConfigurationError, Violation
from procore_spectrum.mapping.choices import one_of
from procore_spectrum.mapping.keys import key_text, keyed_origin
from procore_spectrum.mapping.limits import check_limits
from procore_spectrum.mapping.result import Mapped
from procore_spectrum.mapping.text import clean
from procore_spectrum.models.procore import BASE_TYPES, LineItemTypeSyncItem
from procore_spectrum.models.values import FieldValue

__all__ = ["CostTypeEntry", "CostTypeTable", "cost_type_to_category"]

_LABOR = "labor"


def _is_code(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not (value.isascii() and value.isalnum() and len(value) <= 3):
        raise ConfigurationError(
            f"{value!r} is not a cost type",
            path=attribute.name,
            hint="a cost type has one to three letters or digits",
        )


@attrs.frozen(kw_only=True)
class CostTypeEntry:
    """One cost type of the installation.

    Args:
        code: as in Spectrum, one to three letters or digits.
        name: what people call it in Procore.
        base_type: what kind of cost it is: ``labor`` or one of
            :data:`procore_spectrum.models.procore.BASE_TYPES`.

    Raises:
        ConfigurationError: the code or the base type is not allowed, or the name is blank.
        InvalidValueError: the code or the name is not text.
    """

    code: str = attrs.field(converter=key_text, validator=_is_code)
    name: str = attrs.field(converter=clean)
    base_type: str = attrs.field(default="other", validator=one_of((_LABOR, *BASE_TYPES)))

    @name.validator
    def _named(self, _: object, value: str) -> None:
        if not value:
            raise ConfigurationError("a cost type needs a name", path="name")


def _as_tuple(entries: Iterable[CostTypeEntry]) -> tuple[CostTypeEntry, ...]:
    return tuple(entries)


@attrs.frozen(kw_only=True)
class CostTypeTable:
    """The cost types of the installation.

    Args:
        entries: one for each cost type.
        labor_as: what ``labor`` becomes, as Procore's sync does not take it.

    Raises:
        ConfigurationError: a code is given twice, or ``labor_as`` is not allowed.
    """

    entries: tuple[CostTypeEntry, ...] = attrs.field(converter=_as_tuple)
    labor_as: str = attrs.field(default="other", validator=one_of(BASE_TYPES))

    @entries.validator
    def _distinct(self, _: object, value: Iterable[CostTypeEntry]) -> None:
        codes = [entry.code for entry in value]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ConfigurationError(
                f"cost types given more than once: {', '.join(twice)}", path="entries"
            )

    @cached_property
    def by_code(self) -> dict[str, CostTypeEntry]:
        """The entries by their code."""
        return {entry.code: entry for entry in self.entries}


def cost_type_to_category(cost_type: str, table: CostTypeTable, *, company_code: str) -> Mapped:
    """The category that this cost type should be; keys are attributes of ``LineItemTypeSyncItem``.

    A cost type that is not in the table is a violation: its name is then its code.

    Raises:
        InvalidValueError: the cost type is not text.
    """
    code = key_text(cost_type)
    entry = table.by_code.get(code)
    base_type = entry.base_type if entry else None
    fields: dict[str, FieldValue] = {
        "name": (entry.name if entry else code) or None,
        "csv_import_code": code or None,
        "base_type": table.labor_as if base_type == _LABOR else base_type,
        "origin_id": keyed_origin("cost_type", company_code, code),
    }
    violations = () if entry else (_unknown(code),)
    return Mapped(
        fields=fields,
        violations=violations + check_limits(LineItemTypeSyncItem, fields),
        notes=(_replaced(table.labor_as),) if base_type == _LABOR else (),
    )


def _unknown(code: str) -> Violation:
    return Violation(
        code="unknown-cost-type",
        message=f"the cost type {code!r} is not in the table of cost types",
        path="csv_import_code",
        hint="add it to the cost types in the configuration, with its name and base type",
    )


def _replaced(base_type: str) -> Violation:
    return Violation(
        code="labor-replaced",
        message=f"Procore's sync knows no base type labor; {base_type} was taken",
        path="base_type",
        hint="set labor_as to choose another base type",
    )
