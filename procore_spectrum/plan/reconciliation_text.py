"""A reconciliation as text for people, and as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from procore_spectrum.plan.reconciliation import (
    Balance,
    Basis,
    Reconciliation,
    Row,
    Total,
    show_amount,
)
from procore_spectrum.plan.render import one_line
from procore_spectrum.plan.sheets import Sheet

__all__ = ["as_text", "place", "sheets", "verdict"]

_HEAD = ("Procore", "Spectrum", "Difference")
_SYSTEMS = {"procore": "Procore", "spectrum": "Spectrum"}


def verdict(found: Reconciliation) -> str:
    """What it says, in a sentence."""
    count = len(found.differences)
    many = f"{count:,} difference{'' if count == 1 else 's'}"
    match found.balance:
        case Balance.BALANCED:
            return f"Balanced: no difference is left{_as_far_as_read(found)}."
        case Balance.EXPLAINED:
            return f"Not balanced: {many}, every one of them explained."
        case _:
            return f"Not balanced: {many}, and not all of them can be explained."


def _as_far_as_read(found: Reconciliation) -> str:
    """What the headline has to admit: one side of some amounts was not read but remembered."""
    seen = {row.spot.measure for row in found.rows}
    names = dict.fromkeys(
        basis.measure.label.lower()
        for basis in found.bases
        if not basis.readable and basis.measure in seen
    )
    return f", with {', '.join(names)} as sent from here" if names else ""


def as_text(found: Reconciliation, *, limit: int | None = 20) -> str:
    """The whole of it; at most ``limit`` differences of each job in full."""
    return "\n".join(one_line(line) for line in _lines(found, limit))


def _lines(found: Reconciliation, limit: int | None) -> Iterator[str]:
    yield f"Reconciliation of {found.company}"
    yield verdict(found)
    width = _width(found)
    yield ""
    yield from _table("All jobs", found.totals_of(""), width)
    for job in found.jobs:
        yield ""
        yield from _table(f"Job {job}", found.totals_of(job), width)
        differences = [row for row in found.rows_of(job) if not row.agrees]
        shown = differences if limit is None else differences[:limit]
        for row in shown:
            yield from _difference(row)
        if len(differences) > len(shown):
            yield f"    … and {len(differences) - len(shown):,} more differences"
    if found.bases:
        yield ""
        yield "What was compared"
    for basis in found.bases:
        yield f"  {basis.measure.label}, {_SYSTEMS[basis.system]}: {basis_text(basis)}"
    for note in found.notes:
        yield ""
        yield f"note: {note}"


def _width(found: Reconciliation) -> int:
    """Of a column of amounts."""
    amounts = (a for t in found.totals for a in (t.procore, t.spectrum, t.difference))
    return max((len(show_amount(amount)) for amount in amounts), default=0) + 2


def _table(title: str, totals: Iterable[Total], width: int) -> Iterator[str]:
    width = max(width, 14)
    yield f"{title:<24}" + "".join(f"{name:>{width}}" for name in _HEAD)
    for total in totals:
        amounts = (total.procore, total.spectrum, total.difference)
        cells = "".join(f"{show_amount(amount):>{width}}" for amount in amounts)
        yield f"  {total.measure.label:<22}{cells}"


def _difference(row: Row) -> Iterator[str]:
    yield (
        f"    {row.spot.measure.label}{place(row, ', ')}: Procore {show_amount(row.procore)},"
        f" Spectrum {show_amount(row.spectrum)}, difference {show_amount(row.difference)}"
    )
    for reason in row.reasons:
        cause = reason.cause.value.replace("_", " ")
        yield f"      - {cause} {show_amount(reason.amount)}: {reason.text}"


def place(row: Row, before: str = "") -> str:
    """Phase and cost type; blank where the amount belongs to the job."""
    found = " ".join(filter(None, (row.spot.phase, row.spot.cost_type)))
    return f"{before}{found}" if found else ""


def basis_text(basis: Basis) -> str:
    """Where the amounts come from, and when they were read."""
    moment = f", read at {basis.as_of:%Y-%m-%d %H:%M:%S} UTC" if basis.as_of else ""
    unread = "" if basis.readable else ", because it cannot be read there"
    return f"{basis.how}{moment}{unread}"


# ---------------------------------------------------------------- for spreadsheets


def sheets(found: Reconciliation) -> tuple[Sheet, ...]:
    """All rows first, then totals, reasons, and what was compared."""
    return (
        Sheet(
            title="Rows",
            head=(
                "job",
                "measure",
                "phase",
                "cost_type",
                "procore",
                "spectrum",
                "difference",
                "causes",
                "explanation",
            ),
            rows=[_row_cells(row) for row in found.rows],
        ),
        Sheet(
            title="Totals",
            head=("job", "measure", "procore", "spectrum", "difference"),
            rows=[
                (t.job or "all jobs", t.measure.value, t.procore, t.spectrum, t.difference)
                for t in found.totals
            ],
        ),
        Sheet(
            title="Reasons",
            head=("job", "measure", "phase", "cost_type", "cause", "amount", "explanation"),
            rows=list(_reason_cells(found.differences)),
        ),
        Sheet(
            title="Compared",
            head=("measure", "system", "what"),
            rows=[
                *((b.measure.value, _SYSTEMS[b.system], basis_text(b)) for b in found.bases),
                *(("", "note", note) for note in found.notes),
                ("", "result", verdict(found)),
            ],
        ),
    )


def _row_cells(row: Row) -> tuple[str | Decimal, ...]:
    return (
        *_spot(row),
        row.procore,
        row.spectrum,
        row.difference,
        " ".join(cause.value for cause in row.causes),
        row.explanation,
    )


def _reason_cells(rows: Sequence[Row]) -> Iterator[tuple[str | Decimal, ...]]:
    for row in rows:
        for reason in row.reasons:
            yield (*_spot(row), reason.cause.value, reason.amount, reason.text)


def _spot(row: Row) -> tuple[str, str, str, str]:
    return row.spot.job, row.spot.measure.value, row.spot.phase, row.spot.cost_type
