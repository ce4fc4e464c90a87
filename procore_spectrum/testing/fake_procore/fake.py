"""`FakeProcore`: one brain, several faces."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import attrs

from procore_spectrum.errors import InvalidValueError, NotSentError, Violation
from procore_spectrum.testing.fake_procore import (
    budget,
    budget_changes,
    budget_views,
    change_order_packages,
    commitments,
    commitments_v2,
    cost_codes,
    direct_costs,
    erp_job_costs,
    identity,
    line_item_types,
    markups,
    new_change_orders,
    potential_change_orders,
    prime_contracts,
    projects,
    segments,
    standard_codes,
    vendors,
    wbs_codes,
    wbs_items,
)
from procore_spectrum.testing.fake_procore.answers import (
    InvalidError,
    RefusalError,
    Reply,
    bad_request,
    html_gateway_error,
    not_connected,
    unknown_path,
    unprocessable,
    wrong_content_type,
)
from procore_spectrum.testing.fake_procore.arranging import FinancialArranging, arranged
from procore_spectrum.testing.fake_procore.calls import Call, Query
from procore_spectrum.testing.fake_procore.oauth import OUT_OF_BAND, OAuth
from procore_spectrum.testing.fake_procore.rate import RateLimits
from procore_spectrum.testing.fake_procore.router import Route, Router
from procore_spectrum.testing.fake_procore.switches import Switches
from procore_spectrum.testing.fake_procore.world import Account, Row, World
from procore_spectrum.wire.clock import SystemClock
from procore_spectrum.wire.messages import Request, Response
from procore_spectrum.wire.transport import AsyncTransport, Transport

__all__ = ["CallRecord", "FakeProcore", "Watch"]

ROUTER = Router(
    (
        *identity.ROUTES,
        *vendors.ROUTES,
        *projects.ROUTES,
        *cost_codes.ROUTES,
        *standard_codes.ROUTES,
        *line_item_types.ROUTES,
        *wbs_items.ROUTES,
        *wbs_codes.ROUTES,
        *commitments.ROUTES,
        *commitments_v2.ROUTES,
        *change_order_packages.ROUTES,
        *potential_change_orders.ROUTES,
        *new_change_orders.ROUTES,
        *prime_contracts.ROUTES,
        *markups.ROUTES,
        *budget.ROUTES,
        *budget_views.ROUTES,
        *budget_changes.ROUTES,
        *direct_costs.ROUTES,
        *erp_job_costs.ROUTES,
    )
)
MISSING_COMPANY = "Missing Procore-Company-Id header! Send the id of the company with every call."
SAMPLE_CLIENT = ("procore-client-id", "procore-client-secret")
SECRET_PARAMETERS = frozenset({"code", "client_secret", "token", "refresh_token", "state"})
BULK_KEYS = (
    "updates",
    "bulk",
    "ids",
    "segment_item_ids",
    "standard_cost_code_ids",
    "budget_line_items",
)


class Watch(Protocol):
    """All the fake needs of a clock."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


@attrs.frozen(kw_only=True)
class CallRecord:
    """One call that reached the fake; holds no secret.

    ``items_sent`` counts the items of a bulk call, ``items_answered`` those of a listing or of
    the entities of a bulk call, ``items_refused`` the errors of a bulk call.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int
    items_sent: int = 0
    items_answered: int = 0
    items_refused: int = 0


class FakeProcore(FinancialArranging):
    """A Procore company in memory that refuses what Procore refuses.

    Login host and API host are both served by :meth:`handle`. Ids, tokens and times follow from
    the calls and the clock alone, so that a run can be repeated exactly.

    Args:
        company_id: more than 32 bits by default, as real ids can have.
        company_name: shown in answers.
        client_id: of the app.
        client_secret: of the app.
        clock: something with ``now()``; the system's clock by default.
        hourly_limit: calls in 60 minutes.
        spike_limit: calls in 10 seconds; None for no such window.
        token_lifetime: seconds an access token lives.
        company_admin: whether the service account sees every project; otherwise only those
            given to it with :meth:`permit`, and not even those it created.
        switches: what the documentation leaves open.
    """

    def __init__(
        self,
        *,
        company_id: int = 598134325658789,
        company_name: str = "Sample Construction",
        client_id: str = SAMPLE_CLIENT[0],
        client_secret: str = SAMPLE_CLIENT[1],
        clock: Watch | None = None,
        hourly_limit: int = 3600,
        spike_limit: int | None = None,
        token_lifetime: int = 5400,
        company_admin: bool = True,
        switches: Switches | None = None,
    ) -> None:
        watch = clock or SystemClock()
        self.company_id = company_id
        self.client_id = client_id
        self.client_secret = client_secret
        self.switches = switches or Switches()
        self.calls: list[CallRecord] = []
        self._lock = threading.RLock()
        self._watch = watch
        self._world = World(
            company_id=company_id,
            company_name=company_name,
            now=self._now,
            switches=self.switches,
        )
        self._rates = RateLimits(hourly_limit=hourly_limit, spike_limit=spike_limit)
        self._oauth = OAuth(
            client_id=client_id, client_secret=client_secret, lifetime=token_lifetime, now=self._now
        )
        self._oauth.first_person = self._first_person
        with self._arranging():
            service = self._add_account(
                "Service Account", "service@example.com", admin=company_admin
            )
            service.service = True
            self._oauth.service_account_id = service.id
            segments.open_company(self._world)
            budget_views.open_views(self._world)

    def __repr__(self) -> str:
        return f"<FakeProcore company {self.company_id}>"

    def _now(self) -> datetime:
        return self._watch.now().astimezone(UTC)

    # the wire --------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request, whatever host it names."""
        parts = urlsplit(request.url)
        query = Query(parts.query)
        with self._lock:
            body, reply = self._answer(request, parts, query)
            self.calls.append(_record(request, parts.path, query, body, reply))
        return reply.response()

    def transport(self) -> Transport:
        """A transport that ends in this fake, in the same process."""
        return _InProcess(self)

    def async_transport(self) -> AsyncTransport:
        """The asynchronous twin of :meth:`transport`."""
        return _InProcessAsync(self)

    def _answer(self, request: Request, parts: SplitResult, query: Query) -> tuple[Any, Reply]:
        if self.switches.html_502:
            return None, html_gateway_error()
        if parts.path.startswith("/oauth/"):
            return None, self._login(request, parts.path, query)
        if not parts.path.startswith("/rest/"):
            return None, unknown_path().reply(1)
        now = self._now()
        if not self._rates.count(now):
            wait = self.switches.retry_after_on_429
            body, reply = None, self._rates.refusal(now, retry_after=wait)
        else:
            body, reply = self._rest(request, parts.path, query)
        return body, attrs.evolve(reply, headers=reply.headers + self._rates.headers())

    def _login(self, request: Request, path: str, query: Query) -> Reply:
        try:
            return self._oauth.answer(request, path, query) or unknown_path().reply(1)
        except RefusalError as refusal:
            return refusal.reply(1)

    def _rest(self, request: Request, path: str, query: Query) -> tuple[Any, Reply]:
        version = 2 if path.startswith("/rest/v2") else 1
        body: Any = None
        try:
            account = self._world.accounts[self._oauth.bearer(request).account_id]
            route, params = ROUTER.find(request.method, path)
            self._check_company(request, route, account, query, params)
            body = _json_body(request)
            call = Call(
                world=self._world,
                account=account,
                url=request.url,
                query=query,
                params=params,
                body=body,
            )
            return body, route.handler(call)
        except InvalidError as wrong:
            return body, unprocessable(wrong.problems).reply(version)
        except RefusalError as refusal:
            return body, refusal.reply(version)

    def _check_company(
        self, request: Request, route: Route, account: Account, query: Query, params: dict[str, int]
    ) -> None:
        """The company header, needed with every call but two (`doc:tutorial-mpz`)."""
        sent = request.header("procore-company-id")
        scoped = any(query.get(name) for name in ("company_id", "project_id"))
        exempt = route.open and not account.service and not scoped
        if not sent and not exempt:
            raise bad_request("Procore-Company-Id", MISSING_COMPANY)
        named = {sent or str(self.company_id), str(params.get("company_id", self.company_id))}
        if named != {str(self.company_id)}:
            raise not_connected()

    # arranging -------------------------------------------------------------------------------

    def add_vendor(self, *, name: str, **fields: Any) -> Row:
        """Put a vendor into the directory and return it as the API would show it.

        Raises:
            InvalidValueError: Procore would refuse it.
        """
        with self._arranging() as world:
            row = vendors.create_vendor(world, arranged(vendors.SYNC_ITEM, name=name, **fields))
            return vendors.show_vendor(world, row)

    def add_project(self, *, name: str, permit: bool = True, **fields: Any) -> Row:
        """Put a project in place; ``permit`` gives it to the service account."""
        with self._arranging() as world:
            row = projects.create_project(world, arranged(projects.CREATE, name=name, **fields))
            if permit:
                self.permit(row["id"])
            return projects.show_project(world, row)

    def add_template(self, *, name: str) -> Row:
        """Put a project template in place."""
        with self._arranging() as world:
            row = world.templates.add(world.company_id, {"name": name})
            return {"id": row["id"], "name": row["name"]}

    def add_cost_code(self, *, project_id: int, code: str, name: str, **fields: Any) -> Row:
        """Put a cost code into a project, ERP integrated or not."""
        with self._arranging() as world:
            values = arranged(cost_codes.INPUT, code=code, name=name, **fields)
            row = cost_codes.create_cost_code(world, project_id, values)
            return cost_codes.show_cost_code(world, row)

    def add_standard_cost_code_list(self, *, name: str, is_erp_list: bool = False) -> Row:
        """Put a standard list in place; a company has one ERP list at most."""
        with self._arranging() as world:
            values = {"name": name, "is_erp_list": is_erp_list}
            row = standard_codes.create_standard_list(world, values)
            return standard_codes.show_list(world, row)

    def add_standard_cost_code(self, *, list_id: int, code: str, name: str, **fields: Any) -> Row:
        """Put a code into a standard list."""
        with self._arranging() as world:
            values = arranged(standard_codes.INPUT, code=code, name=name, **fields)
            row = standard_codes.create_standard_code(world, list_id, values)
            return standard_codes.show_standard_code(row)

    def add_line_item_type(
        self, *, code: str, name: str, base_type: str = "other", **fields: Any
    ) -> Row:
        """Put a line item type in place."""
        with self._arranging() as world:
            named = {"csv_import_code": code, "name": name, "base_type": base_type}
            values = arranged(line_item_types.INPUT, **named, **fields)
            row = line_item_types.create_type(world, values)
            return line_item_types.show_type(world, row)

    def add_user(self, *, name: str, login: str, company_admin: bool = True) -> Row:
        """Add a person, who can consent to the app with :meth:`issue_code`."""
        with self._arranging():
            account = self._add_account(name, login, admin=company_admin)
            return {"id": account.id, "name": account.name, "login": account.login}

    def issue_code(self, *, user_id: int | None = None, redirect_uri: str = OUT_OF_BAND) -> str:
        """The authorization code of a person's consent; a user is added if there is none."""
        with self._lock:
            person = user_id or self._first_person()
            if person is None:
                person = self.add_user(name="Casey Admin", login="casey@example.com")["id"]
            return self._oauth.issue_code(account_id=person, redirect_uri=redirect_uri)

    def permit(self, project_id: int, *, user_id: int | None = None) -> None:
        """Give a project to the service account, or to a person."""
        with self._lock:
            self._account(user_id).projects.add(project_id)

    def forbid(self, project_id: int, *, user_id: int | None = None) -> None:
        """Take a project away. It has no effect on company admins."""
        with self._lock:
            self._account(user_id).projects.discard(project_id)

    def set_company_admin(self, *, admin: bool, user_id: int | None = None) -> None:
        """Grant or withdraw admin rights on company level."""
        with self._lock:
            self._account(user_id).company_admin = admin

    def disable_tool(self, project_id: int, tool: str) -> None:
        """Switch a tool off in a project.

        Tools: ``cost_codes``, ``work_breakdown_structure``, ``commitments``, ``change_orders``,
        ``prime_contracts``, ``budget``, ``direct_costs``.
        """
        with self._lock:
            self._world.disabled_tools.add((project_id, tool))

    def enable_tool(self, project_id: int, tool: str) -> None:
        """Switch a tool on again."""
        with self._lock:
            self._world.disabled_tools.discard((project_id, tool))

    # inspecting ------------------------------------------------------------------------------

    @property
    def users(self) -> list[Row]:
        """All accounts; the service account comes first."""
        with self._lock:
            found = self._world.accounts.values()
            return [{"id": user.id, "name": user.name, "login": user.login} for user in found]

    def state(self) -> dict[str, Any]:
        """Everything the company holds, as JSON-ready values in a fixed order.

        Deleted records are included; they have ``deleted_at``.
        """
        with self._lock:
            return {
                table.name: [dict(sorted(row.items())) for _, row in sorted(table.rows.items())]
                for table in sorted(self._world.tables(), key=lambda table: table.name)
            }

    # inner workings --------------------------------------------------------------------------

    @contextmanager
    def _arranging(self) -> Iterator[World]:
        """Hold the lock; what is stored now is visible at once, even to lagging reads."""
        with self._lock:
            self._world.arranging = True
            try:
                yield self._world
            except InvalidError as wrong:
                raise InvalidValueError(
                    "Procore would refuse this record",
                    violations=[
                        Violation(code="refused", message=message, path=field)
                        for field, messages in wrong.problems.items()
                        for message in messages
                    ],
                    hint="arrange what the real system could hold",
                ) from None
            finally:
                self._world.arranging = False

    def _add_account(self, name: str, login: str, *, admin: bool) -> Account:
        account = Account(
            id=self._world.next_id(), name=name, login=login, company_admin=admin, service=False
        )
        self._world.accounts[account.id] = account
        return account

    def _account(self, user_id: int | None) -> Account:
        return self._world.accounts[user_id or self._oauth.service_account_id]

    def _first_person(self) -> int | None:
        people = self._world.accounts.values()
        return next((account.id for account in people if not account.service), None)


class _InProcess:
    """A transport without a network."""

    def __init__(self, fake: FakeProcore) -> None:
        self._fake: FakeProcore | None = fake

    def send(self, request: Request) -> Response:
        """Hand the request to the fake."""
        if self._fake is None:
            raise NotSentError("the transport is closed", path=request.where)
        return self._fake.handle(request)

    def close(self) -> None:
        """Let go of the fake."""
        self._fake = None


class _InProcessAsync:
    """The same for asynchronous callers."""

    def __init__(self, fake: FakeProcore) -> None:
        self._inner = _InProcess(fake)

    async def send(self, request: Request) -> Response:
        """Hand the request to the fake."""
        return self._inner.send(request)

    async def close(self) -> None:
        """Let go of the fake."""
        self._inner.close()


def _json_body(request: Request) -> Any:
    """The body of a REST call.

    Raises:
        RefusalError: 406 if it is declared as something else, 400 if it cannot be read.
    """
    if not request.content:
        return None
    kind = (request.header("content-type") or "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise wrong_content_type()
    try:
        return json.loads(request.content, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise bad_request("body", "The body is not valid JSON") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _record(request: Request, path: str, query: Query, body: Any, reply: Reply) -> CallRecord:
    shown = tuple(pair for pair in query.pairs if pair[0] not in SECRET_PARAMETERS)
    sent = body if isinstance(body, dict) else {}
    answer = reply.body
    if isinstance(answer, dict):
        answered, refused = answer.get("entities", answer.get("data")), answer.get("errors")
    else:
        answered, refused = answer, None
    return CallRecord(
        method=request.method,
        path=path,
        query=shown,
        status=reply.status,
        items_sent=max((_count(sent.get(key)) for key in BULK_KEYS), default=0),
        items_answered=_count(answered),
        items_refused=_count(refused) if reply.status < 400 else 0,
    )


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0
