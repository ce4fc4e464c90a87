"""What a plan is made of beside the features: which are meant, what is withdrawn, what is noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from procore_spectrum.apply.approvals import WITHDRAWABLE, Approvals
from procore_spectrum.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RefusedError,
)
from procore_spectrum.features import FEATURES, STAGED, Feature
from procore_spectrum.features.world import World
from procore_spectrum.plan.diff import Draft
from procore_spectrum.plan.documents import Withdrawal
from procore_spectrum.plan.exports import ExportDraft, diff_export
from procore_spectrum.plan.operations import Held, Operation
from procore_spectrum.plan.plan import Note
from procore_spectrum.ports import StateStore

__all__ = [
    "check_jobs",
    "check_unsent",
    "chosen_features",
    "decided_in_vain",
    "doubts",
    "guarded",
    "withdrawn",
]


#: Why a document is held that accounting cannot mend by an answer.
_FINAL = frozenset({"edited-after-export", "in-doubt", "gone", "vanished"})


def chosen_features(names: Iterable[str]) -> Sequence[Feature]:
    """The features of these names, in the order of planning.

    Raises:
        ConfigurationError: there is no such feature.
    """
    wanted = list(names)
    known = {feature.name for feature in FEATURES}
    for name in wanted:
        if name not in known:
            raise ConfigurationError(
                f"there is no feature {name!r}",
                path="features",
                hint=f"choose from {', '.join(sorted(known))}",
            )
    return [feature for feature in FEATURES if feature.name in wanted]


def check_jobs(world: World) -> None:
    """Refuse a run that is limited to a job which there is not.

    Raises:
        NotFoundError: Spectrum lists no such job.
    """
    if world.only_jobs:
        unknown = world.only_jobs - {job.job_number for job in world.jobs().items}
        if unknown:
            raise NotFoundError(
                f"Spectrum lists no job {', '.join(sorted(unknown))}",
                path="jobs",
                hint="complete jobs are listed only if include_complete is set",
            )


def withdrawn(
    world: World, feature: Feature, exports: Sequence[ExportDraft], approvals: Approvals
) -> Iterator[Withdrawal]:
    """What waits for accounting and cannot be exported any more."""
    there = {export.document.ref for export in exports}
    for approval in approvals.list_approvals(states=WITHDRAWABLE):
        if approval.document.feature == feature.name and approval.ref not in there:
            why = feature.missing(world, approval.document)
            if why:
                yield Withdrawal(approval.ref, why)


def decided_in_vain(world: World, draft: Draft) -> Iterator[Note]:
    """Decisions about records that are not there: most likely a slip of the pen."""
    if draft.rules.kind not in STAGED or world.only_jobs is not None:
        return
    known = {wish.ref for wish in draft.desired} | {row.ref for row in draft.rows}
    for name, decision in sorted(world.decisions.items()):
        if name.kind == draft.rules.kind and name not in known and decision.choice != "ignore":
            text = f"{decision.choice} was decided for {name}, which Spectrum does not list"
            yield Note(draft.feature, text)


def guarded(operations: Iterable[Operation]) -> list[Operation]:
    """The operations without those of which many are nothing unusual."""
    usual = {r.kind for feature in FEATURES for r in feature.kinds if not r.guarded}
    return [op for op in operations if op.ref.kind not in usual]


def check_unsent(export: ExportDraft) -> None:
    """Refuse to ask accounting about what no acceptance could bring into the ERP."""
    found = diff_export(export)
    if not found:
        raise ConflictError(f"{export.document.ref} is exported already")
    for op in found:
        if isinstance(op, Held) and op.code in _FINAL:
            raise RefusedError(op.message, path=str(op.ref), hint=op.hint)


def doubts(store: StateStore) -> tuple[Note, ...]:
    """A note when earlier runs sent something without learning the outcome."""
    started = store.read_started()
    if not started:
        return ()
    text = f"{len(started)} writes of an earlier run have no known outcome yet"
    hint = "what it cannot look up, a person settles with resolve"
    return (Note("store", f"{text}; apply looks them up before it repeats anything; {hint}"),)
