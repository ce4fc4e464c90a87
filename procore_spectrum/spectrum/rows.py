"""Reads Spectrum's answers: strictly, by local name, without entities, DTD or network.

Rows come in two shapes. A Get service wraps them in an element of its own name with a small
first letter; a Put service puts them directly under ``returnData`` with small names. Whatever
is neither is refused, because a row that is overlooked looks like a record that is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeAlias

import attrs
from lxml import etree

from procore_spectrum.errors import UnreadableReplyError

__all__ = ["Fault", "Row", "RowError", "Rows", "local_name", "parse_xml", "read_reply", "sort_rows"]

Row: TypeAlias = dict[str, str]

_CODE = frozenset({"error_code"})
_TEXT = frozenset({"error_description", "desc"})
_COLUMN = frozenset({"error_column", "column"})
_HINT = "the answer may have been cut off, or a proxy may have answered"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


@attrs.frozen(kw_only=True)
class RowError:
    """What a row says about itself.

    Args:
        code: A (abort), I (invalid), M (missing), S (success), G (good), W (warning).
        text: Spectrum's words.
        column: the element meant.
        row: the row's number in the answer, from 1.
    """

    code: str
    text: str
    column: str
    row: int


@attrs.frozen(kw_only=True)
class Rows:
    """The rows of an answer without their error elements, and the errors apart.

    ``capped`` tells that Spectrum held back further rows.
    """

    rows: tuple[Row, ...]
    errors: tuple[RowError, ...] = ()
    capped: bool = False


@attrs.frozen(kw_only=True)
class Fault:
    """A SOAP fault."""

    code: str
    text: str


def read_reply(
    content: bytes,
    *,
    service: str,
    kind: Literal["read", "write"] = "read",
    repair_double_encoding: bool = False,
    tolerate_cut_envelope: bool = False,
) -> Rows | Fault:
    """Read one SOAP answer.

    Args:
        content: the body.
        service: the service that was called.
        kind: the body of a successful write is not documented, so around its ``response``
            elements anything is accepted; for a read nothing unexpected is.
        repair_double_encoding: undo text that was encoded as UTF-8 twice.
        tolerate_cut_envelope: accept a body whose closing tags are cut off, provided that the
            element around the rows was closed: no row can be missing then.

    Raises:
        UnreadableReplyError: not XML, cut off, with a DTD, or of another shape.
    """
    root = parse_xml(_completed(content) if tolerate_cut_envelope else content, path=service)
    body = _child(root, "Envelope", "Body", service)
    answer = _only(body, service)
    if local_name(answer) == "Fault":
        texts = {local_name(part): _text(part) for part in _elements(answer, service)}
        return Fault(code=texts.get("faultcode", ""), text=texts.get("faultstring", ""))
    if local_name(answer) != f"{service}Response":
        raise _strange(service, f"an answer to {service} was expected, not {local_name(answer)!r}")
    found = _loose_rows(answer) if kind == "write" else _rows(answer, service)
    repair = _repaired if repair_double_encoding else str
    return sort_rows((_row(item, service, repair) for item in found), service=service, kind=kind)


def sort_rows(
    rows: Iterable[Row], *, service: str, kind: Literal["read", "write"] = "read"
) -> Rows:
    """Tell data rows from error rows.

    Raises:
        UnreadableReplyError: a row of a read is blank and says nothing about why.
    """
    kept: list[Row] = []
    errors: list[RowError] = []
    for number, row in enumerate(rows, start=1):
        data = {name: text for name, text in row.items() if not _is_error_name(name)}
        error = RowError(
            code=_first(row, _CODE),
            text=_first(row, _TEXT),
            column=_first(row, _COLUMN),
            row=number,
        )
        if error.code or error.text:
            errors.append(error)
        if not any(data.values()):
            if not (error.code or error.text) and kind == "read":
                raise _strange(f"{service} row {number}", "a row is blank")
        elif error.code in {"", "S", "G", "W"}:
            kept.append(data)
    capped = any(error.code == "W" for error in errors)
    return Rows(rows=tuple(kept), errors=tuple(errors), capped=capped)


def _is_error_name(name: str) -> bool:
    return name.lower() in _CODE | _TEXT | _COLUMN


def _first(row: Row, names: frozenset[str]) -> str:
    return next((text for name, text in row.items() if name.lower() in names), "")


# ---------------------------------------------------------------- XML


def parse_xml(content: bytes, *, path: str) -> etree._Element:
    """The root of an XML document that has no DTD.

    Raises:
        UnreadableReplyError: not well-formed, or with a document type.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableReplyError(
            f"the answer is not whole XML: {error}", path=path, hint=_HINT
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableReplyError("the answer has a document type, which is refused", path=path)
    return root


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    # Not etree.QName, which raises on names with a prefix that was never declared.
    return str(element.tag).rpartition("}")[2]


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _strange(path: str, message: str) -> UnreadableReplyError:
    return UnreadableReplyError(message, path=path, hint=_HINT)


def _elements(parent: etree._Element, path: str) -> list[etree._Element]:
    """The children of an element that holds elements only."""
    texts = [parent.text, *(child.tail for child in parent)]
    if any(text and text.strip() for text in texts):
        raise _strange(path, f"text in {local_name(parent)!r}")
    return list(parent)


def _only(parent: etree._Element, path: str) -> etree._Element:
    children = _elements(parent, path)
    if len(children) != 1:
        raise _strange(
            path, f"one element was expected in {local_name(parent)!r}, not {len(children)}"
        )
    return children[0]


def _child(root: etree._Element, outer: str, inner: str, path: str) -> etree._Element:
    if root.tag != f"{{{_ENVELOPE}}}{outer}":
        raise _strange(path, f"a SOAP envelope was expected, not {local_name(root)!r}")
    found = [child for child in _elements(root, path) if local_name(child) == inner]
    if len(found) != 1:
        raise _strange(path, "the envelope has no body")
    return found[0]


def _rows(answer: etree._Element, service: str) -> Iterator[etree._Element]:
    """The ``response`` elements of a read, in either shape."""
    array = _only(answer, service)
    if local_name(array) != "returnArray":
        raise _strange(service, f"unexpected {local_name(array)!r}")
    for data in _elements(array, service):
        if local_name(data) != "returnData":
            raise _strange(service, f"unexpected {local_name(data)!r}")
        for child in _elements(data, service):
            if local_name(child) == "response":
                yield child
            elif local_name(child).lower() == service.lower():
                yield from _wrapped(child, service)
            else:
                raise _strange(service, f"unexpected {local_name(child)!r}")


def _wrapped(wrapper: etree._Element, service: str) -> Iterator[etree._Element]:
    for row in _elements(wrapper, service):
        if local_name(row) != "response":
            raise _strange(service, f"unexpected {local_name(row)!r}")
        yield row


def _loose_rows(answer: etree._Element) -> list[etree._Element]:
    return [item for item in answer.iter() if local_name(item) == "response" and len(item)]


def _row(item: etree._Element, service: str, repair: Callable[[str], str]) -> Row:
    row: Row = {}
    for cell in _elements(item, service):
        if len(cell):
            raise _strange(service, f"elements in {local_name(cell)!r}")
        if local_name(cell) in row:
            raise _strange(service, f"{local_name(cell)!r} comes twice in a row")
        row[local_name(cell)] = repair(_text(cell))
    return row


# ---------------------------------------------------------------- repairs


def _repaired(text: str) -> str:
    """Text that was encoded as UTF-8 twice, once; other text as it is."""
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _completed(content: bytes) -> bytes:
    """The body with the closing tags that were cut off, if only such are missing."""
    rows_end = max(content.rfind(b"</response>"), 0)
    start = rows_end + len(b"</response>") if rows_end else _last_opening(content)
    head, tail = content[:start], b"".join(content[start:].split())
    parser = etree.XMLPullParser(events=("start", "end"), resolve_entities=False, no_network=True)
    opened: list[bytes] = []
    try:
        parser.feed(head)
        events: Any = parser.read_events()
        for event, element in events:
            if event == "start":
                prefix = f"{element.prefix}:" if element.prefix else ""
                opened.append(f"</{prefix}{local_name(element)}>".encode())
            else:
                opened.pop()
    except etree.XMLSyntaxError:
        return content
    closing = b"".join(reversed(opened))
    in_a_row = b"</response>" in opened
    container_closed = bool(opened) and not in_a_row and tail.startswith(opened[-1])
    return head + closing if container_closed and closing.startswith(tail) else content


def _last_opening(content: bytes) -> int:
    found = [match.end() for match in re.finditer(rb"<[^/!?][^>]*[^/]>", content)]
    return found[-1] if found else 0
