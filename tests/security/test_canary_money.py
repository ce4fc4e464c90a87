"""No secret stays anywhere of a run of all that is about money, in good and in bad days."""

from __future__ import annotations

import pytest
from canary_commands import run_money_commands
from canary_money import FAULTS, run_money
from canary_run import PLANTED, Leftovers, everything_logged, read_files
from money_company import FEATURES as MONEY_FEATURES

from procore_spectrum.features import FEATURES

# Takes minutes; nox tries it on one Python.
pytestmark = pytest.mark.survey


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Leftovers:
    """Everything is switched on; every sort of call fails once, and every fault strikes."""
    folder, found = tmp_path_factory.mktemp("canary"), Leftovers()
    with everything_logged(found):
        run_money(found, folder)
        run_money_commands(found, folder)
    read_files(found, folder)
    return found


def test_no_secret_is_left_anywhere(left: Leftovers) -> None:
    """Not in stores, backups, plans, reports, notices, reconciliations, logs, errors or reprs."""
    assert left.found() == []


def test_every_feature_wrote_something(left: Leftovers) -> None:
    """The canary runs cover every feature there is; another one fails here."""
    assert left.features == set(MONEY_FEATURES) == {feature.name for feature in FEATURES}


def test_every_sort_of_call_failed_and_repeated_what_it_was_sent(left: Leftovers) -> None:
    """Reads and writes of either system, down to the last that a money feature makes."""
    assert {
        "ARChangeRequest",
        "AddPhase",
        "GetPhase",
        "JobCostProjections",
        "UpdateSubcontract",
        "UpdateSubcontractPhases",
        "get budget change",
        "list budget rows",
        "list prime change orders",
        "sync budget lines",
        "sync direct cost lines",
    } <= left.echoed


def test_every_fault_struck(left: Leftovers) -> None:
    """None was asked for in vain; many of them ended in an error."""
    assert {fault for fault, count in left.struck.items() if count} == set(FAULTS)
    kinds = {type(error).__name__ for error in left.errors}
    assert {
        "AuthenticationError",
        "NotSentError",
        "RateLimitedError",
        "RefusedError",
        "SimulatedCrash",
        "UnavailableError",
        "UnreadableReplyError",
    } <= kinds


def test_the_commands_did_what_they_are_for(left: Leftovers) -> None:
    """A run and a comparison succeed where secrets are right, and fail where they are wrong."""
    assert left.statuses["rebuild"] == [3, 3, 3]
    assert left.statuses["apply"] == [3, 3]
    assert left.statuses["reconcile"] == [3, 1, 1] * 2 + [3] * 3


def test_everything_was_there_to_be_searched(left: Leftovers) -> None:
    """The search cannot be empty: each place was reached, and tokens were in use."""
    assert len(left.secrets) > len(PLANTED) + 1
    assert {
        "errors",
        "file backup-of-budgets-in.db",
        "file books.xlsx",
        "file money.csv",
        "file money.db",
        "file money.html",
        "file money.xlsx",
        "file money-plan.json",
        "file money-token.json",
        "file budgets-in.db",
        "file budgets-out.db",
        "journal",
        "logs",
        "notices",
        "output of approvals",
        "output of reconcile",
        "plans",
        "reconciliations",
        "recorded calls",
        "reports",
        "reprs",
        "tracebacks",
    } <= set(left.texts)
