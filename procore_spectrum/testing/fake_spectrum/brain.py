"""The server itself: routing, security, validation levels, and the calls that arrange a test."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from procore_spectrum.testing.fake_spectrum import replies, rest
from procore_spectrum.testing.fake_spectrum.access import Access, basic_credentials
from procore_spectrum.testing.fake_spectrum.arranging import Arranging
from procore_spectrum.testing.fake_spectrum.calls import Call, CallRecord, Finding, Row
from procore_spectrum.testing.fake_spectrum.checks import malformed, not_supplied
from procore_spectrum.testing.fake_spectrum.layouts import Layout
from procore_spectrum.testing.fake_spectrum.requests import SoapFaultError, read_soap
from procore_spectrum.testing.fake_spectrum.services import SERVICES, ReadService, WriteService
from procore_spectrum.testing.fake_spectrum.sql_rows import SqlRow, sql_rows
from procore_spectrum.testing.fake_spectrum.switches import Switches
from procore_spectrum.wire.clock import SystemClock
from procore_spectrum.wire.messages import Request, Response

if TYPE_CHECKING:
    from procore_spectrum.testing.reference_company import ReferenceCompany

__all__ = ["AsyncInProcessTransport", "FakeSpectrum", "InProcessTransport", "TellsTime"]

_UNKNOWN_SERVICE = (
    "Error identifying Web Service: class com.northgateis.proiv.ws.servlet."
    "WebServiceIdentificationException: Could not find WebService named: "
)
_XML = (("Content-Type", "text/xml; charset=utf-8"),)
_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_HTML = (("Content-Type", "text/html; charset=iso-8859-1"),)
_NOT_RECORDED = frozenset({"Authorization_ID", "client_secret", "client_id"})


class TellsTime(Protocol):
    """Anything with a ``now`` that gives an aware UTC time."""

    def now(self) -> datetime:
        """The current time."""
        ...


class FakeSpectrum(Arranging):
    """A Spectrum installation in memory. Every face may be used from many threads.

    Args:
        company_code: the company that exists from the start; more with :meth:`add_company`.
        authorization_id: an Authorization ID that may do everything in every company.
        clock: tells the time; the system's clock by default.
        client_id, client_secret: switch enhanced authentication on; every call then needs a
            bearer token from ``POST /connect/token`` too.
        phase_mask: one ``#`` per letter or digit of a phase code; other characters only part
            the groups on screens.
        release: name of the Spectrum release, ``"2025 R1"``; ePayments came with that one.
        switches: behaviour that nobody documented, and faults.

    ``GetJobContact`` is documented but was absent where traffic was recorded, so it is absent
    here until :meth:`restore_service`.
    """

    def __init__(
        self,
        *,
        company_code: str = "ABC",
        authorization_id: str = "SDX-AUTHORIZATION",
        clock: TellsTime | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        phase_mask: str = "######",
        release: str = "2025 R1",
        switches: Switches | None = None,
    ) -> None:
        super().__init__(company_code=company_code, phase_mask=phase_mask)
        self.authorization_id = authorization_id
        self.release = release
        self.switches = switches or Switches()
        self._clock = clock or SystemClock()
        self._access = Access(client_id=client_id, client_secret=client_secret)
        self._removed = {"GetJobContact"}
        self._locked: set[str] = set()
        self._calls: list[CallRecord] = []
        self._soap_calls = 0
        self.authorize(authorization_id)

    def __repr__(self) -> str:
        return f"<FakeSpectrum {', '.join(self._companies)}>"

    @classmethod
    def from_company(cls, company: ReferenceCompany, **options: Any) -> FakeSpectrum:
        """A server that holds a reference company; ``options`` go to the constructor."""
        fake = cls(**options)
        company.load_into(fake)
        return fake

    # ------------------------------------------------------------ arranging

    def authorize(
        self,
        authorization_id: str,
        *,
        companies: Collection[str] | None = None,
        services: Collection[str] | None = None,
        operator: str = "*WS",
    ) -> None:
        """Create or replace an Authorization ID; None permits every company or service.

        The first company is the default of calls that leave theirs blank.
        """
        with self._lock:
            self._access.authorize(
                authorization_id, companies, services, operator, self.company_code
            )

    def remove_service(self, name: str) -> None:
        """Make a service unknown to the server, as on releases without it."""
        with self._lock:
            self._removed.add(name)

    def restore_service(self, name: str) -> None:
        """Undo :meth:`remove_service`."""
        with self._lock:
            self._removed.discard(name)

    def lock_record(self, name: str) -> None:
        """Lock a table or one service against writes.

        The tables are ``vendors``, ``customers``, ``jobs``, ``phases``, ``subcontracts``,
        ``subcontract_lines``, ``change_requests`` and ``projections``.
        """
        with self._lock:
            self._locked.add(name)

    def unlock_record(self, name: str) -> None:
        """Undo :meth:`lock_record`."""
        with self._lock:
            self._locked.discard(name)

    # ------------------------------------------------------------ inspecting

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """Every call to a service that exists, oldest first."""
        with self._lock:
            return tuple(self._calls)

    def state(self) -> dict[str, Any]:
        """All companies, ready for JSON, in a fixed order."""
        with self._lock:
            return {code: self._companies[code].state() for code in sorted(self._companies)}

    def sql_rows(self) -> dict[str, list[SqlRow]]:
        """What a read-only SQL connection would find: rows with our own columns, by table."""
        with self._lock:
            return sql_rows(self._companies[code] for code in sorted(self._companies))

    # ------------------------------------------------------------ faces

    def transport(self) -> InProcessTransport:
        """A transport that calls this server directly."""
        return InProcessTransport(self)

    def async_transport(self) -> AsyncInProcessTransport:
        """The asynchronous twin of :meth:`transport`."""
        return AsyncInProcessTransport(self)

    def handle(self, request: Request) -> Response:
        """Answer one request, whatever it is."""
        parts = urlsplit(request.url)
        folder, _, name = unquote(parts.path).lstrip("/").partition("/")
        with self._lock:
            match (request.method, folder):
                case ("GET", "wsdls"):
                    return self._wsdl(name.removesuffix(".jws"), name, request)
                case ("POST", "ws"):
                    return self._soap(name, request)
                case ("GET", "vendors"):
                    return self._vendors(name, request)
                case ("POST", "connect") if name == "token":
                    return self._token("connect/token", request)
                case ("POST", "secretRotation") if not name:
                    return self._token("secretRotation", request)
                case (_, "ws" | "wsdls" | "vendors"):
                    return Response(status=405, headers=_HTML, content=b"<html></html>")
        return _not_found()

    # ------------------------------------------------------------ SOAP

    def _service(self, name: str) -> ReadService | WriteService | None:
        return None if name in self._removed else SERVICES.get(name)

    def _wsdl(self, name: str, file: str, request: Request) -> Response:
        service = self._service(name)
        if service is None or not file.endswith(".jws"):
            return _not_found()
        parts = urlsplit(request.url)
        text = replies.wsdl(service.layout, f"{parts.scheme}://{parts.netloc}")
        return Response(status=200, headers=_XML, content=text.encode("utf-8"))

    def _soap(self, name: str, request: Request) -> Response:
        service = self._service(name)
        if service is None:
            return self._fault("Client", _UNKNOWN_SERVICE + name)
        if not self._has_token(request):
            return Response(status=401, headers=_HTML, content=b"<html></html>")
        self._soap_calls += 1
        every = self.switches.server_fault_every
        fails = every > 0 and self._soap_calls % every == 0
        if fails and not self.switches.server_fault_after:
            return self._fault("Server", "Error executing Web Service")
        try:
            values = read_soap(request.content, service.layout)
        except SoapFaultError as fault:
            return self._fault(fault.side, fault.text)
        payload, rows = self._answer(service, values)
        self._record(name, values, rows)
        if fails:
            return self._fault("Server", "Error executing Web Service")
        return self._reply(replies.envelope(name, payload))

    def _answer(
        self, service: ReadService | WriteService, values: dict[str, str]
    ) -> tuple[str, int]:
        """The content of ``returnData`` and the number of rows in it."""
        call, findings = self._validated(service, values)
        if isinstance(service, ReadService):
            if call is None:
                return self._refused_get(service.layout, findings)
            rows = self._capped(service.layout, service.handler(call))
            return replies.rows_body(service.layout, rows), len(rows)
        if call is not None:
            locked = {service.layout.name, service.table} & self._locked
            findings = [self._locked_finding(service)] if locked else [*service.handler(call)]
        if findings or self.switches.put_success == "empty" or call is None:
            return replies.short_body(findings), len(findings)
        if self.switches.put_success == "echo":
            return replies.echo_body(service.layout, values), 1
        information = Finding("G", values[service.key], service.key)
        return replies.short_body([information]), 1

    def _locked_finding(self, service: WriteService) -> Finding:
        return Finding(self.switches.lock_code, self.switches.lock_text, service.key)

    def _validated(
        self, service: ReadService | WriteService, values: dict[str, str]
    ) -> tuple[Call | None, list[Finding]]:
        """Levels 1 and 2: a call that its service can carry out, or why there is none."""
        layout, now = service.layout, self._clock.now()
        who = values["Authorization_ID"]
        refusal = self._access.check_service(who, layout.name)
        if refusal is None:
            refusal = self._access.check_group(
                layout.name, who, values.get("GUID", ""), now, self.switches.guid_hours
            )
        if refusal is not None:
            return None, [refusal]
        authorization = self._access.authorizations[who]
        company = self.company_code
        column = "pCompany_Code" if "pCompany_Code" in values else "Company_Code"
        if column in values:
            field = next(field for field in layout.inputs if field.name == column)
            if not values[column] and (field.from_authorization or field.required is False):
                values[column] = authorization.default_company
            company = values[column]
            if company:
                refusal = self._access.check_company(who, company, self._companies, column)
                if refusal is not None:
                    return None, [refusal]
        when_adding = service.when_adding if isinstance(service, WriteService) else ()
        findings = not_supplied(layout, values, when_adding) or malformed(layout, values)
        if findings:
            return None, findings
        call = Call(
            layout=layout,
            values=values,
            company=self._companies[company],
            switches=self.switches,
            release=self.release,
            now=now,
            operator=authorization.operator,
        )
        return call, []

    def _refused_get(self, layout: Layout, findings: Sequence[Finding]) -> tuple[str, int]:
        if self.switches.refused_get == "put":
            return replies.short_body(findings), len(findings)
        rows = [replies.special_row(layout, finding) for finding in findings]
        return replies.rows_body(layout, rows), len(rows)

    def _capped(self, layout: Layout, rows: Any) -> list[Row]:
        cap = self.switches.row_cap
        if cap is None:
            return list(rows)
        kept = list(islice(rows, cap + 1))
        if len(kept) > cap:
            kept[cap] = replies.special_row(layout, Finding("W", replies.WARNING, " "))
        return kept

    def _reply(self, text: str) -> Response:
        if self.switches.encoding == "latin-1":
            content = text.encode("latin-1", "replace")
        else:
            content = text.encode("utf-8")
            if self.switches.encoding == "double":
                content = content.decode("latin-1").encode("utf-8")
        limit = self.switches.cut_off_above
        if limit is not None and len(content) > limit:
            content = content[: content.rindex(b"</returnData>")]
        return Response(status=200, headers=_XML, content=content)

    def _fault(self, side: str, text: str) -> Response:
        content = replies.fault(side, text).encode("utf-8")
        return Response(status=self.switches.fault_status, headers=_XML, content=content)

    # ------------------------------------------------------------ REST

    def _vendors(self, company_code: str, request: Request) -> Response:
        query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
        who = self._rest_caller(company_code, query, request)
        if who is None:
            return _refused(401, Finding("A", "The Web Service is not authorized.", ""))
        refusal = self._access.check_service(who, "GetVendors")
        if refusal is None:
            known = self._companies
            refusal = self._access.check_company(who, company_code, known, "pCompany_Code")
        if refusal is not None:
            return _refused(401, refusal)
        findings: list[Finding] = []
        if rest.cost_center_missing(query):
            findings = [Finding("M", "pCostCenter must be supplied", "pCostCenter")]
        rows = [] if findings else list(rest.vendor_rows(self._companies[company_code], query))
        self._record("GetVendors", query, len(rows))
        if findings:
            return _refused(400, *findings)
        return Response(status=200, headers=_JSON, content=rest.vendors_json(rows, self.switches))

    def _rest_caller(
        self, company_code: str, query: Mapping[str, str], request: Request
    ) -> str | None:
        """The Authorization ID of a REST call: from Basic, or beside the bearer token."""
        if self._access.enhanced:
            return query.get("Authorization_ID") if self._has_token(request) else None
        user, password = basic_credentials(request) or ("", None)
        return password if user == company_code else None

    def _has_token(self, request: Request) -> bool:
        return not self._access.enhanced or self._access.knows_token(request, self._clock.now())

    def _token(self, path: str, request: Request) -> Response:
        if not self._access.enhanced:
            return _not_found()
        make = self._access.issue_token if path == "connect/token" else self._access.rotate_secret
        answer = make(request, self._clock.now(), self.switches)
        self._record(path, {}, 1 if answer else 0)
        if answer is None:
            return Response(status=400, headers=_JSON, content=b'{"error":"invalid_client"}')
        return Response(status=200, headers=_JSON, content=json.dumps(answer).encode("utf-8"))

    def _record(self, service: str, parameters: Mapping[str, str], rows: int) -> None:
        shown = {name: text for name, text in parameters.items() if name not in _NOT_RECORDED}
        self._calls.append(
            CallRecord(
                service=service,
                parameters=MappingProxyType(shown),
                rows=rows,
                at=self._clock.now(),
            )
        )


def _not_found() -> Response:
    return Response(status=404, headers=_HTML, content=replies.NOT_FOUND_PAGE)


def _refused(status: int, *findings: Finding) -> Response:
    errors = [{"error_code": f.code, "desc": f.text, "column": f.column} for f in findings]
    return Response(status=status, headers=_JSON, content=json.dumps(errors).encode("utf-8"))


class InProcessTransport:
    """A :class:`~procore_spectrum.wire.transport.Transport` without a network."""

    def __init__(self, fake: FakeSpectrum) -> None:
        self._fake = fake

    def send(self, request: Request) -> Response:
        """Let the server answer."""
        return self._fake.handle(request)

    def close(self) -> None:
        """Nothing to release."""


class AsyncInProcessTransport:
    """The asynchronous twin of :class:`InProcessTransport`."""

    def __init__(self, fake: FakeSpectrum) -> None:
        self._fake = fake

    async def send(self, request: Request) -> Response:
        """Let the server answer."""
        return self._fake.handle(request)

    async def close(self) -> None:
        """Nothing to release."""
