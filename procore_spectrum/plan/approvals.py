"""The approval of exports: states, events, and who may cause them.

The states and transitions are those of the official connector (its tutorials on sending,
accepting, rejecting, retrieving and unlinking), with three additions: a failed export can be
retried without a rejection, an interrupted one is resumed, and an acceptance binds to exactly
the record that was shown. What can no longer be exported is withdrawn, so that nobody accepts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum

import attrs

from procore_spectrum.errors import ConflictError

__all__ = ["TRANSITIONS", "Event", "Role", "State", "Transition", "next_state"]


class State(StrEnum):
    """Where an export stands."""

    NOT_SENT = "not_sent"
    READY_TO_EXPORT = "ready_to_export"
    RETRIEVED = "retrieved"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    EXPORTING = "exporting"
    SYNCED = "synced"
    FAILED = "failed"
    READY_TO_UPDATE = "ready_to_update"
    UNLINKED = "unlinked"

    @property
    def waits_for_approver(self) -> bool:
        """Whether an approver is asked."""
        return self in {State.READY_TO_EXPORT, State.READY_TO_UPDATE}

    @property
    def may_write(self) -> bool:
        """Whether the ERP may be written."""
        return self in {State.ACCEPTED, State.EXPORTING}


class Event(StrEnum):
    """What happens to an export."""

    SEND = "send"
    RETRIEVE = "retrieve"
    REJECT = "reject"
    ACCEPT = "accept"
    BEGIN = "begin"
    SUCCEED = "succeed"
    FAIL = "fail"
    RETRY = "retry"
    CHANGE = "change"
    UNLINK = "unlink"
    WITHDRAW = "withdraw"


class Role(Enum):
    """Who may cause an event."""

    SENDER = "sender"
    APPROVER = "approver"
    CONNECTOR = "connector"


@attrs.frozen
class Transition:
    """Where an event leads, and who may cause it."""

    to: State
    role: Role


_SENDER, _APPROVER, _CONNECTOR = Role.SENDER, Role.APPROVER, Role.CONNECTOR

TRANSITIONS: Mapping[tuple[State, Event], Transition] = {
    (State.NOT_SENT, Event.SEND): Transition(State.READY_TO_EXPORT, _SENDER),
    (State.RETRIEVED, Event.SEND): Transition(State.READY_TO_EXPORT, _SENDER),
    (State.REJECTED, Event.SEND): Transition(State.READY_TO_EXPORT, _SENDER),
    (State.UNLINKED, Event.SEND): Transition(State.READY_TO_EXPORT, _SENDER),
    (State.SYNCED, Event.SEND): Transition(State.READY_TO_UPDATE, _SENDER),
    (State.READY_TO_EXPORT, Event.RETRIEVE): Transition(State.RETRIEVED, _SENDER),
    (State.READY_TO_UPDATE, Event.RETRIEVE): Transition(State.SYNCED, _SENDER),
    (State.READY_TO_EXPORT, Event.REJECT): Transition(State.REJECTED, _APPROVER),
    (State.READY_TO_UPDATE, Event.REJECT): Transition(State.SYNCED, _APPROVER),
    (State.ACCEPTED, Event.REJECT): Transition(State.REJECTED, _APPROVER),
    (State.FAILED, Event.REJECT): Transition(State.REJECTED, _APPROVER),
    (State.READY_TO_EXPORT, Event.ACCEPT): Transition(State.ACCEPTED, _APPROVER),
    (State.READY_TO_UPDATE, Event.ACCEPT): Transition(State.ACCEPTED, _APPROVER),
    (State.FAILED, Event.RETRY): Transition(State.ACCEPTED, _APPROVER),
    (State.ACCEPTED, Event.BEGIN): Transition(State.EXPORTING, _CONNECTOR),
    (State.EXPORTING, Event.BEGIN): Transition(State.EXPORTING, _CONNECTOR),
    (State.EXPORTING, Event.SUCCEED): Transition(State.SYNCED, _CONNECTOR),
    (State.EXPORTING, Event.FAIL): Transition(State.FAILED, _CONNECTOR),
    (State.READY_TO_EXPORT, Event.CHANGE): Transition(State.READY_TO_EXPORT, _CONNECTOR),
    (State.READY_TO_UPDATE, Event.CHANGE): Transition(State.READY_TO_UPDATE, _CONNECTOR),
    (State.ACCEPTED, Event.CHANGE): Transition(State.READY_TO_EXPORT, _CONNECTOR),
    (State.EXPORTING, Event.CHANGE): Transition(State.READY_TO_EXPORT, _CONNECTOR),
    (State.FAILED, Event.CHANGE): Transition(State.READY_TO_EXPORT, _CONNECTOR),
    (State.READY_TO_EXPORT, Event.WITHDRAW): Transition(State.NOT_SENT, _CONNECTOR),
    (State.READY_TO_UPDATE, Event.WITHDRAW): Transition(State.SYNCED, _CONNECTOR),
    (State.ACCEPTED, Event.WITHDRAW): Transition(State.NOT_SENT, _CONNECTOR),
    (State.SYNCED, Event.UNLINK): Transition(State.UNLINKED, _APPROVER),
    (State.FAILED, Event.UNLINK): Transition(State.UNLINKED, _APPROVER),
    (State.EXPORTING, Event.UNLINK): Transition(State.UNLINKED, _APPROVER),
}
"""Every transition there is; anything else is refused."""


def next_state(state: State, event: Event) -> Transition:
    """Where an event leads.

    Raises:
        ConflictError: the event is not possible in that state.
    """
    found = TRANSITIONS.get((state, event))
    if found is None:
        possible = sorted(e.value for s, e in TRANSITIONS if s is state)
        raise ConflictError(
            f"cannot {event.value} what is {state.value.replace('_', ' ')}",
            hint=f"possible now: {', '.join(possible) or 'nothing'}",
        )
    return found
