"""Between the engine's batches and Procore's requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, get_args, get_origin

from procore_spectrum.errors import (
    DataError,
    InvalidValueError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    UnreadableReplyError,
    Violation,
)
from procore_spectrum.models import procore
from procore_spectrum.models.about import fields_of
from procore_spectrum.plan.values import Fields, Value, same
from procore_spectrum.ports import BatchItem, ItemOutcome
from procore_spectrum.procore.calls import Call
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.convert import to_json
from procore_spectrum.procore.endpoints.syncing import SyncedItem

__all__ = [
    "build",
    "outcome_of",
    "refused",
    "refused_by",
    "send_apart",
    "send_write",
    "whole_number",
    "written_otherwise",
]

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")

#: Most requests that are spent on finding out which record of a refused batch is at fault.
_MOST_ATTEMPTS = 40


# ---------------------------------------------------------------- records


def build(model: Any, fields: Fields) -> Any:
    """Make an input model of the engine's values.

    Ids may come as text, and whole numbers as ``Decimal``, as plans are stored that way.

    Raises:
        InvalidValueError: a field that the model lacks, or a value of the wrong type.
    """
    known = {field.name: field.type for field in fields_of(model)}
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in known:
            raise InvalidValueError(f"{model.__name__} has no such field", path=name)
        values[name] = _fitted(_declared(known[name]), value)
    record = model(**values)
    to_json(record)
    return record


def _declared(kind: Any) -> Any:
    """The type of a field that may be sent, without None and UNSET."""
    return next(part for part in get_args(kind) if part not in (type(None), procore.Unset))


def _fitted(kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple and isinstance(value, tuple):
        return tuple(_fitted(get_args(kind)[0], part) for part in value)
    base = getattr(kind, "__supertype__", kind)
    if base is int and isinstance(value, str) and value.isdecimal():
        return int(value)
    if base is int and isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if base is Decimal and type(value) is int:
        return Decimal(value)
    return value


def whole_number(text: str | None, path: str) -> int:
    """An id of Procore.

    Raises:
        InvalidValueError: it is missing or not a number.
    """
    if text is None or not text.isdecimal():
        raise InvalidValueError("not an id of Procore", path=path)
    return int(text)


# ---------------------------------------------------------------- outcomes


def refused(item: BatchItem, code: str, message: str, path: str = "") -> ItemOutcome:
    """The outcome of a record that is not sent."""
    violation = Violation(code=code, message=message, path=path)
    return ItemOutcome(op_id=item.op_id, state="refused", violations=(violation,))


def refused_by(item: BatchItem, error: DataError) -> ItemOutcome:
    """The outcome of a record for which an error was raised.

    What Procore does not find, or hides, has the code ``not_found``.
    """
    if isinstance(error, NotFoundError):
        gone = Violation(code="not_found", message=error.message, path=error.path, hint=error.hint)
        return ItemOutcome(op_id=item.op_id, state="refused", violations=(gone,))
    code = "invalid_value" if isinstance(error, InvalidValueError) else "procore_refused"
    own = Violation(code=code, message=error.message, path=error.path, hint=error.hint)
    return ItemOutcome(op_id=item.op_id, state="refused", violations=error.violations or (own,))


def outcome_of(item: BatchItem, answer: SyncedItem[Any], record: Any) -> ItemOutcome:
    """The outcome that a sync endpoint's answer stands for."""
    if answer.entity is not None:
        return ItemOutcome(
            op_id=item.op_id,
            state="done",
            target_id=str(answer.entity.id),
            written=written_otherwise(item.fields, record, answer.entity),
        )
    return ItemOutcome(
        op_id=item.op_id,
        state="refused" if answer.state == "refused" else "unknown",
        violations=answer.violations,
    )


def written_otherwise(fields: Fields, record: Any, entity: Any) -> Fields:
    """The values that Procore stored differently from what was sent.

    A field that the answer lacks is taken as stored, because not every view has every field.
    """
    found: dict[str, Value] = {}
    for name in fields:
        sent = getattr(record, name, None)
        stored = getattr(entity, "code" if name == "csv_import_code" else name, None)
        if _comparable(sent) and _comparable(stored) and not same(sent, stored):
            found[name] = stored
    return found


def _comparable(value: Any) -> bool:
    return isinstance(value, str | int | Decimal | date)


# ---------------------------------------------------------------- sending


def send_write(client: ProcoreClient, call: Call[T]) -> T:
    """Send a call that writes.

    Raises:
        OutcomeUnknownError: also where the answer cannot be read, as the write may have
            happened.
        ProcoreSpectrumError: as :meth:`ProcoreClient.send`.
    """
    try:
        return client.send(call)
    except UnreadableReplyError as error:
        raise OutcomeUnknownError(
            f"the answer to a write cannot be read: {error.message}",
            path=error.path,
            hint=error.hint,
            violations=error.violations,
        ) from error


def send_apart(
    items: Sequence[Item], send: Callable[[Sequence[Item]], Sequence[Result]]
) -> list[Result | RefusedError]:
    """Send a batch; if it is refused as a whole, send its halves, down to the single culprit.

    A batch that is refused (400, 413, 422) changed nothing, so its parts may be sent. After some
    forty attempts the parts that are still refused share the refusal.
    """
    attempts = 0

    def send_part(part: Sequence[Item]) -> list[Result | RefusedError]:
        nonlocal attempts
        attempts += 1
        try:
            return list(send(part))
        except RefusedError as error:
            if len(part) == 1 or attempts >= _MOST_ATTEMPTS:
                return [error] * len(part)
        middle = len(part) // 2
        return send_part(part[:middle]) + send_part(part[middle:])

    return send_part(items) if items else []
