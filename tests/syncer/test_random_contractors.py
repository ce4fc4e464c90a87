"""Random contractors, edited at random on both sides, come to rest after every run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_contractor import Contractor

from procore_spectrum.plan.plan import GuardSettings

TEXT = st.text(st.sampled_from("aZ é&<>\"'/%-,.#0ß漢"), max_size=12)
CODES = st.sampled_from(["A", "B/1", "C%", "D 1", "É"])
JOBS = st.sampled_from(["25-1", "25/2", "J%3"])
PHASES = st.sampled_from(["031000", "032000", "042000", "31000", "03"])

VENDOR = st.tuples(
    st.just("vendor"),
    CODES,
    TEXT,
    TEXT,
    st.sampled_from(["A", "A", "I"]),
    st.sampled_from(["", "503-555-0100", "x@example.com"]),
)
JOB = st.tuples(st.just("job"), JOBS, TEXT, st.sampled_from("AAIC"), st.booleans())
PHASE = st.tuples(
    st.just("phase"), JOBS, PHASES, st.sampled_from("LMSQ"), TEXT, st.sampled_from("AAIC")
)
COMPANY = st.tuples(st.just("company"), TEXT.filter(str.strip))
EDIT = st.tuples(
    st.just("edit"),
    st.integers(0, 9),
    st.sampled_from(["vendors", "projects", "cost_codes"]),
    st.sampled_from(["name", "city", "is_active", "active"]),
    TEXT.filter(str.strip),
)
STEPS = st.lists(st.one_of(VENDOR, JOB, PHASE, COMPANY, EDIT), max_size=10)


def carry_out(pair: Contractor, step: tuple[object, ...]) -> None:
    """One edit, in Spectrum or in Procore."""
    match step:
        case ("vendor", code, name, city, status, reach):
            more = {"Email": reach} if "@" in str(reach) else {"Phone_Number": reach}
            pair.vendor(str(code), str(name), City=city, Status=status, **more)
        case ("job", number, name, status, old):
            created = date(2024, 1, 1) if old else date(2025, 2, 2)
            pair.job(str(number), str(name), Status_Code=status, Create_Date=created)
        case ("phase", job, code, cost_type, name, status):
            if job in {row["Job_Number"] for row in pair.spectrum.state()["ABC"]["jobs"]}:
                figures = {"Status_Code": status, "Current_Est_Cost": Decimal("0.10")}
                pair.phase(str(code), str(cost_type), str(name), job=str(job), **figures)
        case ("company", name):
            pair.procore.add_vendor(name=name)
        case ("edit", position, table, field, value):
            edit(pair, int(str(position)), str(table), str(field), str(value))


def edit(pair: Contractor, position: int, table: str, field: str, value: str) -> None:
    """A person changes some record of Procore."""
    rows = pair.table(table)
    if not rows:
        return
    row = rows[position % len(rows)]
    ids = {"company_id": pair.procore.company_id}
    if table == "vendors" and field in {"name", "city"} and row["is_active"]:
        pair.by_hand(f"/vendors/{row['id']}", {**ids, "vendor": {field: value}})
    elif table == "projects" and field in {"name", "city", "active"}:
        chosen = False if field == "active" else value
        pair.by_hand(f"/projects/{row['id']}", {**ids, "project": {field: chosen}})
    elif table == "cost_codes" and field == "name":
        body = {"project_id": row["project_id"], "cost_code": {"name": value}}
        pair.by_hand(f"/cost_codes/{row['id']}", body)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rounds=st.lists(STEPS, min_size=1, max_size=3))
def test_every_run_comes_to_rest(rounds: list[list[tuple[object, ...]]]) -> None:
    """After arranging and after every round of edits, a run leaves nothing but held records."""
    pair = Contractor()
    pair.settings = attrs.evolve(pair.settings, guards=GuardSettings(min_records=1000))
    for steps in rounds:
        for step in steps:
            carry_out(pair, step)
        pair.run()
        plan = pair.plan()
        assert plan.is_empty, plan.render(limit=None)
        origins = [row["origin_id"] for row in pair.table("vendors") if row["origin_id"]]
        assert len(origins) == len(set(origins))
