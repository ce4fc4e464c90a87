"""What has to be done to bring one document into the ERP: the records, then the marks.

Exports are not compared like imports. The ERP's records are written once, after an acceptance,
and never silently changed: a record that exists there without a link of ours is a collision,
and a document that is edited after its export is held, because it needs a change order. Only
when the ERP has taken everything is the record in Procore marked as synced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from procore_spectrum.plan.documents import Document
from procore_spectrum.plan.operations import Create, FieldChange, Held, Link, Operation, Update
from procore_spectrum.plan.records import CrosswalkRow, Ref
from procore_spectrum.plan.values import Fields, same

__all__ = ["ExportDraft", "ExportMark", "ExportRecord", "ExportUpdate", "diff_export"]


@attrs.frozen(kw_only=True)
class ExportRecord:
    """One record of the ERP that the document becomes.

    ``natural_key`` is the ERP's own key of it, made of the fields ``key``; ``parent`` the record
    that has to exist first; ``settled`` names fields that accounting or the settings gave, and
    that are not an edit of the document when they differ later.
    """

    ref: Ref
    title: str
    fields: Fields
    natural_key: str
    key: tuple[str, ...] = ()
    parent: Ref | None = None
    settled: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True)
class ExportMark:
    """The mark on a record of Procore that tells its ERP key; written after everything else.

    ``parent`` is the mark of the record that contains it.
    """

    ref: Ref
    target_id: str
    fields: Fields
    parent: Ref | None = None


@attrs.frozen(kw_only=True)
class ExportUpdate:
    """Changes of a record that the ERP has already.

    Args:
        ref: names the record as it was changed last.
        title: what a person calls it.
        target_id: the record in the ERP.
        changes: what was changed in Procore only.
        conflicts: what both systems changed, differently.
        before: the values that were sent last; empty when none were.
    """

    ref: Ref
    title: str
    target_id: str
    changes: tuple[FieldChange, ...]
    conflicts: tuple[FieldChange, ...] = ()
    before: Fields = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class ExportDraft:
    """Everything needed to decide about one document.

    Args:
        document: as it would be shown, with all that is wrong with it.
        records: in the order of writing.
        marks: on the records of Procore.
        rows: the links of records and marks that exist.
        doubts: what earlier runs sent of these records without learning the outcome.
        seen: the ERP's records under these natural keys; None when they cannot be read.
        scope: the project in which the marks are written.
        partition: what is locked meanwhile; usually the job.
        extendable: whether records may be added after the first export.
        closing: whether the queue does not know yet that everything was exported.
        exported: whether the queue knows it; what is added then is an edit.
        update: what is changed of a record that the ERP has; there are no other records then.
        vanished: whether Procore no longer has the document, of which something was written.
    """

    document: Document
    records: tuple[ExportRecord, ...]
    marks: tuple[ExportMark, ...] = ()
    rows: Mapping[Ref, CrosswalkRow] = attrs.field(factory=dict)
    doubts: Mapping[Ref, Fields] = attrs.field(factory=dict)
    seen: Mapping[str, Fields] | None = None
    scope: Ref | None = None
    partition: str = ""
    extendable: bool = False
    closing: bool = False
    exported: bool = False
    update: ExportUpdate | None = None
    vanished: bool = False

    @property
    def complete(self) -> bool:
        """Whether it was exported wholly: its marks are set, or, without any, all records."""
        if self.exported:
            return True
        needed = [item.ref for item in self.marks] or [item.ref for item in self.records]
        return bool(needed) and all(ref in self.rows for ref in needed)


def diff_export(draft: ExportDraft) -> tuple[Operation, ...]:
    """The operations that are left to do, or the one reason why nothing may be done."""
    if draft.update is not None:
        return (_update(draft, draft.update),)
    reason = _objection(draft)
    if reason is not None:
        return (reason,)
    return (*_records(draft), *_marks(draft))


def _update(draft: ExportDraft, update: ExportUpdate) -> Operation:
    if update.conflicts:
        return _held(
            draft,
            "conflict",
            "both systems changed the same field, differently",
            "make both sides equal, in either system",
            changes=update.conflicts,
        )
    if draft.document.violations:
        return _broken(draft)
    sent = {change.path: change.source for change in update.changes}
    return Update(
        feature=draft.document.feature,
        ref=update.ref,
        title=update.title,
        reason="changed in Procore, which owns it; sent after acceptance",
        target="spectrum",
        target_id=update.target_id,
        changes=update.changes,
        before=dict(update.before),
        desired={**update.before, **sent},
        partition=draft.partition,
        document=draft.document.ref,
        shown=draft.document.shown,
    )


# ---------------------------------------------------------------- what is in the way


def _broken(draft: ExportDraft) -> Held:
    count = len(draft.document.violations)
    return _held(
        draft,
        "preflight",
        f"{count} rule{'s' if count > 1 else ''} broken",
        "correct the record in Procore",
    )


def _objection(draft: ExportDraft) -> Held | None:
    if draft.vanished:
        return _held(
            draft,
            "vanished",
            "Procore no longer has it, and what was written of it stays in Spectrum",
            "restore it in Procore; or delete it in Spectrum, then unlink it",
        )
    edits = tuple(_edits(draft))
    if edits:
        return _held(
            draft,
            "edited-after-export",
            "the record was edited after its export",
            "undo the edit, or make a change order",
            changes=edits,
        )
    astray = tuple(_astray(draft))
    if astray:
        return _held(
            draft,
            "in-doubt",
            "the record was changed while part of its export has no known outcome",
            "undo the change until the export is complete, or look in Spectrum and resolve it",
            changes=astray,
        )
    if draft.complete and not draft.extendable:
        missing = _gone(draft)
        if missing:
            return _held(
                draft,
                "gone",
                f"the ERP no longer has {', '.join(missing)}",
                "unlink the record, if it was deleted there on purpose",
            )
        return None
    if draft.document.violations:
        return _broken(draft)
    strangers = _collisions(draft)
    if strangers:
        return _held(
            draft,
            "collision",
            f"the ERP has {', '.join(strangers)} already, and not from here",
            "choose another number, or link the record if it is the same one",
        )
    return None


def _edits(draft: ExportDraft) -> Iterator[FieldChange]:
    """Differences between what was exported and what Procore says now."""
    for record in draft.records:
        row = draft.rows.get(record.ref)
        if row is None:
            if draft.complete and not draft.extendable:
                yield FieldChange(path=f"{record.ref.key}: added", source=record.title)
            continue
        for path in sorted({*record.fields, *row.base} - record.settled):
            base, source = row.base.get(path), record.fields.get(path)
            if not same(base, source):
                yield FieldChange(
                    path=f"{record.ref.key}: {path}", base=base, source=source, target=base
                )
    wanted = {record.ref for record in draft.records} | {mark.ref for mark in draft.marks}
    for ref in sorted(draft.rows):
        if ref not in wanted and not draft.extendable:
            yield FieldChange(path=f"{ref.key}: removed", base=draft.rows[ref].target_id)


def _astray(draft: ExportDraft) -> Iterator[FieldChange]:
    """Records that the ERP may have under a key which Procore would no longer give them."""
    wanted = {record.ref: record for record in draft.records}
    for ref, sent in sorted(draft.doubts.items()):
        if ref in draft.rows:
            continue
        record = wanted.get(ref)
        if record is None:
            yield FieldChange(path=f"{ref.key}: removed")
            continue
        for path in record.key:
            if not same(sent.get(path), record.fields.get(path)):
                yield FieldChange(
                    path=f"{ref.key}: {path}", base=sent.get(path), source=record.fields.get(path)
                )


def _gone(draft: ExportDraft) -> list[str]:
    if draft.seen is None:
        return []
    return [r.natural_key for r in draft.records if r.natural_key not in draft.seen]


def _collisions(draft: ExportDraft) -> list[str]:
    return [
        record.natural_key
        for record in draft.records
        if record.ref not in draft.rows and record.natural_key in (draft.seen or {})
    ]


# ---------------------------------------------------------------- what is to be done


def _records(draft: ExportDraft) -> Iterator[Operation]:
    unread = "" if draft.seen is not None else "; whether the ERP has it cannot be read"
    for record in draft.records:
        if record.ref in draft.rows:
            continue
        fields = {
            path: value
            for path, value in record.fields.items()
            # Blanks that accounting may fill are kept, so that a plan from before is noticed.
            if not same(value, None) or path in record.settled
        }
        yield Create(
            feature=draft.document.feature,
            ref=record.ref,
            title=record.title,
            reason=f"exported after acceptance{unread}",
            target="spectrum",
            changes=tuple(
                FieldChange(path=path, source=value)
                for path, value in fields.items()
                if not same(value, None)
            ),
            desired=fields,
            parent=record.parent,
            partition=draft.partition,
            document=draft.document.ref,
            shown=draft.document.shown,
        )


def _marks(draft: ExportDraft) -> Iterator[Operation]:
    after = tuple(record.ref for record in draft.records)
    # A run may end after its last mark and before the queue is told: marking again tells it.
    again = draft.closing and draft.complete
    for mark in draft.marks:
        if mark.ref in draft.rows and not again:
            continue
        yield Link(
            feature=draft.document.feature,
            ref=mark.ref,
            title=draft.document.title,
            reason="marked as synced once the ERP has taken everything",
            target="procore",
            target_id=mark.target_id,
            desired=dict(mark.fields),
            changes=tuple(
                FieldChange(path=path, source=value) for path, value in mark.fields.items()
            ),
            stamp=True,
            scope=draft.scope,
            parent=mark.parent,
            partition=draft.partition,
            document=draft.document.ref,
            shown=draft.document.shown,
            after=after,
        )


def _held(
    draft: ExportDraft,
    code: str,
    message: str,
    hint: str,
    *,
    changes: tuple[FieldChange, ...] = (),
) -> Held:
    document = draft.document
    return Held(
        feature=document.feature,
        ref=document.ref,
        title=document.title,
        target="spectrum",
        reason=message,
        code=code,
        message=message,
        hint=hint,
        changes=changes,
        desired=dict(document.fields),
        violations=document.violations,
        partition=draft.partition,
        document=document.ref,
        shown=document.shown,
    )
