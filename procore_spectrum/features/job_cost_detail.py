"""What was posted to jobs, read by SQL, as direct costs of their own beside the totals.

Transactions have no key, so those of one day, type and vendor are one direct cost, and those of
them on one phase and cost type are one of its lines: their sum. What the web services count and
no transaction tells stays in the line of the total, so that both together are what Spectrum has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.features.keys import ref
from procore_spectrum.features.world import World
from procore_spectrum.mapping import (
    Mapped,
    PostedCosts,
    job_cost_transactions_to_line,
    posted_costs_to_direct_cost,
    split_key,
)
from procore_spectrum.models import spectrum
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.ports import Crosswalk, StateStore

__all__ = ["Detail", "DetailLine", "elsewhere", "header_of", "is_detail", "lines_of"]

_PARTS = 6  # job, day, type, vendor, phase, cost type
_ZERO = Decimal(0)


def is_detail(row: CrosswalkRow) -> bool:
    """Whether a line shows transactions, not the total of its pair."""
    return len(split_key(row.ref.key)) == _PARTS


@attrs.frozen(kw_only=True)
class DetailLine:
    """A line with transactions: its pair, its direct cost, its values."""

    ref: Ref
    header: Ref
    pair: Ref
    mapped: Mapped

    @property
    def amount(self) -> Decimal:
        """Dollars that it takes out of the total of its pair."""
        amount = self.mapped.fields["amount"]
        return amount if self.mapped.ok and isinstance(amount, Decimal) else _ZERO


class Detail:
    """The transactions of all jobs.

    Args:
        world: what is read.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._settings = world.settings.job_costs
        self._mask = world.settings.cost_codes.phase_mask
        self._rows: dict[str, list[spectrum.JobCostTransactionRow]] = defaultdict(list)
        self.readable = True
        if self._settings.detail == "transactions" and self._settings.writer == "direct_costs":
            self._read()

    def _read(self) -> None:
        reading = self._world.erp_records("job_cost_transaction")
        self.readable = reading.complete
        if not reading.complete:
            text = "transactions are left as they are: no query of job_cost_transactions reads them"
            self._world.remark(
                "job_costs", Ref("settings", "job_costs.detail"), [_note("not-readable", text)]
            )
        since = self._settings.detail_from
        for row in reading.items:
            if since is None or row.transaction_date >= since:
                self._rows[row.job_number].append(row)

    def lines(self, job: str, pairs: Iterable[Ref]) -> list[DetailLine]:
        """The lines of one job, of pairs that have a total and a budget code."""
        wanted = set(pairs)
        groups: dict[tuple[PostedCosts, Ref], list[spectrum.JobCostTransactionRow]]
        groups = defaultdict(list)
        for row in self._rows.get(job, ()):
            code = row.phase_code.replace("-", "")
            if not self._mask.check(code):
                shown = self._mask.show(self._mask.split(code))
                pair = ref("direct_cost_line", job, shown, row.cost_type)
                if pair in wanted:
                    groups[PostedCosts.of(row), pair].append(row)
        return [self._line(costs, pair, rows) for (costs, pair), rows in sorted(groups.items())]

    def _line(
        self, costs: PostedCosts, pair: Ref, rows: list[spectrum.JobCostTransactionRow]
    ) -> DetailLine:
        mapped = job_cost_transactions_to_line(
            rows,
            self._mask,
            company_code=self._world.company.spectrum_company_code,
            settings=self._settings,
        )
        return DetailLine(
            ref=ref("direct_cost_line", *costs.parts, *split_key(pair.key)[1:]),
            header=ref("direct_cost", *costs.parts),
            pair=pair,
            mapped=mapped,
        )

    def headers(self, lines: Iterable[DetailLine]) -> Iterator[tuple[Ref, Mapped]]:
        """The direct costs of these lines."""
        for header in sorted({line.header for line in lines}):
            job, on, kind, vendor = split_key(header.key)
            costs = PostedCosts(job, date.fromisoformat(on), kind, vendor)
            linked = bool(vendor) and self._world.will_exist(ref("company", vendor))
            yield (
                header,
                posted_costs_to_direct_cost(costs, linked=linked, settings=self._settings),
            )


def header_of(row: CrosswalkRow) -> Ref:
    """The direct cost that holds a line."""
    parts = split_key(row.ref.key)
    return ref("direct_cost", *parts[: -2 if is_detail(row) else 1])


def lines_of(header: CrosswalkRow, store: StateStore) -> list[Ref]:
    """The linked lines of a linked direct cost."""
    rows = store.read_links(Crosswalk(kind="direct_cost_line", scope=header.scope))
    return [row.ref for row in rows if header_of(row) == header.ref]


def elsewhere(
    lines: Iterable[DetailLine], rows: Iterable[CrosswalkRow], *, readable: bool
) -> Mapping[Ref, Decimal]:
    """What lines of transactions show of each pair, as they should be.

    Where transactions cannot be read now, as they were written.
    """
    found: dict[Ref, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line.pair] += line.amount
    if not readable:
        for row in rows:
            job, *_, phase, cost_type = split_key(row.ref.key)
            amount = row.base.get("amount")
            if isinstance(amount, Decimal):
                found[ref("direct_cost_line", job, phase, cost_type)] += amount
    return found


def _note(code: str, text: str) -> Violation:
    return Violation(code=code, message=text)
