"""Following ``Link`` headers (RFC 8288) from page to page, without being led astray."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import attrs

from procore_spectrum.errors import IncompleteReadError, PagingLoopError, UnreadableReplyError
from procore_spectrum.wire.messages import Request, Response

__all__ = ["Link", "Pager", "parse_links"]

# <target> followed by parameters: ; name=token, ; name="quoted", or ; name alone.
_TARGET = re.compile(r"[\s,]*<([^<>]*)>", re.ASCII)
_PARAMETER = re.compile(
    r"""\s*;\s*(?P<name>[^\s=;,"<>]+)
        (?:\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s;,"<>]*)))?""",
    re.VERBOSE | re.DOTALL,
)


@attrs.frozen
class Link:
    """One link: its target as written, and its relation types in lower case."""

    target: str
    relations: frozenset[str]


def parse_links(header: str) -> list[Link]:
    """Read a ``Link`` header. Parts that are not links are passed over."""
    links = []
    position = 0
    while position < len(header):
        target = _TARGET.match(header, position)
        if target is None:
            following = header.find("<", position + 1)
            position = following if following >= 0 else len(header)
            continue
        position = target.end()
        relations: frozenset[str] | None = None
        while parameter := _PARAMETER.match(header, position):
            position = parameter.end()
            # Of several rel parameters only the first counts (RFC 8288, 3.3).
            if parameter["name"].lower() == "rel" and relations is None:
                relations = _relations(parameter)
        links.append(Link(target[1].strip(), relations or frozenset()))
    return links


def _relations(parameter: re.Match[str]) -> frozenset[str]:
    value = parameter["token"] or re.sub(r"\\(.)", r"\1", parameter["quoted"] or "")
    return frozenset(value.lower().split())


class Pager:
    """Finds the next page of one listing, and guards against being led in a circle or away.

    Args:
        most_pages: how many pages a listing may have.
    """

    def __init__(self, *, most_pages: int = 10_000) -> None:
        self._most_pages = most_pages
        self._seen: set[str] = set()

    def next_url(self, request: Request, response: Response) -> str | None:
        """The address of the page after this one, or None at the end.

        Raises:
            PagingLoopError: that page was read already.
            UnreadableReplyError: the next page is said to be on another server.
            IncompleteReadError: there are more pages than allowed.
        """
        self._seen.add(request.url)
        following = [
            _absolute(request.url, link.target)
            for name, value in response.headers
            if name.lower() == "link"
            for link in parse_links(value)
            if "next" in link.relations
        ]
        if not following:
            return None
        url = following[0]
        if _origin(url) != _origin(request.url):
            raise UnreadableReplyError(
                "the next page is said to be on another server",
                path=request.where,
                hint="credentials are not sent there; check the base address and any proxy",
            )
        if url in self._seen:
            raise PagingLoopError("a page names one that was read already", path=request.where)
        if len(self._seen) >= self._most_pages:
            raise IncompleteReadError(
                f"the listing has more than {self._most_pages} pages", path=request.where
            )
        return url


def _absolute(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        return target


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, parts.hostname, port
