"""Every exception of the library, grouped by what the caller should do next.

======================  ====================================================
group                   what to do
======================  ====================================================
:class:`SetupError`     fix configuration, credentials or permissions
:class:`TryAgainError`  nothing was changed; repeat later
:class:`InDoubtError`   it was sent and not answered; look it up first
:class:`DataError`      a person corrects a record
:class:`ReplyError`     the other system answered something unreadable
:class:`StoppedError`   a guard stopped the run; decide, then repeat
:class:`StoreError`     the state store needs attention
======================  ====================================================

No exception of another library leaves this package, and no message holds a secret.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

__all__ = [
    "AuthenticationError",
    "ConfigurationError",
    "ConflictError",
    "ContractChangedError",
    "DataError",
    "InDoubtError",
    "IncompleteReadError",
    "InvalidValueError",
    "NotFoundError",
    "NotPermittedError",
    "NotSentError",
    "OutcomeUnknownError",
    "PagingLoopError",
    "ProcoreSpectrumError",
    "RateLimitedError",
    "RecordLockedError",
    "RefusedError",
    "ReplyError",
    "RunStoppedError",
    "SessionExpiredError",
    "SetupError",
    "StalePlanError",
    "StoppedError",
    "StoreBusyError",
    "StoreCorruptError",
    "StoreError",
    "TryAgainError",
    "UnavailableError",
    "UnreadableReplyError",
    "Violation",
]


@attrs.frozen(kw_only=True)
class Violation:
    """One thing that is wrong with one field.

    ``path`` names the field (``"vendor_name"``, ``"lines[2].phase_code"``), ``code`` is stable
    and machine readable, ``hint`` says what to do.
    """

    code: str
    message: str
    path: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        todo = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{todo}"


class ProcoreSpectrumError(Exception):
    """The root of all errors of this library.

    Args:
        message: what happened, in one sentence.
        path: where: a field path, a row, a job, a file.
        hint: what to do about it.
        violations: every single fault, where there are several.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        hint: str = "",
        violations: Sequence[Violation] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint
        self.violations = tuple(violations)

    def __str__(self) -> str:
        text = self.message
        if self.path:
            text = f"{text} [{self.path}]"
        if self.violations:
            text = "; ".join([text, *map(str, self.violations)])
        if self.hint:
            text = f"{text} | {self.hint}"
        return text


class SetupError(ProcoreSpectrumError):
    """Configuration, credentials or permissions need fixing."""


class ConfigurationError(SetupError):
    """A setting is missing, malformed or contradicts another."""


class AuthenticationError(SetupError):
    """The other system does not accept who we say we are."""


class NotPermittedError(SetupError):
    """We are known, but may not do this: service, company, project or tool."""


class ContractChangedError(SetupError):
    """A service description (WSDL) differs from the one this installation was used with."""


class TryAgainError(ProcoreSpectrumError):
    """Nothing was changed by the failed call; it may be repeated later.

    ``retry_after`` is the number of seconds the other side asked for, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        hint: str = "",
        violations: Sequence[Violation] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, path=path, hint=hint, violations=violations)
        self.retry_after = retry_after


class NotSentError(TryAgainError):
    """The request did not reach the server: refused, unresolved, TLS failed, cut off early."""


class RateLimitedError(TryAgainError):
    """The server's rate limit is used up."""


class UnavailableError(TryAgainError):
    """The server says that it cannot serve just now."""


class RecordLockedError(TryAgainError):
    """Somebody has the record or its table open in the other system."""


class SessionExpiredError(TryAgainError):
    """A token or group id expired; a fresh one is needed."""


class InDoubtError(ProcoreSpectrumError):
    """The call may or may not have been carried out."""


class OutcomeUnknownError(InDoubtError):
    """The request was sent and no readable answer came back."""


class DataError(ProcoreSpectrumError):
    """A person has to correct a record; repeating changes nothing."""


class RefusedError(DataError):
    """The other system read the record and refused it; ``violations`` holds its reasons."""


class NotFoundError(DataError):
    """The record does not exist, or may not be seen."""


class ConflictError(DataError):
    """The record exists already, or is being changed by somebody else."""


class InvalidValueError(DataError):
    """A value cannot be represented in the other system; found before sending."""


class ReplyError(ProcoreSpectrumError):
    """The other system's answer cannot be used."""


class UnreadableReplyError(ReplyError):
    """Not the format that was promised: garbage, HTML, cut off, missing parts."""


class IncompleteReadError(ReplyError):
    """A listing was cut off by a row cap and could not be split any further."""


class PagingLoopError(ReplyError):
    """A page refers back to one that was read already."""


class StoppedError(ProcoreSpectrumError):
    """A guard stopped the run before anything was written."""


class RunStoppedError(StoppedError):
    """The plan would change or deactivate more than the guards allow."""


class StalePlanError(StoppedError):
    """The plan does not fit the store or this version any more; plan again."""


class StoreError(ProcoreSpectrumError):
    """The state store needs attention."""


class StoreBusyError(StoreError):
    """Another run holds the lock."""


class StoreCorruptError(StoreError):
    """The store's content contradicts itself; restore a backup or rebuild."""
