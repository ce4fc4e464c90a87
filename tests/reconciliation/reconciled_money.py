"""Random money on both sides, and a reconciliation to render."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from procore_spectrum.plan.reconciliation import (
    Basis,
    Cause,
    Measure,
    Posting,
    Reason,
    Reconciliation,
    Spot,
    reconcile,
)

amounts = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(-(10**15), 10**15),
    st.integers(0, 6),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["=1+1", "+A1", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "<script>alert(1)</script>", '"&<b>']
)
causes = st.sampled_from([cause for cause in Cause if cause is not Cause.UNEXPLAINED])
spots = st.builds(
    Spot,
    st.sampled_from(list(Measure)),
    st.sampled_from(["24-0101", "24-0102", "=1"]),
    st.sampled_from(["", "010100", "020200"]),
    st.sampled_from(["", "L", "S"]),
)
reasons = st.builds(Reason, cause=causes, amount=amounts, text=texts)
postings = st.lists(
    st.builds(
        Posting,
        spot=spots,
        title=texts,
        procore=amounts,
        spectrum=amounts,
        reasons=st.lists(reasons, max_size=2).map(tuple),
    ),
    max_size=8,
)
reconciliations = st.builds(
    lambda found, notes: reconcile(found, company="1/ABC", notes=notes, bases=BASES),
    postings,
    st.lists(texts, max_size=2),
)

MOMENT = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
BASES = (
    Basis(measure=Measure.BUDGET, system="procore", how="budget lines", as_of=MOMENT),
    Basis(measure=Measure.COMMITTED_COST, system="spectrum", how="subcontracts", readable=False),
)


def month_end() -> Reconciliation:
    """Two jobs: one agrees, one has a contract that waits and a budget nobody can explain."""
    return reconcile(
        [
            posting(Measure.BUDGET, "24-0101", "1000", "1000"),
            posting(Measure.BUDGET, "24-0102", "500.5", "400.25"),
            posting(
                Measure.COMMITTED_COST,
                "24-0102",
                "12500",
                "0",
                Reason(
                    cause=Cause.WAITING, amount=Decimal(12500), text="SC-1 waits for accounting"
                ),
            ),
        ],
        company="1/ABC",
        bases=BASES,
        notes=["change requests cannot be read"],
        requests=7,
    )


def posting(measure: Measure, job: str, procore: str, spectrum: str, *reasons: Reason) -> Posting:
    """One record on phase 010100, cost type S."""
    return Posting(
        spot=Spot(measure, job, "010100", "S"),
        title="010100 S",
        procore=Decimal(procore),
        spectrum=Decimal(spectrum),
        reasons=reasons,
    )
