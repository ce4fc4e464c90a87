"""Pages of a listing (`doc:pagination`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from procore_spectrum.testing.fake_procore.answers import Reply, bad_request
from procore_spectrum.testing.fake_procore.calls import Call
from procore_spectrum.testing.fake_procore.world import Row

__all__ = ["V1_LIMIT", "V2_LIMIT", "page_of"]

V1_LIMIT = 2000
V2_LIMIT = 100


def page_of(
    call: Call,
    rows: Sequence[Row],
    show: Callable[[Row], Any],
    *,
    limit: int = V1_LIMIT,
    default: int | None = None,
    envelope: bool = False,
) -> Reply:
    """One page of ``rows``. A ``per_page`` beyond the limit is quietly cut to the limit."""
    size = min(_positive(call, "per_page") or default or _default_size(call), limit)
    page = _positive(call, "page") or 1
    items = [show(row) for row in rows[(page - 1) * size : page * size]]
    last = max(1, -(-len(rows) // size))
    headers = [("Total", str(len(rows))), ("Per-Page", str(size))]
    links = [f'<{_url(call, n, size)}>; rel="{rel}"' for rel, n in _neighbours(page, last)]
    if links:
        headers.append(("Link", ", ".join(links)))
    return Reply(body={"data": items} if envelope else items, headers=tuple(headers))


def _default_size(call: Call) -> int:
    return call.world.switches.default_page_size


def _positive(call: Call, name: str) -> int | None:
    number = call.query_id(name)
    if number == 0:
        raise bad_request(name, "must be greater than 0")
    return number


def _neighbours(page: int, last: int) -> list[tuple[str, int]]:
    before = [("first", 1), ("prev", page - 1)] if page > 1 else []
    after = [("next", page + 1), ("last", last)] if page < last else []
    return before + after


def _url(call: Call, page: int, size: int) -> str:
    kept = [pair for pair in call.query.pairs if pair[0] not in {"page", "per_page"}]
    query = urlencode([*kept, ("page", str(page)), ("per_page", str(size))])
    return urlunsplit(urlsplit(call.url)._replace(query=query, fragment=""))
