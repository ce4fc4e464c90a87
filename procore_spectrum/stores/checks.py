"""What :meth:`StateStore.verify` checks, the same in every store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import attrs

from procore_spectrum.errors import StoreCorruptError, Violation
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import CompanyKey, Event, StartedOperation
from procore_spectrum.stores.approvals_codec import approval_from_row
from procore_spectrum.stores.codec import (
    Head,
    claim_from_row,
    decision_from_row,
    event_digest,
    event_from_row,
    link_from_row,
    started_from_row,
)

__all__ = ["CompanyRows", "check_company", "check_journal", "check_started"]
from procore_spectrum.stores.columns import Row

T = TypeVar("T")

_RESTORE = "somebody changed the store by hand, or the disk did: restore a backup"


@attrs.frozen(kw_only=True)
class CompanyRows:
    """Everything that a store remembers of one company, as it stands in its tables."""

    company: CompanyKey
    links: Sequence[Row]
    started: Sequence[Row]
    decisions: Sequence[Row]
    approvals: Sequence[Row]
    claims: Sequence[Row]
    events: Sequence[Row]
    head: Head


def check_company(rows: CompanyRows) -> Iterator[Violation]:
    """Every contradiction within one company's rows.

    Codes: ``row_unreadable`` and those of :func:`check_journal` and :func:`check_started`.
    """
    faults: list[Violation] = []
    links = _decoded(rows.links, link_from_row, "links", faults)
    started = _decoded(rows.started, started_from_row, "started", faults)
    _decoded(rows.decisions, decision_from_row, "decisions", faults)
    _decoded(rows.approvals, approval_from_row, "approvals", faults)
    _decoded(rows.claims, claim_from_row, "claims", faults)
    events = _decoded(rows.events, event_from_row, "journal", faults)
    yield from faults
    yield from check_journal(rows.company, events, rows.head)
    yield from check_started(started, links)


def check_journal(company: CompanyKey, events: Iterable[Event], head: Head) -> Iterator[Violation]:
    """Every break of the chain; ``path`` names the line, as ``journal[sequence]``.

    Codes: ``journal_changed`` (the line is not what was written), ``journal_gap`` (lines are
    missing before it), ``journal_unchained`` (it does not follow the line before it) and
    ``journal_end`` (lines are missing at the end, or were added).
    """
    before = Head(0, "")
    for event in events:
        if event_digest(event, company) != event.digest:
            yield _broken("journal_changed", "the line was changed", event.sequence)
        if event.sequence != before.sequence + 1:
            yield _broken("journal_gap", "lines are missing before this one", event.sequence)
        elif event.previous != before.digest:
            yield _broken(
                "journal_unchained", "the line does not follow the one before it", event.sequence
            )
        before = Head(event.sequence, event.digest)
    if before != head:
        yield _broken("journal_end", "the journal does not end where it should", head.sequence)


def check_started(
    started: Iterable[StartedOperation], links: Iterable[CrosswalkRow]
) -> Iterator[Violation]:
    """Operations in doubt that cannot be resolved safely. Being in doubt alone is no fault.

    Codes: ``started_linked`` (a creation in doubt whose record is linked already) and
    ``started_twice`` (two creations in doubt for one record).
    """
    linked = {link.ref for link in links}
    seen: set[Ref] = set()
    for operation in started:
        if operation.verb != "create":
            continue
        path = f"started[{operation.op_id}]"
        if operation.ref in linked:
            yield Violation(
                code="started_linked",
                message=f"the creation of {operation.ref} is in doubt, yet it is linked",
                path=path,
                hint="look for a second record in the target, then settle the operation",
            )
        if operation.ref in seen:
            yield Violation(
                code="started_twice",
                message=f"{operation.ref} was begun to be created more than once",
                path=path,
                hint="look for duplicates in the target, then settle the operations",
            )
        seen.add(operation.ref)


def _broken(code: str, message: str, sequence: int) -> Violation:
    return Violation(code=code, message=message, path=f"journal[{sequence}]", hint=_RESTORE)


def _decoded(
    rows: Iterable[Row], decode: Callable[[Row], T], table: str, faults: list[Violation]
) -> list[T]:
    decoded: list[T] = []
    for row in rows:
        try:
            decoded.append(decode(row))
        except StoreCorruptError as error:
            faults.append(
                Violation(
                    code="row_unreadable",
                    message=error.message,
                    path=f"{table}[{error.path}]",
                    hint=error.hint,
                )
            )
    return decoded
