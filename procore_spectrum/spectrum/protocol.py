"""The protocol as flows: one body for the synchronous and the asynchronous client."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode

import attrs

from procore_spectrum.errors import (
    AuthenticationError,
    ContractChangedError,
    OutcomeUnknownError,
    ProcoreSpectrumError,
    SessionExpiredError,
    TryAgainError,
    UnreadableReplyError,
)
from procore_spectrum.spectrum.auth import BasicAuth, EnhancedAuth
from procore_spectrum.spectrum.calls import Call, RestCall, Result, SoapCall
from procore_spectrum.spectrum.convert import from_row
from procore_spectrum.spectrum.guid import Guids
from procore_spectrum.spectrum.replies import Judge
from procore_spectrum.spectrum.rest import read_rest_reply
from procore_spectrum.spectrum.rows import Fault, Rows, read_reply
from procore_spectrum.spectrum.wsdl import Contract, WsdlCache, read_contract
from procore_spectrum.wire.flows import Enter, Flow, Leave, Sleep, send_once
from procore_spectrum.wire.messages import Headers, Request
from procore_spectrum.wire.retry import RetryPolicy

__all__ = ["Protocol", "Settings"]

T = TypeVar("T")


_ROWS_ABOVE_A_CAP = 2
"""A client once saw 502 rows where the cap is 500."""


@attrs.frozen(kw_only=True)
class Settings:
    """How to talk to one company of one Spectrum server; see ``SpectrumClient``."""

    url: str
    company_code: str
    authorization_id: str = attrs.field(repr=False)
    retry: RetryPolicy
    locked_text: Sequence[str]
    row_cap: int | None
    vendor_row_cap: int | None
    basic_auth: bool
    repair_double_encoding: bool
    tolerate_cut_envelope: bool
    trust_wsdl_address: bool
    authorization_id_in_query: bool


class Protocol:
    """Turns calls into flows. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        auth: BasicAuth | EnhancedAuth,
        guids: Guids,
        cache: WsdlCache,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self.auth = auth
        self._guids = guids
        self._cache = cache
        self._jitter = jitter
        self._contracts: dict[str, Contract] = {}

    def call(self, call: Call[T]) -> Flow[Result[T]]:
        """The flow of one call, with its repetitions."""
        if isinstance(call, RestCall):
            return self._repeated(lambda: self._rest(call), repeatable=True)
        return self._repeated(lambda: self._soap(call), repeatable=call.repeatable)

    def secrets(self) -> tuple[str, ...]:
        """What no error may show, even if the server repeats it."""
        return (self.settings.authorization_id, *self.auth.secrets())

    # ------------------------------------------------------------ repetition

    def _repeated(self, attempt: Callable[[], Flow[T]], *, repeatable: bool) -> Flow[T]:
        """Repeat what may be repeated: back off, or renew GUID or token once."""
        policy = self.settings.retry
        renewals = {SessionExpiredError, AuthenticationError}
        waited, tries = 0.0, 0
        while True:
            tries += 1
            try:
                return (yield from attempt())
            except (SessionExpiredError, AuthenticationError) as error:
                renewable = isinstance(error, SessionExpiredError) or self.auth.forget()
                if type(error) not in renewals or not renewable:
                    raise
                renewals.discard(type(error))
                tries -= 1
                continue
            except (TryAgainError, OutcomeUnknownError, UnreadableReplyError) as error:
                if not isinstance(error, TryAgainError) and not repeatable:
                    raise
                wait = getattr(error, "retry_after", None) or 0.0
                wait += policy.backoff(tries, self._jitter())
                waited += wait
                if tries >= policy.attempts or waited > policy.give_up_after:
                    raise
            yield Sleep(wait)

    # ------------------------------------------------------------ SOAP

    def _soap(self, call: SoapCall[T]) -> Flow[Result[T]]:
        judge = Judge(
            service=call.service,
            in_doubt=call.kind == "write" and not call.repeatable,
            locked_text=self.settings.locked_text,
        )
        contract = yield from self.contract(call.service)
        guid = self._guids.for_call(call.service)
        request = Request(
            method="POST",
            url=contract.endpoint(
                self.settings.url, trust_address=self.settings.trust_wsdl_address
            ),
            headers=(
                ("Content-Type", "text/xml; charset=utf-8"),
                ("SOAPAction", f'"{contract.action}"'),
                *(yield from self._soap_auth()),
            ),
            content=contract.envelope(self._arguments(call, contract, guid)),
            label=call.service,
            repeatable=call.repeatable,
        )
        response = yield from send_once(request)
        judge.http(response)
        try:
            reply = read_reply(
                response.content,
                service=call.service,
                kind=call.kind,
                repair_double_encoding=self.settings.repair_double_encoding,
                tolerate_cut_envelope=self.settings.tolerate_cut_envelope,
            )
        except UnreadableReplyError as error:
            if judge.in_doubt:
                raise judge.unreadable(error.message) from error
            raise
        if isinstance(reply, Fault):
            raise self._noticed(judge.fault(reply), call.service, guid)
        if response.status >= 300:
            raise judge.unreadable(f"HTTP {response.status} without a fault")
        objection = judge.rows(reply.errors)
        if objection is not None:
            raise self._noticed(objection, call.service, guid)
        return self._result(reply, call.model, call.service, self.settings.row_cap)

    def _noticed(
        self, error: ProcoreSpectrumError, service: str, guid: str
    ) -> ProcoreSpectrumError:
        if isinstance(error, SessionExpiredError):
            self._guids.expired(service, guid)
        return error

    def _soap_auth(self) -> Flow[Headers]:
        if isinstance(self.auth, BasicAuth) and not self.settings.basic_auth:
            return ()
        return (yield from self.auth.headers())

    def _arguments(self, call: SoapCall[T], contract: Contract, guid: str) -> dict[str, str]:
        ours = {
            "Authorization_ID": self.settings.authorization_id,
            "GUID": guid,
            "Company_Code": self.settings.company_code,
            "pCompany_Code": self.settings.company_code,
        }
        known = {name: value for name, value in ours.items() if name in contract.elements}
        return known | dict(call.parameters)

    def _result(self, rows: Rows, model: type[T], service: str, cap: int | None) -> Result[T]:
        items: tuple[T, ...] = ()
        if model is not type(None):
            items = tuple(
                from_row(model, row, service=service, number=number)
                for number, row in enumerate(rows.rows, start=1)
            )
        capped = rows.capped or (cap is not None and len(items) >= cap)
        return Result(items=items, capped=capped, notes=rows.errors)

    # ------------------------------------------------------------ REST

    def _rest(self, call: RestCall[T]) -> Flow[Result[T]]:
        judge = Judge(service=call.service, locked_text=self.settings.locked_text)
        query = dict(call.query)
        if self.settings.authorization_id_in_query:
            query["Authorization_ID"] = self.settings.authorization_id
        path = call.path.format(company=quote(self.settings.company_code, safe=""))
        request = Request(
            method="GET",
            url=self.settings.url + path + (f"?{urlencode(query)}" if query else ""),
            headers=(("Accept", "application/json"), *(yield from self.auth.headers())),
            label=call.service,
            repeatable=True,
        )
        response = yield from send_once(request)
        judge.http(response)
        if response.status != 200:
            raise UnreadableReplyError(f"HTTP {response.status}", path=call.service)
        rows = read_rest_reply(response, service=call.service, model=call.model)
        objection = judge.rows(rows.errors)
        if objection is not None:
            raise objection
        cap = self.settings.vendor_row_cap
        if cap is not None and len(rows.rows) > cap + _ROWS_ABOVE_A_CAP:
            cap = None  # more rows than a cap would have let through: there is none
        return self._result(rows, call.model, call.service, cap)

    # ------------------------------------------------------------ contracts

    def contract(self, service: str) -> Flow[Contract]:
        """The service's description: remembered, kept, or fetched now."""
        if service not in self._contracts:
            gate = f"spectrum wsdl {service}"
            yield Enter(gate)
            try:
                if service not in self._contracts:
                    kept = self._cache.get(service)
                    content = kept or (yield from self._fetch(service))
                    contract = read_contract(service, content)
                    if kept is None:
                        self._cache.put(service, content)
                    self._contracts[service] = contract
            except ProcoreSpectrumError:
                yield Leave(gate)
                raise
            yield Leave(gate)
        return self._contracts[service]

    def refresh(self, service: str, *, accept: bool) -> Flow[Contract]:
        """Fetch a description again.

        Raises:
            ContractChangedError: it differs from the one in use and ``accept`` is false.
        """
        before = yield from self.contract(service)
        content = yield from self._repeated(lambda: self._fetch(service), repeatable=True)
        after = read_contract(service, content)
        if after.digest != before.digest and not accept:
            raise ContractChangedError(
                f"{service} has changed: {_difference(before, after)}",
                path=service,
                hint="review the change, then refresh with accept=True",
            )
        self._cache.put(service, content)
        self._contracts[service] = after
        return after

    def _fetch(self, service: str) -> Flow[bytes]:
        request = Request(
            method="GET",
            url=f"{self.settings.url}/wsdls/{service}.jws",
            headers=(yield from self._soap_auth()),
            label=f"WSDL of {service}",
            repeatable=True,
        )
        response = yield from send_once(request)
        judge = Judge(service=service)
        judge.http(response)
        if response.status != 200:
            raise judge.unreadable(f"HTTP {response.status}")
        return response.content


def _difference(before: Contract, after: Contract) -> str:
    added = [name for name in after.elements if name not in before.elements]
    removed = [name for name in before.elements if name not in after.elements]
    parts = [f"new {', '.join(added)}"] if added else []
    parts += [f"gone {', '.join(removed)}"] if removed else []
    return "; ".join(parts) or "other details than its elements"
