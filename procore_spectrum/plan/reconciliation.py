"""Both systems' money side by side, and why it differs where it does.

A posting is one record's money on both sides, with the reasons for which the sides differ. Each
reason accounts for an amount, so that whatever no reason accounts for is left over, to the cent,
and is called unexplained. Sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Underflow
from enum import StrEnum
from functools import cached_property
from typing import Any

import attrs

from procore_spectrum.errors import InvalidValueError
from procore_spectrum.plan.operations import System
from procore_spectrum.plan.values import canonical

__all__ = [
    "Balance",
    "Basis",
    "Cause",
    "Measure",
    "Posting",
    "Reason",
    "Reconciliation",
    "Row",
    "Spot",
    "Total",
    "exact_sum",
    "plain_amount",
    "reconcile",
    "show_amount",
]

_ZERO = Decimal(0)
# Enough digits for every sum of amounts that `canonical` lets through; beyond it is an error.
_EXACT = Context(prec=500, traps=[Inexact, InvalidOperation, Overflow, Underflow])


class Measure(StrEnum):
    """What is compared."""

    BUDGET = "budget"
    COMMITTED_COST = "committed_cost"
    APPROVED_CHANGES = "approved_changes"
    JOB_TO_DATE_COST = "job_to_date_cost"
    CONTRACT_VALUE = "contract_value"
    OWNER_CHANGES = "owner_changes"

    @property
    def label(self) -> str:
        """For people."""
        return self.value.replace("_", " ").capitalize().replace("-to-", " to ")


_ORDER = tuple(Measure)


class Cause(StrEnum):
    """Why the two systems differ."""

    WAITING = "waiting"
    REJECTED = "rejected"
    RETRIEVED = "retrieved"
    HELD = "held"
    NOT_SYNCED = "not_synced"
    DRIFT = "drift"
    ROUNDING = "rounding"
    NOT_READABLE = "not_readable"
    OUT_OF_SCOPE = "out_of_scope"
    ONE_SIDED = "one_sided"
    UNEXPLAINED = "unexplained"


class Balance(StrEnum):
    """What a reconciliation says in one word."""

    BALANCED = "balanced"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


def _amount(_instance: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, Decimal):
        raise InvalidValueError("an amount is a Decimal", path=attribute.name)
    canonical(value)


@attrs.frozen(order=True)
class Spot:
    """What an amount belongs to; phase and cost type are blank where it belongs to the job."""

    measure: Measure
    job: str
    phase: str = ""
    cost_type: str = ""

    @property
    def rank(self) -> tuple[str, int, str, str]:
        """For sorting: by job, then in the order of the measures."""
        return self.job, _ORDER.index(self.measure), self.phase, self.cost_type


@attrs.frozen(kw_only=True)
class Reason:
    """Why the sides differ by this amount (Procore less Spectrum, in dollars)."""

    cause: Cause
    amount: Decimal = attrs.field(validator=_amount)
    text: str


@attrs.frozen(kw_only=True)
class Posting:
    """One record's money on both sides, in dollars.

    Args:
        spot: what it belongs to.
        title: what a person calls the record.
        procore, spectrum: the amounts; zero where the record is not there.
        reasons: why they differ; what they do not account for is unexplained.
    """

    spot: Spot
    title: str
    procore: Decimal = attrs.field(default=_ZERO, validator=_amount)
    spectrum: Decimal = attrs.field(default=_ZERO, validator=_amount)
    reasons: tuple[Reason, ...] = ()

    def all_reasons(self) -> Iterator[Reason]:
        """The reasons that account for something, and what is left over."""
        left = _EXACT.subtract(self.procore, self.spectrum)
        for reason in self.reasons:
            left = _EXACT.subtract(left, reason.amount)
            if reason.amount:
                yield reason
        if left:
            yield Reason(
                cause=Cause.UNEXPLAINED, amount=left, text=f"{self.title}: no reason is known"
            )


@attrs.frozen(kw_only=True)
class Row:
    """All money of one spot, in dollars."""

    spot: Spot
    procore: Decimal
    spectrum: Decimal
    reasons: tuple[Reason, ...] = ()

    @property
    def difference(self) -> Decimal:
        """Procore less Spectrum."""
        return _EXACT.subtract(self.procore, self.spectrum)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs; differences that cancel each other out do not agree."""
        return not self.difference and not self.reasons

    @property
    def explanation(self) -> str:
        """All reasons as one text."""
        return "; ".join(reason.text for reason in self.reasons)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What the reasons are, each once."""
        return tuple(dict.fromkeys(reason.cause for reason in self.reasons))


@attrs.frozen(kw_only=True)
class Total:
    """A sum of rows, in dollars; of all jobs if ``job`` is blank."""

    job: str
    measure: Measure
    procore: Decimal
    spectrum: Decimal

    @property
    def difference(self) -> Decimal:
        """Procore less Spectrum."""
        return _EXACT.subtract(self.procore, self.spectrum)


@attrs.frozen(kw_only=True)
class Basis:
    """Where the amounts of a measure come from.

    Args:
        measure: what was read.
        system: in which system.
        how: what was read, in a few words, such as "current estimates, by web service".
        as_of: when the reading began; the oldest one if there were several, None if nothing was.
        readable: False if the system cannot be read and is taken to have what was last sent.
    """

    measure: Measure
    system: System
    how: str
    as_of: datetime | None = None
    readable: bool = True


@attrs.frozen(kw_only=True, slots=False)
class Reconciliation:
    """Both systems' totals side by side.

    Args:
        company: the pair of companies.
        rows: by job, measure, phase and cost type.
        bases: where the amounts come from, and when they were read.
        notes: what a reader has to know besides.
        requests: how many calls it took.
    """

    company: str
    rows: tuple[Row, ...] = ()
    bases: tuple[Basis, ...] = ()
    notes: tuple[str, ...] = ()
    requests: int = 0

    @cached_property
    def differences(self) -> tuple[Row, ...]:
        """The rows that do not agree."""
        return tuple(row for row in self.rows if not row.agrees)

    @cached_property
    def totals(self) -> tuple[Total, ...]:
        """By job and measure, then by measure for all jobs."""
        groups: dict[tuple[str, Measure], list[Row]] = {}
        for row in self.rows:
            groups.setdefault((row.spot.job, row.spot.measure), []).append(row)
        for measure in Measure:
            if found := [row for row in self.rows if row.spot.measure is measure]:
                groups["", measure] = found
        return tuple(_total(job, measure, rows) for (job, measure), rows in groups.items())

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs, in order."""
        return tuple(dict.fromkeys(row.spot.job for row in self.rows))

    @property
    def balanced(self) -> bool:
        """Whether no difference is left, explained or not."""
        return not self.differences

    @property
    def balance(self) -> Balance:
        """Balanced, or different for known reasons only, or unexplained."""
        if self.balanced:
            return Balance.BALANCED
        causes = {cause for row in self.differences for cause in row.causes}
        return Balance.UNEXPLAINED if Cause.UNEXPLAINED in causes else Balance.EXPLAINED

    def rows_of(self, job: str) -> tuple[Row, ...]:
        """The rows of one job."""
        return tuple(row for row in self.rows if row.spot.job == job)

    def totals_of(self, job: str) -> tuple[Total, ...]:
        """The sums of one job, or of all jobs if blank."""
        return tuple(total for total in self.totals if total.job == job)

    def to_json(self) -> dict[str, Any]:
        """As JSON has it; amounts are text, so that no reader makes them binary fractions."""
        return {
            "company": self.company,
            "balanced": self.balanced,
            "balance": self.balance.value,
            "totals": [
                {
                    "job": total.job or None,
                    "measure": total.measure.value,
                    "procore": plain_amount(total.procore),
                    "spectrum": plain_amount(total.spectrum),
                    "difference": plain_amount(total.difference),
                }
                for total in self.totals
            ],
            "differences": [_row_json(row) for row in self.differences],
            "as_of": [
                {
                    "measure": basis.measure.value,
                    "system": basis.system,
                    "how": basis.how,
                    "as_of": basis.as_of.isoformat() if basis.as_of else None,
                    "readable": basis.readable,
                }
                for basis in self.bases
            ],
            "notes": list(self.notes),
            "requests": self.requests,
        }


def reconcile(
    postings: Iterable[Posting],
    *,
    company: str,
    bases: Sequence[Basis] = (),
    notes: Sequence[str] = (),
    requests: int = 0,
) -> Reconciliation:
    """Sum up the postings of each spot, and keep every reason for a difference.

    Raises:
        InvalidValueError: an amount is not a Decimal, or no finite number of sensible size.
    """
    found: dict[Spot, list[Posting]] = {}
    for posting in postings:
        found.setdefault(posting.spot, []).append(posting)
    rows = (_row(spot, found[spot]) for spot in sorted(found, key=lambda spot: spot.rank))
    return Reconciliation(
        company=company,
        rows=tuple(rows),
        bases=tuple(sorted(bases, key=lambda basis: (_ORDER.index(basis.measure), basis.system))),
        notes=tuple(notes),
        requests=requests,
    )


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, to the last digit.

    Raises:
        InvalidValueError: an amount is no finite number of sensible size.
    """
    total = _ZERO
    for amount in amounts:
        canonical(amount)
        total = _EXACT.add(total, amount)
    return total


def plain_amount(amount: Decimal) -> str:
    """The amount with at least two decimals, never rounded: ``1200.50``."""
    whole, _, cents = f"{_EXACT.add(amount, Decimal('0.00')):f}".partition(".")
    text = f"{whole}.{cents.rstrip('0').ljust(2, '0')}"
    return text if amount else "0.00"


def show_amount(amount: Decimal) -> str:
    """The same with commas between the thousands, for people: ``1,200.50``."""
    whole, _, cents = plain_amount(amount).partition(".")
    sign, digits = ("-", whole[1:]) if whole[0] == "-" else ("", whole)
    return f"{sign}{int(digits):,}.{cents}"


def _row(spot: Spot, postings: Sequence[Posting]) -> Row:
    return Row(
        spot=spot,
        procore=exact_sum(posting.procore for posting in postings),
        spectrum=exact_sum(posting.spectrum for posting in postings),
        reasons=tuple(reason for posting in postings for reason in posting.all_reasons()),
    )


def _total(job: str, measure: Measure, rows: Sequence[Row]) -> Total:
    return Total(
        job=job,
        measure=measure,
        procore=exact_sum(row.procore for row in rows),
        spectrum=exact_sum(row.spectrum for row in rows),
    )


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "job": row.spot.job,
        "phase": row.spot.phase or None,
        "cost_type": row.spot.cost_type or None,
        "measure": row.spot.measure.value,
        "procore": plain_amount(row.procore),
        "spectrum": plain_amount(row.spectrum),
        "difference": plain_amount(row.difference),
        "explanation": row.explanation,
        "reasons": [
            {
                "code": reason.cause.value,
                "amount": plain_amount(reason.amount),
                "text": reason.text,
            }
            for reason in row.reasons
        ],
    }
