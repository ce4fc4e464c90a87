"""Hypothesis strategies for what the engine works on."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from procore_spectrum.errors import Violation
from procore_spectrum.plan.operations import Create, Deactivate, FieldChange, Held, Link, Update
from procore_spectrum.plan.plan import Note, Plan
from procore_spectrum.plan.records import Candidate, Ref
from procore_spectrum.plan.values import canonical, from_canonical

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.sampled_from(["name", "city", "amount", "x\x1ey", ""])
decimals = st.builds(
    lambda digits, shift: Decimal(f"{digits}e{shift}"),
    st.integers(-(10**12), 10**12),
    st.integers(-40, 40),
)
items = texts.filter(lambda text: "\x1f" not in text.strip())
values = (
    st.none()
    | texts
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | decimals
    | st.dates(date(1, 1, 1))
    | st.lists(items, max_size=3).map(tuple)
)
"""Every kind of value, in every spelling."""

spelled = values.map(lambda value: from_canonical(canonical(value)))
"""Every kind of value, spelled as it comes back from a file."""

refs = st.builds(Ref, st.sampled_from(["project", "cost_code", "vendor"]), texts)
violations = st.builds(Violation, code=texts, message=texts, path=texts, hint=texts)
candidates = st.builds(
    Candidate,
    target_id=texts,
    title=texts,
    score=st.integers(0, 100),
    evidence=st.lists(texts, max_size=2).map(tuple),
)


def few(found: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """None to ``most`` of them."""
    return st.lists(found, max_size=most).map(tuple)


def fields(found: st.SearchStrategy[Any] = spelled) -> st.SearchStrategy[dict[str, Any]]:
    """Some named values."""
    return st.dictionaries(names, found, max_size=3)


changes = st.builds(FieldChange, path=texts, base=spelled, source=spelled, target=spelled)
_COMMON: dict[str, Any] = {
    "feature": texts,
    "ref": refs,
    "title": texts,
    "reason": texts,
    "target": st.sampled_from(["procore", "spectrum"]),
    "changes": few(changes, 2),
    "desired": fields(),
    "before": fields(),
    "target_id": st.none() | texts,
    "scope": st.none() | refs,
    "parent": st.none() | refs,
    "partition": texts,
    "active": st.booleans(),
    "refers": st.dictionaries(names, texts, max_size=2),
}
operations = st.one_of(
    st.builds(Create, **_COMMON),
    st.builds(Update, **_COMMON),
    st.builds(Link, stamp=st.booleans(), **_COMMON),
    st.builds(Deactivate, **_COMMON),
    st.builds(
        Held,
        code=texts,
        message=texts,
        hint=texts,
        violations=few(violations, 2),
        candidates=few(candidates, 2),
        **_COMMON,
    ),
)
"""Every kind of operation."""

plans = st.builds(
    Plan,
    company=texts,
    operations=few(operations, 4),
    guards=few(violations, 1),
    notes=few(st.builds(Note, texts, texts), 1),
    as_of=st.none() | st.datetimes(timezones=st.just(UTC)),
    requests=st.integers(0, 10**6),
)
