"""Between Procore's JSON and the models.

Reading is tolerant where Procore is known to be loose (extra keys, nulls in older resources,
ids as text in version 2) and strict everywhere else. Writing follows the declared type of each
field, never the type of the value, so that a date can only leave as ``YYYY-MM-DD``: Procore
stores any other spelling as null without saying so.

Source: documentation pages ``date-time`` and ``tutorial-mpz``.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import ClassValidationError, IterableValidationError
from cattrs.gen import make_dict_structure_fn, override

from procore_spectrum.errors import InvalidValueError, UnreadableReplyError, Violation
from procore_spectrum.models import procore
from procore_spectrum.models.about import fields_of

__all__ = ["Amounts", "instant", "read_many", "read_one", "to_json"]

T = TypeVar("T")

Amounts: TypeAlias = Literal["number", "text"]

_MOST_VIOLATIONS = 20
_MOST_DIGITS = 100

# ---------------------------------------------------------------- reading


class _UnfitError(ValueError):
    """A value of the wrong kind; the text never repeats the value."""


def _expected(what: str, value: object) -> NoReturn:
    raise _UnfitError(f"{what} expected, not {type(value).__name__}")


def _text(value: Any, _: Any = None) -> str:
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    _expected("text", value)


def _flag(value: Any, _: Any = None) -> bool:
    if value is True or value is False:
        return value
    _expected("true or false", value)


def _whole(value: Any, _: Any = None) -> int:
    if type(value) is int:
        return value
    if type(value) is str and value.removeprefix("-").isdecimal() and value.isascii():
        return int(value)
    _expected("a whole number", value)


def _amount(value: Any, _: Any = None) -> Decimal:
    if type(value) is Decimal:
        number = value
    elif type(value) is int:
        number = Decimal(value)
    elif type(value) is str:
        try:
            number = Decimal(value.strip())
        except ArithmeticError:
            raise _UnfitError("a number expected, not other text") from None
    else:
        _expected("a number", value)
    if not number.is_finite():
        raise _UnfitError("a finite number expected")
    if abs(number.adjusted()) > _MOST_DIGITS:
        # 1e999999999 fits a Decimal, but written out, or as an int, it fills the memory.
        raise _UnfitError("a number of sensible size expected")
    return number


def _day(value: Any, _: Any = None) -> date:
    if type(value) is not str:
        _expected("a date", value)
    if len(value) != 10 or value[4] != "-" or value[7] != "-":
        raise _UnfitError("a date YYYY-MM-DD expected")
    return date.fromisoformat(value)


def _instant(value: Any, _: Any = None) -> datetime:
    if type(value) is not str:
        _expected("a timestamp", value)
    if len(value) < 20 or value[10] != "T":
        raise _UnfitError("a timestamp YYYY-MM-DDTHH:MM:SSZ expected")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise _UnfitError("a timestamp with a time zone expected")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _is_optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def _is_many(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _read_optional(kind: Any) -> Callable[[Any, Any], Any]:
    (inner,) = (part for part in get_args(kind) if part is not type(None))
    base = getattr(inner, "__supertype__", inner)
    read = _reader.get_structure_hook(base)
    if base is str:
        return lambda value, _: None if value is None else read(value, base)
    return lambda value, _: None if value is None or value == "" else read(value, base)


def _read_many(kind: Any) -> Callable[[Any, Any], tuple[Any, ...]]:
    kinds = _list_of(get_args(kind)[0])

    def read(value: Any, _: Any) -> tuple[Any, ...]:
        if value is None:
            return ()
        if type(value) is not list:
            _expected("a list", value)
        return tuple(_reader.structure(value, kinds))

    return read


def _read_model(model: type) -> Callable[[Any, Any], Any]:
    # Naming each field's hook spares cattrs a detour through Annotated for every value.
    hooks: dict[str, Any] = {
        field.name: override(
            rename=None if field.wire == field.name else field.wire,
            struct_hook=_reader.get_structure_hook(field.type),
        )
        for field in fields_of(model)
    }
    read: Callable[[Any, Any], Any] = make_dict_structure_fn(model, _reader, **hooks)

    def guarded(value: Any, kind: Any) -> Any:
        return read(value, kind) if type(value) is dict else _expected("an object", value)

    return guarded


def _read_custom_field(value: Any, _: Any) -> procore.CustomFieldValue:
    if type(value) is not dict:
        _expected("an object", value)
    content = value.get("value")
    if type(content) is dict:
        content = _reader.structure(content, procore.CustomFieldChoice)
    elif type(content) is list:
        content = tuple(_reader.structure(content, list[procore.CustomFieldChoice]))
    elif type(content) in (int, Decimal):
        content = _amount(content)
    kind = value.get("data_type")
    return procore.CustomFieldValue(data_type=None if kind is None else _text(kind), value=content)


def _make_reader() -> cattrs.Converter:
    reader = cattrs.Converter(detailed_validation=True)
    for kind, read in (
        (str, _text),
        (bool, _flag),
        (int, _whole),
        (Decimal, _amount),
        (date, _day),
        (datetime, _instant),
    ):
        reader.register_structure_hook(kind, read)
    reader.register_structure_hook_factory(attrs.has, _read_model)
    reader.register_structure_hook_factory(_is_optional, _read_optional)
    reader.register_structure_hook_factory(_is_many, _read_many)
    reader.register_structure_hook(procore.CustomFieldValue, _read_custom_field)
    return reader


_reader = _make_reader()


def read_one(model: type[T], data: Any, *, path: str = "") -> T:
    """Make one model of decoded JSON.

    Raises:
        UnreadableReplyError: a key that identifies the record is missing, or a value is of the
            wrong kind; ``path`` says which (``primary_contact.id``), all are in ``violations``.
    """
    try:
        return _reader.structure(data, model)
    except Exception as error:  # noqa: BLE001 – cattrs hands on whatever a hook raised
        raise _unreadable(model, error, path) from None


def read_many(model: type[T], data: Any, *, path: str = "") -> list[T]:
    """Make a list of models of decoded JSON.

    Raises:
        UnreadableReplyError: as :func:`read_one`; the path starts with the index (``[3].id``).
    """
    if type(data) is not list:
        raise UnreadableReplyError(
            f"a list of {model.__name__} was expected, not {type(data).__name__}", path=path
        )
    try:
        found: list[T] = _reader.structure(data, _list_of(model))
    except Exception as error:  # noqa: BLE001 – cattrs hands on whatever a hook raised
        raise _unreadable(model, error, path) from None
    return found


def _list_of(kind: Any) -> Any:
    """The type ``list[kind]`` of a type that is only known at run time."""
    return types.GenericAlias(list, (kind,))


def _unreadable(model: type, error: Exception, path: str) -> UnreadableReplyError:
    found = _leaves(error, path)
    return UnreadableReplyError(
        f"Procore's answer does not fit {model.__name__}",
        path=found[0].path,
        violations=found[:_MOST_VIOLATIONS],
        hint="Procore may have changed this resource",
    )


def _leaves(error: BaseException, path: str) -> list[Violation]:
    if isinstance(error, ClassValidationError):
        named, unnamed = error.group_exceptions()
        dotted = f"{path}." if path else ""
        below = [(inner, f"{dotted}{note.name}") for inner, note in named]
    elif isinstance(error, IterableValidationError):
        indexed, unnamed = error.group_exceptions()
        below = [(inner, f"{path}[{note.index}]") for inner, note in indexed]
    else:
        return [Violation(code="unreadable", message=_why(error), path=path)]
    below += [(inner, path) for inner in unnamed]
    return [leaf for inner, where in below for leaf in _leaves(inner, where)]


def _why(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return "missing"
    return str(error) if isinstance(error, _UnfitError) else "not readable"


# ---------------------------------------------------------------- writing


def instant(moment: datetime) -> str:
    """A moment as Procore writes it: UTC, to the second, ``YYYY-MM-DDTHH:MM:SSZ``.

    Raises:
        InvalidValueError: the moment carries no time zone.
    """
    if moment.tzinfo is None:
        raise InvalidValueError("a moment needs a time zone", hint="use an aware datetime")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def to_json(record: Any, *, amounts: Amounts = "number") -> dict[str, Any]:
    """The record as JSON-ready values; fields that are UNSET are left out.

    Args:
        record: one of :mod:`procore_spectrum.models.procore`.
        amounts: how this endpoint wants amounts: as JSON numbers (projects, budget lines) or as
            text (contracts, lines, change orders).

    Raises:
        InvalidValueError: a value is not of its field's type; ``path`` names the field.
    """
    model: Any = type(record)
    result: dict[str, Any] = _write_model(model, amounts)(record)
    return result


_Writer: TypeAlias = Callable[[Any], Any]


@cache
def _write_model(model: Any, amounts: Amounts) -> _Writer:
    writers = [(field.name, field.wire, _writer(field.type, amounts)) for field in fields_of(model)]

    def write(record: Any) -> dict[str, Any]:
        if not isinstance(record, model):
            raise _wrong(model.__name__, record)
        result: dict[str, Any] = {}
        for name, key, write_value in writers:
            value = getattr(record, name)
            if value is procore.UNSET:
                continue
            with _Below(name):
                written = write_value(value)
            if key == procore.CUSTOM_FIELD_KEYS:
                result |= written
            else:
                result[key] = written
        return result

    return write


class _Below:
    """Puts the name of a field before the path of an error that comes from within."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: object, __: object) -> None:
        if isinstance(error, InvalidValueError):
            dot = "." if error.path and not error.path.startswith("[") else ""
            error.path = f"{self.name}{dot}{error.path}"


def _wrong(what: str, value: object) -> InvalidValueError:
    return InvalidValueError(f"{what} expected, not {type(value).__name__}")


def _writer(kind: Any, amounts: Amounts) -> _Writer:
    if kind == procore.CustomFieldsInput:
        return _write_custom_fields
    if get_origin(kind) in (Union, types.UnionType):
        return _write_union(kind, amounts)
    if get_origin(kind) is tuple:
        return _write_sequence(_writer(get_args(kind)[0], amounts))
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        return _write_mapping(_writer(get_args(kind)[1], amounts))
    if attrs.has(kind):
        return _write_model(kind, amounts)
    if kind is Decimal:
        return _write_amount_text if amounts == "text" else _write_amount
    return _LEAVES[getattr(kind, "__supertype__", kind)]


def _write_union(kind: Any, amounts: Amounts) -> _Writer:
    parts = [p for p in get_args(kind) if p not in (type(None), procore.Unset)]
    if len(parts) > 1:
        return _write_custom_value
    write = _writer(parts[0], amounts)
    return lambda value: None if value is None else write(value)


def _write_sequence(write: _Writer) -> _Writer:
    def write_all(values: Any) -> list[Any]:
        if not isinstance(values, Sequence) or isinstance(values, str):
            raise _wrong("a sequence", values)
        result = []
        for index, value in enumerate(values):
            with _Below(f"[{index}]"):
                result.append(write(value))
        return result

    return write_all


def _write_mapping(write: _Writer) -> _Writer:
    def write_all(values: Any) -> dict[str, Any]:
        if not isinstance(values, Mapping):
            raise _wrong("a mapping", values)
        return {_write_text(key): write(value) for key, value in values.items()}

    return write_all


def _write_text(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong("text", value)
    return value


def _write_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong("true or false", value)
    return value


def _write_whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong("a whole number", value)
    return value


def _write_amount(value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        raise _wrong("Decimal", value)
    if not value.is_finite():
        raise InvalidValueError("a finite number expected")
    return value


def _write_amount_text(value: Any) -> str:
    return format(_write_amount(value), "f")


def _write_day(value: Any) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong("date", value)
    return value.isoformat()


def _write_instant(value: Any) -> str:
    if not isinstance(value, datetime):
        raise _wrong("datetime", value)
    return instant(value)


_LEAVES: dict[Any, _Writer] = {
    str: _write_text,
    bool: _write_flag,
    int: _write_whole,
    date: _write_day,
    datetime: _write_instant,
}


def _write_custom_value(value: Any) -> Any:
    """A custom field's value; these fields are open, so the value decides."""
    if isinstance(value, tuple):
        return [_write_custom_value(part) for part in value]
    if isinstance(value, procore.CustomFieldChoice):
        return to_json(value)
    if value is None or isinstance(value, str | int):
        return value
    return _write_amount(value)


def _write_custom_fields(values: Any) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise _wrong("a mapping", values)
    return {
        procore.CUSTOM_FIELD_KEYS.replace("<id>", str(_write_whole(key))): _write_custom_value(v)
        for key, v in values.items()
    }
