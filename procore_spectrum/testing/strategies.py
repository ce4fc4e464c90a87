"""Hypothesis strategies for faults. Needs the extra ``testing``."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from procore_spectrum.testing import faults as f

__all__ = ["fault_plans", "fault_rules", "faults", "matches"]

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_SECONDS = st.floats(min_value=0, max_value=120, allow_nan=False).map(abs)


def faults(*, crashes: bool = True) -> st.SearchStrategy[f.Fault]:
    """Any fault. Without ``crashes`` only those that a server can have, too."""
    statuses = st.sampled_from([429, 500, 502, 503])
    kinds: list[st.SearchStrategy[Any]] = [
        st.sampled_from(
            [
                f.Refuse(),
                f.ResetBefore(),
                f.ResetAfter(),
                f.LostReply(),
                f.DuplicateRow(),
                f.ReadLag(),
                f.ExpiredToken(),
                f.ExpiredSession(),
            ]
        ),
        st.builds(f.Stall, seconds=_SECONDS),
        st.builds(
            f.Status,
            code=statuses,
            retry_after=st.none() | st.integers(0, 60),
            acted=st.booleans(),
        ),
        st.builds(f.SoapFault, code=st.sampled_from([200, 500]), acted=st.booleans()),
        st.builds(f.CutBody, at=st.integers(0, 5_000), framed=st.booleans()),
        st.builds(f.ClockSkew, seconds=st.integers(-86_400, 86_400)),
    ]
    if crashes:
        kinds.append(st.builds(f.Crash, point=st.sampled_from(["before_send", "after_reply"])))
        kinds.append(st.sampled_from([f.DiskFull(), f.LockedStore()]))
    return st.one_of(kinds)


def matches() -> st.SearchStrategy[f.Match]:
    """Any condition, also such as no call ever meets."""
    return st.builds(
        f.Match,
        at=st.none() | st.integers(1, 50),
        after=st.integers(0, 50),
        skip=st.integers(0, 5),
        label=st.none() | _TEXT,
        path=st.none() | _TEXT,
        method=st.none() | st.sampled_from(["GET", "POST", "PATCH"]),
    )


def fault_rules(*, crashes: bool = True) -> st.SearchStrategy[f.FaultRule]:
    """Any rule."""
    return st.builds(
        f.FaultRule,
        fault=faults(crashes=crashes),
        match=matches(),
        times=st.none() | st.integers(1, 5),
    )


def fault_plans(
    *, calls: int = 20, max_rules: int = 4, crashes: bool = True
) -> st.SearchStrategy[f.FaultPlan]:
    """Plans whose rules strike single calls among the first ``calls``: useful for whole runs.

    Every plan ends: after those calls nothing goes wrong any more.
    """
    rules = st.builds(
        f.FaultRule,
        match=st.builds(f.Match, at=st.integers(1, calls)),
        fault=faults(crashes=crashes),
    )
    return st.lists(rules, max_size=max_rules).map(lambda found: f.FaultPlan(tuple(found)))
