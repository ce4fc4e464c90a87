"""The states of an export: where each event leads, who may cause it, and what is impossible."""

from __future__ import annotations

import pytest

from procore_spectrum.errors import ConflictError
from procore_spectrum.plan.approvals import TRANSITIONS, Event, Role, State, next_state

# Written down once more, by hand, from the behaviour that is wanted: state, event, state, role.
WANTED = """
not_sent         send      ready_to_export  sender
retrieved        send      ready_to_export  sender
rejected         send      ready_to_export  sender
unlinked         send      ready_to_export  sender
synced           send      ready_to_update  sender
ready_to_export  retrieve  retrieved        sender
ready_to_update  retrieve  synced           sender
ready_to_export  reject    rejected         approver
ready_to_update  reject    synced           approver
accepted         reject    rejected         approver
accepted         reject    rejected         approver
failed           reject    rejected         approver
ready_to_export  accept    accepted         approver
ready_to_update  accept    accepted         approver
failed           retry     accepted         approver
synced           unlink    unlinked         approver
failed           unlink    unlinked         approver
exporting        unlink    unlinked         approver
accepted         begin     exporting        connector
exporting        begin     exporting        connector
exporting        succeed   synced           connector
exporting        fail      failed           connector
ready_to_export  change    ready_to_export  connector
ready_to_update  change    ready_to_update  connector
accepted         change    ready_to_export  connector
exporting        change    ready_to_export  connector
failed           change    ready_to_export  connector
ready_to_export  withdraw  not_sent         connector
ready_to_update  withdraw  synced           connector
accepted         withdraw  not_sent         connector
"""
ROWS = [tuple(line.split()) for line in WANTED.strip().splitlines()]
POSSIBLE = {(State(state), Event(event)) for state, event, _, _ in ROWS}
IMPOSSIBLE = [
    (state, event) for state in State for event in Event if (state, event) not in POSSIBLE
]


@pytest.mark.parametrize(("state", "event", "to", "role"), ROWS)
def test_every_transition(state: str, event: str, to: str, role: str) -> None:
    """Each possible event leads where it should, and only one role may cause it."""
    found = next_state(State(state), Event(event))
    assert (found.to, found.role) == (State(to), Role(role))


@pytest.mark.parametrize(("state", "event"), IMPOSSIBLE)
def test_every_other_event_is_refused(state: State, event: Event) -> None:
    """What is not in the table is refused, and the refusal names what is possible."""
    with pytest.raises(ConflictError) as caught:
        next_state(state, event)
    possible = {e.value for s, e in POSSIBLE if s is state}
    assert set(caught.value.hint.removeprefix("possible now: ").split(", ")) == possible


def test_the_table_has_no_other_transition() -> None:
    """The product knows exactly the transitions that are written down here."""
    assert set(TRANSITIONS) == POSSIBLE


def test_only_an_acceptance_leads_to_writing() -> None:
    """Nothing but an approver's word makes the ERP writable."""
    leading = {
        (event, way.role)
        for (state, event), way in TRANSITIONS.items()
        if way.to.may_write and not state.may_write
    }
    assert leading == {(Event.ACCEPT, Role.APPROVER), (Event.RETRY, Role.APPROVER)}


def test_every_state_can_be_reached_and_left() -> None:
    """There is a way from "not sent" to each state, and one out of each."""
    reached, frontier = {State.NOT_SENT}, [State.NOT_SENT]
    while frontier:
        state = frontier.pop()
        for (start, _), way in TRANSITIONS.items():
            if start is state and way.to not in reached:
                reached.add(way.to)
                frontier.append(way.to)
    assert reached == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State)


@pytest.mark.parametrize("state", State)
def test_who_is_asked(state: State) -> None:
    """An approver is asked exactly where an acceptance is possible."""
    assert state.waits_for_approver == ((state, Event.ACCEPT) in POSSIBLE)
