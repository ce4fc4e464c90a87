"""The three-way diff: base, source and target decide what is to be done with each record.

======================  ======================  ========================================
source against base     target against base     result
======================  ======================  ========================================
same                    same                    nothing
changed                 same                    update
same                    changed                 drift: by the field's owner
changed                 changed, equal          the base moves
changed                 changed, different      conflict: held
no base                                         equal: link; different: held
======================  ======================  ========================================

A blank in the source is no opinion: it never clears a value of the target, just as a blank
element leaves a value unchanged in Spectrum. A blank in a record of the target that is not linked
is none either: it is filled when the record is linked. A record that is off in the source is
switched off and then left alone; its values are compared again when it comes back.

The order of the inputs does not matter: whatever two records both claim goes to neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import attrs

from procore_spectrum.errors import Violation
from procore_spectrum.plan.operations import (
    Create,
    Deactivate,
    FieldChange,
    Held,
    Link,
    Operation,
    System,
    Update,
)
from procore_spectrum.plan.records import CrosswalkRow, Desired, Observed, Ref
from procore_spectrum.plan.values import Fields, Value, same

__all__ = ["Absent", "Draft", "FieldRule", "KindRules", "Owner", "diff"]


class Owner(Enum):
    """Who has the last word on a field."""

    SOURCE = "source"
    """The source: a change made in the target is overwritten."""
    TARGET = "target"
    """The target: written when the record is created, left alone afterwards."""
    SHARED = "shared"
    """Both: a change made in the target waits for a person."""
    KEY = "key"
    """Neither: our own mark (an origin id); never compared."""


class Absent(Enum):
    """What to do with a linked record that a complete listing of the source lacks."""

    DEACTIVATE = "deactivate"
    HOLD = "hold"
    IGNORE = "ignore"


@attrs.frozen
class FieldRule:
    """A field that a feature writes, and its owner.

    ``refers`` names a kind: the value is then the key of a record of that kind, and the target
    is sent that record's id. The record may still have to be made by the same plan.
    """

    path: str
    owner: Owner = Owner.SOURCE
    meaning: str = ""
    refers: str = ""


@attrs.frozen(kw_only=True)
class KindRules:
    """How records of one kind are compared.

    ``active_field`` names the target's on/off field with its two values, so that a record that
    comes back to life in the source can be switched on again; None when there is none.
    ``create_inactive`` tells that even a record that is off in the source is created, switched
    off; it needs an ``active_field``.
    ``mirror`` tells that the target only shows what the source has: the source wins even where
    both sides changed, and a record with our key is linked whatever its values. ``guarded`` tells
    whether a run that changes many of them is stopped.
    """

    kind: str
    fields: tuple[FieldRule, ...]
    absent: Absent = Absent.HOLD
    active_field: tuple[str, Value, Value] | None = None
    create_inactive: bool = False
    target: System = "procore"
    mirror: bool = False
    guarded: bool = True

    @property
    def references(self) -> Mapping[str, str]:
        """The kinds that fields refer to, by path."""
        return {rule.path: rule.refers for rule in self.fields if rule.refers}

    @property
    def compared(self) -> tuple[str, ...]:
        """The paths that both sides are compared on."""
        return tuple(rule.path for rule in self.fields if rule.owner in _COMPARED)

    def owner_of(self, path: str) -> Owner:
        """The owner of a path; a path without a rule belongs to the source."""
        return next((rule.owner for rule in self.fields if rule.path == path), Owner.SOURCE)


_COMPARED = (Owner.SOURCE, Owner.SHARED)


@attrs.frozen(kw_only=True)
class Draft:
    """Everything needed to decide about one kind of record.

    ``doubts`` names records of which an earlier run sent a change without learning the outcome.
    """

    feature: str
    rules: KindRules
    desired: tuple[Desired, ...]
    observed: tuple[Observed, ...] = ()
    rows: tuple[CrosswalkRow, ...] = ()
    source_complete: bool = True
    target_complete: bool = True
    doubts: frozenset[Ref] = frozenset()


def diff(draft: Draft) -> tuple[Operation, ...]:
    """What has to be done, one operation for each record that needs one."""
    return tuple(_decide(draft))


def _decide(draft: Draft) -> Iterator[Operation]:
    rows = {row.ref: row for row in draft.rows}
    by_id = {seen.target_id: seen for seen in draft.observed}
    keys = Counter(seen.key for seen in draft.observed)
    by_key = {seen.key: seen for seen in draft.observed if keys[seen.key] == 1}
    wanted = Counter(wish.ref for wish in draft.desired)
    claims: dict[Ref, Observed] = {}
    for wish in draft.desired:
        seen = by_id.get(wish.target_id) if wish.target_id else by_key.get(wish.ref.key)
        if seen is not None and wish.ref not in rows:
            claims[wish.ref] = seen
    taken = _taken(draft.rows, claims)
    for wish in draft.desired:
        row = rows.get(wish.ref)
        if wanted[wish.ref] > 1:
            found: Operation | None = _held(
                draft,
                wish,
                "duplicate-key",
                "the source names this record more than once",
                "keep one of them in the source",
            )
        elif row is not None:
            found = _linked(draft, wish, row, by_id.get(row.target_id))
        elif not wish.target_id and keys[wish.ref.key] > 1:
            found = _held(
                draft,
                wish,
                "key-twice",
                "the target has more than one record with this key",
                "link it to the right one, and remove the key from the others",
            )
        else:
            found = _unlinked(draft, wish, claims.get(wish.ref), taken)
        if found is not None:
            yield found
    for row in draft.rows:
        if row.ref not in wanted:
            yield from _absent(draft, row, by_id.get(row.target_id))


def _taken(rows: Iterable[CrosswalkRow], claims: Mapping[Ref, Observed]) -> dict[str, list[Ref]]:
    """Who is linked to, or is about to be linked to, each record of the target."""
    taken: dict[str, list[Ref]] = {}
    for target_id, name in (
        *((row.target_id, row.ref) for row in rows),
        *((seen.target_id, name) for name, seen in claims.items()),
    ):
        taken.setdefault(target_id, []).append(name)
    return taken


# ---------------------------------------------------------------- without a link


def _unlinked(
    draft: Draft, wish: Desired, seen: Observed | None, taken: Mapping[str, list[Ref]]
) -> Operation | None:
    if blocked := _blocked(draft, wish, seen):
        return blocked
    if seen is None and wish.target_id:
        return _held(
            draft,
            wish,
            "target-missing",
            f"the record {wish.target_id} that it should be linked to was not found",
            "link it to an existing record, or have it created",
        )
    if seen is None:
        return _new(draft, wish)
    others = sorted(other for other in taken[seen.target_id] if other != wish.ref)
    if others:
        return _held(
            draft,
            wish,
            "already-linked",
            f"{seen.title or seen.target_id} is, or would be, linked to {others[0]}",
            "unlink the other record first, or link this one to another",
            seen=seen,
        )
    changes = tuple(_differences(draft.rules, wish.fields, seen.fields))
    asked = wish.target_id is None and not draft.rules.mirror
    if asked and any(not same(change.target, None) for change in changes):
        return _held(
            draft,
            wish,
            "adopt",
            "the target already has this record, with other values, and no link is on record",
            "compare the values, then link it explicitly",
            seen=seen,
            changes=changes,
        )
    stamp = seen.key != wish.ref.key
    if foreign := _foreign_key(draft.rules, wish.fields, seen.fields):
        return _held(
            draft,
            wish,
            "foreign-key",
            f"the target's record carries the key {foreign!r} of another integration",
            "only one integration can own a record; remove that key first",
            seen=seen,
        )
    # On in the target and off in the source: it is switched off once it is linked. The other way
    # round a person is asked, if there is a switch at all.
    active = seen.active or (wish.active and draft.rules.active_field is not None)
    return Link(
        **{**_common(draft, wish), "active": active},
        reason="as decided" if stamp else "carries our key already",
        target_id=seen.target_id,
        desired=_base(draft.rules, wish.fields, seen.fields),
        before=dict(seen.fields),
        changes=changes,
        stamp=stamp or bool(changes),
    )


def _foreign_key(rules: KindRules, wish: Fields, seen: Fields) -> Value:
    """A key on the target's record that is not ours, and that linking would overwrite."""
    keys = (rule.path for rule in rules.fields if rule.owner is Owner.KEY)
    found = (seen.get(path) for path in keys if not same(seen.get(path), wish.get(path)))
    return next((value for value in found if not same(value, None)), None)


def _new(draft: Draft, wish: Desired) -> Operation | None:
    if not draft.target_complete:
        return _held(
            draft,
            wish,
            "target-not-listed",
            "the target could not be listed completely, so it may exist there already",
            "repeat when the target can be read in full",
        )
    if not (wish.active or draft.rules.create_inactive):
        return None
    if wish.candidates:
        return _held(
            draft,
            wish,
            "candidates",
            "the target has records that may be the same",
            "link it to one of them, or have it created as new",
        )
    fields = {path: value for path, value in wish.fields.items() if not same(value, None)}
    if not wish.active and draft.rules.active_field:
        path, _, off = draft.rules.active_field
        fields[path] = off
    return Create(
        **_common(draft, wish),
        reason=wish.create_reason,
        desired=fields,
        changes=tuple(FieldChange(path=path, source=value) for path, value in fields.items()),
    )


def _differences(rules: KindRules, wish: Fields, seen: Fields) -> Iterator[FieldChange]:
    for path in rules.compared:
        source, target = wish.get(path), seen.get(path)
        if not same(source, None) and not same(source, target):
            yield FieldChange(path=path, source=source, target=target)


# ---------------------------------------------------------------- with a link


def _linked(
    draft: Draft, wish: Desired, row: CrosswalkRow, seen: Observed | None
) -> Operation | None:
    if seen is None:
        return _gone(draft, wish, row)
    if blocked := _blocked(draft, wish, seen):
        return blocked
    common = {**_common(draft, wish), "target_id": row.target_id, "before": dict(row.base)}
    if not wish.active:
        return _off(common, row, seen, in_doubt=wish.ref in draft.doubts)
    changes, refused, moved = _three_way(draft.rules, wish.fields, row, seen.fields)
    common["desired"] = _base(draft.rules, wish.fields, row.base)
    if refused:
        code = "conflict" if any(not same(c.source, c.base) for c in refused) else "drift"
        text = {
            "conflict": "both systems changed the same field, differently",
            "drift": "the target changed a field that both sides share",
        }[code]
        hint = "make both sides equal, or decide which one is right"
        return _held(draft, wish, code, text, hint, seen=seen, changes=tuple(refused))
    if not seen.active and draft.rules.active_field is not None:
        if row.active:
            return _held(
                draft,
                wish,
                "deactivated",
                "it was switched off in the target",
                "switch it on there, or ignore it",
                seen=seen,
            )
        return _back(draft.rules.active_field, common, changes)
    common["active"] = seen.active
    if changes:
        return Update(**common, reason=_why(changes), changes=tuple(changes))
    # What was sent without an answer has arrived, or does not matter any more: that settles it.
    agreed = moved or row.active != seen.active or wish.ref in draft.doubts
    return Link(**common, reason="both sides agree already") if agreed else None


def _gone(draft: Draft, wish: Desired, row: CrosswalkRow) -> Operation | None:
    if not draft.target_complete:
        return None
    return _held(
        draft,
        wish,
        "gone",
        f"the linked record {row.target_id} is no longer in the target",
        "restore it there, or unlink it to have it created again",
    )


def _three_way(
    rules: KindRules, wish: Fields, row: CrosswalkRow, seen: Fields
) -> tuple[list[FieldChange], list[FieldChange], bool]:
    """The changes to write, those that need a person, and whether only the base moves."""
    changes: list[FieldChange] = []
    refused: list[FieldChange] = []
    moved = False
    for path in rules.compared:
        base, source, target = row.base.get(path), wish.get(path), seen.get(path)
        if same(source, None) or same(source, target):
            moved = moved or (not same(source, None) and not same(source, base))
            continue
        change = FieldChange(path=path, base=base, source=source, target=target)
        source_changed = not same(source, base)
        target_changed = not same(target, row.echo.get(path, base))
        if source_changed and target_changed and not rules.mirror:
            refused.append(change)
        elif source_changed:
            changes.append(change)
        elif target_changed and rules.owner_of(path) is Owner.SHARED:
            refused.append(change)
        elif target_changed:
            changes.append(change)
    return changes, refused, moved


def _why(changes: list[FieldChange]) -> str:
    drifted = [change.path for change in changes if same(change.source, change.base)]
    if not drifted:
        return "changed in the source"
    return f"changed in the target, but owned by the source: {', '.join(drifted)}"


def _off(
    common: dict[str, Any], row: CrosswalkRow, seen: Observed, *, in_doubt: bool
) -> Operation | None:
    """A linked record that is off in the source: what both sides agreed on stays the base."""
    common["desired"] = dict(row.base)
    if seen.active:
        return Deactivate(**common, reason="no longer active in the source")
    if row.active or in_doubt:
        return Link(**common, reason="it is off on both sides already")
    return None


def _back(
    switch: tuple[str, Value, Value], common: dict[str, Any], changes: list[FieldChange]
) -> Operation:
    """A record that was off on both sides and is on in the source again."""
    path, on, off = switch
    back = FieldChange(path=path, base=off, source=on, target=off)
    return Update(
        **{**common, "desired": {**common["desired"], path: on}},
        reason="active again in the source",
        changes=(back, *changes),
    )


def _absent(draft: Draft, row: CrosswalkRow, seen: Observed | None) -> Iterator[Operation]:
    """A linked record that the source no longer lists."""
    if not draft.source_complete or seen is None or not seen.active:
        return
    wish = Desired(
        ref=row.ref,
        title=seen.title,
        fields=row.base,
        scope=row.scope,
        active=False,
        partition=row.scope.key if row.scope else "",
    )
    if draft.rules.absent is Absent.DEACTIVATE:
        yield Deactivate(
            **_common(draft, wish),
            reason="the source no longer lists it",
            target_id=row.target_id,
            before=dict(row.base),
            desired=dict(row.base),
        )
    elif draft.rules.absent is Absent.HOLD:
        yield _held(
            draft,
            wish,
            "absent",
            "the source no longer lists it",
            "deactivate it in the target by hand, or unlink it",
            seen=seen,
        )


# ---------------------------------------------------------------- shared pieces


def _blocked(draft: Draft, wish: Desired, seen: Observed | None) -> Operation | None:
    if wish.violations:
        count = len(wish.violations)
        return _held(
            draft,
            wish,
            "preflight",
            f"{count} rule{'s' if count > 1 else ''} broken",
            _todo(wish.violations),
            seen=seen,
        )
    if wish.hold is not None:
        return _held(draft, wish, wish.hold.code, wish.hold.message, wish.hold.hint, seen=seen)
    return None


def _todo(violations: Sequence[Violation]) -> str:
    """What to do about broken rules, of which some may say it themselves."""
    said = {violation.hint for violation in violations}
    if said == {""}:
        return "correct the record in the source"
    if len(said) == 1:
        return said.pop()
    if "" in said:
        return "correct the record in the source, or do what a rule says"
    return "do what each rule says"


def _base(rules: KindRules, wish: Fields, old: Fields) -> dict[str, Value]:
    """The base of a record that exists: what the source says, else what was agreed before."""
    known = {rule.path for rule in rules.fields}
    merged = {path: value for path, value in old.items() if path in known}
    for path, value in wish.items():
        if not same(value, None) and rules.owner_of(path) is not Owner.TARGET:
            merged[path] = value
    return merged


def _common(draft: Draft, wish: Desired) -> dict[str, Any]:
    return {
        "feature": draft.feature,
        "ref": wish.ref,
        "title": wish.title,
        "target": draft.rules.target,
        "scope": wish.scope,
        "parent": wish.parent,
        "partition": wish.partition,
        "active": wish.active,
        "refers": draft.rules.references,
    }


def _held(
    draft: Draft,
    wish: Desired,
    code: str,
    message: str,
    hint: str,
    *,
    seen: Observed | None = None,
    changes: tuple[FieldChange, ...] = (),
) -> Held:
    return Held(
        **_common(draft, wish),
        reason=message,
        code=code,
        message=message,
        hint=hint,
        changes=changes,
        target_id=seen.target_id if seen else None,
        desired=dict(wish.fields),
        violations=wish.violations,
        candidates=wish.candidates,
    )
