"""Turning Procore's error answers into our errors.

The shapes of error bodies are those of documentation/error-reference and of the public OpenAPI
description: several in v1, one envelope in v2. They are read defensively, because the server is
free to mix them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from procore_spectrum.errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    DataError,
    NotFoundError,
    NotPermittedError,
    OutcomeUnknownError,
    ProcoreSpectrumError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UnreadableReplyError,
    Violation,
)
from procore_spectrum.wire.messages import Response
from procore_spectrum.wire.rate import asked_wait

__all__ = ["judge", "raise_for", "violations_in"]

_LONGEST_TEXT = 500
_MOST_VIOLATIONS = 200
_DEEPEST = 8

_HINTS = {
    403: "check that the app is connected to the company, that the tool is enabled in the "
    "project, that the service account has the permission, and that the project is among "
    "those it may see (that list is lost when the app is updated)",
    404: "it is absent, or may not be seen: permissions are answered with 404, too",
    405: "budget modifications are read only once Budget Changes are enabled",
    406: "the request has a field or content type that the endpoint does not know",
    409: "it exists already, or somebody is writing it at the same time",
    413: "too many records in one request: send smaller batches",
}
_KNOWN_TEXTS = {
    "missing procore-company-id header": "configure the id of the company",
    "app is not connected to this company": "a company administrator has to connect the app",
    "the access token is invalid": "check that token and host are of the same environment",
    "the refresh token is invalid": "refresh tokens are single use: authorize again",
}
_REFUSALS: dict[int, type[DataError | NotPermittedError]] = {
    400: RefusedError,
    403: NotPermittedError,
    404: NotFoundError,
    405: RefusedError,
    406: RefusedError,
    409: ConflictError,
    413: RefusedError,
    422: RefusedError,
}


def judge(response: Response, call_name: str, *, repeatable: bool) -> Any:
    """The decoded JSON of a good answer; None when it has no body.

    Args:
        response: the answer, of any status.
        call_name: for the error message.
        repeatable: whether the call may be repeated. If not, an unreadable answer leaves its
            outcome unknown.

    Raises:
        UnreadableReplyError: not JSON, and the call is repeatable.
        OutcomeUnknownError: not JSON, and the call is not repeatable.
        ProcoreSpectrumError: the status is not a good one; see :func:`raise_for`.
    """
    if not 200 <= response.status < 300:
        raise_for(response, call_name, repeatable=repeatable)
    if response.status == 204 or not response.content.strip():
        return None
    try:
        if response.media_type != "application/json" and not response.media_type.endswith("+json"):
            raise UnreadableReplyError(
                f"the answer is {response.media_type or 'of no named type'}, not JSON",
                hint="check the address; a proxy or a login page may have answered",
            )
        return response.json()
    except UnreadableReplyError as error:
        raise unreadable(error.message, call_name, repeatable=repeatable, hint=error.hint) from None


def unreadable(
    message: str,
    call_name: str,
    *,
    repeatable: bool,
    hint: str = "",
    violations: Sequence[Violation] = (),
) -> ProcoreSpectrumError:
    """The error for an answer that cannot be used: the outcome is unknown if that matters."""
    kind = UnreadableReplyError if repeatable else OutcomeUnknownError
    return kind(message, path=call_name, hint=hint, violations=violations)


def raise_for(response: Response, call_name: str, *, repeatable: bool = False) -> NoReturn:
    """Raise the error that an answer stands for.

    Args:
        response: an answer whose status is not 2xx.
        call_name: what was asked for; the ``path`` of the error.
        repeatable: whether the call may be repeated. If not, a failure of the server leaves its
            outcome unknown.

    Raises:
        AuthenticationError: 401.
        NotPermittedError: 403.
        ConfigurationError: a redirect, or the company header is missing.
        NotFoundError: 404.
        ConflictError: 409.
        RefusedError: 400, 405, 406, 413, 422 and any other 4xx.
        RateLimitedError: 429.
        UnavailableError: 408 and 5xx of a repeatable call.
        OutcomeUnknownError: 408 and 5xx of any other call.
    """
    status = response.status
    violations = _violations_of(response)
    message = f"Procore answered {status}"
    hint = _hint(status, violations)
    if any(_is_missing_company(violation) for violation in violations):
        raise ConfigurationError(message, path=call_name, hint=hint, violations=violations)
    if status == 401:
        raise AuthenticationError(message, path=call_name, hint=hint, violations=violations)
    if status == 429:
        raise RateLimitedError(
            message, path=call_name, hint=hint, violations=violations, retry_after=_wait(response)
        )
    if status == 408 or status >= 500:
        _raise_unavailable(response, message, call_name, violations, repeatable=repeatable)
    if 300 <= status < 400:
        raise ConfigurationError(
            message, path=call_name, hint="redirects are not followed: check base_url"
        )
    if 400 <= status < 500:
        kind = _REFUSALS.get(status, RefusedError)
        raise kind(message, path=call_name, hint=hint, violations=violations)
    raise unreadable(message, call_name, repeatable=repeatable)


def _raise_unavailable(
    response: Response,
    message: str,
    call_name: str,
    violations: tuple[Violation, ...],
    *,
    repeatable: bool,
) -> NoReturn:
    if not repeatable:
        raise OutcomeUnknownError(
            message,
            path=call_name,
            hint="it may have been carried out: look before repeating",
            violations=violations,
        )
    raise UnavailableError(
        message,
        path=call_name,
        hint="narrow the listing with filters" if response.status == 408 else "try again later",
        violations=violations,
        retry_after=_wait(response),
    )


def _wait(response: Response) -> float | None:
    return asked_wait(response) or None


def _hint(status: int, violations: tuple[Violation, ...]) -> str:
    for violation in violations:
        for text, hint in _KNOWN_TEXTS.items():
            if text in violation.message.lower():
                return hint
    return _HINTS.get(status, "")


def _is_missing_company(violation: Violation) -> bool:
    return "missing procore-company-id header" in violation.message.lower()


# ---------------------------------------------------------------------- bodies of error answers


def _violations_of(response: Response) -> tuple[Violation, ...]:
    try:
        return violations_in(response.json())
    except UnreadableReplyError:
        return ()


def violations_in(body: Any) -> tuple[Violation, ...]:
    """Every fault that an error body names, whatever its shape.

    Reads ``{code, message, fields, reason, error}``, ``{exception, message}``, ``{errors: …}``
    with text, list or fields, ``{message, error}``, and the envelope ``{error: {code, message,
    details: […]}}``. Also serves for the ``errors`` of one item in the answer of a sync call:
    pass ``{"errors": item["errors"]}``.
    """
    found = []
    for violation in _walk(body):
        if violation not in found:
            found.append(violation)
        if len(found) == _MOST_VIOLATIONS:
            break
    return tuple(found)


def _walk(body: Any) -> Iterator[Violation]:
    if not isinstance(body, dict):
        yield from _messages(body, "", "refused", 0)
        return
    inner = body.get("error")
    if isinstance(inner, dict):
        yield from _walk(inner)
    code = _text(body.get("code")) or "refused"
    for key in ("message", "exception", "reason", "error", "error_description"):
        if isinstance(body.get(key), str):
            yield from _messages(body[key], "", code, 0)
    for key in ("errors", "fields"):
        yield from _messages(body.get(key), "", code, 0)
    details = body.get("details")
    for detail in details if isinstance(details, list) else [details]:
        yield from _detail(detail)


def _detail(detail: Any) -> Iterator[Violation]:
    """One entry of ``details`` in the envelope of v2."""
    if not isinstance(detail, dict):
        yield from _messages(detail, "", "refused", 0)
        return
    codes = (_text(detail.get(key)) for key in ("reason_code", "reasonCode", "code"))
    code = next(filter(None, codes), "refused")
    source = detail.get("source")
    if isinstance(source, dict):
        source = next((value for value in source.values() if isinstance(value, str)), None)
    yield from _messages(detail.get("message") or code, _text(source), code, 0)


def _messages(value: Any, path: str, code: str, depth: int) -> Iterator[Violation]:
    """Messages in a text, in a list, or below the names of fields."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for name, below in value.items():
            where = f"{path}.{name}" if path else str(name)
            yield from _messages(below, where, code, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _messages(item, path, code, depth + 1)
    elif _text(value):
        yield Violation(code=code, message=_text(value), path=path)


def _text(value: Any) -> str:
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    return " ".join(str(value).split())[:_LONGEST_TEXT]
