"""Judges answers: HTTP status and content type first, then faults, then error rows.

Every judgement names what the caller should do next, by the class of the error
(:mod:`procore_spectrum.errors`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractChangedError,
    NotPermittedError,
    OutcomeUnknownError,
    ProcoreSpectrumError,
    RateLimitedError,
    RecordLockedError,
    RefusedError,
    SessionExpiredError,
    UnavailableError,
    UnreadableReplyError,
    Violation,
)
from procore_spectrum.spectrum.rows import Fault, RowError
from procore_spectrum.wire.messages import Response

__all__ = ["LOCKED_TEXT", "Judge"]

LOCKED_TEXT = (r"\block(?:ed)?\b",)
"""How a locked record might announce itself; the real text is not documented."""

_EXPIRED = re.compile(r"time ?out has occurred", re.IGNORECASE)
_UNKNOWN_ID = re.compile(r"authorization id is not set ?up", re.IGNORECASE)
_NO_SERVICE = re.compile(r"could not find webservice", re.IGNORECASE)
_ELEMENT = re.compile(r"(missing|required|unexpected|unknown).*element|element.*missing", re.I)
_NOT_LISTED = (
    "move the service to the Authorized Web Services of the Authorization ID, or check that this "
    "release of Spectrum has it"
)
_SET_UP = "set it up under Data Exchange, active and for this company"
_READ_OF_REFUSALS = 10_000
_CODES = {"A": "not_permitted", "I": "invalid", "M": "missing"}


@attrs.frozen(kw_only=True)
class Judge:
    """Turns what went wrong into the error that says what to do.

    Args:
        service: the service that was called.
        in_doubt: whether an unanswered call may have changed something: a write that must not
            be sent twice.
        locked_text: regular expressions for the texts of a locked record.
    """

    service: str
    in_doubt: bool = False
    locked_text: Sequence[str] = LOCKED_TEXT

    def http(self, response: Response) -> None:
        """Judge status and content type.

        Raises:
            ProcoreSpectrumError: the body must not be parsed.
        """
        status, media = response.status, response.media_type
        is_xml = media.endswith("xml")
        if status == 401:
            raise self._unauthorised(response)
        if status == 403:
            raise NotPermittedError("Spectrum denies access", path=self.service, hint=_NOT_LISTED)
        if status == 404 and not is_xml:
            raise NotPermittedError(
                f"Spectrum has no service {self.service} at this address",
                path=self.service,
                hint=_NOT_LISTED,
            )
        if status == 429:
            asked = response.header("retry-after") or ""
            raise RateLimitedError(
                "Spectrum asks to wait",
                path=self.service,
                retry_after=float(asked) if asked.isdecimal() else None,
            )
        if 300 <= status < 400:
            raise ConfigurationError(
                f"Spectrum's address redirects (HTTP {status})",
                path=self.service,
                hint="configure the address that it redirects to",
            )
        if status in {408, 502, 503, 504} or (status >= 500 and not is_xml):
            raise self.unanswered(f"HTTP {status}")
        if status >= 400 and not is_xml:
            raise UnreadableReplyError(f"HTTP {status}", path=self.service)
        if "html" in media:
            raise self.unreadable(f"HTTP {status} with a page instead of data")

    def _unauthorised(self, response: Response) -> AuthenticationError:
        """What HTTP 401 means is only certain where the text that Trimble documents comes with it.

        A REST service may answer so to a wrong password, and to one that is known and may not
        use the service: which of them is told apart how is not documented.
        """
        text = response.content[:_READ_OF_REFUSALS].decode(errors="replace")
        if _UNKNOWN_ID.search(text):
            return AuthenticationError(
                "Spectrum does not know the Authorization ID", path=self.service, hint=_SET_UP
            )
        return AuthenticationError(
            "Spectrum does not accept the credentials, or not for this service",
            path=self.service,
            hint=f"check company code and Authorization ID; if other services accept them, "
            f"{_NOT_LISTED}, and allow the company there",
        )

    def unanswered(self, what: str) -> ProcoreSpectrumError:
        """No usable answer: to be repeated, or in doubt."""
        if self.in_doubt:
            return OutcomeUnknownError(
                f"{what}: it is unknown whether {self.service} was carried out",
                path=self.service,
                hint="look the record up before sending it again",
            )
        return UnavailableError(f"Spectrum cannot answer now: {what}", path=self.service)

    def unreadable(self, what: str) -> ProcoreSpectrumError:
        """An answer that cannot be read: a write may have been carried out."""
        if self.in_doubt:
            return self.unanswered(what)
        return UnreadableReplyError(
            what, path=self.service, hint="check the address; a proxy may have answered"
        )

    def fault(self, fault: Fault) -> ProcoreSpectrumError:
        """What a SOAP fault means."""
        if _NO_SERVICE.search(fault.text):
            return NotPermittedError(
                f"Spectrum does not find {self.service}", path=self.service, hint=_NOT_LISTED
            )
        if _EXPIRED.search(fault.text):
            return self._expired()
        if _ELEMENT.search(fault.text):
            return ContractChangedError(
                f"Spectrum misses or does not know an element: {fault.text[:200]}",
                path=self.service,
                hint="refresh the service description and review what changed",
            )
        if self._locked(fault.text):
            return RecordLockedError(fault.text[:200], path=self.service)
        if fault.code.rpartition(":")[2] == "Server":
            return self.unanswered(f"fault {fault.text[:200]!r}")
        return RefusedError(
            "Spectrum refuses the request",
            path=self.service,
            violations=(Violation(code="fault", message=fault.text[:200]),),
        )

    def rows(self, errors: Sequence[RowError]) -> ProcoreSpectrumError | None:
        """What error rows mean together; None when there is nothing to object to."""
        bad = [error for error in errors if error.code not in {"S", "G", "W"}]
        if not bad:
            return None
        texts = " ".join(error.text for error in bad)
        if _EXPIRED.search(texts):
            return self._expired()
        if self._locked(texts):
            return RecordLockedError(texts[:200], path=self.service, violations=_violations(bad))
        aborts = [error for error in bad if error.code == "A"]
        if _UNKNOWN_ID.search(" ".join(error.text for error in aborts)):
            return AuthenticationError(
                "Spectrum does not know the Authorization ID",
                path=self.service,
                violations=_violations(aborts),
                hint=_SET_UP,
            )
        if aborts:
            return NotPermittedError(
                f"Spectrum does not permit {self.service}",
                path=self.service,
                violations=_violations(aborts),
                hint=_NOT_LISTED,
            )
        return RefusedError(
            f"{self.service} was refused", path=self.service, violations=_violations(bad)
        )

    def _expired(self) -> SessionExpiredError:
        return SessionExpiredError("the GUID has expired", path=self.service)

    def _locked(self, text: str) -> bool:
        return any(re.search(pattern, text, re.IGNORECASE) for pattern in self.locked_text)


def _violations(errors: Sequence[RowError]) -> tuple[Violation, ...]:
    return tuple(
        Violation(
            code=_CODES.get(error.code, "refused"),
            message=error.text or f"error code {error.code}",
            path=error.column,
        )
        for error in errors
    )
