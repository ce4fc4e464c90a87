"""The page about SQL names every column, and its template is one that the reader takes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import attrs
import pytest

from procore_spectrum.models.about import fields_of
from procore_spectrum.spectrum.sql_queries import TABLES, RowReader, check_select

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "read-spectrum-by-sql.md"
TEXT = PAGE.read_text("utf-8")
TEMPLATE = tomllib.loads(re.findall(r"^```toml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)[0])
QUERIES: dict[str, str] = TEMPLATE["spectrum"]["sql"]["queries"]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_page_lists_the_result_columns(name: str) -> None:
    """All of them, in their order, and which may be left out."""
    model = TABLES[name].model
    (row,) = (line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |"))
    needed, _, optional = row.split("|")[2].partition("optional:")
    defaults = {field.name: field.default for field in attrs.fields(model)}
    for text, given in ((needed, False), (optional, True)):
        wanted = [
            field.wire
            for field in fields_of(model)
            if (defaults[field.name] is not attrs.NOTHING) is given
        ]
        assert sorted(re.findall(r"`(\w+)`", text)) == sorted(wanted)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_the_template_gives_every_column(name: str) -> None:
    """And does nothing but read."""
    query = check_select(QUERIES[name], path="x")
    columns = re.findall(r"AS (\w+)", re.sub(r"CAST\(.*?\)\)", "", query))
    RowReader(TABLES[name], columns, "ABC")
