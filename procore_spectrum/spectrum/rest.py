"""Reads the answers of Spectrum's REST services, whose form is not documented.

Accepted are a bare array of objects, or an object with exactly one array of objects. Names are
matched without regard to case and underscores, because no sample shows their spelling.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from procore_spectrum.errors import UnreadableReplyError
from procore_spectrum.models.about import fields_of
from procore_spectrum.spectrum.rows import Row, Rows, sort_rows
from procore_spectrum.wire.messages import Response

__all__ = ["read_rest_reply"]

_MOST_DIGITS = 100
"""Written out, 1e999999999 would fill the memory."""

_ERRORS = {
    "errorcode": "error_code",
    "errordescription": "desc",
    "desc": "desc",
    "errorcolumn": "column",
    "column": "column",
}


def read_rest_reply(response: Response, *, service: str, model: type) -> Rows:
    """Read one JSON answer.

    Raises:
        UnreadableReplyError: not JSON, or of another shape.
    """
    names = {_plain(field.wire): field.wire for field in fields_of(model)} | _ERRORS
    records = _records(response.json(), service)
    return sort_rows((_row(record, names, service) for record in records), service=service)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _records(answer: Any, service: str) -> list[dict[str, Any]]:
    if isinstance(answer, dict):
        arrays = [value for value in answer.values() if isinstance(value, list)]
        if not arrays and "errorcode" in map(_plain, answer):
            arrays = [[answer]]
        if len(arrays) != 1:
            raise UnreadableReplyError(
                f"one array was expected in the answer, not {len(arrays)}", path=service
            )
        answer = arrays[0]
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise UnreadableReplyError("an array of objects was expected", path=service)
    return answer


def _row(record: dict[str, Any], names: dict[str, str], service: str) -> Row:
    row: Row = {}
    for key, value in record.items():
        name = names.get(_plain(key))
        if name is None:
            continue
        if name in row:
            raise UnreadableReplyError(f"{name} comes twice in an object", path=service)
        row[name] = _text(value, f"{service} {key}")
    return row


def _text(value: Any, path: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Decimal) and abs(value.adjusted()) <= _MOST_DIGITS:
        return format(value, "f")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise UnreadableReplyError("text or a number of sensible size was expected", path=path)
