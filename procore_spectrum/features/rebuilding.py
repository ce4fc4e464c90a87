"""Rebuilds a store that was lost, from both systems and without writing to either.

Imports are found by origin ids and natural keys: a plan on an empty store links whatever both
sides agree on. Exports are found by their marks. What neither tells is held for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from procore_spectrum.features.change_orders import CHANGE_ORDERS
from procore_spectrum.features.commitments import COMMITMENTS
from procore_spectrum.features.feature import Feature
from procore_spectrum.features.planning import chosen_features
from procore_spectrum.features.prime_contracts import PRIME_CONTRACTS
from procore_spectrum.features.relinking import (
    Marked,
    Remembering,
    ambiguous_numbers,
    doubtful,
    marked_changes,
    marked_commitments,
    marked_prime_changes,
    relinked,
)
from procore_spectrum.features.world import World
from procore_spectrum.plan.exports import diff_export
from procore_spectrum.plan.operations import Held, Link
from procore_spectrum.plan.plan import Plan
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.render import one_line
from procore_spectrum.ports import Clock, StateStore

__all__ = ["Rebuilt", "rebuild"]

_MOST_ROUNDS = 5
"""Links below a link are found in the next round; nothing is nested that deep."""


@attrs.frozen(kw_only=True)
class Rebuilt:
    """What became of a rebuilt store.

    Args:
        links: imported records that were linked again, by kind.
        exports: documents that are known as exported again.
        held: what waits for a person, as the next plan shows it.
        unknown: what cannot be known any more.
    """

    links: Mapping[str, int]
    exports: tuple[Ref, ...]
    held: tuple[Held, ...]
    unknown: tuple[str, ...]

    def render(self) -> str:
        """The report for a reader."""
        lines = ["Linked again:"]
        lines += [f"  {count:>8,} × {kind.replace('_', ' ')}" for kind, count in self.links.items()]
        lines += [f"  exported: {name}" for name in self.exports] or ["  no export"]
        lines += ["Held for a person:" if self.held else "Nothing is held."]
        lines += [f"  {op.ref} ({op.code}): {op.message}; {op.hint}" for op in self.held]
        lines += ["Not known any more:", *(f"  - {text}" for text in self.unknown)]
        return "\n".join(map(one_line, lines))

    def to_json(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "links": dict(self.links),
            "exports": [str(name) for name in self.exports],
            "held": [
                {"key": str(op.ref), "code": op.code, "message": op.message, "hint": op.hint}
                for op in self.held
            ],
            "unknown": list(self.unknown),
        }


@attrs.frozen
class Tools:
    """What rebuilding works with: the facade's own steps, and its store.

    Args:
        store: the handle of the pair of companies.
        clock: tells the time.
        actor: who is recorded in the journal.
        features: names of those that a usual run has; exports of others are not looked for.
        plan: plans these features.
        adopt: carries a plan out that only links.
        world: both systems as a plan sees them, with a store to plan with.
    """

    store: StateStore
    clock: Clock
    actor: str
    features: tuple[str, ...]
    plan: Callable[[], Plan]
    adopt: Callable[[Plan], object]
    world: Callable[[StateStore], World]


def rebuild(tools: Tools) -> Rebuilt:
    """Link again whatever can be known. Nothing that is stored already is changed.

    Raises:
        SetupError, TryAgainError, ReplyError: a system could not be read; repeat it.
        RunStoppedError, StoreError: the store could not be written; repeat it.
    """
    links = _imports(tools)
    exports: list[Ref] = []
    # Change orders need the links of their commitments.
    for feature, find in (
        (COMMITMENTS, marked_commitments),
        (CHANGE_ORDERS, marked_changes),
        (PRIME_CONTRACTS, marked_prime_changes),
    ):
        if feature.name in tools.features:
            marked = find(tools.world(tools.store))
            new = [one for one in marked if tools.store.read_approval(one.document) is None]
            exports += _marked(tools, feature, new)
    _hold_the_rest(tools)
    return Rebuilt(
        links=dict(sorted(links.items())),
        exports=tuple(exports),
        held=tools.plan().held,
        unknown=_unknown(tools.world(tools.store)),
    )


def _imports(tools: Tools) -> Counter[str]:
    """Link what carries our key and agrees with the source, from above to below."""
    found: Counter[str] = Counter()
    for _ in range(_MOST_ROUNDS):
        plan = tools.plan()
        links = tuple(op for op in plan.operations if isinstance(op, Link) and not op.writes)
        if not links:
            break
        tools.adopt(attrs.evolve(plan, operations=links, documents=(), withdrawals=(), guards=()))
        found.update(op.ref.kind for op in links)
    return found


def _marked(tools: Tools, feature: Feature, marked: list[Marked]) -> list[Ref]:
    """Store what the marks of one kind of document say, or hold it for a person."""
    at = tools.clock.now()
    overlay: Any = Remembering(tools.store, marked, at)
    world = tools.world(overlay)
    drafts = {draft.document.ref: draft for draft in feature.exports(world)}
    twice = ambiguous_numbers(marked)
    done = []
    for one in marked:
        draft = drafts.get(one.document)
        if draft is None:
            continue
        shared = twice.get(one.document)
        change = shared or relinked(one, draft, world, at=at, actor=tools.actor)
        if isinstance(change, str):
            claims = () if shared else (one.claim,)
            change = doubtful(draft.document, change, at=at, actor=tools.actor, claims=claims)
        else:
            done.append(one.document)
        tools.store.commit(change)
    return done


def _hold_the_rest(tools: Tools) -> None:
    """What nobody knows of may be in Spectrum already: a person has to look first.

    Also what is held for another reason: when that is settled, it would be proposed.
    """
    world = tools.world(tools.store)
    for feature in chosen_features(tools.features):
        for draft in list(feature.exports(world)):
            document = draft.document
            if tools.store.read_approval(document.ref) is None and diff_export(draft):
                change = doubtful(document, "", at=tools.clock.now(), actor=tools.actor)
                tools.store.commit(change)


def _unknown(world: World) -> tuple[str, ...]:
    """What no system tells."""
    told = [
        "the journal: who decided what, when and why",
        "decisions to leave records out, and to take jobs on that Procore does not have yet",
        "numbers that were given to exports which carry no mark, or were rejected or unlinked:"
        " where a sequence gives numbers, begin it above the highest that Spectrum has before"
        " anything is accepted, for example with CR-1### in place of CR-####",
        "which exports were under way, and what was waiting for accounting: it is held until"
        " somebody sends it again",
        "which jobs were made of projects: codes that are added to such projects are not proposed"
        " any more",
        "exports of features that are switched off now: switch them on, and rebuild again",
        "exports of budgets and budget changes, and of change orders of the newer family: Procore"
        " has no place for their marks, so they are held; of forecasts: those that Spectrum does"
        " not have are held",
    ]
    if world.erp_ids("subcontract") is None:
        told.append(
            "whether exported records were edited since: Spectrum's subcontracts cannot be read"
            " without SQL, so what Procore says now counts as what was exported"
        )
    return tuple(told)
