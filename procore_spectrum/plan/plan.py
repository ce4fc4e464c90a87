"""The plan: every operation in its order, what is held, and whether the guards let it pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.plan.documents import Document, Withdrawal
from procore_spectrum.plan.operations import Deactivate, Held, Link, Operation, Update
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import digest

__all__ = ["GuardSettings", "Note", "Plan", "check_guards"]

_COUNTED = ("create", "update", "link", "deactivate", "held")


@attrs.frozen(kw_only=True)
class GuardSettings:
    """When a run is stopped because it would change too much at once.

    Args:
        max_share: the largest share of the linked records of a kind that one run may change or
            deactivate.
        min_records: below that many changed records the share is not looked at.
        max_new_projects: Procore asks to agree on creating more projects than that, and to do
            it outside of working hours (developers.procore.com, create project).
    """

    max_share: Decimal = Decimal("0.30")
    min_records: int = 10
    max_new_projects: int = 300


@attrs.frozen
class Note:
    """A remark for the reader of the plan that asks for nothing."""

    feature: str
    text: str


@attrs.frozen(kw_only=True, slots=False)
class Plan:
    """What would be done, and why. Making one changes nothing in either system.

    Args:
        company: both companies, e.g. ``598134325658789/ABC``.
        operations: in the order in which they will be carried out, held ones included.
        documents: exports that are proposed to accounting, as they would be shown. Of those that
            are held, only the ones that the queue shows differently now.
        withdrawals: what waits for accounting and can no longer be exported.
        waiting: documents that nobody has accepted yet as they are.
        guards: reasons why :meth:`~procore_spectrum.Syncer.apply` will refuse the plan.
        notes: remarks.
        as_of: when the reading began; None for plans built by hand.
        requests: calls that the reading took.
    """

    company: str
    operations: tuple[Operation, ...]
    documents: tuple[Document, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    waiting: frozenset[Ref] = frozenset()
    guards: tuple[Violation, ...] = ()
    notes: tuple[Note, ...] = ()
    as_of: datetime | None = None
    requests: int = 0

    @cached_property
    def plan_id(self) -> str:
        """A digest of the company and of every operation, in their order."""
        return digest([self.company, *(op.op_id for op in self.operations)])

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many operations of each verb: create, update, link, deactivate, held."""
        found = Counter(op.verb for op in self.operations)
        return {verb: found[verb] for verb in _COUNTED}

    @property
    def held(self) -> tuple[Held, ...]:
        """Records that wait for a person."""
        return tuple(op for op in self.operations if isinstance(op, Held))

    @property
    def todo(self) -> tuple[Operation, ...]:
        """Everything that :meth:`~procore_spectrum.Syncer.apply` would carry out."""
        return tuple(op for op in self.operations if not isinstance(op, Held))

    @property
    def corrected(self) -> tuple[Document, ...]:
        """Documents that cannot be exported as they are, and that the queue shows differently."""
        todo = {op.document for op in self.todo}
        return tuple(document for document in self.documents if document.ref not in todo)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to be done (held records may remain)."""
        return not (self.todo or self.withdrawals or self.corrected)

    def render(
        self, style: Literal["text", "markdown", "json"] = "text", *, limit: int | None = 20
    ) -> str:
        """The plan for a reader.

        Args:
            style: plain text, Markdown, or the documented JSON.
            limit: most operations shown per kind in text and Markdown; None shows all.
        """
        from procore_spectrum.plan import codec, render

        if style == "json":
            return codec.dumps(self)
        return render.text(self, limit=limit, markdown=style == "markdown")


def check_guards(
    operations: Sequence[Operation], linked: Mapping[str, int], settings: GuardSettings
) -> tuple[Violation, ...]:
    """The reasons to stop a run, if any.

    Args:
        operations: the plan's operations.
        linked: number of linked records per kind.
        settings: the limits.
    """
    found = []
    changed = Counter(
        op.ref.kind
        for op in operations
        # Exports are accepted one by one; their marks are no surprise.
        if op.document is None
        and (isinstance(op, Update | Deactivate) or (isinstance(op, Link) and op.changes))
    )
    for kind, count in sorted(changed.items()):
        total = max(linked.get(kind, 0), count)
        if count >= settings.min_records and count > settings.max_share * total:
            found.append(
                Violation(
                    code="guard-share",
                    path=kind,
                    message=f"{count} of {total} linked {kind} records would be changed or"
                    f" deactivated; the limit is {settings.max_share:.0%}",
                    hint="look at the plan; if it is meant, apply it with a reason",
                )
            )
    projects = sum(1 for op in operations if op.verb == "create" and op.ref.kind == "project")
    if projects > settings.max_new_projects:
        found.append(
            Violation(
                code="guard-projects",
                path="project",
                message=f"{projects} projects would be created at once; the limit is"
                f" {settings.max_new_projects}",
                hint="agree on it with Procore and run it in the evening, or choose jobs",
            )
        )
    return tuple(found)
