"""Days of a contractor's life, made up from a seed: edits, approvals, outages, a schedule.

From a shell::

    python -m procore_spectrum.testing.simulate --days 10000 --seed 0

Each contractor lives for a week, then another one begins. On every day people edit both
systems and answer what is exported, runs are disturbed or killed, and the store may be lost. At
the end of every day the outages are over, a few quiet runs finish what was begun, and everything
that must hold is checked. The first day on which something does not hold ends the run, and the
command that repeats exactly this contractor is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import attrs

from procore_spectrum.errors import ProcoreSpectrumError
from procore_spectrum.mapping import split_key
from procore_spectrum.plan.approvals import State
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.reconciliation import Balance
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import same
from procore_spectrum.ports import EventQuery
from procore_spectrum.testing.full_import import duplicates
from procore_spectrum.testing.simulated_office import Office, Yes

__all__ = ["Life", "main", "simulate"]

_WEEK = 7
_LIFE = _WEEK


@attrs.frozen(kw_only=True)
class Life:
    """What became of one contractor.

    Args:
        seed: of the whole simulation.
        number: of the contractor within it, from 0.
        days: how many were lived.
        faults: what did not hold, on the last day; empty when all is well.
        story: what happened, for whoever looks for the reason.
        digest: covers every line of the journal; equal for equal seeds.
        counts: what was done.
    """

    seed: int
    number: int
    days: int
    faults: tuple[str, ...]
    story: tuple[str, ...] = attrs.field(repr=False)
    digest: str
    counts: Counter[str] = attrs.field(repr=False)

    @property
    def command(self) -> str:
        """What repeats exactly this life."""
        return (
            f"python -m procore_spectrum.testing.simulate --seed {self.seed}"
            f" --contractor {self.number} --days {max(self.days, 1)}"
        )


def simulate(seed: int, number: int, days: int = _LIFE) -> Life:
    """Let one contractor live for some days, or until something does not hold."""
    office = Office(f"{seed}/{number}")
    faults: tuple[str, ...] = ()
    lived = 0
    while lived < days and not faults:
        lived += 1
        try:
            office.live()
            left = office.settle()
            if lived % _WEEK == 4 and office.random.random() < 0.3:
                office.lose_the_store()
                left = office.settle()
            faults = tuple(_faults(office, left, weekly=lived % _WEEK == 0))
        except ProcoreSpectrumError as error:
            faults = (f"a quiet run failed: {type(error).__name__}: {error}",)
    events = office.handle().read_events(EventQuery())
    return Life(
        seed=seed,
        number=number,
        days=lived,
        faults=faults,
        story=tuple(office.story),
        digest=hashlib.sha256("".join(event.digest for event in events).encode()).hexdigest(),
        counts=Counter(event.action for event in events),
    )


# ---------------------------------------------------------------- what must hold


def _faults(office: Office, left: Plan, *, weekly: bool) -> Iterator[str]:
    """Everything that does not hold at the end of a day; ``left`` is the plan then."""
    yield from (f"twice in Procore: {found}" for found in duplicates(office.procore.state()))
    yield from (f"store: {found}" for found in office.handle().verify())
    yield from _unfinished(office, left)
    yield from _unaccepted(office)
    yield from _lost_money(office, left)
    if weekly:
        found = office.syncer.reconcile()
        if found.balance is Balance.UNEXPLAINED:
            yield f"unexplained: {[str(row) for row in found.differences][:3]}"


def _unfinished(office: Office, left: Plan) -> Iterator[str]:
    """A plan at the end of the day holds only what a person has to answer."""
    for op in left.todo:
        if not office.waits(op.document):
            yield f"still to do: {op.verb} {op.ref} {op.title}"
    held = {op.document.key for op in left.held if op.document}
    open_ones = {
        item.ref.key
        for item in office.syncer.approvals.list_approvals()
        if item.state is not State.SYNCED and not item.state.may_write
    }
    for doubt in office.syncer.status().in_doubt:
        # What was begun stays in doubt while a person is asked about its document.
        first, *rest = split_key(doubt.ref.key)
        if {first, *rest[:1]}.isdisjoint(held | open_ones):
            yield f"still in doubt: {doubt.ref}"


def _unaccepted(office: Office) -> Iterator[str]:
    """Whatever Spectrum holds was accepted, as it is, under that number, and once."""
    owners = office.owners()
    seen: Counter[Ref] = Counter()
    for book in office.books["subcontracts"]:
        key = ("subcontract", book["Vendor_Code"], book["Subcontract_Number"])
        owner = owners.get(key)
        if owner is None:
            yield f"nobody accepted subcontract {key}"
            continue
        seen[owner] += 1
        answers = office.accepted[owner]
        if not any(same(yes.document.fields["comment"], book["Comment"]) for yes in answers):
            yield f"nobody accepted the title of {key}"
        for line in book["lines"]:
            if not _was_shown(line, answers) and not _is_zero(line):
                yield f"nobody accepted {line} of {key}"
    for book in office.books["change_requests"]:
        key = ("change_request", book["Job_Number"], book["Change_Request_Number"])
        owner = owners.get(key)
        if owner is None:
            yield f"nobody accepted change request {key}"
            continue
        seen[owner] += 1
        shown = [
            (line["cr_phase_code"], line["cr_cost_type"], line["sub_amount"])
            for yes in office.accepted[owner]
            for line in yes.document.lines
        ]
        for line in book["lines"]:
            found = (line["CR_Phase_Code"], line["CR_Cost_Type"], Decimal(line["Sub_Amount"]))
            if found not in shown:
                yield f"nobody accepted {found} of {key}"
    yield from (f"{count} times in Spectrum: {ref}" for ref, count in seen.items() if count > 1)


def _was_shown(line: dict[str, Any], answers: Sequence[Yes]) -> bool:
    return any(
        (shown["phase_code"], shown["cost_type"]) == (line["Phase_Code"], line["Cost_Type"])
        and shown["original_contract_amount"] == Decimal(line["Original_Contract_Amount"])
        for yes in answers
        for shown in yes.document.lines
    )


def _is_zero(line: dict[str, Any]) -> bool:
    return not Decimal(line.get("Original_Contract_Amount") or 0)


def _lost_money(office: Office, left: Plan) -> Iterator[str]:
    """What the queue calls synced is in Spectrum to the cent, unless it is held as edited."""
    held = {op.document for op in left.held}
    books = {
        (book["Vendor_Code"], book["Subcontract_Number"]): sum(
            (Decimal(line.get("Original_Contract_Amount") or 0) for line in book["lines"]),
            Decimal(0),
        )
        for book in office.books["subcontracts"]
    }
    for approval in office.syncer.approvals.list_approvals(states=[State.SYNCED]):
        ref, document = approval.ref, approval.document
        if ref.kind != "commitment" or ref in held:
            continue
        number = str(approval.given["subcontract_number"])
        found = books.get((str(document.fields["vendor_code"]), number))
        lines = office.table("work_order_contract_line_items")
        wanted = sum(
            (Decimal(str(line["amount"])) for line in lines if line["holder_id"] == int(ref.key)),
            Decimal(0),
        )
        if found != wanted:
            yield f"{ref} is worth {wanted} in Procore and {found} in Spectrum"


# ---------------------------------------------------------------- many lives


def main(argv: Sequence[str] | None = None) -> int:
    """Simulate that many days. Returns the exit status: 0 all held, 1 something did not."""
    parser = argparse.ArgumentParser(
        prog="python -m procore_spectrum.testing.simulate",
        description="Days of contractors' lives, made up from a seed.",
    )
    parser.add_argument("--days", type=int, default=10_000, help="how many in all")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other days")
    parser.add_argument("--contractor", type=int, help="only this one")
    parser.add_argument("--story", action="store_true", help="tell what happened")
    wanted = parser.parse_args(argv)
    began, days, number = time.monotonic(), 0, 0
    totals: Counter[str] = Counter()
    while days < wanted.days:
        chosen = number if wanted.contractor is None else wanted.contractor
        left = wanted.days - days
        life = simulate(
            wanted.seed, chosen, left if wanted.contractor is not None else min(left, _LIFE)
        )
        days += life.days
        number += 1
        totals += life.counts
        if wanted.story or life.faults:
            _say("\n".join(life.story))
        if life.faults:
            _say(f"\nday {life.days} of contractor {chosen} does not hold:")
            _say("\n".join(f"  {fault}" for fault in life.faults[:10]))
            _say(f"repeat it with: {life.command}")
            return 1
        if number % 25 == 0:
            _say(f"{days:>7,} days, {time.monotonic() - began:.0f} s")
    seconds = time.monotonic() - began
    _say(f"{days:,} days of {number} contractors in {seconds:.0f} s; everything held")
    _say(", ".join(f"{name} {count:,}" for name, count in sorted(totals.items())))
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
