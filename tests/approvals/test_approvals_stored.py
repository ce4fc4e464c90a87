"""Approvals and numbers in every store: they come back, and a number has one owner for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest
from approval_documents import OTHER, REF, document, documents, fields, texts
from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.errors import ConflictError, InvalidValueError, StoreCorruptError
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import (
    Approval,
    Claim,
    CompanyKey,
    Crosswalk,
    Event,
    EventQuery,
    StateStore,
    StoreChange,
)
from procore_spectrum.stores import MemoryStore, SqliteStore
from procore_spectrum.stores.approvals_codec import approval_from_row, approval_to_row
from procore_spectrum.stores.columns import (
    maybe_str,
    maybe_text,
    one_of,
    text_from_column,
    time_from_text,
    time_to_text,
)

ACME, BETA = CompanyKey("1", "ACM"), CompanyKey("1", "BET")
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
SPACE = "subcontract/ACME"
times = st.none() | st.datetimes(timezones=st.just(UTC))
approvals = st.builds(
    Approval,
    document=documents,
    state=st.sampled_from(State),
    requested_by=texts,
    requested_at=times,
    decided_by=texts,
    decided_at=times,
    why=texts,
    given=fields,
    message=texts,
)


def approval(ref: Ref = REF, **changes: Any) -> Approval:
    """An export that waits."""
    made = Approval(
        document=document(ref),
        state=State.READY_TO_EXPORT,
        requested_by="Sam",
        requested_at=NOON,
        given={"gl_account": "500100"},
    )
    return attrs.evolve(made, **changes)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    """Both stores, fresh."""
    made: StateStore
    made = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "s.db")
    yield made
    made.close()


@pytest.fixture
def handle(store: StateStore) -> StateStore:
    """One company."""
    return store.for_company(ACME)


# ---------------------------------------------------------------- rows


@given(approvals)
def test_rows_keep_everything(found: Approval) -> None:
    """What is written comes back, down to the digest of what was shown."""
    back = approval_from_row(approval_to_row(found))
    assert approval_to_row(back) == approval_to_row(found)
    assert back.document.shown == found.document.shown
    for name in ("ref", "state", "requested_by", "requested_at", "decided_at", "why", "message"):
        assert getattr(back, name) == getattr(found, name)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (0, None),
        (1, 7),
        (2, "perhaps"),
        (3, None),
        (3, "{"),
        (3, "[]"),
        (3, "{}"),
        (3, '{"document": {}}'),
        (3, "[" * 100_000),
    ],
)
def test_a_damaged_row_is_named(column: int, value: Any) -> None:
    """A row that cannot be read is a damaged store."""
    row = list(approval_to_row(approval()))
    row[column] = value
    with pytest.raises(StoreCorruptError) as caught:
        approval_from_row(tuple(row))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["fields", "given", "requested_at"])
def test_a_damaged_body_is_named(name: str) -> None:
    """Parts of the wrong shape are noticed too; no foreign exception escapes."""
    kind, key, state, body = approval_to_row(approval())
    damaged = {
        "fields": body.replace('"fields":{', '"fields":[{').replace('},"lines"', '}],"lines"'),
        "given": body.replace('"given":{"gl_account":"s:500100"}', '"given":[1]'),
        "requested_at": body.replace("+00:00", ""),
    }[name]
    assert damaged != body
    with pytest.raises(StoreCorruptError):
        approval_from_row((kind, key, state, damaged))


def test_columns() -> None:
    """Blank stays blank, times need a zone, and a word has to be one of those allowed."""
    assert (maybe_text(None, "a"), maybe_text("x", "a")) == (None, "x")
    assert (maybe_str(None), maybe_str("x")) == (None, "x")
    assert one_of("a", ("a", "b"), "p") == "a"
    there = timezone(timedelta(hours=2))
    assert time_from_text(time_to_text(NOON.astimezone(there), "at")) == NOON
    with pytest.raises(InvalidValueError, match="one of a, b"):
        one_of("c", ("a", "b"), "p")
    with pytest.raises(InvalidValueError):
        time_to_text(NOON.replace(tzinfo=None), "at")
    with pytest.raises(InvalidValueError):
        time_to_text(datetime.min.replace(tzinfo=there), "at")
    with pytest.raises(ValueError, match="no zone"):
        time_from_text("2024-03-01T12:00:00")
    with pytest.raises(StoreCorruptError):
        text_from_column(7, "a")
    assert text_from_column("x", "a") == "x"
    with pytest.raises(InvalidValueError):
        maybe_text("\ud800", "a")


# ---------------------------------------------------------------- both stores


def test_approvals_are_kept_and_replaced(handle: StateStore) -> None:
    """One for each document, ordered by name."""
    assert handle.read_approvals() == ()
    assert handle.read_approval(REF) is None
    handle.commit(StoreChange(approvals=(approval(OTHER), approval(REF))))
    handle.commit(StoreChange(approvals=(approval(REF, state=State.ACCEPTED),)))
    assert [(a.ref, a.state) for a in handle.read_approvals()] == [
        (REF, State.ACCEPTED),
        (OTHER, State.READY_TO_EXPORT),
    ]
    found = handle.read_approval(OTHER)
    assert found is not None
    assert found.document.shown == document(OTHER).shown
    assert found.given == {"gl_account": "500100"}


def test_numbers_belong_to_their_record_for_ever(handle: StateStore) -> None:
    """Claimed again by the same record nothing changes; another record is refused."""
    mine = Claim(SPACE, "SC-1", REF)
    for _ in range(2):
        handle.commit(StoreChange(claims=(mine,)))
    with pytest.raises(ConflictError, match="SC-1 belongs to commitment 77"):
        handle.commit(StoreChange(claims=(Claim(SPACE, "SC-1", OTHER),)))
    handle.commit(StoreChange(claims=(Claim("subcontract/BOLT", "SC-1", OTHER),)))
    assert handle.read_claims(SPACE) == (mine,)
    assert handle.read_claims("nowhere") == ()


def test_numbers_come_in_order(handle: StateStore) -> None:
    """By number, whoever claimed them first."""
    claims = (Claim(SPACE, "SC-2", REF), Claim(SPACE, "SC-1", OTHER), Claim(SPACE, "SC-3", REF))
    handle.commit(StoreChange(claims=claims))
    assert [claim.number for claim in handle.read_claims(SPACE)] == ["SC-1", "SC-2", "SC-3"]


@pytest.mark.parametrize(
    "claims",
    [
        (Claim(SPACE, "SC-1", OTHER),),
        (Claim(SPACE, "SC-9", OTHER), Claim(SPACE, "SC-1", OTHER)),
        (Claim(SPACE, "SC-9", OTHER), Claim(SPACE, "SC-9", REF)),
    ],
)
def test_a_refused_change_writes_nothing(handle: StateStore, claims: tuple[Claim, ...]) -> None:
    """Neither approval nor link, event, fact or other claim; also when the change contradicts
    itself.
    """
    first = (Claim(SPACE, "SC-1", REF),)
    handle.commit(StoreChange(claims=first, approvals=(approval(REF),)))
    change = StoreChange(
        approvals=(approval(REF, state=State.ACCEPTED), approval(OTHER)),
        claims=claims,
        links=(CrosswalkRow(ref=REF, target_id="1", base={}),),
        events=(Event(at=NOON, action="accept", ref=REF),),
        facts={"cursor": "1"},
    )
    with pytest.raises(ConflictError):
        handle.commit(change)
    assert [(a.ref, a.state) for a in handle.read_approvals()] == [(REF, State.READY_TO_EXPORT)]
    assert handle.read_claims(SPACE) == first
    assert handle.read_links(Crosswalk(kind=REF.kind)) == ()
    assert handle.read_events(EventQuery()) == ()
    assert handle.read_fact("cursor") is None
    assert handle.verify() == ()


def test_companies_never_meet(store: StateStore) -> None:
    """Approvals and numbers of one company are out of reach of another."""
    mine, theirs = store.for_company(ACME), store.for_company(BETA)
    mine.commit(StoreChange(approvals=(approval(),), claims=(Claim(SPACE, "SC-1", REF),)))
    assert theirs.read_approvals() == ()
    assert theirs.read_approval(REF) is None
    assert theirs.read_claims(SPACE) == ()
    theirs.commit(StoreChange(claims=(Claim(SPACE, "SC-1", OTHER),)))
    assert mine.read_claims(SPACE) == (Claim(SPACE, "SC-1", REF),)
