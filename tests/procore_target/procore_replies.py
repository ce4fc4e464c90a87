"""A transport that answers what it was told to, and the bytes that Procore would send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from procore_spectrum.plan.records import Ref
from procore_spectrum.plan.values import Fields
from procore_spectrum.ports import Batch, BatchItem
from procore_spectrum.procore.client import ProcoreClient
from procore_spectrum.procore.target import ProcoreTarget
from procore_spectrum.testing import FakeClock
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.retry import RetryPolicy

COMPANY = 598134325658789
JSON = (("Content-Type", "application/json; charset=utf-8"),)
TOKEN = b'{"access_token":"t","token_type":"bearer","expires_in":5400,"created_at":1780000000}'


class Replies:
    """Answers each request with the first reply whose address fits, and remembers it.

    Replies are tuples of method and end of the path, with the body (bytes, or what becomes
    JSON) and optionally a status. A reply that was given is used up.
    """

    def __init__(self, *replies: tuple[Any, ...]) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        """Give the next fitting reply."""
        if request.url.endswith("/oauth/token"):
            return Response(status=200, headers=JSON, content=TOKEN)
        self.requests.append(request)
        path = request.url.split("?")[0]
        for index, (where, body, *status) in enumerate(self.replies):
            method, _, end = where.partition(" ")
            if request.method == method and path.endswith(end):
                del self.replies[index]
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                return Response(status=(status or [200])[0], headers=JSON, content=content)
        raise AssertionError(f"no reply for {request.method} {path}")

    def close(self) -> None:
        """Nothing is open."""

    def bodies(self, method: str = "PATCH") -> list[Any]:
        """The decoded bodies of the requests of one method."""
        return [json.loads(r.content) for r in self.requests if r.method == method]


def target_of(replies: Replies, **settings: Any) -> ProcoreTarget:
    """A target on canned replies, which neither waits nor repeats."""
    clock = FakeClock()
    client = ProcoreClient(
        company_id=COMPANY,
        client_id="id",
        client_secret="secret",
        transport=replies,
        clock=clock,
        retry=RetryPolicy(attempts=1),
    )
    return ProcoreTarget(client, clock=clock, **settings)


def item(
    verb: str,
    fields: Fields,
    *,
    op: str = "op1",
    full: Fields | None = None,
    target_id: str | None = None,
    parent_id: str | None = None,
) -> BatchItem:
    """One record of a batch."""
    return BatchItem(
        op_id=op,
        verb=verb,
        ref=Ref("record", op),
        fields=fields,
        full=fields if full is None else full,
        target_id=target_id,
        parent_id=parent_id,
    )


def batch(kind: str, *items: BatchItem, scope: str | None = None) -> Batch:
    """A batch of records."""
    return Batch(kind=kind, scope_id=scope, items=items)


def query_of(request: Request) -> Mapping[str, str]:
    """The query parameters of a request."""
    return dict(parse_qsl(urlsplit(request.url).query))
