"""Spectrum read by SQL: every kind, scopes, what is refused, and nothing that writes."""

from __future__ import annotations

import sys
from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from sql_installation import COLUMNS, KINDS, Installation
from sqlalchemy import create_engine, text

from procore_spectrum.errors import (
    ConfigurationError,
    NotPermittedError,
    ProcoreSpectrumError,
    UnavailableError,
)
from procore_spectrum.models import spectrum
from procore_spectrum.models.about import fields_of
from procore_spectrum.ports import Reading, ReadQuery, Source
from procore_spectrum.spectrum.sql import SqlSpectrumReader
from procore_spectrum.spectrum.sql_queries import TABLES
from procore_spectrum.testing import FakeClock, FakeSpectrum
from procore_spectrum.testing.reference_company import reference_company

PASSWORD = "CANARY-PASSWORD"
NOWHERE = f"postgresql+psycopg://canary:{PASSWORD}@127.0.0.1:1/none"


def reference() -> FakeSpectrum:
    """The reference company with contracts, changes and costs on its first job."""
    fake = FakeSpectrum()
    company = reference_company("S")
    company.load_into(fake)
    fake.add_company("XYZ")
    fake.add_cost_type("Z", "Of another company", company_code="XYZ")
    fake.add_change_status("CO", 3)
    job = company.phases[0].job_number
    code, cost_type = company.phases[0].phase_code, company.phases[0].cost_type
    fake.add_phase_category("STD", [{"Phase_Code": code, "Cost_Type": cost_type}])
    fake.add_billing_item(job, "0010", "Concrete", amount=Decimal("5000.05"))
    fake.add_job_cost(job, code, cost_type, date(2026, 1, 5), Decimal("-12.34"), description="Back")
    return fake


def contracts(rows: dict[str, list[dict[str, Any]]], job: str) -> None:
    """Rows of a subcontract and a change request, as an accountant would have entered them."""
    key = {"company_code": "ABC", "vendor_code": "ACME", "subcontract_number": "SC/1"}
    pair = {"phase_code": "03-3000", "cost_type": "S"}
    request = {
        "company_code": "ABC",
        "job_number": job,
        "customer_code": "CITY",
        "change_request_number": "7",
    }
    amounts = {"quantity": Decimal(4), "amount": Decimal("10.10")}
    rows["subcontracts"].append(
        {
            **key,
            "job_number": job,
            "status_code": "A",
            "retention_percent": Decimal("10.5"),
            "comment": "Concrete ",
        }
    )
    rows["subcontract_lines"].append(
        {
            **key,
            **pair,
            **amounts,
            "bid_item_number": "",
            "description": "Footings",
            "unit_price": Decimal("2.525"),
        }
    )
    rows["change_requests"].append({**request, "status_code": "CO", "description": "More"})
    rows["change_request_lines"].append(
        {
            **request,
            **pair,
            **amounts,
            "vendor_code": "ACME",
            "subcontract_number": "SC/1",
            "sub_amount": Decimal(-5),
            "sub_status": "P",
        }
    )


@pytest.fixture
def filled(installation: Installation) -> tuple[Installation, dict[str, list[dict[str, Any]]]]:
    """An installation with rows in every table, and the rows."""
    fake = reference()
    rows: dict[str, list[dict[str, Any]]] = dict(fake.sql_rows())
    contracts(rows, rows["prime_contract_lines"][0]["job_number"])
    installation.fill(rows)
    return installation, rows


def as_row(record: Any, columns: Collection[str]) -> dict[str, Any]:
    """A record by those of its result columns that the rows have; optional ones may be missing."""
    fields = fields_of(type(record))
    return {f.wire: getattr(record, f.name) for f in fields if f.wire in columns}


def trimmed(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it shall be read."""
    return {name: v.strip() if isinstance(v, str) else v for name, v in row.items()}


def by_text(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In one order; numbers by value."""
    return sorted(rows, key=lambda row: [str(v) for v in row.values() if isinstance(v, str)])


# ---------------------------------------------------------------- what is read


def test_every_kind_of_the_reference_company_is_read(
    filled: tuple[Installation, dict[str, list[dict[str, Any]]]],
) -> None:
    """Value by value what was entered, of this company only, and whole."""
    installation, rows = filled
    reader = installation.reader()
    for kind, name in KINDS.items():
        wanted = [trimmed(row) for row in rows[name] if row["company_code"] == "ABC"]
        reading = reader.read(ReadQuery(kind=kind))
        assert wanted, f"nothing to compare in {name}"
        assert by_text([as_row(item, wanted[0]) for item in reading.items]) == by_text(wanted)
        assert (reading.complete, reading.requests) == (True, 1)


def test_amounts_are_exact(filled: tuple[Installation, Any]) -> None:
    """No float anywhere between the database and the model."""
    installation, _ = filled
    for kind in KINDS:
        for item in installation.reader().read(ReadQuery(kind=kind)).items:
            assert not any(isinstance(value, float) for value in attrs.astuple(item))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_result_columns_are_those_of_the_fake(name: str) -> None:
    """What the models document is what the fake offers, except for optional columns."""
    model = TABLES[name].model
    defaults = {field.name: field.default for field in attrs.fields(model)}
    needed = [f.wire for f in fields_of(model) if defaults[f.name] is attrs.NOTHING]
    assert sorted(needed) == sorted(COLUMNS[name])


def test_it_is_a_source(sqlite: Installation) -> None:
    """Wherever a source is taken, it fits."""
    assert isinstance(sqlite.reader(), Source)


def test_a_kind_without_a_query_is_not_known_to_be_empty(sqlite: Installation) -> None:
    """Absence means nothing there, for kinds of no table too."""
    reader = sqlite.reader({})
    for kind in (*KINDS, "vendor"):
        reading: Reading[Any] = reader.read(ReadQuery(kind=kind))
        assert (reading.items, reading.complete) == ((), False)


def test_a_reading_tells_when_it_began(sqlite: Installation) -> None:
    """Before the query, by the reader's clock."""
    clock = FakeClock()
    reading = sqlite.reader(clock=clock).read(ReadQuery(kind="cost_type"))
    assert reading.as_of == clock.now()


NARROWING = "(:job_number IS NULL OR c_job_number = :job_number)"


@pytest.mark.parametrize("narrowing", ["1 = 1", NARROWING], ids=["by us", "by the query"])
@pytest.mark.parametrize("scope", [None, "1", "2"])
def test_a_scope_is_a_job(installation: Installation, scope: str | None, narrowing: str) -> None:
    """Whether or not the query names it; without one, all jobs are read."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for job in ("1", "2"):
        line = {"job_number": job, "item": "1", "description": "", "amount": Decimal(1)}
        rows["prime_contract_lines"].append({"company_code": "ABC", **line})
    installation.fill(rows)
    query = f"{installation.query('prime_contract_lines')} AND {narrowing}"
    reader = installation.reader({"prime_contract_lines": query})
    found = reader.read(ReadQuery(kind="prime_contract_line", scope=scope)).items
    assert [item.job_number for item in found] == ([scope] if scope else ["1", "2"])


def test_an_engine_of_the_callers_stays_open_and_writable(sqlite: Installation) -> None:
    """It is used as it is, and given back as it was."""
    engine = create_engine(sqlite.url)
    reader = SqlSpectrumReader(engine, company_code="ABC", queries=sqlite.queries)
    reader.read(ReadQuery(kind="cost_type"))
    reader.close()
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO cost_types VALUES ('ABC', 'L', 'Labor')"))
    assert len(reader.read(ReadQuery(kind="cost_type")).items) == 1
    engine.dispose()


def test_optional_columns_make_lines_different(sqlite: Installation) -> None:
    """A query that knows the billing of change request lines may tell it."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    contracts(rows, "J1")
    sqlite.fill(rows)
    query = sqlite.query("change_request_lines").replace(
        "SELECT ", "SELECT '0010' AS cr_billing_item_code, "
    )
    (line,) = (
        sqlite.reader({"change_request_lines": query})
        .read(ReadQuery(kind="change_request_line"))
        .items
    )
    assert line.cr_billing_item_code == "0010"
    assert line.target_id == "J1/CITY/7/033000/S/ACME/SC%2F1////0010"


# ---------------------------------------------------------------- strict values


def read_one(value: str, column: str = "amount", *, name: str = "prime_contract_lines") -> Any:
    """What a column with that SQL expression becomes."""
    plain = {
        "company_code": "'ABC'",
        "job_number": "'J1'",
        "item": "'1'",
        "description": "'x'",
        "amount": "'1.00'",
        "phase_code": "'1'",
        "cost_type": "'L'",
        "date": "'2026-01-05'",
        "hours": "0",
        "quantity": "0",
        "status_code": "'C'",
        "action_type": "3",
    }
    values = {**{wanted: plain[wanted] for wanted in COLUMNS[name]}, column: value}
    query = "SELECT " + ", ".join(f"{sql} AS {wanted}" for wanted, sql in values.items())
    reader = SqlSpectrumReader(
        "sqlite://", company_code="ABC", queries={name: query}, clock=FakeClock()
    )
    (item,) = reader.read(ReadQuery(kind=TABLES[name].kind)).items
    return next(
        getattr(item, field.name) for field in fields_of(type(item)) if field.wire == column
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [("'12.30'", "12.30"), ("7", "7"), ("'-.5'", "-0.5"), ("' 1 '", "1")],
)
def test_exact_numbers_are_taken(value: str, found: str) -> None:
    """Text and whole numbers keep every digit."""
    assert str(read_one(value)) == found


@pytest.mark.parametrize("value", ["1.5", "'NaN'", "'1e3'", "'1,5'", "''", "NULL", "x'00'"])
def test_other_numbers_are_refused(value: str) -> None:
    """Floats above all, because cents may be lost already; the hint says how to cast."""
    with pytest.raises(ConfigurationError) as caught:
        read_one(value)
    assert caught.value.path == "spectrum.sql.queries.prime_contract_lines: amount, row 1"
    assert "CAST" in caught.value.hint


@pytest.mark.parametrize(("value", "found"), [("'  a b '", "a b"), ("NULL", ""), ("'  '", "")])
def test_texts_are_trimmed(value: str, found: str) -> None:
    """NULL and blanks are the same nothing."""
    assert read_one(value, "description") == found


@pytest.mark.parametrize("value", ["1", "1.5", "x'61'"])
def test_other_texts_are_refused(value: str) -> None:
    """A number as a code would lose its leading zeros."""
    with pytest.raises(ConfigurationError, match="cannot be used"):
        read_one(value, "description")


@pytest.mark.parametrize("value", ["''", "NULL", "'  '"])
def test_a_blank_key_is_refused(value: str) -> None:
    """Two such rows could not be told apart."""
    with pytest.raises(ConfigurationError, match="part of the key is blank"):
        read_one(value, "job_number")


def test_a_row_of_another_company_is_refused() -> None:
    """A query that forgets the company would mix two companies' books."""
    with pytest.raises(ConfigurationError, match="a row of company 'XYZ'") as caught:
        read_one("'XYZ'", "company_code")
    assert ":company_code" in caught.value.hint


def test_days_are_taken_from_text() -> None:
    """As sqlite stores them."""
    assert read_one("'2026-01-05'", "date", name="job_cost_transactions") == date(2026, 1, 5)


@pytest.mark.parametrize("value", ["'5.1.2026'", "20260105", "NULL", "''"])
def test_other_days_are_refused(value: str) -> None:
    """Nobody guesses which part is the month."""
    with pytest.raises(ConfigurationError, match="cannot be used"):
        read_one(value, "date", name="job_cost_transactions")


@pytest.mark.parametrize("value", ["'2026-01-05 13:30'", "'2026-01-05'"])
def test_a_point_in_time_is_its_day(postgresql: Installation, value: str) -> None:
    """SQL Server stores days so."""
    postgresql.fill(reference().sql_rows())
    name = "job_cost_transactions"
    query = postgresql.query(name).replace("c_date AS", f"TIMESTAMP {value} AS")
    (item,) = postgresql.reader({name: query}).read(ReadQuery(kind="job_cost_transaction")).items
    assert item.transaction_date == date(2026, 1, 5)


def test_a_point_in_time_with_a_zone_is_refused(postgresql: Installation) -> None:
    """Its day depends on where one stands."""
    postgresql.fill(reference().sql_rows())
    name = "job_cost_transactions"
    query = postgresql.query(name).replace("c_date AS", "now() AS")
    error = failure(postgresql.reader({name: query}), "job_cost_transaction")
    assert "datetime cannot be used" in error.message


@pytest.mark.parametrize("value", ["3", "'3'"])
def test_action_types_are_whole_numbers(value: str) -> None:
    """As a number or as text."""
    assert read_one(value, "action_type", name="change_statuses") == 3


@pytest.mark.parametrize("value", ["'3.5'", "3.0", "NULL"])
def test_other_action_types_are_refused(value: str) -> None:
    """An action decides what may be written."""
    with pytest.raises(ConfigurationError, match="cannot be used"):
        read_one(value, "action_type", name="change_statuses")


# ---------------------------------------------------------------- result columns


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_missing_column_is_named(sqlite: Installation, name: str) -> None:
    """With the table, whichever column it is, even if there are no rows."""
    for column in COLUMNS[name]:
        query = sqlite.query(name).replace(f"c_{column} AS {column}", f"c_{column} AS other")
        with pytest.raises(ConfigurationError) as caught:
            sqlite.reader({name: query}).read(ReadQuery(kind=TABLES[name].kind))
        assert caught.value.path == f"spectrum.sql.queries.{name}: {column}"
        assert f"{name} gives the column {column} not at all" in caught.value.message


def test_surplus_columns_are_ignored(sqlite: Installation) -> None:
    """A view may have more than is needed; capitals do not matter."""
    sqlite.execute("INSERT INTO cost_types VALUES ('ABC', 'L', 'Labor')")
    query = (
        "SELECT 1 AS more, c_company_code AS COMPANY_CODE, c_cost_type AS Cost_Type, "
        "c_description AS description, 1.5 AS rest FROM cost_types"
    )
    (found,) = sqlite.reader({"cost_types": query}).read(ReadQuery(kind="cost_type")).items
    assert found == spectrum.CostTypeRow(company_code="ABC", cost_type="L", description="Labor")


def test_a_column_that_is_there_twice_is_refused(sqlite: Installation) -> None:
    """Which of the two is meant cannot be known."""
    query = sqlite.query("cost_types").replace("SELECT ", "SELECT 'x' AS description, ")
    with pytest.raises(ConfigurationError, match="gives the column description twice"):
        sqlite.reader({"cost_types": query}).read(ReadQuery(kind="cost_type"))


# ---------------------------------------------------------------- only reading


@pytest.mark.parametrize(
    "query",
    [
        "",
        "-- SELECT 1",
        "DELETE FROM cost_types",
        "PRAGMA query_only = OFF",
        "SELECT 1; DELETE FROM cost_types",
        "SELECT 1 DELETE FROM cost_types",
        "SELECT 1; SELECT 2",
        "SELECT * INTO copied FROM cost_types",
        "WITH gone AS (DELETE FROM cost_types RETURNING *) SELECT * FROM gone",
        "select 1 /* harmless */ ; drop table cost_types",
        "SELECT 'it''s' exec sp_who",
        "EXPLAIN SELECT 1",
    ],
)
def test_what_does_more_than_read_is_refused(sqlite: Installation, query: str) -> None:
    """Before any connection is made."""
    with pytest.raises(ConfigurationError) as caught:
        sqlite.reader({"cost_types": query})
    assert caught.value.path == "spectrum.sql.queries.cost_types"


@pytest.mark.parametrize(
    "query",
    [
        "{};",
        "{} -- delete this comment; or not",
        "/* update */ {}",
        "WITH found AS ({}) SELECT * FROM found",
        "SELECT * FROM ({}) AS inside WHERE 'drop; table' <> ''",
        'SELECT company_code AS "update", inside.* FROM ({}) AS inside',
    ],
)
def test_words_in_texts_names_and_comments_do_not_matter(sqlite: Installation, query: str) -> None:
    """Only statements are looked at."""
    sqlite.execute("INSERT INTO cost_types VALUES ('ABC', 'L', 'Labor')")
    reader = sqlite.reader({"cost_types": query.format(sqlite.query("cost_types"))})
    assert len(reader.read(ReadQuery(kind="cost_type")).items) == 1


def test_sqlite_cannot_write(sqlite: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a writing statement got past the look at its words."""
    looked = "procore_spectrum.spectrum.sql_queries.check_select"
    monkeypatch.setattr(looked, lambda text, **_: text)
    insert = "INSERT INTO cost_types VALUES ('ABC', 'L', 'Labor') RETURNING 1"
    error = failure(sqlite.reader({"cost_types": insert}))
    assert "attempt to write a readonly database" in error.message
    assert sqlite.reader().read(ReadQuery(kind="cost_type")).items == ()


def test_postgresql_cannot_write(postgresql: Installation) -> None:
    """A SELECT can write by a function; the transaction is read-only."""
    postgresql.execute(f"CREATE SEQUENCE {postgresql.schema}numbers")
    query = f"SELECT nextval('{postgresql.schema}numbers')"
    error = failure(postgresql.reader({"cost_types": query}))
    assert "cannot execute nextval() in a read-only transaction" in error.message


# ---------------------------------------------------------------- configuration


def test_a_table_that_does_not_exist_is_refused(sqlite: Installation) -> None:
    """A typing mistake does not go unnoticed."""
    with pytest.raises(ConfigurationError, match="no query 'subcontract'") as caught:
        sqlite.reader({"subcontract": "SELECT 1"})
    assert "subcontracts" in caught.value.hint


def test_other_parameters_are_refused(sqlite: Installation) -> None:
    """Nothing could be given for them."""
    with pytest.raises(ConfigurationError, match="no parameter :vendor"):
        sqlite.reader({"cost_types": "SELECT 1 WHERE 1 = :vendor"})


def test_filters_are_refused(sqlite: Installation) -> None:
    """An ignored filter would give too much."""
    with pytest.raises(ConfigurationError, match="no filters"):
        sqlite.reader().read(ReadQuery(kind="cost_type", filters={"complete": True}))


def test_without_the_extra_the_command_is_told(
    sqlite: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to install, instead of an ImportError."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ConfigurationError, match="needs SQLAlchemy") as caught:
        SqlSpectrumReader(sqlite.url, company_code="ABC", queries={})
    assert "pip install 'procore-spectrum[sql]'" in caught.value.hint


def test_without_the_driver_its_name_is_told() -> None:
    """The extra brings no driver, because which one is needed depends on the database."""
    with pytest.raises(ConfigurationError, match="pyodbc is not installed"):
        SqlSpectrumReader("mssql+pyodbc://u:p@host/db", company_code="ABC", queries={})


# ---------------------------------------------------------------- what goes wrong


def failure(reader: SqlSpectrumReader, kind: str = "cost_type") -> ProcoreSpectrumError:
    """The error of a reading, without a foreign one behind it."""
    with pytest.raises(ProcoreSpectrumError) as caught:
        reader.read(ReadQuery(kind=kind))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://u:{PASSWORD}@host:port/db",
        f"nothing+known://u:{PASSWORD}@host/db",
        PASSWORD,
        "",
    ],
)
def test_no_url_is_refused_without_showing_it(url: str) -> None:
    """It may hold a password, whatever else is wrong with it."""
    with pytest.raises(ConfigurationError, match="SPECTRUM_SQL_URL") as caught:
        SqlSpectrumReader(url, company_code="ABC", queries={})
    assert PASSWORD not in f"{caught.value}{caught.value.hint}{caught.value.path}"
    assert caught.value.__suppress_context__


def test_an_unreachable_database_is_a_reason_to_repeat() -> None:
    """Nothing of the URL is shown."""
    reader = SqlSpectrumReader(NOWHERE, company_code="ABC", queries={"cost_types": "SELECT 1"})
    error = failure(reader)
    assert isinstance(error, UnavailableError)
    assert not {"canary", PASSWORD} & set(str(error).replace("'", " ").split())


def test_a_url_option_that_the_driver_does_not_know_is_no_crash() -> None:
    """The driver's own complaint stays inside."""
    url = "postgresql+psycopg://127.0.0.1:1/test?no_such_option=1"
    reader = SqlSpectrumReader(url, company_code="ABC", queries={"cost_types": "SELECT 1"})
    assert isinstance(failure(reader), ProcoreSpectrumError)


def test_nothing_secret_is_in_the_repr() -> None:
    """Only the company and the tables."""
    reader = SqlSpectrumReader(NOWHERE, company_code="ABC", queries={"cost_types": "SELECT 1"})
    assert repr(reader) == "<SqlSpectrumReader company ABC, reads cost_types>"


def test_a_table_that_the_database_lacks_is_told(installation: Installation) -> None:
    """With the query's place in the configuration."""
    query = f"SELECT * FROM {installation.schema}no_such_table"
    error = failure(installation.reader({"cost_types": query}))
    assert isinstance(error, ConfigurationError)
    assert "no_such_table" in error.message
    assert error.path == "spectrum.sql.queries.cost_types"


class Jumping(FakeClock):
    """A clock that is ten minutes later whenever it is asked."""

    def now(self) -> Any:
        """Ten minutes later."""
        self.sleep(timedelta(minutes=10).total_seconds())
        return super().now()


ENDLESS = (
    "WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps) "
    "SELECT max(n) AS n FROM steps"
)


def test_a_query_that_takes_too_long_is_stopped(installation: Installation) -> None:
    """And may be repeated."""
    reader = installation.reader({"cost_types": ENDLESS}, timeout=0.05, clock=Jumping())
    assert isinstance(failure(reader), UnavailableError)


def test_a_connection_can_be_used_after_a_timeout(sqlite: Installation) -> None:
    """What stopped one query does not stop the next."""
    engine = create_engine(sqlite.url)
    queries = {"cost_types": ENDLESS, "change_statuses": sqlite.query("change_statuses")}
    reader = SqlSpectrumReader(
        engine, company_code="ABC", queries=queries, timeout=1, clock=Jumping()
    )
    failure(reader)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO change_statuses VALUES ('ABC', 'C', 3)"))
        long = ENDLESS.replace("FROM steps)", "FROM steps WHERE n < 50000)")
        assert connection.execute(text(long)).scalar_one() == 50000
    engine.dispose()
    assert len(sqlite.reader().read(ReadQuery(kind="change_status")).items) == 1


def test_a_table_without_the_right_to_read_it_is_told(postgresql: Installation) -> None:
    """Who may grant it is not in doubt."""
    role = f"{postgresql.schema[:-1]}_reader"
    postgresql.execute(f"CREATE ROLE {role} LOGIN")
    try:
        postgresql.execute(f"GRANT USAGE ON SCHEMA {postgresql.schema[:-1]} TO {role}")
        url = postgresql.engine.url.set(username=role).render_as_string(hide_password=False)
        queries = postgresql.queries
        error = failure(SqlSpectrumReader(url, company_code="ABC", queries=queries))
        assert isinstance(error, NotPermittedError)
    finally:
        postgresql.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
