"""What change orders of both kinds and budget changes have in common as change requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.mapping.text import clean, fitting

__all__ = [
    "COST_ONLY",
    "REVENUE_AND_COST",
    "Recognition",
    "contract_faults",
    "local_day",
    "request_text",
    "status_faults",
]

_LENGTH = 250


@attrs.frozen(kw_only=True)
class Recognition:
    """What Spectrum has to recognise of a change request, by the action of its status code.

    Args:
        actions: those that will do.
        change: the change, in a few words.
        hint: which code to choose.
    """

    actions: tuple[int, ...]
    change: str
    hint: str


COST_ONLY = Recognition(
    actions=(3,), change="a change of cost alone", hint="choose a code that recognises cost only"
)
REVENUE_AND_COST = Recognition(
    actions=(1, 2),
    change="a change of revenue and cost",
    hint="choose a code that recognises both",
)


def contract_faults(job_number: str, customer_code: str) -> Iterator[Violation]:
    """Why there is no contract of job and customer that a change request could belong to."""
    if not job_number:
        yield Violation(
            code="job-not-linked",
            message="the project is not linked to a job",
            path="project",
            hint="link or export the project first",
        )
    elif not customer_code:
        yield Violation(
            code="customer-missing",
            message="the job has no customer, and so no contract for change requests",
            path="customer_code",
            hint="give the job its customer in Spectrum",
        )


def status_faults(
    code: str, actions: Mapping[str, int], *, wanted: Recognition, section: str
) -> Iterator[Violation]:
    """Why a change request cannot get this status code.

    Args:
        code: from the settings; blank when none is set.
        actions: what each code does, as set up in Spectrum.
        wanted: what has to be recognised.
        section: of the settings, for the hint.
    """
    if not code:
        yield Violation(
            code="status-code-missing",
            message="no status code is set for change requests",
            path="cr_status",
            hint=f"set [{section}] status_code; codes are your installation's own",
        )
        return
    action = actions.get(code)
    if action is None:
        yield Violation(
            code="status-action-unknown",
            message=f"what the status code {code!r} does is not set",
            path="cr_status",
            hint=f"set [{section}.status_actions], as in Spectrum's status code maintenance",
        )
    elif action not in wanted.actions:
        needed = " or ".join(map(str, wanted.actions))
        yield Violation(
            code="status-action",
            message=f"the status code {code!r} has action {action}; {wanted.change} needs action"
            f" {needed}",
            path="cr_status",
            hint=wanted.hint,
        )


def request_text(
    description: str | None, title: str | None, how: str, notes: list[Violation]
) -> str:
    """The description of a change request: that of the change, or its title.

    Args:
        description: of the change.
        title: of the change.
        how: ``"hold"`` or ``"shorten"`` what has more than 250 characters.
        notes: where a note goes that it was shortened.
    """
    return fitting(clean(description) or clean(title), _LENGTH, "cr_description", how, notes)


def local_day(moment: datetime, hours: int) -> date:
    """The day of a moment where clocks are this many hours ahead of UTC, -12 to 14."""
    try:
        return moment.astimezone(timezone(timedelta(hours=hours))).date()
    except OverflowError:  # at the ends of the calendar
        return moment.date()
