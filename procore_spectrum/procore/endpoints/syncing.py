"""Bulk upserts: what is sent to a sync endpoint, and which answer belongs to which record.

Procore always answers 200 with ``{"entities": […], "errors": […]}``, in an order it does not
promise. Each record sent is found again by its id, then by its origin id, then by the values
that the answer repeats. What cannot be told apart is never guessed: it stays ``unanswered``,
or refused with all the messages that may concern it.

Source: documentation page ``using-sync-actions``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar

import attrs

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError, Violation
from procore_spectrum.procore.calls import Call, Query
from procore_spectrum.procore.convert import Amounts, read_many, to_json

__all__ = ["SYNC_LIMIT", "SyncResult", "SyncedItem", "by_ids", "read_sync", "sync_call"]

T = TypeVar("T")

#: Most records in one sync request.
SYNC_LIMIT = 1000

Json: TypeAlias = Mapping[str, Any]
Names: TypeAlias = Callable[[Json], Sequence[Hashable]]


@attrs.frozen(kw_only=True)
class SyncedItem(Generic[T]):
    """What became of one record: it was stored (``entity``), refused, or not mentioned."""

    entity: T | None = None
    violations: tuple[Violation, ...] = ()
    state: Literal["done", "refused", "unanswered"]


@attrs.frozen(kw_only=True)
class SyncResult(Generic[T]):
    """One :class:`SyncedItem` for each record sent, in the order of sending."""

    items: tuple[SyncedItem[T], ...]

    @property
    def entities(self) -> tuple[T, ...]:
        """The records as Procore has stored them."""
        return tuple(item.entity for item in self.items if item.entity is not None)

    @property
    def refused(self) -> tuple[SyncedItem[T], ...]:
        """The records that Procore refused."""
        return tuple(item for item in self.items if item.state == "refused")


def by_ids(record: Json) -> list[Hashable]:
    """The names of a record, the surest first: its id, its origin id."""
    pairs = [(name, record.get(name)) for name in ("id", "origin_id")]
    return [(name, str(value)) for name, value in pairs if value not in (None, "")]


def sync_call(
    *,
    name: str,
    path: str,
    model: type[T],
    updates: Sequence[Any],
    body: Json,
    query: Query = (),
    amounts: Amounts = "number",
) -> Call[SyncResult[T]]:
    """The call of a sync endpoint.

    It may be repeated when every record carries an id or an origin id: Procore then finds what
    the first attempt stored.

    Raises:
        InvalidValueError: no record, more than 1,000, two with the same id or origin id, or a
            value that cannot be written (``path`` is ``updates[3].start_date``).
    """
    sent = write_all(updates, "updates", amounts)
    check_batch(sent, by_ids)
    return Call(
        name=name,
        method="PATCH",
        path=path,
        query=query,
        body={**body, "updates": sent},
        parse=lambda data, _: read_sync(model, sent, data),
        repeatable=all(map(by_ids, sent)),
    )


def write_all(records: Sequence[Any], path: str, amounts: Amounts = "number") -> list[Json]:
    """The records as JSON-ready values; an error's path starts with ``path[index]``."""
    written: list[Json] = []
    for index, record in enumerate(records):
        try:
            written.append(to_json(record, amounts=amounts))
        except InvalidValueError as error:
            error.path = ".".join(filter(None, [f"{path}[{index}]", error.path]))
            raise
    return written


def check_batch(sent: Sequence[Json], names: Names) -> None:
    """Refuse a batch that Procore would refuse, or whose answer could not be told apart."""
    if not 1 <= len(sent) <= SYNC_LIMIT:
        raise InvalidValueError(
            f"a request takes 1 to {SYNC_LIMIT:,} records, not {len(sent):,}",
            path="updates",
            hint="send several batches",
        )
    seen: set[Hashable] = set()
    for index, record in enumerate(sent):
        for known in names(record):
            if known in seen:
                raise InvalidValueError(
                    "two records of one request mean the same one", path=f"updates[{index}]"
                )
            seen.add(known)


# ---------------------------------------------------------------- the answer


def read_sync(
    model: type[T], sent: Sequence[Json], data: Any, names: Names = by_ids
) -> SyncResult[T]:
    """Give each record that was sent its own answer.

    Raises:
        UnreadableReplyError: the answer is not ``{entities, errors}``.
    """
    entities, errors = _lists(data)
    stored = read_many(model, entities, path="entities")
    claims = _Claims(sent, names)
    answers: dict[int, SyncedItem[T]] = {}

    # Errors first: they repeat what was sent, entities show what was stored.
    stray: list[Json] = []
    for error in errors:
        index = claims.claim(error)
        if index is None:
            stray.append(error)
        else:
            answers[index] = SyncedItem(state="refused", violations=tuple(_violations(error)))
    surplus = 0
    for raw, entity in zip(entities, stored, strict=True):
        index = claims.claim(raw)
        if index is None:
            surplus += 1
        else:
            answers[index] = SyncedItem(state="done", entity=entity)

    silence: SyncedItem[T] = _unclaimed(stray, waiting=len(claims.open), surplus=surplus)
    answers |= dict.fromkeys(claims.open, silence)
    return SyncResult(items=tuple(answers[index] for index in range(len(sent))))


def _lists(data: Any) -> tuple[list[Any], list[Json]]:
    if not isinstance(data, dict):
        raise UnreadableReplyError("an object with entities and errors was expected")
    entities, errors = (
        [] if data.get(name) is None else data[name] for name in ("entities", "errors")
    )
    if not isinstance(entities, list) or not isinstance(errors, list):
        raise UnreadableReplyError("lists of entities and errors were expected")
    if not all(isinstance(error, dict) for error in errors):
        raise UnreadableReplyError("each error has to be an object", path="errors")
    return entities, errors


class _Claims:
    """The records sent that have no answer yet, findable by name or by what they repeat."""

    def __init__(self, sent: Sequence[Json], names: Names) -> None:
        self.open = dict(enumerate(sent))
        self._names = names
        self._by_name = {name: i for i, record in self.open.items() for name in names(record)}
        self._nameless = [i for i, record in self.open.items() if not names(record)]

    def claim(self, answer: Json) -> int | None:
        """Find the record that an answer belongs to and close it."""
        for index in self._candidates(answer):
            if index in self.open:
                del self.open[index]
                return index
        return None

    def _candidates(self, answer: Json) -> Iterator[int]:
        yield from (self._by_name[n] for n in self._names(answer) if n in self._by_name)
        yield from (i for i in self._nameless if i in self.open and _repeats(answer, self.open[i]))


def _repeats(answer: Json, sent: Json) -> bool:
    shared = [key for key in sent if key in answer]
    return bool(shared) and all(str(answer[key]) == str(sent[key]) for key in shared)


def _unclaimed(stray: list[Json], *, waiting: int, surplus: int) -> SyncedItem[Any]:
    """The answer of each record that none was found for.

    Errors that fit no record (``stray``) belong to the waiting records only if there are just as
    many, and no stored record (``surplus``) is left over that might be one of them.
    """
    found = tuple(violation for error in stray for violation in _violations(error))
    if not stray or len(stray) != waiting or surplus:
        return SyncedItem(state="unanswered", violations=found)
    if waiting > 1:
        hint = f"Procore refused {waiting} records without saying which message is whose"
        found = tuple(attrs.evolve(violation, hint=hint) for violation in found)
    return SyncedItem(state="refused", violations=found)


def _violations(error: Json) -> Iterator[Violation]:
    content = error.get("errors", error.get("error", error.get("message")))
    by_field = content if isinstance(content, dict) else {"": content}
    found = False
    for field, messages in by_field.items():
        for message in messages if isinstance(messages, list) else [messages]:
            if message not in (None, ""):
                found = True
                path = "" if field == "base" else field
                yield Violation(code="procore_refused", message=str(message), path=path)
    if not found:
        yield Violation(code="procore_refused", message="Procore gave no reason")
