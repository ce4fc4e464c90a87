"""What a SQL query of the installation has to look like, and how its rows become models.

Nothing here talks to a database; that is :mod:`procore_spectrum.spectrum.sql`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from procore_spectrum.errors import ConfigurationError
from procore_spectrum.models import spectrum
from procore_spectrum.models.about import FieldInfo, fields_of

__all__ = ["TABLES", "RowReader", "Table", "check_queries", "check_select"]

WHERE = "spectrum.sql.queries"
"""The section of the configuration, as it begins the path of errors."""


@attrs.frozen(kw_only=True)
class Table:
    """What one query gives.

    Args:
        name: of the query in the configuration.
        kind: of the records, in a :class:`~procore_spectrum.ports.ReadQuery`.
        model: what a row becomes; its columns are the query's result columns.
    """

    name: str
    kind: str
    model: Any

    @property
    def path(self) -> str:
        """Where the query stands in the configuration."""
        return f"{WHERE}.{self.name}"


_ALL = (
    ("subcontracts", "subcontract", spectrum.SubcontractRow),
    ("subcontract_lines", "subcontract_line", spectrum.SubcontractLineRow),
    ("change_requests", "change_request", spectrum.ChangeRequestRow),
    ("change_request_lines", "change_request_line", spectrum.ChangeRequestLineRow),
    ("change_statuses", "change_status", spectrum.ChangeStatusRow),
    ("cost_types", "cost_type", spectrum.CostTypeRow),
    ("standard_phases", "standard_phase", spectrum.StandardPhaseRow),
    ("prime_contract_lines", "prime_contract_line", spectrum.PrimeContractLineRow),
    ("job_cost_transactions", "job_cost_transaction", spectrum.JobCostTransactionRow),
    ("original_estimates", "original_estimate", spectrum.OriginalEstimateRow),
)

TABLES: Mapping[str, Table] = {
    name: Table(name=name, kind=kind, model=model) for name, kind, model in _ALL
}
"""Every query that there can be, by its name."""


# ---------------------------------------------------------------- the text of a query

_TOKEN = re.compile(
    r"""
      --[^\n]*                              # comments,
    | /\*(?!!).*?\*/
    | '(?:[^']|'')*'                        # texts
    | "(?:[^"]|"")*" | \[[^\]]*\] | `[^`]*` # and quoted names say nothing
    | (?P<word>[^\W\d]\w*)
    | (?P<end>;)
    | .
    """,
    re.DOTALL | re.VERBOSE,
)

_MOST_CHARACTERS = 50_000

# SQL Server needs no semicolon between statements, so the words themselves are looked for.
_WRITES = re.compile(
    "alter|attach|backup|bulk|call|copy|create|dbcc|deny|delete|drop|exec|execute|grant|insert|into"
    "|kill|merge|pragma|reconfigure|restore|revoke|shutdown|truncate|update|updatetext|use|vacuum"
    "|writetext"
)


def check_queries(queries: Mapping[str, str]) -> dict[str, tuple[Table, str]]:
    """The queries by kind.

    Raises:
        ConfigurationError: a name is not known, or a query is more than a single SELECT.
    """
    for name in queries:
        if name not in TABLES:
            raise ConfigurationError(
                f"there is no query {name!r}",
                path=WHERE,
                hint=f"one of {', '.join(sorted(TABLES))}",
            )
    return {
        TABLES[name].kind: (TABLES[name], check_select(text, path=TABLES[name].path))
        for name, text in queries.items()
    }


def check_select(text: str, *, path: str) -> str:
    """The query without a closing semicolon, if all that it does is read.

    This catches mistakes, not malice: only the rights of the login keep a database safe.

    Raises:
        ConfigurationError: it is blank or absurdly long, does not begin with SELECT or WITH,
            holds a second statement, or a word that writes.
    """
    if len(text) > _MOST_CHARACTERS:
        # Many brackets that are never closed take time by the square of their number.
        raise ConfigurationError(
            f"a query of more than {_MOST_CHARACTERS:,} characters",
            path=path,
            hint="make a view of it, where the database allows that, and select from there",
        )
    words: list[str] = []
    end = None
    for token in _TOKEN.finditer(text):
        if token["end"]:
            end = token.start() if end is None else end
        elif token["word"]:
            if end is not None:
                raise ConfigurationError(
                    "more than one statement", path=path, hint="give a single SELECT"
                )
            words.append(token["word"].lower())
    if not words or words[0] not in {"select", "with"}:
        raise ConfigurationError(
            "not a query", path=path, hint="begin with SELECT, or with WITH … SELECT"
        )
    for word in words:
        if _WRITES.fullmatch(word):
            raise ConfigurationError(
                f"{word.upper()} does more than read",
                path=path,
                hint="give a plain SELECT; quote the word if it is a column's name",
            )
    return text[:end].strip()


# ---------------------------------------------------------------- rows


class RowReader:
    """Turns the rows of one query into models, strictly.

    Args:
        table: what the query gives.
        columns: names of the result columns, in their order; upper or lower case.
        company_code: the company that every row has to belong to.

    Raises:
        ConfigurationError: a result column is missing, or there twice. Others are ignored.
    """

    def __init__(self, table: Table, columns: Sequence[str], company_code: str) -> None:
        self._table = table
        self._company = company_code
        self._fields = [
            (field, position)
            for field in fields_of(table.model)
            if (position := self._position(field, [name.lower() for name in columns])) is not None
        ]

    def _position(self, field: FieldInfo, columns: list[str]) -> int | None:
        count = columns.count(field.wire)
        if count == 1:
            return columns.index(field.wire)
        optional = attrs.fields_dict(self._table.model)[field.name].default is not attrs.NOTHING
        if count == 0 and optional:
            return None
        raise ConfigurationError(
            f"the query of {self._table.name} gives the column {field.wire} "
            + ("twice" if count else "not at all"),
            path=f"{self._table.path}: {field.wire}",
            hint=f"name one result column: … AS {field.wire}",
        )

    def read(self, number: int, values: Sequence[object]) -> Any:
        """The model of a row.

        Args:
            number: of the row, from 1; for messages.
            values: as the driver gave them.

        Raises:
            ConfigurationError: a value is not of the column's type, a key is blank, or the row
                belongs to another company.
        """
        found = {}
        for field, position in self._fields:
            path = f"{self._table.path}: {field.wire}, row {number}"
            found[field.name] = _value(field, values[position], path)
        if found["company_code"] != self._company:
            raise ConfigurationError(
                f"a row of company {found['company_code']!r}",
                path=f"{self._table.path}: company_code, row {number}",
                hint="add: WHERE … = :company_code",
            )
        return self._table.model(**found)


def _value(field: FieldInfo, value: object, path: str) -> Any:
    convert, hint = _CONVERTERS[getattr(field.type, "__supertype__", field.type)]
    try:
        found = convert(value)
    except (TypeError, ValueError, InvalidOperation):
        shown = repr(value[:20]) if isinstance(value, str) else type(value).__name__
        raise ConfigurationError(
            f"{'NULL' if value is None else shown} cannot be used", path=path, hint=hint
        ) from None
    if field.about.required and found == "":
        raise ConfigurationError(
            "part of the key is blank", path=path, hint="leave such rows out with WHERE"
        )
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_MOST_DIGITS = 100


def _number(value: object) -> Decimal:
    """An exact number. A float is none: where it came from, cents may be lost already."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError
    found = Decimal(value)
    if not found.is_finite() or abs(found.adjusted()) > _MOST_DIGITS:
        raise ValueError
    return found


def _whole(value: object) -> int:
    found = _number(value)
    if found != int(found):
        raise ValueError
    return int(found)


def _day(value: object) -> date:
    """A day; a point in time without a zone, as SQL Server stores days, is its day."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise TypeError
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value.strip())
    raise TypeError


_CONVERTERS: Mapping[Any, tuple[Callable[[object], Any], str]] = {
    str: (_text, "give text: CAST(… AS VARCHAR(…))"),
    Decimal: (
        _number,
        "give an exact number: CAST(… AS DECIMAL(19, 4)), as TEXT on sqlite; "
        "COALESCE(…, 0) in place of NULL",
    ),
    int: (_whole, "give a whole number: CAST(… AS INTEGER)"),
    date: (_day, "give a day: CAST(… AS DATE), or text as YYYY-MM-DD"),
}
