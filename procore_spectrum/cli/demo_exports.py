"""The second half of the demo: exports, and an accountant who has the last word on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from procore_spectrum.apply.approvals import Person
from procore_spectrum.cli.connect import Connection
from procore_spectrum.cli.demo_people import Line, ProjectTeam
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import show
from procore_spectrum.ports import Approval
from procore_spectrum.wire.httpx_transport import HttpxTransport
from procore_spectrum.wire.messages import Request

__all__ = ["EXPORTS", "put_right", "run_exports"]

EXPORTS = ("commitments", "change_orders", "prime_contracts")
_ANNA = Person(name="Anna, accounting")
_PAUL = Person(name="Paul, project manager")


def run_exports(
    connection: Connection,
    opened: Mapping[str, Any],
    team: ProjectTeam,
    tell: Callable[..., None],
) -> dict[str, Ref]:
    """Contracts accepted, rejected, retrieved, refused, interrupted; and two change orders.

    Returns the contracts by what became of them.
    """
    contracts = _write_contracts(team)
    tell(f"5. People write five subcontracts in Procore, on job {team.job}. They are proposed:")
    _run(connection)
    queue = connection.syncer.approvals
    tell(*(f"   {line}" for item in queue.list_approvals() for line in _shown(item)))
    tell("   One is not proposed. Everything that is wrong with it is said at once:")
    plan = connection.syncer.plan(features=EXPORTS)
    tell(*(f"   - {fault}" for held in plan.held for fault in held.violations))
    _answer(connection, contracts, tell)
    _interrupt(connection, opened, contracts["half"], tell)
    _change(connection, team, contracts["accepted"], tell)
    _owner_change(connection, team, tell)
    return contracts


def put_right(
    connection: Connection,
    team: ProjectTeam,
    contracts: Mapping[str, Ref],
    tell: Callable[..., None],
) -> dict[str, str]:
    """People settle what was left: the rejected, the retrieved and the faulty contract.

    Returns the state in which each document ends.
    """
    queue = connection.syncer.approvals
    rejected, retrieved, faulty = (contracts[name] for name in ("rejected", "retrieved", "faulty"))
    team.correct_contract(int(rejected.key), title="Painting, budget approved")
    team.correct_contract(
        int(faulty.key),
        ["Standing seam roofing"],
        title="Roofing",
        retainage_percent="7.2",
    )
    for ref in (rejected, retrieved):
        connection.syncer.send(ref, by=_PAUL)
    _run(connection)
    for ref in (rejected, retrieved, faulty):
        queue.accept(ref, by=_ANNA)
    _run(connection)
    states = {item.document.title: item.state.value for item in queue.list_approvals()}
    tell(
        "10. People settle it: the budget for SC-102 is found, SC-103 is sent again, SC-104 is",
        "    corrected; Anna accepts all three. How everything ends:",
        *(f"    {title}: {state}" for title, state in states.items()),
    )
    return states


def _write_contracts(team: ProjectTeam) -> dict[str, Ref]:
    two = (Line("Formwork", "12500.00"), Line("Reinforcement", "8340.55"))
    three = (*two, Line("Pouring", "21000.10"))
    made = {
        "accepted": team.write_contract("SC-101", "Concrete works", two, retainage_percent=10),
        "rejected": team.write_contract("SC-102", "Painting", two),
        "retrieved": team.write_contract("SC-103", "Landscaping", two),
        "faulty": team.write_contract(
            "SC-104",
            "Roofing " * 20,
            (Line("Standing seam roofing incl. all flashings", "9000.00"),),
            retainage_percent=Decimal("7.25"),
        ),
        "half": team.write_contract("SC-105", "Structural steel", three),
    }
    return {name: Ref("commitment", str(contract)) for name, contract in made.items()}


def _run(connection: Connection) -> None:
    syncer = connection.syncer
    syncer.apply(syncer.plan(features=EXPORTS))


def _shown(item: Approval) -> list[str]:
    document = item.document
    asked = ", ".join(f"{need.name} {show(need.proposal)}" for need in document.needs)
    return [f"{document.title}: {show(document.amount)}, proposed: {asked}"]


def _answer(
    connection: Connection, contracts: Mapping[str, Ref], tell: Callable[..., None]
) -> None:
    queue = connection.syncer.approvals
    queue.accept(contracts["accepted"], by=_ANNA, given={"subcontract_number": "SUB-0101"})
    queue.reject(contracts["rejected"], by=_ANNA, why="no budget for painting yet")
    queue.retrieve(contracts["retrieved"], by=_PAUL)
    queue.accept(contracts["half"], by=_ANNA)
    tell(
        "6. Accounting answers: SC-101 is accepted as SUB-0101, SC-102 rejected, SC-105",
        "   accepted; its sender retrieves SC-103.",
    )


def _interrupt(
    connection: Connection, opened: Mapping[str, Any], half: Ref, tell: Callable[..., None]
) -> None:
    """Spectrum falls silent in the middle of SC-105; the next run goes on at that line."""
    _set_faults(opened, "path UpdateSubcontractPhases skip 4 times any : reset_before")
    _run(connection)
    state = connection.syncer.approvals.get_approval(half).state.value
    lines = _lines(connection, half)
    _set_faults(opened, "")
    _run(connection)
    after = connection.syncer.approvals.get_approval(half).state.value
    tell(
        f"   Spectrum fails in the middle: SC-105 is {state}, with {lines} of 3 lines written.",
        f"   The next run goes on there: SC-105 is {after}, with {_lines(connection, half)} lines.",
    )


def _lines(connection: Connection, document: Ref) -> int:
    rows = connection.syncer.links("subcontract_line")
    return sum(row.ref.key.startswith(f"{document.key}/") for row in rows)


def _change(
    connection: Connection, team: ProjectTeam, contract: Ref, tell: Callable[..., None]
) -> None:
    line = Line("Deeper footings", "1500.25")
    change = team.write_change_order(int(contract.key), "001", "Deeper footings", line)
    _run(connection)
    ref = Ref("change_order", str(change))
    accepted = connection.syncer.approvals.accept(ref, by=_ANNA)
    _run(connection)
    number = accepted.given["change_request_number"]
    tell(f"7. A change order of 1,500.25 on SC-101 is accepted as change request {number}.")


def _owner_change(connection: Connection, team: ProjectTeam, tell: Callable[..., None]) -> None:
    change = team.write_owner_change("001", "Higher windows", Line("Higher windows", "9800.40"))
    _run(connection)
    ref = Ref("prime_change_order", str(change))
    accepted = connection.syncer.approvals.accept(ref, by=_ANNA)
    _run(connection)
    number = accepted.given["change_request_number"]
    tell(
        "8. The owner orders a change of 9,800.40. It is accepted as change request",
        f"   {number}, for revenue and cost.",
    )


def _set_faults(opened: Mapping[str, Any], text: str) -> None:
    """Tell the Spectrum sandbox what shall go wrong; nothing if blank."""
    transport = HttpxTransport()
    try:
        transport.send(
            Request(
                method="POST" if text else "DELETE",
                url=f"{opened['spectrum']['url']}/_sandbox/faults",
                headers=(("Content-Type", "application/json"),) if text else (),
                content=json.dumps(text).encode() if text else b"",
                label="sandbox faults",
            )
        )
    finally:
        transport.close()
