"""The approval queue: who may decide what, and what follows from it.

Nothing enters the ERP without an acceptance that is recorded here, and an acceptance binds to
exactly the document that was shown. Every step is a journal line with who, when and why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import attrs

from procore_spectrum.apply import notices
from procore_spectrum.apply.people import ApprovalSettings, Person
from procore_spectrum.apply.report import Outcome
from procore_spectrum.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    Violation,
)
from procore_spectrum.plan.approvals import Event as Happening
from procore_spectrum.plan.approvals import Role, State, next_state
from procore_spectrum.plan.documents import Document, Withdrawal, check_given
from procore_spectrum.plan.operations import Held, Operation, Update
from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields, plain, same
from procore_spectrum.ports import (
    Approval,
    Claim,
    Clock,
    Event,
    LockRequest,
    Notifier,
    StateStore,
    StoreChange,
)

__all__ = ["WITHDRAWABLE", "ApprovalSettings", "Approvals", "Person"]

_CONNECTOR = "procore-spectrum"
_DIGEST = "digest-sent-on"


class Approvals:
    """The queue of one pair of companies.

    Args:
        store: the handle of the pair.
        clock: dates the decisions.
        settings: how exports are approved.
        notifier: tells people what was rejected, failed or waits.
    """

    def __init__(
        self,
        store: StateStore,
        clock: Clock,
        settings: ApprovalSettings | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings or ApprovalSettings()
        self._notifier = notifier

    # ------------------------------------------------------------ looking

    def list_approvals(self, *, states: Collection[State] | None = None) -> Sequence[Approval]:
        """Every export that was ever sent, or those in the given states."""
        found = self._store.read_approvals()
        return [item for item in found if states is None or item.state in states]

    def get_approval(self, ref: Ref) -> Approval:
        """One export.

        Raises:
            NotFoundError: it was never sent.
        """
        found = self._store.read_approval(ref)
        if found is None:
            raise NotFoundError(
                f"{ref} is not in the queue", hint="apply a plan: it sends what is ready"
            )
        return found

    @property
    def has_notifier(self) -> bool:
        """Whether anybody is told anything."""
        return self._notifier is not None

    @property
    def digest_was_sent(self) -> bool:
        """Whether the digest of today (UTC) was sent."""
        return self._store.read_fact(_DIGEST) == self._today

    @property
    def _today(self) -> str:
        return self._clock.now().date().isoformat()

    def send_digest(self, *, again: bool = False) -> bool:
        """Tell people what waits for accounting, once a day (UTC), whoever calls it.

        Args:
            again: also if it was sent today already.

        Returns:
            Whether it was sent. One that was not delivered is sent by the next call.

        Raises:
            StoreBusyError: somebody else is sending it.
        """
        with self._store.lock(LockRequest(name=_DIGEST, owner="the digest")):
            if self.digest_was_sent and not again:
                return False
            waiting = notices.waiting(self._store.read_approvals())
            sent = notices.deliver(self._notifier, waiting)
            if sent:
                self._store.commit(StoreChange(facts={_DIGEST: self._today}))
            return sent

    # ------------------------------------------------------------ what people do

    def send(self, document: Document, *, by: Person) -> Approval:
        """Ask accounting to accept a document.

        Raises:
            NotPermittedError: that person does not send.
            RefusedError: something is wrong with the document; every fault is named.
            ConflictError: it is waiting or exported already.
        """
        if document.violations:
            raise RefusedError(
                f"{document.ref} cannot be sent",
                path=str(document.ref),
                violations=document.violations,
                hint="correct the record in Procore",
            )
        old = self._store.read_approval(document.ref)
        before = old or Approval(document=document, state=State.NOT_SENT)
        sent = attrs.evolve(before, document=document, message="")
        return self._move(sent, Happening.SEND, stored=old, by=by, why="")

    def retrieve(self, ref: Ref, *, by: Person, why: str = "") -> Approval:
        """Take an export back before it was answered.

        Raises:
            NotPermittedError, ConflictError: see :meth:`send`.
        """
        found = self.get_approval(ref)
        return self._move(found, Happening.RETRIEVE, stored=found, by=by, why=why)

    def reject(self, ref: Ref, *, by: Person, why: str = "") -> Approval:
        """Refuse an export; its sender may correct and send it again.

        Raises:
            NotPermittedError, ConflictError: see :meth:`send`.
        """
        found = self.get_approval(ref)
        moved = self._move(found, Happening.REJECT, stored=found, by=by, why=why)
        notices.deliver(self._notifier, notices.rejected(moved))
        return moved

    def accept(
        self, ref: Ref, *, by: Person, given: Fields | None = None, shown: str = "", why: str = ""
    ) -> Approval:
        """Let a document into the ERP, with the fields that only accounting knows.

        Args:
            ref: the document.
            by: the approver.
            given: the fields by name; what is left out is taken from the proposals.
            shown: the digest of what the approver saw; when given, another one is refused.
            why: the reason.

        Raises:
            NotPermittedError: not an approver, or the sender where four eyes are demanded.
            RefusedError: a field is missing or wrong; every fault is named.
            ConflictError: not waiting for an answer, or a number was given to another record.
        """
        approval = self.get_approval(ref)
        document, fields = approval.document, dict(given or {})
        if shown and shown != document.shown:
            raise RefusedError(
                f"{ref} was changed after it was shown", hint="look at it again, then accept it"
            )
        if self._settings.four_eyes and by.name == approval.requested_by:
            raise NotPermittedError(
                f"{by.name} sent {ref} and cannot accept it too", hint="ask another approver"
            )
        if self._settings.confirm_unread and document.unread and not why.strip():
            raise RefusedError(
                f"whether Spectrum has the number of {ref} cannot be read",
                path=str(ref),
                hint="look in Spectrum, then confirm with a reason",
            )
        faults = (*document.violations, *check_given(document, fields, self._taken(document)))
        if faults:
            raise RefusedError(f"{ref} cannot be accepted", path=str(ref), violations=faults)
        completed = document.completed(fields)
        kept = {need.name: completed[need.name] for need in document.needs}
        filled = {name: value for name, value in kept.items() if not same(value, None)}
        return self._move(
            attrs.evolve(approval, given=filled),
            Happening.ACCEPT,
            stored=approval,
            by=by,
            why=why,
            claims=tuple(
                Claim(need.space, str(completed[need.name]).strip(), ref)
                for need in document.needs
                if need.space and not same(completed[need.name], None)
            ),
        )

    def retry(self, ref: Ref, *, by: Person, why: str = "") -> Approval:
        """Let a failed export go on where it stopped, without rejecting it first.

        Raises:
            NotPermittedError, ConflictError: see :meth:`send`.
        """
        found = self.get_approval(ref)
        return self._move(found, Happening.RETRY, stored=found, by=by, why=why)

    def unlink(
        self, ref: Ref, *, by: Person, why: str, verified: bool, rows: Iterable[Ref] = ()
    ) -> Approval:
        """Forget that a document is in the ERP, after it was deleted there.

        Args:
            ref: the document.
            by: the approver.
            why: the reason; without verification it is the confirmation, and demanded.
            verified: whether the ERP was read and no longer has it.
            rows: the links that go.

        Raises:
            RefusedError: neither verified nor confirmed.
            NotPermittedError, ConflictError: see :meth:`send`.
        """
        if not verified and not why:
            raise RefusedError(
                f"whether the ERP still has {ref} cannot be read",
                hint="delete it there, then confirm with a reason",
            )
        found = self.get_approval(ref)
        return self._move(
            found,
            Happening.UNLINK,
            stored=found,
            by=by,
            why=why,
            unlinks=tuple(rows),
            verified=verified,
        )

    def _taken(self, document: Document) -> Mapping[str, frozenset[str]]:
        spaces = {need.space for need in document.needs if need.space}
        return {
            space: frozenset(
                claim.number
                for claim in self._store.read_claims(space)
                if claim.ref != document.ref
            )
            for space in spaces
        }

    def answered(self, document: Document, found: Sequence[Operation]) -> tuple[Operation, ...]:
        """The operations of a document, or the answer for which they are held.

        What was rejected, retrieved or unlinked is sent again by a person, and what failed is
        retried by one; until then a plan shows why nothing happens.
        """
        approval = self._store.read_approval(document.ref)
        if approval is None or not found or any(isinstance(op, Held) for op in found):
            return tuple(found)
        code, (message, hint) = approval.state.value, _ANSWERED.get(approval.state, ("", ""))
        if _refused_update(approval) and approval.document.shown == document.shown:
            code, message, hint = "rejected", approval.message, "change it, or send it again"
            approval = attrs.evolve(approval, message="")
        if not message:
            return tuple(found)
        reason = next((text for text in (approval.message, approval.why) if text), "")
        return (
            Held(
                feature=document.feature,
                ref=document.ref,
                title=document.title,
                target="spectrum",
                partition=found[0].partition,
                desired=dict(document.fields),
                document=document.ref,
                shown=document.shown,
                code=code,
                reason=message,
                message=f"{message}: {reason}" if reason else message,
                hint=hint,
            ),
        )

    def corrected(self, document: Document, left: Sequence[Operation]) -> Document | None:
        """How the queue has to show a document that cannot be exported as it is.

        Args:
            document: as it is now.
            left: what its export comes to; the reason why it is held becomes a violation.

        Returns:
            None when nobody is asked about it, or when it is shown like that already.
        """
        approval = self._store.read_approval(document.ref)
        if approval is None or approval.state not in _CORRECTED:
            return None
        held = [op for op in left if isinstance(op, Held) and op.code not in _SAID_ELSEWHERE]
        faults = [
            Violation(code=op.code, message=op.message, path=str(op.ref), hint=op.hint)
            for op in held
        ]
        shown = attrs.evolve(document, violations=(*document.violations, *faults))
        if approval.state is State.FAILED and approval.document.shown == shown.shown:
            return None
        return None if _same(approval.document, shown) else shown

    def unaccepted(self, documents: Iterable[Document]) -> frozenset[Ref]:
        """Which of these nobody has accepted as they are now."""
        found = ((document, self._store.read_approval(document.ref)) for document in documents)
        return frozenset(
            document.ref
            for document, approval in found
            if approval is None
            or approval.document.shown != document.shown
            or not (approval.state.may_write or approval.state is State.SYNCED)
        )

    # ------------------------------------------------------------ what the connector does

    def prepare(self, documents: Iterable[Document], *, by: Person) -> None:
        """Send what is new, and ask again about what was changed since it was shown."""
        for document in documents:
            # Who answers at this moment is faster; the next run asks about what is left.
            with suppress(ConflictError):
                self._prepare(document, by)

    def _prepare(self, document: Document, by: Person) -> None:
        approval = self._store.read_approval(document.ref)
        may_send = Role.SENDER in by.roles and not document.violations
        if approval is None or approval.state is State.NOT_SENT:
            if may_send:
                self._accept_automatically(self.send(document, by=by))
        elif _same(approval.document, document) and not _is_shown_anew(approval, document):
            return
        elif approval.state is State.SYNCED and may_send:
            self._accept_automatically(self.send(document, by=by))
        elif approval.state in _ASKED:
            changed = attrs.evolve(approval, document=document)
            why = "the record was changed after it was shown"
            self._accept_automatically(
                self._move(changed, Happening.CHANGE, stored=approval, by=_SELF, why=why)
            )

    def withdraw(self, withdrawals: Iterable[Withdrawal]) -> None:
        """Take out of the queue what can no longer be exported; it is sent again if it can."""
        for item in withdrawals:
            found = self._store.read_approval(item.ref)
            # Who answers at this moment is faster; the next run looks again.
            if found is not None and found.state in WITHDRAWABLE:
                withdrawn = attrs.evolve(found, message=item.why)
                with suppress(ConflictError):
                    self._move(withdrawn, Happening.WITHDRAW, stored=found, by=_SELF, why=item.why)

    def _accept_automatically(self, approval: Approval) -> None:
        document = approval.document
        if document.feature not in self._settings.automatic:
            return
        if document.unread and self._settings.confirm_unread:
            return
        # What cannot be accepted without a person waits for one.
        if not document.violations and not check_given(document, {}, self._taken(document)):
            why = f"{document.feature} is set to automatic"
            by = Person(name="settings", roles=frozenset({Role.APPROVER}))
            self.accept(document.ref, by=by, why=why)

    def objection(self, op: Operation) -> str:
        """Why an operation of a document may not be carried out; empty when it may be."""
        if op.document is None:
            return "it belongs to no document that could be accepted" if _writes_erp(op) else ""
        approval = self._store.read_approval(op.document)
        if approval is None:
            return "it was not sent to accounting yet"
        if approval.document.shown != op.shown:
            return "the record was changed since the plan was made; plan again"
        given = approval.given.items()
        if any(name in op.desired and not same(op.desired[name], value) for name, value in given):
            return "accounting gave other values than the plan has; plan again"
        if _writes_erp(op) and not approval.document.covers(_written(op)):
            return "accounting was shown other values than the plan has; plan again"
        if approval.state.may_write or (approval.state is State.SYNCED and not _writes_erp(op)):
            return ""
        return _WAITING.get(approval.state, f"the export is {approval.state.value}")

    def begin(self, refs: Iterable[Ref]) -> Mapping[Ref, str]:
        """Note that documents are being written; those that may not be any more, with why."""
        late = {}
        for ref in sorted(refs):
            try:
                self._begin(self.get_approval(ref))
            except ConflictError as error:
                late[ref] = error.message
        return late

    def _begin(self, approval: Approval) -> Approval:
        # Where nothing is written to the ERP any more, a document is marked after its end.
        if approval.state in {State.EXPORTING, State.SYNCED}:
            return approval
        return self._move(approval, Happening.BEGIN, stored=approval, by=_SELF, why="")

    def finish(self, outcomes: Mapping[Ref, Sequence[Outcome]]) -> None:
        """Note how the writing of documents ended; what is in doubt stays as it is."""
        for ref, found in outcomes.items():
            # Who answers at this moment is faster; the next run notes the end.
            approval = self._store.read_approval(ref)
            if approval is not None:
                with suppress(ConflictError):
                    self._finish(approval, found)

    def _finish(self, approval: Approval, found: Sequence[Outcome]) -> None:
        wholly = all(outcome.state in _THERE for outcome in found)
        if approval.state is State.ACCEPTED and wholly:
            approval = self._begin(approval)
        if approval.state is not State.EXPORTING:
            return
        bad = [outcome for outcome in found if outcome.state in {"refused", "failed"}]
        if wholly:
            done = attrs.evolve(approval, message="")
            self._move(done, Happening.SUCCEED, stored=approval, by=_SELF, why="")
        elif any(outcome.state == "refused" for outcome in bad):
            message = "; ".join(_reason(outcome) for outcome in bad)
            failed = attrs.evolve(approval, message=message)
            moved = self._move(failed, Happening.FAIL, stored=approval, by=_SELF, why=message)
            notices.deliver(self._notifier, notices.failed(moved))

    # ------------------------------------------------------------ one step

    def _move(
        self,
        approval: Approval,
        happening: Happening,
        *,
        stored: Approval | None,
        by: Person,
        why: str,
        claims: tuple[Claim, ...] = (),
        unlinks: tuple[Ref, ...] = (),
        verified: bool | None = None,
    ) -> Approval:
        """One transition, unless somebody has moved the export since it was ``stored`` so.

        Raises:
            NotPermittedError, ConflictError: see :meth:`send`.
        """
        transition = next_state(approval.state, happening)
        if transition.role not in by.roles:
            raise NotPermittedError(
                f"{by.name} may not {happening.value} {approval.ref}",
                hint=f"ask somebody with the role {transition.role.value}",
            )
        at = self._clock.now()
        moved = attrs.evolve(approval, state=transition.to)
        if happening is Happening.SEND:
            moved = attrs.evolve(moved, requested_by=by.name, requested_at=at, why="", given={})
        elif transition.to is State.SYNCED and happening in _REFUSED_UPDATES:
            # Otherwise the state would not tell that something is left to be done.
            moved = attrs.evolve(moved, message=_REFUSED_UPDATES[happening])
        if transition.role is Role.APPROVER or happening is Happening.RETRIEVE:
            moved = attrs.evolve(moved, decided_by=by.name, decided_at=at, why=why)
        event = Event(
            at=at,
            action=happening.value,
            ref=approval.ref,
            actor=by.name,
            detail={
                "from": approval.state.value,
                "to": transition.to.value,
                "why": [why] if why else [],
                "shown": approval.document.shown,
                "given": {name: plain(value) for name, value in approval.given.items()},
                **({} if verified is None else {"verified": verified}),
                **(_warned(approval.document) if happening is Happening.ACCEPT else {}),
            },
        )
        self._store.commit(
            StoreChange(
                approvals=(moved,),
                expected={approval.ref: stored},
                claims=claims,
                unlinks=unlinks,
                events=(event,),
            )
        )
        return moved


_THERE = frozenset({"done", "adopted", "unchanged"})
_SELF = Person(name=_CONNECTOR, roles=frozenset({Role.CONNECTOR}))

_ASKED = frozenset(
    {
        State.READY_TO_EXPORT,
        State.READY_TO_UPDATE,
        State.ACCEPTED,
        State.EXPORTING,
        State.FAILED,
    }
)

WITHDRAWABLE = frozenset({State.READY_TO_EXPORT, State.READY_TO_UPDATE, State.ACCEPTED})
"""Where the library takes back what can no longer be exported: nothing of it is written yet."""

_CORRECTED = WITHDRAWABLE | {State.FAILED}
# The rules that are broken are the document's own violations; another number may be free.
_SAID_ELSEWHERE = frozenset({"preflight", "collision"})

_WAITING: Mapping[State, str] = {
    State.NOT_SENT: "it was withdrawn",
    State.READY_TO_EXPORT: "it waits for accounting",
    State.READY_TO_UPDATE: "it waits for accounting",
    State.RETRIEVED: "its sender has retrieved it",
    State.REJECTED: "accounting has rejected it",
    State.FAILED: "the export failed; retry or reject it",
    State.UNLINKED: "it was unlinked; send it again",
}

_REFUSED_UPDATES: Mapping[Happening, str] = {
    Happening.REJECT: "accounting has refused the update",
    Happening.RETRIEVE: "its sender has retrieved the update",
}

_ANSWERED: Mapping[State, tuple[str, str]] = {
    State.RETRIEVED: ("its sender has retrieved it", "send it again when it is ready"),
    State.REJECTED: ("accounting has rejected it", "correct it, then send it again"),
    State.FAILED: ("the export failed", "retry it, or reject it"),
    State.UNLINKED: ("it was unlinked", "send it again if Spectrum shall have it"),
}


def _same(shown: Document, now: Document) -> bool:
    """Whether an approver would see the same, proposals, titles and warnings aside."""
    return shown.shown == now.shown and shown.violations == now.violations


def _warned(document: Document) -> dict[str, list[str]]:
    """What the journal keeps of the warnings that were shown."""
    return {"warnings": [str(found) for found in document.warnings]} if document.warnings else {}


def _refused_update(approval: Approval) -> bool:
    return approval.state is State.SYNCED and approval.message in _REFUSED_UPDATES.values()


def _is_shown_anew(approval: Approval, now: Document) -> bool:
    """Whether the same is asked again: it was withdrawn, or something else can be read now."""
    if approval.state is State.SYNCED:
        return bool(approval.message) and not _refused_update(approval)
    return approval.state.waits_for_approver and approval.document.unread is not now.unread


def _writes_erp(op: Operation) -> bool:
    return op.target == "spectrum"


def _written(op: Operation) -> Fields:
    if isinstance(op, Update):
        return {change.path: change.source for change in op.changes}
    return op.desired


def _reason(outcome: Outcome) -> str:
    parts: list[Any] = [outcome.message, *map(str, outcome.violations)]
    return f"{outcome.title or outcome.ref}: " + "; ".join(str(part) for part in parts if part)
