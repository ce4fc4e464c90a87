"""What became of a plan."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Literal, TypeAlias

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.plan.operations import Operation
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.render import one_line

__all__ = ["Outcome", "Report", "State"]

State: TypeAlias = Literal[
    "done", "adopted", "unchanged", "refused", "held", "waiting", "failed", "unknown"
]
_COUNTED: tuple[State, ...] = (
    "done",
    "adopted",
    "unchanged",
    "refused",
    "held",
    "waiting",
    "failed",
    "unknown",
)


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of one operation.

    =============  =================================================================
    state          meaning
    =============  =================================================================
    ``done``       written, and recorded
    ``adopted``    linked without writing: it was there already
    ``unchanged``  carried out by an earlier run
    ``refused``    the other system refused it; a person corrects the record
    ``held``       never attempted; a person decides
    ``waiting``    not attempted, because something before it did not succeed
    ``failed``     surely not carried out; the next run repeats it
    ``unknown``    sent and not answered; the next run looks it up first
    =============  =================================================================
    """

    op_id: str
    ref: Ref
    verb: str
    state: State
    title: str = ""
    target_id: str | None = None
    message: str = ""
    violations: tuple[Violation, ...] = ()

    @classmethod
    def of(cls, op: Operation, state: State, **more: Any) -> Outcome:
        """The outcome of an operation."""
        return cls(op_id=op.op_id, ref=op.ref, verb=op.verb, title=op.title, state=state, **more)


@attrs.frozen(kw_only=True)
class Report:
    """What :meth:`~procore_spectrum.Syncer.apply` did.

    ``stopped`` gives the reason when the run ended early; whatever came after is ``waiting``
    and is done by the next run. ``requests`` counts the calls that were sent.
    """

    plan_id: str
    outcomes: tuple[Outcome, ...]
    stopped: str = ""
    requests: int = 0

    @property
    def counts(self) -> Mapping[str, int]:
        """How many operations ended in each state."""
        found = Counter(outcome.state for outcome in self.outcomes)
        return {state: found[state] for state in _COUNTED}

    @property
    def succeeded(self) -> bool:
        """Whether everything that could be done was done (held records may remain)."""
        counts = self.counts
        return not self.stopped and not any(
            counts[state] for state in ("refused", "waiting", "failed", "unknown")
        )

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON-ready object; its keys are documented and versioned."""
        return {
            "plan_id": self.plan_id,
            "counts": dict(self.counts),
            "outcomes": [
                {
                    "op_id": outcome.op_id,
                    "kind": outcome.ref.kind,
                    "key": outcome.ref.key,
                    "verb": outcome.verb,
                    "state": outcome.state,
                    "target_id": outcome.target_id,
                    "message": outcome.message,
                    "violations": [str(violation) for violation in outcome.violations],
                }
                for outcome in self.outcomes
            ],
            "stopped": self.stopped,
            "requests": self.requests,
        }

    def render(self, style: Literal["text", "json"] = "text", *, limit: int | None = 20) -> str:
        """The report for a reader; successes are counted, everything else is listed."""
        if style == "json":
            return json.dumps(self.to_json(), ensure_ascii=False, indent=1)
        return "\n".join(one_line(line) for line in self._lines(limit))

    def _lines(self, limit: int | None) -> Iterator[str]:
        counts = {state: count for state, count in self.counts.items() if count}
        summary = " · ".join(f"{state} {count}" for state, count in counts.items())
        yield f"Applied plan {self.plan_id[:12]}: {summary or 'nothing to do'}"
        if self.stopped:
            yield f"STOPPED: {self.stopped}"
        ordered = sorted(self.outcomes, key=lambda o: (_COUNTED.index(o.state), o.ref))
        for (state, kind), group in groupby(ordered, key=lambda o: (o.state, o.ref.kind)):
            found = list(group)
            yield f"  {state} {len(found)} × {kind.replace('_', ' ')}"
            if state in {"done", "adopted", "unchanged"}:
                continue
            shown = found if limit is None else found[:limit]
            for outcome in shown:
                reasons = "; ".join(filter(None, [outcome.message, *map(str, outcome.violations)]))
                yield f"    {outcome.ref.key}  {outcome.title}: {reasons}"
            if len(found) > len(shown):
                yield f"    … and {len(found) - len(shown)} more"
