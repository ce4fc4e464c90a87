"""Origin ids: the key that we leave on a Procore record to find it again.

Procore wants an origin id to be unique in a company, whatever the kind of record, so each one
names the ERP, its company and the kind: ``spectrum:ABC:vendor:V001``.
"""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

import attrs

from procore_spectrum.errors import InvalidValueError

__all__ = ["Origin", "origin_id", "parse_origin_id"]

_SYSTEM = "spectrum"


@attrs.frozen
class Origin:
    """An origin id taken apart: ``parts`` is the record's key in Spectrum."""

    object_type: str
    company_code: str
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return origin_id(self.object_type, self.company_code, *self.parts)


def origin_id(object_type: str, company_code: str, *parts: str) -> str:
    """The origin id of one record; different arguments never give the same text.

    Anything but ASCII letters, digits and ``_ . - ~`` is percent-escaped, so a part may hold
    any text, colons included.

    Raises:
        InvalidValueError: an argument is not text.
    """
    return ":".join([_SYSTEM, *map(_escaped, (company_code, object_type, *parts))])


def parse_origin_id(text: str | None) -> Origin | None:
    """The parts of one of our origin ids; None for any other text, or none.

    A text that :func:`origin_id` would have spelled differently is foreign.

    Raises:
        InvalidValueError: the argument is neither text nor None.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidValueError(f"an origin id is text, not {type(text).__name__}")
    system, *escaped = text.split(":")
    if system != _SYSTEM or len(escaped) < 2 or not text.isascii():
        return None
    try:
        company_code, object_type, *parts = map(_unescaped, escaped)
    except UnicodeDecodeError:
        return None
    origin = Origin(object_type, company_code, tuple(parts))
    return origin if str(origin) == text else None


# "surrogatepass" lets even half a character, which no encoding knows, make the round trip.


def _escaped(part: str) -> str:
    if not isinstance(part, str):
        raise InvalidValueError(f"a part of an origin id is text, not {type(part).__name__}")
    return quote(part, safe="", errors="surrogatepass")


def _unescaped(part: str) -> str:
    return unquote_to_bytes(part).decode("utf-8", errors="surrogatepass")
